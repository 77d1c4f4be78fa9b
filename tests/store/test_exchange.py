import contextlib
import gzip
import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from toolkit.errors import StoreError
from toolkit.store import AnswerKey, Provenance, Store, write_compact
from toolkit.store.entries import compact_json, seal

VALUES = [None, [1, [2.5, "é\n"]], {"b": 1, "a": [10**40]}, "", True]


@pytest.fixture
def full(path, provenance):
    with Store(path) as store:
        for i, value in enumerate(VALUES):
            store.put(AnswerKey.of(f"C{9 - i}", "q", {"i": i}), value, provenance)
        yield store


def everything(store):
    return {key: store.get(key) for key in store}


def write_json_lines(store, out):
    """Write the export of an earlier version, byte for byte as it was; gzip if the name says so."""
    keys = store.keys()
    lines = [compact_json({"format": "plrep-answers", "version": 1, "entries": len(keys)})]
    for key in keys:
        answer = store.get(key)
        made = answer.provenance
        fields = {
            "group": key.group,
            "question": key.question,
            "arguments": key.arguments,
            "version": key.version,
            "value": answer.value,
            "gap_version": made.gap_version,
            "packages": dict(made.packages),
            "script_hash": made.script_hash,
            "seconds": made.seconds,
            "created": made.created,
            "checksum": seal(key, answer.value, made).checksum.hex(),
        }
        lines.append(compact_json(fields))
    data = "".join(line + "\n" for line in lines).encode("ascii")
    out.write_bytes(gzip.compress(data, mtime=0) if out.suffix == ".gz" else data)
    return len(keys)


def write(store, out):
    """Write an export in the form that the file's name says."""
    return store.export(out) if out.suffix == ".sqlite" else write_json_lines(store, out)


NAMES = ["out.sqlite", "out.jsonl", "out.jsonl.gz"]


def edit_line(path, number, change):
    lines = path.read_text().splitlines(keepends=True)
    lines[number - 1] = change(lines[number - 1])
    path.write_text("".join(lines))


@pytest.mark.parametrize("name", NAMES)
def test_round_trip(full, tmp_path, name):
    out = tmp_path / name
    assert write(full, out) == len(VALUES)
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == [name]
    with Store(tmp_path / "other.sqlite") as other:
        report = other.import_(out)
        assert (report.added, report.already_there, report.rejected) == (len(VALUES), 0, ())
        assert everything(other) == everything(full)
        again = other.import_(out)
        assert (again.added, again.already_there) == (0, len(VALUES))


def test_the_file_says_what_it_is_not_its_name(full, tmp_path):
    full.export(tmp_path / "old.jsonl.gz")
    write_json_lines(full, tmp_path / "x.jsonl")
    (tmp_path / "x.jsonl").rename(tmp_path / "new.sqlite")
    for name in ("old.jsonl.gz", "new.sqlite"):
        with Store(None) as other:
            assert other.import_(tmp_path / name).added == len(VALUES)


@given(
    st.dictionaries(
        st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1),
        st.recursive(
            st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=5,
        ),
        max_size=4,
    )
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_round_trip_of_any_values(tmp_path_factory, entries):
    folder = tmp_path_factory.mktemp("out")
    with Store(None) as store:
        for group, value in entries.items():
            store.put(AnswerKey.of(group, "q"), value, Provenance())
        for name in ("out.sqlite", "out.jsonl"):
            assert write(store, folder / name) == len(entries)
            with Store(None) as other:
                assert other.import_(folder / name).added == len(entries)
                assert everything(other) == everything(store)


def test_equal_answers_give_equal_bytes(full, tmp_path, provenance):
    with Store(tmp_path / "twin.sqlite") as twin:
        for key in reversed(full.keys()):
            twin.put(key, "first something else", Provenance())
            twin.put(key, full.get(key).value, provenance)
        twin.export(tmp_path / "a.sqlite")
    full.export(tmp_path / "b.sqlite")
    assert (tmp_path / "a.sqlite").read_bytes() == (tmp_path / "b.sqlite").read_bytes()


