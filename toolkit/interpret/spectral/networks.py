"""Spectra of networks with functions, branches or several inputs: measured at their calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.interpret.network.energies import PartsByModule
from toolkit.interpret.network.live import LiveCalls
from toolkit.interpret.network.stages import JOINED
from toolkit.interpret.spectral.probe import SiteProbe
from toolkit.interpret.spectral.spectrum import Site
from toolkit.interpret.zeros.graphs.stages import stages_of_calls

if TYPE_CHECKING:
    from torch import nn

    from toolkit.interpret.network.call_order import Spaces
    from toolkit.interpret.network.given import Given
    from toolkit.interpret.spectral.spectrum import SiteSpectrum, When
    from toolkit.interpret.zeros.graphs.network import Modules
    from toolkit.interpret.zeros.graphs.stages import End
    from toolkit.modules.module import Module


def live_spectra(
    model: nn.Module,
    spaces: Spaces | None,
    given: Given,
    modules: Modules | None = None,
    *,
    per_sample: bool = False,
    every: int = 1,
) -> tuple[LiveCalls, tuple[SiteSpectrum, ...]]:
    """Return what watches a network's calls, and the spectra that it fills.

    Parameters
    ----------
    model, spaces, per_sample, every
        As in :func:`toolkit.interpret.record`.
    given
        What the network can be run on.
    modules
        The modules of the inputs.

    Notes
    -----
    Sites: the inputs, before and after each activation, after each sum and concatenation of
    functions, and the outputs, as far as they are functions on a module. The network is traced
    once; what it does in each pass is compared with that.
    """
    found = stages_of_calls(model, spaces, given, modules)
    parts = PartsByModule()

    def end(one: End, when: str) -> SiteProbe:
        stage = "" if one.name == when else one.name
        return SiteProbe(Site(stage, when), parts.of(one.X), per_sample)  # type: ignore[arg-type]

    starts = {found.names[one.number]: end(one, "input") for one in found.inputs}
    across: dict[str, dict[str, SiteProbe]] = {"before": {}, "after": {}}
    inner: list[SiteProbe] = []
    for stage in found.stages:
        if stage.X is None or stage.Y is None:
            continue
        sides: tuple[tuple[When, Module], ...] = ()
        if stage.kind == "activation":
            sides = ("before", stage.X), ("after", stage.Y)
        elif stage.kind in JOINED and not stage.is_last and len(stage.made_from or ()) > 1:
            sides = (("after", stage.Y),)
        for when, module in sides:
            inner.append(SiteProbe(Site(stage.key, when), parts.of(module), per_sample))
            across[when][stage.key] = inner[-1]
    ends = {one.number: (end(one, "output"), one.points) for one in found.outputs}
    watch = LiveCalls(
        model, found.wholes, found.names, found.sequence, starts, across["before"],
        across["after"], ends, found.points, every,
    )  # fmt: skip
    probes = [
        *starts.values(),
        *inner,
        *(probe for probe, _ in ends.values()),
    ]
    return watch, tuple(probe.spectrum for probe in probes)
