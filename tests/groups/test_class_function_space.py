"""The class functions of a group as a space: its residues, from several threads too."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from processes import PATIENCE

import toolkit as tk
from toolkit.groups.class_functions import space as space_module
from toolkit.groups.class_functions.residues import CharacterResidues
from toolkit.groups.class_functions.space import ClassFunctionSpace

if TYPE_CHECKING:
    import pytest

    from toolkit.exact.residues import ResidueField
    from toolkit.groups.character_table import CharacterTable


def test_threads_at_once_take_each_prime_once(monkeypatch: pytest.MonkeyPatch) -> None:
    space = ClassFunctionSpace(tk.group("A5").character_table)
    both = threading.Barrier(2, timeout=PATIENCE)

    def met(table: CharacterTable, field: ResidueField) -> CharacterResidues:
        both.wait()
        return CharacterResidues(table, field)

    with monkeypatch.context() as patch, ThreadPoolExecutor(2) as threads:
        patch.setattr(space_module, "CharacterResidues", met)
        found = list(threads.map(lambda _: space._modulo(0, 10).field.prime, range(2)))
    primes = [space._modulo(i, 10).field.prime for i in range(3)]
    assert found == [primes[0]] * 2
    assert len(set(primes)) == 3
