"""What a wheel and a source distribution must hold, and must not."""

from __future__ import annotations

import re
import subprocess
import tarfile
import tomllib
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

#: Folders whose files go into the wheel, and where they stand there.
_INTO_THE_WHEEL = {
    "toolkit": "toolkit",
    "gap_scripts": "toolkit/_gap_scripts",
    "data/catalog": "toolkit/_data/catalog",
    "data/explorer": "toolkit/_data/explorer",
}
_NEEDED_IN_THE_WHEEL = (
    "toolkit/__init__.py", "toolkit/py.typed", "toolkit/cli/main.py",
    "toolkit/_gap_scripts/main.g", "toolkit/_data/answers.sqlite",
    "toolkit/_data/catalog/catalog.json", "toolkit/_data/explorer/manifest.json",
)  # fmt: skip
_NEEDED_IN_THE_SOURCE = (
    "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md",
    "Makefile", "constraints.txt", "data/answers.sqlite", "docs/index.md", "docs/conf.py",
)  # fmt: skip
_UNWANTED = re.compile(
    r"(^|/)(__pycache__|\.[a-z]+_cache|\.hypothesis|\.venv|\.git|out|build|dist)/"
    r"|\.(pyc|pyo|tmp|damaged)$|-(wal|shm)$|(^|/)\.DS_Store$"
)
#: Parts of names that only tests have.
_OF_TESTS = re.compile(r"(^|/)(tests?/|test_[^/]*\.py$|conftest\.py$)")


def wheel_faults(wheel: Path, root: Path) -> list[str]:
    """Return a sentence for each file that a wheel lacks or should not hold.

    Parameters
    ----------
    wheel
        The file.
    root
        The checkout that it was built from: each file of its rooms must be in the wheel.
    """
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        described = {
            file: next(
                (archive.read(n).decode() for n in names if n.endswith(f".dist-info/{file}")), ""
            )
            for file in ("METADATA", "entry_points.txt")
        }
    wanted = set(_NEEDED_IN_THE_WHEEL)
    for source, target in _INTO_THE_WHEEL.items():
        wanted |= {f"{target}/{name}" for name in _files(root, source)}
    faults = [f"the wheel lacks {name}" for name in sorted(wanted - names)]
    faults += [
        f"the wheel holds {name}, which no folder of the checkout gives"
        for name in sorted(names - wanted)
        if not name.partition("/")[0].endswith(".dist-info")
    ]
    faults += [f"the wheel holds {name}" for name in _unwanted(names)]
    faults += [
        f"the wheel holds a test, {name}" for name in sorted(filter(_OF_TESTS.search, names))
    ]
    if not any(name.endswith(".dist-info/licenses/LICENSE") for name in names):
        faults.append("the wheel lacks the licence")
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    return faults + _description_faults(wheel.name, described, project)


def _description_faults(
    name: str, described: Mapping[str, str], project: Mapping[str, Any]
) -> list[str]:
    """Return what a wheel says of itself otherwise than pyproject.toml."""
    start = f"{project['name'].replace('-', '_')}-{project['version']}-py3-none-any.whl"
    faults = [] if name == start else [f"the wheel is called {name}, not {start}"]
    head = described["METADATA"].partition("\n\n")[0].splitlines()
    lines = [
        f"Name: {project['name']}",
        f"Version: {project['version']}",
        f"License-Expression: {project['license']}",
        f"Requires-Python: {project['requires-python']}",
        "Description-Content-Type: text/markdown",
        *(f"Provides-Extra: {extra}" for extra in project["optional-dependencies"]),
        *(f"Classifier: {line}" for line in project["classifiers"]),
    ]
    faults += [f"the wheel's metadata lack the line {line}" for line in lines if line not in head]
    points = described["entry_points.txt"].splitlines()
    commands = [f"{command} = {function}" for command, function in project["scripts"].items()]
    return faults + [f"the wheel lacks the command {c}" for c in commands if c not in points]


def source_faults(source: Path, root: Path) -> list[str]:
    """Return a sentence for each file that a source distribution lacks or should not hold.

    Parameters
    ----------
    source
        The ``.tar.gz``.
    root
        The checkout that it was built from.
    """
    with tarfile.open(source) as archive:
        names = {m.name.partition("/")[2] for m in archive.getmembers() if m.isfile()}
    wanted = set(_NEEDED_IN_THE_SOURCE)
    for folder in ("toolkit", "gap_scripts", "tests", "data/catalog", "data/explorer"):
        wanted |= {f"{folder}/{name}" for name in _files(root, folder)}
    faults = [f"the source lacks {name}" for name in sorted(wanted - names)]
    return faults + [f"the source holds {name}" for name in _unwanted(names)]


def _files(root: Path, folder: str) -> list[str]:
    """Return the files of a folder, as git knows them and as it would take them in."""
    known = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", folder],
        cwd=root, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    names = [name.removeprefix(f"{folder}/") for name in known.split("\0") if name]
    return [name for name in names if not _UNWANTED.search(name)]


def _unwanted(names: Iterable[str]) -> list[str]:
    return sorted(filter(_UNWANTED.search, names))
