"""A Python that ends, in whatever way, leaves no GAP computing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.gap

PROGRAM = """
import os, sys, threading, time
from toolkit.library import Session
session = Session()
session.hello()
worker = session.pool().workers[0]
print(worker._process.pid, flush=True)
group = {"kind": "symmetric", "degree": 23}
args = {"group": group, "reps": [], "max_index": 100000, "limit": 100}
worker.ask("subgroup_classes", args, subject="S23")
"""


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    zombie = Path(f"/proc/{pid}/stat")
    return not zombie.exists() or zombie.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_busy_gap_ends_with_its_python(how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as parent:
        assert parent.stdout is not None
        gap = int(parent.stdout.readline())
        time.sleep(1.0)
        assert alive(gap)
        os.kill(parent.pid, how)
    patience = time.monotonic() + 10
    while alive(gap) and time.monotonic() < patience:
        time.sleep(0.05)
    assert not alive(gap)
