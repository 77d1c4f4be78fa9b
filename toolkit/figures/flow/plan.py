"""The content of the picture of a measured flow: columns, rows, and which simples are grouped.

If there are many simples, those with the largest shares are shown and the others grouped as one.
Low frequencies are at the top, the trivial simple is at the bottom, as in the pictures of
interaction graphs.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from toolkit.errors import ConfigError
from toolkit.text import label_key, split_names

if TYPE_CHECKING:
    import networkx as nx

OTHERS = "others"


@dataclass
class FlowColumn:
    """One place of the network.

    Parameters
    ----------
    place
        Its name.
    shares
        Share of the energy by row; only rows that the place's module has.
    possible
        Rows that the exact criterion allows; before activations all rows.
    """

    place: str
    shares: dict[str, float] = field(default_factory=dict)
    possible: set[str] = field(default_factory=set)


@dataclass
class FlowLink:
    """An edge between rows of two columns.

    Parameters
    ----------
    source, target
        ``(column, row)``.
    kind
        ``"activation"``, ``"linear"`` or ``"other"``.
    energy
        Of the grouped edges together.
    share
        Share of the energy that leaves the source.
    expected
        The closed-form share; ``None`` if several simples are grouped, and for other kinds.
    """

    source: tuple[int, str]
    target: tuple[int, str]
    kind: str
    energy: float
    share: float
    expected: float | None


@dataclass(frozen=True)
class FlowPlan:
    """The content of the picture.

    Parameters
    ----------
    rows
        Simples, and perhaps ``"others"``, from top to bottom.
    columns
        From left to right.
    links
        Between them.
    activations
        For each activation, by the number of the column after it: its name, and the signed share
        of the energy after it that no effect explains.
    unknown
        Names of the calls from which on nothing is known.
    unknown_from
        Numbers of the columns from which a way leads there.
    """

    rows: tuple[str, ...]
    columns: tuple[FlowColumn, ...]
    links: tuple[FlowLink, ...]
    activations: dict[int, tuple[str, float]]
    unknown: tuple[str, ...] = ()
    unknown_from: tuple[int, ...] = ()


def plan_flow(graph: nx.DiGraph[str], most: int = 12) -> FlowPlan:
    """Return the content of the picture of a flow.

    Parameters
    ----------
    graph
        From :func:`toolkit.interpret.flow`.
    most
        The most rows.

    Raises
    ------
    ConfigError
        If the graph is not that of a flow, or ``most`` is less than 2.

    Examples
    --------
    >>> import networkx as nx
    >>> plan_flow(nx.DiGraph())
    Traceback (most recent call last):
    ...
    toolkit.errors.ConfigError: a picture of a flow needs a graph from toolkit.interpret.flow, found
    a graph without places
    """
    places = split_names(graph.graph.get("places", ""))
    if not places:
        raise ConfigError(
            "a picture of a flow needs a graph from toolkit.interpret.flow, found a graph without "
            "places"
        )
    if most < 2:
        raise ConfigError(f"a picture of a flow must have at least 2 rows, not {most}")
    rows = _rows(graph, most)
    known = set(rows)
    columns = [FlowColumn(place) for place in places]
    where: dict[str, tuple[int, str]] = {}
    for node, data in graph.nodes(data=True):
        column = columns[data["column"]]
        row = data["simple"] if data["simple"] in known else OTHERS
        where[node] = (data["column"], row)
        column.shares[row] = column.shares.get(row, 0.0) + data["share"]
        if data.get("possible", True):
            column.possible.add(row)
    links: dict[tuple[tuple[int, str], tuple[int, str]], FlowLink] = {}
    leaving: dict[tuple[int, str, bool], float] = {}
    for one, two, data in graph.edges(data=True):
        ends = where[one], where[two]
        energy = float(data["energy"])
        leave = (*ends[0], data["kind"] == "activation")
        leaving[leave] = leaving.get(leave, 0.0) + energy
        if ends in links:
            links[ends].energy += energy
            links[ends].expected = None
        else:
            links[ends] = FlowLink(*ends, data["kind"], energy, 0.0, data.get("expected"))
    for link in links.values():
        link.share = link.energy / (leaving[(*link.source, link.kind == "activation")] or 1.0)
        if OTHERS in (link.source[1], link.target[1]):
            link.expected = None
    leads = split_names(graph.graph.get("unknown_from", ""))
    return FlowPlan(
        rows,
        tuple(columns),
        tuple(links.values()),
        _activations(graph),
        split_names(graph.graph.get("unknown", "")),
        tuple(i for i, place in enumerate(places) if place in leads),
    )


def _rows(graph: nx.DiGraph[str], most: int) -> tuple[str, ...]:
    largest: dict[str, float] = {}
    for _, data in graph.nodes(data=True):
        label = data["simple"]
        largest[label] = max(largest.get(label, 0.0), data["share"])
    order = sorted(largest, key=label_key, reverse=True)
    if len(order) <= most:
        return tuple(order)
    kept = set(sorted(order, key=lambda label: -largest[label])[: most - 1])
    return (*(label for label in order if label in kept), OTHERS)


def _activations(graph: nx.DiGraph[str]) -> dict[int, tuple[str, float]]:
    names: dict[int, str] = {}
    energies: dict[int, float] = defaultdict(float)
    rests: dict[int, float] = defaultdict(float)
    for _, data in graph.nodes(data=True):
        if "activation" in data:
            column = data["column"]
            names[column] = data["activation"]
            energies[column] += data["energy"]
            rests[column] += data["rest"]
    return {k: (name, rests[k] / (energies[k] or 1.0)) for k, name in names.items()}
