"""Start of a Dask worker on this machine: it leaves Ctrl-C to the process that started it.

The terminal sends the signal to all processes at once; the sweep stops its workers itself.
"""

from __future__ import annotations

import signal


def dask_setup(worker: object) -> None:
    """Ignore the keyboard's signal; Dask calls this when a worker starts."""
    del worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
