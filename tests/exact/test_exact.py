"""Cyclotomics, residues and records."""

from __future__ import annotations

import cmath
import dataclasses
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.exact import Cyclotomic, ResidueField, decode, encode
from toolkit.exact.cyclotomic import certified_sign_of_difference, order_key
from toolkit.exact.residues import is_prime, modular_product, prime_factors

terms = st.lists(
    st.tuples(st.integers(0, 11), st.integers(-9, 9).filter(bool), st.just(1)),
    max_size=4,
    unique_by=lambda t: t[0],
)
numbers = terms.map(lambda ts: Cyclotomic(12, tuple(sorted(ts))))


def value(x: Cyclotomic) -> complex:
    return sum((n / d * cmath.exp(2j * math.pi * e / x.conductor) for e, n, d in x.terms), 0j)


@given(numbers)
def test_complex_value(x: Cyclotomic) -> None:
    assert abs(x.to_complex() - value(x)) < 1e-12


@given(numbers)
def test_json_round_trip(x: Cyclotomic) -> None:
    assert decode(Cyclotomic, encode(x)) == x


@pytest.mark.parametrize(
    ("x", "text", "pretty"),
    [
        (Cyclotomic.from_int(0), "0", "0"),
        (Cyclotomic.from_int(-7), "-7", "-7"),
        (Cyclotomic.from_fraction(Fraction(-1, 3)), "-1/3", "-1/3"),
        (Cyclotomic(4, ((1, 1, 1),)), "E(4)", "i"),
        (Cyclotomic(4, ((1, -2, 1),)), "-2*E(4)", "-2i"),
        (Cyclotomic(8, ((1, 1, 1), (3, -1, 1))), "E(8)-E(8)^3", "√2"),
        (Cyclotomic(3, ((1, 1, 1),)), "E(3)", "(i√3-1)/2"),
        (Cyclotomic(5, ((2, 1, 1), (3, 1, 1))), "E(5)^2+E(5)^3", "(-1-√5)/2"),
        (Cyclotomic(7, ((1, 1, 1), (6, 1, 1))), "E(7)+E(7)^6", "E(7)+E(7)^6"),
        (Cyclotomic(3, ((1, 1, 2), (2, -1, 2))), "1/2*E(3)-1/2*E(3)^2", "i√3/2"),
    ],
)
def test_text(x: Cyclotomic, text: str, pretty: str) -> None:
    assert str(x) == text
    assert x.pretty() == pretty


@pytest.mark.parametrize("bad", [None, "1", [0, []], [3, [[1, 1]]], [3, [[1, 1, 0]]], 1.5])
def test_unreadable_cyclotomic(bad: object) -> None:
    with pytest.raises(ValueError, match="must be"):
        Cyclotomic.from_json(bad)


@given(numbers, numbers)
def test_sign_agrees_with_doubles(x: Cyclotomic, y: Cyclotomic) -> None:
    difference = value(x).real - value(y).real
    sign = certified_sign_of_difference(x, y)
    assert sign == (0 if abs(difference) < 1e-9 else math.copysign(1, difference))


def test_sign_below_double_precision() -> None:
    # continued fractions of √2 = E(8)-E(8)^3: p/q is within 1/(2√2 q^2)
    p, q = 1, 1
    for _ in range(60):
        p, q = p + 2 * q, p + q
    root = Cyclotomic(8, ((1, 1, 1), (3, -1, 1)))
    near = Cyclotomic.from_fraction(Fraction(p, q))
    assert root.to_float() == near.to_float()
    assert certified_sign_of_difference(near, root) == (1 if p * p > 2 * q * q else -1)


def test_real_parts_that_are_equal() -> None:
    x, y = Cyclotomic(3, ((1, 1, 1),)), Cyclotomic(3, ((2, 1, 1),))
    assert certified_sign_of_difference(x, y) == 0
    assert certified_sign_of_difference(x, y, imaginary=True) == 1
    assert order_key((x,)) < order_key((y,))
    assert not order_key((y,)) < order_key((x,))


