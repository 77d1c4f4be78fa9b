"""The pattern in the character table of an abelian group: all values from few integers.

With N the exponent of the group, the value of the i-th character on the j-th class depends on
sum over k of ``rows[i][k] * columns[j][k]`` modulo N alone: it is exp(2 pi i s / N) for that sum s.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import InconsistentAnswerError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.groups.character_table import CharacterTable

#: Abelian groups with fewer classes have their rows listed.
_FEWEST = 12


class Pattern:
    """The exponents of an abelian group's characters, as sums of few products.

    Parameters
    ----------
    characters
        The character table of an abelian group.

    Examples
    --------
    >>> import toolkit as tk
    >>> pattern = Pattern(tk.group("C3").character_table)
    >>> pattern.modulus, pattern.rows, pattern.columns
    (3, [[0], [1], [2]], [[0], [1], [2]])
    """

    def __init__(self, characters: CharacterTable) -> None:
        self.modulus = math.lcm(*characters.element_orders)
        turns = [_turns(v.to_complex(), self.modulus) for v in characters.values]
        exponents = np.array(turns)[np.array(characters.rows)]
        self.columns, generators = _as_sums(exponents, self.modulus)
        self.rows: list[list[int]] = exponents[:, generators].tolist()
        sums = np.array(self.rows) @ np.array(self.columns).T % self.modulus
        self.exponents: NDArray[np.intp] = exponents
        if not np.array_equal(sums, exponents):
            raise InconsistentAnswerError(
                characters.group, "characters that are products of those of generators", "others"
            )


def _turns(value: complex, modulus: int) -> int:
    """Return e for a root of unity exp(2 pi i e / modulus)."""
    return round(math.atan2(value.imag, value.real) * modulus / (2 * math.pi)) % modulus


def _as_sums(exponents: NDArray[np.intp], modulus: int) -> tuple[list[list[int]], list[int]]:
    """Return columns as combinations of few of them, and which: the columns form a group."""
    columns = [tuple(column) for column in exponents.T.tolist()]
    zero = columns[0]
    words: dict[tuple[int, ...], list[int]] = {zero: []}
    generators: list[int] = []

    def order(column: tuple[int, ...]) -> int:
        return math.lcm(*(modulus // math.gcd(modulus, e) for e in column))

    for j in sorted(range(len(columns)), key=lambda j: -order(columns[j])):
        if columns[j] in words:
            continue
        generators.append(j)
        known = list(words.items())
        step, times = columns[j], 1
        while step not in words:
            for old, word in known:
                new = tuple((a + b) % modulus for a, b in zip(old, step, strict=True))
                words[new] = [*word, times]
            times += 1
            step = tuple((a + b) % modulus for a, b in zip(step, columns[j], strict=True))
        for old, word in known:
            words[old] = [*word, 0]
    return [words[column] for column in columns], generators


def pattern_of(characters: CharacterTable) -> Pattern | None:
    """Return the pattern of an abelian group with enough classes, else ``None``."""
    if len(characters) != characters.order or len(characters) < _FEWEST:
        return None
    return Pattern(characters)
