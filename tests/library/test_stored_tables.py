"""Large tables are stored factored, and read back as they were; plain JSON is read alike."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import toolkit as tk
from toolkit.exact import encode
from toolkit.groups import stored_table
from toolkit.groups.stored_table import table_from_json, table_to_json
from toolkit.library.questions import CHARACTER_TABLE
from toolkit.library.session import Session
from toolkit.settings import Settings
from toolkit.store import AnswerKey, Provenance

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.groups import CharacterTable

# bundled; with simples of all types, a paper index, values beyond 64 bits, no group
NAMES = ("S4", "Q8", "D12", "SL(2,3)", "PSL(2,7)", "M11", "Q16", "SmallGroup(24,3)")


def packed(table: CharacterTable, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(stored_table, "PACKED_FROM", 1)
    return json.loads(json.dumps(table_to_json(table)))


@pytest.mark.parametrize("name", NAMES)
def test_both_forms_are_read_alike(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    table = table_from_json(encode(tk.group(name).character_table))
    data = packed(table, monkeypatch)
    assert data["packed"] == 1
    found = table_from_json(data)
    assert found == table
    given = {**vars(table.arrays)}
    for field, value in given.items():
        if isinstance(value, np.ndarray):
            assert (getattr(found.arrays, field) == value).all(), field
    assert found.arrays.constituents == table.arrays.constituents
    assert found.arrays.packed.unpack() == table.values


def test_small_tables_are_plain_json() -> None:
    table = tk.group("S4").character_table
    assert table_to_json(table) == encode(table)


@pytest.mark.parametrize(
    "change",
    [
        {"packed": 2},
        {"rows": "AAAA"},
        {"rows": "*"},
        {"counts": [1]},
        {"constituents": [[0], [1], [9], [3], [4]]},
        {"sums": {"H": [0]}},
        {"sums": {}},
        {"numerators": ["1"]},
        {"order": None},
    ],
)
def test_what_is_no_packed_table_is_told(
    change: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = table_from_json(encode(tk.group("Q8").character_table))
    data = packed(table, monkeypatch)
    with pytest.raises(ValueError, match=r"packed|PackedTable"):
        table_from_json({**data, **change})


@pytest.mark.parametrize("change", [{"packed": 2}, {"rows": "AAAA"}, {"class_sizes": None}])
def test_an_unreadable_table_in_the_store_is_reported_and_replaced(
    change: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    table = table_from_json(encode(tk.group("S4").character_table))
    key = AnswerKey.of("S4", CHARACTER_TABLE.name, None, CHARACTER_TABLE.version)
    data = {k: v for k, v in {**packed(table, monkeypatch), **change}.items() if v is not None}
    with Session(Settings(cache_dir=tmp_path), use_bundled=False) as session:
        session.store.put(key, data, Provenance())
        found = session.fetch("S4", CHARACTER_TABLE, None, lambda: table)
        assert found == table
        assert session.store.damaged == [key]
        assert "the answer to" in caplog.text
        assert "cannot be read" in caplog.text
        caplog.clear()
        assert session.fetch("S4", CHARACTER_TABLE, None, lambda: 1 / 0) == table  # type: ignore[arg-type, return-value]
        assert not caplog.text
