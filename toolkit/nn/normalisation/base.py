"""What the normalisations by invariant statistics share: parts, weights, biases, checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from toolkit.errors import ModuleMismatchError
from toolkit.modules.module import require_module
from toolkit.nn.linear.tensors.constants import LayerWithConstants
from toolkit.nn.linear.tensors.weights import register_weight
from toolkit.nn.normalisation.parts import InvariantParts, chosen_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.modules.module import Module
    from toolkit.nn.normalisation.parts import Per


class PartwiseNorm(LayerWithConstants):
    """A normalisation that scales each part of a module by an invariant number.

    The base of :class:`~toolkit.nn.EquivariantBatchNorm`, :class:`~toolkit.nn.EquivariantLayerNorm`
    and the like.

    Parameters
    ----------
    X, channels
        The module and the number of channels, of input and output.
    eps
        Added to the energies; parts of a smaller size are not made larger.
    per
        What has a scale of its own: ``"orbit"``, ``"simple"`` or ``"module"``; ``None`` for orbits
        where there are points, else simples.
    weight, bias
        Whether there are any.
    device, dtype
        As in torch.

    Attributes
    ----------
    weight
        ``(parts * channels,)`` factors; one axis, so that optimisers' rules by axes see no matrix.
    bias
        ``(invariant functions * channels,)``, or ``None``.
    """

    weight: torch.Tensor | None
    bias: torch.Tensor | None
    components: InvariantParts

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
    ) -> None:
        require_module(X)
        if channels < 0:
            raise ModuleMismatchError(f"channels must be at least 0, found {channels}")
        if not eps >= 0:
            raise ModuleMismatchError(f"eps must be at least 0, found {eps!r}")
        if dtype is not None and not dtype.is_floating_point:
            raise ModuleMismatchError(f"statistics are real numbers, not {dtype}: use a float type")
        super().__init__()
        self.X = X
        self.in_channels = self.out_channels = channels
        self.eps = eps
        self.per: Per = chosen_parts(X, per)
        place = None if device is None else torch.device(device)
        self.keep("components", InvariantParts(X, self.per, place, dtype))
        for name, rows, is_there in (
            ("weight", len(self.components.labels), weight),
            ("bias", self.components.invariant_count, bias),
        ):
            if is_there:
                register_weight(self, name, (rows * channels,), device=place, dtype=dtype)
            else:
                self.register_parameter(name, None)

    @property
    def Y(self) -> Module:
        """The module of the output, which is that of the input."""
        return self.X

    def reset_parameters(self) -> None:
        """Set weights to 1 and biases to 0."""
        if self.weight is not None:
            nn.init.ones_(self.weight)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def weight_values(self) -> torch.Tensor | None:
        """Return ``weight`` as a view ``(parts, channels)``; ``None`` without weights."""
        if self.weight is None:
            return None
        return self.weight.reshape(len(self.components.labels), self.in_channels)

    def bias_values(self) -> torch.Tensor | None:
        """Return ``bias`` as a view ``(invariant functions, channels)``; ``None`` without it."""
        if self.bias is None:
            return None
        return self.bias.reshape(self.components.invariant_count, self.in_channels)

    def added_constants(self) -> torch.Tensor | None:
        """Return the constants ``(invariant functions, channels)`` that are added, detached.

        ``None`` if nothing is added to every input. They determine where the trivial simple
        appears.
        """
        bias = self.bias_values()
        return None if bias is None else bias.detach()

    def removes_invariants(self) -> bool:
        """Whether the output without bias has no invariant component, for every input."""
        return False

    def extra_repr(self) -> str:
        """Describe the module, the channels and what is normalised."""
        return ", ".join(
            [
                f"{self.X.name} of {self.X.group_title}",
                f"{self.in_channels} channels",
                *self._details(),
            ]
        )

    def _details(self) -> Iterator[str]:
        yield f"per={self.per!r}"
        yield f"eps={self.eps:g}"
        yield f"weight={self.weight is not None}"
        yield f"bias={self.bias is not None}"

    def _require(self, x: torch.Tensor) -> None:
        n, C = self.X.degree, self.in_channels
        if x.dim() < 2 or x.shape[-2] != n or x.shape[-1] != C or not x.is_floating_point():
            raise ModuleMismatchError(
                f"the input must have shape (..., {n}, {C}), points of {self.X.name} and channels, "
                f"and a float type, found {tuple(x.shape)} of {x.dtype}"
            )

    def _weighted(self, scale: torch.Tensor) -> torch.Tensor:
        """Return factors ``(..., parts, C or 1)`` times the weights."""
        weight = self.weight_values()
        return scale if weight is None else scale * weight.to(scale.dtype)

    def _shifted(self, y: torch.Tensor) -> torch.Tensor:
        """Return y with the bias added."""
        bias: Any = self.bias_values()
        if bias is None or not self.components.invariant_count:
            return y
        return y + self.components.invariant(bias.to(y.dtype))
