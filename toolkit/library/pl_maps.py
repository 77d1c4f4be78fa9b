"""Equivariant maps between the simples of a group, from one of its modules."""

from __future__ import annotations

from fractions import Fraction
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import ModuleMismatchError
from toolkit.library.fourier import fourier_basis
from toolkit.library.map_vectors import Part, chosen_vectors, units_of
from toolkit.modules.module import require_module
from toolkit.pl.activations.affine_pieces import affine_pieces
from toolkit.pl.legality import require_legal_on
from toolkit.pl.maps.pl_map import PLMap
from toolkit.pl.maps.simple import Simple

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

    from toolkit.library.map_vectors import FixedVector
    from toolkit.modules.fourier.adapted import AdaptedBasis
    from toolkit.modules.module import Module
    from toolkit.pl.activations.activation import Activation
    from toolkit.pl.maps.zero import Pairing


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
    affine_pieces(f)  # refuses kinks beyond float64
    basis = fourier_basis(X)  # refuses modules that are too large, or of a table alone
    parts = _parts(X, basis, source, target)
    start = chosen_vectors(parts, source, w, "w")
    end = start
    if source != target or u is not None or w is not None:
        end = chosen_vectors(parts, target, u, "u")
    pairing: Pairing = "unknown"
    units = None
    if source == target:
        units = units_of(basis, source)
        if start.number is not None and end.number is not None:
            pairing = "same" if start.number == end.number else "orthogonal"
            if pairing == "orthogonal" and -1 in (start.number, end.number):
                pairing = "unknown"
    # a point and its negative are both there
    weights = [Fraction(1, part.times) for part in parts]
    each = np.repeat([float(x) for x in weights], [part.sheet.module.degree for part in parts])
    exact = None if end.exact is None else end.exact.with_factors(weights)
    shifts = np.cumsum([0, *(part.sheet.module.degree for part in parts)])
    images = [part.sheet.module.images + k for part, k in zip(parts, shifts, strict=False)]
    return PLMap(
        X.group,
        X.name,
        Simple(source, start.vectors.shape[1], basis.models[source], start.name),
        Simple(target, end.vectors.shape[1], basis.models[target], end.name),
        f,
        start.vectors,
        each[:, None] * end.vectors,
        np.concatenate(images, axis=1),
        parts[0].sheet.module.spherical_table if len(parts) == 1 else None,
        pairing,
        units,
        _paint,
        X.group_title,
        start.exact,
        exact,
    )


def _parts(X: Module, basis: AdaptedBasis, source: str, target: str) -> list[Part]:
    """Return the orbits on which both simples occur, or raise ModuleMismatchError."""
    known = {s.label for s in basis.simples}
    for label in (source, target):
        if label not in known:
            raise ModuleMismatchError(
                f"{label} does not occur in {X.name} of {X.group_title}, so that the stabiliser "
                f"fixes no vector of it: use one of {', '.join(s.label for s in basis.simples)}, "
                "or another module"
            )
    found = [Part(X, basis, sheet) for sheet in X.sheets]
    parts = [part for part in found if all(part.multiplicity(x) for x in (source, target))]
    if not parts:
        raise ModuleMismatchError(
            f"{source} and {target} occur on no orbit of {X.name} of {X.group_title} together: "
            "each point would add 0 to the map"
        )
    return parts


def _paint(phi: PLMap, path: str | Path | None, kind: str) -> Figure:
    """Draw a map with a room above this one, which is imported when a picture is wanted."""
    pictures = import_module("toolkit.figures.map.picture")
    figure: Figure = pictures.paint_pl_map(phi, path, kind)
    return figure
