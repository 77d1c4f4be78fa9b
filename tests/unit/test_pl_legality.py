"""Legal activations: the theorem against trying it."""

from __future__ import annotations

import copy
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from toolkit.errors import IllegalActivationError, ModuleMismatchError
from toolkit.pl.activation_names import NAMES
from toolkit.pl.activations import find_activation
from toolkit.pl.legality import legality, require_legal

SIGNED = [[[0, -1], [1, 0]]]
CASES: dict[str, Any] = {
    "permutation": [[[0, 1, 0], [0, 0, 1], [1, 0, 0]]],
    "signed permutation": SIGNED,
    "positive monomial": [[[0, 2], [Fraction(1, 2), 0]]],
    "monomial": [[[0, -2], [Fraction(1, 2), 0]]],
    "general": [[[0.6, -0.8], [0.8, 0.6]]],
}
ROTATION = [[[1, 0, 0], [1, 0, -1], [1, -1, 0]]]  # rows of sum 1, 0, 0
AVERAGING = [[[2, -1], [3, -2]]]  # an involution with rows of sum 1


@pytest.mark.parametrize("name", [*NAMES, "polynomial(1,2)", "polynomial(0,2)"])
@pytest.mark.parametrize("matrices", [*CASES.values(), ROTATION, AVERAGING])
def test_against_trying(matrices: Any, name: str) -> None:
    f = find_activation(name)
    rng = np.random.default_rng(0)
    legal = True
    for m in np.asarray(matrices, dtype=np.float64):
        v = rng.standard_normal((len(m), 200)) * 3
        legal &= np.allclose(f(m @ v), m @ f(v), atol=1e-9)
    found = legality(matrices, f)
    assert found.is_legal == legal
    if legal:
        assert require_legal(matrices, f).culprit is None
        return
    assert found.culprit is not None
    with pytest.raises(IllegalActivationError, match=r"matrix 0 has in row \d"):
        require_legal(matrices, f)


@pytest.mark.parametrize("kind", CASES)
def test_kinds(kind: str) -> None:
    found = legality(CASES[kind])
    assert found.kind == kind
    assert found.is_legal is None
    assert found.constants == (kind == "permutation")


def test_affine() -> None:
    assert legality(AVERAGING, "polynomial(1,2)").is_legal
    assert legality(AVERAGING).allowed == "affine activations"
    found = legality(ROTATION, "polynomial(1,2)")
    assert found.culprit is not None
    assert (found.culprit.row, found.culprit.entries) == (1, (1, -1))
    assert "without its constant" in found.advice


def test_rescaling() -> None:
    for case in ("positive monomial", "monomial"):
        found = legality(CASES[case], "tanh")
        assert found.scale == (1, Fraction(1, 2))
        d = np.diag(np.array([float(x) for x in found.scale or ()]))
        m = np.asarray(CASES[case], dtype=float)[0]
        assert np.allclose(np.abs(np.linalg.inv(d) @ m @ d), [[0, 1], [1, 0]])
    assert legality([[[2.0, 0.0], [0.0, 0.5]]]).scale is None  # of infinite order


def test_bad_matrices() -> None:
    with pytest.raises(ModuleMismatchError, match="shape"):
        legality([[1, 0], [0, 1]])
    with pytest.raises(ModuleMismatchError, match="row of zeros"):
        legality([[[1, 0], [0, 0]]])
    with pytest.raises(ModuleMismatchError, match="real numbers"):
        legality([[[1j]]])


def test_the_error_can_be_rebuilt_from_its_arguments() -> None:
    with pytest.raises(IllegalActivationError) as caught:
        require_legal(SIGNED, "relu")
    again = copy.copy(caught.value)
    assert str(again) == str(caught.value)
    assert "entry -1 in column 1" in str(again)


def test_shares_ask_for_legality_too() -> None:
    import toolkit as tk
    from toolkit.errors import IllegalActivationError
    from toolkit.pl.transfer_depth import transfer_spectrum

    G = tk.group("C4")
    plane = tk.signed_pairs(G)[2].module
    with pytest.raises(IllegalActivationError):
        tk.transfer_matrix(plane, "relu")
    with pytest.raises(IllegalActivationError):
        transfer_spectrum(plane, {"L2": 1.0}, "sigmoid")
    assert tk.transfer_matrix(plane, "tanh").tolist() == [[1.0]]
