"""Regions of arrangements counted by `tk.regions`: how many, against known numbers, and how long.

Alone: ``python benchmarks/regions.py [--largest]``; ``--largest`` adds the 255 sums of subsets of
eight numbers, which take minutes. Seconds are those of one count, without the start of Python.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import toolkit as tk
from toolkit.text import table as aligned

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from arrangements import reflections, resonance, threshold

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What is counted, with the number: orders of reflection groups; OEIS A000609 and A034997.
KNOWN = {
    "roots of H3": 120,
    "roots of F4": 1152,
    "roots of H4": 14400,
    "roots of E6": 51840,
    "roots of E7": 2903040,
    "roots of E8": 696729600,
    "signs of 6": 94572,
    "signs of 7": 15028134,
    "signs of 8": 8378070864,
    "subsets of 6": 1066044,
    "subsets of 7": 347326352,
}
LARGEST = {"subsets of 8": 419172756930}


def rows(known: dict[str, int]) -> Iterator[tuple[object, ...]]:
    """Count each arrangement once."""
    kinds = {
        "roots": reflections,
        "signs": lambda n: threshold(int(n)),
        "subsets": lambda n: resonance(int(n)),
    }
    for name, number in known.items():
        kind, _, which = name.split()
        normals = kinds[kind](which)
        start = time.perf_counter()
        found = tk.regions(normals)
        seconds = time.perf_counter() - start
        told = max(found.classes, default=0)
        same = "yes" if int(found) == number else f"NO: {number:,}"
        yield (
            *(name, found.hyperplanes, found.rank, f"{int(found):,}", same),
            *(found.certainty, told, f"{seconds:.2f}"),
        )


def report(known: dict[str, int] = KNOWN) -> None:
    """Print the table."""
    header = ("normals", "n", "rank", "regions", "as known", "is", "classes", "seconds")
    cells = [list(header), *([str(x) for x in row] for row in rows(known))]
    print("\nregions of arrangements", *aligned(cells, right=(1, 2, 3, 6, 7), indent=2), sep="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", action="store_true")
    report(KNOWN | LARGEST if parser.parse_args().largest else KNOWN)
