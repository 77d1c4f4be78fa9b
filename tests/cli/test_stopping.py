"""Signals: every command ends at once with one line, and nothing that it started goes on."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from processes import PATIENCE, default_signals, is_running, wait_until

from toolkit.catalog.query.interrupts import interruptible
from toolkit.catalog.sweeps.interrupts import interrupted_later

BOTH = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]

#: A GAP that says who it is and never speaks.
SILENT = '#!/bin/sh\necho $$ >> "{numbers}"\n/bin/sleep 100000 &\necho $! >> "{numbers}"\nwait\n'


def ignores(pid, number):
    """Return whether a process ignores a signal, as Linux says; True where nobody says."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return True
    (mask,) = (line.split()[1] for line in status.read_text().splitlines() if "SigIgn" in line)
    return bool(int(mask, 16) >> (number - 1) & 1)


@pytest.fixture
def silent_gap(tmp_path):
    """The environment with a GAP that never speaks, and the file of process numbers."""
    program, numbers = tmp_path / "gap", tmp_path / "numbers"
    program.write_text(SILENT.format(numbers=numbers))
    program.chmod(0o755)
    return {"PLREP_GAP": str(program), "PLREP_GAP_TIMEOUT": "100000"}, numbers


@contextlib.contextmanager
def begun(tmp_path, *words, code=None, ignored=(), **variables):
    """Start a command as from a terminal, or code that calls ``main()``; end it in any case."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("PLREP_")},
        "PLREP_CACHE_DIR": str(tmp_path / "cache"),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        **variables,
    }
    program = ["-m", "toolkit.cli.main"] if code is None else ["-c", code]
    with default_signals(), contextlib.ExitStack() as stack:
        for number in ignored:
            stack.callback(signal.signal, number, signal.signal(number, signal.SIG_IGN))
        process = subprocess.Popen(
            [sys.executable, *program, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def below(numbers):
    return [int(word) for word in numbers.read_text().split()] if numbers.exists() else []


@pytest.mark.parametrize(("how", "status"), BOTH)
@pytest.mark.parametrize("command", ["query", "graph", "doctor"])
@pytest.mark.quick_cases(2)
def test_a_double_signal_leaves_no_gap(tmp_path, silent_gap, how, status, command):
    variables, numbers = silent_gap
    group = [] if command == "doctor" else ["SmallGroup(1000,9)"]
    with begun(tmp_path, command, *group, **variables) as process:
        wait_until(lambda: len(below(numbers)) == 2 or process.poll() is not None, "GAP")
        process.send_signal(how)
        process.send_signal(how)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (status, "", "plrep: stopped\n")
    wait_until(lambda: not any(map(is_running, below(numbers))), "the end of GAP")


def test_sigint_stays_ignored_and_sigterm_works(tmp_path, silent_gap):
    variables, numbers = silent_gap
    with begun(tmp_path, "query", "SmallGroup(1000,9)", ignored=[2], **variables) as process:
        wait_until(lambda: len(below(numbers)) == 2 or process.poll() is not None, "GAP")
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        assert all(map(is_running, below(numbers)))
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (143, "", "plrep: stopped\n")
    wait_until(lambda: not any(map(is_running, below(numbers))), "the end of GAP")


#: Runs ``plrep help`` in which the place of the real work is taken by something else.
PATCHED = """
import ctypes, os, sys, time
from toolkit.cli import main as module
def work(words):
    print("begun", flush=True)
{work}
    return 0
