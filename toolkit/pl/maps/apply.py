"""The values of a map between simples at numpy arrays, and what is rounding in them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import ModuleMismatchError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.pl.maps.pl_map import PLMap

__all__ = ["apply_to_array", "real_vectors", "rounding"]

_VECTORS = 1e-14  # the error of gw, relative to its length
_PRODUCTS = 4.0  # of an inner product, in units of the last place and of the root of d


def real_vectors(label: str, v: object) -> NDArray[np.float64]:
    """Return what was given as an array of float64, or raise ModuleMismatchError.

    Examples
    --------
    >>> real_vectors("L3", [1, 2])
    array([1., 2.])
    >>> real_vectors("L3", [[1, 2], [3]])
    Traceback (most recent call last):
    ...
    toolkit.errors.ModuleMismatchError: vectors of L3 are real numbers, all of one length, found
    [[1, 2], [3]]
    """
    required = f"vectors of {label} are real numbers"
    try:
        array = np.asarray(v)
    except (TypeError, ValueError):
        raise ModuleMismatchError(f"{required}, all of one length, found {v!r:.60}") from None
    if array.dtype.kind not in "biuf":
        raise ModuleMismatchError(f"{required}, found dtype {array.dtype}")
    return array.astype(np.float64)


def rounding(phi: PLMap, eps: float) -> float:
    """Return how far <v, gw> may be off by rounding, for unit vectors v.

    Parameters
    ----------
    phi
        The map.
    eps
        Of the floating-point type: 2.2e-16 for float64.
    """
    longest = float(np.linalg.norm(phi.vectors, axis=1).max())
    return longest * (_VECTORS + _PRODUCTS * eps * math.sqrt(phi.source.dimension))


def apply_to_array(phi: PLMap, v: object) -> NDArray[np.float64]:
    """Return a map's values ``(..., e)`` at an array ``(..., d)``; see :class:`PLMap`.

    Where f jumps, inner products within rounding of a jump are put on it.
    """
    points = real_vectors(phi.source.label, v)
    phi.require_shape(points.shape)
    inner = points @ phi.vectors.T
    if phi.jumping_kinks.size:
        eps = float(np.finfo(np.float64).eps)
        slack = rounding(phi, eps) * np.linalg.norm(points, axis=-1, keepdims=True)
        for k in phi.jumping_kinks.tolist():
            inner = np.where(np.abs(inner - k) <= slack + _PRODUCTS * eps * abs(k), k, inner)
    values: NDArray[np.float64] = phi.activation(inner) @ phi.covectors
    return values
