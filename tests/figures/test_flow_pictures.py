"""Pictures of flows and weights: they draw what was measured, and refuse what is none."""

from __future__ import annotations

import networkx as nx
import pytest
import torch
from graph_writers import content, survives

import toolkit as tk
from toolkit.errors import ConfigError
from toolkit.figures.flow.picture import draw_flow, figure_for_flow
from toolkit.figures.flow.plan import OTHERS, plan_flow
from toolkit.figures.flow.weights import draw_weights, figure_for_weights
from toolkit.formats import from_graphml, from_json, to_graphml, to_json
from toolkit.interpret import flow, weight_spectrum
from toolkit.nn import EquivariantMLP


@pytest.fixture(scope="module")
def graph():
    X = tk.group("C8").regular_module()
    torch.manual_seed(1)
    net = EquivariantMLP(X, [1, 8, 8, 1], bias=False)
    sine = torch.sin(torch.arange(8) * torch.pi / 4 + torch.rand(30, 1) * 6)
    return flow(net, sine[..., None])


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_plan(graph):
    plan = plan_flow(graph)
    assert plan.rows == ("L4", "L3", "L2", "L1", "L0")
    assert [c.place for c in plan.columns] == graph.graph["places"].split(", ")
    for number, column in enumerate(plan.columns):
        assert sum(column.shares.values()) == pytest.approx(1)
        for row in column.shares:
            leaving = [k.share for k in plan.links if k.source == (number, row)]
            assert not leaving or sum(leaving) == pytest.approx(1)
    assert plan.columns[2].possible == {"L0", "L1", "L2", "L3"}
    assert plan.activations[2] == ("relu", pytest.approx(0, abs=1e-5))
    few = plan_flow(graph, most=3)
    assert few.rows[-1] == OTHERS
    assert len(few.rows) == 3
    assert sum(k.energy for k in few.links) == pytest.approx(sum(k.energy for k in plan.links))
    assert all(
        OTHERS not in (k.source[1], k.target[1]) for k in few.links if k.expected is not None
    )


@pytest.mark.parametrize("kind", ["sankey", "graph"])
@pytest.mark.quick_cases(1)
def test_pictures(graph, kind, tmp_path):
    words = texts(figure_for_flow(graph, kind))
    assert {"Flow of energy, C8", "relu", "layers.3", "input", "output", "L3"} <= set(words)
    for ending, head in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")):
        path = tmp_path / f"flow.{ending}"
        draw_flow(graph, path, kind)
        first = path.read_bytes()
        assert first.startswith(head)
        draw_flow(graph, path, kind)
        assert path.read_bytes() == first  # the same to the byte


def test_many_simples(tmp_path):
    X = tk.nn.periodic_module((6, 6))
    found = flow(EquivariantMLP(X, [1, 4, 1], "gelu"), torch.randn(20, 36, 1), "leave_one_out")
    words = texts(figure_for_flow(found, "graph"))
    assert OTHERS in words
    assert any("less than 3%" in word for word in words)
    draw_flow(found, tmp_path / "flow.png")


def test_refusals(graph, tmp_path):
    with pytest.raises(ConfigError, match="without places"):
        figure_for_flow(nx.DiGraph())
    with pytest.raises(ConfigError, match="a sankey or a graph"):
        figure_for_flow(graph, "pie")
    with pytest.raises(ConfigError, match="png, svg or pdf is required"):
        draw_flow(graph, tmp_path / "flow.bmp")
    with pytest.raises(ConfigError, match="at least 2 rows"):
        plan_flow(graph, most=1)
    with pytest.raises(ConfigError, match="at least one block"):
        figure_for_weights([])


def test_weights(tmp_path):
    G = tk.group("S4")
    net = EquivariantMLP([G.natural_module(), G.regular_module(), G.natural_module()], [1, 4, 1])
    norms = weight_spectrum(net)
    words = texts(figure_for_weights(norms, "title"))
    assert {"title", "layers.0", "layers.2", "L0", "L3"} <= set(words)
    assert {f"{one.gain:.3g}" for one in norms} <= set(words)
    draw_weights(norms, tmp_path / "w.svg")
    with pytest.raises(ConfigError, match="pdf is required"):
        draw_weights(norms, tmp_path / "w.txt")
    big = weight_spectrum(tk.nn.periodic_convolution((12, 12), 1, 1))
    assert any("40 of" in word for word in texts(figure_for_weights(big)))


class _PartlyUnknown(torch.nn.Module):
    """A residual sum over an activation, and a branch that is not followed."""

    def __init__(self, X):
        super().__init__()
        self.one, self.two = (tk.nn.EquivariantLinear(X, X, 2, 2) for _ in range(2))

    def forward(self, x):
        h = torch.relu(self.one(x))
        g = torch.tanh(self.two(h) + x)
        return torch.relu(h.sort(-2)[0]) + g


@pytest.fixture(scope="module")
def partly_unknown():
    X = tk.group("C8").regular_module()
    torch.manual_seed(1)
    with pytest.warns(UserWarning, match="unknown from 'sort' on"):
        return flow(_PartlyUnknown(X), torch.randn(9, 8, 2))


@pytest.mark.parametrize("kind", ["sankey", "graph"])
def test_what_is_unknown_is_drawn_as_that(graph, partly_unknown, kind, tmp_path):
    """A hatched box, and ways to it from the places whose functions go there; no output."""
    plan = plan_flow(partly_unknown)
    assert plan.unknown == ("sort",)
    assert [plan.columns[i].place for i in plan.unknown_from] == ["relu after", "tanh after"]
    assert "output" not in [column.place for column in plan.columns]
    figure = figure_for_flow(partly_unknown, kind)
    hatched = [p for p in figure.axes[0].patches if p.get_hatch()]
    assert len(hatched) == 1
    words = texts(figure)
    assert {"unknown", "unknown from here on", "sort"} <= set(words)
    assert any("it moves or merges the points" in word for word in words)
    assert not [p for p in figure_for_flow(graph, kind).axes[0].patches if p.get_hatch()]
    draw_flow(partly_unknown, tmp_path / "flow.svg", kind)


def test_what_is_unknown_goes_through_files(partly_unknown):
    survives(partly_unknown)
    for write, read in ((to_json, from_json), (to_graphml, from_graphml)):
        assert content(read(write(partly_unknown))) == content(partly_unknown)


def test_ribbons_leave_a_bar_no_wider_than_it_is(partly_unknown):
    """Ways of two kinds (straight on, and round an activation) share the bar."""
    plan = plan_flow(partly_unknown)
    for row in plan.rows:
        links = [k for k in plan.links if k.source == (0, row)]
        assert {k.kind for k in links} == {"linear", "other"}
        assert sum(k.share for k in links) == pytest.approx(1)


def test_lines_over_columns_do_not_pass_through_boxes(partly_unknown):
    """A straight line from the input would look like two that are not there."""
    figure = figure_for_flow(partly_unknown, "graph")
    plan = plan_flow(partly_unknown)
    spans = [k for k in plan.links if k.target[0] > k.source[0] + 1]
    assert spans
    flat = [
        patch
        for patch in figure.axes[0].patches
        if hasattr(patch, "get_path") and len(patch.get_path().vertices) == 2
    ]
    widths = {float(abs(p.get_path().vertices[0, 0] - p.get_path().vertices[1, 0])) for p in flat}
    assert max(widths) < 160  # between neighbours only
