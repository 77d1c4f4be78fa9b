"""Opening a catalog, and what it gives back; every way a folder can be wrong."""

from __future__ import annotations

import csv
import io
import json
import random
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from catalog_case import resealed
from graph_writers import survives

import toolkit as tk
from toolkit.catalog.files.manifest import require_columns
from toolkit.catalog.schema import TABLES, table
from toolkit.errors import CatalogError, NamingError, QueryError

pytestmark = pytest.mark.gap


def test_open_and_close(catalog, catalog_folder):
    assert catalog.schema == 3
    assert catalog.plan["activations"] == ["abs", "relu", "tanh"]
    assert catalog.sizes["groups"] == 21
    assert set(catalog.sizes) == {t.name for t in TABLES}
    assert str(catalog_folder) in repr(catalog)


# rows -------------------------------------------------------------------------------------------


def test_find_gives_plain_rows(catalog):
    rows = catalog.find("order == 8 and not abelian", columns="group, description, order")
    assert rows == [
        {"group": "SmallGroup(8,3)", "description": "D8", "order": 8},
        {"group": "SmallGroup(8,4)", "description": "Q8", "order": 8},
    ]
    assert rows[0] == rows[-2]
    assert rows[1:] == rows[-1:]
    assert rows[::-1][0]["description"] == "Q8"
    assert rows.column("description") == ["D8", "Q8"]
    assert rows.columns == ("group", "description", "order")
    with pytest.raises(IndexError):
        rows[2]
    with pytest.raises(KeyError, match="group, description, order"):
        rows.column("nosuch")


def test_find_agrees_with_sql_and_with_python(catalog):
    everything = list(catalog.find(None))
    mine = [r for r in everything if r["order"] <= 12 and not r["abelian"] and r["simples"] % 2]
    assert mine
    assert catalog.find("order <= 12 and not abelian and simples % 2 == 1") == mine
    found = catalog.sql(
        'SELECT * FROM groups WHERE "order" <= 12 AND NOT abelian AND simples % 2 = 1'
    )
    assert found == mine


def random_number(draw, depth):
    if not depth or draw.random() < 0.4:
        return draw.choice(["order", "number", "simples", "exponent", "2", "3", "order % 3"])
    if draw.random() < 0.2:
        return f"-{draw.choice(['order', '2', '(number - 3)', '-simples'])}"
    first, second = random_number(draw, depth - 1), random_number(draw, depth - 1)
    joined = f"{first} {draw.choice('+-*')} {second}"
    return f"({joined})" if draw.random() < 0.5 else joined


def random_condition(draw, depth):
    kind = draw.randrange(7) if depth else 0
    if kind == 0:
        return draw.choice(["abelian", "nilpotent", "perfect", "true", "abelian == nilpotent"])
    if kind == 1:
        return f"not {random_condition(draw, depth - 1)}"
    if kind == 2:
        return f"({random_condition(draw, depth - 1)})"
    if kind == 3:
        items = ", ".join(random_number(draw, 1) for _ in range(draw.randrange(2, 5)))
        return f"{random_number(draw, 2)} {draw.choice(['in', 'not in'])} ({items})"
    if kind == 4:
        text = random_number(draw, 2)
        for _ in range(draw.randrange(1, 4)):
            sign = draw.choice(["==", "!=", "<", "<=", ">", ">="])
            text += f" {sign} {random_number(draw, 2)}"
        return text
    first, second = random_condition(draw, depth - 1), random_condition(draw, depth - 1)
    return f"{first} {draw.choice(['and', 'or'])} {second}"


def test_conditions_mean_what_python_means(catalog):
    """The languages agree where they overlap: precedence, chains, negations, lists of values."""
    rows = list(catalog.find(None))
    draw = random.Random(0)
    sizes = set()
    for _ in range(200):
        text = random_condition(draw, 4)
        code = compile(text, "condition", "eval")
        wanted = [r["group"] for r in rows if eval(code, {"true": True}, r)]
        assert catalog.find(text, columns="group").column("group") == wanted, text
        sizes.add(len(wanted))
    assert len(sizes) > 5


def test_columns_of_groups_join(catalog):
    rows = catalog.find(
        "description == 'S4' and module == 'regular' and activation == 'relu'",
        table="edges",
        columns="description, source, target, groups.order",
        order_by="source desc, target",
    )
    graph = tk.interaction_graph(tk.group("SmallGroup(24,12)").regular_module(), "relu")
    assert [(r["source"], r["target"]) for r in rows] == sorted(
        sorted(graph.edges, key=lambda e: e[1]), key=lambda e: e[0], reverse=True
    )
    assert {(r["description"], r["order"]) for r in rows} == {("S4", 24)}


