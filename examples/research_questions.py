"""Research questions across all groups of a catalog, each count confirmed by GAP on a sample.

    python examples/research_questions.py [FOLDER] [--sample N] [--quick]

Which interaction graphs occur? How do sinks grow? How many groups share their graph with another
one, with equal character tables and without? Which groups are the smallest with ten properties?
FOLDER is a catalog that `plrep sweep` wrote; without it the one that comes with the toolkit is
asked. The properties are counted twice on N groups drawn at random: from the rows of the catalog,
and by GAP alone (examples/groups_by_plain_gap.g), which knows nothing of this toolkit.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import matplotlib.pyplot as plt

import toolkit as tk
from toolkit.gap import find_gap
from toolkit.gap.workspace import base_command

if TYPE_CHECKING:
    from toolkit.catalog import Catalog

OUT = Path("out")
SCRIPT = Path(__file__).with_name("groups_by_plain_gap.g")
ACTIVATIONS = ("abs", "elu", "relu", "tanh")
COLOURS = {"relu": "#0072b2", "abs": "#d55e00", "tanh": "#009e73", "elu": "#cc79a7"}
STYLES = {"relu": "-", "abs": "--", "tanh": "-", "elu": ":"}

#: A row for each group, with the numbers of its four graphs on the regular module.
GROUPS = 'groups AS g ' + " ".join(
    f'JOIN graphs AS {a} ON {a}."group" = g."group" AND {a}.module = \'regular\' '
    f"AND {a}.activation = '{a}'"
    for a in ACTIVATIONS
)  # fmt: skip


@dataclass(frozen=True)
class Simple:
    """What GAP says about one real simple; numbers of edges by activation."""

    order: int
    dimension: int
    type: str
    kernel_order: int
    out: dict[str, int]
    into: dict[str, int]
    loops: dict[str, int]

    @property
    def trivial(self) -> bool:
        """Whether every element of the group, whose order this has, acts as 1."""
        return self.kernel_order == self.order


@dataclass(frozen=True)
class Record:
    """What GAP says about one group."""

    order: int
    abelian: bool
    solvable: bool
    simples: tuple[Simple, ...]

    @classmethod
    def of_line(cls, line: str) -> Record:
        """Read a line of examples/groups_by_plain_gap.g."""
        fields = line.split("\t")
        order = int(fields[0])
        simples = []
        for field in fields[10:]:
            dimension, kind, kernel, _, *edges = field.split(",")
            out, into, loops = (
                dict(zip(ACTIVATIONS, map(int, edges[i : i + 4]), strict=True)) for i in (0, 4, 8)
            )
            simples.append(Simple(order, int(dimension), kind, int(kernel), out, into, loops))
        return cls(order, fields[8] == "1", fields[9] == "1", tuple(simples))

    def loops(self, activation: str) -> int:
        """Return how many simples reach themselves."""
        return sum(s.loops[activation] for s in self.simples)

    def sinks(self, activation: str) -> int:
        """Return how many simples that are not trivial reach no other one."""
        return sum(s.out[activation] == s.loops[activation] for s in self.simples if not s.trivial)

    def sources(self, activation: str) -> int:
        """Return how many simples no other one reaches."""
        return sum(s.into[activation] == s.loops[activation] for s in self.simples)

    def has_type(self, kind: str) -> bool:
        """Whether a simple is of this type."""
        return any(s.type == kind for s in self.simples)


@dataclass(frozen=True)
class Property:
    """A property of groups, as a condition in SQL and again as a function of GAP's record."""

    text: str
    sql: str
    holds: Callable[[Record], bool]


