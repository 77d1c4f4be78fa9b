r"""Initial weights that keep the variance of every simple, in closed form.

Let the input be isotropic: its Fourier coordinates uncorrelated, with variance 1. If the entries
(components over 1, i, j, k) of the block W_L : D^{m_X C_in} -> D^{m_Y C_out} are independent with
variance s_L, every output coordinate in L has variance m_X(L) dim(D) C_in s_L. So

.. math:: s_L = \frac{g^2}{m_X(L) \dim \mathrm{End}(L) \, C_{in}}

multiplies the variance of *each* simple by g^2 (He, g^2 = 2 before ReLU; LeCun, g^2 = 1); Xavier
takes the mean of this and of the same for the transposed map. Independent orbit weights would
not: on n points of S_n they blow up the trivial simple n-fold. For a regular module the two are
one and the same: the Fourier blocks of independent orbit weights of variance g^2 / (n C_in) have
exactly these variances. In general orbit weights are drawn without any character, by
:mod:`toolkit.modules.fourier.variances`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import torch

from toolkit.modules.fourier.variances import variance_operator
from toolkit.nn.linear.methods.kronecker import factor_geometries, pair_labels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.nn.linear.blocks import BlockPlan
    from toolkit.nn.linear.hom_space import Geometry

__all__ = ["INITIALISATIONS", "Initialisation", "block_deviations", "draw_orbit_weights"]

Initialisation: TypeAlias = Literal["he", "lecun", "xavier"]
LARGEST_OPERATOR = 2048
LARGEST_TABLE = 1 << 24
INITIALISATIONS: tuple[Initialisation, ...] = ("he", "lecun", "xavier")


def block_deviations(plan: BlockPlan, out: int, into: int, init: Initialisation) -> torch.Tensor:
    """Return ``(R, 1, 1)`` standard deviations of the Fourier blocks' entries."""
    values = []
    for shape in plan.shapes:
        forward = shape.source * shape.ends * into
        backward = shape.target * shape.ends * out
        values.append(torch.full((shape.blocks,), _variance(forward, backward, init) ** 0.5))
    return torch.cat(values).reshape(-1, 1, 1) if values else torch.empty(0, 1, 1)


def draw_orbit_weights(
    geometry: Geometry, out: int, into: int, init: Initialisation
) -> torch.Tensor:
    """Return random orbit weights ``(R, out, into)``, float64, that keep each simple's variance.

    Notes
    -----
    Uses torch's generator. For more than 2048 orbitals of modules that are not regular, each
    orbital that meets a point of Y gets an equal share of that point's variance instead.
    """
    noise: torch.Tensor = torch.randn(geometry.count, out, into, dtype=torch.float64)
    if geometry.is_regular:
        n = geometry.shape[1]
        return noise * math.sqrt(_variance(n * into, n * out, init))
    factors = factor_geometries(geometry)
    if factors is not None and init != "xavier":
        pairs = noise[torch.from_numpy(pair_labels(geometry, *factors))]
        for axis, factor in enumerate(factors):
            pairs = torch.tensordot(_unit_matrix(factor), pairs, dims=([1], [axis]))
            pairs = pairs.movedim(0, axis)
        weight = torch.empty_like(noise)
        weight[torch.from_numpy(pair_labels(geometry, *factors))] = pairs
        return weight * math.sqrt(_variance(into, out, init))
    if geometry.count > LARGEST_OPERATOR or math.prod(geometry.shape) > LARGEST_TABLE:
        return noise * _shared_deviations(geometry, out, into, init)
    matrix = torch.from_numpy(_variance_matrix(geometry, out, into, init))
    weights: torch.Tensor = matrix @ noise.reshape(geometry.count, -1)
    return weights.reshape(noise.shape)


def _unit_matrix(geometry: Geometry) -> torch.Tensor:
    """Return the matrix for variance 1 / (m_L(X) dim End(L)) of every simple L."""
    if geometry.is_regular:
        return torch.eye(geometry.count, dtype=torch.float64) / math.sqrt(geometry.shape[1])
    return torch.from_numpy(_variance_matrix(geometry, 1, 1, "lecun"))


def _variance_matrix(
    geometry: Geometry, out: int, into: int, init: Initialisation
) -> NDArray[np.float64]:
    source, target = {
        "he": (into / 2, 0.0),
        "lecun": (float(into), 0.0),
        "xavier": (into / 2, out / 2),
    }[init]
    labels, signs = geometry.labels, geometry.signs
    names, first = np.unique(labels, return_index=True)
    rows, columns = np.unravel_index(first[names >= 0], labels.shape)
    own = geometry.operator_of_source
    other = own if geometry.Y is geometry.X else geometry.operator_of_target
    return variance_operator(
        rows,
        columns,
        labels,
        signs,
        source * own if source else None,
        target * other if target else None,
    )


def _shared_deviations(
    geometry: Geometry, out: int, into: int, init: Initialisation
) -> torch.Tensor:
    from toolkit.nn.linear.methods.structured import pair_degrees

    pairs, degrees = pair_degrees(geometry)
    per_target = np.bincount(pairs[:, 0])[pairs[:, 0]]
    per_source = np.bincount(pairs[:, 1])[pairs[:, 1]]
    variances = [
        _variance(float(f), float(b), init)
        for f, b in zip(per_target * degrees * into, per_source * degrees * out, strict=True)
    ]
    return torch.tensor(variances, dtype=torch.float64).sqrt().reshape(-1, 1, 1)


def _variance(forward: float, backward: float, init: Initialisation) -> float:
    forward, backward = max(forward, 1), max(backward, 1)
    if init == "he":
        return 2 / forward
    if init == "lecun":
        return 1 / forward
    return 2 / (forward + backward)
