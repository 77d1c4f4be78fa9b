"""``plrep find`` and ``plrep catalog``: what they print, write, and say of mistakes."""

from __future__ import annotations

import csv
import io
import json
import shutil

import pyarrow.parquet as pq
import pytest
from catalog_case import write_catalog

from toolkit.catalog.files.layout import STORED
from toolkit.catalog.schema import TABLES

pytestmark = pytest.mark.gap


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """The folder of a small catalog; nobody may change it."""
    return write_catalog(tmp_path_factory.mktemp("catalogs") / "small", "regular")


@pytest.fixture
def find(plrep, small):
    """Run ``plrep find`` on the small catalog."""

    def run(*argv):
        return plrep("find", *argv, "--catalog", str(small))

    return run


def test_table(find):
    outcome = find("order == 8 and not abelian", "--columns", "group,description,simples")
    assert (outcome.status, outcome.err) == (0, "")
    lines = [line.split() for line in outcome.out.splitlines()]
    assert lines[0] == ["group", "description", "simples"]
    assert lines[1] == ["SmallGroup(8,3)", "D8", "5"]
    assert lines[-1] == ["2", "rows"]
    assert find("order > 99").out == "no rows\n"
    wide = find("order <= 8").out
    assert max(map(len, wide.splitlines())) <= 100


def test_long_tables_are_cut_and_say_so(find):
    out = find("order > 0", "--table", "edges", "--columns", "group, source, target").out
    assert len(out.splitlines()) < 70
    assert "--output FILE writes all" in out
    count = int(out.splitlines()[-1].split(" rows")[0].split()[-1])
    assert len(json.loads(find("--table", "edges", "--json").out)) == count


def test_formats(find, tmp_path):
    arguments = ("order <= 12", "--columns", "group,order", "--order-by", "order desc")
    rows = json.loads(find(*arguments, "--json").out)
    assert rows[0]["order"] == 12
    assert json.loads(find(*arguments, "--format", "json").out) == rows
    text = find(*arguments, "--format", "csv").out
    assert [r["group"] for r in csv.DictReader(io.StringIO(text))] == [r["group"] for r in rows]
    for name in ("r.json", "r.csv", "r.parquet", "r.txt"):
        outcome = find(*arguments, "--output", str(tmp_path / name))
        assert outcome == (0, "", "")
    assert json.loads((tmp_path / "r.json").read_text()) == rows
    assert (tmp_path / "r.csv").read_text() == text
    assert pq.read_table(tmp_path / "r.parquet").to_pylist() == rows
    assert "SmallGroup(12,5)" in (tmp_path / "r.txt").read_text()


def test_sql(find):
    query = 'SELECT "order", count(*) AS k FROM groups GROUP BY 1 ORDER BY 1'
    rows = json.loads(find("--sql", query, "--json").out)
    assert {"order": 8, "k": 5} in rows


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ordr < 3",), "did you mean order"),
        (("order <",), "at character 8"),
        (("order < 3", "--table", "edge"), "did you mean edges"),
        (("order < 3", "--columns", "nosuch"), "no column 'nosuch'"),
        (("order < 3", "--limit", "-1"), "0 or more"),
        (("order < 3", "--limit", "x"), "invalid int value"),
        (("order < 3", "--format", "parquet"), "add --output"),
        (("order < 3", "--json", "--format", "csv"), "exclude each other"),
        (("order < 3", "--output", "rows.xls"), "is not a format"),
        (("order < 3", "--output", "/nosuch/rows.csv"), "no folder '/nosuch'"),
        (("order < 3", "--sql", "SELECT 1"), "--sql and CONDITION exclude each other"),
        (("--table", "edges", "--sql", "SELECT 1"), "--sql and --table exclude each other"),
        (("--sql", "DROP VIEW groups"), "the catalog is read-only"),
        (("--sql", "SELECT * FROM read_csv('/etc/passwd')"), "reads no files"),
    ],
)
def test_mistakes_are_one_line(find, arguments, words):
    outcome = find(*arguments)
    assert outcome.status == 2
    assert outcome.out == ""
    assert words in outcome.err
    assert outcome.err.startswith("plrep: ")
    assert outcome.err.count("\n") == 1


