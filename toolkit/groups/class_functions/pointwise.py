"""Functions on conjugacy classes, value by value: sums, products, inner products, conjugates."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from toolkit.cached import cached_property
from toolkit.display import Tabulated
from toolkit.errors import ClassFunctionError, UnknownLabelError
from toolkit.exact.cyclotomic import Cyclotomic, pretty, simplified, to_complex
from toolkit.text import shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Self

    import numpy as np
    from numpy.typing import NDArray

    from toolkit.exact.cyclotomic import Number  # noqa: TC004 - an annotation
    from toolkit.groups.character_table import CharacterTable  # noqa: TC004 - a cycle
    from toolkit.groups.class_functions.residues import CharacterResidues
    from toolkit.groups.class_functions.space import ClassFunctionSpace
    from toolkit.groups.class_functions.values_field import FieldOfValues


@dataclass(frozen=True, eq=False, repr=False)
class PointwiseFunction(Tabulated):
    """A function on the conjugacy classes of a finite group, exact.

    The part of :class:`~toolkit.groups.class_functions.class_function.ClassFunction` that goes
    value by value. The multiplicities in the irreducible characters are carried along where they
    are known: products are then formed modulo a prime, all classes at once.

    Parameters
    ----------
    table
        The character table, whose order of classes the values follow.
    values
        ``(classes,)`` exact values, simplified.
    home
        The :class:`toolkit.Group`, or ``None`` if it was made from a table alone.
    """

    table: CharacterTable = field(repr=False)
    values: tuple[Number, ...]
    home: Any = None

    #: Numbers of numpy leave the arithmetic to this class.
    __array_ufunc__ = None

    # as a sequence ---------------------------------------------------------------------------

    def __len__(self) -> int:
        """Return the number of classes."""
        return len(self.values)

    def __iter__(self) -> Iterator[Number]:
        return iter(self.values)

    def __getitem__(self, conjugacy_class: int | str) -> Number:
        """Return the value on a class, by its 0-based number or its name (``"2a"``)."""
        if isinstance(conjugacy_class, str):
            return self.values[class_number(self.table, conjugacy_class)]
        return self.values[conjugacy_class]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, PointwiseFunction):
            return self.values == other.values and self.group == other.group
        return self.values == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.values)

    def __repr__(self) -> str:
        shown = ", ".join(pretty(v) for v in self.values[:12])
        more = f", ... ({len(self.values)} classes)" if len(self.values) > 12 else ""
        return f"<class function of {shortened(self.group)}: {shown}{more}>"

    @property
    def group(self) -> str:
        """Canonical name of the group."""
        return self.table.group

    @property
    def degree(self) -> Number:
        """The value at the identity: for a character, the dimension."""
        return self.values[0]

    def to_numpy(self) -> NDArray[np.complex128]:
        """Return the values as ``(classes,)`` complex128 (rounded)."""
        import numpy as np

        return np.array([to_complex(v) for v in self.values], dtype=np.complex128)

    # arithmetic ------------------------------------------------------------------------------

    def _made(
        self, values: Sequence[Number], multiplicities: tuple[int, ...] | None = None
    ) -> Self:
        """Return another function of the same group; known facts about it are kept."""
        out = type(self)(self.table, tuple(map(simplified, values)), self.home)
        if multiplicities is not None:
            out.__dict__["_virtual"] = multiplicities
        return out

    def _combination(self, multiplicities: tuple[int, ...]) -> Self:
        return self._made(self._space.combination(multiplicities), multiplicities)

    @property
    def _space(self) -> ClassFunctionSpace:
        return self.table.class_functions

    @property
    def _known(self) -> tuple[int, ...] | None:
        """Multiplicities in the irreducible characters, if they were found already."""
        found: tuple[int, ...] | None = self.__dict__.get("_virtual")
        return found

    @cached_property
    def _virtual(self) -> tuple[int, ...] | None:
        return self._space.multiplicities(self.values)

    def _weight(self, multiplicities: tuple[int, ...]) -> int:
        """Return the degree of the character with the absolute multiplicities."""
        pairs = zip(multiplicities, self._space.degrees, strict=True)
        return sum(abs(m) * d for m, d in pairs)

    def _require_same_group(self, other: PointwiseFunction) -> None:
        if other.table is not self.table and other.group != self.group:
            raise ClassFunctionError(
                "class functions of one group are required, found one of "
                f"{shortened(self.group)} and one of {shortened(other.group)}: use tk.restrict, "
                "tk.induce or tk.inflate"
            )

    def _elementwise(
        self, other: object, op: Callable[[Any, Any], Any], *, swapped: bool = False
    ) -> Any:  # noqa: ANN401 - Self or NotImplemented
        if isinstance(other, PointwiseFunction):
            self._require_same_group(other)
            return self._made([op(x, y) for x, y in zip(self.values, other.values, strict=True)])
        scalar = number_or_none(other)
        if scalar is None:
            if isinstance(other, float | complex):
                raise ClassFunctionError(
                    "class functions are calculated with exact numbers: int, Fraction or "
                    f"Cyclotomic, found {other!r}; to_numpy() gives rounded values"
                )
            return NotImplemented
        pairs = ((scalar, x) if swapped else (x, scalar) for x in self.values)
        return self._made([op(x, y) for x, y in pairs])

    def _linear(self, other: object, sign: int) -> Self:
        out: Self = self._elementwise(other, operator.add if sign > 0 else operator.sub)
        if isinstance(other, PointwiseFunction) and self._known and other._known:
            sums = (m + sign * n for m, n in zip(self._known, other._known, strict=True))
            out.__dict__["_virtual"] = tuple(sums)
        if isinstance(other, int) and self._known:  # a multiple of the trivial character
            out.__dict__["_virtual"] = (self._known[0] + sign * other, *self._known[1:])
        return out

    def __add__(self, other: object) -> Self:
        """Return the sum; a number is added to every value."""
        return self._linear(other, 1)

    __radd__ = __add__

    def __sub__(self, other: object) -> Self:
        """Return the difference; a number is subtracted from every value."""
        return self._linear(other, -1)

    def __rsub__(self, other: object) -> Self:
        out: Self = self._elementwise(other, operator.sub, swapped=True)
        return out

    def __neg__(self) -> Self:
        known = self._known
        return self._made([-v for v in self.values], known and tuple(-m for m in known))

    def __mul__(self, other: object) -> Self:
        """Return the pointwise product: of characters, that of the tensor product."""
        if (
            isinstance(other, PointwiseFunction)
            and self._known
            and other._known
            and self._space.holds_table
        ):
            self._require_same_group(other)
            bound = self._weight(self._known) * self._weight(other._known)
            one, two = self._known, other._known

            def product(residues: CharacterResidues) -> NDArray[Any]:
                values: NDArray[Any] = residues.values(one) * residues.values(two)
                return values % residues.field.prime

            return self._combination(self._space.decomposed(bound, product))
        out: Self = self._elementwise(other, operator.mul)
        if isinstance(other, int) and self._known:
            out.__dict__["_virtual"] = tuple(other * m for m in self._known)
        return out

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> Self:
        """Return the quotient by an exact number other than 0."""
        scalar = number_or_none(other)
        if scalar is None:
            return NotImplemented
        inverse = Fraction(1) / scalar
        return self._made([v * inverse for v in self.values])

    def __pow__(self, exponent: int) -> Self:
        """Return the pointwise power, k at least 0: the k-th tensor power of a character."""
        if not isinstance(exponent, int):
            return NotImplemented
        if exponent < 0:
            raise ClassFunctionError(f"a power of a class function needs k >= 0, not {exponent}")
        trivial = (1,) + (0,) * (len(self.values) - 1)
        out = self._made([1] * len(self.values), trivial)
        for bit in bin(exponent)[2:]:
            out = out * out
            if bit == "1":
                out = out * self
        return out

    def with_home(self, home: object) -> Self:
        """Return the same function, made by the group itself rather than by its table."""
        out = type(self)(self.table, self.values, home)
        out.__dict__.update((k, v) for k, v in self.__dict__.items() if k.startswith("_"))
        return out

    # inner products and decomposition --------------------------------------------------------

    def inner_product(self, other: PointwiseFunction) -> Number:
        r"""Return <f, h> = (1/|G|) sum over g of f(g) times the conjugate of h(g), exactly.

        Examples
        --------
        >>> import toolkit as tk
        >>> G = tk.group("C3")
        >>> G.class_function([3, 0, 0]).inner_product(G.character("X1"))
        1
        """
        if not isinstance(other, PointwiseFunction):
            raise ClassFunctionError(
                f"a class function is required, such as X.character, not {other!r:.60}"
            )
        self._require_same_group(other)
        if self._known and other._known:
            return sum(m * n for m, n in zip(self._known, other._known, strict=True))
        total: Number = 0
        for size, x, y in zip(self.table.class_sizes, self.values, other.values, strict=True):
            if x != 0 and y != 0:
                total = total + size * x * y.conjugate()
        return simplified(total * Fraction(1, self.table.order))

    @property
    def norm(self) -> Number:
        """The inner product with itself: 1 exactly for irreducible characters, up to sign."""
        return self.inner_product(self)

    # symmetry --------------------------------------------------------------------------------

    @property
    def is_real(self) -> bool:
        """Whether all values are real."""
        return all(not isinstance(v, Cyclotomic) or v.is_real for v in self.values)

    @property
    def is_rational(self) -> bool:
        """Whether all values are rational."""
        return not any(isinstance(v, Cyclotomic) for v in self.values)

    def conjugate(self) -> Self:
        """Return the complex conjugate: of a character, that of the dual representation."""
        return self._made([v.conjugate() for v in self.values])

    @property
    def dual(self) -> Self:
        """The function g -> f(g^-1): for virtual characters the complex conjugate."""
        return self._made([self.values[c] for c in self.table.inverse])

    def galois_conjugate(self, k: int) -> Self:
        """Return the conjugate under E(n) -> E(n)^k.

        Raises
        ------
        ClassFunctionError
            If k has a common factor with the conductor of the values.
        """
        try:
            return self._made(
                [v.galois_conjugate(k) if isinstance(v, Cyclotomic) else v for v in self.values]
            )
        except ValueError as error:
            raise ClassFunctionError(str(error)) from None

    @property
    def galois_conjugates(self) -> tuple[Self, ...]:
        """The different Galois conjugates, this one first: as many as the field's degree."""
        return tuple(self.galois_conjugate(k) for k in self.field_of_values.automorphisms())

    @cached_property
    def field_of_values(self) -> FieldOfValues:
        """The field that the values generate: conductor, degree over Q, Galois stabiliser."""
        from toolkit.groups.class_functions.values_field import field_of_values

        return field_of_values(self.values)

    def adams(self, k: int) -> Self:
        """Return psi^k f, the function g -> f(g^k), for any integer k.

        Examples
        --------
        >>> import toolkit as tk
        >>> V = tk.group("S3").character("X2")
        >>> V.adams(2) == V.symmetric_square - V.alternating_square
        True
        """
        where = self._space.power_classes(operator.index(k))
        return self._made([self.values[c] for c in where.tolist()])

    def frobenius_schur_indicator(self, k: int = 2) -> Number:
        """Return the k-th indicator, (1/|G|) sum over g of f(g^k).

        For k = 2 and an irreducible character it is 1, 0 or -1: real, complex or quaternionic.
        """
        total: Number = 0
        for size, v in zip(self.table.class_sizes, self.adams(k).values, strict=True):
            total = total + size * v
        return simplified(total * Fraction(1, self.table.order))


def number_or_none(x: object) -> Number | None:
    """Return an exact number as such, integers of numpy among them; ``None`` for others."""
    if isinstance(x, Cyclotomic | Fraction | int):
        return int(x) if isinstance(x, bool) else x
    try:
        return operator.index(x)  # type: ignore[arg-type] # numpy's integers
    except TypeError:
        return None


def class_number(table: CharacterTable, name: str) -> int:
    """Return the 0-based number of the class with a name, such as ``"2a"``."""
    if name not in table.class_names:
        raise UnknownLabelError(
            f"{shortened(table.group)} has the classes {', '.join(table.class_names[:40])}, "
            f"not {name!r:.20}"
        )
    return table.class_names.index(name)
