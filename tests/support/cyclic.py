"""Regular modules of cyclic groups, by frequency."""

from __future__ import annotations

from typing import Any

import toolkit as tk


def regular(n: int) -> Any:
    return tk.group(f"C{n}").regular_module()


def by_frequency(X: Any) -> dict[int, str]:
    return {s.paper_index: s.label for s in X.spherical_table.simples}
