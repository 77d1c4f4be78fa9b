"""Networks that learn products of larger groups: what simples of real and quaternionic type do.

As in ``group_tasks.py``, with plain networks of torch on all products (x, y) -> x y.

1. The dihedral and the dicyclic group of order 104, in which the same numbers of simples have the
   same dimensions over the complex numbers. All are of real type in the first; 13 of the second are
   of quaternionic type.
2. S5 and A5, where all simples are of real type.

The functions of the neurons are sorted by type and dimension of their leading simple. Beside them
stand controls: for each neuron a random function in the same simple. A score that the control has
as well comes from the simple, not from training.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from product_task import trained
from training import OUT, is_quick

import toolkit as tk
from toolkit.figures import draw_group_task
from toolkit.interpret import ablate_simples, group_task_report, product_loss
from toolkit.text import percentage, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from toolkit.interpret import GroupTaskReport

SITE = "left"
COLOURS = {"R": "#0072b2", "C": "#e69f00", "H": "#009e73"}


def in_the_same_simples(G: tk.Group, report: GroupTaskReport, seed: int = 0) -> np.ndarray:
    """Return for each neuron a random function in its leading simple, ``(|G|, neurons)``."""
    basis = tk.fourier_basis(G.regular_module())
    rows = {s.label: s.rows for s in basis.simples}
    noise = np.random.default_rng(seed)
    functions = np.zeros((G.order, len(report[SITE].neurons)))
    for neuron in report[SITE].neurons:
        if neuron.simple is not None:
            own = basis.matrix[rows[neuron.simple]]
            functions[:, neuron.number] = own.T @ noise.normal(size=len(own))
    return functions


def kinds(report: GroupTaskReport) -> dict[tuple[str, int], list[str]]:
    """Return the simples of each type and real dimension."""
    out: dict[tuple[str, int], list[str]] = {}
    for s in report[SITE].simples:
        out.setdefault((s.type, s.dimension), []).append(s.label)
    return dict(sorted(out.items(), key=lambda item: (item[0][1], item[0][0])))


def by_kind(report: GroupTaskReport, control: GroupTaskReport) -> list[str]:
    """Return a table: shares, and the scores of neurons beside those of the controls."""
    lines = [["type", "dim", "simples", "energy", "random", "neurons", "purity", "rank one",
              "control", "coset excess", "control"]]  # fmt: skip
    for (kind, dimension), labels in kinds(report).items():
        shares = [
            sum(one.share for one in site.simples if one.label in labels) for site in report.sites
        ]
        expected = sum(s.expected for s in report[SITE].simples if s.label in labels)
        own = [n for n in report[SITE].neurons if n.simple in labels]
        other = [control[SITE].neurons[n.number] for n in own]
        cells = [
            median([getattr(n, score) for n in neurons])
            for neurons, score in (
                (own, "purity"), (own, "rank_one"), (other, "rank_one"),
                (own, "coset_excess"), (other, "coset_excess"),
            )
        ]  # fmt: skip
        lines.append([kind, str(dimension), str(len(labels)), percentage(float(np.mean(shares))),
                      percentage(expected), str(len(own)), *cells])  # fmt: skip
    return table(lines, right=range(1, 11), rule=True)


def median(values: list[float | None]) -> str:
    """Return the median of what is known."""
    known = [v for v in values if v is not None]
    return f"{np.median(known):.2f}" if known else "-"


def draw_kinds(reports: Mapping[str, tuple[GroupTaskReport, GroupTaskReport]]) -> None:
    """Draw a point for each neuron, by its leading simple: its coset excess beside the control."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 3.1), layout="constrained")
    panels = figure.subplots(1, len(reports), sharey=True)
    for axes, (name, (report, control)) in zip(panels, reports.items(), strict=True):
        _draw_neurons(axes, report, control)
        axes.set_title(name, fontsize=9)
    panels[0].set_ylabel("coset excess of a neuron", fontsize=8)
    figure.savefig(OUT / "group_tasks_by_type.png", dpi=100)


def _draw_neurons(axes: Axes, report: GroupTaskReport, control: GroupTaskReport) -> None:
    groups = list(kinds(report).items())
    noise = np.random.default_rng(0)
    for place, ((kind, _), labels) in enumerate(groups):
        own = [n for n in report[SITE].neurons if n.simple in labels]
        other = [control[SITE].neurons[n.number] for n in own]
        for neurons, shift, colour in ((own, -0.17, COLOURS[kind]), (other, 0.17, "#9aa1ab")):
            values = [np.nan if n.coset_excess is None else n.coset_excess for n in neurons]
            across = place + shift + noise.uniform(-0.1, 0.1, len(values))
            axes.scatter(across, values, s=9, color=colour, alpha=0.7, linewidths=0)
    axes.set_xticks(range(len(groups)), [f"{d}{kind}" for (kind, d), _ in groups], fontsize=8)
    axes.set_xlabel("dimension and type; grey: random, same simples", fontsize=7.5)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def study(name: str, words: str, quick: bool) -> tuple[GroupTaskReport, GroupTaskReport, tk.Group]:
    """Train on a group, report, print and draw."""
    G = tk.group(name)
    model = trained(G, 16 if quick else 128, 5 if quick else 1500, rows=20)
    report = group_task_report(G, model.tables(), controls=20 if quick else 200)
    control = group_task_report(G, {SITE: in_the_same_simples(G, report)}, controls=0)
    print("   " + "\n   ".join(by_kind(report, control)))
    if report.agreement is not None:
        print(f"   the same leading simple at all sites: {percentage(report.agreement)}\n")
    file = OUT / f"group_task_{words}.png"
    draw_group_task(report, file)
    report.save(file.with_suffix(".json"))
    if G.order <= 60 or (not quick and len(report[SITE].simples) < 10):
        loss = product_loss(G, "relu")
        found = ablate_simples(G, model.tables(), loss, controls=1 if quick else 3)
        print("   " + found.to_table().replace("\n", "\n   ") + "\n")
    return report, control, G


def main() -> None:
    """Train, report, draw."""
    quick = is_quick(__doc__)
    reports = {}
    for title, names in (
        ("1. Dihedral and dicyclic, order 104", {"dihedral": "D104", "dicyclic": "Dic26"}),
        ("2. S5 and A5", {"S5": "S5", "A5": "A5"}),
    ):
        print(f"{title}\n")
        for words, name in names.items():
            report, control, _ = study(name, words, quick)
            reports[words] = report, control
    draw_kinds(reports)
    for words in reports:
        print(f"   drawn: {OUT / f'group_task_{words}.png'}")
    print(f"   drawn: {OUT / 'group_tasks_by_type.png'}")


if __name__ == "__main__":
    main()
