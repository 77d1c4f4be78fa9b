"""Keys of answers, and the provenance stored with them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


def utc_now() -> str:
    """Return the present second as ISO 8601 in UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True, order=True)
class AnswerKey:
    """The key of one answer: two questions share an answer if and only if their keys are equal.

    Parameters
    ----------
    group
        The canonical name of the group, from :mod:`toolkit.groups`.
    question
        The name of the question.
    arguments
        The question's other arguments as canonical JSON text; :meth:`of` writes it.
    version
        The version of the question, raised by hand whenever the meaning of its answers changes.

    Raises
    ------
    ValueError
        If a text is empty or has characters that cannot be printed, if ``arguments`` is not
        canonical JSON, or if ``version`` is not a non-negative integer.

    Examples
    --------
    >>> key = AnswerKey.of("SmallGroup(24,12)", "coset_action", {"b": 1, "a": [2, 3]}, 1)
    >>> key.arguments
    '{"a":[2,3],"b":1}'
    >>> AnswerKey("C4", "characters", '{ }', 1)
    Traceback (most recent call last):
    ValueError: the arguments of a key must be canonical JSON, not '{ }'; AnswerKey.of writes it
    """

    group: str
    question: str
    arguments: str
    version: int

    def __post_init__(self) -> None:
        _check_text("group", self.group)
        _check_text("question", self.question)
        if self.arguments not in ("{}", "[]", "null") and not _is_canonical(self.arguments):
            raise ValueError(
                f"the arguments of a key must be canonical JSON, not {self.arguments!r:.60}; "
                "AnswerKey.of writes it"
            )
        if type(self.version) is not int or not 0 <= self.version < 2**63:
            raise ValueError(
                f"the version of a key must be a non-negative integer, not {self.version!r}"
            )

    @classmethod
    def of(cls, group: str, question: str, arguments: object = None, version: int = 1) -> AnswerKey:
        """Return the key with ``arguments`` written as canonical JSON."""
        return cls(group, question, canonical_json(arguments), version)

    def __str__(self) -> str:
        """Return a short form for messages."""
        arguments = "" if self.arguments == "null" else f" {self.arguments:.40}"
        return f"{self.question}{arguments} of {self.group:.60} (version {self.version})"


@dataclass(frozen=True, slots=True)
class Provenance:
    """The origin of an answer.

    Parameters
    ----------
    gap_version
        GAP's own version text; empty if no GAP was involved.
    packages
        Versions of the GAP packages that were loaded.
    script_hash
        Hash of the GAP scripts that computed the answer.
    seconds
        Time that the computation took.
    created
        The time, as ISO 8601 in UTC; by default now.

    Raises
    ------
    ValueError
        If a text cannot be printed, ``seconds`` is negative or not finite, or ``created`` is
        not a time in UTC.

    Examples
    --------
    >>> Provenance("4.16.1", seconds=0.25, created="2026-01-31T12:00:00Z").seconds
    0.25
    """

    gap_version: str = ""
    packages: Mapping[str, str] = field(default_factory=dict, hash=False)
    script_hash: str = ""
    seconds: float = 0.0
    created: str = field(default_factory=utc_now)

    def __post_init__(self) -> None:
        for name in ("gap_version", "script_hash"):
            _check_text(name, getattr(self, name), empty=True)
        if not all(type(x) is str for pair in self.packages.items() for x in pair):
            raise ValueError(f"packages must map names to versions, not {self.packages!r:.60}")
        object.__setattr__(self, "seconds", float(self.seconds))
        if not (math.isfinite(self.seconds) and self.seconds >= 0):
            raise ValueError(f"seconds must be a non-negative time, not {self.seconds!r}")
        if not _is_utc(self.created):
            raise ValueError(
                f"created must be a time in UTC such as '2026-01-31T12:00:00Z', "
                f"not {self.created!r:.60}"
            )


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer read from the store.

    Parameters
    ----------
    value
        The decoded JSON data; tuples have become lists.
    provenance
        The origin of the answer.

    Examples
    --------
    >>> from toolkit.store import AnswerKey, Provenance, Store
    >>> key = AnswerKey.of("S4", "order", {}, version=1)
    >>> with Store(None) as store:
    ...     _ = store.put(key, 24, Provenance("4.13", {}, "", 0.1))
    ...     answer = store.get(key)
    >>> answer.value, answer.provenance.gap_version
    (24, '4.13')
    """

    value: object
    provenance: Provenance


def canonical_json(data: object) -> str:
    """Return the canonical JSON text of ``data``: no spaces, keys sorted, ASCII only.

    Parameters
    ----------
    data
        Dictionaries with string keys, lists, tuples, strings, numbers, booleans and ``None``.

    Returns
    -------
    str
        The JSON text, which is the same for equal data.

    Raises
    ------
    ValueError
        If a number is not finite.
    TypeError
        If ``data`` contains something that JSON cannot represent.

    Examples
    --------
    >>> canonical_json({"b": (1, 2), "a": None})
    '{"a":null,"b":[1,2]}'
    """
    return json.dumps(data, separators=(",", ":"), sort_keys=True, allow_nan=False)


def unchecked_key(group: str, question: str, arguments: str, version: int) -> AnswerKey:
    """Return a key without checking it, for reports about damaged rows."""
    key = object.__new__(AnswerKey)
    for name, value in zip(AnswerKey.__slots__, (group, question, arguments, version), strict=True):
        object.__setattr__(key, name, value)
    return key


def _check_text(name: str, text: str, *, empty: bool = False) -> None:
    if not isinstance(text, str) or not text.isprintable() or not (text or empty):
        raise ValueError(f"{name} must be text that can be printed, not {text!r:.60}")


def _is_canonical(text: str) -> bool:
    try:
        return canonical_json(json.loads(text)) == text
    except (TypeError, ValueError, RecursionError):
        return False


def _is_utc(text: str) -> bool:
    try:
        return text.endswith("Z") and datetime.fromisoformat(text).utcoffset() == timedelta(0)
    except (AttributeError, ValueError):
        return False
