"""The answer cache: one SQLite file that many processes and threads may use at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from toolkit.deprecation import deprecated
from toolkit.errors import StoreCorruptError, StoreReadOnlyError
from toolkit.store.database import Database
from toolkit.store.entries import (
    COLUMNS,
    DamagedRowError,
    Row,
    insert_row,
    open_row,
    row_key,
    seal,
    select_row,
)
from toolkit.store.keys import Answer, AnswerKey, Provenance
from toolkit.store.migrations import SCHEMA

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from toolkit.store.reports import ImportReport, StoreInfo, VerifyReport

_KEY = "group_key = ? AND question = ? AND arguments = ? AND version = ?"


class Store:
    """A cache of answers in one file.

    Parameters
    ----------
    path
        The file; it is made by the first :meth:`put`. ``None``: in memory only.
    read_only
        Never write. If the file or its folder cannot be written, the store becomes read-only by
        itself: see :attr:`writable`.
    immutable
        Read-only, for files that cannot change while they are open: no locks, no side files.

    Notes
    -----
    Nothing is opened before the first use. Use it as a context manager, or :meth:`close` it. One
    store may be used by many threads and through a fork; it is pickled by its path.

    A damaged answer is a miss: it is logged, listed in :attr:`damaged`, and replaced by the next
    :meth:`put`.

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
        self, path: Path | None, *, read_only: bool = False, immutable: bool = False
    ) -> None:
        self.path = path
        self.damaged: list[AnswerKey] = []
        self._unkept_reported = False
        self._read_only = read_only
        self._immutable = immutable
        self._database = Database(path, read_only=read_only, immutable=immutable)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.path) if self.path else None!r})"

    def __getstate__(self) -> tuple[Path, bool, bool]:
        if self.path is None:
            raise TypeError("a store in memory cannot be sent to another process")
        return self.path, self._read_only, self._immutable

    def __setstate__(self, state: tuple[Path, bool, bool]) -> None:
        path, read_only, immutable = state
        self.__init__(path, read_only=read_only, immutable=immutable)  # type: ignore[misc]

    def close(self) -> None:
        """Close the connections of all threads; the store cannot be used afterwards."""
        self._database.close()

    @property
    def writable(self) -> bool:
        """Whether answers can be put here."""
        return not self._database.access.why

    @property
    def why_read_only(self) -> str:
        """Why answers cannot be put here; empty if they can."""
        return self._database.access.why

    def probe(self) -> bool:
        """Return whether answers can be put here, after actually trying to make files.

        Notes
        -----
        :attr:`writable` only checks permissions until something is written, which is not enough
        in folders such as ``/proc``. The files made here are removed again.
        """
        self._database.probe()
        return self.writable

    def check_file(self) -> None:
        """Raise if the file itself is damaged; :meth:`verify` checks single answers.

        Raises
        ------
        StoreCorruptError
            If the file is not a cache, or is damaged as a whole.
        """
        (problem,) = self._database.read(
            lambda connection: connection.execute("PRAGMA quick_check(1)").fetchone()
        )
        if problem != "ok":
            raise StoreCorruptError(
                self._database.name,
                f"{' '.join(problem.split())}; move it away, as plrep cache clear does; its "
                "answers are then computed again",
            )

    def set_aside(self) -> Path:
        """Rename a damaged file to end in ``.damaged``; return its new path.

        The store is then empty, and makes a new file when an answer is put.

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
        StoreCorruptError
            If the file is not a cache, or is damaged as a whole.
        StoreSchemaError
            If a later toolkit wrote the file.
        """
        row = self._database.read(lambda connection: select_row(connection, key))
        if row is None:
            return None
        try:
            return open_row(row)
        except DamagedRowError as error:
            self._report(key, str(error))
            return None

    def put(self, key: AnswerKey, value: object, provenance: Provenance) -> bool:
        """Write an answer; it replaces an existing one.

        Returns
        -------
        bool
            Whether it was written: ``False`` if the file turned out to be read-only.

        Raises
        ------
        StoreReadOnlyError
            If the store was opened with ``read_only``.
        StoreError
            If ``value`` is not JSON data, the disk is full, or the file stays locked.

        Notes
        -----
        ``value`` must be JSON data: ``None``, booleans, integers, finite floats, text, lists or
        tuples, and dictionaries with text keys. It has passed its laws: none are checked here.
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
            self._unkept_reported = True
            _warn("%s", error)
            return False
        return True

    def contains(self, key: AnswerKey) -> bool:
        """Whether there is a row for ``key``; only :meth:`get` checks that it is undamaged."""
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
        """Return the keys in order, all of them or those of one group."""
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
        """
        self._database.require_writable()
        if not self.keys(group):
            return 0
        where, values = ("", ()) if group is None else (" WHERE group_key = ?", (group,))
        removed = self._database.write(
            lambda connection: connection.execute(f"DELETE FROM answers{where}", values).rowcount
        )
        self._database.shrink()
        return removed

    def info(self) -> StoreInfo:
        """Return contents and state of the store, without reading the answers."""
        from toolkit.store.reports import StoreInfo

        def read(connection: sqlite3.Connection) -> dict[str, Any]:
            entries, groups, payload, oldest, newest = connection.execute(
                "SELECT count(*), count(DISTINCT group_key), "
                "coalesce(sum(length(payload)), 0), min(created), max(created) FROM answers"
            ).fetchone()
            questions = connection.execute(
                "SELECT question, count(*) FROM answers GROUP BY question ORDER BY question"
            ).fetchall()
            versions = connection.execute(
                "SELECT DISTINCT gap_version FROM answers WHERE gap_version <> '' "
                "ORDER BY gap_version"
            ).fetchall()
            return {
                "entries": entries,
                "groups": groups,
                "payload_bytes": payload,
                "oldest": oldest,
                "newest": newest,
                "by_question": dict(questions),
                "gap_versions": tuple(version for (version,) in versions),
            }

        found = self._database.read(read)
        return StoreInfo(
            path=self.path,
            schema=SCHEMA,
            writable=self.writable,
            why_read_only=self.why_read_only,
            bytes_on_disk=self._bytes_on_disk(),
            **found,
        )

    def verify(
        self,
        progress: Callable[[int, int], None] | None = None,
        check: Callable[[AnswerKey, object], None] | None = None,
    ) -> VerifyReport:
        """Check every answer: that it is undamaged and obeys its laws.

        Parameters
        ----------
        progress
            Called with the number of answers checked so far and in all.
        check
            Called with key and value; raises if a law fails.

        Raises
        ------
        StoreCorruptError
            If the file itself is damaged.

        Notes
        -----
        Others may use the store meanwhile. This only reports: damaged answers stay until
        :meth:`delete` removes or :meth:`put` replaces them. The command ``plrep cache verify``
        calls this and then, without ``--keep``, :meth:`delete` for each damaged answer.
        """
        from toolkit.store.reports import VerifyReport

        self.check_file()
        rows = self._database.read(
            lambda connection: connection.execute("SELECT id FROM answers ORDER BY id").fetchall()
        )
        checked, damaged, reasons = 0, [], []
        for done, (number,) in enumerate(rows, start=1):
            row = self._row(number)
            if row is not None:
                checked += 1
                reason = _fault(row, check)
                if reason:
                    damaged.append(row_key(*row[:4]))
                    reasons.append(reason)
            if progress is not None:
                progress(done, len(rows))
        return VerifyReport(checked, tuple(damaged), tuple(reasons))

    # -- in and out ----------------------------------------------------------------------------

    def export(self, path_out: Path) -> int:
        """Write all answers to a file of their own; return how many.

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
        It is a store file without side files: :meth:`import_` takes it in, and
        ``Store(path_out, immutable=True)`` reads it. The same answers give the same bytes, under
        the same version of SQLite. Damaged ones are left out, logged and listed in
        :attr:`damaged`.
        """
        from toolkit.store.exchange import export_rows

        count, damaged = export_rows(self._database, path_out)
        for key in damaged:
            self._report(key, "it was left out of the export")
        return count

    def import_(
        self,
        path_in: Path,
        check: Callable[[AnswerKey, object], None] | None = None,
        *,
        partial: bool = False,
    ) -> ImportReport:
        """Take in the answers that :meth:`export` wrote, also those of earlier versions.

        Parameters
        ----------
        path_in
            The file.
        check
            Called with each key and value; raises if a law fails, and the entry is rejected.
        partial
            Take the good entries even if others are rejected. Otherwise one rejected entry means
            that nothing is written.

        Raises
        ------
        StoreReadOnlyError
            If the store cannot be written.
        StoreError
            If the file is not an export, is damaged or was cut short; nothing is written.

        Notes
        -----
        An answer that the store already has is kept, unless it is damaged. Everything is written
        in one transaction.
        """
        from toolkit.store.exchange import import_rows

        return import_rows(self._database, path_in, check, partial=partial)

    @deprecated("Store.compact_copy_to() is now Store.export()")
    def compact_copy_to(self, path_out: Path) -> int:
        """Do the same as :meth:`export`."""
        return self.export(path_out)

    # -- inside --------------------------------------------------------------------------------

    def report_damage(self, key: AnswerKey, reason: str) -> None:
        """Log that the answer to ``key`` is damaged, and list it in :attr:`damaged`."""
        self._report(key, reason)

    def _report(self, key: AnswerKey, reason: str) -> None:
        _warn("%s: the answer to %s is damaged (%s)", self._database.name, key, reason)
        if key not in self.damaged:
            self.damaged.append(key)

    def _row(self, number: int) -> Row | None:
        query = f"SELECT {COLUMNS} FROM answers WHERE id = ?"
        found = self._database.read(
            lambda connection: connection.execute(query, (number,)).fetchone()
        )
        return None if found is None else Row._make(found)

    def _report_unkept(self) -> None:
        """Warn once that answers cannot be kept; a cache that can be read needs no warning."""
        if self._database.access.kind == "empty" and not self._unkept_reported:
            self._unkept_reported = True
            _warn("%s takes no answers: %s", self._database.name, self.why_read_only)

    def _bytes_on_disk(self) -> int:
        path = self._database.path
        if path is None:
            return 0
        files = (path, path.with_name(path.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.is_file())


@deprecated("write_compact() is no more: put the answers into Store(None), then export() it")
def write_compact(path_out: Path, entries: Iterable[tuple[AnswerKey, object, Provenance]]) -> int:
    """Write answers to a file of their own; return how many. The last one of a key wins."""
    with Store(None) as store:
        for key, value, provenance in entries:
            store.put(key, value, provenance)
        return store.export(path_out)


def _warn(message: str, *values: object) -> None:
    import logging  # costs 5 ms, and a sound store never needs it

    logging.getLogger("toolkit.store").warning(message, *values)


def _values(key: AnswerKey) -> tuple[str, str, str, int]:
    return key.group, key.question, key.arguments, key.version


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def _fault(row: Row, check: Callable[[AnswerKey, object], None] | None) -> str:
    """Return what is wrong with a row, or the empty string."""
    try:
        answer = open_row(row)
    except DamagedRowError as error:
        return str(error)
    if check is None:
        return ""
    try:
        check(row_key(*row[:4]), answer.value)
    except Exception as error:  # noqa: BLE001 - a law may fail in any way: all go in the report
        return str(error) or type(error).__name__
    return ""
