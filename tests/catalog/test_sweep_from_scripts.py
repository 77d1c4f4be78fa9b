"""Scripts that sweep with workers: one sentence, before anything is started or written."""

from __future__ import annotations

import subprocess
import sys

import pytest

from toolkit.catalog.sweeps.main_module import _is_unguarded

CALL = "tk.catalog.sweep('out', '1-2', workers=2)\n"


def run(code, folder, *, from_input):
    (folder / "script.py").write_text(code)
    words = [sys.executable, *([] if from_input else ["script.py"])]
    return subprocess.run(
        words,
        input=code if from_input else None,
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )


@pytest.mark.parametrize(
    ("from_input", "said"),
    [
        (False, "import the script that starts them, and would sweep again at line 2 of "),
        (True, "import the program that starts them, and this one, '<stdin>', is no file: "),
    ],
)
def test_a_program_that_workers_cannot_import(from_input, said, tmp_path):
    done = run(f"import toolkit as tk\n{CALL}", tmp_path, from_input=from_input)
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith(f"toolkit.errors.ConfigError: worker processes {said}")
    assert last.endswith("or sweep in this process with workers=0")
    assert done.stderr.count("Traceback") == 1
    assert (done.returncode, done.stdout) == (1, "")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("code", "line", "unguarded"),
    [
        ("import toolkit\nsweep()\n", 2, True),
        ("if __name__ == '__main__':\n    sweep()\n", 2, False),
        (
            "with a:\n    try:\n        sweep(\n            1)\n    except A:\n        pass\n",
            4,
            True,
        ),
        ("for x in y:\n    if x:\n        sweep()\n", 3, False),
        ("def f():\n    sweep()\nf()\n", 3, True),
        ("no python (\n", 1, False),
    ],
)
def test_what_is_executed_on_import(code, line, unguarded, tmp_path):
    (tmp_path / "script.py").write_text(code)
    assert _is_unguarded(str(tmp_path / "script.py"), line) is unguarded
