"""Damaged files: what is sound goes on being served, and the file is kept."""

import logging
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest
from processes import PATIENCE

from toolkit.errors import StoreCorruptError, StoreSchemaError
from toolkit.store import AnswerKey, Provenance, Store
from toolkit.store.aside import files_aside
from toolkit.store.migrations import SCHEMA
from toolkit.store.records import rows_in_file

KEYS = [AnswerKey.of(f"C{i}", "q", [i, "x" * (i % 7)]) for i in range(1, 41)]


def value(key):
    """An answer that tells its key; some need several pages."""
    number = int(key.group[1:])
    return [key.group, [hash((number, j)) for j in range(2500 if number % 10 == 0 else 40)]]


@pytest.fixture
def sound(tmp_path, provenance):
    """A sound file without side files; copy it before damaging it."""
    path = tmp_path / "sound.sqlite"
    with Store(path) as store:
        for key in KEYS:
            assert store.put(key, value(key), provenance)
    return path


@pytest.fixture
def damaged(sound, path):
    """Write the sound file, with its bytes changed, where the cache is."""

    def write(change):
        path.parent.mkdir(exist_ok=True)
        data = bytearray(sound.read_bytes())
        path.write_bytes(change(data) or data)
        return path

    return write


def served(store):
    """Return the keys whose answers are served, after checking these."""
    found = set()
    for key in KEYS:
        answer = store.get(key)
        if answer is not None:
            assert answer.value == value(key)
            found.add(key)
    return found


def flip(place, bit=0):
    def change(data):
        data[place] ^= 1 << bit

    return change


def put(place, content):
    def change(data):
        data[place : place + len(content)] = content

    return change


def version(number):
    return put(60, number.to_bytes(4, "big", signed=True))


def statement(text):
    def change(data):
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
            connection.deserialize(bytes(data[:18] + b"\x01\x01" + data[20:]))
            connection.execute("PRAGMA writable_schema = 1")
            connection.execute(text)
            changed = connection.serialize()
            return changed[:18] + data[18:20] + changed[20:]

    return change


WHOLE = {  # damage that leaves every row in the file
    "first byte": flip(0),
    "page size": put(16, b"\x01\x01"),
    "read version": put(19, b"\x09"),
    "write version": put(18, b"\x12"),
    "reserved bytes": put(20, b"\x20"),
    "text encoding": put(56, b"\0\0\0\3"),
    "application": flip(68),
    "no version": version(0),
    "a flipped version": version(3),
    "a huge version": version(2**31 - 1),
    "a negative version": version(-(2**31) + 1),
    "the schema page": put(100, bytes(1000)),
    "no UTF-8 in the schema": lambda data: bytes(data).replace(b"answers (", b"answ\xffrs ("),
    "table dropped from the schema": statement("DELETE FROM sqlite_schema WHERE name = 'answers'"),
    "table renamed": statement("ALTER TABLE answers RENAME TO others"),
    "migrations dropped": statement("DROP TABLE migrations"),
    "header zeroed": put(0, bytes(100)),
}


@pytest.mark.parametrize("name", WHOLE)
def test_every_row_survives_damage_beside_the_rows(damaged, name, provenance, caplog):
    path = damaged(WHOLE[name])
    before = path.read_bytes()
    new = AnswerKey.of("new", "q")
    with Store(path) as store:
        assert store.put(new, 1, provenance)
        assert served(store) == set(KEYS)
        assert store.get(new).value == 1
        assert store.rescue.saved == len(KEYS)
        aside = store.rescue.kept_as
    assert aside.read_bytes() == before
    (record,) = caplog.records
    assert str(aside) in record.getMessage()
    with Store(path) as store:  # what is there now is a sound file like any other
        store.check_file()
        assert served(store) == set(KEYS)
        assert store.verify().damaged == ()
        assert store.rescue is None


