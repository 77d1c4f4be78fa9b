"""Tables that are stored in parts give back every value, and a lattice its covers."""

from __future__ import annotations

import shutil
import weakref

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import toolkit as tk
from toolkit.catalog.files import compaction
from toolkit.catalog.files.arrow import arrow_table
from toolkit.catalog.files.compaction import compact, merged
from toolkit.catalog.files.folder import Folder
from toolkit.catalog.files.lattices import covers_of_lattice, encoded_lattice
from toolkit.catalog.files.layout import STORED
from toolkit.catalog.files.newest_rows import NewestRows
from toolkit.catalog.rows.group import Modules, rows_of_group
from toolkit.catalog.schema import table
from toolkit.collector import collector_paused
from toolkit.errors import CatalogError

TABLES_IN_PARTS = ("contents", "edges", "closed_sets", "normal_subgroups", "graphs", "pl_maps")


@pytest.mark.gap
@pytest.mark.parametrize("name", TABLES_IN_PARTS)
def test_the_rows_are_those_of_the_sweep(catalog, name):
    for group in ("SmallGroup(8,4)", "SmallGroup(16,9)", "SmallGroup(24,12)"):
        made = rows_of_group(
            tk.group(group), Modules.parse("transitive:24"), catalog.plan["activations"]
        )
        late = [c.name for c in table(name).columns if c.merged]
        wanted = arrow_table(table(name), made[name], "key").drop_columns(late).to_pylist()
        found = catalog.find(f"group = '{group}'", name).to_arrow()
        assert catalog.rows_of(group, name).to_arrow().to_pylist() == found.to_pylist()
        assert found.drop_columns(late).to_pylist() == wanted
    whole = pa.concat_tables(piece() for piece in merged(table(name), catalog.files))
    assert catalog.find(None, name).to_arrow().to_pylist() == whole.to_pylist()


def lattice(orders, covers):
    labels = [f"N{i}" for i in range(len(orders))]
    return labels, orders, [[f"N{i}" for i in own] for own in covers]


def test_lattices_give_back_their_covers():
    chain = lattice([1, 3, 9], [[], [0], [1]])
    assert encoded_lattice(*chain)[:1] == b"M"
    assert covers_of_lattice(encoded_lattice(*chain)) == chain[2]
    kernels = ["N3", "N4", "N9"], [2, 2, 8], [[], [], ["N3", "N4"]]
    assert encoded_lattice(*kernels)[:1] == b"C"  # not all are listed: the covers as they are
    assert covers_of_lattice(encoded_lattice(*kernels)) == kernels[2]
    for broken in (b"", b"Xno", b"C[", b"M\x05\x00"):
        with pytest.raises(CatalogError, match="lattice"):
            covers_of_lattice(broken)


@pytest.mark.gap
def test_a_missing_block_is_noticed(catalog_folder, copied_folder):
    path = copied_folder / "edges.parquet"
    whole = pq.read_table(path)
    pq.write_table(whole.slice(0, whole.num_rows - 1), path)
    parts = {t.name: copied_folder / f"{t.name}.parquet" for t in STORED}
    with pytest.raises(CatalogError, match="a block of rows is missing"):
        [piece() for piece in merged(table("edges"), parts)]


@pytest.mark.gap
def test_an_interrupted_replacement_goes_on_from_the_old_files(
    catalog_folder, tmp_path, monkeypatch
):
    """Files of two merges never mix: blocks of one have other numbers in the other."""
    folder = tmp_path / "catalog"
    shutil.copytree(catalog_folder, folder)
    with Folder(folder) as home:
        compact(home)
    wanted = {path.name: path.read_bytes() for path in folder.iterdir()}
    monkeypatch.setattr(compaction, "ROWS_PER_GROUP", 7)
    replace = type(folder).replace

    def stopped(path, target):
        if target.name == "edge_kinds.parquet":
            raise KeyboardInterrupt
        return replace(path, target)

    monkeypatch.setattr(type(folder), "replace", stopped)
    with Folder(folder) as home, pytest.raises(KeyboardInterrupt):
        compact(home)
    monkeypatch.undo()
    with Folder(folder) as home:
        compact(home)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == wanted


@pytest.mark.gap
@pytest.mark.parametrize("left", ["all", "before alone", "half of before"])
def test_a_merge_that_was_stopped_before_its_parts_were_removed_goes_on(
    catalog_folder, tmp_path, monkeypatch, left
):
    folder = tmp_path / "catalog"
    shutil.copytree(catalog_folder, folder)
    with Folder(folder) as home:
        compact(home)
    wanted = {path.name: path.read_bytes() for path in folder.iterdir()}
    with Folder(folder) as home:
        monkeypatch.setattr(compaction, "ROWS_PER_GROUP", 7)
        monkeypatch.setattr(Folder, "remove_parts", lambda _: None)
        compact(home)
    monkeypatch.undo()
    before = folder / "parts" / "before"
    assert before.is_dir()
    if left != "all":
        for path in home.part_files():
            path.unlink()
    if left == "half of before":
        for path in sorted(before.iterdir())[::2]:
            path.unlink()
    with Folder(folder) as home:
        assert home.is_to_be_merged()
        compact(home)
        assert not home.is_to_be_merged()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == wanted


@pytest.mark.parametrize("seed", range(3))
def test_what_is_no_modular_lattice_is_stored_as_it_is(seed):
    rng = np.random.default_rng(seed)
    kinds = set()
    for _ in range(300):
        n = int(rng.integers(2, 9))
        orders = [1, *sorted(rng.choice([2, 3, 4, 6, 8, 12], n - 1).tolist())]
        covers = [sorted(rng.choice(i, rng.integers(0, i + 1), False).tolist()) for i in range(n)]
        one = lattice(orders, covers)
        code = encoded_lattice(*one)
        assert covers_of_lattice(code) == one[2]
        kinds.add(code[:1])
    assert kinds == {b"C", b"M"}


def test_rows_of_sources_are_freed_without_the_collector():
    """A merge runs without it."""
    rows = NewestRows([[lambda: pa.table({"group": ["C2", "C2", "C3"]})]])
    assert rows.take(["C3", "C2"]).num_rows == 3
    gone = weakref.ref(rows)
    with collector_paused():
        del rows
        assert gone() is None
