"""The lengths of a map's vectors: rational numbers times square roots of rational numbers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from toolkit.exact.square_roots import square_root

if TYPE_CHECKING:
    from toolkit.exact.cyclotomic import Cyclotomic


@dataclass(frozen=True)
class Scale:
    """A number that vectors are multiplied by: factor times the root of square.

    Parameters
    ----------
    factor
        Not 0.
    square
        Positive.

    Examples
    --------
    >>> ratio = Scale(Fraction(1), Fraction(2, 3)) / Scale(Fraction(2), Fraction(1, 6))
    >>> ratio.to_cyclotomic().to_fraction()
    Fraction(1, 1)
    """

    factor: Fraction = Fraction(1)
    square: Fraction = Fraction(1)

    def __mul__(self, other: Scale) -> Scale:
        return Scale(self.factor * other.factor, self.square * other.square)

    def __truediv__(self, other: Scale) -> Scale:
        return Scale(self.factor / other.factor, self.square / other.square)

    def to_cyclotomic(self) -> Cyclotomic | None:
        """Return the number; ``None`` if its root has too many terms."""
        root = square_root(self.square)
        return None if root is None else root.scaled(self.factor)
