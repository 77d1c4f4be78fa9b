"""Interaction graphs as GraphML, there and back exactly.

GraphML declares each attribute once, in a ``<key>``: its name, its type, and for what GraphML
lacks (tuples, integers beyond 64 bits) a note that says how to read it back.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from toolkit.errors import ConfigError
from toolkit.formats.attributes import add_edge, checked, label, notation, reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from xml.etree.ElementTree import Element

    import networkx as nx

    #: From what an attribute belongs to, its name and the kind of its value, to the id of its key.
    _Keys = dict[tuple[str, str, str], str]

__all__ = ["from_graphml", "to_graphml"]

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
_JOIN = "; "
_LARGEST_LONG = 2**63 - 1
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: How each kind of value is declared: the type, and the note.
_DECLARED = {
    "bool": ("boolean", ""),
    "int": ("long", ""),
    "big": ("string", "an integer, in decimal digits"),
    "float": ("double", ""),
    "str": ("string", ""),
    "tuple": ("string", 'a tuple of strings, joined by "; "'),
}
#: What a program that drops those notes leaves us with: the names of our own attributes.
_OWN_KINDS = {
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
_PLAIN_KINDS = {"boolean": "bool", "int": "int", "long": "int", "float": "float", "double": "float"}
_READERS: dict[str, Callable[[str], Any]] = {
    "bool": lambda text: text.strip().lower() in {"true", "1"},
    "int": int,
    "big": int,
    "float": float,
    "str": str,
    "tuple": lambda text: tuple(text.split(_JOIN)) if text else (),
}


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
        If an attribute has a value of a kind that cannot be written (see
        :mod:`~toolkit.formats`), an entry of a tuple is empty or contains
        ``"; "``, or a character is not allowed in XML.

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
    keys: _Keys = {}
    body = list(_data(graph.graph, "graph", keys, "    "))
    for node, data in graph.nodes(data=True):
        body += _element(f"node id={_quoted(label(node))}", data, "node", keys)
    for one, two, data in graph.edges(data=True):
        head = f"edge source={_quoted(label(one))} target={_quoted(label(two))}"
        body += _element(head, data, "edge", keys)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<graphml xmlns="{_NAMESPACE}">']
    for (scope, name, kind), key in keys.items():
        declared, note = _DECLARED[kind]
        head = f'  <key id="{key}" for="{scope}" attr.name={_quoted(name)} attr.type="{declared}"'
        lines += (
            [f"{head}>", f"    <desc>{escape(note)}</desc>", "  </key>"] if note else [head + "/>"]
        )
    lines += ['  <graph edgedefault="directed">', *body, "  </graph>", "</graphml>"]
    return "\n".join(lines)


def _element(head: str, data: Mapping[Any, Any], scope: str, keys: _Keys) -> Iterator[str]:
    if not data:
        yield f"    <{head}/>"
        return
    yield f"    <{head}>"
    yield from _data(data, scope, keys, "      ")
    yield f"    </{head.split(' ', 1)[0]}>"


def _data(data: Mapping[Any, Any], scope: str, keys: _Keys, indent: str) -> Iterator[str]:
    for name, value in checked(data).items():
        kind = notation(name, value)
        if kind == "int" and not -_LARGEST_LONG <= value <= _LARGEST_LONG:
            kind = "big"
        key = keys.setdefault((scope, name, kind), f"d{len(keys)}")
        yield f'{indent}<data key="{key}">{_escaped(_written(name, value, kind))}</data>'


def _written(name: str, value: Any, kind: str) -> str:  # noqa: ANN401 - checked before
    if kind == "bool":
        return "true" if value else "false"
    if kind == "tuple":
        if any(not part or _JOIN in part or part[0] == " " or part[-1] == ";" for part in value):
            raise ConfigError(
                f"the attribute {name!r} cannot be written as GraphML: required parts that are "
                f"not empty and do not contain {_JOIN!r}, found {value!r}"
            )
        return _JOIN.join(value)
    return float.__repr__(value) if kind == "float" else str(value)


def _escaped(text: str) -> str:
    found = _NO_XML.search(text)
    if found:
        raise ConfigError(f"the character {found[0]!r} in {text!r} cannot be written as XML")
    return escape(text, {"\r": "&#13;"})


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
        keys = {key.attrib["id"]: _declaration(key) for key in root.iter(f"{{{_NAMESPACE}}}key")}
        graph: nx.DiGraph[str] = nx.DiGraph(**_values(body, keys))
        for node in body.iter(f"{{{_NAMESPACE}}}node"):
            graph.add_node(node.attrib["id"], **_values(node, keys))
        for edge in body.iter(f"{{{_NAMESPACE}}}edge"):
            source, target = edge.attrib["source"], edge.attrib["target"]
            add_edge(graph, source, target, _values(edge, keys))
    except (ElementTree.ParseError, ValueError, KeyError) as error:
        raise ConfigError(
            f"this is not GraphML of an interaction graph: {reason(error)}"
        ) from error
    return graph


def _declaration(key: Element) -> tuple[str, str]:
    """Return the name of an attribute and the kind of its values."""
    name, declared = key.attrib["attr.name"], key.attrib["attr.type"]
    note = (key.findtext(f"{{{_NAMESPACE}}}desc") or "").strip()
    for kind, (type_name, words) in _DECLARED.items():
        if note and (declared, note) == (type_name, words):
            return name, kind
    if name in _OWN_KINDS and declared in {"string", "int", "long"}:
        return name, _OWN_KINDS[name]
    return name, _PLAIN_KINDS.get(declared, "str")


def _values(element: Element, keys: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for data in element.findall(f"{{{_NAMESPACE}}}data"):
        name, kind = keys[data.attrib["key"]]
        result[name] = _READERS[kind](data.text or "")
    return result
