"""Workspaces that are cut short, damaged or left over: none is installed, each is replaced."""

from __future__ import annotations

import logging
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest
from small_disks import fill, room

from toolkit.gap import GapWorker, ensure_workspace
from toolkit.gap import worker as worker_module
from toolkit.gap import workspace as workspaces
from toolkit.gap.workspace import last_replacement, saved_workspace


@pytest.fixture
def place(tmp_path, workspace):
    """Return a folder with a copy of the workspace."""
    folder = tmp_path / "workspaces"
    folder.mkdir()
    shutil.copy(workspace, folder)
    return folder / workspace.name


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _alive(worker: GapWorker) -> bool:
    return bool(worker.ask("hello", {}, subject="GAP").value["version"])


def _flip(path: Path, at: int) -> None:
    with path.open("r+b") as stream:
        stream.seek(at)
        byte = stream.read(1)[0]
        stream.seek(at)
        stream.write(bytes([byte ^ 4]))


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 9)


def _flip_in_the_middle(path: Path) -> None:
    _flip(path, path.stat().st_size // 2)


@pytest.mark.parametrize("harm", [pytest.param(_cut, marks=pytest.mark.slow), _flip_in_the_middle])
def test_a_damaged_one_is_replaced(installation, scripts, place, caplog, harm):
    harm(place)
    before = place.read_bytes()
    with GapWorker(installation, scripts, workspace=place) as worker:
        assert _alive(worker)
        assert worker.starts == 2
        new = worker.workspace
        assert new is not None
        assert new.read_bytes() != before
        worker.close()
        assert _alive(worker)
        assert worker.starts == 3  # the new one is sound
    assert _names(place.parent) == sorted([new.name, "replaced.json"])
    (warning,) = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert "is replaced by a new one" in warning
    known = last_replacement(place.parent)
    assert known is not None
    assert known.why in warning
    assert known.when.startswith(time.strftime("%Y-", time.gmtime()))
    record = place.with_name("replaced.json")
    os.utime(record, (0, 0))
    assert last_replacement(place.parent) is None  # long ago
    record.write_text("[]")
    assert last_replacement(place.parent) is None


@pytest.mark.slow
def test_one_that_cannot_be_replaced_costs_a_slow_start(
    installation, scripts, place, monkeypatch, caplog
):
    _cut(place)
    monkeypatch.setattr(workspaces, "_ROOM", 1 << 62)
    with GapWorker(installation, scripts, workspace=place) as worker:
        assert _alive(worker)
        assert worker.workspace is None
    assert _names(place.parent) == ["replaced.json"]


def test_a_worker_finds_the_one_that_another_has_saved(installation, scripts, place):
    with GapWorker(installation, scripts, workspace=place.with_name("gone.gapws")) as worker:
        assert _alive(worker)
        assert worker.workspace == place
    assert saved_workspace(installation, scripts, place.parent / "none") is None


def test_one_that_another_process_replaces_meanwhile_is_not_called_damaged(
    installation, scripts, place, monkeypatch, caplog
):
    """Two processes that both save one remove each other's: between the look and the start."""
    elsewhere = place.with_name("elsewhere")
    sound, found = worker_module.Soundness, worker_module.saved_workspace

    class TooLate(sound):
        def __init__(self, path):
            if not elsewhere.exists():
                path.rename(elsewhere)
            super().__init__(path)

    def again(*where):
        shutil.copy(elsewhere, place)
        return found(*where)

    monkeypatch.setattr(worker_module, "Soundness", TooLate)
    monkeypatch.setattr(worker_module, "saved_workspace", again)
    with GapWorker(installation, scripts, workspace=place) as worker:
        assert _alive(worker)
        assert worker.workspace == place
    assert _names(place.parent) == sorted([place.name, "elsewhere"])
    assert caplog.records == []


def test_a_full_disk_has_none(installation, scripts, small_disk, caplog):
    disk = small_disk(300 << 10)
    caplog.set_level(logging.INFO, "toolkit.gap")
    assert ensure_workspace(installation, scripts, disk / "workspaces") is None
    assert _names(disk / "workspaces") == []
    assert "no GAP workspace: 72 MB are needed" in caplog.text


@pytest.mark.parametrize(
    "missing",
    [*(pytest.param(n, marks=pytest.mark.slow) for n in (0, 1, 4096)), 30_000_000],
)
@pytest.mark.slow
def test_one_that_is_cut_short_is_not_installed(
    installation, scripts, workspace, small_disk, monkeypatch, missing
):
    """GAP ends with status 0 when the disk is full in the middle."""
    monkeypatch.setattr(workspaces, "_ROOM", 0)
    size = workspace.stat().st_size
    disk = small_disk(size + (1 << 20))
    fill(disk, size - missing if missing else size + 8192)
    found = ensure_workspace(installation, scripts, disk)
    left = [name for name in _names(disk) if name != "filled"]
    if missing > 8192:
        assert (found, left) == (None, [])
        assert room(disk) > size - missing - 8192
    elif found is None:  # it is not always of the same size
        assert left == []
    else:
        assert left == [found.name]
        with GapWorker(installation, scripts, workspace=found) as worker:
            assert _alive(worker)
            assert worker.starts == 1


def test_leftovers_and_older_ones_go(installation, scripts, place):
    left = place.with_name(".x.00000000-1-0123abcd.tmp")
    left.write_text("half")
    os.utime(left, (0, 0))
    recipe = place.name.partition("-")[0]
    same = place.with_name(f"{recipe}-00000000.gapws")
    same.write_text("half")
    os.utime(same, (0, 0))
    others = [place.with_name(f"{i}.gapws") for i in range(4)]
    for i, path in enumerate(others):
        path.touch()
        os.utime(path, (i, i))
    assert ensure_workspace(installation, scripts, place.parent) == place
    assert not left.exists()
    workspaces._tidy(place.parent, place)
    assert _names(place.parent) == sorted(["2.gapws", "3.gapws", place.name])


def test_a_gap_that_cannot_load_its_workspace_is_not_asked_every_time(
    installation, scripts, tmp_path, monkeypatch
):
    runs = []

    def run(_installation, arguments, _seconds, environment=None):
        runs.append(arguments)
        if environment is not None:
            Path(environment["PLREP_WORKSPACE"]).write_text("GAP workspace, but not one")
        return 0 if environment is not None else 1

    monkeypatch.setattr(workspaces, "_run", run)
    for _ in range(2):
        assert ensure_workspace(installation, scripts, tmp_path) is None
    assert len(runs) == 2
    (mark,) = tmp_path.iterdir()
    os.utime(mark, (0, 0))
    assert ensure_workspace(installation, scripts, tmp_path) is None
    assert len(runs) == 4
    assert workspaces.remove_workspaces(tmp_path) == 0
    assert _names(tmp_path) == []


@pytest.mark.parametrize("writes", ["", "GAP", "something else"])
def test_a_program_that_saves_nothing_leaves_nothing(
    installation, scripts, tmp_path, monkeypatch, writes
):
    def run(_installation, _arguments, _seconds, environment=None):
        if environment is not None:
            Path(environment["PLREP_WORKSPACE"]).write_text(writes)
        return 0

    monkeypatch.setattr(workspaces, "_run", run)
    assert ensure_workspace(installation, scripts, tmp_path) is None
    assert _names(tmp_path) == []


@pytest.mark.slow
def test_a_gap_that_hangs_as_it_loads_one_is_started_without(
    installation, scripts, place, tmp_path, monkeypatch
):
    program = tmp_path / "gap"
    program.write_text(
        f'#!/bin/sh\ncase " $* " in *" -L "*) exec sleep 100000;; esac\n'
        f'exec "{installation.executable}" "$@"\n'
    )
    program.chmod(0o755)
    hanging = replace(installation, executable=program)
    monkeypatch.setattr(worker_module, "_LONGEST_LOAD", 1.0)
    with GapWorker(hanging, scripts, workspace=place) as worker:
        assert _alive(worker)
        assert (worker.starts, worker.workspace) == (2, None)
        worker.close()
        assert _alive(worker)
        assert worker.starts == 3
    assert place.is_file()


def test_saving_and_trying_share_their_seconds(installation, scripts, tmp_path, monkeypatch):
    given = []

    def run(_installation, _arguments, seconds, environment=None):
        given.append(seconds)
        if environment is not None:
            Path(environment["PLREP_WORKSPACE"]).write_text("GAP workspace")
            time.sleep(0.01)
        return 0

    monkeypatch.setattr(workspaces, "_run", run)
    ensure_workspace(installation, scripts, tmp_path, seconds=50)
    assert given[0] == 50
    assert 0 < given[1] < 50
