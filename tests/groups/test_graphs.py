"""Automorphisms of coloured graphs, against all permutations and against other programs."""

from __future__ import annotations

import itertools
import math
import random
import warnings
from fractions import Fraction
from typing import Any

import automorphisms as brute
import networkx as nx
import numpy as np
import pytest

from toolkit.errors import GroupDataError, InconsistentAnswerError, NamingError, NotAvailable
from toolkit.groups.graphs.automorphisms import Automorphisms, automorphisms
from toolkit.groups.graphs.core import Igraph
from toolkit.groups.graphs.few_generators import few_generators, order_found
from toolkit.groups.graphs.matrices import read_matrix
from toolkit.groups.graphs.points import read_points
from toolkit.groups.graphs.reading import read_graph
from toolkit.groups.graphs.relation import Relation
from toolkit.groups.graphs.values import (
    MISSING,
    classes_of_numbers,
    classes_of_values,
    near_ties,
)


def of_graph(graph: nx.Graph[Any], *args: Any, **options: Any) -> Automorphisms:
    return automorphisms(read_graph(graph, *args, **options).relation, Igraph())


def of_matrix(matrix: Any, tol: float = 0) -> Automorphisms:
    return automorphisms(read_matrix(matrix, tol).relation, Igraph())


def check(found: Automorphisms, count: int) -> None:
    assert found.order == count
    assert len(brute.generated(found.images)) == count


# -- all small graphs ----------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_all_graphs_with_two_edge_colours(n: int) -> None:
    for matrix in brute.symmetric_matrices(n, 3):
        check(of_matrix(matrix), brute.count_kept(matrix))


@pytest.mark.parametrize(
    ("n", "classes"), [(5, 792), pytest.param(6, 25506, marks=pytest.mark.slow)]
)
def test_all_classes_of_graphs_with_two_edge_colours(n: int, classes: int) -> None:
    found = brute.graph_classes(n, 3)
    assert len(found) == classes
    # the orbits of the symmetric group on all matrices: their sizes add up
    total = 0
    for matrix in found:
        count = brute.count_kept(matrix)
        check(of_matrix(matrix), count)
        total += math.factorial(n) // count
    assert total == 3 ** math.comb(n, 2)


def test_all_digraphs_with_loops_on_three_points() -> None:
    for entries in itertools.product(range(2), repeat=9):
        matrix = np.array(entries).reshape(3, 3)
        check(of_matrix(matrix), brute.count_kept(matrix))


def test_random_digraphs_with_colours_and_loops() -> None:
    chance = np.random.default_rng(5)
    for n in (4, 5, 6):
        for _ in range(60):
            matrix = chance.integers(0, 3, (n, n)) * chance.integers(0, 2, (n, n))
            symmetric = chance.permutation(n)
            matrix = matrix + matrix[np.ix_(symmetric, symmetric)]  # more often with symmetry
            check(of_matrix(matrix), brute.count_kept(matrix))


@pytest.mark.parametrize("kind", [nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph])
def test_graphs_of_all_kinds_with_loops_and_attributes(kind: type[nx.Graph[Any]]) -> None:
    chance = random.Random(3)
    for trial in range(60):
        graph = kind()
        graph.add_nodes_from(range(5))
        for _ in range(chance.randrange(1, 9)):
            graph.add_edge(chance.randrange(5), chance.randrange(5), bond=chance.choice("ab"))
        count = brute.count_automorphisms(graph, "bond")
        assert of_graph(graph, None, "bond").order == count, (kind, trial)
        plain = brute.count_automorphisms(graph)
        assert of_graph(graph, None, ()).order == plain, (kind, trial)


def test_parallel_edges_count_with_their_attributes() -> None:
    graph: nx.MultiGraph[Any] = nx.MultiGraph([(0, 1), (0, 1), (1, 2)])
    assert of_graph(graph).order == 1
    graph.add_edge(2, 1)
    assert of_graph(graph).order == 2
    nx.set_edge_attributes(graph, dict.fromkeys(graph.edges(keys=True), "x"), "bond")
    graph.edges[0, 1, 0]["bond"] = "y"
    assert of_graph(graph, None, "bond").order == 1
    graph.edges[1, 2, 1]["bond"] = "y"
    assert of_graph(graph, None, "bond").order == 2


