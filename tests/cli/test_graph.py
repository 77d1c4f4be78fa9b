"""The interaction graph from the command line."""

from __future__ import annotations

import json

import pytest

from toolkit.formats import from_graphml, from_json

pytestmark = pytest.mark.usefixtures("bundled")


def test_table(plrep):
    outcome = plrep("graph", "C8", "--activation", "relu")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.startswith("C8, regular module, relu, no bias: 5 simples")
    assert max(map(len, outcome.out.splitlines())) <= 100


def test_json_is_the_same_by_both_names(plrep):
    out = plrep("graph", "S4", "--module", "points", "--json").out
    assert out == plrep("graph", "S4", "--module", "points", "--format", "json").out
    json.loads(out)
    graph = from_json(out)
    assert sorted(graph.edges) == [("L0", "L0"), ("L3", "L0"), ("L3", "L3")]


def test_graphml_and_dot(plrep):
    text = plrep("graph", "S4", "--activation", "abs", "--format", "graphml").out
    assert from_graphml(text).graph["activation"] == "abs"
    assert plrep("graph", "S4", "--format", "dot").out.startswith("digraph")


def test_activation_and_bias(plrep):
    text = plrep("graph", "C8", "--activation", "leaky_relu(0.1)", "--bias", "--json").out
    graph = from_json(text)
    assert graph.graph["activation"] == "leaky_relu(0.1)"
    assert graph.graph["bias"] is True


def test_a_formula(plrep):
    formula = "where(x<1, x, 1)^2 + |x|"
    data = json.loads(plrep("graph", "C4", "--activation", formula, "--json").out)
    assert data["graph"]["activation"] == "where(x < 1, x, 1)^2 + abs(x)"
    assert data["graph"]["activation_parts"] == "exact"
    tex = plrep("graph", "C4", "--activation", formula, "--format", "tikz").out
    assert "where(x \\textless{} 1, x, 1)\\textasciicircum{}2 + abs(x)" in tex
    outcome = plrep("graph", "C4", "--activation", "max(x, 0")
    assert outcome.status == 2
    assert 'no formula: at character 9, expected ")", found the end' in outcome.err


def test_edges_without_shares(plrep):
    text = plrep("graph", "C8", "--activation", "hardshrink(50)", "--json").out
    assert from_json(text).graph["shares"] == "expected"
    words = ("graph", "C8", "--activation", "hardshrink(1e200)")
    graph = from_json(plrep(*words, "--json").out)
    assert graph.number_of_edges() == 7
    assert graph.graph["shares"].startswith("none: hardshrink(1e+200) at variance 1: it is 0")
    outcome = plrep(*words)
    assert (outcome.status, outcome.err) == (0, "")
    assert "7 interactions" in outcome.out
    assert "No shares: hardshrink(1e+200)" in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 100


@pytest.mark.parametrize("name", ["g.json", "g.graphml", "g.dot", "g.svg", "g.png", "g.pdf"])
def test_the_ending_of_the_file_decides(plrep, tmp_path, name):
    outcome = plrep("graph", "C8", "--output", str(tmp_path / name))
    assert outcome == (0, "", "")
    assert (tmp_path / name).stat().st_size > 100


def test_lattices_and_tikz(plrep, tmp_path):
    assert plrep("graph", "C8", "--output", str(tmp_path / "g.tex")) == (0, "", "")
    assert "tikzpicture" in (tmp_path / "g.tex").read_text()
    assert plrep("graph", "C8", "--format", "tikz").out == (tmp_path / "g.tex").read_text()
    subgroups = from_json(plrep("graph", "S4", "--lattice", "subgroups", "--format", "json").out)
    assert set(subgroups.predecessors("H24a")) == {"H6a", "H8a", "H12a"}
    normal = from_json(plrep("graph", "S4", "--lattice", "normal", "--json").out)
    assert list(normal.edges) == [("N0", "N1"), ("N1", "N2"), ("N2", "N3")]
    assert "tikzpicture" in plrep("graph", "S4", "--lattice", "normal").out
    for more in (("--format", "dot"), ("--closure", "L1")):
        bad = plrep("graph", "S4", "--lattice", "normal", *more)
        assert bad.status == 2
        assert bad.err.count("\n") == 1


def test_files_that_cannot_be_written(plrep, tmp_path):
    for name in ("g.json", "g.png"):
        (tmp_path / name).mkdir()
        outcome = plrep("graph", "C8", "--output", str(tmp_path / name))
        assert outcome.status == 2
        assert "cannot write" in outcome.err


@pytest.mark.gap
def test_orbits(plrep_gap):
    everything = plrep_gap("graph", "C7 x C3", "--module", "points")
    assert everything.out.startswith("C7 x C3, 10 points, relu, no bias: 5 simples")
    assert everything == plrep_gap("graph", "C7 x C3", "--orbit", "all")
    one = plrep_gap("graph", "C7 x C3", "--orbit", "2")
    assert one.out.startswith("C7 x C3, 10 points, orbit 2")
    assert plrep_gap("graph", "C7 x C3", "--orbit", "3").status == 2


@pytest.mark.gap
def test_coset_modules(plrep_gap):
    assert plrep_gap("graph", "S4", "--module", "H4a").status == 0
    assert plrep_gap("graph", "S4", "--module", "N2").status == 0


@pytest.mark.gap
@pytest.mark.slow
def test_a_library_table(plrep_gap):
    graph = from_json(plrep_gap("graph", "Table(M)", "--json").out)
    assert graph.number_of_nodes() == 172
