"""Rows of the table: an answer is sealed with a checksum, and opened only if that matches."""

from __future__ import annotations

import hashlib
import json
import zlib
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from toolkit.errors import StoreError
from toolkit.store.keys import Answer, AnswerKey, Provenance, canonical_json, unchecked_key

if TYPE_CHECKING:
    import sqlite3


class DamagedRowError(Exception):
    """A row has changed since it was written; the error never leaves the store."""


class Row(NamedTuple):
    """The columns of the table ``answers``, in order (without its ``id``)."""

    group_key: str
    question: str
    arguments: str
    version: int
    payload: bytes
    checksum: bytes
    gap_version: str
    packages: str
    script_hash: str
    seconds: float
    created: str


COLUMNS = ", ".join(Row._fields)
_INSERT = (
    f"INSERT INTO answers ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (group_key, question, arguments, version) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in Row._fields[4:])
)
_ADD = f"INSERT OR IGNORE INTO answers ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_SELECT = (
    f"SELECT {', '.join(Row._fields[4:])} FROM answers "
    "WHERE group_key = ? AND question = ? AND arguments = ? AND version = ?"
)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)
_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


def compact_json(value: object) -> str:
    """Return ``value`` as JSON without spaces, ASCII only, keys in their given order."""
    return _ENCODER.encode(value)


def seal(key: AnswerKey, value: object, provenance: Provenance) -> Row:
    """Return the row that holds ``value``.

    Raises
    ------
    StoreError
        If ``value`` is not JSON data, or would not be read back as it is.
    """
    try:
        text = compact_json(value)
        if compact_json(_DECODER.decode(text)) != text:
            raise ValueError("two of its keys have the same text")
    except (TypeError, ValueError, RecursionError) as error:
        raise StoreError(
            f"the answer to {key} must be JSON data to be stored, but: {error}"
        ) from error
    data = text.encode("ascii")
    packages = canonical_json(dict(provenance.packages))
    row = Row(
        *(key.group, key.question, key.arguments, key.version),
        *(zlib.compress(data), b""),
        *(provenance.gap_version, packages, provenance.script_hash),
        *(provenance.seconds, provenance.created),
    )
    return row._replace(checksum=_checksum(row, data))


def open_row(row: Row) -> Answer:
    """Return the answer that ``row`` holds.

    Raises
    ------
    DamagedRowError
        If any byte of key, payload or provenance has changed.
    """
    data = check_row(row)
    try:
        return Answer(
            _DECODER.decode(data.decode("ascii")),
            Provenance(
                row.gap_version,
                json.loads(row.packages),
                row.script_hash,
                row.seconds,
                row.created,
            ),
        )
    except (AttributeError, TypeError, ValueError, RecursionError) as error:
        raise DamagedRowError("its payload cannot be read") from error


def check_row(row: Row) -> bytes:
    """Return the JSON that ``row`` holds.

    Raises
    ------
    DamagedRowError
        If any byte of key, payload or provenance has changed.
    """
    try:
        data = zlib.decompress(row.payload)
    except (zlib.error, TypeError, MemoryError, OverflowError) as error:
        raise DamagedRowError("its payload cannot be decompressed") from error
    if _checksum(row, data) != row.checksum:
        raise DamagedRowError("its checksum does not match")
    return data


def row_key(group: str, question: str, arguments: str, version: int) -> AnswerKey:
    """Return the key of a row; the row may be damaged, so nothing about it is checked."""
    return unchecked_key(group, question, arguments, version)


def select_row(connection: sqlite3.Connection, key: AnswerKey) -> Row | None:
    """Return the row of ``key``, unchecked, or ``None``."""
    names = (key.group, key.question, key.arguments, key.version)
    found = connection.execute(_SELECT, names).fetchone()
    return None if found is None else Row._make(names + found)


def insert_row(connection: sqlite3.Connection, row: Row) -> None:
    """Write ``row``; it replaces one with the same key."""
    connection.execute(_INSERT, row)


def add_row(connection: sqlite3.Connection, row: Row) -> bool:
    """Write ``row`` unless there is one with the same key; return whether it was written."""
    return connection.execute(_ADD, row).rowcount > 0


def _checksum(row: Row, data: bytes) -> bytes:
    """SHA-256 over key, provenance and uncompressed JSON; no field can hold a line feed."""
    head = (
        f"{row.group_key}\n{row.question}\n{row.arguments}\n{row.version}\n{row.gap_version}\n"
        f"{row.packages}\n{row.script_hash}\n{row.seconds!r}\n{row.created}\n"
    )
    return hashlib.sha256(head.encode("utf-8", "replace") + data).digest()