def test_files_that_cannot_be_written(find, tmp_path):
    for name in ("r.json", "r.csv", "r.parquet", "r.txt"):
        (tmp_path / name).mkdir()
        outcome = find("order < 3", "--output", str(tmp_path / name))
        assert outcome.status == 2
        assert "cannot write" in outcome.err


def test_no_catalog_there(plrep, tmp_path):
    for command in (
        ("find", "abelian"),
        ("catalog", "info"),
        ("catalog", "verify", "--sample", "0"),
    ):
        outcome = plrep(*command, "--catalog", str(tmp_path))
        assert outcome.status == 2
        assert "no catalog.json" in outcome.err
        assert outcome.err.count("\n") == 1


def test_info(plrep, small):
    data = json.loads(plrep("catalog", "info", "--json", "--catalog", str(small)).out)
    assert data["rows"]["groups"] == 21
    assert data["attempts"] == {"done": 21}
    assert data["orders"] == [1, 24]
    assert data["bytes_in_all"] == sum(p.stat().st_size for p in small.glob("*.parquet"))
    text = plrep("catalog", "info", "--catalog", str(small)).out
    assert "21, of orders 1 to 24" in text
    assert "bytes per group" in text


def test_tables(plrep):
    out = plrep("catalog", "tables").out
    for table in TABLES:
        for column in table.columns:
            assert column.name in out
    assert max(map(len, out.splitlines())) <= 100
    data = json.loads(plrep("catalog", "tables", "edges", "--json").out)
    assert [t["name"] for t in data["tables"]] == ["edges"]
    assert plrep("catalog", "tables", "edge").status == 2


def test_verify(plrep, small, tmp_path):
    outcome = plrep("catalog", "verify", "--sample", "0", "--catalog", str(small))
    assert outcome.status == 0
    assert "class equation" in outcome.out
    assert outcome.out.splitlines()[-1].endswith("all hold")
    assert plrep("catalog", "verify", "--catalog", str(small)).status == 2  # offline
    assert plrep("catalog", "verify", "--sample", "-1", "--catalog", str(small)).status == 2
    broken = tmp_path / "broken"
    shutil.copytree(small, broken)
    table = pq.read_table(broken / "modules.parquet")
    degrees = table.column("degree").to_numpy() + 1
    place = table.column_names.index("degree")
    pq.write_table(
        table.set_column(place, table.schema.field(place), [degrees]), broken / "modules.parquet"
    )
    outcome = plrep("catalog", "verify", "--sample", "0", "--catalog", str(broken))
    assert outcome.status == 2
    assert "modules.parquet is not a readable catalog: it is damaged" in outcome.err
    options = ("--sample", "0", "--unchecked", "--catalog", str(broken))
    outcome = plrep("catalog", "verify", *options)
    assert outcome.status == 4
    assert "BROKEN" in outcome.out
    assert "such as SmallGroup(1,1)" in outcome.out


@pytest.mark.slow
def test_a_catalog_without_sums_is_read_at_request_and_sealed(plrep, small, tmp_path):
    old = tmp_path / "old"
    shutil.copytree(small, old)
    (old / "SHA256SUMS").unlink()
    question = ("find", "order == 8", "--columns", "group", "--catalog", str(old))
    outcome = plrep(*question)
    assert outcome.status == 2
    command = f"plrep catalog seal --catalog {old}"
    assert outcome.err.strip().endswith(command)
    assert "5 rows" in plrep(*question, "--unchecked").out
    assert plrep("catalog", "info", "--unchecked", "--catalog", str(old)).status == 0
    outcome = plrep(*command.split()[1:])
    assert outcome.status == 0
    assert outcome.out.splitlines()[-1].strip() == f"written: SHA256SUMS of {len(STORED) + 1} files"
    assert "5 rows" in plrep(*question).out
    assert json.loads(plrep(*command.split()[1:], "--json").out)["broken"] == 0
    assert "needs --catalog" in plrep("catalog", "seal").err


@pytest.mark.slow
def test_verify_with_a_sample(plrep_gap, small):
    outcome = plrep_gap("catalog", "verify", "--sample", "1", "--json", "--catalog", str(small))
    assert (outcome.status, outcome.err) == (0, "")
    data = json.loads(outcome.out)
    assert data["broken"] == 0
    assert "derived again with GAP" in data["checks"][-1]["name"]
