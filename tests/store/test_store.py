import copy
import logging
import pickle  # noqa: TID251 - what a worker pool does to a store on the way
import sqlite3
import threading
import time
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from processes import PATIENCE

from toolkit.errors import StoreError, StoreReadOnlyError, StoreSchemaError
from toolkit.store import AnswerKey, Provenance, Store, entries, migrations
from toolkit.store.migrations import SCHEMA

TEXT = st.text(st.characters(min_codepoint=33, max_codepoint=126) | st.just("Γ"), min_size=1)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.builds(
    AnswerKey.of, group=TEXT, question=TEXT, arguments=JSON, version=st.integers(0, 2**63 - 1)
)


def same(left, right):
    """Equality that tells 1 from True and 0.0 from -0.0."""
    return left == right and repr(left) == repr(right)


@given(entries=st.dictionaries(KEYS, st.tuples(JSON, st.floats(0, 1e9)), max_size=5))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_put_is_what_is_got(entries):
    with Store(None) as store:
        for key, (value, seconds) in entries.items():
            assert store.put(key, value, Provenance("4.16.1", seconds=seconds))
        assert set(store) == set(entries)
        assert len(store) == len(entries)
        for key, (value, seconds) in entries.items():
            answer = store.get(key)
            assert same(answer.value, value)
            assert answer.provenance.seconds == seconds


def test_answers_outlive_the_store(path, key, provenance):
    with Store(path) as store:
        store.put(key, {"order": 24, "big": 10**400}, provenance)
    with Store(path) as store:
        answer = store.get(key)
    assert answer.value == {"order": 24, "big": 10**400}
    assert answer.provenance == provenance


def test_the_last_put_wins(store, key, provenance):
    store.put(key, 1, provenance)
    store.put(key, 2, provenance)
    assert store.get(key).value == 2
    assert len(store) == 1


def test_reading_makes_no_file(path, key):
    with Store(path) as store:
        assert store.get(key) is None
        assert key not in store
        assert list(store) == []
        assert store.clear() == 0
        assert not store.delete(key)
        assert store.writable
        assert store.info().bytes_on_disk == 0
    assert not path.parent.exists()


def test_a_file_that_appears_later_is_seen(path, key, provenance):
    with Store(path) as reader, Store(path) as writer:
        assert reader.get(key) is None
        writer.put(key, 1, provenance)
        assert reader.get(key).value == 1


def test_a_file_that_was_taken_away_is_made_again(path, key, provenance):
    with Store(path) as store:
        store.put(key, 1, provenance)
        for file in path.parent.iterdir():
            file.unlink()
        assert store.put(key, 2, provenance)
    with Store(path) as store:
        assert store.get(key).value == 2


def test_contains_delete_clear(store, provenance):
    keys = [AnswerKey.of(group, f"q{i}") for group in ("C4", "C5") for i in range(3)]
    for key in keys:
        store.put(key, 1, provenance)
    assert store.keys() == tuple(keys)
    assert store.keys("C5") == tuple(keys[3:])
    assert keys[0] in store
    assert "C4" not in store
    assert store.delete(keys[0])
    assert not store.delete(keys[0])
    assert not store.contains(keys[0])
    assert store.clear("C4") == 2
    assert len(store) == 3
    assert store.clear() == 3
    assert len(store) == 0
    assert store


def test_clear_gives_room_back(store, key, provenance):
    for i in range(20):
        store.put(AnswerKey.of("C4", "q", i), [hash((i, j)) for j in range(5000)], provenance)
    before = store.info().bytes_on_disk
    store.clear()
    assert store.info().bytes_on_disk < before / 10


