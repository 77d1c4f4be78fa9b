"""Measuring at calls of a network while it runs, in training too: of layers and of functions.

The graph of the network is known from one run (:mod:`toolkit.interpret.network.tracing`). Every
pass is then watched under the same names, and only what is to be measured is looked at: nothing is
kept, and the network runs as it does alone.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.network.given import Given
from toolkit.interpret.network.watching import (
    Begun,
    CallWatch,
    is_unwatched,
    leaves,
    uncompiled,
    unwatched,
    version_of,
)
from toolkit.text import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from contextlib import AbstractContextManager

    from toolkit.interpret.network.probes import Probe


class _Measured:
    """The last measurement of a pass; the tensor itself is not kept."""

    def __init__(self, x: torch.Tensor, probe: Probe, points: int, found: object) -> None:
        self._x, self._version = weakref.ref(x), version_of(x)
        self._what, self._points = (type(probe), probe.measures), points
        self.found = found

    def holds_for(self, x: torch.Tensor, probe: Probe, points: int) -> bool:
        """Whether another probe would find the same in a tensor."""
        same = self._what[0] is type(probe) and self._what[1] == probe.measures
        return (
            same
            and self._x() is x
            and not x.is_inference()  # that keeps no count of what is written into it
            and (self._version, self._points) == (version_of(x), points)
        )


class LiveCalls(CallWatch):
    """Measures at the calls of a network in every pass, from :meth:`start` to :meth:`stop`.

    Parameters
    ----------
    model, wholes
        As of :class:`~toolkit.interpret.network.watching.CallWatch`.
    names
        Names of the network's inputs, of all of them.
    sequence
        Names of its calls in order, which every pass must make.
    inputs, before, after, outputs
        Probes: by the name of an input; by the name of a call, of its first input and of its
        output; by the number of a tensor that is returned, with the axis of its points.
    points
        By the name of a call the axis of its points, counted from the end.
    every
        Every how many passes one is measured, the first one always.
    """

    def __init__(
        self,
        model: nn.Module,
        wholes: Iterable[nn.Module],
        names: tuple[str, ...],
        sequence: tuple[str, ...],
        inputs: Mapping[str, Probe],
        before: Mapping[str, Probe],
        after: Mapping[str, Probe],
        outputs: Mapping[int, tuple[Probe, int]],
        points: Mapping[str, int],
        every: int = 1,
    ) -> None:
        super().__init__(model, wholes)
        self._names, self._expected = names, sequence
        self._inputs, self._before, self._after = dict(inputs), dict(before), dict(after)
        self._outputs, self._points = dict(outputs), dict(points)
        self._every, self._passes = every, 0
        self._pass: list[tuple[Probe, object]] = []
        self._is_on = False
        self._uncompiled: AbstractContextManager[None] | None = None
        self._last: _Measured | None = None

    def start(self) -> None:
        """Set the hooks."""
        self._uncompiled = uncompiled(self.model)
        self._uncompiled.__enter__()
        self.set_hooks()
        # before the hooks that are there, the model's own among them
        start = self.model.register_forward_pre_hook(
            self.start_pass, prepend=True, with_kwargs=True
        )
        self._handles.append(start)
        self._handles.append(self.model.register_forward_hook(self._finish_pass))
        self._handles.append(self.model.register_forward_hook(self._clean_up, always_call=True))

    def stop(self) -> None:
        """Remove the hooks."""
        self.remove_hooks()
        self._pass.clear()
        if self._uncompiled is not None:
            self._uncompiled.__exit__(None, None, None)
            self._uncompiled = None

    # a pass -----------------------------------------------------------------------------------

    def start_pass(self, _: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Begin to watch a pass; a hook of the model, or called in one."""
        if is_unwatched() or self._is_on:
            return
        self._passes += 1
        if (self._passes - 1) % self._every:
            return
        self.begin()
        self._met.update(self._names)
        self._pass.clear()
        self._last = None
        tensors = Given(args, kwargs).tensors
        missing = [name for name in self._inputs if name not in tensors]
        if missing:
            raise ModuleMismatchError(
                f"the network must have the same inputs in every pass; {listed(missing, 8)} is not "
                f"among {listed(list(tensors), 8) or 'no tensor'}"
            )
        for name, probe in self._inputs.items():
            self._measure(probe, tensors[name], -2)
        self._is_on = True
        self.__enter__()  # type: ignore[no-untyped-call]

    @property
    def idle(self) -> bool:
        """Whether no pass is watched now."""
        return not self._is_on or is_unwatched()

    def begun(self, call: Begun) -> None:
        """Measure what a call takes."""
        name = self.unique(call.name)
        probe = self._before.get(name)
        if probe is not None and call.given:
            self._measure(probe, call.given[0], self._points[name])

    def ended(self, call: Begun, made: object) -> None:
        """Measure what a call has made."""
        name = self.unique(call.name)
        probe = self._after.get(name)
        if probe is not None and isinstance(made, torch.Tensor):
            self._measure(probe, made, self._points[name])

    def _measure(self, probe: Probe, x: torch.Tensor, points: int) -> None:
        if self._last is not None and self._last.holds_for(x, probe, points):
            found = self._last.found  # what an activation made and is returned, for instance
        else:
            with unwatched(), torch.no_grad():
                found = probe.measured(x.detach().movedim(points, -2))
            self._last = _Measured(x, probe, points, found)
        self._pass.append((probe, found))

    def _finish_pass(self, _: nn.Module, __: object, made: object) -> None:
        if self.idle:
            return
        self._clean_up()
        if tuple(self.sequence) != self._expected:
            raise ModuleMismatchError(self._other_way())
        results = leaves(made)
        for number, (probe, points) in self._outputs.items():
            self._measure(probe, results[number], points)
        self._last = None
        with unwatched():
            for probe, found in self._pass:
                probe.add(found)
        self._pass.clear()

    def _clean_up(self, *_: object) -> None:
        """Leave the context, after an exception too."""
        if not self.idle:
            self._is_on = False
            self.__exit__(None, None, None)  # type: ignore[no-untyped-call]

    def _other_way(self) -> str:
        pairs = zip([*self.sequence, ""], [*self._expected, ""], strict=False)
        now, then = next(((a, b) for a, b in pairs if a != b), ("", ""))
        return (
            "the network must make the same calls in every pass as in the first; instead of "
            f"{then or 'no further call'}, it now makes {now or 'no further call'}: record "
            "different kinds of passes (training and evaluation, shapes of batches) separately"
        )
