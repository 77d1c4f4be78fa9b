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
from typing import TYPE_CHECKING, Any

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
from toolkit.modules.module import hom_dimension
from toolkit.modules.permutation_module import PermutationModule
from toolkit.settings import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import networkx as nx
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray

    from toolkit.library.change_of_group import induce, inflate, restrict
    from toolkit.library.pl_maps import FixedVector
    from toolkit.library.signed_pairs import SignedPair, admissible_pairs, signed_pairs
    from toolkit.modules.fourier.basis import FourierBasis
    from toolkit.modules.signed_module import SignedModule
    from toolkit.pl.activations.activation import Activation
    from toolkit.pl.interactions.closure import Layer
    from toolkit.pl.interactions.kernels import (
        kernel_lattice,
        kernel_order,
        pl_existence_graph,
        pl_hom_preorder,
    )
    from toolkit.pl.legality import Legality
    from toolkit.pl.maps.pl_map import PLMap

__version__ = VERSION

_LAZY_ROOMS = ("catalog", "interpret", "nn", "testing")

#: Names that are imported when first used, to keep ``import toolkit`` quick.
_LAZY_NAMES = {
    "Activation": "toolkit.pl.activations.activation",
    "SignedModule": "toolkit.modules.signed_module",
    "SignedPair": "toolkit.library.signed_pairs",
    "admissible_pairs": "toolkit.library.signed_pairs",
    "induce": "toolkit.library.change_of_group",
    "inflate": "toolkit.library.change_of_group",
    "kernel_lattice": "toolkit.pl.interactions.kernels",
    "kernel_order": "toolkit.pl.interactions.kernels",
    "pl_existence_graph": "toolkit.pl.interactions.kernels",
    "pl_hom_preorder": "toolkit.pl.interactions.kernels",
    "restrict": "toolkit.library.change_of_group",
    "signed_pairs": "toolkit.library.signed_pairs",
}

__all__ = [
    "Activation",
    "Group",
    "NotAvailable",
    "PermutationModule",
    "Session",
    "SignedModule",
    "SignedPair",
    "ToolkitError",
    "admissible_pairs",
    "closed_sets",
    "closure",
    "errors",
    "explain",
    "fourier_basis",
    "group",
    "group_from_cayley_table",
    "group_from_graph",
    "group_from_permutations",
    "hom_dimension",
    "induce",
    "inflate",
    "interaction_graph",
    "kernel_lattice",
    "kernel_order",
    "layer_basis",
    "legality",
    "orbitals",
    "pl_existence_graph",
    "pl_hom_preorder",
    "pl_map",
    "reachable",
    "restrict",
    "signed_pairs",
    "transfer_matrix",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a room or one of its names
    """Import rooms (``tk.nn``, which brings torch) and names when first used."""
    if name in _LAZY_ROOMS:
        return importlib.import_module(f"toolkit.{name}")
    if name in _LAZY_NAMES:
        found = getattr(importlib.import_module(_LAZY_NAMES[name]), name)
        globals()[name] = found
        return found
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
    X: PermutationModule | SignedModule,
    activation: object,
    *,
    bias: bool = False,
    variance: float = 1.0,
) -> nx.DiGraph[str]:
    """Return the interaction graph of a module: an edge L -> K iff K occurs in f(v).

    See :func:`toolkit.pl.interactions.graph.interaction_graph`.

    Examples
    --------
    >>> sorted(interaction_graph(group("C3").regular_module(), "abs").edges)
    [('L0', 'L0'), ('L1', 'L0'), ('L1', 'L1')]
    """
    from toolkit.pl.interactions import graph as interactions

    return interactions.interaction_graph(X, activation, bias=bias, variance=variance)


