"""The regions of a map between simples: their arrangement, how many there are, a piece on each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from toolkit.errors import NotAvailable
from toolkit.pl.arrangements.counting import Arrangement, arrangement
from toolkit.pl.arrangements.exact_gram import match_values
from toolkit.pl.arrangements.hyperplanes import MERGED_BY_ROUNDING, merged_words
from toolkit.pl.arrangements.regions import (
    MOST_LISTED,
    MOST_RESIDUES,
    Certainty,
    RegionCount,
    RegionOrbit,
    least_regions,
    number_of_regions,
    region_orbits,
)
from toolkit.pl.maps.zero import worst
from toolkit.text import readable

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.modules.spherical import SphericalTable
    from toolkit.pl.arrangements.exact_gram import ExactGram
    from toolkit.pl.arrangements.flats import Progress
    from toolkit.pl.maps.breaks import Breaks
    from toolkit.pl.maps.exact_vectors import ExactVectors

    Floats = NDArray[np.float64]

_LARGEST_GRAM = 1500  # lines of which all inner products are kept modulo primes


@dataclass(frozen=True)
class Bound:
    """A number and how it is known.

    Parameters
    ----------
    value
        The number.
    certainty
        ``"exact"`` (the maximum over all pieces, which are known exactly; the number itself is
        rounded to float64), ``"stated"`` or ``"measured"`` (exact for the activation as stated by
        the user, or as measured), ``"numerical"`` (the pieces were determined in floating point) or
        ``"upper bound"``.

    Examples
    --------
    >>> print(Bound(0.5, "upper bound"))
    0.5 (upper bound)
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
    """The map on one orbit of regions: v -> matrix v + constant.

    Parameters
    ----------
    region
        A region of the orbit: an interior point, the orbit's size and the sides of the hyperplanes.
    matrix
        ``(e, d)``. At g times the point, the matrix is rho_K(g) matrix rho_L(g)^-1.
    constant
        ``(e,)``, 0 if the activation is a|t| + bt. At g times the point, the constant is rho_K(g)
        constant.

    Examples
    --------
    The absolute value on a plane with three mirrors has two orbits of regions:

    >>> import toolkit as tk
    >>> phi = tk.pl_map(tk.group("S3").natural_module(), "L2", "L2", "abs")
    >>> [(piece.size, piece.matrix.shape) for piece in phi.matrices]
    [(3, (2, 2)), (3, (2, 2))]
    """

    region: RegionOrbit
    matrix: NDArray[np.float64]
    constant: NDArray[np.float64]

    @property
    def size(self) -> int:
        """The number of regions in the orbit."""
        return self.region.size


def arrangement_of(
    breaks: Breaks, table: SphericalTable | None, label: str, exact: ExactVectors | None = None
) -> Arrangement:
    """Return the arrangement of the breaking hyperplanes, or the cone over it.

    Parameters
    ----------
    breaks
        The hyperplanes.
    table, label
        Spherical table and label of L, which may give the inner products of the normals exactly.
    exact
        The vectors gw, if they are known exactly.
    """
    normals = breaks.lines.normals
    known = len(normals) <= _LARGEST_GRAM
    found = arrangement(normals, _gram(breaks, table, label) if known else None)
    if exact is None or (breaks.is_cone and not exact.has_scale):
        return found
    heights = [-k / breaks.largest_kink for k in breaks.kinks] if breaks.is_cone else None
    return replace(found, spanned=partial(exact.points, breaks.terms, heights))


def _gram(breaks: Breaks, table: SphericalTable | None, label: str) -> ExactGram | None:
    """Return the inner products of the normals exactly: values of phi_L if L occurs once."""
    if table is None:
        return None
    simple = table.simple(label)
    if simple.multiplicity != 1:
        return None
    values = tuple(table.values[i] for i in sorted(set(simple.row)))
    gram = match_values(breaks.normals @ breaks.normals.T, values)
    if gram is None or not breaks.is_cone:
        return gram
    return gram.cone([k / breaks.largest_kink for k in breaks.kinks], Fraction(1))


