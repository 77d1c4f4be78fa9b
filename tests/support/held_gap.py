"""A GAP that answers what it is and then nothing: it says by a file that a question has come."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.gap import GapInstallation

PROGRAM = """
import os, pathlib, subprocess, sys, time

folder, *command = sys.argv[1:]
folder = pathlib.Path(folder)
gap = subprocess.Popen(command, stdin=subprocess.PIPE)
for line in sys.stdin.buffer:
    if b'"hello"' not in line:
        (folder / "began.tmp").write_text(f"{os.getpid()} {gap.pid}")
        (folder / "began.tmp").rename(folder / "began")
        while True:
            time.sleep(3600)
    gap.stdin.write(line)
    gap.stdin.flush()
gap.stdin.close()
sys.exit(gap.wait())
"""


def held_gap(folder: Path, real: GapInstallation) -> Path:
    """Write the program into a folder.

    Its file ``began`` there has the numbers of the program and of the real GAP behind it.
    """
    (folder / "held.py").write_text(PROGRAM)
    words = (sys.executable, "-SE", folder / "held.py", folder, real.executable)
    program = folder / "gap"
    command = " ".join(shlex.quote(str(word)) for word in words)
    program.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    program.chmod(0o755)
    return program
