"""What passes through a chain of stages with residual sums and branches side by side in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING

from torch import nn

from toolkit.interpret.network.stages import Stage
from toolkit.interpret.zeros.propagate import after_stage, chain_of
from toolkit.interpret.zeros.support import OrbitSupport, Support, on_orbits, supports_on, united
from toolkit.modules.module import Module
from toolkit.nn.containers import Concat, Residual
from toolkit.nn.pooling import InvariantPooling
from toolkit.nn.vectors.invariant_norms import InvariantNorms
from toolkit.pl.criterion.of_module import orbit_criteria

if TYPE_CHECKING:
    from toolkit.interpret.network.call_order import Spaces
    from toolkit.pl.criterion.orbit import OrbitCriterion


@dataclass(frozen=True, eq=False)
class Step:
    """What can be present before and after one stage, per orbit, and the module of the output."""

    stage: Stage
    module: Module
    before: tuple[Support, ...]
    after: tuple[Support, ...]


def followed(
    stages: tuple[Stage, ...], start: tuple[Support, ...], spaces: Spaces
) -> tuple[list[Step], str | None]:
    """Follow a support through stages, each of which takes the output of the one before.

    Parameters
    ----------
    stages
        A chain, in which sums and concatenations are one stage.
    start
        The support of the input, per orbit.
    spaces
        Declared modules, by the names of submodules.

    Returns
    -------
    tuple
        The steps, those inside of a branch before that of its sum; and the name of the stage that
        cannot be followed, ``None`` if there is none. Nothing is left to follow after an invariant
        pooling.
    """
    steps: list[Step] = []
    now = start
    for stage in stages:
        if isinstance(stage.module, InvariantPooling) and stage.Y is None:
            return steps, None
        if stage.Y is None or stage.X is None:
            return steps, stage.key
        if isinstance(stage.module, Residual | Concat):
            inner, ends, lost = _branches(stage, now, spaces)
            steps += inner
            if lost is not None:
                return steps, lost
            after = _joined(stage.module, stage.Y, ends)
        else:
            after = after_stage(stage, now)
        steps.append(Step(stage, stage.Y, now, after))
        now = after
        if isinstance(stage.module, InvariantPooling | InvariantNorms):
            break
    return steps, None


def _branches(
    stage: Stage, now: tuple[Support, ...], spaces: Spaces
) -> tuple[list[Step], list[tuple[Support, ...]], str | None]:
    """Return the steps inside, what each branch gives, and where one cannot be followed."""
    module = stage.module
    branches: dict[str, nn.Module | None]
    if isinstance(module, Residual):
        branches = {"shortcut": module.shortcut, "inner": module.inner}
    else:
        assert isinstance(module, Concat)
        branches = {f"branches.{i}": branch for i, branch in enumerate(module.branches)}
    steps: list[Step] = []
    ends: list[tuple[Support, ...]] = []
    for name, branch in branches.items():
        if branch is None or isinstance(branch, nn.Identity):
            ends.append(now)
            continue
        prefix = f"{stage.name}.{name}" if stage.name else name
        own = {
            key[len(prefix) :].removeprefix("."): X
            for key, X in spaces.items()
            if key == prefix or key.startswith(prefix + ".")
        }
        inner = chain_of(branch, own, None, joined=True, start=stage.X)
        named = tuple(
            replace(s, name=f"{prefix}.{s.name}" if s.name else prefix, call=stage.call + s.call)
            for s in inner
        )
        found, lost = followed(named, now, spaces)
        steps += found
        if lost is not None:
            return steps, ends, lost
        ends.append(found[-1].after)
    return steps, ends, None


def _joined(
    join: Residual | Concat, Y: Module, given: list[tuple[Support, ...]]
) -> tuple[Support, ...]:
    """Return the support of a sum, or of channels or points side by side."""
    if not Y.has_points:
        return supports_on(Y, united(p.labels for end in given for p in end))
    ends = [on_orbits(end) for end in given]
    orbits = orbit_criteria(Y)
    if isinstance(join, Concat) and join.along == "points":
        # the orbits of a direct sum are those of its summands, one after another
        single = [p for end in ends for p in end]
        return tuple(OrbitSupport.of(o, p.labels) for o, p in zip(orbits, single, strict=True))
    return tuple(
        reduce(OrbitSupport.plus_other, (_on(orbit, p) for p in several))
        for orbit, *several in zip(orbits, *ends, strict=True)
    )


def _on(orbit: OrbitCriterion, p: OrbitSupport) -> OrbitSupport:
    """Return a support by the criterion of this orbit: its own may be of another module."""
    return p if p.orbit is orbit else OrbitSupport.of(orbit, p.labels)
