"""Finding, starting, asking and stopping GAP as a child process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.lazy import lazy_face

if TYPE_CHECKING:
    from toolkit.gap.locate import GapInstallation, find_gap
    from toolkit.gap.pool import GapPool
    from toolkit.gap.worker import GapReply, GapWorker
    from toolkit.gap.workspace import ensure_workspace, scripts_hash

__all__ = [
    "GapInstallation",
    "GapPool",
    "GapReply",
    "GapWorker",
    "ensure_workspace",
    "find_gap",
    "scripts_hash",
]

__getattr__, __dir__ = lazy_face(  # a cached answer needs none of it
    __name__,
    {
        "locate": "GapInstallation find_gap",
        "pool": "GapPool",
        "worker": "GapReply GapWorker",
        "workspace": "ensure_workspace scripts_hash",
    },
)
