"""Look up the group, the module and the activation that a user names."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from toolkit.errors import QueryError
from toolkit.text import listed

if TYPE_CHECKING:
    from toolkit.catalog.query.engine import OpenCatalog
    from toolkit.library.group import Group


def canonical_group(catalog: OpenCatalog, group: str | Group) -> str:
    """Return the name that a group has in the catalog.

    Parameters
    ----------
    catalog
        An open catalog.
    group
        A group, or a name; see the project's README for the names.

    Raises
    ------
    QueryError
        If it is not in the catalog.
    NamingError
        If the text is not the name of a group.

    Notes
    -----
    A name that the catalog does not have is looked up by the number of its group in the small
    groups library, which may start GAP.
    """
    text = group if isinstance(group, str) else group.name
    name = text.strip().replace(" ", "") if "SmallGroup" in text else text.strip()
    if _is_there(catalog, name):
        return name
    from toolkit.library.naming import group as group_of_name

    found = group_of_name(text) if isinstance(group, str) else group
    if found.name != name and _is_there(catalog, found.name):
        return found.name
    number = found.small_group_id
    if number is not None:
        other = f"SmallGroup({number[0]},{number[1]})"
        if _is_there(catalog, other):
            return other
    raise QueryError(
        text,
        None,
        f"{found.name} is not in the catalog {catalog.folder}",
        "plrep sweep makes a catalog of the groups you name",
    )


def _is_there(catalog: OpenCatalog, name: str) -> bool:
    return bool(len(catalog.ask('SELECT 1 AS found FROM groups WHERE "group" = ? LIMIT 1', [name])))


def stored_activation(catalog: OpenCatalog, activation: str) -> str:
    """Return the name that an activation has in the catalog.

    Raises
    ------
    QueryError
        If the catalog has no graphs for it; the message lists the activations that it has.
    """
    known = catalog.ask("SELECT DISTINCT activation FROM graphs ORDER BY 1").column("activation")
    if activation in known:
        return activation
    close = difflib.get_close_matches(str(activation), known, 1)
    raise QueryError(
        str(activation),
        None,
        f"the catalog has graphs for {', '.join(known) or 'no activation'}",
        f"did you mean {close[0]}?" if close else "tk.interaction_graph takes every activation",
    )


def require_module(catalog: OpenCatalog, name: str, module: str) -> int:
    """Check that the catalog has this module of a group, and return the order of the group.

    Raises
    ------
    QueryError
        If not; the message lists the modules that it has.
    """
    found = catalog.ask('SELECT module, "order" FROM modules WHERE "group" = ?', [name])
    known = found.column("module")
    if module not in known:
        shown = listed(known, 20)
        raise QueryError(str(module), None, f"the catalog has of {name} the modules {shown}")
    return int(found[0]["order"])
