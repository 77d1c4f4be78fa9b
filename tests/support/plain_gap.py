"""Ask plain GAP, without the scripts of the toolkit: a second route to what is said of it."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from processes import PATIENCE

from toolkit.gap import find_gap
from toolkit.gap.workspace import base_command


def said_by_gap(program: str) -> list[str]:
    """Run a program in plain GAP, and return what it prints, in words."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "program.g"
        script.write_text(f'SetPrintFormattingStatus("*stdout*", false);\n{program}\nQUIT;\n')
        done = subprocess.run(
            [*base_command(find_gap()), "-q", str(script)],
            capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL, timeout=PATIENCE,
        )  # fmt: skip
    assert "rror" not in done.stdout + done.stderr
    return done.stdout.split()
