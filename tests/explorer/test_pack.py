"""Shards, the manifest and the names of the page's data; the bundled data against the library."""

from __future__ import annotations

import json
import random
import re

import pytest

import toolkit as tk
from toolkit.errors import ConfigError, NamingError
from toolkit.explorer.pack.aliases import WREATH_PRODUCTS, aliases, key_of
from toolkit.explorer.pack.columns import packed
from toolkit.explorer.pack.contents import (
    LARGEST_WHOLE,
    catalog_names,
    is_named,
    named_groups,
    record_of,
)
from toolkit.explorer.pack.reading import Pack
from toolkit.explorer.pack.shards import in_shards, library_number, write_manifest, write_shards
from toolkit.files import bundled_explorer_path
from toolkit.groups.names.descriptions import small_group_number
from toolkit.groups.parsing.grammar import parse_group

NAMED = ["S3", "S4"]


@pytest.fixture(scope="module")
def records():
    names = [*catalog_names(1, 8), *NAMED]
    return {name: json.loads(json.dumps(record_of(name))) for name in names}


@pytest.fixture
def pack(tmp_path, records):
    shards = write_shards([records[name] for name in catalog_names(1, 8)], tmp_path)
    named = write_shards([records[name] for name in NAMED], tmp_path, "named")
    write_manifest(tmp_path, shards, named, {"version": "1", "gap": "4"})
    described = [(name, record["title"]) for name, record in records.items() if name not in NAMED]
    described += [("SmallGroup(8,3)", "a shared name"), ("SmallGroup(8,4)", "a shared name")]
    (tmp_path / "names.json.gz").write_bytes(packed(aliases(described, NAMED, lambda _: None, 8)))
    return Pack(tmp_path)


def test_what_is_written_is_read_back(pack, records) -> None:
    assert len(pack) == len(records) == 14 + 2
    assert {record["name"]: record for record in pack} == records
    for name, record in records.items():
        assert pack.record(name) == record
    assert pack.record("SmallGroup(8,6)") is pack.record("SmallGroup(9,1)") is None
    assert pack.record("S9") is None


def test_names_lead_to_groups(pack) -> None:
    for text, wanted in {
        "S4": ["S4"], "s 4": ["S4"], "SmallGroup(8, 4)": ["SmallGroup(8,4)"],
        "8.4": ["SmallGroup(8,4)"], "Q8": ["SmallGroup(8,4)"], "D6": ["SmallGroup(6,1)"],
        "C2 × C_4": ["SmallGroup(8,2)"], "C4 x C2": ["SmallGroup(8,2)"],
        "C2xC2xC2": ["SmallGroup(8,5)"], "A Shared Name": ["SmallGroup(8,3)", "SmallGroup(8,4)"],
        "C9": [], "nothing": [],
    }.items():  # fmt: skip
        assert pack.candidates(text) == wanted, text


def test_the_same_records_give_the_same_bytes(tmp_path, records) -> None:
    some = [records[name] for name in catalog_names(1, 6)]
    for folder in ("a", "b"):
        write_shards(some, tmp_path / folder)
    files = sorted(path.name for path in (tmp_path / "a" / "shards").iterdir())
    assert files == ["0000.json.gz"]
    first, second = (tmp_path / x / "shards" / files[0] for x in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()


def test_shards_keep_the_order_and_the_size() -> None:
    rng = random.Random(0)
    texts = ["".join(rng.choices("0123456789abcdef", k=5000 * (i % 9))) for i in range(60)]
    records = [{"name": f"C{i}", "text": text} for i, text in enumerate(texts)]
    shards = list(in_shards(records))
    assert [record for shard in shards for record in shard] == records
    assert len(shards) > 5
    sizes = [len(packed(shard)) for shard in shards[:-1]]
    assert 30_000 < min(sizes) <= max(sizes) < 90_000


def test_folders_that_are_no_data_are_refused(tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"manifest\.json cannot be read"):
        Pack(tmp_path)
    (tmp_path / "manifest.json").write_text('{"schema": 7}')
    with pytest.raises(ConfigError, match="schema 1 is required, found 7"):
        Pack(tmp_path)
    shard = {"file": "x", "count": 1, "names": ["S4"]}
    with pytest.raises(ConfigError, match="found S4"):
        write_manifest(tmp_path, [shard], [], {})


def test_which_groups_have_records() -> None:
    assert len(catalog_names()) == 7012
    assert named_groups(["S4", "Q8", "SmallGroup(6,1)", "M11", "S4"]) == ["S4", "M11"]
    assert is_named("Table(M)")
    assert record_of("SmallGroup(8,3)")["subgroups"] is not None
    assert LARGEST_WHOLE == 63


def test_products_are_resolved_exactly() -> None:
    found = aliases([], [], lambda _: None)
    sample = random.Random(1).sample(sorted(found), 200)
    for key in sample:
        number = (
            small_group_number(parse_group(key.upper().replace("X", " x ")))
            if (re.fullmatch(r"(c\d+x?)+", key))
            else None
        )
        if number is not None:
            assert library_number(found[key]) == number
    assert found["s3xc4"] == found["c4xs3"] == "SmallGroup(24,5)"
    assert all(isinstance(value, str) for value in found.values())


@pytest.mark.gap
@pytest.mark.slow
def test_wreath_products() -> None:
    found = aliases([], [], lambda text: tk.group(text).small_group_id)
    numbers = [found[key_of(text)] for text in WREATH_PRODUCTS]
    assert found["d8wrc2"] == found["c2wrd8"]  # D8 = C2 wr C2, and wreathing is associative
    assert len(set(numbers)) == len(numbers) - 1
    assert found["c2wrs3"] == "SmallGroup(48,48)"


needs_data = pytest.mark.skipif(
    bundled_explorer_path() is None, reason="data/explorer is not there: make explorer-data"
)


@needs_data
def test_the_bundled_records_are_those_that_are_made_now() -> None:
    pack = Pack(bundled_explorer_path())
    for name in ("SmallGroup(12,3)", "SmallGroup(16,13)", "SmallGroup(21,1)", "S4", "M11"):
        made = json.loads(json.dumps(record_of(name)))
        kept = pack.record(name)
        assert kept is not None
        for key in ("facts", "classes", "complex", "simples", "normal", "subgroups", "missing"):
            assert kept[key] == made[key], (name, key)
        for own, other in zip(kept["modules"], made["modules"], strict=True):
            for key in ("id", "rank", "contents", "spherical", "pairs", "orbits"):
                assert own[key] == other[key], (name, own["id"], key)


@needs_data
def test_the_bundled_names_mean_what_the_toolkit_reads() -> None:
    pack = Pack(bundled_explorer_path())
    checked = 0
    for record in pack._file(pack.manifest["shards"][0]["file"]):
        for text in (record["title"], *record["aliases"]):
            try:
                number = small_group_number(parse_group(text))
            except NamingError:
                continue
            if number is not None:
                found = pack.candidates(text)
                ids = [library_number(n) or tk.group(n).small_group_id for n in found]
                assert ids == [number], text
                checked += 1
    assert checked > 20
