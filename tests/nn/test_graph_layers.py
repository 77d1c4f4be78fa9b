"""Layers of the automorphism group of a graph."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pytest
import torch

from toolkit.errors import IllegalActivationError, ModuleMismatchError
from toolkit.nn import Pointwise, graph_layer, graph_module
from toolkit.testing import assert_equivariant, equivariance_error

pytestmark = pytest.mark.gap

GRAPHS = {
    "petersen": (nx.petersen_graph(), 3),
    "cube": (nx.hypercube_graph(3), 4),
    "path of 4": (nx.path_graph(4), 8),
    "path of 5": (nx.path_graph(5), 13),
    "star": (nx.star_graph(4), 5),
    "complete": (nx.complete_graph(6), 2),
    "cycle": (nx.cycle_graph(7), 4),
    "no symmetry": (nx.Graph([(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (1, 5), (5, 6), (6, 7)]), 64),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_ranks(name):
    graph, rank = GRAPHS[name]
    layer = graph_layer(graph, 1, 1, bias=False)
    assert layer.X.degree == len(graph)
    assert layer.parameters_count() == rank
    assert_equivariant(layer)


@pytest.mark.parametrize("name", ["petersen", "cube", "cycle"])
def test_weights_of_distance_transitive_graphs_are_those_of_distances(name):
    graph, _ = GRAPHS[name]
    nodes = list(graph.nodes)
    distances = dict(nx.all_pairs_shortest_path_length(graph))
    table = np.array([[distances[u][v] for v in nodes] for u in nodes])
    labels = graph_layer(graph, 1, 1).hom_space.labels
    assert len(set(zip(labels.ravel(), table.ravel(), strict=True))) == table.max() + 1


@pytest.mark.parametrize("name", GRAPHS)
def test_adjacency_is_one_of_the_maps(name):
    graph, _ = GRAPHS[name]
    adjacency = torch.tensor(nx.to_numpy_array(graph))
    assert_equivariant(lambda x: adjacency @ x, graph_module(graph), channels=2)
    laplacian = torch.diag(adjacency.sum(0)) - adjacency
    assert_equivariant(lambda x: laplacian @ x, graph_module(graph), channels=2)


@pytest.mark.parametrize("name", ["petersen", "cube", "path of 5", "star"])
@pytest.mark.parametrize("points", ["edges", "flows"])
def test_edges(name, points):
    graph, _ = GRAPHS[name]
    for source, target in (("nodes", points), (points, "nodes"), (points, points)):
        layer = graph_layer(graph, 2, 3, source=source, target=target)
        torch.nn.init.normal_(layer.bias)
        sizes = {"nodes": len(graph), points: graph.size()}
        assert layer(torch.zeros(5, sizes[source], 2)).shape == (5, sizes[target], 3)
        assert_equivariant(layer)


@pytest.mark.parametrize("name", ["petersen", "cube", "path of 4", "star"])
def test_gradients_and_means_along_edges(name):
    graph, _ = GRAPHS[name]
    incidence = torch.tensor(nx.incidence_matrix(graph, oriented=True).toarray())
    nodes, flows, edges = (graph_module(graph, p) for p in ("nodes", "flows", "edges"))
    # gradient and divergence need the orientation, sums of ends do not
    assert_equivariant(lambda x: incidence.T @ x, nodes, flows)
    assert_equivariant(lambda x: incidence @ x, flows, nodes)
    assert_equivariant(lambda x: incidence.abs().T @ x, nodes, edges)
    turns_edges = bool((flows.signs < 0).any())
    assert turns_edges == (name != "star")
    assert (equivariance_error(lambda x: incidence.T @ x, nodes, edges).error > 0.1) == turns_edges


def test_flows_take_odd_activations_only():
    flows = graph_module(nx.petersen_graph(), "flows")
    Pointwise("tanh", flows)
    with pytest.raises(IllegalActivationError):
        Pointwise("relu", flows)


def test_nodes_in_the_order_of_the_graph():
    graph = nx.Graph()
    graph.add_nodes_from("badc")
    graph.add_edges_from(itertools.pairwise("abcd"))
    # reversal of a - b - c - d, the nodes being b, a, d, c
    assert graph_module(graph).images.tolist() == [[3, 2, 1, 0]]


def test_colours_and_directions():
    cycle = nx.cycle_graph(6)
    assert graph_layer(nx.DiGraph(cycle), 1, 1, bias=False).parameters_count() == 4
    directed = nx.cycle_graph(6, create_using=nx.DiGraph)
    assert graph_layer(directed, 1, 1, bias=False).parameters_count() == 6
    nx.set_node_attributes(cycle, {i: int(i == 0) for i in cycle}, "colour")
    layer = graph_layer(cycle, 1, 1, bias=False, node_attribute="colour")
    assert layer.parameters_count() == 20  # a reflection that fixes two of six points
    assert_equivariant(layer)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ModuleMismatchError, match="nodes, edges or flows"):
        graph_module(nx.path_graph(3), "faces")
    with pytest.raises(ModuleMismatchError, match="no edges"):
        graph_module(nx.empty_graph(3), "edges")
    loop = nx.Graph([(0, 0), (0, 1)])
    with pytest.raises(ModuleMismatchError, match=r"the loop \(0, 0\)"):
        graph_module(loop, "flows")
    assert graph_module(loop, "edges").degree == 2
