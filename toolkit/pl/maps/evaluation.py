"""The values of a map between simples at numpy arrays and at torch tensors; torch unimported.

Where f jumps, inner products within rounding of a jump are replaced by it. A tensor can only come
from a caller who has imported torch, so torch is taken from the modules that are loaded.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import ModuleMismatchError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from toolkit.pl.activations.affine_pieces import Pieces

    Floats = NDArray[np.float64]

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
    toolkit.errors.ModuleMismatchError: vectors of L3 must be real numbers, all of one length,
    found [[1, 2], [3]]
    """
    required = f"vectors of {label} must be real numbers"
    try:
        array = np.asarray(v)
    except (TypeError, ValueError):
        raise ModuleMismatchError(f"{required}, all of one length, found {v!r:.60}") from None
    if array.dtype.kind not in "biuf":
        raise ModuleMismatchError(f"{required}, found dtype {array.dtype}")
    return array.astype(np.float64)


def _rounding(vectors: Floats, eps: float) -> float:
    """Return how far <v, gw> may be off by rounding, for unit vectors v."""
    longest = float(np.linalg.norm(vectors, axis=1).max())
    return longest * (_VECTORS + _PRODUCTS * eps * math.sqrt(vectors.shape[1]))


def at_array(
    points: Floats, f: Callable[[Floats], Floats], jumps: Floats, vectors: Floats, covectors: Floats
) -> Floats:
    """Return a map's values ``(..., e)`` at an array ``(..., d)``.

    Parameters
    ----------
    points
        ``(..., d)``.
    f, jumps
        The activation, and the ``(k,)`` kinks at which it jumps.
    vectors, covectors
        ``(N, d)`` and ``(N, e)`` the gw and the gu.
    """
    inner = points @ vectors.T
    if jumps.size:
        eps = float(np.finfo(np.float64).eps)
        slack = _rounding(vectors, eps) * np.linalg.norm(points, axis=-1, keepdims=True)
        for k in jumps.tolist():
            inner = np.where(np.abs(inner - k) <= slack + _PRODUCTS * eps * abs(k), k, inner)
    return f(inner) @ covectors


def at_tensor(
    v: Any,  # noqa: ANN401 - a tensor
    f: Callable[[Any], Any],
    jumps: Floats,
    vectors: Floats,
    covectors: Floats,
) -> Any:  # noqa: ANN401 - a tensor
    """Return a map's values at a tensor: of its dtype, on its device, with gradients.

    Parameters
    ----------
    v
        ``(..., d)``, real.
    f
        The activation on tensors.
    jumps, vectors, covectors
        As for :func:`at_array`.
    """
    torch: Any = sys.modules["torch"]
    if not v.is_floating_point():
        v = v.to(torch.get_default_dtype())
    into, out = (
        torch.as_tensor(array, dtype=v.dtype, device=v.device) for array in (vectors, covectors)
    )
    inner = v @ into.T
    if jumps.size:
        eps = float(torch.finfo(v.dtype).eps)
        slack = _rounding(vectors, eps) * v.detach().norm(dim=-1, keepdim=True)
        for k in jumps.tolist():
            near = (inner.detach() - k).abs() <= slack + _PRODUCTS * eps * abs(k)
            # moved, not replaced: gradients stay
            inner = inner + torch.where(near, k - inner.detach(), torch.zeros_like(slack))
    return f(inner) @ out


def affine_near(
    vector: Floats, pieces: Pieces, vectors: Floats, covectors: Floats
) -> tuple[Floats, Floats]:
    """Return the matrix ``(e, d)`` and the constant of a map near a vector.

    Parameters
    ----------
    vector
        ``(d,)``, on no hyperplane on which the map breaks.
    pieces
        The affine pieces of the activation.
    vectors, covectors
        As for :func:`at_array`.
    """
    slopes, intercepts = coefficients_near(vector, pieces, vectors)
    matrix: Floats = (covectors * slopes[:, None]).T @ vectors
    return matrix, covectors.T @ intercepts


def coefficients_near(vector: Floats, pieces: Pieces, vectors: Floats) -> tuple[Floats, Floats]:
    """Return per point the slope and the intercept of the activation near a vector.

    Parameters
    ----------
    vector, pieces, vectors
        As for :func:`affine_near`.

    Notes
    -----
    At kinks that cancel, the mean of both sides.
    """
    inner = vectors @ vector
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(vector)
    slack = 5e-13 * (lengths + np.abs(pieces.kinks).max(initial=0.0))
    below, above = pieces.at(inner - slack), pieces.at(inner + slack)
    return (below[0] + above[0]) / 2, (below[1] + above[1]) / 2
