"""The filter language of ``find``: texts such as ``order <= 60 and not abelian``, parsed to a tree.

::

    condition  = conjunction {"or" conjunction}
    conjunction = negation {"and" negation}
    negation   = "not" negation | comparison
    comparison = sum [ (== | = | != | <> | < | <= | > | >=) sum ... ]
               | sum ["not"] "in" ( "(" value {"," value} ")" | list column )
               | sum ["not"] "between" sum "and" sum
               | sum ["not"] ("like" | "glob") text
               | sum "is" ["not"] "null"
    sum        = product {("+" | "-") product};   product = factor {("*" | "%") factor}
    factor     = "-" factor | number | text | true | false | column | "(" condition ")"
    column     = NAME | "groups" "." NAME

Comparisons may be chained (``4 < order <= 60``). Nothing of the text reaches SQL: names are looked
up, values travel apart (:mod:`toolkit.catalog.query.find`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NoReturn

from toolkit.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Between",
    "Binary",
    "Chain",
    "Expression",
    "InList",
    "InSet",
    "IsNull",
    "Matches",
    "Name",
    "Negative",
    "Not",
    "Token",
    "Value",
    "names_in_order",
    "parse_condition",
    "tokens",
]

LONGEST_CONDITION = 10_000
DEEPEST_CONDITION = 60
MOST_JOINED = 200

TokenKind = Literal["number", "text", "name", "word", "sign", "end"]
WORDS = frozenset(
    [
        "and",
        "or",
        "not",
        "in",
        "between",
        "like",
        "glob",
        "is",
        "null",
        "true",
        "false",
        "asc",
        "desc",
    ]
)

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")
    | (?P<name>[A-Za-z_][A-Za-z_0-9]*)
    | (?P<sign>==|!=|<>|<=|>=|[=<>()+\-*%,.])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Token:
    """A word of the language: its kind, its text as written, and where it starts (from 0)."""

    kind: TokenKind
    text: str
    position: int


@dataclass(frozen=True)
class Name:
    """A column; ``scope`` is ``"groups"`` where that was written in front."""

    name: str
    scope: str
    position: int


@dataclass(frozen=True)
class Value:
    """A number, a text or a truth value."""

    value: int | float | str | bool
    position: int


@dataclass(frozen=True)
class Negative:
    """Minus a number."""

    operand: Expression
    position: int


@dataclass(frozen=True)
class Binary:
    """Two expressions joined by ``and``, ``or``, ``+``, ``-``, ``*`` or ``%``."""

    sign: str
    left: Expression
    right: Expression
    position: int


@dataclass(frozen=True)
class Not:
    """The opposite."""

    operand: Expression
    position: int


@dataclass(frozen=True)
class Chain:
    """Comparisons of neighbours: ``operands[i] signs[i] operands[i + 1]`` for all i."""

    operands: tuple[Expression, ...]
    signs: tuple[str, ...]
    position: int


@dataclass(frozen=True)
class InSet:
    """Whether an expression is one of some values."""

    operand: Expression
    values: tuple[Expression, ...]
    position: int


@dataclass(frozen=True)
class InList:
    """Whether an expression is an item of a column of lists."""

    operand: Expression
    column: Name
    position: int


@dataclass(frozen=True)
class Between:
    """Whether an expression lies between two, both included."""

    operand: Expression
    low: Expression
    high: Expression
    position: int


@dataclass(frozen=True)
class Matches:
    """Whether a text fits a pattern of ``like`` (``%``, ``_``) or ``glob`` (``*``, ``[a-z]``)."""

    kind: str
    operand: Expression
    pattern: str
    position: int


@dataclass(frozen=True)
class IsNull:
    """Whether a value is missing."""

    operand: Expression
    position: int


Expression = (
    Name | Value | Negative | Binary | Not | Chain | InSet | InList | Between | Matches | IsNull
)

_HINTS = {
    "&": "write 'and'",
    "|": "write 'or'",
    "!": "write 'not'",
    "/": "there is no division: multiply the other side",
    "'": "this text has no closing quote",
    '"': "this text has no closing quote",
    ";": "one condition is enough",
}


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a text, then one of kind ``"end"``.

    Raises
    ------
    QueryError
        At a sign that the language does not have.

    Examples
    --------
    >>> [(t.kind, t.text) for t in tokens("order<=60 AND abelian")]
    [('name', 'order'), ('sign', '<='), ('number', '60'), ('word', 'and'), ('name', 'abelian'),
     ('end', '')]
    """
    if not isinstance(text, str):
        raise QueryError(str(text), None, f"a text is required, found {type(text).__name__}")
    if len(text) > LONGEST_CONDITION:
        raise QueryError(text, None, f"at most {LONGEST_CONDITION} characters can be read")
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            sign = text[position]
            raise QueryError(text, position, f"unexpected {sign!r}", _HINTS.get(sign, ""))
        kind, found = match.lastgroup, match.group()
        if kind == "number" and re.match(r"[A-Za-z_0-9]", text[match.end() : match.end() + 1]):
            raise QueryError(text, match.end(), "a number ends here, and a name cannot follow")
        if kind == "name" and found.lower() in WORDS:
            yield Token("word", found.lower(), position)
        elif kind in ("number", "text", "name", "sign"):
            yield Token(kind, found, position)  # type: ignore[arg-type]
        position = match.end()
    yield Token("end", "", len(text))


