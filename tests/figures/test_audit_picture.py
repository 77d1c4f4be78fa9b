"""The picture of an audit: bars for what was measured, hatches for what is not known."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

import toolkit as tk
from toolkit.errors import ConfigError
from toolkit.figures import draw_audit, figure_for_audit
from toolkit.interpret import audit


class Ramp(nn.Module):
    """Multiplies by a number at each point."""

    def forward(self, x):
        return x * torch.arange(1.0, x.shape[-2] + 1, dtype=x.dtype)[:, None]


def network(X):
    torch.manual_seed(0)
    one, two = (tk.nn.EquivariantLinear(X, X, 1, 1) for _ in range(2))
    return nn.Sequential(one, Ramp(), two, nn.Softmax(-2))


@pytest.fixture(scope="module")
def report():
    G = tk.group("S3")
    X = G.regular_module()
    data = torch.randn(5, 6, 1, generator=torch.Generator().manual_seed(1))
    return audit(network(X), G, X, spaces={"1": X}, data=data)


def texts(figure):
    return [text.get_text() for text in figure.texts]


def bars(axes):
    """Return per row and shade the error that a bar shows, ``None`` for a hatched one."""
    return [
        (round(bar.get_y() + bar.get_height() / 2, 1),
         None if bar.get_hatch() else bar.get_x() + bar.get_width())
        for bar in axes.patches
    ]  # fmt: skip


def test_bars_are_the_errors(report):
    figure = figure_for_audit(report)
    errors, generators, simples = figure.axes
    drawn = dict(bars(errors))
    assert len(drawn) == 2 * 4 + 2
    for i, call in enumerate(report.calls):
        for shift, breach in ((-0.2, call.own), (0.2, call.up_to_here)):
            found = drawn[round(i + shift, 1)]
            if breach is None:
                assert found is None
            else:
                assert found == pytest.approx(max(breach.error, 1e-17))
    assert drawn[2.8] is None  # the softmax: its module is not declared
    assert drawn[4.0] == pytest.approx(report.on_noise.error)
    assert drawn[5.0] == pytest.approx(report.on_data.error)
    assert [b.get_height() for b in generators.patches] == pytest.approx(
        report.on_data.per_generator
    )
    assert "the model on data" in generators.get_title()
    heights = [b.get_height() for b in simples.patches]
    assert heights == pytest.approx(list(report.on_data.simples.values()))
    assert sum(heights) == pytest.approx(1)


def test_the_break_and_the_worst_are_marked(report):
    figure = figure_for_audit(report)
    errors, generators, simples = figure.axes
    first = report.first_break
    assert first.name == "1"
    words = texts(figure)
    assert "Audit under S3: not equivariant" in words
    assert any(
        f"first break at 1 (Ramp): worst generator {first.own.generator}, worst simple "
        f"{first.own.simple}, " in w for w in words
    )  # fmt: skip
    bold = [t.get_text() for t in errors.get_yticklabels() if t.get_fontweight() == "bold"]
    assert bold == ["1 (Ramp)"]

    def orange(axes):
        return [
            i for i, b in enumerate(axes.patches)
            if b.get_facecolor()[:3] == pytest.approx((0xD5 / 255, 0x5E / 255, 0))
        ]  # fmt: skip

    assert orange(generators) == [report.on_data.generator]
    assert orange(simples) == [list(report.on_data.simples).index(report.on_data.simple)]


def test_an_equivariant_model_has_no_mark():
    G = tk.group("S3")
    X = G.regular_module()
    figure = figure_for_audit(audit(tk.nn.EquivariantMLP(X, [1, 2, 1]), G, X))
    assert "Audit under S3: equivariant to rounding" in texts(figure)
    colours = {b.get_facecolor()[:3] for axes in figure.axes for b in axes.patches}
    assert (0xD5 / 255, 0x5E / 255, 0) not in colours
    assert not any(b.get_hatch() for b in figure.axes[0].patches)


def test_what_is_not_finite_and_no_generators():
    class Root(nn.Module):
        def forward(self, x):
            return x.sqrt()

    G = tk.group("S3")
    figure = figure_for_audit(audit(Root(), G, G.natural_module()))
    assert "not finite" in [t.get_text() for t in figure.axes[0].texts]
    assert all(math.isfinite(b.get_width()) for b in figure.axes[0].patches)
    one = tk.group("C1")
    figure = figure_for_audit(audit(nn.Identity(), one, one.regular_module()))
    assert "no generators" in [t.get_text() for t in figure.axes[1].texts]


def test_long_networks_show_the_break():
    G = tk.group("C2")
    X = G.regular_module()
    layers = [nn.Tanh() for _ in range(90)]
    layers.insert(70, Ramp())
    found = audit(nn.Sequential(*layers), G, X, spaces={"70": X})
    figure = figure_for_audit(found)
    names = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert "70 (Ramp)" in names
    assert len(names) == 61
    assert any("31 calls more are not drawn" in w for w in texts(figure))


def test_files(report, tmp_path):
    for ending, head in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")):
        path = tmp_path / f"audit.{ending}"
        draw_audit(report, path)
        assert path.read_bytes().startswith(head)
    first = (tmp_path / "audit.svg").read_bytes()
    draw_audit(report, tmp_path / "audit.svg")
    assert (tmp_path / "audit.svg").read_bytes() == first
    with pytest.raises(ConfigError, match="png, svg or pdf"):
        draw_audit(report, tmp_path / "audit.gif")
