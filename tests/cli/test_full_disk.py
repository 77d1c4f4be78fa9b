"""Commands on a disk without room: answers are given, the cache can be looked at and emptied."""

from __future__ import annotations

import json

import pytest
from small_disks import FILL, fill, free, room

from toolkit.library.questions import QUESTIONS
from toolkit.store import AnswerKey, Provenance, Store

KEPT = 40


def _key(number):
    return AnswerKey.of(f"C{number}", "natural_action", None, QUESTIONS["natural_action"].version)


@pytest.fixture
def disk(small_disk, cache_dir, monkeypatch):
    """A disk with a cache of some answers, filled to the last byte."""
    made = small_disk(1 << 20)
    monkeypatch.setenv("PLREP_CACHE_DIR", str(made / "cache"))
    with Store(made / "cache" / "answers.sqlite") as store:
        for n in range(3, 3 + KEPT):
            store.put(_key(n), [list(range(n))], Provenance("4.16.1"))
    fill(made)
    return made


def test_answers_are_given(plrep, disk, bundled):
    for _ in range(2):
        outcome = plrep("query", "S4")
        assert outcome.status == 0
        assert "24" in outcome.out
        assert "Traceback" not in outcome.err
        assert outcome.err.count("\n") <= 1
    assert sorted(path.name for path in disk.iterdir()) == ["cache", FILL]


def test_the_cache_can_be_looked_at(plrep, disk):
    outcome = plrep("cache", "info")
    assert (outcome.status, outcome.err) == (0, "")
    assert f"{KEPT} about {KEPT} groups" in outcome.out
    data = json.loads(plrep("cache", "info", "--json").out)
    assert (data["entries"], data["writable"]) == (KEPT, False)
    assert "No space left on device" in data["why_read_only"]
    outcome = plrep("cache", "verify")
    assert outcome.status == 0
    assert outcome.out == f"{KEPT} answers checked, all sound\n"
    outcome = plrep("cache", "export", str(disk / "out.sqlite"))
    assert outcome.status == 4
    assert outcome.err.startswith(f"plrep: {disk / 'out.sqlite'} cannot be written: ")
    assert outcome.err.count("\n") == 1
    assert plrep("cache", "export", str(disk.parent / "out.sqlite")).status == 0
    assert sorted(path.name for path in disk.iterdir()) == ["cache", FILL]


def test_the_cache_can_be_emptied(plrep, disk):
    before = room(disk)
    assert plrep("cache", "clear", "--group", "C5", "--yes").out == "1 answer removed\n"
    assert plrep("cache", "clear", "--yes").out == f"{KEPT - 1} answers removed\n"
    assert room(disk) > before
    assert json.loads(plrep("cache", "info", "--json").out)["entries"] == 0


def test_saved_sessions_of_gap_are_removed_too(plrep, disk):
    free(disk)
    folder = disk / "cache" / "workspaces"
    folder.mkdir()
    (folder / "x.gapws").write_bytes(bytes(200_000))
    fill(disk)
    outcome = plrep("cache", "info")
    assert "1 saved, 200.0 kB" in outcome.out
    assert json.loads(plrep("cache", "info", "--json").out)["gap_sessions"] == {
        "files": 1,
        "bytes": 200_000,
    }
    lines = plrep("cache", "clear", "--yes").out.splitlines()
    assert lines == [
        f"{KEPT} answers removed",
        "200.0 kB of saved GAP sessions removed; GAP makes one when it starts",
    ]
    assert list(folder.iterdir()) == []


def test_a_damaged_answer_is_reported(plrep, disk):
    free(disk)
    with Store(disk / "cache" / "answers.sqlite") as store:
        store._database.write(
            lambda c: c.execute("UPDATE answers SET seconds = 99 WHERE group_key = 'C4'")
        )
    fill(disk)
    outcome = plrep("cache", "verify")
    assert outcome.status == 4
    assert "nothing was removed: " in outcome.out
    assert "the disk is full" in " ".join(outcome.out.split())


@pytest.mark.parametrize("ending", ["svg", "png", "json", "graphml", "txt"])
def test_pictures_and_tables_are_whole_or_not_there(plrep, disk, ending, bundled):
    target = disk / f"graph.{ending}"
    free(disk)
    target.write_text("before")
    fill(disk, 300 if ending == "txt" else 0)
    outcome = plrep("graph", "S4", "--output", str(target))
    assert outcome.status == 2
    assert (
        outcome.err.splitlines()[-1] == f"plrep: cannot write '{target}': No space left on device"
    )
    assert target.read_text() == "before"
    assert not list(disk.glob(".*"))
    free(disk)
    assert plrep("graph", "S4", "--output", str(target)).status == 0
    assert target.read_text(errors="replace") != "before"


def test_other_files_are_whole_or_not_there(plrep, disk, bundled):
    commands = {
        "x.npz": ("layer", "S4"),
        "x.parquet": ("find", "order <= 30"),
        "x.csv": ("find", "order <= 30"),
        "y.json": ("find", "order <= 30"),
        "x.svg": ("map", "S3", "--source", "L2", "--target", "L2", "--module", "natural"),
    }
    for name, command in commands.items():
        outcome = plrep(*command, "--output", str(disk / name))
        assert outcome.status == 2, (name, outcome)
        said = outcome.err.splitlines()[-1]
        assert said.startswith(f"plrep: cannot write '{disk / name}': "), said
        assert "No space left on device" in said
        assert not (disk / name).exists()
    assert sorted(path.name for path in disk.iterdir()) == ["cache", FILL]
