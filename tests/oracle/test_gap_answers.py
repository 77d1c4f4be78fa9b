"""Published and recomputed numbers, answered by GAP itself (no bundled answers)."""

from __future__ import annotations

import math

import pytest

import toolkit as tk
from toolkit.gap import GapWorker

pytestmark = pytest.mark.gap

# n, real simples, edges of relu (loops counted), edges of abs: the divisibility rule of
# dtubbenhauer/pl-reps (arXiv 2408.00949), confirmed numerically
CYCLIC = [
    (2, 2, 3, 2),
    (3, 2, 3, 3),
    (4, 3, 6, 4),
    (5, 3, 7, 7),
    (6, 4, 8, 6),
    (7, 4, 13, 13),
    (8, 5, 14, 10),
    (9, 5, 18, 18),
    (10, 6, 17, 14),
    (11, 6, 31, 31),
    (12, 7, 21, 16),
    (13, 7, 43, 43),
    (14, 8, 30, 26),
    (15, 8, 41, 41),
    (16, 9, 38, 30),
    (17, 9, 73, 73),
    (18, 10, 41, 36),
    (19, 10, 91, 91),
    (20, 11, 48, 40),
    (21, 11, 81, 81),
    (22, 12, 68, 62),
    (23, 12, 133, 133),
    (24, 13, 61, 50),
]


