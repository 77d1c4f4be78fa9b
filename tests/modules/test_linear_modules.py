"""Linear modules: any real representation, against brute force over the elements."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import ModuleMismatchError, NotAvailable, UnknownLabelError
from toolkit.exact import Cyclotomic
from toolkit.modules.fourier.copies import END_UNITS
from toolkit.modules.gsets.actions import schreier_forest
from toolkit.modules.linear.tensors import power_matrices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.module import Module

SQUARE = [[[0, -1], [1, 0]], [[1, 0], [0, -1]]]  # generators of D8
ROOT2 = Cyclotomic(8, ((1, 1, 1), (3, -1, 1)))


def all_matrices(V: Module) -> NDArray[np.float64]:
    """Return the matrix of every element, by words of the regular module's tree."""
    forest = schreier_forest(V.home.regular_module().images)  # type: ignore[attr-defined]
    rho = V.matrices
    out = np.empty((len(forest.order), V.degree, V.degree))
    out[0] = np.eye(V.degree)
    for level in forest.levels():
        out[level] = out[forest.parent[level]] @ rho[forest.generator[level]]
    return out


def assert_basis(V: Module) -> None:
    """Check the Fourier basis on every element, with the models of the regular module."""
    basis = tk.fourier_basis(V)
    models = tk.fourier_basis(V.home.regular_module()).models  # type: ignore[attr-defined]
    assert {s.label: s.multiplicity for s in basis.simples} == V.multiplicities
    n = V.degree
    assert np.abs(basis.matrix @ basis.inverse - np.eye(n)).max() < 1e-11
    for s in basis.simples:
        assert np.abs(basis.models[s.label] - models[s.label]).max() < 1e-10
        for unit in END_UNITS[s.type]:  # D acts on the models from the right
            turn = np.kron(np.eye(s.positions), unit)
            rho = models[s.label]
            assert np.abs(rho @ turn - turn @ rho).max() < 1e-12
    for g, rho in enumerate(V.matrices):
        blocks = np.zeros((n, n))
        for s in basis.simples:
            own = np.kron(np.eye(s.multiplicity), models[s.label][g])
            blocks[s.rows, s.rows] = own
        assert np.abs(basis.matrix @ rho - blocks @ basis.matrix).max() < 1e-9
    f = np.random.default_rng(0).standard_normal((n, 3))
    assert np.allclose(basis.synthesise(basis.analyse(f)), f, atol=1e-10)


@pytest.mark.parametrize("name", ["S4", "Q8", "7:3", "C12", "D10", "SL(2,3)"])
def test_bases_of_simples_and_products_of_every_type(name: str) -> None:
    G = tk.group(name)
    for L in G.simples:
        V = G.simple_module(L.label)
        assert V.multiplicities == {L.label: 1}
        assert V.rank == L.endomorphism_dimension
        assert V.is_orthogonal
        assert V.character == L.character
    last = G.simple_module(G.simples[-1].label)
    assert_basis(last)
    assert_basis(last * last)
    assert_basis(last + G.regular_module() + last.exterior_square)


@pytest.mark.parametrize("name", ["D8", "Q8", "7:3"])
def test_matrices_that_are_not_orthogonal(name: str) -> None:
    G = tk.group(name)
    whole = G.simple_module(G.simples[-1].label) + G.simple_module("L0")
    turn = np.random.default_rng(1).standard_normal((whole.degree, whole.degree))
    V = G.linear_module(np.linalg.inv(turn) @ whole.matrices @ turn, name="skew")
    assert not V.is_orthogonal
    assert V.multiplicities == whole.multiplicities
    assert_basis(V)
    assert_basis(V.dual)
    every = all_matrices(V)
    mean = (every.transpose(0, 2, 1) @ every).mean(axis=0)
    assert np.allclose(V.inner_product, mean, rtol=1e-10)
    assert V.dual.dual == V
    pairing = np.einsum("gji,gjk->gik", all_matrices(V.dual), every)
    assert np.allclose(pairing, np.eye(V.degree), atol=1e-10)


def test_matrices_of_all_kinds_multiply_as_the_elements_do() -> None:
    G = tk.group("S3")
    X = G.natural_module()
    sign = G.signed_coset_module([[1, 2, 0], [1, 0, 2]], [[1, 2, 0]])
    V = G.simple_module("L2")
    f = np.arange(3.0)
    for g in range(2):
        assert np.allclose(X.matrices[g] @ f, f[X.images[g]])
        assert np.allclose(sign.matrices[g] @ [1.0], sign.signs[g])
    total: Any = sum([X, sign, V])
    modules: list[Any] = [X, sign, V, X + V, sign * V, X**2 + sign, total, V.outer(X)]
    for module in modules:
        every = all_matrices(module)
        regular = module.home.regular_module().images
        for g, step in enumerate(regular):
            assert np.allclose(every @ module.matrices[g], every[step], atol=1e-12)


