"""``plrep sweep``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sweep_case import names, results

from toolkit.cli.main import main


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


def gaps_of(cache):
    """Return processes whose command line names a workspace of this cache."""
    listed = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,args="], capture_output=True, text=True, check=True
    )
    return [line for line in listed.stdout.splitlines() if str(cache) in line and "-K" in line]


@pytest.mark.gap
def test_the_keyboard_stops_it_and_the_same_command_goes_on(tmp_path):
    cache, folder = tmp_path / "cache", tmp_path / "made"
    command = [
        *(sys.executable, "-W", "ignore", "-m", "toolkit.cli.main", "sweep", "--orders", "1-40"),
        *("--activations", "abs", "--workers", "2", "--folder", str(folder)),
    ]
    environment = {**os.environ, "PLREP_CACHE_DIR": str(cache), "PYTHONPATH": str(Path.cwd())}
    started = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 60
        while len(gaps_of(cache)) < 2 and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(3.0)
        assert started.poll() is None
        os.killpg(started.pid, signal.SIGINT)  # as a terminal does: to all processes at once
        out, err = started.communicate(timeout=60)
    finally:
        if started.poll() is None:
            started.kill()
    assert started.returncode == 130
    assert out == ""
    assert err.startswith("plrep: stopped after ")
    assert err.endswith("the same command goes on\n")
    assert err.count("\n") == 1, err
    time.sleep(1.0)
    assert gaps_of(cache) == []
    before = names(folder)
    assert len(before) == len(set(before)) < 181
    again = subprocess.run(
        [*command, "--json"], capture_output=True, text=True, env=environment, check=True
    )
    data = json.loads(again.stdout)
    assert (data["groups"], data["before"]) == (181, len(before))
    assert data["statuses"] == {"done": 181}
    assert len(names(folder)) == len(set(names(folder))) == 181


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
        "--folder",
    ):
        assert option in said
