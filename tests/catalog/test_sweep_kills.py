"""Ten kills of workers, schedulers and the sweep in mid-sweep: the same bytes."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from sweep_case import names, results
from sweep_kills import (
    ELSEWHERE,
    HERE,
    INTERRUPTED,
    KILLED,
    SCHEDULER,
    TERMINATED,
    sweep_with_kills,
)

from toolkit.catalog.sweeps.sweep import sweep

pytestmark = [
    pytest.mark.gap,
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc").exists(), reason="tells what is a GAP by /proc"),
]

ORDERS = "1-40"
GROUPS = 181
#: Of each run that was ended: its exit status, and what its last line says.
ENDS = {
    SCHEDULER: (2, "ended, or the connection to it"),
    KILLED: (-9, ""),
    TERMINATED: (143, "the same command resumes"),
    INTERRUPTED: (130, "the same command resumes"),
}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    assert sweep(folder, ORDERS, workers=0, activations=["relu"]).statuses == {"done": GROUPS}
    return results(folder)


@pytest.mark.parametrize(("victims", "seed"), [(ELSEWHERE, 1), (HERE, 2)])
def test_ten_kills_leave_the_same_bytes(undisturbed, tmp_path, monkeypatch, victims, seed):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path.cwd()), str(Path(__file__).parent)]))
    outcome = sweep_with_kills(tmp_path, ORDERS, GROUPS, victims, seed)
    assert Counter(victim for _, victim in outcome.kills) == Counter(victims)
    assert len(outcome.kills) == 10
    for victim, status, last in outcome.ends:
        wanted, said = ENDS[victim]
        assert status == wanted, last
        assert said in last
    assert len(outcome.ends) == sum(victim in ENDS for victim in victims)
    assert outcome.report["statuses"] == {"done": GROUPS}
    assert results(tmp_path / "made") == undisturbed
    tried = names(tmp_path / "made")
    assert len(tried) == len(set(tried)) == GROUPS
