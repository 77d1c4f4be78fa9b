"""Galois conjugates, packed values and exact products of residues, against direct computation."""

from __future__ import annotations

import cmath
import math
import random

import numpy as np
import pytest

from toolkit.exact import Cyclotomic
from toolkit.exact.galois import GaloisAction, unit_generators, units_of
from toolkit.exact.packed import PackedValues
from toolkit.exact.residues import LARGEST_INT64_PRIME, fields_beyond, residue_product


def test_generators_generate_all_units() -> None:
    for n in range(1, 300):
        seen, front = {1 % n}, [1 % n]
        while front:
            x = front.pop()
            new = {x * g % n for g in unit_generators(n)} - seen
            seen |= new
            front += new
        assert sorted(seen) == list(units_of(n)) == [x for x in range(n) if math.gcd(x, n) == 1], n


def orbit(n: int, terms: dict[int, int]) -> list[Cyclotomic]:
    """Return the conjugates of a sum of 7th, 5th or 11th roots: all but E(n)^0 are a basis."""
    return [
        Cyclotomic(n, tuple(sorted((e * k % n, c, 1) for e, c in terms.items())))
        for k in units_of(n)
    ]


# coefficients beyond one prime of the usual size, beyond 64 bits, and rationals far apart
@pytest.mark.parametrize("size", [1, 10**6, 10**25])
@pytest.mark.parametrize("many", [False, True])
def test_images_are_the_conjugates(size: int, many: bool) -> None:
    values = [Cyclotomic.from_int(x) for x in (0, 3 * size, -size)]
    for n in (5, 7, 11):
        terms = {e: e * size + 1 for e in range(1, n)} if many else {1: size, 2: 1}
        values += orbit(n, terms)
    random.Random(1).shuffle(values)
    action = GaloisAction(PackedValues.of(values))
    assert action.conductor == 385
    for e in (-1, 2, 3, 4, *action.generators):
        image = action.image(e)
        for i, v in enumerate(values):
            if math.gcd(e, v.conductor) > 1:
                assert image[i] == -1
                continue
            moved = tuple(sorted((x * e % v.conductor, c, d) for x, c, d in v.terms))
            assert values[image[i]] == Cyclotomic(v.conductor, moved)


def test_a_conjugate_that_is_missing_is_told() -> None:
    values = orbit(7, {1: 1, 2: 1})[:-1]
    image = GaloisAction(PackedValues.of(values)).image(3)
    assert sorted(image.tolist())[:2] == [-1, 0]
    # nearly the same numbers: one coefficient differs by the prime in use
    prime = fields_beyond(7, 10**4, inner=64)[0].prime
    other = Cyclotomic(7, ((1, 1 + prime, 1), (2, 1, 1)))
    both = GaloisAction(PackedValues.of([*values, other]))
    assert both.image(1).tolist() == list(range(len(values) + 1))


def test_packed_values() -> None:
    values = [
        Cyclotomic(12, ((4, -3, 2), (7, 10**30, 1))),
        Cyclotomic(1, ()),
        Cyclotomic(5, ((1, 5, 7), (2, -1, 3))),
    ]
    packed = PackedValues.of(values)
    assert packed.unpack() == tuple(values)
    assert packed.common_denominator == 42
    assert packed.conductor == 60
    assert packed.chosen(np.array([2, 0])).unpack() == (values[2], values[0])
    assert packed.weight >= 10**30
    for bound in (10, 1 << 61):
        for field in fields_beyond(60, bound, inner=10, avoid=42):
            for k in (1, -1, 7):
                assert packed.residues(field, galois=k).tolist() == field.map(values, galois=k)
    small = PackedValues.of([Cyclotomic(5, ((1, 2, 1), (2, -3, 1)))])
    assert small.weight >= 5
    for k in range(1, 5):
        z = 2 * cmath.exp(2j * math.pi * k / 5) - 3 * cmath.exp(4j * math.pi * k / 5)
        assert abs(z) <= small.weight


@pytest.mark.parametrize("prime", [97, 2_097_143, 2_147_483_647, LARGEST_INT64_PRIME + 28])
def test_products_of_residues(prime: int) -> None:
    chance = random.Random(prime)
    left = [[chance.randrange(prime) for _ in range(40)] for _ in range(7)]
    right = [[prime - 1] * 9 for _ in range(40)]
    wanted = [
        [
            sum(a * b for a, b in zip(row, column, strict=True)) % prime
            for column in zip(*right, strict=True)
        ]
        for row in left
    ]
    kind = object if prime >= LARGEST_INT64_PRIME else np.int64
    found = residue_product(np.array(left, dtype=kind), np.array(right, dtype=kind), prime)
    assert found.tolist() == wanted
