"""Records against the library by second routes: characters, simples, subgroups, modules."""

from __future__ import annotations

import json
import math
from fractions import Fraction

import pytest

import toolkit as tk
from toolkit.explorer.record import group_record, module_record
from toolkit.explorer.record.__main__ import main
from toolkit.explorer.record.columns import DIGITS
from toolkit.explorer.record.patterns import pattern_of
from toolkit.explorer.record.restored import restored, restored_module
from toolkit.groups.parsing.grammar import parse_group

NAMES = [
    "C1", "C2", "C8", "C12", "C15", "C64", "C2 x C4", "D8", "D16", "Q8", "S4", "A5", "SL(2,3)",
    "C2 wr S3", "S3 x S3", "AGL(1,7)", "SmallGroup(24,3)", "SmallGroup(27,3)", "M11",
]  # fmt: skip
KEYS = {
    "schema", "name", "title", "order", "aliases", "links", "generators", "facts", "summary",
    "missing", "classes", "complex", "simples", "normal", "normal_complete", "sylow", "maximal",
    "subgroups", "lattice", "modules", "models",
}  # fmt: skip


@pytest.fixture(scope="module", params=NAMES)
def case(request):
    """A group and its record, as a page has it."""
    G = tk.group(request.param)
    few = None if G.order <= 24 else ["regular"] if G.order < 1000 else ["natural"]
    return G, restored(json.loads(json.dumps(group_record(G, few), allow_nan=False)))


def test_what_a_record_holds(case) -> None:
    G, record = case
    assert record.keys() >= KEYS
    assert (record["schema"], record["name"], record["order"]) == (1, G.name, G.order)
    assert all(len(row) == 2 and all(row) for row in record["missing"])
    assert record["facts"][0][1].split(" = ")[0].split(",")[0] == str(G.order)
    assert not any(value.startswith("?") for _, value in record["facts"])


def test_real_characters_are_orthogonal(case) -> None:
    _, record = case
    sizes, order = record["classes"]["sizes"], record["order"]
    assert sum(sizes) == order
    assert [s * c for s, c in zip(sizes, record["classes"]["centralisers"], strict=True)] == [
        order
    ] * len(sizes)
    ends = {"R": 1, "C": 2, "H": 4}
    simples = record["simples"]
    for i, a in enumerate(simples):
        for b in simples[: i + 1]:
            inner = math.fsum(
                n * x * y for n, x, y in zip(sizes, a["character"], b["character"], strict=True)
            )
            wanted = ends[a["type"]] * order if a is b else 0
            assert inner == pytest.approx(wanted, abs=1e-8 * order)
    squares = sum(Fraction(s["dimension"] ** 2, ends[s["type"]]) for s in simples)
    assert squares == order


def test_characters_are_those_of_the_library(case) -> None:
    G, record = case
    table = G.character_table
    assert [s["label"] for s in record["simples"]] == [s.label for s in table.simples]
    for s, own in zip(table.simples, record["simples"], strict=True):
        wanted = [table.values[v] for v in s.row]
        assert own["character"] == [v.to_float() for v in wanted]
        assert all(
            isinstance(x, int) == v.is_integer
            for x, v in zip(own["character"], wanted, strict=True)
        )
        assert (own["dimension"], own["type"]) == (s.dimension, s.type)
        assert (own["kernel_order"], own["action_order"]) == (s.kernel_order, s.action_order)
        assert own["sign_order"] == s.plus_minus_order
        assert own["paper_index"] == s.paper_index
    legend = dict(record["complex"]["legend"])
    for row, shown in zip(table.rows, record["complex"]["rows"], strict=True):
        for v, word in zip(row, shown, strict=True):
            if table.values[v].is_integer:
                assert word == str(table.values[v].to_int())
            elif word in legend:
                assert legend[word].split(" = ")[-1] == str(table.values[v])
            else:
                assert word[0] in "-/"
                assert word.lstrip("-/") in legend


def test_normal_subgroups_are_those_of_the_library(case) -> None:
    G, record = case
    lattice = G.normal_subgroups()
    assert record["normal_complete"]
    assert [(n["label"], n["order"], n["index"], n["classes"]) for n in record["normal"]] == [
        (n.label, n.order, n.index, list(n.classes)) for n in lattice
    ]
    covers = {(lower, n["label"]) for n in record["normal"] for lower in n["covers"]}
    assert covers == set(lattice.graph.edges)
    by_kernel = {n["label"]: n["kernel_of"] for n in record["normal"] if n["kernel_of"]}
    wanted: dict[str, list[str]] = {}
    for s in record["simples"]:
        wanted.setdefault(s["kernel"], []).append(s["label"])
    assert by_kernel == wanted


