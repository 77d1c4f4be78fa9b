"""Finding, starting, asking and stopping GAP as a child process."""

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
