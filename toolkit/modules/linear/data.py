"""Matrices as JSON data: exact entries as they cross from GAP, floats with all their digits."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from toolkit.exact.cyclotomic import Cyclotomic, simplified
from toolkit.exact.matrix import ExactMatrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.exact.cyclotomic import Number
    from toolkit.modules.linear.expressions import Given

#: Matrices with more entries than this are left out; their digest remains.
MOST_ENTRIES = 2048


def matrices_as_data(given: Given) -> dict[str, Any]:
    """Return ``shape``, ``sha256`` and, unless they are too many, the entries of matrices.

    Exact entries are ``exact``: integers, texts such as ``"1/2"``, or
    ``[conductor, [[exponent, numerator, denominator], ...]]``. Floats are ``entries``.
    """
    exact = None
    if given.entries is not None:
        exact = [[[_entry(x) for x in row] for row in m.rows] for m in given.entries]
    out: dict[str, Any] = {
        "shape": list(given.floats.shape),
        "sha256": digest_of_floats(given.floats) if exact is None else digest_of_exact(exact),
    }
    if given.floats.size <= MOST_ENTRIES:
        out["entries" if exact is None else "exact"] = exact or given.floats.tolist()
    return out


def exact_from_data(data: Any) -> tuple[ExactMatrix, ...]:  # noqa: ANN401 - JSON
    """Return the exact matrices in JSON data; ValueError if it is of another form."""
    return tuple(ExactMatrix.of([[_number(x) for x in row] for row in m]) for m in data)


def digest_of_floats(matrices: NDArray[Any]) -> str:
    """Return the SHA-256 digest of matrices, as little-endian doubles, -0.0 as 0.0."""
    return hashlib.sha256((matrices + 0.0).astype("<f8").tobytes()).hexdigest()


def digest_of_exact(data: Any) -> str:  # noqa: ANN401 - JSON
    """Return the SHA-256 digest of exact matrices as JSON data."""
    return hashlib.sha256(json.dumps(data, separators=(",", ":")).encode()).hexdigest()


def _entry(x: Number) -> Any:  # noqa: ANN401 - JSON
    if isinstance(x, Cyclotomic):
        return x.to_json()
    return x if isinstance(x, int) else str(x)


def _number(x: Any) -> Number:  # noqa: ANN401 - JSON
    if isinstance(x, bool | float):
        raise ValueError(f"{x!r} is not an exact entry")
    if isinstance(x, int):
        return x
    return Fraction(x) if isinstance(x, str) else simplified(Cyclotomic.from_json(x))
