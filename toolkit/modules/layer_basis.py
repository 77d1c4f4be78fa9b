"""The basis of equivariant linear maps X -> Y: one matrix for each orbital.

A map is a vector of weights, one per orbital; its matrix is ``signs * weights[labels]``. Entries
of basis matrices are 0 and 1, and -1 if a module is signed. Distinct basis matrices have disjoint
supports, so they are orthogonal and projecting is averaging.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.cached import cached_property
from toolkit.display import Tabulated
from toolkit.errors import InconsistentAnswerError, ModuleMismatchError, NotAvailable
from toolkit.memory import require_memory
from toolkit.modules.gsets.orbitals import Orbitals
from toolkit.modules.gsets.signed_orbitals import SignedOrbitals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, DTypeLike, NDArray
    from scipy.sparse import csr_array


_CHUNK = 1 << 20  # entries handled at a time


@dataclass(frozen=True, eq=False)
class LayerBasis(Tabulated):
    """The matrices of orbitals, as a basis.

    Parameters
    ----------
    orbitals
        The orbits of G on Y x X, with signs if a module is signed.

    Notes
    -----
    ``dimension``, ``sizes``, ``norms`` and :meth:`sparse` need no ``m x n`` table; the other
    methods make the table of labels once. Nothing here starts GAP.

    Examples
    --------
    The convolutions of a cycle of three points:

    >>> basis = LayerBasis(Orbitals([[1, 2, 0]]))
    >>> basis.dimension
    3
    >>> basis.expand([10.0, 20.0, 30.0])
    array([[10., 20., 30.],
           [30., 10., 20.],
           [20., 30., 10.]])
    """

    orbitals: Orbitals | SignedOrbitals

    @property
    def dimension(self) -> int:
        """The number of basis maps, i.e. of orbitals.

        Examples
        --------
        >>> LayerBasis(Orbitals([[1, 2, 0], [1, 0, 2]])).dimension
        2
        """
        return self.orbitals.count

    @property
    def shape(self) -> tuple[int, int]:
        """``(m, n)``: the shape of a matrix in this space.

        Examples
        --------
        >>> LayerBasis(Orbitals([[1, 0]], [[1, 2, 0]])).shape
        (2, 3)
        """
        return self.orbitals.shape

    @property
    def label_matrix(self) -> NDArray[np.int64]:
        """``(m, n)`` the basis map that each entry belongs to; a new array each time.

        For a signed module it is -1 where every equivariant map is 0. Integers of 8 bytes, which
        index arrays and torch tensors alike; :meth:`gather` indexes with signs and zeros.

        Examples
        --------
        >>> LayerBasis(Orbitals([[1, 0]])).label_matrix
        array([[0, 1],
               [1, 0]])
        """
        return self.orbitals.labels.astype(np.int64)

    @cached_property
    def _index(self) -> NDArray[np.intp]:
        """``(m, n)`` the labels as an index; any label where every equivariant map is 0."""
        out = self.orbitals.labels.astype(np.intp) % max(self.dimension, 1)
        out.flags.writeable = False
        return out

    @cached_property
    def signs(self) -> NDArray[np.int8]:
        """``(m, n)`` the sign of each entry, 0 where every equivariant map is 0.

        Examples
        --------
        >>> LayerBasis(Orbitals([[1, 0]])).signs.tolist()
        [[1, 1], [1, 1]]
        """
        if isinstance(self.orbitals, Orbitals):
            return np.ones(self.shape, dtype=np.int8)
        return self.orbitals.signs

    @property
    def sizes(self) -> NDArray[np.int64]:
        """``(dimension,)`` the number of entries of each basis map that are not 0.

        Examples
        --------
        >>> LayerBasis(Orbitals([[1, 2, 0], [1, 0, 2]])).sizes.tolist()
        [3, 6]
        """
        return self.orbitals.sizes

    @cached_property
    def norms(self) -> NDArray[np.float64]:
        """``(dimension,)`` Frobenius norms of the basis maps: the square roots of the sizes.

        Examples
        --------
        >>> LayerBasis(Orbitals([[1, 2, 3, 0]])).norms.tolist()
        [2.0, 2.0, 2.0, 2.0]
        """
        return np.sqrt(self.sizes.astype(np.float64))

    def check_count(self, expected: int, subject: str) -> None:
        """Compare the dimension with the number that characters give.

        Parameters
        ----------
        expected
            The exact sum of m_L(X) m_L(Y) e_L over the simples L.
        subject
            Canonical name of the group.

        Raises
        ------
        InconsistentAnswerError
            If the two numbers differ.

        Examples
        --------
        >>> LayerBasis(Orbitals([[1, 2, 0]])).check_count(3, "C3")
        >>> LayerBasis(Orbitals([[1, 2, 0]])).check_count(2, "C3")
        Traceback (most recent call last):
        ...
        toolkit.errors.InconsistentAnswerError: the answer about C3 breaks a law ...
        """
        if self.dimension != expected:
            m, n = self.shape
            raise InconsistentAnswerError(
                subject,
                f"{expected} orbitals on {m} x {n} points, the sum of products of multiplicities",
                f"{self.dimension} orbitals",
            )

    def dense(self, dtype: DTypeLike = np.float64, *, limit: int = 1 << 30) -> NDArray[Any]:
        """Return all basis maps as one array.

        Parameters
        ----------
        dtype
            Type of the entries, which are 0 and 1, and -1 if a module is signed.
        limit
            The largest number of bytes to fill.

        Returns
        -------
        numpy.ndarray
            ``(dimension, m, n)``.

        Raises
        ------
        NotAvailable
            If the array takes more than ``limit`` bytes.

        Examples
        --------
        >>> LayerBasis(Orbitals([[1, 0]])).dense(int).tolist()
        [[[1, 0], [0, 1]], [[0, 1], [1, 0]]]
        """
        self._require_signs(np.dtype(dtype))
        m, n = self.shape
        size = self.dimension * m * n * np.dtype(dtype).itemsize
        if size > limit:
            raise NotAvailable(
                f"{self.dimension} maps of {m} x {n} entries",
                "the dense basis",
                f"it takes {size} bytes, more than limit={limit}; sparse() yields the same maps "
                "in sparse form, expand() makes one matrix out of weights",
            )
        result = np.zeros((self.dimension, m, n), dtype=dtype)
        if not self.dimension:
            return result
        np.put_along_axis(result, self._index[None], self.signs[None].astype(dtype), axis=0)
        return result

    def sparse(self, dtype: DTypeLike = np.float64) -> Iterator[csr_array]:
        """Yield the basis maps one by one as SciPy sparse arrays.

        Parameters
        ----------
        dtype
            Type of the entries.

        Yields
        ------
        scipy.sparse.csr_array
            ``(m, n)``, with sorted indices.

        Notes
        -----
        O(size) for each map; the table of labels is not made.

        Examples
        --------
        >>> [int(one.sum()) for one in LayerBasis(Orbitals([[1, 2, 0], [1, 0, 2]])).sparse()]
        [3, 6]
        """
        from scipy.sparse import csr_array

        for orbital in range(self.dimension):
            rows, columns, *signs = self.orbitals.coordinates(orbital)
            starts = np.searchsorted(rows, np.arange(self.shape[0] + 1))
            entries = signs[0].astype(dtype) if signs else np.ones(rows.size, dtype=dtype)
            yield csr_array((entries, columns, starts), shape=self.shape)

    def gather(self, weights: Any, axis: int = -1) -> Any:  # noqa: ANN401 - an array or a tensor
        """Return matrices that have given weights on the orbitals, as an array or a tensor.

        Like indexing by :attr:`label_matrix`, but with the signs and zeros of signed modules, and
        along any axis.

        Parameters
        ----------
        weights
            Numbers, ``dimension`` of them along ``axis``: whatever makes a NumPy array, or a
            torch tensor, on any device.
        axis
            The axis of the orbitals; ``(m, n)`` takes its place.

        Returns
        -------
        numpy.ndarray or torch.Tensor
            Of the weights' type. ``weights`` of shape ``(dimension, out, in)`` with ``axis=0``
            give ``(m, n, out, in)``. A tensor can be differentiated with respect to weights.

        Raises
        ------
        ModuleMismatchError
            If the axis does not have one weight for each orbital.

        Examples
        --------
        >>> import torch
        >>> basis = LayerBasis(Orbitals([[1, 0]]))
        >>> basis.gather(torch.tensor([5.0, 7.0]))
        tensor([[5., 7.],
                [7., 5.]])
        >>> basis.gather([[1, 2, 3], [4, 5, 6]], axis=0).shape
        (2, 2, 3)
        """
        torch = sys.modules.get("torch")
        is_tensor = torch is not None and isinstance(weights, torch.Tensor)
        values: Any = weights if is_tensor else _array(weights, "the weights")
        shape = tuple(values.shape)
        known = isinstance(axis, int) and -len(shape) <= axis < len(shape)
        if not known or shape[axis] != self.dimension:
            raise ModuleMismatchError(
                f"axis {axis} of the weights must have one entry for each of {self.dimension} "
                f"orbitals, found shape {shape}"
            )
        axis %= len(shape)
        form = (*shape[:axis], *self.shape, *shape[axis + 1 :])
        if not self.dimension:  # every equivariant map is 0
            return values.new_zeros(form) if is_tensor else np.zeros(form, dtype=values.dtype)
        if is_tensor:
            assert torch is not None
            index = torch.from_numpy(self._index.reshape(-1).copy()).to(values.device)
            found = values.index_select(axis, index).reshape(form)
        else:
            require_memory(
                f"{self.dimension} maps of {self.shape[0]} x {self.shape[1]} entries",
                "one matrix of them",
                math.prod(form) * values.itemsize + 8 * math.prod(self.shape),
                "sparse() yields the maps one by one",
            )
            found = np.take(values, self._index, axis=axis)
        if isinstance(self.orbitals, Orbitals):
            return found
        self._require_signs(values.dtype)
        signs: Any = self.signs.reshape(*self.shape, *(1,) * (len(shape) - axis - 1))
        if is_tensor:
            assert torch is not None
            return found * torch.from_numpy(signs.copy()).to(values)
        return found * signs.astype(values.dtype)

    def _require_signs(self, dtype: Any) -> None:  # noqa: ANN401 - of NumPy or torch
        """Refuse types that cannot hold -1, if a module is signed."""
        name = str(dtype).removeprefix("torch.")
        if not isinstance(self.orbitals, Orbitals) and name.startswith(("uint", "bool")):
            raise ModuleMismatchError(
                f"maps of signed modules have negative entries, which {name} cannot hold: use "
                "signed integers or floats"
            )

    def expand(self, weights: ArrayLike) -> NDArray[Any]:
        """Return the matrix that has given weights on the orbitals.

        Parameters
        ----------
        weights
            ``(..., dimension)`` numbers.

        Returns
        -------
        numpy.ndarray
            ``(..., m, n)`` of the same type, ``signs * weights[..., labels]``.

        Raises
        ------
        ModuleMismatchError
            If the last axis does not have one weight for each orbital.

        Examples
        --------
        >>> LayerBasis(Orbitals([[1, 0]])).expand([[1, 0], [5, 7]]).tolist()
        [[[1, 0], [0, 1]], [[5, 7], [7, 5]]]
        """
        result: NDArray[Any] = self.gather(_array(weights, "the weights"))
        return result

    def project(self, matrix: ArrayLike) -> NDArray[Any]:
        """Return the weights of the nearest equivariant map: the averages over the orbitals.

        Parameters
        ----------
        matrix
            ``(m, n)`` real or complex numbers.

        Returns
        -------
        numpy.ndarray
            ``(dimension,)`` float64 or complex128 weights; ``expand(project(matrix))`` is the
            orthogonal projection, which is also the average over the group.

        Raises
        ------
        ModuleMismatchError
            If the matrix has another shape.

        Notes
        -----
        Sums are in floating point; O(m n), in blocks of rows.

        Examples
        --------
        >>> LayerBasis(Orbitals([[1, 0]])).project([[1, 2], [4, 9]]).tolist()
        [5.0, 3.0]
        """
        values = _array(matrix, "the matrix")
        m, n = self.shape
        if values.shape != (m, n):
            raise ModuleMismatchError(
                f"the matrix must have shape {(m, n)}, rows for the target and columns for the "
                f"source, found {values.shape}"
            )
        if not self.dimension:
            return np.zeros(0, dtype=np.result_type(values, np.float64))
        parts = [values.real, values.imag] if np.iscomplexobj(values) else [values]
        sums = np.zeros((len(parts), self.dimension), dtype=np.float64)
        most = max(1, _CHUNK // n)
        for start in range(0, m, most):
            rows = slice(start, start + most)
            block = self._index[rows].ravel()
            for total, part in zip(sums, parts, strict=True):
                entries = part[rows].ravel()
                if not isinstance(self.orbitals, Orbitals):
                    entries = entries * self.signs[rows].ravel()
                total += np.bincount(block, entries, minlength=self.dimension)
        averages: NDArray[Any] = sums / self.sizes
        weights: NDArray[Any] = averages[0]
        if len(parts) == 2:
            weights = weights + 1j * averages[1]
        return weights


def _array(values: object, what: str) -> NDArray[Any]:
    """Return numbers as an array, those of a torch tensor without its gradient."""
    detach = getattr(values, "detach", None)
    try:
        array = np.asarray(detach().cpu() if detach is not None else values)
    except (ValueError, TypeError, RuntimeError) as error:
        raise ModuleMismatchError(f"{what} must be an array of numbers: {error}") from error
    if array.dtype.kind not in "biufcO":
        raise ModuleMismatchError(f"{what} must be an array of numbers, found {array.dtype}")
    return array
