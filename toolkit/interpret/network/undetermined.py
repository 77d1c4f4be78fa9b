"""What to say of a network none of whose layers says what module its input lies on."""

from __future__ import annotations

from torch import nn

from toolkit.errors import ModuleMismatchError
from toolkit.nn.convolution.fields import GridPooling
from toolkit.nn.spaces import grid_axes


def undetermined(model: nn.Module, text: str) -> ModuleMismatchError:
    """Return the error with a text, or with what is said of fields if a layer takes these.

    Examples
    --------
    >>> import toolkit as tk
    >>> window = tk.nn.square_window(tk.group("D8"), 3)
    >>> layer = tk.nn.GroupConvolution(window, window.point, window.point, 1, 1)
    >>> print(str(undetermined(layer, "no layer is known")).partition(";")[0])
    GroupConvolution takes fields on a grid, which are not followed
    """
    for name, module in model.named_modules():
        if grid_axes(module)[0] and not any(grid_axes(m)[0] for m in module.children()):
            where = f"the layer {name!r}, {type(module).__name__}," if name else ""
            return ModuleMismatchError(
                f"{where or type(module).__name__} takes fields on a grid, which are not followed; "
                f"{_what_to_do(model)}; a tk.nn.periodic_convolution is followed"
            )
    return ModuleMismatchError(text)


def _what_to_do(model: nn.Module) -> str:
    for name, chain in model.named_modules():
        if not isinstance(chain, nn.Sequential):
            continue
        for number, layer in enumerate(chain):
            if isinstance(layer, GridPooling) and number + 1 < len(chain):
                path = f"net.{name}" if name else "net"
                return f"ask about the layers after the grid, {path}[{number + 1}:]"
    return "ask about layers after a tk.nn.GridPooling"
