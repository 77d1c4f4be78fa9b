"""Point groups in space, crystallographic and molecular, with their orthogonal matrices."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.groups.specs.base import GroupSpec, refusal
from toolkit.groups.specs.exact_matrices import json_of_matrices

if TYPE_CHECKING:
    from toolkit.groups.space import ExactMatrices
    from toolkit.groups.specs.exact_matrices import Matrix

MAX_FOLD = 2_000
"""Largest n of an axis."""

_CUBIC = {"T": 12, "Td": 24, "Th": 24, "O": 24, "Oh": 48, "I": 60, "Ih": 120}
_AXIAL = re.compile(r"([CDS])([1-9][0-9]{0,5})([hvd]?)")
_OTHER_NAMES = {
    "Cs": "Cs", "Ci": "Ci", "C1h": "Cs", "C1v": "Cs", "S1": "Cs", "S2": "Ci", "V": "D2",
    "Vh": "D2h", "Vd": "D2d", "D1": "C2", "D1h": "C2v", "D1d": "C2h",
}  # fmt: skip

#: Hermann-Mauguin symbols of the 32 crystallographic point groups and of the icosahedral ones,
#: short, full and in other settings, without blanks.
HERMANN_MAUGUIN: dict[str, str] = {
    "1": "C1", "-1": "Ci", "2": "C2", "m": "Cs", "2/m": "C2h", "222": "D2", "mm2": "C2v",
    "mmm": "D2h", "2/m2/m2/m": "D2h", "2mm": "C2v", "m2m": "C2v", "-2": "Cs",
    "4": "C4", "-4": "S4", "4/m": "C4h", "422": "D4", "4mm": "C4v", "-42m": "D2d", "-4m2": "D2d",
    "4/mmm": "D4h", "4/m2/m2/m": "D4h",
    "3": "C3", "-3": "S6", "32": "D3", "321": "D3", "312": "D3", "3m": "C3v", "3m1": "C3v",
    "31m": "C3v", "-3m": "D3d", "-3m1": "D3d", "-31m": "D3d", "-32/m": "D3d",
    "6": "C6", "-6": "C3h", "3/m": "C3h", "6/m": "C6h", "622": "D6", "6mm": "C6v", "-6m2": "D3h",
    "-62m": "D3h", "6/mmm": "D6h", "6/m2/m2/m": "D6h",
    "23": "T", "m-3": "Th", "m3": "Th", "2/m-3": "Th", "432": "O", "-43m": "Td", "m-3m": "Oh",
    "m3m": "Oh", "4/m-32/m": "Oh",
    "235": "I", "532": "I", "m-3-5": "Ih", "-5-32/m": "Ih", "-53m": "Ih", "m-35": "Ih",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PointGroup(GroupSpec):
    """A finite group of orthogonal matrices in space by its Schoenflies symbol.

    Axes: the principal axis is z. The horizontal mirror is the plane of x and y, the vertical
    mirrors of C_nv and the twofold axes of D_n, D_nh and D_nd contain x. Of the cubic groups T, Th
    and Td the twofold axes, of O and Oh the fourfold ones are x, y and z, with a threefold axis
    through (1, 1, 1); of I and Ih three twofold axes are x, y and z. Matrices act on rows from the
    right, as everywhere here; their transposes, on columns.

    The group acts on the orbits of the unit vectors of the axes x, y, z, as far as they are needed
    to span the space.

    Parameters
    ----------
    symbol
        C1, Cs, Ci, Cn, Cnh, Cnv, Dn, Dnh, Dnd, S2n (from S4 on), T, Td, Th, O, Oh, I or Ih.

    Examples
    --------
    >>> PointGroup("D3h").name, PointGroup("D3h").order
    ('PointGroup(D3h)', 12)
    >>> point_group("m-3m"), point_group("C3i"), point_group("S3")
    (PointGroup(symbol='Oh'), PointGroup(symbol='S6'), PointGroup(symbol='C3h'))
    """

    kind: ClassVar[str] = "point_group"
    symbol: str

    def __post_init__(self) -> None:
        if canonical_symbol(self.symbol) != self.symbol:
            raise refusal(self.name, f"{self.symbol!r:.40} is not a canonical Schoenflies symbol")

    @property
    def name(self) -> str:
        """The canonical name."""
        return f"PointGroup({self.symbol})"

    @property
    def order(self) -> int:
        """The order."""
        if self.symbol in _CUBIC:
            return _CUBIC[self.symbol]
        if self.symbol in ("Cs", "Ci"):
            return 2
        letter, fold, behind = self._axial()
        if letter == "S":
            return fold
        return fold * (2 if letter == "D" else 1) * (2 if behind else 1)

    def _axial(self) -> tuple[str, int, str]:
        found = _AXIAL.fullmatch(self.symbol)
        assert found is not None
        return found[1], int(found[2]), found[3]

    def exact_matrices(self) -> ExactMatrices:
        """Return the generators, for rows: orthogonal, with exact entries."""
        if self.symbol in _CUBIC:
            return _cubic(self.symbol)
        if self.symbol == "Cs":
            return (_diagonal(1, 1, -1),)
        if self.symbol == "Ci":
            return (_diagonal(-1, -1, -1),)
        letter, fold, behind = self._axial()
        if letter == "S":
            return (_turn(1, fold, -1),)
        out = [] if fold == 1 else [_turn(1, fold, 1)]
        if behind == "d":
            out = [_turn(1, 2 * fold, -1)]
        if letter == "D":
            out.append(_diagonal(1, -1, -1))
        if behind == "h":
            out.append(_diagonal(1, 1, -1))
        elif behind == "v":
            out.append(_diagonal(1, -1, 1))
        return tuple(out or [_diagonal(1, 1, 1)])

    def to_gap(self) -> dict[str, Any]:
        """Return the matrices, and the order."""
        matrices = json_of_matrices(self.exact_matrices())
        return {"kind": "exact_matrices", "matrices": matrices, "size": self.order}


def _diagonal(*signs: int) -> Matrix:
    return tuple(
        tuple(Cyclotomic.from_int(sign if i == j else 0) for j in range(3))
        for i, sign in enumerate(signs)
    )


def _turn(part: int, whole: int, sign: int) -> Matrix:
    """Return the rotation about z by part/whole of a turn, from x towards y, z times the sign."""
    root, i = Cyclotomic.root_of_unity(whole, part), Cyclotomic.root_of_unity(4)
    cosine = (root + root.conjugate()).scaled(Fraction(1, 2))
    sine = (i * (root.conjugate() - root)).scaled(Fraction(1, 2))
    zero = Cyclotomic.from_int(0)
    return (
        (cosine, sine, zero),
        (-sine, cosine, zero),
        (zero, zero, Cyclotomic.from_int(sign)),
    )


def _integers(*rows: tuple[int, int, int]) -> Matrix:
    return tuple(tuple(map(Cyclotomic.from_int, row)) for row in rows)


def _cubic(symbol: str) -> ExactMatrices:
    turn = _integers((0, 1, 0), (0, 0, 1), (1, 0, 0))  # x to y to z to x
    half, quarter = _diagonal(-1, -1, 1), _turn(1, 4, 1)
    inversion = _diagonal(-1, -1, -1)
    mirror = _integers((0, 1, 0), (1, 0, 0), (0, 0, 1))  # exchanges x and y
    match symbol:
        case "T":
            return (half, turn)
        case "Th":
            return (half, turn, inversion)
        case "Td":
            return (half, turn, mirror)
        case "O":
            return (quarter, turn)
        case "Oh":
            return (quarter, turn, inversion)
    # a fivefold axis lies in the plane of x and y: (golden ratio, 1, 0)
    half_one = Fraction(1, 2)
    golden = -(Cyclotomic.root_of_unity(5, 2) + Cyclotomic.root_of_unity(5, 3))
    a, b = golden.scaled(half_one), (golden - 1).scaled(half_one)
    c = Cyclotomic.from_fraction(half_one)
    fifth = ((a, c, -b), (c, -b, a), (b, -a, -c))
    return (half, turn, fifth) if symbol == "I" else (half, turn, fifth, inversion)


def canonical_symbol(symbol: str) -> str | None:
    """Return the symbol under which a Schoenflies symbol is kept, or ``None`` if it is none.

    Examples
    --------
    >>> [canonical_symbol(s) for s in ("S1", "S3", "C3i", "Vd", "D1h", "C1v", "X2")]
    ['Cs', 'C3h', 'S6', 'D2d', 'C2v', 'Cs', None]
    """
    if symbol in _CUBIC:
        return symbol
    if symbol in _OTHER_NAMES:
        return _OTHER_NAMES[symbol]
    inverted = re.fullmatch(r"C([1-9][0-9]{0,5})i", symbol)
    if inverted:
        n = int(inverted[1])
        # only odd axes: C_ni = C_n x C_i is S_2n
        return None if n % 2 == 0 or n > MAX_FOLD else "Ci" if n == 1 else f"S{2 * n}"
    found = _AXIAL.fullmatch(symbol)
    if not found:
        return None
    letter, n, behind = found[1], int(found[2]), found[3]
    fits = {"C": ("", "h", "v"), "D": ("", "h", "d"), "S": ("",)}[letter]
    if behind not in fits or n > MAX_FOLD:
        return None
    if letter == "S" and n % 2:
        return f"C{n}h"
    return symbol


def point_group(symbol: str) -> PointGroup:
    """Return the point group of a Schoenflies or Hermann-Mauguin symbol.

    Raises
    ------
    NamingError
        If it is none.

    Examples
    --------
    >>> point_group("4/m m m").symbol, point_group("-43m").symbol, point_group("D_{3h}").symbol
    ('D4h', 'Td', 'D3h')
    """
    plain = re.sub(r"[\s_{}]", "", symbol).replace("\u2212", "-")
    found = HERMANN_MAUGUIN.get(plain) or canonical_symbol(plain)
    if found:
        return PointGroup(found)
    text = f"PointGroup({symbol[:40]})"
    if re.fullmatch(r"[CD](∞|inf|oo)[hv]?|K_?h?|SO\(3\)|O\(3\)", plain):
        raise refusal(text, "the group is infinite: point groups here are finite")
    raise refusal(
        text,
        "this is not a known symbol of a finite point group",
        "Schoenflies: C1, Cs, Ci, Cn, Cnh, Cnv, Dn, Dnh, Dnd, S4, S6, ..., T, Td, Th, O, Oh, I, "
        f"Ih, with n up to {MAX_FOLD:,}; Hermann-Mauguin: those of the 32 crystal classes, such "
        "as m-3m",
    )
