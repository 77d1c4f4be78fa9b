r"""Equivariant piecewise-linear maps between simples: include, activate, project.

For X = G/H, w in L^H and u in K^H

.. math:: \varphi(v) = \sum_{x = gH} f(\langle v, gw \rangle)\, gu

is an equivariant map L -> K: v is included in Fun(X), f is applied to every coordinate, and the
result is projected to K. For f(t) = a\|t\| + bt it is piecewise linear. It breaks on the planes
orthogonal to the gw, at every one of them or at none (G permutes them); in each region between
them it is a matrix, and G permutes regions and matrices. Sums of such maps are of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from toolkit.errors import ModuleMismatchError, NotAvailable, UnsupportedActivationError
from toolkit.modules.gsets import IntArray
from toolkit.modules.spherical import SphericalTable
from toolkit.pl.activations import Activation
from toolkit.pl.arrangement import Arrangement, arrangement
from toolkit.pl.exact_gram import match_values
from toolkit.pl.hyperplanes import Lines, find_lines
from toolkit.pl.pl_map_zero import Pairing, ZeroVerdict, decide_zero
from toolkit.pl.regions import Certainty, RegionCount, RegionOrbit, number_of_regions, region_orbits

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike

    from toolkit.pl.exact_gram import ExactGram

__all__ = ["Bound", "LinearPiece", "PLMap", "Painter", "Simple"]


@dataclass(frozen=True, eq=False)
class Simple:
    """A simple as matrices.

    Parameters
    ----------
    label
        ``"L3"``.
    dimension
        Of it.
    models
        ``(k, d, d)`` the orthogonal matrices of the group's generators.
    """

    label: str
    dimension: int
    models: NDArray[np.float64]


@dataclass(frozen=True)
class Bound:
    """A number and how it is known.

    Parameters
    ----------
    value
        The number.
    certainty
        ``"exact"`` (up to rounding of float64) or ``"upper bound"``.
    """

    value: float
    certainty: Certainty

    def __float__(self) -> float:
        """Return the number."""
        return self.value

    def __str__(self) -> str:
        return f"{self.value:.6g} ({self.certainty})"


@dataclass(frozen=True, eq=False)
class LinearPiece:
    """What the map is on one orbit of regions.

    Parameters
    ----------
    region
        A region of the orbit: a point inside, the orbit's size, the sides of the hyperplanes.
    matrix
        ``(e, d)`` the map there. At g times the point it is rho_K(g) matrix rho_L(g)^-1.
    """

    region: RegionOrbit
    matrix: NDArray[np.float64]

    @property
    def size(self) -> int:
        """How many regions the orbit has."""
        return self.region.size


class Painter(Protocol):
    """What draws a map: pictures are made in another room and handed in."""

    def __call__(self, phi: PLMap, path: str | Path | None, kind: str) -> Any:  # noqa: ANN401
        """Draw the map, into a file unless ``path`` is ``None``."""


@dataclass(frozen=True, eq=False, repr=False)
class PLMap:
    """An equivariant map between simples, made by :func:`toolkit.pl_map`.

    Parameters
    ----------
    group, module
        Names.
    source, target
        The simples L and K.
    activation
        f.
    vectors, covectors
        ``(N, d)`` and ``(N, e)``: per point x = gH the vectors gw and gu.
    images
        ``(k, N)`` what the generators do to the points, 0-based; rho(g) w_{x^g} = w_x.
    table
        Spherical table of X; ``None`` for a sum of maps.
    pairing
        Whether w and u belong to one copy of L = K, to different ones, or it is not known.
    units
        ``(dim D, d, d)`` a basis of End_G(L) if K = L, else ``None``.
    painter
        What :meth:`plot` calls.

    Examples
    --------
    The absolute value on a plane with three mirrors, S3 on three points:

    >>> import toolkit as tk
    >>> phi = tk.pl_map(tk.group("S3").natural_module(), "L2", "L0", "abs")
    >>> phi
    <L2 -> L0 through abs on 3 points of S3: 3 lines, 6 regions>
    >>> phi.is_zero, len(phi.matrices), phi.matrices[0].matrix.shape
    (False, 2, (1, 2))
    """

    group: str
    module: str
    source: Simple
    target: Simple
    activation: Activation
    vectors: NDArray[np.float64]
    covectors: NDArray[np.float64]
    images: IntArray
    table: SphericalTable | None = None
    pairing: Pairing = "unknown"
    units: NDArray[np.float64] | None = None
    painter: Painter | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        head = f"{self.title} on {self.module} of {self.group}"
        if self.is_zero:
            return f"<{head}: zero>"
        if self.slopes is None:
            return f"<{head}>"
        if self.is_linear:
            return f"<{head}: linear>"
        words = {1: "points", 2: "lines", 3: "planes"}
        many = len(self.hyperplanes)
        kind = words.get(self.source.dimension, "hyperplanes")
        kind = kind[:-1] if many == 1 else kind
        return f"<{head}: {many} {kind}, {self.regions.count} regions>"

    @property
    def title(self) -> str:
        """``L3 -> L1 through relu``."""
        return f"{self.source.label} -> {self.target.label} through {self.activation.name}"

    # values -----------------------------------------------------------------------------------

    def __call__(self, v: Any) -> Any:  # noqa: ANN401 - an array of the caller's own library
        """Apply the map.

        Parameters
        ----------
        v
            ``(..., d)``: a numpy array (or what becomes one), or a torch tensor, which stays one:
            its dtype, device and gradients are kept.

        Returns
        -------
        array or tensor
            ``(..., e)``.

        Raises
        ------
        ModuleMismatchError
            If the last axis is not as long as L.
        """
        tensor = hasattr(v, "new_tensor")
        point: Any = v if tensor else np.asarray(v, dtype=np.float64)
        d = self.source.dimension
        if not point.ndim or point.shape[-1] != d:
            raise ModuleMismatchError(
                f"{self.source.label} has dimension {d}: an array of shape (..., {d}) is required, "
                f"found {tuple(point.shape)}"
            )
        if not tensor:
            return self.activation(point @ self.vectors.T) @ self.covectors
        inner = point @ point.new_tensor(self.vectors).T
        covectors = point.new_tensor(self.covectors)
        if self.slopes is None:
            raise UnsupportedActivationError(
                f"on tensors only activations a|t| + bt are applied, not {self.activation.name}: "
                "convert to numpy"
            )
        a, b = self.slopes
        return (a * abs(inner) + b * inner) @ covectors

    def at(self, v: ArrayLike) -> NDArray[np.float64]:
        r"""Return the matrix ``(e, d)`` of the map near a vector on no breaking hyperplane.

        Raises
        ------
        UnsupportedActivationError
            If the activation is not a\|t\| + bt.
        ValueError
            If the vector lies on a hyperplane, up to 1e-12 times its length.
        """
        vector = np.asarray(v, dtype=np.float64)
        if vector.shape != (self.source.dimension,):
            raise ModuleMismatchError(
                f"one vector of {self.source.label} is required, of shape "
                f"({self.source.dimension},), found {vector.shape}"
            )
        inner = self.hyperplanes @ vector
        if (np.abs(inner) <= 1e-12 * np.linalg.norm(vector)).any():
            raise ValueError("the map is not differentiable on a breaking hyperplane")
        return self._matrix_between(np.sign(inner))

    def _matrix_between(self, sides: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the matrix on these sides of the breaking hyperplanes."""
        signs = np.zeros(len(self.lines))
        signs[self._broken] = sides
        return self._matrix(signs)

    def _matrix(self, signs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the matrix where the lines have these signs, 0 for lines without a kink."""
        a, b = self._slopes_or_error("matrices")
        kinks = self.lines.sums(self.covectors, even=True)
        out: NDArray[np.float64] = b * self.covectors.T @ self.vectors
        return out + a * (kinks * signs[:, None]).T @ self.lines.normals

    def __add__(self, other: PLMap) -> PLMap:
        r"""Return the sum of two maps between the same simples, which is one again.

        Raises
        ------
        ModuleMismatchError
            If source, target or activation differ, or the activation is not a\|t\| + bt.
        """
        if not isinstance(other, PLMap):
            return NotImplemented
        mine, theirs = ((m.group, m.source.label, m.target.label) for m in (self, other))
        if mine != theirs or self.slopes is None or self.slopes != other.slopes:
            raise ModuleMismatchError(
                "maps are added if group, simples and activation a|t| + bt are the same, found "
                f"{self!r} and {other!r}"
            )
        return PLMap(
            self.group,
            f"{self.module} + {other.module}",
            self.source,
            self.target,
            self.activation,
            np.concatenate([self.vectors, other.vectors]),
            np.concatenate([self.covectors, other.covectors]),
            np.concatenate([self.images, other.images + len(self.vectors)], axis=1),
            units=self.units,
            painter=self.painter,
        )

    # what it is like ----------------------------------------------------------------------------

    @cached_property
    def slopes(self) -> tuple[float, float] | None:
        r"""A and b if the activation is a\|t\| + bt; ``None`` for others."""
        f = self.activation
        return (f.even, f.linear) if f.is_positively_homogeneous else None

    @property
    def is_homogeneous(self) -> bool:
        """Whether phi(tv) = t phi(v) for t >= 0."""
        return self.slopes is not None

    @cached_property
    def lines(self) -> Lines:
        r"""The lines of the gw: \|G : U_w\| many, where U_w = {g : gw = w or -w}."""
        return find_lines(f"{self.group}, {self.title}", self.vectors, self.images)

    @property
    def normals(self) -> NDArray[np.float64]:
        """``(n, d)`` a unit vector on each line of the gw, whether the map breaks there or not."""
        return self.lines.normals

    @cached_property
    def zero(self) -> ZeroVerdict:
        """Whether the map is zero, part by part, with reasons: :mod:`toolkit.pl.pl_map_zero`."""
        return decide_zero(
            self.activation.even_part,
            self.activation.odd_part,
            self.lines,
            self.vectors,
            self.covectors,
            self.units,
            self.table,
            (self.source.label, self.target.label),
            self.pairing,
        )

    @property
    def is_zero(self) -> bool:
        """Whether phi = 0; ``zero.certainty`` says how that is known."""
        return self.zero.is_zero

    @property
    def is_linear(self) -> bool:
        """Whether the map is linear (0 is): it breaks nowhere."""
        return self.slopes is not None and self.zero.vanishes("even")

    @cached_property
    def hyperplanes(self) -> NDArray[np.float64]:
        """``(n, d)`` unit normals of the hyperplanes on which the map breaks.

        One normal for each line of the gw if the even part contributes, none if it does not: G
        permutes the lines. For a sum of maps those on which the kinks do not cancel.
        """
        return self.lines.normals[self._broken]

    @cached_property
    def _broken(self) -> IntArray:
        self._slopes_or_error("hyperplanes")
        if self.zero.vanishes("even"):
            return np.empty(0, dtype=np.intp)
        kinks = np.linalg.norm(self.lines.sums(self.covectors, even=True), axis=1)
        return np.flatnonzero(kinks > 1e-9 * kinks.max())

    @cached_property
    def arrangement(self) -> Arrangement:
        """The arrangement of the breaking hyperplanes."""
        return arrangement(self.hyperplanes, self._gram())

    def _gram(self) -> ExactGram | None:
        """Return the inner products of the normals exactly: values of phi_L if L occurs once."""
        if self.table is None:
            return None
        simple = self.table.simple(self.source.label)
        if simple.multiplicity != 1:
            return None
        values = tuple(self.table.values[i] for i in sorted(set(simple.row)))
        return match_values(self.normals @ self.normals.T, values)

    @cached_property
    def regions(self) -> RegionCount:
        """The number of regions on which the map is linear, and how it is known.

        Notes
        -----
        Zaslavsky's number where that takes at most 20,000 restrictions, always in dimension 1, 2
        and 3; beyond a lower bound from samples. Exact where L occurs once in Fun(X), for then
        the inner products of the normals are known exactly.
        """
        if not len(self.hyperplanes):
            return RegionCount(1, self.zero.certainty, "the map is linear")
        return number_of_regions(self.arrangement, self._broken_lines)

    @cached_property
    def _broken_lines(self) -> Lines:
        """The lines on which the map breaks, renumbered."""
        lines, kept = self.lines, self._broken
        if len(kept) == len(lines):
            return lines
        place = np.full(len(lines) + 1, -1, dtype=np.intp)
        place[kept] = np.arange(len(kept))
        return Lines(
            lines.normals[kept],
            lines.first_points[kept],
            place[lines.line_of_point],
            lines.factors,
            place[lines.moves[:, kept]],
            lines.turns[:, kept],
        )

    @cached_property
    def matrices(self) -> tuple[LinearPiece, ...]:
        """One linear piece for each G-orbit of regions.

        Raises
        ------
        NotAvailable
            If the number of regions is not known exactly, or larger than 60,000.

        Notes
        -----
        All regions are listed, and their number is checked against Zaslavsky's.
        """
        if self.regions.certainty == "lower bound":
            raise NotAvailable(
                self.group,
                f"all matrices of {self.title}",
                f"it has at least {self.regions.count} regions: ask for the matrix .at a vector",
            )
        if not len(self.hyperplanes):
            point = np.eye(self.source.dimension)[0]
            whole = RegionOrbit(point, 1, np.empty(0, dtype=np.int8), float("inf"))
            return (LinearPiece(whole, self._matrix_between(np.empty(0))),)
        found = region_orbits(self.arrangement, self._broken_lines, self.regions.count)
        return tuple(LinearPiece(r, self._matrix_between(r.signs.astype(float))) for r in found)

    @cached_property
    def lipschitz(self) -> Bound:
        """The Lipschitz constant, the largest operator norm of a linear piece.

        Notes
        -----
        From all pieces where there are at most 60,000 regions; otherwise an upper bound: the
        operator norms of inclusion and projection times the steepest slope of f.
        """
        a, b = self._slopes_or_error("the Lipschitz constant")
        if self.regions.certainty != "lower bound" and self.regions.count <= _LISTED:
            norms = [np.linalg.norm(piece.matrix, 2) for piece in self.matrices]
            return Bound(float(max(norms)), "exact")
        into = np.linalg.norm(self.vectors, 2)
        out = np.linalg.norm(self.covectors, 2)
        return Bound(float(into * out) * max(abs(a + b), abs(a - b)), "upper bound")

    def _slopes_or_error(self, what: str) -> tuple[float, float]:
        if self.slopes is None:
            raise UnsupportedActivationError(
                f"{what} of a map belong to piecewise-linear activations a|t| + bt (relu, abs, "
                f"leaky_relu), not to {self.activation.name}"
            )
        return self.slopes

    # pictures -----------------------------------------------------------------------------------

    def plot(self, path: str | Path | None = None, kind: str = "auto") -> Any:  # noqa: ANN401
        """Draw the map; see :func:`toolkit.explore.map_picture.draw_pl_map`.

        Parameters
        ----------
        path
            A file ending in ``.svg``, ``.png`` or ``.pdf``; ``None`` for no file.
        kind
            ``"auto"``, or one of the kinds named there.

        Returns
        -------
        matplotlib.figure.Figure
            The picture.
        """
        if self.painter is None:
            raise NotAvailable(
                self.group, "a picture", "this map was made without a painter: use toolkit.pl_map"
            )
        return self.painter(self, path, kind)


_LISTED = 60_000
