"""What is shown belongs to the address, in whatever order answers come."""

from __future__ import annotations

import json
import re

import pytest
from explorer_page import settled, until
from sample_site import PAGE


class SlowServer:
    """A local server whose jobs end when the test says so.

    ``asked`` has the jobs in their order, ``stopped`` the numbers of those that were stopped.
    """

    def __init__(self):
        self.asked = []
        self.stopped = []
        self.waiting = {}

    def __call__(self, context):
        context.route(re.compile(r"/(#.*)?$"), self._page)
        context.route(re.compile(r"/api/jobs"), self._job)

    def _page(self, route):
        page = (PAGE / "index.html").read_text()
        meta = '<meta name="plrep-token" content="secret">'
        route.fulfill(body=page.replace("<title>", meta + "<title>"), content_type="text/html")

    def _job(self, route):
        number = route.request.url.partition("?")[0].rpartition("/")[2]
        if route.request.method == "POST":
            self.asked.append(json.loads(route.request.post_data))
            number = str(len(self.asked) - 1)
            route.fulfill(json={"id": number, "state": "running", "revision": 1})
        elif route.request.method == "DELETE":
            self.stopped.append(number)
            route.fulfill(json={"id": number, "state": "cancelled", "revision": 9})
        else:
            self.waiting[number] = route

    def answer(self, page, number, **answer):
        """End a job, once the page waits for it."""
        until(page, lambda: str(number) in self.waiting)
        route = self.waiting.pop(str(number))
        route.fulfill(json={"id": str(number), "state": "done", "revision": 2, **answer})


def module_of(records, group, title):
    """The answer to a question for a module: a small one under another title."""
    return {**records[group]["modules"][1], "id": title, "title": title}


def go(page, fragment):
    page.evaluate("(hash) => { location.hash = hash; }", fragment)


def shown(page, name):
    """Wait until a group is shown, and return the labels of the boxes of its graph."""
    page.locator(f"body[data-group='{name}'] main:not([aria-busy])").wait_for()
    return [
        one.get_attribute("data-members") for one in page.locator(".graph-box[data-members]").all()
    ]


@pytest.mark.parametrize("view", ["graph", "lattice"])
@pytest.mark.slow
def test_a_module_that_nobody_waits_for_leaves_nothing_behind(open_page, view):
    server = SlowServer()
    page = open_page(f"#group=S4&view={view}", prepare=server)
    go(page, f"#group=A5&view={view}&module=points^2")
    page.get_by_text("Waiting for A5, points^2.").wait_for()
    assert page.locator("main h1").inner_text().startswith("S4")
    go(page, f"#group=A5&view={view}")
    page.locator("body[data-group='SmallGroup(60,5)'] main:not([aria-busy])").wait_for()
    assert page.locator("main h1").inner_text().startswith("A5")
    assert page.title().startswith("A5")
    label = page.locator(f".view-{view} svg[aria-label]").first.get_attribute("aria-label")
    assert "A5" in label
    assert page.locator(".waiting").count() == 0
    assert page.locator("[inert]").count() == 0
    assert server.stopped == ["0"]


@pytest.mark.slow
def test_an_answer_that_comes_too_late_is_not_shown(open_page, sample_records):
    server = SlowServer()
    page = open_page("#group=S4&view=graph", prepare=server)
    go(page, "#group=S4&view=graph&module=points^2")
    page.get_by_text("Waiting for points^2").wait_for()
    go(page, "#group=S4&view=graph&module=points^3")
    page.get_by_text("Waiting for points^3").wait_for()
    server.answer(page, 1, result=module_of(sample_records, "S4", "points^3"))
    page.locator("main:not([aria-busy]) .graph-box").first.wait_for()
    late = server.waiting.pop("0", None)
    assert server.stopped == ["0"]
    assert late is None or late.request.failure is not None
    svg = page.locator(".view-graph svg[aria-label]").first.get_attribute("aria-label")
    assert "points^3" in svg
    assert page.get_by_label("or any module").input_value() == "points^3"


