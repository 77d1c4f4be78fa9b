"""What every relabeling keeps of linear maps, and random maps that differ by relabelings.

Every permutation of coordinates keeps the identity and maps to and from the mean: such a part of a
map says nothing about one group of permutations. A gain for each coordinate, or a bias of each row
or column, is no symmetry either, and is far from isotropic among all matrices. The random maps
here have the same gains, row and column means, symmetric and antisymmetric parts in size, and
other directions: chance for maps of this kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from toolkit.library.symmetry.averaging import orbit_labels
from toolkit.library.symmetry.hom_subspace import actions_of_words

if TYPE_CHECKING:
    from toolkit.modules.module import Module


@dataclass(frozen=True, eq=False)
class Part:
    """Coordinates of a module that relabelings mix: an orbit of points, or a linear module.

    Parameters
    ----------
    places
        ``(k,)`` the coordinates.
    kind
        Equal for parts on which generators act in the same way: relabeled in the same way.
    fixed
        ``(k, f)`` orthonormal vectors that the group fixes.
    has_points
        Whether its coordinates are points without signs.
    """

    places: NDArray[np.intp]
    kind: tuple[bytes, int]
    fixed: NDArray[np.float64]
    has_points: bool

    def rotation(self, chance: np.random.Generator) -> NDArray[np.float64]:
        """Return a random orthogonal matrix that fixes what the group fixes."""
        return fixing(self.fixed, chance)


def orthogonal(n: int, chance: np.random.Generator) -> NDArray[np.float64]:
    """Return a random orthogonal matrix, uniformly distributed."""
    q, r = np.linalg.qr(chance.normal(size=(n, n)))
    out: NDArray[np.float64] = q * np.sign(np.diag(r))
    return out


def fixing(fixed: NDArray[np.float64], chance: np.random.Generator) -> NDArray[np.float64]:
    """Return a random orthogonal matrix that fixes orthonormal columns."""
    k, f = fixed.shape
    rest = np.linalg.svd(fixed, full_matrices=True)[0][:, f:]
    out: NDArray[np.float64] = fixed @ fixed.T + rest @ orthogonal(k - f, chance) @ rest.T
    return out


def parts_of(X: Module, generators: int) -> list[Part]:
    """Return the parts of a module of a group with so many generators."""
    actions = actions_of_words(X, [(g,) for g in range(generators)])
    n = X.degree
    if actions.ndim == 2:
        labels = orbit_labels(list(actions), n)
        out = []
        for label in range(int(labels.max(initial=-1)) + 1):
            places = np.flatnonzero(labels == label)
            inside = np.searchsorted(places, actions[:, places])
            k = places.size
            ones = np.full((k, 1), k**-0.5)
            out.append(Part(places, (inside.astype(np.int64).tobytes(), k), ones, True))
        return out
    moved = np.concatenate([np.eye(n)[None] - actions]).reshape(-1, n)
    fixed = np.eye(n)
    if len(moved):
        sizes, vectors = np.linalg.eigh(moved.T @ moved)
        fixed = vectors[:, sizes < 1e-12 * max(1.0, float(sizes[-1]))]
    key = np.round(actions, 9).tobytes()
    return [Part(np.arange(n), (key, n), fixed, False)]


def all_relabelings(X: list[Part], Y: list[Part]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return generators of all relabelings, as actions on inputs and outputs.

    Parts of one kind are relabeled at once. Points are permuted, two permutations for each kind;
    coordinates of a linear module turned by two random rotations that fix what the group fixes.
    """
    chance = np.random.default_rng(0)
    sides = [X, Y]
    sizes = [sum(part.places.size for part in side) for side in sides]
    points = all(part.has_points for side in sides for part in side)
    kinds = list(dict.fromkeys((part.kind, part.has_points) for side in sides for part in side))
    found: list[list[NDArray[Any]]] = [[np.arange(n)] if points else [np.eye(n)] for n in sizes]
    for kind, has_points in kinds:
        one = next(p for side in sides for p in side if p.kind == kind)
        k = one.places.size
        swap = np.concatenate([np.arange(k)[:2][::-1], np.arange(2, k)])
        images = [np.roll(np.arange(k), 1), swap]
        for image in images:
            own = np.eye(k)[image] if has_points else one.rotation(chance)
            for side, n, actions in zip(sides, sizes, found, strict=True):
                action = np.arange(n) if points else np.eye(n)
                for part in side:
                    if part.kind != kind:
                        continue
                    if points:
                        action[part.places] = part.places[image]
                    else:
                        action[np.ix_(part.places, part.places)] = own
                actions.append(action)
    return np.array(found[0]), np.array(found[1])


