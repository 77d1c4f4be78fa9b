"""An interaction graph as users hold it: a networkx graph that a notebook draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx

from toolkit.display import Pictured

if TYPE_CHECKING:
    LabelledGraph = nx.DiGraph[str]
else:
    LabelledGraph = nx.DiGraph


class InteractionGraph(Pictured, LabelledGraph):
    """A networkx.DiGraph whose nodes are simples, and which a notebook shows as its picture.

    It is a networkx.DiGraph in all else: algorithms, copies and subgraphs are networkx's own.
    """
