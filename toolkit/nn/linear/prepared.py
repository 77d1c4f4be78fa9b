"""Operators kept between calls while no gradient is needed."""

from __future__ import annotations

import contextlib
import threading
import weakref
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class _Operators(threading.local):
    """Each thread's operators by method, or ``None`` outside of :func:`prepared`."""

    def __init__(self) -> None:
        self.found: weakref.WeakKeyDictionary[nn.Module, tuple[Any, torch.Tensor, Any]] | None
        self.found = None


_OPERATORS = _Operators()


@contextlib.contextmanager
def prepared() -> Iterator[None]:
    """Within this context each layer turns its weights into an operator only once.

    For inference, where weights do not change between calls: only calls without gradients use
    the operators that are kept, and weights that were changed or moved are prepared again (except
    after a change through ``weight.data``, which torch does not count). Operators are kept per
    thread and dropped when the context ends. Compiled and exported code ignores it.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("C64").regular_module()
    >>> layer = tk.nn.EquivariantLinear(X, X, 4, 4)
    >>> with torch.no_grad(), prepared():
    ...     outputs = [layer(torch.zeros(2, 64, 4)).shape for _ in range(3)]
    """
    with _operators(weakref.WeakKeyDictionary() if _OPERATORS.found is None else _OPERATORS.found):
        yield


@contextlib.contextmanager
def unprepared() -> Iterator[None]:
    """Within this context no operators are kept, even inside :func:`prepared`."""
    with _operators(None):
        yield


@contextlib.contextmanager
def _operators(
    found: weakref.WeakKeyDictionary[nn.Module, tuple[Any, torch.Tensor, Any]] | None,
) -> Iterator[None]:
    before = _OPERATORS.found
    _OPERATORS.found = found
    try:
        yield
    finally:
        _OPERATORS.found = before


def kept_operator(
    computation: nn.Module, weight: torch.Tensor, make: Callable[[torch.Tensor], Any]
) -> Any:  # noqa: ANN401 - whatever form the method uses
    """Return ``make(weight)``, or what it gave before for the same method and weight."""
    if torch.compiler.is_compiling() or torch.is_grad_enabled() or _OPERATORS.found is None:
        return make(weight)
    found = _OPERATORS.found.get(computation)
    # an inference tensor counts no versions: it can only change within inference mode
    version = None if weight.is_inference() else weight._version
    try:
        place = 0 if weight.is_meta else weight.data_ptr()
    except RuntimeError:  # within a function transform
        return make(weight)
    key = (version, place, weight.dtype, weight.device, torch.is_inference_mode_enabled())
    if found is not None and found[0] == key and found[1] is weight:
        return found[2]
    operator = make(weight)
    _OPERATORS.found[computation] = (key, weight, operator)
    return operator
