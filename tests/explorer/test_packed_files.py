"""The files of a page's data: every changed bit and every cut is one sentence."""

from __future__ import annotations

import json
import os
import random
import shutil
from typing import TYPE_CHECKING

import pytest

from toolkit.errors import ConfigError
from toolkit.explorer.pack.packed_files import (
    manifest_text,
    read_manifest_file,
    read_packed,
    require_whole,
)
from toolkit.explorer.pack.reading import Pack
from toolkit.explorer.site.folders import PageFolder
from toolkit.explorer.site.selection import write_data
from toolkit.files import bundled_explorer_path

if TYPE_CHECKING:
    from pathlib import Path

BUNDLED = bundled_explorer_path()

pytestmark = pytest.mark.skipif(BUNDLED is None, reason="needs data/explorer (make explorer-data)")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A few of the bundled files."""
    assert BUNDLED is not None
    (tmp_path / "shards").mkdir()
    for name in ("manifest.json", "names.json.gz", "shards/0000.json.gz"):
        shutil.copy(BUNDLED / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("name", ["manifest.json", "names.json.gz", "shards/0000.json.gz"])
@pytest.mark.quick_cases(1)
def test_every_changed_bit_and_every_cut_is_noticed_or_changes_nothing(
    folder: Path, name: str
) -> None:
    path = folder / name
    whole = path.read_bytes()

    def read() -> object:
        if name == "manifest.json":
            return read_manifest_file(folder)
        require_whole(path)
        return read_packed(path)

    wanted, chance, noticed = read(), random.Random(name), 0
    for n in range(200):
        data = bytearray(whole)
        bit = n if n < 90 else chance.randrange(8 * len(data))
        data[bit // 8] ^= 1 << bit % 8
        path.write_bytes(data if n % 4 else whole[: bit // 8])
        try:
            found = read()
        except ConfigError as error:
            noticed += "\n" not in str(error) and str(path) in str(error)
        else:  # a gzip file has bits that no reader looks at, such as a date
            assert found == wanted
    assert noticed > 130
    path.write_bytes(whole)
    assert read() == wanted


def test_a_pack_says_that_a_file_is_damaged(folder: Path) -> None:
    pack = Pack(folder)
    assert pack.record("SmallGroup(1,1)") is not None
    with pytest.raises(ConfigError, match=r"0001\.json\.gz cannot be read \(No such file"):
        pack.record("SmallGroup(12,5)")
    (folder / "shards/0000.json.gz").write_bytes(b"\x1f\x8b")
    os.mkfifo(folder / "shards/0001.json.gz")
    with pytest.raises(ConfigError, match="cannot be read"):
        pack.record("SmallGroup(12,5)")
    with pytest.raises(ConfigError, match=r"it is damaged.*export the page again"):
        Pack(folder).record("SmallGroup(1,1)")


def test_damaged_data_are_not_exported(folder: Path, tmp_path: Path) -> None:
    path = folder / "shards/0000.json.gz"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    with pytest.raises(ConfigError, match="it is damaged"):
        write_data(PageFolder(folder), tmp_path / "site", None)


def test_lists_of_files_without_a_sum_are_read(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"schema": 1}')
    assert read_manifest_file(tmp_path) == {"schema": 1}
    text = manifest_text({"schema": 1, "crc32": "of another list", "name": "00000000"})
    (tmp_path / "manifest.json").write_text(text)
    found = read_manifest_file(tmp_path)
    assert found["name"] == "00000000"
    assert json.loads(text)["crc32"] == found["crc32"] != "of another list"
    (tmp_path / "manifest.json").write_text(text.replace('"crc32":"', '"crc32":"0'))
    with pytest.raises(ConfigError, match="damaged"):
        read_manifest_file(tmp_path)
