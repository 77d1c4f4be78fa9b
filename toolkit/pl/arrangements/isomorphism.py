"""Which weighted point sets of projective spaces are images of each other under a linear map.

Colours come first: the weight of a point, and of the lines and planes through it, refined until
nothing changes. Points that a linear isomorphism takes to each other have the same colour. Then a
basis of points of rare colours is chosen on one side, with further points that fix the scales, and
points of the same colours are tried on the other side. The linear map that this gives is an
isomorphism if it takes the whole set to the whole set: that is compared residue by residue.

What is found is right whatever the colours say. An isomorphism may be missed, since the number of
trials is limited; two sets are then treated as different, which costs time and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from toolkit.cached import cached_property
from toolkit.pl.arrangements.projective import (
    Hashes,
    Points,
    Residues,
    hashes,
    inverse_matrix,
    inverses,
    mixed,
    normalised,
    product,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Residues that are looked at to colour pairs of points by the planes through them.
_MOST_IN_PLANES = 1e8
#: Trials of one search.
_MOST_TRIALS = 60.0
#: What a choice that colours refute costs, in trials.
_REFUTED = 0.2
#: Trials that a patience begins with, those that a success earns, and a search that is left out.
_FIRST, _EARNED, _WAITED, _RICHEST = 60.0, 40.0, 0.1, 1000.0
_NONE = np.iinfo(np.int64).max


class Patience:
    """How many trials searches may still make: a success earns more of them.

    Where there is little symmetry, searches end with nothing; they are then left out, but for one
    now and again.
    """

    def __init__(self) -> None:
        self.left = _FIRST

    def is_worth_it(self) -> bool:
        """Whether to search; a refusal counts as waiting."""
        if self.left > 1.0:
            return True
        self.left += _WAITED
        return False

    def allowed(self) -> float:
        """Return how many trials the next search may make."""
        return max(1.0, min(_MOST_TRIALS, self.left))

    def spent(self, trials: float, *, found: bool) -> None:
        """Tell what a search took, and whether it found something."""
        self.left = min(self.left - trials + _EARNED * found, _RICHEST)


class Configuration:
    """A weighted point set with its colours.

    Parameters
    ----------
    points
        The points; in dimension 2 and more.
    """

    def __init__(self, points: Points) -> None:
        self.points = points
        pairs = _colours_of_lines(points)
        beside = pairs[~np.eye(len(points), dtype=bool)]
        work = float(points.vectors.size) * len(points) ** 2
        if points.dimension > 3 and len(np.unique(beside)) == 1 and work <= _MOST_IN_PLANES:
            pairs = _colours_of_planes(points)
        #: ``(m, m)`` a symmetric colour of each pair.
        self.pairs = pairs
        #: ``(m,)``
        self.colours = _refined(mixed(points.weights.astype(np.uint64)), pairs)
        #: The same for isomorphic sets.
        self.key = (*points.vectors.shape[1:], np.sort(self.colours).tobytes())

    @cached_property
    def frame(self) -> Frame:
        """A frame that begins with a point of the rarest colour."""
        return Frame.of(self)

    def orbits(
        self, patience: Patience | None = None, known: NDArray[np.intp] | None = None
    ) -> NDArray[np.intp]:
        """Return ``(m,)`` a number for each point: equal ones are exchanged by automorphisms.

        Points with different numbers may be exchanged by an automorphism that was not found.

        Parameters
        ----------
        patience
            How long may be searched.
        known
            ``(k, m)`` automorphisms that are known: where each takes each point.
        """
        patience = patience or Patience()
        union = np.arange(len(self.points))
        for image in () if known is None else known:
            union = _joined(union, image)
        for colour in np.unique(self.colours):
            frames: list[Frame] = []
            for i in np.flatnonzero(self.colours == colour).tolist():
                if any(union[i] == union[frame.chosen[0]] for frame in frames):
                    continue
                if frames and not patience.is_worth_it():
                    break
                for frame in frames:
                    found = frame.isomorphism(self, patience, start=i)
                    if found is not None:
                        union = _joined(union, found)
                        break
                else:
                    frames.append(Frame.of(self, start=i))
        return union


@dataclass(frozen=True, eq=False)
class Frame:
    """Points of a configuration that fix every linear map of it.

    Parameters
    ----------
    configuration
        Where the points are.
    chosen
        Numbers of points: first a basis, then those that fix scales between its directions.
    images
        Sorted hashes of all points, in coordinates of the frame, with their weights.
    """

    configuration: Configuration
    chosen: tuple[int, ...]
    coordinates: Residues = field(repr=False)
    images: Hashes = field(repr=False)

    @classmethod
    def of(cls, configuration: Configuration, start: int | None = None) -> Frame:
        """Choose a frame, with a given first point if one is given."""
        basis, colours = _basis(configuration, start)
        raw = _in_basis(configuration.points, basis)
        assert raw is not None
        scale = _scale_points(configuration, raw, colours)
        coordinates = _scaled(configuration.points.primes, raw, scale)
        images = np.sort(_with_weights(hashes(coordinates), configuration.points))
        return cls(configuration, (*basis, *scale), coordinates, images)

    def is_kept_by(self, image: NDArray[np.intp]) -> bool:
        """Return whether a linear map takes each point to the one with the number ``image[i]``.

        Parameters
        ----------
        image
            ``(m,)`` a permutation of the points.

        Examples
        --------
        Of four points of a plane in general position all permutations are; of three on a line and
        one beside not:

        >>> from toolkit.pl.arrangements.projective import merged
        >>> prime, turn = np.array([[[101]]]), np.array([1, 2, 3, 0])
        >>> for last in ([1, 1, 1], [1, 1, 0]):
        ...     points = merged(prime, [[[1, 0, 0], [0, 1, 0], [0, 0, 1], last]])
        ...     Configuration(points).frame.is_kept_by(turn)
        True
        False
        """
        search = _Search(self, self.configuration, 1.0)
        found = search.compared(tuple(image[list(self.chosen)].tolist()))
        return found is not None and np.array_equal(found, image)

    def isomorphism(
        self, other: Configuration, patience: Patience | None = None, start: int | None = None
    ) -> NDArray[np.intp] | None:
        """Return ``(m,)`` where a linear isomorphism takes each point; ``None`` if none is found.

        Parameters
        ----------
        other
            Where it goes.
        patience
            How long may be searched.
        start
            The image of the first chosen point, if that is to be a certain one.
        """
        patience = patience or Patience()
        allowed = patience.allowed()
        search = _Search(self, other, allowed)
        found = search.from_here(self.configuration.colours, other.colours, (), start)
        patience.spent(allowed - search.left, found=found is not None)
        return found


def searched(
    frame: Frame, configuration: Configuration, patience: Patience, place: int, image: int
) -> NDArray[np.intp] | None:
    """Return an automorphism that fixes the first chosen points and takes the next to an image.

    Parameters
    ----------
    frame
        A frame of the configuration.
    configuration
        The points.
    patience
        How long may be searched.
    place
        How many of the frame's chosen points are fixed.
    image
        Where the next one is to go.
    """
    colours = configuration.colours
    for i in frame.chosen[:place]:
        colours = _marked(colours, configuration.pairs, i)
    allowed = patience.allowed()
    search = _Search(frame, configuration, allowed)
    found = search.from_here(colours, colours, frame.chosen[:place], image)
    patience.spent(allowed - search.left, found=found is not None)
    return found


def is_linear(points: Points, chosen: tuple[int, ...], image: NDArray[np.intp]) -> bool:
    """Return whether a permutation of points is that of a linear map.

    Parameters
    ----------
    points
        Of any weights.
    chosen
        Of a frame.
    image
        ``(m,)`` where each point goes.

    Notes
    -----
    Exact if differences of products of 4 d + 4 determinants are 0 where all primes divide them.
    """
    coordinates = []
    for numbers in (np.array(chosen), image[list(chosen)]):
        basis, scale = numbers[: points.dimension].tolist(), numbers[points.dimension :].tolist()
        raw = _in_basis(points, tuple(basis))
        if raw is None:
            return False
        coordinates.append(_scaled(points.primes, raw, tuple(scale)))
    return np.array_equal(coordinates[1][:, image, :], coordinates[0])


class _Search:
    """Images of the chosen points one by one, going back where the colours disagree."""

    def __init__(self, frame: Frame, other: Configuration, trials: float) -> None:
        self.frame, self.other, self.left = frame, other, trials

    def from_here(
        self, mine: Hashes, theirs: Hashes, images: tuple[int, ...], start: int | None = None
    ) -> NDArray[np.intp] | None:
        place = len(images)
        if place == len(self.frame.chosen):
            self.left -= 1.0
            return self.compared(images)
        i = self.frame.chosen[place]
        mine_next = _marked(mine, self.frame.configuration.pairs, i)
        expected = np.sort(mine_next)
        candidates = [start] if start is not None else np.flatnonzero(theirs == mine[i]).tolist()
        for j in candidates:
            if self.left <= 0 or theirs[j] != mine[i]:
                break
            theirs_next = _marked(theirs, self.other.pairs, j)
            if not np.array_equal(np.sort(theirs_next), expected):
                self.left -= _REFUTED
                continue
            found = self.from_here(mine_next, theirs_next, (*images, j))
            if found is not None:
                return found
        return None

    def compared(self, images: tuple[int, ...]) -> NDArray[np.intp] | None:
        """Return the isomorphism that takes the chosen points to these, if there is one."""
        frame, points = self.frame, self.other.points
        d = points.dimension
        raw = _in_basis(points, images[:d])
        if raw is None:
            return None
        coordinates = _scaled(points.primes, raw, images[d:])
        own = hashes(coordinates)
        if not np.array_equal(np.sort(_with_weights(own, points)), frame.images):
            return None
        out = np.empty(len(points), dtype=np.intp)
        out[np.argsort(hashes(frame.coordinates))] = np.argsort(own)
        mine = frame.configuration.points
        same = np.array_equal(coordinates[:, out, :], frame.coordinates)
        return out if same and np.array_equal(points.weights[out], mine.weights) else None


# -- colours --------------------------------------------------------------------------------------


def _colours_of_lines(points: Points) -> Hashes:
    """Return ``(m, m)`` a colour of the line through each two points: its weight and its points."""
    lines = points.lines()
    return _colours_of(lines, points.weights)


def _colours_of(lines: NDArray[np.intp], weights: NDArray[np.int64]) -> Hashes:
    m = len(lines)
    if m < 2:
        return np.zeros((m, m), dtype=np.uint64)
    there = np.zeros((int(lines.max()) + 1, m), dtype=bool)
    one, two = np.nonzero(lines >= 0)
    there[lines[one, two], one] = True
    weight = (there @ weights).astype(np.uint64)
    colour = mixed(weight + mixed(there.sum(axis=1).astype(np.uint64)))
    out = colour[lines]
    np.fill_diagonal(out, 0)
    return out


def _colours_of_planes(points: Points) -> Hashes:
    """Return ``(m, m)`` a colour of each two points: the weights of the planes through both."""
    m = len(points)
    out = np.zeros((m, m), dtype=np.uint64)
    for i in range(m):
        # lines hold two points each: as seen from the i-th, no two others coincide
        seen = points.projected_from(i)
        if len(seen) != m - 1:
            continue
        beside = Points(points.primes, points.seen_from(i), np.delete(points.weights, i))
        colours = _colours_of(beside.lines(), beside.weights)
        out[i, np.arange(m) != i] = mixed(colours).sum(axis=1, dtype=np.uint64)
    return out + out.T


def _refined(colours: Hashes, pairs: Hashes) -> Hashes:
    """Refine colours of points by those of pairs until there are no more different ones."""
    many = 0
    while True:
        around = mixed(mixed(pairs) + colours[None, :]).sum(axis=1, dtype=np.uint64)
        colours = mixed(mixed(colours) + around)
        found = len(np.unique(colours))
        if found == many:
            return colours
        many = found


def _marked(colours: Hashes, pairs: Hashes, i: int) -> Hashes:
    """Return the colours once the i-th point is a chosen one."""
    out = mixed(mixed(colours) + pairs[i])
    out[i] = mixed(out[i : i + 1] + np.uint64(1))[0]
    return out


def _rarest(colours: Hashes, allowed: NDArray[np.bool_]) -> int:
    """Return an allowed point whose colour few points have; the same one for isomorphic sets."""
    _, place, many = np.unique(colours, return_inverse=True, return_counts=True)
    size = np.where(allowed, many[place], _NONE)
    best = np.flatnonzero(size == size.min())
    return int(best[colours[best].argmin()])


# -- coordinates ----------------------------------------------------------------------------------


def _basis(configuration: Configuration, start: int | None) -> tuple[tuple[int, ...], Hashes]:
    """Choose independent points, each of a rare colour beside those before it."""
    points = configuration.points
    p, left = points.primes, points.vectors
    colours = configuration.colours
    chosen: list[int] = []
    for place in range(points.dimension):
        allowed = (left != 0).any(axis=(0, 2))
        i = start if place == 0 and start is not None else _rarest(colours, allowed)
        chosen.append(i)
        colours = _marked(colours, configuration.pairs, i)
        pivot = normalised(p, left[:, i : i + 1, :])
        column = int((pivot[0, 0] != 0).argmax())
        left = (left + (p - left[:, :, column : column + 1]) * pivot) % p
    return tuple(chosen), colours


def _in_basis(points: Points, basis: tuple[int, ...]) -> Residues | None:
    inverse = inverse_matrix(points.primes, points.vectors[:, list(basis), :])
    return None if inverse is None else product(points.primes, points.vectors, inverse)


def _scale_points(
    configuration: Configuration, coordinates: Residues, colours: Hashes
) -> tuple[int, ...]:
    """Choose points that tie the directions of a basis together, as far as they can be tied."""
    there = (coordinates != 0).any(axis=0)
    component = np.arange(there.shape[1])
    chosen: list[int] = []
    while True:
        of_component = component[:, None] == np.unique(component)[None, :]
        joined = (there @ of_component).sum(axis=1)
        if joined.max() < 2:
            return tuple(chosen)
        i = _rarest(colours, joined > 1)
        chosen.append(i)
        colours = _marked(colours, configuration.pairs, i)
        met = np.unique(component[there[i]])
        component[np.isin(component, met)] = met[0]


def _scaled(primes: Residues, coordinates: Residues, chosen: tuple[int, ...]) -> Residues:
    """Scale the directions so that chosen points have coordinates 1 where they tie components."""
    k, _, d = coordinates.shape
    component = np.arange(d)
    scale = np.ones((k, 1, d), dtype=np.uint64)
    for i in chosen:
        row = coordinates[:, i : i + 1, :]
        met: list[int] = []
        for column in np.flatnonzero((row != 0).all(axis=(0, 1))).tolist():
            own = int(component[column])
            if own in met:
                continue
            met.append(own)
            value = row[:, :, column : column + 1] * scale[:, :, column : column + 1] % primes
            there = component == own
            scale[:, :, there] = scale[:, :, there] * inverses(primes, value) % primes
        if met:
            component[np.isin(component, met)] = met[0]
    return normalised(primes, coordinates * scale % primes)


def _with_weights(values: Hashes, points: Points) -> Hashes:
    return mixed(values + mixed(points.weights.astype(np.uint64)))


def _joined(union: NDArray[np.intp], image: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the partition in which each point is also with its image."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    m = len(union)
    rows = np.concatenate([np.arange(m), np.arange(m)])
    columns = np.concatenate([union, image])
    graph = coo_array((np.ones(2 * m, dtype=np.int8), (rows, columns)), shape=(m, m))
    label = connected_components(graph, directed=False)[1]
    first = np.unique(label, return_index=True)[1]
    out: NDArray[np.intp] = first[label].astype(np.intp)
    return out