OLD_EXPORT = (
    b'{"format":"plrep-answers","version":1,"entries":1}\n'
    b'{"group":"C9","question":"q","arguments":"{\\"i\\":0}","version":1,"value":null,'
    b'"gap_version":"4.16.1","packages":{"ctbllib":"1.3.9"},"script_hash":"ab12","seconds":0.25,'
    b'"created":"2026-01-31T12:00:00Z",'
    b'"checksum":"0c9251947a4fa089d7aee4a60ddb88452545b698c53c444ffe5ca2b1d9e204d2"}\n'
)


def test_an_export_of_an_earlier_version_is_read(tmp_path, provenance):
    (tmp_path / "old.jsonl").write_bytes(OLD_EXPORT)
    with Store(None) as store:
        assert store.import_(tmp_path / "old.jsonl").added == 1
        key = AnswerKey.of("C9", "q", {"i": 0})
        assert store.get(key).value is None
        assert store.get(key).provenance == provenance
        write_json_lines(store, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == OLD_EXPORT


def test_damaged_rows_are_left_out_and_reported(full, path, tmp_path, sql):
    key = full.keys()[2]
    full.close()
    sql(path, "UPDATE answers SET payload = x'00' WHERE group_key = 'C7'")
    with Store(path) as store, Store(None) as other:
        assert store.export(tmp_path / "out.sqlite") == 4
        assert store.damaged == [key]
        assert other.import_(tmp_path / "out.sqlite").added == 4


@pytest.mark.parametrize("name", NAMES)
def test_import_repairs_a_damaged_row(full, path, tmp_path, sql, name):
    write(full, tmp_path / name)
    wanted = everything(full)
    full.close()
    sql(path, "UPDATE answers SET payload = x'00' WHERE group_key = 'C7'")
    with Store(path) as store:
        report = store.import_(tmp_path / name)
        assert (report.added, report.already_there) == (1, 4)
        assert everything(store) == wanted


BAD_ROWS = {
    "payload = x'00'": "its payload cannot be decompressed",
    "group_key = 'C99'": "its checksum does not match",
    "seconds = 9": "its checksum does not match",
    "group_key = ''": "its checksum does not match",
    "created = '3'": "its checksum does not match",
}


@pytest.mark.parametrize("change", BAD_ROWS)
def test_a_bad_row_is_rejected_and_nothing_is_written(full, tmp_path, sql, change):
    out = tmp_path / "out.sqlite"
    full.export(out)
    sql(out, f"UPDATE answers SET {change} WHERE group_key = 'C6'")
    with Store(tmp_path / "other.sqlite") as other:
        report = other.import_(out)
        assert report.added == len(other) == 0
        assert [bad.reason for bad in report.rejected] == [BAD_ROWS[change]]
        report = other.import_(out, partial=True)
        assert (report.added, len(report.rejected)) == (4, 1)
        assert len(other) == 4


def test_a_row_with_a_checksum_but_no_key_is_rejected(full, tmp_path):
    out = tmp_path / "out.sqlite"
    with Store(tmp_path / "odd.sqlite") as odd:
        key = AnswerKey.of("C4", "q")
        object.__setattr__(key, "arguments", "{ }")
        odd.put(key, 1, Provenance())
        odd.export(out)
    with Store(None) as other:
        (rejected,) = other.import_(out).rejected
        assert (rejected.line, "must be canonical JSON" in rejected.reason) == (1, True)


def changed(**fields):
    return lambda line: json.dumps({**json.loads(line), **fields}) + "\n"


BAD_LINES = {
    "value": (changed(value=[1]), "its checksum does not match"),
    "group": (changed(group="C99"), "its checksum does not match"),
    "seconds": (changed(seconds=9), "its checksum does not match"),
    "empty group": (changed(group=""), "group must be text"),
    "arguments": (changed(arguments="{ }"), "must be canonical JSON"),
    "packages": (changed(packages=[]), "packages must be a record"),
    "created": (changed(created=3), "created must be a time in UTC"),
    "unknown field": (changed(extra=1), "it must be a record of"),
    "not JSON": (lambda _line: "{nonsense\n", "it is not JSON"),
    "not a record": (lambda _line: "[]\n", "it must be a record of"),
    "NaN": (lambda line: line.replace("0.25", "NaN"), "seconds must be a non-negative time"),
    "deep": (lambda _line: "[" * 100_000 + "\n", "it is not JSON"),
}


@pytest.mark.parametrize("case", BAD_LINES)
def test_a_bad_line_is_rejected_and_nothing_is_written(full, tmp_path, case):
    out = tmp_path / "out.jsonl"
    write_json_lines(full, out)
    change, reason = BAD_LINES[case]
    edit_line(out, 3, change)
    with Store(tmp_path / "other.sqlite") as other:
        report = other.import_(out)
        assert report.added == 0
        assert [line.line for line in report.rejected] == [3]
        assert reason in report.rejected[0].reason
        assert len(other) == 0
        report = other.import_(out, partial=True)
        assert (report.added, len(report.rejected)) == (4, 1)
        assert len(other) == 4


def test_a_repeated_line_is_rejected(full, tmp_path):
    out = tmp_path / "out.jsonl"
    write_json_lines(full, out)
    second = out.read_text().splitlines(keepends=True)[1]
    edit_line(out, 3, lambda _line: second)
    with Store(None) as other:
        (rejected,) = other.import_(out).rejected
        assert (rejected.line, rejected.reason) == (3, "it repeats the key of line 2")


@pytest.mark.parametrize(("name", "number"), [("out.jsonl", 6), ("out.sqlite", 5)])
def test_a_law_that_fails_rejects_the_entry(full, tmp_path, name, number):
    write(full, tmp_path / name)

    def law(key, value):
        if value is None:
            raise AssertionError

    with Store(None) as other:
        report = other.import_(tmp_path / name, check=law)
        assert [(bad.line, bad.reason) for bad in report.rejected] == [(number, "AssertionError")]
        assert len(other) == 0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kept", [0.0, 0.5, 0.9, -1])
@pytest.mark.parametrize("partial", [False, True])
def test_a_file_that_was_cut_short(full, tmp_path, name, kept, partial):
    out = tmp_path / name
    write(full, out)
    data = out.read_bytes()
    out.write_bytes(data[: int(kept * len(data)) if kept >= 0 else -1])
    with Store(None) as other:
        with pytest.raises(StoreError, match=name) as caught:
            other.import_(out, partial=partial)
        assert type(caught.value) is StoreError
        assert len(other) == 0


def test_whole_lines_missing_are_noticed(full, tmp_path):
    out = tmp_path / "out.jsonl"
    write_json_lines(full, out)
    lines = out.read_text().splitlines(keepends=True)
    with Store(None) as other:
        for count in (len(lines) - 1, len(lines) + 1):
            out.write_text("".join([*lines, lines[1]][:count]))
            with pytest.raises(StoreError, match=f"promises 5 entries, {count - 1} whole ones"):
                other.import_(out, partial=True)
        assert len(other) == 0


@pytest.mark.parametrize(("name", "step"), [("out.jsonl.gz", 7), ("out.sqlite", 41)])
def test_a_flipped_byte(full, tmp_path, name, step):
    """Nothing wrong is taken: the export is refused, or what was hit is rejected."""
    out = tmp_path / name
    write(full, out)
    data = bytearray(out.read_bytes())
    for place in range(10, len(data), step):
        out.write_bytes(data[:place] + bytes([data[place] ^ 16]) + data[place + 1 :])
        with Store(None) as other:
            with contextlib.suppress(StoreError):
                if not other.import_(out).rejected:  # a byte that no answer needs
                    assert name == "out.sqlite"
                    assert everything(other) == everything(full)
                    continue
            assert len(other) == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "must be an export of the cache"),
        (b"hello\n", "must be an export of the cache"),
        (b"\xff\xfe\n", "must be an export of the cache"),
        (b"[]\n", "must be an export of the cache"),
        (b'{"format":"plrep-answers","version":2,"entries":0}\n', "export version 2, this"),
        (b'{"format":"plrep-answers","version":1}\n', "must say in its first line how many"),
        (gzip.compress(b"hello\n", mtime=0), "must be an export of the cache"),
        (b"\x1f\x8bnonsense", "damaged or was truncated"),
        (
            b"SQLite format 3\0nonsense",
            "is not an export of the cache, is damaged or was truncated",
        ),
    ],
)
def test_what_is_no_export(tmp_path, content, message):
    (tmp_path / "in").write_bytes(content)
    with Store(None) as store, pytest.raises(StoreError, match=message):
        store.import_(tmp_path / "in")


