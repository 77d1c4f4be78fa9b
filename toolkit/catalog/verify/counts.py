"""The number of groups of each order up to 511, from the literature.

Besche, Eick and O'Brien, "A millennium project: constructing small groups", Int. J. Algebra
Comput. 12 (2002); the On-Line Encyclopedia of Integer Sequences has the numbers as A000001.
"""

from __future__ import annotations

_COUNTS = """
1 1 1 2 1 2 1 5 2 2 1 5 1 2 1 14 1 5 1 5 2 2 1 15 2 2 5 4 1 4 1 51 1 2 1 14 1 2 2 14 1 6 1 4 2 2 1
52 2 5 1 5 1 15 2 13 2 2 1 13 1 2 4 267 1 4 1 5 1 4 1 50 1 2 3 4 1 6 1 52 15 2 1 15 1 2 1 12 1 10 1
4 2 2 1 231 1 5 2 16 1 4 1 14 2 2 1 45 1 6 2 43 1 6 1 5 4 2 1 47 2 2 1 4 5 16 1 2328 2 4 1 10 1 2 5
15 1 4 1 11 1 2 1 197 1 2 6 5 1 13 1 12 2 4 2 18 1 2 1 238 1 55 1 5 2 2 1 57 2 4 5 4 1 4 2 42 1 2 1
37 1 4 2 12 1 6 1 4 13 4 1 1543 1 2 2 12 1 10 1 52 2 2 2 12 2 2 2 51 1 12 1 5 1 2 1 177 1 2 2 15 1 6
1 197 6 2 1 15 1 4 2 14 1 16 1 4 2 4 1 208 1 5 67 5 2 4 1 12 1 15 1 46 2 2 1 56092 1 6 1 15 2 2 1 39
1 4 1 4 1 30 1 54 5 2 4 10 1 2 4 40 1 4 1 4 2 4 1 1045 2 4 2 5 1 23 1 14 5 2 1 49 2 2 1 42 2 10 1 9
2 6 1 61 1 2 4 4 1 4 1 1640 1 4 1 176 2 2 2 15 1 12 1 4 5 2 1 228 1 5 1 15 1 18 5 12 1 2 1 12 1 10
14 195 1 4 2 5 2 2 1 162 2 2 3 11 1 6 1 42 2 4 1 15 1 4 7 12 1 60 1 11 2 2 1 20169 2 2 4 5 1 12 1 44
1 2 1 30 1 2 5 221 1 6 1 5 16 6 1 46 1 6 1 4 1 10 1 235 2 4 1 41 1 2 2 14 2 4 1 4 2 4 1 775 1 4 1 5
1 6 1 51 13 4 1 18 1 2 1 1396 1 34 1 5 2 2 1 54 1 2 5 11 1 12 1 51 4 2 1 55 1 4 2 12 1 6 2 11 2 2 1
1213 1 2 2 12 1 261 1 14 2 10 1 12 1 4 4 42 2 4 1 56 1 2 1 202 2 6 6 4 1 8 1
"""

#: Order -> number of groups of it up to isomorphism; 92,804 in all, 7,012 of order at most 255.
GROUPS_OF_ORDER: dict[int, int] = {
    order: int(count) for order, count in enumerate(_COUNTS.split(), start=1)
}
