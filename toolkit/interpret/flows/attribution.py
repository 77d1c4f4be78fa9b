r"""The effect of an activation on a function, attributed to the simples of its input.

Let v be a function on X, v_L its part in the simple L, f the activation, acting at each point. The
*effect* of L is, in three ways,

* ``"single"``: f(v_L) - f(0), the effect of the part alone;
* ``"pairwise"``: half the sum over the other M of e_LM = f(v_L + v_M) - f(v_L) - f(v_M) + f(0),
  what two parts make together beyond what each makes alone, shared equally;
* ``"leave_one_out"``: f(v) - f(v - v_L), what would be missing without the part.

In general effects do not add up to f(v). The remainder is reported as the *rest*:

.. math::
    f(v) &= f(0) + \sum_L \mathrm{single}_L + r_1
          = f(0) + \sum_L \mathrm{single}_L + \sum_L \mathrm{pairwise}_L + r_2 \\
         &= f(0) + \sum_L \mathrm{leave}_L + r_3,

r_1 = 0 for affine f, r_2 = 0 for polynomials of degree 2. Each term has an *energy* in a simple K,
the squared norm of its part in K, and a signed *part* in it, the inner product of that part with
the part of f(v). Energies of different terms do not add up (the terms are not orthogonal); the
signed parts of the terms of one line add up to the energy of f(v) in K, exactly.
"""

from __future__ import annotations

import copy
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np
import torch
from numpy.typing import NDArray

from toolkit.interpret.network.energies import CHUNK, SimpleParts
from toolkit.interpret.network.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable


Attribution: TypeAlias = Literal["single", "pairwise", "leave_one_out"]

#: The three ways.
ATTRIBUTIONS: tuple[Attribution, ...] = get_args(Attribution)


@dataclass
class Effects:
    """The effects of all simples in one of the three ways: means over samples, channels added up.

    Parameters
    ----------
    energy, part
        ``(S, S)`` float64, row the source L, column the target K: energy of the effect of L in
        K, and signed part.
    rest_energy, rest_part
        ``(S,)`` of the rest r, by target K.
    """

    energy: NDArray[np.float64]
    part: NDArray[np.float64]
    rest_energy: NDArray[np.float64]
    rest_part: NDArray[np.float64]

    @classmethod
    def nothing(cls, S: int) -> Effects:
        """Return zeros for S simples."""
        return cls(np.zeros((S, S)), np.zeros((S, S)), np.zeros(S), np.zeros(S))

    def plus(self, other: Effects) -> Effects:
        """Return the sum, number by number."""
        return Effects(
            self.energy + other.energy,
            self.part + other.part,
            self.rest_energy + other.rest_energy,
            self.rest_part + other.rest_part,
        )

    def times(self, factor: float) -> Effects:
        """Return all numbers times a factor."""
        return Effects(
            self.energy * factor,
            self.part * factor,
            self.rest_energy * factor,
            self.rest_part * factor,
        )


@dataclass
class ActivationFlow:
    """The effects of one activation on data: means over samples, channels added up.

    Parameters
    ----------
    stage
        The activation's stage.
    labels, dimensions
        ``(S,)`` the simples of its module, and the dimensions m_L dim L of their parts.
    samples, channels
        Their numbers.
    before, after
        ``(S,)`` energies of v and of f(v).
    constant
        ``(S,)`` signed parts of the constant function f(0).
    effects
        By attribution: :class:`Effects`.
    pairs
        ``{(L, M): (S,)}`` energies of e_LM by target, if pairs were requested.
    """

    stage: Stage
    labels: tuple[str, ...]
    dimensions: tuple[int, ...]
    samples: int
    channels: int
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    constant: NDArray[np.float64]
    effects: dict[Attribution, Effects]
    pairs: dict[tuple[str, str], NDArray[np.float64]] = field(default_factory=dict)


