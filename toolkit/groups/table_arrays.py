"""A character table as integer arrays: the form in which it is ordered, checked and stored.

Distinct values stand once, sorted; rows are indices into them. Every question about rows, columns,
power maps and Galois conjugates is then one about arrays of integers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cmp_to_key, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.cached import cached_property
from toolkit.exact.cyclotomic import Cyclotomic, certified_sign_of_difference
from toolkit.exact.galois import GaloisAction
from toolkit.exact.packed import PackedValues

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Indices = NDArray[np.intp]

#: Forms of more values than these take too much memory to be kept for other tables.
_FEW_VALUES = 256


@dataclass(frozen=True, eq=False)
class TableArrays:
    """A character table with its real simples, in any order of classes and characters.

    Parameters
    ----------
    order
        |G|, of any size.
    sizes
        ``(k,)`` class sizes, of any size.
    orders
        ``(k,)`` int64 element orders.
    powers
        Per p, ``(k,)`` intp: the 0-based class of p-th powers, for 2, the primes that divide |G|,
        and -1 (inverses).
    values
        The m distinct values, sorted: larger real part first, then larger imaginary part. A place
        in it is invariant under isomorphism.
    rows
        ``(k, k)`` intp: per character, per class, a 0-based index into ``values``.
    indicators
        ``(k,)`` int64 Frobenius-Schur indicators 1, 0, -1.
    constituents
        Per real simple the 0-based rows of its constituents: one, or a conjugate pair.
    simple_rows
        ``(s, k)`` intp: the characters of the real simples, as ``rows``.

    Notes
    -----
    Exact. It is compared by identity.
    """

    order: int
    sizes: tuple[int, ...]
    orders: Ints
    powers: Mapping[int, Indices]
    values: tuple[Cyclotomic, ...]
    rows: Indices
    indicators: Ints
    constituents: tuple[tuple[int, ...], ...]
    simple_rows: Indices

    def __len__(self) -> int:
        """Return the number of classes."""
        return len(self.sizes)

    @property
    def packed(self) -> PackedValues:
        """The distinct values, packed."""
        return self._forms.packed

    @property
    def galois_action(self) -> GaloisAction:
        """The Galois conjugates of the values among themselves; see :meth:`galois`."""
        return self._forms.galois_action

    @property
    def absolute_values(self) -> NDArray[np.float64]:
        """``(m,)`` the absolute values of the values, rounded; read-only."""
        return self._forms.absolute

    @cached_property
    def _forms(self) -> _Forms:
        few = len(self.values) <= _FEW_VALUES
        return _kept_forms(self.values) if few else _Forms(self.values)

    @property
    def conductor(self) -> int:
        """The least common multiple n of the values' conductors."""
        return self.packed.conductor

    @property
    def unit_generators(self) -> tuple[int, ...]:
        """Exponents e whose maps E(n) -> E(n)^e generate the Galois group of the values."""
        return self.galois_action.generators

    def galois(self, exponent: int) -> Indices:
        """Return, per value, where its conjugate under E(n) -> E(n)^exponent is.

        ``(m,)`` intp, 0-based; -1 where the exponent is not prime to the value's conductor, or
        the conjugate is no value of the table. Exact: see :mod:`toolkit.exact.galois`.
        """
        return self.galois_action.image(exponent)

    @cached_property
    def identity(self) -> int:
        """The class of the identity: the first with elements of order 1."""
        return int(np.argmin(self.orders))

    @cached_property
    def size_ranks(self) -> Ints:
        """``(k,)`` int64: the rank of each class size among the distinct ones, 0 the smallest."""
        rank = {size: i for i, size in enumerate(sorted(set(self.sizes)))}
        return np.array([rank[size] for size in self.sizes], dtype=np.int64)

    @cached_property
    def integers(self) -> dict[int, int]:
        """Where among the values each rational integer is that is one of them."""
        return {v.to_int(): i for i, v in enumerate(self.values) if v.is_integer}

    @cached_property
    def degrees(self) -> tuple[int, ...]:
        """Per character its value at the identity."""
        return tuple(self.values[i].to_int() for i in self.rows[:, self.identity].tolist())

    @cached_property
    def column_places(self) -> dict[bytes, int]:
        """The class of each column of ``rows`` and ``simple_rows`` together, by its bytes."""
        return {column.tobytes(): c for c, column in enumerate(self.columns)}

    @cached_property
    def columns(self) -> NDArray[np.unsignedinteger[Any]]:
        """``(k, k + s)``: per class its values on all characters, then on all real simples.

        In 2 bytes each where they fit, in 4 otherwise: columns are compared by their bytes.
        """
        kind = np.uint16 if len(self.values) < 1 << 16 else np.uint32
        both = np.concatenate((self.rows, self.simple_rows)).astype(kind)
        return np.ascontiguousarray(both.T)

    def reordered(self, classes: Indices, characters: Indices) -> TableArrays:
        """Return the table with its classes and characters in another order.

        ``classes[i]`` and ``characters[i]`` are the present 0-based places of the new i-th ones.
        """
        class_place, character_place = np.argsort(classes), np.argsort(characters).tolist()
        out = replace(
            self,
            sizes=tuple(self.sizes[c] for c in classes.tolist()),
            orders=self.orders[classes],
            powers={p: class_place[power[classes]] for p, power in self.powers.items()},
            rows=self.rows[characters][:, classes],
            indicators=self.indicators[characters],
            constituents=tuple(tuple(character_place[c] for c in s) for s in self.constituents),
            simple_rows=self.simple_rows[:, classes],
        )
        for e, image in self._class_images.items():
            out._class_images[e] = np.where(image < 0, image, class_place[image])[classes]
        return out

    def with_simples(self, simples: Sequence[int]) -> TableArrays:
        """Return the table with its real simples in another order, given by their places."""
        out = replace(
            self,
            constituents=tuple(self.constituents[s] for s in simples),
            simple_rows=self.simple_rows[list(simples)],
        )
        out._class_images.update(self._class_images)
        return out

    def class_galois(self, exponent: int) -> Indices:
        """Return, per class, the class whose column is its column's Galois conjugate.

        ``(k,)`` intp, 0-based, -1 where there is none. In a true table, for an exponent prime to
        |G|, it is the class of the powers g^exponent.
        """
        if exponent not in self._class_images:
            image = self.galois(exponent)
            out = np.full(len(self), -1, dtype=np.intp)
            if image.min(initial=0) >= 0:
                places = self.column_places
                moved = image.astype(self.columns.dtype)[self.columns]
                out[:] = [places.get(column.tobytes(), -1) for column in moved]
            self._class_images[exponent] = out
        return self._class_images[exponent]

    @cached_property
    def _class_images(self) -> dict[int, Indices]:
        """What :meth:`class_galois` has found."""
        return {}


