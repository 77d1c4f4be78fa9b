"""Groups of graphs, matrices and points as users hold them, with names of their own."""

from __future__ import annotations

import itertools
import math
import warnings
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import (
    InconsistentAnswerError,
    NamingError,
    NearTieWarning,
    OverlookedAttributeWarning,
)
from toolkit.groups.graphs.automorphisms import automorphisms
from toolkit.groups.graphs.core import Igraph
from toolkit.groups.graphs.matrices import read_matrix
from toolkit.groups.graphs.reading import read_graph
from toolkit.groups.specs.generated import Permutations
from toolkit.library.alternating_facts import alternating_facts
from toolkit.library.drawings import GapDigraphs
from toolkit.library.questions import FACTS
from toolkit.library.session import default_session
from toolkit.modules.gsets.alternating_blocks import alternating_blocks
from toolkit.modules.gsets.orbitals import Orbitals
from toolkit.modules.gsets.regular_action import regular_images
from toolkit.settings import Settings
from toolkit.text import graph_title

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def offline(tmp_path: Path) -> tk.Session:
    """Return a session without answers, which may not start GAP."""
    return tk.Session(Settings(cache_dir=tmp_path, offline=True), use_bundled=False)


def kekule() -> nx.Graph[int]:
    ring = nx.cycle_graph(6)
    doubles = [(0, 1), (2, 3), (4, 5)]
    nx.set_edge_attributes(ring, {e: 2 if e in doubles else 1 for e in ring.edges}, "bond")
    return ring


# -- what the eye sees ---------------------------------------------------------------------------


