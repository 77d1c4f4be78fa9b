"""Activations in the browser against Python's: formulas, names, parts, values, duals and shares."""

from __future__ import annotations

import math

import formula_corpus as corpus
import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import UnsupportedActivationError
from toolkit.pl.activations.activation import find_activation
from toolkit.pl.activations.registry import ACTIVATIONS

READ = """async (texts) => {
  const { readActivation, partWords } = await import("./js/mathematics/activations.js");
  return texts.map((text) => {
    const f = readActivation(text);
    if (f.error) return { error: f.error };
    return { name: f.name, even: partWords(f.parts.even), odd: partWords(f.parts.odd),
      rests: [f.parts.even.rest, f.parts.odd.rest], terms: [f.parts.even.terms, f.parts.odd.terms],
      partsAre: f.partsAre, kinks: f.kinks, pieces: f.pieces, degrees: f.degrees,
      kinds: [f.even, f.odd] };
  });
}"""
VALUES = """async ([texts, xs, ts]) => {
  const { readActivation } = await import("./js/mathematics/activations.js");
  const plain = (x) => (Number.isFinite(x) ? x : String(x));
  return texts.map((text) => {
    const f = readActivation(text);
    return [xs.map((x) => plain(f.evaluate(x))), ts.map((t) => plain(f.dual(t)))];
  });
}"""
SHARES = """async ([record, questions]) => {
  const { readActivation } = await import("./js/mathematics/activations.js");
  const { transferMatrix } = await import("./js/mathematics/shares.js");
  return questions.map(([id, text, bias]) => transferMatrix(
    record, record.modules.find((one) => one.id === id), readActivation(text), { bias }));
}"""
WITH_NUMBERS = (
    "leaky_relu(0.1)", "leaky_relu(1e-7)", "leaky_relu(123456789)", "Leaky-ReLU( -.5 )", "prelu(1)",
    "softplus(3)", "elu(0)", "elu(2)", "celu(0.3)", "hardtanh(-2, 2)", "hardtanh(-0.5,2)",
    "softshrink(0)", "softshrink(1.5)", "hardshrink(0.25)", "relu_power(2)", "relu_power(5)", "t^7",
    "x**4", "power(0)", "polynomial(1,0,2)", "polynomial(0, 1e-5, -3.25)", "poly(2)", "swish",
    "|t|", "relu2", "gelu(x)", "step( t )", "x", "t",
)  # fmt: skip
WRONG_NAMES = (
    "rleu", "", "tanhh", "leaky_relu()", "leaky_relu(-)", "relu)", "relu(", "softplus(nan)",
    "softplus(-1)", "hardtanh(2, 1)", "relu(0.1)", "t^99", "t^1000", "relu_power(0)", "power(1.5)",
    "polynomial(0,0)", "leaky_relu(1e999)", "elu(1, 2)",
)  # fmt: skip
GRID = [*np.linspace(-8, 8, 161).tolist(), -30.0, -12.5, 12.5, 30.0, 1e-5, -1e-5, 1e-12]
CORRELATIONS = [-1.0, -0.97, -0.5, -1 / 3, 0.0, 0.2, 0.5, 0.9, 0.951, 0.9877, 0.9997, 1.0]


def known(text):
    """What Python says of a text, in the form of READ."""
    try:
        f = find_activation(text)
    except UnsupportedActivationError as error:
        return {"error": str(error)}
    return {
        "name": f.name,
        "even": str(f.even_part),
        "odd": str(f.odd_part),
        "rests": [f.even_part.rest, f.odd_part.rest],
        "partsAre": f.parts_are,
    }


