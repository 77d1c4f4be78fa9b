"""The basis of equivariant maps, against averages over all group elements."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from toolkit.errors import InconsistentAnswerError, ModuleMismatchError, NotAvailable
from toolkit.modules.gsets.orbitals import Orbitals
from toolkit.modules.layer_basis import LayerBasis

S4 = np.array(list(permutations(range(4))), dtype=np.intp)
PAIRS = np.array([(4 * p[:, None] + p[None, :]).ravel() for p in S4], dtype=np.intp)


@pytest.fixture
def basis() -> LayerBasis:
    """Maps from ordered pairs to points, every element of S4 taken as a generator."""
    return LayerBasis(Orbitals(S4, PAIRS))


def test_dense_sparse_and_labels_agree(basis: LayerBasis) -> None:
    dense = basis.dense(np.int64)
    assert dense.shape == (5, 4, 16)
    assert np.array_equal(dense.sum(axis=0), np.ones((4, 16)))
    assert np.array_equal(np.tensordot(np.arange(5), dense, axes=1), basis.label_matrix)
    assert dense.sum(axis=(1, 2)).tolist() == basis.sizes.tolist()
    sparse = list(basis.sparse())
    assert len(sparse) == 5
    for one, other in zip(sparse, dense, strict=True):
        assert np.array_equal(one.toarray(), other)
    for y, x in zip(S4, PAIRS, strict=True):
        assert np.array_equal(dense[:, y][:, :, x], dense)
    assert basis.norms == pytest.approx(np.linalg.norm(dense, axis=(1, 2)))
    assert basis.dense().dtype == np.float64


def test_sparse_over_several_orbits() -> None:
    basis = LayerBasis(Orbitals([[1, 0, 2, 4, 3]], [[0, 2, 1]]))
    assert basis.dimension == 8
    for one, other in zip(basis.sparse(), basis.dense(), strict=True):
        assert np.array_equal(one.toarray(), other)


def test_project_is_the_average_over_the_group(basis: LayerBasis) -> None:
    rng = np.random.default_rng(1)
    matrix = rng.standard_normal((4, 16)) + 1j * rng.standard_normal((4, 16))
    average = np.mean([matrix[y][:, x] for y, x in zip(S4, PAIRS, strict=True)], axis=0)
    assert basis.expand(basis.project(matrix)) == pytest.approx(average)
    assert basis.expand(basis.project(matrix.real)) == pytest.approx(average.real)
    weights = np.array([3, 1, 4, 1, 5])
    assert basis.project(basis.expand(weights)).tolist() == weights.tolist()
    assert basis.expand(weights).dtype == weights.dtype


def test_expand_keeps_leading_axes(basis: LayerBasis) -> None:
    weights = np.arange(30).reshape(2, 3, 5)
    assert basis.expand(weights).shape == (2, 3, 4, 16)
    assert np.array_equal(basis.expand(weights)[1, 2], basis.expand(weights[1, 2]))


def test_v_and_v_squared_to_v() -> None:
    """S6 on 6 points: maps V + V^2 -> V have 7 weights (EMLP notebooks)."""
    points = np.array([[1, 2, 3, 4, 5, 0], [1, 0, 2, 3, 4, 5]], dtype=np.intp)
    pairs = np.array([(6 * p[:, None] + p[None, :]).ravel() for p in points])
    basis = LayerBasis(Orbitals(points, np.hstack([points, pairs + 6])))
    assert basis.dimension == 7
    basis.check_count(7, "S6")
    assert basis.sizes.sum() == 6 * 42


def test_errors(basis: LayerBasis) -> None:
    with pytest.raises(InconsistentAnswerError, match=r"about S4 .*required 6 orbitals.*found 5"):
        basis.check_count(6, "S4")
    with pytest.raises(NotAvailable, match=r"takes 2560 bytes, more than limit=2559; sparse\(\)"):
        basis.dense(limit=2559)
    assert basis.dense(limit=2560).size == 320
    with pytest.raises(ModuleMismatchError, match="each of 5 orbitals"):
        basis.expand([1.0, 2.0])
    with pytest.raises(ModuleMismatchError, match="each of 5 orbitals"):
        basis.expand(1.0)
    with pytest.raises(ModuleMismatchError, match=r"shape \(4, 16\)"):
        basis.project(np.zeros((16, 4)))
