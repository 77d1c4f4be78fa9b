"""Permutation modules Fun(X): the layers of equivariant networks, as values."""

from __future__ import annotations

import contextlib
import itertools
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, overload

from toolkit.cached import cached_property
from toolkit.deprecation import deprecated
from toolkit.errors import (
    ModuleMismatchError,
    NotAvailable,
    NotCachedError,
)
from toolkit.modules.gset_expressions import (
    Action,
    Backend,
    CoverOfProduct,
    GSetExpression,
    ModuleGroup,
    Product,
    ProductKind,
    Sum,
    TransitiveRecord,
)
from toolkit.modules.kept import keep, known
from toolkit.modules.module import (
    FEW_POINTS,
    MOST_POINTS,
    Module,
    Sheet,
    hom_dimension,
    opaque,
    power_on_points,
    require_listable,
    sum_name,
)
from toolkit.text import compact_integer, is_local

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.gsets.orbitals import Orbitals
    from toolkit.modules.points import Elements
    from toolkit.modules.schemes.association_scheme import AssociationScheme
    from toolkit.modules.spherical import SphericalTable


_WRITTEN: int = 10**100  # larger degrees are shown in short


@opaque
@dataclass(frozen=True, repr=False)
class PermutationModule(Module):
    """Fun(X, R) for a finite G-set X.

    Made by a group: :meth:`toolkit.Group.regular_module`, ``natural_module``, ``coset_module``,
    ``permutation_modules``, ``module_from_images``. Sums by ``X + Y``, products by ``X * Y``,
    ``X ** k`` and :meth:`outer`. Values are computed when first
    needed.

    Parameters
    ----------
    home
        The group.
    name
        The module's name, as pictures and tables show it.
    degree
        |X|.
    contents
        The backend of a transitive G-set, or a sum, a product, an action by images.

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

    home: ModuleGroup = field(repr=False)
    name: str
    degree: int
    contents: GSetExpression = field(repr=False)

    def __repr__(self) -> str:
        degree = self.degree if self.degree < _WRITTEN else compact_integer(self.degree)
        return f"<{self.name}: module of {self.group_title} of degree {degree}>"

    @cached_property
    def _split(self) -> tuple[tuple[PermutationModule, ...], tuple[Sequence[int], ...]]:
        match self.contents:
            case Sum(summands, points):
                return _flattened(summands, points)
            case Product("outer", factors):
                return _split_outer(self.home, factors)
            case Product() | CoverOfProduct() | Action():
                return _split_action(self.home, self.name, self.images)
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
    def part_points(self) -> tuple[Sequence[int], ...]:
        """The points of the orbits if there are several; use :attr:`orbit_points`."""
        return self._split[1]

    @property
    @deprecated("PermutationModule.transitive_parts is now .orbits")
    def transitive_parts(self) -> tuple[PermutationModule, ...]:
        """Another name for :attr:`orbits`."""
        return self.orbits

    @property
    @deprecated("PermutationModule.source is now .backend")
    def source(self) -> Backend | None:
        """Another name for :attr:`backend`."""
        return self.backend

    @cached_property
    def backend(self) -> Backend | None:
        """What computes the contents of a transitive module; ``None`` for several orbits."""
        if not isinstance(self.contents, Sum | Product | CoverOfProduct | Action):
            return self.contents
        if not self.is_transitive:
            return None
        return self.home.backend_of_action(self.images, self.name)

    @cached_property
    def images(self) -> IntArray:
        """Generator images, ``(generators, degree)`` integers, 0-based: ``images[g, i] = i^g``.

        A generator acts on functions by ``f[images[g]]``.
        """
        import numpy as np

        if not isinstance(self.contents, Action):
            require_listable(self)
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
            case CoverOfProduct(product):
                from toolkit.modules.products import cover_images

                return cover_images(product)
            case backend:
                found = backend.images()
                return np.array(found, dtype=np.intp).reshape(len(found), self.degree)

    # contents of a transitive module --------------------------------------------------------

    @cached_property
    def record(self) -> TransitiveRecord:
        """What is stored about a transitive module: degree, stabiliser, fixed points, kernel."""
        return self._own_backend("the stabiliser").record()

    @cached_property
    def spherical_table(self) -> SphericalTable:
        """The spherical table of a transitive module (:mod:`toolkit.modules`); may start GAP."""
        return self._own_backend("the spherical table").spherical_table()

    @cached_property
    def orbit_tables(self) -> tuple[SphericalTable, ...]:
        """The spherical tables of the :attr:`orbits`, with labels that they have in common.

        Those of a group whose character table is out of reach are ``V0``, ``V1``, ... within this
        module: which simples of different orbits are the same is then decided by the orbitals
        between them (:mod:`toolkit.modules.common_simples`).
        """
        tables = tuple(orbit.spherical_table for orbit in self.orbits)
        if len(tables) == 1 or not any(is_local(t.simples[0].label) for t in tables):
            return tables
        from toolkit.modules.common_simples import OrbitOfPoints, with_common_labels

        orbits = [
            OrbitOfPoints(orbit.images, table, table.points[0] if table.points else 0)
            for orbit, table in zip(self.orbits, tables, strict=True)
        ]
        return with_common_labels(self.group, self.name, orbits)

    def _own_backend(self, what: str) -> Backend:
        if self.backend is None:
            raise ModuleMismatchError(
                f"{what} belongs to a transitive module, and {self.name} of {self.group} has "
                f"{len(self.orbits)} orbits: use each of its .orbits"
            )
        return self.backend

    # decomposition --------------------------------------------------------------------------

    @cached_property
    def multiplicities(self) -> dict[str, int]:
        """How often each simple occurs, by label, in canonical order.

        Without a character table the labels are local to the module, see :attr:`orbit_tables`. They
        are local also on cosets of a group whose table comes from a formula; there the
        multiplicities by canonical label are ``G.permutation_character(H).real_multiplicities``.

        Notes
        -----
        Exact. A product is decomposed by its character, the product of the factors' numbers of
        fixed points, without finding its orbits.
        """
        if isinstance(self.contents, Product | CoverOfProduct):
            table, fixed = self.home.table_within_reach(), self.fixed_points
            if table is not None and fixed is not None:
                from toolkit.modules.permutation_character import multiplicities_of_character

                return multiplicities_of_character(table, fixed)
        pieces = self.summands or self._split[0]
        if not pieces:
            return {s.label: s.multiplicity for s in self.spherical_table.simples}
        counts = [part.multiplicities for part in pieces]
        if any(is_local(label) for count in counts for label in count):
            tables = self.orbit_tables
            counts = [{s.label: s.multiplicity for s in table.simples} for table in tables]
        total: dict[str, int] = {}
        for count in counts:
            for label, m in count.items():
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
            try:
                return self.spherical_table.rank
            except NotAvailable:
                if self.degree > MOST_POINTS:
                    raise
        if self.summands and self.degree > FEW_POINTS:
            with contextlib.suppress(NotAvailable, NotCachedError):
                return hom_dimension(self, self)
        return self.hom_basis(self).count

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
            from toolkit.modules.products import product_character

            return product_character(self.home, self.contents)
        if isinstance(self.contents, CoverOfProduct):
            from toolkit.modules.products import product_character

            product = self.contents.product
            points = product_character(self.home, product, unsigned=True)
            traces = product_character(self.home, product)
            # over a fixed point with sign + both points of the cover are fixed, else none
            return points and traces and tuple(map(sum, zip(points, traces, strict=True)))
        pieces = self.summands or self._split[0]
        if not pieces:
            return self.record.fixed_points
        counts = [part.fixed_points for part in pieces]
        known = [c for c in counts if c is not None]
        if len(known) < len(counts):
            return None
        return tuple(map(sum, zip(*known, strict=True)))

    @property
    def is_regular(self) -> bool:
        """Whether G has one orbit on X, and only the identity fixes a point."""
        return self.is_transitive and self.degree == self.home.order

    @cached_property
    def elements(self) -> Elements:
        """The points of a regular module as group elements.

        ``X.elements.grid()`` reshapes a tensor to orientation, x, y, ...; ``X.elements[i]`` is a
        word in the generators.

        Raises
        ------
        ModuleMismatchError
            If the module is not regular; :attr:`points` names the points of every module.

        Examples
        --------
        >>> import toolkit as tk
        >>> X = tk.group("C4 x C8 x C8").regular_module()
        >>> X.elements.grid().shape
        (4, 8, 8)
        """
        from toolkit.modules.points import Elements

        if not self.is_regular:
            raise ModuleMismatchError(
                f"points are group elements in a regular module, and {self.name} of "
                f"{self.group_title} is not regular: X.points says which point is which"
            )
        return Elements(self)

    @property
    def is_2_transitive(self) -> bool:
        """Whether G is transitive on ordered pairs of different points."""
        return self.degree > 1 and self.is_transitive and self.rank == 2

    @cached_property
    def is_primitive(self) -> bool:
        """Whether X is transitive and has only the two trivial block systems."""
        from toolkit.modules.gsets.block_systems import is_primitive

        return self.is_transitive and self.degree > 1 and is_primitive(self.images)

    @cached_property
    def association_scheme(self) -> AssociationScheme:
        """The orbitals of a transitive module as an association scheme.

        Valencies, intersection numbers, eigenmatrices P and Q, Krein parameters, graphs.

        Raises
        ------
        ModuleMismatchError
            If the module is not transitive.
        """
        from toolkit.modules.schemes.association_scheme import AssociationScheme
        from toolkit.modules.schemes.orbital_relations import OrbitalRelations

        return AssociationScheme(OrbitalRelations(self))

    # the interface of modules ---------------------------------------------------------------

    generality: ClassVar[int] = 0

    if TYPE_CHECKING:

        @overload
        def __add__(self, other: PermutationModule) -> PermutationModule: ...
        @overload
        def __add__(self, other: Module) -> Module: ...
        def __add__(self, other: Module) -> Module: ...

        @overload
        def __mul__(self, other: PermutationModule) -> PermutationModule: ...
        @overload
        def __mul__(self, other: Module) -> Module: ...
        def __mul__(self, other: Module) -> Module: ...

        @overload
        def outer(self, other: PermutationModule) -> PermutationModule: ...
        @overload
        def outer(self, other: Module) -> Module: ...
        def outer(self, other: Module) -> Module: ...  # noqa: D102

    @classmethod
    def of(cls, X: Module) -> PermutationModule:
        """Return a permutation module unchanged."""
        if isinstance(X, Module):
            X.require_points("a permutation module")
        if not isinstance(X, PermutationModule):
            raise ModuleMismatchError(
                "a permutation module is required, such as tk.group('S4').natural_module(), "
                f"not {X!r:.60}"
            )
        return X

    @classmethod
    def sum_of(cls, modules: Sequence[PermutationModule]) -> PermutationModule:
        """Return the disjoint union of modules of one group, in their order."""
        return _disjoint_union(modules)

    @classmethod
    def product_of(
        cls, kind: ProductKind, group: ModuleGroup, factors: Sequence[PermutationModule]
    ) -> PermutationModule:
        """Return Fun(X x Y); nothing of that size is formed before it is needed."""
        from toolkit.modules.products import product_name, with_flat_factors

        flat = with_flat_factors(kind, factors)
        degree = math.prod(X.degree for X in factors)
        return PermutationModule(group, product_name(kind, flat), degree, Product(kind, flat))

    def _tensor_power(self, exponent: int, *, exterior: bool) -> Module:
        from toolkit.modules.linear.tensors import power_name

        images, signs = power_on_points(self, exponent, exterior=exterior)
        name = power_name(self.name, exponent, exterior=exterior)
        if exterior:
            return self.home.signed_module_of_action(images, signs, name)
        return PermutationModule(self.home, name, images.shape[1], Action(images, proved=True))

    def hom_basis(self, target: PermutationModule, *, step_limit: int | None = None) -> Orbitals:
        """Return the orbitals of target x source; see :func:`toolkit.orbitals`."""
        from toolkit.modules.gsets.orbitals import Orbitals
        from toolkit.modules.tuple_invariants import tuple_invariant

        raised: Orbitals | None = known(self, target, "orbitals")
        if step_limit is None and raised is not None:
            return raised
        limit = {} if step_limit is None else {"step_limit": step_limit}
        invariant = tuple_invariant(target, self)
        found = Orbitals(target.images, self.images, invariant=invariant, **limit)
        return keep(self, target, "orbitals", found) if limit else found

    def endomorphism_dimensions(self, labels: set[str]) -> dict[str, int]:
        """Return dim End_G(L), 1, 2 or 4, for simples L, from known data if possible."""
        found: dict[str, int] = {}
        plain = not self.summands and not self.product
        if plain or any(is_local(label) for label in labels):
            for table in self.orbit_tables:
                simples = table.simples
                found.update((s.label, s.endomorphism_dimension) for s in simples)
        return found if labels <= found.keys() else super().endomorphism_dimensions(labels)

    def _unit(self) -> PermutationModule:
        return PermutationModule(self.home, "1 point", 1, Action(self.images[:, :1] * 0))

    @property
    def traces(self) -> tuple[int, ...] | None:
        """Per conjugacy class, the trace: :attr:`fixed_points`."""
        return self.fixed_points

    @cached_property
    def signs(self) -> NDArray[np.int8]:
        """``(generators, degree)`` the signs of the action: all 1."""
        import numpy as np

        return np.ones(self.images.shape, dtype=np.int8)

    @property
    def has_signs(self) -> bool:
        """No: the signs of a permutation module are all 1."""
        return False

    @property
    def unsigned(self) -> PermutationModule:
        """The module itself."""
        return self

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        """The orbits with their points, in the orbits' own order."""
        import numpy as np

        require_listable(self)

        return tuple(
            Sheet(
                orbit,
                np.array(points, dtype=np.intp),
                np.arange(len(points)),
                np.ones(len(points), dtype=np.int8),
                None,
            )
            for orbit, points in zip(self.orbits, self.orbit_points, strict=True)
        )


