"""One version everywhere; the citation; and what a release's checks say of wrong archives."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from archives import source_faults, wheel_faults
from environments import left_out_files
from pythons import ALLOWED, find_python, named_releases
from versions import version_faults

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[2]
#: The keys of a citation file of version 1.2.0, and those that it must have.
KEYS = {
    "abstract", "authors", "cff-version", "commit", "contact", "date-released", "doi",
    "identifiers", "keywords", "license", "license-url", "message", "preferred-citation",
    "references", "repository", "repository-artifact", "repository-code", "title", "type", "url",
    "version",
}  # fmt: skip
REQUIRED = {"authors", "cff-version", "message", "title"}


def test_versions_agree() -> None:
    assert version_faults(ROOT) == []


@pytest.mark.parametrize("file", ["CHANGELOG.md", "CITATION.cff", "toolkit/settings.py"])
def test_another_version_is_noticed(file: str, tmp_path: Path) -> None:
    for name in ("pyproject.toml", "CHANGELOG.md", "CITATION.cff", "toolkit/settings.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    assert version_faults(tmp_path) == []
    text = (tmp_path / file).read_text("utf-8")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    (tmp_path / file).write_text(text.replace(version, "9.8.7"), encoding="utf-8")
    (fault,) = version_faults(tmp_path)
    assert fault == f"{file} has version 9.8.7, pyproject.toml {version}"


def test_another_date_is_noticed(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "CHANGELOG.md", "CITATION.cff", "toolkit/settings.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    citation = tmp_path / "CITATION.cff"
    citation.write_text(
        re.sub(
            r'date-released: "[^"]+"', 'date-released: "1999-01-02"', citation.read_text("utf-8")
        ),
        encoding="utf-8",
    )
    (fault,) = version_faults(tmp_path)
    assert fault.startswith("CHANGELOG.md is dated ")
    assert fault.endswith("CITATION.cff 1999-01-02")


def test_the_citation_has_the_keys_of_its_schema() -> None:
    """The whole schema is compared by cffconvert in a release."""
    text = (ROOT / "CITATION.cff").read_text("utf-8")
    keys = re.findall(r"^([a-z-]+):", text, re.MULTILINE)
    assert len(keys) == len(set(keys))
    assert REQUIRED <= set(keys) <= KEYS
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f"\nlicense: {project['license']}\n" in text
    assert f"\ntitle: {project['name']}\n" in text
    assert [f"  - name: {a['name']}" in text for a in project["authors"]] == [True]
    assert text.startswith("cff-version: 1.2.0\n")


def test_the_changelog_names_every_command() -> None:
    from toolkit.cli.main import COMMANDS

    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    named = re.search(r"`plrep` with `([^`]+)`", text)
    assert named is not None
    assert set(named[1].split()) == set(COMMANDS)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small folder with everything that a wheel is made of."""
    root = tmp_path / "checkout"
    for name in ("toolkit/__init__.py", "toolkit/py.typed", "toolkit/cli/main.py",
                 "gap_scripts/main.g", "data/catalog/catalog.json",
                 "data/explorer/manifest.json"):  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    (root / "pyproject.toml").write_text(PROJECT)
    (root / ".gitignore").write_text("*.log\n")
    (root / "toolkit" / "a.log").write_text("a file that git ignores is no part of a wheel")
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    return root


PROJECT = """
[project]
name = "plrep-x"
version = "1.5"
license = "MIT"
requires-python = ">=3.11"
classifiers = ["Typing :: Typed"]
[project.optional-dependencies]
nn = ["torch"]
[project.scripts]
plrep = "toolkit.cli.main:main"
"""
HEAD = (
    "Metadata-Version: 2.4", "Name: plrep-x", "Version: 1.5", "License-Expression: MIT",
    "Classifier: Typing :: Typed", "Requires-Python: >=3.11", "Provides-Extra: nn",
    "Description-Content-Type: text/markdown",
)  # fmt: skip
POINTS = ("[console_scripts]", "plrep = toolkit.cli.main:main")
GOOD = (
    "toolkit/__init__.py", "toolkit/py.typed", "toolkit/cli/main.py", "toolkit/_gap_scripts/main.g",
    "toolkit/_data/answers.sqlite", "toolkit/_data/catalog/catalog.json",
    "toolkit/_data/explorer/manifest.json", "plrep_x-1.5.dist-info/licenses/LICENSE",
)  # fmt: skip
CALLED = "plrep_x-1.5-py3-none-any.whl"


def wheel_of(
    folder: Path,
    names: Iterable[str],
    *,
    head: Iterable[str] = HEAD,
    points: Iterable[str] = POINTS,
    called: str = CALLED,
) -> Path:
    with zipfile.ZipFile(folder / called, "w") as archive:
        text = "\n".join([*head, "", "Version: the readme speaks of one"])
        archive.writestr("plrep_x-1.5.dist-info/METADATA", text)
        archive.writestr("plrep_x-1.5.dist-info/entry_points.txt", "\n".join(points))
        for name in names:
            archive.writestr(name, "")
    return folder / called


