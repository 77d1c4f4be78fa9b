"""A Python that ends, in whatever way, leaves no GAP computing behind."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from processes import PATIENCE, default_signals, is_running, wait_until

pytestmark = pytest.mark.gap

PROGRAM = """
import sys
from pathlib import Path
from toolkit.gap import GapWorker, find_gap

scripts, workspace, began, gate = sys.argv[1:]
worker = GapWorker(find_gap(), Path(scripts), workspace=Path(workspace))
worker.ask("hello", {}, subject="GAP itself")
print(worker._process.pid, flush=True)
worker.ask("wait", {"began": began, "gate": gate}, subject="S4", timeout=1e6)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.quick_cases(1)
def test_a_busy_gap_ends_with_its_python(how, troubled, troubled_workspace, tmp_path):
    began, gate = tmp_path / "began", tmp_path / "gate"
    command = (sys.executable, "-c", PROGRAM, troubled, troubled_workspace, began, gate)
    with default_signals():
        parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    with parent:
        try:
            gap = int(parent.stdout.readline())
            wait_until(lambda: began.exists() or parent.poll() is not None, "GAP's beginning")
            assert is_running(gap)
            parent.send_signal(how)
            assert parent.wait(PATIENCE) == -how
        finally:
            parent.kill()
    try:
        wait_until(lambda: not is_running(gap), "the end of GAP")
    finally:
        gate.touch()
