"""The table of torch's own modules: every row is tried on every kind of module."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from torch import nn

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.nn.torch_modules import KINDS, TORCH_MODULES, kind_of, row_of, to_markdown
from toolkit.pl.activations.activation import find_activation
from toolkit.testing import equivariance_error

PAGE = Path(__file__).parents[2] / "docs" / "torch_modules.md"


def _modules():
    D8 = tk.group("D8")
    X = D8.regular_module()
    signed = D8.signed_module_from_matrices([[[0, -1], [1, 0]], [[1, 0], [0, -1]]])
    # orthogonal matrices that are not monomial
    c, s = 0.6, 0.8
    turn = torch.tensor([[c, -s], [s, c]], dtype=torch.float64)
    rotated = [
        (turn @ torch.tensor(m, dtype=torch.float64) @ turn.T).tolist()
        for m in ([[0, -1], [1, 0]], [[1, 0], [0, -1]])
    ]
    plane = D8.linear_module(rotated, name="plane")
    return {
        "permutation": X,
        "signed": signed + signed + signed + signed,
        "linear": plane + plane + plane + plane,
    }


MODULES = _modules()


class Called(nn.Module):
    """A module of torch, applied as its row says."""

    def __init__(self, row, n, C):
        super().__init__()
        self.inner, self.row = row.make(n, C), row

    def forward(self, x):
        y = self.row.call(self.inner, x)
        if y.dim() == 2:  # what has no points is compared as if each had its share
            return y.reshape(len(x), x.shape[1], -1)
        return y if y.shape[1] == x.shape[1] else torch.cat([y, y], 1)  # half of the points


@pytest.mark.parametrize("row", TORCH_MODULES, ids=lambda row: row.title)
def test_every_row_on_every_kind_of_module(row):
    C = 4
    made = row.make(8, C)
    assert row_of(made, 8) is row
    for kind in KINDS:
        X = MODULES[kind]
        assert kind_of(X) == kind
        layer = Called(row, X.degree, C)
        assert X.degree == 8
        found = equivariance_error(layer, X, channels=C, randomize=True)
        if row.title == "nn.Flatten(-2)":
            continue  # it is the layers after it that fail: tested below
        if kind in row.legal_on:
            assert found.error < 1e-9, (kind, str(found))
        elif row.title.startswith("nn.RMSNorm([n, C], elem") and kind == "linear":
            assert found.error < 1e-9  # legal here: these matrices are orthogonal
        elif "Dropout" in row.title:
            assert found.error == 0  # illegal in training only
            moved = equivariance_error(layer, X, channels=C, training=True)
            assert moved.error > 1e-2
        else:
            assert found.error > 1e-3, (kind, str(found))


def test_dropout_in_distribution():
    """The average of g^-1 f(g x) over masks is that of f(x) where the table says so."""
    for title, kinds in (("nn.Dropout(p)", ("permutation", "signed")),):
        row = next(r for r in TORCH_MODULES if r.title == title)
        assert row.legal_on == kinds
    # the second moments of a masked vector: diag(x^2) p/(1-p), kept by signed permutations alone
    x = torch.tensor([1.0, 2.0, 0, 0, 0, 0, 0, 0], dtype=torch.float64)
    for kind in KINDS:
        X = MODULES[kind]
        rho = torch.from_numpy(X.matrices[1].copy())
        covariance = torch.diag((rho @ x) ** 2)
        moved = rho @ torch.diag(x**2) @ rho.T
        assert torch.allclose(covariance, moved) == (kind != "linear")


def test_a_flattened_tensor_is_told_apart_by_later_layers():
    X = MODULES["permutation"]
    net = nn.Sequential(nn.Flatten(-2), nn.Linear(8 * 3, 2))
    assert equivariance_error(net, X, "invariant", channels=3, randomize=True).error > 0.1


def test_activations_agree_with_what_is_known_of_their_parts():
    for row in TORCH_MODULES:
        if row.is_activation and row.title not in (
            "nn.PReLU()",
            "nn.RReLU()",
            "nn.Threshold(0.1, 0.0)",
        ):
            known = find_activation(row.make(8, 4))
            assert known.is_odd == ("signed" in row.legal_on), row.title


def test_rows_of_instances():
    assert len(TORCH_MODULES) >= 40
    titles = [row.title for row in TORCH_MODULES]
    assert len(set(titles)) == len(titles)
    assert row_of(nn.LazyLinear(3)).title == "nn.Linear(C, D)"
    assert row_of(nn.GRU(3, 3)).title.startswith("nn.LSTM")
    assert row_of(nn.Bilinear(2, 2, 2)) is None

    class Own(nn.Linear):
        def forward(self, x):
            return x.cumsum(-2)

    assert row_of(Own(3, 3)) is None
    for row in TORCH_MODULES:
        assert row.why
        assert row.instead or row.legal_on == KINDS
        # names that are advised exist
        for name in re.findall(r"tk\.nn\.(\w+)", f"{row.instead} {row.why}"):
            assert hasattr(tk.nn, name), name


def test_the_page_shows_the_table():
    text = PAGE.read_text(encoding="utf-8")
    assert to_markdown() in text, "write it again: python tests/support/torch_modules_page.py"


def test_blocks_refuse_norms_that_are_not_equivariant():
    X, signed = MODULES["permutation"], MODULES["signed"]

    def block(X, norm):
        return tk.nn.EquivariantTransformerBlock(
            tk.nn.EquivariantAttention(X, 4, 2), activation="tanh", norms=(norm, norm)
        )

    for bad, where in (
        (nn.LayerNorm([8, 4]), X), (nn.BatchNorm1d(8), X), (nn.LayerNorm(4), signed),
    ):  # fmt: skip
        with pytest.raises(ModuleMismatchError, match=r"is not equivariant: .* use .*Norm"):
            block(where, bad)
    with pytest.raises(ModuleMismatchError, match="norms must act on regular module of D8"):
        block(X, tk.nn.EquivariantRMSNorm(X + X, 4))
    for good, where in (
        (nn.LayerNorm(4), X), (nn.LayerNorm(4, bias=False), signed), (nn.Identity(), X),
        (tk.nn.EquivariantLayerNorm(signed, 4), signed),
    ):  # fmt: skip
        assert equivariance_error(block(where, good).double(), channels=4).error < 1e-12
