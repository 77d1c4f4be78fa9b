"""Faces of arrangements up to symmetry: parabolic subgroups, and covectors composed one by one."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

import toolkit as tk
from tests.support.arrangements import reflections, resonance, threshold
from toolkit.errors import NotAvailable
from toolkit.pl.arrangements.exact_normals import exact_rows, points_of_normals
from toolkit.pl.arrangements.flat_orbits import face_numbers, flat_orbits
from toolkit.pl.arrangements.half_spaces import HalfSpaceGroup
from toolkit.pl.arrangements.projective import Points
from toolkit.pl.arrangements.sign_orbits import SignOrbits


def covectors(normals: Any) -> set[tuple[int, ...]]:
    """All sign vectors of points: compositions of those of rays, which are cross products."""
    rows = np.array(normals)
    n, d = rows.shape
    rays = set()
    for chosen in itertools.combinations(range(n), d - 1):
        minors = [
            (-1) ** j * round(np.linalg.det(np.delete(rows[list(chosen)], j, axis=1)))
            for j in range(d)
        ]
        signs = np.sign(rows @ minors)
        if signs.any():
            rays |= {tuple(signs.tolist()), tuple((-signs).tolist())}
    found, todo = {(0,) * n}, [(0,) * n]
    while todo:
        here = todo.pop()
        for ray in rays:
            joined = tuple(a or b for a, b in zip(here, ray, strict=True))
            if joined not in found:
                found.add(joined)
                todo.append(joined)
    return found


def by_dimension(normals: Any, found: set[tuple[int, ...]]) -> list[list[tuple[int, ...]]]:
    rows = np.array(normals)
    d = rows.shape[1]
    out: list[list[tuple[int, ...]]] = [[] for _ in range(d + 1)]
    for signs in found:
        zero = rows[[s == 0 for s in signs]]
        out[d - (np.linalg.matrix_rank(zero) if len(zero) else 0)].append(signs)
    return out


def orbit_count(members: list[tuple[int, ...]], moves: Any, turns: Any) -> int:
    left, many = set(members), 0
    while left:
        many += 1
        todo = [left.pop()]
        while todo:
            here = np.array(todo.pop())
            for move, turn in zip(moves, turns, strict=True):
                image = tuple((turn * here[move]).tolist())
                if image in left:
                    left.remove(image)
                    todo.append(image)
    return many


SMALL: dict[str, Any] = {
    "cube": threshold(3),
    "subsets of three": resonance(3),
    "generic": [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 2, 3), (1, -1, 5)],
    "sign vectors of four": threshold(4),
    "a product": [(1, 0, 0), (0, 1, 0), (1, 1, 0), (0, 0, 1)],
}


@pytest.mark.parametrize("name", SMALL)
def test_faces_are_the_covectors(name: str) -> None:
    normals = SMALL[name]
    faces = by_dimension(normals, covectors(normals))
    found = tk.region_orbits(normals)
    counts = found.faces()
    assert counts.faces == tuple(len(level) for level in faces)
    assert found.walk is not None
    n = len(normals)
    moves, turns = [], []
    for g in found.walk.orbits.group.generators:
        moves.append(g[:n] % n)
        turns.append(np.where(g[:n] < n, 1, -1))
    assert counts.orbits == tuple(orbit_count(level, moves, turns) for level in faces)
    assert counts.orbits[-2:] == (len(found.walls), len(found.orbits))
    zeros = [{tuple(s == 0 for s in signs) for signs in level} for level in faces]
    assert counts.flats == tuple(len(level) for level in zeros)


@pytest.mark.parametrize("seed", range(4))
def test_faces_of_random_arrangements(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = {tuple(v) for v in rng.integers(-2, 3, size=(7, 3)).tolist() if math.gcd(*v) == 1}
    normals = [v for v in sorted(rows) if tuple(-x for x in v) not in rows or v > (0, 0, 0)]
    faces = by_dimension(normals, covectors(normals))
    rank = int(np.linalg.matrix_rank(np.array(normals)))
    if rank < 3:
        pytest.skip("not of rank 3")
    groups: tuple[Any, ...] = (None, [])
    for group in groups:
        counts = tk.region_orbits(normals, group=group).faces()
        assert counts.faces == tuple(len(level) for level in faces)
    assert counts.orbits == counts.faces


#: f-vectors of Coxeter complexes: |W| / |W_J| added up over the parabolic subgroups W_J.
COXETER = {
    "H3": (1, 12 + 20 + 30, 180, 120),
    "F4": (1, 24 + 96 + 96 + 24, 1392, 2304, 1152),
    "H4": (1, 120 + 600 + 720 + 1200, 17040, 28800, 14400),
}


@pytest.mark.parametrize("name", COXETER)
def test_faces_of_coxeter_complexes(name: str) -> None:
    counts = tk.region_orbits(reflections(name)).faces()
    assert counts.faces == COXETER[name]
    rank = int(name[1:])
    subsets = tuple(math.comb(rank, k) for k in range(rank + 1))
    # the diagram of F4 can be turned round, and its subsets with it
    assert counts.orbits == ((1, 2, 4, 2, 1) if name == "F4" else subsets)


@pytest.mark.slow
def test_faces_of_e8() -> None:
    counts = tk.region_orbits(reflections("E8")).faces()
    # 440,880 lines; the sum over k of C(8, k) subsets of the diagram
    assert counts.faces[1:3] == (881760, 34508640)
    assert counts.orbits == tuple(math.comb(8, k) for k in range(9))


def test_faces_beside_the_origin() -> None:
    square = [[1, 0], [1, 0], [0, 1], [0, 1]]
    counts = tk.region_orbits(square, [1, -1, 1, -1]).faces()
    assert (counts.faces, counts.orbits) == ((4, 12, 9), (1, 2, 3))
    assert (counts.flats, counts.flat_orbits) == ((4, 4, 1), (1, 1, 1))
    lines = tk.region_orbits([[1, 0], [0, 1], [1, 1]], [0, 0, 1], group=[]).faces()
    assert (lines.faces, lines.orbits) == ((3, 9, 7), (3, 9, 7))
    parallel = tk.region_orbits([[1, 1], [1, 1], [2, 2]], [0, 1, 8]).faces()
    assert parallel.faces == (3, 4)


def test_more_orbits_than_allowed_and_floats() -> None:
    with pytest.raises(NotAvailable, match="raise most_orbits"):
        tk.region_orbits(resonance(4)).faces(most_orbits=5)
    with pytest.raises(NotAvailable, match="these are floats"):
        tk.region_orbits([[1.0, 0.25], [0.5, 1.0]]).faces()


@pytest.mark.parametrize("normals", [threshold(4), resonance(4)])
def test_flats_without_symmetry_are_as_many(normals: Any) -> None:
    exact = exact_rows(normals)
    assert exact is not None
    points, number = points_of_normals(exact)
    points = Points(points.primes, points.vectors[:, number], points.weights[number])
    alone = flat_orbits(points, SignOrbits(HalfSpaceGroup(len(points), [])))
    assert all(flat.size == 1 for flat in alone)
    assert face_numbers(alone, points.dimension) == tk.region_orbits(normals).faces().faces
