r"""The affine pieces of an activation, and the hyperplanes on which a map through it breaks.

Let f be affine between its kinks k, with the slope jumping by s_k and the value by j_k:

.. math:: f(t) = \alpha + \beta t + \sum_k \left( s_k \max(t - k, 0) + j_k [t > k] \right).

Then v -> sum of f(<v, w_x>) u_x breaks on the affine hyperplanes <v, w_x> = k. Those of one line
with kinks that meet are one hyperplane h; on it the slope jumps by sum s_k \|w_x\| u_x, and the
value by the sum of j_k u_x with the sign of the direction. The map breaks on h unless both are 0.
If all kinks are 0 the hyperplanes pass through the origin: relu, abs, leaky_relu, sign.

**The cone.** Otherwise put a coordinate 1 behind v. The hyperplane <v, n> = c becomes the central
one with normal (n, -c), and with the hyperplane "last coordinate = 0" added the regions of the
central arrangement are the affine regions and their negatives: twice as many. G acts, and fixes
the last coordinate. So all that is known about central arrangements answers for affine ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from toolkit.pl.hyperplanes import Lines, find_lines

if TYPE_CHECKING:
    from toolkit.modules.gsets import IntArray
    from toolkit.pl.activations import Activation

__all__ = ["Breaks", "Pieces", "affine_breaks", "affine_pieces", "central_breaks"]

#: Activations that are affine between their kinks, by the definition of each.
_AFFINE = (
    "relu6", "hardtanh", "softshrink", "hardshrink", "hardsigmoid", "sign", "heaviside",
)  # fmt: skip
_AGREE = 1e-9


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
        Whether that is a theorem; otherwise it was stated or measured.
    """

    kinks: NDArray[np.float64]
    slopes: NDArray[np.float64]
    intercepts: NDArray[np.float64]
    is_exact: bool

    @property
    def is_central(self) -> bool:
        """Whether it breaks nowhere but at 0."""
        return not self.kinks.any()

    @property
    def jumps(self) -> NDArray[np.float64]:
        """``(k,)`` by how much the value jumps at each kink."""
        return np.diff(self.intercepts) + np.diff(self.slopes) * self.kinks

    def at(self, t: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the slopes and the intercepts of the pieces that hold these numbers."""
        place = np.searchsorted(self.kinks, t)
        return self.slopes[place], self.intercepts[place]


def affine_pieces(f: Activation) -> Pieces | None:
    """Return the affine pieces of an activation, ``None`` if it has other pieces or other kinks.

    Parameters
    ----------
    f
        The activation. For one made from a function its kinks must be given; whether it is affine
        between them is measured.

    Examples
    --------
    >>> from toolkit.pl.activations import find_activation
    >>> pieces = affine_pieces(find_activation("hardtanh"))
    >>> pieces.kinks.tolist(), pieces.slopes.tolist(), pieces.intercepts.tolist()
    ([-1.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 1.0])
    >>> affine_pieces(find_activation("tanh")) is None
    True
    """
    if f.is_positively_homogeneous:
        a, b = f.even, f.linear
        slopes = np.array([b - a, b + a]) if a else np.array([b])
        return Pieces(
            np.zeros(len(slopes) - 1), slopes, np.zeros(len(slopes)), f.parts_are == "exact"
        )
    if f.parts_are == "exact":
        affine = f.is_affine or f.name.split("(")[0] in _AFFINE
        if not affine:
            return None
    kinks = np.array(f.kinks if not f.is_affine else (), dtype=np.float64)
    ends = np.concatenate([kinks[:1] - 2.0, kinks, kinks[-1:] + 2.0]) if kinks.size else (-1.0, 1.0)
    left, right = np.asarray(ends[:-1]), np.asarray(ends[1:])
    near, far = f(left + 0.25 * (right - left)), f(left + 0.75 * (right - left))
    slopes = np.round(2.0 * (far - near) / (right - left), 14)
    middle = (left + right) / 2
    intercepts = np.round((near + far) / 2 - slopes * middle, 14)
    pieces = Pieces(kinks, slopes + 0.0, intercepts + 0.0, f.parts_are == "exact")
    reach = np.abs(np.asarray(ends)).max() + 6.0
    t = np.linspace(-reach, reach, 801)
    t = t[np.abs(t[:, None] - kinks).min(axis=1, initial=1.0) > 1e-6]
    slope, intercept = pieces.at(t)
    fits = np.abs(slope * t + intercept - f(t)).max() <= _AGREE * (1.0 + np.abs(f(t)).max())
    return pieces if fits else None


@dataclass(frozen=True, eq=False)
class Breaks:
    """The hyperplanes on which a map breaks.

    Parameters
    ----------
    lines
        Lines of their normals: ``(n, d)``, or ``(m + 1, d + 1)`` of the cone with the hyperplane at
        infinity last, if they do not all pass through the origin.
    normals
        ``(m, d)`` unit vectors; parallel hyperplanes have the same or opposite ones.
    offsets
        ``(m,)``: the hyperplanes are <v, normal> = offset.
    kinks
        ``(m,)`` the kink of f behind each, with the sign that belongs to the normal.
    is_cone
        Whether ``lines`` belongs to the cone.
    is_continuous
        Whether the map does not jump on any of them.
    """

    lines: Lines
    normals: NDArray[np.float64]
    offsets: NDArray[np.float64]
    kinks: tuple[Fraction, ...]
    is_cone: bool
    is_continuous: bool


def central_breaks(
    pieces: Pieces, lines: Lines, covectors: NDArray[np.float64], *, none: bool = False
) -> Breaks:
    """Return the breaking hyperplanes if all kinks are 0.

    Parameters
    ----------
    pieces
        Of the activation.
    lines
        Of the vectors w_x.
    covectors
        ``(N, e)`` u_x.
    none
        Whether it is known that there are none.
    """
    kept: IntArray = np.empty(0, dtype=np.intp)
    continuous = True
    if pieces.kinks.size and not none:
        slope, jump = float(np.diff(pieces.slopes)[0]), float(pieces.jumps[0])
        kept, continuous = _kept(
            slope * lines.sums(covectors, even=True),
            jump * _signed_sums(lines, covectors),
            _scale(lines, covectors, np.full(len(covectors), abs(slope) + abs(jump))),
        )
    chosen = lines.only(kept)
    zeros = np.zeros(len(kept))
    none_moved = (Fraction(0),) * len(kept)
    return Breaks(chosen, chosen.normals, zeros, none_moved, False, continuous)


def affine_breaks(
    subject: str,
    pieces: Pieces,
    vectors: NDArray[np.float64],
    covectors: NDArray[np.float64],
    images: IntArray,
) -> Breaks:
    """Return the breaking hyperplanes as a cone, for kinks anywhere.

    Parameters
    ----------
    subject
        Group and map, for errors.
    pieces
        Of the activation.
    vectors, covectors, images
        As in :class:`~toolkit.pl.pl_map.PLMap`; all vectors have the same length.
    """
    many, d = vectors.shape
    size = float(np.linalg.norm(vectors[0]))
    heights = np.repeat(pieces.kinks / size, many)
    around = np.tile(vectors / size, (len(pieces.kinks), 1))
    points = np.column_stack([around, -heights])
    points = np.vstack([points, np.eye(d + 1)[-1:]])
    blocks = [images + many * k for k in range(len(pieces.kinks))]
    last = np.full((len(images), 1), many * len(pieces.kinks), dtype=np.intp)
    lines = find_lines(subject, points, np.concatenate([*blocks, last], axis=1))
    slope = size * np.repeat(np.diff(pieces.slopes), many)
    jump = np.repeat(pieces.jumps, many)
    again = np.vstack([np.tile(covectors, (len(pieces.kinks), 1)), np.zeros_like(covectors[:1])])
    weight = np.append(np.abs(slope) + np.abs(jump), 0.0)
    # slopes per unit of length along the normal, whatever the coordinate behind it
    plain = _replaced_factors(lines)
    kept, continuous = _kept(
        plain.sums(np.append(slope, 0.0)[:, None] * again, even=True),
        plain.sums(np.append(jump, 0.0)[:, None] * again, even=False),
        _scale(plain, again, weight),
    )
    kinks = np.append(np.repeat(pieces.kinks, many), 0.0)[lines.first_points[kept]]
    chosen = lines.only(np.append(kept, len(lines) - 1))
    directions = chosen.normals[:-1, :d]
    lengths = np.linalg.norm(directions, axis=1)
    return Breaks(
        chosen,
        directions / lengths[:, None],
        -chosen.normals[:-1, d] / lengths,
        tuple(Fraction(float(k)) for k in kinks),
        is_cone=True,
        is_continuous=continuous,
    )


def _replaced_factors(lines: Lines) -> Lines:
    """Return the lines with factors 1 and -1."""
    return Lines(
        lines.normals,
        lines.first_points,
        lines.line_of_point,
        np.sign(lines.factors),
        lines.moves,
        lines.turns,
    )


def _signed_sums(lines: Lines, covectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return _replaced_factors(lines).sums(covectors, even=False)


def _scale(
    lines: Lines, covectors: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return per line the sum of the lengths of all that is added up on it."""
    lengths = weights * np.linalg.norm(covectors, axis=1)
    factors = np.maximum(np.abs(lines.factors), 1.0)
    out = np.zeros(len(lines))
    used = lines.line_of_point >= 0
    np.add.at(out, lines.line_of_point[used], (factors * lengths)[used])
    return out


def _kept(
    slopes: NDArray[np.float64], jumps: NDArray[np.float64], scale: NDArray[np.float64]
) -> tuple[IntArray, bool]:
    """Return the lines on which slope or value jumps, and whether no value does."""
    jumped = np.linalg.norm(jumps, axis=1)
    sizes = np.linalg.norm(slopes, axis=1) + jumped
    return np.flatnonzero(sizes > _AGREE * scale), not bool((jumped > _AGREE * scale).any())
