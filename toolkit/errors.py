"""The errors that the toolkit raises on purpose.

One base class, :class:`ToolkitError`, and one subclass for each situation. An error keeps its
fields as attributes and in ``args``, so that it can be sent between processes, and builds its
message in ``__str__``: what was required, what was found, what to do.
"""

from __future__ import annotations

from toolkit.lazy import lazy_face
from toolkit.text import readable, shortened

__all__ = [
    "BasisError",
    "CatalogError",
    "CheckpointMismatchError",
    "ClassFunctionError",
    "ClusterLostError",
    "ConfigError",
    "GapCrashedError",
    "GapError",
    "GapNotFoundError",
    "GapProtocolError",
    "GapScriptError",
    "GapStoppedError",
    "GapTimeoutError",
    "GroupDataError",
    "IllegalActivationError",
    "InconsistentAnswerError",
    "ModuleMismatchError",
    "NamingError",
    "NearTieWarning",
    "NotAvailable",
    "NotCachedError",
    "OverlookedAttributeWarning",
    "QueryError",
    "StoreCorruptError",
    "StoreError",
    "StoreFullError",
    "StoreReadOnlyError",
    "StoreSchemaError",
    "TextError",
    "ToolkitError",
    "UnknownLabelError",
    "UnsupportedActivationError",
]
_, __dir__ = lazy_face(__name__, {})


class ToolkitError(Exception):
    """Base of every error that the toolkit raises on purpose."""


class ConfigError(ToolkitError, ValueError):
    """A setting (environment variable, option) has a value that cannot be used."""


class OverlookedAttributeWarning(UserWarning):
    """A graph has attributes that were neither named nor ignored; its group need not keep them."""


class NearTieWarning(UserWarning):
    """Some numbers are almost equal: a slightly larger tolerance would give a larger group."""


class TextError(ToolkitError, ValueError):
    """Text from a user cannot be read.

    Parameters
    ----------
    text
        The text.
    position
        0-based index of the character where reading failed, or ``None`` if the text as a whole is
        wrong.
    problem
        What is wrong there, as a clause.
    suggestion
        What to write instead, or the empty string.
    """

    def __init__(self, text: str, position: int | None, problem: str, suggestion: str = "") -> None:
        super().__init__(text, position, problem, suggestion)
        self.text = text
        self.position = position
        self.problem = problem
        self.suggestion = suggestion


class NamingError(TextError):
    """A group's name, or data given in place of a name, cannot be understood."""

    def __str__(self) -> str:
        shown = shortened(self.text)
        where = "" if self.position is None else f" at character {self.position + 1}"
        hint = f"; {self.suggestion}" if self.suggestion else ""
        return f"cannot read the group name {shown!r}{where}: {self.problem}{hint}"


class GroupDataError(NamingError):
    """Data from Python (permutations, a table, matrices, a graph, points) do not define a group.

    Its ``text`` says what was given, such as "this matrix".
    """

    def __str__(self) -> str:
        hint = f"; {self.suggestion}" if self.suggestion else ""
        return f"cannot construct a group from {self.text}: {self.problem}{hint}"


class NotAvailable(ToolkitError, LookupError):  # noqa: N818 - reads as what it says
    """The question is valid but cannot be answered; the message says why.

    Parameters
    ----------
    subject
        Canonical name of the group or module.
    question
        The question.
    reason
        Why there is no answer, and which question can be answered instead.
    """

    def __init__(self, subject: str, question: str, reason: str) -> None:
        super().__init__(subject, question, reason)
        self.subject = subject
        self.question = question
        self.reason = reason
        #: Whether no question can be answered: no finite group was found, for this reason.
        self.concerns_group = False

    def __str__(self) -> str:
        return (
            f"no answer to {self.question!r} about {shortened(self.subject)}: "
            f"{readable(self.reason)}"
        )


class InconsistentAnswerError(ToolkitError):
    """An answer breaks a law that it must obey; it is not stored.

    Parameters
    ----------
    subject
        Canonical name of the group.
    law
        The law that fails.
    found
        What was found instead.
    """

    def __init__(self, subject: str, law: str, found: str) -> None:
        super().__init__(subject, law, found)
        self.subject = subject
        self.law = law
        self.found = found

    def __str__(self) -> str:
        return (
            f"the answer about {shortened(self.subject)} breaks a law and is rejected: "
            f"required {self.law}, found {readable(str(self.found))}"
        )


