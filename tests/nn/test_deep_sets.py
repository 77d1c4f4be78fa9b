"""Layers of the symmetric group for every number of points."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.nn import DeepSets, DeepSetsLinear, EquivariantLinear
from toolkit.testing import assert_equivariant


def random_layer(*channels, **options):
    layer = DeepSetsLinear(*channels, dtype=torch.float64, **options)
    for p in layer.parameters():
        torch.nn.init.normal_(p)
    return layer


@pytest.mark.parametrize("n", [1, 2, 4, 10, 1000])
def test_equals_the_layer_of_the_symmetric_group(n):
    X = tk.group(f"S{n}").natural_module()
    layer = random_layer(3, 2)
    own = layer.to_equivariant(X)
    x = torch.randn(2, n, 3, dtype=torch.float64)
    torch.testing.assert_close(layer(x), own(x), rtol=0, atol=1e-10)
    back = DeepSetsLinear.from_equivariant(own)
    torch.testing.assert_close(back(x), layer(x), rtol=0, atol=1e-10)
    if n > 1:
        torch.testing.assert_close(back.weight, layer.weight)
        torch.testing.assert_close(back.bias, layer.bias)


def test_blocks_are_those_of_the_simples():
    X = tk.group("S5").natural_module()
    layer = random_layer(3, 2)
    blocks = layer.fourier_blocks()
    own = layer.to_equivariant(X).fourier_blocks()
    standard = next(label for label in own if label != "L0")
    torch.testing.assert_close(own["L0"][0, 0, 0], blocks["trivial"])
    torch.testing.assert_close(own[standard][0, 0, 0], blocks["standard"])


def test_other_2_transitive_groups():
    X = tk.group("AGL(1,5)").natural_module()
    layer = random_layer(2, 2, bias=False)
    assert_equivariant(layer, X)
    x = torch.randn(5, 2, dtype=torch.float64)
    torch.testing.assert_close(layer.to_equivariant(X)(x), layer(x))


def test_other_modules_are_refused():
    for name in ("C4", "D8"):
        X = tk.group(name).natural_module()
        with pytest.raises(ModuleMismatchError, match="2-transitive"):
            random_layer(1, 1).to_equivariant(X)
    S4 = tk.group("S4")
    V, point = S4.natural_module(), S4.coset_module([[1, 2, 3, 0], [1, 0, 2, 3]])
    for X, Y in ((V, point), (point, V), (point + point, point)):
        with pytest.raises(ModuleMismatchError, match="2-transitive"):
            DeepSetsLinear.from_equivariant(EquivariantLinear(X, Y, 1, 1))


@pytest.mark.parametrize("init", ["he", "lecun", "xavier"])
def test_variance_of_both_simples(init):
    torch.manual_seed(0)
    layer = DeepSetsLinear(300, 500, init=init)
    expected = {"he": 2 / 300, "lecun": 1 / 300, "xavier": 2 / 800}[init]
    for block in layer.fourier_blocks().values():
        assert block.var().item() == pytest.approx(expected, rel=0.02)
    assert layer.bias.abs().max() == 0
    with pytest.raises(ModuleMismatchError, match="one of he, lecun, xavier"):
        DeepSetsLinear(1, 1, init="zero")


@pytest.mark.parametrize("n", [5, 2000])
def test_variance_does_not_depend_on_the_number_of_points(n):
    torch.manual_seed(0)
    layer = DeepSetsLinear(64, 64, init="lecun")
    # isotropic: the trivial part, sqrt(n) times the mean, has variance 1 as well
    y = layer(torch.randn(40, n, 64))
    assert y.var().item() == pytest.approx(1, rel=0.1)
    assert (y.mean(-2) * n**0.5).var().item() == pytest.approx(1, rel=0.15)


def test_masks_are_smaller_sets():
    layer = random_layer(3, 2)
    net = {p: DeepSets([3, 4, 2], [5, 2], "gelu", p, dtype=torch.float64) for p in POOLS}
    x = torch.randn(2, 6, 3, dtype=torch.float64)
    mask = torch.tensor([[True] * 4 + [False] * 2, [False, True] * 3])
    for i in range(2):
        torch.testing.assert_close(layer(x, mask)[i, mask[i]], layer(x[i, mask[i]]))
        assert layer(x, mask)[i, ~mask[i]].abs().max() == 0
        for one in net.values():
            torch.testing.assert_close(one(x, mask)[i], one(x[i, mask[i]]))
    same = DeepSets([3, 4, 2], activation="gelu", dtype=torch.float64)
    torch.testing.assert_close(same(x, mask)[0, :4], same(x[0, :4]))
    assert torch.isfinite(layer(x, torch.zeros(2, 6, dtype=torch.bool))).all()


POOLS = ("mean", "sum", "max")


@pytest.mark.parametrize("pool", POOLS)
def test_the_network_is_invariant(pool):
    X = tk.group("S5").natural_module()
    net = DeepSets([3, 8, 8], head=[8, 2], pool=pool)
    assert_equivariant(net, X, "invariant")
    assert net(torch.zeros(4, 7, 3)).shape == (4, 2)
    assert net(torch.zeros(0, 7, 3)).shape == (0, 2)


def test_the_network_without_head_is_equivariant():
    net = DeepSets([3, 8, 2], activation="tanh")
    assert_equivariant(net, tk.group("S5").natural_module())
    assert len(net.activations) == 1
    assert [layer.init for layer in net.layers] == ["lecun", "lecun"]
    assert [layer.init for layer in DeepSets([3, 8, 2]).layers] == ["he", "lecun"]


def test_activations_stand_between_all_layers():
    for channels, head in (([3, 2], []), ([3, 2], [1]), ([3, 4, 2], [4, 4, 1])):
        net = DeepSets(channels, head, "cube")
        count = len(channels) - 1 + len(head) - 1
        assert len(net.activations) + sum("Pointwise" in str(type(m)) for m in net.head) == count
        # cubes between: an odd polynomial of degree 3^count without biases
        for p in net.parameters():
            if p.dim() == 1:
                torch.nn.init.zeros_(p)
        net.double()
        x = torch.randn(5, 3, dtype=torch.float64)
        torch.testing.assert_close(net(2 * x), 2.0 ** (3**count) * net(x))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("pool", ["mean", "sum", "max"])
def test_empty_sets(pool, dtype):
    """A set that a mask leaves empty has the head's value at 0, and gradients stay finite."""
    torch.manual_seed(0)
    net = DeepSets([3, 4, 4], head=[8, 2], pool=pool).to(dtype)
    x = torch.randn(3, 5, 3, dtype=dtype)
    x[1] = torch.nan  # whatever stands where nothing is
    x.requires_grad_()
    mask = torch.tensor([[1, 1, 0, 1, 1], [0] * 5, [1, 0, 0, 0, 0]], dtype=torch.bool)
    y = net(x, mask)
    assert torch.equal(y[1], net.head(torch.zeros(4, dtype=dtype)))
    y.square().sum().backward()
    assert x.grad.isfinite().all()
    assert not x.grad[1].any()
    assert x.grad[0, 0].any()
    for parameter in net.parameters():
        assert parameter.grad.isfinite().all()
    others = net(x.detach()[[0, 2]], mask[[0, 2]])
    torch.testing.assert_close(y[[0, 2]], others)


