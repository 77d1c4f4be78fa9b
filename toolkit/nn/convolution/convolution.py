r"""Group convolutions: torch's own convolution, with the weights that a group allows.

A field is a function F(p, x) of the pixel p in Z^d and the point x of a G-set X, its fibre; G acts
on both, (g F)(p, x) = F(p M_g, x^g). The convolution with cells k in K is

.. math:: (W F)(p, y) = \sum_{k \in K} \sum_{x \in X} W(y; k, x) F(p + k, x),

and it commutes with G iff W(y^g; k^g, x^g) = W(y; k, x): the weights are the equivariant maps from
Fun(K x X) to Fun(Y), one for each orbit of G on Y x K x X. With signs, and for any other modules,
they are Hom_G(Fun(K) (x) X, Y). It commutes with shifts as every convolution does.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn import functional

from toolkit.nn.convolution.sliding import Sliding, per_axis
from toolkit.nn.convolution.windowed_map import WindowedMap, require_window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.modules.module import Module
    from toolkit.nn.convolution.sliding import PaddingMode
    from toolkit.nn.convolution.window import Window
    from toolkit.nn.linear.initialisation import Initialisation

#: Numbers of an image, for one of the kernel, up to which the kernel is gathered channels last.
_SMALL = 4

_CONVOLUTIONS = (functional.conv1d, functional.conv2d, functional.conv3d)
_LAYERS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)


class GroupConvolution(WindowedMap):
    r"""The equivariant convolutions with a given window, from fields of X to fields of Y.

    They commute with the shifts of the grid and with a group that moves the window's cells and the
    points of the fibres X and Y: p4m and similar groups, for any finite group that acts on the
    grid.

    Parameters
    ----------
    window
        The cells, a :class:`~toolkit.nn.Window`: :func:`~toolkit.nn.square_window`,
        :meth:`~toolkit.nn.Window.box`, and others.
    X, Y
        The fibres: modules of the window's group, of any kind. The fibre of an ordinary image is
        ``window.point``, the module of one point. A layer from it *lifts*; a layer to it projects.
    in_channels, out_channels
        Numbers of channels; 0 is allowed.
    stride, padding, dilation, groups, bias
        As in ``torch.nn.Conv2d``, ``padding="same"`` and ``"valid"`` included. Axes that the group
        exchanges must have the same numbers. The bias is an invariant function on Y for each
        channel. ``groups`` splits the channels, not the points: ``groups=in_channels`` is
        depthwise.
    padding_mode
        ``"zeros"``, ``"circular"``, ``"reflect"`` or ``"replicate"``.
    device, dtype
        As in torch.
    init
        ``"he"``, ``"lecun"`` or ``"xavier"``, per simple (:mod:`toolkit.nn.linear.initialisation`).

    Raises
    ------
    ModuleMismatchError
        If the window, modules or numbers do not fit together, or if an input has the wrong shape.

    Notes
    -----
    Input ``(..., |X|, in_channels, *grid)``, output ``(..., |Y|, out_channels, *grid)``: points and
    channels as everywhere in this toolkit, then the grid as in torch. ``x.flatten(-4, -3)`` of a
    field on a plane is torch's ``(batch, channels, H, W)``. :func:`~toolkit.nn.fields_to_points`
    and :class:`~toolkit.nn.Pixelwise` connect fields with all other layers. Torch's elementwise
    activations can be applied to fields directly if X is a permutation module. With ``groups``
    torch requires the channel groups first, which costs a copy of the input.

    ``weight`` is ``(R, out_channels, in_channels / groups)``, where R is the number of orbits on Y
    x K x X: 72 for the regular modules of D8 and nine cells. Orbits are numbered like the orbitals
    (:func:`toolkit.orbitals`) of ``window.module * X`` and Y. Between linear modules the weights
    are Fourier blocks (:mod:`toolkit.nn.linear.blocks`). The kernel is gathered from the weights in
    each call (or kept within :func:`~toolkit.nn.prepared`), and torch's convolution does the rest.

    *When it is exact.* With stride 1 it commutes with G about the image's centre, for images and
    windows of any size, even or odd. With a larger stride the last window must end at the border
    along every axis that G reverses: the stride must divide N + 2 padding - dilation (k - 1) - 1.
    Alternatively the image is periodic (``padding_mode="circular"``, padding as for ``"same"``) and
    its size is divisible by the stride; then it commutes with G about one of the pixels.
    :meth:`is_equivariant_on` decides this for a given size.

    *Learning rates.* A weight occurs at up to |G| places of the kernel, and a step of Adam changes
    all of them equally. Rates should be smaller than for a plain convolution with the same number
    of channels (``examples/p4m_digits.py`` uses 4e-3; at 1e-2 ReLUs die without a normalisation
    before them).

    On a periodic image, with a group that moves no cell and a fibre of one point, it is
    :class:`~toolkit.nn.WindowedConvolution`, for which pixels are the points of a module of the
    group of shifts.

    Sources: Cohen and Welling 2016 (group convolution); the weights are the orbitals, as in
    :class:`~toolkit.nn.EquivariantLinear`.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> G = tk.group("D8")
    >>> X, window = G.regular_module(), tk.nn.square_window(G, 3)
    >>> lift = tk.nn.GroupConvolution(window, window.point, X, 1, 8, padding="same")
    >>> conv = tk.nn.GroupConvolution(window, X, X, 8, 16, stride=2, padding=1)
    >>> conv(lift(torch.zeros(5, 1, 1, 29, 29))).shape
    torch.Size([5, 8, 16, 15, 15])
    >>> conv.hom_space.count, conv.is_equivariant_on((29, 29)), conv.is_equivariant_on((28, 28))
    (72, True, False)
    """

    _kernel_order = (3, 0, 4, 1, 5, 2)

    def __init__(
        self,
        window: Window,
        X: Module,
        Y: Module,
        in_channels: int,
        out_channels: int,
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int] | str = 0,
        dilation: int | Sequence[int] = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: PaddingMode = "zeros",
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        init: Initialisation = "he",
    ) -> None:
        require_window(window)
        sliding = Sliding.of(window, stride, padding, dilation, padding_mode)
        super().__init__(
            sliding, X, Y, in_channels, out_channels, groups, bias, device, dtype, init
        )
        #: As ``torch.nn.functional.pad`` takes it: last axis first.
        self._around = [p for size in reversed(sliding.padding) for p in (size, size)]

    def is_equivariant_on(self, size: int | Sequence[int]) -> bool:
        """Whether the layer commutes exactly with the group on images of a given size.

        Parameters
        ----------
        size
            ``(N_1, ..., N_d)`` pixels along the axes, or one number for all.

        Notes
        -----
        Decided with integers: about the image's centre, and for circular padding also about the
        first pixel of a periodic image. A group that mixes axes, such as that of a hexagonal
        lattice, does not preserve any box; then only the second case is possible. On an infinite
        grid the layer always commutes.
        """
        return self.sliding.is_equivariant_on(per_axis("size", size, self.window.dimension, 0))

    def _output_grid(self, grid: Sequence[int]) -> tuple[int, ...]:
        return self.sliding.output_size(grid)

    def _convolved(
        self, x: torch.Tensor, kernel: torch.Tensor, bias: torch.Tensor | None
    ) -> torch.Tensor:
        sliding = self.sliding
        padding = sliding.padding
        if sliding.padding_mode != "zeros" and any(padding):
            x = functional.pad(x, self._around, mode=sliding.padding_mode)
            padding = (0,) * len(padding)
        convolution: Any = _CONVOLUTIONS[self.window.dimension - 1]
        y: torch.Tensor = convolution(
            x, kernel, bias, sliding.stride, padding, sliding.dilation, self.groups
        )
        return y

    def _is_small(self, x: torch.Tensor) -> bool:
        weight = self.weight
        return (
            self.window.dimension == 2
            and self.groups == 1
            and x.is_cpu
            and weight.is_cpu
            and x.dtype is weight.dtype is torch.float32
            and x.numel() <= _SMALL * math.prod(self._dense_shape())
            and not torch.is_autocast_enabled("cpu")
        )

    def _dense_shape(self) -> tuple[int, ...]:
        into = self.X.degree * self.in_channels // self.groups
        return self.Y.degree * self.out_channels, into, *self.window.shape

    def to_dense(self) -> nn.Module:
        """Return the same map as ``torch.nn.Conv2d`` (or 1d, 3d), detached.

        Its channels are ordered by points, then channels, as in ``x.flatten(-d - 2, -d - 1)`` for a
        field x on d axes; with groups, by channel groups first.

        Examples
        --------
        >>> import torch, toolkit as tk
        >>> G = tk.group("C4")
        >>> X = G.regular_module()
        >>> conv = tk.nn.GroupConvolution(tk.nn.square_window(G, 3), X, X, 2, 3)
        >>> conv.to_dense()
        Conv2d(8, 12, kernel_size=(3, 3), stride=(1, 1))
        >>> x = torch.randn(5, 4, 2, 9, 9)
        >>> torch.allclose(conv(x).flatten(1, 2), conv.to_dense()(x.flatten(1, 2)), atol=1e-6)
        True
        """
        kind = _LAYERS[self.window.dimension - 1]
        return self._made_dense(kind, padding_mode=self.sliding.padding_mode)

    def _options(self) -> dict[str, object]:
        return {**super()._options(), "padding_mode": repr(self.sliding.padding_mode)}
