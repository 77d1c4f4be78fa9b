"""Sizes that a compiler keeps as symbols."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch.compiler import is_compiling

if TYPE_CHECKING:
    import torch


def laid_out(x: torch.Tensor, axes: int) -> torch.Tensor:
    """Return x; in compiled code with symbols for the last sizes, as a tensor with strides anew.

    Parameters
    ----------
    x
        What a convolution of torch takes next.
    axes
        The number of the last axes.

    Notes
    -----
    Torch 2.13 cannot order the strides of a view whose sizes are symbols, and does not compile a
    convolution of it: of images of a second size. A sum with 0 is no view; it is fused with what
    stands before.

    Examples
    --------
    >>> import torch
    >>> x = torch.zeros(2, 3)
    >>> laid_out(x, 1) is x
    True
    """
    if not is_compiling():
        return x
    from torch.fx.experimental import symbolic_shapes  # not with toolkit.nn: it needs sympy

    known = getattr(symbolic_shapes, "has_static_value", None)
    if known is not None and all(known(n) for n in x.shape[x.dim() - axes :]):
        return x
    return x + 0.0
