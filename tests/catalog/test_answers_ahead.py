"""What GAP says ahead about all groups of a task: the same as when it is asked about each."""

from __future__ import annotations

import pytest
from sweep_case import results, rows

from toolkit.catalog.plan import Plan, targets_of_plan
from toolkit.catalog.sweeps import ahead, executors
from toolkit.catalog.sweeps.sweep import sweep
from toolkit.catalog.sweeps.worker import sweep_groups
from toolkit.errors import GapCrashedError, InconsistentAnswerError
from toolkit.library.session import Session

pytestmark = pytest.mark.gap

QUICK = {"activations": ["relu"]}
FACTS_OF_A_CATALOG = (
    "order", "generators", "points", "faithful", "orbit_lengths", "id", "description", "abelian",
    "nilpotent", "solvable", "perfect", "simple", "exponent", "abelian_invariants",
    "derived_series", "table", "classes",
)  # fmt: skip


@pytest.fixture(scope="module")
def session():
    with Session(use_bundled=False, in_memory=True) as made:
        yield made


@pytest.fixture
def asked(monkeypatch):
    """The names of the questions that are put to GAP."""
    questions = []
    original = Session.ask_gap

    def ask(self, request, args, *, subject):
        before = len(self.asked)
        answer = original(self, request, args, subject=subject)
        if len(self.asked) > before:
            questions.append(request)
        return answer

    monkeypatch.setattr(Session, "ask_gap", ask)
    return questions


def answers(session, orders, step=1):
    """Return pairs of a group and what GAP says ahead about it."""
    targets = targets_of_plan(Plan.of(orders), session)[::step]
    return list(ahead.answers_ahead(session, targets, 300.0))


def test_one_question_for_all_groups_of_a_task(tmp_path, monkeypatch, asked):
    tasks = []

    def counted(targets, *more):
        tasks.append([t.name for t in targets])
        return sweep_groups(targets, *more)

    monkeypatch.setattr(executors, "sweep_groups", counted)
    report = sweep(tmp_path / "ahead", "1-12", workers=0, **QUICK)
    assert report.statuses == {"done": 24}
    assert len({name for task in tasks for name in task}) == sum(map(len, tasks)) == 24
    assert max(map(len, tasks)) > 1
    assert set(asked) == {"small_groups", "catalog_groups"}
    assert asked.count("catalog_groups") == len(tasks)


def test_small_groups_by_name_too(tmp_path, asked):
    names = ["SmallGroup(8,3)", "S3", "SmallGroup(8,4)"]
    report = sweep(tmp_path / "names", groups=names, workers=0, **QUICK)
    assert report.statuses == {"done": 3}
    assert asked.count("catalog_groups") == 2
    assert asked.count("facts") == 1


def test_the_same_rows_as_asked_one_by_one(tmp_path, monkeypatch, asked):
    orders = "8,12,24,60"
    sweep(tmp_path / "ahead", orders, workers=0, **QUICK)
    del asked[:]
    monkeypatch.setattr(ahead, "small_group_of", lambda _: None)
    sweep(tmp_path / "each", orders, workers=0, **QUICK)
    assert {"facts", "character_table", "quotients", "abelian_elements"} <= set(asked)
    assert "catalog_groups" not in asked
    assert results(tmp_path / "ahead") == results(tmp_path / "each")


def same_facts(session, found):
    for target, known in found:
        assert known is not None, target.name
        spec = {"kind": "small", "order": target.order, "index": target.number}
        wanted = session.ask_gap("facts", {"group": spec}, subject=target.name)
        facts = known.record["facts"]
        assert {k: facts[k] for k in FACTS_OF_A_CATALOG} == {
            k: wanted[k] for k in FACTS_OF_A_CATALOG
        }
        for name in ("centre", "derived"):
            assert facts["subgroups"][name] == wanted["subgroups"][name]


def test_the_facts_of_the_request_for_one_group(session):
    """Of order 96, and beyond 100, descriptions come from direct factors that the table shows."""
    same_facts(session, answers(session, "96", 29))
    same_facts(session, answers(session, "108,120,125", 13))


@pytest.mark.slow
def test_the_facts_of_many_more_groups(session):
    same_facts(session, answers(session, "60,72,96,100-127,144,168,180", 4))


def test_a_p_group_is_no_semidirect_product_by_the_trivial_group(session):
    for _, known in answers(session, "125"):
        assert ": 1" not in known.record["facts"]["description"]


@pytest.mark.parametrize("error", ["crash", "failed", "few"])
@pytest.mark.quick_cases(1)
def test_groups_without_an_answer_are_asked_one_by_one(tmp_path, monkeypatch, asked, error):
    original = Session.ask_gap

    def ask(self, request, args, *, subject):
        if request != "catalog_groups":
            return original(self, request, args, subject=subject)
        if error == "crash":
            raise GapCrashedError(request, subject, -9, "")
        found = original(self, request, args, subject=subject)
        return [{"failed": True}] if error == "failed" else found[:1]

    monkeypatch.setattr(Session, "ask_gap", ask)
    report = sweep(tmp_path / "again", "1-12", workers=0, **QUICK)
    assert report.statuses == {"done": 24}
    assert ("facts" in asked) == (error != "few")


def test_other_minimal_normal_subgroups_than_those_of_the_table_are_refused(session):
    ((_, known),) = answers(session, "6", 2)
    args = {"reps": known.record["table"]["reps"], "sets": [[0, 1]], "orders": [2]}
    with pytest.raises(InconsistentAnswerError, match="minimal normal subgroups"):
        known.said("quotients", args, known.group)
    assert known.said("quotients", args, "another group") is None
    assert known.said("series", {}, known.group) is None


def test_an_answer_that_breaks_a_law_is_a_failure_of_its_group(tmp_path, monkeypatch):
    original = Session.ask_gap

    def ask(self, request, args, *, subject):
        found = original(self, request, args, subject=subject)
        if request == "catalog_groups":
            for record in found:
                if record["facts"]["id"] == [8, 3]:
                    record["facts"]["subgroups"]["centre"] = 4
                if record["facts"]["id"] == [8, 4]:
                    record["table"]["sizes"] = [1, 1, 2, 2, 3]
        return found

    monkeypatch.setattr(Session, "ask_gap", ask)
    report = sweep(tmp_path / "wrong", "8", workers=0, **QUICK)
    assert report.failures == {"SmallGroup(8,3)": "failed", "SmallGroup(8,4)": "failed"}
    assert len(rows(tmp_path / "wrong", "groups", "group")) == 3
