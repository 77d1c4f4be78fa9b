"""Activations: the parity parts that determine interaction graphs, and the dual function."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from toolkit.cached import cached_property
from toolkit.errors import UnsupportedActivationError
from toolkit.pl.activations.checks import (
    finite_kinks,
    real_array,
    require_name,
)
from toolkit.pl.activations.dual import Dual, HasDual
from toolkit.pl.activations.from_callable import EntryByEntry, read_callable
from toolkit.pl.activations.from_formula import (
    FormulaFunction,
    given_formula,
    looks_like_formula,
)
from toolkit.pl.activations.numpy_functions import homogeneous
from toolkit.pl.activations.parity_parts import ParityPart
from toolkit.pl.activations.registry import ACTIVATIONS, Named, known_name, unknown_name
from toolkit.pl.activations.torch_functions import agrees, torch_name
from toolkit.pl.activations.torch_functions import homogeneous as homogeneous_tensor
from toolkit.pl.activations.torch_functions import polynomial as polynomial_tensor
from toolkit.pl.activations.two_numbers import parts_of_two_numbers
from toolkit.pl.gaussian.closed_duals import dual_of_homogeneous

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Activation(HasDual):
    """A function of one variable, applied to vectors coordinate by coordinate.

    Made by :func:`find_activation` from a name, a formula, a torch module or function, by
    :meth:`from_callable`, or as a|t| + bt from two numbers.

    Parameters
    ----------
    name
        The name as users write it: text without control characters.
    even, odd
        The parity parts; or the numbers a and b of a|t| + bt.
    function
        The function on float64 arrays. May be left out if both parts are numbers.
    kinks
        The points where the function is not analytic; stored in increasing order, without
        repetition.
    closed_dual
        kappa(t, variance) in closed form, if there is one.
    parts_are
        ``"exact"`` (a theorem), ``"stated"`` (by the user) or ``"measured"`` (on samples).
    named
        The row of the registry for an activation with a name; ``None`` for others.

    Raises
    ------
    UnsupportedActivationError
        If the name cannot be printed, a number or a kink is not finite, or a part is missing.

    Notes
    -----
    Activations can be copied and pickled; those with a name or a formula are pickled by it. An
    activation that was made from a function can be pickled if the function can; a lambda cannot.

    Examples
    --------
    >>> Activation("half", 0.5, 0.5)
    <activation half: even part homogeneous of degree 1, not a polynomial; odd part linear>
    """

    name: str
    even_part: ParityPart
    odd_part: ParityPart
    function: Callable[[Floats], Floats] = field(repr=False)
    kinks: tuple[float, ...] = ()
    closed_dual: Callable[[Floats, float], Floats] | None = field(default=None, repr=False)
    parts_are: Literal["exact", "stated", "measured"] = "exact"
    named: Named | None = field(default=None, repr=False, compare=False)

    def __init__(
        self,
        name: str,
        even: float | ParityPart,
        odd: float | ParityPart,
        *,
        function: Callable[[Floats], Floats] | None = None,
        kinks: tuple[float, ...] = (),
        closed_dual: Callable[[Floats, float], Floats] | None = None,
        parts_are: Literal["exact", "stated", "measured"] = "exact",
        named: Named | None = None,
    ) -> None:
        name = require_name(name)
        if isinstance(even, ParityPart) and isinstance(odd, ParityPart):
            if function is None:
                raise UnsupportedActivationError(f"{name}: the function itself is required")
            even_part, odd_part = even, odd
        elif isinstance(even, ParityPart) or isinstance(odd, ParityPart):
            raise UnsupportedActivationError(f"{name}: give two numbers or two parts")
        else:
            a, b, even_part, odd_part = parts_of_two_numbers(even, odd)
            kinks = (0.0,) if a else ()
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
            ("named", named),
        ):
            object.__setattr__(self, key, value)

    def __reduce__(self) -> tuple[Callable[..., Activation], tuple[object, ...]]:
        if self.is_named_by_text:
            return activation_named, (self.name,)
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
        even: ParityPart | str | None = None,
        odd: ParityPart | str | None = None,
        kinks: tuple[float, ...] = (),
        name: str | None = None,
    ) -> Activation:
        """Return an activation from a function of numpy arrays or of torch tensors.

        Parameters
        ----------
        function
            Takes an array and returns one of the same shape, entry by entry. If torch is loaded and
            the function does not accept numpy arrays, it is called with tensors, in float64 or, if
            it fails on these, in float32. A torch module is copied in its current state, and the
            copy computes in float64.
        even, odd
            The parity parts as a
            :class:`~toolkit.pl.activations.parity_parts.ParityPart`, or ``"zero"``,
            ``"constant"``, ``"linear"``, ``"degree 4"``, ``"homogeneous 1"``, ``"other"`` (not a
            polynomial). Coefficients that are not stated are computed from values. A part that is
            omitted is measured.
        kinks
            The points where the function is not smooth, as a hint for the quadrature of its dual
            function, which also searches for kinks.
        name
            The name, without control characters; by default that of the function.

        Returns
        -------
        Activation
            ``parts_are`` is ``"measured"`` if any part was measured, else ``"stated"``.

        Raises
        ------
        UnsupportedActivationError
            If the name cannot be printed, a kink is not a finite number, or a part is not stated in
            one of these words. Also if the function does not return finite numbers in the same
            shape, does not act entry by entry (order, neighbours or shape change its values), or
            contradicts a stated part.

        Notes
        -----
        A part is measured as a polynomial of degree at most 6 if one fits 400 values on [-8, 8] and
        61 values from there to 10^4 (where it is finite) to nine digits, and as 0 if it vanishes
        there; for a function that returns float32, to five digits. This is not a proof: a function
        that differs from a polynomial only elsewhere is misjudged, and so is everything that
        depends on it.

        Examples
        --------
        >>> f = Activation.from_callable(lambda t: t + abs(t - 1), name="kinked", kinks=(1.0,))
        >>> print(f.even_part, "|", f.odd_part, "|", f.parts_are)
        not a polynomial | not a polynomial | measured
        >>> import numpy as np
        >>> Activation.from_callable(np.cbrt, even="zero", odd="other").parts_are
        'stated'
        """
        given = read_callable(function, even=even, odd=odd, kinks=kinks, name=name)
        return cls(
            given.name,
            given.even,
            given.odd,
            function=given.function,
            kinks=given.kinks,
            parts_are=given.parts_are,
        )

    def __call__(self, t: ArrayLike) -> Floats:
        """Apply to an array, entry by entry, in float64.

        Raises
        ------
        UnsupportedActivationError
            If the entries are not real numbers.
        """
        try:
            numbers = real_array(t)
        except (TypeError, ValueError, OverflowError, RuntimeError) as error:
            raise UnsupportedActivationError(
                f"{self.name} must be applied to arrays of real numbers (for a tensor that "
                f"requires a gradient, to its .detach()), not to {type(t).__name__}: {error!s:.80}"
            ) from None
        return np.asarray(self.function(numbers), dtype=np.float64)

    @property
    def formula(self) -> FormulaFunction | None:
        """The formula of an activation that was given by one; else ``None``."""
        return self.function if isinstance(self.function, FormulaFunction) else None

    @property
    def is_named_by_text(self) -> bool:
        """Whether the activation can be restored from its name or its formula."""
        return self.named is not None or self.formula is not None

    # parts ----------------------------------------------------------------------------------

    @property
    def even(self) -> float:
        """The number a of a function a|t| + bt.

        Raises
        ------
        UnsupportedActivationError
            If f is not of this form.
        """
        return self._two_numbers[0]

    @property
    def linear(self) -> float:
        """The number b of a function a|t| + bt; see :attr:`even`."""
        return self._two_numbers[1]

    @property
    def _two_numbers(self) -> tuple[float, float]:
        if not self.is_positively_homogeneous:
            raise UnsupportedActivationError(f"{self.name} is not of the form a|t| + bt")
        up, down = self([1.0, -1.0]).tolist()
        return (up + down) / 2, (up - down) / 2

    @property
    def at_zero(self) -> float:
        """f(0), even if this is an isolated value: the image of coordinates that are always 0."""
        return float(self(0.0))

    @property
    def is_odd(self) -> bool:
        """Whether f(-t) = -f(t), except at isolated points."""
        return self.even_part.is_zero

    @property
    def is_even(self) -> bool:
        """Whether f(-t) = f(t), except at isolated points."""
        return self.odd_part.is_zero

    @property
    def is_polynomial(self) -> bool:
        """Whether f is a polynomial, except at isolated points."""
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
        """Whether the even part is not a polynomial."""
        return not self.even_part.is_polynomial

    @property
    def has_odd_part(self) -> bool:
        """Whether the odd part is not a polynomial."""
        return not self.odd_part.is_polynomial

    @property
    def has_linear_part(self) -> bool:
        """Whether the odd part contains a multiple of t."""
        return 1 in self.odd_part.degrees

    @property
    def coefficients(self) -> tuple[float, ...]:
        """Coefficients of a polynomial, the constant first.

        Raises
        ------
        UnsupportedActivationError
            If f is not a polynomial.
        """
        if not self.is_polynomial:
            raise UnsupportedActivationError(f"{self.name} is not a polynomial")
        terms = dict((*self.even_part.terms, *self.odd_part.terms))
        return tuple(terms.get(d, 0.0) for d in range(max(terms, default=0) + 1))

    @cached_property
    def _dual(self) -> Dual:
        exact = self.parts_are == "exact"
        polynomial = exact and self.is_polynomial and not self.is_affine
        return Dual(
            self.name,
            self.function,
            self.kinks,
            self.closed_dual,
            self.coefficients if polynomial else None,
            self.homogeneous_degree if exact else None,
            (self.is_even - self.is_odd) if exact else 0,
        )

    # tensors --------------------------------------------------------------------------------

    @cached_property
    def on_tensors(self) -> Callable[[Any], Any]:
        """The function of torch tensors, entry by entry, differentiable; torch must be loaded.

        It is torch's own function if there is one. The dtype and device are those of the tensor.

        Raises
        ------
        UnsupportedActivationError
            If torch has no function of this name, f is neither a|t| + bt nor a polynomial, and the
            activation was not made from a function of tensors.

        Notes
        -----
        Before it is used it is compared with the function on numpy arrays at 40 numbers.
        """
        for found in self._candidates():
            if found is not None and agrees(found, self):
                return found
        raise UnsupportedActivationError(
            f"torch has no function for the activation {self.name}: give a name or the function of "
            "tensors itself, or convert to numpy"
        )

    def _candidates(self) -> Iterator[Callable[[Any], Any] | None]:
        """Yield functions of tensors that may be this one, the best first."""
        if self.named is not None:
            yield self.named.on_tensors()
        if isinstance(self.function, EntryByEntry):
            yield self.function.function
        if self.formula is not None:
            yield self.formula.on_tensors
        elif self.named is None:
            with contextlib.suppress(UnsupportedActivationError):
                known = known_name(self.name)
                yield None if known is None else known.on_tensors()
        if self.is_positively_homogeneous:
            yield partial(homogeneous_tensor, even=self.even, odd=self.linear)
        elif self.is_polynomial:
            yield partial(polynomial_tensor, coefficients=self.coefficients)


def _rebuilt(
    name: str,
    even: ParityPart,
    odd: ParityPart,
    function: Callable[[Floats], Floats],
    kinks: tuple[float, ...],
    closed_dual: Callable[[Floats, float], Floats] | None,
    parts_are: Literal["exact", "stated", "measured"],
) -> Activation:
    """Return an activation from its fields; what pickle calls."""
    more = {"kinks": kinks, "closed_dual": closed_dual, "parts_are": parts_are}
    return Activation(name, even, odd, function=function, **more)  # type: ignore[arg-type]


def activation_named(text: str) -> Activation:
    """Return the activation with this name; see :func:`find_activation`.

    Examples
    --------
    >>> activation_named("polynomial(1, 0, 2)").coefficients, activation_named("t^4").name
    ((1.0, 0.0, 2.0), 't^4')
    """
    named = known_name(text)
    if named is not None:
        return _activation_of(named)
    if not looks_like_formula(text):
        raise unknown_name(text)
    return _activation_of_formula(text)


@lru_cache(maxsize=256)
def _activation_of_formula(text: str) -> Activation:
    given = given_formula(text)
    if given.name != text:
        return _activation_of_formula(given.name)
    more = given.function, given.kinks, given.closed_dual, given.parts_are
    return _rebuilt(given.name, given.even, given.odd, *more)


@lru_cache(maxsize=256)
def _activation_of(named: Named) -> Activation:
    """Return one object for one name, so that its quadratures are done once."""
    return Activation(
        named.title,
        *named.parts,
        function=named.function,
        kinks=named.kinks,
        closed_dual=named.dual,
        named=named,
    )


def find_activation(activation: object) -> Activation:
    """Return the activation given by a name, a formula, a torch module or an Activation.

    Parameters
    ----------
    activation
        A name (``"relu"``, ``"gelu"``, ``"leaky_relu(0.2)"``, ``"t^3"``, ...; all of them in
        :data:`toolkit.pl.activations.registry.ACTIVATIONS`), a formula in x
        (:mod:`toolkit.pl.activations.formula`; a name takes precedence), a torch module or its
        class (``torch.nn.GELU()``), a torch function (``torch.tanh``), or an :class:`Activation`,
        which is returned unchanged. torch is not imported.

    Returns
    -------
    Activation
        The activation, with its parity parts and how they are known.

    Raises
    ------
    UnsupportedActivationError
        If it is unknown; the message lists the known ones. For a formula that cannot be read, the
        message names the character.

    Examples
    --------
    >>> find_activation("leaky_relu(0.2)")
    <activation leaky_relu(0.2): even part homogeneous of degree 1, not a polynomial;
    odd part linear>
    >>> find_activation("sigmoid")
    <activation sigmoid: even part constant; odd part not a polynomial>
    >>> find_activation("max(t, 0) + t/10")
    <activation max(x, 0) + x/10: even part homogeneous of degree 1, not a polynomial;
    odd part linear>
    """
    if isinstance(activation, Activation):
        return activation
    if isinstance(activation, str):
        return activation_named(activation)
    known = [(row.name, row.defaults, row.torch) for row in ACTIVATIONS.values()]
    name = torch_name(activation, known)
    if name is None:
        hint = (
            "; for your own function use Activation.from_callable" if callable(activation) else ""
        )
        raise UnsupportedActivationError(
            "an activation is given by its name, as a torch module or function, or as an "
            f"Activation, not {activation!r:.60}{hint}"
        )
    return activation_named(name)
