"""Outputs and gradients of compiled layers against the same in eager mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from layer_cases import CASES, METHODS
from torch import nn

import toolkit as tk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.modules.module import Module

#: How far compiled gradients may be from eager ones, relative to their norm.
TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-12}


def _regular(name: str) -> Callable[[], tuple[Module, Module]]:
    def modules() -> tuple[Module, Module]:
        X = tk.group(name).regular_module()
        return X, X

    return modules


def _natural(name: str) -> Callable[[], tuple[Module, Module]]:
    def modules() -> tuple[Module, Module]:
        X = tk.group(name).natural_module()
        return X, X

    return modules


#: Modules on which torch alone was wrong, and one of every kind.
COMPILED: dict[str, Callable[[], tuple[Module, Module]]] = {
    "abelian": _regular("C16"),
    "non-abelian": _regular("D16"),
    "natural": _natural("SL(2,3)"),
    "signed": CASES["signed"].modules,
    "sum": CASES["sums"].modules,
    "product": CASES["outer"].modules,
    # for the long run
    "quaternion": _regular("Q16"),
    "symmetric": _regular("S4"),
    "elementary": _regular("C2^4"),
    "S5": _natural("S5"),
    "all types": CASES["all types"].modules,
    "signed and plain": CASES["signed and plain"].modules,
    "pairs": CASES["pairs"].modules,
}
FEW = ("abelian", "non-abelian", "natural", "signed", "sum", "product")


def methods(name: str) -> tuple[str, ...]:
    """Return the methods of a case; products have one more."""
    return (*METHODS, "kronecker", "pooled") if name == "product" else METHODS


def layer(
    name: str,
    method: str,
    parametrization: str,
    channels: tuple[int, int] = (4, 4),
    dtype: torch.dtype = torch.float32,
) -> tk.nn.EquivariantLinear:
    """Return a layer of a case with random weights and biases."""
    X, Y = COMPILED[name]()
    torch.manual_seed(1)
    made = tk.nn.EquivariantLinear(
        X, Y, *channels, method=method, parametrization=parametrization, dtype=dtype
    )
    if made.bias is not None:
        nn.init.normal_(made.bias)
    return made


class SideBySide(nn.Module):
    """Several modules in one graph, each with its own input."""

    def __init__(self, modules: Sequence[nn.Module]) -> None:
        super().__init__()
        self.each = nn.ModuleList(modules)

    def forward(self, *xs: torch.Tensor) -> list[torch.Tensor]:
        return [module(x) for module, x in zip(self.each, xs, strict=True)]


def deviations(model: nn.Module, compiled: nn.Module, *xs: torch.Tensor) -> dict[str, float]:
    """Return how far outputs and gradients are from eager ones, relative to their norms."""
    found: list[dict[str, torch.Tensor]] = []
    for run in (model, compiled):
        inputs = [x.clone().requires_grad_() for x in xs]
        model.zero_grad()
        out = run(*inputs)
        outputs = [out] if isinstance(out, torch.Tensor) else out
        torch.manual_seed(3)
        sum((y * torch.randn_like(y)).sum() for y in outputs).backward()
        tensors = {f"y{i}": y.detach() for i, y in enumerate(outputs)}
        tensors |= {f"x{i}": x.grad for i, x in enumerate(inputs) if x.grad is not None}
        tensors |= {k: p.grad for k, p in model.named_parameters() if p.grad is not None}
        found.append({k: t.clone() for k, t in tensors.items()})
    eager, other = found
    assert eager.keys() == other.keys()
    return {k: float((t - other[k]).norm() / t.norm().clamp(min=1e-30)) for k, t in eager.items()}


def worst(found: dict[str, float], dtype: torch.dtype) -> dict[str, float]:
    """Return the entries that are beyond the tolerance, NaN among them."""
    return {k: d for k, d in found.items() if not d <= TOLERANCE[dtype]}
