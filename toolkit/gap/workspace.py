"""The saved GAP session that makes a worker start in a quarter of a second.

A workspace holds GAP with its packages and our scripts loaded. Its name in the cache folder is a
hash of the GAP program, its library folder and the text of the scripts, and the checksum of the
file. Without a workspace, as in a folder that cannot be written or on a full disk, GAP starts more
slowly.

GAP says that it has saved a workspace when the disk was full in the middle: each is loaded once
before it gets its name. One that is damaged later is noticed when a worker starts, and replaced;
``plrep doctor`` says so.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import re
import shutil
import subprocess
import threading
import time
import zlib
from typing import TYPE_CHECKING, NamedTuple

from toolkit.claims import claimed_file, remove_leftovers
from toolkit.files import write_whole
from toolkit.gap.process import run_to_end

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.gap.locate import GapInstallation

log = logging.getLogger("toolkit.gap")

_KEPT = 3  # workspaces, of some 70 MB each
_ROOM = 72 << 20  # bytes that one takes
_SPARE = 1 << 20  # bytes; less is left when the disk was full in the middle
_RETRY = 24 * 3600.0  # seconds after which a GAP that cannot load its workspace tries again
_NAME = re.compile(r"([0-9a-f]{24})-([0-9a-f]{8})\.gapws")
_MAGIC = b"GAP workspace"
_RECORD = "replaced.json"
_DAYS_SAID = 30


class Replacement(NamedTuple):
    """That a workspace was replaced by a new one.

    Parameters
    ----------
    when
        Date and time, UTC.
    why
        What was wrong with it.
    """

    when: str
    why: str


def scripts_hash(scripts: Path) -> str:
    """Return the SHA-256 (hexadecimal) of all GAP scripts: their names and their bytes.

    Parameters
    ----------
    scripts
        Their folder.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for path in sorted(scripts.rglob("*.g")):
        digest.update(path.relative_to(scripts).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def base_command(installation: GapInstallation) -> list[str]:
    """Return the GAP command line common to every start: quiet, no packages, no colours."""
    return [*command_by_hand(installation), "-q", "-b", "-r", "-T", "--nointeract"]


def command_by_hand(installation: GapInstallation) -> list[str]:
    """Return the command line that starts this GAP for a person, without packages."""
    command = [str(installation.executable)]
    if installation.root is not None:
        command += ["-l", str(installation.root)]
    return [*command, "-A"]


def ensure_workspace(
    installation: GapInstallation, scripts: Path, folder: Path, *, seconds: float = 120.0
) -> Path | None:
    """Return the workspace file for this GAP and these scripts; save one if necessary.

    Return ``None`` if there is none: the folder cannot be written, the disk is full, or GAP fails
    or exceeds the time limit.

    Parameters
    ----------
    installation
        The GAP.
    scripts
        The folder of the scripts.
    folder
        Where workspaces are kept.
    seconds
        The time limit for saving a workspace, and for testing it.

    Returns
    -------
    pathlib.Path or None
        The file.
    """
    end = time.monotonic() + seconds
    remove_leftovers(folder)
    recipe = _recipe(installation, scripts)
    found = _newest(folder, recipe)
    if found is not None:
        return found
    failed = folder / f"{recipe}.failed"
    if _is_recent(failed):
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(folder).free < _ROOM:  # it would cost seconds to find out
            raise OSError(f"{_ROOM >> 20} MB are needed in {folder}")
        with claimed_file(folder, recipe) as part:
            save = [str(scripts / "init.g"), str(scripts / "save_workspace.g")]
            _run(installation, save, seconds, {"PLREP_WORKSPACE": str(part)})
            with part.open("rb") as stream:
                if stream.read(len(_MAGIC)) != _MAGIC:
                    raise OSError("GAP wrote none")
            left = max(0.0, end - time.monotonic())
            if _run(installation, ["-L", str(part), str(scripts / "main.g")], left):
                if shutil.disk_usage(folder).free > _SPARE:  # not for lack of room
                    failed.touch()
                raise OSError("GAP did not save all of it, or cannot load it")
            with part.open("rb") as stream:
                os.fsync(stream.fileno())
            found = folder / f"{recipe}-{_checksum(part):08x}.gapws"
            part.replace(found)
        _tidy(folder, found)
    except (OSError, subprocess.TimeoutExpired) as error:
        log.info("no GAP workspace: %s", error)
        return None
    return found


def saved_workspace(installation: GapInstallation, scripts: Path, folder: Path) -> Path | None:
    """Return the workspace file for this GAP and these scripts, ``None`` if none was saved."""
    return _newest(folder, _recipe(installation, scripts))


def replace_workspace(
    installation: GapInstallation, scripts: Path, damaged: Path, why: str
) -> Path | None:
    """Save a new workspace in place of one that does not load, and keep a record of that.

    Parameters
    ----------
    installation, scripts
        As for :func:`ensure_workspace`.
    damaged
        The file, which is removed.
    why
        What GAP said of it.

    Returns
    -------
    Path or None
        The new one; ``None`` if there is none.
    """
    log.warning("the saved GAP session %s is replaced by a new one: %s", damaged, why)
    try:
        damaged.unlink(missing_ok=True)
    except OSError as error:
        log.info("%s cannot be removed: %s", damaged, error)
        return None
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    try:
        record = Replacement(now, why)._asdict()
        write_whole(damaged.with_name(_RECORD), json.dumps(record) + "\n")
    except OSError as error:
        log.info("no record of that was kept: %s", error)
    return ensure_workspace(installation, scripts, damaged.parent)


def last_replacement(folder: Path) -> Replacement | None:
    """Return the last replacement of a workspace in a folder, if it was in the last 30 days."""
    try:
        record = folder / _RECORD
        if time.time() - record.stat().st_mtime > _DAYS_SAID * 86400:
            return None
        found = json.loads(record.read_text(encoding="utf-8"))
        return Replacement(str(found["when"]), str(found["why"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def workspace_sizes(folder: Path) -> dict[str, int]:
    """Return the sizes in bytes of all workspaces in a folder, by name."""
    found: dict[str, int] = {}
    try:
        for path in sorted(folder.glob("*.gapws")):
            found[path.name] = path.stat().st_size
    except OSError:
        pass
    return found


def remove_workspaces(folder: Path) -> int:
    """Remove all workspaces in a folder, and what killed processes left there.

    Returns the bytes that they took. A new one is saved when GAP is started the next time.
    """
    remove_leftovers(folder)
    removed = 0
    for failed in folder.glob("*.failed"):
        with contextlib.suppress(OSError):
            failed.unlink()
    for name, size in workspace_sizes(folder).items():
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            log.info("%s cannot be removed: %s", folder / name, error)
        else:
            removed += size
    return removed


class Soundness:
    """Whether a workspace is as it was saved, found out by a thread while GAP loads it.

    Parameters
    ----------
    path
        The file. One whose name has no checksum counts as sound.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sound = True
        self._thread = threading.Thread(target=self._check, daemon=True)
        self._thread.start()

    def _check(self) -> None:
        match = _NAME.fullmatch(self._path.name)
        try:
            self._sound = match is None or _checksum(self._path) == int(match[2], 16)
        except OSError:
            self._sound = False

    def found(self) -> bool:
        """Wait for the thread, and return the result."""
        self._thread.join()
        return self._sound


def _is_recent(failed: Path) -> bool:
    try:
        return time.time() - failed.stat().st_mtime < _RETRY
    except OSError:
        return False


def _recipe(installation: GapInstallation, scripts: Path) -> str:
    stat = installation.executable.stat()
    recipe = f"{installation}|{stat.st_size}|{stat.st_mtime_ns}|{scripts_hash(scripts)}"
    return hashlib.sha256(recipe.encode()).hexdigest()[:24]


def _newest(folder: Path, recipe: str) -> Path | None:
    """Return the newest workspace for a recipe: two processes may have saved one at once."""
    try:
        found = [path for path in folder.glob(f"{recipe}-*.gapws") if _NAME.fullmatch(path.name)]
        return max(found, key=lambda path: path.stat().st_mtime, default=None)
    except OSError:
        return None


def _run(
    installation: GapInstallation,
    arguments: list[str],
    seconds: float,
    environment: dict[str, str] | None = None,
) -> int:
    """Run GAP to its end, without input; return its exit status."""
    command = [*base_command(installation), *arguments]
    return run_to_end(command, env={**os.environ, **(environment or {})}, seconds=seconds)


def _checksum(path: Path) -> int:
    """Return the CRC-32 of a file: 30 ms for a workspace."""
    found = 0
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            found = zlib.crc32(piece, found)
    return found


def _tidy(folder: Path, newest: Path) -> None:
    """Remove others with the same recipe, and the oldest of other GAPs and other checkouts."""
    recipe = newest.name.partition("-")[0]
    known = sorted(folder.glob("*.gapws"), key=lambda file: file.stat().st_mtime, reverse=True)
    others = [path for path in known if path.name.partition("-")[0] != recipe]
    same = [path for path in known if path not in others and path != newest]
    for path in [*same, *others[_KEPT - 1 :]]:
        path.unlink(missing_ok=True)
