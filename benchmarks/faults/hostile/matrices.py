"""Matrices: over finite fields as text, exact and floating ones from Python, weighted, points."""

from __future__ import annotations

from typing import Any

import numpy as np

import toolkit as tk
from hostile.case import Case, World, refused
from hostile.text import almost, deep, number

_TEXTS = (
    "<[[1,1],[0,1]], [[0,1],[1,0]] | GF(3)>", "<[[0,-1],[1,0]]>", "<[[2]] | GF(5)>",
    "<[[1/2,0],[0,2]]>", "<[[0,1],[1,1]] | GF(4)>", "<[[E(3),0],[0,E(3)^2]]>",
    "<[[Z(9),0],[0,1]] | GF(9)>",
)  # fmt: skip
_ALPHABET = "[]<>|,()GFEZ0123456789/^*+- "


def case(world: World) -> Case:
    """Return matrices, and make a group or a module of them."""
    random = world.random
    if random.random() < 0.4:
        text = almost(random, _TEXTS, _ALPHABET, ("",))
        return Case(f"group({text!r})", lambda: _order(tk.group(text, session=world.session)))
    given = _given(world)
    ask: Any = random.choice(
        (tk.group_from_matrices, tk.group_from_matrix, tk.group_from_points,
         world.group.linear_module)
    )  # fmt: skip
    more = {} if ask == world.group.linear_module else {"session": world.session}
    return Case(f"{ask.__name__}({given!r:.300})", lambda: ask(given, **more))


def _order(G: tk.Group) -> None:
    refused(lambda: G.order)


def _given(world: World) -> object:
    random = world.random
    n = random.choice((0, 1, 2, 3, 4))
    many = random.choice((1, 2, 2, 3))
    whole = [
        [[int(i == j) * random.choice((1, 1, -1)) for j in range(n)] for i in range(n)]
        for _ in range(many)
    ]
    change = random.randrange(9)
    if change == 0 and n:
        out: Any = whole
        out[0][random.randrange(n)][random.randrange(n)] = number(random)
        return out
    if change == 1:
        return whole[0]
    if change == 2:
        kind = random.choice((np.float64, np.complex128, np.bool_, object, np.int8, np.float16))
        return np.array(whole, dtype=kind)
    if change == 3:
        return deep(random)
    if change == 4:
        return [np.full((n, n), random.choice((np.nan, np.inf, 1e300, 1e-300)))] * many
    if change == 5:
        return number(random)
    if change == 6:
        return [row[:-1] for row in whole[0]]
    if change == 7:
        return np.zeros(tuple(random.choice((0, 1, 2, 3)) for _ in range(random.randrange(5))))
    return whole
