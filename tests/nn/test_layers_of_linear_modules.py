"""Linear layers between modules of all kinds, some given by matrices, against brute force."""

from __future__ import annotations

import copy
import io
import warnings

import numpy as np
import pytest
import torch
from all_elements import all_elements
from torch.export import Dim, export
from vector_cases import MODULES, skewed

import toolkit as tk
from toolkit.errors import CheckpointMismatchError, IllegalActivationError, ModuleMismatchError
from toolkit.modules.module import Module, hom_dimension
from toolkit.testing import NotEquivariantError, assert_equivariant, equivariance_error

METHODS = ("dense", "spectral")


def pair(name: str) -> tuple[Module, Module]:
    """Return modules of input and output, at least one of which is linear."""
    G = tk.group("S4")
    V = G.simple_module("L3")
    return {
        "vectors": lambda: (V, V + V),
        "vectors to points": lambda: (V, G.natural_module() + G.regular_module()),
        "points to tensors": lambda: (G.natural_module(), V * V),
        "signs to vectors": lambda: (G.signed_coset_module("N3", "N2") + G.natural_module(), V + V),
        "complex": lambda: (skewed("C5", "L1"), tk.group("C5").regular_module()),
        "quaternions": lambda: (skewed("Q8", "L4"), skewed("Q8", "L4")),
    }[name]()


PAIRS = (
    "vectors", "vectors to points", "points to tensors", "signs to vectors", "complex",
    "quaternions",
)  # fmt: skip


def make(name: str, method: str = "spectral", channels: tuple[int, int] = (2, 3)):
    torch.manual_seed(0)
    X, Y = pair(name)
    layer = tk.nn.EquivariantLinear(X, Y, *channels, method=method, dtype=torch.float64)
    with torch.no_grad():
        for p in layer.parameters():
            p.copy_(torch.randn(p.shape))
    return layer


def make_input(layer: torch.nn.Module, *batch: int) -> torch.Tensor:
    return torch.randn(*batch, layer.X.degree, layer.in_channels, dtype=torch.float64)


@pytest.mark.parametrize("name", PAIRS)
def test_the_space_of_maps_is_whole(name: str) -> None:
    """The mean over all elements of W M V^-1, of every M: its rank is the number of weights."""
    X, Y = pair(name)
    elements = all_elements(X, Y)
    projection = sum(np.kron(b, np.linalg.inv(a).T) for a, b in elements) / len(elements)
    layer = make(name, "dense", (1, 1))
    count = layer.hom_space.count
    assert count == hom_dimension(X, Y) == round(float(np.trace(projection)))
    maps = []
    for i in range(count):
        with torch.no_grad():
            layer.weight.copy_(torch.eye(count)[i].reshape(-1, 1, 1))
        maps.append(layer.matrix().reshape(-1).numpy())
    assert np.abs(np.array(maps) @ projection.T - maps).max() < 1e-10
    assert np.linalg.matrix_rank(np.array(maps)) == count
    fixed = sum(b for _, b in elements) / len(elements)
    assert layer.hom_space.bias_count == round(float(np.trace(fixed)))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", PAIRS)
def test_all_elements_of_the_group(name: str, method: str) -> None:
    layer = make(name, method)
    x = make_input(layer, 4)
    y = layer(x)
    for on_x, on_y in all_elements(layer.X, layer.Y):
        moved = layer(torch.from_numpy(on_x) @ x)
        torch.testing.assert_close(moved, torch.from_numpy(on_y) @ y, rtol=1e-9, atol=1e-9)
    assert_equivariant(layer)
    dense = layer.to_dense()
    torch.testing.assert_close(dense(x.flatten(-2)), y.flatten(-2))
    other = copy.deepcopy(layer)
    other.set_method("spectral" if method == "dense" else "dense")
    torch.testing.assert_close(other(x), y)
    assert layer(x[:0]).shape == (0, *y.shape[1:])
    torch.testing.assert_close(layer(x[None, None])[0, 0], y)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", PAIRS)
