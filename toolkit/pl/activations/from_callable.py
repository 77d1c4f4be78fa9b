"""A function given by a user: checked to act entry by entry, its parts as stated or as measured."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from toolkit.errors import UnsupportedActivationError
from toolkit.pl.activations.checks import finite_kinks, require_name, shown
from toolkit.pl.activations.parity_parts import ParityPart

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_HIGHEST = 6
_AGREE = 1e-9  # of float64 values; see _AGREE_SINGLE
_AGREE_SINGLE = 4e-6
_STATED = {"zero": -1, "constant": 0, "linear": 1}
_DENSE = np.linspace(0.02, 8.0, 400)
_WIDE = 8.0 * 10.0 ** np.linspace(0.1, 3.1, 61)
_SINGLE = 1e-5  # how far two ways to compute one float32 may differ
_DOUBLE = 1e-9


class GivenFunction(NamedTuple):
    """What is known of a function that a user gave: the arguments of an activation."""

    name: str
    even: ParityPart
    odd: ParityPart
    function: EntryByEntry
    kinks: tuple[float, ...]
    parts_are: Literal["stated", "measured"]


def read_callable(
    function: Callable[..., Any],
    *,
    even: ParityPart | str | None = None,
    odd: ParityPart | str | None = None,
    kinks: tuple[float, ...] = (),
    name: str | None = None,
) -> GivenFunction:
    """Return name, parts and values of a function.

    See :meth:`toolkit.pl.activations.activation.Activation.from_callable`.
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
        parts.append(part)
    measured = even is None or odd is None
    return GivenFunction(title, parts[0], parts[1], f, kinks, "measured" if measured else "stated")


def _rounded(up: Floats, down: Floats) -> Floats:
    """Return the values through float32: those that were computed there come back the same."""
    with np.errstate(over="ignore"):
        return np.concatenate([up, down]).astype(np.float32).astype(np.float64)


def _measured(
    t: Floats, values: Floats, kind: str, scale: float, size: Floats, agree: float
) -> ParityPart:
    """Return the part that values near 0 suggest, if those far away agree."""
    near = slice(0, len(_DENSE))
    part = measured_part(t[near], values[near], kind, scale, agree)
    if part.is_polynomial and (_missed(part, t, values, size) > 1e3 * agree).any():
        return ParityPart.other("unknown")
    return part


def _missed(part: ParityPart, t: Floats, values: Floats, size: Floats) -> Floats:
    """Return by how much a polynomial misses the values, relative to their size."""
    fit = np.zeros_like(t)
    for degree, c in part.terms:
        fit += c * t**degree
    out: Floats = np.abs(fit - values) / np.maximum(size, np.abs(fit))
    return out


