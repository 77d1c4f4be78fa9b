"""Sums of maps: when two maps can be added, and what is known exactly of their sum."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.pl.activations.affine_pieces import affine_pieces
from toolkit.pl.maps.exact_vectors import ExactVectors
from toolkit.pl.maps.references import orbital_labels

if TYPE_CHECKING:
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.pl.activations.activation import Activation
    from toolkit.pl.maps.exact_vectors import Reference


def same_activation(one: Activation, other: Activation) -> bool:
    """Return whether two activations are the same function.

    Parameters
    ----------
    one, other
        The activations. Functions of the user are the same if they are one object, or if both are
        piecewise affine with the same pieces.

    Examples
    --------
    >>> from toolkit.pl.activations.activation import find_activation
    >>> same_activation(find_activation("tanh"), find_activation("tanh"))
    True
    >>> same_activation(find_activation("relu"), find_activation("abs"))
    False
    """
    if one is other:
        return True
    mine, theirs = affine_pieces(one), affine_pieces(other)
    if mine is None or theirs is None:
        known = one.parts_are == other.parts_are == "exact"
        return mine is theirs and known and one.name == other.name
    return all(
        np.array_equal(x, y)
        for x, y in (
            (mine.kinks, theirs.kinks),
            (mine.slopes, theirs.slopes),
            (mine.intercepts, theirs.intercepts),
        )
    )


def sum_of_exact(
    one: ExactVectors | None, other: ExactVectors | None, images: IntArray
) -> ExactVectors | None:
    """Return the vectors of two maps in one list, or ``None`` if they are not known exactly.

    Parameters
    ----------
    one, other
        The vectors of the maps.
    images
        ``(k, N)`` images of the points of the other one.

    Notes
    -----
    The vectors must be sums of the same ones. Those of two references are proportional to sums of
    each other if L is of real type; the factor is known where the length of such a sum is the root
    of a rational number.
    """
    if one is None or other is None or one.is_turned or other.is_turned:
        return None
    if one.reference.is_same(other.reference):
        return ExactVectors.joined([one, other])
    linked = _linked(other, one.reference, images)
    return None if linked is None else ExactVectors.joined([one, linked])


def _linked(other: ExactVectors, reference: Reference, images: IntArray) -> ExactVectors | None:
    """Return vectors as sums of those of another reference."""
    pairs = orbital_labels(other.reference.images, reference)
    whole = orbital_labels(images, reference)
    if pairs is None or whole is None:
        return None
    sums = np.array([(pairs[0] == j) @ reference.units for j in range(int(pairs.max()) + 1)])
    sizes = np.linalg.svd(sums, compute_uv=False)
    if (sizes > 1e-9 * sizes[0]).sum() != 1:
        return None  # vectors are unique up to End_G(L), not up to a real factor
    chosen = int(np.linalg.norm(sums, axis=1).argmax())
    unit = reference.scale_of_sum(np.flatnonzero(pairs[0] == chosen), other.reference.units[0])
    scale = None if unit is None or other.scale is None else unit * other.scale
    if other.labels is None:
        pair = Cyclotomic.from_int(0), Cyclotomic.from_int(1)
        return ExactVectors(reference, (pairs == chosen).astype(np.intp), pair, scale)
    first = np.unique(whole, return_index=True)[1]
    numbers = []
    for x, z in zip(*np.divmod(first, whole.shape[1]), strict=True):
        counts = np.bincount(
            other.labels[x][pairs[:, z] == chosen], minlength=len(other.coefficients)
        )
        total = Cyclotomic.from_int(0)
        for count, value in zip(counts.tolist(), other.coefficients, strict=True):
            total = total + value.scaled(Fraction(count))
        numbers.append(total)
    return ExactVectors(reference, whole, tuple(numbers), scale, other.loose)
