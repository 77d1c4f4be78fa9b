"""Formulas as activations: the language, what is proved of them, and where they are used."""

from __future__ import annotations

import copy
import math
import pickle  # noqa: TID251 - that it works is what is tested
import re

import formula_corpus as corpus
import numpy as np
import pytest
from digits import differs_from_polynomials

import toolkit as tk
from toolkit.errors import UnsupportedActivationError
from toolkit.pl.activations.activation import Activation, find_activation
from toolkit.pl.activations.affine_pieces import affine_pieces, jumping_kinks
from toolkit.pl.activations.formula import formula_text, read_formula
from toolkit.pl.activations.from_callable import read_callable
from toolkit.pl.activations.registry import ACTIVATIONS
from toolkit.pl.criterion.submodule import occurring_in_submodule

T = np.concatenate([np.linspace(0.013, 7.9, 97), -np.linspace(0.013, 7.9, 97)])


@pytest.mark.parametrize(("text", "normal"), corpus.SPELLINGS)
def test_spellings(text: str, normal: str) -> None:
    tree = read_formula(text)
    assert formula_text(tree) == normal
    assert read_formula(normal) == tree


@pytest.mark.parametrize(("text", "words"), corpus.WRONG)
def test_what_is_no_formula(text: str, words: str) -> None:
    with pytest.raises(UnsupportedActivationError, match=re.escape(words)) as found:
        find_activation(text)
    assert len(str(found.value)) < 400
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("text", "x", "value"),
    [
        ("-x^2", 3.0, -9.0),
        ("2^3x", 1.0, 8.0),
        ("1/2x", 4.0, 2.0),
        ("8/x/2", 2.0, 2.0),
        ("x - 1 - 1", 3.0, 1.0),
        ("2|x - 1|x", -1.0, -4.0),
        ("clip(x, -1, 2)", 5.0, 2.0),
        ("max(x, 1, 2) + min(x, 0, -1)", 3.0, 2.0),
        ("where(x <= 1, 5, 6)", 1.0, 5.0),
        ("where(x < 1, 5, 6)", 1.0, 6.0),
        ("heaviside(x)", 0.0, 0.5),
        ("e^x", 1.0, math.e),
        ("log1p(expm1(x))", 0.5, 0.5),
        ("x^-2", 2.0, 0.25),
        ("|x|^0.5", -4.0, 2.0),
        ("atan(x)*4/pi", 1.0, 1.0),
    ],
)
def test_values(text: str, x: float, value: float) -> None:
    from toolkit.pl.activations.formula_values import values_on_array

    found = values_on_array(read_formula(text), np.array([x, x]))
    assert found == pytest.approx([value, value], rel=1e-15)


def test_names_win_and_wrong_names_are_told() -> None:
    assert find_activation("relu(x)") is find_activation("ReLU(t)") is find_activation("relu")
    assert find_activation("|x|").named is not None
    assert find_activation("x^3").name == "t^3"
    assert find_activation("leaky_relu(0.2)").formula is None
    with pytest.raises(UnsupportedActivationError, match=r"'rleu' \(did you mean relu\?\): use"):
        find_activation("rleu")
    with pytest.raises(UnsupportedActivationError, match=r"did you mean leaky_relu\?"):
        find_activation("lekay_relu")
    with pytest.raises(UnsupportedActivationError, match=r"'qqq': use .* or a formula in x"):
        find_activation("qqq")


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_named_activations_as_formulas(name: str) -> None:
    """The parts of a formula are proved without looking at the table of names."""
    named, f = find_activation(name), find_activation(corpus.AS_FORMULAS[name])
    assert (f.formula is not None, f.parts_are) == (name != "abs", "exact")
    assert np.allclose(f(T), named(T), rtol=1e-12, atol=1e-15)
    for own, known in ((f.even_part, named.even_part), (f.odd_part, named.odd_part)):
        assert (own.is_polynomial, own.degrees) == (known.is_polynomial, known.degrees)
        assert [c for _, c in own.terms] == pytest.approx([c for _, c in known.terms], rel=1e-14)
        assert {own.rest, known.rest} not in ({"none", "homogeneous"}, {"homogeneous", "free"})
    assert f.kinks == named.kinks
    mine, theirs = affine_pieces(f), affine_pieces(named)
    assert (mine is None) == (theirs is None)
    if mine is not None and theirs is not None:
        assert mine.is_exact
        assert mine.slopes == pytest.approx(theirs.slopes)
        assert mine.intercepts == pytest.approx(theirs.intercepts)
        assert jumping_kinks(f).tolist() == jumping_kinks(named).tolist()
    assert f.dual_ratio([-0.5, 0.3]) == pytest.approx(named.dual_ratio([-0.5, 0.3]), rel=1e-9)


