"""Permutation modules Fun(X): the layers of equivariant networks, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from toolkit.errors import ModuleMismatchError, NotAvailable

if TYPE_CHECKING:
    from toolkit.modules.gsets import IntArray
    from toolkit.modules.spherical import SphericalTable

__all__ = ["ModuleSource", "PermutationModule", "TransitiveRecord", "hom_dimension"]


@dataclass(frozen=True)
class TransitiveRecord:
    """What is known of a transitive G-set G/H, as stored.

    Parameters
    ----------
    degree
        |X| = |G:H|.
    subgroup_order
        |H|.
    subgroup
        Generators of H, as data.
    orbit
        For an orbit of the natural action its 0-based points, rising; else ``None``.
    base
        0-based point whose stabiliser is H.
    images
        Per generator of G the 0-based images of the points (i -> i^g), or ``None`` if not kept.
    fixed_points
        Per conjugacy class, how many points its elements fix; ``None`` without a table.
    kernel_order
        Order of the kernel of the action, or ``None`` if not asked.
    """

    degree: int
    subgroup_order: int
    subgroup: tuple[object, ...]
    orbit: tuple[int, ...] | None
    base: int
    images: tuple[tuple[int, ...], ...] | None
    fixed_points: tuple[int, ...] | None
    kernel_order: int | None


class ModuleSource(Protocol):
    """Where a transitive module takes its contents from when they are asked for."""

    def record(self) -> TransitiveRecord:
        """Return the record, without images if they are costly."""

    def images(self) -> tuple[tuple[int, ...], ...]:
        """Return the generators' images."""

    def spherical_table(self) -> SphericalTable:
        """Return the spherical table."""


@dataclass(frozen=True)
class PermutationModule:
    """Fun(X, R) for a finite G-set X: a transitive one G/H, or a sum of transitive ones.

    Made by a group: :meth:`toolkit.Group.regular_module`, ``natural_module``, ``coset_module``,
    ``permutation_modules``; sums by ``X + Y``. Contents are computed when first asked for.

    Parameters
    ----------
    group
        Canonical name of the group.
    group_order
        |G|.
    name
        The module's name, as pictures and tables show it.
    degree
        |X|.
    parts
        Its transitive parts; empty if it is transitive itself.
    part_points
        Per part, the 0-based points of X in the part's own order; empty if transitive.
    source
        Where a transitive module's contents come from; ``None`` for a sum.
    """

    group: str
    group_order: int
    name: str
    degree: int
    parts: tuple[PermutationModule, ...] = ()
    part_points: tuple[tuple[int, ...], ...] = ()
    source: ModuleSource | None = field(default=None, repr=False, compare=False)

    @property
    def is_transitive(self) -> bool:
        """Whether G has one orbit on X."""
        return not self.parts

    @property
    def transitive_parts(self) -> tuple[PermutationModule, ...]:
        """The transitive parts; a transitive module is its own single part."""
        return self.parts or (self,)

    @cached_property
    def images(self) -> IntArray:
        """Generator images, ``(generators, degree)`` integers, 0-based: ``images[g, i] = i^g``.

        A generator acts on functions by ``f[images[g]]``.
        """
        import numpy as np

        if self.source is not None:
            found = self.source.images()
            return np.array(found, dtype=np.intp).reshape(len(found), self.degree)
        rows = self.parts[0].images.shape[0]
        out = np.empty((rows, self.degree), dtype=np.intp)
        for part, points in zip(self.parts, self.part_points, strict=True):
            where = np.array(points, dtype=np.intp)
            out[:, where] = where[part.images]
        return out

    @cached_property
    def record(self) -> TransitiveRecord:
        """What is stored of a transitive module: degree, stabiliser, fixed points, kernel."""
        return self._own_source("the stabiliser").record()

    @cached_property
    def spherical_table(self) -> SphericalTable:
        """The spherical table of a transitive module (theory, section 4); may start GAP."""
        return self._own_source("the spherical table").spherical_table()

    def _own_source(self, what: str) -> ModuleSource:
        if self.source is None:
            raise ModuleMismatchError(
                f"{what} belongs to a transitive module, and {self.name} of {self.group} has "
                f"{len(self.parts)} orbits: ask each of its .parts"
            )
        return self.source

    @cached_property
    def multiplicities(self) -> dict[str, int]:
        """How often each simple occurs, by label, in canonical order.

        Raises
        ------
        NotAvailable
            For a sum of modules of a group whose character table is out of reach: the simples
            of different parts are then not compared.
        """
        if self.is_transitive:
            return {s.label: s.multiplicity for s in self.spherical_table.simples}
        total: dict[str, int] = {}
        for part in self.parts:
            for label, m in part.multiplicities.items():
                if label.startswith("V"):
                    raise NotAvailable(
                        self.group,
                        f"the multiplicities in {self.name}",
                        "its simples are known within each transitive part only; ask the .parts",
                    )
                total[label] = total.get(label, 0) + m
        return dict(sorted(total.items(), key=lambda item: int(item[0][1:])))

    @cached_property
    def rank(self) -> int:
        """Number of orbitals of X x X: the dimension of End_G(Fun X)."""
        if self.is_transitive:
            return self.spherical_table.rank
        from toolkit.modules.orbitals import Orbitals

        return Orbitals(self.images, self.images).count

    @cached_property
    def fixed_points(self) -> tuple[int, ...] | None:
        """Per conjugacy class, how many points its elements fix; ``None`` without a table."""
        if self.is_transitive:
            return self.record.fixed_points
        counts = [part.fixed_points for part in self.parts]
        known = [c for c in counts if c is not None]
        if len(known) < len(counts):
            return None
        return tuple(map(sum, zip(*known, strict=True)))

    @property
    def kernel(self) -> tuple[int, ...] | None:
        """0-based conjugacy classes that fix every point; ``None`` without a table."""
        fixed = self.fixed_points
        if fixed is None:
            return None
        return tuple(c for c, n in enumerate(fixed) if n == self.degree)

    @property
    def is_2_transitive(self) -> bool:
        """Whether G is transitive on ordered pairs of different points."""
        return self.degree > 1 and self.is_transitive and self.rank == 2

    @cached_property
    def is_primitive(self) -> bool:
        """Whether X is transitive without a block system but the two trivial ones."""
        from toolkit.modules.blocks import is_primitive

        return self.is_transitive and self.degree > 1 and is_primitive(self.images)

    def __add__(self, other: PermutationModule) -> PermutationModule:
        """Return the disjoint union: points of ``self`` first, then those of ``other``."""
        if not isinstance(other, PermutationModule):
            return NotImplemented
        require_same_group(self, other)
        parts: list[PermutationModule] = []
        points: list[tuple[int, ...]] = []
        for module, shift in ((self, 0), (other, self.degree)):
            own = module.part_points or (tuple(range(module.degree)),)
            parts.extend(module.transitive_parts)
            points.extend(tuple(p + shift for p in part) for part in own)
        return PermutationModule(
            group=self.group,
            group_order=self.group_order,
            name=f"{self.name} + {other.name}",
            degree=self.degree + other.degree,
            parts=tuple(parts),
            part_points=tuple(points),
        )


