"""Batch normalisation with statistics over the batch and over the points of each orbit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from toolkit.errors import ModuleMismatchError
from toolkit.nn.linear.weighted_map import full_precision
from toolkit.nn.normalisation.base import PartwiseNorm
from toolkit.nn.normalisation.gain import gain, widened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.modules.module import Module
    from toolkit.nn.normalisation.parts import Per


class EquivariantBatchNorm(PartwiseNorm):
    r"""Batch normalisation with one mean and variance for each orbit of points and channel.

    ``y = (x - mean) * s / (s^2 + e) * weight + bias``: the mean and variance s^2 are taken over the
    batch and the points of an orbit, and e is as in :mod:`toolkit.nn.normalisation`. On a
    transitive permutation module this is ``torch.nn.BatchNorm1d(channels)`` over batch and points,
    with the same ``state_dict``, and it preserves zeros due to symmetry.

    Parameters
    ----------
    X
        Any module. On an orbit whose signs allow no invariant function the mean is 0.
    channels
        The number of channels of input and output.
    eps
        Added to the variances, so that smaller components are not enlarged.
    momentum
        The weight of a batch in the running statistics; ``None`` for their cumulative average.
    affine
        Whether there are weights, one for each part and channel, and biases, one for each
        invariant function and channel.
    track_running_stats
        Whether there are running statistics, which are used in evaluation mode. Without them, batch
        statistics are always used.
    per
        What has a separate variance: an ``"orbit"``, the isotypic part of a ``"simple"``, or the
        whole ``"module"``. The default is orbits if there are points, else simples.
    device, dtype
        As in torch.

    Attributes
    ----------
    running_mean
        ``(invariant functions * channels,)``.
    running_var
        ``(parts * channels,)``, for the unbiased variance.
    num_batches_tracked
        int64.

    Raises
    ------
    ModuleMismatchError
        If orbits are requested for a module without points, an input has the wrong shape, or a
        batch in training has only one number.
    NotAvailable
        If variances per simple require a Fourier basis that is out of reach.

    Notes
    -----
    Maps ``(..., n, channels)`` to the same shape; all leading dimensions are the batch. Statistics
    use float32 or higher precision. Each process has the statistics of its own batch. Sources:
    Ioffe, Szegedy 2015; means over an orbit: Weiler, Cesa 2019.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> norm = tk.nn.EquivariantBatchNorm(tk.group("S4").natural_module(), 3)
    >>> y = norm(7 + 2 * torch.randn(50, 4, 3))
    >>> y.mean((0, 1)).abs().max() < 1e-5, (y.std((0, 1)) - 1).abs().max() < 0.01
    (tensor(True), tensor(True))
    >>> list(norm.state_dict())
    ['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked']
    """

    running_mean: torch.Tensor | None
    running_var: torch.Tensor | None
    num_batches_tracked: torch.Tensor | None

    def __init__(
        self,
        X: Module,
        channels: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        per: Per | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(X, channels, eps, per, affine, affine, device, dtype)
        if momentum is not None and not 0 <= momentum <= 1:
            raise ModuleMismatchError(
                f"momentum must be a number from 0 to 1, or None, found {momentum!r}"
            )
        self.momentum, self.track_running_stats = momentum, track_running_stats
        place = {"device": device, "dtype": dtype}
        if track_running_stats:
            mean = torch.zeros(self.components.invariant_count * channels, **place)  # type: ignore[arg-type]
            variance = torch.ones(len(self.components.labels) * channels, **place)  # type: ignore[arg-type]
            self.register_buffer("running_mean", mean)
            self.register_buffer("running_var", variance)
            count = torch.zeros((), dtype=torch.int64, device=device)
            self.register_buffer("num_batches_tracked", count)
        else:
            for name in ("running_mean", "running_var", "num_batches_tracked"):
                self.register_buffer(name, None)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Reset the running statistics."""
        if self.running_mean is not None:
            assert self.running_var is not None
            assert self.num_batches_tracked is not None
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Set weights to 1 and biases to 0, and reset the running statistics."""
        self.reset_running_stats()
        super().reset_parameters()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the normalised ``x``, ``(..., n, channels)``; training updates the statistics."""
        self._require(x)
        self.components.follow(x)
        n, C = x.shape[-2:]
        with full_precision(x.device.type):
            wide = widened(x)
            if self.training or self.running_mean is None:
                mean, energy = self._batch_statistics(wide.reshape(x.shape[:-2].numel(), n, C))
            else:
                assert self.running_var is not None
                mean = self.running_mean.reshape(self.components.invariant_count, C).to(wide.dtype)
                energy = self.running_var.reshape(len(self.components.labels), C).to(wide.dtype)
            total = self.components.mean_square(energy, mean).mean(-1, keepdim=True)
            scale = self._weighted(gain(energy, total, self.eps, x.dtype))
            centred = (
                wide - self.components.invariant(mean) if self.components.invariant_count else wide
            )
            coordinates = self.components.coordinates(centred)
            y = self.components.functions(self.components.scaled(coordinates, scale))
            return self._shifted(y).to(x.dtype)

    def _batch_statistics(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return means ``(invariants, C)`` and energies ``(parts, C)`` of ``(b, n, C)``."""
        parts = self.components
        count, C = x.shape[0], x.shape[-1]
        if count == 0:
            return (
                x.new_zeros(parts.invariant_count, C),
                x.new_zeros(len(parts.labels), C),
            )
        if count < 2 and parts.sizes and parts.sizes == parts.fixed and C:
            raise ModuleMismatchError(
                f"a batch of more than one sample is required for statistics of {self.X.name}, on "
                "which the group acts trivially, in training; found one sample: call eval(), or "
                "give a larger batch"
            )
        mean = parts.means(x).mean(0)
        centred = x - parts.invariant(mean) if parts.invariant_count else x
        energy = parts.energies(parts.coordinates(centred)).mean(0)
        if self.training and self.running_mean is not None:
            with torch.no_grad():
                self._take_notice(mean, energy, count)
        return mean, energy

    def _take_notice(self, mean: torch.Tensor, energy: torch.Tensor, count: int) -> None:
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        self.num_batches_tracked.add_(1)
        # each invariant function takes one from the degrees of freedom of its part
        factors = [
            1.0 if size * count == fixed else size * count / (size * count - fixed)
            for size, fixed in zip(self.components.sizes, self.components.fixed, strict=True)
        ]
        unbiased = torch.stack([row * f for row, f in zip(energy, factors, strict=True)])
        for running, new in ((self.running_mean, mean), (self.running_var, unbiased)):
            flat = new.reshape(-1).to(running.dtype)
            if self.momentum is None:
                running.add_((flat - running) / self.num_batches_tracked.to(running.dtype))
            else:
                running.lerp_(flat, self.momentum)

    def added_constants(self) -> torch.Tensor | None:
        """Return the constants ``(invariant functions, channels)`` that are added, detached.

        In evaluation mode they include the running mean, which is subtracted.
        """
        shift = super().added_constants()
        if self.training or self.running_mean is None:
            return shift
        mean = self.running_mean.detach().reshape(self.components.invariant_count, self.in_channels)
        return mean if shift is None else (mean != 0) | (shift != 0)

    def _details(self) -> Iterator[str]:
        yield from super()._details()
        yield f"momentum={self.momentum}"
        yield f"track_running_stats={self.track_running_stats}"
