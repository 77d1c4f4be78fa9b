"""Permutation characters: from numbers of fixed points to multiplicities, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.errors import InconsistentAnswerError
from toolkit.exact.residues import ResidueField, residue_field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.groups.character_table import CharacterTable


def multiplicities_of_character(table: CharacterTable, values: Sequence[int]) -> dict[str, int]:
    """Return how often each real simple occurs in a representation with integer character.

    m_L = (1 / (|G| e_L)) sum over classes C of |C| values(C) chi_L(C).

    Parameters
    ----------
    table
        The character table.
    values
        ``(classes,)`` the character: for a permutation module the numbers of fixed points.

    Returns
    -------
    dict
        By label, in canonical order; simples that do not occur are left out.

    Raises
    ------
    InconsistentAnswerError
        If some inner product is no multiplicity, or the dimensions do not add up: the values
        are not a character's.

    Notes
    -----
    Exact: m_L e_L is an integer of at most the character's degree, and is read off modulo a
    prime of more than twice that size. O(classes x simples); never starts GAP.

    Examples
    --------
    >>> import toolkit as tk
    >>> multiplicities_of_character(tk.group("S3").character_table, (9, 1, 0))
    {'L0': 2, 'L1': 1, 'L2': 3}
    """
    conductor = ResidueField.common_conductor(table.values)
    field = residue_field(conductor, max(2 * values[0], 1 << 29))
    return multiplicities_of_residues(table, field, values, values[0])


def multiplicities_of_residues(
    table: CharacterTable, field: ResidueField, traces: Sequence[int], degree: int
) -> dict[str, int]:
    """Return how often each real simple occurs in a character that is known modulo a prime.

    Parameters
    ----------
    table
        The character table.
    field
        The residues; the prime is more than twice the degree and does not divide |G|.
    traces
        ``(classes,)`` the character's values modulo the prime, or as integers.
    degree
        Its degree.

    Raises
    ------
    InconsistentAnswerError
        As :func:`multiplicities_of_character`.
    """
    p = field.prime
    entries = field.map(table.values)
    scale = field.inverse(table.order % p)
    weighted = [size * v % p for size, v in zip(table.class_sizes, traces, strict=True)]
    met = [(c, w) for c, w in enumerate(weighted) if w]
    out: dict[str, int] = {}
    total = 0
    for simple in table.simples:
        inner = field.to_int(sum(w * entries[simple.row[c]] for c, w in met) * scale)
        m, rest = divmod(inner, simple.endomorphism_dimension)
        if rest or not 0 <= inner <= degree:
            raise InconsistentAnswerError(
                table.group, f"a multiplicity of {simple.label} in a character", str(inner)
            )
        if m:
            out[simple.label] = m
            total += m * simple.dimension
    if total != degree:
        raise InconsistentAnswerError(
            table.group, f"multiplicities that make up dimension {degree}", str(total)
        )
    return out
