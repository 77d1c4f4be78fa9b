"""Exact interaction graphs: which simples an activation joins, in any module."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from toolkit.errors import ModuleMismatchError, NotAvailable, UnsupportedActivationError
from toolkit.modules.signed_module import SignedModule
from toolkit.pl.activations.activation import find_activation
from toolkit.pl.criterion.occurrence import Reaches
from toolkit.pl.criterion.orbit import parts_of
from toolkit.pl.legality import require_legal_on
from toolkit.text import join_names, label_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    import networkx as nx
    from numpy.typing import NDArray

    from toolkit.modules.spherical import SphericalTable
    from toolkit.pl.activations.activation import Activation
    from toolkit.pl.criterion.occurrence import Reach
    from toolkit.pl.criterion.orbit import AnyModule, Part

    Bools: TypeAlias = NDArray[np.bool_]

__all__ = [
    "GRAPH_SCHEMA",
    "Criterion",
    "Interactions",
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
        Parts of the activation that give it, sorted: ``"constant"``, ``"degree 2"``, ...,
        ``"even"``, ``"linear"``, ``"odd"``.
    reach
        Dimension of the part of K^H that is reached, added up over the transitive parts: dim K^U
        for the even part, dim Hom_U(sgn, K) for the odd one, all of K^H where the linear part
        passes K on. For a power alone an upper bound, exact if K occurs once or H acts as 1.
    reach_of
        dim K^H, added up over the transitive parts.
    """

    label: str
    parts: tuple[str, ...]
    reach: int
    reach_of: int


@dataclass(frozen=True)
class Criterion:
    """The subgroup U of a set of simples in one transitive part, and what it decides about K.

    Parameters
    ----------
    part
        0-based number of the transitive part.
    plus_order, minus_size
        |U+| and |U-|; U is their union.
    even, odd
        dim K^U and dim Hom_U(sgn, K); ``odd`` is dim K^U if U- is empty.
    fixed
        dim K^H.
    is_source
        Whether K is among the simples present.
    """

    part: int
    plus_order: int
    minus_size: int
    even: int
    odd: int
    fixed: int
    is_source: bool


