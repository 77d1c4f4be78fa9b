"""Odd and hostile input to the catalog and to sweeps: one clear sentence, and nothing lost."""

from __future__ import annotations

import signal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from catalog_case import resealed
from processes import default_signals

import toolkit as tk
from toolkit import Session
from toolkit.catalog.files.folder import Folder
from toolkit.catalog.plan import Plan
from toolkit.catalog.query.find import MOST_JOINED
from toolkit.catalog.query.guard import _OWN_PREFIXES
from toolkit.catalog.schema import TABLES
from toolkit.catalog.sweeps.interrupts import interrupted_later
from toolkit.catalog.verify.verify import verify
from toolkit.errors import CatalogError, ConfigError, QueryError

pytestmark = pytest.mark.gap


@pytest.mark.parametrize(
    "query",
    [
        "WITH sqlite_master AS (SELECT * FROM sqlite_master) FROM sqlite_master",
        "WITH a AS (FROM duckdb_views), duckdb_views AS (SELECT 1) FROM a",
        "SELECT * FROM PG_AM, (WITH pg_am AS (SELECT 1) FROM pg_am)",
        'WITH "a.csv" AS (FROM "a.csv") FROM "a.csv"',
        'SELECT * FROM "/etc/passwd", (WITH "/etc/passwd" AS (SELECT 1) SELECT 1)',
    ],
)
def test_with_opens_no_other_table(catalog, query):
    with pytest.raises(QueryError, match="WITH cannot give the name"):
        catalog.sql(query)


def test_names_of_all_views_of_duckdb_are_known():
    duckdb = pytest.importorskip("duckdb")
    found = duckdb.sql(
        "SELECT view_name FROM duckdb_views() WHERE internal AND schema_name IN ('main', 'temp')"
    ).fetchall()
    assert len(found) > 5
    assert [name for (name,) in found if not name.startswith(_OWN_PREFIXES)] == []


def test_columns_of_the_same_name_are_all_kept(catalog):
    rows = catalog.sql("SELECT 1 AS a, 2 AS a, 3 AS a_1, 4 AS a")
    assert sorted(rows[0].values()) == [1, 2, 3, 4]
    assert len(set(rows.columns)) == 4
    assert rows.to_csv().splitlines()[1] == "1,2,3,4"
    joined = catalog.sql('SELECT g.simples, m.simples FROM groups g JOIN modules m USING ("group")')
    assert joined.columns == ("simples", "simples_1")


def test_deep_and_long_questions_are_refused(catalog):
    deep = "SELECT * FROM " + "(SELECT * FROM " * 600 + "groups" + ")" * 600
    with pytest.raises(QueryError, match="inside each other"):
        catalog.sql(deep)
    with pytest.raises(QueryError, match="inside each other"):
        catalog.sql("SELECT " + "(1 + " * 300 + "1" + ")" * 300)
    fine = "SELECT * FROM " + "(SELECT * FROM " * 150 + "groups" + ")" * 150
    assert catalog.sql(fine).columns == catalog.sql("SELECT * FROM groups").columns
    long = " or ".join(["order == 1"] * 600)
    with pytest.raises(QueryError, match=f"more than {MOST_JOINED} of .* write: column in"):
        catalog.find(long)
    with pytest.raises(QueryError, match="more than"):
        catalog.find("+".join(["order"] * 1500) + " > 1")
    assert len(catalog.find(" or ".join(["order == 1"] * (MOST_JOINED + 1)))) == 1


def test_a_table_without_groups_has_no_columns_of_groups(catalog):
    for question in ({"condition": "order <= 6"}, {"columns": "abelian"}, {"order_by": "abelian"}):
        with pytest.raises(QueryError, match="provenance has no column"):
            catalog.find(**{"condition": None, "table": "provenance", **question})


@pytest.mark.parametrize(
    "question", [{"condition": 5}, {"condition": b"abelian"}, {"columns": 5}, {"order_by": [5]}]
)
def test_questions_that_are_no_texts(catalog, question):
    with pytest.raises(QueryError, match="required"):
        catalog.find(**question)


