"""How elements of a group act on its linear modules, by words in the generators."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import NotAvailable
from toolkit.exact.matrix import ExactMatrix
from toolkit.library.modules.class_words import LISTED_ORDER
from toolkit.library.modules.construct import regular_module
from toolkit.library.modules.elements import element_images
from toolkit.modules.gsets.actions import schreier_forest
from toolkit.modules.linear.expressions import ROUNDING, Given
from toolkit.modules.linear.linear_module import LinearModule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from toolkit.library.structure import GroupStructure
    from toolkit.modules.gsets.actions import IntArray

#: Exact matrices up to this size stay exact when elements are formed.
_EXACT_DEGREE = 24


def words_of_points(group: GroupStructure, points: IntArray) -> list[tuple[int, ...]]:
    """Return words in the generators for elements, given as points of the regular module.

    Raises
    ------
    NotAvailable
        If the group has more than 20,000 elements.

    Examples
    --------
    >>> import toolkit as tk
    >>> words_of_points(tk.group("C4"), np.array([0, 2]))
    [(), (0, 0)]
    """
    if group.order > LISTED_ORDER:
        raise NotAvailable(
            group.name,
            "matrices of elements",
            f"they are formed by words, which are looked up in a list of up to {LISTED_ORDER:,} "
            "elements",
        )
    forest = schreier_forest(regular_module(group).images)
    return [forest.word(int(point)) for point in points]


def words_of_elements(group: GroupStructure, elements: Sequence[Any]) -> list[tuple[int, ...]]:
    """Return words in the generators for elements as :func:`element_images` takes them."""
    given = [e["word"] if isinstance(e, dict) and set(e) == {"word"} else None for e in elements]
    others = [e for e, word in zip(elements, given, strict=True) if word is None]
    found: Iterable[tuple[int, ...]] = ()
    if others:
        regular = regular_module(group)
        base = regular.record.base
        found = words_of_points(group, element_images(regular, others)[:, base])
    looked_up = iter(found)
    for word in given:  # refuses letters that are no generators
        if word is not None and any(not isinstance(g, int) for g in word):
            element_images(regular_module(group), [{"word": word}])
    return [next(looked_up) if word is None else tuple(word) for word in given]


def module_of_elements(
    V: LinearModule, home: GroupStructure, words: Sequence[Sequence[int]], name: str
) -> LinearModule:
    """Return the module of a group whose generators act as elements of another group do on V.

    Parameters
    ----------
    V
        A linear module.
    home
        The group; its generators are known to go to the elements by a homomorphism.
    words
        Per generator a word in the generators of V's group, ``~g`` for an inverse.
    name
        The module's name.
    """
    exact = None
    if V.degree <= _EXACT_DEGREE and V.exact_matrices is not None:
        exact = tuple(_exact_product(V.exact_matrices, word, V.degree) for word in words)
    floats = np.array([word_matrix(V.matrices, word) for word in words])
    floats = floats.reshape(len(words), V.degree, V.degree)
    residual = V.residual
    if exact is None:
        residual = max(residual, ROUNDING)
    else:
        floats = np.array([m.to_numpy() for m in exact]).reshape(floats.shape)
    return LinearModule(home, name, V.degree, Given(floats, exact, residual, name))


def word_matrix(matrices: NDArray[np.float64], word: Sequence[int]) -> NDArray[np.float64]:
    """Return the product of a word's letters, ``~g`` being the inverse of g.

    Examples
    --------
    >>> word_matrix(np.array([[[2.0]], [[3.0]]]), (0, 1, ~0)).tolist()
    [[3.0]]
    """
    one: NDArray[Any] = np.eye(matrices.shape[-1])
    return reduce(
        lambda out, g: out @ (matrices[g] if g >= 0 else np.linalg.inv(matrices[~g])), word, one
    )


def _exact_product(
    matrices: Sequence[ExactMatrix], word: Sequence[int], degree: int
) -> ExactMatrix:
    one = ExactMatrix.of([[int(i == j) for j in range(degree)] for i in range(degree)])
    return reduce(
        lambda out, g: out @ (matrices[g] if g >= 0 else matrices[~g].inverse()), word, one
    )
