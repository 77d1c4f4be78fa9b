"""The error of a low-pass network that is no chain, tensor by tensor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch.utils._pytree import tree_leaves

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.network.calls import Ref
from toolkit.interpret.network.energies import SimpleParts
from toolkit.interpret.network.hooks import inputs_of
from toolkit.interpret.trimming.errors import ErrorMeter, StageError, projected
from toolkit.interpret.trimming.graphs.network import replay_of
from toolkit.interpret.zeros.graphs.states import Functions

if TYPE_CHECKING:
    from torch import nn

    from toolkit.interpret.network.trimmed import TrimmedGraph
    from toolkit.interpret.zeros.graphs.following import CallSupport
    from toolkit.interpret.zeros.graphs.network import FollowedNetwork


@dataclass(frozen=True, eq=False)
class GraphErrors:
    """Errors of a low-pass network at all of its tensors.

    Parameters
    ----------
    stages
        Errors at the inputs and at every tensor that is functions on a module, then at what the
        network returns.
    unmeasured
        Tensors on modules at which none is measured, with the reason.
    """

    stages: tuple[StageError, ...] = field(repr=False)
    unmeasured: tuple[tuple[str, str], ...]


def errors_in_graph(
    model: nn.Module,
    found: FollowedNetwork,
    small: TrimmedGraph,
    data: Any,  # noqa: ANN401 - see lowpass
) -> GraphErrors:
    """Return the errors of a low-pass network on a data set.

    Parameters
    ----------
    model
        The network.
    found
        Its graph.
    small
        The low-pass network.
    data
        As for :func:`toolkit.interpret.lowpass`.

    Raises
    ------
    ModuleMismatchError
        If there are no data, or they do not fit.
    """
    replay, places = replay_of(model, found)
    watched: list[tuple[CallSupport, ErrorMeter]] = []
    unmeasured: list[tuple[str, str]] = []
    shapes = {t.number: t.shape for t in found.graph.tensors}
    batch = _batch_of(found, replay.program.inputs)
    for r in found.support:
        if not isinstance(r.state, Functions):
            continue
        shape, points = shapes[r.number], r.state.points
        if r.number not in places:
            unmeasured.append((r.key, "nothing that is returned is made of it"))
        elif not shape or shape[0] != batch or len(shape) + points == 0:
            unmeasured.append((r.key, "its first axis is not the batch"))
        else:
            watched.append((r, ErrorMeter(r.key, r.state.module, r.possible)))
    outputs = _output_meters(found, {r.number: r for r, _ in watched})
    projections = {name: (SimpleParts(X), labels or ())
                   for name, (X, labels) in found.starts.items() if X is not None}  # fmt: skip
    numbers = [r.number for r, _ in watched]
    asked = (
        tuple(Ref(places[n]) for n in numbers),
        tuple(Ref(places[n]) for n in found.graph.results),
    )
    with torch.no_grad():
        for given in _batches(found, data):
            args, kwargs = _called(found, given)
            full, results = replay.run(replay.tensors(args, kwargs), replay.program.steps, asked)
            low = [
                projected(*projections[name], x) if name in projections else x
                for name, x in zip(found.starts, given, strict=True)
            ]
            lower, _ = replay.run(low, replay.program.steps, asked)
            for (r, meter), v, w in zip(watched, full, lower, strict=True):
                meter.add(_samples(r, v), _samples(r, w))
            made = [t for t in tree_leaves(small(*args, **kwargs)) if isinstance(t, torch.Tensor)]
            for (own, meter), v, w in zip(outputs, results, made, strict=True):
                if own is not None:
                    meter.add(_samples(own, v), _samples(own, w))
                    continue
                rows = len(given[0]) if v.dim() > 0 and v.shape[0] == len(given[0]) else 1
                meter.add(v.reshape(rows, -1), w.reshape(rows, -1))
    meters = [meter for _, meter in (*watched, *outputs)]
    if not meters or not meters[-1].samples:
        raise ModuleMismatchError("data must hold at least one input, found none")
    return GraphErrors(tuple(meter.result() for meter in meters), tuple(unmeasured))


def _batch_of(found: FollowedNetwork, inputs: tuple[tuple[str | None, bool, Any], ...]) -> int:
    """Return the size of the batch in the recorded run."""
    for (_, moves, shape), call in zip(inputs, found.graph.inputs, strict=True):
        if moves:
            return int(shape[0])
        if found.starts[call.name][0] is not None:
            raise ModuleMismatchError(
                f"the example of {call.name!r} must have its batch as the first axis, "
                f"(batch, ..., points, channels), found {tuple(shape)}"
            )
    return 0


def _output_meters(
    found: FollowedNetwork, watched: Mapping[int, CallSupport]
) -> list[tuple[CallSupport | None, ErrorMeter]]:
    out: list[tuple[CallSupport | None, ErrorMeter]] = []
    for i, number in enumerate(found.graph.results):
        name = "output" if len(found.graph.results) == 1 else f"output {i}"
        r = watched.get(number)
        simples = () if r is None else r.possible
        out.append((r, ErrorMeter(name, None if r is None else r.module, simples)))
    return out


def _samples(r: CallSupport, t: torch.Tensor) -> torch.Tensor:
    """Return functions as ``(samples, points, channels)``."""
    assert isinstance(r.state, Functions)
    moved = t.movedim(r.state.points, 1)
    return moved.reshape(*moved.shape[:2], -1)


def _called(
    found: FollowedNetwork, given: list[torch.Tensor]
) -> tuple[tuple[torch.Tensor, ...], dict[str, torch.Tensor]]:
    if isinstance(found.example, Mapping):
        return (), dict(zip(found.example, given, strict=True))
    return tuple(given), {}


def _batches(found: FollowedNetwork, data: Any) -> Iterable[list[torch.Tensor]]:  # noqa: ANN401
    """Yield the inputs of each batch, in the order of the network's, checked."""
    own_example = found.example
    example = list(own_example.values() if isinstance(own_example, Mapping) else own_example)
    for given in _taken(found, data, len(example)):
        for i, (x, own, call) in enumerate(zip(given, example, found.graph.inputs, strict=True)):
            if own.dim() == 3 and found.starts[call.name][0] is not None and x.dim() > 1:
                given[i] = x = x.reshape(-1, *x.shape[-2:])  # samples on several axes
            if x.is_floating_point() and not bool(torch.isfinite(x).all()):
                raise ModuleMismatchError(
                    "data must be finite numbers, found an infinite one or a NaN"
                )
        yield given


