"""Fourier bases of permutation and signed modules: computed once, certified, stored."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import InconsistentAnswerError, NotAvailable
from toolkit.groups.specs.tree import Product
from toolkit.library.fourier_record import StoredBasis, restored_basis, stored_basis
from toolkit.library.modules.class_words import classes_of_elements
from toolkit.library.modules.construct import regular_module
from toolkit.library.questions import ABELIAN_SUBGROUP, FOURIER_BASIS
from toolkit.memory import require_memory
from toolkit.modules.fourier.abelian_subgroup import AbelianSubgroup, find_abelian_subgroup
from toolkit.modules.fourier.basis import FourierBasis, fourier_basis_of_action, memory_of_basis
from toolkit.modules.fourier.sums import direct_sum
from toolkit.modules.gsets.orbitals import Orbitals
from toolkit.modules.gsets.regular_action import regular_images
from toolkit.modules.gsets.regular_points import quotients
from toolkit.text import is_local, label_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from toolkit.groups.character_table import RealType
    from toolkit.library.structure import GroupStructure
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.module import Module, Sheet
    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.modules.spherical import SphericalTable

#: The largest transitive part whose basis is computed.
LARGEST_DEGREE = 6000
_LISTED = 4096  # up to this order the regular module is the faithful one that is searched
_SEARCHED = 20_000  # up to this many given points an abelian subgroup is searched for
_STORED_BYTES = 1 << 23


def abelian_subgroup(group: GroupStructure) -> AbelianSubgroup:
    """Return the abelian subgroup behind the Fourier bases and fast transforms of a group.

    It is the same for every module of the group. The search uses the regular module up to order
    4096 and the natural action beyond; for a larger group without a natural action, or with one of
    more than 20,000 points, the subgroup is trivial.

    Examples
    --------
    >>> import toolkit as tk
    >>> abelian_subgroup(tk.group("D16")).orders
    (8,)
    """

    def compute() -> AbelianSubgroup:
        if isinstance(group.spec, Product):
            return _of_factors(group, group.spec)
        given = group.action_images
        if given is not None:  # neither facts nor GAP are needed
            regular = regular_images(given, _LISTED)
            if regular is None and given.shape[1] > _SEARCHED:
                return AbelianSubgroup()
            if regular is None:
                return find_abelian_subgroup(given, _LISTED + 1)
            return find_abelian_subgroup(regular, regular.shape[1])
        order = group.order_alone
        if order <= _LISTED:
            return find_abelian_subgroup(regular_module(group).images, order)
        images = group.natural_images  # a faithful action
        if images is None or images.shape[1] > _SEARCHED:
            return AbelianSubgroup()
        return find_abelian_subgroup(images, order)

    return group.session.fetch(group.name, ABELIAN_SUBGROUP, None, compute)


def _of_factors(group: GroupStructure, spec: Product) -> AbelianSubgroup:
    """Return the product of the factors' subgroups; generators of the first factor come first."""
    words: list[tuple[int, ...]] = []
    orders: list[int] = []
    shift = 0
    for factor in spec.factors:
        one = type(group)(factor, group.session)
        found = abelian_subgroup(one)
        words.extend(tuple(g + shift for g in word) for word in found.words)
        orders.extend(found.orders)
        shift += one.generator_count
    return AbelianSubgroup(tuple(words), tuple(orders))


def basis_on_points(group: GroupStructure, X: Module) -> FourierBasis:
    """Return the Fourier basis of a permutation or signed module of a group.

    See :func:`toolkit.fourier_basis`.
    """
    if X.has_signs:
        parts = [_sheet_basis(group, X, sheet, i) for i, sheet in enumerate(X.sheets, start=1)]
    else:
        parts = [_transitive_basis(group, orbit) for orbit in X.unsigned.orbits]
    points = [sheet.points for sheet in X.sheets]
    if len(parts) == 1 and np.array_equal(points[0], np.arange(X.degree)):
        return parts[0]
    if len(parts) > 1 and not X.has_signs and is_local(parts[0].simples[0].label):
        Y = X.unsigned
        parts = [
            _with_labels(part, orbit.spherical_table, table)
            for part, orbit, table in zip(parts, Y.orbits, Y.orbit_tables, strict=True)
        ]
    order = sorted({s.label for p in parts for s in p.simples}, key=label_key)
    if is_local(order[-1]) and len(parts) > 1 and X.has_signs:
        raise NotAvailable(
            X.group,
            f"the Fourier basis of {X.name}",
            "its simples are known within each transitive part only",
        )
    return direct_sum(X.name, parts, points, order)


def _with_labels(basis: FourierBasis, own: SphericalTable, common: SphericalTable) -> FourierBasis:
    """Return a basis of an orbit with the labels of another table of the same simples."""
    label_of_row = {s.row: s.label for s in common.simples}
    label = {s.label: label_of_row[s.row] for s in own.simples}
    simples = tuple(replace(s, label=label[s.label]) for s in basis.simples)
    return replace(basis, simples=simples)


# -- transitive permutation modules ---------------------------------------------------------------


