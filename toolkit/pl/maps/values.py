"""What a map between simples is made of, and what it is asked for: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from toolkit.pl.arrangements.regions import Certainty, RegionOrbit

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.pl.maps.pl_map import PLMap

__all__ = ["Bound", "LinearPiece", "Painter", "Simple"]


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
    """

    label: str
    dimension: int
    models: NDArray[np.float64]


@dataclass(frozen=True)
class Bound:
    """A number and how it is known.

    Parameters
    ----------
    value
        The number.
    certainty
        ``"exact"`` (up to rounding of float64), ``"numerical"`` (the pieces of the activation were
        measured) or ``"upper bound"``.

    Examples
    --------
    >>> print(Bound(0.5, "upper bound"))
    0.5 (upper bound)
    """

    value: float
    certainty: Certainty

    def __float__(self) -> float:
        """Return the number."""
        return self.value

    def __str__(self) -> str:
        return f"{self.value:.6g} ({self.certainty})"


@dataclass(frozen=True, eq=False)
class LinearPiece:
    """What the map is on one orbit of regions: v -> matrix v + constant.

    Parameters
    ----------
    region
        A region of the orbit: a point inside, the orbit's size, the sides of the hyperplanes.
    matrix
        ``(e, d)``. At g times the point it is rho_K(g) matrix rho_L(g)^-1.
    constant
        ``(e,)``, 0 if the activation is a|t| + bt. At g times the point it is rho_K(g) constant.
    """

    region: RegionOrbit
    matrix: NDArray[np.float64]
    constant: NDArray[np.float64]

    @property
    def size(self) -> int:
        """How many regions the orbit has."""
        return self.region.size


class Painter(Protocol):
    """What draws a map: pictures are made in another room and handed in."""

    def __call__(self, phi: PLMap, path: str | Path | None, kind: str) -> Any:  # noqa: ANN401
        """Draw the map, into a file unless ``path`` is ``None``."""
