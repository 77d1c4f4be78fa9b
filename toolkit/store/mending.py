"""From an error to a file that works again: look what is wrong, rescue the rows, go on."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Literal

from toolkit.errors import StoreCorruptError, StoreError, StoreSchemaError
from toolkit.store.access import Access, identity, odd_side_file
from toolkit.store.aside import folder_lock
from toolkit.store.damage import fault_of_contents, fault_of_file, fault_of_log, said
from toolkit.store.failures import NO_DAMAGE, code_of, says_damaged
from toolkit.store.full_disk import (
    ChangedError,
    has_log,
    is_cramped,
    lacks_room,
    read_without_room,
)
from toolkit.store.migrations import ForeignFileError
from toolkit.store.sessions import OPENING, is_open, nobody_reads

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.store.entries import Row
    from toolkit.store.reports import Rescue
    from toolkit.store.sessions import Identity

_LOG_HEADER = 32
_TRIES = 3  # how often an error may come back from a file in which nothing is wrong


class Mender:
    """What is known about the damage of one file.

    Parameters
    ----------
    path
        The file; ``None`` for a database in memory, which is never damaged.
    remedy
        What a warning advises if the file is only read.
    """

    def __init__(self, path: Path | None, remedy: str) -> None:
        self.path = path
        self.remedy = remedy
        #: What became of the file when it was last found damaged.
        self.report: Rescue | None = None
        self._rows: tuple[Row, ...] | None = None
        self._of: Identity | None = None
        self._log_checked = False

    def rows_in_memory(self, file: Identity | None) -> tuple[Row, ...] | None:
        """Return the rows that stand for the file, if it is still the one that was damaged."""
        if self._rows is not None and file != self._of:
            self._rows = None  # somebody has put another file there
        return self._rows

    def check_log(self, access: Access) -> Access:
        """Look once at the log that ended processes left; call it before the file is opened.

        Returns
        -------
        Access
            How the file can be used from now on.
        """
        path = self.path
        if self._log_checked or path is None or access.kind not in ("write", "read"):
            return access
        self._log_checked = True
        with contextlib.suppress(OSError):
            log = path.with_name(path.name + "-wal")
            journal = path.with_name(path.name + "-journal")
            looked = (log.exists() and log.stat().st_size > _LOG_HEADER) or journal.exists()
            if looked or odd_side_file(path):
                with folder_lock(path.parent), OPENING:
                    file = identity(path)
                    if file is None and access.kind == "write" and odd_side_file(path):
                        path.touch()  # what is beside a file goes aside with it
                        file = identity(path)
                    fault = "" if file is None or is_open(file) else fault_of_log(path)
                    return self._rescue(path, access, fault) if fault else access
        return access

    def fault(self, access: Access) -> str:
        """Return what is wrong with the file, or the empty string; nothing is changed.

        Raises
        ------
        ForeignFileError, StoreSchemaError, sqlite3.OperationalError
            As :func:`toolkit.store.damage.fault_of_file`.
        """
        path = self.path
        if path is None or identity(path) is None:
            return ""
        with nobody_reads(identity(path)):
            return self._fault(path, access)

    def says_read_only(self, access: Access, error: sqlite3.DatabaseError) -> bool:
        """Whether a damaged header is why SQLite takes the file for one that is only read."""
        if error.sqlite_errorcode != sqlite3.SQLITE_READONLY:
            return False
        with contextlib.suppress(StoreError, sqlite3.DatabaseError):
            return self.fault(access) != ""
        return False

    def mend(self, access: Access, error: BaseException, tries: int) -> Access:
        """Do what can be done after an error, so that the operation may be tried again.

        Parameters
        ----------
        access
            How the file was used.
        error
            The error.
        tries
            How many errors this operation had, with this one.

        Returns
        -------
        Access
            How it can be used from now on.

        Raises
        ------
        BaseException
            The error itself, if nothing is wrong with the file.
        StoreSchemaError
            If a later toolkit wrote it.
        sqlite3.OperationalError
            If it is locked, or cannot be opened.
        """
        path = self.path
        if path is None or access.kind in ("memory", "empty") or self._rows is not None:
            raise error
        lock = folder_lock(path.parent) if access.kind == "write" else contextlib.nullcontext()
        with lock, nobody_reads(identity(path)):
            try:
                fault = self._fault(path, access)
            except ForeignFileError as foreign:
                return Access("empty", foreign.problem)
            if not fault:
                if tries < _TRIES:
                    return access  # another process has put it right, or has taken it away
                if not says_damaged(error):
                    raise error
                fault = said(error)
            return self._rescue(path, access, fault)

    def _fault(self, path: Path, access: Access) -> str:
        if not path.is_file():
            return ""
        if found := fault_of_log(path):
            return found
        how: Literal["rw", "ro", "immutable"] = "rw" if access.kind == "write" else "ro"
        if access.kind == "immutable":
            how = "immutable"
        if how == "immutable" or not is_cramped(path):
            try:
                return fault_of_file(path, how=how)
            except sqlite3.OperationalError as error:
                if not lacks_room(error, path):
                    raise
        return _fault_without_room(path)

    def _rescue(self, path: Path, access: Access, fault: str) -> Access:
        from toolkit.store.rescue import read_only_rescue, renew

        if access.kind == "write":
            try:
                self.report, self._rows = renew(path, fault)
            except OSError as error:
                reason = error.strerror or type(error).__name__
                access = Access("read", f"it is damaged and cannot be moved away ({reason})")
            else:
                if self._rows is not None:
                    access = Access("read", "its answers could not be written into a new file")
        if self._rows is None and access.kind != "write":
            self.report, self._rows = read_only_rescue(path, fault, self.remedy)
        self._of = identity(path)
        return access


def _fault_without_room(path: Path) -> str:
    """Return what is wrong with a file whose log SQLite has no room to read as always."""
    if not has_log(path):
        return fault_of_file(path, how="immutable")
    try:
        return read_without_room(
            path, lambda connection: fault_of_contents(connection, str(path)), _connect
        )
    except ChangedError:  # by a process that found nothing wrong with it
        return ""
    except (ForeignFileError, StoreSchemaError):
        raise
    except StoreCorruptError as error:
        return error.problem
    except sqlite3.DatabaseError as error:
        if code_of(error) in NO_DAMAGE:
            raise
        return said(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, the file cannot be read
        return said(error)


def _connect(target: str) -> sqlite3.Connection:
    connection = sqlite3.connect(target, isolation_level=None, uri=target.startswith("file:"))
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    return connection
