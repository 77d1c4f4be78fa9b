"""The stored form of a character table: small ones as plain JSON, large ones factored and packed.

A packed table is JSON too, so that the store's checksum covers all of it and nothing read from it
can run code: distinct values once, as flat lists of integers; the places of all entries as the
compressed bytes of an array, in base 64; and of the real simples only what does not follow from
these. Both forms are read alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.exact.records import decode, encode
from toolkit.groups.character_table import CharacterTable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from toolkit.groups.table_arrays import TableArrays

#: Tables of fewer classes are stored as plain JSON, which is read without numpy.
PACKED_FROM = 64


@dataclass(frozen=True)
class PackedTable:
    """A table as it is stored.

    Fields that are not named here are those of :class:`~toolkit.groups.CharacterTable`.

    Parameters
    ----------
    packed
        1, the number of this form.
    conductors, counts, exponents, numerators
        The distinct values: see :class:`toolkit.exact.packed.PackedValues`.
    rows
        Base 64 of the zlib-compressed places of all entries, character by character: first the
        lowest bytes of all of them, then the next ones, and so on.
    constituents
        Of each real simple.
    sums
        Per value, the place of the value that the real simple takes where its constituent takes
        this one (the sum of a value and its complex conjugate, or twice the value); -1 where a
        real simple is its own constituent.
    paper_indices
        Of each real simple.
    """

    packed: int
    group: str
    order: int
    class_names: tuple[str, ...]
    class_sizes: tuple[int, ...]
    element_orders: tuple[int, ...]
    representatives: tuple[object, ...]
    power_maps: dict[int, tuple[int, ...]]
    inverse: tuple[int, ...]
    conductors: tuple[int, ...]
    counts: tuple[int, ...]
    exponents: tuple[int, ...]
    numerators: tuple[int, ...]
    rows: str
    indicators: tuple[int, ...]
    constituents: tuple[tuple[int, ...], ...]
    sums: dict[str, tuple[int, ...]]
    paper_indices: tuple[int | None, ...]
    gap_classes: tuple[int, ...]
    gap_characters: tuple[int, ...]
    generator_class: int | None
    canonical: bool


def table_to_json(table: CharacterTable) -> object:
    """Return the JSON data that a table is stored as."""
    if len(table) < PACKED_FROM:
        return encode(table)
    arrays = table.arrays
    values = arrays.packed
    sums = _sums(arrays)
    if sums is None or values.common_denominator > 1:
        return encode(table)
    return encode(
        PackedTable(
            packed=1,
            group=table.group,
            order=table.order,
            class_names=table.class_names,
            class_sizes=table.class_sizes,
            element_orders=table.element_orders,
            representatives=table.representatives,
            power_maps=table.power_maps,
            inverse=table.inverse,
            conductors=tuple(values.conductors.tolist()),
            counts=tuple(values.counts.tolist()),
            exponents=tuple(values.exponents.tolist()),
            numerators=tuple(values.numerators.tolist()),
            rows=_packed(arrays.rows, len(table.values)),
            indicators=table.indicators,
            constituents=arrays.constituents,
            sums=sums,
            paper_indices=tuple(s.paper_index for s in table.simples),
            gap_classes=table.gap_classes,
            gap_characters=table.gap_characters,
            generator_class=table.generator_class,
            canonical=table.canonical,
        )
    )


def table_from_json(data: object) -> CharacterTable:
    """Return the table that JSON data describes, in either form.

    Raises
    ------
    ValueError
        If it describes none; the message names the field.
    """
    if not (isinstance(data, dict) and "packed" in data):
        return decode(CharacterTable, data)
    return _unpacked(decode(PackedTable, data))


def _unpacked(stored: PackedTable) -> CharacterTable:
    import numpy as np

    from toolkit.exact.packed import PackedValues, integers
    from toolkit.groups.table_arrays import TableArrays
    from toolkit.groups.table_assembly import real_simples, tuples

    if stored.packed != 1:
        raise ValueError(f"the form of a packed table must be 1, not {stored.packed}")
    k = len(stored.class_sizes)
    terms = len(stored.exponents)
    if not (len(stored.counts) == len(stored.conductors) and sum(stored.counts) == terms):
        raise ValueError("the values of a packed table must have as many terms as counted")
    packed = PackedValues(
        conductors=integers(stored.conductors),
        counts=integers(stored.counts),
        exponents=integers(stored.exponents),
        numerators=integers(stored.numerators),
        denominators=np.ones(terms, dtype=np.int64),
    )
    values = packed.unpack()
    rows = _rows(stored.rows, k, len(values))
    indicators = np.array(stored.indicators, dtype=np.int64)
    powers = {**stored.power_maps, -1: stored.inverse}
    arrays = TableArrays(
        order=stored.order,
        sizes=stored.class_sizes,
        orders=np.array(stored.element_orders, dtype=np.int64),
        powers={p: np.array(m, dtype=np.intp) for p, m in powers.items()},
        values=values,
        rows=rows,
        indicators=indicators,
        constituents=stored.constituents,
        simple_rows=_simple_rows(stored, rows, indicators),
    )
    table = CharacterTable(
        group=stored.group,
        order=stored.order,
        class_names=stored.class_names,
        class_sizes=stored.class_sizes,
        element_orders=stored.element_orders,
        representatives=stored.representatives,
        power_maps=stored.power_maps,
        inverse=stored.inverse,
        values=values,
        rows=tuples(rows),
        indicators=stored.indicators,
        simples=real_simples(arrays, stored.paper_indices),
        gap_classes=stored.gap_classes,
        gap_characters=stored.gap_characters,
        generator_class=stored.generator_class,
        canonical=stored.canonical,
    )
    arrays.__dict__["packed"] = packed
    table.__dict__["arrays"] = arrays
    return table


def _first(arrays: TableArrays) -> NDArray[np.intp]:
    """Return the first constituent of each real simple."""
    import numpy as np

    return np.array([c[0] for c in arrays.constituents], dtype=np.intp)


def _sums(arrays: TableArrays) -> dict[str, tuple[int, ...]] | None:
    """Return the field ``sums`` by indicator, or None if it does not say all of the table."""
    import numpy as np

    first = _first(arrays)
    kinds = arrays.indicators[first]
    if (arrays.simple_rows[kinds == 1] != arrays.rows[first[kinds == 1]]).any():
        return None
    out = {}
    for kind, name in ((0, "C"), (-1, "H")):
        here = kinds == kind
        if here.any():
            places = np.full(len(arrays.values), -1, dtype=np.intp)
            places[arrays.rows[first[here]]] = arrays.simple_rows[here]
            if (places[arrays.rows[first[here]]] != arrays.simple_rows[here]).any():
                return None
            out[name] = tuple(places.tolist())
    return out


def _simple_rows(
    stored: PackedTable, rows: NDArray[np.intp], indicators: NDArray[np.int64]
) -> NDArray[np.intp]:
    import numpy as np

    first = np.array([c[0] if c else -1 for c in stored.constituents], dtype=np.intp)
    if len(indicators) != len(rows) or not (0 <= first.min() <= first.max() < len(rows)):
        raise ValueError("a packed table must have a constituent for each real simple")
    kinds = indicators[first]
    out: NDArray[np.intp] = rows[first]
    for kind, name in ((0, "C"), (-1, "H")):
        if (kinds == kind).any():
            places = np.array(stored.sums.get(name, ()), dtype=np.intp)
            if len(places) != len(stored.conductors) or places.max() >= len(places):
                raise ValueError(f"the sums {name} of a packed table must be places of values")
            out[kinds == kind] = places[out[kinds == kind]]
    if out.min() < 0:
        raise ValueError("the sums of a packed table must reach all values of real simples")
    return out


def _packed(rows: NDArray[np.intp], count: int) -> str:
    import base64
    import zlib

    import numpy as np

    width = max(1, (max(count - 1, 1).bit_length() + 7) // 8)
    planes = [(rows >> (8 * i) & 0xFF).astype(np.uint8).tobytes() for i in range(width)]
    return base64.b64encode(zlib.compress(b"".join(planes), 1)).decode("ascii")


def _rows(text: str, k: int, count: int) -> NDArray[np.intp]:
    import base64
    import zlib

    import numpy as np

    try:
        data = zlib.decompress(base64.b64decode(text, validate=True))
    except (zlib.error, ValueError) as error:
        raise ValueError(f"the rows of a packed table cannot be read: {error}") from None
    if not k or not data or len(data) % (k * k):
        raise ValueError(f"the rows of a packed table must have {k} times {k} places")
    planes = np.frombuffer(data, dtype=np.uint8).reshape(-1, k, k)
    rows: Any = np.zeros((k, k), dtype=np.intp)
    for plane in planes[::-1]:
        rows = (rows << 8) + plane
    if rows.max() >= count:
        raise ValueError(f"the rows of a packed table must hold places below {count}")
    out: NDArray[np.intp] = rows
    return out
