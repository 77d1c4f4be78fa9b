"""The criterion on each orbit of a module."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from toolkit.errors import InconsistentAnswerError, NotAvailable
from toolkit.modules.module import require_module
from toolkit.modules.spherical import SphericalTable
from toolkit.pl.criterion.orbit import OrbitCriterion
from toolkit.text import is_local, label_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.module import Module
    from toolkit.modules.permutation_module import PermutationModule

    AnyModule: TypeAlias = Module | SphericalTable


def orbit_criteria(X: AnyModule) -> tuple[OrbitCriterion, ...]:
    """Return the criterion on each orbit of a module; of a spherical table, on its one.

    Raises
    ------
    NotAvailable
        If there are several orbits and their simples cannot be compared, or a signed orbit has a
        table whose columns are merged.
    """
    if isinstance(X, SphericalTable):
        return (_permutation_orbit(X),)
    require_module(X)
    same: dict[int, OrbitCriterion] = {}
    out = []
    if not X.has_signs:  # sheets would be as large as the module, which may be huge
        return tuple(
            same.setdefault(id(table), _permutation_orbit(table))
            for table in X.unsigned.orbit_tables
        )
    orbits = _signed_orbits(X)
    for orbit, opposite in orbits:
        table = orbit.spherical_table
        if len(orbits) > 1 and is_local(table.simples[0].label):
            raise NotAvailable(
                X.group,
                f"interactions in {X.name}",
                "its simples are known within each orbit only; take one of them (.orbits, --orbit)",
            )
        if opposite is None:
            out.append(same.setdefault(id(table), _permutation_orbit(table)))
        else:
            out.append(_signed_orbit(orbit, table, opposite))
    return tuple(out)


def _signed_orbits(X: Module) -> list[tuple[PermutationModule, IntArray | None]]:
    """Return what lies over each orbit, and per point of it the opposite one if there is one."""
    out: list[tuple[PermutationModule, IntArray | None]] = []
    for sheet in X.sheets:
        opposite = None
        if sheet.opposites is not None:
            opposite = np.empty(sheet.module.degree, dtype=np.intp)
            opposite[sheet.lifts], opposite[sheet.opposites] = sheet.opposites, sheet.lifts
        out.append((sheet.module, opposite))
    return out


def labels_of(orbits: Iterable[OrbitCriterion]) -> tuple[str, ...]:
    """Return the labels of the simples that occur on some orbits, in canonical order."""
    return tuple(sorted({label for orbit in orbits for label in orbit.labels}, key=label_key))


def _permutation_orbit(table: SphericalTable) -> OrbitCriterion:
    fixed = tuple(s.fixed_dimension for s in table.simples)
    return OrbitCriterion(table, tuple(range(len(fixed))), fixed, None, table.degree)


def _signed_orbit(
    piece: PermutationModule, table: SphericalTable, opposite: IntArray
) -> OrbitCriterion:
    from toolkit.modules.gsets.orbitals import Orbitals

    if not table.points:
        raise NotAvailable(
            table.group,
            f"signs on {table.module}",
            "the columns of its table are merged; construct the cover with coset_module",
        )
    base = piece.record.base
    orbitals = Orbitals(piece.images, known_count=table.rank)
    points = np.array(table.points, dtype=np.intp)
    both = np.concatenate([points, opposite[points]])
    labels = orbitals.labels_at(np.full(len(both), base), both).tolist()
    column = {label: c for c, label in enumerate(labels[: len(points)])}
    swap = tuple(column[label] for label in labels[len(points) :])
    rows, fixed = [], []
    for r, s in enumerate(table.simples):
        value = table.values[s.row[swap[0]]]
        share = Fraction(1 - value.to_fraction()) / 2 if value.is_rational else Fraction(-1)
        m = share * s.fixed_dimension
        if m.denominator != 1 or not 0 <= m <= s.fixed_dimension:
            raise InconsistentAnswerError(
                table.group, f"a whole multiplicity of {s.label} with the sign", str(m)
            )
        if m:
            rows.append(r)
            fixed.append(int(m))
    return OrbitCriterion(table, tuple(rows), tuple(fixed), swap, piece.degree // 2)
