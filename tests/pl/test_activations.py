"""Activations: parts, names, torch, own functions; everything against another route."""

from __future__ import annotations

import copy
import pickle  # noqa: TID251 - what Dask sends activations by
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import UnsupportedActivationError
from toolkit.formats import from_graphml, to_graphml
from toolkit.pl.activations.activation import Activation, find_activation
from toolkit.pl.activations.checks import shown
from toolkit.pl.activations.from_callable import measured_part
from toolkit.pl.activations.parity_parts import ParityPart
from toolkit.pl.activations.registry import ACTIVATIONS

T = np.concatenate([np.linspace(-9, 9, 601), np.linspace(-0.9, 0.9, 91)])
EXAMPLES = (*ACTIVATIONS, "t^5", "polynomial(1,0,2,3)", "elu(0.5)", "celu(2)", "hardtanh(-1,2)")


@pytest.mark.parametrize("name", EXAMPLES)
def test_parts_agree_with_values(name: str) -> None:
    f = find_activation(name)
    t = np.linspace(0.02, 8.0, 400)
    for part, values in (
        (f.even_part, (f(t) + f(-t)) / 2),
        (f.odd_part, (f(t) - f(-t)) / 2),
    ):
        kind = "even" if part is f.even_part else "odd"
        seen = measured_part(t, values, kind, float(np.abs(f(T)).max()))
        if part.rest == "homogeneous" and part.degree % 2 == (kind == "odd"):
            pytest.fail(f"{name}: this is a polynomial")
        # on t > 0 a homogeneous rest cannot be told from a power of the other parity
        assert seen.is_polynomial == part.is_polynomial
        if part.is_polynomial:
            assert seen.degrees == part.degrees
            for d in part.degrees:
                assert seen.coefficient(d) == pytest.approx(part.coefficient(d), rel=1e-6)
        if part.homogeneous_degree is not None:
            assert np.allclose(values * 2.0**part.homogeneous_degree, _half(f, 2 * t, kind))


def _half(f: Activation, t: Any, kind: str) -> Any:
    return (f(t) + f(-t)) / 2 if kind == "even" else (f(t) - f(-t)) / 2


@pytest.mark.parametrize("name", EXAMPLES)
def test_kinks_are_where_they_are_said(name: str) -> None:
    # fourth differences of a smooth function over steps of h are of size h^4
    f = find_activation(name)
    h = 1e-3
    t = np.arange(-7.0005, 7, h)
    jumps = np.abs(np.diff(f(t), 4))
    smooth = np.ones(len(jumps), dtype=bool)
    for kink in f.kinks:
        smooth &= np.abs(t[2:-2] - kink) > 5 * h
    assert jumps[smooth].max() < 2e-8 * max(1.0, float(np.abs(f(t)).max()))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("GELU", "gelu"),
        ("Swish", "silu"),
        ("leaky-relu", "leaky_relu"),
        ("leaky_relu(-0.5)", "leaky_relu(-0.5)"),
        ("relu^2", "relu_squared"),
        ("x**4", "t^4"),
        ("power(3)", "t^3"),
        ("poly(0, 1)", "polynomial(0,1)"),
        ("elu(0)", "elu(0)"),
        ("hardtanh(-2, 2)", "hardtanh(-2,2)"),
    ],
)
def test_spellings(text: str, name: str) -> None:
    f = find_activation(text)
    assert f.name == name
    assert find_activation(text) is f or f.is_polynomial


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("power(2.5)", "whole number"),
        ("t^99", "30"),
        ("t^1000", "too high a degree: powers go up to 30"),
        ("softplus(-1)", "positive beta"),
        ("elu(1,2)", "takes alpha, found 2"),
        ("gelu(1)", "takes no numbers"),
        ("hardtanh(1,0)", "least value below"),
        ("polynomial(0,0)", "not all of them 0"),
        ("relu)", "no activation is called"),
        ("relu(", "no activation is called"),
        ("softplus(nan)", "no activation is called"),
    ],
)
def test_bad_names(bad: str, words: str) -> None:
    with pytest.raises(UnsupportedActivationError, match=words):
        find_activation(bad)