@pytest.mark.parametrize("name", sorted(WHOLE.keys() - {"write version"}))
@pytest.mark.parametrize("kind", ["read_only", "immutable"])
@pytest.mark.quick_cases(8)
def test_a_file_that_is_only_read_stays_as_it_is(damaged, name, kind, tmp_path, caplog):
    path = damaged(WHOLE[name])
    before = path.read_bytes()
    with Store(path, **{kind: True}, remedy="install it again") as store:
        assert served(store) == set(KEYS)
        assert store.info().entries == len(KEYS)
        assert store.export(tmp_path / "out.sqlite") == len(KEYS)
        assert store.verify().damaged == ()
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir() if "damaged" in p.name] == []
    (record,) = caplog.records
    assert record.getMessage().endswith("; install it again")
    with Store(tmp_path / "out.sqlite", immutable=True) as store:
        assert served(store) == set(KEYS)


@pytest.mark.parametrize("content", [b"", b"a text\n" * 900, b"\0" * 8192, b"SQLite format 3\0"])
def test_other_content_in_its_place(path, provenance, content):
    path.parent.mkdir()
    path.write_bytes(content)
    with Store(path) as store:
        assert store.get(KEYS[0]) is None
        assert store.put(KEYS[0], value(KEYS[0]), provenance)
        assert served(store) == {KEYS[0]}
    kept = [p.read_bytes() for p in path.parent.iterdir() if "damaged" in p.name]
    assert kept == ([content] if content else [])


def test_an_empty_bundled_file_is_said(path, caplog):
    path.parent.mkdir()
    path.touch()
    with Store(path, immutable=True) as store:
        assert store.get(KEYS[0]) is None
    assert "it is empty" in caplog.text


def test_every_truncation_serves_the_rows_before_it(damaged, sound, path):
    data = sound.read_bytes()
    for length in range(100, len(data), 4096 * 3 + 1234):
        for file in path.parent.glob("*") if path.parent.exists() else ():
            file.unlink()
        whole = {row.group_key for row in readable(sound, length)}
        damaged(lambda data, length=length: data[:length])
        with Store(path) as store:
            assert {key.group for key in served(store)} >= whole
    assert len(whole) > 20


