"""The picture of zero components: marks for what is known, hatches for what is not."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import toolkit as tk
from toolkit.errors import ConfigError
from toolkit.figures import draw_zero_components, figure_for_zero_components
from toolkit.figures.zero_components import rows_of
from toolkit.interpret import zero_components
from toolkit.interpret.zeros.report import ZeroComponents


class Net(nn.Module):
    def __init__(self, X):
        super().__init__()
        self.one = tk.nn.EquivariantLinear(X, X, 2, 2, bias=False)

    def forward(self, x):
        h = torch.tanh(self.one(x))
        gate = torch.sigmoid(x.norm(dim=-2, keepdim=True))
        lost = (h + x).sort(-2)[0]
        return h * x * gate, torch.relu(lost) + h


@pytest.fixture(scope="module")
def zeros():
    return zero_components(Net(tk.group("C8").regular_module()), ["L3"])


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_rows(zeros):
    rows = {row.key: row for row in rows_of(zeros)}
    assert rows["tanh"].marks == {
        "L0": "zero", "L1": "zero", "L2": "zero", "L3": "occurs", "L4": "occurs",
    }  # fmt: skip
    assert rows["mul"].marks["L0"] == "bound"
    assert (rows["sigmoid"].words, rows["sigmoid"].marks) == ("invariant", {})
    assert rows["sort"].words == "unknown from here on"
    assert [rows[k].is_unknown for k in ("sort", "relu", "add#2", "mul")] == [True] * 3 + [False]
    assert all(not row.marks for row in rows.values() if row.is_unknown)
    order = list(rows)
    assert rows["add"].takes == (order.index("tanh"), order.index("input"))


@pytest.mark.slow
def test_picture(zeros, tmp_path):
    figure = figure_for_zero_components(zeros)
    hatched = [p for p in figure.axes[0].patches if p.get_hatch()]
    unknown = [row for row in rows_of(zeros) if row.is_unknown]
    assert len(hatched) == len(unknown) + 1  # and the legend
    words = texts(figure)
    assert words.count("unknown from here on") == 1
    assert "unknown from 'sort' on: it moves or merges the points" in words
    assert {"What can be present, from L3", "L0", "L4", "tanh", "exactly zero"} <= set(words)
    for ending, head in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")):
        path = tmp_path / f"zeros.{ending}"
        draw_zero_components(zeros, path)
        first = path.read_bytes()
        assert first.startswith(head)
        draw_zero_components(zeros, path)
        assert path.read_bytes() == first


def test_chains_and_many_simples(tmp_path):
    X = tk.group("C60").regular_module()
    net = tk.nn.EquivariantMLP(X, [1, 4, 1], bias=False)
    found = zero_components(net, ["L10"])
    assert {m for row in rows_of(found) for m in row.marks.values()} == {"possible", "zero"}
    figure = figure_for_zero_components(found, "Many")
    words = texts(figure)
    assert "Many" in words
    assert any(".." in word for word in words)  # simples that share a column
    assert not [p for p in figure.axes[0].patches if p.get_hatch()]


def test_a_chain_that_ends_before_what_is_unknown(zeros):
    cut = ZeroComponents(("L3",), None, zeros.stages[:2], "head")
    last = rows_of(cut)[-1]
    assert (last.key, last.is_unknown, last.takes) == ("head", True, (1,))
    assert [p for p in figure_for_zero_components(cut).axes[0].patches if p.get_hatch()]


def test_long_networks_are_cut():
    class Long(nn.Module):
        def forward(self, x):
            for _ in range(100):
                x = torch.tanh(x)
            return x

    X = tk.group("C4").regular_module()
    found = zero_components(Long(), ["L1"], modules=X, example=torch.zeros(3, 4, 2))
    assert "21 tensors more are not drawn; the table has them all" in texts(
        figure_for_zero_components(found)
    )


def test_refusals(zeros, tmp_path):
    with pytest.raises(ConfigError, match="png, svg or pdf is required"):
        draw_zero_components(zeros, tmp_path / "zeros.bmp")
    with pytest.raises(ConfigError, match="at least one stage"):
        figure_for_zero_components(ZeroComponents((), None, ()))
