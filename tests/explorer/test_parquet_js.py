"""Parquet files that the page writes, read by pyarrow and DuckDB: equal to the values."""

from __future__ import annotations

import base64
import io
import math
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

#: Writes a file in the browser from columns given as JSON, and hands back its bytes.
WRITE = """async ([columns, rows, metadata]) => {
  const { parquetFile } = await import("./js/catalog/parquet.js");
  const made = columns.map(({ name, type, values }) => ({ name, type, at: (row) => values[row] }));
  const blob = await parquetFile(made, rows, { metadata });
  const reader = new FileReader();
  return new Promise((done) => {
    reader.onload = () => done(reader.result.split(",")[1]);
    reader.readAsDataURL(blob);
  });
}"""

TYPES = {
    "string": pa.string(), "int32": pa.int32(), "int64": pa.int64(), "float64": pa.float64(),
    "bool": pa.bool_(),
}  # fmt: skip


def random_value(draw, kind):
    if kind == "string":
        return draw.choice(
            ["", "C2", "SmallGroup(24,12)", "\u00e9\u4e2d\U0001f600", 'a"b\n,', "x" * 300]
        )
    if kind == "int32":
        return draw.choice([0, 1, -1, 2**31 - 1, -(2**31), draw.randrange(1000)])
    if kind == "int64":
        return draw.choice([0, -1, 2**53 - 1, -(2**53) + 1, draw.randrange(10**12)])
    if kind == "float64":
        return draw.choice([0.0, 0.1, -1e300, 5e-324, 1 / 3, draw.random()])
    if kind == "bool":
        return draw.random() < 0.5
    return [draw.choice(["2", "3", "", "\u00e9"]) for _ in range(draw.randrange(4))]


def written(page, columns, rows, metadata=None):
    given = [{"name": n, "type": t, "values": values} for n, (t, values) in columns.items()]
    return base64.b64decode(page.evaluate(WRITE, [given, rows, metadata or {}]))


@pytest.mark.parametrize(
    ("rows", "missing"), [(0, 0.0), (1, 1.0), (7, 0.0), (1000, 0.3), (1000, 1.0), (20_003, 0.05)]
)
def test_every_value_comes_back(page, tmp_path, rows, missing):
    draw = random.Random(rows)
    columns = {}
    for kind in (*TYPES, "list<string>"):
        for name in (kind[:4], f"{kind[:4]} 2"):
            values = [
                None if draw.random() < missing else random_value(draw, kind) for _ in range(rows)
            ]
            columns[name] = (kind, values)
    data = written(page, columns, rows, {"plrep.find": "order < 5", "plrep.table": "groups"})
    file = pq.ParquetFile(io.BytesIO(data))
    found = file.read()
    assert found.num_rows == rows
    assert found.column_names == list(columns)
    assert file.schema_arrow.metadata[b"plrep.find"] == b"order < 5"
    assert file.num_row_groups == math.ceil(rows / 20_000)
    for name, (kind, values) in columns.items():
        kind_found = found.schema.field(name).type
        if kind in TYPES:
            assert kind_found == TYPES[kind]
        else:
            assert pa.types.is_list(kind_found)
            assert kind_found.value_type == pa.string()
        assert found.column(name).to_pylist() == values, name
    path = tmp_path / "page.parquet"
    path.write_bytes(data)
    import duckdb

    with duckdb.connect() as connection:
        rows_of_duckdb = connection.execute(f"SELECT * FROM read_parquet('{path}')").fetchall()
    assert [list(row) for row in rows_of_duckdb] == [
        list(row) for row in zip(*(v for _, v in columns.values()), strict=True)
    ]


def test_long_names_and_many_columns(page):
    columns = {f"column {i} {'x' * 40}": ("int32", [i]) for i in range(40)}
    found = pq.read_table(io.BytesIO(written(page, columns, 1)))
    assert found.to_pylist() == [{name: values[0] for name, (_, values) in columns.items()}]


@pytest.mark.slow
def test_runs_of_levels_longer_than_a_byte(page):
    values = [None] * 300 + ["a"] * 20_000 + [None] * 17_000 + ["b"]
    found = pq.read_table(io.BytesIO(written(page, {"x": ("string", values)}, len(values))))
    assert found.column("x").to_pylist() == values
    lists = [[]] * 300 + [["a", "b"]] * 9000 + [None] * 40
    found = pq.read_table(io.BytesIO(written(page, {"x": ("list<string>", lists)}, len(lists))))
    assert found.column("x").to_pylist() == lists