class ModuleMismatchError(ToolkitError, ValueError):
    """Two modules (or a module and an option) do not fit together."""


class ClassFunctionError(ToolkitError, ValueError):
    """A class function is not of the kind that a question requires."""


class UnknownLabelError(ToolkitError, KeyError):
    """A table has no character, simple or class with this label; the message lists the labels."""

    def __str__(self) -> str:
        return str(self.args[0])


class UnsupportedActivationError(ToolkitError, ValueError):
    """The activation is unknown, or the method cannot determine its parity parts."""


class IllegalActivationError(ToolkitError, ValueError):
    """An activation, applied coordinate by coordinate, does not commute with the group.

    Parameters
    ----------
    activation
        Its name.
    problem
        The entry, and the generator whose matrix it is in, that break equivariance, and why.
    advice
        What to use instead.
    """

    def __init__(self, activation: str, problem: str, advice: str) -> None:
        super().__init__(activation, problem, advice)
        self.activation = activation
        self.problem = problem
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.activation} is not equivariant in this basis: {self.problem}; {self.advice}"


class BasisError(ToolkitError):
    """A basis fails its certificate and must not be used."""


class CheckpointMismatchError(ToolkitError, ValueError):
    """The weights in a checkpoint belong to another layer.

    Parameters
    ----------
    expected
        The layer, in words.
    found
        The layer that the checkpoint names.
    """

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(expected, found)
        self.expected = expected
        self.found = found

    def __str__(self) -> str:
        return (
            f"the checkpoint's weights belong to another layer: expected {self.expected}, found "
            f"{self.found}; build the layer from the modules that the checkpoint names"
        )


class CheckpointFileError(ToolkitError, ValueError):
    """A file of weights is damaged, or is none.

    Parameters
    ----------
    path
        The file.
    problem
        What was required and what was found.
    remedy
        What to do.
    """

    def __init__(self, path: str, problem: str, remedy: str) -> None:
        super().__init__(path, problem, remedy)
        self.path = path
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.path} is not a readable weight file: {self.problem}; {self.remedy}"


class GapError(ToolkitError):
    """Base of the errors of GAP and of the connection to it."""


class GapNotFoundError(GapError):
    """No usable GAP was found.

    Parameters
    ----------
    looked
        Where the toolkit looked for GAP, and what it found there.
    remedy
        The command that installs it.
    """

    def __init__(self, looked: str, remedy: str) -> None:
        super().__init__(looked, remedy)
        self.looked = looked
        self.remedy = remedy

    def __str__(self) -> str:
        return f"GAP was not found ({self.looked}); install it with: {self.remedy}"


class GapScriptError(GapError):
    """GAP answered with an error.

    Parameters
    ----------
    request
        Name of the question.
    subject
        Canonical name of the group.
    message
        GAP's message.
    """

    def __init__(self, request: str, subject: str, message: str) -> None:
        super().__init__(request, subject, message)
        self.request = request
        self.subject = subject
        self.message = message

    def __str__(self) -> str:
        return (
            f"GAP failed on the question {self.request!r} about {shortened(self.subject)}: "
            f"{self.message}"
        )


class GapTimeoutError(GapError):
    """GAP did not answer before the deadline and was stopped.

    Parameters
    ----------
    request
        Name of the question.
    subject
        Canonical name of the group.
    seconds
        The deadline that passed.
    """

    def __init__(self, request: str, subject: str, seconds: float) -> None:
        super().__init__(request, subject, seconds)
        self.request = request
        self.subject = subject
        self.seconds = seconds

    def __str__(self) -> str:
        return (
            f"GAP did not answer the question {self.request!r} about {shortened(self.subject)} "
            f"within {self.seconds:g} seconds and was stopped; PLREP_GAP_TIMEOUT sets the deadline"
        )


class GapCrashedError(GapError):
    """The GAP process ended before it answered.

    Parameters
    ----------
    request
        Name of the question.
    subject
        Canonical name of the group.
    returncode
        Exit status of the process (negative: the signal that killed it).
    stderr_tail
        The last lines it printed.
    """

    def __init__(self, request: str, subject: str, returncode: int, stderr_tail: str) -> None:
        super().__init__(request, subject, returncode, stderr_tail)
        self.request = request
        self.subject = subject
        self.returncode = returncode
        self.stderr_tail = stderr_tail

    @property
    def was_killed(self) -> bool:
        """Whether a signal ended the process, or the program that a script had started for it."""
        return self.returncode < 0 or self.returncode > 128

    def __str__(self) -> str:
        last = self.stderr_tail.strip().splitlines()
        said = f"; its last output was: {last[-1].strip()}" if last else ""
        hint = (
            "; PLREP_GAP_MEMORY sets its memory cap"
            if any(word in self.stderr_tail.lower() for word in ("memory", "workspace"))
            else ""
        )
        return (
            f"GAP ended (status {self.returncode}) on the question {self.request!r} about "
            f"{shortened(self.subject)}{said}{hint}"
        )


