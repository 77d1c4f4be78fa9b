"""Pictures of group tasks: they show the report, and are the same each time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import ConfigError
from toolkit.figures import draw_group_task, figure_for_group_task
from toolkit.interpret import GroupTaskReport, group_task_report


@pytest.fixture(scope="module")
def report():
    G = tk.group("C7 : C3")
    f = np.random.default_rng(0).normal(size=(21, 9))
    f[:, 3] = 0
    f[:, 4] = 1
    return group_task_report(G, {"left": f, "output": f[:, :4]}, controls=20)


def test_bars_are_the_shares(report):
    figure = figure_for_group_task(report)
    assert len(figure.axes) == 6
    heights = [bar.get_height() for bar in figure.axes[0].patches]
    assert heights == pytest.approx([s.share for s in report["left"].simples])
    assert "1 silent left out" in figure.axes[1].get_xlabel()
    image = figure.axes[1].images[0].get_array()
    assert image.shape == (3, 8)
    assert np.asarray(image).sum(axis=0) == pytest.approx(np.ones(8))
    assert "Group task on SmallGroup(21,1)" in [t.get_text() for t in figure.texts]


def test_files(report, tmp_path):
    small = replace(report, sites=report.sites[1:])
    for ending, head in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")):
        path = tmp_path / f"task.{ending}"
        draw_group_task(small, path)
        assert path.read_bytes().startswith(head)
    first = (tmp_path / "task.svg").read_bytes()
    draw_group_task(small, tmp_path / "task.svg")
    assert (tmp_path / "task.svg").read_bytes() == first


def test_without_cosets_and_controls_and_with_many_simples():
    G = tk.group("C60")
    f = np.random.default_rng(0).normal(size=(60, 3))
    found = group_task_report(G, {"left": f}, cosets=False, controls=0)
    figure = figure_for_group_task(found)
    assert figure.axes[2].get_title() == "purity and rank one"
    assert "7 simples with smaller shares left out" in figure.axes[0].get_xlabel()


def test_nothing_to_draw():
    with pytest.raises(ConfigError, match="at least one site"):
        figure_for_group_task(GroupTaskReport("S3", 6, ()))


@pytest.mark.parametrize("name", ["C5", "C1"])
def test_groups_without_subgroups(name):
    G = tk.group(name)
    found = group_task_report(G, {"w": np.eye(G.order), "v": np.zeros((G.order, 2))}, controls=5)
    figure = figure_for_group_task(found)
    assert figure.axes[2].get_title() == "purity and rank one"
    assert found["w"].chance.coset_excess is None
    assert GroupTaskReport.from_state(found.state()) == found
    assert found.to_table()
