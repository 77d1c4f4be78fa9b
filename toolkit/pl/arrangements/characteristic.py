r"""Regions, Betti numbers and characteristic polynomial of any arrangement that users have.

Hyperplanes <v, n_i> = k_i that do not all pass through the origin become those of a cone, central
and of one dimension more: (n_i, -k_i), and (0, 1) at infinity. Its polynomial sum of b_k x^k is
(1 + x) times that of the affine arrangement.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from toolkit.cached import cached_property
from toolkit.errors import ConfigError
from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.pl.arrangements.counting import arrangement
from toolkit.pl.arrangements.exact_normals import exact_rows
from toolkit.pl.arrangements.flats import BettiNumbers, Progress, betti_numbers
from toolkit.pl.arrangements.given_symmetry import symmetric_points
from toolkit.pl.arrangements.hyperplanes import MERGED_BY_ROUNDING, find_lines, merged_words
from toolkit.pl.arrangements.limits import require_limit, require_progress
from toolkit.pl.arrangements.regions import RegionCount, number_of_regions
from toolkit.pl.arrangements.whitney_bounds import region_bounds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike

    from toolkit.pl.arrangements.projective import Points

#: Residues that are looked at before a count ends with bounds: minutes on one core.
MOST_WORK = 2e9


@dataclass(frozen=True)
class ArrangementNumbers:
    """What is known about the regions of an arrangement; see :func:`regions`.

    Parameters
    ----------
    dimension
        Of the space.
    hyperplanes
        How many different ones there are.
    rank
        The dimension of the span of their normals.
    is_central
        Whether all of them pass through the origin.
    betti
        b_0, b_1, ...: absolute values of the coefficients of the characteristic polynomial, from
        the highest. The first ones, if the work was limited; empty for floats.
    lower, upper
        Bounds for the number of regions; equal if it is known.
    certainty
        ``"exact"``; ``"numerical"`` if floats decided which hyperplanes meet; ``"bounds"`` if
        only bounds are proved; ``"lower bound"`` for floats, where ``upper`` is ``None``.
    reason
        How it was found.
    classes
        Per rank, how many classes of flats were told apart; empty for floats.

    Examples
    --------
    >>> import toolkit as tk
    >>> found = tk.regions([[1, 0], [0, 1], [1, 1]])
    >>> int(found), found.betti, found.characteristic_polynomial
    (6, (1, 3, 2), (1, -3, 2))
    """

    dimension: int
    hyperplanes: int
    rank: int
    is_central: bool
    betti: tuple[int, ...]
    lower: int
    upper: int | None
    certainty: str
    reason: str
    classes: tuple[int, ...] = field(default=(), repr=False)

    def __int__(self) -> int:
        """Return the number of regions.

        Raises
        ------
        ValueError
            If only bounds are known.
        """
        if self.lower != self.upper:
            raise ValueError(f"the number of regions is unknown; it is {self.words}")
        return self.lower

    def __str__(self) -> str:
        return f"{self.words} ({self.certainty})"

    @property
    def words(self) -> str:
        """The number for a sentence: "14", "between 26960 and 281660", "at least 40"."""
        if self.upper is None:
            return f"at least {self.lower}"
        if self.lower == self.upper:
            return str(self.lower)
        return f"between {self.lower} and {self.upper}"

    @property
    def characteristic_polynomial(self) -> tuple[int, ...] | None:
        """Coefficients from the power ``dimension`` of t down to 0; ``None`` if not all are known.

        Examples
        --------
        (t - 1)(t - 2)(t - 3), of the chambers of S4:

        >>> import toolkit as tk
        >>> braid = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1], [1, 1, 1]]
        >>> tk.regions(braid).characteristic_polynomial
        (1, -6, 11, -6)
        """
        if len(self.betti) != self.rank + 1:
            return None
        signed = [b if k % 2 == 0 else -b for k, b in enumerate(self.betti)]
        return tuple(signed + [0] * (self.dimension - self.rank))

    @cached_property
    def bounded(self) -> int | None:
        """How many regions are bounded modulo the directions that all hyperplanes contain.

        ``None`` if not all Betti numbers are known. 0 for hyperplanes through the origin.
        """
        if len(self.betti) != self.rank + 1:
            return None
        return abs(sum(b if k % 2 == 0 else -b for k, b in enumerate(self.betti)))


def regions(
    normals: ArrayLike | Sequence[Sequence[Any]],
    offsets: Sequence[Any] | None = None,
    *,
    group: Sequence[Any] | None = None,
    most_work: float = MOST_WORK,
    progress: Callable[[Progress], None] | None = None,
) -> ArrangementNumbers:
    r"""Count the regions into which hyperplanes cut a space, exactly.

    Parameters
    ----------
    normals
        ``(n, d)`` integers, fractions, real cyclotomic numbers, or floats: a normal vector for each
        hyperplane. Proportional normals define one hyperplane; their length does not matter.
    offsets
        ``(n,)`` numbers k: the hyperplanes are <v, normal> = k. By default all are 0.
    group
        Known symmetries: permutations of the hyperplanes as n 0-based images, or exact matrices
        ``(d, d)`` that act on vectors and permute the hyperplanes. They are optional, because
        symmetries are also searched for. They are checked exactly and replace the search for orbits
        of hyperplanes, which may miss some symmetries. They do not change the result, and the time
        only slightly.
    most_work
        A limit on the work, in residues examined; a billion take some minutes. At the limit, bounds
        are returned.
    progress
        A function that is called from time to time with a
        :class:`~toolkit.pl.arrangements.flats.Progress`.

    Returns
    -------
    ArrangementNumbers
        The number of regions (``int(...)``), the Betti numbers and the characteristic polynomial.

    Raises
    ------
    ConfigError
        If the normals are not a matrix of finite real numbers, or one of them is 0; if the number
        of offsets is wrong, or most_work is not a number; if the group does not consist of
        symmetries, or is given for floats.
    NotAvailable
        If numbers are so large that proofs of coincidences require more than 64 primes, or if
        floats are too close for a decision.

    Notes
    -----
    Exact for exact numbers, including floats that are integers. Every coincidence is decided modulo
    primes whose product cannot divide a non-zero determinant
    (:mod:`toolkit.pl.arrangements.exact_normals`). Flats with isomorphic restrictions are counted
    once (:mod:`toolkit.pl.arrangements.flats`). No group is needed: symmetries are searched for.
    The 8,378,070,864 regions of the 128 sign vectors (1, +-1, ..., +-1) in 8 dimensions take some
    twenty seconds. For other floats, coincidences are decided in floating point, and the result is
    ``"numerical"``.

    Zaslavsky, Facing up to arrangements (1975). Counting by restrictions up to symmetry:
    Brysiewicz, Eble, Kuhne, arXiv 2105.14542.

    Examples
    --------
    The hyperplanes of the 15 subsets of four numbers that add up to 0, and three lines that do not
    meet in one point:

    >>> import itertools
    >>> import toolkit as tk
    >>> subsets = [s for s in itertools.product((0, 1), repeat=4) if any(s)]
    >>> print(tk.regions(subsets))
    370 (exact)
    >>> turn = [[0, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
    >>> print(tk.regions(subsets, group=[turn]))
    370 (exact)
    >>> lines = tk.regions([[1, 0], [0, 1], [1, 1]], offsets=[0, 0, 1])
    >>> int(lines), lines.bounded
    (7, 1)
    """
    require_limit("most_work", most_work, "residues")
    require_progress(progress)
    given, exact, dimension = read_hyperplanes(normals, offsets)
    if not given:
        return ArrangementNumbers(0, 0, 0, True, (1,), 1, 1, "exact", "no hyperplanes")
    is_central = all(_is_zero(row[-1]) for row in given)
    if exact is None and group is not None:
        raise ConfigError(
            "group requires exact normals (integers, fractions or cyclotomic numbers), found "
            "floats: omit it for floats"
        )
    if exact is None:
        return _numerical(given, dimension, is_central)
    exact, _ = balanced(exact)
    if is_central:
        vectors = [row[:-1] for row in exact]
    else:
        infinity = [Cyclotomic.from_int(0)] * dimension + [Cyclotomic.from_int(1)]
        vectors = [[*row[:-1], -row[-1]] for row in exact] + [infinity]
    points, known = symmetric_points(vectors, group, is_cone=not is_central)
    found = betti_numbers(points, most_work=most_work, watch=progress, known=known)
    return _exact_numbers(points, found, dimension, is_central)


def read_hyperplanes(
    normals: ArrayLike | Sequence[Sequence[Any]], offsets: Sequence[Any] | None
) -> tuple[list[list[Any]], list[list[Cyclotomic]] | None, int]:
    """Return hyperplanes as rows of normal and offset, the same exactly, and the dimension.

    Parameters
    ----------
    normals, offsets
        As for :func:`regions`.

    Returns
    -------
    tuple
        Rows of d + 1 numbers; ``None`` for the exact ones if there are floats among them.

    Raises
    ------
    ConfigError
        As :func:`regions`.
    """
    rows = [list(row) for row in _matrix(normals)]
    dimension = len(rows[0]) if rows else 0
    try:
        heights = [0] * len(rows) if offsets is None else list(offsets)
    except TypeError:
        raise ConfigError(
            f"offsets must be a list, one number for each normal, found {offsets!r:.60}"
        ) from None
    if len(heights) != len(rows):
        raise ConfigError(
            f"offsets must be one for each of the {len(rows)} normals, found {len(heights)}"
        )
    exact = exact_rows([[*row, k] for row, k in zip(rows, heights, strict=True)])
    given = exact if exact is not None else [[*r, k] for r, k in zip(rows, heights, strict=True)]
    for number, row in enumerate(given):
        if all(_is_zero(x) for x in row[:-1]):
            raise ConfigError(f"normal {number} is 0: a normal must be non-zero")
    if any(isinstance(x, Cyclotomic) and not x.is_real for row in given for x in row):
        raise ConfigError("normals and offsets must be real numbers, found complex ones")
    return given, exact, dimension


def balanced(rows: list[list[Cyclotomic]]) -> tuple[list[list[Cyclotomic]], Fraction]:
    """Return exact hyperplanes in another unit of length, with small numbers, and the unit.

    Parameters
    ----------
    rows
        Normals, each with its offset.

    Returns
    -------
    tuple
        The rows with <v, normal> = offset for the vectors v / unit.

    Examples
    --------
    >>> given = [[Cyclotomic.from_int(x) for x in row] for row in [[300, 1], [200, 0]]]
    >>> rows, unit = balanced(given)
    >>> [[str(x) for x in row] for row in rows], unit
    ([['3', '1'], ['2', '0']], Fraction(1, 100))
    """
    normals = _content([x for row in rows for x in row[:-1]])
    heights = _content([row[-1] for row in rows])
    small = [
        [*(x.scaled(1 / normals) for x in row[:-1]), row[-1].scaled(1 / heights)] for row in rows
    ]
    return small, heights / normals


def _content(numbers: Sequence[Cyclotomic]) -> Fraction:
    """Return the largest rational number that divides all coefficients; 1 if all are 0."""
    terms = [(c, d) for x in numbers for _, c, d in x.terms]
    if not terms:
        return Fraction(1)
    return Fraction(math.gcd(*(c for c, _ in terms)), math.lcm(*(d for _, d in terms)))


def _is_zero(x: Any) -> bool:  # noqa: ANN401 - a number of any kind
    return not x.terms if isinstance(x, Cyclotomic) else bool(x == 0)


def _float(x: Any) -> float:  # noqa: ANN401 - a number of any kind
    return x.to_float() if isinstance(x, Cyclotomic) else float(x)


def _matrix(normals: Any) -> Any:  # noqa: ANN401 - what users have
    import numpy as np

    if isinstance(normals, np.ndarray) and normals.ndim != 2:
        raise ConfigError(
            "normals must be a matrix, one row for each hyperplane, found an array of shape "
            f"{normals.shape}"
        )
    rows = normals.tolist() if isinstance(normals, np.ndarray) else normals
    try:
        return [list(row) for row in rows]
    except TypeError:
        raise ConfigError(
            f"normals must be a matrix, one row for each hyperplane, found {rows!r:.60}"
        ) from None


def _exact_numbers(
    points: Points, found: BettiNumbers, dimension: int, is_central: bool
) -> ArrangementNumbers:
    n, rank, betti = len(points), points.dimension, found.numbers
    bounds = (sum(betti),) * 2
    if not found.is_complete:
        bounds = region_bounds([*betti, *([n] if len(betti) == 1 else [])], rank)
    if not is_central:
        n, rank, betti = n - 1, rank - 1, _without_cone(betti, rank)
        bounds = ((bounds[0] + 1) // 2, bounds[1] // 2)
    how = "Zaslavsky's theorem, over classes of flats"
    if not found.is_complete:
        how = f"the first {len(betti)} Betti numbers; the work was limited: raise most_work"
    is_known = bounds[0] == bounds[1]
    return ArrangementNumbers(
        *(dimension, n, rank, is_central, betti, *bounds),
        *("exact" if is_known else "bounds", how, found.classes),
    )


def _without_cone(betti: tuple[int, ...], rank: int) -> tuple[int, ...]:
    """Divide the polynomial by 1 + x."""
    out: list[int] = []
    for b in betti[:rank]:
        out.append(b - (out[-1] if out else 0))
    return tuple(out)


def _numerical(rows: list[list[Any]], dimension: int, is_central: bool) -> ArrangementNumbers:
    import numpy as np

    table = np.array([[_float(x) for x in row] for row in rows])
    table /= np.abs(table[:, :-1]).max(axis=1, keepdims=True)
    vectors = table[:, :-1]
    if not is_central:
        lengths = np.linalg.norm(vectors, axis=1)
        heights = table[:, -1] / lengths
        scale = float(np.abs(heights).max())
        cone = np.column_stack([vectors / lengths[:, None], -heights / scale])
        vectors = np.vstack([cone, np.eye(dimension + 1)[-1:]])
    lines = find_lines("an arrangement", vectors, np.arange(len(vectors))[None])
    a = arrangement(lines.normals)
    count: RegionCount = number_of_regions(a)
    known, why = count.certainty != "lower bound", count.reason
    if lines.spread > MERGED_BY_ROUNDING:
        known, why = False, f"{merged_words(lines.spread)}: {why}"
    number, n, rank = count.count, len(a), a.rank
    if not is_central:
        number, n, rank = (number + 1) // 2, n - 1, rank - 1
    return ArrangementNumbers(
        *(dimension, n, rank, is_central, (), number, number if known else None),
        *("numerical" if known else "lower bound", why),
    )
