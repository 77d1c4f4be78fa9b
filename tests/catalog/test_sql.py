"""SQL: what is asked is answered, and nothing else happens."""

from __future__ import annotations

import os
import threading

import pytest
from processes import PATIENCE

import toolkit as tk
from toolkit.catalog.schema import TABLES
from toolkit.errors import QueryError

pytestmark = pytest.mark.gap


def test_select(catalog):
    rows = catalog.sql(
        """
        WITH small AS (SELECT * FROM groups WHERE "order" <= 8)
        SELECT activation, max(g.edges) AS most, count(*) AS k
        FROM graphs AS g SEMI JOIN small USING ("group")
        WHERE module = 'regular' GROUP BY ALL ORDER BY activation -- a comment
        """
    )
    assert rows.column("activation") == ["abs", "relu", "tanh"]
    assert rows.column("k") == [13, 13, 13]
    assert catalog.sql("FROM groups SELECT count(*) AS k;")[0] == {"k": 21}
    assert catalog.sql("DESCRIBE groups").column("column_name")[0] == "group"


@pytest.mark.parametrize("name", [t.name for t in TABLES])
@pytest.mark.quick_cases(4)
def test_every_table_can_be_read(catalog, name):
    assert len(catalog.sql(f"SELECT * FROM {name}")) == catalog.sizes[name]


@pytest.mark.parametrize(
    "query",
    [
        'SELECT rank() OVER (PARTITION BY "order" ORDER BY simples) FROM groups',
        "SELECT list_transform(abelian_invariants, lambda q: q || '!') FROM groups",
        'SELECT CASE WHEN abelian THEN 1 ELSE 2 END, "order"::VARCHAR FROM groups',
        "SELECT unnest(members), size ** 2 FROM closed_sets WHERE 'L0' IN members",
        "SELECT corr(nodes, edges), quantile_cont(edges, 0.5) FROM graphs",
        "SELECT regexp_extract(\"group\", '([0-9]+),', 1) FROM groups WHERE \"group\" ~ 'Small.*'",
        "SELECT description[1:2], description LIKE 'C%', description GLOB 'C*' FROM groups",
        'SELECT * FROM groups WHERE EXISTS (FROM edges WHERE edges."group" = groups."group")',
        'SELECT "order" FROM groups UNION SELECT degree FROM modules ORDER BY 1',
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 9) FROM r",
        "SELECT string_agg(label, ' ' ORDER BY label), count(DISTINCT type) FROM simples",
        "SELECT * FROM range(5) AS t(i)",
        "SELECT i + 1 FROM (VALUES (1), (2)) AS t(i)",
    ],
)
def test_useful_sql_is_allowed(catalog, query):
    assert len(catalog.sql(query)) > 0


