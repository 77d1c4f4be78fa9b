"""Exact interaction graphs of transitive permutation modules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.modules.permutation_module import require_module
from toolkit.pl.activations import Activation, find_activation
from toolkit.pl.transfer import transfer_of_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    import networkx as nx

    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.modules.spherical import SphericalTable

__all__ = [
    "GRAPH_SCHEMA",
    "Reached",
    "interaction_graph",
    "interaction_graph_of_table",
    "reached_from",
]

GRAPH_SCHEMA = 1


@dataclass(frozen=True)
class Reached:
    """A simple K that occurs in f(v), and through what.

    Parameters
    ----------
    label
        K.
    parts
        Parts of the activation that give it, sorted: ``"even"``, ``"linear"``.
    reach
        Dimension of the part of K^H that is reached: dim K^U for the even part alone, all of
        K^H where the linear part passes K on.
    reach_of
        dim K^H.
    """

    label: str
    parts: tuple[str, ...]
    reach: int
    reach_of: int


def reached_from(
    table: SphericalTable,
    sources: Iterable[str],
    activation: str | Activation,
    *,
    bias: bool = False,
) -> tuple[Reached, ...]:
    """Return the simples that occur in f(v) for generic v in the isotypic parts of ``sources``.

    Parameters
    ----------
    table
        Spherical table of a transitive module X = G/H.
    sources
        Labels of the simples present.
    activation
        See :func:`~toolkit.pl.activations.find_activation`.
    bias
        Whether a generic constant is added first: then the trivial simple is present too.

    Notes
    -----
    Exact. With U the subgroup of the g that act as one common sign on every L^H, K occurs
    through the even part exactly when dim K^U > 0, and through the linear part exactly when K is
    among the sources. Both are integers; a K that is not returned does not occur, whatever v.
    """
    f = find_activation(activation)
    present = list(dict.fromkeys(sources))
    trivial = table.simples[0].label
    if bias and trivial not in present:
        present.append(trivial)
    for label in present:
        table.simple(label)
    plus = table.columns_where(present, 1)
    minus = table.columns_where(present, -1) if present else ()
    out = []
    for simple in table.simples:
        parts = []
        reach = 0
        if f.has_even_part and present:
            reach = table.fixed_dimension(simple.label, (*plus, *minus))
            if reach:
                parts.append("even")
        if f.has_linear_part and simple.label in present:
            parts.append("linear")
            reach = simple.fixed_dimension
        if parts:
            out.append(Reached(simple.label, tuple(parts), reach, simple.fixed_dimension))
    return tuple(out)


def interaction_graph(
    X: PermutationModule, activation: str | Activation, *, bias: bool = False
) -> nx.DiGraph[str]:
    """Return the interaction graph of a transitive module: an edge L -> K iff K occurs in f(v).

    Parameters
    ----------
    X
        A transitive permutation module.
    activation
        ``"relu"``, ``"abs"``, ``"leaky_relu"``, ``"leaky_relu(0.2)"``, or an Activation.
    bias
        Whether a generic constant is added before the activation.

    Returns
    -------
    networkx.DiGraph
        Nodes are labels with ``dimension``, ``type``, ``multiplicity``, ``action_order``,
        ``kernel_order`` (and ``paper_index``); edges have ``parts``, ``reach`` of ``reach_of``
        and ``share`` (see :class:`Reached` and :func:`~toolkit.pl.transfer.transfer_matrix`);
        the graph names ``group``, ``module``, ``activation``, ``bias``, ``schema``. Write and read
        it with :mod:`toolkit.explore.graph_formats` (JSON, GraphML, DOT), which keep the tuples.

    Raises
    ------
    ModuleMismatchError
        If the module is a sum; ask its parts.
    UnsupportedActivationError
        If the activation is unknown.

    Notes
    -----
    Edges are exact: integers and cyclotomic equality decide, no tolerance. Shares are float64.
    The theorem and its proof: :mod:`toolkit.pl`; the cyclic case is arXiv 2408.00949.

    Examples
    --------
    >>> import toolkit as tk
    >>> graph = tk.interaction_graph(tk.group("S4").natural_module(), "relu")
    >>> sorted(graph.edges)
    [('L0', 'L0'), ('L3', 'L0'), ('L3', 'L3')]
    """
    require_module(X)
    return interaction_graph_of_table(X.spherical_table, activation, bias=bias)


def interaction_graph_of_table(
    table: SphericalTable, activation: str | Activation, *, bias: bool = False
) -> nx.DiGraph[str]:
    """Return the interaction graph from the spherical table; see :func:`interaction_graph`."""
    import networkx as nx

    f = find_activation(activation)
    graph: nx.DiGraph[str] = nx.DiGraph(
        group=table.group, module=table.module, activation=f.name, bias=bias, schema=GRAPH_SCHEMA
    )
    for s in table.simples:
        index = {} if s.paper_index is None else {"paper_index": s.paper_index}
        graph.add_node(
            s.label,
            dimension=s.dimension,
            type=s.type,
            multiplicity=s.multiplicity,
            action_order=s.action_order,
            kernel_order=s.kernel_order,
            **index,
        )
    share = transfer_of_table(table, f, bias=bias)
    position = {s.label: i for i, s in enumerate(table.simples)}
    for source in position:
        for reached in reached_from(table, [source], f, bias=bias):
            graph.add_edge(
                source,
                reached.label,
                parts=reached.parts,
                reach=reached.reach,
                reach_of=reached.reach_of,
                share=float(share[position[source], position[reached.label]]),
            )
    return graph