def pl_map(
    X: PermutationModule | SignedModule,
    source: str,
    target: str,
    activation: str | Activation,
    *,
    w: FixedVector = None,
    u: FixedVector = None,
) -> PLMap:
    """Return the equivariant map "include, activate, project" between two simples.

    See :func:`toolkit.library.pl_maps.pl_map` and :class:`toolkit.pl.maps.pl_map.PLMap`.

    Examples
    --------
    >>> phi = pl_map(group("C8").regular_module(), "L3", "L0", "abs")
    >>> phi.is_zero, len(phi.hyperplanes), phi.regions.count
    (False, 4, 8)
    """
    from toolkit.library import pl_maps as maps

    return maps.pl_map(X, source, target, activation, w=w, u=u, painter=_paint)


def _paint(phi: PLMap, path: str | Path | None, kind: str) -> Figure:
    from toolkit.figures.map.picture import paint_pl_map

    return paint_pl_map(phi, path, kind)


def transfer_matrix(
    X: PermutationModule | SignedModule,
    activation: object,
    *,
    bias: bool = False,
    variance: float = 1.0,
) -> NDArray[np.float64]:
    """Return the expected shares of energy that go from simple to simple.

    See :func:`toolkit.pl.transfer.matrix.transfer_matrix`.

    Examples
    --------
    >>> transfer_matrix(group("C2").regular_module(), "abs").tolist()
    [[1.0, 0.0], [1.0, 0.0]]
    """
    from toolkit.pl.transfer import matrix as transfer

    return transfer.transfer_matrix(X, activation, bias=bias, variance=variance)


def closure(
    X: PermutationModule | SignedModule,
    sources: Iterable[str],
    activation: object,
    *,
    bias: bool = False,
) -> tuple[str, ...]:
    """Return the least set of simples around ``sources`` that f does not lead out of.

    See :func:`toolkit.pl.interactions.closure.closure`.

    Examples
    --------
    >>> closure(group("C6").regular_module(), {"L1", "L2"}, "relu")
    ('L0', 'L1', 'L2', 'L3')
    """
    from toolkit.pl.interactions import closure as room

    return room.closure(X, sources, activation, bias=bias)


def closed_sets(
    X: PermutationModule | SignedModule, activation: object, *, bias: bool = False
) -> nx.DiGraph[str]:
    """Return the lattice of the sets of simples that f does not lead out of.

    See :func:`toolkit.pl.interactions.closure.closed_sets`.

    Examples
    --------
    >>> list(closed_sets(group("C4").regular_module(), "elu", bias=True))
    ['{L0}', '{L0, L1}', '{L0, L1, L2}']
    """
    from toolkit.pl.interactions import closure as room

    return room.closed_sets(X, activation, bias=bias)


def reachable(
    modules: Sequence[PermutationModule | SignedModule],
    sources: Iterable[str],
    activation: object,
    *,
    bias: bool = False,
) -> tuple[Layer, ...]:
    """Return what a network on these modules can produce from an input, layer by layer.

    See :func:`toolkit.pl.interactions.closure.reachable`.

    Examples
    --------
    >>> X = group("C4").regular_module()
    >>> [layer.after for layer in reachable([X, X, X], ["L2"], "abs")]
    [('L2',), ('L0', 'L1'), ('L0', 'L1')]
    """
    from toolkit.pl.interactions import closure as room

    return room.reachable(modules, sources, activation, bias=bias)


def explain(
    X: PermutationModule | SignedModule,
    source: str,
    target: str,
    activation: object,
    *,
    bias: bool = False,
) -> str:
    """Return in two sentences why the edge L -> K is there, or why there is none.

    See :func:`toolkit.pl.interactions.explain.explain`.
    """
    from toolkit.pl.interactions import explain as room

    return room.explain(X, source, target, activation, bias=bias)


def legality(matrices: ArrayLike, activation: object = None) -> Legality:
    """Return which activations commute with the generators' matrices, and whether a given one does.

    See :func:`toolkit.pl.legality.legality`.

    Examples
    --------
    >>> legality([[[0, 1], [1, 0]]], "gelu").is_legal
    True
    """
    from toolkit.pl import legality as room

    return room.legality(matrices, activation)