def readable(path, length):
    """Return the rows that lie wholly in the first bytes of the file, by their pages."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        rows = connection.execute("SELECT group_key, payload FROM answers").fetchall()
    data = path.read_bytes()
    for group, payload in rows:
        for start in (payload[:32],):
            place = data.index(start)
            if len(payload) < 2000 and place + len(payload) + 300 < length:
                yield type("Row", (), {"group_key": group})


@pytest.mark.parametrize("seed", range(6))
def test_lost_and_swapped_pages(damaged, sound, seed):
    import random

    draw = random.Random(seed)
    pages = sound.stat().st_size // 4096

    def change(data):
        one, other = draw.sample(range(1, pages), 2)
        first, second = (slice(4096 * n, 4096 * n + 4096) for n in (one, other))
        if seed % 2:
            data[first] = bytes(4096)
        else:
            data[first], data[second] = data[second], data[first]

    path = damaged(change)
    rows = {row[:4] for row in rows_in_file(path).rows}
    by_sqlite = readable_by_sqlite(path)
    with Store(path) as store:
        found = {(k.group, k.question, k.arguments, k.version) for k in served(store)}
    assert found >= by_sqlite
    assert found >= rows
    if seed % 2 == 0:
        assert len(found) == len(KEYS) or len(rows) < len(KEYS)


def readable_by_sqlite(path):
    """Return the keys of the rows that SQLite itself reads, one by one."""
    found = set()
    copy = path.with_name("copy.sqlite")
    shutil.copy(path, copy)
    connection = sqlite3.connect(f"file:{copy}?immutable=1", uri=True)
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    expected = {(k.group, k.question, k.arguments, k.version): value(k) for k in KEYS}
    import json
    import zlib

    for number in range(1, len(KEYS) + 1):
        query = "SELECT group_key, question, arguments, version, payload FROM answers WHERE id = ?"
        try:
            *key, payload = connection.execute(query, (number,)).fetchone()
            if json.loads(zlib.decompress(payload)) == expected[tuple(key)]:
                found.add(tuple(key))
        except (sqlite3.DatabaseError, TypeError, KeyError, ValueError, zlib.error):
            continue
    connection.close()
    copy.unlink()
    return found


def test_an_index_that_hides_rows_is_noticed(damaged, sound, caplog):
    """A key of the index that has changed makes SQLite miss the row, without any error."""
    data = sound.read_bytes()
    with Store(sound, immutable=True) as store:
        root = store._database.read(
            lambda c: c.execute(
                "SELECT rootpage FROM sqlite_schema WHERE type = 'index'"
            ).fetchone()[0]
        )
    page = slice(4096 * (root - 1), 4096 * root)
    assert data[page].count(b"C7q") == 1
    path = damaged(put(page.start, data[page].replace(b"C7q", b"X7q")))
    with Store(path) as store:
        assert store.look_up(KEYS[6]) is None
        assert store.get(KEYS[6]).value == value(KEYS[6])
        assert served(store) == set(KEYS)
    assert "damaged" in caplog.text


def test_a_key_damaged_in_the_table_is_read_from_the_index(damaged, sound):
    data = sound.read_bytes()
    place = data.index(b"C7q")
    places = [place, data.index(b"C7q", place + 1)]
    for number, place in enumerate(places):
        found = rows_in_file(damaged(put(place, b"X7q")))
        assert {row[:4] for row in found.rows} == {row[:4] for row in rows_in_file(sound).rows}
        assert number < 2


def test_rows_that_follow_each_other_survive_a_damaged_link(damaged, sound):
    with Store(sound, immutable=True) as store:
        assert len(store.get(KEYS[9]).value[1]) == 2500
    data = sound.read_bytes()
    pages = len(data) // 4096
    links = [
        n for n in range(1, pages) if data[4096 * n : 4096 * n + 4] == (n + 2).to_bytes(4, "big")
    ]
    assert links
    found = rows_in_file(damaged(put(4096 * links[0], b"\0\0\0\0")))
    assert len(found.rows) == len(KEYS)


def test_older_damaged_files_are_kept(path, provenance):
    path.parent.mkdir()
    contents = [b"first", b"second", b"third"]
    (path.parent / "answers.sqlite.damaged3-wal").write_bytes(b"a log of another time")
    for content in contents:
        path.write_bytes(content)
        with Store(path) as store:
            assert store.put(KEYS[0], 1, provenance)
        for end in ("", "-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
    kept = {p.name: p.read_bytes() for p in path.parent.iterdir()}
    assert kept == {
        "answers.sqlite.damaged": b"first",
        "answers.sqlite.damaged2": b"second",
        "answers.sqlite.damaged4": b"third",
        "answers.sqlite.damaged3-wal": b"a log of another time",
    }


# -- what is no damage ---------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [SCHEMA + 1, SCHEMA + 2])
def test_a_later_toolkit_is_believed_if_its_steps_are_recorded(path, sql, provenance, steps):
    with Store(path) as store:
        store.put(KEYS[0], 1, provenance)
    for number in range(SCHEMA + 1, steps + 1):
        sql(path, f"INSERT INTO migrations VALUES ({number}, 'later')")
    sql(path, f"PRAGMA user_version = {steps}")
    before = path.read_bytes()
    with Store(path) as store:
        for action in (
            lambda: store.get(KEYS[0]),
            lambda: store.put(KEYS[0], 2, provenance),
            store.repair,
            store.check_file,
            store.clear,
        ):
            with pytest.raises(StoreSchemaError):
                action()
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == before


def test_a_database_of_another_program_takes_no_answers(path, sql, provenance, caplog):
    path.parent.mkdir()
    sql(path, "CREATE TABLE bookmarks (url TEXT)", "PRAGMA user_version = 3")
    before = path.read_bytes()
    with Store(path) as store:
        assert store.get(KEYS[0]) is None
        assert not store.put(KEYS[0], 1, provenance)
        assert not store.put(KEYS[0], 1, provenance)
        assert "another program" in store.info().why_read_only
        with pytest.raises(StoreCorruptError, match="of another program"):
            store.check_file()
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    (record,) = caplog.records
    assert "another program" in record.getMessage()


def test_an_error_from_a_sound_file_is_raised(path, provenance):
    def mistaken(connection):
        raise TypeError("a mistake of ours")

    with Store(path) as store:
        store.put(KEYS[0], 1, provenance)
        with pytest.raises(TypeError, match="a mistake of ours"):
            store._database.read(mistaken)
        assert store.get(KEYS[0]).value == 1
    assert not list(path.parent.glob("*damaged*"))


@pytest.mark.parametrize(
    "error",
    [UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x"), OverflowError("x"), MemoryError()],
    ids=["unicode", "overflow", "memory"],
)
def test_any_error_from_a_damaged_file_rescues_it(damaged, error):
    once = []

    def read(connection):
        if not once:
            once.append(1)
            raise error
        return connection.execute("SELECT count(*) FROM answers").fetchone()[0]

    path = damaged(put(16384, b"\xff" * 8))
    with Store(path) as store:
        assert store._database.read(read) >= len(KEYS) - 20
        assert store.rescue is not None


# -- the write-ahead log -------------------------------------------------------------------------


@pytest.fixture
def left_log(path, sound, provenance):
    """A file beside which a killed process left a log with half of the answers."""
    with Store(path) as store:
        for key in KEYS[:20]:
            store.put(key, value(key), provenance)
    with Store(path) as store:
        for key in KEYS[20:]:
            store.put(key, value(key), provenance)
        files = {end: path.with_name(path.name + end).read_bytes() for end in ("", "-wal")}
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    for end, data in files.items():
        path.with_name(path.name + end).write_bytes(data)
    return path.with_name(path.name + "-wal")


@pytest.mark.parametrize("place", [0, 5, 9, 13, 17, 25, 32, 37, 41, 49, 32 + 24 + 1000])
@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.quick_cases(4)
def test_a_flipped_bit_in_the_log_loses_nothing(left_log, path, provenance, place, read_only):
    data = bytearray(left_log.read_bytes())
    data[place] ^= 2
    left_log.write_bytes(data)
    with Store(path, read_only=read_only) as store:
        if not read_only:
            assert store.put(AnswerKey.of("new", "q"), 1, provenance)
        assert len(served(store)) >= len(KEYS) - 1
        assert store.rescue is not None


def test_a_transaction_without_end_is_no_damage(left_log, path, caplog):
    data = left_log.read_bytes()
    left_log.write_bytes(data[: -(4096 + 24) // 2])
    with Store(path) as store:
        assert len(served(store)) == len(KEYS) - 1
        assert store.rescue is None
    assert caplog.records == []


def test_a_log_in_use_is_left_to_its_users(path, provenance, caplog):
    with Store(path) as first:
        first.put(KEYS[0], value(KEYS[0]), provenance)
        with Store(path) as second:
            assert served(second) == {KEYS[0]}
            script = (
                "import sys; from pathlib import Path; from toolkit.store import Store;"
                "print(len(Store(Path(sys.argv[1]))))"
            )
            command = [sys.executable, "-c", script, str(path)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            assert (done.stdout, done.stderr) == ("1\n", "")
        assert first.put(KEYS[1], value(KEYS[1]), provenance)
    with Store(path) as store:
        assert served(store) == set(KEYS[:2])
    assert caplog.records == []


def test_a_journal_of_another_file_is_not_played_back(tmp_path, damaged, provenance):
    other = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(other, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE noise (x)")
        for text in ("BEGIN", "INSERT INTO noise VALUES (zeroblob(400000))", "COMMIT"):
            connection.execute(text)
        connection.execute("PRAGMA cache_size = 5")
        connection.execute("BEGIN")
        connection.execute("UPDATE noise SET x = randomblob(400000)")
        journal = other.with_name("other.sqlite-journal").read_bytes()
    path = damaged(lambda data: data)
    path.with_name("answers.sqlite-journal").write_bytes(journal)
    with Store(path) as store:
        assert store.put(AnswerKey.of("new", "q"), 1, provenance)
        assert served(store) == set(KEYS)
        aside = store.rescue.kept_as
    assert aside.with_name(aside.name + "-journal").read_bytes() == journal


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TRIGGER t BEFORE INSERT ON answers BEGIN SELECT raise(ABORT, 'no'); END",
        "CREATE TRIGGER t BEFORE INSERT ON answers BEGIN SELECT raise(IGNORE); END",
        "CREATE UNIQUE INDEX u ON answers (version) WHERE id > 40",
    ],
)
def test_what_refuses_rows_is_damage(damaged, sql, text, provenance):
    path = damaged(lambda data: data)
    sql(path, text)
    with Store(path) as store:
        for number in range(2):
            assert store.put(AnswerKey.of("new", "q", number), number, provenance)
            assert store.get(AnswerKey.of("new", "q", number)).value == number
        assert served(store) == set(KEYS)


@pytest.mark.skipif(sys.platform != "linux", reason="holes in files are made by Linux here")
def test_absurd_sizes(damaged, path, provenance):
    for end, change in (("", lambda data: data), ("", flip(0)), ("-wal", lambda data: data)):
        damaged(change)
        file = path.with_name(path.name + end)
        file.touch()
        os.truncate(file, 10**12)
        with Store(path) as store:
            assert served(store) == set(KEYS)
        for file in path.parent.iterdir():
            file.unlink()


# -- at once -------------------------------------------------------------------------------------

HAMMER = """
import logging, sys
from pathlib import Path
from toolkit.store import AnswerKey, Provenance, Store