class Relabeled:
    """Random maps of the same kind as a given one.

    Parameters
    ----------
    X, Y
        The parts of inputs and outputs.
    """

    def __init__(self, X: list[Part], Y: list[Part]) -> None:
        self.X, self.Y = X, Y
        self._fits: dict[tuple[int, bool], tuple[NDArray[Any], NDArray[Any]]] = {}

    @property
    def has_pairs(self) -> bool:
        """Whether some inputs and outputs are relabeled in the same way."""
        return bool({p.kind for p in self.X} & {p.kind for p in self.Y})

    def draw(
        self, W: NDArray[np.float64], chance: np.random.Generator, *, permute: bool = False
    ) -> NDArray[np.float64]:
        """Return a random map with the gains, means and parts of W in size.

        Parameters
        ----------
        W
            ``(outputs, inputs)``.
        chance
            Its generator.
        permute
            Whether gains and means are permuted among the coordinates: chance exactly, if they are
            exchangeable. Else they are turned by rotations: chance, if they are normal.

        Notes
        -----
        A block between unlike parts becomes P W Q with random rotations P and Q that fix the mean.
        A square block between like parts is the sum of diag(a), b 1^T and 1 c^T, whose vectors are
        moved at once, and of a symmetric and an antisymmetric rest,
        whose directions are uniform.
        """
        out = np.zeros_like(W)
        turns = {p.kind: p.rotation(chance) for p in (*self.X, *self.Y)}
        gains = {p.kind: _gains(p, chance, permute) for p in (*self.X, *self.Y)}
        for y in self.Y:
            for x in self.X:
                place = np.ix_(y.places, x.places)
                if y.kind == x.kind and x.places.size > 1:
                    out[place] = self._square(W[place], x.has_points, gains[x.kind], chance)
                else:
                    out[place] = turns[y.kind] @ W[place] @ turns[x.kind].T
        return out

    def _square(
        self,
        W: NDArray[np.float64],
        has_points: bool,
        turn: NDArray[np.float64],
        chance: np.random.Generator,
    ) -> NDArray[np.float64]:
        n = len(W)
        if (n, has_points) not in self._fits:
            eye, ones = np.eye(n), np.ones(n)
            parts = [np.stack([np.diag(e) for e in eye])]
            if has_points:
                parts += [np.stack([np.outer(e, ones) for e in eye])]
                parts += [np.stack([np.outer(ones, e) for e in eye])]
            columns = np.concatenate(parts).reshape(-1, n * n).T
            self._fits[n, has_points] = (columns, np.linalg.pinv(columns))
        columns, fit = self._fits[n, has_points]
        vectors = (fit @ W.reshape(-1)).reshape(-1, n)
        rest = W - (columns @ vectors.reshape(-1)).reshape(n, n)
        free = chance.normal(size=n * n)
        free = (free - columns @ (fit @ free)).reshape(n, n)
        out = (columns @ (vectors @ turn.T).reshape(-1)).reshape(n, n)
        for sign in (1, -1):
            size = np.linalg.norm(rest + sign * rest.T) / 2
            own = (free + sign * free.T) / 2
            norm = float(np.linalg.norm(own))
            if norm > 1e-9 * n:
                out = out + own * (size / norm)
        return out

    def conjugate(self, W: NDArray[np.float64], chance: np.random.Generator) -> NDArray[np.float64]:
        """Return P W Q with rotations that fix the mean, the same ones for like parts."""
        turns = {p.kind: p.rotation(chance) for p in (*self.X, *self.Y)}
        return self._turned(W, turns, turns)

    def rotated(self, W: NDArray[np.float64], chance: np.random.Generator) -> NDArray[np.float64]:
        """Return P W Q with independent rotations that fix the mean."""
        one = {p.kind: p.rotation(chance) for p in self.Y}
        two = {p.kind: p.rotation(chance) for p in self.X}
        return self._turned(W, one, two)

    def _turned(
        self,
        W: NDArray[np.float64],
        rows: dict[tuple[bytes, int], NDArray[np.float64]],
        columns: dict[tuple[bytes, int], NDArray[np.float64]],
    ) -> NDArray[np.float64]:
        out = np.zeros_like(W)
        for y in self.Y:
            for x in self.X:
                place = np.ix_(y.places, x.places)
                out[place] = rows[y.kind] @ W[place] @ columns[x.kind].T
        return out


def _gains(part: Part, chance: np.random.Generator, permute: bool) -> NDArray[np.float64]:
    k = part.places.size
    if permute:
        return np.asarray(np.eye(k)[chance.permutation(k)])
    return fixing(np.full((k, 1), k**-0.5), chance)
