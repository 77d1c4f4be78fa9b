"""Options that several commands share: the group, its module, simples, the activation."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from toolkit.cli.console import UsageError
from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.text import listed

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from toolkit.library.group import Group
    from toolkit.library.session import Session
    from toolkit.modules.module import Module
    from toolkit.modules.permutation_module import PermutationModule

M = TypeVar("M", bound="Module")

MODULE_HELP = (
    "regular; points (the natural action of the name); a subgroup's label such as H4a or N1, as "
    "shown by plrep query, for its cosets; signed(H, K) for the functions on the cosets of K that "
    "change sign under H; or sums, products and powers such as points^2 + H4a"
)


UNCHECKED = (
    "accept the files without checking their checksums: a changed bit can then give wrong rows"
)

ACTIVATION_HELP = (
    "relu, abs, leaky_relu(0.1), gelu, silu, tanh, elu, sigmoid, relu_squared, t^3, "
    "polynomial(1,0,2) and others (a wrong name lists them), or a formula in x such as "
    "'max(x,0) + x^2/10' (default: relu)"
)


def add_actions(
    parser: argparse.ArgumentParser,
    common: argparse.ArgumentParser,
    actions: Mapping[str, str],
    epilog: str,
) -> dict[str, argparse.ArgumentParser]:
    """Describe the actions of a command; return the parser of each.

    Parameters
    ----------
    parser, common
        Of the command, and the options of every command.
    actions
        From names to one line of help.
    epilog
        The command's examples, of which each action shows its own.
    """
    group = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    made = {}
    for name, text in actions.items():
        examples = [line for line in epilog.splitlines() if f"{parser.prog} {name}" in line]
        made[name] = group.add_parser(
            name,
            help=text,
            description=text[0].upper() + text[1:] + ".",
            epilog="\n".join([f"example{'s' if len(examples) > 1 else ''}:", *examples]),
            parents=[common],
            formatter_class=parser.formatter_class,
            allow_abbrev=False,
        )
    return made


def add_group(parser: argparse.ArgumentParser) -> None:
    """Describe NAME."""
    parser.add_argument("name", metavar="NAME", nargs="+", help="the group, as for plrep query")


def add_module(parser: argparse.ArgumentParser) -> None:
    """Describe NAME, ``--module`` and ``--orbit``, which :func:`chosen_module` reads."""
    add_group(parser)
    parser.add_argument(
        "--module",
        metavar="M",
        help=f"{MODULE_HELP} (default: regular, or points where there is no character table)",
    )
    parser.add_argument(
        "--orbit",
        metavar="K",
        help="the K-th orbit of points, counted from 1, or all (default: all)",
    )


def chosen_group(options: argparse.Namespace, session: Session) -> Group:
    """Return the group that NAME names."""
    from toolkit.library.naming import group

    return group(" ".join(options.name), session=session)


def chosen_module(options: argparse.Namespace, session: Session) -> Module:
    """Return the module that NAME, ``--module`` and ``--orbit`` name: of all orbits by default."""
    G = chosen_group(options, session)
    name = options.module or ("points" if options.orbit else None)
    name = name or ("regular" if G.has_table else "points")
    X = pick_module(G, name)
    if options.orbit in (None, "all"):
        return X
    if not options.orbit.isdecimal():
        raise UsageError(f"--orbit must be a number counted from 1, or all, not {options.orbit!r}")
    return one_orbit(X, int(options.orbit))


def chosen_labels(text: str, known: tuple[str, ...], module: str) -> tuple[str, ...]:
    """Return the labels in a text such as ``"L2,L3"``, in canonical order.

    Raises
    ------
    UsageError
        If one is no simple of the module.
    """
    wanted = [word.strip() for word in text.replace("{", "").replace("}", "").split(",")]
    for word in wanted:
        if word not in known:
            shown = listed(known, 20)
            raise UsageError(f"the simples in {module} are {shown}, not {word[:20]!r}")
    return tuple(label for label in known if label in wanted)


def pick_module(G: Group, name: str) -> Module:
    """Return the module that ``--module`` names, as :meth:`toolkit.Group.module` does.

    Raises
    ------
    UsageError
        If there is no such module; the message lists what there is.
    """
    from toolkit.modules.specification import parse_specification

    try:
        specification = parse_specification(name)
    except ModuleMismatchError as error:
        if not name.strip().isalnum():
            raise UsageError(str(error)) from None
        raise UsageError(f"there is no module called {name[:40]!r}: use {MODULE_HELP}") from None
    try:
        return G.module(specification)
    except ValueError as error:
        if isinstance(error, NotAvailable):
            raise
        raise UsageError(str(error)) from None


def one_orbit(X: M, orbit: int | None = None) -> M:
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
            f"{X.group_title} has {len(parts)} orbits on its {X.degree} points, of lengths "
            f"{lengths}: choose one with --orbit 1 to --orbit {len(parts)}"
        )
    if not 1 <= orbit <= len(parts):
        many = f"orbits 1 to {len(parts)}" if len(parts) > 1 else "one orbit"
        raise UsageError(f"{X.name} of {X.group_title} has {many}, not --orbit {orbit}")
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
    shown = listed(degrees, 40)
    raise UsageError(
        f"{G.name} has no transitive module with {degree} points; the numbers of points are {shown}"
    )
