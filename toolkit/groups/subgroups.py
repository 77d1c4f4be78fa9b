"""Normal subgroups as unions of classes, their lattice, and conjugacy classes of subgroups."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from toolkit.cached import cached_property
from toolkit.display import PrintedTable
from toolkit.errors import NotAvailable
from toolkit.text import join_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    import networkx as nx
    import numpy as np
    from numpy.typing import NDArray

    from toolkit.groups.character_table import CharacterTable

_MOST_NORMAL_SUBGROUPS = 20_000
_MOST_COUNTED = 100_000
# of an array of sets by sets
_ENTRIES_AT_ONCE = 1 << 24
#: Up to so many pairs of a set and a class nothing is gained by numpy, and it is not imported.
_FEW = 1_000


@dataclass(frozen=True)
class NormalSubgroup:
    """A normal subgroup.

    Parameters
    ----------
    group
        Canonical name of the group it lies in.
    label
        ``"N0"`` (trivial), ``"N1"``, ...: by order, then by its classes.
    order, index
        |N| and |G:N|.
    classes
        0-based conjugacy classes it is made of.
    generators
        Elements that generate it, as data; ``None`` when only the character table is known.
    quotient
        GAP's description of G/N where that is cheap, else ``None``.
    """

    group: str
    label: str
    order: int
    index: int
    classes: tuple[int, ...]
    generators: tuple[object, ...] | None = None
    quotient: str | None = None


@dataclass(frozen=True)
class NormalSubgroups(PrintedTable):
    """All normal subgroups of a group, in the order of their labels.

    Parameters
    ----------
    group
        Canonical name of the group.
    subgroups
        The normal subgroups.
    covers
        Pairs ``(i, j)`` of 0-based positions: subgroup i is a maximal one inside subgroup j.
    """

    group: str
    subgroups: tuple[NormalSubgroup, ...]
    covers: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.subgroups)

    def __iter__(self) -> Iterator[NormalSubgroup]:
        return iter(self.subgroups)

    def __getitem__(self, position: int) -> NormalSubgroup:
        return self.subgroups[position]

    def among(self, labels: Collection[str]) -> NormalSubgroups:
        """Return some of the subgroups, with the covers among them."""
        return _lattice(self.group, tuple(n for n in self.subgroups if n.label in labels))

    @cached_property
    def graph(self) -> nx.DiGraph[str]:
        """The lattice as a directed graph: an edge from each subgroup to those covering it.

        Nodes are labels with ``order``, ``index``, ``classes`` (a text such as ``"0, 2"``, see
        :func:`toolkit.text.split_names`) and, where it is known, ``quotient``.
        """
        import networkx as nx

        out: nx.DiGraph[str] = nx.DiGraph(group=self.group)
        for n in self.subgroups:
            out.add_node(n.label, order=n.order, index=n.index, classes=join_names(n.classes))
            if n.quotient:
                out.nodes[n.label]["quotient"] = n.quotient
        out.add_edges_from(
            (self.subgroups[i].label, self.subgroups[j].label) for i, j in self.covers
        )
        return out


def normal_subgroups_of_table(table: CharacterTable) -> NormalSubgroups:
    """Return all normal subgroups as unions of classes: the intersections of kernels.

    Raises
    ------
    NotAvailable
        If there are more than 20,000.

    Notes
    -----
    Exact; from the character table alone (Isaacs, Character Theory of Finite Groups, 2.20-2.21);
    never starts GAP.
    """
    found = _intersections(_kernels(table), len(table), _MOST_NORMAL_SUBGROUPS)
    if found is None:
        raise NotAvailable(
            table.group,
            "the normal subgroups",
            f"there are more than {_MOST_NORMAL_SUBGROUPS:,}; choose a smaller group",
        )
    return _lattice(table.group, _described(_in_order(found, table), table))


def normal_subgroups_or_kernels(
    table: CharacterTable, most: int = 1000
) -> tuple[NormalSubgroups, int | None]:
    """Return all normal subgroups where there are few, else the kernels of simples among them.

    Parameters
    ----------
    table
        The character table.
    most
        If there are more normal subgroups than this, only kernels are listed.

    Returns
    -------
    tuple
        The normal subgroups with their labels among all, and how many there are. The number is
        ``None`` beyond 100,000; the kernels then have labels of their own: ``"K0"``, ``"K1"``, ...

    Notes
    -----
    Exact; never starts GAP.

    Examples
    --------
    >>> import toolkit as tk
    >>> found, count = normal_subgroups_or_kernels(tk.group("C2 x C2 x C2").character_table, 10)
    >>> count, [n.label for n in found]
    (16, ['N8', 'N9', 'N10', 'N11', 'N12', 'N13', 'N14', 'N15'])
    """
    kernels = _kernels(table)
    everything = _intersections(kernels, len(table), _MOST_COUNTED)
    listed = kernels if everything is None or len(everything) > most else everything
    ordered = _in_order(listed if everything is None else everything, table)
    letter, count = ("K", None) if everything is None else ("N", len(everything))
    return _lattice(table.group, _described(ordered, table, letter, listed)), count


def minimal_normal_subgroups(table: CharacterTable) -> tuple[NormalSubgroup, ...]:
    """Return the minimal normal subgroups, rising: the least among normal closures of classes.

    Their labels count them only: ``"M0"``, ``"M1"``, ... Exact; never starts GAP.

    Examples
    --------
    >>> import toolkit as tk
    >>> [n.classes for n in minimal_normal_subgroups(tk.group("S4").character_table)]
    [(0, 1)]
    """
    import numpy as np

    k = len(table)
    kernels = _members(list(_kernels(table)), k).astype(np.float32)
    # a class lies in the closure of another if no kernel has that one only
    closures = set(_masks(kernels.T[1:] @ (1 - kernels) == 0))  # all classes but that of 1
    least: list[int] = []
    for mask, _ in _in_order(closures, table):
        if all(other & ~mask for other in least):
            least.append(mask)
    return _described(_in_order(least, table), table, "M")


def _kernels(table: CharacterTable) -> set[int]:
    """Return the kernels of simples as integers: the highest of the k bits is class 0."""
    bits = [1 << c for c in range(len(table) - 1, -1, -1)]
    return {sum(map(bits.__getitem__, kernel)) for kernel in {s.kernel for s in table.simples}}


def _intersections(kernels: set[int], k: int, most: int) -> set[int] | None:
    """Return all intersections, the whole group included; ``None`` if there are too many."""
    found = {(1 << k) - 1}
    for kernel in sorted(kernels, key=int.bit_count, reverse=True):
        if kernel in found:  # an intersection of others: nothing new
            continue
        found |= {n & kernel for n in found}
        if len(found) > most:
            return None
    return found


def _in_order(masks: Iterable[int], table: CharacterTable) -> list[tuple[int, int]]:
    """Return sets of classes with the orders of their unions, by order, then by classes."""
    # one of several sets of one order is smaller, as a tuple of classes, if its integer is larger:
    # none of them lies in another
    falling = sorted(masks, reverse=True)
    if len(falling) * len(table) <= _FEW:
        own = [sum(map(table.class_sizes.__getitem__, _bits(m, len(table)))) for m in falling]
        return sorted(zip(falling, own, strict=True), key=lambda pair: pair[1])
    import numpy as np

    sizes = np.array(table.class_sizes, dtype=np.int64 if table.order < 1 << 62 else object)
    orders = (_members(falling, len(table)) @ sizes).tolist()
    return sorted(zip(falling, orders, strict=True), key=lambda pair: pair[1])


def _bits(mask: int, k: int) -> tuple[int, ...]:
    """Return the classes in a set that is given as an integer."""
    return tuple(c for c in range(k) if mask >> (k - 1 - c) & 1)


def _members(masks: Sequence[int], k: int) -> NDArray[np.bool_]:
    """Return ``(sets, k)`` which classes lie in which sets, given as integers."""
    import numpy as np

    width = (k + 7) // 8
    data = np.frombuffer(b"".join(mask.to_bytes(width, "big") for mask in masks), dtype=np.uint8)
    bits = np.unpackbits(data.reshape(len(masks), width), axis=1)
    return bits[:, 8 * width - k :].astype(np.bool_)


def _masks(members: NDArray[np.bool_]) -> list[int]:
    """Return sets of classes as integers, as :func:`_members` reads them."""
    import numpy as np

    unused = -members.shape[1] % 8
    rows = np.packbits(members, axis=1)
    return [int.from_bytes(row.tobytes(), "big") >> unused for row in rows]


def _described(
    ordered: list[tuple[int, int]],
    table: CharacterTable,
    letter: str = "N",
    listed: Collection[int] | None = None,
) -> tuple[NormalSubgroup, ...]:
    """Return normal subgroups labelled by their positions; only those ``listed`` if given."""
    chosen = [
        (i, mask, order)
        for i, (mask, order) in enumerate(ordered)
        if listed is None or mask in listed
    ]
    if len(chosen) * len(table) <= _FEW:
        classes = [_bits(mask, len(table)) for _, mask, _ in chosen]
    else:
        from toolkit.groups.table_assembly import class_sets

        classes = class_sets(_members([mask for _, mask, _ in chosen], len(table)))
    return tuple(
        NormalSubgroup(table.group, f"{letter}{i}", order, table.order // order, own)
        for (i, _, order), own in zip(chosen, classes, strict=True)
    )


def _lattice(group: str, subgroups: tuple[NormalSubgroup, ...]) -> NormalSubgroups:
    """Return rising normal subgroups with the covers among them."""
    covers = []
    inside = _inside([n.classes for n in subgroups])
    for j, rest in enumerate(inside):
        while rest:  # the largest subgroup that lies in no other one is a maximal one
            i = rest.bit_length() - 1
            covers.append((i, j))
            rest &= ~(inside[i] | 1 << i)
    return NormalSubgroups(group, subgroups, tuple(sorted(covers)))


def _inside(sets: Sequence[tuple[int, ...]]) -> list[int]:
    """Return, per set of classes, which of the sets before it lie in it, as bits."""
    sizes = [len(s) for s in sets]
    if len(sets) * max(sizes, default=0) <= _FEW:
        own = [frozenset(s) for s in sets]
        return [sum(1 << i for i in range(j) if own[i] <= later) for j, later in enumerate(own)]
    import numpy as np

    members = np.zeros((len(sets), 1 + max(map(max, sets), default=0)), dtype=np.float32)
    classes = np.fromiter(chain.from_iterable(sets), dtype=np.intp, count=sum(sizes))
    members[np.repeat(np.arange(len(sets)), sizes), classes] = 1
    out: list[int] = []
    step = max(1, _ENTRIES_AT_ONCE // max(1, len(sets)))
    for at in range(0, len(sets), step):
        # sums of fewer than 2^24 ones are exact
        within = (1 - members[at : at + step]) @ members.T == 0
        rows = [row.tobytes() for row in np.packbits(within, axis=1, bitorder="little")]
        out += [int.from_bytes(row, "little") & (1 << j) - 1 for j, row in enumerate(rows, at)]
    return out


def characteristic_subgroups(
    table: CharacterTable, lattice: NormalSubgroups
) -> dict[str, NormalSubgroup]:
    """Return the centre and the derived subgroup as members of the lattice.

    The centre is made of the classes of size 1, the derived subgroup is the intersection of the
    kernels of the characters of degree 1 (Isaacs, chapter 2). Exact; never starts GAP.
    """
    everything = range(len(table))
    linear = [row for row, degree in zip(table.rows, table.degrees, strict=True) if degree == 1]
    wanted = {
        "centre": tuple(c for c in everything if table.class_sizes[c] == 1),
        "derived": tuple(c for c in everything if all(row[c] == row[0] for row in linear)),
    }
    by_classes = {n.classes: n for n in lattice}
    return {name: by_classes[classes] for name, classes in wanted.items()}


@dataclass(frozen=True)
class SubgroupClass:
    """A conjugacy class of subgroups.

    Parameters
    ----------
    group
        Canonical name of the group they lie in.
    label
        ``"H4a"``, ``"H4b"``, ...: the order and a letter; within an order by number of
        conjugates, classes met, and the first elements of the least conjugate.
    order, index
        Of each subgroup in the class.
    length
        Number of conjugates; 1 means normal.
    generators
        Generators of a representative, as data; empty for the trivial subgroup.
    class_counts
        Per conjugacy class of elements, how many lie in each subgroup; empty if unknown.
    """

    group: str
    label: str
    order: int
    index: int
    length: int
    generators: tuple[object, ...]
    class_counts: tuple[int, ...]

    @property
    def is_normal(self) -> bool:
        """Whether the subgroup is normal."""
        return self.length == 1


@dataclass(frozen=True)
class SubgroupClasses(PrintedTable):
    """Conjugacy classes of subgroups, in the order of their labels.

    Parameters
    ----------
    group
        Canonical name of the group.
    classes
        The classes.
    complete
        Whether all classes are listed (of index at most ``max_index``, if that is given).
    max_index
        The largest index that was requested, or ``None``.
    canonical
        Whether every tie was broken by the group's own structure.
    """

    group: str
    classes: tuple[SubgroupClass, ...]
    complete: bool
    max_index: int | None
    canonical: bool

    def __len__(self) -> int:
        return len(self.classes)

    def __iter__(self) -> Iterator[SubgroupClass]:
        return iter(self.classes)

    def __getitem__(self, position: int) -> SubgroupClass:
        return self.classes[position]


@dataclass(frozen=True)
class TableOfMarks(PrintedTable):
    """Fixed points of each class of subgroups on the cosets of each other.

    Parameters
    ----------
    group
        Canonical name of the group.
    rows
        Lower triangular: ``rows[i][j]`` is the number of points of G/H_i fixed by H_j, j <= i.
    orders
        Orders of the subgroups, in the order of the rows.
    labels
        Labels of the classes of subgroups, or empty if the order is the library's own.
    """

    group: str
    rows: tuple[tuple[int, ...], ...]
    orders: tuple[int, ...]
    labels: tuple[str, ...] = ()

    def marks(self, i: int, j: int) -> int:
        """Return the number of points of G/H_i that H_j fixes; both 0-based."""
        return self.rows[i][j] if j <= i else 0

    @cached_property
    def graph(self) -> nx.DiGraph[str]:
        """The classes of subgroups by inclusion up to conjugacy, an edge to each that covers one.

        H_j lies in a conjugate of H_i exactly if it fixes a point of G/H_i. Nodes are labels (or
        ``"H0"``, ``"H1"``, ... where there are none) with ``order``.

        Examples
        --------
        >>> import toolkit as tk
        >>> sorted(tk.group("S3").table_of_marks().graph.edges)
        [('H1a', 'H2a'), ('H1a', 'H3a'), ('H2a', 'H6a'), ('H3a', 'H6a')]
        """
        import networkx as nx

        n = len(self.rows)
        labels = self.labels or tuple(f"H{i}" for i in range(n))
        below = [{j for j in range(i) if self.rows[i][j]} for i in range(n)]
        out: nx.DiGraph[str] = nx.DiGraph(group=self.group)
        out.add_nodes_from(
            (name, {"order": order}) for name, order in zip(labels, self.orders, strict=True)
        )
        for i in range(n):
            between = set().union(*(below[j] for j in below[i]))
            out.add_edges_from((labels[j], labels[i]) for j in sorted(below[i] - between))
        return out


def with_generators(
    lattice: NormalSubgroups, answers: list[tuple[tuple[object, ...], str | None]]
) -> NormalSubgroups:
    """Return the lattice with generators and quotients filled in, in the same order."""
    return replace(
        lattice,
        subgroups=tuple(
            replace(n, generators=generators, quotient=quotient)
            for n, (generators, quotient) in zip(lattice.subgroups, answers, strict=True)
        ),
    )
