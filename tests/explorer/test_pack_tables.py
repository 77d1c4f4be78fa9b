"""The page's files about the catalog: every value comes back, the same bytes, fewer groups."""

from __future__ import annotations

import gzip
import json
import random

import pytest

import toolkit as tk
from toolkit.catalog.schema import TABLES, Column, Table, table
from toolkit.errors import ConfigError
from toolkit.explorer.pack.columns import (
    column_values,
    packed,
    smallest_form,
    table_columns,
    table_data,
    with_groups,
)
from toolkit.explorer.pack.contents import LARGEST_ORDER
from toolkit.explorer.pack.tables import OFFLINE, catalog_files, select_groups

SMALL = "order <= 16"


def read(path):
    return json.loads(gzip.decompress(path.read_bytes()))


@pytest.fixture(scope="module")
def catalog():
    with tk.catalog.open() as found:
        yield found


@pytest.fixture(scope="module")
def folder(catalog, tmp_path_factory):
    made = tmp_path_factory.mktemp("pack")
    sizes = catalog_files(catalog, made, SMALL)
    assert {name: (made / name).stat().st_size for name in sizes} == sizes
    return made


def test_every_value_comes_back(catalog, folder):
    for name in ("groups", *OFFLINE):
        file = "groups.json.gz" if name == "groups" else f"tables/{name}.json.gz"
        data = read(folder / file)
        wanted = catalog.find(SMALL, table=name).to_arrow()
        columns = table_columns(data)
        assert list(columns) == wanted.column_names
        assert columns == {c: wanted.column(c).to_pylist() for c in wanted.column_names}
        assert data["rows"] == wanted.num_rows
        for column, described in zip(data["columns"], table(name).columns, strict=True):
            assert column["type"] == described.type
            assert column["meaning"] == described.meaning


def test_titles_are_those_of_the_records(folder):
    data = read(folder / "groups.json.gz")
    (title,) = data["extra"]
    names = table_columns(data)["group"]
    titles = dict(zip(names, column_values(title, names, data["rows"]), strict=True))
    assert titles["SmallGroup(1,1)"]
    assert titles["SmallGroup(8,3)"] == "D8"
    assert titles["SmallGroup(12,3)"] == "A4"
    from toolkit.explorer.record.names import title as title_of_record

    for name in random.Random(0).sample(names, 8):
        assert titles[name] == title_of_record(tk.group(name)), name


def test_every_table_is_described(catalog, folder):
    tables = {t["name"]: t for t in read(folder / "tables.json.gz")["tables"]}
    assert list(tables) == [t.name for t in TABLES]
    for name, found in tables.items():
        assert [c["name"] for c in found["columns"]] == [c.name for c in table(name).columns]
        assert (found["file"] is None) == (found["absent"] is not None)
        if found["file"] is not None:
            assert found["bytes"] == (folder / found["file"]).stat().st_size
            assert found["rows"] == read(folder / found["file"])["rows"]
        else:
            assert found["rows"] == catalog.sizes[name]


def test_classes_of_graphs_are_those_of_the_catalog(catalog, folder):
    names = table_columns(read(folder / "groups.json.gz"))["group"]
    found = read(folder / "graph_classes.json.gz")["activations"]
    assert sorted(found) == ["abs", "elu", "relu", "tanh"]
    for activation, data in found.items():
        wanted = catalog.graph_classes(activation, "regular", SMALL)
        assert [tuple(c) for c in data["classes"]] == [(c.nodes, c.edges) for c in wanted]
        assert data["of"] == [wanted.number(name) for name in names]


def test_the_same_bytes_again(catalog, folder, tmp_path):
    sizes = catalog_files(catalog, tmp_path, SMALL)
    for name in sizes:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name


def test_fewer_groups_are_as_if_only_they_were_there(catalog, folder, tmp_path):
    names = catalog.find("order <= 8 and not abelian", columns="group").column("group")
    select_groups(folder, tmp_path / "few", names)
    fresh = tmp_path / "fresh"
    catalog_files(catalog, fresh, "order <= 8 and not abelian")
    for name in ("groups.json.gz", *(f"tables/{t}.json.gz" for t in OFFLINE)):
        assert read(tmp_path / "few" / name) == read(fresh / name), name
    old = read(folder / "graph_classes.json.gz")["activations"]["relu"]
    new = read(tmp_path / "few" / "graph_classes.json.gz")["activations"]["relu"]
    all_names = table_columns(read(folder / "groups.json.gz"))["group"]
    assert new["classes"] == old["classes"]
    assert new["of"] == [old["of"][all_names.index(name)] for name in names]


def test_forms_of_columns_come_back():
    draw = random.Random(0)
    values = ("C2", "", None, "L0", "L1", 'a"b')
    for _ in range(200):
        rows = draw.randrange(0, 40)
        first = sorted(draw.choice("abc") for _ in range(rows))
        kind = draw.randrange(4)
        if kind == 0:
            column = [draw.choice(values) for _ in range(rows)]
        elif kind == 1:
            column = sorted(draw.randrange(5) for _ in range(rows))
        elif kind == 2:
            column = [draw.choice(([], ["2"], ["2", "3"], None)) for _ in range(rows)]
        else:
            column = [f"L{first[:i].count(x)}" for i, x in enumerate(first)]
        form = json.loads(json.dumps(smallest_form(column, first)))
        assert column_values(form, first, rows) == column
        if kind == 3 and rows:
            assert form == {"numbered": "L"}


def test_numbers_that_a_page_cannot_hold_are_refused():
    one = Table("one", "a row", ("x",), (Column("x", "int64", "a number"),))
    assert table_data(one, {"x": [2**53]})["columns"][0]["values"] == [2**53]
    with pytest.raises(ConfigError, match=r"one\.x has an integer above 2\^53"):
        table_data(one, {"x": [2**53 + 1]})
    data = table_data(one, {"x": [1]})
    assert with_groups(data, ["C2"]) == data
    assert packed(data) == packed(json.loads(json.dumps(data)))


def test_the_first_search_is_small(catalog, tmp_path):
    """The table of all groups, packed: half of it are two hashes, whose digits are random."""
    columns = catalog.find(f"order <= {LARGEST_ORDER}").to_arrow()
    data = table_data(
        table("groups"), {c: columns.column(c).to_pylist() for c in columns.column_names}
    )
    assert len(packed(data)) < 280_000
