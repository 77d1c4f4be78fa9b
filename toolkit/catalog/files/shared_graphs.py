"""What isomorphic interaction graphs have in common, stored once for each isomorphism class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.catalog.files.arrow import arrow_schema, untyped_pyarrow
from toolkit.catalog.files.layout import GRAPH_CLASSES, STORED_GRAPHS
from toolkit.catalog.files.modules_of_rows import codes_of
from toolkit.catalog.rows.graph_numbers import GraphNumbers
from toolkit.catalog.schema import GRAPHS
from toolkit.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from numpy.typing import NDArray
    from pyarrow import Table

    from toolkit.catalog.files.modules_of_rows import ModulesOfRows

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

    def numbers(self, graphs: Table, modules: ModulesOfRows, edges: Table) -> NDArray[np.int32]:
        """Return the class of each graph of some groups.

        Parameters
        ----------
        graphs, edges
            All rows of the groups in two tables.
        modules
            The modules of all their rows in ``contents``.

        Raises
        ------
        CatalogError
            If a graph has other edges than it says, or differs from isomorphic ones.
        """
        out = np.empty(len(graphs), dtype=np.int32)
        columns: Any = (graphs.column(name).to_pylist() for name in _SHARED[1:])
        rows = list(zip(*columns, strict=True))
        nodes, said, hashes = (_SHARED[1:].index(n) for n in ("nodes", "edges", "graph_hash"))
        for i, matrix in enumerate(_matrices(graphs, modules, edges)):
            row = rows[i]
            if matrix is None or (len(matrix), int(matrix.sum())) != (row[nodes], row[said]):
                raise _wrong(graphs, i, "a graph has other edges than it says")
            number = self._numbers.number(matrix, row[hashes])
            if number == len(self._classes):
                self._classes.append(row)
            elif self._classes[number] != row:
                raise _wrong(graphs, i, "isomorphic graphs have different numbers")
            out[i] = number
        return out

    def classes(self) -> Iterator[Table]:
        """Yield the rows of the stored classes, in order."""
        pa = untyped_pyarrow()
        schema = arrow_schema(GRAPH_CLASSES)
        for first in range(0, len(self._classes), _PIECE):
            rows = self._classes[first : first + _PIECE]
            columns = [range(first, first + len(rows)), *zip(*rows, strict=True)]
            arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
            yield pa.Table.from_arrays(arrays, schema=schema)


def _wrong(graphs: Table, row: int, what: str) -> CatalogError:
    return CatalogError(
        str(graphs.column("group")[row].as_py()), what, "sweep it again into another folder"
    )


def _matrices(
    graphs: Table, modules: ModulesOfRows, edges: Table
) -> Iterator[NDArray[np.bool_] | None]:
    """Yield the matrix of each graph, simples in the order of contents; ``None`` if it has none."""
    activation, names = codes_of(edges.column("activation"))
    source, target = (modules.rows_of(edges, name) for name in ("source", "target"))
    known = (source >= 0) & (target >= 0)
    key = np.where(known, modules.module[source] * len(names) + activation, -1)
    key[known & (modules.module[target] != modules.module[source])] = -1
    by = np.argsort(key, kind="stable")
    ends = np.searchsorted(key[by], np.arange(len(modules.sizes) * len(names) + 1)).tolist()
    source, target = modules.position[source][by], modules.position[target][by]
    wanted = modules.modules_of(graphs).tolist()
    code = {name: i for i, name in enumerate(names)}
    for module, f in zip(wanted, graphs.column("activation").to_pylist(), strict=True):
        if module < 0:
            yield None
            continue
        matrix = np.zeros((int(modules.sizes[module]),) * 2, dtype=np.bool_)
        if f in code:
            i = module * len(names) + code[f]
            matrix[source[ends[i] : ends[i + 1]], target[ends[i] : ends[i + 1]]] = True
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
