"""The interface of all modules: permutation, signed and linear.

A module is a representation of a finite group in fixed coordinates. The kinds form a chain, each
a special case of the next (:attr:`Module.generality`); modules of different kinds are combined
after the special one is read as one of the general kind, by :meth:`Module.of`.
"""

from __future__ import annotations

import hashlib
import itertools
import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

from toolkit.display import Tabulated
from toolkit.errors import InconsistentAnswerError, ModuleMismatchError, NotAvailable
from toolkit.memory import require_memory
from toolkit.modules.gset_expressions import M, Product, ProductKind, Sum
from toolkit.text import compact_integer, is_local, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    import numpy as np
    from numpy.typing import NDArray

    from toolkit.exact.cyclotomic import Number
    from toolkit.groups.class_functions.class_function import ClassFunction
    from toolkit.modules.gset_expressions import ModuleGroup
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.gsets.orbitals import Orbitals
    from toolkit.modules.gsets.signed_orbitals import SignedOrbitals
    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.modules.points import Points


#: The largest number of points whose images are formed.
MOST_POINTS = 1 << 24
#: The largest number of entries of a generator's matrix.
MOST_MATRIX_ENTRIES = 1 << 24
#: Up to this many points orbitals are counted before characters are computed.
FEW_POINTS = 2048


class Sheet(NamedTuple):
    """One orbit of a module's points, as points of a transitive permutation module.

    Parameters
    ----------
    module
        A transitive permutation module.
    points
        ``(n,)`` 0-based points of the whole module.
    lifts
        ``(n,)`` the point of ``module`` over each, with the sign of ``signs``.
    signs
        ``(n,)`` 1 or -1.
    opposites
        ``(n,)`` the point of ``module`` over each with the opposite sign; ``None`` if the orbit
        is a permutation module, up to these signs.
    """

    module: PermutationModule
    points: IntArray
    lifts: IntArray
    signs: NDArray[np.int8]
    opposites: IntArray | None


_Kind = TypeVar("_Kind")


def opaque(kind: type[_Kind]) -> type[_Kind]:
    """Return a dataclass that other libraries see as one value, with no fields to take apart.

    Hubs and loggers turn the dataclasses among a network's arguments into dictionaries, field by
    field, and then skip their own encoders. The methods that ``dataclass`` made stay; no dataclass
    may be derived from the class.

    Examples
    --------
    >>> from dataclasses import dataclass, is_dataclass
    >>> @opaque
    ... @dataclass(frozen=True)
    ... class Number:
    ...     value: int
    >>> Number(3), Number(3) == Number(3), is_dataclass(Number)
    (Number(value=3), True, False)
    """
    del kind.__dataclass_fields__  # type: ignore[attr-defined]
    return kind


