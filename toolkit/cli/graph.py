"""``plrep graph``: the interaction graph of a module, as a table, as data or as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.console import Console, UsageError, wrapped
from toolkit.cli.module_options import MODULE_HELP, one_orbit, pick_module

if TYPE_CHECKING:
    import argparse

    import networkx as nx

    from toolkit.cli.progress import Progress
    from toolkit.library.group import Group
    from toolkit.library.session import Session
    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.pl.activations.activation import Activation

DESCRIPTION = """\
The interaction graph of a permutation module: an edge from the simple L to the simple K where K
occurs in f(v) for v in the L-part. Edges are exact. Each carries the part of f that gives it, how
much of K is reached, and its share of the energy. With --closure, instead of the graph: all that a
network on the module can produce from these simples together, step by step.
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
"""
ACTIVATION_HELP = (
    "relu, abs, leaky_relu(0.1), gelu, silu, tanh, elu, sigmoid, relu_squared, t^3, "
    "polynomial(1,0,2) and others; a wrong name lists them (default: relu)"
)
_TEXT = ("table", "json", "dot", "graphml")
_PICTURES = ("svg", "png", "pdf")
_ENDINGS = {".gv": "dot", ".txt": "table", ".xml": "graphml"}


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    parser.add_argument("name", metavar="NAME", nargs="+", help="the group, as for plrep query")
    parser.add_argument(
        "--module",
        metavar="M",
        help=f"{MODULE_HELP} (default: regular, or points where there is no character table)",
    )
    parser.add_argument(
        "--orbit", metavar="K", help="the K-th orbit of points, counted from 1, or all"
    )
    parser.add_argument("--activation", default="relu", metavar="F", help=ACTIVATION_HELP)
    parser.add_argument("--bias", action="store_true", help="add a constant before the activation")
    parser.add_argument(
        "--closure", metavar="L1,L2", help="the closure of these simples, not the graph"
    )
    parser.add_argument(
        "--format",
        choices=(*_TEXT, *_PICTURES),
        help="default: by the ending of the output file, else table",
    )
    parser.add_argument("--output", "-o", metavar="FILE", help="write here, not to the screen")


def run(options: argparse.Namespace, session: Session, progress: Progress) -> int:
    """Print or write the graph."""
    kind = _format(options)
    from toolkit.pl.activations.activation import find_activation

    activation = find_activation(options.activation)
    X = chosen_module(options, session)
    if options.closure is not None:
        return _closure(X, options, activation, progress)
    from toolkit.pl.interactions.graph import interaction_graph

    graph = interaction_graph(X, activation, bias=options.bias)
    progress.close()
    if kind in _PICTURES:
        from toolkit.figures.graph.picture import draw_interaction_graph

        try:
            draw_interaction_graph(graph, Path(options.output), format=kind)
        except OSError as error:
            raise _unwritable(options.output, error) from None
        return 0
    if options.output is None:
        console = Console()
        console.write(_text(graph, kind, console.width).rstrip("\n"))
        return 0
    try:
        Path(options.output).write_text(_text(graph, kind, 100).rstrip("\n") + "\n", "utf-8")
    except OSError as error:
        raise _unwritable(options.output, error) from None
    return 0


def chosen_module(options: argparse.Namespace, session: Session) -> PermutationModule:
    """Return the module that NAME, ``--module`` and ``--orbit`` name."""
    from toolkit.library.naming import group

    G: Group = group(" ".join(options.name), session=session)
    name = options.module or ("points" if options.orbit else None)
    name = name or ("regular" if G.has_table else "points")
    X = pick_module(G, name)
    if options.orbit == "all":
        return X
    if options.orbit is not None and not options.orbit.isdigit():
        raise UsageError(f"--orbit is a number counted from 1, or all, not {options.orbit!r}")
    return one_orbit(G, X, None if options.orbit is None else int(options.orbit))


def _closure(
    X: PermutationModule, options: argparse.Namespace, f: Activation, progress: Progress
) -> int:
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
        import json

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
        print(json.dumps(data, separators=(",", ":")))
        return 0
    console = Console()
    bias = "with bias" if options.bias else "no bias"
    console.write(f"{X.group}, {X.name}, {f.name}, {bias}: closure of {', '.join(start)}", "")
    for number, s in enumerate(steps):
        before = set(steps[number - 1]) if number else set()
        added = [label for label in s if label not in before]
        word = "start" if number == 0 else f"step {number}"
        console.write(*wrapped(f"{word}: {' '.join(added)}", console, hang="  "))
    count, whole = len(steps[-1]), len(engine.labels)
    console.write("", f"  {count} of {whole} simples; the others never occur, whatever the weights")
    return 0


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
            shown = ", ".join(known[:20]) + (", ..." if len(known) > 20 else "")
            raise UsageError(f"{module} contains {shown}, not {word[:20]!r}")
    return tuple(label for label in known if label in wanted)


def _format(options: argparse.Namespace) -> str:
    kind: str | None = "json" if options.json else options.format
    if options.output and Path(options.output).suffix[1:].lower() in _PICTURES:
        ending = Path(options.output).suffix[1:].lower()
        if kind not in (None, ending):
            raise UsageError(f"{options.output!r} names a picture, and {kind} was asked for")
    if options.json and options.format not in (None, "json"):
        raise UsageError(f"--json and --format {options.format} exclude each other")
    if kind is None and options.output:
        ending = Path(options.output).suffix.lower()
        kind = _ENDINGS.get(ending, ending[1:])
        if kind not in (*_TEXT, *_PICTURES):
            known = ", ".join("." + k for k in (*_TEXT[1:], *_PICTURES))
            raise UsageError(
                f"the ending of {options.output!r} names no format: use one of {known}, or "
                "add --format"
            )
    kind = kind or "table"
    if kind in _PICTURES and not options.output:
        raise UsageError(f"a picture needs a file: add --output graph.{kind}")
    if options.output and not Path(options.output).absolute().parent.is_dir():
        raise UsageError(f"there is no folder {str(Path(options.output).parent)!r} to write into")
    return kind


def _text(graph: nx.DiGraph[str], kind: str, width: int) -> str:
    from toolkit import formats as graph_formats

    if kind == "table":
        page = graph_formats.to_table(graph, width=width)
        said = str(graph.graph["shares"])
        if said.startswith("none: "):
            import textwrap

            lines = textwrap.wrap(f"No shares: {said[6:]}.", min(100, max(60, width)))
            page = "\n".join([page.rstrip("\n"), "", *lines])
        return page
    if kind == "json":
        return graph_formats.to_json(graph)
    return graph_formats.to_dot(graph) if kind == "dot" else graph_formats.to_graphml(graph)


def _unwritable(path: str, error: OSError) -> UsageError:
    return UsageError(f"cannot write {path!r}: {error.strerror or error}")
