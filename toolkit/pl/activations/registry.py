r"""The named activations, one row each, with all that the toolkit knows of them.

A row gives the parity parts, kinks, affine pieces, the dual function, the function on numpy arrays
and where torch has it. What else to do for a new one stands in ``docs/building/extend.md``.

**Why the parity parts are as stated.** An even or odd part that grows more slowly than any power
and is not constant, or that fails to be differentiable (often enough) somewhere, is not a
polynomial. GELU, SiLU, softplus and logsigmoid differ from an even function by t/2, because
Phi(t) + Phi(-t) = 1, sigmoid(t) + sigmoid(-t) = 1 and log(1 + e^t) - log(1 + e^-t) = t; so do
GELU by tanh, and hardswish, whose even part is t^2/6 up to \|t\| = 3 and then \|t\|/2.

**Why a remainder is free** (p(s t) for different s > 0 are independent modulo polynomials).
Consider the greatest s of a relation. If p has a singular point other than 0 (a kink, or a pole or
branch point in the complex plane, p being continued from t > 0 if it has a kink at 0), p(s t) has
one nearer to 0 than all others. Poles or branch points: tanh, sigmoid, SiLU, mish, softplus,
softsign, tanhshrink. Kinks: hardtanh, the shrinks, ReLU6, hardswish. For erf, GELU, ELU and its
relatives, sin and cos their growth or decay in some direction distinguishes the scales.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np

from toolkit.errors import UnsupportedActivationError
from toolkit.pl.activations import numpy_functions as functions
from toolkit.pl.activations import torch_functions as tensors
from toolkit.pl.activations.parity_parts import ParityPart
from toolkit.pl.activations.torch_functions import Torch
from toolkit.pl.gaussian import closed_duals as gaussian

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

T = TypeVar("T")
#: The even and the odd part, or the numbers a and b of a|t| + bt.
Parts: TypeAlias = tuple[ParityPart, ParityPart] | tuple[float, float]
#: Slopes and intercepts between the kinks, from the left.
Pieces: TypeAlias = tuple[tuple[float, ...], tuple[float, ...]]

_LARGEST_DEGREE = 30


@dataclass(frozen=True, eq=False)
class Row:
    """One activation, or one for each choice of its parameters.

    Parameters
    ----------
    name
        Its name.
    parts, kinks, pieces, coefficients
        The parity parts, or a and b of a|t| + bt; where f is not analytic; the affine pieces
        (``None`` if f is not piecewise affine, or parts or coefficients give them); the
        coefficients of a polynomial, the constant first, which give all else. Each a value, or a
        function of the parameters.
    function
        f on float64 arrays, the parameters as keywords; ``None`` if a and b or coefficients give
        it.
    parameters
        Names and default values.
    dual
        kappa(t, variance) in closed form; ``None`` for quadrature. Rows with parameters have none.
    torch
        Where torch has it.
    aliases
        Other names.
    check
        Refuses parameters out of range, and returns the others as f takes them.
    same_as
        Pairs of parameters and the name of the other row that they lead to.
    title
        How it is written, given its parameters; by default as name(...).
    """

    name: str
    parts: Parts | Callable[..., Parts] | None = None
    function: Callable[..., Floats] | None = None
    parameters: tuple[tuple[str, float], ...] = ()
    kinks: tuple[float, ...] | Callable[..., tuple[float, ...]] = ()
    pieces: Pieces | Callable[..., Pieces] | None = None
    dual: Callable[[Floats, float], Floats] | None = None
    coefficients: tuple[float, ...] | Callable[..., tuple[float, ...]] | None = None
    torch: Torch = field(default_factory=Torch)
    aliases: tuple[str, ...] = ()
    check: Callable[..., tuple[float, ...]] | None = None
    same_as: tuple[tuple[tuple[float, ...], str], ...] = ()
    title: Callable[..., str] | None = None

    @property
    def defaults(self) -> tuple[float, ...]:
        """The default values of the parameters."""
        return tuple(default for _, default in self.parameters)


@dataclass(frozen=True)
class Named:
    """A row and the values of its parameters.

    Parameters
    ----------
    title
        The name with the parameters that were given.
    row
        The row.
    numbers
        All parameters.
    """

    title: str
    row: Row
    numbers: tuple[float, ...] = ()

    def _at(self, value: Callable[..., T] | T) -> T:
        return value(*self.numbers) if callable(value) else value

    @property
    def coefficients(self) -> tuple[float, ...] | None:
        """Coefficients of a polynomial, the constant first; ``None`` for other rows."""
        return self._at(self.row.coefficients)

    @property
    def parts(self) -> Parts:
        """The parity parts, or a and b of a|t| + bt."""
        if self.coefficients is not None:
            terms = dict(enumerate(self.coefficients))
            return (
                ParityPart.polynomial({d: c for d, c in terms.items() if d % 2 == 0}),
                ParityPart.polynomial({d: c for d, c in terms.items() if d % 2}),
            )
        parts = self._at(self.row.parts)
        assert parts is not None
        return parts

    @property
    def kinks(self) -> tuple[float, ...]:
        """Where f is not analytic."""
        return self._at(self.row.kinks)

    @property
    def pieces(self) -> Pieces | None:
        """Slopes and intercepts between the kinks; ``None`` if there are none, or not here."""
        return self._at(self.row.pieces)

    @property
    def function(self) -> Callable[[Floats], Floats] | None:
        """The function on arrays; ``None`` for a|t| + bt."""
        if self.coefficients is not None:
            return partial(functions.polynomial, coefficients=self.coefficients)
        if self.row.function is None or not self.row.parameters:
            return self.row.function
        return partial(self.row.function, **self._keywords)

    @property
    def dual(self) -> Callable[[Floats, float], Floats] | None:
        """Kappa in closed form; ``None`` for a|t| + bt, or if there is none."""
        if self.coefficients is not None:
            return partial(gaussian.dual_of_polynomial, coefficients=self.coefficients)
        return self.row.dual

    @property
    def _keywords(self) -> dict[str, float]:
        names = (name for name, _ in self.row.parameters)
        return dict(zip(names, self.numbers, strict=True))

    def on_tensors(self) -> Callable[[Any], Any] | None:
        """Return the function of torch tensors; ``None`` if a and b or coefficients give it."""
        return None if self.row.torch.function is None else self.row.torch.made(self._keywords)


# -- rows -----------------------------------------------------------------------------------------

_NONE, _LINEAR, _FREE = ParityPart(), ParityPart(((1, 0.5),)), ParityPart((), "free")
_HALF = ParityPart(((0, 0.5),))
_ODD, _EVEN, _BOTH = (_NONE, _FREE), (_FREE, _NONE), (_FREE, _FREE)
_GATED, _SHIFTED = (_FREE, _LINEAR), (_HALF, _FREE)
_JUMP = ParityPart((), "homogeneous", 0)


def _positive(head: str, parameter: str) -> Callable[[float], tuple[float]]:
    def check(value: float) -> tuple[float]:
        if value <= 0:
            raise UnsupportedActivationError(f"{head} needs a positive {parameter}, not {value:g}")
        return (value,)

    return check


def _degree(head: str, least: int) -> Callable[[float], tuple[int]]:
    def check(value: float) -> tuple[int]:
        if value != int(value) or not least <= value <= _LARGEST_DEGREE:
            raise UnsupportedActivationError(
                f"{head} needs a whole number from {least} to {_LARGEST_DEGREE} as its degree, "
                f"not {value:g}"
            )
        return (int(value),)

    return check


def _ordered(least: float, greatest: float) -> tuple[float, float]:
    if least >= greatest:
        raise UnsupportedActivationError(
            f"hardtanh needs its least value below its greatest, found {least:g} and {greatest:g}"
        )
    return least, greatest


def _coefficients(*numbers: float) -> tuple[float, ...]:
    if not any(numbers) or len(numbers) > _LARGEST_DEGREE + 1:
        raise UnsupportedActivationError(
            f"a polynomial needs 1 to {_LARGEST_DEGREE + 1} coefficients, the constant first, "
            f"not all of them 0; found {len(numbers)}"
        )
    return numbers


def _power_of_relu(degree: int) -> tuple[ParityPart, ParityPart]:
    smooth, kinked = ParityPart(((degree, 0.5),)), ParityPart((), "homogeneous", degree)
    return (smooth, kinked) if degree % 2 == 0 else (kinked, smooth)


def _low_threshold(module: Any) -> str:  # noqa: ANN401 - a torch module
    return (
        f"torch.nn.Softplus with threshold {module.threshold:g} jumps where it turns linear: "
        "use 20 or more"
        if module.threshold < 20
        else ""
    )


def _homogeneous(slope: float) -> tuple[float, float]:
    return (1 - slope) / 2, (1 + slope) / 2


# fmt: off
_ROWS = (
    Row("relu", (0.5, 0.5), torch=Torch("nn.functional.relu", "ReLU")),
    Row("abs", (1.0, 0.0), torch=Torch("abs", names=("absolute",)),
        aliases=("|.|", "|t|", "|x|", "absolute")),
    Row("leaky_relu", _homogeneous, parameters=(("slope", 0.01),), aliases=("leakyrelu",),
        torch=Torch("nn.functional.leaky_relu", "LeakyReLU", ("negative_slope",))),
    Row("prelu", _homogeneous, parameters=(("slope", 0.25),),
        torch=Torch(None, "PReLU", ("weight",), trained="init")),
    Row("gelu", _GATED, functions.gelu, dual=gaussian.dual_of_gelu,
        torch=Torch("nn.functional.gelu", "GELU", requires=(("approximate", "none"),))),
    Row("gelu_tanh", _GATED, functions.gelu_tanh, aliases=("gelutanh",),
        torch=Torch("nn.functional.gelu", "GELU", fixed=(("approximate", "tanh"),),
                    requires=(("approximate", "tanh"),))),
    Row("silu", _GATED, functions.silu, torch=Torch("nn.functional.silu", "SiLU"),
        aliases=("swish",)),
    # torch turns linear at beta t = threshold, where 1e-18 is all that is lost
    Row("softplus", _GATED, functions.softplus, (("beta", 1.0),),
        check=_positive("softplus", "beta"),
        torch=Torch("nn.functional.softplus", "Softplus", ("beta",), fixed=(("threshold", 40.0),),
                    refused=_low_threshold)),
    Row("logsigmoid", _GATED, functions.logsigmoid, aliases=("log_sigmoid",),
        torch=Torch("nn.functional.logsigmoid", "LogSigmoid")),
    Row("elu", _BOTH, functions.elu, (("alpha", 1.0),), kinks=(0.0,),
        check=_positive("elu", "alpha"), same_as=(((0.0,), "relu"),),
        torch=Torch("nn.functional.elu", "ELU", ("alpha",))),
    Row("celu", _BOTH, functions.celu, (("alpha", 1.0),), kinks=(0.0,),
        check=_positive("celu", "alpha"), torch=Torch("nn.functional.celu", "CELU", ("alpha",))),
    Row("selu", _BOTH, functions.selu, kinks=(0.0,), torch=Torch("nn.functional.selu", "SELU")),
    Row("mish", _BOTH, functions.mish, torch=Torch("nn.functional.mish", "Mish")),
    Row("tanh", _ODD, np.tanh, torch=Torch("tanh", "Tanh")),
    Row("hardtanh", lambda least, greatest: _ODD if least == -greatest else _BOTH,
        functions.clip, (("least", -1.0), ("greatest", 1.0)),
        kinks=lambda least, greatest: (least, greatest),
        pieces=lambda least, greatest: ((0.0, 1.0, 0.0), (least, 0.0, greatest)),
        check=_ordered, aliases=("hard_tanh",),
        torch=Torch("nn.functional.hardtanh", "Hardtanh", ("min_val", "max_val"))),
    Row("erf", _ODD, functions.erf, dual=gaussian.dual_of_erf, torch=Torch("erf")),
    Row("sin", _ODD, np.sin, dual=gaussian.dual_of_sin, torch=Torch("sin"), aliases=("sine",)),
    Row("cos", _EVEN, np.cos, dual=gaussian.dual_of_cos, torch=Torch("cos"), aliases=("cosine",)),
    Row("softshrink", _ODD, functions.softshrink, (("width", 0.5),),
        kinks=lambda width: (-width, width),
        pieces=lambda width: ((1.0, 0.0, 1.0), (width, 0.0, -width)),
        check=_positive("softshrink", "width"), same_as=(((0.0,), "identity"),),
        torch=Torch("nn.functional.softshrink", "Softshrink", ("lambd",))),
    Row("hardshrink", _ODD, functions.hardshrink, (("width", 0.5),),
        kinks=lambda width: (-width, width), pieces=((1.0, 0.0, 1.0), (0.0, 0.0, 0.0)),
        check=_positive("hardshrink", "width"), same_as=(((0.0,), "identity"),),
        torch=Torch("nn.functional.hardshrink", "Hardshrink", ("lambd",))),
    Row("sigmoid", _SHIFTED, functions.sigmoid,
        torch=Torch("sigmoid", "Sigmoid", names=("expit",))),
    Row("hardsigmoid", _SHIFTED, functions.hardsigmoid, kinks=(-3.0, 3.0),
        pieces=((0.0, 1 / 6, 0.0), (0.0, 0.5, 1.0)), aliases=("hard_sigmoid",),
        torch=Torch("nn.functional.hardsigmoid", "Hardsigmoid")),
    Row("hardswish", _GATED, functions.hardswish, kinks=(-3.0, 3.0), aliases=("hard_swish",),
        torch=Torch("nn.functional.hardswish", "Hardswish")),
    Row("softsign", _ODD, functions.softsign, kinks=(0.0,),
        torch=Torch("nn.functional.softsign", "Softsign")),
    Row("tanhshrink", _ODD, functions.tanhshrink,
        torch=Torch("nn.functional.tanhshrink", "Tanhshrink")),
    Row("relu6", _BOTH, partial(functions.clip, least=0.0, greatest=6.0), kinks=(0.0, 6.0),
        pieces=((0.0, 1.0, 0.0), (0.0, 0.0, 6.0)), torch=Torch("nn.functional.relu6", "ReLU6")),
    Row("relu_squared", _power_of_relu(2), partial(functions.relu_power, degree=2), kinks=(0.0,),
        dual=gaussian.dual_of_relu_squared, torch=Torch(partial(tensors.relu_power, degree=2)),
        aliases=("relu2", "relu^2", "squaredrelu", "squared_relu", "relusquared")),
    Row("relu_power", _power_of_relu, functions.relu_power, (("degree", 3.0),), kinks=(0.0,),
        check=_degree("relu_power", 1), torch=Torch(tensors.relu_power),
        same_as=(((1.0,), "relu"), ((2.0,), "relu_squared"))),
    Row("square", coefficients=(0.0, 0.0, 1.0), torch=Torch("square")),
    Row("cube", coefficients=(0.0, 0.0, 0.0, 1.0)),
    Row("power", coefficients=lambda degree: (*[0.0] * degree, 1.0),
        parameters=(("degree", 2.0),), check=_degree("power", 0),
        title=lambda degree: f"t^{degree}"),
    Row("identity", (0.0, 1.0), torch=Torch(module="Identity"), aliases=("linear", "id")),
    Row("sign", (_NONE, _JUMP), np.sign, kinks=(0.0,), pieces=((0.0, 0.0), (-1.0, 1.0)),
        dual=gaussian.dual_of_sign, torch=Torch("sign", names=("sgn",)), aliases=("sgn",)),
    Row("heaviside", (_HALF, _JUMP), functions.heaviside, kinks=(0.0,),
        pieces=((0.0, 0.0), (0.0, 1.0)), dual=gaussian.dual_of_heaviside,
        torch=Torch(tensors.heaviside), aliases=("step",)),
)
# fmt: on
_POLYNOMIAL = Row("polynomial", coefficients=lambda *c: c, check=_coefficients, aliases=("poly",))

#: The named activations; ``t^d`` and ``polynomial(c0, c1, ...)`` are names as well.
ACTIVATIONS: dict[str, Row] = {row.name: row for row in _ROWS}

# -- names ----------------------------------------------------------------------------------------

_POWER = re.compile(r"[tx](?:\^|\*\*)(\d+)")


def read_name(text: str) -> Named:
    """Return the row that a name means, and its numbers.

    Parameters
    ----------
    text
        See :func:`known_name`.

    Raises
    ------
    UnsupportedActivationError
        If there is no such name, or its numbers are too many or out of range.
    """
    named = known_name(text)
    if named is None:
        raise unknown_name(text)
    return named


def known_name(text: str) -> Named | None:
    """Return the row that a name means, and its numbers; ``None`` if it is no name.

    Parameters
    ----------
    text
        A key of :data:`ACTIVATIONS` or an alias, numbers in brackets replacing its defaults;
        ``"t^3"``; ``"polynomial(1, 0, 2)"`` for 1 + 2t^2. ``"relu(x)"`` is ``"relu"``.

    Raises
    ------
    UnsupportedActivationError
        If its numbers are too many or out of range.

    Examples
    --------
    >>> named = known_name("Hard-Tanh(-2, 2)")
    >>> named.title, named.row.name, named.kinks
    ('hardtanh(-2,2)', 'hardtanh', (-2.0, 2.0))
    >>> known_name("x + 1") is None
    True
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
    row = _row(head.replace("-", "_"))
    if row is not None and (not bracket or rest.endswith(")")):
        try:
            numbers = [float(x) for x in rest[:-1].split(",")] if bracket else []
        except ValueError:
            numbers = [math.nan]
        if all(map(math.isfinite, numbers)) and (not bracket or numbers):
            return _with_numbers(row, tuple(numbers))
    if row is not None and row is not _POLYNOMIAL and rest in ("x)", "t)"):
        return _with_numbers(row, ())
    return None


