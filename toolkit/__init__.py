"""Piecewise-linear representation theory and equivariant networks for any finite group.

>>> import toolkit as tk
>>> G = tk.group("C8")
>>> X = G.regular_module()
>>> graph = tk.interaction_graph(X, "relu")
>>> sorted(graph.successors("L3"))
['L0', 'L1', 'L2', 'L3']
"""

from __future__ import annotations

import importlib
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
    from types import ModuleType

    from pathlib import Path

    import networkx as nx
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from toolkit.library.maps import FixedVector
    from toolkit.modules.fourier import FourierBasis
    from toolkit.modules.signed_module import SignedModule
    from toolkit.pl.activations import Activation
    from toolkit.pl.pl_map import PLMap

__version__ = "0.1.0"

_LAZY_ROOMS = ("nn", "testing")

__all__ = [
    "Group",
    "NotAvailable",
    "PermutationModule",
    "Session",
    "ToolkitError",
    "errors",
    "fourier_basis",
    "group",
    "group_from_cayley_table",
    "group_from_graph",
    "group_from_permutations",
    "hom_dimension",
    "interaction_graph",
    "layer_basis",
    "orbitals",
    "pl_map",
    "transfer_matrix",
]


def __getattr__(name: str) -> ModuleType:
    """Import ``tk.nn``, which brings torch, and ``tk.testing`` when they are first named."""
    if name in _LAZY_ROOMS:
        return importlib.import_module(f"toolkit.{name}")
    raise AttributeError(f"module 'toolkit' has no attribute {name!r}")


def fourier_basis(X: PermutationModule | SignedModule) -> FourierBasis:
    """Return the orthogonal basis of a module in which G acts by the same matrices everywhere.

    See :func:`toolkit.library.fourier.fourier_basis`.

    Examples
    --------
    >>> fourier_basis(group("C3").regular_module()).matrix.shape
    (3, 3)
    """
    from toolkit.library import fourier

    return fourier.fourier_basis(X)


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


def pl_map(
    X: PermutationModule,
    source: str,
    target: str,
    activation: str | Activation,
    *,
    w: FixedVector = None,
    u: FixedVector = None,
) -> PLMap:
    """Return the equivariant map "include, activate, project" between two simples.

    See :func:`toolkit.library.maps.pl_map` and :class:`toolkit.pl.pl_map.PLMap`.

    Examples
    --------
    >>> phi = pl_map(group("C8").regular_module(), "L3", "L0", "abs")
    >>> phi.is_zero, len(phi.hyperplanes), phi.regions.count
    (False, 4, 8)
    """
    from toolkit.library import maps

    return maps.pl_map(X, source, target, activation, w=w, u=u, painter=_paint)


def _paint(phi: PLMap, path: str | Path | None, kind: str) -> Figure:
    from toolkit.explore.map_picture import paint_pl_map

    return paint_pl_map(phi, path, kind)


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
