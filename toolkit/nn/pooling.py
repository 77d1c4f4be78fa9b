"""Pooling: from points to orbits, and along equivariant maps of points; and back.

An equivariant map p : X -> Y of G-sets pulls functions on Y back to functions on X, and pools
functions on X to functions on Y: the value at y is the sum, mean or maximum over the fibre of y.
Both commute with G. For the one-point set Y this is invariant pooling; for the cosets of K in H it
goes from G/K to G/H. On signed modules p takes points to points *with signs*; sums and means are
taken with these signs, and there is no maximum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from toolkit.errors import IllegalActivationError, ModuleMismatchError
from toolkit.modules.gset_expressions import Action
from toolkit.modules.gsets.orbitals import Orbitals
from toolkit.modules.invariant_functions import invariant_functions
from toolkit.modules.module import Module
from toolkit.modules.permutation_module import PermutationModule
from toolkit.nn.linear.hom_space import OrbitalHomSpace
from toolkit.nn.linear.tensors.constants import LayerWithConstants
from toolkit.nn.linear.tensors.fibre_reductions import FibreReduction, Reduction
from toolkit.nn.linear.tensors.inputs import wrong_input
from toolkit.nn.linear.tensors.pull_back import PullBack

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from toolkit.modules.gsets.actions import IntArray


def equivariant_point_map(X: Module, Y: Module) -> tuple[IntArray, NDArray[np.int8]]:
    """Return an equivariant map from the points of X to the points of Y, if there is one.

    Parameters
    ----------
    X, Y
        Modules of one group; a permutation module paired with a signed module is treated as signed.

    Returns
    -------
    tuple of numpy.ndarray
        ``(|X|,)`` 0-based points of Y, and ``(|X|,)`` signs, all 1 for permutation modules. If
        there are several maps, the first point of each orbit of X goes to the first possible point
        of Y: for subgroups K < H, the coset K goes to the coset H.

    Raises
    ------
    ModuleMismatchError
        If there is no such map: the stabiliser of a point of X fixes no point of Y.

    Notes
    -----
    Exact. A map of an orbit of X is an orbital of Y x X with one point y for each x.

    Examples
    --------
    >>> import toolkit as tk
    >>> G = tk.group("C6")
    >>> equivariant_point_map(G.regular_module(), G.coset_module([{"word": [0, 0, 0]}]))[0]
    array([0, 1, 2, 0, 1, 2])
    """
    hom_space = OrbitalHomSpace(X, Y)
    X, Y = hom_space.X, hom_space.Y
    points = np.full(X.degree, -1, dtype=np.intp)
    signs = np.ones(X.degree, dtype=np.int8)
    for label in range(hom_space.count):
        rows, columns, factors = _pairs(hom_space, label)
        # one y for each x of the orbit
        if points[columns[0]] < 0 and np.unique(columns).size == columns.size:
            points[columns], signs[columns] = rows, factors
    lost = np.flatnonzero(points < 0)
    if lost.size:
        raise ModuleMismatchError(
            f"no equivariant map of points from {X.name} to {Y.name} of {X.group_title}: the "
            f"stabiliser of point {lost[0]} of the first must fix a point of the second"
        )
    return points, signs


def _pairs(hom_space: OrbitalHomSpace, label: int) -> tuple[IntArray, IntArray, NDArray[np.int8]]:
    """Return rows, columns and signs of one orbital; only the first pair if it is not a map."""
    orbitals = hom_space.orbitals
    if isinstance(orbitals, Orbitals) and orbitals.column_degrees[label] > 1:
        both = np.repeat(orbitals.representatives[label][:, None], 2, axis=1)
        return both[0], both[1], np.ones(2, dtype=np.int8)
    return hom_space.coordinates(label)


class InvariantPooling(LayerWithConstants):
    """An invariant number for each orbit and channel, from functions on X.

    Parameters
    ----------
    X
        A permutation module, signed or not. An orbit of a signed module has an invariant only if
        changing the signs of coordinates can make all its signs 1; other orbits are left out.
    reduction
        ``"mean"``, ``"sum"`` or ``"max"``; the maximum only for modules without signs.
    device, dtype
        As in torch.

    Raises
    ------
    IllegalActivationError
        If the maximum is requested on a signed module.
    ModuleMismatchError
        If X has no points, or an input has the wrong shape.

    Notes
    -----
    Maps ``(..., |X|, C)`` to ``(..., orbits, C)``. The gradient of a maximum is shared between
    equal values.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("S3").natural_module()
    >>> InvariantPooling(X + X**2, "max")(torch.zeros(5, 12, 4)).shape
    torch.Size([5, 3, 4])
    """

    fibres: FibreReduction

    def __init__(
        self,
        X: Module,
        reduction: Reduction = "mean",
        *,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        if isinstance(X, Module) and not X.has_points:
            raise ModuleMismatchError(
                f"pooling is over points, but {X.name} of {X.group_title} is a linear module "
                "without points: use tk.nn.InvariantNorms(V), the norm of each copy of a simple"
            )
        _require_reduction(reduction, X)
        numbers, signs = invariant_functions(X)
        super().__init__()
        self.X, self.reduction = X, reduction
        self.size = int(numbers.max(initial=-1)) + 1
        self.keep("fibres", FibreReduction(numbers, signs, self.size, reduction, device, dtype))

    @property
    def Y(self) -> PermutationModule:
        """The trivial module with a point for each invariant.

        Raises
        ------
        ModuleMismatchError
            If X has no invariants.
        """
        if self.size == 0:
            raise ModuleMismatchError(f"{self.X.name} of {self.X.group_title} has no invariants")
        images = np.tile(np.arange(self.size), (len(self.X.images), 1))
        return PermutationModule(self.X.home, f"orbits of {self.X.name}", self.size, Action(images))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., orbits, C)`` for ``x`` of shape ``(..., |X|, C)``."""
        _require_points(x, self.X)
        self.fibres.follow(x)
        return self.fibres.forward(x)  # there are no hooks to run

    def extra_repr(self) -> str:
        """Describe the module and the reduction."""
        return f"{self.reduction} over {self.size} orbits of {self.X.name} of {self.X.group_title}"


