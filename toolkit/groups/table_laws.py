r"""The laws of a character table's values, decided exactly on arrays.

Let X be the matrix of all characters, and of those of the real simples, per class. The first law
is that every Galois map E(n) -> E(n)^e of the field of its values permutes its columns, sizes and
power maps going along (it is the map g -> g^e on classes); it is decided on indices of values,
whose conjugates are known exactly (:mod:`toolkit.exact.galois`). From it follows what makes the
others quick and exact:

- A sum over all classes, weighted by their sizes, of products of entries of X, taken at g or at
  g^p, is invariant under every Galois map, hence a rational integer. It is known as soon as it is
  known modulo primes whose product is more than twice a bound for it.
- A polynomial relation between the entries of one column that holds at all classes modulo a prime
  p = 1 mod n holds modulo all primes above p, so that the error is p times an algebraic integer.
  It is 0 if it is below p in absolute value at all classes
  (:func:`toolkit.exact.residues.fields_beyond`).

The bounds come from doubles, with far more slack than their rounding. All products of matrices are
products of integers below 2^53.
"""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import InconsistentAnswerError
from toolkit.exact.residues import LARGEST_INT64_PRIME, fields_beyond, residue_product
from toolkit.groups.table_arrays import sums_of_squares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.exact.residues import ResidueField
    from toolkit.groups.character_table import CharacterTable
    from toolkit.groups.table_arrays import TableArrays

    Ints = NDArray[np.int64]

#: Up to so many classes the generalised characters are formed from every character.
ALL_CHARACTERS = 128
#: Beyond, from so many random combinations of all characters.
COMBINATIONS = 12


def check_values(table: CharacterTable) -> None:
    """Check that values are distinct algebraic integers whose conjugates permute the columns.

    Also that chi(1/g) is conjugate to chi(g), and chi(g^p) to chi(g) for g of order prime to p:
    comparisons of indices.
    """
    arrays = table.arrays
    if len(set(table.values)) < len(table.values) or arrays.packed.common_denominator != 1:
        raise InconsistentAnswerError(
            table.group, "distinct algebraic integers as values", "others"
        )
    for e in arrays.unit_generators:
        moved = arrays.class_galois(e)
        sizes = [table.class_sizes[c] for c in moved.tolist()]
        goes_along = moved.min() >= 0 and all(
            (moved[power] == power[moved]).all() for power in arrays.powers.values()
        )
        if not goes_along or tuple(sizes) != table.class_sizes:
            raise InconsistentAnswerError(
                table.group, f"Galois conjugation by {e} to permute the classes", "none that does"
            )
    if (arrays.galois(-1)[arrays.rows] != arrays.rows[:, arrays.powers[-1]]).any():
        raise InconsistentAnswerError(
            table.group, "chi(1/g) to be conjugate to chi(g)", "another value"
        )
    for p, power in arrays.powers.items():
        here = np.flatnonzero(arrays.orders % abs(p) != 0)
        if (arrays.galois(p)[arrays.rows[:, here]] != arrays.rows[:, power[here]]).any():
            raise InconsistentAnswerError(
                table.group, f"{p}-th powers to give Galois conjugate values", "another value"
            )


def check_sums(table: CharacterTable) -> None:
    """Check orthogonality, indicators, simples from constituents, and generalised characters.

    After :func:`check_values`, on which exactness rests.

    The sums of orthogonality are below 2.1 |G| once the norms, in doubles, are near |G|; those of
    indicators below |G| max |chi|; the real simples obey a relation between entries of a column.
    Of generalised characters, see the module; every chi(g^p) is tried up to
    :data:`ALL_CHARACTERS` classes, beyond that :data:`COMBINATIONS` combinations of all chi with
    weights below 2^16.
    """
    arrays = table.arrays
    order, k = table.order, len(arrays)
    sizes = np.array([float(size) for size in table.class_sizes])
    size_of_value = arrays.absolute_values
    largest = math.ceil(size_of_value.max() * (1 + 1e-6))
    norms = (size_of_value**2)[arrays.rows] @ sizes
    if (np.abs(norms / float(order) - 1) > 1e-3).any():
        raise InconsistentAnswerError(table.group, "orthogonal characters of norm 1", "others")
    mixes = _mixes(k)
    heaviest = int((mixes.astype(object) * np.array(table.degrees, dtype=object)).sum(axis=1).max())
    if (size_of_value[arrays.rows].max(axis=1) > np.array(table.degrees) * (1 + 1e-6)).any():
        raise InconsistentAnswerError(
            table.group, "values of absolute value at most the degree", "a larger one"
        )
    # twice the bounds, and some more for the slack of doubles
    for_orthogonality = 5 * order
    for_indicators = 3 * order * (largest + 1)
    for_combinations = 3 * order * heaviest
    product, parts = 1, []
    chosen = _one_of_each_orbit(arrays)
    fields = fields_beyond(
        arrays.conductor, max(for_indicators, for_combinations), inner=k, avoid=order
    )
    for field in fields:
        residues = arrays.packed.residues(field)
        rows = residues[arrays.rows]
        dual = _dual(arrays, residues, field)
        if product <= for_orthogonality:
            _check_orthogonality(table, rows, dual, field, chosen)
        if product <= for_indicators:
            _check_indicators(table, rows, field)
        if product <= 4 * largest:
            _check_constituents(table, rows, residues, field)
        mixed = residue_product((mixes % field.prime).astype(rows.dtype), rows, field.prime)
        parts.append({
            p: residue_product(np.ascontiguousarray(mixed[:, power]), dual, field.prime)
            for p, power in arrays.powers.items()
            if p > 0
        })  # fmt: skip
        product *= field.prime
    for p in parts[0]:
        sums = _integers([part[p] for part in parts], [field.prime for field in fields])
        if (sums % order != 0).any() or (np.abs(sums) > order * heaviest).any():
            raise InconsistentAnswerError(
                table.group, f"chi(g^{p}) to be a generalised character", "another function"
            )


