"""Piecewise-linear representation theory and equivariant networks for any finite group.

>>> import toolkit as tk
>>> G = tk.group("C8")
>>> X = G.regular_module()
>>> graph = tk.interaction_graph(X, "relu")
>>> sorted(graph.successors("L3"))
['L0', 'L1', 'L2', 'L3']
"""

from __future__ import annotations

from toolkit.beginning import guard as _guard

_guard()  # before anything that takes time to import

from typing import TYPE_CHECKING  # noqa: E402

from toolkit.lazy import lazy_face  # noqa: E402

if TYPE_CHECKING:
    from toolkit import catalog as catalog
    from toolkit import cli as cli
    from toolkit import errors as errors
    from toolkit import exact as exact
    from toolkit import explorer as explorer
    from toolkit import figures as figures
    from toolkit import formats as formats
    from toolkit import gap as gap
    from toolkit import groups as groups
    from toolkit import interpret as interpret
    from toolkit import library as library
    from toolkit import modules as modules
    from toolkit import nn as nn
    from toolkit import pl as pl
    from toolkit import settings as settings
    from toolkit import store as store
    from toolkit import testing as testing
    from toolkit.errors import NotAvailable, ToolkitError
    from toolkit.groups.class_functions.class_function import ClassFunction
    from toolkit.library.change_of_group import induce, inflate, restrict
    from toolkit.library.drawings import group_from_graph, group_from_matrix, group_from_points
    from toolkit.library.fourier import fourier_basis
    from toolkit.library.group import Group
    from toolkit.library.layers import layer_basis, orbitals
    from toolkit.library.matrices import group_from_matrices
    from toolkit.library.naming import group, group_from_cayley_table, group_from_permutations
    from toolkit.library.pl_maps import pl_map
    from toolkit.library.session import Session
    from toolkit.library.signed_pairs import SignedPair, admissible_pairs, signed_pairs
    from toolkit.library.statistics.components import isotypic_components
    from toolkit.library.statistics.least_squares import lstsq
    from toolkit.library.statistics.moments import (
        equivariant_correlation,
        equivariant_covariance,
        equivariant_cross_covariance,
        equivariant_mean,
        equivariant_variance,
    )
    from toolkit.library.statistics.normal import equivariant_normal
    from toolkit.library.statistics.projection import project_to_hom
    from toolkit.library.statistics.whitening import equivariant_whitening
    from toolkit.library.symmetry.find import find_symmetry
    from toolkit.library.tasks import in_thread
    from toolkit.modules.linear.linear_module import LinearModule
    from toolkit.modules.module import hom_dimension
    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.modules.schemes.association_scheme import AssociationScheme
    from toolkit.modules.signed_module import SignedModule
    from toolkit.pl.activations.activation import Activation
    from toolkit.pl.arrangements.characteristic import regions
    from toolkit.pl.arrangements.region_orbits import region_orbits
    from toolkit.pl.interactions.closure import closed_sets, closure, reachable
    from toolkit.pl.interactions.compressed import blow_up
    from toolkit.pl.interactions.explain import explain
    from toolkit.pl.interactions.graph import interaction_graph
    from toolkit.pl.interactions.kernels import kernel_lattice, pl_hom_preorder
    from toolkit.pl.interactions.kernels import kernel_order as kernel_order
    from toolkit.pl.interactions.kernels import pl_existence_graph as pl_existence_graph
    from toolkit.pl.legality import legality
    from toolkit.pl.transfer.matrix import transfer_matrix
    from toolkit.settings import __version__

__all__ = [
    "Activation",
    "AssociationScheme",
    "ClassFunction",
    "Group",
    "LinearModule",
    "NotAvailable",
    "PermutationModule",
    "Session",
    "SignedModule",
    "SignedPair",
    "ToolkitError",
    "__version__",
    "admissible_pairs",
    "blow_up",
    "closed_sets",
    "closure",
    "equivariant_correlation",
    "equivariant_covariance",
    "equivariant_cross_covariance",
    "equivariant_mean",
    "equivariant_normal",
    "equivariant_variance",
    "equivariant_whitening",
    "explain",
    "find_symmetry",
    "fourier_basis",
    "group",
    "group_from_cayley_table",
    "group_from_graph",
    "group_from_matrices",
    "group_from_matrix",
    "group_from_permutations",
    "group_from_points",
    "hom_dimension",
    "in_thread",
    "induce",
    "inflate",
    "interaction_graph",
    "isotypic_components",
    "kernel_lattice",
    "layer_basis",
    "legality",
    "lstsq",
    "orbitals",
    "pl_hom_preorder",
    "pl_map",
    "project_to_hom",
    "reachable",
    "region_orbits",
    "regions",
    "restrict",
    "signed_pairs",
    "transfer_matrix",
]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "errors": "NotAvailable ToolkitError",
        "groups.class_functions.class_function": "ClassFunction",
        "library.change_of_group": "induce inflate restrict",
        "library.fourier": "fourier_basis",
        "library.group": "Group",
        "library.layers": "layer_basis orbitals",
        "library.drawings": "group_from_graph group_from_matrix group_from_points",
        "library.matrices": "group_from_matrices",
        "library.naming": "group group_from_cayley_table group_from_permutations",
        "library.pl_maps": "pl_map",
        "library.session": "Session",
        "library.signed_pairs": "SignedPair admissible_pairs signed_pairs",
        "modules.linear.linear_module": "LinearModule",
        "library.statistics": (
            "equivariant_correlation equivariant_covariance equivariant_cross_covariance "
            "equivariant_mean equivariant_normal equivariant_variance equivariant_whitening "
            "isotypic_components lstsq project_to_hom"
        ),
        "library.symmetry": "find_symmetry",
        "library.tasks": "in_thread",
        "modules.module": "hom_dimension",
        "modules.permutation_module": "PermutationModule",
        "modules.schemes.association_scheme": "AssociationScheme",
        "modules.signed_module": "SignedModule",
        "pl.activations.activation": "Activation",
        "pl.arrangements.characteristic": "regions",
        "pl.arrangements.region_orbits": "region_orbits",
        "pl.interactions.closure": "closed_sets closure reachable",
        "pl.interactions.compressed": "blow_up",
        "pl.interactions.explain": "explain",
        "pl.interactions.graph": "interaction_graph",
        "pl.interactions.kernels": (
            "kernel_lattice kernel_order pl_existence_graph pl_hom_preorder"
        ),
        "pl.legality": "legality",
        "pl.transfer.matrix": "transfer_matrix",
        "settings": "__version__",
    },
    rooms=(
        "catalog", "cli", "errors", "exact", "explorer", "figures", "formats", "gap", "groups",
        "interpret", "library", "modules", "nn", "pl", "settings", "store", "testing",
    ),
)  # fmt: skip
