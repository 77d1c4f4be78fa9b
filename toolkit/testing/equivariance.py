"""Measure how far a torch layer is from commuting with a group, and where it fails."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from toolkit.cached import cached_property
from toolkit.errors import ModuleMismatchError, NotAvailable, NotCachedError
from toolkit.library.fourier import fourier_basis
from toolkit.modules.module import Module
from toolkit.testing.randomised import randomise
from toolkit.text import shortened

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

Target: TypeAlias = Module | Literal["invariant"]

#: Bound on the rounding errors in float64 of a network of usual depth.
TOLERANCE = 1e-9


class NotEquivariantError(AssertionError):
    """A layer does not commute with the group; the message says by how much and where."""


@dataclass(frozen=True, eq=False)
class EquivarianceError:
    """How far a layer is from commuting with the generators of a group.

    Parameters
    ----------
    per_generator
        For each generator g the largest norm of ``layer(g x) - g layer(x)`` over the samples,
        divided by the largest norm of ``layer(x)``. Infinite if a value is not finite.
    source, target
        The modules; the target is ``"invariant"`` if the output has no points.
    samples
        The number of random inputs.
    difference
        ``(samples, |Y|, channels)``, the difference for the worst generator.

    Examples
    --------
    >>> import toolkit as tk
    >>> from toolkit.testing import equivariance_error
    >>> X = tk.group("C8").regular_module()
    >>> found = equivariance_error(lambda x: x.cumsum(-2), X)
    >>> found.error > 0.1, found.generator, found.worst_simple
    (True, 0, 'L0')
    """

    per_generator: tuple[float, ...]
    source: Module
    target: Target
    samples: int
    difference: NDArray[np.float64] = field(repr=False)

    @property
    def error(self) -> float:
        """The largest relative error over the generators; 0 for a trivial group."""
        return max(self.per_generator, default=0.0)

    @property
    def generator(self) -> int | None:
        """The 0-based number of the worst generator; ``None`` for a group without generators."""
        if not self.per_generator:
            return None
        return int(np.argmax(self.per_generator))

    @property
    def worst_point(self) -> int | None:
        """The 0-based point of Y (coordinate of a linear module) with the largest difference.

        ``None`` for an invariant output.
        """
        if isinstance(self.target, str) or self.difference.size == 0:
            return None
        return int(np.argmax((self.difference**2).sum(axis=(0, 2))))

    @cached_property
    def shares(self) -> dict[str, float]:
        """The share of each simple of Y in the energy of the difference for the worst generator.

        Energy is the square of an invariant norm.

        Empty if the output has no points, if the difference is zero or not finite, or if Y has no
        Fourier basis.
        """
        if isinstance(self.target, str) or not np.isfinite(self.difference).all():
            return {}
        functions = self.difference.transpose(1, 0, 2).reshape(self.target.degree, -1)
        if not functions.any():
            return {}
        try:
            energies = fourier_basis(self.target).energies(functions)
        except (NotAvailable, NotCachedError):
            return {}
        total = float(sum(energy.sum() for energy in energies.values()))
        return {label: float(energy.sum()) / total for label, energy in energies.items()}

    @property
    def worst_simple(self) -> str | None:
        """The simple of Y with the largest share; ``None`` if there are no shares."""
        return max(self.shares, key=lambda label: self.shares[label], default=None)

    def __float__(self) -> float:
        return self.error

    def __str__(self) -> str:
        if not self.per_generator:
            return f"no error: {shortened(self.source.group)} has no generators"
        text = (
            f"relative error {self.error:.3g} for generator {self.generator} of "
            f"{shortened(self.source.group)} on {self.samples} random inputs"
        )
        if self.worst_point is not None:
            is_linear = isinstance(self.target, Module) and not self.target.has_points
            place = "coordinate" if is_linear else "point"
            text += f", largest at {place} {self.worst_point}"
        if self.worst_simple is not None:
            text += f", {self.shares[self.worst_simple]:.0%} of its energy in {self.worst_simple}"
        return text


def equivariance_error(
    layer: Callable[[torch.Tensor], torch.Tensor],
    X: Module | None = None,
    Y: Target | None = None,
    *,
    channels: int | None = None,
    samples: int = 8,
    seed: int = 0,
    randomize: bool = False,
    training: bool = False,
) -> EquivarianceError:
    """Measure how far a layer is from commuting with the generators of a group.

    Parameters
    ----------
    layer
        Any torch module or function from ``(..., |X|, C)`` to ``(..., |Y|, C')``.
    X
        The module of the input, of any kind; by default ``layer.X``.
    Y
        The module of the output, or ``"invariant"`` for outputs ``(..., C')`` that must not
        change. By default ``layer.Y`` (where ``None`` means invariant), or X for a layer without
        that attribute.
    channels
        The number C of channels; by default ``layer.in_channels``, else 1.
    samples, seed
        The number and the seed of the Gaussian inputs.
    randomize
        Whether to give the copy's parameters and running statistics other values first
        (:func:`toolkit.testing.randomised.randomise`), as training could. Otherwise a layer whose
        fresh parameters are all 0 or all 1 may be equivariant by accident. Parameters inside a
        plain function are not changed.
    training
        Whether to run the copy in training mode, with the same random numbers in each pass: the
        same dropout masks, and batch statistics in normalisations. The default is evaluation mode.

    Returns
    -------
    EquivarianceError
        ``.error``, the worst ``.generator``, and the location of the difference: ``.worst_point``,
        ``.worst_simple``, ``.shares``.

    Raises
    ------
    ModuleMismatchError
        If X is unknown, if the output does not have the shape that Y and the samples require, or if
        the layer takes fields on a grid, for which there is
        :func:`~toolkit.testing.assert_convolution_equivariant`.
    ValueError
        If there are no samples or no channels.

    Notes
    -----
    Works in float64 on a copy of the layer; the layer itself is unchanged. Random inputs do not
    prove equivariance: a layer that fails only on rare inputs can pass. By default the current
    parameters are used; :func:`assert_equivariant` also tests other values.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> from toolkit.testing import equivariance_error
    >>> X = tk.group("S4").natural_module()
    >>> equivariance_error(torch.nn.Linear(3, 5), X, channels=3).error < 1e-12
    True
    >>> equivariance_error(torch.nn.Softmax(-2), X).error < 1e-12
    True
    """
    import torch

    source = getattr(layer, "X", None) if X is None else X
    if getattr(layer, "grid_axes", (None, None))[0]:
        raise ModuleMismatchError(
            f"{type(layer).__name__} takes fields on a grid: use "
            "toolkit.testing.assert_convolution_equivariant(layer, size), which moves the grid too"
        )
    if not isinstance(source, Module):
        raise ModuleMismatchError(
            "the module X of the input is required, as the second argument: the layer has no "
            f"attribute X that is one, found {source!r:.60}"
        )
    target = target_of(layer, source, Y)
    into = getattr(layer, "in_channels", 1) if channels is None else channels
    run, place = in_double(layer, training)
    noise = torch.Generator().manual_seed(seed)
    if samples < 1 or into < 1:
        raise ValueError(
            f"samples and channels must be at least 1 for a test to see anything, not {samples} "
            f"and {into}"
        )
    size = (samples, source.degree, into)
    x = torch.randn(size, generator=noise, dtype=torch.float64).to(place)
    with torch.no_grad():
        if randomize and isinstance(run, torch.nn.Module):
            if any(torch.nn.parameter.is_lazy(p) for p in run.parameters()):
                run(x)  # the first input gives lazy parameters their sizes
            randomise(run, seed)
        if training:
            run = with_same_noise(run, seed, place)
        y = _checked(first_output(run, x), samples, target)
        largest = float(y.flatten(1).norm(dim=1).max()) if y.numel() else 0.0
        errors: list[float] = []
        worst = torch.zeros_like(y)
        for g in range(len(source.images if source.has_points else source.matrices)):
            difference = run(moved(source, g, x)) - moved(target, g, y)
            found = float(difference.flatten(1).norm(dim=1).max()) if y.numel() else 0.0
            if not np.isfinite(found + largest):
                found = np.inf
            elif found:
                found = found / largest if largest else np.inf
            if found > max(errors, default=-1.0):
                worst = difference
            errors.append(float(found))
    return EquivarianceError(tuple(errors), source, target, samples, worst.cpu().numpy())


def assert_equivariant(
    layer: Callable[[torch.Tensor], torch.Tensor],
    X: Module | None = None,
    Y: Target | None = None,
    *,
    tolerance: float = TOLERANCE,
    channels: int | None = None,
    samples: int = 8,
    seed: int = 0,
    randomize: bool = True,
    training: bool = False,
) -> None:
    """Raise NotEquivariantError, an AssertionError, unless a layer commutes with its group.

    Parameters
    ----------
    layer, X, Y, channels, samples, seed, training
        As in :func:`equivariance_error`.
    randomize
        Whether a torch module must also commute for other values of its parameters. Use ``False``
        for a layer that is equivariant only because of the values of its parameters.
    tolerance
        The largest relative error, in float64, that counts as rounding.

    Raises
    ------
    NotEquivariantError
        If the layer does not commute; the error has the worst generator, point and simple of the
        output.
    ModuleMismatchError
        As in :func:`equivariance_error`.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> from toolkit.testing import assert_equivariant
    >>> X = tk.group("D8").regular_module()
    >>> assert_equivariant(tk.nn.EquivariantLinear(X, X, 2, 3))
    >>> assert_equivariant(lambda x: x[..., :1, :] + torch.zeros_like(x), X)
    Traceback (most recent call last):
        ...
    toolkit.testing.equivariance.NotEquivariantError: the layer is not equivariant: a relative
    error of at most 1e-09 is required, found relative error 1... for generator 1 of D8 on 8 random
    inputs, largest at point 0, 100% of its energy in L0

    A fresh LayerNorm over points and channels has equal weights at all points, but only until it is
    trained:

    >>> assert_equivariant(torch.nn.LayerNorm([8, 3]), X, channels=3)
    Traceback (most recent call last):
        ...
    toolkit.testing.equivariance.NotEquivariantError: the layer is not equivariant: a relative
    error of at most 1e-09 is required, found relative error 0.7... for generator ... of D8 on 8
    random inputs, largest at point ... of its energy in L...; it is with its current parameters,
    but not after training: constrain them (or test only the current values with randomize=False)
    """
    options: dict[str, Any] = {
        "channels": channels, "samples": samples, "seed": seed, "training": training,
    }  # fmt: skip
    found = equivariance_error(layer, X, Y, **options)
    hint = ""
    if found.error <= tolerance:
        if not randomize or not has_parameters(layer):
            return
        found = equivariance_error(layer, X, Y, randomize=True, **options)
        if found.error <= tolerance:
            return
        hint = (
            "; it is with its current parameters, but not after training: constrain them (or test "
            "only the current values with randomize=False)"
        )
    if found.error < 1e-5:
        hint += "; an error of this size indicates computation in float32"
    elif found.error == np.inf:
        hint += "; an output is not finite"
    raise NotEquivariantError(
        f"the layer is not equivariant: a relative error of at most {tolerance:g} is required, "
        f"found {found}{hint}"
    )


def target_of(layer: object, source: Module, Y: Target | None) -> Target:
    """Return the module of the output, or ``"invariant"``."""
    if Y is None:
        Y = getattr(layer, "Y", source)
        if Y is None:
            Y = "invariant"
    if isinstance(Y, str) and Y == "invariant":
        return "invariant"
    if not isinstance(Y, Module):
        raise ModuleMismatchError(f'Y must be a module of the output or "invariant", not {Y!r:.60}')
    if Y.group != source.group:
        raise ModuleMismatchError(
            f"X and Y must be modules of one group, found {source.name} of {source.group} and "
            f"{Y.name} of {Y.group}"
        )
    return Y


def first_output(run: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """Return the output; an error within a plain function gets a note about the inputs' type."""
    import torch

    try:
        return run(x)
    except Exception as error:
        if not isinstance(run, torch.nn.Module):
            error.add_note(
                f"a plain function is tested on inputs of {x.dtype}, of shape {tuple(x.shape)}: "
                "the network that it calls must be in float64, as net.double() is; a module is "
                "converted automatically"
            )
        raise


def has_parameters(layer: object) -> bool:
    """Whether there is something that could have other values."""
    import torch

    return isinstance(layer, torch.nn.Module) and any(
        True for _ in (*layer.parameters(), *layer.buffers())
    )


def with_same_noise(
    run: Callable[[torch.Tensor], torch.Tensor], seed: int, place: torch.device
) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return a function that draws the same random numbers in every call."""
    import torch

    def again(x: torch.Tensor) -> torch.Tensor:
        with torch.random.fork_rng([place] if place.type == "cuda" else []):
            torch.manual_seed(seed)
            return run(x)

    return again


def in_double(
    layer: Any,  # noqa: ANN401 - a module or a function
    training: bool,
) -> tuple[Callable[[torch.Tensor], torch.Tensor], torch.device]:
    """Return a copy of the layer in float64 and the mode, and its device."""
    import torch

    if not isinstance(layer, torch.nn.Module):
        return layer, torch.device("cpu")
    run = copy.deepcopy(layer).train(training)
    first = next(iter([*run.parameters(), *run.buffers()]), None)
    place = torch.device("cpu") if first is None else first.device
    if place.type == "mps":  # it has no float64
        place = torch.device("cpu")
    return run.to(device=place, dtype=torch.float64), place


def _checked(y: torch.Tensor, samples: int, target: Target) -> torch.Tensor:
    if isinstance(target, str):
        expected, fits = "(samples, channels)", y.dim() >= 1 and y.shape[0] == samples
    else:
        expected = f"({samples}, {target.degree}, channels), points of {target.name} and channels"
        fits = y.dim() == 3 and tuple(y.shape[:2]) == (samples, target.degree)
    if not fits:
        raise ModuleMismatchError(
            f"the layer's output must have shape {expected}, found {tuple(y.shape)}: name the "
            "module of the output as Y"
        )
    return y


def moved(module: Target, generator: int, x: torch.Tensor) -> torch.Tensor:
    """Return g x: its value at a point is that of x at the image, with the sign.

    Of a linear module it is the product with the matrix of g.
    """
    import torch

    if isinstance(module, str):
        return x
    if not module.has_points:
        matrix = torch.from_numpy(module.matrices[generator].copy()).to(x)
        return matrix @ x
    image = torch.from_numpy(module.images[generator].copy()).to(x.device)
    signs = torch.from_numpy(module.signs[generator].copy()).to(x)
    return x.index_select(-2, image) * signs[:, None]
