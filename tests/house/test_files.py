"""Files: found where they come with the toolkit, and written as a whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from toolkit import files
from toolkit.files import (
    bundled_answers_path,
    bundled_catalog_path,
    exchange_folders,
    gap_scripts_path,
    remedy_of_bundled,
    written_together,
    written_whole,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_shipped_files_are_found_in_the_package_before_the_checkout(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "toolkit"
    package.mkdir()
    monkeypatch.setattr(files, "_package_folder", lambda: package)
    assert bundled_answers_path() is None
    assert gap_scripts_path() is None
    (tmp_path / "gap_scripts").mkdir()
    assert gap_scripts_path() == tmp_path / "gap_scripts"
    assert "pip install" in remedy_of_bundled()
    (tmp_path / "pyproject.toml").touch()
    assert remedy_of_bundled() == "unpack the toolkit again to restore the file"
    (tmp_path / ".git").mkdir()
    assert remedy_of_bundled().startswith(f"git -C {tmp_path / 'data'} checkout -- answers.sqlite")
    (tmp_path / "data" / "answers.sqlite").mkdir(parents=True)  # no file, and not passed over
    assert bundled_answers_path() == tmp_path / "data" / "answers.sqlite"
    (package / "_data").mkdir()
    (package / "_data" / "answers.sqlite").touch()
    (package / "_gap_scripts").mkdir()
    assert bundled_answers_path() == package / "_data" / "answers.sqlite"
    assert gap_scripts_path() == package / "_gap_scripts"
    assert bundled_catalog_path() is None
    (tmp_path / "data" / "catalog").mkdir()
    assert bundled_catalog_path() == tmp_path / "data" / "catalog"
    (package / "_data" / "catalog").mkdir()
    assert bundled_catalog_path() == package / "_data" / "catalog"


def test_the_checkout_has_them_all() -> None:
    assert None not in (bundled_answers_path(), bundled_catalog_path(), gap_scripts_path())


def test_the_old_file_stays_on_an_error(tmp_path: Path) -> None:
    target = tmp_path / "x"
    target.write_text("old")

    def interrupted(by: type[BaseException]) -> None:
        with written_whole(target) as beside:
            beside.write_text("new")
            raise by

    for interruption in (ZeroDivisionError, KeyboardInterrupt):
        with pytest.raises(interruption):
            interrupted(interruption)
        assert target.read_text() == "old"
    with pytest.raises(FileNotFoundError), written_whole(target):
        pass  # nothing was written
    assert target.read_text() == "old"
    with written_whole(target) as beside:
        beside.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_two_writers_are_not_in_each_others_way(tmp_path: Path) -> None:
    target = tmp_path / "x"
    with written_whole(target) as first, written_whole(target) as second:
        first.write_text("first")
        second.write_text("second")
        assert first != second
    assert target.read_text() == "first"  # it was the last to finish


@pytest.mark.parametrize("at_once", [True, False])
def test_folders_are_exchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    if not at_once:  # another system
        monkeypatch.setattr(files, "_exchanged", lambda _one, _other: False)
    new, old = tmp_path / "new", tmp_path / "old"
    for folder in (new, old):
        folder.mkdir()
        (folder / folder.name).touch()
    exchange_folders(new, old)
    assert [(old / "new").exists(), (new / "old").exists()] == [True, True]
    exchange_folders(new, tmp_path / "third")
    with pytest.raises(FileNotFoundError):
        exchange_folders(tmp_path / "none", old)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old", "third"]
    assert (old / "new").exists()


def test_files_are_replaced_together_or_not_at_all(tmp_path: Path) -> None:
    def write(*texts: str) -> None:
        with written_together() as beside:
            for i, text in enumerate(texts):
                beside(tmp_path / str(i)).write_text(text)

    write("a", "b")
    with pytest.raises(FileNotFoundError, match="nothing was written"):
        write("c", "")
    assert [(tmp_path / name).read_text() for name in "01"] == ["a", "b"]
    write("c", "d")
    assert [(tmp_path / name).read_text() for name in "01"] == ["c", "d"]
    assert len(list(tmp_path.iterdir())) == 2
