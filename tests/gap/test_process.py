"""A held program ends with this Python, and whatever interrupts its start or its stop."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import subprocess
import sys

import pytest
from processes import PATIENCE, default_signals, is_running, wait_until

from toolkit.gap import process
from toolkit.gap.process import HeldProcess, run_to_end

#: A program that notes its number and those of what it starts, and then does not end.
SLEEPER = 'echo $$ >> "$0"; /bin/sleep 100000 & echo $! >> "$0"; wait'


@pytest.fixture
def sleeper(tmp_path):
    """The command of a program that never ends, and the file of process numbers."""
    file = tmp_path / "numbers"
    return ["/bin/sh", "-c", SLEEPER, str(file)], file


def numbers(file):
    return [int(word) for word in file.read_text().split()] if file.exists() else []


def wait_for_all(file):
    wait_until(lambda: len(numbers(file)) == 2, "the program and what it started")
    return numbers(file)


def ended(pids):
    return not any(map(is_running, pids))


class TestEnds:
    def test_killed_with_all_that_it_started(self, sleeper):
        command, file = sleeper
        held = HeldProcess(command)
        below = wait_for_all(file)
        held.kill()
        held.close()
        assert held.returncode == -signal.SIGKILL
        wait_until(lambda: ended(below), "the end of all")

    def test_collected(self, sleeper):
        command, file = sleeper
        held = HeldProcess(command)
        below = wait_for_all(file)
        del held
        gc.collect()
        wait_until(lambda: ended(below), "the end of all")

    def test_too_long(self, sleeper):
        command, file = sleeper
        with pytest.raises(subprocess.TimeoutExpired):
            run_to_end(command, env=None, seconds=0.1)
        wait_until(lambda: ended(numbers(file)), "the end of all")

    def test_a_program_that_is_none(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            HeldProcess([str(tmp_path / "none")])

    def test_its_own_end(self):
        held = HeldProcess(["/bin/sh", "-c", "echo well; exit 7"], stdout=subprocess.PIPE)
        assert held.wait(PATIENCE) == held.poll() == 7
        held.kill()
        assert held.stdout.read() == b"well\n"  # what it wrote can still be read
        held.close()
        assert held.stdout.closed

    def test_at_the_very_end_of_python(self, sleeper, monkeypatch):
        command, file = sleeper
        held = HeldProcess(command)
        below = wait_for_all(file)
        with monkeypatch.context() as patch:
            patch.setattr(process, "os", None)  # as when modules are taken apart
            held.__del__()
            held._line.__del__()
        assert all(map(is_running, below))
        held.close()

    def test_signals_of_a_terminal_do_not_reach_it(self, sleeper):
        command, file = sleeper
        with default_signals():
            held = HeldProcess(command)
        wait_for_all(file)
        assert os.getpgid(held.pid) == held.group != os.getpgid(0)
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            os.kill(held.group, number)  # the keeper does not give up its post
        assert held.poll() is None
        assert is_running(held.group)
        held.close()

    def test_a_forked_child_has_no_hand_in_it(self, sleeper):
        command, file = sleeper
        held = HeldProcess(command, stdin=subprocess.PIPE)
        below = wait_for_all(file)
        child = os.fork()
        if child == 0:
            closed = held.stdin.closed
            held.kill()
            held.close()
            os._exit(0 if closed else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert held.poll() is None
        assert all(map(is_running, below))
        held.close()


PARENT = """
import sys
from toolkit.gap.process import HeldProcess
held = HeldProcess(sys.argv[1:])
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, None])
def test_it_ends_with_python(sleeper, how):
    command, file = sleeper
    with (
        default_signals(),
        subprocess.Popen(
            [sys.executable, "-c", PARENT, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as parent,
    ):
        try:
            assert parent.stdout.readline() == "held\n"
            below = wait_for_all(file)
            if how is None:
                parent.stdin.close()  # an ordinary end, without close()
            else:
                parent.send_signal(how)
            parent.wait(PATIENCE)
        finally:
            parent.kill()
    wait_until(lambda: ended(below), "the end of all")


# -- interruptions at every line -------------------------------------------------------------------


class Interrupter:
    """Raises KeyboardInterrupt at a certain line, and at each of the next few, if wished.

    Lines count in the modules of the process and of subprocess. It stands for a signal: Python
    handles one between any two lines.
    """

    def __init__(self, at, times=1):
        self.at = at
        self.left = times
        self.seen = 0

    def __call__(self, frame, event, _):
        if frame.f_code.co_filename not in (process.__file__, subprocess.__file__):
            return None
        caller = frame
        while caller is not None:
            if caller.f_code.co_name == "__del__":  # Python drops what is raised there
                return None
            caller = caller.f_back
        if event == "line":
            self.seen += 1
            if self.seen >= self.at and self.left:
                self.left -= 1
                raise KeyboardInterrupt
        return self

    def __enter__(self):
        sys.settrace(self)
        return self

    def __exit__(self, *_):
        sys.settrace(None)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.quick_cases(1)
def test_a_start_that_is_interrupted_at_any_line(sleeper, times):
    command, file = sleeper
    before = children()  # of sessions that other tests share
    at, whole = 1, False
    while not whole:
        held = None
        with contextlib.suppress(KeyboardInterrupt), Interrupter(at, times) as interrupter:
            held = HeldProcess(command, stdin=subprocess.PIPE)
        whole = interrupter.left == times  # no interruption: all lines were tried
        assert whole == (held is not None)
        if held is not None:
            held.close()
        at += 1
    gc.collect()
    assert at > 50
    wait_until(lambda: ended(numbers(file)) and children() <= before, "the end of all")


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("times", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_stop_that_is_interrupted_at_any_line(times, monkeypatch, request):
    # an interruption may leave the lock of Popen.wait held: what is killed is not waited for then
    monkeypatch.setattr(process, "_PATIENCE", 0.01)
    gc.freeze()  # the collector looks at what this test has made, not at all that is loaded
    request.addfinalizer(gc.unfreeze)
    at, whole = 1, False
    while not whole:
        held = HeldProcess(["/bin/sleep", "100000"], stdin=subprocess.PIPE)
        group = held.group
        with contextlib.suppress(KeyboardInterrupt), Interrupter(at, times) as interrupter:
            held.close()
        whole = interrupter.left == times
        del held
        gc.collect()
        wait_until(lambda number=group: no_group(number), "the end of the group")
        at += 1
    assert at > 10


def no_group(number):
    with contextlib.suppress(ChildProcessError):
        os.waitpid(-number, os.WNOHANG)
    try:
        os.killpg(number, 0)
    except ProcessLookupError:
        return True
    return False


def children():
    """Return the numbers of the programs that this process has started, of keepers too."""
    found = subprocess.run(
        ["ps", "-eo", "pid=,ppid=,stat=,comm="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 3) for line in found.stdout.splitlines()]
    return {
        int(number)
        for number, parent, state, name in rows
        if int(parent) == os.getpid() and state[0] != "Z" and name.strip() != "ps"
    }
