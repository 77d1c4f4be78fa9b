"""Whatever is read: a right answer or one sentence; the inputs are made by chance from a seed.

``PLREP_TEST_SEED`` and ``PLREP_TEST_COUNT`` choose other inputs and how many of each kind.
"""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING

import pytest
from hostile.case import Broken, Case, outcome, world
from hostile.kinds import KINDS, broken_promises

import toolkit as tk
from toolkit.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

SEED = os.environ.get("PLREP_TEST_SEED", "1")


def tried(kind: str, count: int, folder: Path) -> list[str]:
    with world(Random(f"{kind} {SEED}"), folder) as made:
        return list(broken_promises(made, kind, count))


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_of_each_kind(kind: str, tmp_path: Path) -> None:
    assert tried(kind, 12, tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_of_each_kind(kind: str, tmp_path: Path) -> None:
    count = int(os.environ.get("PLREP_TEST_COUNT", "1000"))
    assert tried(kind, count, tmp_path) == []


def failing(error: Exception) -> Case:
    def ask() -> None:
        raise error

    return Case("x", ask)


def test_what_counts_as_broken() -> None:
    assert outcome(Case("x", lambda: 1)) is None
    assert outcome(failing(ConfigError("a number is required, not 'x'"))) is None
    assert outcome(failing(ConfigError(""))) == "an error without words"
    assert outcome(failing(Broken("a part of a file"))) == "a part of a file"
    assert str(outcome(failing(RecursionError("too deep")))).startswith("RecursionError at ")
    assert str(outcome(failing(ConfigError("Traceback (most")))).startswith("no sentence")


def test_inputs_come_from_the_seed_alone(tmp_path: Path) -> None:
    for kind in KINDS:
        words = []
        for name in ("one", "two"):
            (tmp_path / kind / name).mkdir(parents=True)
            with world(Random(f"{kind} 5"), tmp_path / kind / name) as made:
                words.append([KINDS[kind](made).words for _ in range(5)])
        assert words[0] == words[1], kind


def test_many_billions_of_points_are_no_hang() -> None:
    """Found by these inputs: the factorial of the number of points was made."""
    with pytest.raises(tk.NotAvailable, match="whole of S_n"):
        tk.group("C8000000000").partitions()
