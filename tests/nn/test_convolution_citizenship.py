"""Group convolutions as good torch citizens: types, devices, state, compile, export."""

from __future__ import annotations

import copy
import io
import shutil
import warnings

import numpy as np
import pytest
import torch
from field_cases import case, randomised
from torch import nn
from torch.export import Dim, export

import toolkit as tk
from toolkit.errors import CheckpointMismatchError
from toolkit.nn import GroupConvolution, GroupConvolutionTranspose, Window, square_window

NAMES = ("square cross", "square signed", "square of vectors", "segment")
KINDS = (GroupConvolution, GroupConvolutionTranspose)


def make(name="square cross", kind=GroupConvolution, dtype=torch.float64, **options):
    torch.manual_seed(3)
    return randomised(kind(*case(name), 2, 4, dtype=dtype, **options))


def make_input(layer, *leading, dtype=torch.float64):
    torch.manual_seed(7)
    return torch.randn(*leading, layer.X.degree, layer.in_channels, *[6] * layer.window.dimension,
                       dtype=dtype)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("options", [{}, {"stride": 2, "padding": 1, "groups": 2}], ids=str)
def test_gradients(name, kind, options):
    layer = make(name, kind, **options)
    x = make_input(layer, 1).requires_grad_()
    names = [n for n, _ in layer.named_parameters()]

    def run(x, *parameters):
        return torch.func.functional_call(layer, dict(zip(names, parameters, strict=True)), (x,))

    inputs = (x, *layer.parameters())
    assert torch.autograd.gradcheck(run, inputs, fast_mode=True)
    assert torch.autograd.gradgradcheck(run, inputs, fast_mode=True)
    run(*inputs).square().sum().backward()
    for p in layer.parameters():
        assert p.grad.stride() == p.stride()


@pytest.mark.parametrize("kind", KINDS)
def test_any_leading_dimensions(kind):
    layer = make(kind=kind)
    x = make_input(layer, 2, 3)
    whole = layer(x)
    torch.testing.assert_close(whole[1, 2], layer(x[1, 2]))
    torch.testing.assert_close(whole[1], layer(x[1]))
    assert layer(x[:0]).shape == (0, *whole.shape[1:])
    assert layer(x[0, :0]).shape == (0, *whole.shape[2:])
    layer(x[0, :0]).sum().backward()
    assert layer.weight.grad.abs().max() == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("channels", [(0, 3), (3, 0), (0, 0)])
def test_no_channels(kind, channels):
    layer = kind(*case("square"), *channels)
    x = torch.zeros(2, 8, channels[0], 6, 6, requires_grad=True)
    y = layer(x)
    assert y.shape == (2, 8, channels[1], 4, 4) if kind is GroupConvolution else (2, 8, 3, 8, 8)
    if channels[1]:
        nn.init.constant_(layer.bias, 2.0)
        assert (layer(x) == 2).all()
    y.sum().backward()
    assert layer.kernel().numel() == 0
    assert "weight" not in dict(layer.named_parameters())


def test_no_equivariant_kernel():
    window, X, _ = case("series")
    G = window.group
    sign = G.signed_coset_module([{"word": [0]}], [])
    one = Window.fixed(G, (3,))
    layer = GroupConvolution(one, X**0, sign, 2, 3)
    assert layer.weight.shape == (0, 3, 2)
    assert layer(torch.randn(2, 1, 2, 5)).eq(0).all()
    assert layer.kernel().shape == (3, 2, 3)
    assert not list(layer.parameters())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_types(name, kind):
    layer = make(name, kind)
    x = make_input(layer, 2)
    expected = layer(x)
    single = copy.deepcopy(layer).float()
    found = single(x.float())
    assert found.dtype == torch.float32
    torch.testing.assert_close(found.double(), expected, rtol=1e-4, atol=1e-4)
    narrow = copy.deepcopy(layer).bfloat16()
    found = narrow(x.bfloat16())
    assert found.dtype == torch.bfloat16
    assert (found.double() - expected).abs().max() < 0.05 * expected.abs().max()
    torch.testing.assert_close(narrow.double().kernel(), layer.bfloat16().double().kernel())
    with torch.autocast("cpu", torch.bfloat16):
        found = single(x.float())
        assert found.dtype == torch.bfloat16
        assert single(found.new_zeros(x.shape)).dtype == torch.bfloat16
        assert single.double()(x).dtype == torch.float64
    assert (found.double() - expected).abs().max() < 0.05 * expected.abs().max()