@pytest.mark.parametrize(("text", "even", "odd", "kinks"), corpus.VERDICTS)
def test_proved_parts(text: str, even: str, odd: str, kinks: tuple[float, ...]) -> None:
    f = find_activation(text)
    assert (str(f.even_part), str(f.odd_part), f.parts_are) == (even, odd, "exact")
    assert f.kinks == pytest.approx(kinks)


@pytest.mark.parametrize(("text", "even", "odd"), corpus.MEASURED)
def test_measured_parts(text: str, even: str, odd: str) -> None:
    f = find_activation(text)
    assert (str(f.even_part), str(f.odd_part), f.parts_are) == (even, odd, "measured")
    assert "(measured)" in repr(f)


def test_what_is_proved_fits_the_values() -> None:
    """Random formulas: a proved polynomial has the values, and what is none is measured as none."""
    proved = 0
    for text in corpus.random_formulas(11, 500):
        try:
            f = find_activation(text)
        except UnsupportedActivationError:
            continue
        if f.parts_are != "exact" or f.formula is None:
            continue
        proved += 1
        up, down = f(T), f(-T)
        size = np.maximum(np.maximum(np.abs(up), np.abs(down)), 1e-9)
        measured = read_callable(f.function, name="f")
        for part, values, other in (
            (f.even_part, (up + down) / 2, measured.even),
            (f.odd_part, (up - down) / 2, measured.odd),
        ):
            if part.is_polynomial:
                fit = sum((c * T**d for d, c in part.terms), np.zeros_like(T))
                assert (np.abs(fit - values) <= 1e-7 * size).all(), text
            else:
                assert not other.is_polynomial or size.max() > 1e6, text
        pieces = affine_pieces(f)
        if pieces is not None:
            slope, intercept = pieces.at(T)
            assert np.allclose(slope * T + intercept, up, rtol=1e-9, atol=1e-12), text
    assert proved > 100


def test_isolated_points_do_not_count() -> None:
    """What occurs is said of generic v, whose coordinates are at no isolated point."""
    G = tk.group("C4")
    X, known = G.regular_module(), tk.interaction_graph(G.regular_module(), "polynomial(1)")
    for text in corpus.CONSTANT_BUT_AT_POINTS:
        f = find_activation(text)
        assert (str(f.even_part), str(f.odd_part), f.parts_are) == ("constant", "zero", "exact")
        assert f.kinks == ()
        assert set(tk.interaction_graph(X, f).edges) == set(known.edges)
        assert "f has the constant 1" in tk.explain(X, "L2", "L0", f)
        assert tk.closure(X, ["L2"], f) == tk.closure(X, ["L2"], "polynomial(1)")
        one = tk.pl_map(X, "L2", "L1", activation=f)
        assert (one.is_zero, one.zero.certainty) == (True, "exact")
    stepped = find_activation("x + sign(x)^2")
    assert not tk.pl_map(X, "L0", "L0", activation=stepped).is_linear
    # the values are the formula's own, and what is 0 for every v becomes f(0)
    f = find_activation("sign(x)^2")
    assert f([-2.0, 0.0, 2.0]).tolist() == [1.0, 0.0, 1.0]
    assert (f.at_zero, f.even_part.coefficient(0)) == (0.0, 1.0)


def test_the_value_at_zero_counts_where_v_is_always_zero() -> None:
    """The sign of S3 lives in one of two orbits: f(0) stands in the other."""
    G = tk.group("S3")
    X = G.regular_module() + G.natural_module()
    f = "tanh(x) + 1 - sign(x)^2"
    assert str(find_activation(f).even_part) == "zero"
    graph = tk.interaction_graph(X, f)
    assert graph.edges["L1", "L0"]["parts"] == "constant"
    assert not tk.interaction_graph(X, "tanh").has_edge("L1", "L0")
    assert not tk.interaction_graph(G.regular_module(), f).has_edge("L1", "L0")
    with pytest.raises(UnsupportedActivationError, match="is 0 except at isolated points at most"):
        find_activation("1 - sign(x)^2")


def test_isolated_values_on_a_chosen_subspace() -> None:
    """One coordinate is always 0: f(v) is (1, 1, 0), which is no constant."""
    X = tk.group("C3").coset_module([])
    for v in ([[1, 2, 0]], [[1.0, 2.0, 0.0]]):
        both = {"L0": ("constant",), "L1": ("constant",)}
        assert occurring_in_submodule(X, v, "sign(x)^2") == both
        assert occurring_in_submodule(X, v, "0*x + 1") == {"L0": ("constant",)}
        assert occurring_in_submodule(X, [[1, 2, 3]], "sign(x)^2") == {"L0": ("constant",)}