@dataclass
class _Parser:
    text: str
    found: list[Token] = field(default_factory=list)
    place: int = 0
    depth: int = 0
    joined: int = 0

    @property
    def now(self) -> Token:
        return self.found[self.place]

    def fail(self, wanted: str, hint: str = "") -> NoReturn:
        token = self.now
        what = "the end" if token.kind == "end" else repr(token.text)
        raise QueryError(self.text, token.position, f"expected {wanted}, found {what}", hint)

    def take(self, *texts: str) -> Token | None:
        token = self.now
        if token.kind in ("word", "sign") and token.text in texts:
            self.place += 1
            return token
        return None

    def need(self, text: str, wanted: str) -> Token:
        token = self.take(text)
        return token if token is not None else self.fail(wanted)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST_CONDITION:
            raise QueryError(
                self.text,
                self.now.position,
                f"more than {DEEPEST_CONDITION} conditions inside each other",
            )

    def join(self, token: Token, left: Expression, right: Expression) -> Binary:
        # the tree is as deep as a chain is long, and Python's stack is not endless
        self.joined += 1
        if self.joined > MOST_JOINED:
            raise QueryError(
                self.text,
                token.position,
                f"more than {MOST_JOINED} of 'and', 'or', + - * %",
                "for many values write: column in (1, 2, ...)",
            )
        return Binary(token.text, left, right, token.position)

    # conditions -----------------------------------------------------------------------------

    def condition(self) -> Expression:
        self.deeper()
        left = self.conjunction()
        while (token := self.take("or")) is not None:
            left = self.join(token, left, self.conjunction())
        self.depth -= 1
        return left

    def conjunction(self) -> Expression:
        left = self.negation()
        while (token := self.take("and")) is not None:
            left = self.join(token, left, self.negation())
        return left

    def negation(self) -> Expression:
        token = self.take("not")
        if token is None:
            return self.comparison()
        self.deeper()
        inner = Not(self.negation(), token.position)
        self.depth -= 1
        return inner

    def comparison(self) -> Expression:
        left = self.sum()
        operands, signs, start = [left], [], self.now.position
        while (token := self.take("=", "==", "!=", "<>", "<", "<=", ">", ">=")) is not None:
            signs.append({"==": "=", "!=": "<>"}.get(token.text, token.text))
            operands.append(self.sum())
        if signs:
            return Chain(tuple(operands), tuple(signs), start)
        if (token := self.take("is")) is not None:
            opposite = self.take("not")
            self.need("null", "'null'")
            found: Expression = IsNull(left, token.position)
            return Not(found, token.position) if opposite else found
        opposite = self.take("not")
        token = self.take("in", "between", "like", "glob")
        if token is None:
            if opposite is not None:
                self.fail("'in', 'between', 'like' or 'glob' after 'not'")
            return left
        found = self.special(left, token)
        return Not(found, token.position) if opposite else found

    def special(self, left: Expression, token: Token) -> Expression:
        if token.text == "between":
            low = self.sum()
            self.need("and", "'and' and the upper bound of 'between'")
            return Between(left, low, self.sum(), token.position)
        if token.text in ("like", "glob"):
            if self.now.kind != "text":
                self.fail("a pattern in quotes", "such as 'C%' for like, 'C*' for glob")
            pattern = _unquoted(self.now.text)
            self.place += 1
            return Matches(token.text, left, pattern, token.position)
        if self.now.kind == "name":
            column = self.factor()
            if isinstance(column, Name):
                return InList(left, column, token.position)
        self.need("(", "'(' and values, or a column of lists")
        values = [self.sum()]
        while self.take(",") is not None:
            values.append(self.sum())
        self.need(")", "',' or ')'")
        return InSet(left, tuple(values), token.position)

    # values ---------------------------------------------------------------------------------

    def sum(self) -> Expression:
        left = self.product()
        while (token := self.take("+", "-")) is not None:
            left = self.join(token, left, self.product())
        return left

    def product(self) -> Expression:
        left = self.factor()
        while (token := self.take("*", "%")) is not None:
            left = self.join(token, left, self.factor())
        return left

    def factor(self) -> Expression:
        token = self.now
        if token.kind == "number":
            self.place += 1
            return Value(self.number(token), token.position)
        if token.kind == "text":
            self.place += 1
            return Value(_unquoted(token.text), token.position)
        if self.take("true", "false") is not None:
            return Value(token.text == "true", token.position)
        if self.take("-") is not None:
            self.deeper()
            inner = Negative(self.factor(), token.position)
            self.depth -= 1
            return inner
        if self.take("(") is not None:
            found = self.condition()
            self.need(")", "')'")
            return found
        if token.kind == "name":
            return self.column()
        return self.fail("a column, a number or a text in quotes")

    def column(self) -> Name:
        token = self.now
        if token.kind != "name":
            self.fail("the name of a column")
        self.place += 1
        if self.take(".") is None:
            return Name(token.text, "", token.position)
        if token.text != "groups":
            raise QueryError(
                self.text, token.position, "only 'groups.' can stand before a column's name"
            )
        if self.now.kind != "name":
            self.fail("a column of groups")
        name = self.now.text
        self.place += 1
        return Name(name, "groups", token.position)

    def number(self, token: Token) -> int | float:
        if token.text.isdigit():
            value = int(token.text) if len(token.text) <= 19 else 2**63
            if value < 2**63:
                return value
            raise QueryError(self.text, token.position, "a whole number below 2^63 is required")
        real = float(token.text)
        if real == float("inf"):
            raise QueryError(self.text, token.position, "this number is too large")
        return real


