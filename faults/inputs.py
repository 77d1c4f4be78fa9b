"""Hostile inputs of every kind that is read, made by chance."""

from __future__ import annotations

import warnings
from random import Random
from typing import TYPE_CHECKING

from harness import Row, Run, main
from hostile.case import PROMISE, world
from hostile.kinds import KINDS, broken_promises

if TYPE_CHECKING:
    from collections.abc import Iterator

_EACH = 3000


def faults(run: Run) -> Iterator[Row]:
    """Try every kind of input."""
    warnings.simplefilter("ignore")
    count = run.count(_EACH)
    for number, kind in enumerate(KINDS):
        folder = run.folder / f"inputs{number}"
        folder.mkdir()
        with world(Random(f"{kind} {run.seed}"), folder) as made:
            broken = list(broken_promises(made, kind, count))
        for text in broken[:5]:
            run.say(text.encode("ascii", "backslashreplace").decode())
        happened = f"{len(broken)} other errors" if broken else "as promised"
        yield Row(f"{kind}, changed by chance", count, PROMISE, happened, len(broken))


if __name__ == "__main__":
    main(faults)
