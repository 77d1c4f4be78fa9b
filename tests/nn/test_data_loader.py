"""Workers of torch's DataLoader that hold groups, modules and layers, made while GAP works."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import torch
from processes import PATIENCE
from torch.utils.data import DataLoader, Dataset

import toolkit as tk

if TYPE_CHECKING:
    from pathlib import Path

    from gated_gap import GatedGap

pytestmark = [
    pytest.mark.gap,
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]


class Samples(Dataset):
    """Each sample is what a layer makes of a point, and what GAP says about a group."""

    def __init__(self, group: tk.Group) -> None:
        self.group = group
        self.module = group.regular_module()
        self.layer = tk.nn.EquivariantLinear(self.module, self.module, 2, 3, dtype=torch.float64)

    def __len__(self) -> int:
        return 4

    def __getitem__(self, i: int) -> tuple[torch.Tensor, int]:
        x = torch.zeros(self.module.degree, 2, dtype=torch.float64)
        x[i] = 1.0
        asked = tk.group(f"SmallGroup(24,{i + 1})", session=self.group.session)
        with torch.no_grad():
            return self.layer(x), len(asked.simples)


def open_the_gate(_worker: int) -> None:
    os.environ["GATE_IS_OPEN"] = "1"


@pytest.mark.parametrize("method", ["fork", pytest.param("spawn", marks=pytest.mark.slow)])
def test_workers_answer_while_the_parents_gap_works(
    method: str, gated: GatedGap, tmp_path: Path
) -> None:
    with gated.session(tmp_path, processes=1) as session, ThreadPoolExecutor(1) as threads:
        samples = Samples(tk.group("S3", session=session))
        expected = [samples[i] for i in range(len(samples))]
        session.store.top.clear()  # the workers have to ask
        gated.hold('"facts"')
        held = threads.submit(lambda: tk.group("SmallGroup(72,15)", session=session).order)
        gated.wait()
        loader = DataLoader(
            samples,
            batch_size=None,
            num_workers=2,
            multiprocessing_context=method,
            worker_init_fn=open_the_gate,
            timeout=PATIENCE,
        )
        found = list(loader)
        assert not held.done()  # GAP worked all the time
        gated.open()
        assert held.result(PATIENCE) == 72
    assert [number for _, number in found] == [number for _, number in expected]
    for (y, _), (z, _) in zip(found, expected, strict=True):
        assert torch.equal(y, z)
