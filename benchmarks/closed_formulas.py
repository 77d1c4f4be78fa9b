"""Abelian groups of order up to 10,000 by formula, cold; part of `make bench`.

Alone: ``python benchmarks/closed_formulas.py``. Cold means a new group and no cache, neither on
disk nor in memory; Python's modules are loaded. Measured are the list of the real simples with all
their invariants; the compressed interaction graph under ReLU; both together; and, where it has at
most 1,100 simples, the full graph with its shares, beside what networkx takes to insert the same
edges with their attributes ("inserted"). GAP alone: its character table with indicators,
where it has at most 500 classes (it takes minutes for more).
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import toolkit as tk
from toolkit.gap import find_gap
from toolkit.gap.workspace import base_command
from toolkit.groups.closed_forms.abelian_order import abelian_order
from toolkit.library import Session
from toolkit.settings import Settings
from toolkit.text import table as aligned

if TYPE_CHECKING:
    from collections.abc import Callable

    import networkx as nx

ORDERS: tuple[tuple[int, ...], ...] = (
    (12,), (100,), (2, 2, 2, 2, 2, 2), (8, 8), (3, 9, 9), (16, 16), (360,), (500,), (21, 21),
    (1024,), (2048,), (2520,), (48, 60), (5040,), (2, 2, 2, 625), (3,) * 8, (9973,), (10_000,),
    (2, 5000), (100, 100), (10, 10, 10, 10), (2,) * 13,
)  # fmt: skip
_MOST_FOR_GAP = 500
_MOST_FOR_FULL = 1100


def name_of(orders: tuple[int, ...]) -> str:
    """Return the group's name."""
    if len(set(orders)) == 1 and len(orders) > 2:
        return f"C{orders[0]}^{len(orders)}"
    return " x ".join(f"C{n}" for n in orders)


def gap_alone(chosen: list[tuple[int, ...]]) -> dict[str, float]:
    """Return the seconds that GAP takes for the table of each group."""
    done = subprocess.run(
        [*base_command(find_gap()), str(Path(__file__).with_name("closed_forms_alone.g"))],
        env={**os.environ, "PLREP_BENCH": json.dumps(chosen)},
        capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    lines = (line.split("\t") for line in done.stdout.splitlines() if "\t" in line)
    return {name: int(micro) / 1e6 for name, micro in lines}


def seconds(ask: Callable[[], object], repeat: int = 3) -> float:
    """Return the least wall time of a few cold runs."""
    times = []
    for _ in range(repeat):
        abelian_order.cache_clear()
        start = time.perf_counter()
        ask()
        times.append(time.perf_counter() - start)
    return min(times)


def inserting(graph: nx.DiGraph[str]) -> float:
    """Return the wall time that networkx takes to insert the nodes and edges of a graph."""
    import networkx as nx

    nodes, edges = list(graph.nodes(data=True)), list(graph.edges(data=True))
    start = time.perf_counter()
    again: nx.DiGraph[str] = nx.DiGraph()
    again.add_nodes_from(nodes)
    again.add_edges_from(edges)
    return time.perf_counter() - start


def report() -> None:
    """Print the table."""
    session = Session(Settings.from_environment(), use_bundled=False, in_memory=True)

    def simples(name: str) -> int:
        return len(tk.group(name, session=session).simples)

    def graph(name: str, *, compressed: bool) -> nx.DiGraph[str]:
        X = tk.group(name, session=session).regular_module()
        return tk.interaction_graph(X, "relu", compressed=compressed)

    simples("C12"), graph("C12", compressed=True), graph("C12", compressed=False)
    gap = gap_alone([list(o) for o in ORDERS if _order(o) <= _MOST_FOR_GAP])  # type: ignore[misc]
    rows = []
    for orders in ORDERS:
        name = name_of(orders)
        count = simples(name)
        listed = seconds(lambda n=name: simples(n))
        small = seconds(lambda n=name: graph(n, compressed=True))
        both = seconds(lambda n=name: (simples(n), graph(n, compressed=True)))
        full = inserted = alone = ""
        if count <= _MOST_FOR_FULL:
            full = f"{1000 * seconds(lambda n=name: graph(n, compressed=False), 1):.0f}"
            inserted = f"{1000 * inserting(graph(name, compressed=False)):.0f}"
        if _order(orders) <= _MOST_FOR_GAP:
            alone = f"{1000 * gap['x'.join(map(str, orders))]:.0f}"
        nodes = len(graph(name, compressed=True))
        rows.append(
            (name, _order(orders), count, nodes, f"{1000 * listed:.1f}", f"{1000 * small:.1f}",
             f"{1000 * both:.1f}", full, inserted, alone)
        )  # fmt: skip
    header = (
        "group", "order", "simples", "nodes", "simples ms", "compressed ms", "both ms", "full ms",
        "inserted ms", "GAP's table ms",
    )  # fmt: skip
    cells = [list(header), *([str(c) for c in row] for row in rows)]
    print(
        "\nabelian groups by formula, cold", *aligned(cells, right=range(1, 10), indent=2), sep="\n"
    )


def _order(orders: tuple[int, ...]) -> int:
    out = 1
    for n in orders:
        out *= n
    return out


if __name__ == "__main__":
    report()
