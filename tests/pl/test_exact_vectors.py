"""Maps whose vectors are known exactly: at any multiplicity, on several orbits, as sums."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import toolkit as tk
from tests.support.arrangements import resonance
from toolkit.errors import ModuleMismatchError
from toolkit.exact.cyclotomic import Cyclotomic, to_complex
from toolkit.library.map_vectors import Part
from toolkit.pl.arrangements.counting import arrangement, count_regions
from toolkit.pl.maps.references import generic_vectors, orbital_labels, reference_of_orbits

if TYPE_CHECKING:
    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.pl.maps.pl_map import PLMap

GROUPS = ["S3", "Q8", "A4", "D10", "S4", "SL(2,3)", "A5"]


def part(X: PermutationModule) -> Part:
    return Part(X, tk.fourier_basis(X), X.sheets[0])


def icosahedron(X: PermutationModule) -> PermutationModule:
    """Return A5 on the 12 cosets of a group of order 5, from the permutations of a regular one."""
    G = tk.group("A5")
    return G.coset_module("H5a")


def subsets(n: int) -> PermutationModule:
    """Return the proper non-empty subsets of n + 1 points."""
    G = tk.group(f"S{n + 1}")
    points = range(n + 1)
    sets = [s for k in range(1, n + 1) for s in itertools.combinations(points, k)]
    place = {s: i for i, s in enumerate(sets)}
    generators = G.natural_module().images.tolist()
    images = [[place[tuple(sorted(g[x] for x in s))] for s in sets] for g in generators]
    return G.module_from_images(images)


def standard(X: PermutationModule, d: int) -> str:
    """Return the simple of dimension d in the natural module, beside the trivial one."""
    natural = tk.group(X.group).natural_module()
    (label,) = (label for label in natural.multiplicities if label != "L0")
    return label


# -- references -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GROUPS)
def test_every_simple_of_small_groups_has_exact_generic_vectors(name: str) -> None:
    X = tk.group(name).regular_module()
    models = tk.fourier_basis(X).models
    for simple in X.spherical_table.simples:
        orbit = part(X).orbit(simple.label)
        reference = reference_of_orbits([orbit], simple.label)
        assert reference is not None
        units = reference.units
        # unit vectors that the group permutes, with the inner products that are said
        for g, images in enumerate(reference.images):
            moved = units[images] @ models[simple.label][g].T
            assert np.allclose(moved, units, atol=1e-12)
        exact = np.array([v.to_float() for v in reference.values])[reference.index]
        assert np.allclose(units @ units[reference.basis].T, exact, atol=1e-12)
        labels = orbital_labels(X.images, reference)
        assert labels is not None
        found = generic_vectors(orbit, simple.label, reference, 2, labels)
        assert found is not None
        floats = found.to_float()
        for g, images in enumerate(X.images):
            assert np.allclose(floats[images] @ models[simple.label][g].T, floats, atol=1e-11)


@pytest.mark.parametrize("name", GROUPS)
def test_residues_are_those_of_the_coordinates(name: str) -> None:
    """A second route to the residues: coordinates as cyclotomic numbers, then reduced."""
    from toolkit.exact.residues import residue_field

    X = tk.group(name).regular_module()
    label = X.spherical_table.simples[-1].label
    exact = tk.pl_map(X, label, "L0", "abs").exact_vectors
    assert exact is not None
    field = residue_field(exact.conductor)
    got = exact.residues(field)
    reference = exact.reference
    for x in (0, len(exact) - 1):
        for j in range(exact.dimension):
            total = Cyclotomic.from_int(0)
            for y in range(len(reference.units)):
                value = reference.values[reference.index[y, j]]
                if exact.labels is not None:
                    total = total + value * exact.coefficients[exact.labels[x, y]]
                elif x == y:
                    total = value
            assert got[x, j] == field.map([total])[0]
            assert abs(total.to_float()) <= exact.sizes[x]


def test_blocks_give_references_where_the_group_is_too_large_to_be_listed() -> None:
    """S7 on ordered pairs: the standard simple occurs twice there, and once on the 7 points."""
    G = tk.group("S7")
    pairs = list(itertools.permutations(range(7), 2))
    place = {pair: i for i, pair in enumerate(pairs)}
    generators = G.natural_module().images.tolist()
    X = G.module_from_images([[place[g[a], g[b]] for a, b in pairs] for g in generators])
    label = standard(X, 6)
    assert X.multiplicities[label] == 2
    phi = tk.pl_map(X, label, "L0", "abs")
    assert phi.exact_vectors is not None
    assert len(phi.exact_vectors.reference.units) == 7
    assert (len(phi.hyperplanes), phi.lines_are, phi.zero.certainty) == (42, "exact", "exact")
    # the vectors a e_i + b e_j for different i and j
    at = (phi.vectors @ phi.exact_vectors.reference.units.T).round(9)
    seen = set()
    for row in at:
        value, many = np.unique(row, return_counts=True)
        assert sorted(many.tolist()) == [1, 1, 5]
        seen.add(tuple(int(np.flatnonzero(row == x)[0]) for x in value[many == 1]))
    assert len(seen) == 42


# -- one orbit, any multiplicity ------------------------------------------------------------------


@pytest.mark.parametrize("name", ["S3", "Q8", "A4", "S4", "SL(2,3)"])
def test_generic_counts_agree_with_deletion_and_restriction_in_floats(name: str) -> None:
    X = tk.group(name).regular_module()
    for simple in X.spherical_table.simples:
        phi = tk.pl_map(X, simple.label, "L0", "abs")
        found = phi.regions
        assert found.certainty == "exact"
        if simple.dimension <= 3 and len(phi.hyperplanes) <= 24:
            assert found.count == count_regions(arrangement(phi.hyperplanes))


def test_a5_with_vectors_given_exactly() -> None:
    X = tk.group("A5").regular_module()
    Y = icosahedron(X)
    six = tk.pl_map(X, "L1", "L0", "abs", w=(Y, {0: 1}))
    assert (len(six.normals), str(six.regions)) == (6, "32 (exact)")
    assert six.source.copy == "given sum of vectors in cosets of H5a"
    assert six.lipschitz.certainty == "exact"
    tiny = Fraction(1, 10**12)
    moved = tk.pl_map(X, "L1", "L0", "abs", w=(Y, {0: 1, 1: tiny, 2: 2 * tiny, 3: 3 * tiny}))
    # far below what floats tell apart, and exact all the same
    assert (len(moved.normals), str(moved.regions)) == (60, "3542 (exact)")
    sides = np.abs(moved.normals @ moved.normals.T) > 1 - 1e-10
    assert sides.sum(axis=1).tolist() == [10] * 60
    generic = tk.pl_map(X, "L1", "L0", "abs")
    assert (len(generic.normals), str(generic.regions)) == (60, "3542 (exact)")


def test_floats_are_numerical_alike() -> None:
    X = tk.group("A5").regular_module()
    w = tk.pl_map(X, "L1", "L0", "abs").vectors[0]
    for choice in (w, 0):
        phi = tk.pl_map(X, "L1", "L0", "abs", w=choice)
        assert phi.lines_are == "numerical"
        assert phi.regions.certainty == "numerical"
        assert phi.zero.certainty == "numerical"
    small = tk.pl_map(tk.group("S4").regular_module(), "L2", "L0", "abs", w=0)
    assert small.regions.count < 60
    assert small.lipschitz.certainty == "numerical"
    # what holds for all w and u is exact for floats, too: no vector of L1 is fixed by U
    never = tk.pl_map(tk.group("C4").regular_module(), "L2", "L1", "abs", w=[1.0, 0.3])
    assert never.lines_are == "exact"
    once = tk.pl_map(tk.group("S4").natural_module(), "L3", "L0", "abs")
    given = tk.pl_map(tk.group("S4").natural_module(), "L3", "L0", "abs", w=once.vectors[0] * 2)
    assert str(given.regions) == "14 (exact)"


def test_integers_fractions_and_cyclotomic_weights() -> None:
    G = tk.group("A5")
    X, Y = G.regular_module(), icosahedron(G.regular_module())
    root = Cyclotomic.root_of_unity(5)
    golden = root + root.conjugate()
    given: list[dict[int, Any]] = [
        {0: 2, 5: -3},
        {0: Fraction(2, 3), 5: Fraction(-1)},
        {0: golden, 5: 1},
    ]
    for weights in given:
        phi = tk.pl_map(X, "L1", "L1", "relu", w=(Y, weights), u=(Y, weights))
        assert phi.zero.certainty == "exact"
        assert phi.regions.certainty == "exact"
        expected = sum(
            to_complex(c).real * tk.pl_map(Y, "L1", "L0", "abs").vectors[y]
            for y, c in weights.items()
        )
        length = np.linalg.norm(expected)
        assert np.allclose(phi.vectors[0] / np.linalg.norm(phi.vectors[0]), expected / length)
        floats = tk.pl_map(X, "L1", "L1", "relu", w=phi.vectors[0], u=phi.covectors[0])
        assert floats.regions.count == phi.regions.count
        assert floats.regions.certainty == "numerical"


@pytest.mark.parametrize(
    ("weights", "says"),
    [({0: 0.5}, "use fractions.Fraction"), ([1, 2], "for each of the 12 points"),
     ({12: 1}, "found points"), ({}, "must not be 0"), (None, "for each of the 12 points"),
     ({0: Cyclotomic.root_of_unity(4)}, "real cyclotomic"), ({0: "1"}, "an integer, a fraction")],
)  # fmt: skip
def test_weights_that_are_none(weights: Any, says: str) -> None:
    from toolkit.errors import ToolkitError

    X = tk.group("A5").regular_module()
    with pytest.raises(ToolkitError, match=says) as caught:
        tk.pl_map(X, "L1", "L0", "abs", w=(icosahedron(X), weights))
    assert "\n" not in str(caught.value)


def test_modules_that_give_no_exact_vector() -> None:
    G = tk.group("S4")
    X = G.regular_module()
    with pytest.raises(ModuleMismatchError, match="in which L2 occurs once"):
        tk.pl_map(X, "L2", "L0", "abs", w=(X, {0: 1}))
    with pytest.raises(ModuleMismatchError, match="in which L2 occurs once"):
        tk.pl_map(X, "L2", "L0", "abs", w=(tk.group("S3").natural_module(), {0: 1}))
    Y = G.natural_module()
    with pytest.raises(ModuleMismatchError, match="must have the same weight"):
        tk.pl_map(Y, "L3", "L0", "abs", w=(Y, {0: 1, 1: 5}))
    same = tk.pl_map(Y, "L3", "L0", "abs", w=(Y, [3, 1, 1, 1]))
    assert str(same.regions) == "14 (exact)"


# -- zero, decided exactly ------------------------------------------------------------------------


def test_a_special_vector_is_proved_to_give_zero() -> None:
    G = tk.group("S4")
    X = G.regular_module()
    Y = next(Y for Y in G.permutation_modules() if Y.degree == 3)
    phi = tk.pl_map(X, "L2", "L1", "abs", w=(Y, {0: 1}))
    assert phi.is_zero
    assert phi.zero.certainty == "exact"
    v = np.random.default_rng(0).standard_normal((50, 2))
    assert np.abs(phi(v)).max() < 1e-13
    near = tk.pl_map(X, "L2", "L1", "abs", w=(Y, {0: 1, 1: Fraction(1, 10**13)}))
    # not zero, though no float could tell
    assert not near.is_zero
    assert near.zero.certainty == "exact"


@pytest.mark.parametrize("name", ["S3", "A4", "S4"])
@pytest.mark.parametrize("activation", ["t^2", "t^3", "t^4"])
def test_powers_are_decided_exactly(name: str, activation: str) -> None:
    X = tk.group(name).regular_module()
    rng = np.random.default_rng(1)
    for source, target in itertools.product(X.multiplicities, repeat=2):
        phi = tk.pl_map(X, source, target, activation)
        v = rng.standard_normal((40, phi.source.dimension))
        size = np.linalg.norm(phi.vectors) * np.linalg.norm(phi.covectors)
        assert phi.zero.certainty == "exact", phi
        assert phi.is_zero is bool(np.abs(phi(v)).max() < 1e-10 * size)


def test_a_map_and_its_negative_cancel_exactly() -> None:
    G = tk.group("S4")
    X, Y = G.regular_module(), G.natural_module()
    for f in ("relu", "hardtanh"):
        one = tk.pl_map(X, "L3", "L3", f, w=(Y, {0: 1, 1: 3}), u=(Y, {0: 1, 1: 2}))
        other = tk.pl_map(X, "L3", "L3", f, w=(Y, {0: 1, 1: 3}), u=(Y, {0: -1, 1: -2}))
        gone = one + other
        assert (gone.is_zero, gone.zero.certainty) == (True, "exact")
        assert str(gone.regions) == "1 (exact)"
        twice = one + one
        assert (len(twice.hyperplanes), twice.regions) == (len(one.hyperplanes), one.regions)


# -- several orbits --------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "regions"), [(2, 6), (3, 32), (4, 370), (5, 11292)])
def test_all_subsets_as_one_module(n: int, regions: int) -> None:
    """S_(n+1) on its proper non-empty subsets: the resonance arrangement, OEIS A034997."""
    X = subsets(n)
    assert X.orbit_count == n
    phi = tk.pl_map(X, standard(X, n), "L0", "abs")
    assert len(phi.hyperplanes) == 2**n - 1 == len(resonance(n))
    assert str(phi.regions) == f"{regions} (exact)"
    assert phi.zero.certainty == "exact"
    assert phi.source.copy == f"generic copy, of {n}"


@pytest.mark.slow
def test_all_subsets_of_seven_and_eight_points() -> None:
    for n, regions in ((6, 1066044), (7, 347326352)):
        X = subsets(n)
        phi = tk.pl_map(X, standard(X, n), "L0", "abs")
        assert str(phi.regions.count) == str(regions)
        assert phi.regions.certainty == "exact"


@pytest.mark.parametrize("f", ["abs", "relu", "hardtanh", "relu6"])
def test_a_map_from_two_orbits_is_a_sum(f: str) -> None:
    G = tk.group("S3")
    X, Y = G.natural_module(), G.regular_module()
    phi = tk.pl_map(X + Y, "L2", "L2", f)
    assert phi.regions.certainty == "exact"
    v = 3.0 * np.random.default_rng(0).standard_normal((60, 2))
    for one, two in zip(phi.source.models, phi.target.models, strict=True):
        assert np.allclose(phi(v @ one.T), phi(v) @ two.T, atol=1e-12)
    assert np.allclose(phi.vectors.T @ phi.vectors, np.eye(2), atol=1e-12)
    parts = [slice(0, 3), slice(3, 9)]
    values = [phi.activation(v @ phi.vectors[p].T) @ phi.covectors[p] for p in parts]
    assert np.allclose(values[0] + values[1], phi(v), atol=1e-13)
    assert sum(piece.size for piece in phi.matrices) == phi.regions.count
    for piece in phi.matrices:
        point = piece.region.point
        assert np.allclose(phi(point), piece.matrix @ point + piece.constant, atol=1e-11)


def test_kinks_of_orbits_coincide_exactly_or_not() -> None:
    """The three points twice: lines at the same distance if the vectors are as long, else not."""
    G = tk.group("S3")
    X = G.natural_module()
    star = [1, 0, 0]
    both = tk.pl_map(X + X, "L2", "L0", "hardtanh", w=[(X, star), (X, star)])
    once = tk.pl_map(X, "L2", "L0", "hardtanh", w=(X, star))
    assert len(both.hyperplanes) == len(once.hyperplanes) == 6
    assert both.regions.count == once.regions.count
    tiny = Fraction(1, 10**13)
    longer = tk.pl_map(X + X, "L2", "L0", "hardtanh", w=[(X, star), (X, [1 + tiny, 0, 0])])
    assert len(longer.hyperplanes) == 12
    assert longer.regions.certainty == "exact"
    # each of three directions has two lines more; lines of other directions cross each of them
    assert longer.regions.count == 1 + 12 + 3 * 4 * 4 - sum_of_triple_points(longer)


def sum_of_triple_points(phi: PLMap) -> int:
    """Count the points on three lines by fractions: directions 1, z, -1 - z, offsets as ratios."""
    tiny = Fraction(1, 10**13)
    offsets = [sign / scale for sign in (1, -1) for scale in (Fraction(1), 1 + tiny)]
    # <v, n_0> + <v, n_1> + <v, n_2> = 0
    return sum(a + b + c == 0 for a, b, c in itertools.product(offsets, repeat=3))


def test_one_choice_for_each_orbit() -> None:
    G = tk.group("S3")
    X = G.natural_module()
    phi = tk.pl_map(X + G.regular_module(), "L2", "L0", "abs", w=[None, (X, [1, 5, 2])])
    assert phi.regions.certainty == "exact"
    assert phi.source.copy == "given on each orbit"
    with pytest.raises(ModuleMismatchError, match="one choice for each of the 2 orbits"):
        tk.pl_map(X + X, "L2", "L0", "abs", w=(X, [1, 0, 0]))
    apart = tk.group("C2 x C3").module_from_images([[1, 0, 2, 3, 4], [0, 1, 3, 4, 2]])
    pair, triple = (orbit.multiplicities for orbit in apart.orbits)
    sign, plane = next(x for x in pair if x != "L0"), next(x for x in triple if x != "L0")
    with pytest.raises(ModuleMismatchError, match="occur on no orbit"):
        tk.pl_map(apart, sign, plane, "abs")


def test_signed_modules_of_several_orbits() -> None:
    G = tk.group("S3")
    sign = G.signed_coset_module([[1, 2, 0], [1, 0, 2]], [[1, 2, 0]])
    edges = G.signed_coset_module([[1, 0, 2]], [])
    assert edges.has_signs
    phi = tk.pl_map(edges + edges + sign, "L2", "L2", "hardtanh")
    assert phi.source.copy == "generic copy, of 2"
    assert phi.regions.certainty == "exact"
    v = np.random.default_rng(0).standard_normal((40, 2)) * 3
    assert np.allclose(phi(-v), -phi(v), atol=1e-13)
    for one, two in zip(phi.source.models, phi.target.models, strict=True):
        assert np.allclose(phi(v @ one.T), phi(v) @ two.T, atol=1e-12)


def test_sums_of_maps_from_different_modules_are_exact() -> None:
    G = tk.group("S4")
    one = tk.pl_map(G.natural_module(), "L3", "L0", "abs")
    two = tk.pl_map(G.regular_module(), "L3", "L0", "abs")
    both = one + two
    assert both.regions.certainty == "exact"
    assert both.zero.certainty == "exact"
    assert both.regions.count == count_regions(arrangement(both.hyperplanes))
    with pytest.raises(ModuleMismatchError, match="can be added only if"):
        one + tk.pl_map(G.natural_module(), "L3", "L0", "relu")
    moved = tk.pl_map(G.natural_module(), "L3", "L0", "hardtanh")
    far = moved + tk.pl_map(G.regular_module(), "L3", "L0", "hardtanh")
    # how long the vectors of one are, measured by the other's, is the root of a rational number
    assert far.regions.certainty == "exact"
    assert 2 * far.regions.count == count_regions(arrangement(far.breaks.lines.normals))


def test_counts_go_on_with_more_work() -> None:
    seen: list[Any] = []
    X = subsets(6)
    phi = tk.pl_map(X, standard(X, 6), "L0", "abs")
    part = phi.count_regions(most_work=1e5, progress=seen.append)
    assert part.certainty == "lower bound"
    assert part.count <= 1066044
    assert "count_regions" in part.reason
    assert phi.regions is part
    assert phi.count_regions().count == 1066044
    assert seen


def test_planes_turned_by_a_float_are_not_compared_exactly() -> None:
    """All vectors of a plane of C5 are alike; two of them together are not given exactly."""
    X = tk.group("C5").regular_module()
    one = tk.pl_map(X, "L1", "L0", "abs")
    turned = tk.pl_map(X, "L1", "L0", "abs", w=[1.0, 0.3])
    assert (str(one.regions), str(turned.regions)) == ("10 (exact)", "10 (exact)")
    both = one + turned
    assert str(both.regions) == "20 (numerical)"
    assert both.source.name == "L1 (given vector)"
    assert str((one + one).regions) == "10 (exact)"