def test_info(store, path):
    moments = ["2026-01-03T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]
    for i, created in enumerate(moments):
        key = AnswerKey.of(f"C{i // 2}", f"q{i % 2}")
        store.put(key, i, Provenance(["4.16.1", "", "4.12.1"][i], created=created))
    info = store.info()
    assert info.path == path
    assert info.schema == SCHEMA
    assert info.writable
    assert (info.entries, info.groups) == (3, 2)
    assert info.by_question == {"q0": 2, "q1": 1}
    assert (info.oldest, info.newest) == (moments[1], moments[0])
    assert info.gap_versions == ("4.12.1", "4.16.1")
    assert 0 < info.payload_bytes < info.bytes_on_disk


@pytest.mark.parametrize(
    "value",
    [{1, 2}, float("nan"), [float("inf")], b"x", object(), {1: "a", "1": "b"}, 10**5000],
    ids=["set", "nan", "inf", "bytes", "object", "two equal keys", "huge"],
)
def test_what_is_no_json_is_refused(store, key, provenance, value):
    with pytest.raises(StoreError, match=r"the answer to character_table .* must be JSON data"):
        store.put(key, value, provenance)
    assert key not in store


def test_a_circular_value_is_refused(store, key, provenance):
    value = []
    value.append(value)
    with pytest.raises(StoreError, match="must be JSON data"):
        store.put(key, value, provenance)


# -- damage --------------------------------------------------------------------------------------

ROW_DAMAGE = {
    "payload": "CAST(substr(payload, 1, 5) || x'ff' || substr(payload, 7) AS BLOB)",
    "checksum": "zeroblob(32)",
    "gap_version": "'4.0'",
    "packages": "'{}'",
    "script_hash": "CAST(x'ff' AS TEXT)",
    "seconds": "seconds + 1",
    "created": "'2020-01-01T00:00:00Z'",
}


@pytest.mark.parametrize("column", ROW_DAMAGE)
def test_a_damaged_row_is_a_miss_and_is_replaced(path, key, provenance, sql, caplog, column):
    other = AnswerKey.of("C4", "q")
    with Store(path) as store:
        store.put(key, [1, 2, 3], provenance)
        store.put(other, 7, provenance)
    sql(path, f"UPDATE answers SET {column} = {ROW_DAMAGE[column]} WHERE question <> 'q'")
    with Store(path) as store:
        with caplog.at_level(logging.WARNING, logger="toolkit.store"):
            assert store.get(key) is None
            assert store.get(key) is None
        assert store.damaged == [key]
        assert "the answer to character_table" in caplog.text
        assert store.get(other).value == 7
        assert store.put(key, [4], provenance)
        assert store.get(key).value == [4]
        assert store.verify().damaged == ()


def test_a_row_moved_to_another_key_is_a_miss(path, key, provenance, sql):
    with Store(path) as store:
        store.put(key, [1, 2, 3], provenance)
    sql(path, "UPDATE answers SET group_key = 'C5'")
    with Store(path) as store:
        assert store.get(AnswerKey("C5", key.question, key.arguments, key.version)) is None


def test_a_sound_checksum_over_no_json_is_a_miss(path, key, provenance, monkeypatch):
    with Store(path) as store:
        monkeypatch.setattr(entries, "compact_json", lambda _value: "[NaN]")
        monkeypatch.setattr(entries._DECODER, "decode", lambda _text: None)
        store.put(key, 1, provenance)
        monkeypatch.undo()
        assert store.get(key) is None
        assert store.verify().reasons == ("its payload cannot be read",)


def test_verify_finds_the_flipped_byte(path, provenance):
    value = [hash((7, i)) for i in range(600)]
    keys = [AnswerKey.of("C4", "q", i) for i in range(5)]
    with Store(path) as store:
        for key in keys:
            store.put(key, [key.arguments, value], provenance)
        assert store.verify() == type(store.verify())(5, (), ())
    data = bytearray(path.read_bytes())
    with Store(path) as store:
        payload = store._database.read(
            lambda c: c.execute("SELECT payload FROM answers WHERE arguments = '3'").fetchone()[0]
        )
    place = bytes(data).index(payload[:50]) + 40
    data[place] ^= 4
    path.write_bytes(data)
    seen = []
    with Store(path) as store:
        report = store.verify(progress=lambda done, total: seen.append((done, total)))
        assert report.checked == 5
        assert report.damaged == (keys[3],)
        assert len(report.reasons) == 1
        assert seen == [(i, 5) for i in range(1, 6)]
        assert store.get(keys[3]) is None
        assert store.get(keys[4]).value == ["4", value]


def test_verify_runs_the_laws(store, provenance):
    for i in range(3):
        store.put(AnswerKey.of("C4", "q", i), i, provenance)

    def law(key, value):
        if value == 1:
            raise ValueError(f"{key.group} has value 1")

    report = store.verify(check=law)
    assert report.damaged == (AnswerKey.of("C4", "q", 1),)
    assert report.reasons == ("C4 has value 1",)


def test_verify_reports_a_key_that_is_damaged_itself(path, key, provenance, sql):
    with Store(path) as store:
        store.put(key, 1, provenance)
    sql(path, "UPDATE answers SET group_key = CAST(x'0aff' AS TEXT), arguments = '{'")
    with Store(path) as store:
        (damaged,) = store.verify().damaged
        assert (damaged.group, damaged.arguments) == ("\n�", "{")
        assert store.keys() == (damaged,)


@pytest.mark.parametrize("read_only", [False, True])
def test_a_newer_schema_is_left_alone(path, key, provenance, sql, read_only):
    with Store(path) as store:
        store.put(key, 1, provenance)
    sql(path, f"PRAGMA user_version = {SCHEMA + 1}")
    with Store(path, read_only=read_only) as store, pytest.raises(StoreSchemaError) as caught:
        store.get(key)
    assert (caught.value.found, caught.value.expected) == (SCHEMA + 1, SCHEMA)
    assert sql(path, "PRAGMA user_version") == [(SCHEMA + 1,)]


def test_a_failed_migration_leaves_nothing_behind(path, key, provenance, sql, monkeypatch):
    bad = migrations.Migration("bad", ("CREATE TABLE later (x)", "CREATE TABLE later (x)"))
    steps = (*migrations.MIGRATIONS, bad)
    with Store(path) as store:
        store.put(key, 1, provenance)
    monkeypatch.setattr(migrations, "MIGRATIONS", steps)
    monkeypatch.setattr(migrations, "SCHEMA", len(steps))
    monkeypatch.setattr("toolkit.store.database.SCHEMA", len(steps))
    with Store(path) as store, pytest.raises(StoreError, match="table later already exists"):
        store.get(key)
    names = sql(path, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    assert names == [("answers",), ("migrations",)]
    assert sql(path, "PRAGMA user_version") == [(len(steps) - 1,)]
    with Store(path, read_only=True) as store, pytest.raises(StoreSchemaError):
        store.get(key)


def test_a_file_being_made_by_another_process_is_no_foreign_one(tmp_path):
    """The marks of a file must all be read from one state of it."""
    path = str(tmp_path / "answers.sqlite")
    ours, theirs = (sqlite3.connect(path, isolation_level=None) for _ in range(2))
    theirs.execute("PRAGMA journal_mode = WAL")
    once = []

    def make_it_now(statement):
        if "PRAGMA" in statement and not once:
            once.append(statement)
            migrations.migrate(theirs, path)

    ours.set_trace_callback(make_it_now)
    try:
        assert migrations.check_schema(ours, path) == 0
        assert once
        assert migrations.check_schema(ours, path) == SCHEMA
    finally:
        ours.close()
        theirs.close()


def test_migrations_are_recorded_by_name(path, key, provenance, sql):
    with Store(path) as store:
        store.put(key, 1, provenance)
    assert sql(path, "SELECT * FROM migrations") == [(1, "answers")]
    assert sql(path, "PRAGMA journal_mode") == [("wal",)]
    assert sql(path, "SELECT strict FROM pragma_table_list WHERE name = 'answers'") == [(1,)]


def test_an_old_sqlite_is_named(path, key, provenance, monkeypatch):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))
    with Store(path) as store, pytest.raises(StoreError, match=r"needs SQLite 3\.37 or later"):
        store.put(key, 1, provenance)


