"""How long the orbitals of three large actions take; run as a script, not a test."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.modules.gsets.orbitals import Orbitals

sys.path.append(str(Path(__file__).parents[1] / "tests" / "support"))
from actions import CUBE, from_cycles, grid, symmetric

if TYPE_CHECKING:
    from collections.abc import Callable


def _row(name: str, work: Callable[[], int], times: int = 5) -> dict[str, Any]:
    seconds = []
    for _ in range(times):
        start = perf_counter()
        answer = work()
        seconds.append(perf_counter() - start)
    return {"case": name, "orbitals": answer, "seconds": median(seconds), "runs": times}


def _count(images: np.ndarray) -> int:
    return Orbitals(images).count


def _table(images: np.ndarray) -> int:
    return int(Orbitals(images).labels.max()) + 1


def _peer(images: np.ndarray) -> int:
    """SciPy's components of the graph on all pairs."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    k, n = images.shape
    edges = np.empty((n * n, k), dtype=np.int32)
    for g, image in enumerate(images.astype(np.int32)):
        edges[:, g] = (image[:, None] * np.int32(n) + image[None, :]).ravel()
    starts = np.arange(0, k * n * n + 1, k, dtype=np.int32)
    graph = csr_array(
        (np.ones(edges.size, dtype=np.int8), edges.ravel(), starts), shape=(n * n,) * 2
    )
    return int(connected_components(graph, directed=True, connection="weak")[0])


def rows(peer: bool = True) -> list[dict[str, Any]]:
    """Measure; each row has case, orbitals, seconds (a median) and runs."""
    image, points, cube = grid(64), symmetric(1024), from_cycles(CUBE, 48)
    import scipy.sparse.csgraph  # noqa: F401  - its import is no part of the work

    found = [
        _row("C64 x C64 on 4,096 pixels, table of labels", lambda: _table(image)),
        _row("C64 x C64 on 4,096 pixels, count and sizes", lambda: _count(image)),
        _row("S1024 on 1,024 points, count and sizes", lambda: _count(points)),
        _row("S1024 on 1,024 points, table of labels", lambda: _table(points)),
        _row("Rubik's cube on 48 facelets, count and sizes", lambda: _count(cube)),
        _row("Rubik's cube on 48 facelets, table of labels", lambda: _table(cube)),
    ]
    if peer:
        found.append(_row("the first by SciPy connected_components", lambda: _peer(image), 1))
    return found


def main() -> None:
    """Print the rows as a table."""
    for row in rows():
        print(f"{row['case']:<48} {row['orbitals']:>6} {1000 * row['seconds']:>10.1f} ms")


if __name__ == "__main__":
    import sys

    if "--json" in sys.argv:
        print(json.dumps(rows()))
    else:
        main()
