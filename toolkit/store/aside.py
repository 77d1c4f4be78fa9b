"""Moving a damaged file aside, whole, under a name that nothing has."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ENDS = ("-wal", "-shm", "-journal")


@contextlib.contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Let one process and thread at a time make or move away a file of a folder.

    Parameters
    ----------
    folder
        An existing folder. Its contents are not touched.

    Notes
    -----
    The lock ends with the process. Where folders cannot be locked (Windows, some network disks)
    there is none: names are still reserved, and never overwritten.
    """
    try:
        import fcntl

        handle = os.open(folder, os.O_RDONLY)
    except (ImportError, OSError):
        yield
        return
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_UN)  # a child that was forked meanwhile has it too
        os.close(handle)


def move_aside(path: Path) -> Path:
    """Rename a file to end in ``.damaged``, and its side files with it; return its new path.

    Raises
    ------
    OSError
        If it cannot be renamed; what was renamed before has its old name again.

    Notes
    -----
    The log goes first: one that stayed behind would be played back into the next file. A process
    that opens the file at this very moment begins a log of its own, which follows as a second one.
    """
    names = (f"{path.name}.damaged{number}" for number in ("", *range(2, 100_000)))
    aside = next(p for p in map(path.with_name, names) if _reserve(p))
    moved = []
    try:
        for end in _ENDS:
            source, target = _beside(path, end), _beside(aside, end)
            with contextlib.suppress(FileNotFoundError):
                source.replace(target)
                moved.append((source, target))
        path.replace(aside)
    except OSError:
        for source, target in reversed(moved):
            with contextlib.suppress(OSError):
                target.replace(source)
        with contextlib.suppress(OSError):
            aside.unlink()
        raise
    for end in _ENDS:
        with contextlib.suppress(OSError):
            _beside(path, end).replace(_beside(aside, f".late{end}"))
    return aside


def files_aside(path: Path) -> tuple[Path, ...]:
    """Return the damaged files that were kept beside a file, oldest name first."""
    start = f"{path.name}.damaged"
    try:
        found = [p for p in path.parent.iterdir() if p.name.startswith(start)]
    except OSError:
        return ()
    numbers = {p: p.name[len(start) :] or "1" for p in found}
    return tuple(sorted((p for p in found if numbers[p].isdigit()), key=lambda p: int(numbers[p])))


def _reserve(path: Path) -> bool:
    """Make a file that nobody else has; what is there, also beside it, stays."""
    if any(os.path.lexists(_beside(path, end)) for end in _ENDS):
        return False
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)
