"""Windows: how groups act on grids, and what is no symmetry of one."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.nn import GroupConvolution, Window, grid_matrices, square_window

RING = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]])
HEXAGONAL = [[1, 0], [-0.5, 3**0.5 / 2]]


def is_action(window: Window) -> bool:
    """Whether cells and matrices satisfy all relations of the group."""
    regular = window.group.regular_module().images
    vectors = np.eye(window.dimension, dtype=int)
    elements = {}
    queue = [(tuple(range(regular.shape[1])), vectors, np.arange(len(window)))]
    while queue:
        name, matrix, cells = queue.pop()
        if name in elements:
            if not (
                np.array_equal(elements[name][0], matrix)
                and np.array_equal(elements[name][1], cells)
            ):
                return False
            continue
        elements[name] = matrix, cells
        for g in range(len(regular)):
            moved = tuple(int(regular[g][i]) for i in name)
            queue.append((moved, matrix @ window.matrices[g], window.images[g][cells]))
    return len(elements) == window.group.order


@pytest.mark.parametrize(
    ("name", "dimension"),
    [("D8", 2), ("C4", 2), ("C2", 1), ("C2 wr S2", 2), ("C2 wr S3", 3), ("Oh", 3), ("Td", 3),
     ("C4v", 2), ("D4h", 3), ("C1", 2)],
)  # fmt: skip
def test_groups_that_say_how_they_act(name, dimension):
    for size in (1, 2, 3):
        window = square_window(tk.group(name), size, dimension)
        assert len(window) == size**dimension
        assert is_action(window)
        assert window.keeps_boxes
        assert np.array_equal(abs(np.linalg.det(window.matrices)), np.ones(len(window.matrices)))
    assert copy.deepcopy(window) is window


def test_hexagons():
    G = tk.group("C6v")
    matrices = grid_matrices(G, 2, lattice=HEXAGONAL)
    # lengths in the plane are kept
    gram = np.array(HEXAGONAL) @ np.array(HEXAGONAL).T
    for matrix in matrices:
        assert np.allclose(matrix @ gram @ matrix.T, gram)
    cells = [(i, j) for i in range(-2, 3) for j in range(-2, 3) if abs(i - j) <= 2]
    window = Window(G, cells, matrices)
    assert len(window) == 19
    assert is_action(window)
    assert not window.keeps_boxes
    assert window.module.orbit_count == 4
    X = G.regular_module()
    assert GroupConvolution(window, X, X, 1, 1).hom_space.count == 19 * 12


def test_permutations_of_cells_give_the_matrices():
    for window in (square_window(tk.group("D8"), 3), square_window(tk.group("C2 wr S3"), 2, 3)):
        again = Window.from_permutations(window.group, window.cells, window.images)
        assert np.array_equal(again.matrices, window.matrices)
        assert np.array_equal(again.images, window.images)


def test_where_the_cells_are_counted_from_does_not_matter():
    G = tk.group("D8")
    cross = [[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]]
    window = Window(G, cross)
    moved = Window(G, np.add(cross, [7, -3]))
    assert np.array_equal(window.images, moved.images)
    assert window.shape == moved.shape == (3, 3)
    assert sorted(window.box_cells.tolist()) == [-1, -1, -1, -1, 0, 1, 2, 3, 4]
    assert repr(window) == "<5 cells of 3 x 3 window of D8>"
    whole = square_window(G, 3)
    assert len(whole.subset(RING)) == 8
    assert len(square_window(G, 5).subset(np.pad(RING, 1))) == 8


def test_matrices_may_be_given():
    klein = tk.group("C2 x C2")
    window = Window.box(klein, (3, 5), [[[-1, 0], [0, 1]], [[1, 0], [0, -1]]])
    assert is_action(window)
    assert window.module.orbit_count == 6
    # a group that acts on the cells through a quotient
    quaternions = tk.group("Q8")
    a = quaternions.generator_count
    assert a == 2
    through = Window.box(quaternions, (3, 3), [[[-1, 0], [0, 1]], [[1, 0], [0, -1]]])
    assert is_action(through)
    assert is_action(Window.fixed(quaternions, (4,)))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: square_window(tk.group("S3"), 3), "in opposite pairs is required, found 3 points"),
        (lambda: square_window(tk.group("Q8"), 3), "found none"),
        (lambda: square_window(tk.group("C2 x C2"), 3), "give a matrix for each generator"),
        (lambda: square_window(tk.group("D8"), 3, 4), "1, 2 or 3 axes, not 4"),
        (lambda: square_window(tk.group("D8"), 3, 3), "6 points"),
        (lambda: Window.box(tk.group("D8"), (3, 5)), "generator 0 of D8 must preserve the window"),
        (lambda: Window.box(tk.group("D8"), 3), "a number for each axis"),
        (lambda: Window.box(tk.group("D8"), (0, 3)), "positive integers"),
        (lambda: square_window(tk.group("D8"), 3).subset(np.eye(3)), "must preserve the window"),
        (lambda: square_window(tk.group("D8"), 3).subset(np.eye(2)), "must have its shape"),
        (lambda: Window.box(tk.group("C2"), (3, 3), [[[0, 1], [-1, 0]]]), "not an action of C2"),
        (lambda: Window.box(tk.group("C2"), (1, 1), [[[0, 1], [-1, 0]]]), "not an action of C2"),
        (lambda: Window.box(tk.group("C2"), (3, 3), [[[1, 1], [0, 1]]]), "infinite order"),
        (lambda: Window.box(tk.group("C2"), (3, 3), [[[0, 0], [0, 1]]]), "singular"),
        (lambda: Window.box(tk.group("C2"), (3, 3), [[[0.5, 0], [0, 1]]]), "integer entries"),
        (lambda: Window.box(tk.group("C2"), (3, 3), [[[1]]]), r"\(1, 2, 2\) are required"),
        (lambda: Window(tk.group("C2"), [[0, 0], [0, 0]]), "two are at the same position"),
        (lambda: Window(tk.group("C2"), [[0.5]]), "cells must be integers"),
        (lambda: Window(tk.group("C2"), [[3]], [[[-1]]], shape=(3,)), "must lie in the 3 box"),
        (lambda: Window("D8", [[0]]), "a window needs a group"),
        (lambda: grid_matrices(tk.group("C6v"), 2), "does not preserve the lattice"),
        (
            lambda: grid_matrices(tk.group("Oh"), 2),
            "does not preserve the grid of its first 2 axes",
        ),
        (lambda: grid_matrices(tk.group("C6v"), 2, lattice=[[1, 0], [2, 0]]), "independent"),
        (
            lambda: Window.from_permutations(
                tk.group("C2"), [[0, 0], [0, 1], [1, 0], [1, 1]], [[1, 0, 2, 3]]
            ),
            "not a symmetry of the grid",
        ),
        (
            lambda: Window.from_permutations(tk.group("C2"), [[0, 0], [0, 1]], [[1, 0]]),
            "do not span the 2 axes",
        ),
        (
            lambda: Window.from_permutations(tk.group("C2"), [[0], [1]], [[2, 0]]),
            "cells are 0 to 1",
        ),
        (lambda: Window.from_permutations(tk.group("C2"), [[0], [1]], [1, 0]), r"\(generators, 2"),
    ],
)
def test_refusals(make, message):
    with pytest.raises(ModuleMismatchError, match=message):
        make()


def test_a_lattice_needs_matrices():
    with pytest.raises(NotAvailable, match="space matrices"):
        grid_matrices(tk.group("D8"), 2, lattice=HEXAGONAL)


@pytest.mark.parametrize("name", ["D8", "C1", "Q8"])
def test_a_window_from_its_specification(name):
    G = tk.group(name)
    window = Window.fixed(G, (2, 3)) if name != "D8" else square_window(G, 3).subset(RING)
    again = Window.from_specification(G, json.loads(json.dumps(window.specification)))
    assert again.shape == window.shape
    for mine, other in zip(
        (again.cells, again.matrices, again.images),
        (window.cells, window.matrices, window.images),
        strict=True,
    ):
        assert np.array_equal(mine, other)
    assert (window.point.degree, window.point.rank) == (1, 1)
