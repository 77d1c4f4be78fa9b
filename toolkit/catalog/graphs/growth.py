"""Families of groups: how graphs and shares grow with the order."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from toolkit.catalog.query.find import condition_sql
from toolkit.catalog.query.names import names_of_column, require_known_module, stored_activation
from toolkit.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from toolkit.catalog.query.engine import OpenCatalog
    from toolkit.catalog.query.find import NamesOf
    from toolkit.catalog.query.results import Rows

#: Named families, each as an exact condition on a group of order n and its classes: ``largest`` and
#: ``least`` are the extreme orders of elements other than 1, ``involutions`` their number.
FAMILIES = {
    "cyclic": "largest = n",
    "abelian": "abelian",
    "elementary abelian": "abelian AND least = largest",
    # all elements outside a cyclic subgroup of half the order are involutions
    "dihedral": "2 * largest = n AND involutions = n // 2 + CASE n % 4 WHEN 0 THEN 1 ELSE 0 END",
    # a 2-group with one involution is cyclic or generalised quaternion
    "quaternion": "n & (n - 1) = 0 AND NOT abelian AND involutions = 1",
    # 2-groups with a cyclic subgroup of index 2 are told apart by their involutions
    "semidihedral": "n & (n - 1) = 0 AND n >= 16 AND 2 * largest = n AND involutions = n // 4 + 1",
    "perfect": "perfect AND n > 1",
    "not solvable": "NOT solvable",
}

_SQL = """
SELECT ? AS family, t."order", t."group", t.description, x.nodes, x.edges,
    x.edges / (x.nodes * x.nodes) AS density, x.sinks, x.nontrivial_sinks, x.longest_path,
    x.self_share_mean, x.self_share_least, x.trivial_share_mean, x.largest_leak
FROM {groups} AS t JOIN graphs AS x USING ("group")
WHERE {where} AND x.activation = ? AND x.module = ?
"""

_WITH_ORDERS = """(
SELECT groups.*, groups."order" AS n, largest, least, involutions FROM groups JOIN (
    SELECT "group", max(element_order) AS largest,
        min(element_order) FILTER (element_order > 1) AS least,
        coalesce(sum(size) FILTER (element_order = 2), 0) AS involutions
    FROM classes GROUP BY "group"
) USING ("group"))"""


def families(
    catalog: OpenCatalog,
    families: Sequence[str] | Mapping[str, str] = ("cyclic", "dihedral", "quaternion"),
    activation: str = "relu",
    module: str = "regular",
) -> Rows:
    """Return the graphs of families of groups, one row per group.

    Parameters
    ----------
    catalog
        An open catalog.
    families
        Names from :data:`FAMILIES`, or a dictionary of names with conditions on groups.
    activation, module
        Which graphs.

    Returns
    -------
    Rows
        A row per group, by family and order: ``family``, ``order``, ``group``, ``description``,
        ``nodes``, ``edges``, ``density`` (edges over nodes squared), ``sinks``,
        ``nontrivial_sinks``, ``longest_path``, ``self_share_mean``, ``self_share_least``,
        ``trivial_share_mean``, ``largest_leak``.

    Raises
    ------
    QueryError
        If a family, a condition or the activation cannot be used.

    Examples
    --------
    >>> import toolkit as tk
    >>> rows = tk.catalog.open().families(["cyclic", "quaternion"])
    >>> [(r["description"], r["nodes"], r["edges"]) for r in rows if r["order"] in (8, 16)]
    [('C8', 5, 14), ('C16', 9, 38), ('Q8', 5, 12), ('Q16', 7, 24)]
    """
    name = stored_activation(catalog, activation)
    require_known_module(catalog, module)
    chosen = _conditions(families, partial(names_of_column, catalog))
    parts: list[str] = []
    parameters: list[object] = []
    for family, (source, where, values) in chosen.items():
        parts.append(_SQL.format(groups=source, where=where))
        parameters += [family, *values, name, module]
    cases = " ".join(f"WHEN ? THEN {i}" for i in range(len(chosen)))
    sql = " UNION ALL ".join(parts)
    return catalog.ask(
        f'SELECT * FROM ({sql}) ORDER BY CASE family {cases} END, "order", "group"',
        [*parameters, *chosen],
    )


def _conditions(
    families: Sequence[str] | Mapping[str, str],
    names_of: NamesOf,
) -> dict[str, tuple[str, str, list[object]]]:
    """Return, per family, the relation of groups, the condition in SQL, and its values."""
    if isinstance(families, str):
        families = [families]
    if not isinstance(families, Iterable):
        raise QueryError(f"{families!r:.60}", None, "a list of names of families is required")
    if not families:
        raise QueryError("", None, "at least one family is required")
    if not isinstance(families, (list, tuple)) and hasattr(families, "items"):
        found = {name: condition_sql("groups", text, names_of) for name, text in families.items()}
        return {name: ("groups", where, list(values)) for name, (where, values) in found.items()}
    out: dict[str, tuple[str, str, list[object]]] = {}
    for family in families:
        if family not in FAMILIES:
            close = difflib.get_close_matches(str(family), FAMILIES, 1)
            raise QueryError(
                str(family),
                None,
                f"the named families are {', '.join(FAMILIES)}",
                f"did you mean {close[0]}?" if close else "others are given as {name: condition}",
            )
        out[family] = (_WITH_ORDERS, f"({FAMILIES[family]})", [])
    return out
