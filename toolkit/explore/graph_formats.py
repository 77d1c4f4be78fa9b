"""Interaction graphs as text: JSON, GraphML, Graphviz and a page for the terminal.

An interaction graph is a :class:`networkx.DiGraph`. Its nodes are labels of simples with the
attributes ``dimension``, ``type``, ``multiplicity``, ``action_order``, ``kernel_order`` and, for
some families, ``paper_index``; its edges have ``parts`` (a sorted tuple), ``reach``,
``reach_of`` and ``share``; the graph itself has ``group``, ``module``, ``activation``, ``bias``
and ``schema``. JSON and GraphML give back exactly what was written: tuples, Booleans and
integers of any size too. Further attributes may be present if their values are strings,
Booleans, integers, finite floats or tuples of strings.
"""

from __future__ import annotations

import json
import math
import textwrap
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from toolkit.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from xml.etree.ElementTree import Element

    import networkx as nx

__all__ = [
    "compact_integer",
    "from_graphml",
    "from_json",
    "graph_title",
    "percentage",
    "to_dot",
    "to_graphml",
    "to_json",
    "to_table",
]

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
_JOIN = "; "
_LARGEST_LONG = 2**63 - 1
#: How a value is written in GraphML: the declared type, and the note beside the declaration that
#: says how to read it back.
_NOTATIONS = {
    "bool": ("boolean", ""),
    "int": ("long", ""),
    "big": ("string", "an integer, in decimal digits"),
    "float": ("double", ""),
    "str": ("string", ""),
    "tuple": ("string", 'a tuple of strings, joined by "; "'),
}
#: What a program that drops those notes leaves us with: the names of our own attributes.
_OWN_NOTATION = {
    "parts": "tuple",
    "dimension": "int",
    "multiplicity": "int",
    "action_order": "int",
    "kernel_order": "int",
    "paper_index": "int",
    "reach": "int",
    "reach_of": "int",
    "schema": "int",
}


# --- words --------------------------------------------------------------------------------------


def compact_integer(number: int) -> str:
    """Return an integer as people read it: in full up to seven digits, else rounded.

    Parameters
    ----------
    number
        Any integer, however large.

    Returns
    -------
    str
        Digits, or three significant digits and a power of ten.

    Examples
    --------
    >>> compact_integer(5040), compact_integer(808017424794512875 * 10**36)
    ('5040', '8.08e53')
    """
    if abs(number) < 10**7:
        return str(number)
    logarithm = math.log10(abs(number))
    exponent = math.floor(logarithm)
    mantissa = f"{10 ** (logarithm - exponent):.2f}"
    if mantissa == "10.00":
        mantissa, exponent = "1.00", exponent + 1
    return f"{'-' if number < 0 else ''}{mantissa}e{exponent}"


def percentage(share: float) -> str:
    """Return a share as a percentage with one digit after the point.

    Parameters
    ----------
    share
        A part of one.

    Returns
    -------
    str
        Such as ``"31.8%"``; ``"<0.1%"`` for what is positive and would be shown as zero.

    Examples
    --------
    >>> percentage(0.3183), percentage(1e-9), percentage(0.0)
    ('31.8%', '<0.1%', '0.0%')
    """
    return "<0.1%" if 0 < share < 0.0005 else f"{100 * share:.1f}%"


def graph_title(graph: nx.DiGraph[str], width: int = 100) -> str:
    """Return one line that names group, module and activation.

    Parameters
    ----------
    graph
        The interaction graph.
    width
        The longest line wanted, in characters; long names lose their middle.

    Returns
    -------
    str
        Such as ``"C8, regular module, relu"``; absent attributes are passed over.

    Examples
    --------
    >>> import networkx as nx
    >>> graph_title(nx.DiGraph(group="C8", module="regular", activation="relu"))
    'C8, regular module, relu'
    """
    names = [" ".join(str(graph.graph.get(key, "")).split()) for key in _TITLE_KEYS]
    if names[1].isalpha() and not names[1].endswith("module"):
        names[1] += " module"
    names = [name for name in names if name]
    if not names:
        return "interaction graph"
    while len(", ".join(names)) > width:
        longest = max(range(len(names)), key=lambda i: len(names[i]))
        keep = len(names[longest]) - (len(", ".join(names)) - width)
        if keep < 8:
            return _shortened(", ".join(names), width)
        names[longest] = _shortened(names[longest], keep)
    return ", ".join(names)