def test_no_polynomial_has_the_values_of_what_is_called_none() -> None:
    """Divided differences of order 7, to 220 digits at generic points, without the theorems."""
    judged = {True: 0, False: 0}
    for text in corpus.random_steps(29, 60):
        try:
            f = find_activation(text)
        except UnsupportedActivationError:
            continue
        if f.parts_are != "exact":
            continue
        for part, sign in ((f.even_part, 1), (f.odd_part, -1)):
            judged[part.is_polynomial] += 1
            assert differs_from_polynomials(f.name, f.kinks, sign) != part.is_polynomial, text
    assert min(judged.values()) > 15


def test_a_fault_ends_as_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise StopIteration

    monkeypatch.setattr("toolkit.pl.activations.from_formula.exact_facts", broken)
    with pytest.raises(UnsupportedActivationError, match=r"x \+ 0.125\*x\^2 cannot be judged"):
        find_activation("x + 0.125 x^2")


def test_equal_to_the_named_ones_where_they_are_used() -> None:
    X = tk.group("S4").regular_module()
    graph, known = (tk.interaction_graph(X, f) for f in ("max(0, t)", "relu"))
    assert set(graph.edges) == set(known.edges)
    assert graph.graph["activation"] == "max(0, x)"
    assert graph.graph["activation_parts"] == "exact"
    ours, theirs = (tk.transfer_matrix(X, f) for f in ("x/(1+exp(-x))", "silu"))
    assert np.abs(ours - theirs).max() < 1e-12
    shifted = find_activation("max(x - 1, 0)")
    assert (shifted.has_even_part, shifted.has_odd_part) == (True, True)
    assert set(tk.interaction_graph(X, shifted).edges) >= set(known.edges)
    assert tk.closure(X, ["L2"], "x^2 + x") == tk.closure(X, ["L2"], "t^2")


def test_regions_of_a_piecewise_linear_formula_are_counted() -> None:
    X = tk.group("S4").natural_module()
    one = tk.pl_map(X, "L3", "L0", activation="|x| + x/2")
    assert (one.regions.count, one.regions.certainty) == (14, "exact")
    clipped, known = (
        tk.pl_map(X, "L3", "L0", activation=f) for f in ("min(max(x, -1), 1)", "hardtanh")
    )
    assert clipped.regions == known.regions
    v = np.array([0.3, -1.2, 2.0])
    assert np.allclose(clipped(v), known(v))


def test_copies_and_pickles_are_the_formula() -> None:
    f = find_activation("where(x > 0, x, exp(x) - 1)")
    assert pickle.loads(pickle.dumps(f)) == f  # noqa: S301
    assert copy.deepcopy(f) is f
    assert find_activation(f.name) is f
    assert isinstance(f, Activation)
    assert find_activation("where( t>0,t,exp(t)-1 )") is f


def test_tensors() -> None:
    torch = pytest.importorskip("torch")
    for text in (
        "max(x,0) + x^2/10", "min(|x|, 1)", "where(x>0, x, 2)", "2^x/9", "max(x, -x, 1)",
        "heaviside(x-1) + 0.3", "clip(x, -1, x^2)", "gelu(2x) + silu(x)", "sign(x) relu(x)",
        "|x|^1.5 + sin(pi x)", "sqrt(1+x^2)", "max(tanh(x), erf(x))", "log1p(x^2) - softplus(x)",
    ):  # fmt: skip
        f = find_activation(text)
        x = torch.linspace(-3, 3, 50, dtype=torch.float32, requires_grad=True)
        y = f.on_tensors(x)
        assert y.dtype == torch.float32
        assert np.allclose(y.detach().numpy(), f(x.detach().numpy()), rtol=1e-5, atol=1e-5), text
        y.sum().backward()
        assert torch.isfinite(x.grad).all(), text
    x = torch.linspace(-1.7, 1.3, 9, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(find_activation("x tanh(softplus(x)) + x^3").on_tensors, x)


def test_layers_take_formulas() -> None:
    torch = pytest.importorskip("torch")
    X = tk.group("S3").natural_module()
    layer = tk.nn.Pointwise("max(x,0) + x^2/10", X)
    assert repr(layer) == "Pointwise(max(x, 0) + x^2/10 on 3 points of S3)"
    assert layer(torch.full((3, 1), -1.0)).tolist() == [[pytest.approx(0.1)]] * 3
    from toolkit.nn.network_state import written_activation

    assert written_activation(layer.activation) == "max(x, 0) + x^2/10"
