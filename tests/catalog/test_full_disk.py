"""Sweeps and answers of the catalog on a disk without room: one sentence, and nothing by halves."""

from __future__ import annotations

import pytest
from small_disks import fill, free, room

import toolkit as tk
from toolkit.catalog.files.compaction import compact
from toolkit.catalog.files.folder import Folder
from toolkit.catalog.plan import Plan
from toolkit.errors import StoreError

pytestmark = pytest.mark.gap


def _bytes(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def _merged(folder):
    with Folder(folder) as home:
        home.start(Plan.of("1-4"))
        compact(home)


def test_a_sweep_that_finds_no_room_leaves_the_catalog_as_it_was(small_disk):
    disk = small_disk(1 << 20)
    folder = disk / "catalog"
    tk.catalog.sweep(folder, "1-4", workers=0)
    before = _bytes(folder)
    for left in (0, 4096, 20_000, 60_000, 80_000):
        free(disk)
        fill(disk, left)
        with pytest.raises(StoreError) as found:
            _merged(folder)
        assert str(found.value) == (
            f"the folder {folder} cannot be written: No space left on device; its earlier "
            "contents are kept, and the same sweep resumes from there"
        )
        assert _bytes(folder) == before
        with tk.catalog.open(folder) as catalog:
            assert catalog.sizes["groups"] == 5
    free(disk)
    assert tk.catalog.sweep(folder, "1-4", workers=0).before == 5
    assert _bytes(folder) == before


def test_a_new_sweep_that_finds_no_room_goes_on_later(small_disk):
    disk = small_disk(1 << 20)
    folder = disk / "catalog"
    for left in (0, 4096, 8192, 30_000):
        free(disk)
        fill(disk, left)
        with pytest.raises(StoreError, match="cannot be written: No space left on device"):
            tk.catalog.sweep(folder, "1-6", workers=0)
        assert not list(disk.glob("**/*.parquet"))
        assert not list(disk.glob("**/.*.tmp"))
    free(disk)
    assert tk.catalog.sweep(folder, "1-6", workers=0).statuses == {"done": 8}


def test_answers_are_written_as_a_whole_or_not_at_all(small_disk, tmp_path):
    disk = small_disk(256 << 10)
    with tk.catalog.open() as catalog:
        rows = catalog.find("order <= 100", table="groups")
    for name, write in (("x.parquet", rows.to_parquet), ("x.csv", rows.to_csv)):
        (disk / name).write_text("before")
        fill(disk, 8192)
        with pytest.raises(OSError, match=r"No space left|Error writing"):
            write(disk / name)
        assert (disk / name).read_text() == "before"
        free(disk)
        write(disk / name)
        assert (disk / name).stat().st_size > 8192
        (disk / name).unlink()
    assert room(disk) > 200_000
    assert list(disk.iterdir()) == []
