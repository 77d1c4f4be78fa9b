"""Networks out of layers: chains that are checked, residual sums, and branches side by side."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import torch
from torch import nn

from toolkit.errors import ModuleMismatchError
from toolkit.modules.module import Module, direct_sum
from toolkit.modules.same_functions import same_functions
from toolkit.nn.linear.tensors.weights import require_choice
from toolkit.nn.spaces import Space, after, grid_axes, window_difference
from toolkit.nn.torch_modules import row_of

if TYPE_CHECKING:
    from collections.abc import Iterable


class Sequential(nn.Sequential):
    """``torch.nn.Sequential`` that checks at construction that its layers fit together.

    Each layer must accept the module and the number of channels that the previous layer returns,
    and be equivariant there. The toolkit's layers state their modules; torch's own layers are
    looked up in a table (:mod:`toolkit.nn.torch_modules`): ``nn.ReLU()`` is refused on a signed
    module, ``nn.LayerNorm([n, C])`` on every module. Layers of fields
    (:class:`~toolkit.nn.GroupConvolution`) and layers of functions on points are distinguished by
    their ``grid_axes``. After any other torch module nothing is known until the next layer that
    states its module; ``print`` shows where.

    Parameters
    ----------
    *layers
        Layers, or one ``OrderedDict`` of layers, as in torch.
    X
        The module of the input; by default that of the first layer that states one.
    in_channels
        The number of channels of the input, if it is to be checked.

    Raises
    ------
    ModuleMismatchError
        If a layer does not fit; the message names its position.
    IllegalActivationError
        If an activation is not legal at its position.

    Notes
    -----
    ``state_dict`` and everything else are torch's. Layers that are added later by index,
    :meth:`append`, :meth:`insert`, ``extend`` or ``+=`` are also checked; after any other change
    call :meth:`check`.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("S4").natural_module()
    >>> net = tk.nn.Sequential(
    ...     tk.nn.EquivariantLinear(X, X**2, 3, 8), torch.nn.ReLU(), torch.nn.Linear(8, 4)
    ... )
    >>> net.Y.degree, net.in_channels, net.out_channels
    (16, 3, 4)
    >>> tk.nn.Sequential(tk.nn.EquivariantLinear(X, X, 3, 8), torch.nn.LayerNorm([4, 8]))
    Traceback (most recent call last):
        ...
    toolkit.errors.ModuleMismatchError: layer '1', LayerNorm, is not equivariant: its weights, or
    running statistics, differ from point to point once trained: equivariant only when fresh; 4
    points is a permutation module; use tk.nn.EquivariantLayerNorm(X, C), or nn.LayerNorm(C) on
    permutation modules
    """

    def __init__(
        self,
        *layers: nn.Module | OrderedDict[str, nn.Module],
        X: Module | None = None,
        in_channels: int | None = None,
    ) -> None:
        super().__init__()
        self._input = Space(X, in_channels)
        if len(layers) == 1 and isinstance(layers[0], OrderedDict):
            named = dict(layers[0])
        else:
            named = {str(i): layer for i, layer in enumerate(layers)}  # type: ignore[misc]
        for name, layer in named.items():
            _require_layers(layer)
            self.add_module(name, layer)
        self.check()

    def check(self) -> Space:
        """Check again that the layers fit together, and return a description of the output.

        Raises
        ------
        ModuleMismatchError, IllegalActivationError
            As on construction.
        """
        return after(self, Space(self.X, self._input.channels, axes=_named_axes(self)))

    @property
    def X(self) -> Module | None:
        """The module of the input; ``None`` if no layer before the first unknown one states it."""
        return self._input.module or _named_module(self)

    @property
    def Y(self) -> Module | None:
        """The module of the output; ``None`` if it is unknown or has no points."""
        return self.check().module

    @property
    def in_channels(self) -> int | None:
        """The number of channels of the input, ``None`` if it is unknown."""
        return _named_channels(self) if self._input.channels is None else self._input.channels

    @property
    def out_channels(self) -> int | None:
        """The number of channels of the output, ``None`` if it is unknown."""
        return self.check().channels

    @property
    def grid_axes(self) -> tuple[int | None, int | None]:
        """The numbers of grid axes after the channels, in input and output."""
        return _named_axes(self), self.check().axes

    # every change is checked, and undone if the layers then do not fit

    def __setitem__(self, index: int, module: nn.Module) -> None:
        before = dict(self._modules)
        super().__setitem__(index, module)
        self._check_or_restore(before)

    def __delitem__(self, index: slice | int) -> None:
        before = dict(self._modules)
        super().__delitem__(index)
        self._check_or_restore(before)

    def append(self, module: nn.Module) -> Sequential:
        """Add a layer at the end, if it fits."""
        before = dict(self._modules)
        super().append(module)
        return self._check_or_restore(before)

    def __iadd__(self, other: nn.Sequential) -> Sequential:  # type: ignore[misc]
        before = dict(self._modules)
        super().__iadd__(other)
        return self._check_or_restore(before)

    def insert(self, index: int, module: nn.Module) -> Sequential:
        """Add a layer before a position, if it fits."""
        before = dict(self._modules)
        super().insert(index, module)
        return self._check_or_restore(before)

    def _check_or_restore(self, before: dict[str, nn.Module]) -> Sequential:
        try:
            self.check()
        except ValueError:
            self._modules.clear()
            self._modules.update(before)
            raise
        return self

    def extra_repr(self) -> str:
        """Describe the modules of input and output, and where they become unknown."""
        if not len(self):
            return ""
        lost = next(
            (
                name
                for name, layer in self._modules.items()
                if not isinstance(getattr(layer, "X", None), Module) and not _keeps_module(layer)
            ),
            None,
        )
        given = Space(self.X, self.in_channels, axes=_named_axes(self))
        text = f"{given} -> {self.check()}"
        return text if lost is None else f"{text}; not traced through {lost!r}"


def _flat(layer: nn.Module) -> Iterable[nn.Module]:
    """Yield the layers of nested chains in order."""
    if isinstance(layer, nn.Sequential):
        for child in layer:
            yield from _flat(child)
    else:
        yield layer


def _named_module(layer: nn.Module) -> Module | None:
    """Return the module that the first layer with one names, unless an unknown one is before it."""
    for one in _flat(layer):
        found = getattr(one, "X", None)
        if isinstance(found, Module):
            return found
        if not _keeps_module(one):
            return None
    return None


def _named_channels(layer: nn.Module) -> int | None:
    """Return the channels that the first layer takes which names them."""
    for one in _flat(layer):
        for name in ("in_channels", "in_features"):
            found = getattr(one, name, None)
            if isinstance(found, int) and found:  # a lazy layer has 0
                return found
        if not _keeps_module(one):
            return None
    return None


def _named_axes(layer: nn.Module) -> int | None:
    """Return how many axes of a grid the input has, if a layer says so before an unknown one."""
    for one in _flat(layer):
        found = grid_axes(one)[0]
        if found is not None:
            return found
        if not _keeps_module(one):
            return None
    return None


def _keeps_module(layer: nn.Module) -> bool:
    """Whether a layer that names no module is known to leave functions on one such functions."""
    if isinstance(layer, nn.Sequential):
        return all(_keeps_module(child) for child in layer)
    return hasattr(layer, "X") or row_of(layer) is not None


class Residual(nn.Module):
    """``x + inner(x)``, with a check that both are functions on one module with equal channels.

    Parameters
    ----------
    inner
        The branch: a layer or a chain of layers.
    shortcut
        The layer on the other branch, if the first changes the module or the channels: an
        equivariant layer such as :class:`~toolkit.nn.EquivariantLinear`. ``None`` for x itself.

    Raises
    ------
    ModuleMismatchError
        If the two branches differ in module or channels, as far as these are known; in a pass, if
        their shapes differ.

    Notes
    -----
    Maps ``(..., n, C)`` to the same shape, or to that of the shortcut; the same for fields. A
    simple can occur in the sum if it can occur in one of the terms.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("S4").natural_module()
    >>> block = tk.nn.Residual(
    ...     tk.nn.Sequential(tk.nn.EquivariantRMSNorm(X, 8), tk.nn.EquivariantLinear(X, X, 8, 8))
    ... )
    >>> block(torch.zeros(5, 4, 8)).shape
    torch.Size([5, 4, 8])
    >>> tk.nn.Residual(tk.nn.EquivariantLinear(X, X**2, 8, 8))
    Traceback (most recent call last):
        ...
    toolkit.errors.ModuleMismatchError: a residual sum needs two terms of one kind, found 4 points
    of S4, 8 channels, and (4 points)^2 of S4, 8 channels: give a layer as shortcut=
    """

    def __init__(self, inner: nn.Module, shortcut: nn.Module | None = None) -> None:
        super().__init__()
        _require_layers(inner, *(() if shortcut is None else (shortcut,)))
        self.inner, self.shortcut = inner, shortcut
        start = _common_input(inner, *(() if shortcut is None else (shortcut,)))
        self.X, self.in_channels = start.module, start.channels
        branch = after(inner, start, "inner")
        other = start if shortcut is None else after(shortcut, start, "shortcut")
        if _differ(branch, other):
            hint = "give a layer as shortcut=" if shortcut is None else "change the shortcut"
            raise ModuleMismatchError(
                f"a residual sum needs two terms of one kind, found {other}, and {branch}: {hint}"
            )
        # an unknown module of the branch is that of x
        self.Y = branch.module or other.module
        self.out_channels = other.channels if branch.channels is None else branch.channels
        self.grid_axes = start.axes, other.axes if branch.axes is None else branch.axes
        self.window = branch.window or other.window

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the sum of the branch and the shortcut."""
        y: torch.Tensor = self.inner(x)
        other: torch.Tensor = x if self.shortcut is None else self.shortcut(x)
        if y.shape != other.shape:
            raise ModuleMismatchError(
                f"a residual sum needs two terms of one shape, found {tuple(other.shape)} and "
                f"{tuple(y.shape)} of the branch"
            )
        return other + y


