"""What all tests share: a cache of their own, sessions and workers of GAP, hypothesis profiles."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import small_disks
from hypothesis import HealthCheck, settings
from processes import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

# Set while pytest starts, before any doctest or test opens the default session.
_CACHE = tempfile.mkdtemp(prefix="plrep-tests-")
os.environ["PLREP_CACHE_DIR"] = _CACHE
os.environ.pop("PLREP_OFFLINE", None)

UNTIMED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("dev", **UNTIMED)
settings.register_profile("ci", **UNTIMED, derandomize=True, max_examples=60)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name functions by their names: an address would be another one in each process."""
    return getattr(val, "__name__", None) if callable(val) and not isinstance(val, type) else None


@pytest.hookimpl(tryfirst=True)  # before slow tests are left out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow all but some cases of tests with ``quick_cases(N)``: N stay, evenly spread."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("quick_cases") and not item.get_closest_marker("slow"):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for found in cases.values():
        (count,) = found[0].get_closest_marker("quick_cases").args
        quick = {len(found) * (2 * i + 1) // (2 * count) for i in range(count)}
        for i, item in enumerate(found):
            if i not in quick:
                item.add_marker(pytest.mark.slow)


def pytest_sessionfinish() -> None:
    """Stop the default session's GAP and remove the cache."""
    from toolkit.library.session import default_session

    default_session().close()
    shutil.rmtree(_CACHE, ignore_errors=True)


@pytest.fixture(scope="session")
def session():
    """The default session, on the tests' own cache."""
    from toolkit.library.session import default_session

    return default_session()


@pytest.fixture(scope="session")
def scripts():
    from toolkit.files import gap_scripts_path

    found = gap_scripts_path()
    assert found is not None
    return found.resolve()


@pytest.fixture(scope="session")
def installation():
    from toolkit.gap import find_gap

    return find_gap()


@pytest.fixture(scope="session")
def workspace(tmp_path_factory, installation, scripts):
    from toolkit.gap import ensure_workspace

    folder = tmp_path_factory.mktemp("workspaces")
    found = ensure_workspace(installation, scripts, folder, seconds=PATIENCE)
    assert found is not None
    return found


@pytest.fixture(scope="session")
def worker(installation, scripts, workspace):
    """One worker for all questions that are not about workers."""
    from toolkit.gap import GapWorker

    with GapWorker(installation, scripts, workspace=workspace, timeout=PATIENCE) as made:
        yield made


@pytest.fixture
def fresh_worker(installation, scripts, workspace):
    from toolkit.gap import GapWorker

    with GapWorker(installation, scripts, workspace=workspace, timeout=PATIENCE) as made:
        yield made


@pytest.fixture(scope="session")
def _gated(tmp_path_factory, installation):
    from gated_gap import GatedGap

    return GatedGap(tmp_path_factory.mktemp("gated"), installation)


@pytest.fixture
def gated(_gated):
    """A GAP whose questions wait for a gate; it holds none at first."""
    _gated.forget()
    yield _gated
    _gated.open()


@pytest.fixture(scope="session")
def gap_session(tmp_path_factory):
    """A session without bundled answers: GAP itself answers."""
    from toolkit.library.session import Session
    from toolkit.settings import Settings

    folder: Path = tmp_path_factory.mktemp("cache")
    settings = replace(Settings.from_environment(), cache_dir=folder, offline=False)
    with Session(settings, use_bundled=False) as made:
        yield made


@pytest.fixture
def small_disk(tmp_path):
    """Return a function that mounts a disk of so many bytes; skip where none can be mounted."""
    with contextlib.ExitStack() as stack:

        def mount(size: int) -> Path:
            try:
                return stack.enter_context(small_disks.small_disk(tmp_path / "disk", size))
            except small_disks.CannotMountError as error:
                pytest.skip(f"no disk can be mounted: {error}")

        yield mount
