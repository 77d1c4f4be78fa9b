r"""The affine pieces of an activation: exactly from its parameters, or measured.

The pieces of an activation with a name are in its row of the registry, those of a formula follow
from it: nothing is fitted. Those of a function that a user gave are measured, relative to the size
of its values. Where f jumps,

.. math:: f(t) = \alpha + \beta t + \sum_k \left( s_k \max(t - k, 0) + j_k [t > k] \right)

with the slope jumping by s_k and the value by j_k at the kink k.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from toolkit.errors import UnsupportedActivationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.pl.activations.activation import Activation

    _Rows: TypeAlias = "tuple[Sequence[float], Sequence[float], Sequence[float]]"

_AGREE = 1e-9  # of the largest value of a measured function
_SMALLEST, _LARGEST = 1e-100, 1e100  # kinks whose squares and products stay in float64


@dataclass(frozen=True, eq=False)
class Pieces:
    """The affine pieces of a function of one variable.

    Parameters
    ----------
    kinks
        ``(k,)`` where it breaks, rising.
    slopes, intercepts
        ``(k + 1,)`` from the left: slope t + intercept.
    is_exact
        Whether they are known exactly; otherwise they were stated or measured.
    """

    kinks: NDArray[np.float64]
    slopes: NDArray[np.float64]
    intercepts: NDArray[np.float64]
    is_exact: bool

    @property
    def is_central(self) -> bool:
        """Whether it has no kink other than 0."""
        return not self.kinks.any()

    @property
    def at_zero(self) -> float:
        """The value next to 0, between those on its two sides: isolated points do not count."""
        left, right = (int(np.searchsorted(self.kinks, 0.0, side)) for side in ("left", "right"))
        return float(self.intercepts[left] + self.intercepts[right]) / 2

    @property
    def turns(self) -> NDArray[np.float64]:
        """``(k,)`` the jump of the slope at each kink; 0 if it is within rounding."""
        return self._beyond_rounding(np.diff(self.slopes), self.slopes)

    @property
    def jumps(self) -> NDArray[np.float64]:
        """``(k,)`` the jump of the value at each kink; 0 if it is within rounding."""
        moved = np.diff(self.slopes) * self.kinks
        around = np.abs(self.intercepts), np.abs(self.slopes)
        scale = around[0][1:] + around[0][:-1] + (around[1][1:] + around[1][:-1]) * abs(self.kinks)
        jumps = np.diff(self.intercepts) + moved
        return np.where(np.abs(jumps) > self._rounding * scale, jumps, 0.0)

    def _beyond_rounding(
        self, steps: NDArray[np.float64], values: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        scale = np.abs(values[1:]) + np.abs(values[:-1])
        return np.where(np.abs(steps) > self._rounding * scale, steps, 0.0)

    @property
    def _rounding(self) -> float:
        return 1e-15 if self.is_exact else _AGREE

    def at(self, t: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the slopes and the intercepts of the pieces that contain these numbers."""
        place = np.searchsorted(self.kinks, t)
        return self.slopes[place], self.intercepts[place]


def affine_pieces(f: Activation) -> Pieces | None:
    """Return the affine pieces of an activation; ``None`` if it is not piecewise affine.

    Parameters
    ----------
    f
        The activation. For one made from a function its kinks must be given; whether it is affine
        between them is measured, to 1e-9 of its largest value.

    Raises
    ------
    UnsupportedActivationError
        If it is piecewise affine by its name, with a kink that is not 0 and smaller than 1e-100 or
        larger than 1e100 in size.

    Notes
    -----
    Exact for activations with a name, and for formulas. O(kinks).

    Examples
    --------
    >>> from toolkit.pl.activations.activation import find_activation
    >>> pieces = affine_pieces(find_activation("hardtanh"))
    >>> pieces.kinks.tolist(), pieces.slopes.tolist(), pieces.intercepts.tolist()
    ([-1.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 1.0])
    >>> affine_pieces(find_activation("softshrink(1e9)")).jumps.tolist()
    [0.0, 0.0]
    >>> affine_pieces(find_activation("tanh")) is None
    True
    """
    is_exact = f.parts_are == "exact"
    if f.is_positively_homogeneous:
        up, down = f([1.0, -1.0]).tolist()
        if f.even_part.is_zero:
            return _pieces(((), (f.linear,), (0.0,)), is_exact)
        return _pieces(((0.0,), (0.0 - down, up), (0.0, 0.0)), is_exact)
    if f.is_affine:
        line = (f.odd_part.coefficient(1),), (f.even_part.coefficient(0),)
        return _pieces(((), *line), is_exact)
    if f.is_polynomial:
        return None
    if is_exact:
        pieces = f.formula.pieces if f.formula else f.named.pieces if f.named else None
        if pieces is None:
            return None
        _require_kinks(f)
        return _pieces((f.kinks, *pieces), is_exact)
    return _measured(f)


