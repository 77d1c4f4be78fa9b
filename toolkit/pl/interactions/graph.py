"""Exact interaction graphs: which simples an activation joins, in any module."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from toolkit.cached import cached_property
from toolkit.errors import ModuleMismatchError, NotAvailable, UnsupportedActivationError
from toolkit.modules.permutation_module import PermutationModule
from toolkit.pl.activations.checks import require_variance
from toolkit.pl.criterion.of_module import labels_of, orbit_criteria
from toolkit.pl.criterion.orbit import least_closed_sets
from toolkit.pl.interactions.compressed import (
    MOST_NODES,
    compressed_graph,
    graph_of_kernels,
    powers_of,
)
from toolkit.pl.interactions.edges import edges_on_one_orbit
from toolkit.pl.interactions.insertion import filled_digraph
from toolkit.pl.legality import require_legal_on
from toolkit.pl.transfer.matrix import error_of_orbits, transfer_of_orbits
from toolkit.text import join_names, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import networkx as nx
    from numpy.typing import NDArray

    from toolkit.pl.activations.activation import Activation
    from toolkit.pl.criterion.of_module import AnyModule
    from toolkit.pl.criterion.orbit import Occurrences, OrbitCriterion

    Bools: TypeAlias = NDArray[np.bool_]

GRAPH_SCHEMA = 1


@dataclass(frozen=True)
class Occurrence:
    """A simple K that occurs in f(v), with the parts of f that produce it.

    Parameters
    ----------
    label
        K.
    parts
        The parts of the activation that produce it, sorted: ``"constant"``, ``"degree 2"``, ...,
        ``"even"``, ``"linear"``, ``"odd"``.
    dimension
        The dimension of the part of K^H that occurs, summed over the orbits: dim K^U for the even
        part, dim Hom_U(sgn, K) for the odd part, and dim K^H if the linear part preserves K. If
        only a power contributes, it is an upper bound, which is exact if K occurs once or H acts as
        1.
    fixed_dimension
        dim K^H, summed over the orbits.

    Examples
    --------
    ReLU maps the sum-zero functions on three points to the constants and to themselves:

    >>> import toolkit as tk
    >>> X = tk.group("S3").natural_module()
    >>> for found in tk.pl.occurring_simples(X, ["L2"], "relu"):
    ...     print(found.label, found.parts, found.dimension)
    L0 ('even',) 1
    L2 ('even', 'linear') 1
    """

    label: str
    parts: tuple[str, ...]
    dimension: int
    fixed_dimension: int


@dataclass(frozen=True)
class Criterion:
    """The subgroup U for a set of simples on one orbit, and the integers that decide on K.

    Parameters
    ----------
    orbit
        The 0-based number of the orbit.
    plus_order, minus_size
        |U+| and |U-|; U is their union.
    even, odd
        dim K^U and dim Hom_U(sgn, K); ``odd`` is dim K^U if U- is empty.
    fixed
        dim K^H.
    is_source
        Whether K is among the simples present.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("S3").natural_module()
    >>> (found,) = tk.pl.Interactions(X, "relu").criterion(["L2"], "L0")
    >>> found.plus_order, found.minus_size, found.even, found.fixed
    (2, 0, 1, 1)
    """

    orbit: int
    plus_order: int
    minus_size: int
    even: int
    odd: int
    fixed: int
    is_source: bool


class Interactions:
    """The exact criterion for one module and one activation; results are cached.

    Parameters
    ----------
    X
        A permutation module (transitive or not), a signed module, or a spherical table.
    activation
        See :func:`~toolkit.pl.activations.activation.find_activation`.
    bias
        Whether a generic invariant is added first: a constant on each orbit.

    Raises
    ------
    IllegalActivationError
        If the module has signs and the activation is not odd.

    Examples
    --------
    >>> import toolkit as tk
    >>> I = Interactions(tk.group("C8").regular_module(), "abs")
    >>> [k.label for k in I.occurring(["L3"])]
    ['L0', 'L1', 'L2']
    """

    def __init__(self, X: AnyModule, activation: object, *, bias: bool = False) -> None:
        self.activation: Activation = require_legal_on(X, activation)
        self.bias = bias
        self.module = X

    @cached_property
    def orbits(self) -> tuple[OrbitCriterion, ...]:
        """The criterion on each orbit."""
        return orbit_criteria(self.module)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The simples that occur in the module, in canonical order."""
        return labels_of(self.orbits)

    @cached_property
    def fixed(self) -> dict[str, int]:
        """The multiplicity times dim End for each simple, summed over the orbits."""
        out = dict.fromkeys(self.labels, 0)
        for orbit in self.orbits:
            for label, fixed in zip(orbit.labels, orbit.fixed, strict=True):
                out[label] += fixed
        return out

    def require(self, labels: Iterable[str]) -> tuple[str, ...]:
        """Return labels without repetition, in canonical order.

        Parameters
        ----------
        labels
            One label, several labels, or energies by label, where simples with energy 0 are absent.

        Raises
        ------
        KeyError
            If a label does not occur in the module; the message lists those that do.
        ModuleMismatchError
            If the argument does not consist of labels.
        """
        given = labels
        if isinstance(labels, str):
            labels = [labels]
        elif isinstance(labels, Mapping):
            labels = [label for label, energy in labels.items() if energy]
        try:
            wanted = set(labels)
        except TypeError:  # none, or such as cannot be labels: lists, arrays
            raise ModuleMismatchError(
                f"labels of simples are required, such as {{'L1', 'L2'}}, not {given!r:.60}"
            ) from None
        for label in sorted(wanted, key=str):
            if label not in self.fixed:
                known = listed(self.labels, 40)
                where = f"{self.name} of {self.orbits[0].table.group}"
                raise KeyError(f"the simples in {where} are {known}, not {label!r}")
        return tuple(label for label in self.labels if label in wanted)

    @property
    def name(self) -> str:
        """The name of the module."""
        named = getattr(self.module, "name", None)
        return str(named) if named is not None else self.orbits[0].table.module

    # one orbit ------------------------------------------------------------------------------

    def _present(self, orbit: OrbitCriterion, sets: Bools) -> Bools:
        """Return sets of an orbit's simples, with the trivial one if there is a bias."""
        present = sets.copy()
        if self.bias and orbit.trivial is not None:
            present[:, orbit.position[orbit.trivial]] = True
        return present

    def _occurring_on(self, orbit: OrbitCriterion, sets: Bools) -> tuple[Bools, Occurrences]:
        """Return which sets of an orbit's simples are not empty, and what occurs from those."""
        present = self._present(orbit, sets)
        filled: Bools = np.any(present, axis=1)
        return filled, orbit.occurring(self.activation, present[filled])

    def _listed(
        self, orbit: OrbitCriterion, sets: Sequence[Iterable[str]]
    ) -> list[list[Occurrence]]:
        """Return, per set of sources, what occurs on one orbit."""
        filled, found = self._occurring_on(orbit, np.concatenate([*map(orbit.present, sets)]))
        out: list[list[Occurrence]] = [[] for _ in sets]
        if orbit.trivial is not None and self.activation.at_zero:
            fixed = orbit.fixed[orbit.position[orbit.trivial]]
            for i in np.flatnonzero(~filled).tolist():
                out[i] = [Occurrence(orbit.trivial, ("constant",), 1, fixed)]
        places, simples = np.nonzero(found.masks)
        names: dict[int, tuple[str, ...]] = {}
        for i, k, mask, dimension in zip(
            np.flatnonzero(filled)[places].tolist(),
            simples.tolist(),
            found.masks[places, simples].tolist(),
            found.dimensions[places, simples].tolist(),
            strict=True,
        ):
            if mask not in names:
                names[mask] = tuple(p for b, p in enumerate(found.parts) if mask >> b & 1)
            out[i].append(Occurrence(orbit.labels[k], names[mask], dimension, orbit.fixed[k]))
        return out

    def closures(self, sets: Bools) -> Bools:
        """Return the least closed sets that contain given ones.

        Parameters
        ----------
        sets
            ``(sets, simples)`` booleans: the :attr:`labels` in each set.

        Returns
        -------
        numpy.ndarray
            ``(sets, simples)`` bool.

        Notes
        -----
        Exact. All sets are processed together, which is many times faster than one at a time.
        """
        return least_closed_sets(np.array(sets, dtype=np.bool_), self._step)

    def _step(self, sets: Bools) -> Bools:
        """Return ``(sets, simples)`` what occurs from sets of simples."""
        out = np.zeros_like(sets)
        for orbit in self.orbits:
            where = self._places[id(orbit)]
            filled, found = self._occurring_on(orbit, sets[:, where])
            here = np.zeros((len(sets), len(where)), dtype=np.bool_)
            here[filled] = found.masks > 0
            if orbit.trivial is not None and self.activation.at_zero:
                here[~filled, orbit.position[orbit.trivial]] = True
            out[:, where] |= here
        return out

    @cached_property
    def _places(self) -> dict[int, NDArray[np.intp]]:
        """Per orbit the positions of its simples among :attr:`labels`."""
        place = {label: i for i, label in enumerate(self.labels)}
        return {
            id(orbit): np.array([place[label] for label in orbit.labels], dtype=np.intp)
            for orbit in self.orbits
        }

    # the whole module -----------------------------------------------------------------------

    def occurring(self, sources: Iterable[str]) -> tuple[Occurrence, ...]:
        """Return the simples that occur in f(v) for v in the isotypic parts of the sources.

        "Occur" means: for some v, and then for all v in some non-empty open set.

        Notes
        -----
        Exact: decided by integers, and for powers by proved zeros of cyclotomic numbers. A simple K
        that is not returned does not occur for any v.
        """
        return self.occurring_from_each([sources])[0]

    def occurring_from_each(
        self, sets: Sequence[Iterable[str]]
    ) -> tuple[tuple[Occurrence, ...], ...]:
        """Return :meth:`occurring` for several sets of sources, computed together for speed."""
        chosen = [self.require(sources) for sources in sets]
        found = [self._listed(orbit, chosen) for orbit in self.orbits]
        return tuple(self._united(lists) for lists in zip(*found, strict=True))

    def occurring_by_orbit(self, sources: Iterable[str]) -> tuple[tuple[Occurrence, ...], ...]:
        """Return :meth:`occurring` orbit by orbit, with dimensions for each orbit."""
        chosen = self.require(sources)
        return tuple(tuple(self._listed(orbit, [chosen])[0]) for orbit in self.orbits)

    def _united(self, lists: Sequence[list[Occurrence]]) -> tuple[Occurrence, ...]:
        """Return what occurs on several orbits together."""
        if len(lists) == 1:
            return tuple(lists[0])
        found: dict[str, list[Occurrence]] = {}
        for k in itertools.chain.from_iterable(lists):
            found.setdefault(k.label, []).append(k)
        return tuple(
            Occurrence(
                label,
                tuple(sorted({p for k in found[label] for p in k.parts})),
                sum(k.dimension for k in found[label]),
                self.fixed[label],
            )
            for label in self.labels
            if label in found
        )

    def _nodes(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the labels with the attributes of :func:`interaction_graph`."""
        simples = {s.label: s for orbit in self.orbits for s in orbit.table.simples}
        for label in self.labels:
            s = simples[label]
            data: dict[str, Any] = {
                "dimension": s.dimension,
                "type": s.type,
                "multiplicity": self.fixed[label] // s.endomorphism_dimension,
                "action_order": s.action_order,
                "kernel_order": s.kernel_order,
            }
            if s.paper_index is not None:
                data["paper_index"] = s.paper_index
            yield label, data

    def _edges(
        self, shares: NDArray[np.float64] | None
    ) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield the edges with the attributes of :func:`interaction_graph`.

        Parameters
        ----------
        shares
            ``(simples, simples)``, or ``None`` if there are none.
        """
        each = np.eye(len(self.labels), dtype=np.bool_)
        if len(self.orbits) == 1 and self.orbits[0].labels == self.labels:
            (orbit,) = self.orbits
            _, found = self._occurring_on(orbit, each)
            yield from edges_on_one_orbit(self.labels, orbit.fixed, found, shares)
            return
        place = {label: i for i, label in enumerate(self.labels)}
        occurring = self.occurring_from_each([[label] for label in self.labels])
        names = lru_cache(maxsize=None)(join_names)  # few different ones on many edges
        for i, (source, targets) in enumerate(zip(self.labels, occurring, strict=True)):
            for k in targets:
                data: dict[str, Any] = {
                    "parts": names(k.parts),
                    "reach": k.dimension,
                    "reach_of": k.fixed_dimension,
                }
                if shares is not None:
                    data["share"] = float(shares[i, place[k.label]])
                yield source, k.label, data

    def criterion(self, sources: Iterable[str], target: str) -> tuple[Criterion, ...]:
        """Return the integers that decide whether K occurs, for each orbit with a source and K."""
        chosen = self.require(sources)
        self.require([target])
        out = []
        for number, orbit in enumerate(self.orbits):
            present = self._present(orbit, orbit.present(chosen))
            if not present.any() or target not in orbit.position:
                continue
            k = orbit.position[target]
            plus, minus = orbit.subgroups(present)
            even, odd = (int(found[0, k]) for found in orbit.fixed_dimensions(plus, minus))
            above, below = orbit.order_of(plus[0]), orbit.order_of(minus[0])
            is_source = bool(present[0, k])
            out.append(Criterion(number, above, below, even, odd, orbit.fixed[k], is_source))
        return tuple(out)


def occurring_simples(
    X: AnyModule, sources: Iterable[str], activation: object, *, bias: bool = False
) -> tuple[Occurrence, ...]:
    """Return the simples that occur in f(v) for v in the isotypic parts of ``sources``.

    Parameters
    ----------
    X
        A permutation module (transitive or not), a signed module, or a spherical table.
    sources
        Labels of the simples present.
    activation
        See :func:`~toolkit.pl.activations.activation.find_activation`.
    bias
        Whether a generic invariant is added first: then the trivial simple is present too.

    Returns
    -------
    tuple of Occurrence
        In canonical order.

    Raises
    ------
    KeyError
        If a label does not occur in X.
    IllegalActivationError
        If the module has signs and the activation is not odd.

    Notes
    -----
    Exact; the theorem is in :mod:`toolkit.pl`. For many questions about one module, create one
    :class:`Interactions` and reuse it.

    Examples
    --------
    >>> import toolkit as tk
    >>> occurring_simples(tk.group("S4").natural_module(), ["L3"], "square")
    (Occurrence(label='L0', parts=('degree 2',), dimension=1, fixed_dimension=1),
     Occurrence(label='L3', parts=('degree 2',), dimension=1, fixed_dimension=1))
    """
    return Interactions(X, activation, bias=bias).occurring(sources)


def interaction_graph(
    X: AnyModule,
    activation: object,
    *,
    bias: bool = False,
    variance: float = 1.0,
    compressed: bool = False,
    most_nodes: int = MOST_NODES,
) -> nx.DiGraph[str]:
    """Return the interaction graph of a module, with an edge L -> K iff K occurs in f(v).

    Parameters
    ----------
    X
        A permutation module (transitive or not), a signed module, or a spherical table.
    activation
        See :func:`~toolkit.pl.activations.activation.find_activation`: a name such as ``"gelu"``, a
        torch module, an :class:`~toolkit.pl.activations.activation.Activation`.
    bias
        Whether a generic invariant is added before the activation.
    variance
        The variance of each coordinate, for the shares. Shares of homogeneous activations do not
        depend on it.
    compressed
        Whether simples with the same edges form one node. For the regular module of a group with a
        closed form (abelian, dihedral, dicyclic) the graph is then computed by formula, at any
        order. :func:`~toolkit.pl.interactions.compressed.blow_up` is the inverse.
    most_nodes
        The largest number of nodes of a compressed graph.

    Returns
    -------
    networkx.DiGraph
        Nodes are labels with ``dimension``, ``type``, ``multiplicity``, ``action_order``,
        ``kernel_order`` (and ``paper_index``). Edges have ``parts`` (a string such as ``"even,
        linear"``, see :func:`toolkit.text.split_names`), ``reach`` and ``reach_of`` (the dimensions
        of :class:`Occurrence`) and ``share`` (see
        :func:`~toolkit.pl.transfer.matrix.transfer_matrix`). The graph has ``group``, ``module``,
        ``activation``, ``bias``, ``schema``, and ``activation_parts`` (``"exact"``, ``"stated"`` or
        ``"measured"``: the basis of the edges), ``shares`` and ``share_error``. All values are
        strings, numbers and booleans, which networkx can write to files; see also
        :mod:`toolkit.formats`.

        A compressed graph also has ``compressed`` (true) and ``simples``, the number of simples.
        Each of its nodes stands for ``count`` simples, the ``members`` (a string such as ``"L0,
        L3..L9"``). An edge stands for edges from every simple of the first node to every simple of
        the second. An edge from a node to itself has ``loops``: ``"same"`` if each simple also has
        this edge to itself, ``"only"`` if it has no edges to the other simples of the node,
        ``"none"`` if it has edges only to these, and ``"other"`` if its loop has different
        attributes, ``loop_parts`` and ``loop_reach``. There are no shares, because they differ
        between the simples of a node.

    Raises
    ------
    UnsupportedActivationError
        If the activation is unknown.
    IllegalActivationError
        If the module has signs and the activation is not odd.
    NotAvailable
        If the graph is out of reach, or if a compressed graph has more than ``most_nodes`` nodes.

    Notes
    -----
    Edges are exact: they are decided by integers and equalities of cyclotomic numbers, without a
    tolerance. If the parity parts of the activation are stated or measured, the edges are exact for
    a function with those parts.

    Shares are float64, with errors up to about ``share_error``. A share below that error, even 0.0,
    is only known to be positive, because there is an edge. There may be no shares: if f is 0
    wherever Gaussians of this variance have mass, or if too much cancels in a sum. Then the edges
    have no ``share``, the graph has no ``share_error``, and ``shares`` gives the reason; otherwise
    ``shares`` is ``"expected"``.

    The theorem and its proof: :mod:`toolkit.pl`; the cyclic case is due to Gibson, Tubbenhauer and
    Williamson (arXiv 2408.00949).

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("S4").natural_module()
    >>> sorted(tk.interaction_graph(X, "relu").edges)
    [('L0', 'L0'), ('L3', 'L0'), ('L3', 'L3')]
    >>> sorted(tk.interaction_graph(X, "tanh").edges)
    [('L0', 'L0'), ('L3', 'L0'), ('L3', 'L3')]

    A cyclic group of order 10^9 has a node for each divisor:

    >>> Y = tk.group("C1000000000").regular_module()
    >>> graph = tk.interaction_graph(Y, "relu", compressed=True)
    >>> len(graph), graph.graph["simples"], graph.nodes["L300000001..L500000000"]["count"]
    (100, 500000001, 200000000)
    """
    I = Interactions(X, activation, bias=bias)  # noqa: E741 - the letter for interactions
    if compressed:
        return _compressed(I, variance, most_nodes)
    about: dict[str, object] = {
        "group": I.orbits[0].table.group,
        "module": I.name,
        "activation": I.activation.name,
        "bias": bias,
        "schema": GRAPH_SCHEMA,
        "activation_parts": I.activation.parts_are,
    }
    title = getattr(X, "group_title", about["group"])  # a table has no title
    if title != about["group"]:
        about["group_title"] = title
    rows, said = _shares(I, variance)
    return filled_digraph(I._nodes(), I._edges(rows), **about, **said)


def _compressed(
    I: Interactions,  # noqa: E741 - the letter for interactions
    variance: float,
    most_nodes: int,
) -> nx.DiGraph[str]:
    """Return the compressed graph: by kernels if they are known by formula, else from the full."""
    X, f = I.module, I.activation
    form = X.home.closed_form if isinstance(X, PermutationModule) and X.is_regular else None
    if form is not None and not powers_of(f):
        name = form.name
        if form.kernel_class_count() > most_nodes:
            raise NotAvailable(
                name,
                f"the compressed graph of {I.name}",
                f"it has up to {form.kernel_class_count():,} nodes, but at most {most_nodes:,} are "
                "constructed; interaction_graph(X, f, compressed=True, "
                f"most_nodes={form.kernel_class_count()}) constructs all of them",
            )
        classes = form.kernel_classes()
        graph = graph_of_kernels(classes, f, bias=I.bias)
        count = sum(c.size for c in classes)
    else:
        full = interaction_graph(X, f, bias=I.bias, variance=variance)
        graph = compressed_graph(full)
        name, count = full.graph["group"], len(full)
        if len(graph) > most_nodes:
            raise NotAvailable(
                name,
                f"the compressed graph of {I.name}",
                f"it has {len(graph):,} nodes, but at most {most_nodes:,} are allowed; "
                "raise most_nodes",
            )
    graph.graph.update(
        group=name,
        module=I.name,
        activation=f.name,
        bias=I.bias,
        schema=GRAPH_SCHEMA,
        activation_parts=f.parts_are,
        shares="none: they differ between the simples of a node",
        compressed=True,
        simples=count,
    )
    return graph


def _shares(
    I: Interactions,  # noqa: E741 - the letter for interactions
    variance: float,
) -> tuple[NDArray[np.float64] | None, dict[str, str | float]]:
    """Return the shares, if there are any, and what the graph says of them."""
    require_variance(variance)
    f = I.activation
    try:
        share = transfer_of_orbits(I.orbits, f, bias=I.bias, variance=variance)
        error = error_of_orbits(I.orbits, f, bias=I.bias, variance=variance)
    except (UnsupportedActivationError, NotAvailable) as reason:
        return None, {"shares": f"none: {reason}"}
    return share, {"shares": "expected", "share_error": error}
