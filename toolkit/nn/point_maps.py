r"""Maps of points, and the two linear maps that go with each: pull back, and push forward.

A map p of finite sets I -> J pulls functions on J back to I, ``(p* x)[i] = x[p(i)]``, and pushes
functions on I forward to J by summing over fibres, ``(p_* y)[j] = sum of y[i] over p(i) = j``. The
two are transposes of each other, so that each is the other's derivative. Every table of a layer is
such a map: which weight an entry of the matrix has, which point a neighbour is, where a
coordinate goes.

Both are computed by gathering alone: fibres of one length are gathered next to each other and
summed together. In compiled code the derivatives are computed so, too. Torch's own derivative of
a gather adds to computed places, entry by entry, and the default backend of ``torch.compile``
gets that wrong on a CPU where it fuses several of them or vectorises one (see ``WORKAROUND``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from toolkit.nn.constants import ConstantModule

if TYPE_CHECKING:
    from toolkit.modules.gsets import IntArray

__all__ = ["WORKAROUND", "PointMap"]

#: The releases of torch in which the compiled derivative of fused gathers was seen to be wrong on
#: a CPU. ``tests/nn/test_compiled_gradients.py`` fails once torch is right without our own.
WORKAROUND = ("2.13.0",)


@dataclass(frozen=True)
class _Plan:
    """What is known of a map besides its tables.

    Parameters
    ----------
    is_partial
        Whether some point goes nowhere: functions pulled back are 0 there.
    kinds
        ``(fibres, length)`` of the fibres of each length, in the order of the tables.
    has_empty
        Whether a point of J has an empty fibre.
    """

    is_partial: bool
    kinds: tuple[tuple[int, int], ...]
    has_empty: bool


class PointMap(ConstantModule):
    """A map p of ``len(points)`` points to ``size`` points, for tensors with an axis of points.

    Parameters
    ----------
    points
        ``(m,)`` the 0-based point that each point goes to, or -1 for nowhere.
    size
        The number of points of the target.
    device
        As in torch.

    Examples
    --------
    >>> p = PointMap(np.array([0, 2, 2, -1]), 3)
    >>> p.pull(torch.tensor([5.0, 6.0, 7.0]), 0), p.push(torch.tensor([1.0, 2.0, 3.0, 4.0]), 0)
    (tensor([5., 7., 7., 0.]), tensor([1., 0., 5.]))
    """

    def __init__(self, points: IntArray, size: int, device: torch.device | None = None) -> None:
        super().__init__(device, None)
        self.size = size
        self.count = points.size
        self.is_identity = points.size == size and np.array_equal(points, np.arange(size))
        lengths = np.bincount(points[points >= 0], minlength=size)
        # numpy sorts short integers in linear time
        short = (points + 1).astype(np.min_scalar_type(size + 1))
        by_fibre = np.argsort(short, kind="stable")[np.count_nonzero(points < 0) :]
        starts = np.cumsum(lengths) - lengths
        places = np.full(size, -1)
        order = []
        kinds = []
        done = 0
        for length in np.unique(lengths[lengths > 0]).tolist():
            own = np.flatnonzero(lengths == length)
            order.append(by_fibre[(starts[own][:, None] + np.arange(length)).ravel()])
            places[own] = np.arange(done, done + own.size)
            done += own.size
            kinds.append((own.size, length))
        reading = np.concatenate([np.empty(0, dtype=np.intp), *order])
        places[places < 0] = done  # a row of zeros
        self.plan = _Plan(
            is_partial=bool((points < 0).any()),
            kinds=tuple(kinds),
            has_empty=done < size,
        )
        self.constant("points", np.where(points < 0, size, points).astype(np.int64))
        if not np.array_equal(reading, np.arange(points.size)):
            self.constant("order", reading.astype(np.int64))
        if not np.array_equal(places, np.arange(size)):
            self.constant("places", places.astype(np.int64))

    def pull(self, x: torch.Tensor, axis: int) -> torch.Tensor:
        """Return ``x[p(i)]`` along an axis (counted from 0) of length ``size``."""
        if self.is_identity:
            return x
        if torch.compiler.is_compiling() and torch.is_grad_enabled() and x.requires_grad:
            y: torch.Tensor = _Pull.apply(x, *self._tables(), axis, self.plan)
            return y
        return _gathered(x, self.table("points"), axis, self.plan)

    def push(self, y: torch.Tensor, axis: int) -> torch.Tensor:
        """Return the sums over fibres along an axis (counted from 0) of length ``len(points)``."""
        if self.is_identity:
            return y
        if torch.compiler.is_compiling() and torch.is_grad_enabled() and y.requires_grad:
            x: torch.Tensor = _Push.apply(y, *self._tables(), axis, self.plan)
            return x
        return _summed(y, *self._tables()[1:], axis, self.plan)

    def _tables(self) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None]:
        """Return the points, their order by fibres, and the places of the sums."""
        buffers = self._buffers
        return self.table("points"), buffers.get("order"), buffers.get("places")

    def extra_repr(self) -> str:
        """Say how many points go where."""
        return f"{self.count} -> {self.size}"


def _gathered(x: torch.Tensor, points: torch.Tensor, axis: int, plan: _Plan) -> torch.Tensor:
    if plan.is_partial:
        x = _with_zero(x, axis)
    return x.index_select(axis, points)


def _summed(
    y: torch.Tensor,
    order: torch.Tensor | None,
    places: torch.Tensor | None,
    axis: int,
    plan: _Plan,
) -> torch.Tensor:
    if order is not None:
        y = y.index_select(axis, order)
    pieces = []
    start = 0
    for count, length in plan.kinds:
        own = y if len(plan.kinds) == 1 else y.narrow(axis, start, count * length)
        start += count * length
        if length > 1:
            own = own.reshape((*y.shape[:axis], count, length, *y.shape[axis + 1 :])).sum(axis + 1)
        pieces.append(own)
    if not pieces:
        pieces.append(y.narrow(axis, 0, 0))
    sums = pieces[0] if len(pieces) == 1 else torch.cat(pieces, axis)
    if plan.has_empty:
        sums = _with_zero(sums, axis)
    return sums if places is None else sums.index_select(axis, places)


def _with_zero(x: torch.Tensor, axis: int) -> torch.Tensor:
    """Return x with a row of zeros at the end of an axis."""
    row = x.new_zeros((*x.shape[:axis], 1, *x.shape[axis + 1 :]))
    return torch.cat([x, row], axis)


# -- derivatives in compiled code ----------------------------------------------------------------


class _Pull(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(
        x: torch.Tensor,
        points: torch.Tensor,
        order: torch.Tensor | None,  # noqa: ARG004
        places: torch.Tensor | None,  # noqa: ARG004
        axis: int,
        plan: _Plan,
    ) -> torch.Tensor:
        return _gathered(x, points, axis, plan)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: torch.Tensor) -> None:  # noqa: ANN401, ARG004
        _, points, order, places, ctx.axis, ctx.plan = inputs
        ctx.save_for_backward(points, order, places)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:  # noqa: ANN401
        found = _Push.apply(gradient, *ctx.saved_tensors, ctx.axis, ctx.plan)
        return found, None, None, None, None, None


class _Push(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(
        y: torch.Tensor,
        points: torch.Tensor,  # noqa: ARG004
        order: torch.Tensor | None,
        places: torch.Tensor | None,
        axis: int,
        plan: _Plan,
    ) -> torch.Tensor:
        return _summed(y, order, places, axis, plan)

    setup_context = _Pull.setup_context

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:  # noqa: ANN401
        found = _Pull.apply(gradient, *ctx.saved_tensors, ctx.axis, ctx.plan)
        return found, None, None, None, None, None
