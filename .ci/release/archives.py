"""What a wheel and a source distribution must hold, and must not."""

from __future__ import annotations

import re
import tarfile
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

#: Folders whose files go into the wheel, and where they stand there.
_INTO_THE_WHEEL = {
    "toolkit": "toolkit",
    "gap_scripts": "toolkit/_gap_scripts",
    "data/catalog": "toolkit/_data/catalog",
    "data/explorer": "toolkit/_data/explorer",
}
_NEEDED_IN_THE_WHEEL = ("toolkit/py.typed", "toolkit/_data/answers.sqlite")
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
        metadata = [n for n in names if n.endswith(".dist-info/METADATA")]
        head = archive.read(metadata[0]).decode() if len(metadata) == 1 else ""
    wanted = set(_NEEDED_IN_THE_WHEEL)
    for source, target in _INTO_THE_WHEEL.items():
        wanted |= {f"{target}/{name}" for name in _files(root / source)}
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
    for line in ("License-Expression: MIT", "Description-Content-Type: text/markdown"):
        if f"\n{line}\n" not in head:
            faults.append(f"the wheel's metadata lack the line {line}")
    return faults


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
        wanted |= {f"{folder}/{name}" for name in _files(root / folder)}
    faults = [f"the source lacks {name}" for name in sorted(wanted - names)]
    return faults + [f"the source holds {name}" for name in _unwanted(names)]


def _files(folder: Path) -> list[str]:
    names = [f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file()]
    return [name for name in names if not _UNWANTED.search(name)]


def _unwanted(names: Iterable[str]) -> list[str]:
    return sorted(filter(_UNWANTED.search, names))
