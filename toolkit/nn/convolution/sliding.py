"""How a window slides over a grid: stride, padding, dilation, and the sizes that come of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from toolkit.errors import ModuleMismatchError
from toolkit.nn.convolution.window import Window
from toolkit.nn.linear.tensors.weights import require_choice

if TYPE_CHECKING:
    from collections.abc import Sequence

PaddingMode: TypeAlias = Literal["zeros", "circular", "reflect", "replicate"]
PADDING_MODES = ("zeros", "circular", "reflect", "replicate")


@dataclass(frozen=True)
class Sliding:
    """A window that slides over a grid; numbers are per axis.

    Parameters
    ----------
    window
        The window.
    stride, padding, dilation
        As in torch.
    padding_mode
        ``"zeros"``, ``"circular"``, ``"reflect"`` or ``"replicate"``.

    Raises
    ------
    ModuleMismatchError
        If axes that the group exchanges do not have the same numbers.
    """

    window: Window
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    padding_mode: PaddingMode = "zeros"

    def __post_init__(self) -> None:
        for name in ("stride", "padding", "dilation"):
            require_equal_on_linked_axes(name, getattr(self, name), self.window)

    @classmethod
    def of(
        cls,
        window: Window,
        stride: int | Sequence[int],
        padding: int | Sequence[int] | str,
        dilation: int | Sequence[int],
        padding_mode: str,
    ) -> Sliding:
        """Return it from arguments as torch takes them."""
        require_choice("padding_mode", padding_mode, PADDING_MODES)
        steps = per_axis("stride", stride, window.dimension, 1)
        spread = per_axis("dilation", dilation, window.dimension, 1)
        if isinstance(padding, str):
            require_choice("padding", padding, ("same", "valid"))
            around = (0,) * window.dimension
            if padding == "same":
                around = _same(window, steps, spread)
        else:
            around = per_axis("padding", padding, window.dimension, 0)
        return cls(window, steps, around, spread, padding_mode)  # type: ignore[arg-type]

    @property
    def reach(self) -> tuple[int, ...]:
        """Per axis how far the window's last cell is from its first, in pixels."""
        return tuple(d * (k - 1) for d, k in zip(self.dilation, self.window.shape, strict=True))

    def output_size(self, size: Sequence[int]) -> tuple[int, ...]:
        """Return the size of the grid of the output."""
        return tuple(
            (n + 2 * p - r - 1) // s + 1 if n + 2 * p > r else 0
            for n, p, r, s in zip(size, self.padding, self.reach, self.stride, strict=True)
        )

    def lowest_size(self, size: Sequence[int]) -> tuple[int, ...]:
        """Return the smallest size of input whose output has this size: that of the transpose."""
        return tuple(
            (n - 1) * s - 2 * p + r + 1
            for n, p, r, s in zip(size, self.padding, self.reach, self.stride, strict=True)
        )

    def is_equivariant_on(self, size: Sequence[int]) -> bool:
        """Whether the map commutes with the group on images of a size; see the layer."""
        out = self.output_size(size)
        if min(out, default=1) < 1:
            return False
        if self.padding_mode == "circular" and self.is_periodic_on(size):
            return True
        if not self.window.keeps_boxes:
            # a sheared image is no box; where nothing is moved there is nothing to fit
            return len(self.window.matrices) == 0
        rest = [n - m for n, m in zip(size, self.lowest_size(out), strict=True)]
        return not any(rest[a] for a in self.window.turned_axes)

    def is_periodic_on(self, size: Sequence[int]) -> bool:
        """Whether images of a size, taken as periodic, go to periodic ones about the same pixel."""
        centred = all(2 * p == r for p, r in zip(self.padding, self.reach, strict=True))
        fits = all(n % s == 0 for n, s in zip(size, self.stride, strict=True))
        same = all(size[a] == size[b] for a, b in self.window.linked_axes)
        return centred and fits and (same or self.window.keeps_boxes)


def _same(window: Window, stride: tuple[int, ...], dilation: tuple[int, ...]) -> tuple[int, ...]:
    if any(s != 1 for s in stride):
        raise ModuleMismatchError(
            f'padding="same" needs stride 1, found {stride}: give the padding as a number'
        )
    reach = [d * (k - 1) for d, k in zip(dilation, window.shape, strict=True)]
    if any(r % 2 for r in reach):
        raise ModuleMismatchError(
            'padding="same" needs windows of odd sizes (or an even dilation), found the '
            f"{window.name}: an extra pixel on one side would break the symmetry; give the padding "
            "as a number, which makes the image one pixel larger or smaller"
        )
    return tuple(r // 2 for r in reach)


def per_axis(name: str, value: int | Sequence[int], dimension: int, least: int) -> tuple[int, ...]:
    """Return a number for each axis, of one for all or of one for each."""
    found = (value,) * dimension if isinstance(value, int) else tuple(value)
    if len(found) != dimension or not all(isinstance(n, int) and n >= least for n in found):
        raise ModuleMismatchError(
            f"{name} must be an integer of at least {least}, or {dimension} of them, one for each "
            f"axis of the grid, found {value!r:.60}"
        )
    return found


def require_equal_on_linked_axes(name: str, values: Sequence[int], window: Window) -> None:
    """Raise ModuleMismatchError unless axes that the group exchanges have the same number."""
    for a, b in window.linked_axes:
        if values[a] != values[b]:
            raise ModuleMismatchError(
                f"{name} must be the same along axes {a} and {b}, which the group exchanges, found "
                f"{tuple(values)}"
            )