def test_modules_have_the_contents_that_the_library_finds(case) -> None:
    G, record = case
    for module in record["modules"]:
        X = G.natural_module() if module["id"] == "natural" else G.module(module["id"])
        contents = {c["label"]: c["multiplicity"] for c in module["contents"]}
        assert contents == X.multiplicities
        assert (module["degree"], module["rank"]) == (X.degree, X.rank)
        ends = {"R": 1, "C": 2, "H": 4}
        simples = record["simples"]
        assert module["rank"] == sum(c["fixed"] * c["multiplicity"] for c in module["contents"])
        for c in module["contents"]:
            assert c["fixed"] == c["multiplicity"] * ends[simples[c["simple"]]["type"]]
        if module["spherical"]:
            sizes, values = module["spherical"]["sizes"], module["spherical"]["values"]
            assert sum(sizes) == G.order
            for row, c in zip(values, module["contents"], strict=True):
                dimension = simples[c["simple"]]["dimension"]
                total = math.fsum(n * x * x for n, x in zip(sizes, row, strict=True))
                assert total * c["multiplicity"] * dimension == pytest.approx(G.order)


def test_subgroup_rows_agree_with_the_modules() -> None:
    record = restored(group_record(tk.group("S4")))
    rows = {row["label"]: row for row in record["subgroups"]}
    for module in record["modules"]:
        if module["id"] in rows:
            row = rows[module["id"]]
            assert (row["index"], row["rank"]) == (module["degree"], module["rank"])
            assert module["subgroup"]["structure"] == row["structure"]
    assert rows["H8a"]["transitivity"] == "2-transitive"
    assert rows["H4a"]["contents"] == "L0 + L1 + 2 L2"
    assert sum(row["length"] for row in record["subgroups"]) == 30


def test_what_is_not_asked_is_said() -> None:
    record = group_record(tk.group("SmallGroup(24,12)"), whole_page=False)
    assert record["sylow"] is record["maximal"] is record["subgroups"] is None
    said = dict(record["missing"])
    assert {"the Sylow subgroups", "the maximal subgroups", "the classes of subgroups"} <= set(said)
    assert 'type plrep query "SmallGroup(24,12)"' in said["the Sylow subgroups"]
    assert [m["id"] for m in record["modules"]] == ["regular"]


def test_the_table_of_an_abelian_group_is_kept_as_a_pattern() -> None:
    table = tk.group("C4 x C6").character_table
    pattern = pattern_of(table)
    assert pattern is not None
    assert (pattern.modulus, len(pattern.columns[0])) == (12, 2)
    kept = group_record(tk.group("C4 x C6"), ["regular"])["complex"]
    assert "places" not in kept
    assert pattern_of(tk.group("S4").character_table) is None
    assert len(set(DIGITS)) == len(DIGITS) == 62


def test_modules_of_several_orbits_and_with_signs() -> None:
    G = tk.group("S4")
    X = G.natural_module() + G.coset_module("H12a")
    record = restored_module(module_record(G, X))
    assert record["pairs"] is None
    assert [orbit["degree"] for orbit in record["orbits"]] == [4, 2]
    signed = module_record(G, G.signed_coset_module("H8a", "H4c"))
    assert signed["signed"]
    assert signed["orbits"][0]["signed"]
    with pytest.raises(tk.errors.ModuleMismatchError, match="a module of C2"):
        module_record(tk.group("C2"), X)


def test_large_integers_are_texts() -> None:
    record = restored(group_record(tk.group("Table(M)"), []))
    assert record["order"] == str(tk.group("Table(M)").order)
    assert isinstance(record["simples"][-1]["dimension"], str)
    text = json.dumps(record)
    numbers = json.loads(text, parse_int=lambda digits: abs(int(digits)))
    assert numbers["classes"]["sizes"][0] == 1
    assert isinstance(numbers["classes"]["sizes"][-1], str)


def test_the_command_prints_a_record(capsys) -> None:
    assert main(["C3", "--module", "regular", "--cheap"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "C3"
    assert main(["C3 x"]) == 2
    assert "C3 x" in capsys.readouterr().err


def test_d4_says_which_group_it_is() -> None:
    klein = tk.group(parse_group("D4"))
    assert "symmetries of the square are D8" in group_record(klein)["remark"]
    assert "remark" not in group_record(tk.group("D8"))
