"""What a record keeps of the maps between simples: matrices, vectors, images, counts of regions.

With them the page makes every map phi(v) = sum over x = gH of f(<v, gw>) gu of a module: the
vectors gw follow from w and the generators' matrices by rho(g) w_{x^g} = w_x, point by point.
Numbers are coded (:mod:`toolkit.explorer.record.coded`). Images are kept as differences
``(image - point) mod degree``, and a generator that is a word in the others is left out: the record
has the word, and images and matrices follow by multiplication.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.library.fourier import fourier_basis
from toolkit.library.pl_maps import pl_map
from toolkit.pl.arrangements.counting import counting_cost
from toolkit.pl.maps.zero import least_stabiliser

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.explorer.record.coded import Values
    from toolkit.library.group import Group
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.module import Module
    from toolkit.modules.permutation_module import PermutationModule

#: Modules with more points have no maps in a record.
MOST_POINTS = 600
#: Simples of larger dimension have no matrices in a record.
MOST_DIMENSIONS = 32
_SMALL_ORDER = 400  # up to this order words in the generators are looked for
_QUICK_COUNT = 60  # restrictions for a count of regions in dimension 4 and above


def turns_of(G: Group) -> int:
    """Return the n for which cosines of multiples of 1/n of a turn are expected in matrices.

    Examples
    --------
    >>> import toolkit as tk
    >>> turns_of(tk.group("D16"))
    16
    """
    table = G.table_within_reach()
    exponent = math.lcm(*table.element_orders) if table is not None else 1
    return math.lcm(4, 2 * exponent) if exponent <= 5000 else 4


def words(G: Group) -> list[list[int] | None]:
    """Return, per generator, a word in the others if it is left out of models and images.

    Parameters
    ----------
    G
        The group.

    Returns
    -------
    list
        ``None`` for the generators that are kept: they generate the group, and none of them can be
        left out. For each other one a shortest word, as 0-based numbers of generators; the left
        factor comes first (and acts first). All are kept if the order is above 400.

    Notes
    -----
    Exact; never starts GAP.

    Examples
    --------
    >>> import toolkit as tk
    >>> words(tk.group("SmallGroup(16,7)"))
    [None, None, [1, 0, 1, 0], [0, 1, 0, 1, 0, 1, 0, 1]]
    """
    if G.order > _SMALL_ORDER or G.generator_count < 2:
        return [None] * G.generator_count
    images = G.regular_module().images
    kept = list(range(len(images)))
    for i in reversed(range(len(images))):
        rest = [j for j in kept if j != i]
        if len(_paths(images, rest)) == images.shape[1]:
            kept = rest
    paths = _paths(images, kept)
    return [None if i in kept else paths[int(images[i, 0])] for i in range(len(images))]


def _paths(images: IntArray, kept: Sequence[int]) -> dict[int, list[int]]:
    """Return the points that point 0 is moved to, with shortest words that move it there."""
    paths: dict[int, list[int]] = {0: []}
    queue = [0]
    for x in queue:
        for i in kept:
            y = int(images[i, x])
            if y not in paths:
                paths[y] = [*paths[x], i]
                queue.append(y)
    return paths


def has_maps(X: Module) -> bool:
    """Return whether a record has vectors for a module: transitive, unsigned, up to 600 points."""
    return X.is_transitive and not X.has_signs and X.degree <= MOST_POINTS


def add_models(
    models: dict[str, list[list[int] | None]],
    values: Values,
    X: PermutationModule,
    left_out: Sequence[list[int] | None],
) -> None:
    """Add the orthogonal matrices of the simples of a module on the generators.

    Parameters
    ----------
    models
        Per label a list with ``None``, or the ``d * d`` coded entries, per generator. Simples of
        more than 32 dimensions are left out.
    values
        The values behind the codes.
    X
        A module with a Fourier basis.
    left_out
        See :func:`words`.

    Raises
    ------
    NotAvailable
        If the module has no Fourier basis.

    Examples
    --------
    >>> import toolkit as tk
    >>> from toolkit.explorer.record.coded import Values
    >>> G, models = tk.group("S3"), {}
    >>> add_models(models, Values(12), G.natural_module(), [None, None])
    >>> models["L0"], len(models["L2"][0])
    ([[1], [1]], 4)
    """
    for label, matrices in fourier_basis(X).models.items():
        if label not in models and matrices.shape[-1] <= MOST_DIMENSIONS:
            models[label] = [
                values.coded(matrix) if word is None else None
                for matrix, word in zip(matrices, left_out, strict=True)
            ]


def images(
    X: PermutationModule, left_out: Sequence[list[int] | None]
) -> list[list[int] | None] | str:
    """Return the images of the points under the generators, as differences modulo the degree.

    Parameters
    ----------
    X
        A transitive module whose vectors are in the record.
    left_out
        See :func:`words`.

    Returns
    -------
    list or str
        Per generator a list, or ``None`` if it is left out. ``"regular"`` for a regular module
        whose points are numbered in the order in which words in the generators first reach them:
        then matrices and vectors give the images, point after point.

    Notes
    -----
    That the vectors of different points differ clearly, and that the points have that order, is
    checked here: ``"regular"`` stands for exactly these images.

    Examples
    --------
    >>> import toolkit as tk
    >>> images(tk.group("S3").natural_module(), [None, None])
    [[1, 1, 1], [1, 2, 0]]
    >>> images(tk.group("S3").regular_module(), [None, None])
    'regular'
    """
    if X.is_regular and _in_order_of_words(X.images) and _are_told_apart(X):
        return "regular"
    differences = (X.images - np.arange(X.degree)) % X.degree
    return [
        row if word is None else None
        for row, word in zip(differences.tolist(), left_out, strict=True)
    ]


def _in_order_of_words(images: IntArray) -> bool:
    seen = 1
    for x in range(images.shape[1]):
        for y in images[:, x].tolist():
            if y > seen:
                return False
            seen = max(seen, y + 1)
    return True


def _are_told_apart(X: PermutationModule) -> bool:
    """Return whether the generic vectors of all kept simples have a distance of a thousandth."""
    kept = [s.label for s in fourier_basis(X).simples if s.dimension <= MOST_DIMENSIONS]
    vectors = np.hstack([pl_map(X, label, label, "abs").vectors for label in kept])
    gram = vectors @ vectors.T
    square = float(gram[0, 0])  # all are equally long
    np.fill_diagonal(gram, -square)
    return bool(gram.max() < square * (1 - 5e-7))


def vectors(X: PermutationModule, values: Values) -> dict[str, Any]:
    """Return, per simple of a transitive module, the vectors w of its copies at point 0.

    Parameters
    ----------
    X
        A transitive module with a Fourier basis.
    values
        The values behind the codes.

    Returns
    -------
    dict
        Per label ``{"copies": [codes, ...]}`` and, if it occurs more than once, ``"generic"``. They
        are what ``pl_map(X, L, K, f, w=...)`` takes (point 0 is the module's base point), and its
        own choice for ``w=None`` and ``w=copy``.

    Raises
    ------
    NotAvailable
        If the module has no Fourier basis.
    """
    basis = fourier_basis(X)
    found: dict[str, Any] = {}
    for s in basis.simples:
        if s.dimension > MOST_DIMENSIONS:
            continue
        copies = basis.matrix[s.rows].reshape(s.multiplicity, s.dimension, X.degree)[:, :, 0]
        found[s.label] = {"copies": [values.coded(w) for w in copies]}
        if s.multiplicity > 1:
            phi = pl_map(X, s.label, s.label, "abs")
            found[s.label]["generic"] = values.coded(phi.vectors[0])
    return found


def regions(X: PermutationModule) -> dict[str, dict[str, Any]]:
    """Return, per simple L of a transitive module, how L is cut by the generic copy.

    Returns
    -------
    dict
        Per label ``"hyperplanes"``, the number of lines of the gw; ``"regions"``, how many regions
        all their hyperplanes make (``None`` if that was not counted), and ``"regions_are"``: how
        it is known (see :class:`~toolkit.pl.arrangements.regions.RegionCount`).

    Notes
    -----
    The number of hyperplanes is exact: ``|G : U_L|``, an integer from the spherical table. A map to
    some K can break on none of them. Regions are counted up to dimension 3, and beyond it where
    there are few hyperplanes.

    Examples
    --------
    >>> import toolkit as tk
    >>> regions(tk.group("S4").natural_module())["L3"]
    {'hyperplanes': 4, 'regions': 14, 'regions_are': 'exact'}
    """
    table = X.spherical_table
    found: dict[str, dict[str, Any]] = {}
    for s in table.simples:
        lines = table.group_order // least_stabiliser(table, s.label)
        count, certainty = _counted(X, s.label, s.dimension, lines)
        found[s.label] = {"hyperplanes": lines, "regions": count, "regions_are": certainty}
    return found


def _counted(
    X: PermutationModule, label: str, dimension: int, lines: int
) -> tuple[int | None, str | None]:
    if dimension <= 2:
        return 2 * lines, "exact"
    quick = dimension == 3 or counting_cost(lines, dimension) <= _QUICK_COUNT
    if X.degree > MOST_POINTS or not quick:
        return None, None
    trivial = X.spherical_table.simples[0].label
    counted = pl_map(X, label, trivial, "abs").regions
    return counted.count, counted.certainty
