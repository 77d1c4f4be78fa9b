"""``plrep graph``: the interaction graph of a module, as a table, as data or as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.cli.console import Console, UsageError, wrapped
from toolkit.cli.options import (
    ACTIVATION_HELP,
    add_module,
    chosen_group,
    chosen_labels,
    chosen_module,
)
from toolkit.cli.output import PICTURES, chosen_format, print_json, writing
from toolkit.files import write_whole
from toolkit.text import graph_title

if TYPE_CHECKING:
    import argparse

    import networkx as nx

    from toolkit.cli.progress import Progress
    from toolkit.library.session import Session
    from toolkit.modules.module import Module
    from toolkit.pl.activations.activation import Activation

DESCRIPTION = """\
Shows the interaction graph of a permutation module, with an edge from the simple L to the simple K
if K occurs in f(v) for v in the L-part. Edges are exact. Each edge has the part of f that produces
it, the dimension of K that is reached, and its share of the energy. --closure shows all simples
that a network on the module can produce from the given ones, step by step. --lattice shows the
lattice of normal subgroups, or of subgroups up to conjugacy.
"""
EPILOG = """\
examples:
  plrep graph C8 --activation relu
  plrep graph S4 --module points --activation abs
  plrep graph D8 --module regular --format dot | dot -Tpdf > d8.pdf
  plrep graph "SmallGroup(24,12)" --output graph.svg
  plrep graph C7 x C3 --module points --orbit 1 --json
  plrep graph S4 --activation "polynomial(1,0,0,1)" --bias
  plrep graph C6 --closure L1,L2
  plrep graph C1000000000 --compressed --json
  plrep graph S4 --format tikz > s4.tex
  plrep graph D8 --lattice subgroups --output d8.tex
"""
_ENDINGS = {
    **{f".{kind}": kind for kind in ("json", "dot", "graphml", *PICTURES)},
    ".txt": "table",
    ".gv": "dot",
    ".tex": "tikz",
    ".xml": "graphml",
}


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    add_module(parser)
    parser.add_argument("--activation", default="relu", metavar="F", help=ACTIVATION_HELP)
    parser.add_argument("--bias", action="store_true", help="add a constant before the activation")
    parser.add_argument(
        "--closure", metavar="L1,L2", help="the closure of these simples instead of the graph"
    )
    parser.add_argument(
        "--compressed",
        action="store_true",
        help="one node for all simples with the same edges: works even for C1000000000",
    )
    parser.add_argument(
        "--format",
        choices=("table", "json", "dot", "graphml", "tikz", *PICTURES),
        help="default: by the suffix of the output file, else table; tikz is a LaTeX document",
    )
    parser.add_argument(
        "--lattice",
        choices=("normal", "subgroups"),
        help="of normal subgroups or of classes of subgroups, as json, graphml or tikz (default)",
    )
    parser.add_argument(
        "--output", "-o", metavar="FILE", help="write to this file instead of the screen"
    )


def run(options: argparse.Namespace, session: Session, progress: Progress) -> int:
    """Print or write the graph."""
    kind = chosen_format(options, _ENDINGS, "graph")
    if options.lattice:
        return _lattice(options, session, progress)
    from toolkit.pl.activations.activation import find_activation

    activation = find_activation(options.activation)
    X = chosen_module(options, session)
    if options.closure is not None:
        return _closure(X, options, activation, progress)
    from toolkit.pl.interactions.graph import interaction_graph

    graph = interaction_graph(X, activation, bias=options.bias, compressed=options.compressed)
    progress.close()
    if options.output is None:
        console = Console()
        console.write(_text(graph, kind, console.width).rstrip("\n"))
        return 0
    with writing(options.output) as path:
        if kind in PICTURES:
            from toolkit.figures import draw_interaction_graph

            draw_interaction_graph(graph, path, format=kind)
        else:
            write_whole(path, _text(graph, kind, 100).rstrip("\n") + "\n")
    return 0


def _lattice(options: argparse.Namespace, session: Session, progress: Progress) -> int:
    """Print or write the lattice of normal subgroups, or of classes of subgroups."""
    kind = chosen_format(options, _ENDINGS, "lattice")
    if kind == "table" and options.format is None:
        kind = "tikz"
    if kind not in ("json", "graphml", "tikz"):
        raise UsageError(f"a lattice is written as json, graphml or tikz, not as {kind}")
    if options.closure is not None:
        raise UsageError("--lattice and --closure exclude each other")
    G = chosen_group(options, session)
    if options.lattice == "normal":
        graph = G.normal_subgroups(generators=False).graph
    else:
        graph = G.table_of_marks().graph
    text = _text(graph, kind, 100)
    progress.close()
    if options.output is None:
        Console().write(text.rstrip("\n"))
        return 0
    with writing(options.output) as path:
        write_whole(path, text.rstrip("\n") + "\n")
    return 0


def _closure(X: Module, options: argparse.Namespace, f: Activation, progress: Progress) -> int:
    """Print what the given simples produce together, step by step."""
    if options.output or options.format not in (None, "json", "table"):
        raise UsageError("--closure is printed as a text or with --json, not as a picture or file")
    from toolkit.pl.interactions.graph import Interactions

    engine = Interactions(X, f, bias=options.bias)
    start = chosen_labels(options.closure, engine.labels, X.name)
    steps = [start]
    while True:
        new = {r.label for r in engine.occurring(steps[-1])} - set(steps[-1])
        if not new:
            break
        steps.append(engine.require((*steps[-1], *new)))
    progress.close()
    if options.json or options.format == "json":
        data = {
            "group": X.group,
            "module": X.name,
            "activation": f.name,
            "bias": options.bias,
            "sources": list(start),
            "closure": list(steps[-1]),
            "steps": [list(s) for s in steps],
            "simples": list(engine.labels),
        }
        print_json(data)
        return 0
    console = Console()
    bias = "with bias" if options.bias else "no bias"
    console.write(f"{X.group_title}, {X.name}, {f.name}, {bias}: closure of {', '.join(start)}", "")
    for number, s in enumerate(steps):
        before = set(steps[number - 1]) if number else set()
        added = [label for label in s if label not in before]
        word = "start" if number == 0 else f"step {number}"
        console.write(*wrapped(f"{word}: {' '.join(added)}", console, hang="  "))
    count, whole = len(steps[-1]), len(engine.labels)
    console.write("", f"  {count} of {whole} simples; the others do not occur for any weights")
    return 0


def _text(graph: nx.DiGraph[str], kind: str, width: int) -> str:
    from toolkit import formats

    if kind == "table":
        page = formats.to_table(graph, width=width)
        said = str(graph.graph["shares"])
        if said.startswith("none: "):
            import textwrap

            lines = textwrap.wrap(f"No shares: {said[6:]}.", min(100, max(60, width)))
            page = "\n".join([page.rstrip("\n"), "", *lines])
        return page
    if kind == "json":
        return formats.to_json(graph)
    if kind == "tikz":
        return formats.latex_document(formats.to_tikz(graph), title=graph_title(graph))
    return formats.to_dot(graph) if kind == "dot" else formats.to_graphml(graph)
