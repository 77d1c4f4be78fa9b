"""Rows found in a file's bytes: all that SQLite itself still reads, and more."""

from __future__ import annotations

import contextlib
import sqlite3

from toolkit.store import AnswerKey, Store
from toolkit.store.entries import DamagedRowError, check_row, select_row
from toolkit.store.records import rows_in_file


def headers(data):
    """Yield where the rows of the table begin: the length of the row comes first."""
    for page in range(0, len(data), 4096):
        head = 100 if page == 0 else 0
        if data[page + head] == 13:
            for at in range(int.from_bytes(data[page + head + 3 : page + head + 5], "big")):
                yield page + int.from_bytes(data[page + head + 8 + 2 * at :][:2], "big")


def test_what_sqlite_serves_is_found_without_it(path, provenance):
    """A bit of a row's header makes bytes of a text, or an integer: SQLite goes on serving it."""
    # texts of 3 and 8 bytes, which are integers too, and of others
    keys = [AnswerKey.of(group, "question"[:n]) for group, n in (("D12", 8), ("C5", 7))]
    with Store(path) as store:
        for key in keys:
            store.put(key, list(range(9)), provenance)
    data = path.read_bytes()
    served = 0
    starts = [start for start in headers(data) if b"D12" in data[start : start + 60]]
    assert len(starts) == 1
    for bit in range(starts[0] * 8, (starts[0] + 20) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        found = {row[:4] for row in rows_in_file(path).rows}
        with contextlib.closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as plain:
            plain.text_factory = lambda text: text.decode("utf-8", "replace")
            for key in keys:
                try:
                    row = select_row(plain, key)
                    sound = row is not None and check_row(row) is not None
                except (sqlite3.Error, DamagedRowError):
                    continue
                served += sound and key == keys[0]
                if sound:
                    assert (key.group, key.question, key.arguments, key.version) in found, bit
    assert served > 20