def test_a_million_points_in_linear_time():
    net = DeepSets([3, 4, 4], head=[2])
    work = []
    with torch.no_grad():
        for n in (250_000, 500_000, 750_000, 1_000_000):
            x = torch.randn(n, 3)
            with FlopCounterMode(display=False) as counter:
                assert net(x).shape == (2,)
            work.append(counter.get_total_flops())
    assert np.ptp(np.diff(work)) == 0


def test_shapes_and_options():
    layer = DeepSetsLinear(3, 2, bias=False)
    assert layer.bias is None
    assert layer(torch.zeros(2, 5, 4, 3)).shape == (2, 5, 4, 2)
    assert layer(torch.zeros(0, 3)).shape == (0, 2)
    with pytest.raises(ModuleMismatchError, match=r"\(\.\.\., points, 3\)"):
        layer(torch.zeros(5, 4))
    with pytest.raises(ModuleMismatchError, match="non-negative integer"):
        DeepSetsLinear(-1, 2)
    with pytest.raises(ModuleMismatchError, match="at least two numbers"):
        DeepSets([3])
    with pytest.raises(ModuleMismatchError, match="mean, sum or max"):
        DeepSets([3, 2], pool="min")
    meta = DeepSetsLinear(3, 2, device="meta").to_empty(device="cpu")
    meta.reset_parameters()
    assert np.isfinite(meta.weight.detach().numpy()).all()
    net = DeepSets([3, 4], [2])
    before = net.layers[0].weight.clone()
    net.reset_parameters()
    assert not torch.equal(net.layers[0].weight, before)


def test_gradients_and_compilation():
    layer = random_layer(2, 2)
    x = torch.randn(3, 4, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layer, (x,))
    points = torch.export.Dim("points", min=2, max=1000)
    exported = torch.export.export(layer, (x.detach(),), dynamic_shapes={"x": {1: points}})
    other = torch.randn(3, 9, 2, dtype=torch.float64)
    torch.testing.assert_close(exported.module()(other), layer(other))


@pytest.mark.parametrize(
    ("shape", "why"),
    [((3, 1), "each of 5 points"), ((3, 4), "each of 5 points"), ((2, 5), r"shape \(3, points\)"),
     ((2, 3, 5), r"shape \(3, points\)"), ((3, 5, 1), r"shape \(3, points\)")],
)  # fmt: skip
def test_masks_of_other_shapes_are_refused(shape, why) -> None:
    """Also those that torch would expand: a mask of one value is no mean over five points."""
    x = torch.randn(3, 5, 2)
    nets = (DeepSetsLinear(2, 3), DeepSets([2, 3]), DeepSets([2, 3], head=[1], pool="max"))
    for net in nets:
        with pytest.raises(ModuleMismatchError, match=why):
            net(x, torch.ones(shape, dtype=torch.bool))
        torch.testing.assert_close(net(x, torch.ones(1, 5)), net(x))
        torch.testing.assert_close(net(x, [torch.ones(5)]), net(x))


def test_other_types_are_refused() -> None:
    pairs = torch.zeros(4, 4, 2, dtype=torch.float64)
    for net, x in (
        (DeepSetsLinear(2, 3), pairs),
        (tk.nn.ExchangeableLinear(2, 3), pairs),
        (DeepSets([2, 3], order=2), pairs.long()),
    ):
        with pytest.raises(ModuleMismatchError, match=r"the weights' type torch\.float32"):
            net(x)
