r"""The matrix of a layer, gathered from its weights, with derivatives of its own.

The matrix ``(m C_out, n C_in)`` consists of rows ``weight[r, o]`` of ``C_in`` numbers each: the
entries of point p, channel o and point q are that row of the orbital of (p, q). So the matrix is
one gather of rows, and the gradient of the weights one sum of rows over the entries of each
orbital. Where a layer is called eagerly, both are called from one node of the graph, in place of
the eight or so that torch would make.

With few samples the matrix is larger than what it is applied to. If each point q and orbital r
belong to exactly one p, as in a regular module, then every ``weight[r] x[q]`` is a summand of one
output: all of them come from one product with the weights as they are, and are summed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import embedding_bag, is_grad_enabled, mm
from torch.autograd import Function
from torch.nn.functional import linear

from toolkit.nn.linear.methods.gathered_entries import MOST_ENTRIES, GatheredEntries
from toolkit.nn.linear.tensors.constants import ConstantModule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.gsets.actions import IntArray

#: Rows of a matrix up to which it is gathered by tables of rows.
LARGEST_TABLE = 1 << 22

_INT = np.int32


class GatheredMatrix(ConstantModule):
    """The matrix ``(m C_out, n C_in)`` of orbit weights ``(R, C_out, C_in)``, and its transpose.

    Parameters
    ----------
    labels
        ``(m, n)`` the weight of each pair of points.
    factors
        ``(m, n)`` the factor of each pair: 1, -1 or 0; ``None`` if all are 1.
    count
        R.
    channels
        ``(C_out, C_in)``.
    device, dtype
        As in torch.
    has_products
        Whether it is to be multiplied with samples: then there are tables for few of these, and for
        few entries.

    Examples
    --------
    >>> matrix = GatheredMatrix(np.array([[0, 1], [1, 0]]), None, 2, (1, 1), None, None)
    >>> matrix.expand(torch.tensor([[[5.0]], [[6.0]]])).tolist()
    [[5.0, 6.0], [6.0, 5.0]]
    >>> matrix.collect(torch.tensor([[1.0, 2.0], [3.0, 4.0]])).flatten().tolist()
    [5.0, 5.0]
    """

    follows_narrow = True

    def __init__(
        self,
        labels: IntArray,
        factors: NDArray[np.generic] | None,
        count: int,
        channels: tuple[int, int],
        device: torch.device | None,
        dtype: torch.dtype | None,
        has_products: bool = True,
    ) -> None:
        super().__init__(device, dtype)
        (m, n), (out, into) = labels.shape, channels
        self.size = m, n, out, into
        self.count, self.channels = count, channels
        self.shape_of_weights = (count, out, into)
        rows = (labels[:, None, :] * out + np.arange(out)[None, :, None]).ravel()
        order = np.argsort(rows, kind="stable")
        self.has_factors = factors is not None and bool((factors != 1).any())
        if factors is not None and self.has_factors:
            each = np.repeat(factors.astype(np.float64), out, axis=0).ravel()
            order = order[each[order] != 0]
            self.constant("factors", each[:, None])
            self.constant("order_factors", each[order])
        sizes = np.bincount(rows[order], minlength=count * out)
        self.constant("rows", rows.astype(_INT))
        self.constant("order", order.astype(_INT))
        self.constant("starts", (np.cumsum(sizes) - sizes).astype(_INT))
        #: The tables of small layers, if this is one.
        self.entries: GatheredEntries | None = None
        if has_products and count * out * into <= MOST_ENTRIES:
            self.entries = GatheredEntries(labels, factors, count, channels, device, dtype)
        is_free = has_products and not self.has_factors and self._keep_places(labels)
        #: Inputs with fewer entries than this are multiplied with the weights as they are.
        self.few = n * into * into // 2 if is_free else 0

    def _keep_places(self, labels: IntArray) -> bool:
        """Find the output of each point q and orbital r; say whether there is exactly one."""
        m, n = labels.shape
        places = np.arange(n) * self.count + labels
        targets = np.full(n * self.count, -1)
        targets[places] = np.arange(m)[:, None]
        if m * n != targets.size or (targets < 0).any():
            return False
        self.constant("places", places.ravel().astype(_INT))
        self.constant("targets", targets.astype(_INT))
        return True

    def expand(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the matrix ``(m C_out, n C_in)`` of weights ``(R, C_out, C_in)``."""
        _, n, _, into = self.size
        rows = weight.view(-1, into).index_select(0, self._buffers["rows"])  # type: ignore[arg-type]
        if self.has_factors:
            rows = rows * self.table("factors").to(rows.dtype)
        return rows.view(-1, n * into)

    def collect(self, matrix: torch.Tensor) -> torch.Tensor:
        """Return the sums ``(R, C_out, C_in)`` of a matrix over each orbital, with signs."""
        _, _, out, into = self.size
        tables: dict[str, Any] = self._buffers
        rows, order = matrix.reshape(-1, into), tables["order"]
        if is_grad_enabled():  # of this, derivatives of every order are known
            rows = rows.index_select(0, order)
            if self.has_factors:
                rows = rows * tables["order_factors"].to(rows.dtype)[:, None]
            zeros = rows.new_zeros(self.count * out, into)
            sums = zeros.index_add(0, tables["rows"].index_select(0, order), rows)
        elif self.has_factors:
            factors = tables["order_factors"].to(rows.dtype)
            sums = embedding_bag(rows, order, tables["starts"], False, 0, False, factors)[0]
        else:
            sums = embedding_bag(rows, order, tables["starts"])[0]
        return sums.view(-1, out, into)


