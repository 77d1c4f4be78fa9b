"""The flow through networks of any shape: activations that are written as functions, too.

The network is traced once on a part of the data (:mod:`toolkit.interpret.network.tracing`), and the
module of each tensor is followed along its calls. Every batch then runs once more under the same
watch, and each activation's input is measured. An edge between two activations is there exactly if
there is a way along the calls from one to the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from toolkit.errors import ModuleMismatchError, ToolkitError
from toolkit.interpret.flows.attribution import FlowProbe
from toolkit.interpret.flows.graph import MeasuredFlow
from toolkit.interpret.network.call_order import declarations, structural_calls
from toolkit.interpret.network.energies import PartsByModule
from toolkit.interpret.network.hooks import inputs_of
from toolkit.interpret.network.stages import Stage, stages_of, unknown_activations
from toolkit.interpret.network.tracing import traced
from toolkit.interpret.spectral.record import SiteProbe
from toolkit.interpret.spectral.spectrum import Site
from toolkit.interpret.zeros.graphs.arguments import Arguments
from toolkit.interpret.zeros.graphs.following import followed_graph, guessed_inputs
from toolkit.interpret.zeros.graphs.function_rules import function_of_one_number
from toolkit.interpret.zeros.graphs.states import Functions
from toolkit.modules.module import Module
from toolkit.nn.activation import Pointwise

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.interpret.flows.attribution import Attribution
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
    """Follow inputs in all simples, for the modules of all tensors."""
    guessed = guessed_inputs(graph, declared)
    starts = {
        name: (X, None if X is None else tuple(X.multiplicities)) for name, X in guessed.items()
    }
    return followed_graph(graph, starts, declared)


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


def _module(call: Call, given: Any) -> nn.Module | None:  # noqa: ANN401 - Arguments
    """Return the function that an activation applies, as a layer."""
    if isinstance(call.target, nn.Module):
        return call.target
    f = function_of_one_number(given)
    if f is None and call.operation.startswith(("mul", "__mul")):
        return Pointwise("square")
    return None if f is None else Pointwise(f)


def measure_traced_flow(
    model: nn.Module,
    batches: torch.Tensor | Iterable[Any],
    attributions: tuple[Attribution, ...],
    spaces: Spaces | None = None,
    example: torch.Tensor | None = None,
) -> MeasuredFlow:
    """Return the measured flow of a network whose activations may be functions.

    Parameters
    ----------
    model, batches, spaces, example
        As in :func:`toolkit.interpret.flow`.
    attributions
        The ways to attribute effects.

    Raises
    ------
    ModuleMismatchError
        If no activation is on a known module, there are no data, or the network takes another way
        on some batch.
    """
    found: TracedStages | None = None
    flows: dict[str, FlowProbe] = {}
    ends: dict[str, SiteProbe] = {}
    declared = list(declarations(model, spaces or {}))
    parts = PartsByModule()
    with torch.no_grad():
        for x in inputs_of(batches):
            if found is None:
                found = stages_of_calls(model, spaces, x[:2] if example is None else example)
                flows = {
                    s.key: FlowProbe(s, parts.of(s.X), attributions)
                    for s in found.stages
                    if s.kind == "activation" and s.X is not None
                }
                ends["input"] = SiteProbe(Site("", "input"), parts.of(found.X))
                last = found.stages[-1] if found.stages else None
                if last is not None and last.is_last and last.Y is not None:
                    ends["output"] = SiteProbe(Site("", "output"), parts.of(last.Y))
                if not flows:
                    raise ModuleMismatchError(
                        "the model has no activation whose module is known: declare it, as "
                        'spaces={"name of submodule": X}'
                    )
            _measure(model, x, declared, found, flows, ends)
    if found is None or not next(iter(flows.values())).sums.samples:
        raise ModuleMismatchError(
            "a flow is measured on data, and no sample of finite numbers was given"
        )
    return MeasuredFlow(
        found.stages,
        tuple(probe.result for probe in flows.values()),
        {when: probe.spectrum for when, probe in ends.items()},
    )


def _measure(
    model: nn.Module,
    x: torch.Tensor,
    declared: list[nn.Module],
    found: TracedStages,
    flows: dict[str, FlowProbe],
    ends: dict[str, SiteProbe],
) -> None:
    """Measure one batch at all sites, and add it if the network took the same way."""
    measured: dict[str, object] = {}

    def listen(name: str, given: list[torch.Tensor]) -> None:
        if name in flows and given:
            v = given[0].movedim(found.points[name], -2)
            measured[name] = flows[name].measured(v)

    outputs: list[torch.Tensor] = []
    handle = model.register_forward_hook(
        lambda _, __, y: outputs.append(y) if isinstance(y, torch.Tensor) else None
    )
    try:
        traced(model, (x,), declared, listen)
    finally:
        handle.remove()
    if set(measured) != set(flows):
        raise ModuleMismatchError(
            f"the network must make the same calls on every batch; on one of shape "
            f"{tuple(x.shape)} it passed by {sorted(set(flows) - set(measured))}"
        )
    for name, effects in measured.items():
        flows[name].add(effects)  # type: ignore[arg-type]
    ends["input"].add(ends["input"].measured(x))
    if "output" in ends and outputs:
        ends["output"].add(ends["output"].measured(outputs[0]))
