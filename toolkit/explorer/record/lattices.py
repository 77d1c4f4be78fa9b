"""Lattices of a record, placed: normal subgroups, and sets of simples closed under an activation.

A lattice is drawn in rows by the longest chain to one end. The lattice of normal subgroups is
modular, so that every cover joins neighbouring rows. Closed sets grow downwards: for a regular
module they are in bijection with the normal subgroups, which reverses inclusion, and each stands at
the place of its normal subgroup.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from toolkit.errors import NotAvailable
from toolkit.explorer.record.pictures import ACTIVATIONS
from toolkit.figures.graph.crossings import order_layers
from toolkit.figures.graph.geometry import Item
from toolkit.figures.graph.layout import place_layers
from toolkit.groups.subgroups import normal_subgroups_of_table
from toolkit.modules.permutation_module import PermutationModule
from toolkit.pl.interactions.closure import closed_sets
from toolkit.text import split_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.library.group import Group
    from toolkit.modules.module import Module

#: Lattices with more elements are not placed.
MOST_PLACED = 400
#: Closed sets that are not those of normal subgroups: the most of them, and of simples.
MOST_CLOSED, MOST_SIMPLES = 64, 120
_WIDE_ROW = 24  # above it elements are drawn as dots, close to one another
_PER_LINE = 36  # of dots; a row with more is broken into several lines
_ROOMY, _CLOSE = 56.0, 26.0
_MARGIN = 30.0


def normal_lattice(G: Group) -> dict[str, Any]:
    """Return where the normal subgroups stand, in the order of their labels.

    Parameters
    ----------
    G
        A group with a character table.

    Returns
    -------
    dict
        ``positions``, ``[x, y]`` of each centre, y downwards, G on top; ``width``, ``height``;
        ``spacing``, the least distance in a row: 56 has room for labels, 26 for dots.

    Raises
    ------
    NotAvailable
        If there are more than 400 normal subgroups, or no character table.

    Examples
    --------
    >>> import toolkit as tk
    >>> normal_lattice(tk.group("S3"))["positions"]
    [[30, 167], [30, 98], [30, 30]]
    """
    lattice = normal_subgroups_of_table(G.character_table)
    if len(lattice) > MOST_PLACED:
        raise NotAvailable(
            G.name,
            "the picture of the normal subgroups",
            f"there are {len(lattice):,}, and up to {MOST_PLACED} are drawn",
        )
    return hasse(len(lattice), [(j, i) for i, j in lattice.covers])


def closed_lattice(X: Module, kind: str) -> dict[str, Any] | str:
    """Return the lattice of closed sets of a module, placed.

    Parameters
    ----------
    X
        A permutation module.
    kind
        ``"even"``, ``"odd"`` or ``"both"``: the parts of f that are no polynomials; the others
        are 0.

    Returns
    -------
    dict or str
        ``"normal"`` for a regular module unless only the odd part is there: then the closed sets
        are those of the normal subgroups. Otherwise ``sets``, each ``[x, y, members...]``
        (positions of simples in X); ``covers``, small and large set of each one after the other;
        ``width``, ``height``, ``spacing``; and ``normal``, per set the label of the normal subgroup
        N for which it is {K in X : N <= ker K}, or ``None``.

    Raises
    ------
    NotAvailable
        If there are too many simples or closed sets, or no character table.

    Notes
    -----
    Exact. The empty set is listed for ``"odd"`` only: with an even part the smallest set has the
    trivial simple, which is closed for each f of this kind.

    Examples
    --------
    >>> import toolkit as tk
    >>> G = tk.group("S4")
    >>> closed_lattice(G.regular_module(), "even")
    'normal'
    >>> found = closed_lattice(G.natural_module(), "both")
    >>> [s[2:] for s in found["sets"]], found["covers"], found["normal"]
    ([[0], [0, 1]], [0, 1], ['N3', 'N0'])
    """
    if isinstance(X, PermutationModule) and X.is_regular and kind != "odd":
        return "normal"
    labels = list(X.multiplicities)
    if len(labels) > MOST_SIMPLES:
        raise NotAvailable(
            X.group,
            f"the closed sets in {X.name}",
            f"it has {len(labels)} simples, and up to {MOST_SIMPLES} are tried",
        )
    graph = closed_sets(X, ACTIVATIONS[kind], limit=MOST_CLOSED)
    if kind != "odd":
        graph.remove_nodes_from([node for node, d in graph.nodes(data=True) if "simples" not in d])
    place = {node: i for i, node in enumerate(graph)}
    position = {label: i for i, label in enumerate(labels)}
    sets = [
        [position[label] for label in split_names(d.get("simples", ""))]
        for _, d in graph.nodes(data=True)
    ]
    covers = sorted((place[a], place[b]) for a, b in graph.edges)
    placed = hasse(len(sets), covers)
    return {
        "sets": [
            [x, y, *members] for members, (x, y) in zip(sets, placed.pop("positions"), strict=True)
        ],
        "covers": [position for pair in covers for position in pair],
        **placed,
        "normal": _matches(X, sets, labels),
    }


def _matches(X: Module, sets: Sequence[Sequence[int]], labels: Sequence[str]) -> list[str | None]:
    """Return, per set, the N for which it is {K in X : N <= ker K}."""
    table = X.home.table_within_reach()
    if table is None:
        return [None] * len(sets)
    kernels = [frozenset(table.simple(label).kernel) for label in labels]
    names = {frozenset(n.classes): n.label for n in normal_subgroups_of_table(table)}
    out: list[str | None] = []
    for members in sets:
        common = frozenset(range(len(table)))
        for i in members:
            common &= kernels[i]
        killed = [i for i, kernel in enumerate(kernels) if common <= kernel]
        out.append(names.get(common) if killed == list(members) else None)
    return out


def hasse(count: int, steps: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Place the elements of a lattice in rows.

    Parameters
    ----------
    count
        Number of elements.
    steps
        Pairs ``(a, b)``: b is just below a in the picture.

    Returns
    -------
    dict
        ``positions``, ``width``, ``height`` and ``spacing``, as in :func:`normal_lattice`.

    Examples
    --------
    >>> hasse(4, [(0, 1), (0, 2), (1, 3), (2, 3)])["positions"]
    [[58, 30], [30, 102], [86, 102], [58, 174]]
    """
    rows = _rows(count, steps)
    widest = max(map(rows.count, set(rows)), default=0)
    spacing = _ROOMY if widest <= _WIDE_ROW else _CLOSE
    half = (spacing - 24.0) / 2
    layers: list[list[Item]] = [[] for _ in range(max(rows, default=-1) + 1)]
    items = [Item(i, True, row, half, half, 0.0) for i, row in enumerate(rows)]
    for item in items:
        layers[item.layer].append(item)
    number = count
    for a, b in steps:
        above = items[a]
        for layer in range(rows[a] + 1, rows[b] + 1):
            below = items[b]
            if layer < rows[b]:
                below = Item(number, False, layer, 2.0, 2.0, 0.0)
                layers[layer].append(below)
                number += 1
            above.down.append(below)
            below.up.append(above)
            above = below
    order_layers(layers, {})
    if spacing > _CLOSE:
        place_layers(layers)
    else:
        _spread_evenly(layers)
    return _placed(layers, items, spacing)


