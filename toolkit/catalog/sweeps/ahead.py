"""GAP's answers about several groups at once, before the questions about each group.

Every sweep needs the same few answers about a group of the small groups library. One request
(``gap_scripts/requests/catalog_groups.g``) answers them for all groups of a task; each group's
answers are then handed to the session in the place of GAP's, so that they are read, checked and
compared as always. Everything else is a question to GAP about one group alone: other questions,
other groups, groups after one that failed or took too long.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.errors import GapError, GapNotFoundError, InconsistentAnswerError, NotAvailable
from toolkit.library.formulas import GAP_CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from toolkit.catalog.plan import Target
    from toolkit.library.session import Session

_NAME = re.compile(r"SmallGroup\(([0-9]{1,6}),([0-9]{1,9})\)")
#: No further group of a task is begun after this share of the time that one group may take.
_SHARE_OF_LIMIT = 0.1


@dataclass(frozen=True, eq=False)
class AnswersOfGroup:
    """GAP's answers about one group, given ahead.

    Parameters
    ----------
    group
        Its name.
    record
        One record of ``gap_scripts/requests/catalog_groups.g``.
    """

    group: str
    record: dict[str, Any]

    @property
    def seconds(self) -> float:
        """GAP's own time."""
        return float(self.record["ms"]) / 1000

    def said(self, request: str, args: dict[str, Any], subject: str) -> Any:  # noqa: ANN401 - JSON
        """Return the answer to a request, ``None`` if GAP must answer it.

        Raises
        ------
        InconsistentAnswerError
            If the minimal normal subgroups that GAP found are others than those of the table.
        """
        if subject != self.group:
            return None
        if request == "facts":
            return self.record["facts"]
        if request == "character_table":
            return self.record.get("table")
        if request == "abelian_elements":
            return self.record.get("elements")
        return self._quotients(args) if request == "quotients" else None

    def _quotients(self, args: dict[str, Any]) -> list[list[int] | None]:
        """Return the quotients in the order of the subgroups that the table gives."""
        record = self.record
        named = record["table"]["reps"] if "table" in record else record["elements"]["elements"]
        place = {repr(element): i for i, element in enumerate(named)}
        rep = [place.get(repr(element), -1) for element in args["reps"]]
        found = {
            frozenset(classes): quotient
            for classes, quotient in zip(record["minimal"], record["quotients"], strict=True)
        }
        wanted = [frozenset(rep[c] for c in classes) for classes in args["sets"]]
        if found.keys() != set(wanted):
            raise InconsistentAnswerError(
                self.group,
                f"the {len(wanted)} minimal normal subgroups of its character table",
                f"{len(found)} in the group",
            )
        return [found[classes] for classes in wanted]


def small_group_of(target: Target) -> tuple[int, int] | None:
    """Return order and number of a group that a request for several may name, else ``None``.

    Examples
    --------
    >>> from toolkit.catalog.plan import Target
    >>> from toolkit.catalog.rows.group import Modules
    >>> small_group_of(Target("SmallGroup(8,3)", None, None, Modules()))
    (8, 3)
    """
    named = _NAME.fullmatch(target.name)
    if named is None:
        return None
    order, number = map(int, named.groups())
    return (order, number) if order <= GAP_CLASSES else None


def answers_ahead(
    session: Session, targets: Sequence[Target], seconds: float
) -> Iterator[tuple[Target, AnswersOfGroup | None]]:
    """Yield each group with GAP's answers given ahead, or ``None`` if there are none.

    Parameters
    ----------
    session
        A session with a GAP.
    targets
        The groups.
    seconds
        Time that GAP may take for a group.
    """
    left = list(targets)
    while left:
        known = _asked(session, left, seconds)
        yield from zip(left, known or [None], strict=False)
        left = left[max(1, len(known)) :]


def _asked(
    session: Session, targets: Sequence[Target], seconds: float
) -> list[AnswersOfGroup | None]:
    """Ask GAP about the groups up to the first that needs a request of its own."""
    groups: list[dict[str, object]] = []
    for target in targets:
        pair = small_group_of(target)
        if pair is None:
            break
        groups.append({"kind": "small", "order": pair[0], "index": pair[1]})
    if not groups:
        return []
    last = "" if len(groups) == 1 else f" and {len(groups) - 1} more"
    try:
        with session.time_limit(seconds):
            answer = session.ask_gap(
                "catalog_groups",
                {"groups": groups, "seconds": math.ceil(_SHARE_OF_LIMIT * seconds)},
                subject=targets[0].name + last,
            )
    except GapNotFoundError:
        raise
    except (GapError, NotAvailable):
        return [None] * len(groups)
    return [
        None if "failed" in record else AnswersOfGroup(target.name, record)
        for target, record in zip(targets, answer, strict=False)
    ]
