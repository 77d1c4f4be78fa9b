"""Answers from GAP are checked and stored once; what breaks a law is not stored."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import (
    InconsistentAnswerError,
    ModuleMismatchError,
    NamingError,
    NotAvailable,
    NotCachedError,
)
from toolkit.exact import encode
from toolkit.files import gap_scripts_path
from toolkit.library import Group, Session
from toolkit.library.questions import NATURAL_ACTION, QUESTIONS
from toolkit.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

# What GAP answers about S3, as recorded; the tests change it.
FACTS: dict[str, Any] = {
    "order": 6, "points": 3, "faithful": True, "orbit_lengths": [3], "id": [6, 1],
    "generators": [{"perm": [1, 2, 0]}, {"perm": [1, 0, 2]}], "description": "S3",
    "abelian": False, "nilpotent": False, "solvable": True, "perfect": False, "simple": False,
    "exponent": 6, "abelian_invariants": [2], "derived_series": [6, 3, 1], "table": True,
    "classes": 3, "subgroups": {
        "centre": 1, "derived": 3, "frattini": 1, "fitting": 3, "socle": 3, "radical": 6,
    },
}  # fmt: skip
TABLE: dict[str, Any] = {
    "order": 6, "sizes": [1, 3, 2], "orders": [1, 2, 3],
    "reps": [{"perm": [0, 1, 2]}, {"perm": [1, 0, 2]}, {"perm": [1, 2, 0]}],
    "keys": [[1, 1], [3, 1], [2, 1]],
    "powers": {"2": [0, 0, 2], "3": [0, 1, 0], "-1": [0, 1, 2]},
    # -1, 0, 1, 2; then -2 and 4, sums with conjugates
    "values": {
        "conductors": [1] * 6, "counts": [1, 0, 1, 1, 1, 1], "exponents": [0] * 5,
        "numerators": [-1, 1, 2, -2, 4],
    },
    "rows": "202310222", "sums": [4, 1, 3, 5],
}  # fmt: skip


# S3 on the cosets of a subgroup of order 2, and on its three points.
MODULE: dict[str, Any] = {
    "points": 3, "base": 0, "subgroup": [{"perm": [0, 2, 1]}], "subgroup_order": 2,
    "orbit": [0, 1, 2], "counts": [1, 1, 0], "rep_images": None,
    "images": [[1, 2, 0], [1, 0, 2]], "spherical": {
        "sizes": [2, 4], "points": [0, 1], "dimensions": [1, 0, 1], "multiplicities": [1, 0, 1],
        "values": [[1, [[0, -1, 2]]], 1], "rows": [[1, 1], [1, 0]], "kept": [0, 2],
    },
}  # fmt: skip


def pickle_round_trip(X: tk.PermutationModule) -> tk.PermutationModule:
    """Send a module through a process pool's own channel."""
    from multiprocessing import Pipe

    here, there = Pipe()
    with here, there:
        here.send(X)
        out: tk.PermutationModule = there.recv()
    return out


class Recorded:
    """A session whose GAP is a dictionary."""

    def __init__(self, folder: Path) -> None:
        settings = Settings.from_environment({"PLREP_CACHE_DIR": str(folder)})
        self.session = Session(settings, use_bundled=False)
        self.answers = copy.deepcopy(
            {"facts": FACTS, "character_table": TABLE, "transitive_module": MODULE}
        )
        self.asked: list[str] = []

        def ask(request: str, args: dict[str, Any], *, subject: str) -> object:
            self.asked.append(request)
            return copy.deepcopy(self.answers[request])

        self.session.ask_gap = ask  # type: ignore[method-assign]

    def group(self) -> Group:
        return tk.group("S3", session=self.session)


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[Recorded]:
    out = Recorded(tmp_path)
    with out.session:
        yield out


def test_asked_once_then_cached(recorded: Recorded) -> None:
    assert recorded.group().order == 6
    assert recorded.group().order == 6
    assert [s.dimension for s in recorded.group().simples] == [1, 1, 2]
    assert recorded.group().character_table == recorded.group().character_table
    assert recorded.asked == ["facts", "character_table"]
    assert recorded.session.where("S3", "facts") == "cache"
    assert recorded.session.where("S3", "table_of_marks") is None


def test_canonical_order_of_the_recorded_table(recorded: Recorded) -> None:
    table = recorded.group().character_table
    assert table.class_names == ("1a", "2a", "3a")
    assert table.gap_characters == (2, 0, 1)
    assert [[str(table.value(i, c)) for c in range(3)] for i in range(3)] == [
        ["1", "1", "1"],
        ["1", "-1", "1"],
        ["2", "0", "-1"],
    ]
    assert table.to_numpy().tolist() == [[1, 1, 1], [1, -1, 1], [2, 0, -1]]
    assert table.real_to_numpy().dtype == np.float64
    with pytest.raises(KeyError, match="L0 to L2"):
        table.simple("L9")


