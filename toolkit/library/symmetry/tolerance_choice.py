"""The tolerance that floats are compared with: rounding, or a larger one that has evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from toolkit.library.symmetry.coincidences import LEVEL, OF_TYPE
from toolkit.library.symmetry.found import How
from toolkit.library.symmetry.trade_off import KEPT, TradeOff, TradeOffRow
from toolkit.library.symmetry.value_gaps import Clustering, are_tied, clear_clusterings, clusterings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.library.symmetry.resolution import Resolution

_TRIED = 6  # most tolerances that are tried besides rounding


@dataclass(frozen=True, eq=False)
class Attempt:
    """The group that one tolerance gives.

    Parameters
    ----------
    row
        Its line in the trade-off.
    images
        ``(k, n)`` generators.
    spread
        The largest difference between numbers that it identifies.
    chance
        A bound on the chance of this group for numbers without a symmetry; see
        :func:`~toolkit.library.symmetry.coincidences.chance_bound`.
    """

    row: TradeOffRow
    images: NDArray[np.intp]
    spread: float
    chance: float

    @property
    def order(self) -> int:
        """The order of the group, 1 if it is not known."""
        return self.row.order or 1


@dataclass(frozen=True, eq=False)
class Choice:
    """The tolerance that was chosen, and why.

    Parameters
    ----------
    attempt
        What it gives.
    trade_off
        All tolerances that were tried.
    how
        ``"rounding"`` or ``"tolerance"``.
    reason
        A sentence.
    is_clear
        Whether ties or gaps decided; else only rounding is forgiven, for want of evidence.
    """

    attempt: Attempt
    trade_off: TradeOff
    how: How
    reason: str
    is_clear: bool


def chosen_tolerance(
    values: Sequence[NDArray[np.float64]],
    roundings: Sequence[float],
    grid: float,
    known: Resolution,
    attempt: Callable[[float], Attempt | None],
) -> Choice | None:
    """Choose a tolerance.

    Parameters
    ----------
    values
        The numbers that vary on their own, by kind.
    roundings
        What may be rounding, the preferred tolerance first: the first is taken that gives a group.
    grid
        Numbers that were equal before they were rounded differ by at most this much; 0.0 if they
        were not.
    known
        What the grid is.
    attempt
        Returns the group that a tolerance gives, or ``None`` if it gives none.

    Returns
    -------
    Choice or None
        ``None`` if even the smallest tolerance gives no group.

    Notes
    -----
    A tolerance larger than rounding is chosen only for a larger group whose chance bound is at most
    :data:`~toolkit.library.symmetry.coincidences.LEVEL` (of the rounding of a coarse type
    :data:`~toolkit.library.symmetry.coincidences.OF_TYPE`). It may stay within the grid; else,
    where less than half of the numbers are tied by rounding, it may be one that clear gaps
    separate.
    Where a tolerance that was tried gives a larger group and is not chosen, the reason names it.
    """
    tried: dict[float, Attempt] = {}
    base = None
    for t in roundings:
        base = attempt(t)
        if base is not None:
            break
    if base is None:
        return None
    tried[base.row.tol] = base
    rounding = base.row.tol
    clear = sorted(
        (one for own in values for one in clear_clusterings(own, rounding)),
        key=lambda one: -one.separation,
    )[:_TRIED]
    fine = []
    if grid > rounding:
        fine = [one for own in values for one in clusterings(own, rounding)[1:]]
        fine = sorted((one for one in fine if one.width <= grid), key=lambda one: -one.gap)

    def at(tol: float) -> Attempt | None:
        tol = float(tol)
        if tol not in tried and tol > rounding:
            found = attempt(tol)
            if found is not None:
                tried[tol] = found
        return tried.get(tol)

    def accepted(found: Attempt | None, level: float = LEVEL) -> bool:
        if found is None or found.order <= base.order:
            return False
        return found.chance <= level and found.row.kept >= KEPT

    chosen, how, is_clear = base, "rounding", True
    tied = all(are_tied(own, rounding) for own in values)
    reason = "at least half of the values agree with another value up to rounding"
    for tol in [grid, *(_shown(one) for one in fine[: _TRIED - 1])] if grid > rounding else ():
        found = at(tol)
        level = OF_TYPE if known.is_given else LEVEL
        if accepted(found, level) and found.spread <= grid and found.order > chosen.order:  # type: ignore[union-attr]
            chosen = found  # type: ignore[assignment]
            reason = f"the numbers are {known.why}, so equal numbers differ by up to {grid:.3g}"
    best = next((one for one in clear if accepted(at(_shown(one)))), None)
    if chosen is base and not tied:
        if best is None:
            is_clear = False
            reason = "no gaps separate the values clearly enough, so only rounding is tolerated"
        else:
            chosen, how = tried[_shown(best)], "tolerance"
            reason = (
                f"the gaps between {best.classes} classes of values are at least {best.gap:.3g}, "
                f"and no class is wider than {best.width:.3g}"
            )
    if chosen is not base:
        reason += (
            f"; the probability that numbers without a symmetry have this one is {_part(chosen)}"
        )
    reason = f"tol={chosen.row.tol:.3g}: {reason}{_hint(tried, chosen)}"
    rows = tuple(tried[t].row for t in sorted(tried))
    return Choice(
        chosen,
        TradeOff(rows, sorted(tried).index(chosen.row.tol)),
        how,  # type: ignore[arg-type]
        reason,
        is_clear,
    )


def _part(found: Attempt) -> str:
    return f"at most {max(found.chance, 1e-12):.2g}"


def _hint(tried: dict[float, Attempt], chosen: Attempt) -> str:
    larger = [one for one in tried.values() if one.order > chosen.order and one.row.kept >= KEPT]
    if not larger:
        return ""
    best = min(larger, key=lambda one: (one.chance, one.row.tol))
    weight = f"by chance {_part(best)}" if best.chance < 1 else "which may be chance"
    return f"; at tol={best.row.tol:.3g} the order would be {best.order} ({weight})"


def _shown(one: Clustering) -> float:
    """Return a tolerance of few digits that divides the numbers in this way, if there is one."""
    short = float(f"{one.tol:.3g}")
    return short if one.width <= short < one.gap else one.tol
