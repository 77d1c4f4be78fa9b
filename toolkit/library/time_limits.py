"""Questions that ran into a time limit, kept in the store so that a page does not wait twice.

Such a record is no answer: it is filed under a question of its own, and says how long GAP had.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from toolkit.errors import GapTimeoutError, InconsistentAnswerError, StoreFullError
from toolkit.store import AnswerKey

if TYPE_CHECKING:
    from toolkit.store import LayeredStore, Provenance

#: The question under which the records are filed, and its version.
NAME, VERSION = "not_in_time", 1

#: Of a limit: a question that had less is tried once more.
_ENOUGH = 0.5


def seconds_in(value: object) -> float:
    """Return the time that GAP had, from a stored record.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> seconds_in({"seconds": 10})
    10.0
    """
    match value:
        case {"seconds": float() | int() as seconds, **rest} if not rest:
            return float(seconds)
    raise ValueError(f"a number of seconds is required, not {value!r:.60}")


def to_json(seconds: float) -> dict[str, float]:
    """Return the record of a time."""
    return {"seconds": seconds}


def check_seconds(group: str, seconds: float) -> None:
    """Check that the time is positive.

    Raises
    ------
    InconsistentAnswerError
        If it is not.
    """
    if not seconds > 0:
        raise InconsistentAnswerError(group, "a time above 0", str(seconds))


def key_of(key: AnswerKey) -> AnswerKey:
    """Return the key of the record about the question with this key."""
    about = {"question": key.question, "arguments": key.arguments, "version": key.version}
    return AnswerKey.of(key.group, NAME, about, VERSION)


def require_time(store: LayeredStore, key: AnswerKey, seconds: float) -> None:
    """Raise if the question is known not to be answered within a time.

    Raises
    ------
    GapTimeoutError
        With the time that GAP had.
    """
    answer = store.get(key_of(key))
    if answer is None:
        return
    try:
        had = seconds_in(answer.value)
    except ValueError:
        return  # written by another version: ask again
    if seconds <= had:
        raise GapTimeoutError(key.question, key.group, had)


def keep(
    store: LayeredStore,
    key: AnswerKey,
    error: GapTimeoutError,
    seconds: float,
    provenance: Provenance,
) -> None:
    """Keep that a question ran into a limit.

    Parameters
    ----------
    store, key
        Where, and what was asked.
    error
        Which question of all that were asked on the way it was, and how long it had.
    seconds
        The limit, which the question may have shared with others and with the start of GAP.
    provenance
        Of the record.
    """
    if (error.request, error.subject) != (key.question, key.group) or error.seconds <= 0:
        return  # another question, which has a record of its own
    about = key_of(key)
    enough = error.seconds >= _ENOUGH * seconds or store.contains(about)
    store.put(about, to_json(seconds if enough else error.seconds), provenance)


def forget(store: LayeredStore, key: AnswerKey) -> None:
    """Remove the record of a question that has been answered."""
    about = key_of(key)
    if store.top.writable and store.top.contains(about):
        with contextlib.suppress(StoreFullError):  # the answer stands before the record
            store.top.delete(about)
