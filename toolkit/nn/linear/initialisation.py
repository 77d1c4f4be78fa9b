r"""Initial weights that keep the variance of every simple, in closed form.

Let the input be isotropic: its Fourier coordinates uncorrelated, with variance 1. If the entries
(components over 1, i, j, k) of the block W_L : D^{m_X C_in} -> D^{m_Y C_out} are independent with
variance s_L, every output coordinate in L has variance m_X(L) dim(D) C_in s_L. So

.. math:: s_L = \frac{g^2}{m_X(L) \dim \mathrm{End}(L) \, C_{in}}

multiplies the variance of *each* simple by g^2 (He, g^2 = 2 before ReLU; LeCun, g^2 = 1); Xavier
takes the mean of this and of the same for the transposed map. Independent orbit weights would
not: on n points of S_n they blow up the trivial simple n-fold. For a regular module the two are
one and the same: the Fourier blocks of independent orbit weights of variance g^2 / (n C_in) have
exactly these variances; so it is for sums of regular modules, and products with one. In general
orbit weights are drawn without any character, by :mod:`toolkit.modules.fourier.variances`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import torch

from toolkit.modules.fourier.variances import variance_operator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.gsets.equality_patterns import TupleTerms
    from toolkit.modules.tuples import TupleSpace
    from toolkit.nn.linear.blocks import BlockLayout
    from toolkit.nn.linear.hom_space import OrbitalHomSpace

Initialisation: TypeAlias = Literal["he", "lecun", "xavier"]
LARGEST_OPERATOR = 2048
LARGEST_TABLE = 1 << 24
#: Between tuples the matrix for the exact variances is made up to so many pairs of points.
_LARGEST_EXACT = 1 << 20
INITIALISATIONS: tuple[Initialisation, ...] = ("he", "lecun", "xavier")


def block_deviations(
    layout: BlockLayout, out: int, into: int, init: Initialisation
) -> torch.Tensor:
    """Return ``(R, 1, 1)`` standard deviations of the Fourier blocks' entries."""
    values = []
    for shape in layout.shapes:
        forward = shape.source * shape.ends * into
        backward = shape.target * shape.ends * out
        values.append(torch.full((shape.blocks,), variance(forward, backward, init) ** 0.5))
    return torch.cat(values).reshape(-1, 1, 1) if values else torch.empty(0, 1, 1)


def draw_orbit_weights(
    space: OrbitalHomSpace, out: int, into: int, init: Initialisation
) -> torch.Tensor:
    """Return random orbit weights ``(R, out, into)``, float64, that keep each simple's variance.

    Notes
    -----
    Uses torch's generator. Between tuples of many points the variances are kept up to a share of
    about one over the number of points of a set. For more than 2048 orbitals of other modules that
    are not regular, each orbital that meets a point of Y gets an equal share of that point's
    variance instead.
    """
    noise: torch.Tensor = torch.randn(space.count, out, into, dtype=torch.float64)
    if space.is_regular:
        n = space.shape[1]
        return noise * math.sqrt(variance(n * into, n * out, init))
    if space.tuples is not None and math.prod(space.shape) > _LARGEST_EXACT:
        return _draw_tuple_weights(space.tuples, out, into, init)
    if space.factors is not None and init != "xavier":
        labels = torch.from_numpy(space.pair_labels)
        pairs = noise[labels]
        for axis, factor in enumerate(space.factors):
            pairs = torch.tensordot(_unit_matrix(factor), pairs, dims=([1], [axis]))
            pairs = pairs.movedim(0, axis)
        weight = torch.empty_like(noise)
        weight[labels] = pairs
        return weight * math.sqrt(variance(into, out, init))
    if space.is_free:
        m, n = space.shape
        return noise * math.sqrt(variance(n * into, m * out, init))
    if space.count > LARGEST_OPERATOR or math.prod(space.shape) > LARGEST_TABLE:
        return noise * _shared_deviations(space, out, into, init)
    matrix = torch.from_numpy(_variance_matrix(space, out, into, init))
    weights: torch.Tensor = matrix @ noise.reshape(space.count, -1)
    return weights.reshape(noise.shape)


def tuple_deviations(terms: TupleTerms, out: int, into: int, init: Initialisation) -> torch.Tensor:
    """Return ``(R, 1, 1)`` deviations of the blocks between the components of functions on tuples.

    The blocks are those of
    :attr:`~toolkit.modules.gsets.equality_patterns.TupleTerms.from_components`.
    """
    values = [
        variance(forward * into, backward * out, init) ** 0.5
        for forward, backward in terms.fans.tolist()
    ]
    return torch.tensor(values, dtype=torch.float64).reshape(-1, 1, 1)


def _draw_tuple_weights(
    space: TupleSpace, out: int, into: int, init: Initialisation
) -> torch.Tensor:
    """Return orbit weights between functions on tuples of large sets.

    Every component keeps its variance, up to a share of about one over the number of points:
    n^(1/2) is the norm of the map that copies a function along a set of n points.
    """
    terms = space.terms
    noise = torch.randn(terms.count, out, into, dtype=torch.float64)
    sizes = np.array(space.sizes, dtype=np.float64)
    norms = np.prod(sizes ** ((terms.summed - terms.copied) / 2), axis=1)
    blocks = noise * tuple_deviations(terms, out, into, init)
    blocks *= torch.from_numpy(norms).reshape(-1, 1, 1)
    means = 1 / np.prod(sizes**terms.summed, axis=1)
    change = terms.zeta[space.has_points] @ (means[:, None] * terms.from_components)
    weights: torch.Tensor = torch.from_numpy(change) @ blocks.flatten(1)
    return weights.reshape(-1, out, into)


def _unit_matrix(space: OrbitalHomSpace) -> torch.Tensor:
    """Return the matrix for variance 1 / (m_L(X) dim End(L)) of every simple L."""
    if space.is_regular:
        return torch.eye(space.count, dtype=torch.float64) / math.sqrt(space.shape[1])
    return torch.from_numpy(_variance_matrix(space, 1, 1, "lecun"))


def _variance_matrix(
    space: OrbitalHomSpace, out: int, into: int, init: Initialisation
) -> NDArray[np.float64]:
    source, target = {
        "he": (into / 2, 0.0),
        "lecun": (float(into), 0.0),
        "xavier": (into / 2, out / 2),
    }[init]
    rows, columns, _ = space.representatives
    own = space.operator_of_source
    other = own if space.Y is space.X else space.operator_of_target
    return variance_operator(
        rows,
        columns,
        space.labels,
        space.signs,
        source * own if source else None,
        target * other if target else None,
    )


def _shared_deviations(
    space: OrbitalHomSpace, out: int, into: int, init: Initialisation
) -> torch.Tensor:
    pairs, degrees = space.orbit_pairs, space.row_degrees
    per_target = np.bincount(pairs[:, 0])[pairs[:, 0]]
    per_source = np.bincount(pairs[:, 1])[pairs[:, 1]]
    forward = np.maximum(per_target * degrees * into, 1)
    backward = np.maximum(per_source * degrees * out, 1)
    inputs = {"he": forward / 2, "lecun": forward, "xavier": (forward + backward) / 2}[init]
    return torch.from_numpy(np.sqrt(1 / inputs)).reshape(-1, 1, 1)


def variance(forward: float, backward: float, init: Initialisation) -> float:
    """Return the variance of weights with these numbers of inputs and outputs."""
    forward, backward = max(forward, 1), max(backward, 1)
    if init == "he":
        return 2 / forward
    if init == "lecun":
        return 1 / forward
    return 2 / (forward + backward)
