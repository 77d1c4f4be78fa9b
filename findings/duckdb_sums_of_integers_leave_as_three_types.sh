#!/usr/bin/env bash
# Expected: a sum of a column of integers (regions of an arrangement, say) leaves DuckDB as an integer,
#   exactly, whichever way it goes: DuckDB itself computes it exactly.
# Real: the type of sum() over integers is HUGEINT, of 128 bits, also where every sum fits in 64. Into
#   a Parquet file it goes as DOUBLE, to NumPy as float64, both rounded beyond 2^53 without a word;
#   to Arrow as decimal128(38, 0), exact. So two counts that differ by 1 are equal in the file, and
#   DuckDB, reading its own file, sees doubles. max(), count() and a cast to BIGINT stay integers.
#   A column that is HUGEINT itself is treated in the same way.
# Packages: duckdb 2.0.1, pyarrow 26.0.1, numpy 2.3.5. Date: 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  duckdb==2.0.1 pyarrow==26.0.1 numpy==2.3.5

"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

file = Path(sys.argv[1]) / "counts.parquet"
connection = duckdb.connect()
connection.sql(
    "create table counts as select * from (values"
    " ('A', 9007199254740990), ('A', 2), ('B', 9007199254740990), ('B', 3)) as t(name, regions)"
)
query = (
    "select name, sum(regions) as total, max(regions) as largest, sum(regions)::BIGINT as cast_total"
    " from counts group by name order by name"
)
print("duckdb", duckdb.__version__)
inside = [row[1] for row in connection.sql(query).fetchall()]
print("types inside:", [str(t) for t in connection.sql(query).types])
print("to Python:", inside)
connection.sql(f"copy ({query}) to '{file}'")
written = pq.read_table(file)
print("in Parquet:", {f.name: str(f.type) for f in written.schema}, written["total"].to_pylist())
array = connection.sql(query).fetchnumpy()["total"]
print("to NumPy:", array.dtype, [int(x) for x in array])
arrow = connection.sql(query).to_arrow_table()["total"]
print("to Arrow:", arrow.type, [int(x) for x in arrow.to_pylist()])
question = f"select count(distinct total), any_value(typeof(total)) from '{file}'"
again = connection.sql(question).fetchall()
print("different totals, and their type, read again:", again)

exact = [9007199254740992, 9007199254740993]
assert inside == exact == [int(x) for x in arrow.to_pylist()]
assert str(written.schema.field("total").type) == "double"
assert str(written.schema.field("largest").type) == "int64"
assert written["cast_total"].to_pylist() == exact
assert array.dtype == "float64" and array[0] == array[1]
assert again == [(1, "DOUBLE")]
PYTHON
