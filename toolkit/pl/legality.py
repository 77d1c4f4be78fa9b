r"""Which activations commute with a group that acts by given matrices.

**Theorem.** Let M be an invertible matrix and f a measurable function, applied to vectors entry
by entry. Then f(Mv) = M f(v) for all v exactly when, for each row of M,

* if the row has one entry c that is not 0: f(c t) = c f(t) for all t;
* if it has several, of sum s: f(t) = bt + k with k = s k.

*Proof.* Row i says f(sum of M_ij v_j) = sum of M_ij f(v_j). With one entry that is the first case.
With two entries a and b, put all other coordinates 0: f(at + bu) = a f(t) + b f(u) + constant,
Pexider's equation, whose measurable solutions are affine; and an affine f solves the row exactly
if its constant does. QED

So every f commutes with permutation matrices; odd f with signed permutation matrices; f of the form
a|t| + bt with positive monomial matrices (f(st) = s f(t) for s > 0 is needed, which excludes ReLU
squared, of degree 2); linear f with all matrices; f(t) = bt + k, k not 0, with those whose rows all
have sum 1. A function that is odd *and* of the form a|t| + bt is linear, so monomial matrices
with entries such as -2 admit linear f only. (Not considered: functions with f(ct) = c f(t) for the
given entries c only, such as t times a periodic function of log|t|.)

A finite group of monomial matrices becomes one of signed permutations when the coordinates are
rescaled; the scale is returned. References: Pacini, Dong, Lepri and Santin, arXiv 2401.09235.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from numbers import Rational, Real
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from toolkit.deprecation import deprecated
from toolkit.errors import IllegalActivationError, ModuleMismatchError
from toolkit.modules.module import Module
from toolkit.pl.activations.activation import Activation, find_activation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike


Kind: TypeAlias = Literal[
    "permutation", "signed permutation", "positive monomial", "monomial", "general"
]

_ALLOWED: dict[Kind, str] = {
    "permutation": "any activation",
    "signed permutation": "odd activations: tanh, erf, sin, softshrink, softsign, t^3",
    "positive monomial": "activations a|t| + bt: relu, leaky_relu, abs",
    "monomial": "linear activations",
    "general": "linear activations",
}


@dataclass(frozen=True)
class Violation:
    """A row of a matrix with which an activation does not commute.

    Parameters
    ----------
    matrix, row
        0-based numbers of the matrix and of its row.
    columns, entries
        The non-zero entries of the row, and their columns.

    Examples
    --------
    >>> import toolkit as tk
    >>> found = tk.legality([[[0, -1], [1, 0]]], "relu")
    >>> found.violation.row, found.violation.columns, found.violation.entries
    (0, (1,), (-1,))
    """

    matrix: int
    row: int
    columns: tuple[int, ...]
    entries: tuple[float | Fraction, ...]

    def __str__(self) -> str:
        shown = ", ".join(
            f"{_number(x)} in column {c}"
            for c, x in zip(self.columns[:3], self.entries[:3], strict=False)
        )
        more = ", ..." if len(self.columns) > 3 else ""
        return f"matrix {self.matrix} has in row {self.row} the entries {shown}{more}".replace(
            "entries", "entries" if len(self.columns) > 1 else "entry"
        )


@dataclass(frozen=True)
class Legality:
    """Which activations commute with the given matrices.

    Parameters
    ----------
    kind
        ``"permutation"``, ``"signed permutation"``, ``"positive monomial"``, ``"monomial"`` or
        ``"general"``.
    allowed
        A description of the activations that commute.
    constants
        Whether all rows of all matrices have sum 1, so that an affine activation may have a
        constant.
    activation
        The name of the given activation, or ``None``.
    is_legal
        Whether the activation commutes; ``None`` if none was given.
    violation
        The first row with which it does not commute, or ``None``.
    advice
        What to use instead; empty if it commutes.
    scale
        Positive factors such that dividing the coordinates by them turns monomial matrices into
        signed permutations (into permutations, if all entries are non-negative). ``None`` if there
        are none.

    Examples
    --------
    >>> import toolkit as tk
    >>> found = tk.legality([[[0, -1], [1, 0]]], "relu")
    >>> found.kind, found.is_legal
    ('signed permutation', False)
    >>> print(found.violation)
    matrix 0 has in row 0 the entry -1 in column 1
    """

    kind: Kind
    allowed: str
    constants: bool
    activation: str | None = None
    is_legal: bool | None = None
    violation: Violation | None = None
    advice: str = ""
    scale: tuple[float | Fraction, ...] | None = None

    @property
    @deprecated("Legality.culprit is now .violation")
    def culprit(self) -> Violation | None:
        """Old name of :attr:`violation`."""
        return self.violation

    def __str__(self) -> str:
        article = {"permutation": "permutation", "general": "general"}.get(self.kind, self.kind)
        text = f"{article} matrices: {self.allowed}"
        if self.kind != "permutation" and self.constants:
            text += " (affine activations may have a constant)"
        if self.is_legal is False:
            text += f"; not {self.activation}: {self.violation}; {self.advice}"
        return text


def legality(
    matrices: ArrayLike | Sequence[Any] | Module,
    activation: object = None,
    *,
    tolerance: float = 1e-9,
) -> Legality:
    """Return which activations commute with given matrices, and whether a given one does.

    Parameters
    ----------
    matrices
        ``(k, n, n)`` matrices of the generators: integers, Fractions or floats; or a module, for
        its matrices.
    activation
        See :func:`~toolkit.pl.activations.activation.find_activation`; ``None`` for none.
    tolerance
        Floats that are this close to 0, 1 and -1 count as equal to them. Integers and Fractions are
        compared exactly.

    Returns
    -------
    Legality
        The kind of the matrices, the activations that commute with them, and whether the given
        one does.

    Raises
    ------
    ModuleMismatchError
        If the matrices are not square or not of one size, an entry is not a finite real number, or
        a matrix is not invertible (for floats, to within the tolerance).
    UnsupportedActivationError
        If the activation is unknown.

    Notes
    -----
    Exact for integers and Fractions. Matrices with several entries in a row are checked for
    invertibility in O(n^3).

    Examples
    --------
    A quarter turn of the plane:

    >>> import toolkit as tk
    >>> print(tk.legality([[[0, -1], [1, 0]]], "tanh"))
    signed permutation matrices: odd activations: tanh, erf, sin, softshrink, softsign, t^3
    >>> print(tk.legality([[[0, -1], [1, 0]]], "relu"))
    signed permutation matrices: odd activations: tanh, erf, sin, softshrink, softsign, t^3; not
    relu: matrix 0 has in row 0 the entry -1 in column 1; use an odd activation (tanh, erf, sin,
    softshrink), or a permutation module such as the double cover, where every coordinate and its
    negative are two points
    """
    if isinstance(matrices, Module):
        matrices = matrices.matrices
    rows = _entries(matrices, tolerance)
    kinds = {_kind(entries) for _, _, _, entries in rows}
    kind: Kind = "permutation"
    if "several" in kinds:
        kind = "general"
    elif "negative" in kinds or {"scaled", "minus"} <= kinds:
        kind = "monomial"
    elif "scaled" in kinds:
        kind = "positive monomial"
    elif "minus" in kinds:
        kind = "signed permutation"
    constants = all(_near(sum(entries), 1, tolerance) for *_, entries in rows)
    scale = _scale(rows) if kind in ("positive monomial", "monomial") else None
    allowed = _ALLOWED[kind]
    if kind == "general" and constants:
        allowed = "affine activations"
    if activation is None:
        return Legality(kind, allowed, constants, scale=scale)
    f = find_activation(activation)
    violation = next(
        (Violation(*place) for place in rows if not _commutes(f, place[3], tolerance)), None
    )
    advice = "" if violation is None else _advice(kind, f, scale)
    return Legality(kind, allowed, constants, f.name, violation is None, violation, advice, scale)


def require_legal(
    matrices: ArrayLike | Sequence[Any], activation: object, *, tolerance: float = 1e-9
) -> Legality:
    """Return :func:`legality`, or raise if the activation does not commute.

    Parameters
    ----------
    matrices, activation, tolerance
        As in :func:`legality`.

    Returns
    -------
    Legality
        The result of :func:`legality`.

    Raises
    ------
    IllegalActivationError
        If the activation does not commute. The message names the matrix and the entry, and says
        what to use instead.

    Examples
    --------
    >>> require_legal([[[0, 1], [1, 0]]], "gelu").kind
    'permutation'
    >>> require_legal([[[0, 2], [0.5, 0]]], "gelu")
    Traceback (most recent call last):
        ...
    toolkit.errors.IllegalActivationError: gelu is not equivariant in this basis: matrix 0 has in
    row 0 the entry 2 in column 1; rescale the coordinates by the factors in .scale, which makes
    the matrices permutations, or use an activation a|t| + bt (relu, leaky_relu, abs)
    """
    found = legality(matrices, activation, tolerance=tolerance)
    if not found.is_legal:
        raise IllegalActivationError(str(found.activation), str(found.violation), found.advice)
    return found


def require_legal_on(X: object, activation: object) -> Activation:
    """Return the activation, or raise if it does not commute with the group on a module's basis.

    Parameters
    ----------
    X
        A permutation module or a spherical table (every activation is legal), or a signed module
        (odd activations are legal, and all are if no generator changes a sign). A linear module is
        refused.
    activation
        See :func:`~toolkit.pl.activations.activation.find_activation`.

    Returns
    -------
    Activation
        The activation.

    Raises
    ------
    IllegalActivationError
        If the activation does not commute. The message names the generator and the coordinate whose
        sign changes, or the row of a matrix.
    ModuleMismatchError
        If the activation commutes with the matrices of a linear module, because it is linear or
        because they are (signed) permutation matrices. The theory of activations here requires
        points.

    Examples
    --------
    >>> import toolkit as tk
    >>> G = tk.group("S3")
    >>> require_legal_on(G.natural_module(), "relu").name
    'relu'
    >>> sign = G.signed_coset_module([[1, 2, 0], [1, 0, 2]], [[1, 2, 0]])
    >>> require_legal_on(sign, "relu")
    Traceback (most recent call last):
        ...
    toolkit.errors.IllegalActivationError: relu is not equivariant in this basis: generator 1 takes
    coordinate 0 to minus coordinate 0, and f(-t) = -f(t) fails; use an odd activation (tanh, erf,
    sin, softshrink), or the module's .cover, a permutation module
    """
    f = find_activation(activation)
    if isinstance(X, Module) and not X.has_points:
        found = legality(X.matrices, f)
        if found.violation is not None:
            problem = f"{X.name:.60} is a linear module, and {found.violation}"
            raise IllegalActivationError(f.name, problem, X.advice_without_points)
        X.require_points(f"{f.name} on coordinates")
    if f.is_odd or not isinstance(X, Module) or not X.has_signs:
        return f
    negative = (X.signs < 0).nonzero()
    g, i = int(negative[0][0]), int(negative[1][0])
    raise IllegalActivationError(
        f.name,
        f"generator {g} takes coordinate {i} to minus coordinate {int(X.images[g, i])}, and "
        + ("f was measured not to be odd" if f.parts_are == "measured" else "f(-t) = -f(t) fails"),
        "use an odd activation (tanh, erf, sin, softshrink), or the module's .cover, a permutation "
        "module",
    )


Row: TypeAlias = tuple[int, int, tuple[int, ...], tuple[Any, ...]]


def _entries(matrices: ArrayLike | Sequence[Any], tolerance: float) -> list[Row]:
    """Return matrix, row, columns and entries other than 0 of each row."""
    out: list[Row] = []
    for k, matrix in enumerate(checked_matrices(matrices, tolerance)):
        for i, row in enumerate(matrix):
            columns = tuple(j for j, x in enumerate(row) if not _near(x, 0, tolerance))
            out.append((k, i, columns, tuple(_tidy(row[j], tolerance) for j in columns)))
    return out


def _tidy(x: Any, tolerance: float) -> Any:  # noqa: ANN401 - int, Fraction or float
    if isinstance(x, float):
        for whole in (1, -1):
            if abs(x - whole) <= tolerance:
                return whole
    return x


def _near(x: Any, y: int, tolerance: float) -> bool:  # noqa: ANN401
    return bool(abs(x - y) <= tolerance if isinstance(x, float) else x == y)


def _kind(entries: tuple[Any, ...]) -> str:
    if len(entries) > 1:
        return "several"
    c = entries[0]
    if c == 1:
        return "plus"
    if c == -1:
        return "minus"
    return "scaled" if c > 0 else "negative"


def _commutes(f: Activation, entries: tuple[Any, ...], tolerance: float) -> bool:
    match _kind(entries):
        case "plus":
            return True
        case "minus":
            return f.is_odd
        case "scaled":
            return f.is_positively_homogeneous
        case "negative":
            return f.is_positively_homogeneous and f.is_odd
    if not f.is_affine:
        return False
    return f.even_part.is_zero or _near(sum(entries), 1, tolerance)


def _scale(rows: list[Row]) -> tuple[Any, ...] | None:
    """Return d with |M_ij| d_j / d_i = 1 for all entries, or None if there is no such d."""
    size = max(i for _, i, _, _ in rows) + 1
    exact = not any(isinstance(x, float) for *_, entries in rows for x in entries)
    links: list[list[tuple[int, Any]]] = [[] for _ in range(size)]
    for _, i, (j,), (c,) in rows:
        c = abs(c)
        c = Fraction(c) if exact else float(c)
        links[i].append((j, 1 / c))
        links[j].append((i, c))
    scale: list[Any] = [None] * size
    for start in range(size):
        if scale[start] is not None:
            continue
        scale[start] = Fraction(1) if exact else 1.0
        queue = [start]
        for i in queue:
            for j, factor in links[i]:
                if scale[j] is None:
                    scale[j] = scale[i] * factor
                    queue.append(j)
                elif abs(scale[j] - scale[i] * factor) > 1e-9 * scale[j]:
                    return None
    return tuple(scale)


def _advice(kind: Kind, f: Activation, scale: tuple[Any, ...] | None) -> str:
    if f.is_affine:
        return f"use the linear activation {f.name} without its constant f(0) = {f.at_zero:g}"
    if kind == "signed permutation":
        return (
            "use an odd activation (tanh, erf, sin, softshrink), or a permutation module such as "
            "the double cover, where every coordinate and its negative are two points"
        )
    if kind == "positive monomial":
        rescale = (
            "rescale the coordinates by the factors in .scale, which makes the matrices "
            "permutations, or "
            if scale
            else ""
        )
        return f"{rescale}use an activation a|t| + bt (relu, leaky_relu, abs)"
    if kind == "monomial" and scale:
        return (
            "rescale the coordinates by the factors in .scale, which makes the matrices signed "
            "permutations, and use an odd activation (tanh, erf, sin, softshrink)"
        )
    return (
        "only affine functions commute with such rows: change to a basis that the group permutes "
        "(a permutation module), apply the activation there and change back"
    )


def _number(x: float | Fraction) -> str:
    return f"{x:.6g}" if isinstance(x, float) else str(x)


# -- matrices given by hand -----------------------------------------------------------------------


def checked_matrices(
    matrices: ArrayLike | Sequence[Any], tolerance: float = 1e-9
) -> list[list[list[Any]]]:
    """Return matrices as nested lists of int, Fraction or float, or raise.

    Parameters
    ----------
    matrices
        ``(k, n, n)`` integers, Fractions or floats.
    tolerance
        Entries of float matrices up to this size count as 0, and a float matrix counts as not
        invertible if its least singular value is at most this times its greatest.

    Raises
    ------
    ModuleMismatchError
        If they have another shape, an entry is not a finite real number, or a matrix is not
        invertible.

    Notes
    -----
    Whether a matrix of integers and Fractions is invertible is decided exactly: by its singular
    values where these leave no doubt, else by elimination.

    Examples
    --------
    >>> checked_matrices([[[0, 1], [1, 0]]])
    [[[0, 1], [1, 0]]]
    >>> checked_matrices([[[1, 2], [2, 4]]])
    Traceback (most recent call last):
        ...
    toolkit.errors.ModuleMismatchError: the matrices of generators must be invertible, but matrix 0
    is not
    """
    if not (math.isfinite(tolerance) and tolerance >= 0):
        raise ModuleMismatchError(f"a tolerance must be a finite number >= 0, not {tolerance!r}")
    try:
        array = np.asarray(matrices)
    except (ValueError, TypeError):
        raise ModuleMismatchError(
            "matrices of generators must have shape (k, n, n), found rows of different lengths"
        ) from None
    if array.ndim != 3 or array.shape[1] != array.shape[2]:
        hint = "; put a single matrix into a list" if array.ndim == 2 else ""
        raise ModuleMismatchError(
            f"matrices of generators must have shape (k, n, n), not {array.shape}{hint}"
        )
    if array.dtype.kind not in "fiubO":
        raise ModuleMismatchError(
            f"matrices of generators must hold real numbers, not {array.dtype}"
        )
    if array.dtype.kind == "b":
        array = array.astype(np.int64)
    values: list[list[list[Any]]] = array.tolist()
    for k, matrix in enumerate(values):
        for i, row in enumerate(matrix):
            for j, x in enumerate(row):
                if not isinstance(x, Real) or not (isinstance(x, Rational) or math.isfinite(x)):
                    raise ModuleMismatchError(
                        "matrices of generators must hold finite real numbers, but matrix "
                        f"{k} has {x!r:.40} in row {i}, column {j}"
                    )
            if all(_near(x, 0, tolerance) for x in row):
                raise ModuleMismatchError(
                    f"the matrices of generators must be invertible, but matrix {k} has a row of "
                    f"zeros: row {i}"
                )
        if not _is_invertible(matrix, tolerance):
            raise ModuleMismatchError(
                f"the matrices of generators must be invertible, but matrix {k} is not"
            )
    return values


def _is_invertible(matrix: list[list[Any]], tolerance: float) -> bool:
    filled = [[j for j, x in enumerate(row) if not _near(x, 0, tolerance)] for row in matrix]
    if all(len(columns) == 1 for columns in filled):
        return len({columns[0] for columns in filled}) == len(filled)
    # rows scaled to one size: the rank stays, and singular values compare
    exact = all(isinstance(x, Rational) for row in matrix for x in row)
    rows = []
    for row in matrix:
        size = max(abs(x) for x in row)
        rows.append([float(Fraction(x) / Fraction(size)) if exact else x / size for x in row])
    singular = np.linalg.svd(np.array(rows), compute_uv=False)
    least = float(singular[-1] / singular[0])
    if not exact:
        return least > tolerance
    # rounding moves a singular value by 1e-16 times the norm times n at most
    return least > 1e-12 * len(matrix) or _has_full_rank(matrix)


def _has_full_rank(matrix: list[list[Any]]) -> bool:
    """Decide by elimination with Fractions."""
    rows = [[Fraction(x) for x in row] for row in matrix]
    for j in range(len(rows)):
        pivot = next((i for i in range(j, len(rows)) if rows[i][j]), None)
        if pivot is None:
            return False
        rows[j], rows[pivot] = rows[pivot], rows[j]
        for i in range(j + 1, len(rows)):
            if rows[i][j]:
                factor = rows[i][j] / rows[j][j]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[j], strict=True)]
    return True
