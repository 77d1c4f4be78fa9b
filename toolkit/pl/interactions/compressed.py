"""Compressed interaction graphs: one node for the simples that have the same edges.

For the regular module the subgroup U of elements that act as 1 or -1 on a simple L is normal, and
a simple K has vectors that U fixes only if U acts as 1 on K. The edges from L and to L are
therefore those of every simple with the same kernel, but for the linear part of the activation,
which adds the loop L -> L, and for powers, whose edges lead to single simples. Where a closed form
of the group is known (:mod:`toolkit.groups.closed_forms`), nothing of the size of the group is
listed. The compressed graph of any other module is that of its full graph.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.groups.character_table import ENDOMORPHISM_DIMENSIONS
from toolkit.pl.interactions.insertion import filled_digraph
from toolkit.text import join_names, label_runs, split_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import networkx as nx

    from toolkit.groups.closed_forms.form import KernelClass
    from toolkit.pl.activations.activation import Activation

#: The largest number of nodes of a compressed graph, unless the caller asks for more.
MOST_NODES = 100_000

_NODE = ("dimension", "type", "multiplicity", "action_order", "kernel_order")


def powers_of(f: Activation) -> tuple[int, ...]:
    """Return the degrees d >= 2 of the polynomial parity parts of an activation."""
    parts = (f.even_part, f.odd_part)
    return tuple(sorted(d for p in parts if p.is_polynomial for d in p.degrees if d >= 2))


def graph_of_kernels(
    classes: Sequence[KernelClass], f: Activation, *, bias: bool
) -> nx.DiGraph[str]:
    """Return the compressed graph of a regular module from the classes of simples with one kernel.

    Parameters
    ----------
    classes
        The classes, in canonical order.
    f
        The activation, without powers of degree 2 or more.
    bias
        Whether a generic invariant is added first.
    """
    names = [c.name for c in classes]
    return filled_digraph(
        zip(names, map(_node, classes), strict=True), _edges_of_kernels(classes, names, f, bias)
    )


def _node(c: KernelClass) -> dict[str, Any]:
    return {
        "members": _members(c),
        "count": c.size,
        "dimension": c.dimension,
        "type": c.type,
        "multiplicity": c.dimension // ENDOMORPHISM_DIMENSIONS[c.type],
        "action_order": c.action_order,
        "kernel_order": c.kernel_order,
    }


def _edges_of_kernels(
    classes: Sequence[KernelClass], names: Sequence[str], f: Activation, bias: bool
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the edges, from class to class and by rising targets."""
    even, odd, linear = f.has_even_part, f.has_odd_part, f.has_linear_part
    constant = not even and bool(f.even_part.coefficient(0))
    dimensions = [c.dimension for c in classes]

    def texts(more: bool) -> dict[tuple[bool, bool, bool], str]:
        """Return the names of the parts: for K = L0 or not, by the even part, by the odd one."""
        out = {}
        for first, by_even, by_odd in itertools.product((False, True), repeat=3):
            through = {"constant": constant and first, "even": by_even, "odd": by_odd}
            through["linear"] = linear and (more or (bias and first))
            out[first, by_even, by_odd] = join_names(sorted(w for w, t in through.items() if t))
        return out

    to_others, to_itself = texts(False), texts(True)
    for i, c in enumerate(classes):
        if bias:
            through = dict.fromkeys((*c.even, *c.odd), (even, odd))
        else:  # without an element of sign -1 the odd part reaches what the even one does
            through = dict.fromkeys(c.even, (even, odd and not c.has_minus))
            if odd:
                through.update(dict.fromkeys(c.odd, (False, True)))
        through.setdefault(i, (False, False))
        name = names[i]
        for k in sorted(through):  # 0 is among them: every subgroup acts as 1 on it
            key = (not k, *through[k])
            parts = to_others[key]
            reach = dimensions[k]
            if k != i:
                if parts:
                    yield name, names[k], {"parts": parts, "reach": reach, "reach_of": reach}
                continue
            loop = to_itself[key]
            if not loop:
                continue
            data = {"parts": parts or loop, "reach": reach, "reach_of": reach, "loops": "same"}
            if not parts:
                data["loops"] = "only"
            elif loop != parts and c.size > 1:
                data |= {"loops": "other", "loop_parts": loop, "loop_reach": reach}
            else:
                data["parts"] = loop
            yield name, name, data


