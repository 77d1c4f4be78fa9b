"""The ends of a map: simples as matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Simple:
    """A simple as matrices.

    Parameters
    ----------
    label
        ``"L3"``.
    dimension
        Of it.
    models
        ``(k, d, d)`` the orthogonal matrices of the group's generators.
    copy
        Which copy of it in the module, in words: ``"copy 1 of 2"``, ``"generic copy, of 2"``,
        ``"given vector"``; empty if there is one copy, or for a sum of maps.
    """

    label: str
    dimension: int
    models: NDArray[np.float64]
    copy: str = ""

    @property
    def name(self) -> str:
        """The label, with the copy if a special one was chosen: ``"L2 (copy 1 of 2)"``."""
        special = self.copy and not self.copy.startswith("generic")
        return f"{self.label} ({self.copy})" if special else self.label
