"""Isometries of point sets that find_symmetry finds."""

from __future__ import annotations

from itertools import permutations, product
from typing import Any

import numpy as np
import pytest

import toolkit as tk
from tests.library.test_symmetry_of_graphs import elements
from toolkit.errors import NamingError
from toolkit.library.symmetry.averaging import average_of_points, symmetric_points

CUBE = np.array(list(product([-1.0, 1.0], repeat=3)))
GOLDEN = (1 + 5**0.5) / 2
ICOSAHEDRON = np.array(
    [np.roll([0, a, b * GOLDEN], k) for a in (1, -1) for b in (1, -1) for k in range(3)]
)


def rotation(seed: int, d: int) -> np.ndarray[Any, Any]:
    return np.asarray(np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0])


def isometric(points: np.ndarray[Any, Any], image: tuple[int, ...]) -> bool:
    """Whether a permutation keeps all distances: then it is one isometry."""
    d = np.linalg.norm(points[:, None] - points[None], axis=2)
    return bool(np.abs(d[np.ix_(image, image)] - d).max() < 1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_small_sets_against_all_permutations(seed: int) -> None:
    chance = np.random.default_rng(seed)
    points = chance.integers(0, 3, (5, 2))
    found = tk.find_symmetry(points, kind="points")
    wanted = {g for g in permutations(range(5)) if isometric(points.astype(float), g)}
    assert elements(found["points"].images, 5) == wanted
    assert found.is_exact
    assert found.residual == 0.0


@pytest.mark.parametrize(("points", "order"), [(CUBE, 48), (ICOSAHEDRON, 120)])
@pytest.mark.parametrize("noise", [0.0, 1e-6, 1e-3])
def test_solids_anywhere_with_noise(points: np.ndarray[Any, Any], order: int, noise: float) -> None:
    chance = np.random.default_rng(1)
    moved = points @ rotation(2, 3) + [5.0, -3.0, 2.0] + noise * chance.normal(size=points.shape)
    found = tk.find_symmetry(moved, kind="points")
    assert found.order == order
    assert found.residual < 6 * noise + 1e-12
    V = found["space"]
    assert V.degree == 3
    assert sum(V.multiplicities.values()) == 1
    assert found.facts["space_residual"] < 1e-12
    centre = np.array(found.facts["centre"])
    matrices = found.group.space_matrices.matrices
    for image, m in zip(found["points"].images, matrices, strict=True):
        assert np.abs(m @ m.T - np.eye(3)).max() < 1e-12
        own = found.averaged - centre
        assert np.abs(own[image] - own @ m).max() < 1e-12


def test_the_average_is_that_over_all_elements() -> None:
    chance = np.random.default_rng(0)
    points = CUBE @ rotation(1, 3) + 0.01 * chance.normal(size=(8, 3))
    points -= points.mean(axis=0)
    images = tk.find_symmetry(points, kind="points")["points"].images
    nearest, matrices, missed = symmetric_points(points, images)
    assert missed < 1e-12
    queue = [(tuple(range(8)), np.eye(3))]
    known = {queue[0][0]}
    for image, m in queue:
        for g, own in zip(images, matrices, strict=True):
            new = tuple(int(g[i]) for i in image)
            if new not in known:
                known.add(new)
                queue.append((new, m @ own))
    assert len(queue) == 48
    mean = sum(points[list(image)] @ m.T for image, m in queue) / 48
    assert np.abs(mean - nearest).max() < 1e-12
    assert np.abs(average_of_points(points, images, matrices) - mean).max() < 1e-12


def test_labels_translations_and_flat_sets() -> None:
    square = np.array([[1.0, 1], [1, -1], [-1, -1], [-1, 1]])
    assert tk.find_symmetry(square, kind="points").order == 8
    assert tk.find_symmetry(square, kind="points", labels=["C", "N", "C", "N"]).order == 4
    away = square + np.array([3.0, 0.0])
    assert tk.find_symmetry(away, kind="points").order == 8
    assert tk.find_symmetry(away, kind="points", translations=False).order == 2
    assert tk.find_symmetry(square, kind="points", translations=False).order == 8
    flat = np.concatenate([square, np.zeros((4, 1))], axis=1)
    found = tk.find_symmetry(flat, kind="points")
    assert found.order == 8
    assert np.abs(found.group.space_matrices.matrices[:, 2] - [0, 0, 1]).max() < 1e-12


def test_no_symmetry_one_point_and_refusals() -> None:
    points = np.random.default_rng(0).normal(size=(7, 3))
    found = tk.find_symmetry(points, kind="points")
    assert found.order == 1
    assert found.residual == 0.0
    assert tk.find_symmetry([[1.0, 2.0]], kind="points").order == 1
    with pytest.raises(NamingError, match="a row for each point"):
        tk.find_symmetry([1.0, 2.0], kind="points")
    with pytest.raises(NamingError, match="the same number of labels"):
        tk.find_symmetry(points, kind="points", labels=["C"])


def test_the_modules_fit_layers() -> None:
    found = tk.find_symmetry(CUBE, kind="points")
    X, V = found["points"], found["space"]
    assert tk.hom_dimension(X, X) == 4  # distances 0, 1, 2, 3
    assert tk.hom_dimension(V, X) == 1


def test_permutations_without_isometries_are_refused() -> None:
    points = np.random.default_rng(0).normal(size=(4, 2))
    with pytest.raises(NamingError, match="are not given by isometries of a space of dimension 2"):
        tk.find_symmetry(points, kind="points", tol=5.0)
