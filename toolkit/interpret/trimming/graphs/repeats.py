"""What a network does in another run: whether it changes itself, and what training changes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch.utils._pytree import tree_flatten

from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.interpret.network.state import SavedState
from toolkit.interpret.network.tracing import traced
from toolkit.interpret.network.watching import unwatched
from toolkit.interpret.trimming.graphs.batches import is_equal, is_same_call
from toolkit.nn.linear.weighted_map import WeightedMap
from toolkit.text import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from torch import nn

    from toolkit.interpret.network.calls import Call, CallGraph
    from toolkit.interpret.network.given import Given


def require_repeatable(model: nn.Module, given: Given, wholes: Iterable[nn.Module]) -> None:
    """Refuse a network whose ``forward`` changes its parameters or buffers.

    What layers keep for themselves, such as running means, is left to them: copies do the same.

    Parameters
    ----------
    model
        The network; what it changes is put back.
    given, wholes
        As for :func:`toolkit.interpret.network.tracing.traced`.

    Raises
    ------
    NotAvailable
        If another run starts from other numbers.
    """
    saved = SavedState(model)
    devices = [t.device for t in given.tensors.values() if t.is_cuda]
    try:
        with (
            unwatched(),
            torch.inference_mode(False),
            torch.no_grad(),
            torch.random.fork_rng(devices),
        ):
            given.each(torch.clone).run(model)
            second = SavedState(model, parameters=False)  # with what the first run has begun
            given.each(torch.clone).run(model)
        changed = saved.changed(wholes)
        changed += [name for name in second.changed(wholes) if name not in changed]
    finally:
        saved.put_back()
    if changed:
        raise NotAvailable(
            type(model).__name__,
            "how to trim it",
            f"its forward changes its own {listed(changed, 8)}, so every run differs from the "
            "previous one: change the forward so that it does not",
        )


def refused_modes(
    model: nn.Module, graph: CallGraph, given: Given, wholes: Iterable[nn.Module]
) -> dict[bool, str]:
    """Return the modes, ``True`` for training, in which a network makes other calls, and why.

    Layers that do something else in training, such as norms, are calls themselves, and one call in
    both modes.

    Parameters
    ----------
    model, given, wholes
        As for :func:`toolkit.interpret.network.tracing.traced`.
    graph
        Of a run in the modes that its modules have now.
    """
    out: dict[bool, str] = {}
    modes = {m.training for m in model.modules()}
    for mode in (True, False):
        if modes == {mode}:
            continue
        word = "training" if mode else "evaluation"
        try:
            with in_mode(model, mode):
                other = traced(model, given, wholes)
        except ModuleMismatchError as error:
            out[mode] = f"in {word} {error}"
            continue
        at = _first_difference(graph, other)
        if at:
            out[mode] = f"in {word} the network makes different calls, the first of them {at}"
    return out


@contextmanager
def in_mode(model: nn.Module, mode: bool) -> Iterator[None]:
    """Set the mode of all submodules for a while.

    Examples
    --------
    >>> layer = torch.nn.ReLU()
    >>> with in_mode(layer, False):
    ...     print(layer.training)
    False
    >>> layer.training
    True
    """
    before = {m: m.training for m in model.modules()}
    try:
        for module in before:
            module.training = mode
        yield
    finally:
        for module, own in before.items():
            module.training = own
            if isinstance(module, WeightedMap):
                module.forget_operator()  # as always when the mode changes


def _first_difference(one: CallGraph, other: CallGraph) -> str:
    """Return the name of the first call that differs, or that something else is returned."""
    for call, new in zip(one.calls, other.calls, strict=False):
        same = is_same_call(call, new) and _is_same_given(call, new)
        if not same:
            return repr(new.name)
    if len(one.calls) != len(other.calls):
        longer = max(one.calls, other.calls, key=len)
        return repr(longer[min(len(one.calls), len(other.calls))].name)
    if one.lost != other.lost:
        return "one that reads a number from a tensor"
    return "" if _is_same(one.returned, other.returned) else "what it returns"


def _is_same_given(one: Call, other: Call) -> bool:
    return _is_same((one.args, dict(one.kwargs)), (other.args, dict(other.kwargs)))


def _is_same(one: Any, other: Any) -> bool:  # noqa: ANN401 - arguments, or what is returned
    (a, form), (b, other_form) = tree_flatten(one), tree_flatten(other)
    return bool(form == other_form) and all(is_equal(x, y) for x, y in zip(a, b, strict=True))
