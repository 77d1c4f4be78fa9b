"""The page lays out what Python has not drawn: by the same rule, to the same places."""

from __future__ import annotations

import pytest

import toolkit as tk
from toolkit.figures.graph.layout import arrange
from toolkit.figures.graph.plan import plan_picture
from toolkit.palette import line_kind

LAY_OUT = """async ({count, edges, orders, size, isOpen, isReduced}) => {
  const { EdgeMatrix, planPicture } = await import("/js/graph/plan.js");
  const { arrange, finished } = await import("/js/graph/layout.js");
  const matrix = new EdgeMatrix(count);
  matrix.add(edges);
  const plan = planPicture(matrix, orders, { isOpen: () => isOpen, isReduced });
  const picture = finished(arrange(plan, plan.boxes.map(() => size)));
  return {plan, picture};
}"""


@pytest.fixture(scope="module")
def blank(browser, site):
    """A page of the site with nothing on it but its address."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(site.address)
    yield page
    context.close()


def _asked(graph, **options):
    place = {label: i for i, label in enumerate(graph)}
    edges = [
        {"source": place[a], "target": place[b], "parts": d["parts"], "share": d["share"]}
        for a, b, d in graph.edges(data=True)
    ]
    orders = [d["action_order"] for _, d in graph.nodes(data=True)]
    return {"count": len(place), "edges": edges, "orders": orders, "size": [72, 40], **options}


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "activation"),
    [
        ("S4", "relu"),
        ("D16", "elu"),
        ("SmallGroup(96,64)", "abs"),
        ("SL(2,3)", "tanh"),
        ("C2 wr S3", "relu"),
        ("SmallGroup(64,30)", "relu"),
        ("C36", "square"),
    ],
)
def test_places_and_lines_are_those_of_the_pictures(blank, name, activation):
    graph = tk.interaction_graph(tk.group(name).regular_module(), activation)
    plan = plan_picture(graph)
    layout = arrange(plan, [(72.0, 40.0)] * len(plan.boxes))
    is_small = len(graph) <= 8
    asked = _asked(graph, isOpen=is_small, isReduced=not is_small)
    found = blank.evaluate(LAY_OUT, asked)
    labels = list(graph)
    boxes = [tuple(labels[i] for i in box["members"]) for box in found["plan"]["boxes"]]
    assert boxes == [box.members for box in plan.boxes]
    assert [box["mutual"] for box in found["plan"]["boxes"]] == [b.mutual for b in plan.boxes]
    links = [(k["source"], k["target"], k["kind"], k["both"]) for k in found["plan"]["links"]]
    expected = [(k.source, k.target, line_kind(k.parts), k.both) for k in plan.links]
    assert sorted(links) == sorted(expected)
    assert found["plan"]["reduced"] == plan.reduced
    centres = [(box["x"], box["y"]) for box in found["picture"]["boxes"]]
    assert centres == [pytest.approx(centre, abs=0.2) for centre in layout.centres]
    bands = [(b["order"], b["top"], b["bottom"]) for b in found["picture"]["bands"]]
    assert bands == [
        (b.action_order, pytest.approx(b.top, abs=0.2), pytest.approx(b.bottom, abs=0.2))
        for b in layout.bands
    ]


@pytest.mark.browser
def test_every_box_opens_and_no_line_is_lost(blank):
    graph = tk.interaction_graph(tk.group("SmallGroup(64,30)").regular_module(), "relu")
    found = blank.evaluate(LAY_OUT, _asked(graph, isOpen=True, isReduced=False))
    assert len(found["plan"]["boxes"]) == len(graph)
    drawn = sum(2 if link["both"] else 1 for link in found["plan"]["links"])
    assert drawn == sum(1 for a, b in graph.edges if a != b)
    assert len(found["picture"]["routes"]) == len(found["plan"]["links"])
    boxes = found["picture"]["boxes"]
    for i, one in enumerate(boxes):
        for other in boxes[:i]:
            apart = abs(one["x"] - other["x"]) >= 72 or abs(one["y"] - other["y"]) >= 40
            assert apart, (one["members"], other["members"])
