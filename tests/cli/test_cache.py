"""The cache from the command line, and the laws checked again."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from toolkit.errors import InconsistentAnswerError
from toolkit.files import bundled_answers_path
from toolkit.library import time_limits
from toolkit.library.questions import QUESTIONS, check_stored
from toolkit.store import AnswerKey, Provenance, Store


def key(question, group="C3", arguments=None):
    return AnswerKey.of(group, question, arguments, QUESTIONS[question].version)


@pytest.fixture
def filled(cache_dir):
    """A cache with three sound answers."""
    with Store(cache_dir / "answers.sqlite") as store:
        for n in (3, 4, 5):
            store.put(key("natural_action", f"C{n}"), [list(range(n))], Provenance("4.16.1"))
    return cache_dir / "answers.sqlite"


def damage(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE answers SET seconds = 99 WHERE group_key = 'C4'")


def test_info(plrep, filled):
    outcome = plrep("cache", "info")
    assert (outcome.status, outcome.err) == (0, "")
    assert str(filled) in outcome.out
    assert "3 about 3 groups" in outcome.out
    data = json.loads(plrep("cache", "info", "--json").out)
    assert data["entries"] == 3
    assert data["by_question"] == {"natural_action": 3}


def test_questions_that_ran_into_a_limit_are_no_answers(plrep, filled, tmp_path):
    key = time_limits.key_of(AnswerKey.of("S4", "schur_multiplier", None, 1))
    with Store(filled) as store:
        store.put(key, {"seconds": 10}, Provenance())
    outcome = plrep("cache", "info")
    assert "3 about 4 groups" in outcome.out
    assert "1 question that exceeded a time limit" in outcome.out
    assert time_limits.NAME not in outcome.out
    data = json.loads(plrep("cache", "info", "--json").out)
    assert (data["entries"], data["not_in_time"]) == (3, 1)
    assert data["by_question"] == {"natural_action": 3}
    assert plrep("cache", "verify").status == 0
    assert plrep("cache", "export", str(tmp_path / "out.sqlite")).status == 0
    assert plrep("cache", "import", str(tmp_path / "out.sqlite")).status == 0
    assert plrep("cache", "clear", "--group", "S4", "--yes").out == "1 answer removed\n"


def test_info_where_there_is_nothing_makes_nothing(plrep, cache_dir):
    assert "not there yet" in " ".join(plrep("cache", "info").out.split())
    assert plrep("cache", "verify").out == "0 answers checked, all sound\n"
    assert plrep("cache", "clear", "--yes").out == "0 answers removed\n"
    assert not cache_dir.exists()


def test_verify(plrep, filled):
    assert plrep("cache", "verify").out == "3 answers checked, all sound\n"
    damage(filled)
    kept = plrep("cache", "verify", "--keep", "--json")
    assert kept.status == 4
    data = json.loads(kept.out)
    assert [d["group"] for d in data["damaged"]] == ["C4"]
    assert data["removed"] == []
    outcome = plrep("cache", "verify")
    assert outcome.status == 4
    assert "checksum" in outcome.out
    assert "1 removed" in outcome.out
    assert plrep("cache", "verify") == (0, "2 answers checked, all sound\n", "")


def test_verify_finds_broken_laws(plrep, filled):
    with Store(filled) as store:
        store.put(key("natural_action", "C6"), [[0, 0]], Provenance())
    outcome = plrep("cache", "verify")
    assert outcome.status == 4
    assert "generators that permute the points" in outcome.out


def test_clear(plrep, filled, monkeypatch):
    outcome = plrep("cache", "clear")
    assert outcome.status == 2
    assert "--yes" in outcome.err
    assert plrep("cache", "clear", "--group", "C3", "--yes").out == "1 answer removed\n"
    monkeypatch.setattr("sys.stdin", Typed("n\n"))
    assert "nothing was removed" in plrep("cache", "clear").out
    monkeypatch.setattr("sys.stdin", Typed("y\n"))
    assert plrep("cache", "clear").out == "2 answers removed\n"


def cut(path, kept=5000):
    path.write_bytes(path.read_bytes()[:kept])
    return path.with_name("answers.sqlite.damaged")


def test_a_damaged_file_stops_nothing(plrep, filled, bundled, caplog):
    aside = cut(filled)
    outcome = plrep("query", "S4")
    assert outcome.status == 0
    assert "24" in outcome.out
    (record,) = caplog.records
    assert str(aside) in record.getMessage()
    assert plrep("query", "S4") == outcome
    assert len(caplog.records) == 1
    assert "kept aside" in plrep("cache", "info").out
    assert json.loads(plrep("cache", "info", "--json").out)["kept_aside"] == [str(aside)]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["info"], 0),
        (["verify"], 4),
        (["verify", "--keep"], 4),
        (["repair"], 0),
        (["export", "FILE"], 0),
        (["clear", "--group", "C3", "--yes"], 0),
        (["import", "EXPORT"], 0),
    ],
)
def test_every_command_on_a_damaged_file(plrep, filled, tmp_path, words, status):
    assert plrep("cache", "export", str(tmp_path / "EXPORT")).status == 0
    data = bytearray(filled.read_bytes())
    data[0] ^= 1
    filled.write_bytes(data)
    words = [str(tmp_path / word) if word in ("FILE", "EXPORT") else word for word in words]
    outcome = plrep("cache", *words)
    assert outcome.status == status, outcome
    aside = filled.with_name("answers.sqlite.damaged")
    assert aside.exists() == ("--keep" not in words)
    left = 2 if "clear" in words else 3
    assert json.loads(plrep("cache", "info", "--json").out)["entries"] == left


def test_repair(plrep, filled):
    assert plrep("cache", "repair").out == "3 answers checked, all sound\n"
    damage(filled)
    outcome = plrep("cache", "repair")
    assert outcome.out == "1 damaged answer removed\n2 answers checked, all sound\n"
    data = bytearray(filled.read_bytes())
    data[100:108] = bytes(8)
    filled.write_bytes(data)
    data = json.loads(plrep("cache", "repair", "--json").out)
    assert (data["saved"], data["checked"]) == (2, 2)
    assert data["kept_as"] == str(filled.with_name("answers.sqlite.damaged"))
    assert plrep("cache", "clear", "--yes").status == 0
    assert "2 answers added, 0 already there" in plrep("cache", "repair", data["kept_as"]).out
    assert "0 answers added, 2 already there" in plrep("cache", "repair", data["kept_as"]).out


def test_repair_of_what_is_no_file(plrep, filled, tmp_path):
    assert "cannot be read" in plrep("cache", "repair", str(tmp_path / "none")).err
    (tmp_path / "text").write_text("a text")
    assert "0 answers added" in plrep("cache", "repair", str(tmp_path / "text")).out
    assert "is the cache itself" in plrep("cache", "repair", str(filled)).err


def test_an_import_that_was_cut_short_names_what_saves_the_rest(plrep, filled, tmp_path):
    out = tmp_path / "out.sqlite"
    assert plrep("cache", "export", str(out)).status == 0
    out.write_bytes(out.read_bytes()[:-4096])
    outcome = plrep("cache", "import", str(out))
    assert outcome.status == 4
    assert "plrep cache repair" in outcome.err
    assert plrep("cache", "repair", str(out)).status == 0


def test_clearing_a_damaged_file(plrep, filled, monkeypatch):
    aside = cut(filled)
    outcome = plrep("cache", "clear")
    assert outcome.status == 2
    assert "--yes" in outcome.err
    monkeypatch.setattr("sys.stdin", Typed("n\n"))
    assert plrep("cache", "clear").out == "nothing was moved\n"
    data = json.loads(plrep("cache", "clear", "--yes", "--json").out)
    assert data == {"removed": 0, "group": None, "moved_to": str(aside)}
    assert aside.exists()
    assert not filled.exists()
    assert plrep("cache", "info").status == 0


def test_a_file_of_another_program_stays(plrep, cache_dir):
    cache_dir.mkdir()
    path = cache_dir / "answers.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    outcome = plrep("cache", "clear", "--yes")
    assert outcome.status == 4
    assert "another program" in outcome.err
    assert [p.name for p in cache_dir.iterdir()] == ["answers.sqlite"]


@pytest.mark.parametrize("folder", ["/proc/x", "/dev/null"])
def test_info_of_a_folder_that_cannot_be_made(plrep, monkeypatch, folder):
    monkeypatch.setenv("PLREP_CACHE_DIR", folder)
    data = json.loads(plrep("cache", "info", "--json").out)
    assert data["writable"] is False
    assert data["why_read_only"]


def test_the_help_of_verify_says_that_it_removes(plrep):
    text = " ".join(plrep("cache", "verify", "--help").out.split())
    assert "damaged answers are removed" in text
    assert "only report damaged answers, without removing them" in text


class Typed:
    def __init__(self, line):
        self.line = line

    def isatty(self):
        return True

    def readline(self):
        return self.line


def test_export_and_import(plrep, filled, tmp_path, monkeypatch):
    out = tmp_path / "answers.sqlite"
    assert plrep("cache", "export", str(out)).out == f"3 answers written to {out}\n"
    monkeypatch.setenv("PLREP_CACHE_DIR", str(tmp_path / "other"))
    assert plrep("cache", "import", str(out)).out == "3 answers added, 0 already there\n"
    data = json.loads(plrep("cache", "import", str(out), "--json").out)
    assert data == {"added": 0, "already_there": 3, "rejected": []}


def test_import_checks_laws(plrep, filled, tmp_path, monkeypatch):
    with Store(filled) as store:
        store.put(key("natural_action", "C6"), [[0, 0]], Provenance())
    out = tmp_path / "answers.sqlite"
    assert plrep("cache", "export", str(out)).status == 0
    monkeypatch.setenv("PLREP_CACHE_DIR", str(tmp_path / "other"))
    outcome = plrep("cache", "import", str(out))
    assert outcome.status == 4
    assert "nothing was imported" in outcome.out
    assert "3 answers added" in plrep("cache", "import", str(out), "--partial").out


def test_import_of_something_else(plrep, tmp_path):
    (tmp_path / "x").write_text("hello\n")
    outcome = plrep("cache", "import", str(tmp_path / "x"))
    assert outcome.status == 4
    assert outcome.err.startswith("plrep: ")


# --- laws -----------------------------------------------------------------------------------------


def test_unknown_questions_are_passed_over():
    check_stored(AnswerKey.of("C3", "a_later_question", None, 1), "anything")
    check_stored(AnswerKey.of("C3", "facts", None, 999), "anything")


@pytest.mark.parametrize("question", sorted(QUESTIONS))
def test_every_question_has_its_laws(question):
    with pytest.raises((ValueError, InconsistentAnswerError)):
        check_stored(key(question), {"no": "record"})


def test_bundled_answers_obey_their_laws(bundled):
    wanted = {"S4", "C8", "A5", "Q8", "C1"}
    seen = set()
    with Store(bundled_answers_path(), read_only=True, immutable=True) as store:
        for k in store.keys():  # noqa: SIM118 - not a dictionary
            if k.group in wanted:
                check_stored(k, store.get(k).value)
                seen.add(k.question)
    assert {"facts", "character_table", "normal_subgroups", "subgroup_classes"} <= seen


@pytest.mark.parametrize(
    ("question", "path", "value"),
    [
        ("facts", ["exponent"], 7),
        ("character_table", ["class_sizes", 1], 4),
        ("character_table", ["group"], "S5"),
        ("character_table", ["values", 0], 5),
        ("normal_subgroups", ["subgroups", 1, "order"], 3),
        ("subgroup_classes", ["classes", 2, "length"], 5),
        ("subgroup_classes", ["classes", 2, "index"], 6),
    ],
)
def test_a_changed_record_is_found_out(bundled, question, path, value):
    with Store(bundled_answers_path(), read_only=True, immutable=True) as store:
        (k,) = [k for k in store.keys("S4") if k.question == question][:1]
        data = store.get(k).value
    check_stored(k, data)
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises((ValueError, InconsistentAnswerError)):
        check_stored(k, data)
