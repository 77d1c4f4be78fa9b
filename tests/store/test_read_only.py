"""Places that cannot be written: a store works as far as it can, and says why not further."""

import os
import sqlite3
from pathlib import Path

import pytest

from toolkit.errors import StoreReadOnlyError
from toolkit.store import AnswerKey, Store

KEY = AnswerKey.of("C4", "q")


def test_a_path_under_a_file(tmp_path, provenance):
    (tmp_path / "file").touch()
    with Store(tmp_path / "file" / "sub" / "answers.sqlite") as store:
        assert not store.writable
        assert store.why_read_only == f"{tmp_path / 'file'} is not a folder"
        assert store.get(KEY) is None
        assert store.put(KEY, 1, provenance) is False
        assert store.get(KEY) is None
        assert store.verify().checked == 0
        assert not store.info().writable
        with pytest.raises(StoreReadOnlyError, match="is not a folder"):
            store.clear()


def test_what_is_no_file_in_its_place(tmp_path, provenance, caplog):
    folder, pipe, nowhere, device = (tmp_path / name for name in ("folder", "pipe", "to", "device"))
    folder.mkdir()
    os.mkfifo(pipe)
    nowhere.symlink_to(tmp_path / "none")
    device.symlink_to("/dev/null")
    for path in (folder, pipe, nowhere, device):
        for kind in ({}, {"read_only": True}, {"immutable": True}):
            with Store(path, **kind) as store:
                assert store.get(KEY) is None
                assert "must be a file, but it is a" in store.info().why_read_only
                if not kind:
                    assert not store.probe()
                    assert store.put(KEY, 1, provenance) is False
                    assert store.put(KEY, 1, provenance) is False
                    store.check_file()
                    with pytest.raises(StoreReadOnlyError, match="must be a file"):
                        store.clear()
    assert len(caplog.records) == 4
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("end", ["-wal", "-shm", "-journal"])
@pytest.mark.parametrize("read_only", [False, True])
def test_what_is_no_side_file_in_its_place(path, provenance, end, read_only):
    with Store(path) as store:
        store.put(KEY, 1, provenance)
    path.with_name(path.name + end).mkdir()
    with Store(path, read_only=read_only) as store:
        assert store.get(KEY).value == 1
        assert store.rescue.fault == f"answers.sqlite{end} next to it is not a file"
        assert read_only or store.put(KEY, 2, provenance)


def test_what_is_no_side_file_beside_no_file(path, provenance):
    path.with_name(path.name + "-wal").mkdir(parents=True)
    with Store(path) as store:
        assert store.get(KEY) is None
        assert store.put(KEY, 1, provenance)
        assert store.get(KEY).value == 1


def test_a_missing_file_opened_for_reading(tmp_path):
    for kind in ({"read_only": True}, {"immutable": True}):
        with Store(tmp_path / "none.sqlite", **kind) as store:
            assert store.get(KEY) is None
            assert len(store) == 0
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_opened_for_reading(tmp_path):
    (tmp_path / "answers.sqlite").touch()
    with Store(tmp_path / "answers.sqlite", read_only=True) as store:
        assert store.get(KEY) is None


def test_no_file_and_no_way_to_make_one(open_to_all, forked, provenance):
    (open_to_all / "cache").mkdir()
    (open_to_all / "cache").chmod(0o555)

    def child():
        path = open_to_all / "cache" / "deeper" / "answers.sqlite"
        with Store(path) as store:
            assert store.put(KEY, 1, provenance) is False
            assert store.get(KEY) is None
            assert store.why_read_only == f"the folder {open_to_all / 'cache'} is not writable"

    forked(child, ordinary_user=True)


@pytest.mark.parametrize("modes", [(0o555, 0o444), (0o555, 0o666), (0o777, 0o444)])
def test_a_file_that_can_only_be_read(open_to_all, forked, provenance, modes):
    path = open_to_all / "cache" / "answers.sqlite"
    with Store(path) as store:
        store.put(KEY, [1], provenance)
    path.chmod(modes[1])
    path.parent.chmod(modes[0])

    def child():
        with Store(path) as store:
            assert store.get(KEY).value == [1]
            assert not store.writable
            assert "is not writable" in store.why_read_only
            assert store.put(KEY, 2, provenance) is False
            assert store.get(KEY).value == [1]
            assert store.verify().checked == 1

    forked(child, ordinary_user=True)


