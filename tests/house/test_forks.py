"""What a forked process forgets."""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import threading
import types
from typing import TYPE_CHECKING

import pytest

from toolkit import forks
from toolkit.forks import forget_in_child

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]


class Locked:
    def __init__(self, error: Exception | None = None) -> None:
        self.lock = threading.Lock()
        self.error = error
        forget_in_child(self)

    def leave_parent(self) -> None:
        self.lock = threading.Lock()
        if self.error is not None:
            raise self.error


def status_of_child(things: list[Locked]) -> int:
    """Fork while another thread holds the locks; return how many the child finds held."""
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        for thing in things:
            thing.lock.acquire()
        held.set()
        over.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    child = os.fork()
    if child == 0:
        os._exit(sum(thing.lock.locked() for thing in things))
    over.set()
    thread.join()
    assert all(thing.lock.locked() for thing in things)  # the parent keeps its own
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_child_finds_no_lock_held() -> None:
    assert status_of_child([Locked(), Locked()]) == 0


def test_one_that_fails_does_not_keep_the_others_from_forgetting() -> None:
    things = [Locked(RuntimeError("no")), Locked(), Locked(RuntimeError("no"))]
    assert status_of_child(things) == 0


def test_it_keeps_nothing_alive() -> None:
    thing = Locked()
    assert thing in forks._KNOWN
    before = len(forks._KNOWN)
    del thing
    gc.collect()
    assert len(forks._KNOWN) < before


def test_a_fork_waits_for_what_another_thread_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "made_slowly.py").write_text("import gates\ngates.begun.set()\ngates.go.wait()\n")
    gates = types.ModuleType("gates")
    begun, go = threading.Event(), threading.Event()
    vars(gates).update(begun=begun, go=go)
    monkeypatch.setitem(sys.modules, "gates", gates)
    monkeypatch.syspath_prepend(tmp_path)
    thread = threading.Thread(target=importlib.import_module, args=("made_slowly",))
    thread.start()
    begun.wait()
    later = threading.Timer(0.1, go.set)
    later.start()
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        importlib.import_module("made_slowly")
        os._exit(0)
    thread.join()
    later.join()
    monkeypatch.delitem(sys.modules, "made_slowly")
    assert os.waitpid(child, 0)[1] == 0
