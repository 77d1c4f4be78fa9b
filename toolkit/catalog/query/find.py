"""The filter language of ``find``, read and turned into SQL in one pass.

::

    condition  = conjunction {"or" conjunction}
    conjunction = negation {"and" negation}
    negation   = "not" negation | comparison
    comparison = sum [ (== | = | != | <> | < | <= | > | >=) sum ... ]
               | sum ["not"] "in" ( "(" sum {"," sum} ")" | list column )
               | sum ["not"] "between" sum "and" sum
               | sum ["not"] ("like" | "glob") text
               | sum "is" ["not"] "null"
    sum        = product {("+" | "-") product};   product = factor {("*" | "%") factor}
    factor     = "-" factor | number | text | true | false | column | "(" condition ")"
    column     = NAME | "groups" "." NAME

A comparison with a missing value neither holds nor fails to hold, and a remainder by zero is
missing. A text compared by ``=``, ``!=`` or ``in`` with the column ``group`` or ``quotient`` is the
name of a group, ``group = 'S3'``, and is compared as one, whatever name the catalog has for it.

None of the text reaches SQL: columns are looked up in the schema, values are bound to parameters.
DuckDB's parser, which reads users' SQL (:mod:`toolkit.catalog.query.guard`), would not do here: it
refuses chained comparisons (``4 < order <= 60``) and columns named ``order`` without quotes, and in
an unfinished text it points to the wrong place.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from toolkit.catalog.query.views import in_order, is_stored_in_order, places_of
from toolkit.catalog.schema import COLUMN_TYPES, LARGEST_INTEGER, TABLES, Kind, Table, table
from toolkit.errors import QueryError, TextError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    #: From a column of names of groups and a text, the names that the column may have for it.
    NamesOf = Callable[[str, str], Sequence[str]]

#: The most ``and``, ``or``, ``+ - * %`` of a condition.
MOST_JOINED = 200

#: Columns that hold names of groups.
GROUP_COLUMNS = frozenset({"group", "quotient"})

_LONGEST = 10_000
_LONGEST_SQL = 1_000_000
_DEEPEST = 60
_MOST_ROWS = 1 << 62  # DuckDB's largest LIMIT

_SHOWN = {"number": "a number", "text": "a text", "truth": "a condition", "list": "a list"}
_COMPARISONS = {"=": "=", "==": "=", "!=": "<>", "<>": "<>", "<": "<", "<=": "<="}
_COMPARISONS |= {">": ">", ">=": ">="}
_WORDS = frozenset({"and", "or", "not", "in", "between", "like", "glob", "is", "null"})
_WORDS |= {"true", "false", "asc", "desc"}
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
_HINTS = {
    "&": "write 'and'",
    "|": "write 'or'",
    "!": "write 'not'",
    "/": "there is no division: multiply the other side",
    "'": "this text has no closing quote",
    '"': "this text has no closing quote",
    ";": "one condition is enough",
}


@dataclass(frozen=True)
class Statement:
    """A SELECT with its values.

    Parameters
    ----------
    sql
        The text: fixed words, quoted names of columns of the schema, and question marks.
    parameters
        The values for the question marks.
    """

    sql: str
    parameters: tuple[object, ...]


@dataclass(frozen=True)
class _Token:
    """A word of the language: its kind, its text, and where it starts (from 0)."""

    kind: str  # number, text, name, word (in small letters), sign, end
    text: str
    position: int


@dataclass(frozen=True)
class _Piece:
    """SQL of a part of a condition, with the values for its question marks."""

    sql: str
    kind: Kind
    position: int
    values: tuple[object, ...] = ()
    names_groups: str = ""  # the name of a column that holds names of groups


def _tokens(text: str) -> Iterator[_Token]:
    if not isinstance(text, str):
        raise QueryError(str(text), None, f"a text is required, found {type(text).__name__}")
    if len(text) > _LONGEST:
        raise QueryError(text, None, f"at most {_LONGEST} characters can be read")
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            sign = text[position]
            raise QueryError(text, position, f"unexpected {sign!r}", _HINTS.get(sign, ""))
        kind, found = str(match.lastgroup), match.group()
        if kind == "number" and re.match(r"[A-Za-z_0-9]", text[match.end() : match.end() + 1]):
            raise QueryError(text, match.end(), "a number ends here, and a name cannot follow")
        if kind == "name" and found.lower() in _WORDS:
            yield _Token("word", found.lower(), position)
        elif kind != "space":
            yield _Token(kind, found, position)
        position = match.end()
    yield _Token("end", "", len(text))


class _Reader:
    """Reads one text about a table; ``joins_groups`` says whether a column of groups occurs."""

    def __init__(self, text: str, about: Table, names_of: NamesOf | None = None) -> None:
        self.text, self.table, self.names_of = text, about, names_of
        self.joins_groups = False
        self._tokens = list(_tokens(text))
        self._place = self._depth = self._joined = 0

    # tokens ---------------------------------------------------------------------------------

    @property
    def now(self) -> _Token:
        return self._tokens[self._place]

    def take(self, *texts: str) -> _Token | None:
        token = self.now
        if token.kind in ("word", "sign") and token.text in texts:
            self._place += 1
            return token
        return None

    def take_kind(self, kind: str) -> _Token | None:
        token = self.now
        if token.kind == kind:
            self._place += 1
            return token
        return None

    def need(self, text: str, wanted: str) -> None:
        if self.take(text) is None:
            self.fail(wanted)

    def fail(self, wanted: str, hint: str = "") -> NoReturn:
        what = "the end" if self.now.kind == "end" else repr(self.now.text)
        self.refuse(self.now.position, f"expected {wanted}, found {what}", hint)

    def refuse(self, position: int, problem: str, hint: str = "") -> NoReturn:
        raise QueryError(self.text, position, problem, hint)

    def deeper(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            self.refuse(self.now.position, f"more than {_DEEPEST} conditions inside each other")

    # whole texts ----------------------------------------------------------------------------

    def condition_alone(self) -> _Piece:
        """Read the whole text as a condition."""
        found = self.condition()
        if self.now.kind != "end":
            hint = "write == to compare" if self.now.kind in ("number", "text") else ""
            self.fail("'and', 'or', a comparison or the end", hint)
        return self.required(found, "truth")

    def columns(self) -> list[tuple[str, bool, int]]:
        """Read the whole text as columns: the SQL of each, whether it is descending, where."""
        out = []
        while True:
            column = self.column()
            token = self.take("asc", "desc")
            out.append((column.sql, token is not None and token.text == "desc", column.position))
            if self.take(",") is None:
                break
        if self.now.kind != "end":
            self.fail("',' or the end")
        return out

    # conditions -----------------------------------------------------------------------------

    def condition(self) -> _Piece:
        self.deeper()
        left = self.conjunction()
        while (token := self.take("or")) is not None:
            left = self.joined(left, token, self.conjunction(), "truth")
        self._depth -= 1
        return left

    def conjunction(self) -> _Piece:
        left = self.negation()
        while (token := self.take("and")) is not None:
            left = self.joined(left, token, self.negation(), "truth")
        return left

    def negation(self) -> _Piece:
        token = self.take("not")
        if token is None:
            return self.comparison()
        self.deeper()
        inner = self.negated(self.negation(), token.position)
        self._depth -= 1
        return inner

    def negated(self, piece: _Piece, position: int) -> _Piece:
        piece = self.required(piece, "truth")
        return _Piece(f"(NOT {piece.sql})", "truth", position, piece.values)

    def comparison(self) -> _Piece:
        left = self.sum()
        position, links = self.now.position, []
        while (token := self.take(*_COMPARISONS)) is not None:
            right = self.sum()
            links.append(self.compared(left, _COMPARISONS[token.text], right, position))
            left = right
        if links:
            sql = f"({' AND '.join(link.sql for link in links)})"
            return _Piece(sql, "truth", position, tuple(v for link in links for v in link.values))
        if (token := self.take("is")) is not None:
            opposite = self.take("not")
            self.need("null", "'null'")
            found = _Piece(f"({left.sql} IS NULL)", "truth", token.position, left.values)
        else:
            opposite = self.take("not")
            token = self.take("in", "between", "like", "glob")
            if token is None:
                if opposite is not None:
                    self.fail("'in', 'between', 'like' or 'glob' after 'not'")
                return left
            found = self.special(left, token)
        return found if opposite is None else self.negated(found, token.position)

    def special(self, left: _Piece, token: _Token) -> _Piece:
        at = token.position
        if token.text == "between":
            low = self.sum()
            self.need("and", "'and' and the upper bound of 'between'")
            high = self.sum()
            low, high = self.compared(low, "<=", left, at), self.compared(left, "<=", high, at)
            return _Piece(f"(({low.sql}) AND ({high.sql}))", "truth", at, low.values + high.values)
        if token.text in ("like", "glob"):
            pattern = self.take_kind("text")
            if pattern is None:
                self.fail("a pattern in quotes", "such as 'C%' for like, 'C*' for glob")
            if left.kind != "text":
                self.refuse(at, f"{token.text} compares texts, this is {_SHOWN[left.kind]}")
            values = (*left.values, _unquoted(pattern.text))
            return _Piece(f"({left.sql} {token.text.upper()} ?)", "truth", at, values)
        if self.now.kind == "name":
            name = self.now.text
            column = self.column()
            if column.kind != "list":
                hint = "write == to compare, or values in parentheses after 'in'"
                self.refuse(column.position, f"{name} is no list", hint)
            self.require_same("text", left.kind, at)
            return _Piece(f"list_contains({column.sql}, {left.sql})", "truth", at, left.values)
        self.need("(", "'(' and values, or a column of lists")
        items = [self.sum()]
        while self.take(",") is not None:
            items.append(self.sum())
        self.need(")", "',' or ')'")
        for item in items:
            self.require_same(left.kind, item.kind, at)
        if left.names_groups and self.names_of and all(item.sql == "?" for item in items):
            return self.same_group(left, items)
        values = (*left.values, *(v for item in items for v in item.values))
        return _Piece(
            f"({left.sql} IN ({', '.join(item.sql for item in items)}))", "truth", at, values
        )

    # values ---------------------------------------------------------------------------------

    def sum(self) -> _Piece:
        left = self.product()
        while (token := self.take("+", "-")) is not None:
            left = self.joined(left, token, self.product(), "number")
        return left

    def product(self) -> _Piece:
        left = self.factor()
        while (token := self.take("*", "%")) is not None:
            left = self.joined(left, token, self.factor(), "number")
        return left

    def factor(self) -> _Piece:
        if (token := self.take_kind("number")) is not None:
            return _Piece("?", "number", token.position, (self.number(token),))
        if (token := self.take_kind("text")) is not None:
            return _Piece("?", "text", token.position, (_unquoted(token.text),))
        if (token := self.take("true", "false")) is not None:
            return _Piece(token.text.upper(), "truth", token.position)
        if (token := self.take("-")) is not None:
            self.deeper()
            inner = self.required(self.factor(), "number")
            self._depth -= 1
            return _Piece(f"(-{inner.sql})", "number", token.position, inner.values)
        if self.take("(") is not None:
            found = self.condition()
            self.need(")", "')'")
            return found
        if self.now.kind == "name":
            return self.column()
        return self.fail("a column, a number or a text in quotes")

    def column(self) -> _Piece:
        """Read a column; those of the table itself come first."""
        token = self.take_kind("name")
        if token is None:
            self.fail("the name of a column")
        name, tables = token.text, [("t", self.table)]
        if self.table.name != "groups" and any(c.name == "group" for c in self.table.columns):
            tables.append(("g", table("groups")))
        scopes = tables
        if self.take(".") is not None:
            if name != "groups":
                self.refuse(token.position, "only 'groups.' can stand before a column's name")
            scopes = [(scope, where) for scope, where in tables if where.name == "groups"]
            after = self.take_kind("name")
            if after is None:
                self.fail("a column of groups")
            name = after.text
        for scope, where in scopes:
            for column in where.columns:
                if column.name == name:
                    self.joins_groups |= scope == "g"
                    kind = COLUMN_TYPES[column.type][0]
                    about = name if name in GROUP_COLUMNS else ""
                    return _Piece(f'{scope}."{name}"', kind, token.position, (), about)
        known = list(dict.fromkeys(c.name for _, where in tables for c in where.columns))
        close = difflib.get_close_matches(name.lower(), known, 3, 0.5)
        return self.refuse(
            token.position,
            f"{self.table.name} has no column {name[:40]!r}",
            f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(known)}",
        )

    def number(self, token: _Token) -> int | float:
        if token.text.isdigit():
            if len(token.text) > 19 or int(token.text) > LARGEST_INTEGER:
                self.refuse(token.position, "a whole number below 2^63 is required")
            return int(token.text)
        real = float(token.text)
        if real == float("inf"):
            self.refuse(token.position, "this number is too large")
        return real

    # kinds ----------------------------------------------------------------------------------

    def joined(self, left: _Piece, token: _Token, right: _Piece, kind: Kind) -> _Piece:
        self._joined += 1  # the SQL is as deep as a chain is long
        if self._joined > MOST_JOINED:
            problem = f"more than {MOST_JOINED} of 'and', 'or', + - * %"
            self.refuse(token.position, problem, "for many values write: column in (1, 2, ...)")
        left, right = self.required(left, kind), self.required(right, kind)
        divisor = right.sql
        if token.text == "%" and not (right.sql == "?" and right.values[0]):
            divisor = f"nullif({right.sql}, 0)"  # DuckDB stops at some remainders by zero
        sql = f"({left.sql} {token.text.upper()} {divisor})"
        return _Piece(sql, kind, token.position, left.values + right.values)

    def required(self, piece: _Piece, kind: Kind) -> _Piece:
        """Return the piece, which must be of this kind."""
        if piece.kind != kind:
            problem = f"{_SHOWN[kind]} is required here, this is {_SHOWN[piece.kind]}"
            example = {"number": "> 0", "text": "== '...'"}.get(piece.kind)
            hint = f"write {example} to compare it" if kind == "truth" and example else ""
            self.refuse(piece.position, problem, hint)
        return piece

    def compared(self, left: _Piece, sign: str, right: _Piece, position: int) -> _Piece:
        self.require_same(left.kind, right.kind, position)
        if left.kind == "list" or (left.kind == "truth" and sign not in ("=", "<>")):
            self.refuse(position, f"{_SHOWN[left.kind]} cannot be compared with {sign}")
        if sign in ("=", "<>"):
            for column, text in ((left, right), (right, left)):
                if column.names_groups and text.sql == "?" and self.names_of is not None:
                    return self.same_group(column, [text], sign == "<>")
        sql = f"{left.sql} {sign} {right.sql}"
        if len(sql) > _LONGEST_SQL:  # the middle of each chain is in SQL twice
            self.refuse(position, "too many chained comparisons inside each other")
        return _Piece(sql, "truth", position, left.values + right.values)

    def same_group(self, column: _Piece, texts: list[_Piece], opposite: bool = False) -> _Piece:
        """Return the condition that a column names one of the groups that texts name."""
        names: list[str] = []
        for text in texts:
            names.extend(self.names_in(column, text))
        marks = ", ".join("?" for _ in names)
        sql = f"({column.sql} {'NOT IN' if opposite else 'IN'} ({marks}))"
        return _Piece(sql, "truth", column.position, (*column.values, *names))

    def names_in(self, column: _Piece, text: _Piece) -> Sequence[str]:
        if self.names_of is None:
            return [str(value) for value in text.values]
        try:
            return self.names_of(column.names_groups, str(text.values[0]))
        except TextError as error:
            self.refuse(text.position, error.problem, error.suggestion)

    def require_same(self, left: Kind, right: Kind, position: int) -> None:
        if left != right:
            hint = "write numbers without quotes, texts in quotes"
            problem = f"{_SHOWN[left]} is compared with {_SHOWN[right]}"
            self.refuse(position, problem, hint if {left, right} == {"number", "text"} else "")


def _unquoted(text: str) -> str:
    quote = text[0]
    return text[1:-1].replace(quote * 2, quote)


def known_table(name: str) -> Table:
    """Return a table of the schema by its name.

    Raises
    ------
    QueryError
        If there is none.

    Examples
    --------
    >>> known_table("edge")
    Traceback (most recent call last):
    toolkit.errors.QueryError: cannot answer 'edge': the catalog has no table of this name; did you
    mean edges?
    """
    try:
        return table(name)
    except KeyError:
        names = [t.name for t in TABLES]
        close = difflib.get_close_matches(str(name).lower(), names, 1, 0.5)
        raise QueryError(
            str(name),
            None,
            "the catalog has no table of this name",
            f"did you mean {close[0]}?" if close else f"there are {', '.join(names)}",
        ) from None


def condition_sql(
    table: str, condition: str | None, names_of: NamesOf | None = None
) -> tuple[str, tuple[object, ...]]:
    """Return a condition on a table as SQL in which ``t`` is the table and ``g`` is ``groups``.

    Names of groups are compared as groups, which ``names_of`` finds from the column and the text;
    without it, as texts.

    Returns
    -------
    tuple
        The SQL (``TRUE`` without a condition) and the values for its question marks.

    Raises
    ------
    QueryError
        If the condition cannot be read.

    Examples
    --------
    >>> condition_sql("graphs", "order <= 60 and abelian")
    ('((t."order" <= ?) AND g."abelian")', (60,))
    >>> condition_sql("graphs", "order <= and abelian")
    Traceback (most recent call last):
    toolkit.errors.QueryError: cannot read the question at character 10: expected a column, a
    number or a text in quotes, found 'and' (here: order <= ^and abelian)
    """
    described = known_table(table)
    if _is_blank(condition):
        return "TRUE", ()
    found = _Reader(condition or "", described, names_of).condition_alone()
    return found.sql, found.values


def find_statement(
    condition: str | None,
    *,
    table: str = "groups",
    columns: str | Sequence[str] | None = None,
    order_by: str | Sequence[str] | None = None,
    limit: int | None = None,
    names_of: NamesOf | None = None,
) -> Statement:
    """Return the SELECT that answers ``find``.

    Parameters
    ----------
    condition
        A condition; ``None`` or blank for every row.
    table
        The table whose rows are wanted.
    columns
        Columns of it or of ``groups``, in order; ``None`` for all columns of the table.
    order_by
        Columns, each optionally followed by ``desc``; rows that agree keep the table's order.
    limit
        Largest number of rows.
    names_of
        As for :func:`condition_sql`.

    Raises
    ------
    QueryError
        If anything cannot be read or does not fit; the message says where.
    """
    described = known_table(table)
    readers: list[_Reader] = []

    def reader(text: str) -> _Reader:
        readers.append(_Reader(text, described, names_of))
        return readers[-1]

    where = None if _is_blank(condition) else reader(condition or "").condition_alone()
    chosen = [f't."{c.name}"' for c in described.columns]
    if columns is not None:
        chosen = []
        reading = reader(_names(columns))
        for sql, down, position in reading.columns():
            if down or sql[1:] in {other[1:] for other in chosen}:
                what = "'desc' belongs to the order" if down else "a column can be named only once"
                reading.refuse(position, what)
            chosen.append(sql)
    order = []
    if order_by is not None:
        for sql, down, _ in reader(_names(order_by)).columns():
            order.append(sql + (" DESC NULLS LAST" if down else " NULLS LAST"))
    joined = any(found.joins_groups for found in readers)
    sql = f"SELECT {', '.join(chosen)} FROM {in_order(described.name)} AS t"
    if joined:
        sql += f' LEFT JOIN {in_order("groups")} AS g ON t."group" = g."group"'
    if where is not None:
        sql += f" WHERE {where.sql}"
    # a file's rows come in its order by themselves, unless it is joined or sorted
    if order or joined or not is_stored_in_order(described.name):
        places = (f"t.{name}" for name in places_of(described.name))
        sql += f" ORDER BY {', '.join([*order, *places])}"
    parameters = () if where is None else where.values
    if limit is not None:
        if isinstance(limit, bool) or not isinstance(limit, int) or not 0 <= limit < _MOST_ROWS:
            raise QueryError(str(limit), None, "the limit must be a whole number, 0 or more")
        sql += " LIMIT ?"
        parameters = (*parameters, limit)
    return Statement(sql, parameters)


def _is_blank(condition: str | None) -> bool:
    return condition is None or (isinstance(condition, str) and not condition.strip())


def _names(names: str | Sequence[str]) -> str:
    """Return names of columns as one text."""
    if isinstance(names, str):
        return names
    try:
        return ", ".join(names)
    except TypeError:
        raise QueryError(str(names), None, "names of columns are required, as texts") from None
