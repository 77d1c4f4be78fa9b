"""Whether a file is damaged: as a whole, not a single answer in it.

An error of SQLite is only a reason to look. What counts is what is seen then: the header, the
marks, the tables and the tree of pages. A file of another program, and one of a later toolkit, are
not damaged and stay where they are.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO, Literal

from toolkit.errors import StoreSchemaError
from toolkit.store.access import odd_side_file
from toolkit.store.failures import NO_DAMAGE, code_of
from toolkit.store.migrations import (
    APPLICATION_ID,
    MIGRATIONS,
    SCHEMA,
    ForeignFileError,
    apply_step,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OTHERS = (
    "SELECT type, name FROM sqlite_schema WHERE type = 'trigger' OR (type = 'index' AND "
    "upper(sql) LIKE '%UNIQUE%') LIMIT 1"
)
_MAGIC = b"SQLite format 3\0"
_MOST_STEPS = 1000  # no toolkit will ever have more steps in its schema
_LOG_HEADER, _FRAME_HEADER = 32, 24
_MOST_FRAMES = 16_000  # of the log that are looked at: two seconds
_MOST_OF_NEW = 65536  # bytes: the largest page, and a new file has one
_LAST_LOCK = 128  # the byte of the -shm file that every user of a file holds a lock on


def fault_of_file(path: Path, *, how: Literal["rw", "ro", "immutable"]) -> str:
    """Return what is wrong with the file, or the empty string.

    Parameters
    ----------
    path
        The file; no connection of this process may have it open.
    how
        How to open it: ``"rw"`` leaves no side files behind, ``"ro"`` may; ``"immutable"`` takes no
        locks.

    Raises
    ------
    ForeignFileError
        If it is a sound database of another program.
    StoreSchemaError
        If a later toolkit wrote it.
    sqlite3.OperationalError
        If it is locked, or cannot be opened.
    """
    with path.open("rb") as stream:
        header = stream.read(100)
    if not header:
        return "it is empty" if how == "immutable" else ""
    if header[:16] != _MAGIC or len(header) < 100:
        return "it is not an SQLite database"
    if not {header[18], header[19]} <= {1, 2}:
        return "its header is damaged"
    try:
        connection = sqlite3.connect(
            path.as_uri() + ("?immutable=1" if how == "immutable" else f"?mode={how}"), uri=True
        )
        try:
            connection.text_factory = lambda data: data.decode("utf-8", "replace")
            return fault_of_contents(connection, str(path))
        finally:
            connection.close()
    except (ForeignFileError, StoreSchemaError):
        raise
    except sqlite3.OperationalError as error:
        if code_of(error) in NO_DAMAGE:
            raise
        return said(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, the file cannot be read
        return said(error)


def fault_of_log(path: Path) -> str:
    """Return what is wrong with the write-ahead log that ended processes left beside a file.

    Parameters
    ----------
    path
        The file itself; no connection of this process may have it open.

    Notes
    -----
    SQLite stops at the first page of the log that is damaged, and says nothing: whatever was
    written after it would be lost. That a transaction without an end is there is no fault; a
    process was killed while it wrote. Nothing is said while another process uses the file.
    """
    odd = odd_side_file(path)
    if odd:
        return f"{odd} next to it is not a file"
    if _has_journal_of_another(path):
        return f"{path.name}-journal next to it belongs to another file"
    log = path.with_name(path.name + "-wal")
    try:
        if log.stat().st_size <= _LOG_HEADER:
            return ""
        with _unused(path.with_name(path.name + "-shm")) as unused, log.open("rb") as stream:
            return _fault_of_frames(stream) if unused else ""
    except OSError:
        return ""


def fault_of_contents(
    connection: sqlite3.Connection, path: str, milliseconds: int | None = None
) -> str:
    """Return what is wrong with marks, tables and pages of an open file, or the empty string.

    Parameters
    ----------
    connection
        The open file.
    path
        Its name.
    milliseconds
        When to stop looking at the pages; what was seen by then was sound.

    Raises
    ------
    ForeignFileError, StoreSchemaError
        As :func:`fault_of_file`.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    tables = dict(connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'"))
    if not (application or found or tables):
        return ""
    ours = tables.get("answers") == _tables(1)["answers"]
    if application != APPLICATION_ID:
        if not ours and (application ^ APPLICATION_ID).bit_count() > 1:
            raise ForeignFileError(
                path,
                "it is a database of another program; set PLREP_CACHE_DIR to another folder",
            )
        return "its application mark is damaged"
    if found > SCHEMA:
        steps = 0
        with contextlib.suppress(sqlite3.DatabaseError):
            (steps,) = connection.execute("SELECT count(*) FROM migrations").fetchone()
        # each step of the schema is recorded: a number that one bit tells from theirs is damaged
        if found <= _MOST_STEPS and (found ^ steps).bit_count() != 1:
            raise StoreSchemaError(path, found, SCHEMA)
    if not 1 <= found <= SCHEMA:
        return f"its schema version is {found}" if tables or found else ""
    for name, text in _tables(found).items():
        if tables.get(name) != text:
            return f"its table {name} is {'damaged' if name in tables else 'missing'}"
    others = connection.execute(_OTHERS).fetchone()
    if others is not None:  # it could refuse a row, or change it
        return f"its table answers has the {others[0]} {others[1]}"
    return _problem_of_pages(connection, milliseconds)


def _problem_of_pages(connection: sqlite3.Connection, milliseconds: int | None) -> str:
    """Return what SQLite finds wrong with the pages, or the empty string."""
    import time

    if milliseconds is not None:
        end = time.monotonic() + milliseconds / 1000
        connection.set_progress_handler(lambda: time.monotonic() > end, 10_000)
    try:
        (problem,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if code_of(error) == sqlite3.SQLITE_INTERRUPT:
            return ""
        raise
    finally:
        if milliseconds is not None:
            connection.set_progress_handler(None, 0)
    return "" if problem == "ok" else " ".join(str(problem).split())


@lru_cache(maxsize=1)
def _tables_by_step(steps: tuple[object, ...]) -> tuple[dict[str, str], ...]:
    del steps
    out = []
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for number in range(1, len(MIGRATIONS) + 1):
            try:
                apply_step(connection, number)
            except sqlite3.DatabaseError:  # a step that cannot be applied: nothing is expected
                break
            rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'")
            out.append(dict(rows))
    return tuple(out)


def _tables(step: int) -> dict[str, str]:
    """Return the tables after so many steps: name and SQL."""
    known = _tables_by_step(tuple(MIGRATIONS))
    return known[min(step, len(known)) - 1]


def said(error: BaseException) -> str:
    """Return what an error says, as one line."""
    return " ".join(str(error).split()) or type(error).__name__


# -- the write-ahead log -------------------------------------------------------------------------


@contextlib.contextmanager
def _unused(shm: Path) -> Iterator[bool]:
    """Tell whether no process uses a file, and keep others away until the block ends."""
    try:
        import fcntl
    except ImportError:  # another system: only if the file of locks is gone
        yield not shm.exists()
        return
    try:
        stream = shm.open("r+b")
    except FileNotFoundError:
        yield True
        return
    with stream:
        try:
            fcntl.lockf(stream, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _LAST_LOCK, os.SEEK_SET)
        except OSError:
            yield False
        else:
            yield True


def _has_journal_of_another(path: Path) -> bool:
    """Whether a journal is there that SQLite would play back into the file, and spoil it.

    A file with a write-ahead log has no journal, except for the moment in which it is made.
    """
    try:
        if not path.with_name(path.name + "-journal").stat().st_size:
            return False
        with path.open("rb") as stream:
            header = stream.read(100)
        return header[18:20] == b"\2\2" and path.stat().st_size > _MOST_OF_NEW
    except OSError:
        return False


def _fault_of_frames(log: BinaryIO) -> str:
    header = log.read(_LOG_HEADER)
    order = "big" if header[3] & 1 else "little"
    size = int.from_bytes(header[8:12], "big")
    salts = header[16:24]
    sound = (
        header[:4] in (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
        and 512 <= size <= 65536
        and size & (size - 1) == 0
        and _sums(header[:24], (0, 0), order) == _pair(header[24:32])
    )
    if not sound:
        return "the header of its log is damaged"
    sums, whole = _pair(header[24:32]), True
    for _ in range(_MOST_FRAMES):
        head, page = log.read(_FRAME_HEADER), log.read(size)
        # what is left of an earlier round has other salts, which are random
        if len(page) < size or _bits_apart(head[8:16], salts) > 2:
            break
        if whole:
            sums = _sums(head[:8] + page, sums, order)
            whole = head[8:16] == salts and sums == _pair(head[16:24])
        if not whole and any(head[4:8]):
            return "its log is damaged"
    return ""


def _bits_apart(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def _pair(data: bytes) -> tuple[int, int]:
    return int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big")


def _sums(data: bytes, start: tuple[int, int], order: str) -> tuple[int, int]:
    """Return SQLite's running checksum of the log: two sums over words of 32 bits."""
    import struct

    words = struct.unpack(f"{'>' if order == 'big' else '<'}{len(data) // 4}I", data)
    first, second = start
    for number in range(0, len(words), 2):
        first = first + words[number] + second & 0xFFFFFFFF
        second = second + words[number + 1] + first & 0xFFFFFFFF
    return first, second
