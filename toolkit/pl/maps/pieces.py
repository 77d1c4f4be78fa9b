"""The regions of a map between simples: how many, the matrix on each, the Lipschitz constant."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import NotAvailable
from toolkit.pl.arrangements.arrangement import Arrangement, arrangement
from toolkit.pl.arrangements.exact_gram import match_values
from toolkit.pl.arrangements.regions import (
    MOST_LISTED,
    RegionCount,
    RegionOrbit,
    is_countable,
    least_regions,
    number_of_regions,
    region_orbits,
)
from toolkit.pl.maps.values import Bound, LinearPiece
from toolkit.pl.maps.zero import worst
from toolkit.text import readable

if TYPE_CHECKING:
    from toolkit.pl.arrangements.exact_gram import ExactGram
    from toolkit.pl.maps.pl_map import PLMap

__all__ = ["arrangement_of", "count_of", "lipschitz_of", "pieces_of"]

_LARGEST_GRAM = 1500  # lines of which all inner products are kept modulo primes


def arrangement_of(phi: PLMap) -> Arrangement:
    """Return the arrangement of the breaking hyperplanes, or the cone over it."""
    normals = phi.breaks.lines.normals
    quick = len(normals) <= _LARGEST_GRAM and is_countable(*normals.shape)
    return arrangement(normals, _gram(phi) if quick else None)


def _gram(phi: PLMap) -> ExactGram | None:
    """Return the inner products of the normals exactly: values of phi_L if L occurs once."""
    if phi.table is None:
        return None
    simple = phi.table.simple(phi.source.label)
    if simple.multiplicity != 1:
        return None
    values = tuple(phi.table.values[i] for i in sorted(set(simple.row)))
    normals = phi.breaks.normals
    gram = match_values(normals @ normals.T, values)
    if gram is None or not phi.breaks.is_cone:
        return gram
    largest = Fraction(float(np.abs(phi.pieces_or_error("hyperplanes").kinks).max()))
    return gram.cone([k / largest for k in phi.breaks.kinks], Fraction(1))


def count_of(phi: PLMap) -> RegionCount:
    """Return the number of regions; see :attr:`toolkit.pl.maps.pl_map.PLMap.regions`."""
    if not len(phi.hyperplanes):
        return RegionCount(1, phi.breaks_are, "the map breaks nowhere")
    try:
        found = number_of_regions(phi.arrangement, phi.breaks.lines)
    except NotAvailable as error:
        # that the hyperplanes are different is known; where close ones meet is not
        lines = phi.breaks.lines
        least = least_regions(len(lines), lines.normals.shape[1])
        found = RegionCount(least, "lower bound", f"so many there are at least: {error.reason}")
    if phi.breaks.is_cone:
        reason = f"{found.reason}, for the cone over the affine arrangement"
        found = replace(found, count=(found.count + 1) // 2, reason=reason)
    if found.certainty != "lower bound":
        found = replace(found, certainty=worst([found.certainty, phi.breaks_are]))
    return found


def pieces_of(phi: PLMap) -> tuple[LinearPiece, ...]:
    """Return one linear piece per orbit; see :attr:`toolkit.pl.maps.pl_map.PLMap.matrices`."""
    if phi.regions.certainty == "lower bound" or phi.regions.count > MOST_LISTED:
        least = "at least " if phi.regions.certainty == "lower bound" else ""
        raise NotAvailable(
            phi.group,
            f"all matrices of {phi.title}",
            f"it has {least}{readable(str(phi.regions.count))} regions, and up to {MOST_LISTED} "
            "are listed if they can be counted: ask for the matrix .at a vector",
        )
    if not len(phi.hyperplanes):
        point = np.eye(phi.source.dimension)[0]
        whole = RegionOrbit(point, 1, np.empty(0, dtype=np.int8), float("inf"))
        return (LinearPiece(whole, *phi.piece_at(point)),)
    cone = phi.breaks.is_cone
    lines, expected = phi.breaks.lines, phi.regions.count * (1 + cone)
    found = region_orbits(phi.arrangement, lines, expected, above=-1 if cone else None)
    if cone:
        found = tuple(_below_infinity(phi, region) for region in found)
    return tuple(LinearPiece(region, *phi.piece_at(region.point)) for region in found)


def _below_infinity(phi: PLMap, region: RegionOrbit) -> RegionOrbit:
    """Return the affine region that a region of the cone stands for."""
    point = region.point[:-1] / region.point[-1] * phi.breaks.radius
    margin = float(np.abs(phi.hyperplanes @ point - phi.offsets).min())
    return RegionOrbit(point, region.size, region.signs[:-1], margin)


def lipschitz_of(phi: PLMap) -> Bound:
    """Return the Lipschitz constant; see :attr:`toolkit.pl.maps.pl_map.PLMap.lipschitz`."""
    pieces = phi.pieces_or_error("the Lipschitz constant")
    if not phi.breaks.is_continuous:
        return Bound(float("inf"), phi.breaks_are)
    if phi.is_zero:
        return Bound(0.0, phi.zero.certainty)
    if phi.regions.certainty != "lower bound" and phi.regions.count <= MOST_LISTED:
        try:
            norms = [np.linalg.norm(piece.matrix, 2) for piece in phi.matrices]
            return Bound(float(max(norms)), worst([phi.activation.parts_are]))
        except NotAvailable:
            pass  # not all regions can be listed
    steepest = float(np.abs(pieces.slopes).max())
    into, out = np.linalg.norm(phi.vectors, 2), np.linalg.norm(phi.covectors, 2)
    return Bound(float(into * out) * steepest, "upper bound")
