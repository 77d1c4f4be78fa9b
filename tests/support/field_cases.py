"""Windows, fibres and the action of every group element on fields, for tests of convolutions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import torch

import toolkit as tk
from toolkit.nn import Window, grid_matrices, square_window

if TYPE_CHECKING:
    from toolkit.modules.module import Module


@dataclass(frozen=True)
class Element:
    """A group element: its matrix on the grid, and its matrices on the fibres, for columns."""

    grid: np.ndarray
    source: np.ndarray
    target: np.ndarray


def matrices_of(module: Module) -> np.ndarray:
    """Return ``(generators, n, n)`` with (g f)(i) = signs[g, i] f(images[g, i])."""
    if not module.has_points:
        return module.matrices
    n = module.degree
    out = np.zeros((len(module.images), n, n))
    for g, (images, signs) in enumerate(zip(module.images, module.signs, strict=True)):
        out[g, np.arange(n), images] = signs
    return out


def elements(window: Window, X: Module, Y: Module) -> list[Element]:
    """Return every element of the group, as products of generators."""
    found: dict[bytes, Element] = {}
    d = window.dimension
    faithful = matrices_of(window.group.regular_module())
    start = (np.eye(d, dtype=int), np.eye(X.degree), np.eye(Y.degree), np.eye(faithful.shape[-1]))
    queue = [start]
    generators = list(zip(window.matrices, matrices_of(X), matrices_of(Y), faithful, strict=True))
    while queue:
        grid, source, target, name = queue.pop()
        if name.tobytes() in found:
            continue
        found[name.tobytes()] = Element(grid, source, target)
        queue += [
            (grid @ g[0], source @ g[1], target @ g[2], name @ g[3] + 0.0) for g in generators
        ]
    assert len(found) == window.group.order
    return list(found.values())


def act(grid: np.ndarray, fibre: np.ndarray, x: torch.Tensor, periodic: bool = False):
    """Return the field moved by an element, pixel by pixel: slow, and written apart."""
    d = len(grid)
    size = x.shape[-d:]
    # the row of pixel p times the matrix is the row of the pixel that is read
    shape = [int(abs(grid[a]) @ np.array(size)) for a in range(d)] if not periodic else list(size)
    y = x.new_zeros(*x.shape[:-d], *shape)
    for place in np.ndindex(*shape):
        if periodic:
            read = tuple(int(v) % n for v, n in zip(np.array(place) @ grid, size, strict=True))
        else:
            centred = (np.array(place) - (np.array(shape) - 1) / 2) @ grid
            read = tuple(round(v + (n - 1) / 2) for v, n in zip(centred, size, strict=True))
        y[(..., *place)] = x[(..., *read)]
    moved = torch.einsum("ij,bj...->bi...", torch.from_numpy(fibre), y)
    return moved.contiguous()


@cache
def case(name: str) -> tuple[Window, Module, Module]:
    """Return window and fibres of a case."""
    if name.startswith("square"):
        G = tk.group("D8")
        X, corners, point = G.regular_module(), G.natural_module(), G.natural_module() ** 0
        window = square_window(G, 3)
        vectors = G.linear_module(window.matrices)  # of the plane
        mirror = G.signed_coset_module([{"word": [0]}, {"word": [1]}], [{"word": [0]}])
        return {
            "square": (window, X, X),
            "square lift": (window, point, X),
            "square project": (window, X + corners, point),
            "square even": (square_window(G, 2), corners, X + point),
            "square cross": (window.subset([[0, 1, 0], [1, 1, 1], [0, 1, 0]]), corners, X),
            "square signed": (window, mirror + mirror, X),
            "square to sign": (window, corners, mirror),
            "square to vectors": (window, point + point, vectors),
            "square of vectors": (
                window.subset([[1, 0, 1], [0, 1, 0], [1, 0, 1]]),
                vectors + vectors,
                vectors * vectors,
            ),
            "square from vectors": (square_window(G, 2), vectors, X),
        }[name]
    if name == "rotations":
        G = tk.group("C4")
        return square_window(G, 3), G.regular_module(), G.regular_module()
    if name == "segment":
        G = tk.group("C2")
        return square_window(G, 5, 1), G.regular_module(), G.regular_module()
    if name == "rectangle":
        G = tk.group("C2 x C2")
        window = Window.box(G, (3, 4), [[[-1, 0], [0, 1]], [[1, 0], [0, -1]]])
        return window, G.regular_module(), G.regular_module()
    if name == "cube":
        G = tk.group("C2 wr S3")
        return square_window(G, 3, 3), G.natural_module(), G.natural_module()
    if name == "diagonal":
        G = tk.group("C2")
        window = Window.box(G, (3, 3), [[[0, -1], [-1, 0]]])
        return window, G.regular_module(), G.regular_module()
    if name == "series":
        G = tk.group("C2")
        return Window.fixed(G, (3,)), G.natural_module() ** 2, G.natural_module()
    if name == "trivial":
        G = tk.group("C1")
        return Window.fixed(G, (2, 3)), G.regular_module(), G.regular_module()
    assert name == "hexagon"
    G = tk.group("C6v")
    matrices = grid_matrices(G, 2, lattice=[[1, 0], [-0.5, 3**0.5 / 2]])
    cells = [[0, 0], [1, 0], [0, 1], [1, 1], [-1, -1], [-1, 0], [0, -1]]
    return Window(G, cells, matrices), G.regular_module(), G.regular_module()


CASES = (
    "square", "square lift", "square project", "square even", "square cross", "square signed",
    "square to sign", "square to vectors", "square of vectors", "square from vectors", "rotations",
    "segment", "rectangle", "cube", "diagonal", "series", "trivial",
)  # fmt: skip
SIZES = {1: (7,), 2: (6, 7), 3: (4, 5, 4)}


def randomised(layer: torch.nn.Module) -> torch.nn.Module:
    """Return the layer with all parameters drawn anew, biases too."""
    for p in layer.parameters():
        torch.nn.init.normal_(p)
    return layer
