"""Elements written as GAP prints them: cycles from 1, and words in a presentation's generators."""

from __future__ import annotations

import pytest

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.library.modules.elements import element_images

S4 = tk.group("S4")
SQUARE = tk.group("<a, b | a^4, b^2, (a*b)^2>")


@pytest.mark.parametrize(
    ("texts", "images"),
    [
        (["(1,2)"], [[1, 0, 2, 3]]),
        (["()"], [[0, 1, 2, 3]]),
        (["(1,2)(3,4)", "(1,3)(2,4)"], [[1, 0, 3, 2], [2, 3, 0, 1]]),
        ([" ( 1 , 2 , 3 ) "], [[1, 2, 0, 3]]),
        (["(2,3,4)"], [[0, 2, 3, 1]]),
    ],
)
def test_cycles_are_the_image_lists(texts, images):
    one, other = S4.coset_module(texts), S4.coset_module(images)
    assert one.degree == other.degree
    assert one.multiplicities == other.multiplicities
    points = S4.natural_module()
    assert element_images(points, texts).tolist() == images
    assert element_images(points, images).tolist() == images


def test_words_of_a_presentation():
    points = SQUARE.coset_module(["b"])
    assert points.degree == 4
    assert SQUARE.coset_module(["a^2", "(a*b)^-1"]).degree == 2
    assert SQUARE.coset_module(["1"]).degree == 8
    words = [{"word": [0, 0, 1]}, {"word": [~1, 0]}, {"word": [~0, ~1, 0, 1]}]
    texts = ["a^2*b", "b^-1*a", "[a,b]"]
    assert element_images(points, texts).tolist() == element_images(points, words).tolist()


def test_they_restrict_and_induce():
    assert tk.restrict(S4.natural_module(), ["(1,2,3)"]).multiplicities == {"L0": 2, "L1": 1}
    images = ["(1,2,3)"]
    induced = tk.induce(tk.group("C3").regular_module(), S4, images)
    assert induced.degree == 24


@pytest.mark.parametrize(
    ("group", "texts", "words"),
    [
        (S4, ["(1,2"], "a cycle must go on with ',' or '\\)'"),
        (S4, ["(0,1)"], "points count from 1"),
        (S4, ["(1,2)(2,3)"], "the point 2 occurs twice"),
        (S4, ["(1,2) x"], "an element ends here"),
        (S4, ["a"], "cycles of points that count from 1"),
        (S4, ["12"], "cycles of points that count from 1"),
        (S4, [""], "cycles of points that count from 1"),
        (S4, "(1,2)", r"stand in a list, as in \['\(1,2\)\(3,4\)'\]"),
        (SQUARE, ["c"], "'c' is not among the generators"),
        (SQUARE, ["a^2 = b"], "an element ends here"),
        (tk.group("D8"), ["(1,3)"], "not permutations in GAP: .*'word'.*'pc'"),
        (tk.group("D8"), ["a"], "not permutations in GAP: .*'word'.*'pc'"),
        (tk.group("D8"), [{"perm": [1, 0]}], "not permutations in GAP: .*'word'.*'pc'"),
        (tk.group("D8"), [{"word": [9]}], "generators 0 to 1 of D8, or ~i for an inverse, not 9"),
        (S4, [{"word": [0, ~2]}], "generators 0 to 1 of S4"),
        (S4, ["(1,5)"], "one of those given does not lie in the group"),
        (tk.group("SL(2,3)"), ["(1,2)"], "one of those given does not lie in the group"),
    ],
)
def test_what_is_no_element_is_refused_in_one_sentence(group, texts, words):
    with pytest.raises(ModuleMismatchError, match=words):
        group.coset_module(texts)


def test_data_of_other_groups_still_serve():
    D8 = tk.group("D8")
    assert D8.coset_module([D8.facts.generators[0]]).degree == 2
    assert D8.coset_module([{"word": [0]}]).degree == 2
