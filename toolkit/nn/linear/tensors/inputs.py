"""The sentence about an input of the wrong shape, with what to do about common mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.errors import ModuleMismatchError

if TYPE_CHECKING:
    import torch

    from toolkit.modules.module import Module


def wrong_input(
    x: torch.Tensor, X: Module, channels: int | None = None, *, what: str = "points"
) -> ModuleMismatchError:
    """Return the error about an input whose shape is not ``(..., |X|, channels)``.

    Parameters
    ----------
    x
        The input.
    X
        The module of the input.
    channels
        The number of channels; ``None`` if any will do.
    what
        What the coordinates of X are called.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> print(wrong_input(torch.zeros(7, 3, 4), tk.group("D8").natural_module(), 3))
    the input must have shape (..., 4, 3), points of 4 points and channels, found (7, 3, 4): \
points come before channels, x.transpose(-1, -2)
    """
    shape = tuple(x.shape)
    size = "channels" if channels is None else str(channels)
    hint = shape_hint(shape, X.degree, channels)
    return ModuleMismatchError(
        f"the input must have shape (..., {X.degree}, {size}), {what} of {X.name} and channels, "
        f"found {shape}" + (f": {hint}" if hint else "")
    )


def shape_hint(shape: tuple[int, ...], points: int, channels: int | None) -> str:
    """Return what makes an input ``(..., points, channels)`` of one of another shape, or nothing.

    Examples
    --------
    >>> shape_hint((7, 12), 4, 3)
    'a flattened input is converted by x.unflatten(-1, (4, 3)), if channels vary fastest'
    >>> shape_hint((7, 3, 2, 2), 4, 3)
    'an image (..., channels, height, width) is converted by x.flatten(-2).transpose(-1, -2)'
    """
    if not shape:
        return ""
    last = shape[-1]
    if len(shape) > 1 and last == points and shape[-2] == channels:
        return "points come before channels, x.transpose(-1, -2)"
    if len(shape) > 2 and last * shape[-2] == points and channels in (None, shape[-3]):
        return (
            "an image (..., channels, height, width) is converted by "
            "x.flatten(-2).transpose(-1, -2)"
        )
    if last == points and (channels == 1 or (channels is None and len(shape) <= 2)):
        return "an axis of one channel is added by x.unsqueeze(-1)"
    if last == points and channels is None:
        return "points come before channels, x.transpose(-1, -2)"
    if channels is not None and last == points * channels:
        return (
            f"a flattened input is converted by x.unflatten(-1, ({points}, {channels})), if "
            "channels vary fastest"
        )
    return ""
