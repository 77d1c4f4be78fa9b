"""``plrep layer``: the equivariant linear maps between two modules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.cli.console import Column, Console, UsageError, one_line, table, wrapped
from toolkit.cli.options import (
    MODULE_HELP,
    add_group,
    chosen_group,
    module_of_degree,
    one_orbit,
    pick_module,
)
from toolkit.cli.output import print_json, require_folder, writing
from toolkit.errors import NotAvailable
from toolkit.files import written_whole
from toolkit.formats.group_page.numbers import number
from toolkit.text import counted

if TYPE_CHECKING:
    import argparse

    import numpy as np
    from numpy.typing import NDArray

    from toolkit.cli.progress import Progress
    from toolkit.library.group import Group
    from toolkit.library.session import Session
    from toolkit.modules.gsets.orbitals import Orbitals
    from toolkit.modules.gsets.signed_orbitals import SignedOrbitals
    from toolkit.modules.module import Module

DESCRIPTION = """\
Shows the equivariant linear maps X -> Y, with one free weight for each orbital, an orbit of the
group on Y x X. The number of orbitals is computed in two ways, by counting orbitals and from the
multiplicities of the simples, and both must agree.
"""
EPILOG = """\
examples:
  plrep layer S4 --degree 4
  plrep layer C8 --module regular --in-channels 16 --out-channels 32
  plrep layer S4 --module points --to H4a --json
  plrep layer S4 --module "points^2" --to "signed(H24a, H12a) + points"
  plrep layer "C2 wr S3" --output layer.npz

