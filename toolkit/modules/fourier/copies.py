r"""The copies of one simple inside a module, in the basis that all modules share.

The basis of a simple L must not depend on the module that L was found in. It is fixed by the
group alone, in three steps, each of which sees only how given group elements act on L:

1. *A line.* Among the weights of the abelian subgroup A on L the rarest one, chi_0, is taken.
   T = sum of c_i (w_i + w_i^{-1}) over a few fixed elements, compressed to that weight space, is
   symmetric and commutes with D = End_G(L); one well isolated eigenvalue of it belongs to a
   single line v D of L. In the module its eigenspace E has dimension m dim D.
2. *A frame of D.* Group elements compressed to E act as D from the other side. The skew part of
   the first element that has one is the unit i; that of a second one, less its part along i, the
   unit j. So E becomes D^m: m copies of v, each with v i, v j, v k.
3. *Positions.* The projections of w v to the weight spaces, for the same elements w in the same
   order, are orthogonalised over D. The coefficients are the same in every copy and every module.

In a weight space of a character chi that is not real, A turns each position by a complex
structure I. Positions are chosen so that I v = v i or -v i (type C) and I v = v i (type H), or in
pairs v, I v (type R): each pair of real basis vectors then is one complex functional of the
coordinates of :mod:`toolkit.modules.fourier.weight_spaces`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from toolkit.errors import InconsistentAnswerError
from toolkit.groups.character_table import ENDOMORPHISM_DIMENSIONS
from toolkit.modules.fourier.group_elements import move

if TYPE_CHECKING:
    from toolkit.groups.character_table import RealType
    from toolkit.modules.fourier.group_elements import GroupElements
    from toolkit.modules.fourier.weight_spaces import WeightSpaces

_COEFFICIENTS = (1.0, 0.71, 0.47, 0.29)
_ATTEMPTS = 16
_MOST_ELEMENTS = 20_000
_SEED = 7  # of the vectors that are projected; the result does not depend on them
_WORTH = 0.37  # a point is taken if its square is at least this much of the largest

#: ``END_UNITS[type][c]`` is the matrix of q -> q c on D for c = 1, i, j, k.
END_UNITS: dict[str, NDArray[np.float64]] = {
    "R": np.ones((1, 1, 1)),
    "C": np.array([[[1.0, 0], [0, 1]], [[0, -1], [1, 0]]]),
    "H": np.array(
        [
            np.eye(4),
            [[0, -1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, -1, 0]],
            [[0, 0, -1, 0], [0, 0, 0, -1], [1, 0, 0, 0], [0, 1, 0, 0]],
            [[0, 0, 0, -1], [0, 0, 1, 0], [0, -1, 0, 0], [1, 0, 0, 0]],
        ]
    ),
}


@dataclass(frozen=True, eq=False)
class Functionals:
    """Functionals of one simple in one weight space, all copies.

    Parameters
    ----------
    character
        Index of the kept character.
    vectors
        ``(k, m, q)`` complex: coordinates of q functionals per copy, unit vectors.
    real_rows, imaginary_rows
        ``(q,)`` the row of L (position times dim D plus component) that the real and the
        imaginary part belong to; -1 for no imaginary part.
    signs
        ``(q,)`` sign of the imaginary part.
    """

    character: int
    vectors: NDArray[np.complex128]
    real_rows: tuple[int, ...]
    imaginary_rows: tuple[int, ...]
    signs: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Copies:
    """All copies of one simple in a module: a list of functionals per weight."""

    functionals: tuple[Functionals, ...]


def find_copies(
    subject: str,
    spaces: WeightSpaces,
    elements: GroupElements,
    projector: NDArray[np.float64],
    dimension: int,
    kind: RealType,
    multiplicity: int,
) -> Copies:
    """Return the copies of a simple L in a module.

    Parameters
    ----------
    subject
        Group, module and simple, for errors.
    spaces
        The weight spaces of A on the module.
    elements
        The group's elements on the module.
    projector
        ``(k, n)`` rows of the projection to the L-isotypic part at the base points of the
        A-orbits.
    dimension, kind, multiplicity
        Of L: its dimension, its type, how often it occurs.

    Raises
    ------
    InconsistentAnswerError
        If dimension, type or multiplicity do not agree with how the group acts.

    Notes
    -----
    Floating point, to a few units in the last place times the dimension.
    """
    ends = ENDOMORPHISM_DIMENSIONS[kind]
    finder = _Finder(subject, spaces, elements, projector, dimension, ends, multiplicity)
    return finder.run()


class _Finder:
    def __init__(
        self,
        subject: str,
        spaces: WeightSpaces,
        elements: GroupElements,
        projector: NDArray[np.float64],
        dimension: int,
        ends: int,
        multiplicity: int,
    ) -> None:
        self.subject = subject
        self.spaces = spaces
        self.elements = elements
        self.d, self.e, self.m = dimension, ends, multiplicity
        pulled = projector[:, spaces.grid]  # (k, k', |A|): p(o, o'^a)
        if spaces.signs is not None:
            pulled = pulled * spaces.signs
        self.pulled = pulled / spaces.stabilisers[:, None]
        self.root = np.sqrt(spaces.group_order / spaces.stabilisers)
        self.weights = self._weights()

    def fail(self, expected: str, found: str) -> InconsistentAnswerError:
        return InconsistentAnswerError(self.subject, expected, found)

    def _weights(self) -> NDArray[np.intp]:
        """Return how often each kept character occurs in L (in its complexification)."""
        spaces = self.spaces
        k = spaces.orbits
        diagonal = self.pulled[np.arange(k), np.arange(k)]  # (k, |A|)
        orders = spaces.orders or (1,)
        traces = np.fft.rfftn(
            diagonal.sum(axis=0).reshape(orders), axes=tuple(range(len(orders)))
        ).real.ravel()[spaces.places]
        found = traces / self.m
        out = np.rint(found).astype(np.intp)
        total = int((out * np.where(spaces.is_real, 1, 2)).sum())
        if total != self.d or np.abs(found - out).max() > 1e-6:
            raise self.fail(f"weights that add up to dimension {self.d}", f"{total}")
        return out

    # -- step 1: a line ------------------------------------------------------------------------

    def run(self) -> Copies:
        spaces = self.spaces
        present = np.flatnonzero(self.weights)
        size = self.weights[present] * np.where(spaces.is_real[present], 1, 2)
        first = int(present[np.argmin(size)])
        self.first_real = bool(spaces.is_real[first])
        basis = self._range_basis(first, int(self.weights[first]) * self.m)
        functions = spaces.basis_of(first, basis)
        eigen = self._eigenspace(first, basis, functions)
        frame = self._frame(first, basis, functions, eigen)
        if self.first_real:
            coordinates = basis @ eigen
        else:
            r = basis.shape[1]
            coordinates = basis @ (eigen[:r] + 1j * eigen[r:])
        real = spaces.basis_of(first, coordinates).real
        if not self.first_real:
            real = np.sqrt(2) * real
        return self._positions(real @ self._lines(real, frame), present)

    def _range_basis(self, character: int, rank: int) -> NDArray[np.complex128]:
        """Return an orthonormal basis ``(k, rank)`` of the isotypic part of a weight space."""
        values: NDArray[Any] = self.spaces.character_values(character)
        if self.spaces.is_real[character]:
            values = values.real
        matrix = (self.pulled @ values) * (self.root[:, None] / self.root[None, :])
        start = np.random.RandomState(_SEED).standard_normal((len(matrix), rank))
        basis = np.linalg.qr(matrix @ start)[0]
        basis = np.linalg.qr(matrix @ basis)[0]
        residual = np.abs(matrix @ basis - basis).max(initial=0.0)
        trace = float(np.trace(matrix).real)
        if residual > 1e-8 or abs(trace - rank) > 1e-6:
            raise self.fail(
                f"a projection of rank {rank}", f"trace {trace:.6f}, residual {residual:.1e}"
            )
        return basis

    def _compressed(
        self,
        number: int,
        character: int,
        basis: NDArray[np.complex128],
        functions: NDArray[np.complex128],
    ) -> NDArray[np.float64]:
        """Return a group element compressed to the real weight space, in coordinates."""
        spaces = self.spaces
        moved = move(self.elements[number], functions)
        straight = basis.conj().T @ spaces.coordinates_at(character, moved)
        if self.first_real:
            return straight.real
        crossed = basis.conj().T @ spaces.coordinates_at(
            character, move(self.elements[number], functions.conj())
        )
        plus, minus = straight + crossed, straight - crossed
        return np.block([[plus.real, -minus.imag], [plus.imag, minus.real]])

    def _eigenspace(
        self,
        character: int,
        basis: NDArray[np.complex128],
        functions: NDArray[np.complex128],
    ) -> NDArray[np.float64]:
        """Return ``(D0, m e)``: the eigenspace of the best isolated eigenvalue of T."""
        size = basis.shape[1] * (1 if self.first_real else 2)
        group = self.m * self.e
        count, rest = divmod(size, group)
        if rest:
            raise self.fail(f"a weight space of a multiple of {group} dimensions", str(size))
        if count == 1:
            return np.eye(size)
        needed = 0.1 / count ** (2 / 3)
        best: tuple[float, NDArray[np.float64]] | None = None
        width = len(_COEFFICIENTS)
        for attempt in range(_ATTEMPTS):
            total = np.zeros((size, size))
            for c, coefficient in enumerate(_COEFFICIENTS):
                one = self._compressed(attempt * width + c, character, basis, functions)
                total += coefficient * (one + one.T)
            values, vectors = np.linalg.eigh(total)
            scale = 2 * sum(_COEFFICIENTS)  # no group element has a larger norm than 1
            grouped = values.reshape(count, group)
            spread = float(np.ptp(grouped, axis=1).max()) / scale
            gaps = np.diff(grouped.mean(axis=1)) / scale
            isolation = np.minimum(np.r_[np.inf, gaps], np.r_[gaps, np.inf])
            chosen = int(np.argmax(isolation))
            if spread < 1e-9 and (best is None or isolation[chosen] > best[0]):
                space = vectors[:, chosen * group : (chosen + 1) * group]
                best = float(isolation[chosen]), space
            if best is not None and best[0] >= needed:
                break
        if best is None or best[0] < 1e-7:
            raise self.fail(f"{count} eigenvalues of multiplicity {group}", "others")
        return best[1]

    # -- step 2: a frame of D ------------------------------------------------------------------

    def _frame(
        self,
        character: int,
        basis: NDArray[np.complex128],
        functions: NDArray[np.complex128],
        eigen: NDArray[np.float64],
    ) -> list[NDArray[np.float64]]:
        """Return the units i, j, k of D as they act on E from the left; none for type R."""
        units: list[NDArray[np.float64]] = []
        number = 0
        size = eigen.shape[1]
        while len(units) < {1: 0, 2: 1, 4: 2}[self.e]:
            one = eigen.T @ self._compressed(number, character, basis, functions) @ eigen
            skew = (one - one.T) / 2
            for unit in units:
                skew = skew - unit * float(np.sum(unit * skew)) / size
            norm = float(np.linalg.norm(skew)) / np.sqrt(size)
            if norm > 0.05:
                u, _, vt = np.linalg.svd(skew)
                units.append(u @ vt)
            number += 1
            if number > 400:
                raise self.fail(f"endomorphisms of dimension {self.e}", "no units of such")
        if len(units) == 2:
            units.append(units[0] @ units[1])
        for unit in units:
            error = float(np.abs(unit @ unit + np.eye(size)).max())
            if error > 1e-9:
                raise self.fail(f"endomorphisms of dimension {self.e}", f"i^2 + 1 = {error:.1e}")
        if len(units) == 3 and np.abs(units[0] @ units[1] + units[1] @ units[0]).max() > 1e-9:
            raise self.fail("quaternions", "units that do not anticommute")
        return units

    def _lines(
        self, functions: NDArray[np.float64], units: list[NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        """Return ``(m e, m e)``: columns v_1, v_1 i, ..., v_2, ... in coordinates of E.

        The v_j are the projections to E of delta functions, points taken in turn as far as they
        bring something new, orthogonalised over D. So they depend on E alone, not on the basis of
        it that a routine of linear algebra happened to return; and v_j is positive at its point.
        """
        size = functions.shape[1]
        rows = functions.copy()  # the coordinates in E of the delta functions
        frame: list[NDArray[np.float64]] = []
        for _ in range(self.m):
            norms = (rows**2).sum(axis=1)
            v = rows[int(np.argmax(norms > _WORTH * norms.max()))]
            v = v / np.linalg.norm(v)
            for _ in range(2):
                for other in frame:
                    v = v - other * (other @ v)
                v = v / np.linalg.norm(v)
            line = np.array([v, *(unit @ v for unit in units)])
            rows -= (rows @ line.T) @ line
            frame.extend(line)
        if np.abs(np.array(frame) @ np.array(frame).T - np.eye(size)).max() > 1e-9:
            raise self.fail(f"{self.m} copies", "lines that are not orthogonal")
        return np.array(frame).T

    # -- step 3: positions ---------------------------------------------------------------------

    def _positions(self, vectors: NDArray[np.float64], present: NDArray[np.intp]) -> Copies:
        spaces = self.spaces
        k = spaces.orbits
        open_weights = {
            int(c): _Weight(self.d, self.e, bool(spaces.is_real[c]), int(self.weights[c]))
            for c in present
        }
        unfinished = dict(open_weights)
        number = -1
        while unfinished:
            moved = vectors if number < 0 else move(self.elements[number], vectors)
            spectrum = spaces.analyse(moved).reshape(k, -1, self.m, self.e)
            for character in list(unfinished):
                weight = unfinished[character]
                coordinates = spectrum[:, character]
                weight.offer(coordinates.real if weight.real else np.sqrt(2) * coordinates)
                if weight.complete:
                    del unfinished[character]
            number += 1
            if number > _MOST_ELEMENTS:
                raise self.fail(f"{self.d} dimensions", "fewer after many elements")
        position = 0
        out = []
        for character, weight in open_weights.items():
            functionals, position = weight.functionals(character, position)
            out.append(functionals)
        return Copies(tuple(out))


class _Weight:
    """Positions of L found so far in one weight space."""

    def __init__(self, dimension: int, ends: int, real: bool, weight: int) -> None:
        self.real = real
        self.ends = ends
        block = ends if real else max(2, ends)
        self.needed = weight * (1 if real else 2) // block
        self.least = 0.2 * block / dimension
        self.kept: list[NDArray[Any]] = []  # real in the weight space of a real character
        self.sides: list[int] = []

    @property
    def complete(self) -> bool:
        return len(self.kept) >= self.needed

    def offer(self, z: NDArray[Any]) -> None:
        """Take the projection of w v, coordinates ``(k, m, e)``, as new positions if it is one."""
        if self.real or self.ends == 1:
            self._take(z, 0)
        elif self.ends == 2:
            self._take((z[..., :1] - 1j * z[..., 1:]) / 2, 1)
            if not self.complete:
                self._take((z[..., :1] + 1j * z[..., 1:]) / 2, -1)
        else:
            one = (z[..., 0] - 1j * z[..., 1]) / 2
            other = (z[..., 2] - 1j * z[..., 3]) / 2
            self._take(np.stack([one, other], axis=-1), 0)

    def _take(self, z: NDArray[Any], side: int) -> None:
        """Orthogonalise over D against the positions kept, and keep what is left."""
        copies = z.shape[1]
        start: NDArray[Any] = z
        for _ in range(2):
            for kept, its_side in zip(self.kept, self.sides, strict=True):
                if its_side != side:
                    continue
                if self.real:
                    start = start - self._along(kept, start)
                else:
                    scale = copies * kept.shape[2]
                    start = start - kept * (np.vdot(kept, start) / scale)
        norm = float(np.vdot(start, start).real) / (copies * start.shape[2])
        if norm >= self.least * (0.5 if side else 1.0):
            self.kept.append(start / np.sqrt(norm))
            self.sides.append(side)

    def _along(self, kept: NDArray[Any], z: NDArray[Any]) -> NDArray[Any]:
        """Return u q with q = the D-valued inner product of the line u D with z."""
        copies = z.shape[1]
        units = END_UNITS[{1: "R", 2: "C", 4: "H"}[self.ends]]
        coefficients = np.einsum("kja,kj->a", kept, z[..., 0]) / copies
        # (u q) b = u (q b): component b of the new line
        table = np.einsum("bca,a->bc", units, coefficients)  # coordinates of q b
        result: NDArray[Any] = np.einsum("kjc,bc->kjb", kept, table)
        return result

    def functionals(self, character: int, position: int) -> tuple[Functionals, int]:
        """Return the functionals, positions being numbered on from the given one."""
        e = self.ends
        vectors: list[NDArray[Any]] = []
        real_rows: list[int] = []
        imaginary_rows: list[int] = []
        signs: list[int] = []

        def add(vector: NDArray[Any], real: int, imaginary: int, sign: int) -> None:
            vectors.append(vector)
            real_rows.append(real)
            imaginary_rows.append(imaginary)
            signs.append(sign)

        for kept, side in zip(self.kept, self.sides, strict=True):
            row = position * e
            if self.real:
                for a in range(e):
                    add(kept[..., a], row + a, -1, 1)
                position += 1
            elif e == 1:
                add(kept[..., 0], row, row + 1, 1)
                position += 2
            elif e == 2:
                add(kept[..., 0], row, row + 1, side)
                position += 1
            else:
                add(kept[..., 0], row, row + 1, 1)
                add(kept[..., 1], row + 2, row + 3, 1)
                position += 1
        stacked = np.stack(vectors, axis=-1).astype(np.complex128)
        return (
            Functionals(character, stacked, tuple(real_rows), tuple(imaginary_rows), tuple(signs)),
            position,
        )