def _transitive_basis(group: GroupStructure, X: PermutationModule) -> FourierBasis:
    if X.degree > LARGEST_DEGREE:
        raise NotAvailable(
            X.group,
            f"the Fourier basis of {X.name}",
            f"it has {X.degree} points, and bases are computed up to {LARGEST_DEGREE}",
        )
    widest = max(s.dimension * s.multiplicity for s in X.spherical_table.simples)
    require_memory(
        X.group,
        f"the Fourier basis of {X.name}",
        memory_of_basis(X.degree, widest),
        "a module with fewer points takes less",
    )
    key = getattr(X.backend, "key", None)
    remembered = group.fourier_bases.get(repr(key))
    if remembered is not None:
        return remembered
    made: list[FourierBasis] = []

    def compute() -> StoredBasis:
        made.append(_compute(group, X))
        return stored_basis(made[0], abelian_subgroup(group))

    bytes_needed = 16 * X.degree**2 // max(1, abelian_subgroup(group).order)
    if key is None or bytes_needed > _STORED_BYTES:
        basis = _compute(group, X)
    else:
        stored = group.session.fetch(group.name, FOURIER_BASIS, key, compute)
        basis = made[0] if made else restored_basis(stored, group.name, X)
    group.fourier_bases[repr(key)] = basis
    return basis


def _compute(group: GroupStructure, X: PermutationModule) -> FourierBasis:
    table = X.spherical_table
    return fourier_basis_of_action(
        group.name,
        X.name,
        X.images,
        None,
        group.order,
        abelian_subgroup(group),
        [(s.label, s.dimension, s.type, s.multiplicity) for s in table.simples],
        _Projections(group, X, table),
    )


class _Projections:
    """Rows of the projections to isotypic parts: (m_L dim L / |X|) phi_L(x^-1 y)."""

    def __init__(self, group: GroupStructure, X: PermutationModule, table: SphericalTable) -> None:
        self.values = table.to_numpy()
        self.scale = [s.multiplicity * s.dimension / X.degree for s in table.simples]
        self._columns = _columns(group, X, table)
        self._kept: tuple[bytes, IntArray] | None = None

    def columns(self, points: IntArray) -> IntArray:
        if self._kept is None or self._kept[0] != points.tobytes():
            self._kept = points.tobytes(), self._columns(points)
        return self._kept[1]

    def __call__(self, i: int, points: IntArray) -> NDArray[np.float64]:
        result: NDArray[np.float64] = self.scale[i] * self.values[i][self.columns(points)]
        return result


def _columns(
    group: GroupStructure, X: PermutationModule, table: SphericalTable
) -> Callable[[IntArray], IntArray]:
    """Return the function that gives, for points x, the table's columns ``(b, n)`` of x^-1 y."""
    images = X.images
    if not table.points:
        column = _class_columns(group)[classes_of_elements(group)]
        return lambda points: column[quotients(images, points)]
    orbitals = Orbitals(images, known_count=table.rank)
    if orbitals.count != len(table.points):
        raise InconsistentAnswerError(
            group.name, f"{len(table.points)} orbitals of {X.name}", str(orbitals.count)
        )
    base = np.full(len(table.points), X.record.base)
    number = np.empty(orbitals.count, dtype=np.intp)
    number[orbitals.labels_at(base, np.array(table.points))] = np.arange(orbitals.count)
    return lambda points: number[orbitals.labels[points]]


def _class_columns(group: GroupStructure) -> IntArray:
    """Return the column of the regular spherical table that each class was merged into."""
    table = group.character_table
    place: dict[tuple[int, ...], int] = {}
    return np.array(
        [
            place.setdefault(tuple(s.row[c] for s in table.simples), len(place))
            for c in range(len(table.class_sizes))
        ],
        dtype=np.intp,
    )


# -- orbits with signs ----------------------------------------------------------------------------


def _sheet_basis(group: GroupStructure, X: Module, sheet: Sheet, number: int) -> FourierBasis:
    """Return the basis of one orbit of points, from the permutation module over it."""
    points, lifts, signs = sheet.points, sheet.lifts, sheet.signs
    require_memory(
        X.group,
        f"the Fourier basis of {X.name}",
        memory_of_basis(points.size, points.size),
        "a module with fewer points takes less",
    )
    table = sheet.module.spherical_table
    rows = _Projections(group, sheet.module, table)

    def projection(i: int, at: IntArray) -> NDArray[np.float64]:
        own = rows(i, lifts[at])
        if sheet.opposites is not None:
            result: NDArray[np.float64] = own[:, lifts] - own[:, sheet.opposites]
            return result
        return own[:, lifts] * signs * signs[at, None]

    chosen: dict[int, tuple[str, int, RealType, int]] = {}
    for i, s in enumerate(table.simples):
        trace = float(projection(i, np.zeros(1, dtype=np.intp))[0, 0]) * points.size
        m = round(trace / s.dimension)
        if abs(trace / s.dimension - m) > 1e-6:
            raise InconsistentAnswerError(group.name, f"an integral {s.label}", str(trace))
        if m:
            chosen[i] = (s.label, s.dimension, s.type, m)
    kept = list(chosen)
    place = np.empty(X.degree, dtype=np.intp)
    place[points] = np.arange(points.size)
    return fourier_basis_of_action(
        group.name,
        X.name if points.size == X.degree else f"{X.name}, orbit {number}",
        place[X.images[:, points]],
        X.signs[:, points],
        group.order,
        abelian_subgroup(group),
        list(chosen.values()),
        lambda i, at: projection(kept[i], at),
    )
