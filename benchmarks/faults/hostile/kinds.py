"""Every kind of hostile input, and one round of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hostile import (
    addresses,
    checkpoints,
    documents,
    filters,
    formulas,
    large,
    matrices,
    modules,
    names,
    paths,
    permutations,
    presentations,
    settings,
    sql,
    streams,
)
from hostile.case import Case, World, outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Kinds about which GAP may be asked.
WITH_GAP = (
    "names of groups",
    "permutations and Cayley tables",
    "presentations",
    "matrices and points",
)

#: Each input takes a process of its own.
PROCESSES: dict[str, Callable[[World], Case]] = {
    "commands with closed or full standard streams": streams.case,
    "large answers at a bound of 512 MiB": large.case,
}

#: From what is read to what makes an input.
KINDS: dict[str, Callable[[World], Case]] = {
    "names of groups": names.case,
    "permutations and Cayley tables": permutations.case,
    "presentations": presentations.case,
    "matrices and points": matrices.case,
    "module expressions and specifications": modules.case,
    "activations": formulas.case,
    "conditions of the catalog": filters.case,
    "SQL": sql.case,
    "paths": paths.case,
    "JSON and GraphML": documents.case,
    "checkpoints and batches": checkpoints.case,
    "addresses and questions of the explorer": addresses.case,
    "settings": settings.case,
}


def broken_promises(world: World, kind: str, count: int) -> Iterator[str]:
    """Try a number of inputs of a kind, and yield what broke a promise."""
    for _ in range(count):
        case = (KINDS | PROCESSES)[kind](world)
        problem = outcome(case)
        if problem is not None:
            yield f"{case.words[:400]}: {problem}"