class EquivariantPooling(LayerWithConstants):
    """Pooling from functions on X to functions on Y, along an equivariant map of points.

    Parameters
    ----------
    X, Y
        Modules of one group. A permutation module paired with a signed module is treated as signed.
    reduction
        ``"mean"``, ``"sum"`` or ``"max"`` over each fibre; the maximum only for modules without
        signs. The value at a point of Y with an empty fibre is 0.
    point_map
        ``(|X|,)`` the 0-based point of Y that each point of X goes to; by default
        :func:`equivariant_point_map` finds one.
    point_signs
        ``(|X|,)`` its sign, 1 or -1, for signed modules; by default all 1.
    device, dtype
        As in torch.

    Raises
    ------
    ModuleMismatchError
        If the map is not equivariant, or if there is no equivariant map.

    Examples
    --------
    From the eight elements of D8 to the four corners of the square:

    >>> import torch, toolkit as tk
    >>> G = tk.group("D8")
    >>> pool = EquivariantPooling(G.regular_module(), G.natural_module(), "max")
    >>> pool(torch.zeros(5, 8, 3)).shape
    torch.Size([5, 4, 3])
    """

    fibres: FibreReduction

    def __init__(
        self,
        X: Module,
        Y: Module,
        reduction: Reduction = "mean",
        *,
        point_map: ArrayLike | None = None,
        point_signs: ArrayLike | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        X, Y, points, signs = _checked_map(X, Y, point_map, point_signs)
        _require_reduction(reduction, X, signs)
        super().__init__()
        self.X, self.Y, self.reduction = X, Y, reduction
        self.keep("fibres", FibreReduction(points, signs, Y.degree, reduction, device, dtype))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., |Y|, C)`` for ``x`` of shape ``(..., |X|, C)``."""
        _require_points(x, self.X)
        self.fibres.follow(x)
        return self.fibres.forward(x)  # there are no hooks to run

    def extra_repr(self) -> str:
        """Describe the modules and the reduction."""
        return (
            f"{self.X.name} -> {self.Y.name} of {self.X.group_title}, {self.reduction} over fibres"
        )


class EquivariantUnpooling(LayerWithConstants):
    """The pull-back of functions on X to functions on Y, along a map of points Y -> X.

    Parameters
    ----------
    X
        The module of the input, usually with fewer points.
    Y
        The module of the output.
    point_map, point_signs
        ``(|Y|,)`` the 0-based point of X that each point of Y reads, and its sign; as for
        :class:`EquivariantPooling` from Y to X, whose transpose (for sums) this is.
    device, dtype
        As in torch.

    Raises
    ------
    ModuleMismatchError
        If the map is not equivariant, or if there is no equivariant map.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> G = tk.group("C6")
    >>> few, many = G.coset_module([{"word": [0, 0, 0]}]), G.regular_module()
    >>> EquivariantUnpooling(few, many)(torch.tensor([[1.0], [2.0], [3.0]])).flatten().tolist()
    [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]
    """

    pull_back: PullBack

    def __init__(
        self,
        X: Module,
        Y: Module,
        *,
        point_map: ArrayLike | None = None,
        point_signs: ArrayLike | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        Y, X, points, signs = _checked_map(Y, X, point_map, point_signs)
        self.X, self.Y = X, Y
        where = None if device is None else torch.device(device)
        self.keep("pull_back", PullBack(points, signs, X.degree, where, dtype))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., |Y|, C)`` for ``x`` of shape ``(..., |X|, C)``."""
        _require_points(x, self.X)
        self.pull_back.follow(x)
        return self.pull_back.read(x)

    def extra_repr(self) -> str:
        """Describe the modules."""
        return f"{self.X.name} -> {self.Y.name} of {self.X.group_title}"