@pytest.mark.parametrize(("n", "simples", "relu", "absolute"), CYCLIC)
def test_cyclic_groups(gap_session, n, simples, relu, absolute):
    X = tk.group(f"C{n}", session=gap_session).regular_module()
    graph = tk.interaction_graph(X, "relu")
    assert (len(graph), graph.number_of_edges()) == (simples, relu)
    assert tk.interaction_graph(X, "abs").number_of_edges() == absolute
    # and which edges, by the index of arXiv 2408.00949
    index = {label: data["paper_index"] for label, data in graph.nodes(data=True)}
    order = {k: n // math.gcd(n, k) for k in index.values()}
    assert sorted(order) == list(range(n // 2 + 1))
    for i in order:
        plus = order[i] // 2 if order[i] % 2 == 0 else order[i]
        found = {index[b] for a, b in graph.edges if index[a] == i}
        assert found == {j for j in order if j == i or plus % order[j] == 0}


# name, dimensions, types, classes of subgroups, normal subgroups (None: not stated)
FIRST_FACTS = [
    ("Q8", (1, 1, 1, 1, 4), "RRRRH", None, None),
    ("C3", (1, 2), "RC", None, None),
    ("S4", (1, 1, 2, 3, 3), "RRRRR", 11, 4),
    ("S5", (1, 1, 4, 4, 5, 5, 6), "RRRRRRR", 19, None),
    ("A5", (1, 3, 3, 4, 5), "RRRRR", 9, None),
    ("D8", (1, 1, 1, 1, 2), "RRRRR", None, None),
]


@pytest.mark.parametrize(("name", "dimensions", "types", "classes", "normal"), FIRST_FACTS)
def test_first_facts(gap_session, name, dimensions, types, classes, normal):
    G = tk.group(name, session=gap_session)
    assert tuple(s.dimension for s in G.simples) == dimensions
    assert "".join(s.type for s in G.simples) == types
    if classes is not None:
        assert len(G.subgroup_classes()) == classes
    if normal is not None:
        assert len(G.normal_subgroups()) == normal


def test_table_of_marks_of_s3(gap_session):
    marks = tk.group("S3", session=gap_session).table_of_marks()
    assert marks.rows == ((6,), (3, 1), (2, 0, 2), (1, 1, 1, 1))


@pytest.mark.slow
def test_the_monster_has_194_classes(gap_session):
    assert len(tk.group("Table(M)", session=gap_session).character_table) == 194


def test_counts_of_groups(installation, scripts, tmp_path):
    """319 groups of order at most 63, 1048 to 100, 1268 to 127, 7012 to 255."""
    import shutil

    folder = tmp_path / "gap_scripts"
    shutil.copytree(scripts, folder)
    init = folder / "init.g"
    count = "TK_request_count := args -> Sum([1 .. args.to], NumberSmallGroups);;\n"
    init.write_text(init.read_text() + count + 'Add(TK_Requests, "count");\n')
    with GapWorker(installation, folder) as worker:
        for to, groups in ((63, 319), (100, 1048), (127, 1268), (255, 7012)):
            assert worker.ask("count", {"to": to}, subject="the library").value == groups


# name, subgroups, classes of subgroups, normal subgroups; dihedral groups by their order
SUBGROUPS = [
    ("C2", 2, 2, 2),
    ("C3", 2, 2, 2),
    ("C4", 3, 3, 3),
    ("C6", 4, 4, 4),
    ("C8", 4, 4, 4),
    ("C2 x C2", 5, 5, 5),
    ("D6", 6, 4, 3),
    ("D8", 10, 8, 6),
    ("D10", 8, 4, 3),
    ("D12", 16, 10, 7),
    ("D16", 19, 11, 7),
    ("Q8", 6, 6, 6),
    ("C2 x C4", 8, 8, 8),
    ("C2 x C2 x C2", 16, 16, 16),
    ("A4", 10, 5, 3),
    ("S4", 30, 11, 4),
    ("A5", 59, 9, 2),
]


@pytest.mark.parametrize(("name", "subgroups", "classes", "normal"), SUBGROUPS)
def test_subgroups(gap_session, name, subgroups, classes, normal):
    G = tk.group(name, session=gap_session)
    found = G.subgroup_classes()
    assert (sum(c.length for c in found), len(found)) == (subgroups, classes)
    assert sum(c.length == 1 for c in found) == normal == len(G.normal_subgroups())


def pairs(perm):
    """Return a permutation's action on ordered pairs of points."""
    n = len(perm)
    return [perm[i] * n + perm[j] for i in range(n) for j in range(n)]


RUBIK = (
    "(1,3,8,6)(2,5,7,4)(9,33,25,17)(10,34,26,18)(11,35,27,19)",
    "(9,11,16,14)(10,13,15,12)(1,17,41,40)(4,20,44,37)(6,22,46,35)",
    "(17,19,24,22)(18,21,23,20)(6,25,43,16)(7,28,42,13)(8,30,41,11)",
    "(25,27,32,30)(26,29,31,28)(3,38,43,19)(5,36,45,21)(8,33,48,24)",
    "(33,35,40,38)(34,37,39,36)(3,9,46,32)(2,12,47,29)(1,14,48,27)",
    "(41,43,48,46)(42,45,47,44)(14,22,30,38)(15,23,31,39)(16,24,32,40)",
)


class TestLayers:
    """Dimensions of spaces of equivariant maps: AutoEquiv, EMLP, and two peers."""

    @pytest.mark.parametrize(
        ("name", "weights"), [("S4", 2), ("C6", 6), ("M24", 2), ("M11", 2), ("C32 x C32", None)]
    )
    def test_natural_modules(self, gap_session, name, weights):
        if weights is None:
            X = tk.group(name, session=gap_session).regular_module()
            assert tk.orbitals(X).count == 1024
            return
        X = tk.group(name, session=gap_session).natural_module()
        assert tk.orbitals(X).count == weights
        assert sum(X.multiplicities.values()) >= 1

    def test_pairs_of_points(self, gap_session):
        s5 = [[1, 2, 3, 4, 0], [1, 0, 2, 3, 4]]
        G = tk.group([pairs(p) for p in s5], session=gap_session)
        X = G.natural_module()
        assert (G.order, X.degree, len(X.orbits)) == (120, 25, 2)
        assert tk.orbitals(X).count == 15 == tk.hom_dimension(X, X)

    def test_dodecahedron(self, gap_session):
        G = tk.group("A5", session=gap_session)
        (c,) = [c for c in G.subgroup_classes() if c.order == 3]
        X = G.coset_module(c)
        assert (X.degree, tk.orbitals(X).count, X.rank) == (20, 8, 8)

    def test_regular_module_of_psl(self, gap_session):
        X = tk.group("PSL(2,7)", session=gap_session).regular_module()
        assert tk.orbitals(X).count == 168 == X.rank

    def test_free_action_on_two_orbits(self, gap_session):
        """A group of order 12 acting freely on 24 points has 48 weights, whichever it is."""
        for i in range(1, 6):
            R = tk.group(f"SmallGroup(12,{i})", session=gap_session).regular_module()
            X = R + R
            assert tk.orbitals(X).count == 48 == tk.hom_dimension(X, X)

    def test_emlp(self, gap_session):
        """S6, V = 6 points: V + V^2 -> V has 7 weights."""
        s6 = [[1, 2, 3, 4, 5, 0], [1, 0, 2, 3, 4, 5]]
        both = [p + [6 + x for x in pairs(p)] for p in s6]
        G = tk.group(both, session=gap_session)
        X = G.natural_module()
        assert G.order == 720
        V = X.orbits[0]
        assert V.degree == 6
        assert tk.orbitals(X, V).count == 7 == tk.hom_dimension(X, V)

    def test_rubiks_cube(self, gap_session):
        """6 face turns on 48 facelets: 9 weights, without listing anything."""
        G = tk.group("<" + ", ".join(RUBIK) + ">", session=gap_session)
        assert G.order == 43252003274489856000
        assert not G.has_table
        assert "50000000 for computing its classes (PLREP_MAX_ORDER" in str(G.facts.table)
        X = G.natural_module()
        assert [p.degree for p in X.orbits] == [24, 24]
        assert tk.orbitals(X).count == 9
        for part in X.orbits:
            assert sum(part.multiplicities.values()) >= 2
            assert part.spherical_table.simples[0].label == "V0"

    def test_past_the_old_bound_and_the_library(self, gap_session):
        G = tk.group("W(E7)", session=gap_session)  # C2 x Sp(6,2)
        theirs = tk.group("Table(2xS6(2))", session=gap_session).character_table
        assert G.facts.table is True
        assert sorted(G.character_table.class_sizes) == sorted(theirs.class_sizes)
        for name, table in (("HS", "HS"), ("Sz(32)", "Sz(32)"), ("U4(3)", "U4(3)")):
            G = tk.group(name, session=gap_session)
            assert f"its library character table is Table({table})" in str(G.facts.table)
            assert tk.group(f"Table({table})", session=gap_session).order == G.order

    def test_larger_tables_are_quick(self, gap_session):
        """Words decide only between classes that the table leaves alike."""
        table = tk.group("W(B6)", session=gap_session).character_table
        assert len(table.class_sizes) == 65

    def test_large_symmetric_groups(self, gap_session):
        G = tk.group("S1024", session=gap_session)
        assert G.order == math.factorial(1024)
        assert not G.has_table
        X = G.natural_module()
        assert X.is_2_transitive
        assert X.multiplicities == {"V0": 1, "V1": 1}
