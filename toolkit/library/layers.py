"""Equivariant linear layers between modules: orbitals and bases, counted in two ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.errors import NotAvailable, NotCachedError
from toolkit.library.change_of_group import group_of_module
from toolkit.modules.module import (
    Module,
    common_kind,
    hom_dimension_by_characters,
    require_same_group,
)

if TYPE_CHECKING:
    from toolkit.modules.gsets.orbitals import Orbitals
    from toolkit.modules.gsets.signed_orbitals import SignedOrbitals
    from toolkit.modules.layer_basis import LayerBasis


def orbitals(
    X: Module, Y: Module | None = None, *, step_limit: int | None = None
) -> Orbitals | SignedOrbitals:
    """Return the orbitals of Y x X: the pattern of the equivariant maps from X to Y.

    Parameters
    ----------
    X, Y
        Permutation or signed modules of one group; by default Y = X. Rows are points of Y, columns
        points of X.
    step_limit
        The number of elementary steps that a proof of completeness may take; by default 2^34. If
        that is not enough, NotAvailable says how many are. Orbitals that were found with a given
        limit are kept with X, and layers between X and Y use them.

    Returns
    -------
    Orbitals or SignedOrbitals
        SignedOrbitals if one of the modules is signed.

    Raises
    ------
    ModuleMismatchError
        If they belong to different groups.

    Examples
    --------
    >>> import toolkit as tk
    >>> G = tk.group("S4")
    >>> X = G.natural_module()
    >>> orbitals(X).sizes.tolist()
    [4, 12]
    >>> V = G.signed_coset_module("H8a", [[0, 3, 2, 1], [2, 3, 0, 1]])
    >>> orbitals(V, X).sizes.tolist()
    [12]
    """
    target = X if Y is None else Y
    require_same_group(X, target)
    source, target = common_kind(X, target)
    return source.hom_basis(target, step_limit=step_limit)


def layer_basis(X: Module, Y: Module | None = None) -> LayerBasis:
    """Return the basis of equivariant linear maps from X to Y: one matrix per orbital.

    The entries are 0 and 1, and also -1 if one of the modules is signed. If the multiplicities are
    already stored, the number of orbitals is checked against the exact sum of m_L(X) m_L(Y) dim
    End(L). The basis itself needs only the generators and no facts about the group.

    Parameters
    ----------
    X, Y
        Permutation or signed modules of one group; by default Y = X.

    Returns
    -------
    LayerBasis
        Its matrices have a row for each point of Y and a column for each point of X.

    Raises
    ------
    ModuleMismatchError
        If they belong to different groups.
    InconsistentAnswerError
        If the two counts differ.

    Examples
    --------
    >>> import toolkit as tk
    >>> layer_basis(tk.group("C6").regular_module()).dimension
    6
    >>> plane = tk.SignedModule.from_signs(tk.group("C4"), [[1, 0]], [[1, -1]])
    >>> layer_basis(plane).expand([3, 5]).tolist()
    [[3, 5], [-5, 3]]
    """
    from toolkit.modules.layer_basis import LayerBasis

    target = X if Y is None else Y
    basis = LayerBasis(orbitals(X, target))
    group = group_of_module(X)
    if group.facts_at_hand is None or not group.session.where(group.name, "character_table"):
        return basis
    try:
        with group.session.without_gap():
            expected = hom_dimension_by_characters(X, target)
    except (NotAvailable, NotCachedError):
        return basis  # the number of orbitals needs no check: it is exact
    basis.check_count(expected, f"the maps from {X.name} to {target.name} of {X.group_title}")
    return basis
