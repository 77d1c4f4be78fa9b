"""How many digits numbers have: the rounding of their type, and of decimals that were cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HALF = 1e-4  # types whose rounding is coarser than this are not trusted without evidence
_ROUNDING = {"float64": 1e-12, "float32": 2.0**-20, "float16": 2.0**-10, "bfloat16": 2.0**-7}
_BINARY = (("bfloat16", 8), ("float16", 11), ("float32", 24))
_DECIMALS = 7  # most decimal digits of numbers that are taken to be rounded


@dataclass(frozen=True)
class Resolution:
    """How well numbers are known.

    Parameters
    ----------
    rounding
        Numbers of this type, and equal but for rounding, differ by at most this much.
    step
        The step of a coarser grid on which all numbers lie, 0.0 if there is none: equal numbers
        that were rounded to it differ by at most one step.
    why
        What the grid is: ``"rounded to 3 decimals"``; empty without one.
    is_given
        Whether the grid is that of the type of the data: then it is no guess.
    """

    rounding: float
    step: float
    why: str
    is_given: bool = False


def type_of(data: Any) -> str:  # noqa: ANN401 - arrays, tensors, lists
    """Return the name of the type of floats that data hold, ``"float64"`` for everything else.

    Examples
    --------
    >>> type_of(np.zeros(2, np.float32)), type_of([1, 2])
    ('float32', 'float64')
    """
    kind = getattr(data, "dtype", None)
    if kind is None and isinstance(data, list | tuple) and data:
        kinds = {type_of(one) for one in data}
        return kinds.pop() if len(kinds) == 1 else "float64"
    name = str(kind).rpartition(".")[2]
    return name if name in _ROUNDING else "float64"


def resolution_of(array: NDArray[np.float64], kind: str) -> Resolution:
    """Return the rounding of numbers of a type, and the grid that they lie on.

    Parameters
    ----------
    array
        Finite floats, as they were given: not shifted, not scaled.
    kind
        See :func:`type_of`.

    Notes
    -----
    Of float64 the rounding is 1e-12 of the largest number, of float32 eight units in its last
    place, which leaves room for computations. Of float16 and bfloat16, so coarse that equality may
    be chance, it is a grid. Further grids are decimals, one to seven of them, and the digits of
    the smaller types. Integers lie on no grid.

    Examples
    --------
    >>> resolution_of(np.array([0.12, 3.4, 1.0]), "float64").why
    'rounded to 2 decimals'
    >>> resolution_of(np.array([1.0, 3.0]), "float64").step
    0.0
    """
    flat = array.reshape(-1)
    scale = float(np.abs(flat).max(initial=0.0))
    own = _ROUNDING[kind]
    rounding = scale * (own if own < _HALF else _ROUNDING["float64"])
    if (flat == np.rint(flat)).all():
        return Resolution(rounding if own >= _HALF else _ROUNDING["float64"] * scale, 0.0, "")
    if own >= _HALF:
        step = 2.0 ** np.floor(np.log2(scale)) * own
        return Resolution(rounding, float(step), f"of type {kind}", True)
    for digits in range(1, _DECIMALS + 1):
        step = 10.0**-digits
        if step < 4 * rounding:
            break
        nearest = np.rint(flat * 10.0**digits)
        error = np.abs(flat - nearest / 10.0**digits)
        if (error <= 4 * np.spacing(np.abs(flat)) + _unit(kind) * np.abs(flat)).all():
            plural = "s" if digits > 1 else ""
            return Resolution(rounding, step, f"rounded to {digits} decimal{plural}")
    mantissa = np.frexp(flat)[0]
    for name, bits in _BINARY:
        if name == kind:
            break
        if (np.ldexp(mantissa, bits) == np.rint(np.ldexp(mantissa, bits))).all():
            step = scale * _ROUNDING[name]
            return Resolution(rounding, step, f"numbers of type {name}")
    return Resolution(rounding, 0.0, "")


def _unit(kind: str) -> float:
    return 2.0**-24 if kind == "float32" else 2.0**-53
