"""Which module was meant: the options that ``graph`` and ``layer`` share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.cli.console import UsageError
from toolkit.errors import NotAvailable

if TYPE_CHECKING:
    from toolkit.library.group import Group
    from toolkit.modules.permutation_module import PermutationModule

__all__ = ["MODULE_HELP", "module_of_degree", "one_orbit", "pick_module"]

MODULE_HELP = (
    "regular; points (the action that comes with the name); or a subgroup's label such as H4a or "
    "N1, as plrep query shows them, for its cosets"
)


def pick_module(G: Group, name: str) -> PermutationModule:
    """Return the module that ``--module`` names.

    Raises
    ------
    UsageError
        If there is no such module; the message lists what there is.
    """
    wanted = name.strip()
    if wanted.lower() in ("regular", "regular module"):
        return G.regular_module()
    if wanted.lower() in ("points", "natural"):
        return G.natural_module()
    if wanted[:1] not in ("H", "N") or not wanted[1:2].isdigit():
        raise UsageError(f"no module is called {name[:40]!r}: use {MODULE_HELP}")
    try:
        return G.coset_module(wanted)
    except ValueError as error:
        if isinstance(error, NotAvailable):
            raise
        raise UsageError(str(error)) from None


def one_orbit(G: Group, X: PermutationModule, orbit: int | None) -> PermutationModule:
    """Return the module itself, or the part that ``--orbit`` names (counted from 1).

    Raises
    ------
    UsageError
        If there is no such orbit, or the module has several and none was named.
    """
    parts = X.orbits
    lengths = ", ".join(str(p.degree) for p in parts[:20])
    if orbit is None:
        if len(parts) == 1:
            return X
        raise UsageError(
            f"{G.name} has {len(parts)} orbits on its {X.degree} points, of lengths {lengths}: "
            f"choose one with --orbit 1 to --orbit {len(parts)}"
        )
    if not 1 <= orbit <= len(parts):
        many = f"orbits 1 to {len(parts)}" if len(parts) > 1 else "one orbit"
        raise UsageError(f"{X.name} of {G.name} has {many}, not --orbit {orbit}")
    return parts[orbit - 1]


def module_of_degree(G: Group, degree: int) -> PermutationModule:
    """Return the one module with this many points: the natural one first, else G/H.

    Raises
    ------
    UsageError
        If there is none (the message lists the degrees) or more than one (it lists the labels).
    """
    if degree < 1:
        raise UsageError(f"--degree must be at least 1, not {degree}")
    if G.facts.points:
        natural = G.natural_module()
        if natural.degree == degree:
            return natural
        parts = [part for part in natural.orbits if part.degree == degree]
        if len(parts) == 1:
            return parts[0]
    if degree == G.order:
        return G.regular_module()
    found = [] if G.order % degree else list(G.subgroup_classes(degree))
    labels = [c.label for c in found if c.index == degree]
    if len(labels) == 1:
        return G.coset_module(next(c for c in found if c.index == degree))
    if labels:
        raise UsageError(
            f"{G.name} has {len(labels)} modules with {degree} points: choose one with "
            f"--module {' or '.join(labels[:12])}{' ...' if len(labels) > 12 else ''}"
        )
    try:
        classes = G.subgroup_classes()
    except NotAvailable:
        raise UsageError(f"{G.name} has no transitive module with {degree} points") from None
    degrees = sorted({c.index for c in classes})
    shown = ", ".join(map(str, degrees[:40])) + (", ..." if len(degrees) > 40 else "")
    raise UsageError(
        f"{G.name} has no transitive module with {degree} points; there are some with {shown}"
    )
