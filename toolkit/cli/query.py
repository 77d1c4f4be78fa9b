"""``plrep query``: a page about a group, or everything about it as JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from toolkit.cli.console import Console, UsageError
from toolkit.cli.options import chosen_group
from toolkit.cli.output import print_json
from toolkit.formats.group_page.answers import MOST, SECONDS, Gatherer

if TYPE_CHECKING:
    import argparse

    from toolkit.cli.progress import Progress
    from toolkit.library.session import Session

#: Classes of a character table that is listed in JSON.
_MOST_CLASSES = 1300

DESCRIPTION = """\
Shows a page about a finite group: its order and series, automorphisms, conjugacy classes, complex
characters, real simples with type and kernel, normal, Sylow and maximal subgroups, and the
permutation module of every class of subgroups. An unknown cell is a question mark. Everything that
is left out is listed at the end of its section, with the reason and the option that adds it.

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
  plrep query S4 --latex > s4.tex

keys of the JSON object (numbers are exact; a cyclotomic is an integer, or
[conductor, [[exponent, numerator, denominator], ...]]; indices are 0-based):
  schema            1
  group, spec       canonical name, and its syntax tree
  aliases           other names; descriptions, not identifiers
  facts             order, generators, id, description, exponent, abelian_invariants, ...
  character_table   classes, power_maps, values, rows (indices into values; row i is the complex
                    character Xi, gap_characters[i] its place in GAP's table), indicators, simples
  normal_subgroups  subgroups (label, order, index, classes, quotient), covers (pairs)
  subgroup_classes  classes (label, order, index, length, generators, class_counts), complete
  subgroup_names    per label of a (normal) subgroup a name for reading, or null
  modules           per class of subgroups: label, multiplicities, rank, primitive (or null)
  series            chief (orders from the top) and its factors, lower_central, upper_central
  sylow_subgroups   prime, order, count, generators, name, normaliser_order, normaliser_name
  maximal_subgroups order, index, length, generators, name
  automorphisms     automorphisms, inner: orders of Aut(G) and Inn(G)
  schur_multiplier  abelian invariants
  presentation      of f1, f2, ...: orders, powers, conjugates; null if elements are permutations
  cycle_types       per class, where elements are permutations of the natural points, else null
  partitions        per simple of S_n in its natural action (Specht modules), else null
  natural_module    per orbit of the natural action: degree and its spherical table
  not_available     what could not be answered, the reason, and the rows if some are concerned
A part, or an entry of a row, that was not answered or not asked for, is null.
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
    parser.add_argument("--no-subgroups", action="store_true", help="leave out the subgroups")
    parser.add_argument("--full", action="store_true", help="never shorten a table or a list")
    parser.add_argument(
        "--most",
        type=int,
        metavar="N",
        help=f"names and modules of the N largest classes of subgroups (default: {MOST})",
    )
    parser.add_argument(
        "--seconds",
        type=float,
        metavar="N",
        help="also ask slow questions, each for at most N seconds (default: only questions "
        f"that are likely to be quick, {SECONDS:g} s each)",
    )
    parser.add_argument(
        "--latex",
        action="store_true",
        help="the tables as a LaTeX document (booktabs), with the lattice of normal subgroups",
    )
    parser.add_argument(
        "--gap-order",
        action="store_true",
        help="also show the numbers of classes and the names of characters, X.1, X.2, ..., in "
        "GAP's own table",
    )


def run(options: argparse.Namespace, session: Session, progress: Progress) -> int:
    """Print the page."""
    if options.max_index is not None and options.max_index < 1:
        raise UsageError(f"--max-index must be at least 1, not {options.max_index}")
    if options.most is not None and options.most < 1:
        raise UsageError(f"--most must be at least 1, not {options.most}")
    if options.seconds is not None and not 0 < options.seconds < math.inf:
        raise UsageError(f"--seconds must be a number above 0, not {options.seconds:g}")
    G = chosen_group(options, session)
    G.facts  # noqa: B018 - a group that cannot be made has no page: its error is the answer
    most = None if options.full else options.most or MOST
    gather = Gatherer(G, seconds=options.seconds, most=most)
    if options.json and options.latex:
        raise UsageError("--json and --latex exclude each other")
    if options.latex:
        from toolkit.cli.page.latex import page_in_latex

        text = page_in_latex(gather, options)
        progress.close()
        Console().write(text.rstrip("\n"))
        return gather.status
    if options.json:
        data = _data(gather, options)
        progress.close()
        print_json(data)
        return gather.status
    from toolkit.cli.page.sections import sections

    console = Console(full=options.full)
    for lines in sections(gather, options, console):
        progress.hide()
        console.write(*lines)
    return gather.status


def _data(gather: Gatherer, options: argparse.Namespace) -> dict[str, Any]:
    from toolkit.exact.records import encode

    G = gather.group
    table = gather.table() if G.has_table else gather.get("the table", lambda: G.character_table)
    normal = gather.normal_subgroups() if table is not None else None
    names: dict[str, str | None] = {}
    if normal is not None:
        names |= gather.subgroup_names(normal, "names of normal subgroups")
    classes = modules = None
    if not options.no_subgroups:
        classes = gather.subgroup_classes(options.max_index)
        if classes is not None:
            modules = [row._asdict() for row in gather.coset_modules(table, classes)]
            names |= gather.subgroup_names(classes, "names of subgroups")
    gather.note_without_table(table)
    listed = None
    if table is not None and (options.full or len(table) <= _MOST_CLASSES):
        listed = encode(table)
    elif table is not None:
        reason = f"it has {len(table)} classes, listed up to {_MOST_CLASSES}; --full lists all"
        gather.miss("the character table", reason)
    natural = [
        {"degree": part.module.degree, "spherical_table": encode(part.table)}
        for part in gather.natural_parts()
    ]
    return {
        "schema": 1,
        "group": G.name,
        "spec": G.spec.to_json(),
        "aliases": list(G.aliases),
        "facts": encode(gather.facts),
        "character_table": listed,
        "normal_subgroups": encode(normal),
        "subgroup_classes": encode(classes),
        "subgroup_names": names or None,
        "modules": modules,
        "series": encode(gather.series),
        "sylow_subgroups": encode(gather.sylow),
        "maximal_subgroups": encode(gather.maximal),
        "automorphisms": encode(gather.automorphisms),
        "schur_multiplier": encode(gather.multiplier),
        "presentation": encode(gather.presentation),
        "cycle_types": encode(gather.cycle_types),
        "partitions": encode(gather.partitions),
        "natural_module": natural or None,
        "not_available": gather.missing,
    }
