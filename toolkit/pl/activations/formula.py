"""Formulas in one variable: a small language, read into a tree and never evaluated as code.

==============  ==================================================================================
numbers         ``2``, ``0.5``, ``.5``, ``1e-3``, ``pi``, ``e``
the variable    ``x``, or ``t``, which means the same
operations      ``+``, ``-``, ``*``, ``/``, ``^`` or ``**``; ``2x``, ``x sin(x)`` and
                ``(x+1)(x-1)`` are products, which bind as ``*`` does
brackets        ``( )``; ``|x|`` is ``abs(x)``
functions       those of :data:`FUNCTIONS`
cases           ``where(x > 0, a, b)``, with one of ``<``, ``<=``, ``>``, ``>=``
==============  ==================================================================================

``-x^2`` is ``-(x^2)``, and ``2^3^2`` is ``2^9``. The exponent or the base of a power is a constant.
A formula has at most 300 characters, 160 nodes and a depth of 30.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, NoReturn

from toolkit.errors import UnsupportedActivationError

MOST_CHARACTERS = 300
MOST_NODES = 160
DEEPEST = 30
_LARGEST_EXPONENT = 30
_DIGITS = 40

#: The functions, each with the least and the greatest number of arguments.
FUNCTIONS: dict[str, tuple[int, int]] = {
    "abs": (1, 1),
    "relu": (1, 1),
    "max": (2, 8),
    "min": (2, 8),
    "clip": (3, 3),
    "sign": (1, 1),
    "heaviside": (1, 1),
    "exp": (1, 1),
    "expm1": (1, 1),
    "log": (1, 1),
    "log1p": (1, 1),
    "sqrt": (1, 1),
    "sin": (1, 1),
    "cos": (1, 1),
    "atan": (1, 1),
    "sinh": (1, 1),
    "cosh": (1, 1),
    "tanh": (1, 1),
    "sigmoid": (1, 1),
    "softplus": (1, 1),
    "silu": (1, 1),
    "gelu": (1, 1),
    "erf": (1, 1),
}
#: Other names of functions.
SAME: dict[str, str] = {
    "ln": "log",
    "step": "heaviside",
    "sgn": "sign",
    "arctan": "atan",
    "swish": "silu",
    "clamp": "clip",
}
_COMPARISONS = ("<", "<=", ">", ">=")
_SIGNS = {"−": "-", "·": "*", "×": "*", "÷": "/", "π": " pi ", "≤": "<=", "≥": ">="}
_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)"
    r"|(?P<word>[a-z][a-z0-9_]*)"
    r"|(?P<sign>\*\*|<=|>=|[-+*/^(),|<>])"
)


class Node(NamedTuple):
    """A node of a formula's tree.

    Parameters
    ----------
    kind
        ``"number"``, ``"constant"``, ``"x"``, ``"neg"``, ``"+"``, ``"-"``, ``"*"``, ``"/"``,
        ``"^"``, ``"where"``, or a key of :data:`FUNCTIONS`.
    args
        The nodes below; of ``"where"`` the two sides of the comparison, then the two cases.
    value
        Of a number its digits in plain decimals, of a constant ``"pi"`` or ``"e"``, of ``"where"``
        the comparison; otherwise empty.
    """

    kind: str
    args: tuple[Node, ...] = ()
    value: str = ""

    @property
    def has_variable(self) -> bool:
        """Whether x occurs in it."""
        return self.kind == "x" or any(arg.has_variable for arg in self.args)


class _Token(NamedTuple):
    kind: str
    text: str
    place: int


def read_formula(text: str) -> Node:
    """Return the tree of a formula.

    Parameters
    ----------
    text
        In the language of this module; capital letters are read as small ones.

    Raises
    ------
    UnsupportedActivationError
        If it is no formula, x does not occur, or it is too long or too deep; the sentence names
        the character, counted from 1.

    Examples
    --------
    >>> formula_text(read_formula("max(t,0)+t**2/10"))
    'max(x, 0) + x^2/10'
    >>> read_formula("sin x")
    Traceback (most recent call last):
        ...
    toolkit.errors.UnsupportedActivationError: no formula: at character 5, sin needs its argument
    in brackets, as in sin(x)
    """
    if len(text) > MOST_CHARACTERS:
        raise UnsupportedActivationError(
            f"a formula has at most {MOST_CHARACTERS} characters, found {len(text)}"
        )
    tree = _Parser(text).read()
    if not tree.has_variable:
        raise UnsupportedActivationError(
            "no formula: the variable x does not occur in it; a constant is written "
            "polynomial(3), for example"
        )
    return tree


def rational_value(node: Node) -> Fraction | None:
    """Return the number that a tree of digits and operations is; ``None`` if it is none.

    Parameters
    ----------
    node
        The tree. pi, e, functions, division by 0 and numbers of more than 400 bits give ``None``.

    Examples
    --------
    >>> rational_value(read_formula("x^(1/2)").args[1]), rational_value(Node("x"))
    (Fraction(1, 2), None)
    """
    if node.kind == "number":
        return Fraction(node.value)
    if not node.args or node.kind not in _STRENGTH:
        return None
    below = [rational_value(arg) for arg in node.args]
    known = [v for v in below if v is not None]
    if len(known) < len(below):
        return None
    out = _combined(node.kind, known)
    small = out is not None and max(out.numerator.bit_length(), out.denominator.bit_length()) <= 400
    return out if small else None


def _combined(kind: str, known: list[Fraction]) -> Fraction | None:
    a, b = known[0], known[-1]
    if kind == "neg":
        return -a
    if kind == "+":
        return a + b
    if kind == "-":
        return a - b
    if kind == "*":
        return a * b
    if kind == "/":
        return a / b if b else None
    held = b.denominator == 1 and abs(b) <= _LARGEST_EXPONENT and (a != 0 or b >= 0)
    return Fraction(a ** int(b)) if held else None


# -- reading ---------------------------------------------------------------------------------------


class _Parser:
    """Recursive descent; bars are brackets, so a bar closes where an operation could follow."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._end = len(text) + 1
        self._next = 0
        self._nodes = 0
        self._depth = 0

    def read(self) -> Node:
        if not self._tokens:
            raise UnsupportedActivationError("no formula: it is empty")
        tree = self._sum(in_bars=False)
        if self._peek():
            self._wrong("an operation such as + or *")
        return tree

    # tokens

    def _peek(self) -> str:
        return self._tokens[self._next].text if self._next < len(self._tokens) else ""

    def _kind(self) -> str:
        return self._tokens[self._next].kind if self._next < len(self._tokens) else ""

    def _take(self) -> str:
        self._next += 1
        return self._tokens[self._next - 1].text

    def _expect(self, text: str) -> None:
        if self._peek() != text:
            self._wrong(f'"{text}"')
        self._next += 1

    def _wrong(self, expected: str) -> NoReturn:
        if not self._peek() and expected.startswith("a number"):
            self._fail(f"it is incomplete: expected {expected}, found the end")
        found = f'"{self._peek()}"' if self._peek() else "the end"
        self._fail(f"expected {expected}, found {found}")

    def _fail(self, words: str) -> NoReturn:
        place = self._tokens[self._next].place if self._next < len(self._tokens) else self._end
        raise UnsupportedActivationError(f"no formula: at character {place}, {words}")

    def _node(self, kind: str, args: tuple[Node, ...] = (), value: str = "") -> Node:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self._fail(f"it has more than {MOST_NODES} numbers, variables and operations")
        return Node(kind, args, value)

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            self._fail(f"it is more than {DEEPEST} brackets and signs deep")

    # grammar

    def _sum(self, in_bars: bool) -> Node:
        self._deeper()
        out = self._product(in_bars)
        while self._peek() in ("+", "-"):
            out = self._node(self._take(), (out, self._product(in_bars)))
        self._depth -= 1
        return out

    def _product(self, in_bars: bool) -> Node:
        out = self._signed(in_bars)
        while True:
            sign = self._peek()
            if sign in ("*", "/"):
                out = self._node(self._take(), (out, self._signed(in_bars)))
            elif self._kind() == "word" or sign == "(" or (sign == "|" and not in_bars):
                out = self._node("*", (out, self._power(in_bars)))
            else:
                return out

    def _signed(self, in_bars: bool) -> Node:
        if self._peek() not in ("+", "-"):
            return self._power(in_bars)
        sign = self._take()
        self._deeper()
        inner = self._signed(in_bars)
        self._depth -= 1
        return inner if sign == "+" else self._node("neg", (inner,))

    def _power(self, in_bars: bool) -> Node:
        base = self._atom()
        if self._peek() not in ("^", "**"):
            return base
        self._take()
        start = self._next
        self._deeper()
        exponent = self._signed(in_bars)
        self._depth -= 1
        after, self._next = self._next, start
        self._require_power(base, exponent)
        self._next = after
        return self._node("^", (base, exponent))

    def _require_power(self, base: Node, exponent: Node) -> None:
        if exponent.has_variable:
            number = rational_value(base)
            known = base.kind == "constant" or (number is not None and number > 0)
            if not known:
                self._fail("an exponent with x needs a positive number, pi or e below it")
            return
        number = rational_value(exponent)
        if number is None or not -_LARGEST_EXPONENT <= number <= _LARGEST_EXPONENT:
            self._fail(
                f"an exponent is a number from {-_LARGEST_EXPONENT} to {_LARGEST_EXPONENT}, "
                "without pi or e"
            )

    def _atom(self) -> Node:
        kind, text = self._kind(), self._peek()
        if kind == "number":
            number = self._number(text)
            self._next += 1
            return number
        if text == "(":
            self._next += 1
            out = self._sum(in_bars=False)
            self._expect(")")
            return out
        if text == "|":
            self._next += 1
            out = self._sum(in_bars=True)
            self._expect("|")
            return self._node("abs", (out,))
        if kind != "word":
            self._wrong("a number, x or a function")
        return self._word(text)

    def _number(self, text: str) -> Node:
        value = Decimal(text) if len(text) <= _DIGITS else None
        if value is None or not (value == 0 or Decimal("1e-30") <= value <= Decimal("1e30")):
            self._fail(f"a number has at most {_DIGITS} digits and is 0 or between 1e-30 and 1e30")
        plain = format(value, "f")
        whole, _, rest = plain.partition(".")
        whole, rest = whole.lstrip("0") or "0", rest.rstrip("0")
        return self._node("number", (), f"{whole}.{rest}" if rest else whole)

    def _word(self, word: str) -> Node:
        if word in ("x", "t"):
            self._next += 1
            return self._node("x")
        if word in ("pi", "e"):
            self._next += 1
            return self._node("constant", (), word)
        name = SAME.get(word, word)
        if name not in FUNCTIONS and name != "where":
            if len(word) == 1:
                self._fail(f'"{word}" has no meaning here: the only variable is x, or t')
            self._fail(
                f'"{word[:20]}" is no function here: use {", ".join(FUNCTIONS)} or where(x>0, a, b)'
            )
        self._next += 1
        if self._peek() != "(":
            self._fail(f"{word} needs its argument in brackets, as in {word}(x)")
        self._next += 1
        if name == "where":
            return self._where()
        args = [self._sum(in_bars=False)]
        while self._peek() == ",":
            self._next += 1
            args.append(self._sum(in_bars=False))
        if self._peek() != ")":
            self._wrong('")"')
        least, greatest = FUNCTIONS[name]
        if not least <= len(args) <= greatest:
            takes = f"{least}" if least == greatest else f"{least} to {greatest}"
            self._fail(f"{word} takes {takes} argument{'s' * (takes != '1')}, found {len(args)}")
        self._expect(")")
        return self._node(name, tuple(args))

    def _where(self) -> Node:
        left = self._sum(in_bars=False)
        if self._peek() not in _COMPARISONS:
            self._wrong("one of <, <=, >, >=")
        comparison = self._take()
        args = [left, self._sum(in_bars=False)]
        for _ in range(2):
            self._expect(",")
            args.append(self._sum(in_bars=False))
        self._expect(")")
        return self._node("where", tuple(args), comparison)