module._run = work
sys.exit(module.main())
"""


@contextlib.contextmanager
def working(tmp_path, *lines):
    work = "".join(f"    {line}\n" for line in lines)
    with begun(tmp_path, code=PATCHED.format(work=work)) as process:
        assert process.stdout.readline() == "begun\n"
        yield process


@pytest.mark.parametrize(("how", "status"), BOTH)
@pytest.mark.parametrize(
    "lines",
    [
        ["time.sleep(1e6)"],
        # a library that does not return to Python
        ["ctypes.CDLL(None).sleep(1000000)", "print('too late')"],
        # a library that drops the interruption
        ["while True:", "    try: time.sleep(1000)", "    except BaseException: pass"],
        # one that makes another error of it
        ["try: time.sleep(1e6)", "except BaseException: raise RuntimeError('Query interrupted')"],
        # Python itself drops what is raised in a __del__
        [
            "class Slow:",
            "    def __del__(self): time.sleep(1e6)",
            "Slow()",
            "time.sleep(1e6)",
        ],
        # closing that takes too long
        ["try:", "    time.sleep(1e6)", "finally:", "    time.sleep(1e6)"],
        # threads that hinder Python from ending
        ["import threading", "threading.Thread(target=time.sleep, args=(1e6,)).start()"],
    ],
    ids=["python", "library", "dropped", "another-error", "del", "closing", "thread"],
)
@pytest.mark.quick_cases(4)
def test_whatever_the_command_is_doing(tmp_path, how, status, lines):
    with working(tmp_path, *lines) as process:
        process.send_signal(how)
        process.send_signal(how)
        out, err = process.communicate(timeout=PATIENCE)
    expected = [(status, "plrep: stopped\n")]
    if "thread" in lines[0]:
        expected.append((0, ""))  # if all had been done
    assert (process.returncode, err) in expected
    assert out == ""


def test_a_server_goes_on_where_sigint_is_ignored(tmp_path):
    pytest.importorskip("uvicorn")
    with begun(tmp_path, "explore", "--no-browser", ignored=[2]) as process:
        address = process.stdout.readline().split()[4]
        process.send_signal(signal.SIGINT)
        with urllib.request.urlopen(address, timeout=PATIENCE) as reply:
            assert reply.status == 200
        assert ignores(process.pid, signal.SIGINT)  # so that it never hears of it, now or later
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (143, "", "plrep: stopped\n")


def test_a_second_signal_much_later_ends_it_as_it_is(tmp_path):
    lines = ["from toolkit.cli.stopping import STOPPING", "STOPPING.patience = 1e6"]
    # not by print: interrupted after the write, it would write the same once more
    inside = ["try:", "    os.write(1, b'inside\\n')", "    time.sleep(1e6)"]
    closing = ["finally:", "    os.write(1, b'closing\\n')", "    time.sleep(1e6)"]
    with working(tmp_path, *lines, *inside, *closing) as process:
        assert process.stdout.readline() == "inside\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "closing\n"
        while process.poll() is None:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.1)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (130, "", "plrep: stopped\n")


@pytest.mark.parametrize(("how", "status"), BOTH)
@pytest.mark.parametrize("module", ["typing", "toolkit.lazy", "toolkit.text", "argparse"])
def test_while_the_command_is_loaded(tmp_path, how, status, module):
    # a file that Python reads before everything else: a certain import takes its time
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Slow:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {module!r}:\n"
        "            import time\n"
        "            print('begun', flush=True)\n"
        "            time.sleep(1e6)\n"
        "sys.meta_path.insert(0, Slow())\n"
        f"sys.modules.pop({module!r}, None)\n"
    )
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    with begun(tmp_path, "query", "S4", PYTHONPATH=path) as process:
        assert process.stdout.readline() == "begun\n"
        process.send_signal(how)
        process.send_signal(how)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (status, "", "plrep: stopped\n")


LONG = "select count(*) from edges a, edges b, edges c where a.share < b.share + c.share"


@pytest.mark.parametrize(("how", "status"), BOTH)
@pytest.mark.parametrize("query", [LONG, LONG.replace("count(*)", "a.share, b.share")])
@pytest.mark.quick_cases(1)
def test_a_long_query_is_interrupted(tmp_path, how, status, query):
    pytest.importorskip("duckdb")
    # the words of the question appear when the query begins
    code = f"""
import sys
from toolkit.catalog.query.engine import Engine
fetched = Engine._fetched
def begun(*words):
    print("begun", flush=True)
    return fetched(*words)
Engine._fetched = begun
sys.argv[1:] = ["find", "--sql", {query!r}]
from toolkit.cli.main import main
sys.exit(main())
"""
    with begun(tmp_path, code=code) as process:
        while (line := process.stdout.readline()) and line != "begun\n":
            pass
        process.send_signal(how)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out.replace("begun\n", ""), err) == (status, "", "plrep: stopped\n")


def test_what_is_interrupted_is_told_so():
    started, told = [], []

    def interrupt():
        told.append(True)

    def compute():
        started.append(True)
        os.kill(os.getpid(), signal.SIGINT)
        wait_until(lambda: told, "the interruption")
        raise RuntimeError("interrupted")

    with default_signals(), pytest.raises(KeyboardInterrupt):
        interruptible(compute, interrupt)
    assert started
    assert told


def test_errors_of_what_is_interruptible_are_its_own():
    with pytest.raises(ZeroDivisionError):
        interruptible(lambda: 1 // 0, lambda: None)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_are_held_back_while_a_cluster_starts(number):
    steps = []

    def handler(got, _):
        steps.append(got)

    with default_signals():
        signal.signal(number, handler)
        with interrupted_later():
            for _ in range(3):
                signal.raise_signal(number)
            steps.append("started")
        assert steps == ["started", number]
        assert signal.getsignal(number) is handler
        assert signal.pthread_sigmask(signal.SIG_BLOCK, []) & {signal.SIGINT} == set()


def test_processes_of_a_cluster_never_see_the_keyboard(tmp_path):
    code = (
        "import signal, sys; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []));"
        "signal.raise_signal(signal.SIGINT)"
    )
    with default_signals(), interrupted_later():
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")


@pytest.mark.skipif(not Path("/proc").exists(), reason="tells the time of the start by /proc")
@pytest.mark.slow
def test_ctrl_c_while_a_cluster_starts_is_one_line(tmp_path):
    pytest.importorskip("distributed")
    words = ("sweep", "--orders", "1-40", "--workers", "2", "--folder", str(tmp_path / "made"))
    with begun(tmp_path, *words) as process:

        def spawned():
            tasks = Path(f"/proc/{process.pid}/task").glob("*/children")
            found = [n for task in tasks for n in task.read_text().split()]
            return any(b"multiprocessing" in Path(f"/proc/{n}/cmdline").read_bytes() for n in found)

        wait_until(lambda: spawned() or process.poll() is not None, "the first worker")
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    assert out == ""
    assert err.startswith("plrep: stopped")
    assert err.count("\n") == 1, err
