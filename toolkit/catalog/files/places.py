"""Row groups of Parquet that hold whole groups, and the file with the position of each group.

Tables are sorted by group. A row group of Parquet is the least that a reader fetches and unpacks,
so it is small, and the rows of a group are in one of them unless they are too many. The file
``places.parquet`` (:data:`toolkit.catalog.schema.PLACES`) has a line for each table and group:
first row, number of rows, row group. Readers that look at statistics alone, such as DuckDB with a
condition on ``order``, do without it.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from toolkit.catalog.files.arrow import arrow_schema
from toolkit.catalog.files.checksums import CheckedFiles
from toolkit.catalog.files.folder import one_line, parquet_file
from toolkit.catalog.files.kernel_maps import pl_map_rows
from toolkit.catalog.files.layout import files_of
from toolkit.catalog.files.stored_rows import StoredParts, lattices_of, normal_subgroup_rows
from toolkit.catalog.schema import PLACES, table
from toolkit.errors import CatalogError
from toolkit.forks import forget_in_child

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

#: The name of the file.
PLACES_FILE = f"{PLACES.name}.parquet"

_REMEDY = "copy the folder again"


def row_groups(pieces: Iterable[pa.Table], most: int) -> Iterator[pa.Table]:
    """Cut rows into row groups, which depend on the rows alone, not on the pieces they come in.

    Parameters
    ----------
    pieces
        Tables with rows, in order; those of a value of the column ``group`` stand together.
    most
        The most rows of a row group.

    Yields
    ------
    pyarrow.Table
        As many whole groups as fit; a group with more rows than ``most`` starts a row group and is
        cut after every ``most`` rows. Tables without a column ``group`` are cut after every
        ``most`` rows.

    Examples
    --------
    >>> import pyarrow as pa
    >>> rows = pa.table({"group": ["C2", "C2", "C3", "C3", "C3"]})
    >>> [r.num_rows for r in row_groups([rows], 4)], [r.num_rows for r in row_groups([rows], 2)]
    ([2, 3], [2, 2, 1])
    """
    import pyarrow as pa

    waiting: list[pa.Table] = []
    count = 0
    for piece in pieces:
        waiting.append(piece)
        count += piece.num_rows
        if count > 2 * most:
            *whole, rest = _cut(pa.concat_tables(waiting).combine_chunks(), most)
            yield from whole
            waiting, count = [rest], rest.num_rows
    if count:
        yield from _cut(pa.concat_tables(waiting).combine_chunks(), most)


def _cut(rows: pa.Table, most: int) -> Iterator[pa.Table]:
    """Yield row groups, the last one perhaps not yet full."""
    starts = _starts(rows) if "group" in rows.column_names else []
    first = 0
    while rows.num_rows - first > most:
        end = first + most
        if starts and (start := starts[bisect_right(starts, end) - 1]) > first:
            end = start
        yield rows.slice(first, end - first)
        first = end
    yield rows.slice(first)


def _starts(rows: pa.Table) -> list[int]:
    """Return where the rows of each group start."""
    ends: list[int] = _runs(rows).run_ends.to_pylist()
    return [0, *ends[:-1]]


def _runs(rows: pa.Table) -> Any:  # noqa: ANN401 - pyarrow.RunEndEncodedArray
    import pyarrow as pa
    import pyarrow.compute

    pc: Any = pyarrow.compute
    column = rows.column("group").combine_chunks()
    if isinstance(column, pa.ChunkedArray):  # no rows, or an older pyarrow
        column = pa.concat_arrays(column.chunks or [pa.array([], column.type)])
    return pc.run_end_encode(column)


class PlacesOfTable:
    """The lines of ``places.parquet`` about one table, collected while its file is written.

    Parameters
    ----------
    name
        The name of the table.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._lines: list[dict[str, object]] = []
        self._rows = self._row_group = 0

    def add(self, rows: pa.Table) -> None:
        """Record the next row group."""
        runs = _runs(rows)
        ends = runs.run_ends.to_pylist()
        for name, first, end in zip(runs.values.to_pylist(), [0, *ends], ends, strict=False):
            last: Any = self._lines[-1] if self._lines else None
            if last is not None and last["group"] == name:  # goes on from the row group before
                last["rows"] += end - first
                last["row_groups"] += 1
                continue
            self._lines.append(
                {
                    "table": self.name,
                    "group": name,
                    "order": rows.column("order")[first].as_py(),
                    "first_row": self._rows + first,
                    "rows": end - first,
                    "row_group": self._row_group,
                    "row_groups": 1,
                }
            )
        self._rows += rows.num_rows
        self._row_group += 1

    def to_arrow(self) -> pa.Table:
        """Return the lines as rows of :data:`~toolkit.catalog.schema.PLACES`."""
        import pyarrow as pa

        return pa.Table.from_pylist(self._lines, schema=arrow_schema(PLACES))


def places_in_file(name: str, path: Path) -> pa.Table:
    """Return the lines of ``places.parquet`` about a table, found by reading its file.

    Raises
    ------
    CatalogError
        If the file is damaged.
    """
    found = PlacesOfTable(name)
    file = parquet_file(path)
    if "group" in file.schema_arrow.names:
        for i in range(file.num_row_groups):
            found.add(file.read_row_group(i, columns=["group", "order"]))
    return found.to_arrow()


