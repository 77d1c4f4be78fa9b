"""The pictures of a module's interaction graph: boxes, rows and routes, placed once and for all.

A picture depends on the activation only through which of its parts are no polynomials, so there are
three. The edges in it are those of these parts between different simples. Loops, the edges of a
constant to the trivial simple, and those of powers are drawn by the page itself.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import networkx as nx

from toolkit.errors import NotAvailable
from toolkit.figures.graph.layout import arrange
from toolkit.figures.graph.plan import plan_picture
from toolkit.pl.interactions.graph import Interactions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from toolkit.figures.graph.geometry import Arrangement, Route
    from toolkit.figures.graph.plan import Link, PicturePlan
    from toolkit.modules.module import Module

#: For each kind of picture an activation whose parts that are no polynomials are just these.
ACTIVATIONS = {"even": "abs", "odd": "tanh", "both": "elu"}
#: Up to this many labels are printed in a box; more are counted: "24 simples".
LISTED = 3
#: Modules with more simples have no picture.
MOST_SIMPLES = 400
#: Kinds of lines, see :func:`~toolkit.palette.line_kind`.
KINDS = ("even", "odd", "even and odd")
#: Lines end so many pixels before the tip of their heads.
HEAD = 4
_CURVE = 4  # the code of matplotlib.path.Path


def kinds_of(X: Module) -> tuple[str, ...]:
    """Return the kinds of pictures of a module; with signs only odd activations are legal."""
    return ("odd",) if X.has_signs else tuple(ACTIVATIONS)


def pictures(X: Module) -> dict[str, Any]:
    """Return the three pictures of a module: for f with non-polynomial even, odd and both parts.

    Parameters
    ----------
    X
        A permutation module, or a signed one, which has the picture ``"odd"`` only.

    Returns
    -------
    dict
        ``"even"``, ``"odd"`` and ``"both"``, each with

        - ``layers``: ``[order, top, bottom]`` per line of boxes, downwards; a row, of one order of
          the action, may have several;
        - ``boxes``: ``[layer, x, w, h, mutual, members...]``: the centre, the size, whether each of
          several members has an edge to every other one, and their positions among the simples of
          the module in canonical order;
        - ``routes``: ``[from, to, kind, ends, ...]``: numbers of boxes; 0 for an edge from the even
          part, 1 from the odd one, 2 from both; 1 for a head at the end of the line, 2 at its
          start, 3 at both: then it also stands for the opposite edge. Lines between layers run
          downwards, and x follows where each leaves a layer and enters the next. Lines inside a
          layer have both x and how high they rise above it;
        - ``width`` and ``height``; ``grouped`` and ``reduced``: whether boxes hold several simples,
          and whether edges that others imply were left out.

        :func:`~toolkit.explorer.record.unpacked.unpacked_picture` makes paths of it.

    Raises
    ------
    NotAvailable
        If the module has more than 400 simples.

    Notes
    -----
    The edges are exact (:func:`toolkit.interaction_graph`). Without a label, lines in a picture
    that is not grouped are all edges; otherwise an edge that is neither drawn nor inside a box
    follows from others by transitivity.

    Examples
    --------
    >>> import toolkit as tk
    >>> even = pictures(tk.group("S3").natural_module())["even"]
    >>> even["layers"], even["boxes"]
    ([[6, 9, 49], [1, 92, 132]], [[0, 36, 72, 40, 0, 1], [1, 36, 72, 40, 0, 0]])
    >>> even["routes"]
    [[0, 1, 0, 1, 36, 36]]
    """
    done: dict[tuple[object, ...], dict[str, Any]] = {}
    found = {}
    if len(X.multiplicities) > MOST_SIMPLES:
        raise NotAvailable(
            X.group,
            f"the pictures of {X.name}",
            f"it has {len(X.multiplicities):,} simples, and up to {MOST_SIMPLES} are drawn",
        )
    for kind in kinds_of(X):
        graph = _graph(Interactions(X, ACTIVATIONS[kind]))
        key = tuple((a, b, d["parts"]) for a, b, d in graph.edges(data=True))
        if key not in done:
            done[key] = _picture(graph)
        found[kind] = done[key]
    return found


def _graph(engine: Interactions) -> nx.DiGraph[str]:
    """Return the graph that :func:`plan_picture` reads: no linear or constant parts, no shares."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    orders = {s.label: s for orbit in engine.orbits for s in orbit.table.simples}
    for label in engine.labels:
        s = orders[label]
        graph.add_node(
            label,
            action_order=s.action_order,
            dimension=s.dimension,
            type=s.type,
            multiplicity=engine.fixed[label] // s.endomorphism_dimension,
            paper_index=s.paper_index,
        )
    occurring = engine.occurring_from_each([[label] for label in engine.labels])
    for source, targets in zip(engine.labels, occurring, strict=True):
        for k in targets:
            parts = [part for part in k.parts if part in ("even", "odd")]
            if parts:
                graph.add_edge(source, k.label, parts=", ".join(parts))
    return graph


