r"""Initial weights that keep the variance of every simple, in closed form.

Let the input be isotropic: its Fourier coordinates uncorrelated, with variance 1. If the entries
(components over 1, i, j, k) of the block W_L : D^{m_X C_in} -> D^{m_Y C_out} are independent with
variance s_L, every output coordinate in L has variance m_X(L) dim(D) C_in s_L. So

.. math:: s_L = \frac{g^2}{m_X(L) \dim \mathrm{End}(L) \, C_{in}}

multiplies the variance of *each* simple by g^2 (He, g^2 = 2 before ReLU; LeCun, g^2 = 1); Xavier
takes the mean of this and of the same for the transposed map. Independent orbit weights would
not: on n points of S_n they blow up the trivial simple n-fold. For a regular module the two are
one and the same: the Fourier blocks of independent orbit weights of variance g^2 / (n C_in) have
exactly these variances.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import torch

if TYPE_CHECKING:
    from toolkit.nn.blocks import BlockPlan
    from toolkit.nn.geometry import Geometry

__all__ = ["INITIALISATIONS", "Initialisation", "block_deviations", "orbit_deviations"]

Initialisation: TypeAlias = Literal["he", "lecun", "xavier"]
INITIALISATIONS: tuple[Initialisation, ...] = ("he", "lecun", "xavier")


def block_deviations(plan: BlockPlan, out: int, into: int, init: Initialisation) -> torch.Tensor:
    """Return ``(R, 1, 1)`` standard deviations of the Fourier blocks' entries."""
    values = []
    for shape in plan.shapes:
        forward = shape.source * shape.ends * into
        backward = shape.target * shape.ends * out
        values.append(torch.full((shape.blocks,), _variance(forward, backward, init) ** 0.5))
    return torch.cat(values).reshape(-1, 1, 1) if values else torch.empty(0, 1, 1)


def orbit_deviations(geometry: Geometry, out: int, into: int, init: Initialisation) -> torch.Tensor:
    """Return ``(R, 1, 1)`` deviations of independent orbit weights that keep the mean variance.

    Each orbital that meets a point of Y gets an equal share of that point's variance. Exact per
    simple for regular modules; the fallback where Fourier bases are out of reach.
    """
    from toolkit.nn.structured_path import pair_degrees

    pairs, degrees = pair_degrees(geometry)
    per_target = torch.bincount(torch.from_numpy(pairs[:, 0].copy()))
    per_source = torch.bincount(torch.from_numpy(pairs[:, 1].copy()))
    forward = per_target[pairs[:, 0]] * torch.from_numpy(degrees.copy()) * into
    backward = per_source[pairs[:, 1]] * torch.from_numpy(degrees.copy()) * out
    variances = [
        _variance(float(f), float(b), init)
        for f, b in zip(forward.tolist(), backward.tolist(), strict=True)
    ]
    return torch.tensor(variances).sqrt().reshape(-1, 1, 1)


def _variance(forward: float, backward: float, init: Initialisation) -> float:
    forward, backward = max(forward, 1), max(backward, 1)
    if init == "he":
        return 2 / forward
    if init == "lecun":
        return 1 / forward
    return 2 / (forward + backward)
