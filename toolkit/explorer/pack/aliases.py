"""What people may type for a group of the page: names of families, products, descriptions.

Keys are in small letters without blanks, with plain signs: ``c2xc4``, ``c7:c3``, ``sl(2,3)``. The
forms ``SmallGroup(24,12)`` and ``24.12`` are read by pattern and need no entry.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from toolkit.errors import NamingError, NotAvailable
from toolkit.explorer.pack.contents import LARGEST_ORDER
from toolkit.groups.names.descriptions import best_names, family_names, small_group_number
from toolkit.groups.parsing.grammar import parse_group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


_SIGNS = str.maketrans({"×": "x", "⋊": ":", "≀": "wr", "_": None, "{": None, "}": None, "$": None})
_BLANKS = re.compile(r"\s+")
#: Factors of products that are listed.
_FACTORS = re.compile(r"(C|S|A|D|Q|QD|Dic|F)\d+|(SL|GL|PSL|AGL)\(.*\)")
#: Wreath products that are listed; the others are above order 255.
WREATH_PRODUCTS = (
    *(f"C{n} wr C2" for n in range(2, 12)),
    *("S3 wr C2", "C2 wr C3", "C3 wr C3", "C4 wr C3", "C2 wr S3", "C3 wr S3", "C2 wr C4"),
    *("C2 wr C2^2", "C2 wr C5", "C2 wr A4", "C2 wr D8", "D8 wr C2", "Q8 wr C2", "D10 wr C2"),
)

#: How many transitive groups there are of degree 2, 3, ... (Conway, Hulpke and McKay 1998).
_TRANSITIVE_GROUPS = (1, 2, 5, 5, 16, 7, 50, 34, 45, 8)
_POINT_GROUPS = (
    *("Cs", "Ci", "Td", "Th", "Oh", "Ih"),
    *(f"C{n}{end}" for n in range(2, 7) for end in "vh"),
    *(f"D{n}{end}" for n in range(2, 7) for end in "hd"),
)
#: Other names that people use: each is asked once, and those above the largest order are left out.
OTHER_NAMES = (
    *WREATH_PRODUCTS,
    *("V4", "K4", "Klein4", "SD16", "SD32", "SD64", "SD128"),
    *(f"F{q}" for q in (3, 4, 5, 7, 8, 9, 11, 13, 16)),
    *(f"C{n}^{k}" for n in range(2, 16) for k in range(2, 8) if n**k <= LARGEST_ORDER),
    *("L2(2)", "L2(3)", "L2(4)", "L2(5)", "L2(7)", "2.A5", "2.L2(5)"),
    *("C4 o D8", "C4 o Q8", "Q8 o C4", "D8 o C4", "D8 o D8", "D8 o Q8", "Q8 o Q8", "C8 o D8"),
    *(f"Hol(C{n})" for n in range(3, 22)),
    *("W(A1)", "W(A2)", "W(A3)", "W(A4)", "W(B2)", "W(B3)", "W(D4)", "W(G2)", "W(H3)"),
    *(f"W(I2({n}))" for n in range(3, 13)),
    *_POINT_GROUPS,
    *(f"{n}T{i}" for n, many in enumerate(_TRANSITIVE_GROUPS, 2) for i in range(1, many + 1)),
)


def key_of(text: str) -> str:
    """Return the form under which a name is looked up.

    Examples
    --------
    >>> key_of("C2 × C_4"), key_of("SL(2, 3)")
    ('c2xc4', 'sl(2,3)')
    """
    return _BLANKS.sub("", text.translate(_SIGNS)).lower()


def aliases(
    described: Iterable[tuple[str, str]],
    named: Iterable[str],
    identify: Callable[[str], tuple[int, int] | None],
    largest: int = LARGEST_ORDER,
) -> dict[str, str | list[str]]:
    """Return from keys to canonical names, or to several where a description is shared.

    Parameters
    ----------
    described
        Pairs of the canonical name of a group and GAP's description, or another name, of it.
    named
        Canonical names of the groups that have records under their names.
    identify
        Returns order and number of the group of a name that no table has.
    largest
        The largest order of the groups of the page.
    """
    shared: dict[str, list[str]] = {}
    for name, description in described:
        names = shared.setdefault(key_of(description), [])
        if name not in names:
            names.append(name)
    exact: dict[str, tuple[int, int]] = {}
    for name, ids in family_names().items():
        exact.setdefault(key_of(name), ids[0])
    for text in [*_products(largest), *OTHER_NAMES]:
        key = key_of(text)
        number = exact.get(key) or _number(text, identify)
        if number is not None:
            exact[key] = number
    out: dict[str, str | list[str]] = {
        key: names[0] if len(names) == 1 else names for key, names in shared.items()
    }
    out |= {
        key: "SmallGroup({},{})".format(*number)
        for key, number in exact.items()
        if number[0] <= largest
    }
    out |= {key_of(name): name for name in named}
    return dict(sorted(out.items()))


def _number(text: str, identify: Callable[[str], tuple[int, int] | None]) -> tuple[int, int] | None:
    """Return the number of a group: by the tables of names, else by asking."""
    try:
        found = small_group_number(parse_group(text))
        return found or (identify(text) if text in OTHER_NAMES else None)
    except (NamingError, NotAvailable):
        return None


def _products(largest: int) -> list[str]:
    """Return direct products of two and three usual groups up to an order, in every sequence."""
    usual = [
        (number[0], name)
        for number, name in best_names().items()
        if _FACTORS.fullmatch(name) and number[0] > 1
    ]
    usual.sort()
    out = []
    for count in (2, 3):
        for factors in _tuples(usual, count, largest):
            names = [name for _, name in factors]
            out += [" x ".join(sequence) for sequence in sorted(set(itertools.permutations(names)))]
    return out


def _tuples(
    usual: list[tuple[int, str]], count: int, largest: int, first: int = 0
) -> Iterable[list[tuple[int, str]]]:
    if count == 0:
        yield []
        return
    for i in range(first, len(usual)):
        order = usual[i][0]
        if order**count > largest:
            break
        for rest in _tuples(usual, count - 1, largest // order, i):
            yield [usual[i], *rest]
