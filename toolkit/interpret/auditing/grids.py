"""How a group acts on images of every size, for audits of convolutional networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

from toolkit.errors import ModuleMismatchError
from toolkit.nn.convolution.window import Window

if TYPE_CHECKING:
    import torch

    from toolkit.interpret.auditing.operators import Space
    from toolkit.library.group import Group
    from toolkit.modules.module import Module


class Grids:
    """The modules of pixels of images of every size, under one action on the grid.

    Parameters
    ----------
    window
        The pixels of one size, such as ``tk.nn.square_window(tk.group("D8"), 28)``.

    Raises
    ------
    ModuleMismatchError
        If it is no whole box of two axes.

    Examples
    --------
    >>> import toolkit as tk
    >>> grids = Grids(tk.nn.square_window(tk.group("D8"), 28))
    >>> grids.module((7, 7)).degree, grids.module((4, 7))
    (49, None)
    """

    def __init__(self, window: Window) -> None:
        if window.dimension != 2 or len(window) != window.shape[0] * window.shape[1]:
            raise ModuleMismatchError(
                f"images need a window with two axes and all pixels, found the {window.name}: give "
                "tk.nn.Window.box(G, (height, width))"
            )
        self.group: Group = window.group
        self.matrices = window.matrices
        self.found: dict[tuple[int, ...], Module | None] = {window.shape: window.module}

    def module(self, shape: tuple[int, ...]) -> Module | None:
        """Return the module of the pixels of an image, ``None`` if the group moves the box."""
        if shape not in self.found:
            try:
                self.found[shape] = Window.box(self.group, shape, self.matrices).module
            except ModuleMismatchError:
                self.found[shape] = None
        return self.found[shape]

    def spaces(
        self,
        module: nn.Module,
        into: torch.Tensor | None,
        out: torch.Tensor,
        source: Space,
        target: Space,
    ) -> tuple[Space, Space]:
        """Return what goes into a call and comes out, where it is an image.

        Parameters
        ----------
        module
            The submodule.
        into, out
            What goes in, if it is one tensor, and what comes out.
        source, target
            What is known of them otherwise.
        """
        if into is not None and into.dim() == 4:
            source = self.module(tuple(into.shape[-2:])) if source is None else source
            pixel = into.shape[-1] * into.shape[-2] == 1
            if out.dim() < 4 and pixel and isinstance(module, nn.Flatten):
                return source, "invariant"
        if out.dim() == 4:
            return source, self.module(tuple(out.shape[-2:]))
        return source, "invariant" if target == "invariant" else None
