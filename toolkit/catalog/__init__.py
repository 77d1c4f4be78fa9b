"""Catalogs of many groups: sweeps that make them, their tables, and questions to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.lazy import lazy_face

if TYPE_CHECKING:
    from toolkit.catalog.catalog import Catalog, open
    from toolkit.catalog.graphs.classes import GraphClass, GraphClasses
    from toolkit.catalog.query.results import Rows
    from toolkit.catalog.sweeps.estimates import SweepEstimate, estimate_sweep
    from toolkit.catalog.sweeps.pace import SweepProgress
    from toolkit.catalog.sweeps.sweep import SweepReport, SweepStopped, sweep

__all__ = [
    "Catalog",
    "GraphClass",
    "GraphClasses",
    "Rows",
    "SweepEstimate",
    "SweepProgress",
    "SweepReport",
    "SweepStopped",
    "estimate_sweep",
    "open",
    "sweep",
]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "catalog": "Catalog open",
        "graphs.classes": "GraphClass GraphClasses",
        "query.results": "Rows",
        "sweeps.estimates": "SweepEstimate estimate_sweep",
        "sweeps.pace": "SweepProgress",
        "sweeps.sweep": "SweepReport SweepStopped sweep",
    },
)
