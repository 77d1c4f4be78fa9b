"""Finite presentations."""

from __future__ import annotations

import toolkit as tk
from hostile.case import Broken, Case, World, refused
from hostile.text import almost

_TEXTS = (
    "<a,b | a^4, b^2, (a*b)^2>", "<a | a^5>", "<r,s | r^3 = s^2 = 1, r*s = s*r^-1>",
    "<x,y | [x,y]>", "<a,b | a^2, b^3, (a*b)^5>", "<i,j | i^4, i^2 = j^2, j*i = i^-1*j>",
    "<a,b | a^b*a>",
)  # fmt: skip
_ALPHABET = "abrsxy|<>(),=*^-0123456789[] ~/"


def case(world: World) -> Case:
    """Return a presentation, and ask for what is known of it without GAP."""
    text = almost(world.random, _TEXTS, _ALPHABET, ("", ", "))
    return Case(f"group({text!r})", lambda: _ask(world, text))


def _ask(world: World, text: str) -> None:
    G = tk.group(text, session=world.session)
    if tk.group(G.name, session=world.session).name != G.name:
        raise Broken(f"{G.name!r} is not read as itself")
    refused(lambda: G.order)