class GapStoppedError(GapError):
    """The task that was waiting for GAP was cancelled. GAP was stopped and can be used again."""

    def __init__(self, request: str, subject: str) -> None:
        super().__init__(request, subject)
        self.request, self.subject = request, subject

    def __str__(self) -> str:
        return f"the question {self.request!r} about {shortened(self.subject)} was cancelled"


class GapProtocolError(GapError):
    """GAP's reply does not have the agreed form."""


class StoreError(ToolkitError):
    """Base of the errors of the cache file."""


class StoreSchemaError(StoreError):
    """The file was written by another version of the toolkit.

    Parameters
    ----------
    path
        The file.
    found
        Its schema version.
    expected
        The version that this toolkit reads.
    """

    def __init__(self, path: str, found: int, expected: int) -> None:
        super().__init__(path, found, expected)
        self.path = path
        self.found = found
        self.expected = expected

    def __str__(self) -> str:
        return (
            f"{self.path} has the cache schema version {self.found}, but this toolkit reads "
            f"{self.expected}: move the file away, or name another folder in PLREP_CACHE_DIR"
        )


class StoreCorruptError(StoreError):
    """The file is not a readable cache.

    Parameters
    ----------
    path
        The file.
    problem
        What is wrong with it.
    """

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(path, problem)
        self.path = path
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.path} is not a readable cache: {self.problem}"


class StoreReadOnlyError(StoreError):
    """The cache can be read but not written."""


class StoreFullError(StoreReadOnlyError):
    """The cache can be read, but the disk is full or fails."""


class NotCachedError(StoreError, LookupError):
    """The answer is not in the store, and GAP must not be started.

    Parameters
    ----------
    subject
        Canonical name of the group.
    question
        The question.
    """

    def __init__(self, subject: str, question: str) -> None:
        super().__init__(subject, question)
        self.subject = subject
        self.question = question

    def __str__(self) -> str:
        return (
            f"the answer to {self.question!r} about {shortened(self.subject)} is not in the cache"
        )


class CatalogError(ToolkitError):
    """A folder is not a catalog that this toolkit can read, or its files are damaged.

    Parameters
    ----------
    path
        The folder or file.
    problem
        What was required and what was found.
    remedy
        What to do.
    """

    def __init__(self, path: str, problem: str, remedy: str = "") -> None:
        super().__init__(path, problem, remedy)
        self.path = path
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        hint = f"; {self.remedy}" if self.remedy else ""
        return f"{self.path} is not a readable catalog: {self.problem}{hint}"


class ClusterLostError(ToolkitError):
    """The scheduler of a Dask cluster is gone, or its connection, in the middle of a sweep.

    Parameters
    ----------
    scheduler
        Which one: ``at tcp://host:8786``.
    folder
        Where the sweep keeps what is finished, and how much: ``12 of 74 groups``.
    """

    def __init__(self, scheduler: str, folder: str = "", done: str = "") -> None:
        super().__init__(scheduler, folder, done)
        self.scheduler = scheduler
        self.folder = folder
        self.done = done

    def __str__(self) -> str:
        kept = f"{self.done} are done and kept in {self.folder}; " if self.folder else ""
        return (
            f"the Dask scheduler {self.scheduler} ended, or the connection to it: {kept}start the "
            "scheduler and its workers again, and the same sweep resumes"
        )


class QueryError(TextError):
    """A query of the catalog cannot be read, or exceeds its limits."""

    def __str__(self) -> str:
        hint = f"; {self.suggestion}" if self.suggestion else ""
        if self.position is None:
            return f"cannot answer {shortened(self.text)!r}: {self.problem}{hint}"
        start = max(0, self.position - 30)
        before = ("..." if start else "") + self.text[start : self.position]
        after = self.text[self.position : self.position + 30]
        more = "..." if len(self.text) > self.position + 30 else ""
        return (
            f"cannot read the question at character {self.position + 1}: {self.problem}{hint} "
            f"(here: {before}^{after}{more})"
        )
