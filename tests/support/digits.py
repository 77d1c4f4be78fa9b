"""Formulas to 220 digits: whether a parity part is a polynomial, by values and nothing else."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import mpmath

from toolkit.pl.activations.formula import read_formula

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.pl.activations.formula import Node

_DIGITS = 220
_STEPS = ("-0.41", "-0.29", "-0.17", "-0.031", "0.053", "0.19", "0.23", "0.37")
_COMPARES = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def value(node: Node, x: Any) -> Any:
    """Return the value of a formula of steps, powers and roots."""
    kind = node.kind
    if kind == "x":
        return x
    if kind == "number":
        return mpmath.mpf(node.value)
    if kind == "constant":
        return mpmath.pi() if node.value == "pi" else mpmath.e()
    args = [value(arg, x) for arg in node.args]
    own = {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "^": lambda a, b: a ** int(b),
        "neg": lambda a: -a,
        "abs": abs,
        "sqrt": mpmath.sqrt,
        "sign": mpmath.sign,
        "heaviside": lambda a: (mpmath.sign(a) + 1) / 2,
        "max": max,
        "min": min,
        "clip": lambda a, low, high: min(max(a, low), high),
        "where": lambda a, b, yes, no: yes if _COMPARES[node.value](a, b) else no,
    }
    return own[kind](*args)


def differs_from_polynomials(text: str, kinks: Sequence[float], sign: int) -> bool:
    """Return whether the even part (sign 1) or the odd part (-1) is no polynomial of degree <= 6.

    Divided differences of order 7 are taken around 0 at many scales, and across each kink.
    """
    tree = read_formula(text)
    with mpmath.workdps(_DIGITS):
        windows = [(mpmath.mpf(0), mpmath.mpf(10) ** e) for e in range(-34, 35, 4)]
        windows += [(mpmath.mpf(abs(k)), mpmath.mpf(abs(k))) for k in kinks if k]
        for centre, width in windows:
            at = [centre + width * mpmath.mpf(step) for step in _STEPS]
            found = [(value(tree, x) + sign * value(tree, -x)) / 2 for x in at]
            size = max(map(abs, found))
            for order in range(1, len(at)):
                found = [
                    (b - a) / (at[i + order] - at[i]) * width
                    for i, (a, b) in enumerate(pairwise(found))
                ]
            if abs(found[0]) > size * mpmath.mpf(10) ** -100:
                return True
    return False
