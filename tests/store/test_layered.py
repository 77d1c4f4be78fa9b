import pytest

from toolkit.store import AnswerKey, LayeredStore, Provenance, Store

IN_BOTH, IN_TOP, BELOW, NOWHERE = (AnswerKey.of("C4", q) for q in ("both", "top", "below", "none"))


@pytest.fixture
def layered(path, tmp_path, provenance):
    first, second = tmp_path / "first.sqlite", tmp_path / "second.sqlite"
    for path_below, keys in ((first, [IN_BOTH]), (second, [IN_BOTH, BELOW])):
        with Store(path_below) as store:
            for key in keys:
                store.put(key, path_below.stem, provenance)
    below = [Store(first, immutable=True), Store(second, immutable=True)]
    with LayeredStore(Store(path), below) as layered:
        layered.put(IN_BOTH, "top", provenance)
        layered.put(IN_TOP, "top", provenance)
        yield layered


def test_the_upper_layer_wins(layered):
    answers = [layered.get(key) for key in (IN_BOTH, IN_TOP, BELOW, NOWHERE)]
    assert [answer and answer.value for answer in answers] == ["top", "top", "second", None]
    layered.top.delete(IN_BOTH)
    assert layered.get(IN_BOTH).value == "first"


def test_where(layered):
    places = [layered.where(key) for key in (IN_BOTH, IN_TOP, BELOW, NOWHERE)]
    assert places == ["cache", "cache", "bundled", None]
    assert BELOW in layered
    assert layered.contains(IN_TOP)
    assert NOWHERE not in layered


def test_only_the_top_is_written(layered):
    assert layered.writable
    assert layered.put(BELOW, "new", Provenance())
    assert layered.get(BELOW).value == "new"
    assert layered.below[1].get(BELOW).value == "second"


def test_a_damaged_answer_on_top_falls_through(layered, path, sql):
    layered.top.close()
    sql(path, "UPDATE answers SET payload = x'00'")
    layered.top = Store(path)
    assert layered.get(IN_BOTH).value == "first"
    assert layered.get(IN_TOP) is None
    assert layered.damaged == [IN_BOTH, IN_TOP]


def test_read_only_places_still_answer_from_below(tmp_path, layered, provenance):
    (tmp_path / "file").touch()
    with LayeredStore(Store(tmp_path / "file" / "x.sqlite"), layered.below) as stuck:
        assert not stuck.writable
        assert stuck.put(NOWHERE, 1, provenance) is False
        assert stuck.get(BELOW).value == "second"


def test_a_layer_that_is_no_database_is_empty(tmp_path, caplog):
    (tmp_path / "bad.sqlite").write_bytes(b"nonsense" * 1000)
    bad = Store(tmp_path / "bad.sqlite", immutable=True, remedy="install it again")
    with LayeredStore(Store(None), [bad]) as layered:
        assert layered.get(NOWHERE) is None
        assert layered.where(NOWHERE) is None
        assert layered.put(NOWHERE, 1, Provenance())
    assert [record.getMessage() for record in caplog.records] == [
        f"{bad.path} is damaged (it is not an SQLite database): no sound answer is found in it; "
        "install it again"
    ]


def test_a_layer_of_a_later_toolkit_is_left_out(layered, sql, caplog):
    first = layered.below[0]
    first.close()
    sql(first.path, "PRAGMA user_version = 7")
    layered.below = (Store(first.path, immutable=True), layered.below[1])
    layered.top.delete(IN_BOTH)
    for _ in range(2):
        assert layered.get(IN_BOTH).value == "second"
        assert layered.where(IN_BOTH) == "bundled"
    assert len(caplog.records) == 1
    assert "has the cache schema version 7" in caplog.text


def test_a_damaged_file_on_top_is_renewed(path, layered, provenance, caplog):
    layered.top.close()
    path.write_bytes(path.read_bytes()[:5000])
    layered.top = Store(path)
    assert layered.get(IN_BOTH).value == "first"
    assert layered.get(BELOW).value == "second"
    assert layered.get(IN_TOP) is None
    assert [layered.where(key) for key in (IN_BOTH, IN_TOP)] == ["bundled", None]
    aside = path.with_name("answers.sqlite.damaged")
    (record,) = caplog.records
    assert record.getMessage().endswith(f"the damaged file is kept as {aside}")
    assert layered.put(IN_TOP, 1, provenance)
    assert layered.get(IN_TOP).value == 1
    assert aside.stat().st_size == 5000