_TITLE_KEYS = ("group", "module", "activation")


def _shortened(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    head = (length - 1) * 2 // 3
    tail = length - 1 - head
    return f"{text[:head]}…{text[len(text) - tail :] if tail else ''}"


def _count(number: int, singular: str) -> str:
    return f"{number} {singular}{'' if number == 1 else 's'}"


# --- JSON ---------------------------------------------------------------------------------------


def to_json(graph: nx.DiGraph[str]) -> str:
    """Write an interaction graph as JSON.

    Parameters
    ----------
    graph
        The interaction graph.

    Returns
    -------
    str
        An object in the node-link form of networkx, one node or edge per line. Tuples are
        lists, integers are JSON integers of any size.

    Raises
    ------
    ConfigError
        If an attribute has a value of another kind than the module's head names.

    See Also
    --------
    from_json : The way back.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph(group="C1")
    >>> graph.add_edge("L0", "L0", parts=("even",), share=1.0)
    >>> print(to_json(graph))
    {"directed": true, "multigraph": false,
     "graph": {"group": "C1"},
     "nodes": [
      {"id": "L0"}],
     "edges": [
      {"source": "L0", "target": "L0", "parts": ["even"], "share": 1.0}]}
    """
    nodes = [{"id": _label(node), **_checked(data, "id")} for node, data in graph.nodes(data=True)]
    edges = [
        {"source": _label(one), "target": _label(two), **_checked(data, "source", "target")}
        for one, two, data in graph.edges(data=True)
    ]
    return (
        '{"directed": true, "multigraph": false,\n'
        f' "graph": {json.dumps(_checked(graph.graph))},\n'
        f' "nodes": [{_lines(nodes)}],\n'
        f' "edges": [{_lines(edges)}]}}'
    )


def _lines(records: Iterable[Mapping[str, Any]]) -> str:
    return ",".join(f"\n  {json.dumps(record)}" for record in records)


def from_json(text: str) -> nx.DiGraph[str]:
    """Read an interaction graph from JSON.

    Parameters
    ----------
    text
        What :func:`to_json` wrote.

    Returns
    -------
    networkx.DiGraph
        Equal to the graph that was written, in the same order of nodes and edges.

    Raises
    ------
    ConfigError
        If the text is not JSON, or not of this form.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph()
    >>> graph.add_node("L0", action_order=10**30)
    >>> from_json(to_json(graph)).nodes["L0"]["action_order"] == 10**30
    True
    """
    import networkx as nx

    try:
        record = json.loads(text)
        graph: nx.DiGraph[str] = nx.DiGraph(**_tupled(record["graph"]))
        for node in record["nodes"]:
            data = _tupled(node)
            graph.add_node(_label(data.pop("id")), **data)
        for edge in record["edges"]:
            data = _tupled(edge)
            source, target = data.pop("source"), data.pop("target")
            if source not in graph or target not in graph:
                raise ConfigError(f"the edge from {source!r} to {target!r} has no such node")
            graph.add_edge(source, target, **data)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"this JSON is not an interaction graph: {_reason(error)}") from error
    return graph


