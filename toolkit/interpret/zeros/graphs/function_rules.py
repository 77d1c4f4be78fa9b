"""What a function of torch makes of what is known of its arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from toolkit.errors import NotAvailable
from toolkit.interpret.zeros.graphs import matrix_rules, shapes
from toolkit.interpret.zeros.graphs.along_axes import ALONG, along
from toolkit.interpret.zeros.graphs.along_axes import LINEAR as LINEAR_ALONG
from toolkit.interpret.zeros.graphs.attention_rules import attention
from toolkit.interpret.zeros.graphs.combinations import negated, product, quotient, total
from toolkit.interpret.zeros.graphs.einsum_rules import einsum
from toolkit.interpret.zeros.graphs.entries import (
    ENTRYWISE,
    ODD,
    activated,
    any_function,
    function_of_one_number,
    is_entrywise,
    plain_name,
    require_legal,
)
from toolkit.interpret.zeros.graphs.layer_rules import NotFollowed
from toolkit.interpret.zeros.graphs.reductions import (
    DROPOUTS,
    OVER,
    SUMS,
    dropped,
    normalised,
    reduced,
    softmax,
)
from toolkit.interpret.zeros.graphs.states import (
    Functions,
    Invariants,
    Origin,
    State,
    Weights,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.interpret.zeros.graphs.arguments import Arguments


#: The vocabulary: what a call does, in one word.
Operation: TypeAlias = Literal[
    "input", "constant", "linear", "activation", "sum", "concatenation", "product", "gate",
    "attention", "normalisation", "pooling", "identity", "pointwise", "declared", "invariant",
    "unknown", "other",
]  # fmt: skip


_POSITIVE = frozenset({"sigmoid", "exp", "softmax", "softplus", "cosh"})


def after_function(a: Arguments) -> tuple[Operation, list[State]]:
    """Return what a call does, and what is known of each tensor that it makes.

    Parameters
    ----------
    a
        The call and what is known of its arguments.

    Raises
    ------
    NotFollowed
        If nothing is known of what it makes.
    """
    name = plain_name(a.call.operation)
    states = a.given
    if not states:
        raise NotFollowed("it takes no tensor")
    if not any(isinstance(s, Functions | Weights) for s in states):
        return "invariant", _of_invariants(a, name, states)
    for names, kind, rule in _RULES:
        if name in names:
            try:
                found = rule(a)
            except NotAvailable as error:
                raise NotFollowed(error.reason) from error
            return _kind_of(kind, states, found), found
    found_kind, state = _by_entries(a, name)
    return found_kind, [state]


def _kind_of(kind: Operation, given: list[State], made: list[State]) -> Operation:
    """Return what a call does in the light of what it was given."""
    if any(isinstance(s, Weights) for s in [*given, *made]):
        return "attention"
    if kind == "linear" and len(given) > 1:
        if any(isinstance(s, Invariants) for s in made):
            return "pooling"
        if sum(isinstance(s, Functions) for s in given) > 1:
            return "product"
        return "gate" if any(isinstance(s, Invariants) for s in given) else kind
    if kind == "product":
        on_module = sum(isinstance(s, Functions) for s in given)
        is_gate = any(isinstance(s, Invariants) for s in given)
        return "gate" if is_gate else kind if on_module > 1 else "identity"
    if kind == "gate" and not any(isinstance(s, Invariants) for s in given):
        return (
            "pointwise" if len([s for s in given if isinstance(s, Functions)]) > 1 else "identity"
        )
    return kind


def _of_invariants(a: Arguments, name: str, states: list[State]) -> list[State]:
    """Return the states of functions of invariants and constants."""
    origin = Origin()
    for state in states:
        if isinstance(state, Invariants):
            origin = origin.also(state.origin)
    first = states[0]
    if name in ("expand", "expand_as", "broadcast_to", "repeat") and isinstance(first, Invariants):
        return shapes.repeated(a)
    if name in shapes.KEEPING:
        return [first]
    origin = origin.without_silencers
    if len(a.refs) == 1 and isinstance(first, Invariants) and is_entrywise(name):
        return [Invariants(False, origin, first.uniform, name in _POSITIVE)]
    return [Invariants(False, origin, frozenset(), name in _POSITIVE) for _ in a.call.outputs]


def _by_entries(a: Arguments, name: str) -> tuple[Operation, State]:
    f = function_of_one_number(a)
    if f is not None:
        first = a.first_functions()
        require_legal(first.module, f.is_odd, f.is_affine and f.at_zero == 0, f.name)
        return "activation", activated(first, f)
    if name in ENTRYWISE:
        return "pointwise", any_function(a, is_odd=name in ODD)
    raise NotFollowed(f"the function {a.call.operation} is not followed")


_RULES: tuple[tuple[frozenset[str] | tuple[str, ...], Operation, Callable[..., Any]], ...] = (
    (("add", "sub", "rsub"), "sum", total),
    (("mul",), "product", product),
    (("div",), "gate", quotient),
    (("neg",), "identity", negated),
    (("cat", "concatenate", "hstack", "vstack"), "concatenation", shapes.concatenated),
    (SUMS | OVER, "pooling", reduced),
    (("softmax", "log_softmax"), "pointwise", softmax),
    (DROPOUTS, "identity", dropped),
    (LINEAR_ALONG, "linear", along),
    (ALONG, "pointwise", along),
    (("stack",), "concatenation", shapes.stacked),
    (("layer_norm", "rms_norm", "normalize"), "normalisation", normalised),
    (("linear",), "linear", matrix_rules.channel_map),
    (("matmul", "bmm"), "linear", matrix_rules.matrix_product),
    (("einsum",), "linear", einsum),
    (("scaled_dot_product_attention",), "attention", attention),
    *(((name,), "identity", rule) for name, rule in shapes.RULES.items()),
)
