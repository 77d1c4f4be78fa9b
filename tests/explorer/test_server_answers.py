"""The real answers of the explorer's server, from what is bundled: no GAP is started."""

from __future__ import annotations

import pytest
from explorer_server import running, small_page

from toolkit.explorer.server.workers import COMMAND
from toolkit.settings import Settings

pytest.importorskip("uvicorn")


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def service(tmp_path_factory, cache):
    page = small_page(tmp_path_factory.mktemp("explorer"))
    settings = Settings(cache_dir=cache, offline=True)
    with running(page, settings=settings, command=COMMAND, read_only=True) as service:
        yield service


def ask(service, **question):
    return service.follow(service.submit(**question))


def test_a_record(service):
    import toolkit as tk
    from toolkit.explorer import record

    found = ask(service, kind="record", group="S4")
    assert found["state"] == "done"
    assert found["result"] == record.group_record(tk.group("S4"))


def test_a_module(service):
    import toolkit as tk
    from toolkit.explorer import record

    G = tk.group("S4")
    found = ask(service, kind="module", group="S4", module="points + points")
    assert found["state"] == "done", found
    assert found["result"] == record.module_record(G, G.module("points + points"))


def test_an_activation(service):
    found = ask(service, kind="activation", formula="max(0, x) + x^2")
    assert found["result"] == {
        "name": "max(0, x) + x^2",
        "even": {
            "terms": [[2, 1.0]],
            "rest": "homogeneous",
            "degree": 1,
            "words": "degree 2 + homogeneous of degree 1, not a polynomial",
        },
        "odd": {"terms": [[1, 0.5]], "rest": "none", "degree": 0, "words": "linear"},
        "parts_are": "exact",
        "kinks": [0.0],
    }
    hostile = ask(service, kind="activation", formula="__import__('os').getcwd()")
    assert hostile["state"] == "failed"
    assert "internal" not in hostile["error"]


def test_rows_of_the_catalog(service):
    question = {"kind": "find", "table": "groups", "condition": "order = 8"}
    found = ask(service, **question, columns="group, order", sort="group desc", limit=2)
    assert found["result"] == {
        "table": "groups",
        "columns": ["group", "order"],
        "rows": [["SmallGroup(8,5)", 8], ["SmallGroup(8,4)", 8]],
    }
    everything = ask(service, kind="find", table="groups", columns="group")
    assert len(everything["result"]["rows"]) == 1000


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ({"kind": "find", "table": "groups", "condition": "order ="}, "cannot read the question"),
        ({"kind": "find", "table": "groups; DROP TABLE groups"}, "table"),
        ({"kind": "find", "table": "groups", "sort": "1; DROP TABLE groups"}, "cannot"),
        ({"kind": "record", "group": "<script>alert(1)</script>"}, "cannot read the group name"),
        ({"kind": "record", "group": "S4; system('ls')"}, "cannot read the group name"),
        ({"kind": "module", "group": "S4", "module": "H99z"}, "H99z"),
    ],
)
def test_bad_questions_are_sentences(service, question, words):
    found = ask(service, **question)
    assert found["state"] == "failed"
    assert words in found["error"]
    assert "internal error" not in found["error"]
    assert "\n" not in found["error"]


def test_offline_asks_no_gap_and_says_so(service):
    group = "<(1,2,3,4,5,6,7,8,9,10,11), (3,7,11,8)(4,10,5,6)>"
    found = ask(service, kind="record", group=group)
    assert found["state"] == "failed"
    assert "not in the cache" in found["error"]


def test_a_cache_that_is_only_read_is_not_written(service, cache):
    ask(service, kind="find", table="groups", condition="order = 8")
    assert list(cache.iterdir()) == []
