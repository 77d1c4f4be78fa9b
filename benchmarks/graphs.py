"""Groups and layers of graphs: time and memory, each case in a process of its own.

The time is that of the second call in the process, without the imports; the memory is the largest
that the process ever held, with torch and the graph. ``group`` is the automorphism group with its
generators and order, ``layer`` an equivariant layer with one channel, ``facts`` what
``group.facts`` takes, GAP's first start with it where GAP is asked. Seconds of processor time but
for the facts.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any

from toolkit.text import table as aligned

if TYPE_CHECKING:
    from collections.abc import Callable

#: Per case the graph, as an expression in networkx, and what is measured.
CASES = {
    "star, 200 leaves": ("nx.star_graph(200)", "group layer facts"),
    "star, 1,100 leaves": ("nx.star_graph(1100)", "group layer facts"),
    "star, 100,000 leaves": ("nx.star_graph(100000)", "group layer"),
    "K(60,60)": ("nx.complete_bipartite_graph(60, 60)", "group layer facts"),
    "K(316,317), 100,172 edges": ("nx.complete_bipartite_graph(316, 317)", "group layer"),
    "tree, 1,000 nodes": ("nx.random_labeled_tree(1000, seed=1)", "group layer facts"),
    "binary tree, depth 8": ("nx.balanced_tree(2, 8)", "group layer"),
    "S4 wr S4 wr S4 wr S5": ("nx.disjoint_union_all([nx.balanced_tree(4, 3)] * 5)", "group layer"),
    "rook, 30 x 30": ("nx.line_graph(nx.complete_bipartite_graph(30, 30))", "group layer"),
    "L(K24)": ("nx.line_graph(nx.complete_graph(24))", "group layer facts"),
    "torus, 99,904 edges": ("nx.grid_2d_graph(223, 224, periodic=True)", "group"),
    "cycle, 100,000 nodes": ("nx.cycle_graph(100000)", "group"),
    "path, 100,000 nodes": ("nx.path_graph(100000)", "group"),
    "1,000 pentagons": ("nx.disjoint_union_all([nx.cycle_graph(5)] * 1000)", "group"),
}


def _measure(expression: str, wanted: str) -> dict[str, Any]:
    """Measure one case in this process."""
    import networkx as nx
    import torch  # noqa: F401 - its import is no part of the work

    import toolkit as tk

    graph = eval(expression, {"nx": nx})  # of the table above
    warm = tk.group_from_graph(nx.petersen_graph())
    tk.nn.EquivariantLinear(warm.natural_module(), warm.natural_module(), 1, 1)
    out: dict[str, Any] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:  # noqa: ANN401
        start, wall = time.process_time(), time.perf_counter()
        found = work()
        out[name] = time.process_time() - start
        if name == "facts":  # GAP's time is not this process's
            out[name] = time.perf_counter() - wall
        return found

    G = timed("group", lambda: tk.group_from_graph(graph, (), ()))
    out["generators"] = len(G.action_images)
    if "layer" in wanted:
        X = G.natural_module()
        layer = timed("layer", lambda: tk.nn.EquivariantLinear(X, X, 1, 1))
        out["orbitals"] = layer.hom_space.count
    if "facts" in wanted:
        timed("facts", lambda: G.facts)
    out["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return out


def rows() -> list[list[str]]:
    """Measure every case."""
    out = []
    for name, (expression, wanted) in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, __file__, "--case", expression, "--wanted", wanted],
                capture_output=True,
                text=True,
                check=False,
                env={**os.environ, "PLREP_CACHE_DIR": folder},
            )
        if done.returncode:
            out.append([name, *[done.stderr.strip().splitlines()[-1][:60]], *[""] * 5])
            continue
        found = json.loads(done.stdout)
        seconds = [f"{found[key]:.2f}" if key in found else "" for key in ("group", "layer")]
        facts = f"{found['facts']:.2f}" if "facts" in found else ""
        counts = [str(found.get(key, "")) for key in ("generators", "orbitals", "megabytes")]
        out.append([name, *seconds, facts, *counts])
    return out


def symmetric_rows() -> list[list[str]]:
    """Measure the facts of symmetric groups, from two generators."""
    import math

    import toolkit as tk

    out = []
    _ = tk.group_from_permutations([[*range(1, 30), 0], [1, 0, *range(2, 30)]]).order
    for n in (140, 200, 1000):
        start = time.perf_counter()
        G = tk.group_from_permutations([[*range(1, n), 0], [1, 0, *range(2, n)]])
        right = G.order == math.factorial(n) and not G.is_solvable
        out.append([f"S{n}", f"{time.perf_counter() - start:.3f}", str(right)])
    return out


def report() -> None:
    """Print the tables."""
    header = ("graph", "group s", "layer s", "facts s", "generators", "orbitals", "MB")
    print(*aligned([header, *rows()], right=range(1, len(header))), sep="\n")
    header = ("two generators", "facts s", "right")
    print(*aligned([header, *symmetric_rows()], right=range(1, len(header))), sep="\n")


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", default="")
    parser.add_argument("--wanted", default="")
    options = parser.parse_args()
    if options.case:
        print(json.dumps(_measure(options.case, options.wanted)))
        return
    report()


if __name__ == "__main__":
    main()
