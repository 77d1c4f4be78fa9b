"""Activations: what of them decides an interaction graph, and how they correlate Gaussians."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeAlias

from toolkit.errors import UnsupportedActivationError
from toolkit.pl.activations.checks import (
    correlations,
    finite_kinks,
    finite_number,
    real_array,
    require_count,
    require_name,
    require_variance,
    shown,
)
from toolkit.pl.activations.parity_parts import Part

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float64]

__all__ = ["Activation", "find_activation", "require_variance"]


@dataclass(frozen=True, repr=False)
class Activation:
    """A function of one variable, applied to vectors coordinate by coordinate.

    Made by :func:`find_activation` from a name, a torch module or function, by
    :meth:`from_callable`, or as a|t| + bt from two numbers.

    Parameters
    ----------
    name
        Its name, as users write it: text without control characters.
    even, odd
        The two parts; a number means a|t| in the place of the even part, bt in that of the odd.
    function
        The function on float64 arrays. May be left out if both parts are numbers.
    kinks
        Where the function is not analytic; kept rising, each once.
    closed_dual
        kappa(t, variance) in closed form, if there is one.
    parts_are
        ``"exact"`` (a theorem), ``"stated"`` (by the user) or ``"measured"`` (on samples).

    Raises
    ------
    UnsupportedActivationError
        If the name cannot be printed, a number or a kink is not finite, or a part is missing.

    Notes
    -----
    Activations can be copied and pickled: those with a name are sent by it. One made from a
    function can be pickled if the function can, which a lambda cannot.

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
        name = require_name(name)
        if isinstance(even, Part) and isinstance(odd, Part):
            if function is None:
                raise UnsupportedActivationError(f"{name}: the function itself is required")
            even_part, odd_part = even, odd
        elif isinstance(even, Part) or isinstance(odd, Part):
            raise UnsupportedActivationError(f"{name}: give two numbers or two parts")
        else:
            a, b, even_part, odd_part = _two_parts(even, odd)
            kinks = (0.0,) if a else ()

            from toolkit.pl.activations.numpy_functions import homogeneous
            from toolkit.pl.gaussian.closed_forms import dual_of_homogeneous

            function = partial(homogeneous, even=a, odd=b)
            closed_dual = partial(dual_of_homogeneous, even=a, odd=b)

        for key, value in (
            ("name", name),
            ("even_part", even_part),
            ("odd_part", odd_part),
            ("function", function),
            ("kinks", finite_kinks(kinks, name)),
            ("closed_dual", closed_dual),
            ("parts_are", parts_are),
        ):
            object.__setattr__(self, key, value)

    def __reduce__(self) -> tuple[Callable[..., Activation], tuple[object, ...]]:
        from toolkit.pl.activations.registry import activation_named

        try:
            if activation_named(self.name) is self:
                return activation_named, (self.name,)
        except UnsupportedActivationError:
            pass
        values = (self.function, self.kinks, self.closed_dual, self.parts_are)
        return _rebuilt, (self.name, self.even_part, self.odd_part, *values)

    def __deepcopy__(self, memo: dict[int, object]) -> Activation:
        return self

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

        See :func:`toolkit.pl.activations.from_callable.activation_from_callable`.

        Examples
        --------
        >>> import numpy as np
        >>> Activation.from_callable(lambda t: t**2 + np.tanh(t), name="mine")
        <activation mine: even part degree 2; odd part not a polynomial (measured)>
        """
        from toolkit.pl.activations.from_callable import activation_from_callable

        return activation_from_callable(function, even=even, odd=odd, kinks=kinks, name=name)

    def __call__(self, t: ArrayLike) -> Floats:
        """Apply to an array, entry by entry, in float64.

        Raises
        ------
        UnsupportedActivationError
            If the entries are no real numbers.
        """
        import numpy as np

        try:
            numbers = real_array(t)
        except (TypeError, ValueError, OverflowError, RuntimeError) as error:
            raise UnsupportedActivationError(
                f"{self.name} is applied to arrays of real numbers (of a tensor that needs a "
                f"gradient, to its .detach()), not to {type(t).__name__}: {error!s:.80}"
            ) from None
        return np.asarray(self.function(numbers), dtype=np.float64)

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

        Raises
        ------
        UnsupportedActivationError
            If a correlation is no number from -1 to 1, the variance is not positive, E f^2 is
            beyond float64 (:meth:`dual_ratio` may still be there), or f is not square integrable.

        Notes
        -----
        In closed form where :attr:`closed_dual` is there (up to rounding), else by
        :mod:`toolkit.pl.gaussian.quadrature`; :meth:`dual_error` estimates the error.

        Examples
        --------
        >>> float(find_activation("relu").dual(1.0)), float(find_activation("square").dual(0.5))
        (0.5, 1.5)
        """
        import numpy as np

        variance, c = require_variance(variance), correlations(t)
        if self.closed_dual is not None:
            try:
                with np.errstate(all="ignore"):
                    out = np.asarray(self.closed_dual(c, variance), dtype=np.float64)
            except OverflowError:
                out = np.full(c.shape, np.nan)
            if np.isfinite(out).all():
                return out
        size = self.log_energy(variance)
        if size > 709:
            raise UnsupportedActivationError(
                f"E f^2 of {self.name} at variance {variance:g} is about 10^{size / 2.302585:.0f}, "
                "beyond float64: ask for dual_ratio"
            )
        return self.dual_ratio(c, variance) * math.exp(size)

    def dual_ratio(self, t: ArrayLike, variance: float = 1.0) -> Floats:
        r"""Return kappa(t) / kappa(1), scaled so that nothing over- or underflows.

        Parameters
        ----------
        t
            Correlations in [-1, 1].
        variance
            Of both Gaussians.

        Raises
        ------
        UnsupportedActivationError
            If a correlation is no number from -1 to 1, the variance is not positive, or f is 0
            wherever it can be told from 0, is not square integrable, or changes too fast.

        Examples
        --------
        >>> find_activation("t^5").dual_ratio([1.0, 0.5], 1e-200).round(6).tolist()
        [1.0, 0.202381]
        >>> find_activation("hardshrink(50)").dual_ratio([1.0, 0.5, -1.0]).tolist()
        [1.0, 0.0, -1.0]
        """
        from toolkit.pl.activations.dual import ratio

        variance = require_variance(variance)
        return ratio(self, correlations(t), variance)

    def log_energy(self, variance: float = 1.0) -> float:
        """Return the logarithm of kappa(1) = E f(a)^2.

        Raises
        ------
        UnsupportedActivationError
            As :meth:`dual_ratio`.

        Examples
        --------
        >>> round(find_activation("cube").log_energy(1e-200) / math.log(10), 3)
        -598.824
        """
        from toolkit.pl.activations.dual import log_energy

        return log_energy(self, require_variance(variance))

    def ratio_error(self, variance: float = 1.0) -> float:
        """Return an estimate of the largest error of what :meth:`dual_ratio` has returned."""
        from toolkit.pl.activations.dual import ratio_error

        return ratio_error(self, require_variance(variance))

    def dual_error(self, variance: float = 1.0) -> float:
        """Return an estimate of the largest absolute error of what :meth:`dual` has returned."""
        return self.ratio_error(variance) * math.exp(min(self.log_energy(variance), 709.0))

    def energy_shares(self, count: int, variance: float = 1.0) -> Floats:
        """Return the first coefficients of kappa(t)/kappa(1) = sum of e_k t^k; none is negative.

        Raises
        ------
        UnsupportedActivationError
            If the count is no whole number from 0; else as :meth:`dual_ratio`.

        Examples
        --------
        >>> find_activation("cube").energy_shares(5).round(9).tolist()
        [0.0, 0.6, 0.0, 0.4, 0.0]
        """
        from toolkit.pl.activations.dual import energy_shares

        count = require_count(count, "a count of energies")
        return energy_shares(self, count, require_variance(variance))

    def energies(self, count: int, variance: float = 1.0) -> Floats:
        """Return the first coefficients of kappa(t) = sum of e_k t^k; none is negative.

        Examples
        --------
        >>> find_activation("cube").energies(5).round(9).tolist()
        [0.0, 9.0, 0.0, 6.0, 0.0]
        """
        return self.energy_shares(count, variance) * float(self.dual(1.0, variance))

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


