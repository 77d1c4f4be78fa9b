r"""The Fourier basis of any real representation, into the same models as permutation modules have.

Let V be a representation by matrices rho(g) that keep an inner product Q = S^T S. Then S rho S^-1
is orthogonal, and for each simple L with its fixed model rho_L the maps Hom_G(L, V) are found by
averaging (:mod:`toolkit.modules.fourier.averages`): m_L dim D of them, which are m_L copies of L,
orthogonal over D = End(L). Their transposes are the rows of an orthogonal matrix B', and B = B' S
has B rho(g) = (sum of rho_L(g) x 1) B. Hom_G(V, W) then is the space of B_W^-1 (sum of 1 x W_L)
B_V, for permutation modules among V and W as for others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from toolkit.cached import cached_property
from toolkit.errors import InconsistentAnswerError
from toolkit.modules.fourier.adapted import (
    SPREAD,
    TOLERANCE,
    AdaptedBasis,
    Certificate,
    FourierSimple,
    placed_simples,
)
from toolkit.modules.fourier.averages import RandomElements, chosen_copies, intertwiners
from toolkit.modules.fourier.copies import END_UNITS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from toolkit.groups.character_table import RealType


@dataclass(frozen=True, eq=False)
class LinearBasis(AdaptedBasis):
    """A real basis of a representation adapted to the simples, with its inverse and certificate.

    Parameters
    ----------
    group, module
        Names.
    simples
        The simples that occur, in canonical order.
    matrix, inverse
        ``(n, n)`` float64: B and B^-1, which is B^T if the representation is orthogonal.
    models
        Per label the orthogonal matrices rho_L(g) of the generators, ``(generators, d, d)``: those
        of the permutation modules of the group.
    certificate
        Measured when the basis was made.

    Examples
    --------
    >>> import toolkit as tk
    >>> G = tk.group("S3")
    >>> basis = tk.fourier_basis(G.simple_module("L2") * G.natural_module())
    >>> [(s.label, s.multiplicity) for s in basis.simples], basis.certificate.worst < 1e-13
    ([('L0', 1), ('L1', 1), ('L2', 2)], True)
    """

    group: str
    module: str
    simples: tuple[FourierSimple, ...]
    matrix: NDArray[np.float64]
    inverse: NDArray[np.float64]
    models: dict[str, NDArray[np.float64]]
    certificate: Certificate

    @property
    def degree(self) -> int:
        """Dimension of the module."""
        return len(self.matrix)

    @cached_property
    def is_orthogonal(self) -> bool:
        """Whether the inverse is the transposed matrix, to rounding."""
        return bool(np.abs(self.inverse - self.matrix.T).max(initial=0.0) < 1e-9)

    def analyse(self, functions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the coordinates B f of columns ``(n, b)``."""
        return self.matrix @ functions

    def synthesise(self, coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the columns B^-1 c of coordinates ``(n, b)``."""
        return self.inverse @ coordinates


def linear_basis(
    group: str,
    module: str,
    matrices: NDArray[np.float64],
    root: NDArray[np.float64] | None,
    simples: Sequence[tuple[str, int, RealType, int]],
    models: Mapping[str, NDArray[np.float64]],
) -> LinearBasis:
    """Compute the Fourier basis of a representation.

    Parameters
    ----------
    group, module
        Names.
    matrices
        ``(k, n, n)`` the generators, acting on columns.
    root
        S with S^T S an invariant inner product; ``None`` if the matrices are orthogonal.
    simples
        Label, dimension, type and multiplicity of each simple that occurs, in canonical order.
    models
        Per label the orthogonal matrices of the generators.

    Raises
    ------
    InconsistentAnswerError
        If the multiplicities are not those of the matrices, or the basis misses its certificate:
        1e-12 times the square root of the degree times the condition of S.

    Notes
    -----
    Some hundred products of O(n^2 dim L) for each copy of each simple. Floating point; what is
    discrete (dimensions, types, multiplicities) is given exactly and is checked.
    """
    n = matrices.shape[-1]
    placed = placed_simples(list(simples))
    total = sum(s.multiplicity * s.dimension for s in placed)
    if total != n:
        raise InconsistentAnswerError(
            group, f"simples that fill the {n} dimensions of {module}", str(total)
        )
    straight: NDArray[Any] = matrices
    if root is not None:
        straight = root @ matrices @ np.linalg.inv(root)
        u, _, vt = np.linalg.svd(straight)
        straight = u @ vt
    own = {s.label: models[s.label] for s in placed}
    elements = RandomElements([straight, *own.values()])
    rows = []
    for place, s in enumerate(placed, start=1):
        maps = intertwiners(
            f"{group}, {s.label} in {module}",
            straight,
            own[s.label],
            s.multiplicity * s.endomorphism_dimension,
            elements,
            (0, place),
        )
        units = END_UNITS[s.type]
        spread = np.array([np.kron(np.eye(s.positions), unit) for unit in units])
        rows.append(chosen_copies(maps, spread, s.multiplicity).reshape(-1, n))
    matrix = np.concatenate(rows) if rows else np.empty((0, n))
    matrix = 1.5 * matrix - 0.5 * (matrix @ matrix.T) @ matrix
    inverse: NDArray[Any] = matrix.T
    if root is not None:
        inverse = np.linalg.solve(root, matrix.T)
        matrix = matrix @ root
    return certified(group, module, placed, matrix, inverse, own, matrices)


def certified(
    group: str,
    module: str,
    simples: tuple[FourierSimple, ...],
    matrix: NDArray[np.float64],
    inverse: NDArray[np.float64],
    models: dict[str, NDArray[np.float64]],
    matrices: NDArray[np.float64],
) -> LinearBasis:
    """Return the basis with its certificate.

    Raises
    ------
    InconsistentAnswerError
        If it is further from its laws than rounding explains.
    """
    n = len(matrix)
    orthogonality = float(np.abs(matrix @ inverse - np.eye(n)).max(initial=0.0))
    worst = 0.0
    for g, rho in enumerate(matrices):
        moved = matrix @ rho @ inverse
        for s in simples:
            block = moved[s.rows, s.rows].reshape(
                s.multiplicity, s.dimension, s.multiplicity, s.dimension
            )
            copies = np.arange(s.multiplicity)
            block[copies, :, copies, :] -= models[s.label][g]
        worst = max(worst, float(np.abs(moved).max(initial=0.0)))
    condition = float(np.linalg.norm(matrix, 2) * np.linalg.norm(inverse, 2)) if n else 1.0
    allowed = TOLERANCE * max(1.0, np.sqrt(n)) * condition
    if not max(orthogonality, worst) <= allowed:
        raise InconsistentAnswerError(
            group,
            f"a Fourier basis of {module} with deviations below {allowed:.1e}",
            f"{orthogonality:.1e} of the inverse, {worst:.1e} from equivariance",
        )
    for array in (matrix, inverse):
        array.flags.writeable = False
    return LinearBasis(
        group, module, simples, matrix, inverse, models, Certificate(orthogonality, worst)
    )


def sum_of_bases(module: str, parts: Sequence[AdaptedBasis], order: Sequence[str]) -> LinearBasis:
    """Return the basis of a direct sum, whose coordinates are those of the parts in their order.

    Parameters
    ----------
    module
        Name of the sum.
    parts
        The parts' bases.
    order
        The labels of all simples in canonical order. Copies are those of the first part, then of
        the second, and so on.
    """
    found: dict[str, tuple[str, int, RealType, int]] = {}
    models: dict[str, NDArray[np.float64]] = {}
    spread = 0.0
    for part in parts:
        for s in part.simples:
            m = found[s.label][3] if s.label in found else 0
            found[s.label] = (s.label, s.dimension, s.type, m + s.multiplicity)
            known = models.setdefault(s.label, part.models[s.label])
            spread = max(spread, float(np.abs(known - part.models[s.label]).max(initial=0.0)))
    if spread > SPREAD:
        raise InconsistentAnswerError(
            parts[0].group,
            f"the same matrices of every simple in all parts of {module}",
            f"matrices that differ by {spread:.1e}",
        )
    placed = placed_simples([found[label] for label in order if label in found])
    starts = {s.label: s.start for s in placed}
    n = sum(part.degree for part in parts)
    matrix, inverse = np.zeros((n, n)), np.zeros((n, n))
    at = 0
    for part in parts:
        columns = slice(at, at + part.degree)
        for s in part.simples:
            start = starts[s.label]
            rows = slice(start, start + s.multiplicity * s.dimension)
            matrix[rows, columns] = part.matrix[s.rows]
            inverse[columns, rows] = part.inverse[:, s.rows]
            starts[s.label] = rows.stop
        at += part.degree
    for array in (matrix, inverse):
        array.flags.writeable = False
    certificate = Certificate(
        max(p.certificate.orthogonality for p in parts),
        max(spread, *(p.certificate.equivariance for p in parts)),
    )
    ordered = {s.label: models[s.label] for s in placed}
    return LinearBasis(parts[0].group, module, placed, matrix, inverse, ordered, certificate)
