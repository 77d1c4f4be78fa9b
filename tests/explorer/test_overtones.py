"""The overtones view: its numbers against Python's, and what one does with it."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys

import numpy as np
import pytest
from explorer_page import settled

import toolkit as tk
from toolkit.pl import find_activation, occurring_simples, sine_series

OCCURRING = """async (questions) => {
  const { readActivation } = await import("./js/mathematics/activations.js");
  const { occurring } = await import("./js/overtones/frequencies.js");
  return questions.map(([n, set, text]) =>
    [...occurring(n ?? Infinity, set, readActivation(text), 40).keys()].sort((a, b) => a - b));
}"""
SERIES = """async ([text, amplitude, most]) => {
  const { readActivation } = await import("./js/mathematics/activations.js");
  const { sineSeries } = await import("./js/overtones/wave.js");
  const f = readActivation(text);
  return sineSeries(f.evaluate, f.kinks, amplitude, most);
}"""
FOURIER = """async (values) => {
  const { fourier } = await import("./js/overtones/wave.js");
  return fourier(values).energies;
}"""
FUNCTIONS = (
    "relu", "abs", "tanh", "square", "cube", "t^4", "polynomial(1,0,2,1)", "sigmoid", "elu",
    "identity", "max(x,0) + x^2/10", "x^5", "polynomial(2)", "relu_squared",
)  # fmt: skip


def test_what_can_occur_is_what_python_proves(open_page):
    page = open_page()
    questions, wanted = [], []
    for n in (2, 3, 4, 6, 8, 9, 12, 15):
        X = tk.group(f"C{n}").regular_module()
        frequency = {L.label: L.paper_index for L in X.spherical_table.simples}
        label = {k: name for name, k in frequency.items()}
        sets = [[k] for k in sorted(label)]
        sets += [list(pair) for pair in itertools.combinations(sorted(label), 2)][:8]
        for f, present in itertools.product(FUNCTIONS, sets):
            questions.append([n, present, f])
            found = occurring_simples(X, [label[k] for k in present], f)
            wanted.append(sorted(frequency[K.label] for K in found))
    assert page.evaluate(OCCURRING, questions) == wanted


@pytest.mark.slow
def test_what_can_occur_on_the_circle_is_the_limit(open_page):
    """Up to 40, the frequencies on the circle are those on so many points that none comes back."""
    page = open_page()
    sets = ([1], [2], [3], [1, 2], [2, 6], [4, 6], [0], [0, 3], [1, 3])
    functions = [f for f in FUNCTIONS if f != "t^4"]
    infinite = page.evaluate(OCCURRING, [[None, s, f] for s in sets for f in functions])
    n = 2**5 * 3**3 * 5 * 7
    finite = page.evaluate(OCCURRING, [[n, s, f] for s in sets for f in functions])
    for question, circle, points in zip(
        itertools.product(sets, functions), infinite, finite, strict=True
    ):
        assert circle == [k for k in points if k <= 40], question


@pytest.mark.parametrize(
    ("name", "amplitude"), [("relu", 1), ("relu", 2.5), ("hardtanh", 3), ("elu", 0.5), ("cube", 2)]
)
def test_series_on_the_circle(open_page, name, amplitude):
    page = open_page()
    found = page.evaluate(SERIES, [name, amplitude, 24])
    cosines, sines = sine_series(name, 25, amplitude=amplitude)
    assert np.abs(np.array(found["cosines"]) - cosines).max() < 1e-10
    assert np.abs(np.array(found["sines"]) - sines).max() < 1e-10


@pytest.mark.parametrize("n", [2, 3, 8, 15, 64])
def test_energies_on_points(open_page, n):
    page = open_page()
    values = np.random.default_rng(n).normal(size=n)
    energies = np.abs(np.fft.rfft(values) / n) ** 2
    energies[1 : (n + 1) // 2] *= 2
    found = page.evaluate(FOURIER, values.tolist())
    assert found == pytest.approx(energies.tolist(), rel=1e-9, abs=1e-15)
    assert sum(found) == pytest.approx(float(np.mean(values**2)))


def exported(page, words):
    page.get_by_role("button", name="Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name=words, exact=True).click()
    return download.value.path().read_text()


@pytest.mark.parametrize(
    "fragment",
    [
        "#group=C8&view=overtones",
        "#view=overtones&n=15&k=2&f=max(x-0.3,0)%2Bx^2/10&amp=1.5&phase=40",
        "#view=overtones&n=12&f=elu&depth=3&between=mean&amp=2",
        "#view=overtones&n=9&k=3&f=tanh&depth=2&between=energy",
    ],
)
def test_python_code_prints_the_same_bars(open_page, fragment):
    page = open_page(fragment)
    data = json.loads(exported(page, "Data (JSON)"))
    code = exported(page, "Python code")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    rows = [
        re.fullmatch(r" *(\d+) +([\d.]+)% (can occur|exactly 0)", line)
        for line in done.stdout.splitlines()
    ]
    ours = [one for one in data["frequencies"] if one["points"] is not None]
    assert len(rows) == len(ours) == data["points"] // 2 + 1
    for row, one in zip(rows, ours, strict=True):
        assert row is not None
        assert int(row[1]) == one["frequency"]
        assert float(row[2]) == pytest.approx(100 * one["points"], abs=2e-6)
        assert (row[3] == "can occur") == (one["parts"] is not None)
        if one["parts"] is None:
            assert one["points"] < 1e-12
    tex = exported(page, "LaTeX (TikZ)")
    assert tex.count("{") == tex.count("}")
    assert tex.count("\\fill") == len(ours)


def test_relu_of_a_sine_has_the_energies_of_its_series(open_page):
    page = open_page("#group=C8&view=overtones")
    data = json.loads(exported(page, "Data (JSON)"))
    shares = [one["circle"] for one in data["frequencies"]]
    assert shares[0] == pytest.approx(4 / np.pi**2)
    assert shares[1] == pytest.approx(0.5)
    for k in (1, 2, 3):
        assert shares[2 * k] == pytest.approx(8 / (np.pi * (4 * k * k - 1)) ** 2)
        assert shares[2 * k + 1] == pytest.approx(0, abs=1e-20)
    labels = [one["simple"] for one in data["frequencies"][:5]]
    assert labels[0::2] == ["L0", "L2", "L1"]
    assert {labels[1], labels[3]} == {"L3", "L4"}
    assert data["frequencies"][3]["parts"] is None


def test_the_wave_is_dragged(open_page):
    page = open_page("#group=C8&view=overtones")
    box = page.locator(".overtones-waves .ground").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2 - 60, steps=4)
    page.mouse.up()
    state = json.loads(page.locator("body").get_attribute("data-state"))
    assert abs(int(state["phase"]) - 270) <= 2
    assert float(state["amp"]) == pytest.approx(np.exp(60 / 160), abs=0.02)
    page.wait_for_function("() => location.hash.includes('phase=')")
    fragment = page.evaluate("location.hash")
    again = open_page(fragment)
    assert again.get_by_label("Phase").input_value() == state["phase"]
    same = "document.querySelector('.overtones-waves .output').getAttribute('d')"
    assert again.evaluate(same) == page.evaluate(same)


def test_a_bar_is_read_and_chosen(open_page):
    page = open_page("#group=C8&view=overtones")
    page.locator(".bar[data-frequency='3']").hover()
    said = page.locator(".overtones-said")
    assert re.match(r"Frequency 3 \(L[34]\): exactly 0 on 8 points", said.inner_text())
    page.locator(".bar[data-frequency='2']").hover()
    assert "12.5 % on 8 points, 9 % on the circle" in said.inner_text()
    page.locator(".bar[data-frequency='2'] .reach").click(position={"x": 4, "y": 20})
    assert page.evaluate("location.hash") == "#group=C8&view=overtones&simple=L2"
    page.locator(".bar[data-frequency='2'] .reach").click(position={"x": 4, "y": 20})
    assert page.evaluate("location.hash") == "#group=C8&view=overtones"


def test_keys_alone(open_page):
    page = open_page("#group=C8&view=overtones")
    page.get_by_label("Frequency k").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.body.dataset.state").find('"k":"2"') > 0
    page.get_by_label("f applied").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("radio", name="scaled, no mean").focus()
    page.keyboard.press("Space")
    state = json.loads(page.locator("body").get_attribute("data-state"))
    assert (state["depth"], state["between"]) == ("2", "mean")
    page.get_by_text("The frequencies as a table").click()
    rows = page.locator("details.behind tbody tr")
    rows.first.wait_for()
    assert rows.count() == 13
    assert rows.nth(4).inner_text().split("\t")[3].startswith(("yes", "no"))


def test_it_sounds_on_a_click_only(open_page):
    page = open_page("#view=overtones&n=16")
    made = """() => { window.made = 0; const own = window.AudioContext;
      window.AudioContext = class extends own { constructor() { super(); window.made += 1; } }; }"""
    page.evaluate(made)
    button = page.get_by_role("button", name="Listen")
    assert page.evaluate("window.made") == 0
    button.click()
    assert page.evaluate("window.made") == 1
    silence = page.get_by_role("button", name="Silence")
    assert silence.get_attribute("aria-pressed") == "true"
    page.get_by_label("Amplitude A").focus()
    page.keyboard.press("ArrowRight")
    silence.click()
    assert page.get_by_role("button", name="Listen").get_attribute("aria-pressed") == "false"
    assert find_activation("relu").name == "relu"


def test_a_number_of_points_that_cannot_be_is_the_nearest(open_page):
    page = open_page("#view=overtones&n=12&k=5")
    settled(page)
    field = page.get_by_label("Points n")
    for given, shown in (("-3", "2"), ("100000", "360"), ("7", "7")):
        field.fill(given)
        field.press("Tab")
        settled(page)
        assert field.input_value() == shown
        assert f"n={shown}" in page.evaluate("location.hash")
        said = page.locator(".overtones-beyond")
        assert said.is_visible() == (given != shown)
        if given != shown:
            assert f"from 2 to 360: shown is {shown}." in said.inner_text()
    assert "k=1" in page.evaluate("location.hash")
