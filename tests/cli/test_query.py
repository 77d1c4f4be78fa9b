"""The page about a group."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.exact.records import decode
from toolkit.formats.group_page.answers import maximal_subgroups
from toolkit.formats.group_page.notation import combination, element
from toolkit.groups.character_table import CharacterTable
from toolkit.groups.facts import GroupFacts
from toolkit.groups.laws import check_character_table
from toolkit.library.naming import group

S4_CHARACTERS = """\
      ind  1a  2a  2b  3a  4a
  X0  +     1   1   1   1   1
  X1  +     1   1  -1   1  -1
  X2  +     2   2   .  -1   .
  X3  +     3  -1   1   .  -1
  X4  +     3  -1  -1   .   1
"""
S4_SUBGROUPS = """\
  H6a       6      4           4  S3            2  2-transitive          L0 + L3
  H8a       8      3           3  D8            2  2-transitive          L0 + L2
  H12a     12      2           1  A4            2  normal, 2-transitive  L0 + L1
"""
S4_MORE = """\
  derived series  24 > 12 > 4 > 1
  chief series    24 > 12 > 4 > 1; factors C2, C3, C2^2
  lower central   24 > 12
  upper central   1
  automorphisms   24, inner 24, outer 1
  multiplier      C2
"""
S4_SYLOW = """\
  p  order  number  structure  normaliser's order  normaliser
  2      8       3  D8                          8  D8
  3      3       4  C3                          6  S3
"""
S4_MAXIMAL = """\
  order  index  conjugates  structure
     12      2           1  A4
      8      3           3  D8
      6      4           4  S3
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
    assert S4_MORE in text
    assert S4_SYLOW in text
    assert S4_MAXIMAL in text
    assert "  2b        6            4      2  1² 2    1a  2b  (1,2)\n" in text
    assert "L4        3  R               24  N0: 1   N0: 1   X4          (2,1²)\n" in text
    assert "?" not in text
    assert S4_CHARACTERS in text
    assert S4_SUBGROUPS in text
    assert "N2         12      2  A4         C2        N1\n" in text
    assert "4 points, rank 2, 2-transitive: L0 + L3\n" in text


def test_irrationalities_are_letters_with_a_legend(page):
    text = page("C8")
    assert "X4  o     1  -1   A  -A    B  -/B   -B   /B\n" in text
    assert "  A = i = E(4)\n" in text
    assert "  B = E(8)\n" in text
    assert "/A: the complex conjugate of A" in text
    text = page("A5")
    assert "(√5+1)/2 = -E(5)^2-E(5)^3\n" in text
    assert "complex conjugate" not in text


def test_papers_indices(page):
    assert "L1        1  R                2  N2: 4   N3: 8  X1          L_4\n" in page("C8")
    assert "paper's index" not in page("S4")


def test_quaternionic_type(page):
    text = page("Q8")
    assert "L4        4  H                8  N0: 1   N1: 2  2 X4\n" in text
    assert "Real simples: 5 (4 real, 1 quaternionic)" in text


def test_primitive_is_told_from_2_transitive(page):
    text = page("A5")
    assert "H6a       6     10          10  S3            3  primitive     L0 + L3 + L4\n" in text


def test_the_trivial_group(page):
    text = page("C1")
    assert "The trivial group." in text
    assert "Conjugacy classes: 1 " in text


def test_words_need_no_quotes(page):
    assert page("S3", "wr", "C2") == page("S3 wr C2")


def test_options(page):
    assert "Fun(G/H)" not in page("S4", "--no-subgroups")
    assert "  class  GAP  size" in page("S4", "--gap-order")


def test_characters_have_one_name_everywhere_and_gaps_own_beside_it(session, page):
    G = group("S4", session=session)
    text = page("S4", "--gap-order")
    assert "      GAP's  ind  1a" in text
    for chi, k in zip(G.characters, G.character_table.gap_characters, strict=True):
        (label,) = chi.complex_multiplicities
        assert f"  {label}  X.{k + 1}    +    {chi.degree:2}" in text
    assert "X." not in page("S4")


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
        "automorphisms",
        "character_table",
        "cycle_types",
        "facts",
        "group",
        "maximal_subgroups",
        "modules",
        "natural_module",
        "normal_subgroups",
        "not_available",
        "partitions",
        "presentation",
        "schema",
        "schur_multiplier",
        "series",
        "spec",
        "subgroup_classes",
        "subgroup_names",
        "sylow_subgroups",
    ]
    assert data["automorphisms"] == {"automorphisms": 120, "inner": 60}
    assert data["schur_multiplier"] == [2]
    assert data["subgroup_names"]["H12a"] == "A4"
    assert [m["name"] for m in data["maximal_subgroups"]] == ["A4", "D10", "S3"]
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


