"""The answer cache: one SQLite file that many processes and threads may use at once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Self

from toolkit.deprecation import deprecated
from toolkit.errors import StoreCorruptError, StoreReadOnlyError
from toolkit.store.database import LOOK_MILLISECONDS, Database
from toolkit.store.entries import (
    DamagedRowError,
    insert_row,
    open_row,
    row_key,
    seal,
    select_row,
)
from toolkit.store.keys import Answer, AnswerKey, Provenance
from toolkit.store.log import warn

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from toolkit.store.reports import (
        ImportReport,
        RepairReport,
        Rescue,
        StoreInfo,
        VerifyReport,
    )

_KEY = "group_key = ? AND question = ? AND arguments = ? AND version = ?"


class Store:
    """A cache of answers in one file.

    Parameters
    ----------
    path
        The file, which the first :meth:`put` creates. ``None`` for a store in memory.
    read_only
        Whether the store is never written. If the file or its folder cannot be written, the store
        becomes read-only automatically; see :attr:`writable`.
    immutable
        Whether the file cannot change while it is open. It is then read-only, without locks and
        side files.
    remedy
        The advice in the warning about a damaged file that is only read.

    Notes
    -----
    Nothing is opened before the first use. Use the store as a context manager, or :meth:`close` it.
    It may be used by many threads and after a fork; it is pickled by its path.

    A damaged answer is a miss: it is logged, listed in :attr:`damaged`, and replaced by the next
    :meth:`put`. If the file itself is damaged, it is renamed to end in ``.damaged``, and the
    undamaged answers are served from a new file, or from memory if the store is read-only. This is
    logged once and described by :attr:`rescue`. A file of another program is not changed and
    receives no answers.

    Examples
    --------
    >>> key = AnswerKey.of("C4", "class_sizes")
    >>> with Store(None) as store:
    ...     store.put(key, (1, 1, 1, 1), Provenance("4.16.1", seconds=0.5))
    ...     store.get(key).value, store.get(AnswerKey.of("C5", "class_sizes"))
    True
    ([1, 1, 1, 1], None)
    """

    def __init__(
        self,
        path: Path | None,
        *,
        read_only: bool = False,
        immutable: bool = False,
        remedy: str = "",
    ) -> None:
        self.path = path
        self.damaged: list[AnswerKey] = []
        self._unkept_reported = False
        self._read_only = read_only
        self._immutable = immutable
        self.remedy = remedy
        self._database = Database(path, read_only=read_only, immutable=immutable, remedy=remedy)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.path) if self.path else None!r})"

    def __getstate__(self) -> tuple[Path, bool, bool, str]:
        if self.path is None:
            raise TypeError("a store in memory cannot be sent to another process")
        return self.path, self._read_only, self._immutable, self.remedy

    def __setstate__(self, state: tuple[Path, bool, bool, str]) -> None:
        path, read_only, immutable, remedy = state
        self.__init__(  # type: ignore[misc]
            path, read_only=read_only, immutable=immutable, remedy=remedy
        )

    def close(self) -> None:
        """Close the connections of all threads; the store cannot be used afterwards."""
        self._database.close()

    @property
    def writable(self) -> bool:
        """Whether answers can be written."""
        return not self._database.access.why

    @property
    def why_read_only(self) -> str:
        """Why answers cannot be written; empty if they can."""
        return self._database.access.why

    @property
    def unusable(self) -> str:
        """Why the path exists but cannot be read, such as a folder; empty if it is a file."""
        access = self._database.access
        there = self.path is not None and os.path.lexists(self.path)
        return access.why if there and access.kind == "empty" else ""

    def probe(self) -> bool:
        """Return whether answers can be written, by trying to create files.

        Notes
        -----
        :attr:`writable` only checks permissions until something is written, which is not enough in
        folders such as ``/proc``. The files created here are removed again.
        """
        self._database.probe()
        return self.writable

    def check_file(self) -> None:
        """Raise if the file itself is damaged, without changing it; :meth:`repair` repairs it.

        Raises
        ------
        StoreCorruptError
            If the file is not a cache, or is damaged as a whole.
        StoreSchemaError
            If a later toolkit wrote it.
        """
        problem = self._database.fault()
        if problem:
            raise StoreCorruptError(
                self._database.name,
                f"{problem}; plrep cache repair saves the undamaged answers",
            )

    @property
    def rescue(self) -> Rescue | None:
        """What happened to the file when it was last found damaged, else ``None``."""
        return self._database.mender.report

    def set_aside(self) -> Path:
        """Rename a damaged file to end in ``.damaged``; return its new path.

        The store is then empty; :meth:`repair` would keep the undamaged answers.

        Raises
        ------
        StoreReadOnlyError
            If the store cannot be written.
        StoreError
            If the file cannot be renamed.
        """
        return self._database.set_aside()

    # -- one answer ----------------------------------------------------------------------------

    def get(self, key: AnswerKey) -> Answer | None:
        """Return the answer to ``key``, or ``None`` if there is no undamaged one.

        Raises
        ------
        StoreSchemaError
            If a later toolkit wrote the file.

        Notes
        -----
        The first time that an answer is missing, the file is searched for damage that could hide
        it, for at most half a second; :meth:`repair` checks everything.
        """
        answer = self.look_up(key)
        if answer is None and self._database.look(LOOK_MILLISECONDS):
            answer = self.look_up(key)
        return answer

    def look_up(self, key: AnswerKey) -> Answer | None:
        """Do the same as :meth:`get`, but never search for damage."""
        row = self._database.read(lambda connection: select_row(connection, key))
        if row is None:
            return None
        try:
            return open_row(row)
        except DamagedRowError as error:
            self.report_damage(key, str(error))
            return None

    def put(self, key: AnswerKey, value: object, provenance: Provenance) -> bool:
        """Write an answer; it replaces an existing one.

        Returns
        -------
        bool
            Whether it was written. ``False``, with one warning, if the file is read-only or the
            disk is full. With a full disk, the next answer is tried again.

        Raises
        ------
        StoreReadOnlyError
            If the store was opened with ``read_only``.
        StoreError
            If ``value`` is not JSON data, or the file stays locked.

        Notes
        -----
        ``value`` must be JSON data: ``None``, booleans, integers, finite floats, text, lists or
        tuples, and dictionaries with text keys. It must have passed its laws, which are not checked
        here.
        """
        row = seal(key, value, provenance)
        if self._database.refuses_writes:
            self._database.require_writable()
        if not self.writable:
            self._report_unkept()
            return False
        try:
            self._database.write(lambda connection: insert_row(connection, row))
        except StoreReadOnlyError as error:
            if not self._unkept_reported:
                self._unkept_reported = True
                warn("%s", error)
            return False
        return True

    def contains(self, key: AnswerKey) -> bool:
        """Whether there is an answer to ``key``; only :meth:`get` checks that it is undamaged."""
        query = f"SELECT 1 FROM answers WHERE {_KEY}"
        return self._database.read(
            lambda connection: connection.execute(query, _values(key)).fetchone() is not None
        )

    def delete(self, key: AnswerKey) -> bool:
        """Remove the answer to ``key``; return whether there was one.

        Raises
        ------
        StoreReadOnlyError
            If the store cannot be written.
        """
        self._database.require_writable()
        if not self.contains(key):
            return False
        query = f"DELETE FROM answers WHERE {_KEY}"
        return self._database.write(
            lambda connection: connection.execute(query, _values(key)).rowcount > 0
        )

    # -- all answers ---------------------------------------------------------------------------

    def __contains__(self, key: object) -> bool:
        return isinstance(key, AnswerKey) and self.contains(key)

    def __len__(self) -> int:
        return self._database.read(lambda connection: _count(connection, "answers"))

    def __bool__(self) -> bool:
        return True  # an empty store is a store

    def __iter__(self) -> Iterator[AnswerKey]:
        return iter(self.keys())

    def keys(self, group: str | None = None) -> tuple[AnswerKey, ...]:
        """Return all keys, or those of one group, in order."""
        query = "SELECT group_key, question, arguments, version FROM answers"
        where, values = ("", ()) if group is None else (" WHERE group_key = ?", (group,))
        order = " ORDER BY group_key, question, arguments, version"
        return self._database.read(
            lambda connection: tuple(
                row_key(*row) for row in connection.execute(query + where + order, values)
            )
        )

    def clear(self, group: str | None = None) -> int:
        """Remove all answers, or those of one group; return how many there were.

        Raises
        ------
        StoreReadOnlyError
            If the store cannot be written.

        Notes
        -----
        This also works on a full disk, and frees the space. The data for a rollback are then kept
        in memory: a process that is killed at this moment may leave a damaged file.
        """
        from toolkit.store.survey import clear

        self._database.require_writable()
        return clear(self._database, group) if self.keys(group) else 0

    def info(self) -> StoreInfo:
        """Return the contents and the state of the store, without reading the answers."""
        from toolkit.store.survey import info_of

        return info_of(self._database)

    def verify(
        self,
        progress: Callable[[int, int], None] | None = None,
        check: Callable[[AnswerKey, object], None] | None = None,
    ) -> VerifyReport:
        """Check that every answer is undamaged and obeys its laws.

        Parameters
        ----------
        progress
            Called with the number of answers checked so far and their total number.
        check
            Called with each key and value; it must raise if a law fails.

        Raises
        ------
        StoreSchemaError
            If a later toolkit wrote the file.

        Notes
        -----
        Others may use the store at the same time. Damaged answers stay until :meth:`delete` or
        :meth:`repair` removes them or :meth:`put` replaces them.
        """
        from toolkit.store.survey import checked_rows

        self._database.look()
        return checked_rows(self._database, progress, check)

    def repair(
        self,
        progress: Callable[[int, int], None] | None = None,
        check: Callable[[AnswerKey, object], None] | None = None,
    ) -> RepairReport:
        """Repair the file: damaged answers are removed, and a damaged file is set aside.

        Parameters
        ----------
        progress, check
            As for :meth:`verify`.

        Raises
        ------
        StoreReadOnlyError
            If the store cannot be written.

        Notes
        -----
        A file that is damaged as a whole is kept under another name, and its undamaged answers are
        written into a new file; :attr:`rescue` describes this.
        """
        from toolkit.store.reports import RepairReport
        from toolkit.store.survey import checked_rows

        self._database.look()
        self._database.require_writable()
        report = checked_rows(self._database, progress, check)
        gone = [n for n, key in enumerate(report.damaged) if self.delete(key)]
        return RepairReport(
            self.rescue,
            report.checked,
            tuple(report.damaged[n] for n in gone),
            tuple(report.reasons[n] for n in gone),
        )

    # -- in and out ----------------------------------------------------------------------------

    def export(self, path_out: Path) -> int:
        """Write all answers to a separate file; return how many.

        Parameters
        ----------
        path_out
            The file. It appears as a whole or not at all.

        Raises
        ------
        StoreError
            If the file cannot be written.

        Notes
        -----
        The result is a store file without side files: :meth:`import_` imports it, and
        ``Store(path_out, immutable=True)`` reads it. The same answers give the same bytes, with the
        same version of SQLite. Damaged answers are left out, logged and listed in :attr:`damaged`.
        """
        from toolkit.store.exchange import export_rows

        self._database.look()
        count, damaged = export_rows(self._database, path_out)
        for key in damaged:
            self.report_damage(key, "it was left out of the export")
        return count

    def import_(
        self,
        path_in: Path,
        check: Callable[[AnswerKey, object], None] | None = None,
        *,
        partial: bool = False,
    ) -> ImportReport:
        """Import the answers that :meth:`export` wrote, also in earlier versions.

        Parameters
        ----------
        path_in
            The file.
        check
            Called with each key and value; if it raises because a law fails, the entry is rejected.
        partial
            Whether to import the valid entries even if others are rejected. Otherwise nothing is
            written if an entry is rejected.

        Raises
        ------
        StoreReadOnlyError
            If the store cannot be written.
        StoreError
            If the file is not an export, is damaged or was cut short. Nothing is then written;
            :meth:`recover` imports the undamaged answers.

        Notes
        -----
        An answer that the store already has is kept, unless it is damaged. Everything is written
        in one transaction.
        """
        from toolkit.store.exchange import import_rows

        return import_rows(self._database, path_in, check, partial=partial)

    def recover(
        self, path_in: Path, check: Callable[[AnswerKey, object], None] | None = None
    ) -> ImportReport:
        """Import the undamaged answers of a damaged cache or export, which is not changed.

        Parameters
        ----------
        path_in, check
            As for :meth:`import_`.

        Raises
        ------
        StoreReadOnlyError
            If the store cannot be written.
        StoreError
            If the file cannot be read at all.

        Notes
        -----
        Answers are found by their bytes, and those whose checksum matches are imported. An answer
        that the store already has is kept.
        """
        from toolkit.store.exchange import recover_rows

        return recover_rows(self._database, path_in, check)

    @deprecated("Store.compact_copy_to() is now Store.export()")
    def compact_copy_to(self, path_out: Path) -> int:
        """Do the same as :meth:`export`."""
        return self.export(path_out)

    # -- inside --------------------------------------------------------------------------------

    def report_damage(self, key: AnswerKey, reason: str) -> None:
        """Log that the answer to ``key`` is damaged, and list it in :attr:`damaged`."""
        warn("%s: the answer to %s is damaged (%s)", self._database.name, key, reason)
        if key not in self.damaged:
            self.damaged.append(key)

    def _report_unkept(self) -> None:
        """Warn once that answers cannot be kept; a cache that can be read needs no warning."""
        if self._database.access.kind == "empty" and not self._unkept_reported:
            self._unkept_reported = True
            warn("%s cannot store answers: %s", self._database.name, self.why_read_only)


@deprecated("write_compact() is no more: put the answers into Store(None), then export() it")
def write_compact(path_out: Path, entries: Iterable[tuple[AnswerKey, object, Provenance]]) -> int:
    """Write answers to a separate file; return how many. The last answer to a key is used.

    Parameters
    ----------
    path_out
        The file to write.
    entries
        The keys, with their payloads and provenance.

    Returns
    -------
    int
        The number of answers written.
    """
    with Store(None) as store:
        for key, value, provenance in entries:
            store.put(key, value, provenance)
        return store.export(path_out)


def _values(key: AnswerKey) -> tuple[str, str, str, int]:
    return key.group, key.question, key.arguments, key.version


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
