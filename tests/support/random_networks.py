"""Random directed acyclic networks, and what is claimed of them, for tests that draw some.

Amplitudes of what is listed as zero stay below 1e-13 of the whole in float64, and in float32 below
1e-6 of the largest tensor before, with the weights of fresh layers (others amplify what rounding
leaves). Weights are drawn until all that is said to occur was seen.
"""

from __future__ import annotations

import copy
import zlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional

import toolkit as tk
from toolkit.interpret import zero_components
from toolkit.interpret.zeros.graphs.states import Functions, Invariants

#: Group, and G-set: a sum of them is a module with several orbits.
MODULES = {
    "C8": lambda G: G.regular_module(),
    "C12": lambda G: G.regular_module(),
    "C6": lambda G: G.regular_module() + G.natural_module(),
    "C3xC3": lambda G: G.regular_module(),
    "C2xC4": lambda G: G.regular_module(),
    "D8": lambda G: G.regular_module(),
    "D10": lambda G: G.natural_module(),
    "D12": lambda G: G.natural_module() + G.regular_module(),
    "Q8": lambda G: G.regular_module(),
    "Dic3": lambda G: G.regular_module(),
    "S3": lambda G: G.regular_module(),
    "S4": lambda G: G.coset_module([[1, 0, 3, 2]]),
    "S4 points": lambda G: G.natural_module() + G.natural_module(),
    "A4": lambda G: G.regular_module(),
    "A5": lambda G: G.natural_module() ** 2,
    "S5": lambda G: G.natural_module() ** 2,
    "SL(2,3)": lambda G: G.regular_module(),
    "D16": lambda G: G.regular_module(),
    "C2xC2xC2": lambda G: G.regular_module(),
    "F21": lambda G: G.regular_module(),
}
NAMES = {"S4 points": "S4", "F21": "7:3"}


#: More than this share of the energy is no rounding.
SEEN = 1e-20


def module_of(name):
    return MODULES[name](tk.group(NAMES.get(name, name)))


class RandomNetwork(nn.Module):
    """A list of operations on the tensors that are there, drawn by a seed."""

    CHANNELS = 3

    def __init__(self, X, seed, length=7):
        super().__init__()
        draw = np.random.default_rng(seed)
        C = self.CHANNELS
        self.layers = nn.ModuleList()
        self.steps = []
        for i in range(length):
            op = draw.choice(list(self.OPERATIONS), p=self.WEIGHTS)
            args = [int(draw.integers(max(0, i - 2), i + 1)), int(draw.integers(0, i + 1))]
            layer = self.OPERATIONS[op][0](X, C, draw)
            self.layers.append(nn.Identity() if layer is None else layer)
            self.steps.append((op, args))
        self.double()

    def forward(self, x):
        made = [x]
        for layer, (op, (i, j)) in zip(self.layers, self.steps, strict=True):
            made.append(self.OPERATIONS[op][1](layer, made[i], made[j]))
        return tuple(made[1:])

    OPERATIONS = {  # noqa: RUF012
        "linear": (
            lambda X, C, d: tk.nn.EquivariantLinear(X, X, C, C, bias=bool(d.integers(0, 4) == 0)),
            lambda layer, a, b: layer(a),
        ),
        "activation": (
            lambda X, C, d: tk.nn.Pointwise(str(d.choice(["relu", "abs", "tanh", "gelu"]))),
            lambda layer, a, b: layer(a),
        ),
        "function": (lambda X, C, d: None, lambda layer, a, b: functional.silu(a).sin()),
        "square": (lambda X, C, d: None, lambda layer, a, b: a**2),
        "sum": (lambda X, C, d: None, lambda layer, a, b: a + b),
        "difference": (lambda X, C, d: None, lambda layer, a, b: 2 * a - b),
        "product": (lambda X, C, d: None, lambda layer, a, b: a * b),
        "concatenation": (
            lambda X, C, d: tk.nn.EquivariantLinear(X, X, 2 * C, C, bias=False),
            lambda layer, a, b: layer(torch.cat([a, b], -1)),
        ),
        "swap": (
            lambda X, C, d: None,
            lambda layer, a, b: torch.cat([b[..., 1:], a[..., :1]], -1),
        ),
        "gate": (
            lambda X, C, d: nn.Linear(C, C),
            lambda layer, a, b: torch.sigmoid(layer(b.mean(-2, keepdim=True))) * a,
        ),
        "norm": (
            lambda X, C, d: tk.nn.EquivariantRMSNorm(X, C) if d.integers(0, 2) else nn.LayerNorm(C),
            lambda layer, a, b: layer(a),
        ),
        "attention": (
            lambda X, C, d: None,
            lambda layer, a, b: functional.scaled_dot_product_attention(a, b, b),
        ),
        "by hand": (
            lambda X, C, d: None,
            lambda layer, a, b: torch.softmax(a @ b.transpose(-1, -2) / 2, -1) @ a,
        ),
        "maximum": (lambda X, C, d: None, lambda layer, a, b: torch.maximum(a, b)),
        "channels": (lambda X, C, d: nn.Linear(C, C, bias=False), lambda layer, a, b: layer(a)),
    }
    WEIGHTS = np.array([6, 3, 1, 1, 3, 1, 3, 3, 1, 2, 2, 1, 1, 1, 1]) / 30


