"""What notebooks show of groups, modules, tables, graphs, maps and figures."""

from __future__ import annotations

import copy
import json
import pickle  # noqa: TID251 - what multiprocessing does with a graph
from typing import TYPE_CHECKING, Any

import networkx as nx
import pytest

import toolkit as tk
from toolkit.figures import figure_for_interaction_graph

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_group_is_a_table_of_its_simples() -> None:
    G = tk.group("SL(2,3)")
    page = G._repr_html_()
    assert page is not None
    assert "order 24, SmallGroup(24,3), 5 simples" in page
    for L in G.simples:
        assert f"<td>{L.label}</td><td>{L.dimension}</td><td>{L.type}</td>" in page


def test_a_module_is_a_table_and_a_sum() -> None:
    X = tk.group("S4").coset_module("H2a")
    page, formula = X._repr_html_(), X._repr_latex_()
    assert page is not None
    assert formula == "$L_{0}+L_{1}+2L_{2}+L_{3}+L_{4}$"
    assert "<td>L2</td><td>2</td><td>R</td><td>2</td>" in page


def test_tables_are_tables() -> None:
    G = tk.group("D8")
    for table in (G.character_table, G.natural_module().spherical_table):
        page = table._repr_html_()
        assert page is not None
        assert page.count("<table>") == 1
        assert "tabular" in (table._repr_latex_() or "")


def test_lists_of_subgroups_are_printed_and_shown_as_tables() -> None:
    G = tk.group("S4")
    normal, classes, marks = G.normal_subgroups(), G.subgroup_classes(), G.table_of_marks()
    printed = str(normal).splitlines()
    assert printed[0] == "normal subgroups of S4"
    assert [line.split() for line in printed[2:]] == [
        ["N0", "1", "24", "S4", "N1"], ["N1", "4", "6", "S3", "N2"],
        ["N2", "12", "2", "C2", "N3"], ["N3", "24", "1", "1", "nothing"],
    ]  # fmt: skip
    assert [line.split()[0] for line in str(classes).splitlines()[2:]] == [H.label for H in classes]
    assert str(marks).splitlines()[-1].split() == ["G/H24a"] + ["1"] * 11
    for each in (normal, classes, marks):
        assert (each._repr_html_() or "").count("<tr>") == 1 + len(str(each).splitlines()) - 2
    few = G.subgroup_classes(max_index=4)
    assert str(few).startswith("classes of subgroups of index at most 4 of S4\n")
    many = tk.group("C2^5").subgroup_classes()
    assert str(many).endswith(f"and {len(many) - 24} more rows")
    assert f"and {len(many) - 24} more rows" in (many._repr_html_() or "")


def test_lattices_are_networkx_graphs_and_tables() -> None:
    X = tk.group("S3").regular_module()
    closed: Any = tk.closed_sets(X, "elu", bias=True)
    page = closed._repr_html_()
    assert "S3, regular module, elu, with bias: 3 closed sets" in page
    assert "<td>{L0, L1}</td>" in page
    kernels: Any = tk.kernel_lattice(tk.group("S3"))
    assert "<td>N1</td><td>3</td><td>L1</td><td>N2</td>" in kernels._repr_html_()
    for graph in (closed, kernels):
        copies: list[Any] = [copy.deepcopy(graph), graph.copy(), pickle.loads(pickle.dumps(graph))]  # noqa: S301
        assert all(nx.utils.graphs_equal(again, graph) for again in copies)
        assert all(again._repr_html_() == graph._repr_html_() for again in copies)
        assert isinstance(nx.transitive_closure(graph), nx.DiGraph)
    closed.graph.clear()
    assert closed._repr_html_() is None


