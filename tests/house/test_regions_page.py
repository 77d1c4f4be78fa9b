"""The page about regions: its examples run, and its tables hold what is known."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "regions.md"


def test_its_examples_run() -> None:
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, optionflags=flags)
    assert (failed, tried > 8) == (0, True)


def cells(key: str) -> list[list[str]]:
    """The rows of a table, without its header."""
    text = PAGE.read_text(encoding="utf-8")
    part = text.partition(f"<!-- {key} -->")[2].partition(f"<!-- end of {key} -->")[0]
    rows = [line.strip("| ").split(" | ") for line in part.strip().splitlines()]
    return rows[2:]


#: Known numbers, written once more.
REGIONS = {
    "roots of E8": 696729600, "signs of 8": 8378070864, "signs of 9": 17561539552946,
    "subsets of 7": 347326352, "subsets of 8": 419172756930, "A5 on itself, generic": 3542,
    "C2 wr S8 on 256 points": 8378070864,
    "W(E6) on 27 points": 20790, "C2 wr S6 on 64 points": 94572, "S7 on its subsets": 1066044,
}  # fmt: skip


@pytest.mark.parametrize("name", REGIONS)
def test_its_numbers_are_the_known_ones(name: str) -> None:
    (row,) = (row for row in cells("counts") if row[0] == name)
    assert (int(row[3].replace(",", "")), row[4]) == (REGIONS[name], "exact")


def test_nothing_on_it_disagrees() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert ", not " not in "".join("".join(row) for row in cells("counts"))
    assert "**" not in "".join("".join(row) for key in ("counts", "betti", "orbits", "growth")
                               for row in cells(key))  # fmt: skip
    assert all(len(cells(key)) > 4 for key in ("counts", "betti", "orbits", "faces", "growth"))
    assert (PAGE.parent / "regions.svg").is_file()
    assert "regions.svg" in text