def count_of(
    breaks: Breaks,
    made: Callable[[], Arrangement],
    known: Certainty,
    merged: float = 0.0,
    most_work: float = MOST_RESIDUES,
    progress: Callable[[Progress], None] | None = None,
) -> RegionCount:
    """Return the number of regions; see :attr:`toolkit.pl.maps.pl_map.PLMap.regions`.

    Parameters
    ----------
    breaks
        The hyperplanes.
    made
        Returns their arrangement.
    known
        How it is known where the map breaks.
    merged
        The largest distance of directions that were taken as the same without proof.
    most_work, progress
        As for :func:`~toolkit.pl.arrangements.regions.number_of_regions`.
    """
    found = _count_of(breaks, made, known, most_work, progress)
    if merged <= MERGED_BY_ROUNDING:
        if known == "numerical" and merged:
            reason = f"{found.reason}; vectors within {merged:.0e} were treated as one line"
            found = replace(found, reason=reason)
        return found
    return RegionCount(
        found.count,
        "lower bound",
        f"{merged_words(merged)}: {found.reason}",
    )


def _count_of(
    breaks: Breaks,
    made: Callable[[], Arrangement],
    known: Certainty,
    most_work: float,
    progress: Callable[[Progress], None] | None,
) -> RegionCount:
    if not len(breaks.normals):
        return RegionCount(1, known, "the map breaks nowhere")
    try:
        found = number_of_regions(made(), breaks.lines, most_work=most_work, progress=progress)
    except NotAvailable as error:
        # the hyperplanes are known to be different; where close ones meet is not known
        lines = breaks.lines
        least = least_regions(len(lines), lines.normals.shape[1])
        found = RegionCount(least, "lower bound", f"a lower bound: {error.reason}")
    if breaks.is_cone:
        reason = f"{found.reason}, for the cone over the affine arrangement"
        found = replace(found, count=(found.count + 1) // 2, reason=reason)
    if found.certainty != "lower bound":
        found = replace(found, certainty=worst([found.certainty, known]))
    return found


def pieces_of(
    subject: tuple[str, str],
    breaks: Breaks,
    regions: RegionCount,
    made: Callable[[], Arrangement],
    piece_at: Callable[[Floats], tuple[Floats, Floats]],
) -> tuple[LinearPiece, ...]:
    """Return one linear piece per orbit; see :attr:`toolkit.pl.maps.pl_map.PLMap.matrices`.

    Parameters
    ----------
    subject
        Group and title of the map, for errors.
    breaks, regions, made
        The hyperplanes, the number of regions, and what returns the arrangement.
    piece_at
        Returns matrix and constant near a point.
    """
    if regions.certainty == "lower bound" or regions.count > MOST_LISTED:
        least = "at least " if regions.certainty == "lower bound" else ""
        raise NotAvailable(
            subject[0],
            f"all matrices of {subject[1]}",
            f"it has {least}{readable(str(regions.count))} regions, but at most {MOST_LISTED} are "
            "listed, if they can be counted: use .at, the matrix at a vector, or .region_orbits()",
        )
    if not len(breaks.normals):
        point = np.eye(breaks.normals.shape[1])[0]
        whole = RegionOrbit(point, 1, np.empty(0, dtype=np.int8), float("inf"))
        return (LinearPiece(whole, *piece_at(point)),)
    cone = breaks.is_cone
    expected = regions.count * (1 + cone)
    found = region_orbits(made(), breaks.lines, expected, above=-1 if cone else None)
    if cone:
        found = tuple(below_infinity(breaks, region) for region in found)
    return tuple(LinearPiece(region, *piece_at(region.point)) for region in found)


def below_infinity(breaks: Breaks, region: RegionOrbit) -> RegionOrbit:
    """Return the affine region that a region of the cone stands for.

    Parameters
    ----------
    breaks
        The hyperplanes, moved off the origin.
    region
        Of the cone, on the positive side of infinity.
    """
    point = region.point[:-1] / region.point[-1] * breaks.radius
    margin = float(np.abs(breaks.normals @ point - breaks.offsets).min())
    return RegionOrbit(point, region.size, region.signs[:-1], margin)
