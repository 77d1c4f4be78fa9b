"""Published numbers by the third route: characters of matrices, taken at words for the classes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import toolkit as tk

pytestmark = pytest.mark.gap

HERE = Path(__file__)
ROWS = json.loads(HERE.with_name("signed_permutation_irreducibles.json").read_text())["rows"]
POWERS = json.loads(HERE.with_name("layer_dimensions.json").read_text(encoding="utf-8"))[
    "tensor_powers"
]


@pytest.mark.parametrize("row", [row for row in ROWS if row["subgroups"] <= 16],
                         ids=lambda row: row["group"])  # fmt: skip
def test_signed_modules_read_as_matrices(row):
    G = tk.group(row["group"])
    pairs = tk.signed_pairs(G)
    assert len(pairs) == row["signed_permutation_irreducibles"]
    for pair in pairs:
        X = pair.module
        V = G.linear_module(X.matrices)
        assert V.residual == 0.0
        assert V.multiplicities == X.multiplicities
        assert V.rank == X.rank == tk.hom_dimension(V, X)
        assert V.character == tk.LinearModule.of(X).character


@pytest.mark.parametrize("name", ["S4", "S5", "A4", "A5", "S6"])
def test_tensor_powers(name):
    G = tk.group(name)
    V = G.linear_module(G.natural_module().matrices)
    for m, number in enumerate(POWERS[name[0]][name[1:]], start=1):
        power = V**m
        assert power.multiplicities["L0"] == number
        # the symmetric and the exterior square make up the tensor square
        if m == 2:
            both = V.symmetric_square + V.exterior_square
            assert both.multiplicities == power.multiplicities
