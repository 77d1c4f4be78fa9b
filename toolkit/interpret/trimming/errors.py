"""The error of a low-pass network, stage by stage and sample by sample."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from toolkit.interpret.network.energies import SimpleParts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch

    from toolkit.modules.module import Module

QUANTILES = (0.5, 0.9, 0.99, 1.0)


@dataclass(frozen=True, eq=False)
class StageError:
    """The error at one stage, sample by sample.

    Parameters
    ----------
    name
        The stage; ``"input"`` and ``"output"`` for those of the network.
    simples
        Labels that can be present in the low-pass network; ``None`` where there is no module.
    energy
        ``(samples,)`` squared norms of the network's function.
    error
        ``(samples,)`` squared norms of the difference of the two networks' functions.
    lost, mixed
        ``(samples,)`` its two parts (see :mod:`toolkit.interpret.trimming.lowpass`); ``None``
        where there is no module.
    """

    name: str
    simples: tuple[str, ...] | None
    energy: NDArray[np.float64] = field(repr=False)
    error: NDArray[np.float64] = field(repr=False)
    lost: NDArray[np.float64] | None = field(repr=False)
    mixed: NDArray[np.float64] | None = field(repr=False)

    @property
    def absolute(self) -> float:
        """Root mean square of the norms of the differences."""
        return float(np.sqrt(self.error.mean()))

    @property
    def relative(self) -> float:
        """That, relative to the root mean square of the norms of the network's functions."""
        return _ratio(self.error.sum(), self.energy.sum())

    @property
    def lost_share(self) -> float | None:
        """Share of the network's energy outside of the simples that can be present."""
        return None if self.lost is None else _ratio(self.lost.sum(), self.energy.sum()) ** 2

    @property
    def mixed_share(self) -> float | None:
        """Energy that was mixed into the kept simples, relative to the network's energy there."""
        if self.lost is None or self.mixed is None:
            return None
        return _ratio(self.mixed.sum(), self.energy.sum() - self.lost.sum()) ** 2

    def quantiles(self, at: Sequence[float] = QUANTILES) -> dict[float, float]:
        """Return quantiles over the samples of the relative error ``|v - w| / |v|``."""
        safe = np.where(self.energy > 0, self.energy, 1.0)
        each = np.sqrt(np.where(self.energy > 0, self.error / safe, np.inf * (self.error > 0)))
        each = np.nan_to_num(each, nan=0.0, posinf=np.inf)
        return {q: float(np.quantile(each, q, method="inverted_cdf")) for q in at}


class ErrorMeter:
    """Adds up the error at one stage.

    Parameters
    ----------
    name
        The stage.
    module
        The module of its functions; ``None`` if there is none.
    simples
        Labels that can be present in the low-pass network.
    """

    def __init__(self, name: str, module: Module | None, simples: tuple[str, ...]) -> None:
        self.name, self.simples = name, simples
        self.parts = None if module is None else SimpleParts(module)
        self._found: list[tuple[NDArray[np.float64], ...]] = []

    @property
    def samples(self) -> int:
        """The number of samples so far."""
        return sum(len(own[0]) for own in self._found)

    def add(self, v: torch.Tensor, w: torch.Tensor) -> None:
        """Add samples of the network's function and of the low-pass network's."""
        v, w = v.detach().cpu().double(), w.detach().cpu().double()
        wholes = [x.flatten(1).square().sum(1) for x in (v, v - w)]
        if self.parts is not None:
            inside = [label in self.simples for label in self.parts.labels]
            outside = [not kept for kept in inside]
            for x, chosen in ((v, outside), (v - w, inside)):
                squares = self.parts.squares(self.parts.analyse(x))
                wholes.append(squares[:, chosen].sum((1, 2)))
        self._found.append(tuple(whole.numpy() for whole in wholes))

    def result(self) -> StageError:
        """Return the error over all samples."""
        energy, error, *split = (np.concatenate(own) for own in zip(*self._found, strict=True))
        if not split:
            return StageError(self.name, None, energy, error, None, None)
        return StageError(self.name, self.simples, energy, error, *split)


def projected(parts: SimpleParts, labels: Sequence[str], x: torch.Tensor) -> torch.Tensor:
    """Return the projection of functions ``(..., |X|, C)`` to simples.

    Parameters
    ----------
    parts
        How functions on the module split.
    labels
        The simples that are kept.
    x
        The functions.
    """
    coordinates = parts.analyse(x.detach().reshape(-1, *x.shape[-2:]))
    for s in parts.basis.simples:
        if s.label not in labels:
            coordinates[:, s.rows] = 0
    return parts.synthesise(coordinates).reshape(x.shape).to(x)


def _ratio(part: float, whole: float) -> float:
    """Return the root of a quotient of energies; 0 if both are 0."""
    if part <= 0:
        return 0.0
    return float(np.sqrt(part / whole)) if whole > 0 else float("inf")
