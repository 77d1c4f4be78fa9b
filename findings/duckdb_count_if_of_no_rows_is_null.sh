#!/usr/bin/env bash
# Expected: count_if(condition) is a count, as count(*) FILTER (WHERE condition) is, so over no rows
#   it is 0: how many graphs of a family have a loop, where the family has no graphs.
# Real: it is NULL over no rows, and over rows that a FILTER leaves out, as a sum is, and HUGEINT by
#   type, where a count is BIGINT. So "count_if(...) = 0" does not hold where nothing was found, a
#   HAVING or WHERE on it drops the row without a word, and Python gets None in a column of numbers.
# Packages: duckdb 2.0.1. Date: 2026-12-02.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.1

"$folder/venv/bin/python" - <<'PYTHON'
import duckdb

print("duckdb", duckdb.__version__)
connection = duckdb.connect()
connection.sql(
    "create table graphs as select * from (values ('cyclic', 3, 1), ('cyclic', 4, 0),"
    " ('dihedral', 5, 2)) as t(family, nodes, loops)"
)


def both(rest):
    found = connection.sql(
        f"select count_if(loops > 0), count(*) filter (where loops > 0) from graphs {rest}"
    )
    return found.fetchall()[0], [str(t) for t in found.types]


some, kinds = both("where family = 'cyclic'")
none, _ = both("where family = 'alternating'")
print("cyclic:", some, kinds)
print("alternating, no rows:", none)
loopless = {
    name: connection.sql(
        f"select count(*) from (select {count} as k from graphs where family = 'alternating')"
        " where k = 0"
    ).fetchall()[0][0]
    for name, count in (
        ("count_if", "count_if(loops > 0)"),
        ("count filter", "count(*) filter (where loops > 0)"),
    )
}
print("rows whose count is 0:", loopless)
grouped = connection.sql(
    "select family, count_if(loops > 0) filter (where nodes > 4) from graphs group by 1 order by 1"
).fetchall()
print("with a filter of its own:", grouped)

assert some == (1, 1) and kinds == ["HUGEINT", "BIGINT"]
assert none == (None, 0)
assert loopless == {"count_if": 0, "count filter": 1}
assert grouped == [("cyclic", None), ("dihedral", 1)]
print("count_if over no rows is NULL: as described")
PYTHON
