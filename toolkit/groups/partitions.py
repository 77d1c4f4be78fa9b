"""Partitions: cycle types, and the simples of symmetric groups."""

from __future__ import annotations

from functools import cache
from math import factorial, prod
from typing import TYPE_CHECKING

from toolkit.errors import InconsistentAnswerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from toolkit.groups.character_table import CharacterTable


def cycle_type(images: Sequence[int], points: int | None = None) -> tuple[int, ...]:
    """Return the lengths of the cycles of a permutation, falling, fixed points included.

    Parameters
    ----------
    images
        0-based images.
    points
        How many points there are, if more than images.

    Examples
    --------
    >>> cycle_type([1, 0, 2]), cycle_type([1, 0], 4)
    ((2, 1), (2, 1, 1))
    """
    n = len(images) if points is None else points
    seen = [False] * n
    lengths = []
    for start in range(n):
        length, point = 0, start
        while not seen[point]:
            seen[point] = True
            length += 1
            point = images[point] if point < len(images) else point
        if length:
            lengths.append(length)
    return tuple(sorted(lengths, reverse=True))


def partitions(n: int, largest: int | None = None) -> Iterator[tuple[int, ...]]:
    """Yield the partitions of n, parts falling, the largest first.

    Examples
    --------
    >>> list(partitions(4))
    [(4,), (3, 1), (2, 2), (2, 1, 1), (1, 1, 1, 1)]
    """
    if n == 0:
        yield ()
        return
    for first in range(min(n, largest or n), 0, -1):
        for rest in partitions(n - first, first):
            yield (first, *rest)


def conjugate(partition: Sequence[int]) -> tuple[int, ...]:
    """Return the partition with rows and columns of its diagram exchanged.

    Examples
    --------
    >>> conjugate((3, 1))
    (2, 1, 1)
    """
    return tuple(sum(part > i for part in partition) for i in range(max(partition, default=0)))


def hook_lengths(partition: Sequence[int]) -> list[int]:
    """Return the lengths of the hooks of the cells of the diagram, row by row.

    Examples
    --------
    >>> hook_lengths((3, 1))
    [4, 2, 1, 1]
    """
    columns = conjugate(partition)
    return [part - j + columns[j] - i - 1 for i, part in enumerate(partition) for j in range(part)]


def dimension(partition: Sequence[int]) -> int:
    """Return the dimension of the Specht module: n! divided by the product of the hook lengths.

    Examples
    --------
    >>> dimension((3, 2))
    5
    """
    return factorial(sum(partition)) // prod(hook_lengths(partition))


def character_value(partition: Sequence[int], cycles: Sequence[int]) -> int:
    """Return the value of the character of a Specht module, by Murnaghan and Nakayama's rule.

    Parameters
    ----------
    partition
        Of n.
    cycles
        A cycle type: another partition of n.

    Notes
    -----
    A partition is its set of first-column hook lengths ("beta numbers"): to remove a rim hook of
    length k is to lower one of them by k, with the sign of the numbers that it passes.

    Examples
    --------
    >>> [character_value((2, 1), c) for c in ((1, 1, 1), (2, 1), (3,))]
    [2, 0, -1]
    """
    rows = len(partition)
    beta = tuple(sorted(part + rows - 1 - i for i, part in enumerate(partition)))
    return _value(beta, tuple(sorted(cycles, reverse=True)))


@cache
def _value(beta: tuple[int, ...], cycles: tuple[int, ...]) -> int:
    if not cycles:
        return 1
    longest, rest = cycles[0], cycles[1:]
    if longest == 1:  # only fixed points are left
        rows = len(beta)
        parts = [b - i for i, b in enumerate(beta)][::-1]
        return dimension([p for p in parts if p]) if rows else 1
    total = 0
    present = set(beta)
    for b in beta:
        lower = b - longest
        if lower >= 0 and lower not in present:
            passed = sum(lower < other < b for other in beta)
            new = tuple(sorted((present - {b}) | {lower}))
            total += (-1) ** passed * _value(new, rest)
    return total


def partitions_of_simples(
    table: CharacterTable, cycle_types: Sequence[tuple[int, ...]]
) -> dict[str, tuple[int, ...]]:
    """Return the partition of each simple of a symmetric group.

    Parameters
    ----------
    table
        The character table.
    cycle_types
        Per class its cycle type on the n points.

    Raises
    ------
    InconsistentAnswerError
        If partitions and simples do not correspond to each other.

    Notes
    -----
    Exact. The values on the k-cycles, k = 1, ..., n, distinguish the characters: the sums of
    those classes generate the centre of the rational group algebra (Farahat and Higman 1959). So
    these are compared, which takes one removal of a hook for each cell of a diagram.
    """
    n = sum(cycle_types[0])
    place = {cycles: c for c, cycles in enumerate(cycle_types)}
    kinds = [(k, *(1,) * (n - k)) for k in range(1, n + 1)]
    columns = [place[kind] for kind in kinds]
    found: dict[tuple[int, ...], tuple[int, ...]] = {}
    for partition in partitions(n):
        found[tuple(character_value(partition, kind) for kind in kinds)] = partition
    out = {}
    for simple in table.simples:
        values = tuple(table.values[simple.row[c]].to_int() for c in columns)
        if values not in found:
            raise InconsistentAnswerError(
                table.group, f"{simple.label} to be a Specht module", f"values {values!s:.60}"
            )
        out[simple.label] = found.pop(values)
    if found:
        raise InconsistentAnswerError(
            table.group, "a simple for each partition", f"none for {next(iter(found.values()))}"
        )
    return out
