"""One interaction graph, rebuilt from the rows of a catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.catalog.query.names import canonical_group, require_module, stored_activation
from toolkit.catalog.query.results import Rows
from toolkit.catalog.rows.graph import SHARE_DECIMALS
from toolkit.pl.activations.activation import find_activation
from toolkit.pl.interactions.graph import GRAPH_SCHEMA
from toolkit.text import join_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    import networkx as nx

    from toolkit.catalog.query.engine import OpenCatalog
    from toolkit.library.group import Group

_NODE = ("dimension", "type", "multiplicity", "action_order", "kernel_order")
_EDGE = ("source", "target", "parts", "reach", "reach_of", "share")


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
    Everything but the shares is exact.
    """
    import networkx as nx

    name = canonical_group(catalog, group)
    activation = stored_activation(catalog, activation)
    require_module(catalog, name, module)
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
    simples = {row["label"]: row for row in catalog.rows_of_name(name, "simples")}
    for row in _rows(catalog, "contents", {"group": name, "module": module}):
        row = simples[row["label"]] | row
        graph.add_node(row["label"], **{key: row[key] for key in _NODE})
    chosen = {"group": name, "module": module, "activation": activation}
    for row in _rows(catalog, "edges", chosen):
        source, target, parts, *numbers = (row[key] for key in _EDGE)
        attributes = dict(zip(_EDGE[3:], numbers, strict=True))
        graph.add_edge(source, target, parts=join_names(parts.split("+")), **attributes)
    return graph


def _rows(catalog: OpenCatalog, table: str, values: Mapping[str, str]) -> Rows:
    """Return the rows of a group with these values, in the order of the table: by labels."""
    import pyarrow.compute

    pc: Any = pyarrow.compute
    found = catalog.rows_of_name(values["group"], table).to_arrow()
    for name, value in values.items():
        found = found.filter(pc.equal(found.column(name), value))
    return Rows(found)
