"""Words in the generators for the conjugacy classes of a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import (
    GapCrashedError,
    GapScriptError,
    GapTimeoutError,
    InconsistentAnswerError,
    NotAvailable,
)
from toolkit.library.modules.construct import regular_module
from toolkit.library.questions import ELEMENT_CLASSES, GENERATOR_WORDS
from toolkit.modules.gsets.actions import schreier_forest
from toolkit.text import shortened

if TYPE_CHECKING:
    from toolkit.library.structure import GroupStructure
    from toolkit.modules.gsets.actions import IntArray

#: Groups up to this order are listed, element by element.
LISTED_ORDER = 20_000

#: How long GAP may look for a presentation.
_PRESENTATION_SECONDS = 60.0


def classes_of_elements(group: GroupStructure) -> IntArray:
    """Return the conjugacy class of every point of the regular module; check their numbers."""
    found = group.answer(
        ELEMENT_CLASSES,
        send=lambda: {"reps": group.class_representatives()},
        read=lambda answer: tuple(answer["classes"]),
    )
    out = np.array(found, dtype=np.intp)
    sizes = group.character_table.class_sizes
    counts = np.bincount(out, minlength=len(sizes))
    if not np.array_equal(counts, sizes):
        raise InconsistentAnswerError(
            group.name, f"classes of sizes {sizes[:20]}", str(counts[:20])
        )
    return out


def words_of_classes(group: GroupStructure) -> tuple[tuple[int, ...], ...] | None:
    """Return, per class, a word in the generators for one of its elements.

    Letters are 0-based generators, multiplied from left to right, ``~g`` for an inverse: shortest
    words up to order 20,000, beyond those of GAP's stabiliser chain. ``None`` without a character
    table, or for a group that is known by a table alone.

    Examples
    --------
    >>> import toolkit as tk
    >>> words_of_classes(tk.group("S3"))
    ((), (1,), (0,))
    """
    if group.is_table_only or not group.has_table:
        return None
    if group.order > LISTED_ORDER:
        return _checked_words(group)
    classes = classes_of_elements(group)
    forest = schreier_forest(regular_module(group).images)
    _, first = np.unique(classes[forest.order], return_index=True)
    return tuple(forest.word(int(forest.order[place])) for place in first)


def _checked_words(group: GroupStructure) -> tuple[tuple[int, ...], ...]:
    """Return GAP's words for the classes, compared with the representatives as permutations."""
    representatives = group.class_representatives()
    words = _asked(group, representatives, relators=False)
    images = group.natural_images
    if images is not None:
        inverses = np.argsort(images, axis=1)
        for word, element in zip(words, representatives, strict=True):
            points = np.arange(images.shape[1])
            for g in word:
                points = (images[g] if g >= 0 else inverses[~g])[points]
            known = element.get("perm") if isinstance(element, dict) else None
            if known is not None and points.tolist() != list(known):
                raise InconsistentAnswerError(
                    group.name, "words for the representatives of classes", str(word)
                )
    return words


def relators_of_group(group: GroupStructure) -> tuple[tuple[int, ...], ...]:
    """Return words that are 1, and define the group on its generators.

    By formula for symmetric groups, else from GAP, which has a minute.

    Raises
    ------
    NotAvailable
        If GAP finds none within its limits of time and memory.

    Examples
    --------
    >>> import toolkit as tk
    >>> relators_of_group(tk.group("C3"))
    ((0, 0, 0),)
    """
    spec = group.spec.to_json()
    if spec["kind"] == "symmetric" and spec["degree"] > 2:
        return symmetric_relators(spec["degree"])
    try:
        with group.session.time_limit(_PRESENTATION_SECONDS):
            return _asked(group, [], relators=True)
    except (GapTimeoutError, GapCrashedError, GapScriptError) as error:
        raise NotAvailable(
            group.name,
            "relations of the generators",
            f"GAP finds no presentation within its limits ({shortened(str(error), 160)}); sums, "
            "products and powers of permutation and signed modules do not need one",
        ) from error


def symmetric_relators(n: int) -> tuple[tuple[int, ...], ...]:
    """Return relators of the symmetric group on a = (1 2 ... n) and b = (1 2), from 3 points on.

    Notes
    -----
    a^n, b^2, (a b)^(n-1), (b a^-1 b a)^3, and (b a^-j b a^j)^2 for j = 2, ..., n/2. Source: Coxeter
    and Moser, *Generators and relations for discrete groups*, 6.2.

    Examples
    --------
    >>> symmetric_relators(3)
    ((0, 0, 0), (1, 1), (0, 1, 0, 1), (1, -1, 1, 0, 1, -1, 1, 0, 1, -1, 1, 0))
    """
    a, b = 0, 1

    def commutator(j: int) -> tuple[int, ...]:
        return (b, *(~a,) * j, b, *(a,) * j)

    return (
        (a,) * n,
        (b, b),
        (a, b) * (n - 1),
        commutator(1) * 3,
        *(commutator(j) * 2 for j in range(2, n // 2 + 1)),
    )


def _asked(
    group: GroupStructure, representatives: list[object], *, relators: bool
) -> tuple[tuple[int, ...], ...]:
    arguments = {"reps": representatives, "relators": relators}
    part = "relators" if relators else "classes"
    found = group.answer(
        GENERATOR_WORDS,
        key={"part": part},
        send=lambda: arguments,
        read=lambda answer: tuple(tuple(word) for word in answer[part]),
    )
    return tuple(tuple(g - 1 if g > 0 else ~(-g - 1) for g in word) for word in found)
