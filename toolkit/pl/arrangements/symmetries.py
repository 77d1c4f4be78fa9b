r"""The symmetries of an arrangement: those of a group that is given, or those that are found.

A linear map g of the space is a symmetry if it permutes the hyperplanes: if for each normal n_c
the vector g^T n_c is a multiple of a normal again, of n_m with m = moves[c], positive or negative
as turns[c] says. It takes a region with the signs s to the one with the signs turns * s[moves].

**Found ones.** A linear map of normals is found as a permutation of points of a projective space
(:mod:`toolkit.pl.arrangements.isomorphism`): first those that fix a basis but its last vector, then
those that fix it but the last two, and so on. That it is linear is an equality of products of
determinants, decided modulo as many primes as those need. Where scalars are free, as for
perpendicular parts, all signs of the parts are symmetries too. What is found is a group; that it
is all of it is not claimed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from toolkit.errors import ConfigError, NotAvailable
from toolkit.pl.arrangements.exact_normals import exact_rows
from toolkit.pl.arrangements.given_symmetry import symmetric_points
from toolkit.pl.arrangements.isomorphism import (
    Configuration,
    Frame,
    Patience,
    is_linear,
    searched,
)
from toolkit.pl.arrangements.projective import Points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from toolkit.exact.cyclotomic import Cyclotomic
    from toolkit.modules.gsets.actions import IntArray

    #: Permutations of hyperplanes with signs, ``(k, n)`` each.
    Moves: TypeAlias = "tuple[IntArray, NDArray[np.int8]]"

_SAME, _CLEAR = 1e-9, 1e-6


def given_symmetries(
    rows: Sequence[Sequence[Cyclotomic]],
    group: Sequence[Any],
    normals: NDArray[np.float64],
    *,
    is_cone: bool,
) -> Moves:
    """Return how matrices move half-spaces of hyperplanes that are given exactly.

    Parameters
    ----------
    rows
        ``(n, d)`` normals, no two proportional; of a cone with the hyperplane at infinity last.
    group
        ``(d, d)`` matrices of integers, fractions or cyclotomic numbers that act on vectors.
    normals
        ``(n, d)`` the rows in floating point, of any lengths.
    is_cone
        Whether the rows are those of a cone; matrices act on the other coordinates.

    Raises
    ------
    ConfigError
        If one is no such matrix, or no symmetry.
    NotAvailable
        If floats cannot tell which hyperplane goes where.

    Notes
    -----
    That they are symmetries is decided exactly
    (:mod:`toolkit.pl.arrangements.given_symmetry`); floats say to which of the hyperplanes, and
    on which side.

    Examples
    --------
    >>> from toolkit.exact.cyclotomic import Cyclotomic
    >>> one, none = Cyclotomic.from_int(1), Cyclotomic.from_int(0)
    >>> quarter = [[0, -1], [1, 0]]
    >>> given_symmetries([[one, none], [none, one]], [quarter], np.eye(2), is_cone=False)
    (array([[1, 0]]), array([[-1,  1]], dtype=int8))
    """
    n, d = normals.shape
    for place, given in enumerate(group):
        if np.ndim(given) == 1:
            raise ConfigError(
                f"group[{place}] must be a matrix of {d - is_cone} x {d - is_cone} exact numbers: "
                "a permutation of hyperplanes does not determine the images of their sides"
            )
    symmetric_points(rows, group, is_cone=is_cone)
    units = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    moves = np.empty((len(group), n), dtype=np.intp)
    turns = np.empty((len(group), n), dtype=np.int8)
    for place, given in enumerate(group):
        matrix = np.eye(d)
        size = d - is_cone
        exact = exact_rows(given) or []
        matrix[:size, :size] = [[x.to_float() for x in row] for row in exact]
        image = units @ matrix
        cosines = (image / np.linalg.norm(image, axis=1, keepdims=True)) @ units.T
        moves[place] = np.abs(cosines).argmax(axis=1)
        chosen = cosines[np.arange(n), moves[place]]
        turns[place] = np.sign(chosen)
        others = np.abs(cosines)
        others[np.arange(n), moves[place]] = 0.0
        if others.max(initial=0.0) > 1.0 - _SAME or np.abs(chosen).min() < 1.0 - _SAME:
            raise _too_close()
    return moves, turns


def found_symmetries(
    points: Points, normals: NDArray[np.float64], fixed: int | None = None
) -> Moves:
    """Return generators of a group of symmetries, minus one among them.

    Parameters
    ----------
    points
        The normals modulo primes, in order, with weights 1; primes for products of ``4 d + 4``
        determinants (:func:`~toolkit.pl.arrangements.exact_normals.points_of_normals`).
    normals
        ``(n, d)`` the same in floating point.
    fixed
        A hyperplane that is to be fixed, with its sides: then minus one is left out.

    Returns
    -------
    moves, turns
        ``(k, n)`` each.

    Examples
    --------
    >>> from toolkit.pl.arrangements.projective import Points
    >>> axes = np.eye(3)
    >>> primes = np.array([[[2147483629]], [[2147483587]]], dtype=np.uint64)
    >>> points = Points(primes, np.stack([axes, axes]).astype(np.uint64), np.ones(3, dtype=int))
    >>> moves, turns = found_symmetries(points, axes)
    >>> from toolkit.pl.arrangements.half_spaces import HalfSpaceGroup, of_lines
    >>> HalfSpaceGroup(3, of_lines(moves, turns)).order
    48
    """
    n = len(points)
    if points.dimension < 2:
        elements: list[IntArray] = []
        parts, around = np.zeros(n, dtype=np.intp), np.ones((n, 1))
        basis = [0]
    else:
        weights = np.ones(n, dtype=np.int64)
        if fixed is not None:
            weights[fixed] = 2
        # one prime is enough to look for them
        configuration = Configuration(Points(points.primes[:1], points.vectors[:1], weights))
        frame = Frame.of(configuration)
        elements = [
            element
            for element in _stabiliser_chain(configuration, frame)
            if is_linear(points, frame.chosen, element)
        ]
        basis = list(frame.chosen[: points.dimension])
        around = _coordinates(normals, basis)
        parts = _components(around)
    own = np.arange(n)
    moves = [own for _ in range(int(parts.max(initial=-1)) + 1)]
    turns = [np.where(parts == part, -1, 1).astype(np.int8) for part in range(len(moves))]
    for element in elements:
        moves.append(element)
        turns.append(_turned(around, _coordinates(normals[element], basis)))
    if fixed is not None:
        turns = [turn * turn[fixed] for turn in turns]
    return np.array(moves, dtype=np.intp).reshape(-1, n), np.array(turns).reshape(-1, n)


def _stabiliser_chain(configuration: Configuration, frame: Frame) -> list[IntArray]:
    """Return automorphisms, from those that fix most of the frame to those that fix nothing."""
    patience = Patience()
    found: list[IntArray] = []
    for place in range(len(frame.chosen) - 1, -1, -1):
        start = frame.chosen[place]
        orbit = np.zeros(len(configuration.points), dtype=bool)
        orbit[start] = True
        refuted = np.zeros_like(orbit)
        for image in range(len(orbit)):
            if orbit[image] or refuted[image] or not patience.is_worth_it():
                continue
            element = searched(frame, configuration, patience, place, image)
            if element is None:
                refuted = _spread(refuted, image, found)
            else:
                found.append(element)
                orbit = _spread(orbit, start, found)
    return found


def _spread(
    there: NDArray[np.bool_], start: int, elements: Sequence[IntArray]
) -> NDArray[np.bool_]:
    """Return the points with the orbit of one more."""
    out = there.copy()
    out[start] = True
    todo = [start]
    while todo:
        here = todo.pop()
        for element in elements:
            image = int(element[here])
            if not out[image]:
                out[image] = True
                todo.append(image)
    return out


# -- signs ----------------------------------------------------------------------------------------


def _coordinates(normals: NDArray[np.float64], basis: list[int]) -> NDArray[np.float64]:
    """Return the normals in terms of some of them, numbers within rounding of 0 replaced by 0."""
    out = np.linalg.lstsq(normals[basis].T, normals.T, rcond=None)[0].T
    out[np.abs(out) < _SAME] = 0.0
    return np.asarray(out, dtype=np.float64)


def _components(around: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return ``(n,)`` the part of each normal, for a basis with these coordinates."""
    d = around.shape[1]
    part = np.arange(d)
    for row in around:
        met = part[row != 0]
        part[np.isin(part, met)] = met.min()
    _, part = np.unique(part, return_inverse=True)
    out: NDArray[np.intp] = part[(around != 0).argmax(axis=1)]
    return out


