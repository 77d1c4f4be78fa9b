"""Specifications of groups: names and JSON there and back, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.errors import NamingError
from toolkit.groups.parsing.grammar import parse_group
from toolkit.groups.specs import families, generated, tree
from toolkit.groups.specs.base import GroupSpec, check_length
from toolkit.groups.specs.tree import direct_product, spec_from_json

if TYPE_CHECKING:
    from collections.abc import Callable


# Random specs.


def _words(generators: int) -> st.SearchStrategy[tuple[tuple[int, int], ...]]:
    syllable = st.tuples(
        st.integers(0, generators - 1), st.integers(-5, 5).filter(lambda e: e != 0)
    )
    return st.lists(syllable, min_size=1, max_size=6).map(_reduced).filter(bool)


def _reduced(word: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    out: list[tuple[int, int]] = []
    for generator, exponent in word:
        power = exponent
        if out and out[-1][0] == generator:
            power += out.pop()[1]
        if power:
            out.append((generator, power))
    return tuple(out)


@st.composite
def presentations(draw: st.DrawFn) -> generated.Presentation:
    names = draw(
        st.lists(
            st.from_regex("[A-Za-z][A-Za-z0-9_]{0,3}", fullmatch=True),
            min_size=1,
            max_size=4,
            unique=True,
        )
    )
    words = draw(st.lists(_words(len(names)), max_size=4))
    powers = draw(st.lists(_words(len(names)).map(lambda word: _reduced([*word, *word])),
                           max_size=2))  # fmt: skip
    finite = [((index, draw(st.integers(1, 9))),) for index in range(len(names))]
    return generated.Presentation(tuple(names), (*words, *filter(None, powers), *finite))


@st.composite
def permutations(draw: st.DrawFn) -> generated.Permutations:
    degree = draw(st.integers(1, 9))
    images = draw(st.lists(st.permutations(range(degree)).map(tuple), min_size=1, max_size=3))
    return generated.Permutations(degree, tuple(images))


@st.composite
def matrices(draw: st.DrawFn) -> generated.Matrices:
    field = draw(st.sampled_from([2, 3, 4, 5, 8, 9, 25, 65521]))
    degree = draw(st.integers(1, 4))
    out = []
    for _ in range(draw(st.integers(1, 3))):
        rows = [
            [
                draw(st.integers(1, field - 1)) if i == j
                else draw(st.integers(0, field - 1)) if i < j else 0
                for j in range(degree)
            ]
            for i in range(degree)
        ]  # fmt: skip
        out.append(tuple(map(tuple, draw(st.permutations(rows)))))
    return generated.Matrices(field, degree, tuple(out))


NUMBERS = st.integers(1, 1000)


def one(word: str) -> Callable[[int], GroupSpec]:
    return lambda number: families.Family(word, (number,))


PARTS: st.SearchStrategy[GroupSpec] = st.one_of(
    st.builds(one("C"), NUMBERS),
    st.builds(one("D"), st.integers(2, 1000).map(lambda n: 2 * n)),
    st.builds(one("Q"), st.integers(3, 29).map(lambda k: 2**k)),
    st.builds(one("S"), NUMBERS),
    st.builds(one("A"), NUMBERS),
    st.builds(
        lambda word, *numbers: families.Family(word, numbers),
        st.sampled_from(["AGL", "ASL", "GL", "PGL", "PSL", "SL"]),
        NUMBERS,
        st.sampled_from([2, 3, 4, 9, 49, 65521]),
    ),
    st.builds(one("M"), st.sampled_from([11, 12, 22, 23, 24])),
    st.builds(lambda *n: families.Family("SmallGroup", n), NUMBERS, NUMBERS),
    st.builds(lambda *n: families.Family("TransitiveGroup", n), NUMBERS, NUMBERS),
    st.builds(lambda *n: families.Family("PrimitiveGroup", n), NUMBERS, NUMBERS),
    permutations(),
    presentations(),
    matrices(),
)
SPECS: st.SearchStrategy[GroupSpec] = st.one_of(
    st.recursive(
        PARTS,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(direct_product),
            st.builds(tree.Wreath, inner, inner),
        ),
        max_leaves=8,
    ),
    st.builds(families.Table, st.sampled_from(["M", "2.M12", "U3(3).2", "(A4xO8+(3).3):2"])),
)


@settings(deadline=None)
@given(SPECS)
def test_round_trip(spec: GroupSpec) -> None:
    assert parse_group(spec.name) == spec
    assert parse_group(spec.name).name == spec.name
    data = json.loads(json.dumps(spec.to_json()))
    assert spec_from_json(data) == spec
    assert hash(spec_from_json(data)) == hash(spec)
    assert spec_from_json(data).to_json() == spec.to_json()


@settings(deadline=None)
@given(SPECS, SPECS)
def test_equal_exactly_when_named_alike(a: GroupSpec, b: GroupSpec) -> None:
    assert (a == b) == (a.name == b.name) == (a.to_json() == b.to_json())


@settings(deadline=None)
@given(SPECS, st.data())
def test_white_space_is_free(spec: GroupSpec, data: st.DataObject) -> None:
    parts = spec.name.split(" ")
    spaces = [data.draw(st.sampled_from([" ", "  ", "\n", "\t "])) for _ in parts]
    assert parse_group("".join(p + s for p, s in zip(parts, spaces, strict=True))) == spec


# JSON that is not canonical.

TOO_DEEP: dict[str, Any] = {"kind": "cyclic", "order": 2}
for _ in range(10_000):
    TOO_DEEP = {"kind": "wreath", "base": TOO_DEEP, "top": {"kind": "cyclic", "order": 2}}
NESTED: list[Any] = []
for _ in range(100_000):
    NESTED = [NESTED]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "this is not the JSON of a group"),
        ([], "this is not the JSON of a group"),
        ("C8", "this is not the JSON of a group"),
        ({}, "this is not the JSON of a group"),
        ({"kind": "cyclical", "order": 8}, "this is not the JSON of a group"),
        ({"kind": "cyclic"}, "fields missing ['order'], unknown []"),
        ({"kind": "cyclic", "order": 8, "index": 1}, "unknown ['index']"),
        ({"kind": "cyclic", "order": "8"}, "cyclic.order must be int, not '8'"),
        ({"kind": "cyclic", "order": True}, "must be int, not True"),
        ({"kind": "cyclic", "order": 8.0}, "must be int, not 8.0"),
        ({"kind": "cyclic", "order": 10**5000}, "the order of a cyclic group must be 1 to"),
        ({"kind": "cyclic", "order": [10**5000]}, "this is not the JSON of a group"),
        ({"kind": "unknown", "order": 10**5000}, "this is not the JSON of a group"),
        ({"kind": "cyclic", "order": NESTED}, "this is not the JSON of a group"),
        ({"kind": "cyclic", 1: 8}, "the keys of JSON are texts"),
        (NESTED, "this is not the JSON of a group"),
        (TOO_DEEP, "products are nested more than 64 deep"),
        ({"kind": "product", "factors": []}, "this is not the JSON of a group"),
        ({"kind": "product", "factors": [{"kind": "cyclic", "order": 2}]}, "not the JSON"),
        ({"kind": "product", "factors": [{"kind": "cyclic", "order": 2}] * 65}, "at most 64"),
        ({"kind": "product", "factors": [{"kind": "table", "name": "M"}] * 2}, "only the char"),
        ({"kind": "table", "name": 5}, "this is not the JSON of a group"),
        ({"kind": "table", "table": "M"}, "this is not the JSON of a group"),
        ({"kind": "table", "name": 'M"'}, "a table's name consists of"),
        ({"kind": "table", "name": ")("}, "the parentheses in the table's name do not match"),
        ({"kind": "linear", "family": "Sp", "degree": 2, "field": 2}, "the families are AGL"),
        ({"kind": "permutations", "degree": 2, "images": []}, "at least one generator is needed"),
        ({"kind": "permutations", "degree": 0, "images": [[]]}, "the degree must be 1 to 500,000"),
        ({"kind": "permutations", "degree": 2, "images": [[0, 1, 2]]}, "has 3 entries instead of"),
        ({"kind": "permutations", "degree": 2, "images": [[0, 0]]}, "has the value 0 twice"),
        ({"kind": "permutations", "degree": 2, "images": [[1, 2]]}, "points count from 0"),
        ({"kind": "permutations", "degree": 10**5, "images": [[0]] * 101}, "more than 10,000,000"),
        ({"kind": "presentation", "generators": [], "relators": []}, "1 to 50 generators"),
        ({"kind": "presentation", "generators": ["a b"], "relators": []}, "name is a letter and"),
        ({"kind": "presentation", "generators": ["a", "a"], "relators": []}, "the same name"),
        ({"kind": "presentation", "generators": ["a"], "relators": []}, "the group is infinite"),
        ({"kind": "presentation", "generators": ["a"], "relators": [[]]}, "relator 0 (counted"),
        ({"kind": "presentation", "generators": ["a"], "relators": [[[1, 2]]]}, "outside 0 to 0"),
        ({"kind": "presentation", "generators": ["a"], "relators": [[[0, 0]]]}, "freely reduced"),
        ({"kind": "presentation", "generators": ["a"], "relators": [[[0, 1], [0, 1]]]}, "freely"),
        ({"kind": "presentation", "generators": ["a"], "relators": [[[0, 10**5]]]}, "more than"),
        ({"kind": "presentation", "generators": ["a"], "relators": [[[0, 1]]] * 1001}, "at most"),
        ({"kind": "matrices", "field": 6, "degree": 1, "matrices": [[[1]]]}, "a prime power"),
        ({"kind": "matrices", "field": 0, "degree": 1, "matrices": [[[1]]]}, "must be 2 to"),
        ({"kind": "matrices", "field": 2, "degree": 1, "matrices": []}, "at least one matrix"),
        ({"kind": "matrices", "field": 2, "degree": 0, "matrices": [[]]}, "1 to 100 rows"),
        ({"kind": "matrices", "field": 2, "degree": 100, "matrices": [[]] * 11}, "more than"),
        ({"kind": "matrices", "field": 2, "degree": 2, "matrices": [[[1]]]}, "is not 2 x 2"),
        ({"kind": "matrices", "field": 4, "degree": 1, "matrices": [[[4]]]}, "outside 0 to 3"),
        ({"kind": "matrices", "field": 5, "degree": 1, "matrices": [[[0]]]}, "not invertible"),
    ],
)
def test_json_error(data: object, message: str) -> None:
    with pytest.raises(NamingError) as caught:
        spec_from_json(data)
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_nested_products_in_json_are_flattened() -> None:
    inner = {"kind": "product", "factors": [{"kind": "cyclic", "order": 2}] * 2}
    spec = spec_from_json({"kind": "product", "factors": [inner, inner]})
    assert spec == parse_group("C2^4")


def test_product_must_be_flat_and_proper() -> None:
    two = families.Family("C", (2,))
    with pytest.raises(NamingError, match="at least two factors"):
        tree.Product((two,))
    with pytest.raises(NamingError, match="must not be a direct product itself"):
        tree.Product((two, tree.Product((two, two))))
    with pytest.raises(NamingError, match="at least two factors"):
        direct_product([])


def test_names_too_long_to_be_read_are_refused() -> None:
    backwards = tuple(range(99_999, -1, -1))
    spec = generated.Permutations(100_000, (backwards,) * 3)
    with pytest.raises(NamingError, match="written out it has more than 1,000,000 characters"):
        check_length(spec)
    assert parse_group(generated.Permutations(1000, (backwards[-1000:],)).name)


def test_specs_are_immutable_and_slotted() -> None:
    spec = families.Family("C", (8,))
    with pytest.raises(AttributeError):
        spec.numbers = (9,)  # type: ignore[misc]
    assert not hasattr(spec, "__dict__")
    same_fields: list[GroupSpec] = [families.Family("S", (8,)), families.Family("A", (8,))]
    assert same_fields[0] != same_fields[1]


def test_naming_imports_nothing_heavy() -> None:
    code = (
        "import sys, toolkit.groups.parsing.grammar, toolkit.groups.from_data;"
        "print([m for m in ('numpy', 'networkx', 'scipy', 'difflib') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
