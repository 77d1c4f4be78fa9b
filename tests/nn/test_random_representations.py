"""Dimensions of spaces of maps and equivariance, for random representations of thirty groups."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from all_elements import all_elements

import toolkit as tk
from toolkit.modules.module import Module, direct_sum, hom_dimension

GROUPS = (
    "C1", "C2", "C3", "C4", "C2 x C2", "C5", "C6", "S3", "C7", "C8", "C4 x C2", "D8", "Q8",
    "C2 x C2 x C2", "C9", "C3 x C3", "C10", "D10", "C12", "A4", "D12", "C7 : C3", "D14", "D16",
    "Q16", "C4 x C4", "S4", "SL(2,3)", "D30", "A5",
)  # fmt: skip
EACH = 7  # representations of each group: 210 in all


def random_module(G: tk.Group, random: np.random.Generator) -> Module:
    """Return a sum of simples and points, in coordinates of its own or in others."""
    labels = [s.label for s in G.simples if s.dimension <= 5]
    points = [X for X in G.permutation_modules() if X.degree <= 8]
    parts: list[Module] = [G.simple_module(str(k)) for k in random.choice(labels, 2)]
    if random.random() < 0.5 and points:
        parts.append(points[int(random.integers(len(points)))])
    V = direct_sum(*parts)
    if random.random() < 0.5:
        return V
    change = np.eye(V.degree) + random.normal(size=(V.degree, V.degree)) / 8
    return G.linear_module(np.linalg.inv(change) @ V.matrices @ change, name="skewed")


@pytest.mark.gap
@pytest.mark.parametrize(
    "name", [pytest.param(g, marks=[pytest.mark.slow] * (i % 3 > 0)) for i, g in enumerate(GROUPS)]
)
@pytest.mark.quick_cases(3)
def test_dimensions_by_characters_and_by_all_elements(name: str) -> None:
    G = tk.group(name)
    assert len(GROUPS) * EACH >= 200
    random = np.random.default_rng(len(name) + G.order)
    modules = [random_module(G, random) for _ in range(EACH)]
    elements = all_elements(*modules)
    traces = np.array([[np.trace(matrix) for matrix in element] for element in elements])
    # real characters: the mean of their product is the dimension of the maps
    expected = traces.T @ traces / len(elements)
    for i, V in enumerate(modules):
        for j, W in enumerate(modules):
            assert hom_dimension(V, W) == round(expected[i, j])
            assert abs(expected[i, j] - round(expected[i, j])) < 1e-6
    V, W = modules[:2]
    layer = tk.nn.EquivariantLinear(V, W, 2, 2, dtype=torch.float64)
    assert layer.hom_space.count == round(expected[0, 1])
    x = torch.randn(3, V.degree, 2, dtype=torch.float64)
    y = layer(x)
    for element in elements:
        on_x, on_y = (torch.from_numpy(matrix) for matrix in element[:2])
        torch.testing.assert_close(layer(on_x @ x), on_y @ y, rtol=1e-8, atol=1e-8)