ASKS: dict[str, Callable[[Group], object]] = {
    "facts": lambda group: group.facts,
    "character_table": lambda group: group.character_table,
}
Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("question", "change"),
    [
        ("facts", lambda a: a.update(order=7)),
        ("facts", lambda a: a.update(abelian=True)),
        ("facts", lambda a: a.pop("simple")),
        ("facts", lambda a: a.update(exponent=4)),
        ("character_table", lambda a: a.update(sizes=[1, 2, 3])),
        ("character_table", lambda a: a.update(rows="202312222")),
        ("character_table", lambda a: a.update(rows="202310224")),
        ("character_table", lambda a: a.update(rows="20231022")),
        ("character_table", lambda a: a.update(rows="20231022*")),
        ("character_table", lambda a: a["powers"].update({"2": [0, 0, 0]})),
        ("character_table", lambda a: a["powers"].update({"2": [0, 2, 1]})),
        ("character_table", lambda a: a["powers"].pop("-1")),
        ("character_table", lambda a: a["powers"].update({"-1": [0, 1, 3]})),
        ("character_table", lambda a: a["powers"].update({"-1": [0, 2, 1]})),
        ("character_table", lambda a: a.update(keys=[])),
        ("character_table", lambda a: a["values"].update(counts=[1, 0, 1, 1, 1, 2])),
        ("character_table", lambda a: a["values"].update(numerators=[-1, 1, 2, -2, "4"])),
        ("character_table", lambda a: a["values"].update(numerators=[-1, 1, 3, -2, 4])),
        ("character_table", lambda a: a.update(sums=[9, 1, 3, 5])),
    ],
)
def test_a_false_answer_is_an_error_and_not_stored(
    recorded: Recorded, question: str, change: Change
) -> None:
    change(recorded.answers[question])
    ask = ASKS[question]
    with pytest.raises(InconsistentAnswerError, match="S3"):
        ask(recorded.group())
    assert recorded.session.where("S3", question) is None
    recorded.answers[question] = copy.deepcopy({"facts": FACTS, "character_table": TABLE}[question])
    assert ask(recorded.group())


def test_a_module_from_one_answer(recorded: Recorded) -> None:
    X = recorded.group().natural_module()
    assert X.multiplicities == {"L0": 1, "L2": 1}
    assert X.fixed_points == (3, 1, 0)
    assert X.kernel == (0,)
    assert recorded.asked.count("transitive_module") == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.update(subgroup_order=3),
        lambda a: a["images"].__setitem__(0, [1, 1, 0]),
        lambda a: a["images"].__setitem__(0, [2, 0, 1]),
        lambda a: a.update(counts=[1, 0, 1]),
        lambda a: a.update(counts=[1, 0, 0]),
        lambda a: a["spherical"].update(dimensions=[1, 1, 1]),
        lambda a: a["spherical"].update(rows=[[1, 1], [1, 1]]),
        lambda a: a["spherical"].update(sizes=[3, 3]),
    ],
)
def test_a_false_module_is_an_error_and_not_stored(recorded: Recorded, change: Change) -> None:
    change(recorded.answers["transitive_module"])
    with pytest.raises(InconsistentAnswerError):
        _ = recorded.group().natural_module().spherical_table
    arguments = {"module": {"kind": "natural", "point": 0}}
    assert recorded.session.where("S3", "spherical_table", arguments) is None


def test_a_coset_space_with_another_action(recorded: Recorded) -> None:
    """The images of a coset space must have as many orbitals as there are double cosets."""
    recorded.answers["transitive_module"].update(orbit=None)
    X = recorded.group().coset_module([[0, 2, 1]])
    assert X.rank == 2
    recorded.answers["transitive_module"]["images"] = [[1, 2, 0], [1, 2, 0]]
    with pytest.raises(InconsistentAnswerError, match="2 orbitals"):
        recorded.group().coset_module([[1, 0, 2]])


def test_an_answer_of_an_old_form_is_computed_again(recorded: Recorded) -> None:
    from toolkit.store import AnswerKey

    key = AnswerKey.of("S3", "facts", None, 1)
    recorded.session.store.put(key, {"order": 6}, recorded.session.provenance(0.0))
    assert recorded.group().order == 6
    assert recorded.asked == ["facts"]


