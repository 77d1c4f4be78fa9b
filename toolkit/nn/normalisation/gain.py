"""The factor by which a normalisation multiplies a part of a given energy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from toolkit.nn.linear.tensors.constants import NARROW

if TYPE_CHECKING:
    from typing import Any

#: A part counts as noise below this many rounding units of the whole tensor's energy,
UNITS = 32
#: and below this many in narrow types, in which numbers are stored but not added up.
NARROW_UNITS = 1


def noise_share(dtype: torch.dtype) -> float:
    """Return the share of a tensor's energy below which a part of it counts as noise.

    Examples
    --------
    >>> noise_share(torch.float32), noise_share(torch.bfloat16)
    (3.814697265625e-06, 0.0078125)
    """
    return (NARROW_UNITS if dtype in NARROW else UNITS) * float(torch.finfo(dtype).eps)


def gain(energy: torch.Tensor, total: torch.Tensor, eps: float, dtype: torch.dtype) -> torch.Tensor:
    """Return s / (s^2 + eps + c T^2), see :mod:`toolkit.nn.normalisation`.

    Parameters
    ----------
    energy
        s^2, the mean square of each part, in full precision.
    total
        T^2, the mean square of the whole tensor; broadcasts with ``energy``.
    eps
        Not negative.
    dtype
        The type of the tensor, which decides c: :func:`noise_share`.

    Examples
    --------
    A part of size 3, one of size 0.03, and one of the size of rounding:

    >>> energy = torch.tensor([9.0, 9e-4, 9e-16])
    >>> (gain(energy, energy.mean(), 1e-5, torch.float32) * energy.sqrt()).tolist()
    [0.99999..., 0.976..., 4...e-11]
    """
    # the root has a slope there, and the quotient too, if eps is 0
    energy = energy.clamp_min(torch.finfo(energy.dtype).tiny ** 0.5)
    return energy.sqrt() / (energy + (eps + noise_share(dtype) * total))


def widened(x: torch.Tensor) -> torch.Tensor:
    """Return a tensor in a type wide enough for statistics: float32 at least."""
    wide: Any = x.float() if x.dtype in NARROW else x
    out: torch.Tensor = wide
    return out
