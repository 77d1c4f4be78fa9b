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
    first = [line.split() for line in (FOLDER / "run_all.py").read_text().splitlines()]
    used = {words[1] for words in first if words[:1] == ["from"]}
    assert {file.stem for file in FOLDER.glob("*.py")} - {"run_all"} <= used


@pytest.mark.parametrize(
    "name",
    ["build_answers", "build_catalog", "build_explorer", "build_names", "changed_labels"],
)
def test_the_scripts_that_make_the_data_find_what_they_import(name: str) -> None:
    folder = FOLDER.parent / "data"
    code = f"import sys; sys.path.insert(0, {str(folder)!r}); import {name}; print('imported')"
    done = subprocess.run(
        [sys.executable, "-B", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.stdout == "imported\n", done.stderr