def test_messages_give_no_advice_that_is_locked(catalog):
    with pytest.raises(QueryError, match="Division by zero") as error:
        catalog.sql('SELECT "order" % 0 FROM groups')
    assert "SET" not in str(error.value)
    assert len(catalog.find("order % 0 is null")) == len(catalog.find()) > 0
    with pytest.raises(QueryError, match='written "group" and "order"'):
        catalog.sql("SELECT group FROM groups")


def test_parquet_that_cannot_be_leaves_the_file_alone(catalog, tmp_path):
    there = tmp_path / "rows.parquet"
    there.write_bytes(b"mine")
    with pytest.raises(ConfigError, match="Parquet cannot hold"):
        catalog.sql("SELECT 1::UNION(a INT, b VARCHAR) AS u").to_parquet(there)
    assert there.read_bytes() == b"mine"


@pytest.mark.parametrize("text", ["[" * 200_000, '{"schema":1,"kind":"plrep catalog","plan":5}'])
def test_odd_descriptions_of_a_catalog(copied_folder, text):
    (copied_folder / "catalog.json").write_text(text)
    with pytest.raises(CatalogError):
        tk.catalog.open(copied_folder)
    with pytest.raises(CatalogError):
        Folder(copied_folder).plan()


def test_damage_found_in_the_middle_of_an_answer_is_called_damage(catalog):
    # what Arrow raises there: DuckDB's words in an OSError
    error = OSError("Invalid Error: Payload value bigger than allowed. Corrupted file?")
    found = catalog._engine._translated(error, "all of edges")
    assert isinstance(found, CatalogError)
    other = OSError("Invalid Input Error: Division by zero in expression")
    assert isinstance(catalog._engine._translated(other, "x"), QueryError)


# sweeps ---------------------------------------------------------------------------------------


def test_a_mistyped_order_takes_no_folder(tmp_path):
    folder = tmp_path / "sweep"
    with pytest.raises(tk.NotAvailable, match="1024"):
        tk.catalog.sweep(folder, "1024", workers=0)
    assert not folder.exists()
    assert tk.catalog.sweep(folder, "1-2", workers=0).statuses == {"done": 2}


def test_a_folder_that_could_not_be_opened_is_refused_at_once(tmp_path):
    folder = tmp_path / "a[1]"
    with pytest.raises(ConfigError, match=r"\[ \], which DuckDB reads as a pattern"):
        tk.catalog.sweep(folder, "1-2", workers=0)
    assert not folder.exists()


@pytest.mark.parametrize("address", ["foo", "tcp://", "tcp://host", ""])
def test_addresses_of_schedulers(tmp_path, address):
    with pytest.raises(ConfigError, match="address of a Dask scheduler such as"):
        tk.catalog.sweep(tmp_path / "sweep", "1-2", scheduler=address)


@pytest.mark.parametrize("memory", [0, -5, 1000, "4g", 2**70])
def test_a_memory_cap_that_caps_nothing(tmp_path, memory):
    with pytest.raises(ConfigError, match="a memory of 268435456 to 9223372036854775807 bytes"):
        tk.catalog.sweep(tmp_path / "sweep", "1-2", workers=0, memory=memory)


@pytest.mark.parametrize(
    "orders",
    [[0], [-1], ["a"], [1.5], 8, None, [10**7], [10**5000], [True], b"1-3", "1" * 5000, "1-" * 2],
)
def test_orders_that_are_none(orders):
    with pytest.raises(ConfigError, match="orders are"):
        Plan.of(orders, ["S3"])


@pytest.mark.parametrize(
    ("given", "required"),
    [
        ({"modules": None}, "modules are 'regular' or"),
        ({"modules": 5}, "modules are 'regular' or"),
        ({"groups": None}, "a list of names of groups"),
        ({"groups": "S4"}, "a list of names of groups"),
        ({"groups": 5}, "a list of names of groups"),
        ({"activations": "relu"}, "a list of names of activations"),
        ({"activations": 5}, "a list of names of activations"),
    ],
)
def test_plans_of_wrong_types(given, required):
    with pytest.raises(ConfigError, match=required):
        Plan.of("1-3", **given)


def test_names_come_from_whatever_lists_them():
    for none in ((), [], set(), iter(()), {}):
        assert Plan.of("1-3", none).parts[0].groups == ()
    assert Plan.of(groups=(n for n in ("S3",))).parts[0].groups == ("S3",)