def test_latex(bundled, plrep):
    outcome = plrep("query", "S4", "--latex")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.startswith("\\documentclass")
    assert r"  $X_{4}$ & $+$ & $3$ & $-1$ & $-1$ & $0$ & $1$ \\" in outcome.out
    assert r"$L_{4}$ & $3$ & R & $24$ & $1$ & $X_{4}$ & $(2,1,1)$ \\" in outcome.out
    assert r"$H_{6a}$ & $S_{3}$ & $6$ & $4$ & $2$ & $L_{0}+L_{3}$ \\" in outcome.out
    assert r"\begin{tikzpicture}" in outcome.out
    both = plrep("query", "S4", "--latex", "--json")
    assert (both.status, both.err) == (2, "plrep: --json and --latex exclude each other\n")


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


def test_what_is_neither_stored_nor_asked_is_said(bundled, plrep):
    """Without GAP a group that is stored in part has a page with question marks, all explained."""
    text = plrep("query", "C48").out
    assert "?" not in text
    data = json.loads(plrep("query", "C48", "--json").out)
    assert data["not_available"] == []


@pytest.mark.gap
class TestWithGap:
    def test_more_classes_than_marks_are_computed_for(self, plrep_gap, session):
        """More than 60 classes of subgroups; the maximal ones are still flagged."""
        data = json.loads(plrep_gap("query", "C2 x C2 x D8", "--json", "--seconds", "600").out)
        marks = group("C2 x C2 x D8", session=session).table_of_marks()
        wanted = maximal_subgroups(marks.labels, marks.rows)
        assert len(marks.labels) > 60
        assert {m["label"] for m in data["modules"] if m["primitive"]} == wanted
        assert data["not_available"] == []

    @pytest.mark.slow
    def test_no_row_is_left_in_silence(self, plrep_gap):
        """S7 has 96 classes of subgroups: five maximal ones, all of them said to be so."""
        text = plrep_gap("query", "S7", "--seconds", "600").out
        section = text[text.index("Subgroups up to") :]
        rows = [line for line in section.splitlines() if re.match(r"  H\d", line)]
        flagged = {row.split()[0] for row in rows if re.search("primitive|2-transitive", row)}
        assert flagged == {"H42a", "H144a", "H240a", "H720a", "H2520a"}
        data = json.loads(plrep_gap("query", "S7", "--json", "--seconds", "600").out)
        assert {m["label"] for m in data["modules"] if m["primitive"]} == flagged
        assert all(m["primitive"] is not None for m in data["modules"])
        maximal = sorted(m["order"] for m in data["maximal_subgroups"])
        assert maximal == [42, 144, 240, 720, 2520]
        gaps = [gap["what"] for gap in data["not_available"]]
        assert gaps == ["the small group number", "the description"]
        assert data["schur_multiplier"] == [2]

    def test_what_may_take_long_is_not_asked_unless_a_time_is_given(self, plrep_gap):
        said = plrep_gap("query", "M11", "--no-subgroups").out
        assert "multiplier      ? not asked above order 2000" in said
        assert "--seconds N" in said

    def test_a_limit_is_said_and_can_be_raised(self, plrep_gap):
        few = json.loads(
            plrep_gap("query", "C2 wr S3", "--json", "--most", "5", "--seconds", "600").out
        )
        gap = next(g for g in few["not_available"] if g["what"] == "names of subgroups")
        named = [label for label, name in few["subgroup_names"].items() if name is not None]
        assert "--most N, or --full" in gap["reason"]
        assert len([n for n in named if n.startswith("H")]) == 5
        assert not set(gap["rows"]) & set(named)
        full = json.loads(
            plrep_gap("query", "C2 wr S3", "--json", "--full", "--seconds", "600").out
        )
        assert full["not_available"] == []
        assert all(full["subgroup_names"].values())
        assert len(full["modules"]) == len(full["subgroup_classes"]["classes"])
        bad = plrep_gap("query", "S4", "--most", "0")
        assert (bad.status, bad.err) == (2, "plrep: --most must be at least 1, not 0\n")
        assert plrep_gap("query", "S4", "--seconds", "nan").status == 2

    @pytest.mark.slow
    def test_thousands_of_classes(self, plrep_gap):
        """C2 wr S6: 7,440 classes; every row of the page is filled, JSON has a row for each."""
        text = plrep_gap("query", "C2 wr S6").out
        section = text[text.index("Subgroups up to") :]
        rows = [line for line in section.splitlines() if re.match(r"  H\d", line)]
        assert len(rows) == 30
        assert all(re.search(r"L0", row) for row in rows)
        data = json.loads(plrep_gap("query", "C2 wr S6", "--json").out)
        assert len(data["modules"]) == 7440
        filled = [m for m in data["modules"] if m["multiplicities"] is not None]
        gap = next(g for g in data["not_available"] if g["what"] == "the modules Fun(G/H)")
        assert len(filled) == 200
        assert len(gap["rows"]) == 7240
        # Fun(G/H) has as many dimensions as points, and the rank is the sum of the squares
        simples = {s["label"]: s for s in data["character_table"]["simples"]}
        index = {c["label"]: c["index"] for c in data["subgroup_classes"]["classes"]}
        for m in filled:
            parts = m["multiplicities"].items()
            assert sum(simples[x]["dimension"] * n for x, n in parts) == index[m["label"]]
            assert m["rank"] == sum(n * n for _, n in parts)  # all simples are of real type

    def test_a_library_table(self, plrep_gap):
        outcome = plrep_gap("query", "Table(M)")
        assert (outcome.status, outcome.err) == (0, "")
        assert "the first 16 of 194 characters" in outcome.out
        assert "196883" in outcome.out
        assert "Not available: only the character table is known" in outcome.out
        assert max(map(len, outcome.out.splitlines())) <= 100
        full = plrep_gap("query", "Table(M)", "--full").out
        assert "X193" in full
        assert max(map(len, full.splitlines())) <= 100
        data = json.loads(plrep_gap("query", "Table(M)", "--json").out)
        assert data["not_available"][0]["what"] == "the classes of subgroups"
        assert data["facts"]["order"] > 8 * 10**53

    @pytest.mark.slow
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


