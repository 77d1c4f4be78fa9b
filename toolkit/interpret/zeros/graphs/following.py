r"""Supports followed along the graph of a network.

A support assigns to every tensor the simples that can be there. The rules, each for every input
whose components lie in the given simples and for every choice of weights (biases, and weights that
are exactly 0, count as they are: :mod:`toolkit.interpret.zeros.present_values`):

* *Linear* maps pass on the simples that both modules contain (Schur's lemma).
* *Activations*: the theorem of :mod:`toolkit.pl`, orbit by orbit and group of channels by group.
* *Sums*: the union. If a and b have no component in K, neither has a + b; and where two
  coordinates agree in both, they agree in the sum.
* *Concatenation* of channels: each group of channels keeps its own support, until a layer mixes
  them; it then has the union. Of points: the orbits of a direct sum side by side.
* *Products*, coordinate by coordinate: :mod:`toolkit.interpret.zeros.graphs.products`; exact for
  independent factors, a bound from above if they depend on the same input.
* *Gates*: a number that the group leaves alone, the same for all points, multiplies and moves
  nothing.
* *Functions of the values at a point*, norms over channels, softmax, maxima:
  :mod:`toolkit.interpret.zeros.graphs.pointwise`. *Attention*, with masks, too:
  :mod:`toolkit.interpret.zeros.graphs.attention_rules`, :mod:`toolkit.interpret.zeros.attention`.
  *Sums of products* in letters: :mod:`toolkit.interpret.zeros.graphs.einsum_rules`.
* *Declared equivariant* modules: N, the intersection of the kernels of the simples in the input, is
  normal and fixes the input; an equivariant map takes what N fixes to what N fixes. So K can occur
  only if N acts trivially on K.
* *Pooling* over the points, on permutation modules, gives invariants: 0 if it is a sum, and the
  trivial simple is not there.
* *Dropout* that is switched on multiplies every number by a factor of its own: every simple of the
  module is possible, and none is certain.
* What cannot be followed is *unknown* from there on, and what is made of it too.

**Occurs, or a bound.** Beside the bound some simples are listed that occur for some weights:

* Those of an input. After a linear layer those that pass: on the K-parts it acts by any matrix
  over the endomorphisms of K, so what is not 0 stays so for some weights, if its input does not
  depend on the same weights (a layer that is called twice in a row).
* After an activation of an input or of such a layer's output, which are generic in their simples,
  those of the theorem for the simples that occur before. It is monotone: more simples leave fewer
  coordinates that agree, so what occurs for some goes on to occur for more.
* In a sum a + b a simple K of a, if K is exactly 0 in b, or if b can be silenced: there is a layer
  that a does not depend on, without which b is 0. Its weights set to 0 leave a alone.
* Behind a gate that is positive those before it.
* In a product those of the rule, if both factors are generic and have no input and no layer in
  common: the pair then runs through enough to span all products.

This is the existence of weights, for generic inputs in the sources; that of several simples at
once is used, and is not proved for activations that are only piecewise analytic. What is possible
but not in this list is a bound from above, and said to be one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from torch import nn

from toolkit.errors import NotAvailable
from toolkit.interpret.zeros.graphs.arguments import Arguments
from toolkit.interpret.zeros.graphs.attention_rules import multihead
from toolkit.interpret.zeros.graphs.function_rules import Operation, after_function
from toolkit.interpret.zeros.graphs.layer_rules import (
    LayerCall,
    NotFollowed,
    after_layer_call,
    module_of_input,
    weights_of,
)
from toolkit.interpret.zeros.graphs.states import (
    Constant,
    Content,
    Functions,
    Invariants,
    Origin,
    State,
    Unknown,
    Weights,
)
from toolkit.interpret.zeros.support import supports_on, united

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.interpret.network.call_order import Pair
    from toolkit.interpret.network.calls import Call, CallGraph
    from toolkit.modules.module import Module


@dataclass(frozen=True, eq=False)
class CallSupport:
    """What can be present in one tensor of a network.

    Parameters
    ----------
    key
        Name of the call that makes it, with ``[1]``, ``[2]``, ... for its further outputs.
    kind
        What the call does.
    state
        What is known of the tensor.
    number
        The tensor's number in the graph.
    takes
        Numbers of the tensors that it is made of.
    """

    key: str
    kind: Operation
    state: State = field(repr=False)
    number: int
    takes: tuple[int, ...]

    @property
    def module(self) -> Module | None:
        """The module on which it is functions; ``None`` if it is none, or unknown."""
        return self.state.module if isinstance(self.state, Functions) else None

    @property
    def is_unknown(self) -> bool:
        """Whether nothing is known of it."""
        return isinstance(self.state, Unknown)

    @property
    def possible(self) -> tuple[str, ...]:
        """Labels that can be present, in canonical order; none if it is no functions."""
        if not isinstance(self.state, Functions):
            return ()
        return united(p.labels for _, c in self.state.groups for p in c.possible)

    @property
    def occurring(self) -> tuple[str, ...]:
        """Those of :attr:`possible` that occur for some weights."""
        if not isinstance(self.state, Functions):
            return ()
        return united(p.labels for _, c in self.state.groups for p in c.certain)

    @property
    def bound(self) -> tuple[str, ...]:
        """Those of :attr:`possible` of which it is not known whether they occur."""
        known = set(self.occurring)
        return tuple(label for label in self.possible if label not in known)

    @property
    def impossible(self) -> tuple[str, ...]:
        """Labels of the simples of the module that are exactly 0."""
        if not isinstance(self.state, Functions):
            return ()
        possible = set(self.possible)
        own = united(p.orbit.labels for _, c in self.state.groups for p in c.possible)
        return tuple(label for label in own if label not in possible)

    @property
    def channels(self) -> tuple[tuple[int, tuple[str, ...]], ...]:
        """Per group of channels its size (0 if not known) and the labels that can be present."""
        if not isinstance(self.state, Functions):
            return ()
        return tuple((n, united(p.labels for p in c.possible)) for n, c in self.state.groups)

    @property
    def words(self) -> tuple[str, str, str]:
        """What occurs, what is a bound, and what is exactly 0, as text."""
        if isinstance(self.state, Unknown):
            return "unknown", "unknown", "unknown"
        if isinstance(self.state, Functions):
            found = self.occurring, self.bound, self.impossible
            return tuple(" ".join(labels) or "-" for labels in found)  # type: ignore[return-value]
        if isinstance(self.state, Invariants):
            return ("0", "-", "-") if self.state.is_zero else ("invariant", "-", "-")
        return ("weights of pairs" if isinstance(self.state, Weights) else "constant"), "-", "-"


def guessed_inputs(
    graph: CallGraph, declared: Mapping[nn.Module, Pair]
) -> dict[str, Module | None]:
    """Return the module of each input, by name: that of the first layer that it reaches.

    On the way there are calls that leave the number of points as it is. ``None`` where no layer
    says on which module it acts.
    """
    shapes = {t.number: t.shape for t in graph.tensors}
    out: dict[str, Module | None] = {}
    for start in graph.inputs:
        (tensor,) = start.outputs
        reached, found = {tensor.number}, None
        for call in graph.calls:
            if found is not None or not reached & set(call.takes) or call.kind == "lost":
                continue
            if isinstance(call.target, nn.Module) and call.takes[0] in reached:
                found = module_of_input(call.target, declared, shapes[call.takes[0]])
            if found is None and len(tensor.shape) >= 2:
                n = tensor.shape[-2]
                reached |= {
                    t.number for t in call.outputs if len(t.shape) >= 2 and t.shape[-2] == n
                }
        out[start.name] = found
    return out


def followed_graph(
    graph: CallGraph,
    starts: Mapping[str, tuple[Module | None, tuple[str, ...] | None]],
    declared: Mapping[nn.Module, Pair],
    equivariant: frozenset[nn.Module] = frozenset(),
) -> tuple[CallSupport, ...]:
    """Follow supports along a graph.

    Parameters
    ----------
    graph
        From :func:`toolkit.interpret.network.tracing.traced`.
    starts
        By the name of an input its module and the labels in it; ``(None, None)`` if the module is
        unknown, ``(None, ())`` if it is numbers that the group leaves alone.
    declared
        Modules of input and output that the user states, by submodule.
    equivariant
        Submodules that the user states to be equivariant.

    Returns
    -------
    tuple of CallSupport
        One for each tensor that depends on the inputs or is lost, in the order of the run.

    Raises
    ------
    ModuleMismatchError
        If a layer is given functions on another module than its own.
    """
    states: dict[int, State] = {}
    tensors = {t.number: t for t in graph.tensors}
    layers = [c.target for c in graph.calls if isinstance(c.target, nn.Module)]
    calls = Counter(weight for layer in layers for weight in weights_of(layer))
    out: list[CallSupport] = []
    for call in graph.calls:
        if call.kind == "constant":
            for t in call.outputs:
                assert t.value is not None
                states[t.number] = Constant(t.value, t.is_trained)
            continue
        kind, found = _after_call(call, states, tensors, starts, declared, equivariant, calls)
        for i, (t, state) in enumerate(zip(call.outputs, found, strict=True)):
            states[t.number] = state
            key = call.name if i == 0 else f"{call.name}[{i}]"
            out.append(CallSupport(key, kind, state, t.number, call.takes))
    return tuple(out)


def _after_call(
    call: Call,
    states: Mapping[int, State],
    tensors: Mapping[int, object],
    starts: Mapping[str, tuple[Module | None, tuple[str, ...] | None]],
    declared: Mapping[nn.Module, Pair],
    equivariant: frozenset[nn.Module],
    calls: Counter[int],
) -> tuple[Operation, list[State]]:
    count = len(call.outputs)
    if call.kind == "input":
        return "input", [_start(call, *starts.get(call.name, (None, None)))]
    if call.reason:
        return "unknown", [Unknown(call.name, call.reason)] * count
    given = [states[n] for n in call.takes]
    lost = next((s for s in given if isinstance(s, Unknown)), None)
    if lost is not None:
        return "unknown", [lost] * count
    try:
        if type(call.target) is nn.MultiheadAttention and call.target not in equivariant:
            operation: Operation = "attention"
            found = multihead(Arguments(call, states, tensors), call.target)  # type: ignore[arg-type]
        elif isinstance(call.target, nn.Module):
            layer = LayerCall(
                call.name,
                call.target,
                declared.get(call.target),
                call.target in equivariant,
                any(calls[weight] > 1 for weight in weights_of(call.target)),
            )
            if count != 1:
                raise NotFollowed("it does not return exactly one tensor")
            kind, state = after_layer_call(layer, given, len(given) - 1)
            found = [state]
            operation = kind  # type: ignore[assignment]
        else:
            operation, found = after_function(Arguments(call, states, tensors))  # type: ignore[arg-type]
        if len(found) != count:
            raise NotFollowed("the number of its tensors differs from that in its rule")
    except NotFollowed as why:
        return "unknown", [Unknown(call.name, str(why))] * count
    except NotAvailable as error:
        return "unknown", [Unknown(call.name, error.reason)] * count
    return operation, found


def _start(call: Call, X: Module | None, labels: tuple[str, ...] | None) -> State:
    (tensor,) = call.outputs
    origin = Origin(inputs=frozenset([tensor.number]))
    if X is None:
        if labels is None:
            return Unknown(call.name, "the module of this input is not stated")
        return Invariants(False, origin)
    if len(tensor.shape) < 2 or tensor.shape[-2] != X.degree:
        return Unknown(call.name, f"its shape is not (..., {X.degree}, channels)")
    now = supports_on(X, labels)
    return Functions(X, -2, -1, ((tensor.shape[-1], Content(now, now, True)),), origin)
