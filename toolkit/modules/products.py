"""Products of modules: Fun(X x Y) for one group, or for the direct product of two.

Point (x, y) of X x Y has number ``x * |Y| + y``, so that a function on it is an array of shape
``(|X|, |Y|)``. Nothing of size |X| |Y| is formed before it is needed.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.modules.gset_expressions import M, ModuleGroup, Product, ProductKind
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.module import Module
    from toolkit.modules.signed_module import SignedModule


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


def cover_images(product: Product[SignedModule]) -> IntArray:
    """Return the images of the generators on the cover of a product of signed modules.

    Examples
    --------
    >>> import toolkit as tk
    >>> from toolkit.modules.gset_expressions import Product
    >>> sign = tk.SignedModule.from_signs(tk.group("C2"), [[0]], [[-1]])
    >>> cover_images(Product("diagonal", (sign, sign))).tolist()      # the signs cancel
    [[0, 1]]
    """
    images = [factor.images for factor in product.factors]
    minus = [factor.signs < 0 for factor in product.factors]
    if product.kind == "diagonal":
        plus, signs = diagonal_images(images), minus[0]
        for one in minus[1:]:
            signs = (signs[:, :, None] ^ one[:, None, :]).reshape(len(signs), -1)
    else:
        plus = outer_images(images)
        rows = []
        for number, one in enumerate(minus):
            before = math.prod(factor.degree for factor in product.factors[:number])
            after = math.prod(factor.degree for factor in product.factors[number + 1 :])
            rows.append(np.tile(np.repeat(one, after, axis=1), before))
        signs = np.concatenate(rows)
    out = np.empty((plus.shape[0], 2 * plus.shape[1]), dtype=np.intp)
    out[:, 0::2] = 2 * plus + signs
    out[:, 1::2] = out[:, 0::2] ^ 1
    return out


def product_character(
    group: ModuleGroup, product: Product[M], *, unsigned: bool = False
) -> tuple[int, ...] | None:
    """Return the character of a product, by class, from those of its factors.

    Parameters
    ----------
    group
        The group that acts.
    product
        The product.
    unsigned
        Whether signs are left out.

    Returns
    -------
    tuple or None
        ``None`` if a character table is out of reach.
    """
    factors: list[Module] = [X.unsigned if unsigned else X for X in product.factors]
    traces = [X.traces for X in factors]
    known = [c for c in traces if c is not None]
    if len(known) < len(traces):
        return None
    if product.kind == "outer":
        classes = group.factor_classes(tuple(factor.home for factor in factors))
        if classes is None:
            return None
        known = [tuple(c[k] for k in row) for c, row in zip(known, classes, strict=True)]
    return tuple(math.prod(column) for column in zip(*known, strict=True))


def with_flat_factors(kind: ProductKind, factors: Sequence[M]) -> tuple[M, ...]:
    """Return the factors, products of the same kind among them replaced by their own factors."""
    flat: list[M] = []
    for X in factors:
        flat.extend(X.factors if X.product == kind else (X,))
    return tuple(flat)


def product_name(kind: ProductKind, factors: Sequence[Module]) -> str:
    """Return the name of a product, such as ``(3 points)^2`` or ``8 points x 8 points``."""
    titles = []
    for title, run in itertools.groupby(
        X.name if not (X.summands or X.product) else f"({X.name})" for X in factors
    ):
        times = len(list(run))
        if kind == "outer":
            titles.extend([title] * times)
        else:
            bare = title if title.startswith("(") else f"({title})"
            titles.append(title if times == 1 else f"{bare}^{times}")
    return (" * " if kind == "diagonal" else " x ").join(titles)
