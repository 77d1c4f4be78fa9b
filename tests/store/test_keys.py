import dataclasses

import pytest

from toolkit.store import AnswerKey, Provenance
from toolkit.store.keys import canonical_json


def test_equal_arguments_give_equal_keys():
    assert AnswerKey.of("C4", "q", {"a": 1, "b": (2,)}) == AnswerKey.of(
        "C4", "q", {"b": [2], "a": 1}
    )
    assert AnswerKey.of("C4", "q", {"a": 1}) != AnswerKey.of("C4", "q", {"a": True})


@pytest.mark.parametrize("field", ["group", "question", "arguments", "version"])
def test_each_field_tells_keys_apart(field):
    key = AnswerKey("C4", "q", "[1]", 1)
    other = {"group": "C5", "question": "r", "arguments": "[2]", "version": 2}[field]
    assert dataclasses.replace(key, **{field: other}) != key


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"group": ""}, "group must be text that can be printed, not ''"),
        ({"group": "C4\n"}, r"group must be text that can be printed, not 'C4\\n'"),
        ({"group": "C\ud800"}, "group must be text"),
        ({"question": 3}, "question must be text that can be printed, not 3"),
        ({"arguments": "{'a':1}"}, "arguments of a key must be canonical JSON"),
        ({"arguments": '{"b":1,"a":2}'}, "arguments of a key must be canonical JSON"),
        ({"arguments": "NaN"}, "arguments of a key must be canonical JSON"),
        ({"version": -1}, "version of a key must be a non-negative integer, not -1"),
        ({"version": True}, "version of a key must be a non-negative integer, not True"),
    ],
)
def test_a_bad_key_says_what_is_wrong(change, message):
    fields = {"group": "C4", "question": "q", "arguments": "null", "version": 1, **change}
    with pytest.raises(ValueError, match=message):
        AnswerKey(**fields)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gap_version": "4\x00"}, "gap_version must be text that can be printed"),
        ({"packages": {"ctbllib": 1}}, "packages must map names to versions"),
        ({"seconds": -1}, "seconds must be a non-negative time, not -1.0"),
        ({"seconds": float("nan")}, "seconds must be a non-negative time, not nan"),
        ({"created": "2026-01-31"}, "created must be a time in UTC"),
        ({"created": "2026-01-31T12:00:00+02:00"}, "created must be a time in UTC"),
        ({"created": 7}, "created must be a time in UTC"),
    ],
)
def test_a_bad_provenance_says_what_is_wrong(change, message):
    with pytest.raises(ValueError, match=message):
        Provenance(**change)


def test_provenance_is_stamped_now_and_can_be_hashed():
    assert Provenance().created > "2025-01-01"
    assert len({Provenance(packages={"a": "1"}, created="2026-01-31T12:00:00Z")}) == 1


def test_canonical_json_refuses_what_is_not_a_number():
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(float("inf"))
