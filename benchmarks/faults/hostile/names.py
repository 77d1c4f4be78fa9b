"""Names of groups."""

from __future__ import annotations

import toolkit as tk
from hostile.case import Broken, Case, World, command, refused
from hostile.text import almost

#: Names, and the order of the group.
KNOWN = {
    "C8": 8, "D8": 8, "Q16": 16, "S5": 120, "A5": 60, "Dic3": 12, "SD16": 16, "F7": 42,
    "SL(2,3)": 24, "PSL(2,7)": 168, "GL(2,3)": 48, "AGL(1,5)": 20, "PSU(3,3)": 6048, "M11": 7920,
    "SmallGroup(24,12)": 24, "24.12": 24, "TransitiveGroup(8,3)": 8, "8T3": 8,
    "PrimitiveGroup(9,4)": 72, "C4 x S3": 24, "C2 wr S3": 48, "C2^3": 8, "C7 : C3": 21,
    "C4 o D8": 16, "2.A5": 120, "L2(7)": 168, "1": 1, "Table(M)": None, "C2 x (C3 x (S3))": 36,
    "W(E6)": 51840, "O_h": 48, "S4 x C2": 48, "SO+(4,3)": 576, "J2": 604800,
}  # fmt: skip
_ALPHABET = "CDQSAGLPMTWFx×:.^()[]<>,|+-_*0123456789 abr"


def case(world: World) -> Case:
    """Return a name and what is asked of it."""
    random = world.random
    name = almost(random, list(KNOWN), _ALPHABET, (" x ", " : ", " wr ", "x", "^", "."))
    if random.random() < 0.25 and not name.startswith("-"):
        words = ("--json", "--no-subgroups")
        return Case(f"plrep query {name!r}", lambda: command("query", name, *words))
    return Case(f"group({name!r})", lambda: _ask(world, name))


def _ask(world: World, name: str) -> None:
    G = tk.group(name, session=world.session)
    again = tk.group(G.name, session=world.session)
    if again.name != G.name:
        raise Broken(f"{G.name!r} is read as {again.name!r}")
    if not repr(G):
        raise Broken("no repr")
    expected = KNOWN.get(name)
    if not refused(lambda: G.order) and expected not in (None, G.order):
        raise Broken(f"order {G.order}, not {expected}")
