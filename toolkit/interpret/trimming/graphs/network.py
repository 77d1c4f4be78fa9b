r"""Trimming a network of any shape.

The calls of the network are recorded in a run (:mod:`toolkit.interpret.network.tracing`), what can
be present in each tensor is followed (:mod:`toolkit.interpret.zeros.graphs.following`), and the
calls are replayed with smaller tensors:

* What acts point by point (activations, sums, products, gates, channels side by side, norms and
  maps of channels, dropout that is off) runs on one point of each block of its output
  (:mod:`toolkit.interpret.trimming.graphs.layouts`).
* Linear layers and poolings go from blocks to blocks (:mod:`toolkit.interpret.trimming.weights`).
  A layer that is called several times gets one set of weights, for the simples of all its calls.
* Attention without a mask (``scaled_dot_product_attention``, ``nn.MultiheadAttention``, products of
  matrices or ``einsum`` and a softmax) is asked at one point of each block, and looks at all
  points. A mask may tell apart points whose queries agree: with one, it runs on all points.
* Sums, means and maxima over all points are taken over blocks.
* Everything else is given all points, runs as it was, and is read at blocks again.

**Why the outputs are the same.** By induction along the run every tensor of the replay is the
restriction of the network's to one point of each of its blocks, or the tensor itself. A function at
each point commutes with restrictions; for linear layers see
:mod:`toolkit.interpret.trimming.weights`; and from the blocks all points can be read again, as
long as the tensor is what its support says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase

from toolkit.errors import NotAvailable
from toolkit.interpret.network.call_order import declarations, structural_calls
from toolkit.interpret.network.tracing import traced
from toolkit.interpret.network.trimmed import TrimmedGraph, TrimmedInput, TrimmedStage
from toolkit.interpret.network.watching import is_changed_by_hooks
from toolkit.interpret.trimming.graphs.batches import Batched, batched
from toolkit.interpret.trimming.graphs.building import Builder
from toolkit.interpret.trimming.graphs.layouts import is_whole
from toolkit.interpret.trimming.graphs.plan import Plan, plan_of
from toolkit.interpret.trimming.graphs.refusals import require_one_way, require_replayed
from toolkit.interpret.trimming.graphs.repeats import refused_modes, require_repeatable
from toolkit.interpret.zeros.graphs.network import example_of
from toolkit.interpret.zeros.graphs.states import Functions
from toolkit.library.fourier import fourier_basis

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.interpret.network.call_order import Spaces
    from toolkit.interpret.trimming.graphs.replay import Replay
    from toolkit.interpret.trimming.weights import Form
    from toolkit.interpret.zeros.graphs.network import FollowedNetwork
    from toolkit.modules.module import Module

_KEPT = 1 << 21  # entries of the basis of the sources that are kept to check inputs


def trimmed_graph(
    model: nn.Module, found: FollowedNetwork, form: Form, *, projects: bool
) -> TrimmedGraph:
    """Return a trimmed network with the same outputs, for inputs in the sources.

    Parameters
    ----------
    model
        The network.
    found
        Its graph, with what is known of its tensors.
    form
        Of the linear layers.
    projects
        Whether inputs are projected to the sources first.

    Raises
    ------
    ModuleMismatchError
        If dropout is switched on.
    NotAvailable
        If it cannot be replayed: what it does depends on values, or on the size of the batch in a
        way that is not followed, or a tensor comes from somewhere that is not seen.
    """
    plan = plan_of(found.graph, found.support, found.states)
    if not plan.blocks:
        raise NotAvailable(
            type(model).__name__,
            "how to trim it",
            "none of its tensors is known to consist of functions on points, and only "
            "points are merged",
        )
    bases: dict[int, NDArray[np.float64]] = {}
    for call in found.graph.inputs:
        X, labels = found.starts[call.name]
        if projects and X is not None:
            bases[call.outputs[0].number] = isotypic_basis(X, labels or ())
    builder = Builder(model, found.graph, numbers_of(model, found), plan, form,
                      _names(found), bases)  # fmt: skip
    replay, _ = builder.run()
    require_repeatable(model, found.example, found.wholes)
    out = TrimmedGraph(
        replay,
        found.labels,
        _stages(found, plan),
        sum(p.numel() for p in model.parameters()),
        _inputs(found, builder.like),
        untrimmed_calls(found, plan),
        refused_modes=_refused_modes(model, found, plan),
    )
    return out.with_modes(model.training, builder.copies.values())


def _refused_modes(model: nn.Module, found: FollowedNetwork, plan: Plan) -> dict[bool, str]:
    """Return the modes, ``True`` for training, in which the replay would do something else."""
    out = refused_modes(model, found.graph, found.example, found.wholes)
    for call in found.graph.calls:
        role, norm = plan.roles.get(call.name), call.target
        is_local = role is not None and role.kind == "local"
        if is_local and isinstance(norm, _NormBase) and not norm.training:
            blocks = plan.blocks.get(call.outputs[0].number)
            if blocks is not None and not is_whole(blocks):
                why = f"in training {call.name!r} uses statistics of all points, here of blocks"
                out.setdefault(True, why)
    return out


def require_chain_for_all_inputs(
    model: nn.Module, spaces: Spaces | None, example: torch.Tensor | None
) -> dict[bool, str]:
    """Refuse a chain that was seen in a run, and may be another for other inputs.

    Returns
    -------
    dict
        The modes, ``True`` for training, in which it makes other calls, and why.

    Raises
    ------
    NotAvailable
        If its ``forward`` may branch on values, or on the size of the batch; or if hooks may change
        what its modules take or make, or the ``forward`` what they are.
    """
    declared = declarations(model, spaces or {})
    hooked = next((name for name, m in model.named_modules() if is_changed_by_hooks(m)), None)
    if hooked is not None:
        raise NotAvailable(
            type(model).__name__,
            "how to trim it as a chain",
            f"the module {hooked or 'itself'!r} has hooks, which may change its inputs or outputs",
        )
    if structural_calls(model, declared) is not None:
        return {}  # it is made of containers
    given, wholes = example_of(model, example), tuple(declared)
    graph = traced(model, given, wholes)
    require_one_way(model, graph)
    for call in graph.calls:
        require_replayed(model, graph, call)
    batched(model, graph, given, [True], wholes)
    require_repeatable(model, given, wholes)
    return refused_modes(model, graph, given, wholes)


def replay_of(model: nn.Module, found: FollowedNetwork) -> tuple[Replay, dict[int, int]]:
    """Return the network itself as a replay, and per tensor its place in it.

    Raises
    ------
    ModuleMismatchError, NotAvailable
        As for :func:`trimmed_graph`.
    """
    numbers = numbers_of(model, found)
    return Builder(model, found.graph, numbers, None, "auto", _names(found), {}).run()


def numbers_of(model: nn.Module, found: FollowedNetwork) -> Batched:
    """Return the arguments of all calls for batches of any size."""
    on_points = [found.starts[call.name][0] is not None for call in found.graph.inputs]
    return batched(model, found.graph, found.example, on_points, found.wholes)


def isotypic_basis(X: Module, labels: tuple[str, ...]) -> NDArray[np.float64]:
    """Return an orthonormal basis ``(d, |X|)`` of the isotypic parts of some simples."""
    if not labels:
        return np.zeros((0, X.degree))
    if not X.has_points:
        raise NotAvailable(
            X.name,
            "how to project an input onto simples",
            "it is a linear module: project it beforehand",
        )
    basis = fourier_basis(X)
    return np.concatenate([basis.matrix[s.rows] for s in basis.simples if s.label in labels])


def _names(found: FollowedNetwork) -> tuple[str | None, ...]:
    return (*(None for _ in found.example.args), *found.example.kwargs)


def _stages(found: FollowedNetwork, plan: Plan) -> tuple[TrimmedStage, ...]:
    return tuple(
        TrimmedStage(r.key, plan.blocks[r.number].X.degree, plan.blocks[r.number].size, r.possible)
        for r in found.support
        if r.number in plan.blocks and isinstance(r.state, Functions)
    )


def untrimmed_calls(found: FollowedNetwork, plan: Plan) -> tuple[tuple[str, str], ...]:
    """Return the calls that run on all points, and why; not those of invariants alone."""
    out: list[tuple[str, str]] = []
    for call in found.graph.calls:
        role = plan.roles.get(call.name)
        if role is not None and role.kind == "whole" and role.reason:
            out.append((call.name, role.reason))
        elif call.kind == "input" and found.starts[call.name] == (None, None):
            out.append((call.name, "the module of this input is not stated"))
    return tuple(out)


def _inputs(found: FollowedNetwork, like: torch.Tensor) -> tuple[TrimmedInput, ...]:
    out: list[TrimmedInput] = []
    for name, (X, labels) in found.starts.items():
        if X is not None and labels is not None:
            out.append(TrimmedInput(name, X.degree, labels, kept_basis(X, labels, like)))
    return tuple(out)


def kept_basis(X: Module, labels: tuple[str, ...], like: torch.Tensor) -> torch.Tensor | None:
    """Return the basis with which inputs are checked; ``None`` if it is large or out of reach."""
    if X.degree**2 > _KEPT:
        return None
    try:
        basis = isotypic_basis(X, labels)
    except NotAvailable:
        return None
    return torch.from_numpy(basis).to(like.device, like.dtype)
