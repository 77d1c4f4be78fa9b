"""Normalisations with statistics of one sample: layer, group and RMS norm, and norms per simple."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.errors import ModuleMismatchError
from toolkit.nn.linear.weighted_map import full_precision
from toolkit.nn.normalisation.base import PartwiseNorm
from toolkit.nn.normalisation.gain import gain, widened

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch

    from toolkit.modules.module import Module
    from toolkit.nn.normalisation.parts import Per


class SampleNorm(PartwiseNorm):
    """A normalisation of each sample by itself; the base of the others here.

    Parameters
    ----------
    X, channels, eps, per, weight, bias, device, dtype
        As for :class:`toolkit.nn.normalisation.base.PartwiseNorm`.
    groups
        Into how many groups of one size the channels are divided.
    subtracts_mean
        Whether the mean of the invariant coefficients over a group of channels is subtracted.
    """

    def __init__(
        self,
        X: Module,
        channels: int,
        eps: float,
        per: Per | None,
        weight: bool,
        bias: bool,
        device: torch.device | str | None,
        dtype: torch.dtype | None,
        *,
        groups: int = 1,
        subtracts_mean: bool,
    ) -> None:
        super().__init__(X, channels, eps, per, weight, bias, device, dtype)
        if groups < 1 or channels % groups:
            raise ModuleMismatchError(
                f"groups must divide the number of channels, found {groups} groups of {channels} "
                "channels"
            )
        self.groups, self.subtracts_mean = groups, subtracts_mean
        self.reset_parameters()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., n, channels)`` for ``x`` of that shape."""
        self._require(x)
        self.components.follow(x)
        with full_precision(x.device.type):
            wide, mean = widened(x), None
            if self.subtracts_mean and self.components.invariant_count:
                mean = self._over_groups(self.components.means(wide))
                wide = wide - self.components.invariant(mean)
            coordinates = self.components.coordinates(wide)
            energy = self._over_groups(self.components.energies(coordinates))
            # with the mean that was subtracted: it left rounding errors of its size
            total = self.components.mean_square(energy, mean).mean(-1, keepdim=True)
            scale = self._weighted(gain(energy, total, self.eps, x.dtype))
            y = self.components.functions(self.components.scaled(coordinates, scale))
            return self._shifted(y).to(x.dtype)

    def _over_groups(self, values: torch.Tensor) -> torch.Tensor:
        """Return the mean of ``(..., k, C)`` over each group of channels, broadcasting with it."""
        if self.groups == 1:
            return values.mean(-1, keepdim=True)
        if self.groups == self.in_channels:
            return values
        size = self.in_channels // self.groups
        means = values.reshape(*values.shape[:-1], self.groups, size).mean(-1, keepdim=True)
        return means.expand(*means.shape[:-1], size).flatten(-2)

    def removes_invariants(self) -> bool:
        """Whether each channel's own mean is subtracted, so that no invariant component is left."""
        return self.subtracts_mean and self.groups == self.in_channels

    def _details(self) -> Iterator[str]:
        yield from super()._details()
        if self.groups > 1:
            yield f"groups={self.groups}"