class Module(Tabulated, ABC):
    """A representation of a finite group in fixed coordinates.

    The kinds are :class:`~toolkit.modules.permutation_module.PermutationModule`,
    :class:`~toolkit.modules.signed_module.SignedModule` and
    :class:`~toolkit.modules.linear.linear_module.LinearModule`. Sums are ``X + Y`` and
    ``sum([X, Y])``, products ``X * Y``, ``X ** k`` and :meth:`outer`, also of modules of different
    kinds. Values are computed when first needed.

    Examples
    --------
    >>> import toolkit as tk
    >>> G = tk.group("S3")
    >>> X, V = G.natural_module(), G.signed_coset_module([[1, 2, 0], [1, 0, 2]], [[1, 2, 0]])
    >>> (X + V).multiplicities, (X * V).multiplicities, (V ** 2).multiplicities
    ({'L0': 1, 'L1': 1, 'L2': 1}, {'L1': 1, 'L2': 1}, {'L0': 1})
    """

    #: Position in the chain of kinds: 0 permutation modules, 1 signed modules, 2 linear modules.
    generality: ClassVar[int]

    if TYPE_CHECKING:  # fields of dataclasses, or properties

        @property
        def name(self) -> str:
            """The module's name, as pictures and tables show it."""

        @property
        def degree(self) -> int:
            """The dimension: the number of points."""

        @property
        def home(self) -> ModuleGroup:
            """The group itself."""

        @property
        def contents(self) -> object:
            """What the module is made of."""

        @property
        def multiplicities(self) -> dict[str, int]:
            """How often each simple occurs, by label, in canonical order; exact."""

        @property
        def rank(self) -> int:
            """The dimension of End_G of the module, exactly."""

        @property
        def traces(self) -> tuple[Number, ...] | None:
            """The trace of each conjugacy class, exact; ``None`` without a character table."""

        @property
        def images(self) -> IntArray:
            """``(generators, degree)`` the 0-based points ``images[g, i] = i^g``."""

        @property
        def signs(self) -> NDArray[np.int8]:
            """``(generators, degree)`` signs: (g f)(i) = signs[g, i] f(images[g, i])."""

        @property
        def has_signs(self) -> bool:
            """Whether some sign is -; if none is, this is a permutation module."""

        @property
        def is_transitive(self) -> bool:
            """Whether G has one orbit of points."""

        @property
        def orbit_count(self) -> int:
            """The number of orbits of points."""

        @property
        def orbits(self) -> tuple[Self, ...]:
            """The orbits of points, as modules; a transitive module is its own orbit."""

        @property
        def orbit_points(self) -> tuple[Sequence[int], ...]:
            """Per orbit, its 0-based points."""

        @property
        def unsigned(self) -> PermutationModule:
            """The permutation module of the points without signs."""

        @property
        def sheets(self) -> tuple[Sheet, ...]:
            """The orbits of points, each over a transitive permutation module."""

    @classmethod
    @abstractmethod
    def of(cls, X: Module) -> Self:
        """Return a module of this kind or a more special one as a module of this kind."""

    @classmethod
    @abstractmethod
    def sum_of(cls, modules: Sequence[Self]) -> Self:
        """Return the direct sum of modules of this kind and of one group, in their order."""

    @classmethod
    @abstractmethod
    def product_of(cls, kind: ProductKind, group: ModuleGroup, factors: Sequence[Self]) -> Self:
        """Return the product of two modules of this kind; the second one's points run fastest."""

    @abstractmethod
    def hom_basis(
        self, target: Self, *, step_limit: int | None = None
    ) -> Orbitals | SignedOrbitals:
        """Return the basis of the equivariant maps to a module of the same kind.

        A basis found with a ``step_limit`` is kept, and is also returned to calls without one.
        """

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """Return the module itself: it never changes."""
        return self

    @property
    def has_points(self) -> bool:
        """Whether G permutes the coordinates, up to signs: every kind but linear modules."""
        return self.generality < 2

    @property
    def points(self) -> Points:
        """Which point is which: natural points, cosets by words, tuples of points of factors.

        Raises
        ------
        ModuleMismatchError
            For linear modules, whose coordinates are no points.

        Examples
        --------
        >>> import toolkit as tk
        >>> pairs = tk.group("S3").natural_module() ** 2
        >>> pairs.points[5]
        (1, 2)
        """
        from toolkit.modules.points import Points

        if not self.has_points:
            raise ModuleMismatchError(
                f"{self.name} of {self.group_title} is given by matrices: its coordinates are no "
                "points"
            )
        return Points(self)

    @property
    def on_points(self) -> Module | None:
        """The module as a permutation or signed module in the same coordinates, if it is one."""
        return self

    @property
    def group(self) -> str:
        """Canonical name of the group."""
        return self.home.name

    @property
    def group_title(self) -> str:
        """The group's name for display, shortened: the one that its user gave it, if any."""
        return shortened(self.home.title)

    @property
    def group_order(self) -> int:
        """|G|; may start GAP."""
        return self.home.order

    @property
    def summands(self) -> tuple[Self, ...]:
        """The summands of a sum; empty if this is not a sum."""
        found: tuple[Any, ...] = self.contents.summands if isinstance(self.contents, Sum) else ()
        return found

    @property
    def product(self) -> ProductKind | None:
        """``"diagonal"`` or ``"outer"`` for a product, else ``None``."""
        return self.contents.kind if isinstance(self.contents, Product) else None

    @property
    def factors(self) -> tuple[Self, ...]:
        """The factors of a product; empty if this is not a product.

        Point (x, y) of X x Y has number ``x * |Y| + y``.
        """
        found: tuple[Any, ...] = self.contents.factors if isinstance(self.contents, Product) else ()
        return found

    @property
    def specification(self) -> dict[str, Any]:
        """What the module is, as JSON data; :meth:`toolkit.Group.module` makes it again.

        The forms are those of :mod:`toolkit.modules.specification`.

        Examples
        --------
        >>> import toolkit as tk
        >>> G = tk.group("S4")
        >>> X = G.natural_module() ** 2
        >>> X.specification
        {'module': 'power', 'of': {'module': 'natural'}, 'exponent': 2}
        >>> G.module(X.specification) == X
        True
        """
        from toolkit.modules.specification import specification_of

        return specification_of(self)

    def require_points(self, what: str) -> None:
        """Raise ModuleMismatchError unless the group permutes the coordinates, up to signs.

        Parameters
        ----------
        what
            What needs points, for the message.
        """

    @property
    def advice_without_points(self) -> str:
        """What to do where points are needed; empty if the module has them."""
        return ""

    @property
    def matrices(self) -> NDArray[np.float64]:
        r"""``(generators, degree, degree)`` float64: the generators, acting on columns.

        ``matrices[g] @ f`` is g f, and the matrix of a product g h, g first, is the product of the
        matrices of g and h in this order. For a permutation or signed module,
        (g f)(i) = signs[g, i] f(images[g, i]): row i has the sign in column ``images[g, i]``.

        Raises
        ------
        NotAvailable
            If the dimension is above 4096.

        Examples
        --------
        >>> import toolkit as tk
        >>> tk.group("C3").natural_module().matrices[0].tolist()
        [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
        """
        import numpy as np

        require_matrices(self)
        images = self.images
        k, n = images.shape
        require_memory(self.group, f"the matrices of {self.name}", 8 * k * n * n)
        out = np.zeros((k, n, n))
        signs = self.signs if self.has_signs else 1.0
        out[np.arange(k)[:, None], np.arange(n), images] = signs
        return out

    @property
    def action_digest(self) -> str:
        """A digest of how the generators act, as hexadecimal digits.

        Equal for modules of one kind on which the generators act alike, whatever their names.
        """
        import numpy as np

        digest = hashlib.sha256(np.ascontiguousarray(self.images, dtype="<i8").tobytes())
        if self.generality:  # the digests of permutation modules are older than signs
            digest.update(np.ascontiguousarray(self.signs, dtype="<i1").tobytes())
        return digest.hexdigest()

    @property
    def kernel(self) -> tuple[int, ...] | None:
        """0-based conjugacy classes that act as the identity; ``None`` without a table."""
        if self.traces is None:
            return None
        return tuple(c for c, trace in enumerate(self.traces) if trace == self.degree)

    @property
    def character(self) -> ClassFunction | None:
        """The character, :attr:`traces` to calculate with; ``None`` without a character table.

        It is also ``None`` for a module on cosets of a group whose table comes from a formula and
        is unknown to GAP: there ``G.permutation_character(H)`` counts elements.

        Examples
        --------
        >>> import toolkit as tk
        >>> X = tk.group("S4").natural_module()
        >>> X.character, X.character.exterior_power(2).real_multiplicities
        (<class function of S4: 4, 0, 2, 1, 0>, {'L3': 1, 'L4': 1})
        """
        table, traces = self.home.table_within_reach(), self.traces
        if table is None or traces is None:
            return None
        from toolkit.groups.class_functions.class_function import class_function

        return class_function(table, traces, self.home)

    def endomorphism_dimensions(self, labels: set[str]) -> dict[str, int]:
        """Return dim End_G(L), 1, 2 or 4, for simples L by label."""
        table = self.home.table_within_reach()
        if table is None:
            raise InconsistentAnswerError(
                self.group, "a character table behind labels L0, L1, ...", "none"
            )
        return {s.label: s.endomorphism_dimension for s in table.simples if s.label in labels}

    def __add__(self, other: Module) -> Module:
        """Return the direct sum: points of ``self`` first, then those of ``other``."""
        return direct_sum(self, other) if isinstance(other, Module) else NotImplemented

    def __radd__(self, other: int) -> Self:
        """Return ``0 + X = X``, with which ``sum([X, Y])`` begins."""
        return self if other == 0 and isinstance(other, int) else NotImplemented

    def __mul__(self, other: Module) -> Module:
        """Return the tensor product; see :attr:`factors` for the order of points.

        Modules of one group: it acts on both factors at once. Modules of two groups: the
        direct product of the groups acts (:meth:`outer`).
        """
        if not isinstance(other, Module):
            return NotImplemented
        if self.home != other.home:
            return self.outer(other)
        X, Y = common_kind(self, other)
        return type(X).product_of("diagonal", self.home, (X, Y))

    def outer(self, other: Module) -> Module:
        """Return the tensor product for the direct product of the two groups, equal or not.

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
        X, Y = common_kind(self, other)
        return type(X).product_of("outer", self.home.direct_product(other.home), (X, Y))

    @property
    def dual(self) -> Self:
        """The dual module; a permutation or signed module is its own."""
        return self

    def symmetric_power(self, k: int) -> Self:
        """Return the k-th symmetric power.

        Parameters
        ----------
        k
            At least 0; the 0-th power is the trivial module.

        Returns
        -------
        Module
            Of the same kind. Its coordinates belong to i_1 <= ... <= i_k in lexicographic order:
            the symmetrised tensor of e_(i_1), ..., e_(i_k), scaled to length 1, so that the powers
            of an orthogonal module are orthogonal.

        Examples
        --------
        >>> import toolkit as tk
        >>> G = tk.group("S4")
        >>> G.natural_module().symmetric_power(2)
        <Sym^2(4 points): module of S4 of degree 10>
        >>> G.simple_module("L3").symmetric_square.multiplicities
        {'L0': 1, 'L2': 1, 'L3': 1}
        """
        power: Self = self._whole_power(k, exterior=False)
        return power

    def exterior_power(self, k: int) -> Module:
        """Return the k-th exterior power; of a permutation module it is a signed one.

        Parameters
        ----------
        k
            From 0 to the dimension; the 0-th power is the trivial module.

        Returns
        -------
        Module
            Its coordinates belong to i_1 < ... < i_k in lexicographic order.

        Raises
        ------
        ModuleMismatchError
            If k is larger than the dimension: then the power is 0.

        Examples
        --------
        >>> import toolkit as tk
        >>> G = tk.group("S4")
        >>> G.natural_module().exterior_power(2).multiplicities
        {'L3': 1, 'L4': 1}
        >>> G.simple_module("L3").determinant.multiplicities
        {'L1': 1}
        """
        if isinstance(k, int) and k > self.degree:
            raise ModuleMismatchError(
                f"the exterior power {k} of {self.name} of dimension {self.degree} is 0: an "
                f"exponent up to {self.degree} is required"
            )
        power: Module = self._whole_power(k, exterior=True)
        return power

    def _whole_power(self, k: int, *, exterior: bool) -> Any:  # noqa: ANN401
        if isinstance(k, bool) or not isinstance(k, int) or k < 0:
            raise ModuleMismatchError(
                f"symmetric and exterior powers need a whole number k >= 0, not {k!r:.40}"
            )
        if k == 0:
            return self._unit()
        return self if k == 1 else self._tensor_power(k, exterior=exterior)

    @abstractmethod
    def _tensor_power(self, exponent: int, *, exterior: bool) -> Module:
        """Return the symmetric or exterior power of an exponent from 2."""

    @property
    def symmetric_square(self) -> Self:
        """The symmetric square: :meth:`symmetric_power` of exponent 2."""
        return self.symmetric_power(2)

    @property
    def exterior_square(self) -> Module:
        """The exterior square: :meth:`exterior_power` of exponent 2."""
        return self.exterior_power(2)

    @property
    def determinant(self) -> Module:
        """The determinant, a module of dimension 1: the highest exterior power."""
        return self.exterior_power(self.degree)

    def __pow__(self, exponent: int) -> Self:
        """Return the tensor power, on k-tuples of points; one point that G fixes for k = 0."""
        if not isinstance(exponent, int):
            return NotImplemented
        if exponent < 0:
            raise ModuleMismatchError(f"a power of a module needs k >= 0, not {exponent}")
        if exponent == 0:
            return self._unit()
        out: Any = self
        for _ in range(exponent - 1):
            out = out * self
        power: Self = out
        return power

    @abstractmethod
    def _unit(self) -> Self:
        """Return the module of one point that G fixes."""


def require_module(X: object) -> None:
    """Raise ModuleMismatchError unless ``X`` is a module."""
    if not isinstance(X, Module):
        raise ModuleMismatchError(
            f"a module is required, such as tk.group('S4').natural_module(), not {X!r:.60}"
        )


def require_same_group(X: Module, Y: Module) -> None:
    """Raise ModuleMismatchError unless both are modules of the same group."""
    require_module(X)
    require_module(Y)
    if X.group != Y.group:
        raise ModuleMismatchError(
            f"both modules must belong to one group with the same generators, found "
            f"{X.name} of {X.group_title} and {Y.name} of {Y.group_title}; make both from one "
            "group, or change the group of one by tk.restrict, tk.induce or tk.inflate"
        )


def require_listable(X: Module) -> None:
    """Raise NotAvailable if a module has too many points to list them."""
    if X.degree > MOST_POINTS:
        raise NotAvailable(
            X.group,
            f"the points of {X.name}",
            f"{compact_integer(X.degree)} points are too many to list, the most is {MOST_POINTS}",
        )


def require_matrices(X: Module) -> None:
    """Raise NotAvailable if the matrices of a module's generators have too many entries."""
    if X.degree**2 > MOST_MATRIX_ENTRIES:
        raise NotAvailable(
            X.group,
            f"the matrices of {X.name}",
            f"the dimension is {compact_integer(X.degree)}, the most is "
            f"{math.isqrt(MOST_MATRIX_ENTRIES)}",
        )


