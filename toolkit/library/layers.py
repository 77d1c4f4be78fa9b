"""Equivariant linear layers between modules: orbitals and bases, counted in two ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.errors import NotAvailable, NotCachedError
from toolkit.modules.permutation_module import (
    PermutationModule,
    hom_dimension,
    require_same_group,
)

if TYPE_CHECKING:
    from toolkit.modules.gsets.orbitals import Orbitals
    from toolkit.modules.layer_basis import LayerBasis

__all__ = ["layer_basis", "orbitals"]


def orbitals(X: PermutationModule, Y: PermutationModule | None = None) -> Orbitals:
    """Return the orbitals of Y x X: the pattern of every equivariant map Fun X -> Fun Y.

    Parameters
    ----------
    X, Y
        Modules of one group; Y = X if left out. Rows are points of Y, columns points of X.

    Raises
    ------
    ModuleMismatchError
        If they belong to different groups.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("S4").natural_module()
    >>> orbitals(X).sizes.tolist()
    [4, 12]
    """
    from toolkit.modules.gsets.orbitals import Orbitals

    target = X if Y is None else Y
    require_same_group(X, target)
    return Orbitals(target.images, X.images)


def layer_basis(X: PermutationModule, Y: PermutationModule | None = None) -> LayerBasis:
    """Return the basis of equivariant linear maps Fun X -> Fun Y: one 0/1 matrix per orbital.

    The number of orbitals is checked against the exact sum of m_L(X) m_L(Y) dim End(L) wherever
    the multiplicities are within reach.

    Parameters
    ----------
    X, Y
        Modules of one group; Y = X if left out.

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
    """
    from toolkit.modules.layer_basis import LayerBasis

    target = X if Y is None else Y
    basis = LayerBasis(orbitals(X, target))
    try:
        expected = hom_dimension(X, target)
    except (NotAvailable, NotCachedError):
        return basis  # the count by orbitals is exact by itself
    basis.check_count(expected, f"the maps from {X.name} to {target.name} of {X.group}")
    return basis
