"""A lattice of closed sets or of normal subgroups as users hold it: a networkx graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx

from toolkit.display import Tabulated

if TYPE_CHECKING:
    LabelledGraph = nx.DiGraph[str]
else:
    LabelledGraph = nx.DiGraph


class Lattice(Tabulated, LabelledGraph):
    """A networkx.DiGraph with an edge to each element just above, shown as a table in a notebook.

    It is a networkx.DiGraph in all else: algorithms, copies and subgraphs are networkx's own.
    """
