"""Activations: names, formulas and numbers."""

from __future__ import annotations

import math

from hostile.case import Broken, Case, World, command
from hostile.text import almost

_TEXTS = (
    "relu", "abs", "leaky_relu(0.1)", "gelu", "max(x,0) + x^2/10", "polynomial(1,0,2)", "t^3",
    "sin(x) + cos(2*x)", "tanh(x/3)", "exp(-x^2)", "x*sigmoid(x)", "|x|", "min(max(x,-1),1)",
    "sqrt(x^2+1)", "1/(1+exp(-x))", "log(1+exp(x))", "sign(x)*x^2", "relu6", "hardtanh", "erf(x)",
    "softplus(x) - log(2)",
)  # fmt: skip
_ALPHABET = "xtabsmaxlogsinp()+-*/^,.|0123456789 e"


def case(world: World) -> Case:
    """Return an activation, and ask for its parts and a value."""
    random = world.random
    text = almost(random, _TEXTS, _ALPHABET, (" + ", "*", "^", "("))
    if random.random() < 0.2:
        words = ("graph", "C4", f"--activation={text}", "--json")
        return Case(f"plrep graph C4 --activation={text!r}", lambda: command(*words))
    return Case(f"find_activation({text!r})", lambda: _ask(text))


def _ask(text: str) -> None:
    from toolkit.pl.activations.activation import find_activation

    f = find_activation(text)
    even, odd = f.even_part, f.odd_part
    if even is None or odd is None:
        raise Broken("no parts")
    value = float(f.on_arrays(0.5)) if hasattr(f, "on_arrays") else 0.0
    if math.isnan(value):
        raise Broken("not a number at 0.5")
