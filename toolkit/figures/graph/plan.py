"""The content of the picture of an interaction graph.

A small graph is shown with every simple and every edge, a large one with boxes of twins (simples
that the graph cannot tell apart) and a transitive reduction. Positions are decided in
:mod:`~toolkit.figures.graph.layout`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.errors import ConfigError
from toolkit.palette import line_kind
from toolkit.text import split_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    import networkx as nx

#: Up to this many simples, each is drawn by itself, with every edge.
EVERY_EDGE_UP_TO = 8


@dataclass(frozen=True)
class Box:
    """A box in a row: one simple, or several that the graph cannot tell apart.

    Parameters
    ----------
    members
        Labels, in the graph's order.
    action_order
        Their common order of the action: the row.
    mutual
        Whether there are at least two members, and each has an edge to every other one.
    loop
        Parts of the edge from a member to itself, ``None`` if there is none.
    loop_share
        Mean share of that edge.
    """

    members: tuple[str, ...]
    action_order: int
    mutual: bool
    loop: tuple[str, ...] | None
    loop_share: float

    @property
    def has_loop(self) -> bool:
        """Whether a loop is drawn; a box of several says in words how its members interact."""
        return len(self.members) == 1 and self.loop is not None


@dataclass(frozen=True)
class Link:
    """One line between two different boxes.

    Parameters
    ----------
    source, target
        Indices of the boxes.
    parts
        Parts of the activation that give the edge.
    share
        Share of the energy of one simple of the source that goes into the whole target, the
        mean over the source.
    both
        Whether the line also stands for the opposite edge, which has the same kind.
    """

    source: int
    target: int
    parts: tuple[str, ...]
    share: float
    both: bool = False


@dataclass(frozen=True)
class PicturePlan:
    """The content of the picture.

    Parameters
    ----------
    boxes
        Row by row from the top, inside a row in the graph's order.
    links
        The lines between different boxes.
    grouped
        Whether twins were put into one box.
    reduced
        Whether edges were left out because transitivity implies them.
    """

    boxes: tuple[Box, ...]
    links: tuple[Link, ...]
    grouped: bool
    reduced: bool


def plan_picture(
    graph: nx.DiGraph[str], *, every_edge_up_to: int = EVERY_EDGE_UP_TO
) -> PicturePlan:
    """Decide the content of the picture of an interaction graph.

    Parameters
    ----------
    graph
        The interaction graph; only ``action_order``, ``parts`` and ``share`` are read.
    every_edge_up_to
        Up to this many simples nothing is grouped or left out.

    Returns
    -------
    PicturePlan
        Boxes and lines.

    Raises
    ------
    ConfigError
        If a node is not a string or has no ``action_order``.

    Notes
    -----
    Two simples of a row are twins when exchanging them changes no edge and no ``parts``; this is
    an equivalence. Edges are left out only if the relation between boxes is transitive, so that
    what is left out can be read off the picture.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.complete_graph([f"L{i}" for i in range(12)], nx.DiGraph)
    >>> nx.set_node_attributes(graph, 13, "action_order")
    >>> plan = plan_picture(graph)
    >>> len(plan.boxes), len(plan.boxes[0].members), plan.boxes[0].mutual
    (1, 12, True)
    """
    nodes = list(graph)
    order: dict[str, int] = {}
    for node in nodes:
        if not isinstance(node, str) or "action_order" not in graph.nodes[node]:
            raise ConfigError(
                "this is not an interaction graph: its nodes must be labels with an action_order, "
                f"found {node!r} with {sorted(graph.nodes[node])}"
            )
        order[node] = graph.nodes[node]["action_order"]
    grouped = len(nodes) > every_edge_up_to
    classes: list[list[str]] = []
    for action_order in sorted(set(order.values()), reverse=True):
        row = [node for node in nodes if order[node] == action_order]
        classes += _twin_classes(graph, row) if grouped else [[node] for node in row]
    boxes = tuple(_box(graph, members, order[members[0]]) for members in classes)
    links = _links(graph, classes)
    kept = _without_implied(links) if grouped else links
    return PicturePlan(
        boxes,
        tuple(_paired(kept)),
        grouped=any(len(box.members) > 1 for box in boxes),
        reduced=len(kept) < len(links),
    )


def _parts(graph: nx.DiGraph[str], source: str, target: str) -> tuple[str, ...] | None:
    data = graph.get_edge_data(source, target)
    return None if data is None else split_names(data.get("parts", ""))


def _twin_classes(graph: nx.DiGraph[str], row: Sequence[str]) -> list[list[str]]:
    def twins(one: str, two: str) -> bool:
        if _parts(graph, one, one) != _parts(graph, two, two):
            return False
        if _parts(graph, one, two) != _parts(graph, two, one):
            return False
        around = (set(graph[one]) | set(graph[two])) - {one, two}
        before = (set(graph.pred[one]) | set(graph.pred[two])) - {one, two}
        return all(_parts(graph, one, x) == _parts(graph, two, x) for x in around) and all(
            _parts(graph, x, one) == _parts(graph, x, two) for x in before
        )

    classes: list[list[str]] = []
    for node in row:
        for members in classes:
            if twins(members[0], node):
                members.append(node)
                break
        else:
            classes.append([node])
    return classes


def _box(graph: nx.DiGraph[str], members: Sequence[str], action_order: int) -> Box:
    first = members[0]
    loops = [graph[node][node].get("share", 0.0) for node in members if graph.has_edge(node, node)]
    return Box(
        tuple(members),
        action_order,
        mutual=len(members) > 1 and graph.has_edge(first, members[1]),
        loop=_parts(graph, first, first),
        loop_share=sum(loops) / len(loops) if loops else 0.0,
    )


def _links(graph: nx.DiGraph[str], classes: Sequence[Sequence[str]]) -> list[Link]:
    where = {node: index for index, members in enumerate(classes) for node in members}
    shares: dict[tuple[int, int], float] = defaultdict(float)
    parts: dict[tuple[int, int], set[str]] = defaultdict(set)
    for source, target, data in graph.edges(data=True):
        pair = where[source], where[target]
        if pair[0] != pair[1]:
            shares[pair] += data.get("share", 0.0) / len(classes[pair[0]])
            parts[pair].update(split_names(data.get("parts", "")))
    return [
        Link(*pair, parts=tuple(sorted(parts[pair])), share=shares[pair]) for pair in sorted(shares)
    ]


def _without_implied(links: Sequence[Link]) -> Sequence[Link]:
    """Leave out what transitivity implies; everything stays if the relation is not transitive."""
    after: dict[int, set[int]] = defaultdict(set)
    for link in links:
        after[link.source].add(link.target)
    for source in list(after):
        for middle in after[source]:
            if not after.get(middle, set()) - {source} <= after[source]:
                return links

    def implied(link: Link) -> bool:
        source, target = link.source, link.target
        if source in after.get(target, ()):
            return False
        return any(
            target in after.get(middle, ())
            and source not in after.get(middle, ())
            and middle not in after.get(target, ())
            for middle in after[source] - {target}
        )

    return [link for link in links if not implied(link)]


def _paired(links: Sequence[Link]) -> list[Link]:
    """Make one line with two heads out of an edge and its opposite, if they look the same."""
    by_pair = {(link.source, link.target): link for link in links}
    result = []
    for link in links:
        back = by_pair.get((link.target, link.source))
        if back is None or line_kind(back.parts) != line_kind(link.parts):
            result.append(link)
        elif link.source < link.target:
            parts = tuple(sorted({*link.parts, *back.parts}))
            share = (link.share + back.share) / 2
            result.append(Link(link.source, link.target, parts, share, both=True))
    return result
