"""Arrays of NumPy and tensors of torch by the same code; samples and their weights."""

from __future__ import annotations

import math
import numbers
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from toolkit.errors import ModuleMismatchError
from toolkit.modules.module import require_module

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.module import Module


class Samples(NamedTuple):
    """Samples of functions with channels.

    Parameters
    ----------
    values
        ``(n, points, channels)`` floats: an array or a tensor.
    has_channels
        Whether they came with an axis of channels.
    """

    values: Any
    has_channels: bool

    def as_given(self, functions: Any) -> Any:  # noqa: ANN401 - an array or a tensor
        """Return ``(..., points, channels)`` functions, without the last axis if it was not given.

        Examples
        --------
        >>> Samples(np.zeros((5, 3, 1)), has_channels=False).as_given(np.zeros((3, 1))).shape
        (3,)
        """
        return functions if self.has_channels else functions[..., 0]


def namespace(values: Any) -> Any:  # noqa: ANN401 - a module
    """Return torch for a tensor, else NumPy.

    Examples
    --------
    >>> namespace(np.zeros(3)).__name__
    'numpy'
    """
    torch = sys.modules.get("torch")
    return torch if torch is not None and isinstance(values, torch.Tensor) else np


def constant(table: NDArray[Any], like: Any) -> Any:  # noqa: ANN401 - an array or a tensor
    """Return numbers as an array or a tensor of the type and on the device of ``like``.

    Examples
    --------
    >>> constant(np.eye(2), np.zeros(1, dtype=np.float32)).dtype
    dtype('float32')
    """
    xp = namespace(like)
    if xp is np:
        return table.astype(like.dtype, copy=False)
    return xp.tensor(table, dtype=like.dtype, device=like.device)


def index(table: NDArray[Any], like: Any) -> Any:  # noqa: ANN401 - an array or a tensor
    """Return numbers that index ``like``.

    Examples
    --------
    >>> index(np.array([0, 2], dtype=np.uint8), np.zeros(3)).dtype
    dtype('int64')
    """
    xp = namespace(like)
    whole = table.astype(np.int64)
    return whole if xp is np else xp.tensor(whole, device=like.device)


def einsum(subscripts: str, *operands: Any) -> Any:  # noqa: ANN401 - arrays or tensors
    """Return the sum of products, by matrix products where possible.

    Examples
    --------
    >>> einsum("ij,j->i", np.eye(2), np.array([3.0, 4.0])).tolist()
    [3.0, 4.0]
    """
    xp = namespace(operands[-1])
    if xp is np:
        return np.einsum(subscripts, *operands, optimize=True)
    return xp.einsum(subscripts, *operands)


def number(value: Any) -> float:  # noqa: ANN401 - an array or a tensor
    """Return a single number without its gradient.

    Examples
    --------
    >>> number(np.float32(2))
    2.0
    """
    return float(value if namespace(value) is np else value.detach())


def floats(values: Any, what: str) -> Any:  # noqa: ANN401 - an array or a tensor
    """Return real numbers as an array or a tensor of single or double precision.

    Integers become the default floats, half precision single, and more than double precision
    double: these are the types that eigenvalues can be had of.

    Raises
    ------
    ModuleMismatchError
        If they are no real numbers.

    Examples
    --------
    >>> floats([1, 2], "the numbers")
    array([1., 2.])
    >>> floats(np.zeros(3, dtype=np.float16), "the numbers").dtype
    dtype('float32')
    """
    xp = namespace(values)
    if xp is not np:
        if values.is_complex():
            raise ModuleMismatchError(f"{what} must be real numbers, found {values.dtype}")
        if not values.is_floating_point():
            values = values.to(xp.get_default_dtype())
        return values if values.dtype == xp.float64 else values.float()
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ModuleMismatchError(f"{what} must be an array of numbers: {error}") from error
    if array.dtype.kind not in "biuf":
        raise ModuleMismatchError(f"{what} must be an array of real numbers, found {array.dtype}")
    if array.dtype.kind != "f" or array.dtype.itemsize > 8:
        return array.astype(np.float64)
    return array if array.dtype.itemsize >= 4 else array.astype(np.float32)


def at_least_0(value: Any, what: str) -> float:  # noqa: ANN401 - whatever was given
    """Return a finite number that is not negative.

    Raises
    ------
    ModuleMismatchError
        If it is none.

    Examples
    --------
    >>> at_least_0(1, "ridge")
    1.0
    >>> at_least_0(float("nan"), "ridge")
    Traceback (most recent call last):
    ...
    toolkit.errors.ModuleMismatchError: ridge must be a finite number of at least 0, found nan
    """
    if not isinstance(value, numbers.Real) or not 0 <= float(value) < math.inf:
        raise ModuleMismatchError(
            f"{what} must be a finite number of at least 0, found {value!r:.60}"
        )
    return float(value)


def require_finite(values: Any, what: str) -> None:  # noqa: ANN401 - an array or a tensor
    """Raise ModuleMismatchError unless all numbers are finite.

    Examples
    --------
    >>> require_finite(np.array([1.0, np.nan, np.inf]), "samples")
    Traceback (most recent call last):
    ...
    toolkit.errors.ModuleMismatchError: samples must be finite numbers, found 2 of 3 that are not
    """
    bad = int((~namespace(values).isfinite(values)).sum())
    if bad:
        raise ModuleMismatchError(
            f"{what} must be finite numbers, found {bad} of {math.prod(values.shape)} that are not"
        )


