"""Every element of a small group, as it acts on the functions of a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.modules.module import Module


def actions(modules: Sequence[Module], most: int = 2000) -> list[list[torch.Tensor]]:
    """Return per element its matrices on each module, float64, made by multiplying generators."""
    generators = list(zip(*(X.matrices for X in modules), strict=True))
    one = tuple(np.eye(X.degree) for X in modules)
    found, new = {_key(one): one}, [one]
    while new:
        products = [
            tuple(a @ b for a, b in zip(h, g, strict=True)) for h in new for g in generators
        ]
        new = []
        for element in products:
            if _key(element) not in found:
                found[_key(element)] = element
                new.append(element)
        assert len(found) <= most
    return [[torch.from_numpy(m) for m in element] for element in found.values()]


def _key(element: tuple[np.ndarray, ...]) -> bytes:
    return b"".join(np.rint(1e6 * m).astype(np.int64).tobytes() for m in element)


def largest_error(
    function: Callable[[torch.Tensor], torch.Tensor],
    X: Module,
    Y: Module,
    x: torch.Tensor,
) -> float:
    """Return the largest entry of ``f(g x) - g f(x)`` over all elements g."""
    with torch.no_grad():
        return _largest(function, X, Y, x)


def _largest(
    function: Callable[[torch.Tensor], torch.Tensor], X: Module, Y: Module, x: torch.Tensor
) -> float:
    y = function(x)
    worst = 0.0
    for on_x, on_y in actions([X, Y]):
        moved = torch.einsum("pq,...qc->...pc", on_x, x)
        expected = torch.einsum("pq,...qc->...pc", on_y, y)
        worst = max(worst, float((function(moved) - expected).abs().max()))
    return worst
