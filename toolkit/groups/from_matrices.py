"""Matrices from Python as the specification of a group, or as an action on vectors."""

from __future__ import annotations

import math
import numbers
import re
from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from toolkit.errors import NamingError
from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.groups.parsing.exact_entries import read_number
from toolkit.groups.parsing.grammar import parse_group
from toolkit.groups.specs.base import data_refusal
from toolkit.groups.specs.exact_matrices import ExactMatrixGroup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.groups.specs.base import GroupSpec

Entry = Cyclotomic | complex | str
_FINITE_FIELD = re.compile(r"\s*GF\s*\(\s*([0-9]{1,9})\s*\)\s*")
_SUBJECT = "these matrices"


@dataclass(frozen=True, eq=False)
class FloatAction:
    """Float matrices that permute vectors.

    Parameters
    ----------
    images
        Per generator the 0-based images of the vectors.
    matrices
        ``(k, d, d)`` the real matrices; complex ones of size n as real ones of size d = 2 n.
    residual
        The largest distance, in any coordinate, of the image of a vector from the vector that it
        stands for.
    """

    images: tuple[tuple[int, ...], ...]
    matrices: NDArray[np.float64]
    residual: float


def read_matrices(matrices: Any, field: str | int | None) -> GroupSpec | NDArray[Any]:  # noqa: ANN401
    """Return the specification of a group of exact matrices, or an array of float ones.

    Raises
    ------
    NamingError
        If they are not square matrices of one size with entries of one field.
    """
    rows = _rows(matrices)
    if isinstance(field, int):
        field = f"GF({field})"
    if field is not None and _FINITE_FIELD.fullmatch(field):
        return _over_finite_field(rows, field)
    entries = read_entries(rows)
    exact = all(isinstance(x, Cyclotomic) for m in entries for row in m for x in row)
    if field is not None and field.strip() in ("R", "C"):
        exact = False
    if exact:
        if field is not None and field.strip() in ("Z", "Q"):
            _check_entries(entries, field.strip())
        spec = ExactMatrixGroup(tuple(_exact_matrix(m) for m in entries))
        if field is not None:
            # read again, as if it had been typed with this field
            return parse_group(f"{spec.name.rpartition('|')[0]}| {field}>")
        return spec
    if field is not None and field.strip() not in ("R", "C"):
        raise data_refusal(_SUBJECT, f"floats are not exact elements of {field}")
    numbers_ = [
        [[x.to_complex() if isinstance(x, Cyclotomic) else complex(x) for x in row] for row in m]
        for m in entries
    ]
    array = np.array(numbers_, dtype=np.complex128)
    if not np.isfinite(array).all():
        raise data_refusal(_SUBJECT, "an entry is not a finite number")
    return array if array.imag.any() else array.real.copy()


def read_entries(matrices: Any) -> list[list[list[Cyclotomic | complex]]]:  # noqa: ANN401
    """Return the entries of square matrices of one size: exact ones as cyclotomics, else complex.

    Raises
    ------
    NamingError
        If they are not square matrices of one size, or an entry is not a number.

    Examples
    --------
    >>> read_entries([[["1/2", 0.25], [1.0, 0]]])[0][0][1]
    (0.25+0j)
    """
    return [[[_entry(x) for x in row] for row in matrix] for matrix in _rows(matrices)]


def _check_entries(entries: list[list[list[Any]]], ring: str) -> None:
    for number, matrix in enumerate(entries):
        for x in (x for row in matrix for x in row):
            if not (x.is_integer if ring == "Z" else x.conductor == 1):
                raise data_refusal(
                    _SUBJECT,
                    f"the entry {x} of matrix {number} (counted from 0) does not lie in {ring}",
                )


def _exact_matrix(rows: list[list[Cyclotomic | complex]]) -> tuple[tuple[Cyclotomic, ...], ...]:
    return tuple(tuple(x for x in row if isinstance(x, Cyclotomic)) for row in rows)


