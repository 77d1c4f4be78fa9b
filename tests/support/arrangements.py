"""Arrangements whose regions are known from the literature, by exact normals."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import TYPE_CHECKING

from toolkit.exact.cyclotomic import Cyclotomic

if TYPE_CHECKING:
    from collections.abc import Callable

#: Diagrams of Coxeter groups: edges with their labels; the nodes are numbered from 0.
_DIAGRAMS: dict[str, Callable[[int], list[tuple[int, int, int]]]] = {
    "A": lambda n: [(i, i + 1, 3) for i in range(n - 1)],
    "D": lambda n: [(i, i + 1, 3) for i in range(n - 2)] + [(n - 3, n - 1, 3)],
    "E": lambda n: [(0, 2, 3), (1, 3, 3)] + [(i, i + 1, 3) for i in range(2, n - 1)],
    "F": lambda n: [(0, 1, 3), (1, 2, 4), (2, 3, 3)],
    "H": lambda n: [(0, 1, 5)] + [(i, i + 1, 3) for i in range(1, n - 1)],
}


def reflections(name: str) -> list[list[Cyclotomic]]:
    """Return one root of each reflection of a Coxeter group such as ``"E6"``, in simple roots."""
    kind, n = name[0], int(name[1:])
    one, none = Cyclotomic.from_int(1), Cyclotomic.from_int(0)
    cosine = {3: Cyclotomic.from_fraction(Fraction(1, 2))}
    for label in (4, 5):  # cos(pi / m)
        unit = Cyclotomic.root_of_unity(2 * label)
        cosine[label] = (unit + unit.conjugate()) * Fraction(1, 2)
    gram = [[one if i == j else none for j in range(n)] for i in range(n)]
    for i, j, label in _DIAGRAMS[kind](n):
        gram[i][j] = gram[j][i] = -cosine[label]
    simple = [tuple(one if i == j else none for j in range(n)) for i in range(n)]
    found, todo = set(simple), list(simple)
    while todo:
        root = todo.pop()
        for i in range(n):
            inner = sum((x * g for x, g in zip(root, gram[i], strict=True)), none)
            image = tuple(x - inner * 2 if j == i else x for j, x in enumerate(root))
            if image not in found and all(x.to_float() >= 0 for x in image):
                found.add(image)
                todo.append(image)
    return [list(root) for root in sorted(found, key=lambda r: [x.to_float() for x in r])]


def threshold(n: int) -> list[tuple[int, ...]]:
    """Return the sign vectors of length n up to sign: C2 wr S_n on 2^n points."""
    return [(1, *signs) for signs in itertools.product((1, -1), repeat=n - 1)]


def resonance(n: int) -> list[tuple[int, ...]]:
    """Return the subsets of n numbers that are not empty: S_(n+1) on its subsets, up to sign."""
    return [s for s in itertools.product((0, 1), repeat=n) if any(s)]