def _rows(count: int, steps: Sequence[tuple[int, int]]) -> list[int]:
    """Return the row of each element: the longest way down to it."""
    below: dict[int, list[int]] = defaultdict(list)
    open_above = [0] * count
    for a, b in steps:
        below[a].append(b)
        open_above[b] += 1
    rows = [0] * count
    queue = [i for i in range(count) if not open_above[i]]
    for a in queue:
        for b in below[a]:
            rows[b] = max(rows[b], rows[a] + 1)
            open_above[b] -= 1
            if not open_above[b]:
                queue.append(b)
    return rows


def _spread_evenly(layers: Sequence[Sequence[Item]]) -> None:
    """Set ``x`` of dots: rows are centred, short ones drawn apart."""
    rows = [[item for item in layer if item.is_box] for layer in layers]
    width = max((len(row) - 1) * _CLOSE / _lines(row) for row in rows)
    for row in rows:
        near = _CLOSE / _lines(row)
        step = min(3 * _CLOSE, max(near, 0.8 * width / len(row)))
        for i, item in enumerate(row):
            item.x = (i - (len(row) - 1) / 2) * step


def _lines(row: Sequence[Item]) -> int:
    """Return into how many lines a row of dots is broken."""
    return max(1, -(-len(row) // _PER_LINE))


def _placed(
    layers: Sequence[Sequence[Item]], items: Sequence[Item], spacing: float
) -> dict[str, Any]:
    """Give each row its height, breaking long rows, and return the positions."""
    height: dict[int, float] = {}
    y = _MARGIN
    for number, layer in enumerate(layers):
        own = [item for item in layer if item.is_box]
        lines = _lines(own)
        for i, item in enumerate(own):
            height[item.index] = y + (i % lines) * spacing
        y += (lines - 1) * spacing
        if number + 1 < len(layers):
            steps = sum(len(item.down) for item in layer)
            wide = max((abs(a.x - b.x) for a in layer for b in a.down), default=0.0)
            y += 60.0 + min(8.0 + 0.5 * steps, 68.0) + min(60.0, 0.1 * wide)
    left = min((item.x for item in items), default=0.0) - _MARGIN
    right = max((item.x for item in items), default=0.0) + _MARGIN
    return {
        "positions": [[round(item.x - left), round(height[item.index])] for item in items],
        "width": round(right - left),
        "height": round(y + _MARGIN),
        "spacing": round(spacing),
    }
