"""Numbers in a recorded run that move with the size of the batch, found in runs on several.

A network is recorded as the calls of one run, with their arguments. Some of these are numbers that
the forward takes from the shapes of its inputs (``x.reshape(x.shape[0], -1)``). It is run on
batches of three sizes: the calls must be the same, and each number must be ``a + s * batch`` with
integers a and s, which two runs give and the third confirms. In the third run sizes notice when
they are compared (:mod:`toolkit.interpret.trimming.graphs.sizes`), as a ``forward`` may branch on
them. Everything else is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn
from torch.utils._pytree import tree_flatten, tree_leaves, tree_unflatten

from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.interpret.network.calls import Ref
from toolkit.interpret.network.tracing import traced
from toolkit.interpret.network.watching import function_name
from toolkit.interpret.trimming.graphs.sizes import SizeWatch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.interpret.network.calls import Call, CallGraph
    from toolkit.interpret.network.given import Given

_WHAT = "how to trim it for batches of any size"


@dataclass(frozen=True)
class Moving:
    """The number ``offset + slope * batch``."""

    offset: int
    slope: int


@dataclass(frozen=True)
class MovingSlice:
    """A slice of which a number may move."""

    start: Any
    stop: Any
    step: Any


#: Kinds of arguments that hold no tensors.
_PLAIN = (
    Ref, Moving, MovingSlice, type(None), bool, int, float, complex, str, slice, torch.dtype,
    torch.device, torch.Size, torch.memory_format, torch.layout, np.ndarray, np.generic,
)  # fmt: skip


@dataclass(frozen=True)
class Batched:
    """A graph for batches of any size.

    Parameters
    ----------
    arguments
        Per call its arguments, by place and by name, with :class:`Moving` in the place of numbers.
    shapes
        Per tensor its shape, with :class:`Moving` likewise.
    axes
        Per input, in their order, whether its first axis is the batch.
    returned
        What is returned, with references to tensors and :class:`Moving` numbers.
    """

    arguments: tuple[tuple[tuple[Any, ...], Mapping[str, Any]], ...]
    shapes: Mapping[int, tuple[Any, ...]]
    axes: tuple[bool, ...]
    returned: Any


def batched(
    model: nn.Module,
    graph: CallGraph,
    example: Given,
    on_points: Iterable[bool],
    wholes: Iterable[nn.Module],
) -> Batched:
    """Return the arguments and shapes of a graph for batches of any size.

    Parameters
    ----------
    model, example, wholes
        As for :func:`toolkit.interpret.network.tracing.traced`.
    graph
        Of a run on the example.
    on_points
        Per input whether it is functions on points: with two axes it then has no batch.

    Raises
    ------
    ModuleMismatchError
        If the example holds no sample.
    NotAvailable
        If it does not run on batches of other sizes, its calls depend on the size, or a number
        among their arguments depends on it in another way than linearly.
    """
    tensors = list(example.tensors.values())
    firsts = list(on_points)
    size = next((t.shape[0] for t, on in zip(tensors, firsts, strict=True) if t.dim() > 1 + on), 0)
    axes = tuple(
        t.dim() > (2 if on else 0) and t.shape[0] == size
        for t, on in zip(tensors, firsts, strict=True)
    )
    if any(axes) and not size:
        raise ModuleMismatchError("the example must hold at least one sample, found a batch of 0")
    if not any(axes):
        own = tuple((call.args, call.kwargs) for call in graph.calls)
        shapes = {t.number: t.shape for t in graph.tensors}
        return Batched(own, shapes, axes, graph.returned)
    sizes = (size, *(b for b in (1, 2, 5) if b != size))[:3]
    runs = [graph]
    watch: SizeWatch | None = None
    for other in sizes[1:]:
        if len(runs) == 2:
            watch = SizeWatch(_moving_axes(*runs))
        resized = [
            _resized(t, other) if moves else t for t, moves in zip(tensors, axes, strict=True)
        ]
        try:
            runs.append(traced(model, example.filled(resized), wholes, sizes=watch))
        except ModuleMismatchError as error:
            raise NotAvailable(
                type(model).__name__, _WHAT, f"of a batch of {other} {error}"
            ) from error
    notes = [] if watch is None else list(watch.notes)  # before sizes are compared here
    found = _compared(model, runs, sizes, axes)
    if notes:
        raise NotAvailable(
            type(model).__name__,
            _WHAT,
            f"its forward {notes[0]}, and may behave differently for other sizes",
        )
    return found


def _moving_axes(one: CallGraph, other: CallGraph) -> dict[int, frozenset[int]]:
    """Return per tensor the axes whose lengths differ in two runs."""
    return {
        t.number: frozenset(i for i, (n, k) in enumerate(zip(t.shape, u.shape)) if n != k)  # noqa: B905 - shapes may differ
        for t, u in zip(one.tensors, other.tensors)  # noqa: B905 - so may the runs
    }


def _resized(t: torch.Tensor, size: int) -> torch.Tensor:
    """Return a batch of another size, with the same samples again and again."""
    return t[torch.arange(size, device=t.device) % len(t)]


def _compared(
    model: nn.Module, runs: list[CallGraph], sizes: tuple[int, ...], axes: tuple[bool, ...]
) -> Batched:
    name = type(model).__name__
    first = runs[0]
    for run, size in zip(runs[1:], sizes[1:], strict=True):
        both = zip(first.calls, run.calls, strict=False)
        other = next((c.name for c, d in both if not is_same_call(c, d)), None)
        if other is None and len(run.calls) != len(first.calls):
            longer = max(first.calls, run.calls, key=len)
            other = longer[min(len(first.calls), len(run.calls))].name
        if other is None and _parts(run.returned)[1] != _parts(first.returned)[1]:
            other = "what it returns"
        if other is not None:
            raise NotAvailable(
                name,
                _WHAT,
                f"its calls depend on the size of the batch or on earlier calls: for {sizes[0]} "
                f"and {size} samples they differ at {other!r}",
            )
    arguments = []
    shapes: dict[int, tuple[Any, ...]] = {}
    for calls in zip(*(run.calls for run in runs), strict=True):
        at = calls[0].name
        parts = [_parts((call.args, dict(call.kwargs))) for call in calls]
        if any(spec != parts[0][1] for _, spec in parts):
            raise _not_linear(name, at)
        leaves = [
            _fitted(name, at, found, sizes) for found in zip(*(p for p, _ in parts), strict=True)
        ]
        args, kwargs = tree_unflatten(leaves, parts[0][1])
        arguments.append((args, kwargs))
        for several in zip(*(call.outputs for call in calls), strict=True):
            if len({len(t.shape) for t in several}) > 1:
                raise _not_linear(name, at)
            axes_of = zip(*(t.shape for t in several), strict=True)
            shapes[several[0].number] = tuple(_fitted(name, at, ns, sizes) for ns in axes_of)
    results, spec = zip(*(_parts(run.returned) for run in runs), strict=True)
    leaves = [
        _fitted(name, "what it returns", found, sizes) for found in zip(*results, strict=True)
    ]
    return Batched(tuple(arguments), shapes, axes, tree_unflatten(leaves, spec[0]))


def _parts(given: Any) -> tuple[list[Any], Any]:  # noqa: ANN401 - arguments of a call
    return tree_flatten(given)


def is_same_call(one: Call, other: Call) -> bool:
    """Whether two calls do the same to the same tensors, up to numbers.

    Parameters
    ----------
    one, other
        Of two runs of one network.
    """
    same_target = one.target is other.target or (
        not isinstance(one.target, nn.Module)
        and not isinstance(other.target, nn.Module)
        and callable(one.target)
        and callable(other.target)
        and function_name(one.target) == function_name(other.target)
    )
    return (
        one.name == other.name
        and one.kind == other.kind
        and one.operation == other.operation
        and same_target
        and one.takes == other.takes
        and len(one.outputs) == len(other.outputs)
        and all(t.own is u.own for t, u in zip(one.outputs, other.outputs, strict=True))
    )


def _fitted(model: str, at: str, found: tuple[Any, ...], sizes: tuple[int, ...]) -> Any:  # noqa: ANN401
    """Return what stands in the place of an argument that has these values."""
    value = found[0]
    if isinstance(value, slice):
        cuts = [[getattr(s, word) for s in found] for word in ("start", "stop", "step")]
        fitted = [_fitted(model, at, tuple(numbers), sizes) for numbers in cuts]
        return value if not any(_moves(x) for x in fitted) else MovingSlice(*fitted)
    if isinstance(value, torch.Size):
        if len({len(s) for s in found}) > 1:
            raise _not_linear(model, at)
        return tuple(_fitted(model, at, ns, sizes) for ns in zip(*found, strict=True))
    if all(type(x) is type(value) for x in found) and all(is_equal(x, value) for x in found):
        return value
    require_plain(model, repr(at), found)
    if not all(isinstance(x, int) and not isinstance(x, bool) for x in found):
        raise _not_linear(model, at)
    found = tuple(int.__add__(x, 0) for x in found)  # watched sizes become plain integers
    slope, rest = divmod(found[2] - found[0], sizes[2] - sizes[0])
    offset = found[0] - slope * sizes[0]
    if rest or offset + slope * sizes[1] != found[1]:
        raise _not_linear(model, at)
    return Moving(offset, slope)


def require_plain(model: str, where: str, given: object) -> None:
    """Refuse arguments of other kinds, which may hold tensors of the run that was recorded.

    Parameters
    ----------
    model
        Name of the network's class.
    where
        What holds them.
    given
        Arguments, or what is returned.

    Raises
    ------
    NotAvailable
        If there is one.
    """
    for leaf in tree_leaves(given):
        if not (leaf is Ellipsis or isinstance(leaf, _PLAIN)):
            raise NotAvailable(
                model,
                "how to trim it",
                f"{where} holds a {type(leaf).__name__}, which may contain tensors that are not "
                "traced: use tuples, lists and dicts",
            )


def is_equal(one: Any, other: Any) -> bool:  # noqa: ANN401 - any argument
    """Whether two arguments are equal for certain.

    Examples
    --------
    >>> is_equal(float("nan"), float("nan")), is_equal(1, object())
    (True, False)
    """
    if one is other:
        return True
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    try:
        same = one == other
    except (TypeError, ValueError, RuntimeError):
        return False
    return same is True or (isinstance(one, float) and one != one and other != other)


def _moves(x: object) -> bool:
    return isinstance(x, Moving)


def _not_linear(model: str, at: str) -> NotAvailable:
    return NotAvailable(
        model, _WHAT, f"an argument or the shape of {at!r} does not depend linearly on the size of "
                      "the batch"
    )  # fmt: skip


# -- for a batch ----------------------------------------------------------------------------------


def for_batch(given: Any, batch: int) -> Any:  # noqa: ANN401 - any arguments
    """Return arguments with their numbers for a batch.

    Examples
    --------
    >>> for_batch((Moving(0, 3), [MovingSlice(None, Moving(-1, 1), None)], "same"), 4)
    (12, [slice(None, 3, None)], 'same')
    """
    if isinstance(given, Moving):
        return given.offset + given.slope * batch
    if isinstance(given, MovingSlice):
        return slice(*(for_batch(x, batch) for x in (given.start, given.stop, given.step)))
    if type(given) is tuple:
        return tuple(for_batch(x, batch) for x in given)
    if type(given) is list:
        return [for_batch(x, batch) for x in given]
    if type(given) is dict:
        return {name: for_batch(x, batch) for name, x in given.items()}
    return given