def _two_parts(even: object, odd: object) -> tuple[float, float, Part, Part]:
    """Return a and b of a|t| + bt, and its parts."""
    a, b = finite_number(even), finite_number(odd)
    if a is None or b is None or not 1e-100 < max(abs(a), abs(b)) < 1e100:
        raise UnsupportedActivationError(
            "an activation a|t| + bt needs finite numbers a and b, not both zero and below "
            f"1e100 in size; found a = {shown(even)}, b = {shown(odd)}"
        )
    return a, b, Part((), "homogeneous", 1) if a else Part(), Part.polynomial({1: b})


def _rebuilt(
    name: str,
    even: Part,
    odd: Part,
    function: Callable[[Floats], Floats],
    kinks: tuple[float, ...],
    closed_dual: Callable[[Floats, float], Floats] | None,
    parts_are: Literal["exact", "stated", "measured"],
) -> Activation:
    """Return an activation from its fields; what pickle calls."""
    more = {"kinks": kinks, "closed_dual": closed_dual, "parts_are": parts_are}
    return Activation(name, even, odd, function=function, **more)  # type: ignore[arg-type]


def find_activation(activation: object) -> Activation:
    """Return the activation that is meant.

    Parameters
    ----------
    activation
        A name (``"relu"``, ``"gelu"``, ``"leaky_relu(0.2)"``, ``"t^3"``, ...; all of them in
        :data:`toolkit.pl.activations.registry.NAMES`), a torch module or its class
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
    from toolkit.pl.activations.registry import activation_named

    if isinstance(activation, str):
        return activation_named(activation)
    from toolkit.pl.activations.torch_modules import torch_name

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
