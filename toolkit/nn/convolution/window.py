"""Windows of a convolution: kernel cells in a grid, with a group that moves them."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.cached import cached_property
from toolkit.errors import ModuleMismatchError
from toolkit.library.group import Group
from toolkit.library.modules.construct import module_from_images
from toolkit.nn.convolution.grid_action import checked_matrices, grid_matrices
from toolkit.text import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.permutation_module import PermutationModule


class Window:
    r"""The cells of a convolution's kernel, and how a group moves them.

    A generator g acts on the grid by an integer matrix M_g, which acts on row vectors from the
    right like :attr:`toolkit.Group.space_matrices`. The cell at k goes to k^g = k M_g, where k is
    measured from the centre of the window's box. For a function F on the grid, (g F)(p) = F(p M_g).

    Parameters
    ----------
    group
        The group.
    cells
        ``(|K|, d)`` integers with distinct rows: the positions of the cells, with d = 1, 2 or 3.
        Only differences matter.
    matrices
        ``(generators, d, d)`` integers: a matrix for each generator of the group, in order. By
        default those of :func:`~toolkit.nn.convolution.grid_action.grid_matrices`.
    shape
        ``(k_1, ..., k_d)`` the box, in which ``cells`` are then 0-based positions; by default the
        smallest box that contains the cells. Weights outside the cells are 0.

    Raises
    ------
    ModuleMismatchError
        If the matrices are not an action of the group, or do not preserve the window. The message
        names the generator and the cell.

    Notes
    -----
    Exact: integers only. The centre of a box of even size lies between cells. The layer's output
    then lies between the input's pixels; this is correct, because positions are measured from the
    image's centre. The centre of the box must be a fixed point of the group.

    Examples
    --------
    >>> import toolkit as tk
    >>> G = tk.group("D8")
    >>> window = tk.nn.square_window(G, 3)
    >>> window, window.module.orbit_count
    (<3 x 3 window of D8>, 3)
    >>> X = G.regular_module()
    >>> tk.hom_dimension(window.module * X, X)
    72
    >>> tk.nn.Window(G, [[0, 1], [1, 0], [1, 1], [1, 2], [2, 1]])
    <5 cells of 3 x 3 window of D8>
    """

    def __init__(
        self,
        group: Group,
        cells: ArrayLike,
        matrices: ArrayLike | None = None,
        *,
        shape: Sequence[int] | None = None,
    ) -> None:
        if not isinstance(group, Group):
            raise ModuleMismatchError(
                f"a window needs a group, such as tk.group('D8'), not {group!r:.60}"
            )
        self.group = group
        self.cells, self.shape = _placed(cells, shape)
        found = grid_matrices(group, self.dimension) if matrices is None else matrices
        self.matrices = checked_matrices(group, found, self.dimension)
        self.images = self._moved_cells()
        for array in (self.cells, self.matrices, self.images):
            array.flags.writeable = False

    @classmethod
    def box(cls, group: Group, shape: Sequence[int], matrices: ArrayLike | None = None) -> Window:
        """Return the window of all cells of a box, in row-major order.

        Parameters
        ----------
        group, matrices
            As for the class.
        shape
            ``(k_1, ..., k_d)`` numbers of cells along the axes.

        Examples
        --------
        The 48 symmetries of the cube, and a rectangular window under reflections:

        >>> import toolkit as tk
        >>> tk.nn.Window.box(tk.group("Oh"), (3, 3, 3))
        <3 x 3 x 3 window of PointGroup(Oh)>
        >>> tk.nn.Window.box(tk.group("C2"), (3, 5), [[[-1, 0], [0, -1]]])
        <3 x 5 window of C2>
        """
        sizes = _sizes(shape)
        cells = np.stack(np.unravel_index(np.arange(math.prod(sizes)), sizes), axis=1)
        return cls(group, cells, matrices, shape=sizes)

    @classmethod
    def fixed(cls, group: Group, shape: Sequence[int]) -> Window:
        """Return a box in which the group moves no cell: it acts only on the fibres.

        Parameters
        ----------
        group
            The group.
        shape
            ``(k_1, ..., k_d)`` numbers of cells along the axes.

        Examples
        --------
        Five steps of a time series, for a body with two mirror-symmetric sides:

        >>> import toolkit as tk
        >>> window = tk.nn.Window.fixed(tk.group("C2"), (5,))
        >>> window.module.orbit_count
        5
        """
        sizes = _sizes(shape)
        count = group.generator_count
        return cls.box(group, sizes, np.tile(np.eye(len(sizes), dtype=np.intp), (count, 1, 1)))

    @classmethod
    def from_permutations(cls, group: Group, cells: ArrayLike, images: ArrayLike) -> Window:
        """Return a window from the permutation of the cells for each generator.

        Parameters
        ----------
        group
            The group.
        cells
            ``(|K|, d)`` integers, the positions of the cells; they must span the axes of the grid.
        images
            ``(generators, |K|)`` 0-based: ``images[g, i]`` is the cell to which generator g takes
            cell i.

        Raises
        ------
        ModuleMismatchError
            If a permutation is not given by an integer matrix about the box's centre: it is not a
            symmetry of the grid.

        Examples
        --------
        >>> import toolkit as tk
        >>> window = tk.nn.Window.from_permutations(tk.group("C2"), [[0], [1], [2]], [[2, 1, 0]])
        >>> window.matrices.tolist()
        [[[-1]]]
        """
        placed, shape = _placed(cells, None)
        rows = np.asarray(images)
        if rows.ndim != 2 or rows.shape[1] != len(placed) or rows.dtype.kind not in "iu":
            raise ModuleMismatchError(
                f"images of cells must be integers of shape (generators, {len(placed)}), found "
                f"shape {rows.shape} of {rows.dtype}"
            )
        if rows.size and (rows.min() < 0 or rows.max() >= len(placed)):
            raise ModuleMismatchError(
                f"cells are 0 to {len(placed) - 1}, found {rows.min()} to {rows.max()}"
            )
        places = 2 * placed - np.array(shape) + 1
        if np.linalg.matrix_rank(places) < len(shape):
            raise ModuleMismatchError(
                f"the {len(placed)} cells do not span the {len(shape)} axes, so their permutations "
                "do not determine the matrices: give them, Window(group, cells, matrices)"
            )
        inverse = np.linalg.pinv(places)
        matrices = np.array([np.rint(inverse @ places[row]) for row in rows], dtype=np.intp)
        matrices = matrices.reshape(len(rows), len(shape), len(shape))
        for g, (matrix, row) in enumerate(zip(matrices, rows, strict=True)):
            wrong = np.flatnonzero((places @ matrix != places[row]).any(axis=1))
            if wrong.size:
                raise ModuleMismatchError(
                    f"generator {g} permutes the cells, but not by an integer matrix about the "
                    f"centre of the {_times(shape)} box (cell {tuple(placed[wrong[0]].tolist())} "
                    "shows this), so it is not a symmetry of the grid"
                )
        return cls(group, placed, matrices)

    @classmethod
    def from_specification(cls, group: Group, specification: dict[str, Any]) -> Window:
        """Return the window that a :attr:`specification` describes, as in a checkpoint's recipe.

        Parameters
        ----------
        group
            The window's group.
        specification
            JSON data with ``"shape"``, ``"cells"`` and ``"matrices"``.

        Examples
        --------
        >>> import toolkit as tk
        >>> window = tk.nn.square_window(tk.group("D8"), 3)
        >>> tk.nn.Window.from_specification(window.group, window.specification)
        <3 x 3 window of D8>
        """
        return cls(
            group,
            specification["cells"],
            specification["matrices"],
            shape=specification["shape"],
        )

    def subset(self, mask: ArrayLike) -> Window:
        """Return the window of a subset of the cells, in the same box; weights elsewhere are 0.

        Parameters
        ----------
        mask
            Booleans with the shape of the box: the cells to keep. The group must preserve this set.

        Raises
        ------
        ModuleMismatchError
            If the mask does not have the shape of the box, or the group does not preserve the
            cells.

        Examples
        --------
        A cross:

        >>> import toolkit as tk
        >>> window = tk.nn.square_window(tk.group("D8"), 3)
        >>> window.subset([[0, 1, 0], [1, 1, 1], [0, 1, 0]])
        <5 cells of 3 x 3 window of D8>
        """
        chosen = np.asarray(mask).astype(bool)
        if chosen.shape != self.shape:
            raise ModuleMismatchError(
                f"a mask of the {_times(self.shape)} box must have its shape, found {chosen.shape}"
            )
        kept = self.cells[chosen[tuple(self.cells.T)]]
        return Window(self.group, kept, self.matrices, shape=self.shape)

    def __deepcopy__(self, memo: dict[int, Any]) -> Window:
        """Return itself: a window never changes."""
        return self

    def __len__(self) -> int:
        return len(self.cells)

    def __repr__(self) -> str:
        return f"<{self.name} of {shortened(self.group.name)}>"

    @property
    def dimension(self) -> int:
        """The number of the grid's axes."""
        return len(self.shape)

    @property
    def name(self) -> str:
        """A description of the window, such as ``3 x 3 window``."""
        whole = len(self.cells) == math.prod(self.shape)
        box = f"{_times(self.shape)} window"
        return box if whole else f"{len(self.cells)} cells of {box}"

    @cached_property
    def module(self) -> PermutationModule:
        """Fun(K), the functions on the cells, in the order of :attr:`cells`."""
        # the matrices are an action, so what they do to the cells is one
        return module_from_images(self.group, self.images, self.name, proved=True)

    @property
    def point(self) -> PermutationModule:
        """The module of one point that G fixes: the fibre of an ordinary image."""
        return self.module**0

    @property
    def box_cells(self) -> IntArray:
        """``(k_1 ... k_d,)`` the number of the cell at each position in the box, -1 for none."""
        out = np.full(self.shape, -1, dtype=np.intp)
        out[tuple(self.cells.T)] = np.arange(len(self.cells))
        return out.ravel()

    @property
    def specification(self) -> dict[str, Any]:
        """Shape, cells and matrices as JSON data."""
        return {
            "shape": list(self.shape),
            "cells": self.cells.tolist(),
            "matrices": self.matrices.tolist(),
        }

    # -- the grid ------------------------------------------------------------------------------

    @cached_property
    def keeps_boxes(self) -> bool:
        """Whether each matrix permutes the axes up to signs, so that it maps images to images."""
        sizes = abs(self.matrices)
        return bool((sizes.sum(axis=1) == 1).all() and (sizes.sum(axis=2) == 1).all())

    @cached_property
    def linked_axes(self) -> tuple[tuple[int, int], ...]:
        """Pairs of different axes that some generator mixes or exchanges."""
        meets = (self.matrices != 0).any(axis=0)
        pairs = itertools.permutations(range(self.dimension), 2)
        return tuple((a, b) for a, b in pairs if meets[a, b])

    @cached_property
    def turned_axes(self) -> frozenset[int]:
        """Axes whose direction some element of the group reverses, possibly onto another axis."""
        turned = {int(a) for a in np.flatnonzero((self.matrices < 0).any(axis=(0, 2)))}
        grows = True
        while grows:
            more = {a for a, b in self.linked_axes if b in turned} - turned
            more |= {b for a, b in self.linked_axes if a in turned} - turned
            turned |= more
            grows = bool(more)
        return frozenset(turned)

    def _moved_cells(self) -> IntArray:
        """Return ``(generators, |K|)`` the cell to which each generator takes each cell."""
        places = 2 * self.cells - np.array(self.shape) + 1  # twice the place from the centre
        number = {tuple(place): i for i, place in enumerate(places.tolist())}
        images = np.empty((len(self.matrices), len(self.cells)), dtype=np.intp)
        for g, matrix in enumerate(self.matrices):
            for i, place in enumerate((places @ matrix).tolist()):
                if tuple(place) not in number:
                    raise ModuleMismatchError(
                        f"generator {g} of {shortened(self.group.name)} must preserve the window, "
                        f"but takes cell {tuple(self.cells[i].tolist())} of the "
                        f"{_times(self.shape)} box out of it: {places[i].tolist()} half cells from "
                        f"the centre go to {place}"
                    )
                images[g, i] = number[tuple(place)]
        return images


