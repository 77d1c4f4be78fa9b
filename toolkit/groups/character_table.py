"""The character table and the real simples of a finite group, exact and in canonical order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from toolkit.cached import cached_property
from toolkit.display import PrintedTable, Tabulated
from toolkit.errors import ClassFunctionError, UnknownLabelError
from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from toolkit.groups.class_functions.class_function import ClassFunction
    from toolkit.groups.class_functions.space import ClassFunctionSpace
    from toolkit.groups.table_arrays import TableArrays
    from toolkit.groups.table_equivalence import CanonicalForm, TableEquivalence

RealType = Literal["R", "C", "H"]

#: The real dimension of End_G(L) for a simple L of each type.
ENDOMORPHISM_DIMENSIONS: dict[RealType, int] = {"R": 1, "C": 2, "H": 4}


@dataclass(frozen=True)
class RealSimple(Tabulated):
    """A simple real representation (real irreducible) L of a finite group.

    Parameters
    ----------
    label
        ``"L0"``, ``"L1"``, ... in canonical order; ``"L0"`` is the trivial one.
    dimension
        Its real dimension.
    type
        ``"R"``, ``"C"`` or ``"H"``: End_G(L) is the reals, complexes or quaternions, of real
        dimension 1, 2, 4. From the Frobenius-Schur indicator 1, 0, -1 of its constituents.
    constituents
        0-based rows of the character table: one for R and H (twice it for H), a conjugate pair
        for C.
    row
        Its character: per class, a 0-based index into the table's ``values``.
    kernel
        0-based classes that act as the identity.
    kernel_order
        Order of the kernel, a normal subgroup.
    action_order
        Order of the action, |G / ker L|.
    minus
        0-based classes that act as -1 (empty if there is none).
    plus_minus_order
        Order of the normal subgroup {g : g acts as 1 or -1}.
    paper_index
        For cyclic and dihedral groups the index k of arXiv 2408.00949, where it has one.
    """

    label: str
    dimension: int
    type: RealType
    constituents: tuple[int, ...]
    row: tuple[int, ...]
    kernel: tuple[int, ...]
    kernel_order: int
    action_order: int
    minus: tuple[int, ...]
    plus_minus_order: int
    paper_index: int | None = None

    def __str__(self) -> str:
        """Return the simple in words.

        Examples
        --------
        >>> import toolkit as tk
        >>> print(tk.group("Q8").simples[4])
        L4: dimension 4, type H, acts as a group of order 8, over C 2 X4
        """
        return (
            f"{self.label}: dimension {self.dimension}, type {self.type}, acts as a group of order "
            f"{self.action_order}, over C {self.over_complex_numbers}"
        )

    @property
    def over_complex_numbers(self) -> str:
        """The sum of complex irreducible characters that it becomes, as a text.

        Examples
        --------
        >>> import toolkit as tk
        >>> [L.over_complex_numbers for L in tk.group("SL(2,3)").simples]
        ['X0', 'X1 + X2', 'X6', 'X3 + X4', '2 X5']
        """
        factor = "2 " if self.type == "H" else ""
        return " + ".join(f"{factor}X{i}" for i in self.constituents)

    @property
    def endomorphism_dimension(self) -> int:
        """Real dimension of End_G(L): 1, 2 or 4."""
        return ENDOMORPHISM_DIMENSIONS[self.type]

    @property
    def character(self) -> ClassFunction:
        """The character of this real simple.

        Examples
        --------
        >>> import toolkit as tk
        >>> [L.character.values for L in tk.group("C3").simples]
        [(1, 1, 1), (2, -1, -1)]
        """
        table: CharacterTable | None = self.__dict__.get("_table")
        if table is None:
            raise LookupError(f"{self.label} belongs to no table: use table.character")
        return table.character(self.label)


@dataclass(frozen=True, repr=False)
class CharacterTable(PrintedTable):
    """The complex character table of a finite group with its real simples.

    The order of classes and characters is canonical: isomorphic groups, and groups whose tables are
    equivalent with power maps, have the same ``class_names``, ``class_sizes``, ``power_maps``,
    ``values``, ``rows`` and simples, however they are described. Classes stand by element order,
    size, power maps and values (:mod:`toolkit.groups.canonical_labelling`), characters by degree,
    indicator, order of the action, kernel and values, the trivial one first. Where an automorphism
    of the table exchanges classes, ``representatives`` says which class of elements has which name;
    this depends on the generators.

    Parameters
    ----------
    group
        Canonical name of the group.
    order
        |G|.
    class_names
        ``"1a"``, ``"2a"``, ...: element order and a letter, in this table's order.
    class_sizes, element_orders
        Per class.
    representatives
        Per class an element as data (``{"perm": 0-based images}`` or ``{"pc": exponents}``), or
        ``None`` for a library table.
    power_maps
        ``power_maps[p][c]``: 0-based class of the p-th powers of class ``c``; for p = 2 and the
        primes dividing |G|.
    inverse
        0-based class of the inverses.
    values
        The distinct values, largest real part first.
    rows
        Per complex irreducible, per class: 0-based index into ``values``.
    indicators
        Frobenius-Schur indicators: 1, 0 or -1.
    simples
        The real simples, in canonical order.
    gap_classes, gap_characters
        0-based positions in the table GAP gave.
    generator_class
        Class of the first defining generator, or ``None`` for a library table.
    canonical
        Whether the table's structure, and words in the generators where an automorphism of the
        table exchanges classes, decided every order. If not, GAP's order decided some.
    """

    group: str
    order: int
    class_names: tuple[str, ...]
    class_sizes: tuple[int, ...]
    element_orders: tuple[int, ...]
    representatives: tuple[object, ...]
    power_maps: dict[int, tuple[int, ...]]
    inverse: tuple[int, ...]
    values: tuple[Cyclotomic, ...]
    rows: tuple[tuple[int, ...], ...]
    indicators: tuple[int, ...]
    simples: tuple[RealSimple, ...]
    gap_classes: tuple[int, ...]
    gap_characters: tuple[int, ...]
    generator_class: int | None
    canonical: bool

    def __post_init__(self) -> None:
        for simple in self.simples:
            simple.__dict__["_table"] = self

    def __len__(self) -> int:
        """Return the number of classes, which is the number of irreducible characters."""
        return len(self.class_sizes)

    def __repr__(self) -> str:
        characters, simples = counted(len(self), "character"), counted(len(self.simples), "simple")
        return f"<character table of {self.group}: {characters}, {simples}>"

    def __getitem__(self, character: int) -> ClassFunction:
        """Return a complex irreducible character by its 0-based number."""
        return self.characters[character]

    def __iter__(self) -> Iterator[ClassFunction]:
        return iter(self.characters)

    @cached_property
    def class_functions(self) -> ClassFunctionSpace:
        """What is shared by the class functions of this table: power maps, residues."""
        from toolkit.groups.class_functions.space import ClassFunctionSpace

        return ClassFunctionSpace(self)

    @cached_property
    def characters(self) -> tuple[ClassFunction, ...]:
        """The complex irreducible characters ``X0``, ``X1``, ..., the trivial one first."""
        return tuple(self.character(i) for i in range(len(self.rows)))

    def character(self, label: int | str) -> ClassFunction:
        """Return a character by its label.

        Parameters
        ----------
        label
            ``"X3"`` or 3 for a complex irreducible character (0-based row), ``"L3"`` for that of
            a real simple.

        Raises
        ------
        UnknownLabelError
            If there is no such label; the message lists the labels.

        Examples
        --------
        >>> import toolkit as tk
        >>> table = tk.group("C4").character_table
        >>> table.character("X3"), table.character("L2")
        (<class function of C4: 1, -1, -i, i>, <class function of C4: 2, -2, 0, 0>)
        >>> table[1] == table.character("L1")
        True
        """
        from toolkit.groups.class_functions.class_function import ClassFunction

        if isinstance(label, str) and label.startswith("L"):
            simple = self.simple(label)
            weight = 2 if simple.type == "H" else 1
            multiplicities = [0] * len(self.rows)
            for i in simple.constituents:
                multiplicities[i] = weight
            row = simple.row
        else:
            number: int | str = label
            if isinstance(label, str) and label[:1] == "X" and label[1:].isdecimal():
                number = int(label[1:])
            if not isinstance(number, int) or not 0 <= number < len(self.rows):
                raise UnknownLabelError(
                    f"{self.group} has the irreducible characters X0 to X{len(self.rows) - 1} "
                    f"and the simples L0 to L{len(self.simples) - 1}, none is {label!r:.20}"
                )
            row = self.rows[number]
            multiplicities = [int(i == number) for i in range(len(self.rows))]
        out = ClassFunction(self, tuple(self.class_functions.numbers[v] for v in row))
        out.__dict__["_virtual"] = tuple(multiplicities)
        return out

    def real_simple(self, of: str | ClassFunction) -> RealSimple:
        """Return the real simple with a label, with a complex constituent, or with a character.

        Parameters
        ----------
        of
            ``"L3"``; ``"X3"`` for the simple in which that irreducible character occurs; an
            irreducible character; or the character of the simple itself.

        Raises
        ------
        UnknownLabelError
            If there is no such label.
        ClassFunctionError
            If the class function is irreducible neither over the complex nor over the real numbers.

        Examples
        --------
        >>> import toolkit as tk
        >>> table = tk.group("C3").character_table
        >>> table.real_simple("X2").label, table.real_simple(table[1] + table[2]).label
        ('L1', 'L1')
        """
        if isinstance(of, str):
            if of.startswith("L"):
                return self.simple(of)
            of = self.character(of)
        if of.is_irreducible:
            (label,) = of.complex_multiplicities
            number = int(label[1:])
            return next(s for s in self.simples if number in s.constituents)
        found = of.real_multiplicities if of.is_character else {}
        if list(found.values()) != [1]:
            raise ClassFunctionError(
                "the character of one simple is required, irreducible over the complex or the "
                f"real numbers, found {of!r}"
            )
        return self.simple(next(iter(found)))

    def value(self, character: int, conjugacy_class: int) -> Cyclotomic:
        """Return one exact entry; both indices 0-based."""
        return self.values[self.rows[character][conjugacy_class]]

    def degree(self, character: int) -> int:
        """Return the degree of a complex irreducible character."""
        return self.value(character, 0).to_int()

    @cached_property
    def degrees(self) -> tuple[int, ...]:
        """Degrees of the complex irreducible characters."""
        return tuple(self.degree(i) for i in range(len(self.rows)))

    @cached_property
    def arrays(self) -> TableArrays:
        """The table as integer arrays, in this order; its ``values`` are this table's."""
        import numpy as np

        from toolkit.groups.table_arrays import TableArrays

        powers = {**self.power_maps, -1: self.inverse}
        return TableArrays(
            order=self.order,
            sizes=self.class_sizes,
            orders=np.array(self.element_orders, dtype=np.int64),
            powers={p: np.array(m, dtype=np.intp) for p, m in powers.items()},
            values=self.values,
            rows=self.character_rows,
            indicators=np.array(self.indicators, dtype=np.int64),
            constituents=tuple(s.constituents for s in self.simples),
            simple_rows=self.simple_rows,
        )

    @property
    def character_rows(self) -> NDArray[np.intp]:
        """``(characters, classes)`` the array of ``rows``: indices into ``values``."""
        import numpy as np

        return np.array(self.rows, dtype=np.intp)

    @property
    def simple_rows(self) -> NDArray[np.intp]:
        """``(simples, classes)`` the characters of the simples, as indices into ``values``."""
        import numpy as np

        return np.array([s.row for s in self.simples], dtype=np.intp)

    def is_equivalent(self, other: CharacterTable, *, power_maps: bool = True) -> bool:
        """Return whether another table is the same up to the order of its rows and columns.

        Parameters
        ----------
        other
            A character table.
        power_maps
            Whether element orders and powers of classes must agree too. They agree for isomorphic
            groups, and for some pairs of non-isomorphic groups (Brauer pairs).

        Raises
        ------
        NotAvailable
            If the search for the canonical form exceeds its bound.
        ClassFunctionError
            If ``other`` is not a character table.

        Examples
        --------
        >>> import toolkit as tk
        >>> d8, q8 = (tk.group(name).character_table for name in ("D8", "Q8"))
        >>> d8.is_equivalent(q8), d8.is_equivalent(q8, power_maps=False)
        (False, True)
        """
        _check_table(other)
        if self.order == other.order == len(self) == len(other):
            # abelian groups of the same numbers of elements of each order are isomorphic
            return sorted(self.element_orders) == sorted(other.element_orders)
        return self.equivalence(other, power_maps=power_maps) is not None

    def equivalence(
        self, other: CharacterTable, *, power_maps: bool = True
    ) -> TableEquivalence | None:
        """Return how the rows and columns of this table go to those of another, or ``None``.

        Parameters and errors are those of :meth:`is_equivalent`; where there are several
        equivalences, one of them is returned. Exact. All entries of both tables are needed.

        Returns
        -------
        TableEquivalence or None
            ``characters[i]`` and ``classes[j]``: the 0-based row and column of ``other`` that
            belong to row i and column j of this table.
        """
        from toolkit.groups.table_equivalence import equivalence_of, may_be_equivalent

        _check_table(other)
        if not may_be_equivalent(self.arrays, other.arrays, power_maps=power_maps):
            return None
        return equivalence_of(
            self.canonical_form(power_maps=power_maps), other.canonical_form(power_maps=power_maps)
        )

    def canonical_form(self, *, power_maps: bool = True) -> CanonicalForm:
        """Return the table in the one order that all equivalent tables share.

        Tables are equivalent (:meth:`is_equivalent`) exactly if their forms match. ``digest()`` of
        a form is a hash for storage: equivalent tables have equal digests.
        """
        from toolkit.groups.table_equivalence import canonical_form

        forms: dict[bool, CanonicalForm] = self.__dict__.setdefault("canonical_forms", {})
        if power_maps not in forms:
            forms[power_maps] = canonical_form(self.group, self.arrays, power_maps=power_maps)
        return forms[power_maps]

    def simple(self, label: str) -> RealSimple:
        """Return the real simple with this label; ``UnknownLabelError`` lists the labels."""
        for simple in self.simples:
            if simple.label == label:
                return simple
        raise UnknownLabelError(
            f"{self.group} has the simples L0 to L{len(self.simples) - 1}, not {label!r}"
        )

    def to_numpy(self) -> NDArray[np.complex128]:
        """Return the table as a ``(characters, classes)`` complex128 array (rounded)."""
        return self._floats(self.rows)

    def real_to_numpy(self) -> NDArray[np.float64]:
        """Return the characters of the real simples, ``(simples, classes)`` float64 (rounded)."""
        real: NDArray[np.float64] = self._floats(tuple(s.row for s in self.simples)).real.copy()
        return real

    def _floats(self, rows: tuple[tuple[int, ...], ...]) -> NDArray[np.complex128]:
        import numpy as np

        values = np.array([v.to_complex() for v in self.values], dtype=np.complex128)
        out: NDArray[np.complex128] = values[np.array(rows, dtype=np.intp)]
        return out

    def simples_for_gap(self) -> dict[str, Any]:
        """Return the real simples' characters as arguments of a GAP request."""
        return {
            "values": [v.to_json() for v in self.values],
            "rows": [list(s.row) for s in self.simples],
            "ends": [s.endomorphism_dimension for s in self.simples],
        }


def _is_label(label: object, letter: str) -> bool:
    return isinstance(label, str) and label[:1] == letter and label[1:].isdecimal()


def _check_table(other: object) -> None:
    if not isinstance(other, CharacterTable):
        raise ClassFunctionError(
            f"a table is compared with a character table, not {type(other).__name__}: for a "
            "group G pass G.character_table"
        )
