"""The saved GAP session that makes a worker start in a quarter of a second.

A workspace holds GAP with its packages and our scripts loaded. Its name in the cache folder is a
hash of the GAP program, its library folder and the text of the scripts. Without a workspace, as
in a folder that cannot be written, GAP starts more slowly.
"""

from __future__ import annotations

import hashlib
import logging
import os
import subprocess
from typing import TYPE_CHECKING

from toolkit.files import written_whole

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.gap.locate import GapInstallation

log = logging.getLogger("toolkit.gap")

_KEPT = 3  # workspaces, of some 70 MB each


def scripts_hash(scripts: Path) -> str:
    """Return the SHA-256 (hexadecimal) of all GAP scripts: their names and their bytes."""
    digest = hashlib.sha256()
    for path in sorted(scripts.rglob("*.g")):
        digest.update(path.relative_to(scripts).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def base_command(installation: GapInstallation) -> list[str]:
    """Return the GAP command line common to every start: quiet, no packages, no colours."""
    command = [str(installation.executable)]
    if installation.root is not None:
        command += ["-l", str(installation.root)]
    return [*command, "-A", "-q", "-b", "-r", "-T", "--nointeract"]


def ensure_workspace(
    installation: GapInstallation, scripts: Path, folder: Path, *, seconds: float = 120.0
) -> Path | None:
    """Return the workspace file for this GAP and these scripts; save one if needed.

    Returns ``None`` if there is none (a folder that cannot be written, a GAP that fails).
    """
    stat = installation.executable.stat()
    recipe = f"{installation}|{stat.st_size}|{stat.st_mtime_ns}|{scripts_hash(scripts)}"
    name = hashlib.sha256(recipe.encode()).hexdigest()[:24] + ".gapws"
    target = folder / name
    if target.is_file():
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with written_whole(target) as part:
            part.touch()  # a folder that cannot be written costs no start of GAP
            files = [str(scripts / "init.g"), str(scripts / "save_workspace.g")]
            subprocess.run(
                [*base_command(installation), *files],
                env={**os.environ, "PLREP_WORKSPACE": str(part)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=seconds,
                check=False,
            )
            if part.stat().st_size == 0:
                raise OSError("GAP wrote none")
        # those of other GAPs and other checkouts stay, the oldest go
        known = sorted(folder.glob("*.gapws"), key=lambda f: f.stat().st_mtime, reverse=True)
        for other in known[_KEPT:]:
            other.unlink(missing_ok=True)
    except (OSError, subprocess.TimeoutExpired) as error:
        log.info("no GAP workspace: %s", error)
        return None
    return target
