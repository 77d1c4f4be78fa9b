r"""Class functions along a homomorphism of groups, by what it does to classes.

Along phi: H -> G a class function f of G becomes f(phi(h)): restriction, where phi is the inclusion
of a subgroup, and inflation, where it is the projection to a quotient. From a subgroup, induction
goes the other way:

.. math:: (\mathrm{Ind} f)(g) = \frac{|G|}{|H| |g^G|} \sum_{C \to g^G} |C| f(C),

the sum over the classes C of H that lie in the class of g.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from toolkit.errors import InconsistentAnswerError
from toolkit.groups.class_functions.class_function import ClassFunction, class_function

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.exact.cyclotomic import Number
    from toolkit.groups.character_table import CharacterTable


def pull_back(
    f: ClassFunction, table: CharacterTable, classes: Sequence[int], home: object = None
) -> ClassFunction:
    """Return the class function h -> f(phi(h)) of H.

    Parameters
    ----------
    f
        Of G.
    table
        The character table of H.
    classes
        Per class of H the 0-based class of G that holds its image.
    home
        H itself.

    Examples
    --------
    The standard character of S3 on its turns:

    >>> import toolkit as tk
    >>> chi = tk.group("S3").character("X2")
    >>> pull_back(chi, tk.group("C3").character_table, [0, 2, 2]).complex_multiplicities
    {'X1': 1, 'X2': 1}
    """
    return class_function(table, [f.values[c] for c in classes], home)


def induced(
    f: ClassFunction, table: CharacterTable, classes: Sequence[int], home: object = None
) -> ClassFunction:
    """Return the class function of G induced from one of a subgroup H.

    Parameters
    ----------
    f
        Of H.
    table
        The character table of G.
    classes
        Per class of H the 0-based class of G that it lies in.
    home
        G itself.

    Examples
    --------
    >>> import toolkit as tk
    >>> psi = tk.group("C3").character("X1")
    >>> induced(psi, tk.group("S3").character_table, [0, 2, 2]).complex_multiplicities
    {'X2': 1}
    """
    totals: list[Number] = [0] * len(table)
    for size, v, c in zip(f.table.class_sizes, f.values, classes, strict=True):
        totals[c] = totals[c] + size * v
    scales = [Fraction(table.order, f.table.order * size) for size in table.class_sizes]
    return class_function(table, [v * s for v, s in zip(totals, scales, strict=True)], home)


def check_class_map(
    source: CharacterTable, target: CharacterTable, classes: Sequence[int], kernel_order: int
) -> None:
    """Check what a homomorphism H -> G is said to do to classes.

    Orders of elements must divide, the classes in the kernel must have its order, power maps must
    agree, and every irreducible character of G must become a character of H.

    Raises
    ------
    InconsistentAnswerError
        If the map cannot be that of a homomorphism.
    """

    def require(condition: bool, law: str) -> None:
        if not condition:
            raise InconsistentAnswerError(
                source.group, f"a map of classes to {target.group}: {law}", f"{list(classes)!s:.80}"
            )

    require(
        len(classes) == len(source) and all(0 <= c < len(target) for c in classes),
        "a class for each class",
    )
    orders = zip(source.element_orders, classes, strict=True)
    require(
        all(n % target.element_orders[c] == 0 for n, c in orders), "orders of elements that divide"
    )
    inside = sum(s for s, c in zip(source.class_sizes, classes, strict=True) if c == 0)
    require(inside == kernel_order, f"a kernel of order {kernel_order}")
    for p in source.power_maps:
        above = target.class_functions.power_classes(p)
        require(
            all(classes[d] == above[c] for c, d in zip(classes, source.power_maps[p], strict=True)),
            f"{p}-th powers that agree",
        )
    for chi in target.characters:
        require(pull_back(chi, source, classes).is_character, "characters to characters")
