"""The sporadic simple groups that act on at most 4,095 points, and names of the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from toolkit.groups.specs.base import GroupSpec, refusal


class SporadicRow(NamedTuple):
    """A sporadic group: its order, and where the library of primitive groups has it."""

    order: int
    degree: int
    number: int


#: Groups that can be held. The Mathieu groups are a family of their own.
SPORADIC: dict[str, SporadicRow] = {
    "Co2": SporadicRow(42305421312000, 2300, 1),
    "Co3": SporadicRow(495766656000, 276, 3),
    "Fi22": SporadicRow(64561751654400, 3510, 1),
    "HS": SporadicRow(44352000, 100, 3),
    "He": SporadicRow(4030387200, 2058, 1),
    "J1": SporadicRow(175560, 266, 1),
    "J2": SporadicRow(604800, 100, 1),
    "McL": SporadicRow(898128000, 275, 1),
    "Ru": SporadicRow(145926144000, 4060, 1),
    "Suz": SporadicRow(448345497600, 1782, 1),
}


@dataclass(frozen=True, slots=True)
class Sporadic(GroupSpec):
    """A sporadic simple group on the least number of points that it acts on, ``J2`` on 100.

    Examples
    --------
    >>> Sporadic("J1").to_json()
    {'kind': 'sporadic', 'name': 'J1', 'degree': 266, 'index': 1}
    """

    kind: ClassVar[str] = "sporadic"
    word: str

    def __post_init__(self) -> None:
        if self.word not in SPORADIC:
            raise refusal(self.word, "this is not a sporadic group that can be held")

    @property
    def name(self) -> str:
        """The canonical name."""
        return self.word

    @property
    def order(self) -> int:
        """The order."""
        return SPORADIC[self.word].order

    @property
    def points(self) -> int:
        """The number of points of the natural action."""
        return SPORADIC[self.word].degree

    def to_json(self) -> dict[str, Any]:
        """Return the canonical JSON, with the number of the group among the primitive ones."""
        row = SPORADIC[self.word]
        return {"kind": self.kind, "name": self.word, "degree": row.degree, "index": row.number}
