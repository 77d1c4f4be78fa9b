"""What users hold as arrays of numbers: lists, arrays, torch tensors, layers."""

from __future__ import annotations

from functools import partial
from numbers import Rational, Real
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import ModuleMismatchError
from toolkit.groups.graphs.values import checked_tolerance
from toolkit.groups.specs.base import data_refusal

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_ENTRIES = 1 << 25
"""Most entries of a sparse matrix."""


def tolerance_of(tol: float | None, what: str) -> float | None:
    """Return a tolerance as a float: a number from 0 on, or ``None``.

    Raises
    ------
    NamingError
        If it is neither.

    Examples
    --------
    >>> tolerance_of(1, "this matrix"), tolerance_of(None, "this matrix")
    (1.0, None)
    """
    if tol is None:
        return None
    return checked_tolerance(tol, partial(data_refusal, what))


def whole_number(value: object, what: str, least: int = 0) -> int:
    """Return a whole number that is at least ``least``.

    Raises
    ------
    ModuleMismatchError
        If it is none.

    Examples
    --------
    >>> whole_number(3, "seed=")
    3
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ModuleMismatchError(
            f"{what} must be an integer of at least {least}, found {value!r:.40}"
        )
    return int(value)


def plain_array(data: Any, what: str) -> NDArray[Any]:  # noqa: ANN401 - arrays, tensors, lists
    """Return real numbers as an array: of integers, of objects for fractions, or of floats.

    Parameters
    ----------
    data
        Numbers in nested lists, an array, a sparse matrix of SciPy, or a tensor of torch on any
        device.
    what
        What they are, for the message: ``"this matrix"``.

    Raises
    ------
    NamingError
        If they form no array, are no real numbers, or are not finite.

    Examples
    --------
    >>> plain_array([[1, 2]], "this matrix").dtype.kind
    'i'
    """
    if hasattr(data, "tocoo"):
        if data.shape[0] * data.shape[1] > MAX_ENTRIES:
            raise data_refusal(
                what,
                f"a sparse matrix is written out up to {MAX_ENTRIES:,} entries, found shape "
                f"{data.shape}",
                "group_from_matrix takes larger ones",
            )
        data = data.toarray()
    if hasattr(data, "detach"):
        data = _array_of_tensor(data, what)
    try:
        array = np.asarray(data)
    except ValueError as error:
        raise data_refusal(what, f"it must be an array of real numbers: {error}") from None
    if array.dtype == object:
        wrong = [x for x in array.reshape(-1).tolist() if not isinstance(x, Real)]
        if wrong:
            raise data_refusal(what, f"its entries must be real numbers, found {wrong[0]!r:.40}")
        if not all(isinstance(x, Rational) for x in array.reshape(-1).tolist()):
            array = array.astype(np.float64)
    elif array.dtype.kind not in "biuf":
        raise data_refusal(what, f"its entries must be real numbers, found {array.dtype}")
    if array.dtype.kind == "f":
        array = array.astype(np.float64)
        if not np.isfinite(array).all():
            raise data_refusal(what, "its entries must be finite")
    return array


def _array_of_tensor(tensor: Any, what: str) -> NDArray[Any]:  # noqa: ANN401
    """Return a tensor of torch as an array on the host, floats as float64."""
    if getattr(tensor, "is_meta", False):
        raise data_refusal(
            what, "it has no values, because it is on the device 'meta'", "load it first"
        )
    given = tensor.detach()
    if str(given.layout) != "torch.strided":
        if given.numel() > MAX_ENTRIES:
            raise data_refusal(
                what,
                f"a sparse tensor is written out up to {MAX_ENTRIES:,} entries, found shape "
                f"{tuple(given.shape)}",
            )
        given = given.to_dense()
    given = given.cpu()
    return np.asarray((given.double() if given.is_floating_point() else given).numpy())


def numbers_of_tensor(tensor: Any, what: str) -> Any:  # noqa: ANN401
    """Return a tensor of torch as a number or nested lists of numbers of its own type.

    Examples
    --------
    >>> import torch
    >>> numbers_of_tensor(torch.tensor([1, 2]), "the attribute")
    [1, 2]
    """
    array = _array_of_tensor(tensor, what)
    kind = str(tensor.dtype).rpartition(".")[2]
    if kind in ("float16", "float32") and not array.ndim:
        return np.dtype(kind).type(array.item())
    return array.tolist()


def is_exact(array: NDArray[Any]) -> bool:
    """Whether numbers are integers, booleans or fractions.

    Examples
    --------
    >>> is_exact(np.array([1, 2])), is_exact(np.array([1.0]))
    (True, False)
    """
    return array.dtype.kind != "f"
