"""What convolutions with a window and transposed ones share: weights, kernel, checkpoints."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import torch
from torch import is_grad_enabled, nn
from torch.compiler import is_compiling

from toolkit.errors import CheckpointMismatchError, ModuleMismatchError
from toolkit.modules.module import require_same_group
from toolkit.nn.convolution.kernels import GatheredKernel, Kernels, make_kernels
from toolkit.nn.convolution.sliding import per_axis
from toolkit.nn.convolution.window import Window
from toolkit.nn.linear.biases import Biases, make_biases
from toolkit.nn.linear.hom_space import OrbitalHomSpace, hom_space
from toolkit.nn.linear.initialisation import (
    INITIALISATIONS,
    Initialisation,
    block_deviations,
    draw_orbit_weights,
)
from toolkit.nn.linear.methods.gathered_matrix import expansion
from toolkit.nn.linear.prepared import is_prepared
from toolkit.nn.linear.recipe import (
    make_recipe,
    read_recipe,
    recipe_tensor,
    require_same_recipe,
    warn_of_missing_recipe,
)
from toolkit.nn.linear.tensors.eager import PLAIN, is_eager
from toolkit.nn.linear.tensors.symbolic import laid_out
from toolkit.nn.linear.tensors.weights import (
    register_weight,
    require_channels,
    require_choice,
    weight_of,
)
from toolkit.nn.linear.weighted_map import WeightedMap, result_dtype

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.modules.module import Module
    from toolkit.nn.convolution.sliding import Sliding
    from toolkit.nn.linear.hom_space_base import HomSpace


class WindowedMap(WeightedMap):
    """What convolutions and transposed ones share: the weights on a window, and their kernel."""

    bias: torch.Tensor | None
    computation: Kernels | None  # type: ignore[assignment]
    invariants: Biases

    def __init__(
        self,
        sliding: Sliding,
        X: Module,
        Y: Module,
        in_channels: int,
        out_channels: int,
        groups: int,
        bias: bool,
        device: torch.device | str | None,
        dtype: torch.dtype | None,
        init: Initialisation,
    ) -> None:
        super().__init__()
        self.window, self.sliding = sliding.window, sliding
        self.grid_axes = self.window.dimension, self.window.dimension
        require_same_group(self.window.module, X)
        require_same_group(X, Y)
        require_choice("init", init, INITIALISATIONS)
        require_channels(in_channels, out_channels)
        if dtype is not None and not dtype.is_floating_point:
            raise ModuleMismatchError(f"weights are real numbers, not {dtype}: use a float type")
        if (
            not isinstance(groups, int)
            or groups < 1
            or in_channels % groups
            or (out_channels % groups)
        ):
            raise ModuleMismatchError(
                f"groups must divide both numbers of channels, found groups={groups!r} for "
                f"{in_channels} and {out_channels}"
            )
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.init = init
        self.X = X
        self.hom_space: HomSpace = hom_space(self.window.module * X, Y)
        self.parametrization = "orbit" if self.hom_space.has_orbitals else "fourier"
        self.recipe = {
            **make_recipe(self.hom_space, self.parametrization),
            "window": self.window.specification,
        }
        where = None if device is None else torch.device(device)
        size = (self.hom_space.count, out_channels, in_channels // groups)
        register_weight(self, "weight", size, device=where, dtype=dtype)
        if bias:
            count = self.hom_space.bias_count
            register_weight(self, "bias", (count * out_channels,), device=where, dtype=dtype)
            self.keep("invariants", make_biases(self.hom_space, where, dtype))
        else:
            self.register_parameter("bias", None)
        place = (self.weight.device, self.weight.dtype)
        has_weights = self.weight.numel() > 0
        kernels = make_kernels(self.hom_space, self.window, *place) if has_weights else None
        self.keep("computation", kernels)
        self.reset_parameters()

    # -- modules and sizes ---------------------------------------------------------------------

    @property
    def Y(self) -> Module:
        """The module of the output's fibres."""
        return self.hom_space.Y

    @property
    def is_zero(self) -> bool:
        """Whether there are no weights: no equivariant kernel, or no channels."""
        return self.hom_space.count * self.in_channels * self.out_channels == 0

    def parameters_count(self) -> int:
        """Return the number of weights and biases."""
        return sum(p.numel() for p in self.parameters())

    def dense_parameters_count(self) -> int:
        """Return the number of weights and biases of torch's convolution with this size."""
        cells = math.prod(self.window.shape)
        out = self.Y.degree * self.out_channels
        return out * (
            cells * self.X.degree * self.in_channels // self.groups + (self.bias is not None)
        )

    def output_size(self, size: int | Sequence[int]) -> tuple[int, ...]:
        """Return the size of the output's grid for a given size of the input's grid.

        Parameters
        ----------
        size
            ``(N_1, ..., N_d)`` pixels along the axes, or one number for all.
        """
        return self._output_grid(per_axis("size", size, self.window.dimension, 0))

    @abstractmethod
    def is_equivariant_on(self, size: int | Sequence[int]) -> bool:
        """Whether the layer commutes exactly with the group on images of a size."""

    @abstractmethod
    def _output_grid(self, grid: Sequence[int]) -> tuple[int, ...]:
        """Return the size of the output's grid."""

    @abstractmethod
    def _convolved(
        self, x: torch.Tensor, kernel: torch.Tensor, bias: torch.Tensor | None
    ) -> torch.Tensor:
        """Return torch's convolution of ``(b, channels, *grid)``."""

    #: From (Y, X, box, groups, out, in) to the order of torch's weight.
    _kernel_order: tuple[int, ...]

    # -- computation ---------------------------------------------------------------------------

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map ``(..., |X|, in_channels, *grid)`` to ``(..., |Y|, out_channels, *grid)``."""
        d, n, m = self.window.dimension, self.X.degree, self.Y.degree
        if x.dim() < d + 2 or x.shape[-d - 2] != n or x.shape[-d - 1] != self.in_channels:
            raise ModuleMismatchError(
                f"the input must have shape (..., {n}, {self.in_channels}, {d} axes of the grid), "
                f"points of {self.X.name} and channels before the grid, found {tuple(x.shape)}"
            )
        held = weight_of(self)
        dtype = result_dtype(x, held)
        if held is not None:
            self.follow(held)
        leading, grid = x.shape[: -d - 2], x.shape[-d:]
        if self.is_zero:
            out = self._output_grid(grid)
            nothing = x[..., :0].sum().to(dtype)  # with a gradient
            y = nothing.expand(*leading, m, self.out_channels, *out)
            if self.bias is None or not self.bias.numel():
                return y
            values = self._biases()
            assert values is not None
            return y + values.reshape(m, self.out_channels, *[1] * d).to(dtype)
        if len(leading) != 1:
            x = x.reshape(-1, n, self.in_channels, *grid)
        kernel, biases, is_small = self._kernel_and_biases(x)
        y = self._convolved(laid_out(self._joined(x), d), kernel, biases)
        if is_small and x.is_contiguous():
            y = y.contiguous()  # the kernel has its channels last, the input has not
        y = self._split(y)
        return y if len(leading) == 1 else y.reshape(*leading, *y.shape[1:])

    def _kernel_and_biases(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None, bool]:
        """Return torch's weight and bias, and whether the image counts as small."""
        weight, bias = self.weight, self.bias
        if is_compiling() or not is_eager() or type(weight) not in PLAIN:
            return self._made_or_kept(weight, self._kernel), self._biases(), False
        needs_weight = is_grad_enabled() and weight.requires_grad
        if is_prepared(self) and not needs_weight:
            return self._made_or_kept(weight, self._kernel), self._biases(), False
        if bias is not None and not bias.numel():
            bias = None
        needs_bias = is_grad_enabled() and bias is not None and bias.requires_grad
        is_small = self._is_small(x)
        if not (self.training or needs_weight or needs_bias):
            kept = self._operator_kept
            if kept is None or not kept.holds(weight, bias):
                kept = self._keep(weight, bias, self._all_kept)
            if kept is not None:
                kernel, channels_last, values = kept.operator
                return channels_last if is_small else kernel, values, is_small
        kernel = self._channels_last(weight) if is_small else None
        return self._kernel(weight) if kernel is None else kernel, self._biases(), is_small

    def _is_small(self, x: torch.Tensor) -> bool:
        """Whether the kernel is better gathered with its channels last in memory.

        So it is for small images, beside which gathering takes time, where torch can use it.
        """
        return False

    def _channels_last(self, weight: torch.Tensor) -> torch.Tensor | None:
        """Return torch's weight with its channels last in memory; ``None`` if it is too large."""
        computation = self.computation
        if not isinstance(computation, GatheredKernel) or not weight.is_contiguous():
            return None
        rows = computation.rows(weight)
        if rows is None:
            return None
        matrix: torch.Tensor = expansion(weight, rows)
        return matrix.view(len(matrix), *self.window.shape, -1).movedim(-1, 1)

    def _all_kept(
        self, weight: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        """Return torch's weight, the same with channels last where that may be used, and bias."""
        kernel = self._kernel(weight)
        last = kernel
        if kernel.dim() == 4 and kernel.dtype == torch.float32:
            last = kernel.contiguous(memory_format=torch.channels_last)
        values = self._biases()
        return kernel, last, None if values is None else values.clone()

    def _joined(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(b, |X| in_channels, *grid)``, for torch's groups channel group first."""
        if self.groups > 1:
            batch, n, channels, *grid = x.shape
            x = x.reshape(batch, n, self.groups, channels // self.groups, *grid)
            return x.transpose(1, 2).flatten(1, 3)
        return x.flatten(1, 2)

    def _split(self, y: torch.Tensor) -> torch.Tensor:
        """Return ``(b, |Y|, out_channels, *grid)`` of torch's output."""
        m, each = self.Y.degree, self.out_channels // self.groups
        batch, _, *grid = y.shape
        if self.groups > 1:
            y = y.reshape(batch, self.groups, m, each, *grid)
            return y.transpose(1, 2).flatten(2, 3)
        return y.reshape(batch, m, each, *grid)

    def _biases(self) -> torch.Tensor | None:
        """Return the bias of each of torch's output channels."""
        if self.bias is None or not self.bias.numel():
            return None
        values = self.invariants.read(self.bias).expand(self.Y.degree, self.out_channels)
        if self.groups > 1:
            each = self.out_channels // self.groups
            values = values.reshape(-1, self.groups, each).transpose(0, 1)
        return values.flatten()

    def _kernel(self, weight: torch.Tensor) -> torch.Tensor:
        """Return torch's weight of the convolution."""
        kernel: torch.Tensor = self._operator(weight).to(weight.dtype)  # (Y, X, box, out, in)
        m, n, places, out, into = kernel.shape
        kernel = kernel.reshape(m, n, places, self.groups, out // self.groups, into)
        kernel = kernel.permute(self._kernel_order).flatten(0, 2).flatten(1, 2)
        return kernel.reshape(*kernel.shape[:2], *self.window.shape)

    def kernel(self) -> torch.Tensor:
        """Return the weight of torch's convolution, gathered from this layer's weights; detached.

        Returns
        -------
        torch.Tensor
            The weight that :meth:`to_dense` uses. Its channels are ordered by points, then
            channels, as in ``x.flatten(-d - 2, -d - 1)`` for a field x on d axes; with groups, by
            channel groups first.
        """
        if self.is_zero:
            shape = self._dense_shape()
            return self.weight.new_zeros(shape)
        with torch.no_grad():
            return self._kernel(self.weight)

    @abstractmethod
    def _dense_shape(self) -> tuple[int, ...]:
        """Return the shape of torch's weight."""

    @abstractmethod
    def to_dense(self) -> nn.Module:
        """Return the same map as torch's own layer, on points and channels in one axis."""

    def _made_dense(self, kind: Callable[..., nn.Module], **options: Any) -> nn.Module:  # noqa: ANN401
        sizes = (self.X.degree * self.in_channels, self.Y.degree * self.out_channels)
        layer: Any = nn.utils.skip_init(  # type: ignore[no-untyped-call]
            kind,
            *sizes,
            self.window.shape,
            stride=self.sliding.stride,
            padding=self.sliding.padding,
            dilation=self.sliding.dilation,
            groups=self.groups,
            bias=self.bias is not None,
            device=self.weight.device,
            dtype=self.weight.dtype,
            **options,
        )
        with torch.no_grad():
            layer.weight.copy_(self.kernel())
            if self.bias is not None:
                values = self._biases()
                layer.bias.copy_(torch.zeros(()) if values is None else values)
        made: nn.Module = layer
        return made

    # -- weights -------------------------------------------------------------------------------

    def reset_parameters(self) -> None:
        """Draw weights that keep the variance of every simple; set biases to zero."""
        if self.bias is not None:
            nn.init.zeros_(self.bias)
        if self.is_zero or self.weight.is_meta:
            return
        with torch.no_grad(), torch.device("cpu"):  # the same weights on every device
            out, into = self.weight.shape[1:]
            if isinstance(self.hom_space, OrbitalHomSpace):
                drawn = draw_orbit_weights(self.hom_space, out, into, self.init)
            else:
                drawn = torch.randn(self.weight.shape, dtype=torch.float64)
                drawn *= block_deviations(self.hom_space.blocks, out, into, self.init)
            self.weight.copy_(drawn * self._gain())

    def _gain(self) -> float:
        """Return the factor of the initial weights beyond that of their equivariant map."""
        return 1.0

    # -- checkpoints ---------------------------------------------------------------------------

    def get_extra_state(self) -> torch.Tensor:
        """Return the recipe of the weights: modules, window and meaning of the weights."""
        return recipe_tensor(self.recipe)

    def set_extra_state(self, state: Any) -> None:  # noqa: ANN401 - torch's own signature
        """Check the recipe of loaded weights.

        Raises
        ------
        CheckpointMismatchError
            If they belong to another window, module or group.
        """
        found = read_recipe(state)
        require_same_recipe(self.recipe, found)
        if found["parametrization"] != self.parametrization:
            raise CheckpointMismatchError(
                f"weights with parametrization={self.parametrization!r}",
                repr(found["parametrization"]),
            )

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        *args: Any,  # noqa: ANN401 - torch's own
    ) -> None:
        """Refuse weights of another recipe before any is copied."""
        state = state_dict.get(prefix + "_extra_state")
        if state is not None:
            self.set_extra_state(state)
        elif prefix + "weight" in state_dict:
            warn_of_missing_recipe()
        super()._load_from_state_dict(state_dict, prefix, *args)
        held = weight_of(self)
        if held is not None:  # an assigned weight may be elsewhere
            for part in self.parts():
                part.place(held.device, held.dtype)

    def extra_repr(self) -> str:
        """Describe the window, modules, channels and how the window slides."""
        lines = [
            f"{self.window.name}, {self.X.name} -> {self.Y.name} of {self.X.group_title}, "
            f"({self.X.degree}, {self.in_channels}) -> ({self.Y.degree}, {self.out_channels}), "
            f"bias={self.bias is not None}",
            f"weights={self.hom_space.count} x channels, "
            + ", ".join(f"{name}={value}" for name, value in self._options().items()),
        ]
        return "\n".join(lines)

    def _options(self) -> dict[str, object]:
        """Return how the window slides, as the arguments say it."""
        return {
            "stride": self.sliding.stride,
            "padding": self.sliding.padding,
            "dilation": self.sliding.dilation,
            "groups": self.groups,
        }


def require_window(window: object) -> None:
    """Raise ModuleMismatchError unless it is a window."""
    if not isinstance(window, Window):
        raise ModuleMismatchError(
            "a window is required, such as tk.nn.square_window(tk.group('D8'), 3), not "
            f"{window!r:.60}"
        )
