"""The map between two simples from the command line."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.gap


def test_table(plrep_gap):
    outcome = plrep_gap("map", "S4", "--module", "points", "--source", "L3", "--target", "L3")
    assert (outcome.status, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[0] == "S4, 4 points: L3 → L3 through relu"
    assert max(map(len, lines)) <= 100
    words = " ".join(outcome.out.split())
    assert "zero no (exact)" in words
    assert "even part contributes: dim L3^U = 1 of 1, U = {g : gw = ±w} has order 6" in words
    assert "hyperplanes 4" in words
    assert "regions 14 (exact)" in words
    assert [line.split()[1] for line in lines if line.strip()[:1] in ("1", "2", "3")] == [
        "4", "4", "6",
    ]  # fmt: skip


def test_zero_says_why(plrep_gap):
    out = plrep_gap("map", "C6", "--source", "L3", "--target", "L1", "--activation", "abs").out
    words = " ".join(out.split())
    assert "zero yes (exact)" in words
    assert "gives nothing: dim L1^U = 0 of 1" in words
    assert "regions 1 (exact): the map breaks nowhere" in words


def test_json(plrep_gap):
    out = plrep_gap("map", "S3", "--module", "points", "--source", "L2", "--target", "L0", "--json")
    data = json.loads(out.out)
    assert data["schema"] == 1
    assert data["regions"] == {
        "count": 6,
        "certainty": "exact",
        "reason": "Zaslavsky's theorem, by deletion and restriction",
    }
    assert len(data["hyperplanes"]) == 3
    assert [piece["regions"] for piece in data["pieces"]] == [3, 3]
    assert data["zero"]["is_zero"] is False
    assert data["no_pieces"] is None
    same = plrep_gap(
        "map", "S3", "--module", "points", "--source", "L2", "--target", "L0", "--format", "json"
    )
    assert same.out == out.out


def test_other_activations_have_no_regions(plrep_gap):
    words = ("map", "S3", "--module", "points", "--source", "L2", "--target", "L2")
    data = json.loads(plrep_gap(*words, "--activation", "tanh", "--json").out)
    assert data["pieces"] is None
    assert data["no_pieces"] == "tanh is not piecewise linear: no regions"
    assert (data["homogeneous"], data["hyperplanes"], data["regions"]) == (False, None, None)
    out = plrep_gap(*words, "--activation", "tanh").out
    assert "none: tanh is not piecewise linear" in out


def test_kinks_away_from_zero(plrep_gap):
    words = ("map", "S3", "--module", "points", "--source", "L2", "--target", "L2")
    data = json.loads(plrep_gap(*words, "--activation", "relu6", "--json").out)
    assert data["regions"]["count"] == sum(p["regions"] for p in data["pieces"]) == 18
    assert sorted(abs(round(x, 6)) for x in data["offsets"]) == [0.0] * 3 + [7.348469] * 3
    for piece in data["pieces"]:
        assert len(piece["constant"]) == 2
    out = plrep_gap(*words, "--activation", "relu6").out
    assert "6, 3 of them not through 0" in out
    assert "constant" in out
    jumping = plrep_gap(*words, "--activation", "hardshrink", "--json").out
    assert json.loads(jumping)["lipschitz"] == {"value": None, "certainty": "exact"}
    assert "not continuous" in plrep_gap(*words, "--activation", "hardshrink").out


@pytest.mark.slow
def test_numbers_too_long_to_read(plrep_gap):
    out = plrep_gap("map", "S1024", "--source", "V1", "--target", "V1").out
    assert "1.79e308 (exact)" in out
    assert max(map(len, out.splitlines())) <= 100


def test_a_map_from_several_orbits_is_the_sum(plrep_gap):
    words = ("map", "C7 x C3", "--module", "points", "--source", "L0", "--target", "L0")
    for orbit in ((), ("--orbit", "all")):
        assert "generic copy, of 2" in plrep_gap(*words, *orbit).out
    assert "copies" not in plrep_gap(*words, "--orbit", "2").out
    outcome = plrep_gap(*words, "--source-copy", "1")
    assert outcome.status == 2
    assert "lengths 7, 3: choose one with --orbit 1 to --orbit 2" in outcome.err
    words = ("map", "C7 x C3", "--module", "points", "--source", "L1", "--target", "L2")
    assert "occur on no orbit" in plrep_gap(*words).err


def test_the_map_and_the_graph_agree_or_say_why(plrep_gap):
    words = ("map", "S4", "--source", "L2", "--target", "L1")
    generic = plrep_gap(*words).out
    assert "L2: generic copy, of 2" in generic
    assert "zero        no (exact)" in generic
    assert "L1 4.4%" in plrep_gap("graph", "S4").out
    special = plrep_gap(*words, "--source-copy", "1").out
    assert "L2: copy 1 of 2" in special
    assert "zero        yes (numerical)" in special
    assert "for generic w and u it does" in " ".join(special.split()).replace("  ", " ")


def test_progress_of_a_count(monkeypatch):
    from toolkit.cli.map import _how_far
    from toolkit.pl.arrangements.flats import Progress

    text = _how_far(Progress(2, 6, 41), 63)
    assert text == "regions of 63 hyperplanes: flats of rank 2 of 6, 41 kinds so far"


@pytest.mark.parametrize("name", ["m.svg", "m.png", "m.pdf", "m.json", "m.txt"])
@pytest.mark.quick_cases(1)
def test_files(plrep_gap, tmp_path, name):
    path = tmp_path / name
    words = ("map", "C8", "--source", "L3", "--target", "L0", "--out", str(path))
    assert plrep_gap(*words) == (0, "", "")
    first = path.read_bytes()
    assert len(first) > 300
    if name == "m.svg":
        assert plrep_gap(*words) == (0, "", "")
        assert path.read_bytes() == first


def test_a_kind_of_picture(plrep_gap, tmp_path):
    words = ("map", "S4", "--module", "points", "--source", "L3", "--target", "L0")
    path = str(tmp_path / "m.png")
    assert plrep_gap(*words, "--picture", "slices", "--output", path).status == 0
    wrong = plrep_gap(*words, "--picture", "plane", "--output", path)
    assert wrong.status == 2
    assert "use sphere or slices" in wrong.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["map", "S4", "--source", "L3"], "--target"),
        (["map", "S4", "--module", "points", "--source", "L3", "--target", "L1"], "not occur"),
        (["map", "S4", "--source", "L9", "--target", "L0"], "L9 does not occur"),
        (["map", "S4", "--source", "L3", "--target", "L0", "--source-copy", "4"], "between 1"),
        (["map", "S4", "--source", "L3", "--target", "L0", "--format", "svg"], "--output map.svg"),
        (["map", "S4", "--source", "L3", "--target", "L0", "--output", "x.gif"], ".svg"),
        (["map", "S4", "--source", "L3", "--target", "L0", "--output", "/no/x.svg"], "no folder"),
        (["map", "S4", "--source", "L3", "--target", "L0", "--json", "-o", "x.svg"], "picture"),
        (["map", "S4", "--source", "L3", "--target", "L0", "--json", "--format", "svg"], "exclude"),
        (["map", "S4", "--source", "L3", "--target", "L0", "--picture", "fan"], "one of graph"),
        (["map", "S4", "--source", "L3", "--target", "L0", "--picture", "plane"], "needs a file"),
        (["map", "S4", "--source", "L3", "--target", "L0", "--activation", "steep"], "steep"),
    ],
)  # fmt: skip
def test_bad_input(plrep_gap, words, says):
    outcome = plrep_gap(*words)
    assert outcome.status == 2
    assert outcome.out == ""
    assert says in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_files_that_cannot_be_written(plrep_gap, tmp_path):
    for name in ("m.json", "m.png"):
        (tmp_path / name).mkdir()
        outcome = plrep_gap(
            "map", "C8", "--source", "L3", "--target", "L0", "-o", str(tmp_path / name)
        )
        assert outcome.status == 2
        assert "cannot write" in outcome.err


def test_a_table_alone_has_no_map(plrep_gap):
    outcome = plrep_gap("map", "Table(M)", "--source", "L3", "--target", "L1")
    assert outcome.status == 2
    assert "bases are computed up to 6000" in outcome.err
    assert "internal error" not in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_regions_that_a_solver_missed(plrep_gap):
    words = ("--source", "L2", "--target", "L0", "--activation", "hardtanh(0.1,0.4)", "--json")
    data = json.loads(plrep_gap("map", "SmallGroup(20,3)", *words).out)
    assert data["regions"]["count"] == sum(piece["regions"] for piece in data["pieces"]) == 25


def test_close_kinks(plrep_gap):
    words = ("map", "C8", "--source", "L3", "--target", "L3", "--activation")
    data = json.loads(plrep_gap(*words, "hardtanh(1,1.0000000001)", "--json").out)
    assert len(data["hyperplanes"]) == 16
    assert (data["regions"]["count"], data["regions"]["certainty"]) == (113, "exact")
    assert data["lipschitz"]["certainty"] == "upper bound"
    refused = plrep_gap(*words, "softshrink(1e200)")
    assert refused.status == 2
    assert "between 1e-100 and 1e+100" in refused.err
