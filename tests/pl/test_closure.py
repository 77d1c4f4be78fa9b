"""What closures, networks and kernels refuse, and what they accept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.pl.criterion.orbit import OrbitCriterion
from toolkit.pl.interactions.closure import closed_sets, reachable
from toolkit.pl.interactions.graph import Interactions
from toolkit.text import split_names


def test_a_module_stands_for_its_simples() -> None:
    S4 = tk.group("S4")
    V = S4.natural_module()
    every = tk.pl_hom_preorder(S4)
    assert list(tk.pl_hom_preorder(S4.regular_module()).edges) == list(every.edges)
    # a view of a graph lists its nodes as a set does
    assert set(tk.pl_hom_preorder(V).edges) == set(every.subgraph(["L0", "L3"]).edges)
    sign = S4.signed_coset_module([[1, 2, 3, 0], [1, 0, 2, 3]], [[1, 2, 0, 3], [0, 2, 3, 1]])
    assert list(tk.pl_hom_preorder(sign).edges) == [("L1", "L1")]
    assert list(tk.kernel_lattice(V).edges) == list(tk.kernel_lattice(S4).edges)


@pytest.mark.parametrize("wrong", ["S4", None, 3, ["L0"]])
def test_neither_group_nor_module(wrong: Any) -> None:
    for ask in (tk.pl_hom_preorder, tk.kernel_lattice):
        with pytest.raises(ModuleMismatchError, match="a group or a module is required"):
            ask(wrong)


def test_networks_need_lists_of_modules() -> None:
    V = tk.group("S4").natural_module()
    with pytest.raises(ModuleMismatchError, match=r"write \[X, X\]"):
        reachable(V, ["L3"], "relu")  # type: ignore[arg-type]
    with pytest.raises(ModuleMismatchError, match="at least one module"):
        reachable([], ["L3"], "relu")
    assert reachable(iter([V, V]), ["L3"], "relu") == reachable([V, V], ["L3"], "relu")  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [None, 3, [["L0"]], np.zeros((1, 1))])
def test_sources_are_labels(wrong: Any) -> None:
    V = tk.group("S4").natural_module()
    for ask in (
        lambda: tk.closure(V, wrong, "relu"),
        lambda: reachable([V], wrong, "relu"),
        lambda: Interactions(V, "relu").occurring(wrong),
    ):
        with pytest.raises(ModuleMismatchError, match="labels of simples are required"):
            ask()


@pytest.mark.parametrize("wrong", [None, 3])
def test_networks_are_lists(wrong: Any) -> None:
    with pytest.raises(ModuleMismatchError, match="a network needs a list of modules"):
        reachable(wrong, ["L0"], "relu")


@pytest.mark.parametrize("name", ["relu", "tanh", "cos", "t^3", "polynomial(1,0,1)", "identity"])
@pytest.mark.parametrize("bias", [False, True])
def test_closures_at_once_are_those_step_by_step(name: str, bias: bool) -> None:
    S4 = tk.group("S4")
    for X in (S4.regular_module(), S4.natural_module() + S4.natural_module() ** 0):
        engine = Interactions(X, name, bias=bias)
        subsets = np.array(list(np.ndindex(*(2,) * len(engine.labels))), dtype=np.bool_)
        for start, closed in zip(subsets, engine.closures(subsets), strict=True):
            now = {engine.labels[i] for i in np.flatnonzero(start)}
            while new := {r.label for r in engine.occurring(now)} - now:
                now |= new
            assert now == {engine.labels[i] for i in np.flatnonzero(closed)}
            assert tk.closure(
                X, [engine.labels[i] for i in np.flatnonzero(start)], name, bias=bias
            ) == engine.require(now)
        lattice = closed_sets(X, name, bias=bias)
        every = {frozenset(np.array(engine.labels)[row]) for row in engine.closures(subsets)}
        assert {
            frozenset(split_names(d.get("simples", ""))) for _, d in lattice.nodes(data=True)
        } == every


def test_closed_sets_of_a_large_group_are_asked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    own = OrbitCriterion.occurring

    def counted(self: OrbitCriterion, f: Any, present: Any) -> Any:
        asked.append(len(present))
        return own(self, f, present)

    monkeypatch.setattr(OrbitCriterion, "occurring", counted)
    lattice = closed_sets(tk.group("C60").regular_module(), "relu")
    # one for each divisor of 60, and the empty set
    assert len(lattice) == 13
    # 31 simples: a closure for each set and simple is about 400 sets
    assert len(asked) < 60


def test_old_names_of_graphs_of_kernels() -> None:
    S3 = tk.group("S3")
    with pytest.warns(DeprecationWarning, match="now kernel_lattice"):
        old = tk.kernel_order(S3)
    assert list(old.edges) == list(tk.kernel_lattice(S3.character_table).edges)
    with pytest.warns(DeprecationWarning, match="now pl_hom_preorder"):
        old = tk.pl_existence_graph(S3.natural_module())
    assert list(old.edges) == [("L0", "L0"), ("L2", "L0"), ("L2", "L2")]


def signed_modules() -> list[tk.modules.Module]:
    S4, C6 = tk.group("S4"), tk.group("C6")
    sign = S4.signed_coset_module("N3", "N2")
    return [
        sign + S4.natural_module(),
        sign * S4.natural_module() + sign,
        tk.SignedModule.from_permutation(C6.regular_module()),
        C6.signed_module_from_images([[1, 2, 0, 4, 3]], [[1, 1, -1, 1, 1]]),
    ]


@pytest.mark.parametrize("number", range(4))
def test_closed_sets_of_signed_modules_know_their_kernels(number: int) -> None:
    X = signed_modules()[number]
    G = tk.group(X.group)
    kernels = {s.label: set(s.kernel) for s in G.simples}
    names = {frozenset(n.classes): (n.label, n.order) for n in G.normal_subgroups()}
    for _, data in closed_sets(X, "tanh").nodes(data=True):
        common = set(range(len(G.character_table)))
        for label in split_names(data.get("simples", "")):
            common &= kernels[label]
        assert (data["normal_subgroup"], data["kernel_order"]) == names[frozenset(common)]


def test_all_signs_plus_change_no_answer() -> None:
    X = tk.group("C6").regular_module() + tk.group("C6").natural_module()
    Y = tk.SignedModule.from_permutation(X)
    lattices = [closed_sets(module, "tanh") for module in (X, Y)]
    assert list(lattices[0].nodes(data=True)) == list(lattices[1].nodes(data=True))
    plain, signed = Interactions(X, "tanh"), Interactions(Y, "tanh")
    assert [o.labels for o in plain.orbits] == [o.labels for o in signed.orbits]
    assert plain.fixed == signed.fixed


def test_signed_modules_have_kernels_and_are_no_network() -> None:
    X = signed_modules()[0]
    assert tk.kernel_lattice(X).number_of_nodes() == len(tk.group("S4").normal_subgroups())
    with pytest.raises(ModuleMismatchError, match=r"write \[X, X\]"):
        reachable(X, ["L0"], "tanh")  # type: ignore[arg-type]
