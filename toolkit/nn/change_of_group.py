r"""Layers of one group from layers of another: restriction, induction, inflation.

Along a homomorphism H -> G (a subgroup, a quotient map) every G-equivariant map is H-equivariant:
the same function, a layer of H. For a subgroup it has

.. math:: \dim \mathrm{Hom}_H(\mathrm{Res} X, \mathrm{Res} Y)
          = \dim \mathrm{Hom}_G(X, \mathrm{Ind\,Res} Y)

weights for each pair of channels (Frobenius reciprocity), at least as many as before. Weights are
copied, never fitted: each orbital of H lies in one of G.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch

from toolkit.errors import ModuleMismatchError
from toolkit.library import change_of_group
from toolkit.modules.gsets.orbitals import Orbitals
from toolkit.modules.signed_module import SignedModule
from toolkit.nn.equivariant_linear import EquivariantLinear

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from toolkit.library.group import Group
    from toolkit.library.modules.construct import SubgroupLike
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.nn.linear.hom_space import Geometry, Module

    Change: TypeAlias = Callable[[PermutationModule], PermutationModule]
    #: Labels and signs of matrix entries: which weight they are; label -1 and sign 0 for none.
    Entries: TypeAlias = tuple[IntArray, NDArray[np.int8]]

__all__ = ["induced_layer", "inflated_layer", "restricted_layer"]


def restricted_layer(layer: EquivariantLinear, subgroup: SubgroupLike) -> EquivariantLinear:
    """Return the same function as a layer of a subgroup, which has more weights to train.

    Parameters
    ----------
    layer
        A layer of G.
    subgroup
        A class, a label (``"H4a"``) or generators, as :meth:`toolkit.Group.coset_module` takes
        it.

    Returns
    -------
    EquivariantLinear
        Between the restricted modules (:func:`toolkit.library.change_of_group.restrict`),
        on the same points; with the layer's channels, initialisation, device and dtype, and the
        method that is cheapest now.

    Raises
    ------
    ModuleMismatchError
        If this is no layer, or there is no such subgroup.

    Notes
    -----
    Orbit weights are copied without rounding; Fourier blocks are converted in float64.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("S4").natural_module()
    >>> layer = tk.nn.EquivariantLinear(X, X, 2, 2)
    >>> layer.parameters_count(), restricted_layer(layer, [[1, 2, 0, 3]]).parameters_count()
    (10, 28)
    """
    _require_layer(layer)
    return _with_weights_of(layer, lambda module: change_of_group.restrict(module, subgroup))


def inflated_layer(
    layer: EquivariantLinear, group: Group, projection: Sequence[Any]
) -> EquivariantLinear:
    """Return the same function as a layer of a group that acts through a quotient.

    Parameters
    ----------
    layer
        A layer of Q.
    group
        G.
    projection
        Per generator of G its image in Q, as for
        :func:`toolkit.library.change_of_group.inflate`.

    Returns
    -------
    EquivariantLinear
        With the same weights, if the map is onto Q; else more, as for a restriction.

    Raises
    ------
    ModuleMismatchError
        If this is no layer, or the number of images is wrong.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C2").natural_module()
    >>> layer = tk.nn.EquivariantLinear(X, X, 2, 2)
    >>> inflated_layer(layer, tk.group("S3"), [{"word": []}, {"word": [0]}]).X.group
    'S3'
    """
    _require_layer(layer)
    return _with_weights_of(
        layer, lambda module: change_of_group.inflate(module, group, projection)
    )


def induced_layer(
    layer: EquivariantLinear, group: Group, embedding: Sequence[Any]
) -> EquivariantLinear:
    """Return the induced map between induced modules: a copy of the layer for each coset.

    Parameters
    ----------
    layer
        A layer of H.
    group
        G, which contains H.
    embedding
        Per generator of H its image in G, as for
        :func:`toolkit.library.change_of_group.induce`.

    Returns
    -------
    EquivariantLinear
        On |G:H| |X| points, those of the first coset first. Its other weights, which mix cosets,
        are 0 and can be trained.

    Raises
    ------
    ModuleMismatchError
        If this is no layer, or the elements do not embed H in G.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C3").natural_module()
    >>> layer = tk.nn.EquivariantLinear(X, X, 1, 1, bias=False)
    >>> bigger = induced_layer(layer, tk.group("S3"), [[1, 2, 0]])
    >>> bigger.X.degree, bigger.parameters_count(), int((bigger.orbit_weights() != 0).sum())
    (6, 6, 3)
    """
    _require_layer(layer)
    return _with_weights_of(layer, lambda module: change_of_group.induce(module, group, embedding))


def _require_layer(layer: object) -> None:
    if not isinstance(layer, EquivariantLinear):
        raise ModuleMismatchError(f"an EquivariantLinear is required, not {layer!r:.60}")


def _changed(module: Module, change: Change) -> Module:
    """Apply a change of group to a module; to the cover of a signed one."""
    if not isinstance(module, SignedModule):
        return change(module)
    # induced covers have their pairs of points together, as the coset is the slower number
    cover = change(module.cover)
    return SignedModule(cover.name.replace("cover of ", "", 1), cover)


def _with_weights_of(old: EquivariantLinear, change: Change) -> EquivariantLinear:
    """Return a layer of copies of the old one's matrix: one, or one for each coset."""
    X = _changed(old.X, change)
    Y = X if old.Y is old.X else _changed(old.Y, change)
    new = EquivariantLinear(
        X,
        Y,
        old.in_channels,
        old.out_channels,
        old.bias is not None,
        "auto",
        old.weight.device,
        old.weight.dtype,
        init=old.init,
        batch_hint=old.batch_hint,
    )
    m, n = old.geometry.shape
    rows, columns, signs = _representatives(new.geometry)
    labels, factors = old.geometry.entries(rows % m, columns % n)
    factors = np.where(rows // m == columns // n, factors * signs, 0)
    new.set_weights(_gathered(old.orbit_weights(), labels, factors))
    if old.bias is not None and new.bias is not None:
        points, signs = _first_points(*new.geometry.invariants)
        labels, own = old.geometry.invariants
        with torch.no_grad():
            new.bias.copy_(_gathered(old.bias, labels[points % m], own[points % m] * signs))
        new.bias.requires_grad_(old.bias.requires_grad)
    new.weight.requires_grad_(old.weight.requires_grad)
    return new.train(old.training)


def _representatives(geometry: Geometry) -> tuple[IntArray, IntArray, NDArray[np.int8]]:
    """Return a row, a column and the sign there for each orbital."""
    if isinstance(geometry.orbitals, Orbitals):
        rows, columns = geometry.orbitals.representatives.T
        return rows, columns, np.ones(rows.size, dtype=np.int8)
    names, first = np.unique(geometry.labels, return_index=True)
    rows, columns = np.unravel_index(first[names >= 0], geometry.shape)
    assert geometry.signs is not None
    return rows, columns, geometry.signs[rows, columns]


def _first_points(labels: IntArray, signs: NDArray[np.int8]) -> Entries:
    """Return the first point of each invariant function, and its sign there."""
    names, first = np.unique(labels, return_index=True)
    points = first[names >= 0]
    return points, signs[points]


def _gathered(values: torch.Tensor, labels: IntArray, factors: NDArray[Any]) -> torch.Tensor:
    """Return values by label times a sign, 0 for none."""
    if len(values) == 0:
        return values.new_zeros(len(labels), *values.shape[1:])
    index = torch.from_numpy(np.maximum(labels, 0).astype(np.int64)).to(values.device)
    weights = torch.from_numpy(np.where(labels < 0, 0, factors).astype(np.float64)).to(values)
    found = values.detach().index_select(0, index)
    return found * weights.reshape(-1, *[1] * (found.dim() - 1))
