"""Finite Coxeter groups by their names, ``W(E6)``, with their simple reflections."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.groups.specs.base import GroupSpec, refusal
from toolkit.groups.specs.exact_matrices import json_of_matrices

if TYPE_CHECKING:
    from toolkit.groups.space import ExactMatrices

MAX_RANK = 30
"""Largest rank of a Coxeter group: the order of W(A30) has 34 digits."""

MAX_ANGLE = 5_000
"""Largest m of ``W(I2(m))``."""

#: Order by rank, least and largest rank, of each letter but I.
_EXCEPTIONAL = {
    ("E", 6): 51_840,
    ("E", 7): 2_903_040,
    ("E", 8): 696_729_600,
    ("F", 4): 1_152,
    ("G", 2): 12,
    ("H", 2): 10,
    ("H", 3): 120,
    ("H", 4): 14_400,
}
_LEAST = {"A": 1, "B": 2, "C": 2, "D": 2}


@dataclass(frozen=True, slots=True)
class Coxeter(GroupSpec):
    r"""A finite irreducible Coxeter group (and D2, I2(2)) with its simple reflections.

    The generators are the reflections s_1, ..., s_n in the order of Bourbaki's diagrams, as
    matrices in the basis of the simple roots: the row of a root times s_i is the root's image. They
    have integer entries for the crystallographic types, a B and a C told apart by the lengths of
    their roots, and entries in a real cyclotomic field for H and I2(m). The group acts on its
    roots.

    Parameters
    ----------
    letter
        A, B, C, D, E, F, G, H or I.
    rank
        Number of simple reflections.
    angle
        m for I2(m), whose two reflections are at the angle :math:`\pi/m`; 0 for the others.

    Examples
    --------
    >>> Coxeter("E", 6).name, Coxeter("E", 6).order, Coxeter("I", 2, 7).name
    ('W(E6)', 51840, 'W(I2(7))')
    >>> [[str(x) for x in row] for row in Coxeter("B", 2).exact_matrices()[0]]
    [['-1', '0'], ['1', '1']]
    """

    kind: ClassVar[str] = "coxeter"
    letter: str
    rank: int
    angle: int = 0

    def __post_init__(self) -> None:
        text = self.name
        if self.letter == "I":
            if self.rank != 2 or not 2 <= self.angle <= MAX_ANGLE:
                raise refusal(text, f"dihedral types are I2(m) with m from 2 to {MAX_ANGLE:,}")
        elif self.letter in _LEAST:
            least = _LEAST[self.letter]
            if not least <= self.rank <= MAX_RANK:
                raise refusal(text, f"the rank of type {self.letter} is {least} to {MAX_RANK} here")
        elif (self.letter, self.rank) not in _EXCEPTIONAL:
            raise refusal(
                text,
                "there is no such finite Coxeter group",
                "the types are A1, A2, ..., B2, ..., C2, ..., D2, ..., E6, E7, E8, F4, G2, H2, H3, "
                "H4 and I2(m)",
            )

    @property
    def name(self) -> str:
        """The canonical name."""
        behind = f"({self.angle})" if self.letter == "I" else ""
        return f"W({self.letter}{self.rank}{behind})"

    @property
    def order(self) -> int:
        """The order."""
        n = self.rank
        match self.letter:
            case "A":
                return math.factorial(n + 1)
            case "B" | "C":
                return math.factorial(n) << n
            case "D":
                return math.factorial(n) << (n - 1)
            case "I":
                return 2 * self.angle
        return _EXCEPTIONAL[self.letter, n]

    def cartan_matrix(self) -> tuple[tuple[Cyclotomic, ...], ...]:
        """Return the matrix whose entry i, j is what s_i subtracts of root i from root j."""
        n = self.rank
        entries = {(i, j): Cyclotomic.from_int(2 * (i == j)) for i in range(n) for j in range(n)}
        for i, j, down, up in self._bonds():
            entries[i, j], entries[j, i] = -down, -up
        return tuple(tuple(entries[i, j] for j in range(n)) for i in range(n))

    def _bonds(self) -> list[tuple[int, int, Cyclotomic, Cyclotomic]]:
        n, one = self.rank, Cyclotomic.from_int(1)
        two, three = Cyclotomic.from_int(2), Cyclotomic.from_int(3)
        chain = [(i, i + 1, one, one) for i in range(n - 1)]
        match self.letter:
            case "B":  # the last root is short
                chain[-1] = (n - 2, n - 1, one, two)
            case "C":
                chain[-1] = (n - 2, n - 1, two, one)
            case "D":
                chain = chain[:-1] + ([(n - 3, n - 1, one, one)] if n > 2 else [])
            case "E":  # Bourbaki: 1 - 3 - 4 - 5 - ..., and 2 at 4
                rest = [0, *range(2, n)]
                chain = [(i, j, one, one) for i, j in pairwise(rest)]
                chain.append((1, 3, one, one))
            case "F":
                chain[1] = (1, 2, one, two)
            case "G":
                chain = [(0, 1, three, one)]
            case "H":
                chain[0] = (0, 1, _twice_cosine(5), _twice_cosine(5))
            case "I":
                chain = [(0, 1, _twice_cosine(self.angle), _twice_cosine(self.angle))]
        return chain

    def exact_matrices(self) -> ExactMatrices:
        """Return the simple reflections, in the basis of the simple roots."""
        cartan, one, zero = self.cartan_matrix(), Cyclotomic.from_int(1), Cyclotomic.from_int(0)
        n = self.rank
        out = []
        for i in range(n):
            rows = [[one if j == k else zero for k in range(n)] for j in range(n)]
            for j in range(n):
                rows[j][i] = rows[j][i] - cartan[i][j]
            out.append(tuple(map(tuple, rows)))
        return tuple(out)

    def to_json(self) -> dict[str, Any]:
        """Return the canonical JSON."""
        return {
            "kind": self.kind, "letter": self.letter, "rank": self.rank, "angle": self.angle,
        }  # fmt: skip

    def to_gap(self) -> dict[str, Any]:
        """Return the reflections as matrices, all of whose roots are wanted, and the order."""
        matrices = json_of_matrices(self.exact_matrices())
        return {
            "kind": "exact_matrices", "matrices": matrices, "size": self.order, "orbits": "all",
        }  # fmt: skip


def _twice_cosine(m: int) -> Cyclotomic:
    """Return 2 cos(pi / m)."""
    return Cyclotomic.root_of_unity(2 * m) + Cyclotomic.root_of_unity(2 * m, -1)
