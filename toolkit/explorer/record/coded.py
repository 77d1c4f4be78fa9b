"""Matrices and vectors of a record as small integers that point into a list of values.

The matrices of the simples and the vectors of their copies hold few different numbers, most of them
roots of rational numbers or cosines of rational angles. A record keeps each once, without its sign:
``"sqrt(3/4)"``, ``"cos(5/32)"`` (of 5/32 of a full turn), or a number with 12 significant digits.
An entry is 0, or +-j for plus or minus the j-th value, counted from 1.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from toolkit.errors import InconsistentAnswerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Value: TypeAlias = "str | int | float"

_LARGEST_DENOMINATOR = 4096
_ZERO = 1e-12
_SAME = 2e-13
_TEXT = re.compile(r"(sqrt|cos)\((\d+)/(\d+)\)")


class Values:
    """The list of values behind some matrices; it grows as they are coded.

    Parameters
    ----------
    turns
        Cosines of multiples of 1/turns of a full turn are written as such.

    Examples
    --------
    >>> import numpy as np
    >>> values = Values(12)
    >>> values.coded(np.array([[0.5, -(0.75**0.5)], [0.75**0.5, 0.5]]))
    [1, -2, 2, 1]
    >>> values.listed, decoded([1, -2, 0], values.listed).round(6).tolist()
    (['sqrt(1/4)', 'sqrt(3/4)'], [0.5, -0.866025, 0.0])
    """

    def __init__(self, turns: int) -> None:
        angles = np.arange(turns // 4 + 1)
        self._turns = turns
        self._cosines = np.abs(np.cos(2 * np.pi * angles / turns))[::-1]
        self._known: dict[str, int] = {}
        self.listed: list[Value] = []

    def coded(self, array: NDArray[np.float64]) -> list[int]:
        """Return the entries of an array, row by row, as positions in :attr:`listed`."""
        return [self._code(x) for x in array.ravel().tolist()]

    def _code(self, x: float) -> int:
        size = abs(x)
        if size < _ZERO:
            return 0
        key = f"{size:.11e}"
        place = self._known.get(key)
        if place is None:
            value = self._value(size)
            if value not in self.listed:
                self.listed.append(value)
            place = self._known[key] = self.listed.index(value) + 1
        return place if x > 0 else -place

    def _value(self, x: float) -> Value:
        square = Fraction(x * x).limit_denominator(_LARGEST_DENOMINATOR)
        if square and abs(math.sqrt(square) - x) <= _SAME * x:
            root = math.isqrt(square.numerator)
            if square.denominator == 1 and root * root == square.numerator:
                return root
            return f"sqrt({square.numerator}/{square.denominator})"
        place = int(np.searchsorted(self._cosines, x))
        for i in (place - 1, place):
            if 0 <= i < len(self._cosines) and abs(self._cosines[i] - x) <= _SAME:
                turn = Fraction(len(self._cosines) - 1 - i, self._turns)
                return f"cos({turn.numerator}/{turn.denominator})"
        return float(f"{x:.12g}")


def number(value: Value) -> float:
    """Return a listed value as a float.

    Raises
    ------
    InconsistentAnswerError
        If it is a text of another form.

    Examples
    --------
    >>> number("sqrt(1/4)"), round(number("cos(1/8)"), 6), number(0.25)
    (0.5, 0.707107, 0.25)
    """
    if not isinstance(value, str):
        return float(value)
    found = _TEXT.fullmatch(value)
    if found is None or not int(found[3]):
        raise InconsistentAnswerError("record", "sqrt(a/b), cos(a/b) or a number", repr(value))
    quotient = int(found[2]) / int(found[3])
    return math.sqrt(quotient) if found[1] == "sqrt" else math.cos(2 * math.pi * quotient)


def decoded(codes: Iterable[int], values: Sequence[Value]) -> NDArray[np.float64]:
    """Return coded entries as floats, ``(entries,)``."""
    sizes = np.array([0.0, *map(number, values)])
    entries = np.fromiter(codes, dtype=np.intp)
    out: NDArray[np.float64] = np.sign(entries) * sizes[np.abs(entries)]
    return out
