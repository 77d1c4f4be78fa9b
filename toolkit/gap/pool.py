"""Several GAP processes at once."""

from __future__ import annotations

import os
import queue
from typing import TYPE_CHECKING, Any

from toolkit.gap.worker import GapReply, GapWorker

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.gap.locate import GapInstallation


class GapPool:
    """A fixed number of workers; a question goes to the first free one, or waits for one.

    Parameters are those of :class:`~toolkit.gap.worker.GapWorker`, and

    Parameters
    ----------
    size
        The number of processes that may run at once; each is started when first needed.
    """

    def __init__(
        self,
        installation: GapInstallation,
        scripts: Path,
        *,
        size: int = 1,
        workspace: Path | None = None,
        timeout: float = 300.0,
        memory: int = 4 << 30,
    ) -> None:
        self.workers = tuple(
            GapWorker(installation, scripts, workspace=workspace, timeout=timeout, memory=memory)
            for _ in range(size)
        )
        self._free = self._all_free()
        self._pid = os.getpid()

    def _all_free(self) -> queue.LifoQueue[GapWorker]:
        # last in, first out: a single caller stays with one worker, whose session knows the group
        free: queue.LifoQueue[GapWorker] = queue.LifoQueue()
        for worker in reversed(self.workers):
            free.put(worker)
        return free

    def __enter__(self) -> GapPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(
        self,
        request: str,
        args: dict[str, Any],
        *,
        subject: str,
        timeout: float | None = None,
    ) -> GapReply:
        """Ask one question of the first free worker; see :meth:`GapWorker.ask`."""
        if self._pid != os.getpid():  # after a fork: no thread of this process returns a worker
            self._pid = os.getpid()
            self._free = self._all_free()
        free = self._free
        worker = free.get()
        try:
            return worker.ask(request, args, subject=subject, timeout=timeout)
        finally:
            free.put(worker)

    def close(self) -> None:
        """Stop all processes."""
        for worker in self.workers:
            worker.close()