def _members(c: KernelClass) -> str:
    if c.size > 3 or c.size == 1:
        return c.name
    return join_names(f"L{c.first + i}" for i in range(c.size))


def compressed_graph(full: nx.DiGraph[str]) -> nx.DiGraph[str]:
    """Return the compressed graph of an interaction graph.

    Parameters
    ----------
    full
        A graph from :func:`~toolkit.pl.interactions.graph.interaction_graph`.

    Returns
    -------
    networkx.DiGraph
        The same as from that function with ``compressed=True``: simples form one node if they agree
        in all node attributes except ``paper_index``, and if their edges to and from every other
        simple agree in ``parts`` and ``reach``.

    Notes
    -----
    Exact for every activation; powers only make the classes smaller.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("S4").natural_module()
    >>> graph = compressed_graph(tk.interaction_graph(X**2, "square"))
    >>> [(n, d["count"]) for n, d in graph.nodes(data=True)]
    [('L0', 1), ('L2', 1), ('L3', 1), ('L4', 1)]
    """
    from toolkit.pl.interactions.interaction_graph import InteractionGraph

    edge = {(a, b): (d["parts"], d["reach"], d["reach_of"]) for a, b, d in full.edges(data=True)}
    classes = _twins(full, edge)
    graph = InteractionGraph()
    name_of: dict[str, str] = {}
    for members in classes:
        name = _name(members)
        name_of[members[0]] = name
        data = full.nodes[members[0]]
        graph.add_node(
            name,
            members=label_runs(members),
            count=len(members),
            **{key: data[key] for key in _NODE},
        )
    for members in classes:
        first = members[0]
        for others in classes:
            second = others[0]
            if first != second:
                if (first, second) in edge:
                    graph.add_edge(
                        name_of[first], name_of[second], **_edge_data(edge[first, second])
                    )
                continue
            loop = edge.get((first, first))
            block = edge.get((first, members[1])) if len(members) > 1 else loop
            if block is None and loop is None:
                continue
            own = _edge_data(block or loop or ("", 0, 0))
            if block is None:
                own["loops"] = "only"
            elif loop is None:
                own["loops"] = "none"
            elif loop == block:
                own["loops"] = "same"
            else:
                own |= {"loops": "other", "loop_parts": loop[0], "loop_reach": loop[1]}
            graph.add_edge(name_of[first], name_of[first], **own)
    return graph


def _edge_data(edge: tuple[str, int, int]) -> dict[str, Any]:
    return {"parts": edge[0], "reach": edge[1], "reach_of": edge[2]}


def _name(members: Sequence[str]) -> str:
    if len(members) == 1:
        return members[0]
    first, last = members[0], members[-1]
    if int(last[1:]) - int(first[1:]) == len(members) - 1:
        return f"{first}..{last}"
    return f"{first} and {len(members) - 1} more"


_Edges = dict[tuple[str, str], tuple[str, int, int]]


def _twins(full: nx.DiGraph[str], edge: _Edges) -> list[list[str]]:
    """Return the classes of nodes whose edges to and from all others agree, in the nodes' order.

    Edges between two nodes of a class are all alike. For each kind of them, or none, nodes are
    sorted by sums of hash values; a class found so is then compared edge by edge.
    """
    nodes = list(full)
    alike = [tuple(full.nodes[n][key] for key in _NODE) for n in nodes]
    mask = (1 << 64) - 1
    out = dict.fromkeys(nodes, 0)
    into = dict.fromkeys(nodes, 0)
    for (a, b), data in edge.items():
        if a != b:
            out[a] = (out[a] + hash((b, data))) & mask
            into[b] = (into[b] + hash((a, data))) & mask
    class_of: dict[str, list[str]] = {}
    kinds: list[tuple[str, int, int] | None] = [None]
    kinds += sorted({k for (a, b), k in edge.items() if a != b})
    for kind in kinds:
        found: dict[object, list[str]] = {}
        for node, own in zip(nodes, alike, strict=True):
            if node in class_of:
                continue
            extra = hash((node, kind)) if kind else 0
            key = (own, edge.get((node, node)), (out[node] + extra) & mask)
            found.setdefault((*key, (into[node] + extra) & mask), []).append(node)
        for members in found.values():
            while len(members) > 1:
                first = members[0]
                same = [m for m in members if m == first or _agree(first, m, kind, nodes, edge)]
                if len(same) > 1:
                    class_of.update((m, same) for m in same)
                members = [m for m in members[1:] if m not in same]
    seen: list[list[str]] = []
    for node in nodes:
        members = class_of.get(node, [node])
        if members[0] == node:
            seen.append(members)
    return seen


