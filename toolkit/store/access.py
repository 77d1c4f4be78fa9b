"""How a file can be used: written, only read, or not at all; and why."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.store.sessions import Identity


class Access(NamedTuple):
    """How a file can be used.

    Parameters
    ----------
    kind
        ``"memory"``: no file, by choice; ``"write"``; ``"read"``; ``"immutable"``: read without
        locks or side files; ``"empty"``: there is nothing to read and nowhere to write.
    why
        Why it cannot be written; empty if it can.
    """

    kind: Literal["memory", "write", "read", "immutable", "empty"]
    why: str = ""


def find_access(path: Path | None, *, read_only: bool, immutable: bool) -> Access:
    """Return how a file can be used, without making it.

    Notes
    -----
    What is no regular file is never opened: to open a named pipe would wait for ever.
    """
    if path is None:
        if read_only:
            return Access("empty", "it was opened for reading only")
        return Access("memory")
    if os.path.lexists(path) and not path.is_file():
        return Access("empty", f"it must be a file, but it is {_kind(path)}")
    if read_only:
        why = "it was opened for reading only"
        if not exists(path):
            return Access("empty", why)
        return Access("immutable" if immutable else "read", why)
    if exists(path):
        if not os.access(path, os.R_OK):
            return Access("empty", f"the file {path} is not readable")
        for place, what in ((path, "file"), (path.parent, "folder")):
            if not os.access(place, os.W_OK):
                return Access("read", f"the {what} {place} is not writable")
        return Access("write")
    above = next((p for p in path.parents if os.path.lexists(p)), path.parent)
    if exists(above) and not above.is_dir():
        return Access("empty", f"{above} is not a folder")
    if not os.access(above, os.W_OK | os.X_OK):
        return Access("empty", f"the folder {above} is not writable")
    return Access("write")


def _kind(path: Path) -> str:
    if path.is_dir():
        return "a folder"
    return "a link that leads nowhere" if not exists(path) else "a device, a pipe or a socket"


def odd_side_file(path: Path) -> str:
    """Return the name of what is beside a file in place of a side file, or the empty string."""
    for end in ("-wal", "-shm", "-journal"):
        beside = path.with_name(path.name + end)
        if os.path.lexists(beside) and not beside.is_file():
            return beside.name
    return ""


def without_side_files(path: Path, why: str) -> Access:
    """Return how to read a file beside which SQLite cannot make its shared lock files."""
    log = path.with_name(path.name + "-wal")
    try:
        unfinished = log.stat().st_size > 0
    except OSError:
        unfinished = False
    if unfinished:  # the file alone may be half of a write
        return Access("empty", f"{why}, and {log.name} beside it holds unfinished writes")
    return Access("immutable", why)


def refusal(folder: Path, error: OSError) -> str:
    """Return why nothing can be written to a folder."""
    reason = error.strerror or type(error).__name__
    if exists(folder):
        return f"nothing can be created in the folder {folder} ({reason})"
    return f"the folder {folder} cannot be created ({reason})"


def exists(path: Path) -> bool:
    """Whether the file is there and can be seen."""
    return identity(path) is not None


def identity(path: Path) -> Identity | None:
    """Return which file is at a path; ``None`` if there is none that can be seen."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
