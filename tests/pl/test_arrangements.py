"""Arrangements: counts against theorems and against a slow exact count, and listed regions."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import toolkit as tk
from toolkit.errors import InconsistentAnswerError, NotAvailable
from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.pl.arrangements.counting import Decisions, arrangement, count_regions, counting_cost
from toolkit.pl.arrangements.exact_gram import ExactGram, match_values
from toolkit.pl.arrangements.hyperplanes import Lines, find_lines
from toolkit.pl.arrangements.regions import (
    centre_of_region,
    number_of_regions,
    region_orbits,
)
from toolkit.pl.arrangements.sign_vectors import signs_of_regions

if TYPE_CHECKING:
    from collections.abc import Sequence

    Rows = Sequence[Sequence[int]]


def plain_lines(normals: Any) -> Lines:
    """Return lines that no group moves."""
    vectors = np.asarray(normals, dtype=np.float64)
    return find_lines("an arrangement", vectors, np.empty((0, len(vectors)), dtype=np.intp))


def unit(n: int, *entries: tuple[int, int]) -> list[int]:
    row = [0] * n
    for place, value in entries:
        row[place] += value
    return row


def braid(n: int) -> list[list[int]]:
    return [unit(n, (i, 1), (j, -1)) for i, j in itertools.combinations(range(n), 2)]


def type_d(n: int) -> list[list[int]]:
    return braid(n) + [unit(n, (i, 1), (j, 1)) for i, j in itertools.combinations(range(n), 2)]


def type_b(n: int) -> list[list[int]]:
    return type_d(n) + [unit(n, (i, 1)) for i in range(n)]


def rank(rows: Rows) -> int:
    """Gauss elimination over the rationals."""
    left = [[Fraction(x) for x in row] for row in rows]
    found = 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((r for r in range(found, len(left)) if left[r][column]), None)
        if pivot is None:
            continue
        left[found], left[pivot] = left[pivot], left[found]
        for r in range(found + 1, len(left)):
            factor = left[r][column] / left[found][column]
            left[r] = [a - factor * b for a, b in zip(left[r], left[found], strict=True)]
        found += 1
    return found


def slow_count(rows: Rows) -> int:
    """Zaslavsky's sum of |mu| over all flats, each flat found as a closed set of hyperplanes."""
    n = len(rows)
    closed: dict[frozenset[int], int] = {}
    for size in range(n + 1):
        for chosen in itertools.combinations(range(n), size):
            r = rank([rows[i] for i in chosen]) if chosen else 0
            if r < size:
                continue
            flat = frozenset(
                i for i in range(n) if rank([rows[j] for j in chosen] + [rows[i]]) == r
            )
            closed[flat] = r
    mu: dict[frozenset[int], int] = {}
    for flat in sorted(closed, key=lambda f: closed[f]):
        below = sum(mu[other] for other in mu if other < flat)
        mu[flat] = -below if flat else 1
    return sum(map(abs, mu.values()))


def distinct(rows: Rows) -> list[list[int]]:
    """Leave out zero rows and multiples of earlier ones."""
    out: list[list[int]] = []
    for row in rows:
        if any(row) and all(rank([row, other]) == 2 for other in out):
            out.append(list(row))
    return out


# -- theorems -------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_mirrors_of_coxeter_groups_have_one_chamber_per_element(n: int) -> None:
    assert count_regions(arrangement(braid(n))) == math.factorial(n)
    if n <= 5:
        assert count_regions(arrangement(type_b(n))) == 2**n * math.factorial(n)
    if n in (3, 4, 5):
        assert count_regions(arrangement(type_d(n))) == 2 ** (n - 1) * math.factorial(n)


@pytest.mark.parametrize(("n", "d"), [(3, 2), (7, 3), (9, 4), (8, 5)])
def test_general_position(n: int, d: int) -> None:
    """Points on the moment curve: any d are independent."""
    rows = [[t**k for k in range(d)] for t in range(1, n + 1)]
    expected = 2 * sum(math.comb(n - 1, k) for k in range(d))
    found = number_of_regions(arrangement(rows))
    assert (found.count, found.certainty) == (expected, "exact")


