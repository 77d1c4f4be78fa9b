"""Putting the parts of a sweep into the tables: sorted by group, each once, the same bytes always.

The rows of one group stand together in every source, in the order of the table's key; so groups
are sorted, not rows. A table is read source by source and written in pieces of a fixed number of
rows; it need not fit the memory.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from toolkit.catalog.files.arrow import arrow_schema
from toolkit.catalog.files.checksums import CHECKSUMS, checksums
from toolkit.catalog.files.folder import parquet_file, part_tables
from toolkit.catalog.schema import TABLES
from toolkit.files import written_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pyarrow as pa

    from toolkit.catalog.files.folder import Folder
    from toolkit.catalog.schema import Table

__all__ = ["ROWS_PER_GROUP", "compact", "group_sort_key", "write_parquet"]

#: Rows of a row group of a Parquet file.
ROWS_PER_GROUP = 1 << 20

_COMPRESSION_LEVEL = 15
_NUMBERS = re.compile(r"([0-9]+)")


def group_sort_key(
    name: str, order: int | None, number: int | None
) -> tuple[float, float, list[str | int]]:
    """Return what groups are sorted by: order, number, name (numbers in it as numbers).

    Examples
    --------
    >>> group_sort_key("C10", 10, 2) > group_sort_key("C9", 9, 1)
    True
    """
    infinity = float("inf")
    pieces = [int(x) if x.isdigit() else x for x in _NUMBERS.split(name)]
    return (infinity if order is None else order, infinity if number is None else number, pieces)


def compact(folder: Folder) -> None:
    """Put all parts into the tables, and remove them."""
    places: dict[str, tuple[float, float, list[str | int]]] = {}
    for found in folder.attempts():
        columns = (found.column(c).to_pylist() for c in ("group", "order", "number"))
        for name, order, number in zip(*columns, strict=True):
            places[name] = group_sort_key(name, order, number)
    ordered = sorted(places, key=places.__getitem__)
    (folder.path / CHECKSUMS).unlink(missing_ok=True)
    for table in TABLES:
        target = folder.path / f"{table.name}.parquet"
        sources: list[_Source] = [_Whole(target)] if target.is_file() else []
        read = lru_cache(maxsize=4)(_part_table)  # parts are nearly in the order of groups
        sources += [_Part(path, table.name, read) for path in folder.part_files()]
        if table.key[0] == "provenance":
            pieces = _distinct(table, sources)
        else:
            pieces = _by_group(ordered, sources)
        write_parquet(table, pieces, target)
    with written_whole(folder.path / CHECKSUMS) as beside:
        text = checksums(folder.path / f"{table.name}.parquet" for table in TABLES)
        beside.write_text(text, encoding="utf-8")
    folder.remove_parts()


class _Source(Protocol):
    """Rows of one table, groups one after the other."""

    def groups(self) -> dict[str, tuple[int, int]]:
        """Return, per group, its first row and the one after its last."""

    def rows(self, start: int, stop: int) -> Iterator[pa.Table]:
        """Yield rows."""


class _Part:
    """A file of parts."""

    def __init__(self, path: Path, name: str, read: Callable[[Path, str], pa.Table]) -> None:
        self._path, self._name, self._read = path, name, read

    def groups(self) -> dict[str, tuple[int, int]]:
        return _runs(self._table().column("group"))

    def rows(self, start: int, stop: int) -> Iterator[pa.Table]:
        yield self._table().slice(start, stop - start)

    def _table(self) -> pa.Table:
        return self._read(self._path, self._name)


def _part_table(path: Path, name: str) -> pa.Table:
    import pyarrow as pa

    from toolkit.catalog.schema import table as table_named

    found = [t for _, t in part_tables(path, name)]
    if not found:
        return arrow_schema(table_named(name)).empty_table()
    return pa.concat_tables(found).combine_chunks()


class _Whole:
    """A Parquet file, read a row group at a time."""

    def __init__(self, path: Path) -> None:
        self._file = parquet_file(path)
        counts = [
            self._file.metadata.row_group(i).num_rows for i in range(self._file.num_row_groups)
        ]
        self._starts = [sum(counts[:i]) for i in range(len(counts) + 1)]
        self._last: tuple[int, Any] = (-1, None)

    def groups(self) -> dict[str, tuple[int, int]]:
        return _runs(self._file.read(columns=["group"]).column("group"))

    def rows(self, start: int, stop: int) -> Iterator[pa.Table]:
        for i, (low, high) in enumerate(zip(self._starts, self._starts[1:], strict=False)):
            if low < stop and start < high:
                if self._last[0] != i:
                    self._last = (i, self._file.read_row_group(i))
                first = max(start, low)
                yield self._last[1].slice(first - low, min(stop, high) - first)


def _runs(groups: Any) -> dict[str, tuple[int, int]]:  # noqa: ANN401 - pyarrow.ChunkedArray
    import pyarrow.compute

    pc: Any = pyarrow.compute
    out: dict[str, tuple[int, int]] = {}
    start = 0
    for chunk in groups.chunks:
        runs = pc.run_end_encode(chunk)
        for name, length in zip(
            runs.values.to_pylist(), np.diff(runs.run_ends, prepend=0).tolist(), strict=True
        ):
            first = out.get(name, (start, start))[0]  # a run may go on in the next chunk
            out[name] = (first, start + length)
            start += length
    return out


def _by_group(ordered: list[str], sources: list[_Source]) -> Iterator[pa.Table]:
    """Yield the rows of each group from the last source that has it."""
    where: dict[str, tuple[int, int, int]] = {}
    for i, source in enumerate(sources):
        where.update((name, (i, *rows)) for name, rows in source.groups().items())
    pending: tuple[int, int, int] | None = None
    for name in ordered:
        if name not in where:
            continue
        i, start, stop = where[name]
        if pending is not None and pending[0] == i and pending[2] == start:
            pending = (i, pending[1], stop)
            continue
        if pending is not None:
            yield from sources[pending[0]].rows(*pending[1:])
        pending = (i, start, stop)
    if pending is not None:
        yield from sources[pending[0]].rows(*pending[1:])


def _distinct(table: Table, sources: list[_Source]) -> Iterator[pa.Table]:
    """Yield the rows of the table of provenance, each once, by their keys."""
    import pyarrow as pa

    found: dict[str, dict[str, Any]] = {}
    for source in sources:
        for piece in source.rows(0, 1 << 62):
            found.update((row["provenance"], row) for row in piece.to_pylist())
    yield pa.Table.from_pylist([found[key] for key in sorted(found)], schema=arrow_schema(table))


def write_parquet(table: Table, pieces: Iterator[pa.Table], target: Path) -> None:
    """Write a table's Parquet file: the same rows give the same bytes, however they are cut.

    Parameters
    ----------
    table
        Which table.
    pieces
        Its rows, in order.
    target
        The file; it is renamed into place when it is whole.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = arrow_schema(table)
    with (
        written_whole(target) as beside,
        pq.ParquetWriter(
            beside,
            schema,
            compression="zstd",
            compression_level=_COMPRESSION_LEVEL,
            version="2.6",
            use_dictionary=True,
            dictionary_pagesize_limit=16 << 20,
        ) as writer,
    ):
        waiting: list[pa.Table] = []
        count = 0
        for piece in pieces:
            waiting.append(piece)
            count += piece.num_rows
            while count >= ROWS_PER_GROUP:
                whole = pa.concat_tables(waiting).combine_chunks()
                writer.write_table(whole.slice(0, ROWS_PER_GROUP), row_group_size=ROWS_PER_GROUP)
                waiting = [whole.slice(ROWS_PER_GROUP)]
                count -= ROWS_PER_GROUP
        if count:
            whole = pa.concat_tables(waiting).combine_chunks()
            writer.write_table(whole, row_group_size=ROWS_PER_GROUP)
