"""Running the command line in-process, on a cache of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from toolkit.cli.main import main
from toolkit.files import bundled_answers_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Outcome(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str


@pytest.fixture
def cache_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh cache, and no GAP: only bundled answers are within reach."""
    for name in ("PLREP_GAP", "PLREP_GAP_ROOT", "PLREP_GAP_TIMEOUT", "PLREP_GAP_MEMORY"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "cache"
    monkeypatch.setenv("PLREP_CACHE_DIR", str(folder))
    monkeypatch.setenv("PLREP_OFFLINE", "1")
    return folder


@pytest.fixture
def plrep(cache_dir: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run a command without GAP."""

    def run(*argv: str) -> Outcome:
        status = main(argv)
        return Outcome(status, *capsys.readouterr())

    return run


@pytest.fixture
def bundled() -> None:
    """Ask for the bundled answers, as a checkout and a wheel have them."""
    if bundled_answers_path() is None:
        pytest.skip("data/answers.sqlite is not built here: python data/build_answers.py")


@pytest.fixture(scope="session")
def gap_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all tests that start GAP."""
    return tmp_path_factory.mktemp("plrep-gap")


@pytest.fixture
def plrep_gap(
    gap_cache: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Outcome]:
    """Run a command that may start GAP."""
    monkeypatch.setenv("PLREP_CACHE_DIR", str(gap_cache))
    monkeypatch.delenv("PLREP_OFFLINE", raising=False)

    def run(*argv: str) -> Outcome:
        status = main(argv)
        return Outcome(status, *capsys.readouterr())

    return run
