"""The positive roots of a polynomial: rational ones exactly, the others in float64."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

_STEPS = 2200  # as many halvings as lead from the largest double to the smallest
_LARGEST_DENOMINATOR = 1_000_000


class Root(NamedTuple):
    """A positive number at which something changes.

    Parameters
    ----------
    place
        In float64; of a rational number beyond it 0 or infinity.
    exact
        The number itself if it is rational, otherwise ``None``.
    key
        Two roots that are the same number by construction have the same.
    """

    place: float
    exact: Fraction | None
    key: str

    @property
    def number(self) -> Fraction:
        """The number itself if it is rational, otherwise the double next to it."""
        return Fraction(self.place) if self.exact is None else self.exact


def rational_root(value: Fraction) -> Root:
    """Return a positive rational number as a root.

    Examples
    --------
    >>> rational_root(Fraction(10) ** 400).place, rational_root(Fraction(1, 10**400)).place
    (inf, 0.0)
    """
    try:
        place = float(value)
    except OverflowError:
        place = math.inf
    return Root(place, value, str(value))


def positive_roots(coefficients: list[Fraction]) -> list[Root]:
    """Return the positive roots of a polynomial that is not 0, each once, rising.

    Parameters
    ----------
    coefficients
        The constant first.

    Raises
    ------
    OverflowError
        If the roots may be beyond float64.

    Examples
    --------
    >>> [root.exact for root in positive_roots([Fraction(3), Fraction(-4), Fraction(1)])]
    [Fraction(1, 1), Fraction(3, 1)]
    >>> [round(root.place, 6) for root in positive_roots([Fraction(-2), Fraction(0), Fraction(1)])]
    [1.414214]
    """
    p = _integers(_squarefree(coefficients))
    if len(p) == 1:
        return []
    if len(p) == 2:
        root = Fraction(-p[0], p[1])
        return [rational_root(root)] if root > 0 else []
    key = ",".join(map(str, p))
    bound = 1.0 + max(abs(c / p[-1]) for c in p[:-1])
    if not math.isfinite(bound):
        raise OverflowError
    return [_named(p, x, key, i) for i, x in enumerate(_places(p, bound))]


def sign_at(coefficients: list[int], x: float) -> int:
    """Return the sign of a polynomial with whole coefficients at a double, exactly."""
    n, d = x.as_integer_ratio()
    total, scale = 0, 1
    for c in reversed(coefficients):
        total, scale = total * n + c * scale, scale * d
    return (total > 0) - (total < 0)


def _places(p: list[int], bound: float) -> list[float]:
    """Return approximations of the roots in (0, bound), between those of the derivative."""
    if len(p) <= 1:
        return []
    turns = _places([c * k for k, c in enumerate(p)][1:], bound)
    edges = [0.0, *turns, bound]
    out: list[float] = []
    for low, high in pairwise(edges):
        left, right = sign_at(p, low), sign_at(p, high)
        if left * right < 0:
            out.append(_bisected(p, low, high, left))
        elif right == 0 and high < bound:
            out.append(high)
    return out


def _bisected(p: list[int], low: float, high: float, left: int) -> float:
    for _ in range(_STEPS):
        middle = low / 2 + high / 2
        sign = sign_at(p, middle)
        if sign == 0 or middle in (low, high):
            return middle
        low, high = (middle, high) if sign == left else (low, middle)
    return low / 2 + high / 2


def _named(p: list[int], x: float, key: str, count: int) -> Root:
    near = _near(x)
    if sum(c * near**k for k, c in enumerate(p)) == 0:
        return rational_root(near)
    return Root(x, None, f"{key}#{count}")


def _near(x: float) -> Fraction:
    """Return the best of the convergents with a small denominator."""
    before, now = (0, 1), (1, 0)
    rest = Fraction(x)
    while True:
        whole = math.floor(rest)
        after = (before[0] + whole * now[0], before[1] + whole * now[1])
        if after[1] > _LARGEST_DENOMINATOR:
            break
        before, now = now, after
        if abs(Fraction(*now) - Fraction(x)) < Fraction(1, 10**14) * (1 + abs(Fraction(x))):
            break
        if rest == whole:
            break
        rest = 1 / (rest - whole)
    return Fraction(*now)


def _integers(p: list[Fraction]) -> list[int]:
    """Return the multiple with coprime whole coefficients, the last of them positive."""
    common = math.lcm(*(c.denominator for c in p))
    whole = [int(c * common) for c in p]
    shared = math.gcd(*whole) * (1 if whole[-1] > 0 else -1)
    return [c // shared for c in whole]


def _squarefree(p: list[Fraction]) -> list[Fraction]:
    """Return the polynomial with the same roots, each once."""
    p = _trimmed(p)
    shared = common_divisor(p, [c * k for k, c in enumerate(p)][1:])
    return p if len(shared) == 1 else divided(p, shared)[0]


def _trimmed(p: list[Fraction]) -> list[Fraction]:
    out = list(p)
    while len(out) > 1 and not out[-1]:
        out.pop()
    return out


def divided(p: list[Fraction], q: list[Fraction]) -> tuple[list[Fraction], list[Fraction]]:
    """Return quotient and remainder of two polynomials, the constant first.

    Examples
    --------
    >>> divided([Fraction(-1), Fraction(0), Fraction(1)], [Fraction(1), Fraction(1)])
    ([Fraction(-1, 1), Fraction(1, 1)], [Fraction(0, 1)])
    """
    rest = _trimmed(p)
    out = [Fraction(0)] * max(1, len(rest) - len(q) + 1)
    while len(rest) >= len(q) and any(rest):
        c, shift = rest[-1] / q[-1], len(rest) - len(q)
        out[shift] = c
        for k, d in enumerate(q):
            rest[k + shift] -= c * d
        rest = _trimmed(rest[:-1] or [Fraction(0)])
    return out, rest


def common_divisor(p: list[Fraction], q: list[Fraction]) -> list[Fraction]:
    """Return the greatest common divisor of two polynomials, its last coefficient 1."""
    a, b = _trimmed(p), _trimmed(q or [Fraction(0)])
    while any(b):
        a, b = b, divided(a, b)[1]
    return [c / a[-1] for c in a]
