"""A GAP whose questions wait for a gate: a test decides what happens while GAP is at work.

A question that holds the text of the file ``held`` says by a file ``began-...`` that it has come,
and goes on to the real GAP when there is a file ``gate``. Where the environment has
``GATE_IS_OPEN``, as a test may set it in a child, nothing waits.
"""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from processes import wait_until

from toolkit.library.session import Session
from toolkit.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.gap import GapInstallation

PROGRAM = """
import os, pathlib, subprocess, sys, time

folder, *command = sys.argv[1:]
folder = pathlib.Path(folder)
gap = subprocess.Popen(command, stdin=subprocess.PIPE)
held = folder / "held"
count = 0
for line in sys.stdin.buffer:
    if held.exists() and held.read_bytes() in line and "GATE_IS_OPEN" not in os.environ:
        count += 1
        (folder / f"began-{os.getpid()}-{count}").touch()
        while not (folder / "gate").exists():
            time.sleep(0.005)
    try:
        gap.stdin.write(line)
        gap.stdin.flush()
    except OSError:
        break
try:
    gap.stdin.close()
except OSError:
    pass
sys.exit(gap.wait())
"""


class GatedGap:
    """The program in a folder of its own, and what it says there."""

    def __init__(self, folder: Path, real: GapInstallation) -> None:
        self.folder = folder
        (folder / "gated.py").write_text(PROGRAM)
        words = (sys.executable, "-SE", folder / "gated.py", folder, real.executable)
        self.executable = folder / "gap"
        command = " ".join(shlex.quote(str(word)) for word in words)
        self.executable.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        self.executable.chmod(0o755)
        self.root = real.root
        (folder / "workspaces").mkdir()

    def forget(self) -> None:
        """Hold nothing, and have held nothing."""
        for file in ("held", "gate", *(f.name for f in self.folder.glob("began-*"))):
            (self.folder / file).unlink(missing_ok=True)

    def session(self, cache: Path, **choices: Any) -> Session:
        """Return a session that asks it, without bundled answers; GAP's workspace is kept."""
        if not (cache / "workspaces").exists():
            (cache / "workspaces").symlink_to(self.folder / "workspaces")
        settings = replace(
            Settings.from_environment(),
            cache_dir=cache,
            gap_executable=self.executable,
            gap_root=self.root,
            offline=False,
        )
        return Session(settings, use_bundled=False, **choices)

    def hold(self, text: str) -> None:
        """Let questions that hold this text wait from now on, until :meth:`open`."""
        (self.folder / "gate").unlink(missing_ok=True)
        (self.folder / "held").write_text(text)

    @property
    def began(self) -> int:
        """How many questions have come so far that had to wait."""
        return len(list(self.folder.glob("began-*")))

    def wait(self, count: int = 1) -> None:
        """Wait until so many have come."""
        wait_until(lambda: self.began >= count, f"{count} questions at the gate")

    def open(self) -> None:
        """Let all questions through."""
        (self.folder / "gate").touch()
