"""Two hundred random arrangements: counted, walked through, sampled, and by linear programs."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sign_vectors import by_linear_programs, sampled

import toolkit as tk

if TYPE_CHECKING:
    from toolkit.pl.arrangements.region_graph import RegionGraph


def random_hyperplanes(seed: int) -> tuple[list[list[int]], list[int]]:
    """Small integers, so that many hyperplanes meet; every other time beside the origin."""
    rng = np.random.default_rng(seed)
    d, n = int(rng.integers(1, 5)), int(rng.integers(1, 8))
    normals = rng.integers(-2, 3, size=(n, d))
    normals[~normals.any(axis=1), 0] = 1
    offsets = rng.integers(-2, 3, size=n) * (seed % 2)
    return normals.tolist(), offsets.tolist()


def different(normals: list[list[int]], offsets: list[int]) -> tuple[Any, Any]:
    """The first of the hyperplanes that are the same, in order."""
    kept: dict[tuple[Fraction, ...], tuple[list[int], int]] = {}
    for row, k in zip(normals, offsets, strict=True):
        lead = next(x for x in row if x)
        kept.setdefault(tuple(Fraction(x, lead) for x in (*row, k)), (row, k))
    rows, heights = zip(*kept.values(), strict=True)
    return np.array(rows, dtype=float), np.array(heights, dtype=float)


def members(found: RegionGraph) -> list[tuple[int, ...]]:
    """Every region of every orbit: images under the group, one by one."""
    assert found.walk is not None
    n, out = found.hyperplanes, []
    whole = len(found.walk.normals)
    generators = found.walk.orbits.group.generators
    for orbit in found.orbits:
        start = tuple(orbit.signs.tolist()) + (1,) * (whole - n)
        seen, todo = {start}, [start]
        while todo:
            here = np.array(todo.pop())
            both = np.concatenate([here, -here])
            for g in generators:
                image = tuple(both[g[:whole]].tolist())
                if image not in seen:
                    seen.add(image)
                    todo.append(image)
        assert len(seen) == orbit.size
        out += [signs[:n] for signs in seen]
    return out


@pytest.mark.parametrize(
    "seed", [*range(3), *(pytest.param(s, marks=pytest.mark.slow) for s in range(3, 200))]
)
def test_regions_are_those_of_linear_programs(seed: int) -> None:
    normals, offsets = random_hyperplanes(seed)
    rows, heights = different(normals, offsets)
    expected = by_linear_programs(rows, heights)
    assert sampled(rows, heights, np.random.default_rng(seed), 2000) <= expected
    count = tk.regions(normals, offsets)
    assert (int(count), count.certainty) == (len(expected), "exact")
    for group in (None, list[Any]()):
        found = tk.region_orbits(normals, offsets, group=group)
        assert (found.certainty, found.walls_are) == ("exact", "exact")
        everything = members(found)
        assert len(everything) == len(set(everything))
        assert set(everything) == expected
        # a wall is between two regions whose signs differ in one place
        flipped = sum(
            (*s[:i], -s[i], *s[i + 1 :]) in expected for s in expected for i in range(len(s))
        )
        assert found.wall_count == flipped // 2
        faces = found.faces()
        assert (faces.faces[-1], faces.faces[-2]) == (len(expected), flipped // 2)
        assert faces.orbits[-1] == len(found.orbits)