def _agree(
    a: str, b: str, kind: tuple[str, int, int] | None, nodes: Iterable[str], edge: _Edges
) -> bool:
    if edge.get((a, b)) != kind or edge.get((b, a)) != kind:
        return False
    return all(
        edge.get((a, k)) == edge.get((b, k)) and edge.get((k, a)) == edge.get((k, b))
        for k in nodes
        if k not in (a, b)
    )


def blow_up(graph: nx.DiGraph[str], *, most_edges: int = 2_000_000) -> nx.DiGraph[str]:
    """Return the full interaction graph of a compressed graph.

    Parameters
    ----------
    graph
        A graph from ``interaction_graph(..., compressed=True)``, possibly read from a file.
    most_edges
        The largest number of edges to construct.

    Returns
    -------
    networkx.DiGraph
        The nodes and edges of the full graph, with all their attributes except ``share`` and
        ``paper_index``.

    Raises
    ------
    ModuleMismatchError
        If the graph is not a compressed graph.
    NotAvailable
        If there are more than ``most_edges`` edges.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C12").regular_module()
    >>> small = tk.interaction_graph(X, "relu", compressed=True)
    >>> [(n, d["count"]) for n, d in small.nodes(data=True)]
    [('L0', 1), ('L1', 1), ('L2', 1), ('L3', 1), ('L4', 1), ('L5..L6', 2)]
    >>> sorted(tk.blow_up(small).edges) == sorted(tk.interaction_graph(X, "relu").edges)
    True
    """
    from toolkit.pl.interactions.interaction_graph import InteractionGraph

    if not graph.graph.get("compressed"):
        raise ModuleMismatchError(
            "a compressed interaction graph is required, from interaction_graph(..., "
            "compressed=True)"
        )
    count = {n: int(d["count"]) for n, d in graph.nodes(data=True)}
    total = sum(
        count[a] if d.get("loops") == "only" else count[a] * count[b]
        for a, b, d in graph.edges(data=True)
    )
    if max(total, sum(count.values())) > most_edges:
        raise NotAvailable(
            str(graph.graph.get("group", "a group")),
            "the full interaction graph",
            f"it has {sum(count.values()):,} nodes and {total:,} edges, but at most {most_edges:,} "
            "are constructed; raise most_edges",
        )
    skipped = ("compressed", "simples", "shares")
    out = InteractionGraph(**{k: v for k, v in graph.graph.items() if k not in skipped})
    members = {n: _labels(d["members"]) for n, d in graph.nodes(data=True)}
    owner = {label: n for n, labels in members.items() for label in labels}
    for label in sorted(owner, key=lambda x: int(x[1:])):
        data = graph.nodes[owner[label]]
        out.add_node(label, **{key: data[key] for key in _NODE})
    for a, b, data in graph.edges(data=True):
        own = {key: data[key] for key in ("parts", "reach", "reach_of")}
        loops = data.get("loops") if a == b else "same"
        if loops != "only":
            out.add_edges_from(
                (x, y, dict(own))
                for x in members[a]
                for y in members[b]
                if x != y or loops == "same"
            )
        if loops == "other":
            own |= {"parts": data["loop_parts"], "reach": data["loop_reach"]}
        if loops in ("only", "other"):
            out.add_edges_from((x, x, dict(own)) for x in members[a])
    return out


def _labels(members: str) -> list[str]:
    """Return the labels of a text such as ``"L0, L3..L9"``."""
    out = []
    for word in split_names(members):
        first, dots, last = word.partition("..")
        letter = first[0]
        stop = int(last[1:]) if dots else int(first[1:])
        out += [f"{letter}{i}" for i in range(int(first[1:]), stop + 1)]
    return out
