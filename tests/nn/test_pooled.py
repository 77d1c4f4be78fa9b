"""The pooled method: chosen where it wins, one function with the others, in linear memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.nn import EquivariantLinear, ExchangeableLinear

if TYPE_CHECKING:
    from toolkit.modules.module import Module


def square(name: str) -> Module:
    return tk.group(name).natural_module() ** 2


def sums() -> tuple[Module, Module]:
    V = tk.group("S6").natural_module()
    return V + V**2, V**2 + V


CASES = {
    "pairs of a wreath product": lambda: (square("C2 wr S3"), square("C2 wr S3")),
    "points of a wreath product": lambda: (
        tk.group("S3 wr S4").natural_module(),
        tk.group("S3 wr S4").natural_module(),
    ),
    "to points": lambda: (square("S3 wr S2"), tk.group("S3 wr S2").natural_module()),
    "dihedral": lambda: (square("D8"), square("D8")),
    "sums": sums,
    "mixed": lambda: (
        tk.group("C5").natural_module().outer(tk.group("S4").natural_module()),
        tk.group("C5").natural_module().outer(tk.group("S4").natural_module()),
    ),
    "triples": lambda: (tk.group("S4").natural_module() ** 3, square("S4")),
    "invariants": lambda: (square("S4"), tk.group("S4").natural_module() ** 0),
}


@pytest.mark.parametrize("name", CASES)
def test_one_function(name: str) -> None:
    X, Y = CASES[name]()
    torch.manual_seed(0)
    layer = EquivariantLinear(X, Y, 2, 3, method="dense", dtype=torch.float64)
    torch.nn.init.normal_(layer.bias)
    x = torch.randn(4, X.degree, 2, dtype=torch.float64, requires_grad=True)
    expected = layer(x)
    gradients = torch.autograd.grad(expected.square().sum(), (x, *layer.parameters()))
    state = layer.state_dict()
    pooled = EquivariantLinear(X, Y, 2, 3, method="pooled", dtype=torch.float64)
    pooled.load_state_dict(state)
    found = pooled(x)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-11)
    own = torch.autograd.grad(found.square().sum(), (x, *pooled.parameters()))
    for one, other in zip(own, gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-9)
    assert pooled(x[:0]).shape == (0, Y.degree, 3)
    assert "pooled" in repr(pooled)


@pytest.mark.parametrize("name", ["pairs of a wreath product", "triples"])
def test_derivatives(name: str) -> None:
    X, Y = CASES[name]()
    layer = EquivariantLinear(X, Y, 1, 1, method="pooled", dtype=torch.float64)
    x = torch.randn(1, X.degree, 1, dtype=torch.float64, requires_grad=True)

    def run(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        return torch.func.functional_call(layer, {"weight": weight, "bias": bias}, (x,))

    assert torch.autograd.gradcheck(run, (x, layer.weight, layer.bias), fast_mode=True)
    assert torch.autograd.gradgradcheck(run, (x, layer.weight, layer.bias), fast_mode=True)


def test_chosen_where_it_wins() -> None:
    X = square("S30")
    layer = EquivariantLinear(X, X, 8, 8)
    assert layer.method == "pooled"
    assert "pooled" in layer.estimate().apply
    X = tk.group("S4 wr S5").natural_module() ** 2
    assert EquivariantLinear(X, X, 8, 8).method == "pooled"
    X = square("S3")
    assert EquivariantLinear(X, X, 8, 8).method == "dense"


def test_two_hundred_points_in_linear_memory() -> None:
    """Built and run without a table of all pairs of points, equivariant, and of the right size."""
    X = square("S200")
    layer = EquivariantLinear(X, X, 2, 2)
    assert (layer.method, layer.hom_space.count) == ("pooled", 15)
    assert not {"labels", "signs"} & layer.hom_space.__dict__.keys()
    x = torch.randn(2, X.degree, 2)
    y = layer(x)
    for image in torch.tensor(X.images):
        torch.testing.assert_close(layer(x[:, image]), y[:, image], rtol=1e-4, atol=1e-4)
    # single entries of the matrix are the orbit weights
    weight = layer.orbit_weights()
    rng = np.random.default_rng(0)
    for source in [*rng.integers(0, X.degree, 3).tolist(), 0, 201]:
        delta = torch.zeros(1, X.degree, 2)
        delta[0, source, 1] = 1
        rows = np.append(rng.integers(0, X.degree, 50), [source, 0, 1, 200, 201])
        labels, _ = layer.hom_space.entries(rows, np.full(rows.size, source))
        got = (layer(delta) - layer(torch.zeros_like(delta)))[0, torch.from_numpy(rows)]
        torch.testing.assert_close(got, weight[torch.from_numpy(labels)][..., 1], atol=1e-5, rtol=0)


def test_orbit_weights_of_large_tuples_keep_the_variance() -> None:
    torch.manual_seed(0)
    X = square("S40")  # beyond the exact variances
    layer = EquivariantLinear(X, X, 64, 64, bias=False, init="lecun")
    y = layer(torch.randn(50, X.degree, 64))
    assert y.var().item() == pytest.approx(1, rel=0.1)
    trivial = y.sum(1) / X.degree**0.5
    assert trivial.var().item() == pytest.approx(1, rel=0.25)


def test_refusals() -> None:
    G = tk.group("S4")
    signed = G.signed_coset_module([[1, 2, 3, 0], [2, 1, 0, 3]], [[1, 2, 3, 0]])
    layer = EquivariantLinear(signed, signed, 1, 1)
    with pytest.raises(ModuleMismatchError, match="'pooled' needs permutation modules"):
        layer.set_method("pooled")
    x = torch.randn(2, signed.degree, 1)
    assert layer.tune(x, ("dense", "pooled")).keys() == {"dense"}
    X = tk.group("C513").regular_module()
    with pytest.raises(ModuleMismatchError, match="at most 512 orbitals"):
        EquivariantLinear(X, X, 1, 1, method="pooled")


@pytest.mark.parametrize(("order", "out_order"), [(2, 2), (1, 2), (1, 1)])
@pytest.mark.parametrize("assign", [False, True])
def test_states_for_another_number_of_points(order: int, out_order: int, assign: bool) -> None:
    few, many = tk.group("S5").natural_module(), tk.group("S9").natural_module()
    layers = [
        EquivariantLinear(V**order, V**out_order, 2, 3, dtype=torch.float64) for V in (few, many)
    ]
    torch.nn.init.normal_(layers[0].bias)
    free = ExchangeableLinear.from_equivariant(layers[0])
    layers[1].load_state_dict(layers[0].state_dict(), assign=assign)
    x = torch.randn(4, *[9] * order, 2, dtype=torch.float64)
    found = layers[1](x.reshape(4, -1, 2)).reshape(4, *[9] * out_order, 3)
    torch.testing.assert_close(found, free(x))
    # there and back, into Fourier blocks too where they are at hand
    layers[0].load_state_dict(layers[1].state_dict())
    torch.testing.assert_close(ExchangeableLinear.from_equivariant(layers[0]).weight, free.weight)
    blocks = EquivariantLinear(
        few**order, few**out_order, 2, 3, parametrization="fourier", dtype=torch.float64
    )
    blocks.load_state_dict(layers[1].state_dict())
    torch.testing.assert_close(blocks.orbit_weights(), layers[0].weight.detach())


def test_states_for_other_numbers_of_points_of_two_sets() -> None:
    def layer(m: int, n: int) -> EquivariantLinear:
        rows, columns = (tk.group(f"S{k}").natural_module() for k in (m, n))
        X, Y = (rows**2).outer(columns), rows.outer(columns)
        return EquivariantLinear(X, Y, 2, 3, dtype=torch.float64)

    small, large = layer(4, 3), layer(3, 5)
    torch.nn.init.normal_(small.bias)
    free = ExchangeableLinear.from_equivariant(small)
    large.load_state_dict(small.state_dict())
    x = torch.randn(3, 3, 5, 2, dtype=torch.float64)
    torch.testing.assert_close(large(x.reshape(-1, 2)).reshape(3, 5, 3), free(x))
    pairs = tk.group("S4").natural_module().outer(tk.group("A5").natural_module())
    for other in (EquivariantLinear(pairs, pairs, 2, 3), EquivariantLinear(small.X, small.X, 2, 3)):
        with pytest.raises(tk.errors.CheckpointMismatchError):
            large.load_state_dict(other.state_dict())


def test_states_that_do_not_determine_other_sizes_are_refused() -> None:
    def layer(name: str, order: int = 2, **options: object) -> EquivariantLinear:
        X = tk.group(name).natural_module() ** order
        return EquivariantLinear(X, X, 1, 1, **options)

    target = layer("S6")
    for other, why in (
        (layer("S3"), "15 weights of a layer with .* found 14 weights of S3"),  # no four of them
        (layer("S7", parametrization="fourier"), "found Fourier blocks of S7"),
        (layer("C6"), "group S6"),
        (layer("S7", 1), "group S6"),
    ):
        with pytest.raises(tk.errors.CheckpointMismatchError, match=why):
            target.load_state_dict(other.state_dict())
    # what the sentence about blocks says to do
    again = layer("S7", parametrization="orbit")
    again.load_state_dict(layer("S7", parametrization="fourier").state_dict())
    target.load_state_dict(again.state_dict())
