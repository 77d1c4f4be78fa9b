"""Operators kept between calls, because the user says that weights do not change unseen."""

from __future__ import annotations

import contextlib
import threading
import weakref
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Operators(threading.local):
    """Each thread's operators by layer, or ``None`` outside of :func:`prepared`."""

    found: weakref.WeakKeyDictionary[nn.Module, tuple[Any, torch.Tensor, Any]] | None = None
    #: The layers that keep theirs; ``None`` for all.
    layers: weakref.WeakSet[nn.Module] | None = None


_OPERATORS = _Operators()


@contextlib.contextmanager
def prepared(module: nn.Module | None = None) -> Iterator[None]:
    """Within this context each layer turns its weights into an operator only once.

    Parameters
    ----------
    module
        The layer or network concerned, with everything that it contains; ``None`` for all layers.

    Returns
    -------
    context manager
        To be used in a ``with`` statement.

    Notes
    -----
    For inference, where weights do not change between calls. Only calls that need no gradient of
    the weights use the prepared operators. Weights that were changed or moved are prepared again
    (except after a change through ``weight.data``, which torch does not count). Operators are kept
    per thread and dropped when the context ends. Compiled and exported code ignores this context. A
    layer in ``eval()`` on a CPU keeps its operator without this context, up to a certain size
    (:mod:`toolkit.nn.linear.kept`), and compares the weights themselves. The context works for
    layers of every size, on every device, and also in training mode.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("C64").regular_module()
    >>> layer = tk.nn.EquivariantLinear(X, X, 4, 4)
    >>> x = torch.randn(2, 64, 4)
    >>> with torch.no_grad(), prepared():
    ...     outputs = [layer(x) for _ in range(3)]
    >>> with torch.no_grad(), prepared(layer):  # and no other
    ...     print(torch.allclose(layer(x), outputs[0]))
    True
    """
    before = _OPERATORS.layers
    if module is None:
        layers = None
    else:
        layers = weakref.WeakSet(module.modules())
        if _OPERATORS.found is not None:  # within another: for both
            layers = None if before is None else layers | before
    found = weakref.WeakKeyDictionary() if _OPERATORS.found is None else _OPERATORS.found
    with _operators(found, layers):
        yield


@contextlib.contextmanager
def unprepared() -> Iterator[None]:
    """Within this context no operators are kept, even inside :func:`prepared`."""
    with _operators(None, None):
        yield


@contextlib.contextmanager
def _operators(
    found: weakref.WeakKeyDictionary[nn.Module, tuple[Any, torch.Tensor, Any]] | None,
    layers: weakref.WeakSet[nn.Module] | None,
) -> Iterator[None]:
    before = _OPERATORS.found, _OPERATORS.layers
    _OPERATORS.found, _OPERATORS.layers = found, layers
    try:
        yield
    finally:
        _OPERATORS.found, _OPERATORS.layers = before


def is_prepared(layer: nn.Module) -> bool:
    """Whether the layer is called within :func:`prepared`, and is one of those that it is for."""
    layers = _OPERATORS.layers
    return _OPERATORS.found is not None and (layers is None or layer in layers)


def prepared_operator(
    layer: Any,  # noqa: ANN401 - with a .computation
    weight: torch.Tensor,
    make: Any,  # noqa: ANN401 - a method of the layer, with a name
) -> Any:  # noqa: ANN401 - whatever form the method uses
    """Return ``make(weight)``, or what it gave before for the same layer, method and weight."""
    assert _OPERATORS.found is not None
    found = _OPERATORS.found.get(layer)
    # an inference tensor counts no versions: it can only change within inference mode
    version = None if weight.is_inference() else weight._version
    try:
        place = 0 if weight.is_meta else weight.data_ptr()
    except RuntimeError:  # within a function transform
        return make(weight)
    key = (
        layer.computation, make.__name__, version, place, weight.dtype, weight.device,
        torch.is_inference_mode_enabled(),
    )  # fmt: skip
    if found is not None and found[0] == key and found[1] is weight:
        return found[2]
    operator = make(weight)
    _OPERATORS.found[layer] = (key, weight, operator)
    return operator