class FlowProbe:
    """Attributes the output of an activation to the simples of its input.

    Parameters
    ----------
    stage
        An activation stage whose module is known.
    parts
        How functions on it split.
    attributions
        Which of the three ways.
    """

    def __init__(
        self, stage: Stage, parts: SimpleParts, attributions: Iterable[Attribution]
    ) -> None:
        self.stage, self.parts = stage, parts
        wanted = set(attributions) | ({"single"} if "pairwise" in set(attributions) else set())
        self.attributions = tuple(way for way in ATTRIBUTIONS if way in wanted)
        self.sums = self._nothing()
        # effects are computed in float64: a slope that is trained needs a copy of that type
        f = stage.module
        self._f = copy.deepcopy(f).double() if [*f.parameters(), *f.buffers()] else f

    def _nothing(self) -> ActivationFlow:
        S = len(self.parts.labels)
        effects = {way: Effects.nothing(S) for way in self.attributions}
        zero = np.zeros(S)
        labels, dimensions = self.parts.labels, self.parts.dimensions
        return ActivationFlow(self.stage, labels, dimensions, 0, 0, zero, zero, zero, effects)

    @property
    def result(self) -> ActivationFlow:
        """The means over all samples so far."""
        s, one = self.sums, 1.0 / max(self.sums.samples, 1)
        return ActivationFlow(
            s.stage,
            s.labels,
            s.dimensions,
            s.samples,
            s.channels,
            s.before * one,
            s.after * one,
            s.constant * one,
            {way: effects.times(one) for way, effects in s.effects.items()},
            {pair: energy * one for pair, energy in s.pairs.items()},
        )

    @property
    def measures(self) -> object:
        """What is measured: the effects of one activation alone."""
        return id(self)

    def measured(self, x: torch.Tensor) -> ActivationFlow:
        """Return the sums over the samples of a tensor ``(..., |X|, C)``.

        Samples that are not finite are left out.
        """
        out = self._nothing()
        self._refresh()
        S = max(len(self.parts.labels), 1)
        for piece in self.parts.chunks(x, CHUNK // S):
            v = piece[torch.isfinite(piece).all(-1).all(-1)]
            if len(v):
                out = _sum(out, self._chunk(v))
        return out

    def add(self, found: ActivationFlow) -> None:
        """Add the sums of one pass."""
        self.sums = _sum(self.sums, found)

    # -- one chunk -----------------------------------------------------------------------------

    def _chunk(self, v: torch.Tensor) -> ActivationFlow:
        out = self._nothing()
        out.samples, out.channels = v.shape[0], v.shape[2]
        parts = self.parts.parts(v, self.parts.labels)
        whole = self._coordinates(v.to(parts.device, torch.float64))
        zero = self._coordinates(torch.zeros_like(parts[0]))
        out.before = np.array([float(part.square().sum()) for part in parts])
        out.after = self._energy(whole)
        out.constant = self._inner(zero, whole)
        if "single" in self.attributions:
            alone = [self._coordinates(part) - zero for part in parts]
            rest = self._attribute(out.effects["single"], alone, whole - zero, whole)
            if "pairwise" in self.attributions:
                shared = self._pairs(parts, alone, zero, out)
                self._attribute(out.effects["pairwise"], shared, rest, whole)
        if "leave_one_out" in self.attributions:
            v = v.to(parts.device, torch.float64)
            missing = [whole - self._coordinates(v - part) for part in parts]
            self._attribute(out.effects["leave_one_out"], missing, whole - zero, whole)
        return out

    def _pairs(
        self,
        parts: torch.Tensor,
        alone: list[torch.Tensor],
        zero: torch.Tensor,
        out: ActivationFlow,
    ) -> list[torch.Tensor]:
        """Return the half of all pair effects that each simple gets."""
        shared = [torch.zeros_like(zero) for _ in alone]
        for (i, L), (j, M) in itertools.combinations(enumerate(self.parts.labels), 2):
            both = self._coordinates(parts[i] + parts[j]) - zero - alone[i] - alone[j]
            out.pairs[L, M] = self._energy(both)
            shared[i] += both / 2
            shared[j] += both / 2
        return shared

    def _attribute(
        self, into: Effects, effects: list[torch.Tensor], all_: torch.Tensor, whole: torch.Tensor
    ) -> torch.Tensor:
        """Fill in effects that are to add up to ``all_``, and return the rest."""
        for i, effect in enumerate(effects):
            into.energy[i] = self._energy(effect)
            into.part[i] = self._inner(effect, whole)
        rest = all_ - sum(effects, start=torch.zeros_like(all_))
        into.rest_energy = self._energy(rest)
        into.rest_part = self._inner(rest, whole)
        return rest

    def _refresh(self) -> None:
        """Copy the activation's current parameters and buffers."""
        if self._f is not self.stage.module:
            own = [*self._f.parameters(), *self._f.buffers()]
            now = [*self.stage.module.parameters(), *self.stage.module.buffers()]
            for mine, theirs in zip(own, now, strict=True):
                mine.copy_(theirs)

    def _coordinates(self, v: torch.Tensor) -> torch.Tensor:
        # not called as a module, since hooks wait there; some activations write into their input
        return self.parts.analyse(self._f.forward(v.clone()))

    def _energy(self, coordinates: torch.Tensor) -> NDArray[np.float64]:
        return self._inner(coordinates, coordinates)

    def _inner(self, one: torch.Tensor, two: torch.Tensor) -> NDArray[np.float64]:
        """Return ``(S,)`` inner products by simple, over samples and channels."""
        found: NDArray[np.float64] = self.parts.summed(one * two).sum((0, 2)).cpu().numpy()
        return found


def _sum(one: ActivationFlow, two: ActivationFlow) -> ActivationFlow:
    pairs = {
        pair: one.pairs.get(pair, 0.0) + two.pairs.get(pair, 0.0)
        for pair in {**one.pairs, **two.pairs}
    }
    return ActivationFlow(
        one.stage,
        one.labels,
        one.dimensions,
        one.samples + two.samples,
        max(one.channels, two.channels),
        one.before + two.before,
        one.after + two.after,
        one.constant + two.constant,
        {way: one.effects[way].plus(two.effects[way]) for way in one.effects},
        pairs,  # type: ignore[arg-type]
    )