# -- known groups --------------------------------------------------------------------------------

KNOWN = [
    (nx.star_graph(200), math.factorial(200)),
    (nx.complete_bipartite_graph(60, 60), 2 * math.factorial(60) ** 2),
    (nx.complete_graph(30), math.factorial(30)),
    (nx.empty_graph(12), math.factorial(12)),
    (nx.balanced_tree(2, 8), 2 ** (2**8 - 1)),
    (nx.balanced_tree(3, 3), 6**13),
    (nx.petersen_graph(), 120),
    (nx.cycle_graph(40), 80),
    (nx.path_graph(2001), 2),
    (nx.hypercube_graph(6), 2**6 * 720),
    (nx.line_graph(nx.complete_graph(9)), math.factorial(9)),
    (nx.line_graph(nx.complete_bipartite_graph(8, 8)), 2 * math.factorial(8) ** 2),
    (nx.disjoint_union_all([nx.cycle_graph(5)] * 7), 10**7 * math.factorial(7)),
    (nx.disjoint_union_all([nx.petersen_graph(), nx.cycle_graph(5), nx.cycle_graph(5)]), 24000),
    (nx.disjoint_union_all([nx.balanced_tree(2, 2)] * 3), 8**3 * 6),
    (nx.dodecahedral_graph(), 120),
    (nx.frucht_graph(), 1),
    (nx.paley_graph(13), 78),
]


@pytest.mark.parametrize(("graph", "order"), KNOWN, ids=lambda x: str(x)[:40])
@pytest.mark.quick_cases(2)
def test_groups_of_known_orders(graph: nx.Graph[Any], order: int) -> None:
    found = of_graph(graph, ())
    assert found.order == order
    assert len(found.images) <= 8
    if len(graph) <= 600:
        assert order_found(found.images, order) == order


def test_trees_by_their_own_recursion() -> None:
    def rooted(tree: nx.Graph[int], node: int, parent: int | None) -> tuple[object, int]:
        kinds = sorted((repr(k), n) for k, n in (
            rooted(tree, child, node) for child in tree[node] if child != parent
        ))  # fmt: skip
        order = math.prod(n for _, n in kinds)
        for _, same in itertools.groupby(kinds):
            order *= math.factorial(len(list(same)))
        return tuple(k for k, _ in kinds), order

    for seed in range(20):
        tree = nx.random_labeled_tree(30, seed=seed)
        centre = nx.center(tree)
        if len(centre) == 1:
            order = rooted(tree, centre[0], None)[1]
        else:
            (one, first), (two, second) = (rooted(tree, centre[i], centre[1 - i]) for i in (0, 1))
            order = first * second * (2 if one == two else 1)
        assert of_graph(tree).order == order


def test_weighted_matrices_against_the_matcher_of_networkx() -> None:
    chance = np.random.default_rng(2)
    for n in (5, 6, 7):
        for _ in range(8):
            matrix = np.triu(chance.choice([0.0, 0.5, 1.5], (n, n)), 1)
            matrix = matrix + matrix.T
            graph = nx.from_numpy_array(matrix)
            matcher = nx.isomorphism.GraphMatcher(
                graph, graph, edge_match=nx.isomorphism.numerical_edge_match("weight", 0)
            )
            count = sum(1 for _ in matcher.isomorphisms_iter())
            assert of_matrix(matrix).order == count
            assert of_graph(graph, None, "weight" if graph.edges else ()).order == count


# -- values --------------------------------------------------------------------------------------


def test_values_of_all_kinds() -> None:
    def fail(*args: str) -> NamingError:
        return NamingError("values", None, *args)

    values = [1, 1.0, "1", True, None, MISSING, (1, 2), [1, 2], np.array([1, 2]), {"a": 1}]
    assert classes_of_values(values, 0, "values", fail).tolist() == [0, 0, 1, 0, 2, 3, 4, 4, 4, 5]
    near = [(0.0, "x"), (1e-9, "x"), (0.0, "y"), 1e-9, "x"]
    assert classes_of_values(near, 1e-6, "values", fail).tolist() == [0, 0, 1, 2, 3]
    with pytest.raises(NamingError, match="nan"):
        classes_of_values([float("nan")], 0, "values", fail)
    with pytest.raises(NamingError, match="comparable"):
        classes_of_values([bytearray(b"x")], 0, "values", fail)
    numbers = np.array([1 + 1j, 1 + 1.0000001j, 2 - 1j, 1 - 1j])
    assert classes_of_numbers(numbers, 1e-3, "values", fail).tolist() == [1, 1, 2, 0]
    with pytest.raises(NamingError, match="chain"):
        classes_of_numbers(np.array([0, 1, 2]), 1, "values", fail)


