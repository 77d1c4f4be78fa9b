"""Modules and layers that the tests of vector layers share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

import toolkit as tk

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.modules.module import Module

CHANNELS = 3


def points() -> Module:
    """Two orbits of points with simples that occur several times."""
    X = tk.group("S4").natural_module()
    return X + X


def signed() -> Module:
    """A plane on which a turn changes signs, and a number that it keeps."""
    G = tk.group("C4")
    plane = G.signed_module_from_images([[1, 0]], [[1, -1]])
    return plane + plane + G.coset_module([{"word": [0]}])


def tensors() -> Module:
    """Matrices of a space and a vector, with three real simples twice."""
    V = tk.group("S4").simple_module("L3")
    return V * V + V


def skewed(name: str, label: str) -> Module:
    """Two copies of a simple, in coordinates in which the matrices are not orthogonal."""
    G = tk.group(name)
    V = G.simple_module(label)
    rho = (V + V).matrices
    change = np.eye(len(rho[0])) + np.random.default_rng(0).normal(size=rho[0].shape) / 4
    return G.linear_module(np.linalg.inv(change) @ rho @ change, name="skewed")


MODULES: dict[str, Callable[[], Module]] = {
    "points": points,
    "signed": signed,
    "tensors": tensors,
    "complex": lambda: skewed("C5", "L1"),
    "quaternions": lambda: skewed("Q8", "L4"),
}


def gates(V: Module) -> nn.Module:
    return nn.Sequential(tk.nn.InvariantNorms(V), nn.Linear(CHANNELS, CHANNELS))


LAYERS: dict[str, Callable[[Module], nn.Module]] = {
    "norm": lambda V: tk.nn.NormActivation(V, CHANNELS),
    "norm without bias": lambda V: tk.nn.NormActivation(V, CHANNELS, "tanh", bias=False),
    "gated": lambda V: tk.nn.Gated(V, CHANNELS),
    "gated by a layer": lambda V: tk.nn.Gated(V, CHANNELS, gates=gates(V)),
    "norms": tk.nn.InvariantNorms,
    "frame": lambda V: tk.nn.Frame(V, activation="gelu"),
}


def make(layer: str, module: str, dtype: torch.dtype = torch.float64) -> nn.Module:
    """Return a layer with random parameters."""
    torch.manual_seed(0)
    made = LAYERS[layer](MODULES[module]()).to(dtype)
    with torch.no_grad():
        for p in made.parameters():
            p.copy_(torch.randn(p.shape))
    return made


def make_input(layer: nn.Module, *batch: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(*batch, layer.X.degree, CHANNELS, dtype=dtype)
