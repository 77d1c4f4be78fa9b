"""The measured interaction graph of a network: which simple came from which, layer by layer.

Each measured edge also carries what is proved: whether it is possible at all, by the exact
criterion (:mod:`toolkit.pl`), and how strong it would be for Gaussian inputs (the closed-form
transfer), as with random weights at initialisation.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import torch

from toolkit.errors import ConfigError, ModuleMismatchError
from toolkit.interpret.flows.attribution import ATTRIBUTIONS, FlowProbe
from toolkit.interpret.flows.graph import MeasuredFlow, flow_graph
from toolkit.interpret.flows.networks import measure_traced_flow
from toolkit.interpret.network.energies import PartsByModule
from toolkit.interpret.network.given import given_of, passes_of
from toolkit.interpret.network.hooks import Hooks
from toolkit.interpret.network.state import state_kept
from toolkit.interpret.network.undetermined import undetermined
from toolkit.interpret.spectral.probe import SiteProbe
from toolkit.interpret.spectral.spectrum import Site, SiteSpectrum
from toolkit.interpret.zeros.graphs.stages import may_have_functions, needs_calls

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import networkx as nx
    from torch import nn

    from toolkit.interpret.flows.attribution import Attribution
    from toolkit.interpret.network.call_order import Spaces
    from toolkit.interpret.network.given import Example
    from toolkit.interpret.network.hooks import Plan
    from toolkit.interpret.network.probes import Probe
    from toolkit.interpret.network.stages import Stage
    from toolkit.interpret.zeros.graphs.network import Modules


def flow(
    model: nn.Module,
    batches: torch.Tensor | Iterable[Any],
    attribution: Attribution = "single",
    spaces: Spaces | None = None,
    example: Example | None = None,
    *,
    modules: Modules | None = None,
) -> nx.DiGraph[str]:
    """Return the measured interaction graph of a network on data.

    Parameters
    ----------
    model, spaces
        As in :func:`toolkit.interpret.stages_of`.
    batches, example, modules
        As in :func:`toolkit.interpret.spectra`; networks may have several inputs.
    attribution
        How effects are attributed to the simples before an activation f. Here v is the function
        before f, and v_L is its component in L:

        * ``"single"``: the effect of L is f(v_L) - f(0);
        * ``"pairwise"``: the effect of L is half the sum of f(v_L + v_M) - f(v_L) - f(v_M) + f(0)
          over all other simples M: what L and M produce together, beyond what each produces alone;
        * ``"leave_one_out"``: the effect of L is f(v) - f(v - v_L).

        :mod:`toolkit.interpret.flows.attribution` describes what these effects add up to.

    Returns
    -------
    networkx.DiGraph
        A layered graph, with a column for each input, before and after each activation, and for
        each output. Nodes are named like ``"layers.1 before L3"`` and have ``place``, ``when``,
        ``column``, ``simple``, ``dimension``, ``energy`` (mean of a sample, channels added up),
        ``share``, ``present`` (share at least 1e-6) and, except at input and output, ``stage``.
        Nodes after an activation have ``possible`` (whether the exact criterion lets the simple
        occur, given those present before), ``activation`` and ``module`` (names), and the signed
        parts ``rest`` and ``constant``, for ``"pairwise"`` also ``single``. These and the ``part``
        of the incoming edges add up to the energy, except for the edges of absent simples.

        Edges across an activation (``kind="activation"``) start at simples that are present. They
        have the effect's ``energy`` in the target, its ``share`` of the whole effect, the signed
        ``part`` in the target's energy, ``possible`` (whether the effect can have a part in the
        target at all, exact), ``expected`` (the closed-form share of a Gaussian f(v_L) - f(0) of
        L's measured variance; for a homogeneous f, of any). Edges that are not possible and have
        less than 1e-9 of the energy after the activation are left out. For ``"pairwise"``, edges
        have ``partners``, the energy of f(v_L + v_M) - ... by M: a text such as ``"L1=0.5,
        L2=0.25"`` (see :func:`toolkit.text.split_names`).

        Edges between activations (``kind="linear"``) lead from a simple to itself, with the
        ``energy`` that arrives; ``kind="other"`` if something in between is not known to be linear
        and equivariant, or if several tensors are combined (sums, concatenations). In the latter
        case each edge has the energy of the combined tensor. Edges follow the tensors of a run
        (:mod:`toolkit.interpret.network.provenance`); numbers that leave torch are lost.

        The graph has ``group``, ``attribution``, ``samples``, ``schema`` and ``places``: the names
        of the columns in order, as one string. If a tensor cannot be traced, the graph also has
        ``unknown`` (the calls after which nothing is known), ``unknown_reasons``, and
        ``unknown_from`` (the places that lead to these calls), each as one string.

    Raises
    ------
    ConfigError
        If the attribution is not one of the three.
    ModuleMismatchError
        If there is no activation with a known module, or no data.
    NotAvailable
        If a Fourier basis or the characters of a module are out of reach.

    Notes
    -----
    Effects are computed in float64, from the functions before each activation, which the network
    computes in its own type. For S simples this takes S activations of each batch, and S^2/2 for
    ``"pairwise"``. With a bias the trivial simple is present before each activation. The network
    runs in its current mode (train or eval); buffers that norms change in training are restored.

    Activations written as functions (``torch.relu(x)``, ``x.tanh()``) are included. A network that
    has some is traced call by call (:mod:`toolkit.interpret.flows.networks`), and its stages are
    named after the calls.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("C8").regular_module()
    >>> net = tk.nn.EquivariantMLP(X, [1, 16, 1], bias=False, dtype=torch.float64)
    >>> sine = torch.sin(torch.arange(8, dtype=torch.float64) * torch.pi / 4).reshape(1, 8, 1)
    >>> graph = flow(net, sine)
    >>> list(graph["input L3"]), list(graph["layers.1 before L3"])
    (['layers.1 before L3'], ['layers.1 after L0', 'layers.1 after L1',
    'layers.1 after L2', 'layers.1 after L3'])
    >>> edge = graph["layers.1 before L3"]["layers.1 after L3"]
    >>> round(edge["share"], 3), round(edge["expected"], 3)
    (0.5, 0.5)
    """
    measured = measure_flow(model, batches, [attribution], spaces, example, modules=modules)
    return flow_graph(measured, attribution)


def measure_flow(
    model: nn.Module,
    batches: torch.Tensor | Iterable[Any],
    attributions: Iterable[Attribution] = ATTRIBUTIONS,
    spaces: Spaces | None = None,
    example: Example | None = None,
    *,
    modules: Modules | None = None,
) -> MeasuredFlow:
    """Return the tables behind :func:`flow`, in all three ways at once if wanted.

    Parameters
    ----------
    model, batches, spaces, example, modules
        As in :func:`flow`.
    attributions
        The ways to compute.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("C3").regular_module()
    >>> measured = measure_flow(tk.nn.EquivariantMLP(X, [1, 4, 1]), torch.randn(7, 3, 1))
    >>> (found,) = measured.activations
    >>> found.samples, found.effects["single"].energy.shape
    (7, (2, 2))
    """
    wanted = tuple(attributions)
    for way in wanted:
        if way not in ATTRIBUTIONS:
            raise ConfigError(
                f"an attribution must be one of {', '.join(ATTRIBUTIONS)}, not {way!r}"
            )
    like = modules if modules is not None else example
    given = iter(passes_of(batches, like))
    is_chain = modules is None and not may_have_functions(model, spaces)
    head = [] if is_chain else list(itertools.islice(given, 1))
    first = given_of(example) if example is not None else head[0].part if head else None
    given = itertools.chain(head, given)
    if (
        first is not None
        and not is_chain
        and (modules is not None or needs_calls(model, spaces, first))
    ):
        return measure_traced_flow(model, given, wanted, spaces, first, modules)
    tensor = None if first is None else next(iter(first.tensors.values()))
    measurement = _Measurement(model, wanted)
    hooks = Hooks(model, spaces, tensor, measurement.plan)
    hooks.start()
    try:
        with torch.no_grad(), state_kept(model, parameters=False):
            for one in given:
                one.run(model)
    finally:
        hooks.stop()
    return measurement.result()


class _Measurement:
    """Probes of an input, of activations and of an output."""

    def __init__(self, model: nn.Module, attributions: tuple[Attribution, ...]) -> None:
        self.model = model
        self.attributions = attributions
        self.stages: tuple[Stage, ...] = ()
        self.flows: list[FlowProbe] = []
        self.ends: list[SiteProbe] = []

    def plan(self, stages: Sequence[Stage]) -> Plan:
        self.stages = tuple(stages)
        before: dict[Stage, list[Probe]] = {}
        after: dict[Stage, list[Probe]] = {}
        parts = PartsByModule()
        for stage in stages:
            if stage.follows == -1 and stage.X is not None and not self.ends:
                self.ends.append(SiteProbe(Site("", "input"), parts.of(stage.X)))
                before.setdefault(stage, []).append(self.ends[-1])
            if stage.kind == "activation" and stage.X is not None:
                self.flows.append(FlowProbe(stage, parts.of(stage.X), self.attributions))
                before.setdefault(stage, []).append(self.flows[-1])
            if stage.is_last and stage.Y is not None:
                self.ends.append(SiteProbe(Site("", "output"), parts.of(stage.Y)))
                after.setdefault(stage, []).append(self.ends[-1])
        if not self.flows:
            raise undetermined(
                self.model,
                'the model has no activation with a known module: declare it, as in spaces={"name '
                'of submodule": X}',
            )
        return before, after

    def result(self) -> MeasuredFlow:
        if not self.flows or not self.flows[0].sums.samples:
            raise ModuleMismatchError(
                "a flow is measured on data: at least one sample of finite numbers is required"
            )
        return MeasuredFlow(
            self.stages,
            tuple(probe.result for probe in self.flows),
            dict(self._ends("input")),
            tuple(self._ends("output")),
        )

    def _ends(self, when: str) -> list[tuple[int, SiteSpectrum]]:
        """Return the stage that makes an end (-1 for the input) and its spectrum, if known."""
        last = next((i for i, stage in enumerate(self.stages) if stage.is_last), -1)
        found = [p.spectrum for p in self.ends if p.spectrum.site.when == when]
        return [(-1 if when == "input" else last, spectrum) for spectrum in found]
