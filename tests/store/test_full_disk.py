"""A disk without room: answers are read, and given though not kept; the cache can be emptied."""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys

import pytest
from small_disks import fill, free, room

from toolkit.errors import StoreError, StoreFullError
from toolkit.store import AnswerKey, LayeredStore, Store

SIZE = 600 << 10
#: Writes answers, and is killed with its log not yet taken in.
_KILLED = """
import os, sys
from pathlib import Path
from toolkit.store import AnswerKey, Provenance, Store
store = Store(Path(sys.argv[1]))
for i in range(int(sys.argv[2])):
    store.put(AnswerKey.of(f"C{i + 1}", "q"), [i, os.urandom(3000).hex()], Provenance())
os._exit(0)
"""


def _key(number: int) -> AnswerKey:
    return AnswerKey.of(f"C{number}", "q")


def _warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.name == "toolkit.store"]


def _filled(path, count, provenance, *, killed):
    if killed:
        command = [sys.executable, "-c", _KILLED, str(path), str(count)]
        subprocess.run(command, check=True)
        return
    with Store(path) as store:
        for i in range(count):
            assert store.put(_key(i + 1), [i, os.urandom(3000).hex()], provenance)


@pytest.mark.parametrize("left", [0, 8192, 40_000])
@pytest.mark.parametrize("killed", [False, True])
def test_everything_but_keeping_works(small_disk, provenance, caplog, left, killed):
    disk = small_disk(SIZE)
    path = disk / "cache" / "answers.sqlite"
    _filled(path, 12, provenance, killed=killed)
    fill(disk, left)
    with Store(path) as store:
        assert [store.get(_key(i + 1)).value[0] for i in range(12)] == list(range(12))
        values = [[random.randrange(10**9) for _ in range(9000)] for _ in range(3)]  # 40 kB each
        kept = [store.put(_key(100 + i), value, provenance) for i, value in enumerate(values)]
        assert kept[-1] is False
        (warning,) = _warnings(caplog)
        assert f"{path} cannot store answers: the disk is full" in warning
        assert "PLREP_CACHE_DIR" in warning
        for i, value in enumerate(values):
            found = store.get(_key(100 + i))
            assert (None if found is None else found.value) == (value if kept[i] else None)
        assert len(store) == len(store.keys()) == 12 + sum(kept)
        report = store.verify()
        assert (report.checked, report.damaged) == (12 + sum(kept), ())
        assert not store.probe()
        info = store.info()
        assert (info.entries, info.writable) == (12 + sum(kept), False)
        assert "No space left on device" in info.why_read_only
    assert sorted(p.name for p in disk.iterdir()) == ["cache", "filled"]
    before = room(disk)
    with Store(path) as store:
        assert store.clear() == 12 + sum(kept)
        assert len(store) == 0
    assert room(disk) > before
    free(disk)
    with Store(path) as store:
        assert store.put(_key(1), 1, provenance)
        assert store.get(_key(1)).value == 1


def test_answers_are_kept_again_when_there_is_room(small_disk, provenance, caplog):
    disk = small_disk(SIZE)
    with Store(disk / "answers.sqlite") as store:
        assert store.put(_key(1), 1, provenance)
        fill(disk)
        value = [random.randrange(10**9) for _ in range(20_000)]
        assert not store.put(_key(2), value, provenance)
        free(disk)
        assert store.put(_key(2), value, provenance)
        fill(disk)
        assert not store.put(_key(3), value, provenance)
    assert len(_warnings(caplog)) == 1


def test_a_log_without_its_index_is_read(small_disk, provenance):
    disk = small_disk(SIZE)
    path = disk / "answers.sqlite"
    _filled(path, 12, provenance, killed=True)
    path.with_name("answers.sqlite-shm").unlink()
    assert path.with_name("answers.sqlite-wal").stat().st_size
    fill(disk)
    with Store(path) as store:
        assert len(store) == 12
        assert store.get(_key(5)).value[0] == 4
        assert not store.put(_key(100), 1, provenance)
    with Store(path) as store:
        assert len(store) == 12


def test_one_group_is_removed_and_the_others_stay(small_disk, provenance):
    disk = small_disk(SIZE)
    path = disk / "answers.sqlite"
    _filled(path, 12, provenance, killed=False)
    fill(disk)
    with Store(path) as store:
        assert store.clear("C3") == 1
        assert store.get(_key(3)) is None
        assert len(store) == 11
        assert store.verify().damaged == ()
    free(disk)
    path.unlink()
    _filled(path, 12, provenance, killed=True)
    fill(disk)
    with Store(path) as store:  # its log cannot be taken in: nothing is lost
        with pytest.raises(StoreFullError, match="free some disk space, or remove all"):
            store.clear("C3")
        assert len(store) == 12


