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

from toolkit.errors import ModuleMismatchError
from toolkit.library import change_of_group
from toolkit.nn.equivariant_linear import EquivariantLinear
from toolkit.nn.linear.copies import with_group_changed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.library.group import Group
    from toolkit.library.modules.construct import SubgroupLike
    from toolkit.modules.permutation_module import PermutationModule

    Change: TypeAlias = Callable[[PermutationModule], PermutationModule]


def restricted_layer(layer: EquivariantLinear, subgroup: SubgroupLike) -> EquivariantLinear:
    """Return the same function as a layer of a subgroup, which has more weights to train.

    Parameters
    ----------
    layer
        A layer of G.
    subgroup
        A class, a label (``"H4a"``) or generators, as for :meth:`toolkit.Group.coset_module`.

    Returns
    -------
    EquivariantLinear
        A layer between the restricted modules (:func:`toolkit.library.change_of_group.restrict`),
        on the same points. It has the same channels, initialisation, device and dtype, and the
        method that is cheapest for the subgroup.

    Raises
    ------
    ModuleMismatchError
        If ``layer`` is not an :class:`EquivariantLinear`, or there is no such subgroup.

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
    return layer.restrict(subgroup)


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
        For each generator of G its image in Q, as for
        :func:`toolkit.library.change_of_group.inflate`.

    Returns
    -------
    EquivariantLinear
        A layer with the same weights if the map is onto Q, else with more weights, as after a
        restriction.

    Raises
    ------
    ModuleMismatchError
        If ``layer`` is not an :class:`EquivariantLinear`, or the number of images is wrong.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C2").natural_module()
    >>> layer = tk.nn.EquivariantLinear(X, X, 2, 2)
    >>> inflated_layer(layer, tk.group("S3"), [{"word": []}, {"word": [0]}]).X.group
    'S3'
    """
    _require_layer(layer)
    return _with_group_changed(
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
        For each generator of H its image in G, as for
        :func:`toolkit.library.change_of_group.induce`.

    Returns
    -------
    EquivariantLinear
        A layer on |G:H| |X| points, beginning with those of the first coset. Its other weights,
        which mix cosets, are 0 and can be trained.

    Raises
    ------
    ModuleMismatchError
        If ``layer`` is not an :class:`EquivariantLinear`, or the elements do not embed H in G.

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
    return _with_group_changed(
        layer, lambda module: change_of_group.induce(module, group, embedding)
    )


def _require_layer(layer: object) -> None:
    if not isinstance(layer, EquivariantLinear):
        raise ModuleMismatchError(f"an EquivariantLinear is required, not {layer!r:.60}")


def _with_group_changed(layer: EquivariantLinear, change: Change) -> EquivariantLinear:
    X = with_group_changed(layer.X, change)
    Y = X if layer.Y is layer.X else with_group_changed(layer.Y, change)
    return layer.copied_between(X, Y)
