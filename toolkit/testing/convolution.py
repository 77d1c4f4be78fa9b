"""Measure how far a layer of fields on a grid is from commuting with a group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import ModuleMismatchError
from toolkit.modules.module import Module
from toolkit.testing.equivariance import (
    TOLERANCE,
    EquivarianceError,
    NotEquivariantError,
    Target,
    first_output,
    has_parameters,
    in_double,
    moved,
    target_of,
    with_same_noise,
)
from toolkit.testing.randomised import randomise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import torch

    from toolkit.modules.gsets.actions import IntArray
    from toolkit.nn.convolution.window import Window


def convolution_equivariance_error(
    layer: Callable[[torch.Tensor], torch.Tensor],
    size: int | Sequence[int],
    X: Module | None = None,
    Y: Target | None = None,
    *,
    window: Window | None = None,
    periodic: bool = False,
    channels: int | None = None,
    samples: int = 4,
    seed: int = 0,
    randomize: bool = False,
    training: bool = False,
) -> EquivarianceError:
    """Measure how far a layer on fields is from commuting with the generators of a group.

    Parameters
    ----------
    layer
        Any torch module or function of fields ``(..., |X|, C, *grid)``. Its values are fields of Y,
        functions on Y without a grid ``(..., |Y|, C')``, or invariant numbers ``(..., C')``.
    size
        ``(N_1, ..., N_d)`` pixels of the input, or one number for all axes.
    X, Y
        The modules of the fibres; Y may be ``"invariant"``. By default ``layer.X`` and ``layer.Y``.
    window
        A window of the group, which defines its action on the grid; by default that of the layer,
        or of the first inner layer that has one.
    periodic
        Whether images are periodic and are rotated about their first pixel; otherwise they are
        rotated about their centre.
    channels
        The number C of channels; by default ``layer.in_channels``, else 1.
    samples, seed
        The number and the seed of the Gaussian inputs.
    randomize, training
        As in :func:`~toolkit.testing.equivariance_error`.

    Returns
    -------
    EquivarianceError
        Its samples are pixels of samples. Only the generators of the group are measured, not
        shifts.

    Raises
    ------
    ModuleMismatchError
        If the modules or the window are unknown, or if a shape does not fit.
    ValueError
        If there are no samples or no channels.

    Notes
    -----
    Works in float64 on a copy of the layer. Random inputs do not prove equivariance.

    Examples
    --------
    >>> import toolkit as tk
    >>> from toolkit.testing import convolution_equivariance_error
    >>> G = tk.group("C4")
    >>> X = G.regular_module()
    >>> conv = tk.nn.GroupConvolution(tk.nn.square_window(G, 3), X, X, 2, 2, stride=2, padding=1)
    >>> convolution_equivariance_error(conv, (9, 9)).error < 1e-12
    True
    >>> convolution_equivariance_error(conv, (8, 8)).error > 0.1
    True
    """
    import torch

    from toolkit.nn.convolution.fields import fields_to_points
    from toolkit.nn.convolution.window import Window

    source = getattr(layer, "X", None) if X is None else X
    frame = _window_of(layer) if window is None else window
    if not isinstance(source, Module) or not isinstance(frame, Window):
        raise ModuleMismatchError(
            "the module X of the input and a window of its group are required: give X=... and "
            f"window=..., or a layer that has both; found {source!r:.60} and {frame!r:.60}"
        )
    if isinstance(size, int):
        size = (size,) * frame.dimension
    if len(size) != frame.dimension:
        raise ModuleMismatchError(
            f"the size of an image must have {frame.dimension} numbers for the {frame.name}, found "
            f"{tuple(size)}"
        )
    target = target_of(layer, source, Y)
    into = (getattr(layer, "in_channels", None) or 1) if channels is None else channels
    if samples < 1 or into < 1:
        raise ValueError(
            f"samples and channels must be at least 1 for a test to see anything, not {samples} "
            f"and {into}"
        )
    run, place = in_double(layer, training)
    noise = torch.Generator().manual_seed(seed)
    shape = (samples, source.degree, into, *size)
    x = torch.randn(shape, generator=noise, dtype=torch.float64).to(place)
    axes = frame.dimension

    def acted(module: Target, g: int, field: torch.Tensor) -> torch.Tensor:
        if isinstance(module, str) or field.dim() == 3:
            return moved(module, g, field)
        turned = _turned(field, frame.matrices[g], periodic)
        there = moved(module, g, fields_to_points(turned, axes))
        return there.movedim((-2, -1), (1, 2))

    with torch.no_grad():
        if randomize and isinstance(run, torch.nn.Module):
            randomise(run, seed)
        if training:
            run = with_same_noise(run, seed, place)
        y = _checked(first_output(run, x), samples, target, axes)
        largest = float(y.norm()) if y.numel() else 0.0
        errors: list[float] = []
        worst = torch.zeros_like(y)
        for g in range(len(frame.matrices)):
            there, here = run(acted(source, g, x)), acted(target, g, y)
            if there.shape != here.shape:
                raise ModuleMismatchError(
                    f"the layer maps an image moved by generator {g} to shape "
                    f"{tuple(there.shape)}, but its moved output has shape {tuple(here.shape)}"
                )
            found = float((there - here).norm()) if y.numel() else 0.0
            if not np.isfinite(found + largest):
                found = np.inf
            elif found:
                found = found / largest if largest else np.inf
            if found > max(errors, default=-1.0):
                worst = there - here
            errors.append(found)
    if worst.dim() == axes + 3:
        worst = fields_to_points(worst, axes).flatten(0, -3)
    return EquivarianceError(
        tuple(errors), source, target, samples * int(np.prod(size)), worst.cpu().numpy()
    )


def assert_convolution_equivariant(
    layer: Callable[[torch.Tensor], torch.Tensor],
    size: int | Sequence[int],
    X: Module | None = None,
    Y: Target | None = None,
    *,
    window: Window | None = None,
    periodic: bool = False,
    tolerance: float = TOLERANCE,
    channels: int | None = None,
    samples: int = 4,
    seed: int = 0,
    randomize: bool = True,
    training: bool = False,
) -> None:
    """Raise NotEquivariantError unless a layer on fields commutes with its group.

    Parameters
    ----------
    layer, size, X, Y, window, periodic, channels, samples, seed, training
        As in :func:`convolution_equivariance_error`.
    randomize
        Whether a torch module must also commute for other values of its parameters.
    tolerance
        The largest relative error, in float64, that counts as rounding.

    Raises
    ------
    NotEquivariantError
        If the layer does not commute; the error has the worst generator, point and simple of the
        output.
    ModuleMismatchError
        As in :func:`convolution_equivariance_error`.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> from toolkit.testing import assert_convolution_equivariant
    >>> G = tk.group("D8")
    >>> X, window = G.regular_module(), tk.nn.square_window(G, 3)
    >>> conv = tk.nn.GroupConvolution(window, X, X, 2, 3, padding="same")
    >>> assert_convolution_equivariant(conv, (8, 9))
    >>> plain = tk.nn.Gridwise(torch.nn.Conv2d(8, 8, 3))
    >>> assert_convolution_equivariant(plain, (9, 9), X, window=window)
    Traceback (most recent call last):
        ...
    toolkit.testing.equivariance.NotEquivariantError: the layer does not commute with the group: ...
    """
    options: dict[str, Any] = {
        "window": window, "periodic": periodic, "channels": channels, "samples": samples,
        "seed": seed, "training": training,
    }  # fmt: skip
    found = convolution_equivariance_error(layer, size, X, Y, **options)
    hint = ""
    if found.error <= tolerance:
        if not randomize or not has_parameters(layer):
            return
        found = convolution_equivariance_error(layer, size, X, Y, randomize=True, **options)
        if found.error <= tolerance:
            return
        hint = "; it does with its current parameters, but not after training"
    checked = getattr(layer, "is_equivariant_on", None)
    if checked is not None and not checked(size):
        hint += f"; because of its stride and padding it cannot be equivariant on size {size}"
    raise NotEquivariantError(
        f"the layer does not commute with the group: a relative error of at most {tolerance:g} is "
        f"required, found {found}{hint}"
    )


def _checked(y: torch.Tensor, samples: int, target: Target, axes: int) -> torch.Tensor:
    if isinstance(target, str):
        expected, fits = "(samples, channels)", y.dim() >= 1 and y.shape[0] == samples
    else:
        expected = f"({samples}, {target.degree}, channels) or with {axes} axes of a grid behind"
        fits = y.dim() in (3, axes + 3) and tuple(y.shape[:2]) == (samples, target.degree)
    if not fits:
        raise ModuleMismatchError(
            f"the layer's output must have shape {expected}, found {tuple(y.shape)}: name the "
            "module of the output as Y"
        )
    return y


def _window_of(layer: object) -> object:
    """Return the window of a layer, or of the first one in it that has one."""
    import torch

    parts = layer.modules() if isinstance(layer, torch.nn.Module) else [layer]
    found = (getattr(part, "window", None) for part in parts)
    return next((window for window in found if window is not None), None)


def _turned(x: torch.Tensor, matrix: IntArray, periodic: bool) -> torch.Tensor:
    """Return F(p M) on the last axes: p from the image's centre, or from its first pixel."""
    import torch

    axes = len(matrix)
    size = np.array(x.shape[x.dim() - axes :])
    if periodic:
        shape = size
        places = np.stack(np.unravel_index(np.arange(size.prod()), size), axis=1) @ matrix % size
    else:
        if not ((abs(matrix).sum(0) == 1).all() and (abs(matrix).sum(1) == 1).all()):
            raise ModuleMismatchError(
                "a group that mixes axes does not map images to images about their centre: "
                "measure with periodic=True"
            )
        shape = abs(matrix) @ size
        steps = np.stack(np.unravel_index(np.arange(shape.prod()), shape), axis=1)
        places = ((2 * steps - shape + 1) @ matrix + size - 1) // 2
    index = torch.from_numpy(np.ravel_multi_index(tuple(places.T), tuple(size)))
    flat = x.flatten(-axes).index_select(-1, index.to(x.device))
    return flat.reshape(*x.shape[: x.dim() - axes], *shape.tolist())
