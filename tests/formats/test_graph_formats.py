"""Interaction graphs as JSON, GraphML, Graphviz and tables."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import networkx as nx
import pytest
from graph_writers import content, survives
from hypothesis import given, settings
from hypothesis import strategies as st

import toolkit as tk
from toolkit.errors import ConfigError
from toolkit.formats import (
    compact_integer,
    from_graphml,
    from_json,
    graph_title,
    percentage,
    to_dot,
    to_graphml,
    to_json,
    to_table,
)
from toolkit.text import join_names, split_names

if TYPE_CHECKING:
    from collections.abc import Callable

ROUND_TRIPS = [
    pytest.param(to_json, from_json, id="json"),
    pytest.param(to_graphml, from_graphml, id="graphml"),
]
MONSTER = 808017424794512875886459904961710757005754368000000000

WORDS = st.text(
    st.characters(
        codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters=["\ufffe", "\uffff"]
    )
    | st.sampled_from("\n\r\t <>&\"'\\;|{}"),
    max_size=12,
)
LARGE = st.integers(0, 10) | st.integers(2**60, 2**70) | st.just(MONSTER)
PARTS = st.lists(
    st.sampled_from(["constant", "linear", "even", "odd", "degree 2", "degree 13"]), unique=True
).map(lambda parts: join_names(sorted(parts)))


@st.composite
def interaction_graphs(draw: st.DrawFn) -> nx.DiGraph[str]:
    labels = draw(st.lists(st.integers(0, 99).map("L{}".format) | WORDS, max_size=6, unique=True))
    graph: nx.DiGraph[str] = nx.DiGraph(
        group=draw(WORDS),
        module=draw(WORDS),
        activation=draw(WORDS),
        bias=draw(st.booleans()),
        schema=draw(st.integers(0, 9)),
    )
    for label in labels:
        data: dict[str, Any] = {
            "dimension": draw(LARGE),
            "type": draw(st.sampled_from("RCH")),
            "multiplicity": draw(st.integers(1, 50)),
            "action_order": draw(LARGE),
            "kernel_order": draw(LARGE),
        }
        if draw(st.booleans()):
            data["paper_index"] = draw(st.integers(0, 100))
        graph.add_node(label, **data)
    if labels:
        pairs = st.tuples(st.sampled_from(labels), st.sampled_from(labels))
        for source, target in draw(st.lists(pairs, max_size=12, unique=True)):
            graph.add_edge(
                source,
                target,
                parts=draw(PARTS),
                reach=draw(LARGE),
                reach_of=draw(LARGE),
                share=draw(st.floats(0, 1)),
            )
    return graph


def small_graph() -> nx.DiGraph[str]:
    graph: nx.DiGraph[str] = nx.DiGraph(
        group="C2", module="regular", activation="relu", bias=False, schema=1
    )
    for label, order in (("L0", 1), ("L1", 2)):
        graph.add_node(
            label,
            dimension=1,
            type="R",
            multiplicity=1,
            action_order=order,
            kernel_order=2 // order,
            paper_index=order - 1,
        )
    graph.add_edge("L0", "L0", parts="even, linear", reach=1, reach_of=1, share=1.0)
    graph.add_edge("L1", "L0", parts="even", reach=1, reach_of=1, share=0.5)
    graph.add_edge("L1", "L1", parts="linear", reach=1, reach_of=1, share=0.5)
    return graph


@pytest.mark.parametrize(("write", "read"), ROUND_TRIPS)
@settings(deadline=None)
@given(graph=interaction_graphs())
def test_round_trip_is_exact(
    write: Callable[[nx.DiGraph[str]], str],
    read: Callable[[str], nx.DiGraph[str]],
    graph: nx.DiGraph[str],
) -> None:
    text = write(graph)
    again = read(text)
    assert type(again) is nx.DiGraph
    assert content(again) == content(graph)
    assert write(again) == text


@pytest.mark.parametrize(("write", "read"), ROUND_TRIPS)
def test_further_attributes_survive(
    write: Callable[[nx.DiGraph[str]], str], read: Callable[[str], nx.DiGraph[str]]
) -> None:
    graph: nx.DiGraph[str] = nx.DiGraph(size=-(2**80), empty="", name="a & b")
    graph.add_node("L0", flag=True, number=1)
    graph.add_node("L1", flag=False, number=1.0)
    graph.add_node("L2", flag="true", number="1")
    graph.add_node("L3", said="\x00 \x1b \ufffe \ud800 \r")
    assert content(read(write(graph))) == content(graph)


@pytest.mark.parametrize("write", [to_json, to_graphml])
@pytest.mark.parametrize("value", [None, float("nan"), [1], {"a": 1}, (1, 2), 1j])
def test_values_without_notation_are_refused(
    write: Callable[[nx.DiGraph[str]], str], value: object
) -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_node("L0", odd_one=value)
    with pytest.raises(ConfigError, match="'odd_one' cannot be written"):
        write(graph)


@pytest.mark.parametrize("write", [to_json, to_graphml])
def test_nodes_are_labels(write: Callable[[nx.DiGraph[Any]], str]) -> None:
    graph: nx.DiGraph[Any] = nx.DiGraph()
    graph.add_node(3)
    with pytest.raises(ConfigError, match="labels, found 3"):
        write(graph)


def test_reserved_names_are_refused_in_json() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_node("L0", id="x")
    with pytest.raises(ConfigError, match="cannot be called 'id'"):
        to_json(graph)


@pytest.mark.parametrize(("write", "read"), ROUND_TRIPS)
def test_tuples_of_names_become_texts(
    write: Callable[[nx.DiGraph[str]], str], read: Callable[[str], nx.DiGraph[str]]
) -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edge("L0", "L0", parts=("even", "linear"), others=())
    back = read(write(graph))
    assert back["L0"]["L0"] == {"parts": "even, linear", "others": ""}
    assert write(back) != ""


@pytest.mark.parametrize("write", [to_json, to_graphml])
@pytest.mark.parametrize("parts", [("",), ("a, b",), ("a", "")])
def test_parts_that_would_not_come_back_are_refused(
    write: Callable[[nx.DiGraph[str]], str], parts: tuple[str, ...]
) -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edge("L0", "L0", parts=parts)
    with pytest.raises(ConfigError, match="'parts' cannot be written"):
        write(graph)


@pytest.mark.parametrize("text", ["\x00", "\x1b", "\ufffe", "\ud800"])
def test_characters_outside_xml(text: str) -> None:
    """Names of nodes are written as JSON where one holds such a character."""
    graph: nx.DiGraph[str] = nx.DiGraph(name=text)
    graph.add_node('"quoted"', first=text)
    graph.add_edge(text, '"quoted"', parts=text)
    assert content(from_graphml(to_graphml(graph))) == content(graph)
    assert content(from_json(to_json(graph))) == content(graph)
    read = nx.parse_graphml(to_graphml(graph))
    assert [json.loads(node) for node in read] == list(graph)
    with pytest.raises(ConfigError, match="name of an attribute cannot be written as XML"):
        to_graphml(nx.DiGraph(**{text: 1}))  # type: ignore[arg-type]


def test_names_that_xml_can_hold_are_written_as_they_are() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edge('"a" & <b>\r\n\t\x85', "L0")
    assert "<desc>" not in to_graphml(graph)
    assert content(from_graphml(to_graphml(graph))) == content(graph)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"graph":' * 100_000])
def test_text_that_is_nested_deeply_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="this JSON is not an interaction graph"):
        from_json(text)
    graph: nx.DiGraph[str] = nx.DiGraph(name="\x00")
    written = to_graphml(graph)
    assert written.count('"\\u0000"') == 1
    with pytest.raises(ConfigError, match="this is not GraphML of an interaction graph"):
        from_graphml(written.replace('"\\u0000"', text))


@pytest.mark.parametrize("read", [from_json, from_graphml])
def test_what_is_no_text_is_refused(read: Callable[[Any], nx.DiGraph[str]]) -> None:
    with pytest.raises(ConfigError, match="an interaction graph"):
        read(None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Expecting value"),
        ("[]", "list indices"),
        ("{}", "'graph' is missing"),
        ('{"graph": {}, "nodes": [{}], "edges": []}', "'id' is missing"),
        ('{"graph": {}, "nodes": [{"id": 3}], "edges": []}', "found 3"),
        ('{"graph": {}, "nodes": [], "edges": [{"source": "a", "target": "b"}]}', "no such node"),
    ],
)
def test_other_json_is_an_error(text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=f"not an interaction graph: .*{reason}"):
        from_json(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no element found"),
        ("<a>", "no element found"),
        ("<a/>", "no directed graph"),
        (to_graphml(nx.DiGraph()).replace('"directed"', '"undirected"'), "no directed graph"),
        (to_graphml(small_graph()).replace('<node id="L1"', '<node id="L9"'), "no such node"),
        (to_graphml(small_graph()).replace('data key="d0"', 'data key="z"'), "'z' is missing"),
        (to_graphml(small_graph()).replace(">1</data>", ">one</data>"), "invalid literal"),
        (to_graphml(small_graph()).replace('"long"', '"lonog"'), "attr.type must be one of"),
    ],
)
def test_other_xml_is_an_error(text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=f"not GraphML of an interaction graph: .*{reason}"):
        from_graphml(text)


def test_networkx_reads_our_graphml_and_we_read_what_it_writes() -> None:
    graph = small_graph()
    graph.nodes["L1"]["action_order"] = MONSTER
    theirs = nx.parse_graphml(to_graphml(graph))
    assert theirs.nodes["L1"]["action_order"] == str(MONSTER)
    assert theirs["L0"]["L0"]["parts"] == "even, linear"
    back = from_graphml("\n".join(nx.generate_graphml(theirs)))
    assert back.nodes == graph.nodes
    assert back.adj == graph.adj
    assert back.graph["bias"] is False


#: As version 0.1 wrote them.
OLD_GRAPHML = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="d0" for="graph" attr.name="group" attr.type="string"/>
  <key id="d1" for="graph" attr.name="bias" attr.type="boolean"/>
  <key id="d2" for="node" attr.name="action_order" attr.type="long"/>
  <key id="d3" for="node" attr.name="kernel_order" attr.type="string">
    <desc>an integer, in decimal digits</desc>
  </key>
  <key id="d4" for="node" attr.name="action_order" attr.type="string">
    <desc>an integer, in decimal digits</desc>
  </key>
  <key id="d5" for="node" attr.name="kernel_order" attr.type="long"/>
  <key id="d6" for="edge" attr.name="parts" attr.type="string">
    <desc>a tuple of strings, joined by "; "</desc>
  </key>
  <key id="d7" for="edge" attr.name="share" attr.type="double"/>
  <graph edgedefault="directed">
    <data key="d0">S30</data>
    <data key="d1">false</data>
    <node id="V0">
      <data key="d2">1</data>
      <data key="d3">265252859812191058636308480000000</data>
    </node>
    <node id="V1">
      <data key="d4">265252859812191058636308480000000</data>
      <data key="d5">1</data>
    </node>
    <edge source="V1" target="V0">
      <data key="d6">constant; even; linear</data>
      <data key="d7">0.6490983563211381</data>
    </edge>
  </graph>
</graphml>"""
OLD_JSON = """{"directed": true, "multigraph": false,
 "graph": {"group": "S30", "bias": false},
 "nodes": [
  {"id": "V0", "action_order": 1, "kernel_order": 265252859812191058636308480000000},
  {"id": "V1", "action_order": 265252859812191058636308480000000, "kernel_order": 1}],
 "edges": [
  {"source": "V1", "target": "V0", "parts": ["constant", "even", "linear"],
   "share": 0.6490983563211381}]}"""


