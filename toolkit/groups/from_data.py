"""Groups given by data instead of a name: image lists and multiplication tables.

Points count from 0 here, as always in Python. Nothing is imported for numpy arrays
before one is given.
"""

from __future__ import annotations

from operator import index, itemgetter
from typing import TYPE_CHECKING, Any

from toolkit.groups.specs.base import data_refusal
from toolkit.groups.specs.generated import (
    MAX_PERMUTATION_DEGREE,
    Permutations,
    permutation_problem,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np

    from toolkit.errors import NamingError

MAX_TABLE_ORDER = 2000
"""Most elements of a group given by its multiplication table."""


def spec_from_permutations(
    images: Iterable[Sequence[int] | np.ndarray[Any, Any]], *, convention: str = "images"
) -> Permutations:
    """Return the permutation group that image lists generate.

    Parameters
    ----------
    images
        For each generator the list (or numpy array, shape ``(degree,)``) of the images of the
        points 0, 1, ..., degree - 1. All must have the same length.
    convention
        How a permutation is written. ``"images"`` is the only one: entry i is the image of i.

    Returns
    -------
    Permutations
        The generators in the given order.

    Raises
    ------
    NamingError
        If an entry is not an integer, or a list is not a permutation of 0 to degree - 1.

    Examples
    --------
    >>> spec_from_permutations([[1, 2, 0], [1, 0, 2]]).name
    '<(1,2,3), (1,2)>'
    >>> spec_from_permutations([[1, 0, 2]]).name
    '<(1,2)(3)>'
    >>> spec_from_permutations([[1, 2, 3]])
    Traceback (most recent call last):
    ...
    toolkit.errors.GroupDataError: cannot construct a group from these permutations: generator 0
    (counted from 0) has entry 2 equal to 3, outside 0 to 2: points count from 0
    """
    fail = _about("these permutations")
    if convention != "images":
        raise fail(f"the convention {_glimpse(convention)} is unknown", 'use "images"')
    generators: list[tuple[int, ...]] = []
    for image in _items(images, "the generators", fail):
        where = f"generator {len(generators)} (counted from 0)"
        hint = "" if generators else "one generator is given as [[1, 0, 2]]"
        generators.append(_integers(image, where, fail, hint))
        problem = permutation_problem(generators[-1], len(generators[0]))
        if problem:
            raise fail(f"{where} {problem}")
    if not generators or not generators[0]:
        raise fail("at least one generator on at least one point is needed")
    return Permutations(len(generators[0]), tuple(generators))


def spec_from_cayley_table(table: Iterable[Sequence[int] | np.ndarray[Any, Any]]) -> Permutations:
    """Return the group with a given multiplication table, acting on itself from the right.

    Whether the table is that of a group is checked exactly: closure, each element once in every row
    and column, an identity, and associativity by Light's test, which needs only generators as
    middle factors. Takes time proportional to n^2 log n for n elements.

    Parameters
    ----------
    table
        ``table[i][j]`` is the product i * j, elements counted from 0; shape ``(n, n)``, n at
        most :data:`MAX_TABLE_ORDER`. The identity may be any element.

    Returns
    -------
    Permutations
        Generators i -> i * g on the n elements. The g are the least ones that enlarge the
        subgroup found so far, without those that the others generate.

    Raises
    ------
    NamingError
        If it is not the multiplication table of a group; the message names a place where it fails.

    Examples
    --------
    >>> spec_from_cayley_table([[(i + j) % 4 for j in range(4)] for i in range(4)]).name
    '<(1,2,3,4)>'
    >>> spec_from_cayley_table([[0, 1], [1, 1]])
    Traceback (most recent call last):
    ...
    toolkit.errors.GroupDataError: cannot construct a group from this Cayley table: row 1 has the
    value 1 twice, at entries 0 and 1
    """
    fail = _about("this Cayley table")
    rows: list[tuple[int, ...]] = []
    for row in _items(table, "the table", fail):
        if len(rows) == MAX_TABLE_ORDER:
            raise fail(
                f"the table has more than {MAX_TABLE_ORDER:,} rows",
                "give permutations or a presentation instead",
            )
        rows.append(_integers(row, f"row {len(rows)}", fail))
    if not rows:
        raise fail("the table is empty")
    for number, row in enumerate(rows):
        if problem := permutation_problem(row, len(rows)):
            raise fail(f"row {number} {problem}")
    columns = list(zip(*rows, strict=True))
    for number, column in enumerate(columns):
        if problem := permutation_problem(column, len(rows)):
            raise fail(f"column {number} {problem}")
    same = tuple(range(len(rows)))
    identity = next((e for e in same if rows[e] == same), None)
    if identity is None or columns[identity] != same:
        raise fail("no element is an identity on both sides")
    generators = _generators(rows, columns, identity, fail)
    return spec_from_permutations([columns[g] for g in generators or [identity]])


def _generators(
    rows: list[tuple[int, ...]],
    columns: list[tuple[int, ...]],
    identity: int,
    fail: Callable[..., NamingError],
) -> list[int]:
    """Return irredundant generators of the loop, each of which passes Light's test.

    Elements that associate in the middle form a group, the middle nucleus. So the subgroup found
    at least doubles with each generator, and if all generators pass, the loop is a group.
    """
    generators: list[int] = []
    found = {identity}
    while len(found) < len(rows):
        g = next(x for x in range(len(rows)) if x not in found)
        _check_associates(rows, columns, g, fail)
        generators.append(g)
        found = _generated(columns, identity, generators)
    for g in list(generators):
        others = [x for x in generators if x != g]
        if len(_generated(columns, identity, others)) == len(rows):
            generators = others
    return generators


def _generated(columns: list[tuple[int, ...]], identity: int, generators: list[int]) -> set[int]:
    found, queue = {identity}, [identity]
    for x in queue:
        for g in generators:
            product = columns[g][x]
            if product not in found:
                found.add(product)
                queue.append(product)
    return found


def _check_associates(
    rows: list[tuple[int, ...]],
    columns: list[tuple[int, ...]],
    g: int,
    fail: Callable[..., NamingError],
) -> None:
    """Check (x * g) * y = x * (g * y) for all x and y."""
    pick = itemgetter(*rows[g])
    for x, row in enumerate(rows):
        left, right = rows[columns[g][x]], pick(row)
        if left != right:
            y = next(y for y in range(len(rows)) if left[y] != right[y])
            raise fail(
                f"it is not associative: ({x}*{g})*{y} = {left[y]}, but {x}*({g}*{y}) = {right[y]}"
            )


def _about(what: str) -> Callable[..., NamingError]:
    def fail(problem: str, suggestion: str = "") -> NamingError:
        return data_refusal(what, problem, suggestion)

    return fail


def _glimpse(value: object) -> str:
    """Return the start of a value's repr, on one line."""
    return " ".join(repr(value).split())[:40]


def _items(data: Any, what: str, fail: Callable[..., NamingError]) -> Iterable[Any]:  # noqa: ANN401
    if isinstance(data, str | bytes | dict | set | frozenset):
        raise fail(f"{what} must be a list of lists of integers, not {type(data).__name__}")
    try:
        items: Iterable[Any] = iter(data)
    except TypeError:
        raise fail(
            f"{what} must be a list of lists of integers, not {type(data).__name__}"
        ) from None
    return items


def _integers(
    data: Any,  # noqa: ANN401
    where: str,
    fail: Callable[..., NamingError],
    hint: str = "",
) -> tuple[int, ...]:
    tolist = getattr(data, "tolist", None)  # numpy arrays: Python integers are faster
    if tolist is not None:
        data = tolist()
    if isinstance(data, str | bytes | dict | set | frozenset | int):
        raise fail(f"{where} must be a list of integers, not {_glimpse(data)}", hint)
    try:
        entries = iter(data)
    except TypeError:
        raise fail(f"{where} must be a list of integers, not {_glimpse(data)}", hint) from None
    out: list[int] = []
    for entry in entries:
        if type(entry) is not int:
            entry = _integer(entry, f"{where} has entry {len(out)}", fail)
        if len(out) == MAX_PERMUTATION_DEGREE:
            raise fail(f"{where} has more than {MAX_PERMUTATION_DEGREE:,} entries")
        out.append(entry)
    return tuple(out)


def _integer(value: Any, where: str, fail: Callable[..., NamingError]) -> int:  # noqa: ANN401
    if not isinstance(value, bool):
        try:
            return index(value)
        except TypeError:
            pass
    raise fail(f"{where} equal to {_glimpse(value)}, which is not an integer")