def test_derivatives(name: str, method: str) -> None:
    layer = make(name, method, (2, 1))
    parameters = dict(layer.named_parameters())

    def called(x: torch.Tensor, *values: torch.Tensor) -> torch.Tensor:
        return torch.func.functional_call(layer, dict(zip(parameters, values, strict=True)), (x,))

    inputs = (make_input(layer, 2).requires_grad_(), *parameters.values())
    assert torch.autograd.gradcheck(called, inputs, fast_mode=True)
    assert torch.autograd.gradgradcheck(called, inputs, fast_mode=True)


@pytest.mark.parametrize("name", PAIRS)
def test_states(name: str) -> None:
    layer = make(name)
    x = make_input(layer, 3)
    file = io.BytesIO()
    torch.save(layer.state_dict(), file)
    file.seek(0)
    state = torch.load(file, weights_only=True)
    again = tk.nn.EquivariantLinear(*pair(name), 2, 3, method="dense", dtype=torch.float64)
    again.load_state_dict(state)
    torch.testing.assert_close(again(x), layer(x))
    assert set(state) == {"weight", "_extra_state", *(["bias"] if layer.bias.numel() else [])}
    assert {k: v.shape for k, v in layer.fourier_blocks().items()} == {
        k: v.shape for k, v in again.fourier_blocks().items()
    }


def test_a_state_of_other_matrices_is_refused() -> None:
    G = tk.group("C4")
    turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    V, W = G.linear_module([turn]), G.linear_module([turn.T])
    layer = tk.nn.EquivariantLinear(V, V, 1, 1)
    same = G.linear_module([turn], name="another name")
    tk.nn.EquivariantLinear(same, same, 1, 1).load_state_dict(layer.state_dict())
    with pytest.raises(CheckpointMismatchError):
        tk.nn.EquivariantLinear(W, W, 1, 1).load_state_dict(layer.state_dict())


def test_types() -> None:
    layer = make("vectors to points")
    x = make_input(layer, 4)
    expected = layer(x)
    half = copy.deepcopy(layer).bfloat16()
    torch.testing.assert_close(half(x.bfloat16()).double(), expected, rtol=0.1, atol=0.3)
    torch.testing.assert_close(half.double().float().double().weight, half.weight)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = copy.deepcopy(layer).float()(x.float())
    assert mixed.dtype == torch.bfloat16
    torch.testing.assert_close(mixed.double(), expected, rtol=0.1, atol=0.3)
    with torch.device("meta"):
        empty = tk.nn.EquivariantLinear(layer.X, layer.Y, 2, 3)
    empty.to_empty(device="cpu").double().load_state_dict(layer.state_dict())
    torch.testing.assert_close(empty(x), expected)


@pytest.mark.parametrize(
    "method", [METHODS[0], *(pytest.param(m, marks=pytest.mark.slow) for m in METHODS[1:])]
)
def test_compiled_and_exported(method: str) -> None:
    model = torch.nn.Sequential(
        make("vectors to points", method), torch.nn.GELU(),
        tk.nn.EquivariantLinear(*reversed(pair("vectors to points")), 3, 2, method=method).double(),
    )  # fmt: skip
    x = make_input(model[0], 4)
    torch._dynamo.reset()
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager", dynamic=True)
    program = export(model, (x,), dynamic_shapes=({0: Dim("batch")},))
    for batch in (2, 7):
        x = make_input(model[0], batch)
        torch.testing.assert_close(compiled(x), model(x))
        torch.testing.assert_close(program.module()(x), model(x))
    for p, q in zip(
        torch.autograd.grad(compiled(x).square().sum(), list(model.parameters())),
        torch.autograd.grad(model(x).square().sum(), list(model.parameters())),
        strict=True,
    ):
        torch.testing.assert_close(p, q)
    assert set(program.state_dict) == set(dict(model.named_parameters()))


