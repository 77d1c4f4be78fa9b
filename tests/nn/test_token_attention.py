"""Attention between tokens with a fibre, and transformer blocks."""

from __future__ import annotations

import copy

import networkx as nx
import numpy as np
import pytest
import torch
from attention_cases import noise, randomised
from layer_cases import modules
from torch import nn
from whole_group import largest_error

import toolkit as tk
from toolkit.errors import IllegalActivationError, ModuleMismatchError
from toolkit.nn import EquivariantAttention, EquivariantTransformerBlock, TokenAttention
from toolkit.testing import assert_equivariant, equivariance_error


def made(V, channels=4, heads=2, **options) -> TokenAttention:
    return randomised(TokenAttention(V, channels, heads, dtype=torch.float64, **options))


def square():
    """Return the 3 x 3 patches of an image, and the eight orientations, as modules of D8."""
    T = tk.nn.graph_module(nx.grid_2d_graph(3, 3))
    return T, T.home.regular_module()


# -- the group -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["points", "quaternionic", "signed"])
@pytest.mark.parametrize("scores", ["invariant", "points"])
@pytest.mark.parametrize("projections", ["channels", "orbits", "equivariant"])
def test_fibres_commute_with_every_element(name: str, scores: str, projections: str) -> None:
    _, V = modules(name)
    layer = made(V, scores=scores, projections=projections)
    assert largest_error(layer, V, V, noise(2, 5, V.degree, 4)) < 1e-12
    weights = layer.attention_weights(noise(2, 5, V.degree, 4))
    torch.testing.assert_close(weights.sum(-1), torch.ones_like(weights[..., 0]))


@pytest.mark.parametrize("scores", ["invariant", "points"])
@pytest.mark.parametrize("near", [None, [0, 1, 3]])
def test_moved_tokens_commute_with_every_element(scores: str, near) -> None:
    T, V = square()
    if near is not None:  # a patch and those beside it
        near = nx.to_numpy_array(nx.grid_2d_graph(3, 3)).astype(bool) | np.eye(9, dtype=bool)
    layer = made(V, tokens=T, scores=scores, positions="bias", neighbourhood=near)
    assert layer.X.degree == 72
    assert largest_error(layer, layer.X, layer.X, noise(2, 72, 4)) < 1e-11
    assert_equivariant(layer)
    if near is not None:
        weights = layer.attention_weights(noise(72, 4))
        assert torch.equal(weights > 0, torch.from_numpy(near).expand_as(weights))


def test_signed_fibres_on_moved_tokens() -> None:
    G = tk.group("S4")
    signed = G.signed_coset_module([[1, 2, 3, 0], [2, 1, 0, 3]], [[1, 2, 3, 0]])
    for scores in ("invariant", "points"):
        layer = made(signed, tokens=G.natural_module(), scores=scores, positions="bias")
        assert largest_error(layer, layer.X, layer.X, noise(2, 12, 4)) < 1e-11


@pytest.mark.parametrize("projections", ["channels", "equivariant"])
@pytest.mark.parametrize("skew", [False, True])
def test_fibres_of_matrices(projections: str, skew: bool) -> None:
    """Vectors, in coordinates that are orthonormal or not."""
    G = tk.group("S4")
    V = G.simple_module("L3")
    if skew:
        change = np.array([[1, 0.3, 0], [0, 1, 0.5], [0, 0, 2.0]])
        V = G.linear_module([change @ m @ np.linalg.inv(change) for m in V.matrices])
        assert not V.is_orthogonal
    free = made(V, projections=projections)
    assert largest_error(free, V, V, noise(2, 5, 3, 4)) < 1e-12
    moved = made(V, projections=projections, tokens=G.natural_module(), positions="bias")
    assert largest_error(moved, moved.X, moved.X, noise(2, 12, 4)) < 1e-11
    again = copy.deepcopy(moved)
    again.load_state_dict(moved.state_dict())
    with pytest.raises(ModuleMismatchError, match="permutation module, signed or not"):
        EquivariantAttention(V, 4, 2)
    with pytest.raises(ModuleMismatchError, match="permutation module, signed or not"):
        TokenAttention(V, 4, 2, scores="points")
    with pytest.raises(IllegalActivationError):
        EquivariantTransformerBlock(free)
    norm = tk.nn.NormActivation(V, 16, dtype=torch.float64)
    block = EquivariantTransformerBlock(free, 16, norm, None)
    assert largest_error(block, V, V, noise(2, 5, 3, 4)) < 1e-10


def test_biases_seen_from_the_fibre_know_directions() -> None:
    T, V = square()
    plain = made(V, tokens=T, positions="bias")
    directed = made(V, tokens=T, positions="bias", scores="points")
    assert plain.positions.count == tk.hom_dimension(T, T)
    assert directed.positions.count == 9 * 9  # V is regular
    # a table that is not by orbitals is found
    directed.positions.orbitals.table("points")[5] += 1
    assert equivariance_error(lambda x: directed(x), directed.X, channels=4).error > 1e-6


