"""Elements, values and facts in words and signs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from toolkit.formats.group_page.numbers import power
from toolkit.groups.invariants import pc_word
from toolkit.text import label_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from toolkit.exact.cyclotomic import Cyclotomic
    from toolkit.groups.character_table import CharacterTable
    from toolkit.groups.facts import GroupFacts

_LONGEST_CYCLE = 24
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def element(data: object, generators: Sequence[object] = (), *, full: bool = False) -> str:
    """Return an element as people write it: 1-based cycles, or a word in f1, f2, ...

    Powers of the group's generators are written with these. Cycles of more than 24 points are
    shortened, unless they are wanted in full. An element of a form that is not known is empty.

    Examples
    --------
    >>> element({"perm": [1, 2, 0, 3]}), element({"pc": [1, 0, 2]}), element({"perm": [0]})
    ('(1,2,3)', 'f1*f3^2', '()')
    >>> element({"powers": [[0, 5], [1, 1]]}, [{"pc": [0, 1]}, {"pc": [1, 0]}])
    'f2^5*f1'
    >>> element({"product": [[{"perm": [1, 0, 3, 2]}, 3], [{"pc": [0, 1]}, 1]]})
    '((1,2)(3,4))^3*f2'
    """
    if not isinstance(data, dict):
        return ""
    if "pc" in data:
        return pc_word(data["pc"])
    if "powers" in data:
        factors = [
            (element(generators[i], full=full) if i < len(generators) else "", k, f"g{i + 1}")
            for i, k in data["powers"]
        ]
        return _power_product([(base or name, k) for base, k, name in factors])
    if "product" in data:
        return _power_product([(element(g, generators, full=full), k) for g, k in data["product"]])
    if "perm" not in data:
        return ""
    images: list[int] = data["perm"]
    seen = [False] * len(images)
    cycles = []
    for start, image in enumerate(images):
        if seen[start] or image == start:
            continue
        cycle, point = [], start
        while not seen[point]:
            seen[point] = True
            cycle.append(str(point + 1))
            point = images[point]
        if len(cycle) > _LONGEST_CYCLE and not full:
            cycle = [*cycle[:4], "…", cycle[-1]]
        cycles.append(f"({','.join(cycle)})")
    return "".join(cycles) or "()"


def _power_product(factors: Sequence[tuple[str, int]]) -> str:
    """Return ``f2^5*f1``: elements in words with exponents."""
    parts = []
    for base, k in factors:
        simple = re.fullmatch(r"[A-Za-z]+[0-9]*|\([^()]*\)", base)
        if k:
            parts.append(base if k == 1 else f"{base if simple else f'({base})'}^{k}")
    return "*".join(parts) or "1"


def cycle_type(lengths: Sequence[int]) -> str:
    """Return a cycle type, fixed points as 1s.

    Examples
    --------
    >>> cycle_type([2, 1, 1])
    '1² 2'
    """
    return " ".join(power(n, lengths.count(n)) for n in sorted(set(lengths)))


def partition(parts: Sequence[int]) -> str:
    """Return a partition with exponents.

    Examples
    --------
    >>> partition([2, 1, 1])
    '(2,1²)'
    """
    return f"({','.join(power(n, parts.count(n)) for n in dict.fromkeys(parts))})"


def abelian_name(invariants: Sequence[int]) -> str:
    """Return ``C2 x C4`` for prime powers, ``C2^3`` for three and more; ``1`` for none."""
    factors = []
    for n in dict.fromkeys(invariants):
        many = list(invariants).count(n)
        factors += [f"C{n}^{many}"] if many > 2 else [f"C{n}"] * many
    return " x ".join(factors) or "1"


def combination(multiplicities: Mapping[str, int]) -> str:
    """Return a sum such as ``L0 + L2 + 2 L3``; long runs with equal factors are shortened.

    Examples
    --------
    >>> combination({"L0": 1, "L2": 1, "L3": 2})
    'L0 + L2 + 2 L3'
    >>> combination({f"L{i}": 2 for i in range(20)})
    '2 (L0 + … + L19)'
    """
    runs: list[list[str]] = []
    last: tuple[int, int] | None = None
    for label, m in multiplicities.items():
        here = (label_key(label)[1], m)
        if last is not None and here == (last[0] + 1, last[1]):
            runs[-1].append(label)
        else:
            runs.append([label])
        last = here
    terms = []
    for run in runs:
        m = multiplicities[run[0]]
        factor = "" if m == 1 else f"{m} "
        if len(run) < 6:
            terms += [f"{factor}{label}" for label in run]
        else:
            body = f"{run[0]} + … + {run[-1]}"
            terms.append(f"{factor}({body})" if factor else body)
    return " + ".join(terms) or "0"


def adjectives(facts: GroupFacts, table: CharacterTable | None) -> str:
    """Return a sentence about the kind of group."""
    if facts.order == 1:
        return "The trivial group."
    words: list[str] = []
    primes = set(facts.abelian_invariants) if facts.abelian else set()
    if facts.abelian:
        if facts.simple:
            words.append("cyclic of prime order")
        elif facts.exponent == facts.order:
            words.append("cyclic")
        elif len(primes) == 1 and facts.exponent == min(primes):
            words.append("elementary abelian")
        else:
            words.append("abelian")
    else:
        words.append("non-abelian")
        if facts.simple:
            words.append("simple")
        elif facts.perfect:
            words.append("perfect")
        if facts.nilpotent:
            words.append("nilpotent")
        elif facts.solvable:
            words.append("solvable")
        else:
            words.append("not solvable")
        if facts.solvable and len(facts.derived_series) > 1:
            words.append(f"of derived length {len(facts.derived_series) - 1}")
        if facts.solvable and not facts.nilpotent:
            words.append("not nilpotent")
    sentence = ", ".join(words).replace(", of derived length", " of derived length")
    sentence = sentence[0].upper() + sentence[1:]
    if table is not None and len(table) > 1:
        if all(v.is_integer for v in table.values):
            sentence += "; rational: all character values are integers"
        elif all(i == c for c, i in enumerate(table.inverse)):
            sentence += "; ambivalent: every element is conjugate to its inverse"
    return sentence + "."


class Letters:
    """Names for irrational values: A, B, ..., with -A for the negative and /A for the conjugate.

    Parameters
    ----------
    table
        The table whose values are named, in the order in which they are met.
    rows
        How many of its rows are shown; ``None`` for all.
    """

    def __init__(self, table: CharacterTable, rows: int | None = None) -> None:
        self._values = table.values
        self._names: dict[Cyclotomic, str] = {}
        self._conjugates: dict[int, int] = {}
        for row in table.rows[:rows]:
            for c, v in enumerate(row):
                self._conjugates[v] = row[table.inverse[c]]
        self.legend: list[tuple[str, Cyclotomic]] = []
        self.negatives = self.conjugates = False

    def name(self, position: int) -> str:
        """Return how a value is shown: an integer, a dot for zero, or a letter."""
        value = self._values[position]
        if value.is_integer:
            n = value.to_int()
            return str(n) if n else "."
        if value not in self._names:
            self._add(position, value)
        name = self._names[value]
        self.negatives |= name.startswith("-")
        self.conjugates |= "/" in name
        return name

    def _add(self, position: int, value: Cyclotomic) -> None:
        from fractions import Fraction

        number = len(self.legend)
        letter = _LETTERS[number % 26] * (number // 26 + 1)
        self.legend.append((letter, value))
        conjugate = self._values[self._conjugates[position]]
        for name, named in (
            (letter, value),
            ("-" + letter, value.scaled(Fraction(-1))),
            ("/" + letter, conjugate),
            ("-/" + letter, conjugate.scaled(Fraction(-1))),
        ):
            self._names.setdefault(named, name)

    def notes(self) -> list[str]:
        """Return what -A and /A mean, if they occur."""
        out = []
        if self.negatives:
            out.append("-A: the negative of A")
        if self.conjugates:
            out.append("/A: the complex conjugate of A")
        return out
