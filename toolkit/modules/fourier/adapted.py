"""The interface of every Fourier basis, for any kind of module."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.cached import cached_property
from toolkit.display import PrintedTable
from toolkit.groups.character_table import ENDOMORPHISM_DIMENSIONS, RealType

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: The largest deviation that a certificate may have, per square root of the degree.
TOLERANCE = 1e-12

#: How far the matrices of one simple may be apart in two modules.
SPREAD = 1e-10


@dataclass(frozen=True)
class FourierSimple:
    """A simple in a Fourier basis, and where its rows are.

    Parameters
    ----------
    label, dimension, type, multiplicity
        Of L in the module.
    start
        First row; there are ``multiplicity * dimension`` of them.
    """

    label: str
    dimension: int
    type: RealType
    multiplicity: int
    start: int

    @property
    def endomorphism_dimension(self) -> int:
        """Dim D: 1, 2 or 4."""
        return ENDOMORPHISM_DIMENSIONS[self.type]

    @property
    def positions(self) -> int:
        """Dim L / dim D: the dimension of L over D."""
        return self.dimension // self.endomorphism_dimension

    @property
    def rows(self) -> slice:
        """The rows of all copies."""
        return slice(self.start, self.start + self.multiplicity * self.dimension)


@dataclass(frozen=True)
class Certificate:
    """How far a computed basis is from its two laws: largest entries of two differences.

    Parameters
    ----------
    orthogonality
        Of B B^T - 1; of a linear module whose matrices are not orthogonal, of the inverse: of
        B B^-1 - 1.
    equivariance
        Of B g - (sum of rho_L(g) x 1) B over the generators g.
    """

    orthogonality: float
    equivariance: float

    @property
    def worst(self) -> float:
        """The larger of the two."""
        return max(self.orthogonality, self.equivariance)


class AdaptedBasis(PrintedTable, ABC):
    """Coordinates of a module in which the group acts by the same matrices everywhere.

    The matrix B goes from the module's own coordinates to the sum over the simples L of m_L copies
    of L, with B g = (sum of rho_L(g) x 1) B for every g. Rows are numbered by simple, copy,
    position, component. :class:`~toolkit.modules.fourier.basis.FourierBasis` belongs to (signed)
    permutation modules, :class:`~toolkit.modules.fourier.linear_basis.LinearBasis` to any real
    representation.
    """

    if TYPE_CHECKING:  # fields of dataclasses

        @property
        def group(self) -> str:
            """Name of the group."""

        @property
        def module(self) -> str:
            """Name of the module."""

        @property
        def simples(self) -> tuple[FourierSimple, ...]:
            """The simples that occur, in canonical order."""

        @property
        def certificate(self) -> Certificate:
            """Measured when the basis was made."""

        @property
        def degree(self) -> int:
            """Dimension of the module."""

        @property
        def matrix(self) -> NDArray[np.float64]:
            """``(n, n)`` float64: B."""

        @property
        def inverse(self) -> NDArray[np.float64]:
            """``(n, n)`` float64: B^-1; B^T where B is orthogonal."""

        @property
        def is_orthogonal(self) -> bool:
            """Whether the rows are orthonormal, to rounding: B^-1 is B^T."""

        @property
        def models(self) -> dict[str, NDArray[np.float64]]:
            """Per label the orthogonal matrices rho_L(g) of the generators, ``(k, d, d)``."""

    @abstractmethod
    def analyse(self, functions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the coordinates B f of columns ``(n, b)``."""

    @abstractmethod
    def synthesise(self, coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the columns B^-1 c of coordinates ``(n, b)``."""

    def simple(self, label: str) -> FourierSimple:
        """Return the simple with this label; KeyError if it does not occur."""
        for simple in self.simples:
            if simple.label == label:
                return simple
        known = ", ".join(s.label for s in self.simples)
        raise KeyError(f"the simples in {self.module} are {known}, not {label!r}")

    @cached_property
    def row_labels(self) -> tuple[tuple[str, int, int], ...]:
        """Per row of the matrix (simple, 0-based copy, 0-based index within the simple)."""
        return tuple(
            (s.label, copy, i)
            for s in self.simples
            for copy in range(s.multiplicity)
            for i in range(s.dimension)
        )

    def energies(self, functions: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Return per simple the squared norm ``(b,)`` of the coordinates of columns ``(n, b)``."""
        coordinates = self.analyse(functions)
        return {s.label: (coordinates[s.rows] ** 2).sum(axis=0) for s in self.simples}


def placed_simples(
    simples: list[tuple[str, int, RealType, int]],
) -> tuple[FourierSimple, ...]:
    """Return simples, given by label, dimension, type and multiplicity, one after the other.

    Examples
    --------
    >>> [s.start for s in placed_simples([("L0", 1, "R", 2), ("L2", 2, "R", 1)])]
    [0, 2]
    """
    out = []
    start = 0
    for label, dimension, kind, multiplicity in simples:
        out.append(FourierSimple(label, dimension, kind, multiplicity, start))
        start += dimension * multiplicity
    return tuple(out)
