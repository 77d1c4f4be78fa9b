"""Permutation and signed modules answer the same questions, against matrices."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pytest
from module_matrices import hom_by_algebra, matrices

import toolkit as tk
from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.modules.module import common_kind, direct_sum, hom_dimension_by_characters

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.modules.module import Module

GROUPS = {
    "S3": ([[1, 2, 0], [0, 2, 1]], [[1, 1, 1], [-1, -1, -1]]),
    "C4": ([[1, 0]], [[1, -1]]),
    "Q8": ([[1, 0, 3, 2], [2, 3, 0, 1]], [[1, -1, 1, -1], [1, -1, -1, 1]]),
}


def pair(name: str) -> tuple[tk.PermutationModule, tk.SignedModule]:
    G = tk.group(name)
    return G.coset_module(G.subgroup_classes()[1]), tk.SignedModule.from_signs(G, *GROUPS[name])


def direct(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    return np.block([[A, np.zeros((len(A), len(B)))], [np.zeros((len(B), len(A))), B]])


@pytest.mark.parametrize("name", GROUPS)
def test_sums_and_products_have_these_matrices(name: str) -> None:
    X, V = pair(name)
    for one, other in itertools.product((X, V), repeat=2):
        A, B = matrices(one), matrices(other)
        total, product = one + other, one * other
        for g in range(len(A)):
            assert np.array_equal(matrices(total)[g], direct(A[g], B[g]))
            assert np.array_equal(matrices(product)[g], np.kron(A[g], B[g]))
        signed = one is V or other is V
        assert isinstance(total, tk.SignedModule) == isinstance(product, tk.SignedModule) == signed
    assert np.array_equal(matrices(V**3), matrices(V * V * V))
    assert (V**3).name == (V * V * V).name == f"({V.name})^3"
    assert (V**0).degree == 1
    assert (matrices(V**0) == 1).all()
    assert sum([V, V]).name == (V + V).name  # type: ignore[union-attr]
    assert sum([X, X]) == X + X
    assert direct_sum(V, X, V).summands == (V, tk.SignedModule.of(X), V)


@pytest.mark.parametrize("name", GROUPS)
def test_dimensions_are_those_of_linear_algebra(name: str) -> None:
    X, V = pair(name)
    table = tk.group(name).character_table
    modules: list[Module] = [X, V, X + V, V * V, X * V, V * X, V**2 + X, (X + V) * V]
    for one in modules:
        traces = one.character
        assert traces is not None
        assert traces[0] == one.degree
        known = {s.label: (s.dimension, s.endomorphism_dimension) for s in table.simples}
        assert sum(m * known[s][0] for s, m in one.multiplicities.items()) == one.degree
        assert one.rank == sum(m * m * known[s][1] for s, m in one.multiplicities.items())
        assert sum(size * t * t for size, t in zip(table.class_sizes, traces, strict=True)) == (
            one.rank * table.order
        )
    for one, other in itertools.product(modules[:5], repeat=2):
        expected = hom_by_algebra(one, other)
        assert tk.hom_dimension(one, other) == tk.orbitals(one, other).count == expected
        assert tk.layer_basis(one, other).dimension == expected


@pytest.mark.parametrize("name", GROUPS)
def test_a_basis_of_maps_between_modules_of_any_kind(name: str) -> None:
    X, V = pair(name)
    rng = np.random.default_rng(0)
    for one, other in itertools.product((X, V, V * V), repeat=2):
        basis = tk.layer_basis(one, other)
        weights = rng.integers(-9, 9, (2, basis.dimension))
        maps = basis.expand(weights)
        assert maps.shape == (2, other.degree, one.degree)
        for a, b in zip(matrices(one), matrices(other), strict=True):
            assert np.array_equal(maps @ a, b @ maps)
        dense = basis.dense(int)
        assert np.array_equal(np.tensordot(weights, dense, axes=1), maps)
        for sparse, full in zip(basis.sparse(int), dense, strict=True):
            assert np.array_equal(sparse.toarray(), full)
        assert np.array_equal(np.abs(dense).sum((1, 2)), basis.sizes)
        assert basis.norms == pytest.approx(np.linalg.norm(dense, axis=(1, 2)))
        for own, full in zip(weights, maps, strict=True):
            assert basis.project(full).tolist() == own.tolist()
        noise = rng.standard_normal(basis.shape)
        nearest = basis.expand(basis.project(noise))
        flat = dense.reshape(len(dense), one.degree * other.degree)
        assert abs(flat @ (noise - nearest).ravel()).max(initial=0) < 1e-12


def test_no_map_at_all() -> None:
    X = tk.group("C2").coset_module("H2a")
    sign = tk.SignedModule.from_signs(tk.group("C2"), [[0]], [[-1]])
    basis = tk.layer_basis(X, sign)
    assert (basis.dimension, basis.dense().shape, list(basis.sparse())) == (0, (0, 1, 1), [])
    assert basis.expand(np.zeros((3, 0))).tolist() == [[[0.0]]] * 3
    assert basis.project([[5.0]]).tolist() == []
    torch = pytest.importorskip("torch")
    assert basis.gather(torch.zeros(3, 0)).tolist() == [[[0.0]]] * 3


def test_gather_does_what_people_index_for() -> None:
    torch = pytest.importorskip("torch")
    for X in pair("Q8"):
        basis = tk.layer_basis(X)
        weights = np.random.default_rng(1).standard_normal((basis.dimension, 2, 3))
        maps = basis.gather(weights, axis=0)
        assert maps.shape == (X.degree, X.degree, 2, 3)
        assert np.allclose(maps, np.moveaxis(basis.expand(weights.T), (0, 1), (3, 2)))
        if isinstance(X, tk.PermutationModule):
            assert np.array_equal(maps, weights[basis.label_matrix])
            labels = torch.from_numpy(basis.label_matrix)
            assert torch.equal(torch.from_numpy(weights)[labels], torch.from_numpy(maps))
            indexed = torch.from_numpy(weights)[basis.label_matrix]
            assert torch.equal(indexed, torch.from_numpy(maps))
        tensor = torch.from_numpy(weights).requires_grad_()
        found = basis.gather(tensor, axis=0)
        assert np.array_equal(found.detach().numpy(), maps)
        found.sum().backward()
        expected = (basis.dense().sum((1, 2)))[:, None, None] * np.ones((1, 2, 3))
        assert np.allclose(tensor.grad.numpy(), expected)
        assert basis.gather(tensor.half(), axis=-3).dtype == torch.half


@pytest.mark.parametrize("name", GROUPS)
def test_orbits_and_sheets(name: str) -> None:
    X, V = pair(name)
    for one in (X, V, X + V, V * V, tk.SignedModule.from_permutation(X + X)):
        assert one.orbit_count == len(one.orbits) == len(one.orbit_points)
        assert sorted(itertools.chain(*one.orbit_points)) == list(range(one.degree))
        for orbit, points in zip(one.orbits, one.orbit_points, strict=True):
            assert orbit.is_transitive
            own = matrices(one)[:, list(points)][:, :, list(points)]
            assert np.array_equal(matrices(orbit), own)
        assert sorted(p for s in one.sheets for p in s.points.tolist()) == list(range(one.degree))
        for sheet in one.sheets:
            check_sheet(one, sheet)


def check_sheet(X: Module, sheet: Any) -> None:
    """The map f(points) = signs F(lifts), 0 at the opposites' negatives, commutes with G."""
    n, N = len(sheet.points), sheet.module.degree
    lift = np.zeros((n, N), dtype=int)
    lift[np.arange(n), sheet.lifts] = sheet.signs
    if sheet.opposites is not None:
        lift[np.arange(n), sheet.opposites] = -sheet.signs
    own = list(sheet.points)
    for a, b in zip(matrices(X), matrices(sheet.module), strict=True):
        assert np.array_equal(a[np.ix_(own, own)] @ lift, lift @ b)


