"""Names that people use: what each stands for, and that every hint can be followed."""

from __future__ import annotations

import json
import math
import os
import random
import re
import subprocess
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from orders_of_names import orders_of

import toolkit as tk
from toolkit.errors import NamingError
from toolkit.files import bundled_catalog_path
from toolkit.gap.locate import find_gap
from toolkit.gap.workspace import base_command
from toolkit.groups.names.descriptions import descriptions, family_names, small_group_number
from toolkit.groups.names.library_tables import library_name, library_tables
from toolkit.groups.parsing.grammar import parse_group
from toolkit.groups.specs.families import FAMILIES, Family
from toolkit.groups.specs.generated import Permutations
from toolkit.groups.specs.tree import spec_from_json
from toolkit.library import naming

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).parents[1].joinpath("oracle", "names_people_use.json").read_text("utf-8")
)


@pytest.mark.gap
@pytest.mark.slow
def test_names_people_use(tmp_path: Path) -> None:
    names = [*CASES["ids"], *CASES["orders"]]
    for name, found in zip(names, orders_of([*map(parse_group, names)], tmp_path), strict=True):
        if name in CASES["ids"]:
            order, index = CASES["ids"][name].split(".")
            assert found.id == (int(order), int(index)), (name, found)
        else:
            assert found.order == CASES["orders"][name], (name, found)


@pytest.mark.parametrize("name", CASES["one_sentence"])
def test_ambiguous_and_false_names_get_one_sentence(name: str) -> None:
    with pytest.raises(NamingError) as caught:
        parse_group(name)
    message = str(caught.value)
    assert CASES["one_sentence"][name] in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize("name", [*CASES["ids"], *CASES["orders"]])
def test_names_are_read_back(name: str) -> None:
    spec = parse_group(name)
    assert parse_group(spec.name) == spec
    assert spec_from_json(json.loads(json.dumps(spec.to_json()))) == spec


# The catalog's descriptions.


def _described() -> Iterator[tuple[str, tuple[int, int]]]:
    folder = bundled_catalog_path()
    assert folder is not None
    table = pq.read_table(folder / "groups.parquet", columns=["order", "number", "description"])
    for row in table.to_pylist():
        if row["description"] not in (None, "1"):
            yield row["description"], (row["order"], row["number"])


def test_every_description_of_the_catalog_is_read() -> None:
    groups: dict[str, list[tuple[int, int]]] = {}
    for text, number in _described():
        groups.setdefault(text, []).append(number)
    assert len(groups) > 1600
    for text, numbers in groups.items():
        if len(numbers) == 1:
            spec = parse_group(text)
            assert small_group_number(spec) == numbers[0], (text, spec.name, numbers)
        else:
            with pytest.raises(NamingError, match=f"^[^;]*: {len(numbers)} groups have") as caught:
                parse_group(text)
            shown = re.findall(r"SmallGroup\((\d+),(\d+)\)", str(caught.value))
            assert [(int(n), int(i)) for n, i in shown] == sorted(numbers)


@pytest.mark.parametrize(
    ("spelling", "other"),
    [
        ("(C4 x C4) : C3", "C4^2:C3"),
        ("(C4 x C4) : C3", "(C4×C4)⋊C3"),
        ("(C4 x C4) : C3", "((C_4 x C_4)):C_{3}"),
        ("C2 x (C7 : C3)", "(C7:C3)xC2"),
        ("C6 x C2", "C2 x C2 x C3"),
        ("(C2 x C2) : C9", "C2^2:C9"),
        ("(C2 x C2) : C9", "D4 : C9"),
        ("C3 x (C7 : C3)", "(7:3) x C3"),
    ],
)
def test_spellings_of_one_description(spelling: str, other: str) -> None:
    assert small_group_number(parse_group(spelling)) == small_group_number(parse_group(other))


# Families.


@pytest.mark.gap
@pytest.mark.slow
def test_closed_orders_and_numbers_of_families(tmp_path: Path) -> None:
    names = list(family_names())
    chosen = [parse_group(name) for name in random.Random(1).sample(names, 150)]
    for spec, found in zip(chosen, orders_of(chosen, tmp_path), strict=True):
        assert isinstance(spec, Family)
        assert found.order == spec.order, (spec.name, found)
        assert found.id == family_names()[spec.name][0], (spec.name, found)


