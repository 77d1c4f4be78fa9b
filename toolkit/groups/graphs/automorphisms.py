"""Generators and order of the group of automorphisms of a coloured graph."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from toolkit.errors import InconsistentAnswerError, NotAvailable
from toolkit.groups.graphs.core import Core, Drawing, Engine
from toolkit.groups.graphs.few_generators import few_generators
from toolkit.groups.graphs.folding import Bundle, Move, exchanges, fold, moves_within, points_of
from toolkit.groups.specs.generated import MAX_IMAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.groups.graphs.folding import Folded
    from toolkit.groups.graphs.relation import Relation


@dataclass(frozen=True, eq=False)
class Automorphisms:
    """The automorphisms of a coloured graph.

    Parameters
    ----------
    images
        ``(k, n)`` the images of the points under generators, each checked to keep the graph;
        the identity alone if there is no other.
    order
        The order of the group: of the folded parts by formula, of the core from the library.
    """

    images: NDArray[np.intp]
    order: int


@dataclass(frozen=True, eq=False)
class _Component:
    """Isomorphic components of the core, their bundles in corresponding orders."""

    copies: list[list[Bundle]]
    core: Core


def automorphisms(relation: Relation, engine: Engine) -> Automorphisms:
    """Return the automorphisms of a coloured graph.

    Parameters
    ----------
    relation
        The graph.
    engine
        Searches what does not fold.

    Raises
    ------
    NotAvailable
        If there are too many generators to be written out.
    InconsistentAnswerError
        If a generator does not keep the graph: the library is wrong.

    Notes
    -----
    Exact. Deterministic for one release of the library.

    Examples
    --------
    >>> from toolkit.groups.graphs.core import Igraph
    >>> from toolkit.groups.graphs.relation import Relation
    >>> square = Relation.of_pairs([0] * 4, [0, 1, 2, 3], [1, 2, 3, 0], [1] * 4, [1] * 4)
    >>> automorphisms(square, Igraph()).order
    8
    """
    folded = fold(relation)
    components = _components(relation, folded, engine)
    order = 1
    for component in components:
        one = component.core.order
        for bundle in component.copies[0]:
            one *= folded.orders[bundle.type]
        count = len(component.copies)
        order *= one**count * math.factorial(count)
    images = _written_out(relation.size, _moves(components))
    kept = relation.is_kept_by(images)
    if not kept.all():
        raise InconsistentAnswerError(
            "a graph", "automorphisms", f"generator {int(np.argmin(kept))} breaks an edge"
        )
    return Automorphisms(images, order)


def _moves(components: list[_Component]) -> Iterator[Move]:
    for component in components:
        first = component.copies[0]
        blocks = [points_of(bundle) for bundle in first]
        for image in component.core.images.tolist():
            moved = [i for i, j in enumerate(image) if i != j]
            yield (
                [p for i in moved for p in blocks[i]],
                [p for i in moved for p in blocks[image[i]]],
            )
        if len(component.copies) > 1:
            yield from exchanges(
                [[p for bundle in copy for p in points_of(bundle)] for copy in component.copies]
            )
        for i in _orbit_representatives(component.core.images):
            yield from moves_within(first[i])


def _orbit_representatives(images: NDArray[np.intp]) -> list[int]:
    n = images.shape[1]
    if not len(images):
        return list(range(n))
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows = np.tile(np.arange(n), len(images))
    graph = coo_array((np.ones(rows.size), (rows, images.ravel())), shape=(n, n))
    labels = connected_components(graph, directed=False)[1]
    firsts: list[int] = np.unique(labels, return_index=True)[1].tolist()
    return firsts


def _written_out(size: int, moves: Iterator[Move]) -> NDArray[np.intp]:
    rows: list[NDArray[np.int32]] = []
    identity = np.arange(size, dtype=np.int32)
    for source, target in moves:
        if (len(rows) + 1) * size > MAX_IMAGES:
            raise NotAvailable(
                "a graph",
                "its automorphism group",
                f"it needs more than {len(rows)} generators on {size:,} nodes, past the bound of "
                f"{MAX_IMAGES:,} images together: it has very many independent parts",
            )
        image = identity.copy()
        image[source] = target
        rows.append(image)
    return np.array(rows or [identity], dtype=np.intp)


def _components(relation: Relation, folded: Folded, engine: Engine) -> list[_Component]:
    """Return the components of the folded graph, the isomorphic ones together."""
    points = np.array(sorted(folded.bundles), dtype=np.intp)
    bundles = [folded.bundles[p] for p in points.tolist()]
    types = np.array([b.type for b in bundles], dtype=np.intp)
    whole = relation.restricted(points, types)
    n = whole.size
    labels: Any = np.arange(n)
    if whole.low.size:
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        pairs = (np.ones(whole.low.size), (whole.low, whole.high))
        labels = connected_components(coo_array(pairs, shape=(n, n)))[1]
    order = np.argsort(labels, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
    trivial = Core(np.empty((0, 1), dtype=np.intp), 1)
    out = [_Component([[bundles[m[0]]]], trivial) for m in members if m.size == 1]
    large = [m for m in members if m.size > 1]
    if len(large) == 1:
        (only,) = large
        own = whole if only.size == n else whole.restricted(only, types[only])
        out.append(_Component([[bundles[i] for i in only.tolist()]], _searched(own, engine)))
        return out
    return out + _matched(whole, types, bundles, large, engine)


def _searched(relation: Relation, engine: Engine) -> Core:
    core = Drawing(relation).automorphisms(engine)
    return Core(few_generators(core.images, core.order), core.order)


def _matched(
    whole: Relation,
    types: NDArray[np.intp],
    bundles: list[Bundle],
    members: list[NDArray[np.intp]],
    engine: Engine,
) -> list[_Component]:
    """Return components of two or more points, isomorphic ones together by canonical forms."""
    if not members:
        return []
    # the pairs of each component, cut out of one sorted list
    number = np.full(whole.size, -1, dtype=np.intp)
    place = np.zeros(whole.size, dtype=np.intp)
    for i, own in enumerate(members):
        number[own] = i
        place[own] = np.arange(own.size)
    order = np.argsort(number[whole.low], kind="stable")
    cuts = np.searchsorted(number[whole.low][order], np.arange(len(members) + 1))
    found: dict[object, _Component] = {}
    single: list[_Component] = []
    for i, own in enumerate(members):
        pairs = order[cuts[i] : cuts[i + 1]]
        part = type(whole)(
            types[own],
            place[whole.low[pairs]],
            place[whole.high[pairs]],
            whole.forward[pairs],
            whole.backward[pairs],
        )
        drawing = Drawing(part)
        listed = drawing.canonical_order(engine)
        if listed is None:  # all components in one search
            points = np.sort(np.concatenate(members))
            rest = whole.restricted(points, types[points])
            return [_Component([[bundles[p] for p in points.tolist()]], _searched(rest, engine))]
        copy = [bundles[p] for p in own[listed].tolist()]
        key = _form(part, listed)
        if key in found:
            found[key].copies.append(copy)
            continue
        core = drawing.automorphisms(engine)
        # in the listed order, as the copies are
        new = np.empty(own.size, dtype=np.intp)
        new[listed] = np.arange(own.size)
        images = new[core.images[:, listed]]
        images = few_generators(images, core.order)
        found[key] = _Component([copy], Core(images, core.order))
        single.append(found[key])
    return single


def _form(part: Relation, listed: NDArray[np.intp]) -> tuple[bytes, ...]:
    """Return the whole structure with its points renumbered in the order of a list."""
    new = np.empty(part.size, dtype=np.intp)
    new[listed] = np.arange(part.size)
    moved = type(part).of_pairs(
        part.colors[listed], new[part.low], new[part.high], part.forward, part.backward
    )
    columns = (moved.colors, moved.low, moved.high, moved.forward, moved.backward)
    return tuple(column.astype("<i8").tobytes() for column in columns)