# -- life of a store -----------------------------------------------------------------------------


def test_a_closed_store_says_so(store, key):
    store.get(key)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="was closed"):
        store.get(key)


def test_a_store_travels_by_its_path(store, path, key, provenance):
    store.put(key, 1, provenance)
    for twin in (pickle.loads(pickle.dumps(store)), copy.deepcopy(store)):  # noqa: S301 - our own
        with twin:
            assert twin.path == path
            assert twin.get(key).value == 1
    with pytest.raises(TypeError, match="in memory cannot be sent"):
        pickle.dumps(Store(None))


def test_paths_with_signs_that_mean_something_in_a_uri(tmp_path, key, provenance):
    path = tmp_path / "a b?mode=ro#%41&ü.sqlite"
    with Store(path) as store:
        store.put(key, 1, provenance)
        assert path.is_file()
    with Store(path, immutable=True) as store:
        assert store.get(key).value == 1


@pytest.mark.parametrize("in_memory", [False, True])
def test_many_threads_share_one_store(path, provenance, in_memory):
    failures = []
    with Store(None if in_memory else path) as store:

        def work(number):
            try:
                for i in range(20):
                    key = AnswerKey.of(f"C{number}", "q", i)
                    assert store.put(key, [number, i], provenance)
                    assert store.get(key).value == [number, i]
            except BaseException as error:  # noqa: BLE001 - handed to the main thread
                failures.append(error)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert len(store) == 160