def compare(page, texts):
    for text, found in zip(texts, page.evaluate(READ, texts), strict=True):
        wanted = known(text)
        if "error" in wanted:
            assert "error" in found, (text, wanted, found)
            if not wanted["error"].startswith("no activation is called"):
                assert found["error"] == wanted["error"], text
            continue
        assert {key: found.get(key) for key in wanted} == wanted, (text, found)
        f = find_activation(text)
        assert found["kinks"] == pytest.approx(list(f.kinks), rel=1e-12), text
        for terms, part in zip(found["terms"], (f.even_part, f.odd_part), strict=True):
            assert [d for d, _ in terms] == list(part.degrees), text
            rel = 1e-12 if f.parts_are == "exact" else 1e-6
            assert [c for _, c in terms] == pytest.approx([c for _, c in part.terms], rel=rel), text
        if f.formula is not None and f.formula.pieces is not None:
            slopes, intercepts = f.formula.pieces
            assert found["pieces"]["slopes"] == pytest.approx(slopes, rel=1e-12), text
            assert found["pieces"]["intercepts"] == pytest.approx(intercepts, rel=1e-12), text


@pytest.mark.slow
def test_formulas_are_read_and_judged_as_in_python(open_page):
    page = open_page()
    texts = [*corpus.AS_FORMULAS.values(), *(text for text, *_ in corpus.VERDICTS)]
    texts += [text for text, *_ in (*corpus.MEASURED, *corpus.SPELLINGS, *corpus.WRONG)]
    compare(page, texts)
    compare(page, [*corpus.CONSTANT_BUT_AT_POINTS, *corpus.random_steps(2026, 200)])
    compare(page, corpus.random_formulas(2026, 300))


def test_names_are_read_as_in_python(open_page):
    page = open_page()
    names = [*ACTIVATIONS, *WITH_NUMBERS]
    compare(page, names)
    found = page.evaluate(READ, list(WRONG_NAMES))
    for text, one in zip(WRONG_NAMES, found, strict=True):
        assert "error" in one, (text, one)
        with pytest.raises(UnsupportedActivationError) as error:
            find_activation(text)
        assert one["error"][:30] == str(error.value)[:30]
    kinds = dict(zip(names, page.evaluate(READ, names), strict=True))
    assert kinds["relu"]["kinds"] == ["non-polynomial", "linear"]
    assert kinds["sigmoid"]["kinds"] == ["constant", "non-polynomial"]
    assert kinds["square"]["kinds"] == ["polynomial", "zero"]
    assert [kinds[n]["degrees"] for n in ("relu", "sigmoid", "tanh", "cube", "relu_squared")] == [
        [1], [0], [], [3], [2],
    ]  # fmt: skip


@pytest.mark.slow
def test_values_and_duals_are_those_of_python(open_page):
    page = open_page()
    names = [*ACTIVATIONS, *WITH_NUMBERS[:24], "max(x-1,0) + x^2/10", "min(|x|,1)", "exp(x/2)"]
    found = page.evaluate(VALUES, [names, GRID, CORRELATIONS])
    for name, (values, duals) in zip(names, found, strict=True):
        f = find_activation(name)
        wanted = f(GRID)
        assert not any(isinstance(v, str) for v in values), name
        # 1 + tanh(-20) has no digits of its own, in either language
        slack = 1e-12 * np.abs(wanted) + 1e-15 * (1 + np.abs(GRID))
        assert (np.abs(np.array(values) - wanted) <= slack).all(), name
        kappa = f.dual(CORRELATIONS)
        assert np.allclose(duals, kappa, rtol=0, atol=1e-9 * float(kappa[-1])), name


@pytest.mark.parametrize("group", ["S4", "C8", "Q8"])
@pytest.mark.slow
def test_shares_are_those_of_python(open_page, group):
    from toolkit.explorer.record import group_record, module_record
    from toolkit.explorer.record.unpacked import unpacked

    page = open_page()
    G = tk.group(group)
    record = unpacked(group_record(G))
    both = G.regular_module() + G.regular_module()
    if group == "S4":
        both = G.natural_module() + G.regular_module()
    record["modules"].append(module_record(G, both, "sum"))
    modules = {one["id"]: one for one in record["modules"]}
    kept = ("id", "title", "degree", "signed", "contents", "spherical", "orbits")
    record = {
        "classes": record["classes"],
        "simples": record["simples"],
        "modules": [{key: one[key] for key in kept} for one in modules.values()],
    }
    chosen = [key for key in ("regular", "H2a", "H4a", "natural", "sum") if key in modules]
    questions = [[key, f, b] for key in chosen for f in ACTIVATIONS for b in (False, True)]
    questions += [["regular", f, False] for f in ("max(x-1,0) + x^2/10", "min(|x|,1)")]
    for (key, f, bias), found in zip(
        questions, page.evaluate(SHARES, [record, questions]), strict=True
    ):
        special = {"regular": G.regular_module, "natural": G.natural_module, "sum": lambda: both}
        X = special[key]() if key in special else G.module(key)
        wanted = tk.transfer_matrix(X, f, bias=bias)
        assert np.abs(np.array(found) - wanted).max() < 1e-9, (key, f, bias)
        assert all(math.isclose(sum(row), 1, rel_tol=1e-9) for row in found)


