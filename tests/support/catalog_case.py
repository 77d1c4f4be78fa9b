"""A small real catalog on disk: the rows of some groups, written table by table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa

import toolkit as tk
from toolkit.catalog.files.arrow import arrow_schema, arrow_table
from toolkit.catalog.files.checksums import write_checksums
from toolkit.catalog.files.compaction import stored_tables, write_parquet
from toolkit.catalog.files.layout import STORED
from toolkit.catalog.plan import Plan
from toolkit.catalog.rows.group import Modules, rows_of_group
from toolkit.catalog.schema import SCHEMA_VERSION, TABLES, table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from toolkit.catalog.schema import Table

#: All groups of these orders, and some more.
ORDERS = {1: 1, 2: 1, 3: 1, 4: 2, 5: 1, 6: 2, 8: 5, 12: 5}
MORE = ((16, 9), (24, 3), (24, 12))
ACTIVATIONS = ("abs", "relu", "tanh")


def write_catalog(folder: Path, modules: str = "transitive:24") -> Path:
    """Write the catalog of some small groups and return its folder."""
    pairs = [(n, i) for n, k in ORDERS.items() for i in range(1, k + 1)]
    pairs += MORE
    rows: dict[str, list[pa.Table]] = {t.name: [] for t in TABLES}
    for number, (n, i) in enumerate(pairs):
        name = f"SmallGroup({n},{i})"
        found = rows_of_group(tk.group(name), Modules.parse(modules), ACTIVATIONS)
        for kind, blocks in found.items():
            rows[kind].append(arrow_table(table(kind), blocks, "key"))
        attempt = {
            "group": name,
            "order": n,
            "number": i,
            "status": "done",
            "reason": None,
            "seconds": 0.25,
            "gap_seconds": 0.125,
            "worker": str(number % 2),
            "provenance": "key",
        }
        rows["attempts"].append(pa.Table.from_pylist([attempt], arrow_schema(table("attempts"))))
    made = {
        "provenance": "key",
        "schema": SCHEMA_VERSION,
        "toolkit_version": tk.__version__,
        "gap_version": "4",
        "packages": ["smallgrp 1"],
        "script_hash": "hash",
    }
    rows["provenance"].append(pa.Table.from_pylist([made], arrow_schema(table("provenance"))))
    folder.mkdir(parents=True, exist_ok=True)

    def sources(of: Table) -> list[list[Callable[[], pa.Table]]]:
        return [[lambda: pa.concat_tables(rows[of.name])]]

    names = [f"SmallGroup({n},{i})" for n, i in pairs]
    for of, pieces in stored_tables(sources, names):
        write_parquet(of, pieces, folder / f"{of.name}.parquet")
    manifest = {
        "schema": SCHEMA_VERSION,
        "kind": "plrep catalog",
        "plan": Plan.of(
            list(ORDERS), [f"SmallGroup({n},{i})" for n, i in MORE], modules, ACTIVATIONS
        ).to_json(),
    }
    (folder / "catalog.json").write_text(json.dumps(manifest))
    resealed(folder)
    return folder


def resealed(folder: Path) -> Path:
    """Give the files of a changed catalog the checksums that they have now."""
    write_checksums(folder, [t.name for t in STORED])
    return folder
