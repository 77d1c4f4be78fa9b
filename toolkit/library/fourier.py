"""Fourier bases of modules of all kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.errors import NotAvailable
from toolkit.library.change_of_group import group_of_module
from toolkit.library.point_bases import basis_on_points
from toolkit.library.simple_models import simple_models
from toolkit.modules.linear.expressions import Simple
from toolkit.modules.linear.linear_module import LinearModule
from toolkit.modules.module import require_matrices
from toolkit.text import is_local, label_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.library.group import Group
    from toolkit.modules.fourier.adapted import AdaptedBasis
    from toolkit.modules.fourier.linear_basis import LinearBasis
    from toolkit.modules.module import Module

#: The largest linear module whose basis is computed, unless it is a sum of others.
LARGEST_DIMENSION = 2000


def fourier_basis(X: Module) -> AdaptedBasis:
    """Return the Fourier basis of a module: each simple has the same matrices everywhere.

    Parameters
    ----------
    X
        A module of any kind: permutation, signed or linear.

    Returns
    -------
    FourierBasis or LinearBasis
        ``.matrix``, ``.inverse``, ``.row_labels``, ``.models`` (one set of real orthogonal matrices
        per simple, the same for every module of the group) and ``.certificate``. The rows are
        orthonormal, except for linear modules whose matrices are not orthogonal.

    Raises
    ------
    NotAvailable
        If an orbit has more than 6000 points, or its spherical table is out of reach. (Without a
        character table, a basis exists only if orbits have few orbitals or if a small group acts.)
        For a linear module, if it has more than 2000 dimensions, or if a simple in it occurs in no
        permutation module with a basis.
    InconsistentAnswerError
        If the basis fails its certificate.

    Notes
    -----
    Floating point (certificates near 1e-15) and deterministic. Bases of permutation modules are
    stored in the cache bit for bit; they take O(n^2 [G:A]), where A is an abelian subgroup. Bases
    of linear modules are assembled from those of their summands, or else found by averaging: about
    a hundred products of O(n^2 dim L) for each copy of a simple L.

    Examples
    --------
    >>> import toolkit as tk
    >>> basis = tk.fourier_basis(tk.group("S3").natural_module())
    >>> [label for label, copy, i in basis.row_labels]
    ['L0', 'L2', 'L2']
    >>> basis.certificate.worst < 1e-14
    True
    """
    group = group_of_module(X)
    if not isinstance(X, LinearModule):
        return basis_on_points(group, X)
    known = vars(X).get("_fourier_basis")
    if known is None:
        known = vars(X)["_fourier_basis"] = _basis_of_linear_module(group, X)
    basis: LinearBasis = known
    return basis


def _basis_of_linear_module(group: Group, V: LinearModule) -> LinearBasis:
    import numpy as np

    from toolkit.modules.fourier.linear_basis import linear_basis, sum_of_bases

    require_matrices(V)
    if V.contents.parts:
        parts = [fourier_basis(part) for part in V.contents.parts]
        order = sorted({s.label for p in parts for s in p.simples}, key=label_key)
        if len(parts) > 1 and any(map(is_local, order)):
            raise NotAvailable(
                V.group,
                f"the Fourier basis of {V.name}",
                "its simples are known within each transitive part only",
            )
        return sum_of_bases(V.name, parts, order)
    if V.degree > LARGEST_DIMENSION:
        raise NotAvailable(
            V.group,
            f"the Fourier basis of {V.name}",
            f"it has {V.degree} dimensions, and bases are computed up to {LARGEST_DIMENSION}",
        )
    found = V.multiplicities
    simples = [s for s in group.simples if s.label in found]
    models = simple_models(group, found)
    root: NDArray[Any] | None = None if V.is_orthogonal else np.linalg.cholesky(V.inner_product).T
    if isinstance(V.contents, Simple):
        models = {V.contents.label: V.matrices}
    return linear_basis(
        group.name,
        V.name,
        V.matrices,
        root,
        [(s.label, s.dimension, s.type, found[s.label]) for s in simples],
        models,
    )
