"""Look up an answer in the store, else compute, check and store it."""

from __future__ import annotations

import contextlib
import json
import math
import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from toolkit.cached import cached_property
from toolkit.errors import (
    ConfigError,
    GapCrashedError,
    GapError,
    GapNotFoundError,
    GapStoppedError,
    GapTimeoutError,
    NotAvailable,
    NotCachedError,
)
from toolkit.files import bundled_answers_path, gap_scripts_path, remedy_of_bundled
from toolkit.forks import forget_in_child
from toolkit.gap.stopping import StoppedError
from toolkit.library import time_limits
from toolkit.library.bounds import CurrentBounds
from toolkit.library.questions import QUESTIONS
from toolkit.library.shared_work import SharedWork
from toolkit.settings import Settings
from toolkit.store import AnswerKey, LayeredStore, Provenance, Store
from toolkit.store.log import warn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from toolkit.gap.locate import GapInstallation
    from toolkit.gap.pool import GapPool
    from toolkit.library.questions import Question

Record = TypeVar("Record")

#: Seconds in which any GAP starts; the setting of the deadline may allow fewer.
_FIRST_CONTACT = 120.0


class Session:
    """A store and the GAP processes behind it.

    Parameters
    ----------
    settings
        The folder of the cache, the GAP to start and its limits; by default from the environment.
    processes
        The largest number of GAP processes that run at the same time; each is started when it is
        first needed. The default is ``settings.gap_processes``.
    use_bundled
        Whether the bundled answers are a layer below the cache.
    in_memory
        Whether answers are kept in memory until :meth:`forget`, and no cache is read or written.
        This suits programs that visit many groups once.
    read_only
        Whether the cache is only read: new answers are checked and returned, but not stored.

    Notes
    -----
    Nothing is opened or started before it is needed. A session is a context manager: leaving it
    stops GAP and closes the store, as :meth:`close` does.

    Threads may share a session: they use up to ``processes`` GAP processes, and no lock is held
    while GAP works. A question that several threads ask at the same time is computed once. Other
    processes compute it independently and store the same answer again. A forked process has its own
    GAP processes and connections, even if it was forked during a question. A session is pickled by
    its settings.

    Examples
    --------
    A session that keeps its answers in memory; the bundled answers suffice here:

    >>> import toolkit as tk
    >>> with tk.Session(in_memory=True) as session:
    ...     G = tk.group("S4", session=session)
    ...     print(G.order, session.where("S4", "facts"))
    24 memory
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        processes: int | None = None,
        use_bundled: bool = True,
        in_memory: bool = False,
        read_only: bool = False,
    ) -> None:
        self.settings = settings or Settings.from_environment()
        if processes is not None:
            self.settings = replace(self.settings, gap_processes=processes)
        self.processes = self.settings.gap_processes
        self.use_bundled = use_bundled
        self.in_memory = in_memory
        self.read_only = read_only
        #: Per question put to GAP its name, the group and the seconds elapsed.
        self.asked: list[tuple[str, str, float]] = []
        #: Called with (question, group) before GAP is asked; for progress displays.
        self.on_question: Callable[[str, str], None] | None = None
        #: GAP's own time for all questions so far.
        self.gap_seconds = 0.0
        #: Called with (question, its arguments, group) in the place of GAP: returns the unchecked
        #: answer, or ``None`` if GAP is to be asked. For answers that came with others.
        self.said_ahead: Callable[[str, dict[str, Any], str], Any] | None = None
        self._bounds = CurrentBounds()
        self._records: dict[tuple[str, str, str], Any] = {}
        self._computing = threading.local()
        self._shared = SharedWork()
        self._adding = threading.Lock()  # held for an addition only
        self._pool: GapPool | None = None
        self._hello: dict[str, Any] | None = None
        forget_in_child(self)

    def leave_parent(self) -> None:
        """Replace the lock that another thread may have held, after a fork."""
        self._adding = threading.Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the settings only: another process opens its own store and starts its own GAP."""
        fields = (self.processes, self.use_bundled, self.in_memory, self.read_only)
        return _rebuild, (self.settings, *fields)

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
            below.append(Store(bundled, immutable=True, remedy=remedy_of_bundled(bundled)))
            if why := below[0].unusable:
                warn("%s is left out: %s; %s", bundled, why, remedy_of_bundled(bundled))
        return LayeredStore(Store(self.settings.answers_path, read_only=self.read_only), below)

    @cached_property
    def installation(self) -> GapInstallation:
        """The GAP in use; raises GapNotFoundError, which says how to install one."""
        from toolkit.gap.locate import find_gap

        return find_gap(self.settings.gap_executable, self.settings.gap_root)

    def pool(self) -> GapPool:
        """Return the pool of GAP processes; each is started when it is first needed."""
        return self._pool or self._shared.run("pool", self._make_pool)

    def _make_pool(self) -> GapPool:
        if self._pool is not None:
            return self._pool
        from toolkit.gap.pool import GapPool
        from toolkit.gap.workspace import ensure_workspace

        scripts = gap_scripts_path()
        if scripts is None:
            raise GapNotFoundError(
                "the toolkit's GAP scripts are missing", "pip install plrep-toolkit"
            )
        folder = self.settings.cache_dir / "workspaces"
        self._pool = GapPool(
            self.installation,
            scripts.resolve(),
            size=self.processes,
            # half of the time is left for a GAP without one
            workspace=ensure_workspace(
                self.installation, scripts, folder, seconds=self._first_contact / 2
            ),
            timeout=self.settings.gap_timeout,
            memory=self.settings.gap_memory,
        )
        return self._pool

    def hello(self) -> dict[str, Any]:
        """Return GAP's version and packages.

        Raises
        ------
        GapNotFoundError
            If no GAP is found, the program is not GAP, or its version is too old.
        GapTimeoutError
            If GAP does not report its version before the deadline of a question.
        GapCrashedError
            If GAP was killed before it reported its version.
        """
        return self._hello or self._shared.run("hello", self._greet)

    @property
    def _first_contact(self) -> float:
        """Seconds in which GAP must start and say its version."""
        return min(self.settings.gap_timeout, _FIRST_CONTACT)

    def _greet(self) -> dict[str, Any]:
        from toolkit.gap.locate import INSTALL_LINE, MINIMUM_VERSION, version_tuple

        if self._hello is None:
            seconds, start = self._first_contact, time.monotonic()
            pool = self.pool()  # which may start GAP to save a workspace
            limit = self.deadline
            if limit is not None:
                seconds = min(seconds, max(0.0, limit - start))
            try:
                value = pool.ask(
                    "hello", {}, subject="GAP itself", timeout=seconds, deadline=start + seconds
                ).value
            except GapTimeoutError:
                raise GapTimeoutError("hello", "GAP itself", round(seconds, 3)) from None
            except GapError as error:
                if isinstance(error, GapCrashedError) and error.was_killed:
                    raise
                raise GapNotFoundError(
                    f"{self.installation.executable}, found by {self.installation.origin}, does "
                    f"not work as GAP: {error}",
                    INSTALL_LINE,
                ) from None
            if version_tuple(value["version"]) < MINIMUM_VERSION:
                least = ".".join(map(str, MINIMUM_VERSION))
                raise GapNotFoundError(
                    f"version {least} or later is required, but {value['version']} was found at "
                    f"{self.installation.executable}",
                    INSTALL_LINE,
                )
            self._hello = value
        return self._hello

    def ask_gap(self, request: str, args: dict[str, Any], *, subject: str) -> Any:  # noqa: ANN401 - JSON
        """Ask GAP one question, bypassing the store; the answer is unchecked JSON data.

        Parameters
        ----------
        request
            The name of a file in ``gap_scripts/requests``.
        args
            Its argument.
        subject
            The group's name, for messages.

        Raises
        ------
        NotCachedError
            If the session is offline.
        GapError, NotAvailable
            As for :meth:`toolkit.gap.worker.GapWorker.ask`.
        """
        bounds = self._bounds.get()
        if self.settings.offline or bounds.stored_only:
            raise NotCachedError(subject, request)
        if self.said_ahead is not None:
            known = self.said_ahead(request, args, subject)
            if known is not None:
                return known
        if self.on_question is not None:
            self.on_question(request, subject)
        self.hello()
        args = {**args, "limits": {**self.settings.limits, **args.get("limits", {})}}
        start = time.perf_counter()
        reply = self.pool().ask(request, args, subject=subject, deadline=bounds.deadline)
        self.asked.append((request, subject, time.perf_counter() - start))
        with self._adding:
            self.gap_seconds += reply.seconds
        if reply.digits:
            raise NotAvailable(
                subject,
                request.replace("_", " "),
                f"the answer holds an integer of {reply.digits:,} digits, but Python neither "
                f"prints nor stores more than {sys.get_int_max_str_digits():,}",
            )
        self._computing.seconds = getattr(self._computing, "seconds", 0.0) + reply.seconds
        return reply.value

    @property
    def deadline(self) -> float | None:
        """The value of :func:`time.monotonic` at which GAP is stopped, for several questions.

        It belongs to the thread or task that reads or sets it, as :meth:`time_limit` does.
        """
        return self._bounds.get().deadline

    @deadline.setter
    def deadline(self, moment: float | None) -> None:
        self._bounds.set(replace(self._bounds.get(), deadline=moment))

    @contextlib.contextmanager
    def time_limit(self, seconds: float, *, keep: bool = False) -> Iterator[None]:
        """Set a time limit for a ``with`` block: GAP is stopped when the time is over.

        Parameters
        ----------
        seconds
            The limit for all questions in the block together. A question that is stopped raises
            :class:`~toolkit.errors.GapTimeoutError`, and no answer is stored. Limits nest: the
            earliest deadline counts.
        keep
            Whether the store records which questions were stopped, and after how long. In a later
            block with ``keep`` such a question raises at once, unless more seconds are allowed.

        Notes
        -----
        The limit applies to this thread or :mod:`asyncio` task, including whatever that starts with
        :func:`asyncio.to_thread`. Other threads that share the session are not affected.

        Examples
        --------
        >>> import toolkit as tk
        >>> G = tk.group("S4")
        >>> with G.session.time_limit(60):
        ...     G.automorphism_orders().automorphisms
        24
        """
        before = self._bounds.get()
        mine = time.monotonic() + seconds
        if before.deadline is None or mine < before.deadline:
            kept = min(seconds, self.settings.gap_timeout) if keep else None
            self._bounds.set(replace(before, deadline=mine, kept_limit=kept))
        try:
            yield
        finally:
            self._bounds.set(before)

    @contextlib.contextmanager
    def without_gap(self) -> Iterator[None]:
        """Answer from the store alone inside a ``with`` block, as an offline session does.

        As with :meth:`time_limit`, other threads are not affected.
        """
        before = self._bounds.get()
        self._bounds.set(replace(before, stored_only=True))
        try:
            yield
        finally:
            self._bounds.set(before)

    def fetch(
        self,
        group: str,
        question: Question[Record],
        arguments: object,
        compute: Callable[[], Record],
    ) -> Record:
        """Look up an answer in the store, else compute it, check it against its law and store it.

        Parameters
        ----------
        group
            Canonical name of the group.
        question
            A row of the table in :mod:`toolkit.library.questions`.
        arguments
            The question's other arguments: JSON data, which are part of the key.
        compute
            A function that computes the record. If it raises, or the record breaks the law, nothing
            is stored.

        Raises
        ------
        GapTimeoutError
            If the deadline passes while another thread computes the answer.
        GapStoppedError
            If the task that waits for the answer is cancelled.

        Notes
        -----
        If several threads miss the same answer, one of them computes it and the others wait. If it
        fails, the next one tries.
        """
        place = _place(group, question.name, arguments)
        if place in self._records:
            kept: Record = self._records[place]
            return kept
        deadline = self._bounds.get().deadline

        def work() -> Record:
            if self.in_memory:
                return self._fetch_in_memory(place, question, compute)
            return self._fetch_stored(group, question, arguments, compute)

        started = time.monotonic()
        try:
            return self._shared.run(place, work, deadline=deadline)
        except TimeoutError:  # while another thread computed it
            waited = time.monotonic() - started
            raise GapTimeoutError(question.name, group, round(waited, 3)) from None
        except StoppedError:
            raise GapStoppedError(question.name, group) from None

    def _fetch_in_memory(
        self, place: tuple[str, str, str], question: Question[Record], compute: Callable[[], Record]
    ) -> Record:
        if place not in self._records:
            found = compute()
            question.law(place[0], found)
            self._records[place] = found
        kept: Record = self._records[place]
        return kept

    def _fetch_stored(
        self,
        group: str,
        question: Question[Record],
        arguments: object,
        compute: Callable[[], Record],
    ) -> Record:
        key = AnswerKey.of(group, question.name, arguments, question.version)
        answer = self.store.get(key)
        if answer is not None:
            try:
                return question.decode(answer.value)
            except ValueError as error:
                # the checksum holds, the record does not: it is computed and stored again
                reason = f"it cannot be read: {' '.join(str(error).split())}"
                self.store.report_damage(key, reason)
        bounds = self._bounds.get()
        limit = None if self.settings.offline else bounds.kept_limit
        if limit is not None:
            left = max(0.0, (bounds.deadline or math.inf) - time.monotonic())
            time_limits.require_time(self.store, key, min(limit, left))
        # GAP's time for this answer alone: that of answers computed on the way is theirs
        before, self._computing.seconds = getattr(self._computing, "seconds", 0.0), 0.0
        try:
            record = compute()
            seconds = self._computing.seconds
        except GapTimeoutError as error:
            if limit is not None and not self.read_only:
                time_limits.keep(self.store, key, error, limit, self.provenance(error.seconds))
            raise
        finally:
            self._computing.seconds = before
        question.law(group, record)
        if self.read_only:
            return record
        self.store.put(key, question.encode(record), self.provenance(seconds))
        if limit is not None:
            time_limits.forget(self.store, key)
        return record

    def kept(self, group: str, question: Question[Record], arguments: object) -> Record | None:
        """Return the stored answer, or ``None``; the arguments are those of :meth:`fetch`."""
        if self.in_memory:
            return self._records.get(_place(group, question.name, arguments))
        answer = self.store.get(AnswerKey.of(group, question.name, arguments, question.version))
        try:
            return None if answer is None else question.decode(answer.value)
        except ValueError:
            return None

    def where(self, group: str, question: str, arguments: object = None) -> str | None:
        """Return where the answer is stored: ``"cache"``, ``"bundled"``, ``"memory"`` or ``None``.

        Parameters
        ----------
        group, arguments
            As in :meth:`fetch`.
        question
            The name of the question in the table.
        """
        if self.in_memory:
            return "memory" if _place(group, question, arguments) in self._records else None
        key = AnswerKey.of(group, question, arguments, QUESTIONS[question].version)
        return self.store.where(key)

    def forget(self) -> None:
        """Drop the answers that are kept in memory, and the list :attr:`asked`."""
        self._records.clear()
        self.asked.clear()

    def provenance(self, seconds: float) -> Provenance:
        """Return the provenance of an answer computed now."""
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
        """Stop the GAP processes and close the store; both are started again when needed."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()
        store: LayeredStore | None = self.__dict__.pop("store", None)
        if store is not None:
            store.close()


def _rebuild(
    settings: Settings, processes: int, use_bundled: bool, in_memory: bool, read_only: bool = False
) -> Session:
    return Session(
        settings,
        processes=processes,
        use_bundled=use_bundled,
        in_memory=in_memory,
        read_only=read_only,
    )


def _place(group: str, question: str, arguments: object) -> tuple[str, str, str]:
    return group, question, json.dumps(arguments, sort_keys=True)


_DEFAULT: dict[str, Session] = {}


def default_session() -> Session:
    """Return the session that :func:`toolkit.group` uses by default; all threads share it.

    ``PLREP_GAP_PROCESSES`` sets the number of GAP processes that its threads may use.

    Returns
    -------
    Session
        The same session in each call.

    Examples
    --------
    >>> default_session() is default_session()
    True
    """
    found = _DEFAULT.get("session")
    return found or _DEFAULT.setdefault("session", Session())


def session_or_default(session: Session | None) -> Session:
    """Return a session, or the default one for ``None``.

    Raises
    ------
    ConfigError
        If it is no session.

    Examples
    --------
    >>> session_or_default(None) is default_session()
    True
    """
    if session is None:
        return default_session()
    if not isinstance(session, Session):
        raise ConfigError(f"session must be a Session, such as Session(), not {session!r:.40}")
    return session
