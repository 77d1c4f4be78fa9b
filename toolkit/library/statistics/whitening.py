"""Equivariant whitening: the symmetric whitening (ZCA), which commutes with the group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.library.statistics.arrays import at_least_0, floats
from toolkit.library.statistics.equivariant_map import EquivariantMap, layer_of
from toolkit.library.statistics.moments import EquivariantCovariance, equivariant_covariance
from toolkit.library.statistics.symmetric_maps import square_roots

if TYPE_CHECKING:
    from toolkit.modules.module import Module


@dataclass(frozen=True, eq=False, repr=False)
class EquivariantWhitening:
    r"""A fitted whitening: x - mean times the inverse square root of the covariance.

    Returned by :func:`toolkit.equivariant_whitening`.

    Parameters
    ----------
    covariance
        The covariance of the samples, with their mean.
    map
        (covariance + ridge)^{-1/2}, an equivariant map.
    inverse_map
        (covariance + ridge)^{1/2}.
    eigenvalues
        Per label the eigenvalues of the covariance in the isotypic part, ``(m_L channels,)``,
        falling; each has multiplicity dim L.
    cutoff
        Eigenvalues up to this number were taken for 0; such directions are mapped to 0.
    """

    covariance: EquivariantCovariance
    map: EquivariantMap
    inverse_map: EquivariantMap
    eigenvalues: dict[str, Any]
    cutoff: float

    @property
    def mean(self) -> Any:  # noqa: ANN401 - an array or a tensor
        """``(|X|, channels)`` or ``(|X|,)`` the mean that is subtracted."""
        return self.covariance.mean

    def __repr__(self) -> str:
        return f"<EquivariantWhitening of {self.map.X.name} of {self.map.X.group_title}>"

    def transform(self, x: Any) -> Any:  # noqa: ANN401 - an array or a tensor
        """Return whitened functions, of the shape of ``x``: ``(..., |X|, channels)``."""
        return self.map(floats(x, "functions") - self.mean)

    def inverse_transform(self, z: Any) -> Any:  # noqa: ANN401 - an array or a tensor
        """Return functions whose whitening is ``z``; what was mapped to 0 stays at the mean."""
        return self.inverse_map(z) + self.mean

    def to_layer(self, **arguments: Any) -> Any:  # noqa: ANN401 - nn is above this room
        """Return a :class:`toolkit.nn.EquivariantLinear` that computes :meth:`transform`.

        Parameters
        ----------
        arguments
            As of the layer: ``method``, ``parametrization``, ``dtype``, ``device``, ...
        """
        return layer_of(self.map, -self.map(self.mean), arguments)


def equivariant_whitening(
    X: Module,
    x: Any,  # noqa: ANN401 - an array or a tensor
    *,
    weights: Any = None,  # noqa: ANN401
    ddof: int = 0,
    ridge: float = 0.0,
    rcond: float | None = None,
) -> EquivariantWhitening:
    r"""Return the whitening transformation of samples that commutes with the group.

    Of all whitening maps W, with W Sigma W^T = 1, the symmetric map W = Sigma^{-1/2} (ZCA) changes
    the data least. Since Sigma commutes with the group, so does W. It is computed simple by simple.

    Parameters
    ----------
    X, x, weights, ddof
        As for :func:`equivariant_covariance`.
    ridge
        A variance added to each coordinate: W = (Sigma + ridge)^{-1/2}.
    rcond
        Eigenvalues of Sigma + ridge up to ``rcond`` times the largest count as 0, so that W is the
        square root of a pseudo-inverse. The default is the precision of the type times the largest
        size of a block.

    Returns
    -------
    EquivariantWhitening
        It has ``transform``, ``inverse_transform``, ``map``, ``eigenvalues`` and ``to_layer()``.

    Raises
    ------
    ModuleMismatchError
        If the samples have the wrong shape or are not finite, or if ridge is negative.
    NotAvailable
        If the module's Fourier basis is out of reach.

    Notes
    -----
    One symmetric eigenproblem of size m_L channels dim D for each simple. For linear modules whose
    matrices are not orthogonal, Sigma is the covariance in Fourier coordinates, where the whitened
    data have covariance 1. Floating point. For torch tensors, differentiable to first order, even
    where eigenvalues coincide. Source: Kessy, Lewin and Strimmer, *Optimal whitening and
    decorrelation* (2018).

    Examples
    --------
    >>> import numpy as np, toolkit as tk
    >>> X = tk.group("C4").regular_module()
    >>> x = np.random.default_rng(0).normal(size=(50, 4, 2))
    >>> whitening = equivariant_whitening(X, x)
    >>> z = whitening.transform(x)
    >>> np.allclose(tk.equivariant_covariance(X, z).matrix(), np.eye(8))
    True
    >>> np.allclose(whitening.inverse_transform(z), x)
    True
    """
    ridge = at_least_0(ridge, "ridge")
    rcond = None if rcond is None else at_least_0(rcond, "rcond")
    covariance = equivariant_covariance(X, x, weights=weights, ddof=ddof)
    found = square_roots(covariance, ridge, rcond)
    return EquivariantWhitening(
        covariance, found.inverse_root, found.root, found.eigenvalues, found.cutoff
    )
