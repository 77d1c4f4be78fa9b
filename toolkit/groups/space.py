"""The matrices by which the generators of a group act on a space that came with the group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.exact.cyclotomic import Cyclotomic

ExactMatrices: TypeAlias = "tuple[tuple[tuple[Cyclotomic, ...], ...], ...]"
"""Per generator its matrix, row by row, with real exact entries."""


@dataclass(frozen=True, eq=False)
class SpaceMatrices:
    """Real matrices, one for each generator of a group, in the order of the generators.

    Vectors are rows and matrices stand at their right, as in GAP: where the group acts on points
    with coordinates, the row of point x times ``matrices[g]`` is the row of the point x^g. The
    matrix of a product g h, g first, is the product of the matrices of g and h in this order.

    Parameters
    ----------
    matrices
        ``(k, d, d)`` float64.
    exact
        The same matrices with exact entries, or ``None`` if they are known as floats only.
    residual
        0 for exact matrices. For floats the largest distance, in any coordinate, between the image
        of a vector or point of the group's action and the vector or point that it stands for.

    Examples
    --------
    >>> from toolkit.exact.cyclotomic import Cyclotomic
    >>> turn = ((Cyclotomic.from_int(0), Cyclotomic.from_int(1)),
    ...         (Cyclotomic.from_int(-1), Cyclotomic.from_int(0)))
    >>> found = SpaceMatrices.of_exact((turn,))
    >>> found.dimension, found.residual, found.matrices.tolist()
    (2, 0.0, [[[0.0, 1.0], [-1.0, 0.0]]])
    """

    matrices: NDArray[np.float64]
    exact: ExactMatrices | None = None
    residual: float = 0.0

    @classmethod
    def of_exact(cls, exact: ExactMatrices, dimension: int | None = None) -> SpaceMatrices:
        """Return the record of exact matrices; a group without generators needs the dimension."""
        d = len(exact[0]) if exact else dimension or 0
        numbers = [[[x.to_float() for x in row] for row in matrix] for matrix in exact]
        return cls(np.array(numbers, dtype=np.float64).reshape(len(exact), d, d), exact)

    @classmethod
    def of_floats(
        cls, matrices: NDArray[Any] | Sequence[Any], residual: float = 0.0
    ) -> SpaceMatrices:
        """Return the record of matrices that are known as floats only."""
        return cls(np.array(matrices, dtype=np.float64), None, residual)

    @property
    def dimension(self) -> int:
        """Dimension of the space."""
        return int(self.matrices.shape[-1])
