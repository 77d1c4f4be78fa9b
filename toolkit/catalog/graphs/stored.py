"""One interaction graph, rebuilt from the rows of a catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.catalog.query.names import canonical_group, require_module, stored_activation
from toolkit.catalog.rows.graph import SHARE_DECIMALS
from toolkit.pl.activations.activation import find_activation
from toolkit.pl.interactions.graph import GRAPH_SCHEMA
from toolkit.text import join_names

if TYPE_CHECKING:
    import networkx as nx

    from toolkit.catalog.query.engine import OpenCatalog
    from toolkit.library.group import Group

# conditions on the order let DuckDB skip most of each file, whose rows are sorted by it
_NODES = """
SELECT label, dimension, type, multiplicity, action_order, kernel_order
FROM contents JOIN simples USING ("group", label)
WHERE contents."order" = ? AND simples."order" = ? AND "group" = ? AND module = ?
ORDER BY CAST(label[2:] AS INTEGER)
"""
_EDGES = """
SELECT source, target, parts, reach, reach_of, share FROM edges
WHERE "order" = ? AND "group" = ? AND module = ? AND activation = ?
ORDER BY CAST(source[2:] AS INTEGER), CAST(target[2:] AS INTEGER)
"""


def catalog_graph(
    catalog: OpenCatalog, group: str | Group, module: str = "regular", activation: str = "relu"
) -> nx.DiGraph[str]:
    """Return the interaction graph of a module under an activation.

    Parameters
    ----------
    catalog
        An open catalog.
    group
        The group, or a name of it.
    module
        ``"regular"``, or the label of a class of subgroups such as ``"H4a"``.
    activation
        An activation of the catalog.

    Returns
    -------
    networkx.DiGraph
        The same nodes, edges and attributes, in the same order, as
        :func:`toolkit.interaction_graph` gives for the module of the small group, without bias;
        shares are rounded, so ``share_error`` is larger.

    Raises
    ------
    QueryError
        If the group, the module or the activation is not in the catalog.

    Notes
    -----
    About 20 ms. Everything but the shares is exact.
    """
    import networkx as nx

    name = canonical_group(catalog, group)
    activation = stored_activation(catalog, activation)
    order = require_module(catalog, name, module)
    graph: nx.DiGraph[str] = nx.DiGraph(
        group=name,
        module="regular module" if module == "regular" else f"cosets of {module}",
        activation=activation,
        bias=False,
        schema=GRAPH_SCHEMA,
        activation_parts=find_activation(activation).parts_are,
        shares="expected",
        share_error=10.0 ** (1 - SHARE_DECIMALS),
    )
    for row in catalog.ask(_NODES, [order, order, name, module]):
        graph.add_node(row.pop("label"), **row)
    for row in catalog.ask(_EDGES, [order, name, module, activation]):
        parts = join_names(row.pop("parts").split("+"))
        graph.add_edge(row.pop("source"), row.pop("target"), parts=parts, **row)
    return graph