def test_outer_products_of_signed_modules() -> None:
    (X, V), (_, W) = pair("S3"), pair("C4")
    for one, other in ((V, W), (X, W), (V, tk.group("C4").natural_module())):
        product = one.outer(other)
        k = len(matrices(one))
        for g, a in enumerate(matrices(product)):
            left = matrices(one)[g] if g < k else np.eye(one.degree)
            right = np.eye(other.degree) if g < k else matrices(other)[g - k]
            assert np.array_equal(a, np.kron(left, right))
        assert tk.hom_dimension(product, product) == one.rank * other.rank
        assert product.rank == tk.orbitals(product).count == hom_by_algebra(product, product)
        assert (one * other).name == product.name


def test_the_question_is_refused_for_other_things() -> None:
    X, V = pair("S3")
    operations: list[Callable[[], object]] = [
        lambda: V + 1, lambda: 1 + V, lambda: V * 2, lambda: V**1.5, lambda: V + "V",  # type: ignore[operator]
    ]  # fmt: skip
    for operation in operations:
        with pytest.raises(TypeError, match="unsupported operand"):
            operation()
    with pytest.raises(ModuleMismatchError, match=r"k >= 0, not -1"):
        V**-1
    with pytest.raises(ModuleMismatchError, match="one group with the same generators"):
        V + pair("C4")[1]
    with pytest.raises(ModuleMismatchError, match="a module is required, such as"):
        V.outer("C4")  # type: ignore[arg-type]
    with pytest.raises(ModuleMismatchError, match="a permutation module is required"):
        tk.PermutationModule.of(V)
    assert common_kind(X, X) == (X, X)
    assert V.kernel == X.kernel == (0,)


