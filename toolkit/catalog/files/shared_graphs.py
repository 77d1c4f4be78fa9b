"""What isomorphic interaction graphs have in common, stored once for each isomorphism class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.catalog.files.arrow import arrow_schema, untyped_pyarrow
from toolkit.catalog.files.blocks import codes_of, label_numbers
from toolkit.catalog.files.layout import GRAPH_CLASSES, STORED_GRAPHS
from toolkit.catalog.rows.graph_numbers import GraphNumbers
from toolkit.catalog.schema import GRAPHS
from toolkit.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from numpy.typing import NDArray
    from pyarrow import Table

_SHARED = tuple(c.name for c in GRAPH_CLASSES.columns)
_PIECE = 20_000


class SharedGraphs:
    """The isomorphism classes of graphs of a catalog that is being written.

    Parameters
    ----------
    alone
        Hashes that only one graph of the catalog has.
    """

    def __init__(self, alone: Container[str]) -> None:
        self._numbers = GraphNumbers(alone)
        self._classes: list[tuple[object, ...]] = []

    def numbers(self, graphs: Table, contents: Table, edges: Table) -> NDArray[np.int32]:
        """Return the class of each graph of a group.

        Parameters
        ----------
        graphs, contents, edges
            All rows of the group in three tables.

        Raises
        ------
        CatalogError
            If a graph has other edges than it says, or differs from isomorphic ones.
        """
        out = np.empty(len(graphs), dtype=np.int32)
        columns: Any = (graphs.column(name).to_pylist() for name in _SHARED[1:])
        rows = list(zip(*columns, strict=True))
        for i, matrix in enumerate(_matrices(graphs, contents, edges)):
            about = dict(zip(_SHARED[1:], rows[i], strict=True))
            if (len(matrix), int(matrix.sum())) != (about["nodes"], about["edges"]):
                raise self._wrong(graphs, "a graph has other edges than it says")
            number = self._numbers.number(matrix, about["graph_hash"])
            if number == len(self._classes):
                self._classes.append(rows[i])
            elif self._classes[number] != rows[i]:
                raise self._wrong(graphs, "isomorphic graphs have different numbers")
            out[i] = number
        return out

    @staticmethod
    def _wrong(graphs: Table, what: str) -> CatalogError:
        return CatalogError(
            str(graphs.column("group")[0].as_py()), what, "sweep it again into another folder"
        )

    def classes(self) -> Iterator[Table]:
        """Yield the rows of the stored classes, in order."""
        pa = untyped_pyarrow()
        schema = arrow_schema(GRAPH_CLASSES)
        for first in range(0, len(self._classes), _PIECE):
            rows = self._classes[first : first + _PIECE]
            columns = [range(first, first + len(rows)), *zip(*rows, strict=True)]
            arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
            yield pa.Table.from_arrays(arrays, schema=schema)


def _matrices(graphs: Table, contents: Table, edges: Table) -> Iterator[NDArray[np.bool_]]:
    """Yield the matrix of each graph: simples in the order of contents."""
    modules: dict[str, dict[int, int]] = {}
    numbers = label_numbers(contents.column("label")).tolist()
    for name, number in zip(contents.column("module").to_pylist(), numbers, strict=True):
        own = modules.setdefault(name or "", {})
        own[number] = len(own)
    (module, module_names), (activation, names) = (
        codes_of(edges.column(name)) for name in ("module", "activation")
    )
    key = module.astype(np.int64) * len(names) + activation
    by = np.argsort(key, kind="stable")
    source, target = (label_numbers(edges.column(n))[by] for n in ("source", "target"))
    ends = np.searchsorted(key[by], np.arange(len(module_names) * len(names) + 1))
    columns = (graphs.column(name).to_pylist() for name in ("module", "activation"))
    for name, f in zip(*columns, strict=True):
        place = modules[name or ""]
        matrix = np.zeros((len(place), len(place)), dtype=np.bool_)
        if name in module_names and f in names:
            i = module_names.index(name) * len(names) + names.index(f)
            at = np.full(max(place) + 1, -1, dtype=np.int64)
            at[list(place)] = np.arange(len(place))
            matrix[at[source[ends[i] : ends[i + 1]]], at[target[ends[i] : ends[i + 1]]]] = True
        yield matrix


def graph_rows(stored: Table, classes: Table) -> Table:
    """Return the rows of ``graphs``.

    Parameters
    ----------
    stored
        Stored rows.
    classes
        Stored classes, rising, with at least those that are named.

    Raises
    ------
    CatalogError
        If a class is missing.
    """
    pa = untyped_pyarrow()
    known = classes.column("graph_class").to_numpy()
    wanted = stored.column("graph_class").to_numpy()
    at = np.searchsorted(known, wanted)
    if len(wanted) and (not len(known) or (known[np.minimum(at, len(known) - 1)] != wanted).any()):
        raise CatalogError("graph_classes.parquet", "a class is missing", "copy the file again")
    chosen = classes.take(pa.array(at))
    own = {c.name for c in STORED_GRAPHS.columns}
    columns = [(stored if c.name in own else chosen).column(c.name) for c in GRAPHS.columns]
    found: Table = pa.Table.from_arrays(columns, schema=arrow_schema(GRAPHS))
    return found


def stored_graph_rows(rows: Table, numbers: NDArray[np.int32]) -> Table:
    """Return rows of ``graphs`` as they are stored, with the numbers of their classes."""
    pa = untyped_pyarrow()
    schema = arrow_schema(STORED_GRAPHS)
    columns = [pa.array(numbers) if n == "graph_class" else rows.column(n) for n in schema.names]
    found: Table = pa.Table.from_arrays(columns, schema=schema)
    return found