def test_files_of_the_version_before_are_read() -> None:
    wanted: nx.DiGraph[str] = nx.DiGraph(group="S30", bias=False)
    wanted.add_node("V0", action_order=1, kernel_order=math.factorial(30))
    wanted.add_node("V1", action_order=math.factorial(30), kernel_order=1)
    wanted.add_edge("V1", "V0", parts="constant, even, linear", share=0.6490983563211381)
    assert content(from_json(OLD_JSON)) == content(wanted)
    assert content(from_graphml(OLD_GRAPHML)) == content(wanted)
    rewritten = re.sub(r"<desc>.*?</desc>", "", OLD_GRAPHML)
    assert content(from_graphml(rewritten)) == content(wanted)


def keys_of(text: str) -> list[tuple[str, str, str]]:
    root = ElementTree.fromstring(text)
    found = [e.attrib for e in root.iter("{http://graphml.graphdrawing.org/xmlns}key")]
    return [(e["for"], e["attr.name"], e["attr.type"]) for e in found]


@settings(deadline=None)
@given(graph=interaction_graphs())
def test_graphml_declares_each_attribute_once(graph: nx.DiGraph[str]) -> None:
    keys = keys_of(to_graphml(graph))
    assert len({key[:2] for key in keys}) == len(keys)
    assert {key[2] for key in keys} <= {"boolean", "int", "long", "float", "double", "string"}


