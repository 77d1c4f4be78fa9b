"""Activations and what of them decides an interaction graph."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.errors import UnsupportedActivationError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Activation", "find_activation"]


@dataclass(frozen=True)
class Activation:
    """A positively homogeneous activation a|t| + bt.

    Every such function is, up to scale, ReLU, leaky ReLU, the absolute value or linear; these
    are the activations of the paper.

    Parameters
    ----------
    name
        Its name, as users write it.
    even
        a, the coefficient of |t|.
    linear
        b, the coefficient of t.
    """

    name: str
    even: float
    linear: float

    def __post_init__(self) -> None:
        size = max(abs(self.even), abs(self.linear))
        if not (math.isfinite(size) and 1e-100 < size < 1e100):
            raise UnsupportedActivationError(
                f"an activation a|t| + bt needs finite numbers a and b, not both zero and below "
                f"1e100 in size; found a = {self.even!r}, b = {self.linear!r}"
            )

    def __call__(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """Apply to an array, entry by entry."""
        out: NDArray[np.float64] = self.even * abs(t) + self.linear * t
        return out

    @property
    def has_even_part(self) -> bool:
        """Whether there is an even part that is no polynomial."""
        return self.even != 0

    @property
    def has_linear_part(self) -> bool:
        """Whether there is a linear part."""
        return self.linear != 0

    def dual(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return kappa(t) = E f(a) f(b) for standard Gaussians of correlation t in [-1, 1].

        Closed form (Cho and Saul 2009): a^2 (2/pi)(sqrt(1 - t^2) + t arcsin t) + b^2 t.
        """
        import numpy as np

        c = np.clip(t, -1.0, 1.0)
        absolute = (2 / math.pi) * (np.sqrt((1 - c) * (1 + c)) + c * np.arcsin(c))
        out: NDArray[np.float64] = self.even**2 * absolute + self.linear**2 * c
        return out

    @property
    def dual_at_one(self) -> float:
        """kappa(1) = E f(a)^2 = a^2 + b^2."""
        return self.even**2 + self.linear**2


_NAMED = {
    "relu": Activation("relu", 0.5, 0.5),
    "abs": Activation("abs", 1.0, 0.0),
    "leaky_relu": Activation("leaky_relu", 0.495, 0.505),
}
_ALIASES = {
    "|.|": "abs",
    "|x|": "abs",
    "absolute": "abs",
    "leakyrelu": "leaky_relu",
    "leaky-relu": "leaky_relu",
}
_SLOPE = re.compile(r"leaky[_-]?relu\(([-+0-9.e]+)\)")


def find_activation(activation: str | Activation) -> Activation:
    """Return the activation of this name.

    Parameters
    ----------
    activation
        ``"relu"``, ``"abs"``, ``"leaky_relu"`` (slope 0.01), ``"leaky_relu(0.2)"``, or an
        :class:`Activation`, which is returned as it is.

    Raises
    ------
    UnsupportedActivationError
        If the name is not known; the message lists those that are.

    Examples
    --------
    >>> find_activation("leaky_relu(0.2)")
    Activation(name='leaky_relu(0.2)', even=0.4, linear=0.6)
    """
    if isinstance(activation, Activation):
        return activation
    if not isinstance(activation, str):
        raise UnsupportedActivationError(
            f"an activation is given by its name or as an Activation, not {activation!r:.60}"
        )
    name = activation.strip().lower().replace(" ", "")
    name = _ALIASES.get(name, name)
    if name in _NAMED:
        return _NAMED[name]
    match = _SLOPE.fullmatch(name)
    if match:
        try:
            slope = float(match.group(1))
        except ValueError:
            slope = math.nan
        if math.isfinite(slope):
            return Activation(f"leaky_relu({slope:g})", (1 - slope) / 2, (1 + slope) / 2)
    raise UnsupportedActivationError(
        f"no activation is called {activation[:40]!r}: use relu, abs, leaky_relu or "
        "leaky_relu(slope)"
    )
