"""Write data/CHANGED_LABELS.csv: the groups of order at most 255 whose labels changed, and how.

    python data/changed_labels.py            # half an hour at most: GAP computes 7,012 tables

Up to schema 1 of the catalog, classes that no invariant told apart were ordered by words in the
generators alone, each colour by itself. Since schema 2 the labelled table is canonical
(:mod:`toolkit.groups.canonical_labelling`). Both orders are computed here from the same table of
GAP. A group is listed if its labelled character table is another one than before, power maps
included; where only names of classes that an automorphism of the table exchanges have moved, the
table is the same, and the group is not listed.

The column ``simples`` gives new labels for old ones, as far as they differ: ``L2>L3 L3>L2``.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tqdm import tqdm

from toolkit.catalog.verify.counts import GROUPS_OF_ORDER
from toolkit.groups.canonical_labelling import canonical_orders, character_order, invariant_colours
from toolkit.groups.gap_table import read_gap_table
from toolkit.groups.parsing.grammar import parse_group
from toolkit.groups.table_assembly import assembled_table
from toolkit.library import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.groups.table_arrays import TableArrays, UnorderedTable
    from toolkit.groups.table_refinement import Ints

TARGET = Path(__file__).with_name("CHANGED_LABELS.csv")
LARGEST_ORDER = 255
FIELDS = ("group", "classes", "classes_moved", "simples_moved", "simples")


def order_by_words(arrays: TableArrays, raw: UnorderedTable) -> Ints:
    """Return the order of classes up to schema 1."""
    words = np.empty(len(arrays), dtype=np.intp)
    keys = [key or (math.inf,) for key in raw.keys]
    words[sorted(range(len(arrays)), key=lambda c: (keys[c], c))] = np.arange(len(arrays))
    return np.lexsort((words, invariant_colours(arrays)))


def labelled(
    name: str, arrays: TableArrays, classes: Ints
) -> tuple[object, dict[frozenset[int], str]]:
    """Return what the labelled table says, and the label of each simple by its constituents."""
    characters = character_order(arrays, classes)
    there = arrays.reordered(classes, characters)
    table = assembled_table(
        name,
        there,
        class_names=(),
        representatives=(),
        gap_classes=(),
        gap_characters=(),
        generator_class=None,
        paper=None,
        canonical=True,
    )
    said = (
        table.element_orders,
        table.class_sizes,
        table.power_maps,
        table.inverse,
        table.rows,
        table.simples,
    )
    return said, {frozenset(characters[list(s.constituents)]): s.label for s in table.simples}


def change_of(name: str, raw: UnorderedTable) -> dict[str, object] | None:
    """Return the row of a group, or ``None`` if its labelled table has not changed."""
    arrays = raw.arrays
    before, after = order_by_words(arrays, raw), canonical_orders(arrays, raw.keys).classes
    old, old_labels = labelled(name, arrays, before)
    new, new_labels = labelled(name, arrays, after)
    if old == new:
        return None
    moved = {old_labels[s]: label for s, label in new_labels.items() if old_labels[s] != label}
    pairs = sorted(moved.items(), key=lambda pair: int(pair[0][1:]))
    return {
        "group": name,
        "classes": len(arrays),
        "classes_moved": int((before != after).sum()),
        "simples_moved": len(moved),
        "simples": " ".join(f"{a}>{b}" for a, b in pairs),
    }


def tables(largest: int) -> Iterator[tuple[str, UnorderedTable]]:
    """Yield the groups up to an order with GAP's tables."""
    with Session(use_bundled=False, in_memory=True) as session:
        for order in range(1, largest + 1):
            for index in range(1, GROUPS_OF_ORDER[order] + 1):
                name = f"SmallGroup({order},{index})"
                spec = parse_group(name).to_json()
                answer = session.ask_gap("character_table", {"group": spec}, subject=name)
                yield name, read_gap_table(answer)


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", type=Path, default=TARGET)
    parser.add_argument("--largest", type=int, default=LARGEST_ORDER, metavar="ORDER")
    arguments = parser.parse_args()
    total = sum(GROUPS_OF_ORDER[n] for n in range(1, arguments.largest + 1))
    listed = 0
    with arguments.target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        for name, raw in tqdm(tables(arguments.largest), total=total, unit="group"):
            row = change_of(name, raw)
            if row is not None:
                writer.writerow(row)
                listed += 1
    print(f"{listed} of {total} groups listed in {arguments.target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
