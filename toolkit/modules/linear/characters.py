r"""Multiplicities of simples in a representation by matrices, and its character.

m_L = (1 / (|G| e_L)) sum over classes C of |C| chi_V(C) chi_L(C). From exact matrices the traces
are taken modulo a prime p, in whose field the roots of unity that occur are numbers: m_L e_L is an
integer from 0 to dim V, and known modulo p > dim V, hence known. From floats it is rounded, with
a certificate.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import InconsistentAnswerError, NotAvailable
from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.exact.residues import ResidueField, residue_field, residue_product
from toolkit.text import is_local, label_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from toolkit.exact.cyclotomic import Number
    from toolkit.exact.matrix import ExactMatrix
    from toolkit.groups.character_table import CharacterTable
    from toolkit.groups.class_functions.class_function import ClassFunction
    from toolkit.modules.linear.expressions import Given
    from toolkit.modules.linear.linear_module import LinearModule

#: How far an inner product of float characters may be from an integer.
ROUNDING = 1e-3


def sum_of_multiplicities(parts: Iterable[dict[str, int]]) -> dict[str, int]:
    """Return the sum of multiplicities, in canonical order.

    Examples
    --------
    >>> sum_of_multiplicities([{"L0": 1, "L2": 1}, {"L2": 2, "L1": 1}])
    {'L0': 1, 'L1': 1, 'L2': 3}
    """
    total: dict[str, int] = {}
    for part in parts:
        for label, m in part.items():
            total[label] = total.get(label, 0) + m
    return dict(sorted(total.items(), key=lambda item: label_key(item[0])))


def character_of_multiplicities(V: LinearModule) -> ClassFunction | None:
    """Return the sum of m_L chi_L; ``None`` without a character table."""
    table = V.home.table_within_reach()
    if table is None:
        return None
    from toolkit.groups.class_functions.class_function import class_function

    found = V.multiplicities
    if any(is_local(label) for label in found):
        return None
    zero = class_function(table, [0] * len(table), V.home)
    terms = [
        class_function(table, [table.values[v] for v in table.simple(label).row], V.home) * m
        for label, m in found.items()
    ]
    return reduce(lambda a, b: a + b, terms, zero)


def multiplicities_of_matrices(V: LinearModule, given: Given) -> dict[str, int]:
    """Return the multiplicities in a module that was given by matrices.

    Raises
    ------
    NotAvailable
        If the character table, or words for the classes, are out of reach.
    InconsistentAnswerError
        If they are not integers that make up the dimension.
    """
    table = V.home.table_within_reach()
    words = V.home.class_words() if table is not None else None
    if table is None or words is None:
        raise NotAvailable(
            V.group,
            f"the multiplicities in {V.name}",
            "they are decided by the character table and words for its classes, which are out of "
            "reach for this group; maps between permutation and signed modules need neither",
        )
    if given.entries is not None:
        return _exact_multiplicities(table, words, given.entries, V.degree)
    traces = [float(np.trace(_word_product(given.floats, word, V.degree))) for word in words]
    return rounded_multiplicities(table, traces, V.name)


def _word_product(
    matrices: NDArray[np.float64], word: Sequence[int], degree: int
) -> NDArray[np.float64]:
    """Return the product of a word's letters, ~g being the inverse of g."""
    out = np.eye(degree)
    for letter in word:
        out = out @ (matrices[letter] if letter >= 0 else np.linalg.inv(matrices[~letter]))
    return out


def rounded_multiplicities(
    table: CharacterTable, traces: Sequence[float], name: str
) -> dict[str, int]:
    """Return the multiplicities of a character that is known as floats.

    Parameters
    ----------
    table
        The character table.
    traces
        ``(classes,)`` the character's values.
    name
        The module's name, for errors.

    Raises
    ------
    InconsistentAnswerError
        If an inner product is further than 1e-3 from a multiple of dim End(L), or the dimensions
        do not add up to the character's degree.

    Examples
    --------
    >>> import toolkit as tk
    >>> rounded_multiplicities(tk.group("S3").character_table, [3.0, 1.0, 1e-9], "three points")
    {'L0': 1, 'L2': 1}
    """
    weights = np.array(traces) * np.array(table.class_sizes, dtype=np.float64) / table.order
    inner = table.real_to_numpy() @ weights
    out: dict[str, int] = {}
    total = 0
    for simple, value in zip(table.simples, inner.tolist(), strict=True):
        m = round(value / simple.endomorphism_dimension)
        if not abs(value - m * simple.endomorphism_dimension) < ROUNDING or m < 0:
            raise InconsistentAnswerError(
                table.group,
                f"a multiplicity of {simple.label} in {name} within {ROUNDING} of an integer",
                f"{value / simple.endomorphism_dimension:.6f}",
            )
        if m:
            out[simple.label] = m
            total += m * simple.dimension
    if total != round(traces[0]):
        raise InconsistentAnswerError(
            table.group, f"simples that make up the dimension of {name}", str(total)
        )
    return out


def _exact_multiplicities(
    table: CharacterTable,
    words: Sequence[Sequence[int]],
    matrices: Sequence[ExactMatrix],
    degree: int,
) -> dict[str, int]:
    from toolkit.modules.permutation_character import multiplicities_of_residues

    entries = [_cyclotomic(x) for matrix in matrices for row in matrix.rows for x in row]
    conductor = ResidueField.common_conductor([*table.values, *entries])
    avoid = denominators(entries)
    skip = 0
    while True:
        field = residue_field(conductor, max(2 * degree, 1 << 29), skip)
        skip += 1
        if avoid % field.prime and table.order % field.prime:
            break
    rho = residues_of(field, matrices, degree)
    inverses: dict[int, NDArray[np.int64]] = {}
    traces = []
    for word in words:
        out = np.eye(degree, dtype=np.int64)
        for letter in word:
            if letter < 0 and letter not in inverses:
                inverses[letter] = residues_of(field, [matrices[~letter].inverse()], degree)[0]
            factor = rho[letter] if letter >= 0 else inverses[letter]
            out = residue_product(out, factor, field.prime)
        traces.append(int(np.trace(out) % field.prime))
    return multiplicities_of_residues(table, field, traces, degree)


def residues_of(
    field: ResidueField, matrices: Sequence[ExactMatrix], degree: int
) -> NDArray[np.int64]:
    """Return ``(k, degree, degree)`` the entries of exact matrices in a field of residues."""
    entries = [_cyclotomic(x) for matrix in matrices for row in matrix.rows for x in row]
    found = np.array(field.map(entries), dtype=np.int64)
    return found.reshape(len(matrices), degree, degree)


def denominators(entries: Iterable[Cyclotomic]) -> int:
    """Return the least common multiple of the denominators of cyclotomic numbers.

    Examples
    --------
    >>> denominators([Cyclotomic.from_fraction(Fraction(1, 6)), Cyclotomic.from_int(2)])
    6
    """
    return math.lcm(1, *(d for x in entries for _, _, d in x.terms))


def _cyclotomic(x: Number) -> Cyclotomic:
    return x if isinstance(x, Cyclotomic) else Cyclotomic.from_fraction(Fraction(x))
