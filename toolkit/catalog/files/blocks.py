"""Blocks of rows that simples of many groups have in common: made from rows, and made rows again.

A block of edges has all edges out of one simple of one module, under all activations; a block of
closures its closures. Blocks are numbered as they first occur, groups in the catalog's order, so
that the same rows give the same files. Blocks are equal exactly if all their bytes are.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from toolkit.catalog.files.arrow import arrow_schema, untyped_pyarrow
from toolkit.catalog.files.layout import (
    EDGE_KINDS,
    STORED_CLOSED_SETS,
    STORED_CONTENTS,
    STORED_EDGES,
)
from toolkit.catalog.files.modules_of_rows import codes_of, label_numbers
from toolkit.catalog.schema import CLOSED_SETS, EDGES
from toolkit.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from pyarrow import Table

    from toolkit.catalog.files.modules_of_rows import ModulesOfRows

    Integers = NDArray[np.int64]
    #: An array or a chunked array of pyarrow.
    Texts: TypeAlias = Any

#: Blocks that are handed on at once.
_PIECE = 2_000


class _Numbering:
    """Numbers for texts, as they first occur."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._number: dict[str, int] = {}

    def __call__(self, texts: Texts) -> Integers:
        codes, names = codes_of(texts)
        for name in names:
            if name not in self._number:
                self._number[name] = len(self.names)
                self.names.append(name)
        return np.array([self._number[name] for name in names], dtype=np.int64)[codes]


