r"""Vectors of a simple whose inner products are known exactly: where they are found.

If L occurs once in Fun(X) the vectors gw are such themselves. If it occurs more often, a subgroup S
is searched for such that L occurs once in Fun(G/S): dim L^S = dim End_G(L). The group that acts is
listed for that, if it is small; else S is one of the subgroups between H and G, which the block
systems of X show. The character of L at an element g is

.. math:: \chi_L(g) = \frac{\dim L}{|X|} \sum_x \varphi_L(x, x^g),

and the spherical function of G/S at the coset S t is the mean of chi_L over S t, divided by
dim End_G(L): sums of values of the spherical table of X with integer coefficients, exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import NotAvailable
from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.modules.gsets.actions import IntArray, schreier_forest
from toolkit.modules.gsets.block_systems import block_systems
from toolkit.modules.gsets.orbitals import Orbitals
from toolkit.modules.gsets.regular_action import regular_images
from toolkit.modules.gsets.regular_points import quotients
from toolkit.modules.spherical import SphericalTable
from toolkit.pl.arrangements.exact_gram import match_values
from toolkit.pl.maps.exact_vectors import ExactVectors, Reference
from toolkit.pl.maps.generic_numbers import generic_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: The largest group that is listed, and the most entries of its elements' images.
LARGEST_LISTED, _MOST_IMAGES = 2000, 1 << 22
_MOST_IN_BLOCKS, _MOST_SYSTEMS = 400, 200
_MOST_JOINED = 400  # elements that are joined to one subgroup
_MOST_PAIRS = 1 << 24  # of a point of X and a point of Y
_CLEAR = 1e-6  # of what is added up: vectors that are longer are not 0
_SCALE = 100  # generic coefficients are integers from half of it to one and a half times it


@dataclass(frozen=True, eq=False)
class Orbit:
    """A transitive part of a module with a simple in it.

    Parameters
    ----------
    images
        ``(k, N)`` images of its points.
    table
        Its spherical table.
    copies
        ``(m, d, N)`` the vectors of the m copies of L at the points, orthonormal rows.
    opposites
        ``(N,)`` per point the one with the opposite vector, for a signed module over these points;
        ``None`` for a permutation module.
    """

    images: IntArray
    table: SphericalTable
    copies: Floats
    opposites: IntArray | None = None


def reference_of_orbit(orbit: Orbit, label: str) -> Reference | None:
    """Return the reference of a transitive part in which L occurs once; ``None`` if it does not.

    Parameters
    ----------
    orbit
        The part.
    label
        Of L.
    """
    simple = orbit.table.simple(label)
    if simple.multiplicity != 1:
        return None
    values = [orbit.table.values[i] for i in sorted(set(simple.row))]
    return Reference.of(orbit.images, orbit.copies[0].T, values)


def reference_of_orbits(orbits: Sequence[Orbit], label: str) -> Reference | None:
    """Return a reference for the vectors of some transitive parts, or ``None``.

    Parameters
    ----------
    orbits
        The parts, L in each of them.
    label
        Of L.

    Notes
    -----
    The smallest part in which L occurs once. Else, if the group that acts on the parts has at most
    2,000 elements, G/S for a subgroup S of it: cyclic ones are tried first, then what up to 400
    elements generate together with each of them. Else the blocks of a block system of a part of
    at most 400 points.
    """
    for orbit in sorted(orbits, key=lambda part: part.images.shape[1]):
        found = reference_of_orbit(orbit, label)
        if found is not None:
            return found
    images = _joint_images(orbits)
    regular = regular_images(images, min(LARGEST_LISTED, _MOST_IMAGES // images.shape[1]))
    if regular is not None:
        return _Search(orbits[0], label, regular).found()
    for orbit in orbits:
        found = _reference_of_blocks(orbit, label)
        if found is not None:
            return found
    return None


def _reference_of_blocks(orbit: Orbit, label: str) -> Reference | None:
    """Return the reference of the blocks of a system, for the largest ones with L in them once."""
    many = orbit.images.shape[1]
    if many > _MOST_IN_BLOCKS:
        return None
    try:
        systems = block_systems(orbit.images, limit=_MOST_SYSTEMS)
    except NotAvailable:
        return None
    found = _indexed(orbit, label)
    if found is None:
        return None
    index, values = found
    floats = np.array([value.to_float() for value in values])
    multiplicity = orbit.table.simple(label).multiplicity
    for blocks in reversed(systems):
        inside = blocks == blocks[0]
        # L^S has as many dimensions as the mean of phi_L over the block says
        if round(multiplicity * float(floats[index[0, inside]].mean())) != 1:
            continue
        counts = np.zeros((int(blocks.max()) + 1, len(values)), dtype=np.int64)
        for row in index[inside]:
            np.add.at(counts, (blocks, row), 1)
        own = _combination(counts[blocks[0]].tolist(), values, Fraction(1))
        exact = {tuple(row) for row in counts.tolist()}
        inner = [_combination(list(row), values, Fraction(1)) / own for row in exact]
        first = np.unique(blocks, return_index=True)[1]
        sums = orbit.copies @ np.eye(len(counts))[blocks]
        largest = sums[np.linalg.norm(sums, axis=(1, 2)).argmax()]
        return Reference.of(blocks[orbit.images[:, first]], largest.T, list(dict.fromkeys(inner)))
    return None


def _indexed(orbit: Orbit, label: str) -> tuple[IntArray, list[Cyclotomic]] | None:
    """Return ``(N, N)`` which value phi_L has at each pair of points, and the values."""
    simple = orbit.table.simple(label)
    values = [orbit.table.values[i] for i in sorted(set(simple.row))]
    m, d, many = orbit.copies.shape
    flat = orbit.copies.reshape(m * d, many)
    gram = match_values(flat.T @ flat * (many / (m * d)), tuple(values))
    return None if gram is None else (gram.index, values)


def _joint_images(orbits: Sequence[Orbit]) -> IntArray:
    shift, out = 0, []
    for orbit in orbits:
        out.append(orbit.images + shift)
        shift += orbit.images.shape[1]
    return np.concatenate(out, axis=1)


class _Search:
    """A subgroup S of a listed group with dim L^S = dim End_G(L), and the vectors of G/S."""

    def __init__(self, orbit: Orbit, label: str, regular: IntArray) -> None:
        self.orbit, self.regular = orbit, regular
        self.simple = orbit.table.simple(label)
        #: x^-1 y for all elements x and y
        self.quotients = quotients(regular, range(regular.shape[1])).astype(np.int32)
        forest = schreier_forest(regular)
        self.elements = np.empty((regular.shape[1], orbit.images.shape[1]), dtype=np.intp)
        self.elements[0] = np.arange(orbit.images.shape[1])
        for level in forest.levels():
            step = orbit.images[forest.generator[level]]
            before = self.elements[forest.parent[level]]
            self.elements[level] = np.take_along_axis(step, before, axis=1)

    def found(self) -> Reference | None:
        found = _indexed(self.orbit, self.simple.label)
        if found is None:
            return None
        index, values = found
        _m, d, many = self.orbit.copies.shape
        #: per element how often each value stands at (x, x^g)
        self.counts = np.zeros((len(self.elements), len(values)), dtype=np.int64)
        across = np.arange(many)
        for g, element in enumerate(self.elements):
            self.counts[g] = np.bincount(index[across, element], minlength=len(values))
        floats = np.array([v.to_float() for v in values])
        self.character = self.counts @ floats * (d / many)
        for subgroup in self._subgroups():
            if self._fixed(subgroup) == 1:
                return self._reference(subgroup, values)
        return None

    def _fixed(self, subgroup: IntArray) -> int:
        """Return how often L occurs in Fun(G/S): an integer, rounded from floats."""
        mean = float(self.character[subgroup].mean())
        return round(mean / self.simple.endomorphism_dimension)

    def _subgroups(self) -> Iterator[IntArray]:
        """Yield subgroups that may do: cyclic ones, then larger ones, in a fixed order."""
        trivial = np.zeros(1, dtype=np.intp)
        cyclic: dict[bytes, IntArray] = {}
        kinds = np.unique(self.counts, axis=0, return_index=True)[1]
        for g in sorted(kinds.tolist()):
            own = self._closure(trivial, g)
            cyclic.setdefault(own.tobytes(), own)
        good = [s for s in cyclic.values() if self._fixed(s) >= 1]
        yield from sorted(good, key=lambda s: (self._fixed(s), -len(s)))
        rng = np.random.default_rng(0)
        for start in sorted(good, key=len, reverse=True):
            current = start
            for g in rng.permutation(len(self.elements))[:_MOST_JOINED].tolist():
                if g in current:
                    continue
                larger = self._closure(current, g)
                fixed = self._fixed(larger)
                if 1 <= fixed < self._fixed(current):
                    current = larger
                    if fixed == 1:
                        yield larger
                        break

    def _closure(self, subgroup: IntArray, g: int) -> IntArray:
        """Return the subgroup that another one and an element generate, sorted."""
        inside = np.zeros(len(self.elements), dtype=bool)
        inside[subgroup] = True
        front = subgroup
        while front.size:
            # whole cosets at once: s g t for s in the subgroup
            images = np.unique(self.quotients[g, front])
            fresh = images[~inside[images]]
            if not fresh.size:
                break
            front = np.unique(self.quotients[np.ix_(subgroup, fresh)])
            front = front[~inside[front]]
            inside[front] = True
            if 2 * int(inside.sum()) > len(inside):
                return np.arange(len(inside))
        return np.flatnonzero(inside)

    def _reference(self, subgroup: IntArray, values: list[Cyclotomic]) -> Reference | None:
        coset = self.quotients[subgroup].min(axis=0)
        first, place = np.unique(coset, return_inverse=True)
        images = place[self.regular[:, first]]
        # the mean of the character over each coset
        sums = np.zeros((len(first), len(values)), dtype=np.int64)
        np.add.at(sums, place, self.counts)
        _m, d, many = self.orbit.copies.shape
        scale = Fraction(d, many * len(subgroup) * self.simple.endomorphism_dimension)
        known = {
            tuple(row): _combination(row, values, scale) for row in np.unique(sums, axis=0).tolist()
        }
        exact = list(dict.fromkeys(known.values()))
        return Reference.of(images, self._vectors(subgroup, first), exact)

    def _vectors(self, subgroup: IntArray, first: IntArray) -> Floats:
        """Return the vectors of the cosets: rho(t)^-1 v for a v that S fixes."""
        copy = self.orbit.copies[0]
        # rho(t)^-1 v is the sum of <v, w_x> w_{x^t}
        average = np.zeros((copy.shape[0],) * 2)
        for t in subgroup:
            average += copy[:, self.elements[t]] @ copy.T
        average /= len(subgroup)
        fixed = average[:, np.linalg.norm(average, axis=0).argmax()]
        inner = fixed @ copy
        vectors = np.array([copy[:, self.elements[t]] @ inner for t in first])
        out: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return out


def _combination(row: list[int], values: list[Cyclotomic], scale: Fraction) -> Cyclotomic:
    total = Cyclotomic.from_int(0)
    for count, value in zip(row, values, strict=True):
        if count:
            total = total + value.scaled(scale * count)
    return total


# -- the vectors of a part as sums of those of a reference ----------------------------------------


def orbital_labels(images: IntArray, reference: Reference) -> IntArray | None:
    """Return ``(N, |Y|)`` the orbital of each point of X with each of Y; ``None``: too many."""
    if images.shape[1] * reference.images.shape[1] > _MOST_PAIRS:
        return None
    return Orbitals(images, reference.images).labels.astype(np.intp)


def generic_vectors(
    orbit: Orbit, label: str, reference: Reference, attempt: int, labels: IntArray
) -> ExactVectors | None:
    """Return vectors gw of a part with generic coefficients; ``None`` if they are 0.

    Parameters
    ----------
    orbit, label
        The part, and L.
    reference
        Vectors of L with known inner products.
    attempt
        Chooses the coefficients: the j-th orbital of X x Y, from 0, has the integer nearest to 100
        times the j-th of the :func:`~toolkit.pl.maps.generic_numbers.generic_numbers`; for a signed
        module less that of the orbital with the opposite sign.
    labels
        ``(N, |Y|)`` from :func:`orbital_labels`.

    Notes
    -----
    If L occurs once, w is unique up to End_G(L): one orbital is enough, the first one that gives a
    vector that is not 0.
    """
    once = orbit.table.simple(label).multiplicity == 1
    if once and np.array_equal(orbit.images, reference.images):
        return reference.alone()
    many = int(labels.max()) + 1
    if not once:
        numbers = [round(_SCALE * x) for x in generic_numbers(many, attempt).tolist()]
        if orbit.opposites is not None:
            first = np.unique(labels, return_index=True)[1]
            partner = labels[orbit.opposites].ravel()[first].tolist()
            numbers = [k - numbers[j] for k, j in zip(numbers, partner, strict=True)]
        found = ExactVectors(reference, labels, tuple(map(Cyclotomic.from_int, numbers)))
        return found if _is_clear(found, found.sizes) else None
    pair = Cyclotomic.from_int(0), Cyclotomic.from_int(1)
    for j in range(many):
        one = ExactVectors(reference, (labels == j).astype(np.intp), pair)
        if _is_clear(one, (labels == j).sum(axis=1)):
            return one
    return None


def _is_clear(exact: ExactVectors, sizes: NDArray[Any]) -> bool:
    """Return whether no vector is near 0, of the lengths that are added up."""
    return bool(np.linalg.norm(exact.to_float(), axis=1).min() > _CLEAR * sizes.max())
