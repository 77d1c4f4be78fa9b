"""Row groups of Parquet hold whole groups, and places.parquet says where a group stands."""

from __future__ import annotations

import random
import shutil
from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import toolkit as tk
from toolkit.catalog.files import compaction
from toolkit.catalog.files.compaction import compact
from toolkit.catalog.files.folder import Folder
from toolkit.catalog.files.layout import STORED
from toolkit.catalog.files.places import PLACES_FILE, Places, places_in_file, row_groups
from toolkit.catalog.schema import PLACES, TABLES, table
from toolkit.catalog.verify.verify import check_places, verify
from toolkit.errors import CatalogError, QueryError


def rows_of_sizes(sizes):
    names = [f"g{i}" for i, size in enumerate(sizes) for _ in range(size)]
    return pa.table({"group": pa.array(names, pa.string()), "place": list(range(len(names)))})


def pieces(whole, draw):
    start = 0
    while start < whole.num_rows:
        length = draw.randrange(1, 40)
        yield whole.slice(start, length)
        start += length


@pytest.mark.parametrize("seed", range(20))
def test_row_groups_do_not_depend_on_the_pieces_and_keep_groups_whole(seed):
    draw = random.Random(seed)
    most = draw.choice([3, 10, 17])
    sizes = [draw.choice([1, 2, 5, 9, 16, 40]) for _ in range(60)]
    whole = rows_of_sizes(sizes)
    found = list(row_groups([whole], most))
    for _ in range(3):
        again = list(row_groups(pieces(whole, draw), most))
        assert [r.num_rows for r in again] == [r.num_rows for r in found]
    assert pa.concat_tables(found).equals(whole)
    assert all(0 < r.num_rows <= most for r in found)
    holders = {}
    for number, part in enumerate(found):
        for name in dict.fromkeys(part.column("group").to_pylist()):
            holders.setdefault(name, []).append(number)
    for i, size in enumerate(sizes):
        assert len(holders[f"g{i}"]) == -(-size // most)  # never more than it needs
    for one, two in pairwise(found):  # filled as far as whole groups go
        first = two.column("group")[0].as_py()
        assert one.num_rows + sizes[int(first[1:])] > most


def test_no_rows_have_no_row_groups():
    assert list(row_groups([], 5)) == []
    assert list(row_groups([rows_of_sizes([]), rows_of_sizes([])], 5)) == []


@pytest.fixture
def rewritten(copied_folder, monkeypatch):
    """The small catalog, its tables cut into many row groups, with its places."""
    monkeypatch.setattr(compaction, "ROWS_PER_GROUP", 50)
    with Folder(copied_folder) as folder:
        compact(folder)
    return copied_folder


@pytest.mark.gap
@pytest.mark.slow
def test_rewriting_keeps_every_row_and_gives_the_same_bytes(
    rewritten, catalog_folder, tmp_path, monkeypatch
):
    for t in STORED:
        old = pq.read_table(catalog_folder / f"{t.name}.parquet")
        assert pq.read_table(rewritten / f"{t.name}.parquet").equals(old)
    assert pq.ParquetFile(rewritten / "contents.parquet").num_row_groups > 5
    # from other row groups, the same bytes
    other = tmp_path / "other"
    shutil.copytree(catalog_folder, other)
    for most in (13, 50):
        monkeypatch.setattr(compaction, "ROWS_PER_GROUP", most)
        with Folder(other) as folder:
            compact(folder)
    for name in (*(t.name for t in STORED), PLACES.name):
        one, two = (folder / f"{name}.parquet" for folder in (rewritten, other))
        assert one.read_bytes() == two.read_bytes(), name


@pytest.mark.gap
@pytest.mark.slow
def test_the_rows_of_a_group_are_those_that_find_gives(rewritten, catalog_folder):
    with tk.catalog.open(rewritten) as new, tk.catalog.open(catalog_folder) as old:
        assert not (catalog_folder / PLACES_FILE).exists()
        for name in new.find(None).column("group"):
            for t in TABLES:
                if t.name != "provenance":
                    wanted = new.find(f"group = '{name}'", table=t.name)
                    assert new.rows_of(name, t.name) == wanted, (name, t.name)
                    assert old.rows_of(name, t.name) == wanted, (name, t.name)
        assert new.rows_of("S4", "edges") == new.rows_of("SmallGroup(24,12)", "edges")
        assert list(new.graph("S4").edges(data=True)) == list(old.graph("S4").edges(data=True))
        assert list(new.graph("S4").nodes(data=True)) == list(old.graph("S4").nodes(data=True))
        assert len(new.rows_of_name("no such group", "edges")) == 0
        with pytest.raises(QueryError, match="did you mean edges"):
            new.rows_of("S4", "edge")
        with pytest.raises(QueryError, match="a column 'group' is required"):
            new.rows_of("S4", "provenance")
        with pytest.raises(QueryError, match="not in the catalog"):
            new.rows_of("S5", "edges")


@pytest.mark.gap
def test_only_the_row_group_of_a_group_is_read(rewritten, monkeypatch):
    read = []
    original = pq.ParquetFile.read_row_groups
    monkeypatch.setattr(
        pq.ParquetFile,
        "read_row_groups",
        lambda self, groups, *rest, **more: (
            read.append(list(groups)) or original(self, groups, *rest, **more)
        ),
    )
    names = ("graphs", "graph_classes")
    places = Places(rewritten, {name: rewritten / f"{name}.parquet" for name in names})
    found = places.rows("graphs", "SmallGroup(24,12)")
    places.close()
    assert found is not None
    assert found.num_rows > 0
    assert len(read[0]) == 1  # of places.parquet, the row group about graphs
    assert len(read[1]) == -(-found.num_rows // 50)


@pytest.mark.gap
@pytest.mark.slow
def test_wrong_places_are_noticed(rewritten):
    with tk.catalog.open(rewritten) as catalog:
        assert check_places(catalog).broken == 0
        assert check_places(catalog).rows > 100
    path = rewritten / PLACES_FILE
    whole = pq.read_table(path)
    at = whole.column("table").to_pylist().index("contents") + 3
    for column in ("first_row", "rows", "row_group", "row_groups"):
        index = whole.column_names.index(column)
        values = whole.column(column).to_pylist()
        values[at] += 1
        field = whole.schema.field(index)
        pq.write_table(whole.set_column(index, field, pa.array(values, field.type)), path)
        with tk.catalog.open(rewritten, unchecked=True) as catalog:
            found = [c for c in verify(catalog, sample=0) if c.name.startswith("places")]
            assert [c.broken for c in found] == [1]
            assert found[0].example.endswith("in contents")
    pq.write_table(whole.slice(0, whole.num_rows - 1), path)
    with tk.catalog.open(rewritten, unchecked=True) as catalog:
        assert check_places(catalog).broken == 1
    path.write_bytes(b"PAR1")
    with (
        tk.catalog.open(rewritten, unchecked=True) as catalog,
        pytest.raises(CatalogError, match="places"),
    ):
        check_places(catalog)


@pytest.mark.gap
def test_the_file_of_another_catalog_is_not_believed(rewritten, catalog_folder):
    whole = pq.read_table(catalog_folder / "contents.parquet")
    pq.write_table(whole.slice(7), rewritten / "contents.parquet", row_group_size=50)
    with (
        tk.catalog.open(rewritten, unchecked=True) as catalog,
        pytest.raises(CatalogError, match=r"contents\.parquet.*not where places"),
    ):
        catalog.rows_of_name("SmallGroup(4,1)", "edges")


def test_the_bundled_catalog():
    with tk.catalog.open() as catalog:
        for name in ("SmallGroup(1,1)", "SmallGroup(128,2328)", "SmallGroup(255,1)"):
            order = int(name[11:].partition(",")[0])
            for t in ("groups", "edges", "closed_sets", "attempts"):
                wanted = catalog.find(f"group == '{name}' and order == {order}", table=t)
                assert len(wanted) > 0
                assert catalog.rows_of(name, t) == wanted
        for name in ("classes", "simples", "graphs", "normal_subgroups"):
            path = catalog.files[name]
            file = pq.ParquetFile(path).metadata
            sizes = [file.row_group(i).num_rows for i in range(file.num_row_groups)]
            assert max(sizes) <= 20_000
            fewest = -(-sum(sizes) // 20_000)
            assert len(sizes) <= max(fewest + 1, 1.2 * fewest), name
        path = catalog.files["graphs"]
        said = pq.read_table(path.with_name(PLACES_FILE))
        mine = said.filter(pa.compute.equal(said.column("table"), "graphs"))
        assert mine.equals(places_in_file("graphs", path))
        assert said.column_names == [c.name for c in PLACES.columns]
        with pytest.raises(KeyError):
            table("places")
