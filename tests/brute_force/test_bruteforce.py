"""The brute-force route judged on groups made by hand."""

from __future__ import annotations

from math import erf, gcd
from typing import TYPE_CHECKING

import bruteforce as bf
import numpy as np
import pytest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

# n: simples, ReLU edges with loops, |.| edges of the regular module of C_n
CYCLIC = {
    2: (2, 3, 2),
    3: (2, 3, 3),
    4: (3, 6, 4),
    5: (3, 7, 7),
    6: (4, 8, 6),
    7: (4, 13, 13),
    8: (5, 14, 10),
    9: (5, 18, 18),
    10: (6, 17, 14),
    11: (6, 31, 31),
    12: (7, 21, 16),
}


def relu(t: Floats) -> Floats:
    return np.maximum(t, 0.0)


def cube(t: Floats) -> Floats:
    return np.asarray(t**3)


def step(t: Floats) -> Floats:
    return np.asarray(np.sign(t))


def gelu(t: Floats) -> Floats:
    return np.asarray(t * (1 + np.vectorize(erf)(t / np.sqrt(2))) / 2)


def cyclic(n: int) -> Integers:
    return np.roll(np.arange(n), -1)[None, :]


def dihedral(n: int) -> Integers:
    return np.array([np.roll(np.arange(n), -1), (-np.arange(n)) % n])


def symmetric(n: int) -> Integers:
    swap = np.arange(n)
    swap[:2] = 1, 0
    return np.array([np.roll(np.arange(n), -1), swap])


def quaternion() -> Integers:
    """Right multiplication by i and j on 1, i, j, k, -1, -i, -j, -k."""
    return np.array([[1, 4, 7, 2, 5, 0, 3, 6], [2, 3, 4, 5, 6, 7, 0, 1]])


def alternating5() -> Integers:
    return np.array([[1, 2, 3, 4, 0], [1, 2, 0, 3, 4]])


def coordinates(images: Integers) -> list[tuple[int, int, str]]:
    return [(c.dimension_of_simple, c.multiplicity, c.type) for c in bf.isotypic_components(images)]


def parts_of_s4_on_12() -> tuple[Integers, list[bf.Component]]:
    images = bf.coset_action(symmetric(4), np.array([[1, 0, 3, 2]]))
    return images, bf.isotypic_components(images)


@pytest.mark.parametrize(
    ("images", "order"),
    [
        (np.zeros((0, 3), dtype=np.int64), 1),
        (cyclic(12), 12),
        (dihedral(7), 14),
        (quaternion(), 8),
        (symmetric(5), 120),
        (symmetric(6), 720),
        (alternating5(), 60),
    ],
)
def test_group_elements_are_a_group_of_the_right_order(images: Integers, order: int) -> None:
    elements = bf.group_elements(images)
    assert elements.shape == (order, images.shape[1])
    assert np.array_equal(elements[0], np.arange(images.shape[1]))
    known = {element.tobytes() for element in elements}
    assert len(known) == order
    assert all(gen[element].tobytes() in known for gen in images for element in elements)


def test_images_that_are_no_permutations_are_refused() -> None:
    with pytest.raises(AssertionError, match="not a permutation"):
        bf.group_elements([[0, 0, 1]])


def test_cosets_of_something_too_large_are_refused() -> None:
    with pytest.raises(AssertionError, match="not a subgroup"):
        bf.coset_action(cyclic(4), symmetric(4))


@pytest.mark.parametrize("n", range(2, 13))
def test_cyclic_interaction_counts(n: int) -> None:
    images = cyclic(n)
    parts = bf.isotypic_components(images)
    counts = (
        len(parts),
        len(bf.interaction_edges(images, relu, components=parts)),
        len(bf.interaction_edges(images, np.abs, components=parts)),
    )
    assert counts == CYCLIC[n]
    assert len(np.unique(bf.orbitals(images))) == n


