"""The permutations that keep a square matrix, entry by entry."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import NamingError
from toolkit.groups.graphs.matrices import fail, read_matrix
from toolkit.library.drawings import permutations_of, symmetries_of
from toolkit.library.group import Group
from toolkit.library.session import Session, session_or_default
from toolkit.library.symmetry.averaging import average_of_matrix, orbit_labels
from toolkit.library.symmetry.coincidences import chance_bound, coincidence
from toolkit.library.symmetry.found import Decision, FoundSymmetry, How
from toolkit.library.symmetry.numbers_given import is_exact, plain_array, tolerance_of
from toolkit.library.symmetry.resolution import Resolution, resolution_of, type_of
from toolkit.library.symmetry.tolerance_choice import Attempt, chosen_tolerance
from toolkit.library.symmetry.trade_off import TradeOff, TradeOffRow, searched_trade_off
from toolkit.library.symmetry.within_tolerance import MAX_POINTS, permutations_within

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from toolkit.groups.specs.generated import Permutations

_ROOM = 1.01  # times a step of the grid of the numbers: what equal ones differ by
_SEARCHED = 256  # most rows for which tolerances are searched where no gaps decide


def symmetry_of_matrix(
    matrix: ArrayLike | Any,  # noqa: ANN401 - also a tensor
    *,
    tol: float | None = None,
    name: str | None = None,
    session: Session | None = None,
) -> FoundSymmetry:
    """Return the group of permutations g with M[i^g, j^g] = M[i, j].

    Parameters
    ----------
    matrix
        ``(n, n)`` real numbers: integers and fractions are compared exactly.
    tol
        Entries that differ by at most this much are equal; 0 for exactly equal floats. By default
        ties, digits and gaps of the values decide, see
        :func:`~toolkit.library.symmetry.tolerance_choice.chosen_tolerance`.
    name
        The group's name, for display.
    session
        As in :func:`toolkit.group`.

    Returns
    -------
    FoundSymmetry
        With the module ``"rows"``, the averaged matrix, and for floats the orders at all
        tolerances that divide the values clearly.

    Raises
    ------
    NamingError
        If it is no square matrix of finite numbers, or a tolerance that was given has chains of
        values for more than 1,024 rows.

    Notes
    -----
    Classes of values go to igraph (bliss). Where a chain of entries within ``tol`` joins two that
    are farther apart, and a permutation takes one to the other, permutations are searched that
    keep each entry within ``tol``.

    Examples
    --------
    >>> import numpy as np
    >>> ring = np.array([[0, 1, 5, 1.01], [1, 0, 1, 5], [5, 1, 0, 1], [1.01, 5, 1, 0]])
    >>> symmetry_of_matrix(ring, tol=0.05).order, symmetry_of_matrix(ring, tol=0).order
    (8, 2)
    """
    array = plain_array(matrix, "this matrix")
    if array.ndim != 2 or array.shape[0] != array.shape[1] or not array.size:
        raise fail(
            f"it must be square, with as many rows as columns, found shape {array.shape}",
            'find_symmetry(W, kind="layer") searches for pairs of permutations of rows and columns',
        )
    tol = tolerance_of(tol, "this matrix")
    used = session_or_default(session)
    floats = array.astype(np.float64)
    if is_exact(array) and not tol:
        images, order, how = _by_classes(array, 0.0, used)
        why = Decision("which entries are equal", "exact", "integers or fractions were compared")
        return _found(images, order, floats, 0.0, (why, how), None, name, used, exact=True)
    if tol is not None:
        images, order, how = _by_classes(floats, float(tol), used)
        given = Decision(
            "which entries are equal",
            "tolerance" if tol else "exact",
            f"entries within tol={tol:g}, as given" if tol else "floats were compared exactly",
        )
        return _found(images, order, floats, float(tol), (given, how), None, name, used)
    return _by_evidence(floats, resolution_of(floats, type_of(matrix)), name, used)


def _by_evidence(
    floats: NDArray[np.float64], known: Resolution, name: str | None, session: Session
) -> FoundSymmetry:
    """Choose the tolerance by ties, digits and gaps of the entries, or by a plateau."""
    free = floats[np.triu_indices(len(floats))] if (floats == floats.T).all() else floats
    hows: dict[float, Decision] = {}

    def attempt(tol: float) -> Attempt | None:
        try:
            images, order, hows[tol] = _by_classes(floats, tol, session)
        except NamingError:
            return None
        return _attempt(floats, images, order, tol, known)

    choice = chosen_tolerance(
        [free.reshape(-1)], [known.rounding, 0.0], known.step * _ROOM, known, attempt
    )
    if choice is None:
        raise fail("no tolerance gives a group", "give a tol")
    if not choice.is_clear and choice.attempt.order == 1 and len(floats) <= _SEARCHED:
        searched = _searched(floats, choice.reason, known, name, session)
        if searched is not None:
            return searched
    chosen = choice.attempt
    tol = chosen.row.tol
    decisions = (Decision("which entries are equal", choice.how, choice.reason), hows[tol])
    return _found(
        chosen.images, chosen.order, floats, tol, decisions, choice.trade_off, name, session
    )


def _attempt(
    floats: NDArray[np.float64],
    images: NDArray[np.intp],
    order: int | None,
    tol: float,
    known: Resolution,
) -> Attempt:
    n = len(floats)
    mean = average_of_matrix(floats, images, images)
    pairs = [(g[:, None] * n + g[None]).reshape(-1) for g in images]
    if (floats == floats.T).all():
        pairs.append(np.arange(n * n).reshape(n, n).T.reshape(-1))
    one = coincidence(floats.reshape(-1), orbit_labels(pairs, n * n), known.rounding)
    chance = chance_bound([one], _log_count(n, order), max(known.rounding, known.step))
    generators = tuple(map(tuple, images.tolist())) if order and order > 1 else ()
    row = TradeOffRow(tol, order, mean.residual, mean.kept, generators)
    return Attempt(row, images, one.spread, chance)


def _log_count(n: int, order: int | None) -> float:
    return math.lgamma(n + 1) - math.log(order or 1)


def _searched(
    floats: NDArray[np.float64],
    reason: str,
    known: Resolution,
    name: str | None,
    session: Session,
) -> FoundSymmetry | None:
    """Return the longest plateau of the trade-off, or ``None`` if there is no clear one."""
    tried: list[Attempt] = []

    def within(tol: float) -> tuple[TradeOffRow, NDArray[np.intp]]:
        near = permutations_within(floats, tol)
        order: int | None = near.chain_order
        if not near.is_complete:
            order = None
        elif not near.is_group:
            order = order_of_images(near.images, session)
        tried.append(_attempt(floats, near.images, order, tol, known))
        return tried[-1].row, near.images

    trade_off, images, plateau = searched_trade_off(
        floats, within, known.rounding, lambda i: tried[i].chance
    )
    if plateau is None:
        return None
    row = trade_off.rows[plateau[0]]
    decisions = (
        Decision("which entries are equal", "tolerance", f"{reason}; {plateau[1]}"),
        Decision("the group", "tolerance", f"permutations within tol={row.tol:.3g} were sought"),
    )
    order = row.order or 1
    return _found(images[plateau[0]], order, floats, row.tol, decisions, trade_off, name, session)


def _by_classes(
    array: NDArray[Any], tol: float, session: Session
) -> tuple[NDArray[np.intp], int, Decision]:
    """Return generators, the order and how it was found."""
    read = read_matrix(array, tol)
    found = symmetries_of(read.relation, session)
    if read.unequal(found.images) is None:
        detail = "all permutations that keep the classes of entries, found by igraph or digraphs"
        by: How = "tolerance" if tol else "exact"
        return found.images, found.order, Decision("the group", by, detail)
    if len(array) > MAX_POINTS:
        read.check(found.images)
    near = permutations_within(array.astype(np.float64), tol)
    n = len(array)
    images = near.images if len(near.images) else np.arange(n)[None]
    order = near.chain_order if near.is_group else order_of_images(images, session)
    detail = f"chains of entries: permutations that keep each entry within tol={tol:g} were sought"
    if not near.is_group:
        detail += "; their products leave it"
    if not near.is_complete:
        detail += "; the search ended early, so there may be more"
    return images, order, Decision("the group", "tolerance", detail)


def order_of_images(images: NDArray[np.intp], session: Session) -> int:
    """Return the order of the group that permutations generate.

    Examples
    --------
    >>> order_of_images(np.array([[1, 2, 3, 0], [1, 0, 2, 3]]), session_or_default(None))
    24
    """
    spec: Permutations = permutations_of(images)
    return Group(spec, session).order_alone


def _found(
    images: NDArray[np.intp],
    order: int,
    floats: NDArray[np.float64],
    tol: float,
    decisions: tuple[Decision, ...],
    trade_off: TradeOff | None,
    name: str | None,
    session: Session,
    exact: bool = False,
) -> FoundSymmetry:
    group = Group(permutations_of(images), session, title=name, known_order=order)
    mean = average_of_matrix(floats, images, images)
    residual = 0.0 if exact else mean.residual
    modules = {"rows": group.natural_module()}
    facts = {"variance_kept": mean.kept, "spread": mean.spread}
    return FoundSymmetry(
        group, dict(modules), decisions, residual, tol, mean.values, trade_off, facts
    )