def _unquoted(text: str) -> str:
    quote = text[0]
    return text[1:-1].replace(quote * 2, quote)


def parse_condition(text: str) -> Expression:
    """Return the syntax tree of a condition.

    Raises
    ------
    QueryError
        Where it cannot be read; the message says at which character and what was expected.

    Examples
    --------
    >>> parse_condition("order <= 60")
    Chain(operands=(Name(name='order', scope='', position=0), Value(value=60, position=9)),
          signs=('<=',), position=6)
    >>> parse_condition("order <= and abelian")
    Traceback (most recent call last):
    toolkit.errors.QueryError: cannot read the question at character 10: expected a column, a
    number or a text in quotes, found 'and' (here: order <= ^and abelian)
    """
    parser = _Parser(text, list(tokens(text)))
    found = parser.condition()
    if parser.now.kind != "end":
        hint = "write == to compare" if parser.now.kind in ("number", "text") else ""
        parser.fail("'and', 'or', a comparison or the end", hint)
    return found


def names_in_order(text: str) -> tuple[tuple[Name, bool], ...]:
    """Return the columns of a text such as ``"order desc, number"``, each with "is descending".

    Raises
    ------
    QueryError
        Where it cannot be read.

    Examples
    --------
    >>> [(n.name, down) for n, down in names_in_order("order desc, groups.number")]
    [('order', True), ('number', False)]
    """
    parser = _Parser(text, list(tokens(text)))
    out = []
    while True:
        name = parser.column()
        token = parser.take("asc", "desc")
        out.append((name, token is not None and token.text == "desc"))
        if parser.take(",") is None:
            break
    if parser.now.kind != "end":
        parser.fail("',' or the end")
    return tuple(out)
