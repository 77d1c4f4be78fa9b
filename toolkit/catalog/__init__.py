"""Catalogs of many groups: sweeps that make them, their tables, and queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.lazy import lazy_face

if TYPE_CHECKING:
    from toolkit.catalog.catalog import Catalog, open
    from toolkit.catalog.character_tables import TableClass
    from toolkit.catalog.graphs.classes import GraphClass, GraphClasses
    from toolkit.catalog.graphs.gassmann import (
        GassmannPair,
        gassmann_pairs,
        gassmann_pairs_of_catalog,
    )
    from toolkit.catalog.query.results import Rows
    from toolkit.catalog.sweeps.estimates import SweepEstimate, estimate_sweep
    from toolkit.catalog.sweeps.pace import SweepProgress
    from toolkit.catalog.sweeps.sweep import SweepReport, SweepStopped, sweep

__all__ = [
    "Catalog",
    "GassmannPair",
    "GraphClass",
    "GraphClasses",
    "Rows",
    "SweepEstimate",
    "SweepProgress",
    "SweepReport",
    "SweepStopped",
    "TableClass",
    "estimate_sweep",
    "gassmann_pairs",
    "gassmann_pairs_of_catalog",
    "open",
    "sweep",
]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "catalog": "Catalog open",
        "character_tables": "TableClass",
        "graphs.classes": "GraphClass GraphClasses",
        "graphs.gassmann": "GassmannPair gassmann_pairs gassmann_pairs_of_catalog",
        "query.results": "Rows",
        "sweeps.estimates": "SweepEstimate estimate_sweep",
        "sweeps.pace": "SweepProgress",
        "sweeps.sweep": "SweepReport SweepStopped sweep",
    },
)
