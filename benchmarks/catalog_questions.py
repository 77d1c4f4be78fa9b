"""Questions to the catalog, timed, with the memory they take: part of ``make bench``.

python benchmarks/catalog_questions.py [FOLDER]
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq

import toolkit as tk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from toolkit.catalog.catalog import Catalog

REPEATS = 5
AIM = 0.2

QUESTIONS: dict[str, Callable[[Catalog], object]] = {
    "groups with a quaternionic simple that are not solvable": lambda c: c.find(
        "simples_H > 0 and not solvable"
    ),
    "edges of non-abelian groups that keep less than 1 %": lambda c: c.find(
        "source == target and share < 0.01 and not abelian and activation == 'relu'",
        table="edges",
        columns="group, source, share",
        order_by="share",
        limit=20,
    ),
    "edges, loops and shares by order and activation (all edges)": lambda c: c.sql(
        'SELECT "order", activation, count(*) AS edges, count_if(source = target) AS loops, '
        "avg(share) AS share FROM edges WHERE module = 'regular' GROUP BY ALL ORDER BY 1, 2"
    ),
    "which non-trivial simples are sinks under abs": lambda c: c.nontrivial_sinks("abs"),
    "one graph, rebuilt": lambda c: c.graph("SmallGroup(24,12)", "regular", "relu"),
    "the edges of one group, by their place": lambda c: c.rows_of("SmallGroup(24,12)", "edges"),
    "the edges of one group, searched": lambda c: c.find(
        "group == 'SmallGroup(24,12)'", table="edges"
    ),
}
#: The same rows for readers that know nothing of this toolkit: a file and a condition.
_ONE_GROUP = [("order", "==", 24), ("group", "==", "SmallGroup(24,12)")]


def resident() -> float:
    """The most memory so far, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def with_duckdb(path: Path) -> int:
    """Open the file with a new DuckDB and read the contents of one group."""
    with duckdb.connect() as connection:
        question = f'SELECT * FROM read_parquet(\'{path}\') WHERE "order" = ? AND "group" = ?'
        found = connection.sql(question, params=[value for _, _, value in _ONE_GROUP])
        return int(found.to_arrow_table().num_rows)


def with_pyarrow(path: Path) -> int:
    """Open the file with pyarrow and read the contents of one group."""
    return int(pq.read_table(path, filters=_ONE_GROUP).num_rows)


def main(folder: str | None = None) -> None:
    """Print a table."""
    start = time.perf_counter()
    with tk.catalog.open(folder) as catalog:
        opened = time.perf_counter() - start
        sizes = catalog.sizes
        disk = sum(path.stat().st_size for path in catalog.files.values())
        print(f"catalog: {catalog.folder}")
        print(f"  {sizes['groups']} groups, {sum(sizes.values()):,} rows, {disk / 1e6:.1f} MB")
        print(f"  {disk / max(1, sizes['groups']):,.0f} bytes per group; opened in {opened:.3f} s")
        print(f"{'question':62} {'first':>7} {'median':>7} {'peak MB':>8}")
        for name, ask in QUESTIONS.items():
            seconds = []
            for _ in range(REPEATS):
                start = time.perf_counter()
                ask(catalog)
                seconds.append(time.perf_counter() - start)
            median = statistics.median(seconds)
            mark = "" if median < AIM else f"  over {AIM} s"
            print(f"{name:62} {seconds[0]:7.3f} {median:7.3f} {resident():8.0f}{mark}")
        for name, read in (("DuckDB", with_duckdb), ("pyarrow", with_pyarrow)):
            seconds = []
            for _ in range(REPEATS):
                start = time.perf_counter()
                rows = read(catalog.files["contents"])
                seconds.append(time.perf_counter() - start)
            shown = f"contents of one group, {rows} rows, {name} alone"
            print(f"{shown:62} {seconds[0]:7.3f} {statistics.median(seconds):7.3f}")
        start = time.perf_counter()
        classes = catalog.graph_classes()
        took = time.perf_counter() - start
        print(f"{'classes of all regular graphs: ' + str(len(classes)):62} {took:7.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