def test_places():
    layer = make()
    on_meta = GroupConvolution(*case("square cross"), 2, 4, device="meta", dtype=torch.float64)
    assert on_meta(make_input(layer, 3).to("meta")).shape == (3, 8, 4, 4, 4)
    on_meta.to_empty(device="cpu")
    on_meta.load_state_dict(layer.state_dict())
    x = make_input(layer, 2)
    torch.testing.assert_close(on_meta(x), layer(x))
    skipped = nn.utils.skip_init(GroupConvolution, *case("square cross"), 2, 4, dtype=torch.float64)
    skipped.load_state_dict(layer.state_dict())
    torch.testing.assert_close(skipped(x), layer(x))
    same = []
    for _ in range(2):
        torch.manual_seed(11)
        same.append(GroupConvolution(*case("square cross"), 2, 4))
    assert torch.equal(same[0].weight, same[1].weight)
    same[0].reset_parameters()
    assert not torch.equal(same[0].weight, same[1].weight)
    channels_last = x.flatten(1, 2).contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(layer(channels_last.unflatten(1, x.shape[1:3])), layer(x))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_the_variance_of_outputs(name, kind):
    window, X, Y = case(name)
    torch.manual_seed(0)
    layer = kind(window, X, Y, 64, 64, init="lecun", stride=1 if kind is GroupConvolution else 2)
    x = torch.randn(16, X.degree, 64, *[15 if window.dimension > 1 else 60] * window.dimension)
    with torch.no_grad():
        y = layer(x)
    inner = y[(..., *[slice(5, 5 + 2 * (min(y.shape[3:]) // 2 - 5))] * window.dimension)]
    # simples of Y that do not occur in Fun(K x X) stay 0
    source, basis = (window.module * X).multiplicities, tk.fourier_basis(Y)
    there = sum(len(range(Y.degree)[s.rows]) for s in basis.simples if s.label in source) / Y.degree
    assert there in (1, 7 / 8)
    assert abs(float(inner.square().mean()) / there - 1) < 0.06


@pytest.mark.parametrize("kind", KINDS)
def test_state(kind):
    layer = make(kind=kind)
    state = layer.state_dict()
    assert set(state) == {"weight", "bias", "_extra_state"}
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    again = kind(*case("square cross"), 2, 4, dtype=torch.float64)
    again.load_state_dict(torch.load(file, weights_only=True))
    x = make_input(layer, 2)
    torch.testing.assert_close(again(x), layer(x), rtol=0, atol=0)
    averaged = {k: (v + v) / 2 for k, v in state.items()}
    again.load_state_dict(averaged)
    assigned = kind(*case("square cross"), 2, 4)
    assigned.load_state_dict(state, assign=True)
    torch.testing.assert_close(assigned(x), layer(x), rtol=0, atol=0)


def test_whole_layers_are_saved():
    layer = make("square signed")
    file = io.BytesIO()
    torch.save(layer, file)
    file.seek(0)
    again = torch.load(file, weights_only=False)
    x = make_input(layer, 2)
    torch.testing.assert_close(again(x), layer(x), rtol=0, atol=0)
    assert again.window.specification == layer.window.specification


def test_weights_of_another_window_or_module_are_refused():
    window, X, Y = case("square")
    G = window.group
    layer = GroupConvolution(window, X, Y, 1, 1)
    state = layer.state_dict()
    before = layer.weight.clone()
    flipped = Window(G, window.cells, window.matrices[:, ::-1, ::-1].copy(), shape=window.shape)
    for other in (
        GroupConvolution(flipped, X, Y, 1, 1),
        GroupConvolution(Window(G, window.cells[::-1].copy(), window.matrices), X, Y, 1, 1),
        GroupConvolution(square_window(G, 1), X + X, Y, 1, 1),
    ):
        with pytest.raises(CheckpointMismatchError):
            layer.load_state_dict(other.state_dict())
        with pytest.raises(CheckpointMismatchError):
            other.load_state_dict(state)
    assert torch.equal(layer.weight, before)
    recipe = layer.recipe
    assert recipe["window"]["shape"] == [3, 3]
    assert recipe["weights"] == 72


def test_kept_kernels():
    layer = make()
    x = make_input(layer, 2)
    with torch.no_grad(), tk.nn.prepared():
        first = layer(x)
        torch.testing.assert_close(layer(x), first, rtol=0, atol=0)
        layer.weight.mul_(2)
        layer.bias.mul_(2)
        torch.testing.assert_close(layer(x), 2 * first)
    torch.testing.assert_close(copy.deepcopy(layer)(x), 2 * first)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "name",
    [
        "square cross",
        *(pytest.param(n, marks=pytest.mark.slow) for n in ("square signed", "square of vectors")),
    ],
)
@pytest.mark.quick_cases(1)
def test_compiled(name, kind):
    torch._dynamo.reset()
    layer = make(name, kind)
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager", dynamic=True)
    for batch in (2, 3, 5):
        x = make_input(layer, batch)
        results = []
        for run in (layer, compiled):
            layer.zero_grad()
            y = run(x)
            y.square().sum().backward()
            results.append([y, *(p.grad.clone() for p in layer.parameters())])
        for a, b in zip(*results, strict=True):
            torch.testing.assert_close(a, b)
    torch._dynamo.reset()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="inductor needs a C++ compiler")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what inductor imports
@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_compiled_for_images_of_several_sizes(kind):
    """From the second size on sizes are symbols, which torch's own view and convolution refuse."""
    torch._dynamo.reset()
    layer = make("square cross", kind, dtype=torch.float32)
    compiled = torch.compile(layer, fullgraph=True)
    for size in ((6, 7), (9, 5), (8, 8)):
        x = torch.randn(2, layer.X.degree, layer.in_channels, *size, requires_grad=True)
        results = []
        for run in (layer, compiled):
            y = run(x)
            results.append([y, *torch.autograd.grad(y.square().sum(), [x, *layer.parameters()])])
        for a, b in zip(*results, strict=True):
            torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)
    torch._dynamo.reset()


@pytest.mark.parametrize("kind", KINDS)
def test_exported(kind):
    layer = make("square signed", kind, groups=2)
    program = export(layer, (make_input(layer, 2),), dynamic_shapes=({0: Dim("batch")},))
    for batch in (2, 5):
        x = make_input(layer, batch)
        torch.testing.assert_close(program.module()(x), layer(x))
    assert set(program.state_dict) == {"weight", "bias"} & set(dict(layer.named_parameters()))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.quick_cases(1)
def test_onnx(kind):
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    layer = make("square cross", kind, dtype=torch.float32).eval()
    x = make_input(layer, 2, dtype=torch.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        program = torch.onnx.export(
            layer, (x,), dynamo=True, dynamic_shapes=({0: Dim("batch")},), verbose=False
        )
    session = onnxruntime.InferenceSession(
        program.model_proto.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    (name,) = [i.name for i in session.get_inputs()]
    for batch in (2, 5):
        x = make_input(layer, batch, dtype=torch.float32)
        found = session.run(None, {name: x.numpy()})[0]
        expected = layer(x).detach().numpy()
        assert np.abs(found - expected).max() < 1e-5 * np.abs(expected).max()


def test_transforms_of_functions():
    layer = make()
    x = make_input(layer, 3)
    each = torch.func.vmap(layer)(x)
    torch.testing.assert_close(each, layer(x))
    gradient = torch.func.grad(lambda w: torch.func.functional_call(
        layer, {"weight": w}, (x,)).square().sum())(layer.weight.detach())  # fmt: skip
    layer(x).square().sum().backward()
    torch.testing.assert_close(gradient, layer.weight.grad)


def test_print():
    text = repr(make())
    assert "5 cells of 3 x 3 window, 4 points -> regular module of D8" in text
    assert "stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1, padding_mode='zeros'" in text
    assert "output_padding=(0, 0)" in repr(make(kind=GroupConvolutionTranspose))
