"""``plrep query``: a page about a group, or everything about it as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.cli.console import Console, UsageError
from toolkit.cli.options import chosen_group
from toolkit.cli.output import print_json
from toolkit.cli.page.answers import Gatherer

if TYPE_CHECKING:
    import argparse

    from toolkit.cli.progress import Progress
    from toolkit.library.session import Session

DESCRIPTION = """\
A page about a finite group: its order and series, conjugacy classes, complex characters, real
simples with type and kernel, normal subgroups, and the permutation module of every class of
subgroups. What cannot be computed is named in one line, with the reason.

NAME is C8, D8 (order 8), Q16, S5, A5, M11, SL(2,3), PSL(2,7), AGL(1,5), SmallGroup(24,12),
TransitiveGroup(8,3), PrimitiveGroup(9,4), a product C4 x S3, a wreath product C2 wr S3, a power
C2^3, generators <(1,2,3), (1,2)>, a presentation <a,b | a^4, b^2, (a*b)^2>, matrices
<[[1,1],[0,1]] | GF(3)>, or Table(M) for a library character table.
"""
EPILOG = """\
examples:
  plrep query S4
  plrep query "SmallGroup(24,12)" --json
  plrep query M11 --max-index 66
  plrep query "<a,b | a^4, b^2, (a*b)^2>" --no-subgroups

keys of the JSON object (numbers are exact; a cyclotomic is an integer, or
[conductor, [[exponent, numerator, denominator], ...]]; indices are 0-based):
  schema            1
  group, spec       canonical name, and its syntax tree
  aliases           other names; descriptions, not identifiers
  facts             order, generators, id, description, exponent, abelian_invariants, ...
  character_table   classes, power_maps, values, rows (indices into values), indicators, simples
  normal_subgroups  subgroups (label, order, index, classes, quotient), covers (pairs)
  subgroup_classes  classes (label, order, index, length, generators, class_counts), complete
  modules           per class of subgroups: label, multiplicities, rank, primitive
  natural_module    per orbit of the natural action: degree and its spherical table
  not_available     what could not be answered, and the reason
A part that was not answered, or not asked for, is null.
"""


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    parser.add_argument("name", metavar="NAME", nargs="+", help="the group; quote < > | ( )")
    parser.add_argument(
        "--max-index",
        type=int,
        metavar="N",
        help="only subgroups of index at most N, for groups with too many",
    )
    parser.add_argument("--no-subgroups", action="store_true", help="leave the subgroups out")
    parser.add_argument("--full", action="store_true", help="never shorten a table")
    parser.add_argument(
        "--gap-order",
        action="store_true",
        help="also show where classes and characters stand in GAP's own table",
    )


def run(options: argparse.Namespace, session: Session, progress: Progress) -> int:
    """Print the page."""
    if options.max_index is not None and options.max_index < 1:
        raise UsageError(f"--max-index must be at least 1, not {options.max_index}")
    G = chosen_group(options, session)
    G.facts  # noqa: B018 - a group that cannot be made has no page: its error is the answer
    gather = Gatherer(G)
    if options.json:
        data = _data(gather, options)
        progress.close()
        print_json(data)
        return gather.status
    from toolkit.cli.page.sections import sections

    console = Console()
    for lines in sections(gather, options, console):
        progress.hide()
        console.write(*lines)
    return gather.status


def _data(gather: Gatherer, options: argparse.Namespace) -> dict[str, Any]:
    from toolkit.exact.records import encode

    G = gather.group
    table = gather.table() if G.has_table else gather.get("the table", lambda: G.character_table)
    normal = gather.normal_subgroups() if table is not None else None
    classes = modules = None
    if not options.no_subgroups:
        classes = gather.subgroup_classes(options.max_index)
        if classes is not None:
            modules = gather.coset_modules(table, classes)
    natural = [
        {"degree": part.module.degree, "spherical_table": encode(part.table)}
        for part in gather.natural_parts()
    ]
    return {
        "schema": 1,
        "group": G.name,
        "spec": G.spec.to_json(),
        "aliases": list(G.aliases),
        "facts": encode(G.facts),
        "character_table": encode(table),
        "normal_subgroups": encode(normal),
        "subgroup_classes": encode(classes),
        "modules": None if modules is None else encode(modules),
        "natural_module": natural or None,
        "not_available": gather.missing,
    }
