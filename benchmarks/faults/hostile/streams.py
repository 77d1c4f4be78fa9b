"""Commands whose standard streams are closed or full."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hostile.case import Broken, Case

if TYPE_CHECKING:
    from hostile.case import World

COMMANDS = (
    "query S3", "query S3 --json", "query Nosuch", "graph C8", "transfer C8", "layer S3",
    "map S4 --module points --source L3 --target L3", "find 'order < 10'", "catalog info",
    "catalog tables", "doctor", "cache info", "cache verify", "--help", "query --help", "--version",
    "nosuch", "inspect nosuch.pt", "sweep nosuch --orders x", "query S3 --latex",
)  # fmt: skip
REDIRECTIONS = (
    ">&-", "2>&-", "<&-", ">&- 2>&-", ">&- 2>&- <&-", ">/dev/full", "2>/dev/full",
    ">/dev/full 2>/dev/full", "<&- >/dev/full",
)  # fmt: skip


def case(world: World) -> Case:
    """Return a command with some streams closed or full, and run it in a process of its own."""
    random = world.random
    words = random.choice(COMMANDS)
    where = random.choice(REDIRECTIONS)
    return Case(f"plrep {words} {where}", lambda: _ask(world, words, where))


def _ask(world: World, words: str, where: str) -> None:
    if os.name != "posix" or ("full" in where and not Path("/dev/full").exists()):
        return
    done = subprocess.run(
        ["sh", "-c", f'"$0" -m toolkit.cli.main {words} {where}', sys.executable],
        capture_output=True,
        text=True,
        cwd=world.folder,
        check=False,
    )
    lost = where.startswith((">", "<&- >")) and "nosuch" not in words.lower()
    said = [x for x in done.stderr.splitlines() if not x.startswith("note: ")]
    if done.returncode not in (0, 2, 4) or (lost and done.returncode != 2):
        raise Broken(f"status {done.returncode}: {done.stderr[:200]}")
    if "Traceback" in done.stderr or "internal error" in done.stderr or len(said) > 1:
        raise Broken(f"{len(said)} lines: {done.stderr[:300]}")
