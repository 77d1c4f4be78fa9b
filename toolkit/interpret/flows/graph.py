"""The layered graph of a measured flow, with proved values beside the measured ones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from toolkit.interpret.flows.attribution import ActivationFlow, Attribution
from toolkit.interpret.network.stages import Stage
from toolkit.interpret.spectral.spectrum import Site, SiteSpectrum
from toolkit.pl.criterion.of_module import orbit_criteria
from toolkit.pl.gaussian.quadrature import gaussian_mean
from toolkit.pl.interactions.graph import Interactions
from toolkit.pl.transfer.depth import transfer_spectrum
from toolkit.pl.transfer.matrix import transfer_matrix
from toolkit.text import join_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    import networkx as nx

    from toolkit.modules.module import Module
    from toolkit.pl.activations.activation import Activation

FLOW_SCHEMA = 1

#: A simple with at least this share of the energy counts as present.
PRESENT = 1e-6

#: Impossible edges are left out if they have less than this share of the energy.
NOISE = 1e-9


@dataclass(frozen=True)
class MeasuredFlow:
    """What was measured of a network's flow.

    Parameters
    ----------
    stages
        All stages, in order.
    activations
        The tables of each activation, in order.
    inputs
        Spectra of the inputs whose modules are known: of the k-th under -1 - k.
    outputs
        Of such outputs the number of the stage that makes each, and its spectrum.
    unknown
        By the number of a stage of whose output nothing is known: the name of the call from which
        on it is unknown, and why.
    """

    stages: tuple[Stage, ...]
    activations: tuple[ActivationFlow, ...]
    inputs: Mapping[int, SiteSpectrum]
    outputs: tuple[tuple[int, SiteSpectrum], ...]
    unknown: Mapping[int, tuple[str, str]] = field(default_factory=dict)


def flow_graph(measured: MeasuredFlow, attribution: Attribution) -> nx.DiGraph[str]:
    """Return the layered graph of one attribution; see :func:`toolkit.interpret.flow`.

    Parameters
    ----------
    measured
        From :func:`toolkit.interpret.flows.flow.measure_flow`, with this attribution.
    attribution
        Which.
    """
    import networkx as nx

    flows = measured.activations
    graph: nx.DiGraph[str] = nx.DiGraph(
        group=_module(flows[0]).group,
        attribution=attribution,
        samples=flows[0].samples,
        schema=FLOW_SCHEMA,
    )
    sites: list[Site] = []

    def column(site: Site, energies: Mapping[str, float], dimensions: Sequence[int]) -> None:
        whole = sum(energies.values()) or 1.0
        for (label, energy), dimension in zip(energies.items(), dimensions, strict=True):
            graph.add_node(
                f"{site.name} {label}",
                place=site.name,
                when=site.when,
                column=len(sites),
                simple=label,
                dimension=dimension,
                energy=energy,
                share=energy / whole,
                present=energy / whole >= PRESENT,
                **({"stage": site.stage} if site.stage else {}),
            )
        sites.append(site)

    for found in measured.inputs.values():
        column(found.site, found.by_simple, found.dimensions)
    number = {stage: i for i, stage in enumerate(measured.stages)}
    for flow in flows:
        before = dict(zip(flow.labels, flow.before.tolist(), strict=True))
        after = dict(zip(flow.labels, flow.after.tolist(), strict=True))
        column(Site(flow.stage.key, "before"), before, flow.dimensions)
        _edges_between(graph, measured, number[flow.stage], sites[-1], sites)
        column(Site(flow.stage.key, "after"), after, flow.dimensions)
        _explain_after(graph, flow, attribution)
        _edges_across(graph, flow, attribution)
    for stage, found in measured.outputs:
        column(found.site, found.by_simple, found.dimensions)
        _edges_between(graph, measured, stage, sites[-1], sites)
    graph.graph["places"] = join_names(site.name for site in sites)
    _explain_unknown(graph, measured, sites)
    return graph


def _module(flow: ActivationFlow) -> Module:
    X = flow.stage.X
    assert X is not None  # others are not measured
    return X


def _explain_after(graph: nx.DiGraph[str], flow: ActivationFlow, attribution: Attribution) -> None:
    """Add the activation's name, and the parts that no edge explains, to the nodes after it."""
    parts = {"rest": flow.effects[attribution].rest_part, "constant": flow.constant}
    if attribution == "pairwise":
        parts["single"] = flow.effects["single"].part.sum(axis=0)
    for i, label in enumerate(flow.labels):
        node = graph.nodes[f"{flow.stage.key} after {label}"]
        node |= {"activation": flow.stage.activation.name, "module": _module(flow).name}
        node |= {name: float(part[i]) for name, part in parts.items()}


