"""Notes on queries that compare names of groups as text where groups are meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from toolkit.catalog.query.names import canonical_group
from toolkit.errors import ToolkitError

if TYPE_CHECKING:
    from toolkit.catalog.query.engine import OpenCatalog

_COLUMN = r"\b(?P<column{0}>group|quotient|description)\b\"?"
_SIGN = r"\s*(?P<sign{0}><>|!=|<=|>=|==|=|<|>|\b(?:like|ilike|glob|in|between)\b)\s*\(?\s*"
_TEXT = r"(?P<text{0}>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")"
_COMPARED = re.compile(
    _COLUMN.format(1) + _SIGN.format(1) + _TEXT.format(1)
    + "|" + _TEXT.format(2) + _SIGN.format(2) + "\"?" + _COLUMN.format(2),
    re.IGNORECASE,
)  # fmt: skip
_BY_ORDER = {"<", ">", "<=", ">=", "between"}
_PATTERNS = {"like", "ilike", "glob"}


def note_on_names(catalog: OpenCatalog, query: str, count: int, *, sql: bool) -> str:
    """Return one sentence if a query compares a text with names of groups as text; else nothing.

    Parameters
    ----------
    catalog
        The catalog that was queried.
    query
        The condition, or the SELECT.
    count
        How many rows were found. Comparisons by order are noted in any case, others only without
        rows.
    sql
        Whether it is a SELECT: conditions compare groups by ``=``, ``!=`` and ``in``.

    Examples
    --------
    >>> import toolkit as tk
    >>> with tk.catalog.open() as catalog:
    ...     print(note_on_names(catalog, "group like 'S3'", 0, sql=False))
    names of groups are compared as text here, and this catalog calls S3 SmallGroup(6,1); group =
    'S3' without --sql compares groups
    """
    for found in _COMPARED.finditer(query):
        n = "1" if found["column1"] else "2"
        column = found[f"column{n}"].lower()
        sign, text = found[f"sign{n}"].lower(), found[f"text{n}"]
        if sql and text.startswith('"'):
            continue  # a column
        name = text[1:-1].replace(text[0] * 2, text[0])
        groups = column != "description"
        if groups and not sql and sign not in _BY_ORDER | _PATTERNS:
            continue
        if groups and sign in _BY_ORDER:
            return f"{column} {sign} '{name}' compares names as text, letter by letter, not groups"
        if count:
            continue
        return _as_text(catalog, name, groups=groups)
    return ""


def _as_text(catalog: OpenCatalog, name: str, *, groups: bool) -> str:
    what = "names of groups are" if groups else "descriptions are"
    as_text = f"{what} compared as text here"
    try:
        called = canonical_group(catalog, name)
    except ToolkitError:
        rows = catalog.ask('SELECT "group" FROM groups LIMIT 1').column("group")
        return f"{as_text}; the first group of this catalog is called {rows[0]}" if rows else ""
    if called == name and groups:
        return ""
    return (
        f"{as_text}, and this catalog calls {name} {called}; group = '{name}' without --sql "
        "compares groups"
    )
