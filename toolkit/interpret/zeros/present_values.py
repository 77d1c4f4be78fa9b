"""Weights that decide by the values which they have now: those that are exactly 0.

What is followed is a network as it is: Fourier blocks and biases that are exactly 0 make nothing,
and the slope of a PReLU that is 1 or -1 makes it the identity or the absolute value. After a step
of training they may be something else. Such weights are named, so that who begins with layers that
are 0, as residual networks often do, is not told that nothing can come of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

from toolkit.interpret.network.watching import is_layer
from toolkit.interpret.zeros.propagate import zero_blocks
from toolkit.nn.orbit_layers import OrbitEmbedding

if TYPE_CHECKING:
    from collections.abc import Iterator


def weights_that_count(model: nn.Module) -> tuple[str, ...]:
    """Return the names of weights whose present value decides what is exactly 0; no biases.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("C4").regular_module()
    >>> layer = tk.nn.EquivariantLinear(X, X, 2, 2)
    >>> net = nn.Sequential(layer, nn.PReLU(init=1.0))
    >>> weights_that_count(net)
    ('1.weight',)
    >>> _ = nn.init.zeros_(layer.weight)
    >>> weights_that_count(net)
    ('0.weight', '1.weight')
    """
    return tuple(_names(model))


def _names(model: nn.Module) -> Iterator[str]:
    inside: set[nn.Module] = set()
    for name, module in model.named_modules():
        if module in inside:
            continue
        if is_layer(module):
            inside.update(module.modules())
            if _counts(module):
                yield f"{name}.weight" if name else "weight"


def _counts(layer: nn.Module) -> bool:
    """Whether the weight of a layer is 0, in part, where that is followed."""
    if isinstance(layer, nn.PReLU):
        return bool((layer.weight.detach().abs() == 1).any())
    if isinstance(layer, OrbitEmbedding):
        return not bool(layer.weight.detach().any())
    return bool(zero_blocks(layer))