def square_window(group: Group, size: int, dimension: int = 2) -> Window:
    """Return a window with the same size along each axis: a segment, a square or a cube.

    Parameters
    ----------
    group
        A group that determines its action on the grid, see
        :func:`~toolkit.nn.convolution.grid_action.grid_matrices`; for other groups
        :meth:`Window.box` takes matrices.
    size
        The number of cells along each axis.
    dimension
        The number of axes: 1, 2 or 3.

    Returns
    -------
    Window
        The cells, with the group's action on them.

    Raises
    ------
    ModuleMismatchError
        If the number of axes is not 1, 2 or 3, or the group does not determine its action on the
        grid.

    Examples
    --------
    >>> import toolkit as tk
    >>> square_window(tk.group("C4"), 5), square_window(tk.group("C2 wr S3"), 3, dimension=3)
    (<5 x 5 window of C4>, <3 x 3 x 3 window of C2 wr S3>)
    >>> square_window(tk.group("C2"), 3, dimension=1).matrices.tolist()
    [[[-1]]]
    """
    if not isinstance(dimension, int) or not 1 <= dimension <= 3:
        raise ModuleMismatchError(f"a grid has 1, 2 or 3 axes, not {dimension!r}")
    return Window.box(group, (size,) * dimension)


def _placed(cells: ArrayLike, shape: Sequence[int] | None) -> tuple[IntArray, tuple[int, ...]]:
    """Return the cells' places in their box, and the box's shape."""
    given = np.asarray(cells)
    if given.ndim != 2 or not given.size or given.dtype.kind not in "iu" or given.shape[1] > 3:
        raise ModuleMismatchError(
            "cells must be integers of shape (cells, axes) with 1, 2 or 3 axes, found shape "
            f"{given.shape} of {given.dtype}"
        )
    places = given.astype(np.intp)
    if len(np.unique(places, axis=0)) < len(places):
        raise ModuleMismatchError(
            "cells must be at different positions, but two are at the same position"
        )
    if shape is None:
        places = places - places.min(axis=0)
        return places, tuple((places.max(axis=0) + 1).tolist())
    sizes = _sizes(shape)
    if len(sizes) != places.shape[1] or (places < 0).any() or (places >= np.array(sizes)).any():
        raise ModuleMismatchError(
            f"cells must lie in the {_times(sizes)} box, 0-based, found positions from "
            f"{places.min(axis=0).tolist()} to {places.max(axis=0).tolist()}"
        )
    return places, sizes


def _sizes(shape: Sequence[int]) -> tuple[int, ...]:
    if isinstance(shape, int):
        raise ModuleMismatchError(
            f"the shape of a window has a number for each axis, such as ({shape}, {shape}), found "
            f"{shape}"
        )
    sizes = tuple(shape)
    if not 1 <= len(sizes) <= 3 or not all(isinstance(n, int) and n > 0 for n in sizes):
        raise ModuleMismatchError(
            f"the shape of a window is 1, 2 or 3 positive integers, found {sizes!r:.60}"
        )
    return sizes


def _times(sizes: Sequence[int]) -> str:
    return " x ".join(map(str, sizes))
