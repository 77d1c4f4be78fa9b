"""The even and the odd part of an activation: as much of them as decides a question exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["Part", "Rest"]

Rest: TypeAlias = Literal["none", "homogeneous", "free", "unknown"]


@dataclass(frozen=True)
class Part:
    r"""A function of one parity: a polynomial, plus a rest that is none.

    Parameters
    ----------
    terms
        ``((degree, coefficient), ...)`` of the polynomial, degrees rising, coefficients not 0.
    rest
        What is left when the polynomial is taken away.

        * ``"none"``: nothing.
        * ``"homogeneous"``: c \|t\|^degree, or c sign(t) \|t\|^degree, and that is no polynomial.
        * ``"free"``: a function p for which p(s_1 t), ..., p(s_k t), the s_i > 0 different, are
          linearly independent modulo polynomials.
        * ``"unknown"``: no polynomial, and nothing else is said.
    degree
        Of a homogeneous rest; otherwise 0.

    Notes
    -----
    Only the isotypic parts of *chosen* submodules need to know which kind of rest it is; in the
    isotypic parts of a transitive module coordinates are proportional by 1 and -1 only.

    Examples
    --------
    >>> Part.polynomial({1: 0.5}), Part.other().is_polynomial
    (Part(terms=((1, 0.5),), rest='none', degree=0), False)
    >>> print(Part(((2, 0.5),)), "|", Part((), "homogeneous", 1), "|", Part())
    degree 2 | homogeneous of degree 1, not a polynomial | zero
    """

    terms: tuple[tuple[int, float], ...] = ()
    rest: Rest = "none"
    degree: int = 0

    @classmethod
    def polynomial(cls, coefficients: dict[int, float]) -> Part:
        """Return the polynomial with these coefficients by degree; zeros are left out."""
        return cls(tuple(sorted((d, float(c)) for d, c in coefficients.items() if c)))

    @classmethod
    def other(cls, rest: Rest = "free") -> Part:
        """Return a part of which it is only said that it is no polynomial."""
        return cls((), rest)

    @property
    def is_zero(self) -> bool:
        """Whether the part is 0."""
        return self.is_polynomial and not self.terms

    @property
    def is_polynomial(self) -> bool:
        """Whether the part is a polynomial (0 is one)."""
        return self.rest == "none"

    @property
    def is_affine(self) -> bool:
        """Whether the part is a polynomial of degree at most 1."""
        return self.is_polynomial and all(d <= 1 for d, _ in self.terms)

    @property
    def degrees(self) -> tuple[int, ...]:
        """Degrees of the polynomial, rising."""
        return tuple(d for d, _ in self.terms)

    @property
    def homogeneous_degree(self) -> int | None:
        """The d with p(s t) = s^d p(t) for s > 0; ``None`` if there is none, or p is 0."""
        found = set(self.degrees)
        if self.rest == "homogeneous":
            found.add(self.degree)
        elif not self.is_polynomial:
            return None
        return found.pop() if len(found) == 1 else None

    def coefficient(self, degree: int) -> float:
        """Return the coefficient of t^degree in the polynomial."""
        return dict(self.terms).get(degree, 0.0)

    def __str__(self) -> str:
        if self.is_zero:
            return "zero"
        names = {0: "constant", 1: "linear"}
        words = [names.get(d, f"degree {d}") for d in self.degrees]
        if self.rest == "homogeneous":
            words.append(f"homogeneous of degree {self.degree}, not a polynomial")
        elif not self.is_polynomial:
            words = ["not a polynomial"]
        return " + ".join(words)
