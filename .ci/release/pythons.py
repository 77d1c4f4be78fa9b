"""The releases of Python that the project names, and where they are on this machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

#: Not in the classifiers yet, but all dependencies have wheels for them or can be compiled.
ALLOWED = ("3.14", "3.15")
_RELEASE = re.compile(r"Programming Language :: Python :: (3\.\d+)")


def named_releases(root: Path) -> list[str]:
    """Return the releases in the classifiers of pyproject.toml, such as ``"3.11"``."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    found = (_RELEASE.fullmatch(line) for line in project["classifiers"])
    return [match[1] for match in found if match]


def find_python(release: str) -> Path | None:
    """Return a Python of this release, or ``None``: on the path, of pyenv, or of uv.

    Parameters
    ----------
    release
        Such as ``"3.12"``.
    """
    places = [Path(place) for place in [shutil.which(f"python{release}")] if place]
    folders = (_said("pyenv", "root"), _said("uv", "python", "dir"))
    for folder, inside in zip(folders, ("versions/", ""), strict=True):
        if folder:
            places += sorted(Path(folder).glob(f"{inside}*{release}.*/bin/python{release}"))
    return next((place for place in places if _is(place, release)), None)


def _is(python: Path, release: str) -> bool:
    """Tell whether it runs, is of this release, and can make environments."""
    code = "import sys, venv, ensurepip, sqlite3, ssl; print('%d.%d' % sys.version_info[:2])"
    return _said(str(python), "-c", code) == release


def _said(*command: str) -> str:
    """Return what a command prints; nothing if it fails or is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