def unknown_name(text: str) -> UnsupportedActivationError:
    """Return the error for a text that is no name, with the name that may have been meant."""
    head = text.strip().lower().partition("(")[0].replace("-", "_").replace(" ", "")
    rows = (*ACTIVATIONS.values(), _POLYNOMIAL)
    known = {name: row.name for row in rows for name in (row.name, *row.aliases)}
    close = difflib.get_close_matches(head, known, 1, 0.66)
    meant = f" (did you mean {known[close[0]]}?)" if close and known[close[0]] != head else ""
    return UnsupportedActivationError(
        f"no activation is called {text[:40]!r}{meant}: use relu, abs, leaky_relu or "
        f"leaky_relu(slope), {', '.join(n for n in ACTIVATIONS if n not in _FIRST)}, t^3, "
        "polynomial(c0,c1,...), or a formula in x such as max(x,0) + x^2/10"
    )


_FIRST = ("relu", "abs", "leaky_relu")


def _row(head: str) -> Row | None:
    if head in ACTIVATIONS:
        return ACTIVATIONS[head]
    rows = (*ACTIVATIONS.values(), _POLYNOMIAL)
    return next((row for row in rows if head == row.name or head in row.aliases), None)


def _with_numbers(row: Row, numbers: tuple[float, ...]) -> Named:
    if row is _POLYNOMIAL:
        values = numbers
    elif len(numbers) > len(row.parameters):
        takes = ", ".join(p for p, _ in row.parameters) or "no numbers"
        raise UnsupportedActivationError(f"{row.name} takes {takes}, found {len(numbers)} numbers")
    else:
        values = (*numbers, *row.defaults[len(numbers) :])
    title = row.name + (f"({','.join(map(_short, numbers))})" if numbers else "")
    other = dict(row.same_as).get(values)
    if other is not None:
        return Named(title, ACTIVATIONS[other], ACTIVATIONS[other].defaults)
    if row.check is not None:
        values = row.check(*values)
    return Named(title if row.title is None else row.title(*values), row, values)


def _short(x: float) -> str:
    """Return the number in the fewest digits that give it exactly: names are kept and sent."""
    return f"{x:g}" if float(f"{x:g}") == x else repr(x)
