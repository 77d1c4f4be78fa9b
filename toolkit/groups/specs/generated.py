"""The groups that are given by generators: permutations, words with relators, matrices."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from toolkit.exact.residues import prime_factors
from toolkit.groups.specs.base import MAX_FIELD, GroupSpec, check_range, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_PERMUTATION_DEGREE = 500_000
"""Most points that permutations act on."""

MAX_ENTRIES = 1_000_000
"""Most numbers in all permutations of a typed name, and ten times those in all matrices."""

MAX_IMAGES = 10_000_000
"""Most images in all permutations of a group that is given by data."""

MAX_GENERATORS = 50
"""Most generators of a presentation."""

MAX_RELATORS = 1000
"""Most relators of a presentation."""

MAX_LETTERS = 10_000
"""Most letters of one relator, written without powers."""

MAX_TOTAL_LETTERS = 200_000
"""Most letters of all relators together."""

MAX_MATRIX_DEGREE = 100
"""Most rows of a matrix."""

GENERATOR_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,19}")


@dataclass(frozen=True, slots=True)
class Permutations(GroupSpec):
    """A permutation group by generators, ``<(1,2,3),(1,2)>``.

    The name writes cycles and counts points from 1, as GAP does; the images count from 0, as
    Python does. If no generator moves the last point, the first one writes it as a cycle of its
    own, ``<(1,2)(4)>``: that is how a name tells the degree.

    Parameters
    ----------
    degree
        Number of points.
    images
        For each generator the image of each point.

    Examples
    --------
    >>> Permutations(3, ((1, 2, 0), (1, 0, 2))).name
    '<(1,2,3), (1,2)>'
    >>> Permutations(4, ((1, 0, 2, 3),)).name
    '<(1,2)(4)>'
    """

    kind: ClassVar[str] = "permutations"
    degree: int
    images: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        text = "a permutation group"
        if not self.images:
            raise refusal(text, "at least one generator is needed", "the trivial group is <()>")
        if not 1 <= self.degree <= MAX_PERMUTATION_DEGREE:
            raise refusal(text, f"the degree must be 1 to {MAX_PERMUTATION_DEGREE:,}")
        if self.degree * len(self.images) > MAX_IMAGES:
            raise refusal(text, f"the generators have more than {MAX_IMAGES:,} images together")
        for number, image in enumerate(self.images):
            problem = permutation_problem(image, self.degree)
            if problem:
                raise refusal(text, f"generator {number} (counted from 0) {problem}")

    @property
    def points(self) -> int:
        """The degree."""
        return self.degree

    @property
    def name(self) -> str:
        """The canonical name."""
        words = ["".join(map(_cycle, _cycles(image))) for image in self.images]
        last = self.degree - 1
        if last > 0 and all(image[last] == last for image in self.images):
            words[0] += _cycle([last])
        return f"<{', '.join(word or '()' for word in words)}>"


def _cycle(points: Sequence[int]) -> str:
    return f"({','.join(str(point + 1) for point in points)})"


def _cycles(image: Sequence[int]) -> list[list[int]]:
    """Return the cycles of length above 1, each from its least point on, those rising."""
    out, seen = [], [False] * len(image)
    for start, first in enumerate(image):
        if seen[start] or first == start:
            continue
        cycle, point = [start], first
        while point != start:
            seen[point] = True
            cycle.append(point)
            point = image[point]
        out.append(cycle)
    return out


def permutation_problem(image: Sequence[int], degree: int) -> str:
    """Return why ``image`` is no permutation of 0 to ``degree`` - 1, or the empty string.

    Examples
    --------
    >>> permutation_problem((1, 1), 2)
    'has the value 1 twice, at entries 0 and 1'
    >>> permutation_problem((1, 2), 2)
    'has entry 1 equal to 2, outside 0 to 1: points count from 0'
    """
    if len(image) != degree:
        return f"has {len(image)} entries instead of {degree}"
    if sorted(image) == list(range(degree)):
        return ""
    where: dict[int, int] = {}
    for entry, value in enumerate(image):
        if not 0 <= value < degree:
            return (
                f"has entry {entry} equal to {value}, outside 0 to {degree - 1}: "
                "points count from 0"
            )
        if value in where:
            return f"has the value {value} twice, at entries {where[value]} and {entry}"
        where[value] = entry
    return ""


@dataclass(frozen=True, slots=True)
class Presentation(GroupSpec):
    """A finitely presented group, ``<a, b | a^4, b^2, (a*b)^2>``.

    Whether it is finite is for GAP to find out; only a group with an infinite abelian quotient
    is refused here.

    Parameters
    ----------
    generators
        Names of the generators.
    relators
        Words that are trivial in the group: for each its syllables (generator's index, exponent),
        freely reduced and not empty.

    Examples
    --------
    >>> Presentation(("a", "b"), (((0, 4),), ((1, 2),), ((0, 1), (1, 1), (0, 1), (1, 1)))).name
    '<a, b | a^4, b^2, (a*b)^2>'
    >>> Presentation(("a", "b"), (((0, 4),),))
    Traceback (most recent call last):
    ...
    toolkit.errors.NamingError: cannot read the group name '<a, b | a^4>': the group is infinite:
    its abelianisation has rank 1
    """

    kind: ClassVar[str] = "presentation"
    generators: tuple[str, ...]
    relators: tuple[tuple[tuple[int, int], ...], ...]

    def __post_init__(self) -> None:
        text = "a presentation"
        if not 1 <= len(self.generators) <= MAX_GENERATORS:
            raise refusal(text, f"it must have 1 to {MAX_GENERATORS} generators")
        if len(self.relators) > MAX_RELATORS:
            raise refusal(text, f"it must have at most {MAX_RELATORS:,} relators")
        for generator in self.generators:
            if not GENERATOR_NAME.fullmatch(generator):
                raise refusal(
                    text,
                    f"a generator's name is a letter and then letters, digits or _, "
                    f"20 at most, not {generator[:30]!r}",
                )
        if len(set(self.generators)) < len(self.generators):
            raise refusal(text, "two generators have the same name")
        for number, relator in enumerate(self.relators):
            problem = _relator_problem(relator, len(self.generators))
            if problem:
                raise refusal(text, f"relator {number} (counted from 0) {problem}")
        if sum(map(letter_count, self.relators)) > MAX_TOTAL_LETTERS:
            raise refusal(text, f"its relators have more than {MAX_TOTAL_LETTERS:,} letters")
        rank = _abelian_rank(len(self.generators), self.relators)
        if rank:
            raise refusal(self.name, f"the group is infinite: its abelianisation has rank {rank}")

    @property
    def name(self) -> str:
        """The canonical name."""
        words = ", ".join(_word(relator, self.generators) for relator in self.relators)
        return f"<{', '.join(self.generators)} | {words}>"


def letter_count(word: Iterable[tuple[int, int]]) -> int:
    """Return the number of letters of a word given by syllables, powers written out."""
    return sum(abs(exponent) for _, exponent in word)


def _relator_problem(relator: tuple[tuple[int, int], ...], generators: int) -> str:
    if not relator:
        return "is empty"
    previous = -1
    for generator, exponent in relator:
        if not 0 <= generator < generators:
            return f"names generator {generator}, outside 0 to {generators - 1}"
        if not exponent or generator == previous:
            return "is not freely reduced"
        previous = generator
    if letter_count(relator) > MAX_LETTERS:
        return f"has more than {MAX_LETTERS:,} letters"
    return ""


def _abelian_rank(generators: int, relators: Sequence[Sequence[tuple[int, int]]]) -> int:
    """Return the rank of the largest free abelian quotient, by exact integer elimination."""
    pivots: dict[int, list[int]] = {}
    for relator in relators:
        row = [0] * generators
        for generator, exponent in relator:
            row[generator] += exponent
        for column in range(generators):
            if not row[column]:
                continue
            if column not in pivots:
                pivots[column] = row
                break
            pivot = pivots[column]
            up, down = pivot[column], row[column]
            row = [up * x - down * y for x, y in zip(row, pivot, strict=True)]
            divisor = math.gcd(*row) or 1
            row = [x // divisor for x in row]
        if len(pivots) == generators:
            break
    return generators - len(pivots)


def _word(relator: Sequence[tuple[int, int]], generators: Sequence[str]) -> str:
    """Return a word as text; a word that repeats itself as a power."""
    length = len(relator)
    period = next(
        p
        for p in range(1, length + 1)
        if length % p == 0 and list(relator[:p]) * (length // p) == list(relator)
    )
    text = "*".join(
        generators[generator] if exponent == 1 else f"{generators[generator]}^{exponent}"
        for generator, exponent in relator[:period]
    )
    return text if period == length else f"({text})^{length // period}"


@dataclass(frozen=True, slots=True)
class Matrices(GroupSpec):
    """A matrix group over a finite field by generators, ``<[[0,1],[1,1]] | GF(2)>``.

    Parameters
    ----------
    field
        Number of elements q of the field, a prime power.
    degree
        Number of rows and columns.
    matrices
        The generators, row by row. If q is prime the entries are the integers 0 to q - 1 modulo
        q. If not, 0 stands for zero and e in 1 to q - 1 for z^(e - 1), with z = GAP's Z(q).

    Examples
    --------
    >>> Matrices(4, 2, (((2, 0), (0, 3)), ((0, 1), (1, 0)))).name
    '<[[z,0],[0,z^2]], [[0,1],[1,0]] | GF(4)>'
    """

    kind: ClassVar[str] = "matrices"
    field: int
    degree: int
    matrices: tuple[tuple[tuple[int, ...], ...], ...]

    def __post_init__(self) -> None:
        text = "a matrix group"
        check_range("a matrix group over GF({})", ("field size", self.field, 2, MAX_FIELD))
        if len(prime_factors(self.field)) > 1:
            raise refusal(
                text, f"the field size must be a prime power, and {self.field} is not one"
            )
        if not self.matrices:
            raise refusal(text, "at least one matrix is needed")
        if not 1 <= self.degree <= MAX_MATRIX_DEGREE:
            raise refusal(text, f"matrices must have 1 to {MAX_MATRIX_DEGREE} rows")
        if self.degree**2 * len(self.matrices) > MAX_ENTRIES // 10:
            raise refusal(
                text, f"the matrices have more than {MAX_ENTRIES // 10:,} entries together"
            )
        for number, matrix in enumerate(self.matrices):
            problem = self._problem(matrix)
            if problem:
                raise refusal(text, f"matrix {number} (counted from 0) {problem}")

    def _problem(self, matrix: tuple[tuple[int, ...], ...]) -> str:
        if len(matrix) != self.degree or any(len(row) != self.degree for row in matrix):
            return f"is not {self.degree} x {self.degree}: all must be square and of one size"
        if not all(0 <= entry < self.field for row in matrix for entry in row):
            return f"has an entry outside 0 to {self.field - 1}"
        if prime_factors(self.field) == [self.field] and not _is_invertible(matrix, self.field):
            return f"is not invertible over GF({self.field})"
        return ""

    @property
    def name(self) -> str:
        """The canonical name."""
        show = str if prime_factors(self.field) == [self.field] else _power_of_z
        texts = (
            "[" + ",".join(f"[{','.join(map(show, row))}]" for row in matrix) + "]"
            for matrix in self.matrices
        )
        return f"<{', '.join(texts)} | GF({self.field})>"


def _power_of_z(entry: int) -> str:
    return {0: "0", 1: "1", 2: "z"}.get(entry, f"z^{entry - 1}")


def _is_invertible(matrix: Sequence[Sequence[int]], prime: int) -> bool:
    rows = [list(row) for row in matrix]
    for column in range(len(rows)):
        pivot = next((i for i in range(column, len(rows)) if rows[i][column]), None)
        if pivot is None:
            return False
        rows[column], rows[pivot] = rows[pivot], rows[column]
        lead = rows[column]
        inverse = pow(lead[column], -1, prime)
        for i in range(column + 1, len(rows)):
            factor = rows[i][column] * inverse % prime
            if factor:
                rows[i] = [(x - factor * y) % prime for x, y in zip(rows[i], lead, strict=True)]
    return True
