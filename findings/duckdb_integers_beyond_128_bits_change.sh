#!/usr/bin/env bash
# Expected: an integer literal is that integer, with underscores between its digits or without, and
#   what is fetched as Arrow is what DuckDB itself prints.
# Real: 2^127 to 2^128 - 1 are of type UHUGEINT, which goes to Arrow as decimal128(38, 0) with the bits
#   read as signed: 2^127 arrives as -2^127, and 2^128 - 1 as -1, without a word. fetchall() is right.
#   A literal that is too large for HUGEINT and has underscores becomes a DOUBLE, for whose exponent
#   the underscores count as digits: 10^42 in groups of three is 1e+49, while without
#   them it is exact, a BIGNUM.
# Packages: duckdb 2.0.1, pyarrow 26.0.1. Date: 2026-12-01.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.1 pyarrow==26.0.1

"$folder/venv/bin/python" - <<'PYTHON'
import duckdb

connection = duckdb.connect()
for number in (2**127 - 1, 2**127, 2**128 - 1):
    relation = connection.sql(f"select {number} as x")
    arrow = int(relation.to_arrow_reader().read_all().column(0).to_pylist()[0])
    print(relation.types[0], number, "fetched:", relation.fetchall()[0][0], "as Arrow:", arrow)
    assert relation.fetchall()[0][0] == number
    assert (arrow == number) is (number < 2**127)

for digits in ("1" + "_000" * 14, "9" * 39 + "_0"):
    right = int(digits)
    relation = connection.sql(f"select {digits} as x")
    found = relation.fetchall()[0][0]
    print(relation.types[0], digits, "is read as", found, "and is", f"{right:.3g}")
    assert str(relation.types[0]) == "DOUBLE"
    assert abs(found / right - 1) > 0.5
    assert int(connection.sql(f"select cast({right} as varchar)").fetchall()[0][0]) == right
PYTHON