# -- the formula -----------------------------------------------------------------------------------


@pytest.mark.parametrize("scores", ["invariant", "points"])
def test_the_formula(scores: str) -> None:
    V = tk.group("S3").regular_module()
    layer = made(V, scores=scores)
    x = noise(4, 6, 4)
    q, k, v = (m(x).reshape(4, 6, 2, 2) for m in (layer.query, layer.key, layer.value))
    if scores == "invariant":
        table = torch.einsum("tphd,uphd->htu", q, k) / 12**0.5
        found = torch.einsum("htu,uphd->tphd", table.softmax(-1), v)
    else:
        table = torch.einsum("tphd,uphd->hptu", q, k) / 2**0.5
        found = torch.einsum("hptu,uphd->tphd", table.softmax(-1), v)
    torch.testing.assert_close(layer(x), layer.out(found.reshape(4, 6, 4)))
    torch.testing.assert_close(layer.attention_weights(x), table.softmax(-1))
    assert layer(torch.stack([x, x])[None]).shape == (1, 2, 4, 6, 4)


def test_multiplications_of_octic_layers() -> None:
    """The count of the octic transformer: 64 / 12 for D8; blocks are |G| = sum of dim^2 in all."""
    for name, ratio in (("D8", 64 / 12), ("S4", 576 / (2 * 1 + 8 + 2 * 27)), ("C8", 64 / 14)):
        layer = TokenAttention(tk.group(name).regular_module(), 16, 4)
        whole, blocks = (layer.multiplications(10, b)["projections"] for b in ("points", "fourier"))
        if name != "C8":
            assert whole / blocks == pytest.approx(ratio)
        else:  # complex blocks as 2 x 2 real ones
            assert whole / blocks == pytest.approx(64 / (2 + 3 * 4))
    with pytest.raises(ModuleMismatchError, match="number of tokens"):
        layer.multiplications()


# -- what torch expects ----------------------------------------------------------------------------


def test_masks() -> None:
    V = tk.group("S3").regular_module()
    for scores in ("invariant", "points"):
        layer = made(V, scores=scores)
        x = noise(3, 5, 6, 4)
        mask = torch.ones(3, 5, dtype=torch.bool)
        torch.testing.assert_close(layer(x, mask=mask), layer(x))
        mask[0, 3:] = False
        mask[1] = False
        x[0, 3:] = float("nan")
        y = layer(x, mask=mask)
        assert y.isfinite().all()
        torch.testing.assert_close(y[0, :3], layer(x[0, :3]))
        assert not y[1].any()
        assert not y[0, 3:].any()
        assert layer.attention_weights(x, mask).isfinite().all()


def test_gradients_graphs_and_programs() -> None:
    T, V = square()
    layer = made(V, 2, 1, tokens=T, positions="bias", scores="points", projections="channels")
    x = noise(1, 72, 2).requires_grad_()
    parameters = list(layer.parameters())
    torch._dynamo.reset()
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    found = torch.autograd.grad(compiled(x).square().sum(), [x, *parameters])
    expected = torch.autograd.grad(layer(x).square().sum(), [x, *parameters])
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b)
    torch._dynamo.reset()
    program = torch.export.export(
        layer, (noise(2, 72, 2),), dynamic_shapes=({0: torch.export.Dim("batch")},)
    )
    other = noise(3, 72, 2)
    torch.testing.assert_close(program.module()(other), layer(other))
    small = made(tk.group("C3").regular_module(), 2, 1)
    assert torch.autograd.gradcheck(small, (noise(3, 3, 2).requires_grad_(),))


def test_copies_types_and_empty_batches() -> None:
    V = tk.group("S3").regular_module()
    layer = made(V)
    x = noise(2, 5, 6, 4)
    again = copy.deepcopy(layer)
    torch.testing.assert_close(again(x), layer(x))
    again.reset_parameters()
    again.load_state_dict(layer.state_dict())
    torch.testing.assert_close(again(x), layer(x))
    assert layer(x[:0]).shape == (0, 5, 6, 4)
    assert layer(x[:, :0]).shape == (2, 0, 6, 4)
    assert TokenAttention(V, 0, 1)(torch.zeros(2, 5, 6, 0)).shape == (2, 5, 6, 0)
    single = TokenAttention(V, 4, 2)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert single(x.float()).dtype == torch.bfloat16
    assert "heads=2" in repr(layer)


