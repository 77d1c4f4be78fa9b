"""How generators and elements of a group move tensors, and averages over the group.

Tensors have an axis of points and one of channels, ``(..., |X|, C)``, or both in one,
``(..., |X| C)``, points first: the *flat* layout, that of plain networks on vectors; or they are
*images*, ``(batch, C, h, w)``, as of torch's convolutions, whose pixels are the points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.modules.module import Module

if TYPE_CHECKING:
    from toolkit.library.group import Group

#: What a tensor is: functions on a module, an invariant, or not known.
Space: TypeAlias = Module | Literal["invariant"] | None

#: Where the points are in a tensor.
Layout: TypeAlias = Literal["points", "flat", "images"]

#: Groups up to this order are averaged over, element by element.
LARGEST_ORDER = 2048


def with_points(module: Module, x: torch.Tensor, layout: Layout, what: str) -> torch.Tensor:
    """Return a tensor as ``(..., |X|, C)``.

    Parameters
    ----------
    module
        X.
    x
        ``(..., |X|, C)``, ``(..., |X| C)`` in the flat layout, and in that of images
        ``(batch, C, h, w)`` for the h w pixels; tensors with fewer axes are flat there.
    layout
        Which of these.
    what
        What the tensor is, for the message.

    Raises
    ------
    ModuleMismatchError
        If it has another shape.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C3").natural_module()
    >>> with_points(X, torch.ones(5, 6), "flat", "inputs").shape
    torch.Size([5, 3, 2])
    >>> pixels = tk.nn.square_window(tk.group("C4"), 2).module
    >>> with_points(pixels, torch.ones(5, 3, 2, 2), "images", "inputs").shape
    torch.Size([5, 4, 3])
    """
    n = module.degree
    if layout == "points":
        if x.dim() >= 2 and x.shape[-2] == n:
            return x
    elif layout == "images" and x.dim() >= 4:
        if x.shape[-1] * x.shape[-2] == n:
            return x.flatten(-2).transpose(-1, -2)
    elif x.dim() >= 1 and x.shape[-1] % n == 0 and x.shape[-1]:
        return x.reshape(*x.shape[:-1], n, x.shape[-1] // n)
    raise ModuleMismatchError(
        f"{what} must have shape {_expected(layout, n)}, functions on {module.name}, found "
        f"{tuple(x.shape)}; {_HINTS[layout]}"
    )


def from_points(x: torch.Tensor, like: torch.Tensor, layout: Layout) -> torch.Tensor:
    """Return ``(..., |X|, C)`` in the layout of the tensor that :func:`with_points` was given.

    Examples
    --------
    >>> import toolkit as tk
    >>> pixels = tk.nn.square_window(tk.group("C4"), 2).module
    >>> images = torch.randn(5, 3, 2, 2)
    >>> points = with_points(pixels, images, "images", "inputs")
    >>> torch.equal(from_points(points, images, "images"), images)
    True
    """
    if layout == "images" and like.dim() >= 4:
        x = x.transpose(-1, -2)
    return x.reshape(like.shape)


def _expected(layout: Layout, n: int) -> str:
    if layout == "points":
        return f"(..., {n}, C)"
    flat = f"(..., {n} C), points first"
    return flat if layout == "flat" else f"(batch, C, h, w) with {n} pixels, or {flat}"


_HINTS = {
    "points": "flat=True selects the other layout",
    "flat": "flat=False selects the other layout",
    "images": "a module of points instead of the window of pixels selects the other layout",
}


def count_of_generators(module: Module) -> int:
    """Return the number of generators of a module's group."""
    return len(module.images if module.has_points else module.matrices)


