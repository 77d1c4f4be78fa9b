"""The folder of a sweep: damage, other schemas, other plans, and putting parts together."""

from __future__ import annotations

import errno
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sweep_case import rows

from toolkit.catalog.files import compaction
from toolkit.catalog.files.arrow import arrow_schema, arrow_table, from_bytes, to_bytes
from toolkit.catalog.files.compaction import compact, write_parquet
from toolkit.catalog.files.folder import Folder
from toolkit.catalog.files.layout import STORED
from toolkit.catalog.plan import Plan
from toolkit.catalog.rows.blocks import Block
from toolkit.catalog.schema import table
from toolkit.errors import CatalogError, ConfigError, StoreError

PLAN = Plan.of("1-4", activations=["abs"])


def batch(*groups, status="done", size=1):
    """A batch with rows of the tables attempts and classes, ``size`` classes each."""
    attempts, classes = [], []
    for order, number in groups:
        name = {"group": f"SmallGroup({order},{number})", "order": order, "provenance": "p"}
        attempts.append(
            Block(
                1,
                {
                    **name,
                    "number": number,
                    "status": status,
                    "reason": None,
                    "seconds": 0.5,
                    "gap_seconds": 0.25,
                    "worker": "w",
                },
            )
        )
        if status == "done":
            classes.append(
                Block(
                    size,
                    {
                        **name,
                        "class": list(range(size)),
                        "element_order": 1,
                        "size": 1,
                        "inverse": list(range(size)),
                    },
                )
            )
    tables = {"attempts": to_bytes(arrow_table(table("attempts"), attempts))}
    if classes:
        tables["classes"] = to_bytes(arrow_table(table("classes"), classes))
    return tables


@pytest.fixture
def folder(tmp_path):
    with Folder(tmp_path / "catalog") as made:
        made.start(PLAN)
        yield made


def test_parts_in_any_order_give_the_same_bytes(tmp_path):
    groups = [(1, 1), (2, 1), (8, 2), (8, 10), (16, 3)]
    shapes = [[groups], [[g] for g in reversed(groups)], [groups[3:], groups[:1], groups[1:3]]]
    found = []
    for i, shape in enumerate(shapes):
        with Folder(tmp_path / str(i)) as made:
            made.start(PLAN)
            for part in shape:
                made.write_part([batch(*part, size=3)])
            compact(made)
        found.append((tmp_path / str(i) / "classes.parquet").read_bytes())
    assert found[0] == found[1] == found[2]
    assert [r[0] for r in rows(tmp_path / "0", "attempts", "group")] == [
        f"SmallGroup({n},{i})" for n, i in groups
    ]


def test_a_group_in_two_parts_is_there_once(folder):
    folder.write_part([batch((1, 1), (2, 1), size=2)])
    folder.write_part([batch((2, 1), (3, 1), size=2)])
    compact(folder)
    assert rows(folder.path, "classes", "group", "class") == [
        (f"SmallGroup({n},1)", c) for n in (1, 2, 3) for c in (0, 1)
    ]
    folder.start(PLAN)
    folder.write_part([batch((2, 1), (4, 2), size=2)])
    compact(folder)
    assert [r[0] for r in rows(folder.path, "attempts", "order")] == [1, 2, 3, 4]
    assert len(rows(folder.path, "classes")) == 8


def test_a_later_success_replaces_a_failure(folder):
    folder.write_part([batch((1, 1)), batch((2, 1), status="timeout")])
    assert folder.statuses() == {"SmallGroup(1,1)": "done", "SmallGroup(2,1)": "timeout"}
    compact(folder)
    folder.start(PLAN)
    folder.write_part([batch((2, 1))])
    compact(folder)
    assert folder.statuses() == {"SmallGroup(1,1)": "done", "SmallGroup(2,1)": "done"}
    assert [r[0] for r in rows(folder.path, "classes", "group")] == [
        "SmallGroup(1,1)",
        "SmallGroup(2,1)",
    ]


