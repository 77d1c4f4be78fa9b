"""Maps without orbitals: the Fourier blocks alone, against the orbitals where both exist."""

from __future__ import annotations

import copy
import pickle  # noqa: TID251 - our own bytes

import numpy as np
import pytest
import torch

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.nn.linear.fourier_hom_space import FourierHomSpace
from toolkit.nn.linear.hom_space import OrbitalHomSpace, require_orbitals
from toolkit.nn.linear.methods.by_name import make_computation
from toolkit.nn.linear.methods.dense_blocks import basis_maps, blocks_of_matrix
from toolkit.nn.linear.whole_matrix import matrix_of_blocks, matrix_of_orbits


def pair(name: str) -> tuple[tk.modules.Module, tk.modules.Module]:
    G = tk.group(name)
    X = G.regular_module()
    return X, G.natural_module() + X


# simples of types R, C and H
@pytest.mark.parametrize("name", ["S4", "C5", "SL(2,3)"])
def test_blocks_and_orbitals_are_two_bases_of_one_space(name: str) -> None:
    X, Y = pair(name)
    blocks, orbitals = FourierHomSpace(X, Y), OrbitalHomSpace(X, Y)
    assert blocks.count == orbitals.count
    assert blocks.bias_count == orbitals.bias_count
    maps = basis_maps(blocks)
    constant = np.zeros_like(maps)  # on every orbital
    for label in range(orbitals.count):
        inside = orbitals.labels == label
        constant[:, inside] = maps[:, inside].mean(axis=1, keepdims=True)
    assert np.abs(maps - constant).max() < 1e-13
    assert np.linalg.matrix_rank(maps.reshape(len(maps), -1)) == orbitals.count


@pytest.mark.parametrize("name", ["S4", "C5", "SL(2,3)"])
def test_methods_agree(name: str) -> None:
    X, Y = pair(name)
    space, orbitals = FourierHomSpace(X, Y), OrbitalHomSpace(X, Y)
    place = (None, torch.float64)
    weight = torch.randn(space.count, 3, 2, dtype=torch.float64)
    x = torch.randn(5, X.degree, 2, dtype=torch.float64)
    dense, spectral = (make_computation(m, space, *place) for m in ("dense", "spectral"))
    expected = make_computation("spectral", orbitals, *place)
    y = expected.forward(x, expected.operator(weight))
    for method in (dense, spectral):
        torch.testing.assert_close(method.forward(x, method.operator(weight)), y)
    matrix = matrix_of_blocks(space, weight)
    torch.testing.assert_close(torch.einsum("moni,bni->bmo", matrix, x), y)


@pytest.mark.parametrize("name", ["S4", "C5", "SL(2,3)"])
def test_blocks_of_any_matrix_are_those_of_its_average(name: str) -> None:
    X, Y = pair(name)
    space, orbitals = FourierHomSpace(X, Y), OrbitalHomSpace(X, Y)
    matrix = np.random.default_rng(0).normal(size=(*space.shape, 2, 1))
    averaged = np.zeros_like(matrix)
    for label in range(orbitals.count):
        averaged[orbitals.labels == label] = matrix[orbitals.labels == label].mean(axis=0)
    found = torch.from_numpy(blocks_of_matrix(space, matrix))
    expected = torch.from_numpy(averaged).permute(0, 2, 1, 3)
    torch.testing.assert_close(matrix_of_blocks(space, found), expected)
    weight = torch.randn(orbitals.count, 2, 1, dtype=torch.float64)
    whole = matrix_of_orbits(orbitals, weight).permute(0, 2, 1, 3)
    again = matrix_of_blocks(space, torch.from_numpy(blocks_of_matrix(space, whole.numpy())))
    torch.testing.assert_close(again.permute(0, 2, 1, 3), whole)


def test_a_space_without_orbitals_says_so() -> None:
    space = FourierHomSpace(*pair("C5"))
    assert not space.has_orbitals
    assert not space.is_signed
    assert space.factors is None
    for method in ("structured", "fast", "fft", "kronecker"):
        with pytest.raises(ModuleMismatchError, match='use "dense" or "spectral"'):
            make_computation(method, space, None, None)
    with pytest.raises(ModuleMismatchError, match="is a linear module: do without"):
        require_orbitals(space, "this", "do without")
    other = tk.group("C7").regular_module()
    with pytest.raises(ModuleMismatchError, match="one group"):
        FourierHomSpace(space.X, other)


def test_copies_of_a_space() -> None:
    space = FourierHomSpace(*pair("C5"))
    assert copy.deepcopy(space) is space
    expected = basis_maps(space)
    again = pickle.loads(pickle.dumps(space))  # noqa: S301
    assert np.array_equal(basis_maps(again), expected)
