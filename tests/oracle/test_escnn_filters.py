"""Filters of escnn between regular fields are kernels of group convolutions.

escnn's filters are samples of smooth ones, with a limit of frequencies; an orbital has a weight of
its own. So escnn's space is a part of ours. ``data/escnn_filters.py`` wrote the data.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import toolkit as tk

DATA = json.loads(Path(__file__).with_name("escnn_filters.json").read_text())
#: Our dimensions: a weight for each cell and element, the regular module being free.
OURS = {("C4", 3): 36, ("C4", 5): 100, ("D8", 3): 72, ("D8", 5): 200}
ESCNN = {("C4", 3): 24, ("C4", 5): 44, ("D8", 3): 48, ("D8", 5): 88}


@pytest.mark.parametrize("case", DATA["cases"], ids=lambda c: f"{c['group']}-{c['size']}")
def test_escnn_filters_are_ours(case):
    group, size = case["group"], case["size"]
    G = tk.group(group)
    # x to the right and y up, as row = -y and column = x
    to_pixels = np.array([[0, -1], [1, 0]])
    matrices = (to_pixels @ np.array(case["plane"]) @ to_pixels.T).astype(int)
    X = G.module_from_images(case["fibre"])
    assert X.is_regular
    window = tk.nn.Window.box(G, (size, size), matrices)
    layer = tk.nn.GroupConvolution(window, X, X, 1, 1, bias=False, dtype=torch.float64)
    count = len(layer.weight)
    assert count == OURS[group, size]
    assert case["dimension"] == ESCNN[group, size] < count
    for filters in case["filters"]:
        given = torch.tensor(filters, dtype=torch.float64)
        # the projection to our kernels: means over orbitals
        basis = []
        for i in range(count):
            with torch.no_grad():
                layer.weight.zero_()
                layer.weight[i] = 1
            basis.append(layer.kernel().flatten())
        whole = torch.stack(basis)
        weights = whole @ given.flatten() / whole.square().sum(1)
        with torch.no_grad():
            layer.weight.copy_(weights.reshape(-1, 1, 1))
        assert given.norm() > 1
        assert (layer.kernel() - given).abs().max() < 2e-6
        # and with the kernel that is turned the wrong way it fails
        assert (layer.kernel().flip(-1) - given).abs().max() > 0.1


def test_the_order_of_regular_fields():
    """The converter of ``docs/coming_from/conventions.md``: escnn's element e is the point e^-1."""
    case = next(c for c in DATA["cases"] if c["group"] == "D8")
    X = tk.group("D8").regular_module()
    words = [[1] * j + [~0] * k for j in range(2) for k in range(4)]
    order = np.array([X.elements.number(word) for word in words])
    assert sorted(order) == list(range(8))
    for ours, theirs in zip(X.images, np.array(case["fibre"]), strict=True):
        assert np.array_equal(ours[order], order[theirs])