def require_module(X: object) -> None:
    """Raise ModuleMismatchError unless ``X`` is a permutation module."""
    if not isinstance(X, PermutationModule):
        raise ModuleMismatchError(
            "a permutation module is required, such as tk.group('S4').natural_module(), "
            f"not {X!r:.60}"
        )


def require_same_group(X: PermutationModule, Y: PermutationModule) -> None:
    """Raise ModuleMismatchError unless both are modules of the same group."""
    require_module(X)
    require_module(Y)
    if X.group != Y.group:
        raise ModuleMismatchError(
            f"both modules must belong to one group with the same generators, found "
            f"{X.name} of {X.group} and {Y.name} of {Y.group}"
        )


def hom_dimension(X: PermutationModule, Y: PermutationModule) -> int:
    """Return dim Hom_G(Fun X, Fun Y) = sum over L of m_L(X) m_L(Y) e_L, exactly.

    Notes
    -----
    By characters; independent of the count of orbitals, which must agree with it. For modules
    of a group without a table at hand only X = Y transitive is answered this way.
    """
    require_same_group(X, Y)
    ends = {
        s.label: s.endomorphism_dimension
        for part in X.transitive_parts
        for s in part.spherical_table.simples
    }
    if X is Y and X.is_transitive:
        return sum(m * m * ends[label] for label, m in X.multiplicities.items())
    other = Y.multiplicities
    if any(label.startswith("V") for label in other):
        raise NotAvailable(
            X.group,
            f"the dimension of maps from {X.name} to {Y.name} by characters",
            "its simples are known within each transitive part only; count the orbitals",
        )
    return sum(m * other.get(label, 0) * ends[label] for label, m in X.multiplicities.items())
