"""Check every graph of a catalog from its edges alone."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from toolkit.catalog.rows.graph_numbers import GraphNumbers
from toolkit.catalog.rows.isomorphism import graph_hash
from toolkit.catalog.verify.laws import Checked
from toolkit.catalog.verify.matrices import edge_matrices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from toolkit.catalog.query.engine import OpenCatalog
    from toolkit.catalog.verify.slices import Slice

_LAWS = (
    "graphs: the hash is that of the edges",
    "graphs: the class is that of isomorphic graphs, and of no others",
    "graphs: components are classes of simples that reach each other",
    "graphs: the longest path has the stated number of steps",
    "closed_sets: at least the simples that are reached in any number of steps",
)


def check_graphs(
    catalog: OpenCatalog, parts: Iterable[Slice], say: Callable[[str], None]
) -> Iterator[Checked]:
    """Yield the results of the laws that need every graph as a matrix.

    Notes
    -----
    Components and paths are computed from the transitive closure of the matrix here, and from a
    search through components in the catalog: two routes. A closure may be larger than what single
    simples reach: a sum of simples can have fewer symmetries than each of them, and reach more.
    """
    broken: list[list[str]] = [[] for _ in _LAWS]
    count = sets = 0
    numbers = GraphNumbers()
    class_of: dict[int, int] = {}
    number_of: dict[int, int] = {}
    activations = catalog.ask("SELECT DISTINCT activation FROM graphs ORDER BY 1")
    for activation, part in product(activations.column("activation"), tuple(parts)):
        say(f"graphs of {activation}")
        closures = _sizes_of_closures(catalog, activation, part)
        for row, matrix in edge_matrices(catalog, activation, part):
            reached = _closure(matrix)
            both = reached & reached.T
            sizes = sorted(reached.sum(axis=1).tolist())
            own = graph_hash(matrix)
            number = numbers.number(matrix, own)
            facts = (
                own == row["graph_hash"],
                class_of.setdefault(number, row["graph_class"]) == row["graph_class"]
                and number_of.setdefault(row["graph_class"], number) == number,
                len(np.unique(both, axis=0)) == row["components"],
                _longest(reached, both) == row["longest_path"],
                _dominate(closures.get((row["group"], row["module"]), []), sizes),
            )
            count += 1
            sets += len(sizes)
            for fact, names in zip(facts, broken, strict=True):
                if not fact:
                    names.append(f"{row['module']} of {row['group']}, {activation}")
    for i, (law, names) in enumerate(zip(_LAWS, broken, strict=True)):
        yield Checked(
            law, sets if i == len(_LAWS) - 1 else count, len(names), names[0] if names else ""
        )


def _sizes_of_closures(
    catalog: OpenCatalog, activation: str, part: Slice
) -> dict[tuple[str, str], list[int]]:
    """Return the sizes of the closures in each graph of a slice, rising, by group and module."""
    query = (
        'SELECT "group", module, list(size) AS sizes FROM closed_sets '
        "WHERE activation = ? GROUP BY ALL"
    )
    rows = catalog.ask(part.of(query), [activation])
    return {(row["group"], row["module"]): sorted(row["sizes"]) for row in rows}


def _closure(matrix: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which nodes are reached in any number of steps, also in none."""
    reached = matrix | np.eye(len(matrix), dtype=np.bool_)
    while True:
        further = (reached.astype(np.float32) @ reached.astype(np.float32)) > 0
        if np.array_equal(further, reached):
            return reached
        reached = further


def _dominate(larger: list[int], smaller: list[int]) -> bool:
    """Return whether two rising lists have the same length and the first is nowhere smaller."""
    return len(larger) == len(smaller) and all(a >= b for a, b in zip(larger, smaller, strict=True))


def _longest(reached: NDArray[np.bool_], both: NDArray[np.bool_]) -> int:
    """Return the most steps between components: the longest chain under "reaches"."""
    below = reached & ~both
    height = np.zeros(len(reached), dtype=np.int64)
    # those that reach less come first
    for node in np.argsort(reached.sum(axis=1), kind="stable").tolist():
        if below[node].any():
            height[node] = height[below[node]].max() + 1
    return int(height.max())
