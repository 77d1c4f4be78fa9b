"""Fourier bases against their definition, by linear algebra that knows nothing of their making."""

from __future__ import annotations

import random

import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import InconsistentAnswerError, ModuleMismatchError, NotAvailable
from toolkit.library import Session
from toolkit.library.point_bases import abelian_subgroup
from toolkit.library.session import default_session
from toolkit.modules.fourier.copies import END_UNITS
from toolkit.settings import Settings

pytestmark = pytest.mark.gap

SMALL = (
    "C1", "C2", "C3", "C7", "C12", "D8", "D10", "D12", "Q8", "Q16", "A4", "S4", "A5", "SL(2,3)",
    "C4 x S3", "C3 x Q8", "C2 x C2 x C2", "SmallGroup(16,3)", "SmallGroup(20,3)",
    "SmallGroup(21,1)", "SL(2,5)", "SmallGroup(32,49)", "SmallGroup(27,3)",
    "SmallGroup(42,1)", "AGL(1,11)",
)  # fmt: skip


def permuted(basis, g):
    """B g as a matrix, from the definition (g f)(x) = signs[x] f(x^g)."""
    images, signs = basis.action(g)
    matrix = np.zeros((basis.degree, basis.degree))
    matrix[np.arange(basis.degree), images] = 1 if signs is None else signs
    return basis.matrix @ matrix


def deviation(basis):
    """The largest entry of B B^T - 1 and of B g - (sum of rho x 1) B."""
    worst = np.abs(basis.matrix @ basis.matrix.T - np.eye(basis.degree)).max()
    for g in range(len(basis.images)):
        block = np.zeros((basis.degree, basis.degree))
        for s in basis.simples:
            rho = basis.models[s.label][g]
            block[s.rows, s.rows] = np.kron(np.eye(s.multiplicity), rho)
        worst = max(worst, np.abs(permuted(basis, g) - block @ basis.matrix).max())
    return worst


def commutant_dimension(matrices):
    """Dimension of the matrices that commute with all given ones, from singular values."""
    d = matrices.shape[1]
    rows = [np.kron(m, np.eye(d)) - np.kron(np.eye(d), m.T) for m in matrices]
    if not rows:
        return d * d
    values = np.linalg.svd(np.concatenate(rows), compute_uv=False)
    return int((values < 1e-8).sum()) + max(0, d * d - len(values))