class SharedBlocks:
    """The blocks of a catalog that is being written.

    Notes
    -----
    Blocks are kept in memory: writing the catalog of all 7,012 groups of order at most 255 takes
    360 MB in all. Groups are taken in the catalog's order, one or more at once.
    """

    def __init__(self) -> None:
        self._modules = 0
        self._activations, self._parts = _Numbering(), _Numbering()
        self._kinds: dict[bytes, int] = {}
        self._edges: dict[bytes, int] = {}
        self._closures: dict[bytes, int] = {}

    def contents(self, modules: ModulesOfRows, edges: Table, closed_sets: Table) -> Table:
        """Take the rows of some groups, and return those of ``contents`` as they are stored.

        Parameters
        ----------
        modules
            The modules of all their rows of ``contents``.
        edges, closed_sets
            All their rows in two more tables.

        Raises
        ------
        CatalogError
            If there are edges or closures of a simple that is not in its module, or rows of
            another run.
        """
        pa = untyped_pyarrow()
        rows = modules.contents
        owners = [_owners(modules, other) for other in (edges, closed_sets)]
        columns = [*rows.columns]
        columns.append(pa.array((modules.module + self._modules).astype(np.int32)))
        columns.append(pa.array(self._edge_blocks(edges, owners[0], len(rows))))
        columns.append(pa.array(self._closure_blocks(closed_sets, owners[1], len(rows))))
        self._modules += len(modules.sizes)
        found: Table = pa.Table.from_arrays(columns, schema=arrow_schema(STORED_CONTENTS))
        return found

    def _edge_blocks(self, edges: Table, owner: Integers, count: int) -> NDArray[np.int32]:
        data = np.column_stack(
            [
                self._activations(edges.column("activation")),
                self._parts(edges.column("parts")),
                edges.column("reach").to_numpy(),
                edges.column("reach_of").to_numpy(),
                edges.column("share").to_numpy().view(np.int64),
            ]
        )
        target = label_numbers(edges.column("target"))
        by = np.lexsort((data[:, 0], target, owner))
        data, target, owner = data[by], target[by], owner[by]
        starts = _starts(owner, target)
        ends = np.append(starts, len(owner))
        kinds = self._kinds
        codes = np.array(
            [
                kinds.setdefault(data[a:b].tobytes(), len(kinds))
                for a, b in zip(ends.tolist(), ends[1:].tolist(), strict=False)
            ],
            dtype=np.int32,
        )
        bounds = np.searchsorted(owner[starts], np.arange(count + 1)).tolist()
        target = target[starts]
        blocks = self._edges
        return np.array(
            [
                blocks.setdefault(target[a:b].tobytes() + codes[a:b].tobytes(), len(blocks))
                for a, b in pairwise(bounds)
            ],
            dtype=np.int32,
        )

    def _closure_blocks(self, rows: Table, owner: Integers, count: int) -> NDArray[np.int32]:
        pa = untyped_pyarrow()
        lists: Texts = rows.column("members").combine_chunks()
        if isinstance(lists, pa.ChunkedArray):
            lists = pa.concat_arrays(lists.chunks or [pa.array([], lists.type)])
        members = label_numbers(lists.flatten())
        offsets = lists.offsets.to_numpy() - (lists.offsets[0].as_py() if len(lists) else 0)
        data = np.column_stack(
            [
                self._activations(rows.column("activation")),
                rows.column("size").to_numpy().astype(np.int64),
                rows.column("dimension").to_numpy(),
            ]
        )
        by = np.argsort(owner, kind="stable")  # activations stand in their order
        bounds = np.searchsorted(owner[by], np.arange(count + 1)).tolist()
        blocks, out = self._closures, np.empty(count, dtype=np.int32)
        for i in range(count):
            own = by[bounds[i] : bounds[i + 1]].tolist()
            lengths = np.array([offsets[j + 1] - offsets[j] for j in own], dtype=np.int32)
            key = b"".join(
                [
                    np.int32(len(own)).tobytes(),
                    lengths.tobytes(),
                    data[own].tobytes(),
                    *(members[offsets[j] : offsets[j + 1]].tobytes() for j in own),
                ]
            )
            out[i] = blocks.setdefault(key, len(blocks))
        return out

    # what is stored ---------------------------------------------------------------------------

    def edges(self) -> Iterator[Table]:
        """Yield the blocks of edges, in order."""
        pa = untyped_pyarrow()
        schema = arrow_schema(STORED_EDGES)
        for first, keys in _in_pieces(list(self._edges)):
            both = [np.frombuffer(key, dtype=np.int32) for key in keys]
            sizes = [len(one) // 2 for one in both]
            ends = pa.array(np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32))
            halves = (
                np.concatenate([one[:n] for one, n in zip(both, sizes, strict=True)]),
                np.concatenate([one[n:] for one, n in zip(both, sizes, strict=True)]),
            )
            numbers = np.arange(first, first + len(keys), dtype=np.int32)
            yield pa.Table.from_arrays(
                [pa.array(numbers), *(pa.ListArray.from_arrays(ends, half) for half in halves)],
                schema=schema,
            )

    def edge_kinds(self) -> Iterator[Table]:
        """Yield the kinds of edges, in order."""
        pa = untyped_pyarrow()
        for first, keys in _in_pieces(list(self._kinds)):
            parts = [np.frombuffer(key, dtype=np.int64).reshape(-1, 5) for key in keys]
            data = np.concatenate(parts)
            number = np.repeat(np.arange(first, first + len(keys)), [len(p) for p in parts])
            yield pa.Table.from_arrays(
                [
                    pa.array(number.astype(np.int32)),
                    pa.array(self._activations.names, "string").take(pa.array(data[:, 0])),
                    pa.array(self._parts.names, "string").take(pa.array(data[:, 1])),
                    pa.array(data[:, 2]),
                    pa.array(data[:, 3]),
                    pa.array(np.ascontiguousarray(data[:, 4]).view(np.float64)),
                ],
                schema=arrow_schema(EDGE_KINDS),
            )

    def closed_sets(self) -> Iterator[Table]:
        """Yield the blocks of closures, in order."""
        pa = untyped_pyarrow()
        for first, keys in _in_pieces(list(self._closures)):
            numbers, data, lengths, members = [], [], [], []
            for number, key in enumerate(keys, start=first):
                (n,) = np.frombuffer(key[:4], dtype=np.int32).tolist()
                lengths.append(np.frombuffer(key[4 : 4 + 4 * n], dtype=np.int32))
                data.append(np.frombuffer(key[4 + 4 * n : 4 + 28 * n], np.int64).reshape(-1, 3))
                members.append(np.frombuffer(key[4 + 28 * n :], dtype=np.int32))
                numbers.append(np.full(n, number, dtype=np.int32))
            values = np.concatenate(data)
            ends = np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.int32)
            yield pa.Table.from_arrays(
                [
                    pa.array(np.concatenate(numbers)),
                    pa.array(self._activations.names, "string").take(pa.array(values[:, 0])),
                    pa.array(values[:, 1].astype(np.int32)),
                    pa.array(values[:, 2]),
                    pa.ListArray.from_arrays(pa.array(ends), pa.array(np.concatenate(members))),
                ],
                schema=arrow_schema(STORED_CLOSED_SETS),
            )


def _owners(modules: ModulesOfRows, other: Table) -> Integers:
    """Return the row of ``contents`` that each row of another table belongs to."""
    found = modules.rows_of(other, "source")
    run, runs = codes_of(modules.contents.column("provenance"))
    its, names = codes_of(other.column("provenance"))
    place = {name: i for i, name in enumerate(runs)}
    known = np.array([place.get(name, -1) for name in names], dtype=np.int64)[its]
    for wrong, what in (
        (found < 0, "a simple has edges or closures but is in no module"),
        ((found >= 0) & (run[found] != known), "rows of two runs of a sweep"),
    ):
        if wrong.any():
            group = other.column("group")[int(wrong.argmax())].as_py()
            raise CatalogError(str(group), what, "sweep it again into another folder")
    return found


