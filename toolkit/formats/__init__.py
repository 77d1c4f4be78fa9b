"""Interaction graphs as text: JSON, GraphML, Graphviz and a page for the terminal.

An interaction graph is a :class:`networkx.DiGraph`. Its nodes are labels of simples with the
attributes ``dimension``, ``type``, ``multiplicity``, ``action_order``, ``kernel_order`` and, for
some families, ``paper_index``; its edges have ``parts`` (a sorted tuple), ``reach``,
``reach_of`` and ``share``; the graph itself has ``group``, ``module``, ``activation``, ``bias``
and ``schema``. JSON and GraphML give back exactly what was written: tuples, Booleans and
integers of any size too. Further attributes may be present if their values are strings,
Booleans, integers, finite floats or tuples of strings.
"""

from toolkit.formats.dot import to_dot
from toolkit.formats.graphml import from_graphml, to_graphml
from toolkit.formats.json import from_json, to_json
from toolkit.formats.table import to_table
from toolkit.text import compact_integer, graph_title, percentage

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
