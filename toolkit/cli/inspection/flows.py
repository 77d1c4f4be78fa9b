"""A measured flow as JSON, as lines, and as pictures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from toolkit.cli.console import UsageError
from toolkit.text import percentage, table

if TYPE_CHECKING:
    from pathlib import Path

    import networkx as nx


def flow_as_json(graph: nx.DiGraph[str]) -> dict[str, Any]:
    """Return a flow in the node-link form of networkx, everything in it."""
    from toolkit.formats import to_json

    found: dict[str, Any] = json.loads(to_json(graph))
    return found


def flow_lines(graph: nx.DiGraph[str], most: int) -> list[str]:
    """Return the edges across activations with the most energy, as a table."""
    edges = [
        (one, two, data)
        for one, two, data in graph.edges(data=True)
        if data["kind"] == "activation"
    ]
    edges.sort(key=lambda edge: -edge[2]["energy"])
    rows = [("from", "to", "energy", "share", "if Gaussian", "possible")]
    rows += [
        (
            one,
            two,
            f"{data['energy']:.3g}",
            percentage(data["share"]),
            percentage(data["expected"]),
            "yes" if data["possible"] else "no",
        )
        for one, two, data in edges[:most]
    ]
    lines = table(rows, right=(2, 3, 4), rule=True)
    if len(edges) > most:
        lines.append(f"and {len(edges) - most} edges more; --json has them all")
    return lines


def draw_flows(graph: nx.DiGraph[str], stem: Path) -> list[Path]:
    """Draw a flow as a Sankey diagram and as a graph; return the files."""
    from toolkit.figures import draw_flow

    written: list[Path] = []
    try:
        for end, kind in (("flow", "sankey"), ("graph", "graph")):
            written.append(stem.with_name(f"{stem.name}_{end}.png"))
            draw_flow(graph, written[-1], kind)  # type: ignore[arg-type]
    except OSError as error:
        raise UsageError(f"cannot write {str(written[-1])!r}: {error.strerror}") from None
    return written
