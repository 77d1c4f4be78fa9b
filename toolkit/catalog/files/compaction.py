"""Merge the parts of a sweep into the tables: sorted by group, each group once, the same bytes.

The rows of a group stand together in every source, in the order of the table's key. So groups are
sorted, not rows: sorting the rows themselves, by DuckDB, gives the same bytes and takes several
times the time and memory. Sources are read piece by piece and a table is written in row groups of
Parquet of about 20,000 rows, so no table has to fit into memory, and a reader of one group reads
one row group: the file ``places.parquet`` says which.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeAlias

from toolkit.catalog.files.arrow import arrow_schema
from toolkit.catalog.files.blocks import SharedBlocks
from toolkit.catalog.files.checksums import (
    CHECKSUMS,
    DESCRIPTION,
    checksum,
    lines_of_sums,
    read_checksums,
    require_mergeable,
)
from toolkit.catalog.files.folder import Part, not_written
from toolkit.catalog.files.kernel_maps import pl_map_rows, stored_pl_maps
from toolkit.catalog.files.lattices import encoded_lattice
from toolkit.catalog.files.layout import LAID_OUT, LATTICES, STORED, STORED_NORMAL_SUBGROUPS
from toolkit.catalog.files.modules_of_rows import ModulesOfRows
from toolkit.catalog.files.newest_rows import NewestRows
from toolkit.catalog.files.places import PLACES_FILE, PlacesOfTable, row_groups, write_places
from toolkit.catalog.files.shared_graphs import SharedGraphs, stored_graph_rows
from toolkit.catalog.files.stored_rows import (
    StoredParts,
    lattices_of,
    normal_subgroup_rows,
    row_groups_of,
)
from toolkit.catalog.schema import (
    ATTEMPTS,
    CLOSED_SETS,
    CONTENTS,
    EDGES,
    GRAPHS,
    NORMAL_SUBGROUPS,
    PL_MAPS,
    SIMPLES,
)
from toolkit.collector import collector_paused
from toolkit.errors import CatalogError
from toolkit.files import flush_to_disk, written_together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from toolkit.catalog.files.folder import Folder
    from toolkit.catalog.files.newest_rows import Source
    from toolkit.catalog.schema import Table

    #: Sources of a table, the oldest first.
    Sources: TypeAlias = Callable[[Table], list[Source]]

#: The most rows of a row group of a Parquet file.
ROWS_PER_GROUP = 20_000
#: For tables with long rows fewer: a reader of one group unpacks a whole row group.
_ROWS_PER_GROUP = {
    "contents": 5_000,
    "edges": 2_000,
    "closed_sets": 5_000,
    "lattices": 2_000,
    "pl_maps": 2_000,
}

_COMPRESSION_LEVEL = 19
#: Files of parts that are open at the same time.
_OPEN_PARTS = 64
#: Columns whose least and greatest values stand in the footer, for each row group: those by which
#: rows are sorted. The values of others are spread over every row group: no reader could skip one.
_STATISTICS = ("group", "order", "block", "kind", "graph_class")
#: Columns that hardly repeat: without a dictionary they are smaller.
_PLAIN = {
    "block": "DELTA_BINARY_PACKED",
    "kind": "DELTA_BINARY_PACKED",
    "graph_class": "PLAIN",
    "module_number": "DELTA_BINARY_PACKED",
    "position": "DELTA_BINARY_PACKED",
    "number_in_label": "DELTA_BINARY_PACKED",
    "edge_block": "PLAIN",
    "closure_block": "PLAIN",
    "targets": "PLAIN",
    "kinds": "BYTE_STREAM_SPLIT",
    "lattice": "PLAIN",
}
_PLAIN_IN = {
    "edge_kinds": {"share": "PLAIN"},
    "closed_sets": {"members": "PLAIN"},
    "pl_maps": dict.fromkeys(("ends", "below", "targets"), "BYTE_STREAM_SPLIT"),
    "graph_classes": {"graph_class": "DELTA_BINARY_PACKED", "graph_hash": "PLAIN"},
}
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
    write_catalog(folder.path, sources_of(folder))
    folder.remove_parts()


def write_catalog(folder: Path, sources: Sources) -> None:
    """Write all files of a catalog but its description, or replace them.

    Parameters
    ----------
    folder
        The catalog, with its description.
    sources
        Gives the sources of a table that users see; the last source that has a group counts.

    Raises
    ------
    StoreError
        If the disk is full, or cannot be written: the tables are as they were.
    """
    try:
        with collector_paused():
            _write_catalog(folder, sources)
    except OSError as error:  # pyarrow's, too
        raise not_written(folder, error) from None


def _write_catalog(folder: Path, sources: Sources) -> None:
    places: dict[str, tuple[float, float, list[str | int]]] = {}
    for found in (piece() for source in sources(ATTEMPTS) for piece in source):
        columns = (found.column(c).to_pylist() for c in ("group", "order", "number"))
        for name, order, number in zip(*columns, strict=True):
            places[name] = group_sort_key(name, order, number)
    ordered = sorted(places, key=places.__getitem__)
    known = require_mergeable(folder)
    written: list[PlacesOfTable] = []
    sums: dict[str, str] = {}
    with written_together() as beside:  # a full disk in the middle leaves the tables as they are
        for table, pieces in stored_tables(sources, ordered):
            target = folder / f"{table.name}.parquet"
            path = beside(target)
            written.append(write_parquet(table, pieces, path))
            flush_to_disk(path)
            sums[target.name] = checksum(path)
        path = beside(folder / PLACES_FILE)
        write_places(written, path)
        flush_to_disk(path)
        others = {PLACES_FILE: checksum(path), DESCRIPTION: checksum(folder / DESCRIPTION)}
        path = beside(folder / CHECKSUMS)  # the last in place
        path.write_text(lines_of_sums({**sums, **others}), encoding="utf-8")
        flush_to_disk(path)
        known.announce(sums)


def sources_of(folder: Folder) -> Sources:
    """Return a function that gives the sources of a table: its files, if there are, and parts."""
    before = _kept(folder)
    opened = lru_cache(maxsize=_OPEN_PARTS)(Part)

    def sources(table: Table) -> list[Source]:
        found: list[Source] = [] if before is None else [merged(table, before)]
        for path in folder.part_files():
            members = opened(path).members(table.name)
            pieces: Source = [partial(_member, opened, path, member) for member in members]
            found.append(pieces or [arrow_schema(table).empty_table])
        return found

    return sources


def _kept(folder: Folder) -> dict[str, Path] | None:
    """Return the files that a merge starts from, by name; ``None`` if there are none.

    Tables that are stored in parts are read from several files, which must be of one merge. They
    are replaced one after the other, so a merge that is interrupted leaves old and new ones. The
    old ones have a second name in ``parts/before`` until all are in place.
    """
    names = [t.name for t in STORED]
    where = folder.parts / "before"
    if where.is_dir() and _is_of_one_merge(folder.path):
        # that merge came to its end, and was stopped before the parts were removed
        shutil.rmtree(folder.parts / "before.new", ignore_errors=True)
        where.rename(folder.parts / "before.new")
    if not where.is_dir():
        if not all((folder.path / f"{name}.parquet").is_file() for name in names):
            return None
        beside = folder.parts / "before.new"
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        for name in names:
            source, target = folder.path / f"{name}.parquet", beside / f"{name}.parquet"
            try:
                target.hardlink_to(source)
            except OSError:  # not on every file system
                shutil.copyfile(source, target)
        beside.rename(where)
    found = {name: where / f"{name}.parquet" for name in names}
    known = read_checksums(folder.path)
    for path in found.values():
        if checksum(path) not in known.get(path.name, ()):
            raise CatalogError(
                str(path), f"it is damaged: its checksum is not in {CHECKSUMS}", "copy it again"
            )
    return found


def _is_of_one_merge(folder: Path) -> bool:
    """Return whether no table is being replaced: each is there, with one checksum."""
    known = read_checksums(folder)
    return all(
        len(known.get(f"{t.name}.parquet", ())) == 1 and (folder / f"{t.name}.parquet").is_file()
        for t in STORED
    )


def merged(table: Table, files: Mapping[str, Path]) -> Source:
    """Return the rows of a table from the files of a catalog, as users see them."""
    parts = StoredParts(files)
    make: Callable[[pa.Table], pa.Table]
    if table.name in ("edges", "closed_sets"):
        make = parts.edges if table.name == "edges" else parts.closed_sets
        pieces = row_groups_of(files["contents"])
    elif table.name == "normal_subgroups":
        lattices = [lattices_of(piece()) for piece in row_groups_of(files["lattices"])]
        known = {name: code for one in lattices for name, code in one.items()}
        make = partial(normal_subgroup_rows, lattices=known)
        pieces = row_groups_of(files[table.name])
    elif table.name == "graphs":
        make = parts.graphs
        pieces = row_groups_of(files[table.name])
    elif table.name == "pl_maps":
        simples = NewestRows([list(row_groups_of(files["simples"]))])
        make = partial(_pl_map_rows, simples=simples)
        pieces = row_groups_of(files[table.name])
    elif table.name == "contents":
        make = lambda rows: rows.select(arrow_schema(CONTENTS).names)  # noqa: E731
        pieces = row_groups_of(files[table.name])
    else:
        return list(row_groups_of(files[table.name]))
    return [partial(_made, make, piece) for piece in pieces]


def _pl_map_rows(rows: pa.Table, simples: NewestRows) -> pa.Table:
    return pl_map_rows(rows, simples.take(str(g) for g in rows.column("group").to_pylist()))


def _made(make: Callable[[pa.Table], pa.Table], piece: Callable[[], pa.Table]) -> pa.Table:
    return make(piece())


def _member(opened: Callable[[Path], Part], path: Path, member: str) -> pa.Table:
    return opened(path).rows(member)


def stored_tables(
    sources: Sources, ordered: list[str]
) -> Iterator[tuple[Table, Iterator[pa.Table]]]:
    """Yield each table as it is stored, with its rows in pieces, to be taken before the next.

    Parameters
    ----------
    sources
        Gives the sources of a table that users see; the last source that has a group counts.
    ordered
        The groups, in the order of the catalog.
    """
    rows_of = {t.name: NewestRows(sources(t)) for t in (EDGES, GRAPHS)}
    batches = list(rows_of["edges"].batches(ordered))
    blocks, graphs = SharedBlocks(), SharedGraphs(_alone(rows_of["graphs"], batches))
    classes: list[NDArray[np.int32]] = []
    lattices: list[pa.Table] = []
    shared: dict[str, Callable[[], Iterator[pa.Table]]] = {
        "edges": blocks.edges,
        "edge_kinds": blocks.edge_kinds,
        "closed_sets": blocks.closed_sets,
        "lattices": lambda: iter(lattices),
        "graph_classes": graphs.classes,
    }
    for table in STORED:
        if table.name in shared:
            yield table, shared[table.name]()
        elif table.key[0] == "provenance":
            yield table, _distinct(table, sources(table))
        elif table.name == "contents":
            rows_of |= {t.name: NewestRows(sources(t)) for t in (CONTENTS, CLOSED_SETS)}
            yield table, _contents(rows_of, batches, blocks, graphs, classes)
            for name in ("edges", "contents", "closed_sets"):
                del rows_of[name]
        elif table.name == "graphs":
            rows = (rows_of["graphs"].take(names) for names in batches)
            yield table, (stored_graph_rows(*both) for both in zip(rows, classes, strict=True))
        elif table.name == "pl_maps":
            maps, simples = NewestRows(sources(PL_MAPS)), NewestRows(sources(SIMPLES))
            yield (
                table,
                (stored_pl_maps(maps.take(n), simples.take(n)) for n in maps.batches(ordered)),
            )
        elif table.name == "normal_subgroups":
            normal = NewestRows(sources(NORMAL_SUBGROUPS))
            yield (
                table,
                (_without_covers(normal.take(n), lattices) for n in normal.batches(ordered)),
            )
        else:
            plain = NewestRows(sources(table))
            yield table, (plain.take(names) for names in plain.batches(ordered))


def _alone(graphs: NewestRows, batches: list[list[str]]) -> set[str]:
    """Return the hashes that only one graph has."""
    times: Counter[str] = Counter()
    for names in batches:
        times.update(map(str, graphs.take(names).column("graph_hash").to_pylist()))
    return {one for one, count in times.items() if count == 1}


def _contents(
    rows_of: Mapping[str, NewestRows],
    batches: list[list[str]],
    blocks: SharedBlocks,
    graphs: SharedGraphs,
    classes: list[NDArray[np.int32]],
) -> Iterator[pa.Table]:
    """Yield the stored rows of contents; the classes of the groups' graphs go to ``classes``."""
    for names in batches:
        modules = ModulesOfRows(rows_of["contents"].take(names))
        edges = rows_of["edges"].take(names)
        classes.append(graphs.numbers(rows_of["graphs"].take(names), modules, edges))
        yield blocks.contents(modules, edges, rows_of["closed_sets"].take(names))