def _explain_unknown(graph: nx.DiGraph[str], measured: MeasuredFlow, sites: Sequence[Site]) -> None:
    """Say from which calls on nothing is known, why, and which places lead there."""
    if not measured.unknown:
        return
    todo = [
        (n, "other")
        for stage in measured.unknown
        for n in measured.stages[stage].made_from or ()
        if n not in measured.unknown
    ]
    came = _origins(measured, todo)
    reasons = dict(measured.unknown.values())
    graph.graph["unknown"] = join_names(reasons)
    graph.graph["unknown_reasons"] = "; ".join(f"{name}: {why}" for name, why in reasons.items())
    graph.graph["unknown_from"] = ", ".join(site.name for site in sites if site.name in came)


# -- edges between activations --------------------------------------------------------------------


def _edges_between(
    graph: nx.DiGraph[str], measured: MeasuredFlow, at: int, target: Site, sites: Sequence[Site]
) -> None:
    """Add edges from each simple to itself, to ``target`` from the sites that it is made from."""
    shown = {site.name for site in sites}
    is_before = target.when == "before"
    start = _inputs(measured.stages[at], "linear") if is_before else [(at, "linear")]
    for name, kind in _origins(measured, start).items():
        if name not in shown:
            continue
        for node in list(graph):
            data: dict[str, Any] = graph.nodes[node]
            source = f"{name} {data['simple']}"
            if data["place"] == target.name and source in graph and graph.nodes[source]["present"]:
                graph.add_edge(source, node, kind=kind, energy=data["energy"])


def _inputs(stage: Stage, kind: str) -> list[tuple[int, str]]:
    """Return what a stage's input is made from, ``kind`` if it simply is the output of one."""
    came = stage.made_from or ()
    return [(n, kind if stage.follows is not None and len(came) == 1 else "other") for n in came]


def _origins(measured: MeasuredFlow, todo: list[tuple[int, str]]) -> dict[str, str]:
    """Return the sites, after activations or the input, that outputs of stages are made from.

    Each with ``"linear"`` if the only way from there is one of linear stages, else ``"other"``.
    """
    found: dict[str, str] = {}
    seen: set[int] = set()
    while todo:
        number, kind = todo.pop()
        if number in seen:
            continue
        seen.add(number)
        if number < 0:
            if number in measured.inputs:
                found[measured.inputs[number].site.name] = kind
            continue
        stage = measured.stages[number]
        if stage.kind == "activation" and stage.X is not None:
            found[Site(stage.key, "after").name] = kind
            continue
        is_linear = stage.kind in ("linear", "pooling") and stage.Y is not None
        todo += _inputs(stage, kind if is_linear else "other")
    return found


# -- edges across an activation -------------------------------------------------------------------


