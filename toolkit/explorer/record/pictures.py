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

    from toolkit.figures.graph.geometry import Route
    from toolkit.figures.graph.plan import Link
    from toolkit.modules.module import Module

#: For each kind of picture an activation whose parts that are no polynomials are just these.
ACTIVATIONS = {"even": "abs", "odd": "tanh", "both": "elu"}
#: Up to this many labels are printed in a box; more are counted: "24 simples".
LISTED = 3
#: Modules with more simples have no picture.
MOST_SIMPLES = 400
#: Lines end so many pixels before the tip of their heads.
HEAD = 4
_LINE = 2  # the code of matplotlib.path.Path


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

        - ``boxes``: ``members`` (0-based positions of simples in the module, in canonical order),
          the centre ``x``, ``y``, the size ``w``, ``h``, and ``mutual``: whether each of several
          members has an edge to every other one;
        - ``bands``: one for each order of the action, from ``top`` to ``bottom``;
        - ``routes``: ``d``, a :func:`short_path`; ``kind``, the parts behind the edge (``"even"``,
          ``"odd"``, ``"even and odd"``); the boxes ``from`` and ``to``; ``ends``: 1 for a head at
          the end of the path, 2 at its start (an edge that leads up), 3 for both: then it also
          stands for the opposite edge. Heads point along the path, their tips 4 pixels beyond it;
        - ``width`` and ``height``; ``grouped`` and ``reduced``, whether boxes hold several simples
          and whether edges that others imply were left out; ``order``, all positions row by row.

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
    >>> [box["members"] for box in even["boxes"]], [r["from"] for r in even["routes"]]
    ([[1], [0]], [0])
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
    boxes = [
        {
            "members": [place[label] for label in box.members],
            "x": _whole(x),
            "y": _whole(y),
            "w": w,
            "h": h,
            "mutual": box.mutual,
        }
        for box, (x, y), (w, h) in zip(plan.boxes, layout.centres, sizes, strict=True)
    ]
    rows = sorted(zip(layout.centres, plan.boxes, strict=True), key=lambda row: row[0][::-1])
    return {
        "boxes": boxes,
        "bands": [
            {"order": b.action_order, "top": _whole(b.top), "bottom": _whole(b.bottom)}
            for b in layout.bands
        ],
        # loops come last, and are not kept
        "routes": [_route(*pair) for pair in zip(plan.links, layout.routes, strict=False)],
        "width": _whole(layout.width),
        "height": _whole(layout.height),
        "grouped": plan.grouped,
        "reduced": plan.reduced,
        "order": [place[label] for _, box in rows for label in box.members],
    }


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


def _route(link: Link, route: Route) -> dict[str, Any]:
    """Return a route whose ends stand 4 pixels before the tips of its heads."""
    points = [(_whole(x), _whole(y)) for x, y in route.vertices]
    ends = 0
    for head in route.heads:
        at_end = (
            abs(head.x - route.vertices[-1][0]) + abs(head.y - route.vertices[-1][1]) < HEAD + 1
        )
        ends |= 1 if at_end else 2
        points[-1 if at_end else 0] = _whole(head.x), _whole(head.y) - HEAD * round(head.dy)
    return {
        "d": short_path(points, route.codes),
        "kind": route.kind,
        "from": link.source,
        "to": link.target,
        "ends": ends,
    }


def short_path(points: Sequence[tuple[int, int]], codes: Sequence[int]) -> str:
    """Return a path in the words of SVG: one absolute move, then relative lines and curves.

    Parameters
    ----------
    points, codes
        The path, with the codes of :class:`matplotlib.path.Path`: move, line, cubic curve.

    Returns
    -------
    str
        ``s dx dy`` is no word of SVG: the curve ``c 0 dy/2 dx dy/2 dx dy``, which begins and ends
        vertically.

    Examples
    --------
    >>> short_path([(5, 1), (5, 30), (5, 40), (20, 40), (20, 51)], [1, 2, 4, 4, 4])
    'M5 1v29s15 21'
    """
    (x, y), *_ = points
    out = ["M" + _joined([x, y])]
    i = 1
    while i < len(points):
        if codes[i] == _LINE:
            dx, dy = points[i][0] - x, points[i][1] - y
            if dx or dy:
                out.append(f"v{dy}" if not dx else f"h{dx}" if not dy else "l" + _joined([dx, dy]))
            x, y = points[i]
            i += 1
            continue
        way = [(px - x, py - y) for px, py in points[i : i + 3]]
        (x1, y1), (x2, y2), (dx, dy) = way
        if x1 == 0 and x2 == dx and abs(y1 - y2) <= 1 and abs(2 * y1 - dy) <= HEAD:
            out.append("s" + _joined([dx, dy]))
        else:
            out.append("c" + _joined([c for pair in way for c in pair]))
        x, y = points[i + 2]
        i += 3
    return "".join(out)


def _joined(numbers: Sequence[int]) -> str:
    """Return integers with the separators that SVG's language needs."""
    return " ".join(map(str, numbers)).replace(" -", "-")


def _whole(x: float) -> int:
    return math.floor(x + 0.5)