def test_a_device_without_end_is_not_read(tmp_path):
    with Store(tmp_path / "store.sqlite") as store:
        for take in (store.import_, store.recover):
            with pytest.raises(StoreError, match="must be a file, but it is a device"):
                take(Path("/dev/zero"))
        with pytest.raises(StoreError, match="must be a file, but it is a device, a pipe"):
            store.export(Path("/dev/null"))


def test_files_that_are_not_there_or_cannot_be_made(full, path, tmp_path):
    with pytest.raises(StoreError, match=r"none\.jsonl cannot be read: No such file"):
        full.import_(tmp_path / "none.jsonl")
    with pytest.raises(StoreError, match=r"out\.sqlite cannot be written: No such file"):
        full.export(tmp_path / "missing" / "out.sqlite")
    for action in (full.export, full.import_):
        with pytest.raises(StoreError, match="must be a file, but it is a folder"):
            action(tmp_path)
        with pytest.raises(StoreError, match="is the cache itself"):
            action(path)
    assert len(full) == len(VALUES)


def test_an_export_that_fails_leaves_the_old_file(full, tmp_path, monkeypatch):
    from toolkit.store import exchange as transfer

    out = tmp_path / "out.sqlite"
    out.write_text("old")

    def fail(_connection, _row):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(transfer, "insert_row", fail)
    with pytest.raises(StoreError, match="cannot be written: No space left on device"):
        full.export(out)
    assert out.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["out.sqlite"]
    assert full.get(full.keys()[0]) is not None


