"""Relations that form an association scheme, wherever they come from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from toolkit.cached import cached_property
from toolkit.errors import NotAvailable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.exact.matrix import ExactMatrix  # noqa: TC004 - an annotation
    from toolkit.modules.gsets.actions import IntArray


@dataclass(frozen=True)
class Eigenspaces:
    """The common eigenspaces of the relations of a commutative association scheme.

    Parameters
    ----------
    labels
        Per eigenspace the complex irreducible character ``"X3"`` on it (several joined by ``+``
        in a fused scheme); ``"V2"`` and ``"V2*"``, a simple of the module and its conjugate,
        where the group's character table is out of reach.
    multiplicities
        Their dimensions.
    eigenvalues
        The first eigenmatrix P: a row per eigenspace, a column per relation.
    """

    labels: tuple[str, ...]
    multiplicities: tuple[int, ...]
    eigenvalues: ExactMatrix


class Relations(ABC):
    """The relations of an association scheme; relation 0 is equality.

    :class:`~toolkit.modules.schemes.association_scheme.AssociationScheme` shows them to users.
    """

    @property
    @abstractmethod
    def degree(self) -> int:
        """n, the number of points."""

    @property
    @abstractmethod
    def valencies(self) -> tuple[int, ...]:
        """Per relation, the number of points in it with a given point."""

    @property
    @abstractmethod
    def paired(self) -> tuple[int, ...]:
        """Per relation, the 0-based number of the transposed one."""

    @property
    @abstractmethod
    def labels(self) -> IntArray:
        """``(n, n)`` the 0-based number of the relation that each pair of points is in."""

    @property
    @abstractmethod
    def intersection_numbers(self) -> NDArray[np.int64]:
        """``(r, r, r)`` int64: ``[i, j, k]`` is p_ij^k.

        For (x, y) in relation k, the number of z with (x, z) in relation i and (z, y) in j.
        """

    @property
    @abstractmethod
    def eigenspaces(self) -> Eigenspaces:
        """The common eigenspaces, with labels; NotAvailable if there are none."""

    @property
    def multiplicities(self) -> tuple[int, ...]:
        """The dimensions of the common eigenspaces."""
        return self.eigenspaces.multiplicities

    @property
    def eigenvalues(self) -> ExactMatrix:
        """The first eigenmatrix P."""
        return self.eigenspaces.eigenvalues

    @property
    @abstractmethod
    def subject(self) -> str:
        """What messages call it."""

    @property
    def rank(self) -> int:
        """r, the number of relations, equality included."""
        return len(self.valencies)

    @property
    def is_symmetric(self) -> bool:
        """Whether every relation is its own transpose."""
        return self.paired == tuple(range(self.rank))

    @cached_property
    def is_commutative(self) -> bool:
        """Whether the matrices of the relations commute; symmetric ones always do."""
        if self.is_symmetric:
            return True
        numbers = self.intersection_numbers
        return bool((numbers == numbers.transpose(1, 0, 2)).all())

    @cached_property
    def is_primitive(self) -> bool:
        """Whether every relation but equality, taken as a graph, is connected."""
        numbers = self.intersection_numbers > 0
        for i in range(1, self.rank):
            reached = np.zeros(self.rank, dtype=np.bool_)
            reached[0] = True
            while True:
                more = reached | numbers[i][reached].any(axis=0)
                if (more == reached).all():
                    break
                reached = more
            if not reached.all():
                return False
        return self.degree > 1

    def not_commutative(self, what: str) -> NotAvailable:
        """Return the error for what only commutative schemes have."""
        return NotAvailable(
            self.subject,
            what,
            "the relations do not commute, since some irreducible character occurs more than "
            "once, so that they have no common eigenvectors; there are the intersection_numbers, "
            "the valencies, is_primitive, and the module's spherical_table",
        )
