"""How many groups there are of each order at most 255, from the literature.

Besche, Eick and O'Brien, "A millennium project: constructing small groups", Int. J. Algebra
Comput. 12 (2002); the On-Line Encyclopedia of Integer Sequences has the numbers as A000001.
"""

from __future__ import annotations

_COUNTS = """
1 1 1 2 1 2 1 5 2 2 1 5 1 2 1 14 1 5 1 5 2 2 1 15 2 2 5 4 1 4 1 51 1 2 1 14 1 2 2 14 1 6 1 4 2 2 1
52 2 5 1 5 1 15 2 13 2 2 1 13 1 2 4 267 1 4 1 5 1 4 1 50 1 2 3 4 1 6 1 52 15 2 1 15 1 2 1 12 1 10 1
4 2 2 1 231 1 5 2 16 1 4 1 14 2 2 1 45 1 6 2 43 1 6 1 5 4 2 1 47 2 2 1 4 5 16 1 2328 2 4 1 10 1 2 5
15 1 4 1 11 1 2 1 197 1 2 6 5 1 13 1 12 2 4 2 18 1 2 1 238 1 55 1 5 2 2 1 57 2 4 5 4 1 4 2 42 1 2 1
37 1 4 2 12 1 6 1 4 13 4 1 1543 1 2 2 12 1 10 1 52 2 2 2 12 2 2 2 51 1 12 1 5 1 2 1 177 1 2 2 15 1
6 1 197 6 2 1 15 1 4 2 14 1 16 1 4 2 4 1 208 1 5 67 5 2 4 1 12 1 15 1 46 2 2 1
"""

#: Order -> number of groups of it up to isomorphism; 7,012 in all.
GROUPS_OF_ORDER: dict[int, int] = {
    order: int(count) for order, count in enumerate(_COUNTS.split(), start=1)
}
