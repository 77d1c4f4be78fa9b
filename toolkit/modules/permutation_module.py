"""Permutation modules Fun(X): the layers of equivariant networks, as values."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from toolkit.deprecation import deprecated
from toolkit.errors import (
    InconsistentAnswerError,
    ModuleMismatchError,
    NotAvailable,
)
from toolkit.modules.gset_expressions import (
    Action,
    Contents,
    Home,
    ModuleSource,
    Product,
    ProductKind,
    Sum,
    TransitiveRecord,
)
from toolkit.text import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.spherical import SphericalTable

__all__ = [
    "ModuleSource",
    "PermutationModule",
    "TransitiveRecord",
    "direct_sum",
    "hom_dimension",
    "require_module",
    "require_same_group",
]


@dataclass(frozen=True, repr=False)
class PermutationModule:
    """Fun(X, R) for a finite G-set X.

    Made by a group: :meth:`toolkit.Group.regular_module`, ``natural_module``, ``coset_module``,
    ``permutation_modules``, ``module_from_images``. Sums by ``X + Y``, products by ``X * Y``,
    ``X ** k`` and :meth:`outer`. Contents are computed when first asked for.

    Parameters
    ----------
    home
        The group.
    name
        The module's name, as pictures and tables show it.
    degree
        |X|.
    contents
        The source of a transitive G-set, or a sum, a product, an action by images.

    Examples
    --------
    >>> import toolkit as tk
    >>> V = tk.group("S3").natural_module()
    >>> V
    <3 points: module of S3 of degree 3>
    >>> (V * V).multiplicities
    {'L0': 2, 'L1': 1, 'L2': 3}
    >>> V.outer(V).rank, (V + V**2).degree
    (4, 12)
    """

    home: Home = field(repr=False)
    name: str
    degree: int
    contents: Contents = field(repr=False)

    def __repr__(self) -> str:
        return f"<{self.name}: module of {shortened(self.group)} of degree {self.degree}>"

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """Return the module itself: it never changes."""
        return self

    # what it is made of ---------------------------------------------------------------------

    @property
    def group(self) -> str:
        """Canonical name of the group."""
        return self.home.name

    @property
    def group_order(self) -> int:
        """|G|; may start GAP."""
        return self.home.order

    @property
    def summands(self) -> tuple[PermutationModule, ...]:
        """The modules that were added up; empty if this is no sum."""
        return self.contents.summands if isinstance(self.contents, Sum) else ()

    @property
    def product(self) -> ProductKind | None:
        """``"diagonal"`` or ``"outer"`` for a product, else ``None``."""
        return self.contents.kind if isinstance(self.contents, Product) else None

    @property
    def factors(self) -> tuple[PermutationModule, ...]:
        """The factors of a product; empty if this is none.

        Point (x, y) of X x Y has number ``x * |Y| + y``.
        """
        return self.contents.factors if isinstance(self.contents, Product) else ()

    @cached_property
    def _split(self) -> tuple[tuple[PermutationModule, ...], tuple[tuple[int, ...], ...]]:
        match self.contents:
            case Sum(summands, points):
                return _flattened(summands, points)
            case Product("outer", factors):
                from toolkit.modules.products import split_outer

                return split_outer(self.home, factors)
            case Product() | Action():
                from toolkit.modules.products import split_action

                return split_action(self.home, self.name, self.images)
        return (), ()

    @property
    def orbits(self) -> tuple[PermutationModule, ...]:
        """The orbits of X as modules; a transitive module is its own single orbit."""
        return self._split[0] or (self,)

    @property
    def orbit_points(self) -> tuple[Sequence[int], ...]:
        """Per orbit, its 0-based points of X in the order of :attr:`orbits`."""
        return self._split[1] or (range(self.degree),)

    @property
    def is_transitive(self) -> bool:
        """Whether G has one orbit on X."""
        return not self._split[0]

    @property
    @deprecated("PermutationModule.parts is now .orbits, which is never empty")
    def parts(self) -> tuple[PermutationModule, ...]:
        """The orbits if there are several, else nothing; use :attr:`orbits`."""
        return self._split[0]

    @property
    @deprecated("PermutationModule.part_points is now .orbit_points, which is never empty")
    def part_points(self) -> tuple[tuple[int, ...], ...]:
        """The points of the orbits if there are several; use :attr:`orbit_points`."""
        return self._split[1]

    @property
    @deprecated("PermutationModule.transitive_parts is now .orbits")
    def transitive_parts(self) -> tuple[PermutationModule, ...]:
        """Another name for :attr:`orbits`."""
        return self.orbits

    @cached_property
    def source(self) -> ModuleSource | None:
        """Where a transitive module's contents come from; ``None`` if there are more orbits."""
        if not isinstance(self.contents, Sum | Product | Action):
            return self.contents
        if not self.is_transitive:
            return None
        return self.home.source_of_action(self.images, self.name)

    @cached_property
    def images(self) -> IntArray:
        """Generator images, ``(generators, degree)`` integers, 0-based: ``images[g, i] = i^g``.

        A generator acts on functions by ``f[images[g]]``.
        """
        import numpy as np

        match self.contents:
            case Action(images):
                return images
            case Sum(summands, points):
                rows = summands[0].images.shape[0]
                out = np.empty((rows, self.degree), dtype=np.intp)
                for part, own in zip(summands, points, strict=True):
                    where = np.array(own, dtype=np.intp)
                    out[:, where] = where[part.images]
                return out
            case Product(kind, factors):
                from toolkit.modules.products import diagonal_images, outer_images

                form = diagonal_images if kind == "diagonal" else outer_images
                return form([factor.images for factor in factors])
            case source:
                found = source.images()
                return np.array(found, dtype=np.intp).reshape(len(found), self.degree)

    # contents of a transitive module --------------------------------------------------------

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
                f"{len(self.orbits)} orbits: ask each of its .orbits"
            )
        return self.source

    # decomposition --------------------------------------------------------------------------

    @cached_property
    def multiplicities(self) -> dict[str, int]:
        """How often each simple occurs, by label, in canonical order.

        Raises
        ------
        NotAvailable
            For a sum of modules of a group whose character table is out of reach: the simples
            of different parts are then not compared.

        Notes
        -----
        Exact. A product is decomposed by its character, the product of the factors' numbers of
        fixed points, so that its orbits are not looked for.
        """
        if self.product is not None:
            table, fixed = self.home.table_within_reach(), self.fixed_points
            if table is not None and fixed is not None:
                from toolkit.modules.permutation_character import multiplicities_of_character

                return multiplicities_of_character(table, fixed)
        pieces = self.summands or self._split[0]
        if not pieces:
            return {s.label: s.multiplicity for s in self.spherical_table.simples}
        total: dict[str, int] = {}
        for part in pieces:
            for label, m in part.multiplicities.items():
                if label.startswith("V"):
                    raise NotAvailable(
                        self.group,
                        f"the multiplicities in {self.name}",
                        "its simples are known within each transitive part only; ask the .orbits",
                    )
                total[label] = total.get(label, 0) + m
        return dict(sorted(total.items(), key=lambda item: int(item[0][1:])))

    @cached_property
    def rank(self) -> int:
        """Number of orbitals of X x X: the dimension of End_G(Fun X)."""
        if self.product == "outer":
            return math.prod(factor.rank for factor in self.factors)
        if self.product == "diagonal" and self.fixed_points is not None:
            return hom_dimension(self, self)
        if self.is_transitive:
            return self.spherical_table.rank
        from toolkit.modules.gsets.orbitals import Orbitals

        return Orbitals(self.images, self.images).count

    @cached_property
    def orbit_count(self) -> int:
        """Number of orbits of G on X: the dimension of the invariant functions (biases)."""
        if self.summands:
            return sum(part.orbit_count for part in self.summands)
        if self.product == "outer":
            return math.prod(factor.orbit_count for factor in self.factors)
        return len(self.orbits)

    @cached_property
    def fixed_points(self) -> tuple[int, ...] | None:
        """Per conjugacy class, how many points its elements fix; ``None`` without a table."""
        if isinstance(self.contents, Product):
            from toolkit.modules.products import product_fixed_points

            return product_fixed_points(self.home, self.contents)
        pieces = self.summands or self._split[0]
        if not pieces:
            return self.record.fixed_points
        counts = [part.fixed_points for part in pieces]
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
        from toolkit.modules.gsets.block_systems import is_primitive

        return self.is_transitive and self.degree > 1 and is_primitive(self.images)

    # operations -----------------------------------------------------------------------------

    def __add__(self, other: PermutationModule) -> PermutationModule:
        """Return the disjoint union: points of ``self`` first, then those of ``other``."""
        if not isinstance(other, PermutationModule):
            return NotImplemented
        return direct_sum(self, other)

    def __mul__(self, other: PermutationModule) -> PermutationModule:
        """Return Fun(X x Y) = Fun X (x) Fun Y; see :attr:`factors` for the order of points.

        Modules of one group: it acts on both coordinates at once. Modules of two groups: the
        direct product of the groups acts (:meth:`outer`).
        """
        if not isinstance(other, PermutationModule):
            return NotImplemented
        if self.home != other.home:
            return self.outer(other)
        from toolkit.modules.products import product_module

        return product_module(self, other, "diagonal", self.home)

    def outer(self, other: PermutationModule) -> PermutationModule:
        """Return Fun(X x Y) for the direct product of the two groups, equal or not.

        Parameters
        ----------
        other
            A module of any group. The product's generators are those of this module's group,
            then those of the other's.

        Examples
        --------
        The pixels of an 8 x 8 image that is periodic both ways:

        >>> import toolkit as tk
        >>> row = tk.group("C8").natural_module()
        >>> row.outer(row)
        <8 points x 8 points: module of C8 x C8 of degree 64>
        """
        require_module(other)
        from toolkit.modules.products import product_module

        return product_module(self, other, "outer", self.home.direct_product(other.home))

    def __pow__(self, exponent: int) -> PermutationModule:
        """Return Fun(X^k), k-tuples of points; one point that G fixes for k = 0."""
        if not isinstance(exponent, int):
            return NotImplemented
        if exponent < 0:
            raise ModuleMismatchError(f"a power of a module needs k >= 0, not {exponent}")
        if exponent == 0:
            return PermutationModule(self.home, "1 point", 1, Action(self.images[:, :1] * 0))
        out = self
        for _ in range(exponent - 1):
            out = out * self
        return out


