"""``plrep sweep``."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from processes import PATIENCE, default_signals, wait_until
from sweep_case import names, results

from toolkit.catalog.sweeps.pace import SweepProgress
from toolkit.cli import sweep_progress
from toolkit.cli.main import main
from toolkit.cli.progress import Progress
from toolkit.cli.sweep_progress import SweepLines
from toolkit.gap import find_gap


def one_line(outcome):
    assert outcome.status == 2
    assert outcome.out == ""
    assert outcome.err.startswith("plrep: ")
    assert outcome.err.count("\n") == 1, outcome.err
    return outcome.err


@pytest.fixture
def words(tmp_path):
    """A sweep of a few groups in this process."""
    return ("sweep", "--orders", "1-6", "--workers", "0", "--folder", str(tmp_path / "made"))


@pytest.mark.gap
def test_page_json_and_going_on(plrep_gap, words, tmp_path):
    outcome = plrep_gap(*words)
    assert outcome.status == 0
    lines = outcome.out.splitlines()
    assert lines[0] == "8 groups: 8 done"
    assert lines[2].startswith("8 groups in ")
    assert "GAP itself took" in lines[2]
    kept = results(tmp_path / "made")
    data = json.loads(plrep_gap(*words, "--json").out)
    assert (data["groups"], data["before"], data["statuses"]) == (8, 8, {"done": 8})
    assert data["failures"] == {}
    assert results(tmp_path / "made") == kept


@pytest.mark.gap
def test_another_plan_in_the_same_folder_is_refused(plrep_gap, words, tmp_path):
    plrep_gap(*words)
    kept = results(tmp_path / "made")
    said = one_line(plrep_gap(*words[:2], "1-7", *words[3:]))
    assert "belongs to another sweep" in said
    assert results(tmp_path / "made") == kept


@pytest.mark.gap
def test_failures_are_told(plrep_gap, tmp_path):
    (tmp_path / "names").write_text("C2\nS30\n")
    outcome = plrep_gap(
        *("sweep", "--groups", str(tmp_path / "names"), "--workers", "0"),
        *("--folder", str(tmp_path / "made")),
    )
    assert outcome.status == 0
    assert "2 groups: 1 done, 1 unavailable" in outcome.out
    assert "  S30: unavailable" in outcome.out
    assert "--retry" in outcome.out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--orders", "x"), "positive numbers"),
        (("--orders", "1-3", "--modules", "all"), "transitive:MAXINDEX"),
        (("--orders", "1-3", "--activations", "rellu"), "rellu"),
        (("--orders", "1-3", "--activations", ","), "needs an activation"),
        (("--orders", "1-3", "--workers", "-2"), "--workers"),
        (("--orders", "1-3", "--deadline", "nan"), "--deadline"),
        (("--orders", "1-3", "--memory", "lots"), "lots"),
        (("--groups", "/nowhere/names"), "/nowhere/names"),
        (("--groups", "/dev/zero"), "a device, which may never end"),
        ((), "needs --orders"),
        (("--orders", "1-3", "--offline"), "--offline"),
    ],
)
def test_bad_input_is_one_line(plrep_gap, tmp_path, more, said):
    folder = tmp_path / "made"
    assert said in one_line(plrep_gap("sweep", "--folder", str(folder), *more))
    assert not folder.exists()


def test_a_folder_of_something_else_is_left_alone(plrep_gap, tmp_path):
    (tmp_path / "precious").write_text("data")
    said = one_line(
        plrep_gap("sweep", "--orders", "2", "--workers", "0", "--folder", str(tmp_path))
    )
    assert "something else" in said
    assert [p.name for p in tmp_path.iterdir()] == ["precious"]


#: A GAP that holds questions about dihedral groups back until a file exists, and says which process
#: does so by a file of its own. Arguments: that file, a folder for the others, the real GAP.
GATED_GAP = """
import os, pathlib, subprocess, sys, time

gate, held, *command = sys.argv[1:]
gate, held = pathlib.Path(gate), pathlib.Path(held)
gap = subprocess.Popen(command, stdin=subprocess.PIPE)
for line in sys.stdin.buffer:
    if b'"dihedral"' in line and not gate.exists():
        (held / str(os.getpid())).touch()
        while not gate.exists():
            time.sleep(0.01)
    gap.stdin.write(line)
    gap.stdin.flush()