@given(st.lists(numbers, min_size=1, max_size=4))
def test_residues_are_a_homomorphism(xs: list[Cyclotomic]) -> None:
    field = ResidueField(12, 10**6)
    total: dict[int, int] = {}
    for x in xs:
        for e, n, _ in x.terms:
            total[e] = total.get(e, 0) + n
    summed = Cyclotomic(12, tuple((e, n, 1) for e, n in sorted(total.items()) if n))
    assert field.map([summed])[0] == sum(field.map(xs)) % field.prime


def test_residues_read_integers_back() -> None:
    field = ResidueField(7, 1000)
    roots = [Cyclotomic(7, ((k, 1, 1),)) for k in range(7)]
    assert field.to_int(sum(field.map(roots))) == 0
    assert field.to_int(field.map([Cyclotomic.from_int(-999)])[0]) == -999
    assert field.map(roots[1:2], galois=-1) == field.map(roots[6:])
    with pytest.raises(ValueError, match="least common multiple"):
        field.map([Cyclotomic(4, ((1, 1, 1),))])


def test_another_field() -> None:
    one, two = ResidueField(12, 10), ResidueField(12, 10, skip=1)
    assert one.prime != two.prime
    assert one.prime % 12 == two.prime % 12 == 1


@given(st.integers(0, 10**6))
def test_primes(n: int) -> None:
    assert is_prime(n) == (n > 1 and all(n % d for d in range(2, math.isqrt(n) + 1)))


@given(st.integers(1, 10**6))
def test_prime_factors(n: int) -> None:
    factors = prime_factors(n)
    assert all(is_prime(p) and n % p == 0 for p in factors)
    rest = n
    for p in factors:
        while rest % p == 0:
            rest //= p
    assert rest == 1


@pytest.mark.parametrize("size", [3, 60])
@pytest.mark.parametrize("prime", [101, (1 << 61) - 1])
def test_modular_product(size: int, prime: int) -> None:
    left = [[(i * 7919 + j * j * 104729) ** 5 % prime for j in range(size)] for i in range(size)]
    right = [[(i * i * 15485863 + j) ** 7 % prime for j in range(size)] for i in range(size)]
    expected = [
        [sum(left[i][k] * right[k][j] for k in range(size)) % prime for j in range(size)]
        for i in range(size)
    ]
    assert modular_product(left, right, prime) == expected


@dataclasses.dataclass(frozen=True)
class Inner:
    numbers: tuple[int, ...]
    value: Cyclotomic


@dataclasses.dataclass(frozen=True)
class Outer:
    name: str
    inner: tuple[Inner, ...]
    pair: tuple[int, int] | None
    table: dict[int, tuple[int, ...]]
    flag: bool = False


def test_record_round_trip() -> None:
    record = Outer("a", (Inner((1, 2**80), Cyclotomic(4, ((1, 1, 1),))),), (1, 2), {2: (0,)})
    assert decode(Outer, encode(record)) == record
    assert decode(Outer, {**encode(record), "pair": None}).pair is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": 3}, "Outer.name must be str"),
        ({"extra": 3}, "unknown"),
        ({"inner": [{"numbers": [1.5], "value": 1}]}, "list of int"),
        ({"pair": [1]}, "list of 2"),
        ({"table": []}, "must be an object"),
        ({"flag": 1}, "must be bool"),
        ({"inner": 3}, "must be a list"),
    ],
)
def test_unreadable_records(change: dict[str, object], message: str) -> None:
    good = encode(Outer("a", (), None, {}))
    with pytest.raises(ValueError, match=message):
        decode(Outer, {**good, **change})


def test_missing_field() -> None:
    with pytest.raises(ValueError, match="missing"):
        decode(Inner, {"numbers": []})


def test_only_plain_values_are_encoded() -> None:
    with pytest.raises(TypeError, match="plain values"):
        encode(object())
