"""Modules from the names in old checkpoints, whose recipes have no specification.

A name is what :class:`~toolkit.modules.module.Module` shows to people: ``"4 points"``, ``"regular
module"``, ``"cosets of H4a"``, sums with `` + ``, products with `` * `` and `` x ``, ``"3 (4
points)"``, ``"(4 points)^2"``. New checkpoints hold specifications, and nothing else reads names.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from toolkit.errors import ModuleMismatchError
from toolkit.groups.specs.tree import Product

if TYPE_CHECKING:
    from toolkit.library.group import Group
    from toolkit.modules.specification import Specification

# a name from a file is read only so far: what these bounds keep out, no one has written
_LONGEST_NAME = 4000
_DEEPEST_NAME = 50


def specification_of_name(G: Group, name: str, most: int) -> Specification:
    """Return the specification of the module that an old checkpoint names.

    Parameters
    ----------
    G
        Its group.
    name
        The name.
    most
        The largest number of copies in a sum.

    Raises
    ------
    ModuleMismatchError
        If the name has another form, or is too long.

    Examples
    --------
    >>> import toolkit as tk
    >>> specification_of_name(tk.group("S4"), "(4 points)^2", 100)
    {'module': 'power', 'of': {'module': 'natural'}, 'exponent': 2}
    """
    depth = deepest = 0
    for letter in name:
        depth += (letter == "(") - (letter == ")")
        deepest = max(deepest, depth)
    if len(name) > _LONGEST_NAME or deepest > _DEEPEST_NAME:
        raise ModuleMismatchError(
            f"it has {len(name)} letters and brackets nested {deepest} deep: at most "
            f"{_LONGEST_NAME} and {_DEEPEST_NAME} are read"
        )
    return _read(G, name, most)


def _read(G: Group, name: str, most: int) -> dict[str, Any]:
    name = name.strip()
    for sign, kind in ((" + ", "sum"), (" * ", "product"), (" x ", "outer product")):
        pieces = _split(name, sign)
        if len(pieces) > 1:
            groups = [G] * len(pieces)
            if sign == " x ":
                factors = G.spec.factors if isinstance(G.spec, Product) else ()
                if len(factors) != len(pieces):
                    raise ModuleMismatchError(
                        f"{len(pieces)} factors, but {G.name} has {len(factors)}"
                    )
                groups = [type(G)(factor, G.session) for factor in factors]
            parts = [_read(H, piece, most) for H, piece in zip(groups, pieces, strict=True)]
            return {"module": kind, "of": parts}
    if match := re.fullmatch(r"(\d+) \((.*)\)", name):
        if int(match[1]) > most:
            raise ModuleMismatchError(f"it has more points than the {most} of the recipe")
        return {"module": "sum", "of": [_read(G, match[2], most)] * int(match[1])}
    if match := re.fullmatch(r"\((.*)\)\^(\d+)", name):
        return {"module": "power", "of": _read(G, match[1], most), "exponent": int(match[2])}
    if name.startswith("(") and name.endswith(")"):
        return _read(G, name[1:-1], most)
    if name == "regular module":
        return {"module": "regular"}
    if match := re.fullmatch(r"cosets of (\w+)", name):
        return {"module": "cosets", "subgroup": match[1]}
    if match := re.fullmatch(r"(\d+) points?", name):
        natural = G.natural_module()
        if natural.degree == int(match[1]):
            return {"module": "natural"}
        for number, orbit in enumerate(natural.orbits, start=1):
            if orbit.degree == int(match[1]):
                return {"module": "orbit", "number": number}
    raise ModuleMismatchError(
        "it is not a regular module, points, cosets, or a sum or product of these"
    )


def _split(text: str, sign: str) -> list[str]:
    """Return the pieces between the signs that stand outside brackets."""
    out, depth, start = [], 0, 0
    for i, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and text.startswith(sign, i):
            out.append(text[start:i])
            start = i + len(sign)
    return [*out, text[start:]]
