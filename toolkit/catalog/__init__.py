"""Many groups at once: sweeps, their tables, and questions across groups."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.catalog.catalog import Catalog, open
    from toolkit.catalog.sweeps.sweep import sweep

__all__ = ["Catalog", "open", "sweep"]

# name: the module that has it, imported when it is first asked for
_WHERE = {
    "Catalog": "toolkit.catalog.catalog",
    "open": "toolkit.catalog.catalog",
    "sweep": "toolkit.catalog.sweeps.sweep",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for: pyarrow and Dask are not, until then."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
