"""``plrep map``: the equivariant map between two simples, as numbers, as data or as a picture."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from toolkit.cli.console import PAGE_WIDTH, Column, Console, UsageError, table, wrapped
from toolkit.cli.options import MODULE_HELP, add_group, chosen_module, one_orbit
from toolkit.cli.output import PICTURES, chosen_format, json_text, writing
from toolkit.files import write_whole
from toolkit.text import counted, readable

if TYPE_CHECKING:
    import argparse

    import numpy as np
    from numpy.typing import NDArray

    from toolkit.cli.progress import Progress
    from toolkit.library.session import Session
    from toolkit.pl.arrangements.flats import Progress as Flats
    from toolkit.pl.maps.pieces import LinearPiece
    from toolkit.pl.maps.pl_map import PLMap

DESCRIPTION = """\
Describes the map "include, activate, project" from a simple L to a simple K: it sends v to a copy
of L in Fun(X), applies the activation f to every coordinate, and projects to a copy of K. It is
piecewise linear for f = a|t| + bt (relu, abs), and piecewise affine for hardtanh, relu6 and similar
activations. If L or K occurs more than once, a generic copy is used. For generic copies the map is
zero if and only if plrep graph has no edge through a non-polynomial part of f; for a special copy
it can be zero more often. The output says whether the map is zero, and gives its hyperplanes, its
regions and one matrix for each orbit of regions.
"""
EPILOG = """\
examples:
  plrep map S4 --module points --source L3 --target L3
  plrep map C8 --source L3 --target L1 --activation abs
  plrep map S3 --module points --source L2 --target L2 --activation hardtanh
  plrep map C8 --source L3 --target L0 --output fan.svg
  plrep map S4 --module H4c --source L4 --target L0 --picture slices --output slices.png
  plrep map Q8 --source L4 --target L0 --json
  plrep map "C7 x C3" --module points --source L0 --target L0