def test_mixed_sums_and_products_are_linear() -> None:
    G = tk.group("D8")
    X, V = G.natural_module(), G.linear_module(SQUARE, name="plane")
    assert (X + V).name == "4 points + plane"
    assert tk.LinearModule.of(X) + V == (X + V)
    assert np.allclose((X * V).matrices[0], np.kron(X.matrices[0], V.matrices[0]))
    assert tk.hom_dimension(X, V) == tk.hom_dimension(V, X) == 1
    assert tk.hom_dimension(V, V * X) == sum(
        m * (V * X).multiplicities.get(label, 0) for label, m in V.multiplicities.items()
    )
    assert (V**0).multiplicities == {"L0": 1}
    linear = tk.LinearModule.of(X)
    assert linear * linear == tk.LinearModule.of(X * X)
    assert linear + linear + V == X + X + V
    assert [Y.name for Y in (X + X + V).summands] == ["4 points", "4 points", "plane"]
    assert ((X + X) * V).name == "(2 (4 points)) * plane"
    assert hash(X + V) == hash(tk.LinearModule.of(X) + V)


def test_entries_are_kept_exactly() -> None:
    half = Fraction(1, 2)
    G = tk.group("D16")
    turn = [[ROOT2 * half, -(ROOT2 * half)], [ROOT2 * half, ROOT2 * half]]
    V = G.linear_module([turn, [[1, 0], [0, -1]]], name="octagon")
    assert V.exact_matrices is not None
    assert V.exact_matrices[0][0, 0] == ROOT2 * half
    assert V.residual == 0.0
    floats = G.linear_module(V.matrices * 1.0)
    assert 0 < floats.residual < 1e-14
    assert floats.exact_matrices is None
    assert floats.multiplicities == V.multiplicities
    assert len(V.multiplicities) == 1
    assert G.linear_module([[["1/2*E(8)-1/2*E(8)^3", "-1/2*E(8)+1/2*E(8)^3"],
                            ["1/2*E(8)-1/2*E(8)^3", "1/2*E(8)-1/2*E(8)^3"]],
                           [[1, 0], [0, -1]]], name="octagon") == V  # fmt: skip


@pytest.mark.parametrize("exterior", [False, True])
def test_powers_are_restrictions_of_tensor_powers(exterior: bool) -> None:
    rng = np.random.default_rng(2)
    rho = rng.standard_normal((1, 3, 3))
    for k in (1, 2, 3):
        columns = []
        choose = itertools.combinations if exterior else itertools.combinations_with_replacement
        for index in choose(range(3), k):
            tensor = np.zeros((3,) * k)
            for order in itertools.permutations(range(k)):
                sign = np.linalg.det(np.eye(k)[list(order)]) if exterior else 1.0
                tensor[tuple(index[i] for i in order)] += sign
            columns.append(tensor.ravel() / np.linalg.norm(tensor))
        basis = np.array(columns).T
        whole = rho[0]
        for _ in range(k - 1):
            whole = np.kron(whole, rho[0])
        assert np.allclose(power_matrices(rho, k, exterior=exterior)[0], basis.T @ whole @ basis)


@pytest.mark.parametrize("name", ["S4", "Q8", "7:3"])
def test_powers_have_the_powers_of_the_character(name: str) -> None:
    G = tk.group(name)
    V = G.simple_module(G.simples[-1].label)
    for power in (V.symmetric_square, V.exterior_square, V.symmetric_power(3), V.determinant):
        every = np.trace(all_matrices(power), axis1=1, axis2=2)
        assert power.rank == round((every**2).mean())
        assert_basis(power)
    X = G.natural_module() if name == "S4" else G.regular_module()
    for k in (2, 3) if name == "S4" else (2,):
        for power, linear in (
            (X.symmetric_power(k), tk.LinearModule.of(X).symmetric_power(k)),
            (X.exterior_power(k), tk.LinearModule.of(X).exterior_power(k)),
        ):
            exterior = power.name.startswith("Alt")
            expected = power_matrices(X.matrices, k, exterior=exterior)
            assert np.allclose(power.matrices, expected, atol=1e-12)
            assert linear == tk.LinearModule.of(power)
            assert power.multiplicities == linear.multiplicities
            assert power.generality < 2
    signed = X.exterior_square if X.degree < 10 else tk.group("S3").natural_module().exterior_square
    assert np.allclose(
        signed.exterior_power(2).matrices,
        power_matrices(signed.matrices, 2, exterior=True),
        atol=1e-12,
    )
    assert X.determinant.degree == 1
    assert X.dual is X
    with pytest.raises(ModuleMismatchError, match="is 0: an exponent up to"):
        X.exterior_power(X.degree + 1)


