"""The tables of the maps between two modules."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

import toolkit as tk
from toolkit.nn.linear.hom_space import OrbitalHomSpace


def turned(n: int) -> tk.SignedModule:
    """Return the functions on n points that change sign with each step of the cyclic group."""
    return tk.group(f"C{n}").signed_module_from_images([[*range(1, n), 0]], [[-1] * n])


def pairs() -> dict[str, tuple[tk.modules.Module, tk.modules.Module]]:
    G = tk.group("S4")
    X, sign = G.natural_module(), G.signed_coset_module("N3", "N2")
    edges = tk.group("C4").signed_module_from_images([[1, 0, 2]], [[1, -1, 1]])
    return {
        "without signs": (X, X * X + sign.unsigned),
        "squares": (turned(6) * turned(6), turned(6) * turned(6)),
        "orbits on which all maps vanish": (edges, edges + edges),
        "both kinds": (X + X, sign * X + sign),
    }


@pytest.mark.parametrize("name", pairs())
def test_row_degrees_count_the_entries_of_a_row(name: str) -> None:
    space = OrbitalHomSpace(*pairs()[name])
    y, _, _ = space.representatives
    counted = [np.count_nonzero(space.labels[y[r]] == r) for r in range(space.count)]
    assert space.row_degrees.tolist() == counted


def test_row_degrees_are_not_counted_in_a_table_of_orbitals_by_points() -> None:
    X = turned(24) * turned(24)
    space = OrbitalHomSpace(X, X)
    _ = space.representatives
    tracemalloc.start()
    degrees = space.row_degrees
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert degrees.tolist() == [1] * 24**3
    assert peak < space.count * X.degree  # a table of one byte for each orbital and point