@pytest.mark.gap
@pytest.mark.parametrize(
    ("degree", "dimension", "planes", "regions"),
    [(12, 3, 6, 32), (20, 3, 10, 92), (5, 4, 5, 30), (6, 5, 6, 62)],
)
def test_zonotopes_of_the_icosahedron(
    degree: int, dimension: int, planes: int, regions: int
) -> None:
    """Corners of the rhombic triacontahedron (32) and enneacontahedron (92), and of simplices."""
    (X,) = (m for m in tk.group("A5").permutation_modules() if m.degree == degree)
    source = next(
        s.label
        for s in X.spherical_table.simples
        if s.dimension == dimension and s.multiplicity == 1
    )
    phi = tk.pl_map(X, source, "L0", "abs")
    assert len(phi.hyperplanes) == planes
    assert (phi.regions.count, phi.regions.certainty) == (regions, "exact")
    assert phi.arrangement.decisions.all_proved
    assert sum(piece.size for piece in phi.matrices) == regions


@pytest.mark.gap
@pytest.mark.parametrize(
    ("name", "order", "mirrors", "chambers"),
    [("Q8", 8, 4, 16), ("SL(2,3)", 24, 12, 192), ("SL(2,5)", 120, 60, 14400)],
)
def test_quaternions_as_root_systems(name: str, order: int, mirrors: int, chambers: int) -> None:
    """The units of Q8, SL(2,3), SL(2,5) are the roots of 4 A1, D4, H4: chambers of their groups.

    L occurs once, with type H: every coincidence of hyperplanes is proved, for H4 in Q(sqrt 5).
    """
    X = tk.group(name).regular_module()
    for simple in X.spherical_table.simples:
        if (simple.dimension, simple.type, simple.action_order) == (4, "H", order):
            phi = tk.pl_map(X, simple.label, "L0", "abs")
            assert len(phi.hyperplanes) == mirrors
            assert (phi.regions.count, phi.regions.certainty) == (chambers, "exact")
            assert count_regions(phi.arrangement) == chambers  # a second route, step by step
            assert phi.arrangement.decisions.believed == 0
            assert (phi.arrangement.decisions.proved > 0) == (mirrors > 4)
            assert {piece.size for piece in phi.matrices} == {order}
            break
    else:
        raise AssertionError("no faithful quaternionic simple")


def test_mirrors_of_the_icosahedron() -> None:
    """15 planes, 120 chambers; where three or five planes meet was decided in floating point."""
    golden = (1 + math.sqrt(5)) / 2
    rows = [list(r) for r in np.eye(3)]
    for signs in itertools.product((1, -1), repeat=2):
        base = (1.0, signs[0] * golden, signs[1] / golden)
        rows += [list(np.roll(base, k)) for k in range(3)]
    found = number_of_regions(arrangement(rows))
    assert (found.count, found.certainty) == (120, "numerical")


# -- against brute force --------------------------------------------------------------------------


def integer_rows() -> st.SearchStrategy[list[list[int]]]:
    return st.integers(1, 4).flatmap(
        lambda d: st.lists(
            st.lists(st.integers(-2, 2), min_size=d, max_size=d), min_size=1, max_size=7
        )
    )


