r"""The normal distribution with a symmetry: an invariant mean and an equivariant covariance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.cached import cached_property
from toolkit.errors import ModuleMismatchError
from toolkit.library.statistics.arrays import at_least_0, constant, floats, namespace
from toolkit.library.statistics.coordinates import fourier_tables
from toolkit.library.statistics.moments import EquivariantCovariance, equivariant_covariance
from toolkit.library.statistics.symmetric_maps import SquareRoots, square_roots

if TYPE_CHECKING:
    from toolkit.modules.module import Module


@dataclass(frozen=True, eq=False, repr=False)
class EquivariantNormal:
    """A normal distribution that the group keeps; returned by :func:`toolkit.equivariant_normal`.

    Parameters
    ----------
    covariance
        Its covariance, with its mean.
    """

    covariance: EquivariantCovariance

    def __repr__(self) -> str:
        X = self.covariance.X
        return f"<EquivariantNormal on {X.name} of {X.group_title}>"

    @property
    def mean(self) -> Any:  # noqa: ANN401 - an array or a tensor
        """``(|X|, channels)`` or ``(|X|,)`` the mean, an invariant function."""
        return self.covariance.mean

    @cached_property
    def _roots(self) -> SquareRoots:
        return square_roots(self.covariance, 0.0, None)

    @cached_property
    def _log_determinant(self) -> Any:  # noqa: ANN401 - a number or a tensor
        """Of the covariance in the coordinates of X."""
        simples = fourier_tables(self.covariance.X).simples
        total: Any = 0.0
        for label, values in self._roots.eigenvalues.items():
            if bool((values <= self._roots.cutoff).any()):
                raise ModuleMismatchError(
                    "a density needs variance in every direction, but the samples have none in "
                    f"some direction of {label}: give more samples than coordinates, or ridge="
                )
            total = total + simples[label].dimension * namespace(values).log(values).sum()
        X, width = self.covariance.X, self.covariance.in_channels
        if not X.has_points:  # Fourier coordinates of a skew module have another volume
            synthesis = fourier_tables(X).synthesis
            total = total + 2 * width * float(np.linalg.slogdet(synthesis)[1])
        return total

    def log_prob(self, x: Any) -> Any:  # noqa: ANN401 - an array or a tensor
        """Return the logarithm of the density at functions ``(..., |X|, channels)``: ``(...)``.

        Parameters
        ----------
        x
            An array or a tensor, of the kind of the samples.

        Raises
        ------
        ModuleMismatchError
            If the covariance is singular, or x has another shape.
        """
        z = self._roots.inverse_root(floats(x, "functions") - self.mean)
        X, width = self.covariance.X, self.covariance.in_channels
        if not self.covariance.has_channels:
            z = z[..., None]
        if not X.has_points:
            analysis = constant(fourier_tables(X).analysis, z)
            z = namespace(z).einsum("rp,...pc->...rc", analysis, z)
        squares = (z**2).sum(-1).sum(-1)
        size = X.degree * width
        return -0.5 * (squares + self._log_determinant + size * math.log(2 * math.pi))

    def sample(self, count: int, *, seed: Any = None) -> Any:  # noqa: ANN401
        """Return ``(count, |X|, channels)`` or ``(count, |X|)`` independent samples.

        Parameters
        ----------
        count
            How many.
        seed
            For arrays what :func:`numpy.random.default_rng` takes, for tensors a
            ``torch.Generator`` on their device; ``None`` for other samples each time.
        """
        covariance = self.covariance
        X, width, xp = covariance.X, covariance.in_channels, namespace(covariance.like)
        size = (count, X.degree, width)
        if xp is np:
            noise = np.random.default_rng(seed).normal(size=size).astype(covariance.like.dtype)
        else:
            like = covariance.like
            noise = xp.randn(size, generator=seed, dtype=like.dtype, device=like.device)
        if not X.has_points:
            synthesis = constant(fourier_tables(X).synthesis, noise)
            noise = xp.einsum("pr,nrc->npc", synthesis, noise)
        noise = noise if covariance.has_channels else noise[..., 0]
        return self._roots.root(noise) + self.mean


def equivariant_normal(
    X: Module,
    x: Any,  # noqa: ANN401 - an array or a tensor
    *,
    weights: Any = None,  # noqa: ANN401
    ddof: int = 0,
    ridge: float = 0.0,
) -> EquivariantNormal:
    r"""Return the invariant normal distribution that fits samples best.

    Parameters
    ----------
    X, x, weights, ddof
        As for :func:`equivariant_covariance`; ``ddof=0`` maximises the likelihood.
    ridge
        A variance added to each coordinate (to each Fourier coordinate, where the matrices of a
        linear module are not orthogonal).

    Returns
    -------
    EquivariantNormal
        It has ``sample``, ``log_prob``, ``mean`` and ``covariance`` (ridge included), and
        ``log_prob(g x) = log_prob(x)``.

    Raises
    ------
    ModuleMismatchError
        If the samples have the wrong shape, or ridge is negative.
    NotAvailable
        If the module's Fourier basis is out of reach.

    Notes
    -----
    The covariance has few parameters, so few samples suffice to make it regular: n dim L >= m_L
    channels for each simple L, instead of n > \|X\| channels. For torch tensors it is
    differentiable with respect to the samples, the weights and the argument of ``log_prob``.

    Examples
    --------
    >>> import numpy as np, toolkit as tk
    >>> X = tk.group("C8").regular_module()
    >>> normal = equivariant_normal(X, np.random.default_rng(0).normal(size=(5, 8)))
    >>> f = normal.sample(1000, seed=1)
    >>> np.allclose(normal.log_prob(f), normal.log_prob(np.roll(f, 1, axis=1)))
    True
    """
    ridge = at_least_0(ridge, "ridge")
    found = equivariant_covariance(X, x, weights=weights, ddof=ddof)
    return EquivariantNormal(found.with_ridge(ridge) if ridge else found)
