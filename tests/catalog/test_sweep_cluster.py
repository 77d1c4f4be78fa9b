"""A real cluster: scheduler and workers as separate processes, two of them killed in mid-sweep."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from sweep_case import names, results

from toolkit.catalog.sweep_run import sweep
from toolkit.errors import ConfigError

pytestmark = pytest.mark.gap

ORDERS = "1-24"
GROUPS = 74
OPTIONS = {"activations": ["relu"]}


def dask(*words, folder):
    command = [sys.executable, "-W", "ignore", "-m", "dask", *words]
    log = (folder / "log").open("ab")
    with log:
        return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)


def wait_for(condition, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def cluster(tmp_path):
    """Address of a scheduler, and three workers' processes."""
    where = tmp_path / "scheduler.json"
    quiet = ("--no-dashboard", "--host", "127.0.0.1")
    started = [
        dask("scheduler", "--port", "0", "--scheduler-file", str(where), *quiet, folder=tmp_path)
    ]
    try:
        assert wait_for(where.is_file, 30), (tmp_path / "log").read_text()
        address = json.loads(where.read_text())["address"]
        for i in range(3):
            scratch = tmp_path / f"worker{i}"
            started.append(
                dask(
                    *("worker", address, "--nthreads", "1", "--no-nanny", *quiet),
                    *("--local-directory", str(scratch)),
                    folder=tmp_path,
                )
            )
        yield address, started[1:]
    finally:
        for process in started:
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
            process.wait(10)


def children(pid):
    """Return the GAP processes that a process started."""
    found = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return [int(line.split()[0]) for line in found.stdout.splitlines() if "gap" in line.lower()]


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_killed_workers_lose_and_double_nothing(cluster, tmp_path):
    address, workers = cluster
    gaps = []
    killed = []

    def kill(done, total):
        assert total == GROUPS
        if len(killed) < 2 and done >= (8, 24)[len(killed)]:
            victim = next(w for w in workers if w.pid not in killed and children(w.pid))
            gaps.extend(children(victim.pid))
            os.kill(victim.pid, signal.SIGKILL)
            victim.wait(10)
            killed.append(victim.pid)

    report = sweep(tmp_path / "cluster", ORDERS, scheduler=address, progress=kill, **OPTIONS)
    assert len(killed) == 2
    assert gaps
    assert report.statuses == {"done": GROUPS}
    attempted = names(tmp_path / "cluster")
    assert len(attempted) == len(set(attempted)) == GROUPS
    assert wait_for(lambda: not any(alive(pid) for pid in gaps), 10)
    sweep(tmp_path / "alone", ORDERS, workers=0, **OPTIONS)
    assert results(tmp_path / "cluster") == results(tmp_path / "alone")


def test_a_scheduler_that_is_not_there_is_one_line(tmp_path, monkeypatch):
    from toolkit.catalog import executors

    monkeypatch.setattr(executors, "_SECONDS_TO_CONNECT", 1)
    with pytest.raises(ConfigError, match=r"tcp://127\.0\.0\.1:1 does not answer") as raised:
        sweep(tmp_path / "x", "1-4", scheduler="tcp://127.0.0.1:1", **OPTIONS)
    assert "\n" not in str(raised.value)
    with pytest.raises(ConfigError, match="is required, not 'not an address'"):
        sweep(tmp_path / "x", "1-4", scheduler="not an address", **OPTIONS)
