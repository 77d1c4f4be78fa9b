"""Questions to the explorer's server: their token, their form, progress, cancelling, limits."""

from __future__ import annotations

import json

import pytest
from explorer_server import TOKEN, running, small_page
from processes import is_running, wait_until

from toolkit.explorer.server.jobs import Limits

pytest.importorskip("uvicorn")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return small_page(tmp_path_factory.mktemp("explorer"))


@pytest.fixture(scope="module")
def service(page):
    with running(page) as service:
        yield service


def began(folder):
    """Return the number of the process that waits in a folder, once it does."""
    file = folder / "began"
    wait_until(file.exists, "the beginning of the answer")
    return int(file.read_text())


# -- who may ask -----------------------------------------------------------------------------------


@pytest.mark.parametrize("token", [None, "", "another", TOKEN + "x", TOKEN[:-1], "é"])
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/api/jobs"), ("GET", "/api/jobs/x"), ("DELETE", "/api/jobs/x")]
)
def test_nothing_is_computed_without_the_token(service, method, path, token):
    body = b'{"kind": "record", "group": "say x"}' if method == "POST" else None
    reply = service.ask(method, path, body, token=token)
    assert reply.status == 403
    assert reply.json["error"] == (
        "the token of this server is required: reload the page, which contains it, and ask again"
    )


def test_the_token_is_in_no_other_reply(service):
    for path in ("/js/main.js", "/api/jobs/x", "/nothing.js"):
        assert TOKEN.encode() not in service.ask("GET", path).body


# -- what may be asked -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ([], "a question must be a JSON object with the field 'kind'"),
        ({}, "the kinds of question are record, module, activation, find, not None"),
        (
            {"kind": "exec"},
            "the kinds of question are record, module, activation, find, not 'exec'",
        ),
        ({"kind": ["record"]}, "the kinds of question are record, module, activation, find, not "),
        ({"kind": "record"}, "a question of the kind 'record' needs the field 'group'"),
        ({"kind": "record", "group": None}, "a question of the kind 'record' needs the field "),
        ({"kind": "record", "group": 7}, "'group' is a text"),
        ({"kind": "record", "group": "x" * 2001}, "'group' has at most 2000 characters, not 2001"),
        ({"kind": "record", "group": "S4", "sql": "x"}, "a question of the kind 'record' has the "),
        ({"kind": "find", "table": "groups", "limit": -1}, "'limit' is a whole number from 0 to "),
        (
            {"kind": "find", "table": "groups", "limit": True},
            "'limit' is a whole number from 0 to ",
        ),
        ({"kind": "find", "table": "groups", "limit": 10**9}, "'limit' is a whole number from 0 "),
    ],
)
def test_a_bad_question_is_a_sentence(service, question, sentence):
    reply = service.ask("POST", "/api/jobs", json.dumps(question).encode())
    assert reply.status == 400
    assert reply.json["error"].startswith(sentence)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 60_000, b'{"kind": NaN}'])
def test_what_is_no_json_is_a_sentence(service, body):
    reply = service.ask("POST", "/api/jobs", body)
    assert reply.status == 400
    assert "kind" in reply.json["error"]


def test_a_body_that_is_too_long_is_refused(service):
    body = json.dumps({"kind": "record", "group": "x" * (64 << 10)}).encode()
    reply = service.ask("POST", "/api/jobs", body)
    assert (reply.status, reply.json["error"]) == (413, "a question must have at most 65536 bytes")


def test_a_form_of_another_page_is_refused(service):
    body = b'{"kind": "record", "group": "say x"}'
    reply = service.ask("POST", "/api/jobs", body, Content_Type="text/plain")
    assert (reply.status, reply.json["error"]) == (
        415,
        "a question must be sent as application/json",
    )


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_question_is_a_sentence(service, method):
    reply = service.ask(method, "/api/jobs/no-such-job")
    assert reply.status == 404
    assert reply.json["error"].startswith("there is no question with this number")


@pytest.mark.parametrize(
    "query", ["wait=soon", "wait=-1", "seen=x", "wait=1e9", "seen=" + "9" * 40]
)
def test_waiting_is_a_number(service, query):
    job = service.submit(kind="record", group="say x")
    reply = service.ask("GET", f"/api/jobs/{job['id']}?{query}")
    assert (reply.status, reply.json["error"]) == (
        400,
        "'wait' and 'seen' must be non-negative numbers",
    )


# -- answers ---------------------------------------------------------------------------------------


def test_an_answer(service):
    job = service.submit(kind="record", group="say hello")
    assert job["state"] == "running"
    done = service.follow(job)
    assert done["state"] == "done"
    assert done["result"] == {"said": "hello", "offline": True, "read_only": False}
    assert done["error"] is None
    assert service.ask("GET", f"/api/jobs/{job['id']}").json == done


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("refuse this cannot be", "this cannot be"),
        ("refuse two\nlines", "two lines"),
        ("break it", "internal error: ZeroDivisionError: it (please report it)"),
        ("die", "the process that computes ended before it answered: ask again, or ask for less"),
    ],
)
def test_a_failure_is_a_sentence_and_the_next_answer_comes(service, text, sentence):
    failed = service.follow(service.submit(kind="activation", formula=text))
    assert (failed["state"], failed["error"], failed["result"]) == ("failed", sentence, None)
    again = service.follow(service.submit(kind="activation", formula="say again"))
    assert again["result"]["said"] == "again"


def test_progress_has_the_words_of_the_question(service):
    done = service.follow(service.submit(kind="record", group="progress M11"))
    assert done["progress"] == {"done": 0, "total": None, "words": "GAP: character table of M11"}


