"""Sessions and workers of the GAP tests: real processes, on caches that are thrown away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from toolkit.gap import GapWorker, ensure_workspace, find_gap
from toolkit.library.session import Session
from toolkit.settings import Settings, gap_scripts_path

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def scripts():
    found = gap_scripts_path()
    assert found is not None
    return found.resolve()


@pytest.fixture(scope="session")
def installation():
    return find_gap()


@pytest.fixture(scope="session")
def workspace(tmp_path_factory, installation, scripts):
    folder = tmp_path_factory.mktemp("workspaces")
    found = ensure_workspace(installation, scripts, folder)
    assert found is not None
    return found


@pytest.fixture(scope="session")
def worker(installation, scripts, workspace):
    """One worker for all questions that are not about workers."""
    with GapWorker(installation, scripts, workspace=workspace, timeout=120.0) as made:
        yield made


@pytest.fixture
def fresh_worker(installation, scripts, workspace):
    with GapWorker(installation, scripts, workspace=workspace, timeout=120.0) as made:
        yield made


@pytest.fixture(scope="session")
def gap_session(tmp_path_factory):
    """A session without bundled answers: GAP itself answers."""
    folder: Path = tmp_path_factory.mktemp("cache")
    settings = replace(Settings.from_environment(), cache_dir=folder, offline=False)
    with Session(settings, use_bundled=False) as made:
        yield made
