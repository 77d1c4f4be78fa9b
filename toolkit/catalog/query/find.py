"""From the syntax tree of ``find`` to SQL: names looked up, types checked, values kept apart."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from toolkit.catalog.query.find_language import (
    Between,
    Binary,
    Chain,
    Expression,
    InList,
    InSet,
    IsNull,
    Matches,
    Name,
    Negative,
    Not,
    Value,
    names_in_order,
    parse_condition,
)
from toolkit.catalog.schema import TABLES, Table, table
from toolkit.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from toolkit.catalog.schema import Column

__all__ = ["Statement", "condition_sql", "find_statement", "known_table"]

Kind = Literal["number", "text", "truth", "list"]

_KINDS: dict[str, Kind] = {
    "string": "text",
    "int32": "number",
    "int64": "number",
    "float64": "number",
    "bool": "truth",
    "list<string>": "list",
}
_WORDS = {"number": "a number", "text": "a text", "truth": "a condition", "list": "a list"}
_MOST_ROWS = 2**62


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


@dataclass
class _Compiler:
    text: str
    table: Table
    parameters: list[object] = field(default_factory=list)
    joined: bool = False

    @property
    def has_groups(self) -> bool:
        """Whether the rows of the table belong to groups, of another table."""
        return self.table.name != "groups" and any(c.name == "group" for c in self.table.columns)

    # columns --------------------------------------------------------------------------------

    def column(self, name: Name) -> tuple[str, Column]:
        """Return the SQL of a column and its description; columns of the table come first."""
        for scope, where in (("t", self.table), ("g", table("groups"))):
            if name.scope == "groups" and where.name != "groups":
                continue
            for column in where.columns:
                if column.name == name.name and (scope == "t" or self.has_groups):
                    self.joined |= scope == "g"
                    return f'{scope}."{column.name}"', column
        known = [c.name for c in self.table.columns]
        if self.has_groups:
            known += [c.name for c in table("groups").columns if c.name not in known]
        close = difflib.get_close_matches(name.name.lower(), known, 3, 0.5)
        raise QueryError(
            self.text,
            name.position,
            f"{self.table.name} has no column {name.name[:40]!r}",
            f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(known)}",
        )

    # expressions ----------------------------------------------------------------------------

    def condition(self, node: Expression) -> str:
        sql, kind = self.expression(node)
        if kind != "truth":
            hint = "write == '...' to compare it" if kind == "text" else "write > 0 to compare it"
            raise QueryError(
                self.text,
                node.position,
                f"a condition is required here, this is {_WORDS[kind]}",
                "" if kind == "list" else hint,
            )
        return sql

    def number(self, node: Expression) -> str:
        sql, kind = self.expression(node)
        if kind != "number":
            raise QueryError(
                self.text, node.position, f"a number is required here, this is {_WORDS[kind]}"
            )
        return sql

    def expression(self, node: Expression) -> tuple[str, Kind]:
        match node:
            case Name():
                sql, column = self.column(node)
                return sql, _KINDS[column.type]
            case Value(value=bool()):
                return ("TRUE" if node.value else "FALSE"), "truth"
            case Value():
                self.parameters.append(node.value)
                return "?", "text" if isinstance(node.value, str) else "number"
            case Negative():
                return f"(-{self.number(node.operand)})", "number"
            case Binary(sign="and" | "or"):
                left, right = self.condition(node.left), self.condition(node.right)
                return f"({left} {node.sign.upper()} {right})", "truth"
            case Binary():
                left, right = self.number(node.left), self.number(node.right)
                return f"({left} {node.sign} {right})", "number"
            case Not():
                return f"(NOT {self.condition(node.operand)})", "truth"
            case Chain():
                return self.chain(node), "truth"
            case InSet():
                return self.in_set(node), "truth"
            case InList():
                return self.in_list(node), "truth"
            case Between():
                low = Chain((node.low, node.operand), ("<=",), node.position)
                high = Chain((node.operand, node.high), ("<=",), node.position)
                return f"({self.chain(low)} AND {self.chain(high)})", "truth"
            case Matches():
                sql, kind = self.expression(node.operand)
                if kind != "text":
                    raise QueryError(
                        self.text,
                        node.position,
                        f"{node.kind} compares texts, this is {_WORDS[kind]}",
                    )
                self.parameters.append(node.pattern)
                return f"({sql} {node.kind.upper()} ?)", "truth"
            case IsNull():
                return f"({self.expression(node.operand)[0]} IS NULL)", "truth"

    def chain(self, node: Chain) -> str:
        # a middle operand is compiled twice: its values are wanted twice
        parts = []
        for left, sign, right in zip(node.operands, node.signs, node.operands[1:], strict=False):
            left_sql, left_kind = self.expression(left)
            right_sql, right_kind = self.expression(right)
            self.require_same(node, left_kind, right_kind)
            if left_kind == "list" or (left_kind == "truth" and sign not in ("=", "<>")):
                raise QueryError(
                    self.text, node.position, f"{_WORDS[left_kind]} cannot be compared with {sign}"
                )
            parts.append(f"{left_sql} {sign} {right_sql}")
        return "(" + " AND ".join(parts) + ")"

    def in_set(self, node: InSet) -> str:
        sql, kind = self.expression(node.operand)
        values = []
        for value in node.values:
            value_sql, value_kind = self.expression(value)
            self.require_same(node, kind, value_kind)
            values.append(value_sql)
        return f"({sql} IN ({', '.join(values)}))"

    def in_list(self, node: InList) -> str:
        # the list is named before the item in SQL, and so are the parameters in it: none
        column_sql, column = self.column(node.column)
        if _KINDS[column.type] != "list":
            raise QueryError(
                self.text,
                node.column.position,
                f"{column.name} is no list",
                "write == to compare, or values in parentheses after 'in'",
            )
        sql, kind = self.expression(node.operand)
        self.require_same(node, "text", kind)
        return f"list_contains({column_sql}, {sql})"

    def require_same(self, node: Expression, left: Kind, right: Kind) -> None:
        if left != right:
            hint = "write numbers without quotes, texts in quotes"
            raise QueryError(
                self.text,
                node.position,
                f"{_WORDS[left]} is compared with {_WORDS[right]}",
                hint if {left, right} == {"number", "text"} else "",
            )


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


def condition_sql(table: str, condition: str | None) -> tuple[str, tuple[object, ...]]:
    """Return a condition on a table as SQL in which ``t`` is the table and ``g`` groups.

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
    """
    compiler = _Compiler(condition or "", known_table(table))
    if _is_blank(condition):
        return "TRUE", ()
    where = compiler.condition(parse_condition(condition or ""))
    return where, tuple(compiler.parameters)


def find_statement(
    condition: str | None,
    files: Mapping[str, Path],
    *,
    table: str = "groups",
    columns: str | Sequence[str] | None = None,
    order_by: str | Sequence[str] | None = None,
    limit: int | None = None,
) -> Statement:
    """Return the SELECT that answers ``find``.

    Parameters
    ----------
    condition
        A condition of :mod:`toolkit.catalog.query.find_language`; ``None`` or blank for every row.
    files
        The file of each table.
    table
        The table whose rows are wanted.
    columns
        Columns of it or of groups, in order; ``None`` for all of the table.
    order_by
        Columns, each with ``desc`` behind it or not; rows that agree keep the table's order.
    limit
        The most rows.

    Raises
    ------
    QueryError
        If anything cannot be read or does not fit; the message says where.
    """
    described = known_table(table)
    text = condition or ""
    compiler = _Compiler(text, described)
    where = "" if _is_blank(condition) else compiler.condition(parse_condition(text))
    chosen = [f't."{c.name}"' for c in described.columns]
    if columns is not None:
        chosen = []
        named: set[str] = set()
        compiler.text = _names(columns)
        for name, down in names_in_order(compiler.text):
            if down or name.name in named:
                what = "'desc' belongs to the order" if down else "a column can be named only once"
                raise QueryError(compiler.text, name.position, what)
            named.add(name.name)
            chosen.append(compiler.column(name)[0])
    order = []
    if order_by is not None:
        compiler.text = _names(order_by)
        for name, down in names_in_order(compiler.text):
            order.append(compiler.column(name)[0] + (" DESC NULLS LAST" if down else " NULLS LAST"))
    sql = f"SELECT {', '.join(chosen)} FROM {_source(files[described.name])} AS t"
    if compiler.joined:
        sql += f' LEFT JOIN {_source(files["groups"])} AS g ON t."group" = g."group"'
    if where:
        sql += f" WHERE {where}"
    # rows of a file come in its order by themselves, but for joins and other orders
    if order or compiler.joined:
        sql += f" ORDER BY {', '.join([*order, 't.file_row_number'])}"
    parameters = list(compiler.parameters)
    if limit is not None:
        if isinstance(limit, bool) or not isinstance(limit, int) or not 0 <= limit < _MOST_ROWS:
            raise QueryError(str(limit), None, "the limit must be a whole number, 0 or more")
        sql += " LIMIT ?"
        parameters.append(limit)
    return Statement(sql, tuple(parameters))


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


def _source(path: Path) -> str:
    """Return the SQL that reads a table's file, numbered rows included."""
    quoted = "'" + str(path).replace("'", "''") + "'"
    return f"read_parquet({quoted}, file_row_number = true)"