@pytest.mark.slow
def test_a_model_in_onnxruntime() -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    X, Y = pair("vectors to points")
    layers = [make("vectors to points", "dense")]
    layers += [tk.nn.EquivariantLinear(Y, X, 3, 2, method="spectral")]
    model = torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1]).float().eval()
    x = make_input(layers[0], 4).float()
    with warnings.catch_warnings():
        # the exporter's own libraries use what others deprecate
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        program = torch.onnx.export(
            model, (x,), dynamo=True, dynamic_shapes=({0: Dim("batch")},), verbose=False
        )
    assert program is not None
    session = onnxruntime.InferenceSession(
        program.model_proto.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    x = make_input(layers[0], 6).float()
    found = session.run(None, {session.get_inputs()[0].name: x.numpy()})[0]
    assert np.abs(found - model(x).detach().numpy()).max() < 1e-4


@pytest.mark.parametrize("name", PAIRS)
def test_every_simple_keeps_its_variance(name: str) -> None:
    torch.manual_seed(0)
    X, Y = pair(name)
    source, target = tk.fourier_basis(X), tk.fourier_basis(Y)
    layer = tk.nn.EquivariantLinear(X, Y, 64, 64, False, init="lecun", dtype=torch.float64)
    inputs = np.random.default_rng(0).normal(size=(X.degree, 64 * 200))
    x = torch.from_numpy(source.synthesise(inputs)).reshape(X.degree, 200, 64).transpose(0, 1)
    y = layer(x).detach().transpose(0, 1).reshape(Y.degree, -1).numpy()
    common = {s.label for s in source.simples}
    for simple in target.simples:
        own = target.analyse(y)[simple.rows]
        expected = 1.0 if simple.label in common else 0.0
        assert abs(float((own**2).mean()) - expected) < 0.15


def test_restricted_to_a_subgroup() -> None:
    layer = make("points to tensors")
    x = make_input(layer, 4)
    smaller = layer.restrict([[1, 2, 0, 3]])
    torch.testing.assert_close(smaller(x), layer(x))
    assert smaller.hom_space.count == hom_dimension(smaller.X, smaller.Y) > layer.hom_space.count
    assert_equivariant(smaller)


def test_induced_and_inflated() -> None:
    C = tk.group("C3")
    turn = C.linear_module([[[-0.5, -(3**0.5) / 2], [3**0.5 / 2, -0.5]]], "turn")
    layer = tk.nn.EquivariantLinear(turn, C.natural_module() + turn, 2, 3, dtype=torch.float64)
    x = torch.randn(4, 2, 2, dtype=torch.float64)
    bigger = tk.nn.induced_layer(layer, tk.group("S3"), [[1, 2, 0]])
    assert_equivariant(bigger)
    both = torch.cat([x, 2 * x], dim=1)
    torch.testing.assert_close(bigger(both), torch.cat([layer(x), layer(2 * x)], dim=1))
    group = tk.group("C6")
    inflated = tk.nn.inflated_layer(layer, group, [{"word": [0]}])
    assert inflated.X.home == group
    torch.testing.assert_close(inflated(x), layer(x))
    assert_equivariant(inflated)


def test_tuned_and_printed() -> None:
    layer = make("vectors")
    assert set(layer.tune(make_input(layer, 4))) == {"dense", "spectral"}
    assert layer.method in METHODS
    assert "dimension" not in repr(layer)
    assert "parametrization='fourier'" in repr(layer)
    chosen = tk.nn.EquivariantLinear(layer.X, layer.Y, 2, 3)
    assert chosen.method in METHODS
    assert "dense" in repr(chosen)
    assert "spectral" in repr(chosen)


def test_what_needs_points_is_refused() -> None:
    X, Y = pair("vectors to points")
    for method in ("structured", "fast", "fft", "kronecker"):
        with pytest.raises(ModuleMismatchError, match='use "dense" or "spectral"'):
            tk.nn.EquivariantLinear(X, Y, 1, 1, method=method)
    with pytest.raises(ModuleMismatchError, match='use "fourier" or "auto"'):
        tk.nn.EquivariantLinear(X, Y, 1, 1, parametrization="orbit")
    layer = tk.nn.EquivariantLinear(X, Y, 1, 1)
    with pytest.raises(ModuleMismatchError, match=r"use .fourier_blocks\(\)"):
        layer.orbit_weights()
    with pytest.raises(ModuleMismatchError, match='use "fourier"'):
        layer.set_weights(layer.weight)
    layer.set_weights(2 * layer.weight, "fourier")
    with pytest.raises(ModuleMismatchError, match="one group"):
        tk.nn.EquivariantLinear(X, tk.group("S3").regular_module(), 1, 1)
    with pytest.raises(ModuleMismatchError, match="InvariantNorms"):
        tk.nn.InvariantPooling(X)


def test_no_common_simple_and_no_channels() -> None:
    G = tk.group("S4")
    V, W = G.simple_module("L3"), G.simple_module("L4")
    layer = tk.nn.EquivariantLinear(V, W, 2, 3)
    assert layer.is_zero
    assert not layer(torch.randn(5, 3, 2)).any()
    assert not list(layer.parameters())
    empty = tk.nn.EquivariantLinear(V, V, 0, 3)
    assert empty(torch.zeros(5, 3, 0)).shape == (5, 3, 3)


# -- networks -----------------------------------------------------------------------------------


def test_an_activation_on_vectors_is_refused_and_the_hints_work() -> None:
    V = tk.group("S4").simple_module("L3")
    with pytest.raises(IllegalActivationError) as caught:
        tk.nn.Pointwise("relu", V)
    message = str(caught.value)
    for word in ("NormActivation(V, channels)", "Gated(V, channels)", "Frame(V)", "matrix 0 has"):
        assert word in message
    for activation in (tk.nn.NormActivation, tk.nn.Gated, tk.nn.Frame):
        net = tk.nn.EquivariantMLP(V, [2, 4, 4, 1], activation)
        assert net(torch.randn(5, 3, 2)).shape == (5, 3, 1)
        assert_equivariant(net)
        net.reset_parameters()
    icosahedral = tk.group("A5").simple_module("L1")
    for activation in ("tanh", torch.relu):  # the coordinates are mixed: odd ones do not help
        with pytest.raises(IllegalActivationError):
            tk.nn.EquivariantMLP(icosahedral, [1, 4, 1], activation)
    assert tk.nn.Pointwise("identity", V)(torch.ones(2, 3, 1)).sum() == 6
    points = tk.modules.LinearModule.of(tk.group("S4").natural_module())
    assert tk.nn.Pointwise("relu", points)(torch.ones(2, 4, 1)).sum() == 8


def test_networks_with_vectors_at_the_ends() -> None:
    G = tk.group("S4")
    V, X = G.simple_module("L3"), G.regular_module()
    net = tk.nn.EquivariantMLP([V, X, X, V], [2, 4, 4, 1], "relu", normalisation="rms")
    assert_equivariant(net)
    invariant = tk.nn.EquivariantMLP([V, X], [2, 4], "relu", invariant_head=3)
    assert invariant(torch.randn(5, 3, 2)).shape == (5, 3)
    assert_equivariant(invariant)
    norms = tk.nn.EquivariantMLP([V, V], [2, 4], tk.nn.NormActivation, invariant_head=3)
    assert norms(torch.randn(5, 3, 2)).shape == (5, 3)
    assert_equivariant(norms)
    with pytest.raises(ModuleMismatchError, match="linear module without points"):
        tk.nn.EquivariantMLP(V, [2, 4, 1], tk.nn.Gated, normalisation="layer")
    own = tk.nn.NormActivation(X, 4)
    with pytest.raises(ModuleMismatchError, match="must end on it"):
        tk.nn.EquivariantMLP(V, [2, 4, 1], own)
    for layer in (tk.nn.NormActivation, tk.nn.Gated):
        with pytest.raises(ModuleMismatchError, match="must take and return 4 channels"):
            tk.nn.EquivariantMLP(V, [2, 4, 1], layer(V, 3))


def test_what_is_not_equivariant_is_seen() -> None:
    V = tk.group("S4").simple_module("L3")
    found = equivariance_error(torch.relu, V)
    assert found.error > 0.1
    assert found.worst_simple == "L3"
    assert found.shares == pytest.approx({"L3": 1.0})
    with pytest.raises(NotEquivariantError, match="largest at coordinate"):
        assert_equivariant(torch.relu, V)
    skew = MODULES["complex"]()
    assert sum(equivariance_error(torch.relu, skew).shares.values()) == pytest.approx(1)
