"""Layers on tuples for every number of points, against sums over all tuples and orbitals."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.nn import DeepSets, DeepSetsLinear, EquivariantLinear, ExchangeableLinear

KINDS = [(2, 2), (1, 2), (2, 1), (2, 0), (0, 2), (1, 1), (3, 2)]


def random_layer(*arguments, **options) -> ExchangeableLinear:
    torch.manual_seed(2)
    layer = ExchangeableLinear(*arguments, dtype=torch.float64, **options)
    for p in layer.parameters():
        torch.nn.init.normal_(p)
    return layer


def by_definition(layer: ExchangeableLinear, x: torch.Tensor, sizes: list[int]) -> torch.Tensor:
    """Add up all terms, entry by entry, as the docstring says."""
    terms = layer.terms
    sets = terms.target + terms.source
    split = len(terms.target)
    y = torch.zeros(len(x), *(sizes[s] for s in terms.target), layer.out_channels).to(x)
    bias = layer.bias.detach().reshape(len(terms.target_patterns), -1)
    for number, pattern in enumerate(terms.patterns):
        own = dict.fromkeys(zip(sets, pattern, strict=True))
        alone = set(own) - set(zip(sets[:split], pattern[:split], strict=True))
        count = np.prod([sizes[s] for s, _ in alone])
        for values in itertools.product(*(range(sizes[s]) for s, _ in own)):
            at = dict(zip(own, values, strict=True))
            entry = [at[key] for key in zip(sets, pattern, strict=True)]
            y[(slice(None), *entry[:split])] += (
                x[(slice(None), *entry[split:])] @ layer.weight[number].detach().T / count
            )
    for number, pattern in enumerate(terms.target_patterns):
        own = dict.fromkeys(zip(terms.target, pattern, strict=True))
        for values in itertools.product(*(range(sizes[s]) for s, _ in own)):
            at = dict(zip(own, values, strict=True))
            entry = [at[key] for key in zip(terms.target, pattern, strict=True)]
            y[(slice(None), *entry)] += bias[number]
    return y


@pytest.mark.parametrize(
    ("order", "out_order", "sizes"),
    [
        *((a, b, [4]) for a, b in KINDS),
        ((1, 1), (1, 1), [3, 4]),
        ((2, 1), (1, 1), [3, 2]),
        (2, 2, [1]),
    ],
)
def test_terms_as_defined(order, out_order, sizes) -> None:
    layer = random_layer(2, 3, order, out_order)
    x = torch.randn(2, *(sizes[s] for s in layer.terms.source), 2, dtype=torch.float64)
    found = layer(x, sizes=sizes)
    torch.testing.assert_close(found, by_definition(layer, x, sizes), rtol=0, atol=1e-12)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize(("order", "out_order"), KINDS)
def test_equals_the_layer_of_the_symmetric_group(n: int, order: int, out_order: int) -> None:
    """Against the orbitals' matrices, with fewer points than patterns have values too."""
    if order + out_order > 4 and n > 5:
        n = 5
    V = tk.group(f"S{n}").natural_module()
    layer = random_layer(2, 3, order, out_order)
    own = layer.to_equivariant(V**order, V**out_order, method="dense")
    x = torch.randn(2, *[n] * order, 2, dtype=torch.float64)
    expected = own.to_dense()(x.reshape(2, -1)).reshape(2, *[n] * out_order, 3)
    torch.testing.assert_close(layer(x, sizes=[n]), expected, rtol=0, atol=1e-10)
    back = ExchangeableLinear.from_equivariant(own)
    torch.testing.assert_close(back(x, sizes=[n]), expected, rtol=0, atol=1e-10)
    if n >= order + out_order:
        torch.testing.assert_close(back.weight, layer.weight)
        torch.testing.assert_close(back.bias, layer.bias)
    own.set_method("pooled")
    torch.testing.assert_close(own(x.reshape(2, -1, 2)).reshape(expected.shape), expected)


def test_matrices_of_two_sets() -> None:
    layer = random_layer(2, 3, (1, 1))
    assert layer.weight.shape == (4, 3, 2)
    X = tk.group("S5").natural_module().outer(tk.group("S4").natural_module())
    x = torch.randn(2, 5, 4, 2, dtype=torch.float64)
    own = layer.to_equivariant(X)
    torch.testing.assert_close(own(x.reshape(2, 20, 2)).reshape(2, 5, 4, 3), layer(x))
    back = ExchangeableLinear.from_equivariant(own)
    torch.testing.assert_close(back.weight, layer.weight)
    assert (back.order, back.out_order) == ((1, 1), (1, 1))


def test_order_one_is_the_deep_sets_layer() -> None:
    layer, plain = random_layer(2, 3, 1), DeepSetsLinear(2, 3, dtype=torch.float64)
    plain.load_state_dict(layer.state_dict())
    x = torch.randn(4, 6, 2, dtype=torch.float64)
    mask = torch.rand(4, 6) < 0.6
    torch.testing.assert_close(layer(x), plain(x))
    torch.testing.assert_close(layer(x, mask), plain(x, mask))
    torch.manual_seed(3)
    layer.reset_parameters()
    blocks = plain.fourier_blocks()
    assert set(blocks) == {"trivial", "standard"}


