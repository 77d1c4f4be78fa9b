"""The parity parts of an activation: what is known exactly of its even and of its odd part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from toolkit.deprecation import warn_deprecated

Rest: TypeAlias = Literal["none", "homogeneous", "free", "unknown"]


@dataclass(frozen=True)
class ParityPart:
    r"""A function of one parity: a polynomial and a non-polynomial remainder.

    Parameters
    ----------
    terms
        ``((degree, coefficient), ...)`` for the polynomial, with increasing degrees and non-zero
        coefficients.
    rest
        The kind of the remainder.

        * ``"none"``: 0.
        * ``"homogeneous"``: c \|t\|^degree or c sign(t) \|t\|^degree, not a polynomial.
        * ``"free"``: a function p such that p(s_1 t), ..., p(s_k t), for distinct s_i > 0, are
          linearly independent modulo polynomials.
        * ``"unknown"``: not a polynomial; nothing else is known.
    degree
        The degree of a homogeneous remainder; otherwise 0.

    Notes
    -----
    Values at isolated points do not matter: statements about f(v) concern generic v, in an open
    dense set, where no coordinate that can change is at such a point.

    The kind of remainder matters only for *chosen* submodules. In the isotypic parts of a
    transitive module, proportional coordinates differ by a factor of 1 or -1.

    Examples
    --------
    >>> ParityPart.polynomial({1: 0.5}), ParityPart.other().is_polynomial
    (ParityPart(terms=((1, 0.5),), rest='none', degree=0), False)
    >>> print(ParityPart(((2, 0.5),)), "|", ParityPart((), "homogeneous", 1), "|", ParityPart())
    degree 2 | homogeneous of degree 1, not a polynomial | zero
    """

    terms: tuple[tuple[int, float], ...] = ()
    rest: Rest = "none"
    degree: int = 0

    @classmethod
    def polynomial(cls, coefficients: dict[int, float]) -> ParityPart:
        """Return the polynomial with the given coefficients by degree; zeros are dropped."""
        return cls(tuple(sorted((d, float(c)) for d, c in coefficients.items() if c)))

    @classmethod
    def other(cls, rest: Rest = "free") -> ParityPart:
        """Return a part about which only the kind of its remainder is known."""
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
        """The degrees of the polynomial, in increasing order."""
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


def __getattr__(name: str) -> type[ParityPart]:
    """Return ParityPart under its old name."""
    if name == "Part":
        warn_deprecated("Part is now ParityPart")
        return ParityPart
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
