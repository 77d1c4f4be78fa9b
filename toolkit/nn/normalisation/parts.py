"""The parts of a module that may be scaled separately, and its invariant functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import torch

from toolkit.errors import ModuleMismatchError
from toolkit.library.fourier import fourier_basis
from toolkit.library.invariant_vectors import (
    invariant_coordinates,
    invariant_vectors,
    trivial_rows,
)
from toolkit.modules.invariant_functions import invariant_functions, orbit_numbers
from toolkit.nn.linear.tensors.constants import ConstantModule
from toolkit.nn.linear.tensors.fibre_reductions import FibreReduction
from toolkit.nn.linear.tensors.pull_back import PullBack
from toolkit.nn.linear.tensors.weights import require_choice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.module import Module

Per: TypeAlias = Literal["orbit", "simple", "module"]


def chosen_parts(X: Module, per: Per | None) -> Per:
    """Return the parts that were chosen, by default orbits where there are points, else simples.

    Raises
    ------
    ModuleMismatchError
        If there are no such parts.
    """
    if per is None:
        return "orbit" if X.has_points else "simple"
    require_choice("per", per, ("orbit", "simple", "module"))
    if per == "orbit" and not X.has_points:
        raise ModuleMismatchError(
            f"statistics per orbit need a module with points, found {X.name}, whose coordinates "
            'the group mixes: use per="simple" or per="module"'
        )
    return per


class InvariantParts(ConstantModule):
    """A module as a sum of parts that the group keeps, in coordinates adapted to them.

    Parameters
    ----------
    X
        Any module.
    per
        The parts: orbits of points, isotypic parts of simples, or the module as one part.
    device, dtype
        As in torch.

    Attributes
    ----------
    labels
        Names of the parts: ``"orbit 0"``, ``"L0"``, ``"module"``.
    sizes
        The dimension of each part.
    fixed
        How many invariant functions each part has.
    invariant_count
        The dimension of the invariant functions: their sum.

    Raises
    ------
    NotAvailable
        If a Fourier basis is needed and out of reach.
    """

    def __init__(
        self,
        X: Module,
        per: Per,
        device: torch.device | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__(device, dtype)
        place = (device, dtype)
        self.uses_basis = per == "simple" or not X.has_points
        numbers = np.zeros(X.degree, dtype=np.intp)
        self.labels: tuple[str, ...] = ("module",)
        if self.uses_basis:
            basis = fourier_basis(X)
            self.constant("analysis", np.asarray(basis.matrix))
            self.constant("synthesis", np.asarray(basis.inverse))
        if per == "orbit":
            numbers = orbit_numbers(X.images)
            self.labels = tuple(f"orbit {i}" for i in range(int(numbers.max(initial=-1)) + 1))
        elif per == "simple":
            self.labels = tuple(s.label for s in basis.simples)
            for i, s in enumerate(basis.simples):
                numbers[s.rows] = i
        count = len(self.labels)
        self.sizes = np.bincount(numbers, minlength=count).tolist()
        ones = np.ones(X.degree, dtype=np.int8)
        self.mean_of_part = FibreReduction(numbers, ones, count, "mean", *place)
        self.part_of = PullBack(numbers, None, count, *place)
        # invariant functions
        self.invariant_count: int
        if X.has_points:
            found, signs = invariant_functions(X)
            self.invariant_count = int(found.max(initial=-1)) + 1
            self.signed_mean = FibreReduction(found, signs, self.invariant_count, "mean", *place)
            self.spread = PullBack(found, signs, self.invariant_count, *place)
            shares = np.bincount(found[found >= 0], minlength=self.invariant_count) / X.degree
            fixed = _fixed(trivial_rows(basis) if per == "simple" else None, numbers, found, count)
        else:
            rows = trivial_rows(basis)
            self.invariant_count = len(rows)
            self.constant("reading", invariant_coordinates(X))
            self.constant("writing", invariant_vectors(X))
            shares = np.full(len(rows), 1 / X.degree)
            fixed = np.bincount(numbers[rows], minlength=count)
        self.reads_matrix = not X.has_points
        #: Whether the invariant functions are the constants.
        self.is_constant = bool(
            X.has_points and self.invariant_count == 1 and (signs == 1).all() and len(signs)
        )
        self.fixed: list[int] = fixed.tolist()
        self.constant("part_shares", np.array(self.sizes)[:, None] / max(X.degree, 1))
        self.constant("invariant_shares", shares[:, None].astype(np.float64))

    # coordinates ------------------------------------------------------------------------------

    def coordinates(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., n, C)`` coordinates that lie in one part each, by an orthogonal map."""
        if not self.uses_basis:
            return x
        return torch.matmul(self.table("analysis").to(x.dtype), x)

    def functions(self, coordinates: torch.Tensor) -> torch.Tensor:
        """Return the functions ``(..., n, C)`` with these coordinates."""
        if not self.uses_basis:
            return coordinates
        return torch.matmul(self.table("synthesis").to(coordinates.dtype), coordinates)

    def energies(self, coordinates: torch.Tensor) -> torch.Tensor:
        """Return ``(..., parts, C)``: the mean square of the coordinates in each part."""
        squares = coordinates.square()
        if len(self.labels) == 1:
            return squares.mean(-2, keepdim=True)
        out: torch.Tensor = self.mean_of_part(squares)
        return out

    def scaled(self, coordinates: torch.Tensor, factors: torch.Tensor) -> torch.Tensor:
        """Return coordinates times the factors ``(..., parts, C or 1)`` of their parts."""
        if len(self.labels) != 1:
            factors = self.part_of.read(factors)
        return coordinates * factors

    # invariant functions ----------------------------------------------------------------------

    def means(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., invariants, C)``: the coefficients of the part that G fixes."""
        if self.reads_matrix:
            return torch.matmul(self.table("reading").to(x.dtype), x)
        if self.is_constant:
            return x.mean(-2, keepdim=True)
        out: torch.Tensor = self.signed_mean(x)
        return out

    def invariant(self, coefficients: torch.Tensor) -> torch.Tensor:
        """Return the invariant function of coefficients, ``(..., n, C)`` or, if constant, a row."""
        if self.is_constant:
            return coefficients
        if self.reads_matrix:
            return torch.matmul(self.table("writing").to(coefficients.dtype), coefficients)
        return self.spread.read(coefficients)

    def mean_square(self, energies: torch.Tensor, means: torch.Tensor | None) -> torch.Tensor:
        """Return ``(..., 1, C)``: the mean square over all coordinates.

        Parameters
        ----------
        energies
            ``(..., parts, C)`` after the means were subtracted.
        means
            ``(..., invariants, C)`` what was subtracted, or ``None``.
        """
        out = (energies * self.table("part_shares").to(energies.dtype)).sum(-2, keepdim=True)
        if means is not None and self.invariant_count:
            own = means.square() * self.table("invariant_shares").to(means.dtype)
            out = out + own.sum(-2, keepdim=True)
        return out


def _fixed(
    rows: list[int] | None, numbers: IntArray, found: IntArray, count: int
) -> NDArray[np.int64]:
    """Return how many invariant functions each part has; ``rows`` are those of a basis."""
    if rows is not None:
        return np.bincount(numbers[rows], minlength=count)
    _, first = np.unique(found[found >= 0], return_index=True)
    return np.bincount(numbers[np.flatnonzero(found >= 0)[first]], minlength=count)
