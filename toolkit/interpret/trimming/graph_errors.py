"""The error of a low-pass network that is no chain, tensor by tensor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.network.calls import Ref
from toolkit.interpret.network.energies import SimpleParts
from toolkit.interpret.network.given import passes_of
from toolkit.interpret.network.state import state_kept
from toolkit.interpret.network.watching import leaves
from toolkit.interpret.trimming.errors import ErrorMeter, StageError, projected
from toolkit.interpret.trimming.graphs.network import replay_of
from toolkit.interpret.zeros.graphs.states import Functions
from toolkit.text import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from torch import nn

    from toolkit.interpret.network.given import Given
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
            unmeasured.append((r.key, "no returned tensor depends on it"))
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
    with torch.no_grad(), state_kept(small, parameters=False):
        for given in _passes(found, data):
            tensors = replay.tensors(given.args, given.kwargs)
            full, results = replay.run(tensors, replay.program.steps, asked)
            low = [
                projected(*projections[name], x) if name in projections else x
                for name, x in given.tensors.items()
            ]
            lower, _ = replay.run(low, replay.program.steps, asked)
            for (r, meter), v, w in zip(watched, full, lower, strict=True):
                meter.add(_samples(r, v), _samples(r, w))
            made = leaves(given.run(small))
            for (own, meter), v, w in zip(outputs, results, made, strict=True):
                if own is not None:
                    meter.add(_samples(own, v), _samples(own, w))
                    continue
                samples = len(tensors[0])
                rows = samples if v.dim() > 0 and v.shape[0] == samples else 1
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


def _passes(found: FollowedNetwork, data: Any) -> Iterable[Given]:  # noqa: ANN401
    """Yield the arguments of each batch, as the network takes them, checked."""
    example, names = found.example, list(found.starts)
    own_shapes = [x.dim() for x in example.tensors.values()]
    like = example.args or example.kwargs
    for given in passes_of(data, like):
        tensors = list(given.tensors.values())
        if len(tensors) != len(names) or (given.kwargs and example.args and len(names) > 1):
            raise ModuleMismatchError(
                f"a batch must hold {listed(names, 12)} of the network as tensors, found "
                f"{listed(list(given.tensors), 12)}"
            )
        for i, (x, axes, name) in enumerate(zip(tensors, own_shapes, names, strict=True)):
            if axes == 3 and found.starts[name][0] is not None and x.dim() > 1:
                tensors[i] = x = x.reshape(-1, *x.shape[-2:])  # samples on several axes
            if x.is_floating_point() and not bool(torch.isfinite(x).all()):
                raise ModuleMismatchError("data must be finite, found an infinite value or a NaN")
        yield example.filled(tensors)
