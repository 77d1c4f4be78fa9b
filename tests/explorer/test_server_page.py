"""The page beside its local server: groups that no file has, questions that are stopped."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from explorer_page import Watch, settled
from explorer_server import running, small_data
from processes import is_running, wait_until

from toolkit.explorer.server.workers import COMMAND
from toolkit.explorer.site import page_folder
from toolkit.settings import Settings

pytest.importorskip("uvicorn")


@pytest.fixture
def visit(browser):
    """A function that opens the page of a server at a group, and watches it."""
    contexts = []

    def visit(service, group):
        context = browser.new_context()
        context.set_default_timeout(30_000)
        address = f"http://127.0.0.1:{service.port}/"
        watch = Watch(context, address)
        contexts.append((context, watch))
        page = context.new_page()
        page.watch = watch
        page.goto(f"{address}#group={quote(group)}")
        return page

    yield visit
    for context, watch in contexts:
        context.close()
        assert watch.complaints == []


def test_a_group_that_no_file_has_is_answered_by_the_server(visit, tmp_path):
    settings = Settings(cache_dir=tmp_path / "cache", offline=True)
    data = small_data(tmp_path)
    with running(page_folder(), data, settings=settings, command=COMMAND) as service:
        page = visit(service, "SL(2,3)")
        settled(page)
        assert page.get_by_role("heading", level=1).first.inner_text().startswith("SL(2,3)")


def test_a_question_without_an_answer_is_a_sentence(visit, tmp_path):
    settings = Settings(cache_dir=tmp_path / "cache", offline=True)
    data = small_data(tmp_path)
    with running(page_folder(), data, settings=settings, command=COMMAND) as service:
        page = visit(service, "S4x<b>")
        problem = page.get_by_role("alert").first
        problem.wait_for()
        assert "cannot read the group name" in problem.inner_text()
        assert problem.locator("b").count() == 0


def test_a_question_is_stopped_by_its_button(visit, tmp_path):
    settings = Settings(cache_dir=tmp_path / "cache", offline=True)
    with running(page_folder(), small_data(tmp_path), settings=settings) as service:
        page = visit(service, f"wait {tmp_path}")
        stop = page.get_by_role("button", name="Stop")
        stop.wait_for()
        began = tmp_path / "began"
        wait_until(began.exists, "the beginning of the answer")
        pid = int(began.read_text())
        assert is_running(pid)
        stop.click()
        page.get_by_role("alert").first.wait_for()
        assert "Stopped." in page.get_by_role("alert").first.inner_text()
        wait_until(lambda: not is_running(pid), "the end of the process")
