"""An activation given as a function: its parts as stated by the user, or measured."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import UnsupportedActivationError
from toolkit.pl.activation_parts import Part
from toolkit.pl.activations import Activation

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["activation_from_callable", "measured_part"]

_HIGHEST = 6
_AGREE = 1e-9
_STATED = {"zero": Part(), "linear": Part(((1, 1.0),)), "constant": Part(((0, 1.0),))}


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
        Takes an array and returns one of the same shape. If torch is loaded and the function
        does not take numpy arrays, it is given float64 tensors.
    even, odd
        The parts as a :class:`Part`, or ``"zero"``, ``"constant"``, ``"linear"``, ``"degree 4"``,
        ``"homogeneous 1"``, ``"other"`` (no polynomial). What is left out is measured.
    kinks
        Where the function is not analytic: for the quadrature of its dual function only.
    name
        Its name; by default that of the function.

    Returns
    -------
    Activation
        ``parts_are`` is ``"measured"`` if any part was measured, else ``"stated"``.

    Raises
    ------
    UnsupportedActivationError
        If the function gives no finite numbers of the same shape, or a stated parity is refuted
        by its values.

    Notes
    -----
    Measured: a part is called a polynomial of degree at most 6 if one fits 400 values on [-8, 8]
    to nine digits, and 0 if it vanishes there. That is no proof; a function that differs from a
    polynomial only elsewhere is misread.

    Examples
    --------
    >>> f = activation_from_callable(lambda t: t + abs(t - 1), name="kinked", kinks=(1.0,))
    >>> print(f.even_part, "|", f.odd_part, "|", f.parts_are)
    not a polynomial | not a polynomial | measured
    >>> activation_from_callable(np.cbrt, even="zero", odd="other").parts_are
    'stated'
    """
    title = name or getattr(function, "__name__", None) or type(function).__name__
    f = _on_arrays(function, title)
    t = np.linspace(0.02, 8.0, 400)
    up, down = f(t), f(-t)
    values = {"even": (up + down) / 2, "odd": (up - down) / 2}
    scale = float(max(np.abs(up).max(), np.abs(down).max(), 1e-300))
    if not (np.isfinite(up).all() and np.isfinite(down).all()):
        raise UnsupportedActivationError(f"{title} is not finite on [-8, 8]")
    parts = []
    for kind, stated in (("even", even), ("odd", odd)):
        part = measured_part(t, values[kind], kind, scale) if stated is None else _read(stated)
        _check(part, kind, values[kind], scale, title)
        if kind == "even" and stated is None and part.is_polynomial:
            # a jump at 0 alone is seen by no other sample
            jump = abs(float(f(np.zeros(1))[0]) - part.coefficient(0))
            part = Part.other("unknown") if jump > _AGREE * max(scale, 1.0) else part
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


def measured_part(t: Floats, values: Floats, kind: str, scale: float) -> Part:
    """Return what the values of a part on t > 0 look like; see the notes above."""
    if float(np.abs(values).max()) <= _AGREE * scale:
        return Part()
    first = 0 if kind == "even" else 1
    for highest in range(first, _HIGHEST + 1, 2):
        degrees = list(range(first, highest + 1, 2))
        columns = np.stack([t**d for d in degrees], axis=1)
        solution = np.linalg.lstsq(columns, values, rcond=None)[0]
        missed = np.abs(columns @ solution - values).max()
        if missed <= _AGREE * np.abs(values).max():
            size = np.abs(columns).max(axis=0) * np.abs(solution)
            kept = {
                d: float(c)
                for d, c, s in zip(degrees, solution, size, strict=True)
                if s > _AGREE * np.abs(values).max()
            }
            return Part.polynomial(kept)
    return Part.other("unknown")


def _read(stated: Part | str) -> Part:
    if isinstance(stated, Part):
        return stated
    words = stated.strip().lower().split()
    if " ".join(words) in _STATED:
        return _STATED[" ".join(words)]
    if words in (["other"], ["not", "a", "polynomial"]):
        return Part.other("unknown")
    if len(words) == 2 and words[0] in ("degree", "homogeneous") and words[1].isdigit():
        degree = int(words[1])
        if words[0] == "degree":
            return Part(((degree, 1.0),))
        return Part((), "homogeneous", degree)
    raise UnsupportedActivationError(
        f"a part is stated as a Part, or as zero, constant, linear, degree 4, homogeneous 1 or "
        f"other, not {stated!r:.40}"
    )


def _check(part: Part, kind: str, values: Floats, scale: float, title: str) -> None:
    """Refuse a part whose parity, or whose being 0, the values refute."""
    parity = 0 if kind == "even" else 1
    if any(d % 2 != parity for d in part.degrees):
        raise UnsupportedActivationError(f"{title}: {part} is no {kind} function")
    if part.is_zero and float(np.abs(values).max()) > 1e-6 * scale:
        raise UnsupportedActivationError(
            f"{title}: its {kind} part is stated to be zero, but its values there reach "
            f"{float(np.abs(values).max()):.3g}"
        )


def _on_arrays(function: Callable[..., Any], title: str) -> Callable[[Floats], Floats]:
    """Return the function on float64 arrays, through torch if it must be."""

    def plain(t: Floats) -> Floats:
        return np.asarray(function(t), dtype=np.float64)

    def through_torch(t: Floats) -> Floats:
        torch: Any = sys.modules["torch"]
        with torch.no_grad():
            out = function(torch.from_numpy(np.ascontiguousarray(t, dtype=np.float64)))
            return np.asarray(out.detach().cpu().numpy(), dtype=np.float64)

    probe = np.array([0.5, -1.5])
    reasons = []
    for form in (plain, *([through_torch] if "torch" in sys.modules else [])):
        try:
            if form(probe).shape == probe.shape:
                return form
            reasons.append(f"it returned shape {form(probe).shape}")
        except Exception as error:  # noqa: BLE001 - any failure of the user's function
            reasons.append(f"{type(error).__name__}: {error}")
    raise UnsupportedActivationError(
        f"{title} is no function of arrays entry by entry: given 2 numbers, {reasons[0]:.120}"
    )
