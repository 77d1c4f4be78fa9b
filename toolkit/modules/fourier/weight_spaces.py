"""The weight spaces of an abelian group A acting on points: a fast Fourier transform over orbits.

For A = <a_1> x ... x <a_r> with orders n_1, ..., n_r a character chi is a tuple (j_1, ..., j_r):
a_s acts as exp(2 pi i j_s / n_s). A function f on X has in the weight space of chi one complex
coordinate per A-orbit o (with base point o and stabiliser S_o, on which chi must be trivial),

    z_o = (|A| |S_o|)^(-1/2) * sum over a in A of f(o^a) conj(chi(a)),

the coordinate in the orthonormal basis of functions chi(a) / sqrt|o^A| at o^a. A real f has
conjugate coordinates in conjugate weight spaces, so that one character of each pair is kept.
Points may carry signs (signed permutation modules); they enter as factors of f(o^a).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from toolkit.cached import cached_property
from toolkit.errors import ModuleMismatchError
from toolkit.modules.fourier.abelian_subgroup import word_permutation
from toolkit.modules.gsets.actions import IntArray, first_occurrence, orbit_labels

if TYPE_CHECKING:
    from toolkit.modules.fourier.abelian_subgroup import AbelianSubgroup


@dataclass(frozen=True, eq=False)
class WeightSpaces:
    """The action of an abelian group on X as a grid of points.

    Parameters
    ----------
    orders
        ``(r,)`` the orders n_s; empty for the trivial group.
    grid
        ``(k, |A|)`` points: ``grid[o, i]`` is the o-th orbit's base point moved by the i-th
        element a_1^i_1 ... a_r^i_r, the last index running fastest.
    signs
        ``(k, |A|)`` signs of that motion, or ``None`` if there are none.
    stabilisers
        ``(k,)`` orders |S_o|.

    Examples
    --------
    >>> from toolkit.modules.fourier.abelian_subgroup import AbelianSubgroup
    >>> spaces = weight_spaces(AbelianSubgroup(((0,),), (4,)), np.array([[1, 2, 3, 0]]))
    >>> spaces.characters.tolist(), spaces.is_real.tolist()
    ([[0], [1], [2]], [True, False, True])
    """

    orders: tuple[int, ...]
    grid: IntArray
    signs: NDArray[np.int8] | None
    stabilisers: IntArray

    @property
    def orbits(self) -> int:
        """Number k of A-orbits on X."""
        return int(self.grid.shape[0])

    @property
    def group_order(self) -> int:
        """|A|."""
        return int(self.grid.shape[1])

    @cached_property
    def degree(self) -> int:
        """|X|."""
        return int(self.grid.max()) + 1

    @cached_property
    def _spectrum_shape(self) -> tuple[int, ...]:
        """Shape of the half spectrum that a real transform returns."""
        if not self.orders:
            return (1,)
        return (*self.orders[:-1], self.orders[-1] // 2 + 1)

    @cached_property
    def _half(self) -> tuple[IntArray, IntArray, IntArray]:
        """Characters kept, their places in the half spectrum, and every place's kept character."""
        shape = self._spectrum_shape
        orders = self.orders or (1,)
        every = np.indices(shape).reshape(len(shape), -1).T
        conjugate = (-every) % np.array(orders)
        inside = conjugate[:, -1] < shape[-1]
        place = np.arange(len(every))
        other = np.full(len(every), len(every))
        other[inside] = np.ravel_multi_index(tuple(conjugate[inside].T), shape)
        kept = np.flatnonzero(other >= place)
        number = np.full(len(every), -1)
        number[kept] = np.arange(kept.size)
        missing = np.flatnonzero(number < 0)
        number[missing] = number[other[missing]]
        return every[kept], kept, number

    @cached_property
    def characters(self) -> IntArray:
        """``(c, r)`` exponents of the characters kept, one of each conjugate pair."""
        return self._half[0]

    @property
    def places(self) -> IntArray:
        """``(c,)`` place of each kept character in the flattened half spectrum."""
        return self._half[1]

    @property
    def keeper(self) -> IntArray:
        """``(h,)`` for each place of the half spectrum the kept character, or its conjugate."""
        return self._half[2]

    @cached_property
    def is_conjugate(self) -> NDArray[np.bool_]:
        """``(h,)`` whether a place holds the conjugate of the kept character's coordinate."""
        result: NDArray[np.bool_] = self.places[self.keeper] != np.arange(self.keeper.size)
        return result

    @cached_property
    def is_real(self) -> NDArray[np.bool_]:
        """``(c,)`` whether the character has values 1 and -1 only."""
        orders = np.array(self.orders or (1,))
        result: NDArray[np.bool_] = ((2 * self.characters) % orders == 0).all(axis=1)
        return result

    @cached_property
    def occurs(self) -> NDArray[np.bool_]:
        """``(k, c)`` whether the orbit has the character at all."""
        base = self.grid[:, :1]
        fixing = (self.grid == base).astype(np.float64)
        if self.signs is not None:
            fixing *= self.signs
        spectrum = self._forward(fixing[..., None])[..., 0]
        result: NDArray[np.bool_] = spectrum.real > 0.5
        return result

    @cached_property
    def scale(self) -> NDArray[np.float64]:
        """``(k,)`` the factors (|A| |S_o|)^(-1/2)."""
        return 1 / np.sqrt(self.group_order * self.stabilisers.astype(np.float64))

    @cached_property
    def reader(self) -> IntArray:
        """``(n,)`` a place of the flattened grid that holds each point."""
        out = np.empty(self.degree, dtype=np.intp)
        flat = self.grid.ravel()[::-1]
        out[flat] = np.arange(flat.size - 1, -1, -1)
        return out

    def character_values(self, character: int) -> NDArray[np.complex128]:
        """Return ``(|A|,)`` values of a kept character on the elements, in the grid's order."""
        orders = self.orders or (1,)
        exponents = np.indices(orders).reshape(len(orders), -1).T
        # one reduced fraction per element, so that values are exact to rounding
        common = math.lcm(*orders)
        steps = (exponents * self.characters[character] * (common // np.array(orders))).sum(axis=1)
        result: NDArray[np.complex128] = unit_roots(common)[steps % common]
        return result

    def analyse(self, functions: NDArray[np.float64]) -> NDArray[np.complex128]:
        """Return the coordinates ``(k, c, b)`` of real functions ``(n, b)``."""
        pulled = functions[self.grid]
        if self.signs is not None:
            pulled = pulled * self.signs[..., None]
        return self._forward(pulled) * self.scale[:, None, None]

    def synthesise(self, coordinates: NDArray[np.complex128]) -> NDArray[np.float64]:
        """Return the real functions ``(n, b)`` with given coordinates ``(k, c, b)``."""
        spectrum = coordinates[:, self.keeper] * (self.scale * self.stabilisers)[:, None, None]
        spectrum[:, self.is_conjugate] = spectrum[:, self.is_conjugate].conj()
        k, _, b = spectrum.shape
        orders = self.orders or (1,)
        values = (
            np.fft.irfftn(
                spectrum.reshape(k, *self._spectrum_shape, b),
                s=orders,
                axes=tuple(range(1, len(orders) + 1)),
            )
            * self.group_order
        )
        values = values.reshape(k * self.group_order, b)
        if self.signs is not None:
            values = values * self.signs.reshape(-1, 1)
        result: NDArray[np.float64] = values[self.reader]
        return result

    def basis_of(
        self, character: int, coordinates: NDArray[np.complex128]
    ) -> NDArray[np.complex128]:
        """Return complex functions ``(n, b)`` with coordinates ``(k, b)`` in one weight space."""
        values = self.character_values(character)[None, :, None]
        factor = (self.scale * self.stabilisers)[:, None, None]
        spread = (coordinates[:, None, :] * factor * values).reshape(-1, coordinates.shape[1])
        if self.signs is not None:
            spread = spread * self.signs.reshape(-1, 1)
        result: NDArray[np.complex128] = spread[self.reader]
        return result

    def coordinates_at(
        self, character: int, functions: NDArray[np.complex128]
    ) -> NDArray[np.complex128]:
        """Return the coordinates ``(k, b)`` of complex functions ``(n, b)`` in one weight space."""
        pulled = functions[self.grid]
        if self.signs is not None:
            pulled = pulled * self.signs[..., None]
        values = self.character_values(character).conj()
        result: NDArray[np.complex128] = np.einsum("kab,a->kb", pulled, values)
        return result * self.scale[:, None]

    def _forward(self, pulled: NDArray[np.float64]) -> NDArray[np.complex128]:
        k, _, b = pulled.shape
        orders = self.orders or (1,)
        spectrum = np.fft.rfftn(
            pulled.reshape(k, *orders, b), axes=tuple(range(1, len(orders) + 1))
        )
        result: NDArray[np.complex128] = spectrum.reshape(k, -1, b)[:, self.places]
        return result


def unit_roots(n: int) -> NDArray[np.complex128]:
    """Return the n-th roots of unity exp(2 pi i j / n), each as accurate as it can be."""
    j = np.arange(n)
    # reduce to the first eighth of the circle, so that 1, i, -1, -i come out exactly
    angle = 2 * np.pi * j / n
    out = np.cos(angle) + 1j * np.sin(angle)
    for numerator, value in ((0, 1), (1, 1j), (2, -1), (3, -1j)):
        if (numerator * n) % 4 == 0:
            out[(numerator * n) // 4 % n] = value
    return out


def weight_spaces(
    subgroup: AbelianSubgroup, images: IntArray, signs: NDArray[np.int8] | None = None
) -> WeightSpaces:
    """Return the weight spaces of a subgroup on a G-set.

    Parameters
    ----------
    subgroup
        A, by words.
    images
        ``(k, n)`` images of G's generators, 0-based.
    signs
        ``(k, n)`` signs, (g f)(x) = signs[g, x] f(images[g, x]), or ``None``.
    """
    n = images.shape[1]
    motions: list[tuple[IntArray, NDArray[np.int8] | None]] = [
        (word_permutation(word, images), _word_signs(word, images, signs))
        for word in subgroup.words
    ]
    if motions:
        labels = first_occurrence(orbit_labels(np.array([m[0] for m in motions])))
    else:
        labels = np.arange(n, dtype=np.intp)
    bases = np.flatnonzero(np.r_[True, np.maximum.accumulate(labels)[:-1] < labels[1:]])
    grid = bases[:, None]
    sign = None if signs is None else np.ones_like(grid, dtype=np.int8)
    for (motion, motion_signs), order in zip(motions, subgroup.orders, strict=True):
        layers, sign_layers = [grid], [sign]
        for _ in range(order - 1):
            here = layers[-1]
            if sign is not None and motion_signs is not None:
                before = sign_layers[-1]
                assert before is not None
                sign_layers.append(before * motion_signs[here])
            layers.append(motion[here])
        if not np.array_equal(motion[layers[-1]], grid):
            raise ModuleMismatchError(
                f"an element of order {order} of the abelian subgroup acts with another order: "
                "the words belong to another group"
            )
        grid = np.stack(layers, axis=-1).reshape(len(bases), -1)
        if sign is not None:
            sign = np.stack([s for s in sign_layers if s is not None], axis=-1)
            sign = sign.reshape(len(bases), -1)
    stabilisers = (grid == bases[:, None]).sum(axis=1)
    return WeightSpaces(subgroup.orders, grid, sign, stabilisers)


def _word_signs(
    word: tuple[int, ...], images: IntArray, signs: NDArray[np.int8] | None
) -> NDArray[np.int8] | None:
    if signs is None:
        return None
    points = np.arange(images.shape[1])
    out = np.ones(images.shape[1], dtype=np.int8)
    for g in word:
        out = out * signs[g][points]
        points = images[g][points]
    return out