class _Forms:
    """The distinct values of a table in the forms that are calculated with."""

    def __init__(self, values: tuple[Cyclotomic, ...]) -> None:
        self.packed = PackedValues.of(values)
        self.galois_action = GaloisAction(self.packed)
        self.absolute = np.array([abs(v.to_complex()) for v in values])
        self.absolute.setflags(write=False)


@lru_cache(maxsize=256)  # the tables of many groups have the same values
def _kept_forms(values: tuple[Cyclotomic, ...]) -> _Forms:
    return _Forms(values)


@dataclass(frozen=True, eq=False)
class UnorderedTable:
    """A table whose order is still that of a computation.

    Parameters
    ----------
    arrays
        The table.
    representatives
        Per class an element as data, or ``None`` for a table without a group.
    keys
        Per class what breaks ties, or ``None``; see ``gap_scripts/requests/character_table.g``.
    """

    arrays: TableArrays
    representatives: tuple[object, ...]
    keys: tuple[tuple[int, ...] | None, ...]


def sort_keys(rows: NDArray[np.signedinteger[Any]]) -> list[bytes]:
    """Return, per row of integers from 0 to 2^32 - 1, a key that sorts like the row itself.

    Examples
    --------
    >>> a, b = sort_keys(np.array([[1, 300], [1, 299]]))
    >>> a > b
    True
    """
    return [row.tobytes() for row in np.ascontiguousarray(rows, dtype=">u4")]


def sums_of_squares(rows: Ints, squares: Indices, sizes: Sequence[int], prime: int) -> Ints:
    """Return the sum of |C| chi(g^2) over all classes C, g in C, modulo a prime.

    Parameters
    ----------
    rows
        ``(k, k)`` residues of the characters.
    squares
        ``(k,)`` the classes of squares.
    sizes
        ``(k,)`` class sizes.
    prime
        The modulus.
    """
    weights = [0] * len(sizes)
    for size, square in zip(sizes, squares.tolist(), strict=True):
        weights[square] += size
    some = [c for c, weight in enumerate(weights) if weight]
    factors = np.array([weights[c] % prime for c in some], dtype=rows.dtype)
    out: Ints = (rows[:, some] * factors % prime).sum(axis=1) % prime
    return out


@lru_cache(maxsize=256)
def sorted_values(
    values: tuple[Cyclotomic, ...],
) -> tuple[tuple[Cyclotomic, ...], Indices]:
    """Return distinct values sorted as in :class:`TableArrays`, and the new place of each.

    Parameters
    ----------
    values
        Any numbers, no two of them equal.

    Notes
    -----
    Exact: numbers whose doubles, with the bounds of their errors, do not decide are compared by
    :func:`~toolkit.exact.cyclotomic.certified_sign_of_difference`.

    Examples
    --------
    >>> i, minus = Cyclotomic(4, ((1, 1, 1),)), Cyclotomic(4, ((1, -1, 1),))
    >>> ordered, places = sorted_values((minus, Cyclotomic.from_int(2), i))
    >>> [str(v) for v in ordered], places.tolist()
    (['2', 'E(4)', '-E(4)'], [2, 0, 1])
    """
    rough = np.array([v.to_complex() for v in values], dtype=np.complex128)
    slack = np.array([1e-14 * float(v.weight + 1) for v in values])
    order = np.argsort(-rough.real, kind="stable")
    # neighbours nearer than the errors form groups, which are compared exactly
    near = -np.diff(rough.real[order]) <= 2 * (slack[order][:-1] + slack[order][1:])
    sequence: list[int] = order.tolist()

    def compare(i: int, j: int) -> int:
        return -(
            certified_sign_of_difference(values[i], values[j])
            or certified_sign_of_difference(values[i], values[j], imaginary=True)
        )

    start = 0
    for end in [*(np.flatnonzero(~near) + 1).tolist(), len(sequence)]:
        if end - start > 1:
            sequence[start:end] = sorted(sequence[start:end], key=cmp_to_key(compare))
        start = end
    places = np.empty(len(values), dtype=np.intp)
    places[sequence] = np.arange(len(values))
    places.setflags(write=False)
    return tuple(values[i] for i in sequence), places
