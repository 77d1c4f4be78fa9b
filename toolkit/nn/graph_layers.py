"""Layers that commute with the automorphisms of a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np

from toolkit.deprecation import warn_deprecated
from toolkit.errors import ModuleMismatchError
from toolkit.library.change_of_group import group_of_module
from toolkit.library.drawings import graph_group
from toolkit.library.modules.construct import module_from_images
from toolkit.modules.signed_module import SignedModule
from toolkit.nn.equivariant_linear import EquivariantLinear

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    import networkx as nx
    import torch

    from toolkit.groups.graphs.reading import AttributeNames
    from toolkit.library.group import Group
    from toolkit.modules.module import Module
    from toolkit.nn.equivariant_linear import Method

GraphPoints: TypeAlias = Literal["nodes", "edges", "flows"]


def graph_module(
    graph: nx.Graph[Any],
    points: GraphPoints = "nodes",
    *,
    node_attribute: AttributeNames = None,
    edge_attribute: AttributeNames = None,
    tol: float = 0,
    name: str | None = None,
    ignore: Iterable[Hashable] = (),
    color: str | None = None,
) -> Module:
    """Return the module of functions on a graph's nodes or edges, for its automorphism group.

    Parameters
    ----------
    graph
        A networkx graph of any kind.
    points
        ``"nodes"``, in the order ``list(graph.nodes)``; ``"edges"``, in the order
        ``list(graph.edges)``; or ``"flows"``: functions on edges that change sign when an edge is
        reversed, where each edge (u, v) of ``list(graph.edges)`` is oriented from u to v. This is a
        signed module.
    node_attribute, edge_attribute, tol, name, ignore
        What automorphisms must keep, and the group's name; see :func:`toolkit.group_from_graph`.
    color
        The old name of ``node_attribute``; deprecated.

    Returns
    -------
    Module
        A permutation module; for flows, a signed module.

    Raises
    ------
    ModuleMismatchError
        If edges or flows are requested and the graph has no edges or has parallel edges, or if
        flows are requested and the graph has a loop.

    Examples
    --------
    >>> import networkx as nx
    >>> graph_module(nx.path_graph(3)).images.tolist()
    [[2, 1, 0]]
    >>> graph_module(nx.path_graph(3), "edges").images.tolist()
    [[1, 0]]
    >>> flows = graph_module(nx.path_graph(3), "flows")
    >>> flows.images.tolist(), flows.signs.tolist()
    ([[1, 0]], [[-1, -1]])
    """
    options = _Kept(_node_attribute(node_attribute, color), edge_attribute, tol, ignore, name)
    return _module(graph, points, options)


class _Kept(NamedTuple):
    """What automorphisms must keep, and the group's name."""

    node_attribute: AttributeNames
    edge_attribute: AttributeNames
    tol: float
    ignore: Iterable[Hashable]
    name: str | None


def _node_attribute(given: AttributeNames, color: str | None) -> AttributeNames:
    if color is None:
        return given
    warn_deprecated("color=... is now node_attribute=...", stacklevel=3)
    return color


def _module(graph: nx.Graph[Any], points: GraphPoints, kept: _Kept) -> Module:
    if points not in ("nodes", "edges", "flows"):
        raise ModuleMismatchError(f"points must be nodes, edges or flows, not {points!r}")
    group = graph_group(
        graph,
        kept.node_attribute,
        kept.edge_attribute,
        kept.tol,
        kept.ignore,
        name=kept.name,
        stacklevel=4,
    )
    return _module_of(group, graph, points)


