"""The kernel of a group convolution, made of the weights of equivariant maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from toolkit.errors import NotAvailable
from toolkit.nn.linear.hom_space import OrbitalHomSpace
from toolkit.nn.linear.methods.dense_blocks import basis_maps, has_small_table
from toolkit.nn.linear.methods.gathered_matrix import LARGEST_TABLE, GatheredMatrix
from toolkit.nn.linear.tensors.constants import ConstantModule
from toolkit.nn.linear.tensors.pull_back import PullBack

if TYPE_CHECKING:
    import torch

    from toolkit.nn.convolution.window import Window
    from toolkit.nn.linear.hom_space_base import HomSpace


class GatheredKernel(ConstantModule):
    """The map from orbit weights ``(R, out, in)`` to kernels ``(|Y|, |X|, box, out, in)``.

    Parameters
    ----------
    space
        The maps from Fun(K x X) to Fun(Y).
    window
        The window with the cells K; places of its box without a cell get 0.
    device, dtype
        As in torch.

    Notes
    -----
    One gather of whole rows of channels: the weights of an orbital stand next to each other.
    """

    follows_narrow = True
    _rows: GatheredMatrix | None = None

    def __init__(
        self,
        space: OrbitalHomSpace,
        window: Window,
        device: torch.device | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__(device, dtype)
        cells = window.box_cells
        m, n = space.shape[0], space.shape[1] // len(window)
        self.shape = (m, n, cells.size)
        labels = space.labels.reshape(m, len(window), n)[:, cells].transpose(0, 2, 1)
        labels = np.where(cells < 0, -1, labels)
        factors = None
        if space.signs is not None:
            signs = space.signs.reshape(m, len(window), n)[:, cells].transpose(0, 2, 1)
            factors = np.where(labels < 0, 0, signs).ravel()
        self.labels = PullBack(labels.ravel(), factors, space.count, device, dtype)

    def operator(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the kernel ``(|Y|, |X|, box, out, in)``."""
        _, out, into = weight.shape
        values = self.labels.read(weight.reshape(-1, out * into))
        return values.reshape(*self.shape, out, into)

    def rows(self, weight: torch.Tensor) -> GatheredMatrix | None:
        """Return tables that gather the matrix ``(|Y| out, box |X| in)`` of such weights.

        ``None`` if they would be too large.
        """
        found, (m, n, places) = self._rows, self.shape
        if (
            found is None
            or weight.shape != found.shape_of_weights
            or weight.device != found._device
        ):
            count, out, into = weight.shape
            if m * places * n * out > LARGEST_TABLE:
                return None
            tables, size = self.labels._arrays, self.labels.size
            labels = np.asarray(tables["points"], np.int64).reshape(m, n, places)
            labels = labels.transpose(0, 2, 1)
            is_missing = labels >= size
            factors = np.where(is_missing, 0, 1)
            if self.labels.has_factors:
                factors = factors * tables["factors"].reshape(m, n, places).transpose(0, 2, 1)
            found = GatheredMatrix(
                np.where(is_missing, 0, labels).reshape(m, places * n),
                factors.reshape(m, places * n),
                count,
                (out, into),
                weight.device,
                weight.dtype,
                has_products=False,
            )
            object.__setattr__(self, "_rows", found)  # no part of the state
        return found

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is made when first used."""
        return {k: v for k, v in super().__getstate__().items() if k != "_rows"}


class KernelOfBlocks(ConstantModule):
    """The map from Fourier blocks ``(R, out, in)`` to kernels, for modules given by matrices.

    Parameters
    ----------
    space
        The maps from Fun(K) (x) X to Y.
    window, device, dtype
        As for :class:`GatheredKernel`.

    Raises
    ------
    NotAvailable
        If the basis of the kernels is too large for a table.
    """

    def __init__(
        self,
        space: HomSpace,
        window: Window,
        device: torch.device | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__(device, dtype)
        if not has_small_table(space):
            raise NotAvailable(
                space.X.group,
                f"the kernels from {space.X.name} to {space.Y.name}",
                f"{space.count} weights of {space.shape[0]} x {space.shape[1]} entries are too "
                "many for a table: use smaller modules, or a smaller window",
            )
        cells = window.box_cells
        m, n = space.shape[0], space.shape[1] // len(window)
        self.shape = (m, n, cells.size)
        maps = basis_maps(space).reshape(space.count, m, len(window), n)
        kernels = np.where(cells[:, None] < 0, 0, maps[:, :, cells]).transpose(1, 3, 2, 0)
        self.constant("basis", kernels.reshape(-1, space.count))

    def operator(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the kernel ``(|Y|, |X|, box, out, in)``."""
        _, out, into = weight.shape
        values = self.table("basis") @ weight.reshape(-1, out * into)
        return values.reshape(*self.shape, out, into)


#: What makes kernels of weights, by ``.operator(weight)``.
Kernels: TypeAlias = GatheredKernel | KernelOfBlocks


def make_kernels(
    space: HomSpace, window: Window, device: torch.device | None, dtype: torch.dtype | None
) -> Kernels:
    """Return what makes kernels of the weights of a space of maps."""
    if isinstance(space, OrbitalHomSpace):
        return GatheredKernel(space, window, device, dtype)
    return KernelOfBlocks(space, window, device, dtype)