def test_matrices_of_all_kinds() -> None:
    import scipy.sparse

    path = [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    for matrix in (
        path,
        np.array(path, dtype=bool),
        np.array(path) * 1j,
        [[Fraction(x, 3) for x in row] for row in path],
        scipy.sparse.csr_array(np.array(path)),
        scipy.sparse.coo_matrix(np.array(path, dtype=float)),
    ):
        assert of_matrix(matrix).order == 2
    assert of_matrix(np.diag([1, 1, 2])).order == 2
    assert of_matrix(np.array(path) + 1e-9 * np.arange(9).reshape(3, 3), 1e-6).order == 2
    assert of_matrix(np.array(path) + 1e-9 * np.arange(9).reshape(3, 3)).order == 1
    for wrong, problem in (
        ([[1, 2]], "square"), ([["a"]], "numbers"), ([], "square"), ([[math.nan]], "nan"),
    ):  # fmt: skip
        with pytest.raises(NamingError, match=problem):
            read_matrix(wrong)
    with pytest.raises(NamingError, match="tol"):
        read_matrix(path, -1)
    large = np.array([[0, 1e-12, 1], [0, 0, 1], [1, 1, 0]])
    for matrix in (large, scipy.sparse.csr_array(large)):  # what is not stored is a zero
        assert of_matrix(matrix, 1e-9).order == 2
        assert of_matrix(matrix).order == 1


# -- tolerances ----------------------------------------------------------------------------------


def test_chains_of_entries_matter_only_where_a_permutation_uses_them() -> None:
    chance = np.random.default_rng(4)
    for trial in range(40):
        matrix = chance.choice([0.0, 0.1, 0.2, 5.0], (4, 4), p=[0.2, 0.1, 0.2, 0.5])
        kept = [
            g
            for g in itertools.permutations(range(4))
            if np.abs(matrix[np.ix_(g, g)] - matrix).max() <= 0.15
        ]
        read = read_matrix(matrix, 0.15)
        found = automorphisms(read.relation, Igraph())
        if read.unequal(found.images) is None:
            assert found.order == len(kept), trial
        else:
            assert found.order > len(kept) or not brute_closed(kept, matrix), trial
    wrong = read_matrix([[0, 1, 1.1], [1.1, 0, 1.2], [1.2, 1, 0]], 0.15)
    images = automorphisms(wrong.relation, Igraph()).images
    with pytest.raises(GroupDataError, match=r"entry \(0, 1\) equal to 1.0 to entry \(2, 0\)"):
        wrong.check(images)
    fine = read_matrix([[0, 1, 1.1], [1.1, 9, 1.2], [1.2, 1, 5]], 0.15)
    fine.check(automorphisms(fine.relation, Igraph()).images)


def brute_closed(kept: list[tuple[int, ...]], matrix: Any) -> bool:
    """Say whether the group that permutations generate keeps the entries within 0.15."""
    return all(
        np.abs(matrix[np.ix_(g, g)] - matrix).max() <= 0.15 for g in brute.generated(np.array(kept))
    )


@pytest.mark.parametrize("n", [200, pytest.param(1000, marks=pytest.mark.slow)])
def test_random_points_have_no_symmetry(n: int) -> None:
    cloud = np.random.default_rng(n).normal(size=(n, 3))
    for tol in (None, 1e-12, 1e-6):
        points = read_points(cloud, tol=tol)
        found = automorphisms(points.relation, Igraph())
        assert (found.order, points.relation.low.size) == (1, 0)  # decided before any search
        assert points.isometries(found.images).residual < 1e-12
    half = cloud[: n // 4]
    mirrored = read_points(np.concatenate([half, half * [1, 1, -1]]))
    found = automorphisms(mirrored.relation, Igraph())
    assert (found.order, mirrored.isometries(found.images).residual < 1e-12) == (2, True)


def test_a_chain_of_distances_is_refused_with_points_and_distances() -> None:
    line = read_points([[0.0], [1], [2.1], [3.3]], tol=0.15)
    with pytest.raises(
        GroupDataError, match=r"takes points 0 and 1 at distance 1 to points 3 and 2 at .* 1.2,"
    ):
        line.isometries(np.array([[3, 2, 1, 0]]))


def test_sizes_of_all_kinds() -> None:
    p = (1 + 5**0.5) / 2
    corners = [(0, a, b) for a in (1, -1) for b in (p, -p)]
    icosahedron = np.array([(x[i], x[i - 2], x[i - 1]) for x in corners for i in range(3)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for size in (1.0, 1e200, 1e-200, 1e307, 1e-310):
            points = read_points(icosahedron * size)
            found = automorphisms(points.relation, Igraph())
            assert found.order == 120
            assert points.isometries(found.images).residual <= 1e-12 * size
        assert of_matrix([[0, math.inf], [math.inf, 0]], 1e-9).order == 2
        assert of_matrix([[math.inf, 0], [0, -math.inf]], 1e-9).order == 1
        assert of_matrix([[1e308, 0], [0, -1e308]], 1e-9).order == 1
    with pytest.raises(GroupDataError, match="finite"):
        read_points([[10**400], [0]])


def test_near_ties() -> None:
    assert near_ties(np.array([1, 1 + 1e-7, 2]), 0.0, 1e-6)[0] == pytest.approx(2e-7, rel=1)
    assert near_ties(np.array([1, 2.0, 3.0]), 0.0, 1e-6) == []
    assert near_ties(np.array([1, 1.1, 1.2, 1.3, 1.4, 1.5]), 0.0, 0.2) == []  # a chain
    assert near_ties(np.array([1j, 1j + 1e-9]), 0.0, 1e-6) != []
    assert read_matrix([[0, Fraction(1)], [Fraction(10**9 + 1, 10**9), 0]]).near == []
    assert read_matrix([[0, Fraction(1)], [1 + 1e-9, 0]]).near != []
    assert read_points([[0, 0], [10**4, 0], [0, 10**4 + 1]]).near == []


def test_attributes_of_edges_that_are_not_there() -> None:
    for n in (1, 5):
        assert of_graph(nx.empty_graph(n), edge_attribute="bond").order == math.factorial(n)
    with pytest.raises(GroupDataError, match="from this graph: no edge has the attribute 'bond'"):
        of_graph(nx.path_graph(2), edge_attribute="bond")


def test_edges_do_not_depend_on_their_order() -> None:
    one: nx.Graph[int] = nx.Graph()
    two: nx.Graph[int] = nx.Graph()
    for graph, edges in ((one, [(0, 1), (2, 1)]), (two, [(1, 2), (1, 0)])):
        graph.add_nodes_from(range(3))
        graph.add_edges_from(edges)
    assert of_graph(one).images.tolist() == of_graph(two).images.tolist()


def test_what_is_no_graph() -> None:
    with pytest.raises(NamingError, match="must be a networkx graph, not list"):
        read_graph([(0, 1)])  # type: ignore[arg-type]
    with pytest.raises(NamingError, match="nodes, not 0"):
        read_graph(nx.Graph())


# -- attributes ----------------------------------------------------------------------------------


def test_overlooked_attributes_are_named() -> None:
    graph = nx.Graph([(0, 1, {"weight": 1, "bond": 2}), (1, 2, {"weight": 3})])
    graph.nodes[0]["pos"] = (0.0, 1.0)
    said = read_graph(graph).warning()
    assert said is not None
    assert all(word in said for word in ("'weight'", "'bond'", "'pos'", "edge_attribute=()"))
    assert read_graph(graph, (), ()).warning() is None
    assert read_graph(graph, "pos", "weight", ignore=["bond"]).warning() is None
    part = read_graph(graph, "pos", "weight").warning()
    assert part is not None
    assert "'bond'" in part
    assert "'weight'" not in part
    assert read_graph(graph, "pos", ["weight", "bond"]).warning() is None
    assert read_graph(nx.path_graph(3)).warning() is None
    with pytest.raises(NamingError, match="no edge has the attribute 'length'"):
        read_graph(graph, edge_attribute="length")


# -- points --------------------------------------------------------------------------------------


def test_isometries_of_points_obey_their_law() -> None:
    cube = np.array(list(itertools.product([0.0, 1.0], repeat=3)))
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    for coordinates in (cube, cube @ turn + 3):
        points = read_points(coordinates)
        found = automorphisms(points.relation, Igraph())
        assert found.order == 48
        space = points.isometries(found.images)
        for image, matrix in zip(found.images, space.matrices, strict=True):
            assert np.abs(matrix @ matrix.T - np.eye(3)).max() < 1e-12
            centred = coordinates - coordinates.mean(axis=0)
            assert np.abs(centred @ matrix - centred[image]).max() < 1e-12
    flat = read_points([[0, 0, 5], [2, 0, 5], [2, 1, 5], [0, 1, 5]])
    found = automorphisms(flat.relation, Igraph())
    space = flat.isometries(found.images)
    assert (found.order, flat.is_exact) == (4, True)
    assert np.abs(space.matrices[:, 2] - [0, 0, 1]).max() < 1e-12


def test_points_that_no_isometry_maps() -> None:
    rough = np.array([[0, 0], [1, 0], [1.04, 1], [0, 1.0]])
    assert automorphisms(read_points(rough, tol=0.1).relation, Igraph()).order == 8
    points = read_points(rough, tol=0.1)
    assert points.isometries(automorphisms(points.relation, Igraph()).images).residual < 0.1
    with pytest.raises(NamingError, match="no isometry maps"):
        read_points(rough * [1, 0.1], tol=0.05).isometries(np.array([[1, 2, 3, 0]]))
    for wrong in ([[1, 2], [3]], [[1j]], [1, 2], [[math.inf]], [["a"]]):
        with pytest.raises(NamingError):
            read_points(wrong)
    with pytest.raises(NamingError, match="labels"):
        read_points([[0], [1]], labels="C")


# -- few generators, and wrong libraries ---------------------------------------------------------


class Wrong(Igraph):
    def __init__(self, order: int, images: list[list[int]] | None = None) -> None:
        self.order = order
        self.images = images

    def automorphisms(self, points: int, edges: Any, colors: Any) -> Any:
        images, _ = super().automorphisms(points, edges, colors)
        return self.images or images, self.order


def test_wrong_answers_of_a_library_are_rejected() -> None:
    relation = read_graph(nx.petersen_graph()).relation
    swap = np.array([1, 0, *range(2, 10)])  # the same group with its points renamed
    moved = swap[automorphisms(relation, Igraph()).images[:, swap]]
    with pytest.raises(InconsistentAnswerError, match="breaks an edge"):
        automorphisms(relation, Wrong(120, moved.tolist()))
    with pytest.raises(InconsistentAnswerError, match="order"):
        automorphisms(relation, Wrong(60))
    with pytest.raises(InconsistentAnswerError, match="order"):
        automorphisms(relation, Wrong(240))


def test_few_generators_generate_the_same_group() -> None:
    swaps = [[*range(i), i + 1, i, *range(i + 2, 8)] for i in range(7)]
    few = few_generators(np.array(swaps), math.factorial(8))
    assert len(few) == 2
    assert len(brute.generated(few)) == math.factorial(8)
    pairs = [[*range(2 * i), 2 * i + 1, 2 * i, *range(2 * i + 2, 8)] for i in range(4)]
    elementary = np.array(pairs)
    assert len(few_generators(elementary, 16)) == 4


def test_too_many_independent_parts_are_refused() -> None:
    forest = nx.disjoint_union_all([nx.path_graph(3), nx.star_graph(3)])
    base = nx.path_graph(20000)
    for i in range(20000):
        base.add_edge(i, ("a", i))
        base.add_edge(i, ("b", i))
    with pytest.raises(NotAvailable, match="independent"):
        of_graph(base)
    assert of_graph(forest).order == 12


def test_relations_keep_what_they_say() -> None:
    arrow = Relation.of_pairs([0, 0], [1], [0], [1], [0])
    assert arrow.low.tolist() == [0]
    assert (arrow.forward.tolist(), arrow.backward.tolist()) == ([0], [1])
    assert arrow.is_kept_by(np.array([[0, 1], [1, 0]])).tolist() == [True, False]
