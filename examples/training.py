"""What the examples with trained networks share: a training loop, a check of zeros, a bar chart."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING

import torch

import toolkit as tk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from matplotlib.axes import Axes

OUT = Path("out")
#: Okabe and Ito's palette, safe for colour-blind readers, and two greys.
PALETTE = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8c8c1a", "#6a5acd",
    "#9aa1ab", "#c9ced6",
)  # fmt: skip


def is_quick(about: str | None) -> bool:
    """Read the command line: whether the short form is wanted. Makes the folder of pictures.

    One thread, so that sums are taken in the same order, and training gives the same numbers,
    whatever the number of cores.
    """
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--quick", action="store_true", help="a short form, in seconds")
    OUT.mkdir(exist_ok=True)
    return bool(parser.parse_args().quick)


def count(model: torch.nn.Module) -> int:
    """Return the number of weights and biases."""
    return sum(p.numel() for p in model.parameters())


def fit(
    model: torch.nn.Module,
    x: torch.Tensor,
    y: torch.Tensor,
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    epochs: int,
    *,
    rate: float = 3e-3,
    batch: int = 64,
    seed: int = 0,
) -> list[float]:
    """Train with Adam, the rate falling to 0 along a cosine; return the mean loss by epoch."""
    order = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam(model.parameters(), lr=rate)
    steps = epochs * math.ceil(len(x) / batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for rows in torch.randperm(len(x), generator=order).split(batch):
            value = loss(model(x[rows]), y[rows])
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
            schedule.step()
            total += float(value.detach()) * len(rows)
        losses.append(total / len(x))
    return losses


@torch.no_grad()
def accuracy(model: torch.nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    """Return the share of samples whose largest output is the right one."""
    right = [model(a).argmax(-1) == b for a, b in zip(x.split(256), y.split(256), strict=True)]
    return float(torch.cat(right).double().mean())


@torch.no_grad()
def relative_error(model: torch.nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    """Return |model(x) - y| / |y| over all samples together."""
    found = torch.cat([model(part) for part in x.split(256)])
    return float((found - y).double().norm() / y.double().norm())


def check_zeros(model: torch.nn.Module, sources: Iterable[str], x: torch.Tensor) -> str:
    """Measure on inputs in some simples what is proved: which parts are 0, stage by stage.

    Raises if a part that is proved to be 0 has 1e-6 of the energy at its stage or more, or if a
    part that can occur has none (less than 1e-12).
    """
    supports = tk.interpret.zero_components(model, sources)
    stages = [support.stage for support in supports if support.stage is not None]
    spaces = {stage.name: (stage.X, stage.Y) for stage in stages}
    found = tk.interpret.spectra(model, x, spaces)
    zeros: list[float] = []
    others: list[float] = []
    for support in supports:
        shares = found["input" if support.stage is None else f"{support.key} after"].shares
        zeros += [shares[label] for label in support.impossible]
        others += [shares[label] for label in support.possible]
    if max(zeros, default=0.0) >= 1e-6 or min(others) < 1e-12:
        raise RuntimeError(f"proved zeros up to {max(zeros):.1e}, others from {min(others):.1e}")
    kind = str(x.dtype).removeprefix("torch.")
    return (
        f"{len(zeros)} parts are proved to be 0, largest measured share "
        f"{'below 1e-9' if max(zeros, default=0.0) < 1e-9 else f'{max(zeros):.0e}'} ({kind}); "
        f"{len(others)} can occur, smallest share {min(others):.2g}"
    )


def stacked_bars(
    axes: Axes, columns: Mapping[str, Mapping[str, float]], names: Mapping[str, str] | None = None
) -> None:
    """Draw shares of energy: a bar for each place of a network, a colour for each part."""
    parts = list(dict.fromkeys(part for shares in columns.values() for part in shares))
    bottom = [0.0] * len(columns)
    for number, part in enumerate(parts):
        heights = [shares.get(part, 0.0) for shares in columns.values()]
        axes.bar(
            range(len(columns)), heights, 0.72, bottom, color=PALETTE[number % len(PALETTE)],
            edgecolor="white", linewidth=0.6, label=(names or {}).get(part, part),
        )  # fmt: skip
        bottom = [b + h for b, h in zip(bottom, heights, strict=True)]
    axes.set_xticks(range(len(columns)), list(columns), fontsize=8)
    axes.set_ylim(0, 1)
    axes.set_ylabel("share of the energy")
    axes.spines[["top", "right"]].set_visible(False)