def test_degrees_of_homogeneity() -> None:
    found = {n: find_activation(n).homogeneous_degree for n in ("relu", "t^3", "sign", "tanh")}
    assert found == {"relu": 1, "t^3": 3, "sign": 0, "tanh": None}
    assert find_activation("leaky_relu(0.2)").is_positively_homogeneous
    assert not find_activation("relu_squared").is_positively_homogeneous
    assert find_activation("relu").at_zero == 0
    assert find_activation("sigmoid").at_zero == 0.5
    with pytest.raises(UnsupportedActivationError, match="not of the form"):
        _ = find_activation("gelu").even
    with pytest.raises(UnsupportedActivationError, match="not a polynomial"):
        _ = find_activation("gelu").coefficients


def test_own_functions() -> None:
    f = Activation.from_callable(lambda t: t**4 + np.abs(t) ** 3 * np.sign(t), name="mine")
    assert f.parts_are == "measured"
    assert f.even_part.degrees == (4,)
    assert f.odd_part.degrees == (3,)
    stated = Activation.from_callable(np.cbrt, even="zero", odd="other")
    assert stated.parts_are == "stated"
    assert stated.odd_part.rest == "unknown"
    squared = Activation.from_callable(lambda t: 3 * t * t, even="degree 2", odd="zero")
    # the coefficient is read off the values
    assert squared.even_part.degrees == (2,)
    assert squared.coefficients == pytest.approx((0, 0, 3))
    bent = Activation.from_callable(np.abs, even="homogeneous 1", odd="zero")
    assert bent.even_part == ParityPart((), "homogeneous", 1)
    # values at isolated points do not count
    pointed = Activation.from_callable(lambda t: t + np.where(t == 0, 1.0, 0.0))
    assert (str(pointed.even_part), str(pointed.odd_part)) == ("zero", "linear")


@pytest.mark.parametrize(
    ("function", "stated", "words"),
    [
        (np.sum, {}, "not an entry-by-entry function of arrays"),
        (lambda t: t + 1, {"even": "zero"}, "stated to be zero"),
        (np.abs, {"even": "linear"}, "is no even function"),
        (np.abs, {"even": "round"}, "stated as"),
        (lambda t: 1 / (t - t), {}, "not finite"),
        (np.tanh, {"even": "zero", "odd": "linear"}, "differs from that by"),
        (np.abs, {"even": "degree 2", "odd": "zero"}, "differs from that by"),
        (np.square, {"even": ParityPart(((2, 2.0),)), "odd": "zero"}, "differs from that by"),
        (np.square, {"even": "homogeneous 1", "odd": "zero"}, "does not grow like"),
        (np.square, {"even": "homogeneous 2", "odd": "zero"}, "is a polynomial"),
        (lambda t: np.maximum(t - 10, 0), {"even": "zero", "odd": "zero"}, "stated to be zero"),
        (lambda t: t[::-1], {}, "when the others are permuted"),
        (np.sort, {}, "when the others are permuted"),
        (lambda t: np.exp(t) / np.exp(t).sum(), {}, "when the others are left out"),
        (lambda t: (t - t.mean()) / (t.std() + 1e-5), {}, "when the others are left out"),
        (lambda t: t - t.mean(axis=0), {}, "when the others are left out"),
        (lambda t: t * np.arange(t.shape[-1]), {}, "when the others are permuted"),
        (lambda t: t * t.ndim, {}, "laid out in rows"),
        (lambda t: t + np.random.default_rng().standard_normal(t.shape), {}, "called again"),
    ],
)
def test_own_functions_refused(function: Any, stated: dict[str, Any], words: str) -> None:
    with (
        np.errstate(all="ignore"),
        pytest.raises(UnsupportedActivationError, match=words),
    ):
        Activation.from_callable(function, **stated)


def test_float32_is_not_taken_for_a_kink() -> None:
    single = np.float32
    for function, even, odd in (
        (lambda t: t.astype(single) * single(0.3) + t.astype(single) ** 2, (2,), (1,)),
        (lambda t: np.maximum(t.astype(single), 0), None, (1,)),
        (lambda t: np.tanh(t.astype(single)), (), None),
    ):
        f = Activation.from_callable(function, name="single")
        for part, degrees in ((f.even_part, even), (f.odd_part, odd)):
            assert part.is_polynomial == (degrees is not None)
            assert part.degrees == (degrees or ())


def test_kinks_far_away_are_seen() -> None:
    for place in (10.0, 300.0):
        f = Activation.from_callable(lambda t, p=place: np.maximum(t - p, 0), name="far")
        assert (f.has_even_part, f.has_odd_part, f.parts_are) == (True, True, "measured")


