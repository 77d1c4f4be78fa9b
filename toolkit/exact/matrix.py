"""Matrices of exact numbers: shown, multiplied, converted to floats."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, overload

from toolkit.exact.cyclotomic import Cyclotomic, Number, pretty, simplified, to_complex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, repr=False)
class ExactMatrix:
    """A matrix of ints, Fractions and cyclotomics; matrices are equal if all entries are.

    Parameters
    ----------
    rows
        Rows of equal length. Each entry has the first of the types ``int``, ``Fraction`` and
        ``Cyclotomic`` that can represent it.

    Examples
    --------
    >>> m = ExactMatrix.of([[1, 1], [Cyclotomic.root_of_unity(3), 0]])
    >>> m
    [[1, 1],
     [(i√3-1)/2, 0]]
    >>> m[1, 0] * m[1][0], (m @ m).shape, m.to_numpy().dtype.name
    (Cyclotomic(conductor=3, terms=((2, 1, 1),)), (2, 2), 'complex128')
    """

    rows: tuple[tuple[Number, ...], ...]

    @classmethod
    def of(cls, rows: Iterable[Iterable[Number]]) -> ExactMatrix:
        """Return the matrix with the given rows."""
        return cls(tuple(tuple(map(simplified, row)) for row in rows))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[Number, ...]]:
        return iter(self.rows)

    @overload
    def __getitem__(self, place: int) -> tuple[Number, ...]: ...
    @overload
    def __getitem__(self, place: tuple[int, int]) -> Number: ...
    def __getitem__(self, place: int | tuple[int, int]) -> Number | tuple[Number, ...]:
        """Return ``m[i, j]``, an entry, or ``m[i]``, a row; 0-based."""
        if isinstance(place, tuple):
            return self.rows[place[0]][place[1]]
        return self.rows[place]

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""
        return len(self.rows), len(self.rows[0]) if self.rows else 0

    @property
    def T(self) -> ExactMatrix:
        """The transposed matrix."""
        return ExactMatrix(tuple(zip(*self.rows, strict=True)))

    def __matmul__(self, other: ExactMatrix) -> ExactMatrix:
        """Return the matrix product, exactly."""
        if not isinstance(other, ExactMatrix):
            return NotImplemented
        if self.shape[1] != other.shape[0]:
            raise ValueError(f"matrices of shapes {self.shape} and {other.shape} have no product")
        columns = other.T.rows
        return ExactMatrix.of([_dot(row, column) for column in columns] for row in self.rows)

    def inverse(self) -> ExactMatrix:
        """Return the inverse of a square matrix, exactly, by elimination.

        Raises
        ------
        ZeroDivisionError
            If the matrix is singular.

        Examples
        --------
        >>> ExactMatrix.of([[1, 2], [0, 2]]).inverse()
        [[1, -1],
         [0, 1/2]]
        """
        n = len(self.rows)
        rows: list[list[Number]] = [
            [*row, *(int(i == j) for j in range(n))] for i, row in enumerate(self.rows)
        ]
        for j in range(n):
            pivot = next((i for i in range(j, n) if rows[i][j] != 0), None)
            if pivot is None:
                raise ZeroDivisionError("the matrix has no inverse")
            rows[j], rows[pivot] = rows[pivot], rows[j]
            unit = _reciprocal(rows[j][j])
            rows[j] = [simplified(x * unit) for x in rows[j]]
            for i in range(n):
                factor = rows[i][j]
                if i != j and factor != 0:
                    rows[i] = [
                        simplified(x - factor * y) if y != 0 else x
                        for x, y in zip(rows[i], rows[j], strict=True)
                    ]
        return ExactMatrix.of(row[n:] for row in rows)

    @property
    def is_real(self) -> bool:
        """Whether all entries are real."""
        return all(v.is_real for row in self.rows for v in row if isinstance(v, Cyclotomic))

    def to_numpy(self) -> NDArray[np.float64] | NDArray[np.complex128]:
        """Return the entries rounded to float64 if all are real, else to complex128."""
        import numpy as np

        entries = [[to_complex(v) for v in row] for row in self.rows]
        out = np.array(entries, dtype=np.complex128).reshape(self.shape)
        return out.real.copy() if self.is_real else out

    def __repr__(self) -> str:
        texts = [", ".join(map(pretty, row)) for row in self.rows]
        return "[" + ",\n ".join(f"[{text}]" for text in texts) + "]"


def _dot(row: Iterable[Number], column: Iterable[Number]) -> Number:
    total: Number = 0
    for x, y in zip(row, column, strict=True):
        if x != 0 and y != 0:
            total = total + x * y
    return total


def _reciprocal(x: Number) -> Number:
    return x.inverse() if isinstance(x, Cyclotomic) else Fraction(1) / x
