"""Regions and walls up to symmetry: known numbers, and all regions listed one by one."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np
import pytest

import toolkit as tk
from tests.support.arrangements import reflections, resonance, threshold
from toolkit.errors import ConfigError, InconsistentAnswerError, NotAvailable
from toolkit.pl.arrangements.counting import arrangement
from toolkit.pl.arrangements.half_spaces import HalfSpaceGroup, of_lines
from toolkit.pl.arrangements.region_graph import graph_of_regions
from toolkit.pl.arrangements.sign_orbits import SignOrbits
from toolkit.pl.arrangements.sign_vectors import signs_of_regions
from toolkit.pl.arrangements.walls import walls_of_cone

#: OEIS A001532: self-dual threshold functions up to permuting and negating variables.
SELF_DUAL = {2: 1, 3: 2, 4: 3, 5: 7, 6: 21, 7: 135}
#: Orders of the symmetry groups, diagram automorphisms and minus one among them.
FULL = {"A5": 1440, "D4": 1152, "D5": 3840, "E6": 103680, "F4": 2304, "H3": 120,
        "H4": 14400}  # fmt: skip


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, pytest.param(7, marks=pytest.mark.slow)])
def test_threshold_functions_up_to_symmetry(n: int) -> None:
    found = tk.region_orbits(threshold(n))
    assert len(found.orbits) == SELF_DUAL[n]
    assert found.symmetries == 2**n * math.factorial(n)
    assert found.regions == int(tk.regions(threshold(n)))
    assert (found.certainty, found.walls_are) == ("exact", "exact")


@pytest.mark.parametrize("n", [3, 4, 5, 6])
def test_walls_of_threshold_functions_are_regions_of_sums_of_subsets(n: int) -> None:
    """Restricted to (1, ..., 1) the sign vectors are, up to sign, subsets of n - 1."""
    walls, regions = tk.region_orbits(threshold(n)), tk.region_orbits(resonance(n - 1))
    assert len(walls.walls) == len(regions.orbits)
    assert walls.wall_count == 2 ** (n - 1) * regions.regions


@pytest.mark.slow
def test_threshold_functions_of_eight_up_to_symmetry() -> None:
    found = tk.region_orbits(threshold(8))
    assert (found.regions, len(found.orbits)) == (8378070864, 2470)
    assert (found.wall_count, len(found.walls)) == (128 * 347326352, 8320)
    assert (found.certainty, found.walls_are) == ("exact", "exact")


@pytest.mark.parametrize("name", FULL)
def test_chambers_of_a_reflection_group_are_one_orbit(name: str) -> None:
    found = tk.region_orbits(reflections(name))
    assert (len(found.orbits), found.symmetries) == (1, FULL[name])
    rank = int(name[1:])
    # a chamber has as many walls as there are simple roots
    assert found.wall_count == found.regions * rank // 2
    assert found.graph.nodes[0]["walls"] == rank
    assert found.walls_are == "exact"


def every_region(normals: Any) -> set[tuple[int, ...]]:
    signs, _ = signs_of_regions(arrangement(np.array(normals, dtype=float)))
    return {tuple(row) for row in signs.tolist()}


def images(signs: tuple[int, ...], moves: Any, turns: Any) -> set[tuple[int, ...]]:
    """Orbit of a sign vector, member by member."""
    found, todo = {signs}, [signs]
    while todo:
        here = np.array(todo.pop())
        for move, turn in zip(moves, turns, strict=True):
            image = tuple((turn * here[move]).tolist())
            if image not in found:
                found.add(image)
                todo.append(image)
    return found


def sides(normals: Any, group: Any) -> tuple[Any, Any]:
    """How matrices move the hyperplanes, by rounding."""
    rows = np.array(normals, dtype=float)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    moves, turns = [], []
    for g in group:
        image = rows @ np.array(g, dtype=float)
        image /= np.linalg.norm(image, axis=1, keepdims=True)
        cosines = image @ rows.T
        best = np.abs(cosines).argmax(axis=1)
        moves.append(best)
        turns.append(np.sign(cosines[np.arange(len(rows)), best]).astype(int))
    return moves, turns


CYCLE = [[0, 0, 1], [1, 0, 0], [0, 1, 0]]
SWAP = [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
CASES: dict[str, tuple[Any, Any]] = {
    "cube under a rotation": (threshold(3), [CYCLE]),
    "cube and axes under permutations": ([*threshold(3), *np.eye(3, dtype=int).tolist()],
                                         [CYCLE, SWAP]),
    "subsets under permutations": (resonance(3), [CYCLE, SWAP]),
    "subsets under no symmetry": (resonance(3), []),
    "subsets under minus one": (resonance(4), [(-np.eye(4, dtype=int)).tolist()]),
    "small vectors": ([v for v in itertools.product((-1, 0, 1, 2), repeat=3) if v > (0, 0, 0)
                       and math.gcd(*v) == 1][:14], []),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_orbits_and_walls_are_those_of_all_regions(name: str) -> None:
    normals, group = CASES[name]
    found = tk.region_orbits(normals, group=group)
    everything = every_region(normals)
    moves, turns = sides(normals, group)
    covered: set[tuple[int, ...]] = set()
    for orbit, fixed in zip(found.orbits, found.stabilisers, strict=True):
        members = images(tuple(orbit.signs.tolist()), moves, turns)
        assert members <= everything
        assert not members & covered
        assert (len(members), len(members) * fixed) == (orbit.size, found.symmetries)
        covered |= members
        heights = np.array(normals) @ orbit.point
        assert np.array_equal(np.sign(heights), orbit.signs)
    assert covered == everything
    flipped = np.array(sorted(everything))
    walls = 0
    for i in range(len(normals)):
        other = flipped.copy()
        other[:, i] *= -1
        walls += sum(tuple(row) in everything for row in other.tolist())
    assert found.wall_count == walls // 2
    for number, orbit in enumerate(found.orbits):
        own = sum(
            tuple(np.where(np.arange(len(normals)) == i, -orbit.signs, orbit.signs)) in everything
            for i in range(len(normals))
        )
        assert found.graph.nodes[number]["walls"] == own


def test_the_graph_has_plain_attributes_and_counts_everything() -> None:
    found = tk.region_orbits(threshold(5))
    graph = found.graph
    assert isinstance(graph, nx.MultiGraph)
    assert nx.is_connected(nx.Graph(graph))
    assert sum(data["size"] for _, data in graph.nodes(data=True)) == found.regions == 1882
    assert sum(data["size"] for *_, data in graph.edges(data=True)) == found.wall_count
    for one, two, data in graph.edges(data=True):
        sizes = graph.nodes[one]["size"], graph.nodes[two]["size"]
        assert data["at_first"] * sizes[0] == data["at_second"] * sizes[1]
    again = nx.parse_graphml("\n".join(nx.generate_graphml(graph)), node_type=int)
    assert nx.to_dict_of_dicts(nx.Graph(again)).keys() == nx.to_dict_of_dicts(graph).keys()


def test_lines_beside_the_origin() -> None:
    square = [[1, 0], [1, 0], [0, 1], [0, 1]]
    found = tk.region_orbits(square, [1, -1, 1, -1])
    # the square, its sides and its corners
    assert [orbit.size for orbit in found.orbits] == [1, 4, 4]
    assert (found.regions, found.wall_count, found.symmetries) == (9, 12, 8)
    assert np.allclose(found.orbits[0].point, 0)
    assert found.orbits[0].margin == pytest.approx(1.0)
    assert (found.certainty, found.walls_are, found.dimension) == ("exact", "exact", 2)
    quarter = tk.region_orbits(square, [1, -1, 1, -1], group=[[[0, -1], [1, 0]]])
    assert [orbit.size for orbit in quarter.orbits] == [1, 4, 4]
    assert quarter.symmetries == 4
    far = tk.region_orbits(square, [10**9, -(10**9), 10**9, -(10**9)])
    assert [orbit.size for orbit in far.orbits] == [1, 4, 4]


def test_hyperplanes_that_do_not_span_the_space() -> None:
    found = tk.region_orbits([[1, -1, 0], [0, 1, -1], [1, 0, -1], [2, 0, -2]])
    assert (found.regions, len(found.orbits), found.hyperplanes, found.dimension) == (6, 1, 3, 3)
    point = found.orbits[0].point
    assert point.shape == (3,)
    assert np.sign(point[0] - point[1]) == found.orbits[0].signs[0]
    one = tk.region_orbits([[0, 3]])
    assert (one.regions, one.wall_count, len(one.orbits)) == (2, 1, 1)


def test_floats_are_numerical() -> None:
    found = tk.region_orbits([[1.0, 0.25], [0.5, 1.0], [0.1, -1.0]])
    assert (found.regions, len(found.orbits), found.wall_count) == (6, 3, 6)
    assert (found.certainty, found.walls_are) == ("numerical", "numerical")
    moved = tk.region_orbits([[1.0, 0.25], [0.5, 1.0], [0.1, -1.0]], [0.5, 0.25, 3.0])
    assert (moved.regions, moved.wall_count) == (7, 9)


@pytest.mark.parametrize(
    ("group", "words"),
    [([[[1, 1], [0, 1]]], "does not map every hyperplane to one of them"), ([[[1, 0]]], "2 x 2"),
     ([[[0.5, 0], [0, 1]]], "exact numbers"), ([[[0, 0], [0, 0]]], "maps some non-zero vectors"),
     ([[[1, 0], [1, 0]]], "group"), ([3], "2 x 2"), ([[1, 0]], "the images of their sides")],
)  # fmt: skip
def test_bad_groups_are_refused_in_a_sentence(group: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        tk.region_orbits([[1, 0], [0, 1]], group=group)


def test_other_refusals() -> None:
    with pytest.raises(ConfigError, match="at least one hyperplane"):
        tk.region_orbits([])
    with pytest.raises(ConfigError, match="exact normals"):
        tk.region_orbits([[0.5, 0.1]], group=[[[1, 0], [0, 1]]])
    with pytest.raises(NotAvailable, match="raise most_orbits"):
        tk.region_orbits(resonance(4), most_orbits=5)
    with pytest.raises(NotAvailable, match="raise most_orbits"):
        tk.region_orbits(resonance(4), group=[], most_orbits=100)


def test_a_wrong_number_of_regions_or_walls_is_an_error() -> None:
    normals = np.eye(2)
    moves = np.arange(2)[None], -np.ones((1, 2), dtype=np.int8)
    with pytest.raises(InconsistentAnswerError, match="3 regions"):
        graph_of_regions(normals, moves, (3, "exact"), None)
    with pytest.raises(NotAvailable, match="4 of 5 regions"):
        graph_of_regions(normals, moves, (5, "exact"), None)


# -- groups, sign vectors, walls -----------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.quick_cases(1)
def test_orders_and_stabilisers_against_all_elements(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 6))
    moves = np.array([rng.permutation(n) for _ in range(2)])
    turns = rng.choice([1, -1], size=(2, n)).astype(np.int8)
    group = HalfSpaceGroup(n, of_lines(moves, turns))
    identity = tuple(range(2 * n))
    elements, todo = {identity}, [identity]
    while todo:
        here = np.array(todo.pop())
        for g in of_lines(moves, turns):
            image = tuple(here[g].tolist())
            if image not in elements:
                elements.add(image)
                todo.append(image)
    assert group.order == len(elements)
    orbits = SignOrbits(group)
    for signs in rng.integers(-1, 2, size=(6, n)).astype(np.int8):
        others = {tuple(orbits.image(signs, np.array(g)).tolist()) for g in elements}
        fixing = sum(bool((orbits.image(signs, np.array(g)) == signs).all()) for g in elements)
        stabiliser = orbits.stabiliser(signs)
        assert stabiliser.order == fixing
        assert orbits.size(signs) == len(others)
        assert all(np.array_equal(orbits.image(signs, g), signs) for g in stabiliser.generators)
        for other in itertools.product((-1, 0, 1), repeat=n):
            found = orbits.element(signs, np.array(other, dtype=np.int8))
            assert (found is not None) == (other in others)
            if found is not None:
                assert tuple(orbits.image(signs, found).tolist()) == other
                assert tuple(found.tolist()) in elements


@pytest.mark.parametrize("seed", range(5))
def test_walls_against_one_linear_program_for_each(seed: int) -> None:
    from scipy.optimize import linprog

    rng = np.random.default_rng(seed)
    d = int(rng.integers(2, 6))
    inner = rng.integers(-3, 4, size=(25, d)).astype(float)
    inner = inner[inner.any(axis=1)]
    point = rng.standard_normal(d)
    inner *= np.sign(inner @ point)[:, None]
    inner /= np.linalg.norm(inner, axis=1, keepdims=True)
    inner = np.unique(inner.round(12), axis=0)
    expected = []
    for i in range(len(inner)):
        rest = np.delete(inner, i, axis=0)
        found = linprog(inner[i], A_ub=-rest, b_ub=np.zeros(len(rest)), bounds=[(-1, 1)] * d)
        if found.fun is not None and found.fun < -1e-7:
            expected.append(i)
    assert walls_of_cone(inner, point).tolist() == expected


def test_fractions_and_large_numbers() -> None:
    rows: list[list[Any]] = [[Fraction(1, 3), 1], [Fraction(1, 3) + Fraction(1, 10**6), 1], [1, 0]]
    found = tk.region_orbits(rows)
    assert (found.regions, found.wall_count) == (6, 6)
    thin = [[10**12, 1], [10**12 + 1, 1], [1, 0]]
    with pytest.raises(NotAvailable, match="too close to dependent"):
        tk.region_orbits(thin)
    with pytest.raises(NotAvailable, match="too thin"):
        tk.region_orbits(thin, group=[])


def test_walls_where_least_squares_go_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """SciPy's solver has answered 0 left with weights that leave much."""
    import scipy.optimize

    def broken(system: Any, target: Any, **_: Any) -> tuple[Any, float]:
        return np.ones(system.shape[1]), 0.0

    inner = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [0.6, 0.8, 0], [0.6, 0, 0.8]])
    right = walls_of_cone(inner, np.ones(3)).tolist()
    monkeypatch.setattr(scipy.optimize, "nnls", broken)
    assert walls_of_cone(inner, np.ones(3)).tolist() == right == [0, 1, 2]