GRAPHS = {
    "relu": lambda: tk.interaction_graph(tk.group("S4").regular_module(), "relu"),
    "polynomial": lambda: tk.interaction_graph(
        tk.group("C8").regular_module(), "polynomial(1,1,0,1)", bias=True
    ),
    "no shares": lambda: tk.interaction_graph(tk.group("C8").regular_module(), "hardshrink(1e200)"),
    "sum": lambda: tk.interaction_graph(
        tk.group("S3").regular_module() + tk.group("S3").natural_module(), "gelu"
    ),
    "huge": lambda: tk.interaction_graph(tk.group("S30").natural_module(), "abs"),
    "closed sets": lambda: tk.closed_sets(tk.group("S4").regular_module(), "abs"),
    "kernels": lambda: tk.kernel_lattice(tk.group("C2 x C2")),
    "maps": lambda: tk.pl_hom_preorder(tk.group("C12")),
    "normal subgroups": lambda: tk.group("D8").normal_subgroups().graph,
}


@pytest.mark.parametrize("name", GRAPHS)
def test_writers_of_networkx_keep_our_graphs(name: str) -> None:
    graph = GRAPHS[name]()
    survives(graph)
    for text in (to_graphml(graph), "\n".join(nx.generate_graphml(graph))):
        keys = keys_of(text)
        assert len({key[:2] for key in keys}) == len(keys)
    assert content(from_json(to_json(graph))) == content(graph)
    assert content(from_graphml(to_graphml(graph))) == content(graph)


