"""Hostile inputs of every kind that is read, made by chance."""

from __future__ import annotations

import warnings
from random import Random
from typing import TYPE_CHECKING

from harness import Row, Run, main
from hostile.case import PROMISE, world
from hostile.kinds import KINDS, PROCESSES, WITH_GAP, broken_promises

if TYPE_CHECKING:
    from collections.abc import Iterator

_EACH, _WITH_GAP, _PROCESSES = 3000, 200, 100
#: Smaller runs start no process and ask no GAP: either takes seconds.
_LEAST_FOR_PROCESSES = 0.005


def faults(run: Run) -> Iterator[Row]:
    """Try every kind of input."""
    warnings.simplefilter("ignore")
    rounds = [(kind, "changed by chance", run.count(_EACH), False) for kind in KINDS]
    if run.share >= _LEAST_FOR_PROCESSES:
        rounds += [(kind, "drawn by chance", run.count(_PROCESSES), False) for kind in PROCESSES]
        rounds += [
            (kind, "changed by chance, GAP is asked", run.count(_WITH_GAP), True)
            for kind in WITH_GAP
        ]
    for number, (kind, words, count, gap) in enumerate(rounds):
        folder = run.folder / f"inputs{number}"
        folder.mkdir()
        with world(Random(f"{kind} {run.seed}"), folder, gap=gap) as made:
            broken = list(broken_promises(made, kind, count))
        for text in broken[:5]:
            run.say(text.encode("ascii", "backslashreplace").decode())
        happened = f"{len(broken)} other errors" if broken else "as promised"
        yield Row(f"{kind}, {words}", count, PROMISE, happened, len(broken))


if __name__ == "__main__":
    main(faults)