def _reason(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def _tupled(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: tuple(value) if isinstance(value, list) else value for key, value in record.items()
    }


def _label(node: object) -> str:
    if not isinstance(node, str):
        raise ConfigError(f"the nodes of an interaction graph are labels, found {node!r}")
    return node


def _checked(data: Mapping[Any, Any], *reserved: str) -> dict[str, Any]:
    for name, value in data.items():
        if not isinstance(name, str) or name in reserved:
            raise ConfigError(f"an attribute cannot be called {name!r} here")
        _notation(name, value)
    return dict(data)


def _notation(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    if isinstance(value, float) and math.isfinite(value):
        return "float"
    if isinstance(value, str):
        return "str"
    if isinstance(value, tuple) and all(isinstance(part, str) for part in value):
        return "tuple"
    raise ConfigError(
        f"the attribute {name!r} cannot be written: required a string, a Boolean, an integer, a "
        f"finite float or a tuple of strings, found {value!r}"
    )


# --- GraphML ------------------------------------------------------------------------------------


def to_graphml(graph: nx.DiGraph[str]) -> str:
    """Write an interaction graph as GraphML.

    Parameters
    ----------
    graph
        The interaction graph.

    Returns
    -------
    str
        A document that networkx, Gephi, yEd and igraph read. GraphML has no tuples and no
        integers beyond 64 bits: both are written as strings, and the declaration of the
        attribute says so in a ``<desc>``.

    Raises
    ------
    ConfigError
        If an attribute has a value of another kind than the module's head names, an entry of
        a tuple is empty or contains ``"; "``, or a character is not allowed in XML.

    See Also
    --------
    from_graphml : The way back.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph()
    >>> graph.add_edge("L1", "L1", parts=("even", "linear"))
    >>> print(to_graphml(graph))
    <?xml version="1.0" encoding="UTF-8"?>
    <graphml xmlns="http://graphml.graphdrawing.org/xmlns">
      <key id="d0" for="edge" attr.name="parts" attr.type="string">
        <desc>a tuple of strings, joined by "; "</desc>
      </key>
      <graph edgedefault="directed">
        <node id="L1"/>
        <edge source="L1" target="L1">
          <data key="d0">even; linear</data>
        </edge>
      </graph>
    </graphml>
    """
    keys: dict[tuple[str, str, str], str] = {}
    body = list(_data(graph.graph, "graph", keys, "    "))
    for node, data in graph.nodes(data=True):
        body += _element(f"node id={_quoted(_label(node))}", data, "node", keys)
    for one, two, data in graph.edges(data=True):
        head = f"edge source={_quoted(_label(one))} target={_quoted(_label(two))}"
        body += _element(head, data, "edge", keys)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<graphml xmlns="{_NAMESPACE}">']
    for (scope, name, notation), key in keys.items():
        kind, note = _NOTATIONS[notation]
        head = f'  <key id="{key}" for="{scope}" attr.name={_quoted(name)} attr.type="{kind}"'
        lines += (
            [f"{head}>", f"    <desc>{escape(note)}</desc>", "  </key>"] if note else [head + "/>"]
        )
    lines += ['  <graph edgedefault="directed">', *body, "  </graph>", "</graphml>"]
    return "\n".join(lines)


def _element(
    head: str, data: Mapping[Any, Any], scope: str, keys: dict[tuple[str, str, str], str]
) -> Iterator[str]:
    if not data:
        yield f"    <{head}/>"
        return
    yield f"    <{head}>"
    yield from _data(data, scope, keys, "      ")
    yield f"    </{head.split(' ', 1)[0]}>"


def _data(
    data: Mapping[Any, Any], scope: str, keys: dict[tuple[str, str, str], str], indent: str
) -> Iterator[str]:
    for name, value in _checked(data).items():
        notation = _notation(name, value)
        if notation == "int" and not -_LARGEST_LONG <= value <= _LARGEST_LONG:
            notation = "big"
        key = keys.setdefault((scope, name, notation), f"d{len(keys)}")
        yield f'{indent}<data key="{key}">{_escaped(_written(name, value, notation))}</data>'


def _written(name: str, value: Any, notation: str) -> str:  # noqa: ANN401 - checked before
    if notation == "bool":
        return "true" if value else "false"
    if notation == "tuple":
        if any(not part or _JOIN in part for part in value) or any(
            part.endswith(";") or part.startswith(" ") for part in value
        ):
            raise ConfigError(
                f"the attribute {name!r} cannot be written as GraphML: required parts that are "
                f"not empty and do not contain {_JOIN!r}, found {value!r}"
            )
        return _JOIN.join(value)
    return float.__repr__(value) if notation == "float" else str(value)


def _escaped(text: str) -> str:
    for character in text:
        code = ord(character)
        if (code < 32 and character not in "\t\n\r") or 0xD800 <= code < 0xE000 or code in _NO_XML:
            raise ConfigError(f"the character {character!r} in {text!r} cannot be written as XML")
    return escape(text, {"\r": "&#13;"})


_NO_XML = (0xFFFE, 0xFFFF)


def _quoted(text: str) -> str:
    inner = _escaped(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
    return f'"{inner}"'


def from_graphml(text: str) -> nx.DiGraph[str]:
    """Read an interaction graph from GraphML.

    Parameters
    ----------
    text
        What :func:`to_graphml` wrote, perhaps rewritten by a program that drops the notes in
        the declarations: our own attributes are then known by name.

    Returns
    -------
    networkx.DiGraph
        Equal to the graph that was written, in the same order of nodes and edges.

    Raises
    ------
    ConfigError
        If the text is not XML, or not GraphML of a directed graph.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph(bias=False)
    >>> graph.add_edge("L1", "L0", parts=("even", "linear"), reach=10**30)
    >>> again = from_graphml(to_graphml(graph))
    >>> again["L1"]["L0"] == graph["L1"]["L0"], again.graph
    (True, {'bias': False})
    """
    from xml.etree import ElementTree

    import networkx as nx

    try:
        root = ElementTree.fromstring(text)
        body = root.find(f"{{{_NAMESPACE}}}graph")
        if body is None or body.get("edgedefault") != "directed":
            raise ConfigError("it has no directed graph")
        keys = {key.attrib["id"]: _declared(key) for key in root.iter(f"{{{_NAMESPACE}}}key")}
        graph: nx.DiGraph[str] = nx.DiGraph(**_values(body, keys))
        for node in body.iter(f"{{{_NAMESPACE}}}node"):
            graph.add_node(node.attrib["id"], **_values(node, keys))
        for edge in body.iter(f"{{{_NAMESPACE}}}edge"):
            source, target = edge.attrib["source"], edge.attrib["target"]
            if source not in graph or target not in graph:
                raise ConfigError(f"the edge from {source!r} to {target!r} has no such node")
            graph.add_edge(source, target, **_values(edge, keys))
    except (ElementTree.ParseError, ValueError, KeyError) as error:
        raise ConfigError(
            f"this is not GraphML of an interaction graph: {_reason(error)}"
        ) from error
    return graph


def _declared(key: Element) -> tuple[str, str]:
    """Return the name of an attribute and how its values are to be read."""
    name, kind = key.attrib["attr.name"], key.attrib["attr.type"]
    note = (key.findtext(f"{{{_NAMESPACE}}}desc") or "").strip()
    for notation, declared in _NOTATIONS.items():
        if note and (kind, note) == declared:
            return name, notation
    if name in _OWN_NOTATION and kind in {"string", "int", "long"}:
        return name, _OWN_NOTATION[name]
    plain = {"boolean": "bool", "int": "int", "long": "int", "float": "float", "double": "float"}
    return name, plain.get(kind, "str")


def _values(element: Element, keys: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for data in element.findall(f"{{{_NAMESPACE}}}data"):
        name, notation = keys[data.attrib["key"]]
        text = data.text or ""
        if notation in {"int", "big"}:
            result[name] = int(text)
        elif notation == "float":
            result[name] = float(text)
        elif notation == "bool":
            result[name] = text.strip().lower() in {"true", "1"}
        elif notation == "tuple":
            result[name] = tuple(text.split(_JOIN)) if text else ()
        else:
            result[name] = text
    return result


# --- Graphviz -----------------------------------------------------------------------------------

_DOT_COLOURS = {"R": "#0072B2", "C": "#E69F00", "H": "#009E73"}


def to_dot(graph: nx.DiGraph[str]) -> str:
    r"""Write an interaction graph for Graphviz.

    Parameters
    ----------
    graph
        The interaction graph.

    Returns
    -------
    str
        A ``digraph`` from top to bottom, one rank for each order of the action, the largest
        (the low frequencies) on top.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph(group="C2", module="regular", activation="relu")
    >>> graph.add_node("L0", dimension=1, type="R", multiplicity=1, action_order=1)
    >>> graph.add_edge("L0", "L0", parts=("even", "linear"), share=1.0)
    >>> print(to_dot(graph))
    digraph "C2, regular module, relu" {
      graph [rankdir=TB, labelloc=t, label="C2, regular module, relu", fontname="Helvetica"];
      node [shape=box, style="rounded", penwidth=1.5, fontname="Helvetica"];
      edge [color="#333333", arrowsize=0.7];
      // the orders of the action
      node [shape=plaintext, fontcolor="#666666"];
      "order 1";
      node [shape=box, fontcolor="#000000"];
      { rank=same; "order 1";
        "L0" [label="L0\ndim 1, R", color="#0072B2"];
      }
      "L0" -> "L0" [penwidth=3.50, tooltip="L0 to L0: even, linear; 100.0%"];
    }
    """
    title = graph_title(graph)
    lines = [
        f"digraph {_dot(title)} {{",
        f'  graph [rankdir=TB, labelloc=t, label={_dot(title)}, fontname="Helvetica"];',
        '  node [shape=box, style="rounded", penwidth=1.5, fontname="Helvetica"];',
        '  edge [color="#333333", arrowsize=0.7];',
    ]
    rows: dict[int, list[str]] = {}
    for node, data in graph.nodes(data=True):
        rows.setdefault(data.get("action_order", 0), []).append(node)
    orders = sorted(rows, reverse=True)
    names = {order: _row_name(order, index, graph) for index, order in enumerate(orders)}
    if names:
        chain = " -> ".join(_dot(names[order]) for order in orders)
        style = " [style=invis];" if len(orders) > 1 else ";"
        lines += [
            "  // the orders of the action",
            '  node [shape=plaintext, fontcolor="#666666"];',
            f"  {chain}{style}",
            '  node [shape=box, fontcolor="#000000"];',
        ]
    for order in orders:
        lines.append(f"  {{ rank=same; {_dot(names[order])};")
        lines += [f"    {_dot_node(node, graph.nodes[node])}" for node in rows[order]]
        lines.append("  }")
    for one, two, data in graph.edges(data=True):
        lines.append(f"  {_dot(one)} -> {_dot(two)} [{_dot_edge(one, two, data)}];")
    return "\n".join([*lines, "}"])


def _row_name(order: int, index: int, graph: nx.DiGraph[str]) -> str:
    name = f"order {compact_integer(order)}"
    while name in graph:
        name = f"{name} (row {index + 1})"
    return name


def _dot_node(node: str, data: Mapping[str, Any]) -> str:
    label = node
    if data.get("multiplicity", 1) != 1:
        label += f" ×{data['multiplicity']}"
    label += f"\ndim {data.get('dimension', '?')}, {data.get('type', '?')}"
    if "paper_index" in data:
        label += f", k={data['paper_index']}"
    colour = _DOT_COLOURS.get(data.get("type", ""), "#666666")
    return f'{_dot(node)} [label={_dot(label)}, color="{colour}"];'


def _dot_edge(one: str, two: str, data: Mapping[str, Any]) -> str:
    parts, share = data.get("parts", ()), data.get("share", 0.0)
    width = 0.5 + 3.0 * min(1.0, max(0.0, share)) ** 0.5
    tooltip = f"{one} to {two}: {', '.join(parts)}; {percentage(share)}"
    style = ""
    if set(parts) <= {"linear", "constant"}:
        style = 'style=dashed, color="#888888", '
    elif "odd" in parts and "even" not in parts:
        style = "style=dotted, "
    return f"{style}penwidth={width:.2f}, tooltip={_dot(tooltip)}"


def _dot(text: str) -> str:
    """Quote a string; a backslash, which Graphviz would read as an escape, is doubled."""
    inner = text.replace("\\", "\\\\").replace('"', '\\"').replace("\0", "")
    return '"' + inner.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n") + '"'


# --- the terminal -------------------------------------------------------------------------------


def to_table(graph: nx.DiGraph[str], *, width: int = 100) -> str:
    """Write an interaction graph as a page for the terminal.

    Parameters
    ----------
    graph
        The interaction graph.
    width
        Columns of the terminal; at least 60 and at most 100 are used.

    Returns
    -------
    str
        A title, one row for each simple with the simples that it goes to, and a legend. Four or
        more simples in a row with the same words are written ``L3..L9 <0.1% each``.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph(group="C2", module="regular", activation="relu", bias=False)
    >>> for label, order in (("L0", 1), ("L1", 2)):
    ...     graph.add_node(label, dimension=1, type="R", multiplicity=1, action_order=order)
    >>> graph.add_edge("L0", "L0", parts=("even", "linear"), share=1.0)
    >>> graph.add_edge("L1", "L0", parts=("even",), share=0.5)
    >>> graph.add_edge("L1", "L1", parts=("linear",), share=0.5)
    >>> print(to_table(graph))
    C2, regular module, relu, no bias: 2 simples, 3 interactions
    <BLANKLINE>
    simple  dim  type  mult  order  goes to
    ------  ---  ----  ----  -----  -------
    L0        1  R        1      1  L0 100.0%
    L1        1  R        1      2  L0 50.0%  L1* 50.0%
    <BLANKLINE>
    order: of the action on the simple. 31.8%: share of the energy. *: the linear part only.
    """
    width = min(100, max(60, width))
    counts = (
        f"{_count(graph.number_of_nodes(), 'simple')}, "
        f"{_count(graph.number_of_edges(), 'interaction')}"
    )
    bias = {True: ", with bias", False: ", no bias"}.get(graph.graph.get("bias", ""), "")
    title = graph_title(graph, width - len(bias) - len(counts) - 2)
    heads = ["simple", "dim", "type", "mult", "order", "goes to"]
    rows = [
        [
            str(node),
            *(
                compact_integer(data[key])
                if isinstance(data.get(key), int)
                else str(data.get(key, "?"))
                for key in ("dimension", "type", "multiplicity", "action_order")
            ),
        ]
        for node, data in graph.nodes(data=True)
    ]
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(5)]
    dashes = ["-" * size for size in [*widths, len(heads[5])]]
    position = {node: index for index, node in enumerate(graph)}
    lines = [
        f"{title}{bias}: {counts}",
        "",
        _aligned(heads, widths),
        _aligned(dashes, widths),
    ]
    indent = " " * (sum(widths) + 10)
    for node, row in zip(graph, rows, strict=True):
        targets = sorted(graph[node], key=position.__getitem__)
        words = _targets(graph, node, targets, position) or ["nothing"]
        first, *rest = _filled(words, max(20, width - len(indent)))
        lines.append(_aligned([*row, first], widths))
        lines += [indent + more for more in rest]
    legend = "order: of the action on the simple. 31.8%: share of the energy."
    if any(_linear_only(data) for _, _, data in graph.edges(data=True)):
        legend += " *: the linear part only."
    return "\n".join([*lines, "", *textwrap.wrap(legend, width)])


def _linear_only(data: Mapping[str, Any]) -> bool:
    return set(data.get("parts", ())) == {"linear"}


def _targets(
    graph: nx.DiGraph[str], node: str, targets: Iterable[str], position: Mapping[str, int]
) -> list[str]:
    """Return one word for each target, or for four or more in a row that read the same."""
    runs: list[tuple[str, list[str]]] = []
    for target in targets:
        data = graph[node][target]
        share = f" {percentage(data['share'])}" if "share" in data else ""
        shown = ("*" if _linear_only(data) else "") + share
        if runs and runs[-1][0] == shown and position[runs[-1][1][-1]] == position[target] - 1:
            runs[-1][1].append(target)
        else:
            runs.append((shown, [target]))
    words = []
    for shown, run in runs:
        if len(run) < 4:
            words += [f"{target}{shown}" for target in run]
        else:
            words.append(f"{run[0]}..{run[-1]}{shown} each")
    return words


def _filled(words: Iterable[str], width: int) -> list[str]:
    """Fill lines with words that stay whole, two spaces apart."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 2 + len(word) <= width:
            lines[-1] += f"  {word}"
        else:
            lines.append(word)
    return lines


def _aligned(cells: list[str], widths: list[int]) -> str:
    left = {0, 2}
    padded = [
        cell.ljust(widths[i]) if i in left else cell.rjust(widths[i])
        for i, cell in enumerate(cells[:5])
    ]
    return "  ".join([*padded, cells[5]]).rstrip()
