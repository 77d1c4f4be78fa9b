"""Attention over points: the group, the formula, torch's own attention, masks, signs."""

from __future__ import annotations

import copy
import io

import numpy as np
import pytest
import torch
from attention_cases import noise, randomised
from layer_cases import modules
from torch import nn
from torch.export import Dim
from whole_group import largest_error

import toolkit as tk
from toolkit.errors import CheckpointMismatchError, ModuleMismatchError
from toolkit.nn import EquivariantAttention, OrbitEmbedding, OrbitLinear
from toolkit.testing import assert_equivariant, equivariance_error

CASES = ["cyclic", "sums", "quaternionic", "signed", "signed and plain", "pairs"]
TERMS = [None, "bias", ("bias", "keys", "values")]


def made(X, channels=4, heads=2, **options) -> EquivariantAttention:
    return randomised(EquivariantAttention(X, channels, heads, dtype=torch.float64, **options))


# -- the group -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("projections", ["channels", "orbits", "equivariant"])
def test_it_commutes_with_every_element(name: str, projections: str) -> None:
    _, X = modules(name)
    layer = made(X, projections=projections)
    assert largest_error(layer, X, X, noise(2, X.degree, 4)) < 1e-12


@pytest.mark.parametrize("name", ["cyclic", "sums", "quaternionic"])
@pytest.mark.parametrize("terms", TERMS)
def test_positional_terms_commute_with_every_element(name: str, terms) -> None:
    X, _ = modules(name)
    layer = made(X, positions=terms)
    assert largest_error(layer, X, X, noise(2, X.degree, 4)) < 1e-12
    assert_equivariant(layer)


@pytest.mark.parametrize("name", CASES)
def test_cross_attention_commutes_with_every_element(name: str) -> None:
    Z, X = modules(name)
    layer = made(X, keys=Z, key_channels=3)
    both = X + Z
    n = X.degree

    def run(x: torch.Tensor) -> torch.Tensor:
        return layer(x[..., :n, :], x[..., n:, :3])

    assert largest_error(run, both, X, noise(2, both.degree, 4)) < 1e-12


def test_positions_know_the_group_and_nothing_less() -> None:
    """Without positions every permutation commutes; a bias leaves the cycle's rotations only."""
    X = tk.group("C5").natural_module()
    symmetric = tk.group("S5").natural_module()
    assert equivariance_error(made(X, positions=None), symmetric, symmetric).error < 1e-12
    for terms in ("bias", "keys", "values"):
        assert equivariance_error(made(X, positions=terms), symmetric, symmetric).error > 1e-3
        assert_equivariant(made(X, positions=terms))


def test_a_bias_by_pairs_that_is_no_orbital_would_be_found() -> None:
    X = tk.group("C5").natural_module()
    layer = made(X)
    layer.positions.orbitals.table("points")[3] += 1
    with pytest.raises(AssertionError, match="not equivariant"):
        assert_equivariant(lambda x: layer(x), X, channels=4)


# -- the formula -----------------------------------------------------------------------------------


def by_hand(layer: EquivariantAttention, x: torch.Tensor) -> torch.Tensor:
    """The definition, pair by pair."""
    X, heads = layer.X, layer.heads
    labels = tk.layer_basis(X).label_matrix
    n, d = X.degree, layer.channels // heads
    q, k, v = (m(x).reshape(n, heads, d) for m in (layer.query, layer.key, layer.value))
    positions = layer.positions
    out = torch.zeros(n, heads, d, dtype=x.dtype)
    for h in range(heads):
        for i in range(n):
            scores, values = [], []
            for j in range(n):
                r = labels[i, j]
                key, value, b = k[j, h], v[j, h], 0.0
                if positions is not None and "keys" in positions.terms:
                    key = key + positions.key_table[r]
                if positions is not None and "values" in positions.terms:
                    value = value + positions.value_table[r]
                if positions is not None and "bias" in positions.terms:
                    b = positions.bias_table[h, r]
                scores.append(q[i, h] @ key / d**0.5 + b)
                values.append(value)
            weights = torch.stack(scores).softmax(0)
            out[i, h] = (weights[:, None] * torch.stack(values)).sum(0)
    return layer.out(out.reshape(n, -1))


