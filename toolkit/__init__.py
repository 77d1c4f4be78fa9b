"""Piecewise-linear representation theory and equivariant networks for any finite group.

>>> import toolkit as tk
>>> G = tk.group("C8")
>>> X = G.regular_module()
>>> graph = tk.interaction_graph(X, "relu")
>>> sorted(graph.successors("L3"))
['L0', 'L1', 'L2', 'L3']
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit import errors
from toolkit.errors import NotAvailable, ToolkitError
from toolkit.library import (
    Group,
    Session,
    group,
    group_from_cayley_table,
    group_from_graph,
    group_from_permutations,
)
from toolkit.library.layers import layer_basis, orbitals
from toolkit.modules.permutation_module import PermutationModule, hom_dimension

if TYPE_CHECKING:
    import networkx as nx
    import numpy as np
    from numpy.typing import NDArray

    from toolkit.pl.activations import Activation

__version__ = "0.1.0"

__all__ = [
    "Group",
    "NotAvailable",
    "PermutationModule",
    "Session",
    "ToolkitError",
    "errors",
    "group",
    "group_from_cayley_table",
    "group_from_graph",
    "group_from_permutations",
    "hom_dimension",
    "interaction_graph",
    "layer_basis",
    "orbitals",
    "transfer_matrix",
]


def interaction_graph(
    X: PermutationModule, activation: str | Activation, *, bias: bool = False
) -> nx.DiGraph[str]:
    """Return the interaction graph of a transitive module: an edge L -> K iff K occurs in f(v).

    See :func:`toolkit.pl.interactions.interaction_graph`.

    Examples
    --------
    >>> sorted(interaction_graph(group("C3").regular_module(), "abs").edges)
    [('L0', 'L0'), ('L1', 'L0'), ('L1', 'L1')]
    """
    from toolkit.pl import interactions

    return interactions.interaction_graph(X, activation, bias=bias)


def transfer_matrix(
    X: PermutationModule, activation: str | Activation, *, bias: bool = False
) -> NDArray[np.float64]:
    """Return the expected shares of energy that go from simple to simple.

    See :func:`toolkit.pl.transfer.transfer_of_table`.

    Examples
    --------
    >>> transfer_matrix(group("C2").regular_module(), "abs").tolist()
    [[1.0, 0.0], [1.0, 0.0]]
    """
    from toolkit.pl import transfer

    return transfer.transfer_matrix(X, activation, bias=bias)