@given(st.lists(WORDS))
def test_names_come_back_or_are_refused(names: list[str]) -> None:
    if any(not name or ", " in name for name in names):
        with pytest.raises(ValueError, match="required"):
            join_names(names)
        return
    try:
        joined = join_names(names)
    except ValueError:  # such as ["a,", " b"]
        assert ", ".join(names).split(", ") != names
    else:
        assert split_names(joined) == tuple(names)


def test_json_is_what_json_readers_expect() -> None:
    record = json.loads(to_json(small_graph()))
    assert record["directed"] is True
    assert [node["id"] for node in record["nodes"]] == ["L0", "L1"]
    assert record["edges"][0]["parts"] == ["even", "linear"]


# --- Graphviz -----------------------------------------------------------------------------------

DOT_TOKEN = re.compile(
    r'\s*(?://[^\n]*\n\s*)*("(?:[^"\\\n]|\\.)*"|->|[{}\[\];,=]|[A-Za-z_][A-Za-z_0-9]*|[0-9.]+)',
)


def dot_tokens(text: str) -> list[str]:
    """Split Graphviz text into tokens; fails at the first character that is not one."""
    tokens, position = [], 0
    while position < len(text.rstrip()):
        found = DOT_TOKEN.match(text, position)
        assert found, text[position : position + 40]
        tokens.append(found[1])
        position = found.end()
    return tokens


