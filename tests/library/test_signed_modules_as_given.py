"""Signed modules given by signed permutations: coordinates kept, relations checked."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from module_matrices import matrices

import toolkit as tk
from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.library import Session
from toolkit.modules.gsets.signed_orbitals import SignedOrbitals
from toolkit.settings import Settings
from toolkit.testing import assert_equivariant

pytestmark = pytest.mark.gap

GROUPS = ["C1", "C4", "S3", "Q8", "D8", "A4", "AGL(1,5)", "SL(2,3)", "S4"]


def given_modules(G, seed):
    """Modules of a group in coordinates drawn at random, with those that they come from."""
    rng = np.random.default_rng(seed)
    known = [p.module for p in tk.signed_pairs(G, max_index=6)]
    for i, X in enumerate(known):
        blocks = [matrices(X), matrices(known[i - 1])][: 1 + i % 2]
        n = sum(b.shape[1] for b in blocks)
        rho = np.zeros((len(blocks[0]), n, n), dtype=int)
        start = 0
        for b in blocks:
            stop = start + b.shape[1]
            rho[:, start:stop, start:stop] = b
            start = stop
        change = np.zeros((n, n), dtype=int)
        change[np.arange(n), rng.permutation(n)] = rng.choice([1, -1], n)
        yield change @ rho @ change.T, [X, known[i - 1]][: len(blocks)]


def elements(rho, G):
    """The matrices of all elements, by walking over the regular module; relations are checked."""
    R = G.regular_module().images
    found = {0: np.eye(rho.shape[1], dtype=int)}
    queue = [0]
    for x in queue:
        for g, image in enumerate(R):
            y, product = int(image[x]), found[x] @ rho[g]
            if y not in found:
                found[y] = product
                queue.append(y)
            assert np.array_equal(found[y], product)
    return np.array([found[x] for x in range(G.order)])


def hom_dimension(a, b):
    """The dimension of {W : W a(g) = b(g) W}: the mean of the products of traces."""
    mean = Fraction(int((np.trace(a, axis1=1, axis2=2) * np.trace(b, axis1=1, axis2=2)).sum()))
    return mean / len(a)


@pytest.mark.parametrize("name", GROUPS)
@pytest.mark.quick_cases(2)
def test_random_coordinates(name):
    G = tk.group(name)
    ends = {s.label: s.endomorphism_dimension for s in G.simples}
    cosets = [(X, elements(matrices(X), G)) for X in G.permutation_modules(max_index=12)]
    before = None
    for rho, origin in given_modules(G, 5):
        V = G.signed_module_from_matrices(rho, "V")
        assert (V.name, V.degree) == ("V", rho.shape[1])
        assert np.array_equal(matrices(V), rho)
        again = G.signed_module_from_images(V.images, V.signs)
        assert np.array_equal(matrices(again), rho)
        expected = {}
        for X in origin:
            for label, m in X.multiplicities.items():
                expected[label] = expected.get(label, 0) + m
        assert V.multiplicities == expected
        assert list(V.multiplicities) == [s.label for s in G.simples if s.label in expected]
        every = elements(rho, G)
        for X, on_x in cosets:
            by_labels = sum(
                m * X.multiplicities.get(label, 0) * ends[label]
                for label, m in V.multiplicities.items()
            )
            assert by_labels == hom_dimension(on_x, every)
        assert V.rank == tk.layer_basis(V).dimension == hom_dimension(every, every)
        assert (V + V).rank == 4 * V.rank
        twice = np.trace(every, axis1=1, axis2=2) ** 2
        assert (V * V).multiplicities.get("L0", 0) * G.order == twice.sum()
        assert np.array_equal(matrices(G.module(V.specification)), rho)
        basis = tk.fourier_basis(V)
        assert basis.certificate.worst < 1e-12
        assert np.allclose(basis.matrix @ basis.matrix.T, np.eye(V.degree))
        for g in range(len(rho)):
            moved = basis.matrix @ rho[g] @ basis.matrix.T
            start = 0
            for s in basis.simples:
                for _ in range(s.multiplicity):
                    stop = start + s.dimension
                    assert np.allclose(moved[start:stop, start:stop], basis.models[s.label][g])
                    start = stop
        if before is not None:
            assert SignedOrbitals(V, before[0]).count == hom_dimension(before[1], every)
        before = V, every


def test_signs_that_can_be_removed():
    """Points with flipped signs: as the permutation module that they are."""
    G = tk.group("S4")
    X = G.natural_module()
    flip = np.diag([1, -1, -1, 1])
    V = G.signed_module_from_matrices(flip @ matrices(X) @ flip)
    assert V.multiplicities == X.multiplicities
    assert (V.signs == -1).any()
    plain = tk.interaction_graph(X, "tanh")
    assert set(tk.interaction_graph(V, "tanh").edges) == set(plain.edges)
    f, phi = tk.pl_map(V, "L3", "L3", "hardtanh"), tk.pl_map(X, "L3", "L3", "hardtanh")
    points = np.random.default_rng(1).standard_normal((5, 3))
    assert np.allclose(f(points), phi(points)) or np.allclose(f(points), -phi(-points))
    unsigned = G.signed_module_from_images(X.images, np.ones_like(X.images))
    assert unsigned.multiplicities == X.multiplicities


def test_layers_act_on_the_given_coordinates():
    import torch

    G = tk.group("AGL(1,5)")
    for rho, _ in list(given_modules(G, 9))[:4]:
        V = G.signed_module_from_matrices(rho)
        layer = tk.nn.EquivariantLinear(V, V, 2, 3).double()
        assert_equivariant(layer)
        x = torch.randn(7, V.degree, 2, dtype=torch.float64)
        for g in rho:
            move = torch.tensor(g, dtype=torch.float64)
            assert torch.allclose(layer(move @ x), move @ layer(x))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m[0].__setitem__((1, 2), 0.5), r"generator 0 has \[row 1, column 2\] = 0.5 "),
        (lambda m: m[1].__setitem__((2, 2), 2), r"generator 1 has \[row 2, column 2\] = 2 "),
        (lambda m: m[1].__setitem__((0, 0), np.nan), r"\[row 0, column 0\] = nan"),
        (
            lambda m: m[1].__setitem__((0, 2), 1),
            r"generator 1 has \[row 0, column 2\] = 1 beside the entry in column 1",
        ),
        (
            lambda m: m[1].__setitem__(0, [0, 0, -1]),
            r"generator 1 has \[row 2, column 2\] = 1 below the entry in row 0",
        ),
        (
            lambda m: m[0].__setitem__(2, [0, 0, 0]),
            r"generator 0 has \[row 2, column 0\] = 0 and no entry in that row",
        ),
    ],
)
def test_matrices_that_are_no_signed_permutations(change, said):
    G = tk.group("S3")
    given = matrices(G.natural_module()).astype(float)
    change(given)
    with pytest.raises(ModuleMismatchError, match=said) as caught:
        G.signed_module_from_matrices(given)
    assert "row x of the matrix of g has the sign in column x^g" in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        [[1, 0], [0, 1]],
        [[[1, 0]], [[0, 1]]],
        [[[1j]], [[1]]],
        [["a"]],
        None,
        [[[1], [1, 2]]],
        [[[]]],
    ],
)
def test_data_of_another_form(given):
    with pytest.raises(ModuleMismatchError, match=r"shape \(generators, n, n\)"):
        tk.group("S3").signed_module_from_matrices(given)


def test_numbers_of_all_kinds():
    G = tk.group("C4")
    for given in ([[[0, 1], [-1, 0]]], [[[0.0, 1.0], [-1.0, 0.0]]], [[[0, Fraction(1)], [-1, 0]]]):
        assert G.signed_module_from_matrices(given).multiplicities == {"L2": 1}
    assert tk.group("C2").signed_module_from_matrices([[[True]]]).multiplicities == {"L0": 1}


def test_relations_that_are_broken():
    G = tk.group("S3")
    for make in (
        G.signed_module_from_images,
        lambda i, s: G.signed_module_from_matrices(matrices(SignedData(i, s))),
    ):
        with pytest.raises(
            ModuleMismatchError,
            match=r"not a representation of S3: in the group, .* take point \+0 to [+-][012] and",
        ) as caught:
            make([[1, 2, 0], [1, 0, 2]], [[1, 1, -1], [1, 1, 1]])
        assert "transposed" not in str(caught.value)
    with pytest.raises(ModuleMismatchError, match=r"S3 has 2 generators, each with .* found 1"):
        G.signed_module_from_images([[0]], [[1]])
    with pytest.raises(ModuleMismatchError, match="that of point 1 under generator 0 is 2 "):
        G.signed_module_from_images([[0, 1], [1, 0]], [[1, 2], [1, 1]])
    with pytest.raises(ModuleMismatchError, match=r"found shape \(1, 2\)"):
        G.signed_module_from_images([[0, 1], [1, 0]], [["+", "-"]])
    with pytest.raises(NotAvailable, match="only the character table"):
        tk.group("Table(A5)").signed_module_from_images([[0]], [[1]])


class SignedData:
    def __init__(self, images, signs):
        self.images, self.signs = np.array(images), np.array(signs)


@pytest.mark.parametrize(("name", "n"), [("AGL(1,5)", 5), ("SmallGroup(21,1)", 7)])
def test_transposed_matrices(name, n):
    """In neither group does an automorphism invert all generators."""
    G = tk.group(name)
    X = next(X for X in G.permutation_modules() if X.degree == n)
    flip = np.diag(np.resize([1, -1], n))
    rho = flip @ matrices(X) @ flip
    assert G.signed_module_from_matrices(rho).multiplicities == X.multiplicities
    transposed = rho.transpose(0, 2, 1)
    with pytest.raises(ModuleMismatchError, match="the transposed matrices, are one: give those"):
        G.signed_module_from_matrices(transposed)
    with pytest.raises(ModuleMismatchError, match=r"the inverse permutations are .*: give those"):
        _ = G.module_from_images(np.argsort(X.images, axis=1)).multiplicities


def test_without_gap_the_check_comes_later(tmp_path):
    settings = Settings.from_environment({"PLREP_CACHE_DIR": str(tmp_path), "PLREP_OFFLINE": "1"})
    with Session(settings) as offline:
        G = tk.group("C4", session=offline)
        plane = G.signed_module_from_images([[1, 0]], [[1, -1]])
        assert plane.degree == 2
        assert SignedOrbitals(plane, plane).count == 2
