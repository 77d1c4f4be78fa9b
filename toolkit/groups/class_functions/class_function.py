"""Class functions of a finite group: sums, products, powers, decompositions, all exact."""

from __future__ import annotations

import itertools
import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.errors import ClassFunctionError, NamingError
from toolkit.exact.cyclotomic import Cyclotomic, simplified
from toolkit.groups.class_functions.pointwise import (
    PointwiseFunction,
    class_number,
    number_or_none,
)
from toolkit.groups.class_functions.symmetric_powers import (
    Power,
    exterior_power,
    schur_power,
    symmetric_power,
)
from toolkit.groups.parsing.exact_entries import read_number
from toolkit.text import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.groups.character_table import CharacterTable

#: The highest symmetric and exterior power that is formed, from the square of its steps.
MOST_POWER = 2_000

#: Determinants of characters up to this degree are formed as exterior powers.
_SMALL_DEGREE = 8


@dataclass(frozen=True, eq=False, repr=False)
class ClassFunction(PointwiseFunction):
    """A function that is constant on the conjugacy classes of a finite group, exact.

    Made by :meth:`toolkit.Group.class_function`, ``G.character("X3")``, ``X.character`` of a
    module, ``L.character`` of a simple, and by calculating with others: ``+ - *`` with class
    functions of the same group and with integers, fractions and cyclotomics, ``** k``, division
    by a number (``ZeroDivisionError`` for 0). Equal if the group and all values are; also equal to
    the plain tuple of its values. The irreducible characters are X0, the trivial one, X1, ..., by
    0-based rows of the table, on pages and in LaTeX too; GAP's X.1, X.2, ... are in another order.

    Parameters
    ----------
    table
        The character table, whose order of classes the values follow.
    values
        ``(classes,)`` exact values: ``int``, ``Fraction`` or
        :class:`~toolkit.exact.cyclotomic.Cyclotomic`, the first of these that holds the value.
    home
        The :class:`toolkit.Group`, or ``None`` if it was made from a table alone.

    Examples
    --------
    The symmetries of a cube, turning it in space:

    >>> import toolkit as tk
    >>> G = tk.group("S4")
    >>> chi = G.class_function([3, -1, -1, 0, 1])
    >>> chi.norm, chi.is_irreducible, chi.complex_multiplicities
    (1, True, {'X4': 1})
    >>> (chi * chi).real_multiplicities, chi.alternating_square == chi
    ({'L0': 1, 'L2': 1, 'L3': 1, 'L4': 1}, True)
    >>> chi["4a"], chi.determinant.values, 2 * chi - chi.symmetric_square
    (1, (1, 1, 1, 1, 1), <class function of S4: 0, -4, -4, 0, 2>)
    """

    # decomposition ---------------------------------------------------------------------------

    @property
    def is_virtual_character(self) -> bool:
        """Whether this is an integer combination of irreducible characters; exact."""
        return self._virtual is not None

    @property
    def is_character(self) -> bool:
        """Whether this is the character of a non-zero representation over the complex numbers."""
        found = self._virtual
        return found is not None and min(found) >= 0 and any(found)

    @property
    def is_irreducible(self) -> bool:
        """Whether this is an irreducible character over the complex numbers."""
        found = self._virtual
        return found is not None and min(found) >= 0 and sum(found) == 1

    @property
    def is_linear(self) -> bool:
        """Whether this is a homomorphism to the nonzero complex numbers: irreducible, degree 1."""
        return self.degree == 1 and self.is_irreducible

    @property
    def complex_multiplicities(self) -> dict[str, int]:
        """How often each irreducible character occurs, by label ``"X0"``, ``"X1"``, ...

        Raises
        ------
        ClassFunctionError
            If this is not an integer combination of irreducible characters; then
            :meth:`inner_product` with each of them still gives the coefficients.
        """
        found = self._require_virtual("multiplicities")
        return {f"X{i}": m for i, m in enumerate(found) if m}

    @property
    def real_multiplicities(self) -> dict[str, int]:
        """How often each real simple occurs, by label, as ``X.multiplicities`` of a module.

        Raises
        ------
        ClassFunctionError
            If this is not the character of a representation over the real numbers (or the
            difference of two): not real-valued, or with a simple of quaternionic type an odd
            number of times.

        Examples
        --------
        >>> import toolkit as tk
        >>> G = tk.group("Q8")
        >>> (2 * G.character("X4")).real_multiplicities
        {'L4': 1}
        >>> G.character("X4").real_multiplicities
        Traceback (most recent call last):
        ...
        toolkit.errors.ClassFunctionError: the character of a real representation is required,
        found one of Q8 with X4, of quaternionic type, 1 time: it must occur an even number of
        times; complex_multiplicities gives its decomposition
        """
        from toolkit.groups.class_functions.real_parts import multiplicities_of_simples

        found = self._require_virtual("multiplicities of real simples")
        return multiplicities_of_simples(self.table, found)

    def _require_virtual(self, what: str) -> tuple[int, ...]:
        found = self._virtual
        if found is None:
            raise ClassFunctionError(
                f"{what} belong to integer combinations of irreducible characters, and "
                f"{self!r} is not one: its inner products with them give the coefficients"
            )
        return found

    def _require_character(self, what: str) -> tuple[int, ...]:
        if not self.is_character:
            raise ClassFunctionError(
                f"{what} belongs to the character of a representation, and {self!r} is not one"
            )
        return self._require_virtual(what)

    @property
    def kernel(self) -> tuple[int, ...]:
        """0-based classes that act as the identity, for a character."""
        self._require_character("a kernel")
        return tuple(c for c, v in enumerate(self.values) if v == self.degree)

    @property
    def kernel_order(self) -> int:
        """Order of the kernel."""
        return sum(self.table.class_sizes[c] for c in self.kernel)

    @property
    def centre(self) -> tuple[int, ...]:
        """0-based classes that act as scalars, for a character: |f(g)| = f(1)."""
        self._require_character("a centre")
        square = self.degree * self.degree
        return tuple(
            c for c, v in enumerate(self.values) if simplified(v * v.conjugate()) == square
        )

    # powers ----------------------------------------------------------------------------------

    def symmetric_power(self, k: int) -> ClassFunction:
        """Return the k-th symmetric power, k from 0 to :data:`MOST_POWER`.

        Any k of a linear character, whose symmetric powers are its powers.

        Raises
        ------
        ClassFunctionError
            If k is negative or larger.

        Notes
        -----
        Exact, by Newton's identities: O(k^2 classes), for virtual characters modulo a prime.

        Examples
        --------
        Cubic forms on the plane of a triangle:

        >>> import toolkit as tk
        >>> tk.group("S3").character("X2").symmetric_power(3).complex_multiplicities
        {'X0': 1, 'X1': 1, 'X2': 1}
        """
        k = _power(k)
        if self._known_to_be_linear:
            return self.adams(k)
        return self._power_of(symmetric_power(k))

    def exterior_power(self, k: int) -> ClassFunction:
        """Return the k-th exterior power, k at least 0; as :meth:`symmetric_power`.

        For a character it is 0, without any computation, for every k above the degree.

        Examples
        --------
        >>> import toolkit as tk
        >>> tk.group("S4").character("X3").exterior_power(10**6)
        <class function of S4: 0, 0, 0, 0, 0>
        """
        k = _power(k)
        known = self._virtual
        if known is not None and min(known) >= 0 and k > self._weight(known):
            return self * 0
        return self._power_of(exterior_power(k))

    @property
    def symmetric_square(self) -> ClassFunction:
        """The second symmetric power."""
        return self.symmetric_power(2)

    @property
    def alternating_square(self) -> ClassFunction:
        """The second exterior power."""
        return self.exterior_power(2)

    def schur_functor(self, partition: Sequence[int]) -> ClassFunction:
        """Return the part of the n-th tensor power that belongs to a partition of n.

        Parameters
        ----------
        partition
            Positive integers, falling: ``(n,)`` is the symmetric power, ``(1,) * n`` the exterior.

        Notes
        -----
        For a partition into l parts l 2^l products (Jacobi and Trudi); l is at most 16.

        Examples
        --------
        >>> import toolkit as tk
        >>> V = tk.group("S4").character("X3")
        >>> parts = [V.schur_functor(p) for p in [(3,), (2, 1), (1, 1, 1)]]
        >>> parts[0] + 2 * parts[1] + parts[2] == V**3
        True
        """
        shape = tuple(operator.index(part) for part in partition)
        falling = all(a >= b for a, b in itertools.pairwise(shape))
        if not falling or min(shape, default=1) < 1 or len(shape) > 16:
            raise ClassFunctionError(
                "a partition has at most 16 positive integers in non-increasing order, "
                f"not {partition!r}"
            )
        return self._power_of(schur_power(shape)) if shape else self**0

    @property
    def _known_to_be_linear(self) -> bool:
        known = self._virtual
        return known is not None and min(known) >= 0 and self._weight(known) == 1

    def _power_of(self, power: Power) -> ClassFunction:
        if power.highest > MOST_POWER:
            raise ClassFunctionError(
                f"symmetric and exterior powers, also those that a Schur functor needs, are "
                f"formed up to {MOST_POWER:,}, not {power.highest:,}"
            )
        known = self._virtual if self._space.holds_table else None
        found = power.of(self._space, self.values, known)
        if known is None:
            return self._made(found)
        return self._combination(tuple(found))

    # eigenvalues -----------------------------------------------------------------------------

    def eigenvalues(self, conjugacy_class: int | str) -> tuple[int, ...]:
        """Return the multiplicities of eigenvalues E(o)^0, ..., E(o)^(o-1), o the element order.

        Parameters
        ----------
        conjugacy_class
            A class, by its 0-based number or its name.

        Examples
        --------
        A turn by 90 degrees in space has the eigenvalues 1, i and -i:

        >>> import toolkit as tk
        >>> tk.group("S4").character("X4").eigenvalues("4a")
        (1, 1, 0, 1)
        """
        from toolkit.groups.class_functions.eigenvalues import eigenvalue_multiplicities

        known = self._require_virtual("eigenvalues")
        c = conjugacy_class
        number = class_number(self.table, c) if isinstance(c, str) else range(len(self))[c]
        return eigenvalue_multiplicities(self._space, self.values, self._weight(known), number)

    @property
    def determinant(self) -> ClassFunction:
        """The linear character g -> det(g), of a virtual character.

        Notes
        -----
        Exact: an exterior power for small degrees, else by the eigenvalues on each class.
        """
        known = self._require_virtual("a determinant")
        degree = self._weight(known)
        if degree <= _SMALL_DEGREE and min(known) >= 0:
            return self.exterior_power(degree)
        out = []
        for c, order in enumerate(self.table.element_orders):
            turns = sum(j * m for j, m in enumerate(self.eigenvalues(c)))
            out.append(Cyclotomic.root_of_unity(order, turns % order))
        return self._made(out)


