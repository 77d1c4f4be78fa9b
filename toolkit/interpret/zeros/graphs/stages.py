"""The calls of a network as stages, activations that are functions among them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import nn

from toolkit.errors import ToolkitError
from toolkit.interpret.network.call_order import declarations, structural_calls
from toolkit.interpret.network.stages import Stage, stages_of, unknown_activations
from toolkit.interpret.network.tracing import traced
from toolkit.interpret.network.undetermined import undetermined
from toolkit.interpret.zeros.graphs.arguments import Arguments
from toolkit.interpret.zeros.graphs.entries import function_of_one_number
from toolkit.interpret.zeros.graphs.following import followed_graph, guessed_inputs
from toolkit.interpret.zeros.graphs.network import Modules, modules_of_inputs
from toolkit.interpret.zeros.graphs.states import Functions, State, Unknown
from toolkit.modules.module import Module
from toolkit.nn.activation import Pointwise

if TYPE_CHECKING:
    from toolkit.interpret.network.call_order import Pair, Spaces
    from toolkit.interpret.network.calls import Call, CallGraph
    from toolkit.interpret.network.given import Given
    from toolkit.interpret.network.stages import Kind
    from toolkit.interpret.zeros.graphs.following import CallSupport

_KINDS: dict[str, Kind] = {
    "linear": "linear", "activation": "activation", "gate": "gate", "pooling": "pooling",
    "normalisation": "normalisation", "attention": "attention", "sum": "sum",
    "concatenation": "concatenation",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class End:
    """An input or an output of a network that is functions on a module.

    Parameters
    ----------
    name
        ``"input"`` or ``"output"``; of several ``"0"``, ``"1"``, or the names of arguments.
    number
        Its number among all inputs, or among the tensors that are returned, from 0.
    stage
        The stage that makes it; of the k-th input -1 - k.
    X
        The module.
    points
        The axis of the points, counted from the end.
    """

    name: str
    number: int
    stage: int
    X: Module
    points: int


@dataclass(frozen=True, eq=False)
class TracedStages:
    """The calls of a network as stages.

    Parameters
    ----------
    stages
        One per tensor that is made, in the order of the run. In ``made_from`` -1 - k stands for
        the k-th input.
    points
        Per stage with a known input the axis of its points, counted from the end.
    inputs, outputs
        Those that are functions on a module.
    names
        The names of all inputs.
    sequence
        The names of all calls, in order.
    wholes
        The submodules that the user declares, which are one call each.
    unknown
        The stages of whose output nothing is known: of each the name of the call from which on it
        is unknown, and why.
    """

    stages: tuple[Stage, ...]
    points: dict[str, int]
    inputs: tuple[End, ...]
    outputs: tuple[End, ...]
    names: tuple[str, ...]
    sequence: tuple[str, ...]
    wholes: tuple[nn.Module, ...]
    unknown: dict[int, tuple[str, str]]


def may_have_functions(model: nn.Module, spaces: Spaces | None) -> bool:
    """Whether a network is more than containers of layers, so that only a run shows its calls.

    Parameters
    ----------
    model, spaces
        As in :func:`toolkit.interpret.stages_of`.
    """
    return structural_calls(model, declarations(model, spaces or {})) is None


def needs_calls(model: nn.Module, spaces: Spaces | None, given: Given) -> bool:
    """Whether a network has several inputs, or activations that only its calls show.

    These are functions, and layers of which the hooks lose what comes in.

    Parameters
    ----------
    model, spaces
        As in :func:`toolkit.interpret.stages_of`.
    given
        What it can be run on.
    """
    declared = declarations(model, spaces or {})
    (example, *others) = given.tensors.values()
    if any(x.is_floating_point() for x in others):  # masks and indices are no functions
        return True
    try:
        graph = traced(model, given, list(declared))
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


def _supports(
    graph: CallGraph, declared: dict[nn.Module, Pair], modules: Modules | None = None
) -> tuple[CallSupport, ...]:
    """Follow inputs in all simples, for the modules of all tensors.

    What the user declares is taken to give functions on its module.
    """
    stated = modules_of_inputs(graph, modules, guessed_inputs(graph, declared))
    starts: dict[str, tuple[Module | None, tuple[str, ...] | None]] = {}
    for name, X in stated.items():
        if isinstance(X, Module):
            starts[name] = (X, tuple(X.multiplicities))
        else:
            starts[name] = (None, () if X is None else None)
    return followed_graph(graph, starts, declared, frozenset(declared))


def stages_of_calls(
    model: nn.Module, spaces: Spaces | None, given: Given, modules: Modules | None = None
) -> TracedStages:
    """Return the calls of a network as stages, activations among them.

    Parameters
    ----------
    model, spaces
        As in :func:`toolkit.interpret.stages_of`.
    given
        What it is run on.
    modules
        The modules of the inputs, as in :func:`toolkit.interpret.zero_components`.

    Raises
    ------
    ModuleMismatchError
        If it is not known of any input on which module it is.
    """
    declared = declarations(model, spaces or {})
    graph = traced(model, given, list(declared))
    support = _supports(graph, declared, modules)
    used = {n for call in graph.calls for n in call.takes} | set(graph.results)
    lost = next(
        (r.state for r in support if isinstance(r.state, Unknown) and r.number in used), None
    )
    if lost is not None:
        warnings.warn(
            f"unknown from {lost.since!r} on, and not measured there: {lost.reason}", stacklevel=3
        )
    rows = {r.number: r for r in support}
    calls = {t.number: call for call in graph.calls for t in call.outputs}
    states = {r.number: r.state for r in support}
    tensors = {t.number: t for t in graph.tensors}
    starts = {call.outputs[0].number: k for k, call in enumerate(graph.inputs)}
    names = tuple(call.name for call in graph.inputs)
    if not any(isinstance(states[n], Functions) for n in starts):
        raise undetermined(
            model,
            'no layer determines the module of the input: declare one, as in spaces={"name of '
            'submodule": X}, or state it, as in modules=X',
        )
    place = {n: -1 - k for n, k in starts.items()}
    stages: list[Stage] = []
    points: dict[str, int] = {}
    for r in support:
        if r.number in starts:
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
                r.number in graph.results,
                came or None,
            )
        )
        if isinstance(before, Functions):
            points[r.key] = before.points
    one = len(graph.results) == 1
    ends = [("output" if one else str(i), i, n) for i, n in enumerate(graph.results)]
    return TracedStages(
        tuple(stages),
        points,
        _ends([(names[k].removeprefix("input "), k, n) for n, k in starts.items()], states, place),
        _ends(ends, states, place),
        names,
        graph.sequence,
        tuple(declared),
        {
            place[r.number]: (r.state.since, r.state.reason)
            for r in support
            if isinstance(r.state, Unknown) and r.number in used and r.number not in starts
        },
    )


def _ends(
    ends: list[tuple[str, int, int]], states: dict[int, State], place: dict[int, int]
) -> tuple[End, ...]:
    """Return those of inputs or outputs that are functions on a module."""
    out = []
    for name, number, tensor in ends:
        state = states.get(tensor)
        if isinstance(state, Functions):
            out.append(End(name, number, place[tensor], state.module, state.points))
    return tuple(out)


def _module(call: Call, given: Arguments) -> nn.Module | None:
    """Return the function that an activation applies, as a layer."""
    if isinstance(call.target, nn.Module):
        return call.target
    f = function_of_one_number(given)
    if f is None and call.operation.startswith(("mul", "__mul")):
        return Pointwise("square")
    return None if f is None else Pointwise(f)
