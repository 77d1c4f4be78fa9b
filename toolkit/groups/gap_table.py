"""A character table as GAP answers it, read into arrays.

GAP sends distinct values once and the places of all entries in one text
(``gap_scripts/requests/character_table.g``). Frobenius-Schur indicators, pairs of conjugate
characters and the characters of real simples follow from these and the power maps, and are found
here.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from toolkit.exact.packed import PackedValues, integers
from toolkit.exact.records import decode
from toolkit.exact.residues import residue_field
from toolkit.groups.table_arrays import (
    TableArrays,
    UnorderedTable,
    sorted_values,
    sums_of_squares,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.exact.cyclotomic import Cyclotomic

    Indices = NDArray[np.intp]

_DIGITS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/"
_DIGIT_OF = np.full(256, -1, dtype=np.int32)
_DIGIT_OF[np.frombuffer(_DIGITS, dtype=np.uint8)] = np.arange(64)


@dataclass(frozen=True)
class GapValues:
    """Distinct algebraic integers; see ``gap_scripts/requests/character_table.g``."""

    conductors: tuple[int, ...]
    counts: tuple[int, ...]
    exponents: tuple[int, ...]
    numerators: tuple[int, ...]


@dataclass(frozen=True)
class GapTable:
    """GAP's answer; see ``gap_scripts/requests/character_table.g``."""

    order: int
    sizes: tuple[int, ...]
    orders: tuple[int, ...]
    reps: tuple[object, ...]
    keys: tuple[tuple[int, ...] | None, ...]
    powers: dict[int, tuple[int, ...]]
    values: GapValues
    rows: str
    sums: tuple[int, ...]


def read_gap_table(answer: object) -> UnorderedTable:
    """Return the table that GAP answered, with its real simples.

    Raises
    ------
    ValueError
        If the answer has another form, or is no character table: characters that are not closed
        under complex conjugation, or an indicator other than 1, 0, -1.

    Notes
    -----
    Exact where the table is true, which its laws decide later
    (:func:`toolkit.groups.laws.check_character_table`).
    """
    raw = decode(GapTable, answer)
    k = len(raw.sizes)
    if any(len(x) != k for x in (raw.orders, raw.reps, raw.keys, *raw.powers.values())):
        raise ValueError(f"every list by class must have {k} entries, one per class")
    powers = {p: np.array(m, dtype=np.intp) for p, m in raw.powers.items()}
    if not {-1, 2} <= powers.keys():
        raise ValueError(f"powers must have those for 2 and -1, not only {sorted(powers)}")
    if any(not 0 <= c < k for m in raw.powers.values() for c in (min(m), max(m))):
        raise ValueError(f"powers must be classes from 0 to {k - 1}")
    values = _values(raw.values)
    rows = _unpacked_rows(raw.rows, k, len(raw.sums))
    indicators = _indicators(values, rows, raw, powers[2])
    constituents = _constituents(rows, indicators, powers[-1])
    values, rows, simple_rows = _with_simples(values, rows, raw.sums, indicators, constituents)
    ordered, places = sorted_values(values)
    arrays = TableArrays(
        order=raw.order,
        sizes=raw.sizes,
        orders=np.array(raw.orders, dtype=np.int64),
        powers=powers,
        values=ordered,
        rows=places[rows],
        indicators=indicators,
        constituents=constituents,
        simple_rows=places[simple_rows],
    )
    return UnorderedTable(arrays, raw.reps, raw.keys)


def _values(raw: GapValues) -> tuple[Cyclotomic, ...]:
    fits = len(raw.counts) == len(raw.conductors) and min((*raw.conductors, 1)) >= 1
    terms = len(raw.exponents)
    if not fits or min((*raw.counts, 0)) < 0 or not sum(raw.counts) == terms == len(raw.numerators):
        raise ValueError("values must have as many terms as their counts say")
    packed = PackedValues(
        conductors=integers(raw.conductors),
        counts=integers(raw.counts),
        exponents=integers(raw.exponents),
        numerators=integers(raw.numerators),
        denominators=np.ones(terms, dtype=np.int64),
    )
    return packed.unpack()


