r"""Which simples of different orbits are the same, without the group's character table.

For two transitive G-sets X and Y every G-map Fun(Y) -> Fun(X) is a combination of the orbitals of
X x Y. A simple L in Fun(X) and a simple K in Fun(Y) are isomorphic iff P_L R P_K is not 0 for some
such map R, P_L and P_K being the isotypic projectors, and then for all R off a proper subspace. R
and two vectors are chosen at random in a large prime field; what is not 0 there is not 0. That
nothing was missed is then certified by an integer: the number of orbitals is the sum of
m_L(X) m_L(Y) dim End(L) over the common simples. Where the permutations commute simples are
characters, which are compared (:mod:`toolkit.groups.abelian_actions`).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import InconsistentAnswerError, NotAvailable
from toolkit.exact.residues import ResidueField, modular_product, residue_field
from toolkit.groups.abelian_actions import AbelianAction, commute
from toolkit.modules.abelian_spherical import phases_of
from toolkit.modules.gsets.actions import IntArray
from toolkit.modules.gsets.orbitals import Orbitals
from toolkit.modules.spherical import SphericalTable
from toolkit.text import label_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from numpy.typing import NDArray

    from toolkit.modules.spherical import SphericalSimple

#: The largest number of pairs of points of two orbits that are looked at.
MOST_PAIRS = 40_000_000

_TRIALS = 5

_First = dict[tuple[int, str], tuple[int, str]]


@dataclass(frozen=True, eq=False)
class OrbitOfPoints:
    """A transitive G-set: the images of its points, its spherical table, and the table's base."""

    images: IntArray
    table: SphericalTable
    base: int

    @property
    def degree(self) -> int:
        """Number of points."""
        return int(self.images.shape[1])


def with_common_labels(
    group: str, name: str, orbits: Sequence[OrbitOfPoints]
) -> tuple[SphericalTable, ...]:
    """Return the spherical tables of several orbits with labels that they have in common.

    Parameters
    ----------
    group, name
        Of the group and the module, for messages.
    orbits
        The orbits. Their own labels tell their simples apart, and mean nothing beyond.

    Returns
    -------
    tuple of SphericalTable
        The same tables, with labels ``V0``, ``V1``, ... by dimension, type, order of the action,
        first orbit and place in it; equal labels are isomorphic simples.

    Raises
    ------
    NotAvailable
        If two orbits have more than :data:`MOST_PAIRS` pairs of points, or a table has merged
        columns.

    Notes
    -----
    Exact: see the module. Cost: the orbitals of every two orbits.
    """
    tables = [orbit.table for orbit in orbits]
    # orbits with the same images are the same
    same: dict[bytes, int] = {}
    for number, orbit in enumerate(orbits):
        same.setdefault(orbit.images.tobytes(), number)
    first = _first_by_characters(orbits) or _first_by_orbitals(group, name, orbits)

    def simple(place: tuple[int, str]) -> SphericalSimple:
        return tables[place[0]].simple(place[1])

    ordered = sorted(
        set(first.values()),
        key=lambda place: (
            simple(place).action_order != 1,
            simple(place).dimension,
            "RCH".index(simple(place).type),
            simple(place).action_order,
            place[0],
            label_key(place[1]),
        ),
    )
    label = {place: f"V{i}" for i, place in enumerate(ordered)}
    out: list[SphericalTable] = []
    for number, table in enumerate(tables):
        key = orbits[number].images.tobytes()
        twin = same[key]
        if twin < number and tables[twin] is table:
            out.append(out[twin])
            continue
        renamed = [replace(s, label=label[first[number, s.label]]) for s in table.simples]
        renamed.sort(key=lambda s: label_key(s.label))
        out.append(replace(table, simples=tuple(renamed)))
    return tuple(out)


def _first_by_characters(orbits: Sequence[OrbitOfPoints]) -> _First | None:
    """Return where each simple occurs first, ``None`` if the permutations do not commute."""
    first: _First = {}
    seen: dict[tuple[Fraction, ...], tuple[int, str]] = {}
    for number, orbit in enumerate(orbits):
        if orbit.base or not commute(orbit.images):
            return None
        phases = phases_of(AbelianAction.of_images(orbit.images), orbit.table)
        if phases is None:
            return None
        for label, t in phases.items():
            first[number, label] = seen.setdefault(t, (number, label))
    return first


