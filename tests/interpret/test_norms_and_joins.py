"""Normalisations, dropout, residual sums and branches, seen through simples."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import toolkit as tk
from toolkit.interpret import stages_of, trim, zero_components
from toolkit.testing.randomised import randomise


def linear(X, Y=None, C=4, D=4, bias=False):
    return tk.nn.EquivariantLinear(X, Y or X, C, D, bias=bias, dtype=torch.float64)


def inputs_in(X, labels, C=4, batch=6):
    """Return random inputs in some simples."""
    basis = tk.fourier_basis(X)
    coordinates = torch.randn(batch, X.degree, C, dtype=torch.float64)
    for simple in basis.simples:
        if simple.label not in labels:
            coordinates[:, simple.rows] = 0
    return torch.from_numpy(basis.matrix.T.copy()) @ coordinates


def measured(X, y):
    """Return per simple the share of the energy."""
    basis = tk.fourier_basis(X)
    energies = (torch.from_numpy(basis.matrix.copy()) @ y).square().sum((0, 2))
    return {s.label: float(energies[s.rows].sum() / energies.sum()) for s in basis.simples}


def agrees(net, X, sources, exact=True):
    """Check every stage of a chain against what a run has."""
    found = zero_components(net, sources)
    assert found.unknown_from is None
    now = inputs_in(X, sources)
    seen = {}
    handles = [
        module.register_forward_hook(lambda m, a, y, name=name: seen.__setitem__(name, y))
        for name, module in net.named_modules()
    ]
    with torch.no_grad():
        net(now)
    for handle in handles:
        handle.remove()
    for stage in list(found)[1:]:
        shares = measured(stage.module, seen[stage.key])
        assert all(shares[label] < 1e-22 for label in stage.impossible), (stage, shares)
        if exact:
            assert all(shares[label] > 1e-20 for label in stage.possible), (stage, shares)
    return found


KEEP = (
    lambda X: tk.nn.EquivariantRMSNorm(X, 4),
    lambda X: tk.nn.EquivariantLayerNorm(X, 4),
    lambda X: tk.nn.EquivariantBatchNorm(X, 4, track_running_stats=False),
    lambda X: tk.nn.EquivariantGroupNorm(2, X, 4),
    lambda X: tk.nn.SimpleNorm(X, 4),
    lambda X: tk.nn.EquivariantDropout(X, 0.5),
    lambda X: tk.nn.EquivariantDropout(X, 0.5, "simple"),
)


@pytest.mark.parametrize("make", KEEP)
def test_what_scales_by_invariants_keeps_every_support(make):
    G = tk.group("S4")
    X = G.natural_module() + G.regular_module()
    for sources in (["L3"], ["L0", "L4"], ["L2"]):
        net = nn.Sequential(linear(X), make(X), nn.Tanh(), linear(X), make(X)).double()
        net.train()
        found = agrees(net, X, sources)
        assert found["1"].possible == found["0"].possible == tuple(sources)


def test_biases_and_running_means_add_the_trivial_simple():
    X = tk.group("S4").natural_module()
    norm = tk.nn.EquivariantLayerNorm(X, 4).double()
    net = nn.Sequential(linear(X), norm)
    assert agrees(net, X, ["L3"])["1"].possible == ("L3",)
    with torch.no_grad():
        norm.bias[2] = 1.0
    assert agrees(net, X, ["L3"])["1"].possible == ("L0", "L3")
    norm = tk.nn.EquivariantBatchNorm(X, 4).double()
    net = nn.Sequential(linear(X), norm)
    assert agrees(net.eval(), X, ["L3"])["1"].possible == ("L3",)
    norm.running_mean += 1
    assert agrees(net.eval(), X, ["L3"])["1"].possible == ("L0", "L3")
    assert agrees(net.train(), X, ["L3"])["1"].possible == ("L3",)


def test_biases_count_orbit_by_orbit():
    G = tk.group("S4")
    V, point = G.natural_module(), G.coset_module([[1, 2, 3, 0], [1, 0, 2, 3]])
    X = V + point
    norm = tk.nn.EquivariantRMSNorm(X, 4, bias=True).double()
    with torch.no_grad():
        norm.bias_values()[1] = 1.0
    net = nn.Sequential(linear(X), norm)
    found = agrees(net, X, ["L3"])
    assert [p.labels for p in found["1"].after] == [("L3",), ("L0",)]


def test_a_mean_of_each_channel_takes_the_trivial_simple():
    X = tk.group("S4").natural_module()
    norm = tk.nn.EquivariantGroupNorm(4, X, 4).double()
    net = nn.Sequential(linear(X), norm)
    assert agrees(net, X, ["L0", "L3"])["1"].possible == ("L3",)
    found = zero_components(net, ["L0"])
    assert found["1"].possible == ()
    with torch.no_grad():
        norm.bias += 1
    assert agrees(net, X, ["L0", "L3"])["1"].possible == ("L0", "L3")
    # one mean for all channels leaves differences between them
    mixed = nn.Sequential(linear(X), tk.nn.EquivariantLayerNorm(X, 4).double())
    assert agrees(mixed, X, ["L0", "L3"])["1"].possible == ("L0", "L3")


def test_signed_modules():
    G = tk.group("S4")
    cycle, swap = [1, 2, 3, 0], [2, 1, 0, 3]
    X = G.signed_coset_module([cycle, swap], [cycle]) + G.signed_coset_module(
        [cycle, swap], [swap, [0, 3, 2, 1]]
    )
    for source in X.multiplicities:
        for make in KEEP:
            net = nn.Sequential(linear(X), make(X), nn.Tanh(), linear(X)).double()
            agrees(net, X, [source])


def test_sums_are_unions():
    X = tk.group("C8").regular_module()
    inner = tk.nn.Sequential(nn.ReLU(), linear(X), tk.nn.EquivariantRMSNorm(X, 4).double())
    net = tk.nn.Sequential(linear(X), tk.nn.Residual(inner), linear(X))
    found = agrees(net, X, ["L3"])
    assert found["1"].stage.kind == "sum"
    # |x| alone has no L3; with x beside it there is
    even = tk.nn.Sequential(tk.nn.Pointwise("abs", X), linear(X))
    alone = zero_components(even, ["L3"])
    assert "L3" not in alone["1"].possible
    net = tk.nn.Sequential(linear(X), tk.nn.Residual(even))
    found = agrees(net, X, ["L3"])
    assert found["1"].possible == tuple(sorted({*alone["1"].possible, "L3"}))
    assert [stage.key for stage in found] == ["input", "0", "1.inner.0", "1.inner.1", "1"]


def test_shortcuts_and_nested_sums():
    G = tk.group("S4")
    X, Y = G.natural_module(), G.regular_module()
    block = tk.nn.Residual(
        tk.nn.Sequential(linear(X, Y), tk.nn.Residual(tk.nn.Pointwise("abs", Y))), linear(X, Y)
    )
    net = nn.Sequential(linear(X), block, tk.nn.Pointwise("tanh", Y))
    found = agrees(net, X, ["L3"])
    keys = [stage.key for stage in found]
    assert keys == [
        "input", "0", "1.shortcut", "1.inner.0", "1.inner.1.inner", "1.inner.1", "1", "2",
    ]  # fmt: skip


def test_branches_side_by_side():
    G = tk.group("S4")
    X, Y = G.natural_module(), G.regular_module()
    channels = tk.nn.Concat(linear(X), nn.Sequential(tk.nn.Pointwise("abs", X), linear(X)))
    found = agrees(nn.Sequential(linear(X), channels, linear(X, X, 8)), X, ["L3"])
    assert found["1"].possible == ("L0", "L3")
    points = tk.nn.Concat(
        linear(X), nn.Sequential(tk.nn.Pointwise("abs", X), linear(X, Y)), along="points"
    )
    found = agrees(nn.Sequential(linear(X), points), X, ["L3"])
    assert [p.labels for p in found["1"].after] == [("L3",), ("L0", "L3")]


class Mix(nn.Module):
    def forward(self, x):
        return nn.functional.avg_pool1d(x, 1)


def test_what_is_not_followed_is_said():
    X = tk.group("C8").regular_module()
    found = zero_components(nn.Sequential(linear(X), Mix(), linear(X)), ["L2"])
    assert found.unknown_from == "1.avg_pool1d"
    assert found.to_table().splitlines()[-1].startswith("unknown from '1.avg_pool1d' on: ")
    assert [stage.key for stage in found] == ["input", "0", "1.avg_pool1d", "2"]
    assert [stage.is_unknown for stage in found] == [False, False, True, True]
    inside = tk.nn.Residual(nn.Sequential(linear(X), Mix(), linear(X)))
    found = zero_components(nn.Sequential(linear(X), inside), ["L2"])
    assert found.unknown_from == "1.inner.1.avg_pool1d"
    assert found["1.add"].is_unknown
    assert zero_components(nn.Sequential(linear(X)), ["L2"]).unknown_from is None
    pooled = nn.Sequential(linear(X), tk.nn.InvariantPooling(X), nn.Flatten(-2), nn.Linear(4, 2))
    assert zero_components(pooled, ["L2"]).unknown_from is None
    declared = zero_components(
        nn.Sequential(linear(X), tk.nn.Residual(nn.Sequential(nn.ReLU(), linear(X)))),
        ["L2"], spaces={"1.inner.0": X},
    )  # fmt: skip
    assert declared.unknown_from is None


def test_stages_of_other_views_still_look_inside():
    X = tk.group("C8").regular_module()
    net = tk.nn.Sequential(linear(X), tk.nn.Residual(nn.Sequential(nn.ReLU(), linear(X))))
    assert [s.name for s in stages_of(net)] == ["0", "1.inner.0", "1.inner.1", "1"]
    assert [s.name for s in stages_of(net, joined=True)] == ["0", "1"]


@pytest.mark.parametrize("per", ["orbit", "simple", "module"])
def test_networks_with_norms_are_trimmed(per):
    X = tk.group("C12").regular_module()
    for kind in (tk.nn.EquivariantLayerNorm, tk.nn.EquivariantRMSNorm, tk.nn.EquivariantBatchNorm):
        norms = [kind(X, 4, per=per).double() for _ in range(2)]
        net = nn.Sequential(
            linear(X), norms[0], nn.GELU(), linear(X), tk.nn.EquivariantDropout(X), norms[1],
            nn.Tanh(), linear(X),
        ).eval()  # fmt: skip
        for sources in (["L4"], ["L0", "L2"], ["L6"]):
            randomise(net, 1)
            small = trim(net, sources)
            x = inputs_in(X, sources)
            torch.testing.assert_close(small(x), net(x))


def test_the_energies_after_a_skip_connection_are_recorded():
    X = tk.group("C8").regular_module()
    inner = tk.nn.Sequential(tk.nn.EquivariantLinear(X, X, 2, 2), nn.ReLU())
    first, last = tk.nn.Residual(inner), tk.nn.EquivariantLinear(X, X, 2, 1)
    net = tk.nn.Sequential(first, nn.Identity(), last)
    x = torch.randn(7, X.degree, 2, dtype=torch.float64)
    found = tk.interpret.spectra(net.double(), x)
    assert list(found) == ["input", "0.inner.1 before", "0.inner.1 after", "0 after", "output"]
    y = first(x).detach()
    parts = tk.interpret.spectra(nn.Sequential(last), y)
    assert found["0 after"].shares == pytest.approx(parts["input"].shares)
    assert found["0 after"].total == pytest.approx(float(y.square().sum()))


def test_a_concatenation_of_points_is_recorded_on_its_own_module():
    X = tk.group("C8").regular_module()
    one, two = tk.nn.EquivariantLinear(X, X, 2, 2), tk.nn.EquivariantLinear(X, X, 2, 2)
    join = tk.nn.Concat(one, two, along="points")
    net = tk.nn.Sequential(join, nn.ReLU(), tk.nn.EquivariantLinear(join.Y, X, 2, 1))
    x = torch.randn(7, X.degree, 2)
    found = tk.interpret.spectra(net, x)
    assert found["0 after"].total == pytest.approx(float(join(x).detach().square().sum()), rel=1e-5)