PROPERTIES = (
    Property(
        "no simple is faithful",
        "g.faithful_simples = 0",
        lambda r: all(s.kernel_order > 1 for s in r.simples),
    ),
    Property(
        "even order, and every simple reaches itself under |.|",
        'g."order" % 2 = 0 AND abs.loops = abs.nodes',
        lambda r: r.order % 2 == 0 and r.loops("abs") == len(r.simples),
    ),
    Property(
        "the same, with a simple of quaternionic type",
        'g."order" % 2 = 0 AND abs.loops = abs.nodes AND g.simples_H > 0',
        lambda r: r.order % 2 == 0 and r.loops("abs") == len(r.simples) and r.has_type("H"),
    ),
    Property(
        "not a 2-group, and only the trivial simple reaches itself under |.|",
        'g."order" & (g."order" - 1) <> 0 AND abs.loops = 1',
        lambda r: r.order & (r.order - 1) != 0 and r.loops("abs") == 1,
    ),
    Property(
        "not abelian, and under tanh no non-trivial simple reaches another",
        "NOT g.abelian AND tanh.nontrivial_sinks = tanh.nodes - 1",
        lambda r: not r.abelian and r.sinks("tanh") == len(r.simples) - 1,
    ),
    Property(
        "even order, and under tanh every non-trivial simple reaches another",
        'g."order" % 2 = 0 AND tanh.nontrivial_sinks = 0',
        lambda r: r.order % 2 == 0 and r.sinks("tanh") == 0,
    ),
    Property(
        "not solvable, and under tanh a non-trivial simple reaches no other",
        "NOT g.solvable AND tanh.nontrivial_sinks > 0",
        lambda r: not r.solvable and r.sinks("tanh") > 0,
    ),
    Property(
        "not abelian, and under ReLU all but one simple are reached from another",
        "NOT g.abelian AND relu.sources = 1",
        lambda r: not r.abelian and r.sources("relu") == 1,
    ),
    Property(
        "not abelian, and under ReLU every simple is reached from another",
        "NOT g.abelian AND relu.sources = 0",
        lambda r: not r.abelian and r.sources("relu") == 0,
    ),
    Property(
        "even order, not simple, and ELU gives no edge that ReLU does not give",
        'g."order" % 2 = 0 AND NOT g.simple AND elu.edges = relu.edges',
        lambda r: (
            r.order % 2 == 0
            and any(1 < s.kernel_order < r.order for s in r.simples)
            and sum(s.out["elu"] for s in r.simples) == sum(s.out["relu"] for s in r.simples)
        ),
    ),
)


def graphs_that_occur(catalog: Catalog) -> None:
    """Count the graphs up to isomorphism, and draw how their number grows with the order."""
    print("1. Which interaction graphs occur on regular modules?")
    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    orders = dict(zip(*(catalog.find(None).column(c) for c in ("group", "order")), strict=True))
    for activation in ACTIVATIONS:
        classes = catalog.graph_classes(activation)
        first = Counter(orders[c.groups[0]] for c in classes)
        several = sum(1 for c in classes if len({orders[g] for g in c.groups}) > 1)
        top = classes[0]
        print(
            f"   {activation}: {len(classes):,} graphs of {len(orders):,} groups; {several:,} "
            f"occur at several orders; the commonest, of {top.nodes} simples and {top.edges:,} "
            f"edges, belongs to {len(top.groups):,} groups, the first {top.groups[0]}"
        )
        known = sorted(first)
        total = [sum(first[n] for n in known[: i + 1]) for i in range(len(known))]
        style = {"color": COLOURS[activation], "linestyle": STYLES[activation]}
        axes.step(known, total, where="post", label=activation, **style)
    groups = Counter(orders.values())
    known = sorted(groups)
    total = [sum(groups[n] for n in known[: i + 1]) for i in range(len(known))]
    axes.step(known, total, where="post", color="black", linewidth=0.8, label="groups")
    axes.set(xscale="log", yscale="log", xlabel="order, at most", ylabel="graphs")
    finish(figure, "graphs_that_occur.png")


def growth_of_sinks(catalog: Catalog) -> None:
    """Show how many non-trivial simples keep everything to themselves."""
    print("2. How do sinks grow? (only odd activations have non-trivial ones)")
    for activation in ACTIVATIONS:
        row = catalog.sql(
            f"SELECT sum(nontrivial_sinks) AS sinks, sum(nodes) AS simples FROM graphs "
            f"WHERE module = 'regular' AND activation = '{activation}'"
        )[0]
        print(f"   {activation}: {row['sinks']:,} of {row['simples']:,} simples")
    rows = catalog.sql(
        """
        SELECT "order", max(nontrivial_sinks) AS most, avg(nontrivial_sinks / nodes) AS part
        FROM graphs WHERE module = 'regular' AND activation = 'tanh' GROUP BY ALL ORDER BY ALL
        """
    )
    orders, most, part = (rows.column(c) for c in ("order", "most", "part"))
    records = []
    for n, k in zip(orders, most, strict=True):
        if k > max((r[1] for r in records), default=0):
            records.append((n, k))
    print("   most under tanh, order by order: " + ", ".join(f"{k} at {n}" for n, k in records))
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    left.plot(orders, most, ".", color=COLOURS["tanh"])
    left.set(xlabel="order", title="most non-trivial sinks under tanh")
    right.plot(orders, part, ".", color=COLOURS["tanh"])
    right.set(xlabel="order", title="part of a group's simples, mean over the order")
    finish(figure, "growth_of_sinks.png")


