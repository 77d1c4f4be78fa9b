"""The converter for points of regular modules, against netket 3.23.0 and plain GAP."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from plain_gap import said_by_gap

import toolkit as tk

DATA = json.loads(Path(__file__).with_name("netket_layers.json").read_text())
PAGE = Path(__file__).parents[2] / "docs" / "coming_from" / "conventions.md"


@pytest.fixture(scope="module")
def point_order():
    """Return the function of the page."""
    (cell,) = re.findall(
        r"```\{code-cell\} python\n(def point_order.*?)\n\nS3 =", PAGE.read_text("utf-8"), re.DOTALL
    )
    names = {"np": np}
    exec(cell, names)
    return names["point_order"]


def _group(elements):
    """Return the group of the sites by two of its elements, and which they are."""
    for pair in combinations(range(1, len(DATA["sites"])), 2):
        G = tk.group_from_permutations([DATA["sites"][i] for i in pair])
        if G.order == elements:
            return G, pair
    raise AssertionError


def test_layers_of_netket(point_order):
    G, pair = _group(8)
    L, R = G.natural_module(), G.regular_module()
    assert np.array_equal(L.images, [DATA["sites"][i] for i in pair])
    order = point_order([DATA["product_table"][i] for i in pair], R.images)
    first, second = np.zeros((8, 4)), np.zeros((8, 8))
    first[order] = DATA["first"]
    second[np.ix_(order, order)] = DATA["second"]
    for here, there in zip(L.matrices, R.matrices, strict=True):
        assert np.array_equal(first @ here, there @ first)
        assert np.array_equal(second @ there, there @ second)
    # all weights are different there, and as many as here
    assert len(np.unique(first)) == tk.hom_dimension(L, R) == 4
    assert len(np.unique(second)) == tk.hom_dimension(R, R) == 8
    # in netket's own order of the elements it is no layer of ours
    assert any(
        not np.array_equal(np.array(DATA["second"]) @ there, there @ np.array(DATA["second"]))
        for there in R.matrices
    )


@pytest.mark.gap
@pytest.mark.parametrize(
    "generators",
    ["(1,2,3),(1,2)", "(1,2,3,4),(1,2)", "(1,2,3,4,5),(3,4,5)", "(1,2)(3,4)", "(1,2,3,4,5,6)"],
)
def test_orders_of_gap(point_order, generators):
    words = said_by_gap(
        f"G := Group({generators});;"
        "f := ActionHomomorphism(G, AsSSortedList(G), OnRight);;"
        'for g in GeneratorsOfGroup(G) do Print(ListPerm(g ^ f, Size(G)), "\\n"); od;'
    )
    numbers = re.findall(r"\[[^]]*\]", " ".join(words))
    images = [[int(i) - 1 for i in re.findall(r"\d+", row)] for row in numbers]
    R = tk.group(f"<{generators}>").regular_module()
    order = point_order(images, R.images)
    assert sorted(order) == list(range(R.degree))
    for theirs, ours in zip(images, R.images, strict=True):
        assert np.array_equal(order[theirs], ours[order])


def test_what_is_not_regular_is_refused(point_order):
    R = tk.group("<(1,2,3),(1,2)>").regular_module()
    with pytest.raises(AssertionError, match="do not act regularly"):
        point_order([[1, 2, 0], [1, 0, 2]], R.images)