def _flattened(
    summands: tuple[PermutationModule, ...], points: tuple[Sequence[int], ...]
) -> tuple[tuple[PermutationModule, ...], tuple[Sequence[int], ...]]:
    """Return the orbits of the summands and their points; nothing if there is only one."""
    parts: list[PermutationModule] = []
    where: list[Sequence[int]] = []
    for module, own in zip(summands, points, strict=True):
        parts.extend(module.orbits)
        where.extend(_composed(own, orbit) for orbit in module.orbit_points)
    return (tuple(parts), tuple(where)) if len(parts) > 1 else ((), ())


def _composed(points: Sequence[int], inside: Sequence[int]) -> Sequence[int]:
    """Return the points with the given numbers; ranges stay ranges, however long."""
    if isinstance(points, range) and isinstance(inside, range):
        return points[inside.start : inside.stop : inside.step]
    return tuple(points[p] for p in inside)


def _disjoint_union(modules: Sequence[PermutationModule]) -> PermutationModule:
    summands: list[PermutationModule] = []
    points: list[Sequence[int]] = []
    shift = 0
    for module in modules:
        if isinstance(module.contents, Sum) and module.name == sum_name(module.summands):
            summands.extend(module.summands)
            points.extend(_shifted(own, shift) for own in module.contents.points)
        else:
            summands.append(module)
            points.append(range(shift, shift + module.degree))
        shift += module.degree
    contents = Sum(tuple(summands), tuple(points))
    return PermutationModule(modules[0].home, sum_name(contents.summands), shift, contents)


