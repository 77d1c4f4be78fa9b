"""Which copy of a simple a map takes: the generic one by default; when a count is exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import toolkit as tk
from toolkit.figures.map.picture import figure_for_pl_map

if TYPE_CHECKING:
    from toolkit.modules.permutation_module import PermutationModule

GROUPS = ["C6", "S3", "Q8", "D8", "A4", "D12", "S4", "SL(2,3)"]


def stabiliser_order(X: PermutationModule, vectors: np.ndarray, images: np.ndarray) -> int:
    """Count the g with gw = w or -w by walking through the points, from floats alone."""
    base = vectors[X.record.base]
    lines = np.abs(vectors @ base) / (np.linalg.norm(vectors, axis=1) * np.linalg.norm(base))
    assert images.shape[1] == len(vectors)
    return int((lines > 1 - 1e-10).sum()) * X.spherical_table.group_order // X.degree


@pytest.mark.gap
@pytest.mark.parametrize("name", GROUPS)
@pytest.mark.parametrize("activation", ["relu", "abs", "tanh"])
@pytest.mark.quick_cases(6)
def test_the_default_map_is_zero_exactly_where_the_graph_has_no_edge(
    name: str, activation: str
) -> None:
    for X in tk.group(name).permutation_modules():
        graph = tk.interaction_graph(X, activation, bias=False)
        for source in X.multiplicities:
            for target in X.multiplicities:
                phi = tk.pl_map(X, source, target, activation)
                assert phi.is_zero is not graph.has_edge(source, target), phi
                assert phi.zero.certainty == "exact"
                assert phi.lines_are == "exact"
                v = np.random.default_rng(0).standard_normal((50, phi.source.dimension))
                scale = np.linalg.norm(phi.vectors) * np.linalg.norm(phi.covectors)
                assert bool(np.abs(phi(v)).max() > 1e-10 * scale) is not phi.is_zero


def test_the_first_copy_in_s4_is_special_and_is_named() -> None:
    X = tk.group("S4").regular_module()
    assert tk.interaction_graph(X, "relu", bias=False)["L2"]["L1"]["share"] == pytest.approx(
        0.044, abs=5e-4
    )
    generic, first = tk.pl_map(X, "L2", "L1", "relu"), tk.pl_map(X, "L2", "L1", "relu", w=0)
    assert not generic.is_zero
    assert generic.source.copy == "generic copy, of 2"
    assert (len(generic.normals), str(generic.regions)) == (6, "12 (exact)")
    assert first.is_zero
    assert first.source.copy == "copy 1 of 2"
    assert "L2 (copy 1 of 2) -> L1" in repr(first)
    for phi, order in ((generic, 4), (first, 8)):
        assert stabiliser_order(X, phi.vectors, phi.images) == order
        assert 24 // len(phi.lines) == order
    page = figure_for_pl_map(tk.pl_map(X, "L2", "L0", "relu", w=1))
    assert any("L2 (copy 2 of 2) → L0" in text.get_text() for text in page.texts)
    given = tk.pl_map(X, "L2", "L1", "relu", w=generic.vectors[X.record.base])
    assert given.source.copy == "given vector"
    assert np.allclose(given.vectors, generic.vectors, atol=1e-13)
    points = tk.group("S4").natural_module()
    assert tk.pl_map(points, "L3", "L3", "relu").source.copy == ""


def test_the_generic_copy_is_isometric_and_the_same_each_time() -> None:
    X = tk.group("SL(2,3)").regular_module()
    for simple in X.spherical_table.simples:
        phi = tk.pl_map(X, simple.label, simple.label, "relu")
        gram = phi.vectors.T @ phi.vectors
        assert np.abs(gram - np.eye(simple.dimension)).max() < 1e-12
        assert np.array_equal(phi.vectors, phi.covectors)
        assert phi.zero.vanishes("linear") is False
        again = tk.pl_map(X, simple.label, simple.label, "relu")
        assert np.array_equal(phi.vectors, again.vectors)


@pytest.mark.gap
def test_two_normals_that_differ_are_two_lines() -> None:
    """A5, regular: 6 lines of the icosahedron, moved by 1e-12 they are 60 of 3,542 regions."""
    X = tk.group("A5").regular_module()
    special = tk.pl_map(X, "L1", "L0", "abs", w=0)
    assert (len(special.normals), str(special.regions)) == (6, "32 (numerical)")
    w = special.vectors[X.record.base]
    for size in (1e-12, 1e-11):
        moved = tk.pl_map(X, "L1", "L0", "abs", w=w + size * np.array([1.0, 2.0, 3.0]))
        assert moved.regions.certainty == "lower bound"
        assert "more than rounding" in moved.regions.reason
        assert moved.regions.count <= 3542
    generic = tk.pl_map(X, "L1", "L0", "abs")
    assert (len(generic.normals), str(generic.regions)) == (60, "3542 (exact)")
    # general position: 2 (1 + 59 + 59 * 58 / 2)
    assert generic.regions.count == 2 * (1 + 59 + 59 * 58 // 2)
    far = tk.pl_map(X, "L1", "L0", "abs", w=w + 0.05 * np.array([1.0, 2.0, 3.0]))
    assert (len(far.normals), str(far.regions)) == (60, "3542 (numerical)")


def test_the_projector_by_left_cosets() -> None:
    """S3 on three points, x = 2, g = (1,3): 2/3, and (2/3) phi(g) is -1/3."""
    X = tk.group("S3").natural_module()
    basis = tk.fourier_basis(X)
    rows = basis.matrix[basis.simple("L2").rows]
    projector = rows.T @ rows
    g = [2, 1, 0]
    assert projector[1, g[1]] == pytest.approx(2 / 3)
    assert projector[0, g[0]] == pytest.approx(-1 / 3)
