"""Records: everything that the page in the browser shows about a group, as one JSON object."""

from typing import TYPE_CHECKING

from toolkit.lazy import lazy_face

if TYPE_CHECKING:
    from toolkit.explorer.record.edges import Edge, Parts, edges_of
    from toolkit.explorer.record.group import group_record
    from toolkit.explorer.record.modules import module_record

__all__ = ["Edge", "Parts", "edges_of", "group_record", "module_record"]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "group": "group_record",
        "modules": "module_record",
        "edges": "Edge Parts edges_of",
    },
)
