"""Settings from the environment."""

from __future__ import annotations

from hostile.case import Broken, Case, World
from hostile.text import mutated

_VALUES = {
    "PLREP_CACHE_DIR": "/tmp/plrep", "PLREP_GAP": "gap", "PLREP_GAP_ROOT": "~/gap",
    "PLREP_GAP_TIMEOUT": "300", "PLREP_GAP_MEMORY": "4g", "PLREP_MEMORY": "500m",
    "PLREP_OFFLINE": "1", "PLREP_MAX_COSETS": "1000000", "PLREP_MAX_VECTORS": "100000",
    "PLREP_MAX_TABLE": "1300", "PLREP_MAX_ORDER": "50000000", "PLREP_MAX_CLASSES": "50_000",
    "PLREP_MAX_ENTRIES": "4,000,000", "PLREP_GAP_PROCESSES": "2",
}  # fmt: skip


def case(world: World) -> Case:
    """Return variables, and read them."""
    random = world.random
    chosen = random.sample(list(_VALUES), random.choice((1, 1, 2, 4)))
    variables = {
        name: mutated(random, _VALUES[name], "0123456789gmkt.,_-+e~/", 6000) for name in chosen
    }
    return Case(f"{variables!r:.300}", lambda: _ask(variables))


def _ask(variables: dict[str, str]) -> None:
    from toolkit.settings import Settings

    found = Settings.from_environment({"PLREP_CACHE_DIR": "/tmp/plrep", **variables})
    if not (0 < found.gap_timeout < float("inf") and found.gap_memory > 0 and found.memory > 0):
        raise Broken(f"{found!r:.200}")
