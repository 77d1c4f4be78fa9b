r"""Maps of points, and the two linear maps that each gives: pull back, and push forward.

A map p of finite sets I -> J pulls functions on J back to I, ``(p* x)[i] = x[p(i)]``, and pushes
functions on I forward to J by summing over fibres, ``(p_* y)[j] = sum of y[i] over p(i) = j``. The
two are transposes of each other, so that each is the other's derivative. Every table of a layer is
such a map: which weight an entry of the matrix has, which point a neighbour is, where a
coordinate goes.

Both are computed by gathering alone: fibres of one length are gathered next to each other and
summed together. In compiled code the derivatives are computed in the same way. Torch's own
derivative of a gather adds to computed places, entry by entry, and the default backend of
``torch.compile`` gets that wrong on a CPU where it fuses several gathers or vectorises one (see
``WORKAROUND``).
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence  # noqa: TC003 - read by torch to make the schema
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from toolkit.nn.linear.tensors.constants import ConstantModule

if TYPE_CHECKING:
    from toolkit.modules.gsets.actions import IntArray

#: Releases of torch whose compiled derivative of gathers was seen to be wrong on a CPU; 2.14.1 was
#: seen to be right. ``tests/nn/test_compiled_gradients.py`` fails once torch itself is right.
WORKAROUND = ("2.6.0", "2.13.0")

#: Entries of a map's matrix up to which it is used within transforms in compiled code.
LARGEST_MATRIX = 1 << 24


#: Older releases show neither an export nor, in compiled code, a transform.
# Compiled layers have been tested with 2.13.0 and 2.14.1.
is_exporting = getattr(torch.compiler, "is_exporting", lambda: False)
_KNOWS_TRANSFORMS = torch.__version__ >= "2.13"


class Fibres(NamedTuple):
    """The fibres of a map of points, those of one length next to each other.

    Parameters
    ----------
    order
        The points that have an image, fibre by fibre.
    places
        ``(size,)`` the number of each fibre in this order, -1 if it is empty.
    counts, lengths
        How many fibres there are of each length, in this order, and the lengths.
    """

    order: IntArray
    places: IntArray
    counts: list[int]
    lengths: list[int]

    @classmethod
    def of(cls, points: IntArray, size: int) -> Fibres:
        """Return those of ``points``, 0-based or -1 for nowhere, over ``size`` points.

        Examples
        --------
        >>> Fibres.of(np.array([0, 2, 2, -1]), 3)
        Fibres(order=array([0, 1, 2]), places=array([ 0, -1,  1]), counts=[1, 1], lengths=[1, 2])
        """
        sizes = np.bincount(points[points >= 0], minlength=size)
        # numpy sorts short integers in linear time
        short = (points + 1).astype(np.min_scalar_type(size + 1))
        by_fibre = np.argsort(short, kind="stable")[np.count_nonzero(points < 0) :]
        starts = np.cumsum(sizes) - sizes
        places = np.full(size, -1)
        order = [np.empty(0, dtype=np.intp)]
        counts: list[int] = []
        lengths: list[int] = np.unique(sizes[sizes > 0]).tolist()
        for length in lengths:
            own = np.flatnonzero(sizes == length)
            order.append(by_fibre[(starts[own][:, None] + np.arange(length)).ravel()])
            places[own] = sum(counts) + np.arange(own.size)
            counts.append(int(own.size))
        return cls(np.concatenate(order), places, counts, lengths)


class _Plan(NamedTuple):
    """The properties of a map besides its tables.

    Parameters
    ----------
    is_partial
        Whether some point goes nowhere: functions pulled back are 0 there.
    has_empty
        Whether a point of J has an empty fibre.
    counts, lengths
        How many fibres there are of each length, in the order of the tables, and the lengths.
    """

    is_partial: bool
    has_empty: bool
    counts: list[int]
    lengths: list[int]


class PointMap(ConstantModule):
    """A map p of ``len(points)`` points to ``size`` points, for tensors with an axis of points.

    Parameters
    ----------
    points
        ``(m,)`` the 0-based point that each point goes to, or -1 for nowhere.
    size
        The number of points of the target.
    device, dtype
        As in torch.

    Examples
    --------
    >>> p = PointMap(np.array([0, 2, 2, -1]), 3)
    >>> p.pull(torch.tensor([5.0, 6.0, 7.0]), 0), p.push(torch.tensor([1.0, 2.0, 3.0, 4.0]), 0)
    (tensor([5., 7., 7., 0.]), tensor([1., 0., 5.]))
    """

    def __init__(
        self,
        points: IntArray,
        size: int,
        device: torch.device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(device, dtype)
        self.size = size
        self.count = points.size
        self.is_identity = points.size == size and np.array_equal(points, np.arange(size))
        found = Fibres.of(points, size)
        has_empty = bool((found.places < 0).any())
        is_partial = bool((points < 0).any())
        self.plan = _Plan(is_partial, has_empty, found.counts, found.lengths)
        self.constant("points", np.where(points < 0, size, points).astype(np.int64))
        if not np.array_equal(found.order, np.arange(points.size)):
            self.constant("order", found.order.astype(np.int64))
        if not np.array_equal(found.places, np.arange(size)):
            # the sum over an empty fibre is a row of zeros, after all others
            places = np.where(found.places < 0, sum(found.counts), found.places)
            self.constant("places", places.astype(np.int64))

    def pull(self, x: torch.Tensor, axis: int) -> torch.Tensor:
        """Return ``x[p(i)]`` along an axis (counted from 0) of length ``size``."""
        if self.is_identity:
            return x
        if _is_compiled():
            if self._multiplies():
                product: torch.Tensor = torch.tensordot(self._matrix(x), x, ([1], [axis]))
                return product.movedim(0, axis)
            y: torch.Tensor = _transport(x, True, *self._tables(), axis, *self.plan)
            return y
        return _gathered(x, self.table("points"), axis, self.plan.is_partial)

    def push(self, y: torch.Tensor, axis: int) -> torch.Tensor:
        """Return the sums over fibres along an axis (counted from 0) of length ``len(points)``."""
        if self.is_identity:
            return y
        if _is_compiled():
            if self._multiplies():
                product: torch.Tensor = torch.tensordot(self._matrix(y), y, ([0], [axis]))
                return product.movedim(0, axis)
            x: torch.Tensor = _transport(y, False, *self._tables(), axis, *self.plan)
            return x
        _, order, places = self._tables()
        plan: tuple[Any, ...] = self.plan
        return _summed(y, order, places, axis, *plan)

    def _multiplies(self) -> bool:
        """Whether to use the matrix: our own operator knows no transforms in compiled code.

        For larger maps torch says so itself.
        """
        return self.count * self.size <= LARGEST_MATRIX and _is_transformed()

    def _matrix(self, like: torch.Tensor) -> torch.Tensor:
        """Return the 0/1 matrix ``(m, size)`` of the pull-back."""
        columns = torch.arange(self.size, device=like.device)
        return (self.table("points").unsqueeze(1) == columns).to(like.dtype)

    def _tables(self) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None]:
        """Return the points, their order by fibres, and the places of the sums."""
        buffers = self._buffers
        return self.table("points"), buffers.get("order"), buffers.get("places")

    def extra_repr(self) -> str:
        """Describe the numbers of points."""
        return f"{self.count} -> {self.size}"


def _gathered(x: torch.Tensor, points: torch.Tensor, axis: int, is_partial: bool) -> torch.Tensor:
    if is_partial:
        x = _with_zero(x, axis)
    return x.index_select(axis, points)


def _summed(
    y: torch.Tensor,
    order: torch.Tensor | None,
    places: torch.Tensor | None,
    axis: int,
    is_partial: bool,
    has_empty: bool,
    counts: Sequence[int],
    lengths: Sequence[int],
) -> torch.Tensor:
    if order is not None:
        y = y.index_select(axis, order)
    pieces = []
    start = 0
    for count, length in zip(counts, lengths, strict=True):
        own = y if len(counts) == 1 else y.narrow(axis, start, count * length)
        start += count * length
        if length > 1:
            own = own.reshape((*y.shape[:axis], count, length, *y.shape[axis + 1 :])).sum(axis + 1)
        pieces.append(own)
    if not pieces:
        pieces.append(y.narrow(axis, 0, 0))
    sums = pieces[0] if len(pieces) == 1 else torch.cat(pieces, axis)
    if has_empty:
        sums = _with_zero(sums, axis)
    return sums if places is None else sums.index_select(axis, places)


def _with_zero(x: torch.Tensor, axis: int) -> torch.Tensor:
    """Return x with a row of zeros at the end of an axis."""
    row = x.new_zeros((*x.shape[:axis], 1, *x.shape[axis + 1 :]))
    return torch.cat([x, row], axis)


# -- derivatives in compiled code ----------------------------------------------------------------
# An operator of our own with its own derivative. The compiler takes it apart only when the
# derivative has been taken, so that it is fused with its surroundings.


def _is_compiled() -> bool:
    """Whether this becomes compiled code; an exported program has only torch's own operators."""
    return torch.compiler.is_dynamo_compiling() and not is_exporting()


