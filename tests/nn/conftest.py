"""What the tests of layers share."""

from __future__ import annotations

import pytest
import torch


@pytest.fixture(autouse=True)
def _own_seed() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)  # these tensors are tiny
