"""Few generators for a permutation group whose order is known.

Random elements are tried until some generate the whole group, which a stabiliser chain proves:
the product of the orbit lengths that it has found is at most the order of the group that they
generate, and reaches the known order only if that is the whole group.
"""

from __future__ import annotations

import itertools
import math
import random
from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import InconsistentAnswerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_ENOUGH = 2  # this many are few
_LARGEST = 4096  # points: beyond it the generators stay as they are
_FAILURES = 32  # elements that find nothing new, before a chain is given up
_AGREEING = 4  # the same, once the known order is reached


def few_generators(images: NDArray[np.intp], order: int) -> NDArray[np.intp]:
    """Return generators of the same group, as few as a short search finds.

    Parameters
    ----------
    images
        ``(k, n)`` the images of the points under generators.
    order
        The order of the group.

    Returns
    -------
    numpy.ndarray
        ``(k', n)`` with k' at most k. The same input gives the same result.

    Raises
    ------
    InconsistentAnswerError
        If the group has more elements than its order says, or fewer are found.

    Notes
    -----
    On more than 4096 points the generators stay as they are, and the order is not checked.

    Examples
    --------
    The symmetric group on 6 points, from 5 transpositions:

    >>> swaps = np.array([np.r_[0:i, i + 1, i, i + 2 : 6] for i in range(5)])
    >>> few_generators(swaps, 720).shape
    (2, 6)
    """
    k, n = images.shape
    if not k or n > _LARGEST:
        return images
    found = order_found(images, order)
    if found != order:
        raise InconsistentAnswerError(
            "a permutation group", f"the order {order} that came with it", str(found)
        )
    if k <= _ENOUGH:
        return images
    elements = _random_elements(images)
    for count in range(_ENOUGH, min(k, 12)):
        for _ in range(3):
            chosen = np.array(list(itertools.islice(elements, count)))
            if order_found(chosen, order) == order:
                return chosen
    return images


def order_found(images: NDArray[np.intp], known: int) -> int:
    """Return a number of elements that generators certainly generate: a lower bound of the order.

    Parameters
    ----------
    images
        ``(k, n)`` generators.
    known
        The order of a group that has them; the search ends when it is reached and neither the
        generators nor some random elements lead beyond it.

    Raises
    ------
    InconsistentAnswerError
        If the bound passes ``known``.

    Notes
    -----
    A random Schreier-Sims chain: the bound is proved, and it is the order itself except by rare
    accident.

    Examples
    --------
    >>> order_found(np.array([[1, 2, 3, 4, 0], [1, 0, 2, 3, 4]]), 120)
    120
    """
    chain: list[_Level] = []
    failures, found = 0, 1
    for element in itertools.chain(images, _random_elements(images)):
        if _sift(chain, element):
            failures = 0
            found = math.prod(level.size for level in chain)
            continue
        failures += 1
        if failures > (_AGREEING if found == known else _FAILURES):
            break
    # nothing leads beyond a complete chain
    if any(_sift(chain, image) for image in images):
        found = math.prod(level.size for level in chain)
    if found > known:
        raise InconsistentAnswerError(
            "a permutation group", "an order that its elements do not pass", f"{found} > {known}"
        )
    return found


class _Level:
    """The orbit of a base point, with a tree of ways to it."""

    def __init__(self, base: int, size: int) -> None:
        self.base = base
        self.generators: list[NDArray[np.intp]] = []
        self.inverses: list[NDArray[np.intp]] = []
        self.step = np.full(size, -1, dtype=np.intp)  # generator that leads to a point
        self.step[base] = len(self.generators)
        self.points = np.array([base], dtype=np.intp)
        self.inside = np.zeros(size, dtype=np.bool_)
        self.inside[base] = True

    @property
    def size(self) -> int:
        return self.points.size

    def add(self, element: NDArray[np.intp]) -> None:
        inverse = np.empty_like(element)
        inverse[element] = np.arange(element.size)
        self.generators.append(element)
        self.inverses.append(inverse)
        if self.inside[element[self.points]].all():
            return
        # grown again from the base, so that the ways stay short
        self.inside[:] = False
        self.inside[self.base] = True
        self.step[self.base] = -1
        frontier = np.array([self.base], dtype=np.intp)
        layers = [frontier]
        while frontier.size:
            fresh = []
            for number, generator in enumerate(self.generators):
                there = generator[frontier]
                there = there[~self.inside[there]]
                self.inside[there] = True
                self.step[there] = number
                fresh.append(there)
            frontier = np.concatenate(fresh)
            layers.append(frontier)
        self.points = np.concatenate(layers)

    def strip(self, element: NDArray[np.intp]) -> NDArray[np.intp]:
        """Multiply by the inverse of a way to the image of the base, so that it is fixed."""
        while element[self.base] != self.base:
            element = self.inverses[int(self.step[element[self.base]])][element]
        return element


def _sift(chain: list[_Level], element: NDArray[np.intp]) -> bool:
    """Say whether an element is new to the chain, and if so add it."""
    for depth, level in enumerate(chain):
        if not level.inside[element[level.base]]:
            for upper in chain[: depth + 1]:
                upper.add(element)
            return True
        element = level.strip(element)
    moved = np.flatnonzero(element != np.arange(element.size))
    if not moved.size:
        return False
    chain.append(_Level(int(moved[0]), element.size))
    for upper in chain:
        upper.add(element)
    return True


def _random_elements(images: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    """Yield elements by product replacement with an accumulator, without end."""
    chance = random.Random(0)
    slots = [images[i % len(images)] for i in range(max(10, len(images)))]
    result = slots[0]
    for step in itertools.count():
        i, j = chance.sample(range(len(slots)), 2)
        slots[i] = slots[j][slots[i]] if chance.random() < 0.5 else slots[i][slots[j]]
        result = slots[i][result]
        if step > 4 * len(slots):
            yield result
