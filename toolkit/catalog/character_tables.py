"""Groups of a catalog with the same character table, and the values of characters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING

from toolkit.catalog.query.connection import require_flags
from toolkit.catalog.query.find import condition_sql
from toolkit.catalog.query.names import canonical_group, names_of_column
from toolkit.errors import InconsistentAnswerError, QueryError
from toolkit.groups.table_hashes import powered_table_hash
from toolkit.library.naming import group as named_group
from toolkit.library.session import session_or_default

if TYPE_CHECKING:
    from toolkit.catalog.query.engine import OpenCatalog
    from toolkit.exact.cyclotomic import Number
    from toolkit.groups.character_table import CharacterTable
    from toolkit.library.group import Group
    from toolkit.library.session import Session


@dataclass(frozen=True)
class TableClass:
    """Groups of a catalog with the same character table.

    Parameters
    ----------
    table_hash
        Their hash: the column ``table_hash``, or ``powered_table_hash`` with power maps.
    order, classes
        Order of the groups, and number of their conjugacy classes.
    groups
        Their names, in the catalog's order.
    compared
        Whether their tables were compared, value by value; otherwise only their hashes agree.
    """

    table_hash: str
    order: int
    classes: int
    groups: tuple[str, ...]
    compared: bool


def table_classes(
    catalog: OpenCatalog,
    power_maps: bool = False,
    condition: str | None = None,
    *,
    compare: bool = False,
    session: Session | None = None,
) -> list[TableClass]:
    """Return the groups classified by character table, up to the order of rows and columns.

    Parameters
    ----------
    catalog
        An open catalog.
    power_maps
        Whether element orders and power maps are part of the tables.
    condition
        A condition on the table groups, as for ``find``: ``"order <= 60"``.
    compare
        Whether tables with the same hash are compared, value by value. The tables come from stored
        answers or from GAP: about 50 ms for each group that shares its hash.
    session
        Session with the stored answers and GAP; ``None`` for the default one.

    Returns
    -------
    list of TableClass
        The largest class first, equal sizes by their first groups.

    Raises
    ------
    ConfigError
        If ``power_maps`` or ``compare`` is not a bool, or ``session`` no session.
    QueryError
        If the condition cannot be read, or groups have no hash: they were swept before hashes were
        introduced.

    Notes
    -----
    Groups in different classes have different tables, always. For groups in one class:

    * with ``compare`` the tables are equal, exactly;
    * without it, and with power maps, they are equal unless two of 2^96 hashes coincide;
    * without either, colour refinement does not tell them apart. Most are equal: 60 groups of
      order 256 drawn at random have 58 tables and 57 hashes.

    Examples
    --------
    >>> import toolkit as tk
    >>> [c.groups for c in tk.catalog.open().table_classes(condition="order = 8")[:1]]
    [('SmallGroup(8,3)', 'SmallGroup(8,4)')]
    """
    require_flags(power_maps=power_maps, compare=compare)
    if compare or session is not None:
        session = session_or_default(session)
    column = "powered_table_hash" if power_maps else "table_hash"
    where, parameters = condition_sql("groups", condition, partial(names_of_column, catalog))
    rows = catalog.ask(
        f'SELECT t.{column} AS hash, t."group", t."order", t.classes FROM groups AS t '
        f'WHERE {where} ORDER BY t."order", t.number, t."group"',
        parameters,
    )
    of_hash: dict[tuple[str, int, int], list[str]] = {}
    for row in rows:
        if row["hash"] is None:
            raise QueryError(
                column,
                None,
                f"{row['group']} has no hash of its character table in {catalog.folder}",
                "sweep again with this toolkit: plrep sweep",
            )
        of_hash.setdefault((row["hash"], row["order"], row["classes"]), []).append(row["group"])
    found = []
    for (text, order, classes), groups in of_hash.items():
        parts = _equal(groups, power_maps, session) if compare else [groups]
        found += [TableClass(text, order, classes, tuple(part), compare) for part in parts]
    return sorted(found, key=lambda c: -len(c.groups))


def _equal(groups: list[str], power_maps: bool, session: Session | None) -> list[list[str]]:
    """Return groups by their tables, compared exactly."""
    if len(groups) == 1:
        return [groups]
    parts: list[tuple[CharacterTable, list[str]]] = []
    for name in groups:
        table = named_group(name, session=session).character_table
        for other, part in parts:
            if table.is_equivalent(other, power_maps=power_maps):
                part.append(name)
                break
        else:
            parts.append((table, [name]))
    return [part for _, part in parts]


def brauer_pairs(
    catalog: OpenCatalog,
    condition: str | None = None,
    *,
    compare: bool = True,
    session: Session | None = None,
) -> list[tuple[str, str]]:
    """Return the pairs of groups that are not isomorphic and have equal tables and power maps.

    Parameters
    ----------
    catalog
        An open catalog.
    condition
        A condition on the table groups: ``"order = 256"``.
    compare
        Whether the tables are compared, as :func:`table_classes` does; else the hashes decide.
    session
        Session with the stored answers and GAP; ``None`` for the default one.

    Returns
    -------
    list of tuple
        Names, in the catalog's order. Of k groups with one table there are k (k - 1) / 2 pairs. A
        group that the catalog has under several names counts once, under the first of them.

    Raises
    ------
    ConfigError, QueryError
        As for :func:`table_classes`.

    Notes
    -----
    Dade (1964) found the first, of order p^7 for primes p > 3. Groups without a number in the
    small groups library are left out: two of them may be isomorphic.

    Examples
    --------
    >>> import toolkit as tk
    >>> tk.catalog.open().brauer_pairs()
    []
    """
    found = table_classes(catalog, True, condition, compare=compare, session=session)
    rows = catalog.ask('SELECT "group", "order", number FROM groups WHERE number > 0')
    number = {row["group"]: (row["order"], row["number"]) for row in rows}
    pairs: list[tuple[str, str]] = []
    for one in found:
        first = {number[name]: name for name in reversed(one.groups) if name in number}
        pairs += combinations((name for name in one.groups if name in first.values()), 2)
    return pairs


def character_values(
    catalog: OpenCatalog, group: str | Group, *, session: Session | None = None
) -> tuple[tuple[Number, ...], ...]:
    """Return the values of the complex irreducible characters of a group of a catalog.

    Parameters
    ----------
    catalog
        An open catalog.
    group
        The group, or a name of it.
    session
        Session with the stored answers and GAP; ``None`` for the default one.

    Returns
    -------
    tuple of tuple
        Row i: the character X<i>, its value on each class of the table ``classes``. Integers, or
        :class:`~toolkit.exact.Cyclotomic` numbers. Exact.

    Raises
    ------
    QueryError
        If the group is not in the catalog.
    InconsistentAnswerError
        If the hash of the table differs from that in the catalog.

    Notes
    -----
    The catalog has no values, only facts about them: ``conductor`` and ``field_degree`` of groups
    and simples, ``rational``, ``real``, hashes of tables. Stored answers or GAP give the table.

    Examples
    --------
    >>> import toolkit as tk
    >>> tk.catalog.open().character_values("S3")
    ((1, 1, 1), (1, -1, 1), (2, 0, -1))
    """
    name = canonical_group(catalog, group)
    table = named_group(name, session=session).character_table
    kept = catalog.rows_of_name(name, "groups")[0]["powered_table_hash"]
    if kept is not None and kept != (own := powered_table_hash(table)):
        raise InconsistentAnswerError(name, f"a character table with the hash {kept}", str(own))
    return tuple(character.values for character in table)
