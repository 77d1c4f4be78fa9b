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

import contextlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from toolkit.cached import cached_property
from toolkit.display import Pictured
from toolkit.errors import ModuleMismatchError, NotAvailable, UnsupportedActivationError
from toolkit.modules.gsets.actions import IntArray
from toolkit.modules.spherical import SphericalTable
from toolkit.pl.activations.activation import Activation
from toolkit.pl.activations.affine_pieces import Pieces, affine_pieces, jumping_kinks
from toolkit.pl.arrangements.characteristic import MOST_WORK
from toolkit.pl.arrangements.hyperplanes import Lines, find_lines
from toolkit.pl.arrangements.limits import require_limit, require_progress
from toolkit.pl.arrangements.region_graph import MOST_ORBITS
from toolkit.pl.arrangements.regions import MOST_LISTED, MOST_RESIDUES
from toolkit.pl.maps.addition import same_activation, sum_of_exact
from toolkit.pl.maps.breaks import Breaks, Terms, affine_breaks, central_breaks
from toolkit.pl.maps.evaluation import affine_near, at_array, at_tensor, real_vectors
from toolkit.pl.maps.exact_vectors import ExactVectors
from toolkit.pl.maps.map_regions import MapRegions, largest_norm, regions_of_map
from toolkit.pl.maps.pieces import Bound, LinearPiece, arrangement_of, count_of, pieces_of
from toolkit.pl.maps.simple import Simple
from toolkit.pl.maps.words import Painter, words_of
from toolkit.pl.maps.zero import Pairing, ZeroVerdict, decide_zero, worst
from toolkit.pl.maps.zero_of_sum import measured_size

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import ArrayLike

    from toolkit.pl.arrangements.counting import Arrangement
    from toolkit.pl.arrangements.flats import Progress
    from toolkit.pl.arrangements.regions import Certainty, RegionCount

#: Where regions are looked for up to symmetry without being asked to: some seconds.
_MOST_AT_ONCE, _MOST_DIMENSIONS_AT_ONCE = 500, 8
#: Entries of vectors, whose squares are added up.
_LARGEST = 1e150
#: Where listing them fails, for regions that are narrow.
_MOST_LISTED_BY_WALLS = 2000


