r"""Least squares over equivariant maps, in closed form.

In Fourier coordinates the positions of a simple L are further samples of one small problem, an
ordinary least squares over D = End(L): over the real numbers with n dim L rows and
m_L(X) dim D channels columns. All problems have one norm: \|W\|^2 = sum of dim L \|W_L\|^2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.cached import cached_property
from toolkit.library.statistics.arrays import (
    at_least_0,
    constant,
    einsum,
    namespace,
    number,
    require_finite,
    samples_of,
    weights_and_sum,
)
from toolkit.library.statistics.coordinates import (
    FourierTables,
    fourier_tables_of,
    invariant_part,
)
from toolkit.library.statistics.equivariant_map import EquivariantMap, layer_of
from toolkit.library.statistics.moments import paired
from toolkit.modules.fourier.copies import END_UNITS
from toolkit.modules.module import common_kind, require_same_group
from toolkit.text import label_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.fourier.adapted import FourierSimple
    from toolkit.modules.module import Module


@dataclass(frozen=True, eq=False, repr=False)
class LeastSquares:
    """The best equivariant affine map from x to y; returned by :func:`toolkit.lstsq`.

    Parameters
    ----------
    map
        The linear part, an :class:`EquivariantMap` from Fun(X) to Fun(Y).
    intercept
        ``(|Y|, out)`` or ``(|Y|,)`` the invariant function that is added; ``None`` without one.
    residuals
        Per simple of Y the mean over samples of the squared norm of y - prediction in its
        isotypic part. A simple that X does not have keeps all its energy.
    energies
        Per simple of Y the same of y itself, less its mean if there is an intercept.
    ranks
        Per simple of both the rank over End(L) of the samples of x, at most m_L(X) in.
    """

    map: EquivariantMap
    intercept: Any
    residuals: dict[str, float]
    energies: dict[str, float]
    ranks: dict[str, int]

    def __repr__(self) -> str:
        return (
            f"<LeastSquares {self.map.X.name} -> {self.map.Y.name} of {self.map.X.group_title}: "
            f"R^2 = {self.r_squared:.6g}>"
        )

    @property
    def blocks(self) -> dict[str, Any]:
        """Per simple its block ``(dim D, m_L(Y), m_L(X), out, in)``."""
        return self.map.blocks

    @property
    def weights(self) -> Any:  # noqa: ANN401 - an array or a tensor
        """``(R, out, in)`` the weight of each orbital."""
        return self.map.weights

    def matrix(self) -> Any:  # noqa: ANN401 - an array or a tensor
        """Return ``(|Y| out, |X| in)``, points first, then channels."""
        return self.map.matrix()

    @property
    def residual(self) -> float:
        """The mean over samples of the squared norm of y - prediction."""
        return sum(self.residuals.values())

    @cached_property
    def r_squared(self) -> float:
        """1 - residual / energy; 1 if there is no energy."""
        energy = sum(self.energies.values())
        return 1 - self.residual / energy if energy > 0 else 1.0

    def predict(self, x: Any) -> Any:  # noqa: ANN401 - an array or a tensor
        """Return ``(..., |Y|, out)`` predictions for functions ``(..., |X|, in)``, as given."""
        found = self.map(x)
        return found if self.intercept is None else found + self.intercept

    def to_layer(self, **arguments: Any) -> Any:  # noqa: ANN401 - nn is above this room
        """Return a :class:`toolkit.nn.EquivariantLinear` that computes :meth:`predict`.

        Parameters
        ----------
        arguments
            As of the layer: ``method``, ``parametrization``, ``dtype``, ``device``, ...
        """
        return layer_of(self.map, self.intercept, arguments)


def lstsq(
    X: Module,
    Y: Module,
    x: Any,  # noqa: ANN401 - an array or a tensor
    y: Any,  # noqa: ANN401
    *,
    ridge: float = 0.0,
    intercept: bool = True,
    weights: Any = None,  # noqa: ANN401
    rcond: float | None = None,
) -> LeastSquares:
    r"""Return the equivariant affine map that fits samples best, in closed form.

    .. math:: \sum_i w_i \|y_i - A x_i - b\|^2 + \lambda \|A\|_F^2

    is minimised over A in Hom_G(Fun X, Fun Y), with channels, and over invariant b. It is also the
    minimiser over all linear maps for the data together with all their images (g x, g y), g in G,
    with weights 1/\|G\|.

    Parameters
    ----------
    X, Y
        Modules of one group.
    x, y
        ``(n, |X|, in)`` and ``(n, |Y|, out)``, or both without channels: arrays or tensors.
    ridge
        The penalty lambda, at least 0; it does not act on b.
    intercept
        Whether b is fitted; otherwise it is 0.
    weights
        ``(n,)`` non-negative weights w of the samples; by default 1.
    rcond
        Singular values of the samples up to ``rcond`` times the largest count as 0. The default is
        the precision of the type times the number of samples or of coordinates of x, whichever is
        larger.

    Returns
    -------
    LeastSquares
        ``.predict(x)``, ``.matrix()``, ``.blocks``, ``.weights``, ``.intercept``,
        ``.residuals`` by simple, ``.to_layer()``. If the samples do not determine A, it is the
        solution of least Frobenius norm.

    Raises
    ------
    ModuleMismatchError
        If the samples have the wrong shapes, are not paired or not finite, or if ridge is negative.
    NotAvailable
        If a Fourier basis is out of reach.

    Notes
    -----
    Floating point; O(n dim L (m_L(X) dim D in)^2) for each simple L. For linear modules whose
    matrices are not orthogonal, both norms are taken in Fourier coordinates, where they are
    invariant. For torch tensors the result is differentiable with respect to x, y and positive
    weights, as long as ranks are constant.

    Examples
    --------
    >>> import numpy as np, toolkit as tk
    >>> X = tk.group("C8").regular_module()
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(20, 8))
    >>> y = x + 2 * np.roll(x, 1, axis=1) + 5
    >>> fit = lstsq(X, X, x, y)
    >>> fit.matrix()[0].round(6) + 0.0
    array([1., 0., 0., 0., 0., 0., 0., 2.])
    >>> round(float(fit.intercept[0]), 6), round(fit.r_squared, 6)
    (5.0, 1.0)
    """
    require_same_group(X, Y)
    ridge = at_least_0(ridge, "ridge")
    rcond = None if rcond is None else at_least_0(rcond, "rcond")
    source, target = paired(samples_of(X, x), samples_of(Y, y))
    has_channels = source.has_channels
    a, b = source.values, target.values
    if X.has_points and Y.has_points:
        X, Y = common_kind(X, Y)
    share, total = weights_and_sum(weights, a)
    for M, v in ((X, a), (Y, b)):
        require_finite(v, f"samples of {M.name}")
    means = []
    if intercept:
        means = [invariant_part(M, einsum("n,npc->pc", share, v)) for M, v in ((X, a), (Y, b))]
        a, b = a - means[0], b - means[1]
    tables = fourier_tables_of(X, Y)
    root = _roots(share * total)
    z, w = (
        einsum("rp,npc,n->rnc", constant(t.analysis, v), v, root)
        for t, v in zip(tables, (a, b), strict=True)
    )
    blocks, ranks, residuals, energies = _solved(tables, z, w, ridge, rcond)
    found = EquivariantMap(
        X, Y, a.shape[2], b.shape[2], has_channels, blocks, a.reshape(-1)[:0]
    )  # fmt: skip
    offset = None
    if intercept:
        offset = target.as_given(means[1]) - found(source.as_given(means[0]))
    scale = 1 / number(total)
    return LeastSquares(
        found,
        offset,
        {label: scale * value for label, value in residuals.items()},
        {label: scale * value for label, value in energies.items()},
        ranks,
    )


def _roots(weights: Any) -> Any:  # noqa: ANN401 - an array or a tensor
    """Return square roots, with the derivative 0 at 0 in place of an infinite one."""
    xp = namespace(weights)
    alive = weights > 0
    return xp.where(alive, xp.where(alive, weights, 1 + 0 * weights) ** 0.5, 0 * weights)


def _solved(
    tables: tuple[FourierTables, FourierTables],
    z: Any,  # noqa: ANN401 - arrays or tensors
    y: Any,  # noqa: ANN401
    ridge: float,
    rcond: float | None,
) -> tuple[dict[str, Any], dict[str, int], dict[str, float], dict[str, float]]:
    """Return blocks, ranks, and squared norms of residuals and of y, by label."""
    source, target = tables
    both = sorted(source.simples.keys() & target.simples.keys(), key=label_key)
    problems = {
        label: _reduced(_design(z, source.simples[label]), _target(y, target.simples[label]))
        for label in both
    }
    ends = {label: source.simples[label].dimension for label in both}
    if rcond is None:
        sizes = (z.shape[1], z.shape[0] * z.shape[2])
        rcond = float(namespace(z).finfo(z.dtype).eps) * max(sizes)
    singular = {k: _singular_values(d) / ends[k] ** 0.5 for k, (d, _) in problems.items()}
    cutoff = rcond * max((float(s.max(initial=0.0)) for s in singular.values()), default=0.0)
    blocks, ranks = {}, {}
    residuals, energies = {}, {}
    for label, t in target.simples.items():
        energies[label] = residuals[label] = number((y[t.rows] ** 2).sum())
    for label in both:
        s, t = source.simples[label], target.simples[label]
        e = s.endomorphism_dimension
        ranks[label] = int((singular[label] > cutoff).sum()) // e
        design, wanted = problems[label]
        level = cutoff * ends[label] ** 0.5
        solution = _least_squares(design, wanted, ridge * ends[label], level)
        residuals[label] = number(((wanted - design @ solution) ** 2).sum())
        shaped = solution.reshape(e, s.multiplicity, z.shape[2], t.multiplicity, y.shape[2])
        blocks[label] = einsum("cmito->ctmoi", shaped)
    return blocks, ranks, residuals, energies


def _design(z: Any, s: FourierSimple) -> Any:  # noqa: ANN401 - arrays or tensors
    """Return ``(n dim L, dim D m in)``: a row for each sample, position and component."""
    e, p, m = s.endomorphism_dimension, s.positions, s.multiplicity
    own = z[s.rows].reshape(m, p, e, *z.shape[1:])
    units = constant(END_UNITS[s.type], z)
    rows = einsum("cfa,mpani->npfcmi", units, own)
    return rows.reshape(z.shape[1] * p * e, e * m * z.shape[2])


def _target(y: Any, t: FourierSimple) -> Any:  # noqa: ANN401 - arrays or tensors
    """Return ``(n dim L, m out)``: a row for each sample, position and component."""
    own = y[t.rows].reshape(t.multiplicity, t.dimension, *y.shape[1:])
    rows = einsum("tdno->ndto", own)
    return rows.reshape(y.shape[1] * t.dimension, t.multiplicity * y.shape[2])


def _reduced(design: Any, wanted: Any) -> tuple[Any, Any]:  # noqa: ANN401 - arrays or tensors
    """Return the same problem with as many rows as columns, by a QR factorisation.

    Tensors with gradients stay as they are: the factorisation has none where ranks are deficient.
    """
    xp, k = namespace(design), design.shape[1]
    if len(design) <= k + wanted.shape[1]:
        return design, wanted
    both = xp.concatenate([design, wanted], 1)
    triangle: Any
    if xp is np:
        triangle = np.linalg.qr(both, mode="r")
    elif both.requires_grad:
        return design, wanted
    else:
        triangle = xp.linalg.qr(both, mode="r").R
    return triangle[:, :k], triangle[:, k:]


def _singular_values(design: Any) -> NDArray[np.float64]:  # noqa: ANN401 - an array or a tensor
    xp = namespace(design)
    if xp is np:
        found: NDArray[np.float64] = np.linalg.svd(design, compute_uv=False)
        return found
    values: NDArray[np.float64] = xp.linalg.svdvals(design.detach()).cpu().numpy()
    return values


def _least_squares(design: Any, wanted: Any, penalty: float, level: float) -> Any:  # noqa: ANN401
    """Return the solution of least norm; singular values up to ``level`` count as 0."""
    xp = namespace(design)
    if penalty > 0:  # as further rows, which no singular value is below
        width = design.shape[1]
        design = xp.concatenate([design, constant(penalty**0.5 * np.eye(width), design)])
        zeros = constant(np.zeros((width, wanted.shape[1])), wanted)
        wanted = xp.concatenate([wanted, zeros])
    if xp is not np:
        return xp.linalg.pinv(design, atol=level, rtol=0.0) @ wanted
    left, singular, right = np.linalg.svd(design, full_matrices=False)
    alive = singular > level
    factor = np.where(alive, 1 / np.where(alive, singular, 1), 0)
    return right.T @ (factor[:, None] * (left.T @ wanted))
