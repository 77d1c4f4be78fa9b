"""Spectral transfer and joint closures from the command line."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.usefixtures("bundled")


def test_matrix(plrep):
    outcome = plrep("transfer", "S4", "--activation", "elu")
    assert (outcome.status, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[0] == "S4, regular module, elu: share of the energy that goes from row to column"
    assert lines[3].split() == ["L0", "1.0000", "0", "0", "0", "0"]
    assert "accurate to" in lines[-1]
    assert max(map(len, lines)) <= 100


def test_json(plrep):
    data = json.loads(plrep("transfer", "C8", "--activation", "gelu", "--bias", "--json").out)
    assert data["simples"] == ["L0", "L1", "L2", "L3", "L4"]
    assert data["closed_form"] is True
    assert data["bias"] is True
    for row in data["shares"]:
        assert sum(row) == pytest.approx(1)


def test_spectra(plrep):
    outcome = plrep("transfer", "C8", "--spectrum", "L3=1,L4=2", "--depth", "3", "--json")
    layers = json.loads(outcome.out)["layers"]
    assert [layer["depth"] for layer in layers] == [0, 1, 2, 3]
    assert layers[0]["shares"] == pytest.approx([0, 0, 0, 1 / 3, 2 / 3])
    text = plrep("transfer", "C8", "--spectrum", "L3", "--activation", "tanh").out
    assert "spectrum before each of 2 layers" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("C8", "--activation", "foo"), "no activation is called 'foo'"),
        (("C8", "--variance", "-1"), "--variance must be a positive number"),
        (("C8", "--variance", "x"), "--variance"),
        (("C8", "--depth", "2"), "--depth needs a --spectrum"),
        (("C8", "--spectrum", "L1", "--depth", "-2"), "--depth must be from 0"),
        (("C8", "--spectrum", "L1=x"), "is written L1=0.5"),
        (("C8", "--spectrum", "L9=1"), "not 'L9'"),
        (("C8", "--spectrum", "L1=0"), "that are not all 0"),
        (("C8", "--spectrum", "L1", "--bias"), "exclude each other"),
        (("C8", "--spectrum", "L1=1,L1=2"), "--spectrum names L1 twice"),
        (("C8", "--spectrum", "L1=1, L1 =2"), "--spectrum names L1 twice"),
        (("C8", "--activation", "softshrink", "--variance", "1e-300"), "no energy to share"),
        (("C8", "--activation", "t^1000"), "too high a degree"),
        (("C8", "--orbit", "one"), "counted from 1, or all"),
        (("C8", "--orbit", "²"), "counted from 1, or all"),
        (("C8", "--module", "circle"), "there is no module called"),
    ],
)
def test_errors(plrep, words, message):
    outcome = plrep("transfer", *words)
    assert outcome.status == 2
    assert message in outcome.err
    assert outcome.err.count("\n") == 1


def test_closure(plrep):
    outcome = plrep("graph", "C6", "--closure", "L2, L1")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        "C6, regular module, relu, no bias: closure of L1, L2",
        "",
        "  start: L1 L2",
        "  step 1: L0 L3",
        "",
        "  4 of 4 simples; the others do not occur for any weights",
    ]
    words = ("graph", "C6", "--closure", "L1", "--activation", "elu", "--bias")
    data = json.loads(plrep(*words, "--json").out)
    assert data == json.loads(plrep(*words, "--format", "json").out)
    assert data["closure"] == ["L0", "L1"]
    assert data["steps"] == [["L1"], ["L0", "L1"]]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--closure", "L9"), "not 'L9'"),
        (("--closure", ""), "not ''"),
        (("--closure", "L1", "--format", "dot"), "not as a picture"),
        (("--closure", "L1", "--output", "g.json"), "not as a picture or file"),
    ],
)
def test_closure_errors(plrep, words, message):
    outcome = plrep("graph", "C6", *words)
    assert outcome.status == 2
    assert message in outcome.err


@pytest.mark.parametrize("name", ["gelu", "t^3", "polynomial(1,0,2)", "sigmoid", "relu_squared"])
def test_any_activation(plrep, name):
    outcome = plrep("graph", "C8", "--activation", name, "--json")
    assert outcome.status == 0
    assert json.loads(outcome.out)


@pytest.mark.parametrize(
    ("name", "variance"),
    [
        *(("softshrink", "1e-4"), ("t^5", "1e-200"), ("gelu", "1e200"), ("hardtanh", "1e4")),
        *(("relu6", "1e6"), ("softsign", "1e4"), ("polynomial(0,1e-300)", "1")),
    ],
)
def test_any_variance(plrep, name, variance):
    outcome = plrep("transfer", "C8", "--activation", name, "--variance", variance, "--json")
    assert (outcome.status, outcome.err) == (0, "")
    data = json.loads(outcome.out)
    assert data["share_error"] < 1e-12
    assert data["activation_parts"] == "exact"
    for row in data["shares"]:
        assert sum(row) == pytest.approx(1, abs=1e-12)


@pytest.mark.gap
def test_all_orbits(plrep_gap):
    words = ("transfer", "C7 x C3", "--activation", "cos", "--json")
    outcome = plrep_gap(*words, "--orbit", "all")
    assert outcome == plrep_gap(*words, "--module", "points")
    assert all(sum(row) == pytest.approx(1) for row in json.loads(outcome.out)["shares"])


def test_a_spectrum_of_any_size(plrep):
    words = ("transfer", "C8", "--spectrum")
    large = plrep(*words, "L1=1e308,L2=1e308")
    assert (large.status, large.err) == (0, "")
    assert large.out == plrep(*words, "L1=1,L2=1").out
    for energy in ("1e400", "nan", "-1"):
        outcome = plrep(*words, f"L1={energy}")
        assert outcome.status == 2
        assert "the energy of L1 must be a finite number of at least 0" in outcome.err
