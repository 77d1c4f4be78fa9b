"""Gassmann pairs: subgroups that are not conjugate and have isomorphic permutation modules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

from toolkit.catalog.query.names import canonical_group, stored_activation
from toolkit.catalog.rows.isomorphism import are_isomorphic, reduced_graph
from toolkit.errors import ConfigError
from toolkit.pl.activations.activation import find_activation
from toolkit.pl.interactions.graph import interaction_graph
from toolkit.text import group_required

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from toolkit.catalog.query.engine import OpenCatalog
    from toolkit.library.group import Group


@dataclass(frozen=True, eq=False)
class GassmannPair:
    r"""Two classes of subgroups H, K of a group with Fun(G/H) and Fun(G/K) isomorphic.

    Parameters
    ----------
    group
        Canonical name of the group.
    first, second
        Labels of the two classes of subgroups.
    index
        \|G:H\| = \|G:K\|.
    activation
        The activation of the graphs.
    graphs
        The interaction graphs of Fun(G/H) and Fun(G/K).
    """

    group: str
    first: str
    second: str
    index: int
    activation: str
    graphs: tuple[nx.DiGraph[str], nx.DiGraph[str]]

    @property
    def same_edges(self) -> bool:
        """Whether the same simples interact: the graphs are equal, label by label."""
        first, second = self.graphs
        return set(first.edges) == set(second.edges)

    @property
    def isomorphic(self) -> bool:
        """Whether the graphs are isomorphic directed graphs, perhaps with other labels."""
        first, second = (reduced_graph(_matrix(graph)) for graph in self.graphs)
        return first.invariant == second.invariant and are_isomorphic(first, second)


def _matrix(graph: nx.DiGraph[str]) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    place = {node: i for i, node in enumerate(graph)}
    matrix = np.zeros((len(place), len(place)), dtype=np.bool_)
    for source, target in graph.edges:
        matrix[place[source], place[target]] = True
    return matrix


def gassmann_pairs(
    group: Group, activation: str = "relu", *, max_index: int | None = None
) -> list[GassmannPair]:
    r"""Return the Gassmann pairs of a group, with their interaction graphs.

    H and K form a Gassmann pair if they are not conjugate and every conjugacy class of G meets both
    in equally many elements. Equivalently, the permutation characters agree, and Fun(G/H) and
    Fun(G/K) are isomorphic, also over the rationals.

    Parameters
    ----------
    group
        The group.
    activation
        The activation of the graphs, without bias.
    max_index
        Only subgroups of at most this index; ``None`` for all.

    Returns
    -------
    list of GassmannPair
        In the order of the labels of the subgroups. Of k classes that all agree there are
        k (k - 1) / 2 pairs.

    Raises
    ------
    ConfigError
        If ``group`` is not a group.
    ValueError
        If ``max_index`` is no whole number of at least 1.
    NotAvailable
        If there are too many subgroups to list.

    Notes
    -----
    Exact. The two modules have the same simples equally often, and equivariant *linear* maps do not
    distinguish them, but their graphs may differ: an edge depends on U, the elements that act by
    one sign on the H-fixed vectors of the source, and on the dimension of the U-fixed vectors of
    the target, which the permutation character does not decide. GAP computes the subgroups.

    Examples
    --------
    Below order 64 only SmallGroup(32,43), SmallGroup(48,29) and SmallGroup(48,49) have a pair, by
    the bundled catalog, which has all transitive modules of these groups. In PSL(3,2) the
    stabilisers of points and of lines are one:

    >>> import toolkit as tk
    >>> pairs = tk.catalog.gassmann_pairs(tk.group("PSL(3,2)"), max_index=7)
    >>> [(p.index, p.first, p.second, p.same_edges) for p in pairs]
    [(7, 'H24a', 'H24b', True)]
    """
    if not hasattr(group, "subgroup_classes"):
        raise ConfigError(group_required(group))
    activation = find_activation(activation).name
    classes = group.subgroup_classes(max_index)
    alike: dict[tuple[int, ...], list[int]] = {}
    for i, found in enumerate(classes):
        alike.setdefault(found.class_counts, []).append(i)
    pairs = sorted(
        (own[a], own[b]) for own in alike.values() for b in range(len(own)) for a in range(b)
    )
    graphs: dict[int, nx.DiGraph[str]] = {}
    for i in sorted({i for pair in pairs for i in pair}):
        graphs[i] = interaction_graph(group.coset_module(classes[i]), activation, bias=False)
    return [
        GassmannPair(
            group.name,
            classes[i].label,
            classes[j].label,
            classes[i].index,
            activation,
            (graphs[i], graphs[j]),
        )
        for i, j in pairs
    ]


def gassmann_pairs_of_catalog(
    catalog: OpenCatalog, activation: str = "relu", group: str | Group | None = None
) -> Iterator[GassmannPair]:
    """Yield the Gassmann pairs among the modules of a catalog, one group after the other.

    Parameters
    ----------
    catalog
        An open catalog with transitive modules.
    activation
        An activation of the catalog.
    group
        One group of the catalog; ``None`` for all.

    Yields
    ------
    GassmannPair

    Raises
    ------
    QueryError
        If the activation or the group is not in the catalog.
    ConfigError
        If ``catalog`` is no open catalog.

    Notes
    -----
    Exact, without GAP: modules are isomorphic exactly if every simple occurs equally often in both.
    The labels are of different classes of subgroups, so these are not conjugate.

    Examples
    --------
    >>> import toolkit as tk
    >>> catalog = tk.catalog.open()
    >>> pairs = tk.catalog.gassmann_pairs_of_catalog(catalog, group="SmallGroup(32,43)")
    >>> [(p.first, p.second, p.same_edges) for p in pairs]
    [('H4h', 'H4i', True)]
    """
    from toolkit.catalog.graphs.stored import catalog_graph

    if not hasattr(catalog, "ask"):
        raise ConfigError(
            f"an open catalog is required, such as tk.catalog.open(), not {catalog!r:.60}"
        )
    name = stored_activation(catalog, activation)
    where: str = ""
    values: list[object] = []
    if group is not None:
        where = 'WHERE "group" = ?'
        values.append(canonical_group(catalog, group))
    found = catalog.ask(
        'SELECT "group", "order", any_value(degree) AS degree, list(module) AS modules FROM ('
        'SELECT "group", module, '
        "list({label: label, times: multiplicity} ORDER BY label) AS spectrum "
        f'FROM contents {where} GROUP BY "group", module) JOIN modules USING ("group", module) '
        'GROUP BY "group", "order", spectrum HAVING count(*) > 1 '
        'ORDER BY "order", "group", modules',
        values,
    )
    for row in found:
        modules: Sequence[str] = sorted(row["modules"], key=lambda m: (len(m), m))
        graphs = [catalog_graph(catalog, row["group"], m, name) for m in modules]
        for j in range(len(modules)):
            for i in range(j):
                yield GassmannPair(
                    row["group"],
                    modules[i],
                    modules[j],
                    row["degree"],
                    name,
                    (graphs[i], graphs[j]),
                )
