"""Direct products of groups: their classes as tuples of classes of the factors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from toolkit.errors import InconsistentAnswerError
from toolkit.library.questions import PRODUCT_CLASSES

if TYPE_CHECKING:
    from toolkit.library.structure import GroupStructure


def factor_classes(
    group: GroupStructure, factors: tuple[GroupStructure, ...]
) -> tuple[tuple[int, ...], ...] | None:
    """Return, per factor and per class of a direct product, the class of the component.

    Parameters
    ----------
    group
        The product.
    factors
        Its factors, in order.

    Returns
    -------
    tuple or None
        ``(factors, classes)`` 0-based numbers of classes; ``None`` if a character table is out
        of reach.

    Raises
    ------
    InconsistentAnswerError
        If class sizes are not the products of the factors' class sizes, or two classes have the
        same components.

    Examples
    --------
    >>> import toolkit as tk
    >>> factor_classes(tk.group("C2 x C2"), (tk.group("C2"), tk.group("C2")))
    ((0, 1, 0, 1), (0, 0, 1, 1))
    """
    table = group.table_within_reach()
    tables = [factor.table_within_reach() for factor in factors]
    known = [t for t in tables if t is not None]
    if table is None or len(known) < len(factors):
        return None
    specs = [factor.spec.to_gap() for factor in factors]

    def send() -> dict[str, Any]:
        return {
            "reps": list(table.representatives),
            "factors": [
                {"group": spec, "reps": list(t.representatives)}
                for spec, t in zip(specs, known, strict=True)
            ],
        }

    def read(answer: dict[str, Any]) -> tuple[tuple[int, ...], ...]:
        found = tuple(tuple(int(c) for c in row) for row in answer["classes"])
        columns = list(zip(*found, strict=True))
        sizes = [
            math.prod(t.class_sizes[c] for t, c in zip(known, column, strict=True))
            for column in columns
        ]
        if tuple(sizes) != table.class_sizes or len(set(columns)) < len(columns):
            raise InconsistentAnswerError(
                group.name, "classes that are products of classes of the factors", str(columns)
            )
        return found

    return group.answer(PRODUCT_CLASSES, key={"factors": specs}, send=send, read=read)