def moved(module: Module | None, generator: int, x: torch.Tensor) -> torch.Tensor:
    """Return g x for a tensor ``(..., |X|, C)``: f -> signs f(images), or the matrix of g times f.

    Parameters
    ----------
    module
        X; ``None`` for an invariant, which does not move.
    generator
        0-based number of g.
    x
        The tensor.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C3").natural_module()
    >>> moved(X, 0, torch.tensor([[1.0], [2.0], [3.0]])).flatten().tolist()
    [2.0, 3.0, 1.0]
    """
    if module is None:
        return x
    if not module.has_points:
        return torch.from_numpy(module.matrices[generator].copy()).to(x) @ x
    image = torch.from_numpy(module.images[generator].astype(np.int64)).to(x.device)
    out = x.index_select(-2, image)
    if module.has_signs:
        out = out * torch.from_numpy(module.signs[generator].copy()).to(x)[:, None]
    return out


@dataclass(frozen=True, eq=False)
class Operators:
    """All elements of a group, as operators on a module.

    Parameters
    ----------
    images, signs
        ``(|G|, n)``: element g takes f to ``signs[g] * f[images[g]]``; ``None`` for matrices.
    matrices
        ``(|G|, n, n)``, or ``None`` for a permutation or signed module.
    """

    images: NDArray[np.int64] | None
    signs: NDArray[np.float64] | None
    matrices: NDArray[np.float64] | None

    def apply(self, element: int, x: torch.Tensor) -> torch.Tensor:
        """Return g x for a tensor ``(..., n, C)``."""
        if self.matrices is not None:
            return torch.from_numpy(self.matrices[element]).to(x) @ x
        assert self.images is not None
        assert self.signs is not None
        image = torch.from_numpy(self.images[element]).to(x.device)
        return x.index_select(-2, image) * torch.from_numpy(self.signs[element]).to(x)[:, None]

    def undo(self, element: int, x: torch.Tensor) -> torch.Tensor:
        """Return g^-1 x for a tensor ``(..., n, C)``."""
        if self.matrices is not None:
            matrix = torch.from_numpy(self.matrices[element]).to(x)
            solved: torch.Tensor = torch.linalg.solve(matrix, x)
            return solved
        assert self.images is not None
        assert self.signs is not None
        back = torch.from_numpy(np.argsort(self.images[element])).to(x.device)
        signed = x * torch.from_numpy(self.signs[element]).to(x)[:, None]
        return signed.index_select(-2, back)


def elements_on(G: Group, modules: tuple[Module, ...]) -> tuple[Operators, ...]:
    """Return the operators of all elements on each of several modules, in one order.

    Parameters
    ----------
    G
        The group, of order up to 2,048.
    modules
        Modules of it.

    Raises
    ------
    NotAvailable
        If the group is larger.
    """
    if G.order > LARGEST_ORDER:
        raise NotAvailable(
            G.name,
            "averages over the group",
            f"they run over all elements, for groups of order up to {LARGEST_ORDER:,}, and this "
            f"one has {G.order}; the errors for generators do not need averages",
        )
    words = G.regular_module().elements.words
    number = {word: i for i, word in enumerate(words)}
    parents = [number[word[:-1]] if word else -1 for word in words]
    return tuple(_operators(X, words, parents) for X in modules)


def _operators(X: Module, words: list[tuple[int, ...]], parents: list[int]) -> Operators:
    """Return the operators of words: that of w g is that of w times that of g."""
    n, count = X.degree, len(words)
    order = sorted(range(count), key=lambda i: len(words[i]))
    if not X.has_points:
        matrices = np.empty((count, n, n))
        for i in order:
            one = not words[i]
            matrices[i] = np.eye(n) if one else matrices[parents[i]] @ X.matrices[words[i][-1]]
        return Operators(None, None, matrices)
    images = np.empty((count, n), dtype=np.int64)
    signs = np.ones((count, n))
    own = X.signs if X.has_signs else np.ones_like(X.images)
    for i in order:
        if not words[i]:
            images[i] = np.arange(n)
            continue
        g, before = words[i][-1], images[parents[i]]
        images[i] = X.images[g][before]
        signs[i] = signs[parents[i]] * own[g][before]
    return Operators(images, signs, None)
