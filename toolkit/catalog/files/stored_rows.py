"""The rows of tables that are stored in parts, made from the rows of one or more groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.catalog.files.arrow import arrow_schema
from toolkit.catalog.files.blocks import closure_rows, edge_rows, needed_blocks
from toolkit.catalog.files.folder import one_line, parquet_file
from toolkit.catalog.files.lattices import covers_of_lattice
from toolkit.catalog.files.recent import Recent
from toolkit.catalog.files.shared_graphs import graph_rows
from toolkit.catalog.schema import NORMAL_SUBGROUPS
from toolkit.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

#: Row groups of a file of blocks that are kept unpacked.
_KEPT = 64


class StoredBlocks:
    """A file of blocks, read as far as it is needed.

    Parameters
    ----------
    path
        The file; its first column numbers the blocks, rising.

    Raises
    ------
    CatalogError
        If it is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = parquet_file(path)
        footer = self._file.metadata
        found = [footer.row_group(i).column(0).statistics for i in range(footer.num_row_groups)]
        if any(one is None or not one.has_min_max for one in found):
            raise CatalogError(
                str(path), "its footer does not number the blocks", "copy the file again"
            )
        self._first = np.array([one.min for one in found], dtype=np.int64)
        self._last = np.array([one.max for one in found], dtype=np.int64)
        self._kept: Recent[int, pa.Table] = Recent(_KEPT)

    def _read(self, number: int) -> pa.Table:
        import pyarrow as pa

        try:
            found: pa.Table = self._file.read_row_group(number)
        except (pa.ArrowException, OSError) as error:
            raise CatalogError(str(self._path), one_line(error), "copy the file again") from None
        return found

    def take(self, numbers: Sequence[int]) -> pa.Table:
        """Return the row groups with these blocks, which rise."""
        import pyarrow as pa

        low = np.searchsorted(self._last, numbers, "left")
        high = np.searchsorted(self._first, numbers, "right")
        chosen = sorted({i for a, b in zip(low, high, strict=True) for i in range(a, b)})
        if not chosen:
            empty: pa.Table = self._file.schema_arrow.empty_table()
            return empty
        return pa.concat_tables([self._kept.get(i, self._read) for i in chosen])

    def all(self) -> pa.Table:
        """Return the whole file."""
        import pyarrow as pa

        try:
            found: pa.Table = self._file.read()
        except (pa.ArrowException, OSError) as error:
            raise CatalogError(str(self._path), one_line(error), "copy the file again") from None
        return found

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class StoredParts:
    """The files with what groups have in common.

    Parameters
    ----------
    files
        The file of each stored table.
    """

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files
        self._open: dict[str, StoredBlocks] = {}
        self._kinds: pa.Table | None = None

    def _blocks(self, name: str) -> StoredBlocks:
        if name not in self._open:
            self._open[name] = StoredBlocks(self._files[name])
        return self._open[name]

    def edges(self, contents: pa.Table) -> pa.Table:
        """Return the rows of ``edges`` for stored rows of ``contents``: whole modules."""
        if self._kinds is None:
            self._kinds = self._blocks("edge_kinds").all()
        blocks = self._blocks("edges").take(needed_blocks(contents, "edge_block"))
        return edge_rows(contents, blocks, self._kinds)

    def closed_sets(self, contents: pa.Table) -> pa.Table:
        """Return the rows of ``closed_sets`` for stored rows of ``contents``: whole modules."""
        blocks = self._blocks("closed_sets")
        return closure_rows(contents, blocks.take(needed_blocks(contents, "closure_block")))

    def graphs(self, stored: pa.Table) -> pa.Table:
        """Return the rows of ``graphs`` for stored ones."""
        classes = self._blocks("graph_classes")
        return graph_rows(stored, classes.take(needed_blocks(stored, "graph_class")))

    def close(self) -> None:
        """Close the files."""
        for file in self._open.values():
            file.close()
        self._open.clear()
        self._kinds = None


def normal_subgroup_rows(stored: pa.Table, lattices: Mapping[str, bytes]) -> pa.Table:
    """Return the rows of ``normal_subgroups``.

    Parameters
    ----------
    stored
        Stored rows; those of a group stand together, perhaps not all of them.
    lattices
        The lattice of each of their groups.

    Raises
    ------
    CatalogError
        If a lattice is missing or has other normal subgroups.
    """
    import pyarrow as pa

    covers: list[list[str]] = []
    known: dict[str, list[list[str]]] = {}
    where: Any = (stored.column(name).to_pylist() for name in ("group", "position"))
    for name, position in zip(*where, strict=True):
        if name not in known:
            if name not in lattices:
                raise CatalogError("lattices.parquet", f"{name} is missing", "copy it again")
            known = {name: covers_of_lattice(lattices[name])}
        if position >= len(known[name]):
            raise CatalogError("lattices.parquet", f"{name} has other rows", "copy it again")
        covers.append(known[name][position])
    schema = arrow_schema(NORMAL_SUBGROUPS)
    columns = (stored.column(name).to_pylist() for name in ("letter", "number_in_label"))
    labels = [f"{letter}{number}" for letter, number in zip(*columns, strict=True)]
    own: dict[str, list[Any]] = {"covers": covers, "label": labels}
    made: list[Any] = [
        pa.array(own[f.name], f.type) if f.name in own else stored.column(f.name) for f in schema
    ]
    return pa.Table.from_arrays(made, schema=schema)


def lattices_of(rows: pa.Table) -> dict[str, bytes]:
    """Return the lattices that rows of ``lattices`` have, by group."""
    columns: Any = (rows.column(name).to_pylist() for name in ("group", "lattice"))
    return dict(zip(*columns, strict=True))


def row_groups_of(path: Path) -> Iterator[Any]:
    """Yield, for each row group of a file, a function that reads it."""
    file = parquet_file(path)
    for i in range(file.num_row_groups):
        yield _reader(file, i, path)


def _reader(file: Any, number: int, path: Path) -> Any:  # noqa: ANN401 - pyarrow's, and a function
    def read() -> pa.Table:
        import pyarrow as pa

        try:
            found: pa.Table = file.read_row_group(number)
        except (pa.ArrowException, OSError) as error:
            raise CatalogError(str(path), one_line(error), "copy the file again") from None
        return found

    return read
