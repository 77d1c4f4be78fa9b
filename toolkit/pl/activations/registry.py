r"""The named activations: their functions, parts, kinks and dual functions.

**Why the parts are what is said.** An even or odd part that grows more slowly than any power and
is not constant, or that is not differentiable (often enough) somewhere, is no polynomial. GELU,
SiLU, softplus and logsigmoid differ from an even function by t/2, because
Phi(t) + Phi(-t) = 1, sigmoid(t) + sigmoid(-t) = 1 and log(1 + e^t) - log(1 + e^-t) = t; so do
GELU by tanh, and hardswish, whose even part is t^2/6 up to \|t\| = 3 and then \|t\|/2.

**Why a rest is free** (p(s t) for different s > 0 are independent modulo polynomials). Look at the
greatest s of a relation. If p has a singular point other than 0 (a kink, or a pole or branch point
in the complex plane, where p is meant on t > 0 if it has a kink at 0), p(s t) has one nearer to 0
than all others. Poles or branch points: tanh, sigmoid, SiLU, mish, softplus, softsign, tanhshrink.
Kinks: hardtanh, the shrinks, ReLU6, hardswish. For erf, GELU, ELU and its kin, sin and cos it is
their growth or decay in some direction that tells the scales apart.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from toolkit.errors import UnsupportedActivationError
from toolkit.pl.activations.activation import Activation
from toolkit.pl.activations.parity_parts import Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray["np.float64"]  # type: ignore[name-defined]

__all__ = ["NAMES", "activation_named"]

_LINEAR, _FREE = Part(((1, 0.5),)), Part((), "free")

#: Every name, with what its parameters mean and are by default.
NAMES: dict[str, tuple[tuple[str, float], ...]] = {
    "relu": (),
    "abs": (),
    "leaky_relu": (("slope", 0.01),),
    "prelu": (("slope", 0.25),),
    "gelu": (),
    "gelu_tanh": (),
    "silu": (),
    "softplus": (("beta", 1.0),),
    "logsigmoid": (),
    "elu": (("alpha", 1.0),),
    "celu": (("alpha", 1.0),),
    "selu": (),
    "mish": (),
    "tanh": (),
    "hardtanh": (("least", -1.0), ("greatest", 1.0)),
    "erf": (),
    "sin": (),
    "cos": (),
    "softshrink": (("width", 0.5),),
    "hardshrink": (("width", 0.5),),
    "sigmoid": (),
    "hardsigmoid": (),
    "hardswish": (),
    "softsign": (),
    "tanhshrink": (),
    "relu6": (),
    "relu_squared": (),
    "relu_power": (("degree", 3.0),),
    "square": (),
    "cube": (),
    "power": (("degree", 2.0),),
    "identity": (),
    "sign": (),
    "heaviside": (),
}
_ALIASES = {
    "|.|": "abs",
    "|t|": "abs",
    "|x|": "abs",
    "absolute": "abs",
    "leakyrelu": "leaky_relu",
    "gelutanh": "gelu_tanh",
    "swish": "silu",
    "relu2": "relu_squared",
    "relu^2": "relu_squared",
    "squaredrelu": "relu_squared",
    "squared_relu": "relu_squared",
    "relusquared": "relu_squared",
    "log_sigmoid": "logsigmoid",
    "hard_tanh": "hardtanh",
    "hard_sigmoid": "hardsigmoid",
    "hard_swish": "hardswish",
    "sine": "sin",
    "cosine": "cos",
    "step": "heaviside",
    "sgn": "sign",
    "linear": "identity",
    "id": "identity",
    "poly": "polynomial",
}
_CALL = re.compile(r"([a-z_^0-9|.]*[a-z_|.2])(?:\((.*)\))?")
_POWER = re.compile(r"[tx](?:\^|\*\*)(\d+)")
_LARGEST_DEGREE = 30


def activation_named(text: str) -> Activation:
    """Return the activation of this name.

    See :func:`toolkit.pl.activations.activation.find_activation`.

    Parameters
    ----------
    text
        A name of :data:`NAMES`, numbers in brackets replacing its defaults; ``"t^3"``;
        ``"polynomial(1, 0, 2)"`` for 1 + 2t^2.

    Examples
    --------
    >>> activation_named("polynomial(1, 0, 2)").coefficients, activation_named("t^4").name
    ((1.0, 0.0, 2.0), 't^4')
    """
    name = text.strip().lower().replace(" ", "").replace("-", "_", 1 if "(" not in text else 0)
    power = _POWER.fullmatch(name)
    if power:
        if len(power[1]) > 3:
            raise UnsupportedActivationError(
                f"{text.strip():.20} has too high a degree: powers go up to {_LARGEST_DEGREE}"
            )
        name = f"power({power[1]})"
    head, bracket, rest = name.partition("(")
    head = head.replace("-", "_")
    head = _ALIASES.get(head, head)
    if (head in NAMES or head == "polynomial") and (not bracket or rest.endswith(")")):
        try:
            numbers = [float(x) for x in rest[:-1].split(",")] if bracket else []
        except ValueError:
            numbers = [math.nan]
        if all(map(math.isfinite, numbers)) and (not bracket or numbers):
            return _with_numbers(head, numbers)
    raise UnsupportedActivationError(
        f"no activation is called {text[:40]!r}: use relu, abs, leaky_relu or "
        f"leaky_relu(slope), {', '.join(n for n in NAMES if n not in _FIRST)}, t^3 or "
        "polynomial(c0,c1,...)"
    )


_FIRST = ("relu", "abs", "leaky_relu")


def _with_numbers(head: str, numbers: list[float]) -> Activation:
    if head == "polynomial":
        if not any(numbers) or len(numbers) > _LARGEST_DEGREE + 1:
            raise UnsupportedActivationError(
                f"a polynomial needs 1 to {_LARGEST_DEGREE + 1} coefficients, the constant first, "
                f"not all of them 0; found {len(numbers)}"
            )
        return _polynomial(f"polynomial({','.join(map(_short, numbers))})", tuple(numbers))
    parameters = NAMES[head]
    if len(numbers) > len(parameters):
        takes = ", ".join(p for p, _ in parameters) or "no numbers"
        raise UnsupportedActivationError(f"{head} takes {takes}, found {len(numbers)} numbers")
    values = [*numbers, *(default for _, default in parameters[len(numbers) :])]
    title = head + (f"({','.join(map(_short, numbers))})" if numbers else "")
    return _made(head, title, tuple(values))


def _short(x: float) -> str:
    """Return the number in as few digits as say it exactly: names are kept and sent."""
    return f"{x:g}" if float(f"{x:g}") == x else repr(x)


@lru_cache(maxsize=256)
def _made(head: str, title: str, p: tuple[float, ...]) -> Activation:
    """Return one object for one name, so that its quadratures are done once."""
    from toolkit.pl.gaussian import closed_forms as gaussian

    match head:
        case "relu":
            return Activation(title, 0.5, 0.5)
        case "abs":
            return Activation(title, 1.0, 0.0)
        case "leaky_relu" | "prelu":
            return Activation(title, (1 - p[0]) / 2, (1 + p[0]) / 2)
        case "identity":
            return Activation(title, 0.0, 1.0)
        case "square":
            return _polynomial(title, (0.0, 0.0, 1.0))
        case "cube":
            return _polynomial(title, (0.0, 0.0, 0.0, 1.0))
        case "power":
            d = _degree(head, p[0], 0)
            return _polynomial(f"t^{d}", (*[0.0] * d, 1.0))
        case "relu_power" | "relu_squared":
            return _relu_power(title, _degree(head, p[0], 1) if p else 2)
        case "sign":
            dual, part = gaussian.dual_of_sign, Part((), "homogeneous", 0)
            return Activation(
                title, Part(), part, function=_numpy("sign"), kinks=(0.0,), closed_dual=dual
            )
        case "heaviside":
            return Activation(
                title,
                Part(((0, 0.5),)),
                Part((), "homogeneous", 0),
                function=_step,
                kinks=(0.0,),
                closed_dual=gaussian.dual_of_heaviside,
            )
    return _free(head, title, p)


def _free(head: str, title: str, p: tuple[float, ...]) -> Activation:
    """Return an activation whose part that is no polynomial is free."""
    from toolkit.pl.activations import numpy_functions as functions
    from toolkit.pl.gaussian import closed_forms as gaussian

    odd, even = (Part(), _FREE), (_FREE, Part())
    gated, both = (_FREE, _LINEAR), (_FREE, _FREE)
    shifted = (Part(((0, 0.5),)), _FREE)

    def make(
        parts: tuple[Part, Part],
        function: Callable[..., Floats],
        kinks: tuple[float, ...] = (),
        dual: Callable[[Floats, float], Floats] | None = None,
    ) -> Activation:
        return Activation(title, *parts, function=function, kinks=kinks, closed_dual=dual)

    match head:
        case "gelu":
            return make(gated, functions.gelu, dual=gaussian.dual_of_gelu)
        case "gelu_tanh" | "silu":
            return make(gated, getattr(functions, head))
        case "softplus":
            beta = _positive(head, "beta", p[0])
            return make(gated, partial(functions.softplus, beta=beta))
        case "logsigmoid":
            return make(gated, functions.logsigmoid)
        case "elu" | "celu":
            if p[0] == 0 and head == "elu":
                return Activation(title, 0.5, 0.5)
            alpha = _positive(head, "alpha", p[0])
            return make(both, partial(getattr(functions, head), alpha=alpha), (0.0,))
        case "selu":
            return make(both, functions.selu, (0.0,))
        case "mish":
            return make(both, functions.mish)
        case "tanh":
            return make(odd, _numpy("tanh"))
        case "erf":
            return make(odd, functions.erf, dual=gaussian.dual_of_erf)
        case "sin":
            return make(odd, _numpy("sin"), dual=gaussian.dual_of_sin)
        case "cos":
            return make(even, _numpy("cos"), dual=gaussian.dual_of_cos)
        case "softshrink" | "hardshrink":
            width = p[0]
            if width == 0:
                return Activation(title, 0.0, 1.0)
            _positive(head, "width", width)
            return make(odd, partial(getattr(functions, head), width=width), (-width, width))
        case "sigmoid":
            return make(shifted, functions.sigmoid)
        case "hardsigmoid":
            return make(shifted, functions.hardsigmoid, (-3.0, 3.0))
        case "hardswish":
            return make(gated, functions.hardswish, (-3.0, 3.0))
        case "softsign":
            return make(odd, functions.softsign, (0.0,))
        case "tanhshrink":
            return make(odd, functions.tanhshrink)
        case "relu6":
            return make(both, partial(_clip, least=0.0, greatest=6.0), (0.0, 6.0))
    least, greatest = p
    if least >= greatest:
        raise UnsupportedActivationError(
            f"hardtanh needs its least value below its greatest, found {least:g} and {greatest:g}"
        )
    parts = odd if least == -greatest else both
    return make(parts, partial(_clip, least=least, greatest=greatest), (least, greatest))


@lru_cache(maxsize=256)
def _polynomial(title: str, coefficients: tuple[float, ...]) -> Activation:
    from toolkit.pl.activations.numpy_functions import polynomial
    from toolkit.pl.gaussian.closed_forms import dual_of_polynomial

    terms = dict(enumerate(coefficients))
    return Activation(
        title,
        Part.polynomial({d: c for d, c in terms.items() if d % 2 == 0}),
        Part.polynomial({d: c for d, c in terms.items() if d % 2}),
        function=partial(polynomial, coefficients=coefficients),
        closed_dual=partial(dual_of_polynomial, coefficients=coefficients),
    )


def _relu_power(title: str, degree: int) -> Activation:
    from toolkit.pl.activations.numpy_functions import relu_power
    from toolkit.pl.gaussian.closed_forms import dual_of_relu_squared

    if degree == 1:
        return Activation(title, 0.5, 0.5)
    smooth, kinked = Part(((degree, 0.5),)), Part((), "homogeneous", degree)
    parts = (smooth, kinked) if degree % 2 == 0 else (kinked, smooth)
    return Activation(
        title,
        *parts,
        function=partial(relu_power, degree=degree),
        kinks=(0.0,),
        closed_dual=dual_of_relu_squared if degree == 2 else None,
    )


def _degree(head: str, value: float, least: int) -> int:
    if value != int(value) or not least <= value <= _LARGEST_DEGREE:
        raise UnsupportedActivationError(
            f"{head} needs a whole number from {least} to {_LARGEST_DEGREE} as its degree, "
            f"not {value:g}"
        )
    return int(value)


def _positive(head: str, parameter: str, value: float) -> float:
    if value <= 0:
        raise UnsupportedActivationError(f"{head} needs a positive {parameter}, not {value:g}")
    return value


def _numpy(name: str) -> Callable[[Floats], Floats]:
    import numpy as np

    function: Callable[[Floats], Floats] = getattr(np, name)
    return function


def _clip(t: Floats, least: float, greatest: float) -> Floats:
    import numpy as np

    return np.clip(t, least, greatest)


def _step(t: Floats) -> Floats:
    import numpy as np

    return np.heaviside(t, 0.5)
