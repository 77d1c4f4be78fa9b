"""The joint between questions and answers: the store first, then GAP, checked, then stored."""

from __future__ import annotations

import json
import os
import threading
import time
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from toolkit.errors import GapError, GapNotFoundError, NotCachedError
from toolkit.exact.records import decode, encode
from toolkit.files import bundled_answers_path, gap_scripts_path
from toolkit.settings import Settings
from toolkit.store import AnswerKey, LayeredStore, Provenance, Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.gap.locate import GapInstallation
    from toolkit.gap.pool import GapPool

__all__ = ["QUESTION_VERSIONS", "Session", "Stopwatch", "default_session"]

Record = TypeVar("Record")

#: Raised by hand whenever the meaning or the form of an answer changes.
QUESTION_VERSIONS = {
    "facts": 1,
    "character_table": 1,
    "normal_subgroups": 2,
    "subgroup_classes": 2,
    "table_of_marks": 1,
    "transitive_module": 1,
    "spherical_table": 1,
    "natural_action": 1,
    "graph_automorphisms": 1,
    "abelian_subgroup": 1,
    "element_classes": 1,
    "fourier_basis": 2,
    "element_images": 1,
    "index_two_subgroups": 1,
    "induced_action": 1,
    "product_classes": 1,
    "quotients": 1,
}


class Stopwatch:
    """Adds up GAP's own time while an answer is being made."""

    def __init__(self) -> None:
        self.seconds = 0.0


