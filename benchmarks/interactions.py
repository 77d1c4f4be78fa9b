"""Interaction graphs and transfer, against what any such answer costs; part of `make bench`.

Alone: ``python benchmarks/interactions.py [--only M24] [--order 100]``. The floor is what nothing
on the exact table can avoid: reading it from the cache and once multiplying its floats with
themselves.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

import toolkit as tk
from toolkit.errors import NotAvailable, ToolkitError
from toolkit.library import Session
from toolkit.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.library import Group
    from toolkit.modules.permutation_module import PermutationModule

    Make = Callable[[Session], PermutationModule]

ACTIVATIONS = ("relu", "gelu", "square")
HEADER = (
    "module", "points", "simples", "columns", "edges", "cold ms", "read ms", "product ms",
    "relu graph ms", "/floor", "gelu", "square", "relu transfer ms", "/floor", "gelu",
)  # fmt: skip


def on_sets(G: Group, one: list[int], name: str) -> PermutationModule:
    """Return the module of a set's orbit under the natural action."""
    images = np.asarray(G.natural_module().images)
    sets = [tuple(sorted(one))]
    place = {sets[0]: 0}
    moved: list[list[int]] = [[] for _ in images]
    for s in sets:
        for g, row in zip(images, moved, strict=True):
            t = tuple(sorted(g[list(s)].tolist()))
            if t not in place:
                place[t] = len(sets)
                sets.append(t)
            row.append(place[t])
    return G.module_from_images(moved, name)


def octad(G: Group) -> list[int]:
    """Return the fixed points of an involution of M24 that has eight: an octad."""
    images = np.asarray(G.natural_module().images)
    choice, points = random.Random(24), np.arange(24)
    element = points
    while True:
        element = images[choice.randrange(len(images))][element]
        power = element
        while not (element[power] == points).all():
            if (power[power] == points).all() and (power == points).sum() == 8:
                return np.flatnonzero(power == points).tolist()
            power = element[power]


def cases() -> dict[str, Make]:
    """Return the single modules."""

    def m24(session: Session, points: int) -> PermutationModule:
        G = tk.group("M24", session=session)
        if points == 24:
            return G.natural_module()
        return on_sets(G, [0, 1] if points == 276 else octad(G), f"{points} points")

    out: dict[str, Make] = {
        f"M24 on {n} points": lambda session, n=n: m24(session, n) for n in (24, 276, 759)
    }
    for name in ("C1000", "D1000", "S12", "Table(M)", "Table(B)"):
        out[f"{name} regular"] = lambda session, name=name: tk.group(
            name, session=session
        ).regular_module()
    return out


def seconds(ask: Callable[[], object], repeat: int = 3) -> float:
    """Return the least wall time in seconds: the machine's other work only ever adds."""
    best = float("inf")
    for _ in range(repeat):
        start = time.perf_counter()
        ask()
        best = min(best, time.perf_counter() - start)
        if best > 10:
            break
    return best


def product(floats: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the floor's product: all inner products of spherical functions."""
    return floats @ (floats * weights).T


def measure(makes: list[Make], folder: str, repeat: int = 3) -> dict[str, float]:
    """Return seconds for everything about some modules, and their sizes, added up."""
    settings = Settings.from_environment({"PLREP_CACHE_DIR": folder})
    total: dict[str, float] = {}
    with Session(settings, use_bundled=False) as session:
        session.hello()
        start = time.perf_counter()
        for make in makes:
            make(session).spherical_table  # noqa: B018 - asked of GAP here
        total["cold"] = time.perf_counter() - start
    with Session(settings, use_bundled=False) as session:
        for make in makes:
            for key, value in cached(make, session, repeat).items():
                total[key] = total.get(key, 0) + value
    return total


def cached(make: Make, session: Session, repeat: int) -> dict[str, float]:
    """Return seconds for one module whose table is in the cache, and its sizes."""
    start = time.perf_counter()
    X = make(session)
    table = X.spherical_table
    out = {"read": time.perf_counter() - start}
    floats = table.to_numpy()
    weights = np.array([size / table.group_order for size in table.sizes])
    out["product"] = seconds(lambda: product(floats, weights))
    for kind in ACTIVATIONS:
        graph = tk.interaction_graph(X, kind)  # first: quadratures of dual functions are kept
        out[f"{kind} graph"] = seconds(partial(tk.interaction_graph, X, kind), repeat)
        out[f"{kind} transfer"] = seconds(partial(tk.transfer_matrix, X, kind), repeat)
        if kind == "relu":
            out["edges"] = graph.number_of_edges()
    return out | {
        "points": table.degree, "simples": len(table.simples), "columns": len(table.sizes)
    }  # fmt: skip


def row(name: str, found: dict[str, float]) -> list[str]:
    """Return one line of the table."""
    floor = found["read"] + found["product"]

    def ms(key: str) -> str:
        return f"{1000 * found[key]:.1f}"

    def ratio(key: str) -> str:
        return f"{found[key] / floor:.1f}"

    points = found["points"]
    return [
        name, f"{points:.0f}" if points < 1e7 else f"{points:.0e}",
        *(f"{found[k]:.0f}" for k in ("simples", "columns", "edges")),
        ms("cold"), ms("read"), f"{1000 * found['product']:.3f}",
        ms("relu graph"), ratio("relu graph"), ms("gelu graph"), ms("square graph"),
        ms("relu transfer"), ratio("relu transfer"), ms("gelu transfer"),
    ]  # fmt: skip


def all_regular(most: int, folder: str) -> list[Make]:
    """Return the regular modules of all groups up to an order."""
    settings = Settings.from_environment({"PLREP_CACHE_DIR": folder})
    names = []
    with Session(settings, use_bundled=False) as session:
        for order in range(1, most + 1):
            for number in range(1, 300):
                G = tk.group(f"SmallGroup({order},{number})", session=session)
                try:
                    G.order  # noqa: B018 - asked whether the library has it
                except (NotAvailable, ToolkitError):
                    break
                names.append(G.name)
    return [lambda session, n=n: tk.group(n, session=session).regular_module() for n in names]


def modules_of(name: str, folder: str) -> list[Make]:
    """Return all transitive modules of a group."""
    settings = Settings.from_environment({"PLREP_CACHE_DIR": folder})
    with Session(settings, use_bundled=False) as session:
        labels = [c.label for c in tk.group(name, session=session).subgroup_classes()]
    return [lambda session, k=k: tk.group(name, session=session).coset_module(k) for k in labels]


def report(only: str = "", order: int = 100) -> None:
    """Print the table."""
    from run_all import table

    rows = []
    for name, make in cases().items():
        if only in name:
            with tempfile.TemporaryDirectory() as folder:
                rows.append(row(name, measure([make], folder)))
    with tempfile.TemporaryDirectory() as folder:
        families = {
            "all {} transitive of S6": lambda: modules_of("S6", folder),
            f"all {{}} regular up to {order}": lambda: all_regular(order, folder),
        }
        for title, makes in families.items():
            if only in title:
                chosen = makes()
                rows.append(row(title.format(len(chosen)), measure(chosen, folder, 1)))
    table(
        "interaction graphs and transfer (cold: GAP and checks on an empty cache; read: from the "
        "cache; product: of the table's floats; floor: read + product; sums for families)",
        HEADER,
        rows,
    )


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    parser.add_argument("--order", type=int, default=100)
    options = parser.parse_args()
    report(options.only, options.order)


if __name__ == "__main__":
    main()
