"""What tests of sweeps share: the bytes of a catalog, its rows, and a plan that is quick."""

from __future__ import annotations

import toolkit as tk
from toolkit.catalog.files.layout import STORED

QUICK = {"activations": ["relu", "tanh"], "modules": "transitive:8"}


def results(folder):
    """Return, per stored table that is a result, the bytes of its file."""
    return {t.name: (folder / f"{t.name}.parquet").read_bytes() for t in STORED if not t.machine}


def rows(folder, name, *columns):
    with tk.catalog.open(folder) as catalog:
        found = list(catalog.find(None, name, columns or None))
    return [tuple(r.values()) for r in found] if columns else found


def names(folder, status="done"):
    return [g for g, s in rows(folder, "attempts", "group", "status") if s == status]
