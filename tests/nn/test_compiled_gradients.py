"""Training under ``torch.compile`` with its default backend: the same gradients as without it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import torch
from compiled_gradients import (
    COMPILED,
    FEW,
    SideBySide,
    deviations,
    layer,
    methods,
    worst,
)
from layer_cases import PARAMETRIZATIONS, modules
from torch import nn

import toolkit as tk
from toolkit.nn.linear.tensors.point_maps import WORKAROUND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [
    pytest.mark.skipif(shutil.which("g++") is None, reason="inductor needs a C++ compiler"),
    # inductor itself imports what Python deprecates, and runs complex numbers unfused
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore:Torchinductor does not support code generation for complex"),
]


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()
    torch.set_num_threads(1)


def all_methods(name: str, parametrization: str, dtype: torch.dtype) -> list[nn.Module]:
    return [layer(name, m, parametrization, (4, 4), dtype) for m in methods(name)]


def inputs(layers: list[nn.Module], batch: int) -> list[torch.Tensor]:
    torch.manual_seed(batch)
    return [
        torch.randn(batch, one.X.degree, one.in_channels, dtype=one.weight.dtype) for one in layers
    ]


#: Every method in every parametrisation, and on every kind of module the two where torch alone
#: is wrong whatever the transform: compiling is slow.
CELLS = {
    "abelian": ("structured", "dense", "fft"),
    "non-abelian": ("structured", "dense", "fast"),
    "signed": ("structured", "dense", "spectral"),
    "sum": ("structured", "dense"),
    "product": ("structured", "dense", "kronecker", "pooled"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_methods_side_by_side(name: str, parametrization: str) -> None:
    """Two threads, as torch is wrong with more than one, and in different ways than with one."""
    torch.set_num_threads(2)
    layers: list[nn.Module] = [layer(name, method, parametrization) for method in CELLS[name]]
    model = SideBySide(layers)
    compiled = torch.compile(model, fullgraph=True)
    assert not worst(deviations(model, compiled, *inputs(layers, 8)), torch.float32)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "channels"),
    [(name, (4, 4)) for name in COMPILED]
    + [(name, (16, 16)) for name in ("non-abelian", "natural", "S5")],
)
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_each_method_alone(name: str, parametrization: str, channels: tuple[int, int]) -> None:
    """Fused with nothing but itself, with a batch that changes."""
    torch.set_num_threads(2)
    for method in methods(name):
        torch._dynamo.reset()
        model = layer(name, method, parametrization, channels)
        compiled = torch.compile(model, fullgraph=True)
        for batch in (8, 5):
            found = deviations(model, compiled, *inputs([model], batch))
            assert not worst(found, torch.float32), method


@pytest.mark.slow
@pytest.mark.parametrize("name", FEW)
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
@pytest.mark.parametrize(
    ("threads", "dtype", "dynamic"),  # every two of these settings meet
    [
        (1, torch.float32, True),
        (1, torch.float64, False),
        (4, torch.float32, False),
        (4, torch.float64, True),
    ],
)
def test_threads_types_and_shapes(
    name: str, parametrization: str, threads: int, dtype: torch.dtype, dynamic: bool
) -> None:
    torch.set_num_threads(threads)
    layers = all_methods(name, parametrization, dtype)
    model = SideBySide(layers)
    compiled = torch.compile(model, fullgraph=True, dynamic=dynamic)
    for batch in (8, 5) if dynamic else (8,):
        assert not worst(deviations(model, compiled, *inputs(layers, batch)), dtype)


class Masked(nn.Module):
    """Deep Sets on sets of two sizes and one that is empty."""

    def __init__(self, pool: str) -> None:
        super().__init__()
        self.net = tk.nn.DeepSets([2, 4, 4], head=[4, 2], pool=pool)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mask = torch.arange(x.shape[1])[None] < torch.tensor([[5], [0], [2], [5]])
        return self.net(x, mask)


def networks(quick: bool = False) -> tuple[list[nn.Module], list[torch.Tensor]]:
    """Every kind of layer and network that gathers, or a few of them, with an input for each."""
    torch.manual_seed(0)
    G = tk.group("S4")
    X, Y = G.regular_module(), G.natural_module()
    D = tk.group("D16").regular_module()
    signed, _ = modules("signed")
    line = tk.nn.periodic_convolution((12,), 2, 2)
    four_axes = tk.nn.periodic_convolution((3, 3, 3, 3), 1, 2, kernel_size=2)
    cycle = tk.nn.graph_layer(_cycle(), 2, 2)
    trimmed = tk.interpret.trim(tk.nn.EquivariantMLP(X, [1, 4, 2]), ["L0", "L3"])
    kept = [
        (tk.nn.EquivariantMLP([Y, X, Y], [2, 4, 2]), (4, 4, 2)),
        (tk.nn.EquivariantMLP(D, [2, 4, 2], "gelu", normalisation="layer"), (4, 16, 2)),
        (tk.nn.EquivariantMLP(signed, [2, 4, 2], "tanh"), (4, signed.degree, 2)),
        (tk.nn.EquivariantMLP(X, [2, 4], invariant_head=3), (4, 24, 2)),
        (line, (4, 12, 2)),
        (four_axes, (2, 81, 1)),
        (cycle, (4, 6, 2)),
        (trimmed, (4, 24, 1)),
        (Masked("max"), (4, 5, 2)),
        (Masked("mean"), (4, 5, 2)),
        (tk.nn.EquivariantUnpooling(Y, X), (4, 4, 2)),
        *((tk.nn.InvariantPooling(X + Y, how), (4, 28, 2)) for how in ("mean", "sum", "max")),
        *((tk.nn.EquivariantPooling(X, Y, how), (4, 24, 2)) for how in ("mean", "sum", "max")),
    ]
    if quick:
        kept = [kept[i] for i in (0, 5, 7, 8, 10, 16)]
    return [model for model, _ in kept], [torch.randn(*size) for _, size in kept]


def _cycle():
    import networkx as nx

    return nx.cycle_graph(6)


@pytest.mark.slow
def test_networks() -> None:
    torch.set_num_threads(2)
    layers, xs = networks(quick=True)
    model = SideBySide(layers)
    compiled = torch.compile(model, fullgraph=True)
    assert not worst(deviations(model, compiled, *xs), torch.float32)


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("number", range(17))
def test_networks_alone(number: int, threads: int) -> None:
    torch.set_num_threads(threads)
    layers, xs = networks()
    assert len(layers) == 17
    model, x = layers[number], xs[number]
    compiled = torch.compile(model, fullgraph=True)
    assert not worst(deviations(model, compiled, x), torch.float32)


def per_sample(model: nn.Module, x: torch.Tensor) -> dict[str, torch.Tensor]:
    """Gradients of each sample alone with respect to the input and to the weights."""

    def loss(parameters: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
        return torch.func.functional_call(model, parameters, (x,)).square().sum()

    gradients = torch.func.vmap(torch.func.grad(loss, argnums=(0, 1)), in_dims=(None, 0))
    weights, own = gradients(dict(model.named_parameters()), x)
    return {"x": own, **weights}


def of_a_closure(model: nn.Module, x: torch.Tensor) -> dict[str, torch.Tensor]:
    return {"x": torch.func.grad(lambda t: model(t).square().sum())(x)}


def forward_mode(model: nn.Module, x: torch.Tensor) -> dict[str, torch.Tensor]:
    return {"y": torch.func.jvp(model, (x,), (torch.ones_like(x),))[1]}


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["aot_eager", "inductor"])
@pytest.mark.parametrize("transform", [per_sample, of_a_closure, forward_mode])
@pytest.mark.parametrize(
    "cell", [("non-abelian", "structured", "orbit"), ("natural", "dense", "fourier")]
)
def test_transforms_in_compiled_code(
    cell: tuple[str, str, str],
    transform: Callable[[nn.Module, torch.Tensor], dict[str, torch.Tensor]],
    backend: str,
) -> None:
    model = layer(*cell, dtype=torch.float64)
    x = torch.randn(3, model.X.degree, 4, dtype=torch.float64)
    compiled = torch.compile(transform, fullgraph=True, backend=backend)
    torch.testing.assert_close(compiled(model, x), transform(model, x))


@pytest.mark.slow
def test_gathers_are_fused() -> None:
    """The compiler takes our operators apart: none is called in compiled code."""
    from torch._inductor.utils import run_and_get_code

    model = layer("abelian", "structured", "orbit")
    x = torch.randn(8, 16, 4, requires_grad=True)
    compiled = torch.compile(model, fullgraph=True)
    _, sources = run_and_get_code(lambda: compiled(x).sum().backward())
    assert len(sources) == 2
    assert not any("plrep_toolkit" in source for source in sources)


def _gathers(x: torch.Tensor, orders: list[torch.Tensor]) -> torch.Tensor:
    return torch.cat([x, *(x.index_select(1, order) for order in orders)], dim=2)


@pytest.mark.slow
def test_torch_alone_is_still_wrong() -> None:
    """Once torch is right, :mod:`toolkit.nn.linear.tensors.point_maps` needs no derivatives."""
    if torch.__version__ < WORKAROUND[-1]:
        pytest.skip("an older torch, wrong for other numbers of gathers")
    torch.manual_seed(0)
    orders = [torch.randperm(16) for _ in range(15)]
    weight = torch.randn(8, 16, 64)
    gradients = []
    for run in (_gathers, torch.compile(_gathers)):
        x = torch.ones(8, 16, 4, requires_grad=True)
        (run(x, orders) * weight).sum().backward()
        gradients.append(x.grad)
    eager, compiled = gradients
    assert (eager - compiled).norm() > 0.01 * eager.norm(), (
        f"torch {torch.__version__} compiles fused gathers rightly: try to take the own "
        "derivatives out of toolkit/nn/linear/tensors/point_maps.py, and see whether this file "
        "passes"
    )
