"""Records read back: matrices, vectors and images in full."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.explorer.record.coded import decoded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from toolkit.modules.gsets.actions import IntArray


def unpacked(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record, or the record of a module, with plain matrices, vectors and images.

    Parameters
    ----------
    record
        As :func:`~toolkit.explorer.record.group_record` makes it; not changed.

    Returns
    -------
    dict
        The same with ``models`` as arrays ``(generators, d, d)``, ``images`` ``(generators,
        degree)`` and ``vectors`` ``(d,)``, the generic one always there.
    """
    out = dict(record)
    left_out = record.get("words")
    values = record.get("values") or []
    if record.get("models"):
        out["models"] = {
            label: _matrices(coded, values, left_out) for label, coded in record["models"].items()
        }
    if record.get("modules"):
        out["modules"] = [unpacked({"words": left_out, **module}) for module in record["modules"]]
    if record.get("images") is not None:
        out["images"] = _images(record["images"], left_out)
    if record.get("vectors"):
        out["vectors"] = {
            label: {
                "generic": decoded(own.get("generic", own["copies"][0]), values),
                "copies": [decoded(w, values) for w in own["copies"]],
            }
            for label, own in record["vectors"].items()
        }
    return out


def _matrices(
    coded: Sequence[list[int] | None],
    values: Sequence[str | int | float],
    left_out: Sequence[list[int] | None] | None,
) -> NDArray[np.float64]:
    size = math.isqrt(next((len(c) for c in coded if c is not None), 1))
    out = np.empty((len(coded), size, size))
    for i, codes in enumerate(coded):
        if codes is not None:
            out[i] = decoded(codes, values).reshape(size, size)
    for i, word in enumerate(left_out or ()):
        if word is not None:
            out[i] = np.eye(size)
            for g in word:
                out[i] = out[i] @ out[g]
    return out


def _images(
    kept: Sequence[list[int] | None], left_out: Sequence[list[int] | None] | None
) -> IntArray:
    degree = next((len(row) for row in kept if row is not None), 1)
    out = np.empty((len(kept), degree), dtype=np.intp)
    for i, row in enumerate(kept):
        if row is not None:
            out[i] = (np.array(row) + np.arange(degree)) % degree
    for i, word in enumerate(left_out or ()):
        if word is not None:
            out[i] = np.arange(degree)
            for g in word:
                out[i] = out[g][out[i]]
    return out
