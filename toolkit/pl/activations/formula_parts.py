"""The parity parts of a formula, exactly where theorems decide, and its kinks and affine pieces.

f(t) and f(-t), for t > 0, are elementary functions on cells
(:mod:`toolkit.pl.activations.formula_cells`); half their sum and half their difference are the
parts. A part is a polynomial exactly if it is one polynomial of the right parity on all cells.

**Values at isolated points do not count**: sign(x)^2 is the constant 1 here. What occurs in f(v)
is said of generic v, on an open dense set, where no coordinate that can change is at one of
finitely many points; so parts, kinks and pieces are those of f without such points. Only a
coordinate that is 0 for every v (in a part of the module that v does not meet) takes the value
f(0), which is always the formula's own.

Where a theorem is missing (:mod:`toolkit.pl.activations.elementary`) the parts are measured as
those of any other function.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from toolkit.errors import UnsupportedActivationError
from toolkit.pl.activations.elementary import (
    Field,
    Monomial,
    Quotient,
    Sum,
    UndecidedError,
    is_number,
    number,
)
from toolkit.pl.activations.formula import rational_value
from toolkit.pl.activations.formula_cells import Cell, cells_of
from toolkit.pl.activations.parity_parts import ParityPart
from toolkit.pl.activations.real_roots import Root, common_divisor, divided

if TYPE_CHECKING:
    from toolkit.pl.activations.formula import Node

_ONE = Fraction(1)
_HALF = Quotient(number(Fraction(1, 2)), number(1))
_MOST_GROUPS = 60
_JUMPING = ("sign", "heaviside", "where", "/")
_LARGEST_DEGREE = 60

#: A polynomial: sums of constants by degree.
Polynomial = dict[int, Sum]


class FormulaFacts(NamedTuple):
    """What is proved of a formula.

    Parameters
    ----------
    even, odd
        The parity parts, but for isolated points.
    kinks
        Where f is not analytic, but for isolated points; rising.
    pieces
        Slopes and intercepts between the kinks if f is affine between them, else ``None``.
    may_jump
        Whether f may jump at a kink, or have another value at an isolated point.
    """

    even: ParityPart
    odd: ParityPart
    kinks: tuple[float, ...]
    pieces: tuple[tuple[float, ...], tuple[float, ...]] | None
    may_jump: bool


class _Halves(NamedTuple):
    """f(t) and f(-t) on one cell, and the cases of the formula that hold."""

    cell: Cell
    up: Quotient
    down: Quotient
    cases: tuple[str, str]


def exact_facts(node: Node) -> FormulaFacts | None:
    """Return what theorems say of a formula; ``None`` if they do not decide.

    Examples
    --------
    >>> from toolkit.pl.activations.formula import read_formula
    >>> facts = exact_facts(read_formula("max(x, 0) + x^2/10"))
    >>> print(facts.even, "|", facts.odd, "|", facts.kinks)
    degree 2 + homogeneous of degree 1, not a polynomial | linear | (0.0,)
    >>> print(exact_facts(read_formula("x/(1 + exp(-x))")).odd)
    linear
    >>> exact_facts(read_formula("sin(sin(x))")) is None
    True
    >>> print(exact_facts(read_formula("sign(x)^2")).even)
    constant

    Raises
    ------
    UnsupportedActivationError
        If it is a polynomial of a degree above 60, or a kink is no float64 of its own.
    """
    field = Field()
    try:
        return _facts(node, field)
    except (UndecidedError, ArithmeticError):  # float64 does not hold a number on the way
        return None


def _facts(node: Node, field: Field) -> FormulaFacts:
    halves = _common_cells(cells_of(node, field, 1), cells_of(node, field, -1))
    jumps = _may_jump(node)
    parts = []
    for parity in (0, 1):
        own = [
            field.product(field.plus(h.up, h.down, 1 if parity == 0 else -1), _HALF) for h in halves
        ]
        parts.append(_part(field, parity, own))
    kinks, pieces = _pieces(field, halves)
    return FormulaFacts(parts[0], parts[1], kinks, pieces, jumps)


def _may_jump(node: Node) -> bool:
    """Return whether there is a step, a case, or a division (by what may be 0)."""
    if node.kind == "^":
        power = rational_value(node.args[1])
        if power is not None and power < 0:
            return True
    return node.kind in _JUMPING or any(map(_may_jump, node.args))


def _common_cells(
    up: list[tuple[Cell, Quotient, str]], down: list[tuple[Cell, Quotient, str]]
) -> list[_Halves]:
    """Return both on the common refinement of their cells."""
    ends: dict[str, Root] = {}
    for cell, _, _ in (*up, *down):
        if cell.high is not None:
            ends.setdefault(cell.high.key, cell.high)
    rising = sorted(ends.values(), key=lambda root: root.number)
    for a, b in pairwise(rising):
        both = a.exact is not None and b.exact is not None
        if not both and b.place - a.place <= 1e-9 * (1 + b.place):
            raise UndecidedError
    out = []
    for low, high in zip([None, *rising], [*rising, None], strict=True):
        cell = Cell(low, high)
        x = cell.middle
        own = [next(p for p in side if p[0].contains(x)) for side in (up, down)]
        out.append(_Halves(cell, own[0][1], own[1][1], (own[0][2], own[1][2])))
    return out


# -- parts -----------------------------------------------------------------------------------------


def _part(field: Field, parity: int, own: list[Quotient]) -> ParityPart:
    """Return a part that is given on cells."""
    polynomials = [as_polynomial(field, u) for u in own]
    first = polynomials[0]
    if len(own) > 1:
        same = [_equal(field, own[0], u) for u in own[1:]]
        if not all(same):
            # analytic on both sides of a point other than 0, and not the same: free
            return ParityPart.other("free")
    if first is None:
        return ParityPart.other("unknown")
    right = {d: c for d, c in first.items() if d % 2 == parity}
    wrong = [d for d in first if d % 2 != parity]
    values = {d: field.value(c)[0].real for d, c in first.items()}
    if not all(values.values()):
        raise UndecidedError  # not 0, but 0 in float64
    terms = ParityPart.polynomial({d: values[d] for d in right}).terms
    if not wrong:
        return ParityPart(terms)
    if len(wrong) == 1:
        return ParityPart(terms, "homogeneous", wrong[0])
    return ParityPart.other("unknown")


def as_polynomial(field: Field, u: Quotient) -> Polynomial | None:
    """Return the coefficients of a function that is a polynomial; ``None`` if it is none.

    Raises
    ------
    UndecidedError
        If that is not decided.
    """
    _require_independent(field, u)
    if all(map(field.is_constant, u.below)):
        return _as_sum_of_powers(field, u)
    # u = N/D is a polynomial p only if each group of N is p times that of D
    above, below = _groups(field, u.above), _groups(field, u.below)
    key = min(below, key=lambda k: (len(below[k]), k))
    n, d = above.get(key, {}), below[key]
    crossed = field.add(field.times(u.above, d), field.times(u.below, n), Fraction(-1))
    if not _is_zero(field, crossed):
        return None
    simple = field.quotient(n, d)
    if all(map(field.is_constant, simple.below)):
        return _as_sum_of_powers(field, simple)
    p, q = _rational_coefficients(simple.above), _rational_coefficients(simple.below)
    quotient, rest = divided(p, q)
    return None if any(rest) else {k: number(c) for k, c in enumerate(quotient) if c}


def _as_sum_of_powers(field: Field, u: Quotient) -> Polynomial | None:
    """Return the coefficients of N/D, D constant."""
    out: Polynomial = {}
    for key, terms in _groups(field, u.above, with_t=True).items():
        if field.is_zero_constant(terms):
            continue
        powers = dict(key)
        degree = powers.pop("t", Fraction(0))
        if powers or degree.denominator != 1 or degree < 0:
            return None
        if degree > _LARGEST_DEGREE:
            raise UnsupportedActivationError(
                f"a polynomial of degree {degree} is too steep: degrees go up to {_LARGEST_DEGREE}"
            )
        value = field.quotient(terms, u.below)
        if not is_number(value.below):
            number_, scale = field.value(value.above)
            low = field.value(value.below)[0]
            if abs(number_) <= 1e-9 * scale or not low:
                raise UndecidedError
            value = Quotient(number(Fraction((number_ / low).real)), number(1))
        out[int(degree)] = value.above
    return out


def _rational_coefficients(terms: Sum) -> list[Fraction]:
    out: dict[int, Fraction] = {}
    for monomial, c in terms.items():
        powers = dict(monomial)
        degree = powers.pop("t", Fraction(0))
        if powers or degree.denominator != 1 or not 0 <= degree <= _LARGEST_DEGREE:
            raise UndecidedError
        out[int(degree)] = c
    return [out.get(k, Fraction(0)) for k in range(max(out, default=0) + 1)]


def _equal(field: Field, a: Quotient, b: Quotient) -> bool:
    difference = field.add(
        field.times(a.above, b.below), field.times(b.above, a.below), Fraction(-1)
    )
    return _is_zero(field, difference)


# -- independence ----------------------------------------------------------------------------------


def _groups(field: Field, terms: Sum, *, with_t: bool = False) -> dict[Monomial, Sum]:
    """Return a sum by its generators that contain t (t itself among them if wanted)."""
    out: dict[Monomial, Sum] = {}
    for monomial, c in terms.items():
        head = tuple(
            p for p in monomial if field.generators[p[0]].value is None and (with_t or p[0] != "t")
        )
        rest = tuple(p for p in monomial if p not in head)
        out.setdefault(head, {})[rest] = c
    return out


def _is_zero(field: Field, terms: Sum) -> bool:
    """Return whether a sum is 0."""
    if not terms:
        return True
    _require_independent(field, Quotient(terms, number(1)))
    undecided = False
    for group in _groups(field, terms, with_t=True).values():
        try:
            if not field.is_zero_constant(group):
                return False
        except UndecidedError:
            undecided = True
    if undecided:
        raise UndecidedError
    return True


def _require_independent(field: Field, u: Quotient) -> None:
    """Raise unless the generators with t in them are independent by the theorems."""
    used = {g for terms in u for m in terms for g, _ in m if field.generators[g].value is None}
    by_kind: dict[str, list[Sum]] = {}
    for g in sorted(used):
        by_kind.setdefault(field.generators[g].kind, []).append(field.generators[g].argument)
    roots, errors = by_kind.get("sqrt", []), by_kind.get("erf", [])
    others = [("log", s) for s in by_kind.get("log", [])]
    others += [("atan", s) for s in by_kind.get("atan", [])]
    if len(roots) > 1 or len(others) > 1:
        raise UndecidedError
    for s in roots:
        p = _rational_coefficients(s)
        if len(p) < 2 or len(common_divisor(p, [c * k for k, c in enumerate(p)][1:])) > 1:
            raise UndecidedError
    for s in errors:
        _require_polynomial(field, s)
    squares = [field.times(s, s) for s in errors]
    for i, s in enumerate(squares):
        for other in squares[:i]:
            _require_changing(field, field.add(s, other, Fraction(-1)))
    for kind, s in others:
        if kind == "atan":
            _require_polynomial(field, s)
        else:
            _require_logarithm(field, s)
    _require_different_exponents(field, u)


def _require_polynomial(field: Field, terms: Sum) -> None:
    """Raise unless a sum is a real polynomial in t that is not constant."""
    for monomial in terms:
        for g, e in monomial:
            whole = g == "t" and e.denominator == 1 and e > 0
            if not whole and (field.generators[g].value is None or g == "i"):
                raise UndecidedError
    _require_changing(field, terms)


def _require_changing(field: Field, terms: Sum) -> None:
    """Raise unless some power of t has a factor that is not 0."""
    for key, group in _groups(field, terms, with_t=True).items():
        if key and not field.is_zero_constant(group):
            return
    raise UndecidedError


def _require_logarithm(field: Field, terms: Sum) -> None:
    """Raise unless the logarithm is that of t, or of two exponentials or powers at least."""
    kinds = {field.generators[g].kind for m in terms for g, _ in m}
    if kinds & {"log", "atan", "erf", "sqrt"}:
        raise UndecidedError
    groups = _groups(field, terms, with_t=True)
    if terms == {(("t", _ONE),): _ONE}:
        return
    certain = [key for key, group in groups.items() if not field.is_zero_constant(group)]
    if len(certain) < 2:
        raise UndecidedError
    _require_different_exponents(field, Quotient(terms, number(1)))


def _require_different_exponents(field: Field, u: Quotient) -> None:
    """Raise unless the exponentials in it differ by more than constants."""
    found: dict[Monomial, Sum] = {}
    for terms in u:
        for monomial in terms:
            head = tuple(
                (g, e)
                for g, e in monomial
                if field.generators[g].kind == "exp" and field.generators[g].value is None
            )
            if head not in found:
                total: Sum = {}
                for g, e in head:
                    total = field.add(total, field.generators[g].argument, e)
                found[head] = total
    if len(found) > _MOST_GROUPS:
        raise UndecidedError
    exponents = list(found.values())
    for i, q in enumerate(exponents):
        for r in exponents[:i]:
            _require_changing(field, field.add(q, r, Fraction(-1)))


# -- kinks and pieces ------------------------------------------------------------------------------


def _pieces(
    field: Field, halves: list[_Halves]
) -> tuple[tuple[float, ...], tuple[tuple[float, ...], tuple[float, ...]] | None]:
    """Return the kinks of f, and its affine pieces if it has no others."""
    kinks: list[float] = []
    lines: list[tuple[float, float] | None] = []

    def line(u: Quotient, sign: int) -> tuple[float, float] | None:
        p = as_polynomial(field, u)
        if p is None or any(d > 1 for d in p):
            return None
        slope, intercept = (field.value(p.get(d, {}))[0].real for d in (1, 0))
        return sign * slope + 0.0, intercept + 0.0

    for near, far in zip(halves[:0:-1], halves[-2::-1], strict=True):
        # from the left: the cell farther out first
        if not _equal(field, near.down, far.down):
            kinks.append(-_kink(near.cell))
            lines.append(line(near.down, -1))
    lines.append(line(halves[0].down, -1))
    if not _is_analytic_at_zero(field, halves[0]):
        kinks.append(0.0)
        lines.append(line(halves[0].up, 1))
    for near, far in pairwise(halves):
        if not _equal(field, near.up, far.up):
            kinks.append(_kink(far.cell))
            lines.append(line(far.up, 1))
    for a, b in pairwise(kinks):
        if a == b:
            raise UnsupportedActivationError(
                f"the formula has two kinks that are the same in float64, {a:g}: use numbers that "
                "float64 tells apart"
            )
    known = [own for own in lines if own is not None]
    if len(known) < len(lines):
        return tuple(kinks), None
    return tuple(kinks), (tuple(s for s, _ in known), tuple(c for _, c in known))


def _kink(cell: Cell) -> float:
    """Return the left end of a cell, which is not 0, in float64."""
    assert cell.low is not None
    if not 1e-300 <= cell.low.place <= 1e300:
        raise UnsupportedActivationError(
            "the formula has a kink beyond float64: a kink that is not 0 is between 1e-300 and "
            "1e300 in size"
        )
    return cell.low.place


def _is_analytic_at_zero(field: Field, h: _Halves) -> bool:
    turned = _reflected(field, h.up)
    if turned is not None:
        return _equal(field, turned, h.down)
    return h.cases[0] == h.cases[1]


def _reflected(field: Field, u: Quotient) -> Quotient | None:
    """Return u(-t), if whole powers and exponentials of them are all there is."""
    turned = []
    for terms in u:
        out: Sum = {}
        for monomial, c in terms.items():
            own = number(c)
            for g, e in monomial:
                degree = _odd_degree(field, g, e)
                if degree is None:
                    return None
                if g == "t":
                    own = {m: -d for m, d in own.items()} if degree % 2 else own
                    own = field.times(own, {((g, e),): _ONE})
                else:
                    own = field.times(own, {((g, -e if degree % 2 else e),): _ONE})
            out = field.add(out, own)
        turned.append(out)
    return field.quotient(turned[0], turned[1])


def _odd_degree(field: Field, g: str, e: Fraction) -> int | None:
    """Return the degree in t of t^e, or of the exponent of g; ``None`` for other functions."""
    found = field.generators[g]
    if found.value is not None:
        return 0
    powers = {"t": e} if g == "t" else {}
    if found.kind == "exp":
        (monomial,) = found.argument
        powers = {h: k for h, k in monomial if h == "t"}
    degree = powers.get("t")
    return int(degree) if degree is not None and degree.denominator == 1 else None
