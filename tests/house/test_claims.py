"""Unfinished files of living processes stay, those of dead ones go."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from toolkit import claims
from toolkit.claims import claimed_file, claimed_folder, remove_leftovers, scratch_folder
from toolkit.files import write_whole, written_whole

_HOLDER = """
import contextlib, sys
from pathlib import Path
from toolkit.claims import claimed_file, claimed_folder
folder = Path(sys.argv[1])
with claimed_file(folder, "file") as file, claimed_folder(folder, "folder") as inner:
    (inner / "deep").mkdir()
    (inner / "deep" / "x").write_text("x")
    file.write_text("x")
    print("made", flush=True)
    sys.stdin.read()
"""


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _leave(folder: Path, kernel: str, *, age: float = 0.0) -> Path:
    """Make a leftover whose maker is not known to be dead by its name alone."""
    path = folder / f".x.svg.{kernel}1-0123abcd.tmp"
    path.write_text("half")
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def test_a_living_process_keeps_what_it_makes_and_a_killed_one_loses_it(tmp_path: Path) -> None:
    maker = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert maker.stdin is not None
    assert maker.stdout is not None
    try:
        assert maker.stdout.readline() == "made\n"
        made = _names(tmp_path)
        assert [name.split(".")[1] for name in made] == ["file", "folder"]
        # even when nobody has touched them for a year
        long_ago = time.time() - 365 * 86400
        for name in made:
            os.utime(tmp_path / name, (long_ago, long_ago))
        assert remove_leftovers(tmp_path) == []
        assert _names(tmp_path) == made
    finally:
        maker.kill()
        maker.wait()
        maker.stdin.close()
        maker.stdout.close()
    write_whole(tmp_path / "y", "y")  # any writer tidies the folder
    assert _names(tmp_path) == ["y"]


def test_what_another_machine_made_goes_after_a_day(tmp_path: Path) -> None:
    for kernel in ("00000000-", ""):  # the second is a name of the version before
        path = _leave(tmp_path, kernel, age=claims.UNTOUCHED - 600)
        assert remove_leftovers(tmp_path) == []
        path = _leave(tmp_path, kernel, age=claims.UNTOUCHED + 600)
        assert remove_leftovers(tmp_path) == [path.name]


def test_where_there_are_no_locks_a_day_must_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "_lock", lambda _handle: None)
    with claimed_file(tmp_path, "x") as path:
        kernel = path.name.split(".")[2].split("-")[0]
        assert remove_leftovers(tmp_path) == []
    path = _leave(tmp_path, f"{kernel}-")
    assert remove_leftovers(tmp_path) == []
    path = _leave(tmp_path, f"{kernel}-", age=claims.UNTOUCHED + 600)
    assert remove_leftovers(tmp_path) == [path.name]


def test_other_names_are_nobodys_leftovers(tmp_path: Path) -> None:
    names = [".x.tmp", "x.12-0123abcd.tmp", ".x.12-0123abcd", ".x.12-0123ABCD.tmp", ".x.a-b.tmp"]
    for name in names:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 0))
    assert remove_leftovers(tmp_path) == []
    assert _names(tmp_path) == sorted(names)
    assert remove_leftovers(tmp_path / "absent") == []


def test_a_link_in_place_of_a_leftover_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    link = tmp_path / ".x.00000000-1-0123abcd.tmp"
    link.symlink_to(tmp_path / "precious")
    assert remove_leftovers(tmp_path) == []
    assert (tmp_path / "precious").read_text() == "precious"


def test_a_claim_that_was_taken_for_a_leftover_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = claims._lock
    taken: list[str] = []

    def thief(handle: int) -> bool | None:
        if not taken:  # another process comes between making and locking
            taken.append("x")
            monkeypatch.setattr(claims, "_lock", lock)
            assert len(remove_leftovers(tmp_path)) == 1
        return lock(handle)

    monkeypatch.setattr(claims, "_lock", thief)
    with claimed_file(tmp_path, "x") as path:
        assert path.is_file()
        assert taken
    assert _names(tmp_path) == []


def test_folders_are_removed_with_what_they_hold(tmp_path: Path) -> None:
    with claimed_folder(tmp_path, "x") as path:
        (path / "deep").mkdir()
        (path / "deep" / "y").touch()
        assert remove_leftovers(tmp_path) == []
    assert _names(tmp_path) == []
    with scratch_folder("plrep-test") as path:
        assert path.is_dir()
    assert not path.exists()


def test_a_long_name_has_a_shorter_one_beside_it(tmp_path: Path) -> None:
    for name in ("x" * 255, "\u00e4" * 127):
        write_whole(tmp_path / name, "y")
        assert (tmp_path / name).read_text() == "y"
    assert len(_names(tmp_path)) == 2


def test_links_modes_and_devices_are_respected(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_text("old")
    real.chmod(0o640)
    (tmp_path / "link").symlink_to(real)
    write_whole(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert real.read_text() == "new"
    assert real.stat().st_mode & 0o777 == 0o640
    with written_whole(tmp_path / ".." / tmp_path.name / "real") as beside:
        beside.write_text("newer")
    assert real.read_text() == "newer"
    null = Path(os.devnull)
    before = null.stat().st_rdev
    write_whole(null, "away")
    assert null.stat().st_rdev == before
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(tmp_path / "pipe", "through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path, "x")
