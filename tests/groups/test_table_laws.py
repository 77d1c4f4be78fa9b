"""Integers from their residues, in int64 and beyond."""

from __future__ import annotations

import math

import numpy as np
import pytest

from toolkit.groups.table_laws import _integers


@pytest.mark.parametrize(
    ("primes", "kind"),
    [([101], "int64"), ([2999999, 3000017], "int64"), ([2147483647, 2147483629, 101], "object")],
)
def test_integers_come_back_from_their_residues(primes: list[int], kind: str) -> None:
    half = math.prod(primes) // 2
    wanted = [[0, 1, -1], [half, -half, half // 3]]
    residues = [np.array([[x % p for x in row] for row in wanted], dtype=np.int64) for p in primes]
    found = _integers(residues, primes)
    assert found.dtype.name == kind
    assert found.tolist() == wanted
