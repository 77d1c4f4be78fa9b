r"""Square roots and eigenvectors of symmetric equivariant maps, simple by simple.

The block of a symmetric map at L is Hermitian over D = End(L). As a real symmetric matrix of the
coordinates (copy, component, channel) it commutes with the multiplications q -> a q by a in D, so
that each eigenvalue is repeated dim D times, and in the whole map dim L times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from toolkit.library.statistics.arrays import (
    constant,
    einsum,
    namespace,
    number,
    require_finite,
)
from toolkit.library.statistics.coordinates import fourier_tables
from toolkit.library.statistics.equivariant_map import EquivariantMap
from toolkit.modules.fourier.copies import END_UNITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.fourier.adapted import FourierSimple

_CLOSE = 1e-7  # eigenvalues closer than this, relative to the largest, are treated together


class SquareRoots(NamedTuple):
    """A square root of a positive semidefinite map and its inverse on the image.

    Parameters
    ----------
    root, inverse_root
        Symmetric equivariant maps.
    eigenvalues
        Per label ``(m_L channels,)``, falling; each has multiplicity dim L in the whole map.
    cutoff
        Eigenvalues up to this number were taken for 0.
    """

    root: EquivariantMap
    inverse_root: EquivariantMap
    eigenvalues: dict[str, Any]
    cutoff: float


def real_form(block: Any, s: FourierSimple) -> Any:  # noqa: ANN401 - an array or a tensor
    """Return ``(m dim D channels,) * 2``: the symmetric real matrix of a Hermitian block.

    Examples
    --------
    >>> import toolkit as tk
    >>> s = tk.fourier_basis(tk.group("C3").regular_module()).simple("L1")
    >>> real_form(np.array([2.0, 0.0]).reshape(2, 1, 1, 1, 1), s).tolist()
    [[2.0, 0.0], [0.0, 2.0]]
    """
    units = constant(END_UNITS[s.type], block)
    full = einsum("cfa,cijuv->ifujav", units, block)
    size = full.shape[0] * full.shape[1] * full.shape[2]
    square = full.reshape(size, size)
    return (square + square.T) / 2


def from_real_form(matrix: Any, s: FourierSimple, channels: int) -> Any:  # noqa: ANN401
    """Return the block ``(dim D, m, m, channels, channels)`` of a real matrix.

    Examples
    --------
    >>> import toolkit as tk
    >>> s = tk.fourier_basis(tk.group("C3").regular_module()).simple("L1")
    >>> from_real_form(2 * np.eye(2), s, 1).ravel().tolist()
    [2.0, 0.0]
    """
    e, m = s.endomorphism_dimension, s.multiplicity
    units = constant(END_UNITS[s.type] / e, matrix)
    return einsum("cfa,ifujav->cijuv", units, matrix.reshape(m, e, channels, m, e, channels))


def square_roots(sigma: EquivariantMap, ridge: float, rcond: float | None) -> SquareRoots:
    """Return square roots of sigma + ridge, and eigenvalues of sigma.

    Parameters
    ----------
    sigma
        A symmetric positive semidefinite map, up to rounding.
    ridge
        Added to every eigenvalue.
    rcond
        Eigenvalues of sigma + ridge up to ``rcond`` times the largest are taken for 0, and 0
        has the inverse 0; by default the precision of the type times the largest size of a block.

    Notes
    -----
    First derivatives are exact, also where eigenvalues are equal: of the roots by divided
    differences; of equal eigenvalues those of symmetric functions of them, such as a determinant.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C2").regular_module()
    >>> roots = square_roots(tk.equivariant_covariance(X, np.array([[2.0, 0], [0, 0]])), 0.0, None)
    >>> {label: values.round(6).tolist() for label, values in roots.eigenvalues.items()}
    {'L0': [0.5], 'L1': [1.0]}
    """
    simples = fourier_tables(sigma.X).simples
    width = sigma.in_channels
    xp = namespace(sigma.like)
    forms = {label: real_form(block, simples[label]) for label, block in sigma.blocks.items()}
    for form in forms.values():
        require_finite(form, "covariances, and so the samples,")
    fixed = {label: f if xp is np else f.detach() for label, f in forms.items()}
    solved = {label: xp.linalg.eigh(f) for label, f in fixed.items()}
    largest = max((number(v[-1]) for v, _ in solved.values() if len(v)), default=0.0) + ridge
    if rcond is None:
        size = max((len(f) for f in forms.values()), default=0)
        rcond = float(xp.finfo(sigma.like.dtype).eps) * size
    cutoff = rcond * max(largest, 0.0)
    roots: dict[str, Any] = {}
    inverses: dict[str, Any] = {}
    spectrum: dict[str, Any] = {}
    for label, (values, vectors) in solved.items():
        change = vectors.T @ (forms[label] - fixed[label]) @ vectors
        alive = values + ridge > cutoff
        one = xp.ones_like(values)
        deviation = xp.sqrt(xp.where(alive, values + ridge, one))
        for out, inverse in ((roots, False), (inverses, True)):
            moved = _of_eigenvalues(values, deviation, alive, change, inverse)
            block = from_real_form(vectors @ moved @ vectors.T, simples[label], width)
            out[label] = block
        e = simples[label].endomorphism_dimension  # equal ones have one derivative, their mean's
        each = (values + xp.diagonal(change)).reshape(len(values) // e, e).mean(-1)
        spectrum[label] = xp.flip(each, (0,))
    root, inverse_root = (
        EquivariantMap(**{**sigma.fields, "given": blocks, "dual": False})
        for blocks in (roots, inverses)
    )
    return SquareRoots(root, inverse_root, spectrum, cutoff)


def _of_eigenvalues(
    values: Any,  # noqa: ANN401 - arrays or tensors
    deviation: Any,  # noqa: ANN401
    alive: Any,  # noqa: ANN401
    change: Any,  # noqa: ANN401
    inverse: bool,
) -> Any:  # noqa: ANN401
    """Return the function in the basis of eigenvectors, with its first derivative along ``change``.

    ``change`` has the value 0 and the derivative of the matrix; arrays have none.
    """
    xp = namespace(values)
    picked = xp.where(alive, 1 / deviation if inverse else deviation, 0 * values)
    if xp is np:
        return np.diag(picked)
    rows, columns = deviation[:, None], deviation[None, :]
    both = 1 / (rows + columns)
    if inverse:
        both = -both / (rows * columns)
    gap = values[:, None] - values[None, :]
    mixed = alive[:, None] != alive[None, :]
    difference = (picked[:, None] - picked[None, :]) / xp.where(mixed, gap, xp.ones_like(gap))
    slope = xp.where(mixed, difference, both)
    slope = xp.where(alive[:, None] | alive[None, :], slope, 0 * slope)
    return xp.diag(picked) + slope * change


def eigenvectors(
    form: NDArray[np.float64], s: FourierSimple, channels: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return eigenvalues and orthonormal eigenvectors over D of a Hermitian block.

    Parameters
    ----------
    form
        Its :func:`real_form`.
    s, channels
        The simple, and the number of channels.

    Returns
    -------
    tuple
        ``(k,)`` falling eigenvalues, k = m channels, and ``(k, m dim D channels, dim D)``: per
        eigenvector v the vectors a v for the units a of D, as orthonormal columns.

    Examples
    --------
    >>> import toolkit as tk
    >>> s = tk.fourier_basis(tk.group("C3").regular_module()).simple("L1")
    >>> eigenvectors(2 * np.eye(2), s, 1)[1].shape
    (1, 2, 2)
    """
    e, size = s.endomorphism_dimension, s.multiplicity * channels
    values, vectors = np.linalg.eigh(form)
    values, vectors = values[::-1], vectors[:, ::-1]
    units = END_UNITS[s.type]
    if e == 1:
        return values, vectors.T.reshape(size, len(vectors), 1)
    scale = max(float(np.abs(values).max(initial=0.0)), np.finfo(np.float64).tiny)
    left = vectors.T.copy()  # what is not yet spanned of each real eigenvector
    found = np.empty((size, form.shape[0], e))
    level = np.empty(size)
    for k in range(size):
        # eigenvalues come in runs of dim D; those of equal ones can be mixed in any way
        stop = int(np.searchsorted(-values, -(values[k * e] - _CLOSE * scale), side="right"))
        stop = min(max(stop, (k + 1) * e), len(values))
        candidates = left[:stop]
        v = candidates[int(np.argmax((candidates**2).sum(axis=1)))]
        v = v / np.linalg.norm(v)
        span = np.einsum("cfa,icu->ifua", units, v.reshape(s.multiplicity, e, channels))
        found[k] = span.reshape(-1, e)
        left = left - (left @ found[k]) @ found[k].T
        level[k] = v @ form @ v
    order = np.argsort(-level, kind="stable")
    return level[order], found[order]