@pytest.mark.parametrize("terms", [*TERMS, "keys", "values"])
def test_the_formula(terms) -> None:
    X, _ = modules("sums")
    layer = made(X, 6, 3, positions=terms)
    x = noise(X.degree, 6)
    torch.testing.assert_close(layer(x), by_hand(layer, x))
    assert layer(torch.stack([x, x]).unsqueeze(1)).shape == (2, 1, X.degree, 6)


def test_without_positions_it_is_torchs_own_attention() -> None:
    X = tk.group("S5").natural_module()
    layer = made(X, 8, 2, positions=None)
    theirs = nn.MultiheadAttention(8, 2, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(
            torch.cat([layer.query.weight, layer.key.weight, layer.value.weight])
        )
        theirs.in_proj_bias.copy_(torch.cat([layer.query.bias, layer.key.bias, layer.value.bias]))
        theirs.out_proj.load_state_dict(layer.out.state_dict())
    x = noise(3, 5, 8)
    expected, weights = theirs(x, x, x, average_attn_weights=False)
    torch.testing.assert_close(layer(x), expected)
    torch.testing.assert_close(layer.attention_weights(x), weights)


def test_signed_attention_is_attention_on_the_cover() -> None:
    _, X = modules("signed")
    layer = made(X, 4, 1, positions=None)
    x = noise(X.degree, 4)
    q, k, v = layer.query(x), layer.key(x), layer.value(x)
    scores = q @ k.T / 2
    expected = (scores.sinh() @ v) / scores.cosh().sum(-1, keepdim=True)
    torch.testing.assert_close(layer(x), layer.out(expected))
    weights = layer.attention_weights(x)[0]
    torch.testing.assert_close(weights, scores.sinh() / scores.cosh().sum(-1, keepdim=True))
    assert layer.query.bias is None


def test_a_bias_on_signed_points_is_one_of_the_cover() -> None:
    """The layer of the cover, with the same weights, gives the same odd function."""
    X = tk.group("S4").signed_coset_module([[1, 2, 3, 0], [2, 1, 0, 3]], [[1, 2, 3, 0]])
    layer = made(X)
    assert layer.positions.count > 1
    x = noise(X.degree, 4)
    q, k, v = (
        m(x).reshape(-1, 2, 2).transpose(0, 1) for m in (layer.query, layer.key, layer.value)
    )
    table = layer.positions.scores(q[None], 1.0)
    scores = q @ torch.cat([k, -k], 1).transpose(1, 2) / 2**0.5 + table
    expected = scores.softmax(-1) @ torch.cat([v, -v], 1)
    expected = layer.out(expected.transpose(0, 1).reshape(-1, 4))
    torch.testing.assert_close(layer(x), expected)


# -- neighbourhoods and masks ----------------------------------------------------------------------


def test_neighbourhoods() -> None:
    X = tk.group("D12").natural_module()  # a hexagon
    near = made(X, neighbourhood=[0, 1])
    assert_equivariant(near)
    x = noise(6, 4)
    weights = near.attention_weights(x)
    adjacent = abs(np.subtract.outer(np.arange(6), np.arange(6))) % 6
    allowed = torch.from_numpy(np.isin(adjacent, (0, 1, 5)))
    assert torch.equal(weights > 0, allowed.expand(2, 6, 6))
    again = copy.deepcopy(near)
    same = made(X, neighbourhood=allowed.numpy())
    torch.testing.assert_close(same(x), again(x))
    # what is far does not matter
    moved = x.clone()
    moved[3] += 1
    torch.testing.assert_close(near(moved)[0], near(x)[0], rtol=0, atol=0)


def test_neighbourhoods_that_are_none() -> None:
    X = tk.group("C6").natural_module()
    lone = np.eye(6, dtype=bool)
    lone[0, 1] = True
    with pytest.raises(ModuleMismatchError, match=r"the pair \(0, 1\) and not \(1, 2\)"):
        made(X, neighbourhood=lone)
    for wrong in ([6], [-1], [], [0.5], np.ones((2, 2), dtype=bool)):
        with pytest.raises(ModuleMismatchError, match=r"numbers of orbitals .* 0 to 5"):
            made(X, neighbourhood=wrong)
    two = X + X
    with pytest.raises(ModuleMismatchError, match="leaves point 6 without points"):
        made(two, neighbourhood=[0])


@pytest.mark.parametrize("name", ["points", "signed"])
@pytest.mark.parametrize("terms", ["bias", ("bias", "values")])
def test_masks(name: str, terms) -> None:
    _, X = modules(name)
    if name == "signed":
        terms = "bias"
    layer = made(X, positions=terms)
    x = noise(3, X.degree, 4)
    mask = torch.ones(3, X.degree, dtype=torch.bool)
    torch.testing.assert_close(layer(x, mask=mask), layer(x))
    mask[0, 1:] = False
    mask[1] = False  # nothing is left
    x[0, 1:] = float("nan")
    x[1] = float("inf")
    x.requires_grad_()
    y = layer(x, mask=mask)
    assert y.isfinite().all()
    assert not y[1].any()
    assert not y[0, 1:].any()
    torch.testing.assert_close(y[2], layer(x[2]))
    y.sum().backward()
    assert all(p.grad.isfinite().all() for p in layer.parameters())
    weights = layer.attention_weights(x.detach(), mask=mask)
    assert weights.isfinite().all()
    assert not weights[1].any()


def test_masked_points_count_as_absent() -> None:
    """Five points of which one is masked are four points."""
    five, four = (tk.group(f"S{n}").natural_module() for n in (5, 4))
    layer = made(five)
    small = made(four)
    small.load_state_dict(
        {k: v for k, v in layer.state_dict().items() if "extra" not in k}, strict=False
    ) if False else None
    state = {k: v for k, v in layer.state_dict().items() if not k.endswith("_extra_state")}
    with pytest.warns(UserWarning, match="accepted unchecked"):
        small.load_state_dict(state, strict=False)
    x = noise(2, 5, 4)
    mask = torch.tensor([True, True, False, True, True])
    y = layer(x, mask=mask.expand(2, 5))
    torch.testing.assert_close(y[:, mask], small(x[:, mask]))


def test_masks_are_checked() -> None:
    X = tk.group("S4").natural_module()
    layer = made(X)
    for wrong in (torch.ones(2, 4), torch.ones(2, 3, dtype=torch.bool)):
        with pytest.raises(ModuleMismatchError, match="a mask has booleans"):
            layer(noise(2, 4, 4), mask=wrong)


# -- what torch expects ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sums", "signed"])
def test_gradients(name: str) -> None:
    _, X = modules(name)
    terms = "bias" if name == "signed" else ("bias", "keys", "values")
    layer = made(X, 2, 1, positions=terms, projections="orbits")
    x = noise(1, X.degree, 2).requires_grad_()
    names = list(dict(layer.named_parameters()))

    def run(x, *values):
        return torch.func.functional_call(layer, dict(zip(names, values, strict=True)), (x,))

    assert torch.autograd.gradcheck(run, (x, *layer.parameters()))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sums", "signed"])
def test_whole_graphs(name: str) -> None:
    _, X = modules(name)
    terms = "bias" if name == "signed" else ("bias", "keys", "values")
    torch._dynamo.reset()
    layer = made(X, positions=terms, projections="orbits")
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    for batch in (2, 5):
        x = noise(batch, X.degree, 4).requires_grad_()
        found = torch.autograd.grad(compiled(x).square().sum(), [x, *layer.parameters()])
        expected = torch.autograd.grad(layer(x).square().sum(), [x, *layer.parameters()])
        for a, b in zip(found, expected, strict=True):
            torch.testing.assert_close(a, b)
    torch._dynamo.reset()


def test_exported_programs() -> None:
    _, X = modules("sums")
    layer = made(X, positions=("bias", "keys", "values"))
    program = torch.export.export(
        layer, (noise(3, X.degree, 4),), dynamic_shapes=({0: Dim("batch")},)
    )
    x = noise(5, X.degree, 4)
    torch.testing.assert_close(program.module()(x), layer(x))


@pytest.mark.slow
@pytest.mark.parametrize("terms", ["bias", ("keys", "values")])
def test_onnx(terms) -> None:
    from onnx_runner import Runner, check

    _, X = modules("sums")
    layer = randomised(EquivariantAttention(X, 4, 2, positions=terms))
    runner = Runner(layer, torch.randn(4, X.degree, 4))
    for batch in (4, 2):
        check(layer, runner, torch.randn(batch, X.degree, 4))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_autocast_and_narrow_types(dtype: torch.dtype) -> None:
    _, X = modules("sums")
    layer = EquivariantAttention(X, 4, 2, positions=("bias", "keys"), neighbourhood=range(4))
    x = torch.randn(3, X.degree, 4)
    expected = layer(x)
    with torch.autocast("cpu", dtype=dtype):
        y = layer(x)
    assert y.dtype == dtype
    torch.testing.assert_close(y.float(), expected, rtol=0.05, atol=0.05)
    y.float().sum().backward()
    narrow = copy.deepcopy(layer).to(dtype)
    torch.testing.assert_close(narrow(x.to(dtype)).float(), expected, rtol=0.1, atol=0.1)


def test_empty_batches_and_no_channels() -> None:
    _, X = modules("sums")
    for terms in (None, ("bias", "keys", "values")):
        layer = made(X, positions=terms)
        x = noise(0, X.degree, 4).requires_grad_()
        y = layer(x)
        assert y.shape == (0, X.degree, 4)
        y.sum().backward()
    none = EquivariantAttention(X, 0, 2)
    assert none(torch.zeros(3, X.degree, 0)).shape == (3, X.degree, 0)


def test_copies_devices_and_resets() -> None:
    _, X = modules("sums")
    layer = made(X, positions=("bias", "keys", "values"), neighbourhood=range(4))
    x = noise(2, X.degree, 4)
    again = copy.deepcopy(layer)
    torch.testing.assert_close(again(x), layer(x))
    assert not list(layer.buffers())
    empty = EquivariantAttention(
        X, 4, 2, positions=("bias", "keys", "values"), neighbourhood=range(4),
        device="meta", dtype=torch.float64,
    )  # fmt: skip
    assert all(p.is_meta for p in empty.parameters())
    empty.load_state_dict(layer.state_dict(), assign=True)
    torch.testing.assert_close(empty(x), layer(x))
    other = EquivariantAttention(X, 4, 2, device="meta", dtype=torch.float64).to_empty(device="cpu")
    other.reset_parameters()
    assert other(x).isfinite().all()
    assert "heads=2" in repr(layer)


def test_dropout_is_for_training() -> None:
    X = tk.group("S5").natural_module()
    for terms in ("bias", "values"):
        layer = made(X, dropout=0.5, positions=terms)
        x = noise(2, 5, 4)
        assert not torch.equal(layer(x), layer(x))
        layer.eval()
        assert torch.equal(layer(x), layer(x))


def test_refusals() -> None:
    X = tk.group("S4").natural_module()
    other = tk.group("S5").natural_module()
    sign = tk.group("C2").signed_module_from_images([[0]], [[-1]])
    with pytest.raises(ModuleMismatchError, match="cannot be divided equally among 3 heads"):
        EquivariantAttention(X, 4, 3)
    with pytest.raises(ModuleMismatchError, match="one group"):
        EquivariantAttention(X, 4, 2, keys=other)
    with pytest.raises(ModuleMismatchError, match="positions must be"):
        EquivariantAttention(X, 4, 2, positions="rotary")
    with pytest.raises(ModuleMismatchError, match=r"'bias' or None here.*change sign"):
        EquivariantAttention(sign, 4, 2, positions="keys")
    with pytest.raises(ModuleMismatchError, match="projections must be"):
        EquivariantAttention(X, 4, 2, projections="all")
    with pytest.raises(ModuleMismatchError, match="dropout"):
        EquivariantAttention(X, 4, 2, dropout=1.0)
    with pytest.raises(ModuleMismatchError, match="is for cross attention"):
        EquivariantAttention(X, 4, 2, key_channels=3)
    layer = EquivariantAttention(X, 4, 2)
    with pytest.raises(ModuleMismatchError, match=r"shape \(\.\.\., 4, 4\)"):
        layer(torch.zeros(2, 5, 4))
    with pytest.raises(ModuleMismatchError, match="is for cross attention"):
        layer(torch.zeros(2, 4, 4), torch.zeros(2, 4, 4))
    with pytest.raises(ModuleMismatchError, match="needs context="):
        EquivariantAttention(X, 4, 2, keys=X)(torch.zeros(2, 4, 4))


# -- state -----------------------------------------------------------------------------------------


def test_states_belong_to_the_module() -> None:
    X = tk.group("C6").natural_module()
    layer = made(X)
    file = io.BytesIO()
    torch.save(layer.state_dict(), file)
    file.seek(0)
    state = torch.load(file, weights_only=True)
    again = EquivariantAttention(X, 4, 2, dtype=torch.float64)
    again.load_state_dict(state)
    x = noise(2, 6, 4)
    torch.testing.assert_close(again(x), layer(x))
    averaged = {k: 0.9 * v + 0.1 * state[k] for k, v in state.items()}
    again.load_state_dict(averaged)
    torch.testing.assert_close(again(x), layer(x))
    turned = tk.group("C6").module_from_images([[2, 0, 4, 1, 5, 3]])
    with pytest.raises(CheckpointMismatchError, match="belong to another layer"):
        EquivariantAttention(turned, 4, 2, dtype=torch.float64).load_state_dict(state)
    # without positions the weights do not know the points
    plain = made(X, positions=None)
    EquivariantAttention(turned, 4, 2, positions=None).load_state_dict(plain.state_dict())


# -- maps and embeddings of orbits -----------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_maps_and_embeddings_of_orbits(name: str) -> None:
    X, _ = modules(name)
    x = noise(2, X.degree, 3)
    linear = randomised(OrbitLinear(X, 3, 5, dtype=torch.float64))
    assert largest_error(linear, X, X, x) < 1e-12
    embedding = OrbitEmbedding(X, 3, dtype=torch.float64)
    randomised(embedding)
    assert largest_error(embedding, X, X, x) < 1e-12
    torch.testing.assert_close(embedding(x) - x, embedding.values().expand_as(x))
    for layer in (linear, embedding):
        assert_equivariant(layer)
        assert layer(x[:0]).shape[0] == 0
        again = copy.deepcopy(layer)
        again.reset_parameters()
        again.load_state_dict(layer.state_dict())
        assert torch.equal(again(x), layer(x))


def test_an_orbit_map_is_one_linear_map_per_orbit() -> None:
    X, _ = modules("sums")
    layer = randomised(OrbitLinear(X, 3, 5, dtype=torch.float64))
    x = noise(2, X.degree, 3)
    numbers = [0] * 4 + [1] + [2] * 4
    bias = layer.bias.reshape(3, 5)
    expected = [x[:, i] @ layer.weight[o].T + bias[o] for i, o in enumerate(numbers)]
    torch.testing.assert_close(layer(x), torch.stack(expected, 1))
    arguments = (x.requires_grad_(),)
    assert torch.autograd.gradcheck(layer, arguments)
    mixed = tk.group([[2, 3, 0, 1, 4]]).natural_module()
    assert_equivariant(randomised(OrbitLinear(mixed, 3, 2)))


def test_embeddings_of_other_modules_are_refused() -> None:
    X, _ = modules("sums")
    G = tk.group("S4")
    other = OrbitEmbedding(G.natural_module() + G.natural_module() + G.regular_module(), 3)
    layer = OrbitEmbedding(X, 3)
    assert other.weight.shape == layer.weight.shape
    with pytest.raises(CheckpointMismatchError, match="source module"):
        layer.load_state_dict(other.state_dict())
    with pytest.raises(ModuleMismatchError, match="shape"):
        layer(torch.zeros(2, 3, 3))


def test_no_channels_and_no_invariants() -> None:
    X, _Y = modules("signed")
    assert OrbitLinear(X, 0, 2)(torch.zeros(3, X.degree, 0)).shape == (3, X.degree, 2)
    assert OrbitLinear(X, 2, 0)(torch.zeros(3, X.degree, 2)).shape == (3, X.degree, 0)
    lone = tk.group("C2").signed_module_from_images([[0]], [[-1]])
    embedding = OrbitEmbedding(lone, 2)
    assert not list(embedding.parameters())
    x = torch.randn(3, 1, 2)
    assert torch.equal(embedding(x), x)
    assert not embedding.values().any()
