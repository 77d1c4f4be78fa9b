"""Equivariant maps between the simples of a group, from one of its modules."""

from __future__ import annotations

import math
from importlib import import_module
from numbers import Integral
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from toolkit.errors import ModuleMismatchError
from toolkit.library.fourier import fourier_basis
from toolkit.memory import require_memory
from toolkit.modules.fourier.copies import END_UNITS
from toolkit.modules.module import require_module
from toolkit.pl.activations.affine_pieces import affine_pieces
from toolkit.pl.legality import require_legal_on
from toolkit.pl.maps.pl_map import PLMap, Simple
from toolkit.pl.maps.zero import least_stabiliser

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray

    from toolkit.modules.fourier.adapted import AdaptedBasis
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.module import Module, Sheet
    from toolkit.pl.activations.activation import Activation
    from toolkit.pl.maps.zero import Pairing

    #: A copy of the simple in Fun(X), counted from 0, or a vector that H fixes.
    FixedVector: TypeAlias = "int | ArrayLike | None"

_TOLERANCE = 1e-9
#: Tried in this order for the numbers of the generic copy.
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19)
#: Directions of a generic copy that are closer than this would be hard to distinguish.
_CLEAR = 1e-5


def pl_map(
    X: Module,
    source: str,
    target: str,
    activation: str | Activation,
    *,
    w: FixedVector = None,
    u: FixedVector = None,
) -> PLMap:
    r"""Return the map phi(v) = sum over x = gH of f(<v, gw>) gu from L to K.

    Parameters
    ----------
    X
        A transitive module Fun(G/H): of a sum, one of its ``.orbits``. Or a signed one, for an odd
        f: then gw and gu for the g that change the sign of a point are minus those of the point,
        and f(-t)(-u) = f(t) u.
    source, target
        Labels of L and K, simples that occur in Fun(X).
    activation
        f; see :func:`~toolkit.pl.activations.activation.find_activation`.
    w, u
        The vectors in L^H and K^H, which choose a copy of the simple in Fun(X): v goes to Fun(X)
        isometrically by the copy of L, f is applied to every coordinate, and the copy of K projects
        to K. By default the copy is generic (see Notes); if L = K it is the same on both sides. A
        number means a copy in the Fourier basis of X, from 0: a special choice. ``(d,)`` vectors
        are in the coordinates of the basis's ``models``, fixed by the stabiliser H of the module's
        base point (up to the sign, if X is signed; point 0). ``.source.copy`` and ``.target.copy``
        name what was chosen.

    Raises
    ------
    ModuleMismatchError
        If X has several orbits, a simple does not occur in it, there is no such copy, or a vector
        is zero or not fixed by H up to 1e-9.
    IllegalActivationError
        If X is signed and f not odd.
    UnsupportedActivationError
        If f is piecewise affine with a kink below 1e-100 or above 1e100 in size.
    NotAvailable
        If X has no Fourier basis: more than 6000 points, or only a character table is known.

    Notes
    -----
    The map is in float64, equivariant to about 1e-15. Whether it is zero, its number of hyperplanes
    and of regions are exact for generic copies, and where each simple occurs once; see
    :class:`~toolkit.pl.maps.pl_map.PLMap`.

    **The generic copy.** A simple that occurs once has one copy. Otherwise
    w = sum of c_j w_j over the basis w_j of L^H that the copies give (times the units of End_G(L)),
    with c_j proportional to 1/2 plus the fractional part of (j + 1) sqrt(p), p = 2: fixed numbers,
    so that the same map is returned each time. U_w = {g : gw = w or -w} is then as small as that of
    the whole isotypic part, which is checked: the number of points on one line is
    \|U_L : H\|, an integer from the spherical table (else p = 3, 5, ... follow). So for an
    activation without polynomial parts the map is zero exactly if the interaction graph has no
    edge. A special copy can have a larger U_w, and give zero where the graph has an edge.

    Examples
    --------
    From the sum-zero vectors of four points to themselves:

    >>> import toolkit as tk
    >>> phi = tk.pl_map(tk.group("S4").natural_module(), "L3", "L3", "relu")
    >>> len(phi.hyperplanes), str(phi.regions), [piece.size for piece in phi.matrices]
    (4, '14 (exact)', [4, 4, 6])

    A simple that occurs twice: the generic copy, and the first one, which is special:

    >>> X = tk.group("S4").regular_module()
    >>> tk.pl_map(X, "L2", "L1", "relu")
    <L2 -> L1 through relu on regular module of S4: 6 lines, 12 regions>
    >>> tk.pl_map(X, "L2", "L1", "relu", w=0)
    <L2 (copy 1 of 2) -> L1 through relu on regular module of S4: zero>

    The sign of S3 to itself, through the signed module that it is:

    >>> sign = tk.group("S3").signed_coset_module([[1, 2, 0], [1, 0, 2]], [[1, 2, 0]])
    >>> tk.pl_map(sign, "L1", "L1", "hardtanh")([[0.5], [-3.0]]).tolist()
    [[0.5], [-1.0]]
    """
    require_module(X)
    f = require_legal_on(X, activation)
    if not X.is_transitive:
        raise ModuleMismatchError(
            f"{X.name} of {X.group_title} has {X.orbit_count} orbits: a map is made from one "
            "of its .orbits"
        )
    affine_pieces(f)  # refuses kinks beyond float64
    basis = fourier_basis(X)  # refuses modules that are too large, or of a table alone
    (sheet,) = X.sheets
    points, signs = _terms(sheet)
    weight = 1.0 if sheet.opposites is None else 0.5  # a point and its negative are both there
    vectors = _orbit(basis, X, source, w, "w")
    covectors = _orbit(basis, X, target, u, "u")
    pairing: Pairing = "unknown"
    units = None
    if source == target:
        units = _units(basis, source)
        first, second = (_copy_number(basis, source, choice) for choice in (w, u))
        if first is not None and second is not None:
            pairing = "same" if first == second else "orthogonal"
        elif w is None and u is None:
            pairing = "same"
    return PLMap(
        X.group,
        X.name,
        Simple(source, vectors.shape[1], basis.models[source], _copy_name(basis, source, w)),
        Simple(target, covectors.shape[1], basis.models[target], _copy_name(basis, target, u)),
        f,
        signs[:, None] * vectors[points],
        (signs * weight)[:, None] * covectors[points],
        sheet.module.images,
        sheet.module.spherical_table,
        pairing,
        units,
        _paint,
        X.group_title,
    )


