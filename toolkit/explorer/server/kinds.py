"""The kinds of question that the page may ask, and the fields of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from toolkit.errors import ConfigError
from toolkit.text import shortened


@dataclass(frozen=True)
class Field:
    """A field of a question.

    Parameters
    ----------
    most
        Of a text, the most characters; of a number, the largest.
    number
        Whether it is a whole number from 0, and no text.
    required
        Whether it may not be left out; ``None`` counts as left out.
    """

    most: int
    number: bool = False
    required: bool = True


@dataclass(frozen=True)
class Kind:
    """A kind of question.

    Parameters
    ----------
    lane
        ``"long"`` for what GAP may have to compute, ``"quick"`` for what never waits behind that.
    fields
        Its fields by name.
    """

    lane: str
    fields: Mapping[str, Field]


_GROUP = Field(2000)
KINDS = {
    "record": Kind("long", {"group": _GROUP}),
    "module": Kind("long", {"group": _GROUP, "module": Field(1000)}),
    "activation": Kind("quick", {"formula": Field(1000)}),
    "find": Kind(
        "quick",
        {
            "table": Field(40),
            "condition": Field(10_000, required=False),
            "columns": Field(2000, required=False),
            "sort": Field(1000, required=False),
            "limit": Field(100_000, number=True, required=False),
        },
    ),
}


def checked_question(data: object) -> dict[str, str | int | None]:
    """Return a question of the page, with all its fields, after checking them.

    Raises
    ------
    ConfigError
        If it is no question of a known kind; in a sentence.

    Examples
    --------
    >>> checked_question({"kind": "record", "group": "S4"})
    {'kind': 'record', 'group': 'S4'}
    >>> checked_question({"kind": "record"})
    Traceback (most recent call last):
    toolkit.errors.ConfigError: a question of the kind 'record' needs the field 'group'
    """
    if not isinstance(data, dict):
        raise ConfigError("a question must be a JSON object with the field 'kind'")
    name = data.get("kind")
    if not isinstance(name, str) or name not in KINDS:
        known = ", ".join(KINDS)
        raise ConfigError(f"the kinds of question are {known}, not {shortened(repr(name))}")
    fields = KINDS[name].fields
    for key in data:
        if key != "kind" and key not in fields:
            known = ", ".join(fields)
            raise ConfigError(
                f"a question of the kind {name!r} has the fields {known}, not {key[:40]!r}"
            )
    out: dict[str, str | int | None] = {"kind": name}
    for key, field in fields.items():
        out[key] = _checked(name, key, field, data.get(key))
    return out


def _checked(kind: str, key: str, field: Field, value: object) -> str | int | None:
    if value is None:
        if field.required:
            raise ConfigError(f"a question of the kind {kind!r} needs the field {key!r}")
        return None
    if field.number:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= field.most:
            raise ConfigError(f"{key!r} is a whole number from 0 to {field.most}")
        return value
    if not isinstance(value, str):
        raise ConfigError(f"{key!r} is a text")
    if len(value) > field.most:
        raise ConfigError(f"{key!r} has at most {field.most} characters, not {len(value)}")
    return value
