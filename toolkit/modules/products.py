"""Products of G-sets: Fun(X x Y) for one group, or for the direct product of two.

Point (x, y) of X x Y has number ``x * |Y| + y``, so that a function on it is an array of shape
``(|X|, |Y|)``. Nothing of size |X| |Y| is formed before it is asked for.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from toolkit.modules.gset_expressions import Action, Product, ProductKind
from toolkit.modules.gsets.actions import orbits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.modules.gset_expressions import Home
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.permutation_module import PermutationModule

__all__ = [
    "diagonal_images",
    "outer_images",
    "product_fixed_points",
    "product_module",
    "split_action",
    "split_outer",
]


def diagonal_images(factors: Sequence[IntArray]) -> IntArray:
    """Return the images of one group's elements on the product of several G-sets.

    Parameters
    ----------
    factors
        Per factor ``(k, n_i)`` images of the same k elements.

    Returns
    -------
    numpy.ndarray
        ``(k, n_1 n_2 ...)`` images.

    Examples
    --------
    >>> diagonal_images([np.array([[1, 0]]), np.array([[1, 2, 0]])]).tolist()
    [[4, 5, 3, 1, 2, 0]]
    """
    out = factors[0]
    for images in factors[1:]:
        k, n = images.shape
        out = (out[:, :, None] * n + images[:, None, :]).reshape(k, out.shape[1] * n)
    return out


def outer_images(factors: Sequence[IntArray]) -> IntArray:
    """Return the images of the generators of a direct product on the product of its G-sets.

    Parameters
    ----------
    factors
        Per group ``(k_i, n_i)`` images of its generators.

    Returns
    -------
    numpy.ndarray
        ``(k_1 + k_2 + ..., n_1 n_2 ...)`` images, the first group's generators first.

    Examples
    --------
    >>> outer_images([np.array([[1, 0]]), np.array([[1, 2, 0]])]).tolist()
    [[3, 4, 5, 0, 1, 2], [1, 2, 0, 4, 5, 3]]
    """
    sizes = [images.shape[1] for images in factors]
    points = np.arange(math.prod(sizes), dtype=np.intp)
    rows: list[IntArray] = []
    for i, images in enumerate(factors):
        below = math.prod(sizes[i + 1 :])
        own = points // below % sizes[i]
        rows.extend(points + (image[own] - own) * below for image in images)
    return np.array(rows, dtype=np.intp).reshape(len(rows), points.size)


def product_fixed_points(home: Home, product: Product) -> tuple[int, ...] | None:
    """Return the numbers of fixed points of a product, by class, from those of its factors."""
    counts = [factor.fixed_points for factor in product.factors]
    known = [c for c in counts if c is not None]
    if len(known) < len(counts):
        return None
    if product.kind == "outer":
        classes = home.factor_classes(tuple(factor.home for factor in product.factors))
        if classes is None:
            return None
        known = [tuple(c[k] for k in row) for c, row in zip(known, classes, strict=True)]
    return tuple(math.prod(column) for column in zip(*known, strict=True))


def _factors(X: PermutationModule, kind: ProductKind) -> tuple[PermutationModule, ...]:
    return X.factors if X.product == kind else (X,)


def _title(X: PermutationModule) -> str:
    return X.name if not (X.summands or X.product) else f"({X.name})"


def product_module(
    X: PermutationModule, Y: PermutationModule, kind: ProductKind, home: Home
) -> PermutationModule:
    """Return the product of two modules, not yet formed; products within are flattened.

    Parameters
    ----------
    X, Y
        The factors.
    kind
        ``"diagonal"`` or ``"outer"``.
    home
        The group that acts.
    """
    from toolkit.modules.permutation_module import PermutationModule

    factors = (*_factors(X, kind), *_factors(Y, kind))
    titles = []
    for title, run in itertools.groupby(map(_title, factors)):
        times = len(list(run))
        if kind == "outer":
            titles.extend([title] * times)
        else:
            bare = title if title.startswith("(") else f"({title})"
            titles.append(title if times == 1 else f"{bare}^{times}")
    name = (" * " if kind == "diagonal" else " x ").join(titles)
    return PermutationModule(home, name, X.degree * Y.degree, Product(kind, factors))


def split_action(
    home: Home, name: str, images: IntArray
) -> tuple[tuple[PermutationModule, ...], tuple[tuple[int, ...], ...]]:
    """Return the transitive parts of an action and their points; nothing if it is transitive."""
    from toolkit.modules.permutation_module import PermutationModule

    found = orbits(images)
    if len(found) == 1:
        return (), ()
    place = np.empty(images.shape[1], dtype=np.intp)
    parts, points = [], []
    for number, orbit in enumerate(found, start=1):
        place[orbit] = np.arange(len(orbit))
        title = f"{name}, orbit {number}"
        part = Action(place[images[:, orbit]])
        parts.append(PermutationModule(home, title, len(orbit), part))
        points.append(tuple(np.asarray(orbit).tolist()))
    return tuple(parts), tuple(points)


def split_outer(
    home: Home, factors: tuple[PermutationModule, ...]
) -> tuple[tuple[PermutationModule, ...], tuple[tuple[int, ...], ...]]:
    """Return the transitive parts of an outer product: the products of the factors' parts."""
    from toolkit.modules.permutation_module import PermutationModule

    pieces = [list(zip(X.orbits, X.orbit_points, strict=True)) for X in factors]
    if all(len(piece) == 1 for piece in pieces):
        return (), ()
    parts, points = [], []
    for choice in itertools.product(*pieces):
        modules = tuple(module for module, _ in choice)
        where = np.zeros(1, dtype=np.intp)
        for X, (_, own) in zip(factors, choice, strict=True):
            where = (where[:, None] * X.degree + np.array(own, dtype=np.intp)).ravel()
        name = " x ".join(map(_title, modules))
        parts.append(PermutationModule(home, name, where.size, Product("outer", modules)))
        points.append(tuple(where.tolist()))
    return tuple(parts), tuple(points)