def test_a_record_that_breaks_the_law_of_its_question_is_not_kept(tmp_path: Path) -> None:
    settings = Settings.from_environment({"PLREP_CACHE_DIR": str(tmp_path)})
    for in_memory in (False, True):
        with Session(settings, use_bundled=False, in_memory=in_memory) as session:
            with pytest.raises(InconsistentAnswerError, match="permute the points"):
                session.fetch("C2", NATURAL_ACTION, None, lambda: ((0, 0),))
            assert session.where("C2", "natural_action") is None
            assert session.fetch("C2", NATURAL_ACTION, None, lambda: ((0, 1),)) == ((0, 1),)
            assert session.where("C2", "natural_action") == ("memory" if in_memory else "cache")


def test_every_request_to_gap_is_a_row_of_the_table_or_is_not_stored() -> None:
    scripts = gap_scripts_path()
    assert scripts is not None
    requests = {path.stem for path in (scripts / "requests").glob("*.g")}
    not_stored = {
        "hello", "catalog_groups", "commuting_orbitals", "orbital_algebra", "permutation_order",
        "small_groups",
    }  # fmt: skip
    computed_here = {
        "abelian_subgroup", "fourier_basis", "not_in_time", "refusal", "spherical_table",
        "transitive_action",
    }  # fmt: skip
    assert requests - not_stored == set(QUESTIONS) - computed_here
    assert all(name == question.name for name, question in QUESTIONS.items())


@pytest.mark.gap
def test_the_time_of_an_answer_is_its_own(tmp_path: Path) -> None:
    settings = Settings.from_environment({"PLREP_CACHE_DIR": str(tmp_path)})
    with Session(settings, use_bundled=False) as session:
        _ = tk.group("S3", session=session).natural_module().spherical_table
        store = session.store.top
        answers = [store.get(key) for key in store]
        seconds = [answer.provenance.seconds for answer in answers if answer is not None]
        assert len(seconds) == 4  # facts, characters, module, spherical table
        assert sum(seconds) == pytest.approx(session.gap_seconds)


def test_old_names_of_backends_still_answer() -> None:
    G = tk.group("S4")
    X = G.natural_module()
    with pytest.warns(DeprecationWarning, match=r"source is now \.backend"):
        assert X.source is X.backend
    with pytest.warns(DeprecationWarning, match="is now Group.backend_of_action"):
        old = G.source_of_action(X.images, "points")
    assert old == G.backend_of_action(X.images, "points")


def test_the_old_reader_of_answers() -> None:
    G = tk.group("S4")
    with pytest.warns(DeprecationWarning, match=r"toolkit\.exact\.decode"):
        assert G.read(type(G.facts), encode(G.facts)) == G.facts
    with (
        pytest.warns(DeprecationWarning, match=r"toolkit\.exact\.decode"),
        pytest.raises(InconsistentAnswerError, match="an answer of the form GroupFacts"),
    ):
        G.read(type(G.facts), {"order": 24})


def test_names_of_all_sorts() -> None:
    assert tk.group("C4xS3").name == "C4 x S3"
    assert tk.group(tk.group("S3")) == tk.group("S3")
    assert tk.group(tk.group("S3").spec) == tk.group("S3")
    assert len({tk.group("S3"), tk.group("S3"), tk.group("C3")}) == 2
    assert tk.group(np.array([[1, 2, 0], [1, 0, 2]])).name == "<(1,2,3), (1,2)>"
    assert tk.group_from_cayley_table([[0, 1], [1, 0]]).name == "<(1,2)>"
    for bad in (3, None, [], [[0, 0]], [[1.5, 0]], "S4)", ""):
        with pytest.raises(NamingError):
            tk.group(bad)