def test_refusals() -> None:
    T, V = square()
    other = tk.group("S4").natural_module()
    with pytest.raises(ModuleMismatchError, match="give the module whose points are the tokens"):
        TokenAttention(V, 4, 2, positions="bias")
    with pytest.raises(ModuleMismatchError, match="one group"):
        TokenAttention(V, 4, 2, tokens=other)
    with pytest.raises(ModuleMismatchError, match="positions must be 'bias' or None"):
        TokenAttention(V, 4, 2, tokens=T, positions="keys")
    with pytest.raises(ModuleMismatchError, match="scores must be"):
        TokenAttention(V, 4, 2, scores="all")
    signed = tk.group("C2").signed_module_from_images([[0]], [[-1]])
    with pytest.raises(ModuleMismatchError, match="put them into the fibre"):
        TokenAttention(tk.group("C2").regular_module(), 4, 2, tokens=signed)
    with pytest.raises(ModuleMismatchError, match=r"\(\.\.\., tokens, 8, 4\)"):
        TokenAttention(V, 4, 2)(torch.zeros(3, 5, 4))
    with pytest.raises(ModuleMismatchError, match=r"\(\.\.\., 72, 4\)"):
        TokenAttention(V, 4, 2, tokens=T)(torch.zeros(3, 8, 4))


# -- blocks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sums", "quaternionic", "signed"])
@pytest.mark.parametrize("norm", ["layer", "rms", None])
def test_blocks_commute_with_every_element(name: str, norm) -> None:
    X, _ = modules(name)
    attention = EquivariantAttention(X, 4, 2, projections="orbits", dtype=torch.float64)
    act = "tanh" if X.has_signs else "gelu"
    block = randomised(EquivariantTransformerBlock(attention, 6, act, norm))
    assert largest_error(block, X, X, noise(2, X.degree, 4)) < 1e-10
    x = noise(2, X.degree, 4)
    mask = torch.ones(2, X.degree, dtype=torch.bool)
    torch.testing.assert_close(block(x, mask=mask), block(x))
    again = copy.deepcopy(block)
    again.reset_parameters()
    again.load_state_dict(block.state_dict())
    torch.testing.assert_close(again(x), block(x))


def test_blocks_of_tokens() -> None:
    T, V = square()
    attention = TokenAttention(V, 4, 2, tokens=T, positions="bias", dtype=torch.float64)
    block = randomised(EquivariantTransformerBlock(attention, 6))
    assert largest_error(block, block.X, block.X, noise(1, 72, 4)) < 1e-9
    free = randomised(EquivariantTransformerBlock(TokenAttention(V, 4, 2, dtype=torch.float64)))
    assert largest_error(free, V, V, noise(1, 3, 8, 4)) < 1e-9
    block.reset_parameters()
    free.reset_parameters()


def test_a_block_is_the_sum_of_its_parts() -> None:
    X = tk.group("S4").natural_module()
    attention = EquivariantAttention(X, 4, 2, dtype=torch.float64)
    block = randomised(EquivariantTransformerBlock(attention, activation="relu"))
    x = noise(4, 4)

    def normed(x: torch.Tensor, norm: nn.Module) -> torch.Tensor:
        centred = x - x.mean(-1, keepdim=True)
        variance = centred.square().mean(-1, keepdim=True)
        return centred * variance.sqrt() / (variance + norm.eps) * norm.weight + norm.bias

    y = x + attention(normed(x, block.attention_norm))
    first, _, second = block.maps
    hidden = second(first(normed(y, block.maps_norm)).clamp(min=0))
    torch.testing.assert_close(block(x), y + hidden)
    assert first.out_features == 16


def test_a_block_learns() -> None:
    """Which of the points of a ring has a point with a 1 two places further: positions decide."""
    torch.manual_seed(1)
    X = tk.group("C6").natural_module()
    net = nn.Sequential(
        nn.Linear(1, 8), EquivariantTransformerBlock(EquivariantAttention(X, 8, 2)), nn.Linear(8, 1)
    )
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    x = torch.randn(128, 6, 1)
    wanted = x.roll(-2, 1)
    for _ in range(200):
        optimizer.zero_grad()
        loss = (net(x) - wanted).square().mean()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1  # the mean of the square of the answer is 1


def test_blocks_refuse() -> None:
    X = tk.group("S4").natural_module()
    signed, _ = modules("signed")
    with pytest.raises(ModuleMismatchError, match="without keys="):
        EquivariantTransformerBlock(EquivariantAttention(X, 4, 2, keys=X))
    with pytest.raises(ModuleMismatchError, match="TokenAttention is required"):
        EquivariantTransformerBlock(nn.Identity())
    with pytest.raises(IllegalActivationError, match="odd activation"):
        EquivariantTransformerBlock(EquivariantAttention(signed, 4, 2))
    with pytest.raises(ModuleMismatchError, match="normalisation must be"):
        EquivariantTransformerBlock(EquivariantAttention(X, 4, 2), normalisation="batch")


@pytest.mark.slow
def test_onnx() -> None:
    from onnx_runner import Runner, check

    T, V = square()
    attention = TokenAttention(V, 4, 2, tokens=T, positions="bias", projections="channels")
    block = EquivariantTransformerBlock(attention, 6)
    runner = Runner(block, torch.randn(4, 72, 4))
    for batch in (4, 2):
        check(block, runner, torch.randn(batch, 72, 4))
