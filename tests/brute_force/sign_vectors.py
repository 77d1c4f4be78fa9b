"""The regions of small arrangements as sign vectors: by sampling, and by linear programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    SignVectors = set[tuple[int, ...]]


def sampled(normals: Floats, offsets: Floats, rng: np.random.Generator, many: int) -> SignVectors:
    """Sign vectors of random points at several distances from the origin."""
    out: SignVectors = set()
    for scale in (0.1, 1.0, 10.0):
        points = scale * rng.standard_normal((many, normals.shape[1]))
        heights = points @ normals.T - offsets
        clear = heights[np.abs(heights).min(axis=1) > 1e-9]
        out |= {tuple(row) for row in np.sign(clear).astype(int).tolist()}
    return out


def by_linear_programs(normals: Floats, offsets: Floats) -> SignVectors:
    """All sign vectors for which a linear program finds a point beside every hyperplane.

    Hyperplanes one after the other: the sign vectors of the first k are continued by both signs.
    """
    from scipy.optimize import linprog

    n, d = normals.shape
    partial: list[tuple[int, ...]] = [()]
    for k in range(n):
        grown = []
        for signs in partial:
            for sign in (1, -1):
                s = np.array([*signs, sign], dtype=float)
                system = np.column_stack([-s[:, None] * normals[: k + 1], np.ones(k + 1)])
                found = linprog(
                    np.append(np.zeros(d), -1.0), A_ub=system, b_ub=-s * offsets[: k + 1],
                    bounds=[(None, None)] * d + [(None, 1.0)], method="highs",
                )  # fmt: skip
                if found.x is not None and found.x[-1] > 1e-9:
                    grown.append((*signs, sign))
        partial = grown
    return set(partial)
