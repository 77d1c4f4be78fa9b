"""Whether elements of one module are elements of another: the same coordinates, the same action."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.modules.module import Module


def without_idle_signs(X: Module) -> Module:
    """Return a signed module of which no point changes sign as a permutation module."""
    return X if not X.has_points or X.has_signs else X.unsigned


def same_functions(X: Module, Y: Module) -> bool:
    """Whether elements of X are elements of Y: one group, acting alike on the same coordinates.

    Signs that never occur are no difference.

    Examples
    --------
    >>> import toolkit as tk
    >>> G = tk.group("C4")
    >>> same_functions(G.regular_module(), G.natural_module())
    True
    """
    if X is Y:
        return True
    if X.group != Y.group or X.degree != Y.degree or X.has_points != Y.has_points:
        return False
    if not X.has_points:
        return bool((X.matrices == Y.matrices).all())
    return bool((X.images == Y.images).all() and (X.signs == Y.signs).all())