@pytest.mark.slow
def test_while_something_is_asked_the_old_picture_is_dimmed_and_of_no_use(open_page):
    server = SlowServer()
    page = open_page("#group=S4&view=graph", prepare=server)
    before = page.title()
    go(page, "#group=S30&view=graph")
    page.get_by_role("status").get_by_text("Waiting for S30.").wait_for()
    assert page.locator(".graph-columns").evaluate("one => one.inert")
    assert page.locator(".graph-columns").evaluate("one => getComputedStyle(one).opacity") < "0.5"
    assert page.title() == before
    page.go_back()
    page.locator("main:not([aria-busy])").wait_for()
    assert not page.locator(".graph-columns").evaluate("one => one.inert")
    assert page.locator("main h1").inner_text().startswith("S4")
    assert server.stopped == ["0"]


def test_back_and_forward_while_answers_are_awaited(open_page, sample_records):
    server = SlowServer()
    page = open_page("#group=S4&view=graph", prepare=server)
    go(page, "#group=S4&view=graph&module=points^2")
    page.get_by_text("Waiting for points^2").wait_for()
    go(page, "#group=A5&view=graph")
    shown(page, "SmallGroup(60,5)")
    page.go_back()
    page.get_by_text("Waiting for S4, points^2.").wait_for()
    page.go_back()
    assert "L4" in shown(page, "SmallGroup(24,12)")
    assert page.title().startswith("S4")
    page.go_forward()
    server.answer(page, 2, result=module_of(sample_records, "S4", "points^2"))
    page.locator("main:not([aria-busy]) svg[aria-label*='points^2']").wait_for()
    assert server.stopped == ["0", "1"]
    assert len(server.asked) == 3


def test_two_quick_changes_show_the_second(open_page):
    """Shards are held back; the one asked for first comes last."""
    held = []

    def prepare(context):
        context.route("**/data/shards/*", lambda route: held.append(route))

    page = open_page("#view=overtones", prepare=prepare)
    go(page, "#group=S4&view=graph")
    page.locator(".waiting", has_text="S4").wait_for()
    go(page, "#group=A5&view=graph")
    page.locator(".waiting", has_text="A5").wait_for()
    until(page, lambda: held)
    for route in reversed(held):
        route.continue_()
        page.wait_for_timeout(100)
    shown(page, "SmallGroup(60,5)")
    assert page.locator("main h1").inner_text().startswith("A5")


def test_a_change_while_a_view_comes_is_drawn(open_page):
    """The file of the view is slow; what is selected meanwhile is marked when it is there."""
    held = []

    def prepare(context):
        context.route("**/js/views/graph.js", lambda route: held.append(route))

    page = open_page("#group=S4", prepare=prepare)
    go(page, "#group=S4&view=graph")
    until(page, lambda: held)
    go(page, "#group=Q8&view=graph&simple=L4")
    for route in held:
        route.continue_()
    shown(page, "SmallGroup(8,4)")
    assert page.locator("main h1").inner_text().startswith("Q8")
    assert page.locator(".graph-box.selected").get_attribute("data-members") == "L4"


def test_a_question_of_the_catalog_that_nobody_waits_for_is_forgotten(open_page):
    server = SlowServer()
    page = open_page("#view=catalog", prepare=server)
    go(page, "#view=catalog&table=edges")
    page.locator(".catalog-result[aria-busy]").wait_for(state="attached")
    go(page, "#view=catalog&find=order = 8")
    page.get_by_text("5 of").first.wait_for()
    settled(page)
    assert server.stopped == ["0"]
    assert page.locator(".catalog-problem:visible").count() == 0


@pytest.mark.parametrize("view", ["graph", "lattice"])
def test_the_next_group_forgets_what_was_under_the_pointer(open_page, view):
    page = open_page(f"#group=A5&view={view}")
    marks = page.locator(".graph-box" if view == "graph" else ".view-lattice svg [tabindex]")
    marks.last.hover()
    page.keyboard.press("[")
    page.locator("body:not([data-group='SmallGroup(60,5)']) main:not([aria-busy])").wait_for()
    assert page.locator("main .failed").count() == 0


def test_v_of_one_group_is_not_written_for_another(open_page):
    page = open_page("#group=A5&view=map")
    canvas = page.locator(".panel-source canvas")
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 130)
    go(page, "#group=S4&view=map")
    page.locator("body[data-group='SmallGroup(24,12)'] main:not([aria-busy])").wait_for()
    page.wait_for_timeout(400)
    page.mouse.up()
    assert page.evaluate("location.hash") == "#group=S4&view=map"
