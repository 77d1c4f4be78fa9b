"""The checksums of a catalog: every changed bit, file and list of sums is an error, never a row."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from catalog_case import resealed

import toolkit as tk
from toolkit.catalog import catalog as opening
from toolkit.catalog.files import checksums, compaction
from toolkit.catalog.files.checksums import CHECKSUMS, CheckedFiles, Identity, read_checksums
from toolkit.catalog.files.compaction import compact
from toolkit.catalog.files.folder import Folder, part_tables
from toolkit.catalog.files.layout import STORED
from toolkit.catalog.plan import Plan
from toolkit.catalog.query.guard import tables_read
from toolkit.catalog.schema import TABLES
from toolkit.catalog.verify.seal import seal
from toolkit.errors import CatalogError

pytestmark = pytest.mark.gap

YEARS_AGO = 10**18  # in 2001, in nanoseconds


def refused(folder, *words):
    with pytest.raises(CatalogError) as caught:
        tk.catalog.open(folder)
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message, message


@pytest.fixture
def settled(copied_folder, monkeypatch):
    """A catalog whose files count as written long ago."""
    monkeypatch.setattr(checksums, "_RECENT", -YEARS_AGO)
    return copied_folder


def flipped(path, bit):
    """Change a bit in place and leave the time as it was."""
    before = path.stat()
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


# the list of sums -------------------------------------------------------------------------------


def lines_of(folder):
    return (folder / CHECKSUMS).read_text().splitlines(keepends=True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: [], "SHA256SUMS is empty"),
        (lambda lines: lines[:3], "has no line for groups.parquet and 13 others"),
        (lambda lines: [x for x in lines if "edges." not in x], "no line for edges.parquet, and"),
        (lambda lines: [x for x in lines if "json" not in x], "no line for catalog.json, and"),
        (lambda lines: [*lines, lines[2]], "there are 2 lines for"),
        (lambda lines: [*lines, "no sums\n"], "found 'no sums'"),
        (lambda lines: [lines[0].upper(), *lines[1:]], "line 1 must be a checksum"),
        (lambda lines: [lines[0].replace("  ", " "), *lines[1:]], "line 1 must be"),
        (lambda lines: [*lines, "0" * 64 + "  ../other.parquet\n"], "of this folder"),
        (lambda lines: [*lines, "0" * 64 + "  /etc/passwd\n"], "of this folder"),
        (lambda lines: [*lines, "0" * 64 + "  ..\n"], "of this folder"),
        (lambda lines: [*lines, "0" * 64 + "  away.parquet\n"], "away.parquet, which is missing"),
        (lambda lines: [*lines[:-1], lines[-1].rstrip()], "cut short"),
        (lambda lines: [x.replace(x[:4], "0000") for x in lines], "is not that of SHA256SUMS"),
    ],
)
def test_a_list_of_sums_that_is_not_whole(copied_folder, change, said):
    text = "".join(change(lines_of(copied_folder)))
    (copied_folder / CHECKSUMS).write_text(text)
    refused(copied_folder, said, "copy")


def test_no_list_of_sums(copied_folder):
    (copied_folder / CHECKSUMS).unlink()
    refused(
        copied_folder,
        "SHA256SUMS is missing",
        f"plrep catalog seal --catalog {copied_folder}",
    )
    (copied_folder / CHECKSUMS).mkdir()
    refused(copied_folder, CHECKSUMS)
    (copied_folder / CHECKSUMS).rmdir()
    os.mkfifo(copied_folder / CHECKSUMS)
    refused(copied_folder, "it is not a text file")
    (copied_folder / CHECKSUMS).unlink()
    (copied_folder / CHECKSUMS).symlink_to("/dev/zero")
    refused(copied_folder, "it is not a text file")
    (copied_folder / CHECKSUMS).unlink()
    (copied_folder / CHECKSUMS).write_bytes(b"\xff\xfe" * 40)
    refused(copied_folder, "it is not text")


def test_the_command_sha256sum_can_write_and_check_the_list(copied_folder, monkeypatch):
    binary = [line.replace("  ", " *") for line in lines_of(copied_folder)]
    (copied_folder / CHECKSUMS).write_text("".join(binary))
    with tk.catalog.open(copied_folder) as catalog:
        assert catalog.check_files() == len(STORED)
    monkeypatch.setattr(checksums, "bundled_catalog_path", lambda: copied_folder)
    (copied_folder / CHECKSUMS).unlink()
    refused(copied_folder, "install the toolkit again")


def test_unchecked_takes_the_files_as_they_are(copied_folder):
    (copied_folder / CHECKSUMS).unlink()
    with tk.catalog.open(copied_folder, unchecked=True) as catalog:
        assert catalog.unchecked
        assert catalog.check_files() == 0
        assert len(catalog.find("order == 8")) == 5
        flipped(copied_folder / "groups.parquet", 800)
        with pytest.raises(CatalogError, match="has changed since"):
            catalog.find("order == 8")
        assert len(catalog.find(None, "modules")) > 0


# changed bits -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*(f"{t.name}.parquet" for t in STORED), "catalog.json"])
@pytest.mark.quick_cases(4)
def test_a_changed_bit_is_noticed_when_the_catalog_is_opened(copied_folder, name):
    path = copied_folder / name
    data = path.read_bytes()
    for bit in random.Random(name).sample(range(8 * len(data)), 6):
        flipped(path, bit)
        with pytest.raises(CatalogError):
            tk.catalog.open(copied_folder)
        path.write_bytes(data)
    tk.catalog.open(copied_folder).close()


def test_large_catalogs_are_checked_table_by_table(settled, monkeypatch):
    monkeypatch.setattr(opening, "_AT_ONCE", 0)
    read = []
    original = checksums.checksum
    monkeypatch.setattr(checksums, "checksum", lambda p: read.append(p.stem) or original(p))
    flipped(settled / "edges.parquet", 4000)
    with tk.catalog.open(settled) as catalog:
        assert read == ["catalog"]
        assert len(catalog.find("order == 8", columns="group, simples")) == 5
        assert read == ["catalog", "groups"]
        assert len(catalog.find("edges > 0", "graphs")) > 0  # a column, not the table
        assert catalog.sql("SELECT count(*) AS n FROM GRAPHS WHERE edges > 1")[0]["n"] > 0
        assert read == ["catalog", "groups", "graphs", "graph_classes"]
        for ask in (
            lambda: catalog.sql('WITH x AS (SELECT * FROM "EDGES") SELECT count(*) FROM x'),
            lambda: catalog.find("order == 8", "edges"),
            lambda: catalog.graph("SmallGroup(8,1)"),
            lambda: catalog.sizes,
        ):
            with pytest.raises(CatalogError, match=r"edges\.parquet .* damaged"):
                ask()
        assert len(catalog.find("order == 8", columns="group, simples")) == 5


def test_a_sum_is_remembered_as_long_as_the_file_is_the_same(settled, monkeypatch):
    tk.catalog.open(settled).close()
    read = []
    original = checksums.checksum
    monkeypatch.setattr(checksums, "checksum", lambda p: read.append(p.name) or original(p))
    with tk.catalog.open(settled) as catalog:
        assert read == ["catalog.json"]
        os.utime(settled / "groups.parquet")
        assert len(catalog.find("order == 8")) == 5
        assert read == ["catalog.json", "groups.parquet"]
        catalog.find("order == 8")
        assert len(read) == 2
        assert catalog.check_files() == len(STORED)
        assert len(read) == 2 + len(STORED)


def test_a_file_that_was_just_written_is_read_again_every_time(copied_folder, monkeypatch):
    # its time may stay the same when it changes again
    monkeypatch.setattr(checksums, "_RECENT", YEARS_AGO)
    with tk.catalog.open(copied_folder) as catalog:
        assert len(catalog.find("order == 8")) == 5
        path = copied_folder / "groups.parquet"
        known = Identity.of(path)
        monkeypatch.setattr(Identity, "of", lambda _: known)
        flipped(path, 8 * 2000)
        with pytest.raises(CatalogError, match="has changed since"):
            catalog.find("order == 8")


# changes after opening --------------------------------------------------------------------------


def replaced(folder):
    path = folder / "groups.parquet"
    whole = pq.read_table(path)
    pq.write_table(whole.slice(1), folder / "new")
    (folder / "new").replace(path)


def edited(folder):
    flipped(folder / "groups.parquet", 8 * 1000 + 3)


def removed(folder):
    (folder / "groups.parquet").unlink()


def cut(folder):
    path = folder / "groups.parquet"
    os.truncate(path, path.stat().st_size - 1)


@pytest.mark.parametrize("change", [replaced, edited, removed, cut])
def test_a_change_after_opening_gives_no_rows(settled, change):
    with tk.catalog.open(settled) as catalog:
        rows = catalog.find("order == 8")
        before = list(rows)
        change(settled)
        for ask in (
            lambda: catalog.find("order == 8"),
            lambda: catalog.find("groups.order == 8", "graphs"),
            lambda: catalog.sql("SELECT * FROM groups"),
            lambda: catalog.rows_of("SmallGroup(8,1)"),
            lambda: catalog.sizes,
            catalog.check_files,
        ):
            with pytest.raises(CatalogError, match=r"groups\.parquet") as caught:
                ask()
            assert "\n" not in str(caught.value)
        assert list(rows) == before  # what was given is in memory
        assert len(catalog.sql("SELECT * FROM modules")) > 0


@pytest.mark.parametrize("change", [replaced, edited, removed, cut])
def test_a_change_while_a_question_is_answered_gives_no_rows(settled, monkeypatch, change):
    with tk.catalog.open(settled) as catalog:
        engine = catalog._engine
        original = engine._fetched

        def fetched(*args):
            found = original(*args)
            change(settled)
            return found

        monkeypatch.setattr(engine, "_fetched", fetched)
        with pytest.raises(CatalogError, match=r"groups\.parquet"):
            catalog.find("order == 8")


def test_a_file_that_gets_another_inode_is_read_again(settled, monkeypatch):
    with tk.catalog.open(settled) as catalog:
        wanted = list(catalog.find("order == 8"))
        engine = catalog._engine
        original = engine._fetched

        def fetched(*args):
            shutil.copy2(settled / "groups.parquet", settled / "copy")
            (settled / "copy").replace(settled / "groups.parquet")
            return original(*args)

        monkeypatch.setattr(engine, "_fetched", fetched)
        assert list(catalog.find("order == 8")) == wanted


def test_an_error_that_a_change_caused_is_named_after_the_change(settled, monkeypatch):
    with tk.catalog.open(settled) as catalog:

        def fetched(*_):
            edited(settled)
            raise ValueError("nonsense was read")

        monkeypatch.setattr(catalog._engine, "_fetched", fetched)
        with pytest.raises(CatalogError, match="has changed since"):
            catalog.find("order == 8")


def test_rows_of_one_group_are_checked_too(copied_folder, monkeypatch):
    with Folder(copied_folder) as folder:
        compact(folder)
    monkeypatch.setattr(checksums, "_RECENT", -YEARS_AGO)
    with tk.catalog.open(copied_folder) as catalog:
        wanted = list(catalog.rows_of("SmallGroup(8,3)", "edges"))
        # a copy of the same bytes is the same catalog
        shutil.copy(copied_folder / "edges.parquet", copied_folder / "copy")
        (copied_folder / "copy").replace(copied_folder / "edges.parquet")
        assert list(catalog.rows_of("SmallGroup(8,3)", "edges")) == wanted
        flipped(copied_folder / "places.parquet", 8 * 300)
        with pytest.raises(CatalogError, match=r"places\.parquet.*changed"):
            catalog.rows_of("SmallGroup(8,3)", "edges")
    refused(copied_folder, "places.parquet", "damaged")


def test_a_file_that_changes_while_it_is_summed(settled, monkeypatch):
    original = checksums.checksum

    def growing(path):
        found = original(path)
        with path.open("ab") as file:
            file.write(b"x")
        return found

    monkeypatch.setattr(checksums, "checksum", growing)
    with pytest.raises(CatalogError, match="changed"):
        CheckedFiles(settled, {"groups": settled / "groups.parquet"}).require(again=True)


# sweeps that go on ------------------------------------------------------------------------------


def test_a_damaged_table_is_not_merged(tmp_path):
    folder = tmp_path / "sweep"
    tk.catalog.sweep(folder, "1-4", workers=0)
    flipped(folder / "edges.parquet", 8 * 500)
    with pytest.raises(CatalogError, match=r"edges\.parquet .* damaged"):
        tk.catalog.sweep(folder, "1-4", workers=0)
    assert not (folder / "parts").exists()
    flipped(folder / "edges.parquet", 8 * 500)
    assert tk.catalog.sweep(folder, "1-4", workers=0).before == 5
    (folder / CHECKSUMS).unlink()
    with pytest.raises(CatalogError, match="plrep catalog seal"):
        tk.catalog.sweep(folder, "1-4", workers=0)


def test_a_damaged_part_loses_no_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(compaction, "compact", lambda _: None)
    tk.catalog.sweep(tmp_path / "sweep", "1-2", activations=["abs"], workers=0)
    (part,) = (tmp_path / "sweep" / "parts").glob("*.zip")

    def read():
        return {t.name: [x for _, x in part_tables(part, t.name)] for t in TABLES}

    whole, wanted, noticed = part.read_bytes(), read(), 0
    directory = whole.index(b"PK\x01\x02")
    chance = random.Random(1)
    for n in range(80):
        first = 8 * directory if n % 2 else 0  # the names of all tables stand at the end
        flipped(part, chance.randrange(first, 8 * len(whole)))
        try:
            found = read()
        except CatalogError as error:
            noticed += "remove this file" in str(error)
        else:
            assert found == wanted
        part.write_bytes(whole)
    assert noticed > 30


def test_a_changed_description_is_not_kept(tmp_path):
    folder = tmp_path / "sweep"
    tk.catalog.sweep(folder, "1-2", workers=0)
    path = folder / "catalog.json"
    path.write_text(path.read_text() + " ")
    with pytest.raises(CatalogError, match=r"catalog\.json .* damaged"):
        tk.catalog.sweep(folder, "1-2", workers=0)


def test_an_interrupted_merge_knows_old_and_new_tables(tmp_path, monkeypatch):
    folder = tmp_path / "sweep"
    tk.catalog.sweep(folder, "1-4", workers=0)
    plan = Plan.of("1-4")
    replaced = []

    def interrupted(path, target):
        if target.name == "edges.parquet":
            raise KeyboardInterrupt
        replaced.append(target.name)
        return rename(path, target)

    rename = Path.replace
    with Folder(folder) as home:
        home.start(plan)
        monkeypatch.setattr(compaction, "ROWS_PER_GROUP", 3)
        monkeypatch.setattr(Path, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            compact(home)
        monkeypatch.undo()
    assert "groups.parquet" in replaced
    twice = [name for name, sums in read_checksums(folder).items() if len(sums) == 2]
    assert "groups.parquet" in twice
    assert "edges.parquet" in twice
    refused(folder, "lines for", "run the same plrep sweep again")
    flipped(folder / "groups.parquet", 8 * 500)
    with pytest.raises(CatalogError, match=r"groups\.parquet .* damaged"):
        tk.catalog.sweep(folder, "1-4", workers=0)
    assert (folder / "parts" / "before" / "groups.parquet").is_file()
    flipped(folder / "groups.parquet", 8 * 500)
    tk.catalog.sweep(folder, "1-4", workers=0)
    with tk.catalog.open(folder) as catalog:
        assert catalog.sizes["groups"] == 5


# sealing ----------------------------------------------------------------------------------------


def test_a_catalog_without_sums_is_sealed_if_its_laws_hold(copied_folder):
    (copied_folder / CHECKSUMS).unlink()
    with tk.catalog.open(copied_folder, unchecked=True) as catalog:
        found, count = seal(catalog)
    assert count == len(STORED) + 1
    assert not any(c.broken for c in found)
    assert "WITHOUT checksums" in found[0].name
    with tk.catalog.open(copied_folder) as catalog:
        assert len(catalog.find("order == 8")) == 5


def test_what_breaks_a_law_or_has_another_sum_is_not_sealed(copied_folder):
    path = copied_folder / "groups.parquet"
    whole = pq.read_table(path)
    index = whole.column_names.index("order")
    wrong = [n + 1 for n in whole.column("order").to_pylist()]
    new = whole.set_column(index, "order", pa.array(wrong, whole.schema.field(index).type))
    pq.write_table(new, path)
    with (
        tk.catalog.open(copied_folder, unchecked=True) as catalog,
        pytest.raises(CatalogError, match=r"groups\.parquet .* damaged"),
    ):
        seal(catalog)
    (copied_folder / CHECKSUMS).unlink()
    with tk.catalog.open(copied_folder, unchecked=True) as catalog:
        found, count = seal(catalog)
    assert any(c.broken for c in found)
    assert count == 0
    assert not (copied_folder / CHECKSUMS).exists()
    (copied_folder / "parts").mkdir()
    with (
        tk.catalog.open(copied_folder, unchecked=True) as catalog,
        pytest.raises(CatalogError, match="has not finished"),
    ):
        seal(catalog)


def test_a_file_that_changes_while_it_is_sealed(copied_folder, monkeypatch):
    (copied_folder / CHECKSUMS).unlink()
    with tk.catalog.open(copied_folder, unchecked=True) as catalog:
        original = checksums.checksums

        def late(paths):
            edited(copied_folder)
            return original(paths)

        monkeypatch.setattr(checksums, "checksums", late)
        with pytest.raises(CatalogError, match="has changed"):
            seal(catalog)
    assert not (copied_folder / CHECKSUMS).exists()


def test_resealed_is_what_the_tests_think(copied_folder):
    edited(copied_folder)
    assert CHECKSUMS in {p.name for p in resealed(copied_folder).iterdir()}


def test_tables_that_a_query_reads():
    with pytest.raises(ValueError, match="syntax"):
        tables_read('{"error": true, "error_message": "syntax error"}')
