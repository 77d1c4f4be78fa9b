"""The smallest permutation module that contains a given module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.library.change_of_group import group_of_module
from toolkit.modules.module import direct_sum, require_same_group
from toolkit.text import is_local

if TYPE_CHECKING:
    from toolkit.groups.subgroups import SubgroupClasses
    from toolkit.modules.module import Module

#: Where the subgroups are too many to list them all: up to this index, or four times dim V.
_INDEX = 128


def require_contained(V: Module, X: Module) -> None:
    """Raise ModuleMismatchError unless V is isomorphic to a submodule of Fun(X).

    Exact: each simple must occur in X at least as often as in V.
    """
    require_same_group(V, X)
    if not X.has_points or X.has_signs:
        raise ModuleMismatchError(
            f"a frame leads to functions on points, on which every activation acts: {X.name} of "
            f"{X.group_title} is no permutation module; leave it out, and one is chosen"
        )
    mine, other = V.multiplicities, X.multiplicities
    if V is not X and any(is_local(label) for label in (*mine, *other)):
        raise NotAvailable(
            V.group,
            f"a frame from {V.name} to {X.name}",
            "simples are known within each module only",
        )
    for label, m in mine.items():
        if other.get(label, 0) < m:
            raise ModuleMismatchError(
                f"a frame needs every simple of {V.name} in Fun(X) at least as often: {label} "
                f"occurs {m} times in it and {other.get(label, 0)} times in {X.name} of "
                f"{X.group_title}; leave X out, and one is chosen"
            )


def smallest_containing(V: Module) -> Module:
    """Return the permutation module of fewest points that contains a module V.

    A disjoint union of orbits G/H in which every simple L occurs at least m_L(V) times; of those
    with equally few points one with the fewest orbits. V itself if it is a permutation module.

    Raises
    ------
    NotAvailable
        If the group's subgroups are out of reach.

    Notes
    -----
    An integer program with a variable for each class of subgroups, solved by SciPy's HiGHS.

    Examples
    --------
    >>> import toolkit as tk
    >>> G = tk.group("S4")
    >>> smallest_containing(G.natural_module() * G.natural_module()).degree
    16
    """
    if V.has_points and not V.has_signs:
        return V
    from scipy.optimize import Bounds, LinearConstraint, milp

    wanted = V.multiplicities
    group = group_of_module(V)
    modules = [group.coset_module(c) for c in _subgroup_classes(V)]
    found = [X.multiplicities for X in modules]
    table = np.array([[m.get(label, 0) for m in found] for label in wanted], dtype=np.float64)
    needed = np.array(list(wanted.values()), dtype=np.float64)
    # points first, then orbits, of which there are never more than copies of simples
    costs = np.array([X.degree for X in modules]) * (needed.sum() + 1) + 1
    answer = milp(
        costs,
        constraints=LinearConstraint(table, lb=needed),
        integrality=np.ones(len(modules), dtype=np.int64),
        bounds=Bounds(lb=0),
    )
    if answer.x is None:
        raise NotAvailable(
            V.group,
            f"a permutation module that contains {V.name}",
            "the subgroups at hand do not suffice: name one, such as copies of the regular module",
        )
    counts = np.rint(answer.x).astype(int)
    orbits = [X for X, count in zip(modules, counts, strict=True) for _ in range(count)]
    return direct_sum(*orbits)


def _subgroup_classes(V: Module) -> SubgroupClasses:
    group = group_of_module(V)
    try:
        return group.subgroup_classes()
    except NotAvailable:
        return group.subgroup_classes(max_index=max(_INDEX, 4 * V.degree))
