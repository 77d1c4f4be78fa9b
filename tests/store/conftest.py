"""A fresh store, and the means to damage it."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import traceback
from contextlib import closing
from pathlib import Path

import pytest

from toolkit.store import AnswerKey, Provenance, Store


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cache" / "answers.sqlite"


@pytest.fixture
def store(path):
    with Store(path) as store:
        yield store


@pytest.fixture
def provenance():
    return Provenance("4.16.1", {"ctbllib": "1.3.9"}, "ab12", 0.25, "2026-01-31T12:00:00Z")


@pytest.fixture
def key():
    return AnswerKey.of("SmallGroup(24,12)", "character_table", {"method": "default"}, 2)


@pytest.fixture
def sql():
    """Run statements on a file that no store has open, past all of its checks."""

    def run(path: Path, *statements: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            return [row for text in statements for row in connection.execute(text).fetchall()]

    return run


@pytest.fixture
def forked():
    """Run a function in a forked child, as an ordinary user if asked; fail as it fails."""

    def run(function, *, ordinary_user: bool = False, meanwhile=None) -> None:
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                if ordinary_user and os.geteuid() == 0:
                    os.setgroups([])
                    os.setgid(65534)
                    os.setuid(65534)
                function()
                status = 0
            except BaseException:  # noqa: BLE001 - a child must end here, whatever happens
                traceback.print_exc()
            finally:
                os._exit(status)
        try:
            if meanwhile is not None:
                meanwhile()
        finally:
            _, status = os.waitpid(pid, 0)
        assert os.waitstatus_to_exitcode(status) == 0

    return run


@pytest.fixture
def open_to_all():
    """A folder that an ordinary user can reach: pytest's own are closed to others.

    It stands outside pytest's folders, for other tests running at the same time need those as
    they are.
    """
    for outer in (tempfile.gettempdir(), "/tmp", "/var/tmp"):
        if all(folder.stat().st_mode & 0o001 for folder in (Path(outer), *Path(outer).parents)):
            break
    else:
        pytest.fail("neither TMPDIR nor /tmp nor /var/tmp can be reached by an ordinary user")
    with tempfile.TemporaryDirectory(prefix="open-", dir=outer) as name:
        base = Path(name)
        base.chmod(0o755)
        yield base
        for place in (*base.rglob("*"), base):
            place.chmod(0o755 if place.is_dir() else 0o644)
