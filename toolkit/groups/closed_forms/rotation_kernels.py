"""The kernels of the simples of dihedral and dicyclic groups, by the divisors of n.

The group has a cyclic subgroup <a> of index 2, and b inverts a: b^2 = 1 in the dihedral group, and
b^2 is the involution of <a> in the dicyclic one. The simples that are not of degree 1 belong to the
characters a -> E(m)^j of order m >= 3, up to inversion; they have degree 2, and the kernel <a^m>.
"""

from __future__ import annotations

from dataclasses import dataclass

from toolkit.exact.residues import prime_factors
from toolkit.groups.character_table import RealType
from toolkit.groups.closed_forms.form import KernelClass
from toolkit.groups.closed_forms.integers import divisors


@dataclass(frozen=True, slots=True)
class _Node:
    """A class of simples: how a and its powers act decides the edges.

    Parameters
    ----------
    turn
        The order of the action of a, if all elements off <a> have trace 0; 1 and 2 for the
        characters of degree 1 on which a acts as 1 and -1.
    is_degree_one
        Whether the simple is one of these.
    """

    turn: int
    is_degree_one: bool
    count: int
    dimension: int
    type: RealType
    action_order: int


def rotation_kernel_classes(rotations: int, *, dicyclic: bool) -> tuple[KernelClass, ...]:
    """Return the classes of simples with one kernel, in canonical order.

    Parameters
    ----------
    rotations
        The order of a: at least 3, and even and at least 4 for a dicyclic group.
    dicyclic
        Whether b^2 is the involution of <a>, else 1.

    Examples
    --------
    >>> [(c.name, c.dimension, c.type) for c in rotation_kernel_classes(6, dicyclic=True)]
    [('L0', 1, 'R'), ('L1', 1, 'R'), ('L2', 2, 'R'), ('L3', 2, 'C'), ('L4', 4, 'H')]
    """
    order = 2 * rotations
    n = rotations // 2 if dicyclic else rotations
    trivial = _Node(1, True, 1, 1, "R", 1)
    flip = _Node(1, True, 1, 1, "R", 2)
    nodes = [trivial]
    if n % 2 == 0:
        others = [_Node(2, True, 1, 1, "R", 2)] * 2
        nodes += [*others, flip] if n % 4 == 0 else [flip, *others]
    else:
        nodes.append(flip)
    full = rotations & -rotations  # the power of 2 in the order of a
    planes = []
    quaternionic = []
    for m in divisors(rotations):
        if m < 3:
            continue
        count = _totient(m) // 2
        if dicyclic and m & -m == full:
            quaternionic.append(_Node(m, False, count, 4, "H", 2 * m))
        else:
            planes.append(_Node(m, False, count, 2, "R", 2 * m))
    nodes += planes
    if dicyclic and n % 2:
        nodes.append(_Node(2, True, 1, 2, "C", 4))
    nodes += quaternionic
    out = []
    first = 0
    for i, node in enumerate(nodes):
        even, odd = _targets(i, nodes)
        kernel = order // node.action_order
        minus = node.turn % 2 == 0 if not node.is_degree_one else node.action_order > 1
        out.append(
            KernelClass(
                first,
                node.count,
                node.dimension,
                node.type,
                node.action_order,
                kernel,
                kernel * (2 if minus else 1),
                even,
                odd,
            )
        )
        first += node.count
    return tuple(out)


def semidihedral_kernel_classes(order: int) -> tuple[KernelClass, ...]:
    """Return the classes of simples with one kernel of a semidihedral group, in canonical order.

    The involution z in <a> is central, and the quotient by it is dihedral. The characters of <a> of
    order |a| induce the others: all of them are faithful, and z acts as -1; i and -i are not
    conjugate, so that they are of complex type.

    Parameters
    ----------
    order
        Of the group: a power of 2, at least 16.

    Examples
    --------
    >>> [(c.name, c.dimension, c.type) for c in semidihedral_kernel_classes(32)]
    [('L0', 1, 'R'), ('L1', 1, 'R'), ('L2', 1, 'R'), ('L3', 1, 'R'), ('L4', 2, 'R'),
    ('L5..L6', 2, 'R'), ('L7..L8', 4, 'C')]
    """
    quotient = rotation_kernel_classes(order // 4, dicyclic=False)
    inflated = [
        c._replace(kernel_order=2 * c.kernel_order, plus_minus_order=2 * c.plus_minus_order)
        for c in quotient
    ]
    last = inflated[-1]
    own = len(inflated)
    faithful = KernelClass(
        last.first + last.size, order // 16, 4, "C", order, 1, 2, tuple(range(own)), (own,)
    )
    return (*inflated, faithful)


def _targets(i: int, nodes: list[_Node]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the classes in which the elements that act as 1 or -1 on one act as 1, or alike."""
    source = nodes[i]
    if source.is_degree_one:
        if source.action_order < 3:  # all elements act as 1 or -1
            return (0,), ((i,) if i else ())
        flips = tuple(k for k, node in enumerate(nodes) if node.turn == 1)  # <a> acts as 1 or -1
        return flips, (i,)
    m = source.turn
    if m % 2:
        return tuple(k for k, node in enumerate(nodes) if m % node.turn == 0), ()
    inside = [k for k, node in enumerate(nodes) if m % node.turn == 0]
    even = tuple(k for k in inside if (m // 2) % nodes[k].turn == 0)
    return even, tuple(k for k in inside if (m // 2) % nodes[k].turn)


def _totient(m: int) -> int:
    out = m
    for p in prime_factors(m):
        out -= out // p
    return out