@pytest.mark.parametrize("left", [0, 4096, 20_000])
def test_a_new_cache(small_disk, provenance, caplog, left):
    disk = small_disk(SIZE)
    path = disk / "cache" / "answers.sqlite"
    fill(disk, left)
    with Store(path) as store:
        assert store.get(_key(1)) is None
        assert not store.put(_key(1), 1, provenance)
        assert not store.put(_key(1), 1, provenance)
        assert store.get(_key(1)) is None
        assert store.info().entries == store.verify().checked == store.clear() == 0
    assert len(_warnings(caplog)) == 1
    free(disk)
    with Store(path) as store:
        assert store.put(_key(1), 1, provenance)


def test_exports_and_imports_end_with_a_sentence_and_leave_no_half(small_disk, provenance):
    disk = small_disk(SIZE)
    path = disk / "answers.sqlite"
    _filled(path, 12, provenance, killed=False)
    with Store(None) as other:
        for i in range(200):
            other.put(_key(i + 1), [random.randrange(10**9) for _ in range(500)], provenance)
        with pytest.raises(StoreError, match=r"cannot be written: database or disk is full"):
            other.export(disk / "out.sqlite")
        assert other.export(disk.parent / "whole.sqlite") == 200
    with Store(path) as store:
        with pytest.raises(StoreFullError, match="cannot store answers: the disk is full"):
            store.import_(disk.parent / "whole.sqlite")
        assert len(store) == 12
        fill(disk)
        with pytest.raises(StoreError, match=r"cannot be written: "):
            store.export(disk / "out.sqlite")
        assert store.export(disk.parent / "from_full.sqlite") == 12
    assert sorted(p.name for p in disk.glob("*out*")) == []
    with Store(disk.parent / "from_full.sqlite", read_only=True) as copy:
        assert len(copy) == 12


def test_layers_below_answer(small_disk, provenance):
    disk = small_disk(SIZE)
    with Store(None) as below, LayeredStore(Store(disk / "answers.sqlite"), [below]) as both:
        below.put(_key(1), "bundled", provenance)
        assert both.put(_key(2), "cached", provenance)
        fill(disk)
        assert both.get(_key(1)).value == "bundled"
        assert both.get(_key(2)).value == "cached"
        assert both.where(_key(1)) == "bundled"


def test_processes_share_a_file_without_room(small_disk, provenance, forked):
    disk = small_disk(SIZE)
    path = disk / "answers.sqlite"
    _filled(path, 8, provenance, killed=True)
    path.with_name("answers.sqlite-shm").unlink()
    fill(disk)
    children = []
    for _ in range(4):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                with Store(path) as store:
                    for i in range(8):
                        assert store.get(_key(i + 1)).value[0] == i
                        store.put(_key(50 + i), [i] * 100, provenance)
                status = 0
            finally:
                os._exit(status)
        children.append(pid)
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0, 0, 0, 0]
    with Store(path) as store:
        assert [store.get(_key(i + 1)).value[0] for i in range(8)] == list(range(8))


def test_a_limit_on_the_size_of_files_is_no_different(path, provenance, forked, caplog):
    """Where nothing can be mounted: writes past a limit fail as those of a failing disk do."""
    _filled(path, 5, provenance, killed=False)
    size = path.stat().st_size

    def child():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        with Store(path) as store:
            assert [store.get(_key(i + 1)).value[0] for i in range(5)] == list(range(5))
            for _ in range(2):
                assert store.put(_key(9), os.urandom(60_000).hex(), provenance) is False
            assert len(_warnings(caplog)) == 1
            assert "the disk is full or failed" in _warnings(caplog)[0]
            assert store.verify().checked == store.info().entries == 5
            assert store.clear("C1") == 1
            assert len(store) == 4

    forked(child)
    with Store(path) as store:
        assert len(store) == 4


@pytest.mark.parametrize("index", [True, False])
def test_a_log_that_cannot_be_taken_in_is_no_damage(small_disk, provenance, index):
    disk = small_disk(SIZE)
    path = disk / "answers.sqlite"
    _filled(path, 12, provenance, killed=True)
    if not index:
        path.with_name("answers.sqlite-shm").unlink()
    fill(disk)
    with Store(path) as store:
        store.check_file()
        assert store.verify().checked == 12
        assert store.clear() == 12
    assert not list(disk.glob("*.damaged*"))
