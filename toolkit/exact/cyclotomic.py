"""Cyclotomic numbers: kept exactly, shown, converted, and calculated with.

A value crosses from GAP as ``[conductor, [[exponent, numerator, denominator], ...]]``, the sum of
``numerator/denominator * E(conductor)^exponent`` in GAP's own canonical basis of the smallest
cyclotomic field that holds it. Two values are therefore equal exactly when these are equal.

Sums, products and Galois conjugates are formed in Python and brought to the same canonical form
(:mod:`toolkit.exact.normal_form`), since class functions must be calculated with where GAP cannot
be asked: one by one, and from stored tables alone. GAP's own arithmetic is the oracle of the
tests. Long sums that are known to be integers are still read off modulo a prime
(:mod:`toolkit.exact.residues`).
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from toolkit.exact.normal_form import canonical_form

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Cyclotomic:
    """An exact cyclotomic number in GAP's canonical form.

    Parameters
    ----------
    conductor
        The least ``n`` such that the number lies in Q(E(n)), where E(n) = exp(2 pi i / n).
    terms
        ``(exponent, numerator, denominator)``, in lowest terms and by increasing exponent; empty
        for 0.

    Examples
    --------
    The golden ratio's conjugate, E(5) + E(5)^4:

    >>> x = Cyclotomic(5, ((1, 1, 1), (4, 1, 1)))
    >>> str(x), x.pretty(), round(x.to_float(), 6)
    ('E(5)+E(5)^4', '(√5-1)/2', 0.618034)
    >>> Cyclotomic.from_int(-3).is_integer
    True
    >>> str(x * x + x), str(x.galois_conjugate(2)), str(1 / x)
    ('1', 'E(5)^2+E(5)^3', '-E(5)^2-E(5)^3')
    """

    conductor: int
    terms: tuple[tuple[int, int, int], ...]

    @classmethod
    def from_int(cls, value: int) -> Cyclotomic:
        """Return the integer ``value`` as a cyclotomic number."""
        return cls(1, ((0, value, 1),) if value else ())

    @classmethod
    def from_fraction(cls, value: Fraction) -> Cyclotomic:
        """Return the rational ``value`` as a cyclotomic number."""
        return cls(1, ((0, value.numerator, value.denominator),) if value else ())

    @classmethod
    def from_json(cls, data: object) -> Cyclotomic:
        """Return the number given in the JSON form that GAP sends; a bare integer is allowed.

        Raises
        ------
        ValueError
            If ``data`` does not have that form.
        """
        if isinstance(data, int):
            return cls.from_int(data)
        match data:
            case [int(conductor), [*terms]] if conductor >= 1:
                return cls(conductor, tuple(_term(term) for term in terms))
        raise ValueError(f"a cyclotomic must be [conductor, terms] or an integer, not {data!r}")

    def to_json(self) -> int | list[object]:
        """Return the JSON form that GAP sends; an integer is a bare integer."""
        if self.is_integer:
            return self.to_int()
        return [self.conductor, [list(term) for term in self.terms]]

    @property
    def is_rational(self) -> bool:
        """Whether the number is rational."""
        return self.conductor == 1

    @property
    def is_integer(self) -> bool:
        """Whether the number is a rational integer."""
        return self.conductor == 1 and (not self.terms or self.terms[0][2] == 1)

    def to_int(self) -> int:
        """Return the number as an integer; raise ``ValueError`` if it is not one."""
        if not self.is_integer:
            raise ValueError(f"{self} is not an integer")
        return self.terms[0][1] if self.terms else 0

    def to_fraction(self) -> Fraction:
        """Return the number as a fraction; raise ``ValueError`` if it is not rational."""
        if not self.is_rational:
            raise ValueError(f"{self} is not rational")
        return Fraction(self.terms[0][1], self.terms[0][2]) if self.terms else Fraction(0)

    @classmethod
    def root_of_unity(cls, conductor: int, exponent: int = 1) -> Cyclotomic:
        """Return E(conductor)^exponent, where E(n) = exp(2 pi i / n).

        Examples
        --------
        >>> str(Cyclotomic.root_of_unity(6)), str(Cyclotomic.root_of_unity(4, 2))
        ('-E(3)^2', '-1')
        """
        return cls(*canonical_form(conductor, {exponent % conductor: 1}))

    def __add__(self, other: object) -> Cyclotomic:
        y = _as_cyclotomic(other)
        return NotImplemented if y is None else _sum(self, y)

    __radd__ = __add__

    def __neg__(self) -> Cyclotomic:
        return Cyclotomic(self.conductor, tuple((e, -n, d) for e, n, d in self.terms))

    def __pos__(self) -> Cyclotomic:
        return self

    def __sub__(self, other: object) -> Cyclotomic:
        y = _as_cyclotomic(other)
        return NotImplemented if y is None else _sum(self, -y)

    def __rsub__(self, other: object) -> Cyclotomic:
        y = _as_cyclotomic(other)
        return NotImplemented if y is None else _sum(y, -self)

    def __mul__(self, other: object) -> Cyclotomic:
        y = _as_cyclotomic(other)
        return NotImplemented if y is None else _product(self, y)

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> Cyclotomic:
        y = _as_cyclotomic(other)
        return NotImplemented if y is None else _product(self, y.inverse())

    def __rtruediv__(self, other: object) -> Cyclotomic:
        y = _as_cyclotomic(other)
        return NotImplemented if y is None else _product(y, self.inverse())

    def __pow__(self, exponent: int) -> Cyclotomic:
        if not isinstance(exponent, int):
            return NotImplemented
        base, out = (self.inverse(), 1) if exponent < 0 else (self, 1)
        result = Cyclotomic.from_int(out)
        for bit in bin(abs(exponent))[2:]:
            result = _product(result, result)
            if bit == "1":
                result = _product(result, base)
        return result

    def galois_conjugate(self, k: int) -> Cyclotomic:
        """Return the conjugate under E(n) -> E(n)^k, for k prime to the conductor.

        Raises
        ------
        ValueError
            If k and the conductor have a common factor: there is no such automorphism.
        """
        n = self.conductor
        if n == 1:
            return self
        if math.gcd(k, n) != 1:
            raise ValueError(
                f"a Galois conjugate of a number of conductor {n} needs k prime to the "
                f"conductor, found {k}"
            )
        below = math.lcm(*(d for _, _, d in self.terms))
        moved = {e * k % n: p * (below // d) for e, p, d in self.terms}
        return Cyclotomic(*canonical_form(n, moved, below))

    def conjugate(self) -> Cyclotomic:
        """Return the complex conjugate."""
        return self.galois_conjugate(-1)

    def inverse(self) -> Cyclotomic:
        """Return 1/x: the product of the other Galois conjugates, divided by the norm.

        Raises
        ------
        ZeroDivisionError
            If the number is 0.
        """
        if not self.terms:
            raise ZeroDivisionError("0 has no inverse")
        others = {
            self.galois_conjugate(k)
            for k in range(2, self.conductor)
            if math.gcd(k, self.conductor) == 1
        } - {self}
        out = Cyclotomic.from_int(1)
        for other in others:
            out = _product(out, other)
        return out.scaled(1 / _product(out, self).to_fraction())

    @property
    def is_real(self) -> bool:
        """Whether the number is real."""
        return self.conductor == 1 or self.conjugate() == self

    def scaled(self, factor: Fraction) -> Cyclotomic:
        """Return ``factor`` times this number, exactly; this is faster than a product."""
        if not factor:
            return Cyclotomic(1, ())
        out = []
        # integers: Fractions are ten times slower
        above, below = factor.numerator, factor.denominator
        for exponent, numerator, denominator in self.terms:
            n, d = numerator * above, denominator * below
            common = math.gcd(n, d)
            out.append((exponent, n // common, d // common))
        return Cyclotomic(self.conductor, tuple(out))

    def to_complex(self) -> complex:
        """Return the number as a complex double, correct to a few units in the last place."""
        if self.is_rational:
            return complex(float(self.to_fraction()))
        return complex(
            math.fsum(n / d * _root(self.conductor, e).real for e, n, d in self.terms),
            math.fsum(n / d * _root(self.conductor, e).imag for e, n, d in self.terms),
        )

    def to_float(self) -> float:
        """Return the real part as a double; meant for numbers known to be real."""
        return self.to_complex().real

    @property
    def weight(self) -> Fraction:
        """Sum of the coefficients' absolute values, which bounds that of the number."""
        if all(d == 1 for _, _, d in self.terms):  # mostly, and quicker
            return Fraction(sum(abs(n) for _, n, _ in self.terms))
        return sum((abs(Fraction(n, d)) for _, n, d in self.terms), Fraction(0))

    def __str__(self) -> str:
        """Return GAP's notation."""
        if not self.terms:
            return "0"
        out = []
        for exponent, numerator, denominator in self.terms:
            coefficient = Fraction(numerator, denominator)
            sign = "-" if coefficient < 0 else "+"
            size = abs(coefficient)
            if exponent == 0:
                body = str(size)
            else:
                root = f"E({self.conductor})" + (f"^{exponent}" if exponent > 1 else "")
                body = root if size == 1 else f"{size}*{root}"
            out.append(sign + body)
        return "".join(out).removeprefix("+")

    def pretty(self) -> str:
        """Return the number in textbook notation where that is short, else in GAP's notation.

        Rationals, quadratic irrationals ``(a+b√d)/c`` and the imaginary unit have short forms.
        """
        quadratic = _quadratic(self)
        if quadratic is None:
            return str(self)
        a, b, d, c = quadratic
        if b == 0:
            return str(Fraction(a, c))
        root = "i" if d == -1 else (f"√{d}" if d > 0 else f"i√{-d}")
        size = root if abs(b) == 1 else f"{abs(b)}{root}"
        if a == 0:
            return ("-" if b < 0 else "") + size + (f"/{c}" if c != 1 else "")
        text = f"{size}{a:+d}" if b > 0 else f"{a}-{size}"
        return text if c == 1 else f"({text})/{c}"

    def latex(self) -> str:
        r"""Return the number in LaTeX math mode.

        Rationals, quadratic irrationals and the imaginary unit are written as such. Everything else
        is a sum of powers of the root of unity zeta_n = exp(2 pi i / n).

        Examples
        --------
        >>> print(Cyclotomic(5, ((1, 1, 1), (4, 1, 1))).latex())
        \frac{-1+\sqrt{5}}{2}
        >>> print(Cyclotomic(7, ((1, -1, 2), (6, 1, 1))).latex())
        -\frac{1}{2}\zeta_{7}+\zeta_{7}^{6}
        """
        quadratic = _quadratic(self)
        if quadratic is not None:
            a, b, d, c = quadratic
            if b == 0:
                return _latex_fraction(Fraction(a, c))
            root = ("i" if d < 0 else "") + (rf"\sqrt{{{abs(d)}}}" if abs(d) > 1 else "")
            size = root if abs(b) == 1 else f"{abs(b)}{root}"
            sign = "-" if b < 0 else ("+" if a else "")
            if not a and c != 1:
                return rf"{sign}\frac{{{size}}}{{{c}}}"
            text = f"{a or ''}{sign}{size}"
            return text if c == 1 else rf"\frac{{{text}}}{{{c}}}"
        out = ""
        for exponent, numerator, denominator in self.terms:
            power = rf"\zeta_{{{self.conductor}}}" + (f"^{{{exponent}}}" if exponent > 1 else "")
            factor = Fraction(numerator, denominator)
            out += "-" if factor < 0 else "+" if out else ""
            if exponent == 0:
                out += _latex_fraction(abs(factor))
            else:
                out += ("" if abs(factor) == 1 else _latex_fraction(abs(factor))) + power
        return out