def _paint(phi: PLMap, path: str | Path | None, kind: str) -> Figure:
    """Draw a map with a room above this one, which is imported when a picture is wanted."""
    pictures = import_module("toolkit.figures.map.picture")
    figure: Figure = pictures.paint_pl_map(phi, path, kind)
    return figure


def _terms(sheet: Sheet) -> tuple[IntArray, NDArray[np.float64]]:
    """Return the terms of the sum: per point of the sheet's module a point of X, and its sign."""
    points = np.empty(sheet.module.degree, dtype=np.intp)
    signs = np.empty(sheet.module.degree)
    if sheet.opposites is not None:
        points[sheet.opposites], signs[sheet.opposites] = sheet.points, -sheet.signs
    points[sheet.lifts], signs[sheet.lifts] = sheet.points, sheet.signs
    return points, signs


def _units(basis: AdaptedBasis, label: str) -> NDArray[np.float64]:
    """Return a basis of End_G(L), ``(dim D, d, d)``, the identity first."""
    simple = basis.simple(label)
    return np.array([np.kron(np.eye(simple.positions), e) for e in END_UNITS[simple.type]])


def _orbit(
    basis: AdaptedBasis,
    X: Module,
    label: str,
    choice: FixedVector,
    name: str,
) -> NDArray[np.float64]:
    """Return the vectors gw for all points, ``(|X|, d)``."""
    try:
        simple = basis.simple(label)
    except KeyError:
        known = ", ".join(s.label for s in basis.simples)
        raise ModuleMismatchError(
            f"{label} does not occur in {X.name} of {X.group_title}, so that the stabiliser fixes "
            f"no vector of it: use one of {known}, or another module"
        ) from None
    d, m = simple.dimension, simple.multiplicity
    copies = basis.matrix[simple.rows].reshape(m, d, X.degree)
    number = _copy_number(basis, label, choice)
    if number is not None:
        if not 0 <= number < m:
            raise ModuleMismatchError(
                f"{name} = {number}: {label} occurs {m} time{'' if m == 1 else 's'} in {X.name} of "
                f"{X.group_title}; copies count from 0"
            )
        own: NDArray[np.float64] = copies[number].T.copy()
        return own
    require_memory(
        X.group,
        f"a map from or to {label}",
        # the copies turned by D, that again while it is made, and a few arrays of vectors
        8 * X.degree * d * (3 * m * simple.endomorphism_dimension + 6),
        f"{name}=0, a copy by its number, takes less",
    )
    turned = np.einsum("cde,men->mcdn", _units(basis, label), copies).reshape(-1, d, X.degree)
    if choice is None:
        return _generic(turned, X, label)
    vector = _read_vector(choice, d, label, name)
    size = float(np.linalg.norm(vector))
    base = 0 if X.has_signs else X.unsigned.record.base
    # the columns at the base point are orthogonal, of squared length d / |X|
    coefficients = turned[:, :, base] @ vector * (X.degree / d)
    out: NDArray[np.float64] = np.einsum("f,fdn->nd", coefficients, turned)
    error = float(np.linalg.norm(out[base] - vector)) / size
    if error > _TOLERANCE:
        raise ModuleMismatchError(
            f"{name} must be fixed by the stabiliser of point {base} of {X.name} of "
            f"{X.group_title}: {label}^H has dimension {m * simple.endomorphism_dimension}, and "
            f"{name} is off it by {error:.1e} of its length"
        )
    return out


