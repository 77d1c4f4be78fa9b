"""Real clusters: scheduler and workers as separate processes, clusters that adapt, and deaths."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from processes import PATIENCE, is_running, wait_until
from sweep_case import names, results
from sweep_kills import address_in

from toolkit.catalog.sweeps import clusters
from toolkit.catalog.sweeps.sweep import sweep
from toolkit.errors import ClusterLostError, ConfigError

pytestmark = pytest.mark.gap

ORDERS = "1-24"
GROUPS = 74
OPTIONS = {"activations": ["relu"]}


def dask(*words, folder):
    command = [sys.executable, "-W", "ignore", "-m", "dask", *words]
    log = (folder / "log").open("ab")
    with log:
        return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    """Address of a scheduler, and the processes of three workers that are connected to it."""
    from distributed import Client

    monkeypatch.setattr(clusters, "_SECONDS_TO_CONNECT", PATIENCE)
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
        yield address, started[1:], started[0]
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


@pytest.mark.slow
def test_killed_workers_lose_and_double_nothing(cluster, tmp_path):
    address, workers, _ = cluster
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
    monkeypatch.setattr(clusters, "_SECONDS_TO_CONNECT", 1)
    with pytest.raises(ConfigError, match=r"tcp://127\.0\.0\.1:1 does not answer") as raised:
        sweep(tmp_path / "x", "1-4", scheduler="tcp://127.0.0.1:1", **OPTIONS)
    assert "\n" not in str(raised.value)
    with pytest.raises(ConfigError, match=r"cluster object of Dask, is required, not 3"):
        sweep(tmp_path / "x", "1-4", scheduler=3, **OPTIONS)
    with pytest.raises(ConfigError, match="is required, not 'not an address'"):
        sweep(tmp_path / "x", "1-4", scheduler="not an address", **OPTIONS)


@pytest.mark.slow
def test_a_scheduler_that_dies_is_one_line_and_the_folder_goes_on(cluster, tmp_path):
    address, _, scheduler = cluster

    def kill(done, total):
        del total
        if done >= 8 and scheduler.poll() is None:
            os.kill(scheduler.pid, signal.SIGKILL)
            scheduler.wait(PATIENCE)

    with pytest.raises(ClusterLostError) as raised:
        sweep(tmp_path / "lost", ORDERS, scheduler=address, progress=kill, **OPTIONS)
    said = str(raised.value)
    assert said.startswith(f"the Dask scheduler at {address} ended, or the connection to it: ")
    assert f"of {GROUPS} groups are done and kept in {tmp_path / 'lost'}; " in said
    assert "\n" not in said
    report = sweep(tmp_path / "lost", ORDERS, workers=0, **OPTIONS)
    assert 8 <= report.before < GROUPS
    assert report.statuses == {"done": GROUPS}


@pytest.mark.slow
def test_workers_that_come_when_there_is_work_and_go(tmp_path, monkeypatch):
    """A cluster that begins with no worker at all; it is the user's and stays open."""
    from distributed import LocalCluster

    monkeypatch.setattr(clusters, "_SECONDS_TO_CONNECT", PATIENCE)
    with LocalCluster(
        n_workers=0, threads_per_worker=1, dashboard_address=None, local_directory=str(tmp_path)
    ) as made:
        made.adapt(minimum=0, maximum=2, interval="200ms", target_duration="1s")
        seen = []
        folder = tmp_path / "adapting"
        report = sweep(folder, ORDERS, scheduler=made, watch=seen.append, **OPTIONS)
        assert made.status.name == "running"
        wait_until(lambda: not made.scheduler.workers, "the end of workers without work")
    assert report.statuses == {"done": GROUPS}
    assert {now.workers for now in seen} <= {0, 1, 2}
    assert max(now.workers for now in seen) == 2
    sweep(tmp_path / "alone", ORDERS, workers=0, **OPTIONS)
    assert results(folder) == results(tmp_path / "alone")


#: Loaded by a worker, more than once: it dies of one group, as if this took all memory away.
DEADLY = """
import os
from toolkit.catalog.sweeps import worker

def deadly(group, *more, original=worker.rows_of_group):
    if group.name == "SmallGroup(12,3)":
        os._exit(1)
    return original(group, *more)


worker.rows_of_group = deadly
"""


@pytest.mark.slow
def test_a_group_that_kills_its_workers_is_a_row_and_no_other(tmp_path):
    import dask
    from distributed import LocalCluster

    (tmp_path / "deadly.py").write_text(DEADLY)
    fewer = dask.config.set({"distributed.scheduler.allowed-failures": 1})
    with (
        fewer,
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            dashboard_address=None,
            local_directory=str(tmp_path),
            silence_logs=60,
            preload=str(tmp_path / "deadly.py"),
        ) as made,
    ):
        report = sweep(tmp_path / "deadly", "1-15", scheduler=made, **OPTIONS)
    assert report.failures == {"SmallGroup(12,3)": "failed"}
    again = sweep(tmp_path / "deadly", "1-15", workers=0, retry=True, **OPTIONS)
    assert again.failures == {}
    sweep(tmp_path / "alone", "1-15", workers=0, **OPTIONS)
    assert results(tmp_path / "deadly") == results(tmp_path / "alone")
