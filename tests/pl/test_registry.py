"""The registry of activations: one row is all that a new activation needs."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import UnsupportedActivationError
from toolkit.pl.activations.activation import find_activation
from toolkit.pl.activations.affine_pieces import affine_pieces, jumping_kinks
from toolkit.pl.activations.parity_parts import ParityPart
from toolkit.pl.activations.registry import ACTIVATIONS, Row
from toolkit.pl.activations.torch_functions import Torch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def threshold(t: Floats, least: float, below: float) -> Floats:
    """Return t above ``least``, else ``below``."""
    return np.where(t > least, t, below)


NEW = Row(
    "threshold",
    (ParityPart((), "free"), ParityPart((), "free")),
    threshold,
    (("least", 1.0), ("below", 0.0)),
    kinks=lambda least, below: (least,),
    pieces=lambda least, below: ((0.0, 1.0), (below, 0.0)),
    torch=Torch("nn.functional.threshold", "Threshold", ("threshold", "value")),
    aliases=("cut",),
)
GAUSS = Row(
    "gauss",
    (ParityPart((), "free"), ParityPart()),
    lambda t: np.exp(-t * t / 2),
    # E exp(-(a^2 + b^2)/2) = 1/sqrt((1 + s)^2 - s^2 t^2)
    dual=lambda t, variance: 1 / np.sqrt((1 + variance) ** 2 - (variance * t) ** 2),
    torch=Torch(lambda t: (-t * t / 2).exp()),
)


@pytest.fixture(autouse=True)
def _new_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    for row in (NEW, GAUSS):
        monkeypatch.setitem(ACTIVATIONS, row.name, row)


def test_names_and_parts() -> None:
    f = find_activation("threshold(0.5, -2)")
    assert f.name == "threshold(0.5,-2)"
    assert f([0.4, 0.6]).tolist() == [-2.0, 0.6]
    assert (f.kinks, f.parts_are) == ((0.5,), "exact")
    assert find_activation("cut") is find_activation("threshold")
    assert f.has_even_part
    assert f.has_odd_part
    with pytest.raises(UnsupportedActivationError, match="threshold takes least, below, found 3"):
        find_activation("cut(1,2,3)")
    with pytest.raises(UnsupportedActivationError, match="heaviside, threshold, gauss, t"):
        find_activation("nonsense")


def test_graphs_and_transfer() -> None:
    X = tk.group("C8").regular_module()
    graph = tk.interaction_graph(X, "threshold")
    # as for any activation with both parts and no polynomial
    assert set(graph.edges) == set(tk.interaction_graph(X, "elu").edges)
    assert tk.transfer_matrix(X, "threshold").sum(axis=1) == pytest.approx(np.ones(5))
    even = tk.interaction_graph(X, "gauss")
    assert set(even.edges) == set(tk.interaction_graph(X, "abs").edges)
    known = find_activation("gauss")
    numeric = tk.Activation("slow", known.even_part, known.odd_part, function=known.function)
    closed, slow = (tk.transfer_matrix(X, f, variance=0.7) for f in ("gauss", numeric))
    assert closed == pytest.approx(slow, abs=1e-11)
    assert tk.closure(X, ["L3"], "gauss") == tk.closure(X, ["L3"], "abs")
    assert tk.legality([[[0, -1], [1, 0]]], "gauss").is_legal is False


def test_affine_pieces() -> None:
    pieces = affine_pieces(find_activation("threshold(1, 0.5)"))
    assert pieces is not None
    assert pieces.is_exact
    assert (pieces.kinks.tolist(), pieces.slopes.tolist()) == ([1.0], [0.0, 1.0])
    assert jumping_kinks(find_activation("threshold(1, 0.5)")).tolist() == [1.0]
    assert jumping_kinks(find_activation("threshold(1, 1)")).tolist() == []
    assert affine_pieces(find_activation("gauss")) is None


@pytest.mark.parametrize("name", ["threshold(0.3, 0.3)", "gauss"])
def test_maps_layers_and_tensors(name: str) -> None:
    torch = pytest.importorskip("torch")
    X = tk.group("S4").natural_module()
    phi = tk.pl_map(X, "L3", "L3", name)
    assert phi.is_piecewise_linear == (name != "gauss")
    v = np.random.default_rng(0).standard_normal((5, 3))
    assert np.allclose(phi(torch.from_numpy(v)).numpy(), phi(v), atol=1e-12)
    layer = tk.nn.Pointwise(name, X)
    assert layer.activation is find_activation(name)
    t = torch.linspace(-3, 3, 41, dtype=torch.float64)
    assert np.allclose(layer.function(t).numpy(), layer.activation(t.numpy()), atol=1e-12)


def test_torch_is_recognised() -> None:
    torch = pytest.importorskip("torch")
    assert find_activation(torch.nn.Threshold(0.5, -2.0)).name == "threshold(0.5,-2)"
    assert find_activation(torch.nn.Threshold(1.0, 0.0)) is find_activation("threshold")
    assert find_activation(torch.nn.functional.threshold).name == "threshold"
    with pytest.raises(UnsupportedActivationError, match="Identity, Threshold; for a function"):
        find_activation(torch.nn.Linear(2, 2))


def test_without_its_row_it_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(ACTIVATIONS, "gauss")
    with pytest.raises(UnsupportedActivationError, match="no activation is called 'gauss'"):
        find_activation("gauss")


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_row_fits_its_torch_module(name: str) -> None:
    torch = pytest.importorskip("torch")
    place = ACTIVATIONS[name].torch
    t = torch.linspace(-9, 9, 301, dtype=torch.float64)
    f = find_activation(name)
    assert np.allclose(f.on_tensors(t).numpy(), f(t.numpy()), atol=1e-9)
    if place.module:
        module: Any = getattr(torch.nn, place.module)(**dict(place.requires[:1]))
        assert find_activation(module) is f
        with torch.no_grad():
            assert np.allclose(module.double()(t).numpy(), f(t.numpy()), atol=1e-8)


def test_pl_does_not_import_torch() -> None:
    code = (
        "import sys, toolkit as tk\n"
        "X = tk.group('C4').regular_module()\n"
        "tk.interaction_graph(X, 'gelu'); tk.pl_map(X, 'L1', 'L0', 'relu')([1.0])\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_face_of_the_room() -> None:
    from toolkit import pl

    for name in pl.__all__:
        assert getattr(pl, name).__name__ == name
    assert pl.Interactions(tk.group("C4").regular_module(), "relu").labels == ("L0", "L1", "L2")
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = pl.nonsense
    code = (
        "import sys, toolkit.pl\nassert not [m for m in sys.modules if m.startswith('toolkit.pl.')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
