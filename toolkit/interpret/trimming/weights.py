r"""The weights of trimmed layers, from those of the layers themselves.

Let W be an equivariant map Fun X -> Fun Y whose input has only simples in A, E_X and E_Y the
matrices from functions of blocks to functions of points (:mod:`.trimmed_points`).

*Gathered.* On such inputs W E_X u = E_Y u' with u' = E_Y^+ W E_X u, E_Y^+ the mean over each
block. E_Y^+ W E_X commutes with the group's action on the blocks: it has one weight for each
orbital of the blocks, a rational combination of the weights of W.

*By blocks.* W E_X u is also the sum over the L in A of B_Y^T (1 x W_L) B_X E_X u, B the Fourier
bases: only the W_L of simples that are there are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import torch

from toolkit.interpret.trimming.layers import (
    BlockLinear,
    Constant,
    FlatLinear,
    GatheredLinear,
    ShapeOfBlocks,
)
from toolkit.interpret.trimming.points import Merging
from toolkit.modules.fourier.copies import END_UNITS
from toolkit.modules.gsets.orbitals import Orbitals
from toolkit.modules.gsets.signed_orbitals import SignedOrbitals
from toolkit.modules.signed_module import SignedModule
from toolkit.nn.linear.blocks import BlockPlan, Shape

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import nn

    from toolkit.modules.gsets.actions import IntArray
    from toolkit.nn.equivariant_linear import EquivariantLinear

__all__ = ["Form", "trimmed_linear"]

#: How trimmed layers are stored and computed.
Form: TypeAlias = Literal["auto", "gathered", "blocks", "flat"]

_BASES = 1 << 22  # entries of a Fourier basis beyond which blocks are not looked for
_TABLE = 1 << 24  # entries of a table of weights beyond which a layer that keeps all stays as it is


def trimmed_linear(
    layer: EquivariantLinear,
    source: Merging,
    target: Merging,
    labels: tuple[str, ...],
    form: Form,
) -> nn.Module | None:
    """Return the layer between blocks of points; ``None`` if nothing can be taken from it.

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
    if layer.is_zero or not labels or source.size == 0 or target.size == 0:
        out: nn.Module = Constant(target.size, layer.out_channels)
        return _with_bias(out, layer, target)
    blocks = _Blocks.of(layer, source, target, labels) if form in ("auto", "blocks") else None
    keeps_points = source.is_trivial and target.is_trivial
    keeps_weights = blocks is None or blocks.count == layer.geometry.count
    is_big = layer.method != "dense" and target.size * source.size > 1 << 14
    if form == "auto" and keeps_points and keeps_weights and is_big:
        return None
    if blocks is not None and form == "blocks":
        return _with_bias(blocks.layer(), layer, target)
    if blocks is not None and blocks.cost < source.size * target.size * _channels(layer):
        gathered_count = 0 if blocks.count == 0 else _orbitals(source, target).count
        if blocks.count < gathered_count:
            return _with_bias(blocks.layer(), layer, target)
    gathered = _gathered(layer, source, target)
    if form == "flat":
        return _flat(gathered, layer, target)
    return _with_bias(gathered, layer, target)


def _channels(layer: EquivariantLinear) -> int:
    return layer.in_channels * layer.out_channels


def _bias_of(
    layer: EquivariantLinear, target: Merging
) -> tuple[torch.Tensor | None, IntArray, NDArray[np.int8]]:
    """Return the bias of the blocks: its rows, the row of each block, and its sign."""
    bias = layer.bias
    if bias is None or not bool(bias.detach().any()):
        return None, np.empty(0, dtype=np.intp), np.empty(0, dtype=np.int8)
    numbers, signs = layer.geometry.invariants
    return bias.detach(), np.maximum(numbers[target.first], 0), signs[target.first]


def _with_bias(
    out: Constant | GatheredLinear | BlockLinear | nn.Module,
    layer: EquivariantLinear,
    target: Merging,
) -> nn.Module:
    assert isinstance(out, Constant | GatheredLinear | BlockLinear)
    out.set_bias(*_bias_of(layer, target))
    return out


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


