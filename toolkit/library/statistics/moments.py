r"""Mean, variance, covariance and correlation of data whose distribution is invariant.

If x and g x are equally likely, the mean is an invariant function and the covariance commutes
with the group. Both are estimated as if every sample came with all its images: the mean is
projected to the invariant functions, the empirical covariance averaged over the group,

.. math:: \Sigma = \frac{1}{|G|} \sum_g \rho(g) \, S \, \rho(g)^T,

which is what maximises the likelihood of a normal distribution. Averaging over the group is
averaging over orbitals. By Schur's lemma the covariance is a matrix over End(L) for each simple L.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import ModuleMismatchError
from toolkit.library.statistics.arrays import (
    constant,
    index,
    namespace,
    number,
    of_type,
    sample_weights,
    samples_of,
)
from toolkit.library.statistics.coordinates import invariant_part
from toolkit.library.statistics.equivariant_map import EquivariantMap
from toolkit.library.statistics.projection import equivariant_part

if TYPE_CHECKING:
    from toolkit.library.statistics.arrays import Samples
    from toolkit.modules.module import Module


def equivariant_mean(X: Module, x: Any, *, weights: Any = None) -> Any:  # noqa: ANN401
    r"""Return the mean of samples, projected onto the invariant functions.

    Parameters
    ----------
    X
        The module of the samples.
    x
        ``(n, |X|, channels)`` or ``(n, |X|)`` real numbers: an array or a torch tensor.
    weights
        ``(n,)`` non-negative weights of the samples; by default they are equal.

    Returns
    -------
    numpy.ndarray or torch.Tensor
        ``(|X|, channels)`` or ``(|X|,)``: the mean over each orbit and channel (with the signs of a
        signed module). This is the mean of all samples g x.

    Raises
    ------
    ModuleMismatchError
        If the samples have the wrong shape, or the weights are invalid.

    Notes
    -----
    Invariant to the last bit. O(n |X| channels); needs no Fourier basis, and never starts GAP.

    Examples
    --------
    >>> import numpy as np, toolkit as tk
    >>> X = tk.group("S3").natural_module()
    >>> equivariant_mean(X, np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])).tolist()
    [3.5, 3.5, 3.5]
    """
    samples = samples_of(X, x)
    share = sample_weights(weights, samples.values)
    return samples.as_given(_mean(X, samples.values, share))


def _mean(X: Module, values: Any, share: Any) -> Any:  # noqa: ANN401 - arrays or tensors
    """Return ``(|X|, channels)``."""
    flat = share @ values.reshape(len(values), -1)
    return invariant_part(X, flat.reshape(tuple(values.shape[1:])))


@dataclass(frozen=True, eq=False, repr=False)
class EquivariantCovariance(EquivariantMap):
    """The covariance of symmetric data: a symmetric map that commutes with the group.

    Returned by :func:`toolkit.equivariant_covariance`. As a map it has :meth:`matrix`,
    :attr:`weights` by orbital and :attr:`blocks` by simple; from Fun(X) to itself.

    Parameters
    ----------
    mean
        ``(|X|, channels)`` or ``(|X|,)`` the mean that was subtracted.
    """

    mean: Any = None

    @property
    def variances(self) -> Any:  # noqa: ANN401 - an array or a tensor
        """``(|X|, channels)`` or ``(|X|,)`` the diagonal: constant on orbits of points."""
        if not self.has_orbitals:
            found = namespace(self.like).diagonal(self.matrix(), 0)
            found = found.reshape(self.X.degree, self.in_channels)
            return found if self.has_channels else found[..., 0]
        diagonal = self.basis.orbitals.labels.diagonal()
        values = self.weights[index(diagonal, self.weights)]  # (|X|, out, in)
        found = namespace(values).diagonal(values, 0, 1, 2)
        return found if self.has_channels else found[..., 0]

    def with_ridge(self, ridge: float) -> EquivariantCovariance:
        """Return the covariance with a variance added to each coordinate.

        Parameters
        ----------
        ridge
            The variance; added to each Fourier coordinate, where the matrices of a linear module
            are not orthogonal.

        Examples
        --------
        >>> import numpy as np, toolkit as tk
        >>> X = tk.group("C2").regular_module()
        >>> equivariant_covariance(X, np.array([[1.0, 3.0]])).with_ridge(0.5).matrix().tolist()
        [[1.5, -1.0], [-1.0, 1.5]]
        """
        width = self.in_channels
        given: Any
        if isinstance(self.given, dict):
            given = {}
            for label, block in self.given.items():
                one = np.zeros(block.shape)  # 1 in D, in the diagonal of copies and of channels
                one[0] = np.eye(block.shape[1])[:, :, None, None] * np.eye(width)
                given[label] = block + constant(ridge * one, block)
        else:
            one = np.zeros(tuple(self.given.shape))
            one[np.unique(self.basis.orbitals.labels.diagonal())] = np.eye(width)
            given = self.given + constant(ridge * one, self.given)
        return EquivariantCovariance(**{**self.fields, "given": given}, mean=self.mean)

    def correlation(self) -> EquivariantMap:
        """Return the correlations: the covariance between coordinates divided by deviations.

        Coordinates without variance have correlation 0 with all, themselves included.

        Raises
        ------
        ModuleMismatchError
            For linear modules, whose coordinates the group does not permute.
        """
        if not self.has_orbitals:
            raise ModuleMismatchError(
                "correlations of coordinates are equivariant only if the group permutes them, but "
                f"{self.X.name} is a linear module: use tk.equivariant_whitening, or .matrix()"
            )
        return _scaled(self)


def _scaled(covariance: EquivariantCovariance) -> EquivariantMap:
    xp = namespace(covariance.like)
    variances = covariance.variances
    if not covariance.has_channels:
        variances = variances[..., None]
    alive = variances > 0
    scale = xp.where(alive, xp.where(alive, variances, 1 + 0 * variances) ** -0.5, 0 * variances)
    points = covariance.basis.orbitals.representatives  # (R, 2)
    rows, columns = (index(points[:, side], scale) for side in (0, 1))
    weights = covariance.weights * scale[rows][:, :, None] * scale[columns][:, None, :]
    return EquivariantMap(**{**covariance.fields, "given": weights})


def equivariant_covariance(
    X: Module,
    x: Any,  # noqa: ANN401 - an array or a tensor
    *,
    weights: Any = None,  # noqa: ANN401
    ddof: int = 0,
    mean: Any = None,  # noqa: ANN401
) -> EquivariantCovariance:
    r"""Return the covariance of samples, averaged over the group.

    Parameters
    ----------
    X
        The module of the samples.
    x
        ``(n, |X|, channels)`` or ``(n, |X|)`` real numbers: an array or a torch tensor.
    weights
        ``(n,)`` non-negative weights of the samples; by default they are equal.
    ddof
        1 makes the estimate unbiased. The mean is estimated in the trivial simple alone (it is
        exactly 0 in every other one), so only the block of the trivial simple is divided by n -
        ddof; all others are divided by n. With weights, n is (sum w)^2 / (sum w^2), as in
        :func:`numpy.cov` for ``aweights``.
    mean
        The mean if it is known, with the shape of a sample; by default :func:`equivariant_mean`. It
        is projected onto the invariant functions.

    Returns
    -------
    EquivariantCovariance
        ``.matrix()`` is ``(|X| channels, |X| channels)``, ``.blocks`` has a Hermitian matrix over
        End(L) for each simple L, and ``.variances`` has the diagonal.

    Raises
    ------
    ModuleMismatchError
        If the samples have the wrong shape, the weights are invalid, or n - ddof is not positive.

    Notes
    -----
    With ``ddof=0`` it is the covariance of all samples g x, g in G, about the equivariant mean. The
    matrix commutes with G to the last bit. O(n |X|^2 channels^2). Blocks require a Fourier basis;
    the matrix requires one only for linear modules. If the matrices of a linear module are not
    orthogonal, the covariance is a map from the dual of X, and ``.blocks`` are those in Fourier
    coordinates. Source: Shah and Chandrasekaran, *Group symmetry and covariance regularization*
    (2012).

    Examples
    --------
    >>> import numpy as np, toolkit as tk
    >>> X = tk.group("S3").natural_module()
    >>> covariance = equivariant_covariance(X, np.eye(3))
    >>> covariance.matrix().round(3).tolist()[0]
    [0.222, -0.111, -0.111]
    >>> {label: block.round(3).item() + 0.0 for label, block in covariance.blocks.items()}
    {'L0': 0.0, 'L2': 0.333}
    """
    samples = samples_of(X, x)
    values = samples.values
    share = sample_weights(weights, values)
    centre = _mean(X, values, share) if mean is None else _known_mean(X, samples, mean)
    second = _second_moment(values - centre, values - centre, share)
    if ddof:
        inside = invariant_part(X, second)
        inside = invariant_part(X, inside.swapaxes(0, 2)).swapaxes(0, 2)
        second = second + inside * _correction(share, ddof)
    found = equivariant_part(X, X, second, samples.has_channels, dual=True)
    return EquivariantCovariance(**found.fields, mean=samples.as_given(centre))


def _correction(share: Any, ddof: int) -> Any:  # noqa: ANN401 - an array or a tensor
    """Return ddof / (n - ddof), for the effective number n of samples."""
    effective = 1 / (share**2).sum()
    if not ddof < number(effective):
        raise ModuleMismatchError(
            f"ddof={ddof} needs more samples than it subtracts, found {number(effective):.6g}"
        )
    return ddof / (effective - ddof)


def _known_mean(X: Module, samples: Samples, mean: Any) -> Any:  # noqa: ANN401
    like = samples.values
    found = of_type(mean, like, "the mean")
    if not samples.has_channels and found.ndim == 1:
        found = found[:, None]
    if tuple(found.shape) != tuple(like.shape[1:]):
        wanted = tuple(samples.as_given(like).shape[1:])
        raise ModuleMismatchError(
            f"the mean must have the shape {wanted} of a sample, found {tuple(found.shape)}"
        )
    return invariant_part(X, found)


def _second_moment(y: Any, x: Any, share: Any) -> Any:  # noqa: ANN401 - arrays or tensors
    """Return ``(|Y|, out, |X|, in)``, the weighted mean of the products y x."""
    n = len(x)
    flat = (y * share[:, None, None]).reshape(n, -1).T @ x.reshape(n, -1)
    return flat.reshape(*y.shape[1:], *x.shape[1:])


def equivariant_cross_covariance(
    X: Module,
    Y: Module,
    x: Any,  # noqa: ANN401 - an array or a tensor
    y: Any,  # noqa: ANN401
    *,
    weights: Any = None,  # noqa: ANN401
) -> EquivariantMap:
    """Return the covariance of y with x, averaged over the group: a map from Fun(X) to Fun(Y).

    Parameters
    ----------
    X, Y
        Modules of one group.
    x, y
        Paired samples ``(n, |X|, in)`` and ``(n, |Y|, out)``, or both without channels.
    weights
        ``(n,)`` non-negative weights of the pairs; by default they are equal.

    Returns
    -------
    EquivariantMap
        ``.matrix()`` is ``(|Y| out, |X| in)``: the mean of (g y - mean)(g x - mean)^T over
        samples and group.

    Raises
    ------
    ModuleMismatchError
        If the samples have the wrong shapes, or are not paired.

    Examples
    --------
    >>> import numpy as np, toolkit as tk
    >>> G = tk.group("C2")
    >>> X = G.regular_module()
    >>> x = np.array([[1.0, 0.0], [0.0, 2.0]])
    >>> equivariant_cross_covariance(X, X, x, x[:, ::-1]).matrix().tolist()
    [[-0.5625, 0.6875], [0.6875, -0.5625]]
    """
    source, target = paired(samples_of(X, x), samples_of(Y, y))
    share = sample_weights(weights, source.values)
    first = target.values - _mean(Y, target.values, share)
    second = source.values - _mean(X, source.values, share)
    moment = _second_moment(first, second, share)
    return equivariant_part(X, Y, moment, source.has_channels, dual=True)


def paired(x: Samples, y: Samples) -> tuple[Samples, Samples]:
    """Return samples of two modules after checking that they come in pairs of one kind.

    Raises
    ------
    ModuleMismatchError
        If they do not.
    """
    if len(x.values) != len(y.values) or x.has_channels != y.has_channels:
        raise ModuleMismatchError(
            "samples x and y must agree in number, both with or both without an axis of channels, "
            f"found {tuple(x.as_given(x.values).shape)} and {tuple(y.as_given(y.values).shape)}"
        )
    if namespace(x.values) is not namespace(y.values) or x.values.dtype != y.values.dtype:
        raise ModuleMismatchError(
            f"samples x and y must have one type, found {x.values.dtype} of "
            f"{namespace(x.values).__name__} and {y.values.dtype} of "
            f"{namespace(y.values).__name__}"
        )
    return x, y


def equivariant_variance(
    X: Module,
    x: Any,  # noqa: ANN401 - an array or a tensor
    *,
    weights: Any = None,  # noqa: ANN401
    ddof: int = 0,
) -> Any:  # noqa: ANN401
    """Return the variance of each coordinate: the diagonal of :func:`equivariant_covariance`.

    Parameters
    ----------
    X, x, weights, ddof
        As in :func:`equivariant_covariance`.

    Returns
    -------
    numpy.ndarray or torch.Tensor
        ``(|X|, channels)`` or ``(|X|,)``, constant on orbits: the squared distance from the
        equivariant mean, averaged over samples and over the points of each orbit. For linear
        modules the diagonal is not constant.

    Raises
    ------
    ModuleMismatchError
        As in :func:`equivariant_covariance`.

    Notes
    -----
    O(n |X| channels): the covariance is not formed.

    Examples
    --------
    >>> import numpy as np, toolkit as tk
    >>> equivariant_variance(tk.group("S3").natural_module(), np.eye(3)).round(3).tolist()
    [0.222, 0.222, 0.222]
    """
    samples = samples_of(X, x)
    if not X.has_points:
        return equivariant_covariance(X, x, weights=weights, ddof=ddof).variances
    values = samples.values
    share = sample_weights(weights, values)
    centred = values - _mean(X, values, share)
    squares = share @ (centred**2).reshape(len(values), -1)
    squares = squares.reshape(tuple(values.shape[1:]))
    if ddof:
        inside = centred.swapaxes(0, 1)
        inside = invariant_part(X, inside).swapaxes(0, 1)
        extra = (share @ (inside**2).reshape(len(values), -1)).reshape(squares.shape)
        squares = squares + extra * _correction(share, ddof)
    return samples.as_given(invariant_part(X.unsigned, squares))


def equivariant_correlation(
    X: Module,
    x: Any,  # noqa: ANN401 - an array or a tensor
    *,
    weights: Any = None,  # noqa: ANN401
) -> EquivariantMap:
    """Return the correlations between coordinates, averaged over the group.

    Parameters
    ----------
    X, x, weights
        As for :func:`equivariant_covariance`.

    Returns
    -------
    EquivariantMap
        ``.matrix()`` is ``(|X| channels, |X| channels)``, with 1 on the diagonal (0 for a
        coordinate without variance).

    Examples
    --------
    >>> import numpy as np, toolkit as tk
    >>> X = tk.group("S3").natural_module()
    >>> equivariant_correlation(X, np.eye(3)).matrix().round(3).tolist()[0]
    [1.0, -0.5, -0.5]
    """
    return equivariant_covariance(X, x, weights=weights).correlation()
