"""Graphs as GraphML, there and back exactly."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from toolkit.errors import ConfigError
from toolkit.formats.attributes import NAME_LISTS, UNREADABLE, add_edge, checked, label, reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from xml.etree.ElementTree import Element

    import networkx as nx

_NAMESPACE = "{http://graphml.graphdrawing.org/xmlns}"
#: How a key says that its values, for which GraphML has no type, are written as JSON; and a graph,
#: that the names of its nodes are.
_JSON_NOTE = "JSON"
#: What the keys of lists of names said in version 0.1.
_TUPLE_NOTE = 'a tuple of strings, joined by "; "'
_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Our own integers, for programs that drop the notes.
_INTEGERS = re.compile(
    "dimension|multiplicity|(action_|kernel_|subgroup_)?order|paper_index|reach|reach_of|schema"
)
_READERS: dict[str, Callable[[str], Any]] = {
    "boolean": lambda text: text.strip().lower() in {"true", "1"},
    "int": int,
    "long": int,
    "float": float,
    "double": float,
    _JSON_NOTE: json.loads,
    "an integer, in decimal digits": int,
    _TUPLE_NOTE: lambda text: text.replace("; ", ", "),
}

#: The types that GraphML knows.
_TYPES = ("boolean", "int", "long", "float", "double", "string")


def to_graphml(graph: nx.DiGraph[str]) -> str:
    """Write a graph as GraphML.

    Parameters
    ----------
    graph
        The interaction graph, lattice or other graph of the toolkit.

    Returns
    -------
    str
        A document that networkx, Gephi, yEd and igraph can read. Each attribute has one type for
        all nodes, one for all edges and one for the graph. GraphML has no integers beyond 64 bits:
        if an attribute has such a value, all its values are written as JSON (for integers: digits),
        and the ``<desc>`` of its declaration is "JSON". The same holds if its values have different
        types or contain characters that XML does not allow. If the name of a node contains such
        characters, the names of all nodes are JSON, and the ``<desc>`` of the graph is "JSON".

    Raises
    ------
    ConfigError
        If an attribute has a value of a kind that cannot be written (see :mod:`~toolkit.formats`),
        or its name contains a character that XML does not allow.

    See Also
    --------
    from_graphml : The inverse.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph()
    >>> graph.add_edge("L1", "L1", parts="even, linear")
    >>> print(to_graphml(graph))  # doctest: +ELLIPSIS
    <?xml version="1.0" encoding="UTF-8"?>
    <graphml xmlns="http://graphml.graphdrawing.org/xmlns"...>
      <key id="d0" for="edge" attr.name="parts" attr.type="string" />
      <graph edgedefault="directed">
        <node id="L1" />
        <edge source="L1" target="L1">
          <data key="d0">even, linear</data>
        </edge>
      </graph>
    </graphml>
    """
    from xml.etree.ElementTree import Element, SubElement

    import networkx as nx

    copy: nx.DiGraph[str] = nx.DiGraph(**checked(graph.graph, "node_default", "edge_default"))
    plain = not any(map(_outside_xml, map(label, graph)))
    name = {node: node if plain else json.dumps(node) for node in graph}
    copy.add_nodes_from((name[node], checked(data)) for node, data in graph.nodes.items())
    copy.add_edges_from((name[x], name[y], checked(data)) for (x, y), data in graph.edges.items())
    as_json = {
        *_written_as_json("graph", [copy.graph]),
        *_written_as_json("node", copy.nodes.values()),
        *_written_as_json("edge", copy.edges.values()),
    }
    writer = nx.readwrite.graphml.GraphMLWriter(copy)
    for key in writer.xml.iter("key"):
        if (key.get("for"), key.get("attr.name")) in as_json:
            SubElement(key, "desc").text = _JSON_NOTE
    if not plain:
        note = Element("desc")
        note.text = _JSON_NOTE
        writer.xml.find("graph").insert(0, note)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{writer}'


def _outside_xml(name: str) -> re.Match[str] | None:
    """Find a character that an attribute of XML cannot hold, as it holds names of all kinds."""
    return _NO_XML.search(name.replace("\r", ""))


def _written_as_json(scope: str, all_data: Iterable[dict[str, Any]]) -> set[tuple[str, str]]:
    """Write as JSON, in place, what GraphML has no type for; return scope and name of it."""
    values: dict[str, list[Any]] = {}
    for data in all_data:
        for name, value in data.items():
            values.setdefault(name, []).append(value)
    if found := next(filter(None, map(_outside_xml, values)), None):
        raise ConfigError(
            f"the character {found[0]!r} in the name of an attribute cannot be written as XML"
        )
    names = {
        name
        for name, own in values.items()
        if len(set(map(type, own))) > 1
        or (type(own[0]) is int and not -(2**63) <= min(own) <= max(own) < 2**63)
        or (type(own[0]) is str and any(map(_NO_XML.search, own)))
    }
    for data in all_data:
        data.update((name, json.dumps(data[name])) for name in names & data.keys())
    return {(scope, name) for name in names}


def from_graphml(text: str) -> nx.DiGraph[str]:
    """Read a graph from GraphML.

    Parameters
    ----------
    text
        The output of :func:`to_graphml`, of this version or of version 0.1. Another program may
        have rewritten it and dropped the notes in the declarations: the toolkit's own attributes
        are then recognised by name.

    Returns
    -------
    networkx.DiGraph
        Equal to the graph that was written, in the same order of nodes and edges.

    Raises
    ------
    ConfigError
        If the text is not XML, or not the GraphML of a directed graph.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph(bias=False)
    >>> graph.add_edge("L1", "L0", parts="even, linear", reach=10**30)
    >>> again = from_graphml(to_graphml(graph))
    >>> again["L1"]["L0"] == graph["L1"]["L0"], again.graph
    (True, {'bias': False})
    """
    from xml.etree import ElementTree

    import networkx as nx

    try:
        root = ElementTree.fromstring(text)
        body = root.find(f"{_NAMESPACE}graph")
        if body is None or body.get("edgedefault") != "directed":
            raise ConfigError("it has no directed graph")
        keys = {key.attrib["id"]: _declaration(key) for key in root.iter(f"{_NAMESPACE}key")}
        graph: nx.DiGraph[str] = nx.DiGraph(**_values(body, keys))
        name = json.loads if _note(body) == _JSON_NOTE else str
        for node in body.iter(f"{_NAMESPACE}node"):
            graph.add_node(label(name(node.attrib["id"])), **_values(node, keys))
        for edge in body.iter(f"{_NAMESPACE}edge"):
            source, target = name(edge.attrib["source"]), name(edge.attrib["target"])
            add_edge(graph, source, target, _values(edge, keys))
    except (ElementTree.ParseError, *UNREADABLE) as error:
        raise ConfigError(
            f"this is not GraphML of an interaction graph: {reason(error)}"
        ) from error
    return graph


def _note(element: Element) -> str:
    return (element.findtext(f"{_NAMESPACE}desc") or "").strip()


def _declaration(key: Element) -> tuple[str, Callable[[str], Any]]:
    """Return the name of an attribute and the reader of its values."""
    name, declared = key.attrib["attr.name"], key.attrib["attr.type"]
    note = _note(key)
    if declared == "string" and note in _READERS:
        return name, _READERS[note]
    if declared == "string" and _INTEGERS.fullmatch(name):
        return name, int
    if declared == "string" and name in NAME_LISTS:
        return name, _READERS[_TUPLE_NOTE]
    if declared not in _TYPES:
        raise ConfigError(f"an attr.type must be one of {', '.join(_TYPES)}, not {declared!r}")
    return name, _READERS.get(declared, str)


def _values(
    element: Element, keys: Mapping[str, tuple[str, Callable[[str], Any]]]
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for data in element.findall(f"{_NAMESPACE}data"):
        name, read = keys[data.attrib["key"]]
        result[name] = read(data.text or "")
    return result
