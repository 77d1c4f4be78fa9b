r"""The vectors gw of a map, exactly: integer sums of vectors whose inner products are known.

Let Y be a transitive G-set such that L occurs once in Fun(Y). The stabiliser of a point fixes one
vector of L then (up to End_G(L), which commutes with G), and the vectors n_y that belong to the
points have the inner products phi_L(y, y'), values of a spherical function: cyclotomic numbers.
Any vector w of L^H is a sum of the n_y, the same for points y that H exchanges, and

.. math:: w_x = \sum_y C(x, y) \, n_y,

with C constant on the orbitals of X x Y. So if C is given exactly, the coordinates <w_x, n_j> along
d of the n_y that are a basis of L are exact numbers, and whatever is to be decided about the w_x
is decided by them: which are proportional, which are dependent, whether a sum of them is 0. Numbers
are 0 if they are 0 modulo enough primes (:mod:`toolkit.exact.vanishing`): their conjugates belong
to the conjugate of L, whose spherical functions are bounded by 1, too.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from toolkit.cached import cached_property
from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.exact.residues import ResidueField, residue_product
from toolkit.exact.vanishing import real_degree, which_vanish
from toolkit.modules.gsets.actions import IntArray
from toolkit.pl.arrangements.exact_gram import match_values
from toolkit.pl.arrangements.exact_normals import most_primes, proved_lines, proved_points
from toolkit.pl.arrangements.projective import UnluckyPrimeError
from toolkit.pl.maps.scale import Scale

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from toolkit.pl.arrangements.projective import Points, Residues

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_ONE = Scale()
_SLACK = 1.000001  # bounds are added up in floating point
_LARGEST_TENSOR = 20_000  # entries of a tensor that is proved to be 0


@dataclass(frozen=True, eq=False)
class Reference:
    """The vectors n_y of a simple that occurs once in Fun(Y).

    Parameters
    ----------
    images
        ``(k, |Y|)`` images of the points under the generators.
    units
        ``(|Y|, d)`` the vectors in floating point, of length 1.
    basis
        ``(d,)`` points whose vectors are a basis of L.
    index
        ``(|Y|, d)`` which of the values the inner product with each vector of the basis is.
    values
        Real cyclotomic numbers.
    """

    images: IntArray
    units: Floats
    basis: IntArray
    index: IntArray
    values: tuple[Cyclotomic, ...]

    def is_same(self, other: Reference) -> bool:
        """Return whether another reference has the same vectors."""
        if self is other:
            return True
        mine, theirs = ((x.images, x.basis, x.index) for x in (self, other))
        alike = all(np.array_equal(x, y) for x, y in zip(mine, theirs, strict=True))
        close = alike and float(np.abs(self.units - other.units).max()) < 1e-9
        return close and self.values == other.values

    @classmethod
    def of(
        cls, images: IntArray, vectors: Floats, values: Sequence[Cyclotomic]
    ) -> Reference | None:
        """Return the reference of vectors, given the values that their inner products can have.

        ``None`` if that does not say which value each inner product is.
        """
        from scipy.linalg import lu

        units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        d = units.shape[1]
        if len(units) < d:
            return None
        place, _, triangle = lu(units, p_indices=True)
        if np.abs(np.diag(triangle)).min() < 1e-6:
            return None
        basis = np.argsort(place)[:d].astype(np.intp)
        gram = match_values(units @ units[basis].T, tuple(values))
        return None if gram is None else cls(images, units, basis, gram.index, gram.values)

    def scale_of_sum(self, points: IntArray, unit: Floats) -> Scale | None:
        """Return the number that makes the sum of some vectors a unit vector, if it is known.

        Parameters
        ----------
        points
            Their numbers; the sum is not 0.
        unit
            ``(d,)`` the unit vector, in floating point.

        Notes
        -----
        1 / the length, or minus that. The square of the length is a sum of the values; ``None`` if
        it is not rational.
        """
        gram = match_values(self.units[points] @ self.units[points].T, self.values)
        if gram is None:
            return None
        square = Cyclotomic.from_int(0)
        for value, count in zip(*np.unique(gram.index, return_counts=True), strict=True):
            square = square + self.values[value].scaled(Fraction(int(count)))
        if not square.is_rational:
            return None
        sign = 1 if float(self.units[points].sum(axis=0) @ unit) > 0 else -1
        return Scale(Fraction(sign), 1 / square.to_fraction())

    def alone(self) -> ExactVectors:
        """Return the vectors n_y themselves."""
        return ExactVectors(self)


def _ratio(scale: Scale | None, first: Scale | None) -> Cyclotomic | None:
    return None if scale is None or first is None else (scale / first).to_cyclotomic()


@dataclass(frozen=True, eq=False)
class ExactVectors:
    """Vectors w_x of L as exact sums of those of a reference.

    Parameters
    ----------
    reference
        The n_y.
    labels
        ``(N, |Y|)`` which of the coefficients stands before n_y in w_x; ``None`` for w_x = n_x.
    coefficients
        Real cyclotomic numbers.
    scale
        The vectors that are meant are these times this number; ``None`` if it is not known exactly.
    loose
        ``(N,)`` numbers of parts whose scales, measured by each other, are not known exactly;
        ``None`` if there is one part.
    directions
        Multiples of the vectors with smaller numbers; ``None`` for themselves.
    is_turned
        Whether the vectors that are meant are these turned by an element of End_G(L), which makes
        no difference to what is decided about them alone.

    Examples
    --------
    The three vectors of S3 on three points, and the sum of two of them, minus the third:

    >>> third = np.arange(3) * 2 * np.pi / 3
    >>> star = np.column_stack([np.cos(third), np.sin(third)])
    >>> values = [Cyclotomic.from_int(1), Cyclotomic.from_fraction(Fraction(-1, 2))]
    >>> three = Reference.of(np.array([[1, 2, 0]]), star, values)
    >>> one, none = Cyclotomic.from_int(1), Cyclotomic.from_int(0)
    >>> sums = ExactVectors(three, np.array([[0, 1, 1], [1, 0, 0]]), (none, one))
    >>> bool(np.abs(sums.to_float() - np.outer([-1, 1], star[0])).max() < 1e-15)
    True
    >>> lines, number = sums.points()
    >>> len(lines), bool(number[0] == number[1])
    (1, True)
    """

    reference: Reference
    labels: IntArray | None = None
    coefficients: tuple[Cyclotomic, ...] = ()
    scale: Scale | None = _ONE
    loose: IntArray | None = None
    directions: ExactVectors | None = None
    is_turned: bool = False

    def __len__(self) -> int:
        """Return the number of vectors."""
        return len(self.reference.units if self.labels is None else self.labels)

    @property
    def dimension(self) -> int:
        """The dimension of L."""
        return len(self.reference.basis)

    @property
    def has_scale(self) -> bool:
        """Whether the length of each vector is known exactly, compared to the others."""
        return self.loose is None

    def to_float(self) -> Floats:
        """Return ``(N, d)`` the sums in floating point, without the scale."""
        if self.labels is None:
            return self.reference.units
        weights = np.array([c.to_float() for c in self.coefficients])[self.labels]
        out: Floats = weights @ self.reference.units
        return out

    def only(self, kept: IntArray) -> ExactVectors:
        """Return some of the vectors, by their numbers."""
        labels, coefficients = self._written()
        loose = None if self.loose is None else self.loose[kept]
        return replace(
            self, labels=labels[kept], coefficients=coefficients, loose=loose, directions=None
        )

    def times(self, scale: Scale | None) -> ExactVectors:
        """Return the vectors times a number; ``None`` for one that is not known."""
        known = None if scale is None or self.scale is None else self.scale * scale
        return replace(self, scale=known)

    def times_each(self, numbers: Sequence[Fraction]) -> ExactVectors:
        """Return the vectors, each times a number of its own, by their coefficients.

        Parameters
        ----------
        numbers
            As many as there are vectors; few different ones.
        """
        place = {number: k for k, number in enumerate(dict.fromkeys(numbers))}
        if len(place) == 1:
            return self.times(Scale(*place))
        labels, coefficients = self._written()
        first = np.array([place[number] * len(coefficients) for number in numbers], dtype=np.intp)
        made = tuple(c.scaled(x) for x in place for c in coefficients)
        return replace(
            self,
            labels=labels + first[:, None],
            coefficients=made,
            directions=self.directions or self,
        )

    def _written(self) -> tuple[IntArray, tuple[Cyclotomic, ...]]:
        if self.labels is not None:
            return self.labels, self.coefficients
        pair = Cyclotomic.from_int(0), Cyclotomic.from_int(1)
        return np.eye(len(self.reference.units), dtype=np.intp), pair

    @classmethod
    def joined(cls, parts: Sequence[ExactVectors]) -> ExactVectors:
        """Return the vectors of several parts with one reference, one part after the other.

        Notes
        -----
        Scales go into the coefficients, compared to that of the first part. Where one is not known
        or their ratio no sum of few roots of unity, only directions are known of the whole.
        """
        if len(parts) == 1:
            return parts[0]
        ratios = [_ratio(part.scale, parts[0].scale) for part in parts]
        known = [x for x in ratios if x is not None]
        has_scale = len(known) == len(parts) and all(part.has_scale for part in parts)
        labels: list[IntArray] = []
        numbers: list[Cyclotomic] = []
        scaled: list[Cyclotomic] = []
        for place, part in enumerate(parts):
            own, coefficients = part._written()
            labels.append(own + len(numbers))
            numbers += coefficients
            scaled += [c * known[place] for c in coefficients] if has_scale else []
        joint = np.concatenate(labels)
        plain = cls(parts[0].reference, joint, tuple(numbers), None)
        if has_scale:
            numbers, scale = scaled, parts[0].scale
            return replace(plain, coefficients=tuple(numbers), scale=scale, directions=plain)
        loose: list[IntArray] = []
        for part in parts:
            before = 0 if not loose else int(loose[-1].max()) + 1
            inside = np.zeros(len(part), dtype=np.intp) if part.loose is None else part.loose
            loose.append(inside + before)
        return replace(plain, loose=np.concatenate(loose))

    # -- numbers --------------------------------------------------------------------------------

    @cached_property
    def conductor(self) -> int:
        """The coordinates lie in the field of so many roots of unity."""
        return ResidueField.common_conductor([*self.reference.values, *self.coefficients])

    @cached_property
    def denominator(self) -> int:
        """The coordinates times this are algebraic integers."""
        return math.prod(
            math.lcm(*(d for x in numbers for _, _, d in x.terms), 1)
            for numbers in (self.reference.values, self.coefficients)
        )

    @cached_property
    def sizes(self) -> Floats:
        """``(N,)`` bounds for the coordinates of each vector, and for their conjugates."""
        if self.labels is None:
            return np.ones(len(self))
        weights = np.array([float(c.weight) for c in self.coefficients])
        out: Floats = weights[self.labels].sum(axis=1) * _SLACK
        return out

    def residues(self, field: ResidueField) -> Ints:
        """Return ``(N, d)`` the coordinates modulo a prime."""
        inner = np.array(field.map(self.reference.values), dtype=np.int64)[self.reference.index]
        if self.labels is None:
            return inner
        weights = np.array(field.map(self.coefficients), dtype=np.int64)[self.labels]
        out: Ints = residue_product(weights, inner, field.prime)
        return out

    def points(
        self, which: IntArray | None = None, heights: Sequence[Fraction] | None = None
    ) -> tuple[Points, IntArray]:
        """Return the points of projective space that some of the vectors span, with proof.

        Parameters
        ----------
        which
            ``(n,)`` numbers of vectors; all if omitted.
        heights
            One more coordinate for each of them; then (0, ..., 0, 1) is added, too, last.

        Returns
        -------
        tuple
            The points, and ``(n,)`` or ``(n + 1,)`` which point each vector spans.

        Raises
        ------
        NotAvailable
            If the numbers are so large that too many primes are needed.
        """
        if heights is None and self.directions is not None:
            return self.directions.points(which)
        rows, bits = self._rows(which, heights)
        return proved_points(self.conductor, sum(bits[: self.dimension + 1]), rows)

    def line_numbers(
        self, which: IntArray | None = None, heights: Sequence[Fraction] | None = None
    ) -> IntArray:
        """Return ``(n,)`` equal numbers for proportional vectors, with proof.

        Parameters
        ----------
        which, heights
            As for :meth:`points`; but nothing is added.

        Notes
        -----
        Two rows are proportional if all minors of order 2 are 0: fewer primes than for points.
        """
        if heights is None and self.directions is not None:
            return self.directions.line_numbers(which)
        rows, bits = self._rows(which, heights)
        many = len(self) if which is None else len(which)
        return proved_lines(self.conductor, sum(bits[:2]), lambda field: rows(field)[:many])

    @property
    def are_comparable(self) -> bool:
        """Whether few enough primes prove which of the vectors are proportional."""
        own = self.directions or self
        bits = sum(own._rows(None, None)[1][:2])
        return bits + 1 < 30 * most_primes(len(own) * own.dimension)

    def compared(
        self, which: IntArray, heights: Sequence[Fraction], floats: IntArray
    ) -> tuple[IntArray, bool]:
        """Return equal numbers for proportional vectors with heights, and whether that is proved.

        Parameters
        ----------
        which, heights
            As for :meth:`line_numbers`.
        floats
            ``(n,)`` the same numbers as floats have it: what they say to be different is.

        Notes
        -----
        Proved unless floats say that vectors of different loose parts are proportional.
        """
        exact = self.line_numbers(which, heights)
        if self.loose is None:
            return exact, True
        own = np.unique(np.stack([exact, self.loose[which]]), axis=1, return_inverse=True)[1]
        both = np.unique(np.stack([own.ravel(), floats]), axis=1)
        return floats, both.shape[1] == int(own.max()) + 1 == len(np.unique(floats))

    def _rows(
        self, which: IntArray | None, heights: Sequence[Fraction] | None
    ) -> tuple[Callable[[ResidueField], Residues], list[float]]:
        """Return the residues of rows, and bits of the norms of their entries, largest first."""
        chosen = np.arange(len(self)) if which is None else which
        q = self.denominator
        tall = [Fraction(0)] * len(chosen) if heights is None else list(heights)
        scales = [math.lcm(q, k.denominator) for k in tall]
        degree = real_degree(self.conductor) * _SLACK
        bits = sorted(
            (
                degree * math.log2(s * math.sqrt(self.dimension * size**2 + float(k) ** 2))
                for s, size, k in zip(scales, self.sizes[chosen].tolist(), tall, strict=True)
            ),
            reverse=True,
        )

        def residues(field: ResidueField) -> Residues:
            if any(s % field.prime == 0 for s in set(scales)):
                raise UnluckyPrimeError
            rows = self.residues(field)[chosen]
            if heights is not None:
                column = [k.numerator * pow(k.denominator, -1, field.prime) for k in tall]
                column = [x % field.prime for x in column]
                rows = np.column_stack([rows, np.array(column, dtype=np.int64)])
                infinity = np.zeros((1, rows.shape[1]), dtype=np.int64)
                infinity[0, -1] = 1
                rows = np.concatenate([rows, infinity])
            return rows.astype(np.uint64)

        return residues, bits

    # -- sums -----------------------------------------------------------------------------------

    def sums_vanish(
        self,
        terms: IntArray,
        group: IntArray,
        factors: Sequence[Fraction],
        along: ExactVectors | None = None,
        power: int = 1,
    ) -> NDArray[np.bool_]:
        """Return of which sums of multiples of the vectors it is proved that they are 0.

        Parameters
        ----------
        terms
            ``(t,)`` the number of the vector in each term.
        group
            ``(t,)`` which sum it belongs to, from 0.
        factors
            ``(t,)`` what it is multiplied by.
        along
            Other vectors with the same numbers, proportional to each other within each sum: each
            term is multiplied by its own one, too, measured by the first in its sum.
        power
            The power of its own one that the term is multiplied by, from 0.

        Notes
        -----
        Exact: :func:`~toolkit.exact.vanishing.which_vanish`. The others are not 0, unless there are
        loose parts: then a sum is proved to be 0 if that of each part is.
        """
        parts = [x.loose[terms] for x in (self, along) if x is not None and x.loose is not None]
        if parts and terms.size:
            rows = np.stack([group, *parts])
            finer, place = np.unique(rows, axis=1, return_inverse=True)
            tight = replace(self, loose=None)
            beside = None if along is None else replace(along, loose=None)
            zero = tight.sums_vanish(terms, place.ravel(), factors, beside, power)
            out = np.ones(int(group.max()) + 1, dtype=np.bool_)
            np.logical_and.at(out, finer[0], zero)
            return out
        many = int(group.max(initial=-1)) + 1
        below = math.lcm(*(k.denominator for k in factors), 1)
        whole = [int(k * below) for k in factors]
        conductor, denominator = self.conductor, self.denominator
        bound = np.array([abs(float(k)) for k in whole]) * self.sizes[terms]
        column = np.zeros(len(terms), dtype=np.intp)
        if along is not None:
            conductor = math.lcm(conductor, along.conductor)
            denominator *= along.denominator**power
            bound = bound * along.sizes[terms] ** power
            largest = np.abs(along.to_float() @ along.reference.units[along.reference.basis].T)
            first = np.unique(group, return_index=True)[1]
            column = largest[terms[first]].argmax(axis=1)[group]
        largest_sum = float(np.bincount(group, bound, minlength=max(many, 1)).max(initial=1.0))

        def residues(field: ResidueField, __: NDArray[np.bool_]) -> Ints:
            p = field.prime
            scale = np.array([k % p for k in whole], dtype=np.int64)
            if along is not None:
                own = along.residues(field)[terms, column]
                for _ in range(power):
                    scale = scale * own % p
            out = np.zeros((many, self.dimension), dtype=np.int64)
            np.add.at(out, group, scale[:, None] * self.residues(field)[terms] % p)
            return out % p

        found = which_vanish(
            residues,
            (many, self.dimension),
            conductor=conductor,
            degree=real_degree(conductor),
            bits=math.log2(max(largest_sum * denominator, 1.0)) + 1,
            avoid=denominator,
        )
        return np.asarray(found.all(axis=1))

    def tensor_vanishes(self, degree: int, covectors: ExactVectors) -> bool | None:
        """Return whether the sum of w_x^degree times u_x is 0, with proof; ``None``: not known.

        Parameters
        ----------
        degree
            From 0 on.
        covectors
            The u_x, as many as there are w_x.

        Notes
        -----
        ``None`` for tensors of more than 20,000 entries, and where there are loose parts, unless
        the sum of each part is 0.
        """
        if self.loose is not None or covectors.loose is not None:
            rows = [x.loose for x in (self, covectors) if x.loose is not None]
            place = np.unique(np.stack(rows), axis=1, return_inverse=True)[1].ravel()
            for part in range(int(place.max()) + 1):
                kept = np.flatnonzero(place == part)
                into, out = (replace(x.only(kept), loose=None) for x in (self, covectors))
                if not into.tensor_vanishes(degree, out):
                    return None
            return True
        d, e = self.dimension, covectors.dimension
        many = math.comb(d + degree - 1, degree)
        if many * e > _LARGEST_TENSOR or many * len(self) > 1 << 24:
            return None
        choices = list(itertools.combinations_with_replacement(range(d), degree))
        conductor = math.lcm(self.conductor, covectors.conductor)
        denominator = self.denominator**degree * covectors.denominator
        bound = float(np.sum(self.sizes**degree * covectors.sizes)) * _SLACK

        def residues(field: ResidueField, _: NDArray[np.bool_]) -> Ints:
            p = field.prime
            rows, other = self.residues(field), covectors.residues(field)
            monomials = np.ones((len(rows), many), dtype=np.int64)
            for place, choice in enumerate(choices):
                for j in choice:
                    monomials[:, place] = monomials[:, place] * rows[:, j] % p
            out: Ints = residue_product(monomials.T.copy(), other, p)
            return out

        found = which_vanish(
            residues,
            (many, e),
            conductor=conductor,
            degree=real_degree(conductor),
            bits=math.log2(max(bound, 1.0)) + math.log2(denominator) + 1,
            avoid=denominator,
        )
        return bool(found.all())
