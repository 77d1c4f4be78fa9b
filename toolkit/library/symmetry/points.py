"""The isometries of space that permute given points."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import NamingError
from toolkit.groups.graphs.points import read_points
from toolkit.groups.space import SpaceMatrices
from toolkit.groups.specs.base import data_refusal
from toolkit.library.drawings import permutations_of, symmetries_of
from toolkit.library.group import Group
from toolkit.library.session import Session, session_or_default
from toolkit.library.symmetry.averaging import orbit_labels, symmetric_points
from toolkit.library.symmetry.coincidences import chance_bound, coincidence
from toolkit.library.symmetry.found import Decision, FoundSymmetry, LazyModules
from toolkit.library.symmetry.numbers_given import is_exact, plain_array, tolerance_of
from toolkit.library.symmetry.resolution import Resolution, resolution_of, type_of
from toolkit.library.symmetry.tolerance_choice import Attempt, Choice, chosen_tolerance
from toolkit.library.symmetry.trade_off import TradeOffRow
from toolkit.library.symmetry.value_gaps import ROUNDING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

_MOST_COORDINATES = 300  # beyond these, degrees of freedom are bounded from below
_MISSED = 1e-8  # points that miss their images by more than this part are not symmetric
_ROOM = 1e-8  # isometries need more room than distances, of the size of the point set


def symmetry_of_points(
    points: ArrayLike | Any,  # noqa: ANN401 - also a tensor
    *,
    labels: Sequence[object] | None = None,
    tol: float | None = None,
    translations: bool = True,
    name: str | None = None,
    session: Session | None = None,
) -> FoundSymmetry:
    """Return the isometries of space that permute points, as permutations and as matrices.

    Parameters
    ----------
    points
        ``(n, d)`` coordinates; integers and fractions are compared exactly.
    labels
        For each point a value that isometries keep, such as the symbol of an atom.
    tol
        Distances that differ by at most this much are equal, and an isometry must take each point
        to its image within this much. By default 0 for integers and fractions; for floats ties,
        digits and gaps decide, see
        :func:`~toolkit.library.symmetry.tolerance_choice.chosen_tolerance`.
    translations
        Whether isometries may move the origin: they then fix the centroid of the points.
        ``False`` asks for those that fix the origin.
    name
        The group's name, for display.
    session
        As in :func:`toolkit.group`.

    Returns
    -------
    FoundSymmetry
        With the modules ``"points"``, a permutation module, and ``"space"``, in which generator g
        acts on columns v of space by orthogonal matrices; ``group.space_matrices`` has them for
        rows: ``averaged[images[g]] - centre = (averaged - centre) @ matrices[g]`` up to rounding.
        ``facts["centre"]`` is the point that all isometries fix. ``averaged`` are the nearest
        points of which this is exactly the symmetry.

    Raises
    ------
    NamingError
        As :func:`toolkit.group_from_points`.

    Notes
    -----
    The matrices come from the averaged points, so that they obey the relations of the group up to
    rounding, also where the points are noisy. O(n^2) distances, up to 5,000 points.

    Examples
    --------
    A square, somewhere, with noise:

    >>> import numpy as np
    >>> square = np.array([[3.0, 1.0], [5.001, 1.0], [5.0, 3.0], [3.0, 3.0005]])
    >>> found = symmetry_of_points(square)
    >>> found.order, found["space"], found.residual < 0.001
    (8, <space: linear module of <(1,2)(3,4), (1,3)> of dimension 2>, True)
    >>> symmetry_of_points(square, labels=["C", "N", "C", "N"], tol=0.01).order
    4
    """
    array = plain_array(points, "these points")
    if array.ndim != 2 or 0 in array.shape:
        raise data_refusal(
            "these points",
            f"they must form a table with a row for each point, found shape {array.shape}",
        )
    tol = tolerance_of(tol, "these points")
    used = session_or_default(session)
    n, d = array.shape
    names: list[object] | None = None if labels is None else list(labels)
    if names is not None and len(names) != n:
        raise data_refusal(
            "these points", f"{n} points need the same number of labels, found {len(names)}"
        )
    given = array
    if not translations:  # the origin is one more point, with a label of its own
        given = np.concatenate([array, np.zeros((1, d), dtype=array.dtype)])
        names = [("point", None if names is None else names[i]) for i in range(n)]
        names.append(("origin", None))
    floats = array.astype(np.float64)
    centre = floats.mean(axis=0) if translations else np.zeros(d)
    exact = is_exact(array) and not tol
    trade_off = None
    if exact or tol is not None:
        chosen = 0.0 if exact else float(tol or 0.0)
        why = (
            Decision("which distances are equal", "exact", "squared distances of exact numbers")
            if exact
            else Decision("which distances are equal", "tolerance", f"tol={tol:g}, as given")
        )
        images, order = _images(given, names, None if exact else chosen, n, used)
        nearest, matrices, missed = symmetric_points(floats - centre, images, chosen)
        if missed > _MISSED * float(np.abs(floats - centre).max(initial=0.0)):
            raise data_refusal(
                "these points",
                f"the permutations that keep the distances within tol={chosen:.3g} are not given "
                f"by isometries of a space of dimension {d}: averaged points miss their images by "
                f"{missed:.2g}",
                "choose a smaller tol",
            )
    else:
        search = _Search(given.astype(np.float64), names, floats - centre, translations, used)
        choice = search.choice(resolution_of(floats, type_of(points)))
        if choice is None:
            raise data_refusal("these points", "no tolerance gives isometries", "give a tol")
        chosen, trade_off = choice.attempt.row.tol, choice.trade_off
        images, order = choice.attempt.images, choice.attempt.order
        nearest, matrices, _ = symmetric_points(floats - centre, images, chosen)
        why = Decision("which distances are equal", choice.how, choice.reason)
    residual = float(np.abs(nearest - (floats - centre)).max(initial=0.0))
    fits = float(
        max(
            (np.abs(nearest[i] - nearest @ m).max() for i, m in zip(images, matrices, strict=True)),
            default=0.0,
        )
    )
    space = SpaceMatrices.of_floats(matrices, fits)
    group = Group(permutations_of(images), used, space=space, title=name, known_order=order)
    decisions: tuple[Decision, ...] = (
        why,
        Decision(
            "the group",
            "exact" if exact else "tolerance",
            "all permutations that keep the classes of distances",
        ),
        Decision(
            "the matrices",
            "rounding",
            f"from the averaged points; they miss them by at most {fits:.2g}",
        ),
    )
    if exact:
        decisions = (decisions[0], decisions[1])
    modules = LazyModules({"points": group.natural_module, "space": group.space_module})
    facts = {"centre": centre.tolist(), "space_residual": fits, "translations": translations}
    return FoundSymmetry(
        group,
        modules,
        decisions,
        0.0 if exact else residual,
        chosen,
        nearest + centre,
        trade_off,
        facts,
    )


class _Search:
    """The tolerances that points may have."""

    def __init__(
        self,
        given: NDArray[np.float64],
        names: list[object] | None,
        points: NDArray[np.float64],
        translations: bool,
        session: Session,
    ) -> None:
        self.given, self.names, self.points = given, names, points
        self.translations, self.session = translations, session
        self.scale = float(np.abs(points).max(initial=0.0))
        rows, columns = np.triu_indices(len(given), 1)
        self.pairs = rows, columns
        self.distances = np.asarray(np.linalg.norm(given[rows] - given[columns], axis=1))
        alike = np.unique([names.index(one) for one in names] if names else np.zeros(len(given)),
                          return_counts=True)[1]  # fmt: skip
        self.log_count = sum(math.lgamma(c + 1) for c in alike.tolist())

    def choice(self, known: Resolution) -> Choice | None:
        """Return the tolerance and its group."""
        # a coordinate is off by half a step, a distance by a step in each of d coordinates
        room = 2 * math.sqrt(self.points.shape[1])
        usual = ROUNDING * float(self.distances.max(initial=0.0))
        self.rounding = max(known.rounding * room, usual)
        self.least = max(known.step, known.rounding)
        gaps = np.diff(np.unique(self.distances))
        first = float(gaps[gaps > usual].min(initial=np.inf))
        preferred = _ROOM * self.scale
        if self.rounding > preferred or preferred >= first:
            preferred = self.rounding
        own = [self.distances] if self.distances.size else []
        tols = [preferred, self.rounding, usual, 0.0]
        return chosen_tolerance(own, tols, known.step * room, known, self.attempt)

    def attempt(self, tol: float) -> Attempt | None:
        """Return the isometries within a tolerance, ``None`` if there are no such."""
        try:
            images, order = _images(self.given, self.names, tol, len(self.points), self.session)
        except NamingError:  # chains of distances, or no isometry
            return None
        nearest, matrices, missed = symmetric_points(self.points, images, tol)
        if missed > _MISSED * self.scale:
            return None
        left = nearest - self.points
        total = float(((self.points - self.points.mean(axis=0)) ** 2).sum())
        kept = 1.0 - float((left**2).sum()) / total if total else 1.0
        row = TradeOffRow(
            tol,
            order,
            float(np.abs(left).max(initial=0.0)),
            kept,
            tuple(map(tuple, images.tolist())) if order > 1 else (),
        )
        if not self.distances.size:
            return Attempt(row, images, 0.0, 1.0)
        one = coincidence(self.distances, self._orbits(images), self.rounding)
        lost = freedom_lost(self.points, images, matrices, self.translations)
        size = float(np.sqrt((self.points**2).sum(axis=1).mean() / self.points.shape[1])) / 2
        one = replace(one, identities=min(one.identities, lost), size=size)
        chance = chance_bound([one], self.log_count - math.log(order), self.least)
        return Attempt(row, images, one.spread, chance)

    def _orbits(self, images: NDArray[np.intp]) -> NDArray[np.intp]:
        n = len(self.given)
        number = np.zeros((n, n), dtype=np.intp)
        rows, columns = self.pairs
        number[rows, columns] = number[columns, rows] = np.arange(rows.size)
        if n > images.shape[1]:  # the origin stays
            images = np.concatenate([images, np.full((len(images), 1), n - 1)], axis=1)
        return orbit_labels([number[g[rows], g[columns]] for g in images], rows.size)


def freedom_lost(
    points: NDArray[np.float64],
    images: NDArray[np.intp],
    matrices: NDArray[np.float64],
    translations: bool,
) -> int:
    """Return how many numbers points up to isometry have to give up to have a symmetry.

    The dimension of all configurations near the points, up to motions, less that of the symmetric
    ones, in the space that the points span. From 300 coordinates on it is a lower bound, by the
    number of orbits.

    Examples
    --------
    A triangle has three numbers, an isosceles one two:

    >>> points = np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    >>> mirror = np.diag([-1.0, 1.0])
    >>> freedom_lost(points, np.array([[1, 0, 2]]), mirror[None], True)
    1
    """
    _, sizes, axes = np.linalg.svd(points, full_matrices=False)
    r = int((sizes > 1e-8 * max(float(sizes.max(initial=0.0)), 1e-300)).sum())
    n = len(points)
    if not r:
        return 0
    spin = r * (r - 1) // 2
    if n * r > _MOST_COORDINATES:
        orbits = int(orbit_labels(list(images), n).max()) + 1
        return max(1, r * (n - orbits) - spin - r * translations)
    span = axes[:r].T
    own = np.array([span.T @ m @ span for m in matrices]).reshape(-1, r, r)
    moved = [np.kron(np.eye(n)[g], np.eye(r)) - np.kron(np.eye(n), m.T)
             for g, m in zip(images, own, strict=True)]  # fmt: skip
    fixed = [np.eye(r) - m.T for m in own]
    rows, columns = np.triu_indices(r, 1)
    turns = np.zeros((spin, r, r))
    turns[range(spin), rows, columns] = 1.0
    turns[range(spin), columns, rows] = -1.0
    turned = [(turns @ m - m @ turns).reshape(spin, r * r).T for m in own]
    symmetric = _kernel(moved, n * r) - _kernel(turned, spin)
    free = n * r - spin
    if translations:
        symmetric -= _kernel(fixed, r)
        free -= r
    return max(0, free - symmetric)


def _kernel(equations: list[NDArray[np.float64]], n: int) -> int:
    if not equations or not n:
        return n
    return n - int(np.linalg.matrix_rank(np.concatenate(equations), tol=1e-6))


def _images(
    given: NDArray[Any], names: list[object] | None, tol: float | None, n: int, session: Session
) -> tuple[NDArray[np.intp], int]:
    read = read_points(given, names, tol)
    found = symmetries_of(read.relation, session)
    read.isometries(found.images)  # refuses what no isometry does
    return found.images[:, :n], found.order
