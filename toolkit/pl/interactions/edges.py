"""The edges of an interaction graph from the arrays of the criterion, many at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.text import join_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from toolkit.pl.criterion.orbit import Occurrences

_SOURCES = 256  # whose edges are listed together


def edges_on_one_orbit(
    labels: Sequence[str],
    fixed: Sequence[int],
    found: Occurrences,
    shares: NDArray[np.float64] | None,
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the edges of a module of one orbit, from source to source, with their attributes.

    Parameters
    ----------
    labels
        The simples.
    fixed
        Per simple dim K^H.
    found
        What occurs from each simple.
    shares
        ``(simples, simples)``, or ``None`` if there are none.
    """
    names = {
        mask: join_names(p for b, p in enumerate(found.parts) if mask >> b & 1)
        for mask in np.unique(found.masks).tolist()
    }
    label_of = np.array(labels, dtype=object)
    fixed_of = np.array(fixed, dtype=object)
    for start in range(0, len(labels), _SOURCES):
        rows = slice(start, start + _SOURCES)
        sources, targets = np.nonzero(found.masks[rows])
        columns: list[list[Any]] = [
            label_of[rows][sources].tolist(),
            label_of[targets].tolist(),
            [names[mask] for mask in found.masks[rows][sources, targets].tolist()],
            found.dimensions[rows][sources, targets].tolist(),
            fixed_of[targets].tolist(),
        ]
        if shares is None:
            for a, b, parts, reach, of in zip(*columns, strict=True):
                yield a, b, {"parts": parts, "reach": reach, "reach_of": of}
            continue
        columns.append(shares[rows][sources, targets].tolist())
        for a, b, parts, reach, of, share in zip(*columns, strict=True):
            yield a, b, {"parts": parts, "reach": reach, "reach_of": of, "share": share}