def power_on_points(
    X: Module, exponent: int, *, exterior: bool
) -> tuple[IntArray, NDArray[np.int8]]:
    """Return the action on a symmetric or exterior power of a permutation or signed module.

    Its points are the multisets or sets of ``exponent`` points, in lexicographic order.

    Returns
    -------
    numpy.ndarray, numpy.ndarray
        ``(generators, points)`` images and signs.
    """
    from toolkit.modules.linear.tensors import power_action, power_dimension

    degree = power_dimension(X.degree, exponent, exterior=exterior)
    if degree > MOST_POINTS:
        raise NotAvailable(
            X.group,
            f"a power of {X.name}",
            f"it has {compact_integer(degree)} points, the most is {MOST_POINTS}",
        )
    signs = X.signs if X.has_signs else None
    return power_action(X.images, signs, exponent, exterior=exterior)


def sum_name(summands: Sequence[Module]) -> str:
    """Return the name of a sum, such as ``regular module + 2 (3 points)``."""
    runs = [(name, len(list(run))) for name, run in itertools.groupby(m.name for m in summands)]
    return " + ".join(name if n == 1 else f"{n} ({name})" for name, n in runs)


def common_kind(*modules: M) -> tuple[M, ...]:
    """Return modules as modules of one kind, the most general among them.

    Parameters
    ----------
    *modules
        Modules of one group.

    Returns
    -------
    tuple of Module
        All permutation, all signed or all linear modules, in their order.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C2").natural_module()
    >>> common_kind(X, tk.SignedModule.from_permutation(X))[0]
    <2 points: signed module of C2 of dimension 2>
    """
    kind = max((type(m) for m in modules), key=lambda kind: kind.generality)
    return tuple(kind.of(m) for m in modules)


