"""Signed modules and the maps between them, against linear algebra."""

from __future__ import annotations

import numpy as np
import pytest
from module_matrices import hom_by_algebra, matrices

import toolkit as tk
from toolkit.errors import InconsistentAnswerError, ModuleMismatchError
from toolkit.modules.gsets.signed_orbitals import SignedOrbitals
from toolkit.modules.signed_module import SignedModule

# S3 and S4 by the generators (1, 2, 3) or (1, 2, 3, 4) and (1, 2)
GIVEN = {
    "sign of S3": ("S3", [[0], [0]], [[1], [-1]]),
    "oriented edges of a triangle": ("S3", [[1, 2, 0], [0, 2, 1]], [[1, 1, 1], [-1, -1, -1]]),
    "rotations of a plane": ("C4", [[1, 0]], [[1, -1]]),
    "quaternions": ("Q8", [[1, 0, 3, 2], [2, 3, 0, 1]], [[1, -1, 1, -1], [1, -1, -1, 1]]),
    "points times sign": ("S4", [[1, 2, 3, 0], [1, 0, 2, 3]], [[-1] * 4, [-1] * 4]),
}


def check_maps(X: SignedModule, Y: SignedModule) -> int:
    maps = SignedOrbitals(Y, X)
    assert maps.shape == maps.labels.shape == maps.signs.shape == (Y.degree, X.degree)
    assert (maps.labels.dtype.name, maps.signs.dtype.name) == ("int32", "int8")
    assert ((maps.labels == -1) == (maps.signs == 0)).all()
    assert sorted(set(maps.labels.ravel().tolist()) - {-1}) == list(range(maps.count))
    weights = np.arange(1, maps.count + 1)
    W = maps.expand(weights)
    for a, b in zip(matrices(X), matrices(Y), strict=True):
        assert np.array_equal(W @ a, b @ W)
    first = [int(np.flatnonzero(maps.labels.ravel() == k)[0]) for k in range(maps.count)]
    assert first == sorted(first)
    assert (maps.signs.ravel()[first] == 1).all()
    assert (maps.representatives @ [X.degree, 1]).tolist() == first
    assert maps.count == hom_by_algebra(X, Y)
    return maps.count


@pytest.mark.parametrize("name", GIVEN)
def test_maps_between_given_modules(name: str) -> None:
    group, images, signs = GIVEN[name]
    X = SignedModule.from_signs(tk.group(group), images, signs, name)
    assert (X.images.tolist(), X.signs.tolist()) == (images, signs)
    assert X.degree == len(images[0])
    assert X.unsigned.degree == X.degree
    check_maps(X, X)
    regular = SignedModule.from_permutation(tk.group(group).regular_module())
    assert check_maps(regular, X) == check_maps(X, regular) == X.degree
    check_maps(X + X, regular + X)


def test_a_permutation_module_with_signs() -> None:
    V = tk.group("S4").natural_module()
    X = SignedModule.from_permutation(V)
    assert (X.name, X.degree, X.home) == ("4 points", 4, V.home)
    assert X.group_order == 24
    assert (X.signs == 1).all()
    assert np.array_equal(X.images, V.images)
    assert X.multiplicities == V.multiplicities
    assert check_maps(X, X) == tk.hom_dimension(X, X) == 2
    assert SignedOrbitals(X, X).labels.tolist() == tk.orbitals(V).labels.tolist()
    two = X + X
    assert two.multiplicities == (V + V).multiplicities
    assert check_maps(two, X) == tk.hom_dimension(two, X) == 4


def test_errors() -> None:
    G = tk.group("S4")
    V = G.natural_module()
    with pytest.raises(ModuleMismatchError, match="an even number of points, found 3"):
        SignedModule("odd", tk.group("S3").natural_module())
    with pytest.raises(ModuleMismatchError, match="generator 0 takes points 0 and 1"):
        _ = SignedModule("no cover", V).signs
    with pytest.raises(ModuleMismatchError, match="signs must be 1 or -1"):
        SignedModule.from_signs(G, [[0], [0]], [[1], [0]])
    with pytest.raises(ModuleMismatchError, match="found shape"):
        SignedModule.from_signs(G, [[0], [0]], [[1]])
    X = SignedModule.from_permutation(V)
    Y = SignedModule.from_permutation(tk.group("S3").natural_module())
    with pytest.raises(ModuleMismatchError, match="one group"):
        SignedOrbitals(X, Y)
    with pytest.raises(ModuleMismatchError, match="one group"):
        _ = X + Y
    with pytest.raises(TypeError):
        X + 1  # type: ignore[operator]
    SignedOrbitals(X, X).check_count(2)
    with pytest.raises(InconsistentAnswerError, match="3 maps"):
        SignedOrbitals(X, X).check_count(3)
    wrong = SignedModule("wrong base", X.cover, G.coset_module("H4b"))
    with pytest.raises(InconsistentAnswerError, match="quotient of its cover"):
        _ = wrong.multiplicities
