r"""On which blocks of points each tensor of a network is kept.

Two things say which coordinates of a function agree, or are opposite:

* the simples that can be present (:mod:`toolkit.interpret.trimming.points`);
* what it was made of. If y(x) = F(a(x), b(x), ...) at every point x, with one F, coordinates of y
  agree where those of a, b, ... do. If F is odd (sums, differences, channels side by side),
  opposite coordinates of all of them stay opposite; if F is the product of two, its sign is the
  product of the signs; if F is an even function of one, the sign is forgotten.

Both hold, and the one with fewer blocks is used. Where the simples say that y is 0 on an orbit, it
is left out in either.

**Reading.** y(x) = F(a(x), b(x), ...) is needed at one point of each block of y, so a and b are
read there, at any blocks of their own: nothing has to be refined first. That is exact, as long as
each tensor is what its blocks say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from toolkit.interpret.trimming.points import Merging
from toolkit.interpret.zeros.support import points_of_orbits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from toolkit.interpret.zeros.support import Support
    from toolkit.modules.module import Module

#: How opposite coordinates come through a function of the values at a point.
Parity: TypeAlias = Literal["odd", "even", "product", "any"]


def orbit_numbers(X: Module) -> NDArray[np.intp]:
    """Return ``(|X|,)`` the number of each point's orbit."""
    numbers = np.zeros(X.degree, dtype=np.intp)
    for i, points in enumerate(points_of_orbits(X)):
        numbers[points] = i
    return numbers


def joined(X: Module, parts: Sequence[Merging], parity: Parity) -> Merging:
    """Return the blocks of a function of the values of others at each point.

    Parameters
    ----------
    X
        The module on which all of them are.
    parts
        The blocks of the others, at least one.
    parity
        Of the function. ``"product"`` is one of two others, ``"even"`` of one.

    Examples
    --------
    >>> import toolkit as tk
    >>> from toolkit.interpret.trimming.points import all_points
    >>> X = tk.group("C4").regular_module()
    >>> signed = Merging(X, np.array([0, 0, 0, 0]), np.array([1, -1, 1, -1], dtype=np.int8))
    >>> [joined(X, [signed], parity).size for parity in ("odd", "even", "any")]
    [1, 1, 2]
    >>> joined(X, [signed, all_points(X)], "odd").size
    4
    """
    blocks = np.stack([p.blocks for p in parts])
    signs = np.stack([p.signs for p in parts]).astype(np.int64)
    alive = signs != 0
    if parity == "odd":
        first = alive.argmax(0)
        own = np.where(alive.any(0), np.take_along_axis(signs, first[None], 0)[0], 0)
        kept = signs * own  # relative to the sign of the first that is not 0
    elif parity == "product":
        own = signs.prod(0)
        kept = np.abs(signs)
    elif parity == "even":
        own = np.ones(X.degree, dtype=np.int64)
        kept = np.abs(signs)
    else:
        own = np.ones(X.degree, dtype=np.int64)
        kept = signs
    keys = np.concatenate([orbit_numbers(X)[None], blocks, kept])
    return _numbered(X, keys, own)


def _numbered(X: Module, keys: NDArray[np.int64], signs: NDArray[np.int64]) -> Merging:
    """Return blocks of equal columns, by their first points, whose signs are made 1; 0 is 0."""
    _, first, inverse = np.unique(keys, axis=1, return_index=True, return_inverse=True)
    inverse = inverse.reshape(-1)
    relative = signs * signs[first][inverse]
    zero = relative == 0
    order = np.full(len(first), -1, dtype=np.intp)
    live = np.flatnonzero(np.bincount(inverse[~zero], minlength=len(first)) > 0)
    order[live[np.argsort(first[live])]] = np.arange(len(live))
    blocks = np.where(zero, -1, order[inverse])
    return Merging(X, blocks.astype(np.intp), relative.astype(np.int8))


def on_support(merged: Merging, support: Sequence[Support]) -> Merging:
    """Return blocks without those on orbits where the function is 0."""
    zero = np.zeros(merged.X.degree, dtype=bool)
    for p, points in zip(support, points_of_orbits(merged.X), strict=True):
        if p.is_zero:
            zero[points] = True
    if not (zero & (merged.blocks >= 0)).any():
        return merged
    keys = np.stack([merged.blocks, zero])
    return _numbered(merged.X, keys, np.where(zero, 0, merged.signs))


def is_same(one: Merging, other: Merging) -> bool:
    """Whether two tensors on these blocks are read in the same way."""
    return one is other or (
        one.size == other.size
        and np.array_equal(one.blocks, other.blocks)
        and np.array_equal(one.signs, other.signs)
    )


def is_whole(merged: Merging) -> bool:
    """Whether its blocks are the points themselves, in their order."""
    return (
        merged.is_trivial
        and not merged.has_signs
        and bool((merged.blocks == np.arange(merged.X.degree)).all())
    )


def reading(source: Merging, target: Merging) -> tuple[NDArray[np.intp], NDArray[np.int8]]:
    """Return the block of the source, and the sign, that each block of the target reads."""
    return source.blocks[target.first], source.signs[target.first]
