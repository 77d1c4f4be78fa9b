"""Spectra of networks whose activations are functions: measured while the network is traced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.network.call_order import declarations
from toolkit.interpret.network.energies import PartsByModule
from toolkit.interpret.network.tracing import traced
from toolkit.interpret.spectral.probe import SiteProbe
from toolkit.interpret.spectral.spectrum import Site, Spectra
from toolkit.interpret.zeros.graphs.stages import stages_of_calls

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from torch import nn

    from toolkit.interpret.network.call_order import Spaces
    from toolkit.interpret.network.energies import SimpleParts
    from toolkit.interpret.network.hooks import Probe
    from toolkit.interpret.network.stages import Stage
    from toolkit.interpret.spectral.probe import Energies
    from toolkit.interpret.zeros.graphs.stages import TracedStages


def measured_pass(
    model: nn.Module,
    spaces: Spaces | None,
    x: torch.Tensor,
    found: TracedStages,
    probes: Mapping[str, Probe],
) -> tuple[dict[str, Any], torch.Tensor | None]:
    """Run a network once and measure the inputs of some of its calls.

    Parameters
    ----------
    model, spaces
        As in :func:`toolkit.interpret.stages_of`.
    x
        A batch of inputs.
    found
        The network's calls as stages.
    probes
        What measures, by the names of calls.

    Returns
    -------
    tuple
        The measurements by name, which are not added up yet, and the network's output, ``None`` if
        it is not one tensor.

    Raises
    ------
    ModuleMismatchError
        If the network does not make all these calls on the batch.
    """
    measured: dict[str, Any] = {}

    def listen(name: str, given: list[torch.Tensor]) -> None:
        if name in probes and given:
            measured[name] = probes[name].measured(given[0].movedim(found.points[name], -2))

    outputs: list[torch.Tensor] = []

    def leave(_: nn.Module, __: object, y: object) -> None:
        if isinstance(y, torch.Tensor):
            outputs.append(y)

    handle = model.register_forward_hook(leave)
    try:
        traced(model, (x,), list(declarations(model, spaces or {})), listen)
    finally:
        handle.remove()
    missing = sorted(set(probes) - set(measured))
    if missing:
        raise ModuleMismatchError(
            "the network must make the same calls on every batch; on one of shape "
            f"{tuple(x.shape)} it did not call {missing}"
        )
    return measured, outputs[-1] if outputs else None


def traced_spectra(
    model: nn.Module,
    batches: Iterable[torch.Tensor],
    spaces: Spaces | None,
    per_sample: bool,
    example: torch.Tensor,
) -> Spectra:
    """Return the spectra of a network whose activations may be functions.

    Parameters
    ----------
    model, spaces, per_sample
        As in :func:`toolkit.interpret.spectra`.
    batches
        Inputs ``(..., |X|, channels)``.
    example
        A part of them, on which the network is traced.

    Notes
    -----
    Sites: the input, before and after each activation, and the output if it is functions on a
    module. What stands after an activation is computed from what stands before it.
    """
    found = stages_of_calls(model, spaces, example)
    parts = PartsByModule()
    first = SiteProbe(Site("", "input"), parts.of(found.X), per_sample)
    across: dict[str, _Across] = {}
    for stage in found.stages:
        if stage.kind == "activation" and stage.X is not None:
            across[stage.key] = _Across(stage, parts.of(stage.X), per_sample)
    end = found.stages[-1] if found.stages else None
    last = None
    if end is not None and end.is_last and end.Y is not None:
        last = SiteProbe(Site("", "output"), parts.of(end.Y), per_sample)
    with torch.no_grad():
        for x in batches:
            measured, y = measured_pass(model, spaces, x, found, across)
            first.add(first.measured(x))
            for name, energies in measured.items():
                across[name].add(energies)
            if last is not None and y is not None:
                last.add(last.measured(y))
    probes = [first, *(p for a in across.values() for p in (a.before, a.after))]
    out = Spectra()
    out.sites = tuple(p.spectrum for p in [*probes, *([] if last is None else [last])])
    return out


class _Across:
    """Measures before and after an activation."""

    def __init__(self, stage: Stage, parts: SimpleParts, per_sample: bool) -> None:
        self.before, self.after = (
            SiteProbe(Site(stage.key, when), parts, per_sample) for when in ("before", "after")
        )
        self._apply = stage.module.forward

    def measured(self, x: torch.Tensor) -> tuple[Energies, Energies]:
        """Return the energies of a tensor and of the function of it."""
        return self.before.measured(x), self.after.measured(self._apply(x.clone()))

    def add(self, found: tuple[Energies, Energies]) -> None:
        """Add the energies of one pass."""
        for probe, energies in zip((self.before, self.after), found, strict=True):
            probe.add(energies)
