"""Legal activations: the theorem against trying it."""

from __future__ import annotations

import copy
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from toolkit.errors import IllegalActivationError, ModuleMismatchError
from toolkit.pl.activations.activation import find_activation
from toolkit.pl.activations.registry import ACTIVATIONS
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


@pytest.mark.parametrize("name", [*ACTIVATIONS, "polynomial(1,2)", "polynomial(0,2)"])
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
        assert require_legal(matrices, f).violation is None
        return
    assert found.violation is not None
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
    assert found.violation is not None
    assert (found.violation.row, found.violation.entries) == (1, (1, -1))
    assert "without its constant" in found.advice


def test_rescaling() -> None:
    for case in ("positive monomial", "monomial"):
        found = legality(CASES[case], "tanh")
        assert found.scale == (1, Fraction(1, 2))
        d = np.diag(np.array([float(x) for x in found.scale or ()]))
        m = np.asarray(CASES[case], dtype=float)[0]
        assert np.allclose(np.abs(np.linalg.inv(d) @ m @ d), [[0, 1], [1, 0]])
    assert legality([[[2.0, 0.0], [0.0, 0.5]]]).scale is None  # of infinite order


@pytest.mark.parametrize(
    ("matrices", "message"),
    [
        ([[1, 0], [0, 1]], r"shape \(k, n, n\), not \(2, 2\); put a single matrix into a list"),
        ([[[1, 2, 3], [4, 5, 6]]], r"shape \(k, n, n\), not \(1, 2, 3\)"),
        ([[[1, 0], [0]]], "rows of different lengths"),
        ([[[1]], [[1, 0], [0, 1]]], "rows of different lengths"),
        (None, r"shape \(k, n, n\), not \(\)"),
        ([[[1, 0], [0, 0]]], "invertible, but matrix 0 has a row of zeros: row 1"),
        ([[[1j]]], "real numbers, not complex128"),
        ([[["a"]]], "real numbers, not <U1"),
        ([[[Fraction(1), None], [0, 1]]], "matrix 0 has None in row 0, column 1"),
        ([np.eye(2), [[1, float("nan")], [0, 1]]], "matrix 1 has nan in row 0, column 1"),
        ([[[1, 0], [0, float("inf")]]], "matrix 0 has inf in row 1, column 1"),
        ([[[Fraction(1), 0], [0, float("-inf")]]], "matrix 0 has -inf in row 1, column 1"),
        ([[[0, 1], [1, 0]], [[0, 1], [0, 1]]], "must be invertible, but matrix 1 is not"),
        ([[[1, 2], [2, 4]]], "must be invertible, but matrix 0 is not"),
        ([[[0.1, 0.2], [0.3, 0.6]]], "must be invertible, but matrix 0 is not"),
        ([[[10**40 + 1, 10**40], [10**40, 10**40 - 1 + 10**40]]], None),
        ([[[10**30, 10**30 + 1], [10**30 - 1, 10**30]]], None),  # of determinant 1
        ([[[10**30, 10**30 + 1], [10**30, 10**30 + 1]]], "matrix 0 is not"),
        ([[[Fraction(1, 3), Fraction(1, 10**25)], [Fraction(10**25), 3]]], "matrix 0 is not"),
        ([[[1e-200, 1e-200], [1e-200, -1e-200]]], "a row of zeros"),
    ],
)
def test_bad_matrices(matrices: Any, message: str | None) -> None:
    if message is None:
        assert legality(matrices, "identity").is_legal
        return
    with pytest.raises(ModuleMismatchError, match=message) as caught:
        legality(matrices)
    assert "\n" not in str(caught.value)
    with pytest.raises(ModuleMismatchError, match=message):
        require_legal(matrices, "relu")


def test_bad_tolerance() -> None:
    for tolerance in (-1.0, float("nan")):
        with pytest.raises(ModuleMismatchError, match="finite number >= 0"):
            legality(SIGNED, tolerance=tolerance)


def test_the_error_can_be_rebuilt_from_its_arguments() -> None:
    with pytest.raises(IllegalActivationError) as caught:
        require_legal(SIGNED, "relu")
    again = copy.copy(caught.value)
    assert str(again) == str(caught.value)
    assert "entry -1 in column 1" in str(again)


def test_shares_ask_for_legality_too() -> None:
    import toolkit as tk
    from toolkit.errors import IllegalActivationError
    from toolkit.pl.transfer.depth import transfer_spectrum

    G = tk.group("C4")
    plane = tk.signed_pairs(G)[2].module
    with pytest.raises(IllegalActivationError):
        tk.transfer_matrix(plane, "relu")
    with pytest.raises(IllegalActivationError):
        transfer_spectrum(plane, {"L2": 1.0}, "sigmoid")
    assert tk.transfer_matrix(plane, "tanh").tolist() == [[1.0]]


def test_the_old_name_of_a_violation() -> None:
    found = legality([[[0, -1], [1, 0]]], "relu")
    with pytest.warns(DeprecationWarning, match=r"now \.violation"):
        assert found.culprit is found.violation
