"""Isomorphism classes of interaction graphs, decided exactly, and the groups in each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal, overload

from toolkit.catalog.query.find import condition_sql
from toolkit.catalog.query.names import (
    canonical_group,
    names_of_column,
    require_known_module,
    require_module,
    stored_activation,
)
from toolkit.catalog.query.results import Rows

if TYPE_CHECKING:
    import networkx as nx

    from toolkit.catalog.query.engine import OpenCatalog
    from toolkit.library.group import Group


@dataclass(frozen=True)
class GraphClass:
    """An interaction graph up to isomorphism of directed graphs, and where it occurs.

    Parameters
    ----------
    graph_hash
        Its hash; different classes may share a hash.
    nodes, edges
        Numbers of simples and of edges, loops included.
    members
        Pairs (group, module), in the catalog's order.
    """

    graph_hash: str
    nodes: int
    edges: int
    members: tuple[tuple[str, str], ...]

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups, each once."""
        return tuple(dict.fromkeys(group for group, _ in self.members))


class GraphClasses(Sequence[GraphClass]):
    """Classes of graphs, the largest first, equal sizes by their first members.

    Parameters
    ----------
    activation
        The activation.
    classes
        The classes, in this order.
    """

    def __init__(self, activation: str, classes: Sequence[GraphClass]) -> None:
        self.activation = activation
        self._classes = tuple(classes)
        self._place = {m: i for i, c in enumerate(self._classes) for m in c.members}

    def __len__(self) -> int:
        return len(self._classes)

    @overload
    def __getitem__(self, index: int) -> GraphClass: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[GraphClass]: ...
    def __getitem__(self, index: int | slice) -> GraphClass | Sequence[GraphClass]:
        return self._classes[index]

    def __iter__(self) -> Iterator[GraphClass]:
        return iter(self._classes)

    def __repr__(self) -> str:
        members = sum(len(c.members) for c in self._classes)
        return f"GraphClasses({len(self)} graphs of {members} modules under {self.activation})"

    def of(self, group: str, module: str = "regular") -> GraphClass:
        """Return the class of a module.

        Raises
        ------
        KeyError
            If it is not among the modules that were compared.
        """
        if (group, module) not in self._place:
            raise KeyError(f"{module} of {group} is not among the modules that were compared")
        return self._classes[self._place[group, module]]

    def number(self, group: str, module: str = "regular") -> int:
        """Return the position of the class of a module; KeyError as for :meth:`of`."""
        self.of(group, module)
        return self._place[group, module]

    def rows(self) -> Rows:
        """Return a row per class: ``number``, ``nodes``, ``edges``, ``members``, an example."""
        import pyarrow as pa

        return Rows(
            pa.table(
                {
                    "number": pa.array(range(len(self)), pa.int32()),
                    "nodes": pa.array([c.nodes for c in self], pa.int32()),
                    "edges": pa.array([c.edges for c in self], pa.int64()),
                    "members": pa.array([len(c.members) for c in self], pa.int32()),
                    "group": pa.array([c.members[0][0] for c in self], pa.string()),
                    "module": pa.array([c.members[0][1] for c in self], pa.string()),
                    "graph_hash": pa.array([c.graph_hash for c in self], pa.string()),
                }
            )
        )

    def to_networkx(self) -> nx.Graph[str]:
        """Return a graph that joins each group to a node for the class of its interaction graph.

        Nodes have ``kind`` ("group" or "graph"); those of graphs have ``nodes`` and ``edges``; an
        edge has the ``module``. Two groups share a graph exactly if they have a common neighbour.
        """
        import networkx as nx

        graph: nx.Graph[str] = nx.Graph(activation=self.activation)
        for number, found in enumerate(self):
            name = f"graph {number}"
            graph.add_node(name, kind="graph", nodes=found.nodes, edges=found.edges)
            for group, module in found.members:
                graph.add_node(group, kind="group")
                graph.add_edge(name, group, module=module)
        return graph


# the catalog's order: the regular module first, then by the numbers in labels
_ORDER = """
"order", number, "group", module <> 'regular',
CAST('0' || regexp_extract(module, '[0-9]+') AS INTEGER), length(module), module
"""


