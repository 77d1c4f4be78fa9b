"""A module and its specification: JSON and text, there and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.modules.module import direct_sum
from toolkit.modules.specification import MOST_ENTRIES, parse_specification

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.modules.module import Module

MODULES: dict[str, tuple[str, Callable[[tk.Group], Module]]] = {
    "regular": ("S4", lambda G: G.regular_module()),
    "natural": ("S4", lambda G: G.natural_module()),
    "several orbits": ("<(1,2,3),(4,6)>", lambda G: G.natural_module()),
    "one of several orbits": ("<(1,2,3),(4,6)>", lambda G: G.natural_module().orbits[1]),
    "cosets of a class": ("S4", lambda G: G.coset_module("H4b")),
    "cosets of generators": ("S4", lambda G: G.coset_module([[1, 0, 2, 3]])),
    "images": ("C4", lambda G: G.module_from_images([[1, 0, 3, 2]], "two swaps")),
    "sum": ("S4", lambda G: G.natural_module() + G.regular_module() + G.natural_module()),
    "product": ("S4", lambda G: G.natural_module() * G.coset_module("H4b")),
    "power": ("S4", lambda G: G.natural_module() ** 3),
    "power of a sum": ("S4", lambda G: (G.natural_module() + G.coset_module("H8a")) ** 2),
    "no power": ("S4", lambda G: G.natural_module() ** 0),
    "outer product": (
        "C4 x C6",
        lambda G: tk.group("C4").natural_module().outer(tk.group("C6").regular_module()),
    ),
    "signed images": ("C4", lambda G: tk.SignedModule.from_signs(G, [[1, 0]], [[1, -1]])),
    "signed cosets": (
        "S4",
        lambda G: G.signed_coset_module("H8a", [[0, 3, 2, 1], [2, 3, 0, 1]]),
    ),
    "all signs +": ("S4", lambda G: tk.SignedModule.from_permutation(G.natural_module() ** 2)),
    "signed sum": ("S4", lambda G: G.natural_module() + G.module("signed(H24a, H12a)")),
    "signed product": ("S4", lambda G: G.coset_module("H8a") * G.module("signed(H24a, H12a)")),
    "equal summands": ("S4", lambda G: direct_sum(*[G.coset_module("H4b")] * 60)),
    "equal signed summands": ("S4", lambda G: direct_sum(*[G.module("signed(H24a, H12a)")] * 60)),
    "outer product with a product": (
        "C4 x C2 x C3",
        lambda G: tk.group("C4 x C2").natural_module().outer(tk.group("C3").natural_module()),
    ),
    "sum of outer products": (
        "C4 x C2 x C3",
        lambda G: direct_sum(
            *[tk.group("C4 x C2").regular_module().outer(tk.group("C3").natural_module())] * 2
        ),
    ),
    "signed outer product": (
        "C4 x C2",
        lambda G: tk.SignedModule.from_signs(tk.group("C4"), [[1, 0]], [[1, -1]]).outer(
            tk.group("C2").natural_module()
        ),
    ),
}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_made_again_from_its_json(name: str) -> None:
    group, make = MODULES[name]
    G = tk.group(group)
    X = make(G)
    data = json.loads(json.dumps(X.specification))
    Y = G.module(data)
    assert type(Y) is type(X)
    assert Y.name == X.name
    assert np.array_equal(Y.images, X.images)
    assert np.array_equal(Y.signs, X.signs)
    assert Y.specification == X.specification
    assert X == Y


def test_a_cover_is_made_again_by_its_images() -> None:
    G = tk.group("S3")
    V = G.module("signed(H6a, H3a)")
    assert isinstance(V, tk.SignedModule)
    cover = (V * V).cover
    assert cover.specification["module"] == "images"
    assert np.array_equal(G.module(cover.specification).images, cover.images)


TEXTS: dict[str, Callable[[tk.Group], Module]] = {
    "regular": lambda G: G.regular_module(),
    " Regular ": lambda G: G.regular_module(),
    "points": lambda G: G.natural_module(),
    "natural": lambda G: G.natural_module(),
    "orbit 1": lambda G: G.natural_module(),
    "H4a": lambda G: G.coset_module("H4a"),
    "N1": lambda G: G.coset_module("N1"),
    "points^2": lambda G: G.natural_module() ** 2,
    "points^2*H4a + N1": lambda G: (
        G.natural_module() ** 2 * G.coset_module("H4a") + G.coset_module("N1")
    ),
    "(points + H4a)^2": lambda G: (G.natural_module() + G.coset_module("H4a")) ** 2,
    "points + points + points": lambda G: direct_sum(*[G.natural_module()] * 3),
}


@pytest.mark.parametrize("text", TEXTS)
def test_texts(text: str) -> None:
    G = tk.group("S4")
    assert G.module(text) == TEXTS[text](G)


def test_factors_of_a_direct_product() -> None:
    G = tk.group("C4 x C6")
    found = G.module("points x regular + points x points")
    four, six = tk.group("C4").natural_module(), tk.group("C6")
    assert found == four.outer(six.regular_module()) + four.outer(six.natural_module())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a module is required, found 'the end' at character 1"),
        ("point", "a module is required, found 'point' at character 1"),
        ("points +", "a module is required, found 'the end' at character 9"),
        ("points points", "the end is required, found 'points' at character 7"),
        ("points^", "an exponent is required, found 'the end'"),
        ("points^-1", "an exponent is required, found '-'"),
        ("points^9999999999", "an exponent is required, found '9999999999'"),
        ("(points", r"'\)' is required, found 'the end'"),
        ("points ! regular", "a sign that has no meaning here stands at character 7"),
        ("signed(H4a)", r"',' is required, found '\)'"),
        ("signed(4, H2a)", "a subgroup's label is required, found '4'"),
        ("orbit", "the orbit's number, from 1, is required, found 'the end'"),
        ("orbit 2", "has orbits 1 to 1 on its 4 points, not 2"),
        ("H99z", "none called 'H99z'"),
        ("points x points", "S4 has no factors"),
        ("(" * 100 + "points" + ")" * 100, "brackets deeper than 60"),
        ("regular + " * 2000 + "regular", "at most 10000 characters"),
    ],
)
def test_what_names_no_module(text: str, message: str) -> None:
    with pytest.raises(ModuleMismatchError, match=message):
        tk.group("S4").module(text)


def nested(depth: int) -> Any:
    data: Any = {"module": "regular"}
    for _ in range(depth):
        data = {"module": "power", "of": data, "exponent": 1}
    return data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "needs the key 'module' with one of regular, natural"),
        ({"module": "irregular"}, "needs the key 'module'"),
        ({"module": ["regular"]}, "needs the key 'module'"),
        ({"module": "power", "of": {"module": "natural"}}, "needs the keys of, exponent"),
        ({"module": "regular", "points": 3}, "may have no other, found .*'points': 3"),
        ({"module": "power", "of": {"module": "natural"}, "exponent": "2"}, "integer is"),
        ({"module": "power", "of": {"module": "natural"}, "exponent": True}, "integer is"),
        ({"module": "copies", "of": {"module": "natural"}, "number": 0}, "from 1 is required"),
        ({"module": "orbit", "point": float("inf")}, "integer is required for 'point'"),
        ({"module": "orbit"}, "a value of the wrong kind"),
        ({"module": "images"}, "needs the key 'images'"),
        ({"module": "outer product", "of": [], "groups": ["C4"]}, "must make up S4"),
        ({"module": "cosets", "subgroup": [], "name": "a\nb"}, "printable letters"),
        ({"module": "cosets", "subgroup": [], "name": "\udcff"}, "printable letters"),
        ({"module": "sum", "of": {}}, "a list of one or more modules is required in 'sum'"),
        ({"module": "sum", "of": []}, "a list of one or more modules"),
        ({"module": "orbit", "point": 4}, "acts on points 0 to 3, not on 4"),
        ({"module": "orbit", "point": "x"}, "integer is required for 'point'"),
        ({"module": "cosets", "subgroup": 3}, "list of generators"),
        ({"module": "cosets", "subgroup": [], "name": 5}, "name must be a string"),
        (
            {"module": "sum", "of": [{"module": "natural"}], "points": [[0, 1, 2, 2]]},
            "must be 0 to 3, each once",
        ),
        (
            {"module": "images", "images": [[1, 0, 2, 3]] * 2, "sha256": "0"},
            "do not have the digest 0",
        ),
        (nested(100), "at most 60 deep"),
        (nested(5000), "at most 60 deep"),
    ],
)
def test_what_is_no_specification(data: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        tk.group("S4").module(data)


def test_the_number_of_points_is_bounded_before_they_are_made() -> None:
    G = tk.group("S4")
    for text in ("points^20", "regular^9 * points", "regular + regular", "points^999999999"):
        with pytest.raises(NotAvailable, match=r"points, more than the 30 that most= allows"):
            G.module(text, most=30)
    assert G.module("regular + points", most=30).degree == 28
    many = {"module": "copies", "of": {"module": "regular"}, "number": 10**6}
    for one in (many, {"module": "power", "of": G.module("N0").specification, "exponent": 10**6}):
        with pytest.raises(NotAvailable, match=r"1000000 (summands|factors)|more than the"):
            G.module(one)
    monster = tk.group("Table(M)").regular_module()
    assert tk.group("Table(M)").module(monster.specification) == monster
    with pytest.raises(NotAvailable, match="more than the 100 that"):
        tk.group("S5").module("regular", most=100)


def test_many_images_leave_their_digest() -> None:
    n = MOST_ENTRIES + 1
    images = np.roll(np.arange(n), -1)[None]
    G = tk.group(f"C{n}")
    X = G.module_from_images(images, "a long cycle")
    data = X.specification
    assert "images" not in data
    with pytest.raises(NotAvailable, match=r"the module a long cycle.*only a digest"):
        G.module(data)
    with pytest.raises(ModuleMismatchError, match="digest"):
        G.module({**data, "images": np.roll(images, 1).tolist()})
    assert G.module({**data, "images": images.tolist()}) == X


def test_the_grammar_is_that_of_the_documentation() -> None:
    assert parse_specification("points + H4a * N1^2") == {
        "module": "sum",
        "of": [
            {"module": "natural"},
            {
                "module": "product",
                "of": [
                    {"module": "cosets", "subgroup": "H4a"},
                    {
                        "module": "power",
                        "of": {"module": "cosets", "subgroup": "N1"},
                        "exponent": 2,
                    },
                ],
            },
        ],
    }
