"""A trimmed network: a chain of plain torch modules, with the simples of its inputs."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from toolkit.errors import ModuleMismatchError, NotAvailable


@dataclass(frozen=True)
class TrimmedStage:
    """Size of one function in a trimmed network.

    Parameters
    ----------
    name
        The stage that makes it; ``"input"`` for the input.
    points, blocks
        Points before trimming and blocks after.
    simples
        Labels of the simples that can be present.
    """

    name: str
    points: int
    blocks: int
    simples: tuple[str, ...]


class Trimmed(nn.Module):
    """A trimmed network; made by :func:`toolkit.interpret.trim`.

    Attributes
    ----------
    layers
        ``nn.Sequential`` of plain torch modules.
    sources
        Labels of the simples in the input.
    stages
        Sizes of the functions: the input's, then that of each linear or pooling stage.
    weights_before, weights_after
        Numbers of parameters.

    Notes
    -----
    A ``torch.nn.Module`` like any other: ``state_dict`` (parameters only), ``deepcopy``,
    ``torch.export``.
    """

    kept: torch.Tensor | None

    def __init__(
        self,
        layers: list[nn.Module],
        sources: tuple[str, ...],
        stages: tuple[TrimmedStage, ...],
        weights_before: int,
        points: int,
        kept: torch.Tensor | None,
    ) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)
        self.sources, self.stages = sources, stages
        self.weights_before, self.points = weights_before, points
        self.register_buffer("kept", kept, persistent=False)

    @property
    def weights_after(self) -> int:
        """Number of parameters."""
        return sum(p.numel() for p in self.parameters())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return what the network returned, for ``x`` of shape ``(..., |X|, channels)``."""
        y: torch.Tensor = self.layers(x)
        return y

    def check_input(self, x: torch.Tensor, tolerance: float | None = None) -> float:
        """Return the largest share of energy that an input has outside of the sources.

        Parameters
        ----------
        x
            ``(..., |X|, channels)``.
        tolerance
            If given, a larger share is an error.

        Raises
        ------
        ModuleMismatchError
            If the share is larger than the tolerance, or the shape another.
        NotAvailable
            If the module is too large to keep the basis of the sources.
        """
        if x.dim() < 2 or x.shape[-2] != self.points:
            raise ModuleMismatchError(
                f"the input must have shape (..., {self.points}, channels), found {tuple(x.shape)}"
            )
        if self.kept is None:
            raise NotAvailable(
                "the trimmed network",
                "how much of an input lies outside of the sources",
                f"the basis of the sources on {self.points} points is not kept; use "
                "tk.fourier_basis(X).energies",
            )
        wide, kept = x.detach().double(), self.kept.double()
        coordinates = torch.matmul(kept, wide)
        rest = wide - torch.matmul(kept.T, coordinates)
        total = wide.square().sum((-2, -1))
        share = rest.square().sum((-2, -1)) / torch.where(total > 0, total, 1.0)
        worst = float(share.max()) if share.numel() else 0.0
        if tolerance is not None and not worst <= tolerance:  # so that a NaN is refused
            raise ModuleMismatchError(
                f"an input in {', '.join(self.sources) or 'no simple'} is required, found "
                f"{worst:.1e} of its energy elsewhere: project it, or trim for more simples"
            )
        return worst

    def extra_repr(self) -> str:
        """Name the sources and count the weights."""
        return (
            f"inputs in {', '.join(self.sources) or 'no simple'}; {self.weights_after} of "
            f"{self.weights_before} weights"
        )