@pytest.mark.gap
@pytest.mark.parametrize("field", [2, 3, 4])
@pytest.mark.quick_cases(1)
def test_orders_of_classical_groups(tmp_path: Path, field: int) -> None:
    specs = []
    for word, row in FAMILIES.items():
        if row.kind not in ("classical", "semilinear", "linear"):
            continue
        for degree in range(1, 6):
            try:
                spec = Family(word, (degree, field))
            except NamingError:
                continue
            if field**degree < (70 if "U" in word else 700):
                specs.append(spec)
    for spec, found in zip(specs, orders_of(specs, tmp_path), strict=True):
        assert found.order == spec.order, (spec.name, found)


# The table library.


def test_every_table_of_the_library_can_be_named() -> None:
    assert len(library_tables()) > 2700
    for name in library_tables():
        spec = parse_group(f"Table({name})")
        assert spec.name == f"Table({name})"
        assert parse_group(spec.name) == spec


@pytest.mark.gap
def test_tables_with_signs_in_their_names() -> None:
    for name, order in [("2^11:M24", 501397585920), ("L3(4).2_1", 40320), ("W(E6)", 51840)]:
        assert tk.group(f"Table({name})").order == order
    for name, message in [("M11mod2", "Brauer table"), ("Cyclic", "generic table")]:
        with pytest.raises(tk.errors.NotAvailable, match=message):
            _ = tk.group(f"Table({name})").order


@pytest.mark.gap
@pytest.mark.slow
def test_the_list_of_tables_is_the_library_s_and_the_groups_are_theirs(tmp_path: Path) -> None:
    """Groups named by a table: their orders, and the classes of small ones, are the table's."""
    named = [name for name, table in library_tables().items() if table.group]
    chosen = random.Random(2).sample(named, 120)
    asked = tmp_path / "asked.txt"
    asked.write_text("".join(f"{name}\n" for name in chosen))
    script = Path(__file__).parents[1] / "support" / "sizes_of_tables.g"
    done = subprocess.run(
        [*base_command(find_gap()), str(script)],
        env={**os.environ, "PLREP_ASKED": str(asked)},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
    )  # fmt: skip
    names, sizes = done.stdout.split("\n\n")
    assert names.split("\n") == list(library_tables())
    found = orders_of([parse_group(library_tables()[name].group) for name in chosen], tmp_path, 600)
    for name, size, group in zip(chosen, sizes.split("\n"), found, strict=False):
        assert (group.order, group.classes or int(size.split()[1])) == tuple(
            map(int, size.split())
        ), name


# Hints.

