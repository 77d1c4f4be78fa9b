"""Questions to a local server as the page asks them: progress, an answer, a refusal, stopping."""

from __future__ import annotations

import json
import re

import pytest
from sample_site import PAGE


class PlayedServer:
    """A local server in the browser's routes: what it was asked, and what it answers.

    ``answers`` are the successive states of the job; the last one is repeated until ``release``.
    """

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []
        self.stopped = []
        self.tokens = set()

    def __call__(self, context):
        context.route(re.compile(r"/(#.*)?$"), self._page)
        context.route(re.compile(r"/api/jobs"), self._job)

    def _page(self, route):
        page = (PAGE / "index.html").read_text()
        meta = '<meta name="plrep-token" content="secret">'
        route.fulfill(body=page.replace("<title>", meta + "<title>"), content_type="text/html")

    def _job(self, route):
        request = route.request
        self.tokens.add(request.headers.get("x-plrep-token"))
        if request.method == "POST":
            self.asked.append(json.loads(request.post_data))
            route.fulfill(json={"id": "7", "state": "running", "revision": 1})
        elif request.method == "DELETE":
            self.stopped.append(request.url.rpartition("/")[2])
            route.fulfill(json={"id": "7", "state": "cancelled", "revision": 9})
        elif len(self.answers) > 1 or self.answers[0]["state"] != "running":
            route.fulfill(json={"id": "7", "revision": 2, **self.answers.pop(0)})
        elif "seen=2" in request.url:
            self.waiting = route  # a server that waits for news
        else:
            route.fulfill(json={"id": "7", "revision": 2, **self.answers[0]})


RUNNING = {"state": "running", "progress": {"done": 3, "total": 10, "words": "classes"}}


def test_a_group_that_is_not_bundled_is_asked_for(open_page, sample_records):
    answer = {**sample_records["S4"], "name": "<(1,2,3,4),(1,2)>", "title": "<(1,2,3,4),(1,2)>"}
    server = PlayedServer(RUNNING, {"state": "done", "result": answer})
    page = open_page("", prepare=server)
    page.keyboard.press("/")
    page.keyboard.type("<(1,2,3,4),(1,2)>")
    page.get_by_text("Enter asks GAP").wait_for()
    page.keyboard.press("Enter")
    page.locator("body[data-view=group]").wait_for()
    assert page.locator("main h1").inner_text().strip() == "<(1,2,3,4),(1,2)>"
    assert server.asked == [{"kind": "record", "group": "<(1,2,3,4),(1,2)>"}]
    assert server.tokens == {"secret"}


def test_a_long_question_shows_its_progress_and_can_be_stopped(open_page):
    server = PlayedServer(RUNNING)
    page = open_page("", prepare=server)
    page.evaluate("location.hash = '#group=S30'")
    card = page.get_by_role("group", name="Running")
    card.wait_for()
    assert "S30" in card.inner_text()
    assert "classes" in card.inner_text()
    bar = card.get_by_role("progressbar")
    assert (bar.get_attribute("value"), bar.get_attribute("max")) == ("3", "10")
    card.get_by_role("button", name="Stop").click()
    page.locator("main [role=alert]").wait_for()
    assert "Stopped." in page.locator("main").inner_text()
    assert server.stopped == ["7"]
    assert card.count() == 0
    page.watch.complaints.clear()


@pytest.mark.slow
def test_a_group_that_is_awaited_has_its_page_and_its_tabs(open_page):
    page = open_page("", prepare=PlayedServer(RUNNING))
    page.evaluate("location.hash = '#group=S30'")
    page.locator("main h1", has_text="S30").wait_for()
    assert page.locator("main h1:visible").all_inner_texts() == ["S30"]
    assert page.locator("main .waiting").get_by_role("button", name="Stop").is_visible()
    page.locator("#views").get_by_role("link", name="Overtones").click()
    page.locator("#views [aria-current]", has_text="Overtones").wait_for()
    assert page.url.endswith("#group=S30&view=overtones")
    page.get_by_role("button", name="Stop").click()
    page.locator("body[data-view=overtones]").wait_for()
    assert page.locator(".waiting").count() == 0


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"state": "failed", "error": "D7 has odd order: write D14."}, "write D14"),
        ({"state": "cancelled"}, "Stopped."),
    ],
)
def test_a_refusal_is_a_sentence(open_page, answer, words):
    page = open_page("", prepare=PlayedServer(answer))
    page.evaluate("location.hash = '#group=D7'")
    page.locator("main [role=alert]").wait_for()
    assert words in page.locator("main").inner_text()


def test_a_module_that_is_not_bundled_is_asked_for(open_page, sample_records):
    module = {**sample_records["S4"]["modules"][1], "id": "points^2", "title": "points^2"}
    server = PlayedServer({"state": "done", "result": module})
    page = open_page("#group=S4&view=group&module=points^2", prepare=server)
    assert server.asked == [{"kind": "module", "group": "SmallGroup(24,12)", "module": "points^2"}]
    assert page.get_by_role("heading", name="points^2").count() == 1
