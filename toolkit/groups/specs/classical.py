"""Classical groups over finite fields: linear, semilinear, unitary, symplectic, orthogonal.

Degree and field are those of the usual names: ``SU(3,4)`` consists of 3 x 3 matrices over the
field of 16 elements, ``SO+(4,3)`` keeps a quadratic form of plus type. Orders are the closed
formulas of the textbooks (Wilson, *The Finite Simple Groups*, chapter 3).
"""

from __future__ import annotations

from functools import partial
from math import gcd, prod
from typing import TYPE_CHECKING

from toolkit.groups.specs.base import MAX_FIELD
from toolkit.groups.specs.family_row import FamilyRow, Number, prime_power

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_DEGREE = 1000
_MAX_ORDER_BITS = 13_000


def _linear_order(word: str, d: int, q: int) -> int:
    order: int = prod(q**d - q**i for i in range(d))  # GL
    special, projective = "SL" in word or "SigmaL" in word, word.startswith("P")
    if special or projective:
        order //= q - 1
    if special and projective:
        order //= gcd(d, q - 1)
    if word.startswith("A"):
        order *= q**d
    if "Gamma" in word or "Sigma" in word:
        power = prime_power(q)
        order *= power[1] if power else 1
    return order


def _unitary_order(word: str, d: int, q: int) -> int:
    order: int = q ** (d * (d - 1) // 2) * prod(q**i - (-1) ** i for i in range(1, d + 1))  # GU
    if word != "GU":
        order //= q + 1
    return order // gcd(d, q + 1) if word == "PSU" else order


def _symplectic_order(word: str, d: int, q: int) -> int:
    m = d // 2
    order: int = q ** (m * m) * prod(q ** (2 * i) - 1 for i in range(1, m + 1))
    return order // gcd(2, q - 1) if word == "PSp" else order


def _orthogonal_order(word: str, d: int, q: int) -> int:
    order: int
    m, odd = d // 2, q % 2
    kind = word.rstrip("+-")
    if d % 2:
        order = q ** (m * m) * prod(q ** (2 * i) - 1 for i in range(1, m + 1))  # SO
        if kind == "GO":
            return order * (1 + odd)
        return order // (1 + odd) if kind in ("Omega", "POmega") else order
    sign = 1 if word.endswith("+") else -1
    order = 2 * q ** (m * (m - 1)) * (q**m - sign) * prod(q ** (2 * i) - 1 for i in range(1, m))
    if kind in ("GO", "PGO"):
        return order // (1 + odd) if kind == "PGO" else order
    if not odd:  # here GAP's SO is GO
        return order // 2 if kind in ("Omega", "POmega") else order
    order //= 2
    if kind in ("Omega", "POmega"):
        order //= 2
    centre = {"PSO": 2, "POmega": 2 if (q**m - sign) % 4 == 0 else 1}.get(kind, 1)
    return order // centre


def _field(d: int, q: int) -> tuple[str, str] | None:
    if prime_power(q):
        return None
    return f"the field size must be a prime power, and {q} is not one", ""


def _even(word: str, d: int, q: int) -> tuple[str, str] | None:
    if d % 2:
        return f"the dimension of {word} must be even, not {d}", f"for instance {word}({d + 1},{q})"
    return _field(d, q)


def _parity(word: str, d: int, q: int) -> tuple[str, str] | None:
    kind = word.rstrip("+-")
    problem = _field(d, q)
    if problem:
        return problem
    if word == kind and d % 2 == 0:
        return (
            f"in even dimension there are two types of {kind}",
            f"write {kind}+({d},{q}) or {kind}-({d},{q})",
        )
    if word != kind and d % 2:
        return f"in odd dimension {kind} has no sign", f"write {kind}({d},{q})"
    return None


def _too_long(order: Callable[[int, int], int], d: int, q: int) -> int | None:
    return order(d, q) if d * d * q.bit_length() < _MAX_ORDER_BITS else None


def _points(word: str, d: int, q: int) -> int | None:
    """Return the number of lines, affine points or vectors that a linear group acts on."""
    if d * q.bit_length() > _MAX_ORDER_BITS:
        return None
    vectors: int = q**d
    if word.startswith("P"):
        return (vectors - 1) // (q - 1)
    return vectors if word.startswith("A") else vectors - 1


def _row(
    kind: str,
    word: str,
    order: Callable[[str, int, int], int],
    least: int,
    example: tuple[int, int],
    problem: Callable[[int, int], tuple[str, str] | None] = _field,
    what: str = "linear",
) -> FamilyRow:
    article = "an" if what[0] in "aou" else "a"
    numbers = (
        Number("degree", f"dimension of {article} {what} group", least, _MAX_DEGREE),
        Number("field", "field size", 2, MAX_FIELD),
    )
    return FamilyRow(
        kind,
        numbers,
        example,
        problem,
        partial(_too_long, partial(order, word)),
        points=partial(_points, word) if order is _linear_order else lambda d, q: None,
    )


LINEAR: dict[str, FamilyRow] = {
    word: _row("linear", word, _linear_order, 1, (2, 3))
    for word in ("AGL", "ASL", "GL", "PGL", "PSL", "SL")
}

SEMILINEAR: dict[str, FamilyRow] = {
    word: _row("semilinear", word, _linear_order, 1 + (word[0] == "P"), (2, 8), what="semilinear")
    for word in ("AGammaL", "GammaL", "PGammaL", "ASigmaL", "SigmaL", "PSigmaL")
}

UNITARY: dict[str, FamilyRow] = {
    word: _row("classical", word, _unitary_order, 2, (3, 3), what="unitary")
    for word in ("GU", "SU", "PGU", "PSU")
}

SYMPLECTIC: dict[str, FamilyRow] = {
    word: _row("classical", word, _symplectic_order, 2, (4, 3), partial(_even, word), "symplectic")
    for word in ("Sp", "PSp")
}

_ORTHOGONAL_KINDS = ("GO", "SO", "Omega", "PGO", "PSO", "POmega")

ORTHOGONAL: dict[str, FamilyRow] = {
    kind + sign: _row(
        "classical",
        kind + sign,
        _orthogonal_order,
        2 if sign else 3,
        (4, 3) if sign else (3, 5),
        partial(_parity, kind + sign),
        "orthogonal",
    )
    for kind in _ORTHOGONAL_KINDS
    for sign in ("", "+", "-")
}

CLASSICAL = LINEAR | SEMILINEAR | UNITARY | SYMPLECTIC | ORTHOGONAL
