"""Projectors onto isotypic parts from exact spherical tables, to be matched with brute force."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bruteforce
import numpy as np

import toolkit as tk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.permutation_module import PermutationModule


def projectors(X: PermutationModule) -> list[NDArray[np.float64]]:
    """Return p_L(x, y) = (m_L dim L / |X|) phi_L(x^-1 y) for each simple of a transitive module."""
    table = X.spherical_table
    labels = tk.orbitals(X).labels
    base = X.record.base
    column = np.full(int(labels.max()) + 1, -1)
    column[labels[base, list(table.points)]] = np.arange(len(table.points))
    assert sorted(column.tolist()) == list(range(len(table.points)))
    scale = [s.multiplicity * s.dimension / X.degree for s in table.simples]
    return [c * row[column[labels]] for c, row in zip(scale, table.to_numpy(), strict=True)]


def labelled_components(
    X: PermutationModule,
) -> tuple[list[bruteforce.Component], list[str]]:
    """Return the isotypic components of any module by brute force, with their exact labels."""
    components = bruteforce.isotypic_components(X.images)
    labels: list[str | None] = [None] * len(components)
    for part, own in zip(X.orbits, X.orbit_points, strict=True):
        for p, simple in zip(projectors(part), part.spherical_table.simples, strict=True):
            whole = np.zeros((X.degree, X.degree))
            whole[np.ix_(own, own)] = p
            for i, c in enumerate(components):
                if np.allclose(c.projector @ whole, whole, atol=1e-8):
                    assert labels[i] in (None, simple.label)
                    labels[i] = simple.label
    found = [label for label in labels if label is not None]
    assert len(found) == len(components)
    return components, found