The .npz file holds labels (m, n): the orbital of each entry, rows for Y and columns for X, and
sizes: the number of entries of each orbital. A layer's matrix is weights[labels].
In JSON, labels is null where the matrix has more than 65536 entries.
"""
_MOST_ENTRIES = 1 << 16
_MOST_LINES = 4
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    add_group(parser)
    parser.add_argument(
        "--module",
        metavar="X",
        help=f"{MODULE_HELP} (default: points if the name has some, else regular)",
    )
    parser.add_argument("--to", metavar="Y", help="the other module (default: Y = X)")
    parser.add_argument("--degree", type=int, metavar="N", help="for X: the module with N points")
    parser.add_argument(
        "--orbit",
        type=int,
        metavar="K",
        help="for X: its K-th orbit, counted from 1 (default: all)",
    )
    for way in ("in", "out"):
        parser.add_argument(
            f"--{way}-channels", type=int, default=1, metavar="C", help="(default: 1)"
        )
    parser.add_argument("--output", "-o", metavar="FILE.npz", help="write labels and sizes here")


def run(options: argparse.Namespace, session: Session, progress: Progress) -> int:
    """Print the layer."""
    for way in ("in", "out"):
        channels = getattr(options, f"{way}_channels")
        if channels < 1:
            raise UsageError(f"--{way}-channels must be at least 1, not {channels}")
    if options.degree is not None and options.module is not None:
        raise UsageError("--degree and --module exclude each other")
    if options.output is not None:
        if Path(options.output).suffix != ".npz":
            raise UsageError(f"--output must end in .npz, not {options.output!r}")
        require_folder(options.output)
    G = chosen_group(options, session)
    X = _source(G, options)
    Y = X if options.to is None else pick_module(G, options.to)
    orbitals, exact, why_not = _both_counts(G, X, Y)
    data = _data(G, X, Y, orbitals, exact, options)
    progress.close()
    if options.output is not None:
        import numpy as np

        with writing(options.output) as path:
            signs = _signs(orbitals)
            arrays: dict[str, Any] = {"labels": orbitals.labels, "sizes": orbitals.sizes}
            arrays |= {} if signs is None else {"signs": signs}
            with written_whole(path) as beside, beside.open("wb") as file:
                np.savez_compressed(file, **arrays)
    if options.json:
        print_json(data)
    else:
        console = Console()
        console.write(*_page(data, orbitals, why_not, console))
        if options.output is not None:
            console.write("", f"  labels and sizes are in {options.output}")
    return 0


def _source(G: Group, options: argparse.Namespace) -> Module:
    X: Module
    if options.degree is not None:
        X = module_of_degree(G, options.degree)
    elif options.module is not None:
        X = pick_module(G, options.module)
    else:
        X = pick_module(G, "points" if G.facts.points else "regular")
    return X if options.orbit is None else one_orbit(X, options.orbit)


def _both_counts(
    G: Group, X: Module, Y: Module
) -> tuple[Orbitals | SignedOrbitals, int | None, str]:
    from toolkit.errors import (
        GapCrashedError,
        GapTimeoutError,
        InconsistentAnswerError,
        NotCachedError,
    )
    from toolkit.library.layers import orbitals as orbitals_of
    from toolkit.modules.module import hom_dimension_by_characters

    if max(X.degree, Y.degree) > 10**6:
        raise NotAvailable(
            G.name, "the orbitals", f"{number(max(X.degree, Y.degree))} points are too many to list"
        )
    orbitals = orbitals_of(X, Y)
    try:
        exact = hom_dimension_by_characters(X, Y)
    except NotAvailable as error:
        return orbitals, None, error.reason
    except (GapTimeoutError, GapCrashedError, NotCachedError) as error:
        return orbitals, None, str(error)
    if orbitals.count != exact:
        raise InconsistentAnswerError(
            G.name, f"{exact} orbitals, by characters", f"{orbitals.count}"
        )
    return orbitals, exact, ""


def _data(
    G: Group,
    X: Module,
    Y: Module,
    orbitals: Orbitals | SignedOrbitals,
    exact: int | None,
    options: argparse.Namespace,
) -> dict[str, Any]:
    dimension, channels = orbitals.count, options.in_channels * options.out_channels
    signs = _signs(orbitals)
    # a bias for each invariant function of the target
    biases = Y.orbit_count if signs is None else sum(s.opposites is None for s in Y.sheets)
    small = X.degree * Y.degree <= _MOST_ENTRIES
    return {
        "schema": 1,
        "group": G.name,
        "source": {"module": X.name, "degree": X.degree},
        "target": {"module": Y.name, "degree": Y.degree},
        "dimension": dimension,
        "dimension_by_characters": exact,
        "orbitals": dimension,
        "sizes": orbitals.sizes.tolist(),
        "labels": orbitals.labels.tolist() if small else None,
        **({} if signs is None else {"signs": signs.tolist() if small else None}),
        "parameters": {
            "in_channels": options.in_channels,
            "out_channels": options.out_channels,
            "weights": dimension * channels,
            "bias": biases * options.out_channels,
            "dense_weights": X.degree * Y.degree * channels,
            "dense_bias": Y.degree * options.out_channels,
        },
    }


def _signs(orbitals: Orbitals | SignedOrbitals) -> NDArray[np.int8] | None:
    """Return the signs of the entries, if a module is signed."""
    from toolkit.modules.gsets.orbitals import Orbitals

    return None if isinstance(orbitals, Orbitals) else orbitals.signs


def _page(
    data: dict[str, Any], orbitals: Orbitals | SignedOrbitals, why_not: str, console: Console
) -> list[str]:
    X, Y, numbers = data["source"], data["target"], data["parameters"]
    same = X == Y
    title = f"{data['group']}: {_named(X)} to {'itself' if same else _named(Y)}"
    exact = data["dimension_by_characters"]
    agree = f"{exact} by characters: they agree"
    if exact is None:
        agree = f"not checked by characters: {one_line(why_not)}"
    lines = [console.bold(title[: console.width]), ""]
    count = counted(data["orbitals"], "orbital")
    lines += wrapped(f"dimension   {count}; {agree}", console, hang=" " * 12)
    sizes = wrapped(f"sizes       {_runs(data['sizes'])}", console, hang=" " * 12)
    if len(sizes) > _MOST_LINES:
        sizes = [*sizes[:_MOST_LINES], " " * 14 + "and more; --json has them all"]
    lines += sizes
    channels = f"{numbers['in_channels']} to {numbers['out_channels']} channels"
    if numbers["in_channels"] == numbers["out_channels"] == 1:
        channels = "1 channel"
    biases = "invariants of the target" if "signs" in data else "orbits of the target"
    lines += [
        "",
        console.heading(f"Parameters, {channels}"),
        *table(
            console,
            [
                Column("", ["weights", "bias"]),
                Column("equivariant", [numbers["weights"], numbers["bias"]], right=True),
                Column("dense", [numbers["dense_weights"], numbers["dense_bias"]], right=True),
                Column(
                    "",
                    [
                        "orbitals · in · out",
                        f"{biases} · out",
                    ],
                ),
            ],
        ),
    ]
    m, n = Y["degree"], X["degree"]
    wide = 1 if data["orbitals"] <= len(_LETTERS) else len(str(data["orbitals"] - 1))
    signs = _signs(orbitals)
    wide += signs is not None  # a minus before the mark
    if (wide + 1) * n + 2 <= console.width and m <= 48:
        names = list(_LETTERS) if data["orbitals"] <= len(_LETTERS) else []
        names = names or [str(i) for i in range(data["orbitals"])]
        marks = [[names[k] if k >= 0 else "." for k in row] for row in orbitals.labels.tolist()]
        title = "Shared weights, equal where the marks are equal"
        if signs is not None:
            title += "; with the sign shown, . is 0"
            marks = [
                [("-" if sign < 0 else "") + mark for mark, sign in zip(row, own, strict=True)]
                for row, own in zip(marks, signs.tolist(), strict=True)
            ]
        lines += ["", console.heading(title)]
        lines += ["  " + " ".join(mark.rjust(wide) for mark in row) for row in marks]
    else:
        text = f"The {m} x {n} matrix of shared weights is too wide to print; --output FILE.npz"
        lines += ["", *wrapped(text + " writes it.", console)]
    return lines


def _named(module: dict[str, Any]) -> str:
    name, degree = module["module"], module["degree"]
    return name if name.startswith(f"{degree} point") else f"{name} ({degree} points)"


def _runs(sizes: list[int]) -> str:
    """Return the sizes, equal ones next to each other as ``6 × 8``."""
    runs: list[list[int]] = []
    for size in sizes:
        if runs and runs[-1][1] == size:
            runs[-1][0] += 1
        else:
            runs.append([1, size])
    return ", ".join(f"{size}" if k == 1 else f"{k} × {size}" for k, size in runs)