HOSTILE = [
    "COPY groups TO '{here}/out.csv'",
    "COPY (SELECT 1) TO '{here}/out.parquet'",
    "EXPORT DATABASE '{here}/out'",
    "ATTACH '{here}/other.db' AS other",
    "DETACH memory",
    "USE memory",
    "INSTALL httpfs",
    "LOAD httpfs",
    "INSTALL spatial FROM community",
    "SET threads = 1",
    "SET enable_external_access = true",
    "SET GLOBAL memory_limit = '1TB'",
    "RESET lock_configuration",
    "PRAGMA enable_external_access",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "CHECKPOINT",
    "VACUUM",
    "EXPLAIN ANALYZE SELECT 1",
    "BEGIN TRANSACTION",
    "CREATE TABLE t AS SELECT 1",
    "CREATE MACRO m() AS 1",
    "CREATE SECRET (TYPE s3)",
    "DROP VIEW groups",
    "INSERT INTO groups VALUES (1)",
    'UPDATE groups SET "order" = 1',
    "DELETE FROM groups",
    "ALTER VIEW groups RENAME TO g",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP VIEW groups",
    "WITH x AS (DELETE FROM groups RETURNING *) SELECT * FROM x",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('{file}')",
    "SELECT * FROM read_parquet('{file}')",
    "SELECT * FROM parquet_metadata('{file}')",
    "SELECT * FROM parquet_scan('/nosuch/*.parquet')",
    "SELECT * FROM read_json('https://example.com/x.json')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM '{file}'",
    'SELECT * FROM "https://example.com/x.csv"',
    "SELECT * FROM glob('/*')",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('groups')",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_functions()",
    "SELECT * FROM pragma_table_info('groups')",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM pg_catalog.pg_class",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM some_python_variable",
    "SELECT getenv('HOME')",
    "SELECT current_setting('home_directory')",
    "SELECT getvariable('x')",
    "SELECT nextval('x')",
    "SELECT write_log('x')",
    "SELECT sleep_ms(100000)",
    "SELECT pg_sleep(100)",
    "SELECT repeat('x', 4000000000)",
    "SELECT range(2000000000)",
    "SELECT len(generate_series(1, 2000000000))",
    "SELECT * FROM unnest(range(2000000000))",
    "SELECT replace(replace('aaaaaaaaaa', 'a', 'aaaaaaaaaa'), 'a', 'aaaaaaaaaa')",
    "SELECT regexp_replace('a', 'a', 'aa', 'g')",
    "SELECT format('{:2000000000}', 1)",
    "SELECT printf('%2000000000d', 1)",
    "SELECT lpad('x', 2000000000, 'y')",
    "SELECT bar(1, 0, 1, 2000000000)",
    "SELECT x FROM (SELECT repeat('x', 4000000000) AS x)",
    "SELECT * FROM groups WHERE \"order\" < length(repeat('x', 4000000000))",
    "SELECT list_transform([1], lambda x: getenv('HOME'))",
    "SELECT * FROM groups ORDER BY getenv('HOME')",
    "SELECT (SELECT getenv('HOME'))",
    "SELECT sum(1) FILTER (getenv('HOME') = '') FROM groups",
    "SELECT sum(1) OVER (ORDER BY getenv('HOME')) FROM groups",
    "PIVOT groups ON abelian USING count(*)",
    "",
    ";",
    "-- nothing",
    "SELEC 1",
    "SELECT nosuch FROM groups",
    "SELECT group FROM groups",
    "SELECT * FROM grups",
    "SELECT 'a' + 1",
    "SELECT CAST('x' AS INTEGER)",
    "SELECT 1\0",
    "SELECT " + "1 + " * 10_000 + "1",
    "SELECT " + "(" * 5_000 + "1" + ")" * 5_000,
]


@pytest.mark.parametrize("query", HOSTILE, ids=lambda q: q[:40].replace("\0", ""))
@pytest.mark.quick_cases(4)
def test_hostile_sql_is_one_clear_line(catalog, catalog_folder, tmp_path, monkeypatch, query):
    some_python_variable = catalog.find("order == 8").to_arrow()
    assert some_python_variable.num_rows == 5
    monkeypatch.chdir(tmp_path)
    before = {p.name: p.read_bytes() for p in catalog_folder.iterdir()}
    query = query.replace("{here}", str(tmp_path)).replace(
        "{file}", str(catalog_folder / "groups.parquet")
    )
    with pytest.raises(QueryError) as caught:
        catalog.sql(query)
    message = str(caught.value)
    assert "stopped after" not in message  # it was refused, not tried
    assert "it takes more than" not in message
    assert "\n" not in message
    assert len(message) < 600
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - names only
    assert {p.name: p.read_bytes() for p in catalog_folder.iterdir()} == before
    # and the catalog still answers
    assert catalog.sql("SELECT count(*) AS k FROM groups")[0] == {"k": 21}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("COPY groups TO 'x'", "only SELECT is possible, the catalog is read-only"),
        ("SELECT 1; SELECT 2", "one SELECT is required, found 2 statements"),
        ("SELECT * FROM read_csv('/etc/passwd')", "the catalog reads no files"),
        ("SELECT * FROM grups", "did you mean groups"),
        ("SELECT getenv('HOME')", "the function getenv is not among those allowed"),
        ("SELECT nosuch FROM groups", '"nosuch" not found'),
        ("SELECT * FROM groups WHERE order < 5", '"order", with the quotes'),
    ],
)
def test_what_the_line_says(catalog, query, words):
    with pytest.raises(QueryError) as caught:
        catalog.sql(query)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "query",
    [
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n FROM r) SELECT count(*) FROM r",
        "SELECT count(*) FROM range(1000000000) AS a, range(1000000000) AS b WHERE hash(a, b) = 1",
        "SELECT * FROM range(1000000000) AS a(i), range(1000000000) AS b(j)",
        "SELECT list(range) FROM range(10000000000)",
        "SELECT * FROM range(10000000000) ORDER BY hash(range)",
        "SELECT a.share FROM edges a, edges b, edges c, edges d, edges e ORDER BY hash(a.share)",
        "WITH RECURSIVE r AS (SELECT 'a' AS x UNION ALL SELECT x || x FROM r) SELECT * FROM r",
    ],
)
@pytest.mark.quick_cases(2)
def test_what_is_too_large_is_stopped(catalog_folder, monkeypatch, query):
    """By itself each would go on for days, or never end."""
    with tk.catalog.open(catalog_folder, seconds=1.5, megabytes=200) as catalog:
        with pytest.raises(QueryError, match=r"stopped after 1.5 seconds|more than 200 MB|larger"):
            catalog.sql(query)
        monkeypatch.setattr(catalog._engine, "_seconds", PATIENCE)
        assert catalog.sql("SELECT count(*) AS k FROM groups")[0] == {"k": 21}