def _edges_across(graph: nx.DiGraph[str], flow: ActivationFlow, attribution: Attribution) -> None:
    X, f = _module(flow), flow.stage.activation
    effects = flow.effects[attribution]
    whole = float(flow.after.sum()) or 1.0
    energy = float(flow.before.sum()) or 1.0
    present = [
        label
        for label, own in zip(flow.labels, flow.before.tolist(), strict=True)
        if own / energy >= PRESENT
    ]
    engine = Interactions(X, f)
    can_occur = {r.label for r in engine.occurring(present)} if present else set()
    for label in flow.labels:
        graph.nodes[f"{flow.stage.key} after {label}"]["possible"] = label in can_occur
    for i, source in enumerate(flow.labels):
        if source not in present:
            continue
        possible = _possible(engine, source, present, attribution, can_occur)
        expected = expected_shares(X, f, source, float(flow.before[i]) / flow.channels)
        all_of_it = float(effects.energy[i].sum()) or 1.0
        for k, target in enumerate(flow.labels):
            own = float(effects.energy[i, k])
            if target not in possible and own <= NOISE * whole:
                continue
            partners = _partners(flow, source, k) if attribution == "pairwise" else {}
            graph.add_edge(
                f"{flow.stage.key} before {source}",
                f"{flow.stage.key} after {target}",
                kind="activation",
                energy=own,
                share=own / all_of_it,
                part=float(effects.part[i, k]),
                possible=target in possible,
                expected=expected[target],
                **partners,
            )


def _possible(
    engine: Interactions,
    source: str,
    present: Sequence[str],
    attribution: Attribution,
    can_occur: set[str],
) -> set[str]:
    """Return the targets in which an effect of the source can have a part; exact."""
    if attribution == "single":
        return {r.label for r in engine.occurring([source])}
    if attribution == "leave_one_out":
        return can_occur
    out: set[str] = set()
    for other in present:
        if other != source and out != can_occur:
            out |= {r.label for r in engine.occurring([source, other])}
    return out


def _partners(flow: ActivationFlow, source: str, k: int) -> dict[str, str]:
    found = {
        one if two == source else two: float(energy[k])
        for (one, two), energy in flow.pairs.items()
        if source in (one, two)
    }
    named = [f"{label}={energy!r}" for label, energy in found.items()]
    return {"partners": join_names(named)} if named else {}


def expected_shares(X: Module, f: Activation, source: str, energy: float) -> dict[str, float]:
    """Return how the energy of f(v) - f(0) is shared for a Gaussian v in one isotypic part.

    Parameters
    ----------
    X
        The module.
    f
        The activation.
    source
        The simple L that v lies in.
    energy
        Mean squared norm of v, positive; it matters only for f not homogeneous. On an intransitive
        module every orbit that contains L is taken to have the same mean square.

    Returns
    -------
    dict
        Shares by label, in canonical order; they add up to 1, or are all 0 if f is constant.

    Notes
    -----
    The closed-form transfer (:func:`toolkit.pl.transfer.matrix.transfer_matrix`) in float64, from
    which f(0) is taken away.

    Examples
    --------
    >>> import toolkit as tk
    >>> from toolkit.pl.activations.activation import find_activation
    >>> X = tk.group("C3").regular_module()
    >>> found = expected_shares(X, find_activation("sigmoid"), "L1", 3.0)
    >>> {label: round(share, 4) for label, share in found.items()}  # an odd function and f(0)
    {'L0': 0.004, 'L1': 0.996}
    """
    parts = orbit_criteria(X)
    labels = Interactions(X, f).labels
    own = [source in part.labels for part in parts]
    met = sum(float(part.coordinates) for part, here in zip(parts, own, strict=True) if here)
    variance = energy / met if energy > 0 else 1.0
    if len(parts) > 1:
        row = transfer_matrix(X, f, variance=variance)[labels.index(source)].tolist()
        shares = dict(zip(labels, row, strict=True))
    else:
        shares = transfer_spectrum(X, {source: 1.0}, f, variance=variance)
    zero = float(f.at_zero)
    if zero == 0:
        return shares
    rest = sum(float(part.coordinates) for part in parts) - met
    one = float(f.dual(1.0, variance))
    whole = met * one + rest * zero**2
    mean = gaussian_mean(f, f.kinks, variance)
    trivial = next(part.trivial for part in parts if part.trivial is not None)
    energies = {label: share * whole for label, share in shares.items()}
    # ||p(f - f(0))||^2 on the constants; E f = mean where v is not 0
    energies[trivial] += met * (zero**2 - 2 * zero * mean) - rest * zero**2
    energies[trivial] = max(energies[trivial], 0.0)
    total = math.fsum(energies.values())
    return {label: (own / total if total > 0 else 0.0) for label, own in energies.items()}
