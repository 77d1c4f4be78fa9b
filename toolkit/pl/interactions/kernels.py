r"""Between which simples there is a non-zero piecewise-linear map: the preorder of kernels.

**Theorem.** A nonzero continuous piecewise-linear G-map L -> K exists iff ker L <= ker K.

*Proof.* Let g in ker L. Then p(v) = p(gv) = g p(v), so that the values of p lie in K^(ker L), and K
being simple and ker L normal that is K or 0: nonzero maps need ker L <= ker K. If that holds, G may
be replaced by G / ker L, which acts faithfully on L; a vector w off the finitely many proper
subspaces L^g has trivial stabiliser, so that the points gw are different. With a function h that is
piecewise linear (a small tent on rays, extended homogeneously) and 1 at w, 0 at the other gw, and
any u in K, the sum over g of h(g^-1 v) g u is a G-map with the value u at w. QED

This is a preorder on the simples; simples with one kernel are equivalent, and the quotient is the
set of kernels ordered by inclusion: the part of the lattice of normal subgroups that is made of
kernels of simples. (All normal subgroups are intersections of kernels.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.deprecation import deprecated
from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.groups.character_table import CharacterTable
from toolkit.groups.subgroups import normal_subgroups_of_table
from toolkit.modules.module import Module
from toolkit.text import join_names

if TYPE_CHECKING:
    import networkx as nx


def pl_hom_preorder(G: object) -> nx.DiGraph[str]:
    """Return the graph with an edge L -> K iff there is a non-zero piecewise-linear G-map L -> K.

    Parameters
    ----------
    G
        A group or its character table, for all simples; or a module, signed or not, for the simples
        that occur in it.

    Returns
    -------
    networkx.DiGraph
        Nodes are the labels of the simples with ``dimension``, ``type``, ``action_order``,
        ``kernel_order``; the graph has ``kind`` (``"piecewise-linear maps"``) and ``group``.

    Raises
    ------
    ModuleMismatchError
        If G is not one of these.
    NotAvailable
        If the character table is out of reach.

    Notes
    -----
    Exact, from the character table alone. The edges are a preorder: ker L <= ker K.

    Examples
    --------
    >>> import toolkit as tk
    >>> sorted(tk.pl_hom_preorder(tk.group("S3")).edges)
    [('L0', 'L0'), ('L1', 'L0'), ('L1', 'L1'), ('L2', 'L0'), ('L2', 'L1'), ('L2', 'L2')]
    >>> list(tk.pl_hom_preorder(tk.group("S4").natural_module()).edges)
    [('L0', 'L0'), ('L3', 'L0'), ('L3', 'L3')]
    """
    import networkx as nx

    table, simples = _table_and_simples(G)
    graph: nx.DiGraph[str] = nx.DiGraph(kind="piecewise-linear maps", group=table.group)
    wanted = [s for s in table.simples if s.label in simples]
    kernels = {s.label: frozenset(s.kernel) for s in wanted}
    for s in wanted:
        graph.add_node(
            s.label,
            dimension=s.dimension,
            type=s.type,
            action_order=s.action_order,
            kernel_order=s.kernel_order,
        )
    for source, kernel in kernels.items():
        graph.add_edges_from((source, target) for target, k in kernels.items() if kernel <= k)
    return graph


def kernel_lattice(G: object) -> nx.DiGraph[str]:
    """Return the lattice of normal subgroups, with the simples that have each as their kernel.

    Parameters
    ----------
    G
        A group, its character table, or a module, which stands for its group.

    Returns
    -------
    networkx.DiGraph
        The lattice of normal subgroups, with an edge from each subgroup to those that cover it.
        Nodes are labels with ``order``, ``below`` (the simples of G/N, whose kernels contain N: a
        string such as ``"L0, L2"``, see :func:`toolkit.text.split_names`) and ``simples`` (those
        with kernel N, one class of the preorder). Nodes with ``simples`` form the quotient of the
        preorder; the others are only intersections of kernels. The graph has ``kind`` (``"normal
        subgroups"``) and ``group``.

    Raises
    ------
    ModuleMismatchError
        If G is not one of these.
    NotAvailable
        If the character table is out of reach.

    Notes
    -----
    Exact, from the character table alone.

    Examples
    --------
    In C2 x C2 the trivial subgroup is not the kernel of a simple:

    >>> import toolkit as tk
    >>> lattice = tk.kernel_lattice(tk.group("C2 x C2"))
    >>> [(n, d.get("simples")) for n, d in lattice.nodes(data=True)]
    [('N0', None), ('N1', 'L1'), ('N2', 'L2'), ('N3', 'L3'), ('N4', 'L0')]
    """
    from toolkit.pl.interactions.lattice import Lattice

    table, _ = _table_and_simples(G)
    lattice = normal_subgroups_of_table(table)
    graph: nx.DiGraph[str] = Lattice(kind="normal subgroups", group=table.group)
    for n in lattice:
        classes = set(n.classes)
        above = [s for s in table.simples if classes <= set(s.kernel)]
        own = [s.label for s in above if set(s.kernel) == classes]
        graph.add_node(n.label, order=n.order, below=join_names(s.label for s in above))
        if own:
            graph.nodes[n.label]["simples"] = join_names(own)
    graph.add_edges_from((lattice[i].label, lattice[j].label) for i, j in lattice.covers)
    return graph


def _table_and_simples(G: object) -> tuple[CharacterTable, tuple[str, ...]]:
    """Return the character table that a question about kernels needs, and the simples meant."""
    table = getattr(G, "character_table", G)
    if isinstance(table, CharacterTable):
        return table, tuple(s.label for s in table.simples)
    if not isinstance(G, Module):
        raise ModuleMismatchError(
            "a group or a module is required, such as tk.group('S4') or "
            f"tk.group('S4').natural_module(), not {G!r:.60}"
        )
    table = G.home.table_within_reach()
    if table is None:
        raise NotAvailable(
            G.group, "the kernels of its simples", "its character table is out of reach"
        )
    return table, tuple(G.multiplicities)


@deprecated("kernel_order() is now kernel_lattice()")
def kernel_order(G: object) -> nx.DiGraph[str]:
    """Old name of :func:`kernel_lattice`."""
    return kernel_lattice(G)


@deprecated("pl_existence_graph() is now pl_hom_preorder()")
def pl_existence_graph(G: object) -> nx.DiGraph[str]:
    """Old name of :func:`pl_hom_preorder`."""
    return pl_hom_preorder(G)