def direct_sum(*modules: M) -> M:
    """Return the direct sum of modules of one group, in their order.

    Parameters
    ----------
    *modules
        One or more modules of one group, of any kinds.

    Returns
    -------
    Module
        Of the most general kind among them.

    Examples
    --------
    >>> import toolkit as tk
    >>> V = tk.group("S3").natural_module()
    >>> direct_sum(V, V, V * V)
    <2 (3 points) + (3 points)^2: module of S3 of degree 15>
    """
    if not modules:
        raise ModuleMismatchError("a direct sum needs at least one module, found none")
    for module in modules:
        require_same_group(modules[0], module)
    if len(modules) == 1:
        return modules[0]
    same = common_kind(*modules)
    return type(same[0]).sum_of(same)


def hom_dimension(X: Module, Y: Module) -> int:
    """Return the dimension of the equivariant maps X -> Y: sum of m_L(X) m_L(Y) e_L, exactly.

    Parameters
    ----------
    X, Y
        Modules of one group, of any kinds.

    Returns
    -------
    int
        Exact.

    Raises
    ------
    ModuleMismatchError
        If they belong to different groups.
    NotAvailable
        For modules of a group whose character table is out of reach, if they have no points, or
        too many for their orbitals to be counted.

    Notes
    -----
    By characters where there is a character table, independent of the count of orbitals, which must
    agree with it. Without a table the orbitals of Y x X are counted, for modules that have points.
    For outer products of modules of the same groups it is the product over the factors.

    Examples
    --------
    >>> import toolkit as tk
    >>> G = tk.group("S4")
    >>> tk.hom_dimension(G.regular_module(), G.natural_module())
    4
    """
    require_same_group(X, Y)
    pairs = _outer_pairs(X, Y)
    if pairs:
        return math.prod(hom_dimension(x, y) for x, y in pairs)
    x, y = X.on_points, Y.on_points
    if x is not None and y is not None and X.home.table_within_reach() is None:
        many = x.degree * y.degree > MOST_POINTS and X.home.closed_form is not None
        if not many and max(x.degree, y.degree) <= MOST_POINTS:
            source, target = common_kind(x, y)
            return source.hom_basis(target).count
    return hom_dimension_by_characters(X, Y)


