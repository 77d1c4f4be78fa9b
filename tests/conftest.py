"""What all tests share: a cache of their own, and hypothesis profiles."""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest
from hypothesis import HealthCheck, settings

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
