"""Whether torch only computes: nothing records, transforms or replaces what is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.autograd import forward_ad
from torch.compiler import is_compiling

if TYPE_CHECKING:
    from collections.abc import Callable


def _question(name: str) -> Callable[[], object]:
    """Return a function of torch's core; releases without it have nothing that it asks about."""
    found: Callable[[], object] = getattr(torch._C, name, lambda: None)
    return found


_transforms = _question("_are_functorch_transforms_active")
#: Whether a dispatch mode, or a tracer, sees what is called: it may keep that as a program.
dispatch_modes = _question("_len_torch_dispatch_stack")
tracer = _question("_get_tracing_state")
#: Torch's own tensors: of a subclass, only the subclass knows what it computes.
PLAIN = (torch.Tensor, torch.nn.Parameter)


def is_eager() -> bool:
    """Whether calls are neither compiled, traced, transformed nor seen by a dispatch mode.

    Then a result may be kept for later calls, and a derivative written by hand may be used. A
    compiler, ``torch.jit.trace``, ``torch.func``, ``torch.autograd.forward_ad`` and modes such as
    those of fake tensors are to see torch's own operations.

    Examples
    --------
    >>> is_eager(), torch.vmap(lambda x: x * is_eager())(torch.ones(2)).tolist()
    (True, [0.0, 0.0])
    """
    is_dual = forward_ad._current_level >= 0
    return not (is_compiling() or _transforms() or dispatch_modes() or tracer() or is_dual)