def inputs_in(X, labels, seed, batch=3, channels=RandomNetwork.CHANNELS):
    rng = np.random.default_rng(seed)
    basis = tk.fourier_basis(X)
    coordinates = rng.standard_normal((X.degree, batch * channels))
    for s in basis.simples:
        if s.label not in labels:
            coordinates[s.rows] = 0
    x = basis.synthesise(coordinates).reshape(X.degree, batch, -1)
    return torch.from_numpy(x.transpose(1, 0, 2).copy())


def shares(X, y):
    """Return per simple the share of the energy, the largest over samples and channels."""
    basis = tk.fourier_basis(X)
    flat = y.movedim(-2, 0).reshape(X.degree, -1).numpy()
    energies = basis.energies(flat)
    total = sum(float(e.sum()) for e in energies.values())
    return {k: float(e.sum()) / total if total else 0.0 for k, e in energies.items()}


def redrawn(net, seed):
    """Draw other weights, of other relative sizes; biases stay."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in net.named_parameters():
            if not name.endswith("bias"):
                size = 0.7 * torch.rand(p.shape, generator=generator, dtype=p.dtype) ** 2
                p.copy_(torch.randn(p.shape, generator=generator, dtype=p.dtype) * size)


def check(name, seed, kind=RandomNetwork):
    """Check one network; return how many simples are zero, occur, and are bounds."""
    X = module_of(name)
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    torch.manual_seed(seed)
    net = kind(X, seed).eval()
    fresh = copy.deepcopy(net)
    labels = list(X.multiplicities)
    sources = sorted(
        rng.choice(labels, size=min(len(labels), int(rng.integers(1, 3))), replace=False)
    )
    found = zero_components(net, sources, modules=X, example=torch.zeros(7, X.degree, 3).double())
    assert found.unknown_from is None, found.unknown
    rows = {r.key: r for r in found}
    results = [rows[key] for key in found.results]
    most = [dict.fromkeys(labels, 0.0) for _ in results]
    for attempt in range(60):
        missing = [k for r, best in zip(results, most, strict=True) for k in r.occurring
                   if best[k] <= SEEN]  # fmt: skip
        if attempt > 2 and not missing:
            break
        redrawn(net, 100 * seed + attempt)
        with torch.no_grad():
            made = net(inputs_in(X, sources, attempt))
        for row, y, best in zip(results, made, most, strict=True):
            if isinstance(row.state, Invariants) or not torch.isfinite(y).all():
                continue
            size = float(y.abs().max())
            if size < 1e-12 or size > 1e12:
                continue
            for label, share in shares(X, y).items():
                best[label] = max(best[label], share)
    single, x = fresh.float(), inputs_in(X, sources, 0).float()
    with torch.no_grad():
        made = single(x)
    largest = float(x.double().square().sum())  # of what a tensor may be made of
    for row, y in zip(results, made, strict=True):
        energy = float(y.double().square().sum())
        if not torch.isfinite(y).all() or largest > 1e24:
            break
        largest = max(largest, energy)
        share = shares(X, y.double())
        assert all(share[k] * energy < 1e-12 * largest for k in row.impossible), (name, seed, share)
    counts = [0, 0, 0]
    for row, best in zip(results, most, strict=True):
        assert isinstance(row.state, Functions)
        for label in row.impossible:
            assert best[label] < 1e-26, (name, seed, row.key, label, best, found.to_table())
        for label in row.occurring:
            assert best[label] > SEEN, (name, seed, row.key, label, best, found.to_table())
        for i, some in enumerate((row.impossible, row.occurring, row.bound)):
            counts[i] += len(some)
    return counts
