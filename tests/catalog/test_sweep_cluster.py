"""A real cluster: scheduler and workers as separate processes, two of them killed in mid-sweep."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys

import pytest
from processes import PATIENCE, is_running, wait_until
from sweep_case import names, results

from toolkit.catalog.sweeps import executors
from toolkit.catalog.sweeps.sweep import sweep
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


def address_in(file):
    """Return the address in a scheduler's file, ``None`` before all of it is there."""
    with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
        return json.loads(file.read_text())["address"]
    return None


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    """Address of a scheduler, and the processes of three workers that are connected to it."""
    from distributed import Client

    monkeypatch.setattr(executors, "_SECONDS_TO_CONNECT", PATIENCE)
    where = tmp_path / "scheduler.json"
    quiet = ("--no-dashboard", "--host", "127.0.0.1")
    started = [
        dask("scheduler", "--port", "0", "--scheduler-file", str(where), *quiet, folder=tmp_path)
    ]
    try:
        address = wait_until(lambda: address_in(where), "the scheduler")
        for i in range(3):
            scratch = tmp_path / f"worker{i}"
            started.append(
                dask(
                    *("worker", address, "--nthreads", "1", "--no-nanny", *quiet),
                    *("--local-directory", str(scratch)),
                    folder=tmp_path,
                )
            )
        with Client(address, timeout=PATIENCE, set_as_default=False) as client:
            client.wait_for_workers(3, timeout=PATIENCE)
        yield address, started[1:]
    finally:
        print((tmp_path / "log").read_text())  # shown where the test fails
        for process in started:
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
            process.wait(PATIENCE)


def children(pid):
    """Return the GAP processes that a process started."""
    found = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return [int(line.split()[0]) for line in found.stdout.splitlines() if "gap" in line.lower()]


def test_killed_workers_lose_and_double_nothing(cluster, tmp_path):
    address, workers = cluster
    gaps = []
    killed = []

    def kill(done, total):
        assert total == GROUPS
        if len(killed) < 2 and done >= (8, 24)[len(killed)]:
            left = [w for w in workers if w.pid not in killed]
            victim = wait_until(
                lambda: next((w for w in left if children(w.pid)), None), "a worker with a GAP"
            )
            gaps.extend(children(victim.pid))
            os.kill(victim.pid, signal.SIGKILL)
            victim.wait(PATIENCE)
            killed.append(victim.pid)

    report = sweep(tmp_path / "cluster", ORDERS, scheduler=address, progress=kill, **OPTIONS)
    assert len(killed) == 2
    assert gaps
    assert report.statuses == {"done": GROUPS}
    attempted = names(tmp_path / "cluster")
    assert len(attempted) == len(set(attempted)) == GROUPS
    wait_until(lambda: not any(is_running(pid) for pid in gaps), "the end of the workers' GAPs")
    sweep(tmp_path / "alone", ORDERS, workers=0, **OPTIONS)
    assert results(tmp_path / "cluster") == results(tmp_path / "alone")


def test_a_scheduler_that_is_not_there_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(executors, "_SECONDS_TO_CONNECT", 1)
    with pytest.raises(ConfigError, match=r"tcp://127\.0\.0\.1:1 does not answer") as raised:
        sweep(tmp_path / "x", "1-4", scheduler="tcp://127.0.0.1:1", **OPTIONS)
    assert "\n" not in str(raised.value)
    with pytest.raises(ConfigError, match="is required, not 'not an address'"):
        sweep(tmp_path / "x", "1-4", scheduler="not an address", **OPTIONS)