WRONG = """
Fi25 Fi21 J5 J0 M25 M13 M0 M1 PSO(3,6) PSO(4,5) L2(6) L2(10) L2(1) U3(6) S4(6) S3(3) O8(2) O7+(3)
O8+(6) Sz(4) Sz(16) Sz(9) Sz32 Sz R(9) R(28) Ree(9) G2(6) E8(2) E9(2) F4(3) 3D4(3) 2E6(3) Suz2 Co4
Co Fi HN2 Ly2 O'N Onan Lyons monster Monster baby Thompson Held Janko Higman Conway s5 c8 d8 q8 a5
m11 j1 hs sl(2,3) psl(2,7) gl(2,3) smallgroup(24,12) SMALLGROUP(24,12) transitivegroup(8,3)
primitivegroup(9,4) SmalGroup(24,12) SmallGrp(24,12) Smallgroup TransitiveGroup(8) SL(2) SL(2,6)
SL(2,q) GL GL(0,2) PGL(2,15) PSL(2,1) SO(4,3) SO+(3,3) Sp(3,3) PSp(5,2) SU(3,6) Omega(4,2)
Omega+(3,2) GO(2,3) D7 D0 D1 D2 D9 D-8 Q12 Q48 Q4 Q18 Q7 QD8 QD24 SD8 SD12 SD20 SD Dic1 Dic0 Dic
Dih4 Dih(3) dih4 Dih Dih1 C0 C-3 S0 A0 S(5) C(8) A(5) M(11) D(8) Q(8) He2 He4 He6 He9 F1 F2 F4 F6
F12 F15 F30 F200 F300 F(7) M4(3) M2(2) M3(2) M4(4) M40(2) ES+(2,0) ES(2,2) ES+(4,1) 3^(1+2)
3^(1+3)_+ 4^(1+2)_+ 6^(1+2)_- 24.99 24.0 0.1 4T9 4T0 0T1 24T 1 2 8 2S 2X Dic3.5 C4.C2 2.S4 2.S5
2.S6 3.S4 A6.2 L3(4).2 U4(3).2 A7.3 M11.2 M12.3 2.M11 C13:C12 C5:C4 C3:C3:C3:C3 (C4xC2):C2 C4oC4
C4o C4: C4. C4x Foo Foo(3) Group(3) Bar(2,3) CyclicGroup CyclicGroup(0) CyclicGrp(5) Cyclic(5)
Symmetric(4) SymetricGroup(5) SymmetricGroup(0) AlternatingGroup(x) DihedralGroup(7) DihedralGroup
DihedralGrup(8) QuaternionGroup(10) DicyclicGroup(10) DicyclicGroup(4) AbelianGroup() AbelianGroup
AbelianGroup([0]) ElementaryAbelianGroup(6) ExtraspecialGroup(16,+) MathieuGroup(13) SuzukiGroup(9)
PerfectGroup(0,1) PerfectGroup V5 K5 V K Z Z0 Z/0 Z/ T O I Th2 L U R P X Y W AGL(1,6) AGL(2)
ASL(2,10) PGammaL(2,6) PGamaL(2,8) GammaL(2) AGammaL(1,10) PΓL(2,6) ΓL Γ CSU(2,7) CSU CSL(2,3)
PSL(27) PSL2 L27 U33 Psl(2,7) SL2 GL_2 S_ A_ C_{8 D_{} Table Table() Table(a"b) Tabel(M) table(M)
tables(M) Aut(A6) Out(A6) Hol(C8) Inn(S3) Z(Q8) [S3] {C2} S3' S3* 'S3' "S3" S3,S4 S3;S4 S3+S4 S3-S4
S3 S4 C2 C2 C2*C3 C2XC3 C2 wr C2 wr C2^0 C2^65 C2^-1 C2^2^2 C2^x (C2 C2) ((C2 ) xC2 wrC2 :C2
m-3m m3m mmm 6/mmm -43m 432 32 m SmallJroup(2,12) PerfectGrup(6,1) AbelianGroup(2,4D) W(A1xA1)
Aut(D8) CSp(2,3) GSp(4,3) PCSp(4,3) ExtraspecialGroup(32,4) ExtraspecialGroup(27,27) 2G2(9) 2F4(3)
2B2(8)' G G2(2)'' G2(9) OD12 OD Hol Hol(S3) Hol(C2000) Klein5 Tits2 5:8 2^4:A5 L2(9).2 \\foo
PO(4,3) PGO
"""  # words; some of the last ones are right names

_HINTS = re.compile(r"(?:did you mean|write|for instance|is|are|example|form:|description:) (.+)")
_LISTED = re.compile(r", (?![0-9]+[,)])| and | or ")


def _names_in_a_hint(error: NamingError) -> list[str]:
    """Return the names of groups in the sentence that says what to write or lists candidates."""
    said = error.suggestion
    if "groups have this" in error.problem or "are of this form" in error.problem:
        said = error.problem
    said = re.sub(r" \(symmetries of [^)]*\)| the (one|dihedral group) of order [0-9]+", "", said)
    said = re.sub(r"^the dihedral group of the [0-9]+-gon", "it", said)
    said = re.sub(r"(D[0-9]+) is,? ?(D[0-9]+)?", r"write \1, \2", said)
    found = _HINTS.search(said)
    names = _LISTED.split(found[1]) if found else []
    return [n.strip("? ,") for n in names if re.search("[0-9A-Z]", n) and " " not in n.strip("? ,")]


