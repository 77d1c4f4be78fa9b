"""How long the groups of a sweep take, learned from those that are done.

Groups of one order with neighbouring numbers mostly take similar times. So the groups of a plan are
divided into cells: neighbours of one order. A cell has the mean time of its groups that are done,
drawn towards that of its order, which is drawn towards that of all orders with as many prime
factors, which is drawn towards that of all groups. At the start nothing is known, and a seeded
sample over all cells is done first: its groups belong to the plan, so nothing is done twice.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from toolkit.catalog.plan import Target
from toolkit.catalog.sweeps.ahead import small_group_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: The most cells of one order, and the fewest groups of a cell.
_CELLS_OF_ORDER = 32
_LEAST_CELL = 24
#: The mean of a larger set of groups counts as this many measured groups of a part of the set.
_TRUST = 0.5
#: One group in this many is in the sample, whose size stays within these bounds.
_SAMPLED = 12
_LEAST_SAMPLE, _LARGEST_SAMPLE = 32, 300


@dataclass
class Cell:
    """Neighbouring groups of a plan.

    Parameters
    ----------
    order
        Their order; 0 where the names do not give it.
    kind
        Which modules they have, and the number of prime factors of the order.
    targets
        The groups, as the plan has them.
    left
        How many are still to be done.
    measured, seconds
        How many have been measured, and their time together.
    """

    order: int
    kind: tuple[str, int]
    targets: list[Target] = field(default_factory=list)
    left: int = 0
    measured: int = 0
    seconds: float = 0.0

    @property
    def weight(self) -> float:
        """The time of a group in proportion to others, by a guess from its order alone."""
        return 1.0 + self.order / (16.0 * max(1, self.kind[1]))


class CostModel:
    """Estimates of the time that groups take.

    Parameters
    ----------
    targets
        The groups of a plan, in its order.

    Examples
    --------
    >>> from toolkit.catalog.plan import Target
    >>> from toolkit.catalog.rows.group import Modules
    >>> names = [f"SmallGroup(8,{i})" for i in range(1, 6)]
    >>> model = CostModel([Target(name, 8, i, Modules()) for i, name in enumerate(names, 1)])
    >>> model.learn("SmallGroup(8,1)", 0.25)
    >>> model.learn("SmallGroup(8,2)", 0.75)
    >>> model.seconds_left()
    1.5
    """

    def __init__(self, targets: Sequence[Target]) -> None:
        self.cells: list[Cell] = []
        self._of_name: dict[str, Cell] = {}
        by_order: dict[tuple[int, str], list[Target]] = {}
        for target in targets:
            by_order.setdefault((_order(target), str(target.modules)), []).append(target)
        for (order, modules), found in by_order.items():
            size = max(_LEAST_CELL, -(-len(found) // _CELLS_OF_ORDER))
            kind = (modules, _prime_factors(order))
            for i in range(0, len(found), size):
                part = found[i : i + size]
                cell = Cell(order, kind, part, len(part))
                self.cells.append(cell)
                self._of_name.update((target.name, cell) for target in part)
        self._times: dict[int, float] | None = None

    def learn(self, name: str, seconds: float | None) -> None:
        """Record that a group is done.

        Parameters
        ----------
        name
            Its name; a name that is not in the plan is ignored.
        seconds
            How long it took; ``None`` if that is not known.
        """
        cell = self._of_name.pop(name, None)
        if cell is None:
            return
        cell.left -= 1
        if seconds is not None:
            cell.measured += 1
            cell.seconds += seconds
            self._times = None

    def is_left(self, name: str) -> bool:
        """Whether a group is in the plan and not known to be done."""
        return name in self._of_name

    @property
    def measured(self) -> int:
        """How many groups have been measured."""
        return sum(cell.measured for cell in self.cells)

    def seconds_of(self, cell: Cell) -> float:
        """Return the estimated time of a group of a cell, in seconds; 0.0 if nothing is known."""
        if self._times is None:
            self._times = dict(zip(map(id, self.cells), self._estimated(), strict=True))
        return self._times[id(cell)]

    def seconds_left(self) -> float:
        """Return the estimated time of all groups that are not done, one after the other."""
        return sum(cell.left * self.seconds_of(cell) for cell in self.cells if cell.left)

    def of_orders(self) -> Iterator[tuple[int, int, float]]:
        """Yield per order (0: not known) the number of its groups, and their time together."""
        found: dict[int, tuple[int, float]] = {}
        for cell in self.cells:
            count, seconds = found.get(cell.order, (0, 0.0))
            more = len(cell.targets)
            found[cell.order] = count + more, seconds + more * self.seconds_of(cell)
        yield from ((order, *found[order]) for order in sorted(found))

    def sample(self, seed: int) -> list[Target]:
        """Return a sample of the groups that are not done, in the order of the plan.

        A group that is guessed to take longer is drawn more often, and the drawn ones are spread
        evenly over the plan.
        """
        left = [
            (target, cell.weight)
            for cell in self.cells
            for target in cell.targets
            if self.is_left(target.name)
        ]
        size = min(_LARGEST_SAMPLE, max(_LEAST_SAMPLE, len(left) // _SAMPLED))
        if len(left) <= 2 * size:
            return []  # they are as soon done as measured
        step = sum(weight for _, weight in left) / size
        at = step * random.Random(seed).random()
        drawn = []
        for target, weight in left:
            at -= weight
            if at < 0:
                drawn.append(target)
                at += step
        return drawn

    def _estimated(self) -> Iterator[float]:
        whole = _Mean()
        kinds: dict[object, _Mean] = {}
        orders: dict[object, _Mean] = {}
        for cell in self.cells:
            if cell.measured:
                whole.add(cell)
                kinds.setdefault(cell.kind, _Mean()).add(cell)
                orders.setdefault((cell.kind, cell.order), _Mean()).add(cell)
        of_all = whole.drawn_towards(0.0)
        of_kind = {key: mean.drawn_towards(of_all) for key, mean in kinds.items()}
        for cell in self.cells:
            rate = of_kind.get(cell.kind, of_all)
            if mean := orders.get((cell.kind, cell.order)):
                rate = mean.drawn_towards(rate)
            own = _Mean()
            if cell.measured:
                own.add(cell)
            yield cell.weight * own.drawn_towards(rate)


@dataclass
class _Mean:
    """The mean time of groups of some cells, per weight.

    A cell counts by all of its groups, not by those that are done: these are not drawn evenly,
    since cells whose groups take long are done first.
    """

    measured: int = 0
    weight: float = 0.0
    seconds: float = 0.0

    def add(self, cell: Cell) -> None:
        """Add a cell with measured groups."""
        self.measured += cell.measured
        self.weight += len(cell.targets) * cell.weight
        self.seconds += len(cell.targets) * cell.seconds / cell.measured

    def drawn_towards(self, rate: float) -> float:
        """Return seconds per weight, as if some more groups had been measured, at this rate."""
        if not self.measured:
            return rate
        own, trust = self.seconds / self.weight, _TRUST if rate else 0.0
        return (self.measured * own + trust * rate) / (self.measured + trust)


def _order(target: Target) -> int:
    if target.order is not None:
        return target.order
    small = small_group_of(target)
    return 0 if small is None else small[0]


def _prime_factors(n: int) -> int:
    """Return the number of prime factors, counted as often as they divide."""
    found, p = 0, 2
    while n > 1:
        if p * p > n:
            return found + 1
        while n % p == 0:
            n //= p
            found += 1
        p += 1
    return found


def measured_times(attempts: Iterable[tuple[str, float | None, str | None]]) -> dict[str, float]:
    """Return the times of groups from which other times are estimated, by name.

    Parameters
    ----------
    attempts
        Per group its name, its time in seconds, and the process that did it, in order.

    Notes
    -----
    The first group of a process is left out: its time includes loading what all others use.

    Examples
    --------
    >>> measured_times([("C2", 3.0, "a"), ("C3", 0.1, "a"), ("C4", 4.0, "b"), ("C5", None, "a")])
    {'C3': 0.1}
    """
    begun: set[str | None] = set()
    found = {}
    for name, seconds, process in attempts:
        if process in begun and seconds is not None:
            found[name] = seconds
        begun.add(process)
    return found
