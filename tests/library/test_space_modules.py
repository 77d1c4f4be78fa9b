"""Spaces that come with groups, float matrices of few digits, groups that are not listed."""

from __future__ import annotations

import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import GapTimeoutError, ModuleMismatchError, NotAvailable
from toolkit.library.modules import class_words

CUBE = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=float)


def fixed(V: tk.LinearModule, vector: np.ndarray) -> float:
    return max(float(np.abs(rho @ vector - vector).max()) for rho in V.matrices)


@pytest.mark.parametrize("noise", [0.0, 1e-9, 1e-6])
def test_the_points_that_a_group_was_found_from_are_fixed(noise: float) -> None:
    rng = np.random.default_rng(0)
    turn = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    points = CUBE @ turn + noise * rng.standard_normal(CUBE.shape)
    G = tk.group_from_points(points, tol=1e-3) if noise else tk.group_from_points(points)
    V, X = G.space_module(), G.natural_module()
    assert (G.order, V.degree, V.rank) == (48, 3, 1)
    assert V.residual < 1e-13
    centred = points - points.mean(axis=0)
    assert fixed(X * V, centred.ravel()) <= 10 * noise + 1e-13
    assert tk.fourier_basis(V).certificate.worst < 1e-13
    assert G.module("space") == V
    assert G.module(V.specification) == V


def test_points_of_a_skew_group_are_fixed_too() -> None:
    """Matrices that are not orthogonal: the columns are moved by the transposed inverses."""
    G = tk.group("W(B3)")
    V = G.space_module()
    assert not V.is_orthogonal
    assert V.residual == 0.0
    assert V.exact_matrices is not None
    rows = G.space_matrices.matrices
    start = np.random.default_rng(1).standard_normal(3)
    orbit = [start]
    for p in orbit:
        for a in rows:
            if not any(np.allclose(p @ a, q) for q in orbit):
                orbit.append(p @ a)
    images = [[next(i for i, q in enumerate(orbit) if np.allclose(p @ a, q)) for p in orbit]
              for a in rows]  # fmt: skip
    X = G.module_from_images(images)
    assert len(orbit) == 48
    assert fixed(X * V, np.array(orbit).ravel()) < 1e-12


@pytest.mark.parametrize(
    ("name", "multiplicities"),
    [("Oh", {"L8": 1}), ("D5h", {"L3": 1, "L5": 1}), ("C4v", {"L0": 1, "L4": 1})],
)
def test_spaces_of_point_groups(name: str, multiplicities: dict[str, int]) -> None:
    V = tk.group(name).space_module()
    assert V.multiplicities == multiplicities
    assert V.is_orthogonal
    assert V.residual == 0.0


def test_groups_without_a_space_say_so() -> None:
    with pytest.raises(NotAvailable, match="has no matrices"):
        tk.group("S4").space_module()


def test_few_digits_are_refined_on_request() -> None:
    G = tk.group("S3")
    given = [[[-0.5, -0.866], [0.866, -0.5]], [[1.0, 0.0], [0.0, -1.0]]]
    with pytest.raises(ModuleMismatchError, match="give more digits, or another tol"):
        G.linear_module(given)
    V = G.linear_module(given, tol=1e-3)
    assert V.residual < 1e-13
    assert np.abs(V.matrices - given).max() < 1e-4
    assert V.multiplicities == {"L2": 1}
    assert tk.fourier_basis(V).certificate.worst < 1e-13


def standard(images: np.ndarray) -> np.ndarray:
    """Return the action on functions modulo constants, in coordinates f_i - f_n."""
    k, n = images.shape
    whole = np.zeros((k, n, n), dtype=np.int64)
    whole[np.arange(k)[:, None], np.arange(n), images] = 1
    down = np.hstack([np.eye(n - 1, dtype=np.int64), -np.ones((n - 1, 1), dtype=np.int64)])
    up = np.vstack([np.eye(n - 1, dtype=np.int64), np.zeros((1, n - 1), dtype=np.int64)])
    return down @ whole @ up


def test_a_group_that_is_not_listed() -> None:
    G = tk.group("S8")
    assert G.order > 20_000
    X = G.natural_module()
    matrices = standard(X.images)
    V = G.linear_module(matrices, name="standard")
    assert V.residual == 0.0
    assert tk.hom_dimension(V, X) == V.rank == 1
    assert X.multiplicities == {"L0": 1, **V.multiplicities}
    assert V.symmetric_square.rank == 3
    basis = tk.fourier_basis(V)
    assert basis.certificate.worst < 1e-13
    (label,) = V.multiplicities
    assert np.abs(basis.models[label] - tk.fourier_basis(X).models[label]).max() < 1e-10
    floats = G.linear_module(matrices * (1 + 1e-15))
    assert floats.multiplicities == V.multiplicities
    for wrong in (2 * matrices, matrices * (1 + 1e-4)):
        with pytest.raises(
            ModuleMismatchError, match="are not a representation of S8: in the group"
        ):
            G.linear_module(wrong)
    with pytest.raises(NotAvailable, match="matrices of elements"):
        tk.restrict(V, [[1, 0, 2, 3, 4, 5, 6, 7]])


@pytest.mark.gap
@pytest.mark.parametrize("n", [3, 4, 5, 6, 7])
def test_the_relators_of_symmetric_groups_define_them(n: int) -> None:
    relators = class_words.symmetric_relators(n)
    words = ["*".join("ab"[g] if g >= 0 else "ab"[~g] + "^-1" for g in word) for word in relators]
    assert tk.group(f"<a,b | {', '.join(words)}>").order == tk.group(f"S{n}").order
    letters = {**dict(enumerate(tk.group(f"S{n}").natural_module().images))}
    letters |= {~g: np.argsort(row) for g, row in letters.items()}
    for word in relators:
        at = np.arange(n)
        for g in word:
            at = letters[g][at]
        assert np.array_equal(at, np.arange(n))


def test_large_symmetric_groups_have_relators_by_formula() -> None:
    """GAP finds no presentation of S20 on these generators within its memory."""
    G = tk.group("S20")
    matrices = standard(G.natural_module().images)
    assert G.linear_module(matrices).residual == 0.0
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((19, 19)))[0]
    assert G.linear_module(turn @ matrices @ turn.T).residual < 1e-12
    for wrong in (2 * matrices, matrices * np.array([1, -1])[:, None, None]):
        with pytest.raises(
            ModuleMismatchError, match="are not a representation of S20: in the group"
        ):
            G.linear_module(wrong)


def test_relations_out_of_reach_are_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object, **__: object) -> None:
        raise GapTimeoutError("generator_words", "A12", 60.0)

    monkeypatch.setattr(class_words, "_asked", asked)
    G = tk.group("A12")
    with pytest.raises(NotAvailable, match="finds no presentation within its limits"):
        G.linear_module(standard(G.natural_module().images))