def _rows(matrices: Any) -> list[list[list[Any]]]:  # noqa: ANN401
    hint = "one matrix is given as [[[0, 1], [1, 0]]]"
    tolist = getattr(matrices, "tolist", None)
    if tolist is not None:
        matrices = tolist()
    try:
        rows = [_listed(matrix) for matrix in matrices]
    except TypeError:
        raise data_refusal(
            _SUBJECT, "a list of square matrices is needed, each a list of rows", hint
        ) from None
    if not rows:
        raise data_refusal(_SUBJECT, "at least one matrix is needed")
    size = len(rows[0])
    for number, matrix in enumerate(rows):
        if len(matrix) != size or any(len(row) != size for row in matrix) or not size:
            raise data_refusal(
                _SUBJECT,
                f"matrix {number} (counted from 0) has {len(matrix)} rows of lengths "
                f"{sorted({len(row) for row in matrix})}; all must be square and of one size",
            )
    return rows


def _listed(matrix: Any) -> list[list[Any]]:  # noqa: ANN401
    tolist = getattr(matrix, "tolist", None)
    if tolist is not None:
        matrix = tolist()
    if isinstance(matrix, str):
        raise TypeError
    rows = []
    for row in matrix:
        inner = getattr(row, "tolist", None)
        row = inner() if inner is not None else row
        if isinstance(row, str):
            raise TypeError
        rows.append(list(row))
    return rows


def _entry(x: Any) -> Cyclotomic | complex:  # noqa: ANN401
    """Return an exact entry as a cyclotomic number, a float as it is; whole floats are exact."""
    if isinstance(x, Cyclotomic):
        return x
    if isinstance(x, str):
        try:
            return read_number(x)
        except NamingError as error:
            raise data_refusal(
                _SUBJECT, f"the entry {x!r:.40} is not a number: {error.problem}", error.suggestion
            ) from None
    if isinstance(x, bool):
        raise data_refusal(_SUBJECT, "an entry is True or False, and numbers are needed")
    if isinstance(x, numbers.Rational):
        return Cyclotomic.from_fraction(Fraction(int(x.numerator), int(x.denominator)))
    try:
        value = complex(x)
    except (TypeError, ValueError):
        raise data_refusal(_SUBJECT, f"the entry {x!r:.40} is not a number") from None
    if value.imag == 0 and math.isfinite(value.real) and value.real.is_integer():
        return Cyclotomic.from_int(int(value.real))
    return value


def _over_finite_field(rows: list[list[list[Any]]], field: str) -> GroupSpec:
    texts = []
    for matrix in rows:
        lines = [",".join(_text(x) for x in row) for row in matrix]
        texts.append("[" + ",".join(f"[{line}]" for line in lines) + "]")
    return parse_group(f"<{', '.join(texts)} | {field}>")


def _text(x: Any) -> str:  # noqa: ANN401
    entry = x if isinstance(x, str) else _entry(x)
    if isinstance(entry, complex):
        raise data_refusal(_SUBJECT, f"the entry {x!r:.40} is not an element of a finite field")
    return str(entry)


def float_action(matrices: NDArray[Any], tol: float, most: int) -> FloatAction:
    """Return the action of float matrices on the orbits of the coordinate vectors as rows.

    Parameters
    ----------
    matrices
        ``(k, n, n)`` real or complex.
    tol
        Vectors whose coordinates all differ by at most this much are the same.
    most
        The largest number of vectors.

    Returns
    -------
    FloatAction
        The group acts faithfully: the vectors span the space.

    Raises
    ------
    NamingError
        If a matrix is singular or has an eigenvalue of an absolute value other than 1, if there are
        more vectors, or if two vectors are neither within the tolerance nor clearly apart.
    """
    _check_eigenvalues(matrices)
    n = matrices.shape[-1]
    orbits = _Vectors(n, matrices.dtype, tol, most)
    span = np.zeros((0, n), dtype=matrices.dtype)
    for vector in np.eye(n, dtype=matrices.dtype):
        if _rank(np.vstack([span, vector])) == len(span):
            continue
        first = len(orbits)
        orbits.add_orbit(vector, matrices)
        span = _basis(np.vstack([span, *orbits.vectors[first:]]))
    images = tuple(map(tuple, orbits.images))
    points = np.array(orbits.vectors)
    for image in images:
        if sorted(image) != list(range(len(points))):
            raise data_refusal(
                _SUBJECT, f"within the tolerance {tol:g} they do not permute the vectors"
            )
    residual = max(
        float(np.abs(points @ matrix - points[list(image)]).max())
        for matrix, image in zip(matrices, images, strict=True)
    )
    if np.iscomplexobj(matrices):
        upper = np.concatenate([matrices.real, matrices.imag], axis=2)
        lower = np.concatenate([-matrices.imag, matrices.real], axis=2)
        matrices = np.concatenate([upper, lower], axis=1)
    return FloatAction(images, np.array(matrices, dtype=np.float64), residual)


