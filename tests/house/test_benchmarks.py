"""The benchmarks and the scripts that make the data can be started: what they import is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


def test_what_they_import_is_there() -> None:
    pytest.importorskip("torch")
    code = f"import sys; sys.path.insert(0, {str(FOLDER)!r}); import run_all; print('imported')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "imported\n", done.stderr
    used = {"run_all"}
    for _ in range(3):  # what a part of the run imports from another file belongs to it
        lines = [line for name in used for line in _lines(name)]
        used |= {words[1] for words in lines if words[:1] == ["from"]}
    assert {file.stem for file in FOLDER.glob("*.py")} <= used


def _lines(name: str) -> list[list[str]]:
    path = FOLDER / f"{name}.py"
    return [line.split() for line in path.read_text().splitlines()] if path.is_file() else []


@pytest.mark.parametrize(
    "name",
    ["build_answers", "build_catalog", "build_explorer", "build_names", "changed_labels"],
)
@pytest.mark.quick_cases(1)
def test_the_scripts_that_make_the_data_find_what_they_import(name: str) -> None:
    folder = FOLDER.parent / "data"
    code = f"import sys; sys.path.insert(0, {str(folder)!r}); import {name}; print('imported')"
    done = subprocess.run(
        [sys.executable, "-B", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.stdout == "imported\n", done.stderr
