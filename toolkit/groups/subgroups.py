"""Normal subgroups as unions of classes, their lattice, and conjugacy classes of subgroups."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from toolkit.errors import NotAvailable
from toolkit.text import join_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    import networkx as nx

    from toolkit.groups.character_table import CharacterTable

__all__ = [
    "NormalSubgroup",
    "NormalSubgroups",
    "SubgroupClass",
    "SubgroupClasses",
    "TableOfMarks",
    "characteristic_subgroups",
    "normal_subgroups_of_table",
]

_MOST_NORMAL_SUBGROUPS = 20_000


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
class NormalSubgroups:
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
    kernels = {sum(1 << c for c, v in enumerate(row) if v == row[0]) for row in table.rows}
    found = {(1 << len(table)) - 1}
    for kernel in sorted(kernels):
        found |= {n & kernel for n in found}
        if len(found) > _MOST_NORMAL_SUBGROUPS:
            raise NotAvailable(
                table.group,
                "the normal subgroups",
                f"there are more than {_MOST_NORMAL_SUBGROUPS:,}; ask for a smaller group",
            )
    described = []
    for mask in found:
        classes = tuple(c for c in range(len(table)) if mask >> c & 1)
        described.append((sum(table.class_sizes[c] for c in classes), classes, mask))
    described.sort()
    masks = [mask for _, _, mask in described]
    orders = [order for order, _, _ in described]
    subgroups = tuple(
        NormalSubgroup(table.group, f"N{i}", order, table.order // order, classes)
        for i, (order, classes, _) in enumerate(described)
    )
    return NormalSubgroups(table.group, subgroups, _cover_relations(masks, orders))


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


def _cover_relations(masks: list[int], orders: list[int]) -> tuple[tuple[int, int], ...]:
    covers = []
    for j, big in enumerate(masks):
        below: list[int] = []
        for i in range(j - 1, -1, -1):
            small = masks[i]
            inside = orders[i] < orders[j] and small & ~big == 0
            if inside and all(small & ~masks[m] for m in below):
                below.append(i)
                covers.append((i, j))
    return tuple(sorted(covers))


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
class SubgroupClasses:
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
        The largest index that was asked for, or ``None``.
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
class TableOfMarks:
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
