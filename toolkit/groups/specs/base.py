"""What every group specification has in common: its interface, its limits, its refusals.

The limits are there so that hostile or mistyped input ends in one sentence, never in a hang.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

from toolkit.errors import GroupDataError, NamingError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.groups.space import ExactMatrices

MAX_TEXT = 1_000_000
"""Most characters of a name, typed or canonical."""

MAX_DEPTH = 50
"""Most levels of nested parentheses."""

MAX_FACTORS = 64
"""Most groups that one name may combine by products, powers and wreath products."""

MAX_FIELD = 2**16
"""Most elements of a finite field: as far as GAP's Z(q) goes for every prime power q."""

MAX_DIGITS = 15
"""Most digits of a number."""

MAX_LOG_ORDER = 1_000_000 * math.log(10)
"""Most of the logarithm of an order that is written out: a million digits."""


@dataclass(frozen=True, slots=True)
class GroupSpec(ABC):
    """A finite group as the user named it: a value with a canonical name and canonical JSON.

    Two specs are equal exactly when their JSON is. Equal specs name the same group; different
    specs may name isomorphic groups, which only GAP can tell.
    """

    kind: ClassVar[str]

    @property
    @abstractmethod
    def name(self) -> str:
        """The canonical name; :func:`toolkit.groups.parsing.grammar.parse_group` reads it back."""

    @property
    def order(self) -> int | None:
        """The order where the name tells it, or ``None``."""
        return None

    @property
    def parts(self) -> tuple[GroupSpec, ...]:
        """The groups that it is composed of; none for most kinds."""
        return ()

    @property
    def points(self) -> int | None:
        """The number of points of the natural action where the name tells it, or ``None``."""
        return None

    @property
    def log_order(self) -> float | None:
        """The natural logarithm of the order where the name tells it, however large it is."""
        return None if self.order is None else math.log(self.order)

    def __str__(self) -> str:
        return self.name

    def to_json(self) -> dict[str, Any]:
        """Return the canonical JSON: the kind, and each field under its own name."""
        return {"kind": self.kind} | {f.name: _plain(getattr(self, f.name)) for f in fields(self)}

    def to_gap(self) -> dict[str, Any]:
        """Return the description that GAP builds the group from.

        It is the JSON of the group, where groups that Python can write down by matrices stand as
        such.
        """
        data = self.to_json()
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, GroupSpec):
                data[field.name] = value.to_gap()
            elif isinstance(value, tuple) and value and isinstance(value[0], GroupSpec):
                data[field.name] = [part.to_gap() for part in value]
        return data

    def exact_matrices(self) -> ExactMatrices | None:
        """Return real matrices of the generators, if the group is named with a real space."""
        return None


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, GroupSpec):
        return value.to_json()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def refusal(text: str, problem: str, suggestion: str = "") -> NamingError:
    """Return the error that says why ``text`` names no group; the parser adds the position."""
    return NamingError(text, None, problem, suggestion)


def data_refusal(what: str, problem: str, suggestion: str = "") -> GroupDataError:
    """Return the error that says why data given from Python, such as "this matrix", is no group."""
    return GroupDataError(what, None, problem, suggestion)


def check_range(pattern: str, *numbers: tuple[str, int, int, int]) -> None:
    """Check that each number is within its bounds.

    Parameters
    ----------
    pattern
        A format string that makes the group's name out of the numbers.
    numbers
        For each number what it is, its value, the least and the largest one allowed.

    Raises
    ------
    NamingError
        About the first number out of bounds.

    Examples
    --------
    >>> check_range("S{}", ("degree", 0, 1, 10))
    Traceback (most recent call last):
    ...
    toolkit.errors.NamingError: cannot read the group name 'S0': the degree must be 1 to 10, not 0
    """
    for what, value, least, most in numbers:
        if not least <= value <= most:
            text = pattern.format(*(_shown(v) for _, v, _, _ in numbers))
            problem = f"the {what} must be {least:,} to {most:,}, not {_shown(value)}"
            raise refusal(text, problem)


def _shown(value: int) -> str:
    return str(value) if abs(value) < 10**MAX_DIGITS else f"~2^{value.bit_length() - 1}"


def check_length(spec: GroupSpec) -> GroupSpec:
    """Return ``spec``, whose canonical name must be short enough to be read back.

    Raises
    ------
    NamingError
        If the name has more than :data:`MAX_TEXT` characters.
    """
    name = spec.name
    if len(name) > MAX_TEXT:
        raise refusal(name[:MAX_TEXT], f"written out it has more than {MAX_TEXT:,} characters")
    return spec


def checked_title(title: object) -> str | None:
    """Return the name that a user gives a group: a text of one line, or ``None`` for no name.

    Raises
    ------
    NamingError
        If it is anything else.

    Examples
    --------
    >>> checked_title("benzene")
    'benzene'
    >>> checked_title("")
    Traceback (most recent call last):
    ...
    toolkit.errors.NamingError: cannot read the group name "''": a name must be a text of 1 to 200
    characters on one line
    """
    if title is None:
        return None
    if not (isinstance(title, str) and 0 < len(title.strip()) <= 200 and title.isprintable()):
        shown = f"{title!r:.60}"
        raise refusal(shown, "a name must be a text of 1 to 200 characters on one line")
    return title


def closest(word: str, known: Iterable[str]) -> str:
    """Return the known word that ``word`` most likely stands for, or the empty string.

    Examples
    --------
    >>> closest("smallgroup", ["Table", "SmallGroup"]), closest("Tabel", ["Table"])
    ('SmallGroup', 'Table')
    """
    import difflib  # only errors need it

    if len(word) > 40:
        return ""
    words = list(known)
    by_case = [other for other in words if other.lower() == word.lower()]
    return (by_case or difflib.get_close_matches(word, words, n=1) or [""])[0]
