"""The rule from pairs to edges, against the library's own graphs, for every named activation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import toolkit as tk
from toolkit.errors import NotAvailable
from toolkit.explorer.record import Parts, edges_of, group_record, module_record
from toolkit.explorer.record.drawn import Drawn
from toolkit.explorer.record.restored import restored, restored_module
from toolkit.pl.activations.activation import find_activation
from toolkit.pl.activations.registry import ACTIVATIONS
from toolkit.pl.interactions.graph import Interactions

if TYPE_CHECKING:
    from toolkit.modules.module import Module

NAMES = [
    *ACTIVATIONS, "hardtanh(-1,2)", "t^0", "t^3", "t^4", "t^5", "t^6", "relu_power(4)",
    "polynomial(0,1,1)", "polynomial(1,0,2)", "polynomial(1,1,1,1)", "polynomial(0,0,1,1)",
    "polynomial(1,1)",
]  # fmt: skip
GROUPS = ["C1", "C2", "C9", "D8", "D12", "Q8", "S4", "A5", "SL(2,3)", "SmallGroup(21,1)"]
MORE = [
    "C8", "C12", "D16", "Q16", "A4", "GL(2,3)", "C2 wr S3", "S3 x S3", "AGL(1,8)",
    "SmallGroup(16,3)", "SmallGroup(24,4)", "SmallGroup(27,3)", "Table(M)",
]  # fmt: skip


@pytest.fixture
def undrawn(monkeypatch):
    """Records of modules without pictures and maps, which take most of the time."""
    monkeypatch.setattr("toolkit.explorer.record.modules.module_fields", lambda X, alone: Drawn())


def modules_of(name: str) -> list[Module]:
    """Return the regular module, modules of cosets, the natural one, sums and signed ones."""
    G = tk.group(name)
    out: list[Module] = [G.regular_module()]
    if G.order > 1 and G.order <= 63:
        out += [G.coset_module(c) for c in G.subgroup_classes() if c.order > 1]
    if G.facts.points:
        out.append(G.natural_module())
    if len(out) > 3:
        out.append(out[1] + out[-1])
        out.append(out[2] + out[0])
    return out


def compare(X: Module, record: dict[str, Any], name: str, bias: bool) -> None:
    """Compare the edges of a record with those of the library."""
    f = find_activation(name)
    labels = [c["label"] for c in record["contents"]]
    found = {
        (labels[e.source], labels[e.target]): (", ".join(e.parts), e.reach)
        for e in edges_of(record, Parts.of(f), bias=bias)
    }
    graph = Interactions(X, f, bias=bias)
    wanted = {(a, b): (d["parts"], d["reach"]) for a, b, d in graph._edges(None)}
    assert found == wanted, (X.group, X.name, name, bias)
    assert {b: d["reach_of"] for _, b, d in graph._edges(None)}.items() <= {
        c["label"]: int(c["fixed"]) for c in record["contents"]
    }.items()


@pytest.mark.parametrize(
    "name", [*GROUPS, *(pytest.param(name, marks=pytest.mark.slow) for name in MORE)]
)
@pytest.mark.usefixtures("undrawn")
@pytest.mark.quick_cases(3)
def test_edges_of_all_modules_and_activations(name: str) -> None:
    for X in modules_of(name):
        record = restored_module(module_record(tk.group(name), X))
        for activation in NAMES:
            for bias in (False, True):
                compare(X, record, activation, bias)


@pytest.mark.parametrize("name", ["SmallGroup(16,3)", "SmallGroup(24,3)", "SmallGroup(30,2)"])
def test_edges_are_those_of_the_catalog(name: str) -> None:
    pytest.importorskip("duckdb")
    stored: dict[tuple[str, str], set[tuple[str, str, str, int, int]]] = {}
    for row in tk.catalog.open().rows_of(name, "edges"):
        key = (row["module"], row["activation"])
        parts = row["parts"].replace("+", ", ")
        edge = (row["source"], row["target"], parts, row["reach"], row["reach_of"])
        stored.setdefault(key, set()).add(edge)
    record = restored(group_record(tk.group(name)))
    modules = {module["id"]: module for module in record["modules"]}
    assert {module for module, _ in stored} == modules.keys()
    for (module, activation), wanted in stored.items():
        contents = modules[module]["contents"]
        found = {
            (
                contents[e.source]["label"],
                contents[e.target]["label"],
                ", ".join(e.parts),
                e.reach,
                contents[e.target]["fixed"],
            )
            for e in edges_of(modules[module], Parts.of(find_activation(activation)))
        }
        assert found == wanted, (module, activation)


@pytest.mark.parametrize("bias", [False, True])
def test_edges_are_those_of_the_public_graph(bias: bool) -> None:
    X = tk.group("SL(2,3)").regular_module()
    record = restored_module(module_record(tk.group("SL(2,3)"), X))
    labels = [c["label"] for c in record["contents"]]
    for name in ("relu", "tanh", "t^3"):
        graph = tk.interaction_graph(X, name, bias=bias)
        found = edges_of(record, Parts.of(find_activation(name)), bias=bias)
        assert {(labels[e.source], labels[e.target]): e.reach for e in found} == {
            (a, b): data["reach"] for a, b, data in graph.edges(data=True)
        }


def test_a_power_beyond_the_record_is_refused() -> None:
    record = restored_module(module_record(tk.group("C5"), tk.group("C5").regular_module()))
    with pytest.raises(NotAvailable, match="degree 7"):
        edges_of(record, Parts.of(find_activation("t^7")))
    assert edges_of(record, Parts(even=False, odd=False, degrees=(), at_zero=False)) == []
