"""Maps between simples on torch tensors, without importing torch.

A tensor can only be handed over by a caller who has imported torch, so it is taken from the modules
that are loaded. Dtype, device and gradients are those of the tensor.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from toolkit.errors import ModuleMismatchError
from toolkit.pl.maps.apply import rounding

if TYPE_CHECKING:
    from toolkit.pl.maps.pl_map import PLMap

__all__ = ["apply_to_tensor"]


def apply_to_tensor(phi: PLMap, v: Any) -> Any:  # noqa: ANN401 - tensors
    """Return a map's values ``(..., e)`` at a tensor ``(..., d)``: its dtype, device, gradients."""
    torch: Any = sys.modules["torch"]
    phi.require_shape(tuple(v.shape))
    if v.is_complex():
        raise ModuleMismatchError(
            f"vectors of {phi.source.label} are real numbers, found a tensor of {v.dtype}"
        )
    if not v.is_floating_point():
        v = v.to(torch.get_default_dtype())
    into, out = (
        torch.as_tensor(array, dtype=v.dtype, device=v.device)
        for array in (phi.vectors, phi.covectors)
    )
    inner = v @ into.T
    if phi.jumping_kinks.size:
        eps = float(torch.finfo(v.dtype).eps)
        slack = rounding(phi, eps) * v.detach().norm(dim=-1, keepdim=True)
        for k in phi.jumping_kinks.tolist():
            near = (inner.detach() - k).abs() <= slack + 4.0 * eps * abs(k)
            # moved, not replaced: gradients stay
            inner = inner + torch.where(near, k - inner.detach(), torch.zeros_like(slack))
    return phi.activation.on_tensors(inner) @ out
