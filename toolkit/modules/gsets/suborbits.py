"""Suborbits: the orbits of point stabilisers, found by random elements and then proved.

Random Schreier generators merge points quickly and never merge too much. The result is *proved*
complete by the cheapest argument that suffices; :mod:`toolkit.modules.gsets.orbitals` lists the
arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from toolkit.cached import cached_property
from toolkit.errors import InconsistentAnswerError, NotAvailable
from toolkit.modules.gsets.actions import (
    IntArray,
    SchreierForest,
    class_cycles,
    components,
    first_occurrence,
    grow_forest,
    invert_images,
    random_elements,
)

_SHALLOW = 24  # deepest tree that is walked as it is; deeper ones get random generators added
_BATCH = 4  # random Schreier generators between two looks at the partition
_FEW = 12  # as many Schreier generators are all used, which proves completeness
_CHUNK = 1 << 17  # entries handled at a time
_LARGEST_TABLE = 1 << 27  # entries of the table of suborbits


@dataclass(frozen=True, eq=False)
class Frame:
    """Both G-sets as one: Y's points first, X's points from ``offset`` on (0 if X is Y)."""

    joint: IntArray  # (k, N) the generators
    elements: IntArray  # (t + 1, N) the generators, random elements, and last the identity
    inverses: IntArray
    offset: int
    forest: SchreierForest  # over Y, in the elements
    supply: Iterator[IntArray]  # more random elements

    @property
    def columns(self) -> IntArray:
        """X's points in the joint numbering."""
        return np.arange(self.offset, self.joint.shape[1], dtype=np.intp)

    def up(self, points: IntArray, values: IntArray) -> IntArray:
        """Carry the pairs (point, value) to where the point is its base; ``(b, c)`` values."""
        width = self.joint.shape[1]
        for _ in range(int(self.forest.depth[points].max(initial=0))):
            values = self.inverses.ravel()[
                values + (self.forest.generator[points] * width)[:, None]
            ]
            points = self.forest.parent[points]
        return values

    def down(self, points: IntArray, values: IntArray) -> IntArray:
        """Carry the pairs (base of point, value) along the tree to the points."""
        width = self.joint.shape[1]
        steps = []
        for _ in range(int(self.forest.depth[points].max(initial=0))):
            steps.append(self.forest.generator[points] * width)
            points = self.forest.parent[points]
        for step in reversed(steps):
            values = self.elements.ravel()[values + step[:, None]]
        return values

    def fixing(self, element: IntArray, point: int) -> IntArray:
        """Return u_point . element . u_(point^element)^-1 on X: it fixes point's base."""
        here = np.array([point], dtype=np.intp)
        moved = element[self.down(here, self.columns[None])]
        result: IntArray = self.up(element[here], moved)[0] - self.offset
        return result


def make_frame(target: IntArray, source: IntArray, same: bool) -> Frame:
    """Return a shallow forest on the target's orbits, with the elements that it goes along."""
    m = target.shape[1]
    joint = target if same else np.hstack([target, source + m])
    orbit = components(target)
    elements = joint
    forest = grow_forest(target, orbit, _SHALLOW)
    supply = random_elements(joint) if joint.size else iter(())
    if forest is None:
        for _ in range(6):
            elements = np.vstack([elements, *islice(supply, 8)])
            forest = grow_forest(elements[:, :m], orbit, _SHALLOW)
            if forest is not None:
                break
        else:  # not met so far: correct all the same, only slower
            forest = grow_forest(elements[:, :m], orbit)
    assert forest is not None
    identity = np.arange(joint.shape[1], dtype=np.intp)
    elements = np.vstack([elements, identity[None]])
    return Frame(joint, elements, invert_images(elements), 0 if same else m, forest, supply)