def test_modules_too_large_to_list_answer_what_needs_no_points() -> None:
    R = tk.group("Table(M)").regular_module()
    S = tk.SignedModule.from_permutation(R)
    assert (R + R).rank == (S + S).rank == 4 * R.rank == 4 * S.rank
    assert [X.degree for X in (R + R).orbits] == [R.degree] * 2
    assert S.multiplicities == R.multiplicities
    assert tk.interaction_graph(R + R, "relu").number_of_nodes() == 172
    assert tk.interaction_graph(S, "tanh").edges == tk.interaction_graph(R, "tanh").edges
    for X in (R * R, tk.group("S4").natural_module() ** 99, S, S * S):
        with pytest.raises(NotAvailable, match="points are too many to list"):
            _ = X.images
    with pytest.raises(NotAvailable, match="points are too many to list"):
        tk.interaction_graph(tk.group("S3").module("points^99"), "relu")


@pytest.mark.slow
def test_a_module_without_a_minus_sign_is_a_permutation_module() -> None:
    X = tk.group("S1024").natural_module()
    for S in (tk.SignedModule.of(X), tk.SignedModule.from_signs(X.home, X.images, X.signs)):
        assert not S.has_signs
        assert S.rank == X.rank == 2
        assert [s.module.degree for s in S.sheets] == [1024]
    assert tk.SignedModule.of(X).multiplicities == X.multiplicities
    assert tk.group("C2000").natural_module().rank == 2000  # its table is out of reach
    V = pair("S3")[1]
    assert direct_sum(*[V] * 300).rank == 300**2 * V.rank


def test_equal_modules_are_equal() -> None:
    G = tk.group("S3")
    X, R, V = G.natural_module(), G.regular_module(), G.module("signed(H2a, H1a)")
    assert V + (X + R) == (V + X) + R
    assert tk.SignedModule.of(X) + tk.SignedModule.of(R) == tk.SignedModule.of(X + R)
    assert tk.SignedModule.of(X) * tk.SignedModule.of(R) == tk.SignedModule.of(X * R)
    assert V * X != X * V
    assert V != X
    assert len({V, G.module("signed(H2a, H1a)"), V + V, G.module("signed(H2a, H1a)") + V}) == 2
    assert (V + V + X).name == f"2 ({V.name}) + 3 points"


@pytest.mark.parametrize("kind", ["uint8", "bool"])
def test_types_that_cannot_hold_a_sign(kind: str) -> None:
    torch = pytest.importorskip("torch")
    basis = tk.layer_basis(pair("C4")[1])
    for weights in (np.ones(2, dtype=kind), torch.ones(2, dtype=getattr(torch, kind))):
        with pytest.raises(ModuleMismatchError, match=rf"negative entries, which {kind} cannot"):
            basis.gather(weights)
    with pytest.raises(ModuleMismatchError, match="cannot hold"):
        basis.dense(kind)
    assert tk.layer_basis(pair("C4")[0]).gather(np.ones(2, dtype=kind)).dtype == kind


def test_weights_that_are_no_array() -> None:
    torch = pytest.importorskip("torch")
    basis = tk.layer_basis(pair("C4")[1])
    for bad in ([[1], [1, 2]], ["a", "b"]):
        with pytest.raises(ModuleMismatchError, match="weights must be an array of numbers"):
            basis.gather(bad)
    with pytest.raises(ModuleMismatchError, match="axis None of the weights"):
        basis.gather([1, 2], axis=None)  # type: ignore[arg-type]
    assert basis.project(torch.ones(2, 2, requires_grad=True)).tolist() == [1, 0]
    none = tk.layer_basis(tk.group("C2").coset_module("H2a"), pair_of_c2())
    assert none.project(np.ones((1, 1), dtype=complex)).dtype == complex


def pair_of_c2() -> tk.SignedModule:
    return tk.SignedModule.from_signs(tk.group("C2"), [[0]], [[-1]])


@pytest.mark.slow
def test_orbitals_count_the_maps_where_no_character_table_is_at_hand() -> None:
    """A star of 40 leaves: the symmetric group has 37,338 classes, and is not asked for them."""
    G = tk.group_from_graph(nx.star_graph(40))
    X = G.natural_module()
    signed = X.exterior_square
    assert G.table_within_reach() is None
    assert tk.hom_dimension(X, X) == X.rank == 5
    # X = 2 + S, X * X = 5 + 5 S + ..., and the exterior square is 1 + 2 S + ...
    assert tk.hom_dimension(X, X * X) == 15
    assert tk.hom_dimension(signed, signed) == signed.rank == 6
    assert tk.hom_dimension(X, signed) == tk.hom_dimension(signed, X) == 4
    assert tk.hom_dimension(tk.LinearModule.of(X) * X, X) == 15
    with pytest.raises(NotAvailable, match="count the orbitals"):
        hom_dimension_by_characters(X * X, X)
