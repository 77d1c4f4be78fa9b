"""Norms of the blocks: against the matrices of the layers."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.interpret import weight_spectrum
from toolkit.nn import DeepSetsLinear, EquivariantLinear, EquivariantMLP, WindowedConvolution


def isotypic(matrix, X, Y, label):
    """Return a ``(|Y|, c, |X|, d)`` matrix between two isotypic parts, in Fourier coordinates."""
    bases = [tk.fourier_basis(M) for M in (Y, X)]
    rows, columns = (torch.from_numpy(B.matrix[B.simple(label).rows].copy()) for B in bases)
    block = torch.einsum("ay,ycxd,bx->acbd", rows, matrix, columns)
    return block.flatten(2).flatten(0, 1)


@pytest.mark.parametrize("name", ["C6", "S4", "Q8", "SL(2,3)"])
def test_norms_are_those_of_the_matrix(name):
    G = tk.group(name)
    X = G.regular_module()
    Y = X + X
    layer = EquivariantLinear(X, Y, 2, 3, dtype=torch.float64)
    found = weight_spectrum(layer)
    assert [n.label for n in found] == [s.label for s in tk.fourier_basis(X).simples]
    for norms in found:
        block = isotypic(layer.matrix(), X, Y, norms.label)
        assert norms.largest == pytest.approx(torch.linalg.matrix_norm(block, 2).item())
        assert norms.gain == pytest.approx((block.square().sum() / block.shape[1]).item())
        assert norms.energy == pytest.approx(norms.gain * norms.sources)


def test_other_linear_layers_agree_with_their_equivariant_form():
    torch.manual_seed(2)
    window = WindowedConvolution((4, 4), 2, 3, 3, dtype=torch.float64)
    mine, theirs = weight_spectrum(window), weight_spectrum(window.to_equivariant())
    assert mine == theirs
    V = tk.group("S5").natural_module()
    layer = DeepSetsLinear(2, 3, dtype=torch.float64)
    mine = weight_spectrum(layer, example=torch.zeros(1, 5, 2, dtype=torch.float64))
    for a, b in zip(mine, weight_spectrum(layer.to_equivariant(V)), strict=True):
        assert (a.label, a.sources, a.targets) == (b.label, b.sources, b.targets)
        assert (a.gain, a.largest) == pytest.approx((b.gain, b.largest))
    D = tk.group("D8").regular_module()
    plain = nn.Linear(2, 3, dtype=torch.float64)
    for norms in weight_spectrum(plain, {"": D}):
        block = torch.einsum("xy,cd->xcyd", torch.eye(8, dtype=torch.float64), plain.weight)
        own = isotypic(block, D, D, norms.label)
        assert norms.largest == pytest.approx(torch.linalg.matrix_norm(own, 2).item())
        assert norms.gain == pytest.approx((own.square().sum() / own.shape[1]).item())


def test_fresh_layers_keep_each_simple():
    """He's variance: each simple's energy per coordinate and channel is doubled in the mean."""
    X = tk.group("S4").regular_module()
    net = EquivariantMLP(X, [100, 100, 100])
    for norms in weight_spectrum(net):
        factor = 2 if norms.stage == "layers.0" else 1
        assert norms.gain == pytest.approx(factor, rel=0.1)


def test_no_linear_layer_is_an_error():
    with pytest.raises(ModuleMismatchError, match="no linear layer"):
        weight_spectrum(nn.Sequential(nn.ReLU()))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_diverged_are_refused(value):
    X = tk.group("C4").regular_module()
    net = tk.nn.EquivariantMLP(X, [1, 4, 1])
    with torch.no_grad():
        net.layers[2].weight[0, 0, 0] = value
    with pytest.raises(ModuleMismatchError, match=r"'layers.2' are not all finite"):
        tk.interpret.weight_spectrum(net)
