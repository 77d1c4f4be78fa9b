"""Groups and modules as text for GAP: generators, and the images of generators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.text import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from toolkit.library.group import Group
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.module import Module
    from toolkit.modules.permutation_module import PermutationModule

#: The most points and entries that are written.
_MOST = 1_000_000


def to_gap(thing: Group | Module) -> str:
    """Return a group, or the action on a module, as an expression that GAP reads.

    Parameters
    ----------
    thing
        A group: ``Group([...])``, permutations of its points if it came with faithful ones, else
        of its elements, for the same generators in the same order as here. A module: a
        ``GroupHomomorphismByImages`` from that group to permutations of the points (from 1), or to
        matrices.

    Returns
    -------
    str
        One line.

    Raises
    ------
    NotAvailable
        If only the character table is known, the text would have more than a million images or
        entries, or the matrices are not exact.
    ModuleMismatchError
        If it is neither a group nor a module.

    Notes
    -----
    Exact. GAP's products are those of the toolkit: g h is g first. Matrices multiply in that order.

    See Also
    --------
    toolkit.group : The way back: ``tk.group("<(1,2,3,4),(1,2)>")`` takes cycles as GAP prints them.

    Examples
    --------
    >>> import toolkit as tk
    >>> S4 = tk.group("S4")
    >>> to_gap(S4)
    'Group([ (1,2,3,4), (1,2) ])'
    >>> to_gap(S4.coset_module("N2"))
    'GroupHomomorphismByImages(Group([ (1,2,3,4), (1,2) ]), Group([ (1,2), (1,2) ]))'
    """
    from toolkit.library.group import Group
    from toolkit.modules.module import Module

    if isinstance(thing, Group):
        return _group(thing)
    if not isinstance(thing, Module):
        raise ModuleMismatchError(
            f"a group or a module is required to be written for GAP, found {thing!r:.60}"
        )
    return _module(thing)


def _group(G: Group) -> str:
    from toolkit.library.change_of_group import faithful_module

    if G.is_table_only:
        raise NotAvailable(G.name, "generators", "only the character table is known")
    return _generated(_cycles(image) for image in _images(faithful_module(G)))


def _module(X: Module) -> str:
    from toolkit.library.change_of_group import group_of_module
    from toolkit.modules.permutation_module import PermutationModule

    G = group_of_module(X)
    if isinstance(X, PermutationModule):
        images: Iterable[str] = (_cycles(image) for image in _images(X))
    else:
        images = _matrices(X)
    return f"GroupHomomorphismByImages({_group(G)}, {_generated(images)})"


def _generated(generators: Iterable[str]) -> str:
    found = list(generators)
    return f"Group([ {', '.join(found)} ])" if found else "Group(())"


def _images(X: PermutationModule) -> IntArray:
    _require_few(X, X.degree, "images")
    return X.images


def _require_few(X: Module, each: int, what: str) -> None:
    from toolkit.library.change_of_group import group_of_module

    count = each * group_of_module(X).generator_count
    if count > _MOST:
        raise NotAvailable(
            shortened(X.name),
            "its text for GAP",
            f"it would have {count:,} {what}; {_MOST:,} are the most",
        )


def _cycles(image: Sequence[int]) -> str:
    """Return a permutation in cycles of points from 1."""
    seen = [False] * len(image)
    out = []
    for start in range(len(image)):
        if seen[start] or image[start] == start:
            continue
        cycle, point = [], start
        while not seen[point]:
            seen[point] = True
            cycle.append(str(point + 1))
            point = int(image[point])
        out.append(f"({','.join(cycle)})")
    return "".join(out) or "()"


def _matrices(X: Module) -> list[str]:
    from toolkit.modules.signed_module import SignedModule

    _require_few(X, X.degree**2, "entries")
    found: list[list[list[object]]]
    if isinstance(X, SignedModule):
        found = [[[int(x) for x in row] for row in m] for m in X.matrices]
    else:
        exact = getattr(X, "exact_matrices", None)
        if exact is None:
            raise NotAvailable(
                shortened(X.name), "its text for GAP", "its matrices are floating-point numbers"
            )
        found = [[list(row) for row in m.rows] for m in exact]
    return [
        "[ " + ", ".join(f"[ {', '.join(map(str, row))} ]" for row in rows) + " ]" for rows in found
    ]
