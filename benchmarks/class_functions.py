"""Class functions: powers of a character decomposed, with GAP as the peer."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import toolkit as tk
from toolkit.gap import find_gap
from toolkit.gap.workspace import base_command
from toolkit.text import table

if TYPE_CHECKING:
    from collections.abc import Callable


def milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def report() -> None:
    """Print a table: the square and the symmetric cube of one irreducible character, in ms.

    The character table is at hand on both sides; "first" is the first product of a table, which
    forms its residues, "next" a further one.
    """
    script = Path(__file__).with_suffix("").with_name("class_functions_alone.g")
    done = subprocess.run(
        [*base_command(find_gap()), str(script)],
        capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    cells = [["table", "classes", "first", "next", "GAP", "cube", "GAP"]]
    for line in done.stdout.splitlines():
        if "\t" not in line:
            continue
        name, square, cube = line.split("\t")
        characters = tk.group(name).characters
        chi, other = characters[-1], characters[-2]
        ours = [
            milliseconds(lambda chi=chi: (chi * chi).complex_multiplicities),
            milliseconds(lambda other=other: (other * other).complex_multiplicities),
            milliseconds(lambda chi=chi: chi.symmetric_power(3).complex_multiplicities),
        ]
        cells.append(
            [
                name, str(len(characters)), f"{ours[0]:.1f}", f"{ours[1]:.1f}",
                f"{int(square) / 1000:.1f}", f"{ours[2]:.1f}", f"{int(cube) / 1000:.1f}",
            ]
        )  # fmt: skip
    print("\npowers of a character, decomposed (ms)")
    print(*table(cells, right=range(1, 7), indent=2), sep="\n")


if __name__ == "__main__":
    report()
