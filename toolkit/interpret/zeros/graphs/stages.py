"""The calls of a network as stages, activations that are functions among them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import nn

from toolkit.errors import ModuleMismatchError, ToolkitError
from toolkit.interpret.network.call_order import declarations, structural_calls
from toolkit.interpret.network.stages import Stage, stages_of, unknown_activations
from toolkit.interpret.network.tracing import traced
from toolkit.interpret.zeros.graphs.arguments import Arguments
from toolkit.interpret.zeros.graphs.entries import function_of_one_number
from toolkit.interpret.zeros.graphs.following import followed_graph, guessed_inputs
from toolkit.interpret.zeros.graphs.states import Functions, Unknown
from toolkit.modules.module import Module
from toolkit.nn.activation import Pointwise

if TYPE_CHECKING:
    import torch

    from toolkit.interpret.network.call_order import Pair, Spaces
    from toolkit.interpret.network.calls import Call, CallGraph
    from toolkit.interpret.network.stages import Kind
    from toolkit.interpret.zeros.graphs.following import CallSupport

_KINDS: dict[str, Kind] = {
    "linear": "linear", "activation": "activation", "gate": "gate", "pooling": "pooling",
    "normalisation": "normalisation", "attention": "attention", "sum": "sum",
    "concatenation": "concatenation",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class TracedStages:
    """The calls of a network as stages.

    Parameters
    ----------
    stages
        One per tensor that is made, in the order of the run.
    points
        Per stage with a known input the axis of its points, counted from the end.
    X
        The module of the input.
    """

    stages: tuple[Stage, ...]
    points: dict[str, int]
    X: Module


def may_have_functions(model: nn.Module, spaces: Spaces | None) -> bool:
    """Whether a network is more than containers of layers, so that only a run shows its calls.

    Parameters
    ----------
    model, spaces
        As in :func:`toolkit.interpret.stages_of`.
    """
    return structural_calls(model, declarations(model, spaces or {})) is None


def has_functions(model: nn.Module, spaces: Spaces | None, example: torch.Tensor) -> bool:
    """Whether activations of a network are seen only as calls of functions, or lost by its hooks.

    Parameters
    ----------
    model, spaces
        As in :func:`toolkit.interpret.stages_of`.
    example
        An input.
    """
    declared = declarations(model, spaces or {})
    try:
        graph = traced(model, (example,), list(declared))
        support = _supports(graph, declared)
        seen = stages_of(model, spaces, example)
    except ToolkitError:
        return False
    if unknown_activations(seen):
        return True
    known = {r.key: r for r in support}
    return any(
        call.kind == "function" and known[call.name].kind == "activation"
        for call in graph.calls
        if call.name in known
    )


def _supports(graph: CallGraph, declared: dict[nn.Module, Pair]) -> tuple[CallSupport, ...]:
    """Follow inputs in all simples, for the modules of all tensors.

    What the user declares is taken to give functions on its module.
    """
    guessed = guessed_inputs(graph, declared)
    starts = {
        name: (X, None if X is None else tuple(X.multiplicities)) for name, X in guessed.items()
    }
    return followed_graph(graph, starts, declared, frozenset(declared))


def stages_of_calls(model: nn.Module, spaces: Spaces | None, example: torch.Tensor) -> TracedStages:
    """Return the calls of a network as stages, activations among them.

    Raises
    ------
    ModuleMismatchError
        If no layer says on which module the input is.
    """
    declared = declarations(model, spaces or {})
    graph = traced(model, (example,), list(declared))
    support = _supports(graph, declared)
    lost = next((r.state for r in support if isinstance(r.state, Unknown)), None)
    if lost is not None:
        warnings.warn(
            f"unknown from {lost.since!r} on, and not measured there: {lost.reason}", stacklevel=3
        )
    rows = {r.number: r for r in support}
    calls = {t.number: call for call in graph.calls for t in call.outputs}
    states = {r.number: r.state for r in support}
    tensors = {t.number: t for t in graph.tensors}
    start = graph.inputs[0].outputs[0].number
    first = states[start]
    if not isinstance(first, Functions):
        raise ModuleMismatchError(
            "no layer says on which module the input is: declare one, as "
            'spaces={"name of submodule": X}'
        )
    place = {start: -1}
    stages: list[Stage] = []
    points: dict[str, int] = {}
    for r in support:
        if r.number == start:
            continue
        call, Y = calls[r.number], r.module
        taken = [n for n in call.takes if n in rows]
        before = next((states[n] for n in taken if isinstance(states[n], Functions)), None)
        X = before.module if isinstance(before, Functions) else None
        kind = _KINDS.get(r.kind, "other")
        is_same = r.kind == "identity" and isinstance(before, Functions) and Y is X
        module = _module(call, Arguments(call, states, tensors)) if kind == "activation" else None
        if kind == "activation" and module is None:
            kind = "other"
        came = tuple(sorted({place[n] for n in taken}))
        place[r.number] = len(stages)
        stages.append(
            Stage(
                r.key,
                0,
                "linear" if is_same else kind,
                module or (call.target if isinstance(call.target, nn.Module) else nn.Identity()),
                X,
                Y,
                came[0] if len(came) == 1 else None,
                graph.results == (r.number,),
                came or None,
            )
        )
        if isinstance(before, Functions):
            points[r.key] = before.points
    return TracedStages(tuple(stages), points, first.module)


def _module(call: Call, given: Arguments) -> nn.Module | None:
    """Return the function that an activation applies, as a layer."""
    if isinstance(call.target, nn.Module):
        return call.target
    f = function_of_one_number(given)
    if f is None and call.operation.startswith(("mul", "__mul")):
        return Pointwise("square")
    return None if f is None else Pointwise(f)