def _generic(turned: NDArray[np.float64], X: Module, label: str) -> NDArray[np.float64]:
    """Return the vectors gw of the generic copy, ``(|X|, d)``; the numbers are in pl_map's Notes.

    ``turned`` has the rows of the copies times the units of End_G(L), ``(f, d, |X|)``.
    """
    (sheet,) = X.sheets
    table = sheet.module.spherical_table
    wanted = least_stabiliser(table, label) * sheet.module.degree // table.group_order
    best: NDArray[np.float64] | None = None
    fewest = X.degree * 2 + 1
    for prime in _PRIMES:
        place = np.arange(1, len(turned) + 1)
        numbers = 0.5 + np.modf(place * math.sqrt(prime))[0]
        vectors = np.einsum("f,fdn->nd", numbers / np.linalg.norm(numbers), turned)
        units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        distance = np.minimum(
            np.linalg.norm(units - units[0], axis=1), np.linalg.norm(units + units[0], axis=1)
        )
        # a point and its negative are one of the points of X
        many = int((distance < _CLEAR).sum()) * (1 if sheet.opposites is None else 2)
        if many < fewest:
            best, fewest = vectors, many
        if many <= wanted:
            break
    if best is None:
        raise AssertionError("a vector lies on its own line")
    return best


def _copy_number(basis: AdaptedBasis, label: str, choice: FixedVector) -> int | None:
    """Return the number of the copy; ``None`` if it is generic, or a vector is given."""
    if choice is None:
        return 0 if basis.simple(label).multiplicity == 1 else None
    whole = isinstance(choice, Integral) and not isinstance(choice, bool)
    return int(choice) if whole else None  # type: ignore[arg-type]


def _copy_name(basis: AdaptedBasis, label: str, choice: FixedVector) -> str:
    """Return which copy it is in words; nothing if there is only one."""
    many = basis.simple(label).multiplicity
    number = _copy_number(basis, label, choice)
    if number is not None:
        return f"copy {number + 1} of {many}" if many > 1 else ""
    return "given vector" if choice is not None else f"generic copy, of {many}"


def _read_vector(given: object, d: int, label: str, name: str) -> NDArray[np.float64]:
    """Return a given vector as an array, or raise ModuleMismatchError."""
    required = f"{name} must be a copy's number, from 0, or {d} real numbers, a vector of {label}"
    try:
        array = np.asarray(given)
    except (TypeError, ValueError):
        array = np.asarray(None)
    if array.dtype.kind not in "iuf":
        kind = "complex numbers" if array.dtype.kind == "c" else f"{given!r:.40}"
        raise ModuleMismatchError(f"{required}, found {kind}")
    if array.shape != (d,):
        raise ModuleMismatchError(f"{required}, found shape {array.shape}")
    vector = array.astype(np.float64)
    if not np.isfinite(vector).all():
        raise ModuleMismatchError(f"{required}, all finite, found {vector.tolist()!s:.60}")
    if not vector.any():
        raise ModuleMismatchError(f"{required}, not all of them 0, found only zeros")
    return vector