def _mixes(k: int) -> Ints:
    """Return the combinations of k characters to be tried, a row each."""
    if k <= ALL_CHARACTERS:
        return np.eye(k, dtype=np.int64)
    chance = random.Random(k)
    rows = [[chance.randrange(1 << 16) for _ in range(k)] for _ in range(COMBINATIONS)]
    return np.array(rows, dtype=np.int64)


def _dual(arrays: TableArrays, residues: Ints, field: ResidueField) -> Ints:
    """Return the residues of |C| times the conjugate of chi, a column per character."""
    sizes = np.array([size % field.prime for size in arrays.sizes], dtype=residues.dtype)
    conjugates = residues[arrays.galois(-1)]
    dual: Ints = np.ascontiguousarray((conjugates[arrays.rows] * sizes % field.prime).T)
    return dual


def _one_of_each_orbit(arrays: TableArrays) -> NDArray[np.intp]:
    """Return one character of each orbit of the Galois group on the characters.

    With <chi, psi> rational, those with the others in an orbit are those of one with all. A
    character whose conjugates are not all in the table is taken itself.
    """
    kind = arrays.columns.dtype
    rows = np.ascontiguousarray(arrays.rows.astype(kind))
    place = {row.tobytes(): i for i, row in enumerate(rows)}
    least = np.arange(len(rows))
    images = []
    for e in arrays.unit_generators:
        moved = np.ascontiguousarray(rows[:, arrays.class_galois(e)])
        image = np.array([place.get(row.tobytes(), -1) for row in moved], dtype=np.intp)
        if image.min() < 0 or len(set(image.tolist())) < len(image):
            return least
        images.append(image)
    while True:
        before = least
        for image in images:
            least = np.minimum(least, least[image])
        if (least == before).all():
            return np.flatnonzero(least == np.arange(len(rows)))


def _check_orthogonality(
    table: CharacterTable,
    rows: Ints,
    dual: Ints,
    field: ResidueField,
    chosen: NDArray[np.intp],
) -> None:
    product = residue_product(rows[chosen], dual, field.prime)
    product[np.arange(len(chosen)), chosen] -= table.order % field.prime
    wrong = np.argwhere(product != 0)
    if len(wrong):
        i, j = wrong[0].tolist()
        raise InconsistentAnswerError(
            table.group, "orthogonal characters of norm 1", f"characters {chosen[i]} and {j}"
        )


def _check_indicators(table: CharacterTable, rows: Ints, field: ResidueField) -> None:
    squares = table.arrays.powers.get(2)
    if squares is None:
        return
    p = field.prime
    totals = sums_of_squares(rows, squares, table.class_sizes, p)
    wanted = [nu * table.order % p for nu in table.indicators]
    for i in np.flatnonzero(totals != np.array(wanted, dtype=rows.dtype)).tolist():
        raise InconsistentAnswerError(
            table.group, f"indicator {table.indicators[i]} of character {i}", "another"
        )


def _check_constituents(
    table: CharacterTable, rows: Ints, residues: Ints, field: ResidueField
) -> None:
    arrays = table.arrays
    for s, simple in enumerate(table.simples):
        scale = 2 if simple.type == "H" else 1
        total = scale * rows[list(simple.constituents)].sum(axis=0)
        if ((total - residues[arrays.simple_rows[s]]) % field.prime).any():
            raise InconsistentAnswerError(
                table.group, f"the character of {simple.label} from its constituents", "another"
            )


def _integers(residues: list[Ints], primes: list[int]) -> NDArray[Any]:
    """Return the integers nearest to 0 with given residues modulo given primes.

    int64 where these hold the product of the primes, else Python's integers (dtype object).
    """
    whole = math.prod(primes)
    kind = np.int64 if whole < 1 << 62 and max(primes) < LARGEST_INT64_PRIME else object
    total, modulus = residues[0].astype(kind), primes[0]
    for part, p in zip(residues[1:], primes[1:], strict=True):  # one digit more of mixed radix
        digit = (part.astype(kind) - total) % p * pow(modulus, -1, p) % p
        total = total + digit * modulus
        modulus *= p
    return np.where(total > modulus // 2, total - modulus, total)