@dataclass(frozen=True, eq=False, repr=False)
class PLMap(Pictured):
    """An equivariant map between simples, made by :func:`toolkit.pl_map`.

    Parameters
    ----------
    group, module
        The names of the group and the module.
    source, target
        The simples L and K.
    activation
        f.
    vectors, covectors
        ``(N, d)`` and ``(N, e)``: the vectors gw and gu for each point x = gH.
    images
        ``(k, N)`` images of the points under the generators, 0-based; rho(g) w_{x^g} = w_x.
    table
        The spherical table of X; ``None`` for a sum of maps.
    pairing
        Whether w and u belong to one copy of L = K, to different copies, or whether this is
        unknown.
    units
        ``(dim D, d, d)``, a basis of End_G(L) if K = L, else ``None``.
    painter
        The function that :meth:`plot` calls.
    group_title
        The group's name for display, if it differs.
    exact_vectors, exact_covectors
        The vectors gw and gu exactly, each up to a common factor; ``None`` if they are known only
        as floats.

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
    exact_vectors: ExactVectors | None = None
    exact_covectors: ExactVectors | None = None

    def __repr__(self) -> str:
        return words_of(self)

    @property
    def title(self) -> str:
        """A title such as ``L3 -> L1 through relu``, which names special copies."""
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
                f"vectors of {self.source.label} must be real numbers, found a tensor of {v.dtype}"
            )
        return at_tensor(v, self.activation.on_tensors, *rest)

    @cached_property
    def jumping_kinks(self) -> NDArray[np.float64]:
        """``(k,)`` kinks at which the activation jumps, or may jump."""
        return jumping_kinks(self.activation)

    def require_shape(self, shape: tuple[int, ...]) -> None:
        """Raise ModuleMismatchError unless the length of the last axis is dim L."""
        d = self.source.dimension
        if not shape or shape[-1] != d:
            raise ModuleMismatchError(
                f"{self.source.label} has dimension {d}: an array of shape (..., {d}) is required, "
                f"found {tuple(shape)}"
            )

    def at(self, v: ArrayLike) -> NDArray[np.float64]:
        """Return the matrix ``(e, d)`` of the map near a vector on no breaking hyperplane.

        If the activation is not a|t| + bt, the map near the vector is the matrix plus a constant.

        Raises
        ------
        UnsupportedActivationError
            If the activation is not piecewise affine.
        ModuleMismatchError
            If the argument is not one finite vector of L.
        ValueError
            If the vector lies on a hyperplane, up to 1e-12 times its length.
        """
        vector = real_vectors(self.source.label, v)
        if vector.shape != (self.source.dimension,) or not np.isfinite(vector).all():
            raise ModuleMismatchError(
                f"one vector of {self.source.label} is required, of shape "
                f"({self.source.dimension},) and finite, found {np.array2string(vector)[:60]}"
            )
        if np.abs(vector).max(initial=0.0) > _LARGEST:
            raise ModuleMismatchError(
                f"a vector of {self.source.label} with entries up to 1e150 is required, found "
                f"{np.array2string(vector)[:60]}"
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
        return affine_near(vector, self.pieces_or_error("matrices"), self.vectors, self.covectors)

    def __add__(self, other: PLMap) -> PLMap:
        r"""Return the sum of two maps between the same simples, again such a map.

        Raises
        ------
        ModuleMismatchError
            If source, target or activation differ.

        Notes
        -----
        What is known of the sum is exact if the vectors of both maps are known exactly as sums of
        the same vectors: so for maps whose copies were not given as floats, if the simples are of
        real type. Of two modules the lengths are compared exactly where their ratio is the root of
        a rational number.
        """
        if not isinstance(other, PLMap):
            return NotImplemented
        mine, theirs = ((m.group, m.source.label, m.target.label) for m in (self, other))
        if mine != theirs or not same_activation(self.activation, other.activation):
            raise ModuleMismatchError(
                f"maps can be added only if group, simples and activation agree, found {self!r} "
                f"and {other!r}"
            )
        return PLMap(
            self.group,
            f"{self.module} + {other.module}",
            self.source.with_copy_of(other.source),
            self.target.with_copy_of(other.target),
            self.activation,
            np.concatenate([self.vectors, other.vectors]),
            np.concatenate([self.covectors, other.covectors]),
            np.concatenate([self.images, other.images + len(self.vectors)], axis=1),
            units=self.units,
            painter=self.painter,
            group_title=self.group_title,
            exact_vectors=sum_of_exact(self.exact_vectors, other.exact_vectors, other.images),
            exact_covectors=sum_of_exact(self.exact_covectors, other.exact_covectors, other.images),
        )

    # properties ----------------------------------------------------------------------------

    @cached_property
    def slopes(self) -> tuple[float, float] | None:
        r"""The numbers a and b if the activation is a\|t\| + bt; ``None`` for others."""
        f = self.activation
        return (f.even, f.linear) if f.is_positively_homogeneous else None

    @cached_property
    def pieces(self) -> Pieces | None:
        """The affine pieces of the activation; ``None`` if it is not piecewise affine."""
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
    def terms(self) -> Terms:
        """The vectors of the map, in floating point and exactly."""
        return Terms(
            self.vectors,
            self.covectors,
            self.images,
            self.exact_vectors,
            self.exact_covectors,
            self.table is not None,
        )

    @cached_property
    def lines(self) -> Lines:
        r"""The \|G : U_w\| lines of the gw, where U_w = {g : gw = w or -w}."""
        numbers = None if self.exact_vectors is None else self.exact_vectors.line_numbers()
        return find_lines(f"{self.group}, {self.title}", self.vectors, self.images, numbers)

    @property
    def lines_are(self) -> Certainty:
        """How it is known which of the vectors gw span the same line.

        ``"exact"`` if w is known exactly (:attr:`exact_vectors`), or in dimension 1.
        ``"numerical"`` for a w in floating point: vectors within 1e-9 are treated as one line.
        """
        is_exact = self.exact_vectors is not None or self.source.dimension == 1
        return "exact" if is_exact else "numerical"

    @property
    def normals(self) -> NDArray[np.float64]:
        """``(n, d)`` a unit vector on each line of the gw, even if the map does not break there."""
        return self.lines.normals

    @cached_property
    def zero(self) -> ZeroVerdict:
        """Whether the map is zero, part by part, with reasons; see :mod:`toolkit.pl.maps.zero`."""
        return decide_zero(
            self.activation.even_part,
            self.activation.odd_part,
            self.lines,
            self.terms,
            self.units,
            self.table,
            (self.source.label, self.target.label),
            self.pairing,
            self.activation.parts_are,
            self._is_zero_at_some_vectors,
        )

    def _is_zero_at_some_vectors(self, part: Literal["even", "odd"]) -> bool:
        # a function of the user's may be in single precision
        tolerance = 1e-13 if self.activation.parts_are == "exact" else 1e-9
        return measured_size(self.activation, part, self.vectors, self.covectors) <= tolerance

    @property
    def is_zero(self) -> bool:
        """Whether phi = 0; ``zero.certainty`` says how this is known.

        This refers to an open dense set: values of f at isolated points, which can matter on
        hyperplanes, are ignored.
        """
        return self.zero.is_zero

    @property
    def is_linear(self) -> bool:
        """Whether the map is linear (0 is linear): it breaks nowhere, and maps 0 to 0."""
        if self.pieces is None or len(self.hyperplanes):
            return False
        if self.pieces.at_zero == 0:
            return True
        return self.terms.covectors_cancel

    @cached_property
    def breaks(self) -> Breaks:
        """The breaking hyperplanes with the action of the group on them."""
        pieces = self.pieces_or_error("hyperplanes")
        if pieces.is_central:
            return central_breaks(pieces, self.lines, self.terms, none=self._has_no_kinks)
        return affine_breaks(pieces, self.lines, self.terms)

    @property
    def _has_no_kinks(self) -> bool:
        if self.slopes is not None:
            return self.zero.vanishes("even")
        return self.zero.vanishes("even") and self.zero.vanishes("odd")

    @property
    def hyperplanes(self) -> NDArray[np.float64]:
        r"""``(n, d)`` unit normals of the hyperplanes on which the map breaks.

        For a\|t\| + bt there is one normal for each line of the gw if the even part contributes,
        and none if it does not, because G permutes the lines. For a sum of maps they are those on
        which the kinks do not cancel.
        """
        return self.breaks.normals

    @property
    def offsets(self) -> NDArray[np.float64]:
        r"""``(n,)``: the map breaks on <v, normal> = offset. All 0 for a\|t\| + bt."""
        return self.breaks.offsets

    @cached_property
    def arrangement(self) -> Arrangement:
        """The arrangement of the breaking hyperplanes, or the cone over it if they miss the origin.

        The cone has one more coordinate, and its last hyperplane is the one at infinity.
        """
        return arrangement_of(self.breaks, self.table, self.source.label, self.exact_vectors)

    @property
    def breaks_are(self) -> Certainty:
        """How it is known where the map breaks."""
        if not self.pieces_or_error("hyperplanes").kinks.size:
            return self.activation.parts_are  # an affine activation breaks nowhere
        decisive = ("even",) if self.slopes is not None else ("even", "odd")
        parts = [p for p in self.zero.parts if p.part in decisive]
        found = [p.certainty for p in parts]
        if all(p.vanishes for p in parts):
            return worst([self.activation.parts_are, *found])  # on whatever lines
        # in one orbit and through 0 the map breaks at every line or at none
        alike = self.table is not None and not self.breaks.is_cone
        proved: Certainty = "exact" if alike or self.breaks.is_proved else "numerical"
        return worst([self.activation.parts_are, *found, proved, self.lines_are])

    @cached_property
    def regions(self) -> RegionCount:
        """The number of regions on which the map is linear (or affine), and how it is known.

        Raises
        ------
        UnsupportedActivationError
            If the activation is not piecewise affine.

        Notes
        -----
        By Zaslavsky's theorem. The number is exact if w is known exactly: for every default map
        whose copies :func:`toolkit.pl_map` can determine exactly, and for exact vectors. Flats are
        counted up to symmetry for some seconds; :meth:`count_regions` continues the count. For
        other vectors the number is ``"numerical"``, or a lower bound if the count takes longer or
        hyperplanes are too close for float64; see
        :func:`~toolkit.pl.arrangements.regions.number_of_regions`. It is also a lower bound if
        float vectors that are treated as one line differ by more than rounding.
        """
        return self.count_regions(most_work=MOST_RESIDUES)

    def count_regions(
        self,
        *,
        most_work: float = MOST_WORK,
        progress: Callable[[Progress], None] | None = None,
    ) -> RegionCount:
        """Count the regions; the number is then the value of :attr:`regions`.

        Parameters
        ----------
        most_work
            A limit on the work, in residues examined; a billion take some minutes. At the limit,
            the result is a lower bound.
        progress
            A function that is called from time to time with a
            :class:`~toolkit.pl.arrangements.flats.Progress`.

        Raises
        ------
        UnsupportedActivationError
            If the activation is not piecewise affine.
        ConfigError
            If most_work is not a number, or progress is not a function.
        """
        require_limit("most_work", most_work, "residues")
        require_progress(progress)
        merged = 0.0 if self.lines_are == "exact" else self.lines.spread
        made = self.breaks, lambda: self.arrangement, self.breaks_are, merged
        self.__dict__["regions"] = found = count_of(*made, most_work, progress)
        return found

    @cached_property
    def matrices(self) -> tuple[LinearPiece, ...]:
        """One linear piece for each G-orbit of regions.

        Raises
        ------
        NotAvailable
            If only bounds for the number of regions are known. Also if there are more than 60,000
            regions, and the dimension is above 8 or they form more than 500 orbits.

        Notes
        -----
        Up to 60,000 regions are listed; more are found by :meth:`region_orbits`, which itself has
        no such limits. In both cases their number is checked against Zaslavsky's theorem.
        """
        listed = self.regions.count <= MOST_LISTED or self.regions.certainty == "lower bound"
        by_walls = self.breaks.normals.shape[1] <= _MOST_DIMENSIONS_AT_ONCE
        if not listed and by_walls:
            with contextlib.suppress(NotAvailable):
                return self.region_orbits(most_orbits=_MOST_AT_ONCE).pieces
        try:
            return pieces_of(
                (self.group, self.title),
                self.breaks,
                self.regions,
                lambda: self.arrangement,
                self.piece_at,
            )
        except NotAvailable:
            if not listed or not by_walls or self.regions.certainty == "lower bound":
                raise
            return self.region_orbits(most_orbits=_MOST_LISTED_BY_WALLS).pieces

    def region_orbits(
        self,
        *,
        most_orbits: int = MOST_ORBITS,
        progress: Callable[[int, int], None] | None = None,
    ) -> MapRegions:
        """Find one region of each G-orbit by crossing walls, with the map's matrix on it.

        The cost depends only on the number of orbits, which may have billions of regions.

        Parameters
        ----------
        most_orbits, progress
            As for :func:`~toolkit.pl.arrangements.region_orbits.region_orbits`, whose notes apply.

        Raises
        ------
        NotAvailable
            If there are more orbits, or if a region is too thin for floating point.
        UnsupportedActivationError
            If the activation is not piecewise affine.
        ConfigError
            If most_orbits is not a number, or progress is not a function.
        """
        require_limit("most_orbits", most_orbits, "orbits")
        require_progress(progress)
        known = self.terms, self.pieces_or_error("regions"), self.activation.parts_are
        found = regions_of_map(
            *(self.breaks, self.regions, lambda: self.arrangement, self.piece_at, known),
            *(most_orbits, progress),
        )
        if self.is_zero:
            found = replace(found, killed_is=self.zero.certainty)
        if self.regions.certainty != "lower bound" and "matrices" not in self.__dict__:
            self.__dict__["matrices"] = found.pieces  # one of each orbit, as there
            self.__dict__.pop("lipschitz", None)
        return found

    @cached_property
    def lipschitz(self) -> Bound:
        """The Lipschitz constant, the largest operator norm of a linear piece.

        Notes
        -----
        It is 0 if the map is zero. If the pieces can be listed, or were found by
        :meth:`region_orbits`, it is their maximum. Otherwise it is a bound: the norms of inclusion
        and projection times the steepest slope of f. It is infinite if the map jumps between
        neighbouring regions; values on hyperplanes only, such as that of ``where(t>0,1,0)`` at 0,
        are ignored. Norms of matrices are computed in floating point. If terms cancel so much that
        the rounding error exceeds 1e-9 of them, the rounding error is added, and the result is an
        upper bound.
        """
        pieces = self.pieces_or_error("the Lipschitz constant")
        if not self.breaks.is_continuous:
            return Bound(float("inf"), self.breaks_are)
        if self.is_zero:
            return Bound(0.0, self.zero.certainty)
        if self.regions.certainty != "lower bound":
            with contextlib.suppress(NotAvailable):  # not all regions can be listed
                return largest_norm(self.matrices, self.terms, pieces, self.regions.certainty)
        steepest = float(np.abs(pieces.slopes).max())
        into, out = np.linalg.norm(self.vectors, 2), np.linalg.norm(self.covectors, 2)
        return Bound(float(into * out) * steepest, "upper bound")

    def pieces_or_error(self, what: str) -> Pieces:
        """Return the affine pieces of the activation, or raise if it has none.

        Raises
        ------
        UnsupportedActivationError
            If the activation is not piecewise affine.
        """
        if self.pieces is None:
            raise UnsupportedActivationError(
                f"{what} of a map exist only for piecewise-linear activations (relu, abs, "
                "leaky_relu, hardtanh, relu6, or a function given with its kinks), not for "
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
            ``"auto"``, or one of the kinds described there.

        Returns
        -------
        matplotlib.figure.Figure
            The picture.

        Raises
        ------
        ConfigError
            If the path is not a path, or if there is no such kind of picture for these dimensions.
        NotAvailable
            If the map was not made by :func:`toolkit.pl_map`.
        """
        if self.painter is None:
            raise NotAvailable(
                self.group, "a picture", "this map was made without a painter: use toolkit.pl_map"
            )
        return self.painter(self, path, kind)