def test_a_thread_that_ends_leaves_no_connection(store, key, provenance):
    store.put(key, 1, provenance)
    used = []
    for _ in range(5):
        thread = threading.Thread(target=lambda: used.append(store._database.read(lambda c: c)))
        thread.start()
        thread.join()
    assert sum(s.connection is not None for s in store._database._sessions) == 1
    assert len(set(map(id, used))) == 5
    for connection in used:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")


def test_a_locked_file_is_waited_for(store, path, key, provenance, monkeypatch):
    monkeypatch.setattr("toolkit.store.database.BUSY_SECONDS", 0.01)
    monkeypatch.setattr("toolkit.store.database.PATIENCE_SECONDS", PATIENCE)
    store.put(key, 1, provenance)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    waited = []

    def sleep(seconds):
        waited.append(seconds)
        if len(waited) == 3:
            other.execute("COMMIT")

    clock = SimpleNamespace(monotonic=time.monotonic, sleep=sleep)
    monkeypatch.setattr("toolkit.store.database.time", clock)
    assert store.put(key, 2, provenance)
    assert len(waited) == 3
    other.close()
    assert store.get(key).value == 2


def test_a_file_that_stays_locked_is_an_error(path, key, provenance, monkeypatch):
    monkeypatch.setattr("toolkit.store.database.BUSY_SECONDS", 0.001)
    monkeypatch.setattr("toolkit.store.database.PATIENCE_SECONDS", 0.05)
    with Store(path) as store:
        store.put(key, 1, provenance)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            with pytest.raises(StoreError, match=r"stayed locked by another process for 0\.05 sec"):
                store.put(key, 2, provenance)
            assert store.get(key).value == 1
        finally:
            other.close()


def test_a_full_disk_is_a_warning_and_loses_nothing(store, key, provenance, caplog):
    store.put(key, 1, provenance)
    pages = store._database.read(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
    store._database.read(lambda c: c.execute(f"PRAGMA max_page_count = {pages}").fetchone())
    assert store.put(key, [hash((1, i)) for i in range(20000)], provenance) is False
    assert "cannot store answers: the disk is full" in caplog.text
    assert store.get(key).value == 1


def test_a_refused_write_is_not_silent_where_it_was_asked_for(path, key, provenance):
    with Store(path) as store:
        store.put(key, 1, provenance)
    for kind in ({"read_only": True}, {"immutable": True}):
        with Store(path, **kind) as store:
            assert not store.writable
            assert store.get(key).value == 1
            actions = (
                lambda s=store: s.put(key, 2, provenance),
                lambda s=store: s.delete(key),
                lambda s=store: s.clear(),
                lambda s=store: s.import_(path),
            )
            for action in actions:
                with pytest.raises(StoreReadOnlyError, match="it was opened for reading only"):
                    action()
            assert store.get(key).value == 1


def test_an_immutable_store_makes_no_side_files(path, key, provenance):
    with Store(path) as store:
        store.put(key, 1, provenance)
    with Store(path, immutable=True) as store:
        assert store.get(key).value == 1
        assert [file.name for file in path.parent.iterdir()] == [path.name]