def test_a_whole_wheel_has_no_faults(checkout: Path, tmp_path: Path) -> None:
    assert wheel_faults(wheel_of(tmp_path, GOOD), checkout) == []


@pytest.mark.parametrize("name", GOOD)
def test_what_a_wheel_lacks_is_named(name: str, checkout: Path, tmp_path: Path) -> None:
    (fault,) = wheel_faults(wheel_of(tmp_path, set(GOOD) - {name}), checkout)
    assert fault in (f"the wheel lacks {name}", "the wheel lacks the licence")


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("toolkit/__pycache__/a.cpython-311.pyc", "the wheel holds toolkit/__pycache__"),
        ("tests/test_a.py", "the wheel holds a test, tests/test_a.py"),
        ("toolkit/_data/build_answers.py", "which no folder of the checkout gives"),
        ("toolkit/_data/answers.sqlite-wal", "the wheel holds toolkit/_data/answers.sqlite-wal"),
    ],
)
def test_what_a_wheel_should_not_hold_is_named(
    name: str, word: str, checkout: Path, tmp_path: Path
) -> None:
    faults = wheel_faults(wheel_of(tmp_path, [*GOOD, name]), checkout)
    assert any(word in fault for fault in faults)


@pytest.mark.parametrize("line", [line for line in HEAD if "Metadata-Version" not in line])
def test_what_a_wheel_says_of_itself_is_compared(line: str, checkout: Path, tmp_path: Path) -> None:
    other = [f"{line}9" if here == line else here for here in HEAD]
    (fault,) = wheel_faults(wheel_of(tmp_path, GOOD, head=other), checkout)
    assert fault == f"the wheel's metadata lack the line {line}"


def test_the_name_and_the_command_of_a_wheel_are_compared(checkout: Path, tmp_path: Path) -> None:
    (fault,) = wheel_faults(wheel_of(tmp_path, GOOD, called="plrep_x-1.4.whl"), checkout)
    assert fault == f"the wheel is called plrep_x-1.4.whl, not {CALLED}"
    points = ["[console_scripts]", "plrep = toolkit.cli.main:run"]
    (fault,) = wheel_faults(wheel_of(tmp_path, GOOD, points=points), checkout)
    assert fault == "the wheel lacks the command plrep = toolkit.cli.main:main"


def test_a_file_that_is_gone_from_the_checkout_is_missed(checkout: Path, tmp_path: Path) -> None:
    (checkout / "toolkit" / "py.typed").unlink()
    (fault,) = wheel_faults(wheel_of(tmp_path, set(GOOD) - {"toolkit/py.typed"}), checkout)
    assert fault == "the wheel lacks toolkit/py.typed"


def test_what_a_source_distribution_lacks_is_named(checkout: Path, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        for name in ("toolkit/py.typed", "tests/__pycache__/a.pyc"):
            archive.addfile(tarfile.TarInfo(f"plrep-1/{name}"), io.BytesIO())
    faults = source_faults(tmp_path / "a.tar.gz", checkout)
    assert "the source lacks gap_scripts/main.g" in faults
    assert "the source lacks CHANGELOG.md" in faults
    assert "the source holds tests/__pycache__/a.pyc" in faults
    assert "the source lacks toolkit/py.typed" not in faults


def test_pythons_are_found_by_their_release() -> None:
    import sys

    named = named_releases(ROOT)
    here = "{}.{}".format(*sys.version_info)
    assert here in {*named, *ALLOWED}
    assert not set(named) & set(ALLOWED)
    assert find_python("3.999") is None


def test_tests_of_an_absent_extra_are_left_out(tmp_path: Path) -> None:
    texts = {"layers": "import torch", "rows": "tk.catalog.open()", "a": "assert 1"}
    (tmp_path / "tests").mkdir()
    for name, text in texts.items():
        (tmp_path / "tests" / f"test_{name}.py").write_text(text)
    left_out = left_out_files(tmp_path, ["tests"], ["nn", "graphs"])
    assert left_out == ["tests/test_layers.py"]
    one = left_out_files(tmp_path, ["tests/test_rows.py", "tests/test_a.py"], ["catalog"])
    assert one == ["tests/test_rows.py"]
    assert left_out_files(tmp_path, ["tests"], []) == []


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ([], []),
        (["--trial", "--python", "3.11"], ["--trial", "--python"]),
        (["--extras", "graphs", "--tests", "tests/pl"], ["--extras", "--tests"]),
        (["--extras", "nn,graphs,catalog,explorer"], []),
    ],
)
def test_a_part_of_a_release_is_not_called_complete(words: list[str], named: list[str]) -> None:
    import run

    assert run._limits(run._parser().parse_args(words)) == named