@pytest.mark.parametrize(("order", "out_order"), [(2, 2), (1, 2), (2, 1), (2, 0)])
def test_masks_are_smaller_sets(order: int, out_order: int) -> None:
    layer = random_layer(2, 3, order, out_order)
    counts = (0, 1, 3, 5)
    mask = torch.arange(5) < torch.tensor(counts)[:, None]
    x = torch.randn(4, *[5] * order, 2, dtype=torch.float64)
    for axis in range(order):
        shape = [4, *[1] * order, 1]
        shape[axis + 1] = 5
        x = x.masked_fill(~mask.reshape(shape), torch.nan)
    x.requires_grad_()
    y = layer(x, mask)
    assert y.isfinite().all()
    for i, n in enumerate(counts):
        inside = tuple(slice(0, n) for _ in range(out_order))
        if n:
            alone = layer(x[i][tuple(slice(0, n) for _ in range(order))])
            torch.testing.assert_close(y[i][inside], alone)
        outside = y[i].clone()
        outside[inside] = 0
        assert not out_order or not outside.any()
    y.sum().backward()
    assert x.grad.isfinite().all()
    assert layer.weight.grad.isfinite().all()


@pytest.mark.parametrize("order", [1, 2, [1, 2, 1], [2, 1, 2], (1, 1)])
@pytest.mark.parametrize("pool", ["mean", "sum", "max"])
def test_networks_with_empty_and_masked_sets(order, pool) -> None:
    torch.manual_seed(0)
    net = DeepSets([3, 6, 6], head=[4, 2], pool=pool, order=order, dtype=torch.float64)
    first = order[0] if isinstance(order, list) else order
    shape = {1: (6,), 2: (6, 6), (1, 1): (6, 5)}[first]
    mask = torch.arange(6) < torch.tensor([0, 1, 4, 6])[:, None]
    masks = (mask, None) if order == (1, 1) else mask
    x = torch.randn(4, *shape, 3, dtype=torch.float64, requires_grad=True)
    y = net(x, masks)
    y.sum().backward()
    assert y.isfinite().all()
    assert x.grad.isfinite().all()
    assert all(p.grad.isfinite().all() for p in net.parameters())
    zero = torch.zeros(net.head[0].in_features, dtype=torch.float64)
    torch.testing.assert_close(y[0], net.head(zero))
    part = x[2, :4] if len(shape) == 1 or order == (1, 1) else x[2, :4, :4]
    torch.testing.assert_close(y[2], net(part))
    torch.testing.assert_close(net(x[:, :0] if len(shape) == 1 else x[:, :0, :0])[0], y[0])
    turn = torch.randperm(6)
    moved = x[:, turn]
    if shape == (6, 6):
        moved = moved[:, :, turn]
    torch.testing.assert_close(net(moved), net(x))


def test_an_equivariant_network_on_pairs() -> None:
    net = DeepSets([2, 4, 3], order=2, dtype=torch.float64)
    x, turn = torch.randn(2, 7, 7, 2, dtype=torch.float64), torch.randperm(7)
    y = net(x)
    torch.testing.assert_close(net(x[:, turn][:, :, turn]), y[:, turn][:, :, turn])
    mask = torch.rand(2, 7) < 0.5
    assert not net(x, mask)[~(mask[:, :, None] & mask[:, None])].any()


@pytest.mark.parametrize(("init", "n"), [("he", 12), ("lecun", 12), ("xavier", 12), ("he", 24)])
def test_components_keep_their_variance(init: str, n: int) -> None:
    torch.manual_seed(0)
    layer = ExchangeableLinear(100, 100, init=init, bias=False, dtype=torch.float64)
    gain = 2.0 if init == "he" else 1.0
    noise = torch.randn(2, n, n, 100, dtype=torch.float64)
    noise.diagonal(0, 1, 2).zero_()
    # what neither rows nor columns nor their means see
    noise -= noise.sum(1, keepdim=True) / n
    noise -= noise.sum(2, keepdim=True) / n
    y = layer(noise)
    off = ~torch.eye(n, dtype=torch.bool)
    ratio = y[:, off].var() / noise[:, off].var()
    assert ratio.item() == pytest.approx(gain, rel=0.35 if n < 20 else 0.2)
    constant = torch.randn(200, 1, 1, 100, dtype=torch.float64).expand(200, n, n, 100)
    ratio = layer(constant)[:, off].var() / 2  # all entries and the diagonal are alike
    assert ratio.item() == pytest.approx(gain / 2, rel=0.35)


def test_gradients() -> None:
    layer = random_layer(1, 2)
    x = torch.randn(1, 3, 3, 1, dtype=torch.float64, requires_grad=True)
    mask = torch.tensor([[True, True, False]])

    def run(x, weight, bias):
        state = {"weight": weight, "bias": bias}
        return torch.func.functional_call(layer, state, (x, mask))

    arguments = (x, layer.weight, layer.bias)
    assert torch.autograd.gradcheck(run, arguments)
    assert torch.autograd.gradgradcheck(run, arguments)