@dataclass(frozen=True, eq=False)
class Cells:
    """The suborbits at every base, numbered as the orbitals are."""

    labels: IntArray  # (r, n) orbital of (base of orbit, x)
    proved: str

    @cached_property
    def first(self) -> IntArray:
        """Position, in ``labels.ravel()``, of each orbital's smallest point in its base row."""
        flat = self.labels.ravel()
        first = np.empty(int(flat.max()) + 1, dtype=np.intp)
        first[flat[::-1]] = np.arange(flat.size - 1, -1, -1, dtype=np.intp)
        return first

    @property
    def orbit(self) -> IntArray:
        """The orbit of Y that each orbital lies over."""
        result: IntArray = self.first // self.labels.shape[1]
        return result

    @property
    def representative(self) -> IntArray:
        """The smallest point x in each orbital's base row."""
        result: IntArray = self.first % self.labels.shape[1]
        return result

    @cached_property
    def degrees(self) -> IntArray:
        """The number of points in each suborbit."""
        return np.bincount(self.labels.ravel()).astype(np.intp)


@dataclass(frozen=True, eq=False)
class SuborbitSearch:
    """The search for the suborbits of Y x X at one base point per orbit of Y.

    Parameters
    ----------
    target, source
        Checked generator images on Y and X.
    is_square
        Whether X = Y.
    known_count
        The number of orbitals, if it is known for certain.
    step_limit
        The number of elementary steps that a proof may take.
    subject
        What messages call the pair.
    invariant
        A function of pairs that the group keeps, see
        :class:`~toolkit.modules.gsets.orbitals.Orbitals`.
    """

    target: IntArray
    source: IntArray
    is_square: bool
    known_count: int | None
    step_limit: int
    subject: str
    invariant: Callable[[int, IntArray], IntArray] | None = None

    @cached_property
    def frame(self) -> Frame:
        """Both G-sets as one, with trees over Y."""
        return make_frame(self.target, self.source, self.is_square)

    @cached_property
    def orbit_sizes(self) -> IntArray:
        """Number of points of each orbit of Y."""
        return np.bincount(self.frame.forest.orbit).astype(np.intp)

    @cached_property
    def source_orbits(self) -> IntArray:
        """Label of each point of X by its orbit."""
        return self.frame.forest.orbit if self.is_square else components(self.source)

    def _bound(self, over: int) -> IntArray:
        """Per orbit of X, a number of suborbits that is certainly reached."""
        lower = np.ones(int(self.source_orbits.max()) + 1, dtype=np.intp)
        if self.is_square and self.orbit_sizes[over] > 1:
            lower[over] = 2
        return lower if self.invariant is None else np.maximum(lower, self._told_apart[over])

    @cached_property
    def _told_apart(self) -> list[IntArray]:
        """Per orbit of Y and of X, how many values the invariant has at the base."""
        assert self.invariant is not None
        orbit = self.source_orbits
        orbits = int(orbit.max()) + 1
        found = []
        for base in self.frame.forest.bases.tolist():
            values = self.invariant(base, np.arange(orbit.size, dtype=np.intp))
            cells = np.unique(np.unique(values, return_inverse=True)[1] * orbits + orbit)
            found.append(np.bincount(cells % orbits, minlength=orbits).astype(np.intp))
        return found

    @cached_property
    def candidates(self) -> tuple[Cells, list[IntArray], list[bool]]:
        """Suborbits as far as random elements and cheap proofs lead, and automorphisms of X.

        The word ``proved`` is empty if it remains to check Schreier generators: for the orbits of
        Y for which the last list says no.
        """
        frame, orbit = self.frame, self.source_orbits
        bases = frame.forest.bases
        if bases.size * orbit.size > _LARGEST_TABLE:
            least = bases.size * (int(orbit.max()) + 1)
            raise NotAvailable(
                self.subject,
                "the orbitals",
                f"there are at least {least:,} of them, one for each pair of orbits, and the table "
                f"of suborbits has {bases.size * orbit.size:,} entries, more than "
                f"{_LARGEST_TABLE:,}",
            )
        lengths = np.bincount(orbit)
        rows: list[IntArray] = []
        settled: list[bool] = []
        for over in range(bases.size):
            row, done = self._random_stage(over, lengths)
            rows.append(row)
            settled.append(done)
        total = sum(int(row.max()) + 1 for row in rows)
        if self.known_count is not None:
            if total < self.known_count:
                self.agree(total)
            if total == self.known_count:
                proved = "bound" if all(settled) else "promise"
                return Cells(_number(rows), proved), [], settled
        if all(settled):
            return Cells(_number(rows), "bound"), [], settled
        automorphisms: list[IntArray] = []
        if self.is_square:
            for over in range(bases.size):
                rows[over] = self._find_automorphisms(over, rows[over], automorphisms)
            settled = [
                done or not self._unproved(over, row, automorphisms).size
                for over, (done, row) in enumerate(zip(settled, rows, strict=True))
            ]
        proved = "automorphisms" if all(settled) else ""
        return Cells(_number(rows), proved), automorphisms, settled

    def _random_stage(self, over: int, lengths: IntArray) -> tuple[IntArray, bool]:
        """Merge points of X by random elements that fix a base; say if nothing is left open."""
        frame, orbit = self.frame, self.source_orbits
        k, base = self.target.shape[0], int(frame.forest.bases[over])
        n, length = orbit.size, int(self.orbit_sizes[over])
        if k == 0:
            return np.arange(n, dtype=np.intp), True
        if length == 1:  # the whole group fixes the base
            return orbit, True
        row = np.arange(n, dtype=np.intp)
        if k * length <= _FEW:
            points = np.flatnonzero(frame.forest.orbit == over)
            every = [frame.fixing(image, y) for image in frame.joint for y in points.tolist()]
            return components(np.stack(every)), True
        lower = self._bound(over)
        coprime = np.gcd(lengths, length) == 1
        if coprime.any():
            # an orbital's size is a multiple of both lengths, hence there is only one
            whole = np.where(coprime[orbit], orbit, orbit.size + np.arange(n))
            row = first_occurrence(np.unique(whole, return_inverse=True)[1])
        goal = max(int(lower.sum()), self.known_count or 0 if frame.forest.bases.size == 1 else 0)
        while int(row.max()) + 1 > goal:
            batch = []
            for element in islice(frame.supply, _BATCH):
                image = element[base]
                here = np.array([image], dtype=np.intp)
                batch.append(frame.up(here, element[frame.columns][None])[0] - frame.offset)
            merged = components(np.stack([*batch, class_cycles(row)]))
            if np.array_equal(merged, row):
                break
            row = merged
        return row, bool((_cells_per_orbit(row, orbit) == lower).all())

    def _find_automorphisms(
        self, over: int, row: IntArray, automorphisms: list[IntArray]
    ) -> IntArray:
        """Extend a list of permutations that commute with G, by those of one orbit of X = Y.

        A point that the stabiliser of the base fixes is the image of the base under exactly
        one of them. Where that fails, the Schreier generator that moves the point is used.
        """
        frame = self.frame
        base = int(frame.forest.bases[over])
        inside = np.flatnonzero(frame.forest.orbit == over)
        levels = [level[frame.forest.orbit[level] == over] for level in frame.forest.levels()]
        reached = np.zeros(row.size, dtype=np.bool_)
        reached[base] = True
        found: list[IntArray] = []
        while True:
            fixed = inside[(np.bincount(row)[row] == 1)[inside]]
            fixed = fixed[~reached[fixed]]
            if not fixed.size:
                automorphisms.extend(found)
                return row
            image = np.arange(row.size, dtype=np.intp)
            image[base] = fixed[0]
            for level in levels:
                step, before = frame.forest.generator[level], frame.forest.parent[level]
                image[level] = frame.elements[step, image[before]]
            wrong = image[frame.joint[:, inside]] != frame.joint[:, image[inside]]
            if wrong.any():
                g, place = (int(index) for index in np.argwhere(wrong)[0])
                moving = frame.fixing(frame.joint[g], int(inside[place]))
                row = components(np.stack([moving, class_cycles(row)]))
                continue
            found.append(image)
            classes = components(np.stack(found))
            reached = classes == classes[base]

    def _unproved(self, over: int, row: IntArray, automorphisms: list[IntArray]) -> IntArray:
        """Points of suborbits still to be checked: one suborbit for each class of them."""
        orbit = self.source_orbits
        count = int(row.max()) + 1
        first = np.empty(count, dtype=np.intp)
        first[row[::-1]] = np.arange(row.size - 1, -1, -1, dtype=np.intp)
        classes = np.arange(count, dtype=np.intp)
        if automorphisms:
            classes = components(np.stack([row[image[first]] for image in automorphisms]))
        open_ = np.ones(count, dtype=np.bool_)
        open_[(_cells_per_orbit(row, orbit) == self._bound(over))[orbit[first]]] = False
        if self.is_square:
            open_[classes == classes[row[self.frame.forest.bases[over]]]] = False
        chosen = np.zeros(count, dtype=np.bool_)
        chosen[np.unique(classes, return_index=True)[1]] = True
        return np.flatnonzero((chosen & open_)[row])

    @cached_property
    def cells(self) -> Cells:
        """The suborbits at every base, proved complete."""
        start, automorphisms, settled = self.candidates
        if start.proved:
            self.agree(start.first.size)
            return start
        rows = [first_occurrence(row) for row in _unnumber(start.labels)]
        for over, row in enumerate(rows):
            if not settled[over]:
                rows[over] = self._schreier_stage(over, row, automorphisms)
        cells = Cells(_number(rows), "schreier")
        self.agree(cells.first.size)
        return cells

    def _schreier_stage(self, over: int, row: IntArray, automorphisms: list[IntArray]) -> IntArray:
        """Check every Schreier generator on what is unproved; merge where one moves a cell.

        The partition stays the orbits of a group of elements that fix the base, so that the
        automorphisms permute its cells, and what was checked of it holds for a coarser one.
        """
        frame = self.frame
        forest = frame.forest
        points = np.flatnonzero(forest.orbit == over)
        columns = self._unproved(over, row, automorphisms)
        steps = 3 * (int(forest.depth[points].max()) + 1)
        work = steps * self.target.shape[0] * points.size * columns.size
        if work > self.step_limit:
            raise NotAvailable(
                self.subject,
                "a proved number of orbitals",
                f"checking all Schreier generators takes some {work:.1e} steps, more than "
                f"step_limit={self.step_limit:.1e}: tk.orbitals(X, Y, step_limit={int(work) + 1}) "
                "takes the time, and layers between X and Y then use what it found",
            )
        start = 0
        while start < points.size and columns.size:
            block = points[start : start + max(1, _CHUNK // columns.size)]
            values = frame.down(
                block, np.broadcast_to(columns + frame.offset, (block.size, columns.size))
            )
            moving: list[IntArray] = []
            for g, image in enumerate(frame.joint):
                there = image[block]
                tree = (forest.parent[there] == block) & (forest.generator[there] == g)
                back = frame.up(there[~tree], image[values[~tree]]) - frame.offset
                bad = np.flatnonzero((row[back] != row[columns]).any(axis=1))
                moving.extend(frame.fixing(image, y) for y in block[~tree][bad[:4]].tolist())
            if moving:
                row = components(np.stack([*moving, class_cycles(row)]))
                columns = self._unproved(over, row, automorphisms)
            else:
                start += block.size
        return row

    def agree(self, found: int) -> None:
        """Raise unless ``found`` is the number of orbitals that the caller promised."""
        if self.known_count is not None and found != self.known_count:
            raise InconsistentAnswerError(
                self.subject,
                f"{self.known_count} orbitals, as known_count says",
                f"{found if found > self.known_count else f'at most {found}'}",
            )


def _cells_per_orbit(row: IntArray, orbit: IntArray) -> IntArray:
    """Return the number of cells of a partition in each orbit, which it refines."""
    first = np.empty(int(row.max()) + 1, dtype=np.intp)
    first[row] = orbit
    return np.bincount(first, minlength=int(orbit.max()) + 1).astype(np.intp)


def _number(rows: list[IntArray]) -> IntArray:
    """Stack partitions, the numbers of each going on after those of the one before."""
    counts = np.array([int(row.max()) + 1 for row in rows], dtype=np.intp)
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    return np.stack(rows) + starts[:, None].astype(np.intp)


def _unnumber(labels: IntArray) -> list[IntArray]:
    return [row - row.min() for row in labels]
