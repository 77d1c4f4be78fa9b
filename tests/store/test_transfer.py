import contextlib
import gzip
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from toolkit.errors import StoreError
from toolkit.store import AnswerKey, Provenance, Store, write_compact

VALUES = [None, [1, [2.5, "é\n"]], {"b": 1, "a": [10**40]}, "", True]


@pytest.fixture
def full(path, provenance):
    with Store(path) as store:
        for i, value in enumerate(VALUES):
            store.put(AnswerKey.of(f"C{9 - i}", "q", {"i": i}), value, provenance)
        yield store


def everything(store):
    return {key: store.get(key) for key in store}


def edit_line(path, number, change):
    lines = path.read_text().splitlines(keepends=True)
    lines[number - 1] = change(lines[number - 1])
    path.write_text("".join(lines))


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_round_trip(full, tmp_path, name):
    out = tmp_path / name
    assert full.export(out) == len(VALUES)
    assert (out.read_bytes()[:2] == b"\x1f\x8b") == name.endswith(".gz")
    if name.endswith(".gz"):
        assert out.read_bytes()[3:8] == b"\0" * 5  # neither a name nor a time inside
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == [name]
    with Store(tmp_path / "other.sqlite") as other:
        report = other.import_(out)
        assert (report.added, report.already_there, report.rejected) == (len(VALUES), 0, ())
        assert everything(other) == everything(full)
        again = other.import_(out)
        assert (again.added, again.already_there) == (0, len(VALUES))


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
    out = tmp_path_factory.mktemp("out") / "out.jsonl"
    with Store(None) as store, Store(None) as other:
        for group, value in entries.items():
            store.put(AnswerKey.of(group, "q"), value, Provenance())
        assert store.export(out) == len(entries)
        assert other.import_(out).added == len(entries)
        assert everything(other) == everything(store)


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz", "out.sqlite"])
def test_equal_answers_give_equal_bytes(full, tmp_path, provenance, name):
    def write(store, out):
        (store.compact_copy_to if name.endswith("sqlite") else store.export)(out)
        return out.read_bytes()

    with Store(tmp_path / "twin.sqlite") as twin:
        for key in reversed(full.keys()):
            twin.put(key, "first something else", Provenance())
            twin.put(key, full.get(key).value, provenance)
        (tmp_path / "a").mkdir()
        assert write(twin, tmp_path / "a" / name) == write(full, tmp_path / name)


def test_the_form_of_an_export(full, tmp_path):
    full.export(tmp_path / "out.jsonl")
    header, *lines = map(json.loads, (tmp_path / "out.jsonl").read_text().splitlines())
    assert header == {"format": "plrep-answers", "version": 1, "entries": 5}
    assert [line["group"] for line in lines] == ["C5", "C6", "C7", "C8", "C9"]
    checksum = lines[4].pop("checksum")
    assert len(bytes.fromhex(checksum)) == 32
    assert lines[4] == {
        "group": "C9",
        "question": "q",
        "arguments": '{"i":0}',
        "version": 1,
        "value": None,
        "gap_version": "4.16.1",
        "packages": {"ctbllib": "1.3.9"},
        "script_hash": "ab12",
        "seconds": 0.25,
        "created": "2026-01-31T12:00:00Z",
    }


def test_damaged_rows_are_left_out_and_reported(full, path, tmp_path, sql):
    key = full.keys()[2]
    full.close()
    sql(path, "UPDATE answers SET payload = x'00' WHERE group_key = 'C7'")
    with Store(path) as store:
        assert store.export(tmp_path / "out.jsonl") == 4
        assert store.damaged == [key]
    with Store(path) as store, Store(None) as other:
        assert store.compact_copy_to(tmp_path / "copy.sqlite") == 4
        assert store.damaged == [key]
        assert other.import_(tmp_path / "out.jsonl").added == 4


def test_import_repairs_a_damaged_row(full, path, tmp_path, sql):
    full.export(tmp_path / "out.jsonl")
    wanted = everything(full)
    full.close()
    sql(path, "UPDATE answers SET payload = x'00' WHERE group_key = 'C7'")
    with Store(path) as store:
        report = store.import_(tmp_path / "out.jsonl")
        assert (report.added, report.already_there) == (1, 4)
        assert everything(store) == wanted


def changed(**fields):
    return lambda line: json.dumps({**json.loads(line), **fields}) + "\n"


BAD_LINES = {
    "value": (changed(value=[1]), "its checksum does not hold"),
    "group": (changed(group="C99"), "its checksum does not hold"),
    "seconds": (changed(seconds=9), "its checksum does not hold"),
    "empty group": (changed(group=""), "group must be text"),
    "arguments": (changed(arguments="{ }"), "must be canonical JSON"),
    "packages": (changed(packages=[]), "packages must be a record"),
    "created": (changed(created=3), "created must be a time in UTC"),
    "unknown field": (changed(extra=1), "it must be a record of"),
    "not JSON": (lambda _line: "{nonsense\n", "it is not JSON"),
    "not a record": (lambda _line: "[]\n", "it must be a record of"),
    "NaN": (lambda line: line.replace("0.25", "NaN"), "seconds must be a time"),
    "deep": (lambda _line: "[" * 100_000 + "\n", "it is not JSON"),
}