def write_places(tables: Sequence[PlacesOfTable], path: Path) -> None:
    """Write ``places.parquet``: a row group for each table, so that a reader fetches only one.

    Parameters
    ----------
    tables
        The lines about each.
    path
        The file.
    """
    import pyarrow.parquet as pq

    with pq.ParquetWriter(
        path,
        arrow_schema(PLACES),
        compression="zstd",
        compression_level=15,
        version="2.6",
        use_dictionary=["table"],  # type: ignore[arg-type] # its stubs know booleans alone
        column_encoding={
            "group": "DELTA_BYTE_ARRAY",
            **{c.name: "DELTA_BINARY_PACKED" for c in PLACES.columns if "int" in c.type},
        },
        write_statistics=["table", "group", "order"],
    ) as writer:
        for table in tables:
            lines = table.to_arrow()
            if lines.num_rows:
                writer.write_table(lines, row_group_size=lines.num_rows)


class Places:
    """The file ``places.parquet`` of a catalog: reads the rows of one group, and nothing else.

    Parameters
    ----------
    folder
        The catalog.
    files
        The file of each table.
    checked
        Checks them before and after they are read; without it changes alone are noticed.

    Notes
    -----
    Thread-safe: one question at a time. Its positions are not trusted: rows of another group are an
    error.
    """

    def __init__(
        self, folder: Path, files: Mapping[str, Path], checked: CheckedFiles | None = None
    ) -> None:
        self._path = folder / PLACES_FILE
        self._files = {**files, PLACES.name: self._path}
        self._checked = checked or CheckedFiles(folder, files, unchecked=True)
        self._is_there = PLACES.name in self._checked
        self._lines: dict[str, pa.Table] = {}
        self._open: dict[str, Any] = {}
        self._parts = StoredParts(self._files)
        self._lock = threading.Lock()
        forget_in_child(self)

    def leave_parent(self) -> None:
        """Open, after a fork, the files again: their positions are shared with the parent."""
        self._lock = threading.Lock()
        self._lines, self._open = {}, {}
        self._parts = StoredParts(self._files)

    def rows(self, name: str, group: str) -> pa.Table | None:
        """Return the rows of a group in a table; ``None`` if the catalog does not say where.

        Parameters
        ----------
        name
            The table.
        group
            The name that the group has in the catalog.

        Raises
        ------
        CatalogError
            If the file of the table is not the one that ``places.parquet`` is about, or damaged.
        """
        if not self._is_there:
            return None
        with self._lock, self._checked.unchanged((*files_of(name), PLACES.name)):
            return self._whole(name, group)

    def _whole(self, name: str, group: str) -> pa.Table:
        """Return the rows of a group in a table, as users see them."""
        if name in ("edges", "closed_sets"):
            contents = self._rows("contents", group)
            made = self._parts.edges if name == "edges" else self._parts.closed_sets
            return made(contents)
        if name == "normal_subgroups":
            return normal_subgroup_rows(
                self._rows(name, group), lattices_of(self._rows("lattices", group))
            )
        found = self._rows(name, group)
        if name == "graphs":
            return self._parts.graphs(found)
        if name == "pl_maps":
            return pl_map_rows(found, self._rows("simples", group))
        return found.select([c.name for c in table(name).columns])

    def _rows(self, name: str, group: str) -> pa.Table:
        import pyarrow as pa
        import pyarrow.compute

        pc: Any = pyarrow.compute
        try:
            file = self._opened(name)
            at = pc.index(self._about(name).column("group"), group).as_py()
            if at < 0:
                empty: pa.Table = file.schema_arrow.empty_table()
                return empty
            place = self._about(name).slice(at, 1).to_pylist()[0]
            first, parts = place["row_group"], place["row_groups"]
            before = sum(file.metadata.row_group(i).num_rows for i in range(first))
            found = file.read_row_groups(list(range(first, first + parts)))
        except (pa.ArrowException, OSError, IndexError) as error:
            raise self._wrong(name, one_line(error)) from None
        rows: pa.Table = found.slice(place["first_row"] - before, place["rows"])
        same = pc.all(pc.equal(rows.column("group"), group)).as_py()
        if rows.num_rows != place["rows"] or not same:
            raise self._wrong(name, f"the rows of {group} are not where {PLACES_FILE} says")
        return rows

    def _opened(self, name: str) -> Any:  # noqa: ANN401 - pyarrow.parquet.ParquetFile
        if name not in self._open:
            self._open[name] = parquet_file(self._files[name])
        return self._open[name]

    def _about(self, name: str) -> pa.Table:
        """Return the lines about a table, whose row groups the statistics tell."""
        if name not in self._lines:
            file = self._opened(PLACES.name)
            statistics = [
                file.metadata.row_group(i).column(0).statistics for i in range(file.num_row_groups)
            ]
            chosen = [i for i, s in enumerate(statistics) if s.min <= name <= s.max]
            self._lines[name] = file.read_row_groups(chosen)
        return self._lines[name]

    def _wrong(self, name: str, why: str) -> CatalogError:
        return CatalogError(str(self._files[name]), why, _REMEDY)

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            for file in self._open.values():
                file.close()
            self._open.clear()
            self._parts.close()
