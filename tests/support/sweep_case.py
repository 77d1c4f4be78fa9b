"""What tests of sweeps share: the bytes of a catalog, its rows, and a plan that is quick."""

from __future__ import annotations

import pyarrow.parquet as pq

from toolkit.catalog.schema import TABLES

QUICK = {"activations": ["relu", "tanh"], "modules": "transitive:8"}


def results(folder):
    """Return, per table that is a result, the bytes of its file."""
    return {t.name: (folder / f"{t.name}.parquet").read_bytes() for t in TABLES if not t.machine}


def rows(folder, name, *columns):
    table = pq.read_table(folder / f"{name}.parquet", columns=list(columns) or None)
    found = table.to_pylist()
    return [tuple(r.values()) for r in found] if columns else found


def names(folder, status="done"):
    return [g for g, s in rows(folder, "attempts", "group", "status") if s == status]