def shared_graphs(catalog: Catalog) -> None:
    """Count the groups that share their graph, with and without equal character tables."""
    print("3. How many groups share their graph with another group?")
    tables = {g: i for i, c in enumerate(catalog.table_classes()) for g in c.groups}
    for activation in ACTIVATIONS:
        alone = equal = different = 0
        for found in catalog.graph_classes(activation):
            number = Counter(tables[group] for group in found.groups)
            alone += len(found.groups) == 1
            equal += sum(count for count in number.values() if count > 1)
            different += len(found.groups) if len(number) > 1 else 0
        print(
            f"   {activation}: {alone:,} groups with no other; {equal:,} with one of the same "
            f"table, {different:,} with one of another table"
        )
    print()


def smallest_groups(catalog: Catalog) -> list[str]:
    """Find the smallest group with each property, and return their names."""
    smallest = []
    print("4. Which groups are the smallest with ten properties?")
    for i, wanted in enumerate(PROPERTIES, start=1):
        row = catalog.sql(
            f'SELECT count(*) AS n, arg_min(g."group", g."order" * 1000000 + g.number) AS name, '
            f'arg_min(g.description, g."order" * 1000000 + g.number) AS description '
            f"FROM {GROUPS} WHERE {wanted.sql}"
        )[0]
        who = "none" if row["n"] == 0 else f"{row['name']} {row['description'] or ''}".strip()
        print(f"   {i:2}. {wanted.text}: {row['n']:,} groups, the smallest {who}")
        smallest += [row["name"]] if row["n"] else []
    return smallest


def confirmed(catalog: Catalog, sample: int, smallest: list[str]) -> None:
    """Count the properties again by GAP alone, on groups drawn at random and the smallest ones."""
    rows = list(
        catalog.sql(
            'SELECT "order" AS n, number AS i, "group" AS name FROM groups WHERE number > 0 '
            'ORDER BY "order", number'
        )
    )
    drawn = random.Random(511).sample(rows, min(sample, len(rows)))
    chosen = {row["name"] for row in drawn} | set(smallest)
    pairs = [(row["n"], row["i"]) for row in rows if row["name"] in chosen]
    done = subprocess.run(
        [*base_command(find_gap()), "-q", str(SCRIPT)],
        env={**os.environ, "PLREP_GROUPS": ";".join(f"{n},{i}" for n, i in pairs)},
        capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    records = [Record.of_line(line) for line in done.stdout.splitlines() if "\t" in line]
    names = ", ".join(f"'SmallGroup({n},{i})'" for n, i in pairs)
    print(
        f"   by GAP alone and by the catalog, on {len(drawn)} groups drawn and the smallest ones:"
    )
    for i, wanted in enumerate(PROPERTIES, start=1):
        by_gap = sum(map(wanted.holds, records))
        by_rows = catalog.sql(
            f'SELECT count(*) AS n FROM {GROUPS} WHERE ({wanted.sql}) AND g."group" IN ({names})'
        )[0]["n"]
        print(f"   {i:2}. {by_gap} and {by_rows}")
        if len(records) != len(pairs) or by_gap != by_rows:
            raise SystemExit(f"GAP and the catalog differ: {wanted.text}")


def finish(figure: plt.Figure, name: str) -> None:
    """Write a picture."""
    if figure.axes[0].get_legend_handles_labels()[0]:
        figure.axes[0].legend(frameon=False)
    figure.savefig(OUT / name, dpi=130)
    plt.close(figure)
    print(f"   drawn: {OUT / name}\n")


def main() -> None:
    """Answer the questions."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", help="of a sweep (default: the bundled catalog)")
    parser.add_argument("--sample", type=int, default=200, help="groups for GAP (default: 200)")
    parser.add_argument("--quick", action="store_true", help="a sample of ten groups")
    options = parser.parse_args()
    mpl.use("Agg")
    OUT.mkdir(exist_ok=True)
    with tk.catalog.open(options.folder, seconds=600) as catalog:
        print(f"{catalog.sizes['groups']:,} groups in {catalog.folder}\n")
        graphs_that_occur(catalog)
        growth_of_sinks(catalog)
        shared_graphs(catalog)
        smallest = smallest_groups(catalog)
        confirmed(catalog, 10 if options.quick else options.sample, smallest)


if __name__ == "__main__":
    main()
