"""The first contact with GAP: bounded in time, and each way in which it fails has its own error."""

from __future__ import annotations

from dataclasses import replace

import pytest

from toolkit.errors import GapCrashedError, GapNotFoundError, GapTimeoutError
from toolkit.library.session import Session
from toolkit.settings import Settings


@pytest.fixture
def session_with(tmp_path):
    """Return a session whose GAP is a shell script."""
    sessions = []

    def make(script, seconds=300.0):
        program = tmp_path / "gap"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        settings = Settings(
            cache_dir=tmp_path / "cache", gap_executable=program, gap_timeout=seconds
        )
        sessions.append(Session(settings, use_bundled=False))
        return sessions[-1]

    yield make
    for session in sessions:
        session.close()


def test_a_gap_that_never_speaks_is_stopped_at_the_deadline(session_with):
    session = session_with("exec sleep 100000", seconds=0.5)
    with pytest.raises(GapTimeoutError) as caught:
        session.hello()
    assert str(caught.value) == (
        "GAP did not answer the question 'hello' about GAP itself within 0.5 seconds and was "
        "stopped; PLREP_GAP_TIMEOUT sets the deadline"
    )


def test_a_gap_that_never_speaks_is_stopped_at_the_limit_of_the_block(session_with):
    session = session_with('case "$*" in *save_workspace*) exit 1;; esac; exec sleep 100000')
    with session.time_limit(0.5), pytest.raises(GapTimeoutError):
        session.ask_gap("hello", {}, subject="S4")


@pytest.mark.parametrize("signal", ["KILL", "TERM", "SEGV"])
def test_a_gap_killed_while_greeting_has_crashed(session_with, signal):
    session = session_with(f"read -r _; kill -s {signal} $$; sleep 100000")
    with pytest.raises(GapCrashedError, match="GAP ended") as caught:
        session.hello()
    assert caught.value.returncode < 0
    assert caught.value.request == "hello"


def test_killed_below_a_script(session_with):
    session = session_with("read -r _; sh -c 'kill -s KILL $$'; exit $?")
    with pytest.raises(GapCrashedError, match="status 137"):
        session.hello()


@pytest.mark.parametrize("script", ["exit 0", "echo 'usage: not GAP' >&2; exit 2"])
def test_a_program_that_is_no_gap_is_not_found(session_with, script):
    with pytest.raises(GapNotFoundError, match="does not work as GAP"):
        session_with(script, seconds=60.0).hello()


@pytest.mark.gap
@pytest.mark.slow
def test_killed_at_the_workspace_it_is_no_fault_of_the_workspace(session_with, tmp_path):
    from toolkit.gap import find_gap

    real = find_gap()
    script = f'if [ -e {tmp_path}/die ]; then kill -s KILL $$; fi; exec {real.executable} "$@"'
    session = session_with(script)
    session.settings = replace(session.settings, gap_root=real.root)
    assert session.hello()["version"]
    session.close()
    (tmp_path / "die").touch()
    again = Session(session.settings, use_bundled=False)
    with again, pytest.raises(GapCrashedError):
        again.hello()
    (tmp_path / "die").unlink()
    with again:
        assert again.hello()["version"]
        assert again.pool().workers[0].workspace is not None
