r"""Wide random networks against the spectrum that the theory predicts for infinite width.

The input has ``width`` channels, independent invariant Gaussians with a given spectrum. Each linear
layer is drawn independently, the entries of its Fourier blocks independent with the variance that
multiplies the energy of every simple by one gain (:mod:`toolkit.nn.linear.initialisation`) and, if
wanted, by a weight for each simple. As the width grows the functions before each activation become
invariant Gaussians, with the spectra of :func:`toolkit.pl.transfer.depth.spectra_by_depth`.

**What is compared.** Networks are independent, and so are their shares of energy: their mean has
the standard error s / sqrt(networks), s the standard deviation over the networks. At finite width
the expected share differs from the predicted one by a term of order depth / width, which is below
the standard error (of order 1 / sqrt(width networks)) as long as there are far fewer networks than
channels.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from toolkit.errors import ModuleMismatchError
from toolkit.library.fourier import fourier_basis
from toolkit.nn.equivariant_linear import EquivariantLinear
from toolkit.nn.mlp import EquivariantMLP
from toolkit.pl.transfer.depth import spectra_by_depth
from toolkit.text import table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.modules.fourier.adapted import AdaptedBasis
    from toolkit.modules.module import Module


@dataclass(frozen=True, eq=False)
class WidthComparison:
    """Predicted and measured spectra, by depth.

    Parameters
    ----------
    labels
        The simples, in canonical order.
    predicted, measured, standard_error
        ``(depth + 1, simples)`` shares of the energy before each activation and at the output;
        the standard error is that of the measured mean.
    predicted_variance, measured_variance, variance_error
        ``(depth + 1,)`` mean squares of a coordinate, predicted and measured, and the error.
    width, networks
        Channels of each layer, and number of networks.
    """

    labels: tuple[str, ...]
    predicted: NDArray[np.float64] = field(repr=False)
    measured: NDArray[np.float64] = field(repr=False)
    standard_error: NDArray[np.float64] = field(repr=False)
    predicted_variance: NDArray[np.float64] = field(repr=False)
    measured_variance: NDArray[np.float64] = field(repr=False)
    variance_error: NDArray[np.float64] = field(repr=False)
    width: int
    networks: int

    @property
    def z(self) -> NDArray[np.float64]:
        """``(depth + 1, simples)`` differences in standard errors.

        Where the standard error is a rounding error (a share that is exactly 0 or 1) the
        difference counts in units of 1e-9.
        """
        unit = np.maximum(self.standard_error, 1e-9)
        return np.asarray((self.measured - self.predicted) / unit)

    @property
    def worst(self) -> float:
        """The largest difference in standard errors."""
        return float(np.abs(self.z).max())

    @property
    def mean_square(self) -> float:
        """Mean of z^2 over depths and the simples that vary: about 1 if nothing is wrong."""
        varying = self.standard_error > 1e-9
        return float((self.z[varying] ** 2).mean()) if varying.any() else 0.0

    def to_table(self) -> str:
        """Return a table as text: per depth and simple the two shares and the standard error."""
        rows = [("depth", *self.labels)]
        for depth, (p, m, e) in enumerate(
            zip(self.predicted, self.measured, self.standard_error, strict=True)
        ):
            cells = [f"{a:.4f} {b:.4f}({c:.4f})" for a, b, c in zip(p, m, e, strict=True)]
            rows.append((str(depth), *cells))
        return "\n".join(table(rows))


def width_comparison(
    X: Module,
    spectrum: Mapping[str, float],
    activation: str,
    depth: int = 5,
    *,
    width: int = 256,
    networks: int = 16,
    inputs: int = 1,
    weights: Mapping[str, float] | None = None,
    variance: float = 1.0,
    seed: int = 0,
) -> WidthComparison:
    """Return predicted and measured spectra of wide random networks, layer by layer.

    Parameters
    ----------
    X
        A transitive permutation module, or a signed module.
    spectrum
        The input's energy in each simple, up to a common factor.
    activation
        A name; see :func:`~toolkit.pl.activations.activation.find_activation`.
    depth
        Number of activations.
    width
        Channels of the input and of each layer.
    networks, inputs
        The number of independent networks, and the number of inputs of each.
    weights
        For each simple the factor on its energy in each linear layer (default 1); 0 removes it.
    variance
        Mean square of a coordinate of the input.
    seed
        The seed for torch's generator, whose state is restored.

    Returns
    -------
    WidthComparison
        ``.predicted``, ``.measured``, ``.standard_error``, ``.z``, ``.worst``, ``.to_table()``.

    Raises
    ------
    ModuleMismatchError
        If X is not transitive, a number is too small, or the weights annihilate the input.
    KeyError
        If a label does not occur in X.

    Notes
    -----
    The prediction involves no sampling (float64). Layers are initialised as in
    :class:`~toolkit.nn.EquivariantMLP`: He's gain 2 before an activation that is not odd, LeCun's
    gain 1 before an odd one and at the end. The cost is networks x depth x width^2 x orbitals
    steps.

    Examples
    --------
    >>> import toolkit as tk
    >>> found = width_comparison(
    ...     tk.group("C6").regular_module(), {"L3": 1.0}, "relu", 2, width=64, networks=8
    ... )
    >>> found.predicted.round(3)
    array([[0.   , 0.   , 0.   , 1.   ],
           [0.406, 0.   , 0.094, 0.5  ],
           [0.573, 0.011, 0.087, 0.33 ]])
    >>> found.worst < 5
    True
    """
    for name, value, least in (
        ("depth", depth, 0), ("width", width, 1), ("networks", networks, 2), ("inputs", inputs, 1),
    ):  # fmt: skip
        if not isinstance(value, int) or value < least:
            raise ModuleMismatchError(
                f"{name} must be an integer of at least {least}, not {value!r}"
            )
    factors = dict(weights or {})
    # first the prediction: it checks module, spectrum and weights
    spectra_by_depth(X, spectrum, activation, 0, weights=factors, variance=variance)
    if not any(energy * factors.get(label, 1.0) for label, energy in spectrum.items()):
        raise ModuleMismatchError(
            "the weights remove every simple of the spectrum: all energies after the first layer "
            "are 0, and shares are undefined"
        )
    basis = fourier_basis(X)
    labels = tuple(s.label for s in basis.simples)
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        net = EquivariantMLP(
            X, [width] * (depth + 2), activation, bias=False, method="spectral", dtype=torch.float64
        )
        layers = [layer for layer in net if isinstance(layer, EquivariantLinear)]
        gains = [2.0 if layer.init == "he" else 1.0 for layer in layers]
        predicted, scales = _predicted(X, spectrum, activation, factors, variance, gains, labels)
        energies = np.empty((networks, depth + 1, len(labels)))
        for own in energies:
            net.reset_parameters()
            for layer in layers:
                _weigh(layer, factors)
            x = _gaussian(basis, spectrum, variance, inputs * width)
            y = torch.from_numpy(x).reshape(X.degree, inputs, width).transpose(0, 1)
            own[:] = _energies_by_depth(net, basis, y)
    total = energies.sum(axis=2)
    shares = energies / total[:, :, None]
    return WidthComparison(
        labels,
        predicted,
        shares.mean(axis=0),
        shares.std(axis=0, ddof=1) / np.sqrt(networks),
        scales,
        total.mean(axis=0) / X.degree,
        total.std(axis=0, ddof=1) / X.degree / np.sqrt(networks),
        width,
        networks,
    )


def _predicted(
    X: Module,
    spectrum: Mapping[str, float],
    activation: str,
    factors: Mapping[str, float],
    variance: float,
    gains: list[float],
    labels: tuple[str, ...],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return shares ``(depth + 1, simples)`` and mean squares ``(depth + 1,)``."""
    whole = sum(spectrum.values())
    now = {k: e / whole * variance * gains[0] * factors.get(k, 1.0) for k, e in spectrum.items()}
    shares: list[list[float]] = []
    scales: list[float] = []
    for layer, gain in enumerate(gains):
        if layer:
            own = {label: gain * factors.get(label, 1.0) for label in labels}
            after = spectra_by_depth(
                X, now, activation, 1, weights=own, variance=scales[-1], keep_variance=False
            )[1]
            now = {label: share * after.variance for label, share in after.shares.items()}
        scales.append(sum(now.values()))
        shares.append([now.get(label, 0.0) / scales[-1] for label in labels])
    return np.array(shares), np.array(scales)


