"""What is sound in a damaged file goes on being served; the file itself is kept."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
from typing import TYPE_CHECKING

from toolkit.store.aside import move_aside
from toolkit.store.entries import add_row
from toolkit.store.log import warn
from toolkit.store.migrations import migrate
from toolkit.store.records import rows_in_file
from toolkit.store.reports import Rescue
from toolkit.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from toolkit.store.entries import Row

_SPARE = 1_000_000  # bytes that a new file needs besides the rows, with its log


def renew(path: Path, fault: str) -> tuple[Rescue, tuple[Row, ...] | None]:
    """Move a damaged file aside, and write its sound rows into a new one.

    Parameters
    ----------
    path
        The file; no connection of this process may have it open.
    fault
        What is wrong with it.

    Returns
    -------
    tuple of Rescue and tuple of Row
        What was done; and the rows, if they could not be written there, else ``None``.

    Raises
    ------
    OSError
        If the file cannot be moved, or there is no room for a new one; nothing has changed.
    """
    found = path.stat()
    size = min(found.st_size, getattr(found, "st_blocks", found.st_size) * 512)
    if shutil.disk_usage(path.parent).free < size + _SPARE:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    aside = move_aside(path)
    rows = rows_in_file(aside).rows
    left: tuple[Row, ...] | None = None
    if rows:
        try:
            _write(path, rows)
        except (OSError, sqlite3.Error):
            left = rows
    rescue = Rescue(path, fault, len(rows), aside)
    used = "it has no undamaged answers; all are computed again when needed"
    if rows:
        used = (
            f"{counted(len(rows), 'sound answer')} in it can be used; the rest is computed again "
            "when needed"
        )
    warn("%s is damaged (%s): %s; the damaged file is kept as %s", path, fault, used, aside)
    return rescue, left


def read_only_rescue(path: Path, fault: str, remedy: str) -> tuple[Rescue, tuple[Row, ...]]:
    """Return the sound rows of a damaged file that stays as it is."""
    rows = rows_in_file(path).rows
    rescue = Rescue(path, fault, len(rows), None)
    found = counted(rescue.saved, "sound answer") if rescue.saved else "no sound answer"
    verb = "are" if rescue.saved > 1 else "is"
    warn(
        "%s is damaged (%s): %s %s found in it%s",
        *(path, fault, found, verb, f"; {remedy}" if remedy else ""),
    )
    return rescue, rows


def _write(path: Path, rows: Iterable[Row]) -> None:
    """Add rows to a file, which others may have made and filled meanwhile."""
    with contextlib.closing(
        sqlite3.connect(path.as_uri() + "?mode=rwc", uri=True, isolation_level=None, timeout=30.0)
    ) as connection:
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        migrate(connection, str(path))
        connection.execute("BEGIN IMMEDIATE")
        for row in rows:
            add_row(connection, row)
        connection.execute("COMMIT")