def _checked_map(
    X: Module, Y: Module, point_map: ArrayLike | None, point_signs: ArrayLike | None
) -> tuple[Module, Module, IntArray, NDArray[np.int8]]:
    """Return the modules, both signed or neither, and a map that is equivariant."""
    hom_space = OrbitalHomSpace(X, Y)
    X, Y = hom_space.X, hom_space.Y
    if point_map is None:
        if point_signs is not None:
            raise ModuleMismatchError("signs of points require a map of points")
        return X, Y, *equivariant_point_map(X, Y)
    points = np.asarray(point_map)
    signs = np.ones(X.degree) if point_signs is None else np.asarray(point_signs)
    if points.shape != (X.degree,) or points.dtype.kind not in "iu":
        raise ModuleMismatchError(
            f"a map of points of {X.name} has {X.degree} integers, found shape {points.shape} "
            f"of {points.dtype}"
        )
    if int(points.min()) < 0 or int(points.max()) >= Y.degree:
        raise ModuleMismatchError(
            f"points of {Y.name} are 0 to {Y.degree - 1}, found {points.min()} to {points.max()}"
        )
    if signs.shape != (X.degree,) or not np.isin(signs, (1, -1)).all():
        raise ModuleMismatchError(
            f"signs must be {X.degree} numbers 1 or -1, found shape {signs.shape}"
        )
    points, factors = points.astype(np.intp), signs.astype(np.int8)
    if not hom_space.is_signed and (factors != 1).any():
        raise ModuleMismatchError(f"{X.name} and {Y.name} have no signs, but -1 was given")
    for g in range(len(X.images)):
        # x to (p(x), s(x)), then g, must be the same as g, then (p, s)
        wrong = points[X.images[g]] != Y.images[g][points]
        wrong |= factors * Y.signs[g][points] != X.signs[g] * factors[X.images[g]]
        if wrong.any():
            x = int(np.flatnonzero(wrong)[0])
            raise ModuleMismatchError(
                f"the map of points is not equivariant: generator {g} takes point {x} of {X.name} "
                f"to {X.images[g, x]}, which goes to {points[X.images[g, x]]}, but its image "
                f"{points[x]} in {Y.name} to {Y.images[g, points[x]]}"
                + (", or signs differ" if hom_space.is_signed else "")
            )
    return X, Y, points, factors


def _require_reduction(reduction: str, X: Module, signs: NDArray[np.int8] | None = None) -> None:
    if reduction not in ("mean", "sum", "max"):
        raise ModuleMismatchError(f"reduction must be mean, sum or max, not {reduction!r}")
    if reduction != "max":
        return
    minus = np.argwhere(X.signs < 0)
    if len(minus) or (signs is not None and (signs < 0).any()):
        g, x = minus[0].tolist() if len(minus) else (0, 0)
        raise IllegalActivationError(
            "max over points",
            f"generator {g} changes the sign of point {x} of {X.name}",
            'use "mean" or "sum", or pool the permutation module .cover, where every point and '
            "its negative are two points",
        )


def _require_points(x: torch.Tensor, X: Module) -> None:
    if x.dim() < 2 or x.shape[-2] != X.degree:
        raise wrong_input(x, X)
