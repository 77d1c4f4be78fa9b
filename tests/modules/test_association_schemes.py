"""Association schemes: published spectra of graphs, brute force, both routes, fusions."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.exact import Cyclotomic, ExactMatrix, simplified
from toolkit.modules.schemes.relations import Relations

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.exact.cyclotomic import Number
    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.modules.schemes.association_scheme import AssociationScheme

pytestmark = pytest.mark.gap


def root(*terms: tuple[int, int, int]) -> Cyclotomic:
    """Return the sum of c E(n)^k over (n, k, c)."""
    total = Cyclotomic.from_int(0)
    for n, k, c in terms:
        total = total + c * Cyclotomic.root_of_unity(n, k)
    return total


SQRT2 = root((8, 1, 1), (8, 3, -1))
SQRT5 = root((5, 1, 1), (5, 2, -1), (5, 3, -1), (5, 4, 1))
SQRT13 = root(*((13, k, 1 if k in {1, 3, 4, 9, 10, 12} else -1) for k in range(1, 13)))


def induced(points: Sequence[object], generators: Sequence[dict[object, object]]) -> tk.Group:
    """Return the group that permutations of letters generate on sets or tuples of letters."""

    def moved(p: object, g: dict[object, object]) -> object:
        if isinstance(p, frozenset | tuple):
            return type(p)(moved(x, g) for x in p)
        return g[p]

    place = {p: i for i, p in enumerate(points)}
    return tk.group_from_permutations([[place[moved(p, g)] for p in points] for g in generators])


def subsets(n: int, k: int) -> PermutationModule:
    cycle: dict[object, object] = {i: (i + 1) % n for i in range(n)}
    swap: dict[object, object] = {i: {0: 1, 1: 0}.get(i, i) for i in range(n)}
    points = [frozenset(c) for c in itertools.combinations(range(n), k)]
    return induced(points, [cycle, swap]).natural_module()


def of_graph(graph: nx.Graph[Any]) -> PermutationModule:
    return tk.group_from_graph(graph).natural_module()


def hamming(d: int, q: int) -> PermutationModule:
    points = list(itertools.product(range(q), repeat=d))
    place = {p: i for i, p in enumerate(points)}

    def images(move: Callable[[tuple[int, ...]], tuple[int, ...]]) -> list[int]:
        return [place[move(p)] for p in points]

    swap = {0: 1, 1: 0}
    return tk.group_from_permutations(
        [
            images(lambda p: (*p[1:], p[0])),
            images(lambda p: (p[1], p[0], *p[2:])),
            images(lambda p: ((p[0] + 1) % q, *p[1:])),
            images(lambda p: (swap.get(p[0], p[0]), *p[1:])),
        ]
    ).natural_module()


def affine(p: int, index: int) -> PermutationModule:
    """Return x -> a x + b modulo a prime p, the a of the subgroup of an index."""
    g = next(g for g in range(2, p) if len({pow(g, k, p) for k in range(p - 1)}) == p - 1)
    a = pow(g, index, p)
    shift, scale = [(x + 1) % p for x in range(p)], [a * x % p for x in range(p)]
    return tk.group_from_permutations([shift, scale]).natural_module()


def clebsch() -> nx.Graph[Any]:
    graph = nx.hypercube_graph(4)
    graph.add_edges_from((v, tuple(1 - x for x in v)) for v in list(graph))
    return graph


def shrikhande() -> nx.Graph[Any]:
    graph: nx.Graph[Any] = nx.Graph()
    for x, y in itertools.product(range(4), repeat=2):
        for a, b in ((1, 0), (0, 1), (1, 1)):
            graph.add_edge((x, y), ((x + a) % 4, (y + b) % 4))
    return graph


FANO = [frozenset((i, (i + 1) % 7, (i + 3) % 7)) for i in range(7)]


def heawood() -> nx.Graph[Any]:
    return nx.Graph([(p, line) for line in FANO for p in line])


def coxeter() -> nx.Graph[Any]:
    points = [frozenset(c) for c in itertools.combinations(range(7), 3)]
    points = [p for p in points if p not in FANO]
    return nx.Graph((p, q) for p, q in itertools.combinations(points, 2) if not p & q)


def lines_on_a_cubic() -> nx.Graph[Any]:
    """Return the 27 lines a_i, b_i, c_ij; adjacent if skew."""
    six = range(6)
    lines: list[tuple[str, frozenset[int]]] = [(t, frozenset({i})) for t in "ab" for i in six]
    lines += [("c", frozenset(c)) for c in itertools.combinations(six, 2)]

    def meet(x: tuple[str, frozenset[int]], y: tuple[str, frozenset[int]]) -> bool:
        kinds = {x[0], y[0]}
        if kinds == {"a", "b"}:
            return x[1] != y[1]
        if kinds == {"c"}:
            return not x[1] & y[1]
        return "c" in kinds and bool(x[1] & y[1])

    return nx.Graph((x, y) for x, y in itertools.combinations(lines, 2) if not meet(x, y))


# the module, the valency of the graph, its spectrum; sources: [BCN] Brouwer, Cohen, Neumaier,
# Distance-Regular Graphs (1989); [BH] Brouwer, Haemers, Spectra of Graphs (2012)
PUBLISHED: dict[str, tuple[Callable[[], PermutationModule], int, dict[Number, int]]] = {
    # [BH] 1.4.5, 9.1.2, 12.1, 1.5.3
    "Petersen": (lambda: subsets(5, 2), 3, {3: 1, 1: 5, -2: 4}),
    # [BCN] 9.1.2: (k - j)(n - k - j) - j, C(n, j) - C(n, j - 1) times
    "Johnson J(7,3)": (lambda: subsets(7, 3), 12, {12: 1, 5: 6, 0: 14, -3: 14}),
    # [BCN] 9.1.6: (-1)^j C(k - j + 1, j), as above
    "odd graph O4": (lambda: subsets(7, 3), 4, {4: 1, -3: 6, 2: 14, -1: 14}),
    # [BCN] 9.2.1: d(q - 1) - q j, C(d, j) (q - 1)^j times
    "cube H(3,2)": (lambda: hamming(3, 2), 3, {3: 1, 1: 3, -1: 3, -3: 1}),
    "Hamming H(3,3)": (lambda: hamming(3, 3), 6, {6: 1, 3: 6, 0: 12, -3: 8}),
    "Hamming H(4,3)": (lambda: hamming(4, 3), 8, {8: 1, 5: 8, 2: 24, -1: 32, -4: 16}),
    # [BH] 9.1.1: (-1 +- sqrt q) / 2
    "Paley 13": (
        lambda: affine(13, 2),
        6,
        {6: 1, (SQRT13 - 1) / 2: 6, (-1 - SQRT13) / 2: 6},
    ),
    # [BH] 9.1.3, of valency 5
    "Clebsch": (lambda: of_graph(clebsch()), 5, {5: 1, 1: 10, -3: 5}),
    # [BH] 9.2: srg(16, 6, 2, 2), not of rank 3
    "Shrikhande": (lambda: of_graph(shrikhande()), 6, {6: 1, 2: 6, -2: 9}),
    # [BH] 9.1.6: of valency 16, complement of the collinearity graph of GQ(2,4)
    "Schlaefli": (lambda: of_graph(lines_on_a_cubic()), 16, {16: 1, 4: 6, -2: 20}),
    # [BH] 9.1.7
    "Hoffman-Singleton": (
        lambda: of_graph(nx.hoffman_singleton_graph()),
        7,
        {7: 1, 2: 28, -3: 21},
    ),
    # [BH] 9.1.8
    "Gewirtz": (
        lambda: tk.group("PrimitiveGroup(56,1)").natural_module(),
        10,
        {10: 1, 2: 35, -4: 20},
    ),
    # [BH] 9.1.10; order 44,352,000: without a character table
    "Higman-Sims": (
        lambda: tk.group("PrimitiveGroup(100,3)").natural_module(),
        22,
        {22: 1, 2: 77, -8: 22},
    ),
    # [BH] 1.5.2, 1.4 and [BCN] 1.5
    "dodecahedron": (
        lambda: of_graph(nx.dodecahedral_graph()),
        3,
        {3: 1, SQRT5: 3, 1: 5, 0: 4, -2: 4, -SQRT5: 3},
    ),
    "icosahedron": (
        lambda: of_graph(nx.icosahedral_graph()),
        5,
        {5: 1, SQRT5: 3, -1: 5, -SQRT5: 3},
    ),
    # [BCN] 12.3 (the Coxeter graph), 1.6 (incidence graph of the projective plane of order 2)
    "Coxeter": (
        lambda: of_graph(coxeter()),
        3,
        {3: 1, 2: 8, SQRT2 - 1: 6, -1: 7, -1 - SQRT2: 6},
    ),
}


def relation_of_valency(scheme: AssociationScheme, k: int) -> int:
    return min(i for i in range(1, scheme.rank) if scheme.valencies[i] == k)


SLOW = {"Hamming H(4,3)", "Higman-Sims"}  # a large character table, a large group


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in PUBLISHED]
)
@pytest.mark.quick_cases(4)
def test_published_spectra(name: str) -> None:
    make, k, spectrum = PUBLISHED[name]
    scheme = make().association_scheme
    i = relation_of_valency(scheme, k)
    found: Counter[Number] = Counter()
    for row, m in zip(scheme.P, scheme.multiplicities, strict=True):
        found[row[i]] += m
    if scheme.valencies.count(k) > 1 and found != spectrum:  # the cube's other relation
        pytest.fail(f"{found}")
    assert found == {simplified(v): m for v, m in spectrum.items()}
    check(scheme)


def multiple_of_identity(n: int, r: int) -> ExactMatrix:
    return ExactMatrix.of([[n * (i == j) for j in range(r)] for i in range(r)])


def check(scheme: AssociationScheme) -> None:
    """Compare everything with matrices."""
    n, r = scheme.degree, scheme.rank
    matrices = np.stack([scheme.adjacency(i) for i in range(r)])
    assert (matrices[0] == np.eye(n)).all()
    assert (matrices.sum(axis=0) == 1).all()
    numbers = scheme.intersection_numbers
    for i, j in itertools.product(range(r), repeat=2):
        product = matrices[i] @ matrices[j]
        assert (product == np.tensordot(numbers[i, j], matrices, 1)).all()
    for i in range(r):
        assert (matrices[scheme.paired[i]] == matrices[i].T).all()
        assert matrices[i].sum() == n * scheme.valencies[i]
        if i:
            kind = nx.DiGraph if scheme.paired[i] != i else nx.Graph
            graph = scheme.graph(i)
            assert type(graph) is kind
            assert (nx.to_numpy_array(graph, nodelist=range(n)) == matrices[i]).all()
    connected = all(nx.is_weakly_connected(nx.DiGraph(scheme.graph(i))) for i in range(1, r))
    assert scheme.is_primitive == (connected and n > 1)
    assert vars(Relations)["is_primitive"].func(scheme.source) == scheme.is_primitive
    if not scheme.is_commutative:
        return
    assert scheme.P @ scheme.Q == scheme.Q @ scheme.P == multiple_of_identity(n, r)
    P, Q = scheme.P.to_numpy(), scheme.Q.to_numpy()
    for i in range(r):
        eigenvalues = np.linalg.eigvals(matrices[i].astype(float))
        for row, m in zip(P, scheme.multiplicities, strict=True):
            close = np.isclose(eigenvalues, row[i], atol=1e-5 * n)
            same = sum(
                k
                for other, k in zip(P, scheme.multiplicities, strict=True)
                if abs(other[i] - row[i]) < 1e-9
            )
            assert close.sum() == same, (i, row[i], m)
    projections = np.einsum("ij,ixy->jxy", Q, matrices) / n
    for i, j in itertools.product(range(r), repeat=2):
        assert np.allclose(projections[i] @ projections[j], projections[i] * (i == j), atol=1e-9)
        assert np.allclose(matrices[i] @ projections[j], P[j, i] * projections[j], atol=1e-9)
    krein = np.stack([m.to_numpy() for m in scheme.krein_parameters])
    assert krein.dtype == np.float64
    assert krein.min() > -1e-9
    for i, j in itertools.product(range(r), repeat=2):
        left = n * projections[i] * projections[j]
        assert np.allclose(left, np.tensordot(krein[i, j], projections, 1), atol=1e-7)


def test_intersection_arrays_and_parameters() -> None:
    """The arrays of the tables in [BCN], chapter 14, and strongly regular graphs of [BH]."""
    arrays = {
        "odd graph O4": ((4, 3, 3), (1, 1, 2)),
        "Johnson J(7,3)": ((12, 6, 2), (1, 4, 9)),
        "Hamming H(3,3)": ((6, 4, 2), (1, 2, 3)),
        "dodecahedron": ((3, 2, 1, 1, 1), (1, 1, 1, 2, 3)),
        "icosahedron": ((5, 2, 1), (1, 2, 5)),
        "Coxeter": ((3, 2, 2, 1), (1, 1, 1, 2)),
        "Hoffman-Singleton": ((7, 6), (1, 1)),
    }
    for name, array in arrays.items():
        make, k, _ = PUBLISHED[name]
        scheme = make().association_scheme
        assert scheme.intersection_array(relation_of_valency(scheme, k)) == array
        graph = scheme.graph(relation_of_valency(scheme, k))
        assert tuple(map(tuple, nx.intersection_array(graph))) == array
    parameters = {
        "Petersen": (10, 3, 0, 1), "Paley 13": (13, 6, 2, 3), "Clebsch": (16, 5, 0, 2),
        "Shrikhande": (16, 6, 2, 2), "Schlaefli": (27, 16, 10, 8),
        "Hoffman-Singleton": (50, 7, 0, 1), "Gewirtz": (56, 10, 0, 2),
        "Higman-Sims": (100, 22, 0, 6),
    }  # fmt: skip
    for name, found in parameters.items():
        make, k, _ = PUBLISHED[name]
        scheme = make().association_scheme
        assert scheme.strongly_regular_parameters(relation_of_valency(scheme, k)) == found
        assert scheme.is_p_polynomial == (name != "Shrikhande")


def test_q_polynomial_schemes() -> None:
    """[BCN] 8.4: Johnson and Hamming schemes are Q-polynomial, the dodecahedron is not."""
    for name, yes in (("Johnson J(7,3)", True), ("Hamming H(3,3)", True), ("dodecahedron", False)):
        scheme = PUBLISHED[name][0]().association_scheme
        assert scheme.is_q_polynomial == yes
        assert scheme.is_p_polynomial
    # H(3,3) is its own dual
    scheme = hamming(3, 3).association_scheme
    assert sorted(str(sorted(map(str, row))) for row in scheme.P) == sorted(
        str(sorted(map(str, row))) for row in scheme.Q
    )


def test_the_heawood_graph_on_points_and_lines() -> None:
    """[BCN] 1.6: spectrum 3, sqrt 2 (6 times), -sqrt 2 (6 times), -3; array {3,2,2;1,1,3}."""
    scheme = of_graph(heawood()).association_scheme
    i = relation_of_valency(scheme, 3)
    found = dict(zip((row[i] for row in scheme.P), scheme.multiplicities, strict=True))
    assert found == {3: 1, -3: 1, SQRT2: 6, -SQRT2: 6}
    assert scheme.intersection_array(i) == ((3, 2, 2), (1, 1, 3))
    assert not scheme.is_primitive
    check(scheme)


@pytest.mark.parametrize(("p", "index"), [(7, 2), (11, 2), (13, 4), (13, 6), (13, 12), (31, 6)])
def test_cyclotomic_schemes(p: int, index: int) -> None:
    """Gauss periods: the eigenvalues of x - y in a coset of a subgroup of the units mod p."""
    scheme = affine(p, index).association_scheme
    assert scheme.rank == index + 1
    g = next(g for g in range(2, p) if len({pow(g, k, p) for k in range(p - 1)}) == p - 1)
    cosets = [{pow(g, index * k + i, p) for k in range((p - 1) // index)} for i in range(index)]
    periods = {simplified(root(*((p, x, 1) for x in coset))) for coset in cosets}
    for i in range(1, scheme.rank):
        assert {row[i] for row in scheme.P.rows[1:]} == periods
    assert scheme.is_symmetric == (p - 1 in cosets[0])
    assert scheme.symmetrization.is_symmetric
    check(scheme)
    check(scheme.symmetrization)


@pytest.mark.parametrize("name", ["C6", "C2 x C4", "C9"])
def test_regular_modules_of_abelian_groups(name: str) -> None:
    """P is the character table: relation i is right multiplication by the i-th element."""
    G = tk.group(name)
    scheme = G.regular_module().association_scheme
    check(scheme)
    assert {frozenset(Counter(row).items()) for row in scheme.P} == {
        frozenset(Counter(chi).items()) for chi in G.characters
    }


def wreath(p: int, index: int, n: int) -> PermutationModule:
    """Return n copies of p points, each under an affine group: large, without a table."""
    small = affine(p, index).images.tolist()
    identity = list(range(p * n))
    gens = [[*image, *identity[p:]] for image in small]
    gens.append([(x + p) % (p * n) for x in identity])
    gens.append([*identity[p : 2 * p], *identity[:p], *identity[2 * p :]])
    return tk.group_from_permutations(gens).natural_module()


@pytest.mark.parametrize(("p", "index", "n"), [(7, 2, 6), (13, 4, 6), (7, 6, 8)])
def test_the_second_route(p: int, index: int, n: int) -> None:
    """Orbitals that commute and are not symmetric, of groups too large for a table."""
    X = wreath(p, index, n)
    assert X.home.table_within_reach() is None
    scheme = X.association_scheme
    assert scheme.is_commutative
    assert not scheme.is_symmetric
    check(scheme)
    assert sum(label.endswith("*") for label in scheme.eigenspaces.labels) == index // 2
    # the same eigenvalues inside a block as for one copy
    inside = affine(p, index).association_scheme
    small = {v for row in inside.P for v in row}
    assert {v for row in scheme.P for v in row} >= small


def test_both_routes_agree() -> None:
    for X in (affine(13, 4), affine(7, 2), subsets(6, 2)):
        with_table = X.association_scheme
        numbers = with_table.intersection_numbers.tolist()
        backend = X.backend
        assert backend is not None
        split = backend.split_scheme(numbers, with_table.paired)
        assert {tuple(map(simplified, row)): m for m, row in split} == dict(
            zip(with_table.P, with_table.multiplicities, strict=True)
        )


def test_schemes_that_do_not_commute() -> None:
    for X in (tk.group("S3").regular_module(), tk.group("S4").coset_module([[1, 0, 2, 3]])):
        scheme = X.association_scheme
        assert not scheme.is_commutative
        check(scheme)
        with pytest.raises(NotAvailable, match="do not commute"):
            _ = scheme.P
        with pytest.raises(NotAvailable, match="do not commute"):
            _ = scheme.krein_parameters
        # the hints are true
        assert scheme.intersection_numbers.shape == (scheme.rank,) * 3
        assert X.spherical_table.rank == scheme.rank
    assert tk.group("Q8").regular_module().association_scheme.symmetrization.is_commutative


def test_commutative_exactly_when_free_of_multiplicity() -> None:
    for name in ("S4", "A5", "SL(2,3)", "D12", "C7", "Q8"):
        G = tk.group(name)
        for X in G.permutation_modules():
            ends = {s.label: s.type for s in G.simples}
            free = all(m == 1 and ends[label] != "H" for label, m in X.multiplicities.items())
            assert X.association_scheme.is_commutative == free
            if free:
                scheme = X.association_scheme
                assert multiple_of_identity(X.degree, scheme.rank) == scheme.P @ scheme.Q
                characters = [G.character(label) for label in scheme.eigenspaces.labels]
                assert sum(characters[1:], characters[0]) == X.character


def test_fusions() -> None:
    scheme = hamming(3, 2).association_scheme
    by_distance = next(o for o in scheme.p_polynomial_orders if scheme.valencies[o[1]] == 3)
    with pytest.raises(
        ModuleMismatchError, match="do not form an association scheme: for two points"
    ):
        scheme.fusion([{by_distance[1]}, {by_distance[2], by_distance[3]}, {0}])
    with pytest.raises(ModuleMismatchError, match="in exactly one set"):
        scheme.fusion([{1, 2}])
    halved = scheme.fusion([{by_distance[1], by_distance[3]}, {by_distance[2]}])
    check(halved)
    assert sorted(halved.multiplicities) == [1, 1, 6]
    trivial = scheme.fusion([{1, 2, 3}])
    assert trivial.P.rows == ((1, 7), (1, -1))
    cyclic = affine(13, 4).association_scheme
    other, rest = {1, 2, 3, 4} - {1, cyclic.paired[1]}
    with pytest.raises(ModuleMismatchError, match="transposes together"):
        cyclic.fusion([{1, other}, {cyclic.paired[1]}, {rest}])


def test_bad_input() -> None:
    G = tk.group("S3")
    X = G.natural_module()
    with pytest.raises(ModuleMismatchError, match="coherent configuration"):
        _ = (X + X).association_scheme
    scheme = X.association_scheme
    with pytest.raises(IndexError, match="numbered 0 to 1"):
        scheme.adjacency(2)
    with pytest.raises(ModuleMismatchError, match="intersection array belongs"):
        affine(13, 4).association_scheme.intersection_array(1)
    assert scheme.strongly_regular_parameters(1) is None
    assert math.prod(scheme.valencies) == 2
    one_point = G.coset_module("H6a").association_scheme
    assert (one_point.rank, one_point.P.rows, one_point.is_primitive) == (1, ((1,),), False)


def test_a_signed_module_says_whose_scheme_there_is() -> None:
    square = [[1, 2, 3, 0], [2, 1, 0, 3]]
    V = tk.group("S4").signed_coset_module(square, square[:1])
    with pytest.raises(ModuleMismatchError, match=r"X\.unsigned\.association_scheme"):
        V.association_scheme  # noqa: B018
    assert V.unsigned.association_scheme.valencies == (1, 2)


def test_two_transitive_groups_need_no_character_table(monkeypatch: pytest.MonkeyPatch) -> None:
    X = tk.group("PGL(2,53)").natural_module()
    scheme = X.association_scheme
    with monkeypatch.context() as patch:
        patch.setattr(type(X.home), "table_within_reach", lambda self: 1 / 0)
        assert scheme.P.rows == ((1, 53), (1, -1))
        assert scheme.multiplicities == (1, 53)
        assert scheme.Q == scheme.P
    small = tk.group("PGL(2,5)").natural_module().association_scheme
    found = small.source.eigenspaces
    assert (found.eigenvalues, found.multiplicities) == (small.P, small.multiplicities)