def test_powers_and_products_are_printed():
    gens = [{"pc": [0, 1]}, {"perm": [1, 0, 3, 2]}, {"perm": [1, 2, 0]}]
    assert element({"powers": [[0, 1500]]}, gens) == "f2^1500"
    assert element({"powers": [[1, 3], [2, 2]]}, gens) == "((1,2)(3,4))^3*(1,2,3)^2"
    assert element({"powers": []}) == "1"
    assert element({"powers": [[0, 1], [1, 5]]}) == "g1*g2^5"
    assert element({"product": [[{"pc": [1, 1]}, 2], [{"pc": [0, 1]}, 1]]}) == "(f1*f2)^2*f2"
    assert element({"unknown": 1}) == ""


@pytest.mark.gap
@pytest.mark.slow
def test_a_group_with_a_table_by_formula(plrep_gap):
    out = plrep_gap("query", "D6000", "--no-subgroups").out
    assert re.search(r"^  2a +1 .* f2\^1500$", out, re.MULTILINE)
    assert "D6000  (its name)" in out
    assert re.search(r"^  N31 +3000 +2  D3000 ", out, re.MULTILINE)


@pytest.mark.gap
@pytest.mark.slow
def test_what_a_group_without_a_table_lacks_is_named(plrep_gap):
    data = json.loads(plrep_gap("query", "HS", "--json", "--no-subgroups", "--seconds", "1").out)
    gaps = {gap["what"] for gap in data["not_available"]}
    assert data["normal_subgroups"] is data["cycle_types"] is None
    assert {"the normal subgroups", "the cycle types"} <= gaps


@pytest.mark.gap
def test_a_library_table_says_what_it_lacks(plrep_gap):
    out = plrep_gap("query", "Table(M11)").out
    title = "Series, automorphisms, Schur multiplier, Sylow and maximal subgroups"
    assert title in out
    assert "only the character table is known" in out.split(title)[1]


@pytest.mark.gap
def test_latex_of_a_large_table_is_cut_and_says_so(plrep_gap):
    short = plrep_gap("query", "C64", "--latex", "--no-subgroups").out
    assert "The first 16 of 64 characters on the first 20 of 64 classes." in short
    assert "The first 16 of 33 simples on the first 20 of 33 double cosets." not in short
    assert "plrep query --full writes all" in short
    whole = plrep_gap("query", "C64", "--latex", "--no-subgroups", "--full").out
    assert "The first" not in whole
    assert whole.count("$X_{63}$") > short.count("$X_{63}$")