@pytest.mark.parametrize("name", [*EXAMPLES, "leaky_relu(0.1234567890123)", "t^7"])
def test_activations_are_copied_and_sent(name: str) -> None:
    f = find_activation(name)
    assert copy.deepcopy(f) is f
    assert copy.copy(f).name == f.name
    assert pickle.loads(pickle.dumps(f)) is f  # noqa: S301 - its own
    assert find_activation(f.name) is f
    # one that was renamed is sent by what it is made of
    g = Activation(
        "renamed", f.even_part, f.odd_part, function=f.function, closed_dual=f.closed_dual
    )
    back = pickle.loads(pickle.dumps(g))  # noqa: S301 - its own
    assert back.name == "renamed"
    assert np.array_equal(back(T), f(T))


def test_own_functions_are_sent_if_they_can_be() -> None:
    f = Activation.from_callable(np.tanh, name="mine")
    assert pickle.loads(pickle.dumps(f)).odd_part == f.odd_part  # noqa: S301 - its own
    two = Activation("half", 0.5, 0.25)
    assert pickle.loads(pickle.dumps(two))([-1.0, 2.0]).tolist() == [0.25, 1.5]  # noqa: S301 - its own
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(Activation.from_callable(lambda t: t, name="mine"))


def test_arguments_of_other_kinds() -> None:
    f = find_activation("relu")
    assert f(np.array([-1, 2])).tolist() == [0.0, 2.0]
    assert f([True, False]).dtype == np.float64
    for bad in ([1j], ["x"], None, [[1], [2, 3]]):
        with pytest.raises(UnsupportedActivationError, match="arrays of real numbers"):
            f(bad)  # type: ignore[arg-type]


def test_small_arguments_of_tanhshrink() -> None:
    t = 10.0 ** np.linspace(-100, 1, 300)
    series = t**3 / 3 - 2 * t**5 / 15 + 17 * t**7 / 315
    found = find_activation("tanhshrink")(t)
    assert np.allclose(found[t < 1e-2], series[t < 1e-2], rtol=1e-12, atol=0)
    assert np.allclose(found[t > 0.1], (t - np.tanh(t))[t > 0.1], rtol=1e-12, atol=0)


def test_objects_that_are_no_activation() -> None:
    with pytest.raises(UnsupportedActivationError, match="from_callable"):
        find_activation(lambda t: t)
    with pytest.raises(UnsupportedActivationError, match="two numbers or two parts"):
        Activation("z", 1.0, ParityPart())
    with pytest.raises(UnsupportedActivationError, match="function itself"):
        Activation("z", ParityPart(), ParityPart())