def _latex_fraction(value: Fraction) -> str:
    sign = "-" if value < 0 else ""
    size = abs(value)
    if size.denominator == 1:
        return f"{sign}{size}"
    return rf"{sign}\frac{{{size.numerator}}}{{{size.denominator}}}"


#: What exact values are shown and calculated with: see :func:`simplified`.
Number: TypeAlias = "int | Fraction | Cyclotomic"


def simplified(x: Number) -> Number:
    """Return an exact number as an int or a Fraction if it is one.

    Parameters
    ----------
    x
        An int, a Fraction or a Cyclotomic.

    Returns
    -------
    int, Fraction or Cyclotomic
        The same number.

    Examples
    --------
    >>> simplified(Cyclotomic(1, ((0, 3, 1),))), simplified(Fraction(4, 2))
    (3, 2)
    """
    if isinstance(x, Cyclotomic):
        if x.conductor > 1:
            return x
        if not x.terms:
            return 0
        x = Fraction(x.terms[0][1], x.terms[0][2])
    if isinstance(x, Fraction) and x.denominator == 1:
        return x.numerator
    return x


def to_complex(x: Number) -> complex:
    """Return the nearest complex double of an exact number, up to a few units in the last place."""
    return x.to_complex() if isinstance(x, Cyclotomic) else complex(float(x))


