"""The weights of a plain network, projected to those of equivariant maps."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import nn

from toolkit.library.invariant_vectors import invariant_coordinates, invariant_vectors
from toolkit.library.statistics.projection import project_to_hom
from toolkit.modules.module import Module

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.interpret.auditing.grids import Grids
    from toolkit.interpret.auditing.operators import Layout, Space
    from toolkit.interpret.auditing.trace import TracedCall
    from toolkit.library.group import Group


#: Layers with weights for each channel, the same at every pixel.
_ON_PIXELS = (
    nn.BatchNorm2d, nn.GroupNorm, nn.InstanceNorm2d, nn.PReLU,
)  # fmt: skip


@dataclass(frozen=True)
class LayerProjection:
    """The weights of one linear layer beside the nearest equivariant ones.

    Parameters
    ----------
    name
        The layer.
    source, target
        Names of the modules.
    share
        Share of the squared norm of the weights that the projection keeps; 1 if and only if the
        matrix is equivariant.
    expected
        That share for a random matrix of no preferred direction, in expectation: the dimension of
        the equivariant maps over that of all.
    bias_share
        The same for the bias; ``None`` without one.
    """

    name: str
    source: str
    target: str
    share: float
    expected: float
    bias_share: float | None


def projected_model(
    model: nn.Module,
    G: Group,
    calls: Sequence[TracedCall],
    layout: Layout,
    grids: Grids | None = None,
) -> tuple[nn.Module, tuple[LayerProjection, ...], tuple[str, ...]]:
    """Return a copy of a model whose linear layers have equivariant weights.

    Parameters
    ----------
    model
        The model; it is not changed.
    G
        The group.
    calls
        What :func:`~toolkit.interpret.auditing.trace.trace` gave for this model.
    layout
        Of tensors. With an axis of channels, a ``torch.nn.Linear`` acts on that axis and is
        equivariant already: only flat layers are projected, and of images convolutions, whose
        kernels become their means over the orbits of cells.
    grids
        How the group acts on kernels, in the layout of images.

    Returns
    -------
    tuple
        The copy, what was projected, and the names of the layers with weights that were not, as
        it is not known what goes in or comes out, or as they are no ``torch.nn.Linear``.
    """
    changed = copy.deepcopy(model)
    own = dict(changed.named_modules())
    done: dict[str, LayerProjection] = {}
    left: list[str] = []
    conflicting = _conflicts(calls)
    for call in calls:
        layer = own[call.name]
        if call.name in done or call.name in left or not any(True for _ in layer.parameters()):
            continue
        if layout == "points" and (isinstance(layer, nn.Linear) or isinstance(call.target, Module)):
            continue
        if layout == "images":
            if isinstance(layer, nn.Conv2d) and grids is not None:
                cells = grids.module(layer.kernel_size)
                if cells is not None and isinstance(call.target, Module):
                    done[call.name] = _project_kernel(call, layer, cells)
                    continue
            elif isinstance(layer, _ON_PIXELS) or call.source == call.target == "invariant":
                continue
            left.append(call.name)
            continue
        pair = _modules(G, call.source, call.target)
        fits = isinstance(layer, nn.Linear) and pair is not None and call.name not in conflicting
        if not fits or pair is None or not isinstance(layer, nn.Linear):
            left.append(call.name)
            continue
        done[call.name] = _project(call.name, layer, *pair)
    return changed, tuple(done.values()), tuple(left)


def _conflicts(calls: Sequence[TracedCall]) -> set[str]:
    """Return the layers that are called on different modules."""
    seen: dict[str, tuple[object, object]] = {}
    out = set()
    for call in calls:
        if seen.setdefault(call.name, (call.source, call.target)) != (call.source, call.target):
            out.add(call.name)
    return out


def _modules(G: Group, source: Space, target: Space) -> tuple[Module, Module] | None:
    if source is None or target is None:
        return None
    trivial = G.trivial_module()
    return (
        trivial if isinstance(source, str) else source,
        trivial if isinstance(target, str) else target,
    )


def _project(name: str, layer: nn.Linear, X: Module, Y: Module) -> LayerProjection:
    with torch.no_grad():
        weight = layer.weight.detach().double().cpu().numpy()
        found = project_to_hom(X, Y, weight)
        layer.weight.copy_(torch.from_numpy(found.matrix().reshape(weight.shape)))
        bias_share = None
        if layer.bias is not None:
            bias = layer.bias.detach().double().cpu().numpy().reshape(Y.degree, -1)
            kept = invariant_vectors(Y) @ (invariant_coordinates(Y) @ bias)
            norm = float((bias**2).sum())
            bias_share = float((kept**2).sum()) / norm if norm else 1.0
            layer.bias.copy_(torch.from_numpy(kept.reshape(-1)))
    return LayerProjection(
        name,
        X.name,
        Y.name,
        float(found.share),
        _dimension(X, Y) / (X.degree * Y.degree),
        bias_share,
    )


def _project_kernel(call: TracedCall, layer: nn.Conv2d, cells: Module) -> LayerProjection:
    """Replace a kernel by its mean over the orbits of cells: the channels do not move."""
    with torch.no_grad():
        weight = layer.weight.detach().double().cpu().numpy().copy()
        columns = weight.reshape(-1, cells.degree).T
        kept = invariant_vectors(cells) @ (invariant_coordinates(cells) @ columns)
        layer.weight.copy_(torch.from_numpy(kept.T.reshape(weight.shape)))
    norm = float((weight**2).sum())
    assert isinstance(call.source, Module)
    assert isinstance(call.target, Module)
    return LayerProjection(
        call.name,
        call.source.name,
        call.target.name,
        float((kept**2).sum()) / norm if norm else 1.0,
        invariant_vectors(cells).shape[1] / cells.degree,
        None if layer.bias is None else 1.0,
    )


def _dimension(X: Module, Y: Module) -> int:
    from toolkit.modules.module import hom_dimension

    return hom_dimension(X, Y)
