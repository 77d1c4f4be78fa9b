"""Random directed acyclic networks: what is listed as zero is, what is said to occur does."""

from __future__ import annotations

import numpy as np
import pytest
from random_networks import MODULES, check


@pytest.mark.parametrize("name", ["C8", "S4", "Q8", "C6"])
def test_random_networks(name):
    total = np.sum([check(name, seed) for seed in range(3)], axis=0)
    assert total[0] > 0
    assert total[1] > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", MODULES)
def test_many_random_networks(name):
    """25 networks on each of 20 modules."""
    total = np.sum([check(name, seed) for seed in range(25)], axis=0)
    assert total[1] > 0
