"""The isometries of space that permute given points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import NamingError
from toolkit.groups.graphs.points import read_points
from toolkit.groups.space import SpaceMatrices
from toolkit.groups.specs.base import data_refusal
from toolkit.library.drawings import permutations_of, symmetries_of
from toolkit.library.group import Group
from toolkit.library.session import Session, default_session
from toolkit.library.symmetry.averaging import symmetric_points
from toolkit.library.symmetry.found import Decision, FoundSymmetry, LazyModules
from toolkit.library.symmetry.numbers_given import is_exact, plain_array, tolerance_of
from toolkit.library.symmetry.trade_off import TradeOff, TradeOffRow
from toolkit.library.symmetry.value_gaps import Clustering, decided_by_gaps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

_ROWS = 5
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
        to its image within this much. By default 0 for integers and fractions; for floats the gaps
        between the distances decide.
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
    used = session or default_session()
    n, d = array.shape
    names: list[object] | None = None if labels is None else list(labels)
    if names is not None and len(names) != n:
        raise data_refusal("these points", f"{n} points need as many labels, found {len(names)}")
    given = array
    if not translations:  # the origin is one more point, with a label of its own
        given = np.concatenate([array, np.zeros((1, d), dtype=array.dtype)])
        names = [("point", None if names is None else names[i]) for i in range(n)]
        names.append(("origin", None))
    floats = array.astype(np.float64)
    centre = floats.mean(axis=0) if translations else np.zeros(d)
    exact = is_exact(array) and not tol
    considered: list[Clustering] = []
    if exact:
        chosen, why = (
            0.0,
            Decision("which distances are equal", "exact", "squared distances of exact numbers"),
        )
    elif tol is not None:
        chosen = float(tol)
        why = Decision("which distances are equal", "tolerance", f"tol={tol:g}, as given")
    else:
        best, considered, reason = decided_by_gaps(_distances(given.astype(np.float64)))
        scale = float(np.abs(floats - centre).max(initial=0.0))
        chosen = max(best.tol, _ROOM * scale)
        if chosen >= best.gap:
            chosen = best.tol
        kind = "rounding" if best is considered[0] else "tolerance"
        why = Decision("which distances are equal", kind, f"tol={chosen:.3g}: {reason}")  # type: ignore[arg-type]
    images, order = _images(given, names, None if exact else chosen, n, used)
    nearest, matrices, missed = symmetric_points(floats - centre, images)
    if missed > _MISSED * float(np.abs(floats - centre).max(initial=0.0)):
        raise data_refusal(
            "these points",
            f"the permutations that keep the distances within tol={chosen:.3g} belong to no "
            f"isometries of a space of dimension {d}: averaged points miss their images by "
            f"{missed:.2g}",
            "choose a smaller tol",
        )
    residual = float(np.abs(nearest - (floats - centre)).max(initial=0.0))
    rows = []
    for t in _others(considered, chosen):
        own, count, left = images, order, residual
        if t != chosen:
            try:
                own, count = _images(given, names, t, n, used)
            except NamingError:
                continue  # chains of distances, or no isometry
            near, _, missed = symmetric_points(floats - centre, own)
            if missed > _MISSED * float(np.abs(floats - centre).max(initial=0.0)):
                continue  # no isometry
            left = float(np.abs(near + centre - floats).max())
        generators = tuple(map(tuple, own.tolist())) if count > 1 else ()
        rows.append(TradeOffRow(t, count, left, _kept(floats, left, own), generators))
    trade_off = None
    if rows:
        trade_off = TradeOff(tuple(rows), [row.tol for row in rows].index(chosen))
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


def _kept(floats: NDArray[np.float64], left: float, images: NDArray[np.intp]) -> float:
    total = float(((floats - floats.mean(axis=0)) ** 2).sum())
    if not total:
        return 1.0
    centred = floats - floats.mean(axis=0)
    nearest = symmetric_points(centred, images)[0]
    return 1.0 - float(((nearest - centred) ** 2).sum()) / total


def _others(considered: list[Clustering], chosen: float) -> list[float]:
    """Return the tolerances to compare, the one in use among them."""
    if not considered:
        return []
    clear = sorted(considered[1:], key=lambda one: -one.separation)[: _ROWS - 1]
    return sorted({chosen, *(one.tol for one in clear)})


def _images(
    given: NDArray[Any], names: list[object] | None, tol: float | None, n: int, session: Session
) -> tuple[NDArray[np.intp], int]:
    read = read_points(given, names, tol)
    found = symmetries_of(read.relation, session)
    read.isometries(found.images)  # refuses what no isometry does
    return found.images[:, :n], found.order


def _distances(points: NDArray[np.float64]) -> NDArray[np.float64]:
    rows, columns = np.triu_indices(len(points), 1)
    if not rows.size:
        return np.zeros(1)
    return np.asarray(np.linalg.norm(points[rows] - points[columns], axis=1))