def test_specifications_make_the_modules_again() -> None:
    G = tk.group("D8")
    X = G.natural_module()
    exact = G.linear_module(SQUARE, name="plane")
    skew = G.linear_module(np.array([[1, 0.1], [0, 1]]) @ exact.matrices @ [[1, -0.1], [0, 1]])
    modules: list[Any] = [
        exact, skew, skew.dual, G.simple_module("L4"), X + exact, exact * X, exact**3,
        tk.LinearModule.of(X), exact.symmetric_power(3), skew.exterior_square, exact.outer(X),
        exact + exact + X,
    ]  # fmt: skip
    for V in modules:
        again = V.home.module(V.specification)
        assert again == V
        assert again.action_digest == V.action_digest
        assert hash(again) == hash(V)
        assert np.array_equal(again.matrices, V.matrices)
    assert len({V.action_digest for V in modules}) == len(modules)
    named = G.linear_module(SQUARE, name="another name")
    assert named.action_digest == exact.action_digest
    assert named != exact


@pytest.mark.parametrize(
    ("matrices", "message"),
    [
        ([[[0, -1], [1, 0]]], "has 2 generators, each with its matrix, found 1"),
        ([[[0, -1], [1, 0]], [[1, 0], [0, 1]]], "are not a representation of D8: in the group"),
        ([[[0, -1], [1, 0]], [[1, 0], [0, -2]]], "are not a representation of D8"),
        ([[[0, 1j], [1, 0]], [[1, 0], [0, 1]]], r"the real one \[\[A, -B\], \[B, A\]\]"),
        ([[[0, "E(4)"], [1, 0]], [[1, 0], [0, 1]]], "real matrices are required"),
        ([[[0, np.nan], [1, 0]], [[1, 0], [0, 1]]], "give finite numbers"),
        ([[[0, -1, 1], [1, 0, 0]], [[1, 0], [0, -1]]], "all must be square and of one size"),
        ([[["x", -1], [1, 0]], [[1, 0], [0, -1]]], "is not a number"),
        ([], "at least one matrix"),
    ],
)
def test_bad_matrices_are_refused_in_a_sentence(matrices: Any, message: str) -> None:
    with pytest.raises(ModuleMismatchError, match=message):
        tk.group("D8").linear_module(matrices)


def test_transposed_matrices_are_noticed() -> None:
    G = tk.group("7:3")
    matrices = G.simple_module(G.simples[-1].label).matrices
    with pytest.raises(ModuleMismatchError, match="the transposed matrices satisfy all relations"):
        G.linear_module(matrices.transpose(0, 2, 1))


def test_products_of_simples_of_a_group_too_large_to_hold() -> None:
    """The Monster's 196,883 dimensions, squared: the character table decides."""
    L = tk.group("Table(M)").simple_module("L1")
    assert L.symmetric_square.multiplicities == {"L0": 1, "L1": 1, "L3": 1, "L4": 1}
    assert L.exterior_square.multiplicities == {"L2": 1, "L5": 1}
    assert (L * L).rank == 6
    with pytest.raises(NotAvailable, match="the dimension is 196883, the most is 4096"):
        L.matrices  # noqa: B018 - out of reach


def test_modules_without_a_table_keep_the_labels_of_their_points() -> None:
    X = tk.group("S30").natural_module()
    V = tk.LinearModule.of(X)
    assert V.multiplicities == X.multiplicities == {"V0": 1, "V1": 1}
    assert (V.rank, (V * V).rank, V.symmetric_square.rank) == (2, 15, 9)
    assert tk.fourier_basis(V + X).certificate.worst < 1e-12
    with pytest.raises(NotAvailable, match="character table"):
        tk.group("S30").simple_module("L1")


def test_unknown_simples_are_refused() -> None:
    with pytest.raises(UnknownLabelError, match="L9"):
        tk.group("S3").simple_module("L9")
