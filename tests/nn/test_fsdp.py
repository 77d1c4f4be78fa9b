"""Layers whose weights are shared out among processes by ``fully_shard``, beside ``nn.Linear``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from layer_cases import make_input, make_layer
from torch import nn

WORLD = 2


def _cases() -> dict[str, tuple[nn.Module, torch.Tensor]]:
    torch.manual_seed(0)
    return {
        "linear": (
            nn.Linear(6, 4, dtype=torch.float64),
            torch.randn(4, 6, dtype=torch.float64),
        ),
        "dense": (make_layer("points", "dense", "orbit"), make_input("points", 4)),
        "fast": (make_layer("points", "fast", "orbit"), make_input("points", 4)),
        "structured": (make_layer("signed", "structured", "fourier"), make_input("signed", 4)),
    }


def _work(rank: int, folder: str) -> None:
    """Shard each case, train a step, load its own state and that of the other parametrisation."""
    import torch.distributed as dist
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    torch.set_num_threads(1)
    dist.init_process_group(
        "gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=WORLD
    )
    found: dict[str, object] = {}
    try:
        mesh = init_device_mesh("cpu", (WORLD,))
        for name, (model, x) in _cases().items():
            expected = model(x)
            expected.square().mean().backward()
            gradients = [p.grad.clone() for p in model.parameters()]
            model.zero_grad()
            fully_shard(model, mesh=mesh)
            y = model(x)
            y.square().mean().backward()
            pairs = zip(model.parameters(), gradients, strict=True)
            found[name] = [
                bool(torch.allclose(y, expected)),
                all(bool(torch.allclose(p.grad.full_tensor(), g)) for p, g in pairs),
                str(model.load_state_dict(model.state_dict())),
                sorted({type(v).__name__ for k, v in model.state_dict().items() if "_" not in k}),
            ]
            torch.optim.Adam(model.parameters()).step()
            found[name].append(bool(model(x).isfinite().all()))
        source = make_layer("points", "dense", "orbit")
        x = make_input("points", 4)
        expected = source(x)
        target = make_layer("points", "spectral", "fourier")
        target.reset_parameters()
        for layer in (source, target):
            fully_shard(layer, mesh=mesh)
        target.load_state_dict(source.state_dict())
        found["converted"] = bool(torch.allclose(target(x), expected))
        if rank == 0:
            (Path(folder) / "found.json").write_text(json.dumps(found))
        dist.barrier()
    finally:
        dist.destroy_process_group()


@pytest.mark.slow
def test_fully_shard(tmp_path: Path) -> None:
    torch.multiprocessing.spawn(_work, (str(tmp_path),), nprocs=WORLD, join=True)
    found = json.loads((tmp_path / "found.json").read_text())
    assert found.pop("converted")
    expected = found.pop("linear")
    assert expected[:2] == [True, True]
    assert len(found) == 3
    for name, outcome in found.items():
        assert outcome == expected, name
