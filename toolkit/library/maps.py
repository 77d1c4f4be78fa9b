"""Equivariant maps between the simples of a group, from one of its modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from toolkit.errors import ModuleMismatchError
from toolkit.library.fourier import fourier_basis
from toolkit.modules.fourier_copies import END_UNITS
from toolkit.modules.permutation_module import require_module
from toolkit.pl.activations import find_activation
from toolkit.pl.pl_map import PLMap, Simple

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from toolkit.modules.fourier import FourierBasis
    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.pl.activations import Activation
    from toolkit.pl.pl_map import Painter
    from toolkit.pl.pl_map_zero import Pairing

    #: A copy of the simple in Fun(X), counted from 0, or a vector that H fixes.
    FixedVector: TypeAlias = "int | ArrayLike | None"

__all__ = ["pl_map"]

_TOLERANCE = 1e-9


def pl_map(
    X: PermutationModule,
    source: str,
    target: str,
    activation: str | Activation,
    *,
    w: FixedVector = None,
    u: FixedVector = None,
    painter: Painter | None = None,
) -> PLMap:
    r"""Return the map phi(v) = sum over x = gH of f(<v, gw>) gu from L to K.

    Parameters
    ----------
    X
        A transitive module Fun(G/H): of a sum, one of its ``.parts``.
    source, target
        Labels of L and K, simples that occur in Fun(X).
    activation
        f, see :func:`~toolkit.pl.activations.find_activation`.
    w, u
        The vectors in L^H and K^H. By default, and for a number, those of a copy of the simple in
        the Fourier basis of X, the first one by default: then v goes to Fun(X) isometrically by
        the rows of that copy, f is applied to every coordinate, and the rows of the other copy
        project to K. Or ``(d,)`` vectors in the coordinates of the basis's ``models``, fixed by
        the stabiliser H of the module's base point.
    painter
        What draws the map for :meth:`~toolkit.pl.pl_map.PLMap.plot`.

    Raises
    ------
    ModuleMismatchError
        If X has several orbits, a simple does not occur in it, there is no such copy, or a vector
        is zero or not fixed by H up to 1e-9.

    Notes
    -----
    The map is in float64, equivariant to about 1e-15. Whether it is zero, its number of hyperplanes
    and of regions are exact where each simple occurs once; see :class:`~toolkit.pl.pl_map.PLMap`.

    Examples
    --------
    From the sum-zero vectors of four points to themselves:

    >>> import toolkit as tk
    >>> phi = tk.pl_map(tk.group("S4").natural_module(), "L3", "L3", "relu")
    >>> len(phi.hyperplanes), str(phi.regions), [piece.size for piece in phi.matrices]
    (4, '14 (exact)', [4, 4, 6])
    """
    require_module(X)
    if not X.is_transitive:
        raise ModuleMismatchError(
            f"{X.name} of {X.group} has {len(X.parts)} orbits: a map is made from one of its .parts"
        )
    f = find_activation(activation)
    basis = fourier_basis(X)
    base = X.record.base
    vectors = _orbit(basis, X, source, w, "w", base)
    covectors = _orbit(basis, X, target, u, "u", base)
    pairing: Pairing = "unknown"
    units = None
    if source == target:
        units = _units(basis, source)
        first, second = (0 if c is None else c for c in (w, u))
        if isinstance(first, int) and isinstance(second, int):
            pairing = "same" if first == second else "orthogonal"
    return PLMap(
        X.group,
        X.name,
        Simple(source, vectors.shape[1], basis.models[source]),
        Simple(target, covectors.shape[1], basis.models[target]),
        f,
        vectors,
        covectors,
        X.images,
        X.spherical_table,
        pairing,
        units,
        painter,
    )


def _units(basis: FourierBasis, label: str) -> NDArray[np.float64]:
    """Return a basis of End_G(L), ``(dim D, d, d)``, the identity first."""
    simple = basis.simple(label)
    return np.array([np.kron(np.eye(simple.positions), e) for e in END_UNITS[simple.type]])


def _orbit(
    basis: FourierBasis,
    X: PermutationModule,
    label: str,
    choice: FixedVector,
    name: str,
    base: int,
) -> NDArray[np.float64]:
    """Return the vectors gw for all points, ``(|X|, d)``."""
    try:
        simple = basis.simple(label)
    except KeyError:
        known = ", ".join(s.label for s in basis.simples)
        raise ModuleMismatchError(
            f"{label} does not occur in {X.name} of {X.group}, so that the stabiliser fixes no "
            f"vector of it: use one of {known}, or another module"
        ) from None
    d, m = simple.dimension, simple.multiplicity
    copies = basis.matrix[simple.rows].reshape(m, d, X.degree)
    chosen = 0 if choice is None else choice
    if isinstance(chosen, int):
        if not 0 <= chosen < m:
            raise ModuleMismatchError(
                f"{name} = {chosen}: {label} occurs {m} times in {X.name} of {X.group}; copies "
                "count from 0"
            )
        own: NDArray[np.float64] = copies[chosen].T.copy()
        return own
    vector = np.asarray(chosen, dtype=np.float64)
    size = float(np.linalg.norm(vector))
    if vector.shape != (d,) or not 0 < size < np.inf:
        raise ModuleMismatchError(
            f"{name} must be a copy's number or a vector of shape ({d},), finite and not zero, "
            f"found shape {vector.shape}"
        )
    turned = np.einsum("cde,men->mcdn", _units(basis, label), copies).reshape(-1, d, X.degree)
    # the columns at the base point are orthogonal, of squared length d / |X|
    coefficients = turned[:, :, base] @ vector * (X.degree / d)
    out: NDArray[np.float64] = np.einsum("f,fdn->nd", coefficients, turned)
    error = float(np.linalg.norm(out[base] - vector)) / size
    if error > _TOLERANCE:
        raise ModuleMismatchError(
            f"{name} must be fixed by the stabiliser of point {base} of {X.name} of {X.group}: "
            f"{label}^H has dimension {m * simple.endomorphism_dimension}, and {name} is off it by "
            f"{error:.1e} of its length"
        )
    return out
