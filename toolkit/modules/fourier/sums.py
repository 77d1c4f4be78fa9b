"""The Fourier basis of a sum of modules, from the bases of its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import InconsistentAnswerError
from toolkit.modules.fourier.adapted import SPREAD, Certificate, FourierSimple
from toolkit.modules.fourier.basis import FourierBasis
from toolkit.modules.fourier.weight_spaces import WeightSpaces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from toolkit.modules.gsets.actions import IntArray


def direct_sum(
    module: str,
    parts: Sequence[FourierBasis],
    points: Sequence[IntArray],
    order: Sequence[str],
) -> FourierBasis:
    """Return the basis of a sum of modules of one group from those of its parts.

    Parameters
    ----------
    module
        Name of the sum.
    parts, points
        The parts' bases, and per part the points of the sum in the part's own order.
    order
        The labels of all simples in canonical order. Copies are those of the first part, then
        of the second, and so on.
    """
    labels = [label for label in order if any(s.label == label for p in parts for s in p.simples)]
    placed: dict[str, FourierSimple] = {}
    start = 0
    for label in labels:
        own = [s for p in parts for s in p.simples if s.label == label]
        m = sum(s.multiplicity for s in own)
        placed[label] = FourierSimple(label, own[0].dimension, own[0].type, m, start)
        start += m * own[0].dimension
    used = dict.fromkeys(labels, 0)
    orbits = sum(p.spaces.orbits for p in parts)
    dtype = np.result_type(*(p.functionals.dtype for p in parts))
    vectors, rows_at = [], []
    orbit = 0
    for part in parts:
        row_of = np.empty(part.degree, dtype=np.intp)
        for s in part.simples:
            whole = placed[s.label]
            size = s.multiplicity * s.dimension
            row_of[s.rows] = whole.start + used[s.label] * s.dimension + np.arange(size)
            used[s.label] += s.multiplicity
        block = np.zeros((len(part.functionals), orbits), dtype=dtype)
        block[:, orbit : orbit + part.spaces.orbits] = part.functionals
        orbit += part.spaces.orbits
        vectors.append(block)
        rows_at.append(row_of)
    characters = np.concatenate([p.characters for p in parts])
    sort = np.argsort(characters, kind="stable")
    real_rows = np.concatenate([r[p.real_rows] for r, p in zip(rows_at, parts, strict=True)])
    imaginary_rows = np.concatenate(
        [
            np.where(p.imaginary_rows < 0, -1, r[p.imaginary_rows])
            for r, p in zip(rows_at, parts, strict=True)
        ]
    )
    signed = any(p.spaces.signs is not None for p in parts)
    spaces = WeightSpaces(
        parts[0].spaces.orders,
        np.concatenate([w[p.spaces.grid] for w, p in zip(points, parts, strict=True)]),
        np.concatenate(
            [
                np.ones_like(p.spaces.grid, dtype=np.int8)
                if p.spaces.signs is None
                else p.spaces.signs
                for p in parts
            ]
        )
        if signed
        else None,
        np.concatenate([p.spaces.stabilisers for p in parts]),
    )
    models: dict[str, NDArray[np.float64]] = {}
    spread = 0.0
    for part in parts:
        for label, model in part.models.items():
            known = models.setdefault(label, model)
            spread = max(spread, float(np.abs(known - model).max(initial=0.0)))
    if spread > SPREAD:
        raise InconsistentAnswerError(
            parts[0].group,
            f"the same matrices of every simple in all parts of {module}",
            f"matrices that differ by {spread:.1e}",
        )
    certificate = Certificate(
        max(p.certificate.orthogonality for p in parts),
        max(spread, *(p.certificate.equivariance for p in parts)),
    )
    return FourierBasis(
        parts[0].group,
        module,
        tuple(placed[label] for label in labels),
        spaces,
        np.concatenate(vectors)[sort],
        characters[sort],
        real_rows[sort],
        imaginary_rows[sort],
        np.concatenate([p.imaginary_signs for p in parts])[sort],
        _united_images(parts, points),
        _united_signs(parts, points) if signed else None,
        certificate,
    )


def _united_images(parts: Sequence[FourierBasis], points: Sequence[IntArray]) -> IntArray:
    out = np.empty((len(parts[0].images), sum(p.degree for p in parts)), dtype=np.intp)
    for part, where in zip(parts, points, strict=True):
        out[:, where] = where[part.images]
    return out


def _united_signs(parts: Sequence[FourierBasis], points: Sequence[IntArray]) -> NDArray[np.int8]:
    out = np.ones((len(parts[0].images), sum(p.degree for p in parts)), dtype=np.int8)
    for part, where in zip(parts, points, strict=True):
        if part.signs is not None:
            out[:, where] = part.signs
    return out
