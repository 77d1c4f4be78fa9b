"""Functions on a group against its coset spaces: how much of the variance each one explains.

For a subgroup H the functions that are constant on the left cosets x H are a subspace, and the
mean over the cosets is the orthogonal projection to it; the same for the right cosets H x. The
share of the variance of f that remains is the score of H. Conjugate subgroups give different
subspaces: the score of a class is the largest one of its subgroups.

A small subgroup explains much of any function. A random function (of no preferred direction) keeps
``(|G:H| - 1) / (|G| - 1)`` on the average, which is what shares are compared with: the *excess*
``(share - chance) / (1 - chance)`` is 1 for functions of the coset space and 0 on the average.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from toolkit.errors import InconsistentAnswerError, NotAvailable
from toolkit.interpret.tasks.elements import inverses
from toolkit.library.modules.elements import element_images
from toolkit.modules.gsets.actions import IntArray

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.groups.subgroups import SubgroupClass
    from toolkit.library.group import Group
    from toolkit.modules.permutation_module import PermutationModule

Side: TypeAlias = Literal["left", "right"]

#: The most subgroups, conjugates counted, that scores are computed for.
MOST_SUBGROUPS = 20_000


@dataclass(frozen=True, eq=False)
class SubgroupFamily:
    """A conjugacy class of subgroups, as points of the regular module.

    Parameters
    ----------
    label
        The label of the class, such as ``"H4a"``.
    order, index
        Of each of the subgroups.
    members
        ``(conjugates, order)`` their elements, as points.
    """

    label: str
    order: int
    index: int
    members: IntArray


def subgroup_families(G: Group, table: IntArray) -> tuple[SubgroupFamily, ...]:
    """Return all subgroups of a group but 1 and the whole, by classes, smallest first.

    Parameters
    ----------
    G
        The group.
    table
        Its :func:`~toolkit.interpret.tasks.elements.multiplication_table`.

    Raises
    ------
    NotAvailable
        If there are more than 20,000 of them, or their classes cannot be listed.

    Examples
    --------
    >>> import toolkit as tk
    >>> from toolkit.interpret.tasks.elements import multiplication_table
    >>> S3 = tk.group("S3")
    >>> [(f.label, len(f.members)) for f in subgroup_families(S3, multiplication_table(S3))]
    [('H2a', 3), ('H3a', 1)]
    """
    classes = G.subgroup_classes()
    count = sum(c.length for c in classes)
    if count > MOST_SUBGROUPS or not classes.complete:
        raise NotAvailable(
            G.name,
            "coset scores",
            f"they are computed for up to {MOST_SUBGROUPS:,} subgroups, and there are "
            f"{'at least ' if not classes.complete else ''}{count:,}",
        )
    X = G.regular_module()
    natural = _natural_numbers(G, X) if any(map(_permutations, classes)) else {}
    back = inverses(table)
    everyone = np.arange(len(table))[:, None]
    out = []
    for c in classes:
        if c.order == 1 or c.index == 1:
            continue
        generators = _points_of(G, X, natural, c.generators)
        own = _generated(table, generators)
        conjugates = table[table[back[:, None], own[None, :]], everyone]
        members = np.unique(np.sort(conjugates, axis=1), axis=0)
        if members.shape != (c.length, c.order):
            raise InconsistentAnswerError(
                G.name,
                f"{c.length} conjugates of order {c.order} in the class {c.label}",
                f"{members.shape[0]} of order {members.shape[1]}",
            )
        out.append(SubgroupFamily(c.label, c.order, c.index, members))
    return tuple(out)


def _permutations(c: SubgroupClass) -> bool:
    return any(isinstance(g, dict) and set(g) == {"perm"} for g in c.generators)


def _natural_numbers(G: Group, X: PermutationModule) -> dict[tuple[int, ...], int]:
    """Return the points of the elements as permutations, as far as those are at hand."""
    try:
        own = X.elements.images(G.natural_module()).tolist()
    except NotAvailable:
        return {}
    found = {tuple(row): i for i, row in enumerate(own)}
    return found if len(found) == len(own) else {}


def _points_of(
    G: Group,
    X: PermutationModule,
    natural: dict[tuple[int, ...], int],
    generators: tuple[object, ...],
) -> IntArray:
    """Return elements, given as data, as points of the regular module; GAP only if it must be."""
    found = [
        natural.get(tuple(g["perm"]), -1) if isinstance(g, dict) and "perm" in g else -1
        for g in generators
    ]
    if -1 not in found:
        return np.array(found, dtype=np.intp)
    return element_images(X, list(generators))[:, 0]


def _generated(table: IntArray, generators: IntArray) -> IntArray:
    points, known = [0], {0}
    for point in points:  # grows while it is read
        for g in generators.tolist():
            new = int(table[point, g])
            if new not in known:
                known.add(new)
                points.append(new)
    return np.array(sorted(points), dtype=np.intp)


def cosets(table: IntArray, subgroup: IntArray, side: Side) -> IntArray:
    """Return the cosets of a subgroup, a row for each.

    Parameters
    ----------
    table
        The multiplication table, identity 0.
    subgroup
        ``(|H|,)`` elements.
    side
        ``"left"`` for x H, ``"right"`` for H x.

    Returns
    -------
    numpy.ndarray
        ``(|G:H|, |H|)`` elements.

    Examples
    --------
    >>> import toolkit as tk
    >>> from toolkit.interpret.tasks.elements import multiplication_table
    >>> cosets(multiplication_table(tk.group("S3")), np.array([0, 2]), "left").tolist()
    [[0, 2], [1, 4], [3, 5]]
    """
    least = table[:, subgroup].min(axis=1) if side == "left" else table[subgroup].min(axis=0)
    found: IntArray = np.argsort(least, kind="stable").reshape(-1, len(subgroup))
    return found


def coset_shares(
    table: IntArray,
    families: tuple[SubgroupFamily, ...],
    functions: NDArray[np.float64],
    side: Side,
) -> NDArray[np.float64]:
    """Return the share of the variance of functions that the coset spaces explain.

    Parameters
    ----------
    table
        The multiplication table.
    families
        Classes of subgroups.
    functions
        ``(n, N)`` float64, a function in each column.
    side
        ``"left"`` for functions constant on the cosets x H, ``"right"`` on H x.

    Returns
    -------
    numpy.ndarray
        ``(classes, N)``: the largest share over the subgroups of a class; NaN for a function that
        is constant to rounding.

    Notes
    -----
    O(subgroups n N).
    """
    centred = functions - functions.mean(axis=0)
    whole = np.square(centred).sum(axis=0)
    size = np.square(functions).sum(axis=0)
    constant = whole <= 1e-24 * size
    out = np.zeros((len(families), functions.shape[1]))
    for row, family in zip(out, families, strict=True):
        for subgroup in family.members:
            own = cosets(table, subgroup, side)
            sums = centred[own[:, 0]]
            for column in own.T[1:]:
                sums += centred[column]
            np.maximum(row, np.einsum("ij,ij->j", sums, sums) / family.order, out=row)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares: NDArray[np.float64] = np.where(constant, np.nan, out / whole)
    return shares


def chance_of_family(
    table: IntArray, family: SubgroupFamily, fibres: IntArray, side: Side
) -> float:
    """Return the expected share of a subgroup for a random function on the blocks of G.

    Parameters
    ----------
    table
        The multiplication table.
    family
        A class of subgroups; the answer is for one of them, and the largest of them if they differ.
    fibres
        ``(n,)`` the block of each element, numbered from 0: functions are constant on the blocks,
        which have the same size. ``arange(n)`` for all functions.
    side
        As of :func:`coset_shares`.

    Notes
    -----
    For a function whose direction is uniform in the functions on the blocks less the constants,
    ``(tr(P Q) - 1) / (blocks - 1)``, P and Q the two projections: exactly, in expectation.

    Examples
    --------
    >>> import toolkit as tk
    >>> from toolkit.interpret.tasks.elements import multiplication_table
    >>> G = tk.group("S3")
    >>> T = multiplication_table(G)
    >>> [chance_of_family(T, f, np.arange(6), "left") for f in subgroup_families(G, T)]
    [0.4, 0.2]
    """
    blocks = int(fibres.max()) + 1
    if blocks == 1:
        return 1.0
    if blocks == len(table):
        return (family.index - 1) / (blocks - 1)
    best = 0.0
    size = len(table) // blocks
    for subgroup in family.members:
        own = cosets(table, subgroup, side)
        label = np.empty(len(table), dtype=np.intp)
        label[own] = np.arange(len(own))[:, None]
        meets = np.bincount(label * blocks + fibres)
        trace = float(np.square(meets).sum()) / (family.order * size)
        best = max(best, (trace - 1) / (blocks - 1))
    return best


def excess(shares: NDArray[np.float64], chance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (share - chance) / (1 - chance), row by row; 0 where chance is 1.

    Examples
    --------
    >>> excess(np.array([[1.0, 0.4]]), np.array([0.4])).tolist()
    [[1.0, 0.0]]
    """
    room = 1 - chance[:, None]
    found: NDArray[np.float64] = np.where(
        room > 1e-12, (shares - chance[:, None]) / np.maximum(room, 1e-12), 0.0
    )
    return found
