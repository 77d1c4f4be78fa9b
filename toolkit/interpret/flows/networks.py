"""The flow through networks of any shape: activations that are written as functions, too.

The network is traced once on a part of the data (:mod:`toolkit.interpret.network.tracing`), and the
module of each tensor is followed along its calls. Every batch then runs once more under the same
watch, and each activation's input is measured. An edge between two activations is there exactly if
there is a way along the calls from one to the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.flows.attribution import FlowProbe
from toolkit.interpret.flows.graph import MeasuredFlow
from toolkit.interpret.network.energies import PartsByModule
from toolkit.interpret.spectral.networks import measured_pass
from toolkit.interpret.spectral.probe import SiteProbe
from toolkit.interpret.spectral.spectrum import Site
from toolkit.interpret.zeros.graphs.stages import TracedStages, stages_of_calls

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import nn

    from toolkit.interpret.flows.attribution import Attribution
    from toolkit.interpret.network.call_order import Spaces


def measure_traced_flow(
    model: nn.Module,
    batches: Iterable[torch.Tensor],
    attributions: tuple[Attribution, ...],
    spaces: Spaces | None,
    example: torch.Tensor,
) -> MeasuredFlow:
    """Return the measured flow of a network whose activations may be functions.

    Parameters
    ----------
    model, batches, spaces, example
        As in :func:`toolkit.interpret.flow`.
    attributions
        The ways to attribute effects.

    Raises
    ------
    ModuleMismatchError
        If no activation is on a known module, there are no data, or the network takes another way
        on some batch.
    """
    found: TracedStages | None = None
    flows: dict[str, FlowProbe] = {}
    ends: dict[str, SiteProbe] = {}
    parts = PartsByModule()
    with torch.no_grad():
        for x in batches:
            if found is None:
                found = stages_of_calls(model, spaces, example)
                flows = {
                    s.key: FlowProbe(s, parts.of(s.X), attributions)
                    for s in found.stages
                    if s.kind == "activation" and s.X is not None
                }
                ends["input"] = SiteProbe(Site("", "input"), parts.of(found.X))
                last = found.stages[-1] if found.stages else None
                if last is not None and last.is_last and last.Y is not None:
                    ends["output"] = SiteProbe(Site("", "output"), parts.of(last.Y))
                if not flows:
                    raise ModuleMismatchError(
                        "the model has no activation whose module is known: declare it, as "
                        'spaces={"name of submodule": X}'
                    )
            measured, y = measured_pass(model, spaces, x, found, flows)
            for name, effects in measured.items():
                flows[name].add(effects)
            ends["input"].add(ends["input"].measured(x))
            if "output" in ends and y is not None:
                ends["output"].add(ends["output"].measured(y))
    if found is None or not next(iter(flows.values())).sums.samples:
        raise ModuleMismatchError(
            "a flow is measured on data, and no sample of finite numbers was given"
        )
    return MeasuredFlow(
        found.stages,
        tuple(probe.result for probe in flows.values()),
        {when: probe.spectrum for when, probe in ends.items()},
    )
