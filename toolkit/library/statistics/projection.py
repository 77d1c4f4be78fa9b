"""The nearest equivariant map of any matrix: its average over the group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import ModuleMismatchError
from toolkit.library.statistics.arrays import (
    constant,
    einsum,
    floats,
    means_by_label,
    namespace,
)
from toolkit.library.statistics.coordinates import fourier_tables_of
from toolkit.library.statistics.equivariant_map import Blocks, EquivariantMap, basis_of
from toolkit.modules.fourier.copies import END_UNITS
from toolkit.modules.kept import kept
from toolkit.modules.module import common_kind, require_same_group
from toolkit.text import label_key

if TYPE_CHECKING:
    from toolkit.modules.module import Module


def equivariant_part(
    X: Module,
    Y: Module,
    entries: Any,  # noqa: ANN401 - an array or a tensor
    has_channels: bool,
    dual: bool = False,
) -> EquivariantMap:
    """Return the average over the group of a matrix ``(|Y|, out, |X|, in)``.

    With ``dual`` it is a map from the dual of X: the group acts by rho A rho^T.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C2").regular_module()
    >>> entries = np.arange(4.0).reshape(2, 1, 2, 1)
    >>> equivariant_part(X, X, entries, False).weights.ravel().tolist()
    [1.5, 1.5]
    """
    require_same_group(X, Y)
    m, out, n, into = entries.shape
    like = entries.reshape(-1)[:0]
    if not (X.has_points and Y.has_points):
        blocks = _blocks(X, Y, entries, dual)
        return EquivariantMap(X, Y, into, out, has_channels, blocks, like, dual)
    X, Y = common_kind(X, Y)
    basis = basis_of(X, Y)
    values = entries.swapaxes(1, 2).reshape(m * n, out, into)
    labels = kept(X, Y, "labels", lambda: basis.label_matrix.ravel())
    if X.has_signs or Y.has_signs:
        signs = basis.signs.astype(np.float64).reshape(-1, 1, 1)
        values = values * constant(signs, values)
    weights = means_by_label(values, labels, basis.dimension)
    return EquivariantMap(X, Y, into, out, has_channels, weights, like, dual)


def _blocks(X: Module, Y: Module, entries: Any, dual: bool) -> Blocks:  # noqa: ANN401
    """Return the Fourier blocks of the average, by traces with the units of End(L)."""
    source, target = fourier_tables_of(X, Y)
    source = source.dual if dual else source
    found = {}
    for label in sorted(source.simples.keys() & target.simples.keys(), key=label_key):
        s, t = source.simples[label], target.simples[label]
        e, p = s.endomorphism_dimension, s.positions
        rows = constant(target.analysis[t.rows].reshape(t.multiplicity, p, e, -1), entries)
        columns = constant(source.synthesis[:, s.rows].reshape(-1, s.multiplicity, p, e), entries)
        moved = einsum("tpfy,yoxi->tpfoxi", rows, entries)
        moved = einsum("tpfoxi,xmpa->tmfaoi", moved, columns)
        units = constant(END_UNITS[s.type] / s.dimension, entries)
        found[label] = einsum("cfa,tmfaoi->ctmoi", units, moved)
    return found


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
        ``(|Y| out, |X| in)``: rows and columns by points, then by channels, like the weight of a
        ``torch.nn.Linear`` that is applied to ``x.flatten(-2)``; or ``(|Y|, out, |X|, in)``. The
        numbers of channels follow from the shape. An array or a torch tensor.

    Returns
    -------
    HomProjection
        ``.matrix()`` is the projection, ``.weights`` its coordinates by orbital, ``.distance`` and
        ``.share`` say how near it is, and ``.to_layer()`` makes a torch layer from it.

    Raises
    ------
    ModuleMismatchError
        If X and Y belong to different groups, or the matrix has the wrong shape.

    Notes
    -----
    O(\|X\| \|Y\| in out): the average over the group is the average over orbitals, on which
    equivariant matrices of permutation and signed modules are constant. Neither a Fourier basis nor
    the group's elements are needed. For linear modules the projection is computed simple by simple;
    if their matrices are not orthogonal, norms are taken in Fourier coordinates.

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
    flat = entries.reshape(Y.degree * found.out_channels, X.degree * found.in_channels)
    rest = flat - found.matrix()
    if not found.has_orbitals:
        source, target = fourier_tables_of(X, Y)
        flat, rest = (
            einsum(
                "ry,yoxi,xc->roci",
                constant(target.analysis, flat),
                matrix.reshape(entries.shape),
                constant(source.synthesis, flat),
            )
            for matrix in (flat, rest)
        )
    missed, norm = (rest**2).sum(), (flat**2).sum()
    distance = missed**0.5
    xp = namespace(flat)
    share = xp.where(norm > 0, 1 - missed / xp.where(norm > 0, norm, norm + 1), norm + 1)
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
