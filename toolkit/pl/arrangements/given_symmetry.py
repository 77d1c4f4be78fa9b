"""Symmetries of an arrangement that a user gives: read, and checked to be symmetries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import ConfigError
from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.pl.arrangements.exact_normals import exact_rows, points_of_normals
from toolkit.pl.arrangements.isomorphism import Configuration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.modules.gsets.actions import IntArray
    from toolkit.pl.arrangements.projective import Points


def symmetric_points(
    rows: Sequence[Sequence[Cyclotomic]],
    group: Any,  # noqa: ANN401 - what users have
    *,
    is_cone: bool,
) -> tuple[Points, IntArray | None]:
    """Return the points that exact normals span, and how given symmetries permute them.

    Parameters
    ----------
    rows
        ``(n, d)`` the normals; of a cone, with the hyperplane at infinity last.
    group
        Generators: permutations of the hyperplanes that the user gave, ``n`` images from 0, or
        matrices ``(d, d)`` that act on vectors and take each hyperplane to one; ``None`` for none.
    is_cone
        Whether the rows are those of a cone. Permutations fix the last row, matrices act on the
        other coordinates.

    Returns
    -------
    Points
        The points.
    numpy.ndarray or None
        ``(k, points)`` where each generator takes each point.

    Raises
    ------
    ConfigError
        If a generator is neither, or is no symmetry of the arrangement.

    Examples
    --------
    Three lines of a plane, and the matrix that turns each to the next; then a permutation that no
    linear map makes:

    >>> one, none = Cyclotomic.from_int(1), Cyclotomic.from_int(0)
    >>> rows = [[one, none], [none, one], [-one, -one]]
    >>> points, images = symmetric_points(rows, [[[0, 1], [-1, -1]]], is_cone=False)
    >>> sorted(images[0].tolist()), bool((images[0] == np.arange(3)).any())
    ([0, 1, 2], False)
    >>> rows += [[one, one + one]]
    >>> symmetric_points(rows, [[1, 2, 3, 0]], is_cone=False)
    Traceback (most recent call last):
    ...
    toolkit.errors.ConfigError: group[0] permutes the hyperplanes in a way that no linear map does:
    give symmetries of the arrangement, or omit group
    """
    if group is None:
        return points_of_normals(rows)[0], None
    require_generators(group)
    n, d = len(rows) - is_cone, len(rows[0]) - is_cone
    images: list[list[int] | None] = []
    moved: list[list[Cyclotomic]] = []
    for place, given in enumerate(group):
        permutation = _permutation(given, n)
        images.append(permutation)
        if permutation is None:
            matrix = _matrix(given, n, d, place)
            moved += [_moved(row, matrix, d) for row in rows[:n]]
            if not all(any(x.terms for x in row[:d]) for row in moved[-n:]):
                raise _no_symmetry(place, "maps some non-zero vectors to 0")
    points, number = points_of_normals([*rows, *moved])
    own, rest = number[: len(rows)], number[len(rows) :]
    if len(np.unique(own)) < len(points):
        place = next(i for i, image in enumerate(images) if image is None)
        raise _no_symmetry(place, "does not map every hyperplane to one of them")
    out = np.empty((len(images), len(points)), dtype=np.intp)
    configuration = Configuration(points) if points.dimension > 1 else None
    start = 0
    for place, image in enumerate(images):
        if image is None:
            to, start = rest[start : start + n], start + n
        else:
            to = own[image]
        out[place, own] = np.append(to, own[n:])
        one_to_one = np.array_equal(np.sort(out[place]), np.arange(len(points)))
        consistent = np.array_equal(out[place, own], np.append(to, own[n:]))
        if not (one_to_one and consistent):
            raise _no_symmetry(place, "does not permute the hyperplanes")
        if configuration is not None and not configuration.frame.is_kept_by(out[place]):
            raise _no_symmetry(place, "permutes the hyperplanes in a way that no linear map does")
    return points, out


def require_generators(group: object) -> None:
    """Raise ConfigError unless symmetries are given as a list.

    Examples
    --------
    >>> require_generators([[1, 0]])
    """
    if isinstance(group, str) or not hasattr(group, "__iter__"):
        raise ConfigError(
            "group must be a list of generators, permutations of the hyperplanes or matrices, "
            f"found {group!r:.60}"
        )


def _permutation(given: Any, n: int) -> list[int] | None:  # noqa: ANN401 - what users have
    """Return the images, if it is a permutation of the hyperplanes."""
    try:
        images = [int(x) for x in given]
    except (TypeError, ValueError):
        return None
    return images if sorted(images) == list(range(n)) else None


def _matrix(given: Any, n: int, d: int, place: int) -> list[list[Cyclotomic]]:  # noqa: ANN401
    try:
        shape = {len(row) for row in given}
        matrix = exact_rows(given) if shape == {d} and len(given) == d else None
    except TypeError:
        matrix = None
    if matrix is None:
        raise ConfigError(
            f"group[{place}] must be a permutation of the {n} hyperplanes, as 0-based images, or a "
            f"matrix of {d} x {d} exact numbers, found {given!r:.60}"
        )
    return matrix


def _moved(row: Sequence[Cyclotomic], matrix: list[list[Cyclotomic]], d: int) -> list[Cyclotomic]:
    """Return the normal of the hyperplane that the matrix takes to that of the row."""
    out = []
    for line in zip(*matrix, strict=True):
        total = Cyclotomic.from_int(0)
        for x, y in zip(line, row[:d], strict=True):
            total = total + x * y
        out.append(total)
    return [*out, *row[d:]]


def _no_symmetry(place: int, what: str) -> ConfigError:
    return ConfigError(f"group[{place}] {what}: give symmetries of the arrangement, or omit group")
