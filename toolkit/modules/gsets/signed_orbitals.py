"""Equivariant maps between signed permutation modules: one signed matrix for each orbital.

A map W is equivariant iff it is an equivariant map of the covers that changes sign with each
argument. Take the orbits of G, together with the swap of both signs at once, on pairs of points
of the covers. Where the pairs (y, +), (x, +) and (y, +), (x, -) lie in one orbit every equivariant
W vanishes; else the two orbits make up one matrix with entries 1 on one and -1 on the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from toolkit.cached import cached_property
from toolkit.errors import InconsistentAnswerError
from toolkit.modules.gsets.orbitals import Orbitals
from toolkit.modules.module import require_same_group

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.signed_module import SignedModule  # noqa: TC004 - a cycle


@dataclass(frozen=True, eq=False)
class SignedOrbitals:
    """The basis of equivariant maps between two signed modules.

    Parameters
    ----------
    target, source
        Modules of one group: rows and columns of the matrices.
    step_limit
        As of :class:`~toolkit.modules.gsets.orbitals.Orbitals`; its own if left out.

    Raises
    ------
    ModuleMismatchError
        If they belong to different groups.

    Notes
    -----
    Exact; GAP gives images only. Every equivariant matrix is :meth:`expand` of its weights.
    Orbitals are numbered by first occurrence in row-major order, and have sign + there.

    Examples
    --------
    The cyclic group of order 4 on two points with a sign, the rotations of a plane:

    >>> import toolkit as tk
    >>> plane = tk.group("C4").signed_coset_module([{"word": [0, 0]}], [])
    >>> maps = SignedOrbitals(plane, plane)
    >>> maps.count
    2
    >>> maps.expand([3, 5]).tolist()
    [[3, 5], [-5, 3]]
    """

    target: SignedModule
    source: SignedModule
    step_limit: int | None = None

    def __post_init__(self) -> None:
        require_same_group(self.target, self.source)

    @property
    def shape(self) -> tuple[int, int]:
        """``(m, n)``: the dimensions of target and source."""
        return self.target.degree, self.source.degree

    @cached_property
    def _covers(self) -> Orbitals:
        """The orbits on pairs of points of the covers, with the swap as one more generator."""

        def with_swap(module: SignedModule) -> IntArray:
            module.signs  # noqa: B018 - checks that the cover is one
            images = module.cover.images
            swap = np.arange(images.shape[1], dtype=np.intp) ^ 1
            return np.concatenate([images, swap[None]])

        target, source = with_swap(self.target), with_swap(self.source)
        if self.step_limit is None:
            return Orbitals(target, source)
        return Orbitals(target, source, step_limit=self.step_limit)

    @cached_property
    def _partners(self) -> IntArray:
        """Per orbital of the covers, the one with the other sign."""
        y, x = self._covers.representatives.T
        return self._covers.labels_at(y, x ^ 1)

    @cached_property
    def _positive(self) -> IntArray:
        """Per orbital the one of the covers where it has sign +."""
        return np.flatnonzero(self._partners > np.arange(self._partners.size))

    @property
    def count(self) -> int:
        """The dimension of the equivariant maps; needs no table."""
        return self._positive.size

    @property
    def representatives(self) -> IntArray:
        """``(count, 2)`` the first entry (y, x) of each in row-major order; its sign is +."""
        return self._covers.representatives[self._positive] >> 1

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """``(count,)`` the number of entries of each that are not 0."""
        return self._covers.sizes[self._positive] // 2  # (y, x) and its swap, with one sign each

    def coordinates(self, orbital: int) -> tuple[IntArray, IntArray, NDArray[np.int8]]:
        """Return the entries of one orbital that are not 0, without the table.

        Parameters
        ----------
        orbital
            Its number, from 0.

        Returns
        -------
        tuple of numpy.ndarray
            Rows, columns and signs, in row-major order.

        Raises
        ------
        IndexError
            If there is no such orbital.

        Examples
        --------
        >>> import toolkit as tk
        >>> plane = tk.SignedModule.from_signs(tk.group("C4"), [[1, 0]], [[1, -1]])
        >>> [part.tolist() for part in SignedOrbitals(plane, plane).coordinates(1)]
        [[0, 1], [1, 0], [1, -1]]
        """
        if not 0 <= orbital < self.count:
            raise IndexError(
                f"orbitals are numbered 0 to {self.count - 1}, found {orbital}: use one of them"
            )
        rows, columns = self._covers.coordinates(int(self._positive[orbital]))
        plus = rows % 2 == 0
        rows, columns = rows[plus], columns[plus]
        return rows >> 1, columns >> 1, (1 - 2 * (columns & 1)).astype(np.int8)

    @cached_property
    def labels(self) -> NDArray[np.int32]:
        """``(m, n)`` the orbital of each entry, -1 where every equivariant map vanishes."""
        partners = self._partners
        lower = np.minimum(partners, np.arange(partners.size))
        alive = partners != np.arange(partners.size)
        number = np.full(partners.size, -1, dtype=np.int32)
        # orbitals of the covers are numbered by first occurrence, and so are these
        number[np.unique(lower[alive])] = np.arange(self.count, dtype=np.int32)
        number = np.where(alive, number[lower], -1).astype(np.int32)
        out: NDArray[np.int32] = number[self._covers.labels[0::2, 0::2]]
        return out

    @cached_property
    def signs(self) -> NDArray[np.int8]:
        """``(m, n)`` the sign, 1 or -1, of each entry; 0 where every equivariant map vanishes."""
        step = np.sign(self._partners - np.arange(self._partners.size)).astype(np.int8)
        out: NDArray[np.int8] = step[self._covers.labels[0::2, 0::2]]
        return out

    def expand(self, weights: ArrayLike) -> NDArray[np.generic]:
        """Return the equivariant matrix of a vector of weights.

        Parameters
        ----------
        weights
            ``(count,)`` numbers.

        Returns
        -------
        numpy.ndarray
            ``(m, n)`` matrix ``signs * weights[labels]``, 0 where the label is -1.
        """
        values = np.asarray(weights)
        padded = np.append(values, np.zeros(1, dtype=values.dtype))
        out: NDArray[np.generic] = self.signs.astype(values.dtype) * padded[self.labels]
        return out

    def check_count(self, expected: int) -> None:
        """Compare the count with the exact sum of m_L m_L e_L over the simples.

        Raises
        ------
        InconsistentAnswerError
            If they differ.
        """
        if self.count != expected:
            raise InconsistentAnswerError(
                self.target.group,
                f"{expected} maps from {self.source.name} to {self.target.name} by characters",
                f"{self.count} signed orbitals",
            )