@settings(deadline=None)
@given(graph=interaction_graphs())
def test_dot_is_well_formed(graph: nx.DiGraph[str]) -> None:
    tokens = dot_tokens(to_dot(graph))
    assert tokens[0] == "digraph"
    depth = 0
    for token in tokens[2:]:
        depth += {"{": 1, "}": -1}.get(token, 0)
        assert depth >= 0
    assert depth == 0
    assert tokens.count("rank") == len({data["action_order"] for _, data in graph.nodes.data()})


def test_dot_puts_low_frequencies_on_top_and_escapes() -> None:
    graph = small_graph()
    graph.graph["group"] = 'a "b" \\N'
    text = to_dot(graph)
    assert '"order 2" -> "order 1" [style=invis]' in text
    assert 'label="a \\"b\\" \\\\N, regular module, relu"' in text
    assert '"L1" -> "L1" [style=dashed' in text


# --- the terminal -------------------------------------------------------------------------------


@settings(deadline=None)
@given(graph=interaction_graphs(), width=st.integers(0, 150))
def test_tables_keep_to_their_width(graph: nx.DiGraph[str], width: int) -> None:
    plain = nx.relabel_nodes(graph, {node: f"L{i}" for i, node in enumerate(graph)})
    lines = to_table(plain, width=width).split("\n")
    assert max(map(len, lines)) <= min(100, max(60, width))
    assert sum(bool(re.match(r"L\d+ ", line)) for line in lines) == len(graph)


def test_table_names_every_target() -> None:
    graph = small_graph()
    for i in range(2, 40):
        graph.add_node(f"L{i}", dimension=2, type="C", multiplicity=1, action_order=79)
        for j in range(i + 1):
            graph.add_edge(f"L{i}", f"L{j}", parts="even", share=0.01 * (1 + j % 3))
    lines = to_table(graph, width=80).split("\n")
    start = next(i for i, line in enumerate(lines) if line.startswith("L39"))
    assert re.findall(r"L\d+", " ".join(lines[start:]))[1:] == [f"L{j}" for j in range(40)]


def test_table_gathers_equal_targets() -> None:
    graph = small_graph()
    for i in range(2, 6):
        graph.add_node(f"L{i}", dimension=1, type="R", multiplicity=1, action_order=1)
        graph.add_edge("L1", f"L{i}", parts="even", share=1e-6)
    assert "L0 50.0%  L1* 50.0%  L2..L5 <0.1% each" in to_table(graph)
    assert "nothing" in to_table(graph)


def test_title_keeps_every_part_of_long_names() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph(
        group="SmallGroup(24,12) x " * 9, module="cosets of <(1,2)>", activation="relu"
    )
    title = graph_title(graph, 60)
    assert len(title) <= 60
    assert title.startswith("SmallGroup(24,12)")
    assert title.endswith("cosets of <(1,2)>, relu")
    assert graph_title(nx.DiGraph()) == "interaction graph"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0"),
        (9_999_999, "9999999"),
        (10_000_000, "1.00e7"),
        (99_999_999, "1.00e8"),
        (-(10**9), "-1.00e9"),
        (MONSTER, "8.08e53"),
        pytest.param(1 << 20000, "3.98e6020", id="beyond what Python prints"),
    ],
)
def test_compact_integers(number: int, shown: str) -> None:
    assert compact_integer(number) == shown


def test_percentages() -> None:
    assert percentage(0.00049) == "<0.1%"
    assert percentage(0.0005) == "0.1%"


def test_the_legend_of_the_table_explains_percentages() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph(group="C1", module="regular", activation="relu", bias=False)
    graph.add_node("L0", dimension=1, type="R", multiplicity=1, action_order=1)
    graph.add_edge("L0", "L0", parts="even, linear", share=1.0)
    assert to_table(graph).endswith("percentages: share of the energy.")
