"""The page about a group."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from toolkit.cli.page.answers import maximal_subgroups
from toolkit.cli.page.notation import combination, element
from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.exact.records import decode
from toolkit.groups.character_table import CharacterTable
from toolkit.groups.facts import GroupFacts
from toolkit.groups.laws import check_character_table

S4_CHARACTERS = """\
       ind  1a  2a  2b  3a  4a
  X.1  +     1   1   1   1   1
  X.2  +     1   1  -1   1  -1
  X.3  +     2   2   .  -1   .
  X.4  +     3  -1   1   .  -1
  X.5  +     3  -1  -1   .   1
"""
S4_SUBGROUPS = """\
  H6a       6      4           4     2  2-transitive          L0 + L3
  H8a       8      3           3     2  2-transitive          L0 + L2
  H12a     12      2           1     2  normal, 2-transitive  L0 + L1
"""


@pytest.fixture
def page(bundled, plrep):
    """The page of a group, checked for what all pages have in common."""

    def run(*argv: str) -> str:
        outcome = plrep("query", *argv)
        assert (outcome.status, outcome.err) == (0, "")
        lines = outcome.out.splitlines()
        assert max(map(len, lines)) <= 100
        assert all(line == line.rstrip() for line in lines)
        return outcome.out

    return run


def test_s4(page):
    text = page("S4")
    assert text.startswith("S4\n")
    assert "order           24 = 2³ · 3\n" in text
    assert "SmallGroup(24,12)" in text
    assert "S4  (GAP's words, not an identifier)" in text
    assert "Non-abelian, solvable of derived length 3, not nilpotent; rational" in text
    assert "derived series  24 > 12 > 4 > 1\n" in text
    assert S4_CHARACTERS in text
    assert S4_SUBGROUPS in text
    assert "N2         12      2  C2        N1\n" in text
    assert "4 points, rank 2, 2-transitive: L0 + L3\n" in text


def test_irrationalities_are_letters_with_a_legend(page):
    text = page("C8")
    assert "X.5  o     1  -1   A  -A    B  -/B   -B   /B\n" in text
    assert "  A = i = E(4)\n" in text
    assert "  B = E(8)\n" in text
    assert "/A: the complex conjugate of A" in text
    text = page("A5")
    assert "(√5+1)/2 = -E(5)^2-E(5)^3\n" in text
    assert "complex conjugate" not in text


def test_papers_indices(page):
    assert "L1        1  R                2  N2: 4   N3: 8  X.2         L_4\n" in page("C8")
    assert "paper's index" not in page("S4")


def test_quaternionic_type(page):
    text = page("Q8")
    assert "L4        4  H                8  N0: 1   N1: 2  2 X.5\n" in text
    assert "Real simples: 5 (4 real, 1 quaternionic)" in text


def test_primitive_is_told_from_2_transitive(page):
    text = page("A5")
    assert "H6a       6     10          10     3  primitive     L0 + L3 + L4\n" in text


def test_the_trivial_group(page):
    text = page("C1")
    assert "The trivial group." in text
    assert "Conjugacy classes: 1 " in text


def test_words_need_no_quotes(page):
    assert page("S3", "wr", "C2") == page("S3 wr C2")


def test_options(page):
    assert "Fun(G/H)" not in page("S4", "--no-subgroups")
    assert "  class  GAP  size" in page("S4", "--gap-order")


def test_ascii(bundled, cache_dir):
    done = subprocess.run(
        [sys.executable, "-m", "toolkit.cli.main", "query", "A5"],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    text = done.stdout.decode("ascii")
    assert "A = (sqrt(5)+1)/2 = -E(5)^2-E(5)^3" in text
    assert "60 = 2^2 * 3 * 5" in text
    assert "?" not in text
    assert max(map(len, text.splitlines())) <= 100


def test_json(bundled, plrep):
    outcome = plrep("query", "A5", "--json")
    assert (outcome.status, outcome.err) == (0, "")
    data = json.loads(outcome.out)
    assert sorted(data) == [
        "aliases",
        "character_table",
        "facts",
        "group",
        "modules",
        "natural_module",
        "normal_subgroups",
        "not_available",
        "schema",
        "spec",
        "subgroup_classes",
    ]
    assert decode(GroupFacts, data["facts"]).order == 60
    table = decode(CharacterTable, data["character_table"])
    check_character_table(table)
    assert Cyclotomic(5, ((2, -1, 1), (3, -1, 1))) in table.values
    assert data["modules"][-2] == {
        "label": "H12a",
        "multiplicities": {"L0": 1, "L3": 1},
        "rank": 2,
        "primitive": True,
    }
    assert data["not_available"] == []


def test_every_documented_key_is_there(bundled, plrep):
    help_text = plrep("query", "--help").out
    data = json.loads(plrep("query", "S4", "--json", "--no-subgroups").out)
    for key in data:
        assert re.search(rf"^  ([a-z]+, )?{key}\b", help_text, re.MULTILINE), key
    assert data["subgroup_classes"] is None


def test_words():
    assert element({"perm": [1, 0, 3, 2]}) == "(1,2)(3,4)"
    assert element({"pc": [0, 0]}) == "1"
    assert element(None) == ""
    assert len(element({"perm": [*range(1, 200), 0]})) < 30
    assert combination({}) == "0"
    assert combination({"L0": 1, "L1": 2, "L2": 2}) == "L0 + 2 L1 + 2 L2"
    assert maximal_subgroups(["H1a", "H2a", "H3a", "H6a"], [[6], [3, 1], [2, 0, 2], [1] * 4]) == {
        "H2a",
        "H3a",
    }


@pytest.mark.gap
class TestWithGap:
    def test_a_library_table(self, plrep_gap):
        outcome = plrep_gap("query", "Table(M)")
        assert (outcome.status, outcome.err) == (0, "")
        assert "the first 16 of 194 characters" in outcome.out
        assert "196883" in outcome.out
        assert "Not available: only the character table is known" in outcome.out
        assert max(map(len, outcome.out.splitlines())) <= 100
        full = plrep_gap("query", "Table(M)", "--full").out
        assert "X.194" in full
        assert max(map(len, full.splitlines())) <= 100
        data = json.loads(plrep_gap("query", "Table(M)", "--json").out)
        assert data["not_available"][0]["what"] == "the classes of subgroups"
        assert data["facts"]["order"] > 8 * 10**53

    def test_a_group_without_a_table(self, plrep_gap):
        outcome = plrep_gap("query", "S30")
        assert (outcome.status, outcome.err) == (0, "")
        assert "Not available: a symmetric or alternating group on 30 points" in outcome.out
        assert "30 points, rank 2, 2-transitive: V0 + V1\n" in outcome.out
        few = plrep_gap("query", "S30", "--max-index", "30")
        assert few.status == 0
        assert max(map(len, few.out.splitlines())) <= 100
        assert "Answered for this group" in outcome.out
        assert json.loads(plrep_gap("query", "S30", "--json").out)["character_table"] is None

    def test_what_no_library_holds(self, plrep_gap, gap_cache):
        outcome = plrep_gap("query", "SmallGroup(1024,1)")
        assert outcome.status == 2
        assert "groups of order 1024" in outcome.err

    def test_bounded_index(self, plrep_gap):
        outcome = plrep_gap("query", "S4", "--max-index", "4")
        assert (outcome.status, outcome.err) == (0, "")
        assert "Fun(G/H) of index at most 4: 4 " in outcome.out
        assert "H8a       8" not in plrep_gap("query", "S4", "--max-index", "2").out

    def test_several_orbits(self, plrep_gap):
        outcome = plrep_gap("query", "C7 x C3")
        assert "orbit 2: 3 points, rank 3: L0 + L1\n" in outcome.out
        assert max(map(len, outcome.out.splitlines())) <= 100

    def test_a_presentation(self, plrep_gap):
        outcome = plrep_gap("query", "<a,b | a^4, b^2, (a*b)^2>")
        assert outcome.out.startswith("<a, b | a^4, b^2, (a*b)^2>\n")
        assert "SmallGroup(8,3)" in outcome.out

    def test_modules_agree_with_the_library(self, plrep_gap, gap_cache):
        import toolkit as tk

        data = json.loads(plrep_gap("query", "SL(2,3)", "--json").out)
        with tk.Session() as session:
            G = tk.group("SL(2,3)", session=session)
            for found in data["modules"]:
                module = G.coset_module(found["label"])
                assert module.multiplicities == found["multiplicities"]
                assert module.rank == found["rank"]
                assert module.is_primitive == (found["primitive"] and module.degree > 1)