def _taken(found: FollowedNetwork, data: Any, count: int) -> Iterable[list[torch.Tensor]]:  # noqa: ANN401
    if count == 1:
        single = next(iter(data.values())) if isinstance(data, Mapping) else data
        for x in inputs_of(single):
            yield [x]
        return
    is_tuple = isinstance(data, tuple | list) and len(data) == count
    if isinstance(data, Mapping) or (is_tuple and all(isinstance(x, torch.Tensor) for x in data)):
        data = [data]
    if not isinstance(data, Iterable):
        raise ModuleMismatchError(
            f"data of {count} inputs are a tuple or a mapping of tensors, or batches of these, "
            f"found {type(data).__name__}"
        )
    names = list(found.example) if isinstance(found.example, Mapping) else None
    for batch in data:
        if names is not None and isinstance(batch, Mapping) and set(names) <= set(batch):
            own = [batch[name] for name in names]
        elif isinstance(batch, tuple | list):
            own = list(batch[:count])
        else:
            own = []
        if len(own) != count or not all(isinstance(x, torch.Tensor) for x in own):
            raise ModuleMismatchError(
                f"a batch must hold the {count} inputs of the network as tensors"
                + (f", {', '.join(map(str, names))} by name" if names else "")
                + f", found {type(batch).__name__}"
            )
        yield own
