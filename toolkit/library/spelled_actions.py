"""Natural actions that a group's name spells out: generators as images of points, without GAP.

Symmetric, alternating, cyclic and dihedral groups, permutations, and their products and wreath
products. The generators are those of ``gap_scripts/construct.g``, in its order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import NotAvailable
from toolkit.groups.specs.families import Family
from toolkit.groups.specs.generated import Permutations
from toolkit.groups.specs.tree import Product, Wreath
from toolkit.modules.gsets.actions import orbits
from toolkit.text import compact_integer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from toolkit.groups.specs.base import GroupSpec

#: The most numbers that the images of all generators may be.
MOST_NUMBERS = 1 << 27

_FAMILIES = frozenset("ACDS")


def has_spelled_action(spec: GroupSpec) -> bool:
    """Whether the name alone says how the generators move the points.

    Examples
    --------
    >>> from toolkit.groups.parsing.grammar import parse_group
    >>> [has_spelled_action(parse_group(name)) for name in ("C2 wr S4", "M11", "Q8")]
    [True, False, False]
    """
    match spec:
        case Permutations():
            return True
        case Family():
            return spec.family in _FAMILIES
        case Product():
            return all(map(has_spelled_action, spec.factors))
        case Wreath():
            return has_spelled_action(spec.base) and has_spelled_action(spec.top)
    return False


def spelled_action(spec: GroupSpec) -> NDArray[np.intp] | None:
    """Return the generators of a group as permutations, if its name spells them out.

    Parameters
    ----------
    spec
        The group's description.

    Returns
    -------
    numpy.ndarray or None
        ``(generators, points)`` integers, 0-based and read-only.

    Raises
    ------
    NotAvailable
        If they are more than :data:`MOST_NUMBERS` numbers.

    Examples
    --------
    >>> from toolkit.groups.parsing.grammar import parse_group
    >>> spelled_action(parse_group("C2 wr S3")).tolist()
    [[1, 0, 2, 3, 4, 5], [2, 3, 4, 5, 0, 1], [2, 3, 0, 1, 4, 5]]
    """
    if not has_spelled_action(spec):
        return None
    numbers = (spec.points or 1) * _most_generators(spec)
    if numbers > MOST_NUMBERS:
        raise NotAvailable(
            spec.name,
            "the natural module",
            f"the images of its {compact_integer(spec.points or 1)} points take "
            f"{compact_integer(numbers)} numbers, and up to {compact_integer(MOST_NUMBERS)} are "
            "written down",
        )
    images = _images(spec)
    images.flags.writeable = False
    return images


def _most_generators(spec: GroupSpec) -> int:
    match spec:
        case Permutations():
            return len(spec.images)
        case Product():
            return sum(map(_most_generators, spec.factors))
        case Wreath():
            # the base group stands above one point of each orbit
            orbits = len(_first_points(_images(spec.top))) if _is_small(spec.top) else 1
            return orbits * _most_generators(spec.base) + _most_generators(spec.top)
    return 2


def _is_small(spec: GroupSpec) -> bool:
    return (spec.points or 1) * _most_generators(spec) <= MOST_NUMBERS


def _images(spec: GroupSpec) -> NDArray[np.intp]:
    match spec:
        case Permutations():
            return np.array(spec.images, dtype=np.intp)
        case Product():
            return _side_by_side([_images(factor) for factor in spec.factors])
        case Wreath():
            return _wreath(_images(spec.base), _images(spec.top))
        case Family(family, (number,)):
            return _family(family, number)
    raise AssertionError(spec)


def _family(family: str, number: int) -> NDArray[np.intp]:
    if family == "D" and number == 4:  # the reflections of a rectangle through its sides
        return np.array([[1, 0, 3, 2], [2, 3, 0, 1]], dtype=np.intp)
    n = number // 2 if family == "D" else number
    points = np.arange(n)
    turn = np.roll(points, -1)
    if family == "D":
        return _rows([turn, -points % n], n)
    if family == "C" or n < 3:
        return _rows([turn] if n > 1 and family != "A" else [], n)
    if family == "S":
        return _rows([turn, _with_cycle(n, 2)], n)
    if n == 3:
        return _rows([turn], n)
    if n % 2 == 0:
        turn = np.concatenate([[0], np.roll(points[1:], -1)])
    return _rows([turn, _with_cycle(n, 3)], n)


def _with_cycle(n: int, length: int) -> NDArray[np.intp]:
    image = np.arange(n)
    image[:length] = np.roll(image[:length], -1)
    return image


def _rows(rows: Sequence[NDArray[np.intp]], n: int) -> NDArray[np.intp]:
    return np.array(rows, dtype=np.intp).reshape(len(rows), n)


def _side_by_side(parts: Sequence[NDArray[np.intp]]) -> NDArray[np.intp]:
    whole = sum(part.shape[1] for part in parts)
    out = np.tile(np.arange(whole), (sum(map(len, parts)), 1))
    row = shift = 0
    for part in parts:
        k, n = part.shape
        out[row : row + k, shift : shift + n] = part + shift
        row, shift = row + k, shift + n
    return out


def _wreath(base: NDArray[np.intp], top: NDArray[np.intp]) -> NDArray[np.intp]:
    d, n = base.shape[1], top.shape[1]
    below = []
    for first in _first_points(top):
        rows = np.tile(np.arange(d * n), (len(base), 1))
        rows[:, first * d : (first + 1) * d] = base + first * d
        below.append(rows)
    above = (top[:, :, None] * d + np.arange(d)).reshape(len(top), d * n)
    return np.concatenate([*below, above])


def _first_points(images: NDArray[np.intp]) -> list[int]:
    if not len(images):
        return list(range(images.shape[1]))
    return [int(orbit[0]) for orbit in orbits(images)]