def _gathered(layer: EquivariantLinear, source: Merging, target: Merging) -> GatheredLinear:
    orbitals = _orbitals(source, target)
    labels = orbitals.labels.astype(np.int64)
    signs = np.ones(labels.shape, dtype=np.int8)
    if isinstance(orbitals, SignedOrbitals):
        signs = orbitals.signs
    names, first = np.unique(labels, return_index=True)
    first = first[names >= 0]
    rows, starts = target.members()
    columns, ends = source.members()
    old, old_signs = layer.geometry.labels, layer.geometry.signs
    mixing = np.zeros((len(first), layer.geometry.count))
    for number, (P, Q) in enumerate(zip(*np.unravel_index(first, labels.shape), strict=True)):
        p, q = rows[starts[P] : starts[P + 1]], columns[ends[Q] : ends[Q + 1]]
        found = old[np.ix_(p, q)]
        factor = np.outer(target.signs[p], source.signs[q]) * int(signs[P, Q])
        if old_signs is not None:
            factor = factor * old_signs[np.ix_(p, q)]
        alive = found >= 0
        np.add.at(mixing[number], found[alive], factor[alive] / len(p))
    weight = layer.orbit_weights()
    wide = torch.from_numpy(mixing) @ weight.double().cpu().flatten(1)
    return GatheredLinear(wide.reshape(len(first), *weight.shape[1:]).to(weight), labels, signs)


def _flat(gathered: GatheredLinear, layer: EquivariantLinear, target: Merging) -> FlatLinear:
    m, n = gathered.degrees
    _, out, into = gathered.weight.shape
    matrix = gathered.matrix().detach().reshape(into, n, m, out).permute(2, 3, 1, 0)
    rows, index, signs = _bias_of(layer, target)
    bias = None
    if rows is not None:
        place = torch.from_numpy(index).to(rows.device)
        bias = rows[place] * torch.from_numpy(signs).to(rows)[:, None]
    flat = None if bias is None else bias.reshape(-1)
    return FlatLinear(matrix.reshape(m * out, n * into), flat, m)


# -- by blocks ------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Blocks:
    """The blocks of the simples that pass."""

    source: Merging
    target: Merging
    channels: tuple[int, int]
    plan: BlockPlan
    chosen: tuple[tuple[Shape, tuple[int, ...]], ...]
    weight: torch.Tensor

    @classmethod
    def of(
        cls, layer: EquivariantLinear, source: Merging, target: Merging, labels: tuple[str, ...]
    ) -> _Blocks | None:
        """Return them; ``None`` if bases are out of reach or too large."""
        geometry = layer.geometry
        if max(geometry.shape) ** 2 > _BASES or not geometry.has_bases:
            return None
        plan = BlockPlan(geometry)
        chosen = []
        for shape in plan.shapes:
            own = tuple(i for i, label in enumerate(shape.labels) if label in labels)
            if own:
                chosen.append((shape, own))
        blocks = layer.fourier_blocks()
        pieces = [
            blocks[shape.labels[i]].reshape(-1, layer.out_channels, layer.in_channels)
            for shape, own in chosen
            for i in own
        ]
        if not pieces:
            return None
        size = (layer.out_channels, layer.in_channels)
        return cls(source, target, size, plan, tuple(chosen), torch.cat(pieces))

    @property
    def count(self) -> int:
        """Weights per pair of channels."""
        return len(self.weight)

    @property
    def shapes(self) -> list[ShapeOfBlocks]:
        return [(len(own), s.positions, s.ends, s.target, s.source) for s, own in self.chosen]

    @property
    def cost(self) -> int:
        """Products of numbers for one input."""
        out, into = self.channels
        total = 0
        for s, p, e, t, m in self.shapes:
            total += s * p * e * (m * self.source.size * into + t * self.target.size * out)
            total += s * p * (m * e * into) * (t * e * out)
        return total

    def layer(self) -> BlockLinear:
        to, of = self.plan.bases
        rows_to, rows_of = self.plan.rows
        analysis = of.matrix[self._rows(rows_of, 1)] @ self.source.matrix
        synthesis = to.matrix[self._rows(rows_to, 0)][:, self.target.first].T
        units = [END_UNITS[shape.type] for shape, _ in self.chosen]
        return BlockLinear(self.weight, self.shapes, units, analysis, synthesis)

    def _rows(self, rows: IntArray, side: int) -> IntArray:
        out: list[IntArray] = []
        for shape, own in self.chosen:
            start = shape.source_start if side else shape.target_start
            step = shape.coordinates(side) // len(shape.labels)
            out.extend(rows[start + i * step : start + (i + 1) * step] for i in own)
        return np.concatenate(out)