def test_notes_come_with_the_answer(service):
    done = service.follow(service.submit(kind="record", group="note D4 is Klein's"))
    assert (done["state"], done["notes"]) == ("done", ["D4 is Klein's"])


def test_what_is_printed_disturbs_no_answer(service):
    done = service.follow(service.submit(kind="record", group="print noise"))
    assert done["result"]["said"] == "noise"


def test_a_long_answer_comes_whole(service):
    done = service.follow(service.submit(kind="record", group=f"large {3 << 20}"))
    assert done["result"] == "x" * (3 << 20)


def test_the_settings_reach_the_worker(page):
    with running(page, read_only=True) as service:
        done = service.follow(service.submit(kind="record", group="say x"))
    assert done["result"] == {"said": "x", "offline": True, "read_only": True}


# -- several at once, cancelling, limits -----------------------------------------------------------


def test_a_cancelled_question_stops_its_process_and_no_other(service, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    first = service.submit(kind="record", group=f"wait {one}")
    second = service.submit(kind="record", group=f"wait {two}")
    pids = began(one), began(two)
    assert pids[0] != pids[1]
    gone = service.ask("DELETE", f"/api/jobs/{first['id']}").json
    assert (gone["state"], gone["error"]) == ("cancelled", "cancelled")
    wait_until(lambda: not is_running(pids[0]), "the end of the process")
    assert is_running(pids[1])
    (two / "gate").touch()
    assert service.follow(second)["state"] == "done"
    assert service.ask("GET", f"/api/jobs/{first['id']}").json["state"] == "cancelled"
    # an ended question stays as it is
    assert service.ask("DELETE", f"/api/jobs/{second['id']}").json["state"] == "done"


def test_quick_questions_never_wait_for_long_ones_and_waiting_ones_can_be_cancelled(page, tmp_path):
    with running(page, limits=Limits(processes={"long": 1, "quick": 1})) as service:
        busy = service.submit(kind="record", group=f"wait {tmp_path}")
        began(tmp_path)
        waiting = service.submit(kind="record", group="say never")
        later = service.submit(kind="record", group="say later")
        assert waiting["progress"]["words"] == "waiting for its turn"
        quick = service.follow(service.submit(kind="activation", formula="say quick"))
        assert quick["result"]["said"] == "quick"
        assert service.ask("DELETE", f"/api/jobs/{waiting['id']}").json["state"] == "cancelled"
        assert service.ask("GET", f"/api/jobs/{later['id']}").json["state"] == "running"
        (tmp_path / "gate").touch()
        assert service.follow(busy)["state"] == "done"
        assert service.follow(later)["result"]["said"] == "later"


def test_no_more_than_so_many_wait(page, tmp_path):
    limits = Limits(processes={"long": 1, "quick": 1}, waiting=2)
    with running(page, limits=limits) as service:
        service.submit(kind="record", group=f"wait {tmp_path}")
        began(tmp_path)
        waiting = [service.submit(kind="record", group="say x") for _ in range(2)]
        body = b'{"kind": "record", "group": "say x"}'
        full = service.ask("POST", "/api/jobs", body)
        assert full.status == 503
        assert full.json["error"] == ("2 questions are waiting: cancel some, or ask later")
        assert full.headers["retry-after"] == "5"
        service.ask("DELETE", f"/api/jobs/{waiting[0]['id']}")
        assert service.ask("POST", "/api/jobs", body).status == 202


def test_a_question_has_a_time_limit(page, tmp_path):
    limits = Limits(seconds={"long": 0.2, "quick": 60.0})
    with running(page, limits=limits) as service:
        failed = service.follow(service.submit(kind="record", group=f"wait {tmp_path}"))
    assert failed["state"] == "failed"
    assert failed["error"] == (
        "there was no answer within 0.2 seconds, and the question was stopped"
    )


def test_few_answers_are_kept(page):
    with running(page, limits=Limits(finished=2)) as service:
        jobs = [service.follow(service.submit(kind="record", group="say x")) for _ in range(4)]
        kept = [service.ask("GET", f"/api/jobs/{job['id']}").status for job in jobs]
    assert kept == [404, 404, 200, 200]


def test_few_bytes_are_kept(page):
    with running(page, limits=Limits(finished_bytes=1000)) as service:
        jobs = [
            service.follow(service.submit(kind="record", group=f"large {n}")) for n in (900, 90, 20)
        ]
        kept = [service.ask("GET", f"/api/jobs/{job['id']}").status for job in jobs]
        assert kept == [404, 200, 200]
        large = service.follow(service.submit(kind="record", group="large 5000"))
        assert large["result"] == "x" * 5000


def test_old_answers_are_dropped(page):
    with running(page, limits=Limits(finished_seconds=0.0)) as service:
        job = service.submit(kind="record", group="say x")
        wait_until(
            lambda: service.ask("GET", f"/api/jobs/{job['id']}").status == 404, "the dropping"
        )


def test_a_process_without_questions_is_stopped_and_started_again(page):
    with running(page, limits=Limits(idle_seconds=0.0)) as service:
        for _ in range(2):
            done = service.follow(service.submit(kind="record", group="say x"))
            assert done["result"]["said"] == "x"
            wait_until(lambda: all(w.pid is None for _, w in service.jobs.workers), "the end")


def test_the_end_of_the_server_stops_what_it_computes(page, tmp_path):
    with running(page) as service:
        service.submit(kind="record", group=f"wait {tmp_path}")
        pid = began(tmp_path)
        assert is_running(pid)
    assert not is_running(pid)
