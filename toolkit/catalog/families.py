"""Families of groups side by side: how graphs and shares grow with the order."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from toolkit.catalog.catalog_names import stored_activation
from toolkit.catalog.find_language_sql import condition_sql
from toolkit.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from toolkit.catalog.catalog import Catalog
    from toolkit.catalog.results import Rows

__all__ = ["FAMILIES", "families"]

#: Families with a name, as conditions on groups. Descriptions are read only where they decide: GAP
#: writes a dihedral, a quaternion or a semidihedral group that is no product in this one way.
FAMILIES = {
    "cyclic": "exponent == order and abelian",
    "abelian": "abelian",
    "elementary abelian": "abelian and exponent in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)",
    "dihedral": "description glob 'D[0-9]*' and not description like '% %' "
    "or group in ('SmallGroup(4,2)', 'SmallGroup(6,1)')",
    "quaternion": "description glob 'Q[0-9]*' and not description like '% %'",
    "semidihedral": "description glob 'QD[0-9]*' and not description like '% %'",
    "perfect": "perfect and order > 1",
    "not solvable": "not solvable",
}

_SQL = """
SELECT ? AS family, t."order", t."group", t.description, x.nodes, x.edges,
    x.edges / (x.nodes * x.nodes) AS density, x.sinks, x.nontrivial_sinks, x.longest_path,
    x.self_share_mean, x.self_share_least, x.trivial_share_mean, x.largest_leak
FROM groups AS t JOIN graphs AS x USING ("group")
WHERE {where} AND x.activation = ? AND x.module = ?
"""


def families(
    catalog: Catalog,
    families: Sequence[str] | Mapping[str, str] = ("cyclic", "dihedral", "quaternion"),
    activation: str = "relu",
    module: str = "regular",
) -> Rows:
    """Return the graphs of families of groups, one below the other.

    Parameters
    ----------
    catalog
        An open catalog.
    families
        Names out of :data:`FAMILIES`, or a dictionary of names with conditions on groups.
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
    chosen = _conditions(families)
    parts, parameters = [], []
    for family, condition in chosen.items():
        where, values = condition_sql("groups", condition)
        parts.append(_SQL.format(where=where))
        parameters += [family, *values, name, module]
    cases = " ".join(f"WHEN ? THEN {i}" for i in range(len(chosen)))
    sql = " UNION ALL ".join(parts)
    return catalog.ask(
        f'SELECT * FROM ({sql}) ORDER BY CASE family {cases} END, "order", "group"',
        [*parameters, *chosen],
    )


def _conditions(families: Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    if isinstance(families, str):
        families = [families]
    if not families:
        raise QueryError("", None, "at least one family is required")
    if not isinstance(families, (list, tuple)) and hasattr(families, "items"):
        return dict(families.items())
    out = {}
    for family in families:
        if family not in FAMILIES:
            close = difflib.get_close_matches(str(family), FAMILIES, 1)
            raise QueryError(
                str(family),
                None,
                f"the families with a name are {', '.join(FAMILIES)}",
                f"did you mean {close[0]}?" if close else "others are given as {name: condition}",
            )
        out[family] = FAMILIES[family]
    return out
