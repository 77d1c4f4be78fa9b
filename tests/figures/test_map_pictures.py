"""Pictures of maps: files, kinds, legibility, sections."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import ConfigError, NotAvailable
from toolkit.figures.map.page import colours_of
from toolkit.figures.map.picture import draw_pl_map, figure_for_pl_map
from toolkit.figures.map.plane import breaking_angles, breaking_segments
from toolkit.figures.map.solid import view
from toolkit.figures.map.space import parallel_sections

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

    from toolkit.pl.maps.pl_map import PLMap


def cyclic(n: int, source: str, target: str, activation: str = "relu") -> PLMap:
    return tk.pl_map(tk.group(f"C{n}").regular_module(), source, target, activation)


def points(name: str, source: str, target: str, activation: str = "relu") -> PLMap:
    return tk.pl_map(tk.group(name).natural_module(), source, target, activation)


@lru_cache(maxsize=1)
def maps() -> dict[str, PLMap]:
    return {
        "graph": cyclic(2, "L1", "L0"),
        "fan to the trivial simple": cyclic(8, "L3", "L0"),
        "fan to the sign": cyclic(8, "L3", "L1"),
        "zero": cyclic(6, "L3", "L1", "abs"),
        "plane to plane": points("S3", "L2", "L2"),
        "linear": cyclic(8, "L3", "L3"),
        "another plane": cyclic(8, "L3", "L2"),
        "sphere": points("S4", "L3", "L0"),
        "space to space": points("S4", "L3", "L3"),
        "quaternions": tk.pl_map(tk.group("Q8").regular_module(), "L4", "L0", "abs"),
        "smooth": points("S3", "L2", "L0", "gelu"),
        "smooth, plane to plane": points("S3", "L2", "L2", "tanh"),
        "smooth, in space": points("S4", "L3", "L0", "gelu"),
        "moved lines": points("S3", "L2", "L2", "relu6"),
        "moved lines, contour": cyclic(8, "L3", "L0", "relu6"),
        "jumps": points("S3", "L2", "L0", "hardshrink"),
        "constant": cyclic(8, "L3", "L0", "heaviside"),
        "moved planes": points("S4", "L3", "L0", "relu6"),
        "moved points": cyclic(2, "L1", "L1", "hardtanh"),
    }


def texts(figure: Figure) -> list[str]:
    return [t.get_text() for t in figure.texts]


@pytest.mark.parametrize("name", ["fan to the sign", "plane to plane", "sphere", "space to space"])
@pytest.mark.quick_cases(1)
def test_files_are_the_same_to_the_byte(name: str, tmp_path: Path) -> None:
    phi = maps()[name]
    for ending in ("svg", "png")[: 2 if name == "sphere" else 1]:
        one, two = tmp_path / f"one.{ending}", tmp_path / f"two.{ending}"
        phi.plot(one)
        maps()[name].plot(two)
        assert one.read_bytes() == two.read_bytes()
        assert one.stat().st_size < (200_000 if ending == "png" else 2_500_000)


@pytest.mark.parametrize("name", sorted(maps()))
def test_words_stay_on_the_page_and_apart(name: str) -> None:
    figure = maps()[name].plot()
    renderer = figure.canvas.get_renderer()
    width, height = figure.canvas.get_width_height()
    boxes = [t.get_window_extent(renderer) for t in figure.texts]
    for box in boxes:
        assert box.x0 >= 0
        assert box.x1 <= width
        assert box.y0 >= 0
        assert box.y1 <= height
    for i, one in enumerate(boxes):
        assert not any(one.overlaps(two) for two in boxes[i + 1 :])
    assert texts(figure)[0].startswith(maps()[name].group)


def test_planes_have_equal_sides() -> None:
    for name in ("fan to the sign", "plane to plane", "sphere", "quaternions"):
        figure = maps()[name].plot()
        panels = [axes for axes in figure.axes if axes.get_aspect() == 1.0]
        assert panels, name


def black_lines(figure: Figure) -> int:
    """Return how many straight black lines there are on the first panel."""
    from matplotlib.colors import to_hex

    from toolkit.figures.style import INK

    return sum(to_hex(line.get_color()) == INK.lower() for line in figure.axes[0].lines)


def test_a_smooth_activation_has_no_lines_and_no_regions() -> None:
    for name in ("smooth", "smooth, plane to plane", "smooth, in space"):
        figure = maps()[name].plot()
        words = texts(figure)
        assert "is not piecewise linear: no regions" in words[1]
        assert not any("orbit" in w or "breaking" in w for w in words), words
        assert black_lines(figure) == 0
    assert "radius 3.7" in texts(maps()["smooth, plane to plane"].plot())[2]


def test_lines_that_miss_the_origin() -> None:
    figure = maps()["moved lines"].plot()
    words = texts(figure)
    assert "6 breaking lines  ·  18 regions" in words[1]
    assert words[2] == "disc of radius 12 in L2, breaking lines in black"
    assert black_lines(figure) == 6
    phi = maps()["moved lines"]
    for start, end in breaking_segments(phi, 12.0):
        inner = phi.hyperplanes @ np.array([start, (start + end) / 2, end]).T - phi.offsets[:, None]
        assert (np.abs(inner).max(axis=1) < 1e-9).sum() == 1
    assert len(breaking_angles(phi)) == 0
    assert "8 breaking planes  ·  64 regions" in texts(maps()["moved planes"].plot())[1]
    assert len(maps()["moved planes"].plot().axes) == 6
    assert "2 breaking points  ·  3 regions" in texts(maps()["moved points"].plot())[1]


def test_jumps_and_constants() -> None:
    figure = maps()["jumps"].plot()
    assert "not continuous" in texts(figure)[1]
    assert len(figure.axes) == 2
    assert "constant: breaks nowhere" in texts(maps()["constant"].plot())[1]
    assert "linear: breaks nowhere" in texts(maps()["linear"].plot())[1]


def test_numbers_that_are_not_exact_say_so() -> None:
    """A copy of the Fourier basis is a copy in floats: they decide which lines meet."""
    Y = tk.group("S3").natural_module()
    twice = tk.pl_map(tk.group("D16").regular_module(), "L4", "L0", "relu6", w=0)
    assert twice.regions.certainty == "numerical"
    assert f"{twice.regions.count} (numerical) regions" in texts(twice.plot())[1]
    close = tk.pl_map(tk.group("C8").regular_module(), "L3", "L0", "hardtanh(-1e90,1e-90)")
    assert "16 breaking lines  ·  113 regions" in texts(close.plot())[1]
    measured = tk.Activation.from_callable(lambda t: abs(t - 1), kinks=(1.0,), name="mine")
    assert "(measured) regions" in texts(tk.pl_map(Y, "L2", "L0", measured).plot())[1]


def test_a_double_cover_is_named() -> None:
    X = tk.group("D10").permutation_modules(5)[0]
    words = texts(tk.pl_map(X, "L2", "L3", "relu").plot())
    assert words[3].endswith("covered 2 times")


def test_a_zero_map_says_why() -> None:
    words = texts(maps()["zero"].plot())
    assert "the map is zero" in words[1]
    assert "dim L1^U = 0 of 1" in words[2]


def test_kinds() -> None:
    phi = maps()["fan to the sign"]
    both, one = figure_for_pl_map(phi), figure_for_pl_map(phi, "surface")
    assert both.get_size_inches()[0] > one.get_size_inches()[0]
    assert len(figure_for_pl_map(phi, "contour").axes) == 2
    assert figure_for_pl_map(maps()["sphere"], "slices").axes
    with pytest.raises(ConfigError, match="there is no picture called 'fan'"):
        figure_for_pl_map(phi, "fan")
    with pytest.raises(ConfigError, match="not for 2 to 1: use plane, contour or surface"):
        figure_for_pl_map(phi, "sphere")
    with pytest.raises(ConfigError, match="png, svg or pdf is required, found 'gif'"):
        draw_pl_map(phi, "fan.gif")
    bare = replace(phi, painter=None)
    with pytest.raises(NotAvailable, match=r"toolkit\.pl_map"):
        bare.plot()


def test_breaking_rays() -> None:
    angles = breaking_angles(maps()["fan to the sign"])
    assert len(angles) == 8
    assert np.allclose(np.diff(angles), np.pi / 4)
    assert len(breaking_angles(maps()["linear"])) == 0


def test_colours_are_white_at_zero() -> None:
    both = colours_of(np.array([-1.0, 3.0]))
    assert (both.low, both.high) == (-3.0, 3.0)
    assert min(both.scale.to_rgba(np.zeros(1))[0]) > 0.95
    up, down = colours_of(np.array([0.0, 2.0])), colours_of(np.array([-2.0, 0.0]))
    assert (up.low, up.high, down.low, down.high) == (0.0, 2.0, -2.0, 0.0)
    assert min(up.scale.to_rgba(np.zeros(1))[0]) > 0.95
    assert min(down.scale.to_rgba(np.zeros(1))[0]) > 0.95
    assert colours_of(np.array([1.0, 2.0]), with_zero=False).low == 1.0
    flat = colours_of(np.zeros(3))
    assert flat.low < flat.high


def test_sections_are_values_of_the_map() -> None:
    for name in ("sphere", "quaternions"):
        phi = maps()[name]
        sections = parallel_sections(phi, (-0.5, 0.25), 7)
        assert np.allclose(sections.frame @ sections.frame.T, np.eye(3))
        x, y, h = sections.coordinates[2], sections.coordinates[5], sections.heights[1]
        assert np.allclose(sections.values[1, 5, 2], phi(np.array([x, y, h]) @ sections.frame))


def test_views_are_rotations() -> None:
    for elevation, azimuth in ((0, 0), (33, -62), (90, 10)):
        rotation = view(elevation, azimuth)
        assert np.allclose(rotation @ rotation.T, np.eye(3))
        assert np.linalg.det(rotation) == pytest.approx(1.0)


def test_what_is_no_path_or_kind() -> None:
    phi = maps()["linear"]
    with pytest.raises(ConfigError, match="its path is required, found 3"):
        phi.plot(3)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="there is no picture called 3: use auto or"):
        phi.plot(kind=3)  # type: ignore[arg-type]
