"""Groups of the catalog derived again by plain GAP: none of the toolkit's code takes part."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

import pytest
from processes import PATIENCE

import toolkit as tk
from toolkit.gap import find_gap
from toolkit.gap.workspace import base_command

pytestmark = pytest.mark.gap
SCRIPT = Path(__file__).parents[2] / "examples" / "groups_by_plain_gap.g"
ACTIVATIONS = ("abs", "elu", "relu", "tanh")


def by_plain_gap(pairs):
    """Return, for each pair of order and number, its line from GAP as a list of fields."""
    done = subprocess.run(
        [*base_command(find_gap()), "-q", str(SCRIPT)],
        env={**os.environ, "PLREP_GROUPS": ";".join(f"{n},{i}" for n, i in pairs)},
        capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
        timeout=PATIENCE * len(pairs),
    )  # fmt: skip
    return [line.split("\t") for line in done.stdout.splitlines() if "\t" in line]


def by_catalog(catalog, pairs):
    """Return the same lines from the rows of a catalog."""
    names = [f"SmallGroup({n},{i})" for n, i in pairs]
    listed = ", ".join(f"'{name}'" for name in names)
    facts = {
        row["group"]: row
        for row in catalog.sql(f'SELECT * FROM groups WHERE "group" IN ({listed})')
    }
    lines = {name: [] for name in names}
    columns = ", ".join(
        f"count(*) FILTER (activation = '{a}' AND {end} = s.label) AS {end}_{a}"
        for end in ("source", "target")
        for a in ACTIVATIONS
    )
    columns += "".join(
        f", count(*) FILTER (activation = '{a}' AND source = target) AS loop_{a}"
        for a in ACTIVATIONS
    )
    rows = catalog.sql(
        f'SELECT s."group", s.label, s.dimension, s.type, s.kernel_order, s.sign_order, {columns} '
        'FROM simples AS s JOIN edges AS e ON s."group" = e."group" AND e.module = \'regular\' '
        f'AND e."group" IN ({listed}) AND s.label IN (e.source, e.target) '
        f'WHERE s."group" IN ({listed}) GROUP BY ALL'
    )
    for row in rows:
        fields = [row["dimension"], row["type"], row["kernel_order"], row["sign_order"]]
        fields += [row[f"{end}_{a}"] for end in ("source", "target", "loop") for a in ACTIVATIONS]
        lines[row["group"]].append(",".join(map(str, fields)))
    wanted = "order", "number", "classes", "real_classes", "normal_subgroups"
    wanted += "centre_order", "derived_order", "exponent", "abelian", "solvable"
    return [[*(str(int(facts[name][w])) for w in wanted), *sorted(lines[name])] for name in names]


def compared(count, orders):
    with tk.catalog.open() as catalog:
        rows = catalog.sql(f'SELECT "order" AS n, number FROM groups WHERE {orders} ORDER BY ALL')
        pairs = [(row["n"], row["number"]) for row in rows]
        chosen = random.Random(19).sample(pairs, count)
        found, there = by_plain_gap(chosen), by_catalog(catalog, chosen)
    assert len(found) == count
    for mine, theirs in zip(there, found, strict=True):
        assert mine == theirs


def test_eight_groups():
    compared(8, '"order" <= 60')


@pytest.mark.slow
def test_two_hundred_groups():
    compared(200, "number > 0")