class Interactions:
    """The exact criterion for one module and one activation; asks are remembered.

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
    >>> [r.label for r in I.reached(["L3"])]
    ['L0', 'L1', 'L2']
    """

    def __init__(self, X: AnyModule, activation: object, *, bias: bool = False) -> None:
        self.activation: Activation = find_activation(activation)
        self.bias = bias
        self.module = X
        if isinstance(X, SignedModule):
            require_legal_on(X, self.activation)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The transitive parts."""
        return parts_of(self.module)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The simples that occur in the module, in canonical order."""
        found = {label for part in self.parts for label in part.labels}
        return tuple(sorted(found, key=label_key))

    @cached_property
    def fixed(self) -> dict[str, int]:
        """Per simple the multiplicity times dim End, over all parts."""
        out = dict.fromkeys(self.labels, 0)
        for part in self.parts:
            for label, fixed in zip(part.labels, part.fixed, strict=True):
                out[label] += fixed
        return out

    def require(self, labels: Iterable[str]) -> tuple[str, ...]:
        """Return labels without repetition, in canonical order.

        Parameters
        ----------
        labels
            One label, several, or energies by label: what has energy 0 is not present.

        Raises
        ------
        KeyError
            If one does not occur in the module; the message lists those that do.
        ModuleMismatchError
            If these are no labels at all.
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
                known = ", ".join(self.labels[:40]) + (", ..." if len(self.labels) > 40 else "")
                first = self.parts[0].table
                raise KeyError(f"{self.name} of {first.group} contains {known}, not {label!r}")
        return tuple(label for label in self.labels if label in wanted)

    @property
    def name(self) -> str:
        """Name of the module."""
        named = getattr(self.module, "name", None)
        return str(named) if named is not None else self.parts[0].table.module

    # one transitive part --------------------------------------------------------------------

    def _present(self, part: Part, sources: Iterable[str]) -> tuple[int, ...]:
        present = {part.position[label] for label in sources if label in part.position}
        if self.bias and part.trivial is not None:
            present.add(part.position[part.trivial])
        return tuple(sorted(present))

    @cached_property
    def _reaches(self) -> dict[int, Reaches]:
        return {id(part): Reaches(part) for part in self.parts}

    def _reach_in(self, part: Part, sets: Bools) -> tuple[Bools, Reach]:
        """Return which sets of a part's simples are not empty, and what those reach."""
        present = sets.copy()
        if self.bias and part.trivial is not None:
            present[:, part.position[part.trivial]] = True
        filled: Bools = np.any(present, axis=1, keepdims=True)[:, 0]
        return filled, self._reaches[id(part)].reach(self.activation, present[filled])

    def _reached_in(self, part: Part, sets: Sequence[Iterable[str]]) -> list[list[Reached]]:
        """Return, per set of sources, what it reaches in one part."""
        rows = [[label in sources for label in part.labels] for sources in map(set, sets)]
        filled, found = self._reach_in(part, np.array(rows, dtype=np.bool_))
        out: list[list[Reached]] = [[] for _ in sets]
        if part.trivial is not None and self.activation.at_zero:
            fixed = part.fixed[part.position[part.trivial]]
            for i in np.flatnonzero(~filled).tolist():
                out[i] = [Reached(part.trivial, ("constant",), 1, fixed)]
        places, simples = np.nonzero(found.masks)
        names: dict[int, tuple[str, ...]] = {}
        for i, k, mask, reach in zip(
            np.flatnonzero(filled)[places].tolist(),
            simples.tolist(),
            found.masks[places, simples].tolist(),
            found.reach[places, simples].tolist(),
            strict=True,
        ):
            if mask not in names:
                names[mask] = tuple(p for b, p in enumerate(found.parts) if mask >> b & 1)
            out[i].append(Reached(part.labels[k], names[mask], reach, part.fixed[k]))
        return out

    def closures(self, sets: Bools) -> Bools:
        """Return the least sets around given ones that the activation does not lead out of.

        Parameters
        ----------
        sets
            ``(sets, simples)``: which of :attr:`labels` are in a set.

        Returns
        -------
        numpy.ndarray
            ``(sets, simples)`` bool.

        Notes
        -----
        Exact. All sets at once: many times faster than one after another.
        """
        now = np.array(sets, dtype=np.bool_)
        opened = np.arange(len(now))
        while len(opened):
            before = now[opened]
            after = before.copy()
            for part in self.parts:
                where = self._places[id(part)]
                after[:, where] |= self._occurring_in(part, before[:, where])
            now[opened] = after
            opened = opened[(after != before).any(axis=1)]
        return now

    @cached_property
    def _places(self) -> dict[int, NDArray[np.intp]]:
        """Per part the positions of its simples among :attr:`labels`."""
        place = {label: i for i, label in enumerate(self.labels)}
        return {
            id(part): np.array([place[label] for label in part.labels], dtype=np.intp)
            for part in self.parts
        }

    def _occurring_in(self, part: Part, sets: Bools) -> Bools:
        """Return ``(sets, simples of the part)`` what sets of its simples reach."""
        filled, found = self._reach_in(part, sets)
        out = np.zeros_like(sets)
        out[filled] = found.masks > 0
        if part.trivial is not None and self.activation.at_zero:
            out[~filled, part.position[part.trivial]] = True
        return out

    # the whole module -----------------------------------------------------------------------

    def reached(self, sources: Iterable[str]) -> tuple[Reached, ...]:
        """Return the simples that occur in f(v) for v in the isotypic parts of the sources.

        "Occur" means: for some v, and then for all v of an open set.

        Notes
        -----
        Exact: integers decide, and powers by proved zeros of cyclotomic numbers. A K that is not
        returned does not occur, whatever v.
        """
        return self.reached_from_each([sources])[0]

    def reached_from_each(self, sets: Sequence[Iterable[str]]) -> tuple[tuple[Reached, ...], ...]:
        """Return :meth:`reached` for several sets of sources, which is much faster at once."""
        chosen = [self.require(sources) for sources in sets]
        found = [self._reached_in(part, chosen) for part in self.parts]
        return tuple(self._united(lists) for lists in zip(*found, strict=True))

    def reached_in_parts(self, sources: Iterable[str]) -> tuple[tuple[Reached, ...], ...]:
        """Return :meth:`reached` part by part; ``reach`` and ``reach_of`` are those of the part."""
        chosen = self.require(sources)
        return tuple(tuple(self._reached_in(part, [chosen])[0]) for part in self.parts)

    def _united(self, lists: Sequence[list[Reached]]) -> tuple[Reached, ...]:
        """Return what is reached in several parts together."""
        if len(lists) == 1:
            return tuple(lists[0])
        found: dict[str, list[Reached]] = {}
        for r in itertools.chain.from_iterable(lists):
            found.setdefault(r.label, []).append(r)
        return tuple(
            Reached(
                label,
                tuple(sorted({p for r in found[label] for p in r.parts})),
                sum(r.reach for r in found[label]),
                self.fixed[label],
            )
            for label in self.labels
            if label in found
        )

    def criterion(self, sources: Iterable[str], target: str) -> tuple[Criterion, ...]:
        """Return, per transitive part with a source and K, the integers that decide on K."""
        chosen = self.require(sources)
        self.require([target])
        out = []
        for number, part in enumerate(self.parts):
            present = self._present(part, chosen)
            if not present or target not in part.position:
                continue
            k = part.position[target]
            plus, minus = part.subgroup(present)
            even = part.dimensions_of_fixed(plus, minus, 1)[k]
            odd = part.dimensions_of_fixed(plus, minus, -1)[k] if minus.any() else even
            above = sum(part.sizes[c] for c in np.flatnonzero(plus).tolist())
            below = sum(part.sizes[c] for c in np.flatnonzero(minus).tolist())
            out.append(Criterion(number, above, below, even, odd, part.fixed[k], k in present))
        return tuple(out)


