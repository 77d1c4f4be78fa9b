"""Low-pass networks: equal on what they keep, and the error is measured exactly."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.interpret.trimming.lowpass import kept_labels, lowpass


def network(X, activation="relu", bias=True, **options):
    torch.manual_seed(0)
    net = tk.nn.EquivariantMLP(X, [2, 6, 6, 3], activation, bias, dtype=torch.float64, **options)
    if bias:
        with torch.no_grad():
            for layer in net.modules():
                if isinstance(layer, tk.nn.EquivariantLinear):
                    layer.bias.normal_()
    return net


def data(X, count=20, channels=2):
    generator = torch.Generator().manual_seed(1)
    return torch.randn(count, X.degree, channels, generator=generator, dtype=torch.float64)


def projected(X, labels, x):
    basis = tk.fourier_basis(X)
    rows = np.concatenate([basis.matrix[s.rows] for s in basis.simples if s.label in labels])
    return torch.from_numpy(rows.T @ rows) @ x


@pytest.mark.parametrize("name", ["C12", "D16", "S4", "SL(2,3)"])
def test_equal_on_the_kept_part_for_every_normal_subgroup(name):
    G = tk.group(name)
    X = G.regular_module()
    net = network(X, "gelu")
    for normal in G.normal_subgroups(generators=False).subgroups:
        low = lowpass(net, normal, data(X))
        assert low.is_closed
        assert low.model.stages[0].blocks == normal.index  # functions live on G/N
        inside = projected(X, low.keep, data(X))
        again = lowpass(net, normal.label, inside)
        assert again.keep == low.keep
        assert again.output.relative < 1e-13
        assert all(stage.relative < 1e-13 for stage in again.stages)
        assert max(again.output.quantiles().values()) < 1e-12


def test_the_errors_are_those_of_direct_evaluation():
    X = tk.group("C8").regular_module()
    net = network(X)
    x = data(X)
    low = lowpass(net, "N1", x)
    with torch.no_grad():
        full, lower = net(x), net(projected(X, low.keep, x))
        difference = (full - lower).square().sum((1, 2)).numpy()
        energy = full.square().sum((1, 2)).numpy()
        assert torch.allclose(low.model(x), lower, rtol=1e-11, atol=1e-13)
    assert np.allclose(low.output.error, difference, rtol=1e-10)
    assert low.output.relative == pytest.approx(np.sqrt(difference.sum() / energy.sum()))
    assert low.output.absolute == pytest.approx(np.sqrt(difference.mean()))
    each = np.sort(np.sqrt(difference / energy))
    assert low.output.quantiles((0.5, 1.0)) == pytest.approx({0.5: each[9], 1.0: each[19]})


def test_lost_and_mixed():
    X = tk.group("C8").regular_module()
    x = data(X)
    low = lowpass(network(X), "N1", x)
    kept = {"L0", "L1", "L2"}
    assert set(low.keep) == kept
    # nothing is mixed before the first activation; after it something is
    assert [s.name for s in low.stages] == [
        "input", *(f"layers.{i}" for i in range(5)), "output",
    ]  # fmt: skip
    assert low.stages[0].mixed_share < 1e-25
    assert low.stages[1].mixed_share < 1e-25
    assert low.stages[1].lost_share > 0.1
    assert low.stages[2].mixed_share > 0.01
    # a linear network mixes nothing at all
    linear = lowpass(network(X, "identity"), "N1", x)
    assert all(s.mixed_share < 1e-25 for s in linear.stages)
    # inputs with the high part alone: the kept part of the output is all mixed
    high = lowpass(network(X, bias=False), "N1", x - projected(X, kept, x))
    assert high.output.mixed_share == pytest.approx(1.0)
    assert high.stages[0].lost_share == pytest.approx(1.0)
    assert "mixed" in high.to_table()


def test_a_set_of_simples_that_is_not_closed():
    X = tk.group("C8").regular_module()
    net = network(X)
    low = lowpass(net, ["L2"], data(X))
    assert not low.is_closed
    assert low.zero_components[-1].possible == ("L0", "L1", "L2")
    inside = projected(X, ["L2"], data(X))
    assert lowpass(net, ["L2"], inside).output.relative < 1e-13


def test_invariant_networks_and_batches():
    X = tk.group("S4").regular_module()
    net = network(X, invariant_head=5)
    x = data(X)
    whole = lowpass(net, "N2", x)
    assert whole.output.lost_share is None
    assert whole.output.mixed_share is None
    assert 0 < whole.output.relative < 10
    batched = lowpass(net, "N2", [x[:7], x[7:]])
    assert np.allclose(batched.output.error, whole.output.error, rtol=1e-9)
    assert "-" in whole.to_table().splitlines()[-1].split()


def test_other_modules_and_sums():
    G = tk.group("S4")
    X = G.natural_module() + G.regular_module()
    net = network(X, "tanh")
    x = data(X)
    low = lowpass(net, "N2", x)  # the alternating group: two orbits of 1 and 2 points
    assert low.keep == ("L0", "L1")
    assert low.model.stages[1].blocks == 3
    inside = projected(X, low.keep, x)
    assert torch.allclose(low.model(x), net(inside), rtol=1e-11, atol=1e-13)


def test_clear_errors():
    X = tk.group("C8").regular_module()
    net = network(X)
    with pytest.raises(ModuleMismatchError, match="has the normal subgroups N0, N1"):
        lowpass(net, "N9", data(X))
    with pytest.raises(ModuleMismatchError, match="are L0"):
        lowpass(net, ["L9"], data(X))
    with pytest.raises(ModuleMismatchError, match="data must have shape"):
        lowpass(net, "N1", torch.zeros(3, 5, 2))
    with pytest.raises(ModuleMismatchError, match="at least one input"):
        lowpass(net, "N1", [])
    other = tk.group("C4").normal_subgroups(generators=False).subgroups[1]
    with pytest.raises(ModuleMismatchError, match="a normal subgroup of C8 is required"):
        kept_labels(X, other)


def test_batches_of_data_loaders():
    X = tk.group("C8").regular_module()
    net = tk.nn.EquivariantMLP(X, [1, 4, 1])
    x = torch.randn(6, 8, 1)
    pairs = [(x[:4], "targets"), [x[4:], "targets"]]
    found = tk.interpret.lowpass(net, "N1", pairs)
    assert found.output.relative == pytest.approx(
        tk.interpret.lowpass(net, "N1", x).output.relative
    )


def test_data_that_mean_nothing_are_refused():
    X = tk.group("C8").regular_module()
    net = tk.nn.EquivariantMLP(X, [1, 4, 1])
    x = torch.randn(6, 8, 1)
    x[2, 3, 0] = float("nan")
    with pytest.raises(ModuleMismatchError, match="data must be finite"):
        tk.interpret.lowpass(net, "N1", x)
    with pytest.raises(ModuleMismatchError, match="an iterable of batches, found int"):
        tk.interpret.lowpass(net, "N1", 5)
    with pytest.raises(ModuleMismatchError, match="simples are given by their labels"):
        tk.interpret.lowpass(net, None, torch.randn(6, 8, 1))


@pytest.mark.parametrize("joined", [False, True])
def test_running_means_are_left_as_they_are(joined):
    """In training mode, too: of the model and of the network that is returned."""
    X = tk.group("C8").regular_module()
    norm, layer = tk.nn.EquivariantBatchNorm(X, 2), tk.nn.EquivariantLinear(X, X, 2, 2)
    inner = nn.Sequential(layer, norm, nn.ReLU(), tk.nn.EquivariantLinear(X, X, 2, 2))
    net = tk.nn.Residual(inner) if joined else inner
    x = torch.randn(6, 8, 2)
    before = {name: t.clone() for name, t in net.named_buffers()}
    low = tk.interpret.lowpass(net, "N1", x)
    tk.interpret.flow(net, x)
    tk.interpret.spectra(net, x)
    assert net.training
    assert all(torch.equal(t, before[name]) for name, t in net.named_buffers())
    (copied,) = (m for m in low.model.modules() if isinstance(m, type(norm)))
    assert torch.equal(copied.running_mean, norm.running_mean)
    assert torch.equal(copied.running_var, norm.running_var)
