"""The schema of the cache file: named steps, each in one transaction with its record.

``PRAGMA application_id`` marks a file as an answer cache, ``PRAGMA user_version`` is the number of
steps applied to it. A released step is never edited: add another.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from toolkit.errors import StoreCorruptError, StoreError, StoreSchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence

APPLICATION_ID = int.from_bytes(b"PLRP", "big")


class Migration(NamedTuple):
    """One step.

    Parameters
    ----------
    name
        What it does.
    statements
        SQL, one statement each.
    """

    name: str
    statements: tuple[str, ...]


MIGRATIONS: Sequence[Migration] = (
    Migration(
        "answers",
        (
            "CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT",
            """
            CREATE TABLE answers (
                id INTEGER PRIMARY KEY,
                group_key TEXT NOT NULL,
                question TEXT NOT NULL,
                arguments TEXT NOT NULL,
                version INTEGER NOT NULL,
                payload BLOB NOT NULL,
                checksum BLOB NOT NULL,
                gap_version TEXT NOT NULL,
                packages TEXT NOT NULL,
                script_hash TEXT NOT NULL,
                seconds REAL NOT NULL,
                created TEXT NOT NULL,
                UNIQUE (group_key, question, arguments, version)
            ) STRICT
            """,
        ),
    ),
)
SCHEMA = len(MIGRATIONS)


class ForeignFileError(StoreCorruptError):
    """The file is an intact database of another program, which must be left alone."""


def check_schema(connection: sqlite3.Connection, path: str) -> int:
    """Return the number of steps applied to the file at ``path``: 0 if it is empty.

    Raises
    ------
    ForeignFileError
        If it is a database of another program.
    StoreSchemaError
        If a later toolkit wrote it.
    StoreCorruptError
        If it has tables, but no version.
    """
    application, found, tables = _marks(connection)
    if application != APPLICATION_ID:
        if application or found or tables:
            raise ForeignFileError(
                path,
                "it is a database of another program; name another folder in PLREP_CACHE_DIR",
            )
        return 0
    if found < 1 and tables:
        raise StoreCorruptError(path, f"its schema version is {found}, but it has tables")
    if found > SCHEMA:
        raise StoreSchemaError(path, found, SCHEMA)
    return found


def migrate(connection: sqlite3.Connection, path: str) -> None:
    """Bring the file up to :data:`SCHEMA`; several processes may do so at the same time.

    Raises
    ------
    StoreError
        If this Python's SQLite is too old; also what :func:`check_schema` raises.
    """
    if sqlite3.sqlite_version_info < (3, 37):
        raise StoreError(
            f"the cache needs SQLite 3.37 or later, this Python has {sqlite3.sqlite_version}"
        )
    for number in range(1, len(MIGRATIONS) + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            if check_schema(connection, path) < number:
                apply_step(connection, number)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def apply_step(connection: sqlite3.Connection, number: int) -> None:
    """Apply one step, counted from 1, in the transaction that is open."""
    step = MIGRATIONS[number - 1]
    for statement in step.statements:
        connection.execute(statement)
    connection.execute("INSERT INTO migrations VALUES (?, ?)", (number, step.name))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {number}")


def _marks(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Return application, version and number of tables, all from one state of the file.

    Another process may be making the file at this moment: outside a transaction the three could
    come from different states.
    """
    queries = (
        "SELECT count(*) FROM sqlite_schema",
        "PRAGMA application_id",
        "PRAGMA user_version",
    )
    alone = not connection.in_transaction
    if alone:
        connection.execute("BEGIN")
    try:
        tables, application, found = (connection.execute(q).fetchone()[0] for q in queries)
    finally:
        if alone and connection.in_transaction:
            connection.execute("ROLLBACK")
    return application, found, tables
