r"""Equality patterns of tuples: the orbits of symmetric groups on tuples, for all sizes at once.

A tuple of elements of one or several sets has an equality pattern: which of its entries are equal.
Two tuples are in one orbit of the symmetric groups of the sets iff their patterns are equal. So the
maps from functions on k-tuples to functions on l-tuples have a weight for each pattern of l + k
entries, output first (Maron et al., *Invariant and equivariant graph networks*, 2019): 2 from sets
to sets, 15 from pairs to pairs, 203 from triples to triples, and 4 for matrices whose rows and
columns are two sets (Hartford et al., *Deep models of interactions across sets*, 2018).

Each pattern also names a *term*, which takes a sum over a diagonal of the input and copies it along
a diagonal of the output: entry (y, x) of its matrix is 1 iff (y, x) satisfies all equations of the
pattern, and maybe more. Terms and orbits are changed into one another by the zeta and the Moebius
function of the lattice of set partitions, both of integers.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from toolkit.cached import cached_property

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Per entry the number of its value among the values of its set, by first occurrence.
Pattern: TypeAlias = tuple[int, ...]
#: A value of a pattern: its set, and its number there.
Block: TypeAlias = tuple[int, int]


def patterns(sets: Sequence[int]) -> tuple[Pattern, ...]:
    """Return all equality patterns of tuples.

    Parameters
    ----------
    sets
        Per entry of the tuple the set it belongs to.

    Returns
    -------
    tuple
        Per pattern the number of each entry's value among those of its set, by first occurrence;
        in lexicographic order, which is that of the first tuple that has the pattern.

    Notes
    -----
    Exact; their number is the product over the sets of the Bell numbers.

    Examples
    --------
    >>> patterns((0, 0))
    ((0, 0), (0, 1))
    >>> len(patterns((0,) * 4)), len(patterns((0, 1, 0, 1)))
    (15, 4)
    """
    found: list[Pattern] = []

    def extend(values: Pattern, used: dict[int, int]) -> None:
        if len(values) == len(sets):
            found.append(values)
            return
        own = sets[len(values)]
        for value in range(used.get(own, 0) + 1):
            extend((*values, value), {**used, own: max(used.get(own, 0), value + 1)})

    extend((), {})
    return tuple(found)


def blocks(sets: Sequence[int], pattern: Pattern) -> tuple[Block, ...]:
    """Return the values of a pattern, as sorted pairs of a set and a number.

    Examples
    --------
    >>> blocks((0, 0, 1), (0, 1, 0))
    ((0, 0), (0, 1), (1, 0))
    """
    return tuple(sorted(set(zip(sets, pattern, strict=True))))


@dataclass(frozen=True)
class Marginal:
    """A way to read a function on tuples: on a diagonal, summed over some of its values.

    The other direction is a way to write one: copied along these values, on the diagonal.

    Parameters
    ----------
    pattern
        The equations that hold on the diagonal.
    kept
        The values that are not summed over, sorted.
    """

    pattern: Pattern
    kept: tuple[Block, ...]


@dataclass(frozen=True, eq=False)
class Level:
    """Terms that go through functions on tuples of one kind.

    Parameters
    ----------
    sets
        Per entry of these tuples the set it belongs to.
    reads, writes
        The marginals of the input that are such functions, and those of the output.
    orders
        Permutations of the entries: entry i of the written one is entry ``order[i]`` of that read.
    terms
        ``(orders, reads, writes)`` the number of the pattern.
    """

    sets: tuple[int, ...]
    reads: tuple[Marginal, ...]
    writes: tuple[Marginal, ...]
    orders: tuple[tuple[int, ...], ...]
    terms: NDArray[np.intp]


@dataclass(frozen=True)
class TupleTerms:
    """The maps from functions on tuples to functions on tuples that commute with permutations.

    Parameters
    ----------
    target, source
        Per entry of the output's and of the input's tuples the set it belongs to, not falling.

    Examples
    --------
    From pairs to pairs of one set there are 15 terms: 4 by way of numbers (the sum of all entries
    or of the diagonal, copied to all entries or to the diagonal), 9 by way of functions on the
    set, and 2 by way of pairs.

    >>> pairs = TupleTerms((0, 0), (0, 0))
    >>> [(level.sets, level.terms.size) for level in pairs.levels]
    [((), 4), ((0,), 9), ((0, 0), 2)]
    """

    target: tuple[int, ...]
    source: tuple[int, ...]

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        """The patterns of the entries of output and input, in lexicographic order."""
        return patterns(self.target + self.source)

    @property
    def count(self) -> int:
        """The number of patterns."""
        return len(self.patterns)

    @cached_property
    def target_patterns(self) -> tuple[Pattern, ...]:
        """The patterns of the output's tuples: a bias for each."""
        return patterns(self.target)

    @cached_property
    def source_patterns(self) -> tuple[Pattern, ...]:
        """The patterns of the input's tuples."""
        return patterns(self.source)

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The terms by what they go through, few entries first."""
        places = [self._place(pattern) for pattern in self.patterns]
        found = []
        for sets in sorted({place[0] for place in places}, key=lambda sets: (len(sets), sets)):
            own = [(number, place) for number, place in enumerate(places) if place[0] == sets]
            reads = tuple(dict.fromkeys(place[1] for _, place in own))
            writes = tuple(dict.fromkeys(place[2] for _, place in own))
            orders = tuple(sorted({place[3] for _, place in own}))
            terms = np.empty((len(orders), len(reads), len(writes)), dtype=np.intp)
            for number, (_, read, write, order) in own:
                terms[orders.index(order), reads.index(read), writes.index(write)] = number
            found.append(Level(sets, reads, writes, orders, terms))
        return tuple(found)

    @property
    def term_order(self) -> NDArray[np.intp]:
        """``(count,)`` the patterns, level by level, in the order of each level's table."""
        return np.concatenate([level.terms.ravel() for level in self.levels])

    def _place(
        self, pattern: Pattern
    ) -> tuple[tuple[int, ...], Marginal, Marginal, tuple[int, ...]]:
        """Return what a term goes through, how it reads, writes, and permutes in between."""
        split = len(self.target)
        there = list(zip(self.target, pattern[:split], strict=True))
        here = list(zip(self.source, pattern[split:], strict=True))
        read = _renumbered(here)
        own_block = dict(zip(here, zip(self.source, read, strict=True), strict=True))
        both = sorted(set(there) & set(here))
        kept = tuple(sorted(own_block[block] for block in both))
        order = tuple(kept.index(own_block[block]) for block in both)
        write = Marginal(pattern[:split], tuple(both))
        return tuple(own for own, _ in both), Marginal(read, kept), write, order

    @cached_property
    def summed(self) -> NDArray[np.intp]:
        """``(count, sets)`` per pattern and set the number of values that only the input has.

        A term sums over so many elements of the set.
        """
        return self._alone(written=False)

    @cached_property
    def copied(self) -> NDArray[np.intp]:
        """``(count, sets)`` per pattern and set the number of values that only the output has.

        A term copies along so many elements of the set.
        """
        return self._alone(written=True)

    def _alone(self, *, written: bool) -> NDArray[np.intp]:
        """Return per pattern and set the number of values on one side only."""
        split = len(self.target)
        sets = max((*self.target, *self.source), default=-1) + 1
        out = np.zeros((self.count, sets), dtype=np.intp)
        for row, pattern in zip(out, self.patterns, strict=True):
            there = set(zip(self.target, pattern[:split], strict=True))
            here = set(zip(self.source, pattern[split:], strict=True))
            for own, _ in there - here if written else here - there:
                row[own] += 1
        return out

    @cached_property
    def fans(self) -> NDArray[np.intp]:
        """``(count, 2)`` how many blocks enter the output component of each, and leave its input.

        The blocks are those of :attr:`from_components`.
        """
        out = np.empty((self.count, 2), dtype=np.intp)
        for level in self.levels:
            orders, reads, writes = level.terms.shape
            out[level.terms.ravel()] = orders * reads, orders * writes
        return out

    @cached_property
    def zeta(self) -> NDArray[np.int64]:
        """``(count, count)`` 1 iff an entry with the pattern of the row belongs to the term.

        Weights by pattern are ``zeta @ c`` if c are the factors of the terms.
        """
        sets = self.target + self.source
        out = np.zeros((self.count, self.count), dtype=np.int64)
        for row, pattern in enumerate(self.patterns):
            for column, term in enumerate(self.patterns):
                image: dict[Block, int] = {}
                out[row, column] = all(
                    image.setdefault((own, b), a) == a
                    for own, a, b in zip(sets, pattern, term, strict=True)
                )
        return out

    @cached_property
    def moebius(self) -> NDArray[np.int64]:
        """``(count, count)`` the inverse of :attr:`zeta`: factors of terms from weights by pattern.

        Notes
        -----
        Exact: the Moebius function of set partitions, a product of (-1)^(b-1) (b-1)! over the
        values of the row's coarser pattern, each of which b values of the column's pattern join.
        """
        sets = self.target + self.source
        out = np.zeros((self.count, self.count), dtype=np.int64)
        for row, coarse in enumerate(self.patterns):
            for column in np.flatnonzero(self.zeta[row]):
                parts = set(zip(sets, coarse, self.patterns[column], strict=True))
                joined: dict[Block, int] = {}
                for own, a, _ in parts:
                    joined[own, a] = joined.get((own, a), 0) + 1
                out[row, column] = math.prod(
                    (-1) ** (b - 1) * math.factorial(b - 1) for b in joined.values()
                )
        return out

    def has_sizes(self, sizes: Sequence[int]) -> NDArray[np.bool_]:
        """``(count,)`` whether there are tuples of a pattern, in sets of given sizes."""
        sets = self.target + self.source
        return np.array([
            all(value < sizes[own] for own, value in zip(sets, pattern, strict=True))
            for pattern in self.patterns
        ])  # fmt: skip

    @cached_property
    def from_components(self) -> NDArray[np.int64]:
        r"""``(count, count)`` factors of the terms with means, from the blocks of the components.

        A function on tuples of large sets is a sum of *components*, one for each marginal: on the
        tuples of exactly its pattern, a function of the kept values whose mean over each of them
        is 0, as in the analysis of variance. A component of the input can go to each component of
        the output with as many values of the same sets, for each order of the values: a block of
        the map, and a number for each pattern again. Column p has the terms, which take means in
        place of sums, of the map that is 1 in block p and 0 in the others.

        Examples
        --------
        For sets: the identity less the mean, and the mean.

        >>> TupleTerms((0,), (0,)).from_components.tolist()
        [[1, 0], [-1, 1]]
        """
        split = len(self.target)
        number = {pattern: i for i, pattern in enumerate(self.patterns)}
        written = TupleTerms(self.target, ())
        out = np.zeros((self.count, self.count), dtype=np.int64)
        for column, pattern in enumerate(self.patterns):
            there = list(zip(self.target, pattern[:split], strict=True))
            here = list(zip(self.source, pattern[split:], strict=True))
            linked = sorted(set(there) & set(here))
            exactly = written.moebius[:, written.patterns.index(pattern[:split])]
            for size in range(len(linked) + 1):
                for kept in itertools.combinations(linked, size):
                    for coarser, factor in zip(written.patterns, exactly.tolist(), strict=True):
                        if not factor:
                            continue
                        image = dict(zip(there, coarser, strict=True))
                        names: list[tuple[int, bool, int]] = [
                            *((own, True, image[own, value]) for own, value in there),
                            *(
                                (own, True, image[own, value])
                                if (own, value) in kept
                                else (own, False, value)
                                for own, value in here
                            ),
                        ]
                        term = _renumbered(names)
                        out[number[term], column] += (-1) ** (len(linked) - size) * factor
        return out


def _renumbered(values: Sequence[tuple[int, ...]]) -> Pattern:
    """Return values, each led by its set, as numbers within their sets, by first occurrence."""
    numbers: dict[int, dict[tuple[int, ...], int]] = {}
    return tuple(
        numbers.setdefault(value[0], {}).setdefault(value, len(numbers[value[0]]))
        for value in values
    )
