"""Unfinished files and folders, each claimed by the process that works on it, and their removal.

A process that is killed leaves what it was writing behind. Such leftovers are removed by the next
process that writes into the same folder. It must not take those of a living process, on this
machine, in another container or on another machine that shares the folder, so:

* the maker holds a lock (``flock``) on the file or folder as long as it works on it; the kernel
  releases it when the process ends, however it ends, and never before;
* the name says on which kernel it was made (a hash of its boot identifier) and by which process.
  A lock between processes of one kernel, in whatever containers, can be relied on. Between
  machines, or where the file system has no locks, it may not be seen: there a leftover must also
  have been untouched for a day.

The number of the process decides nothing by itself, since numbers are used again, and differ
between containers.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["claimed_file", "claimed_folder", "remove_leftovers", "scratch_folder"]

#: Seconds after which something untouched is a leftover where locks may not be seen.
UNTOUCHED = 24 * 3600.0

_LONGEST_NAME = 200  # bytes; most file systems allow 255
#: Of this version, and of the one before, which had no kernel in it.
_NAME = re.compile(r"\.(?:.*\.)?(?:([0-9a-f]{8})-)?[0-9]+-[0-9a-f]{8}\.tmp", re.DOTALL)
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@contextlib.contextmanager
def claimed_file(folder: Path, name: str, *, mode: int | None = None) -> Iterator[Path]:
    """Make an empty file under a name of its own, and remove it in the end if it is still there.

    Parameters
    ----------
    folder
        Where; leftovers of dead processes are removed from there first.
    name
        A part of its name, which starts with a dot and ends in ``.tmp``.
    mode
        Its permissions, by default those of a new file.

    Raises
    ------
    OSError
        If it cannot be made.

    Examples
    --------
    >>> import tempfile
    >>> with claimed_file(Path(tempfile.mkdtemp()), "answer.txt") as path:
    ...     path.stat().st_size, path.name.startswith(".answer.txt."), path.suffix
    (0, True, '.tmp')
    >>> path.exists()
    False
    """
    remove_leftovers(folder)
    path, handle = _claim(folder, name, is_folder=False)
    try:
        if mode is not None:
            with contextlib.suppress(OSError):
                path.chmod(mode)
        yield path
    finally:
        with contextlib.suppress(OSError):
            path.unlink()
        os.close(handle)


@contextlib.contextmanager
def claimed_folder(folder: Path, name: str, *, mode: int = 0o777) -> Iterator[Path]:
    """Make an empty folder under a name of its own, and remove it in the end with what it holds.

    Parameters
    ----------
    folder, name
        As in :func:`claimed_file`.
    mode
        Its permissions, but for what the system masks.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    remove_leftovers(folder)
    path, handle = _claim(folder, name, is_folder=True, mode=mode)
    try:
        yield path
    finally:
        import shutil  # brings the compressors

        shutil.rmtree(path, ignore_errors=True)
        os.close(handle)


@contextlib.contextmanager
def scratch_folder(name: str) -> Iterator[Path]:
    """Make an empty folder for this process where temporary files belong, and remove it in the end.

    Parameters
    ----------
    name
        A part of its name.

    Raises
    ------
    OSError
        If it cannot be made; also if no folder for temporary files can be written.
    """
    import tempfile  # brings random

    with claimed_folder(Path(tempfile.gettempdir()), name, mode=0o700) as path:
        yield path


def remove_leftovers(folder: Path) -> list[str]:
    """Remove from a folder what dead processes left there; return the names.

    Parameters
    ----------
    folder
        It need not exist. Only names that :func:`claimed_file` and :func:`claimed_folder` give are
        looked at.

    Notes
    -----
    Raises nothing: what cannot be removed stays.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with claimed_file(folder, "x") as path:
    ...     remove_leftovers(folder)
    []
    >>> left = folder / path.name
    >>> left.touch()
    >>> remove_leftovers(folder) == [left.name], left.exists()
    (True, False)
    """
    try:
        with os.scandir(folder) as entries:
            found = [(entry.name, match[1]) for entry in entries if (match := _match(entry))]
    except (OSError, ValueError):
        return []
    return [name for name, kernel in found if _removed(folder / name, kernel)]


def _match(entry: os.DirEntry[str]) -> re.Match[str] | None:
    return _NAME.fullmatch(entry.name) if entry.name.endswith(".tmp") else None


def _claim(folder: Path, name: str, *, is_folder: bool, mode: int = 0o777) -> tuple[Path, int]:
    """Make a file or folder that is locked; return its path and what holds the lock."""
    short = name.encode("utf-8", "surrogateescape")[:_LONGEST_NAME].decode("utf-8", "ignore")
    while True:
        path = folder / f".{short}.{_kernel()}-{os.getpid()}-{os.urandom(4).hex()}.tmp"
        handle: int | None
        if is_folder:
            path.mkdir(mode)
            handle = _opened(path)
            if handle is None:  # removed already, or on a system that does not open folders
                handle = os.open(os.devnull, os.O_RDONLY)
        else:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _CLOSED_BY_EXEC, 0o666)
        # before it was locked, it looked like a leftover
        if _lock(handle) is not False and os.path.lexists(path):
            return path, handle
        os.close(handle)


def _removed(path: Path, kernel: str | None) -> bool:
    """Remove a file or folder if its maker is dead; return whether it was."""
    handle = _opened(path)
    if handle is None:
        return False
    try:
        locked = _lock(handle)
        status = os.fstat(handle)
        if locked is False or not _is_here(path, status):
            return False
        certain = locked and kernel == _kernel()
        if not certain and time.time() - status.st_mtime < UNTOUCHED:
            return False
        if path.is_dir():
            import shutil

            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


_CLOSED_BY_EXEC = getattr(os, "O_CLOEXEC", 0)


def _opened(path: Path) -> int | None:
    """Open a file for writing, which some file systems want for a lock, or a folder."""
    careful = _CLOSED_BY_EXEC | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    for way in (os.O_RDWR, os.O_RDONLY):
        try:
            return os.open(path, way | careful)
        except IsADirectoryError:
            continue
        except OSError:
            return None
    return None


def _lock(handle: int) -> bool | None:
    """Take the lock: ``False`` if another holds it, ``None`` if there are no locks here."""
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        return None
    return True


def _is_here(path: Path, status: os.stat_result) -> bool:
    """Whether the path still is the file that was opened."""
    found = path.lstat()
    return (found.st_dev, found.st_ino) == (status.st_dev, status.st_ino)


@cache
def _kernel() -> str:
    """Return eight digits that stand for the running kernel: another machine has others."""
    try:
        start = _BOOT_ID.read_text(encoding="ascii")
    except (OSError, ValueError):  # not Linux
        import platform

        start = platform.node()
    return hashlib.sha256(start.encode()).hexdigest()[:8]
