"""Catalogs of many groups: sweeps that make them, their tables, and questions to them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.catalog.catalog import Catalog, open
    from toolkit.catalog.graphs.classes import GraphClass, GraphClasses
    from toolkit.catalog.query.results import Rows
    from toolkit.catalog.sweeps.sweep import SweepReport, SweepStopped, sweep

__all__ = [
    "Catalog",
    "GraphClass",
    "GraphClasses",
    "Rows",
    "SweepReport",
    "SweepStopped",
    "open",
    "sweep",
]

# name: the module that defines it, imported on first use
_WHERE = {
    "Catalog": "catalog",
    "GraphClass": "graphs.classes",
    "GraphClasses": "graphs.classes",
    "Rows": "query.results",
    "SweepReport": "sweeps.sweep",
    "SweepStopped": "sweeps.sweep",
    "open": "catalog",
    "sweep": "sweeps.sweep",
}


def __getattr__(name: str) -> object:
    """Import a public name on first use, so that pyarrow and Dask are imported only then."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
