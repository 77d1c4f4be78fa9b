"""The spherical table of a transitive set of commuting permutations, by formula."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from toolkit.modules.spherical import SphericalSimple, SphericalTable

if TYPE_CHECKING:
    from toolkit.groups.abelian_actions import AbelianAction


def abelian_spherical_table(
    action: AbelianAction, group: str, name: str, group_order: int
) -> SphericalTable:
    """Return the spherical table; the simples are in no order and have no labels yet.

    Parameters
    ----------
    action
        Of the group on the module's points.
    group, name
        Of the group and the module.
    group_order
        Of the group, of which a quotient acts.
    """
    n, e = len(action.elements), action.exponent
    used = np.unique(action.rows)
    simples = []
    for t, row in zip(action.characters, np.searchsorted(used, action.rows), strict=True):
        order = e // math.gcd(e, *t.tolist())
        simples.append(
            SphericalSimple(
                label="",
                dimension=1 if order <= 2 else 2,
                type="R" if order <= 2 else "C",
                multiplicity=1,
                action_order=order,
                kernel_order=group_order // order,
                row=tuple(row.tolist()),
            )
        )
    return SphericalTable(
        group=group,
        module=name,
        group_order=group_order,
        degree=n,
        simples=tuple(simples),
        values=tuple(map(action.cosine, used.tolist())),
        sizes=(group_order // n,) * n,
        points=tuple(range(n)),
        rank=n,
    )


def phases_of(
    action: AbelianAction, table: SphericalTable
) -> dict[str, tuple[Fraction, ...]] | None:
    """Return the phases t_j / e of each simple of a spherical table of this action, by label.

    Of the two conjugate characters the one with the lesser phases is taken. ``None`` if the
    columns of the table are merged.
    """
    if len(table.points) != len(action.elements) or table.points[0] != 0:
        return None
    e = action.exponent
    phase = {action.cosine(p): p for p in np.unique(action.rows).tolist()}
    place = {row.tobytes(): i for i, row in enumerate(action.rows[:, list(table.points)])}
    values = np.array([phase[v] for v in table.values], dtype=np.intp)
    return {
        s.label: tuple(
            Fraction(t, e) for t in action.characters[place[values[list(s.row)].tobytes()]].tolist()
        )
        for s in table.simples
    }