def _first_by_orbitals(group: str, name: str, orbits: Sequence[OrbitOfPoints]) -> _First:
    """Return where each simple occurs first, from the orbitals between any two orbits."""
    conductor = ResidueField.common_conductor(v for orbit in orbits for v in orbit.table.values)
    field = residue_field(conductor, 1 << 29)
    chosen = random.Random(0)
    first: _First = {}
    vectors: list[list[list[int]]] = []
    # orbits with the same images are the same
    same: dict[bytes, int] = {}
    kept: list[int] = []
    for number, orbit in enumerate(orbits):
        key = orbit.images.tobytes()
        if key in same and orbits[same[key]].table.values == orbit.table.values:
            twin = same[key]
            for s, t in zip(orbit.table.simples, orbits[twin].table.simples, strict=True):
                first[number, s.label] = first[twin, t.label]
            vectors.append(vectors[twin])
            continue
        same[key] = number
        vectors.append(_isotypic_vectors(group, name, orbit, field, chosen))
        for s in orbit.table.simples:
            first[number, s.label] = (number, s.label)
        for other in kept:
            pairs = _matched(
                group,
                name,
                (orbits[other], vectors[other]),
                (orbit, vectors[number]),
                field,
                chosen,
            )
            for one, two in pairs:
                first[number, two] = first[other, one]
        kept.append(number)
    return first


def _isotypic_vectors(
    group: str, name: str, orbit: OrbitOfPoints, field: ResidueField, chosen: random.Random
) -> list[list[int]]:
    """Return, per simple of an orbit, a random vector of its isotypic part, in a prime field."""
    table, n, p = orbit.table, orbit.degree, field.prime
    if not table.points:
        raise NotAvailable(
            group, f"the simples of {name}", f"the columns of {table.module} are merged"
        )
    if n * n > MOST_PAIRS:
        raise NotAvailable(
            group,
            f"the simples of {name}",
            f"an orbit of {n:,} points has more than {MOST_PAIRS:,} pairs; use the .orbits",
        )
    orbitals = Orbitals(orbit.images, known_count=table.rank)
    base = np.full(len(table.points), orbit.base)
    column = np.empty(orbitals.count, dtype=np.intp)
    column[orbitals.labels_at(base, np.array(table.points))] = np.arange(len(table.points))
    labels = column[orbitals.labels]
    values = field.map(table.values)
    vector = np.array([chosen.randrange(p) for _ in range(n)], dtype=np.int64)
    sums = np.zeros((len(table.points), n), dtype=np.int64)
    for x in range(n):  # residues below 2^31: fewer than 2^31 of them in a sum
        sums[labels[x], np.arange(n)] += vector[x]
    phi = [[values[v] for v in s.row] for s in table.simples]
    return modular_product(phi, (sums % p).tolist(), p)


def _matched(
    group: str,
    name: str,
    one: tuple[OrbitOfPoints, list[list[int]]],
    two: tuple[OrbitOfPoints, list[list[int]]],
    field: ResidueField,
    chosen: random.Random,
) -> list[tuple[str, str]]:
    """Return the pairs of labels of isomorphic simples of two orbits, certified."""
    (X, vectors), (Y, others) = one, two
    p = field.prime
    if X.degree * Y.degree > MOST_PAIRS:
        raise NotAvailable(
            group,
            f"the simples of {name}",
            f"two orbits have more than {MOST_PAIRS:,} pairs of points; use the .orbits",
        )
    orbitals = Orbitals(X.images, Y.images)
    found: list[tuple[str, str]] = []
    for _ in range(_TRIALS):
        weights = np.array([chosen.randrange(p) for _ in range(orbitals.count)], dtype=np.int64)
        intertwiner: NDArray[np.int64] = weights[orbitals.labels]
        image = modular_product(vectors, intertwiner.tolist(), p)
        product = modular_product(image, [list(c) for c in zip(*others, strict=True)], p)
        found = []
        dimension = 0
        for s, row in zip(X.table.simples, product, strict=True):
            for t, entry in zip(Y.table.simples, row, strict=True):
                if entry:
                    found.append((s.label, t.label))
                    dimension += s.multiplicity * t.multiplicity * s.endomorphism_dimension
                    if (s.dimension, s.type, s.action_order) != (
                        t.dimension,
                        t.type,
                        t.action_order,
                    ):
                        raise InconsistentAnswerError(
                            group, f"{s.label} and {t.label} alike in {name}", "different simples"
                        )
        if dimension == orbitals.count:
            return found
    raise InconsistentAnswerError(
        group, f"{orbitals.count} orbitals between two orbits of {name}", str(found)
    )