def graph_classes(
    catalog: OpenCatalog,
    activation: str = "relu",
    module: str | None = "regular",
    condition: str | None = None,
    *,
    of: Literal["graphs", "groups"] = "graphs",
) -> GraphClasses:
    """Return the isomorphism classes of interaction graphs.

    Parameters
    ----------
    catalog
        An open catalog.
    activation
        One of its activations.
    module
        ``"regular"``, the label of a class of subgroups, or ``None`` for all modules.
    condition
        A condition, as for ``find``: ``"order <= 60"``.
    of
        The table that the condition is about; one about graphs can also name columns of groups.

    Raises
    ------
    QueryError
        If the activation or the condition cannot be used.

    Notes
    -----
    Exact: when the catalog was written, graphs with the same hash were compared as directed graphs
    with loops (:mod:`toolkit.catalog.rows.isomorphism`), and the number of the class was stored.
    ``plrep catalog verify`` decides again. Dimensions, types and parts are ignored.
    """
    name = stored_activation(catalog, activation)
    if module is not None:
        require_known_module(catalog, module)
    where, parameters = condition_sql(of, condition, partial(names_of_column, catalog))
    where += " AND activation = ?"
    parameters = (*parameters, name)
    if module is not None:
        where, parameters = where + " AND module = ?", (*parameters, module)
    chosen = _chosen(where, of)
    found = catalog.ask(
        "SELECT graph_class, any_value(graph_hash) AS graph_hash, any_value(nodes) AS nodes, "
        'any_value(edges) AS edges, list("group" ORDER BY place) AS groups, '
        "list(module ORDER BY place) AS modules, min(place) AS first FROM ("
        f"SELECT *, row_number() OVER (ORDER BY {_ORDER}) AS place FROM ({chosen})) "
        "GROUP BY graph_class ORDER BY count(*) DESC, first",
        parameters,
    )
    columns = (found.column(c) for c in ("graph_hash", "nodes", "edges", "groups", "modules"))
    return GraphClasses(
        name,
        [
            GraphClass(graph_hash, nodes, edges, tuple(zip(groups, modules, strict=True)))
            for graph_hash, nodes, edges, groups, modules in zip(*columns, strict=True)
        ],
    )


def _chosen(where: str, of: str) -> str:
    """Return the SQL that selects graphs; in the condition t is the table ``of``, g is groups."""
    graphs, groups = ("t", "g") if of == "graphs" else ("x", "t")
    return (
        f'SELECT {graphs}."group", {graphs}.module, {graphs}.activation, {graphs}.graph_hash, '
        f'{graphs}.graph_class, {graphs}.nodes, {graphs}.edges, {groups}."order", {groups}.number '
        f'FROM graphs AS {graphs} JOIN groups AS {groups} USING ("group") WHERE {where}'
    )


def same_graph(
    catalog: OpenCatalog, group: str | Group, activation: str = "relu", module: str = "regular"
) -> Rows:
    """Return the groups whose interaction graph is isomorphic to that of a given group.

    Parameters
    ----------
    catalog
        An open catalog.
    group
        The group, or a name of it.
    activation, module
        Which of its graphs; other groups are compared by their regular modules if ``module`` is
        ``"regular"``, by all their modules otherwise.

    Returns
    -------
    Rows
        ``group``, ``module``, ``order``, ``description``, in the catalog's order.

    Raises
    ------
    QueryError
        If the group, module or activation is not in the catalog.

    Notes
    -----
    Exact, like :func:`graph_classes`.
    """
    name = canonical_group(catalog, group)
    known = stored_activation(catalog, activation)
    require_module(catalog, name, module)
    own = catalog.ask(
        'SELECT graph_class FROM graphs WHERE "group" = ? AND module = ? AND activation = ?',
        [name, module, known],
    )[0]["graph_class"]
    classes = graph_classes(
        catalog,
        known,
        "regular" if module == "regular" else None,
        f"graph_class = {own}",
    )
    members = classes.of(name, module).members
    return catalog.ask(
        'SELECT g."group", t.module, g."order", g.description FROM '
        "(SELECT unnest(?) AS name, unnest(?) AS module, unnest(?) AS place) AS t "
        'JOIN groups AS g ON g."group" = t.name ORDER BY place',
        [[g for g, _ in members], [m for _, m in members], list(range(len(members)))],
    )


def nontrivial_sinks(
    catalog: OpenCatalog,
    activation: str = "relu",
    module: str = "regular",
    condition: str | None = None,
) -> Rows:
    """Return the non-trivial simples that reach no other simple.

    Parameters
    ----------
    catalog
        An open catalog.
    activation, module
        Which graphs.
    condition
        A condition on the table graphs (and groups).

    Returns
    -------
    Rows
        A row per sink: ``group``, ``order``, ``description``, ``label``, ``dimension``, ``type``,
        ``kernel_order``, ``loop`` (whether it reaches itself).

    Raises
    ------
    QueryError
        If the activation or the condition cannot be used.

    Notes
    -----
    Exact. A simple without edges is a sink too.
    """
    name = stored_activation(catalog, activation)
    require_known_module(catalog, module)
    where, parameters = condition_sql("graphs", condition, partial(names_of_column, catalog))
    return catalog.ask(
        'WITH chosen AS (SELECT t.* FROM graphs AS t JOIN groups AS g USING ("group") '
        f"WHERE {where} AND t.activation = ? AND t.module = ? AND t.nontrivial_sinks > 0), "
        'out AS (SELECT "group", source AS label, bool_or(source = target) AS loop, '
        "bool_or(source <> target) AS leaves FROM edges "
        'SEMI JOIN chosen USING ("group", module, activation) GROUP BY ALL) '
        'SELECT c."group", c."order", g.description, c.label, s.dimension, s.type, '
        "s.kernel_order, coalesce(o.loop, false) AS loop "
        'FROM contents AS c SEMI JOIN chosen USING ("group", module) '
        'JOIN simples AS s USING ("group", label) JOIN groups AS g USING ("group") '
        'LEFT JOIN out AS o USING ("group", label) '
        'WHERE NOT coalesce(o.leaves, false) AND s.kernel_order < s."order" '
        'ORDER BY c."order", g.number, c."group", CAST(c.label[2:] AS INTEGER)',
        [*parameters, name, module],
    )