def test_a_simple_a_class_function_and_bases_are_shown() -> None:
    G = tk.group("S3")
    assert "L2: dimension 2, type R" in (G.simples[2]._repr_html_() or "")
    page = (3 * G.character("X2"))._repr_html_() or ""
    assert "<td>value</td><td>6</td><td>0</td><td>-3</td>" in page
    X = G.natural_module()
    basis = tk.fourier_basis(X)
    assert "<td>L2</td><td>2</td><td>R</td><td>1</td><td>1:3</td>" in (basis._repr_html_() or "")
    assert [line.split()[-1] for line in str(basis).splitlines()[1:]] == ["rows", "0:1", "1:3"]
    layers = tk.layer_basis(X)._repr_html_() or ""
    assert "2 maps from 3 to 3 points" in layers
    assert (layers.count("<td>w0</td>"), layers.count("<td>w1</td>")) == (3, 6)
    large = tk.layer_basis(tk.group("S5").regular_module())._repr_html_()
    assert large == "<div>120 maps from 120 to 120 points</div>"


def test_signs_of_a_layer_are_shown() -> None:
    modules = [pair.module for pair in tk.signed_pairs(tk.group("D8"))]
    basis = tk.layer_basis(next(X for X in modules if isinstance(X, tk.SignedModule)))
    assert (basis.signs < 0).any()
    page = basis._repr_html_() or ""
    for label, sign in zip(basis.label_matrix.ravel(), basis.signs.ravel(), strict=True):
        assert (
            f"<td>{'-' if sign < 0 else ''}w{label}</td>" in page if sign else "<td>0</td>" in page
        )


def test_rows_of_the_catalog_are_a_table() -> None:
    rows = tk.catalog.open().find("order = 16", columns=["group", "order"])
    page = rows._repr_html_() or ""
    assert page.count("<tr>") == len(rows) + 1 == 15
    assert "<td>SmallGroup(16,3)</td><td>16</td>" in page
    assert rows._repr_latex_() is None
    many = tk.catalog.open().find("order = 32", columns=["group"])
    assert f"and {len(many) - 24} more" in (many._repr_html_() or "")


def test_a_name_is_escaped() -> None:
    G = tk.group_from_permutations([[1, 0]], name="<b>&")
    assert "<b>&lt;b&gt;&amp;</b>" in (G._repr_html_() or "")


def test_long_tables_are_cut_and_say_so() -> None:
    G = tk.group("C60")
    page = G._repr_html_() or ""
    assert page.count("<tr>") == 25
    assert f"and {len(G.simples) - 24} more" in page


def test_what_is_not_known_is_left_to_the_repr() -> None:
    X = tk.group("S1024").natural_module() ** 2
    assert X._repr_html_() is None
    assert X._repr_latex_() is None


def test_a_graph_is_a_networkx_graph_and_a_picture() -> None:
    graph: Any = tk.interaction_graph(tk.group("C4").regular_module(), "relu")
    picture = graph._repr_svg_()
    assert picture.count("<svg") == 1
    copies: list[Any] = [copy.deepcopy(graph), graph.copy()]
    copies.append(pickle.loads(pickle.dumps(graph)))  # noqa: S301
    for again in copies:
        assert issubclass(type(again), nx.DiGraph)
        assert nx.utils.graphs_equal(again, graph)
        assert again._repr_svg_() == picture
    assert json.dumps(nx.node_link_data(graph, edges="links"))
    plain: Any = graph.subgraph(["L0"]).copy()
    plain.add_node("no simple")
    assert plain._repr_svg_() is None
    assert graph._repr_png_() is None


def test_a_large_graph_is_left_to_the_repr() -> None:
    graph: Any = tk.interaction_graph(tk.group("C500").regular_module(), "relu")
    assert graph._repr_svg_() is None


@pytest.mark.parametrize("make", ["map", "plot", "graph"])
def test_pictures_are_shown(make: str) -> None:
    phi = tk.pl_map(tk.group("S3").natural_module(), "L2", "L0", "abs")
    graph = tk.interaction_graph(tk.group("C4").regular_module(), "relu")
    shown: dict[str, Callable[[], Any]] = {
        "map": lambda: phi,
        "plot": phi.plot,
        "graph": lambda: figure_for_interaction_graph(graph),
    }
    assert shown[make]()._repr_png_()[1:4] == b"PNG"
