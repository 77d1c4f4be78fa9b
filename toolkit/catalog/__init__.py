"""Catalogs of many groups: sweeps that make them, their tables, and questions to them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.catalog.catalog import Catalog, open
    from toolkit.catalog.sweeps.sweep import sweep

__all__ = ["Catalog", "open", "sweep"]

# name: the module that defines it, imported on first use
_WHERE = {
    "Catalog": "toolkit.catalog.catalog",
    "open": "toolkit.catalog.catalog",
    "sweep": "toolkit.catalog.sweeps.sweep",
}


def __getattr__(name: str) -> object:
    """Import a public name on first use, so that pyarrow and Dask are imported only then."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
