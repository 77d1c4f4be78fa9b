"""Normal subgroups of small tables are found without numpy, and are the same as with it."""

from __future__ import annotations

import pytest

import toolkit as tk
from toolkit.groups import subgroups


@pytest.mark.parametrize("name", ["C1", "C2 x C2 x C2", "D8", "Q8", "S4", "SL(2,3)", "C12"])
def test_few_are_found_as_many_are(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    table = tk.group(name).character_table
    plain = subgroups.normal_subgroups_of_table(table)
    assert len(plain.subgroups) * len(table) <= subgroups._FEW
    monkeypatch.setattr(subgroups, "_FEW", -1)
    assert subgroups.normal_subgroups_of_table(table) == plain
