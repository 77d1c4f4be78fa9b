"""The ends of a map: simples as matrices."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
        ``"given vector"``; empty if there is one copy. For a sum of maps the copies of both, or
        nothing if none is special.
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

    def with_copy_of(self, other: Simple) -> Simple:
        """Return the simple as an end of a sum of two maps.

        Parameters
        ----------
        other
            The same simple, as the end of the other map.

        Examples
        --------
        >>> words = "generic copy, of 2", "copy 1"
        >>> ends = [Simple("L2", 2, np.zeros((0, 2, 2)), copy) for copy in words]
        >>> ends[0].with_copy_of(ends[1]).name, ends[0].with_copy_of(ends[0]).name
        ('L2 (copy 1 + generic copy, of 2)', 'L2')
        """
        words = [c for c in (self.copy, other.copy) if c]
        special = [c for c in words if not c.startswith("generic")]
        rest = [c for c in words if c.startswith("generic")]
        return replace(self, copy=" + ".join([*special, *rest]) if special else "")
