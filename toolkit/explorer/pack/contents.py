"""Which groups the page has records of, and how the record of each is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.catalog.verify.counts import GROUPS_OF_ORDER
from toolkit.explorer.record.group import group_record
from toolkit.library.naming import group

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.library.session import Session

#: The largest order of which all groups have a record.
LARGEST_ORDER = 255
#: The largest order of which records hold the whole page about a group, and all modules G/H.
LARGEST_WHOLE = 63

#: Names of groups that get records beside those with bundled answers.
EXTRA_NAMES = (
    *(f"C{n}" for n in range(65, 129)), *(f"D{2 * n}" for n in range(33, 65)),
    "A7", "S7", "M11", "M12", "PSL(2,8)", "PSL(2,11)", "C2 wr S4", "S4 wr C2", "W(H3)", "W(F4)",
)  # fmt: skip


def catalog_names(first: int = 1, last: int = LARGEST_ORDER) -> list[str]:
    """Return the names of all groups of some orders, in the order of the catalog.

    Examples
    --------
    >>> catalog_names(5, 6), len(catalog_names())
    (['SmallGroup(5,1)', 'SmallGroup(6,1)', 'SmallGroup(6,2)'], 7012)
    """
    return [
        f"SmallGroup({order},{number})"
        for order in range(first, last + 1)
        for number in range(1, GROUPS_OF_ORDER[order] + 1)
    ]


def is_named(name: str, session: Session | None = None) -> bool:
    """Whether a group gets a record under its name, beside that of the catalog.

    Those do that are no group of the catalog, or whose name brings an action.

    Examples
    --------
    >>> is_named("S4"), is_named("M11"), is_named("Q8")
    (True, True, False)
    """
    G = group(name, session=session)
    if G.is_table_only or G.facts.points:
        return True
    return G.facts.id is None or G.facts.id[0] > LARGEST_ORDER


def named_groups(names: Iterable[str], session: Session | None = None) -> list[str]:
    """Return the canonical names of the groups among these with a record of their own."""
    found = (group(name, session=session).name for name in names if is_named(name, session))
    return list(dict.fromkeys(name for name in found if not name.startswith("SmallGroup(")))


def record_of(name: str, session: Session | None = None) -> dict[str, Any]:
    """Return the record of a group of the page.

    Parameters
    ----------
    name
        Its canonical name.
    session
        The store and the GAP to use.

    Notes
    -----
    Up to order 63, and for a group with a record under its name, all that ``plrep query`` shows;
    for the others what needs no long question to GAP.
    """
    G = group(name, session=session)
    whole_page = G.order <= LARGEST_WHOLE or not name.startswith("SmallGroup(")
    return group_record(G, whole_page=whole_page)
