r"""Dropout that commutes with a group in every sample, not only on average.

A mask commutes with G if it is constant on what G keeps: one number for a whole channel, for a
channel on an orbit of points, for a channel of the isotypic part of a simple, or for a whole
sample. ``torch.nn.Dropout`` draws a number for every point. Moving the points moves the mask, so
that the output is equivariant in distribution only (on permutation and signed modules: on a linear
module, whose coordinates the group mixes, not even that): one sample of a network with it is not
equivariant, and simples that symmetry makes zero appear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import torch

from toolkit.errors import ModuleMismatchError
from toolkit.modules.module import require_module
from toolkit.nn.linear.tensors.constants import LayerWithConstants
from toolkit.nn.linear.tensors.weights import require_choice
from toolkit.nn.linear.weighted_map import full_precision
from toolkit.nn.normalisation.parts import InvariantParts

if TYPE_CHECKING:
    from toolkit.modules.module import Module
    from toolkit.nn.normalisation.parts import Per

Masked: TypeAlias = Literal["channel", "orbit", "simple", "sample"]


class EquivariantDropout(LayerWithConstants):
    """Dropout with invariant masks: of channels, orbits, simples or samples.

    In training each mask is 0 with probability p and 1/(1 - p) otherwise, drawn independently for
    each sample.

    Parameters
    ----------
    X
        Any module; ``None`` for modules of any size, if whole channels or samples are dropped.
    p
        The probability of being dropped, from 0 to 1.
    per
        The unit that is dropped: a ``"channel"`` of the module, a channel on an ``"orbit"`` of
        points, a channel of the isotypic part of a ``"simple"``, or a whole ``"sample"``
        (stochastic depth, for the branch of a residual sum).
    device, dtype
        As in torch, for the tables of orbits and simples.

    Raises
    ------
    ModuleMismatchError
        If p is not a probability, if orbits are requested for a module without points, or if X is
        required and missing.
    NotAvailable
        If masks of simples require a Fourier basis that is out of reach.

    Notes
    -----
    Maps ``(..., n, channels)`` to the same shape; all leading dimensions are samples. For every
    mask f(g x) = g f(x), and no new simple appears, even in training. A channel that is dropped on
    one orbit keeps its values on the other orbits. Sources: Srivastava et al. 2014; Tompson et al.
    2015 (channels); Huang et al. 2016 (stochastic depth).

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("S4").natural_module()
    >>> drop = tk.nn.EquivariantDropout(X, 0.5)
    >>> y = drop(torch.ones(100, 4, 8))
    >>> bool((y == y[:, :1]).all()), sorted(y.unique().tolist())
    (True, [0.0, 2.0])
    >>> tk.testing.assert_equivariant(drop, channels=8, training=True)
    """

    components: InvariantParts | None

    def __init__(
        self,
        X: Module | None = None,
        p: float = 0.5,
        per: Masked = "channel",
        *,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        require_choice("per", per, ("channel", "orbit", "simple", "sample"))
        if not 0 <= p <= 1:
            raise ModuleMismatchError(f"p must be a probability, from 0 to 1, found {p!r}")
        if X is not None:
            require_module(X)
        self.X, self.p, self.per = X, float(p), per
        if per not in ("orbit", "simple"):
            self.keep("components", None)
            return
        if X is None:
            raise ModuleMismatchError(
                f"masks per {per} need the module: EquivariantDropout(X, {p}, {per!r})"
            )
        if per == "orbit" and not X.has_points:
            raise ModuleMismatchError(
                f"masks per orbit need a module with points, found {X.name}, whose coordinates the "
                'group mixes: use per="simple" or per="channel"'
            )
        place = None if device is None else torch.device(device)
        kind: Per = "orbit" if per == "orbit" else "simple"
        self.keep("components", InvariantParts(X, kind, place, dtype))

    @property
    def Y(self) -> Module | None:
        """The module of the output, which is that of the input."""
        return self.X

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., n, channels)`` for ``x`` of that shape; x itself in evaluation mode."""
        self._require(x)
        if not self.training or self.p == 0:
            return x
        parts = self.components
        C = 1 if self.per == "sample" else x.shape[-1]
        rows = 1 if parts is None else len(parts.labels)
        kept = 1 - self.p
        mask = torch.rand((*x.shape[:-2], rows, C), device=x.device) < kept
        factors = mask.to(x.dtype) / (kept or 1.0)
        if parts is None:
            return x * factors
        parts.follow(x)
        with full_precision(x.device.type):
            if not parts.uses_basis:
                return parts.scaled(x, factors)
            wide = x.to(parts.wide_dtype) if x.dtype != torch.float64 else x
            scaled = parts.scaled(parts.coordinates(wide), factors.to(wide.dtype))
            return parts.functions(scaled).to(x.dtype)

    def _require(self, x: torch.Tensor) -> None:
        if x.dim() < 2 or (self.X is not None and x.shape[-2] != self.X.degree):
            points = "points" if self.X is None else self.X.degree
            name = "a module" if self.X is None else self.X.name
            raise ModuleMismatchError(
                f"the input must have shape (..., {points}, channels), points of {name} and "
                f"channels, found {tuple(x.shape)}"
            )

    def extra_repr(self) -> str:
        """Describe what is dropped, how often, and where."""
        where = "" if self.X is None else f", {self.X.name} of {self.X.group_title}"
        return f"p={self.p:g}, per={self.per!r}{where}"
