"""Three questions across all groups of the catalog, answered with pictures."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import matplotlib.pyplot as plt

import toolkit as tk

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from toolkit.catalog import Catalog

OUT = Path("out")
ACTIVATIONS = ("relu", "abs", "tanh")
COLOURS = {"relu": "#0072b2", "abs": "#d55e00", "tanh": "#009e73"}
MARKERS = {"relu": "o", "abs": "s", "tanh": "^"}
FAMILIES = {
    "cyclic": "#0072b2",
    "dihedral": "#d55e00",
    "quaternion": "#009e73",
    "elementary abelian": "#cc79a7",
}


def shared_graphs(catalog: Catalog) -> None:
    """Show how often groups share an interaction graph."""
    print("1. How often do groups share the interaction graph of their regular module?")
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for activation in ACTIVATIONS:
        classes = catalog.graph_classes(activation)
        groups = sum(len(c.groups) for c in classes)
        alone = sum(1 for c in classes if len(c.groups) == 1)
        top = classes[0]
        print(
            f"   {activation}: {groups} groups, {len(classes)} graphs; {alone} groups share theirs "
            f"with no other; the commonest, of {top.nodes} simples, belongs to {len(top.groups)}"
        )
        sizes = [len(c.groups) for c in classes]
        left.loglog(range(1, len(sizes) + 1), sizes, color=COLOURS[activation], label=activation)
        orders = dict(zip(*(catalog.find(None).column(c) for c in ("group", "order")), strict=True))
        number, different = Counter(orders.values()), Counter[int]()
        for found in classes:
            different.update({orders[group] for group in found.groups})
        many = sorted(n for n in number if number[n] > 1)
        right.plot(
            many,
            [number[n] / different[n] for n in many],
            MARKERS[activation],
            color=COLOURS[activation],
            markersize=6,
            fillstyle="none",
        )
    left.set(xlabel="graph, the commonest first", ylabel="groups with this graph")
    right.set(xlabel="order", ylabel="groups of the order per graph")
    finish(figure, left, "shared_graphs.png")


def nontrivial_sinks(catalog: Catalog) -> None:
    """Show which simples, not trivial, keep everything to themselves."""
    print("2. Which simples that are not trivial reach no other simple?")
    for activation in ACTIVATIONS:
        found = catalog.nontrivial_sinks(activation)
        kinds = Counter(zip(found.column("type"), found.column("dimension"), strict=True))
        most = ", ".join(f"{n} of dimension {d}, type {t}" for (t, d), n in kinds.most_common(3))
        with_one = len(set(found.column("group")))
        print(
            f"   {activation}: {len(found)}, in {with_one} groups" + (f": {most}" if most else "")
        )
    # an even part sends everything to the trivial simple: only odd activations are left to draw
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for kind, colour in zip("RCH", ("#0072b2", "#e69f00", "#009e73"), strict=True):
        dimensions = sorted({d for t, d in kinds if t == kind})
        counts = [kinds[kind, d] for d in dimensions]
        left.loglog(dimensions, counts, "o", color=colour, label=f"type {kind}")
    shares = catalog.sql(
        f"""
        SELECT "order", avg(nontrivial_sinks / nodes) AS part FROM graphs
        WHERE module = 'regular' AND activation = '{activation}' GROUP BY ALL ORDER BY ALL
        """
    )
    right.plot(shares.column("order"), shares.column("part"), ".", color="#0072b2")
    left.set(title=f"non-trivial sinks under {activation}", xlabel="dimension", ylabel="simples")
    right.set(title="part of a group's simples, mean over the order", xlabel="order")
    finish(figure, left, "nontrivial_sinks.png")


def growth(catalog: Catalog) -> None:
    """Show how edges and shares grow with the order, family by family."""
    print("3. How do edges and self-shares grow with the order (relu)?")
    rows = catalog.families(list(FAMILIES))
    figure, axes = plt.subplots(1, 3, figsize=(12, 4), layout="constrained")
    for family, colour in FAMILIES.items():
        own = [row for row in rows if row["family"] == family]
        if not own:
            continue
        last = own[-1]
        print(
            f"   {family}: order {last['order']}: {last['nodes']} simples, {last['edges']} edges, "
            f"mean self-share {last['self_share_mean']:.4f}"
        )
        orders = [row["order"] for row in own]
        style = {"color": colour, "marker": ".", "linestyle": "", "label": family, "markersize": 5}
        axes[0].loglog(orders, [row["edges"] for row in own], **style)
        axes[1].semilogx(orders, [row["self_share_mean"] for row in own], **style)
        axes[2].semilogx(orders, [row["trivial_share_mean"] for row in own], **style)
    titles = ("edges", "mean share that stays", "mean share into the trivial simple")
    for place, title in zip(axes, titles, strict=True):
        place.set(xlabel="order", title=title)
    finish(figure, axes[0], "growth_of_families.png")


def finish(figure: plt.Figure, legend: Axes, name: str) -> None:
    """Write a picture."""
    legend.legend(frameon=False)
    figure.savefig(OUT / name, dpi=130)
    plt.close(figure)
    print(f"   drawn: {OUT / name}\n")


def main() -> None:
    """Answer the questions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", help="of a sweep (default: the bundled catalog)")
    parser.add_argument("--quick", action="store_true", help="changes nothing: it takes seconds")
    folder = parser.parse_args().folder
    mpl.use("Agg")
    OUT.mkdir(exist_ok=True)
    with tk.catalog.open(folder) as catalog:
        print(f"{catalog.sizes['groups']} groups in {catalog.folder}\n")
        shared_graphs(catalog)
        nontrivial_sinks(catalog)
        growth(catalog)


if __name__ == "__main__":
    main()