def test_a_file_that_cannot_even_be_read(open_to_all, forked, provenance):
    path = open_to_all / "cache" / "answers.sqlite"
    with Store(path) as store:
        store.put(KEY, [1], provenance)
    path.chmod(0)

    def unreadable_file():
        with Store(path) as store:
            assert store.get(KEY) is None
            assert "is not readable" in store.why_read_only

    forked(unreadable_file, ordinary_user=True)
    path.parent.chmod(0)

    def closed_folder():
        with Store(path) as store:
            assert store.get(KEY) is None
            assert store.put(KEY, 1, provenance) is False

    forked(closed_folder, ordinary_user=True)


def test_unfinished_writes_beside_a_file_that_cannot_be_opened(open_to_all, forked, provenance):
    path = open_to_all / "cache" / "answers.sqlite"
    with Store(path) as store:
        store.put(KEY, [1], provenance)
        log = path.with_name(path.name + "-wal").read_bytes()
    path.with_name(path.name + "-wal").write_bytes(log)
    path.parent.chmod(0o555)

    def child():
        with Store(path) as store:
            assert store.get(KEY) is None
            assert "holds unfinished writes" in store.why_read_only

    forked(child, ordinary_user=True)


def test_a_place_that_turns_read_only_meanwhile(path, provenance, caplog):
    with Store(path) as store:
        store.put(KEY, 1, provenance)
        store._database.read(lambda c: c.execute("PRAGMA query_only = 1"))
        assert store.writable
        assert store.put(KEY, 2, provenance) is False
        assert not store.writable
        assert "readonly database" in store.why_read_only
        assert "can only be read" in caplog.text
        assert store.get(KEY).value == 1


def test_a_file_that_cannot_be_made_after_all(path, provenance, monkeypatch):
    from toolkit.store import database

    real = database._connect

    def refuse(target):
        if target != ":memory:":
            with real("file:/no/such/folder/x?mode=rwc") as connection:
                connection.execute("PRAGMA user_version")
        return real(target)

    monkeypatch.setattr(database, "_connect", refuse)
    with Store(path) as store:
        assert store.writable
        assert store.put(KEY, 1, provenance) is False
        assert store.why_read_only == "unable to open database file"
        assert store.get(KEY) is None


def test_root_is_no_ordinary_user_in_these_tests(open_to_all, forked):
    """The tests above prove nothing if the child may write everywhere."""
    (open_to_all / "closed").mkdir(mode=0o555)

    def child():
        with pytest.raises(PermissionError):
            (open_to_all / "closed" / "file").touch()
        with pytest.raises(sqlite3.OperationalError):
            sqlite3.connect(open_to_all / "closed" / "file")

    forked(child, ordinary_user=True)


def test_a_place_that_refuses_although_it_seems_writable(provenance, caplog):
    with Store(Path("/proc/x/answers.sqlite")) as store:
        assert store.put(KEY, 1, provenance) is False
        assert not store.writable
    with Store(Path("/proc/x/answers.sqlite")) as store:
        assert not store.probe()
        assert "/proc" in store.why_read_only
        assert store.put(KEY, 1, provenance) is False
    assert "/proc/x/answers.sqlite" in caplog.text


def test_nowhere_to_write_is_said_once(tmp_path, provenance, caplog):
    (tmp_path / "file").touch()
    with Store(tmp_path / "file" / "answers.sqlite") as store:
        assert not store.put(KEY, 1, provenance)
        assert not store.put(KEY, 2, provenance)
    assert [record.getMessage() for record in caplog.records] == [
        f"{tmp_path / 'file' / 'answers.sqlite'} cannot store answers: "
        f"{tmp_path / 'file'} is not a folder"
    ]


def test_probing_leaves_nothing_behind(tmp_path, provenance):
    with Store(tmp_path / "a" / "b" / "answers.sqlite") as store:
        assert store.probe()
        assert list(tmp_path.iterdir()) == []
        store.put(KEY, 1, provenance)
        before = sorted(tmp_path.rglob("*"))
        assert store.probe()
        assert sorted(tmp_path.rglob("*")) == before
    with Store(tmp_path / ("n" * 300) / "answers.sqlite") as store:
        assert not store.probe()
        assert "cannot be created" in store.why_read_only


def test_set_aside_takes_the_log_with_it(path, provenance):
    with Store(path) as store:
        store.put(KEY, 1, provenance)
    for end in ("", "-wal"):
        path.with_name(path.name + end).write_bytes(b"nonsense" * 1000)
    with Store(path) as store:
        assert store.set_aside().name == "answers.sqlite.damaged"
        assert store.get(KEY) is None
        store.put(KEY, 2, provenance)
        assert store.set_aside().name == "answers.sqlite.damaged2"
    names = {p.name for p in path.parent.iterdir()}
    assert {"answers.sqlite.damaged", "answers.sqlite.damaged-wal"} <= names
    assert "answers.sqlite" not in names
    assert "answers.sqlite-wal" not in names
