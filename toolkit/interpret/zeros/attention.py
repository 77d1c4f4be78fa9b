"""What can be present after attention, and after maps and embeddings of orbits.

Attention between points. Points on which the input takes equal values for every input have equal
queries, and without positional terms and neighbourhood they receive the same: the output lies in
Fun(G/U+), as after any function of the values at a point. With them the kernel alone is a bound:
what fixes all functions in the input fixes the output. Attention between tokens with invariant
scores multiplies values by invariant numbers, so it passes on what its linear maps pass on; so it
is on vectors too. All of this is a bound from above, for every choice of weights.

Dropout of weights that differ between points, where it is switched on, multiplies each of them by a
factor of its own: every simple can be there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.interpret.zeros.support import (
    OrbitSupport,
    Support,
    on_orbits,
    points_of_orbits,
    supports_on,
    united,
)
from toolkit.nn.attention.over_points import EquivariantAttention
from toolkit.nn.attention.over_tokens import TokenAttention, TokenWise
from toolkit.nn.orbit_layers import OrbitEmbedding, OrbitLinear
from toolkit.text import is_local

if TYPE_CHECKING:
    from torch import nn

    from toolkit.modules.module import Module

#: The layers that are followed here.
LAYERS = (EquivariantAttention, TokenAttention, TokenWise, OrbitLinear, OrbitEmbedding)

Supports = tuple[OrbitSupport, ...]


def after_layer(module: nn.Module, X: Module, given: tuple[Support, ...]) -> tuple[Support, ...]:
    """Return a bound for the support after one of :data:`LAYERS` on a module X."""
    if drops_weights_of_points(module):
        return supports_on(X)
    if isinstance(module, TokenAttention):
        return _after_tokens(module, X, given)
    if isinstance(module, TokenWise):
        return _mapped(module.inner, X, given, is_whole=True)
    before = on_orbits(given)
    if isinstance(module, OrbitEmbedding):
        if not bool(module.weight.detach().any()):
            return before
        values = module.values().detach()
        return _with_invariants(X, before, [bool(v.any()) for v in values])
    if isinstance(module, OrbitLinear):
        return _with_invariants(X, before, _biases(module, X))
    assert isinstance(module, EquivariantAttention)
    knows_places = module.positions is not None or module.near is not None
    if knows_places or module.projections == "equivariant":
        return with_kernel(X, united(p.labels for p in before))
    found = _after_any(on_orbits(_mapped(module.value, X, before)), X)
    return _with_invariants(X, found, _biases(module.out, X))


def drops_weights_of_points(module: nn.Module) -> bool:
    """Whether a layer of attention drops some of its weights now, and others at other points.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C4").regular_module()
    >>> layer = EquivariantAttention(X, 2, 1, dropout=0.1)
    >>> drops_weights_of_points(layer), drops_weights_of_points(layer.eval())
    (True, False)
    """
    if not isinstance(module, EquivariantAttention | TokenAttention):
        return False
    if isinstance(module, TokenAttention) and module.tokens is None and module.scores != "points":
        return False
    return module.training and module.dropout > 0


def _after_tokens(
    module: TokenAttention, X: Module, before: tuple[Support, ...]
) -> tuple[Support, ...]:
    if module.tokens is not None or module.scores == "points":
        return with_kernel(X, united(p.labels for p in before))
    for layer in (module.value, module.out):
        before = _mapped(layer, X, before)
    return before


def _mapped(
    layer: nn.Module, X: Module, before: tuple[Support, ...], *, is_whole: bool = False
) -> tuple[Support, ...]:
    """Return the support after a map of channels, or (``is_whole``) after any equivariant map."""
    labels = united(p.labels for p in before)
    if not X.has_points:
        return supports_on(X, united([labels, _trivial(X) if any(_biases(layer, X)) else ()]))
    if is_whole or hasattr(layer, "hom_space"):
        before = supports_on(X, labels)
    return _with_invariants(X, on_orbits(before), _biases(layer, X))


def _trivial(V: Module) -> tuple[str, ...]:
    """Return the label of the trivial simple of a linear module, if it occurs."""
    (everything,) = supports_on(V)
    label = everything.orbit.trivial
    return () if label is None else (label,)


def _biases(layer: nn.Module, X: Module) -> list[bool]:
    """Return per point whether a constant may be added there."""
    bias = getattr(layer, "bias", None)
    return [bias is not None and bool(bias.detach().any())] * X.degree


def _with_invariants(X: Module, before: Supports, added: list[bool]) -> Supports:
    """Return the support after invariant functions, which may be anything where ``added``."""
    out = []
    for p, points in zip(before, points_of_orbits(X), strict=True):
        if p.orbit.trivial is not None and any(added[i] for i in points.tolist()):
            out.append(OrbitSupport.of(p.orbit, united([p.labels, (p.orbit.trivial,)])))
        else:
            out.append(p)
    return tuple(out)


def _after_any(before: Supports, X: Module) -> Supports:
    """Return the support after any function of the value at a point and of all values together."""
    out = []
    for p in before:
        if p.is_zero and not X.has_signs and p.orbit.trivial is not None:
            # all points have equal queries: they receive the same
            out.append(OrbitSupport.of(p.orbit, [p.orbit.trivial]))
        elif p.is_zero:
            out.append(p)
        else:
            out.append(p.after_any(is_odd=X.has_signs))
    return tuple(out)


def with_kernel(X: Module, labels: tuple[str, ...]) -> tuple[Support, ...]:
    """Return all simples of X whose kernel contains what acts as 1 on some simples.

    What acts as 1 on all components of an input fixes it, and so what any equivariant map makes
    of it; these elements are a normal subgroup, so its fixed vectors are a sum of simples. All of
    X where simples are only known within it.
    """
    everything = supports_on(X)
    table = X.home.table_within_reach()
    if table is None or any(
        is_local(label) for label in united([labels, *(p.labels for p in everything)])
    ):
        return everything
    kernels = {s.label: set(s.kernel) for s in table.simples}
    common = set(range(len(table.class_sizes)))
    for label in labels:
        common &= kernels[label]
    return supports_on(X, [k for k in kernels if common <= kernels[k]])
