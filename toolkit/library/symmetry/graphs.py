"""The automorphisms of a networkx graph that keep all of its attributes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import NamingError
from toolkit.groups.graphs.reading import read_graph
from toolkit.groups.graphs.values import inexact_numbers
from toolkit.groups.specs.base import data_refusal
from toolkit.library.drawings import permutations_of, symmetries_of
from toolkit.library.group import Group
from toolkit.library.session import Session, session_or_default
from toolkit.library.symmetry.averaging import average_of_numbers, orbit_labels
from toolkit.library.symmetry.coincidences import chance_bound, coincidence
from toolkit.library.symmetry.found import Decision, FoundSymmetry, How
from toolkit.library.symmetry.numbers_given import numbers_of_tensor, tolerance_of
from toolkit.library.symmetry.resolution import Resolution, resolution_of, type_of
from toolkit.library.symmetry.tolerance_choice import Attempt, Choice, chosen_tolerance
from toolkit.library.symmetry.trade_off import TradeOffRow
from toolkit.text import listed

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    import networkx as nx
    from numpy.typing import NDArray

_ROOM = 1.01  # times a step of the grid of the numbers: what equal ones differ by


def symmetry_of_graph(
    graph: nx.Graph[Any],
    *,
    tol: float | None = None,
    ignore: Iterable[Hashable] = (),
    name: str | None = None,
    session: Session | None = None,
) -> FoundSymmetry:
    """Return the automorphism group of a graph: all attributes of nodes and edges are kept.

    Parameters
    ----------
    graph
        A Graph, DiGraph, MultiGraph or MultiDiGraph. Directions, loops and parallel edges count.
    tol
        Numbers in attributes that differ by at most this much are equal. By default 0 if none of
        them is a float; else ties, digits and gaps of the values decide, one tolerance for all
        attributes, see :func:`~toolkit.library.symmetry.tolerance_choice.chosen_tolerance`.
    ignore
        Names of attributes that need not be kept.
    name
        The group's name, for display.
    session
        As in :func:`toolkit.group`.

    Returns
    -------
    FoundSymmetry
        With the module ``"nodes"``, in networkx's own order of the nodes.

    Raises
    ------
    NamingError
        As :func:`toolkit.group_from_graph`; or if a name to ignore is no attribute.

    See Also
    --------
    toolkit.group_from_graph : The same with attributes named one by one.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.cycle_graph(6)
    >>> nx.set_edge_attributes(graph, {e: 1 + i % 2 for i, e in enumerate(graph.edges)}, "bond")
    >>> found = symmetry_of_graph(graph)
    >>> found.is_exact
    True
    """
    if not hasattr(graph, "adjacency"):
        raise data_refusal("this graph", f"it must be a networkx graph, not {type(graph).__name__}")
    tol = tolerance_of(tol, "this graph")
    used = session_or_default(session)
    left_out = set([ignore] if isinstance(ignore, str) else ignore)
    graph = _plain_values(graph)
    data = {
        "node": [own for _, own in graph.nodes(data=True)],
        "edge": [own for *_, own in graph.edges(data=True)],
    }
    there = list(dict.fromkeys(k for own in data.values() for one in own for k in one))
    for name_out in left_out:
        if name_out not in there:
            carried = listed([repr(k) for k in there], 12) if there else "none"
            raise data_refusal(
                "this graph",
                f"ignore= must name attributes, but none is called {name_out!r:.40}: there are "
                f"{carried}",
            )
    names: dict[str, list[Hashable]] = {
        what: [key for key in dict.fromkeys(k for one in own for k in one) if key not in left_out]
        for what, own in data.items()
    }
    floats = _numbers(data, names)
    kept = ", ".join(f"{what} {key!r}" for what, keys in names.items() for key in keys)
    what_is_kept = Decision(
        "which attributes are kept",
        "exact",
        f"all: {kept}" if kept else "there are none" if not left_out else "none is left",
    )
    decisions = [what_is_kept]
    trade_off = None
    search = _Search(graph, names, left_out, floats, used)
    if tol is not None or not floats:
        chosen = float(tol or 0.0)
        how: How = "tolerance" if chosen else "exact"
        why = "integers, fractions and names were compared" if tol is None else (
            f"tol={tol:g}, as given"
        )  # fmt: skip
        images, order = search.images_within(chosen)
        residual = search.left(images)[0]
    else:
        choice = search.choice()
        if choice is None:
            raise data_refusal("this graph", "no tolerance gives a group", "give a tol")
        chosen, how, why = choice.attempt.row.tol, choice.how, choice.reason
        images, order = choice.attempt.images, choice.attempt.order
        residual, trade_off = choice.attempt.row.residual, choice.trade_off
    decisions.append(Decision("which values are equal", how, why))
    detail = "all automorphisms of the coloured graph, found by igraph or digraphs"
    decisions.append(Decision("the group", how if chosen == 0 else "tolerance", detail))
    group = Group(permutations_of(images), used, title=name, known_order=order)
    facts = {"nodes": [str(node) for node in graph]}
    modules = {"nodes": group.natural_module()}
    return FoundSymmetry(
        group, dict(modules), tuple(decisions), residual, chosen, None, trade_off, facts
    )


class _Search:
    """The tolerances that the attributes of a graph may have."""

    def __init__(
        self,
        graph: nx.Graph[Any],
        names: dict[str, list[Hashable]],
        left_out: set[Hashable],
        floats: dict[tuple[str, Hashable], tuple[NDArray[np.float64], str]],
        session: Session,
    ) -> None:
        self.graph, self.names, self.left_out = graph, names, left_out
        self.floats, self.session = floats, session
        known = [resolution_of(own, kind) for own, kind in floats.values()]
        grids = [one for one in known if one.step]
        self.rounding = max((one.rounding for one in known), default=0.0)
        self.known = max(grids, key=lambda one: one.step) if grids else Resolution(0.0, 0.0, "")
        self.log_count = 0.0

    def images_within(self, tol: float) -> tuple[NDArray[np.intp], int]:
        read = read_graph(
            self.graph, self.names["node"], self.names["edge"], tol, self.left_out
        )  # fmt: skip
        found = symmetries_of(read.relation, self.session)
        return found.images, found.order

    def choice(self) -> Choice | None:
        """Return the tolerance and its group."""
        kept = {
            what: [key for key in keys if (what, key) not in self.floats]
            for what, keys in self.names.items()
        }
        everything = {key for keys in self.names.values() for key in keys} | self.left_out
        read = read_graph(self.graph, kept["node"], kept["edge"], 0.0, everything)
        self.log_count = math.log(symmetries_of(read.relation, self.session).order)
        values = [own for own, _ in self.floats.values()]
        tols = [self.rounding, 0.0]
        grid = self.known.step * _ROOM
        return chosen_tolerance(values, tols, grid, self.known, self.attempt)

    def attempt(self, tol: float) -> Attempt | None:
        try:
            images, order = self.images_within(tol)
        except NamingError:  # chains of values
            return None
        residual, share = self.left(images)
        found = [
            coincidence(numbers, labels, self.rounding)
            for key, numbers, labels in _orbits(self.graph, self.names, images)
            if key in self.floats
        ]
        least = max(self.rounding, self.known.step)
        chance = chance_bound(found, self.log_count - math.log(order), least)
        generators = tuple(map(tuple, images.tolist())) if order > 1 else ()
        row = TradeOffRow(tol, order, residual, share, generators)
        return Attempt(row, images, max((one.spread for one in found), default=0.0), chance)

    def left(self, images: NDArray[np.intp]) -> tuple[float, float]:
        """Return the largest difference of a number from its average, and what is kept."""
        worst, kept = 0.0, 1.0
        if self.floats:
            for _, numbers, labels in _orbits(self.graph, self.names, images):
                mean = average_of_numbers(numbers, labels)
                worst, kept = max(worst, mean.residual), min(kept, mean.kept)
        return worst, kept


def _plain_values(graph: nx.Graph[Any]) -> nx.Graph[Any]:
    """Return the graph with tensors and arrays among its attributes as numbers and lists.

    Such values are compared by what they hold, not by which object they are.
    """
    data = [own for _, own in graph.nodes(data=True)]
    data += [own for *_, own in graph.edges(data=True)]
    if not any(hasattr(value, "detach") for own in data for value in own.values()):
        return graph
    graph = graph.copy()
    for own in (
        *(own for _, own in graph.nodes(data=True)),
        *(own for *_, own in graph.edges(data=True)),
    ):
        for key, value in own.items():
            if hasattr(value, "detach"):
                own[key] = numbers_of_tensor(value, f"the attribute {key!r:.40}")
    return graph


def _numbers(
    data: dict[str, list[dict[Any, Any]]], names: dict[str, list[Hashable]]
) -> dict[tuple[str, Hashable], tuple[NDArray[np.float64], str]]:
    """Return the numbers of the attributes that hold floats, and their type."""
    out = {}
    for what, keys in names.items():
        for key in keys:
            values = [one[key] for one in data[what] if key in one]
            if inexact_numbers(values).size:
                numbers = np.array([x for value in values for x in _parts(value)])
                if not np.isfinite(numbers).all():
                    raise data_refusal(
                        "this graph", f"numbers of the attribute {key!r:.40} must be finite"
                    )
                out[what, key] = numbers, type_of(values)
    return out


def _parts(value: Any) -> list[float]:  # noqa: ANN401 - any attribute
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [x for item in value for x in _parts(item)]
    if isinstance(value, complex):
        return [value.real, value.imag]
    try:
        return [float(value)] if not isinstance(value, str) else []
    except (TypeError, ValueError, OverflowError):
        return []


def _orbits(
    graph: nx.Graph[Any], names: dict[str, list[Hashable]], images: NDArray[np.intp]
) -> Iterator[tuple[tuple[str, Hashable], NDArray[np.float64], NDArray[np.intp]]]:
    """Yield for each attribute with numbers these, and their orbits under permutations.

    Parallel edges are compared in the order of their values.
    """
    number = {node: i for i, node in enumerate(graph)}
    labels = orbit_labels(list(images), len(number))
    for key in names["node"]:
        rows: dict[int, list[float]] = {
            number[node]: _parts(own[key]) for node, own in graph.nodes(data=True) if key in own
        }
        yield ("node", key), *_by_orbit(rows, labels)
    if names["edge"] and graph.number_of_edges():
        ends = sorted({_ends(number[u], number[v], graph.is_directed()) for u, v in graph.edges()})
        place = {pair: i for i, pair in enumerate(ends)}
        moved = [
            np.array([place[_ends(int(g[u]), int(g[v]), graph.is_directed())] for u, v in ends])
            for g in images
        ]
        labels = orbit_labels(moved, len(ends))
        for key in names["edge"]:
            pairs: dict[int, list[list[float]]] = {}
            for u, v, own in graph.edges(data=True):
                if key in own:
                    pair = _ends(number[u], number[v], graph.is_directed())
                    pairs.setdefault(place[pair], []).append(_parts(own[key]))
            flat = {i: [x for one in sorted(own) for x in one] for i, own in pairs.items()}
            yield ("edge", key), *_by_orbit(flat, labels)


def _ends(u: int, v: int, directed: bool) -> tuple[int, int]:
    return (u, v) if directed or u <= v else (v, u)


def _by_orbit(
    rows: dict[int, list[float]], labels: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    numbers: list[float] = []
    own: list[int] = []
    known: dict[tuple[int, int], int] = {}
    for i, parts in rows.items():
        for slot, x in enumerate(parts):
            numbers.append(x)
            own.append(known.setdefault((int(labels[i]), slot), len(known)))
    return np.array(numbers, dtype=np.float64), np.array(own, dtype=np.intp)
