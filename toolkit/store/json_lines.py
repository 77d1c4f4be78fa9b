"""Exports of earlier versions: JSON lines, which are still read.

A first line ``{"format":"plrep-answers","version":1,"entries":N}``, then N lines, one entry each;
perhaps compressed with gzip. Each line carries the checksum that its row had in the store, so
damage in transit is noticed.
"""

from __future__ import annotations

import gzip
import json
import zlib
from typing import TYPE_CHECKING, BinaryIO, cast

from toolkit.errors import StoreError
from toolkit.store.entries import Row, seal
from toolkit.store.keys import AnswerKey, Provenance

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FORMAT = "plrep-answers"
_FORMAT_VERSION = 1
_FIELDS = frozenset(
    {"group", "question", "arguments", "version", "value", "checksum"}
    | {"gap_version", "packages", "script_hash", "seconds", "created"}
)


def lines_of_export(path_in: Path) -> Iterator[tuple[int, bytes]]:
    """Yield number and text of each entry's line.

    Raises
    ------
    StoreError
        If the file cannot be read, is no export, or was cut short; perhaps only after lines.
    """
    entries = found = 0
    whole = True
    try:
        with path_in.open("rb") as raw:
            packed = raw.peek(2)[:2] == b"\x1f\x8b"
            with cast("BinaryIO", gzip.GzipFile(fileobj=raw) if packed else raw) as file:
                entries = _promised_entries(path_in, file.readline())
                for number, line in enumerate(file, start=2):
                    found += 1
                    whole = line.endswith(b"\n")
                    if whole and found <= entries:
                        yield number, line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise StoreError(
            f"{path_in} is damaged or was truncated ({error}); export it again (nothing was "
            "imported)"
        ) from error
    except OSError as error:
        raise StoreError(f"{path_in} cannot be read: {error.strerror or error}") from error
    if found != entries or not whole:
        raise StoreError(
            f"{path_in} is damaged or was cut short (its first line promises {entries} entries, "
            f"{found if whole else found - 1} whole ones were found); export it again, nothing "
            "was taken from it"
        )


def entry_of_line(line: bytes) -> tuple[AnswerKey, object, Row]:
    """Return what a line holds; raise an exception that names any fault."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is not JSON") from error
    if not isinstance(data, dict) or data.keys() != _FIELDS:
        raise ValueError(f"it must be a record of {', '.join(sorted(_FIELDS))}")
    key = AnswerKey(data["group"], data["question"], data["arguments"], data["version"])
    if not isinstance(data["packages"], dict) or type(data["seconds"]) not in (int, float):
        raise ValueError("packages must be a record and seconds a number")
    provenance = Provenance(
        data["gap_version"],
        data["packages"],
        data["script_hash"],
        data["seconds"],
        data["created"],
    )
    row = seal(key, data["value"], provenance)
    if row.checksum.hex() != data["checksum"]:
        raise ValueError("its checksum does not match")
    return key, data["value"], row


def _promised_entries(path_in: Path, line: bytes) -> int:
    try:
        header = json.loads(line)
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict) or header.get("format") != _FORMAT:
        raise StoreError(
            f"{path_in} must be an export of the cache, but its first line is not one; plrep cache "
            "repair FILE imports the undamaged answers of a damaged export"
        )
    if header.get("version") != _FORMAT_VERSION:
        raise StoreError(
            f"{path_in} has export version {header.get('version')!r}, this toolkit reads "
            f"{_FORMAT_VERSION}: export it again with this version"
        )
    entries = header.get("entries")
    if type(entries) is not int or entries < 0:
        raise StoreError(f"{path_in} must say in its first line how many entries it has")
    return entries
