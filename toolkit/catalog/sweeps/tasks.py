"""The tasks of a sweep: which groups a worker is given next, and how many at once.

Tasks become smaller towards the end, as in guided self-scheduling, and the largest orders, which
mostly take longest, come first: no worker is left with a long task when the others have none. The
times of groups are estimates, which improve during the sweep (:mod:`toolkit.catalog.sweeps.costs`).
The sequence does not depend on them: if cells with high estimates came first, the cells left at the
end would be those estimated too low.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.catalog.plan import Target
    from toolkit.catalog.sweeps.costs import Cell, CostModel

#: The most groups of a task, and its longest planned time: the loss when a worker dies.
LARGEST_TASK = 48
_LONGEST_TASK = 10.0
#: A task is at most this share of what is left for one worker.
_SHARE = 0.25
#: Groups that are measured first, in one task.
_SAMPLED_AT_ONCE = 8


class TaskQueue:
    """Groups that no worker has been given yet.

    Parameters
    ----------
    model
        Estimates for the groups of the plan; those that it knows to be done are left out.
    sample
        Groups that come first, since estimates are learned from them.
    """

    def __init__(self, model: CostModel, sample: list[Target]) -> None:
        self._model = model
        self._sample = deque(sample)
        drawn = {target.name for target in sample}
        self._left: deque[tuple[Cell, deque[Target]]] = deque()
        for cell in sorted(model.cells, key=lambda cell: -(cell.order or math.inf)):
            found = (t for t in cell.targets if model.is_left(t.name) and t.name not in drawn)
            if targets := deque(found):
                self._left.append((cell, targets))

    def take(self, workers: int) -> list[Target]:
        """Return the groups of the next task; none if all have been given out.

        Parameters
        ----------
        workers
            Number of workers that share what is left.
        """
        if self._sample:
            size = math.ceil(len(self._sample) / (2 * max(1, workers)))
            return [self._sample.popleft() for _ in range(min(size, _SAMPLED_AT_ONCE))]
        most = _LONGEST_TASK
        if workers > 1:
            most = min(most, _SHARE * self.seconds() / workers)
        known = self._model.measured > 0
        size = LARGEST_TASK
        if not known:
            size = max(1, min(size, math.ceil(_SHARE * len(self) / max(1, workers))))
        found: list[Target] = []
        seconds = 0.0
        while self._left and len(found) < size:
            cell, targets = self._left[0]
            seconds += self._model.seconds_of(cell)
            if found and known and seconds > most:
                break
            found.append(targets.popleft())
            if not targets:
                self._left.popleft()
        return found

    def __len__(self) -> int:
        return len(self._sample) + sum(len(targets) for _, targets in self._left)

    def seconds(self) -> float:
        """Return the estimated time of these groups, one after the other."""
        return sum(len(targets) * self._model.seconds_of(cell) for cell, targets in self._left)
