"""A Python that is killed leaves no GAP computing behind for long."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.gap, pytest.mark.slow]

PROGRAM = """
import os, sys, threading, time
from toolkit.library import Session
session = Session()
session.hello()
worker = session.pool().workers[0]
print(worker._process.pid, flush=True)
group = {"kind": "symmetric", "degree": 23}
args = {"group": group, "reps": [], "max_index": 100000, "limit": 100}
worker.ask("subgroup_classes", args, subject="S23", timeout=3.0)
"""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prlimit exists on Linux only")
def test_a_busy_gap_ends_by_itself() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as parent:
        assert parent.stdout is not None
        gap = int(parent.stdout.readline())
        time.sleep(1.0)
        os.kill(parent.pid, signal.SIGKILL)
    assert alive(gap)
    patience = time.monotonic() + 120
    while alive(gap) and time.monotonic() < patience:
        time.sleep(0.5)
    assert not alive(gap)