@pytest.mark.parametrize("name", list(dict.fromkeys(WRONG.split())))
def test_hints_are_true(name: str) -> None:
    try:
        parse_group(name)
    except NamingError as error:
        caught = error
    else:
        return  # a right name after all
    message = str(caught)
    assert len(message.splitlines()) == 1
    assert len(message) < 600
    hinted = _names_in_a_hint(caught)
    if re.search(r"did you mean|for instance|is Table|groups have this|write ", message):
        assert hinted, message
    for hint in hinted:
        if hint.startswith("Table("):
            table = hint[len("Table(") : -1]
            assert library_name(table) == table, message
            continue
        if library_name(hint) == hint:
            continue  # A6.2_1, and others that the sentence above is about
        assert parse_group(hint), message


def test_most_wrong_names_are_wrong() -> None:
    refused = 0
    for name in WRONG.split():
        try:
            parse_group(name)
        except NamingError:
            refused += 1
    assert refused > 270


def test_d4_is_klein_s_group_and_says_so_once() -> None:
    naming._told.clear()
    with pytest.warns(UserWarning, match="the symmetries of the square are D8"):
        assert tk.group("D4").name == "D4"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert tk.group("C3 x D4").name == "C3 x D4"
        assert tk.group("D8").name == "D8"


def test_d4_in_a_central_product_is_told_every_time() -> None:
    naming._told.add("D4")
    for name in ("C4○D4", "C4 o D4", "D4∘C4"):
        with pytest.warns(UserWarning, match="C4○D4 is C4 o D8"):
            tk.group(name)


def test_the_holomorph_is_generated_by_translations_and_units() -> None:
    for n in range(1, 40):
        spec = parse_group(f"Hol(C{n})")
        units = sum(math.gcd(u, n) == 1 for u in range(n)) if n > 1 else 1
        if not isinstance(spec, Permutations):
            assert spec.order == n * units
            continue
        reached = {tuple(range(n))}
        new = list(reached)
        while new:
            new = [p for h in new for g in spec.images if (p := tuple(g[x] for x in h))]
            new = list(set(new) - reached)
            reached.update(new)
        assert len(reached) == n * units


def test_the_circle_of_groupnames_is_read_with_numbers_of_gap_and_says_so_once() -> None:
    naming._told.clear()
    with pytest.warns(UserWarning, match="dihedral group of order 12 here"):
        assert tk.group("C4○D12").name == "C4 o D12"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tk.group("C4○D12")
        naming._told.clear()
        tk.group("C4 o D12")


def test_other_groups_say_nothing() -> None:
    naming._told.clear()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("D8", "D40", "SmallGroup(4,2)", "Table(D4)", "3D4(2)"):
            tk.group(name)
    naming._told.add("D4")


def test_names_have_one_normal_form() -> None:
    assert all(len(ids) == 1 for ids in family_names().values())
    assert len(descriptions()) > 1600


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("25920.a", "LMFDB's labels with letters are not known here"),
        ("<[[Z(4),0],[0,1]] | GF(4)>", "for instance <[[z,0],[0,z^2]] | GF(4)>"),
        ("<[[(E(3)+2)/3]] | CF(3)>", "an entry has no parentheses"),
    ],
)
def test_hints_about_labels_and_entries(name: str, said: str) -> None:
    with pytest.raises(NamingError) as error:
        tk.group(name)
    assert said in str(error.value)
    assert "A8" not in str(error.value)
    tk.group("<[[z,0],[0,z^2]] | GF(4)>")
    assert tk.group("GL2(𝔽3)") == tk.group("GL2(F3)")
    with pytest.raises(NamingError, match=r"entry 1/2 of matrix 0 .* does not lie in Z"):
        tk.group_from_matrices([[["1/2"]]], field="Z")


def test_tables_are_compared_with_tables_only() -> None:
    table = tk.group("C6").character_table
    for other in ("C6", tk.group("C6")):
        for ask in (table.is_equivalent, table.equivalence):
            with pytest.raises(tk.errors.ClassFunctionError, match="pass G"):
                ask(other)  # type: ignore[arg-type]
