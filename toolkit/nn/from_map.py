"""Equivariant maps of :mod:`toolkit.library.statistics` and plain layers as equivariant layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from toolkit.errors import ModuleMismatchError
from toolkit.library.invariant_vectors import invariant_coordinates
from toolkit.library.statistics.coordinates import invariant_part
from toolkit.library.statistics.projection import project_to_hom
from toolkit.nn.equivariant_linear import EquivariantLinear

if TYPE_CHECKING:
    from toolkit.library.statistics.equivariant_map import EquivariantMap
    from toolkit.modules.module import Module


def layer_of_map(map_: EquivariantMap, bias: Any = None, **arguments: Any) -> EquivariantLinear:  # noqa: ANN401
    """Return the layer that computes an equivariant map plus an invariant function.

    Parameters
    ----------
    map_
        The map.
    bias
        ``(|Y|, out)`` or ``(|Y|,)`` an invariant function; ``None`` for a layer without bias.
    arguments
        As of :class:`EquivariantLinear`: ``method``, ``parametrization``, ``dtype``, ...

    Returns
    -------
    EquivariantLinear
        In the type and on the device of the map, if ``arguments`` name no others. Its parameters
        are new: nothing flows back to what the map was computed from.

    Examples
    --------
    >>> import numpy as np, toolkit as tk
    >>> X = tk.group("C3").regular_module()
    >>> shift = tk.project_to_hom(X, X, [[0, 1, 0], [0, 0, 1], [1, 0, 0]])
    >>> layer = layer_of_map(shift, np.ones(3))
    >>> layer(torch.tensor([[1.0], [2.0], [3.0]], dtype=torch.float64)).flatten().tolist()
    [3.0, 4.0, 2.0]
    """
    if map_.source != map_.X:  # its blocks are those of X, not of the dual module's own basis
        map_ = project_to_hom(map_.source, map_.Y, map_.matrix())
    like = _tensor(map_.like)
    arguments.setdefault("dtype", like.dtype)
    arguments.setdefault("device", like.device)
    layer = EquivariantLinear(
        map_.X, map_.Y, map_.in_channels, map_.out_channels, bias is not None, **arguments
    )
    if map_.has_orbitals:
        layer.set_weights(_tensor(map_.weights).to(layer.weight))
    elif map_.blocks:
        blocks = [
            _tensor(map_.blocks[label]).flatten(0, 2)
            for shape in layer.hom_space.blocks.shapes
            for label in shape.labels
        ]
        layer.set_weights(torch.cat(blocks).to(layer.weight), "fourier")
    if bias is not None and layer.bias is not None and layer.bias.numel():
        values = _tensor(bias).reshape(map_.Y.degree, map_.out_channels)
        reader = torch.from_numpy(invariant_coordinates(map_.Y)).to(values)
        with torch.no_grad():
            layer.bias.copy_((reader @ values).reshape(layer.bias.shape))
    return layer


def _tensor(values: Any) -> torch.Tensor:  # noqa: ANN401 - an array or a tensor
    found: torch.Tensor = torch.as_tensor(values)
    return found.detach()


def projected_layer(
    linear: nn.Linear,
    X: Module,
    Y: Module,
    **arguments: Any,  # noqa: ANN401 - those of the layer
) -> tuple[EquivariantLinear, float]:
    r"""Return the equivariant layer nearest to a plain layer, and the share that it keeps.

    The plain layer acts on functions of shape ``(..., |X|, in)`` flattened by ``x.flatten(-2)``;
    the numbers of channels follow from the sizes. Weight and bias are averaged over the group.

    Parameters
    ----------
    linear
        A layer from ``|X| in`` to ``|Y| out`` features.
    X, Y
        Modules of one group.
    arguments
        Arguments for :class:`EquivariantLinear`: ``method``, ``parametrization``, ...

    Returns
    -------
    tuple
        The layer, and the share of the squared norm of weight and bias that it keeps. The share is
        between 0 and 1, and equals 1 if and only if the plain layer is equivariant.

    Raises
    ------
    ModuleMismatchError
        If the numbers of features are not multiples of the numbers of points.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("D8").natural_module()
    >>> layer = tk.nn.EquivariantLinear(X, X, 2, 3)
    >>> again, share = projected_layer(layer.to_dense(), X, X)
    >>> torch.allclose(again.matrix(), layer.matrix()), round(share, 6)
    (True, 1.0)
    """
    if not isinstance(linear, nn.Linear):
        raise ModuleMismatchError(
            f"a torch.nn.Linear is required, not {type(linear).__name__}; for a matrix use "
            "tk.project_to_hom(X, Y, A).to_layer()"
        )
    found = project_to_hom(X, Y, linear.weight.detach())
    kept, whole = (float(m.square().sum()) for m in (found.matrix(), linear.weight.detach()))
    bias = None
    if linear.bias is not None:
        given = linear.bias.detach().reshape(Y.degree, -1)
        bias = invariant_part(found.Y, given)
        kept, whole = kept + float(bias.square().sum()), whole + float(given.square().sum())
    layer = layer_of_map(found, bias, **arguments)
    layer.train(linear.training)
    return layer, kept / whole if whole > 0 else 1.0