@pytest.mark.parametrize("group", [5, None, b"S4", ["S4"]])
def test_groups_that_are_none(catalog, group):
    ways = [
        lambda: catalog.rows_of(group),
        lambda: catalog.graph(group),
        lambda: catalog.name_of(group),
        lambda: catalog.character_values(group),
    ]
    if group is not None:
        ways.append(lambda: list(tk.catalog.gassmann_pairs_of_catalog(catalog, group=group)))
    for ask in ways:
        with pytest.raises(QueryError, match="a group or its name is required"):
            ask()


def test_gassmann_pairs_of_nothing():
    for wrong in ("S4", None):
        with pytest.raises(ConfigError, match="a group is required"):
            tk.catalog.gassmann_pairs(wrong)
        with pytest.raises(ConfigError, match="an open catalog is required"):
            list(tk.catalog.gassmann_pairs_of_catalog(wrong))
    for bound in (0, -1, "3", 1.5, True):
        with pytest.raises(ValueError, match="max_index must be a whole number"):
            tk.catalog.gassmann_pairs(tk.group("S4"), max_index=bound)


@pytest.mark.parametrize("given", ["no", 1, None])
def test_a_flag_is_true_or_false(catalog, catalog_folder, given):
    with pytest.raises(ConfigError, match="compare must be True or False"):
        catalog.table_classes(condition="order = 8", compare=given)
    with pytest.raises(ConfigError, match="power_maps must be True or False"):
        catalog.table_classes(given, "order = 8")
    with pytest.raises(ConfigError, match="unchecked must be True or False"):
        tk.catalog.open(catalog_folder, unchecked=given)


@pytest.mark.parametrize("given", [3, "default", Session])
def test_a_session_is_a_session(catalog, given):
    with pytest.raises(ConfigError, match="session must be a Session"):
        catalog.table_classes(condition="order = 8", compare=True, session=given)
    with pytest.raises(ConfigError, match="session must be a Session"):
        tk.group("C4", session=given)


@pytest.mark.parametrize(
    "given",
    [
        {"seconds": "x"},
        {"seconds": 0},
        {"megabytes": -1},
        {"megabytes": 1.5},
        {"seconds": float("nan")},
    ],
)
def test_limits_of_questions_are_numbers(catalog_folder, given):
    with pytest.raises(ConfigError, match=r"must be a.* number above 0"):
        tk.catalog.open(catalog_folder, **given)


@pytest.mark.parametrize("module", ["nope", "", 3, "Regular"])
def test_modules_that_no_group_has(catalog, module):
    for ask in (catalog.graph_classes, catalog.nontrivial_sinks, catalog.families):
        with pytest.raises(QueryError, match="no group of the catalog has this module"):
            ask(module=module)


def test_families_are_listed(catalog):
    with pytest.raises(QueryError, match="a list of names of families is required"):
        catalog.families(3)


def test_a_list_of_the_tables_names_the_tables(catalog):
    found = catalog.sql("SHOW TABLES").column("name")
    assert sorted(found) == sorted(t.name for t in TABLES)


def test_a_group_too_large_for_the_tables_has_its_reason(tmp_path):
    report = tk.catalog.sweep(tmp_path / "sweep", groups=["S3", "Table(M)"], workers=0)
    assert report.statuses["done"] == 1
    with tk.catalog.open(tmp_path / "sweep") as found:
        (row,) = found.find("status != 'done'", table="attempts")
    assert row["status"] == "unavailable"
    assert "internal error" not in row["reason"]


def test_ctrl_c_waits_while_a_cluster_starts():
    steps = []

    def start():
        with interrupted_later():
            signal.raise_signal(signal.SIGINT)
            steps.append("started")
        steps.append("not reached")

    with default_signals():
        with pytest.raises(KeyboardInterrupt):
            start()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert steps == ["started"]