def _starts(*columns: NDArray[Any]) -> Integers:
    """Return where runs of rows start that are equal in all columns."""
    changed = np.zeros(len(columns[0]), dtype=np.bool_)
    changed[:1] = True
    for column in columns:
        changed[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(changed)


def _in_pieces(keys: list[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    for first in range(0, len(keys), _PIECE):
        yield first, keys[first : first + _PIECE]


# rows again ----------------------------------------------------------------------------------


def edge_rows(contents: Table, blocks: Table, kinds: Table) -> Table:
    """Return the rows of ``edges`` of modules.

    Parameters
    ----------
    contents
        Rows of stored ``contents``: whole modules.
    blocks
        Stored blocks, rising, with at least those that are named.
    kinds
        All kinds.

    Raises
    ------
    CatalogError
        If a block or a kind is missing.
    """
    pa = untyped_pyarrow()
    owner, entry = _entries(contents.column("edge_block"), blocks, "edges")
    lists = blocks.column("targets"), blocks.column("kinds")
    (starts, target), (_, kind) = (_flat(one) for one in lists)
    sizes = np.diff(starts)[entry]
    owner = np.repeat(owner, sizes)
    at = _ranges(starts[entry], sizes)
    target, kind = target[at], kind[at]
    all_kinds = kinds.column("kind").to_numpy()
    first = np.searchsorted(all_kinds, kind, "left")
    count = np.searchsorted(all_kinds, kind, "right") - first
    if (count == 0).any():
        raise CatalogError("edge_kinds.parquet", "a kind of edges is missing", "copy it again")
    owner, target = np.repeat(owner, count), np.repeat(target, count)
    at = _ranges(first, count)
    chosen = kinds.take(pa.array(at))
    rank = _alphabetic(chosen.column("activation"))
    module = contents.column("module_number").to_numpy()[owner]
    by = np.lexsort((target, owner, rank, module))
    return _with_group(
        EDGES, contents, owner[by], target[by], chosen.take(pa.array(by)), {"target"}
    )


def closure_rows(contents: Table, blocks: Table) -> Table:
    """Return the rows of ``closed_sets`` of modules; arguments as for :func:`edge_rows`."""
    pa = untyped_pyarrow()
    pc = pa.compute
    owner, at = _entries(contents.column("closure_block"), blocks, "closed_sets")
    module = contents.column("module_number").to_numpy()[owner]
    rank = _alphabetic(blocks.column("activation").take(pa.array(at)))
    by = np.lexsort((owner, rank, module))
    owner, at = owner[by], at[by]
    chosen = blocks.take(pa.array(at))
    ends, numbers = _flat(chosen.column("members"))
    texts = pc.binary_join_element_wise("L", pa.array(numbers).cast("string"), "")
    members = pa.ListArray.from_arrays(pa.array(ends.astype(np.int32)), texts)
    chosen = chosen.set_column(chosen.column_names.index("members"), "members", members)
    return _with_group(CLOSED_SETS, contents, owner, None, chosen, set())


def _entries(numbers: Texts, blocks: Table, name: str) -> tuple[Integers, Integers]:
    """Return which rows of contents have which rows of blocks."""
    known = blocks.column("block").to_numpy()
    wanted = numbers.to_numpy()
    first = np.searchsorted(known, wanted, "left")
    count = np.searchsorted(known, wanted, "right") - first
    if (count == 0).any():
        raise CatalogError(f"{name}.parquet", "a block of rows is missing", "copy the file again")
    return np.repeat(np.arange(len(wanted)), count), _ranges(first, count)


def _ranges(first: NDArray[Any], count: NDArray[Any]) -> Integers:
    """Return the ranges first, first + 1, ... of given lengths, one after the other."""
    total = int(count.sum())
    before = np.cumsum(count) - count
    found: Integers = np.arange(total) - np.repeat(before - first, count)
    return found


def _flat(lists: Texts) -> tuple[Integers, NDArray[np.int32]]:
    """Return offsets and values of a column of lists."""
    pa = untyped_pyarrow()
    one = pa.concat_arrays(lists.chunks) if lists.num_chunks else pa.array([], lists.type)
    offsets = one.offsets.to_numpy().astype(np.int64)
    starts: Integers = offsets - offsets[0]
    return starts, one.flatten().to_numpy()


def _alphabetic(texts: Texts) -> Integers:
    codes, names = codes_of(texts)
    rank = np.empty(len(names), dtype=np.int64)
    rank[np.argsort(np.array(names, dtype=object))] = np.arange(len(names))
    ranks: Integers = rank[codes]
    return ranks


def _with_group(
    table: Any,  # noqa: ANN401 - Table
    contents: Table,
    owner: Integers,
    target: NDArray[np.int32] | None,
    rows: Table,
    labels: set[str],
) -> Table:
    """Return the rows of a table, whose columns come from contents or from the blocks."""
    pa = untyped_pyarrow()
    pc = pa.compute
    at = pa.array(owner)
    columns: list[Any] = []
    for column in table.columns:
        if column.name in labels and target is not None:
            columns.append(pc.binary_join_element_wise("L", pa.array(target).cast("string"), ""))
        elif column.name == "source":
            columns.append(contents.column("label").take(at))
        elif column.name in rows.column_names:
            columns.append(rows.column(column.name))
        else:
            columns.append(contents.column(column.name).take(at))
    found: Table = pa.Table.from_arrays(columns, schema=arrow_schema(table))
    return found


def needed_blocks(contents: Table, column: str) -> Sequence[int]:
    """Return the numbers of the blocks that rows of contents name, rising."""
    found: list[int] = np.unique(contents.column(column).to_numpy()).tolist()
    return found
