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
        A module Fun(G/H), or a sum of such modules: then the map is the sum of the maps over the
        orbits on which both simples occur. For an odd f, X may be signed: then elements g that
        change the sign of a point also change the signs of gw and gu, and f(-t)(-u) = f(t) u.
    source, target
        Labels of L and K, simples that occur in Fun(X).
    activation
        f; see :func:`~toolkit.pl.activations.activation.find_activation`.
    w, u
        Vectors in L^H and K^H; each selects a copy of the simple in Fun(X). The copy of L maps v to
        Fun(X) isometrically, f is applied to every coordinate, and the copy of K projects to K. By
        default the copy is generic (see Notes), and the same on both sides if L = K. Special
        choices are

        * a number: a copy in the Fourier basis of X, 0-based;
        * ``(d,)`` numbers: a vector in the coordinates of the basis's ``models``, fixed by the
          stabiliser H of the module's base point (up to the sign, if X is signed; point 0);
        * a pair of a transitive permutation module Y in which the simple occurs once, and exact
          weights (integers, fractions, real cyclotomic numbers), one for each point of Y, or a
          dictionary from points: the weighted sum of the unit vectors n_y of the points, where n_y
          is fixed by the stabiliser of y. H must preserve the weights.

        If both simples occur on several orbits, give a list with one choice for each of these
        orbits, ``None`` for the generic copy. ``.source.copy`` and ``.target.copy`` describe the
        choice.

    Returns
    -------
    PLMap
        The map, a function of arrays ``(..., dim L)``.

    Raises
    ------
    ModuleMismatchError
        If a simple does not occur in X, no orbit has both, there is no such copy, or a vector is
        zero or not fixed by H (for floats, to within 1e-9).
    IllegalActivationError
        If X is signed and f is not odd.
    UnsupportedActivationError
        If f is piecewise affine with a kink below 1e-100 or above 1e100 in size.
    NotAvailable
        If X has no Fourier basis: an orbit has more than 6000 points, or only a character table is
        known.

    Notes
    -----
    Values of the map are in float64 and equivariant to about 1e-15. Its properties (whether it is
    zero, its hyperplanes, its regions) are exact if w and u are exact: if the simple occurs once,
    for generic copies, and for exact weights; see :class:`~toolkit.pl.maps.pl_map.PLMap`. If the
    simple occurs more than once, a copy given by its number or by a vector of floats is known only
    in floating point. Results are then "numerical", unless they hold for all w and u.

    **The generic copy.** A simple that occurs once has one copy. Otherwise let Y = G/S be a module
    in which L occurs once: an orbit of X, or G/S for a subgroup S that is found by a search
    (:mod:`toolkit.pl.maps.references`). Then

    w_x = sum of C(x, y) n_y over the points y of Y, where C(x, y) is the integer nearest to 100
    (1/2 + the fractional part of sqrt(p)) for (x, y) in the j-th orbital of X x Y and p the j-th
    prime, beginning with 2,

    times one number that makes it isometric. These are fixed integers, so the same map is returned
    each time, with inner products in the field of the values of phi_L. The group U_w = {g : gw = w
    or -w} is then as small as that of the whole isotypic part. This is checked: the number of lines
    is \|G : U_L\|, an integer from the spherical table (otherwise p starts at 3, 5, ...). So for an
    activation without polynomial parts the map is zero if and only if the interaction graph has no
    edge. A special copy can have a larger U_w, and the map can be zero even if the graph has an
    edge. On several orbits, the copies are weighted by numbers of the same kind such that the sum
    is isometric. If the acting group has more than 2,000 elements and L occurs exactly once in no
    orbit of X, the copies of the Fourier basis are combined in floating point, and the map is
    "numerical".

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

    The same copy as an exact vector: one of the three points G/D8, which S4 permutes through its
    quotient S3. Its stabiliser is larger than that of a generic vector, and the map is zero:

    >>> Y = next(Y for Y in tk.group("S4").permutation_modules() if Y.degree == 3)
    >>> tk.pl_map(X, "L2", "L1", "relu", w=(Y, {0: 1})).zero.certainty
    'exact'

    A sum over two orbits of S3, with three points and six points:

    >>> S3 = tk.group("S3")
    >>> tk.pl_map(S3.natural_module() + S3.regular_module(), "L2", "L0", "abs")
    <L2 -> L0 through abs on 3 points + regular module of S3: 9 lines, 18 regions>

    From the sign of S3 to itself, through the sign as a signed module:

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
    sizes = [part.sheet.module.degree for part in parts]
    weights = np.repeat([Fraction(1, part.times) for part in parts], sizes)
    each = weights.astype(np.float64)
    exact = None if end.exact is None else end.exact.times_each(weights.tolist())
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
                f"{label} does not occur in {X.name} of {X.group_title}, so the stabiliser fixes "
                f"no vector of it: use one of {', '.join(s.label for s in basis.simples)}, or "
                "another module"
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