def samples_of(X: Module, x: Any) -> Samples:  # noqa: ANN401 - an array or a tensor
    """Return samples ``(n, |X|, channels)`` or ``(n, |X|)`` with an axis of channels.

    Raises
    ------
    ModuleMismatchError
        If they have another shape, or there are none.

    Examples
    --------
    >>> import toolkit as tk
    >>> samples_of(tk.group("S3").natural_module(), np.zeros((5, 3))).values.shape
    (5, 3, 1)
    """
    require_module(X)
    values = floats(x, f"samples of {X.name}")
    shape, n = tuple(values.shape), X.degree
    if len(shape) not in (2, 3) or shape[1] != n:
        hint = ""
        if len(shape) == 3 and shape[2] == n:
            hint = "; points come before channels: swap the last two axes"
        elif len(shape) == 2 and n and shape[1] % n == 0:
            hint = f"; x.reshape({shape[0]}, {n}, {shape[1] // n}) if channels vary fastest"
        elif shape == (n,):
            hint = "; a single sample is x[None]"
        raise ModuleMismatchError(
            f"samples of {X.name} of {X.group_title} must have shape (samples, {n}) or "
            f"(samples, {n}, channels), found {shape}{hint}"
        )
    if not shape[0]:
        raise ModuleMismatchError(f"statistics of {X.name} need at least one sample, found none")
    return Samples(values if len(shape) == 3 else values[:, :, None], len(shape) == 3)


def of_type(values: Any, like: Any, what: str) -> Any:  # noqa: ANN401 - arrays or tensors
    """Return real numbers as an array or a tensor of the type and on the device of ``like``.

    Examples
    --------
    >>> of_type([1, 2], np.zeros(3, dtype=np.float32), "weights").dtype
    dtype('float32')
    """
    given = floats(values, what)
    if namespace(given) is not namespace(like):
        return constant(np.asarray(given.tolist()), like)
    return given.astype(like.dtype, copy=False) if namespace(like) is np else given.to(like)


def sample_weights(weights: Any, like: Any) -> Any:  # noqa: ANN401 - arrays or tensors
    """Return ``(n,)`` weights of the samples ``like`` whose sum is 1; equal ones for ``None``.

    See :func:`weights_and_sum`.

    Examples
    --------
    >>> sample_weights([1, 3], np.zeros((2, 5, 1))).tolist()
    [0.25, 0.75]
    """
    return weights_and_sum(weights, like)[0]


def weights_and_sum(weights: Any, like: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Return ``(n,)`` weights of the samples ``like`` divided by their sum, and the sum.

    The sum for ``None``, equal weights, is n. In torch both have gradients.

    Raises
    ------
    ModuleMismatchError
        If there is not one for each sample, one is negative or infinite, or all are 0.

    Examples
    --------
    >>> weights_and_sum([1, 3], np.zeros((2, 5, 1)))[1].item()
    4.0
    """
    n = like.shape[0]
    if weights is None:
        return constant(np.full(n, 1 / n), like), float(n)
    given = of_type(weights, like, "weights")
    if tuple(given.shape) != (n,):
        raise ModuleMismatchError(
            f"weights must have one number for each of {n} samples, found shape "
            f"{tuple(given.shape)}"
        )
    total = given.sum()
    if not bool((given >= 0).all()) or not 0 < number(total) < math.inf:
        raise ModuleMismatchError(
            "weights of samples must be finite numbers of at least 0, and not all of them 0"
        )
    return given / total, total


def means_by_label(values: Any, labels: NDArray[Any], count: int) -> Any:  # noqa: ANN401
    """Return the means of ``values`` along axis 0 over the entries with each label.

    Parameters
    ----------
    values
        ``(N, ...)`` an array or a tensor.
    labels
        ``(N,)`` integers below ``count``, each of which occurs; entries with -1 are left out.
    count
        The number of labels.

    Returns
    -------
    numpy.ndarray or torch.Tensor
        ``(count, ...)``.

    Examples
    --------
    >>> means_by_label(np.array([1.0, 2.0, 6.0]), np.array([0, 1, 1]), 2).tolist()
    [1.0, 4.0]
    """
    if (labels < 0).any():
        kept = np.flatnonzero(labels >= 0)
        values, labels = values[index(kept, values)], labels[kept]
    sizes = np.bincount(labels, minlength=count).reshape(-1, *(1,) * (values.ndim - 1))
    rest = tuple(values.shape[1:])
    if namespace(values) is not np:
        sums = values.new_zeros((count, *rest)).index_add(0, index(labels, values), values)
        return sums / constant(sizes, values)
    columns = values.reshape(len(values), math.prod(rest)).T
    sums = np.array([np.bincount(labels, column, minlength=count) for column in columns])
    means: NDArray[Any] = sums.reshape(len(columns), count).T.reshape(count, *rest) / sizes
    return means.astype(values.dtype, copy=False)
