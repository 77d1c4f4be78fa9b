r"""Elementary functions of t > 0 in a normal form, in which equality is decided by theorems.

A function is a quotient of two sums; each term is a rational number times a product of rational
powers of *generators*:

* t; pi; i; and e^m for a monomial m in constants and t, so that sin t is (e^(it) - e^(-it))/2i;
* square roots of sums, logarithms, arctangents and error functions of them.

**When a sum is 0.** Group its terms by the generators that contain t. The coefficient of a group is
a constant. If the generators are independent as follows, the sum is 0 exactly if all coefficients
are:

* e^q, e^r, ... with differences of q, r, ... that are not constant are linearly independent over
  the algebraic functions (Ax 1971: a sum of q's with integer factors is constant only if it is 0);
* erf(u), for polynomials u of which no two squares differ by a constant, and at most one of all
  logarithms and arctangents: their derivatives lie in the field of the generators before, so by
  Ostrowski's theorem (1946) they are algebraically independent unless a combination of them with
  constant factors lies in that field; that of error functions does not (Liouville 1835), as
  c e^-u^2 has no antiderivative there; nor does the logarithm of a function that is no c e^q;
* at most one square root, of a polynomial without multiple roots, which is then no square in a
  purely transcendental extension of the rational functions.

A constant is 0 if its terms cancel, and not 0 if it is another rational number, or if its value in
float64 is more than 1e-9 of the sum of the sizes of its terms. In all other cases
:class:`UndecidedError` is raised, and what was to be decided must be measured.
"""

from __future__ import annotations

import cmath
import math
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

Monomial: TypeAlias = "tuple[tuple[str, Fraction], ...]"
Sum: TypeAlias = "dict[Monomial, Fraction]"

MOST_TERMS = 240
MOST_WORK = 20_000
_MOST_BITS = 1500
_CLOSE = 1e-9
_LARGEST_EXPONENT = 600.0
_ZERO, _ONE = Fraction(0), Fraction(1)


class UndecidedError(Exception):
    """The theorems at hand do not decide this, or it takes too long."""


class Generator(NamedTuple):
    """What a generator is.

    Parameters
    ----------
    kind
        ``"t"``, ``"pi"``, ``"i"``, ``"exp"``, ``"sqrt"``, ``"log"``, ``"atan"`` or ``"erf"``.
    argument
        The sum that the function is applied to; of ``"exp"`` one monomial with the factor 1.
    value
        Of a constant its value, otherwise ``None``.
    """

    kind: str
    argument: Sum
    value: complex | None


class Quotient(NamedTuple):
    """A function: the sum ``above`` divided by the sum ``below``."""

    above: Sum
    below: Sum


def number(value: Fraction | int) -> Sum:
    """Return a rational number as a sum."""
    return {(): Fraction(value)} if value else {}


def is_number(terms: Sum) -> bool:
    """Return whether a sum is a rational number."""
    return not terms or list(terms) == [()]


def text_of(terms: Sum) -> str:
    """Return a text that two sums share exactly if they have the same terms."""
    parts = []
    for monomial, c in terms.items():
        powers = "".join(f"*{g}^{e}" for g, e in monomial)
        parts.append(f"{powers}*{c}")
    return "(" + " + ".join(sorted(parts)) + ")"


def first_of(terms: Sum) -> Monomial:
    """Return the term that comes first in a fixed order."""
    return min(terms, key=lambda m: "".join(f"*{g}^{e}" for g, e in m))


