"""Which point is which, against the action itself and against permutations multiplied out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import ModuleMismatchError

GROUPS = ["C1", "C6", "D8", "Q8", "S4", "C4 x C8 x C8", "D8 x C3", "SL(2,3)", "SmallGroup(21,1)"]


def along(images: Any, word: Any, point: int) -> int:
    for g in word:
        point = images[g][point]
    return int(point)


@pytest.mark.parametrize("name", GROUPS)
def test_elements_of_a_regular_module(name: str) -> None:
    G = tk.group(name)
    X = G.regular_module()
    elements = X.elements
    assert len(elements) == G.order
    assert elements[0] == ()
    for point, word in enumerate(elements.words):
        assert along(X.images, word, 0) == point
        assert elements.number(word) == point
        assert elements.number([*word, *(~g for g in reversed(word))]) == 0
    assert elements.words == list(X.points) == elements[:]
    # x^h is the product x h, in a faithful action
    Y = X if G.facts.points == 0 else G.natural_module()
    table = elements.images(Y)
    assert len({row.tobytes() for row in table}) == G.order
    for h, step in enumerate(X.images):
        assert np.array_equal(table[step], Y.images[h][table])


@pytest.mark.parametrize(
    ("name", "subgroups", "shape"),
    [
        ("C1", (), ()),
        ("C6", (), (6,)),
        ("C4 x C8 x C8", (), (4, 8, 8)),
        ("C4 x C8 x C8", ([0], [1], [2]), (4, 8, 8)),
        ("C4 x C8 x C8", ([0], [1, 2]), (4, 64)),
        ("D8", (), (4, 2)),
        ("Q8", (), (4, 2)),
        ("D8 x C3", ([0, 1], [2]), (8, 3)),
        ("D8 x C3", (2, [0, 1]), (3, 8)),
        ("SmallGroup(21,1)", ([0], [1]), (3, 7)),
        ("S4", ([0, 1],), (24,)),
    ],
)
def test_grids_are_products_of_elements(name: str, subgroups: Any, shape: tuple[int, ...]) -> None:
    G = tk.group(name)
    X = G.regular_module()
    grid = X.elements.grid(*subgroups)
    assert grid.shape == shape
    assert sorted(grid.ravel()) == list(range(G.order))
    coordinates = X.elements.coordinates(*subgroups)
    assert coordinates.shape == (G.order, len(shape))
    if shape:
        assert np.array_equal(grid[tuple(coordinates.T)], np.arange(G.order))
    # [i, j, ...] is the product of [i, 0, ...], [0, j, ...], ...
    words = X.elements.words
    for point, own in enumerate(coordinates):
        axes: Any = np.diag(own) if shape else []
        product = [g for axis in axes for g in words[grid[tuple(axis)]]]
        assert X.elements.number(product) == point
    if subgroups == () and shape:  # powers of the generators
        for axis, n in enumerate(shape):
            line = grid[tuple(slice(None) if a == axis else 0 for a in range(len(shape)))]
            assert [X.elements.number([axis] * k) for k in range(n)] == line.tolist()


def test_grids_that_are_none() -> None:
    X = tk.group("S4").regular_module()
    with pytest.raises(ModuleMismatchError, match=r"4 x 2 products of subgroups give 8 of the 24"):
        X.elements.grid()
    with pytest.raises(ModuleMismatchError, match=r"24 x 4 products of subgroups give 24 of the"):
        X.elements.grid([0, 1], [0])
    with pytest.raises(ModuleMismatchError, match="generators 0 to 1 of S4, not 5"):
        X.elements.grid(5)
    with pytest.raises(ModuleMismatchError, match="letters of a word are generators 0 to 1"):
        X.elements.number([2])
    with pytest.raises(ModuleMismatchError, match="module of S4 is required, not 3 points of S3"):
        X.elements.images(tk.group("S3").natural_module())
    with pytest.raises(ModuleMismatchError, match=r"4 points of S4 is not regular: X.points says"):
        _ = tk.group("S4").natural_module().elements


def test_a_periodic_grid_with_its_symmetries() -> None:
    """p4m on 6 x 6 cells: every group element moves cell 0 to the cell of its shift."""
    n = 6
    x, y = np.divmod(np.arange(n * n), n)
    turn, flip = (-y % n) * n + x, y * n + x
    down, right = ((x + 1) % n) * n + y, x * n + (y + 1) % n
    G = tk.group_from_permutations([turn, flip, down, right])
    X, cells = G.regular_module(), G.natural_module()
    grid = X.elements.grid([0, 1], [2], [3])
    assert grid.shape == (8, n, n)
    corner = X.elements.images(cells)[:, 0]
    assert all(np.array_equal(corner[level], np.arange(n * n).reshape(n, n)) for level in grid)
    # the shifts act on the table as on an image
    assert np.array_equal(X.images[2][grid], np.roll(grid, -1, axis=1))
    assert np.array_equal(X.images[3][grid], np.roll(grid, -1, axis=2))


def test_points_of_every_kind() -> None:
    G = tk.group("S4")
    V, H = G.natural_module(), G.coset_module("H4a")
    assert list(V.points) == [0, 1, 2, 3]
    for point, word in enumerate(H.points):
        assert along(H.images, word, H.record.base) == point
    pairs = V * H
    assert pairs.points[7] == (V.points[7 // H.degree], H.points[7 % H.degree])
    assert pairs.points[-1] == (3, H.points[-1])
    assert (V**3).points[27] == (1, 2, 3)
    both = H + V
    assert [both.points[i] for i in (0, 5, 6, 9)] == [
        (0, H.points[0]),
        (0, H.points[5]),
        (1, 0),
        (1, 3),
    ]
    outer = V.outer(tk.group("C3").regular_module())
    assert outer.points[5] == (1, (0, 0))
    given = G.module_from_images(V.images)
    assert given.points[2] == 2
    with pytest.raises(IndexError, match="points 0 to 3, not 4"):
        _ = V.points[4]
    intransitive = tk.group("<(1,2,3)(4,5)>").natural_module()
    assert list(intransitive.points) == [0, 1, 2, 3, 4]
    assert repr(V.points) == "<points of 4 points of S4>"


def test_points_of_signed_modules() -> None:
    G = tk.group("S4")
    W = G.signed_coset_module("H8a", [[0, 3, 2, 1], [2, 3, 0, 1]])
    for point, word in enumerate(W.points):
        start = next(i for i, w in enumerate(W.points) if w == ())
        assert along(W.images, word, start) == point
    V = G.natural_module()
    assert (W + V).points[4] == (1, 1)
    assert (W * V).points[5] == (W.points[1], 1)
    assert tk.SignedModule.from_permutation(V).points[3] == 3
    plane = tk.group("C4").signed_module_from_images([[1, 0]], [[1, -1]])
    assert list(plane.points) == [0, 1]


def test_linear_modules_have_none() -> None:
    V = tk.group("C4").linear_module([[[0, -1], [1, 0]]], name="plane")
    with pytest.raises(ModuleMismatchError, match="its coordinates are no points"):
        _ = V.points


def test_orbits_of_the_natural_action_keep_their_points() -> None:
    G = tk.group("<(1,2,3)(4,5)>")
    assert [list(orbit.points) for orbit in G.natural_module().orbits] == [[0, 1, 2], [3, 4]]


def test_the_hint_for_a_grid_is_one_that_works() -> None:
    elements = tk.group("C3 x D8").regular_module().elements
    with pytest.raises(ModuleMismatchError, match=r"grid\(\[0\], \[1, 2\]\) has axes 3 and 8"):
        elements.grid(0, 1)
    assert elements.grid([0], [1, 2]).shape == (3, 8)
    for subgroups in ((), (0, 1)):
        with pytest.raises(ModuleMismatchError, match="make the group from generators that do"):
            tk.group("A4").regular_module().elements.grid(*subgroups)
