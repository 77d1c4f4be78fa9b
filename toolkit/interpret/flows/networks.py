"""The flow through networks of any shape: activations that are written as functions, too.

The network is traced once on a part of the data (:mod:`toolkit.interpret.network.tracing`), and the
module of each tensor is followed along its calls. Every batch then runs under the same watch
(:mod:`toolkit.interpret.network.live`), and each activation's input is measured. An edge between
two activations is there exactly if there is a way along the calls from one to the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.flows.attribution import FlowProbe
from toolkit.interpret.flows.graph import MeasuredFlow
from toolkit.interpret.network.energies import PartsByModule
from toolkit.interpret.network.live import LiveCalls
from toolkit.interpret.network.state import state_kept
from toolkit.interpret.network.undetermined import undetermined
from toolkit.interpret.spectral.probe import SiteProbe
from toolkit.interpret.spectral.spectrum import Site
from toolkit.interpret.zeros.graphs.stages import stages_of_calls

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import nn

    from toolkit.interpret.flows.attribution import Attribution
    from toolkit.interpret.network.call_order import Spaces
    from toolkit.interpret.network.given import Given
    from toolkit.interpret.zeros.graphs.network import Modules


def measure_traced_flow(
    model: nn.Module,
    batches: Iterable[Given],
    attributions: tuple[Attribution, ...],
    spaces: Spaces | None,
    example: Given,
    modules: Modules | None = None,
) -> MeasuredFlow:
    """Return the measured flow of a network whose activations may be functions.

    Parameters
    ----------
    model, batches, spaces, example, modules
        As in :func:`toolkit.interpret.flow`.
    attributions
        The ways to attribute effects.

    Raises
    ------
    ModuleMismatchError
        If no activation is on a known module, there are no data, or the network takes another way
        on some batch.
    """
    found = stages_of_calls(model, spaces, example, modules)
    parts = PartsByModule()
    flows = {
        s.key: FlowProbe(s, parts.of(s.X), attributions)
        for s in found.stages
        if s.kind == "activation" and s.X is not None
    }
    if not flows:
        raise undetermined(
            model,
            'the model has no activation with a known module: declare it, as in spaces={"name of '
            'submodule": X}',
        )
    starts = {
        found.names[end.number]: SiteProbe(
            Site("" if end.name == "input" else end.name, "input"), parts.of(end.X)
        )
        for end in found.inputs
    }
    ends = {
        end.number: (
            SiteProbe(Site("" if end.name == "output" else end.name, "output"), parts.of(end.X)),
            end.points,
        )
        for end in found.outputs
    }
    watch = LiveCalls(
        model, found.wholes, found.names, found.sequence, starts, flows, {}, ends, found.points
    )
    watch.start()
    try:
        with torch.no_grad(), state_kept(model, parameters=False):
            for given in batches:
                given.run(model)
    finally:
        watch.stop()
    if not next(iter(flows.values())).sums.samples:
        raise ModuleMismatchError(
            "a flow is measured on data: at least one sample of finite numbers is required"
        )
    return MeasuredFlow(
        found.stages,
        tuple(probe.result for probe in flows.values()),
        {-1 - end.number: starts[found.names[end.number]].spectrum for end in found.inputs},
        tuple((end.stage, ends[end.number][0].spectrum) for end in found.outputs),
        found.unknown,
    )
