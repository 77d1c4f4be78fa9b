r"""Equivariant piecewise-linear maps between simples: include, activate, project.

For X = G/H, w in L^H and u in K^H

.. math:: \varphi(v) = \sum_{x = gH} f(\langle v, gw \rangle)\, gu

is an equivariant map L -> K: v is included in Fun(X), f is applied to every coordinate, and the
result is projected to K. For f(t) = a\|t\| + bt it is piecewise linear and homogeneous. It breaks
on the hyperplanes orthogonal to the gw, at every one of them or at none (G permutes them); in each
region between them it is a matrix, and G permutes regions and matrices. Sums of such maps are of
the same kind. If f is piecewise affine with kinks elsewhere (relu6, hardtanh, the shrinks) the
hyperplanes are moved off the origin in parallel families, and a constant comes with each matrix:
:mod:`toolkit.pl.maps.breaks`. Any other f gives an equivariant map without regions.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from toolkit.cached import cached_property
from toolkit.errors import ModuleMismatchError, NotAvailable, UnsupportedActivationError
from toolkit.modules.gsets.actions import IntArray
from toolkit.modules.spherical import SphericalTable
from toolkit.pl.activations.activation import Activation
from toolkit.pl.activations.affine_pieces import Pieces, affine_pieces, jumping_kinks
from toolkit.pl.arrangements.counting import Arrangement, counting_cost
from toolkit.pl.arrangements.hyperplanes import Lines, find_lines
from toolkit.pl.arrangements.regions import MOST_LISTED
from toolkit.pl.maps.breaks import Breaks, affine_breaks, central_breaks
from toolkit.pl.maps.evaluation import at_array, at_tensor, real_vectors
from toolkit.pl.maps.pieces import Bound, LinearPiece, arrangement_of, count_of, pieces_of
from toolkit.pl.maps.zero import Pairing, ZeroVerdict, decide_zero, least_stabiliser, worst

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike

    from toolkit.pl.arrangements.regions import Certainty, RegionCount

_QUICK = 2e8  # multiplications that may be spent on a repr


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
    copy
        Which copy of it in the module, in words: ``"copy 1 of 2"``, ``"generic copy, of 2"``,
        ``"given vector"``; empty if there is one copy, or for a sum of maps.
    """

    label: str
    dimension: int
    models: NDArray[np.float64]
    copy: str = ""

    @property
    def name(self) -> str:
        """The label, with the copy if a special one was chosen: ``"L2 (copy 1 of 2)"``."""
        special = self.copy and not self.copy.startswith("generic")
        return f"{self.label} ({self.copy})" if special else self.label