def _unpacked_rows(text: str, k: int, count: int) -> Indices:
    """Return the ``(k, k)`` places below ``count`` that a text holds, digits of 6 bits."""
    data = _DIGIT_OF[np.frombuffer(text.encode("latin-1", "replace"), dtype=np.uint8)]
    if len(data) == 0 or len(data) % (k * k) or data.min() < 0:
        raise ValueError(f"rows must be a text of {k * k} places, not of {len(text)} letters")
    rows = np.zeros(k * k, dtype=np.intp)
    for plane in data.reshape(-1, k * k)[::-1]:
        rows = 64 * rows + plane
    if rows.max() >= count:
        raise ValueError(f"rows must hold places below {count}, not {rows.max()}")
    return rows.reshape(k, k)


def _indicators(
    values: tuple[Cyclotomic, ...], rows: Indices, raw: GapTable, squares: Indices
) -> NDArray[np.int64]:
    """Return the sums of |C| chi(g^2) / |G|, read off modulo a prime of about 2^31."""
    packed = PackedValues.of(values)
    field = residue_field(packed.conductor)
    p = field.prime
    residues = packed.residues(field)
    scale = field.inverse(raw.order % p)
    totals = sums_of_squares(residues[rows], squares, raw.sizes, p) * scale % p
    out = np.where(totals == p - 1, -1, totals).astype(np.int64)
    if (np.abs(out) > 1).any():
        raise ValueError("the power map must give characters the indicators 1, 0 or -1")
    return out


def _constituents(
    rows: Indices, indicators: NDArray[np.int64], inverse: Indices
) -> tuple[tuple[int, ...], ...]:
    """Return per real simple the characters in it: one, or a conjugate pair."""
    place = {row.tobytes(): i for i, row in enumerate(rows)}
    out: list[tuple[int, ...]] = []
    for i, (row, indicator) in enumerate(zip(rows[:, inverse], indicators.tolist(), strict=True)):
        if indicator:
            out.append((i,))
        else:
            j = place.get(row.tobytes(), i)
            if j == i:
                raise ValueError(f"character {i} of indicator 0 must have a complex conjugate")
            if j > i:
                out.append((i, j))
    return tuple(out)


def _with_simples(
    values: tuple[Cyclotomic, ...],
    rows: Indices,
    sums: tuple[int, ...],
    indicators: NDArray[np.int64],
    constituents: tuple[tuple[int, ...], ...],
) -> tuple[tuple[Cyclotomic, ...], Indices, Indices]:
    """Return values, rows, and the rows of real simples: chi, chi and its conjugate, or 2 chi."""
    first = np.array([pair[0] for pair in constituents], dtype=np.intp)
    kind = indicators[first]
    if sums and not 0 <= min(sums) <= max(sums) < len(values):
        raise ValueError(f"sums must be places below {len(values)}")
    every = list(values)
    simple_rows = rows[first]
    simple_rows[kind == 0] = np.array(sums, dtype=np.intp)[simple_rows[kind == 0]]
    place = {value: i for i, value in enumerate(every)}
    for v in np.unique(simple_rows[kind == -1]).tolist():
        double = every[v].scaled(Fraction(2))
        if double not in place:
            place[double] = len(every)
            every.append(double)
    doubled = simple_rows[kind == -1]
    if doubled.size:
        twice = np.array([place.get(v.scaled(Fraction(2)), -1) for v in every], dtype=np.intp)
        simple_rows[kind == -1] = twice[doubled]
    # sums that no simple needs are dropped
    used = np.zeros(len(every), dtype=np.bool_)
    used[rows] = True
    used[simple_rows] = True
    where = np.cumsum(used) - 1
    return tuple(every[v] for v in np.flatnonzero(used)), where[rows], where[simple_rows]
