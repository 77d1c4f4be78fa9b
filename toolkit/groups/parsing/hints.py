"""What a word that starts no name was probably meant to be. Every name in a hint can be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from toolkit.groups.names.library_tables import table_hint
from toolkit.groups.parsing.words import WORDS
from toolkit.groups.specs.base import closest
from toolkit.groups.specs.families import FAMILIES, Family
from toolkit.groups.specs.point_groups import HERMANN_MAUGUIN

if TYPE_CHECKING:
    from collections.abc import Callable

_NUMBER = re.compile(r" *\(? *([0-9]{1,9})(?![0-9])")
_ARGUMENTS = re.compile(r"_?(?:[0-9]{1,9}(?![0-9]))?[+-]?'?(?:\([0-9, ]{1,30}\))?'?")
_LETTERS = frozenset("ACDMQS")
_BY_WORD = {"baby": "B", "babymonster": "B", "monster": "M", "thompson": "Th", "lyons": "Ly"}
_OF_A_GROUP = frozenset(("Aut", "Out", "Inn", "AutomorphismGroup"))
_CONFORMAL = frozenset(
    f"{projective}{word}" for projective in ("", "P") for word in ("CSp", "GSp", "CO", "CGO", "CU")
)
_LIBRARIES = frozenset(("PerfectGroup", "PrimitiveGroup", "SmallGroup", "TransitiveGroup"))
_EXAMPLES = (
    "the documentation lists the names, for instance C8, D8, Q8, S5, A5, Dic3, F7, SL(2,3), L2(7), "
    "SmallGroup(24,12)"
)


def point_group_hint(text: str) -> str:
    """Return the sentence about a symbol of Hermann and Mauguin, or the empty string.

    Examples
    --------
    >>> point_group_hint("m-3m"), point_group_hint("3")
    ('the point group of this symbol is PointGroup(m-3m)', '')
    """
    symbol = "".join(text[:40].split())
    if symbol in HERMANN_MAUGUIN and symbol not in ("1", "2", "3", "4", "6"):
        return f"the point group of this symbol is PointGroup({symbol})"
    return ""


def hint_about(text: str, start: int, word: str, is_name: Callable[[str], bool]) -> tuple[str, str]:
    """Return what is wrong with a word in a name, and the best guess at what was meant.

    Parameters
    ----------
    text
        The whole name.
    start
        Where the word starts.
    word
        The word, a run of letters.
    is_name
        Whether a text can be read.

    Examples
    --------
    >>> from toolkit.groups.parsing.grammar import can_be_read
    >>> hint_about("s5", 0, "s", can_be_read)
    ("no family of groups is called 's'", 'did you mean S5?')
    >>> hint_about("Fi25", 0, "Fi", can_be_read)[1], hint_about("J3", 0, "J", can_be_read)[1]
    ('', 'its library character table is Table(J3)')
    """
    behind = start + len(word)
    number = _NUMBER.match(text, behind)
    arguments = _ARGUMENTS.match(text, behind)
    rest = arguments.group() if arguments else ""
    problem = f"no family of groups is called {word[:30]!r}"
    if word in ("Dih", "dih"):
        return problem, _dihedral(int(number[1]) if number else 0)
    if word in WORDS and rest:
        problem = f"{word + rest!r} is not the name of a group"
    if word.lower() in _BY_WORD:
        return problem, table_hint(_BY_WORD[word.lower()])
    if word[0].isupper() and (hint := table_hint(word + rest.replace("_", ""))):
        return problem, hint
    if word in ("T", "O", "I", "Vh", "Vd") and not rest:
        return problem, f"the point group of this symbol is PointGroup({word})"
    if word == "W":
        return "a type of a Coxeter group is needed after W", (
            "a Coxeter group is written W(A4), W(E6) or W(I2(7)), a reducible one W(A1) x W(A2)"
        )
    if word in _OF_A_GROUP:
        return f"there are no names {word}(...) of groups made from others", ""
    if word in _CONFORMAL:
        return f"conformal groups such as {word} have no names here", "give them by matrices"
    if word == "PointGroup":
        return problem, "for instance PointGroup(D3h) or PointGroup(m-3m)"
    if word in WORDS:
        return _incomplete(word, rest, number, problem, is_name)
    return problem, _misspelt(word, rest, number, is_name)


def _incomplete(
    word: str,
    rest: str,
    number: re.Match[str] | None,
    problem: str,
    is_name: Callable[[str], bool],
) -> tuple[str, str]:
    example = _example(word, is_name)
    hint = f"for instance {example}" if example else ""
    if rest[:1] == "(" and word in _LETTERS:
        written = f"{word}{number[1]}" if number else ""
        return f"{word!r} takes a number and no parentheses", (
            f"write {written}" if written and is_name(written) else hint
        )
    cut = number and number.group().lstrip().startswith("(") and not rest  # something is behind it
    if number and not cut and (rest[:1] != "(" or word not in _LETTERS):
        for name in (f"{word}({number[1]})", f"{word}{number[1]}"):
            if name != word + rest and is_name(name):
                return problem, f"did you mean {name}?"
    if not rest:
        kind = "a number" if word in _LETTERS else "its arguments in parentheses"
        return f"{word!r} must be followed by {kind}", hint
    return problem, hint


def _misspelt(
    word: str, rest: str, number: re.Match[str] | None, is_name: Callable[[str], bool]
) -> str:
    # A single letter is no misspelling of another one, only of the same one in the other case.
    known = [other for other in WORDS if (len(other) == 1) == (len(word) == 1)]
    longer = [other for other in known if other.lower().startswith(word.lower())]
    close = longer[0] if longer and len(word) > 3 else closest(word, known)
    if len(word) <= 3 and close.lower() != word.lower():
        close = ""
    if not close:
        return _EXAMPLES
    if close in _LIBRARIES:  # whether the library has a group of these numbers only GAP knows
        return f"for instance {_example(close, is_name)}"
    short = f"{close}{number[1]}" if number else ""
    for name in (close + rest, short, _example(close, is_name)):
        if name and is_name(name):
            return f"did you mean {name}?"
    return _EXAMPLES


def _example(word: str, is_name: Callable[[str], bool]) -> str:
    if word == "Table":
        return "Table(M)"
    word = {"Z": "C"}.get(word, word)
    for family in (word, f"{word}+"):
        if family in FAMILIES:
            return Family(family, FAMILIES[family].example).name
    examples = {
        "AbelianGroup": "AbelianGroup([2,4])",
        "DicyclicGroup": "DicyclicGroup(12)",
        "ExtraspecialGroup": "ExtraspecialGroup(27,+)",
        "F": "F7",
        "G": "G2(2)",
        "Hol": "Hol(C8)",
        "OD": "OD16",
        "L": "L2(7)",
        "O": "O7(3)",
        "U": "U3(3)",
        "V": "V4",
        "K": "K4",
        "R": "R(27)",
        "SD": "SD16",
        "CSU": "CSU(2,3)",
    }
    if word in examples:
        return examples[word]
    endings = ("(5)", "(8)", "(27)", "3", "1")
    return next((word + ending for ending in endings if is_name(word + ending)), "")


def _dihedral(number: int) -> str:
    """Say which dihedral groups the number after ``Dih`` may mean: it is not clear which."""
    if not 2 <= number <= 10**8:
        return "for instance D8"
    corners = {2: "", 3: " (symmetries of the triangle)", 4: " (symmetries of the square)"}
    shape = corners.get(number, f" (symmetries of the {number}-gon)")
    other = f", D{number} the one of order {number}" if number > 2 and number % 2 == 0 else ""
    return f"D{2 * number} is the dihedral group of order {2 * number}{shape}{other}"