def pretty(x: Number) -> str:
    """Return the notation of textbooks: :meth:`Cyclotomic.pretty`."""
    return x.pretty() if isinstance(x, Cyclotomic) else str(x)


def _as_cyclotomic(x: object) -> Cyclotomic | None:
    if isinstance(x, Cyclotomic):
        return x
    if isinstance(x, int):
        return Cyclotomic.from_int(x)
    return Cyclotomic.from_fraction(x) if isinstance(x, Fraction) else None


def _sum(x: Cyclotomic, y: Cyclotomic) -> Cyclotomic:
    n = math.lcm(x.conductor, y.conductor)
    below = math.lcm(*(d for z in (x, y) for _, _, d in z.terms))
    total: dict[int, int] = {}
    for z in (x, y):
        step = n // z.conductor
        for e, p, d in z.terms:
            total[e * step] = total.get(e * step, 0) + p * (below // d)
    return Cyclotomic(*canonical_form(n, total, below))


def _product(x: Cyclotomic, y: Cyclotomic) -> Cyclotomic:
    n = math.lcm(x.conductor, y.conductor)
    one, other = n // x.conductor, n // y.conductor
    left = math.lcm(*(d for _, _, d in x.terms))
    right = math.lcm(*(d for _, _, d in y.terms))
    factors = [(e * other, p * (right // d)) for e, p, d in y.terms]
    total: dict[int, int] = {}
    for e, p, d in x.terms:
        shift, scale = e * one, p * (left // d)
        for f, c in factors:
            at = (shift + f) % n
            total[at] = total.get(at, 0) + scale * c
    return Cyclotomic(*canonical_form(n, total, left * right))


def _term(data: object) -> tuple[int, int, int]:
    match data:
        case [int(e), int(n), int(d)] if d >= 1:
            return (e, n, d)
    raise ValueError(f"a term must be [exponent, numerator, denominator >= 1], not {data!r}")


@lru_cache(maxsize=4096)
def _root(conductor: int, exponent: int) -> complex:
    """Return E(conductor)^exponent, symmetric exponents giving exactly symmetric doubles."""
    k = exponent % conductor
    if 2 * k > conductor:
        return _root(conductor, conductor - k).conjugate()
    if 4 * k > conductor:
        z = _root(2 * conductor, conductor - 2 * k)
        return complex(-z.real, z.imag)
    if 8 * k > conductor:
        z = _root(4 * conductor, conductor - 4 * k)
        return complex(z.imag, z.real)
    return cmath.exp(2j * math.pi * k / conductor) if k else complex(1.0)


def _quadratic(x: Cyclotomic) -> tuple[int, int, int, int] | None:
    """Return (a, b, d, c) with x = (a + b sqrt(d)) / c, d square-free, c >= 1; or None.

    A number is of degree two exactly when it has two Galois conjugates; the guess made from
    them in floating point is then checked exactly.
    """
    n = x.conductor
    if n == 1:
        value = x.to_fraction()
        return (value.numerator, 0, 1, value.denominator)
    if n > 400:
        return None
    conjugates: set[complex] = set()
    for k in range(1, n):
        if math.gcd(k, n) == 1:
            z = sum((p / q * _root(n, e * k) for e, p, q in x.terms), 0j)
            conjugates.add(complex(round(z.real, 9), round(z.imag, 9)) + 0)
            if len(conjugates) > 2:
                return None
    if len(conjugates) != 2:
        return None
    denominator = math.lcm(*(q for _, _, q in x.terms)) * 2
    z = x.to_complex() * denominator
    other = next(w for w in conjugates if abs(w - x.to_complex()) > 1e-7) * denominator
    trace, difference = (z + other).real, z - other
    square = difference * difference / 4
    b2 = round(square.real)
    if abs(square.real - b2) > 1e-5 * max(1, abs(b2)) or b2 == 0:
        return None
    b, d = 1, b2
    for f in range(2, math.isqrt(abs(b2)) + 1):
        while d % (f * f) == 0:
            d //= f * f
            b *= f
    sign = 1 if (difference.real if d > 0 else difference.imag) > 0 else -1
    a = round(trace / 2)
    g = math.gcd(a, b, denominator)
    out = (a // g, sign * b // g, d, denominator // g)
    return out if _agrees(x, *out) else None


def _agrees(x: Cyclotomic, a: int, b: int, d: int, c: int) -> bool:
    """Return whether (c x - a)^2 = b^2 d, decided in a prime field of more than 2^61 elements.

    That x is the root with the sign of b is then seen in floating point.
    """
    from toolkit.exact.residues import residue_field

    field = residue_field(x.conductor, 1 << 61)
    return ((c * field.map([x])[0] - a) ** 2 - b * b * d) % field.prime == 0


@lru_cache(maxsize=1 << 15)  # the tables of many groups have the same values
def certified_sign_of_difference(x: Cyclotomic, y: Cyclotomic, *, imaginary: bool = False) -> int:
    """Return the sign of Re(x) - Re(y) (or of the imaginary parts): 1, 0 or -1.

    Doubles decide when their error bound allows. Otherwise equality is decided by mapping
    x + conj(x) - y - conj(y) into a prime field of more than 2^61 elements (a false equality
    would have to vanish there), and the sign by raising the precision until it shows.
    """
    if x == y:
        return 0
    a, b = x.to_complex(), y.to_complex()
    difference = a.imag - b.imag if imaginary else a.real - b.real
    bound = 1e-14 * float(x.weight + y.weight + 1)
    if abs(difference) > bound:
        return 1 if difference > 0 else -1
    if _same_part(x, y, imaginary):
        return 0
    import mpmath

    for digits in (60, 300, 2000, 20_000):
        with mpmath.workdps(digits + 20):
            total = mpmath.mpf(0)
            for z, s in ((x, 1), (y, -1)):
                for e, p, q in z.terms:
                    turn = mpmath.mpf(2 * e) / z.conductor
                    part = mpmath.sinpi(turn) if imaginary else mpmath.cospi(turn)
                    total += s * mpmath.mpf(p) / q * part
            if abs(total) > mpmath.mpf(10) ** -digits * float(x.weight + y.weight + 1):
                return 1 if total > 0 else -1
    raise ArithmeticError(f"the order of {x} and {y} was not decided at 20,000 digits")


def _same_part(x: Cyclotomic, y: Cyclotomic, imaginary: bool) -> bool:
    """Whether real (imaginary) parts agree: decided in a large prime field."""
    from toolkit.exact.residues import residue_field

    field = residue_field(math.lcm(x.conductor, y.conductor), 1 << 61)
    sign = -1 if imaginary else 1
    a, b = field.map((x, y))
    c, d = field.map((x, y), galois=-1)
    return (a + sign * c - b - sign * d) % field.prime == 0


@dataclass(frozen=True, slots=True)
class order_key:  # noqa: N801 - used like a function, as functools.cmp_to_key is
    """Sort key for a vector of cyclotomics: larger real parts first, then larger imaginary parts.

    The order is total and exact (see :func:`certified_sign_of_difference`).
    """

    values: tuple[Cyclotomic, ...]

    def __lt__(self, other: order_key) -> bool:
        return _compare(self.values, other.values) < 0


def _compare(left: Iterable[Cyclotomic], right: Iterable[Cyclotomic]) -> int:
    for x, y in zip(left, right, strict=True):
        if x != y:
            for imaginary in (False, True):
                sign = certified_sign_of_difference(x, y, imaginary=imaginary)
                if sign:
                    return -sign
    return 0
