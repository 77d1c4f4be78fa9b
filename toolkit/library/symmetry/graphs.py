"""The automorphisms of a networkx graph that keep all of its attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.groups.graphs.reading import read_graph
from toolkit.groups.graphs.values import inexact_numbers
from toolkit.groups.specs.base import data_refusal
from toolkit.library.drawings import permutations_of, symmetries_of
from toolkit.library.group import Group
from toolkit.library.session import Session, default_session
from toolkit.library.symmetry.averaging import average_of_numbers, orbit_labels
from toolkit.library.symmetry.found import Decision, FoundSymmetry, How
from toolkit.library.symmetry.numbers_given import tolerance_of
from toolkit.library.symmetry.trade_off import TradeOff, TradeOffRow
from toolkit.library.symmetry.value_gaps import Clustering, decided_by_gaps

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    import networkx as nx
    from numpy.typing import NDArray

_ROWS = 5


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
        them is a float; else the gaps between the values of each attribute decide, and the largest
        tolerance that one of them needs is used, if it suits all.
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
        As :func:`toolkit.group_from_graph`; or if the gaps of two attributes ask for tolerances
        that do not suit each other.

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
    used = session or default_session()
    left_out = set(ignore)
    data = {
        "node": [own for _, own in graph.nodes(data=True)],
        "edge": [own for *_, own in graph.edges(data=True)],
    }
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
    considered: list[float] = []
    if tol is not None:
        chosen, how, why = float(tol), "tolerance" if tol else "exact", f"tol={tol:g}, as given"
    elif not floats:
        chosen, how, why = 0.0, "exact", "integers, fractions and names were compared"
    else:
        chosen, how, why, considered = _decided(floats)
    decisions.append(Decision("which values are equal", _how(how), why))

    def images_within(t: float) -> tuple[NDArray[np.intp], int]:
        read = read_graph(graph, names["node"], names["edge"], t, left_out)
        found = symmetries_of(read.relation, used)
        return found.images, found.order

    images, order = images_within(chosen)
    residual, share = _left(graph, names, images, bool(floats))
    rows = []
    for t in sorted({chosen, *considered[:_ROWS]}) if considered else []:
        if t == chosen:
            own, count, left, kept_share = images, order, residual, share
        else:
            try:
                own, count = images_within(t)
            except ValueError:  # chains of values
                continue
            left, kept_share = _left(graph, names, own, True)
        generators = tuple(map(tuple, own.tolist())) if count > 1 else ()
        rows.append(TradeOffRow(t, count, left, kept_share, generators))
    trade_off = None
    if rows:
        trade_off = TradeOff(tuple(rows), [row.tol for row in rows].index(chosen))
    detail = "all automorphisms of the coloured graph, found by igraph or digraphs"
    decisions.append(Decision("the group", _how(how) if chosen == 0 else "tolerance", detail))
    group = Group(permutations_of(images), used, title=name, known_order=order)
    facts = {"nodes": [str(node) for node in graph]}
    modules = {"nodes": group.natural_module()}
    return FoundSymmetry(
        group, dict(modules), tuple(decisions), residual, chosen, None, trade_off, facts
    )


def _how(how: str) -> How:
    return "exact" if how == "exact" else "rounding" if how == "rounding" else "tolerance"


def _numbers(
    data: dict[str, list[dict[Any, Any]]], names: dict[str, list[Hashable]]
) -> dict[str, list[float]]:
    """Return the numbers of the attributes that hold floats, each as often as it stands there."""
    out = {}
    for what, keys in names.items():
        for key in keys:
            values = [one[key] for one in data[what] if key in one]
            if inexact_numbers(values).size:
                numbers = [x for value in values for x in _parts(value)]
                if not np.isfinite(numbers).all():
                    raise data_refusal(
                        "this graph", f"numbers of the attribute {key!r:.40} must be finite"
                    )
                out[f"{what} {key!r}"] = numbers
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


def _decided(floats: dict[str, list[float]]) -> tuple[float, str, str, list[float]]:
    """Return the tolerance that all attributes agree on, how, why, and others to consider."""
    choices: dict[str, Clustering] = {}
    reasons: list[str] = []
    others: set[float] = set()
    how = "rounding"
    for key, values in floats.items():
        chosen, considered, reason = decided_by_gaps(values)
        choices[key] = chosen
        reasons.append(f"{key}: {reason}")
        if chosen is not considered[0]:
            how = "tolerance"
        clear = sorted(considered, key=lambda one: -one.separation)
        others.update(one.tol for one in clear[:_ROWS])
    least = max(one.width for one in choices.values())
    most = min(one.gap for one in choices.values() if one.classes > 1 or one.gap)
    if least >= most:
        raise data_refusal(
            "this graph",
            f"the gaps between values ask for a tolerance of at least {least:.3g} for one "
            f"attribute and less than {most:.3g} for another",
            "give a tol, or scale the attributes",
        )
    tol = max(one.tol for one in choices.values())
    if not least <= tol < most:
        tol = float(np.sqrt(max(least, 1e-300) * most))
    return tol, how, f"tol={tol:.3g}: " + "; ".join(reasons), sorted(others)


def _left(
    graph: nx.Graph[Any],
    names: dict[str, list[Hashable]],
    images: NDArray[np.intp],
    has_floats: bool,
) -> tuple[float, float]:
    """Return the largest difference of a number from its average over orbits, and what is kept.

    Parallel edges are compared in the order of their values.
    """
    if not has_floats:
        return 0.0, 1.0
    worst, kept = 0.0, 1.0
    number = {node: i for i, node in enumerate(graph)}
    n = len(number)
    for key in names["node"]:
        rows: dict[int, list[float]] = {
            number[node]: _parts(own[key]) for node, own in graph.nodes(data=True) if key in own
        }
        worst, kept = _compared(rows, orbit_labels(list(images), n), worst, kept)
    if names["edge"] and graph.number_of_edges():
        pairs: dict[int, list[list[float]]] = {}
        ends = sorted({_ends(number[u], number[v], graph.is_directed()) for u, v in graph.edges()})
        place = {pair: i for i, pair in enumerate(ends)}
        moved = [
            np.array([place[_ends(int(g[u]), int(g[v]), graph.is_directed())] for u, v in ends])
            for g in images
        ]
        labels = orbit_labels(moved, len(ends))
        for key in names["edge"]:
            pairs = {}
            for u, v, own in graph.edges(data=True):
                if key in own:
                    pair = _ends(number[u], number[v], graph.is_directed())
                    pairs.setdefault(place[pair], []).append(_parts(own[key]))
            flat = {i: [x for one in sorted(own) for x in one] for i, own in pairs.items()}
            worst, kept = _compared(flat, labels, worst, kept)
    return worst, kept


def _ends(u: int, v: int, directed: bool) -> tuple[int, int]:
    return (u, v) if directed or u <= v else (v, u)


def _compared(
    rows: dict[int, list[float]], labels: NDArray[np.intp], worst: float, kept: float
) -> tuple[float, float]:
    numbers: list[float] = []
    own: list[int] = []
    known: dict[tuple[int, int], int] = {}
    for i, parts in rows.items():
        for slot, x in enumerate(parts):
            numbers.append(x)
            own.append(known.setdefault((int(labels[i]), slot), len(known)))
    if not numbers:
        return worst, kept
    mean = average_of_numbers(np.array(numbers), np.array(own, dtype=np.intp))
    return max(worst, mean.residual), min(kept, mean.kept)
