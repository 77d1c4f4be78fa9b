"""Words in the generators for the conjugacy classes of a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import InconsistentAnswerError
from toolkit.library.modules.construct import regular_module
from toolkit.library.questions import ELEMENT_CLASSES
from toolkit.modules.gsets.actions import schreier_forest

if TYPE_CHECKING:
    from toolkit.library.structure import GroupStructure
    from toolkit.modules.gsets.actions import IntArray

#: Groups up to this order are listed, element by element.
LISTED_ORDER = 20_000


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
    """Return, per class, a shortest word in the generators for one of its elements.

    Letters are 0-based generators, multiplied from left to right. ``None`` for groups that are not
    listed: without a character table, of more than 20,000 elements, or known by a table alone.

    Examples
    --------
    >>> import toolkit as tk
    >>> words_of_classes(tk.group("S3"))
    ((), (1,), (0,))
    """
    if group.is_table_only or not group.has_table or group.order > LISTED_ORDER:
        return None
    classes = classes_of_elements(group)
    forest = schreier_forest(regular_module(group).images)
    _, first = np.unique(classes[forest.order], return_index=True)
    return tuple(forest.word(int(forest.order[place])) for place in first)
