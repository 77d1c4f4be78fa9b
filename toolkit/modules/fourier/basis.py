r"""Fourier bases: orthogonal coordinates in which a group acts by the same matrices everywhere.

For a module X of a group G the basis is an orthogonal matrix B from Fun(X) to the sum over the
simples L of m_L copies of L, with B g = (sum of rho_L(g) x 1) B for every g in G, and with *the
same* real orthogonal matrices rho_L for every module of the group. Every equivariant linear map
Fun X -> Fun Y then is B_Y^T (sum of 1 x W_L) B_X, with W_L a matrix over D = End_G(L).

Rows of B are numbered by simple, copy, position, component: a copy of L is the row space
D^(dim L / dim D), on which D acts from the right, component c being the coordinate at the unit
1, i, j, k.
:mod:`toolkit.modules.fourier.copies` explains how the basis is chosen, and why it is the same in
every module.

The basis is adapted to an abelian subgroup A: it is a fast Fourier transform over the orbits of
A, followed by one small unitary matrix for each character of A.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from toolkit.cached import cached_property
from toolkit.errors import InconsistentAnswerError
from toolkit.modules.fourier.adapted import TOLERANCE, AdaptedBasis, Certificate, FourierSimple
from toolkit.modules.fourier.copies import Copies, find_copies
from toolkit.modules.fourier.group_elements import Action, GroupElements, move
from toolkit.modules.fourier.weight_spaces import WeightSpaces, weight_spaces
from toolkit.modules.gsets.actions import IntArray

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.groups.character_table import RealType
    from toolkit.modules.fourier.abelian_subgroup import AbelianSubgroup

#: Columns that are transformed at once.
COLUMNS = 512


def memory_of_basis(degree: int, widest: int = 0) -> int:
    """Return an upper bound for the bytes needed to make a Fourier basis.

    Parameters
    ----------
    degree
        |X|.
    widest
        The most rows of one simple, all its copies together.

    Examples
    --------
    >>> memory_of_basis(5040, 1225)
    918062464
    """
    return 16 * degree**2 + 72 * degree * max(widest, COLUMNS) + (1 << 26)


@dataclass(frozen=True, eq=False)
class FourierBasis(AdaptedBasis):
    """A real orthogonal basis of Fun(X) adapted to the simples, and its certificate.

    Parameters
    ----------
    group, module
        Names.
    simples
        The simples that occur, in canonical order.
    spaces
        The orbits of the abelian subgroup A.
    functionals
        ``(F, k)`` complex unit vectors of coordinates in weight spaces, or real if every
        character is.
    characters
        ``(F,)`` the kept character of each, rising.
    real_rows, imaginary_rows
        ``(F,)`` the row of B that real and imaginary part go to; -1 for no imaginary part.
    imaginary_signs
        ``(F,)`` 1 or -1.
    images, signs
        ``(generators, n)`` how the generators act; signs ``None`` for a permutation module.
    certificate
        Measured when the basis was made.

    Examples
    --------
    >>> import toolkit as tk
    >>> basis = tk.fourier_basis(tk.group("C3").regular_module())
    >>> basis.row_labels
    (('L0', 0, 0), ('L1', 0, 0), ('L1', 0, 1))
    >>> basis.matrix.round(3) + 0.0
    array([[ 0.577,  0.577,  0.577],
           [ 0.816, -0.408, -0.408],
           [ 0.   , -0.707,  0.707]])
    """

    group: str
    module: str
    simples: tuple[FourierSimple, ...]
    spaces: WeightSpaces
    functionals: NDArray[Any]
    characters: IntArray
    real_rows: IntArray
    imaginary_rows: IntArray
    imaginary_signs: NDArray[np.int8]
    images: IntArray
    signs: NDArray[np.int8] | None
    certificate: Certificate

    @property
    def degree(self) -> int:
        """|X|."""
        return self.spaces.degree

    @cached_property
    def matrix(self) -> NDArray[np.float64]:
        """``(|X|, |X|)`` float64: B, with orthonormal rows. O(|X|^2 [G:A])."""
        n = self.degree
        out = np.empty((n, n))
        for start in range(0, n, COLUMNS):  # a transform of all of them takes ten such matrices
            rows = slice(start, start + COLUMNS)
            out[rows] = self.synthesise(np.eye(n, min(COLUMNS, n - start), -start)).T
        out.flags.writeable = False
        return out

    @property
    def is_orthogonal(self) -> bool:
        """Whether the rows are orthonormal: always, where G permutes the coordinates."""
        return True

    @property
    def inverse(self) -> NDArray[np.float64]:
        """``(|X|, |X|)`` float64: the inverse of B, which is its transpose."""
        return self.matrix.T

    @cached_property
    def models(self) -> dict[str, NDArray[np.float64]]:
        """Per label the orthogonal matrices rho_L(g) of the generators, ``(generators, d, d)``.

        They act on columns: the coordinates of g f in a copy of L are rho_L(g) times those of f.
        The same for every module of the group, to rounding.
        """
        first = np.concatenate([s.start + np.arange(s.dimension) for s in self.simples])
        functions = self.matrix[first].T
        acted = [
            self.analyse(np.asarray(move(self.action(g), functions)))[first]
            for g in range(len(self.images))
        ]
        out = {}
        at = 0
        for s in self.simples:
            own = slice(at, at + s.dimension)
            out[s.label] = np.array([a[own, own] for a in acted]).reshape(
                len(acted), s.dimension, s.dimension
            )
            at += s.dimension
        return out

    def action(self, generator: int) -> Action:
        """Return how a generator acts, 0-based."""
        return self.images[generator], None if self.signs is None else self.signs[generator]

    @cached_property
    def slots(self) -> tuple[IntArray, int]:
        """``(F,)`` the number of each functional within its character, and the most of them."""
        starts = np.searchsorted(self.characters, self.characters)
        out = np.arange(len(self.characters)) - starts
        return out, int(out.max()) + 1

    @cached_property
    def blocks(self) -> NDArray[Any]:
        """``(c, s, k)`` the functionals by character, padded with zeros."""
        slot, most = self.slots
        out = np.zeros(
            (len(self.spaces.characters), most, self.spaces.orbits), dtype=self.functionals.dtype
        )
        out[self.characters, slot] = self.functionals
        return out

    @cached_property
    def _real(self) -> NDArray[np.bool_]:
        result: NDArray[np.bool_] = self.imaginary_rows < 0
        return result

    def analyse(self, functions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the coordinates B f of functions ``(|X|, b)``, by the fast transform."""
        spectrum: NDArray[Any] = self.spaces.analyse(functions).transpose(1, 0, 2)
        if np.isrealobj(self.blocks):
            spectrum = spectrum.real
        values = (self.blocks.conj() @ spectrum)[self.characters, self.slots[0]]
        out = np.empty((self.degree, functions.shape[1]))
        real = self._real
        factor = np.where(real, 1.0, np.sqrt(2))[:, None]
        out[self.real_rows] = values.real * factor
        turned = values[~real].imag * self.imaginary_signs[~real, None]
        out[self.imaginary_rows[~real]] = turned * np.sqrt(2)
        return out

    def synthesise(self, coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the functions B^T c of coordinates ``(|X|, b)``, by the fast transform."""
        real = self._real
        values = coordinates[self.real_rows].astype(np.complex128)
        values[~real] += (
            1j * self.imaginary_signs[~real, None] * coordinates[self.imaginary_rows[~real]]
        )
        values[~real] /= np.sqrt(2)
        slot, most = self.slots
        padded = np.zeros(
            (len(self.spaces.characters), most, coordinates.shape[1]), dtype=np.complex128
        )
        padded[self.characters, slot] = values
        spectrum = self.blocks.transpose(0, 2, 1) @ padded
        return self.spaces.synthesise(spectrum.transpose(1, 0, 2))


def fourier_basis_of_action(
    group: str,
    module: str,
    images: IntArray,
    signs: NDArray[np.int8] | None,
    group_order: int,
    subgroup: AbelianSubgroup,
    simples: Sequence[tuple[str, int, RealType, int]],
    projector: Callable[[int, IntArray], NDArray[np.float64]],
) -> FourierBasis:
    """Compute the Fourier basis of a (signed) permutation module.

    Parameters
    ----------
    group, module
        Names.
    images, signs
        ``(k, n)`` generator images, 0-based, and signs or ``None``.
    group_order
        |G|.
    subgroup
        An abelian subgroup, the same for every module of the group.
    simples
        Label, dimension, type and multiplicity of each simple that occurs, in canonical order.
    projector
        ``projector(i, points)``: ``(len(points), n)`` rows of the projection to the isotypic
        part of the i-th simple.

    Raises
    ------
    InconsistentAnswerError
        If the basis misses its certificate: an entry of one of the two differences is larger
        than 1e-12 times the square root of the degree, and than 1e-12 itself.

    Notes
    -----
    O(n^2 [G:A]) and O(n) for each pseudorandom element used. Floating point; what is discrete
    (dimensions, types, multiplicities) is given exactly and is checked.
    """
    spaces = weight_spaces(subgroup, images, signs)
    elements = GroupElements(images, signs, group_order)
    bases = spaces.grid[:, 0]
    found: list[Copies] = []
    placed: list[FourierSimple] = []
    start = 0
    for i, (label, dimension, kind, multiplicity) in enumerate(simples):
        found.append(
            find_copies(
                f"{group}, {label} in {module}",
                spaces,
                elements,
                projector(i, bases),
                dimension,
                kind,
                multiplicity,
            )
        )
        placed.append(FourierSimple(label, dimension, kind, multiplicity, start))
        start += dimension * multiplicity
    if start != images.shape[1]:
        raise InconsistentAnswerError(
            group, f"simples that fill the {images.shape[1]} dimensions of {module}", str(start)
        )
    arrays = _assembled(spaces, placed, found)
    basis = FourierBasis(
        group, module, tuple(placed), spaces, *arrays, images, signs, Certificate(0.0, 0.0)
    )
    return replace(basis, certificate=certify(basis))


def _assembled(
    spaces: WeightSpaces, simples: Sequence[FourierSimple], found: Sequence[Copies]
) -> tuple[NDArray[Any], IntArray, IntArray, IntArray, NDArray[np.int8]]:
    vectors, characters, real_rows, imaginary_rows, signs = [], [], [], [], []
    for simple, copies in zip(simples, found, strict=True):
        for part in copies.functionals:
            k, m, q = part.vectors.shape
            offset = simple.start + simple.dimension * np.arange(m)
            vectors.append(part.vectors.reshape(k, m * q).T)
            characters.append(np.full(m * q, part.character))
            real_rows.append((offset[:, None] + np.array(part.real_rows)).ravel())
            imaginary = np.array(part.imaginary_rows)
            imaginary_rows.append(np.where(imaginary < 0, -1, offset[:, None] + imaginary).ravel())
            signs.append(np.tile(np.array(part.signs, dtype=np.int8), m))
    order = np.argsort(np.concatenate(characters), kind="stable")
    functionals = np.concatenate(vectors)[order]
    character = np.concatenate(characters)[order]
    polished = _polished(functionals, character)
    if spaces.is_real.all():
        return (
            polished.real.copy(),
            character,
            np.concatenate(real_rows)[order],
            np.concatenate(imaginary_rows)[order],
            np.concatenate(signs)[order],
        )
    return (
        polished,
        character,
        np.concatenate(real_rows)[order],
        np.concatenate(imaginary_rows)[order],
        np.concatenate(signs)[order],
    )


def _polished(functionals: NDArray[np.complex128], characters: IntArray) -> NDArray[np.complex128]:
    """Return the functionals with one Newton step towards orthonormal ones in each weight space."""
    out = functionals.copy()
    cuts = np.flatnonzero(np.diff(characters)) + 1
    for rows in np.split(np.arange(len(characters)), cuts):
        block = functionals[rows]
        out[rows] = 1.5 * block - 0.5 * (block @ block.conj().T) @ block
    return out


def _blocks(simples: Sequence[FourierSimple]) -> list[list[FourierSimple]]:
    """Return consecutive simples together, of some hundred rows each time."""
    out: list[list[FourierSimple]] = []
    for simple in simples:
        if not out or simple.rows.stop - out[-1][0].start > COLUMNS:
            out.append([])
        out[-1].append(simple)
    return out


def certify(basis: FourierBasis) -> Certificate:
    """Measure how far a basis is from its laws.

    Raises
    ------
    InconsistentAnswerError
        If that is further than rounding explains: more than 1e-12 times the square root of the
        degree.
    """
    n = basis.degree
    matrix = basis.matrix
    orthogonality = 0.0
    for start in range(0, n, COLUMNS):
        block = matrix[start : start + COLUMNS] @ matrix.T
        block[np.arange(len(block)), start + np.arange(len(block))] -= 1.0
        orthogonality = max(orthogonality, float(np.abs(block).max()))
    worst = 0.0
    for g in range(len(basis.images)):
        for group in _blocks(basis.simples):
            first, last = group[0].start, group[-1].rows.stop
            acted = basis.analyse(np.asarray(move(basis.action(g), matrix[first:last].T)))
            for simple in group:
                d, m = simple.dimension, simple.multiplicity
                columns = slice(simple.start - first, simple.rows.stop - first)
                own = acted[simple.rows, columns].reshape(m, d, m, d)
                own[np.arange(m), :, np.arange(m), :] -= basis.models[simple.label][g]
            worst = max(worst, float(np.abs(acted).max()))
    allowed = TOLERANCE * max(1.0, np.sqrt(n))
    if not max(orthogonality, worst) <= allowed:
        raise InconsistentAnswerError(
            basis.group,
            f"a Fourier basis of {basis.module} with deviations below {allowed:.1e}",
            f"{orthogonality:.1e} from orthogonality, {worst:.1e} from equivariance",
        )
    return Certificate(orthogonality, worst)
