"""What a store reports: its contents, and the results of verifications and imports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from toolkit.store.keys import AnswerKey


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """The contents and the state of a store.

    Parameters
    ----------
    path
        The file; ``None`` if the store lives in memory.
    schema
        The schema version of the file.
    writable, why_read_only
        Whether the store can be written, and if not, why.
    entries, groups
        The number of answers, and of the groups that they are about.
    bytes_on_disk
        The size of the file and of its write-ahead log.
    payload_bytes
        The size of the compressed answers only.
    by_question
        The number of answers for each question, sorted by question.
    oldest, newest
        The times when the oldest and newest answers were computed (ISO 8601); ``None`` if there are
        no answers.
    gap_versions
        The GAP versions that answers came from, sorted.

    Examples
    --------
    >>> from toolkit.store import AnswerKey, Provenance, Store
    >>> with Store(None) as store:
    ...     key = AnswerKey.of("S4", "order", {}, version=1)
    ...     _ = store.put(key, 24, Provenance("", {}, "", 0.1))
    ...     info = store.info()
    >>> info.entries, info.groups, info.by_question
    (1, 1, {'order': 1})
    """

    path: Path | None
    schema: int
    writable: bool
    why_read_only: str
    entries: int
    groups: int
    bytes_on_disk: int
    payload_bytes: int
    by_question: dict[str, int]
    oldest: str | None
    newest: str | None
    gap_versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """The result of a verification.

    Parameters
    ----------
    checked
        The number of answers checked.
    damaged
        The keys, as stored, of the answers that are damaged or break a law.
    reasons
        The fault of each of these answers.

    Examples
    --------
    >>> from toolkit.store import AnswerKey, Provenance, Store
    >>> with Store(None) as store:
    ...     key = AnswerKey.of("S4", "order", {}, version=1)
    ...     _ = store.put(key, 24, Provenance("", {}, "", 0.1))
    ...     report = store.verify()
    >>> report.checked, report.damaged
    (1, ())
    """

    checked: int
    damaged: tuple[AnswerKey, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """An entry of an export that was not imported.

    Parameters
    ----------
    line
        The number of the entry in the file, 1-based; in a file of JSON lines, the number of its
        line.
    reason
        The fault of the entry.

    Examples
    --------
    >>> from toolkit.store import RejectedLine
    >>> RejectedLine(line=3, reason="its checksum does not match").line
    3
    """

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The result of an import.

    Parameters
    ----------
    added
        The number of answers written.
    already_there
        The number of answers that the store already had and kept.
    rejected
        The entries that were not imported. If there are any, nothing was written, unless the import
        was partial.

    Examples
    --------
    The import of an export into an empty store:

    >>> import pathlib, tempfile
    >>> from toolkit.store import AnswerKey, Provenance, Store
    >>> with tempfile.TemporaryDirectory() as folder, Store(None) as old, Store(None) as new:
    ...     _ = old.put(AnswerKey.of("S4", "order", {}, version=1), 24, Provenance("", {}, "", 0.1))
    ...     path = pathlib.Path(folder) / "answers.sqlite"
    ...     _ = old.export(path)
    ...     report = new.import_(path)
    >>> report.added, report.already_there, report.rejected
    (1, 0, ())
    """

    added: int
    already_there: int
    rejected: tuple[RejectedLine, ...]


@dataclass(frozen=True, slots=True)
class Rescue:
    """What became of a damaged file.

    Parameters
    ----------
    path
        The file.
    fault
        What was wrong with it.
    saved
        Number of its answers that are sound: they are served.
    kept_as
        The name that the damaged file has now; ``None`` if it stays where it is, because it
        cannot be moved or is only read.
    """

    path: Path
    fault: str
    saved: int
    kept_as: Path | None


@dataclass(frozen=True, slots=True)
class RepairReport:
    """Result of a repair.

    Parameters
    ----------
    rescue
        What became of the file, if it was damaged as a whole, else ``None``.
    checked
        Number of answers checked afterwards.
    removed
        Keys of the answers that were damaged or broke a law, and were removed.
    reasons
        The fault of each of these answers.
    """

    rescue: Rescue | None
    checked: int
    removed: tuple[AnswerKey, ...]
    reasons: tuple[str, ...]