def test_modules_of_bundled_groups() -> None:
    G = tk.group("S4")
    X, Y = G.natural_module(), G.coset_module("H4b")
    both = X + Y
    assert both.degree == 10
    assert not both.is_transitive
    assert both.multiplicities == {"L0": 2, "L2": 1, "L3": 2}
    assert both.rank == tk.hom_dimension(both, both) == tk.orbitals(both).count == 9
    assert tk.orbitals(X, both).count == tk.hom_dimension(X, both) == 4
    with pytest.raises(ModuleMismatchError, match=r"use each of its \.orbits"):
        _ = both.spherical_table
    assert tk.interaction_graph(both, "relu").nodes["L0"]["multiplicity"] == 2
    with pytest.raises(ModuleMismatchError, match="one group"):
        tk.orbitals(X, tk.group("S5").natural_module())
    with pytest.raises(ModuleMismatchError, match="none called"):
        G.coset_module("H99z")
    with pytest.raises(ModuleMismatchError, match="H4b is one of S4"):
        tk.group("S5").coset_module(G.subgroup_classes()[5])
    with pytest.raises(ModuleMismatchError, match="list of generators"):
        G.coset_module(3)  # type: ignore[arg-type]
    with pytest.raises(ModuleMismatchError, match="a module is required, such as"):
        tk.interaction_graph("S4", "relu")  # type: ignore[arg-type]
    assert both.fixed_points is not None
    assert both.fixed_points[0] == 10
    assert both.kernel == (0,)
    assert pickle_round_trip(X).multiplicities == copy.deepcopy(X).multiplicities
    assert X.is_2_transitive
    assert X.is_primitive
    assert not Y.is_primitive
    assert X.record.fixed_points is not None
    assert (
        sum(
            n * s for n, s in zip(X.record.fixed_points, G.character_table.class_sizes, strict=True)
        )
        == 24
    )
    with pytest.raises(NotAvailable, match="brings no action"):
        tk.group("Q8").natural_module()
    with pytest.raises(ValueError, match="at least 1"):
        G.subgroup_classes(0)


def test_generators_act_as_the_convention_says() -> None:
    """rho(g) f = f[images[g]] and rho(g) rho(h) = rho(gh): checked on the regular module."""
    G = tk.group("S3")
    X = G.regular_module()
    g, h = (image.tolist() for image in X.images)
    identity = list(range(6))
    product = [h[g[i]] for i in identity]  # i^(gh) = (i^g)^h
    f = np.arange(6.0) ** 2
    assert (f[h][g] == f[product]).all()
    assert sorted(product) == identity


@pytest.mark.parametrize("name", ["S4", "Q8", "D16", "SL(2,3)", "A5", "C6", "C3 wr C2", "C1"])
def test_centre_and_derived_subgroup(name: str) -> None:
    G = tk.group(name)
    assert G.centre.order == G.facts.subgroups.centre
    assert G.derived_subgroup.order == G.facts.subgroups.derived
    assert G.derived_subgroup in tuple(G.normal_subgroups())


def test_lattice_as_a_networkx_graph() -> None:
    lattice = tk.group("S4").normal_subgroups()
    graph = lattice.graph
    assert nx.is_directed_acyclic_graph(graph)
    assert nx.dag_longest_path(graph) == ["N0", "N1", "N2", "N3"]
    assert [graph.nodes[n]["order"] for n in graph] == [1, 4, 12, 24]
    assert graph.nodes["N1"]["quotient"] == "S3"
    klein = tk.group("C2 x C2").normal_subgroups().graph
    assert klein.number_of_edges() == 6


def test_offline_session(tmp_path: Path) -> None:
    settings = Settings.from_environment({"PLREP_CACHE_DIR": str(tmp_path), "PLREP_OFFLINE": "1"})
    with Session(settings, use_bundled=False) as session, pytest.raises(NotCachedError):
        _ = tk.group("S3", session=session).order


@pytest.mark.gap
def test_a_table_of_many_orbitals_comes_from_the_group_that_acts() -> None:
    """S30 x C40 has no table within reach; through C40 it acts on 40 points with rank 40."""
    G = tk.group("S30 x C40")
    images = np.tile(np.arange(40), (len(G.facts.generators), 1))
    images[-1] = (images[-1] + 1) % 40
    table = G.module_from_images(images).spherical_table
    own = tk.group("C40").natural_module().spherical_table
    assert (table.rank, table.group, table.simples[0].label) == (40, G.name, "V0")
    found = [(s.dimension, s.type, s.action_order, s.multiplicity) for s in table.simples]
    assert sorted(found) == sorted(
        (s.dimension, s.type, s.action_order, s.multiplicity) for s in own.simples
    )
    assert all(s.kernel_order * s.action_order == G.order for s in table.simples)


@pytest.mark.gap
def test_automorphisms_of_graphs() -> None:
    cube = nx.hypercube_graph(3)
    G = tk.group(cube)
    assert G.order == 48
    assert G.natural_module().multiplicities == dict.fromkeys(G.natural_module().multiplicities, 1)
    colored = nx.path_graph(4)
    nx.set_node_attributes(colored, {0: "a", 1: "b", 2: "b", 3: "c"}, "kind")
    assert tk.group_from_graph(colored, "kind").order == 1
    assert tk.group_from_graph(nx.path_graph(4)).order == 2
    assert tk.group(nx.DiGraph([(0, 1), (1, 2), (2, 0)])).order == 3
    with pytest.raises(NamingError, match="1 to 500,000 nodes"):
        tk.group(nx.Graph())