def _check_eigenvalues(matrices: NDArray[Any]) -> None:
    for number, matrix in enumerate(matrices):
        where = f"matrix {number} (counted from 0)"
        if _rank(matrix) < len(matrix):
            raise data_refusal(_SUBJECT, f"{where} is singular, so that it has no inverse")
        sizes = np.abs(np.linalg.eigvals(matrix))
        worst = float(sizes[np.argmax(np.abs(sizes - 1))])
        # a defective matrix shows its eigenvalues to a root of the precision only
        if abs(worst - 1) > 0.01:
            raise data_refusal(
                _SUBJECT,
                f"{where} has an eigenvalue of absolute value {worst:.4g}, so that its powers are "
                "all different: the group is infinite",
            )


def _rank(rows: NDArray[Any]) -> int:
    return int(np.linalg.matrix_rank(rows, tol=1e-6 * max(1.0, float(np.abs(rows).max()))))


def _basis(rows: NDArray[Any]) -> NDArray[Any]:
    """Return orthonormal rows with the same span."""
    _, _, basis = np.linalg.svd(rows, full_matrices=False)
    out: NDArray[Any] = basis[: _rank(rows)]
    return out


class _Vectors:
    """Vectors that are told apart with a tolerance, in the order in which they were found."""

    def __init__(self, n: int, dtype: np.dtype[Any], tol: float, most: int) -> None:
        generator = np.random.default_rng(0)
        self.direction = generator.uniform(0.5, 1.0, n) / n
        self.tol, self.most = tol, most
        self.vectors: list[NDArray[Any]] = []
        self.images: list[list[int]] = []
        # sums of coordinates along the direction, sorted, and whose they are
        self.sums: list[float] = []
        self.numbers: list[int] = []

    def __len__(self) -> int:
        return len(self.vectors)

    def number(self, vector: NDArray[Any]) -> int:
        """Return the number of a vector, a new one if it is not there."""
        value = complex(vector @ self.direction)
        total = value.real + 0.7 * value.imag  # what is at most 1.3 times as far apart
        near = 10 * self.tol
        at = bisect_left(self.sums, total - 1.3 * near)
        while at < len(self.sums) and self.sums[at] <= total + 1.3 * near:
            other = self.numbers[at]
            distance = float(np.abs(self.vectors[other] - vector).max())
            if distance <= self.tol:
                return other
            if distance <= near:
                raise data_refusal(
                    _SUBJECT,
                    f"two vectors of an orbit differ by {distance:.2g}, which is neither within "
                    f"the tolerance {self.tol:g} nor 10 times as much",
                    "give more accurate matrices or another tol",
                )
            at += 1
        if len(self.vectors) == self.most:
            raise data_refusal(
                _SUBJECT,
                f"not decided within {self.most:,} vectors whether they generate a finite group",
                "max_vectors raises the limit",
            )
        at = bisect_left(self.sums, total)
        self.sums.insert(at, total)
        self.numbers.insert(at, len(self.vectors))
        self.vectors.append(vector)
        return len(self.vectors) - 1

    def add_orbit(self, vector: NDArray[Any], matrices: Sequence[Any] | NDArray[Any]) -> None:
        """Add the orbit of a vector, with its images under the matrices at the right."""
        if not self.images:
            self.images = [[] for _ in matrices]
        at = len(self.vectors)
        self.number(vector)
        while at < len(self.vectors):
            for image, matrix in zip(self.images, matrices, strict=True):
                image.append(self.number(self.vectors[at] @ matrix))
            at += 1


def check_limits(tol: float, most: int) -> None:
    """Check a tolerance and a number of vectors."""
    if not (isinstance(tol, int | float) and 0 < tol < 0.1):
        raise NamingError(_SUBJECT, None, f"tol must be above 0 and below 0.1, not {tol!r:.40}")
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise NamingError(
            _SUBJECT, None, f"max_vectors must be a whole number above 0, not {most!r:.40}"
        )
