r"""The weights of trimmed layers, from those of the layers themselves.

Let W be an equivariant map Fun X -> Fun Y whose input has only simples in A, and E_X and E_Y the
matrices from functions of blocks to functions of points
(:mod:`toolkit.interpret.trimming.points`).

*Gathered.* On such inputs W E_X u = E_Y u' with u' = E_Y^+ W E_X u, E_Y^+ the mean over each
block. E_Y^+ W E_X commutes with the group's action on the blocks: it has one weight for each
orbital of the blocks, a rational combination of the weights of W.

*By blocks.* W E_X u is also the sum over the L in A of B_Y^T (1 x W_L) B_X E_X u, B the Fourier
bases: only the W_L of simples that are present are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import torch

from toolkit.interpret.trimming.layers import Constant, FlatLinear, TrimmedLinear
from toolkit.modules.gsets.orbitals import Orbitals
from toolkit.modules.gsets.signed_orbitals import SignedOrbitals
from toolkit.modules.signed_module import SignedModule
from toolkit.nn.linear.blocks import BlockLayout
from toolkit.nn.linear.hom_space import OrbitalHomSpace, require_orbitals
from toolkit.nn.linear.methods.dense import DenseMethod
from toolkit.nn.linear.methods.spectral import DenseTransform, SpectralMethod
from toolkit.nn.linear.tensors.pull_back import InvariantFunctions

if TYPE_CHECKING:
    from torch import nn

    from toolkit.interpret.trimming.points import Merging
    from toolkit.nn.equivariant_linear import EquivariantLinear

#: How trimmed layers are stored and computed.
Form: TypeAlias = Literal["auto", "gathered", "blocks", "flat"]

_BASES = 1 << 22  # entries of a Fourier basis beyond which blocks are not looked for
_TABLE = 1 << 14  # entries of a table beyond which a layer that loses nothing stays as it is


def trimmed_linear(
    layer: EquivariantLinear,
    source: Merging,
    target: Merging,
    labels: tuple[str, ...],
    form: Form,
) -> nn.Module | None:
    """Return the layer between blocks of points; ``None`` if nothing can be removed.

    Parameters
    ----------
    layer
        The layer.
    source, target
        The blocks of X and of Y.
    labels
        The simples that pass through it.
    form
        ``"auto"``: by blocks if that has fewer weights and takes fewer operations, else gathered.
    """
    bias = _bias_of(layer, target)
    if layer.is_zero or not labels or source.size == 0 or target.size == 0:
        return _constant(layer, target, bias)
    layout = _layout(layer, labels) if form in ("auto", "blocks") else None
    keeps_points = source.is_trivial and target.is_trivial
    keeps_weights = layout is None or layout.count == layer.hom_space.count
    is_big = layer.method != "dense" and target.size * source.size > _TABLE
    if form == "auto" and keeps_points and keeps_weights and is_big:
        return None
    dense_cost = source.size * target.size * layer.in_channels * layer.out_channels
    if layout is not None and (
        form == "blocks"
        or (
            _cost(layout, layer, source, target) < dense_cost
            and layout.count < _orbitals(source, target).count
        )
    ):
        out = _by_blocks(layout, layer, source, target)
    else:
        gathered = _gathered(layer, source, target)
        if gathered is None:
            return _constant(layer, target, bias)
        weight, method = gathered
        if form == "flat":
            return _flat(weight, method, *bias)
        out = TrimmedLinear(weight, method, (target.size, source.size))
    out.set_bias(*bias)
    return out


def _constant(
    layer: EquivariantLinear,
    target: Merging,
    bias: tuple[torch.Tensor | None, InvariantFunctions | None],
) -> Constant:
    """Return the layer through which nothing passes: its bias, or 0."""
    constant = Constant(target.size, layer.out_channels)
    constant.set_bias(*bias)
    return constant


def _bias_of(
    layer: EquivariantLinear, target: Merging
) -> tuple[torch.Tensor | None, InvariantFunctions | None]:
    """Return the bias and the functions of the blocks that it gives; none if it is 0."""
    bias = layer.bias_values()
    if bias is None or not bool(bias.detach().any()):
        return None, None
    numbers, signs = _space(layer).invariants
    own = numbers[target.first], signs[target.first]
    return bias.detach(), InvariantFunctions(*own, len(bias), bias.device, bias.dtype)


def _space(layer: EquivariantLinear) -> OrbitalHomSpace:
    return require_orbitals(layer.hom_space, "trimming points", "trim no layer of it")


# -- gathered -------------------------------------------------------------------------------------


def _orbitals(source: Merging, target: Merging) -> Orbitals | SignedOrbitals:
    """Return the orbitals of the blocks."""
    (to, to_signs), (of, of_signs) = target.action, source.action
    if (to_signs == 1).all() and (of_signs == 1).all():
        return Orbitals(to, of)
    home = source.X.home
    return SignedOrbitals(
        SignedModule.from_signs(home, to, to_signs, f"blocks of {target.X.name}"),
        SignedModule.from_signs(home, of, of_signs, f"blocks of {source.X.name}"),
    )


def _gathered(
    layer: EquivariantLinear, source: Merging, target: Merging
) -> tuple[torch.Tensor, DenseMethod] | None:
    """Return a weight for each orbital of the blocks, and the method that gathers them.

    ``None`` if the signs of the blocks leave no orbital, so that nothing passes.
    """
    orbitals = _orbitals(source, target)
    labels = orbitals.labels.astype(np.int64)
    signs = orbitals.signs if isinstance(orbitals, SignedOrbitals) else None
    names, first = np.unique(labels, return_index=True)
    first = first[names >= 0]
    if not len(first):
        return None
    rows, starts = target.members()
    columns, ends = source.members()
    space = _space(layer)
    mixing = np.zeros((len(first), space.count))
    for number, (P, Q) in enumerate(zip(*np.unravel_index(first, labels.shape), strict=True)):
        p, q = rows[starts[P] : starts[P + 1]], columns[ends[Q] : ends[Q + 1]]
        found = space.labels[np.ix_(p, q)]
        factor = np.outer(target.signs[p], source.signs[q])
        if signs is not None:
            factor = factor * int(signs[P, Q])
        if space.signs is not None:
            factor = factor * space.signs[np.ix_(p, q)]
        alive = found >= 0
        np.add.at(mixing[number], found[alive], factor[alive] / len(p))
    weight = layer.orbit_weights()
    wide = torch.from_numpy(mixing) @ weight.double().cpu().flatten(1)
    own = wide.reshape(len(first), *weight.shape[1:]).to(weight)
    return own, DenseMethod(labels, signs, len(first), weight.device, weight.dtype)


def _flat(
    weight: torch.Tensor,
    method: DenseMethod,
    bias: torch.Tensor | None,
    functions: InvariantFunctions | None,
) -> FlatLinear:
    m, n = method.shape
    _, out, into = weight.shape
    matrix = method.operator(weight).reshape(into, n, m, out).permute(2, 3, 1, 0)
    if bias is not None and functions is not None:
        bias = functions.read(bias).expand(m, out).reshape(-1)
    return FlatLinear(matrix.reshape(m * out, n * into), bias, m)


# -- by blocks ------------------------------------------------------------------------------------


def _layout(layer: EquivariantLinear, labels: tuple[str, ...]) -> BlockLayout | None:
    """Return the blocks of some simples; ``None`` if bases are out of reach or too large."""
    space = layer.hom_space
    if max(space.shape) ** 2 > _BASES or not space.has_bases:
        return None
    layout = BlockLayout(*space.bases, labels)
    return layout if layout.count else None


def _cost(layout: BlockLayout, layer: EquivariantLinear, source: Merging, target: Merging) -> int:
    """Return how many products of numbers one input takes."""
    out, into = layer.out_channels, layer.in_channels
    total = 0
    for shape in layout.shapes:
        total += (
            shape.coordinates(1) * source.size * into + shape.coordinates(0) * target.size * out
        )
        inner, outer = shape.source * shape.ends * into, shape.target * shape.ends * out
        total += len(shape.labels) * shape.positions * inner * outer
    return total


def _by_blocks(
    layout: BlockLayout, layer: EquivariantLinear, source: Merging, target: Merging
) -> TrimmedLinear:
    blocks = layer.fourier_blocks()
    size = (-1, layer.out_channels, layer.in_channels)
    labels = [label for shape in layout.shapes for label in shape.labels]
    weight = torch.cat([blocks[label].reshape(size) for label in labels])
    place = (weight.device, weight.dtype)
    (to, of), (to_rows, of_rows) = layout.bases, layout.rows
    analysis = DenseTransform(of.matrix[of_rows] @ source.matrix, *place)
    synthesis = DenseTransform(to.matrix[to_rows][:, target.first], *place)
    method = SpectralMethod(layout.shapes, analysis, synthesis, *place)
    return TrimmedLinear(weight, method, (target.size, source.size))
