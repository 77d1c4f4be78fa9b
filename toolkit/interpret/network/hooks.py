"""Hooks that measure at chosen stages while a network runs, and leave it unchanged.

A :class:`~toolkit.interpret.network.probes.Probe` measures; this module sets and removes hooks,
tells the calls of a shared submodule apart, and discards the measurements of a pass that fails.
"""

from __future__ import annotations

import warnings
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias

import torch

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.network.call_order import first_tensor, needs_example, stage_modules
from toolkit.interpret.network.given import Given, passes_of
from toolkit.interpret.network.stages import Stage, stages_of, unknown_activations
from toolkit.interpret.network.watching import Watcher, is_unwatched, unwatched
from toolkit.nn.deep_sets import DeepSetsLinear
from toolkit.text import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from torch import nn
    from torch.utils.hooks import RemovableHandle

    from toolkit.interpret.network.call_order import Spaces
    from toolkit.interpret.network.probes import Probe


#: Probes by stage, of the input and of the output.
Plan: TypeAlias = "tuple[dict[Stage, list[Probe]], dict[Stage, list[Probe]]]"


class Hooks(Watcher):
    """Hooks on a model, from :meth:`start` to :meth:`stop`.

    Parameters
    ----------
    model, spaces, example
        As in :func:`toolkit.interpret.stages_of`. Where an example is needed and none is given,
        the first input serves.
    plan
        Makes the probes from the stages; called once.
    every
        Every how many passes one is measured, the first one always.
    """

    def __init__(
        self,
        model: nn.Module,
        spaces: Spaces | None,
        example: torch.Tensor | None,
        plan: Callable[[Sequence[Stage]], Plan],
        *,
        every: int = 1,
    ) -> None:
        self.model = model
        self.spaces: Spaces = dict(spaces or {})
        self._example = example
        self._plan = plan
        self._every, self._passes = every, 0
        self._handles: list[RemovableHandle] = []
        self._stages: dict[tuple[nn.Module, int], Stage] = {}
        self._before: dict[Stage, list[Probe]] = {}
        self._after: dict[Stage, list[Probe]] = {}
        self._calls: Counter[nn.Module] = Counter()
        self._pass: list[tuple[Probe, object]] = []
        self._inside = False

    def start(self) -> None:
        """Set the hooks."""
        if self._handles:
            raise ModuleMismatchError("this recorder is already recording; create another one")
        if not self._stages and not (
            self._example is None and needs_example(self.model, self.spaces)
        ):
            self._prepare(self._example)
        self._handles.append(
            self.model.register_forward_pre_hook(self.start_pass, with_kwargs=True)
        )
        for module in stage_modules(self.model, self.spaces):
            self._handles.append(module.register_forward_pre_hook(self._enter, with_kwargs=True))
            self._handles.append(module.register_forward_hook(self._leave))
        self._handles.append(self.model.register_forward_hook(self._finish_pass))

    def stop(self) -> None:
        """Remove the hooks."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        self._pass.clear()
        self._inside = False

    def _prepare(self, example: torch.Tensor | None) -> None:
        stages = stages_of(self.model, self.spaces, example)
        lost = unknown_activations(stages)
        if lost:
            warnings.warn(
                f"not measured: {listed(lost, 8)}, because the input is not the output of a layer "
                f"and its module is unknown; declare it, as in spaces={{{lost[0]!r}: X}}",
                stacklevel=3,
            )
        self._before, self._after = self._plan(stages)
        self._stages = {(stage.module, stage.call): stage for stage in stages}

    def start_pass(self, model: nn.Module, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Begin to watch a pass; a hook of the model, or called in one."""
        if is_unwatched():
            return
        self._inside = False
        self._passes += 1
        if (self._passes - 1) % self._every:
            return
        if not self._stages:
            x = first_tensor(args, named)
            if x is None:
                raise ModuleMismatchError(
                    "the model's first argument must be a tensor, so that the order of its layers "
                    "can be found: give one as example="
                )
            x = x.detach()
            with unwatched():
                self._prepare(Given((x,)).part.args[0])
        self._calls.clear()
        self._pass.clear()
        self._inside = True

    def _enter(self, module: nn.Module, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        if not self._inside or is_unwatched():
            return
        mask = args[1] if len(args) > 1 else named.get("mask")
        if isinstance(module, DeepSetsLinear) and mask is not None:
            raise ModuleMismatchError(
                "with a mask the functions are on fewer points than the module has: use sets of "
                "one size, without a mask"
            )
        stage = self._stages.get((module, self._calls[module]))
        if stage is not None:
            self._measure(self._before.get(stage, ()), first_tensor(args, named))

    def _leave(self, module: nn.Module, args: tuple[Any, ...], y: object) -> None:
        if not self._inside or is_unwatched():
            return
        stage = self._stages.get((module, self._calls[module]))
        self._calls[module] += 1
        if stage is not None:
            self._measure(self._after.get(stage, ()), y)

    def _measure(self, probes: Iterable[Probe], x: object) -> None:
        if isinstance(x, torch.Tensor):
            with unwatched(), torch.no_grad():
                self._pass.extend((probe, probe.measured(x)) for probe in probes)

    def _finish_pass(self, model: nn.Module, args: tuple[Any, ...], y: object) -> None:
        if not self._inside or is_unwatched():
            return
        self._inside = False
        with unwatched():
            for probe, found in self._pass:
                probe.add(found)
        self._pass.clear()


def inputs_of(batches: torch.Tensor | Iterable[Any]) -> Iterable[torch.Tensor]:
    """Yield the inputs of batches: one tensor, or tensors, or tuples whose first item is one.

    Raises
    ------
    ModuleMismatchError
        If a batch is something else, or sparse, quantised or without numbers.
    NotAvailable
        If a batch is larger than what one answer may take.

    Examples
    --------
    >>> [tuple(x.shape) for x in inputs_of([(torch.zeros(5, 4, 1), "labels")])]
    [(5, 4, 1)]
    """
    return (next(iter(given.tensors.values())) for given in passes_of(batches))
