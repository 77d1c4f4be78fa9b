"""Least squares of outputs by functions of inputs, in orthonormal coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from toolkit.library.symmetry.relabelings import Relabeled, orthogonal

if TYPE_CHECKING:
    from collections.abc import Callable

_RANK = 1e-10  # directions of the inputs below this part of the largest are not there
_ROUNDING = 1e-20  # a residual below this part of the outputs' variance is rounding


@dataclass(frozen=True, eq=False)
class Design:
    """Centred samples, and the coefficients of the outputs by an orthonormal basis.

    Parameters
    ----------
    loadings
        ``(features, r)``: features of inputs are orthonormal functions times ``loadings.T``.
    coefficients
        ``(outputs, r)``: least squares of the outputs by the orthonormal functions.
    residual
        The sum of squares that the fit leaves.
    total
        The sum of squares of the centred outputs.
    freedom
        Degrees of freedom of the residual: outputs times (samples - 1 - r).
    degree
        Of the polynomials that the features are.
    """

    loadings: NDArray[np.float64]
    coefficients: NDArray[np.float64]
    residual: float
    total: float
    freedom: int
    degree: int

    @property
    def explained(self) -> float:
        """The share of the variance of the outputs that the fit explains."""
        return 1.0 - self.residual / self.total if self.total else 0.0

    @property
    def weights(self) -> NDArray[np.float64]:
        """``(outputs, features)``: the least coefficients by the features themselves."""
        left, sizes, right = np.linalg.svd(self.loadings, full_matrices=False)
        alive = sizes > _RANK * sizes.max(initial=0.0)
        own = (self.coefficients @ right[alive].T) / sizes[alive]
        out: NDArray[np.float64] = own @ left[:, alive].T
        return out

    def random_maps(
        self, relabeled: Relabeled, inputs: int, draws: int, chance: np.random.Generator
    ) -> list[NDArray[np.float64]]:
        """Return coefficients of random maps, ``(draws, outputs, r)`` for each kind of chance.

        Rotated coefficients of orthonormal functions; coefficients by the features, rotated; and,
        if inputs and outputs are relabeled in the same way, maps with the same gains and means,
        rotated or permuted, and maps rotated at once. Of features of degree 2 the products are
        rotated in each.
        """
        m, r = self.coefficients.shape
        weights = self.weights
        linear, products = weights[:, :inputs], weights[:, inputs:]
        makers: list[Callable[..., NDArray[np.float64]]] = [relabeled.rotated]
        if relabeled.has_pairs:
            permuted = partial(relabeled.draw, permute=True)
            makers += [relabeled.draw, permuted, relabeled.conjugate]
        out: list[NDArray[np.float64]] = [np.empty((draws, m, r)) for _ in range(1 + len(makers))]
        for i in range(draws):
            out[0][i] = orthogonal(m, chance) @ self.coefficients @ orthogonal(r, chance)
            for own, make in zip(out[1:], makers, strict=True):
                moved = make(linear, chance)
                if products.size:
                    turned = orthogonal(m, chance) @ products
                    moved = np.concatenate(
                        [moved, turned @ orthogonal(products.shape[1], chance)], axis=1
                    )
                own[i] = moved @ self.loadings
        return out

    def p_contradiction(self, share: float, dimension: int) -> float | None:
        """Return the p-value of the F-test that the outputs lie in a subspace, up to noise.

        ``None`` if no degrees of freedom are left for the noise. Without noise, and nothing left
        by the subspace but rounding, 1; without noise and with a rest, 0.
        """
        N = self.coefficients.size
        more = N - dimension
        if not more:
            return 1.0
        if self.freedom <= 0:
            return None
        missed = max(0.0, 1.0 - share) * float((self.coefficients**2).sum())
        if missed <= _ROUNDING**0.5 * 1e-2 * self.total:
            return 1.0
        if self.residual <= _ROUNDING * self.total:
            return 0.0
        from scipy.special import fdtrc

        ratio = (missed / more) / (self.residual / self.freedom)
        return float(fdtrc(more, self.freedom, ratio))


def design_of(x: NDArray[np.float64], y: NDArray[np.float64], degree: int) -> Design:
    """Fit centred outputs by the coordinates of inputs, or by these and all their products.

    Parameters
    ----------
    x, y
        ``(samples, n)`` and ``(samples, m)``.
    degree
        1 or 2.

    Examples
    --------
    >>> x = np.array([[0.0], [1.0], [2.0], [4.0]])
    >>> found = design_of(x, 3 * x + 1, 1)
    >>> round(found.explained, 9), found.freedom
    (1.0, 2)
    """
    samples, n = x.shape
    features = x
    if degree == 2:
        products = (x[:, :, None] * x[:, None]).reshape(samples, n * n)
        features = np.concatenate([x, products], axis=1)
    features = features - features.mean(axis=0)
    y = y - y.mean(axis=0)
    left, sizes, right = np.linalg.svd(features, full_matrices=False)
    rank = int((sizes > _RANK * max(float(sizes.max(initial=0.0)), 1e-300)).sum())
    rank = min(rank, samples - 1)
    basis = left[:, :rank]
    coefficients = y.T @ basis
    total = float((y**2).sum())
    rest = float(((y - basis @ coefficients.T) ** 2).sum())
    loadings = right[:rank].T * sizes[:rank]
    return Design(loadings, coefficients, rest, total, y.shape[1] * (samples - 1 - rank), degree)
