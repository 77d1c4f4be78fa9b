"""Images of a module's points under elements of its group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import ModuleMismatchError
from toolkit.library.modules.backends import ActionBackend, TransitiveBackend, element_data
from toolkit.modules.gset_expressions import Sum
from toolkit.modules.products import diagonal_images

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.permutation_module import PermutationModule


def element_images(X: PermutationModule, elements: Sequence[Any]) -> IntArray:
    """Return the images of the points of a module under elements of its group.

    Parameters
    ----------
    X
        The module.
    elements
        Elements as data (``{"perm": 0-based images}``, ``{"pc": exponents}``), plain image lists
        or texts of cycles (``"(1,2)(3,4)"``, points from 1) for a permutation group, texts such as
        ``"a^2*b"`` for a presented one, or words ``{"word": [0, 1, ~0]}``: generators by their
        0-based numbers, from left to right, ``~i`` for the inverse of generator i.

    Returns
    -------
    numpy.ndarray
        ``(elements, |X|)`` 0-based images i -> i^g.

    Raises
    ------
    ModuleMismatchError
        If an element is not of one of these forms.
    NotAvailable
        If an element does not lie in the group.

    Notes
    -----
    Exact. Words need no GAP; the images under other elements come from the store or from GAP.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("S3").natural_module()
    >>> element_images(X, [{"word": [0, 0]}, {"word": [~0]}]).tolist()
    [[2, 0, 1], [2, 0, 1]]
    """
    out = np.empty((len(elements), X.degree), dtype=np.intp)
    others: list[int] = []
    data: list[dict[str, list[int]]] = []
    spec = getattr(X.home, "spec", None)
    for row, given in enumerate(elements):
        element = element_data(given, spec) if isinstance(given, str) else given
        if isinstance(element, dict) and set(element) == {"word"}:
            out[row] = _word_images(X, element["word"])
        else:
            others.append(row)
            data.append(element_data(element))
    if others:
        out[others] = _images_of_data(X, data)
    return out


def _word_images(X: PermutationModule, word: Sequence[int]) -> IntArray:
    k = X.images.shape[0]
    out = np.arange(X.degree, dtype=np.intp)
    for letter in word:
        if not isinstance(letter, int) or not -k <= letter < k:
            raise ModuleMismatchError(
                f"letters of a word are generators 0 to {k - 1}, or ~i for an inverse, "
                f"not {letter!r:.20}"
            )
        image = X.images[letter if letter >= 0 else ~letter]
        out = image[out] if letter >= 0 else np.argsort(image)[out]
    return out


def _images_of_data(X: PermutationModule, data: list[dict[str, list[int]]]) -> IntArray:
    if X.product == "diagonal":
        return diagonal_images([_images_of_data(factor, data) for factor in X.factors])
    contents = X.contents
    pieces = (X.orbits, X.orbit_points)
    if isinstance(contents, Sum):
        pieces = (contents.summands, tuple(map(tuple, contents.points)))
    if pieces[0] != (X,):
        out = np.empty((len(data), X.degree), dtype=np.intp)
        for part, own in zip(*pieces, strict=True):
            where = np.array(own, dtype=np.intp)
            out[:, where] = where[_images_of_data(part, data)]
        return out
    backend = X.backend
    if not isinstance(backend, TransitiveBackend):
        raise ModuleMismatchError(f"{X.name} of {X.group_title} has no action")
    if isinstance(backend, ActionBackend):
        backend.record()  # raises the clearer error if the images are not an action
    return backend.element_images(data)
