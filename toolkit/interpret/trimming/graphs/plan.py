"""The blocks on which each tensor of a network is kept, and what each call is to be."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from torch import nn

from toolkit.errors import NotAvailable
from toolkit.interpret.network.stages import Stage
from toolkit.interpret.trimming.graphs.layouts import joined, on_support
from toolkit.interpret.trimming.graphs.roles import Role, role_of
from toolkit.interpret.trimming.points import Merging, all_points, merging
from toolkit.interpret.zeros.graphs.arguments import Arguments
from toolkit.interpret.zeros.graphs.layer_rules import weights_of
from toolkit.interpret.zeros.graphs.states import Functions, State, Unknown, Weights
from toolkit.interpret.zeros.propagate import passing_labels
from toolkit.interpret.zeros.support import OrbitSupport, Support, on_orbits, united
from toolkit.modules.same_functions import same_functions

if TYPE_CHECKING:
    from toolkit.interpret.network.calls import Call, CallGraph, Tensor
    from toolkit.interpret.zeros.graphs.following import CallSupport
    from toolkit.modules.module import Module


@dataclass(frozen=True, eq=False)
class SharedLayer:
    """A linear layer between blocks: one for all calls of it, so that its weights stay shared.

    Parameters
    ----------
    stage
        The layer, as a stage.
    source, target
        Blocks of points of its inputs and outputs.
    labels
        The simples that pass through it in one of its calls.
    """

    stage: Stage
    source: Merging
    target: Merging
    labels: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Plan:
    """What trimming makes of a graph.

    Parameters
    ----------
    roles
        Per call, by name.
    blocks
        Per tensor of functions on points its blocks.
    layers
        Linear layers by ``id``.
    states
        What is known of every tensor.
    """

    roles: Mapping[str, Role]
    blocks: Mapping[int, Merging]
    layers: Mapping[int, SharedLayer]
    states: Mapping[int, State]

    def axis(self, number: int) -> int:
        """Return the axis of the points of a tensor, counted from the end."""
        state = self.states[number]
        assert isinstance(state, Functions | Weights)
        return state.points


def plan_of(
    graph: CallGraph, support: tuple[CallSupport, ...], states: Mapping[int, State]
) -> Plan:
    """Return the blocks of all tensors, and the role of each call.

    Parameters
    ----------
    graph, support, states
        The graph, and what is known of its tensors.
    """
    return _Planner(graph, support, states).run()


class _Planner:
    """The state while a plan is made."""

    def __init__(
        self, graph: CallGraph, support: tuple[CallSupport, ...], states: Mapping[int, State]
    ) -> None:
        self.graph, self.states = graph, states
        self.tensors: dict[int, Tensor] = {t.number: t for t in graph.tensors}
        self.kinds = {r.number: r.kind for r in support}
        self.roles: dict[str, Role] = {}
        self.blocks: dict[int, Merging] = {}
        self.forgives: dict[int, bool] = {}
        self.found: dict[object, Merging] = {}

    def run(self) -> Plan:
        tied = _tied(self.graph)
        used = {n for call in self.graph.calls for n in call.takes} | set(self.graph.results)
        for call in self.graph.calls:
            if call.kind in ("function", "layer") and call.outputs:
                a = Arguments(call, self.states, self.tensors)
                first = call.outputs[0].number
                role = role_of(a, self.kinds[first], self.states[first], tied)
                self.roles[call.name] = self._for_all_outputs(call, role, used)
        calls = self._linear_calls()
        self._find_what_forgives()
        targets = {key: self._target(several) for key, several in calls.items()}
        for call in self.graph.calls:
            if self._is(call, "linear"):
                self.blocks[call.outputs[0].number] = targets[id(call.target)]
            else:
                self._place(call)
        layers = {key: self._layer(several, targets[key]) for key, several in calls.items()}
        return Plan(self.roles, self.blocks, layers, self.states)

    def _for_all_outputs(self, call: Call, role: Role, used: set[int]) -> Role:
        """Return the role, or that of all points if a further output is needed on these."""
        if role.kind in ("local", "query"):
            for t in call.outputs[1:]:
                state = self.states[t.number]
                if t.number in used and not isinstance(state, Functions | Weights):
                    why = state.reason if isinstance(state, Unknown) else "it is on no points"
                    return Role("whole", reason=f"it also returns another tensor: {why}")
        return role

    def _is(self, call: Call, kind: str) -> bool:
        role = self.roles.get(call.name)
        return role is not None and role.kind == kind

    def _linear_calls(self) -> dict[int, list[Call]]:
        """Return the calls of each linear layer, if all are on one module."""
        calls: dict[int, list[Call]] = defaultdict(list)
        for call in self.graph.calls:
            if self._is(call, "linear"):
                calls[id(call.target)].append(call)
        for key, several in list(calls.items()):
            X, *others = (self.states[call.takes[0]] for call in several)
            assert isinstance(X, Functions)
            if not all(
                isinstance(Z, Functions) and same_functions(X.module, Z.module) for Z in others
            ):
                for call in several:
                    self.roles[call.name] = Role("whole", reason="it is called on several modules")
                del calls[key]
        return calls

    # whether opposite coordinates may be merged ---------------------------------------------

    def _find_what_forgives(self) -> None:
        """Find the tensors in which opposite values never have to be told apart again."""
        self.forgives = dict.fromkeys(self.tensors, True)
        for call in reversed(self.graph.calls):
            role = self.roles.get(call.name)
            if role is None or role.kind not in ("local", "query"):
                continue
            after = all(self.forgives[t.number] for t in call.outputs)
            keeps = role.parity == "even" or (role.parity in ("odd", "product") and after)
            if not keeps:
                for number in role.on_points:
                    self.forgives[number] = False

    # blocks ----------------------------------------------------------------------------------

    def _place(self, call: Call) -> None:
        """Find the blocks of what a call makes, if these are functions on points."""
        role = self.roles.get(call.name)
        carried = None
        if role is not None and role.kind in ("local", "query"):
            functions = [n for n in call.takes if n in role.on_points and n in self.blocks]
            parts = [self.blocks[n] for n in dict.fromkeys(functions)]
            if parts:
                carried = joined(parts[0].X, parts, role.parity)
        for t in call.outputs:
            state = self.states.get(t.number)
            if isinstance(state, Weights) and carried is not None:
                self.blocks[t.number] = carried
            if not isinstance(state, Functions) or not state.module.has_points:
                continue
            support = state.whole.possible
            if carried is None:
                self.blocks[t.number] = self._of_simples(state, t.number)
            elif len(call.outputs) > 1:
                self.blocks[t.number] = carried  # one for all
            else:
                own = self._of_simples(state, t.number)
                kept = on_support(_moved(carried, state.module), support)
                self.blocks[t.number] = own if own.size < kept.size else kept

    def _of_simples(self, state: Functions, number: int) -> Merging:
        """Return the blocks of functions in the simples that can be present."""
        X = state.module
        opposite = X.has_signs or self.forgives[number]
        return self._merged(X, on_orbits(state.whole.possible), opposite)

    def _merged(self, X: Module, support: tuple[OrbitSupport, ...], opposite: bool) -> Merging:
        # which coordinates agree is read off from the labels alone
        key = (id(X), tuple(p.labels for p in support), opposite)
        if key not in self.found:
            fresh = tuple(OrbitSupport.of(p.orbit, p.labels) for p in support)
            try:
                self.found[key] = merging(X, fresh, opposite=opposite)
            except NotAvailable:  # without a Fourier basis
                self.found[key] = on_support(all_points(X), fresh)
        return self.found[key]

    def _target(self, calls: list[Call]) -> Merging:
        """Return the blocks of the outputs of a layer, those of all of its calls together."""
        numbers = [call.outputs[0].number for call in calls]
        found: list[Merging] = []
        for number in numbers:
            state = self.states[number]
            assert isinstance(state, Functions)
            found.append(self._of_simples(state, number))
        return found[0] if len(found) == 1 else joined(found[0].X, found, "odd")

    def _layer(self, calls: list[Call], target: Merging) -> SharedLayer:
        sources = [self.blocks[call.takes[0]] for call in calls]
        source = sources[0] if len(sources) == 1 else joined(sources[0].X, sources, "odd")
        layer = calls[0].target
        assert isinstance(layer, nn.Module)
        stage = Stage(calls[0].name, 0, "linear", layer, source.X, target.X, None, False)
        labels: list[tuple[str, ...]] = []
        for call in calls:
            before = self.states[call.takes[0]]
            assert isinstance(before, Functions)
            support: tuple[Support, ...] = before.whole.possible
            labels.append(passing_labels(stage, support))
        return SharedLayer(stage, source, target, united(labels))


def _moved(merged: Merging, X: Module) -> Merging:
    """Return the same blocks for a module that has the same points."""
    return merged if merged.X is X else replace(merged, X=X)


def _tied(graph: CallGraph) -> frozenset[int]:
    """Return the parameters that are in several layers, or used as tensors."""
    layers = {id(c.target): c.target for c in graph.calls if isinstance(c.target, nn.Module)}
    counts = Counter(w for layer in layers.values() for w in set(weights_of(layer)))
    counts.update(id(t.own) for t in graph.tensors if t.own is not None)
    return frozenset(weight for weight, count in counts.items() if count > 1)