def test_an_interrupted_compaction_is_done_again(folder, monkeypatch):
    folder.write_part([batch((1, 1), (2, 1), size=4)])
    original = compaction.write_parquet

    def failing(of, pieces, path):
        if of.name == "edges":
            raise OSError(errno.ENOSPC, "no space left")
        return original(of, pieces, path)

    monkeypatch.setattr(compaction, "write_parquet", failing)
    with pytest.raises(StoreError, match="No space left on device; its earlier contents are kept"):
        compact(folder)
    assert not list(folder.path.glob("*.parquet"))
    assert folder.part_files()
    monkeypatch.undo()
    compact(folder)
    assert len(rows(folder.path, "classes")) == 8
    assert {p.name for p in folder.path.iterdir()} == {
        "SHA256SUMS",
        "catalog.json",
        "places.parquet",
        *(f"{t.name}.parquet" for t in STORED),
    }


def test_row_groups_are_cut_at_fixed_places(tmp_path, monkeypatch):
    monkeypatch.setattr(compaction, "ROWS_PER_GROUP", 10)
    of = table("classes")
    whole = from_bytes(batch(*((n, 1) for n in range(1, 8)), size=5)["classes"])
    assert whole.num_rows == 35
    write_parquet(of, iter([whole]), tmp_path / "a.parquet")
    write_parquet(of, (whole.slice(i, 3) for i in range(0, 35, 3)), tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    meta = pq.ParquetFile(tmp_path / "a.parquet").metadata
    assert [meta.row_group(i).num_rows for i in range(meta.num_row_groups)] == [10, 10, 10, 5]
    write_parquet(of, iter([]), tmp_path / "none.parquet")
    assert pq.read_table(tmp_path / "none.parquet").schema == arrow_schema(of)


def test_groups_that_lie_in_several_row_groups(tmp_path, monkeypatch):
    monkeypatch.setattr(compaction, "ROWS_PER_GROUP", 7)
    groups = [(n, 1) for n in range(1, 9)]
    found = []
    for i, steps in enumerate(([groups], [groups[1::2], groups[::2]], [groups, groups[2:5]])):
        with Folder(tmp_path / str(i)) as made:
            for step in steps:
                made.start(PLAN)
                made.write_part([batch(*step, size=5)])
                compact(made)
        found.append((tmp_path / str(i) / "classes.parquet").read_bytes())
    assert found[0] == found[1] == found[2]
    assert rows(tmp_path / "0", "classes", "order", "class") == [
        (n, c) for n, _ in groups for c in range(5)
    ]


def test_a_part_is_whole_or_not_there(folder, monkeypatch):
    def broken(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("zipfile.ZipFile.writestr", broken)
    with pytest.raises(KeyboardInterrupt):
        folder.write_part([batch((1, 1))])
    assert folder.part_files() == []
    assert not list(folder.parts.glob(".*.tmp"))


def test_another_plan_another_schema_another_thing(folder, tmp_path):
    with pytest.raises(ConfigError, match="another sweep"):
        Folder(folder.path).start(Plan.of("1-5", activations=["abs"]))
    with pytest.raises(ConfigError, match="another sweep is writing"):
        Folder(folder.path).start(PLAN)
    folder.close()
    Folder(folder.path).start(PLAN)
    where = folder.path / "catalog.json"
    data = json.loads(where.read_text())
    for change, said in (
        ({"schema": 99}, "schema 3 is required, found 99"),
        ({"kind": "other"}, "other"),
        ({"plan": {"parts": 3}}, "plan"),
        ({"plan": None}, "plan"),
    ):
        where.write_text(json.dumps({**data, **change}))
        with pytest.raises(CatalogError, match=said) as raised:
            folder.plan()
        assert "\n" not in str(raised.value)
    where.write_text("{")
    with pytest.raises(CatalogError, match="description of a sweep"):
        folder.plan()
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigError, match="something else"):
        Folder(tmp_path / "file").plan()


def test_damaged_files_are_named(folder):
    folder.write_part([batch((1, 1))])
    (part,) = folder.part_files()
    part.write_bytes(part.read_bytes()[:-30])
    with pytest.raises(CatalogError, match=r"00000001\.zip.*remove this file") as raised:
        folder.statuses()
    assert "\n" not in str(raised.value)
    part.unlink()
    (folder.path / "attempts.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(CatalogError, match=r"attempts\.parquet"):
        folder.statuses()


def test_blocks_must_have_the_columns_of_their_table():
    with pytest.raises(KeyError, match="rows of classes need the columns"):
        arrow_table(table("classes"), [Block(1, {"class": 0})], "p")


def test_bytes_of_a_table_come_back():
    whole = pa.table({"x": ["a", None], "y": [1.5, 2.5]})
    assert from_bytes(to_bytes(whole)).equals(whole)
