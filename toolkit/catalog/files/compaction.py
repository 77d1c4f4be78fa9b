"""Merge the parts of a sweep into the tables: sorted by group, each group once, the same bytes.

The rows of a group stand together in every source, in the order of the table's key. So groups are
sorted, not rows: sorting the rows themselves, by DuckDB, gives the same bytes and takes several
times the time and memory. Sources are read piece by piece and a table is written in row groups of
Parquet of about 20,000 rows, so no table has to fit into memory, and who wants the rows of one
group reads one row group: the file ``places.parquet`` says which.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeAlias

from toolkit.catalog.files.arrow import arrow_schema
from toolkit.catalog.files.checksums import (
    CHECKSUMS,
    DESCRIPTION,
    checksum,
    lines_of_sums,
    require_mergeable,
)
from toolkit.catalog.files.folder import not_written, parquet_file, part_tables
from toolkit.catalog.files.places import PLACES_FILE, PlacesOfTable, row_groups, write_places
from toolkit.catalog.schema import TABLES
from toolkit.files import flush_to_disk, written_together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pyarrow as pa

    from toolkit.catalog.files.folder import Folder
    from toolkit.catalog.schema import Table

    #: Rows of one table, in pieces that are read when they are needed.
    _Source: TypeAlias = list[Callable[[], pa.Table]]

#: The most rows of a row group of a Parquet file.
ROWS_PER_GROUP = 20_000

_COMPRESSION_LEVEL = 15
#: Columns whose least and greatest values stand in the footer, for each row group: those by which
#: rows are sorted. The values of others are spread over every row group: no reader could skip one.
_STATISTICS = ("group", "order")
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
    """Merge all parts into the tables, and remove the parts.

    Raises
    ------
    StoreError
        If the disk is full, or cannot be written: the tables are as they were, the parts stay.
    """
    try:
        _compact(folder)
    except OSError as error:  # pyarrow's, too
        raise not_written(folder.path, error) from None


def _compact(folder: Folder) -> None:
    places: dict[str, tuple[float, float, list[str | int]]] = {}
    for found in folder.attempts():
        columns = (found.column(c).to_pylist() for c in ("group", "order", "number"))
        for name, order, number in zip(*columns, strict=True):
            places[name] = group_sort_key(name, order, number)
    ordered = sorted(places, key=places.__getitem__)
    known = require_mergeable(folder.path)
    written: list[PlacesOfTable] = []
    sums: dict[str, str] = {}
    with written_together() as beside:  # a full disk in the middle leaves the tables as they are
        for table in TABLES:
            target = folder.path / f"{table.name}.parquet"
            sources = [_row_groups(target)] if target.is_file() else []
            sources += [[partial(_part, path, table)] for path in folder.part_files()]
            if table.key[0] == "provenance":
                pieces = _distinct(table, sources)
            else:
                pieces = _by_group(ordered, sources)
            path = beside(target)
            written.append(write_parquet(table, pieces, path))
            flush_to_disk(path)
            sums[target.name] = checksum(path)
        path = beside(folder.path / PLACES_FILE)
        write_places(written, path)
        flush_to_disk(path)
        others = {PLACES_FILE: checksum(path), DESCRIPTION: checksum(folder.path / DESCRIPTION)}
        path = beside(folder.path / CHECKSUMS)  # the last in place
        path.write_text(lines_of_sums({**sums, **others}), encoding="utf-8")
        flush_to_disk(path)
        known.announce(sums)
    folder.remove_parts()


def _row_groups(path: Path) -> _Source:
    file = parquet_file(path)
    return [partial(file.read_row_group, i) for i in range(file.num_row_groups)]


def _part(path: Path, table: Table) -> pa.Table:
    import pyarrow as pa

    found = [t for _, t in part_tables(path, table.name)]
    return pa.concat_tables(found) if found else arrow_schema(table).empty_table()


def _by_group(ordered: list[str], sources: list[_Source]) -> Iterator[pa.Table]:
    """Yield the rows of each group from the last source that has it."""
    import pyarrow.compute

    pc: Any = pyarrow.compute

    @lru_cache(maxsize=4)  # sources are nearly in the order of groups
    def piece(i: int, j: int) -> pa.Table:
        return sources[i][j]().combine_chunks()

    where: dict[str, list[tuple[int, int, int, int]]] = {}
    for i, source in enumerate(sources):
        found: dict[str, list[tuple[int, int, int, int]]] = {}
        for j in range(len(source)):
            runs = pc.run_end_encode(piece(i, j).column("group").combine_chunks())
            ends = runs.run_ends.to_pylist()
            for name, start, end in zip(runs.values.to_pylist(), [0, *ends], ends, strict=False):
                found.setdefault(name, []).append((i, j, start, end))
        where |= found
    for name in ordered:
        for i, j, start, end in where.get(name, ()):
            yield piece(i, j).slice(start, end - start)


def _distinct(table: Table, sources: list[_Source]) -> Iterator[pa.Table]:
    """Yield the rows of the table of provenance, each once, by their keys."""
    import pyarrow as pa

    rows = (row for source in sources for piece in source for row in piece().to_pylist())
    found = {row["provenance"]: row for row in rows}
    yield pa.Table.from_pylist([found[key] for key in sorted(found)], schema=arrow_schema(table))


def write_parquet(table: Table, pieces: Iterator[pa.Table], path: Path) -> PlacesOfTable:
    """Write a table's Parquet file: the same rows give the same bytes, however they are cut.

    Parameters
    ----------
    table
        Which table.
    pieces
        Its rows, in order.
    path
        The file.

    Returns
    -------
    PlacesOfTable
        Where the rows of each group stand in it.
    """
    import pyarrow.parquet as pq

    schema = arrow_schema(table)
    places = PlacesOfTable(table.name)
    with pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=_COMPRESSION_LEVEL,
        version="2.6",
        use_dictionary=True,
        dictionary_pagesize_limit=16 << 20,
        write_statistics=[name for name in _STATISTICS if name in schema.names],
    ) as writer:
        for rows in row_groups(pieces, ROWS_PER_GROUP):
            writer.write_table(rows, row_group_size=rows.num_rows)
            if "group" in schema.names:
                places.add(rows)
    return places
