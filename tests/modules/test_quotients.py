"""Fibre products of G-sets, against all pairs of points and all block systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import toolkit as tk
from toolkit.modules.gsets.block_systems import block_systems
from toolkit.modules.gsets.quotients import (
    PooledPlan,
    block_systems_of_seeds,
    isomorphisms,
    pooled_plan,
)

if TYPE_CHECKING:
    from toolkit.modules.gsets.orbitals import Orbitals
    from toolkit.modules.permutation_module import PermutationModule


def natural(name: str) -> PermutationModule:
    return tk.group(name).natural_module()


def plan_of(X: PermutationModule, Y: PermutationModule) -> tuple[Orbitals, PooledPlan]:
    orbitals = X.hom_basis(Y)
    return orbitals, pooled_plan(orbitals, Y.hom_basis(Y), X.hom_basis(X))


@pytest.mark.parametrize("name", ["C12", "D8", "S4", "A5", "S3 wr S2", "Q8", "C2 x C2"])
@pytest.mark.parametrize("regular", [False, True])
def test_block_systems_are_all_of_them(name: str, regular: bool) -> None:
    group = tk.group(name)
    X = group.regular_module() if regular or name == "Q8" else group.natural_module()
    if not X.is_transitive:
        X = X.orbits[0]
    found = block_systems_of_seeds(X.images, range(X.degree))
    expected = {s.tobytes() for s in block_systems(X.images)}
    found_bytes = {s.tobytes() for s in found}
    assert len(found_bytes) == len(found)
    assert found_bytes <= expected
    trivial = np.arange(X.degree, dtype=np.intp).tobytes()
    if len(expected) <= 48:
        assert expected - found_bytes <= {trivial}


@pytest.mark.parametrize("name", ["C6", "S3", "Q8", "A4"])
def test_isomorphisms_are_all_of_them(name: str) -> None:
    """Those of a regular G-set with itself are as many as elements; each is checked here."""
    X = tk.group(name).regular_module()
    turn = np.random.default_rng(0).permutation(X.degree)
    other = np.empty_like(X.images)
    other[:, turn] = turn[X.images]
    found = isomorphisms(X.images, other)
    assert len({phi.tobytes() for phi in found}) == X.degree
    for phi in found:
        assert np.array_equal(phi[X.images], other[:, phi])
    V = tk.group("A4").natural_module()
    assert len(isomorphisms(V.images, V.images)) == 1
    assert isomorphisms(X.images, X.images[:, :1] * 0) == []


@pytest.mark.parametrize(
    ("name", "order", "out_order", "singles"),
    [
        ("S5", 2, 2, 6),
        ("S5", 1, 2, 3),
        ("C2 wr S4", 1, 1, 1),
        ("C2 wr S4", 2, 2, 12),
        ("S3 wr S3", 2, 1, None),
        ("D8", 2, 2, None),
        ("C3 wr C3", 1, 1, None),
        ("A4", 2, 2, None),
    ],
)
def test_the_basis_spans_all_maps(
    name: str, order: int, out_order: int, singles: int | None
) -> None:
    X, Y = natural(name) ** order, natural(name) ** out_order
    orbitals, plan = plan_of(X, Y)
    if singles is not None:
        assert len(plan.singles) == singles
        # what is left has no more pairs than there are points
        assert orbitals.sizes[plan.singles].max() <= max(X.degree, Y.degree)
    members = []
    for kind, target, source in plan.products:
        b, a = plan.kinds[kind].targets[target], plan.kinds[kind].sources[source]
        matrix = (b[:, None] == a) & (b[:, None] >= 0)
        for g, h in zip(Y.images, X.images, strict=True):  # equivariant
            assert np.array_equal(matrix[np.ix_(g, h)], matrix)
        members.append(matrix)
    members.extend(orbitals.labels == label for label in plan.singles.tolist())
    assert len(members) == orbitals.count
    weights = np.random.default_rng(1).standard_normal(orbitals.count)
    found = np.tensordot(plan.factors @ weights, np.stack(members).astype(float), 1)
    assert abs(found - weights[orbitals.labels]).max() < 1e-12
    if plan.denominator:
        scaled = plan.denominator * plan.factors
        assert abs(scaled - np.rint(scaled)).max() < 1e-9


def test_sums_and_different_modules() -> None:
    V, W = natural("S4"), tk.group("S4").coset_module([[1, 2, 3, 0]])
    for X, Y in ((V + V, V + W), (W, V), (V * W, W), (V.outer(natural("C4")),) * 2):
        orbitals, plan = plan_of(X, Y)
        assert len(plan.products) + len(plan.singles) == orbitals.count
        assert len(plan.products) > 0
