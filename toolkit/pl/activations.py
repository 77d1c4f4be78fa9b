"""Activations: what of them decides an interaction graph, and how they correlate Gaussians."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from toolkit.errors import UnsupportedActivationError
from toolkit.pl.activation_parts import Part

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from toolkit.pl.gaussian_quadrature import NumericDual

    Floats: TypeAlias = NDArray[np.float64]

__all__ = ["Activation", "find_activation"]


@dataclass(frozen=True, repr=False)
class Activation:
    """A function of one variable, applied to vectors coordinate by coordinate.

    Made by :func:`find_activation` from a name, a torch module or function, by
    :meth:`from_callable`, or as a|t| + bt from two numbers.

    Parameters
    ----------
    name
        Its name, as users write it.
    even, odd
        The two parts; a number means a|t| in the place of the even part, bt in that of the odd.
    function
        The function on float64 arrays. May be left out if both parts are numbers.
    kinks
        Where the function is not analytic, rising.
    closed_dual
        kappa(t, variance) in closed form, if there is one.
    parts_are
        ``"exact"`` (a theorem), ``"stated"`` (by the user) or ``"measured"`` (on samples).

    Examples
    --------
    >>> Activation("half", 0.5, 0.5)
    <activation half: even part homogeneous of degree 1, not a polynomial; odd part linear>
    """

    name: str
    even_part: Part
    odd_part: Part
    function: Callable[[Floats], Floats] = field(repr=False)
    kinks: tuple[float, ...] = ()
    closed_dual: Callable[[Floats, float], Floats] | None = field(default=None, repr=False)
    parts_are: Literal["exact", "stated", "measured"] = "exact"

    def __init__(
        self,
        name: str,
        even: float | Part,
        odd: float | Part,
        *,
        function: Callable[[Floats], Floats] | None = None,
        kinks: tuple[float, ...] = (),
        closed_dual: Callable[[Floats, float], Floats] | None = None,
        parts_are: Literal["exact", "stated", "measured"] = "exact",
    ) -> None:
        if isinstance(even, Part) and isinstance(odd, Part):
            if function is None:
                raise UnsupportedActivationError(f"{name}: the function itself is required")
            even_part, odd_part = even, odd
        elif isinstance(even, Part) or isinstance(odd, Part):
            raise UnsupportedActivationError(f"{name}: give two numbers or two parts")
        else:
            even_part, odd_part = _two_parts(even, odd)
            a, b = even, odd
            kinks = (0.0,) if a else ()

            def function(t: Floats) -> Floats:
                from toolkit.pl.activation_functions import homogeneous

                return homogeneous(t, a, b)

            def closed_dual(t: Floats, variance: float) -> Floats:
                from toolkit.pl.gaussian import dual_of_homogeneous

                return dual_of_homogeneous(t, variance, a, b)

        for key, value in (
            ("name", name),
            ("even_part", even_part),
            ("odd_part", odd_part),
            ("function", function),
            ("kinks", tuple(sorted(kinks))),
            ("closed_dual", closed_dual),
            ("parts_are", parts_are),
        ):
            object.__setattr__(self, key, value)

    def __repr__(self) -> str:
        said = "" if self.parts_are == "exact" else f" ({self.parts_are})"
        return (
            f"<activation {self.name}: even part {self.even_part}; odd part {self.odd_part}{said}>"
        )

    @classmethod
    def from_callable(
        cls,
        function: Callable[..., object],
        *,
        even: Part | str | None = None,
        odd: Part | str | None = None,
        kinks: tuple[float, ...] = (),
        name: str | None = None,
    ) -> Activation:
        """Return an activation from any function of numpy arrays or torch tensors.

        See :func:`toolkit.pl.activation_measured.activation_from_callable`.

        Examples
        --------
        >>> import numpy as np
        >>> Activation.from_callable(lambda t: t**2 + np.tanh(t), name="mine")
        <activation mine: even part degree 2; odd part not a polynomial (measured)>
        """
        from toolkit.pl.activation_measured import activation_from_callable

        return activation_from_callable(function, even=even, odd=odd, kinks=kinks, name=name)

    def __call__(self, t: ArrayLike) -> Floats:
        """Apply to an array, entry by entry, in float64."""
        import numpy as np

        return np.asarray(self.function(np.asarray(t, dtype=np.float64)), dtype=np.float64)

    # parts ----------------------------------------------------------------------------------

    @property
    def even(self) -> float:
        """a, for a function a|t| + bt.

        Raises
        ------
        UnsupportedActivationError
            If it is none.
        """
        return self._two_numbers[0]

    @property
    def linear(self) -> float:
        """b, for a function a|t| + bt; see :attr:`even`."""
        return self._two_numbers[1]

    @property
    def _two_numbers(self) -> tuple[float, float]:
        if not self.is_positively_homogeneous:
            raise UnsupportedActivationError(f"{self.name} is not of the form a|t| + bt")
        up, down = self([1.0, -1.0]).tolist()
        return (up + down) / 2, (up - down) / 2

    @property
    def at_zero(self) -> float:
        """f(0)."""
        return float(self(0.0))

    @property
    def is_odd(self) -> bool:
        """Whether f(-t) = -f(t)."""
        return self.even_part.is_zero

    @property
    def is_even(self) -> bool:
        """Whether f(-t) = f(t)."""
        return self.odd_part.is_zero

    @property
    def is_polynomial(self) -> bool:
        """Whether f is a polynomial."""
        return self.even_part.is_polynomial and self.odd_part.is_polynomial

    @property
    def is_affine(self) -> bool:
        """Whether f(t) = bt + c."""
        return self.even_part.is_affine and self.odd_part.is_affine

    @property
    def homogeneous_degree(self) -> int | None:
        """The d with f(s t) = s^d f(t) for s > 0, or ``None``.

        Examples
        --------
        >>> [find_activation(n).homogeneous_degree for n in ("relu", "relu_squared", "sign", "elu")]
        [1, 2, 0, None]
        """
        degrees = {p.homogeneous_degree for p in (self.even_part, self.odd_part) if not p.is_zero}
        return degrees.pop() if len(degrees) == 1 else None

    @property
    def is_positively_homogeneous(self) -> bool:
        """Whether f(s t) = s f(t) for s > 0: then f(t) = a|t| + bt."""
        return self.homogeneous_degree == 1

    @property
    def has_even_part(self) -> bool:
        """Whether there is an even part that is no polynomial."""
        return not self.even_part.is_polynomial

    @property
    def has_odd_part(self) -> bool:
        """Whether there is an odd part that is no polynomial."""
        return not self.odd_part.is_polynomial

    @property
    def has_linear_part(self) -> bool:
        """Whether the odd part contains a multiple of t."""
        return 1 in self.odd_part.degrees

    # Gaussians ------------------------------------------------------------------------------

    def dual(self, t: ArrayLike, variance: float = 1.0) -> Floats:
        r"""Return kappa(t) = E f(a) f(b) for centred Gaussians of correlation t.

        Parameters
        ----------
        t
            Correlations in [-1, 1].
        variance
            Of a and of b.

        Notes
        -----
        In closed form where :attr:`closed_dual` is there (up to rounding), else by
        :mod:`toolkit.pl.gaussian_quadrature`; :meth:`dual_error` estimates the error.

        Examples
        --------
        >>> float(find_activation("relu").dual(1.0)), float(find_activation("square").dual(0.5))
        (0.5, 1.5)
        """
        import numpy as np

        c = np.clip(np.asarray(t, dtype=np.float64), -1.0, 1.0)
        _require_variance(variance)
        if self.closed_dual is not None:
            return np.asarray(self.closed_dual(c, variance), dtype=np.float64)
        return _numeric_dual(self, float(variance))(c)

    def dual_error(self, variance: float = 1.0) -> float:
        """Return an estimate of the largest absolute error of :meth:`dual` on [-1, 1]."""
        if self.closed_dual is not None:
            return 1e-15 * max(1.0, float(self.dual(1.0, variance)))
        return _numeric_dual(self, float(variance)).error

    def energies(self, count: int, variance: float = 1.0) -> Floats:
        """Return the first coefficients of kappa(t) = sum of e_k t^k; none is negative.

        Examples
        --------
        >>> find_activation("cube").energies(5).round(9).tolist()
        [0.0, 9.0, 0.0, 6.0, 0.0]
        """
        import numpy as np

        _require_variance(variance)
        if self.is_polynomial:
            from toolkit.pl.gaussian import hermite_energies_of_polynomial

            out = np.zeros(max(count, len(self.coefficients)))
            out[: len(self.coefficients)] = hermite_energies_of_polynomial(
                self.coefficients, variance
            )
            return out[:count]
        from toolkit.pl.gaussian_quadrature import hermite_energies

        return hermite_energies(self.function, self.kinks, variance, count)

    @property
    def coefficients(self) -> tuple[float, ...]:
        """Coefficients of a polynomial, the constant first.

        Raises
        ------
        UnsupportedActivationError
            If f is no polynomial.
        """
        if not self.is_polynomial:
            raise UnsupportedActivationError(f"{self.name} is not a polynomial")
        terms = dict((*self.even_part.terms, *self.odd_part.terms))
        return tuple(terms.get(d, 0.0) for d in range(max(terms, default=0) + 1))

    @property
    def dual_at_one(self) -> float:
        """kappa(1) = E f(a)^2 for variance 1."""
        return float(self.dual(1.0))


def _two_parts(a: float, b: float) -> tuple[Part, Part]:
    size = max(abs(a), abs(b))
    if not (math.isfinite(size) and 1e-100 < size < 1e100):
        raise UnsupportedActivationError(
            f"an activation a|t| + bt needs finite numbers a and b, not both zero and below "
            f"1e100 in size; found a = {a!r}, b = {b!r}"
        )
    return Part((), "homogeneous", 1) if a else Part(), Part.polynomial({1: b})


def _require_variance(variance: float) -> None:
    if not (math.isfinite(variance) and variance > 0):
        raise UnsupportedActivationError(f"a variance must be a positive number, not {variance!r}")


@lru_cache(maxsize=64)
def _numeric_dual(f: Activation, variance: float) -> NumericDual:
    from toolkit.pl.gaussian_quadrature import numeric_dual

    try:
        parity = (1 if f.is_even else 0) - (1 if f.is_odd else 0)
        return numeric_dual(f.function, f.kinks, variance, parity)
    except FloatingPointError as error:
        raise UnsupportedActivationError(f"{f.name}: {error}") from None


def find_activation(activation: object) -> Activation:
    """Return the activation that is meant.

    Parameters
    ----------
    activation
        A name (``"relu"``, ``"gelu"``, ``"leaky_relu(0.2)"``, ``"t^3"``, ...; all of them in
        :data:`toolkit.pl.activation_names.NAMES`), a torch module or its class
        (``torch.nn.GELU()``), a torch function (``torch.tanh``), or an :class:`Activation`, which
        is returned as it is. torch is not imported.

    Raises
    ------
    UnsupportedActivationError
        If it is not known; the message lists what is.

    Examples
    --------
    >>> find_activation("leaky_relu(0.2)")
    <activation leaky_relu(0.2): even part homogeneous of degree 1, not a polynomial;
    odd part linear>
    >>> find_activation("sigmoid")
    <activation sigmoid: even part constant; odd part not a polynomial>
    """
    if isinstance(activation, Activation):
        return activation
    from toolkit.pl.activation_names import activation_named

    if isinstance(activation, str):
        return activation_named(activation)
    from toolkit.pl.activation_torch import torch_name

    name = torch_name(activation)
    if name is None:
        hint = (
            "; for your own function use Activation.from_callable" if callable(activation) else ""
        )
        raise UnsupportedActivationError(
            "an activation is given by its name, as a torch module or function, or as an "
            f"Activation, not {activation!r:.60}{hint}"
        )
    return activation_named(name)
