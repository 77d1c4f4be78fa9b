r"""What several simples produce together: closures, the lattice of closed sets, networks.

A set of simples is *closed* if nothing outside it occurs in f(v), v in its isotypic parts. If A
lies in B then U_B lies in U_A, and so all that occurs from A occurs from B (for powers: the Schur
product theorem). Hence intersections of closed sets are closed, there is a least closed set that
contains A, its *closure*, and the closed sets are a lattice. A network whose input lies in A has in
every layer on X components in the closure of A only: all others are exactly zero. With skip
connections, v -> v + W f(Wv), and generic weights all of the closure appears after as many layers
as there are simples; without them a layer can lose simples, and :func:`reachable` lists what
remains, layer by layer.

**Theorem.** Let the even part of f not be a polynomial, or let there be a bias and let one of the
parts not be a polynomial. On a transitive X = G/H the closed sets (besides the empty one, which is
closed if f(0) = 0 and there is no bias) are the sets {K : K^U is not 0} for those subgroups U >= H
for which each K^U is 0 or all of K^H. On the regular module these U are the normal subgroups: A is
closed exactly if it is {K : N <= ker K}, one closed set for each normal subgroup N, a Galois
connection.

*Proof.* A closed set A that is not empty contains the trivial simple, which occurs through the
even part, or with the bias. So U- is empty, and what occurs from A through the part that is not
a polynomial is {K : K^U is not 0} with U = U+_A; as phi_L = 1 on U for L in A, that set contains A
and K^U = K^H on A. Conversely, if U is as said and A = {K : K^U is not 0}, then phi_K = 1 on U for
K in A, so that U lies in U+_A and all that occurs from A has K^U not 0. For H = 1 the condition
says that the mean over U acts on each K as 0 or 1, thus commutes with G, and U is normal. QED
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.modules.module import Module
from toolkit.modules.spherical import SphericalTable
from toolkit.pl.interactions.graph import Interactions
from toolkit.text import is_local, join_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import networkx as nx
    from numpy.typing import NDArray

    from toolkit.pl.criterion.of_module import AnyModule

DEFAULT_CLOSED_SET_LIMIT = 2_000


def closure(
    X: AnyModule, sources: Iterable[str], activation: object, *, bias: bool = False
) -> tuple[str, ...]:
    """Return the least set of simples that contains ``sources`` and is closed under f.

    Parameters
    ----------
    X
        A permutation module (transitive or not), a signed module, or a spherical table.
    sources
        Labels of simples in X.
    activation
        See :func:`~toolkit.pl.activations.activation.find_activation`.
    bias
        Whether a generic invariant is added before each activation.

    Returns
    -------
    tuple of str
        Labels in canonical order.

    Raises
    ------
    KeyError
        If a label does not occur in X.
    IllegalActivationError
        If the module has signs and the activation is not odd.

    Notes
    -----
    Exact. In general the closure is larger than the union of the closures of the individual
    simples.

    Examples
    --------
    In C6, the simples of orders 2 and 3 together generate everything; each alone does not:

    >>> import toolkit as tk
    >>> X = tk.group("C6").regular_module()
    >>> [(L.paper_index, L.label) for L in X.spherical_table.simples]
    [(0, 'L0'), (3, 'L1'), (2, 'L2'), (1, 'L3')]
    >>> [tk.closure(X, s, "relu") for s in (["L1"], ["L2"], ["L1", "L2"])]
    [('L0', 'L1'), ('L0', 'L2'), ('L0', 'L1', 'L2', 'L3')]
    """
    engine = Interactions(X, activation, bias=bias)
    chosen = engine.require(sources)
    start = np.array([[label in chosen for label in engine.labels]], dtype=np.bool_)
    return _labels(engine, engine.closures(start)[0])


def _labels(engine: Interactions, row: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(engine.labels[i] for i in np.flatnonzero(row).tolist())


def closed_sets(
    X: AnyModule,
    activation: object,
    *,
    bias: bool = False,
    limit: int = DEFAULT_CLOSED_SET_LIMIT,
) -> nx.DiGraph[str]:
    """Return the lattice of closed sets: an edge from each closed set to those that cover it.

    Parameters
    ----------
    X, activation, bias
        As in :func:`closure`.
    limit
        The largest number of closed sets to list.

    Returns
    -------
    networkx.DiGraph
        Nodes are strings such as ``"{L0, L2}"`` with the attributes ``simples`` (``"L0, L2"``, see
        :func:`toolkit.text.split_names`; the empty set has none), ``dimension`` (of the isotypic
        parts together), ``level`` (length of the longest chain below: from low to high frequency).
        On a transitive permutation module they also have ``subgroup_order`` (the order of U+, the
        subgroup that fixes the coordinate functionals). If the group has a character table, they
        also have ``kernel_order`` and ``normal_subgroup`` (the label of the intersection of the
        kernels, as in ``G.normal_subgroups()``). For the regular module and a suitable f (see
        :mod:`toolkit.pl.interactions.closure`) this is the one-to-one Galois connection. The graph
        has the attributes ``kind`` (``"closed sets"``), ``group``, ``module``, ``activation`` and
        ``bias``.

    Raises
    ------
    NotAvailable
        If there are more than ``limit`` closed sets (for the identity there are 2^simples).
    IllegalActivationError
        If the module has signs and the activation is not odd.

    Examples
    --------
    >>> import toolkit as tk
    >>> lattice = tk.closed_sets(tk.group("S3").regular_module(), "elu", bias=True)
    >>> [(d["simples"], d["normal_subgroup"]) for _, d in lattice.nodes(data=True)]
    [('L0', 'N2'), ('L0, L1', 'N1'), ('L0, L1, L2', 'N0')]
    >>> list(lattice.edges)
    [('{L0}', '{L0, L1}'), ('{L0, L1}', '{L0, L1, L2}')]
    """
    from toolkit.pl.interactions.lattice import Lattice

    engine = Interactions(X, activation, bias=bias)
    everything = _all_closed(engine, limit)
    place = {label: i for i, label in enumerate(engine.labels)}
    masks = {s: sum(1 << place[label] for label in s) for s in everything}
    ordered = sorted(everything, key=lambda s: (len(s), [place[label] for label in s]))
    first = engine.orbits[0].table
    graph: nx.DiGraph[str] = Lattice(
        kind="closed sets",
        group=first.group,
        module=engine.name,
        activation=engine.activation.name,
        bias=bias,
    )
    kernels = _kernels(X)
    dimension = {
        label: s.dimension * (engine.fixed[label] // s.endomorphism_dimension)
        for orbit in engine.orbits
        for label, s in zip(orbit.labels, (orbit.table.simples[r] for r in orbit.rows), strict=True)
    }
    level: dict[tuple[str, ...], int] = {}
    for s in ordered:
        below = [t for t in level if masks[t] & ~masks[s] == 0]
        covered = [t for t in below if not any(t != u and masks[t] & ~masks[u] == 0 for u in below)]
        level[s] = max((level[t] + 1 for t in below), default=0)
        data: dict[str, object] = {
            "dimension": sum(dimension[label] for label in s),
            "level": level[s],
        }
        if s:
            data["simples"] = join_names(s)
        if len(engine.orbits) == 1 and engine.orbits[0].swap is None:
            orbit = engine.orbits[0]
            data["subgroup_order"] = orbit.order_of(orbit.subgroups(orbit.present(s))[0][0])
        if kernels is not None:
            data |= kernels.of(s)
        graph.add_node(_name(s), **data)
        graph.add_edges_from((_name(t), _name(s)) for t in covered)
    return graph


def _name(labels: Sequence[str]) -> str:
    return "{" + join_names(labels) + "}"


def _all_closed(engine: Interactions, limit: int) -> list[tuple[str, ...]]:
    each = np.eye(len(engine.labels), dtype=np.bool_)
    queue = [engine.closures(np.zeros_like(each[:1]))[0]]
    found = {queue[0].tobytes()}
    for closed in queue:
        for above in engine.closures((each | closed)[~closed]):
            key = above.tobytes()
            if key not in found:
                found.add(key)
                queue.append(above)
                if len(found) > limit:
                    raise NotAvailable(
                        engine.orbits[0].table.group,
                        f"the closed sets in {engine.name} under {engine.activation.name}",
                        f"there are more than {limit:,}; use closure() for single sets",
                    )
    return [_labels(engine, closed) for closed in queue]


@dataclass(frozen=True)
class _Kernels:
    """Kernels of simples as sets of classes, and which normal subgroup a set of classes is."""

    by_label: dict[str, frozenset[int]]
    sizes: tuple[int, ...]
    names: dict[frozenset[int], str]

    def of(self, labels: Iterable[str]) -> dict[str, object]:
        common = frozenset(range(len(self.sizes)))
        for label in labels:
            common &= self.by_label[label]
        out: dict[str, object] = {"kernel_order": sum(self.sizes[c] for c in common)}
        if common in self.names:
            out["normal_subgroup"] = self.names[common]
        return out


def _kernels(X: AnyModule) -> _Kernels | None:
    table = X.home.table_within_reach() if isinstance(X, Module) else None
    if table is None:
        return None
    from toolkit.groups.subgroups import normal_subgroups_of_table

    try:
        names = {frozenset(n.classes): n.label for n in normal_subgroups_of_table(table)}
    except NotAvailable:
        names = {}
    by_label = {s.label: frozenset(s.kernel) for s in table.simples}
    return _Kernels(by_label, table.class_sizes, names)


@dataclass(frozen=True)
class Layer:
    """The simples that can occur on one module of a network.

    Parameters
    ----------
    module
        Name of the module.
    before, after
        Labels of the simples that can occur before and after the activation, in canonical order;
        equal for the input.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("S3").natural_module()
    >>> for layer in tk.reachable([X, X], ["L2"], "relu"):
    ...     print(layer.before, layer.after)
    ('L2',) ('L2',)
    ('L2',) ('L0', 'L2')
    """

    module: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def reachable(
    modules: Sequence[AnyModule],
    sources: Iterable[str],
    activation: object,
    *,
    bias: bool = False,
) -> tuple[Layer, ...]:
    """Return the simples that a network on these modules can produce, layer by layer.

    Parameters
    ----------
    modules
        The input's module, then one for each layer. Between consecutive modules any equivariant
        linear map may act; the activation acts on each module but the first.
    sources
        Labels of the simples in the input.
    activation
        See :func:`~toolkit.pl.activations.activation.find_activation`.
    bias
        Whether a generic invariant is added before each activation.

    Returns
    -------
    tuple of Layer
        One for each module.

    Raises
    ------
    ModuleMismatchError
        If ``modules`` is not a list of modules or is empty, or if they belong to different groups.
    KeyError
        If a source does not occur in the first module.
    NotAvailable
        If the group's character table is out of reach and the modules differ: their simples then
        cannot be compared.

    Notes
    -----
    Exact: a simple that is not listed is 0 for all weights. A simple that is listed occurs for
    generic weights and inputs, if each layer has enough channels to fill all copies of a simple.
    (One copy is enough unless the activation is a polynomial.)

    Examples
    --------
    A bottleneck: the two-point module of S3 contains only L0 and L1.

    >>> import toolkit as tk
    >>> G = tk.group("S3")
    >>> wide, narrow = G.regular_module(), G.coset_module("N1")
    >>> for layer in tk.reachable([wide, narrow, wide], ["L1", "L2"], "relu"):
    ...     print(layer.module, layer.before, layer.after)
    regular module ('L1', 'L2') ('L1', 'L2')
    cosets of N1 ('L1',) ('L0', 'L1')
    regular module ('L0', 'L1') ('L0', 'L1')
    """
    if isinstance(modules, Module | SphericalTable):
        raise ModuleMismatchError(
            f"a network needs a list of modules, found one: write [X, X] instead of {modules!r:.60}"
        )
    try:
        modules = tuple(modules)
    except TypeError:
        raise ModuleMismatchError(
            f"a network needs a list of modules, such as [X, X], found {modules!r:.60}"
        ) from None
    if not modules:
        raise ModuleMismatchError("a network needs at least one module, found none")
    engines = [Interactions(X, activation, bias=bias) for X in modules]
    groups = [engine.orbits[0].table.group for engine in engines]
    if len(set(groups)) > 1:
        raise ModuleMismatchError(
            "the modules of a network must belong to one group, found "
            f"{', '.join(sorted(set(groups)))}"
        )
    local = any(is_local(label) for engine in engines for label in engine.labels)
    if local and any(modules[0] != X for X in modules[1:]):
        raise NotAvailable(
            groups[0],
            "the simples that a network on different modules reaches",
            "its simples are known within each module only; use the modules one at a time",
        )
    now = engines[0].require(sources)
    out = [Layer(engines[0].name, now, now)]
    for engine in engines[1:]:
        before = [label for label in now if label in engine.fixed]
        if bias:
            trivial = next((p.trivial for p in engine.orbits if p.trivial), None)
            before += [trivial] if trivial else []
        chosen = engine.require(before)
        now = engine.require([r.label for r in engine.occurring(chosen)])
        out.append(Layer(engine.name, chosen, now))
    return tuple(out)
