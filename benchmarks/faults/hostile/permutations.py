"""Permutations: cycles as text, images and arrays from Python, Cayley tables."""

from __future__ import annotations

from typing import Any

import numpy as np

import toolkit as tk
from hostile.case import Broken, Case, World, refused
from hostile.text import almost, deep, number

_TEXTS = ("<(1,2,3),(1,2)>", "<(1,2)(3,4),(1,3)(2,4)>", "<(1,2,3,4,5)>", "<()>", "<(1,2),(3,4,5)>")
_ALPHABET = "()<>,0123456789 |[]"


def case(world: World) -> Case:
    """Return generators, and ask for the order of their group."""
    random = world.random
    if random.random() < 0.4:
        text = almost(random, _TEXTS, _ALPHABET, ("",))
        return Case(f"group({text!r})", lambda: _order(tk.group(text, session=world.session)))
    images = _images(world)
    ask: Any = random.choice((tk.group, tk.group_from_permutations, tk.group_from_cayley_table))
    return Case(
        f"{ask.__name__}({images!r:.300})", lambda: _order(ask(images, session=world.session))
    )


def _order(G: tk.Group) -> None:
    if not refused(lambda: G.order) and not G.order >= 1:
        raise Broken(f"order {G.order}")


def _images(world: World) -> object:
    random = world.random
    n = random.choice((0, 1, 2, 3, 5, 30))
    rows: list[Any] = [random.sample(range(n), n) for _ in range(random.choice((0, 1, 2, 3)))]
    change = random.randrange(9)
    if change == 0 and rows and n:
        rows[0][random.randrange(n)] = number(random)
    elif change == 1:
        rows.append(number(random))
    elif change == 2 and rows:
        rows[-1] = rows[-1][:-1]
    elif change == 3:
        return deep(random)
    elif change == 4:
        kind = random.choice((np.float64, np.bool_, np.uint8, np.complex128, object, np.int8))
        return np.array(rows if rows else [[]], dtype=kind)
    elif change == 5:
        return np.full((2, 3), random.choice((np.nan, np.inf, 1e300, -1.0)))
    elif change == 6:
        return np.zeros((1,) * random.choice((0, 1, 3, 9)), dtype=np.intp)
    elif change == 7:  # the table of a cyclic group, perhaps broken
        table = [[(i + j) % n for j in range(n)] for i in range(n)]
        if n and random.random() < 0.6:
            table[random.randrange(n)][random.randrange(n)] = random.randrange(-1, n + 1)
        return table
    return rows