def jumping_kinks(f: Activation) -> NDArray[np.float64]:
    """Return ``(k,)`` the kinks at which f jumps, or may jump if that is not known.

    Examples
    --------
    >>> from toolkit.pl.activations.activation import find_activation
    >>> [jumping_kinks(find_activation(n)).tolist() for n in ("sign", "hardshrink(2)", "relu6")]
    [[0.0], [-2.0, 2.0], []]
    """
    pieces = affine_pieces(f)
    if pieces is not None:
        jumping: NDArray[np.float64] = pieces.kinks[pieces.jumps != 0]
        return jumping
    # all named activations without affine pieces are continuous
    jumps = f.formula.may_jump if f.formula else f.parts_are != "exact"
    return np.array(f.kinks if jumps else (), dtype=np.float64)


def _pieces(rows: _Rows, is_exact: bool) -> Pieces:
    kinks, slopes, intercepts = (np.array(row, dtype=np.float64) + 0.0 for row in rows)
    return Pieces(kinks, slopes, intercepts, is_exact)


def _require_kinks(f: Activation) -> None:
    sizes = [abs(k) for k in f.kinks if k]
    if any(not _SMALLEST <= size <= _LARGEST for size in sizes):
        raise UnsupportedActivationError(
            f"the hyperplanes of {f.name} are beyond float64: non-zero kinks must be between "
            f"{_SMALLEST:g} and {_LARGEST:g} in size, found "
            f"{', '.join(f'{k:g}' for k in f.kinks[:4])}"
        )


def _ends(kinks: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ends of the pieces, the outer ones cut off well beyond all kinks."""
    beyond = 6.0 + np.abs(kinks).max(initial=0.0)
    inner = kinks if kinks.size else np.zeros(1)
    ends = np.concatenate([inner[:1] - beyond, kinks, inner[-1:] + beyond])
    return ends[:-1], ends[1:]


def _measured(f: Activation) -> Pieces | None:
    """Return the pieces between the given kinks, if the function is affine between them."""
    given = np.array(f.kinks, dtype=np.float64)
    _, order = np.unique(given, return_index=True)
    kinks = given[order]
    if not np.isfinite(kinks).all():
        return None
    with np.errstate(all="ignore"):
        left, right = _ends(kinks)
        near, far = f(left + 0.25 * (right - left)), f(left + 0.75 * (right - left))
        slopes = 2.0 * (far - near) / (right - left)
        intercepts = (near + far) / 2 - slopes * (left + right) / 2
        size = float(np.abs(np.concatenate([near, far])).max())
        # slopes within rounding of larger values are 0
        slopes = np.where(np.abs(slopes) * (right - left) > 1e-14 * size, slopes, 0.0)
        slack = 1e-14 * (size + np.abs(slopes) * np.maximum(np.abs(left), np.abs(right)))
        intercepts = np.where(np.abs(intercepts) > slack, intercepts, 0.0)
        pieces = Pieces(kinks, slopes, intercepts, is_exact=False)
        if not _fits(f, pieces, _AGREE):
            return None
    _require_kinks(f)
    return pieces


def _fits(f: Activation, pieces: Pieces, agree: float) -> bool:
    """Return whether the function has the values of the pieces, relative to the largest value."""
    left, right = _ends(pieces.kinks)
    inside = left + np.linspace(0.02, 0.98, 25)[:, None] * (right - left)
    even = np.linspace(left[0], right[-1], 801)
    t = np.concatenate([inside.ravel(), even])
    gap = np.abs(t[:, None] - pieces.kinks).min(axis=1, initial=np.inf)
    t = t[gap > 1e-12 * np.abs(t)]
    slope, intercept = pieces.at(t)
    found = f(t)
    missed, size = np.abs(slope * t + intercept - found).max(), np.abs(found).max()
    return bool(missed <= agree * size)