"""
_ENDINGS = {".json": "json", ".txt": "table", **{f".{kind}": kind for kind in PICTURES}}
_MOST_PIECES = 12


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    add_group(parser)
    parser.add_argument("--source", metavar="L", required=True, help="label of the first simple")
    parser.add_argument("--target", metavar="K", required=True, help="label of the second")
    parser.add_argument(
        "--module",
        metavar="X",
        help=f"{MODULE_HELP} (default: regular, or points where there is no character table)",
    )
    parser.add_argument(
        "--orbit",
        metavar="N",
        help="the N-th orbit of points, counted from 1, or all (default: all, their sum)",
    )
    for way, simple in (("source", "L"), ("target", "K")):
        parser.add_argument(
            f"--{way}-copy",
            type=int,
            metavar="N",
            help=f"which copy of {simple} in Fun(X), counted from 1: a special choice (default: "
            "a fixed generic copy, for which the map is zero only if it is for all "
            "copies)",
        )
    parser.add_argument(
        "--activation", default="relu", metavar="F", help="as for plrep graph (default: relu)"
    )
    parser.add_argument(
        "--picture",
        default="auto",
        metavar="KIND",
        help="graph, plane, contour, surface, image, sphere or slices (default: what fits)",
    )
    parser.add_argument(
        "--format",
        choices=("table", "json", *PICTURES),
        help="default: by the suffix of the output file, else table",
    )
    parser.add_argument(
        "--output", "--out", "-o", metavar="FILE", help="write to this file instead of the screen"
    )


def run(options: argparse.Namespace, session: Session, progress: Progress) -> int:
    """Print or write the map."""
    kind = _format(options)
    from toolkit.pl.activations.activation import find_activation

    activation = find_activation(options.activation)
    from toolkit.library.pl_maps import pl_map

    X = chosen_module(options, session)
    copies: list[int | None] = []
    for way in ("source", "target"):
        label, copy = getattr(options, way), getattr(options, f"{way}_copy")
        many = X.multiplicities.get(label, 0)
        if copy is None:
            copies.append(None)
            continue
        one_orbit(X)  # copies are numbered on one orbit
        if many and not 1 <= copy <= many:
            raise UsageError(
                f"{label} occurs {counted(many, 'time')} in {X.name} of {X.group_title}, "
                f"so that --{way}-copy must be between 1 and {many}, not {copy}"
            )
        copies.append(copy - 1)
    progress.say(f"the vectors of {options.source} and {options.target}")
    phi = pl_map(X, options.source, options.target, activation, w=copies[0], u=copies[1])
    if phi.is_piecewise_linear:
        progress.say("the regions between the hyperplanes")
        phi.count_regions(
            progress=lambda found: progress.say(_how_far(found, len(phi.hyperplanes)))
        )
        progress.say("one matrix for each orbit of regions")
    if kind in PICTURES:
        from toolkit.figures import draw_pl_map

        with writing(options.output) as path:
            draw_pl_map(phi, path, kind=options.picture, format=kind)
        return 0
    console = Console()
    if options.output is not None:
        console.width = PAGE_WIDTH
    text = json_text(map_data(phi, options)) if kind == "json" else "\n".join(_page(phi, console))
    progress.close()
    if options.output is None:
        console.write(text)
        return 0
    with writing(options.output) as path:
        write_whole(path, text + "\n")
    return 0


def _how_far(found: Flats, many: int) -> str:
    """Return how far a count of regions is, for the progress line."""
    return (
        f"regions of {counted(many, 'hyperplane')}: flats of rank {found.rank} of {found.ranks}, "
        f"{found.classes} kinds so far"
    )


def _format(options: argparse.Namespace) -> str:
    kind = chosen_format(options, _ENDINGS, "map")
    if options.picture != "auto":
        from toolkit.figures.map.picture import KINDS

        if options.picture not in KINDS:
            raise UsageError(f"--picture must be one of {', '.join(KINDS)}")
        if kind not in PICTURES:
            raise UsageError("--picture needs a file for the picture: add --output map.svg")
    return kind


def _pieces(phi: PLMap) -> tuple[tuple[LinearPiece, ...] | None, str]:
    """Return the linear pieces, or none and why."""
    from toolkit.errors import NotAvailable

    if not phi.is_piecewise_linear:
        return None, f"{phi.activation.name} is not piecewise linear: no regions"
    try:
        return phi.matrices, ""
    except NotAvailable as error:
        return None, error.reason


# -- as data ---------------------------------------------------------------------------------------


def map_data(phi: PLMap, options: argparse.Namespace) -> dict[str, Any]:
    """Return the map as one JSON object.

    ``copy`` is the number that was given, from 1, or null; ``chosen`` names the copy in words.
    Without pieces, where there are too many regions or the activation is not piecewise linear,
    ``pieces`` is null and ``no_pieces`` says why. The hyperplanes are <v, normal> = offset, and on
    a piece the map is v -> matrix v + constant.
    """
    piecewise = phi.is_piecewise_linear
    pieces, why_not = _pieces(phi)
    return {
        "schema": 1,
        "group": phi.group,
        "module": phi.module,
        "activation": phi.activation.name,
        **{
            way: {
                "label": end.label,
                "dimension": end.dimension,
                "copy": copy,
                "chosen": end.copy or "the only copy",
            }
            for way, end, copy in (
                ("source", phi.source, options.source_copy),
                ("target", phi.target, options.target_copy),
            )
        },
        "zero": {
            "is_zero": phi.is_zero,
            "certainty": phi.zero.certainty,
            "parts": [asdict(part) for part in phi.zero.parts],
        },
        "homogeneous": phi.is_homogeneous,
        "lines": len(phi.normals),
        "hyperplanes": _rounded(phi.hyperplanes) if piecewise else None,
        "offsets": _rounded(phi.offsets) if piecewise else None,
        "regions": {
            "count": phi.regions.count,
            "certainty": phi.regions.certainty,
            "reason": phi.regions.reason,
        }
        if piecewise
        else None,
        # JSON has no infinity: null if the map jumps
        "lipschitz": {
            "value": phi.lipschitz.value if math.isfinite(phi.lipschitz.value) else None,
            "certainty": phi.lipschitz.certainty,
        }
        if piecewise
        else None,
        "pieces": None
        if pieces is None
        else [
            {
                "regions": piece.size,
                "point": _rounded(piece.region.point),
                "matrix": _rounded(piece.matrix),
                "constant": _rounded(piece.constant),
            }
            for piece in pieces
        ],
        "no_pieces": why_not or None,
    }


def _rounded(array: NDArray[np.float64]) -> Any:  # noqa: ANN401 - nested lists of numbers
    """Return nested lists, rounded to 15 digits after the point, without negative zeros."""
    return (array.round(15) + 0.0).tolist()


# -- as a page -------------------------------------------------------------------------------------


def _page(phi: PLMap, console: Console) -> list[str]:
    title = f"{phi.group_title or phi.group}, {phi.module}: {phi.source.name} → {phi.target.name}"
    title += f" through {phi.activation.name}"
    lines = [console.bold(console.plain(title)[: console.width]), ""]

    def row(key: str, text: str) -> None:
        lines.extend(wrapped(f"{key.ljust(12)}{text}", console, hang=" " * 12))

    row("dimensions", f"{phi.source.dimension} → {phi.target.dimension}")
    copies = [f"{end.label}: {end.copy}" for end in (phi.source, phi.target) if end.copy]
    if copies:
        row("copies", "; ".join(dict.fromkeys(copies)))
    row("zero", f"{'yes' if phi.is_zero else 'no'} ({phi.zero.certainty})")
    for part in phi.zero.parts:
        does = "gives nothing" if part.vanishes else "contributes"
        text = f"{part.part} part {does}: {part.reason}"
        lines.extend(wrapped(text, console, indent=" " * 14, hang="  "))
    if not phi.is_piecewise_linear:
        row("regions", f"none: {phi.activation.name} is not piecewise linear")
        return lines
    n, count = len(phi.hyperplanes), phi.regions
    moved = f", {int((phi.offsets != 0).sum())} of them not through 0" if phi.offsets.any() else ""
    row("hyperplanes", f"{n}{moved}")
    number = readable(str(count.count))
    bound = "at least " if count.certainty == "lower bound" else ""
    row("regions", f"{bound}{number} ({count.certainty}): {count.reason}")
    steep = phi.lipschitz
    limit = "at most " if steep.certainty == "upper bound" else ""
    jumps = "none: the map is not continuous"
    known = "" if steep.certainty == "upper bound" else f" ({steep.certainty})"
    row("Lipschitz", f"{limit}{steep.value:.6g}{known}" if math.isfinite(steep.value) else jumps)
    pieces, why_not = _pieces(phi)
    if pieces is None:
        row("matrices", why_not)
        return lines
    if phi.is_zero:
        return lines
    shown = pieces[:_MOST_PIECES]
    numbers: list[str] = []
    sizes: list[str] = []
    matrices: list[str] = []
    constants: list[str] = []
    for place, piece in enumerate(shown, 1):
        for line, text in enumerate(_matrix_lines(piece.matrix)):
            numbers.append(str(place) if line == 0 else "")
            sizes.append(str(piece.size) if line == 0 else "")
            matrices.append(text)
        constants += [f"{x:.4f}" for x in (piece.constant.round(4) + 0.0).tolist()]
    columns = [
        Column("orbit", numbers, right=True),
        Column("regions", sizes, right=True),
        Column("matrix", matrices),
    ]
    if any(abs(piece.constant).max() > 1e-9 for piece in pieces):
        columns.append(Column("constant", constants, right=True))
    lines += ["", console.heading("One matrix for each orbit of regions"), *table(console, columns)]
    if len(pieces) > len(shown):
        lines += ["", f"  and {len(pieces) - len(shown)} more orbits; --json has them all"]
    return lines


def _matrix_lines(matrix: NDArray[np.float64]) -> list[str]:
    """Return the rows of a matrix, numbers with four digits after the point."""
    cells = [[f"{x:.4f}" for x in row] for row in (matrix.round(4) + 0.0).tolist()]
    wide = max(len(x) for row in cells for x in row)
    return ["[" + "  ".join(x.rjust(wide) for x in row) + "]" for row in cells]
