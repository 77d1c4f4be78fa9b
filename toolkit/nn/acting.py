"""Elements of a group at work on tensors: for mirrored copies of data, and for checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from toolkit.errors import ModuleMismatchError
from toolkit.modules.module import require_module
from toolkit.nn.linear.tensors.inputs import wrong_input

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.module import Module


def act(X: Module, element: int | Sequence[int], x: torch.Tensor) -> torch.Tensor:
    """Return g x: functions on X, or vectors in X, acted on by an element of the group.

    Parameters
    ----------
    X
        The module, of any kind.
    element
        g: the 0-based number of a generator, or ``~i`` for the inverse of generator i. Or a word, a
        sequence of these numbers: their product from left to right, as in GAP. ``[]`` is the
        identity. ``G.regular_module().elements.words`` has words for all elements.
    x
        ``(..., |X|, channels)``, of any float type, on any device.

    Returns
    -------
    torch.Tensor
        A tensor of the same shape, with gradients: ``sign * x[..., i^g, :]`` at point i; for a
        linear module, the product with the matrix of g. ``act(X, [a, b], x) == act(X, a, act(X, b,
        x))``.

    Raises
    ------
    ModuleMismatchError
        If there is no such generator, or x has the wrong shape.

    Notes
    -----
    Exact on points. On fields over a grid it acts on the fibres only. Use it for data and checks,
    not within layers: the element is looked up in each call, and ``torch.compile`` breaks its
    graph.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("D8").natural_module()
    >>> x = torch.tensor([[1.0], [2.0], [3.0], [4.0]])
    >>> act(X, 0, x).T, act(X, [0, ~0], x).T
    (tensor([[2., 3., 4., 1.]]), tensor([[1., 2., 3., 4.]]))

    An equivariant layer commutes with the action:

    >>> layer = tk.nn.EquivariantLinear(X, X, 1, 3)
    >>> torch.allclose(layer(act(X, 1, x)), act(X, 1, layer(x)), atol=1e-6)
    True

    The images of a batch under all elements:

    >>> words = tk.group("D8").regular_module().elements.words
    >>> torch.stack([act(X, word, x) for word in words]).shape
    torch.Size([8, 4, 1])
    """
    y: torch.Tensor = _acted(X, element, x)
    return y


@torch.compiler.disable  # type: ignore[untyped-decorator]  # of torch
def _acted(X: Module, element: int | Sequence[int], x: torch.Tensor) -> torch.Tensor:
    require_module(X)
    if x.dim() < 2 or x.shape[-2] != X.degree:
        raise wrong_input(x, X)
    letters = _letters(X, element)
    if not X.has_points:
        return torch.from_numpy(_matrix(X, letters)).to(x) @ x
    images, signs = _images_and_signs(X, letters)
    y = x.index_select(-2, torch.from_numpy(images).to(x.device))
    return y * torch.from_numpy(signs).to(x).unsqueeze(-1) if X.has_signs else y


def _letters(X: Module, element: int | Sequence[int]) -> list[int]:
    """Return a word as a list of generators, ``~i`` for inverses."""
    letters: list[Any] = list(element) if isinstance(element, Sequence) else [element]
    count = len(X.images) if X.has_points else len(X.matrices)
    for letter in letters:
        if isinstance(letter, bool) or not isinstance(letter, int | np.integer):
            letter = None
        if letter is None or not -count <= letter < count:
            raise ModuleMismatchError(
                f"an element of {X.group_title} is a generator from 0 to {count - 1}, ~i for the "
                f"inverse of generator i, or a sequence of these, found {element!r:.60}"
            )
    return [int(letter) for letter in letters]


def _matrix(X: Module, letters: Sequence[int]) -> NDArray[np.float64]:
    found = np.eye(X.degree)
    for g in letters:
        found = found @ (X.matrices[g] if g >= 0 else np.linalg.inv(X.matrices[~g]))
    return found


def _images_and_signs(X: Module, letters: Sequence[int]) -> tuple[IntArray, NDArray[np.float64]]:
    """Return i^g, and the sign with which the value there comes to i."""
    images, signs = np.arange(X.degree, dtype=np.intp), np.ones(X.degree)
    for g in letters:
        own, own_signs = X.images[g if g >= 0 else ~g], X.signs[g if g >= 0 else ~g]
        if g < 0:
            own = np.argsort(own)
            own_signs = own_signs[own]
        signs = signs * own_signs[images]
        images = own[images]
    return images, signs