def _flattened(
    summands: tuple[PermutationModule, ...], points: tuple[Sequence[int], ...]
) -> tuple[tuple[PermutationModule, ...], tuple[tuple[int, ...], ...]]:
    """Return the transitive parts of the summands; nothing if there is only one."""
    parts: list[PermutationModule] = []
    where: list[tuple[int, ...]] = []
    for module, own in zip(summands, points, strict=True):
        parts.extend(module.orbits)
        where.extend(tuple(own[p] for p in orbit) for orbit in module.orbit_points)
    return (tuple(parts), tuple(where)) if len(parts) > 1 else ((), ())


def direct_sum(*modules: PermutationModule) -> PermutationModule:
    """Return the disjoint union of modules of one group, in their order.

    Examples
    --------
    >>> import toolkit as tk
    >>> V = tk.group("S3").natural_module()
    >>> direct_sum(V, V, V * V)
    <2 (3 points) + (3 points)^2: module of S3 of degree 15>
    """
    if not modules:
        raise ModuleMismatchError("a direct sum needs at least one module, found none")
    require_module(modules[0])
    summands: list[PermutationModule] = []
    points: list[Sequence[int]] = []
    shift = 0
    for module in modules:
        require_same_group(modules[0], module)
        if isinstance(module.contents, Sum) and module.name == _sum_name(module.summands):
            summands.extend(module.summands)
            points.extend(_shifted(own, shift) for own in module.contents.points)
        else:
            summands.append(module)
            points.append(range(shift, shift + module.degree))
        shift += module.degree
    if len(modules) == 1:
        return modules[0]
    contents = Sum(tuple(summands), tuple(points))
    return PermutationModule(modules[0].home, _sum_name(contents.summands), shift, contents)