@pytest.mark.parametrize(
    "name", ["seed=1", "order=5", "group=S4", "s3:x", "file:x", "~no-such-user"]
)
def test_names_of_folders_mean_nothing(copied_folder, tmp_path, monkeypatch, name):
    """Neither a partition nor an address nor a home."""
    monkeypatch.chdir(tmp_path)
    report = tk.catalog.sweep(name, "1-2", workers=0, activations=["relu"])
    assert report.folder == tmp_path / name
    with tk.catalog.open(name) as found:
        assert found.find("order == 2").column("group") == ["SmallGroup(2,1)"]
    inside = copied_folder.rename(tmp_path / name / "copy")
    with tk.catalog.open(inside) as found:
        assert found.sizes["groups"] == 21


def test_a_tilde_is_the_home_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    report = tk.catalog.sweep("~/mine", "1", workers=0, activations=["relu"])
    assert report.folder == tmp_path / "mine"
    assert tk.catalog.open("~/mine").sizes["groups"] == 1


@pytest.mark.parametrize("folder", [3, b"folder", "a\0b"])
def test_what_is_no_path_is_refused(folder):
    with pytest.raises(ConfigError, match="path of a folder"):
        tk.catalog.sweep(folder, "1", workers=0)


@pytest.mark.parametrize(
    "given",
    [
        {"deadline": float("inf")},
        {"deadline": "5"},
        {"deadline": True},
        {"workers": "2"},
        {"workers": -5},
        {"workers": 10**8},
        {"workers": True},
    ],
)
def test_limits_are_numbers(tmp_path, given):
    with pytest.raises(ConfigError, match="required, found"):
        tk.catalog.sweep(tmp_path / "new", "1", **{"workers": 0, **given})


def test_estimates_refuse_what_sweeps_refuse():
    with pytest.raises(ConfigError, match="is required"):
        tk.catalog.estimate_sweep("1-2", deadline=-1)
    with pytest.raises(ConfigError, match="memory of"):
        tk.catalog.estimate_sweep("1-2", memory=1)
    for seed in ("x", None, 1.5, True):
        with pytest.raises(ConfigError, match="seed of a sample is a whole number"):
            tk.catalog.estimate_sweep("1-2", seed=seed)


def test_estimates_name_what_was_not_done():
    found = tk.catalog.estimate_sweep(groups=["S3", "Table(M)"])
    assert found.failures == (("Table(M)", "unavailable"),)
    assert tk.catalog.estimate_sweep("1-2").failures == ()


def test_several_names_of_one_group_are_no_pair(tmp_path):
    folder = tmp_path / "names"
    tk.catalog.sweep(folder, "6", groups=["S4", "<(1,2,3),(1,2)>", "SmallGroup(24,12)"], workers=0)
    with tk.catalog.open(folder) as found:
        assert found.brauer_pairs(compare=False) == []
        assert found.brauer_pairs("  ", compare=False) == []


def test_columns_from_before_they_were_there_break_no_law(copied_folder):
    """As in catalogs of schema 2 that were converted."""
    path = copied_folder / "groups.parquet"
    rows = pq.read_table(path)
    at = rows.column_names.index("rational")
    empty = pa.nulls(len(rows), pa.bool_())
    pq.write_table(rows.set_column(at, rows.schema.field(at), empty), path)
    resealed(copied_folder)
    with tk.catalog.open(copied_folder) as found:
        checked = [c for c in verify(found, sample=2, seed=1) if "derived again" in c.name]
    assert [c.broken for c in checked] == [0, 0]


def test_a_damaged_lattice_is_called_damage(copied_folder):
    path = copied_folder / "lattices.parquet"
    whole = pq.read_table(path)
    place = whole.column_names.index("lattice")
    broken = pa.array([b"X"] * len(whole), whole.schema.field(place).type)
    pq.write_table(whole.set_column(place, whole.schema.field(place), broken), path)
    with tk.catalog.open(copied_folder, unchecked=True) as catalog:
        with pytest.raises(CatalogError, match=r"lattices\.parquet"):
            catalog.find("order = 8", "normal_subgroups")
        with pytest.raises(CatalogError, match=r"lattices\.parquet"):
            catalog.rows_of("D8", "normal_subgroups")


def test_tables_are_named_without_a_schema(catalog):
    with pytest.raises(QueryError, match="write edges alone"):
        catalog.sql('SELECT * FROM "in order".edges')
    with pytest.raises(QueryError, match="there are attempts"):
        catalog.sql("SELECT * FROM lattices")