def test_as_torch_expects() -> None:
    for channels in ((0, 3), (3, 0), (0, 0)):
        layer = ExchangeableLinear(*channels)
        assert layer(torch.zeros(2, 4, 4, channels[0])).shape == (2, 4, 4, channels[1])
    layer = ExchangeableLinear(2, 3)
    assert layer(torch.zeros(0, 4, 4, 2)).shape == (0, 4, 4, 3)
    assert layer(torch.zeros(5, 1, 4, 4, 2)).shape == (5, 1, 4, 4, 3)
    assert layer(torch.zeros(4, 0, 0, 2)).shape == (4, 0, 0, 3)
    assert ExchangeableLinear(2, 3, device="meta").weight.is_meta
    half = ExchangeableLinear(2, 3, dtype=torch.bfloat16)
    assert half(torch.full((1, 300, 300, 2), 1e3, dtype=torch.bfloat16)).isfinite().all()
    half = ExchangeableLinear(2, 3, dtype=torch.float16)
    assert half(torch.full((1, 300, 300, 2), 300, dtype=torch.float16)).isfinite().all()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert layer(torch.randn(2, 4, 4, 2)).dtype == torch.bfloat16
    x = torch.randn(3, 5, 5, 2)
    exported = torch.export.export(
        layer, (x,), dynamic_shapes=({0: torch.export.Dim("batch")},)
    ).module()
    torch.testing.assert_close(exported(x[:2]), layer(x[:2]))
    assert list(layer.state_dict()) == ["weight", "bias"]


@pytest.mark.slow
def test_one_graph() -> None:
    torch._dynamo.reset()
    net = DeepSets([2, 4, 3], head=[2], pool="max", order=2)
    compiled = torch.compile(net, fullgraph=True, backend="aot_eager")
    x, mask = torch.randn(3, 5, 5, 2), torch.rand(3, 5) < 0.5
    torch.testing.assert_close(compiled(x, mask), net(x, mask))
    torch._dynamo.reset()


def test_bad_input() -> None:
    layer = ExchangeableLinear(2, 3)
    with pytest.raises(ModuleMismatchError, match="2 axes of points and one of 2 channels"):
        layer(torch.zeros(4, 4, 3))
    with pytest.raises(ModuleMismatchError, match="one number of points, found"):
        layer(torch.zeros(4, 5, 2))
    with pytest.raises(ModuleMismatchError, match="a mask must have shape"):
        layer(torch.zeros(2, 4, 4, 2), torch.ones(3, 4))
    with pytest.raises(ModuleMismatchError, match=r"shape \(2, points\), .*found \(2, 4, 4\)"):
        layer(torch.zeros(2, 4, 4, 2), torch.ones(2, 4, 4))
    with pytest.raises(ModuleMismatchError, match="tensor of booleans, or None, not ndarray"):
        layer(torch.zeros(2, 4, 4, 2), np.ones((2, 4), dtype=bool))
    with pytest.raises(ModuleMismatchError, match="an order must be"):
        ExchangeableLinear(2, 3, True)
    with pytest.raises(ModuleMismatchError, match="give sizes="):
        ExchangeableLinear(2, 3, 0, 2)(torch.zeros(2))
    with pytest.raises(ModuleMismatchError, match="a mask is required for each"):
        ExchangeableLinear(2, 3, (1, 1))(torch.zeros(4, 4, 2), torch.ones(4))
    with pytest.raises(ModuleMismatchError, match="4140 terms"):
        ExchangeableLinear(2, 3, 4)
    with pytest.raises(ModuleMismatchError, match="name the same sets"):
        ExchangeableLinear(2, 3, (1, 1), 2)
    with pytest.raises(ModuleMismatchError, match="an order must be"):
        ExchangeableLinear(2, 3, -1)
    with pytest.raises(ModuleMismatchError, match="a list of orders must have one"):
        DeepSets([1, 2, 3], order=[1, 2])
    X = tk.group("C4").natural_module() ** 2
    with pytest.raises(ModuleMismatchError, match="no more orbitals"):
        ExchangeableLinear.from_equivariant(EquivariantLinear(X, X, 1, 1))
    with pytest.raises(ModuleMismatchError, match="tuples of orders 2 and 2"):
        layer.to_equivariant(tk.group("S4").natural_module())


@pytest.mark.parametrize(("order", "out_order"), [(1, 2), (2, 2), (2, 1), ((1, 1), (1, 1))])
def test_one_point(order, out_order) -> None:
    layer = ExchangeableLinear(2, 3, order, out_order, dtype=torch.float64)
    torch.nn.init.normal_(layer.bias)
    point = tk.group("S1").natural_module()
    one = layer.to_equivariant(point**2, point**2)
    axes = len(layer.terms.source)
    x = torch.randn(4, *[1] * axes, 2, dtype=torch.float64)
    torch.testing.assert_close(one(x.reshape(4, 1, 2)), layer(x).reshape(4, 1, 3))


def test_one_size_for_all_sets() -> None:
    layer = ExchangeableLinear(2, 3, (0, 0), (1, 1))
    assert layer(torch.zeros(5, 2), sizes=4).shape == (5, 4, 4, 3)
