"""Look up the group, the module and the activation that a user names."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from toolkit.catalog.plan import text_of_orders
from toolkit.catalog.schema import LARGEST_INTEGER
from toolkit.errors import QueryError
from toolkit.text import listed, shortened

_OF_ORDER = (
    'SELECT "group", abelian, simple, classes, abelian_invariants FROM groups '
    'WHERE "order" = ? AND number IS NULL'
)
#: Below it simple groups of one order differ in their numbers of classes: there are two only of
#: order 20160; the next pair is B3(3), C3(3).
_SIMPLE_BY_CLASSES = 4585351680

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
        A group, or a name; the documentation lists the names.

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
    if not isinstance(group, str) and not hasattr(group, "small_group_id"):
        required = "a group or its name is required, such as 'S4'"
        raise QueryError(f"{group!r:.60}", None, f"{required}, found {type(group).__name__}")
    text = group if isinstance(group, str) else group.name
    exact = text.strip()
    found, number = _identified(group, text)
    rows = []
    if number is not None:
        rows = catalog.ask(
            'SELECT "group" FROM groups WHERE "order" = ? AND number = ?', list(number)
        ).column("group")
    else:
        rows = _same_by_invariants(catalog, found)
    typed = [name for name in (exact, found.name) if name in rows or _is_there(catalog, name)]
    if names := list(dict.fromkeys([*typed, *rows])):
        return names
    raise QueryError(
        text,
        None,
        f"{found.name} is not in the catalog {catalog.folder}, {_extent(catalog)}"
        + _compared_by_name(catalog, found, number),
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


def _same_by_invariants(catalog: OpenCatalog, found: Group) -> list[str]:
    """Return the names of groups without a number that invariants show to be this one.

    Abelian groups are told apart by their invariants, simple ones of order below
    :data:`_SIMPLE_BY_CLASSES` by order and number of classes.
    """
    if found.order > LARGEST_INTEGER:
        return []
    rows = catalog.ask(_OF_ORDER, [found.order])
    if not len(rows):
        return []
    facts = found.facts
    invariants = [str(n) for n in facts.abelian_invariants]
    same = []
    for row in rows:
        if row["abelian"] and facts.abelian:
            alike = row["abelian_invariants"] == invariants
        elif row["simple"] and facts.simple and found.order < _SIMPLE_BY_CLASSES:
            alike = row["classes"] is not None and row["classes"] == _class_count(found)
        else:
            alike = False
        if alike:
            same.append(str(row["group"]))
    return same


def _class_count(group: Group) -> int | None:
    return len(group.character_table) if group.has_table else group.facts.classes


def _compared_by_name(catalog: OpenCatalog, found: Group, number: tuple[int, int] | None) -> str:
    """Say that a group of this order may be the requested one; nothing if none can."""
    if number is not None or found.order > LARGEST_INTEGER:
        return ""
    facts = found.facts
    names = [
        str(row["group"])
        for row in catalog.ask(_OF_ORDER, [found.order])
        if (row["abelian"], row["simple"]) == (facts.abelian, facts.simple)
        and (not facts.abelian and not (facts.simple and found.order < _SIMPLE_BY_CLASSES))
        and row["abelian_invariants"] == [str(n) for n in facts.abelian_invariants]
    ]
    if not names:
        return ""
    return (
        f" under this name; groups without a small group number are compared by name, and it has "
        f"of this order {listed(names, 5)}"
    )


def _extent(catalog: OpenCatalog) -> str:
    rows = catalog.ask('SELECT DISTINCT "order" FROM groups WHERE "order" IS NOT NULL ORDER BY 1')
    if not rows:
        return "which has no groups"
    return f"which has groups of the orders {shortened(text_of_orders(rows.column('order')))}"


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


def require_known_module(catalog: OpenCatalog, module: object) -> None:
    """Check that some group of the catalog has a module of this name.

    Raises
    ------
    QueryError
        If none has.
    """
    query = "SELECT 1 AS found FROM modules WHERE module = ? LIMIT 1"
    if not isinstance(module, str) or not len(catalog.ask(query, [module])):
        raise QueryError(
            f"{module!r:.60}",
            None,
            "no group of the catalog has this module",
            "'regular', or the label of a class of subgroups such as 'H2a', is required",
        )


def require_module(catalog: OpenCatalog, name: str, module: str) -> int:
    """Check that the catalog has this module of a group, and return the order of the group.

    Raises
    ------
    QueryError
        If it does not; the message lists the modules that it has.
    """
    found = catalog.ask('SELECT module, "order" FROM modules WHERE "group" = ?', [name])
    known = found.column("module")
    if module not in known:
        shown = listed(known, 20)
        raise QueryError(str(module), None, f"for {name} the catalog has the modules {shown}")
    return int(found[0]["order"])
