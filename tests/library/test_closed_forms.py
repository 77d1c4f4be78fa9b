"""Closed forms against GAP, and what users get of groups of any order."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING

import networkx as nx
import pytest

import toolkit as tk
from toolkit.errors import InconsistentAnswerError, ModuleMismatchError, NotAvailable
from toolkit.formats import from_graphml, to_graphml
from toolkit.groups.canonical_order import canonical_character_table
from toolkit.groups.character_table import CharacterTable
from toolkit.groups.closed_forms.families import closed_form_of_name
from toolkit.groups.closed_forms.from_subgroup import closed_form_of_subgroup
from toolkit.groups.closed_forms.located import check_abelian_elements
from toolkit.groups.gap_table import read_gap_table
from toolkit.groups.laws import check_character_table
from toolkit.groups.parsing.grammar import parse_group
from toolkit.library.questions import ABELIAN_ELEMENTS, ABELIAN_NORMAL_SUBGROUP
from toolkit.library.session import Session
from toolkit.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

_NOT_LABELLED = ("representatives", "gap_classes", "gap_characters", "generator_class")


def _same_as_gap(name: str) -> None:
    """The formula's table is GAP's, brought into canonical order."""
    G = tk.group(name)
    form = closed_form_of_name(parse_group(name))
    assert form is not None
    raw = read_gap_table(G.ask("character_table", {}))
    theirs, ours = canonical_character_table(G.name, raw), form.table()
    for field in CharacterTable.__dataclass_fields__:
        if field not in _NOT_LABELLED and field != "simples":
            assert getattr(ours, field) == getattr(theirs, field), field
    for s, t in zip(ours.simples, theirs.simples, strict=True):
        assert (s.label, s.type, s.row, s.kernel, s.minus, s.constituents) == (
            t.label, t.type, t.row, t.kernel, t.minus, t.constituents,
        )  # fmt: skip
        assert (s.kernel_order, s.action_order) == (t.kernel_order, t.action_order)


@pytest.mark.parametrize(
    "name",
    ["C1", "C12", "C2 x C6", "C3 x C9", "C2^4", "C4 x C6 x C2", "D10", "D24", "Q16", "Dic5", "SD32",
     "M4(2)", "M3(3)", "D12 x C3", "C2 x Q8"],
)  # fmt: skip
def test_tables_are_those_of_gap(name: str) -> None:
    _same_as_gap(name)


def _abelian_names(most: int) -> list[str]:
    def factors(n: int, least: int) -> list[list[int]]:
        if n == 1:
            return [[]]
        return [
            [d, *rest]
            for d in range(2, n + 1)
            if n % d == 0 and d % least == 0
            for rest in factors(n // d, d)
        ]

    return [
        " x ".join(f"C{d}" for d in found) for n in range(2, most + 1) for found in factors(n, 1)
    ]


@pytest.mark.slow
def test_all_small_tables_are_those_of_gap() -> None:
    names = _abelian_names(100)
    names += [f"D{n}" for n in range(6, 131, 2)] + [f"Dic{n}" for n in range(2, 33)]
    names += [f"SD{n}" for n in (16, 32, 64, 128)] + ["M4(2)", "M5(2)", "M3(3)", "M4(3)", "M3(5)"]
    assert len(names) > 280
    for name in names:
        _same_as_gap(name)


ACTIVATIONS = ["relu", "abs", "tanh", "sigmoid", "elu", "square", "identity", "cos", "relu_squared"]


@pytest.mark.parametrize("name", ["C12", "C2 x C4", "C15", "D12", "Q8", "Dic3", "S4", "SD16"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_compressed_graphs_blow_up_to_the_full_ones(name: str, activation: str) -> None:
    G = tk.group(name)
    modules = [G.regular_module()]
    if name in ("S4", "D12"):
        modules += [G.natural_module(), G.natural_module() + G.regular_module()]
    for X in modules:
        for bias in (False, True):
            full = tk.interaction_graph(X, activation, bias=bias)
            small = tk.interaction_graph(X, activation, bias=bias, compressed=True)
            assert small.graph["simples"] == len(full)
            _agree(full, tk.blow_up(small))


def _agree(full: nx.DiGraph[str], blown: nx.DiGraph[str]) -> None:
    def edges(graph: nx.DiGraph[str]) -> dict[tuple[str, str], tuple[object, ...]]:
        return {
            (a, b): (d["parts"], d["reach"], d["reach_of"]) for a, b, d in graph.edges(data=True)
        }

    def nodes(graph: nx.DiGraph[str]) -> list[tuple[object, ...]]:
        names = ("dimension", "type", "multiplicity", "action_order", "kernel_order")
        return [(n, *(d[key] for key in names)) for n, d in graph.nodes(data=True)]

    assert edges(blown) == edges(full)
    assert nodes(blown) == nodes(full)


def test_a_cyclic_group_of_order_a_thousand_million() -> None:
    G = tk.group("C1000000000")
    graph = tk.interaction_graph(G.regular_module(), "relu", compressed=True)
    assert len(graph) == 100
    assert graph.graph["simples"] == 500_000_001
    assert sum(d["count"] for _, d in graph.nodes(data=True)) == 500_000_001
    # the rule of arXiv 2408.00949: ord(K) divides ord+(L), or K = L
    order = {n: d["action_order"] for n, d in graph.nodes(data=True)}
    for a, b in ((a, b) for a in graph for b in graph):
        half = order[a] // 2 if order[a] % 2 == 0 else order[a]
        full = half % order[b] == 0
        assert graph.has_edge(a, b) == (full or a == b)
        if a == b and not full:
            assert graph.edges[a, b]["loops"] == "only"
    assert G.order == 10**9
    assert G.is_abelian
    assert G.facts.subgroups.frattini == 10**8
    with pytest.raises(NotAvailable, match=r"1,000,000,000 classes.*PLREP_MAX_CLASSES.*compressed"):
        assert G.simples
    with pytest.raises(NotAvailable, match="raise most_edges"):
        tk.blow_up(graph)
    with pytest.raises(ModuleMismatchError, match="compressed"):
        tk.blow_up(tk.interaction_graph(tk.group("C3").regular_module(), "relu"))


def test_a_dihedral_group_of_twice_that_order() -> None:
    G = tk.group("D2000000000")
    graph = tk.interaction_graph(G.regular_module(), "relu", compressed=True)
    assert len(graph) == 102
    assert graph.graph["simples"] == 10**9 // 2 + 3 == G.facts.classes
    squares = sum(d["count"] * d["dimension"] ** 2 for _, d in graph.nodes(data=True))
    assert squares == 2 * 10**9


def test_compressed_graphs_survive_their_files(tmp_path: Path) -> None:
    graph = tk.interaction_graph(tk.group("C48 x C60").regular_module(), "gelu", compressed=True)
    again = from_graphml(to_graphml(graph))
    assert dict(again.nodes(data=True)) == dict(graph.nodes(data=True))
    assert {(a, b): d for a, b, d in again.edges(data=True)} == {
        (a, b): d for a, b, d in graph.edges(data=True)
    }
    assert again.graph == graph.graph
    nx.write_graphml(graph, tmp_path / "graph.graphml")


def test_no_wall_at_1300_classes() -> None:
    G = tk.group("C2048")
    assert len(G.simples) == 1025
    assert G.facts.table is True
    assert G.facts.classes == 2048
    table = G.character_table
    assert str(table.value(1, 1)) == "1"
    assert table.simples[-1].kernel == (0,)
    D = tk.group("D6000")
    assert D.has_table
    assert D.closed_form is not None
    assert D.closed_form.class_count == 1503


def test_limits_are_raised_by_the_caller(tmp_path: Path) -> None:
    settings = Settings(tmp_path, max_classes=100)
    with Session(settings) as session:
        G = tk.group("C128", session=session)
        assert not G.has_table
        with pytest.raises(NotAvailable, match="128 classes, and up to 100 are listed"):
            assert G.character_table
    with Session(Settings(tmp_path, max_classes=128, max_entries=1000)) as session:
        G = tk.group("C128", session=session)
        assert len(G.simples) == 65
    with pytest.raises(NotAvailable, match="most_nodes"):
        tk.interaction_graph(
            tk.group("C2^13").regular_module(), "relu", compressed=True, most_nodes=1000
        )


def _as_gap_answers_it(G: tk.Group) -> None:
    """Everything in the table by formula, elements included, is as in the one GAP would give."""
    ours = G.closed_form
    assert ours is not None
    theirs = canonical_character_table(G.name, read_gap_table(G.ask("character_table", {})))
    table = ours.table()
    for field in CharacterTable.__dataclass_fields__:
        if field not in ("gap_classes", "gap_characters"):
            assert getattr(table, field) == getattr(theirs, field), (G.name, field)


@pytest.mark.parametrize(
    "name",
    ["SmallGroup(1,1)", "SmallGroup(16,10)", "SmallGroup(36,14)", "SmallGroup(60,13)",
     "SmallGroup(243,67)", "<(1,2,3)(4,5,6,7),(8,9),(8,9)(10,11)>", "<a,b|a^12,b^6,a*b=b*a>",
     "<(1,2)(3,4),(1,3)(2,4),(5,6,7,8)>"],
)  # fmt: skip
def test_abelian_groups_of_any_description(name: str) -> None:
    G = tk.group(name)
    _as_gap_answers_it(G)
    elements = G.answer(ABELIAN_ELEMENTS)
    with pytest.raises(InconsistentAnswerError, match="in coordinates, generated by"):
        check_abelian_elements(G.name, replace(elements, elements=(*elements.elements, {})))


@pytest.mark.slow
def test_all_small_abelian_groups_are_as_gap_answers_them() -> None:
    rows = tk.catalog.open().find("order <= 64 and abelian")
    names = [row["group"] for row in rows]
    assert len(names) == 117
    for name in [*names, "SmallGroup(128,1601)", "SmallGroup(200,9)"]:
        _as_gap_answers_it(tk.group(name))


@pytest.mark.slow
def test_labels_of_an_abelian_group_take_no_elements(tmp_path: Path) -> None:
    with Session(Settings(tmp_path), use_bundled=False) as session:
        G = tk.group("SmallGroup(1152,1)", session=session)
        assert len(G.simples) == 577
        assert len(tk.interaction_graph(G.regular_module(), "relu", compressed=True)) == 24
        assert [request for request, _, _ in session.asked] == ["facts"]
        assert (
            G.character_table.representatives[G.character_table.generator_class or 0]
            == (G.facts.generators[0])
        )
        assert [request for request, _, _ in session.asked] == ["facts", "abelian_elements"]


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("name", ["C36", "C2 x C2 x C9", "Dic5", "C12 x C6"])
def test_edges_written_at_once_are_those_of_the_criterion(name: str, *, bias: bool) -> None:
    X = tk.group(name).regular_module()
    for activation in ACTIVATIONS:
        graph = tk.interaction_graph(X, activation, bias=bias)
        labels = list(graph)
        shares = tk.transfer_matrix(X, activation, bias=bias).tolist()
        occurring = tk.pl.Interactions(X, activation, bias=bias).occurring_from_each(labels)
        plain: nx.DiGraph[str] = nx.DiGraph()
        plain.add_nodes_from(graph.nodes(data=True))
        for i, (label, targets) in enumerate(zip(labels, occurring, strict=True)):
            for k in targets:
                plain.add_edge(
                    label, k.label, parts=", ".join(k.parts), reach=k.dimension,
                    reach_of=k.fixed_dimension, share=shares[i][labels.index(k.label)],
                )  # fmt: skip
        assert list(graph.edges(data=True)) == list(plain.edges(data=True))
        assert [list(graph.predecessors(n)) for n in graph] == [
            list(plain.predecessors(n)) for n in graph
        ]
        graph.add_edge("L0", "new", parts="none")  # it is a graph like any other
        graph.remove_node("L0")
        assert graph.number_of_edges() < plain.number_of_edges()


@pytest.mark.parametrize(
    "name",
    ["SmallGroup(8,2)", "SmallGroup(16,6)", "SmallGroup(21,1)", "SmallGroup(54,6)", "A4",
     "SmallGroup(27,3)", "<(1,2,3),(4,5),(1,2)>"],
)  # fmt: skip
def test_an_abelian_normal_subgroup_of_gap_gives_the_table(name: str) -> None:
    G = tk.group(name)
    found = G.answer(ABELIAN_NORMAL_SUBGROUP)
    assert found is not None
    table, theirs = closed_form_of_subgroup(name, found).table(), G.character_table
    check_character_table(table)
    for field in ("class_sizes", "element_orders", "values", "indicators", "power_maps", "rows"):
        assert getattr(table, field) == getattr(theirs, field)
    assert [(s.dimension, s.type, s.action_order, s.paper_index) for s in table.simples] == [
        (s.dimension, s.type, s.action_order, s.paper_index) for s in theirs.simples
    ]
    # the representatives are elements of these classes: their fixed points are those of GAP
    X = G.regular_module()
    images = X.backend.element_images(list(table.representatives))  # type: ignore[union-attr]
    fixed = [int(sum(image == range(G.order))) for image in images]
    assert fixed == [G.order, *[0] * (len(table) - 1)]


def test_groups_without_such_a_subgroup() -> None:
    for name in ("S4", "A5", "SmallGroup(32,50)"):
        assert tk.group(name).answer(ABELIAN_NORMAL_SUBGROUP) is None


def test_small_groups_past_the_limit_of_gap() -> None:
    G = tk.group("SmallGroup(1855,1)")
    assert G.has_table
    assert len(G.simples) == 928
    assert G.order == 1855
    graph = tk.interaction_graph(G.regular_module(), "relu", compressed=True)
    assert [d["count"] for _, d in graph.nodes(data=True)] == [1, 2, 3, 12, 26, 104, 156, 624]


def test_the_limit_of_gap_is_named_and_raised() -> None:
    G = tk.group("SmallGroup(6,1)")
    assert G.ask("facts", {"classes": 3})["table"] is True
    assert G.ask("facts", {"classes": 2})["table"] == (
        "the group has 3 classes (tables are computed up to 2; PLREP_MAX_TABLE raises that)"
    )


@pytest.mark.gap
@pytest.mark.parametrize(
    ("name", "label"),
    [
        pytest.param("D6000", "H2000a", marks=pytest.mark.slow),
        pytest.param("SmallGroup(1855,1)", "H5a", marks=pytest.mark.slow),
        ("C2048", "H1024a"),
    ],
)
def test_permutation_characters_where_gap_has_no_table(name, label):
    G = tk.group(name)
    H = next(H for H in G.subgroup_classes() if H.label == label)
    X = G.coset_module(H)
    found = G.permutation_character(label)
    assert found.degree == H.index
    assert sum(found.real_multiplicities.values()) == sum(X.multiplicities.values())
    assert found.inner_product(found) == X.rank
    if H.length == 1:  # a normal subgroup acts as the identity, and nothing else does
        table = G.character_table
        fixed = [c for c, v in enumerate(found.values) if v == H.index]
        assert sum(table.class_sizes[c] for c in fixed) == H.order
    # given by generators the elements are counted anew
    assert G.permutation_character(list(H.generators)) == found


@pytest.mark.parametrize("name", ["C8", "C2 x C4", "D8", "SD16"])
def test_tables_by_formula_are_copied_with_their_group(name: str) -> None:
    G = tk.group(name)
    X = G.regular_module()
    assert X.multiplicities
    table = copy.deepcopy(G.character_table)
    assert table == G.character_table
    again = copy.deepcopy(X)
    assert (again, again.multiplicities) == (X, X.multiplicities)
