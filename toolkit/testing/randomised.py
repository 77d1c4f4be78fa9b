"""Other values for the parameters of a copied torch module, as training could leave them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

#: Running statistics, by the names that torch's normalisations give them.
STATISTICS = ("running_mean", "running_var")


def randomise(module: torch.nn.Module, seed: int) -> None:
    """Move the parameters and running statistics of a module away from their values, in place.

    Parameters
    ----------
    module
        A module that may be changed. Its parameters must have been initialised.
    seed
        The same seed gives the same values, on every device.

    Notes
    -----
    An entry that is not 0 is multiplied by a number between 1/2 and 3/2, so that it keeps its sign:
    what must be positive stays positive. An entry that is 0 gets a Gaussian one, half as large as
    the others of its tensor, or as 1 if all are 0. Changed are the parameters that are trained
    (those with ``requires_grad``), each once where several modules share it, and buffers called
    ``running_mean`` and ``running_var``. Other buffers are constants (masks, tables, bases), frozen
    parameters too; both are left alone.

    Examples
    --------
    >>> import torch
    >>> norm = torch.nn.BatchNorm1d(2)
    >>> randomise(norm, seed=0)
    >>> bool((norm.weight == 1).any()), bool((norm.running_var > 0).all())
    (False, True)
    >>> int(norm.num_batches_tracked)
    0
    """
    import torch

    noise = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.requires_grad:
                parameter.copy_(_moved_away(parameter, noise))
        for name, buffer in module.named_buffers():
            if name.rsplit(".", 1)[-1] in STATISTICS:
                buffer.copy_(_moved_away(buffer, noise))


def _moved_away(values: torch.Tensor, noise: torch.Generator) -> torch.Tensor:
    import torch

    if not values.numel():
        return values
    kind = torch.complex128 if values.is_complex() else torch.float64
    old = values.detach().to("cpu", kind)
    size = old.abs()
    present = size > 0
    typical = size[present].square().mean().sqrt() if bool(present.any()) else torch.tensor(1.0)
    factors = 0.5 + torch.rand(old.shape, generator=noise, dtype=torch.float64)
    fresh = 0.5 * typical * torch.randn(old.shape, generator=noise, dtype=kind)
    return torch.where(present, old * factors, fresh)
