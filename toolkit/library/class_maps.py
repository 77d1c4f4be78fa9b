"""What homomorphisms of groups do to conjugacy classes: asked of GAP once, checked, stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.errors import InconsistentAnswerError, ModuleMismatchError, NotAvailable
from toolkit.groups.class_functions.class_maps import check_class_map
from toolkit.library.questions import CLASS_MAP
from toolkit.text import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.library.structure import GroupStructure


def class_map(
    source: GroupStructure, target: GroupStructure, images: Sequence[dict[str, list[int]]]
) -> tuple[tuple[int, ...], int]:
    """Return, per class of the source, the 0-based class of the target that holds its image.

    Parameters
    ----------
    source, target
        The groups, both with their elements and with character tables.
    images
        Per generator of the source its image, an element of the target as data.

    Returns
    -------
    tuple, int
        The classes, and the order of the kernel.

    Raises
    ------
    ModuleMismatchError
        If the images define no homomorphism.
    NotAvailable
        If one of the groups has no character table within reach, or no elements.

    Notes
    -----
    Exact. Whatever the answer, orders, power maps and characters are checked to agree.

    Examples
    --------
    >>> import toolkit as tk
    >>> class_map(tk.group("C3"), tk.group("S3"), [{"perm": [1, 2, 0]}])
    ((0, 2, 2), 1)
    """
    for group in (source, target):
        if group.is_table_only or not group.has_table:
            raise NotAvailable(
                group.name,
                "a map of its conjugacy classes",
                "elements and the character table are both needed",
            )
    elements = list(images)
    above, below = target.character_table, source.character_table
    question = {"source": source.spec.to_json(), "images": elements}

    def send() -> dict[str, Any]:
        return {
            **question,
            "source": source.spec.to_gap(),
            "reps": list(above.representatives),
            "source_reps": list(below.representatives),
        }

    def read(answer: dict[str, Any]) -> tuple[tuple[int, ...], int]:
        if answer["broken"] is not None:
            raise ModuleMismatchError(
                f"no homomorphism from {shortened(source.name)} to {shortened(target.name)}: "
                f"{answer['broken']}"
            )
        if None in answer["classes"]:
            raise InconsistentAnswerError(target.name, "a class for every element", "none")
        classes, kernel = tuple(answer["classes"]), answer["kernel"]
        check_class_map(below, above, classes, kernel)
        return classes, kernel

    return target.answer(CLASS_MAP, key=question, send=send, read=read)