class Session:
    """A store and the GAP processes behind it.

    Parameters
    ----------
    settings
        Where the cache is, which GAP to start, its limits; from the environment by default.
    processes
        How many GAP processes may run at once.
    use_bundled
        Whether the bundled answers are a layer below the cache.
    in_memory
        Whether answers are kept as they are until :meth:`forget`, and no cache is read or written:
        for going through many groups, each once.

    Notes
    -----
    Nothing is opened or started before it is needed. Safe to share between threads. A context
    manager; :meth:`close` stops GAP and closes the store.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        processes: int = 1,
        use_bundled: bool = True,
        in_memory: bool = False,
    ) -> None:
        self.settings = settings or Settings.from_environment()
        self.processes = processes
        self.use_bundled = use_bundled
        self.in_memory = in_memory
        #: Questions that GAP was asked, with seconds on the wall; for benchmarks and progress.
        self.asked: list[tuple[str, str, float]] = []
        #: Called with (question, group) before GAP is asked; for progress displays.
        self.on_question: Callable[[str, str], None] | None = None
        #: GAP's own time for all questions so far.
        self.gap_seconds = 0.0
        #: When :func:`time.monotonic` reaches this, GAP is stopped; a limit on several questions.
        self.deadline: float | None = None
        self._records: dict[tuple[str, str, str], Any] = {}
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._pool: GapPool | None = None
        self._hello: dict[str, Any] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel as the settings: another process opens its own store and starts its own GAP."""
        return _rebuild, (self.settings, self.processes, self.use_bundled, self.in_memory)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def store(self) -> LayeredStore:
        """The cache file with the bundled answers below it."""
        below = []
        bundled = bundled_answers_path() if self.use_bundled else None
        if bundled is not None:
            below.append(Store(bundled, read_only=True, immutable=True))
        return LayeredStore(Store(self.settings.answers_path), below)

    @cached_property
    def installation(self) -> GapInstallation:
        """The GAP that is used; GapNotFoundError says what installs it."""
        from toolkit.gap.locate import find_gap

        return find_gap(self.settings.gap_executable, self.settings.gap_root)

    def pool(self) -> GapPool:
        """Return the GAP processes, made (not yet started) at the first call."""
        if self._pid != os.getpid():  # after a fork: a lock held elsewhere is never released here
            self._pid, self._lock = os.getpid(), threading.Lock()
        with self._lock:
            if self._pool is None:
                from toolkit.gap.pool import GapPool
                from toolkit.gap.workspace import ensure_workspace

                scripts = gap_scripts_path()
                if scripts is None:
                    raise GapNotFoundError(
                        "the toolkit's own GAP scripts are missing", "pip install plrep-toolkit"
                    )
                folder = self.settings.cache_dir / "workspaces"
                self._pool = GapPool(
                    self.installation,
                    scripts.resolve(),
                    size=self.processes,
                    workspace=ensure_workspace(self.installation, scripts, folder),
                    timeout=self.settings.gap_timeout,
                    memory=self.settings.gap_memory,
                )
            return self._pool

    def hello(self) -> dict[str, Any]:
        """Return GAP's version and packages, checked against the least version that works."""
        from toolkit.gap.locate import INSTALL_LINE, MINIMUM_VERSION, version_tuple

        if self._hello is None:
            try:
                value = self.pool().ask("hello", {}, subject="GAP itself", timeout=60.0).value
            except GapNotFoundError:
                raise
            except GapError as error:
                raise GapNotFoundError(
                    f"{self.installation.executable}, found by {self.installation.origin}, does "
                    f"not work as GAP: {error}",
                    INSTALL_LINE,
                ) from None
            if version_tuple(value["version"]) < MINIMUM_VERSION:
                least = ".".join(map(str, MINIMUM_VERSION))
                raise GapNotFoundError(
                    f"version {least} or later is required, {value['version']} was found at "
                    f"{self.installation.executable}",
                    INSTALL_LINE,
                )
            self._hello = value
        return self._hello

    def ask_gap(self, request: str, args: dict[str, Any], *, subject: str, watch: Stopwatch) -> Any:  # noqa: ANN401 - JSON
        """Ask GAP one question, past the store; add GAP's time to ``watch``."""
        if self.settings.offline:
            raise NotCachedError(subject, request)
        if self.on_question is not None:
            self.on_question(request, subject)
        self.hello()
        timeout = None
        if self.deadline is not None:
            left = max(0.0, self.deadline - time.monotonic())
            timeout = min(left, self.settings.gap_timeout)
        start = time.perf_counter()
        reply = self.pool().ask(request, args, subject=subject, timeout=timeout)
        self.asked.append((request, subject, time.perf_counter() - start))
        watch.seconds += reply.seconds
        self.gap_seconds += reply.seconds
        return reply.value

    def fetch(
        self,
        group: str,
        question: str,
        arguments: object,
        kind: type[Record],
        compute: Callable[[Stopwatch], Record],
    ) -> Record:
        """Return a stored answer, or compute it and store it.

        Parameters
        ----------
        group
            Canonical name of the group.
        question
            A key of :data:`QUESTION_VERSIONS`.
        arguments
            The question's other arguments, JSON data that is part of the key.
        kind
            The record class expected.
        compute
            Makes the record, asking GAP and checking every law; whatever it raises, nothing is
            stored.
        """
        if self.in_memory:
            place = _place(group, question, arguments)
            if place not in self._records:
                self._records[place] = compute(Stopwatch())
            found: Record = self._records[place]
            return found
        key = AnswerKey.of(group, question, arguments, QUESTION_VERSIONS[question])
        answer = self.store.get(key)
        if answer is not None:
            try:
                return decode(kind, answer.value)
            except ValueError:
                pass  # written by another version of the record: compute it again
        watch = Stopwatch()
        record = compute(watch)
        self.store.put(key, encode(record), self.provenance(watch.seconds))
        return record

    def where(self, group: str, question: str, arguments: object = None) -> str | None:
        """Return ``"cache"``, ``"bundled"`` or ``"memory"``, where the answer lies, or ``None``."""
        if self.in_memory:
            return "memory" if _place(group, question, arguments) in self._records else None
        key = AnswerKey.of(group, question, arguments, QUESTION_VERSIONS[question])
        return self.store.where(key)

    def forget(self) -> None:
        """Drop the answers that are kept in memory, and the list of what was asked."""
        self._records.clear()
        self.asked.clear()

    def provenance(self, seconds: float) -> Provenance:
        """Return the provenance of an answer made now."""
        hello = self._hello or {"version": "", "packages": {}}
        return Provenance(
            gap_version=hello["version"],
            packages={k: v for k, v in hello["packages"].items() if v},
            script_hash=self._script_hash,
            seconds=seconds,
        )

    @cached_property
    def _script_hash(self) -> str:
        from toolkit.gap.workspace import scripts_hash

        scripts = gap_scripts_path()
        return scripts_hash(scripts)[:16] if scripts else ""

    def close(self) -> None:
        """Stop the GAP processes and close the store; both come back when needed."""
        with self._lock:
            if self._pool is not None:
                self._pool.close()
                self._pool = None
        if "store" in self.__dict__:
            self.store.close()
            del self.__dict__["store"]


def _rebuild(settings: Settings, processes: int, use_bundled: bool, in_memory: bool) -> Session:
    return Session(settings, processes=processes, use_bundled=use_bundled, in_memory=in_memory)


def _place(group: str, question: str, arguments: object) -> tuple[str, str, str]:
    return group, question, json.dumps(arguments, sort_keys=True)


@lru_cache(maxsize=1)
def default_session() -> Session:
    """Return the session that :func:`toolkit.group` uses when none is given."""
    return Session()
