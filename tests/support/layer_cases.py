"""Small layers between modules of every kind, for the tests of ``toolkit.nn``."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch

import toolkit as tk
from toolkit.modules.module import Module

METHODS = ("dense", "structured", "spectral", "fast", "fft")
PARAMETRIZATIONS = ("orbit", "fourier")


@dataclass(frozen=True)
class Case:
    """Two modules of one group, made when first asked for."""

    make: Callable[[], tuple[Module, Module]]

    def modules(self) -> tuple[Module, Module]:
        return _made(self.make)


@cache
def _made(make: Callable[[], tuple[Module, Module]]) -> tuple[Module, Module]:
    return make()


def _cyclic() -> tuple[Module, Module]:
    X = tk.group("C8").regular_module()
    return X, X


def _points() -> tuple[Module, Module]:
    G = tk.group("S4")
    return G.regular_module(), G.natural_module()


def _sums() -> tuple[Module, Module]:
    G = tk.group("S4")
    V, point = G.natural_module(), G.coset_module([[1, 2, 3, 0], [1, 0, 2, 3]])
    return V + point + V, point + V


def _quaternionic() -> tuple[Module, Module]:
    X = tk.group("Q8").regular_module()
    return X, X


def _all_types() -> tuple[Module, Module]:
    G = tk.group("SL(2,3)")
    return G.regular_module(), G.natural_module()


def _signed() -> tuple[Module, Module]:
    G = tk.group("S4")
    cycle, swap = [1, 2, 3, 0], [2, 1, 0, 3]
    dihedral = [cycle, swap]
    signed = G.signed_coset_module(dihedral, [cycle])
    sign = G.signed_coset_module([[1, 2, 3, 0], [1, 0, 2, 3]], [[1, 2, 0, 3], [1, 0, 3, 2]])
    return signed + sign, sign + signed + sign


def _signed_and_plain() -> tuple[Module, Module]:
    G = tk.group("S4")
    cycle, swap = [1, 2, 3, 0], [2, 1, 0, 3]
    return G.natural_module(), G.signed_coset_module([cycle, swap], [swap, [0, 3, 2, 1]])


def _pairs() -> tuple[Module, Module]:
    V = tk.group("S4").natural_module()
    return V * V, V


def _outer() -> tuple[Module, Module]:
    V, W = tk.group("S3").natural_module(), tk.group("C4").regular_module()
    X = V.outer(W)
    return X, X


def _square() -> tuple[Module, Module]:
    X = tk.group("S4").natural_module() ** 2
    return X, X


CASES = {
    "cyclic": Case(_cyclic),
    "points": Case(_points),
    "sums": Case(_sums),
    "quaternionic": Case(_quaternionic),
    "all types": Case(_all_types),
    "signed": Case(_signed),
    "signed and plain": Case(_signed_and_plain),
    "pairs": Case(_pairs),
    "outer": Case(_outer),
}

#: Those that between them meet every branch of every method.
FEW = ("points", "quaternionic", "signed")


#: Each case with each of its methods; products have one more.
EACH = [
    *((name, method) for name in CASES for method in METHODS),
    ("outer", "kronecker"),
    ("outer", "pooled"),
    ("sums", "pooled"),
    ("outer", "pooled"),
    ("sums", "pooled"),
    ("pairs", "pooled"),
    ("square", "pooled"),
]
CASES["square"] = Case(_square)
FEW_EACH = [(name, method) for name in FEW for method in METHODS] + [
    ("outer", "kronecker"),
    ("outer", "structured"),
    ("square", "pooled"),
]


def modules(name: str) -> tuple[Module, Module]:
    """Return the modules of a case."""
    return CASES[name].modules()


def make_layer(
    name: str,
    method: str = "dense",
    parametrization: str = "auto",
    channels: tuple[int, int] = (3, 2),
    dtype: torch.dtype = torch.float64,
    **options: object,
) -> tk.nn.EquivariantLinear:
    """Return a layer of a case with random weights and biases, always the same ones.

    A copy of one that is made once, which is quicker.
    """
    return copy.deepcopy(
        _prototype(name, method, parametrization, channels, dtype, tuple(options.items()))
    )


@cache
def _prototype(
    name: str,
    method: str,
    parametrization: str,
    channels: tuple[int, int],
    dtype: torch.dtype,
    options: tuple[tuple[str, object], ...],
) -> tk.nn.EquivariantLinear:
    X, Y = modules(name)
    torch.manual_seed(5)
    layer = tk.nn.EquivariantLinear(
        X, Y, *channels, method=method, parametrization=parametrization, dtype=dtype,
        **dict(options),
    )  # fmt: skip
    if layer.bias is not None:
        torch.nn.init.normal_(layer.bias)
    return layer


def make_input(name: str, *leading: int, channels: int = 3, dtype: torch.dtype = torch.float64):
    """Return a random input of a case."""
    X, _ = modules(name)
    torch.manual_seed(7)
    return torch.randn(*leading, X.degree, channels, dtype=dtype)


def same_weights(
    name: str, method: str, parametrization: str, **options: object
) -> tuple[tk.nn.EquivariantLinear, tk.nn.EquivariantLinear]:
    """Return a dense layer by orbit weights, and another layer of the same function."""
    plain = make_layer(name, "dense", "orbit", **options)
    other = make_layer(name, method, parametrization, **options)
    other.set_weights(plain.weight)
    with torch.no_grad():
        if other.bias is not None:
            other.bias.copy_(plain.bias)
    return plain, other


def tables(layer: tk.nn.EquivariantLinear) -> dict[str, torch.Tensor]:
    """Return a layer's constants by name."""
    return {
        f"{name}.{key}": table
        for name, part in zip(layer._kept, layer.parts(), strict=False)
        for key, table in part.named_buffers()
    }


def acted(module: Module, generator: int, f: torch.Tensor) -> torch.Tensor:
    """Return g f for functions ``(..., points, channels)``."""
    moved = f[..., torch.from_numpy(module.images[generator].copy()).long(), :]
    signs = getattr(module, "signs", None)
    if signs is None:
        return moved
    return moved * torch.from_numpy(signs[generator].copy()).to(f)[:, None]
