"""One stage of a chain: the support of its output, given that of its input."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from torch import nn

from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.interpret.network.stages import Stage, stages_of
from toolkit.interpret.network.trimmed import Trimmed
from toolkit.interpret.network.undetermined import undetermined
from toolkit.interpret.zeros.attention import LAYERS, after_layer
from toolkit.interpret.zeros.support import (
    OrbitSupport,
    Support,
    on_orbits,
    points_of_orbits,
    supports_on,
    united,
)
from toolkit.modules.invariant_functions import invariant_functions
from toolkit.modules.same_functions import same_functions
from toolkit.nn.deep_sets import DeepSetsLinear
from toolkit.nn.dropout import EquivariantDropout
from toolkit.nn.equivariant_linear import EquivariantLinear
from toolkit.nn.linear.hom_space import OrbitalHomSpace
from toolkit.nn.normalisation.base import PartwiseNorm
from toolkit.nn.periodic import WindowedConvolution
from toolkit.nn.vectors.invariant_norms import InvariantNorms
from toolkit.pl.criterion.of_module import orbit_criteria
from toolkit.text import is_local

if TYPE_CHECKING:
    from collections.abc import Iterable

    import torch
    from numpy.typing import NDArray

    from toolkit.interpret.network.call_order import Spaces
    from toolkit.modules.module import Module

_DROPOUT = (nn.Dropout, nn.AlphaDropout, nn.FeatureAlphaDropout)


def chain_of(
    model: nn.Module,
    spaces: Spaces | None,
    example: torch.Tensor | None,
    *,
    joined: bool = False,
    start: Module | None = None,
    within: str = "",
) -> tuple[Stage, ...]:
    """Return the stages of a network in which each follows the one before, and the last is last.

    With ``joined`` a residual sum or a concatenation is one stage; ``start`` is the module of the
    input, if it is known; ``within`` is what the network is called where it is a part.

    Raises
    ------
    NotAvailable
        If they do not.
    ModuleMismatchError
        If the module of the input is unknown, or dropout is on.
    """
    if isinstance(model, Trimmed):
        raise NotAvailable(
            "a trimmed network",
            "what its stages pass on",
            "its layers act on blocks of points and have no group: start from the network that "
            "was trimmed",
        )
    stages = stages_of(model, spaces, example, joined=joined, start=start)
    name = type(model).__name__
    for number, stage in enumerate(stages):
        key = ".".join(part for part in (within, stage.key) if part)
        if stage.follows != number - 1:
            raise NotAvailable(
                name,
                "what its stages pass on",
                f"the stage {key!r} does not take exactly the output of the previous stage: only "
                "chains of submodules can be traced",
            )
        if stage.takes_more and not joined:
            raise NotAvailable(
                name,
                "what its stages pass on",
                f"the stage {key!r} takes other tensors besides the output of the previous stage",
            )
        if isinstance(stage.module, _DROPOUT) and stage.module.training and stage.module.p > 0:
            raise ModuleMismatchError(
                f"the dropout {key!r} is active and makes every function possible: call "
                "model.eval() first"
            )
    if not stages or not stages[-1].is_last:
        raise NotAvailable(
            name, "what its stages pass on", "its output is not the output of its last stage"
        )
    if stages[0].X is None:
        raise undetermined(
            model,
            f"the first stage {stages[0].key!r} does not determine its module: declare it with "
            "spaces=",
        )
    return stages


def after_stage(stage: Stage, before: tuple[Support, ...]) -> tuple[Support, ...]:
    """Return the support after a stage."""
    module = stage.module
    if isinstance(module, LAYERS):
        assert stage.X is not None
        return after_layer(module, stage.X, before)
    if stage.kind == "gate":  # invariant numbers multiply copies, and move none
        assert stage.Y is not None
        return supports_on(stage.Y, united(p.labels for p in before))
    if isinstance(module, InvariantNorms):
        return supports_on(module.Y)
    if stage.kind == "activation":
        f = stage.activation
        return tuple(p.after(f) for p in before)
    if isinstance(module, PartwiseNorm):
        if not module.X.has_points:
            return _scaled_copies(module, before)
        return tuple(
            _scaled(p, module, points)
            for p, points in zip(on_orbits(before), points_of_orbits(module.X), strict=True)
        )
    if isinstance(module, EquivariantDropout):
        return before
    if stage.kind == "normalisation":
        return tuple(_normalised(p, module) for p in before)
    if stage.kind == "linear" and isinstance(module, nn.Linear):  # of the channels of each point
        return tuple(_with_constant(p, _is_there(module.bias), stage) for p in before)
    if stage.kind == "linear":
        return _after_linear(stage, before)
    if stage.kind == "pooling":
        assert stage.Y is not None
        if getattr(module, "reduction", "sum") == "max":
            return supports_on(stage.Y)
        return supports_on(stage.Y, passing_labels(stage, before))
    if isinstance(module, nn.Identity | nn.Dropout | nn.AlphaDropout | nn.FeatureAlphaDropout):
        return before
    raise NotAvailable(
        type(module).__name__,
        f"what the stage {stage.key!r} passes on",
        "it is neither a layer of the toolkit nor one of torch's activations, LayerNorm, RMSNorm, "
        "Dropout or Identity",
    )


def _scaled(p: OrbitSupport, norm: PartwiseNorm, points: NDArray[np.intp]) -> Support:
    """Return the support after a normalisation that scales parts by invariant numbers.

    The parts are submodules, so the functions in which coordinates agree are scaled within
    themselves: U+ and U- stay.
    """
    number = int(invariant_functions(norm.X)[0][points[0]])
    constants = norm.added_constants()
    if norm.removes_invariants():
        p = p.without_trivial()
    adds = constants is not None and number >= 0 and bool(constants[number].any())
    return _with_constant(p, adds, None)


def _scaled_copies(norm: PartwiseNorm, before: tuple[Support, ...]) -> tuple[Support, ...]:
    """Return the support after a normalisation of a linear module."""
    (p,) = before
    labels, trivial = set(p.labels), p.orbit.trivial
    constants = norm.added_constants()
    if norm.removes_invariants():
        labels.discard(trivial or "")
    if trivial is not None and constants is not None and bool(constants.any()):
        labels.add(trivial)
    return supports_on(norm.X, labels)


def _normalised(p: Support, module: nn.Module) -> Support:
    assert isinstance(p, OrbitSupport)  # stages on linear modules are of no such kind
    shifts = _is_there(getattr(module, "bias", None))
    if p.is_zero:
        return _with_constant(p, shifts, None)
    return p.after_any(is_odd=not shifts)


def _with_constant(p: Support, is_there: bool, stage: Stage | None) -> Support:
    """Return the support after a constant, the same at all points, that may be added."""
    if not is_there:
        return p
    if not isinstance(p, OrbitSupport):
        raise ModuleMismatchError(
            "a bias of channels adds the same number to all coordinates of a linear module: it is "
            "not equivariant"
        )
    if p.orbit.trivial is None:
        where = "a normalisation" if stage is None else f"the stage {stage.key!r}"
        raise ModuleMismatchError(
            f"{where} adds a constant on {p.orbit.table.module}, whose points change sign: it is "
            "not equivariant"
        )
    if p.is_zero:
        return OrbitSupport.of(p.orbit, [p.orbit.trivial])
    labels = united([p.labels, (p.orbit.trivial,)])
    return OrbitSupport(p.orbit, labels, p.plus, np.zeros_like(p.minus))


def _after_linear(stage: Stage, before: tuple[Support, ...]) -> tuple[Support, ...]:
    assert stage.Y is not None
    labels = passing_labels(stage, before)
    if not stage.Y.has_points:
        (everything,) = supports_on(stage.Y)
        trivial = everything.orbit.trivial
        if trivial is not None and _is_there(getattr(stage.module, "bias", None)):
            labels = united([labels, [trivial]])
        return supports_on(stage.Y, labels)
    out: list[Support] = []
    for orbit, points in zip(orbit_criteria(stage.Y), points_of_orbits(stage.Y), strict=True):
        own = list(labels)
        if orbit.trivial is not None and has_bias(stage.module, points):
            own.append(orbit.trivial)
        out.append(OrbitSupport.of(orbit, own))
    return tuple(out)


def passing_labels(stage: Stage, before: Iterable[Support]) -> tuple[str, ...]:
    """Return the labels of the simples that a linear stage can pass on."""
    labels = united(p.labels for p in before)
    X, Y = stage.X, stage.Y
    assert X is not None
    assert Y is not None
    if any(is_local(label) for label in labels) and not same_functions(X, Y):
        raise NotAvailable(
            X.group,
            f"what passes from {X.name} to {Y.name}",
            "its simples are known within each module only",
        )
    gone = zero_blocks(stage.module)
    return tuple(label for label in labels if label not in gone)


def zero_blocks(layer: nn.Module) -> set[str]:
    """Return labels whose Fourier block is exactly 0, as far as the parametrisation shows it."""
    if not isinstance(layer, EquivariantLinear) or layer.is_zero:
        return set()
    if not bool(layer.weight.detach().any()):
        return {label for support in supports_on(layer.X) for label in support.labels}
    if layer.parametrization != "fourier":
        return set()
    return {label for label, block in layer.fourier_blocks().items() if not bool(block.any())}


def has_bias(layer: nn.Module, points: NDArray[np.intp]) -> bool:
    """Whether a linear stage adds something that is not 0 on an orbit, given by its points."""
    bias = getattr(layer, "bias", None)
    if not _is_there(bias):
        return False
    if isinstance(layer, EquivariantLinear):
        space = layer.hom_space
        if isinstance(space, OrbitalHomSpace):
            numbers = space.invariants[0]  # computed once
        else:
            numbers = invariant_functions(layer.Y)[0]
        number = int(numbers[points[0]])
        values = layer.bias_values()
        assert values is not None
        return number >= 0 and bool(values.detach()[number].any())
    assert isinstance(layer, DeepSetsLinear | WindowedConvolution)
    return True


def _is_there(bias: torch.Tensor | None) -> bool:
    return bias is not None and bool(bias.detach().any())
