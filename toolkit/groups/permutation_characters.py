"""Every Fun(G/H) decomposed into simples from class counts alone, without GAP."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter, mul
from typing import TYPE_CHECKING

from toolkit.errors import InconsistentAnswerError
from toolkit.exact.residues import ResidueField, residue_field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.groups.character_table import CharacterTable
    from toolkit.groups.subgroups import SubgroupClasses


@dataclass(frozen=True)
class CosetDecomposition:
    """The decomposition of Fun(G/H) into simples.

    Parameters
    ----------
    label
        Label of H.
    multiplicities
        By label of the simple.
    rank
        Number of orbitals of G/H.
    primitive
        Whether H is maximal; ``None`` if that was not decided.
    """

    label: str
    multiplicities: dict[str, int]
    rank: int
    primitive: bool | None


def maximal_subgroups(labels: Sequence[str], rows: Sequence[Sequence[int]]) -> set[str]:
    """Return the labels of the maximal subgroups, from a table of marks.

    H_i lies in a conjugate of H_j exactly if it fixes a point of G/H_j.
    """
    last = len(rows) - 1
    return {labels[i] for i in range(last) if not any(rows[j][i] for j in range(i + 1, last))}


def decompose_coset_modules(
    table: CharacterTable, classes: SubgroupClasses, maximal: set[str] | None
) -> list[CosetDecomposition]:
    """Return multiplicities and rank of Fun(G/H) for each class of subgroups.

    dim L^H = (1/|H|) sum over classes of |H and class| chi_L(class), an integer between 0 and
    dim L, read off modulo a prime of more than twice that size: exact, without GAP.
    """
    bound = max(s.dimension for s in table.simples)
    conductor = ResidueField.common_conductor(table.values)
    field = residue_field(conductor, max(2 * bound, 1 << 29))
    values = field.map(table.values)
    characters = [[values[v] for v in s.row] for s in table.simples]
    out = []
    for c in classes:
        scale = field.inverse(c.order % field.prime)
        met = [k for k, n in enumerate(c.class_counts) if n]
        numbers = [c.class_counts[k] for k in met]
        at = itemgetter(*met, 0)  # with one item more, so that it always returns a tuple
        found, rank = {}, 0
        for simple, chi in zip(table.simples, characters, strict=True):
            fixed = field.to_int(sum(map(mul, numbers, at(chi))) * scale)
            multiplicity, rest = divmod(fixed, simple.endomorphism_dimension)
            if rest or not 0 <= fixed <= simple.dimension:
                raise InconsistentAnswerError(
                    table.group, f"dim {simple.label}^H to be a multiplicity", f"{fixed}"
                )
            if multiplicity:
                found[simple.label] = multiplicity
                rank += multiplicity * fixed
        primitive = None if maximal is None else c.label in maximal
        out.append(CosetDecomposition(c.label, found, rank, primitive))
    return out
