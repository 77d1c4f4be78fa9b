"""Regions and Betti numbers over classes of flats: the literature, and three other routes."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

import toolkit as tk
from tests.support.arrangements import reflections, resonance, threshold
from toolkit.errors import ConfigError, NotAvailable
from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.pl.arrangements.counting import arrangement, count_regions
from toolkit.pl.arrangements.exact_normals import points_of_normals
from toolkit.pl.arrangements.flats import betti_numbers
from toolkit.pl.arrangements.isomorphism import Configuration
from toolkit.pl.arrangements.projective import Points, UnluckyPrimeError, merged
from toolkit.pl.arrangements.whitney_bounds import region_bounds

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

#: A reflection arrangement has as many regions as the group has elements.
COXETER = {"A5": 720, "D4": 192, "D5": 1920, "E6": 51840, "E7": 2903040, "F4": 1152, "H3": 120,
           "H4": 14400}  # fmt: skip
#: OEIS A000609, threshold functions, and the Betti numbers that CountingChambers.jl prints.
THRESHOLD = {
    2: (1, 2, 1),
    3: (1, 4, 6, 3),
    4: (1, 8, 28, 44, 23),
    5: (1, 16, 120, 460, 820, 465),
    6: (1, 32, 496, 4240, 19660, 43014, 27129),
    7: (1, 64, 2016, 36848, 400400, 2453248, 7111650, 5023907),
}
#: OEIS A034997 is the sum.
RESONANCE = {
    2: (1, 3, 2),
    3: (1, 7, 15, 9),
    4: (1, 15, 80, 170, 104),
    5: (1, 31, 375, 2130, 5270, 3485),
    6: (1, 63, 1652, 22435, 159460, 510524, 371909),
}
PRIME = np.array([[[2147483629]]])


def small_random(seed: int) -> tuple[Ints, np.random.Generator]:
    rng = np.random.default_rng(seed)
    d = int(rng.integers(1, 5))
    n = int(rng.integers(1, 7))
    normals = rng.integers(-2, 3, size=(n, d))
    normals[~normals.any(axis=1), 0] = 1
    return normals, rng


@pytest.mark.parametrize("name", COXETER)
def test_reflection_arrangements(name: str) -> None:
    found = tk.regions(reflections(name))
    assert int(found) == COXETER[name]
    assert found.certainty == "exact"


@pytest.mark.slow
def test_the_120_reflections_of_e8() -> None:
    assert int(tk.regions(reflections("E8"))) == 696729600


@pytest.mark.parametrize("n", THRESHOLD)
def test_threshold_functions(n: int) -> None:
    assert tk.regions(threshold(n)).betti == THRESHOLD[n]


@pytest.mark.slow
def test_threshold_functions_of_eight() -> None:
    assert int(tk.regions(threshold(8))) == 8378070864


@pytest.mark.parametrize("n", RESONANCE)
def test_sums_of_subsets(n: int) -> None:
    assert tk.regions(resonance(n)).betti == RESONANCE[n]


@pytest.mark.slow
def test_sums_of_subsets_of_seven() -> None:
    assert int(tk.regions(resonance(7))) == 347326352


def nonempty_sign_vectors(normals: Floats, offsets: Floats) -> int:
    """Sign vectors for which a linear program finds a point with a margin."""
    from scipy.optimize import linprog

    n, d = normals.shape
    partial: list[tuple[int, ...]] = [()]
    for k in range(n):
        grown: list[tuple[int, ...]] = []
        for signs in partial:
            for sign in (1, -1):
                s = np.array([*signs, sign], dtype=float)
                system = np.column_stack([-s[:, None] * normals[: k + 1], np.ones(k + 1)])
                right = -s * offsets[: k + 1]
                found = linprog(
                    np.append(np.zeros(d), -1.0), A_ub=system, b_ub=right,
                    bounds=[(None, None)] * d + [(None, 1.0)], method="highs",
                )  # fmt: skip
                if found.x is not None and found.x[-1] > 1e-9:
                    grown.append((*signs, sign))
        partial = grown
    return len(partial)


def different(normals: Ints, offsets: Ints) -> tuple[Floats, Floats]:
    """Rows of hyperplanes up to multiples, as fractions."""
    rows = set()
    for row, k in zip(normals.tolist(), offsets.tolist(), strict=True):
        lead = next(x for x in row if x)
        rows.add(tuple(Fraction(x, lead) for x in (*row, k)))
    table = np.array([[float(x) for x in row] for row in sorted(rows)])
    return table[:, :-1], table[:, -1]


@pytest.mark.parametrize("seed", range(6))
def test_small_arrangements_by_linear_programs(seed: int) -> None:
    normals, rng = small_random(seed)
    central = np.zeros(len(normals), dtype=int)
    moved = rng.integers(-2, 3, size=len(normals))
    for offsets in (central, moved):
        expected = nonempty_sign_vectors(*different(normals, offsets))
        found = tk.regions(normals.tolist(), offsets.tolist())
        assert (int(found), found.certainty) == (expected, "exact")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6, 206))
def test_many_small_arrangements_by_linear_programs(seed: int) -> None:
    test_small_arrangements_by_linear_programs(seed)


@pytest.mark.parametrize("seed", range(4))
def test_deletion_and_restriction_in_floating_point_agrees(seed: int) -> None:
    rng = np.random.default_rng(seed)
    d = int(rng.integers(4, 6))
    normals = np.unique(rng.integers(-1, 2, size=(9, d)), axis=0)
    normals = normals[(normals != 0).any(axis=1)]
    lead = normals[np.arange(len(normals)), (normals != 0).argmax(axis=1)]
    normals = np.unique(normals * lead[:, None], axis=0)
    assert int(tk.regions(normals)) == count_regions(arrangement(normals))


@pytest.mark.parametrize(("normals", "q"), [(threshold(3), 29), (resonance(3), 31),
                                            ([[1, 2, 3], [1, 0, 1], [0, 1, 1]], 23)])  # fmt: skip
def test_points_over_a_finite_field_are_counted_by_the_polynomial(normals: Any, q: int) -> None:
    """Athanasiadis: chi(q) points of F_q^d lie on no hyperplane, for large primes q."""
    points = np.array(list(itertools.product(range(q), repeat=len(normals[0]))))
    beside = ((points @ np.array(normals).T) % q != 0).all(axis=1).sum()
    polynomial = tk.regions(normals).characteristic_polynomial
    assert polynomial is not None
    assert np.polyval(polynomial, q) == beside


def test_close_hyperplanes_are_different_if_their_numbers_are() -> None:
    big = 10**12
    assert int(tk.regions([[1, big], [1, big + 1], [1, big]])) == 4
    exact = [[Fraction(1, 3), 1], [Fraction(1, 3) + Fraction(1, 10**20), 1]]
    assert tk.regions(exact).hyperplanes == 2


def test_irrational_normals_are_exact() -> None:
    root = Cyclotomic.root_of_unity(5)
    golden = root + root.conjugate()  # (sqrt 5 - 1) / 2, and 1 / golden = golden + 1
    one = Cyclotomic.from_int(1)
    found = tk.regions([[one, golden], [golden + 1, one], [golden, one]])
    assert (found.hyperplanes, int(found), found.certainty) == (2, 4, "exact")


def test_floats_are_counted_and_said_to_be() -> None:
    found = tk.regions([[1.0, 0.0], [0.5, 0.25], [0.1, 0.3]])
    assert (int(found), found.certainty, found.betti) == (6, "numerical", ())
    moved = tk.regions([[1.0, 0.0], [0.5, 0.25], [0.1, 0.3]], [0.5, 0.1, 0.7])
    assert (int(moved), moved.certainty) == (7, "numerical")


def test_parallel_and_repeated_hyperplanes() -> None:
    grid = tk.regions([[1, 0], [1, 0], [0, 1], [2, 0]], [0, 1, 0, 2])
    assert (grid.hyperplanes, grid.rank, int(grid), grid.bounded) == (3, 2, 6, 0)
    assert tk.regions([[0, 2, 0]]).characteristic_polynomial == (1, -1, 0, 0)
    assert int(tk.regions([])) == 1


def test_the_empty_part_of_bounds_is_closed_by_work() -> None:
    seen: list[Any] = []
    part = tk.regions(resonance(6), most_work=2e5, progress=seen.append)
    assert part.certainty == "bounds"
    assert part.betti == RESONANCE[6][: len(part.betti)]
    assert part.upper is not None
    assert part.lower <= 1066044 <= part.upper
    assert part.characteristic_polynomial is None
    assert seen
    assert seen[0].ranks == 6
    with pytest.raises(ValueError, match="is unknown"):
        int(part)


@pytest.mark.parametrize("betti", [*THRESHOLD.values(), *RESONANCE.values()])
def test_bounds_from_any_of_the_first_betti_numbers_hold(betti: tuple[int, ...]) -> None:
    for known in range(2, len(betti) + 1):
        lower, upper = region_bounds(betti[:known], len(betti) - 1)
        assert lower <= sum(betti) <= upper
    assert lower == upper


def test_floats_beside_numbers_of_the_field_are_floats() -> None:
    root = Cyclotomic.root_of_unity(5) + Cyclotomic.root_of_unity(5).conjugate()
    found = tk.regions([[root, 0.5], [5, root], [root, 0.25]])
    assert (int(found), found.certainty) == (6, "numerical")


@pytest.mark.parametrize("most_work", ["x", None, -1, float("nan")])
def test_work_is_a_number(most_work: Any) -> None:
    with pytest.raises(ConfigError, match="most_work must be a number of residues"):
        tk.regions([[1, 0], [0, 1]], most_work=most_work)


@pytest.mark.parametrize(
    ("normals", "words"),
    [([[1, 2], [3]], "lengths"), ([[0, 0]], "normal 0 is 0"), ([["a", 1]], "finite real"),
     ([[1, 0.5], [1, "a"]], "finite real"), ([[1, 0.5], [1, Cyclotomic.root_of_unity(4)]], "real"),
     ([[1, float("nan")]], "finite"), (5, "matrix"), ([[1j, 1]], "real"),
     (np.ones(3), "matrix"), ([[Cyclotomic.root_of_unity(4), 1]], "real")],
)  # fmt: skip
def test_bad_normals_are_refused_in_a_sentence(normals: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        tk.regions(normals)


def test_offsets_must_be_as_many() -> None:
    with pytest.raises(ConfigError, match="one for each of the 1 normals, found 2"):
        tk.regions([[1, 0]], [0, 1])


# -- isomorphisms --------------------------------------------------------------------------------


def moved(points: Points, rng: np.random.Generator) -> Points:
    p, d = int(PRIME[0, 0, 0]), points.dimension
    change = rng.integers(1, p, size=(d, d)).astype(object)
    order = rng.permutation(len(points))
    vectors = points.vectors[0].astype(object)[order] @ change % p
    return merged(PRIME, vectors.astype(np.uint64)[None], points.weights[order])


@pytest.mark.parametrize(
    "normals", [threshold(5), resonance(4), [list(r) for r in np.eye(4, dtype=int)]]
)
def test_an_isomorphism_that_was_planted_is_found(normals: Any) -> None:
    rng = np.random.default_rng(7)
    points, _ = points_of_normals([[Cyclotomic.from_int(x) for x in row] for row in normals])
    points = merged(PRIME, points.vectors)
    one = Configuration(points)
    two = Configuration(moved(points, rng))
    assert one.key == two.key
    image = one.frame.isomorphism(two)
    assert image is not None
    assert sorted(image.tolist()) == list(range(len(points)))


def test_orbits_are_orbits() -> None:
    """Sign vectors form one orbit; subsets are joined with those of size and complement."""
    exact = [[Cyclotomic.from_int(x) for x in row] for row in resonance(4)]
    points, _ = points_of_normals(exact)
    orbits = Configuration(points).orbits()
    assert sorted(np.unique(orbits, return_counts=True)[1].tolist()) == [5, 10]
    signs, _ = points_of_normals([[Cyclotomic.from_int(x) for x in row] for row in threshold(4)])
    assert len(np.unique(Configuration(signs).orbits())) == 1


def test_weights_are_part_of_an_isomorphism() -> None:
    vectors = np.eye(4, dtype=np.uint64)[None]
    one = Configuration(merged(PRIME, vectors, np.array([1, 1, 1, 2])))
    two = Configuration(merged(PRIME, vectors, np.array([1, 1, 2, 2])))
    assert one.key != two.key
    assert one.frame.isomorphism(two) is None


def test_a_prime_that_divides_an_entry_is_not_used() -> None:
    primes = np.array([101, 103], dtype=np.uint64).reshape(-1, 1, 1)
    with pytest.raises(UnluckyPrimeError):
        merged(primes, np.array([[[0, 1]], [[101, 1]]], dtype=np.uint64))


def test_several_primes_give_the_numbers_of_one() -> None:
    primes = np.array([2147483629, 2147483587], dtype=np.uint64).reshape(-1, 1, 1)
    vectors = np.array(threshold(5))
    lanes = np.stack([vectors % int(p) for p in primes.ravel()]).astype(np.uint64)
    assert betti_numbers(merged(primes, lanes)).numbers == THRESHOLD[5]


# -- symmetries that are given --------------------------------------------------------------------


@pytest.mark.parametrize("n", [3, 4, 5])
def test_given_symmetries_change_no_number(n: int) -> None:
    """S_(n+1) on the subsets of n numbers: permutations, and x_1 -> minus the sum of all."""
    normals = resonance(n)
    cycle, swap, mirror = (np.eye(n, dtype=int) for _ in range(3))
    swap[[0, 1]] = swap[[1, 0]]
    mirror[0] = -1
    matrices = [np.roll(cycle, 1, axis=0).tolist(), swap.tolist(), mirror.tolist()]
    place = {row: i for i, row in enumerate(normals)}
    turned = [place[row[-1:] + row[:-1]] for row in normals]
    for group in (matrices, [turned], [], [matrices[2], turned]):
        found = tk.regions(normals, group=group)
        assert (found.betti, found.certainty) == (RESONANCE[n], "exact")
    # acting on vectors, not on normals
    with pytest.raises(ConfigError, match="not map every hyperplane"):
        tk.regions(normals, group=[mirror.T.tolist()])


def test_given_symmetries_of_affine_hyperplanes() -> None:
    """A square grid with its diagonal: the swap of coordinates, as a matrix and a permutation."""
    normals, offsets = [[1, 0], [0, 1], [1, 0], [0, 1], [1, 1]], [0, 0, 1, 1, 1]
    alone = tk.regions(normals, offsets)
    for group in ([[[0, 1], [1, 0]]], [[1, 0, 3, 2, 4]]):
        assert tk.regions(normals, offsets, group=group) == alone
    with pytest.raises(ConfigError, match=r"permutes the hyperplanes in a way|does not permute"):
        tk.regions(normals, offsets, group=[[2, 1, 0, 3, 4]])
    with pytest.raises(ConfigError, match="not map every hyperplane"):
        tk.regions(normals, [0, 0, 1, 2, 1], group=[[[0, 1], [1, 0]]])


@pytest.mark.parametrize(
    ("group", "words"),
    [([[0, 1, 1]], "must be a permutation"), ([[[1, 2], [3, 5]]], "not map every hyperplane"),
     ([[[1, 0], [1, 0]]], "does not permute"),
     ([[[0, 0], [1, 1]]], "maps some non-zero vectors to 0"), (["ab"], "must be a permutation"),
     ([[[1.5, 0], [0, 1]]], "exact numbers"), ([5], "must be a permutation")],
)  # fmt: skip
def test_what_is_no_symmetry_is_refused_in_a_sentence(group: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        tk.regions([[1, 0], [0, 1], [1, 1]], group=group)
    assert "\n" not in str(caught.value)


def test_symmetries_of_floats_are_refused() -> None:
    with pytest.raises(ConfigError, match="omit it for floats"):
        tk.regions([[1.0, 0.5]], group=[[0]])


def test_permutations_that_no_linear_map_makes() -> None:
    """Three points on a line and one beside: not every permutation keeps the line."""
    normals = [[1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1]]
    assert int(tk.regions(normals, group=[[1, 2, 0, 3]])) == 12
    with pytest.raises(ConfigError, match="in a way that no linear map does"):
        tk.regions(normals, group=[[1, 2, 3, 0]])
    same = [[1, 0], [2, 0], [0, 1]]
    with pytest.raises(ConfigError, match="does not permute"):
        tk.regions(same, group=[[0, 2, 1]])


# -- numbers and options of users -----------------------------------------------------------------


def test_directions_that_floats_cannot_tell_apart_are_a_lower_bound() -> None:
    near: Any = [[1, 1e-10], [1, 0], [0, 1]]
    nearer: Any = [[1, 1e-15], [1, 0], [0, 1.5]]
    close = tk.regions(near)
    assert (close.lower, close.upper, close.certainty) == (4, None, "lower bound")
    rounded = tk.regions(nearer)
    assert (int(rounded), rounded.certainty) == (4, "numerical")
    with pytest.raises(NotAvailable, match="too little to distinguish"):
        tk.region_orbits(near)


def test_units_of_length_do_not_matter() -> None:
    normals = [[2, 1, 2, 0], [0, -1, -2, 1], [1, -2, -1, -2], [-1, 1, 2, 1], [1, 2, 0, 0]]
    offsets = [-1, -1, -1, -1, 0]
    small = tk.regions(normals, offsets)
    for scale in (10**20, Fraction(1, 10**20)):
        large = [[x * scale for x in row] for row in normals]
        assert tk.regions(large, offsets).betti == small.betti
        found = tk.region_orbits(large, offsets)
        assert found.regions == int(small)
        for orbit in found.orbits:
            heights = np.array(large, dtype=float) @ orbit.point - offsets
            assert np.array_equal(np.sign(heights), orbit.signs)
    line = tk.region_orbits([[2 * 10**20], [-2 * 10**20], [10**20]], [-1, 1, 0])
    assert line.regions == 3


@pytest.mark.parametrize("n", [1, 2, 12, 60])
def test_independent_hyperplanes(n: int) -> None:
    found = tk.regions(np.eye(n, dtype=int), most_work=0)
    assert (int(found), found.certainty) == (2**n, "exact")
    assert found.betti == tuple(math.comb(n, k) for k in range(n + 1))


@pytest.mark.parametrize("ask", [tk.regions, tk.region_orbits])
@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [(([[1, 0]], 1), {}, "offsets must be a list"), (([[1, 0]],), {"group": 3}, "a list of gener"),
     (([[1, 0]],), {"group": "ab"}, "a list of gener"), (([["1", "0"]],), {}, "finite real"),
     (([[1, 0]],), {"most_work": -1}, "number of residues"),
     (([[1, 0]],), {"most_work": "a"}, "number of residues"),
     (([[1, 0]],), {"progress": 3}, "must be a function")],
)  # fmt: skip
def test_options_are_checked(ask: Any, arguments: Any, options: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        ask(*arguments, **options)
    assert "\n" not in str(caught.value)


def test_large_floats_and_integers_are_numbers() -> None:
    floats: Any = [[1e300, 0.5], [1, 0], [1e300, 1e300]]
    integers: Any = [[10**400, 1], [1, 0]]
    assert int(tk.regions(floats)) == 4
    assert str(tk.regions(integers)) == "4 (exact)"
    assert tk.region_orbits(floats).regions == 4


def test_walls_between_regions_of_one_orbit() -> None:
    quarter = [[[0, 1], [-1, 0]]]
    (edge,) = tk.region_orbits([[0, 1], [1, 0]], group=quarter).graph.edges(data=True)
    assert (edge[2]["at_first"] + edge[2]["at_second"], edge[2]["is_turned"]) == (2, False)
    (edge,) = tk.region_orbits([[1, 0]], group=[[[-1, 0], [0, 1]]]).graph.edges(data=True)
    assert (edge[2]["at_first"], edge[2]["is_turned"]) == (1, True)