@pytest.mark.slow
def test_shares_of_the_monster_are_those_of_python(open_page):
    """Whole numbers beyond 2^53, and terms of 10^20 that cancel."""
    from toolkit.explorer.record import group_record
    from toolkit.explorer.record.unpacked import unpacked

    G = tk.group("Table(M)")
    record = unpacked(group_record(G))
    kept = ("id", "title", "degree", "signed", "contents", "spherical", "orbits")
    record = {
        "classes": record["classes"],
        "simples": record["simples"],
        "modules": [{key: record["modules"][0].get(key) for key in kept}],
    }
    questions = [["regular", "relu", False], ["regular", "tanh", True]]
    for (_, f, bias), found in zip(
        questions, open_page().evaluate(SHARES, [record, questions]), strict=True
    ):
        wanted = tk.transfer_matrix(G.regular_module(), f, bias=bias)
        assert np.abs(np.array(found) - wanted).max() < 1e-8


def test_a_fault_ends_as_one_sentence(open_page):
    page = open_page()
    words = page.evaluate(
        """async () => {
          const { readActivation } = await import("./js/mathematics/activations.js");
          const [{ max }, { error }] = [Math, console];
          Math.max = () => { throw new TypeError("broken on purpose"); };
          console.error = () => {};
          try {
            return readActivation("min(x, 1e16) + x^2").error;
          } finally {
            Math.max = max;
            console.error = error;
          }
        }"""
    )
    assert words == (
        "the formula min(x, 1e16) + x^2 cannot be judged (TypeError inside the toolkit, please "
        "report it)"
    )


def test_a_hostile_formula_is_text(open_page):
    text = "</textarea><img src=x onerror=alert(1)>"
    page = open_page()
    page.goto(page.url.partition("#")[0] + f"#view=overtones&f={text}")
    page.locator("body[data-view=overtones] main:not([aria-busy])").wait_for()
    assert page.locator("img[src=x]").count() == 0
    assert "no formula: at character 20" in page.locator("#bar .problem").inner_text()


def test_the_panel_says_what_is_typed(open_page):
    page = open_page("#group=C8&view=overtones&f=tanh")
    field = page.get_by_label("A name or a formula in x")
    verdict = page.locator(".about-f .verdict")
    assert "even part zero; odd part not a polynomial (exact)" in verdict.inner_text()
    field.fill("max(x, 0) + x^2/10")
    assert "even part degree 2 + homogeneous of degree 1" in verdict.inner_text()
    assert page.evaluate("location.hash") == "#group=C8&view=overtones&f=tanh"
    field.fill("max(x, 0")
    assert verdict.inner_text() == 'no formula: at character 9, expected ")", found the end'
    assert field.get_attribute("aria-invalid") == "true"
    field.fill("sin(sin(x))")
    assert "measured on samples, which is no proof" in verdict.inner_text()
    field.press("Enter")
    page.wait_for_function("() => location.hash.includes('sin(sin(x))')")
    page.get_by_role("button", name="elu", exact=True).click()
    assert page.evaluate("location.hash") == "#group=C8&view=overtones&f=elu"
    pressed = page.locator(".about-f button[aria-pressed=true]")
    assert pressed.all_inner_texts() == ["elu"]