def test_an_answer_that_is_too_large(catalog_folder):
    with (
        tk.catalog.open(catalog_folder, seconds=PATIENCE, megabytes=100) as catalog,
        pytest.raises(QueryError, match=r"larger than 100 MB; add a limit|more than 100 MB"),
    ):
        catalog.sql("SELECT * FROM range(100000000)")


def test_sums_and_counts_are_integers(catalog):
    row = catalog.sql("SELECT sum(nodes) AS a, count_if(nodes > 1) AS b FROM graphs")[0]
    nodes = catalog.find(None, table="graphs").column("nodes")
    assert row == {"a": sum(nodes), "b": sum(n > 1 for n in nodes)}
    assert {type(value) for value in row.values()} == {int}
    large = catalog.sql("SELECT sum(9223372036854775807) AS a FROM groups")[0]["a"]
    assert large == 21 * (2**63 - 1)


def test_threads_ask_one_after_the_other(catalog):
    found = []

    def ask():
        found.append(catalog.sql("SELECT count(*) AS k FROM edges")[0]["k"])

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [catalog.sizes["edges"]] * 8


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (f"SELECT {2**127} AS x", "the column 'x' has the type UHUGEINT, for integers beyond"),
        (f"SELECT [{2**128 - 1}] AS x", "the column 'x' has the type UHUGEINT"),
        (f"SELECT {2**128} AS x", "the column 'x' has the type BIGNUM, for integers beyond 2^127"),
        (f"SELECT {'9' * 9000} AS x", "the column 'x' has the type BIGNUM"),
        ("SELECT bit '1010' AS x", "the column 'x' has the type BIT, for bit strings"),
        ("SELECT [date 'infinity'] AS x", "the column 'x' has a time outside the years 1 to 9999"),
    ],
)
def test_values_that_cannot_be_handed_on_are_refused(catalog, sql, said):
    """DuckDB hands UHUGEINT to Arrow as a negative number, and BIGNUM and BIT as its own bytes."""
    with pytest.raises(QueryError) as caught:
        catalog.sql(sql)
    assert said in str(caught.value)
    assert str(caught.value).endswith("as a text it is exact: write CAST(... AS VARCHAR)")


def test_the_hint_and_the_largest_integers_are_right(catalog):
    assert catalog.sql(f"SELECT CAST({2**127} AS VARCHAR) AS x")[0] == {"x": str(2**127)}
    assert int(catalog.sql(f"SELECT {2**127 - 1} AS x")[0]["x"]) == 2**127 - 1
    assert catalog.sql("SELECT 1 AS bit, {'BIT': 2} AS b")[0] == {"bit": 1, "b": {"BIT": 2}}


@pytest.mark.parametrize("text", ["SELECT 1 LIMIT " + "(" * 9000, "SELECT " + "[" * 900 + "1"])
def test_deep_brackets_are_refused_before_duckdb_reads_them(catalog, monkeypatch, text):
    """It takes minutes over thousands of them, and cannot be interrupted."""
    monkeypatch.setattr(type(catalog._engine), "_parsed", lambda *_: pytest.fail("it was read"))
    with pytest.raises(QueryError, match="more than 400 brackets stand inside each other"):
        catalog.sql(text)


def test_brackets_in_texts_are_not_counted(catalog):
    assert catalog.sql(f"SELECT '{'(' * 900}' AS x")[0] == {"x": "(" * 900}


def test_long_numbers_with_underscores_are_refused(catalog):
    """DuckDB reads 10^42 with them as 10^49: it counts the underscores as digits."""
    for text in ("1" + "_000" * 14, f"{'9' * 39}_0", f"1.5 + 1{'_000' * 7}"):
        with pytest.raises(QueryError, match="more than 18 digits is written without underscores"):
            catalog.sql(f"SELECT {text} AS x")
    assert catalog.sql("SELECT 1_000_000 AS x_1000, '1_" + "0" * 30 + "' AS y")[0] == {
        "x_1000": 1_000_000,
        "y": "1_" + "0" * 30,
    }
