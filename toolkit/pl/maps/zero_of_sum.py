r"""Whether a part of an activation that is no polynomial contributes to a map over several orbits.

Here the vectors on one line differ in length. Let p be the part without its polynomial, l a vector
on each line, and w_x = s r l for the points x of the line, with a sign s and a length r > 0. As
p is even or odd the line contributes

.. math:: g(t) = \sum_r p(r t) \, e_r, \qquad e_r = \sum_{x \text{ of length } r} (s) u_x,

with the sign for odd p, at t = <v, l>. Sums of such functions over different lines are 0, or a
polynomial, only if each g is a polynomial: a sum of functions <v, l> -> g(<v, l>) over pairwise
different lines that is one has polynomials as its terms. So

* if all e_r of all lines are 0 the part contributes nothing, whatever p is;
* if p is homogeneous of degree k, no polynomial, it contributes nothing exactly if the sums of
  r^k e_r are 0, line by line;
* if p(r_1 t), ..., p(r_k t) are linearly independent modulo polynomials for different r_i > 0, it
  contributes nothing only if all e_r are 0: the *free* parts of
  :class:`~toolkit.pl.activations.parity_parts.ParityPart`, those of tanh and hardtanh for instance;
* so it is for any p that is no polynomial if no line has more than one e_r that is not 0.

What is left, a function of the user's with several lengths on one line, is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import numpy as np

from toolkit.pl.maps.breaks import clusters

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from toolkit.modules.gsets.actions import IntArray
    from toolkit.pl.activations.parity_parts import ParityPart
    from toolkit.pl.arrangements.hyperplanes import Lines
    from toolkit.pl.maps.breaks import Terms

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

_TOLERANCE = 1e-9  # of the lengths that are added up


@dataclass(frozen=True)
class Contribution:
    """Whether what is no polynomial in a part adds nothing to a map.

    Parameters
    ----------
    vanishes
        Whether it does not.
    is_proved
        Whether that is proved, for vectors that are known exactly.
    reason
        In words.
    """

    vanishes: bool
    is_proved: bool
    reason: str


def contribution_of(
    part: ParityPart,
    parity: Literal["even", "odd"],
    lines: Lines,
    terms: Terms,
    measured: Callable[[Literal["even", "odd"]], bool],
) -> Contribution:
    """Decide whether the part contributes, by the criterion above.

    Parameters
    ----------
    part, parity
        The part, no polynomial, and which one it is.
    lines, terms
        The vectors of the map, and their lines.
    measured
        Returns whether the part of the map is 0 at some vectors.
    """
    odd = parity == "odd"
    used = np.flatnonzero(lines.line_of_point >= 0)
    own, signs = lines.line_of_point[used], np.sign(lines.factors[used])
    if part.rest == "homogeneous":
        degree = part.degree
        lengths = np.abs(lines.factors[used])
        found = _sums_vanish(
            terms, used, own, np.where(odd, signs, 1.0) * lengths**degree, (degree, odd, signs)
        )
        vanishes = bool(found[0].all())
        says = "add up to 0 on every line" if vanishes else "do not add up to 0 on a line"
        weighted = {0: "", 1: ", weighted by lengths,"}.get(
            degree, f", weighted by the power {degree} of lengths,"
        )
        return Contribution(vanishes, found[1], f"the vectors{weighted} {says}")
    kinds, compared = lengths_on_lines(lines, terms)
    zero, proved = _sums_vanish(
        terms, used, kinds[used], np.where(odd, signs, 1.0), (0, odd, signs)
    )
    if zero.all():
        says = "the vectors of each length add up to 0 on every line"
        return Contribution(True, proved, says)
    # of which line each kind is, and how many on it are there
    first = np.unique(kinds[used], return_index=True)[1]
    most = int(np.bincount(own[first], ~zero).max())
    says = "the vectors of one length do not add up to 0 on a line"
    if part.rest == "free" or most == 1:
        return Contribution(False, compared, says)
    is_small = measured(parity)
    says += f", and f(rt) for {most} lengths r is added up there: "
    says += "0 at all vectors tried" if is_small else "not 0"
    return Contribution(is_small, False, says)


def lengths_on_lines(lines: Lines, terms: Terms) -> tuple[IntArray, bool]:
    """Return per point a number, equal for vectors that are equal up to sign, and whether exactly.

    Parameters
    ----------
    lines, terms
        The vectors and their lines.

    Notes
    -----
    Vectors that are 0 get -1, others numbers from 0. Exact for exact vectors whose lengths are
    known; floats are compared to 1e-9 of the longest.
    """
    used = np.flatnonzero(lines.line_of_point >= 0)
    lengths = np.abs(lines.factors[used])
    key = lines.line_of_point[used] * (len(used) + 1) + clusters(lengths)
    exact, is_exact = terms.exact_vectors, False
    if exact is not None:
        # (w, 1) and (-w, -1) are proportional, (w, 1) and (2w, 1) are not
        heights = [Fraction(int(s)) for s in np.sign(lines.factors[used]).tolist()]
        key, is_exact = exact.compared(used, heights, key)
    out = np.full(len(lines.line_of_point), -1, dtype=np.intp)
    out[used] = np.unique(key, return_inverse=True)[1]
    return out, is_exact


def measured_size(
    f: Callable[[Floats], Floats],
    parity: Literal["even", "odd"],
    vectors: Floats,
    covectors: Floats,
) -> float:
    """Return how large the even or odd part of a map is at 64 vectors, relative to what it adds up.

    Parameters
    ----------
    f
        The activation.
    parity
        Which part of it.
    vectors, covectors
        ``(N, d)`` and ``(N, e)`` the w_x and the u_x.

    Notes
    -----
    The vectors are the same ones each time; inner products with them are between 0 and some 30.
    0 for a part that is 0; 1e-16 is rounding.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> measured_size(np.abs, "odd", one, one), measured_size(np.abs, "even", one, one)
    (0.0, 1.0)
    """
    rng = np.random.default_rng(0)
    points = rng.normal(size=(64, vectors.shape[1]))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    points *= 10.0 ** rng.uniform(-1, 1.5, size=(64, 1)) / np.linalg.norm(vectors, axis=1).max()
    inner = points @ vectors.T
    there, back = f(inner), f(-inner)
    values = (there + back) / 2 if parity == "even" else (there - back) / 2
    added = (np.abs(there) + np.abs(back)) @ np.linalg.norm(covectors, axis=1) / 2
    sizes = np.linalg.norm(values @ covectors, axis=1)
    return float(np.divide(sizes, added, out=np.zeros(len(sizes)), where=added > 0).max())


def _sums_vanish(
    terms: Terms,
    used: IntArray,
    group: IntArray,
    factors: Floats,
    exactly: tuple[int, bool, Floats],
) -> tuple[Bools, bool]:
    """Return per group whether its sum of multiples of the u_x is 0, and whether all is proved.

    ``exactly`` is the power of lengths that is in the factors, whether the sign is in them, and the
    signs. That a sum is not 0 needs no proof beyond floats, if the vectors are known.
    """
    many = int(group.max(initial=-1)) + 1
    covectors = terms.covectors[used]
    sums = np.zeros((many, covectors.shape[1]))
    np.add.at(sums, group, factors[:, None] * covectors)
    lengths = np.abs(factors) * np.linalg.norm(covectors, axis=1)
    sizes = np.bincount(group, lengths, minlength=many)
    zero: Bools = np.linalg.norm(sums, axis=1) <= _TOLERANCE * sizes
    if not terms.are_known or not zero.any():
        return zero, terms.are_known
    assert terms.exact_covectors is not None
    chosen = np.isin(group, np.flatnonzero(zero))
    number = np.unique(group[chosen], return_inverse=True)[1]
    power, is_odd, signs = exactly
    # powers of exact vectors carry the power of the sign
    left = signs if (power + is_odd) % 2 else np.ones(len(signs))
    numbers = [Fraction(int(x)) for x in left[chosen].tolist()]
    along = terms.exact_vectors if power else None
    proved = terms.exact_covectors.sums_vanish(used[chosen], number, numbers, along, power)
    if not terms.are_exact:
        return zero, bool(proved.all() or not zero.all())
    zero[zero] = proved
    return zero, True
