"""Terms between functions on tuples, computed with sums along axes, diagonals and broadcasting.

A function on pairs is a tensor with two axes of points, and so on. All terms of
:class:`~toolkit.modules.gsets.equality_patterns.TupleTerms` together take one pass that reads the
input's marginals, a product of channels for each kind of marginal, and one pass that writes: time
and memory are linear in the sizes of input and output, and no table depends on the numbers of
points.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import torch

from toolkit.modules.gsets.equality_patterns import Marginal, blocks
from toolkit.nn.linear.tensors.constants import NARROW
from toolkit.nn.linear.tensors.point_maps import is_exporting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.modules.gsets.equality_patterns import Block, Level, Pattern, TupleTerms


class Diagonal(NamedTuple):
    """How to view the entries with equal indices: pairs of axes to join, then an order of axes.

    The last are the pairs of axes with equal indices, before any are joined.
    """

    joined: tuple[tuple[int, int], ...]
    order: tuple[int, ...] | None
    equal: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, sets: tuple[int, ...], pattern: Pattern) -> Diagonal:
        """Return the one on which the equations of a pattern hold.

        Examples
        --------
        >>> Diagonal.of((0, 0), (0, 0)).view(torch.arange(4.0).reshape(1, 2, 2, 1)).flatten()
        tensor([0., 3.])
        """
        names: list[Block] = list(zip(sets, pattern, strict=True))
        joined = []
        every = blocks(sets, pattern)
        for block in every:
            while names.count(block) > 1:
                first = names.index(block)
                second = names.index(block, first + 1)
                joined.append((first + 1, second + 1))
                del names[second]
        order = tuple(names.index(block) + 1 for block in every)
        names = list(zip(sets, pattern, strict=True))
        equal = [(1 + names.index(name), 1 + i) for i, name in enumerate(names)]
        return cls(
            tuple(joined),
            None if order == tuple(sorted(order)) else (0, *order, -1),
            tuple((first, second) for first, second in equal if first < second),
        )

    def view(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(b, an axis for each value, C)``."""
        for first, second in self.joined:
            x = x.diagonal(0, first, second).movedim(-1, first)
        return x if self.order is None else x.permute(self.order)

    def add(self, y: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        """Return y, changed in place where possible, with values added to the entries."""
        if not is_exporting():
            self.view(y).add_(values)
            return y
        # formats for exported programs know no writing to a diagonal: values times a mask
        mask = torch.ones((), dtype=y.dtype, device=y.device)
        for _, second in reversed(self.joined):
            # in this order each second axis is put back where it was
            values = values.unsqueeze(second)
        for first, second in self.equal:
            index = torch.arange(y.shape[first], device=y.device)
            shape = [1] * y.dim()
            shape[first] = shape[second] = y.shape[first]
            mask = mask * (index[:, None] == index).to(y.dtype).reshape(shape)
        return y + values * mask


class _Sum(NamedTuple):
    """A marginal that is the sum of a wider one: its number, the axis, and the set of the axis."""

    wider: int
    axis: int
    own: int


class _LevelPlan(NamedTuple):
    """The marginals of a level, the orders of axes, and per written one its pattern and place."""

    reads: tuple[int, ...]
    orders: tuple[tuple[int, ...] | None, ...]
    writes: tuple[tuple[int, int], ...]
    counts: tuple[int, int, int]


class _Writing(NamedTuple):
    """How to add up what is written on one diagonal.

    Parameters
    ----------
    diagonal
        The diagonal; ``None`` for everything.
    pieces
        The number of pieces.
    joins
        Small pieces that are added to others first: which to which, and where axes are missing.
    last
        The others, and where axes are missing; the largest first.
    is_full
        Whether the first of them has all axes.
    """

    diagonal: Diagonal | None
    pieces: int
    joins: tuple[tuple[int, int, tuple[int, ...]], ...]
    last: tuple[tuple[int, tuple[int, ...]], ...]
    is_full: bool


class TuplePlan:
    """The steps of a computation of all terms, made once.

    Parameters
    ----------
    terms
        The terms.
    """

    def __init__(self, terms: TupleTerms) -> None:
        self.target = terms.target
        self._marginals: dict[Marginal, int] = {}
        self.reads: list[Diagonal | _Sum] = []
        written: dict[Pattern, list[tuple[Block, ...]]] = {p: [] for p in terms.target_patterns}
        numbers = {pattern: number for number, pattern in enumerate(written)}
        levels = []
        for level in terms.levels:
            reads = tuple(self._read(terms.source, marginal) for marginal in level.reads)
            writes = []
            for marginal in level.writes:
                there = written[marginal.pattern]
                writes.append((numbers[marginal.pattern], len(there)))
                there.append(marginal.kept)
            levels.append(_LevelPlan(reads, _orders(level), tuple(writes), level.terms.shape))
        self.levels = tuple(levels)
        # the finest pattern, all of whose values differ, is the last one
        self.writings = tuple(
            _writing(terms.target, pattern, kept, is_whole=number == len(written) - 1)
            for number, (pattern, kept) in enumerate(written.items())
        )

    def _read(self, sets: tuple[int, ...], marginal: Marginal) -> int:
        """Return the number of a marginal, after those it is computed from."""
        if marginal not in self._marginals:
            missing = [b for b in blocks(sets, marginal.pattern) if b not in marginal.kept]
            step: Diagonal | _Sum
            if missing:
                wider = tuple(sorted((*marginal.kept, missing[0])))
                before = self._read(sets, Marginal(marginal.pattern, wider))
                step = _Sum(before, 1 + wider.index(missing[0]), missing[0][0])
            else:
                step = Diagonal.of(sets, marginal.pattern)
            self.reads.append(step)
            self._marginals[marginal] = len(self.reads) - 1
        return self._marginals[marginal]

    def weights(self, factors: torch.Tensor) -> list[torch.Tensor]:
        """Return per level the matrices ``(orders, reads C_in, writes C_out)``.

        Parameters
        ----------
        factors
            ``(R, C_out, C_in)`` the factors of the terms, in the order of ``terms.term_order``.
        """
        _, out, into = factors.shape
        factors = factors.transpose(1, 2).contiguous()
        found = []
        counts = [math.prod(level.counts) for level in self.levels]
        for level, own in zip(self.levels, factors.split_with_sizes(counts), strict=True):
            orders, reads, writes = level.counts
            if writes > 1:
                own = own.reshape(orders, reads, writes, into, out).transpose(2, 3)
            found.append(own.reshape(orders, reads * into, writes * out))
        return found

    def apply(
        self,
        x: torch.Tensor,
        weights: Sequence[torch.Tensor],
        sizes: Sequence[int],
        scales: Sequence[torch.Tensor | float] | None = None,
        bias: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Return the sum of all terms of a function on tuples.

        Parameters
        ----------
        x
            ``(b, n_1, ..., n_k, C_in)``, an axis for each entry of the input's tuples.
        weights
            Of :meth:`weights`.
        sizes
            The number of points of each set.
        scales
            Per set what a sum over its points is multiplied by: a number, or ``(b,)`` numbers;
            sums are not scaled if it is ``None``.
        bias
            ``(patterns of the output, C_out)`` to add on the diagonals of the output, or ``None``.

        Returns
        -------
        torch.Tensor
            ``(b, m_1, ..., m_l, C_out)``.
        """
        marginals: list[torch.Tensor] = []
        for step in self.reads:
            if isinstance(step, _Sum):
                marginals.append(_summed(marginals[step.wider], step, scales))
            else:
                marginals.append(step.view(x))
        pieces: list[list[torch.Tensor]] = [[] for _ in self.writings]
        for level, matrices in zip(self.levels, weights, strict=True):
            mixed = _mixed(level, [marginals[number] for number in level.reads], matrices)
            if bias is not None and level is self.levels[0]:
                # by way of numbers: all patterns of the output, in their order
                mixed = mixed + bias.flatten()
            writes = len(level.writes)
            own = (
                [mixed]
                if writes == 1
                else mixed.split_with_sizes([mixed.shape[-1] // writes] * writes, -1)
            )
            for (pattern, _), piece in zip(level.writes, own, strict=True):
                pieces[pattern].append(piece)
        # the whole output comes last
        y = _added(self.writings[-1], pieces[-1])
        full = (x.shape[0], *(sizes[own] for own in self.target), y.shape[-1])
        if len(self.writings) == 1:
            return y.expand(full)
        if not self.writings[-1].is_full:
            y = y.expand(full).contiguous()
        for writing, own_pieces in zip(self.writings[:-1], pieces[:-1], strict=True):
            assert writing.diagonal is not None
            y = writing.diagonal.add(y, _added(writing, own_pieces))
        return y


def _orders(level: Level) -> tuple[tuple[int, ...] | None, ...]:
    """Return permutations of all axes, ``None`` for the identity."""
    last = len(level.sets) + 1
    return tuple(
        None if order == tuple(sorted(order)) else (0, *(1 + i for i in order), last)
        for order in level.orders
    )


def _writing(
    sets: tuple[int, ...], pattern: Pattern, kept: list[tuple[Block, ...]], *, is_whole: bool
) -> _Writing:
    axes = blocks(sets, pattern)

    def missing(here: tuple[Block, ...], there: tuple[Block, ...]) -> tuple[int, ...]:
        return tuple(1 + place for place, block in enumerate(there) if block not in here)

    left = list(range(len(kept)))
    joins = []
    for number in sorted(left, key=lambda number: len(kept[number])):
        wider = [i for i in left if set(kept[number]) < set(kept[i]) and kept[i] != axes]
        if wider:
            into = min(wider, key=lambda i: len(kept[i]))
            joins.append((number, into, missing(kept[number], kept[into])))
            left.remove(number)
    left.sort(key=lambda number: -len(kept[number]))
    return _Writing(
        None if is_whole else Diagonal.of(sets, pattern),
        len(kept),
        tuple(joins),
        tuple((number, missing(kept[number], axes)) for number in left),
        kept[left[0]] == axes,
    )


def _summed(
    x: torch.Tensor, step: _Sum, scales: Sequence[torch.Tensor | float] | None
) -> torch.Tensor:
    if scales is None:
        return x.sum(step.axis)
    # scaled in a wide type: a narrow one might not hold the sum
    summed = x.sum(step.axis, dtype=torch.float32 if x.dtype in NARROW else None)
    scale = scales[step.own]
    if isinstance(scale, torch.Tensor):
        scale = scale.reshape(-1, *[1] * (summed.dim() - 1)).to(summed.dtype)
    return (summed * scale).to(x.dtype)


def _mixed(level: _LevelPlan, reads: list[torch.Tensor], matrices: torch.Tensor) -> torch.Tensor:
    """Return ``(b, axes, writes C_out)``: the marginals in all orders times their matrices."""
    x = reads[0] if len(reads) == 1 else torch.cat(reads, -1)
    if len(level.orders) == 2:  # both at once: the quicker way differs with and without gradients
        first, second = level.orders
        if torch.is_grad_enabled():
            together = torch.cat([_turned(x, first), _turned(x, second)], -1)
            return together @ matrices.flatten(0, 1)
        out = matrices.shape[2]
        both = x @ torch.cat([matrices[0], matrices[1]], -1)
        return _turned(both[..., :out], first) + _turned(both[..., out:], second)
    y = _turned(x @ matrices[0], level.orders[0])
    for order, matrix in zip(level.orders[1:], matrices[1:], strict=True):
        y = y + _turned(x @ matrix, order)
    return y


def _turned(x: torch.Tensor, order: tuple[int, ...] | None) -> torch.Tensor:
    return x if order is None else x.permute(order)


def _added(writing: _Writing, pieces: list[torch.Tensor]) -> torch.Tensor:
    """Return the sum of the pieces, with axes of length 1 where all lack one."""
    for number, into, axes in writing.joins:
        pieces[into] = pieces[into] + _spread(pieces[number], axes)
    total: torch.Tensor | None = None
    for number, axes in writing.last:
        own = _spread(pieces[number], axes)
        if total is None:
            total = own
        elif writing.is_full and writing.diagonal is None:
            total = total.add_(own)  # a product that nobody else has
        else:
            total = total + own
    assert total is not None
    return total


def _spread(piece: torch.Tensor, axes: tuple[int, ...]) -> torch.Tensor:
    """Return a piece with new axes of length 1, in rising order."""
    for axis in axes:
        piece = piece.unsqueeze(axis)
    return piece