def test_the_papers_divisibility_rule_for_c12() -> None:
    n = 12
    images = cyclic(n)
    parts = bf.isotypic_components(images)
    waves = np.arange(n)[:, None] * np.arange(n)[None, :] * (2 * np.pi / n)
    projectors = [
        np.cos(waves[k][:, None] - waves[k][None, :]) * (1 if 2 * k % n == 0 else 2) / n
        for k in range(n // 2 + 1)
    ]
    index = bf.match_by_projectors(parts, projectors)
    assert index[0] == 0
    order = [n // gcd(n, k) for k in range(n // 2 + 1)]
    halved = [m // 2 if m % 2 == 0 else m for m in order]
    expected = {
        (i, j)
        for i in range(len(order))
        for j in range(len(order))
        if i == j or halved[i] % order[j] == 0
    }
    edges = bf.interaction_edges(images, relu, components=parts)
    assert {(index[i], index[j]) for i, j in edges} == expected


def test_matching_fails_loudly() -> None:
    parts = bf.isotypic_components(cyclic(5))
    with pytest.raises(AssertionError, match="not one match each"):
        bf.match_by_projectors(parts, [np.eye(5)] * 3)
    projectors = [part.projector for part in parts]
    with pytest.raises(AssertionError, match="not a bijection"):
        bf.match_by_projectors(parts[:2], projectors)
    assert bf.match_by_projectors(parts, projectors[::-1]) == [2, 1, 0]


def test_matching_by_traces_of_some_elements() -> None:
    images = symmetric(4)
    parts = bf.isotypic_components(images)
    permutations = [[0, 1, 2, 3], [1, 0, 2, 3], [1, 0, 3, 2], [1, 2, 0, 3], [1, 2, 3, 0]]
    traces = [[3, 1, -1, 0, -1], [1, 1, 1, 1, 1]]
    assert bf.match_by_characters(parts, images, permutations, traces) == [1, 0]


@pytest.mark.parametrize("n", [3, 4, 5, 6, 7, 8, 12])
def test_dihedral_modules(n: int) -> None:
    planes = (n - 1) // 2
    lines = 1 + (n % 2 == 0)
    assert sorted(coordinates(dihedral(n))) == [(1, 1, "R")] * lines + [(2, 1, "R")] * planes
    regular = coordinates(bf.regular_action(dihedral(n)))
    assert sorted(regular) == [(1, 1, "R")] * (2 * lines) + [(2, 2, "R")] * planes


def test_types_of_regular_modules() -> None:
    assert coordinates(quaternion()) == [(1, 1, "R")] * 4 + [(4, 1, "H")]
    assert coordinates(cyclic(6)) == [(1, 1, "R")] * 2 + [(2, 1, "C")] * 2
    assert coordinates(bf.regular_action(symmetric(4))) == [
        (1, 1, "R"),
        (1, 1, "R"),
        (2, 2, "R"),
        (3, 3, "R"),
        (3, 3, "R"),
    ]
    assert coordinates(bf.regular_action(alternating5())) == [
        (1, 1, "R"),
        (3, 3, "R"),
        (3, 3, "R"),
        (4, 4, "R"),
        (5, 5, "R"),
    ]


def test_types_with_multiplicities() -> None:
    """Q8 x S3 on its elements: quaternionic simples of dimension 4 and 8, the latter twice."""
    six = bf.regular_action(symmetric(3))
    product = np.concatenate(
        [
            np.repeat(quaternion() * 6, 6, axis=1) + np.tile(np.arange(6), 8),
            np.repeat(np.arange(8) * 6, 6)[None, :] + np.tile(six, (1, 8)),
        ]
    )
    assert coordinates(product) == [(1, 1, "R")] * 8 + [(2, 2, "R")] * 4 + [
        (4, 1, "H"),
        (4, 1, "H"),
        (8, 2, "H"),
    ]
    rank = len(np.unique(bf.orbitals(product)))
    assert rank == 8 + 4 * 4 + 4 + 4 + 4 * 4


def test_many_copies_of_the_same_simple() -> None:
    five = bf.disjoint_union(*[quaternion()] * 5)
    assert coordinates(five) == [(1, 5, "R")] * 4 + [(4, 5, "H")]
    assert coordinates(np.zeros((0, 6), dtype=np.int64)) == [(1, 6, "R")]
    assert coordinates(bf.disjoint_union(cyclic(3), cyclic(3))) == [(1, 2, "R"), (2, 2, "C")]


def test_a_point_and_a_degree_one_hundred() -> None:
    assert coordinates(np.zeros((1, 1), dtype=np.int64)) == [(1, 1, "R")]
    assert coordinates(symmetric(6)) == [(1, 1, "R"), (5, 1, "R")]
    torus = np.arange(100).reshape(10, 10)
    images = np.array([np.roll(torus, -1, axis).reshape(-1) for axis in (0, 1)])
    assert sorted(coordinates(images)) == [(1, 1, "R")] * 4 + [(2, 1, "C")] * 48


def test_symmetric_group_on_cosets() -> None:
    s4 = symmetric(4)
    assert coordinates(s4) == [(1, 1, "R"), (3, 1, "R")]
    edges = bf.coset_action(s4, np.array([[1, 0, 2, 3], [0, 1, 3, 2]]))
    assert coordinates(edges) == [(1, 1, "R"), (2, 1, "R"), (3, 1, "R")]
    faces = bf.coset_action(s4, np.array([[1, 2, 3, 0]]))
    assert coordinates(faces) == [(1, 1, "R"), (2, 1, "R"), (3, 1, "R")]
    _, parts = parts_of_s4_on_12()
    assert sorted((c.dimension_of_simple, c.multiplicity) for c in parts) == [
        (1, 1),
        (1, 1),
        (2, 2),
        (3, 1),
        (3, 1),
    ]


def test_parts_of_an_activation_on_c6() -> None:
    """Even and odd functions see the element of order two differently; t^3 sees degree three."""
    images = cyclic(6)
    parts = bf.isotypic_components(images)
    waves = np.exp(2j * np.pi * np.outer(np.arange(4), np.arange(6)) / 6)
    label = bf.match_by_projectors(
        parts,
        [
            (w[:, None] * w.conj()[None, :]).real * size / 6
            for w, size in zip(waves, (1, 2, 2, 1), strict=True)
        ],
    )
    of = {k: i for i, k in enumerate(label)}

    def reached(k: int, f: bf.Activation, bias: bool = False) -> set[int]:
        return {label[j] for j in bf.occurring(images, parts, [of[k]], f, bias=bias)}

    assert reached(1, np.abs) == {0, 2}
    assert reached(1, np.tanh) == {1, 3}
    assert reached(1, step) == {1, 3}
    assert reached(1, cube) == {1, 3}
    assert reached(1, relu) == reached(1, gelu) == {0, 1, 2}
    assert reached(1, np.square) == {0, 2}
    assert reached(2, cube) == {0, 2}
    assert reached(3, relu) == {0, 3}
    assert reached(1, relu, bias=True) == reached(1, np.abs, bias=True) == {0, 1, 2, 3}
    assert reached(3, np.abs, bias=True) == {0, 3}
    assert bf.occurring(images, parts, [], relu) == set()
    assert bf.occurring(images, parts, [], np.cos) == {0}
    assert bf.occurring(images, parts, [of[2], of[3]], np.abs) == {0, 1, 2, 3}


def test_closures_on_c6() -> None:
    """ReLU: one closed set for each (normal) subgroup; tanh keeps the odd ones to themselves."""
    images = cyclic(6)
    parts = bf.isotypic_components(images)

    def closures(f: bf.Activation) -> list[list[int]]:
        # by dimension in each set: the trivial simple and the sign 1, the two planes 2
        sets = {frozenset(bf.closure(images, parts, [i], f)) for i in range(len(parts))}
        return sorted(sorted(parts[i].dimension_of_simple for i in found) for found in sets)

    assert closures(relu) == [[1], [1, 1], [1, 1, 2, 2], [1, 2]]
    assert closures(np.tanh) == [[1], [1], [1, 2], [1, 2]]
    assert bf.closure(images, parts, [], relu) == set()
    assert bf.closure(images, parts, [], relu, bias=True) == {0}


def test_an_intransitive_set_keeps_its_zero_part_zero() -> None:
    """C2 on two points and a fixed one: the sign lives on two points only."""
    images = np.array([[1, 0, 2]])
    parts = bf.isotypic_components(images)
    assert [(c.dimension_of_simple, c.multiplicity) for c in parts] == [(1, 2), (1, 1)]
    v = bf.generic_vectors(images, parts, [1], 10, rng=np.random.default_rng(1))
    assert np.all(v[:, 2] == 0.0)
    assert bf.occurring(images, parts, [1], step) == {1}
    assert bf.occurring(images, parts, [1], relu) == {0, 1}
    biased = bf.generic_vectors(images, parts, [], 10, bias=True, rng=np.random.default_rng(1))
    assert np.allclose(biased[:, 0], biased[:, 1])
    assert not np.allclose(biased[:, 0], biased[:, 2])


def test_transfer_on_twelve_cosets_of_s4() -> None:
    images, parts = parts_of_s4_on_12()
    rng = np.random.default_rng(7)
    threes = [i for i, c in enumerate(parts) if c.dimension_of_simple == 3]
    two = next(i for i, c in enumerate(parts) if c.dimension_of_simple == 2)
    for source in threes:
        shares, errors = bf.transfer_by_simulation(images, parts, source, relu, 100_000, rng)
        expected = np.zeros(len(parts))
        expected[[0, two, source]] = 0.3789, 0.1211, 0.5
        assert np.all(np.abs(shares - expected) < 5 * errors + 6e-5)  # the oracle has 4 digits
        assert np.max(errors) < 2e-3
        assert abs(shares.sum() - 1) < 1e-12
        assert {int(j) for j in np.flatnonzero(shares > 1e-9)} == {0, two, source}


def test_transfer_of_a_sine_wave() -> None:
    """C_64, ReLU of one wave: the series of ReLU(sin x) gives the shares of its energy."""
    images = cyclic(64)
    parts = bf.isotypic_components(images)
    waves = np.outer(np.arange(33), np.arange(64)) * (2 * np.pi / 64)
    label = bf.match_by_projectors(
        parts,
        [
            np.cos(w[:, None] - w[None, :]) * (1 if k in (0, 32) else 2) / 64
            for k, w in enumerate(waves)
        ],
    )
    of = {k: i for i, k in enumerate(label)}
    shares, errors = bf.transfer_by_simulation(
        images, parts, of[1], relu, 4000, np.random.default_rng(3)
    )
    expected = {0: 4 / np.pi**2, 1: 0.5, 2: 2 * (2 / np.pi / 3) ** 2, 4: 2 * (2 / np.pi / 15) ** 2}
    for k, share in expected.items():
        assert abs(shares[of[k]] - share) < 5 * errors[of[k]] + 1e-4
