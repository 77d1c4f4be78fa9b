"""A table by columns as JSON data, each column in the form that is smallest when packed.

The page reads it (``js/catalog/tables.js``). A file is an object with ``table``, ``meaning``,
``rows`` (how many) and ``columns``, a list of objects with ``name``, ``type``, ``kind``,
``meaning`` and one of these forms:

``values``
    the values one by one;
``runs``
    two lists: values, and how often each is repeated;
``dictionary`` and ``codes``
    the different values in the order in which they come, and their positions for each row;
``numbered``
    a letter: the values are the letter with 0, 1, 2, ... and begin again where the value of the
    first column changes, as labels of simples do.

A file may have more columns in a list ``extra``, which are no columns of the table. ``null`` is a
missing value. Integers above 2^53 would lose digits on a page: they are refused.
"""

from __future__ import annotations

import gzip
import json
import zlib
from typing import TYPE_CHECKING, Any

from toolkit.catalog.schema import COLUMN_TYPES
from toolkit.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from toolkit.catalog.schema import Table

#: A form of a column: JSON data.
Form = dict[str, Any]

_LARGEST = 2**53
_ABOUT = ("name", "type", "kind", "meaning")
_LEVEL = 9
_QUICK = 3  # for comparing sizes


def table_data(table: Table, columns: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Return a table as JSON data.

    Parameters
    ----------
    table
        Its description.
    columns
        The values of each column; texts that the description does not name are extra.

    Raises
    ------
    ConfigError
        If an integer is larger than a page can hold.

    Examples
    --------
    >>> from toolkit.catalog.schema import Column, Table
    >>> simples = Table("simples", "a simple", ("group", "label"), (
    ...     Column("group", "string", "its group"), Column("label", "string", "its label")))
    >>> data = table_data(simples, {"group": ["C2", "C2", "C3"], "label": ["L0", "L1", "L0"]})
    >>> [{k: v for k, v in c.items() if k not in ("type", "kind", "meaning")}
    ...  for c in data["columns"]]
    [{'name': 'group', 'values': ['C2', 'C2', 'C3']}, {'name': 'label', 'numbered': 'L'}]
    """
    described = {column.name: column for column in table.columns}
    first = list(next(iter(columns.values())))
    out: list[Form] = []
    extra: list[Form] = []
    for name, given in columns.items():
        values = list(given)
        if name not in described:
            extra.append({"name": name} | smallest_form(values, first))
            continue
        column = described[name]
        if any(isinstance(v, int) and abs(v) > _LARGEST for v in values):
            raise ConfigError(
                f"{table.name}.{name} has an integer above 2^53: a page cannot hold it"
            )
        about = {
            "name": name,
            "type": column.type,
            "kind": COLUMN_TYPES[column.type][0],
            "meaning": column.meaning,
        }
        out.append(about | smallest_form(values, first))
    data = {"table": table.name, "meaning": table.meaning, "rows": len(first), "columns": out}
    return data | {"extra": extra} if extra else data


def smallest_form(values: Sequence[Any], first: Sequence[Any]) -> Form:
    """Return the form of a column that is smallest when packed.

    Examples
    --------
    >>> smallest_form([4, 4, 4, 5], [4, 4, 4, 5])
    {'values': [4, 4, 4, 5]}
    """
    letter = _numbered(values, first)
    if letter:
        return {"numbered": letter}
    forms: list[Form] = [{"values": list(values)}]
    keys = [json.dumps(value) for value in values]
    runs: list[list[Any]] = [[], []]
    for i, value in enumerate(values):
        if i and keys[i] == keys[i - 1]:
            runs[1][-1] += 1
        else:
            runs[0].append(value)
            runs[1].append(1)
    if 2 * len(runs[0]) < len(values):
        forms.append({"runs": runs})
    codes: dict[str, int] = {}
    coded = [codes.setdefault(key, len(codes)) for key in keys]
    if 2 * len(codes) < len(values) or any(isinstance(value, str | list) for value in values[:9]):
        forms.append({"dictionary": [json.loads(key) for key in codes], "codes": coded})
    return min(forms, key=lambda form: len(zlib.compress(_text(form), _QUICK)))


def _numbered(values: Sequence[Any], first: Sequence[Any]) -> str:
    """Return the letter of numbered labels that begin again where ``first`` changes; else ''."""
    if not values or not isinstance(values[0], str):
        return ""
    letter = values[0][:1]
    number = 0
    for i, value in enumerate(values):
        number = number + 1 if i and first[i] == first[i - 1] else 0
        if value != f"{letter}{number}":
            return ""
    return letter if letter.isalpha() else ""


def column_values(form: Mapping[str, Any], first: Sequence[Any], rows: int) -> list[Any]:
    """Return the values of a column from its form.

    Parameters
    ----------
    form
        As :func:`smallest_form` gives it.
    first
        The values of the first column of the table.
    rows
        How many rows there are.

    Examples
    --------
    >>> column_values({"runs": [["C2", None], [2, 1]]}, [], 3)
    ['C2', 'C2', None]
    """
    if "values" in form:
        return list(form["values"])
    if "dictionary" in form:
        return [form["dictionary"][code] for code in form["codes"]]
    if "runs" in form:
        return [value for value, count in zip(*form["runs"], strict=True) for _ in range(count)]
    out, number = [], 0
    for i in range(rows):
        number = number + 1 if i and first[i] == first[i - 1] else 0
        out.append(f"{form['numbered']}{number}")
    return out


def table_columns(data: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the values of each column of a table from its JSON data."""
    out: dict[str, list[Any]] = {}
    first: list[Any] = []
    for column in data["columns"]:
        out[column["name"]] = column_values(column, first, data["rows"])
        first = first or out[column["name"]]
    return out


def with_groups(data: Mapping[str, Any], groups: Iterable[str]) -> dict[str, Any]:
    """Return a table with the rows of some groups only.

    Parameters
    ----------
    data
        The JSON data of a table.
    groups
        Names of groups. A table without a column ``group`` stays as it is.
    """
    columns = table_columns(data)
    if "group" not in columns:
        return dict(data)
    wanted = set(groups)
    rows = [i for i, name in enumerate(columns["group"]) if name in wanted]
    first = [columns[data["columns"][0]["name"]][i] for i in rows]

    def kept(column: Mapping[str, Any], values: Sequence[Any]) -> Form:
        about = {key: column[key] for key in _ABOUT if key in column}
        return about | smallest_form([values[i] for i in rows], first)

    made = {**data, "rows": len(rows)}
    made["columns"] = [kept(column, columns[column["name"]]) for column in data["columns"]]
    if "extra" in data:
        whole = columns[data["columns"][0]["name"]]
        made["extra"] = [
            kept(column, column_values(column, whole, data["rows"])) for column in data["extra"]
        ]
    return made


def packed(data: object) -> bytes:
    """Return JSON data as a gzip file: the same data, the same bytes."""
    return gzip.compress(_text(data), _LEVEL, mtime=0)


def _text(data: object) -> bytes:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()
