r"""Principal components by isotypic component.

The covariance of symmetric data commutes with the group, so that its eigenspaces are modules.
Each eigenvalue of the block of a simple L belongs to a copy of L, and has multiplicity dim L: the
dim L principal directions of one copy cannot be told apart, and are kept or left out together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toolkit.cached import cached_property
from toolkit.errors import ModuleMismatchError
from toolkit.library.statistics.arrays import (
    constant,
    einsum,
    floats,
    namespace,
    require_finite,
)
from toolkit.library.statistics.coordinates import fourier_tables
from toolkit.library.statistics.moments import equivariant_covariance
from toolkit.library.statistics.symmetric_maps import eigenvectors, real_form
from toolkit.modules.module import Module
from toolkit.text import label_key

if TYPE_CHECKING:
    from toolkit.modules.fourier.adapted import FourierSimple


class Component(NamedTuple):
    """A principal component: a copy of a simple in the data.

    Parameters
    ----------
    label
        The simple L.
    copy
        Number among the components of L, from 0, by falling variance.
    variance
        The variance of each of its dim L coordinates: an eigenvalue of the covariance.
    dimension
        Dim L: the multiplicity of that eigenvalue.
    share
        The share of the total variance, dim L times ``variance`` over the trace.
    """

    label: str
    copy: int
    variance: float
    dimension: int
    share: float


@dataclass(frozen=True, eq=False, repr=False)
class IsotypicComponents:
    """Principal components of symmetric data, fitted; returned by :func:`isotypic_components`.

    Parameters
    ----------
    X
        The module.
    channels
        Number of channels.
    has_channels
        Whether functions have an axis of channels.
    mean
        ``(|X|, channels)`` or ``(|X|,)`` the mean that is subtracted.
    explained_variance
        Per label ``(k_L,)`` the variance of each coordinate of a component, falling. All
        components together are k_L = m_L channels copies of L.
    total_variance
        The trace of the covariance, of Fourier coordinates.
    directions
        Per label ``(k_L, dim L, |X|, channels)`` orthonormal functions: a basis of each copy, on
        which G acts by the matrices of ``fourier_basis(X).models``.
    functionals
        Per label the dual basis, with which coordinates are read; the same as ``directions``
        but for linear modules whose matrices are not orthogonal.
    """

    X: Module
    channels: int
    has_channels: bool
    mean: Any
    explained_variance: dict[str, NDArray[np.float64]]
    total_variance: float
    directions: dict[str, NDArray[np.float64]]
    functionals: dict[str, NDArray[np.float64]]

    def __repr__(self) -> str:
        kept = " + ".join(f"{len(v)} {label}" for label, v in self.directions.items() if len(v))
        return f"<IsotypicComponents of {self.X.name} of {self.X.group_title}: {kept or 'none'}>"

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """All components, by falling share of the variance."""
        total = self.total_variance if self.total_variance > 0 else 1.0
        found = [
            Component(label, i, float(v), self.directions[label].shape[1],
                      float(v) * self.directions[label].shape[1] / total)
            for label, values in self.explained_variance.items()
            for i, v in enumerate(values)
        ]  # fmt: skip
        return tuple(sorted(found, key=lambda c: (-c.share, label_key(c.label), c.copy)))

    @property
    def explained_variance_ratio(self) -> dict[str, float]:
        """Per label the share of the total variance in the kept copies of L."""
        out = dict.fromkeys(self.directions, 0.0)
        for one in self.components:
            out[one.label] += one.share
        return out

    def reduce(self, share: float | None = None, *, count: int | None = None) -> IsotypicComponents:
        """Return the leading components, whole copies of simples.

        Parameters
        ----------
        share
            Keep as few as explain this share of the total variance.
        count
            Keep so many components; each is a copy of a simple.

        Raises
        ------
        ModuleMismatchError
            Unless exactly one of both is given, the share between 0 and 1.
        """
        if (share is None) == (count is None) or not 0 <= (share or 0) <= 1 or (count or 0) < 0:
            raise ModuleMismatchError(
                "components are reduced to a share between 0 and 1 or to a count of at least 0, "
                f"found share={share} and count={count}"
            )
        if share is not None:
            sums = np.cumsum([c.share for c in self.components])
            count = int(np.searchsorted(sums, share * (1 - 1e-12))) + 1 if share > 0 else 0
        kept = self.components[:count]
        size = {label: sum(c.label == label for c in kept) for label in self.directions}
        return replace(
            self,
            explained_variance={k: v[: size[k]] for k, v in self.explained_variance.items()},
            directions={k: v[: size[k]] for k, v in self.directions.items()},
            functionals={k: v[: size[k]] for k, v in self.functionals.items()},
        )

    def transform(self, x: Any) -> dict[str, Any]:  # noqa: ANN401 - an array or a tensor
        """Return per label the coordinates ``(..., k_L, dim L)`` of functions.

        Parameters
        ----------
        x
            ``(..., |X|, channels)`` or ``(..., |X|)``, as the samples. A generator g acts on the
            coordinates of each copy by ``fourier_basis(X).models[label][g]``.
        """
        values = floats(x, "functions")
        own = (self.X.degree, self.channels) if self.has_channels else (self.X.degree,)
        if tuple(values.shape[-len(own) :]) != own:
            raise ModuleMismatchError(
                f"functions on {self.X.name} must have shape (..., {str(own)[1:-1].strip(',')}), "
                f"found {tuple(values.shape)}"
            )
        centred = values - self._mean_like(values)
        if not self.has_channels:
            centred = centred[..., None]
        return {
            label: einsum("kdxc,...xc->...kd", constant(basis, centred), centred)
            for label, basis in self.functionals.items()
        }

    def inverse_transform(self, coordinates: dict[str, Any]) -> Any:  # noqa: ANN401
        """Return functions of given coordinates: the mean plus the sum over components.

        Parameters
        ----------
        coordinates
            Per label ``(..., k_L, dim L)``; a label that is left out contributes nothing.
        """
        if not coordinates:
            raise ModuleMismatchError("coordinates of at least one simple are required, found none")
        total: Any = 0.0
        like = next(iter(coordinates.values()))
        for label, values in coordinates.items():
            basis = self.directions.get(label)
            if basis is None or tuple(values.shape[-2:]) != basis.shape[:2]:
                raise ModuleMismatchError(
                    f"coordinates of {label} must have shape (..., "
                    f"{'copies, dimension' if basis is None else str(basis.shape[:2])[1:-1]}) "
                    f"for a simple among {', '.join(self.directions)}, found {tuple(values.shape)}"
                )
            total = total + einsum("kdxc,...kd->...xc", constant(basis, values), values)
        total = total if self.has_channels else total[..., 0]
        return total + self._mean_like(like)

    def _mean_like(self, like: Any) -> Any:  # noqa: ANN401 - an array or a tensor
        if namespace(self.mean) is namespace(like):
            return self.mean
        host = self.mean if namespace(self.mean) is np else self.mean.detach().cpu().numpy()
        return constant(host, like)


def isotypic_components(
    X: Module,
    x: Any,  # noqa: ANN401 - an array or a tensor
    *,
    weights: Any = None,  # noqa: ANN401
    ddof: int = 0,
) -> IsotypicComponents:
    r"""Return the principal components of samples, simple by simple.

    Parameters
    ----------
    X, x, weights, ddof
        As for :func:`equivariant_covariance`.

    Returns
    -------
    IsotypicComponents
        ``.components`` lists them, and ``.explained_variance_ratio`` adds up their shares by
        simple. ``.transform`` returns coordinates, in which G acts copy by copy; ``.reduce`` keeps
        the leading components.

    Raises
    ------
    ModuleMismatchError
        If the samples have the wrong shape or are not finite.
    NotAvailable
        If the module's Fourier basis is out of reach.

    Notes
    -----
    These are the principal components of the data together with all their images under the group.
    Each eigenvalue of the covariance is repeated dim L times; for equal eigenvalues of one simple
    the choice of copies is arbitrary. Computed in float64 on the CPU. The components are constants
    for torch's gradients; ``transform`` is differentiable.

    Examples
    --------
    >>> import numpy as np, toolkit as tk
    >>> X = tk.group("S4").natural_module()
    >>> x = np.random.default_rng(0).normal(size=(100, 4)) + np.arange(100)[:, None]
    >>> fitted = isotypic_components(X, x)
    >>> [(c.label, c.dimension, round(c.share, 3)) for c in fitted.components]
    [('L0', 1, 0.999), ('L3', 3, 0.001)]
    >>> fitted.transform(x)["L3"].shape
    (100, 1, 3)
    >>> fitted.reduce(0.9).transform(x)["L0"].shape
    (100, 1, 1)
    """
    covariance = equivariant_covariance(X, x, weights=weights, ddof=ddof)
    tables = fourier_tables(covariance.X)
    width = covariance.in_channels
    variances, directions, functionals = {}, {}, {}
    for label, block in covariance.blocks.items():
        s = tables.simples[label]
        host = block if namespace(block) is np else block.detach().cpu().numpy()
        require_finite(host, "covariances, and so the samples,")
        form = real_form(host.astype(np.float64), s)
        values, vectors = eigenvectors(form, s, width)
        variances[label] = np.maximum(values, 0.0)
        directions[label] = _directions(tables.synthesis[:, s.rows], s, vectors, width)
        functionals[label] = _directions(tables.dual.synthesis[:, s.rows], s, vectors, width)
    total = float(sum(v.sum() * tables.simples[k].dimension for k, v in variances.items()))
    return IsotypicComponents(
        covariance.X,
        width,
        covariance.has_channels,
        covariance.mean,
        variances,
        total,
        directions,
        functionals,
    )


def _directions(
    synthesis: NDArray[np.float64],
    s: FourierSimple,
    vectors: NDArray[np.float64],
    channels: int,
) -> NDArray[np.float64]:
    """Return ``(k, dim L, |X|, channels)`` functions of eigenvectors over D.

    A copy of L is l -> l v: position p, component a of L goes to position p of each copy.
    """
    m, p, e = s.multiplicity, s.positions, s.endomorphism_dimension
    table = synthesis.reshape(-1, m, p, e)
    shaped = vectors.reshape(len(vectors), m, e, channels, e)
    found: NDArray[np.float64] = np.einsum("xmpf,kmfca->kpaxc", table, shaped, optimize=True)
    return np.ascontiguousarray(found.reshape(len(vectors), p * e, len(table), channels))