def test_an_export_is_one_file_to_be_read(full, tmp_path, sql):
    out = tmp_path / "shipped" / "answers.sqlite"
    out.parent.mkdir()
    assert full.export(out) == len(VALUES)
    assert sql(out, "PRAGMA journal_mode", "PRAGMA integrity_check") == [("delete",), ("ok",)]
    with Store(out, immutable=True) as shipped:
        assert everything(shipped) == everything(full)
        assert shipped.verify().checked == len(VALUES)
    assert [file.name for file in out.parent.iterdir()] == ["answers.sqlite"]


def test_a_database_of_another_program_is_no_export(tmp_path, sql):
    sql(tmp_path / "other.sqlite", "CREATE TABLE answers (x)")
    with (
        Store(None) as store,
        pytest.raises(StoreError, match=r"is not an export of the cache") as e,
    ):
        store.import_(tmp_path / "other.sqlite")
    assert type(e.value) is StoreError


def test_old_names_still_work(full, tmp_path, provenance):
    with pytest.warns(DeprecationWarning, match=r"is now Store.export\(\)"):
        assert full.compact_copy_to(tmp_path / "copy.sqlite") == len(VALUES)
    out = tmp_path / "answers.sqlite"
    entries = [(AnswerKey.of(f"C{i % 3}", "q"), i, provenance) for i in range(5)]
    with pytest.warns(DeprecationWarning, match="put the answers into Store"):
        assert write_compact(out, entries) == 3
    with Store(out, immutable=True) as store:
        assert {key.group: store.get(key).value for key in store} == {"C0": 3, "C1": 4, "C2": 2}
    with Store(out) as store:  # and it may be written like any other
        assert store.put(AnswerKey.of("C9", "q"), 1, provenance)
        assert len(store) == 4


@pytest.mark.parametrize("take", [Store.recover, Store.import_])
def test_nothing_is_taken_from_what_is_no_file(tmp_path, take):
    os.mkfifo(tmp_path / "pipe")
    with Store(None) as store, pytest.raises(StoreError, match="a pipe or a socket; first write"):
        take(store, tmp_path / "pipe")
