"""A large abelian subgroup of a group, as words in the generators.

A Fourier basis adapted to an abelian subgroup A is a fast Fourier transform over the orbits of A
followed by small dense parts of size about [G:A] (:mod:`toolkit.modules.fourier.basis`). The
subgroup is given by words, so that it means the same elements on every module.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from toolkit.modules.gsets.actions import IntArray, validate_images

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike

_MOST_LISTED = 4096  # groups up to this order are searched element by element
_SAMPLE = 240  # elements looked at in larger groups
_STARTS = 12  # cyclic subgroups that are grown
_LONGEST = 400  # letters of a word
_MOST_ENTRIES = 1 << 24  # of a list of elements


@dataclass(frozen=True)
class AbelianSubgroup:
    """An abelian subgroup A = <a_1> x ... x <a_r>, the product being direct.

    Parameters
    ----------
    words
        Per a_s the 0-based generators of G to multiply, left to right.
    orders
        The orders of the a_s, all at least 2.

    Examples
    --------
    >>> AbelianSubgroup(((0,), (1,)), (4, 2)).order
    8
    """

    words: tuple[tuple[int, ...], ...] = ()
    orders: tuple[int, ...] = ()

    @property
    def order(self) -> int:
        """|A|."""
        return math.prod(self.orders)


def word_permutation(word: Iterable[int], images: IntArray) -> IntArray:
    """Return the permutation of a word: ``i`` goes to ``i^(g_1 g_2 ...)``.

    Examples
    --------
    >>> word_permutation((0, 0), np.array([[1, 2, 0]])).tolist()
    [2, 0, 1]
    """
    out: IntArray = np.arange(images.shape[1], dtype=np.intp)
    for g in word:
        out = images[g][out]
    return out


def find_abelian_subgroup(images: ArrayLike, order: int) -> AbelianSubgroup:
    """Find a large abelian subgroup of a permutation group.

    Parameters
    ----------
    images
        ``(k, n)`` generator images of a faithful action, 0-based.
    order
        |G|.

    Returns
    -------
    AbelianSubgroup
        The largest of those grown greedily from elements of large order; not always the largest
        of all. Deterministic, and independent of the numbering of the points for groups of
        order up to 4096.

    Notes
    -----
    Up to order 4096 all elements are listed by shortest words; beyond, 240 pseudorandom ones.

    Examples
    --------
    >>> found = find_abelian_subgroup([[1, 2, 3, 0], [0, 3, 2, 1]], 8)
    >>> found.orders, found.words
    ((4,), ((0,),))
    """
    generators = validate_images(images)
    if not generators.size or order == 1:
        return AbelianSubgroup()
    for g, image in enumerate(generators):
        if _cycle_lengths(image) == {image.size}:  # one cycle: nothing larger acts freely
            return AbelianSubgroup(((g,),), (image.size,))
    elements, words = _listed(generators, order) if order <= _MOST_LISTED else _sampled(generators)
    orders = _orders(elements, regular=order == generators.shape[1])
    ranked = np.lexsort((np.arange(len(orders)), -orders))
    seen: set[bytes] = set()
    best: tuple[int, int, list[int]] | None = None
    starts = 0
    for start in ranked.tolist():
        if orders[start] < 2 or starts >= _STARTS:
            break
        too_large = int(orders[start]) * elements.shape[1] > _MOST_ENTRIES
        if too_large or elements[start].tobytes() in seen:
            continue
        starts += 1
        members = _powers(elements[start], int(orders[start]))
        seen.update(p.tobytes() for p in members)
        chosen = [start]
        commuting = _commuting(elements, elements[start])
        while True:
            inside = {p.tobytes() for p in members}
            step = _next_factor(elements, orders, ranked, commuting, inside)
            if step is None:
                break
            chosen.append(step)
            if len(members) * int(orders[step]) * elements.shape[1] > _MOST_ENTRIES:
                chosen.pop()
                break
            powers = _powers(elements[step], int(orders[step]))
            members = np.concatenate([members[:, p] for p in powers])
            commuting &= _commuting(elements, elements[step])
        size = len(members)
        if best is None or (-size, len(chosen)) < best[:2]:
            best = (-size, len(chosen), chosen)
        if size == order or 2 * size >= max(order, 3) or size >= generators.shape[1]:
            break  # nothing larger is to be expected
    if best is None:
        return AbelianSubgroup()
    return AbelianSubgroup(tuple(words[i] for i in best[2]), tuple(int(orders[i]) for i in best[2]))


def _listed(images: IntArray, order: int) -> tuple[IntArray, list[tuple[int, ...]]]:
    """Return all elements with their shortest words, shortest first."""
    identity = np.arange(images.shape[1], dtype=np.intp)
    elements = [identity]
    known = {identity.tobytes()}
    i = 0
    found: list[tuple[int, ...]] = [()]
    while i < len(elements):
        for g, image in enumerate(images):
            new = image[elements[i]]
            key = new.tobytes()
            if key not in known:
                known.add(key)
                elements.append(new)
                found.append((*found[i], g))
        if len(elements) == order:
            break
        i += 1
    return np.array(elements), found


def _sampled(images: IntArray) -> tuple[IntArray, list[tuple[int, ...]]]:
    """Return the generators, their short products and powers of these, with words."""
    elements: list[IntArray] = []
    words: list[tuple[int, ...]] = []
    frontier: list[tuple[int, ...]] = [()]
    most = max(8, min(_SAMPLE, _MOST_ENTRIES // (8 * images.shape[1])))
    while len(words) < most and frontier:
        following = []
        for word in frontier:
            for g in range(len(images)):
                new = (*word, g)
                following.append(new)
                if len(words) < most:
                    words.append(new)
                    elements.append(word_permutation(new, images))
        frontier = following
    for word, element in list(zip(words, elements, strict=True)):
        order = _order(element)
        for power in range(2, min(order, _LONGEST // len(word) + 1)):
            if order % power == 0:
                words.append(word * power)
                elements.append(word_permutation(word * power, images))
    return np.array(elements), words


def _order(permutation: IntArray) -> int:
    """Return the order of a permutation, or 0 if it is too large to be of use."""
    out = 1
    for length in _cycle_lengths(permutation):
        out = math.lcm(out, length)
    return out if out <= max(4 * permutation.size, _MOST_LISTED) else 0


def _cycle_lengths(permutation: IntArray) -> set[int]:
    steps = permutation.tolist()
    seen = [False] * len(steps)
    out = set()
    for start in range(len(steps)):
        length, i = 0, start
        while not seen[i]:
            seen[i] = True
            i = steps[i]
            length += 1
        if length:
            out.add(length)
    return out


def _orders(elements: IntArray, *, regular: bool) -> IntArray:
    """Return the orders of permutations; in a regular group one cycle of each is enough."""
    if not regular:
        return np.array([_order(p) for p in elements], dtype=np.intp)
    out = np.zeros(len(elements), dtype=np.intp)
    rows = np.arange(len(elements))
    points = elements[:, 0].copy()
    step = 1
    while (out == 0).any():
        out[(out == 0) & (points == 0)] = step
        points = elements[rows, points]
        step += 1
    return out


def _powers(permutation: IntArray, order: int) -> IntArray:
    rows = [np.arange(permutation.size, dtype=np.intp)]
    for _ in range(order - 1):
        rows.append(permutation[rows[-1]])
    return np.array(rows)


def _commuting(elements: IntArray, one: IntArray) -> np.ndarray:
    """Return which elements commute with one; a point is looked at first, then all."""
    result: np.ndarray = elements[:, one[0]] == one[elements[:, 0]]
    left = np.flatnonzero(result)
    kept = elements[left]
    result[left] = (kept[:, one] == one[kept]).all(axis=1)
    return result


def _next_factor(
    elements: IntArray,
    orders: IntArray,
    ranked: IntArray,
    commuting: np.ndarray,
    inside: set[bytes],
) -> int | None:
    """Return the element of largest order that commutes and meets the subgroup trivially."""
    for i in ranked[commuting[ranked]].tolist():
        n = int(orders[i])
        if n < 2:
            return None
        if n * elements.shape[1] > _MOST_ENTRIES or elements[i].tobytes() in inside:
            continue
        powers = _powers(elements[i], n)[1:]
        if not any(p.tobytes() in inside for p in powers):
            return int(i)
    return None
