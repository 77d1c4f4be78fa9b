"""What is known of a tensor of a network: functions on a module, invariants, constants, or nothing.

A :class:`Functions` carries, for each group of channels, two supports per orbit: ``possible``, a
bound from above that holds for every choice of weights (all else is exactly 0), and ``certain``,
simples that occur for some weights. Where the two differ, what is listed is a bound.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import torch

from toolkit.interpret.zeros.support import (
    LinearSupport,
    OrbitSupport,
    Support,
    supports_on,
    united,
)
from toolkit.modules.module import Module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


Supports: TypeAlias = tuple[Support, ...]

#: Stands for every parameter: weights that went into a tensor as a tensor.
ANY_WEIGHTS = -1


@dataclass(frozen=True)
class Origin:
    """What a tensor was made of.

    Parameters
    ----------
    inputs
        Numbers of the network's inputs that it may depend on.
    layers
        ``id`` of the parameters that it may depend on; :data:`ANY_WEIGHTS` among them if weights
        went in as tensors, whose origin is not kept.
    silencers
        For some of the layers ``id`` of their first parameter: it is 0 when all parameters of one
        of them are 0, whatever the others.
    """

    inputs: frozenset[int] = frozenset()
    layers: frozenset[int] = frozenset()
    silencers: frozenset[int] = frozenset()

    def also(self, other: Origin) -> Origin:
        """Return the origin of what is made of two tensors and is 0 if one of them is."""
        return Origin(
            self.inputs | other.inputs,
            self.layers | other.layers,
            self.silencers | other.silencers,
        )

    def beside(self, other: Origin) -> Origin:
        """Return the origin of what is made of two tensors and is 0 if both are."""
        return replace(self.also(other), silencers=self.silencers & other.silencers)

    @property
    def without_silencers(self) -> Origin:
        """The origin of what need not be 0 when the tensor is."""
        return replace(self, silencers=frozenset())

    def is_left_by_silencing(self, other: Origin) -> bool:
        """Whether the other tensor can be made 0 by weights on which this one does not depend."""
        return ANY_WEIGHTS not in self.layers and bool(other.silencers - self.layers)

    def is_apart_from(self, other: Origin) -> bool:
        """Whether the two depend on no common input and on no common weights."""
        weights = self.layers & other.layers or ANY_WEIGHTS in self.layers | other.layers
        return not (self.inputs & other.inputs or weights)

    @property
    def with_any_weights(self) -> Origin:
        """The origin of what is made with weights given as a tensor."""
        return replace(self, layers=self.layers | {ANY_WEIGHTS})


@dataclass(frozen=True, eq=False)
class Content:
    """What is in a group of channels.

    Parameters
    ----------
    possible
        Per orbit what can be there; everything else is exactly 0.
    certain
        Per orbit what occurs for some weights.
    is_generic
        Whether the elements in the certain simples are generic ones: those of an input, or what a
        layer with weights of its own gives. The criterion for activations is exact for them.
    """

    possible: Supports
    certain: Supports
    is_generic: bool

    def each(self, possible: Supports, *, keeps_certain: bool = True) -> Content:
        """Return the content with another bound; what it excludes is not certain any more."""
        if not keeps_certain:
            return Content(possible, nothing_like(possible), False)
        return Content(possible, within(self.certain, possible), self.is_generic)


@dataclass(frozen=True, eq=False)
class Functions:
    """Functions on a module, in channels.

    Parameters
    ----------
    module
        X.
    points
        The axis of the points, counted from the end (-2 for ``(..., |X|, channels)``).
    channels
        The axis along which the groups lie, counted from the end; ``None`` if there is one group.
    groups
        Sizes along that axis, and what is there.
    origin
        What the tensor was made of.
    """

    module: Module
    points: int
    channels: int | None
    groups: tuple[tuple[int, Content], ...]
    origin: Origin

    def mapped(self, f: Callable[[Content], Content], origin: Origin | None = None) -> Functions:
        """Return the functions in which each group is changed."""
        groups = tuple((size, f(content)) for size, content in self.groups)
        return replace(self, groups=groups, origin=self.origin if origin is None else origin)

    @property
    def whole(self) -> Content:
        """What is in all channels together, as after they were mixed by free weights."""
        contents = [content for _, content in self.groups]
        if len(contents) == 1:
            return contents[0]
        possible = _summed([c.possible for c in contents])
        certain = _summed([c.certain for c in contents])
        return Content(possible, certain, all(c.is_generic for c in contents))

    @property
    def merged(self) -> Functions:
        """The functions as one group."""
        if self.channels is None and len(self.groups) == 1:
            return self
        size = sum(size for size, _ in self.groups)
        return replace(self, groups=((size, self.whole),))

    @property
    def is_zero(self) -> bool:
        """Whether all channels are exactly 0."""
        return all(p.is_zero for _, content in self.groups for p in content.possible)


@dataclass(frozen=True, eq=False)
class Invariants:
    """Numbers that the group leaves alone.

    Parameters
    ----------
    is_zero
        Whether they are all exactly 0.
    origin
        What they were made of.
    uniform
        Axes, counted from the end, along which they were repeated.
    is_positive
        Whether they are known to be positive: what they multiply is 0 only where it was.
    """

    is_zero: bool
    origin: Origin
    uniform: frozenset[int] = frozenset()
    is_positive: bool = False


@dataclass(frozen=True, eq=False)
class Weights:
    """What attention multiplies values by: numbers for pairs of points of one module.

    At the pair (x, y) they depend on the values at x of functions whose supports are ``rows``, on
    what stands at y, and on invariants; the axis of x is ``points``, that of y the last.
    """

    module: Module
    points: int
    rows: Supports
    origin: Origin


@dataclass(frozen=True, eq=False)
class Constant:
    """A tensor that does not depend on the inputs."""

    value: torch.Tensor
    is_trained: bool


@dataclass(frozen=True)
class Unknown:
    """A tensor of which nothing is known.

    Parameters
    ----------
    since
        Name of the call from which on it is unknown.
    reason
        Why.
    """

    since: str
    reason: str


State: TypeAlias = Functions | Invariants | Weights | Constant | Unknown


def nothing_like(supports: Supports) -> Supports:
    """Return the supports of 0."""
    return tuple(_of(p, ()) for p in supports)


def within(supports: Supports, bound: Supports) -> Supports:
    """Return supports without what a bound excludes."""
    out: list[Support] = []
    for p, b in zip(supports, bound, strict=True):
        allowed = set(b.labels)
        labels = tuple(label for label in p.labels if label in allowed)
        out.append(p if labels == p.labels else _of(p, labels))
    return tuple(out)


def without(supports: Supports, labels: Iterable[str]) -> Supports:
    """Return supports without some simples."""
    gone = set(labels)
    return tuple(
        _of(p, [label for label in p.labels if label not in gone]) if gone & set(p.labels) else p
        for p in supports
    )


def with_trivial(supports: Supports) -> Supports | None:
    """Return supports after one constant was added at all points; ``None`` if it does not fit."""
    out: list[Support] = []
    for p in supports:
        if not isinstance(p, OrbitSupport) or p.orbit.trivial is None:
            return None
        constant = OrbitSupport.of(p.orbit, [p.orbit.trivial])
        out.append(p.plus_other(constant))
    return tuple(out)


def summed(one: Supports, other: Supports) -> Supports:
    """Return the supports of a sum of two functions on one module."""
    out: list[Support] = []
    for p, q in zip(one, other, strict=True):
        if isinstance(p, OrbitSupport) and isinstance(q, OrbitSupport):
            same = q if q.orbit is p.orbit else OrbitSupport.of(p.orbit, q.labels)
            out.append(p.plus_other(same))
        else:
            out.append(_of(p, united([p.labels, q.labels])))
    return tuple(out)


def _summed(several: list[Supports]) -> Supports:
    total = several[0]
    for other in several[1:]:
        total = summed(total, other)
    return total


def _of(p: Support, labels: Iterable[str]) -> Support:
    if isinstance(p, OrbitSupport):
        return OrbitSupport.of(p.orbit, labels)
    return LinearSupport.of(p.orbit, labels)


def everything_on(module: Module) -> Content:
    """Return the content in which every simple is possible, and none certain."""
    possible = supports_on(module)
    return Content(possible, nothing_like(possible), False)
