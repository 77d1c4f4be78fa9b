"""An activation given as a function: its parts as stated by the user, or measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import UnsupportedActivationError
from toolkit.pl.activations.activation import Activation
from toolkit.pl.activations.checks import finite_kinks, require_name, shown
from toolkit.pl.activations.entrywise import entrywise
from toolkit.pl.activations.parity_parts import Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["activation_from_callable", "measured_part"]

_HIGHEST = 6
_AGREE = 1e-9  # of float64 values; see _AGREE_SINGLE
_AGREE_SINGLE = 4e-6
_STATED = {"zero": -1, "constant": 0, "linear": 1}
_DENSE = np.linspace(0.02, 8.0, 400)
_WIDE = 8.0 * 10.0 ** np.linspace(0.1, 3.1, 61)


def activation_from_callable(
    function: Callable[..., Any],
    *,
    even: Part | str | None = None,
    odd: Part | str | None = None,
    kinks: tuple[float, ...] = (),
    name: str | None = None,
) -> Activation:
    """Return an activation from a function of numpy arrays or of torch tensors.

    Parameters
    ----------
    function
        Takes an array and returns one of the same shape, each entry a function of the entry in its
        place. If torch is loaded and the function does not take numpy arrays, it is given
        tensors: of float64, or if it wants them of float32. A torch module is copied, as it is
        now, and the copy computes in float64.
    even, odd
        The parts as a :class:`Part`, or ``"zero"``, ``"constant"``, ``"linear"``, ``"degree 4"``,
        ``"homogeneous 1"``, ``"other"`` (no polynomial). Coefficients that are not stated are read
        off values. What is left out is measured.
    kinks
        Where the function is not smooth, to help the quadrature of its dual function; it finds
        kinks by itself.
    name
        Its name, without control characters; by default that of the function.

    Returns
    -------
    Activation
        ``parts_are`` is ``"measured"`` if any part was measured, else ``"stated"``.

    Raises
    ------
    UnsupportedActivationError
        If the name cannot be printed, a kink is no finite number, a part is not stated in one of
        these words, or the function gives no finite numbers of the same shape, does not act entry
        by entry (order, neighbours or shape change its values), or contradicts a stated part.

    Notes
    -----
    Measured: a part is called a polynomial of degree at most 6 if one fits 400 values on [-8, 8]
    and 61 between there and 10^4 (where it is finite) to nine digits, and 0 if it vanishes there;
    for a function that returns float32, to five. That is no proof: a function that differs from a
    polynomial only elsewhere is misread, and so is all that rests on it.

    Examples
    --------
    >>> f = activation_from_callable(lambda t: t + abs(t - 1), name="kinked", kinks=(1.0,))
    >>> print(f.even_part, "|", f.odd_part, "|", f.parts_are)
    not a polynomial | not a polynomial | measured
    >>> activation_from_callable(np.cbrt, even="zero", odd="other").parts_are
    'stated'
    """
    own = getattr(function, "__name__", None) or type(function).__name__
    title = require_name(own if name is None else name)
    kinks = finite_kinks(kinks, title)
    f = entrywise(function, title)
    with np.errstate(all="ignore"):
        up, down = f(_DENSE), f(-_DENSE)
        wide_up, wide_down = f(_WIDE), f(-_WIDE)
    if not (np.isfinite(up).all() and np.isfinite(down).all()):
        raise UnsupportedActivationError(f"{title} is not finite on [-8, 8]")
    single = bool((np.concatenate([up, down]) == _rounded(up, down)).all())
    agree = _AGREE_SINGLE if single else _AGREE
    fine = np.isfinite(wide_up) & np.isfinite(wide_down) & (np.abs(wide_up) < 1e100)
    fine &= np.abs(wide_down) < 1e100
    t = np.concatenate([_DENSE, _WIDE[fine]])
    up, down = np.concatenate([up, wide_up[fine]]), np.concatenate([down, wide_down[fine]])
    scale = float(np.maximum(np.abs(up), np.abs(down))[: len(_DENSE)].max(initial=1e-300))
    size = np.maximum(np.maximum(np.abs(up), np.abs(down)), scale)
    parts = []
    for kind, stated in (("even", even), ("odd", odd)):
        values = (up + down) / 2 if kind == "even" else (up - down) / 2
        if stated is None:
            part = _measured(t, values, kind, scale, size, agree)
        else:
            part = _checked(stated, kind, t, values, size, agree, title)
        if kind == "even" and stated is None and part.is_polynomial:
            # a jump at 0 alone is seen by no other sample
            jump = abs(float(f(np.zeros(1))[0]) - part.coefficient(0))
            part = Part.other("unknown") if jump > agree * max(scale, 1.0) else part
        parts.append(part)
    measured = even is None or odd is None
    return Activation(
        title,
        parts[0],
        parts[1],
        function=f,
        kinks=kinks,
        parts_are="measured" if measured else "stated",
    )


def _rounded(up: Floats, down: Floats) -> Floats:
    """Return the values through float32: those that were computed there come back the same."""
    with np.errstate(over="ignore"):
        return np.concatenate([up, down]).astype(np.float32).astype(np.float64)


def _measured(
    t: Floats, values: Floats, kind: str, scale: float, size: Floats, agree: float
) -> Part:
    """Return what a part looks like near 0, if it looks the same far away."""
    near = slice(0, len(_DENSE))
    part = measured_part(t[near], values[near], kind, scale, agree)
    if part.is_polynomial and (_missed(part, t, values, size) > 1e3 * agree).any():
        return Part.other("unknown")
    return part


def _missed(part: Part, t: Floats, values: Floats, size: Floats) -> Floats:
    """Return by how much a polynomial misses the values, relative to their size."""
    fit = np.zeros_like(t)
    for degree, c in part.terms:
        fit += c * t**degree
    out: Floats = np.abs(fit - values) / np.maximum(size, np.abs(fit))
    return out


def measured_part(
    t: Floats, values: Floats, kind: str, scale: float, agree: float = _AGREE
) -> Part:
    """Return what the values of a part on t > 0 look like; see the notes above.

    Parameters
    ----------
    t, values
        ``(n,)`` samples of the part at t > 0.
    kind
        ``"even"`` or ``"odd"``.
    scale
        Largest value of the whole function: below ``agree`` times it the part is 0.
    agree
        How close a polynomial must be, relative to the largest value.
    """
    if float(np.abs(values).max()) <= agree * scale:
        return Part()
    first = 0 if kind == "even" else 1
    for highest in range(first, _HIGHEST + 1, 2):
        degrees = list(range(first, highest + 1, 2))
        columns = np.stack([t**d for d in degrees], axis=1)
        solution = np.linalg.lstsq(columns, values, rcond=None)[0]
        missed = np.abs(columns @ solution - values).max()
        # rounding is that of the whole function
        if missed <= agree * max(float(np.abs(values).max()), scale * 1e-3):
            size = np.abs(columns).max(axis=0) * np.abs(solution)
            kept = {
                d: float(c)
                for d, c, s in zip(degrees, solution, size, strict=True)
                if s > agree * max(float(np.abs(values).max()), scale)
            }
            return Part.polynomial(kept)
    return Part.other("unknown")


def _checked(
    stated: Part | str,
    kind: str,
    t: Floats,
    values: Floats,
    size: Floats,
    agree: float,
    title: str,
) -> Part:
    """Return a stated part, or raise if its parity or the values refute it."""
    part, own = _read(stated)
    parity = 0 if kind == "even" else 1
    if any(d % 2 != parity for d in part.degrees):
        raise UnsupportedActivationError(f"{title}: {part} is no {kind} function")
    if part.rest == "homogeneous" and part.degree % 2 == parity:
        raise UnsupportedActivationError(
            f"{title}: an {kind} function homogeneous of degree {part.degree} is a polynomial: "
            f'state "degree {part.degree}"'
        )
    loose = 1e3 * agree
    if part.is_zero and (np.abs(values) > loose * size).any():
        raise UnsupportedActivationError(
            f"{title}: its {kind} part is stated to be zero, but its values there reach "
            f"{float(np.abs(values).max()):.3g}"
        )
    if own and part.is_polynomial and part.terms:
        # the degree is stated, the coefficient read off
        (degree, _), column = part.terms[0], t ** part.terms[0][0]
        near = slice(0, len(_DENSE))
        c = float(column[near] @ values[near]) / float(column[near] @ column[near])
        part = Part.polynomial({degree: c})
    if part.is_polynomial:
        missed = _missed(part, t, values, size)
        if (missed > loose).any():
            worst = float(t[np.argmax(missed)])
            raise UnsupportedActivationError(
                f"{title}: its {kind} part is stated to be {part}, but its value at {worst:.3g} is "
                f"off that by {float(missed.max()):.1e} of its size"
            )
    if part.rest == "homogeneous" and not part.terms:
        c = float(values[len(_DENSE) - 1]) / float(t[len(_DENSE) - 1]) ** part.degree
        missed = np.abs(values - c * t**part.degree) / np.maximum(size, 1e-300)
        if (missed > loose).any() or abs(c) * 8.0**part.degree <= agree * float(size[0]):
            raise UnsupportedActivationError(
                f"{title}: its {kind} part is stated to be {part}, but it does not grow like "
                f"t^{part.degree}"
            )
    return part


def _read(stated: Part | str) -> tuple[Part, bool]:
    """Return the part, and whether its coefficient is to be read off values."""
    if isinstance(stated, Part):
        return stated, False
    words = stated.strip().lower().split() if isinstance(stated, str) else []
    if " ".join(words) in _STATED:
        degree = _STATED[" ".join(words)]
        return (Part(), False) if degree < 0 else (Part(((degree, 1.0),)), True)
    if words in (["other"], ["not", "a", "polynomial"]):
        return Part.other("unknown"), False
    if len(words) == 2 and words[0] in ("degree", "homogeneous") and words[1].isdecimal():
        degree = int(words[1])
        if words[0] == "degree":
            return Part(((degree, 1.0),)), True
        return Part((), "homogeneous", degree), False
    raise UnsupportedActivationError(
        f"a part is stated as a Part, or as zero, constant, linear, degree 4, homogeneous 1 or "
        f"other, not {shown(stated)}"
    )
