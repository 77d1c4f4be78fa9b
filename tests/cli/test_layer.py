"""Equivariant layers from the command line."""

from __future__ import annotations

import json

import numpy as np
import pytest

import toolkit as tk

pytestmark = pytest.mark.usefixtures("bundled")


def test_deep_sets(plrep):
    outcome = plrep("layer", "S4", "--degree", "4")
    assert (outcome.status, outcome.err) == (0, "")
    assert "2 orbitals; 2 by characters: they agree" in outcome.out
    assert "  a b b b\n  b a b b\n" in outcome.out
    assert "weights            2     16" in outcome.out


def test_json_and_channels(plrep):
    argv = ("layer", "C8", "--module", "regular", "--in-channels", "16", "--out-channels", "32")
    data = json.loads(plrep(*argv, "--json").out)
    assert data["dimension"] == data["dimension_by_characters"] == 8
    assert data["parameters"] == {
        "in_channels": 16,
        "out_channels": 32,
        "weights": 8 * 16 * 32,
        "bias": 32,
        "dense_weights": 64 * 16 * 32,
        "dense_bias": 8 * 32,
    }
    assert np.array(data["labels"]).shape == (8, 8)


def test_npz(plrep, tmp_path):
    path = tmp_path / "layer.npz"
    outcome = plrep("layer", "S4", "--module", "points", "--output", str(path))
    assert outcome.status == 0
    with np.load(path) as found:
        assert sorted(found.files) == ["labels", "sizes"]
        assert found["sizes"].tolist() == [4, 12]
        assert np.bincount(found["labels"].ravel()).tolist() == [4, 12]


@pytest.mark.gap
def test_degrees(plrep_gap):
    ambiguous = plrep_gap("layer", "S4", "--degree", "6")
    assert ambiguous.status == 2
    assert "H4a or H4b or H4c" in ambiguous.err
    none = plrep_gap("layer", "S4", "--degree", "5")
    assert none.status == 2
    assert "1, 2, 3, 4, 6, 8, 12, 24" in none.err
    assert "3 points" in plrep_gap("layer", "S4", "--degree", "3").out


@pytest.mark.gap
def test_two_modules(plrep_gap):
    data = json.loads(plrep_gap("layer", "S4", "--to", "regular", "--json").out)
    assert (data["dimension"], data["target"]["degree"]) == (4, 24)
    several = json.loads(plrep_gap("layer", "C7 x C3", "--json").out)
    assert several["dimension"] == several["dimension_by_characters"] == 12
    assert several["parameters"]["bias"] == 2


@pytest.mark.gap
def test_out_of_reach(plrep_gap):
    outcome = plrep_gap("layer", "Table(M)")
    assert outcome.status == 2
    assert "too many to list" in outcome.err


@pytest.mark.gap
def test_modules_of_any_kind(plrep_gap, tmp_path):

    file = tmp_path / "layer.npz"
    source, target = "signed(H24a, H12a) * points", "points + signed(H24a, H12a)"
    arguments = ["layer", "S4", "--module", source, "--to", target]
    done = plrep_gap(*arguments, "--json", "--output", str(file), "--out-channels", "3")
    data = json.loads(done.out)
    G = tk.group("S4")
    basis = tk.layer_basis(G.module(source), G.module(target))
    assert data["dimension"] == data["dimension_by_characters"] == basis.dimension
    assert data["labels"] == basis.label_matrix.tolist()
    assert data["signs"] == basis.signs.tolist()
    assert data["parameters"]["bias"] == 3  # the constants on the points, and none on the sign
    assert np.array_equal(np.load(file)["signs"], basis.signs)
    page = plrep_gap(*arguments).out
    assert "with the sign shown, . is 0" in page
    assert "invariants of the target" in page
    plain = json.loads(plrep_gap("layer", "S4", "--module", "points^2", "--json").out)
    assert (plain["dimension"], "signs" in plain) == (15, False)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("point", "there is no module called 'point': use regular; points"),
        ("points + ", "a module is required, found 'the end' at character 9"),
        ("points^-1", "an exponent is required, found '-'"),
        ("H99a", "there is none called 'H99a'"),
        ("signed(H24a)", "',' is required, found ')'"),
    ],
)
def test_what_is_no_module(plrep, name, message):
    done = plrep("layer", "S4", "--module", name)
    assert (done.status, done.out) == (2, "")
    assert message in done.err
    assert len(done.err.splitlines()) == 1