def check_group(G, modules):
    models = {}
    for X in modules:
        basis = tk.fourier_basis(X)
        assert deviation(basis) < 1e-12, (G.name, X.name)
        assert basis.certificate.worst < 1e-12
        assert {s.label: s.multiplicity for s in basis.simples} == X.multiplicities
        for s in basis.simples:
            rho = basis.models[s.label]
            if s.label in models:
                assert np.abs(models[s.label] - rho).max(initial=0) < 1e-11, (G.name, X.name)
            else:
                models[s.label] = rho
                if s.dimension <= 12:
                    assert commutant_dimension(rho) == s.endomorphism_dimension
                for unit in END_UNITS[s.type]:
                    right = np.kron(np.eye(s.positions), unit)
                    assert np.abs(right @ rho - rho @ right).max(initial=0) < 1e-12


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.quick_cases(4)
def test_every_transitive_module_and_a_sum(name):
    G = tk.group(name)
    modules = list(G.permutation_modules())
    check_group(G, [*modules, modules[0] + modules[-1], modules[-1] + modules[len(modules) // 2]])


@pytest.mark.parametrize("name", ["S3", "S4", "D12", "Q8", "SL(2,3)"])
def test_signed_modules_and_products(name):
    G = tk.group(name)
    chosen = random.Random(5)
    modules = [
        G.signed_coset_module(H, K) for H in G.subgroup_classes() for K in G.index_two_subgroups(H)
    ]
    assert modules
    points = chosen.sample(list(G.permutation_modules(max_index=8)), 2)
    check_group(G, [*modules, points[0] * points[1], points[0] ** 2])


def closure(generators):
    """All products of matrices, with their traces rounded."""
    start = np.eye(generators.shape[1])
    found = {np.round(start, 6).tobytes(): start}
    queue = [start]
    for matrix in queue:
        for g in generators:
            new = matrix @ g
            key = (np.round(new, 6) + 0.0).tobytes()
            if key not in found:
                found[key] = new
                queue.append(new)
    return list(found.values())


@pytest.mark.parametrize("name", ["S4", "Q8", "SL(2,3)", "SmallGroup(21,1)", "A5", "C4 x S3"])
def test_models_generate_the_group_with_the_right_character(name):
    G = tk.group(name)
    table = G.character_table
    values = np.array([v.to_float() for v in table.values])
    basis = tk.fourier_basis(G.regular_module())
    for s in table.simples:
        image = closure(basis.models[s.label])
        assert len(image) == s.action_order
        traces = np.sort(np.repeat([np.trace(m) for m in image], G.order // s.action_order))
        expected = np.sort(np.repeat(values[list(s.row)], table.class_sizes))
        assert np.allclose(traces, expected, atol=1e-9), s.label


def test_a_module_all_of_whose_signs_are_plus_has_the_stored_basis():
    X = tk.group("S4").natural_module()
    Y = tk.SignedModule.from_permutation(X)
    assert tk.fourier_basis(Y) is tk.fourier_basis(X)
    whole = tk.fourier_basis(Y + Y)
    assert np.array_equal(whole.matrix, tk.fourier_basis(X + X).matrix)
    with pytest.raises(ModuleMismatchError, match=f"stabiliser of point {X.record.base}"):
        tk.pl_map(Y, "L3", "L3", "relu", w=[1.0, 0.25, -2.0])
    maps = [tk.pl_map(Z, "L3", "L3", "relu", w=0, u=0) for Z in (X, Y)]
    assert np.array_equal(maps[0](np.ones((1, 3))), maps[1](np.ones((1, 3))))


def test_the_basis_of_a_cyclic_group_is_the_real_fourier_basis():
    n = 12
    basis = tk.fourier_basis(tk.group(f"C{n}").regular_module())
    x = np.arange(n)
    for s in basis.simples:
        rows = basis.matrix[s.rows]
        spectrum = np.abs(np.fft.rfft(rows, axis=1))
        support = np.flatnonzero(spectrum.sum(axis=0) > 1e-9)
        assert support.size == 1
        k = int(support[0])
        wave = np.stack([np.cos(2 * np.pi * k * x / n), np.sin(2 * np.pi * k * x / n)])
        assert np.linalg.matrix_rank(np.concatenate([rows, wave]), tol=1e-9) == s.dimension


def test_a_grid_is_transformed_like_an_image():
    C = tk.group("C6").natural_module()
    X = C.outer(C)
    basis = tk.fourier_basis(X)
    image = np.random.default_rng(0).standard_normal((6, 6))
    spectrum = np.abs(np.fft.fft2(image)) ** 2 / 36
    energies = basis.energies(image.reshape(36, 1))
    assert np.isclose(sum(e[0] for e in energies.values()), (image**2).sum())
    pairs = sorted(
        round(spectrum[i, j] + (spectrum[-i, -j] if (2 * i % 6, 2 * j % 6) != (0, 0) else 0), 8)
        for i in range(6) for j in range(6) if (i, j) <= ((-i) % 6, (-j) % 6)
    )  # fmt: skip
    assert np.allclose(pairs, sorted(e[0] for e in energies.values()))


def test_fast_transform_is_the_matrix():
    rng = np.random.default_rng(1)
    for X in (
        tk.group("SL(2,3)").regular_module(),
        tk.group("S4").natural_module() + tk.group("S4").regular_module(),
        tk.group("C4 x S3").regular_module(),
    ):
        basis = tk.fourier_basis(X)
        f = rng.standard_normal((X.degree, 3))
        assert np.allclose(basis.analyse(f), basis.matrix @ f, atol=1e-12)
        assert np.allclose(basis.synthesise(f), basis.matrix.T @ f, atol=1e-12)


def test_the_same_bits_come_back(tmp_path):
    settings = Settings.from_environment({"PLREP_CACHE_DIR": str(tmp_path)})
    matrices = []
    for _ in range(2):
        with Session(settings) as session:
            G = tk.group("SmallGroup(20,3)", session=session)
            matrices.append(tk.fourier_basis(G.regular_module()).matrix)
    with Session(Settings.from_environment({"PLREP_CACHE_DIR": str(tmp_path / "b")})) as session:
        G = tk.group("SmallGroup(20,3)", session=session)
        matrices.append(tk.fourier_basis(G.regular_module()).matrix)
    assert np.array_equal(matrices[0], matrices[1])
    assert np.array_equal(matrices[0], matrices[2])


@pytest.mark.parametrize(
    "name",
    [
        *("S4", "SL(2,3)", "C4 x S3", "SL(2,5)"),
        pytest.param("SmallGroup(32,49)", marks=pytest.mark.slow),
    ],
)
def test_the_basis_does_not_depend_on_linear_algebra(name, tmp_path, monkeypatch):
    """Another machine's routines return other bases of the same eigenspaces."""
    from toolkit.modules.fourier import copies as fourier_copies

    found = []
    for seed in (7, 8):
        monkeypatch.setattr(fourier_copies, "_SEED", seed)
        settings = Settings.from_environment({"PLREP_CACHE_DIR": str(tmp_path / str(seed))})
        with Session(settings) as session:
            found.append(tk.fourier_basis(tk.group(name, session=session).regular_module()).matrix)
    assert np.abs(found[0] - found[1]).max() < 1e-11


def test_second_route_modules_have_bases_too():
    S = tk.group("S40").natural_module()
    basis = tk.fourier_basis(S)
    assert [(s.label, s.dimension) for s in basis.simples] == [("V0", 1), ("V1", 39)]
    assert deviation(basis) < 1e-12
    both = tk.fourier_basis(S + S)
    assert [(s.label, s.multiplicity) for s in both.simples] == [("V0", 2), ("V1", 2)]
    assert deviation(both) < 1e-12


def test_abelian_subgroups_are_abelian_and_large():
    for name, least in (("D24", 12), ("S4", 4), ("SmallGroup(96,64)", 16), ("PSL(2,7)", 7)):
        assert abelian_subgroup(tk.group(name)).order >= least


def test_a_wrong_spherical_table_is_an_error(monkeypatch):
    from toolkit.library import point_bases as fourier

    class Wrong(fourier._Projections):
        def __call__(self, i, points):
            return super().__call__((i + 1) % len(self.scale), points)

    monkeypatch.setattr(fourier, "_Projections", Wrong)
    G = tk.group("SmallGroup(18,4)")
    with pytest.raises(InconsistentAnswerError):
        tk.fourier_basis(G.regular_module())


@pytest.mark.slow
@pytest.mark.parametrize("order", range(1, 101))
def test_regular_modules_up_to_order_100(order):
    session = default_session()
    number = 1
    while True:
        try:
            G = tk.group(f"SmallGroup({order},{number})", session=session)
            G.order  # noqa: B018 - asks whether there is such a group
        except NotAvailable:
            break
        except tk.ToolkitError:
            break
        basis = tk.fourier_basis(G.regular_module())
        assert deviation(basis) < 1e-12, G.name
        number += 1
    assert number > 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["S5", "S6", "AGL(1,16)", "SL(2,5)", "PSL(2,11)"])
def test_larger_regular_modules(name):
    assert deviation(tk.fourier_basis(tk.group(name).regular_module())) < 1e-11


@pytest.mark.slow
@pytest.mark.parametrize("degree", [11, 12, 55, 66])
def test_mathieu_group_of_degree_11(degree):
    G = tk.group("M11")
    modules = [X for X in G.permutation_modules(max_index=66) if X.degree == degree]
    assert modules
    for X in modules:
        assert deviation(tk.fourier_basis(X)) < 1e-12