class Field:
    """The generators met in one computation, and the arithmetic of sums and quotients in them."""

    def __init__(self) -> None:
        self.generators: dict[str, Generator] = {
            "t": Generator("t", {}, None),
            "pi": Generator("pi", {}, math.pi),
            "i": Generator("i", {}, 1j),
        }
        self.work = 0

    # sums -------------------------------------------------------------------------------------

    def add(self, a: Sum, b: Sum, factor: Fraction = _ONE) -> Sum:
        """Return a + factor b."""
        out = dict(a)
        for monomial, c in b.items():
            total = out.get(monomial, _ZERO) + factor * c
            if total:
                out[monomial] = total
            else:
                out.pop(monomial, None)
        return self._held(out)

    def times(self, a: Sum, b: Sum) -> Sum:
        """Return the product."""
        self.work += len(a) * len(b)
        if self.work > MOST_WORK:
            raise UndecidedError
        out: Sum = {}
        for m, c in a.items():
            for n, d in b.items():
                out = self._added(out, self._product(m, n), c * d)
        return self._held(out)

    def _added(self, out: Sum, more: Sum, factor: Fraction) -> Sum:
        for monomial, c in more.items():
            total = out.get(monomial, _ZERO) + factor * c
            if total:
                out[monomial] = total
            else:
                out.pop(monomial, None)
        return out

    def _held(self, terms: Sum) -> Sum:
        if len(terms) > MOST_TERMS:
            raise UndecidedError
        for c in terms.values():
            if max(c.numerator.bit_length(), c.denominator.bit_length()) > _MOST_BITS:
                raise UndecidedError
        return terms

    def whole_power(self, a: Sum, exponent: int) -> Sum:
        """Return a to a whole exponent, 0 or more."""
        out = number(1)
        for _ in range(exponent):
            out = self.times(out, a)
        return out

    def _product(self, m: Monomial, n: Monomial) -> Sum:
        """Return the product of two monomials, in which i^2 = -1 and squares of roots are gone."""
        powers = dict(m)
        for g, e in n:
            powers[g] = powers.get(g, _ZERO) + e
        return self._reduced(powers)

    def _reduced(self, powers: dict[str, Fraction]) -> Sum:
        factor = _ONE
        kept: dict[str, Fraction] = {}
        turns = 0  # powers of i
        extra: list[Sum] = []
        for g, e in powers.items():
            kind = self.generators[g].kind
            if not e:
                continue
            if kind == "i":
                turns += int(e)
            elif g == _HALF_TURN and (2 * e).denominator == 1:
                turns += int(2 * e)
            elif kind == "sqrt" and not 0 <= e < 2:
                twice, rest = divmod(e, 2)
                inside = self.generators[g].argument
                if is_number(inside):
                    factor *= inside[()] ** int(twice)
                elif twice > 0:
                    extra.append(self.whole_power(inside, int(twice)))
                else:
                    raise UndecidedError
                if rest:
                    kept[g] = rest
            elif kind == "sqrt" and e.denominator != 1:
                raise UndecidedError
            else:
                kept[g] = e
        turns %= 4
        if turns >= 2:
            factor = -factor
        if turns % 2:
            kept["i"] = _ONE
        out: Sum = {tuple(sorted(kept.items())): factor}
        for more in extra:
            out = self.times(out, more)
        return out

    # quotients ----------------------------------------------------------------------------------

    def quotient(self, above: Sum, below: Sum) -> Quotient:
        """Return the quotient, simplified where that is easy."""
        if not below:
            raise UndecidedError
        if not above:
            return Quotient({}, number(1))
        if len(below) == 1:
            ((monomial, c),) = below.items()
            if self._is_invertible(monomial):
                inverse: Sum = self._reduced({g: -e for g, e in monomial})
                scaled = {m: d / c for m, d in inverse.items()}
                return Quotient(self.times(above, scaled), number(1))
        content = self.content(below)
        if content:
            inverse = {tuple((g, -e) for g, e in content): _ONE}
            above, below = self.times(above, inverse), self.times(below, inverse)
        c = below[first_of(below)]
        above, below = (
            {m: d / c for m, d in above.items()},
            {m: d / c for m, d in below.items()},
        )
        if set(above) == set(below):
            ratio = above[first_of(below)]
            if all(above[m] == ratio * d for m, d in below.items()):
                return Quotient(number(ratio), number(1))
        return Quotient(self._held(above), self._held(below))

    def _is_invertible(self, monomial: Monomial) -> bool:
        return all(
            self.generators[g].kind != "sqrt" or is_number(self.generators[g].argument)
            for g, _ in monomial
        )

    def content(self, terms: Sum) -> Monomial:
        """Return the greatest product of powers of t and of real exponentials in all terms."""
        shared: dict[str, list[Fraction]] = {}
        for monomial in terms:
            for g, e in monomial:
                if g == "t" or self._is_real_exponential(g):
                    shared.setdefault(g, []).append(e)
        least = {
            g: min(es) if len(es) == len(terms) else min([*es, _ZERO]) for g, es in shared.items()
        }
        return tuple(sorted((g, e) for g, e in least.items() if e))

    def _is_real_exponential(self, g: str) -> bool:
        found = self.generators[g]
        return found.kind == "exp" and all(h != "i" for m in found.argument for h, _ in m)

    def plus(self, a: Quotient, b: Quotient, factor: int = 1) -> Quotient:
        """Return a + factor b."""
        sign = Fraction(factor)
        if a.below == b.below:
            return self.quotient(self.add(a.above, b.above, sign), a.below)
        left, right = self.times(a.above, b.below), self.times(b.above, a.below)
        return self.quotient(self.add(left, right, sign), self.times(a.below, b.below))

    def product(self, a: Quotient, b: Quotient) -> Quotient:
        """Return the product."""
        return self.quotient(self.times(a.above, b.above), self.times(a.below, b.below))

    def ratio(self, a: Quotient, b: Quotient) -> Quotient:
        """Return a / b."""
        return self.quotient(self.times(a.above, b.below), self.times(a.below, b.above))

    # functions ----------------------------------------------------------------------------------

    def is_constant(self, monomial: Monomial) -> bool:
        """Return whether t does not occur in a monomial."""
        return all(self.generators[g].value is not None for g, _ in monomial)

    def _function(self, kind: str, argument: Sum) -> Sum:
        """Return a generator, made if it is new, as a sum."""
        key = f"{kind}{text_of(argument)}"
        if key not in self.generators:
            value = None
            if all(self.is_constant(m) for m in argument):
                inner = self.value(argument)[0]
                try:
                    value = _VALUES[kind](inner)
                except (OverflowError, ValueError, TypeError):
                    raise UndecidedError from None
            self.generators[key] = Generator(kind, argument, value)
        return {((key, _ONE),): _ONE}

    def exponential(self, u: Quotient) -> Quotient:
        """Return e^u, for a sum u of monomials in constants and t, and of logarithms."""
        if not is_number(u.below):
            raise UndecidedError
        out = Quotient(number(1), number(1))
        for monomial, c in u.above.items():
            c = c / u.below[()]
            if len(monomial) == 1 and self.generators[monomial[0][0]].kind == "log":
                (g, e) = monomial[0]
                if e != 1 or c.denominator != 1 or abs(c) > 30:
                    raise UndecidedError
                inside = self.whole_power(self.generators[g].argument, abs(int(c)))
                whole = Quotient(inside, number(1))
                out = self.product(out, whole) if c > 0 else self.ratio(out, whole)
                continue
            if any(g != "t" and self.generators[g].value is None for g, _ in monomial):
                raise UndecidedError
            ((key, _),) = next(iter(self._function("exp", {monomial: _ONE})))
            out = self.product(out, Quotient(self._reduced({key: c}), number(1)))
        return out

    def logarithm(self, terms: Sum) -> Sum:
        """Return the logarithm of a positive sum, powers of t and of exponentials taken out."""
        content = self.content(terms)
        out: Sum = {}
        for g, e in content:
            own = self._function("log", {((g, _ONE),): _ONE}) if g == "t" else None
            out = self.add(out, self.generators[g].argument if own is None else own, e)
        rest = self.times(terms, {tuple((g, -e) for g, e in content): _ONE})
        c = rest[first_of(rest)]
        if c < 0:
            raise UndecidedError
        if c != 1:
            out = self.add(out, self._function("log", number(c)))
            rest = {m: d / c for m, d in rest.items()}
        return out if rest == number(1) else self.add(out, self._function("log", rest))

    def odd_function(self, kind: str, u: Quotient) -> Sum:
        """Return atan(u) or erf(u) of a sum u, with a positive first coefficient inside."""
        if not is_number(u.below):
            raise UndecidedError
        if not u.above:
            return {}
        inside = {m: c / u.below[()] for m, c in u.above.items()}
        if inside[first_of(inside)] > 0:
            return self._function(kind, inside)
        turned = self._function(kind, {m: -c for m, c in inside.items()})
        return {m: -c for m, c in turned.items()}

    def root(self, u: Quotient) -> Quotient:
        """Return the square root of a positive function."""
        if not is_number(u.below):
            top, low = (
                self.root(Quotient(u.above, number(1))),
                self.root(Quotient(u.below, number(1))),
            )
            return self.ratio(top, low)
        terms = {m: c / u.below[()] for m, c in u.above.items()}
        content = self.content(terms)
        rest = self.times(terms, {tuple((g, -e) for g, e in content): _ONE})
        out: Sum = {tuple((g, e / 2) for g, e in content): _ONE}
        c = rest[first_of(rest)]
        if c < 0:
            raise UndecidedError
        rest = {m: d / c for m, d in rest.items()}
        out = self.times(out, self._root_of_number(c))
        if rest != number(1):
            out = self.times(out, self._function("sqrt", rest))
        return Quotient(out, number(1))

    def _root_of_number(self, c: Fraction) -> Sum:
        inside = c.numerator * c.denominator
        outside = Fraction(1, c.denominator)
        for p in range(2, 100):
            while inside % (p * p) == 0:
                inside //= p * p
                outside *= p
        whole = math.isqrt(inside)
        if whole * whole == inside:
            return number(outside * whole)
        return dict.fromkeys(self._function("sqrt", number(inside)), outside)

    def power(self, u: Quotient, exponent: Fraction) -> Quotient:
        """Return u^exponent; u is positive if the exponent is not whole."""
        if exponent.denominator == 1:
            size = abs(int(exponent))
            out = Quotient(self.whole_power(u.above, size), self.whole_power(u.below, size))
            return self.quotient(*out) if exponent >= 0 else self.quotient(out.below, out.above)
        if exponent.denominator == 2:
            return self.power(self.root(u), exponent * 2)
        if is_number(u.below) and len(u.above) == 1:
            ((monomial, c),) = u.above.items()
            if c == u.below[()] and all(g == "t" for g, _ in monomial):
                raised: Sum = {tuple((g, e * exponent) for g, e in monomial): _ONE}
                return Quotient(raised, number(1))
        raise UndecidedError

    # constants ----------------------------------------------------------------------------------

    def value(self, terms: Sum) -> tuple[complex, float]:
        """Return the value of a constant in float64, and the sum of the sizes of its terms."""
        total, scale = 0j, 0.0
        try:
            for monomial, c in terms.items():
                own = complex(float(c))
                for g, e in monomial:
                    own *= self._power_of_constant(self.generators[g], e)
                total += own
                scale += abs(own)
        except (OverflowError, ZeroDivisionError):
            raise UndecidedError from None
        if not math.isfinite(scale):
            raise UndecidedError
        return total, scale

    def _power_of_constant(self, g: Generator, e: Fraction) -> complex:
        if g.value is None:
            raise UndecidedError
        if g.kind == "exp":
            inner = float(e) * self.value(g.argument)[0]
            if abs(inner) > _LARGEST_EXPONENT:
                raise UndecidedError  # float64 has too few digits of it
            return cmath.exp(inner)
        return g.value ** (int(e) if e.denominator == 1 else float(e))

    def is_zero_constant(self, terms: Sum) -> bool:
        """Return whether a constant is 0."""
        if is_number(terms):
            return not terms
        total, scale = self.value(terms)
        if abs(total) > _CLOSE * scale:
            return False
        raise UndecidedError

    def sign_of_constant(self, terms: Sum) -> int:
        """Return the sign of a real constant."""
        if self.is_zero_constant(terms):
            return 0
        if is_number(terms):
            return 1 if terms[()] > 0 else -1
        return 1 if self.value(terms)[0].real > 0 else -1


def _real(function: Callable[[float], float]) -> Callable[[complex], complex]:
    def of_real(z: complex) -> complex:
        if abs(z.imag) > 1e-12 * abs(z):
            raise ValueError
        return function(z.real)

    return of_real


_VALUES: dict[str, Callable[[complex], complex]] = {
    "exp": cmath.exp,
    "sqrt": _real(math.sqrt),
    "log": _real(math.log),
    "atan": _real(math.atan),
    "erf": _real(math.erf),
}
_HALF_TURN = "exp" + text_of({(("i", _ONE), ("pi", _ONE)): _ONE})