def _weigh(layer: EquivariantLinear, factors: Mapping[str, float]) -> None:
    """Multiply the Fourier blocks by the roots of the factors."""
    if factors:
        scale = {label: factors.get(label, 1.0) ** 0.5 for label in layer.fourier_blocks()}
        for label, block in layer.fourier_blocks().items():
            block *= scale[label]  # a view of the weights


def _gaussian(
    basis: AdaptedBasis, spectrum: Mapping[str, float], variance: float, count: int
) -> NDArray[np.float64]:
    """Return ``(|X|, count)`` invariant Gaussians with a spectrum, from torch's generator."""
    coordinates = torch.randn(basis.degree, count, dtype=torch.float64).numpy()
    whole = sum(spectrum.values())
    for s in basis.simples:
        share = spectrum.get(s.label, 0.0) / whole
        size = s.multiplicity * s.dimension
        coordinates[s.rows] *= np.sqrt(share * variance * basis.degree / size)
    return basis.synthesise(coordinates)


def _energies_by_depth(
    net: EquivariantMLP, basis: AdaptedBasis, y: torch.Tensor
) -> list[list[float]]:
    """Return, after each linear layer, per simple the mean energy over inputs and channels."""
    out = []
    for module in net:
        y = module(y)
        if isinstance(module, EquivariantLinear):
            flat = y.transpose(0, 1).reshape(basis.degree, -1).numpy()
            out.append([float(e.mean()) for e in basis.energies(flat).values()])
    return out
