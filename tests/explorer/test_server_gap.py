"""The explorer's server with a GAP that never answers: it is stopped with its question."""

from __future__ import annotations

import pytest
from explorer_server import running, small_page
from held_gap import held_gap
from processes import PATIENCE, is_running, wait_until

from toolkit.explorer.server.jobs import Limits
from toolkit.explorer.server.workers import COMMAND
from toolkit.settings import Settings

pytest.importorskip("uvicorn")
pytestmark = pytest.mark.gap

#: No bundled answer is about this group.
GROUP = "<(1,2,3,4,5,6,7,8,9,10,11), (3,7,11,8)(4,10,5,6)>"
PATIENT = Limits(seconds={"long": 10 * PATIENCE, "quick": 10 * PATIENCE})


@pytest.fixture
def settings(tmp_path, installation):
    return Settings(
        cache_dir=tmp_path / "cache",
        gap_executable=held_gap(tmp_path, installation),
        gap_root=installation.root,
        gap_timeout=10 * PATIENCE,
    )


def held(folder):
    """Return the processes of a GAP that has been asked."""
    file = folder / "began"
    wait_until(file.exists, "the question to GAP")
    return [int(number) for number in file.read_text().split()]


@pytest.mark.slow
def test_cancelling_stops_gap(tmp_path, settings):
    page = small_page(tmp_path)
    with running(page, settings=settings, limits=PATIENT, command=COMMAND) as service:
        job = service.submit(kind="record", group=GROUP)
        gap = held(tmp_path)
        job = service.ask("GET", f"/api/jobs/{job['id']}").json
        assert job["progress"]["words"].startswith("GAP: orders and adjectives of <(1,2,3")
        assert all(map(is_running, gap))
        assert service.ask("DELETE", f"/api/jobs/{job['id']}").json["state"] == "cancelled"
        wait_until(lambda: not any(map(is_running, gap)), "the end of GAP")
        # and the server answers the next question
        found = service.submit(kind="find", table="groups", condition="order = 8", columns="group")
        assert len(service.follow(found)["result"]["rows"]) == 5


@pytest.mark.slow
def test_the_end_of_the_server_stops_gap(tmp_path, settings):
    page = small_page(tmp_path)
    with running(page, settings=settings, limits=PATIENT, command=COMMAND) as service:
        service.submit(kind="record", group=GROUP)
        gap = held(tmp_path)
    wait_until(lambda: not any(map(is_running, gap)), "the end of GAP")


def test_the_time_limit_stops_gap(tmp_path, settings):
    page = small_page(tmp_path)
    limits = Limits(seconds={"long": 3.0, "quick": 60.0})
    with running(page, settings=settings, limits=limits, command=COMMAND) as service:
        failed = service.follow(service.submit(kind="record", group=GROUP))
        assert failed["error"].startswith("there was no answer within 3 seconds")
        if (tmp_path / "began").exists():
            gap = held(tmp_path)
            wait_until(lambda: not any(map(is_running, gap)), "the end of GAP")