def test_order_and_limit(catalog):
    rows = catalog.find(None, columns="order, number", order_by="order desc", limit=4)
    assert [tuple(r.values()) for r in rows] == [(24, 3), (24, 12), (16, 9), (12, 1)]
    assert len(catalog.find(None, limit=0)) == 0
    # joined rows keep the order of the table, labels by their numbers
    rows = catalog.find("cyclic_order > 0".replace("cyclic_order", "exponent"), table="simples")
    assert rows == catalog.find(None, table="simples")


def test_missing_values_are_none(catalog):
    rows = catalog.find("regions is null", table="contents", columns="label, regions")
    assert len(rows) > 0
    assert set(rows.column("regions")) == {None}
    assert (
        len(catalog.find("regions > 0 or not regions > 0", table="contents")) + len(rows)
        == (catalog.sizes["contents"])
    )


def test_ways_out(catalog, tmp_path):
    rows = catalog.find("order == 4", columns="group, abelian, abelian_invariants, order")
    assert rows.to_arrow().schema.field("abelian_invariants").type == pa.list_(pa.string())
    frame = rows.to_pandas()
    assert list(frame["order"]) == [4, 4]
    assert json.loads(rows.to_json()) == list(rows)
    lines = list(csv.DictReader(io.StringIO(rows.to_csv(tmp_path / "rows.csv"))))
    assert [line["abelian_invariants"] for line in lines] == ["4", "2 2"]
    assert (tmp_path / "rows.csv").read_text() == rows.to_csv()
    rows.to_json(tmp_path / "rows.json")
    assert json.loads((tmp_path / "rows.json").read_text()) == list(rows)
    rows.to_parquet(tmp_path / "rows.parquet")
    assert pq.read_table(tmp_path / "rows.parquet").to_pylist() == list(rows)


def test_json_of_what_json_does_not_have(catalog):
    rows = catalog.sql(
        "SELECT DATE '2020-01-02' AS day, 'nan'::DOUBLE AS no, 1.5::DECIMAL(4,2) AS x"
    )
    assert json.loads(rows.to_json()) == [{"day": "2020-01-02", "no": None, "x": "1.50"}]


def test_repr_is_a_table(catalog):
    rows = catalog.find(None, columns="group, order, abelian")
    lines = repr(rows).splitlines()
    assert lines[0].split() == ["group", "order", "abelian"]
    assert lines[1].split() == ["SmallGroup(1,1)", "1", "yes"]
    assert lines[-1] == "20 of 21 rows"
    assert repr(rows[:1]).endswith("1 row")
    assert repr(catalog.find("order > 999", columns="group")) == "group\n0 rows"


# graphs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ["abs", "relu", "tanh"])
@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("SmallGroup(8,4)", "regular"),
        ("SmallGroup(12,2)", "regular"),
        ("SmallGroup(24,12)", "regular"),
        ("SmallGroup(24,12)", "H4a"),
        ("SmallGroup(24,3)", "H2a"),
        ("SmallGroup(1,1)", "regular"),
    ],
)
@pytest.mark.quick_cases(4)
def test_the_graph_is_that_of_the_toolkit(catalog, name, module, activation):
    found = catalog.graph(name, module, activation)
    G = tk.group(name)
    X = G.regular_module() if module == "regular" else G.coset_module(module)
    wanted = tk.interaction_graph(X, activation)
    error = found.graph.pop("share_error")
    assert wanted.graph.pop("share_error") <= error <= 1e-11
    assert found.graph == wanted.graph
    assert list(found.nodes(data=True)) == list(wanted.nodes(data=True))
    assert list(found.edges) == list(wanted.edges)
    for source, target, data in found.edges(data=True):
        other = wanted.edges[source, target]
        assert {**data, "share": 0} == {**other, "share": 0}
        assert data["share"] == pytest.approx(other["share"], abs=error)


def test_a_graph_by_another_name(catalog):
    assert catalog.graph("S4").graph["group"] == "SmallGroup(24,12)"
    assert catalog.graph(tk.group("Q8")).graph["group"] == "SmallGroup(8,4)"
    assert catalog.name_of("SmallGroup( 24, 12 )") == "SmallGroup(24,12)"


