"""Groups given by exact matrices over the integers, the rationals or a cyclotomic field."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.exact.residues import ResidueField
from toolkit.groups.specs.base import GroupSpec, refusal
from toolkit.groups.specs.generated import MAX_ENTRIES, MAX_MATRIX_DEGREE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from toolkit.groups.space import ExactMatrices

MAX_CONDUCTOR = 10_000
"""Most roots of unity of a cyclotomic field of entries."""

Matrix = tuple[tuple[Cyclotomic, ...], ...]


@dataclass(frozen=True, slots=True)
class ExactMatrixGroup(GroupSpec):
    """A group of matrices in characteristic 0, ``<[[0,-1],[1,0]] | Z>``.

    The group acts on the orbits of the coordinate vectors e_1, e_2, ... as rows, with the matrices
    at their right, until the orbits span the space. Whether it is finite is for GAP to find out;
    only a matrix that cannot have a finite order is refused here.

    Parameters
    ----------
    matrices
        The generators, row by row, all square and of one size.

    Examples
    --------
    >>> turn = ((0, -1), (1, 0))
    >>> quarter = ExactMatrixGroup((tuple(tuple(map(Cyclotomic.from_int, r)) for r in turn),))
    >>> quarter.name, quarter.to_json()
    ('<[[0,-1],[1,0]] | Z>', {'kind': 'exact_matrices', 'matrices': [[[0, -1], [1, 0]]]})
    """

    kind: ClassVar[str] = "exact_matrices"
    matrices: tuple[Matrix, ...]

    def __post_init__(self) -> None:
        text = "a matrix group"
        if not self.matrices:
            raise refusal(text, "at least one matrix is needed")
        degree = len(self.matrices[0])
        if not 1 <= degree <= MAX_MATRIX_DEGREE:
            raise refusal(text, f"matrices must have 1 to {MAX_MATRIX_DEGREE} rows")
        if degree**2 * len(self.matrices) > MAX_ENTRIES // 10:
            raise refusal(
                text, f"the matrices have more than {MAX_ENTRIES // 10:,} entries together"
            )
        if self.conductor > MAX_CONDUCTOR:
            raise refusal(
                text,
                f"the entries lie in CF({self.conductor}), and CF({MAX_CONDUCTOR}) is the largest "
                "field",
            )
        for number, matrix in enumerate(self.matrices):
            where = f"matrix {number} (counted from 0)"
            if len(matrix) != degree or any(len(row) != degree for row in matrix):
                raise refusal(
                    text, f"{where} is not {degree} x {degree}: all must be square and of one size"
                )
            problem = determinant_problem(matrix)
            if problem:
                raise refusal(text, f"{where} {problem}")

    @property
    def degree(self) -> int:
        """Number of rows and columns."""
        return len(self.matrices[0])

    @property
    def conductor(self) -> int:
        """The least n with all entries in CF(n), the field of the n-th roots of unity."""
        return math.lcm(*(x.conductor for m in self.matrices for row in m for x in row))

    @property
    def ring(self) -> str:
        """``"Z"``, ``"Q"`` or ``"CF(n)"``, the smallest that holds the entries."""
        if self.conductor > 1:
            return f"CF({self.conductor})"
        integers = all(x.is_integer for m in self.matrices for row in m for x in row)
        return "Z" if integers else "Q"

    @property
    def name(self) -> str:
        """The canonical name."""
        texts = (
            "[" + ",".join(f"[{','.join(map(str, row))}]" for row in matrix) + "]"
            for matrix in self.matrices
        )
        return f"<{', '.join(texts)} | {self.ring}>"

    def to_json(self) -> dict[str, Any]:
        """Return the canonical JSON, entries as they cross to and from GAP."""
        return {"kind": self.kind, "matrices": json_of_matrices(self.matrices)}

    def exact_matrices(self) -> ExactMatrices | None:
        """Return the matrices, complex ones as real matrices of twice the size."""
        if all(x.is_real for m in self.matrices for row in m for x in row):
            return self.matrices
        return tuple(map(real_form, self.matrices))


def json_of_matrices(matrices: Iterable[Matrix]) -> list[Any]:
    """Return exact matrices as JSON data."""
    return [[[x.to_json() for x in row] for row in matrix] for matrix in matrices]


def real_form(matrix: Matrix) -> Matrix:
    """Return the real matrix that acts on the rows (x, y) as the matrix does on x + i y.

    Examples
    --------
    >>> i = Cyclotomic.root_of_unity(4)
    >>> [[str(x) for x in row] for row in real_form(((i,),))]
    [['0', '1'], ['-1', '0']]
    """
    half, i = Fraction(1, 2), Cyclotomic.root_of_unity(4)
    real = [[(x + x.conjugate()).scaled(half) for x in row] for row in matrix]
    imaginary = [[(i * (x.conjugate() - x)).scaled(half) for x in row] for row in matrix]
    upper = [(*a, *b) for a, b in zip(real, imaginary, strict=True)]
    lower = [(*(-x for x in b), *a) for a, b in zip(real, imaginary, strict=True)]
    return tuple(upper + lower)


def determinant_problem(matrix: Sequence[Sequence[Cyclotomic]]) -> str:
    """Return why a matrix has no finite order by its determinant, or the empty string.

    A determinant that vanishes modulo two large primes is taken for 0; one that is a root of unity
    has an order that divides 2 n in the n-th roots of unity's field.
    """
    n = math.lcm(*(x.conductor for row in matrix for x in row))
    values = []
    for skip in range(2):
        field = ResidueField(n, 1 << 61, skip=skip)
        rows = [field.map(row) for row in matrix]
        values.append((_determinant(rows, field.prime), field.prime))
    if not any(value for value, _ in values):
        return "is singular, so that it has no inverse"
    if any(pow(value, 2 * n, prime) != 1 for value, prime in values):
        return (
            "has a determinant that is not a root of unity, so that its powers are all different: "
            "the group is infinite"
        )
    return ""


def _determinant(rows: list[list[int]], prime: int) -> int:
    out = 1
    for column in range(len(rows)):
        pivot = next((i for i in range(column, len(rows)) if rows[i][column]), None)
        if pivot is None:
            return 0
        if pivot != column:
            rows[column], rows[pivot] = rows[pivot], rows[column]
            out = -out
        lead = rows[column]
        out = out * lead[column] % prime
        inverse = pow(lead[column], -1, prime)
        for i in range(column + 1, len(rows)):
            factor = rows[i][column] * inverse % prime
            if factor:
                rows[i] = [(x - factor * y) % prime for x, y in zip(rows[i], lead, strict=True)]
    return out % prime
