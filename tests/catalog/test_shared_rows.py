"""Tables that are stored in parts give back every value, and a lattice its covers."""

from __future__ import annotations

import shutil

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
from toolkit.catalog.rows.group import Modules, rows_of_group
from toolkit.catalog.schema import table
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
