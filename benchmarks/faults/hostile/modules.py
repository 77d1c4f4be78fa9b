"""Module expressions and specifications."""

from __future__ import annotations

import copy
from typing import Any

from hostile.case import Broken, Case, World
from hostile.text import almost, deep, number

_TEXTS = (
    "regular", "natural", "points", "points^2", "points^2 + points", "signed(H2a, H1a)", "H4a",
    "N1", "points * points", "(points + regular)^2", "H2a + 2*H4a", "trivial", "3*points",
    "cosets(H3a)", "points^3 * H2a",
)  # fmt: skip
_SPECIFICATIONS: tuple[dict[str, Any], ...] = (
    {"module": "regular"},
    {"module": "natural"},
    {"module": "sum", "of": [{"module": "natural"}, {"module": "regular"}]},
    {"module": "product", "of": [{"module": "natural"}, {"module": "natural"}]},
    {"module": "images", "images": [[1, 2, 3, 0], [1, 0, 2, 3]]},
    {"module": "tuples", "of": {"module": "natural"}, "length": 2},
)
_ALPHABET = "pointsregularHNabc()+*^,0123456789 -"


def case(world: World) -> Case:
    """Return a module's name or specification, and make it."""
    random = world.random
    if random.random() < 0.6:
        given: Any = almost(random, _TEXTS, _ALPHABET, (" + ", " * ", "^"))
    else:
        given = copy.deepcopy(random.choice(_SPECIFICATIONS))
        for _ in range(random.choice((1, 1, 2))):
            key = random.choice([*given, "of", "module", "points"])
            given[key] = random.choice((number(random), deep(random), "x" * 3000, [given.copy()]))
    return Case(f"module({given!r:.300})", lambda: _ask(world, given))


def _ask(world: World, given: Any) -> None:
    X = world.group.module(given, most=5000)
    if not 0 <= X.degree <= 5000 and not hasattr(X, "contents"):
        raise Broken(f"degree {X.degree}")