gap.stdin.close()
sys.exit(gap.wait())
"""


@pytest.fixture
def gate(tmp_path, monkeypatch):
    """The file that lets GAP go on with dihedral groups; beside it the folder ``held``."""
    real = find_gap()
    (tmp_path / "held").mkdir()
    (tmp_path / "gated.py").write_text(GATED_GAP)
    words = (sys.executable, "-SE", tmp_path / "gated.py", tmp_path / "gate", tmp_path / "held")
    command = " ".join(shlex.quote(str(word)) for word in (*words, real.executable))
    program = tmp_path / "gap"
    program.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PLREP_GAP", str(program))
    if real.root is not None:
        monkeypatch.setenv("PLREP_GAP_ROOT", str(real.root))
    monkeypatch.setenv("PLREP_GAP_TIMEOUT", str(10 * PATIENCE))
    yield tmp_path / "gate"
    (tmp_path / "gate").touch()


def gaps_of(cache):
    """Return processes whose command line names a workspace of this cache."""
    listed = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,args="], capture_output=True, text=True, check=True
    )
    return [line for line in listed.stdout.splitlines() if str(cache) in line and "-K" in line]


@pytest.mark.gap
@pytest.mark.slow
def test_the_keyboard_stops_it_and_the_same_command_goes_on(gate, tmp_path):
    cache, folder = tmp_path / "cache", tmp_path / "made"
    # more that are held back than are given out ahead to two workers: each comes to hold one
    quick, slow = [f"C{n}" for n in range(1, 13)], [f"D{n}" for n in range(6, 22, 2)]
    (tmp_path / "names").write_text("\n".join(quick + slow))
    command = [
        *(sys.executable, "-W", "ignore", "-m", "toolkit.cli.main", "sweep"),
        *("--groups", str(tmp_path / "names"), "--activations", "abs", "--workers", "2"),
        *("--deadline", str(10 * PATIENCE), "--folder", str(folder), "--quiet"),
    ]
    environment = {**os.environ, "PLREP_CACHE_DIR": str(cache), "PYTHONPATH": str(Path.cwd())}
    with default_signals():
        started = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            start_new_session=True,
        )
    try:
        wait_until(
            lambda: len(list((tmp_path / "held").iterdir())) == 2 or started.poll() is not None,
            "two workers with groups that are held back",
        )
        assert started.poll() is None, started.communicate()
        assert gaps_of(cache)
        os.killpg(started.pid, signal.SIGINT)  # as a terminal does: to all processes at once
        out, err = started.communicate(timeout=PATIENCE)
    finally:
        if started.poll() is None:
            os.killpg(started.pid, signal.SIGKILL)
            started.communicate()
    assert started.returncode == 130, err
    assert out == ""
    assert err.startswith("plrep: stopped after ")
    assert err.endswith("the same command resumes\n")
    assert err.count("\n") == 1, err
    wait_until(lambda: not gaps_of(cache), "the end of its GAPs")
    before = names(folder)
    assert before
    assert len(before) == len(set(before))
    assert set(before) <= set(quick)
    gate.touch()
    again = subprocess.run(
        [*command, "--json"], capture_output=True, text=True, env=environment, check=True
    )
    data = json.loads(again.stdout)
    assert (data["groups"], data["before"]) == (20, len(before))
    assert data["statuses"] == {"done": 20}
    assert len(names(folder)) == len(set(names(folder))) == 20


@pytest.mark.gap
def test_an_estimate_writes_nothing(plrep_gap, words, tmp_path):
    outcome = plrep_gap(*words, "--estimate")
    assert outcome.status == 0
    lines = outcome.out.splitlines()
    assert lines[0].split("  ")[0] == "orders"
    assert lines[-1].startswith("8 groups: about ")
    assert " on one core, by a sample of 8 groups, " in lines[-1]
    data = json.loads(plrep_gap(*words, "--estimate", "--json").out)
    assert (data["groups"], data["measured"]) == (8, 8)
    assert [(row["order"], row["groups"]) for row in data["orders"]] == [
        *((1, 1), (2, 1), (3, 1), (4, 2), (5, 1), (6, 2))
    ]
    assert data["seconds"] == pytest.approx(sum(row["seconds"] for row in data["orders"]), abs=0.01)
    assert data["failures"] == {}
    assert not (tmp_path / "made").exists()
    with_two = plrep_gap(*words, "--workers", "2", "--estimate").out.splitlines()
    assert with_two[-1].startswith("about ")
    assert with_two[-1].endswith(" with 2 workers, a core for each")
    data = json.loads(plrep_gap(*words, "--workers", "2", "--estimate", "--json").out)
    assert data["seconds_with_workers"] == pytest.approx(data["seconds"] / 2, abs=0.001)
    outcome = plrep_gap(*words, "--estimate", "--retry")
    assert outcome.status == 2
    assert "omit --scheduler and --retry" in outcome.err
    outcome = plrep_gap(*words, "--scheduler", "tcp://host:1")
    assert outcome.status == 2
    assert "--scheduler has workers of its own: omit --workers" in outcome.err


def test_a_log_file_has_a_line_now_and_then(monkeypatch, capsys):
    clock = [0.0]
    monkeypatch.setattr(sweep_progress.time, "monotonic", lambda: clock[0])
    show = SweepLines(Progress(), wanted=True)
    first = SweepProgress(1268, 24, 0, {"done": 24}, 0.02, 5.0, None, 4.8, 2)
    known = replace(first, done=310, work=0.5, seconds_left=90.0)
    for seconds, now in ((5, first), (20, known), (40, known), (79, known), (80, known)):
        clock[0] = seconds
        show(now)
    line = (
        "plrep: 50% of the work, 310 of 1,268 groups, 4.8 a second with 2 workers, about 90 s left"
    )
    assert capsys.readouterr().err.splitlines() == [line, line]
    silent = SweepLines(Progress(), wanted=False)
    clock[0] = 500.0
    silent(known)
    assert capsys.readouterr().err == ""


def test_help_names_every_option(capsys):
    assert main(["sweep", "--help"]) == 0
    said = capsys.readouterr().out
    for option in (
        "--orders",
        "--groups",
        "--modules",
        "--activations",
        "--workers",
        "--scheduler",
        "--deadline",
        "--memory",
        "--retry",
        "--estimate",
        "--folder",
    ):
        assert option in said
