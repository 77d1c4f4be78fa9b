"""A finite group with its class functions: characters to calculate with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.library.structure import GroupStructure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.groups.character_table import RealSimple
    from toolkit.groups.class_functions.class_function import ClassFunction


class GroupCharacters(GroupStructure):
    """A finite group without its modules, with its class functions.

    Examples
    --------
    >>> import toolkit as tk
    >>> G = tk.group("A4")
    >>> [chi.degree for chi in G.characters], G.character("X1")
    ([1, 1, 1, 3], <class function of A4: 1, 1, (i√3-1)/2, (-1-i√3)/2>)
    >>> (G.character("X1") * G.character("X3")).complex_multiplicities
    {'X3': 1}
    """

    def class_function(self, values: Sequence[Any]) -> ClassFunction:
        """Return the class function with the given values.

        Parameters
        ----------
        values
            One exact value for each conjugacy class, in the order of :attr:`character_table`
            (its ``class_names``, ``class_sizes`` and ``representatives`` identify the classes):
            integers, fractions, :class:`~toolkit.exact.cyclotomic.Cyclotomic`, or texts such as
            ``"-E(5)-E(5)^4"``, where E(n) is exp(2 pi i / n).

        Raises
        ------
        ClassFunctionError
            If a value is not exact, or if there are too many or too few values.

        Examples
        --------
        >>> import toolkit as tk
        >>> tk.group("S3").class_function([6, 0, 0]).complex_multiplicities
        {'X0': 1, 'X1': 1, 'X2': 2}

        Values that stand in GAP's order of classes:

        >>> T = tk.group("A5").character_table
        >>> in_order_of_gap = [3, -1, 0, "-E(5)-E(5)^4", "-E(5)^2-E(5)^3"]
        >>> values = [in_order_of_gap[i] for i in T.gap_classes]
        >>> tk.group("A5").class_function(values).complex_multiplicities
        {'X2': 1}
        """
        from toolkit.groups.class_functions.class_function import class_function

        return class_function(self.character_table, values, self)

    def character(self, label: int | str) -> ClassFunction:
        """Return an irreducible character ``"X3"`` (or 3), or the one of a real simple ``"L3"``.

        The numbers are 0-based rows of :attr:`character_table`; the trivial one is ``"X0"``.

        Raises
        ------
        UnknownLabelError
            If there is no character with this label; the error is also a ``KeyError``.
        """
        return self.character_table.character(label).with_home(self)

    @property
    def characters(self) -> tuple[ClassFunction, ...]:
        """The irreducible complex characters, the trivial one first."""
        return tuple(chi.with_home(self) for chi in self.character_table.characters)

    @property
    def regular_character(self) -> ClassFunction:
        """The character of the regular module: |G| at the identity and 0 elsewhere."""
        table = self.character_table
        return self.class_function([table.order] + [0] * (len(table) - 1))

    def real_simple(self, of: str | ClassFunction) -> RealSimple:
        """Return a real simple by its label, a complex constituent, or its character.

        Parameters
        ----------
        of
            A label ``"L3"``; a label ``"X3"`` for the simple in which that irreducible character
            occurs; an irreducible character; or the character of the simple itself.

        Raises
        ------
        UnknownLabelError
            If there is no such label.
        ClassFunctionError
            If the class function is irreducible neither over the complex nor over the real numbers.

        Examples
        --------
        >>> import toolkit as tk
        >>> G = tk.group("SL(2,3)")
        >>> L = G.real_simple("X4")
        >>> L.label, L.type, L.character.complex_multiplicities
        ('L3', 'C', {'X3': 1, 'X4': 1})
        """
        return self.character_table.real_simple(of)
