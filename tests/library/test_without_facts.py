"""Layers and orders of named groups wait neither for facts nor for characters."""

from __future__ import annotations

import math
import os
from dataclasses import fields

import pytest

import toolkit as tk
from toolkit.groups.facts import GroupFacts
from toolkit.groups.parsing.grammar import parse_group
from toolkit.library.questions import FACTS
from toolkit.library.session import Session
from toolkit.settings import Settings


@pytest.fixture
def refusing(tmp_path):
    """Return a session that refuses GAP and knows no answers."""
    settings = Settings.from_environment({"PLREP_CACHE_DIR": str(tmp_path), "PLREP_OFFLINE": "1"})
    with Session(settings, use_bundled=False) as session:
        yield session


@pytest.fixture
def asking(gap_session):
    """Return a session of its own with GAP, which stores nothing and knows no answers."""
    with Session(Settings.from_environment(dict(os.environ)), in_memory=True) as session:
        yield session


@pytest.mark.parametrize(
    ("name", "degree", "orbitals"),
    [
        ("S200", 200, 2),
        ("A300", 300, 2),
        ("S5 x S60", 65, 6),
        ("S30 wr C2", 60, 3),
        ("C2 wr S1499", 2998, 3),
        ("S10 wr S10 wr C2", 200, 4),
        ("C2 wr C1000", 2000, 1001),
        ("C4 x D10", 9, 9),
    ],
)
def test_layers_of_spelled_actions_need_no_gap(refusing, name, degree, orbitals):
    X = tk.group(name, session=refusing).natural_module()
    assert X.degree == degree
    if name != "C4 x D10":
        assert tk.layer_basis(X).dimension == orbitals
        return
    # cyclic: 4; pentagon: 3; two between
    assert tk.layer_basis(X).dimension == 4 + 3 + 2
    assert tk.layer_basis(X * X, X + X).shape == (18, 81)


ORDERS = {
    "C2 wr S1499": 2**1499 * math.factorial(1499),
    "S100 wr S100": math.factorial(100) ** 101,
    "S200 x S300": math.factorial(200) * math.factorial(300),
    "C2 wr C1000": 2**1000 * 1000,
    "S2000": math.factorial(2000),
    "(C3 x (S3 wr A4)) wr S5": (3 * 6**4 * 12) ** 5 * 120,
    "C2 wr PSL(2,7)": 2**8 * 168,
    "S3 wr AGL(1,5) wr M11": (6**5 * 20) ** 11 * 7920,
    "C3 wr J2": 3**100 * 604800,
}


@pytest.mark.parametrize("name", ORDERS)
def test_orders_of_products_need_no_gap(refusing, name):
    G = tk.group(name, session=refusing)
    assert G.order == ORDERS[name]
    assert G.spec.log_order == pytest.approx(math.log(ORDERS[name]), rel=1e-9)


@pytest.mark.parametrize("name", ["S10000000", "S1500 wr S1500", "S400000 x C2"])
def test_orders_past_a_million_digits(refusing, name):
    with pytest.raises(tk.NotAvailable, match=r"about [0-9,]+ digits, and orders are written out"):
        _ = tk.group(name, session=refusing).order


@pytest.mark.parametrize("name", ["C2 wr S1499", "S100 wr S100", "S2000", "S1500 wr S1500"])
def test_facts_past_4000_digits(refusing, name):
    with pytest.raises(tk.NotAvailable, match=r"about [0-9,]+ digits, and facts are told"):
        _ = tk.group(name, session=refusing).facts


def test_huge_orders_are_shown_in_short(refusing):
    X = tk.group("S100 wr S100", session=refusing).regular_module()
    assert "degree 9.34e15954" in repr(X)


def test_actions_too_large_to_write_down(refusing):
    with pytest.raises(tk.NotAvailable, match=r"up to 1\.34e8 are written down"):
        tk.group("S20000 wr S20000", session=refusing).natural_module()


SPELLED = [
    *[
        "S1",
        "S2",
        "S3",
        "S5",
        "A1",
        "A2",
        "A3",
        "A4",
        "A5",
        "A6",
        "C1",
        "C2",
        "C6",
        "D6",
        "D8",
        "D10",
    ],
    *("S3 x C4", "C1 x C1", "C2 wr S3", "S3 wr C2", "(S3 x C2) wr (S2 x C3)", "C2 wr (C1 x C1)"),
    *("C2 wr C3 wr S2", "S3 wr <(1,2)(3,4)>", "D8 wr D6", "A4 wr A4", "C2 x (C2 wr S3)"),
]


def test_spelled_actions_are_those_of_gap(asking):
    for name in SPELLED:
        G = tk.group(name, session=asking)
        found = G.ask("natural_action", {})
        images = G.spelled_images
        assert images is not None, name
        assert (images.shape[1], images.tolist()) == (found["points"], found["images"]), name
        order = asking.ask_gap("permutation_order", {"images": [found["images"]]}, subject=name)
        assert G.spec.order in (None, order[0]), name


@pytest.mark.parametrize("name", ["PSL(2,101)", "J2", "HS", "W(E8)", "TransitiveGroup(30,100)"])
def test_layers_of_other_groups_ask_for_the_action_alone(asking, name):
    tk.layer_basis(tk.group(name, session=asking).natural_module())
    assert [question for question, _, _ in asking.asked] == ["natural_action"]


def test_a_coset_module_asks_for_its_action_alone(asking):
    X = tk.group("PSL(2,31)", session=asking).coset_module([{"word": [0]}])
    assert X.name == "cosets of a subgroup of order 15"
    assert tk.layer_basis(X).dimension == 68
    assert [question for question, _, _ in asking.asked] == ["transitive_module"]


@pytest.mark.parametrize("name", ["C2 wr S12", "S3 wr A9", "A5 wr S7", "S5 x S30", "S25 x C6"])
def test_facts_of_parts_are_those_of_gap(asking, name):
    G = tk.group(name, session=asking)
    ours, theirs = G.facts, FACTS.decode(G.ask("facts", {}))
    for field in fields(GroupFacts):
        one, other = getattr(ours, field.name), getattr(theirs, field.name)
        if field.name == "subgroups":
            assert (one.centre, one.derived) == (other.centre, other.derived)
        elif field.name == "table":
            assert one is not True
            assert other is not True
        elif other is not None:
            assert one == other, field.name


def test_facts_of_a_wreath_product_on_many_points(asking):
    facts = tk.group("C2 wr S500", session=asking).facts
    assert facts.order == 2**500 * math.factorial(500)
    assert facts.abelian_invariants == (2, 2)
    assert (facts.subgroups.centre, facts.subgroups.radical) == (2, 2**500)
    assert parse_group("C2 wr S500").points == 1000