@settings(max_examples=60)
@given(integer_rows())
def test_counts_and_lists(drawn: list[list[int]]) -> None:
    rows = distinct(drawn)
    if not rows:
        return
    a = arrangement(rows)
    assert a.rank == rank(rows)
    found = number_of_regions(a)
    assert found.count == slow_count(rows)
    d = len(rows[0])
    points = np.random.default_rng(0).standard_normal((3000, d))
    seen = np.unique(np.sign(points @ np.array(rows, float).T), axis=0)
    assert len(seen) <= found.count
    if a.rank == d:
        regions = region_orbits(arrangement(rows), plain_lines(rows), found.count)
        assert len(regions) == found.count
        signs = {tuple(region.signs.tolist()) for region in regions}
        assert len(signs) == found.count
        assert {tuple(row) for row in seen.astype(int).tolist()} <= signs
        for region in regions:
            units = np.array(rows, float)
            units /= np.linalg.norm(units, axis=1, keepdims=True)
            assert (region.signs * (units @ region.point)).min() == pytest.approx(region.margin)
            # no point of the unit sphere in the region is farther from its walls
            others = points[(np.sign(points @ units.T) == region.signs).all(axis=1)]
            lengths = np.linalg.norm(others, axis=1)
            depth = np.abs(others @ units.T).min(axis=1) / lengths if len(others) else np.zeros(1)
            assert depth.max() <= region.margin + 1e-12


def test_a_wrong_number_is_noticed() -> None:
    rows = braid(3)
    a = arrangement(np.array(rows)[:, :2])
    with pytest.raises(InconsistentAnswerError, match="7 regions"):
        region_orbits(a, plain_lines(np.array(rows)[:, :2]), 7)
    with pytest.raises(NotAvailable, match="one by one"):
        region_orbits(a, plain_lines(np.array(rows)[:, :2]), 10**9)


def test_a_list_out_of_reach_is_refused_at_once() -> None:
    rows = np.random.default_rng(3).standard_normal((60, 6))
    assert counting_cost(60, 6) > 20_000
    with pytest.raises(NotAvailable, match="60 hyperplanes of rank 6 need up to"):
        region_orbits(arrangement(rows), plain_lines(rows), 50_000)


@pytest.mark.parametrize(
    ("rows", "count"), [(braid(5), 120), (type_d(4), 192), (type_b(3), 48), (type_b(4), 384)]
)
def test_chambers_and_their_points(rows: Rows, count: int) -> None:
    signs, points = signs_of_regions(arrangement(rows))
    assert len(np.unique(signs, axis=0)) == len(signs) == count
    assert np.array_equal(np.sign(points @ np.array(rows, float).T), signs)
    assert np.allclose(np.linalg.norm(points, axis=1), 1)


def test_many_lines_in_a_plane() -> None:
    angle = math.pi * np.arange(1500) / 1500
    rows = np.column_stack([np.cos(angle), np.sin(angle)])
    signs, points = signs_of_regions(arrangement(rows))
    assert len(np.unique(signs, axis=0)) == 3000
    assert np.array_equal(np.sign(points @ rows.T), signs)


@pytest.mark.parametrize("width", [1e-1, 1e-3, 1e-6, 1e-8])
def test_thin_regions(width: float) -> None:
    """Whatever solver stops short, the point is inside, and about as far as can be."""
    normals = np.array([[1.0, 0.0, 0.0], [-1.0, width, 0.0], [0.0, 0.0, 1.0]])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    witness = np.array([width / 10, 1.0, 1e-3])
    witness /= np.linalg.norm(witness)
    point, margin = centre_of_region(normals, np.ones(3, dtype=np.int8), witness)
    assert (normals @ point).min() == pytest.approx(margin)
    assert width / 3 < margin < width


def test_regions_a_millionth_wide_are_listed() -> None:
    rows = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, 2e-6], [0.0, 0.0, 1.0], [1.0, 2.0, 3.0]]
    count = number_of_regions(arrangement(rows)).count
    assert sum(r.size for r in region_orbits(arrangement(rows), plain_lines(rows), count)) == count


def test_values_that_do_not_occur_need_no_root_of_unity() -> None:
    values = (Cyclotomic.from_int(1), Cyclotomic(8, ((1, 1, 2), (7, 1, 2))))
    gram = ExactGram(np.zeros((2, 2), dtype=np.intp), values)
    assert [matrix.tolist() for _, matrix in gram.residues(2, 1e-9)] == [[[1, 1], [1, 1]]] * 2


