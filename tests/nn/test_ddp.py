"""Layers trained by two processes: the gradients of the whole batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from layer_cases import METHODS, make_input, make_layer, tables
from torch import nn

import toolkit as tk

if TYPE_CHECKING:
    from pathlib import Path

WORLD = 2


def _work(rank: int, folder: str, model: nn.Module, x: torch.Tensor, broadcast: bool) -> None:
    """Train one step on a part of the batch; the first process writes the gradients down."""
    import torch.distributed as dist

    torch.set_num_threads(1)
    dist.init_process_group(
        "gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=WORLD
    )
    try:
        if rank:
            with torch.no_grad():
                for p in model.parameters():
                    p.add_(1)  # the first process's weights are taken
        _train(model, x.chunk(WORLD)[rank], broadcast)
        if rank == 0:
            torch.save({k: p.grad for k, p in model.named_parameters()}, f"{folder}/gradients.pt")
        dist.barrier()
    finally:
        dist.destroy_process_group()


def _train(model: nn.Module, part: torch.Tensor, broadcast: bool) -> None:
    """Train one step; nothing of torch's parallel module outlives this call.

    Were it the last to hold the group of processes, it would wait for the group's thread with
    Python's lock held, and that thread can want the lock: both wait for ever (torch 2.13.0).
    """
    from torch.nn.parallel import DistributedDataParallel

    parallel = DistributedDataParallel(model, broadcast_buffers=broadcast)
    parallel(part).square().mean().backward()


@pytest.mark.parametrize("broadcast", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_gradients_of_the_whole_batch(tmp_path: Path, broadcast: bool) -> None:
    layers = []
    for i, method in enumerate(METHODS):
        parametrization = ("orbit", "fourier")[i % 2]
        layers += [make_layer("quaternionic", method, parametrization, (3, 3)), nn.Tanh()]
    model = nn.Sequential(*layers)
    x = make_input("quaternionic", 6)
    arguments = (str(tmp_path), model, x, broadcast)
    torch.multiprocessing.spawn(_work, arguments, nprocs=WORLD, join=True)
    found = torch.load(tmp_path / "gradients.pt", weights_only=True)
    model.zero_grad()
    model(x).square().mean().backward()
    assert set(found) == {k for k, _ in model.named_parameters()}
    for key, parameter in model.named_parameters():
        torch.testing.assert_close(found[key], parameter.grad)


def test_nothing_is_broadcast():
    """DistributedDataParallel broadcasts buffers before each pass: tables are none."""
    G = tk.group("S4")
    for X in (G.regular_module(), G.natural_module(), G.natural_module() + G.natural_module()):
        layer = tk.nn.EquivariantLinear(X, X, 2, 2)
        assert not list(layer.buffers())
        for name, table in tables(layer).items():
            assert table.is_contiguous(), name
