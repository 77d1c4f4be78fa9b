"""Groups of graphs and matrices that find_symmetry finds, against all permutations."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import ModuleMismatchError, NamingError
from toolkit.library.symmetry.averaging import average_of_matrix
from toolkit.library.symmetry.matrices import order_of_images
from toolkit.library.symmetry.trade_off import TradeOffRow, longest_plateau
from toolkit.library.symmetry.value_gaps import are_tied, clear_clusterings
from toolkit.library.symmetry.within_tolerance import permutations_within

if TYPE_CHECKING:
    from collections.abc import Iterable


def elements(images: Iterable[Iterable[int]], n: int) -> set[tuple[int, ...]]:
    """All elements of a small permutation group."""
    generators = [tuple(image) for image in np.asarray(images).tolist()]
    found = {tuple(range(n))}
    queue = list(found)
    for x in queue:
        for g in generators:
            y = tuple(g[i] for i in x)
            if y not in found:
                found.add(y)
                queue.append(y)
    return found


def keeping(matrix: np.ndarray[Any, Any], tol: float = 0.0) -> set[tuple[int, ...]]:
    n = len(matrix)
    return {
        g
        for g in permutations(range(n))
        if (abs(matrix[np.ix_(g, g)] - matrix) <= tol).all()  # M[g i, g j] = M[i, j]
    }


@pytest.mark.parametrize("seed", range(12))
def test_small_matrices_against_all_permutations(seed: int) -> None:
    chance = np.random.default_rng(seed)
    n = int(chance.integers(2, 6))
    matrix = chance.integers(0, 2, (n, n))
    if seed % 2:
        matrix = matrix + matrix.T
    found = tk.find_symmetry(matrix, kind="matrix")
    assert elements(found.module.images, n) == keeping(matrix)
    assert found.order == len(keeping(matrix))
    assert found.is_exact
    assert found.residual == 0.0
    assert found.trade_off is None


@pytest.mark.parametrize("seed", range(8))
def test_the_search_within_a_tolerance_agrees_on_integers(seed: int) -> None:
    chance = np.random.default_rng(seed)
    n = int(chance.integers(3, 7))
    matrix = chance.integers(0, 2, (n, n)).astype(float)
    near = permutations_within(matrix, 0.0)
    assert near.is_group
    assert near.is_complete
    assert near.chain_order == len(keeping(matrix))
    assert elements(near.images, n) == keeping(matrix)


@pytest.mark.parametrize("seed", range(6))
def test_permutations_within_a_tolerance_are_all_found(seed: int) -> None:
    chance = np.random.default_rng(100 + seed)
    base = tk.find_symmetry(nx.cycle_graph(5)).module.images
    matrix = average_of_matrix(chance.normal(size=(5, 5)), base, base).values
    noisy = matrix + 1e-3 * chance.uniform(-1, 1, size=(5, 5))
    near = permutations_within(noisy, 2e-3)
    assert elements(near.images, 5) >= keeping(noisy, 2e-3)
    assert near.chain_order == order_of_images(near.images, tk.group("C1").session) == 10


def test_fractions_are_exact_and_floats_say_what_decided() -> None:
    third = [[Fraction(0), Fraction(1, 3)], [Fraction(1, 3), Fraction(0)]]
    assert tk.find_symmetry(third, kind="matrix").is_exact
    rounded = np.array([[0.0, 0.1 + 0.2], [0.3, 0.0]])
    found = tk.find_symmetry(rounded, kind="matrix")
    assert found.order == 2
    assert not found.is_exact
    assert found.decisions[0].how == "rounding"
    assert tk.find_symmetry(rounded, kind="matrix", tol=0).order == 1


@pytest.mark.parametrize("noise", [1e-10, 1e-5, 1e-2])
def test_a_planted_symmetry_with_noise_is_found(noise: float) -> None:
    chance = np.random.default_rng(7)
    turn = np.roll(np.arange(12), -1)[None]
    planted = average_of_matrix(chance.normal(size=(12, 12)), turn, turn).values
    noisy = planted + noise * chance.normal(size=(12, 12))
    found = tk.find_symmetry(noisy, kind="matrix")
    assert found.order == 12
    assert found.decisions[0].how == "tolerance"
    assert noise / 10 < found.residual < 10 * noise
    assert np.abs(found.averaged - planted).max() < 5 * noise
    images = found.module.images
    for g in images:
        assert np.abs(found.averaged[np.ix_(g, g)] - found.averaged).max() < 1e-12
    assert found.trade_off is not None
    assert found.trade_off.rows[found.trade_off.chosen or 0].order == 12


def test_a_matrix_without_symmetry_has_none() -> None:
    for seed in range(20):
        matrix = np.random.default_rng(seed).normal(size=(8, 8))
        assert tk.find_symmetry(matrix, kind="matrix").order == 1


def test_chains_of_entries_are_searched() -> None:
    ring = np.array(
        [[0, 1.0, 3.0, 1.2], [1.0, 0, 1.1, 3.0], [3.0, 1.1, 0, 1.1], [1.2, 3.0, 1.1, 0]]
    )
    found = tk.find_symmetry(ring, kind="matrix", tol=0.12)
    assert found.decisions[1].how == "tolerance"
    assert elements(found.module.images, 4) >= keeping(ring, 0.12)


def _kept(graph: Any, image: tuple[int, ...]) -> bool:
    nodes = list(graph)
    to = {node: nodes[image[i]] for i, node in enumerate(nodes)}
    if any(graph.nodes[to[u]] != data for u, data in graph.nodes(data=True)):
        return False

    def edges(of: dict[Any, Any]) -> list[str]:
        out = []
        for u, v, data in graph.edges(data=True):
            ends = [of[u], of[v]] if graph.is_directed() else sorted([of[u], of[v]])
            out.append(repr((ends, sorted(data.items()))))
        return sorted(out)

    return edges(to) == edges({node: node for node in nodes})


@pytest.mark.parametrize("kind", [nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph])
@pytest.mark.parametrize("seed", range(4))
def test_small_graphs_against_all_permutations(kind: Any, seed: int) -> None:
    chance = np.random.default_rng(seed)
    graph = kind()
    for i in range(5):
        graph.add_node(i, element=str(chance.choice(["C", "N"], p=[0.8, 0.2])))
    for _ in range(7):
        u, v = chance.integers(0, 5, 2).tolist()
        graph.add_edge(u, v, weight=int(chance.integers(1, 3)), bond="single")
    found = tk.find_symmetry(graph)
    wanted = {g for g in permutations(range(5)) if _kept(graph, g)}
    assert elements(found.module.images, 5) == wanted
    assert found.is_exact
    assert found.order == len(wanted)


def test_noisy_weights_of_a_graph() -> None:
    chance = np.random.default_rng(3)
    graph = nx.Graph()
    for i in range(8):
        weight = (1.0 if i % 2 else 2.5) + 1e-4 * chance.normal()
        graph.add_edge(i, (i + 1) % 8, weight=weight)
    found = tk.find_symmetry(graph, name="ring")
    assert found.order == 8
    assert found.group.title == "ring"
    assert 0 < found.residual < 1e-3
    assert found.decisions[1].how == "tolerance"
    assert tk.find_symmetry(graph, tol=0).order == 1
    assert tk.find_symmetry(graph, ignore=["weight"]).order == 16


def test_gaps_of_two_attributes_that_do_not_suit_each_other() -> None:
    chance = np.random.default_rng(0)
    graph = nx.cycle_graph(8)
    for i in range(8):
        u, v = i, (i + 1) % 8
        graph.edges[u, v]["far"] = 1000.0 * (i % 2) + 5.0 + chance.uniform()
        graph.edges[u, v]["near"] = 1e-3 * (i // 2 % 2 + 1) + 1e-6 * chance.uniform()
    found = tk.find_symmetry(graph)  # no tolerance suits both
    assert found.order == 1
    assert found.decisions[1].how == "rounding"
    assert tk.find_symmetry(graph, ignore=["far"]).order == 4
    assert tk.find_symmetry(graph, ignore=["near"]).order == 8


def test_gaps() -> None:
    chance = np.random.default_rng(0)
    values = np.repeat([0.0, 1.0, 4.0], 20)
    chosen = clear_clusterings(values + 1e-3 * chance.uniform(size=60), 1e-12)[0]
    assert chosen.classes == 3
    assert chosen.width <= 1e-3 < chosen.tol < chosen.gap
    assert are_tied(values, 1e-12)
    assert not are_tied(values + 1e-3 * chance.uniform(size=60), 1e-12)


def test_plateaus() -> None:
    rows = [(1e-3, 1), (2e-3, 2), (4e-3, 8), (8e-3, 8), (1.6e-2, 8), (3e-2, 64)]
    found = longest_plateau(tuple(TradeOffRow(t, n, 0.0, 1.0) for t, n in rows))
    assert found is not None
    assert found[0] == 2
    assert longest_plateau(tuple(TradeOffRow(t, n, 0.0, 0.5) for t, n in rows)) is None


def test_refusals() -> None:
    with pytest.raises(ModuleMismatchError, match="can be read in several ways"):
        tk.find_symmetry(np.eye(3))
    with pytest.raises(NamingError, match=r"must be square.*kind=.layer."):
        tk.find_symmetry(np.zeros((2, 3)), kind="matrix")
    with pytest.raises(NamingError, match="finite"):
        tk.find_symmetry([[0.0, np.nan], [1.0, 0.0]], kind="matrix")
    with pytest.raises(NamingError, match="real numbers, found 'a'"):
        tk.find_symmetry(np.array([["a", 1]], dtype=object), kind="matrix")
    with pytest.raises(NamingError, match="tol must be a number from 0 on, not 'a'"):
        tk.find_symmetry(np.eye(3), kind="matrix", tol="a")
    with pytest.raises(NamingError, match="numbers of the attribute 'w' must be finite"):
        tk.find_symmetry(nx.Graph([(0, 1, {"w": float("nan")})]))
    with pytest.raises(ModuleMismatchError, match="takes the options tol"):
        tk.find_symmetry(np.eye(3), kind="matrix", labels=["a"])  # type: ignore[call-overload]
    with pytest.raises(ModuleMismatchError, match="kind must be one of"):
        tk.find_symmetry(np.eye(3), kind="picture")  # type: ignore[call-overload]
    with pytest.raises(ModuleMismatchError, match="belong together"):
        tk.find_symmetry(np.eye(3), kind="function")  # type: ignore[call-overload]
    with pytest.raises(ModuleMismatchError, match="needs the options modules"):
        tk.find_symmetry(np.eye(3), np.eye(3))  # type: ignore[call-overload]


def test_reports() -> None:
    found = tk.find_symmetry(nx.path_graph(3))
    assert "largest difference left after averaging  0" in str(found)
    data = found.to_json()
    assert data["order"] == "2"
    assert data["modules"]["nodes"] == [[2, 1, 0]]
    assert data["exact"] is True
    with pytest.raises(KeyError, match="has the modules nodes"):
        found["points"]


def test_sparse_matrices() -> None:
    scipy = pytest.importorskip("scipy.sparse")
    assert tk.find_symmetry(scipy.csr_array(np.eye(3, dtype=int)), kind="matrix").order == 6
