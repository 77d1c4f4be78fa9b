"""The tolerance that find_symmetry chooses: types, decimals, noise, and no symmetry by chance."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import NamingError
from toolkit.library.symmetry.coincidences import LEVEL
from toolkit.library.symmetry.resolution import resolution_of

if TYPE_CHECKING:
    from collections.abc import Callable

Array = np.ndarray[Any, Any]

CUBE = np.array(list(product([-1.0, 1.0], repeat=3)))
GOLDEN = (1 + 5**0.5) / 2
ICOSAHEDRON = np.array(
    [np.roll([0, a, b * GOLDEN], k) for a in (1, -1) for b in (1, -1) for k in range(3)]
)


def ring(n: int) -> Array:
    angle = 2 * np.pi * np.arange(n) / n
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def kernel(n: int) -> Array:
    points = ring(n)
    return np.asarray(np.exp(-((points[:, None] - points[None]) ** 2).sum(axis=2)))


def graph_of(matrix: Any) -> Any:
    graph = nx.Graph()
    for i in range(len(matrix)):
        graph.add_edges_from((i, j, {"weight": matrix[i, j]}) for j in range(i))
    return graph


def points(data: Any, **options: Any) -> int:
    return int(tk.find_symmetry(data, kind="points", **options).order)


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.float16])
def test_points_of_any_type(kind: Any) -> None:
    assert points(ring(6).astype(kind)) == 12
    assert points(ICOSAHEDRON.astype(kind)) == 120
    assert points(ICOSAHEDRON.astype(kind).tolist()) == 120  # its digits are seen


@pytest.mark.parametrize(
    "name", [pytest.param("float32", marks=pytest.mark.slow), "float16", "bfloat16"]
)
def test_tensors_of_any_type(name: str) -> None:
    torch = pytest.importorskip("torch")
    kind = getattr(torch, name)
    assert points(torch.tensor(ICOSAHEDRON).to(kind)) == 120
    own = torch.tensor(kernel(12)).to(kind)
    assert tk.find_symmetry(own, kind="matrix").order == 24
    assert tk.find_symmetry(own, kind="layer").order == 24


@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_matrices_graphs_and_layers_of_any_type(kind: Any) -> None:
    own = kernel(12).astype(kind)
    assert tk.find_symmetry(own, kind="matrix").order == 24
    assert tk.find_symmetry(graph_of(own)).order == 24
    assert tk.find_symmetry(own, kind="layer").order == 24


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("digits", [4, 3, 2])
def test_rounded_coordinates_of_a_flat_molecule(seed: int, digits: int) -> None:
    flat = np.concatenate([1.397 * ring(6), 2.481 * ring(6)])
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    benzene = np.concatenate([flat, np.zeros((12, 1))], axis=1) @ turn + [0.3, 1.0, 2.0]
    found = tk.find_symmetry(benzene.round(digits), kind="points", labels=["C"] * 6 + ["H"] * 6)
    assert found.order == 12
    assert found.decisions[0].how == "rounding"
    assert f"rounded to {digits} decimals" in found.decisions[0].detail
    assert found.residual < 2 * 10.0**-digits
    assert found.facts["space_residual"] < 1e-12


def test_resolutions() -> None:
    values = np.random.default_rng(0).normal(size=50)
    assert resolution_of(values, "float64").step == 0.0
    assert resolution_of(values.round(3), "float64").step == 1e-3
    assert resolution_of(values.round(3).astype(np.float32).astype(float), "float32").step == 1e-3
    assert "float32" in resolution_of(values.astype(np.float32).astype(float), "float64").why
    assert resolution_of(np.arange(5.0), "float64").step == 0.0
    assert resolution_of(np.zeros(3), "float16").step == 0.0


def test_what_is_written_apart_stays_apart() -> None:
    """A box of sides 1 and 1.01 is no cube, in decimals or in float32."""
    box = CUBE * [0.5, 0.5, 0.505]
    assert points(box) == 16
    assert points(box.astype(np.float32)) == 16
    assert tk.find_symmetry(np.array([[0.0, 0.31], [0.3, 0.0]]), kind="matrix").order == 1


@pytest.mark.parametrize(
    ("solid", "order"), [(CUBE, 48), (ICOSAHEDRON, 120), (ring(6), 12)], ids=["cube", "ico", "hex"]
)
def test_noise_of_one_percent(solid: Array, order: int) -> None:
    for seed in range(8):
        noisy = solid + 0.01 * np.random.default_rng(seed).normal(size=solid.shape)
        found = tk.find_symmetry(noisy, kind="points")
        assert found.order == order
        assert found.decisions[0].how == "tolerance"


def test_a_hint_that_works() -> None:
    """Exact ties decide, and the larger group near by is named."""
    stretched = CUBE * [1.0, 1.0, 1.02]
    found = tk.find_symmetry(stretched, kind="points")
    assert found.order == 16
    hint = found.decisions[0].detail.split("; at tol=")[1]
    assert "the order would be 48" in hint
    assert points(stretched, tol=float(hint.split()[0])) == 48


def _triangle(chance: np.random.Generator) -> int:
    graph = nx.cycle_graph(3)
    for edge in graph.edges:
        graph.edges[edge]["weight"] = chance.random()
    return int(tk.find_symmetry(graph).order)


def _symmetric(chance: np.random.Generator) -> int:
    own = chance.normal(size=(2, 2))
    return int(tk.find_symmetry(own + own.T, kind="matrix").order)


KINDS: dict[str, Callable[[np.random.Generator], int]] = {
    "3 in R^2": lambda chance: points(chance.normal(size=(3, 2))),
    "3 in R^1": lambda chance: points(chance.normal(size=(3, 1))),
    "3 in R^3": lambda chance: points(chance.random(size=(3, 3))),
    "4 in R^1": lambda chance: points(chance.normal(size=(4, 1))),
    "5 in R^1": lambda chance: points(chance.random(size=(5, 1))),
    "4 in R^2": lambda chance: points(chance.random(size=(4, 2))),
    "3 in R^2 with 2 decimals": lambda chance: points(chance.normal(size=(3, 2)).round(2)),
    "triangle": _triangle,
    "matrix": _symmetric,
    "layer": lambda chance: int(
        tk.find_symmetry(chance.normal(size=(2, 3)), kind="layer").order
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_few_small_data_have_a_symmetry_by_chance(name: str) -> None:
    # of 12 with probability 0.01 each, more than 2 have probability 0.0002
    assert sum(KINDS[name](np.random.default_rng(seed)) > 1 for seed in range(12)) <= 2


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_of_1000_small_data_at_most_the_level(name: str) -> None:
    found = sum(KINDS[name](np.random.default_rng(seed)) > 1 for seed in range(1000))
    assert found <= 1000 * LEVEL + 2 * (1000 * LEVEL) ** 0.5


def test_attributes_that_are_zero_and_names_that_are_not_there() -> None:
    graph = nx.cycle_graph(4)
    nx.set_edge_attributes(graph, 0.0, "weight")
    assert tk.find_symmetry(graph).order == 8
    with pytest.raises(NamingError, match="none is called 'typo': there are 'weight'"):
        tk.find_symmetry(graph, ignore=["typo"])


def test_tensors_as_attributes_are_numbers() -> None:
    torch = pytest.importorskip("torch")
    for wrap in (torch.tensor, np.array):
        graph = nx.cycle_graph(6)
        for i in range(6):
            graph.edges[i, (i + 1) % 6]["weight"] = wrap(1.0 + i % 2)
            graph.nodes[i]["kind"] = wrap(3)
        found = tk.find_symmetry(graph)
        assert found.order == 6
        assert not found.is_exact
    assert torch.is_tensor(tk.find_symmetry(nx.Graph([(0, 1)])).order) is False


def test_shuffles_of_exact_weights() -> None:
    found = tk.find_symmetry([[1, 2, 3], [3, 1, 2], [2, 3, 1]], kind="layer", shuffles=19)
    assert found.order == 3
    assert 0 < found.facts["p_value"] <= 0.5
    assert found.decisions[-1].how == "chance"
    assert found.residual == 0.0


def test_tensors_without_values_or_dense_layout() -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(NamingError, match="device 'meta'"):
        tk.find_symmetry(torch.zeros(2, 2, device="meta"), kind="matrix")
    assert tk.find_symmetry(torch.eye(3).to_sparse(), kind="matrix").order == 6