def _tokens(text: str) -> list[_Token]:
    """Return the tokens with their places, counted from 1."""
    out = []
    at = 0
    while at < len(text):
        sign = text[at]
        if sign in " \t":
            at += 1
            continue
        if sign in _SIGNS:
            plain = _SIGNS[sign].strip()
            out.append(_Token("word" if plain == "pi" else "sign", plain, at + 1))
            at += 1
            continue
        found = _TOKEN.match(_lower(text), at)
        if found is None:
            shown = sign if sign.isprintable() else f"U+{ord(sign):04X}"
            raise UnsupportedActivationError(
                f'no formula: at character {at + 1}, "{shown}" has no meaning here'
            )
        out.append(_Token(found.lastgroup or "", found.group(), at + 1))
        at = found.end()
    return out


def _lower(text: str) -> str:
    """Return the text with A to Z as small letters, and nothing else changed."""
    return re.sub("[A-Z]", lambda found: found.group().lower(), text)


# -- writing ---------------------------------------------------------------------------------------

_SUM, _PRODUCT, _NEGATIVE, _POWER, _ATOM = range(1, 6)
_STRENGTH = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "neg": _NEGATIVE, "^": _POWER}


def formula_text(node: Node) -> str:
    """Return a formula in its one normal spelling; reading that gives the same tree.

    Examples
    --------
    >>> formula_text(read_formula("-(2x)**2 - .50|x - 1|"))
    '-(2*x)^2 - 0.5*abs(x - 1)'
    """
    kind, args = node.kind, node.args
    if kind in ("number", "constant"):
        return node.value
    if kind == "x":
        return "x"
    if kind == "neg":
        return "-" + _bracketed(args[0], _POWER)
    if kind == "^":
        return f"{_bracketed(args[0], _ATOM)}^{_bracketed(args[1], _ATOM)}"
    if kind in _STRENGTH:
        own = _STRENGTH[kind]
        left = _bracketed(args[0], own)
        # a sign after an operation is put into brackets
        right = _bracketed(args[1], _POWER if args[1].kind == "neg" else own + 1)
        return f"{left} {kind} {right}" if own == _SUM else f"{left}{kind}{right}"
    inside = [formula_text(arg) for arg in args]
    if kind == "where":
        return f"where({inside[0]} {node.value} {inside[1]}, {inside[2]}, {inside[3]})"
    return f"{kind}({', '.join(inside)})"


def _bracketed(node: Node, least: int) -> str:
    """Return the text, in brackets if it binds less strongly than required."""
    text = formula_text(node)
    return text if _STRENGTH.get(node.kind, _ATOM) >= least else f"({text})"
