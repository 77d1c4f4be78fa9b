"""A user's function as a function of float64 arrays that acts on each entry by itself."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import UnsupportedActivationError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["EntryByEntry", "entrywise"]

_SINGLE = 1e-5  # how far two ways to compute one float32 may differ
_DOUBLE = 1e-9


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
    Checked on 36 numbers, which is no proof.

    Examples
    --------
    >>> entrywise(np.tanh, "tanh")(np.zeros(2)).tolist()
    [0.0, 0.0]
    >>> entrywise(np.sort, "sort")
    Traceback (most recent call last):
        ...
    toolkit.errors.UnsupportedActivationError: sort does not act on each number by itself, as an
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
        f"{title} is no function of arrays entry by entry: given 2 numbers, {reasons[0]:.120}"
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
            f"{title} is no function of arrays entry by entry: given 36 numbers it fails with "
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
    single = np.array_equal(whole, whole.astype(np.float32), equal_nan=True)
    close = _SINGLE if single else _DOUBLE
    for what, ask, wanted in checks:
        try:
            found: Floats = ask()
        except Exception as error:
            raise UnsupportedActivationError(
                f"{title} is no function of arrays entry by entry: when {what} it fails with "
                f"{type(error).__name__}: {error!s:.80}"
            ) from error
        if found.shape != wanted.shape or not np.allclose(
            found, wanted, rtol=close, atol=close, equal_nan=True
        ):
            raise UnsupportedActivationError(
                f"{title} does not act on each number by itself, as an activation must: its values "
                f"change when {what}"
            )