# -- what is the same, what is different ----------------------------------------------------------


@pytest.mark.parametrize("angle", [1e-2, 1e-4, 1e-5, 1e-7])
def test_small_angles_are_seen(angle: float) -> None:
    """Three planes through a line, but for a small angle: eight regions, not six."""
    rows = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, angle]]
    assert number_of_regions(arrangement(rows)).count == 8
    rows = [*rows, [0.0, 0.0, 1.0], [1.0, 2.0, 3.0]]
    assert number_of_regions(arrangement(rows)).count == 2 * (1 + 4 + 6)


def test_too_small_angles_are_an_error() -> None:
    rows = [[1.0, 0, 0], [0, 1.0, 0], [1.0, 1.0, 2e-13], [0, 0, 1.0], [1.0, 2.0, 3.0]]
    with pytest.raises(NotAvailable, match="too small to be distinguished"):
        count_regions(arrangement(rows))
    # whether these span a plane or space
    with pytest.raises(NotAvailable, match="too small to be distinguished"):
        arrangement([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, 1e-10]])
    flat = number_of_regions(arrangement([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0]]))
    assert str(flat) == "6 (numerical)"


def cyclic_gram(n: int) -> tuple[np.ndarray, ExactGram]:
    """Return n directions in a plane, 180/n degrees apart, with their exact inner products."""
    angles = math.pi * np.arange(n) / n
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    values = tuple(
        Cyclotomic.from_int(1) if k == 0 else Cyclotomic(2 * n, ((k, 1, 2), (2 * n - k, 1, 2)))
        for k in range(n)
    )
    index = np.abs(np.arange(n)[:, None] - np.arange(n))
    return rows, ExactGram(index, values)


def test_residues_take_as_many_primes_as_the_proof_needs() -> None:
    _, gram = cyclic_gram(7)
    few, many = gram.residues(2, 1e-9), gram.residues(60, 1e-9)
    assert 2 == len(few) < len(many)
    for p, matrix in many:
        # three vectors in a plane are dependent: every third minor is 0
        minor = matrix[:3, :3].astype(object)
        a, b, c = minor
        det = (
            a[0] * (b[1] * c[2] - b[2] * c[1])
            - a[1] * (b[0] * c[2] - b[2] * c[0])
            + a[2] * (b[0] * c[1] - b[1] * c[0])
        )
        assert det % p == 0


def test_a_coincidence_that_is_none_is_noticed() -> None:
    """Floats that coincide, with exact inner products that do not: an error, not a count."""
    angles = math.pi * np.arange(3) / 3
    rows = [[0.0, 0.0, 1.0], *([math.cos(t), math.sin(t), 0.0] for t in angles)]
    assert count_regions(arrangement(rows)) == 12
    values = (Cyclotomic.from_int(1), Cyclotomic.from_fraction(Fraction(1, 3)))
    a = arrangement(rows, ExactGram(1 - np.eye(4, dtype=np.intp), values))
    with pytest.raises(NotAvailable):
        count_regions(a)


def test_matching_is_beyond_doubt_or_not_done() -> None:
    close = (
        Cyclotomic.from_fraction(Fraction(1, 3)),
        Cyclotomic.from_fraction(Fraction(333, 1000)),
    )
    assert match_values(np.array([[1 / 3]]), close) is not None
    closer = (close[0], Cyclotomic.from_fraction(Fraction(33333333333, 10**11)))
    assert match_values(np.array([[1 / 3]]), closer) is None
    assert match_values(np.array([[0.34]]), close) is None


def test_cost() -> None:
    assert counting_cost(5, 5) == counting_cost(100, 2) == 0
    assert counting_cost(9, 4) == 20
    assert Decisions(3, 0).all_proved
    assert not Decisions(3, 1).all_proved