@pytest.mark.parametrize("case", BAD_LINES)
def test_a_bad_line_is_rejected_and_nothing_is_written(full, tmp_path, case):
    out = tmp_path / "out.jsonl"
    full.export(out)
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
    full.export(out)
    second = out.read_text().splitlines(keepends=True)[1]
    edit_line(out, 3, lambda _line: second)
    with Store(None) as other:
        (rejected,) = other.import_(out).rejected
        assert (rejected.line, rejected.reason) == (3, "it repeats the key of line 2")


def test_a_law_that_fails_rejects_the_line(full, tmp_path):
    full.export(tmp_path / "out.jsonl")

    def law(key, value):
        if value is None:
            raise AssertionError

    with Store(None) as other:
        report = other.import_(tmp_path / "out.jsonl", check=law)
        assert [(line.line, line.reason) for line in report.rejected] == [(6, "AssertionError")]
        assert len(other) == 0


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
@pytest.mark.parametrize("kept", [0.0, 0.5, 0.9, -1])
@pytest.mark.parametrize("partial", [False, True])
def test_a_file_that_was_cut_short(full, tmp_path, name, kept, partial):
    out = tmp_path / name
    full.export(out)
    data = out.read_bytes()
    out.write_bytes(data[: int(kept * len(data)) if kept >= 0 else -1])
    with Store(None) as other:
        with pytest.raises(StoreError, match=name) as caught:
            other.import_(out, partial=partial)
        assert type(caught.value) is StoreError
        assert len(other) == 0


def test_whole_lines_missing_are_noticed(full, tmp_path):
    out = tmp_path / "out.jsonl"
    full.export(out)
    lines = out.read_text().splitlines(keepends=True)
    with Store(None) as other:
        for count in (len(lines) - 1, len(lines) + 1):
            out.write_text("".join([*lines, lines[1]][:count]))
            with pytest.raises(StoreError, match=f"promises 5 entries, {count - 1} whole ones"):
                other.import_(out, partial=True)
        assert len(other) == 0


def test_a_flipped_byte_in_a_compressed_export(full, tmp_path):
    out = tmp_path / "out.jsonl.gz"
    full.export(out)
    data = bytearray(out.read_bytes())
    for place in range(10, len(data), 7):
        out.write_bytes(data[:place] + bytes([data[place] ^ 16]) + data[place + 1 :])
        with Store(None) as other:
            with contextlib.suppress(StoreError):
                assert other.import_(out).rejected
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
        (b"\x1f\x8bnonsense", "damaged or was cut short"),
    ],
)
def test_what_is_no_export(tmp_path, content, message):
    (tmp_path / "in").write_bytes(content)
    with Store(None) as store, pytest.raises(StoreError, match=message):
        store.import_(tmp_path / "in")


def test_files_that_are_not_there_or_cannot_be_made(full, path, tmp_path):
    with pytest.raises(StoreError, match=r"none\.jsonl cannot be read: No such file"):
        full.import_(tmp_path / "none.jsonl")
    with pytest.raises(StoreError, match=r"out\.jsonl cannot be written: No such file"):
        full.export(tmp_path / "missing" / "out.jsonl")
    with pytest.raises(StoreError, match=r"out\.sqlite cannot be written: unable to open"):
        full.compact_copy_to(tmp_path / "missing" / "out.sqlite")
    for action in (full.export, full.import_, full.compact_copy_to):
        with pytest.raises(StoreError, match="must be a file, but it is a folder"):
            action(tmp_path)
        with pytest.raises(StoreError, match="is the cache itself"):
            action(path)
    assert len(full) == len(VALUES)


def test_an_export_that_fails_leaves_the_old_file(full, tmp_path, monkeypatch):
    from toolkit.store import transfer

    out = tmp_path / "out.jsonl"
    out.write_text("old")

    def fail(_row):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(transfer, "_line", fail)
    with pytest.raises(StoreError, match="cannot be written: No space left on device"):
        full.export(out)
    assert out.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["out.jsonl"]
    assert full.get(full.keys()[0]) is not None


def test_a_compact_copy_is_one_file_to_be_read(full, tmp_path, sql):
    out = tmp_path / "shipped" / "answers.sqlite"
    out.parent.mkdir()
    assert full.compact_copy_to(out) == len(VALUES)
    assert sql(out, "PRAGMA journal_mode", "PRAGMA integrity_check") == [("delete",), ("ok",)]
    with Store(out, immutable=True) as shipped:
        assert everything(shipped) == everything(full)
        assert shipped.verify().checked == len(VALUES)
    assert [file.name for file in out.parent.iterdir()] == ["answers.sqlite"]


def test_write_compact(tmp_path, provenance):
    out = tmp_path / "answers.sqlite"
    entries = [(AnswerKey.of(f"C{i % 3}", "q"), i, provenance) for i in range(5)]
    assert write_compact(out, entries) == 3
    with Store(out, immutable=True) as store:
        assert {key.group: store.get(key).value for key in store} == {"C0": 3, "C1": 4, "C2": 2}
    with pytest.raises(StoreError, match="must be JSON data"):
        write_compact(out, [(AnswerKey.of("C4", "q"), {1}, provenance)])
    with Store(out) as store:  # and it may be written like any other
        assert store.put(AnswerKey.of("C9", "q"), 1, provenance)
        assert len(store) == 4