def _is_transformed() -> bool:
    """Whether compiled code is within ``torch.func``'s grad, vmap, jvp or another transform."""
    if not _KNOWS_TRANSFORMS:
        return False
    functorch = torch._C._functorch
    return isinstance(functorch.peek_interpreter_stack(), functorch.CInterpreter)


@torch.library.custom_op("plrep_toolkit::transport", mutates_args=())
def _transport(
    x: torch.Tensor,
    back: bool,
    points: torch.Tensor,
    order: torch.Tensor | None,
    places: torch.Tensor | None,
    axis: int,
    is_partial: bool,
    has_empty: bool,
    counts: Sequence[int],
    lengths: Sequence[int],
) -> torch.Tensor:
    """Pull a function back, or push it forward: each is the other's derivative."""
    if back:
        return _gathered(x, points, axis, is_partial)
    sums = _summed(x, order, places, axis, is_partial, has_empty, counts, lengths)
    return sums.clone() if sums is x else sums  # an operator must not return its argument


def _remember(ctx: Any, inputs: tuple[Any, ...], output: torch.Tensor) -> None:  # noqa: ANN401
    _, ctx.back, *tables = inputs[:5]
    ctx.save_for_backward(*tables)
    ctx.rest = inputs[5:]


def _derivative(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:  # noqa: ANN401
    found = _transport(gradient, not ctx.back, *ctx.saved_tensors, *ctx.rest)
    return found, *[None] * 9


def _taken_apart(
    mode: contextlib.AbstractContextManager[object],
    _operator: object,
    _types: object,
    arguments: tuple[Any, ...],
    options: dict[str, Any],
) -> torch.Tensor:
    """Show the compiler the inside of the operator, once the derivative has been taken."""
    with mode:
        found: torch.Tensor = _transport._init_fn(*arguments, **options)
        return found


_transport.register_fake(_transport._init_fn)
_transport.register_autograd(_derivative, setup_context=_remember)
with contextlib.suppress(ImportError):  # without it: not fused, and just as right
    from torch._subclasses.functional_tensor import FunctionalTensorMode

    _transport.register_torch_dispatch(FunctionalTensorMode, _taken_apart)
