"""The picture of an interaction graph: files, legibility, what is drawn."""

from __future__ import annotations

import math
import subprocess
import sys
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any, cast

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.errors import ConfigError
from toolkit.figures.graph.geometry import Arrangement, spread
from toolkit.figures.graph.layout import arrange
from toolkit.figures.graph.picture import draw_interaction_graph, figure_for_interaction_graph
from toolkit.figures.graph.plan import PicturePlan, plan_picture
from toolkit.palette import line_kind

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure


def cyclic_graph(n: int) -> nx.DiGraph[str]:
    """ReLU on the regular module of C_n, by the cyclic rule; the shares are made up."""

    def order(k: int) -> int:
        return n // math.gcd(n, k)

    def dimension(k: int) -> int:
        return 1 if 2 * k in (0, n) else 2

    indices = sorted(range(n // 2 + 1), key=lambda k: (k != 0, dimension(k), order(k), k))
    graph: nx.DiGraph[str] = nx.DiGraph(
        group=f"C{n}", module="regular module", activation="relu", bias=False, schema=1
    )
    for i, k in enumerate(indices):
        graph.add_node(
            f"L{i}",
            dimension=dimension(k),
            type="R" if dimension(k) == 1 else "C",
            multiplicity=1,
            action_order=order(k),
            kernel_order=n // order(k),
            paper_index=k,
        )
    for i, k in enumerate(indices):
        plus = order(k) // 2 if order(k) % 2 == 0 else order(k)
        for j, m in enumerate(indices):
            parts = ["even"] * (plus % order(m) == 0) + ["linear"] * (i == j)
            if parts:
                share = 1.0 if not k else 0.5 / (1 + abs(i - j))
                graph.add_edge(
                    f"L{i}", f"L{j}", parts=tuple(parts), reach=1, reach_of=1, share=share
                )
    return graph


def coset_graph() -> nx.DiGraph[str]:
    graph: nx.DiGraph[str] = nx.DiGraph(
        group="S4", module="12 cosets of <(1,2)(3,4)>", activation="relu", bias=False, schema=1
    )
    for label, dimension, multiplicity, order in (
        ("L0", 1, 1, 1),
        ("L1", 1, 1, 2),
        ("L2", 2, 2, 6),
        ("L3", 3, 1, 24),
        ("L4", 3, 2, 24),
    ):
        graph.add_node(
            label,
            dimension=dimension,
            type="R",
            multiplicity=multiplicity,
            action_order=order,
            kernel_order=24 // order,
        )
        graph.add_edge(label, label, parts="linear", reach=1, reach_of=1, share=0.5)
    for source, target, parts, share in (
        ("L3", "L0", ("even",), 0.3789),
        ("L3", "L2", ("even",), 0.1211),
        ("L4", "L0", ("even",), 0.3789),
        ("L4", "L2", ("even",), 0.1211),
        ("L3", "L4", ("odd",), 0.05),
        ("L4", "L3", ("odd",), 0.03),
        ("L2", "L0", ("even",), 0.4),
        ("L1", "L0", ("even",), 0.5),
    ):
        graph.add_edge(source, target, parts=parts, reach=1, reach_of=1, share=share)
    return graph


def five_rows() -> nx.DiGraph[str]:
    """Forty simples in five rows, no two alike; the relation is not transitive."""
    graph: nx.DiGraph[str] = nx.DiGraph(
        group="(C2 x C2 x A4) : C8", module="cosets", activation="gelu", bias=True, schema=1
    )
    rows: list[list[str]] = []
    for row, (order, count) in enumerate([(384, 12), (96, 10), (24, 8), (8, 6), (1, 4)]):
        first = 39 - sum(map(len, rows))
        rows.append([f"L{first - i}" for i in range(count)])
        for i, label in enumerate(rows[-1]):
            graph.add_node(
                label,
                dimension=8 - row,
                type="RCH"[(first - i) * 7 // 3 % 3],
                multiplicity=1 + (i % 4 == 0),
                action_order=order,
                kernel_order=384 // order,
            )
    for row, labels in enumerate(rows):
        for x, label in enumerate(labels):
            parts: tuple[str, ...] = ("linear",) if x % 2 else ("even", "linear")
            graph.add_edge(label, label, parts=parts, share=0.4)
            for skip in (1, 2):
                if row + skip < 5 and (skip == 1 or x % 3 == 0):
                    below = rows[row + skip]
                    for y in (x * 5 // 6, x + 3)[: 3 - skip]:
                        parts = ("even",) if y % 3 else ("odd",)
                        graph.add_edge(label, below[y % len(below)], parts=parts, share=0.1)
    for x, y in ((0, 1), (3, 5), (7, 2)):
        graph.add_edge(rows[0][x], rows[0][y], parts="even", share=0.1)
    return graph


def monstrous() -> nx.DiGraph[str]:
    order = 808017424794512875886459904961710757005754368000000000
    graph = nx.complete_graph([f"L{i}" for i in range(9)], nx.DiGraph)
    graph.graph.update(group="Table(M)", module="cosets of 2.B, " * 12, activation="relu")
    for node in graph:
        graph.add_node(node, dimension=36173193327999, type="R", multiplicity=1, action_order=order)
    return cast("nx.DiGraph[str]", graph)


GRAPHS: dict[str, Any] = {
    **{f"C{n}": lambda n=n: cyclic_graph(n) for n in (1, 2, 3, 8, 11, 12, 13, 24, 31, 64, 79)},
    "S4": coset_graph,
    "five rows": five_rows,
    "monstrous": monstrous,
    "empty": nx.DiGraph,
}


@pytest.fixture(params=GRAPHS)
def graph(request: pytest.FixtureRequest) -> nx.DiGraph[str]:
    return cast("nx.DiGraph[str]", GRAPHS[request.param]())


def boxes_of_text(figure: Figure) -> dict[tuple[str, int], Any]:
    renderer = cast("Any", figure.canvas).get_renderer()
    texts = figure.axes[0].texts
    return {(text.get_text(), i): text.get_window_extent(renderer) for i, text in enumerate(texts)}


def test_no_text_touches_another_or_leaves_the_page(graph: nx.DiGraph[str]) -> None:
    figure = figure_for_interaction_graph(graph)
    found = boxes_of_text(figure)
    for (one, first), (two, second) in combinations(found.items(), 2):
        apart = (
            first.x1 < second.x0
            or second.x1 < first.x0
            or first.y1 < second.y0
            or second.y1 < first.y0
        )
        assert apart, (one, two)
    page = figure.bbox
    for name, box in found.items():
        assert page.x0 < box.x0 < box.x1 < page.x1, name
        assert page.y0 < box.y0 < box.y1 < page.y1, name


def test_every_simple_is_labelled_inside_a_shape(graph: nx.DiGraph[str]) -> None:
    figure = figure_for_interaction_graph(graph)
    renderer = cast("Any", figure.canvas).get_renderer()
    axes = figure.axes[0]
    labels = {text.get_gid(): text for text in axes.texts if text.get_gid()}
    assert set(labels) == {f"label-{node}" for node in graph}
    shapes = [patch.get_window_extent(renderer) for patch in axes.patches if patch.get_gid()]
    for text in labels.values():
        box = text.get_window_extent(renderer)
        assert any(
            shape.x0 < box.x0 and box.x1 < shape.x1 and shape.y0 < box.y0 and box.y1 < shape.y1
            for shape in shapes
        ), text.get_text()


@pytest.mark.parametrize(
    ("ending", "magic"), [("png", b"\x89PNG\r\n\x1a\n"), ("svg", b"<?xml"), ("pdf", b"%PDF-")]
)
@pytest.mark.parametrize("name", ["C8", "C31", "monstrous"])
@pytest.mark.quick_cases(3)
def test_files_are_what_they_say(name: str, ending: str, magic: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"picture.{ending}"
    draw_interaction_graph(GRAPHS[name](), path)
    assert path.read_bytes().startswith(magic)
    other = tmp_path / "no_ending"
    draw_interaction_graph(GRAPHS[name](), str(other), format=ending.upper())
    assert other.read_bytes() == path.read_bytes()


def test_svg_does_not_depend_on_the_process(tmp_path: Path) -> None:
    draw_interaction_graph(five_rows(), tmp_path / "here.svg")
    script = (
        "import sys\n"
        "from toolkit.formats import from_json\n"
        "from toolkit.figures.graph.picture import draw_interaction_graph\n"
        "assert 'matplotlib' not in sys.modules and 'networkx' not in sys.modules\n"
        "draw_interaction_graph(from_json(sys.stdin.read()), sys.argv[1])\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    from toolkit.formats import to_json

    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "there.svg")],
        input=to_json(five_rows()),
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    content = (tmp_path / "here.svg").read_bytes()
    assert content == (tmp_path / "there.svg").read_bytes()
    assert b"<dc:date>" not in content
    assert b'id="label-L39"' in content


def test_user_settings_neither_matter_nor_change(tmp_path: Path) -> None:
    import matplotlib as mpl

    draw_interaction_graph(coset_graph(), tmp_path / "plain.svg")
    odd: dict[Any, Any] = {"font.size": 30.0, "savefig.bbox": "tight", "font.family": ["serif"]}
    with mpl.rc_context(odd):
        draw_interaction_graph(coset_graph(), tmp_path / "odd.svg")
        assert mpl.rcParams["savefig.bbox"] == "tight"
        assert mpl.rcParams["font.family"] == ["serif"]
    assert (tmp_path / "odd.svg").read_bytes() == (tmp_path / "plain.svg").read_bytes()


def test_names_are_never_read_as_formulas(tmp_path: Path) -> None:
    graph = cyclic_graph(3)
    graph.graph.update(group="$\\frac$ & <a>\n|b", module="x_1", activation="%s{}")
    for ending in ("png", "svg", "pdf"):
        draw_interaction_graph(graph, tmp_path / f"odd.{ending}")


@pytest.mark.parametrize(("name", "kind"), [("a.gif", None), ("a.png", "jpeg"), ("a", None)])
def test_unknown_formats(name: str, kind: str | None, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="png, svg or pdf is required, found"):
        draw_interaction_graph(cyclic_graph(3), tmp_path / name, format=kind)
    assert not list(tmp_path.iterdir())


def test_other_graphs_are_refused() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edge("a", "b")
    with pytest.raises(ConfigError, match="not an interaction graph"):
        figure_for_interaction_graph(graph)


def words(graph: nx.DiGraph[str]) -> str:
    return "\n".join(text.get_text() for text in figure_for_interaction_graph(graph).axes[0].texts)


def test_captions_and_marks() -> None:
    small, prime, chain = words(cyclic_graph(8)), words(cyclic_graph(31)), words(cyclic_graph(64))
    assert small.startswith("C8, regular module, relu\n5 simples, 14 interactions, no bias\n")
    assert "order 8" in small
    assert "k=3" in small
    assert "transitivity" not in small
    assert "15 simples · dim 2 · C" in prime
    assert "all interact with all" in prime
    assert "transitivity" not in prime
    assert "each to itself only (linear part)" in chain
    assert "Edges implied by transitivity are not drawn." in chain
    assert "×2" in words(coset_graph())
    monster = words(monstrous())
    assert "order 8.08e53" in monster
    assert "all interact with all others" in monster
    assert "dim 3.62e13" in monster


# --- the plan -----------------------------------------------------------------------------------


def drawn_edges(plan: PicturePlan) -> set[tuple[str, str]]:
    """Return the edges that a reader of the picture sees or concludes."""
    quotient: nx.DiGraph[int] = nx.DiGraph()
    for link in plan.links:
        quotient.add_edge(link.source, link.target)
        if link.both:
            quotient.add_edge(link.target, link.source)
    if plan.reduced:
        quotient = nx.transitive_closure(quotient)
    edges = {
        (u, v)
        for one, two in quotient.edges
        if one != two
        for u in plan.boxes[one].members
        for v in plan.boxes[two].members
    }
    for box in plan.boxes:
        if box.loop is not None:
            edges |= {(u, u) for u in box.members}
        if box.mutual:
            edges |= {(u, v) for u in box.members for v in box.members if u != v}
    return edges


def test_the_picture_tells_the_whole_graph(graph: nx.DiGraph[str]) -> None:
    plan = plan_picture(graph)
    assert drawn_edges(plan) == set(graph.edges)
    assert sorted(label for box in plan.boxes for label in box.members) == sorted(graph)
    orders = [box.action_order for box in plan.boxes]
    assert orders == sorted(orders, reverse=True)


@st.composite
def labelled_graphs(draw: st.DrawFn) -> nx.DiGraph[str]:
    orders = draw(st.lists(st.sampled_from([1, 2, 6, 24]), min_size=1, max_size=14))
    graph: nx.DiGraph[str] = nx.DiGraph()
    for i, order in enumerate(orders):
        graph.add_node(f"L{i}", action_order=order)
    pairs = st.tuples(*[st.sampled_from(list(graph))] * 2)
    parts = st.sampled_from([("even",), ("linear",), ("odd",)])
    for pair in draw(st.lists(pairs, max_size=50)):
        graph.add_edge(*pair, parts=draw(parts), share=draw(st.floats(0, 1)))
    if draw(st.booleans()):
        graph.add_edges_from(nx.transitive_closure(graph).edges, parts="even", share=0.1)
    return graph


@settings(deadline=None)
@given(graph=labelled_graphs())
def test_any_plan_tells_the_whole_graph(graph: nx.DiGraph[str]) -> None:
    assert drawn_edges(plan_picture(graph, every_edge_up_to=3)) == set(graph.edges)


def test_prime_cyclic_groups_are_one_box() -> None:
    plan = plan_picture(cyclic_graph(79))
    assert [len(box.members) for box in plan.boxes] == [39, 1]
    assert plan.boxes[0].mutual
    assert len(plan.links) == 1


def test_powers_of_two_are_a_chain() -> None:
    plan = plan_picture(cyclic_graph(64))
    assert [len(box.members) for box in plan.boxes] == [16, 8, 4, 2, 1, 1, 1]
    assert [(link.source, link.target) for link in plan.links] == list(pairwise(range(7)))
    assert plan.reduced
    # From one simple of order 64 into all eight of order 32.
    graph = cyclic_graph(64)
    total = sum(graph[u][v]["share"] for u in plan.boxes[0].members for v in plan.boxes[1].members)
    assert plan.links[0].share == pytest.approx(total / 16)


def test_parts_keep_simples_apart() -> None:
    graph = cyclic_graph(31)
    graph["L3"]["L0"]["parts"] = "odd"
    assert [box.members for box in plan_picture(graph).boxes if len(box.members) == 1] == [
        ("L3",),
        ("L0",),
    ]


# --- the layout ---------------------------------------------------------------------------------


def sampled(arrangement: Arrangement, number: int) -> list[tuple[float, float]]:
    """Return many points of one line."""
    route = arrangement.routes[number]
    points = [route.vertices[0]]
    i = 1
    while i < len(route.vertices):
        (x0, y0) = points[-1]
        if route.codes[i] == 2:
            corners = [(x0, y0), (x0, y0), route.vertices[i], route.vertices[i]]
            i += 1
        else:
            corners = [(x0, y0), *route.vertices[i : i + 3]]
            i += 3
        for step in range(1, 21):
            t = step / 20
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
            points.append(
                (
                    sum(w * x for w, (x, _) in zip(weights, corners, strict=True)),
                    sum(w * y for w, (_, y) in zip(weights, corners, strict=True)),
                )
            )
    return points


def check_arrangement(plan: PicturePlan, sizes: list[tuple[float, float]]) -> None:
    arrangement = arrange(plan, sizes)
    boxes = [
        (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        for (x, y), (width, height) in zip(arrangement.centres, sizes, strict=True)
    ]
    for one, two in combinations(boxes, 2):
        assert one[2] < two[0] or two[2] < one[0] or one[3] < two[1] or two[3] < one[1]
    for (x0, y0, x1, y1), box in zip(boxes, plan.boxes, strict=True):
        band = next(b for b in arrangement.bands if b.action_order == box.action_order)
        assert band.top < y0
        assert y1 < band.bottom
        assert x0 >= -0.01
        assert x1 <= arrangement.width + 0.01
    for number, route in enumerate(arrangement.routes):
        assert route.heads
        for x, y in sampled(arrangement, number):
            for x0, y0, x1, y1 in boxes:
                inside = x0 + 0.5 < x < x1 - 0.5 and y0 + 0.5 < y < y1 - 0.5
                assert not inside, (plan.boxes[route.ends[0]], plan.boxes[route.ends[1]])
        for head in route.heads:
            x0, y0, x1, y1 = boxes[route.ends[1]]
            if len(route.heads) == 1:
                assert x0 - 0.01 <= head.x <= x1 + 0.01
                assert y0 - 0.01 <= head.y <= y1 + 0.01
    assert arrange(plan, sizes) == arrangement


def test_lines_do_not_cross_boxes(graph: nx.DiGraph[str]) -> None:
    plan = plan_picture(graph)
    check_arrangement(plan, [(30.0 + 20 * len(box.members), 40.0) for box in plan.boxes])


@settings(deadline=None)
@given(graph=labelled_graphs(), data=st.data())
def test_no_line_crosses_a_box_in_any_graph(graph: nx.DiGraph[str], data: st.DataObject) -> None:
    plan = plan_picture(graph)
    side = st.floats(20, 200)
    check_arrangement(plan, [(data.draw(side), data.draw(side)) for _ in plan.boxes])


def test_long_rows_are_broken() -> None:
    graph = five_rows()
    plan = plan_picture(graph)
    arrangement = arrange(plan, [(50.0, 40.0)] * len(plan.boxes))
    top_row = {
        y
        for (_, y), box in zip(arrangement.centres, plan.boxes, strict=True)
        if box.action_order == 384
    }
    assert len(top_row) == 2
    assert [band.action_order for band in arrangement.bands] == [384, 96, 24, 8, 1]


@settings(deadline=None)
@given(st.data())
def test_spread_is_the_nearest_arrangement(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 6))
    wanted = data.draw(st.lists(st.floats(-50, 50), min_size=count, max_size=count))
    gaps = data.draw(st.lists(st.floats(0, 20), min_size=count - 1, max_size=count - 1))
    places = spread(wanted, gaps)
    for (one, two), gap in zip(pairwise(places), gaps, strict=True):
        assert two - one >= gap - 1e-9
    # Nearest point of a convex set: no feasible direction improves.
    other = spread(data.draw(st.lists(st.floats(-50, 50), min_size=count, max_size=count)), gaps)
    product = sum((w - p) * (o - p) for w, p, o in zip(wanted, places, other, strict=True))
    assert product <= 1e-6


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        (("even", "linear"), "even"),
        (("constant", "odd"), "odd"),
        (("even", "odd"), "even and odd"),
        (("degree 2", "linear"), "polynomial"),
        (("constant", "linear"), "linear"),
        (("constant",), "constant"),
        ((), "unknown"),
    ],
)
def test_line_kinds(parts: tuple[str, ...], kind: str) -> None:
    assert line_kind(parts) == kind