def test_bonds_of_benzene(offline: tk.Session) -> None:
    ring = kekule()
    with pytest.warns(OverlookedAttributeWarning, match="'bond'") as seen:
        assert tk.group_from_graph(ring, session=offline).order == 12
    assert len(seen) == 1
    assert seen[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert tk.group_from_graph(ring, edge_attribute="bond", session=offline).order == 6
        assert tk.group_from_graph(ring, edge_attribute=(), session=offline).order == 12
        assert tk.group_from_graph(ring, ignore=["bond"], session=offline).order == 12


def test_distances_of_a_rectangle(offline: tk.Session) -> None:
    corners = np.array([[0.0, 0], [2, 0], [2, 1], [0, 1]])
    distances = np.linalg.norm(corners[:, None] - corners[None], axis=2)
    graph = nx.from_numpy_array(distances)
    with pytest.warns(OverlookedAttributeWarning, match="'weight'"):
        assert tk.group_from_graph(graph, session=offline).order == 24
    near = tk.group_from_graph(graph, edge_attribute="weight", tol=1e-9, session=offline)
    assert near.order == 4
    assert tk.group_from_graph(graph, edge_attribute="weight", session=offline).order == 4
    assert tk.group_from_matrix(distances, session=offline).order == 4
    assert tk.group_from_points(corners, session=offline).order == 4
    # nothing is named "()" or forgotten: a layout is an attribute too
    nx.set_node_attributes(graph, dict(enumerate(map(tuple, corners.tolist()))), "pos")
    with pytest.warns(OverlookedAttributeWarning, match="'pos'"):
        tk.group_from_graph(graph, edge_attribute="weight", session=offline)
    assert tk.group_from_graph(graph, "pos", "weight", session=offline).order == 1


def test_old_keyword(offline: tk.Session) -> None:
    path = nx.path_graph(4)
    nx.set_node_attributes(path, {0: "a", 1: "b", 2: "b", 3: "c"}, "kind")
    with pytest.warns(DeprecationWarning, match="node_attribute"):
        assert tk.group_from_graph(path, color="kind", session=offline).order == 1


def test_cube_in_space(offline: tk.Session) -> None:
    corners = list(itertools.product([0, 1], repeat=3))
    for given in (corners, [[Fraction(x, 3) for x in c] for c in corners], np.array(corners) / 7):
        G = tk.group_from_points(given, session=offline)
        assert G.order == 48
        space = G.space_matrices
        X = np.array(given, dtype=float)
        X = X - X.mean(axis=0)
        for image, matrix in zip(G.natural_module().images, space.matrices, strict=True):
            assert np.abs(X @ matrix - X[image]).max() < 1e-12
        assert space.residual < 1e-12
    # the law of representations, on the whole group of 48 matrices
    found = {}
    queue = [(tuple(range(8)), np.eye(3))]
    for image, matrix in queue:
        if image not in found:
            found[image] = matrix
            for g, M in zip(G.natural_module().images, space.matrices, strict=True):
                queue.append((tuple(g[list(image)].tolist()), matrix @ M))
        assert np.abs(found[image] - matrix).max() < 1e-12
    assert len(found) == 48


METHANE = np.array([[0, 0, 0], [1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])


@pytest.mark.parametrize(
    ("labels", "order"), [("CHHHH", 24), ("CHHHF", 6), ("CHHFF", 4), ("CHFHI", 2), (None, 24)]
)
def test_molecules(offline: tk.Session, labels: str | None, order: int) -> None:
    noise = np.random.default_rng(0).normal(size=METHANE.shape) * 1e-4
    for coordinates, tol in ((METHANE, None), (METHANE + noise, 0.01)):
        G = tk.group_from_points(coordinates, labels, tol, session=offline)
        assert G.order == order
        assert G.space_matrices.residual < (tol or 1e-12)


def test_coincident_points_are_exchanged_without_moving_space(offline: tk.Session) -> None:
    G = tk.group_from_points([[0, 0], [0, 0], [1, 0]], session=offline)
    assert (G.order, G.natural_module().images.tolist()) == (2, [[1, 0, 2]])
    assert np.abs(G.space_matrices.matrices - np.eye(2)).max() < 1e-12
    assert tk.group_from_points([[0, 0], [0, 0], [1, 0]], "aba", session=offline).order == 1


# -- near ties -----------------------------------------------------------------------------------


def ethane() -> tuple[np.ndarray[Any, Any], str]:
    """Return the staggered form: D3d, of order 12."""
    rows = [[0.0, 0, 0.7625], [0, 0, -0.7625]]
    for k in range(6):
        turn = math.pi * k / 3
        rows.append([1.0152 * math.cos(turn), 1.0152 * math.sin(turn), 1.1585 * (-1) ** k])
    return np.array(rows), "CCHHHHHH"


@pytest.mark.parametrize("digits", [3, 4, 5, 6])
def test_rounded_coordinates_are_noticed(digits: int, offline: tk.Session) -> None:
    rows, labels = ethane()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert tk.group_from_points(rows, labels, session=offline).order == 12
    with pytest.warns(NearTieWarning, match="the group has order 12") as seen:
        assert tk.group_from_points(rows.round(digits), labels, session=offline).order < 12
    assert (len(seen), seen[0].filename) == (1, __file__)
    tol = float(str(seen[0].message).split("tol=")[1].split()[0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        G = tk.group_from_points(rows.round(digits), labels, tol, session=offline)
        assert G.order == 12
        whole = [[Fraction(str(x)) for x in row] for row in rows.round(digits).tolist()]
        assert tk.group_from_points(whole, labels, session=offline).order < 12  # exact data


def test_noise_of_weights_is_noticed(offline: tk.Session) -> None:
    rook = nx.to_numpy_array(nx.line_graph(nx.complete_bipartite_graph(3, 3)))
    noise = np.random.default_rng(0).normal(size=(9, 9)) * 1e-12
    noisy = rook * (1 + noise + noise.T)
    with pytest.warns(NearTieWarning, match="order 1, with tol=.*the group has order 72") as seen:
        assert tk.group_from_matrix(noisy, session=offline).order == 1
    graph = nx.from_numpy_array(noisy)
    with pytest.warns(NearTieWarning, match="the group has order 72") as also:
        assert tk.group_from_graph(graph, (), "weight", session=offline).order == 1
    assert {one.filename for one in [*seen, *also]} == {__file__}
    assert tk.group_from_matrix(noisy, 1e-9, session=offline).order == 72
    assert tk.group_from_graph(graph, (), "weight", 1e-9, session=offline).order == 72


def test_the_hint_about_tables_that_are_not_square(offline: tk.Session) -> None:
    H = np.array([[1, 1, 0, 0], [0, 0, 1, 1]])
    with pytest.raises(NamingError, match="cannot construct a group from this matrix") as error:
        tk.group_from_matrix(H, session=offline)
    made, called = (
        error.value.suggestion.split("graph = ")[1].split(", then ")[0],
        error.value.suggestion.split(", then ")[1],
    )
    names: dict[str, Any] = {"nx": nx, "scipy": __import__("scipy.sparse"), "H": H}
    names["graph"] = eval(made, names)
    names["group_from_graph"] = partial(tk.group_from_graph, session=offline)
    # brute force: rows and columns permuted independently
    kept = sum(
        np.array_equal(H[list(r)][:, list(c)], H)
        for r in itertools.permutations(range(2))
        for c in itertools.permutations(range(4))
    )
    assert eval(called, names).order == kept == 8


# -- names ---------------------------------------------------------------------------------------


@pytest.mark.gap
def test_a_given_name_is_displayed_and_changes_no_answer() -> None:
    G = tk.group_from_graph(kekule(), edge_attribute="bond", name="benzene")
    H = tk.group_from_permutations(G.natural_module().images, name="another")
    assert G == H
    assert repr(G) == "<group benzene>"
    X = G.natural_module()
    assert repr(X) == "<6 points: module of benzene of degree 6>"
    assert "of benzene" in repr(tk.nn.EquivariantLinear(X, X, 1, 1))
    assert X.multiplicities == H.natural_module().multiplicities
    before = list(default_session().asked)
    assert H.character_table == G.character_table
    assert H.natural_module().spherical_table.group == X.group
    assert default_session().asked == before
    graph = tk.interaction_graph(X, "relu")
    assert graph.graph["group"] == G.name
    assert graph_title(graph) == "benzene, 6 points, relu"
    label = max(X.multiplicities)
    assert "of benzene" in repr(tk.pl_map(X, label, label, "relu"))
    table = tk.group_from_cayley_table([[0, 1], [1, 0]], name="two")
    assert repr(table) == "<group two>"
    for wrong in ("", "two\nlines", 3):
        with pytest.raises(NamingError, match="a name must be a text"):
            tk.group_from_permutations([[1, 0]], name=wrong)  # type: ignore[arg-type]


# -- layers need generators only -----------------------------------------------------------------

GRAPHS = {
    "star": (nx.star_graph(200), 5),
    "larger star": (nx.star_graph(1100), 5),
    "bipartite": (nx.complete_bipartite_graph(60, 60), 3),
    "binary tree": (nx.balanced_tree(2, 8), 285),
    "wreath product": (nx.disjoint_union_all([nx.balanced_tree(4, 3)] * 5), 46),
    "Petersen graph": (nx.petersen_graph(), 3),
}


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.quick_cases(1)
def test_layers_of_large_groups_start_no_gap(name: str, offline: tk.Session) -> None:
    graph, orbitals = GRAPHS[name]
    G = tk.group_from_graph(graph, (), session=offline)
    X = G.natural_module()
    assert tk.orbitals(X).count == orbitals
    assert tk.layer_basis(X).dimension == orbitals
    layer = tk.nn.EquivariantLinear(X, X, 1, 1)
    assert layer.parameters_count() == orbitals + X.orbit_count
    assert offline.asked == []


def test_orbitals_of_a_tree_against_its_own_pairs(offline: tk.Session) -> None:
    tree = nx.random_labeled_tree(18, seed=4)
    G = tk.group_from_graph(tree, session=offline)
    # two pairs are in one orbital if and only if the trees with both marked are isomorphic
    kinds: dict[object, int] = {}
    for pair in itertools.product(tree, repeat=2):
        marked = [[(v == pair[0]) + 2 * (v == pair[1]) for v in tree]]
        colors = marked[0]
        for _ in range(18):
            colors = [hash((colors[v], tuple(sorted(colors[w] for w in tree[v])))) for v in tree]
        kinds.setdefault(tuple(sorted(colors)), len(kinds))
    assert tk.orbitals(G.natural_module()).count == len(kinds)


def test_too_many_orbitals_are_refused_before_the_search(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("toolkit.modules.gsets.suborbits._LARGEST_TABLE", 30)
    with pytest.raises(tk.NotAvailable, match="at least 36 of them"):
        _ = Orbitals([[1, 0, 2, 3, 4, 5, 6]]).count
    assert Orbitals([[1, 2, 3, 4, 5, 0]]).count == 6


def test_two_generators_of_a_large_symmetric_group(offline: tk.Session) -> None:
    for n in (140, 200):
        cycle, swap = [*range(1, n), 0], [1, 0, *range(2, n)]
        G = tk.group_from_permutations([cycle, swap], session=offline)
        assert G.order == math.factorial(n)
        assert (G.is_solvable, G.is_simple, G.facts.abelian_invariants) == (False, False, (2,))
        assert G.facts.derived_series == (G.order, G.order // 2)
    even = tk.group_from_permutations([[*range(1, 101), 0], [1, 2, 0, *range(3, 101)]])
    assert (even.order, even.is_simple) == (math.factorial(101) // 2, True)


# -- facts by blocks, against GAP ----------------------------------------------------------------


def symmetric(n: int, shift: int = 0, points: int = 0) -> list[list[int]]:
    points = max(points, n)
    rows = []
    for image in ([*range(1, n), 0], [1, 0, *range(2, n)]):
        row = list(range(points))
        row[shift : shift + n] = [shift + x for x in image]
        rows.append(row)
    return rows


def even(n: int) -> list[list[int]]:
    long = [*range(1, n), 0] if n % 2 else [0, *range(2, n), 1]
    return [long, [1, 2, 0, *range(3, n)]]


def wreath(n: int, m: int) -> list[list[int]]:
    rows = symmetric(n, 0, n * m)
    for top in symmetric(m) if m > 2 else [[1, 0]]:
        rows.append([n * top[p // n] + p % n for p in range(n * m)])
    return rows


CASES = {
    **{f"S{n}": symmetric(n) for n in range(7, 12)},
    **{f"A{n}": even(n) for n in range(7, 12)},
    "S7 and a fixed point": symmetric(7, 0, 8),
    "S7 x S8": symmetric(7, 0, 15) + symmetric(8, 7, 15),
    "even in S7 x S8": [
        [*range(1, 7), 0, *range(7, 15)],
        [1, 0, *range(2, 7), 8, 7, *range(9, 15)],
        [*range(7), 8, 9, 7, *range(10, 15)],
        [*range(8), *range(9, 15), 8],
    ],
    "S7 wr C2": wreath(7, 2),
    "S7 wr S3": wreath(7, 3),
    "S8 wr S4": wreath(8, 4),
}


@pytest.mark.gap
@pytest.mark.parametrize("name", CASES)
def test_facts_by_blocks_are_those_of_gap(name: str) -> None:
    images = np.array(CASES[name])
    spec = Permutations(images.shape[1], tuple(map(tuple, images.tolist())))
    found = alternating_facts(images, lambda spec: tk.group(spec).facts)
    assert found is not None
    theirs = tk.group(spec).answer(FACTS)
    for field in (
        "order", "generators", "points", "faithful", "orbit_lengths", "id", "description",
        "abelian", "nilpotent", "solvable", "perfect", "simple", "abelian_invariants",
        "derived_series", "classes",
    ):  # fmt: skip
        assert getattr(found, field) == getattr(theirs, field), field
    assert (found.table is True) == (theirs.table is True)
    assert theirs.exponent in (None, found.exponent)
    for name in ("centre", "derived", "frattini", "fitting", "socle", "radical"):
        assert getattr(theirs.subgroups, name) in (None, getattr(found.subgroups, name)), name


def test_blocks_are_not_found_where_there_are_none() -> None:
    for graph in (nx.cycle_graph(30), nx.hypercube_graph(4), nx.petersen_graph()):
        images = tk.group_from_graph(graph, ()).action_images
        assert images is not None
        assert (alternating_blocks(images) == -1).all()
    affine = np.array([[(i + 1) % 11 for i in range(11)], [2 * i % 11 for i in range(11)]])
    assert (alternating_blocks(affine) == -1).all()


# -- second routes -------------------------------------------------------------------------------


def drawings() -> dict[str, Any]:
    chance = np.random.default_rng(8)
    loops: nx.DiGraph[int] = nx.DiGraph([(0, 0), (0, 1), (1, 2), (2, 0), (3, 3), (3, 4), (4, 5)])
    parallel: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    parallel.add_edges_from([(0, 1), (0, 1), (1, 2), (2, 3), (2, 3), (3, 0)])
    tournament = nx.DiGraph([(i, (i + d) % 7) for i in range(7) for d in (1, 2, 4)])
    return {
        "benzene": read_graph(kekule(), None, "bond").relation,
        "rook": read_graph(nx.line_graph(nx.complete_bipartite_graph(5, 5))).relation,
        "cycles": read_graph(nx.disjoint_union_all([nx.cycle_graph(5)] * 3)).relation,
        "loops": read_graph(loops).relation,
        "parallel": read_graph(parallel).relation,
        "tournament": read_graph(tournament).relation,
        "coloured rook": read_matrix(
            [[(i // 4 == j // 4) + 2 * (i % 4 == j % 4) for i in range(16)] for j in range(16)]
        ).relation,
        "random": read_matrix(chance.integers(0, 2, (9, 9))).relation,
    }


@pytest.mark.gap
@pytest.mark.parametrize("name", drawings())
def test_digraphs_of_gap_agrees(name: str) -> None:
    relation = drawings()[name]
    one = automorphisms(relation, Igraph())
    two = automorphisms(relation, GapDigraphs(default_session()))
    assert one.order == two.order
    both = np.concatenate([one.images, two.images])
    spec = Permutations(relation.size, tuple(map(tuple, both.tolist())))
    assert tk.group(spec).order == one.order  # GAP's stabiliser chain


@pytest.mark.gap
def test_a_wrong_order_is_not_believed() -> None:
    spec = Permutations(5, ((1, 2, 3, 4, 0),))
    wrong = tk.Group(spec, default_session(), known_order=3)
    assert wrong.order == 3
    with pytest.raises((InconsistentAnswerError, tk.errors.GapError)):
        _ = wrong.facts


@pytest.mark.gap
def test_regular_action_without_gap() -> None:
    for rows in ([[1, 2, 3, 0], [0, 3, 2, 1]], [[1, 2, 0, 3, 4], [0, 1, 2, 4, 3]], [[0, 1]]):
        found = regular_images(np.array(rows), 1000)
        assert found is not None
        assert found.tolist() == tk.group(rows).regular_module().images.tolist()
    assert regular_images(np.array(symmetric(9)), 4096) is None


def test_fixed_points_among_many_orbits_need_no_search() -> None:
    images = [[1, 0, 2, 3, 4, 5], [0, 1, 2, 4, 5, 3]]
    table = {}
    for y, x in itertools.product(range(6), repeat=2):
        table[y, x] = (y, x)
    for _ in range(6):
        for (y, x), g in itertools.product(list(table), images):
            one, two = sorted((table[y, x], table[g[y], g[x]]))
            table = {p: one if t == two else t for p, t in table.items()}
    assert Orbitals(images).count == len(set(table.values()))