class EquivariantLayerNorm(SampleNorm):
    r"""Layer normalisation with one mean and scale for each orbit of points and sample.

    ``y = (x - mean) * s / (s^2 + e) * weight + bias``: the mean is taken over the points of an
    orbit and all channels, s^2 is the mean square of the difference, and e is as in
    :mod:`toolkit.nn.normalisation`. On a transitive permutation module this is
    ``torch.nn.LayerNorm([points, channels])`` with weights and biases that are equal at all points,
    and it preserves zeros due to symmetry.

    Parameters
    ----------
    X
        Any module. On an orbit whose signs allow no invariant function, nothing is subtracted.
    channels
        The number of channels of input and output.
    eps
        Added to the energies, so that smaller components are not enlarged.
    elementwise_affine
        Whether there are weights, one for each part and channel, and biases.
    bias
        Whether there are biases, one for each invariant function and channel.
    per
        What has a separate scale: an ``"orbit"``, the isotypic part of a ``"simple"``, or the whole
        ``"module"``. The default is orbits if there are points, else simples. In all cases there is
        a mean for each invariant function.
    device, dtype
        As in torch.

    Raises
    ------
    ModuleMismatchError
        If orbits are requested for a module without points, or if an input has the wrong shape.
    NotAvailable
        If scales per simple require a Fourier basis that is out of reach.

    Notes
    -----
    Maps ``(..., n, channels)`` to the same shape; statistics use float32 or higher precision. O(n
    C), or O(n^2 C) with scales per simple. Sources: Ba, Kiros, Hinton 2016; the treatment of zeros
    due to symmetry is new here.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("S4").natural_module()
    >>> norm = tk.nn.EquivariantLayerNorm(X + X**2, 16)
    >>> norm.components.labels
    ('orbit 0', 'orbit 1', 'orbit 2')
    >>> norm.weight.shape, norm(torch.randn(5, 20, 16)).shape
    (torch.Size([48]), torch.Size([5, 20, 16]))
    """

    def __init__(
        self,
        X: Module,
        channels: int,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        per: Per | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        affine = elementwise_affine
        bias = affine and bias
        super().__init__(X, channels, eps, per, affine, bias, device, dtype, subtracts_mean=True)


class EquivariantGroupNorm(SampleNorm):
    """Layer normalisation of groups of channels; with one channel each, instance normalisation.

    Parameters
    ----------
    groups
        The number of groups of channels, a divisor of ``channels``.
    X, channels, eps, affine, per, device, dtype
        As for :class:`EquivariantLayerNorm`, with ``affine`` for weights and biases.

    Notes
    -----
    On a transitive permutation module it is ``torch.nn.GroupNorm(groups, channels)`` over all
    points. Source: Wu, He 2018.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("S4").natural_module()
    >>> tk.nn.EquivariantGroupNorm(4, X, 16)(torch.randn(5, 4, 16)).shape
    torch.Size([5, 4, 16])
    """

    def __init__(
        self,
        groups: int,
        X: Module,
        channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        per: Per | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(
            X, channels, eps, per, affine, affine, device, dtype, groups=groups, subtracts_mean=True
        )


class EquivariantRMSNorm(SampleNorm):
    """Root mean square normalisation with one scale for each orbit of points and sample.

    ``y = x * s / (s^2 + e) * weight``, where s^2 is the mean square over the points of an orbit and
    all channels. The scale is invariant and the same for all simples of an orbit: simples that are
    zero remain zero. The parameters are those of :class:`EquivariantLayerNorm`.

    Parameters
    ----------
    X, channels, eps, elementwise_affine, per, device, dtype
        As for :class:`EquivariantLayerNorm`.
    bias
        Whether to add an invariant function; torch's RMSNorm has no bias.

    Notes
    -----
    Source: Zhang, Sennrich 2019.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> norm = tk.nn.EquivariantRMSNorm(tk.group("C4").regular_module(), 1)
    >>> norm(torch.tensor([[3.0], [-3.0], [3.0], [-3.0]])).flatten().round(decimals=4).tolist()
    [1.0, -1.0, 1.0, -1.0]
    """

    def __init__(
        self,
        X: Module,
        channels: int,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = False,
        *,
        per: Per | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        affine = elementwise_affine
        bias = affine and bias
        super().__init__(X, channels, eps, per, affine, bias, device, dtype, subtracts_mean=False)


class SimpleNorm(SampleNorm):
    """A separate scale for the isotypic part of each simple, so that all get the same size.

    This is :class:`EquivariantRMSNorm` with ``per="simple"``. For vectors (x and y in one simple)
    the scale is the norm of the vectors over all channels.

    Parameters
    ----------
    X, channels, eps, elementwise_affine, bias, device, dtype
        As for :class:`EquivariantRMSNorm`.

    Raises
    ------
    NotAvailable
        If the module's Fourier basis is out of reach.

    Examples
    --------
    A function with a large trivial component and a small sign component; the result has both in
    equal size:

    >>> import torch, toolkit as tk
    >>> X = tk.group("C2").regular_module()
    >>> norm = tk.nn.SimpleNorm(X, 1)
    >>> norm(torch.tensor([[10.5], [9.5]])).detach().flatten().round(decimals=2)
    tensor([1.4100, 0.0000])
    """

    def __init__(
        self,
        X: Module,
        channels: int,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = False,
        *,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        affine = elementwise_affine
        bias = affine and bias
        super().__init__(
            X, channels, eps, "simple", affine, bias, device, dtype, subtracts_mean=False
        )