def test_torch_is_not_imported() -> None:
    code = (
        "import sys\n"
        "from toolkit.pl.activations.activation import find_activation as f\n"
        "f('gelu')\n"
        "try: f(3)\nexcept ValueError: pass\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_torch_modules_and_functions() -> None:
    torch = pytest.importorskip("torch")
    nn, functional = torch.nn, torch.nn.functional
    t = torch.from_numpy(T)
    modules = [
        *(nn.ReLU(), nn.LeakyReLU(0.2), nn.PReLU(dtype=torch.float64), nn.GELU(), nn.GELU("tanh")),
        *(nn.SiLU(), nn.Softplus(), nn.Softplus(2.0), nn.LogSigmoid(), nn.ELU(0.5), nn.CELU(0.7)),
        *(nn.SELU(), nn.Mish(), nn.Tanh(), nn.Hardtanh(-2, 1), nn.Softshrink(), nn.Hardshrink(0.3)),
        *(nn.Sigmoid(), nn.Hardsigmoid(), nn.Hardswish(), nn.Softsign(), nn.Tanhshrink()),
        *(nn.ReLU6(), nn.Identity(), nn.ELU(), nn.CELU(), nn.Hardtanh()),
    ]
    for module in modules:
        with torch.no_grad():
            assert np.allclose(find_activation(module)(T), module(t).numpy(), rtol=0, atol=4e-9)
        assert find_activation(type(module)).parts_are == "exact"
    for name in ("relu", "tanh", "sigmoid", "abs", "erf", "sin", "cos", "sign", "square"):
        function = getattr(torch, name)
        assert np.allclose(find_activation(function)(T), function(t).numpy(), atol=1e-12)
    for name in ("gelu", "silu", "mish", "elu", "selu", "celu", "leaky_relu", "hardtanh", "relu6"):
        function = getattr(functional, name)
        assert np.allclose(find_activation(function)(T), function(t).numpy(), atol=1e-12)
    assert find_activation(nn.ELU()).name == "elu"
    with pytest.raises(UnsupportedActivationError, match="by its name"):
        find_activation(None)
    for bad, words in (
        (nn.Softmax(dim=0), "each number separately"),
        (nn.PReLU(3), "3 slopes"),
        (nn.Linear(2, 2), "not among"),
        (nn.Softplus(1, 2), "threshold 2"),
        (functional.softmax, "from_callable"),
    ):
        with pytest.raises(UnsupportedActivationError, match=words):
            find_activation(bad)
    slope = Activation.from_callable(nn.PReLU())
    assert (str(slope.odd_part), slope.has_even_part) == ("linear", True)
    both = nn.Sequential(nn.Tanh(), nn.PReLU())
    assert Activation.from_callable(both, name="both").has_odd_part
    assert both[1].weight.dtype == torch.float32
    coarse = Activation.from_callable(lambda x: functional.gelu(x.float()), name="coarse")
    assert (str(coarse.odd_part), coarse.has_even_part) == ("linear", True)
    for layer in (nn.Softmax(dim=0), nn.Dropout(), nn.LayerNorm(2, elementwise_affine=False)):
        with pytest.raises(UnsupportedActivationError, match=r"entry-by-entry|each number"):
            Activation.from_callable(layer)
    with pytest.raises(UnsupportedActivationError, match="detach"):
        slope(torch.ones(2, requires_grad=True))
    mine = Activation.from_callable(lambda x: torch.tanh(x) + x**2, name="mine")
    assert (str(mine.even_part), mine.has_odd_part) == ("degree 2", True)


@pytest.mark.parametrize(
    ("even", "odd"),
    [(1, None), ("a", 1), (10**400, 1), (1j, 0), (np.nan, 1), (np.ones(2), 1), (0, 0)],
)
def test_two_numbers_are_finite_and_real(even: Any, odd: Any) -> None:
    with pytest.raises(UnsupportedActivationError, match=r"a\|t\| \+ bt needs finite numbers"):
        Activation("x", even, odd)


@pytest.mark.parametrize("name", ["a\x01", "", "two\nlines", "\ud800", 3])
def test_names_can_be_printed(name: Any) -> None:
    with pytest.raises(UnsupportedActivationError, match="without control characters"):
        Activation.from_callable(np.tanh, name=name)
    with pytest.raises(UnsupportedActivationError, match="without control characters"):
        Activation(name, 1.0, 0.0)


def test_names_survive_graphml() -> None:
    f = Activation.from_callable(np.tanh, name="σ <&> 'own' f(t)")
    graph = tk.interaction_graph(tk.group("C4").regular_module(), f)
    assert from_graphml(to_graphml(graph)).graph["activation"] == f.name


@pytest.mark.parametrize("kinks", [0, ("a",), (np.nan,), (1, np.inf), (10**400,), "0", None])
def test_kinks_are_finite_numbers(kinks: Any) -> None:
    with pytest.raises(UnsupportedActivationError, match="kinks must be finite numbers"):
        Activation.from_callable(np.abs, kinks=kinks, name="own")


def test_kinks_rise_and_are_kept_once() -> None:
    f = Activation.from_callable(lambda t: abs(t) + abs(t - 1), kinks=(1, 0, -0.0, 1.0), name="own")
    assert f.kinks == (0.0, 1.0)
    assert Activation.from_callable(np.abs, kinks=np.zeros(2)).kinks == (0.0,)  # type: ignore[arg-type]


@pytest.mark.parametrize("stated", [3, ["zero"], "degree \u00b2", ""])
def test_parts_are_stated_in_known_words(stated: Any) -> None:
    for parts in ({"even": stated}, {"odd": stated}):
        with pytest.raises(
            UnsupportedActivationError, match="a part must be stated as a ParityPart"
        ):
            Activation.from_callable(np.tanh, **parts)


def test_refused_values_are_shown_in_short() -> None:
    assert shown(10**400) == "1.00e400"
    assert shown(1 << 20_000) == "an integer of 20001 bits"
    assert shown([1 << 20_000]) == "such a list"
    assert len(shown(list(range(1000)))) == 60


def test_the_old_name_of_parity_parts() -> None:
    from toolkit.pl.activations import parity_parts

    with pytest.warns(DeprecationWarning, match="now ParityPart"):
        old = parity_parts.Part
    assert old is ParityPart
    with pytest.raises(AttributeError, match="no attribute 'Whole'"):
        _ = parity_parts.Whole
