"""The interaction graphs of a slice of a catalog as matrices, from its edges alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from toolkit.catalog.query.engine import OpenCatalog
    from toolkit.catalog.query.results import Row
    from toolkit.catalog.verify.slices import Slice

#: More simples than a module of a catalog has: the number is damaged, and breaks other laws.
_MOST_NODES = 20_000


def edge_matrices(
    catalog: OpenCatalog, activation: str, part: Slice
) -> Iterator[tuple[Row, NDArray[np.bool_]]]:
    """Yield, for each graph of a slice under an activation, its row in ``graphs`` and its matrix.

    Parameters
    ----------
    catalog
        An open catalog.
    activation
        One of its activations.
    part
        The slice.

    Notes
    -----
    Nodes of a matrix are simples in canonical order; those without edges come last.
    """
    rows = list(
        catalog.ask(
            part.of('SELECT * FROM graphs WHERE activation = ? ORDER BY "group", module'),
            [activation],
        )
    )
    edges = catalog.ask(
        part.of(
            'SELECT "group", module, CAST(source[2:] AS INTEGER) AS source, '
            "CAST(target[2:] AS INTEGER) AS target FROM edges WHERE activation = ?"
        ),
        [activation],
    ).to_arrow()
    groups, modules = (
        edges.column(name).combine_chunks().dictionary_encode() for name in ("group", "module")
    )
    line = {name: i for i, name in enumerate(groups.dictionary.to_pylist())}
    column = {name: i for i, name in enumerate(modules.dictionary.to_pylist())}
    place = np.full((len(line), len(column)), len(rows), dtype=np.int64)  # edges of no graph: last
    for i, row in enumerate(rows):
        if row["group"] in line and row["module"] in column:
            place[line[row["group"]], column[row["module"]]] = i
    owner = place[groups.indices.to_numpy(), modules.indices.to_numpy()]
    by_owner = np.argsort(owner, kind="stable")
    source = edges.column("source").to_numpy()[by_owner]
    target = edges.column("target").to_numpy()[by_owner]
    ends = np.searchsorted(owner[by_owner], np.arange(len(rows) + 1))
    for i, row in enumerate(rows):
        s, t = source[ends[i] : ends[i + 1]], target[ends[i] : ends[i + 1]]
        labels, numbers = np.unique(np.concatenate([s, t]), return_inverse=True)
        # simples without edges come last: only their number matters, unless it is damaged
        nodes = row["nodes"] or 0
        size = max(nodes if nodes <= _MOST_NODES else 0, len(labels))
        matrix = np.zeros((size, size), dtype=np.bool_)
        matrix[numbers[: len(s)], numbers[len(s) :]] = True
        yield row, matrix