def measured_part(
    t: Floats, values: Floats, kind: str, scale: float, agree: float = _AGREE
) -> ParityPart:
    """Return the parity part that values at t > 0 suggest.

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
        return ParityPart()
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
            return ParityPart.polynomial(kept)
    return ParityPart.other("unknown")


def _checked(
    stated: ParityPart | str,
    kind: str,
    t: Floats,
    values: Floats,
    size: Floats,
    agree: float,
    title: str,
) -> ParityPart:
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
        part = ParityPart.polynomial({degree: c})
    if part.is_polynomial:
        missed = _missed(part, t, values, size)
        if (missed > loose).any():
            worst = float(t[np.argmax(missed)])
            raise UnsupportedActivationError(
                f"{title}: its {kind} part is stated to be {part}, but its value at {worst:.3g} "
                f"differs from that by {float(missed.max()):.1e} of its size"
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


def _read(stated: ParityPart | str) -> tuple[ParityPart, bool]:
    """Return the part, and whether its coefficient is to be read off values."""
    if isinstance(stated, ParityPart):
        return stated, False
    words = stated.strip().lower().split() if isinstance(stated, str) else []
    if " ".join(words) in _STATED:
        degree = _STATED[" ".join(words)]
        return (ParityPart(), False) if degree < 0 else (ParityPart(((degree, 1.0),)), True)
    if words in (["other"], ["not", "a", "polynomial"]):
        return ParityPart.other("unknown"), False
    if len(words) == 2 and words[0] in ("degree", "homogeneous") and words[1].isdecimal():
        degree = int(words[1])
        if words[0] == "degree":
            return ParityPart(((degree, 1.0),)), True
        return ParityPart((), "homogeneous", degree), False
    raise UnsupportedActivationError(
        "a part must be stated as a ParityPart, or as zero, constant, linear, degree 4, "
        f"homogeneous 1 or other, not {shown(stated)}"
    )


# -- entry by entry -------------------------------------------------------------------------------


@dataclass(frozen=True)
class EntryByEntry:
    """A function on float64 arrays from one of numpy arrays or torch tensors.

    A class, not a closure, so that it can be pickled where the function itself can.

    Parameters
    ----------
    function
        The function given.
    dtype
        Empty for numpy arrays; else the name of the dtype of the tensors it takes.
    """

    function: Callable[..., Any]
    dtype: str

    def __call__(self, t: Floats) -> Floats:
        """Apply the function."""
        if not self.dtype:
            return np.asarray(self.function(t), dtype=np.float64)
        torch: Any = sys.modules["torch"]
        with torch.no_grad():
            given = torch.from_numpy(np.array(t, dtype=np.float64))
            out = self.function(given.to(getattr(torch, self.dtype)))
            return np.asarray(out.detach().to(torch.float64).cpu().numpy())


def entrywise(function: Callable[..., Any], title: str) -> EntryByEntry:
    """Return the function on float64 arrays, checked to act entry by entry.

    Parameters
    ----------
    function
        Of numpy arrays or torch tensors.
    title
        Its name in messages.

    Raises
    ------
    UnsupportedActivationError
        If it fails, changes the shape, or gives an entry another value when the others are
        permuted, left out, replaced or laid out in two dimensions, or on another call.

    Notes
    -----
    Checked on 36 numbers, which is not a proof.

    Examples
    --------
    >>> entrywise(np.tanh, "tanh")(np.zeros(2)).tolist()
    [0.0, 0.0]
    >>> entrywise(np.sort, "sort")
    Traceback (most recent call last):
        ...
    toolkit.errors.UnsupportedActivationError: sort does not act on each number separately, as an
    activation must: its values change when the others are permuted
    """
    ways = [(function, "")]
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        own = function
        if isinstance(function, torch.nn.Module):
            own = copy.deepcopy(function).double()
            ways = []
        ways += [(own, "float64"), (function, "float32")]
    probe = np.array([0.5, -1.5])
    reasons = []
    for inner, dtype in ways:
        form = EntryByEntry(inner, dtype)
        try:
            with np.errstate(all="ignore"):
                found = form(probe)
        except Exception as error:  # noqa: BLE001 - any failure of the user's function
            reasons.append(f"{type(error).__name__}: {error}")
            continue
        if found.shape == probe.shape:
            _require_entrywise(form, title)
            return form
        reasons.append(f"it returned shape {found.shape}")
    raise UnsupportedActivationError(
        f"{title} is not an entry-by-entry function of arrays: given 2 numbers, {reasons[0]:.120}"
    )


def _require_entrywise(f: EntryByEntry, title: str) -> None:
    t = np.random.default_rng(5).permutation(np.linspace(-4.9, 5.1, 36))
    order = np.random.default_rng(6).permutation(36)
    other = t.copy()
    other[1::2] = 7.5 - t[1::2] / 3

    def values(x: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return f(x)

    def alone(x: Floats) -> Floats:
        return np.concatenate([values(x[i : i + 1]) for i in range(len(x))])

    def halves(x: Floats) -> Floats:
        return np.concatenate([values(x[:18]), values(x[18:])])

    def in_two_dimensions(x: Floats) -> Floats:
        try:
            return values(x.reshape(4, 9)).reshape(-1)
        except Exception:  # noqa: BLE001 - a function may want vectors only
            return whole

    try:
        whole = values(t)
    except Exception as error:
        raise UnsupportedActivationError(
            f"{title} is not an entry-by-entry function of arrays: given 36 numbers it fails with "
            f"{type(error).__name__}: {error!s:.80}"
        ) from error
    checks: tuple[tuple[str, Callable[[], Floats], Floats], ...] = (
        ("it is called again", lambda: values(t), whole),
        ("the others are permuted", lambda: values(t[order]), whole[order]),
        ("the others are left out", lambda: halves(t), whole),
        ("the others are replaced", lambda: values(other)[::2], whole[::2]),
        ("the others are left out", lambda: alone(t), whole),
        ("the numbers are laid out in rows", lambda: in_two_dimensions(t), whole),
    )
    single = np.array_equal(whole, _rounded(whole, whole[:0]), equal_nan=True)
    close = _SINGLE if single else _DOUBLE
    for what, call, wanted in checks:
        try:
            found: Floats = call()
        except Exception as error:
            raise UnsupportedActivationError(
                f"{title} is not an entry-by-entry function of arrays: when {what} it fails with "
                f"{type(error).__name__}: {error!s:.80}"
            ) from error
        if found.shape != wanted.shape or not np.allclose(
            found, wanted, rtol=close, atol=close, equal_nan=True
        ):
            raise UnsupportedActivationError(
                f"{title} does not act on each number separately, as an activation must: its "
                f"values change when {what}"
            )
