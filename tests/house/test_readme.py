"""The README's first example needs no GAP."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"

PROGRAM = """
import doctest, sys
failures, tried = doctest.testfile(
    sys.argv[1], module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
)
print(tried, "tried")
sys.exit(failures)
"""


def test_ten_lines_from_bundled_answers(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PLREP_OFFLINE": "1",
        "PLREP_GAP": "/nonexistent",
        "PLREP_CACHE_DIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(README)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert int(done.stdout.split()[0]) >= 8
