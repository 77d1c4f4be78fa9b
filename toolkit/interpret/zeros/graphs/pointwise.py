"""Supports after what acts on each point: activations, products, gates, unknown functions.

**Unknown functions of the values at a point.** Let y(x) = F(v_1(x), v_2(x), ...), with one F for
all points, which may also depend on invariants of the input. If x and xg carry the same values for
every input, they do so after F: y lies in Fun(G/U+), with U+ the elements by which all v_i agree,
and K can occur only if K^{U+} is not 0. Norms over the channels of a point, softmax over channels,
maxima of two tensors, comparisons and ``where`` are such functions.

**Gates.** One invariant number for all points of a sample (in each channel) multiplies; what is 0
stays 0, and coordinates that agree go on agreeing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.interpret.zeros.graphs.products import occurring_in_product
from toolkit.interpret.zeros.graphs.states import (
    Content,
    Supports,
    nothing_like,
    summed,
    within,
)
from toolkit.interpret.zeros.support import OrbitSupport, on_orbits, united

if TYPE_CHECKING:
    from toolkit.pl.activations.activation import Activation


def after_activation(content: Content, f: Activation) -> Content:
    """Return the content after an activation; certain only of a generic element."""
    possible = tuple(p.after(f) for p in content.possible)
    if not content.is_generic or f.parts_are == "measured":
        kept = f.is_affine and f.parts_are != "measured" and f.has_linear_part
        certain = content.certain if kept else nothing_like(possible)
        return Content(possible, within(certain, possible), kept and content.is_generic)
    certain = tuple(p.after(f) for p in content.certain)
    is_linear = f.is_affine and f.at_zero == 0
    return Content(possible, within(certain, possible), is_linear)


def after_any(contents: list[Content], *, is_odd: bool = False) -> Content:
    """Return the content after any function of the values at each point."""
    together = _agreement([c.possible for c in contents])
    possible: list[OrbitSupport] = []
    for p in on_orbits(together):
        if not p.is_zero:
            possible.append(p.after_any(is_odd=is_odd))
        elif p.orbit.trivial is not None and not is_odd:
            possible.append(OrbitSupport.of(p.orbit, [p.orbit.trivial]))
        else:
            possible.append(p)
    return Content(tuple(possible), nothing_like(tuple(possible)), False)


def _agreement(several: list[Supports]) -> Supports:
    """Return supports whose U+ and U- are those that several functions have in common."""
    total = several[0]
    for other in several[1:]:
        total = summed(total, other)
    return total


def after_product(one: Content, other: Content, *, independent: bool) -> Content:
    """Return the content of a product of two functions on one permutation module."""
    possible: list[OrbitSupport] = []
    certain: list[OrbitSupport] = []
    is_sure = independent and one.is_generic and other.is_generic
    groups = (one.possible, other.possible, one.certain, other.certain)
    for p, q, p_sure, q_sure in zip(*(on_orbits(g) for g in groups), strict=True):
        possible.append(_product(p, q))
        sure = occurring_in_product(p.orbit, p_sure.labels, q_sure.labels) if is_sure else ()
        certain.append(OrbitSupport.of(p.orbit, sure))
    return Content(tuple(possible), within(tuple(certain), tuple(possible)), False)


def _product(p: OrbitSupport, q: OrbitSupport) -> OrbitSupport:
    if p.is_zero or q.is_zero:
        return OrbitSupport.of(p.orbit, ())
    plus = (p.plus & q.plus) | (p.minus & q.minus)
    minus = (p.plus & q.minus) | (p.minus & q.plus)
    labels = set(occurring_in_product(p.orbit, p.labels, q.labels))
    # the product is one functional up to the product of the signs
    _, reached = p.orbit.fixed_dimensions(plus[None], minus[None])
    kept = [
        label
        for label, d in zip(p.orbit.labels, reached[0].tolist(), strict=True)
        if d and label in labels
    ]
    return OrbitSupport(p.orbit, united([kept]), plus, minus)


def after_gate(content: Content, *, is_positive: bool = False) -> Content:
    """Return the content after a multiplication by one invariant number at all points."""
    certain = content.certain if is_positive else nothing_like(content.possible)
    return Content(content.possible, certain, False)