def hom_dimension_by_characters(X: Module, Y: Module) -> int:
    """Return :func:`hom_dimension` from the multiplicities alone, independent of all orbitals.

    Raises
    ------
    NotAvailable
        If the multiplicities are out of reach, or known within each module only.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("S4").natural_module()
    >>> hom_dimension_by_characters(X, X)
    2
    """
    require_same_group(X, Y)
    pairs = _outer_pairs(X, Y)
    if pairs:
        return math.prod(hom_dimension_by_characters(x, y) for x, y in pairs)
    mine, other = X.multiplicities, Y.multiplicities
    both = mine.keys() & other.keys()
    local = any(is_local(label) for label in (*mine, *other))
    if local and X is not Y:
        raise NotAvailable(
            X.group,
            f"the dimension of maps from {X.name} to {Y.name} by characters",
            "its simples are known within each transitive part only; count the orbitals",
        )
    ends = X.endomorphism_dimensions(both)
    return sum(m * other[label] * ends[label] for label, m in mine.items() if label in both)


def _outer_pairs(X: Module, Y: Module) -> list[tuple[Module, Module]]:
    """Return the pairs of factors of outer products of modules of the same groups, or nothing."""
    if not X.product == Y.product == "outer" or len(X.factors) != len(Y.factors):
        return []
    pairs = list(zip(X.factors, Y.factors, strict=True))
    return pairs if all(x.group == y.group for x, y in pairs) else []
