"""What passes through a chain of stages with residual sums and branches side by side in it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING, TypeAlias

from torch import nn

from toolkit.interpret.network.call_order import JOINS
from toolkit.interpret.network.stages import Stage
from toolkit.interpret.zeros.propagate import after_stage, chain_of
from toolkit.interpret.zeros.support import OrbitSupport, Support, on_orbits, supports_on, united
from toolkit.modules.module import Module
from toolkit.nn.attention.over_points import EquivariantAttention
from toolkit.nn.attention.transformer_block import EquivariantTransformerBlock
from toolkit.nn.containers import Concat, Residual
from toolkit.nn.pooling import InvariantPooling
from toolkit.nn.vectors.invariant_norms import InvariantNorms
from toolkit.pl.criterion.of_module import orbit_criteria

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        if stage.Y is None or stage.X is None or stage.takes_more or _looks_elsewhere(stage):
            return steps, stage.key
        if isinstance(stage.module, JOINS):
            inner, after, lost = _joined(stage, now, spaces)
            steps += inner
            if lost is not None:
                return steps, lost
        else:
            after = after_stage(stage, now)
        steps.append(Step(stage, stage.Y, now, after))
        now = after
        if isinstance(stage.module, InvariantPooling | InvariantNorms):
            break
    return steps, None


def _looks_elsewhere(stage: Stage) -> bool:
    """Whether it is attention to other functions than those that come in."""
    return isinstance(stage.module, EquivariantAttention) and stage.module.is_cross


Joined: TypeAlias = "tuple[list[Step], tuple[Support, ...], str | None]"


def _joined(stage: Stage, now: tuple[Support, ...], spaces: Spaces) -> Joined:
    """Return the steps inside, what is joined, and where a branch cannot be followed."""
    module, Y = stage.module, stage.Y
    assert Y is not None
    steps: list[Step] = []
    if isinstance(module, EquivariantTransformerBlock):
        for half, names in enumerate((("attention_norm", "attention"), ("maps_norm", "maps"))):
            layers = {name: getattr(module, name) for name in (*names, "dropout")}
            branch = nn.Sequential(OrderedDict(layers))
            calls = {"dropout": 2 * stage.call + half}  # called once in either half
            found, end, lost = _branch(stage, "", branch, now, spaces, calls)
            steps += found
            if lost is not None:
                return steps, end, lost
            now = _put_together(module, Y, [now, end])
        return steps, now, None
    branches: dict[str, nn.Module | None]
    if isinstance(module, Residual):
        branches = {"shortcut": module.shortcut, "inner": module.inner}
    else:
        assert isinstance(module, Concat)
        branches = {f"branches.{i}": branch for i, branch in enumerate(module.branches)}
    ends: list[tuple[Support, ...]] = []
    for name, inner in branches.items():
        end = now
        if inner is not None and not isinstance(inner, nn.Identity):
            found, end, lost = _branch(stage, name, inner, now, spaces, {})
            steps += found
            if lost is not None:
                return steps, end, lost
        ends.append(end)
    return steps, _put_together(module, Y, ends), None


def _branch(
    stage: Stage,
    name: str,
    branch: nn.Module,
    now: tuple[Support, ...],
    spaces: Spaces,
    calls: Mapping[str, int],
) -> Joined:
    """Return the steps in a branch, its end, and where it cannot be followed."""
    prefix = ".".join(part for part in (stage.name, name) if part)
    inside = {f"{prefix}.{n}".strip("."): n for n, _ in branch.named_modules() if n or name}
    own = {inside[key]: X for key, X in spaces.items() if key in inside}
    inner = chain_of(branch, own, None, joined=True, start=stage.X, within=prefix)
    named = tuple(
        replace(
            s,
            name=".".join(part for part in (prefix, s.name) if part),
            call=s.call + calls.get(s.name, stage.call),
        )
        for s in inner
    )
    found, lost = followed(named, now, spaces)
    return found, found[-1].after if found else now, lost


def _put_together(
    join: nn.Module, Y: Module, given: list[tuple[Support, ...]]
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
