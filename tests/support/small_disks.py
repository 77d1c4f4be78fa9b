"""A disk of a few hundred kilobytes in memory, which can be filled: needs the right to mount."""

from __future__ import annotations

import contextlib
import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILL = "filled"


class CannotMountError(Exception):
    """This user, or this container, may not mount file systems."""


@contextlib.contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """Mount an empty disk of ``size`` bytes on a folder, which is made if it is missing."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "plrep-small", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise CannotMountError(str(error)) from error
    if done.returncode:
        raise CannotMountError(" ".join(done.stderr.split()) or "mount failed")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


def room(disk: Path) -> int:
    """Return how many bytes can be written."""
    found = os.statvfs(disk)
    return found.f_bavail * found.f_frsize


def fill(disk: Path, leave: int = 0) -> None:
    """Fill the disk but for so many bytes, as far as its blocks allow."""
    with (disk / FILL).open("ab") as stream:
        stream.write(bytes(max(0, room(disk) - leave)))


def free(disk: Path) -> None:
    """Take away again what :func:`fill` has written."""
    (disk / FILL).unlink(missing_ok=True)