def _module_of(group: Group, graph: nx.Graph[Any], points: GraphPoints) -> Module:
    """Return the module on nodes, edges or flows of a group of automorphisms of the graph."""
    nodes = group.natural_module()
    if points == "nodes":
        return nodes
    number = {node: i for i, node in enumerate(graph.nodes)}
    edges = np.array([(number[u], number[v]) for u, v in graph.edges()], dtype=np.intp)
    if not len(edges):
        raise ModuleMismatchError(f"the graph of {len(number)} nodes has no edges")
    if graph.is_multigraph() and _has_parallel(edges, graph.is_directed()):
        raise ModuleMismatchError(
            "parallel edges cannot be permuted separately: functions on edges need a graph "
            "without them, or a node in the middle of each"
        )
    images, signs = _edge_action(nodes.images, edges, graph.is_directed())
    title = f"{len(edges)} {points[:-1] if len(edges) == 1 else points}"
    if points == "edges":
        return module_from_images(group, images, title, proved=True)
    if (edges[:, 0] == edges[:, 1]).any():
        loop = list(graph.edges)[int(np.argmax(edges[:, 0] == edges[:, 1]))]
        raise ModuleMismatchError(
            f"flows need edges between different nodes, found the loop {loop!r:.40}"
        )
    return SignedModule.from_signs(group, images, signs, title, proved=True)


def _has_parallel(edges: np.ndarray[Any, np.dtype[np.intp]], directed: bool) -> bool:
    ends = edges if directed else np.sort(edges, axis=1)
    return len(np.unique(ends, axis=0)) < len(ends)


def _edge_action(
    images: np.ndarray[Any, np.dtype[np.intp]],
    edges: np.ndarray[Any, np.dtype[np.intp]],
    directed: bool,
) -> tuple[np.ndarray[Any, np.dtype[np.intp]], np.ndarray[Any, np.dtype[np.int8]]]:
    """Return per generator the image of each edge, and -1 where it is turned round."""
    place = {(int(u), int(v)): i for i, (u, v) in enumerate(edges)}
    out = np.empty((len(images), len(edges)), dtype=np.intp)
    signs = np.ones(out.shape, dtype=np.int8)
    for g, image in enumerate(images):
        for i, (u, v) in enumerate(image[edges].tolist()):
            if (u, v) in place:
                out[g, i] = place[u, v]
            else:
                assert not directed
                out[g, i], signs[g, i] = place[v, u], -1
    return out, signs


def graph_layer(
    graph: nx.Graph[Any],
    in_channels: int,
    out_channels: int,
    bias: bool = True,
    method: Method = "auto",
    device: torch.device | str | None = None,
    dtype: torch.dtype | None = None,
    *,
    source: GraphPoints = "nodes",
    target: GraphPoints = "nodes",
    node_attribute: AttributeNames = None,
    edge_attribute: AttributeNames = None,
    tol: float = 0,
    name: str | None = None,
    ignore: Iterable[Hashable] = (),
    color: str | None = None,
) -> EquivariantLinear:
    """Return the layer of all linear maps on a graph that commute with its automorphisms.

    Parameters
    ----------
    graph
        A networkx graph of any kind.
    in_channels, out_channels
        Numbers of channels.
    bias, method, device, dtype
        See :class:`~toolkit.nn.EquivariantLinear`.
    source, target
        The points on which input and output are functions: ``"nodes"``, ``"edges"`` or ``"flows"``,
        in the order described in :func:`graph_module`.
    node_attribute, edge_attribute, tol, name, ignore
        What automorphisms must keep, and the group's name; see :func:`toolkit.group_from_graph`.
    color
        The old name of ``node_attribute``; deprecated.

    Returns
    -------
    EquivariantLinear
        A layer from ``(..., nodes, in_channels)`` to ``(..., nodes, out_channels)``.

    Notes
    -----
    The layer belongs to this single graph, and a graph with few automorphisms has many weights: one
    for each orbit of pairs of nodes. Layers that apply to all graphs (message passing) are
    different. The layer needs only the automorphisms, and no facts about their group: GAP is not
    started.

    Examples
    --------
    The automorphisms of the Petersen graph distinguish pairs of equal, adjacent and other nodes:

    >>> import networkx as nx, torch
    >>> layer = graph_layer(nx.petersen_graph(), 2, 3, bias=False)
    >>> layer(torch.zeros(7, 10, 2)).shape, layer.parameters_count()
    (torch.Size([7, 10, 3]), 18)
    """
    kept = _Kept(_node_attribute(node_attribute, color), edge_attribute, tol, ignore, name)
    X = _module(graph, source, kept)
    Y = X if target == source else _module_of(group_of_module(X), graph, target)
    return EquivariantLinear(X, Y, in_channels, out_channels, bias, method, device, dtype)