def class_function(
    table: CharacterTable, values: Sequence[object], home: object = None
) -> ClassFunction:
    """Return the class function with the given values.

    Parameters
    ----------
    table
        The character table.
    values
        ``(classes,)`` exact values in the table's order of classes: integers, fractions,
        cyclotomics, or texts such as ``"-E(5)-E(5)^4"``, where E(n) is exp(2 pi i / n).
    home
        The group, if it is at hand.

    Raises
    ------
    ClassFunctionError
        If a value is not exact, or there are too many or too few.
    """
    if isinstance(values, str):
        raise ClassFunctionError(
            f"a list of values is required, one for each class; found the text {values!r:.40}"
        )
    numbers = []
    for v in values:
        number = _read_value(v) if isinstance(v, str) else number_or_none(v)
        if number is None:
            raise ClassFunctionError(
                "values of a class function are exact: int, Fraction, Cyclotomic, or a text such "
                f'as "-E(5)-E(5)^4" with E(n) = exp(2 pi i / n); found {v!r:.40}'
            )
        numbers.append(simplified(number))
    if len(numbers) != len(table):
        raise ClassFunctionError(
            f"{shortened(table.group)} has {len(table)} classes, one value for each is required, "
            f"found {len(numbers)}"
        )
    return ClassFunction(table, tuple(numbers), home)


def _read_value(text: str) -> Cyclotomic:
    try:
        return read_number(text)
    except NamingError as error:
        hint = f"; {error.suggestion}" if error.suggestion else ""
        raise ClassFunctionError(
            f"the value {text!r:.40} of a class function cannot be read: {error.problem}{hint}"
        ) from None


def _power(k: int) -> int:
    if operator.index(k) < 0:
        raise ClassFunctionError(f"symmetric and exterior powers need k >= 0, not {k}")
    return operator.index(k)
