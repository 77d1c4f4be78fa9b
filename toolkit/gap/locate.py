"""Find a GAP executable, without starting it."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import GapNotFoundError

INSTALL_LINE = 'pip install "passagemath-gap[ctbllib,tomlib,transgrp]"'
MINIMUM_VERSION = (4, 12)


@dataclass(frozen=True, slots=True)
class GapInstallation:
    """A GAP executable and the folder of its library.

    Parameters
    ----------
    executable
        The program to start.
    root
        Library folder for the option ``-l``, or ``None`` if GAP finds its own.
    origin
        How it was found: ``"PLREP_GAP"``, ``"passagemath-gap"`` or ``"PATH"``.

    Examples
    --------
    >>> from pathlib import Path
    >>> from toolkit.gap import GapInstallation
    >>> GapInstallation(Path("/opt/gap/gap"), None, "PLREP_GAP").executable.name
    'gap'
    """

    executable: Path
    root: Path | None
    origin: str


def find_gap(executable: Path | None = None, root: Path | None = None) -> GapInstallation:
    """Return the GAP to use: the user's choice, else the wheel's GAP, else the one on the path.

    Parameters
    ----------
    executable
        The program that the user names (the setting ``PLREP_GAP``), or ``None``. A bare name is
        searched for on the path.
    root
        GAP's library folder (``PLREP_GAP_ROOT``), or ``None`` to let GAP find its own.

    Returns
    -------
    GapInstallation
        The program and its library.

    Raises
    ------
    GapNotFoundError
        If no GAP is found; the message says where the search looked and how to install one.
    """
    if executable is not None:
        if executable.parent == Path() and not _is_program(executable):
            executable = Path(shutil.which(executable) or executable)
        if not _is_program(executable):
            raise GapNotFoundError(f"no such program: {executable} (PLREP_GAP)", INSTALL_LINE)
        beside = executable.parent / "lib" / "init.g"
        return GapInstallation(
            executable, root or (executable.parent if beside.is_file() else None), "PLREP_GAP"
        )
    for folder in sys.path:
        candidate = Path(folder or ".") / "gap" / "gap"
        if _is_program(candidate) and (candidate.parent / "lib" / "init.g").is_file():
            return GapInstallation(candidate, candidate.parent, "passagemath-gap")
    found = shutil.which("gap")
    if found:
        return GapInstallation(Path(found), root, "PATH")
    raise GapNotFoundError("not in this Python's packages, not on the path", INSTALL_LINE)


def version_tuple(text: str) -> tuple[int, ...]:
    """Return the leading numbers of a version text; empty if there are none.

    Examples
    --------
    >>> version_tuple("4.16.1"), version_tuple("4.dev")
    ((4, 16, 1), (4,))
    """
    out: list[int] = []
    for part in text.split("."):
        if not part.isdigit():
            break
        out.append(int(part))
    return tuple(out)


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