def _without_covers(rows: pa.Table, lattices: list[pa.Table]) -> pa.Table:
    """Return the stored rows of some groups; their lattices are added to ``lattices``."""
    import pyarrow as pa

    found: dict[str, tuple[int, list[list[Any]]]] = {}
    columns: Any = (
        rows.column(n).to_pylist() for n in ("group", "order", "label", "subgroup_order", "covers")
    )
    positions, letters, numbers = [], [], []
    for group, order, label, *more in zip(*columns, strict=True):
        _, lists = found.setdefault(group, (order, [[], [], []]))
        positions.append(len(lists[0]))
        letters.append(str(label)[:1])
        numbers.append(int(str(label)[1:]))
        for values, value in zip(lists, (label, *more), strict=True):
            values.append(value)
    codes = [encoded_lattice(*lists) for _, lists in found.values()]
    own: Any = {"group": list(found), "order": [order for order, _ in found.values()]}
    lattices.append(pa.table({**own, "lattice": codes}, schema=arrow_schema(LATTICES)))
    schema = arrow_schema(STORED_NORMAL_SUBGROUPS)
    made = {
        "position": pa.array(positions, "int32"),
        "letter": pa.array(letters, "string"),
        "number_in_label": pa.array(numbers, "int32"),
    }
    chosen: list[Any] = [made[n] if n in made else rows.column(n) for n in schema.names]
    return pa.Table.from_arrays(chosen, schema=schema)


def _distinct(table: Table, sources: list[Source]) -> Iterator[pa.Table]:
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
    most = min(ROWS_PER_GROUP, _ROWS_PER_GROUP.get(table.name, ROWS_PER_GROUP))
    with pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=_COMPRESSION_LEVEL,
        version="2.6",
        **_encodings(table),
        dictionary_pagesize_limit=16 << 20,
        write_statistics=[name for name in _STATISTICS if name in schema.names],
    ) as writer:
        for rows in row_groups(pieces, most):
            writer.write_table(rows, row_group_size=rows.num_rows)
            if "group" in schema.names:
                places.add(rows)
    return places


def _encodings(table: Table) -> dict[str, Any]:
    """Return the options of pyarrow's writer with the encoding of each column."""
    plain: dict[str, str] = {}
    dictionary = []
    own = {**_PLAIN, **_PLAIN_IN.get(table.name, {})} if table in LAID_OUT else {}
    for column in table.columns:
        path = column.name + (".list.element" if column.type.startswith("list") else "")
        if column.name in own:
            plain[path] = own[column.name]
        else:
            dictionary.append(path)
    return {"use_dictionary": dictionary, "column_encoding": plain}