class Painter(Protocol):
    """A function that draws a map; pictures are made in another room."""

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
        ``(k, N)`` images of the points under the generators, 0-based; rho(g) w_{x^g} = w_x.
    table
        Spherical table of X; ``None`` for a sum of maps.
    pairing
        Whether w and u belong to one copy of L = K, to different ones, or it is not known.
    units
        ``(dim D, d, d)`` a basis of End_G(L) if K = L, else ``None``.
    painter
        The function that :meth:`plot` calls.
    group_title
        What is displayed as the group's name, if it is another.

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
    group_title: str = ""

    def __repr__(self) -> str:
        head = f"{self.title} on {self.module} of {self.group_title or self.group}"
        many, d = self.vectors.shape
        if many * many * d > _QUICK and "lines" not in self.__dict__:
            return f"<{head}>"
        if self.is_zero:
            return f"<{head}: zero>"
        if self.pieces is None:
            return f"<{head}>"
        if self.is_linear:
            return f"<{head}: linear>"
        words = {1: "points", 2: "lines", 3: "planes"}
        n = len(self.hyperplanes)
        if not n:
            return f"<{head}: affine>"
        kind = words.get(d, "hyperplanes")
        kind = kind[:-1] if n == 1 else kind
        quick = counting_cost(n, d + 1) <= 2000 and n <= 200
        if not quick and "regions" not in self.__dict__:
            return f"<{head}: {n} {kind}>"
        return f"<{head}: {n} {kind}, {self.regions.words} regions>"

    @property
    def title(self) -> str:
        """``L3 -> L1 through relu``; a special copy is named: ``L2 (copy 1 of 2) -> L1 ...``."""
        return f"{self.source.name} -> {self.target.name} through {self.activation.name}"

    # values -----------------------------------------------------------------------------------

    def __call__(self, v: Any) -> Any:  # noqa: ANN401 - an array of the caller's own library
        """Apply the map.

        Parameters
        ----------
        v
            ``(..., d)``: a numpy array (or what becomes one), or a torch tensor, which stays one:
            its dtype, device and gradients are kept. Integers become floats.

        Returns
        -------
        array or tensor
            ``(..., e)``.

        Raises
        ------
        ModuleMismatchError
            If the last axis is not as long as L, or the numbers are not real.
        UnsupportedActivationError
            If the activation is a function that does not take tensors, and a tensor is given.

        Notes
        -----
        Where f jumps (sign, heaviside, hardshrink), an inner product <v, gw> within rounding of a
        jump is replaced by the jump, so that a map that is zero is zero on its hyperplanes too.
        """
        rest = self.jumping_kinks, self.vectors, self.covectors
        if not hasattr(v, "new_tensor"):
            points = real_vectors(self.source.label, v)
            self.require_shape(points.shape)
            return at_array(points, self.activation, *rest)
        self.require_shape(tuple(v.shape))
        if v.is_complex():
            raise ModuleMismatchError(
                f"vectors of {self.source.label} are real numbers, found a tensor of {v.dtype}"
            )
        return at_tensor(v, self.activation.on_tensors, *rest)

    @cached_property
    def jumping_kinks(self) -> NDArray[np.float64]:
        """``(k,)`` the kinks at which the activation jumps, or may jump."""
        return jumping_kinks(self.activation)

    def require_shape(self, shape: tuple[int, ...]) -> None:
        """Raise ModuleMismatchError unless the last axis is as long as L."""
        d = self.source.dimension
        if not shape or shape[-1] != d:
            raise ModuleMismatchError(
                f"{self.source.label} has dimension {d}: an array of shape (..., {d}) is required, "
                f"found {tuple(shape)}"
            )

    def at(self, v: ArrayLike) -> NDArray[np.float64]:
        """Return the matrix ``(e, d)`` of the map near a vector on no breaking hyperplane.

        Where the activation is not a|t| + bt the map is the matrix and a constant there.

        Raises
        ------
        UnsupportedActivationError
            If the activation is not piecewise affine.
        ModuleMismatchError
            If it is not one finite vector of L.
        ValueError
            If the vector lies on a hyperplane, up to 1e-12 times its length.
        """
        vector = real_vectors(self.source.label, v)
        if vector.shape != (self.source.dimension,) or not np.isfinite(vector).all():
            raise ModuleMismatchError(
                f"one vector of {self.source.label} is required, of shape "
                f"({self.source.dimension},) and finite, found {np.array2string(vector)[:60]}"
            )
        inner = self.hyperplanes @ vector
        reach = np.linalg.norm(vector) + np.abs(self.offsets).max(initial=0.0)
        near = np.abs(inner - self.offsets) <= 1e-12 * reach
        if near.any():
            raise ValueError("the map is not differentiable on a breaking hyperplane")
        return self.piece_at(vector)[0]

    def piece_at(
        self, vector: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the matrix and the constant near a vector on no breaking hyperplane."""
        pieces = self.pieces_or_error("matrices")
        inner = self.vectors @ vector
        # at kinks of f that cancel, the mean of both sides remains
        lengths = np.linalg.norm(self.vectors, axis=1) * np.linalg.norm(vector)
        slack = 5e-13 * (lengths + np.abs(pieces.kinks).max(initial=0.0))
        below, above = pieces.at(inner - slack), pieces.at(inner + slack)
        slopes, intercepts = (below[0] + above[0]) / 2, (below[1] + above[1]) / 2
        matrix: NDArray[np.float64] = (self.covectors * slopes[:, None]).T @ self.vectors
        return matrix, self.covectors.T @ intercepts

    def __add__(self, other: PLMap) -> PLMap:
        r"""Return the sum of two maps between the same simples, again such a map.

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
            replace(self.source, copy=""),
            replace(self.target, copy=""),
            self.activation,
            np.concatenate([self.vectors, other.vectors]),
            np.concatenate([self.covectors, other.covectors]),
            np.concatenate([self.images, other.images + len(self.vectors)], axis=1),
            units=self.units,
            painter=self.painter,
            group_title=self.group_title,
        )

    # properties ----------------------------------------------------------------------------

    @cached_property
    def slopes(self) -> tuple[float, float] | None:
        r"""A and b if the activation is a\|t\| + bt; ``None`` for others."""
        f = self.activation
        return (f.even, f.linear) if f.is_positively_homogeneous else None

    @cached_property
    def pieces(self) -> Pieces | None:
        """The affine pieces of the activation; ``None``, and no regions, if it has none."""
        return affine_pieces(self.activation)

    @property
    def is_piecewise_linear(self) -> bool:
        """Whether the activation, and so the map, is piecewise affine."""
        return self.pieces is not None

    @property
    def is_homogeneous(self) -> bool:
        """Whether phi(tv) = t phi(v) for t >= 0."""
        return self.slopes is not None

    @cached_property
    def lines(self) -> Lines:
        r"""The \|G : U_w\| lines of the gw, where U_w = {g : gw = w or -w}."""
        return find_lines(f"{self.group}, {self.title}", self.vectors, self.images)

    @cached_property
    def lines_are(self) -> Certainty:
        r"""How it is known which of the gw span the same line.

        ``"exact"`` if no two do, in dimension 1, or if there are as many lines as there can be:
        \|G : U_L\|, an integer from the spherical table. Then U_w is the least possible, U_L.
        ``"numerical"`` otherwise: vectors within 1e-9 were taken as one line.
        """
        many, points = len(self.lines), len(self.vectors)
        if many == points or self.source.dimension == 1:
            return "exact"
        if self.table is None:
            return "numerical"
        proved = many * least_stabiliser(self.table, self.source.label) == self.table.group_order
        return "exact" if proved else "numerical"

    @property
    def normals(self) -> NDArray[np.float64]:
        """``(n, d)`` a unit vector on each line of the gw, whether the map breaks there or not."""
        return self.lines.normals

    @cached_property
    def zero(self) -> ZeroVerdict:
        """Whether the map is zero, part by part, with reasons: :mod:`toolkit.pl.maps.zero`."""
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
            self.activation.parts_are,
        )

    @property
    def is_zero(self) -> bool:
        """Whether phi = 0; ``zero.certainty`` says how that is known."""
        return self.zero.is_zero

    @property
    def is_linear(self) -> bool:
        """Whether the map is linear (0 is): it breaks nowhere, and takes 0 to 0."""
        if self.pieces is None or len(self.hyperplanes):
            return False
        if self.pieces.at_zero == 0:
            return True
        total = np.linalg.norm(self.covectors.sum(axis=0))
        return bool(total <= 1e-9 * np.linalg.norm(self.covectors, axis=1).sum())

    @cached_property
    def breaks(self) -> Breaks:
        """The breaking hyperplanes with the action of the group on them."""
        pieces = self.pieces_or_error("hyperplanes")
        if pieces.is_central:
            return central_breaks(pieces, self.lines, self.covectors, none=self._has_no_kinks)
        return affine_breaks(pieces, self.lines, self.vectors, self.covectors)

    @property
    def _has_no_kinks(self) -> bool:
        if self.slopes is not None:
            return self.zero.vanishes("even")
        return self.zero.vanishes("even") and self.zero.vanishes("odd")

    @property
    def hyperplanes(self) -> NDArray[np.float64]:
        r"""``(n, d)`` unit normals of the hyperplanes on which the map breaks.

        For a\|t\| + bt one normal for each line of the gw if the even part contributes, none if it
        does not: G permutes the lines. For a sum of maps those on which the kinks do not cancel.
        """
        return self.breaks.normals

    @property
    def offsets(self) -> NDArray[np.float64]:
        r"""``(n,)``: the map breaks on <v, normal> = offset. All 0 for a\|t\| + bt."""
        return self.breaks.offsets

    @cached_property
    def arrangement(self) -> Arrangement:
        """The arrangement of the breaking hyperplanes; the cone over it if they miss the origin.

        The cone has one coordinate more, and the hyperplane at infinity last.
        """
        return arrangement_of(self.breaks, self.table, self.source.label)

    @property
    def breaks_are(self) -> Certainty:
        """How it is known where the map breaks."""
        decisive = ("even",) if self.slopes is not None else ("even", "odd")
        found = [p.certainty for p in self.zero.parts if p.part in decisive]
        summed = self.table is None and len(self.hyperplanes) < len(self.lines)
        known = ["numerical"] if summed else found or [self.activation.parts_are]
        return worst([*known, self.lines_are])

    @cached_property
    def regions(self) -> RegionCount:
        """The number of regions on which the map is linear (or affine), and how it is known.

        Raises
        ------
        UnsupportedActivationError
            If the activation is not piecewise affine.

        Notes
        -----
        Zaslavsky's number in dimension up to 3, in dimension 4 up to 448 hyperplanes, and
        beyond where it takes some seconds; otherwise, and where hyperplanes are too close for
        float64 to tell where they meet, a lower bound: see
        :func:`~toolkit.pl.arrangements.regions.number_of_regions`. Exact only if it is proved
        which normals are proportional (:attr:`lines_are`) and where hyperplanes meet: so where L
        occurs once in Fun(X), for then the inner products of the normals are known exactly, and
        for generic normals in general position. Vectors on lines that were only taken as one, and
        that differ by more than rounding, make the number a lower bound.
        """
        merged = 0.0 if self.lines_are == "exact" else self.lines.spread
        return count_of(self.breaks, lambda: self.arrangement, self.breaks_are, merged)

    @cached_property
    def matrices(self) -> tuple[LinearPiece, ...]:
        """One linear piece for each G-orbit of regions.

        Raises
        ------
        NotAvailable
            If the number of regions is only bounded or larger than 60,000, or they need more than
            20,000 restrictions.

        Notes
        -----
        All regions are listed, and their number is checked against Zaslavsky's.
        """
        return pieces_of(
            (self.group, self.title),
            self.breaks,
            self.regions,
            lambda: self.arrangement,
            self.piece_at,
        )

    @cached_property
    def lipschitz(self) -> Bound:
        """The Lipschitz constant, the largest operator norm of a linear piece.

        Notes
        -----
        0 if the map is zero; from all pieces where they can be listed; otherwise a bound: the
        operator norms of inclusion and projection times the steepest slope of f. Infinite if the
        map jumps, as it may through sign or hardshrink.
        """
        pieces = self.pieces_or_error("the Lipschitz constant")
        if not self.breaks.is_continuous:
            return Bound(float("inf"), self.breaks_are)
        if self.is_zero:
            return Bound(0.0, self.zero.certainty)
        if self.regions.certainty != "lower bound" and self.regions.count <= MOST_LISTED:
            try:
                norms = [np.linalg.norm(piece.matrix, 2) for piece in self.matrices]
                return Bound(float(max(norms)), worst([self.activation.parts_are]))
            except NotAvailable:
                pass  # not all regions can be listed
        steepest = float(np.abs(pieces.slopes).max())
        into, out = np.linalg.norm(self.vectors, 2), np.linalg.norm(self.covectors, 2)
        return Bound(float(into * out) * steepest, "upper bound")

    def pieces_or_error(self, what: str) -> Pieces:
        """Return the activation's affine pieces, or say that there are none."""
        if self.pieces is None:
            raise UnsupportedActivationError(
                f"{what} of a map belong to piecewise-linear activations (relu, abs, leaky_relu, "
                f"hardtanh, relu6, or a function given with its kinks), not to "
                f"{self.activation.name}"
            )
        return self.pieces

    # pictures -----------------------------------------------------------------------------------

    def plot(self, path: str | Path | None = None, kind: str = "auto") -> Any:  # noqa: ANN401
        """Draw the map; see :func:`toolkit.figures.map.picture.draw_pl_map`.

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

        Raises
        ------
        ConfigError
            If the path is no path, or there is no such kind of picture for these dimensions.
        """
        if self.painter is None:
            raise NotAvailable(
                self.group, "a picture", "this map was made without a painter: use toolkit.pl_map"
            )
        return self.painter(self, path, kind)
