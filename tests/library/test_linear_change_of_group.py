"""Restriction, induction and inflation of linear and signed modules, against class functions."""

from __future__ import annotations

import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import ModuleMismatchError


@pytest.mark.parametrize("subgroup", ["H3a", "H4b", "H8a"])
def test_restriction_and_induction_have_the_characters_they_should(subgroup: str) -> None:
    G = tk.group("S4")
    V = G.simple_module("L3")
    below = tk.restrict(V, subgroup)
    assert below.multiplicities == tk.restrict(V.character, subgroup).real_multiplicities
    above = tk.induce(below, G, subgroup)
    assert above.multiplicities == tk.induce(below.character, G, subgroup).real_multiplicities
    # Frobenius reciprocity
    for L in G.simples:
        W = G.simple_module(L.label)
        assert tk.hom_dimension(above, W) == tk.hom_dimension(below, tk.restrict(W, subgroup))
    assert np.allclose(above.matrices @ above.matrices.transpose(0, 2, 1), np.eye(above.degree))


@pytest.mark.parametrize("subgroup", ["H3a", "H4b", "H8a"])
def test_all_kinds_are_restricted_and_induced_alike(subgroup: str) -> None:
    G = tk.group("S4")
    for X in (G.natural_module(), G.natural_module().exterior_square):
        below = tk.restrict(X, subgroup)
        assert type(below) is type(X)
        linear = tk.restrict(tk.LinearModule.of(X), subgroup)
        assert np.array_equal(below.matrices, linear.matrices)
        assert linear.exact_matrices is not None
        above = tk.induce(below, G, subgroup)
        assert type(above) is type(X)
        assert np.array_equal(
            above.matrices, tk.induce(tk.LinearModule.of(below), G, subgroup).matrices
        )
        assert above.multiplicities == tk.LinearModule.of(above).character.real_multiplicities


def test_inflation_checks_the_relations() -> None:
    C = tk.group("C2")
    sign = C.simple_module("L1")
    G = tk.group("S3")
    assert tk.inflate(sign, G, [{"word": []}, {"word": [0]}]).multiplicities == {"L1": 1}
    signed = tk.SignedModule.from_signs(C, [[0]], [[-1]])
    assert tk.inflate(signed, G, [{"word": []}, {"word": [0]}]).multiplicities == {"L1": 1}
    with pytest.raises(ModuleMismatchError, match="generators 0, 0, 0 in turn give the identity"):
        tk.inflate(sign, G, [{"word": [0]}, {"word": [0]}])


def test_restriction_to_the_trivial_group() -> None:
    V = tk.restrict(tk.group("S4").simple_module("L3"), [])
    assert V.matrices.shape == (0, 3, 3)
    assert V.multiplicities == {"L0": 3}
    assert tk.fourier_basis(V).matrix.shape == (3, 3)
