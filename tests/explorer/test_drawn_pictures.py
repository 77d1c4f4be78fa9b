"""Pictures of interaction graphs in a record: boxes, routes, edges."""

from __future__ import annotations

import re
from itertools import combinations

import networkx as nx
import pytest

import toolkit as tk
from toolkit.explorer.record.pictures import HEAD, pictures
from toolkit.explorer.record.unpacked import unpacked_picture

GROUPS = (
    "S4", "C8", "D16", "Q8", "A5", "SL(2,3)", "C2 wr S3", "SmallGroup(96,64)", "C60", "D60",
    "C2 x C2 x C2 x C2 x C2", "SmallGroup(128,1000)", "C12 x C12",
)  # fmt: skip
#: Named activations whose non-polynomial parts are those of the kind.
NAMED = {"even": ("abs", "relu"), "odd": ("tanh", "sigmoid"), "both": ("elu",)}


@pytest.fixture(scope="module", params=GROUPS)
def case(request):
    X = tk.group(request.param).regular_module()
    return X, {kind: unpacked_picture(p) for kind, p in pictures(X).items()}


def ends(path):
    """The first and the last point of a path, whose numbers are all absolute."""
    words = [
        (word, [float(n) for n in rest.split()])
        for word, rest in re.findall(r"([MVHCA])([^MVHCA]*)", path)
    ]
    (_, first), *rest = words
    x, y = first
    for word, numbers in rest:
        assert len(numbers) == {"V": 1, "H": 1, "C": 6, "A": 7}[word], path
        x = x if word == "V" else numbers[-1 if word == "H" else -2]
        y = y if word == "H" else numbers[-1]
    return first, [x, y]


def edges_of(picture, labels):
    """All edges that the picture stands for: drawn, inside boxes, and implied by transitivity."""
    boxes = [[labels[i] for i in box["members"]] for box in picture["boxes"]]
    between = nx.DiGraph()
    between.add_nodes_from(range(len(boxes)))
    for route in picture["routes"]:
        between.add_edge(route["from"], route["to"])
        if route["both"]:
            between.add_edge(route["to"], route["from"])
    if picture["reduced"]:
        between = nx.transitive_closure(between, reflexive=None)
    found = {(a, b) for i, j in between.edges for a in boxes[i] for b in boxes[j] if i != j}
    for box, members in zip(picture["boxes"], boxes, strict=True):
        if box["mutual"]:
            found |= {(a, b) for a in members for b in members if a != b}
    return found


def test_every_edge_is_drawn_or_implied(case):
    X, found = case
    labels = list(X.multiplicities)
    for kind, names in NAMED.items():
        for name in names:
            graph = tk.interaction_graph(X, name)
            expected = {
                (a, b)
                for a, b, d in graph.edges(data=True)
                if a != b and {"even", "odd"} & set(d["parts"].split(", "))
            }
            assert edges_of(found[kind], labels) == expected, (kind, name)


def test_kinds_of_lines_are_those_of_the_parts(case):
    X, found = case
    labels = list(X.multiplicities)
    graph = tk.interaction_graph(X, "elu")
    for route in found["both"]["routes"]:
        a, b = (found["both"]["boxes"][route[end]]["members"][0] for end in ("from", "to"))
        parts = {*graph[labels[a]][labels[b]]["parts"].split(", ")}
        expected = "even and odd" if parts >= {"even", "odd"} else min(parts & {"even", "odd"})
        assert route["kind"] == expected


def test_every_simple_stands_in_one_box_of_its_band(case):
    X, found = case
    simples = X.spherical_table.simples
    for picture in found.values():
        members = [i for box in picture["boxes"] for i in box["members"]]
        assert sorted(members) == sorted(picture["order"]) == list(range(len(simples)))
        for box in picture["boxes"]:
            (order,) = {simples[i].action_order for i in box["members"]}
            (band,) = (b for b in picture["bands"] if b["order"] == order)
            assert band["top"] < box["y"] - box["h"] / 2
            assert band["bottom"] > box["y"] + box["h"] / 2


def test_boxes_do_not_overlap_and_lie_inside(case):
    _, found = case
    for picture in found.values():
        for box in picture["boxes"]:
            assert box["x"] - box["w"] / 2 >= -1
            assert box["x"] + box["w"] / 2 <= picture["width"] + 1
            assert box["y"] - box["h"] / 2 >= 0
            assert box["y"] + box["h"] / 2 <= picture["height"]
        for a, b in combinations(picture["boxes"], 2):
            apart = abs(a["x"] - b["x"]) - (a["w"] + b["w"]) / 2
            below = abs(a["y"] - b["y"]) - (a["h"] + b["h"]) / 2
            assert max(apart, below) >= 8


def test_routes_start_and_end_at_their_boxes(case):
    _, found = case
    for picture in found.values():
        for route in picture["routes"]:
            source, target = (picture["boxes"][route[end]] for end in ("from", "to"))
            # lines between layers run downwards; a head says where they lead
            inside = source["layer"] == target["layer"]
            upward = not inside and source["y"] > target["y"]
            begin, finish = (target, source) if upward else (source, target)
            start_side, finish_side = (-1 if inside else 1), -1
            heads = {(x, y): dy for x, y, _, dy in route["heads"]}
            assert len(heads) == 1 + route["both"]
            for (x, y), box, side, is_target in (
                (ends(route["d"])[0], begin, start_side, begin is target or route["both"]),
                (ends(route["d"])[1], finish, finish_side, finish is target or route["both"]),
            ):
                assert abs(x - box["x"]) <= box["w"] / 2
                edge = box["y"] + side * box["h"] / 2
                assert y == edge + side * HEAD * is_target
                assert ((x, edge) in heads) == is_target
                if is_target:
                    assert heads[x, edge] == -side


def test_labels_fit_their_boxes(case):
    _, found = case
    for picture in found.values():
        for box in picture["boxes"]:
            count = len(box["members"])
            text = ", ".join(f"L{i}" for i in box["members"]) if count <= 3 else f"{count} simples"
            assert box["w"] >= 8 * len(text) + 16
            assert box["h"] >= (54 if count > 1 else 40)


def test_a_signed_module_has_the_odd_picture_only():
    sign = tk.group("S3").signed_coset_module([[1, 2, 0], [1, 0, 2]], [[1, 2, 0]])
    assert list(pictures(sign)) == ["odd"]


def test_too_many_simples_are_refused():
    with pytest.raises(tk.NotAvailable, match="501 simples"):
        pictures(tk.group("C1000").regular_module())
