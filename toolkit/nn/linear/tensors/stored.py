"""Which tensors have all their numbers in memory: no sparse, quantised, meta or expanded ones."""

from __future__ import annotations

from typing import TypeGuard

import torch


def is_dense(x: object) -> TypeGuard[torch.Tensor]:
    """Whether it is a plain tensor of numbers, though perhaps a view that repeats some of them.

    Examples
    --------
    >>> x = torch.zeros(2, 3)
    >>> is_dense(x), is_dense(x.to_sparse()), is_dense(x.to("meta")), is_dense([0.0])
    (True, False, False, False)
    """
    return (
        isinstance(x, torch.Tensor)
        and x.layout is torch.strided
        and not (x.is_meta or x.is_quantized or x.is_nested)
    )


def is_stored(x: object) -> TypeGuard[torch.Tensor]:
    """Whether it is a plain tensor with all its numbers.

    Examples
    --------
    >>> is_stored(torch.zeros(3)), is_stored(torch.zeros(1).expand(10**12))
    (True, False)
    """
    return is_dense(x) and x.numel() * x.element_size() <= x.untyped_storage().nbytes()


def shape_in_words(x: torch.Tensor) -> str:
    """Return what a sentence says of a tensor of any kind; a nested one has no shape.

    Examples
    --------
    >>> shape_in_words(torch.zeros(2, 3))
    'a tensor of shape (2, 3)'
    """
    return "a nested tensor" if x.is_nested else f"a tensor of shape {tuple(x.shape)}"
