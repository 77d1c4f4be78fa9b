"""Calls that another run might do otherwise: they are refused, not replayed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.interpret.zeros.graphs.entries import plain_name
from toolkit.interpret.zeros.graphs.reductions import DROPOUTS
from toolkit.nn.dropout import EquivariantDropout

if TYPE_CHECKING:
    from toolkit.interpret.network.calls import Call, CallGraph

#: Layers that drop entries at random, or nothing.
DROPOUT = (
    nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout,
    EquivariantDropout,
)  # fmt: skip


def require_one_way(model: nn.Module, graph: CallGraph) -> None:
    """Refuse a network that may do something else for other values of its inputs.

    Raises
    ------
    NotAvailable
        If a number left a tensor.
    """
    if graph.lost:
        raise NotAvailable(
            type(model).__name__,
            "how to trim it",
            f"{graph.lost}: other inputs may take another branch of its forward",
        )


def require_replayed(model: nn.Module, graph: CallGraph, call: Call) -> None:
    """Refuse a call that another run might do otherwise.

    Raises
    ------
    NotAvailable
        If its tensors come from nowhere, or are random.
    ModuleMismatchError
        If dropout is on.
    """
    what = (type(model).__name__, "how to trim it")
    if call.kind == "lost":
        users = [c.name for c in graph.calls if call.outputs[0].number in c.takes]
        by = f"which {users[0]!r} takes" if users else "which it returns"
        raise NotAvailable(*what, f"a tensor, {by}, is not traced: {call.reason}")
    if _drops(call):
        raise ModuleMismatchError(
            f"the dropout {call.name!r} is active and drops different entries in every run, which "
            "a trimmed network does not: call model.eval() first"
        )
    own = {t.number for c in graph.calls for t in c.outputs if t.own is not None}
    if own & set(call.writes):
        raise NotAvailable(
            *what,
            f"{call.name!r} writes into a parameter or buffer, so every run changes the next: "
            "change the forward so that it does not",
        )
    if call.reason.startswith("its values are random"):
        raise NotAvailable(*what, f"what {call.name!r} returns is random or uninitialised")
    if call.reason == "it writes into a tensor":
        raise NotAvailable(
            *what, f"{call.name!r} writes into a tensor: change it so that it returns a new one"
        )


def _drops(call: Call) -> bool:
    """Whether a call drops entries at random."""
    name = plain_name(call.operation)
    if isinstance(call.target, nn.Module):
        inside = [m for m in call.target.modules() if m.training]
        share = [m.p if isinstance(m, DROPOUT) else getattr(m, "dropout", 0) for m in inside]
        return any(isinstance(p, float) and p > 0 for p in share)
    if name == "scaled_dot_product_attention":
        share_of_weights = call.args[4] if len(call.args) > 4 else call.kwargs.get("dropout_p", 0)
        return bool(share_of_weights != 0)
    if name not in DROPOUTS:
        return False
    is_on = call.args[2] if len(call.args) > 2 else call.kwargs.get("training", True)
    given = call.args[1] if len(call.args) > 1 else call.kwargs.get("p", 0.5)
    return bool(is_on) and given != 0
