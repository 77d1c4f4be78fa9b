"""Reading what stands between ``<`` and ``>``: permutations, matrices, presentations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from toolkit.exact.residues import prime_factors
from toolkit.groups.parsing.exact_entries import Entry, read_entry
from toolkit.groups.parsing.presentations import read_presentation
from toolkit.groups.specs.base import MAX_FIELD
from toolkit.groups.specs.exact_matrices import ExactMatrixGroup
from toolkit.groups.specs.generated import (
    MAX_ENTRIES,
    MAX_MATRIX_DEGREE,
    MAX_PERMUTATION_DEGREE,
    Matrices,
    Permutations,
)

if TYPE_CHECKING:
    from toolkit.groups.parsing.cursor import Cursor
    from toolkit.groups.specs.base import GroupSpec

_LETTER = re.compile(r"[A-Za-z]")
_DIGIT = re.compile(r"[0-9]")


def read_generators(cursor: Cursor) -> GroupSpec:
    """Read a group given by generators; the cursor stands at its ``<``."""
    start = cursor.here()
    cursor.expect("<", "generators")
    if cursor.starts("("):
        return _read_permutations(cursor, start)
    if cursor.starts("["):
        return _read_matrices(cursor, start)
    if cursor.at(_LETTER):
        return read_presentation(cursor, start)
    raise cursor.error(
        f"'<' must be followed by permutations, matrices or generators, not {cursor.found()}",
        "for instance <(1,2,3), (1,2)> or <a, b | a^4, b^2, (a*b)^2>",
    )


def _read_permutations(cursor: Cursor, start: int) -> Permutations:
    moves: list[dict[int, int]] = []
    degree = 1
    while True:
        move = read_permutation(cursor)
        degree = max(degree, *move, 1)
        moves.append(move)
        if degree * len(moves) > MAX_ENTRIES:
            raise cursor.error(f"the generators have more than {MAX_ENTRIES:,} images together")
        if not cursor.take(","):
            break
    if not cursor.take(">"):
        raise cursor.error(
            f"a permutation must be followed by ',', '(' or '>', not {cursor.found()}"
        )
    cursor.spend(degree * len(moves))
    images = tuple(
        tuple(move.get(point, point) - 1 for point in range(1, degree + 1)) for move in moves
    )
    with cursor.blaming(start):
        return Permutations(degree, images)


def read_permutation(cursor: Cursor) -> dict[int, int]:
    """Read disjoint cycles; return the image of every point written, counted from 1."""
    move: dict[int, int] = {}
    if not cursor.starts("("):
        raise cursor.error(f"a permutation is needed here, not {cursor.found()}")
    while cursor.take("("):
        points: list[int] = []
        while not (not points and cursor.starts(")")):
            points.append(_read_point(cursor, move))
            move[points[-1]] = points[0]
            if len(points) > 1:
                move[points[-2]] = points[-1]
            if not cursor.take(","):
                break
        if not cursor.take(")"):
            hint = "points are separated by commas" if cursor.at(_DIGIT) else ""
            raise cursor.error(f"a cycle must go on with ',' or ')', not {cursor.found()}", hint)
    return move


def _read_point(cursor: Cursor, seen: dict[int, int]) -> int:
    at = cursor.here()
    point = cursor.integer("a point")
    if point == 0:
        raise cursor.error(
            "points count from 1, as in GAP",
            "from Python, image lists that count from 0 can be given instead",
            at=at,
        )
    if point > MAX_PERMUTATION_DEGREE:
        raise cursor.error(f"points go up to {MAX_PERMUTATION_DEGREE:,}", at=at)
    if point in seen:
        raise cursor.error(
            f"the point {point} occurs twice, and the cycles of a permutation are disjoint", at=at
        )
    return point


def _read_matrices(cursor: Cursor, start: int) -> GroupSpec:
    raw: list[list[list[Entry]]] = []
    entries = 0
    while True:
        raw.append(_read_matrix(cursor))
        entries += sum(map(len, raw[-1]))
        if entries > MAX_ENTRIES // 10:
            raise cursor.error(
                f"the matrices have more than {MAX_ENTRIES // 10:,} entries together"
            )
        if not cursor.take(","):
            break
    ring, at = "", cursor.here()
    if not cursor.take(">"):
        cursor.expect("|", "the last matrix")
        at = cursor.here()
        if cursor.take("GF"):
            return _over_finite_field(cursor, start, raw)
        ring = _read_ring(cursor)
        cursor.expect(">", "the ring")
    for entry in (entry for matrix in raw for row in matrix for entry in row):
        if entry.exponent is not None:
            raise cursor.error(
                "z is an element of a finite field, which must be named",
                "for instance | GF(4) after the last matrix",
                at=entry.at,
            )
    with cursor.blaming(start):
        spec = ExactMatrixGroup(
            tuple(tuple(tuple(e.value for e in row) for row in matrix) for matrix in raw)
        )
    if not _holds(ring, spec):
        raise cursor.error(f"the entries do not all lie in {ring}: they lie in {spec.ring}", at=at)
    return spec


def _read_ring(cursor: Cursor) -> str:
    """Read ``Z``, ``Q`` or ``CF(n)``."""
    for ring in ("Z", "Q"):
        if cursor.take(ring):
            return ring
    for token in ("CF", "("):
        if not cursor.take(token):
            raise cursor.error(
                f"the field is needed here, not {cursor.found()}",
                "for instance GF(3), Z, Q or CF(5), the field of the fifth roots of unity",
            )
    order = cursor.integer("the order of the roots of unity")
    cursor.expect(")", "the order of the roots of unity")
    return f"CF({order})"


def _holds(ring: str, spec: ExactMatrixGroup) -> bool:
    match ring:
        case "Z":
            return spec.ring == "Z"
        case "Q":
            return spec.conductor == 1
        case "":
            return True
    order = int(ring[3:-1])
    # CF(n) = CF(2 n) for odd n
    return order > 0 and (2 * order if order % 2 else order) % spec.conductor == 0


def _over_finite_field(cursor: Cursor, start: int, raw: list[list[list[Entry]]]) -> Matrices:
    cursor.expect("(", "GF")
    at = cursor.here()
    field = cursor.integer("the field size")
    cursor.expect(")", "the field size")
    cursor.expect(">", "the field")
    if not 2 <= field <= MAX_FIELD:
        raise cursor.error(f"the field size must be 2 to {MAX_FIELD:,}, not {field}", at=at)
    primes = prime_factors(field)
    if len(primes) > 1:
        raise cursor.error(f"the field size must be a prime power, and {field} is not one", at=at)
    is_prime = primes == [field]
    matrices = tuple(
        tuple(tuple(_value(cursor, entry, field, is_prime) for entry in row) for row in matrix)
        for matrix in raw
    )
    with cursor.blaming(start):
        return Matrices(field, len(raw[0]), matrices)


def _read_matrix(cursor: Cursor) -> list[list[Entry]]:
    start = cursor.here()
    cursor.expect("[", "'<' or ','")
    rows = [_read_row(cursor)]
    while cursor.take(","):
        rows.append(_read_row(cursor))
    cursor.expect("]", "the last row of a matrix")
    if len(rows) > MAX_MATRIX_DEGREE:
        raise cursor.error(f"matrices have at most {MAX_MATRIX_DEGREE} rows", at=start)
    if any(len(row) != len(rows) for row in rows):
        raise cursor.error("a matrix must have as many columns as rows", at=start)
    return rows


def _read_row(cursor: Cursor) -> list[Entry]:
    cursor.expect("[", "'[' or ','")
    row = [read_entry(cursor)]
    while cursor.take(","):
        row.append(read_entry(cursor))
    cursor.expect("]", "the last entry of a row")
    return row


def _value(cursor: Cursor, entry: Entry, field: int, is_prime: bool) -> int:
    if is_prime:
        if entry.integer is None:
            raise cursor.error(
                f"over GF({field}) the entries are integers modulo {field}", at=entry.at
            )
        return entry.integer % field
    if entry.exponent is not None:
        return entry.exponent % (field - 1) + 1
    if entry.integer not in (0, 1):
        raise cursor.error(
            f"over GF({field}) the entries are 0, 1, z and powers z^k, where z is GAP's Z({field})",
            at=entry.at,
        )
    return entry.integer
