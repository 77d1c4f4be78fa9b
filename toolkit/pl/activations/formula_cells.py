"""A formula on t > 0 as elementary functions on cells between its kinks."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from itertools import pairwise
from typing import NamedTuple

from toolkit.pl.activations.elementary import (
    Field,
    Quotient,
    Sum,
    UndecidedError,
    first_of,
    is_number,
    number,
    text_of,
)
from toolkit.pl.activations.formula import Node, rational_value
from toolkit.pl.activations.real_roots import Root, positive_roots

_ONE = Fraction(1)
_MOST_CELLS = 24
_TOGETHER = 1e-9
_APART = 1e-5
_SIGN_OF_ARGUMENT = ("tanh", "erf", "atan", "sinh", "expm1", "gelu", "silu", "log1p", "sign")
_POSITIVE = ("exp", "cosh", "sigmoid", "softplus")


class Cell(NamedTuple):
    """An open interval of t > 0; ``None`` for 0 and for infinity."""

    low: Root | None
    high: Root | None

    @property
    def middle(self) -> Fraction:
        """A number inside, exactly: next to a large end no double may be."""
        low = Fraction(0) if self.low is None else self.low.number
        return 2 * low + 1 if self.high is None else (low + self.high.number) / 2

    def contains(self, x: Fraction) -> bool:
        """Return whether a number is inside."""
        above = self.low is None or self.low.number < x
        return above and (self.high is None or x < self.high.number)


class _SplitError(Exception):
    """The cell has to be cut first."""

    def __init__(self, roots: list[Root]) -> None:
        self.roots = roots


def cells_of(node: Node, field: Field, sign: int) -> list[tuple[Cell, Quotient, str]]:
    """Return f(sign t) for t > 0 on cells, from the left.

    Parameters
    ----------
    node
        The tree of f.
    field
        Where generators are kept.
    sign
        1 or -1.

    Returns
    -------
    list of tuple
        Each cell, f there, and a text that two cells share if the same cases of the formula hold.

    Raises
    ------
    UndecidedError
        If it is not known where a case of the formula holds.
    """
    variable = Quotient({(("t", _ONE),): Fraction(sign)}, number(1))
    waiting = [Cell(None, None)]
    out = []
    while waiting:
        cell = waiting.pop()
        try:
            walk = _Walk(field, variable, cell)
            out.append((cell, walk.at(node), walk.cases))
        except _SplitError as split:
            ends = [cell.low, *split.roots, cell.high]
            waiting += [Cell(a, b) for a, b in pairwise(ends)][::-1]
        if len(out) + len(waiting) > _MOST_CELLS:
            raise UndecidedError
    return out


class _Walk:
    """The walk through a tree on one cell."""

    def __init__(self, field: Field, variable: Quotient, cell: Cell) -> None:
        self.field, self.variable, self.cell = field, variable, cell
        self.cases = ""

    def at(self, node: Node) -> Quotient:
        """Return the function of a tree."""
        kind, field = node.kind, self.field
        if kind == "x":
            return self.variable
        if kind == "number":
            return _constant(Fraction(node.value))
        if kind == "constant":
            if node.value == "e":
                return field.exponential(_constant(1))
            return Quotient({(("pi", _ONE),): _ONE}, number(1))
        if kind in ("+", "-"):
            return field.plus(
                self.at(node.args[0]), self.at(node.args[1]), 1 if kind == "+" else -1
            )
        if kind == "*":
            return field.product(self.at(node.args[0]), self.at(node.args[1]))
        if kind == "/":
            return field.ratio(self.at(node.args[0]), self.at(node.args[1]))
        if kind == "neg":
            return _negative(self.at(node.args[0]))
        if kind == "^":
            return self._power(node)
        if kind == "where":
            return self.at(self._case(node))
        if kind in ("max", "min", "clip"):
            return self.at(self._chosen(node))
        return self._function(kind, node.args[0])

    def _power(self, node: Node) -> Quotient:
        base, exponent = node.args
        if exponent.has_variable:
            if base.kind == "constant" and base.value == "e":
                return self.field.exponential(self.at(exponent))
            size = Quotient(self.field.logarithm(self.at(base).above), number(1))
            value = rational_value(base)
            if value is not None:
                low = self.field.logarithm(number(value.denominator))
                top = self.field.logarithm(number(value.numerator))
                size = Quotient(self.field.add(top, low, Fraction(-1)), number(1))
            return self.field.exponential(self.field.product(size, self.at(exponent)))
        power = rational_value(exponent)
        if power is None:
            raise UndecidedError
        if power.denominator != 1:
            sign = self.sign_of(base)
            if sign == 0 and power > 0:
                return _constant(0)
            if sign <= 0:
                raise UndecidedError
        return self.field.power(self.at(base), power)

    def _case(self, node: Node) -> Node:
        left, right, yes, no = node.args
        sign = self.sign_of(Node("-", (left, right)))
        holds = {">": sign > 0, ">=": sign >= 0, "<": sign < 0, "<=": sign <= 0}[node.value]
        return yes if holds else no

    def _chosen(self, node: Node) -> Node:
        """Return the argument of max, min or clip that is the value on the cell."""
        if node.kind == "clip":
            u, low, high = node.args
            return self._extreme(self._extreme(u, low, 1), high, -1)
        sign = 1 if node.kind == "max" else -1
        return reduce(lambda a, b: self._extreme(a, b, sign), node.args)

    def _extreme(self, a: Node, b: Node, sign: int) -> Node:
        return a if self.sign_of(Node("-", (a, b))) * sign >= 0 else b

    def _function(self, kind: str, node: Node) -> Quotient:
        field = self.field
        if kind in ("sign", "heaviside"):
            sign = self.sign_of(node)
            return _constant(sign if kind == "sign" else Fraction(sign + 1, 2))
        if kind in ("abs", "relu"):
            sign = self.sign_of(node)
            if sign >= 0:
                return self.at(node)
            return _negative(self.at(node)) if kind == "abs" else _constant(0)
        u = self.at(node)
        if kind == "sqrt":
            sign = self.sign_of(node)
            if sign < 0:
                raise UndecidedError
            return field.root(u) if sign else _constant(0)
        if kind in ("log", "log1p"):
            if kind == "log1p":
                u = field.plus(u, _constant(1))
            return self._logarithm(u)
        if kind in ("atan", "erf"):
            return Quotient(field.odd_function(kind, u), number(1))
        return self._of_exponentials(kind, u)

    def _logarithm(self, u: Quotient) -> Quotient:
        signs = [self._sign(Quotient(terms, number(1))) for terms in u]
        if 0 in signs or signs[0] != signs[1]:
            raise UndecidedError
        top, low = ({m: c * signs[0] for m, c in terms.items()} for terms in u)
        field = self.field
        return Quotient(
            field.add(field.logarithm(top), field.logarithm(low), Fraction(-1)), number(1)
        )

    def _of_exponentials(self, kind: str, u: Quotient) -> Quotient:
        field = self.field
        one = _constant(1)
        if kind in ("sin", "cos"):
            turned = field.product(u, Quotient({(("i", _ONE),): _ONE}, number(1)))
            up = field.exponential(turned)
            down = field.exponential(_negative(turned))
            if kind == "cos":
                return field.product(field.plus(up, down), _constant(Fraction(1, 2)))
            half = Quotient({(("i", _ONE),): Fraction(-1, 2)}, number(1))
            return field.product(field.plus(up, down, -1), half)
        if kind == "gelu":
            root = field.root(_constant(2))
            error = Quotient(field.odd_function("erf", field.ratio(u, root)), number(1))
            return field.product(
                field.product(u, _constant(Fraction(1, 2))), field.plus(error, one)
            )
        up = field.exponential(u)
        if kind == "exp":
            return up
        if kind == "expm1":
            return field.plus(up, one, -1)
        if kind in ("sigmoid", "silu"):
            out = field.ratio(up, field.plus(up, one))
            return out if kind == "sigmoid" else field.product(u, out)
        if kind == "softplus":
            return self._logarithm(field.plus(up, one))
        if kind == "tanh":
            square = field.product(up, up)
            return field.ratio(field.plus(square, one, -1), field.plus(square, one))
        down = field.ratio(one, up)
        both = field.plus(up, down, 1 if kind == "cosh" else -1)
        return field.product(both, _constant(Fraction(1, 2)))

    # signs --------------------------------------------------------------------------------------

    def sign_of(self, node: Node) -> int:
        """Return the sign of a tree on the cell, by the signs below it where they give it."""
        out = self._sign_of(node)
        self.cases += "-0+"[out + 1]
        return out

    def _sign_of(self, node: Node) -> int:
        kind, args = node.kind, node.args
        if kind == "neg":
            return -self._sign_of(args[0])
        if kind in ("*", "/"):
            left, right = map(self._sign_of, args)
            if kind == "/" and right == 0:
                raise UndecidedError
            return left * right
        if kind == "^":
            return self._sign_of_power(node)
        if kind in _SIGN_OF_ARGUMENT:
            return self._sign_of(args[0])
        if kind in _POSITIVE:
            return 1
        if kind in ("relu", "sqrt", "heaviside"):
            own = self._sign_of(args[0])
            return max(own, 0) if kind != "heaviside" else int(own >= 0)
        if kind == "abs":
            return abs(self._sign_of(args[0]))
        if kind == "max":
            return max(map(self._sign_of, args))
        if kind == "min":
            return min(map(self._sign_of, args))
        if kind == "clip":
            u, low, high = map(self._sign_of, args)
            return min(max(u, low), high)
        if kind == "-":
            return self._sign_of_difference(node)
        if kind == "where":
            return self._sign_of(self._case(node))
        return self._sign(self.at(node))

    def _sign_of_difference(self, node: Node) -> int:
        left, right = node.args
        values = rational_value(left), rational_value(right)
        if values[1] == 0:
            return self._sign_of(left)
        if values[0] == 0:
            return -self._sign_of(right)
        if left.kind == "exp" and values[1] == 1:
            return self._sign_of(left.args[0])
        if right.kind == "exp" and values[0] == 1:
            return -self._sign_of(right.args[0])
        return self._sign(self.at(node))

    def _sign_of_power(self, node: Node) -> int:
        base, exponent = node.args
        if exponent.has_variable:
            return 1
        power = rational_value(exponent)
        sign = self._sign_of(base)
        if power is None or (sign < 0 and power.denominator != 1):
            raise UndecidedError
        if power < 0 and sign == 0:
            raise UndecidedError
        if power == 0:
            return 1
        return sign if power.numerator % 2 or sign >= 0 else 1

    def _sign(self, u: Quotient) -> int:
        sign = self._sign_of_sum(u.above)
        if sign and not is_number(u.below):
            sign *= self._sign_of_sum(u.below)
        self.cases += "-0+"[sign + 1]
        return sign

    def _sign_of_sum(self, terms: Sum) -> int:
        field = self.field
        if not terms:
            return 0
        if all(map(field.is_constant, terms)):
            return field.sign_of_constant(terms)
        content = field.content(terms)
        rest = field.times(terms, {tuple((g, -e) for g, e in content): _ONE})
        if all(map(field.is_constant, rest)):
            return field.sign_of_constant(rest)
        signs = {self._sign_of_term(m, c) for m, c in rest.items()}
        if len(signs) == 1 and None not in signs:
            return signs.pop() or 0
        return self._sign_of_polynomial(rest)

    def _sign_of_term(self, monomial: tuple[tuple[str, Fraction], ...], c: Fraction) -> int | None:
        """Return the sign of a term that is a number times what is positive; else ``None``."""
        for g, _ in monomial:
            found = self.field.generators[g]
            real = found.kind == "exp" and all(h != "i" for m in found.argument for h, _ in m)
            if found.kind not in ("t", "pi", "sqrt") and not real:
                return None
        return 1 if c > 0 else -1

    def _sign_of_polynomial(self, terms: Sum) -> int:
        field = self.field
        by_degree: dict[int, Sum] = {}
        for monomial, c in terms.items():
            powers = dict(monomial)
            degree = powers.pop("t", Fraction(0))
            rest = tuple(sorted(powers.items()))
            if degree.denominator != 1 or not field.is_constant(rest):
                raise UndecidedError
            by_degree.setdefault(int(degree), {})[rest] = c
        if max(by_degree) > 40:
            raise UndecidedError
        rational = all(map(is_number, by_degree.values()))
        values = [
            self._coefficient(by_degree.get(d, {}), rational) for d in range(max(by_degree) + 1)
        ]
        try:
            roots = positive_roots(values)
        except OverflowError:
            raise UndecidedError from None
        if not rational:
            key = _key(terms)
            roots = [Root(r.place, None, f"{key}#{i}") for i, r in enumerate(roots)]
            for a, b in pairwise(roots):
                if b.place - a.place < _APART * (1 + b.place):
                    raise UndecidedError  # perhaps one double root
        inside = [r for r in roots if self._is_inside(r)]
        if inside:
            raise _SplitError(inside)
        x = self.cell.middle
        total = sum((c * x**k for k, c in enumerate(values)), Fraction(0))
        return (total > 0) - (total < 0)

    def _coefficient(self, terms: Sum, rational: bool) -> Fraction:
        if rational:
            return terms.get((), Fraction(0))
        if self.field.is_zero_constant(terms):
            return Fraction(0)
        return Fraction(self.field.value(terms)[0].real)

    def _is_inside(self, root: Root) -> bool:
        for end, side in ((self.cell.low, 1), (self.cell.high, -1)):
            if end is None:
                continue
            if end.key == root.key:
                return False
            if end.exact is not None and root.exact is not None:
                if (root.exact - end.exact) * side < 0:
                    return False
            elif abs(root.place - end.place) <= _TOGETHER * (1 + end.place):
                raise UndecidedError
            elif (root.place - end.place) * side < 0:
                return False
        return True


def _constant(value: Fraction | int) -> Quotient:
    return Quotient(number(value), number(1))


def _negative(u: Quotient) -> Quotient:
    return Quotient({m: -c for m, c in u.above.items()}, u.below)


def _key(terms: Sum) -> str:
    c = terms[first_of(terms)]
    return text_of({m: d / c for m, d in terms.items()})