def test_a_graph_that_is_not_there(catalog):
    with pytest.raises(QueryError, match=r"SmallGroup\(60,5\) is not in the catalog"):
        catalog.graph("SmallGroup(60,5)")
    with pytest.raises(
        QueryError, match=r"for SmallGroup\(8,4\) the catalog has the modules regular, H2a"
    ):
        catalog.graph("SmallGroup(8,4)", "H99z")
    with pytest.raises(QueryError, match="did you mean relu"):
        catalog.graph("SmallGroup(8,4)", activation="relus")
    with pytest.raises(NamingError):
        catalog.graph("no group")


def test_quotient_graph(catalog):
    graph = catalog.quotient_graph()
    assert set(graph) == set(catalog.find(None).column("group"))
    # S4 -> S3 -> C2 -> 1, and no shorter way
    assert list(graph.successors("SmallGroup(24,12)")) == ["SmallGroup(6,1)"]
    assert list(graph.successors("SmallGroup(6,1)")) == ["SmallGroup(2,1)"]
    edge = graph.edges["SmallGroup(8,4)", "SmallGroup(4,2)"]
    assert edge == {"kernels": 1, "kernel_order": 2}
    assert graph.edges["SmallGroup(4,2)", "SmallGroup(2,1)"]["kernels"] == 3
    assert graph.nodes["SmallGroup(8,3)"]["description"] == "D8"
    for a, b, data in graph.edges(data=True):
        assert graph.nodes[a]["order"] == graph.nodes[b]["order"] * data["kernel_order"]
    small = catalog.quotient_graph("order < 6", activation="relu")
    assert set(small) == set(catalog.find("order < 6").column("group"))
    assert small.nodes["SmallGroup(4,2)"]["graph_class"] == (
        catalog.graph_classes(condition="order < 6").number("SmallGroup(4,2)")
    )


def test_writers_of_networkx_keep_the_catalogs_graphs(catalog):
    survives(catalog.graph("S4"))
    survives(catalog.quotient_graph())
    survives(catalog.quotient_graph("order < 6", activation="relu"))
    survives(catalog.graph_classes(condition="order < 9").to_networkx())


def test_families(catalog):
    rows = catalog.families({"two": "order == 2", "nonabelian": "not abelian"}, "abs")
    assert [r["family"] for r in rows] == ["two"] + ["nonabelian"] * (len(rows) - 1)
    orders = [r["order"] for r in rows if r["family"] == "nonabelian"]
    assert orders == sorted(orders)
    assert rows[0]["edges"] == 2
    assert rows[0]["density"] == 0.5
    named = catalog.families(["cyclic", "dihedral", "quaternion"])
    described = {
        f: [r["description"] for r in named if r["family"] == f]
        for f in ("cyclic", "dihedral", "quaternion")
    }
    assert described["cyclic"] == ["1", "C2", "C3", "C4", "C5", "C6", "C8", "C12"]
    assert described["dihedral"] == ["C2 x C2", "S3", "D8", "D12"]
    assert described["quaternion"] == ["Q8", "Q16"]
    with pytest.raises(QueryError, match="did you mean cyclic"):
        catalog.families(["cyclc"])
    with pytest.raises(QueryError, match="at least one family"):
        catalog.families([])
    with pytest.raises(QueryError, match="no column 'ordr'"):
        catalog.families({"x": "ordr < 5"})


# folders that are wrong -------------------------------------------------------------------------