path, number = Path(sys.argv[1]), int(sys.argv[2])
sys.stdin.readline()  # all start at once
with Store(path) as store:
    for i in range(20):
        assert store.put(AnswerKey.of(f"P{number}", "own", i), [number, i], Provenance())
    for i in range(20):
        assert store.get(AnswerKey.of(f"P{number}", "own", i)).value == [number, i]
"""


@pytest.mark.parametrize("name", ["first byte", "table renamed", "the schema page"])
def test_processes_that_find_the_damage_at_once_lose_nothing(damaged, name):
    path = damaged(WHOLE[name])
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", HAMMER, str(path), str(number)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    for worker in workers:
        worker.stdin.write("\n")
        worker.stdin.flush()
    warnings = ""
    for worker in workers:
        _, errors = worker.communicate(timeout=PATIENCE)
        assert worker.returncode == 0, errors
        warnings += errors
    with Store(path) as store:
        assert served(store) == set(KEYS)
        assert len(store) == len(KEYS) + 4 * 20
    assert warnings.count("is damaged") == 1
    assert len(files_aside(path)) == 1


def test_threads_that_find_the_damage_at_once_lose_nothing(damaged, caplog):
    path = damaged(WHOLE["first byte"])
    failures = []
    with caplog.at_level(logging.WARNING), Store(path) as store:

        def work(number):
            try:
                own = AnswerKey.of(f"T{number}", "own")
                assert store.put(own, number, Provenance())
                assert served(store) == set(KEYS)
                assert store.get(own).value == number
            except BaseException as error:  # noqa: BLE001 - handed to the main thread
                failures.append(error)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    assert len(caplog.records) == 1


def test_a_file_damaged_while_it_is_open(sound, path, provenance):
    path.parent.mkdir()
    shutil.copy(sound, path)
    with Store(path) as store:
        assert served(store) == set(KEYS)
        data = bytearray(path.read_bytes())
        data[4096:] = b"\xee" * (len(data) - 4096)
        with path.open("r+b") as stream:
            stream.write(data)
        with Store(path) as another:
            assert another.get(KEYS[3]) is None
            assert another.put(KEYS[3], value(KEYS[3]), provenance)
        assert served(store) == {KEYS[3]}
        assert store.put(KEYS[4], value(KEYS[4]), provenance)
    with Store(path) as store:
        assert served(store) == set(KEYS[3:5])
