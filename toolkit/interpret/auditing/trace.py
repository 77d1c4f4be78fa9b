"""The calls of a model's submodules, in order, with the modules of what goes in and out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import torch
from torch import nn

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.auditing.operators import Space
from toolkit.modules.module import Module

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.interpret.auditing.grids import Grids
    from toolkit.interpret.auditing.operators import Layout

#: Per name of a submodule what goes in and what comes out.
Spaces: TypeAlias = Mapping[str, tuple[Space, Space]]

_ACTIVATIONS = (
    nn.ReLU, nn.LeakyReLU, nn.PReLU, nn.GELU, nn.SiLU, nn.ELU, nn.CELU, nn.SELU, nn.Softplus,
    nn.Sigmoid, nn.Tanh, nn.Hardtanh, nn.Mish, nn.Softsign, nn.Identity, nn.ReLU6, nn.Hardswish,
    nn.Softshrink, nn.Hardshrink, nn.Tanhshrink, nn.LogSigmoid, nn.Hardsigmoid, nn.Dropout,
)  # fmt: skip
_ON_CHANNELS = (nn.Linear, nn.LayerNorm, nn.RMSNorm)


@dataclass(frozen=True, eq=False)
class TracedCall:
    """One call of one submodule.

    Parameters
    ----------
    name
        The submodule's name in the model.
    number
        From 0: which of its calls.
    module
        The submodule.
    source, target
        What goes in and comes out; ``None`` where that is not known.
    into
        A copy of the tensor that goes in, or ``None`` if the call has not exactly one.
    out
        A copy of the tensor that comes out.
    """

    name: str
    number: int
    module: nn.Module
    source: Space
    target: Space
    into: torch.Tensor | None
    out: torch.Tensor


def trace(
    model: nn.Module,
    x: torch.Tensor,
    source: Space,
    spaces: Spaces,
    layout: Layout,
    grids: Grids | None = None,
) -> tuple[torch.Tensor, list[TracedCall]]:
    """Run a model and return its output and the calls of its submodules, in the order they end.

    Parameters
    ----------
    model
        The model.
    x
        Its input.
    source
        What that is.
    spaces
        Declarations by name.
    layout
        Of tensors; see :mod:`toolkit.interpret.auditing.operators`.
    grids
        How the group acts on the pixels of images of any size, in that layout.

    Returns
    -------
    tuple
        The output, and the calls of all submodules that are declared, that have modules of their
        own (``X`` and ``Y``, as the toolkit's layers), or that have no submodules.

    Raises
    ------
    ModuleMismatchError
        If a declaration names no submodule, or the model returns something else than a tensor.

    Notes
    -----
    Without a declaration a tensor is followed through the toolkit's layers, through activations
    and dropout, and, in the layout with an axis of channels, through torch's layers that act on
    that axis alone. A tensor that the model makes itself (a residual sum) is unknown. An activation
    keeps the space whether it is equivariant there or not: that is measured. Everything else makes
    what comes out unknown. In the layout of images every tensor ``(batch, C, h, w)`` whose box the
    group keeps is taken for functions on its pixels, with channels that do not move.
    """
    named = dict(model.named_modules())
    for name in spaces:
        if name not in named:
            raise ModuleMismatchError(
                f"spaces= must name submodules of the model, found {name!r}; there are "
                f"{', '.join(repr(n) for n in list(named)[:20])}"
            )
    # by identity; a tensor that was changed in place since then is another one
    known: dict[int, tuple[torch.Tensor, int, Space]] = {id(x): (x, x._version, source)}
    calls: list[TracedCall] = []
    counts: dict[str, int] = {}

    def hook(name: str) -> Callable[..., None]:
        def after(
            module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], out: object
        ) -> None:
            if not isinstance(out, torch.Tensor):
                return
            tensors = [a for a in (*args, *kwargs.values()) if isinstance(a, torch.Tensor)]
            into = tensors[0] if len(tensors) == 1 else None
            found = None if into is None else known.get(id(into))
            before = (
                found[2]
                if found is not None
                and into is not None
                and (found[0] is into and found[1] == into._version)
                else None
            )
            own, target = _spaces_of(name, module, before, spaces, layout)
            if grids is not None and name not in spaces:
                own, target = grids.spaces(module, into, out, own, target)
            known[id(out)] = (out, out._version, target)
            number = counts[name] = counts.get(name, -1) + 1
            kept = None if into is None else into.clone()
            calls.append(TracedCall(name, number, module, own, target, kept, out.clone()))

        return after

    handles = [
        module.register_forward_hook(hook(name), with_kwargs=True)
        for name, module in named.items()
        if name in spaces or _has_modules(module) or not list(module.children())
    ]
    try:
        out = model(x)
    finally:
        for handle in handles:
            handle.remove()
    if not isinstance(out, torch.Tensor):
        raise ModuleMismatchError(
            f"the model must return one tensor, found {type(out).__name__}: audit a wrapper that "
            "returns the output in question"
        )
    return out, calls


def _has_modules(module: nn.Module) -> bool:
    return isinstance(getattr(module, "X", None), Module) and hasattr(module, "Y")


def _spaces_of(
    name: str, module: nn.Module, before: Space, spaces: Spaces, layout: Layout
) -> tuple[Space, Space]:
    if name in spaces:
        return spaces[name]
    if _has_modules(module) and layout == "points":
        target = module.Y if isinstance(module.Y, Module) else "invariant"
        return module.X, target  # type: ignore[return-value]
    if isinstance(module, _ACTIVATIONS):
        return before, before
    if layout == "points" and _acts_on_channels(module):
        return before, before
    return before, "invariant" if before == "invariant" else None


def _acts_on_channels(module: nn.Module) -> bool:
    if isinstance(module, nn.LayerNorm | nn.RMSNorm):
        return len(module.normalized_shape) == 1
    return isinstance(module, _ON_CHANNELS)