def _turned(around: NDArray[np.float64], images: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return the signs of the multiples, given coordinates beside a basis and beside its images.

    A linear map that takes n_k to l_k n'_k takes sum of c_k n_k to sum of c_k l_k n'_k, which is l
    times sum of c'_k n'_k: l = l_k c_k / c'_k for each k.
    """
    n, d = around.shape
    there = (around != 0) & (images != 0)
    if not np.array_equal(around != 0, images != 0):
        raise _too_close()
    ratio = np.divide(around, images, out=np.zeros_like(around), where=there)
    scale, of_basis = np.zeros(n), np.zeros(d)
    while (of_basis == 0).any():
        of_basis[int((of_basis == 0).argmax())] = 1.0
        grown = True
        while grown:
            reached = there & (of_basis != 0)
            scale = np.where(
                reached.any(axis=1),
                (ratio * of_basis)[np.arange(n), reached.argmax(axis=1)],
                0.0,
            )
            fresh = there & (of_basis == 0) & (scale != 0)[:, None]
            grown = bool(fresh.any())
            if grown:
                row, column = np.argwhere(fresh)[0]
                of_basis[column] = scale[row] / ratio[row, column]
    error = np.abs(np.where(there, ratio * of_basis - scale[:, None], 0.0)).max(initial=0.0)
    if error > _CLEAR * np.abs(scale).max(initial=1.0):
        raise _too_close()
    return np.sign(scale).astype(np.int8)


def _too_close() -> NotAvailable:
    return NotAvailable(
        "an arrangement",
        "its regions up to symmetry",
        "its normals are too close to dependent for float64: give the group, or group=[] for "
        "none, or use tk.regions for the number of regions only",
    )