def _shifted(points: Sequence[int], shift: int) -> Sequence[int]:
    if isinstance(points, range):
        return range(points.start + shift, points.stop + shift, points.step)
    return tuple(p + shift for p in points)


def _split_action(
    group: ModuleGroup, name: str, images: IntArray
) -> tuple[tuple[PermutationModule, ...], tuple[tuple[int, ...], ...]]:
    """Return the orbits of an action and their points; nothing if it is transitive."""
    import numpy as np

    from toolkit.modules.gsets.actions import orbits

    found = orbits(images)
    if len(found) == 1:
        return (), ()
    place = np.empty(images.shape[1], dtype=np.intp)
    parts, points = [], []
    for number, orbit in enumerate(found, start=1):
        place[orbit] = np.arange(len(orbit))
        title = f"{name}, orbit {number}"
        part = Action(place[images[:, orbit]])
        parts.append(PermutationModule(group, title, len(orbit), part))
        points.append(tuple(np.asarray(orbit).tolist()))
    return tuple(parts), tuple(points)


def _split_outer(
    group: ModuleGroup, factors: tuple[PermutationModule, ...]
) -> tuple[tuple[PermutationModule, ...], tuple[tuple[int, ...], ...]]:
    """Return the orbits of an outer product: the products of the factors' orbits."""
    import numpy as np

    from toolkit.modules.products import product_name

    pieces = [list(zip(X.orbits, X.orbit_points, strict=True)) for X in factors]
    if all(len(piece) == 1 for piece in pieces):
        return (), ()
    parts, points = [], []
    for choice in itertools.product(*pieces):
        modules = tuple(module for module, _ in choice)
        where = np.zeros(1, dtype=np.intp)
        for X, (_, own) in zip(factors, choice, strict=True):
            where = (where[:, None] * X.degree + np.array(own, dtype=np.intp)).ravel()
        name = product_name("outer", modules)
        parts.append(PermutationModule(group, name, where.size, Product("outer", modules)))
        points.append(tuple(where.tolist()))
    return tuple(parts), tuple(points)
