"""The maps between random representations of 30 groups, counted in four ways.

Each group gets a handful of random representations: sums of simples, tensor products, symmetric
and exterior squares, modules induced from subgroups, permutation and signed modules, conjugated by
random matrices, with float and with integer entries. For pairs of them the dimension of Hom_G is
the exact sum of m_L(V) m_L(W) dim End(L), the mean of the product of the characters over all
elements, the rank of the linear system rho_W(g) A = A rho_V(g), and the number of Fourier blocks.
"""

from __future__ import annotations

import numpy as np
import pytest
from all_elements import all_elements

import toolkit as tk
from toolkit.nn.linear.hom_space import hom_space

GROUPS = (
    "C1", "C2", "C3", "C4", "C5", "C7", "C2 x C2", "C2 x C4", "S3", "D8", "Q8", "D10", "C12",
    "A4", "D12", "Dic3", "Q16", "D16", "C3 x C3", "7:3", "S4", "SL(2,3)", "C3 x S3",
    "SmallGroup(20,3)", "SmallGroup(16,13)", "SmallGroup(32,49)", "C3 x Q8", "A5", "S3 x S3",
    "SmallGroup(27,3)",
)  # fmt: skip
LARGEST = 12  # dimension of a representation


def a_simple(G: tk.Group, rng: np.random.Generator) -> tk.LinearModule:
    small = [L for L in G.simples if L.dimension <= 4] or [G.simples[0]]
    return G.simple_module(small[rng.integers(len(small))].label)


def made(G: tk.Group, rng: np.random.Generator) -> tk.modules.Module:
    """Return a random module of moderate dimension."""
    V = a_simple(G, rng)
    match int(rng.integers(7)):
        case 0:
            return V + a_simple(G, rng) + V
        case 1:
            return V * a_simple(G, rng)
        case 2:
            return V.symmetric_square
        case 3 if V.degree > 1:
            return V.exterior_square + V
        case 4:
            found = [H for H in G.subgroup_classes() if 1 < H.index <= 6]
            if found:
                H = found[rng.integers(len(found))]
                below = tk.restrict(V, H)
                part = below.home.simple_module(below.home.simples[-1].label)
                if part.degree * H.index <= LARGEST:
                    return tk.induce(part, G, H)
        case 5:
            found = [H for H in G.subgroup_classes() if H.index <= LARGEST - V.degree]
            if found:
                return G.coset_module(found[rng.integers(len(found))]) + V
        case 6:
            found = [H for H in G.subgroup_classes() if 1 < H.index <= 5]
            if found:
                return G.coset_module(found[rng.integers(len(found))]).exterior_square
    return V + G.simple_module("L0")


def conjugated(G: tk.Group, X: tk.modules.Module, rng: np.random.Generator) -> tk.modules.Module:
    """Return a module in other coordinates: integers where its matrices are integers."""
    rho, n = X.matrices, X.degree
    if np.array_equal(rho, np.rint(rho)):
        turn = np.eye(n, dtype=np.int64)
        for _ in range(2 * n):  # of determinant 1
            i, j = rng.integers(n, size=2)
            if i != j:
                turn[i] += rng.integers(-1, 2) * turn[j]
        turn = turn if np.abs(turn).max() < 50 else np.eye(n, dtype=np.int64)
        inverse = np.rint(np.linalg.inv(turn)).astype(np.int64)
        V = G.linear_module(inverse @ rho.astype(np.int64) @ turn)
        assert V.residual == 0.0
        assert V.exact_matrices is not None
        return V
    mix = rng.standard_normal((n, n)) + 2 * np.eye(n)
    return G.linear_module(np.linalg.solve(mix, rho @ mix))


def rank_of_system(V: tk.modules.Module, W: tk.modules.Module) -> int:
    """Return the dimension of {A: rho_W(g) A = A rho_V(g)} by singular values."""
    n, m = V.degree, W.degree
    rows = [
        np.kron(b, np.eye(n)) - np.kron(np.eye(m), a.T)
        for a, b in zip(V.matrices, W.matrices, strict=True)
    ]
    if not rows:
        return n * m
    values = np.linalg.svd(np.concatenate(rows), compute_uv=False)
    small = values < 1e-8 * max(1.0, values[0])
    assert not ((values < 1e-5 * max(1.0, values[0])) & ~small).any()  # a clear gap
    return int(small.sum()) + max(0, n * m - len(values))


@pytest.mark.parametrize(
    "name", [pytest.param(g, marks=[pytest.mark.slow] * (i % 3 > 0)) for i, g in enumerate(GROUPS)]
)
@pytest.mark.quick_cases(1)
def test_hom_dimensions_of_random_representations(name: str) -> None:
    G = tk.group(name)
    rng = np.random.default_rng(GROUPS.index(name))
    plain = [made(G, rng) for _ in range(4)]
    modules = plain + [conjugated(G, X, rng) for X in plain[:3]]
    elements = all_elements(*modules)
    traces = np.array([[np.trace(rho) for rho in element] for element in elements])
    models = tk.fourier_basis(G.regular_module()).models
    for i, V in enumerate(modules):
        assert sum(m * G.character_table.simple(k).dimension for k, m in V.multiplicities.items())
        basis = tk.fourier_basis(V)
        for s in basis.simples:
            assert np.abs(basis.models[s.label] - models[s.label]).max(initial=0.0) < 1e-10
        for j in {i, (i + 1) % len(modules), (i + 3) % len(modules)}:
            W = modules[j]
            exact = tk.hom_dimension(V, W)
            mean = (traces[:, i] * traces[:, j]).mean()
            assert abs(mean - exact) < 1e-6
            assert rank_of_system(V, W) == exact
            assert hom_space(V, W).count == exact
    assert len({tuple(X.multiplicities.items()) for X in modules}) <= len(plain)


def test_all_types_occur() -> None:
    types = {L.type for name in GROUPS for L in tk.group(name).simples}
    assert types == {"R", "C", "H"}
    assert len(GROUPS) == 30
    assert 7 * len(GROUPS) >= 200
