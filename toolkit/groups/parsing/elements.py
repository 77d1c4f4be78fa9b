"""Reading one element of a group: cycles, or a word in the generators of a presentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.groups.parsing.cursor import Cursor
from toolkit.groups.parsing.generators import read_permutation
from toolkit.groups.parsing.presentations import read_word
from toolkit.groups.specs.generated import Presentation

if TYPE_CHECKING:
    from toolkit.groups.specs.base import GroupSpec


def read_element(text: str, spec: GroupSpec | None = None) -> dict[str, list[object]]:
    """Return the element that a whole text is, as data.

    Parameters
    ----------
    text
        Cycles of points that count from 1, as GAP prints them, such as ``"(1,2)(3,4)"``; of a
        presented group a word in its generators, such as ``"a^2*b"``.
    spec
        The group's description.

    Returns
    -------
    dict
        ``{"perm": 0-based images}``, or ``{"word": letters}``: 0-based numbers of generators,
        ``~i`` for an inverse.

    Raises
    ------
    NamingError
        If it is neither. Whether it lies in the group is not looked at.

    Examples
    --------
    >>> read_element("(1,2)(3,4)")
    {'perm': [1, 0, 3, 2]}
    >>> read_element("()")
    {'perm': [0]}
    >>> read_element("a^2*b", Presentation(("a", "b"), (((0, 4),), ((1, 2),))))
    {'word': [0, 0, 1]}
    """
    cursor = Cursor(text)
    out: dict[str, list[object]]
    if isinstance(spec, Presentation):
        syllables = read_word(cursor, spec.generators)
        out = {"word": [i if e > 0 else ~i for i, e in syllables for _ in range(abs(e))]}
    elif cursor.starts("("):
        move = read_permutation(cursor)
        out = {"perm": [move.get(i, i) - 1 for i in range(1, max([*move, 1]) + 1)]}
    else:
        raise cursor.error(
            "an element is written as cycles of points that count from 1",
            'for instance "(1,2)(3,4)"; of a presented group as a word in its generators',
        )
    if cursor.peek():
        raise cursor.error(f"an element ends here, not {cursor.found()}")
    return out
