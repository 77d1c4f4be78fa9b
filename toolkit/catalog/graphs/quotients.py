"""The quotient maps between all groups of a catalog, as one graph."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from toolkit.catalog.query.find import condition_sql
from toolkit.catalog.query.names import names_of_column

if TYPE_CHECKING:
    import networkx as nx

    from toolkit.catalog.query.engine import OpenCatalog

_FACTS = ("order", "number", "description", "abelian", "nilpotent", "solvable", "simples")


def quotient_graph(
    catalog: OpenCatalog, condition: str | None = None, activation: str | None = None
) -> nx.DiGraph[str]:
    r"""Return the groups with an arrow from G to G/N for each minimal normal subgroup N.

    Parameters
    ----------
    catalog
        An open catalog.
    condition
        A condition on groups, as for ``find``; ``None`` for all groups.
    activation
        If given, each group also gets the number of the isomorphism class of the interaction
        graph of its regular module.

    Returns
    -------
    networkx.DiGraph
        Nodes are names of groups with ``order``, ``number``, ``description``, ``abelian``,
        ``nilpotent``, ``solvable``, ``simples``, where they are known (and ``graph_class``, the
        position in
        :meth:`~toolkit.catalog.catalog.Catalog.graph_classes` of the same condition). Edges have
        ``kernel_order`` = \|N\| and ``kernels``, the number of such N.

    Raises
    ------
    QueryError
        If the condition or the activation cannot be used.

    Notes
    -----
    Exact. H is a quotient of G exactly if a path goes from G to H in the graph of all groups: every
    proper quotient map factors through one by a minimal normal subgroup. A condition can remove
    groups in between, and with them paths. Arrows go to groups of smaller order: no cycles.
    """
    import networkx as nx

    where, parameters = condition_sql("groups", condition, partial(names_of_column, catalog))
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.graph.update(
        (k, v) for k, v in (("condition", condition), ("activation", activation)) if v
    )
    columns = ", ".join(f't."{name}"' for name in _FACTS)
    for row in catalog.ask(
        f'SELECT t."group", {columns} FROM groups AS t WHERE {where} '
        'ORDER BY t."order", t.number, t."group"',
        parameters,
    ):
        graph.add_node(row.pop("group"), **{k: v for k, v in row.items() if v is not None})
    for row in catalog.ask(
        f'WITH chosen AS (SELECT t."group" FROM groups AS t WHERE {where}) '
        'SELECT "group", quotient, kernels, kernel_order FROM quotients '
        'WHERE "group" IN (FROM chosen) AND quotient IN (FROM chosen) '
        'ORDER BY "order", "group", quotient',
        parameters,
    ):
        graph.add_edge(row.pop("group"), row.pop("quotient"), **row)
    if activation is not None:
        _add_classes(catalog, graph, condition, activation)
    return graph


def _add_classes(
    catalog: OpenCatalog, graph: nx.DiGraph[str], condition: str | None, activation: str
) -> None:
    from toolkit.catalog.graphs.classes import graph_classes

    classes = graph_classes(catalog, activation, "regular", condition, of="groups")
    for number, found in enumerate(classes):
        for group in found.groups:
            graph.nodes[group]["graph_class"] = number