def reached_from(
    X: AnyModule, sources: Iterable[str], activation: object, *, bias: bool = False
) -> tuple[Reached, ...]:
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

    Notes
    -----
    Exact; the theorem is in :mod:`toolkit.pl`. For many questions about one module make an
    :class:`Interactions` once.

    Examples
    --------
    >>> import toolkit as tk
    >>> reached_from(tk.group("S4").natural_module(), ["L3"], "square")
    (Reached(label='L0', parts=('degree 2',), reach=1, reach_of=1),
     Reached(label='L3', parts=('degree 2',), reach=1, reach_of=1))
    """
    return Interactions(X, activation, bias=bias).reached(sources)


def interaction_graph(
    X: AnyModule, activation: object, *, bias: bool = False, variance: float = 1.0
) -> nx.DiGraph[str]:
    """Return the interaction graph of a module: an edge L -> K iff K occurs in f(v).

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
        Of each coordinate, for the shares; homogeneous activations do not care.

    Returns
    -------
    networkx.DiGraph
        Nodes are labels with ``dimension``, ``type``, ``multiplicity``, ``action_order``,
        ``kernel_order`` (and ``paper_index``); edges have ``parts`` (a text such as
        ``"even, linear"``, see :func:`toolkit.text.split_names`), ``reach`` of ``reach_of`` and
        ``share`` (see :class:`Reached` and
        :func:`~toolkit.pl.transfer.matrix.transfer_matrix`); the graph names ``group``, ``module``,
        ``activation``, ``bias``, ``schema``, and ``activation_parts`` (``"exact"``, ``"stated"`` or
        ``"measured"``: on what the edges rest), ``shares`` and ``share_error``. All values are
        texts, numbers and Booleans, which the writers of networkx take; see also
        :mod:`toolkit.formats`.

    Raises
    ------
    UnsupportedActivationError
        If the activation is unknown.
    IllegalActivationError
        If the module has signs and the activation is not odd.

    Notes
    -----
    Edges are exact: integers and cyclotomic equality decide, no tolerance. If the parts of the
    activation are stated or measured, they are exact for a function with those parts.

    Shares are float64, with errors up to about ``share_error``: below that, 0.0 included, a share
    is only known to be positive, because there is an edge. Where there are none (f is 0 wherever
    Gaussians of this variance fall, or too large a sum cancels) the edges have no ``share``, the
    graph no ``share_error``, and ``shares`` says why; else ``shares`` is ``"expected"``.

    The theorem and its proof: :mod:`toolkit.pl`; the cyclic case is arXiv 2408.00949.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("S4").natural_module()
    >>> sorted(tk.interaction_graph(X, "relu").edges)
    [('L0', 'L0'), ('L3', 'L0'), ('L3', 'L3')]
    >>> sorted(tk.interaction_graph(X, "tanh").edges)
    [('L0', 'L0'), ('L3', 'L0'), ('L3', 'L3')]
    """
    import networkx as nx

    I = Interactions(X, activation, bias=bias)  # noqa: E741 - the letter for interactions
    graph: nx.DiGraph[str] = nx.DiGraph(
        group=I.parts[0].table.group,
        module=I.name,
        activation=I.activation.name,
        bias=bias,
        schema=GRAPH_SCHEMA,
        activation_parts=I.activation.parts_are,
    )
    simples = {s.label: s for part in I.parts for s in part.table.simples}
    for label in I.labels:
        s = simples[label]
        index = {} if s.paper_index is None else {"paper_index": s.paper_index}
        graph.add_node(
            label,
            dimension=s.dimension,
            type=s.type,
            multiplicity=I.fixed[label] // s.endomorphism_dimension,
            action_order=s.action_order,
            kernel_order=s.kernel_order,
            **index,
        )
    rows, said = _shares(I, variance)
    graph.graph.update(said)
    place = {label: i for i, label in enumerate(I.labels)}
    reached = I.reached_from_each([[label] for label in I.labels])
    for source, targets in zip(I.labels, reached, strict=True):
        for r in targets:
            share = {} if rows is None else {"share": rows[place[source]][place[r.label]]}
            graph.add_edge(
                source,
                r.label,
                parts=join_names(r.parts),
                reach=r.reach,
                reach_of=r.reach_of,
                **share,
            )
    return graph


def _shares(
    I: Interactions,  # noqa: E741 - the letter for interactions
    variance: float,
) -> tuple[list[list[float]] | None, dict[str, str | float]]:
    """Return the shares, if there are any, and what the graph says of them."""
    from toolkit.pl.activations.checks import require_variance
    from toolkit.pl.transfer.matrix import error_of_parts, transfer_of_parts

    require_variance(variance)
    f = I.activation
    try:
        share = transfer_of_parts(I.parts, I.labels, f, bias=I.bias, variance=variance)
        error = error_of_parts(I.parts, f, bias=I.bias, variance=variance)
    except (UnsupportedActivationError, NotAvailable) as reason:
        return None, {"shares": f"none: {reason}"}
    return share.tolist(), {"shares": "expected", "share_error": error}


def interaction_graph_of_table(
    table: SphericalTable, activation: object, *, bias: bool = False
) -> nx.DiGraph[str]:
    """Return the interaction graph from the spherical table; see :func:`interaction_graph`."""
    return interaction_graph(table, activation, bias=bias)
