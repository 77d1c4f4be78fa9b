r"""The hyperplanes on which a map through a piecewise-affine activation breaks.

Let f be affine between its kinks k, with the slope jumping by s_k and the value by j_k
(:mod:`toolkit.pl.activations.affine_pieces`). Then v -> sum of f(<v, w_x>) u_x breaks on the affine
hyperplanes <v, w_x> = k. All w_x have one length, so that two of these are one hyperplane exactly
if w_x and w_y lie on one line, w_y = s w_x with s = 1 or -1, and their kinks are k and s k: kinks
are compared as the numbers they are, whatever their size. On a hyperplane the slope jumps by the
sum of s_k \|w_x\| u_x, and the value by the sum of j_k u_x with the sign of the direction. The map
breaks there unless both are 0. If all kinks are 0 the hyperplanes pass through the origin: relu,
abs, leaky_relu, sign.

**The cone.** Otherwise let r = K / \|w\|, K the largest kink in size, and put a coordinate r behind
v. The hyperplane <v, n> = k / \|w\| becomes the central one with normal (n, -k / K), and with the
hyperplane "last coordinate = 0" added the regions of the central arrangement are the affine
regions and their negatives: twice as many. G acts, and fixes the last coordinate. So all that is
known about central arrangements answers for affine ones, and the size of the kinks does not
matter, only their ratios.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from toolkit.pl.arrangements.hyperplanes import Lines

if TYPE_CHECKING:
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.pl.activations.affine_pieces import Pieces

_AGREE = 1e-9  # of the lengths that are added up


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
    radius
        The last coordinate of the cone at the vectors of L: the largest offset.
    largest_kink
        The largest kink of f in size.
    """

    lines: Lines
    normals: NDArray[np.float64]
    offsets: NDArray[np.float64]
    kinks: tuple[Fraction, ...]
    is_cone: bool
    is_continuous: bool
    radius: float = 1.0
    largest_kink: Fraction = Fraction(0)


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
        kept, continuous = _kept(
            _is_there(lines, pieces.turns[0] * covectors, even=True),
            _is_there(_with_unit_factors(lines), pieces.jumps[0] * covectors, even=False),
        )
    chosen = lines.only(kept)
    zeros = np.zeros(len(kept))
    none_moved = (Fraction(0),) * len(kept)
    return Breaks(chosen, chosen.normals, zeros, none_moved, False, continuous)


def affine_breaks(
    pieces: Pieces, lines: Lines, vectors: NDArray[np.float64], covectors: NDArray[np.float64]
) -> Breaks:
    """Return the breaking hyperplanes as a cone, for kinks anywhere.

    Parameters
    ----------
    pieces
        Of the activation.
    lines
        Of the vectors w_x.
    vectors, covectors
        As in :class:`~toolkit.pl.maps.pl_map.PLMap`; all vectors have the same length.

    Notes
    -----
    Which hyperplanes are the same is exact, given the lines; on which of them the kinks cancel is
    decided by sums in floating point, to 1e-9 of the lengths that are added up. O(N k log(N k)) for
    N points and k kinks.
    """
    many = len(vectors)
    size = float(np.linalg.norm(vectors[0]))
    cone, kinks = _cone_lines(pieces.kinks, lines)
    again = np.vstack([np.tile(covectors, (len(pieces.kinks), 1)), np.zeros_like(covectors[:1])])
    turns = np.append(size * np.repeat(pieces.turns, many), 0.0)
    jumps = np.append(np.repeat(pieces.jumps, many), 0.0)
    kept, continuous = _kept(
        _is_there(cone, turns[:, None] * again, even=True),
        _is_there(cone, jumps[:, None] * again, even=False),
    )
    chosen = cone.only(np.append(kept, len(cone) - 1))
    directions = lines.normals[lines.line_of_point[cone.first_points[kept] % many]]
    positive = lines.factors[cone.first_points[kept] % many] > 0
    return Breaks(
        chosen,
        np.where(positive[:, None], directions, -directions),
        kinks[kept] / size,
        tuple(Fraction(k) for k in kinks[kept].tolist()),
        is_cone=True,
        is_continuous=continuous,
        radius=float(np.abs(pieces.kinks).max()) / size,
        largest_kink=Fraction(float(np.abs(pieces.kinks).max())),
    )


def _cone_lines(kinks: NDArray[np.float64], lines: Lines) -> tuple[Lines, NDArray[np.float64]]:
    """Return the lines of the cone, infinity last, and ``(n,)`` the kink of each hyperplane.

    Points are those of the module for the first kink, for the second, ..., and one at infinity.
    A line points as the vector of its first point does, and its kink is that point's.
    """
    many, d = len(lines.line_of_point), lines.normals.shape[1]
    signs = np.where(lines.factors < 0, -1.0, 1.0)
    signed = (kinks[:, None] * signs).ravel() + 0.0
    # floats are compared as they are: changing the sign of one is exact
    _, number = np.unique(signed, return_inverse=True)
    line = np.tile(lines.line_of_point, len(kinks))
    key = line.astype(np.int64) * (int(number.max()) + 1) + number
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    first, which = first[order], place[which]
    n, around = len(first), np.tile(signs, len(kinks))
    direction = around[first]
    heights = signed[first] * direction
    normals = np.zeros((n + 1, d + 1))
    normals[:n, :d] = direction[:, None] * lines.normals[line[first]]
    normals[:n, d] = -heights / np.abs(kinks).max()
    normals[n, d] = 1.0
    own = around * direction[which]
    generators = len(lines.moves)
    moves = np.full((generators, n + 1), n, dtype=np.intp)
    turns = np.ones((generators, n + 1), dtype=np.int8)
    # a hyperplane by its line and the kink along the line's own direction
    code = key[first]
    rising = np.argsort(code)
    along = signed[first]
    values = np.unique(signed)
    for g in range(generators):
        turn = lines.turns[g, line[first]]
        moved = lines.moves[g, line[first]].astype(np.int64) * len(values)
        moved += np.searchsorted(values, along * turn + 0.0)
        moves[g, :n] = rising[np.searchsorted(code[rising], moved)]
        turns[g, :n] = turn * direction * direction[moves[g, :n]]
    found = Lines(
        normals / np.linalg.norm(normals, axis=1, keepdims=True),
        np.append(first, many * len(kinks)).astype(np.intp),
        np.append(which, n).astype(np.intp),
        np.append(own, 1.0),
        moves,
        turns,
    )
    return found, np.append(heights, 0.0)


def _with_unit_factors(lines: Lines) -> Lines:
    """Return the lines with factors 1 and -1."""
    return replace(lines, factors=np.sign(lines.factors))


def _is_there(lines: Lines, terms: NDArray[np.float64], *, even: bool) -> NDArray[np.bool_]:
    """Return ``(n,)`` the lines on which the sum of ``(N, e)`` terms is not 0."""
    sums = np.linalg.norm(lines.sums(terms, even=even), axis=1)
    out: NDArray[np.bool_] = sums > _AGREE * lines.sizes(terms)
    return out


def _kept(turned: NDArray[np.bool_], jumped: NDArray[np.bool_]) -> tuple[IntArray, bool]:
    """Return the lines on which slope or value jumps, and whether no value does."""
    return np.flatnonzero(turned | jumped), not bool(jumped.any())
