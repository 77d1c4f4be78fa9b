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
    return catalog_names(catalog, group)[0]


def catalog_names(catalog: OpenCatalog, group: str | Group) -> list[str]:
    """Return every name that a group has in the catalog; most have one.

    Raises
    ------
    QueryError
        If it is not in the catalog.
    NamingError
        If the text is not the name of a group.
    """
    text = group if isinstance(group, str) else group.name
    exact = text.strip()
    found, number = _identified(group, text)
    rows = []
    if number is not None:
        rows = catalog.ask(
            'SELECT "group" FROM groups WHERE "order" = ? AND number = ?', list(number)
        ).column("group")
    typed = [name for name in (exact, found.name) if name in rows or _is_there(catalog, name)]
    if names := list(dict.fromkeys([*typed, *rows])):
        return names
    raise QueryError(
        text,
        None,
        f"{found.name} is not in the catalog {catalog.folder}, {_extent(catalog)}",
        "plrep sweep makes a catalog of the groups you name",
    )


def names_of_column(catalog: OpenCatalog, column: str, text: str) -> list[str]:
    """Return the names that a column of groups may have for the group that a text names.

    Raises
    ------
    QueryError
        If the column is that of the catalog's own groups and the group is not among them.
    NamingError
        If the text is not the name of a group.
    """
    return catalog_names(catalog, text) if column == "group" else spellings(text)


def spellings(group: str) -> list[str]:
    """Return the names that a catalog may use for a group: its own, and the library's."""
    found, number = _identified(group, group)
    names = [found.name]
    if number is not None:
        names.append(f"SmallGroup({number[0]},{number[1]})")
    return list(dict.fromkeys(names))


def _identified(group: str | Group, text: str) -> tuple[Group, tuple[int, int] | None]:
    """Return a group, and its number in the small groups library, without GAP where possible."""
    from toolkit.groups.names.descriptions import small_group_number
    from toolkit.library.naming import group as group_of_name

    found = group_of_name(text) if isinstance(group, str) else group
    return found, small_group_number(found.spec) or found.small_group_id


def _extent(catalog: OpenCatalog) -> str:
    row = catalog.ask('SELECT min("order") AS least, max("order") AS most FROM groups')[0]
    return f"which has groups of order {row['least']} to {row['most']}"


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