def _picture(graph: nx.DiGraph[str]) -> dict[str, Any]:
    plan = plan_picture(graph)
    sizes = [box_size(box.members, graph.nodes) for box in plan.boxes]
    layout = arrange(plan, sizes)
    place = {label: i for i, label in enumerate(graph)}
    layers, layer_of = _layers(plan, layout, sizes)
    boxes = [
        [layer_of[i], whole(x), w, h, int(box.mutual), *(place[label] for label in box.members)]
        for i, (box, (x, _), (w, h)) in enumerate(
            zip(plan.boxes, layout.centres, sizes, strict=True)
        )
    ]
    # loops come last, and are not kept
    routes = [
        _route(link, route, inside=layer_of[link.source] == layer_of[link.target])
        for link, route in zip(plan.links, layout.routes, strict=False)
    ]
    return {
        "layers": layers,
        "boxes": boxes,
        "routes": routes,
        "width": whole(layout.width),
        "height": whole(layout.height),
        "grouped": plan.grouped,
        "reduced": plan.reduced,
    }


def _layers(
    plan: PicturePlan, layout: Arrangement, sizes: Sequence[tuple[int, int]]
) -> tuple[list[list[int]], list[int]]:
    """Return order, top and bottom of each line of boxes, and the line of each box."""
    heights: dict[float, tuple[int, int]] = {}
    for box, (_, y), (_, h) in zip(plan.boxes, layout.centres, sizes, strict=True):
        heights[y] = box.action_order, max(h, heights.get(y, (0, 0))[1])
    place = {y: i for i, y in enumerate(sorted(heights))}
    layers = [
        [order, whole(y) - h // 2, whole(y) + h // 2] for y, (order, h) in sorted(heights.items())
    ]
    return layers, [place[y] for _, y in layout.centres]


def box_size(members: Sequence[str], nodes: Mapping[str, Mapping[str, Any]]) -> tuple[int, int]:
    """Return width and height of the box that prints these members.

    Parameters
    ----------
    members
        Labels.
    nodes
        Per label ``dimension``, ``type``, ``multiplicity`` and ``paper_index`` (or ``None``).

    Returns
    -------
    tuple of int
        Even, in pixels: room for the labels (or ``"24 simples"``) in bold letters of 14 pixels,
        below it ``"dim 2 - C x3"`` in letters of 10.5 pixels, and in a third line the index in the
        paper, ``"k=3"``, or how several members interact; in any common sans-serif font.

    Examples
    --------
    >>> data = {"dimension": 2, "type": "C", "multiplicity": 3, "paper_index": 1}
    >>> box_size(["L3"], {"L3": data})
    (90, 54)
    """
    heading = ", ".join(members) if len(members) <= LISTED else f"{len(members)} simples"
    columns = [sorted({nodes[x][key] for x in members}) for key in ("dimension", "type")]
    about = "dim " + " · ".join(", ".join(map(str, column[:LISTED])) for column in columns)
    many = sorted({nodes[x]["multiplicity"] for x in members})
    if many != [1]:
        about += " ×" + ", ".join(map(str, many[:LISTED]))
    width = max(8.4 * len(heading), 5.8 * len(about)) + 20.0
    if len(members) > 1:
        return max(116, 2 * round(width / 2)), 54
    indexed = nodes[members[0]]["paper_index"] is not None
    return max(54, 2 * round(width / 2)), 54 if indexed else 40


def _route(link: Link, route: Route, *, inside: bool) -> list[int]:
    """Return a route in numbers; see :func:`pictures`."""
    (x, y), *_ = route.vertices
    ends = 3 if link.both else 1
    if not link.both and abs(route.heads[0].y - y) < abs(route.heads[0].y - route.vertices[-1][1]):
        ends = 2
    start = [link.source, link.target, KINDS.index(route.kind), ends, whole(x)]
    if inside:
        # the end of the second line of the path, and the point that the curve reaches
        top = route.vertices[1][1] + HEAD
        return [*start, whole(route.vertices[-1][0]), whole(top - route.vertices[4][1])]
    curves = [i for i, code in enumerate(route.codes) if code == _CURVE]
    return [*start, *(whole(route.vertices[i][0]) for i in curves[2::3])]


def whole(x: float) -> int:
    """Return the nearest integer, the larger one in the middle between two."""
    return math.floor(x + 0.5)
