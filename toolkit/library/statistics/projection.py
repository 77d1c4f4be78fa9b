"""The nearest equivariant map of any matrix: its average over the group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import ModuleMismatchError
from toolkit.library.layers import layer_basis
from toolkit.library.statistics.arrays import constant, floats, means_by_label, namespace
from toolkit.library.statistics.equivariant_map import EquivariantMap
from toolkit.modules.module import common_kind, require_same_group

if TYPE_CHECKING:
    from toolkit.modules.module import Module


def equivariant_part(X: Module, Y: Module, entries: Any, has_channels: bool) -> EquivariantMap:  # noqa: ANN401
    """Return the projection of a matrix ``(|Y|, out, |X|, in)`` to the equivariant maps.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C2").regular_module()
    >>> entries = np.arange(4.0).reshape(2, 1, 2, 1)
    >>> equivariant_part(X, X, entries, False).weights.ravel().tolist()
    [1.5, 1.5]
    """
    require_same_group(X, Y)
    X, Y = common_kind(X, Y)
    m, out, n, into = entries.shape
    basis = layer_basis(X, Y)
    values = entries.swapaxes(1, 2).reshape(m * n, out, into)
    labels = basis.label_matrix.ravel()
    if X.has_signs or Y.has_signs:
        signs = basis.signs.astype(np.float64).reshape(-1, 1, 1)
        values = values * constant(signs, values)
    weights = means_by_label(values, labels, basis.dimension)
    return EquivariantMap(X, Y, into, out, has_channels, weights, entries.reshape(-1)[:0])


@dataclass(frozen=True, eq=False, repr=False)
class HomProjection(EquivariantMap):
    """The equivariant map nearest to a matrix, and how near it is.

    Returned by :func:`toolkit.project_to_hom`.

    Parameters
    ----------
    distance
        The Frobenius norm of the difference.
    share
        The share of the matrix's squared Frobenius norm that the map has; 1 if and only if the
        matrix commutes with the group (1 for the zero matrix).
    """

    distance: Any = None
    share: Any = None


def project_to_hom(X: Module, Y: Module, A: Any) -> HomProjection:  # noqa: ANN401
    r"""Return the equivariant map nearest to a matrix, in the Frobenius norm.

    .. math:: A \mapsto \frac{1}{|G|} \sum_g \rho_Y(g) \, A \, \rho_X(g)^{-1}

    Parameters
    ----------
    X, Y
        Modules of one group.
    A
        ``(|Y| out, |X| in)``: rows and columns by points, then by channels, as the weight of a
        ``torch.nn.Linear`` that is applied to ``x.flatten(-2)``; or ``(|Y|, out, |X|, in)``. The
        numbers of channels are read off. An array or a torch tensor.

    Returns
    -------
    HomProjection
        ``.matrix()`` is the projection, ``.weights`` its coordinates by orbital, ``.distance``
        and ``.share`` say how near it is, ``.to_layer()`` makes a torch layer of it.

    Raises
    ------
    ModuleMismatchError
        If X and Y belong to different groups, or the matrix has another shape.

    Notes
    -----
    O(\|X\| \|Y\| in out): the average over the group is the average over orbitals, on which
    matrices of permutation and signed modules that commute with G are constant; neither a Fourier
    basis nor the group's elements are needed.

    Examples
    --------
    >>> import numpy as np, toolkit as tk
    >>> X = tk.group("C3").regular_module()
    >>> nearest = project_to_hom(X, X, [[1, 0, 0], [0, 1, 0], [0, 0, 4]])
    >>> nearest.matrix().tolist()
    [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]]
    >>> round(float(nearest.distance), 6), round(float(nearest.share), 6)
    (2.44949, 0.666667)
    """
    require_same_group(X, Y)
    given = floats(A, "the matrix")
    entries = _with_channels(X, Y, given)
    found = equivariant_part(X, Y, entries, tuple(given.shape) != (Y.degree, X.degree))
    flat = entries.reshape(Y.degree * found.out_channels, -1)
    distance = ((flat - found.matrix()) ** 2).sum() ** 0.5
    norm = (flat**2).sum()
    xp = namespace(flat)
    share = xp.where(norm > 0, 1 - distance**2 / xp.where(norm > 0, norm, norm + 1), norm + 1)
    return HomProjection(**found.fields, distance=distance, share=share)


def _with_channels(X: Module, Y: Module, A: Any) -> Any:  # noqa: ANN401 - an array or a tensor
    """Return the matrix as ``(|Y|, out, |X|, in)``."""
    shape, (m, n) = tuple(A.shape), (Y.degree, X.degree)
    if len(shape) == 4 and shape[0] == m and shape[2] == n:
        return A
    if len(shape) != 2 or shape[0] % m or shape[1] % n:
        raise ModuleMismatchError(
            f"the matrix must have shape ({m} out, {n} in), points of {Y.name} by points of "
            f"{X.name} and channels, found {shape}"
        )
    return A.reshape(m, shape[0] // m, n, shape[1] // n)
