"""``plrep transfer``: how much energy an activation moves from simple to simple."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from toolkit.cli.console import Column, Console, UsageError, blocks
from toolkit.cli.options import ACTIVATION_HELP, add_module, chosen_module
from toolkit.cli.output import print_json

if TYPE_CHECKING:
    import argparse

    from toolkit.cli.progress import Progress
    from toolkit.library.session import Session
    from toolkit.modules.module import Module
    from toolkit.pl.activations.activation import Activation

DESCRIPTION = """\
Shows the expected share of the energy of f(v) in each simple K, for Gaussian v in one simple L.
Each row belongs to one L and sums to 1. --spectrum and --depth show the spectrum of an input before
each activation of an infinitely wide network of random equivariant layers.
"""
EPILOG = """\
examples:
  plrep transfer S4 --module points --activation gelu
  plrep transfer C12 --activation tanh --variance 4
  plrep transfer D8 --activation relu --bias --json
  plrep transfer C8 --spectrum L3=1,L4=2 --depth 5
"""
_MOST_DEPTH = 10_000


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    add_module(parser)
    parser.add_argument("--activation", default="relu", metavar="F", help=ACTIVATION_HELP)
    parser.add_argument(
        "--bias", action="store_true", help="add a Gaussian constant of the same energy first"
    )
    parser.add_argument(
        "--variance",
        type=float,
        default=1.0,
        metavar="S",
        help="the variance of each coordinate (default: 1)",
    )
    parser.add_argument(
        "--spectrum", metavar="L1=A,L2=B", help="energies of the input, instead of single simples"
    )
    parser.add_argument("--depth", type=int, metavar="N", help="the number of layers (default: 1)")


def run(options: argparse.Namespace, session: Session, progress: Progress) -> int:
    """Print the matrix, or the spectra."""
    if not (math.isfinite(options.variance) and options.variance > 0):
        raise UsageError(f"--variance must be a positive number, not {options.variance}")
    if options.depth is not None and options.spectrum is None:
        raise UsageError("--depth needs a --spectrum such as L1=1")
    if options.depth is not None and not 0 <= options.depth <= _MOST_DEPTH:
        raise UsageError(f"--depth must be from 0 to {_MOST_DEPTH}, not {options.depth}")
    if options.bias and options.spectrum is not None:
        raise UsageError("--bias and --spectrum exclude each other: give energy to L0 instead")
    from toolkit.pl.activations.activation import find_activation

    f = find_activation(options.activation)
    X = chosen_module(options, session)
    data = _spectra(X, f, options) if options.spectrum is not None else _matrix(X, f, options)
    progress.close()
    if options.json:
        print_json(data)
        return 0
    console = Console()
    console.write(*_page(data, console))
    return 0


def _head(X: Module, f: Activation, options: argparse.Namespace) -> dict[str, Any]:
    return {
        "group": X.group,
        "module": X.name,
        "activation": f.name,
        "bias": options.bias,
        "variance": options.variance,
        "closed_form": f.closed_dual is not None,
        "dual_error": f.ratio_error(options.variance),
        "activation_parts": f.parts_are,
    }


def _matrix(X: Module, f: Activation, options: argparse.Namespace) -> dict[str, Any]:
    from toolkit.pl.criterion.of_module import labels_of, orbit_criteria
    from toolkit.pl.transfer.matrix import error_of_orbits, transfer_of_orbits

    orbits = orbit_criteria(X)
    matrix = transfer_of_orbits(orbits, f, bias=options.bias, variance=options.variance)
    error = error_of_orbits(orbits, f, bias=options.bias, variance=options.variance)
    return {
        **_head(X, f, options),
        "share_error": error,
        "simples": list(labels_of(orbits)),
        "shares": matrix.tolist(),
    }


def _spectra(X: Module, f: Activation, options: argparse.Namespace) -> dict[str, Any]:
    from toolkit.errors import ModuleMismatchError
    from toolkit.pl.transfer.depth import spectra_by_depth

    spectrum = {}
    for word in options.spectrum.split(","):
        label, _, energy = (x.strip() for x in word.partition("="))
        if label in spectrum:
            raise UsageError(f"--spectrum names {label[:20]} twice")
        try:
            spectrum[label] = float(energy or 1)
        except ValueError:
            raise UsageError(f"--spectrum is written L1=0.5,L2=1, not {word[:30]!r}") from None
    depth = 1 if options.depth is None else options.depth
    try:
        layers = spectra_by_depth(X, spectrum, f, depth, variance=options.variance)
    except (KeyError, ModuleMismatchError) as error:
        raise UsageError(str(error.args[0] if error.args else error)) from None
    labels = list(layers[0].shares)
    return {
        **_head(X, f, options),
        "simples": labels,
        "layers": [{"depth": s.depth, "shares": list(s.shares.values())} for s in layers],
    }


def _page(data: dict[str, Any], console: Console) -> list[str]:
    bias = ", with bias" if data["bias"] else ""
    title = f"{data['group']}, {data['module']}, {data['activation']}{bias}"
    if "layers" in data:
        title += f": spectrum before each of {len(data['layers'])} layers"
        key = Column("layer", [str(layer["depth"]) for layer in data["layers"]], right=True)
        rows = [layer["shares"] for layer in data["layers"]]
    else:
        title += ": share of the energy that goes from row to column"
        key = Column("from", data["simples"])
        rows = data["shares"]
    columns = [
        Column(label, [_share(row[i]) for row in rows], right=True)
        for i, label in enumerate(data["simples"])
    ]
    lines = [title, ""]
    for block in blocks(console, [key], columns):
        lines += [*block, ""]
    how = "in closed form" if data["closed_form"] else f"accurate to {data['dual_error']:.0e}"
    error = f"; shares to {data['share_error']:.0e}" if "share_error" in data else ""
    known = f"the dual function is {how}{error}"
    lines.append(f"  coordinates of variance {data['variance']:g}; {known}")
    return lines


def _share(share: float) -> str:
    if 0 < share < 5e-5:
        return "<0.0001" if share > 1e-12 else "0"
    return f"{share:.4f}" if share else "0"
