"""Characters of representations over the real numbers: which they are, and of which simples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.errors import ClassFunctionError
from toolkit.text import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.groups.character_table import CharacterTable


def multiplicities_of_simples(
    table: CharacterTable, multiplicities: Sequence[int]
) -> dict[str, int]:
    """Return how often each real simple occurs in a character, by label.

    Parameters
    ----------
    table
        The character table.
    multiplicities
        ``(characters,)`` of the irreducible characters over the complex numbers.

    Raises
    ------
    ClassFunctionError
        If conjugate characters do not occur equally often, or one of quaternionic type an odd
        number of times: there is then no such representation over the real numbers.

    Examples
    --------
    >>> import toolkit as tk
    >>> multiplicities_of_simples(tk.group("C3").character_table, (2, 1, 1))
    {'L0': 2, 'L1': 1}
    """
    out = {}
    for simple in table.simples:
        i, j = simple.constituents[0], simple.constituents[-1]
        m = multiplicities[i]
        problem = ""
        if m != multiplicities[j]:
            problem = f"X{i} {_times(m)} and its conjugate X{j} {_times(multiplicities[j])}"
        elif simple.type == "H" and m % 2:
            problem = (
                f"X{i}, of quaternionic type, {_times(m)}: it must occur an even number of times"
            )
        if problem:
            raise ClassFunctionError(
                "the character of a real representation is required, found one of "
                f"{shortened(table.group)} with {problem}; complex_multiplicities gives "
                "its decomposition"
            )
        if m:
            out[simple.label] = m // 2 if simple.type == "H" else m
    return out


def _times(m: int) -> str:
    return f"{m} time" if abs(m) == 1 else f"{m} times"
