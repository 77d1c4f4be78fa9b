"""Fusions of association schemes: relations joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.cached import cached_property
from toolkit.errors import ModuleMismatchError
from toolkit.exact.matrix import ExactMatrix
from toolkit.modules.schemes.relations import Eigenspaces, Relations

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from toolkit.exact.cyclotomic import Number
    from toolkit.modules.gsets.actions import IntArray


class FusedRelations(Relations):
    """Unions of the relations of another scheme.

    Parameters
    ----------
    parent
        The other scheme's relations.
    partition
        Sets of 0-based relations, each relation in one of them; equality may be left out.

    Raises
    ------
    ModuleMismatchError
        If the unions do not form an association scheme; the message says why.
    """

    def __init__(self, parent: Relations, partition: Iterable[Iterable[int]]) -> None:
        self._parent = parent
        classes = sorted({frozenset(map(int, c)) for c in partition} - {frozenset({0})}, key=min)
        #: Per relation the relations of the parent that it is made of.
        self.parts = ((0,), *(tuple(sorted(c)) for c in classes))
        if sorted(i for c in self.parts for i in c) != list(range(parent.rank)):
            raise ModuleMismatchError(
                f"a fusion needs each relation from 1 to {parent.rank - 1} in exactly one set, "
                f"found {[sorted(c) for c in classes]}"
            )
        self._class = np.empty(parent.rank, dtype=np.intp)
        for number, part in enumerate(self.parts):
            self._class[list(part)] = number
        for part in self.parts:
            if len({int(self._class[parent.paired[i]]) for i in part}) > 1:
                raise ModuleMismatchError(
                    f"a fusion must keep transposes together: relations {list(part)} have the "
                    f"transposes {[parent.paired[i] for i in part]} in different sets"
                )
        self._numbers = self._summed(parent.intersection_numbers)

    def _summed(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        r = len(self.parts)
        total = np.zeros((r, r, numbers.shape[2]), dtype=np.int64)
        for i, one in enumerate(self.parts):
            for j, other in enumerate(self.parts):
                total[i, j] = numbers[np.ix_(one, other)].sum(axis=(0, 1))
        out = total[:, :, [part[0] for part in self.parts]]
        wrong = np.argwhere(total != out[:, :, self._class])
        if wrong.size:
            i, j, k = wrong[0].tolist()
            raise ModuleMismatchError(
                "these unions do not form an association scheme: for two points in relation "
                f"{k} of {self._parent.subject} there are {int(total[i, j, k])} points in "
                f"{list(self.parts[i])} with the first and {list(self.parts[j])} with the second, "
                f"for relation {self.parts[self._class[k]][0]} of the same set "
                f"{int(out[i, j, self._class[k]])}"
            )
        return out

    @property
    def subject(self) -> str:
        """What messages call it."""
        return f"a fusion of {self._parent.subject}"

    @property
    def degree(self) -> int:
        """n, the number of points."""
        return self._parent.degree

    @cached_property
    def valencies(self) -> tuple[int, ...]:
        """Per relation, the number of points in it with a given point."""
        return tuple(sum(self._parent.valencies[i] for i in part) for part in self.parts)

    @cached_property
    def paired(self) -> tuple[int, ...]:
        """Per relation, the 0-based number of the transposed one."""
        return tuple(int(self._class[self._parent.paired[part[0]]]) for part in self.parts)

    @cached_property
    def labels(self) -> IntArray:
        """``(n, n)`` the 0-based number of the relation that each pair of points is in."""
        return self._class[self._parent.labels]

    @property
    def intersection_numbers(self) -> NDArray[np.int64]:
        """``(r, r, r)`` int64: ``[i, j, k]`` is p_ij^k."""
        return self._numbers

    @cached_property
    def eigenspaces(self) -> Eigenspaces:
        """The parent's, joined where the joined relations have the same eigenvalues."""
        if not self.is_commutative:
            raise self.not_commutative("the eigenmatrix P")
        above = self._parent.eigenspaces
        met: dict[tuple[Number, ...], list[int]] = {}
        summed = ExactMatrix.of(
            [sum((row[i] for i in part), 0) for part in self.parts] for row in above.eigenvalues
        )
        for j, row in enumerate(summed):
            met.setdefault(row, []).append(j)
        return Eigenspaces(
            labels=tuple("+".join(above.labels[j] for j in joined) for joined in met.values()),
            multiplicities=tuple(
                sum(above.multiplicities[j] for j in joined) for joined in met.values()
            ),
            eigenvalues=ExactMatrix(tuple(met)),
        )