def _sum_name(summands: tuple[PermutationModule, ...]) -> str:
    runs = [(name, len(list(run))) for name, run in itertools.groupby(m.name for m in summands)]
    return " + ".join(name if n == 1 else f"{n} ({name})" for name, n in runs)


def _shifted(points: Sequence[int], shift: int) -> Sequence[int]:
    if isinstance(points, range):
        return range(points.start + shift, points.stop + shift, points.step)
    return tuple(p + shift for p in points)


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
    By characters; independent of the count of orbitals, which must agree with it. For outer
    products of modules of the same groups it is the product over the factors. For modules of a
    group without a table at hand only X = Y transitive is answered this way.
    """
    require_same_group(X, Y)
    if (
        X.product == Y.product == "outer"
        and len(X.factors) == len(Y.factors)
        and all(x.group == y.group for x, y in zip(X.factors, Y.factors, strict=True))
    ):
        return math.prod(hom_dimension(x, y) for x, y in zip(X.factors, Y.factors, strict=True))
    mine, other = X.multiplicities, Y.multiplicities
    if any(label.startswith("V") for label in (*mine, *other)):
        if X is Y and X.is_transitive:
            ends = {s.label: s.endomorphism_dimension for s in X.spherical_table.simples}
            return sum(m * m * ends[label] for label, m in mine.items())
        raise NotAvailable(
            X.group,
            f"the dimension of maps from {X.name} to {Y.name} by characters",
            "its simples are known within each transitive part only; count the orbitals",
        )
    ends = _ends(X, set(mine) & set(other))
    return sum(m * other[label] * ends[label] for label, m in mine.items() if label in other)


def _ends(X: PermutationModule, labels: set[str]) -> dict[str, int]:
    """Return dim End(L) for simples in X, from what is at hand already if possible."""
    found: dict[str, int] = {}
    if not X.summands and not X.product:
        for part in X.orbits:
            found.update((s.label, s.endomorphism_dimension) for s in part.spherical_table.simples)
    if labels <= set(found):
        return found
    table = X.home.table_within_reach()
    if table is None:
        raise InconsistentAnswerError(
            X.group, "a character table behind labels L0, L1, ...", "none"
        )
    return {s.label: s.endomorphism_dimension for s in table.simples}