class Concat(nn.Module):
    """Parallel branches: their channels are concatenated, or their modules form a direct sum.

    Parameters
    ----------
    *branches
        Layers or chains that take the same functions.
    along
        ``"channels"``: outputs on one module, ``(..., n, C_1 + C_2 + ...)``. ``"points"``: outputs
        with equal channels on the direct sum of their modules, ``(..., n_1 + n_2 + ..., C)``.

    Raises
    ------
    ModuleMismatchError
        If there are no branches, if they take different functions, or if their outputs cannot be
        concatenated.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("S4").natural_module()
    >>> one, two = tk.nn.EquivariantLinear(X, X, 3, 5), tk.nn.EquivariantLinear(X, X**2, 3, 5)
    >>> tk.nn.Concat(one, torch.nn.Identity())(torch.zeros(7, 4, 3)).shape
    torch.Size([7, 4, 8])
    >>> both = tk.nn.Concat(one, two, along="points")
    >>> both.Y.name, both(torch.zeros(7, 4, 3)).shape
    ('4 points + (4 points)^2', torch.Size([7, 20, 5]))
    """

    def __init__(
        self, *branches: nn.Module, along: Literal["channels", "points"] = "channels"
    ) -> None:
        super().__init__()
        require_choice("along", along, ("channels", "points"))
        if not branches:
            raise ModuleMismatchError("a concatenation needs at least one branch, found none")
        _require_layers(*branches)
        self.branches, self.along = nn.ModuleList(branches), along
        start = _common_input(*branches)
        self.X, self.in_channels = start.module, start.channels
        found = [after(b, start, f"branches.{i}") for i, b in enumerate(branches)]
        self.Y: Module | None
        self.out_channels: int | None
        axes = next((s.axes for s in found if s.axes is not None), None)
        self.grid_axes = start.axes, axes
        self.window = next((s.window for s in found if s.window is not None), None)
        for space in found:
            if space.axes is not None and space.axes != axes:
                raise ModuleMismatchError(
                    f"either all branches must keep the grid, or none, found {found[0]}, "
                    f"and {space}"
                )
            problem = window_difference(space.window, self.window)
            if problem is not None:
                raise ModuleMismatchError(f"one of the branches {problem}")
        if along == "channels":
            self.Y = next((s.module for s in found if s.module is not None), None)
            for space in found:
                if _differ(replace(space, channels=None), Space(self.Y)):
                    raise ModuleMismatchError(
                        "branches whose channels are concatenated must return functions on one "
                        f'module, found {found[0]}, and {space}: use along="points"'
                    )
            sizes = [s.channels for s in found]
            known = [c for c in sizes if c is not None]
            self.out_channels = sum(known) if len(known) == len(sizes) else None
            return
        modules = [s.module for s in found if s.module is not None]
        if len(modules) < len(found):
            raise ModuleMismatchError(
                "each branch of a direct sum must state the module of its output, found "
                + " and ".join(str(s) for s in found)
            )
        for space in found:
            if _differ(Space(None, space.channels), Space(None, found[0].channels)):
                raise ModuleMismatchError(
                    "branches on a direct sum must have equal numbers of channels, found "
                    f"{found[0].channels} and {space.channels}"
                )
        self.Y, self.out_channels = direct_sum(*modules), found[0].channels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the concatenated outputs of the branches."""
        outputs = [branch(x) for branch in self.branches]
        axis = -1 if self.along == "channels" else -2
        return torch.cat(outputs, axis - (self.grid_axes[1] or 0))

    def extra_repr(self) -> str:
        """Describe the axis of concatenation."""
        return f"along={self.along!r}"


def _require_layers(*layers: object) -> None:
    for layer in layers:
        if not isinstance(layer, nn.Module):
            raise ModuleMismatchError(f"a layer is required, a torch module, not {layer!r:.60}")


def _common_input(*branches: nn.Module) -> Space:
    """Return what the branches take, as far as one of them names it."""
    modules = [X for X in map(_named_module, branches) if X is not None]
    sizes = [C for C in map(_named_channels, branches) if C is not None]
    axes = [n for n in map(_named_axes, branches) if n is not None]
    return Space(next(iter(modules), None), next(iter(sizes), None), axes=next(iter(axes), None))


def _differ(a: Space, b: Space) -> bool:
    """Whether two spaces are known to be different."""
    if a.channels is not None and b.channels is not None and a.channels != b.channels:
        return True
    if a.axes is not None and b.axes is not None and a.axes != b.axes:
        return True
    if window_difference(a.window, b.window) is not None:
        return True
    if a.is_invariant != b.is_invariant and (a.module or b.module) is not None:
        return True
    if a.module is None or b.module is None:
        return False
    return not same_functions(a.module, b.module)