def contents(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


def refused(folder, *words):
    before = contents(folder) if folder.is_dir() else None
    with pytest.raises(CatalogError) as caught:
        tk.catalog.open(folder)
    message = str(caught.value)
    assert "\n" not in message
    assert str(folder) in message
    for word in words:
        assert word in message
    if before is not None:
        assert contents(folder) == before


def test_no_catalog(tmp_path):
    refused(tmp_path, "no catalog.json", "plrep sweep")
    refused(tmp_path / "nosuch", "found nothing")
    (tmp_path / "file").write_text("x")
    refused(tmp_path / "file", "found a file")


@pytest.mark.parametrize(
    ("manifest", "word"),
    [
        ("{", "not JSON"),
        ("[]", "kind 'plrep catalog' is required"),
        ('{"kind": "other", "schema": 2}', "found 'other'"),
        ('{"kind": "plrep catalog", "schema": 4}', "it has schema 4, this toolkit reads schema 3"),
        ('{"kind": "plrep catalog", "schema": 1}', "labels of simples and classes have changed"),
        ('{"kind": "plrep catalog"}', "it has schema None"),
    ],
)
def test_another_schema(copied_folder, manifest, word):
    (copied_folder / "catalog.json").write_text(manifest)
    refused(copied_folder, word)


def test_a_missing_file(copied_folder):
    (copied_folder / "edges.parquet").unlink()
    refused(copied_folder, "edges has no Parquet file", "copy the folder again")
    (copied_folder / "parts").mkdir()
    refused(copied_folder, "sweep has not finished")


@pytest.mark.parametrize("how", ["cut", "text", "empty", "foot"])
def test_a_damaged_file(copied_folder, how):
    path = copied_folder / "edges.parquet"
    data = path.read_bytes()
    foot = 8 + int.from_bytes(data[-8:-4], "little")
    damaged = {
        "cut": data[: len(data) // 2],
        "text": b"this is no Parquet file, is it?",
        "empty": b"",
        "foot": data[:-foot] + b"\0" * 40 + data[-foot + 40 :],
    }
    path.write_bytes(damaged[how])
    refused(copied_folder, "edges.parquet", "copy the file again")


def test_damage_in_the_middle_is_found_when_it_is_read(copied_folder):
    path = copied_folder / "edges.parquet"
    data = bytearray(path.read_bytes())
    foot = 8 + int.from_bytes(data[-8:-4], "little")
    for i in range(8, len(data) - foot):
        data[i] ^= 0x5A
    path.write_bytes(data)
    with tk.catalog.open(copied_folder, unchecked=True) as catalog:
        assert len(catalog.find("order == 8")) == 5
        with pytest.raises(CatalogError, match=r"edges\.parquet|damaged") as caught:
            catalog.find("share > 0.1", table="edges")
        assert "\n" not in str(caught.value)


def test_other_columns(copied_folder):
    path = copied_folder / "quotients.parquet"
    whole = pq.read_table(path)
    pq.write_table(whole.drop_columns(["kernels"]), path)
    resealed(copied_folder)
    refused(copied_folder, "the column kernels is missing")
    pq.write_table(whole.append_column("more", whole.column("kernels")), path)
    resealed(copied_folder)
    refused(copied_folder, "the column more is not of this schema")
    texts = whole.column("kernels").cast(pa.string())
    pq.write_table(whole.set_column(3, "kernels", texts), path)
    resealed(copied_folder)
    refused(copied_folder, "the column kernels must be int32, found VARCHAR")
    with pytest.raises(CatalogError):
        require_columns(table("quotients"), path, {})


def test_a_folder_that_looks_like_a_pattern(copied_folder, tmp_path):
    awkward = tmp_path / "of [order] 8*"
    copied_folder.rename(awkward)
    refused(awkward, "as a pattern")
    quoted = tmp_path / 'it\'s "fine"'
    awkward.rename(quoted)
    with tk.catalog.open(quoted) as catalog:
        assert len(catalog.find("order == 8")) == 5


def test_importing_the_toolkit_imports_none_of_it():
    code = (
        "import sys, toolkit as tk; tk.catalog; "
        "bad = {'duckdb', 'pyarrow', 'pandas', 'dask'} & set(sys.modules); assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_face_of_the_room():
    assert set(tk.catalog.__all__) <= set(dir(tk.catalog))
    for name in tk.catalog.__all__:
        assert getattr(tk.catalog, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nosuch'"):
        tk.catalog.nosuch  # noqa: B018


def test_without_duckdb(monkeypatch, catalog_folder):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(tk.ToolkitError, match=r"pip install 'plrep-toolkit\[catalog\]'"):
        tk.catalog.open(catalog_folder)


def test_without_pandas(monkeypatch, catalog):
    rows = catalog.find("order == 4")
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(tk.ToolkitError, match="pip install pandas"):
        rows.to_pandas()


def test_families_of_the_bundled_catalog_are_complete():
    """One cyclic group per order, one dihedral per even one from 4, 2-groups per power of 2."""
    with tk.catalog.open() as bundled:
        named = ["cyclic", "dihedral", "quaternion", "semidihedral", "elementary abelian"]
        rows = bundled.families([*named, "perfect"])
    orders = {f: [r["order"] for r in rows if r["family"] == f] for f in (*named, "perfect")}
    there = [n for n in range(1, 512) if n not in (256, 384)]
    assert orders["cyclic"] == there
    assert orders["dihedral"] == [n for n in there if n % 2 == 0 and n > 2]
    assert orders["quaternion"] == [8, 16, 32, 64, 128]
    assert orders["semidihedral"] == [16, 32, 64, 128]
    primes = [p for p in range(2, 512) if all(p % d for d in range(2, p))]
    powers = {p**k for p in primes for k in range(1, 9)}
    assert orders["elementary abelian"] == [n for n in there if n in powers]
    assert orders["perfect"] == [60, 120, 168, 336, 360, 504]
