"""Groups, their modules and Fourier bases, from the store or from GAP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.lazy import lazy_face
from toolkit.library.group import Group
from toolkit.library.naming import group, group_from_cayley_table, group_from_permutations
from toolkit.library.session import Session, default_session

if TYPE_CHECKING:
    from toolkit.library.drawings import group_from_graph, group_from_matrix, group_from_points
    from toolkit.library.matrices import group_from_matrices
    from toolkit.library.tasks import in_thread

__all__ = [
    "Group",
    "Session",
    "default_session",
    "group",
    "group_from_cayley_table",
    "group_from_graph",
    "group_from_matrices",
    "group_from_matrix",
    "group_from_permutations",
    "group_from_points",
    "in_thread",
]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "drawings": "group_from_graph group_from_matrix group_from_points",
        "matrices": "group_from_matrices",
        "tasks": "in_thread",
    },
)
