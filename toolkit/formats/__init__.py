"""Graphs as text (JSON, GraphML, Graphviz, TikZ, terminal), tables in LaTeX, groups for GAP.

The graphs of the toolkit (interaction graphs, lattices, flows, quotients) are
:class:`networkx.DiGraph`; their attributes are strings, Booleans, integers and finite floats, and
what is not known is left out. A list of names, such as the ``parts`` of an edge or the ``simples``
of a closed set, is one string with ``", "`` between the names (:func:`toolkit.text.join_names`,
:func:`toolkit.text.split_names`).

:func:`to_json` and :func:`to_graphml` are read back exactly by :func:`from_json` and
:func:`from_graphml`. The writers of networkx take the graphs as they are. What comes back then:

* ``node_link_data`` and ``cytoscape_data``, through JSON: all (``cytoscape_graph`` adds ``id``,
  ``name`` and ``value`` to nodes, ``source`` and ``target`` to edges);
* ``write_graphml``: all (``read_graphml`` adds ``node_default`` and ``edge_default`` to the
  graph). Integers beyond 64 bits are declared ``long``, as networkx does; :func:`to_graphml`
  declares them as strings;
* ``write_gml``: Booleans come back as the integers 0 and 1, integers beyond 32 bits as strings of
  digits;
* ``write_gexf``: nodes and edges (``read_gexf`` adds ``label`` to nodes and ``id`` to edges); GEXF
  has no attributes of the graph.
"""

from toolkit.formats.dot import to_dot
from toolkit.formats.gap_code import to_gap
from toolkit.formats.graphml import from_graphml, to_graphml
from toolkit.formats.json import from_json, to_json
from toolkit.formats.latex import (
    character_table_to_latex,
    decompositions_to_latex,
    latex_document,
    multiplicities_to_latex,
    normal_subgroups_to_latex,
    simples_to_latex,
    spherical_table_to_latex,
)
from toolkit.formats.table import to_table
from toolkit.formats.tikz import to_tikz
from toolkit.text import compact_integer, graph_title, percentage

__all__ = [
    "character_table_to_latex",
    "compact_integer",
    "decompositions_to_latex",
    "from_graphml",
    "from_json",
    "graph_title",
    "latex_document",
    "multiplicities_to_latex",
    "normal_subgroups_to_latex",
    "percentage",
    "simples_to_latex",
    "spherical_table_to_latex",
    "to_dot",
    "to_gap",
    "to_graphml",
    "to_json",
    "to_table",
    "to_tikz",
]