class _Expansion(Function):
    """The matrix itself."""

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401 - torch's own
        weight: torch.Tensor,
        gathered: GatheredMatrix,
    ) -> torch.Tensor:
        ctx.gathered = gathered
        return gathered.expand(weight)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:  # noqa: ANN401
        gathered: GatheredMatrix = ctx.gathered
        return gathered.collect(gradient), None


class _MatrixProduct(Function):
    """The layer as one product with its whole matrix."""

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401 - torch's own
        x: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        gathered: GatheredMatrix,
        matrix: torch.Tensor | None,
    ) -> torch.Tensor:
        if matrix is None:
            matrix = gathered.expand(weight)
        ctx.save_for_backward(x, weight, matrix)
        ctx.gathered = gathered
        m, n, out, into = gathered.size
        y = linear(x.reshape(-1, n * into), matrix).view(-1, m, out)
        if bias is not None:
            y += bias
        return y

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:  # noqa: ANN401
        x, weight, matrix = ctx.saved_tensors
        gathered: GatheredMatrix = ctx.gathered
        m, n, out, into = gathered.size
        wants_x, wants_weight, wants_bias, _, _ = ctx.needs_input_grad
        flat = gradient.reshape(-1, m * out)
        of_x = of_weight = of_bias = None
        if wants_x:
            if is_grad_enabled():  # a derivative of second order may follow
                matrix = gathered.expand(weight)
            of_x = mm(flat, matrix).view(x.shape)
        if wants_weight:
            of_weight = gathered.collect(mm(flat.t(), x.reshape(-1, n * into)))
        if wants_bias:
            of_bias = gradient.sum((0, 1))
        return of_x, of_weight, of_bias, None, None


class _SampleProduct(Function):
    """The layer as a product of every point with every weight, and sums of these."""

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401 - torch's own
        x: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        gathered: GatheredMatrix,
    ) -> torch.Tensor:
        ctx.save_for_backward(x, weight)
        ctx.gathered = gathered
        m, n, out, into = gathered.size
        products = linear(x.reshape(-1, into), weight.view(-1, into)).view(-1, n * m, out)
        summands = products.index_select(1, gathered._buffers["places"])  # type: ignore[arg-type]
        y = summands.view(-1, m, n, out).sum(2)
        if bias is not None:
            y += bias
        return y

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:  # noqa: ANN401
        x, weight = ctx.saved_tensors
        gathered: GatheredMatrix = ctx.gathered
        m, _, out, into = gathered.size
        wants_x, wants_weight, wants_bias, _ = ctx.needs_input_grad
        of_x = of_weight = of_bias = None
        if wants_x or wants_weight:
            spread = gradient.index_select(1, gathered._buffers["targets"])  # type: ignore[arg-type]
            spread = spread.view(-1, m * out)
            if wants_x:
                of_x = mm(spread, weight.view(-1, into)).view(x.shape)
            if wants_weight:
                of_weight = mm(spread.t(), x.reshape(-1, into)).view(weight.shape)
        if wants_bias:
            of_bias = gradient.sum((0, 1))
        return of_x, of_weight, of_bias, None


def _applied(function: Any) -> Any:  # noqa: ANN401 - as torch has it
    """Return what calls a function of autograd without torch's own questions in Python.

    Torch's ``apply`` looks for function transforms first, which callers have done, and that of the
    backward node for the derivative, which may have one of two names.
    """
    function._backward_cls.apply = function.backward
    return super(Function, function).apply


#: ``(weight, gathered)`` to ``(m C_out, n C_in)``: the matrix. For eager calls only, as the next.
expansion: Any = _applied(_Expansion)

#: ``(x, weight, bias, gathered, matrix)`` to ``(b, m, C_out)``: the layer by its whole matrix.
#:
#: ``x`` is ``(b, n, C_in)``, ``weight`` ``(R, C_out, C_in)`` and contiguous, ``bias``
#: ``(C_out,)`` numbers for all points or ``None``: plain tensors of one device and type. ``matrix``
#: is the weights' matrix where it is at hand, else ``None``. For eager calls only
#: (:func:`toolkit.nn.linear.tensors.eager.is_eager`), as the next.
matrix_product: Any = _applied(_MatrixProduct)

#: ``(x, weight, bias, gathered)`` to ``(b, m, C_out)``: the same by products of every point with
#: every weight, for inputs of few entries (:attr:`GatheredMatrix.few`).
sample_product: Any = _applied(_SampleProduct)
