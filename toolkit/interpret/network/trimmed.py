"""Trimmed networks: modules of torch that know the simples of their inputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import torch
from torch import nn

from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.interpret.network.given import given_of
from toolkit.text import listed, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from toolkit.interpret.network.given import Example


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


@dataclass(frozen=True, eq=False)
class TrimmedInput:
    """One input of a trimmed network that is functions on a module.

    Parameters
    ----------
    name
        Its name among the inputs, as of :class:`~toolkit.interpret.network.given.Given`.
    points
        The number of points.
    sources
        Labels of the simples in it.
    basis
        ``(d, points)`` an orthonormal basis of the sources; ``None`` if it is not kept.
    """

    name: str
    points: int
    sources: tuple[str, ...]
    basis: torch.Tensor | None = field(default=None, repr=False)


class Trimmed(nn.Module):
    """A trimmed network; made by :func:`toolkit.interpret.trim`.

    Attributes
    ----------
    layers
        ``nn.Sequential`` of plain torch modules; of a network that is no chain the
        :class:`~toolkit.interpret.trimming.graphs.replay.Replay` of its calls.
    sources
        Labels of the simples in the input.
    stages
        Sizes of the functions: the input's, then that of each linear or pooling stage. Of a network
        that is no chain, of every tensor that is functions on points, in the order of a run.
    untrimmed
        Per call that runs on all points its name and the reason.
    weights_before, weights_after
        Numbers of parameters.
    refused_modes
        Modes, ``True`` for training, to which it cannot be switched, and why: the network's
        ``forward`` does something else in them.

    Notes
    -----
    A ``torch.nn.Module`` like any other: ``state_dict`` (parameters only), ``deepcopy``,
    ``torch.export``. Copies of the network's layers have their modes (training or evaluation);
    ``.train()`` and ``.eval()`` set them all, as in torch.
    """

    def __init__(
        self,
        layers: nn.Module,
        sources: tuple[str, ...],
        stages: tuple[TrimmedStage, ...],
        weights_before: int,
        inputs: tuple[TrimmedInput, ...],
        untrimmed: tuple[tuple[str, str], ...],
        channels: int | None = None,
        refused_modes: Mapping[bool, str] | None = None,
    ) -> None:
        super().__init__()
        self.refused_modes = dict(refused_modes or {})
        self._channels = channels
        self.layers = layers
        self.sources, self.stages, self.untrimmed = sources, stages, untrimmed
        self.weights_before = weights_before
        self._inputs = tuple((i.name, i.points, i.sources) for i in inputs)
        for i, given in enumerate(inputs):
            self.register_buffer(f"basis_{i}", given.basis, persistent=False)

    @property
    def weights_after(self) -> int:
        """Number of parameters."""
        return sum(p.numel() for p in self.parameters())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return what the network returned, for ``x`` of shape ``(..., |X|, channels)``.

        Raises
        ------
        ModuleMismatchError
            If x has another shape.
        """
        ((_, points, _),) = self._inputs
        shape, channels = x.shape, self._channels
        if len(shape) < 2 or shape[-2] != points or channels not in (None, shape[-1]):
            raise ModuleMismatchError(
                f"the input must have shape (..., {points}, {channels or 'channels'}), found "
                f"{tuple(shape)}"
            )
        y: torch.Tensor = self.layers(x)
        return y

    def train(self, mode: bool = True) -> Self:
        """Set the mode of all submodules, as in torch.

        Raises
        ------
        NotAvailable
            If the network does something else in this mode (``refused_modes``).
        """
        if mode in self.refused_modes:
            raise NotAvailable(
                "the trimmed network",
                f"what the network does in {'training' if mode else 'evaluation'}",
                f"{self.refused_modes[mode]}: set the mode of the network, then trim it",
            )
        return super().train(mode)

    def with_modes(self, training: bool, copies: Iterable[object]) -> Self:
        """Set the mode of what is new in it; copies of the network's modules keep theirs."""
        own = {id(module) for module in copies}
        for module in self.modules():
            if id(module) not in own:
                module.training = training
        return self

    def check_input(self, x: Example, tolerance: float | None = None) -> float:
        """Return the largest share of energy that an input has outside of the sources.

        Parameters
        ----------
        x
            ``(..., |X|, channels)``; of several inputs a tuple, or a mapping by name.
        tolerance
            If given, a larger share is an error.

        Raises
        ------
        ModuleMismatchError
            If the share is larger than the tolerance, or the shape another.
        NotAvailable
            If the module is too large to keep the basis of the sources.
        """
        worst = 0.0
        given = given_of(x).tensors
        for i, (name, points, sources) in enumerate(self._inputs):
            own = given.get(name)
            if own is None:
                raise ModuleMismatchError(
                    f"the {name} is required, found {listed(list(given), 12)}: give all inputs as "
                    "the network takes them, by position or by name"
                )
            if own.dim() < 2 or own.shape[-2] != points:
                raise ModuleMismatchError(
                    f"the {name} must have shape (..., {points}, channels), found "
                    f"{tuple(own.shape)}"
                )
            basis = getattr(self, f"basis_{i}")
            if basis is None:
                raise NotAvailable(
                    "the trimmed network",
                    "how much of an input lies outside the sources",
                    f"the basis of the sources on {points} points is not kept; use "
                    "tk.fourier_basis(X).energies",
                )
            share = _share_outside(own, basis)
            if tolerance is not None and not share <= tolerance:  # so that a NaN is refused
                raise ModuleMismatchError(
                    f"an input in {', '.join(sources) or 'no simple'} is required, found "
                    f"{share:.1e} of its energy elsewhere: project it, or trim for more simples"
                )
            worst = max(worst, share) if share == share else share
        return worst

    def to_table(self) -> str:
        """Return the sizes of all functions, and what was not trimmed and why, as text."""
        rows = [("stage", "points", "blocks", "simples")]
        rows += [
            (s.name or "model", str(s.points), str(s.blocks), " ".join(s.simples) or "-")
            for s in self.stages
        ]
        lines = table(rows)
        reasons: dict[str, list[str]] = {}
        for name, why in self.untrimmed:
            reasons.setdefault(why, []).append(name or "model")
        lines += [f"on all points: {listed(names, 12)}: {why}" for why, names in reasons.items()]
        lines += [f"for one mode only: {why}" for why in self.refused_modes.values()]
        return "\n".join(lines)

    def extra_repr(self) -> str:
        """Name the sources and count the weights."""
        return (
            f"inputs in {', '.join(self.sources) or 'no simple'}; {self.weights_after} of "
            f"{self.weights_before} weights"
        )


class TrimmedGraph(Trimmed):
    """A trimmed network that is no chain: it takes and returns what the network did.

    Of its inputs the first axis is the batch, where it was in the run that was recorded; all other
    axes have the lengths of that run.
    """

    def forward(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the network's own
        """Return what the network returned."""
        return self.layers(*args, **kwargs)


def _share_outside(x: torch.Tensor, basis: torch.Tensor) -> float:
    """Return the largest share of energy of a sample outside of what a basis spans."""
    wide, kept = x.detach().double(), basis.double()
    rest = wide - torch.matmul(kept.T, torch.matmul(kept, wide))
    total = wide.square().sum((-2, -1))
    share = rest.square().sum((-2, -1)) / torch.where(total > 0, total, 1.0)
    return float(share.max()) if share.numel() else 0.0
